/* Single states: what each type does, and how data flows through it. */
#include "harness.h"

#define LAMBDA "'arn:aws:lambda:us-east-1:123456789012:function:f'"

START_TEST(first_state_points_to_no_event)
{
    machine m;
    machine_start(&m, "{'StartAt':'A','States':{'A':{'Type':'Pass','End':true}}}", "{'a':1}");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 PassStateEntered A\n3<2 PassStateExited A\n"
                     "4<3 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m), "{\"a\":1}");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_FINISHED), 1);
    machine_done(&m);
}
END_TEST

START_TEST(untouched_input_keeps_its_text)
{
    machine m;
    machine_start(&m, "{'StartAt':'A','States':{'A':{'Type':'Pass','End':true}}}",
                  "[[1, 2,  3], 0.0]");
    ck_assert_str_eq(machine_output(&m), "[[1, 2,  3], 0.0]");
    machine_done(&m);
}
END_TEST

START_TEST(pass_merges_its_result_into_the_raw_input)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'A','States':{'A':{'Type':'Pass','InputPath':'$.x','Result':{'r':true},"
        "'ResultPath':'$.out','End':true}}}",
        "{'x':{'y':2}}");
    ck_assert_str_eq(machine_output(&m), "{\"x\":{\"y\":2},\"out\":{\"r\":true}}");
    machine_done(&m);
}
END_TEST

START_TEST(parameters_see_input_context_and_output_path_selects)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'A','States':{'A':{'Type':'Pass','Parameters':{'n.$':'$$.Execution."
                  "Name','v.$':'$.v'},"
                  "'ResultPath':'$.p','OutputPath':'$.p','End':true}}}",
                  "{'v':[1,2]}");
    const asl_value *output = asl_frames_output(m.frames);
    ck_assert_str_eq(asl_value_get_string(asl_value_get(output, "n"), NULL), "e");
    ck_assert_uint_eq(asl_value_count(asl_value_get(output, "v")), 2);
    machine_done(&m);
}
END_TEST

START_TEST(missing_path_ends_the_execution_with_runtime_error)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'A','States':{'A':{'Type':'Pass','OutputPath':'$.NoSuchOutputPath','"
                  "End':true}}}",
                  "{}");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 PassStateEntered A\n3<2 ExecutionFailed\n");
    ck_assert_str_eq(machine_error(&m), "States.Runtime");
    ck_assert_str_eq(machine_cause(&m),
                     "An error occurred while executing the state 'A' (entered at the event id "
                     "#2). Invalid path "
                     "'$.NoSuchOutputPath' : No results for path: $['NoSuchOutputPath']");
    machine_done(&m);
}
END_TEST

START_TEST(wait_keeps_an_absolute_deadline)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'W','States':{'W':{'Type':'Wait','Seconds':30,'Next':'S'},'S':{'Type'"
                  ":'Succeed'}}}",
                  "{}");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_SET_TIMER), 1);
    ck_assert_int_eq(m.effects.items[0].due_ms, MACHINE_START_MS + 30000);
    machine_pass_time(&m, 29999);
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_RUNNING);
    machine_pass_time(&m, 1);
    ck_assert_str_eq(machine_last(&m), "3<2 WaitStateExited W\n4<3 SucceedStateEntered S\n"
                                       "5<4 SucceedStateExited S\n6<5 ExecutionSucceeded\n");
    machine_done(&m);
}
END_TEST

START_TEST(wait_until_a_past_timestamp_lets_go_at_once)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'W','States':{'W':{'Type':'Wait','Timestamp':'2001-01-01T00:00:00Z','"
                  "End':true}}}",
                  "{}");
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_SUCCEEDED);
    machine_done(&m);
}
END_TEST

static const char wait_path[] =
    "{'StartAt':'W','States':{'W':{'Type':'Wait','SecondsPath':'$.s','End':true}}}";

START_TEST(bad_wait_seconds_say_what_is_wrong)
{
    static const struct {
        const char *input, *cause;
    } cases[] = {
        {"{'s':-1}", "The SecondsPath parameter references a negative value: $.s == -1"},
        {"{'s':1.5}", "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"},
        {"{}", "The SecondsPath parameter does not reference an input value: $.s"},
        {"{'s':2147483648}", "Wait state delay is too long."},
    };
    machine m;
    machine_start(&m, wait_path, cases[_i].input);
    ck_assert_str_eq(machine_error(&m), "States.Runtime");
    ck_assert_ptr_nonnull(strstr(machine_cause(&m), cases[_i].cause));
    machine_done(&m);
}
END_TEST

START_TEST(longest_wait_is_two_to_the_31_minus_one_seconds)
{
    machine m;
    machine_start(&m, wait_path, "{'s':2147483647}");
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_RUNNING);
    machine_done(&m);
}
END_TEST

START_TEST(fail_without_error_and_cause_is_legal)
{
    machine m;
    machine_start(&m, "{'StartAt':'F','States':{'F':{'Type':'Fail'}}}", "{}");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 FailStateEntered F\n3<2 ExecutionFailed\n");
    ck_assert_ptr_null(asl_frames_error(m.frames));
    machine_done(&m);
}
END_TEST

START_TEST(fail_reads_error_and_cause_from_paths)
{
    machine m;
    machine_start(
        &m, "{'StartAt':'F','States':{'F':{'Type':'Fail','ErrorPath':'$.e','CausePath':'$.c'}}}",
        "{'e':'E','c':'C'}");
    ck_assert_str_eq(machine_error(&m), "E");
    ck_assert_str_eq(machine_cause(&m), "C");
    machine_done(&m);
}
END_TEST

START_TEST(function_task_leaves_lambda_events)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':" LAMBDA ",'End':true}}}",
                  "{'a':1}");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_START_TASK), 1);
    ck_assert_uint_eq(m.effects.items[0].event, 3);
    machine_succeed(&m, "T", "{'r': 0.0}");
    ck_assert_str_eq(
        machine_trace(&m),
        "1<0 ExecutionStarted\n2<0 TaskStateEntered T\n3<2 LambdaFunctionScheduled\n"
        "4<3 LambdaFunctionStarted\n5<4 LambdaFunctionSucceeded\n6<5 TaskStateExited T\n"
        "7<6 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m), "{\"r\": 0.0}");
    machine_done(&m);
}
END_TEST

START_TEST(headers_of_an_http_integration_are_lists)
{
    static const char definition[] =
        "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'arn:aws:states:::apigateway:"
        "invoke','Parameters':{'Headers.$':'$.h'},'End':true}}}";
    machine m;
    machine_start(&m, definition, "{'h':{'a':'x'}}");
    ck_assert_str_eq(machine_last(&m),
                     "1<0 ExecutionStarted\n2<0 TaskStateEntered T\n3<2 ExecutionFailed\n");
    ck_assert_str_eq(
        machine_cause(&m),
        "An error occurred while executing the state 'T' (entered at the event id #2). "
        "The Parameters '{\"Headers\":{\"a\":\"x\"}}' could not be used to start the "
        "Task: [The value of the field 'Headers' has an invalid format]");
    machine_done(&m);
    machine_start(&m, definition, "{'h':{'a':['x']}}");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_START_TASK), 1);
    machine_done(&m);
}
END_TEST

START_TEST(late_result_of_a_task_changes_nothing)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'arn:aws:states:::sns:"
                  "publish','Next':'U'},"
                  "'U':{'Type':'Task','Resource':" LAMBDA ",'End':true}}}",
                  "{}");
    asl_fact late = {
        .kind = ASL_FACT_TASK_SUCCEEDED, .frame = 0, .event = 3, .value = asl_value_null()};
    machine_succeed(&m, "T", "1");
    size_t count = m.entries.count;
    machine_apply(&m, &late);
    ck_assert_uint_eq(m.entries.count, count);
    machine_done(&m);
}
END_TEST

START_TEST(result_selector_and_result_path_shape_a_result)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':" LAMBDA
                  ",'ResultSelector':{'v.$':'$.deep.v'},'ResultPath':'$.t','End':true}}}",
                  "{'a':1}");
    machine_succeed(&m, "T", "{'deep':{'v':[3]}}");
    ck_assert_str_eq(machine_output(&m), "{\"a\":1,\"t\":{\"v\":[3]}}");
    machine_done(&m);
}
END_TEST

START_TEST(payload_at_the_limit_passes_and_one_more_byte_fails)
{
    machine m;
    static const char definition[] =
        "{'StartAt':'A','States':{'A':{'Type':'Pass','Result':'12345678','End':true}}}";
    machine_start_limited(&m, definition, "1", 10, 25000);
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_SUCCEEDED);
    machine_done(&m);
    machine_start_limited(&m, definition, "1", 9, 25000);
    ck_assert_str_eq(machine_error(&m), "States.DataLimitExceeded");
    ck_assert_str_eq(machine_cause(&m),
                     "The state/task 'A' returned a result with a size exceeding the maximum "
                     "number of bytes service limit.");
    machine_done(&m);
}
END_TEST

START_TEST(last_event_the_limit_allows_is_the_failure)
{
    machine m;
    machine_start_limited(
        &m,
        "{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Choice',"
        "'Choices':[{'Variable':'$.x','IsPresent':true,'Next':'C'}],'Default':'A'},"
        "'C':{'Type':'Succeed'}}}",
        "{}", 262144, 25);
    ck_assert_uint_eq(asl_frames_event_count(m.frames), 25);
    ck_assert_str_eq(machine_cause(&m),
                     "The execution reached the maximum number of history events (25).");
    machine_done(&m);
}
END_TEST

START_TEST(variables_are_assigned_together_and_seen_later)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'x':42,'y':1},'Next':'B'},"
        "'B':{'Type':'Pass','Assign':{'old.$':'$x','x':18},'Next':'C'},"
        "'C':{'Type':'Pass','Parameters':{'old.$':'$old','x.$':'$x','y.$':'$y'},'End':true}}}",
        "{}");
    const asl_value *output = asl_frames_output(m.frames);
    int64_t number;
    ck_assert(asl_value_get_integer(asl_value_get(output, "old"), &number) && number == 42);
    ck_assert(asl_value_get_integer(asl_value_get(output, "x"), &number) && number == 18);
    ck_assert(asl_value_get_integer(asl_value_get(output, "y"), &number) && number == 1);
    machine_done(&m);
}
END_TEST

START_TEST(stop_points_to_no_event)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':" LAMBDA ",'End':true}}}",
                  "{}");
    machine_stop(&m, NULL, "enough");
    ck_assert_str_eq(machine_last(&m), "5<0 ExecutionAborted\n");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_CANCEL_TASK), 1);
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_ABORTED);
    machine_done(&m);
}
END_TEST

START_TEST(execution_timeout_ends_as_timed_out)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'W','TimeoutSeconds':5,'States':{'W':{'Type':'Wait','Seconds':30,'End':true}}}",
        "{}");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_SET_EXECUTION_TIMER), 1);
    m.now_ms += 5000;
    asl_fact fact = {.kind = ASL_FACT_EXECUTION_TIMEOUT};
    machine_apply(&m, &fact);
    ck_assert_str_eq(machine_last(&m), "3<0 ExecutionTimedOut\n");
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_TIMED_OUT);
    machine_done(&m);
}
END_TEST

START_TEST(time_never_goes_back_in_a_history)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':" LAMBDA ",'End':true}}}",
                  "{}");
    m.now_ms -= 3600000;
    machine_succeed(&m, "T", "1");
    ck_assert_int_eq(machine_find(&m, ASL_EVENT_EXECUTION_SUCCEEDED)->time_ms, MACHINE_START_MS);
    machine_done(&m);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interpreter/states");
    TCase *cases = suite_case("states");
    const TTest *const tests[] = {
        first_state_points_to_no_event,
        untouched_input_keeps_its_text,
        pass_merges_its_result_into_the_raw_input,
        parameters_see_input_context_and_output_path_selects,
        missing_path_ends_the_execution_with_runtime_error,
        wait_keeps_an_absolute_deadline,
        wait_until_a_past_timestamp_lets_go_at_once,
        longest_wait_is_two_to_the_31_minus_one_seconds,
        fail_without_error_and_cause_is_legal,
        fail_reads_error_and_cause_from_paths,
        function_task_leaves_lambda_events,
        headers_of_an_http_integration_are_lists,
        late_result_of_a_task_changes_nothing,
        result_selector_and_result_path_shape_a_result,
        payload_at_the_limit_passes_and_one_more_byte_fails,
        last_event_the_limit_allows_is_the_failure,
        variables_are_assigned_together_and_seen_later,
        stop_points_to_no_event,
        execution_timeout_ends_as_timed_out,
        time_never_goes_back_in_a_history,
    };
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, tests[i]);
    tcase_add_loop_test(cases, bad_wait_seconds_say_what_is_wrong, 0, 4);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
