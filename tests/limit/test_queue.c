/* Limits of queues and their messages. */
#include "limit.h"

typedef struct world {
    asl_engine *engine;
    asl_queue *queue;
} world;

static void open_world(world *w, uint64_t max_messages)
{
    asl_queue_options options = {.size = sizeof options, .max_messages = max_messages};
    ck_assert_int_eq(asl_engine_open(NULL, &w->engine, NULL), ASL_OK);
    ck_assert_int_eq(asl_queue_open(w->engine, "q", &options, &w->queue, NULL), ASL_OK);
}

static void close_world(world *w)
{
    asl_queue_close(w->queue);
    asl_engine_free(w->engine);
}

static int send(world *w, const char *id, const char *body)
{
    asl_send message = {.size = sizeof message, .id = id, .body = body, .body_size = strlen(body)};
    int status = asl_queue_send(w->queue, &message, NULL, NULL, NULL);
    ck_assert_int_eq(asl_engine_dispatch(w->engine, 0), ASL_OK);
    return status;
}

START_TEST(a_name_has_so_many_characters)
{
    world w;
    open_world(&w, 0);
    for (size_t past = 0; past < 2; past++) {
        asl_queue *queue = NULL;
        char *name = limit_text("", "n", ASL_QUEUE_NAME_MAX + past, "");
        ck_assert_int_eq(asl_queue_open(w.engine, name, NULL, &queue, NULL),
                         past ? ASL_MISUSE : ASL_OK);
        asl_queue_close(queue);
        free(name);
    }
    ck_assert_uint_ge(ASL_TABLE_NAME_MAX, ASL_QUEUE_NAME_MAX + sizeof "asl.queue.");
    close_world(&w);
}
END_TEST

static int send_long(world *w, size_t id_size, size_t body_size)
{
    char *id = limit_text("", "i", id_size, ""), *body = limit_text("", "b", body_size, "");
    int status = send(w, id, body);
    free(id);
    free(body);
    return status;
}

START_TEST(an_id_and_a_body_have_so_many_bytes)
{
    world w;
    open_world(&w, 0);
    ck_assert_int_eq(send_long(&w, ASL_QUEUE_ID_MAX, ASL_QUEUE_BODY_MAX), ASL_OK);
    ck_assert_int_eq(send_long(&w, ASL_QUEUE_ID_MAX + 1, 0), ASL_TOO_LARGE);
    ck_assert_int_eq(send_long(&w, 0, ASL_QUEUE_BODY_MAX + 1), ASL_TOO_LARGE);
    close_world(&w);
}
END_TEST

START_TEST(a_queue_holds_so_many_messages)
{
    world w;
    open_world(&w, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(send(&w, "", ""), ASL_OK);
    ck_assert_int_eq(send(&w, "", ""), ASL_TOO_LARGE);
    ck_assert_int_eq(asl_queue_delete(w.queue, 2, 0, NULL, NULL, NULL, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_dispatch(w.engine, 0), ASL_OK);
    ck_assert_int_eq(send(&w, "", ""), ASL_OK);
    close_world(&w);
}
END_TEST

static void count(void *context, int status, const asl_message *messages, size_t message_count)
{
    (void)messages;
    ck_assert_int_eq(status, ASL_OK);
    *(size_t *)context += message_count;
}

START_TEST(so_many_messages_are_received_at_a_time)
{
    world w;
    size_t found = 0;
    open_world(&w, 0);
    ck_assert_int_eq(asl_queue_receive(w.queue, 0, count, &found, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_queue_receive(w.queue, ASL_QUEUE_RECEIVE_MAX + 1, count, &found, NULL),
                     ASL_MISUSE);
    for (unsigned i = 0; i < ASL_QUEUE_RECEIVE_MAX + 1; i++)
        ck_assert_int_eq(send(&w, "", ""), ASL_OK);
    ck_assert_int_eq(asl_queue_receive(w.queue, ASL_QUEUE_RECEIVE_MAX, count, &found, NULL),
                     ASL_OK);
    while (asl_engine_next_deadline(w.engine) == 0)
        ck_assert_int_eq(asl_engine_dispatch(w.engine, 0), ASL_OK);
    ck_assert_uint_eq(found, ASL_QUEUE_RECEIVE_MAX);
    close_world(&w);
}
END_TEST

SUITE("limit/queue", a_name_has_so_many_characters, an_id_and_a_body_have_so_many_bytes,
      a_queue_holds_so_many_messages, so_many_messages_are_received_at_a_time)
