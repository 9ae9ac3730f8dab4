/* States whose query language is JSONata: data flow, choices, waits, and evaluations that fail. */
#include <stdio.h>

#include "harness.h"

#define LAMBDA "'arn:aws:lambda:us-east-1:123456789012:function:f'"
#define TASK "'Type':'Task','Resource':" LAMBDA
#define MACHINE(states) "{'QueryLanguage':'JSONata','StartAt':'A','States':{" states "}}"
#define WHERE(state, event) \
    "An error occurred while executing the state '" state "' (entered at the event id #" event ")" \
    "." \
    " "

static void runs(const char *definition, const char *input, const char *output)
{
    machine m;
    machine_start(&m, definition, input);
    ck_assert_str_eq(machine_cause(&m), "");
    ck_assert_str_eq(machine_output(&m), output);
    machine_done(&m);
}

static const char *location_of(const machine *m)
{
    const asl_event *event = machine_find(m, ASL_EVENT_EVALUATION_FAILED);
    ck_assert_ptr_nonnull(event);
    return event->extra ? asl_value_get_string(event->extra, NULL) : "";
}

static void fails(const char *definition, const char *input, const char *location,
                  const char *cause)
{
    machine m;
    machine_start(&m, definition, input);
    ck_assert_str_eq(machine_error(&m), "States.QueryEvaluationError");
    ck_assert_str_eq(machine_cause(&m), cause);
    ck_assert_str_eq(location_of(&m), location);
    machine_done(&m);
}

START_TEST(output_is_the_input_where_a_state_has_none)
{
    runs(MACHINE("'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Wait','Seconds':0,'Next':'C'},"
                 "'C':{'Type':'Choice','Choices':[{'Condition':true,'Next':'D'}]},"
                 "'D':{'Type':'Succeed'}"),
         "[1, 2]", "[1, 2]");
}
END_TEST

START_TEST(outputs_are_made_in_the_order_of_the_definition)
{
    runs(MACHINE("'A':{'Type':'Pass','Output':{'z':'{% $states.input.a %}','b':[1,"
                 "'{%$states.input.a%}'],'a.$':'$.x',' {% 1 %} ':' {% 1 %} '},'End':true}"),
         "{'a':{'y':[1, 2],'x':0.0}}",
         "{\"z\":{\"y\":[1,2],\"x\":0.0},\"b\":[1,{\"y\":[1,2],\"x\":0.0}],\"a.$\":\"$.x\","
         "\" {% 1 %} \":\" {% 1 %} \"}");
}
END_TEST

START_TEST(what_an_expression_gives_is_serialised_anew)
{
    runs(MACHINE("'A':{'Type':'Pass','Output':'{% $states.input %}','End':true}"), "{'a': [ 1 ]}",
         "{\"a\":[1]}");
}
END_TEST

START_TEST(arguments_go_to_the_task_and_the_result_comes_back)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{" TASK ",'Arguments':{'n':'{% $states.input.n %}','k':'v'},"
                          "'Assign':{'r':'{% $states.result.r %}','i':'{% $states.input.n %}'},"
                          "'Output':{'got':'{% $states.result %}','had':'{% $states.input %}'},"
                          "'Next':'B'},'B':{'Type':'Pass','Output':['{% $r %}','{% $i %}',"
                          "'{% $states.input.got.r %}'],'End':true}"),
                  "{'n':5}");
    ck_assert_str_eq(machine_text(&m, m.effects.items[0].value), "{\"n\":5,\"k\":\"v\"}");
    machine_succeed(&m, "A", "{'r':true}");
    ck_assert_str_eq(machine_output(&m), "[true,5,true]");
    const asl_event *exit = machine_find(&m, ASL_EVENT_TASK_STATE_EXITED);
    ck_assert_str_eq(machine_text(&m, exit->variables), "{\"r\":true,\"i\":5}");
    machine_done(&m);
}
END_TEST

START_TEST(a_task_without_arguments_gets_the_input_and_gives_its_result)
{
    machine m;
    machine_start(&m, MACHINE("'A':{" TASK ",'End':true}"), "{'n': 5}");
    ck_assert_str_eq(machine_text(&m, m.effects.items[0].value), "{\"n\": 5}");
    machine_succeed(&m, "A", "[ 1 ]");
    ck_assert_str_eq(machine_output(&m), "[ 1 ]");
    machine_done(&m);
}
END_TEST

START_TEST(assign_and_output_see_the_variables_of_state_entry)
{
    runs(MACHINE("'A':{'Type':'Pass','Assign':{'x':1},'Next':'B'},"
                 "'B':{'Type':'Pass','Assign':{'x':2,'old':'{% $x %}'},'Output':'{% $x %}',"
                 "'Next':'C'},'C':{'Type':'Pass','Output':['{% $states.input %}','{% $x %}',"
                 "'{% $old %}'],'End':true}"),
         "{}", "[1,2,1]");
}
END_TEST

START_TEST(languages_mix_in_one_machine)
{
    runs("{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'v.$':'$.n'},'Next':'B'},"
         "'B':{'Type':'Pass','QueryLanguage':'JSONata','Assign':{'w':'{% $v %}'},"
         "'Output':{'m':'{% $v %}'},'Next':'C'},"
         "'C':{'Type':'Pass','Parameters':{'a.$':'$w','b.$':'$.m'},'End':true}}}",
         "{'n':3}", "{\"a\":3,\"b\":3}");
}
END_TEST

START_TEST(conditions_are_tried_in_order_and_a_rule_has_its_own_output_and_assign)
{
#define CHOOSING \
    MACHINE("'A':{'Type':'Choice','Choices':[{'Condition':'{% $states.input.a %}','Next':'B'," \
            "'Output':'one','Assign':{'v':1}},{'Condition':'{% $states.input.b %}','Next':'B'," \
            "'Assign':{'v':2}}],'Default':'B','Output':'none','Assign':{'v':3}}," \
            "'B':{'Type':'Pass','Output':['{% $states.input %}','{% $v %}'],'End':true}")
    runs(CHOOSING, "{'a':true}", "[\"one\",1]");
    runs(CHOOSING, "{'a':false,'b':true}", "[{\"a\":false,\"b\":true},2]");
    runs(CHOOSING, "{'a':false,'b':false}", "[\"none\",3]");
    fails(CHOOSING, "{'a':false,'b':1}", "Choices[1]/Condition",
          WHERE("A", "2") "The JSONata expression '$states.input.b' specified for the field "
                          "'Choices[1]/Condition' returned an unexpected result type. Expected "
                          "'boolean', but was 'number' for value: 1");
    fails(CHOOSING, "{}", "Choices[0]/Condition",
          WHERE("A", "2") "The JSONata expression '$states.input.a' specified for the field "
                          "'Choices[0]/Condition' returned nothing (undefined).");
}
END_TEST

START_TEST(a_choice_without_a_way_out_is_a_runtime_error)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{'Type':'Choice','Choices':[{'Condition':'{% $states.input.a %}',"
                          "'Next':'B'}]},'B':{'Type':'Succeed'}"),
                  "{'a':false}");
    ck_assert_str_eq(machine_error(&m), "States.Runtime");
    ck_assert_ptr_null(machine_find(&m, ASL_EVENT_EVALUATION_FAILED));
    machine_done(&m);
}
END_TEST

START_TEST(seconds_and_timestamps_are_evaluated)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{'Type':'Wait','Seconds':'{% $states.input.s %}','Output':'{% "
                          "$states.input.s %}','End':true}"),
                  "{'s':30}");
    ck_assert_int_eq(m.effects.items[0].due_ms, MACHINE_START_MS + 30000);
    machine_pass_time(&m, 30000);
    ck_assert_str_eq(machine_output(&m), "30");
    machine_done(&m);
    machine_start(&m, MACHINE("'A':{'Type':'Wait','Timestamp':'{% $states.input.t %}','End':true}"),
                  "{'t':'2023-11-14T22:13:21.5Z'}");
    ck_assert_int_eq(m.effects.items[0].due_ms, MACHINE_START_MS + 1500);
    machine_done(&m);
}
END_TEST

#define WAITING(field) MACHINE("'A':{'Type':'Wait','" field "':'{% $states.input.x %}','End':true}")

START_TEST(a_wait_without_a_deadline_fails_behind_its_own_entry)
{
    machine m;
    machine_start(&m, WAITING("Timestamp"), "{'x':'tomorrow'}");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 WaitStateEntered A\n3<2 EvaluationFailed A\n"
                     "4<3 ExecutionFailed\n");
    ck_assert_str_eq(machine_cause(&m),
                     WHERE("A", "2") "The Timestamp field cannot be parsed as an "
                                     "ISO-8601 extended offset date-time format "
                                     "string: tomorrow");
    machine_done(&m);
    fails(WAITING("Timestamp"), "{'x':1}", "Timestamp",
          WHERE("A", "2") "The JSONata expression '$states.input.x' specified for the field "
                          "'Timestamp' returned an unexpected result type. Expected 'string', but "
                          "was 'number' for value: 1");
    fails(WAITING("Seconds"), "{'x':-1}", "Seconds",
          WHERE("A", "2") "Seconds must be between 0 and 99999999 but was: -1");
    fails(WAITING("Seconds"), "{'x':100000000}", "Seconds",
          WHERE("A", "2") "Seconds must be between 0 and 99999999 but was: 100000000");
    fails(WAITING("Seconds"), "{'x':1.5}", "Seconds",
          WHERE("A", "2") "The Seconds field cannot be parsed as an integer: 1.5");
}
END_TEST

START_TEST(timeouts_are_evaluated)
{
#define TIMED \
    MACHINE("'A':{" TASK ",'TimeoutSeconds':'{% $states.input.t %}'," \
            "'HeartbeatSeconds':'{% $states.input.h %}','End':true}")
    machine m;
    machine_start(&m, TIMED, "{'t':9,'h':4}");
    const asl_event *scheduled = machine_find(&m, ASL_EVENT_LAMBDA_FUNCTION_SCHEDULED);
    ck_assert_int_eq(scheduled->timeout_s, 9);
    ck_assert_int_eq(scheduled->heartbeat_s, 4);
    ck_assert_int_eq(scheduled->due_ms, MACHINE_START_MS + 9000);
    machine_done(&m);
    fails(TIMED, "{'t':'9','h':4}", "TimeoutSeconds",
          WHERE("A", "2") "The JSONata expression '$states.input.t' specified for the field "
                          "'TimeoutSeconds' returned an unexpected result type. Expected 'number', "
                          "but was 'string' for value: \"9\"");
    fails(TIMED, "{'t':9,'h':-1}", "HeartbeatSeconds",
          WHERE("A", "2") "HeartbeatSeconds must be between 0 and 99999999 but was: -1");
    fails(TIMED, "{'t':1.6,'h':1}", "TimeoutSeconds",
          WHERE("A", "2") "The TimeoutSeconds field cannot be parsed as an integer: 1.6");
}
END_TEST

START_TEST(fail_evaluates_its_words)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{'Type':'Fail','Error':'{% $states.input.e %}','Cause':'plain'}"),
                  "{'e':'Own'}");
    ck_assert_str_eq(machine_error(&m), "Own");
    ck_assert_str_eq(machine_cause(&m), "plain");
    ck_assert_ptr_null(machine_find(&m, ASL_EVENT_EVALUATION_FAILED));
    machine_done(&m);
    fails(MACHINE("'A':{'Type':'Fail','Cause':'{% $states.input %}'}"), "[]", "Cause",
          WHERE("A", "2") "The JSONata expression '$states.input' specified for the field 'Cause' "
                          "returned an unexpected result type. Expected 'string', but was 'array' "
                          "for value: []");
}
END_TEST

START_TEST(a_fail_state_may_have_the_name_of_the_evaluation_error)
{
    machine m;
    machine_start(&m, MACHINE("'A':{'Type':'Fail','Error':'States.QueryEvaluationError'}"), "{}");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 FailStateEntered A\n3<2 ExecutionFailed\n");
    machine_done(&m);
}
END_TEST

#define MAP(fields) \
    MACHINE("'A':{'Type':'Map'," fields "'ItemProcessor':{'StartAt':'I','States':{'I':" \
            "{'Type':'Pass','End':true}}},'End':true}")

START_TEST(maps_iterate_items_that_are_evaluated)
{
    runs(MAP("'Items':'{% $states.input.l %}',"), "{'l':[1, [2, 3]]}", "[1,[2,3]]");
    runs(MAP("'Items':['{% $states.input.l %}',7],"), "{'l':0}", "[0,7]");
    runs(MAP(""), "[1, 2]", "[1,2]");
    runs(MAP("'Items':'{% $states.input %}','MaxConcurrency':'{% $states.input[0] %}',"
             "'Output':{'n':'{% $states.result %}','i':'{% $states.input %}'},"
             "'ItemSelector':{'v':'{% $states.context.Map.Item.Value %}','at':"
             "'{% $states.context.Map.Item.Index %}','all':'{% $states.input %}'},"),
         "[1]", "{\"n\":[{\"v\":1,\"at\":0,\"all\":[1]}],\"i\":[1]}");
}
END_TEST

START_TEST(items_that_are_no_array_fail_the_map)
{
    machine m;
    machine_start(&m, MAP("'Items':'{% $states.input.l %}',"), "{'l':{'a': 1}}");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered A\n3<0 EvaluationFailed A\n"
                     "4<3 MapStateFailed\n5<4 ExecutionFailed\n");
    ck_assert_str_eq(machine_cause(&m),
                     WHERE("A", "2") "The JSONata expression '$states.input.l' specified for the "
                                     "field 'Items' returned an unexpected result type. Expected "
                                     "'array', but was 'object' for value: {\"a\":1}");
    machine_done(&m);
    fails(MAP(""), "{'foo': 'bar'}", "",
          WHERE("A", "2") "Map state input must be an array but was: {\"foo\":\"bar\"}");
}
END_TEST

START_TEST(an_item_selector_that_fails_gives_up_the_other_iterations)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{'Type':'Map','ItemSelector':'{% $states.context.Map.Item.Value.x "
                          "%}','ItemProcessor':{'StartAt':'I','States':{'I':{" TASK
                          ",'End':true}}},'End':true}"),
                  "[{'x':1},{}]");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered A\n3<2 MapStateStarted\n"
                     "4<3 MapIterationStarted 0\n5<0 EvaluationFailed A\n6<5 MapStateFailed\n"
                     "7<6 ExecutionFailed\n");
    ck_assert_str_eq(location_of(&m), "ItemSelector");
    machine_done(&m);
}
END_TEST

START_TEST(parallel_gives_its_arguments_to_the_branches)
{
    runs(MACHINE("'A':{'Type':'Parallel','Arguments':{'n':'{% $states.input.n %}'},'Branches':["
                 "{'StartAt':'B','States':{'B':{'Type':'Pass','End':true}}},"
                 "{'StartAt':'C','States':{'C':{'Type':'Pass','Output':'{% $states.input.n %}',"
                 "'End':true}}}],'Output':{'r':'{% $states.result %}'},'End':true}"),
         "{'n':1,'m':2}", "{\"r\":[{\"n\":1},1]}");
    fails(MACHINE("'A':{'Type':'Parallel','Arguments':'{% $states.input.n %}','Branches':["
                  "{'StartAt':'B','States':{'B':{'Type':'Pass','End':true}}}],'End':true}"),
          "{}", "Arguments",
          WHERE("A", "2") "The JSONata expression '$states.input.n' specified for the field "
                          "'Arguments' returned nothing (undefined).");
}
END_TEST

START_TEST(an_evaluation_that_fails_points_to_what_was_before_its_state)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','Output':{'a':{'b':"
                          "[1,'{% $states.input.x %}']}},'End':true}"),
                  "{}");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 PassStateEntered A\n3<2 PassStateExited A\n"
                     "4<3 PassStateEntered B\n5<3 EvaluationFailed B\n6<5 ExecutionFailed\n");
    ck_assert_str_eq(location_of(&m), "Output/a/b[1]");
    ck_assert_str_eq(machine_cause(&m),
                     WHERE("B", "4") "The JSONata expression '$states.input.x' specified for the "
                                     "field 'Output/a/b[1]' returned nothing (undefined).");
    machine_done(&m);
}
END_TEST

START_TEST(an_output_that_fails_after_the_work_fails_the_task)
{
    machine m;
    machine_start(&m, MACHINE("'A':{" TASK ",'Output':'{% $states.result.x %}','End':true}"), "{}");
    machine_succeed(&m, "A", "{}");
    ck_assert_str_eq(machine_last(&m), "5<4 LambdaFunctionSucceeded\n6<0 EvaluationFailed A\n"
                                       "7<6 ExecutionFailed\n");
    machine_done(&m);
    machine_start(&m,
                  MACHINE("'A':{'Type':'Map','Output':'{% $states.result.x %}','ItemProcessor':"
                          "{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},'End':true}"),
                  "[]");
    ck_assert_str_eq(machine_last(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered A\n3<2 MapStateStarted\n"
                     "4<3 MapStateSucceeded\n5<0 EvaluationFailed A\n6<5 ExecutionFailed\n");
    machine_done(&m);
}
END_TEST

START_TEST(a_failed_evaluation_is_tried_again_and_caught)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{" TASK ",'Arguments':'{% $states.input.x %}','Retry':[{"
                          "'ErrorEquals':['States.QueryEvaluationError'],'MaxAttempts':1}],"
                          "'Catch':[{'ErrorEquals':['Other'],'Next':'B'},{'ErrorEquals':["
                          "'States.ALL'],'Next':'B','Assign':{'e':'{% $states.errorOutput.Error "
                          "%}'},'Output':{'c':'{% $states.errorOutput.Cause %}','i':'{% "
                          "$states.input %}'}}],'End':true},"
                          "'B':{'Type':'Pass','Output':['{% $e %}','{% $states.input %}'],"
                          "'End':true}"),
                  "{}");
    ck_assert_str_eq(machine_last(&m),
                     "1<0 ExecutionStarted\n2<0 TaskStateEntered A\n3<0 EvaluationFailed A\n");
    machine_pass_time(&m, 1000);
    ck_assert_str_eq(machine_last(&m),
                     "4<0 EvaluationFailed A\n5<4 TaskStateExited A\n6<5 PassStateEntered B\n"
                     "7<6 PassStateExited B\n8<7 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m),
                     "[\"States.QueryEvaluationError\",{\"c\":\"" WHERE(
                         "A", "2") "The JSONata expression '$states.input.x' specified for the "
                                   "field 'Arguments' returned nothing (undefined).\",\"i\":{}}]");
    machine_done(&m);
}
END_TEST

START_TEST(a_catcher_without_output_gives_the_error_output)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{" TASK ",'Catch':[{'ErrorEquals':['States.ALL'],'Next':'B'}],"
                          "'Output':'{% $states.result.never %}','End':true},"
                          "'B':{'Type':'Succeed'}"),
                  "{}");
    machine_fail(&m, "A", "E", "why");
    ck_assert_str_eq(machine_output(&m), "{\"Error\":\"E\",\"Cause\":\"why\"}");
    machine_done(&m);
}
END_TEST

START_TEST(a_catcher_that_fails_fails_the_state)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{" TASK ",'Catch':[{'ErrorEquals':['X'],'Next':'B'},{'ErrorEquals':"
                          "['States.ALL'],'Output':{'v':'{% $states.errorOutput.None %}'},'Next':"
                          "'B'}],'End':true},'B':{'Type':'Succeed'}"),
                  "{}");
    machine_fail(&m, "A", "E", "why");
    ck_assert_str_eq(machine_last(&m), "5<4 LambdaFunctionFailed\n6<0 EvaluationFailed A\n"
                                       "7<6 ExecutionFailed\n");
    ck_assert_str_eq(location_of(&m), "Catch[1]/Output/v");
    machine_done(&m);
}
END_TEST

START_TEST(an_iteration_that_fails_to_evaluate_fails_its_map)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{'Type':'Map','MaxConcurrency':1,'ItemProcessor':{'StartAt':'I',"
                          "'States':{'I':{'Type':'Pass','Output':'{% $states.input.x %}','End':"
                          "true}}},'Catch':[{'ErrorEquals':['States.QueryEvaluationError'],"
                          "'Output':'caught','Next':'B'}],'End':true},'B':{'Type':'Succeed'}"),
                  "[1]");
    ck_assert_str_eq(machine_trace(&m),
                     "1<0 ExecutionStarted\n2<0 MapStateEntered A\n3<2 MapStateStarted\n"
                     "4<3 MapIterationStarted 0\n5<4 PassStateEntered I\n6<4 EvaluationFailed I\n"
                     "7<6 MapIterationFailed 0\n8<6 MapStateFailed\n9<8 MapStateExited A\n"
                     "10<9 SucceedStateEntered B\n11<10 SucceedStateExited B\n"
                     "12<11 ExecutionSucceeded\n");
    ck_assert_str_eq(machine_output(&m), "\"caught\"");
    machine_done(&m);
}
END_TEST

START_TEST(states_is_what_the_service_shows)
{
    machine m;
    machine_start(&m,
                  MACHINE("'A':{" TASK ",'Output':'{% $states %}','Catch':[{'ErrorEquals':["
                          "'States.ALL'],'Output':'{% $states %}','Next':'B'}],'End':true},"
                          "'B':{'Type':'Succeed'}"),
                  "{'a':1}");
    machine_succeed(&m, "A", "2");
    const asl_value *output = asl_frames_output(m.frames);
    ck_assert_uint_eq(asl_value_count(output), 3);
    ck_assert_str_eq(asl_value_get_string(asl_value_key(output, 0), NULL), "input");
    ck_assert_str_eq(asl_value_get_string(asl_value_key(output, 1), NULL), "context");
    ck_assert_str_eq(asl_value_get_string(asl_value_key(output, 2), NULL), "result");
    const asl_value *state = asl_value_get(asl_value_get(output, "context"), "State");
    ck_assert_str_eq(asl_value_get_string(asl_value_get(state, "Name"), NULL), "A");
    machine_done(&m);
}
END_TEST

START_TEST(the_location_has_at_most_256_characters)
{
    char definition[1024], name[301];
    memset(name, 'n', 300);
    name[300] = '\0';
    int size =
        snprintf(definition, sizeof definition,
                 MACHINE("'A':{'Type':'Pass','Output':{'%s':'{%% $none %%}'},'End':true}"), name);
    ck_assert_int_lt(size, (int)sizeof definition);
    machine m;
    machine_start(&m, definition, "{}");
    ck_assert_uint_eq(strlen(location_of(&m)), 256);
    ck_assert_ptr_nonnull(strstr(machine_cause(&m), name));
    machine_done(&m);
}
END_TEST

SUITE("interpreter/jsonata", output_is_the_input_where_a_state_has_none,
      outputs_are_made_in_the_order_of_the_definition, what_an_expression_gives_is_serialised_anew,
      arguments_go_to_the_task_and_the_result_comes_back,
      a_task_without_arguments_gets_the_input_and_gives_its_result,
      assign_and_output_see_the_variables_of_state_entry, languages_mix_in_one_machine,
      conditions_are_tried_in_order_and_a_rule_has_its_own_output_and_assign,
      a_choice_without_a_way_out_is_a_runtime_error, seconds_and_timestamps_are_evaluated,
      a_wait_without_a_deadline_fails_behind_its_own_entry, timeouts_are_evaluated,
      fail_evaluates_its_words, a_fail_state_may_have_the_name_of_the_evaluation_error,
      maps_iterate_items_that_are_evaluated, items_that_are_no_array_fail_the_map,
      an_item_selector_that_fails_gives_up_the_other_iterations,
      parallel_gives_its_arguments_to_the_branches,
      an_evaluation_that_fails_points_to_what_was_before_its_state,
      an_output_that_fails_after_the_work_fails_the_task,
      a_failed_evaluation_is_tried_again_and_caught,
      a_catcher_without_output_gives_the_error_output, a_catcher_that_fails_fails_the_state,
      an_iteration_that_fails_to_evaluate_fails_its_map, states_is_what_the_service_shows,
      the_location_has_at_most_256_characters)
