/* What an engine counts: each thing once, when it is durable. How long something takes is measured
 * in simulated time, elsewhere. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "store/backend.h"

#define PASS "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"
#define FAIL "{\"StartAt\":\"F\",\"States\":{\"F\":{\"Type\":\"Fail\",\"Error\":\"E\"}}}"
#define WAIT(seconds, limit) \
    "{\"StartAt\":\"W\"," limit "\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":" #seconds \
    ",\"End\":true}}}"
#define TASK(name, more) \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:" name "\"," more "\"End\":true}}}"
#define CALLBACK TASK("token.waitForTaskToken", "\"Parameters\":{\"t.$\":\"$$.Task.Token\"},")

static asl_engine_statistics statistics_of(const fixture *f)
{
    asl_engine_statistics found = {.size = sizeof found};
    ck_assert_int_eq(asl_engine_read_statistics(f->engine, &found), ASL_OK);
    return found;
}

static uint64_t sum(const asl_histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i < ASL_HISTOGRAM_BUCKETS; i++)
        count += histogram->count[i];
    return count;
}

/* Executions in memory, started, succeeded, failed, timed out, aborted, recovered. */
static void check_executions(const fixture *f, const uint64_t wanted[7])
{
    asl_engine_statistics s = statistics_of(f);
    const uint64_t got[] = {s.executions, s.started, s.succeeded, s.failed,
                            s.timed_out,  s.aborted, s.recovered};
    for (size_t i = 0; i < 7; i++)
        ck_assert_msg(got[i] == wanted[i], "figure %zu is %llu, not %llu", i,
                      (unsigned long long)got[i], (unsigned long long)wanted[i]);
    ck_assert_uint_eq(sum(&s.commit_latency), s.commit_latency.total);
    ck_assert_uint_eq(s.commits, s.commit_latency.total);
    ck_assert_uint_eq(sum(&s.task_latency), s.task_latency.total);
    ck_assert_uint_le(s.task_latency.total, s.tasks_finished);
}
#define EXECUTIONS(f, ...) check_executions(f, (const uint64_t[7]){__VA_ARGS__})

/* Nobody holds it, so it may leave memory. */
static uint64_t start(fixture *f, const char *machine)
{
    asl_start how = {.size = sizeof how, .machine = machine};
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_execution_start(f->engine, &how, &execution, NULL), ASL_OK);
    uint64_t number = asl_execution_number(execution);
    asl_execution_unref(execution);
    return number;
}

static void stop(fixture *f, uint64_t number)
{
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_execution_find(f->engine, number, &execution), ASL_OK);
    ck_assert_int_eq(asl_execution_stop(execution, NULL, NULL, NULL), ASL_OK);
    asl_execution_unref(execution);
    fixture_settle(f);
}

static uint64_t stored_events(fixture *f, uint64_t number)
{
    asl_description *description = NULL;
    ck_assert_int_eq(asl_store_describe(f->store, number, &description, NULL), ASL_OK);
    uint64_t count = description->event_count;
    asl_description_free(description);
    return count;
}

START_TEST(each_end_is_counted_once)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "pass", PASS);
        fixture_machine(&f, "fail", FAIL);
        fixture_machine(&f, "wait", WAIT(60, ""));
        fixture_machine(&f, "limit", WAIT(60, "\"TimeoutSeconds\":5,"));
        EXECUTIONS(&f, 0, 0, 0, 0, 0, 0, 0);
        ck_assert_uint_eq(statistics_of(&f).commits, 0);
        uint64_t first = start(&f, "pass");
        EXECUTIONS(&f, 1, 0, 0, 0, 0, 0, 0);
        fixture_settle(&f);
        EXECUTIONS(&f, 0, 1, 1, 0, 0, 0, 0);
        ck_assert_uint_eq(statistics_of(&f).commits, 1);
        start(&f, "pass");
        start(&f, "fail");
        start(&f, "limit");
        uint64_t waiting = start(&f, "wait");
        start(&f, "wait");
        fixture_settle(&f);
        EXECUTIONS(&f, 3, 6, 2, 1, 0, 0, 0);
        stop(&f, waiting);
        EXECUTIONS(&f, 2, 6, 2, 1, 0, 1, 0);
        fixture_pass(&f, 5000);
        EXECUTIONS(&f, 1, 6, 2, 1, 1, 1, 0);
        fixture_pass(&f, 60000);
        EXECUTIONS(&f, 0, 6, 3, 1, 1, 1, 0);
        uint64_t events = 0;
        for (uint64_t i = 0; i < 6; i++)
            events += stored_events(&f, first + i);
        ck_assert_uint_eq(statistics_of(&f).events, events);
    }
}
END_TEST

START_TEST(a_name_that_is_taken_starts_nothing)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", WAIT(60, ""));
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        asl_execution *same = fixture_start(&f, "m", "one", "{}");
        ck_assert_ptr_eq(same, execution);
        fixture_settle(&f);
        EXECUTIONS(&f, 1, 1, 0, 0, 0, 0, 0);
        asl_value *input = asl_value_integer(NULL, 1);
        asl_start other = {.size = sizeof other, .machine = "m", .name = "one", .input = input};
        ck_assert_int_eq(asl_execution_start(f.engine, &other, NULL, NULL), ASL_EXISTS);
        asl_value_unref(input);
        fixture_settle(&f);
        EXECUTIONS(&f, 1, 1, 0, 0, 0, 0, 0);
        asl_execution_unref(same);
        asl_execution_unref(execution);
    }
}
END_TEST

/* A store in front of the real one that finds every name taken. */
static asl_store_backend refusing;

static int write_nothing(asl_store *store, asl_batch *first, const asl_store_clock *clock,
                         asl_batch **ret_next)
{
    (void)store;
    (void)clock;
    for (asl_batch *batch = first; batch; batch = batch->next)
        batch->status = ASL_EXISTS;
    *ret_next = NULL;
    return ASL_OK;
}

static int write_fails(asl_store *store, asl_batch *first, const asl_store_clock *clock,
                       asl_batch **ret_next)
{
    (void)write_nothing(store, first, clock, ret_next);
    for (asl_batch *batch = first; batch; batch = batch->next)
        batch->status = ASL_STORE_LOST;
    return ASL_STORE_LOST;
}

START_TEST(a_start_that_the_store_refuses_is_none)
{
    FOR_EACH_STORE(f)
    {
        const asl_store_backend *real = f.store->backend;
        fixture_machine(&f, "m", PASS);
        refusing = *real;
        refusing.write = write_nothing;
        f.store->backend = &refusing;
        start(&f, "m");
        fixture_settle(&f);
        EXECUTIONS(&f, 0, 0, 0, 0, 0, 0, 0);
        ck_assert_uint_eq(statistics_of(&f).events, 0);
        ck_assert_uint_eq(statistics_of(&f).commits, 1);
        refusing.write = write_fails;
        start(&f, "m");
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_STORE_LOST);
        EXECUTIONS(&f, 0, 0, 0, 0, 0, 0, 0);
        ck_assert_uint_eq(statistics_of(&f).commits, 1);
        f.store->backend = real;
    }
}
END_TEST

START_TEST(tasks_are_counted_when_they_are_given_out_and_when_they_are_recorded)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "echo", TASK("echo", ""));
        fixture_machine(&f, "later", TASK("later", ""));
        fixture_machine(&f, "limit", TASK("later", "\"TimeoutSeconds\":5,"));
        start(&f, "echo");
        start(&f, "later");
        start(&f, "limit");
        start(&f, "later");
        fixture_settle(&f);
        asl_engine_statistics s = statistics_of(&f);
        ck_assert(s.tasks_dispatched == 4 && s.tasks_finished == 1 && s.task_latency.total == 1);
        fixture_pass(&f, 5000);
        ck_assert_int_eq(asl_task_fail(f.tasks[0], "E", NULL, NULL), ASL_OK);
        ck_assert_uint_eq(statistics_of(&f).tasks_finished, 1);
        fixture_settle(&f);
        EXECUTIONS(&f, 1, 4, 1, 2, 0, 0, 0);
        s = statistics_of(&f);
        ck_assert(s.tasks_dispatched == 4 && s.tasks_finished == 2 && s.task_latency.total == 2);
        ck_assert_int_eq(asl_task_succeed(f.tasks[2], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        EXECUTIONS(&f, 0, 4, 2, 2, 0, 0, 0);
        s = statistics_of(&f);
        ck_assert(s.tasks_dispatched == 4 && s.tasks_finished == 3 && s.task_latency.total == 3);
    }
}
END_TEST

#define PRESS "arn:aws:states:us-east-1:000000000000:activity:press"

static void press(void *context, const char *token, const asl_value *input)
{
    (void)input;
    fixture *f = context;
    ck_assert_int_eq(asl_engine_send_task_success(f->engine, token, asl_value_null(), NULL, NULL),
                     ASL_OK);
}

START_TEST(a_workers_task_is_given_out_when_it_is_fetched)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":"
                        "\"" PRESS "\",\"End\":true}}}");
        start(&f, "m");
        fixture_settle(&f);
        ck_assert_uint_eq(statistics_of(&f).tasks_dispatched, 0);
        ck_assert_int_eq(asl_activity_poll(f.engine, PRESS, NULL, press, &f, NULL), ASL_OK);
        fixture_settle(&f);
        EXECUTIONS(&f, 0, 1, 1, 0, 0, 0, 0);
        asl_engine_statistics s = statistics_of(&f);
        ck_assert(s.tasks_dispatched == 1 && s.tasks_finished == 1 && s.task_latency.total == 1);
    }
}
END_TEST

START_TEST(who_recovers_counts_what_it_does_itself)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "later", TASK("later", ""));
        uint64_t number = start(&f, "later");
        start(&f, "later");
        fixture_settle(&f);
        uint64_t before = stored_events(&f, number);
        fixture_reopen(&f);
        EXECUTIONS(&f, 0, 0, 0, 0, 0, 0, 0);
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
            fixture_settle(&f);
            EXECUTIONS(&f, 2, 0, 0, 0, 0, 0, 2);
        }
        asl_engine_statistics s = statistics_of(&f);
        ck_assert(s.tasks_dispatched == 2 && s.tasks_finished == 0 && s.events == 0);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        EXECUTIONS(&f, 1, 0, 1, 0, 0, 0, 2);
        ck_assert_uint_eq(statistics_of(&f).events, stored_events(&f, number) - before);
        ck_assert_uint_eq(statistics_of(&f).task_latency.total, 1);
    }
}
END_TEST

static char token[256];

static void keep_token(void *context, asl_task *task)
{
    (void)context;
    snprintf(token, sizeof token, "%s", asl_task_token(task));
    ck_assert_int_eq(asl_task_submit(task, asl_value_object(NULL), NULL), ASL_OK);
}

static void serve_tokens(fixture *f)
{
    const asl_task_handler handler = {.size = sizeof handler, .start = keep_token};
    ck_assert_int_eq(asl_engine_register(f->engine, "arn:aws:states:::test:token.waitForTaskToken",
                                         &handler, NULL),
                     ASL_OK);
}

START_TEST(what_leaves_memory_and_comes_back_is_counted_once)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL, .passivate_after_ms = 10000};
    fixture_open(&f, true);
    serve_tokens(&f);
    fixture_machine(&f, "wait", WAIT(60, ""));
    fixture_machine(&f, "call", CALLBACK);
    start(&f, "wait");
    uint64_t called = start(&f, "call");
    fixture_settle(&f);
    EXECUTIONS(&f, 0, 2, 0, 0, 0, 0, 0);
    fixture_pass(&f, 60000);
    EXECUTIONS(&f, 0, 2, 1, 0, 0, 0, 0);
    ck_assert_int_eq(asl_engine_send_task_success(f.engine, token, asl_value_null(), NULL, NULL),
                     ASL_OK);
    fixture_settle(&f);
    EXECUTIONS(&f, 0, 2, 2, 0, 0, 0, 0);
    asl_engine_statistics s = statistics_of(&f);
    ck_assert_uint_eq(s.events, stored_events(&f, called) + stored_events(&f, called - 1));
    /* How long it took was known to what has left memory. */
    ck_assert(s.tasks_dispatched == 1 && s.tasks_finished == 1 && s.task_latency.total == 0);

    start(&f, "wait");
    start(&f, "call");
    fixture_settle(&f);
    fixture_reopen(&f);
    serve_tokens(&f);
    ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
    fixture_settle(&f);
    EXECUTIONS(&f, 0, 0, 0, 0, 0, 0, 0);
    fixture_pass(&f, 60000);
    EXECUTIONS(&f, 0, 0, 1, 0, 0, 0, 0);
    ck_assert_int_eq(asl_engine_send_task_failure(f.engine, token, "E", NULL, NULL, NULL), ASL_OK);
    fixture_settle(&f);
    EXECUTIONS(&f, 0, 0, 1, 1, 0, 0, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(a_shorter_struct_is_filled_as_far_as_it_goes)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", PASS);
        start(&f, "m");
        fixture_settle(&f);
        asl_engine_statistics found;
        memset(&found, 0x55, sizeof found);
        found.size = offsetof(asl_engine_statistics, succeeded);
        ck_assert_int_eq(asl_engine_read_statistics(f.engine, &found), ASL_OK);
        ck_assert_uint_eq(found.size, offsetof(asl_engine_statistics, succeeded));
        ck_assert_uint_eq(found.started, 1);
        ck_assert_uint_eq(found.succeeded, 0x5555555555555555);
        static const size_t wrong[] = {0, sizeof found.size - 1, sizeof found + 1};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            found.size = wrong[i];
            ck_assert_int_eq(asl_engine_read_statistics(f.engine, &found), ASL_MISUSE);
        }
        ck_assert_uint_eq(found.started, 1);
    }
}
END_TEST

SUITE("runtime/statistics", each_end_is_counted_once, a_name_that_is_taken_starts_nothing,
      a_start_that_the_store_refuses_is_none,
      tasks_are_counted_when_they_are_given_out_and_when_they_are_recorded,
      a_workers_task_is_given_out_when_it_is_fetched, who_recovers_counts_what_it_does_itself,
      what_leaves_memory_and_comes_back_is_counted_once,
      a_shorter_struct_is_filled_as_far_as_it_goes)
