/* Engines that divide the executions of a store: each starts, recovers, wakes and calls its own. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "runtime/engine.h"

#define SHARES 3u
#define WAITS \
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":30,\"End\":true}}}"
#define CALLED \
    "{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:token.waitForTaskToken\",\"End\":true}}}"

typedef struct engines {
    fixture f; /* its engine is not used */
    asl_engine *items[SHARES];
    unsigned count;
    char token[ASL_TOKEN_SIZE]; /* of the last task that has one */
} engines;

static void keep_token(void *context, asl_task *task)
{
    engines *self = context;
    snprintf(self->token, sizeof self->token, "%s", asl_task_token(task));
    ck_assert_int_eq(asl_task_submit(task, asl_value_object(NULL), NULL), ASL_OK);
}

static void open_engines(engines *self, unsigned count, int64_t after_ms)
{
    self->count = count;
    for (unsigned i = 0; i < count; i++) {
        asl_engine_options options = {.size = sizeof options,
                                      .store = self->f.store,
                                      .clock = ASL_CLOCK_MANUAL,
                                      .clock_start_ms = self->f.now_ms,
                                      .passivate_after_ms = after_ms,
                                      .share = i,
                                      .shares = count};
        const asl_task_handler handler = {
            .size = sizeof handler, .start = keep_token, .context = self};
        fixture one = {0};
        ck_assert_int_eq(asl_engine_open(&options, &one.engine, NULL), ASL_OK);
        ck_assert_int_eq(asl_engine_register(one.engine, "arn:aws:states:::test:*", &handler, NULL),
                         ASL_OK);
        fixture_machine(&one, "waits", WAITS);
        fixture_machine(&one, "called", CALLED);
        self->items[i] = one.engine;
    }
}

static void close_engines(engines *self)
{
    for (unsigned i = 0; i < self->count; i++)
        asl_engine_free(self->items[i]);
}

static void begin(engines *self, bool on_disk)
{
    *self = (engines){.f = {.clock = ASL_CLOCK_MANUAL}};
    fixture_open(&self->f, on_disk);
    fixture_free_engine(&self->f);
}

static void settle(engines *self)
{
    for (unsigned i = 0; i < self->count; i++) {
        fixture one = {.engine = self->items[i]};
        fixture_settle(&one);
    }
}

static void pass(engines *self, int64_t ms)
{
    self->f.now_ms += ms;
    for (unsigned i = 0; i < self->count; i++)
        ck_assert_int_eq(asl_engine_set_time(self->items[i], self->f.now_ms), ASL_OK);
    settle(self);
}

static uint64_t start(engines *self, unsigned index, const char *machine)
{
    asl_execution *execution = NULL;
    asl_start how = {.size = sizeof how, .machine = machine};
    ck_assert_int_eq(asl_execution_start(self->items[index], &how, &execution, NULL), ASL_OK);
    uint64_t number = asl_execution_number(execution);
    asl_execution_unref(execution);
    settle(self);
    return number;
}

static bool has_ended(engines *self, uint64_t number)
{
    asl_description *description = NULL;
    ck_assert_int_eq(asl_store_describe(self->f.store, number, &description, NULL), ASL_OK);
    bool ended = description->status == ASL_EXECUTION_SUCCEEDED;
    asl_description_free(description);
    return ended;
}

START_TEST(each_engine_gives_numbers_of_its_own)
{
    for (int on_disk = 0; on_disk < 2; on_disk++) {
        engines e;
        begin(&e, on_disk);
        open_engines(&e, SHARES, -1);
        uint64_t last = 0;
        for (unsigned i = 0; i < 12; i++) {
            unsigned index = i * i % SHARES;
            uint64_t number = start(&e, index, "waits");
            ck_assert_uint_eq(number % SHARES, index);
            ck_assert_uint_gt(number, last);
            ck_assert_uint_le(number, last + SHARES);
            last = number;
        }
        close_engines(&e);
        fixture_close(&e.f);
    }
}
END_TEST

/* Whether an engine knows an execution that runs. */
static bool knows(engines *self, unsigned index, uint64_t number)
{
    asl_execution *execution = NULL;
    int status = asl_execution_find(self->items[index], number, &execution);
    asl_execution_unref(execution);
    ck_assert(status == ASL_OK || status == ASL_NOT_FOUND);
    return status == ASL_OK;
}

/* Also where the store was divided among another number of engines before. */
START_TEST(each_engine_recovers_its_own)
{
    static const int64_t after_ms[] = {-1, 1000}; /* in memory, and passive */
    for (unsigned turn = 0; turn < 2 * SHARES; turn++) {
        engines e;
        begin(&e, true);
        open_engines(&e, turn % SHARES + 1, after_ms[turn / SHARES]);
        for (unsigned i = 0; i < 9; i++)
            start(&e, i % e.count, "waits");
        close_engines(&e);
        open_engines(&e, 2, after_ms[turn / SHARES]);
        for (unsigned i = 0; i < 2; i++)
            ck_assert_int_eq(asl_engine_recover(e.items[i], 0, NULL, NULL), ASL_OK);
        settle(&e);
        asl_execution_list *list = NULL;
        ck_assert_int_eq(asl_store_list(e.f.store, NULL, &list, NULL), ASL_OK);
        ck_assert_uint_eq(asl_execution_list_count(list), 9);
        pass(&e, 29999);
        for (size_t i = 0; i < 9; i++) {
            uint64_t number = asl_execution_list_at(list, i)->number;
            ck_assert_int_eq(knows(&e, 0, number), number % 2 == 0);
            ck_assert_int_eq(knows(&e, 1, number), number % 2 == 1);
            ck_assert(!has_ended(&e, number));
        }
        pass(&e, 1);
        for (size_t i = 0; i < 9; i++)
            ck_assert(has_ended(&e, asl_execution_list_at(list, i)->number));
        asl_execution_list_free(list);
        close_engines(&e);
        fixture_close(&e.f);
    }
}
END_TEST

START_TEST(what_is_passive_is_woken_and_called_by_its_own_engine)
{
    engines e;
    begin(&e, true);
    open_engines(&e, 2, 1000);
    uint64_t waits[2], called[2];
    for (unsigned i = 0; i < 2; i++)
        waits[i] = start(&e, i, "waits");
    for (unsigned i = 0; i < 2; i++) {
        called[i] = start(&e, i, "called");
        ck_assert_uint_eq(e.items[i]->active.count, 0);
        ck_assert_int_eq(
            asl_engine_send_task_success(e.items[1 - i], e.token, asl_value_null(), NULL, NULL),
            ASL_NOT_FOUND);
        ck_assert_int_eq(
            asl_engine_send_task_success(e.items[i], e.token, asl_value_null(), NULL, NULL),
            ASL_OK);
        settle(&e);
        ck_assert(has_ended(&e, called[i]));
    }
    pass(&e, 30000);
    ck_assert(has_ended(&e, waits[0]) && has_ended(&e, waits[1]));
    close_engines(&e);
    fixture_close(&e.f);
}
END_TEST

START_TEST(another_engine_does_not_recover_it_by_its_number)
{
    engines e;
    begin(&e, true);
    open_engines(&e, 2, -1);
    uint64_t number = start(&e, 1, "waits");
    close_engines(&e);
    open_engines(&e, 2, -1);
    ck_assert_int_eq(asl_engine_recover(e.items[0], number, NULL, NULL), ASL_NOT_FOUND);
    ck_assert_int_eq(asl_engine_recover(e.items[1], number, NULL, NULL), ASL_OK);
    pass(&e, 30000);
    ck_assert(has_ended(&e, number));
    close_engines(&e);
    fixture_close(&e.f);
}
END_TEST

SUITE("runtime/shares", each_engine_gives_numbers_of_its_own, each_engine_recovers_its_own,
      what_is_passive_is_woken_and_called_by_its_own_engine,
      another_engine_does_not_recover_it_by_its_number)
