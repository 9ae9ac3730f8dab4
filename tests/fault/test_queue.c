/* A queue's life with every allocation failing in turn: once, and from then on for good. What was
 * told to be sent is there, what was told to be deleted is not, and nothing else is either. */
#include <string.h>

#include <asl/asl.h>

#include "fault_heap.h"
#include "suite.h"

#define MESSAGES 3u

typedef struct scenario {
    asl_engine *engine;
    asl_queue *queue, *dead;
    unsigned sent, deleted, received; /* as it was told */
    bool failed;                      /* something was told to lack memory */
} scenario;

/* Remembers that memory was lacking; nothing else may go wrong. */
static bool is_done(scenario *s, int status)
{
    ck_assert_msg(status == ASL_OK || status == ASL_NOMEM, "%s", asl_status_name(status));
    s->failed |= status == ASL_NOMEM;
    return status == ASL_OK;
}

static void on_sent(void *context, int status)
{
    scenario *s = context;
    s->sent += is_done(s, status);
}

static void on_deleted(void *context, int status)
{
    scenario *s = context;
    s->deleted += is_done(s, status);
}

static void on_changed(void *context, int status)
{
    is_done(context, status);
}

/* The first is deleted, the second is visible again at once, the third stays hidden. */
static void on_received(void *context, int status, const asl_message *messages, size_t count)
{
    scenario *s = context;
    if (!is_done(s, status))
        return;
    for (size_t i = 0; i < count; i++) {
        uint64_t sequence = messages[i].sequence;
        unsigned receives = messages[i].receives;
        s->received++;
        if (sequence == 1)
            is_done(s, asl_queue_delete(s->queue, sequence, receives, NULL, on_deleted, s, NULL));
        else if (sequence == 2 && receives < 3)
            is_done(s, asl_queue_change_visibility(s->queue, sequence, receives, 0, on_changed, s,
                                                   NULL));
    }
    is_done(s, asl_queue_receive(s->queue, 2, on_received, s, NULL));
}

static bool open_scenario(scenario *s, asl_store *store, const asl_heap *heap)
{
    asl_engine_options options = {.size = sizeof options, .store = store, .heap = heap};
    asl_queue_options queue = {.size = sizeof queue, .max_receives = 2};
    if (!is_done(s, asl_engine_open(&options, &s->engine, NULL)) ||
        !is_done(s, asl_queue_open(s->engine, "dead", NULL, &s->dead, NULL)))
        return false;
    queue.dead_letters = s->dead;
    return is_done(s, asl_queue_open(s->engine, "q", &queue, &s->queue, NULL));
}

static void close_scenario(scenario *s)
{
    asl_queue_close(s->queue);
    asl_queue_close(s->dead);
    asl_engine_free(s->engine);
}

static void run(scenario *s, asl_store *store, const asl_heap *heap)
{
    if (open_scenario(s, store, heap)) {
        for (unsigned i = 0; i < MESSAGES; i++) {
            asl_send send = {.size = sizeof send, .id = "id", .body = "body", .body_size = 4};
            is_done(s, asl_queue_send(s->queue, &send, on_sent, s, NULL));
        }
        is_done(s, asl_queue_receive(s->queue, 2, on_received, s, NULL));
        for (unsigned i = 0; i < 100 && asl_engine_next_deadline(s->engine) == 0; i++)
            is_done(s, asl_engine_dispatch(s->engine, 0));
    }
    close_scenario(s);
}

static void look(const scenario *told, asl_store *store, bool lacked_memory)
{
    scenario s = {.sent = 0};
    asl_queue_statistics found[2] = {{.size = sizeof *found}, {.size = sizeof *found}};
    ck_assert(open_scenario(&s, store, NULL));
    ck_assert_int_eq(asl_queue_read_statistics(s.queue, &found[0]), ASL_OK);
    ck_assert_int_eq(asl_queue_read_statistics(s.dead, &found[1]), ASL_OK);
    ck_assert_uint_eq(found[0].messages + found[1].messages, told->sent - told->deleted);
    ck_assert(lacked_memory || !told->failed);
    if (!lacked_memory) {
        ck_assert(told->sent == MESSAGES && told->deleted == 1 && told->received == 4);
        ck_assert_uint_eq(found[1].messages, 1);
    }
    close_scenario(&s);
}

static void sweep(bool for_good)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, for_good); nth++) {
        asl_store *store = NULL;
        scenario s = {.sent = 0};
        asl_store_options where = {.size = sizeof where};
        ck_assert_int_eq(asl_store_open(&where, &store, NULL), ASL_OK);
        run(&s, store, &heap.hook);
        look(&s, store, fault_heap_failed(&heap));
        asl_store_close(store);
    }
}

START_TEST(a_queue_survives_every_failed_allocation)
{
    sweep(false);
}
END_TEST

START_TEST(a_queue_survives_memory_that_is_gone)
{
    sweep(true);
}
END_TEST

SUITE("fault/queue", a_queue_survives_every_failed_allocation, a_queue_survives_memory_that_is_gone)
