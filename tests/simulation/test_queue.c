/* Durable queues, in simulated time: what is sent is received until it is deleted, also by the next
 * process, and never by two at once. */
#include <asl/asl.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "suite.h"
#include "system.h"

#define SECOND INT64_C(1000)
#define PASS "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"
#define HOLD "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":9,\"End\":true}}}"

typedef struct fixture {
    char path[64];
    asl_store *store;
    asl_engine *engine;
    asl_queue *queue, *dead;
    unsigned max_receives;
    uint64_t max_messages;
    char got[4096]; /* "sequence id body receives;" of each message that was received */
    size_t got_count;
    uint64_t sequence; /* of the last one */
    unsigned receives;
    int status, sent_status; /* of the last receive and of the last other verb */
    unsigned told;           /* other verbs */
} fixture;

static void open_fixture(fixture *f)
{
    asl_definition *definition = NULL;
    asl_store_options where = {
        .size = sizeof where, .path = f->path, .map_bytes = (uint64_t)1 << 28};
    asl_engine_options options = {.size = sizeof options};
    ck_assert_int_eq(asl_store_open(&where, &f->store, NULL), ASL_OK);
    options.store = f->store;
    ck_assert_int_eq(asl_engine_open(&options, &f->engine, NULL), ASL_OK);
    static const char *const machines[][2] = {{"pass", PASS}, {"hold", HOLD}};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(asl_definition_load(machines[i][1], strlen(machines[i][1]), NULL,
                                             &definition, NULL, NULL),
                         ASL_OK);
        ck_assert_int_eq(asl_engine_add_machine(f->engine, machines[i][0], definition, NULL),
                         ASL_OK);
        asl_definition_unref(definition);
    }
    ck_assert_int_eq(asl_queue_open(f->engine, "dead", NULL, &f->dead, NULL), ASL_OK);
    asl_queue_options queue = {.size = sizeof queue,
                               .max_receives = f->max_receives,
                               .max_messages = f->max_messages,
                               .dead_letters = f->max_receives > 0 ? f->dead : NULL};
    ck_assert_int_eq(asl_queue_open(f->engine, "orders", &queue, &f->queue, NULL), ASL_OK);
}

static void close_fixture(fixture *f)
{
    asl_queue_close(f->queue);
    asl_queue_close(f->dead);
    asl_engine_free(f->engine);
    asl_store_close(f->store);
}

static void reopen(fixture *f)
{
    close_fixture(f);
    open_fixture(f);
}

static void begin(fixture *f, fixture how)
{
    *f = how;
    snprintf(f->path, sizeof f->path, "/tmp/asl-queue-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(f->path));
    system_begin(1, f->path, false);
    open_fixture(f);
}

static void end(fixture *f)
{
    close_fixture(f);
    folder_remove(f->path);
}

static int settle(fixture *f)
{
    int status = ASL_OK;
    for (unsigned i = 0; status == ASL_OK && asl_engine_next_deadline(f->engine) == 0; i++) {
        ck_assert_uint_lt(i, 1000);
        status = asl_engine_dispatch(f->engine, 0);
    }
    return status;
}

static void note(void *context, int status)
{
    fixture *f = context;
    f->sent_status = status;
    f->told++;
}

static void send_text(fixture *f, const char *id, const char *body)
{
    unsigned told = f->told;
    asl_send send = {.size = sizeof send, .id = id, .body = body, .body_size = strlen(body)};
    ck_assert_int_eq(asl_queue_send(f->queue, &send, note, f, NULL), ASL_OK);
    ck_assert_uint_eq(f->told, told);
    ck_assert_int_eq(settle(f), ASL_OK);
    ck_assert(f->told == told + 1 && f->sent_status == ASL_OK);
}

static void keep(void *context, int status, const asl_message *messages, size_t count)
{
    fixture *f = context;
    f->status = status;
    f->got_count = count;
    f->got[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(f->got);
        snprintf(f->got + used, sizeof f->got - used, "%llu %s %.*s %u;",
                 (unsigned long long)messages[i].sequence, messages[i].id,
                 (int)messages[i].body_size, (const char *)messages[i].body, messages[i].receives);
        f->sequence = messages[i].sequence;
        f->receives = messages[i].receives;
    }
}

/* What can be received now; "-" where it has to be waited for. */
static const char *receive_from(fixture *f, asl_queue *queue, unsigned max)
{
    snprintf(f->got, sizeof f->got, "-");
    ck_assert_int_eq(asl_queue_receive(queue, max, keep, f, NULL), ASL_OK);
    ck_assert_int_eq(settle(f), ASL_OK);
    return f->got;
}

static const char *receive(fixture *f)
{
    return receive_from(f, f->queue, 10);
}

static int delete_by(fixture *f, uint64_t sequence, unsigned receives)
{
    int status = asl_queue_delete(f->queue, sequence, receives, NULL, note, f, NULL);
    ck_assert_int_eq(settle(f), ASL_OK);
    return status;
}

static asl_queue_statistics count(const asl_queue *queue)
{
    asl_queue_statistics found = {.size = sizeof found};
    ck_assert_int_eq(asl_queue_read_statistics(queue, &found), ASL_OK);
    return found;
}

START_TEST(what_is_received_is_hidden_and_comes_back_until_it_is_deleted)
{
    fixture f;
    begin(&f, (fixture){0});
    send_text(&f, "a", "first");
    ck_assert_str_eq(receive(&f), "1 a first 1;");
    ck_assert_str_eq(receive(&f), "-");
    system_pass(29 * SECOND);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(f.got, "-");
    system_pass(SECOND);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(f.got, "1 a first 2;");
    ck_assert_int_eq(delete_by(&f, 1, 1), ASL_NOT_FOUND);
    ck_assert_int_eq(delete_by(&f, 1, 2), ASL_OK);
    ck_assert_int_eq(delete_by(&f, 1, 2), ASL_NOT_FOUND);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    reopen(&f);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    ck_assert_str_eq(receive(&f), "-");
    end(&f);
}
END_TEST

START_TEST(messages_come_in_order_and_not_more_than_asked_for)
{
    fixture f;
    begin(&f, (fixture){0});
    for (unsigned i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "m%u", i);
        ck_assert_uint_eq(asl_queue_next_sequence(f.queue), i + 1);
        send_text(&f, id, "");
    }
    ck_assert_str_eq(receive_from(&f, f.queue, 2), "1 m0  1;2 m1  1;");
    ck_assert_str_eq(receive_from(&f, f.queue, 10), "3 m2  1;4 m3  1;5 m4  1;");
    end(&f);
}
END_TEST

START_TEST(who_waits_is_served_when_something_comes)
{
    fixture f;
    begin(&f, (fixture){0});
    ck_assert_str_eq(receive(&f), "-");
    ck_assert_int_eq(asl_queue_receive(f.queue, 1, keep, &f, NULL), ASL_MISUSE);
    send_text(&f, NULL, "x");
    ck_assert_str_eq(f.got, "1  x 1;");
    asl_send later = {.size = sizeof later, .id = "later", .delay_ms = 5000};
    ck_assert_int_eq(asl_queue_send(f.queue, &later, NULL, NULL, NULL), ASL_OK);
    ck_assert_str_eq(receive(&f), "-");
    system_pass(4999);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(f.got, "-");
    system_pass(1);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(f.got, "2 later  1;");
    end(&f);
}
END_TEST

START_TEST(visibility_is_changed)
{
    fixture f;
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    receive(&f);
    ck_assert_int_eq(asl_queue_change_visibility(f.queue, 1, 1, 60 * SECOND, note, &f, NULL),
                     ASL_OK);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(receive(&f), "-");
    system_pass(59 * SECOND);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(f.got, "-");
    ck_assert_int_eq(asl_queue_change_visibility(f.queue, 1, 2, 0, note, &f, NULL), ASL_NOT_FOUND);
    ck_assert_int_eq(asl_queue_change_visibility(f.queue, 1, 1, -1, note, &f, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_queue_change_visibility(f.queue, 1, 1, 0, note, &f, NULL), ASL_OK);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(f.got, "1 a x 2;");
    end(&f);
}
END_TEST

START_TEST(what_is_received_too_often_becomes_a_dead_letter)
{
    fixture f;
    begin(&f, (fixture){.max_receives = 2});
    int64_t sent_ms = system_now_ms();
    send_text(&f, "bad", "poison");
    for (unsigned i = 1; i <= 2; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "1 bad poison %u;", i);
        ck_assert_str_eq(receive(&f), expected);
        system_pass(30 * SECOND);
    }
    ck_assert_str_eq(receive(&f), "-");
    ck_assert_uint_eq(count(f.queue).messages, 0);
    ck_assert_uint_eq(count(f.queue).dead, 1);
    reopen(&f);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    ck_assert_int_eq(count(f.dead).oldest_sent_ms, sent_ms);
    ck_assert_str_eq(receive_from(&f, f.dead, 1), "1 bad poison 1;");
    end(&f);
}
END_TEST

START_TEST(receipts_and_numbers_outlive_the_process)
{
    fixture f;
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    send_text(&f, "b", "y");
    receive_from(&f, f.queue, 1);
    reopen(&f);
    ck_assert_str_eq(receive(&f), "2 b y 1;");
    ck_assert_str_eq(receive(&f), "-");
    system_pass(30 * SECOND);
    ck_assert_int_eq(settle(&f), ASL_OK);
    ck_assert_str_eq(f.got, "1 a x 2;2 b y 2;");
    ck_assert_int_eq(delete_by(&f, 1, 2), ASL_OK);
    ck_assert_int_eq(delete_by(&f, 2, 2), ASL_OK);
    reopen(&f);
    ck_assert_uint_gt(asl_queue_next_sequence(f.queue), 2);
    end(&f);
}
END_TEST

START_TEST(a_step_of_the_wall_hides_nothing_for_longer)
{
    static const int64_t steps[] = {-36000 * SECOND, 36000 * SECOND};
    for (unsigned turn = 0; turn < 4; turn++) {
        fixture f;
        begin(&f, (fixture){0});
        send_text(&f, "a", "x");
        receive(&f);
        system_step(steps[turn % 2]);
        if (turn >= 2)
            reopen(&f); /* by the wall, a step forward is time that has passed */
        ck_assert_str_eq(receive(&f), turn == 3 ? "1 a x 2;" : "-");
        system_pass(30 * SECOND);
        ck_assert_int_eq(settle(&f), ASL_OK);
        ck_assert_str_eq(turn == 3 ? receive(&f) : f.got, turn == 3 ? "1 a x 3;" : "1 a x 2;");
        end(&f);
    }
}
END_TEST

START_TEST(what_nobody_has_received_can_be_deleted)
{
    fixture f;
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    send_text(&f, "b", "y");
    receive_from(&f, f.queue, 1);
    ck_assert_int_eq(delete_by(&f, 1, 0), ASL_NOT_FOUND);
    ck_assert_int_eq(delete_by(&f, 2, 0), ASL_OK);
    ck_assert_str_eq(receive(&f), "-");
    end(&f);
}
END_TEST

/* A start that takes a message with it. */
typedef struct taking {
    fixture *f;
    uint64_t sequence;
    int status;
} taking;

static void on_started(void *context, asl_execution *execution, int status)
{
    taking *self = context;
    (void)execution;
    self->status = status;
    asl_queue_taken(self->f->queue, self->sequence, status == ASL_OK);
}

static int start_with(taking *self, const char *machine, int64_t input)
{
    fixture *f = self->f;
    asl_writes *writes = asl_writes_new(NULL);
    asl_value *value = asl_value_integer(NULL, input);
    self->sequence = f->sequence;
    ck_assert_int_eq(asl_queue_take(f->queue, f->sequence, f->receives, writes), ASL_OK);
    asl_start start = {.size = sizeof start,
                       .machine = machine,
                       .name = "one",
                       .input = value,
                       .writes = writes,
                       .on_started = on_started,
                       .context = self};
    int status = asl_execution_start(f->engine, &start, NULL, NULL);
    if (status != ASL_OK) {
        asl_writes_free(writes);
        asl_queue_taken(f->queue, f->sequence, false);
    }
    asl_value_unref(value);
    ck_assert_int_eq(settle(f), ASL_OK);
    return status;
}

START_TEST(a_start_takes_its_message_along)
{
    fixture f;
    taking t = {.f = &f};
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    receive(&f);
    ck_assert_int_eq(start_with(&t, "pass", 1), ASL_OK);
    ck_assert_int_eq(t.status, ASL_OK);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    reopen(&f);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    end(&f);
}
END_TEST

START_TEST(a_start_that_is_refused_leaves_the_message)
{
    fixture f;
    taking t = {.f = &f};
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    send_text(&f, "b", "y");
    receive_from(&f, f.queue, 1);
    ck_assert_int_eq(start_with(&t, "hold", 1), ASL_OK);
    receive_from(&f, f.queue, 1);
    ck_assert_int_eq(start_with(&t, "hold", 2), ASL_EXISTS);
    ck_assert_uint_eq(count(f.queue).messages, 1);
    ck_assert_int_eq(delete_by(&f, 2, 1), ASL_OK);
    end(&f);
}
END_TEST

/* It finds the execution that runs: nothing is written for it, and the message goes all the same.
 */
START_TEST(a_start_that_finds_the_same_one_deletes_the_message)
{
    fixture f;
    taking t = {.f = &f};
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    send_text(&f, "a", "x");
    receive_from(&f, f.queue, 1);
    ck_assert_int_eq(start_with(&t, "hold", 1), ASL_OK);
    receive_from(&f, f.queue, 1);
    ck_assert_int_eq(start_with(&t, "hold", 1), ASL_OK);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    reopen(&f);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    end(&f);
}
END_TEST

START_TEST(a_full_disk_refuses_a_message_and_keeps_the_rest)
{
    fixture f;
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    system_fail(0, 1, ENOSPC);
    asl_send send = {.size = sizeof send, .id = "b"};
    ck_assert_int_eq(asl_queue_send(f.queue, &send, note, &f, NULL), ASL_OK);
    ck_assert_int_eq(settle(&f), ASL_STORE_FULL);
    ck_assert_int_eq(f.sent_status, ASL_STORE_FULL);
    ck_assert_uint_eq(count(f.queue).messages, 1);
    ck_assert_int_eq(asl_queue_send(f.queue, &send, note, &f, NULL), ASL_STORE_FULL);
    ck_assert_int_eq(asl_queue_receive(f.queue, 1, keep, &f, NULL), ASL_STORE_FULL);
    system_pass(2 * SECOND);
    ck_assert_int_eq(settle(&f), ASL_OK);
    send_text(&f, "b", "y");
    reopen(&f);
    ck_assert_str_eq(receive(&f), "1 a x 1;4 b y 1;");
    end(&f);
}
END_TEST

START_TEST(a_receipt_that_is_not_durable_is_none)
{
    fixture f;
    begin(&f, (fixture){0});
    send_text(&f, "a", "x");
    system_fail(0, UINT_MAX, EIO);
    ck_assert_int_eq(asl_queue_receive(f.queue, 1, keep, &f, NULL), ASL_OK);
    ck_assert_int_eq(settle(&f), ASL_STORE_LOST);
    ck_assert(f.status == ASL_STORE_LOST && f.got_count == 0);
    close_fixture(&f);
    system_cut_power();
    open_fixture(&f);
    ck_assert_str_eq(receive(&f), "1 a x 1;");
    end(&f);
}
END_TEST

START_TEST(what_is_under_way_is_told_when_a_queue_is_closed)
{
    fixture f;
    begin(&f, (fixture){0});
    asl_send send = {.size = sizeof send, .id = "a"};
    ck_assert_int_eq(asl_queue_send(f.queue, &send, note, &f, NULL), ASL_OK);
    ck_assert_int_eq(asl_queue_receive(f.queue, 1, keep, &f, NULL), ASL_OK);
    f.got_count = 77;
    reopen(&f);
    ck_assert(f.told == 1 && f.sent_status == ASL_OK && f.got_count == 77);
    ck_assert_str_eq(receive(&f), "1 a  1;");
    end(&f);
}
END_TEST

START_TEST(statistics_say_what_there_is)
{
    fixture f;
    begin(&f, (fixture){0});
    int64_t first_ms = system_now_ms();
    ck_assert_int_eq(count(f.queue).oldest_sent_ms, 0);
    send_text(&f, "a", "x");
    system_pass(SECOND);
    send_text(&f, "b", "y");
    receive_from(&f, f.queue, 1);
    asl_queue_statistics found = count(f.queue);
    ck_assert(found.messages == 2 && found.visible == 1 && found.hidden == 1);
    ck_assert(found.sent == 2 && found.received == 1 && found.deleted == 0 && found.dead == 0);
    ck_assert_int_eq(found.oldest_sent_ms, first_ms);
    delete_by(&f, 1, 1);
    found = count(f.queue);
    ck_assert(found.deleted == 1 && found.oldest_sent_ms == first_ms + SECOND);
    found.size = sizeof found + 1;
    ck_assert_int_eq(asl_queue_read_statistics(f.queue, &found), ASL_MISUSE);
    end(&f);
}
END_TEST

/* Gone from the middle, the front and the end; found all the same. */
START_TEST(many_messages_are_found_by_their_numbers)
{
    fixture f;
    begin(&f, (fixture){0});
    for (unsigned i = 0; i < 500; i++)
        send_text(&f, "a", "x");
    for (uint64_t i = 1; i <= 500; i++)
        if (i * 7919 % 500 < 400)
            ck_assert_int_eq(delete_by(&f, i, 0), ASL_OK);
    for (uint64_t i = 1; i <= 500; i++)
        ck_assert_int_eq(delete_by(&f, i, 0), i * 7919 % 500 < 400 ? ASL_NOT_FOUND : ASL_OK);
    ck_assert_uint_eq(count(f.queue).messages, 0);
    send_text(&f, "last", "");
    ck_assert_str_eq(receive(&f), "501 last  1;");
    end(&f);
}
END_TEST

START_TEST(names_and_options_are_checked)
{
    fixture f;
    asl_queue *queue = NULL;
    begin(&f, (fixture){0});
    asl_queue_options half = {.size = sizeof half, .max_receives = 1};
    ck_assert_int_eq(asl_queue_open(f.engine, "x", &half, &queue, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_queue_open(f.engine, "x.y", NULL, &queue, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_queue_open(f.engine, "", NULL, &queue, NULL), ASL_MISUSE);
    asl_send send = {.size = sizeof send, .delay_ms = -1};
    ck_assert_int_eq(asl_queue_send(f.queue, &send, note, &f, NULL), ASL_MISUSE);
    end(&f);
}
END_TEST

SUITE("simulation/queue", what_is_received_is_hidden_and_comes_back_until_it_is_deleted,
      messages_come_in_order_and_not_more_than_asked_for, who_waits_is_served_when_something_comes,
      visibility_is_changed, what_is_received_too_often_becomes_a_dead_letter,
      receipts_and_numbers_outlive_the_process, a_step_of_the_wall_hides_nothing_for_longer,
      what_nobody_has_received_can_be_deleted, a_start_takes_its_message_along,
      a_start_that_is_refused_leaves_the_message,
      a_start_that_finds_the_same_one_deletes_the_message,
      a_full_disk_refuses_a_message_and_keeps_the_rest, a_receipt_that_is_not_durable_is_none,
      what_is_under_way_is_told_when_a_queue_is_closed, statistics_say_what_there_is,
      many_messages_are_found_by_their_numbers, names_and_options_are_checked)
