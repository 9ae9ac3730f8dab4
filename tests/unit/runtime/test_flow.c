#include <stdio.h>
#include <string.h>

#include "fixture.h"

START_TEST(a_wait_ends_at_its_deadline)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":30,"
                        "\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_engine_next_deadline(f.engine), -1);
        fixture_pass(&f, 29999);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        fixture_pass(&f, 1);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        ck_assert_int_eq(asl_execution_stop_ms(execution), FIXTURE_START_MS + 30000);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(retries_come_after_their_delays)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(
            &f, "m",
            "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
            "\"arn:aws:states:::test:fail\",\"Retry\":[{\"ErrorEquals\":[\"Again\"],"
            "\"IntervalSeconds\":2,\"BackoffRate\":3,\"MaxAttempts\":3}],\"End\":true}}}");
        f.fail_error = "Again";
        f.fail_count = 3;
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        uint64_t number = asl_execution_number(execution);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 1);
        fixture_pass(&f, 1999);
        ck_assert_uint_eq(f.begun_count, 1);
        fixture_pass(&f, 1);
        ck_assert_uint_eq(f.begun_count, 2);
        fixture_pass(&f, 6000);
        ck_assert_uint_eq(f.begun_count, 3);
        fixture_pass(&f, 18000);
        ck_assert_uint_eq(f.begun_count, 4);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        ck_assert_int_eq(fixture_event_ms(&f, number, "TaskScheduled", 2), 2000);
        ck_assert_int_eq(fixture_event_ms(&f, number, "TaskScheduled", 3), 8000);
        ck_assert_int_eq(fixture_event_ms(&f, number, "TaskScheduled", 4), 26000);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_failure_that_is_caught_goes_another_way)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:fail\",\"Catch\":[{\"ErrorEquals\":[\"Bad\"],"
                        "\"ResultPath\":\"$.e\",\"Next\":\"P\"}],\"End\":true},"
                        "\"P\":{\"Type\":\"Pass\",\"End\":true}}}");
        f.fail_error = "Bad";
        f.fail_count = 1;
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"a\":1}");
        fixture_settle(&f);
        ck_assert_str_eq(fixture_output(execution),
                         "{\"a\":1,\"e\":{\"Error\":\"Bad\",\"Cause\":\"as told\"}}");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(branches_and_iterations_join)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(
            &f, "m",
            "{\"StartAt\":\"All\",\"States\":{\"All\":{\"Type\":\"Parallel\",\"Branches\":["
            "{\"StartAt\":\"E\",\"States\":{\"E\":{\"Type\":\"Task\",\"Resource\":"
            "\"arn:aws:states:::test:echo\",\"End\":true}}},"
            "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\","
            "\"MaxConcurrency\":2,\"ItemProcessor\":{\"StartAt\":\"L\",\"States\":{\"L\":{\"Type\":"
            "\"Task\",\"Resource\":\"arn:aws:states:::test:later\",\"End\":true}}},\"End\":true}}}]"
            ","
            "\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"items\":[1,2,3,4,5]}");
        fixture_settle(&f);
        ck_assert_uint_eq(f.task_count, 2);
        /* The last begun answers first. */
        for (size_t done = 0; done < 5; done++) {
            asl_task *task = f.tasks[f.task_count - 1];
            if (done % 2 == 1 || asl_task_succeed(task, asl_value_ref(asl_task_input(task)),
                                                  NULL) == ASL_TASK_CLOSED) {
                for (size_t i = 0; i < f.task_count; i++)
                    if (asl_task_succeed(f.tasks[i], asl_value_ref(asl_task_input(f.tasks[i])),
                                         NULL) == ASL_OK)
                        break;
            }
            fixture_settle(&f);
        }
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        ck_assert_str_eq(fixture_output(execution), "[{\"items\":[1,2,3,4,5]},[1,2,3,4,5]]");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_branch_that_fails_cancels_its_siblings)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"All\",\"States\":{\"All\":{\"Type\":\"Parallel\","
                        "\"Branches\":[{\"StartAt\":\"L\",\"States\":{\"L\":{\"Type\":\"Task\","
                        "\"Resource\":\"arn:aws:states:::test:later\",\"End\":true}}},"
                        "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":9,"
                        "\"Next\":\"F\"},\"F\":{\"Type\":\"Fail\",\"Error\":\"No\"}}}],"
                        "\"Catch\":[{\"ErrorEquals\":[\"No\"],\"Next\":\"W2\"}],\"End\":true},"
                        "\"W2\":{\"Type\":\"Wait\",\"Seconds\":1,\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        fixture_pass(&f, 9000);
        ck_assert_uint_eq(f.cancel_count, 1);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_TASK_CLOSED);
        fixture_pass(&f, 1000);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(an_execution_ends_when_its_own_time_is_over)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"T\",\"TimeoutSeconds\":20,\"States\":{\"T\":{\"Type\":"
                        "\"Task\",\"Resource\":\"arn:aws:states:::test:later\",\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        fixture_pass(&f, 20000);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_TIMED_OUT);
        ck_assert_uint_eq(f.cancel_count, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_result_that_comes_with_its_deadline_counts_once)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:later\",\"TimeoutSeconds\":5,\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_pass(&f, 5000);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        ck_assert_uint_eq(f.cancel_count, 0);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_thousand_executions_run_beside_each_other)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:echo\",\"Next\":\"W\"},\"W\":{\"Type\":\"Wait\","
                        "\"Seconds\":10,\"Next\":\"B\"},\"B\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:later\",\"End\":true}}}");
        enum { COUNT = 1000 };
        static asl_execution *executions[COUNT];
        for (int i = 0; i < COUNT; i++) {
            char name[32];
            snprintf(name, sizeof name, "e%d", i);
            executions[i] = fixture_start(&f, "m", name, "{}");
        }
        fixture_settle(&f);
        ck_assert_uint_eq(f.started_count, COUNT);
        ck_assert_uint_eq(f.task_count, 0);
        fixture_pass(&f, 10000);
        ck_assert_uint_eq(f.task_count, COUNT);
        for (int i = 0; i < COUNT; i++)
            ck_assert_int_eq(asl_task_succeed(f.tasks[COUNT - 1 - i], asl_value_null(), NULL),
                             ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(f.ended_count, COUNT);
        for (int i = 0; i < COUNT; i++) {
            ck_assert_int_eq(asl_execution_status_of(executions[i]), ASL_EXECUTION_SUCCEEDED);
            asl_execution_unref(executions[i]);
        }
    }
}
END_TEST

SUITE("runtime/flow", a_wait_ends_at_its_deadline, retries_come_after_their_delays,
      a_failure_that_is_caught_goes_another_way, branches_and_iterations_join,
      a_branch_that_fails_cancels_its_siblings, an_execution_ends_when_its_own_time_is_over,
      a_result_that_comes_with_its_deadline_counts_once,
      a_thousand_executions_run_beside_each_other)
