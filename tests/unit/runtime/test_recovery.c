#include <stdio.h>
#include <string.h>

#include "fixture.h"

/* A = echo, W = wait 30 s, B = later. */
#define LONG \
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:echo\",\"Next\":\"W\"},\"W\":{\"Type\":\"Wait\",\"Seconds\":30," \
    "\"Next\":\"B\"},\"B\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:later\"," \
    "\"TimeoutSeconds\":60,\"End\":true}}}"

static void recover(fixture *f, size_t expected)
{
    size_t count = 99;
    asl_error *error = NULL;
    int status = asl_engine_recover(f->engine, 0, &count, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    ck_assert_uint_eq(count, expected);
}

START_TEST(a_wait_keeps_its_deadline_and_no_recorded_step_runs_again)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LONG);
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"a\":1}");
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 1);
        f.now_ms += 12000;
        fixture_reopen(&f);
        recover(&f, 1);
        recover(&f, 0);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 1);
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
        ck_assert_str_eq(asl_execution_name(execution), "one");
        ck_assert_int_eq(asl_execution_start_ms(execution), FIXTURE_START_MS);
        fixture_pass(&f, 17999);
        ck_assert_uint_eq(f.task_count, 0);
        fixture_pass(&f, 1);
        ck_assert_uint_eq(f.task_count, 1);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_integer(NULL, 9), NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        ck_assert_str_eq(fixture_output(execution), "9");
        ck_assert_str_eq(fixture_history(&f, number),
                         "ExecutionStarted TaskStateEntered TaskScheduled TaskStarted "
                         "TaskSucceeded TaskStateExited WaitStateEntered WaitStateExited "
                         "TaskStateEntered TaskScheduled TaskStarted TaskSucceeded "
                         "TaskStateExited ExecutionSucceeded");
        ck_assert_int_eq(fixture_event_ms(&f, number, "WaitStateExited", 1), 30000);
        asl_execution_unref(execution);
        fixture_reopen(&f);
        recover(&f, 0);
    }
}
END_TEST

START_TEST(a_task_in_flight_runs_again_with_the_same_key)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LONG);
        asl_execution_unref(fixture_start(&f, "m", "one", "{}"));
        fixture_settle(&f);
        fixture_pass(&f, 30000);
        char key[80];
        snprintf(key, sizeof key, "%s", asl_task_idempotency_key(f.tasks[0]));
        ck_assert_uint_ge(strlen(key), 18);
        ck_assert_uint_le(strlen(key), 64);
        ck_assert_uint_eq(strspn(key, "0123456789abcdef-"), strlen(key));
        f.now_ms += 59999;
        fixture_reopen(&f);
        recover(&f, 1);
        fixture_settle(&f);
        ck_assert_uint_eq(f.task_count, 1);
        ck_assert_str_eq(asl_task_idempotency_key(f.tasks[0]), key);
        fixture_pass(&f, 1);
        ck_assert(asl_task_is_cancelled(f.tasks[0]));
    }
}
END_TEST

START_TEST(what_is_overdue_fires_before_any_task_is_begun_again)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LONG);
        asl_execution *one = fixture_start(&f, "m", "one", "{}");
        uint64_t number = asl_execution_number(one);
        asl_execution_unref(one);
        fixture_settle(&f);
        fixture_pass(&f, 30000);
        ck_assert_uint_eq(f.begun_count, 2);
        f.now_ms += 60000;
        fixture_reopen(&f);
        recover(&f, 1);
        ck_assert_int_eq(asl_execution_find(f.engine, number, &one), ASL_OK);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 2);
        ck_assert_int_eq(asl_execution_status_of(one), ASL_EXECUTION_FAILED);
        ck_assert_str_eq(asl_execution_error(one), "States.Timeout");
        asl_execution_unref(one);
    }
}
END_TEST

START_TEST(overdue_waits_end_in_the_order_of_their_deadlines)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"SecondsPath\":"
                        "\"$.s\",\"Next\":\"T\"},\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:later\",\"End\":true}}}");
        static const char *const inputs[] = {"{\"s\":30}", "{\"s\":10}", "{\"s\":20}",
                                             "{\"s\":10}"};
        for (int i = 0; i < 4; i++) {
            char name[8];
            snprintf(name, sizeof name, "e%d", i);
            asl_execution_unref(fixture_start(&f, "m", name, inputs[i]));
        }
        fixture_settle(&f);
        f.now_ms += 100000;
        fixture_reopen(&f);
        recover(&f, 4);
        fixture_settle(&f);
        static const char *const order[] = {"e1", "e3", "e2", "e0"};
        ck_assert_uint_eq(f.task_count, 4);
        for (int i = 0; i < 4; i++)
            ck_assert_str_eq(asl_task_execution(f.tasks[i]), order[i]);
    }
}
END_TEST

START_TEST(an_at_most_once_task_fails_as_interrupted)
{
    FOR_EACH_STORE(f)
    {
        fixture_free_engine(&f);
        f.later_flags = ASL_HANDLER_AT_MOST_ONCE;
        fixture_open_engine(&f);
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:later\",\"Catch\":[{\"ErrorEquals\":"
                        "[\"States.TaskFailed\"],\"Next\":\"T2\"}],\"End\":true},\"T2\":{\"Type\":"
                        "\"Task\",\"Resource\":\"arn:aws:states:::test:later\",\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 1);
        fixture_reopen(&f);
        recover(&f, 1);
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
        fixture_settle(&f);
        /* The task that came after the recovery is begun as always. */
        ck_assert_uint_eq(f.begun_count, 2);
        ck_assert_str_eq(asl_task_state(f.tasks[0]), "T2");
        asl_task_succeed(f.tasks[0], asl_value_ref(asl_task_input(f.tasks[0])), NULL);
        fixture_settle(&f);
        ck_assert_str_eq(fixture_output(execution),
                         "{\"Error\":\"States.TaskFailed\",\"Cause\":\"interrupted\"}");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(an_execution_without_handlers_stays_and_the_others_go_on)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LONG);
        asl_execution_unref(fixture_start(&f, "m", "one", "{}"));
        fixture_settle(&f);
        fixture_free_engine(&f);
        asl_engine_options options = {.size = sizeof options,
                                      .store = f.store,
                                      .clock = ASL_CLOCK_MANUAL,
                                      .clock_start_ms = f.now_ms};
        ck_assert_int_eq(asl_engine_open(&options, &f.engine, NULL), ASL_OK);
        size_t count = 9;
        asl_error *error = NULL;
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, &count, &error), ASL_NO_HANDLER);
        ck_assert_uint_eq(count, 0);
        ck_assert_ptr_nonnull(strstr(asl_error_message(error), "arn:aws:states:::test:"));
        asl_error_free(error);
        asl_engine_free(f.engine);
        fixture_open_engine(&f);
        recover(&f, 1);
    }
}
END_TEST

START_TEST(one_execution_can_be_recovered_by_its_number)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LONG);
        asl_execution *one = fixture_start(&f, "m", "one", "{}");
        asl_execution *two = fixture_start(&f, "m", "two", "{}");
        uint64_t number = asl_execution_number(two);
        asl_execution_unref(one);
        asl_execution_unref(two);
        fixture_settle(&f);
        fixture_reopen(&f);
        size_t count = 0;
        ck_assert_int_eq(asl_engine_recover(f.engine, number, &count, NULL), ASL_OK);
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(asl_engine_recover(f.engine, 12345, &count, NULL), ASL_NOT_FOUND);
        recover(&f, 1);
    }
}
END_TEST

START_TEST(a_recovered_name_is_still_taken)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LONG);
        asl_execution *one = fixture_start(&f, "m", "one", "{\"a\":1}");
        asl_execution_unref(one);
        fixture_settle(&f);
        fixture_reopen(&f);
        fixture_machine(&f, "m", LONG);
        asl_start start = {.size = sizeof start, .machine = "m", .name = "one"};
        asl_value *input = fixture_json("{\"a\":1}");
        start.input = input;
        ck_assert_int_eq(asl_execution_start(f.engine, &start, &one, NULL), ASL_EXISTS);
        recover(&f, 1);
        ck_assert_int_eq(asl_execution_start(f.engine, &start, &one, NULL), ASL_OK);
        asl_execution_unref(one);
        start.input = NULL;
        ck_assert_int_eq(asl_execution_start(f.engine, &start, &one, NULL), ASL_EXISTS);
        asl_value_unref(input);
    }
}
END_TEST

START_TEST(retries_branches_and_variables_survive)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(
            &f, "m",
            "{\"StartAt\":\"All\",\"States\":{\"All\":{\"Type\":\"Map\",\"ItemProcessor\":"
            "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
            "\"arn:aws:states:::test:fail\",\"Retry\":[{\"ErrorEquals\":[\"Again\"],"
            "\"IntervalSeconds\":10,\"MaxAttempts\":2,\"BackoffRate\":2}],\"Next\":\"L\"},"
            "\"L\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:later\","
            "\"End\":true}}},\"End\":true}}}");
        f.fail_error = "Again";
        f.fail_count = 2;
        asl_execution *execution = fixture_start(&f, "m", "one", "[1,2]");
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 2);
        f.now_ms += 3000;
        fixture_reopen(&f);
        recover(&f, 1);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 2);
        f.fail_count = 1;
        fixture_pass(&f, 7000);
        ck_assert_uint_eq(f.begun_count, 5); /* two tries again, one of them well: its next task */
        fixture_reopen(&f);
        recover(&f, 1);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 6);
        fixture_pass(&f, 19999);
        ck_assert_uint_eq(f.begun_count, 6);
        fixture_pass(&f, 1);
        ck_assert_uint_eq(f.begun_count, 8);
        ck_assert_uint_eq(f.task_count, 2);
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
        for (size_t i = 0; i < 2; i++)
            asl_task_succeed(f.tasks[i], asl_value_ref(asl_task_input(f.tasks[i])), NULL);
        fixture_settle(&f);
        ck_assert_str_eq(fixture_output(execution), "[1,2]");
        asl_execution_unref(execution);
    }
}
END_TEST

SUITE("runtime/recovery", a_wait_keeps_its_deadline_and_no_recorded_step_runs_again,
      a_task_in_flight_runs_again_with_the_same_key,
      what_is_overdue_fires_before_any_task_is_begun_again,
      overdue_waits_end_in_the_order_of_their_deadlines, an_at_most_once_task_fails_as_interrupted,
      an_execution_without_handlers_stays_and_the_others_go_on,
      one_execution_can_be_recovered_by_its_number, a_recovered_name_is_still_taken,
      retries_branches_and_variables_survive)
