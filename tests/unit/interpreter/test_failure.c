/* Retry, Catch, timeouts, and errors on their way outwards. */
#include "harness.h"

#define TASK "'Type':'Task','Resource':'arn:aws:lambda:us-east-1:123456789012:function:f'"

START_TEST(retries_back_off_then_the_catcher_takes_the_error)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'T','States':{'T':{" TASK
        ",'Retry':[{'ErrorEquals':['E'],'IntervalSeconds':2,'BackoffRate':3,'MaxAttempts':2}],"
        "'Catch':[{'ErrorEquals':['States.ALL'],'ResultPath':'$.error','Next':'S'}],'End':true},"
        "'S':{'Type':'Succeed'}}}",
        "{'a':1}");
    machine_fail(&m, "T", "E", "why");
    ck_assert_str_eq(machine_last(&m), "5<4 LambdaFunctionFailed\n");
    ck_assert_int_eq(m.effects.items[0].due_ms, MACHINE_START_MS + 2000);
    machine_pass_time(&m, 2000);
    ck_assert_str_eq(machine_last(&m), "6<5 LambdaFunctionScheduled\n7<6 LambdaFunctionStarted\n");
    ck_assert_uint_eq(m.effects.items[0].attempt, 1);
    machine_fail(&m, "T", "E", "why");
    ck_assert_int_eq(m.effects.items[0].due_ms, MACHINE_START_MS + 2000 + 6000);
    machine_pass_time(&m, 6000);
    machine_fail(&m, "T", "E", "why");
    ck_assert_str_eq(machine_last(&m), "11<10 LambdaFunctionFailed\n12<11 TaskStateExited T\n"
                                       "13<12 SucceedStateEntered S\n14<13 SucceedStateExited S\n"
                                       "15<14 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m), "{\"a\":1,\"error\":{\"Error\":\"E\",\"Cause\":\"why\"}}");
    machine_done(&m);
}
END_TEST

START_TEST(each_retrier_counts_its_own_attempts)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'T','States':{'T':{" TASK
        ",'Retry':[{'ErrorEquals':['A'],'MaxAttempts':1},{'ErrorEquals':['B'],'MaxAttempts':1}],"
        "'End':true}}}",
        "{}");
    machine_fail(&m, "T", "A", NULL);
    machine_pass_time(&m, 1000);
    machine_fail(&m, "T", "B", NULL);
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_RUNNING);
    machine_pass_time(&m, 1000);
    ck_assert_uint_eq(m.effects.items[0].attempt, 2);
    machine_fail(&m, "T", "A", NULL);
    ck_assert_str_eq(machine_error(&m), "A");
    machine_done(&m);
}
END_TEST

START_TEST(max_attempts_zero_never_retries)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{" TASK
                  ",'Retry':[{'ErrorEquals':['A'],'MaxAttempts':0},{'ErrorEquals':['States.ALL']}],"
                  "'End':true}}}",
                  "{}");
    machine_fail(&m, "T", "A", "c");
    ck_assert_str_eq(machine_last(&m), "5<4 LambdaFunctionFailed\n6<5 ExecutionFailed\n");
    machine_done(&m);
}
END_TEST

START_TEST(max_delay_caps_and_full_jitter_stays_below)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'T','States':{'T':{" TASK
        ",'Retry':[{'ErrorEquals':['States.ALL'],'IntervalSeconds':100,'MaxDelaySeconds':150,"
        "'JitterStrategy':'FULL','MaxAttempts':9}],'End':true}}}",
        "{}");
    bool differs = false;
    int64_t last = -1;
    for (int i = 0; i < 5; i++) {
        machine_fail(&m, "T", "E", NULL);
        int64_t delay = m.effects.items[0].due_ms - m.now_ms;
        ck_assert(delay >= 0 && delay <= 150000);
        differs = differs || (last >= 0 && delay != last);
        last = delay;
        machine_pass_time(&m, 150000);
    }
    ck_assert(differs);
    machine_done(&m);
}
END_TEST

START_TEST(task_failed_matches_all_but_timeouts)
{
    machine m;
    static const char definition[] =
        "{'StartAt':'T','States':{'T':{" TASK ",'TimeoutSeconds':10,'Catch':[{'ErrorEquals':['"
        "States.TaskFailed'],'Next':'S'}],'End':true},"
        "'S':{'Type':'Pass','Result':'caught','End':true}}}";
    machine_start(&m, definition, "{}");
    machine_fail(&m, "T", "Anything", NULL);
    ck_assert_str_eq(machine_output(&m), "\"caught\"");
    machine_done(&m);
    machine_start(&m, definition, "{}");
    machine_pass_time(&m, 10000);
    ck_assert_str_eq(machine_last(&m), "5<4 LambdaFunctionTimedOut\n6<5 ExecutionFailed\n");
    ck_assert_str_eq(machine_error(&m), "States.Timeout");
    ck_assert_ptr_null(asl_frames_cause(m.frames));
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_CANCEL_TASK), 1);
    machine_done(&m);
}
END_TEST

START_TEST(missed_heartbeat_shows_as_timeout_and_is_caught_by_its_name)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{" TASK ",'HeartbeatSeconds':2,'TimeoutSeconds':10,"
                  "'Catch':[{'ErrorEquals':['States.HeartbeatTimeout'],'Next':'S'}],'End':true},"
                  "'S':{'Type':'Succeed'}}}",
                  "{}");
    machine_miss_heartbeat(&m, "T");
    ck_assert_str_eq(machine_output(&m), "{\"Error\":\"States.Timeout\"}");
    machine_done(&m);
}
END_TEST

START_TEST(runtime_errors_are_never_caught)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{" TASK
                  ",'ResultPath':'$.no.such','OutputPath':'$.missing','Retry':[{'ErrorEquals':['"
                  "States.ALL']}],"
                  "'Catch':[{'ErrorEquals':['States.Runtime'],'Next':'S'}],'End':true},'S':{'Type':"
                  "'Succeed'}}}",
                  "{}");
    machine_succeed(&m, "T", "1");
    ck_assert_str_eq(machine_last(&m), "5<4 LambdaFunctionSucceeded\n6<5 ExecutionFailed\n");
    ck_assert_str_eq(machine_error(&m), "States.Runtime");
    machine_done(&m);
}
END_TEST

START_TEST(result_past_the_limit_is_caught_on_a_task)
{
    machine m;
    machine_start_limited(
        &m,
        "{'StartAt':'T','States':{'T':{" TASK
        ",'Catch':[{'ErrorEquals':['States.ALL'],'ResultPath':null,'Next':'S'}],'End':true},"
        "'S':{'Type':'Pass','Result':1,'End':true}}}",
        "{}", 20, 25000);
    machine_succeed(&m, "T", "'012345678901234567890'");
    ck_assert_str_eq(machine_output(&m), "1");
    ck_assert_ptr_nonnull(machine_find(&m, ASL_EVENT_LAMBDA_FUNCTION_FAILED));
    machine_done(&m);
}
END_TEST

START_TEST(catcher_assigns_in_place_of_the_state)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'T','States':{'T':{" TASK
        ",'Assign':{'v':'state'},'Catch':[{'ErrorEquals':['States.ALL'],'Assign':{'v.$':'$.Error'},"
        "'Next':'S'}],'End':true},'S':{'Type':'Pass','Parameters':{'v.$':'$v'},'End':true}}}",
        "{}");
    machine_fail(&m, "T", "Boom", NULL);
    ck_assert_str_eq(machine_output(&m), "{\"v\":\"Boom\"}");
    machine_done(&m);
}
END_TEST

SUITE("interpreter/failure", retries_back_off_then_the_catcher_takes_the_error,
      each_retrier_counts_its_own_attempts, max_attempts_zero_never_retries,
      max_delay_caps_and_full_jitter_stays_below, task_failed_matches_all_but_timeouts,
      missed_heartbeat_shows_as_timeout_and_is_caught_by_its_name, runtime_errors_are_never_caught,
      result_past_the_limit_is_caught_on_a_task, catcher_assigns_in_place_of_the_state)
