#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "store/backend.h"

#define LATER \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:later\",\"End\":true}}}"

/* A store in front of the real one, which refuses what it is told to. */
static asl_store_backend failing;
static const asl_store_backend *real;
static int refuse_with;

static int refusing_write(asl_store *store, asl_batch *first, const asl_store_clock *clock,
                          asl_batch **ret_next)
{
    if (refuse_with == ASL_OK)
        return real->write(store, first, clock, ret_next);
    for (asl_batch *batch = first; batch; batch = batch->next)
        batch->status = refuse_with;
    *ret_next = NULL;
    return refuse_with;
}

static void put_in_front(fixture *f)
{
    real = f->store->backend;
    failing = *real;
    failing.write = refusing_write;
    f->store->backend = &failing;
    refuse_with = ASL_OK;
}

static void take_away(fixture *f)
{
    f->store->backend = real;
}

/* Dispatches until the pause of a full store is over and it was tried again. */
static void wait_for_room(fixture *f)
{
    int status;
    do
        status = asl_engine_dispatch(f->engine, 100);
    while (status == ASL_STORE_FULL || status == ASL_IO);
    ck_assert_int_eq(status, ASL_OK);
    fixture_settle(f);
}

START_TEST(a_full_store_refuses_starts_and_loses_no_result)
{
    static const int statuses[] = {ASL_STORE_FULL, ASL_IO};
    for (int i = 0; i < 2; i++) {
        FOR_EACH_STORE(f)
        {
            fixture_machine(&f, "m", LATER);
            asl_execution *execution = fixture_start(&f, "m", "one", "{}");
            fixture_settle(&f);
            put_in_front(&f);
            refuse_with = statuses[i];
            asl_task_succeed(f.tasks[0], asl_value_integer(NULL, 4), NULL);
            ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), statuses[i]);
            ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
            asl_start start = {.size = sizeof start, .machine = "m"};
            ck_assert_int_eq(asl_execution_start(f.engine, &start, NULL, NULL), statuses[i]);
            ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), statuses[i]);
            refuse_with = ASL_OK;
            wait_for_room(&f);
            ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
            ck_assert_str_eq(fixture_output(execution), "4");
            asl_execution *next = fixture_start(&f, "m", "two", "{}");
            fixture_settle(&f);
            ck_assert_int_eq(asl_execution_refused(next), ASL_OK);
            asl_execution_unref(next);
            asl_execution_unref(execution);
            take_away(&f);
        }
    }
}
END_TEST

START_TEST(a_start_that_finds_the_store_full_is_told_so)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LATER);
        put_in_front(&f);
        refuse_with = ASL_STORE_FULL;
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        ck_assert_int_eq(asl_engine_run(f.engine, execution, 1000, NULL), ASL_STORE_FULL);
        ck_assert_uint_eq(f.started_count, 1);
        ck_assert_int_eq(f.started_status, ASL_STORE_FULL);
        ck_assert_int_eq(asl_execution_refused(execution), ASL_STORE_FULL);
        ck_assert_uint_eq(f.begun_count, 0);
        refuse_with = ASL_OK;
        wait_for_room(&f);
        asl_execution *again = fixture_start(&f, "m", "one", "{}");
        ck_assert_ptr_ne(again, execution);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 1);
        asl_execution_unref(again);
        asl_execution_unref(execution);
        take_away(&f);
    }
}
END_TEST

START_TEST(a_commit_without_memory_is_tried_again)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LATER);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        put_in_front(&f);
        refuse_with = ASL_NOMEM;
        asl_task_succeed(f.tasks[0], asl_value_integer(NULL, 4), NULL);
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_NOMEM);
        refuse_with = ASL_OK;
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(execution);
        take_away(&f);
    }
}
END_TEST

START_TEST(a_lost_store_ends_all_work_and_what_was_acknowledged_is_still_there)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LATER);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        uint64_t number = asl_execution_number(execution);
        fixture_settle(&f);
        put_in_front(&f);
        refuse_with = ASL_STORE_LOST;
        asl_task_succeed(f.tasks[0], asl_value_integer(NULL, 4), NULL);
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_STORE_LOST);
        refuse_with = ASL_OK;
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_STORE_LOST);
        ck_assert_int_eq(asl_engine_run(f.engine, execution, -1, NULL), ASL_STORE_LOST);
        asl_start start = {.size = sizeof start, .machine = "m"};
        ck_assert_int_eq(asl_execution_start(f.engine, &start, NULL, NULL), ASL_STORE_LOST);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        asl_execution_unref(execution);
        take_away(&f);
        fixture_reopen(&f);
        ck_assert_int_eq(asl_engine_recover(f.engine, number, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 2);
    }
}
END_TEST

/* A real map, really full: what was acknowledged goes on once there is room. */
START_TEST(a_full_map_keeps_every_acknowledged_execution)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL, .map_bytes = 1u << 20};
    fixture_open(&f, true);
    fixture_machine(&f, "m", LATER);
    static char input[20000];
    memset(input, 'x', sizeof input);
    input[0] = input[sizeof input - 2] = '"';
    input[sizeof input - 1] = '\0';
    size_t count = 0;
    int status = ASL_OK;
    while (status == ASL_OK) {
        ck_assert_uint_lt(count, 1000);
        asl_execution *execution = fixture_start(&f, "m", NULL, input);
        status = asl_engine_dispatch(f.engine, 0);
        count += asl_execution_refused(execution) == ASL_OK;
        asl_execution_unref(execution);
    }
    ck_assert_int_eq(status, ASL_STORE_FULL);
    ck_assert_uint_gt(count, 2);
    ck_assert_uint_eq(f.task_count, count);
    f.map_bytes = 64u << 20;
    fixture_reopen(&f);
    size_t recovered = 0;
    ck_assert_int_eq(asl_engine_recover(f.engine, 0, &recovered, NULL), ASL_OK);
    ck_assert_uint_eq(recovered, count);
    fixture_settle(&f);
    for (size_t i = 0; i < f.task_count; i++)
        ck_assert_int_eq(asl_task_succeed(f.tasks[i], asl_value_null(), NULL), ASL_OK);
    fixture_settle(&f);
    ck_assert_int_eq(asl_engine_recover(f.engine, 0, &recovered, NULL), ASL_OK);
    ck_assert_uint_eq(recovered, 0);
    fixture_close(&f);
}
END_TEST

static void note_status(void *context, int status)
{
    *(int *)context = status;
}

static int write_row(fixture *f, int *ret_status)
{
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put(writes, "rows", "k", 1, "1", 1);
    return asl_engine_write(f->engine, writes, note_status, ret_status, NULL);
}

START_TEST(the_hosts_own_writes_are_told_why_and_not_tried_again)
{
    static const int statuses[] = {ASL_STORE_FULL, ASL_NOMEM, ASL_STORE_LOST};
    for (int i = 0; i < 3; i++) {
        FOR_EACH_STORE(f)
        {
            int status = ASL_OK, next = ASL_OK;
            put_in_front(&f);
            refuse_with = statuses[i];
            ck_assert_int_eq(write_row(&f, &status), ASL_OK);
            ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), statuses[i]);
            ck_assert_int_eq(status, statuses[i]);
            if (statuses[i] != ASL_NOMEM)
                ck_assert_int_eq(write_row(&f, &next), statuses[i]);
            refuse_with = ASL_OK;
            if (statuses[i] != ASL_STORE_LOST) {
                wait_for_room(&f);
                ck_assert_int_eq(write_row(&f, &next), ASL_OK);
                fixture_settle(&f);
            }
            ck_assert_int_eq(next, ASL_OK);
            take_away(&f);
        }
    }
}
END_TEST

SUITE("runtime/store_failure", the_hosts_own_writes_are_told_why_and_not_tried_again,
      a_full_store_refuses_starts_and_loses_no_result, a_start_that_finds_the_store_full_is_told_so,
      a_commit_without_memory_is_tried_again,
      a_lost_store_ends_all_work_and_what_was_acknowledged_is_still_there,
      a_full_map_keeps_every_acknowledged_execution)
