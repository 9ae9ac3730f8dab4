/* Parallel and Map: chaining of events as AWS records it, results, failures of one child among
 * many. */
#include "harness.h"

#include <stdio.h>

#define TASK "'Type':'Task','Resource':'arn:aws:lambda:us-east-1:123456789012:function:f'"
#define MAP_OF_PASS "'ItemProcessor':{'StartAt':'P','States':{'P':{'Type':'Pass','End':true}}}"

START_TEST(iterations_one_at_a_time_chain_past_their_successes)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'M','States':{'M':{'Type':'Map','MaxConcurrency':1," MAP_OF_PASS
                  ",'End':true}}}",
                  "[1, 2]");
    ck_assert_str_eq(
        machine_trace(&m),
        "1<0 ExecutionStarted\n2<0 MapStateEntered M\n3<2 MapStateStarted\n"
        "4<3 MapIterationStarted 0\n5<4 PassStateEntered P\n6<5 PassStateExited P\n"
        "7<6 MapIterationSucceeded 0\n8<6 MapIterationStarted 1\n9<8 PassStateEntered P\n"
        "10<9 PassStateExited P\n11<10 MapIterationSucceeded 1\n12<11 MapStateSucceeded\n"
        "13<11 MapStateExited M\n14<13 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m), "[1,2]");
    machine_done(&m);
}
END_TEST

START_TEST(map_over_nothing_succeeds_with_nothing)
{
    machine m;
    machine_start(&m, "{'StartAt':'M','States':{'M':{'Type':'Map'," MAP_OF_PASS ",'End':true}}}",
                  "[]");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered M\n3<2 MapStateStarted\n"
                     "4<3 MapStateSucceeded\n5<3 MapStateExited M\n6<5 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m), "[]");
    machine_done(&m);
}
END_TEST

START_TEST(item_selector_sees_input_and_item)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'M','States':{'M':{'Type':'Map','ItemsPath':'$.l','ItemSelector':{'i.$':"
        "'$$.Map.Item.Index','v.$':'$$.Map.Item.Value','k.$':'$.k'}," MAP_OF_PASS ",'End':true}}}",
        "{'l':['a'],'k':7}");
    const asl_value *item = asl_value_at(asl_frames_output(m.frames), 0);
    ck_assert_uint_eq(asl_value_count(item), 3);
    ck_assert_str_eq(machine_text(&m, asl_value_get(item, "v")), "\"a\"");
    ck_assert_str_eq(machine_text(&m, asl_value_get(item, "k")), "7");
    ck_assert_str_eq(machine_text(&m, asl_value_get(item, "i")), "0");
    machine_done(&m);
}
END_TEST

START_TEST(max_concurrency_bounds_what_runs_at_once)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'M','States':{'M':{'Type':'Map','MaxConcurrency':2,'ItemProcessor':{'"
                  "StartAt':'T',"
                  "'States':{'T':{" TASK ",'End':true}}},'End':true}}}",
                  "[1,2,3]");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_START_TASK), 2);
    machine_succeed(&m, "T", "'a'");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_START_TASK), 1);
    machine_succeed(&m, "T", "'c'");
    machine_succeed(&m, "T", "'b'");
    ck_assert_int_eq(asl_frames_status(m.frames), ASL_EXECUTION_SUCCEEDED);
    ck_assert_str_eq(machine_output(&m), "[\"a\",\"b\",\"c\"]");
    machine_done(&m);
}
END_TEST

START_TEST(retried_map_starts_again_from_the_failing_event)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'M','States':{'M':{'Type':'Map','MaxConcurrency':1,'ItemProcessor':{'StartAt':'"
        "F',"
        "'States':{'F':{'Type':'Fail','Error':'E'}}},'Retry':[{'ErrorEquals':['States.ALL'],"
        "'MaxAttempts':1}],'End':true}}}",
        "[1]");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered M\n3<2 MapStateStarted\n"
                     "4<3 MapIterationStarted 0\n5<4 FailStateEntered F\n"
                     "6<5 MapIterationFailed 0\n");
    machine_pass_time(&m, 1000);
    ck_assert_str_eq(machine_last(&m),
                     "7<5 MapStateStarted\n8<7 MapIterationStarted 0\n9<8 FailStateEntered F\n"
                     "10<9 MapIterationFailed 0\n11<9 MapStateFailed\n12<11 ExecutionFailed\n");
    machine_done(&m);
}
END_TEST

START_TEST(caught_map_fails_then_exits)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'M','States':{'M':{'Type':'Map','ItemProcessor':{'StartAt':'F','States':{'F':"
        "{'Type':'Fail','Error':'E','Cause':'C'}}},'Catch':[{'ErrorEquals':['E'],'Next':'S'}],"
        "'End':true},'S':{'Type':'Succeed'}}}",
        "[1]");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered M\n3<2 MapStateStarted\n"
                     "4<3 MapIterationStarted 0\n5<4 FailStateEntered F\n"
                     "6<5 MapIterationFailed 0\n7<5 MapStateFailed\n8<7 MapStateExited M\n"
                     "9<8 SucceedStateEntered S\n10<9 SucceedStateExited S\n"
                     "11<10 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m), "{\"Error\":\"E\",\"Cause\":\"C\"}");
    machine_done(&m);
}
END_TEST

START_TEST(failing_iteration_aborts_the_others)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'M','States':{'M':{'Type':'Map','ItemProcessor':{'StartAt':'T','"
                  "States':{'T':{" TASK ",'End':true}}},'End':true}}}",
                  "[1,2,3]");
    machine_fail(&m, "T", "E", NULL);
    uint64_t failed = machine_find(&m, ASL_EVENT_LAMBDA_FUNCTION_FAILED)->id;
    ck_assert_uint_eq(failed, 16);
    ck_assert_str_eq(machine_last(&m), "16<9 LambdaFunctionFailed\n17<16 MapIterationFailed 0\n"
                                       "18<16 TaskStateAborted\n19<16 MapIterationAborted 1\n"
                                       "20<16 TaskStateAborted\n21<16 MapIterationAborted 2\n"
                                       "22<16 TaskStateAborted\n23<16 MapStateFailed\n"
                                       "24<23 ExecutionFailed\n");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_CANCEL_TASK), 2);
    machine_done(&m);
}
END_TEST

START_TEST(parallel_gathers_outputs_in_branch_order)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'A','States':{'A':"
        "{" TASK
        ",'End':true}}},{'StartAt':'B','States':{'B':{'Type':'Pass','Result':'b','End':true}}}],"
        "'ResultPath':'$.r','End':true}}}",
        "{}");
    machine_succeed(&m, "A", "'a'");
    ck_assert_str_eq(machine_output(&m), "{\"r\":[\"a\",\"b\"]}");
    ck_assert_str_eq(machine_last(&m), "9<6 LambdaFunctionSucceeded\n10<9 TaskStateExited A\n"
                                       "11<10 ParallelStateSucceeded\n12<10 ParallelStateExited P\n"
                                       "13<12 ExecutionSucceeded\n");
    machine_done(&m);
}
END_TEST

START_TEST(failing_branch_fails_the_parallel_with_its_error)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'A','States':{'A':"
        "{" TASK
        ",'End':true}}},{'StartAt':'W','States':{'W':{'Type':'Wait','Seconds':9,'End':true}}}],"
        "'End':true}}}",
        "{}");
    machine_fail(&m, "A", "E", "c");
    ck_assert_str_eq(machine_last(&m), "8<6 LambdaFunctionFailed\n9<8 TaskStateAborted\n"
                                       "10<8 WaitStateAborted\n11<8 ParallelStateFailed\n"
                                       "12<11 ExecutionFailed\n");
    ck_assert_str_eq(machine_error(&m), "E");
    machine_done(&m);
}
END_TEST

START_TEST(retried_parallel_starts_all_branches_again)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'F','States':{'F':"
        "{'Type':'Fail'}}}],'Retry':[{'ErrorEquals':['States.ALL'],'MaxAttempts':1}],'End':true}}}",
        "{}");
    machine_pass_time(&m, 1000);
    ck_assert_str_eq(machine_trace(&m), "1<0 ExecutionStarted\n2<0 ParallelStateEntered P\n"
                                        "3<2 ParallelStateStarted\n4<3 FailStateEntered F\n"
                                        "5<4 ParallelStateStarted\n6<5 FailStateEntered F\n"
                                        "7<6 ParallelStateFailed\n8<7 ExecutionFailed\n");
    machine_done(&m);
}
END_TEST

START_TEST(nested_failure_aborts_innermost_first)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'A','"
                  "States':{'A':{" TASK ",'End':true}}},{'StartAt':'M','States':{'M':{'Type':'Map',"
                  "'ItemProcessor':{'StartAt':'T','States':"
                  "{'T':{" TASK ",'End':true}}},'End':true}}}],'End':true}}}",
                  "[1]");
    machine_fail(&m, "A", "E", NULL);
    ck_assert_str_eq(machine_last(&m),
                     "13<6 LambdaFunctionFailed\n14<13 TaskStateAborted\n"
                     "15<13 MapIterationAborted 0\n16<13 TaskStateAborted\n"
                     "17<13 MapStateAborted\n18<13 ParallelStateFailed\n19<18 ExecutionFailed\n");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_CANCEL_TASK), 1);
    machine_done(&m);
}
END_TEST

START_TEST(tasks_that_are_overdue_together_all_time_out_before_their_map_fails)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'M','States':{'M':{'Type':'Map','ItemProcessor':{'StartAt':'T','"
                  "States':{'T':{" TASK ",'TimeoutSeconds':5,'End':true}}},'End':true}}}",
                  "[1,2]");
    asl_effect timer = {.kind = ASL_EFFECT_FINISHED};
    for (size_t i = 0; i < m.effects.count; i++)
        if (m.effects.items[i].kind == ASL_EFFECT_SET_TIMER)
            timer = m.effects.items[i];
    ck_assert_int_eq(timer.kind, ASL_EFFECT_SET_TIMER);
    m.now_ms = timer.due_ms;
    asl_fact fact = {.kind = ASL_FACT_TIMER, .frame = timer.frame, .event = timer.event};
    machine_apply(&m, &fact);
    ck_assert_str_eq(machine_last(&m), "12<11 LambdaFunctionTimedOut\n13<8 LambdaFunctionTimedOut\n"
                                       "14<12 MapIterationFailed 1\n15<12 TaskStateAborted\n"
                                       "16<12 MapIterationAborted 0\n17<12 TaskStateAborted\n"
                                       "18<12 MapStateFailed\n19<18 ExecutionFailed\n");
    ck_assert_str_eq(machine_error(&m), "States.Timeout");
    ck_assert_uint_eq(machine_effects(&m, ASL_EFFECT_CANCEL_TASK), 2);
    machine_done(&m);
}
END_TEST

START_TEST(overdue_tasks_are_each_caught_where_they_are)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'M','States':{'M':{'Type':'Map','ItemProcessor':{'StartAt':'T','"
                  "States':{'T':{" TASK
                  ",'TimeoutSeconds':5,'Catch':[{'ErrorEquals':['States.Timeout'],'Next':'L'}],"
                  "'End':true},'L':{'Type':'Pass','Result':'late','End':true}}},'End':true}}}",
                  "[1,2]");
    machine_pass_time(&m, 5000);
    ck_assert_str_eq(machine_output(&m), "[\"late\",\"late\"]");
    machine_done(&m);
}
END_TEST

START_TEST(branches_keep_white_space_and_items_and_merges_drop_it)
{
    static const char parallel[] =
        "{'StartAt':'Q','States':{'Q':{'Type':'Parallel','Branches':[{'StartAt':'B','States':{'B':"
        "{'Type':'Pass','End':true}}}],%s'Next':'M'},'M':{'Type':'%s','End':true%s}}}";
    char definition[1024];
    machine m;
    snprintf(definition, sizeof definition, parallel, "", "Pass", "");
    machine_start(&m, definition, "{'a':  1}");
    ck_assert_str_eq(machine_output(&m), "[{\"a\":  1}]");
    machine_done(&m);
    snprintf(definition, sizeof definition, parallel, "'ResultPath':'$.r',", "Pass", "");
    machine_start(&m, definition, "{'a':  1}");
    ck_assert_str_eq(machine_output(&m), "{\"a\":1,\"r\":[{\"a\":1}]}");
    machine_done(&m);
    snprintf(definition, sizeof definition, parallel, "", "Map", "," MAP_OF_PASS);
    machine_start(&m, definition, "{'a':  1}");
    ck_assert_str_eq(machine_output(&m), "[{\"a\":1}]");
    machine_done(&m);
}
END_TEST

START_TEST(branches_keep_their_variables_to_themselves)
{
    machine m;
    machine_start(
        &m,
        "{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'outer':1},'Next':'P'},"
        "'P':{'Type':'Parallel','Branches':[{'StartAt':'B','States':{'B':{'Type':'Pass','Assign':"
        "{'inner.$':'$outer'},'Next':'C'},'C':{'Type':'Pass','Parameters':{'v.$':'$inner'},'End':"
        "true}}}],"
        "'End':true}}}",
        "{}");
    ck_assert_str_eq(machine_output(&m), "[{\"v\":1}]");
    machine_done(&m);
}
END_TEST

START_TEST(items_that_are_no_array_are_a_runtime_error)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'M','States':{'M':{'Type':'Map','ItemsPath':'$.x'," MAP_OF_PASS
                  ",'End':true}}}",
                  "{'x':1}");
    ck_assert_str_eq(machine_last(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered M\n3<2 ExecutionFailed\n");
    ck_assert_str_eq(machine_error(&m), "States.Runtime");
    machine_done(&m);
}
END_TEST

SUITE("interpreter/container", iterations_one_at_a_time_chain_past_their_successes,
      map_over_nothing_succeeds_with_nothing, item_selector_sees_input_and_item,
      max_concurrency_bounds_what_runs_at_once, retried_map_starts_again_from_the_failing_event,
      caught_map_fails_then_exits, failing_iteration_aborts_the_others,
      parallel_gathers_outputs_in_branch_order, failing_branch_fails_the_parallel_with_its_error,
      retried_parallel_starts_all_branches_again, nested_failure_aborts_innermost_first,
      tasks_that_are_overdue_together_all_time_out_before_their_map_fails,
      overdue_tasks_are_each_caught_where_they_are,
      branches_keep_white_space_and_items_and_merges_drop_it,
      branches_keep_their_variables_to_themselves, items_that_are_no_array_are_a_runtime_error)
