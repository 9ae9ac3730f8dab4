#include "runtime/clock.h"

#include "fixture.h"

#define WAIT_30 \
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":30,\"End\":true}}}"
#define WAIT_A_DAY \
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":86400,\"End\":true}}}"
#define DAY_MS 86400000

START_TEST(a_skipping_clock_ends_a_wait_at_once)
{
    FOR_EACH_STORE(f)
    {
        fixture_free_engine(&f);
        f.clock = ASL_CLOCK_SKIPPING;
        fixture_open_engine(&f);
        fixture_machine(&f, "m", WAIT_A_DAY);
        int64_t began_ms = asl_clock_monotonic();
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        ck_assert_int_eq(asl_engine_run(f.engine, execution, -1, NULL), ASL_OK);
        int64_t real_ms = asl_clock_monotonic() - began_ms;
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        /* The clock has passed the real time and the day, and no more. */
        int64_t took_ms = asl_execution_stop_ms(execution) - asl_execution_start_ms(execution);
        ck_assert_int_ge(took_ms, DAY_MS);
        ck_assert_int_le(took_ms, DAY_MS + real_ms + 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_skipping_clock_does_not_jump_while_a_handler_works)
{
    fixture f = {.clock = ASL_CLOCK_SKIPPING};
    fixture_open(&f, false);
    fixture_machine(&f, "wait", WAIT_30);
    fixture_machine(&f, "m",
                    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                    "\"arn:aws:states:::test:later\",\"TimeoutSeconds\":60,\"End\":true}}}");
    asl_execution *wait = fixture_start(&f, "wait", "one", "{}");
    asl_execution *work = fixture_start(&f, "m", "two", "{}");
    ck_assert_int_eq(asl_engine_run(f.engine, wait, 50, NULL), ASL_TIMED_OUT);
    ck_assert_int_eq(asl_execution_status_of(work), ASL_EXECUTION_RUNNING);
    ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_run(f.engine, wait, -1, NULL), ASL_OK);
    ck_assert_int_eq(asl_execution_status_of(work), ASL_EXECUTION_SUCCEEDED);
    asl_execution_unref(wait);
    asl_execution_unref(work);
    fixture_close(&f);
}
END_TEST

START_TEST(a_mock_that_never_answers_times_out_by_skipping)
{
    fixture f = {.clock = ASL_CLOCK_SKIPPING, .later_flags = ASL_HANDLER_MOCK};
    fixture_open(&f, false);
    fixture_machine(&f, "m",
                    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                    "\"arn:aws:states:::test:later\",\"TimeoutSeconds\":3600,\"End\":true}}}");
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    ck_assert_int_eq(asl_engine_run(f.engine, execution, -1, NULL), ASL_OK);
    ck_assert_str_eq(asl_execution_error(execution), "States.Timeout");
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(a_deadline_that_nobody_waits_for_is_not_jumped_to)
{
    fixture f = {.clock = ASL_CLOCK_SKIPPING, .later_flags = ASL_HANDLER_MOCK};
    fixture_open(&f, false);
    fixture_machine(
        &f, "m",
        "{\"StartAt\":\"All\",\"States\":{\"All\":{\"Type\":\"Parallel\",\"Branches\":["
        "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":100000,"
        "\"End\":true}}},{\"StartAt\":\"V\",\"States\":{\"V\":{\"Type\":\"Wait\","
        "\"Seconds\":1,\"Next\":\"F\"},\"F\":{\"Type\":\"Fail\"}}}],\"Catch\":[{"
        "\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"T\"}],\"End\":true},\"T\":{"
        "\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:later\",\"End\":true}}}");
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    ck_assert_int_eq(asl_engine_run(f.engine, NULL, -1, NULL), ASL_OK);
    ck_assert_uint_eq(f.task_count, 1);
    ck_assert_int_lt(asl_engine_now(f.engine) - asl_execution_start_ms(execution), DAY_MS);
    ck_assert_int_eq(asl_engine_run(f.engine, execution, -1, NULL), ASL_TIMED_OUT);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(a_scaled_clock_shortens_waits_but_not_a_handlers_time)
{
    fixture f = {.clock = ASL_CLOCK_SCALED, .scale = 1e6};
    fixture_open(&f, false);
    fixture_machine(&f, "wait", WAIT_A_DAY);
    fixture_machine(&f, "m",
                    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                    "\"arn:aws:states:::test:later\",\"TimeoutSeconds\":8000,"
                    "\"HeartbeatSeconds\":4000,"
                    "\"End\":true}}}");
    asl_execution *wait = fixture_start(&f, "wait", "one", "{}");
    asl_execution *work = fixture_start(&f, "m", "two", "{}");
    ck_assert_int_eq(asl_engine_run(f.engine, wait, -1, NULL), ASL_OK);
    ck_assert_int_eq(asl_execution_status_of(work), ASL_EXECUTION_RUNNING);
    ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_run(f.engine, work, -1, NULL), ASL_OK);
    ck_assert_int_eq(asl_execution_status_of(work), ASL_EXECUTION_SUCCEEDED);
    asl_execution_unref(wait);
    asl_execution_unref(work);
    fixture_close(&f);
}
END_TEST

/* On disk, where a flush takes milliseconds: seconds of engine time that no handler has had. */
START_TEST(a_handler_under_a_scaled_clock_times_out_in_real_time)
{
    fixture f = {.clock = ASL_CLOCK_SCALED, .scale = 1000};
    fixture_open(&f, true);
    fixture_machine(&f, "timeout",
                    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                    "\"arn:aws:states:::test:later\",\"TimeoutSeconds\":1,\"End\":true}}}");
    fixture_machine(&f, "heartbeat",
                    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                    "\"arn:aws:states:::test:later\",\"TimeoutSeconds\":9000,"
                    "\"HeartbeatSeconds\":1,\"End\":true}}}");
    asl_execution *timeout = fixture_start(&f, "timeout", NULL, "{}");
    asl_execution *heartbeat = fixture_start(&f, "heartbeat", NULL, "{}");
    ck_assert_int_eq(asl_engine_run(f.engine, timeout, -1, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_run(f.engine, heartbeat, -1, NULL), ASL_OK);
    /* A real second, less what the clocks' milliseconds hide. */
    for (uint64_t number = 1; number <= 2; number++)
        ck_assert_int_ge(fixture_event_ms(&f, number, "TaskTimedOut", 1), 995000);
    ck_assert_str_eq(asl_execution_error(timeout), "States.Timeout");
    ck_assert_str_eq(asl_execution_error(heartbeat), "States.Timeout");
    asl_execution_unref(timeout);
    asl_execution_unref(heartbeat);
    fixture_close(&f);
}
END_TEST

START_TEST(the_times_of_a_history_never_go_back)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:later\",\"Next\":\"U\"},\"U\":{\"Type\":"
                        "\"Task\",\"Resource\":\"arn:aws:states:::test:later\",\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_settle(&f);
        fixture_pass(&f, 5000);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        f.now_ms -= 60000;
        fixture_reopen(&f);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(fixture_event_ms(&f, number, "TaskSucceeded", 1), 5000);
        ck_assert_int_eq(fixture_event_ms(&f, number, "TaskSucceeded", 2), 5000);
        ck_assert_int_eq(fixture_event_ms(&f, number, "ExecutionSucceeded", 1), 5000);
    }
}
END_TEST

START_TEST(a_real_clock_follows_the_wall)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    int64_t before_ms = asl_clock_wall(), now_ms = asl_engine_now(f.engine);
    ck_assert_int_le(before_ms, now_ms);
    ck_assert_int_le(now_ms, asl_clock_wall());
    fixture_machine(&f, "m",
                    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":1,\"End\":"
                    "true}}}");
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    ck_assert_int_eq(asl_engine_run(f.engine, execution, -1, NULL), ASL_OK);
    ck_assert_int_ge(asl_execution_start_ms(execution), now_ms);
    ck_assert_int_ge(asl_execution_stop_ms(execution), asl_execution_start_ms(execution) + 1000);
    ck_assert_int_le(asl_execution_stop_ms(execution), asl_clock_wall());
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

/* Engine time that was skipped ahead goes on from there while an execution lives in it. */
START_TEST(engine_time_goes_on_from_the_last_commit)
{
    FOR_EACH_STORE(f)
    {
        fixture_free_engine(&f);
        f.clock = ASL_CLOCK_SKIPPING;
        fixture_open_engine(&f);
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":"
                        "100000,\"Next\":\"T\"},\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:later\",\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        asl_execution_unref(execution);
        while (f.task_count == 0)
            ck_assert_int_eq(asl_engine_dispatch(f.engine, 100), ASL_OK);
        f.clock = ASL_CLOCK_REAL;
        fixture_reopen(&f);
        ck_assert_int_ge(asl_engine_now(f.engine) - asl_clock_wall(), 99000000);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        fixture_reopen(&f);
        ck_assert_int_lt(asl_engine_now(f.engine) - asl_clock_wall(), 1000);
    }
}
END_TEST

START_TEST(a_manual_clock_goes_forward_only)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    ck_assert_int_eq(asl_engine_now(f.engine), FIXTURE_START_MS);
    ck_assert_int_eq(asl_engine_set_time(f.engine, FIXTURE_START_MS + 5), ASL_OK);
    ck_assert_int_eq(asl_engine_set_time(f.engine, FIXTURE_START_MS + 4), ASL_MISUSE);
    ck_assert_int_eq(asl_engine_now(f.engine), FIXTURE_START_MS + 5);
    fixture_close(&f);
}
END_TEST

SUITE("runtime/clock", a_skipping_clock_ends_a_wait_at_once,
      a_skipping_clock_does_not_jump_while_a_handler_works,
      a_mock_that_never_answers_times_out_by_skipping,
      a_deadline_that_nobody_waits_for_is_not_jumped_to,
      a_scaled_clock_shortens_waits_but_not_a_handlers_time,
      a_handler_under_a_scaled_clock_times_out_in_real_time, the_times_of_a_history_never_go_back,
      a_real_clock_follows_the_wall, engine_time_goes_on_from_the_last_commit,
      a_manual_clock_goes_forward_only)
