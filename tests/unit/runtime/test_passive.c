/* Passive executions: out of memory while they wait, back when they are due or called. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "runtime/engine.h"

#define WAIT(seconds, next) \
    "\"W\":{\"Type\":\"Wait\",\"Seconds\":" #seconds ",\"Next\":\"" next "\"}"
#define MACHINE(first, states) "{\"StartAt\":\"" first "\",\"States\":{" states "}}"
#define DONE "\"D\":{\"Type\":\"Pass\",\"End\":true}"
#define WAITS MACHINE("W", WAIT(30, "D") "," DONE)
#define CALLED \
    MACHINE("C", "\"C\":{\"Type\":\"Task\",\"Resource\":" \
                 "\"arn:aws:states:::test:token.waitForTaskToken\",\"TimeoutSeconds\":3600," \
                 "\"Parameters\":{\"token.$\":\"$$.Task.Token\"},\"End\":true}")

static char token[ASL_TOKEN_SIZE];

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

static bool begin(fixture *f, int64_t after_ms)
{
    if (f->is_done)
        return false;
    f->is_done = true;
    f->passivate_after_ms = after_ms;
    fixture_open(f, true);
    return true;
}
#define ON_DISK(f, after_ms) \
    for (fixture f = {.clock = ASL_CLOCK_MANUAL}; begin(&f, after_ms); fixture_close(&f))

/* The fixture's start wants to hear of the end. */
static asl_execution *start_unheard(fixture *f, const char *machine, const char *name,
                                    const char *input)
{
    asl_value *value = fixture_json(input);
    asl_start how = {.size = sizeof how, .machine = machine, .name = name, .input = value};
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_execution_start(f->engine, &how, &execution, NULL), ASL_OK);
    asl_value_unref(value);
    return execution;
}

static uint64_t start(fixture *f, const char *machine, const char *name)
{
    asl_execution *execution = start_unheard(f, machine, name, "{}");
    uint64_t number = asl_execution_number(execution);
    asl_execution_unref(execution);
    fixture_settle(f);
    return number;
}

static size_t active_count(const fixture *f)
{
    return f->engine->active.count;
}

static const char *status_of(fixture *f, uint64_t number)
{
    asl_description *description = NULL;
    ck_assert_int_eq(asl_store_describe(f->store, number, &description, NULL), ASL_OK);
    const char *status = asl_execution_status_name(description->status);
    asl_description_free(description);
    return status;
}

#define HISTORY \
    "ExecutionStarted WaitStateEntered WaitStateExited PassStateEntered PassStateExited " \
    "ExecutionSucceeded"

START_TEST(what_waits_leaves_memory_and_comes_back_when_it_is_due)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m", WAITS);
        uint64_t one = start(&f, "m", "one");
        ck_assert_uint_eq(active_count(&f), 0);
        fixture_pass(&f, 1000);
        uint64_t two = start(&f, "m", "two");
        fixture_pass(&f, 28999);
        ck_assert_str_eq(status_of(&f, one), "RUNNING");
        fixture_pass(&f, 1);
        ck_assert_str_eq(status_of(&f, one), "SUCCEEDED");
        ck_assert_str_eq(status_of(&f, two), "RUNNING");
        fixture_pass(&f, 1000);
        ck_assert_str_eq(status_of(&f, two), "SUCCEEDED");
        ck_assert_str_eq(fixture_history(&f, two), HISTORY);
        ck_assert_int_eq(fixture_event_ms(&f, two, "WaitStateExited", 1), 30000);
        ck_assert_uint_eq(active_count(&f), 0);
        ck_assert_int_eq(asl_engine_next_deadline(f.engine), -1);
    }
}
END_TEST

START_TEST(the_wait_has_to_be_long_enough)
{
    ON_DISK(f, 30001)
    {
        fixture_machine(&f, "m", WAITS);
        start(&f, "m", "one");
        ck_assert_uint_eq(active_count(&f), 1);
    }
    ON_DISK(g, 30000)
    {
        fixture_machine(&g, "m", WAITS);
        start(&g, "m", "one");
        ck_assert_uint_eq(active_count(&g), 0);
    }
}
END_TEST

/* 100 times through a loop of six events: then ten seconds are not enough any more. */
START_TEST(a_long_history_has_to_wait_longer)
{
    ON_DISK(f, 1000)
    {
        fixture_machine(
            &f, "m",
            MACHINE("P",
                    "\"P\":{\"Type\":\"Pass\",\"Parameters\":{\"n.$\":\"States.MathAdd($.n, 1)\"},"
                    "\"Next\":\"C\"},\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.n\","
                    "\"NumericLessThan\":1000,\"Next\":\"P\"}],\"Default\":\"W\"}," WAIT(
                        30, "D") "," DONE));
        asl_execution *execution = start_unheard(&f, "m", "one", "{\"n\":0}");
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_settle(&f);
        ck_assert_uint_eq(active_count(&f), 1);
        fixture_pass(&f, 30000);
        ck_assert_str_eq(status_of(&f, number), "SUCCEEDED");
    }
}
END_TEST

START_TEST(what_somebody_holds_stays)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m", WAITS);
        asl_execution *held = start_unheard(&f, "m", "held", "{}");
        fixture_settle(&f);
        ck_assert_uint_eq(active_count(&f), 1);
        fixture_pass(&f, 30000);
        ck_assert_int_eq(asl_execution_status_of(held), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(held);
    }
}
END_TEST

static void note_end(void *context, asl_execution *execution)
{
    (void)execution;
    ++*(int *)context;
}

START_TEST(what_somebody_wants_to_hear_of_stays)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m", WAITS);
        int ended = 0;
        asl_start how = {
            .size = sizeof how, .machine = "m", .on_ended = note_end, .context = &ended};
        ck_assert_int_eq(asl_execution_start(f.engine, &how, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_uint_eq(active_count(&f), 1);
        fixture_pass(&f, 30000);
        ck_assert_int_eq(ended, 1);
    }
}
END_TEST

START_TEST(it_is_found_by_number_and_can_be_stopped)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m", WAITS);
        uint64_t number = start(&f, "m", "one");
        asl_execution *execution = NULL;
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
        ck_assert_str_eq(asl_execution_name(execution), "one");
        ck_assert_int_eq(asl_execution_find(f.engine, number + 1, &execution), ASL_NOT_FOUND);
        ck_assert_int_eq(asl_execution_stop(execution, "E", "why", NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_ABORTED);
        asl_execution_unref(execution);
        fixture_pass(&f, 30000);
        ck_assert_str_eq(fixture_history(&f, number),
                         "ExecutionStarted WaitStateEntered ExecutionAborted");
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_NOT_FOUND);
    }
}
END_TEST

/* AWS: StartExecution is idempotent while the execution runs. */
START_TEST(a_start_of_the_same_name_and_input_finds_it)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m", WAITS);
        uint64_t number = start(&f, "m", "one");
        asl_execution *again = start_unheard(&f, "m", "one", "{}");
        ck_assert_uint_eq(asl_execution_number(again), number);
        asl_execution_unref(again);
        asl_value *other = fixture_json("{\"a\":1}");
        asl_start how = {.size = sizeof how, .machine = "m", .name = "one", .input = other};
        ck_assert_int_eq(asl_execution_start(f.engine, &how, NULL, NULL), ASL_EXISTS);
        asl_value_unref(other);
        fixture_pass(&f, 30000);
        how.input = NULL;
        ck_assert_int_eq(asl_execution_start(f.engine, &how, NULL, NULL), ASL_EXISTS);
    }
}
END_TEST

START_TEST(a_token_brings_it_back)
{
    ON_DISK(f, 10000)
    {
        serve_tokens(&f);
        fixture_machine(&f, "m", CALLED);
        uint64_t number = start(&f, "m", "one");
        ck_assert_uint_eq(active_count(&f), 0);
        fixture_pass(&f, 20000);
        ck_assert_int_eq(
            asl_engine_send_task_success(f.engine, token, asl_value_integer(NULL, 7), NULL, NULL),
            ASL_OK);
        fixture_settle(&f);
        ck_assert_str_eq(status_of(&f, number), "SUCCEEDED");
        ck_assert_int_eq(
            asl_engine_send_task_success(f.engine, token, asl_value_integer(NULL, 7), NULL, NULL),
            ASL_TASK_CLOSED);
        start(&f, "m", "two");
        fixture_pass(&f, 3600000);
        ck_assert_int_eq(asl_engine_send_task_heartbeat(f.engine, token, NULL), ASL_TASK_CLOSED);
    }
}
END_TEST

static void keep_fetched(void *context, const char *fetched, const asl_value *input)
{
    (void)context;
    (void)input;
    snprintf(token, sizeof token, "%s", fetched ? fetched : "");
}

static void poll_activity(fixture *f)
{
    token[0] = '\0';
    ck_assert_int_eq(asl_activity_poll(f->engine,
                                       "arn:aws:states:us-east-1:000000000000:activity:a", "worker",
                                       keep_fetched, NULL, NULL),
                     ASL_OK);
    fixture_settle(f);
}

/* Before the fetch it stays, so that who polls finds it; the worker may then take its time. */
START_TEST(what_a_worker_has_leaves_memory)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m",
                        MACHINE("A", "\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:"
                                     "us-east-1:000000000000:activity:a\",\"TimeoutSeconds\":7200,"
                                     "\"End\":true}"));
        uint64_t one = start(&f, "m", "one");
        ck_assert_uint_eq(active_count(&f), 1);
        poll_activity(&f);
        ck_assert_str_ne(token, "");
        ck_assert_uint_eq(active_count(&f), 0);
        fixture_pass(&f, 3600000);
        fixture_reopen(&f);
        size_t count = 9;
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, &count, NULL), ASL_OK);
        ck_assert_uint_eq(count, 0);
        ck_assert_int_eq(
            asl_engine_send_task_success(f.engine, token, asl_value_integer(NULL, 7), NULL, NULL),
            ASL_OK);
        fixture_settle(&f);
        ck_assert_str_eq(status_of(&f, one), "SUCCEEDED");
        fixture_machine(&f, "m",
                        MACHINE("A", "\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:"
                                     "us-east-1:000000000000:activity:a\",\"TimeoutSeconds\":7200,"
                                     "\"End\":true}"));
        uint64_t two = start(&f, "m", "two");
        poll_activity(&f);
        fixture_pass(&f, 7200000);
        ck_assert_str_eq(status_of(&f, two), "FAILED");
        ck_assert_int_eq(
            asl_engine_send_task_success(f.engine, token, asl_value_integer(NULL, 7), NULL, NULL),
            ASL_TASK_CLOSED);
    }
}
END_TEST

START_TEST(a_heartbeat_keeps_it_in_memory)
{
    ON_DISK(f, 10000)
    {
        serve_tokens(&f);
        fixture_machine(&f, "m",
                        MACHINE("C",
                                "\"C\":{\"Type\":\"Task\",\"HeartbeatSeconds\":60,\"Resource\":"
                                "\"arn:aws:states:::test:token.waitForTaskToken\",\"Parameters\":"
                                "{\"t.$\":\"$$.Task.Token\"},\"End\":true}"));
        uint64_t number = start(&f, "m", "one");
        ck_assert_uint_eq(active_count(&f), 1);
        fixture_pass(&f, 50000);
        ck_assert_int_eq(asl_engine_send_task_heartbeat(f.engine, token, NULL), ASL_OK);
        fixture_pass(&f, 50000);
        ck_assert_str_eq(status_of(&f, number), "RUNNING");
        fixture_pass(&f, 10000);
        ck_assert_str_eq(status_of(&f, number), "FAILED");
    }
}
END_TEST

START_TEST(the_next_engine_goes_on_with_them_once_it_is_asked_to)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m", WAITS);
        uint64_t one = start(&f, "m", "one");
        fixture_reopen(&f);
        fixture_machine(&f, "m", WAITS);
        asl_execution *execution = NULL;
        ck_assert_int_eq(asl_execution_find(f.engine, one, &execution), ASL_NOT_FOUND);
        uint64_t two = start(&f, "m", "two");
        fixture_pass(&f, 30000);
        ck_assert_str_eq(status_of(&f, one), "RUNNING");
        ck_assert_str_eq(status_of(&f, two), "SUCCEEDED");
        size_t count = 9;
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, &count, NULL), ASL_OK);
        ck_assert_uint_eq(count, 0);
        fixture_settle(&f);
        ck_assert_str_eq(status_of(&f, one), "SUCCEEDED");
    }
}
END_TEST

START_TEST(one_is_recovered_by_its_number)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m", WAITS);
        uint64_t one = start(&f, "m", "one"), two = start(&f, "m", "two");
        fixture_reopen(&f);
        size_t count = 9;
        ck_assert_int_eq(asl_engine_recover(f.engine, one, &count, NULL), ASL_OK);
        ck_assert_uint_eq(count, 1);
        fixture_pass(&f, 30000);
        ck_assert_str_eq(status_of(&f, one), "SUCCEEDED");
        ck_assert_str_eq(status_of(&f, two), "RUNNING");
    }
}
END_TEST

static int64_t ended_in_order, last_ended;

static void note_order(void *context, asl_task *task)
{
    (void)context;
    int64_t number = 0;
    asl_value_get_integer(asl_value_get(asl_task_input(task), "n"), &number);
    if (number == last_ended + 1)
        ended_in_order++;
    last_ended = number;
    asl_task_succeed(task, asl_value_null(), NULL);
}

/* More than are read at once, started in another order than they are due in. */
START_TEST(many_come_back_in_the_order_of_their_deadlines)
{
    enum { COUNT = 2500 };
    ON_DISK(f, 10000)
    {
        const asl_task_handler handler = {.size = sizeof handler, .start = note_order};
        ck_assert_int_eq(
            asl_engine_register(f.engine, "arn:aws:states:::test:order", &handler, NULL), ASL_OK);
        fixture_machine(&f, "m",
                        MACHINE("W",
                                "\"W\":{\"Type\":\"Wait\",\"SecondsPath\":\"$.s\",\"Next\":\"T\"},"
                                "\"T\":{\"Type\":\"Task\",\"Resource\":"
                                "\"arn:aws:states:::test:order\",\"End\":true}"));
        for (unsigned i = 0; i < COUNT; i++) {
            char input[64], name[16];
            unsigned place = i * 1009 % COUNT + 1;
            snprintf(input, sizeof input, "{\"s\":%u,\"n\":%u}", 100 + place, place);
            snprintf(name, sizeof name, "n%u", i);
            asl_execution_unref(start_unheard(&f, "m", name, input));
        }
        fixture_settle(&f);
        ck_assert_uint_eq(active_count(&f), 0);
        ended_in_order = last_ended = 0;
        fixture_pass(&f, (100 + COUNT) * 1000);
        ck_assert_int_eq(ended_in_order, COUNT);
    }
}
END_TEST

START_TEST(a_skipping_clock_goes_to_them)
{
    for (fixture f = {.clock = ASL_CLOCK_SKIPPING}; begin(&f, 10000); fixture_close(&f)) {
        fixture_machine(&f, "m", WAITS);
        uint64_t number = start(&f, "m", "one");
        ck_assert_int_eq(asl_engine_run(f.engine, NULL, -1, NULL), ASL_OK);
        ck_assert_str_eq(status_of(&f, number), "SUCCEEDED");
        ck_assert_int_eq(fixture_event_ms(&f, number, "WaitStateExited", 1), 30000);
    }
}
END_TEST

static void log_into(void *context, asl_log_level level, const char *message)
{
    if (level == ASL_LOG_ERROR)
        snprintf(context, 256, "%s", message);
}

START_TEST(one_that_cannot_go_on_is_logged_and_keeps_no_other_from_it)
{
    ON_DISK(f, 10000)
    {
        fixture_machine(&f, "m",
                        MACHINE("W", WAIT(30, "T") ",\"T\":{\"Type\":\"Task\",\"Resource\":"
                                                   "\"arn:aws:states:::test:gone\",\"End\":true}"));
        const asl_task_handler handler = {.size = sizeof handler, .start = note_order};
        ck_assert_int_eq(
            asl_engine_register(f.engine, "arn:aws:states:::test:gone", &handler, NULL), ASL_OK);
        uint64_t one = start(&f, "m", "one");
        fixture_machine(&f, "w", WAITS);
        uint64_t two = start(&f, "w", "two");
        fixture_reopen(&f);
        char logged[256] = "";
        f.engine->log = log_into;
        f.engine->log_context = logged;
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_pass(&f, 30000);
        ck_assert_ptr_nonnull(strstr(logged, "execution 1 is due and cannot go on"));
        ck_assert_ptr_nonnull(strstr(logged, "no handler serves the resource"));
        ck_assert_str_eq(status_of(&f, one), "RUNNING");
        ck_assert_str_eq(status_of(&f, two), "SUCCEEDED");
    }
}
END_TEST

START_TEST(only_the_first_engine_of_a_store_does_so)
{
    ON_DISK(f, 10000)
    {
        asl_engine *first = f.engine;
        fixture_open_engine(&f);
        fixture_machine(&f, "m", WAITS);
        start(&f, "m", "one");
        ck_assert_uint_eq(active_count(&f), 1);
        asl_engine_free(first);
        fixture_pass(&f, 30000);
        ck_assert_str_eq(status_of(&f, 1), "SUCCEEDED");
    }
}
END_TEST

SUITE("runtime/passive", what_waits_leaves_memory_and_comes_back_when_it_is_due,
      the_wait_has_to_be_long_enough, a_long_history_has_to_wait_longer, what_somebody_holds_stays,
      what_somebody_wants_to_hear_of_stays, it_is_found_by_number_and_can_be_stopped,
      a_start_of_the_same_name_and_input_finds_it, a_token_brings_it_back,
      what_a_worker_has_leaves_memory, a_heartbeat_keeps_it_in_memory,
      the_next_engine_goes_on_with_them_once_it_is_asked_to, one_is_recovered_by_its_number,
      many_come_back_in_the_order_of_their_deadlines, a_skipping_clock_goes_to_them,
      one_that_cannot_go_on_is_logged_and_keeps_no_other_from_it,
      only_the_first_engine_of_a_store_does_so)
