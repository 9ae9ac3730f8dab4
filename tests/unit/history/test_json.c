/* The JSON of GetExecutionHistory, to it and back. Expected texts follow the service's model and
 * what the service has been seen to send. */
#include "history/json.h"

#include "events.h"
#include "fault_heap.h"

#define TIME_MS 1700000000123
#define HEAD(type, id, previous) \
    "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"type\":\"" type "\",\"id\":" #id \
    ",\"previousEventId\":" #previous

static void assert_view(asl_event *event, const char *text)
{
    event->time_ms = TIME_MS;
    asl_value *view = NULL;
    ck_assert_int_eq(asl_event_to_value(event, NULL, "eu-west-1", &view), ASL_OK);
    ck_assert(prints_as(view, text));
    /* The view reads back to an event that looks the same. */
    asl_event back;
    ck_assert_int_eq(asl_event_from_value(view, NULL, &back, NULL), ASL_OK);
    ck_assert_uint_eq(back.state, UINT32_MAX);
    asl_value *again = NULL;
    ck_assert_int_eq(asl_event_to_value(&back, NULL, "eu-west-1", &again), ASL_OK);
    ck_assert(prints_as(again, text));
    asl_value_unref(again);
    asl_value_unref(view);
    asl_event_done(&back);
    asl_event_done(event);
}

static asl_value *string(const char *text)
{
    return asl_value_string(NULL, text);
}

START_TEST(payloads_travel_as_text_exactly_as_they_were)
{
    asl_event event = {.type = ASL_EVENT_PASS_STATE_ENTERED,
                       .id = 2,
                       .name = string("First"),
                       .value = json(NULL, "[[1, 2],  {\"a\" :0.0}]")};
    assert_view(&event,
                HEAD("PassStateEntered", 2,
                     0) ",\"stateEnteredEventDetails\":{\"name\":\"First\",\"input\":"
                        "\"[[1, 2],  {\\\"a\\\" :0.0}]\",\"inputDetails\":{\"truncated\":false}}}");
}
END_TEST

START_TEST(execution_started_has_input_and_role)
{
    asl_event event = {.type = ASL_EVENT_EXECUTION_STARTED,
                       .id = 1,
                       .value = json(NULL, "{}"),
                       .extra = string("arn:aws:iam::1:role/r")};
    assert_view(&event,
                HEAD("ExecutionStarted", 1,
                     0) ",\"executionStartedEventDetails\":{\"input\":\"{}\",\"inputDetails\":"
                        "{\"truncated\":false},\"roleArn\":\"arn:aws:iam::1:role/r\"}}");
}
END_TEST

START_TEST(assigned_variables_are_texts)
{
    asl_event event = {.type = ASL_EVENT_CHOICE_STATE_EXITED,
                       .id = 3,
                       .previous_id = 2,
                       .name = string("Which"),
                       .value = json(NULL, "null"),
                       .variables = json(NULL, "{\"a\":\"text\",\"b\":42}")};
    assert_view(&event,
                HEAD("ChoiceStateExited", 3,
                     2) ",\"stateExitedEventDetails\":{\"name\":\"Which\",\"output\":\"null\","
                        "\"outputDetails\":{\"truncated\":false},\"assignedVariables\":"
                        "{\"a\":\"\\\"text\\\"\",\"b\":\"42\"},\"assignedVariablesDetails\":"
                        "{\"truncated\":false}}}");
}
END_TEST

START_TEST(an_empty_assign_adds_no_member)
{
    asl_event event = {.type = ASL_EVENT_PASS_STATE_EXITED,
                       .id = 3,
                       .previous_id = 2,
                       .name = string("P"),
                       .value = json(NULL, "1"),
                       .variables = json(NULL, "{}")};
    assert_view(
        &event,
        HEAD("PassStateExited", 3,
             2) ",\"stateExitedEventDetails\":{\"name\":\"P\",\"output\":\"1\",\"outputDetails\":"
                "{\"truncated\":false}}}");
}
END_TEST

START_TEST(a_scheduled_task_shows_its_resource_in_two_parts)
{
    asl_event event = {.type = ASL_EVENT_TASK_SCHEDULED,
                       .id = 4,
                       .previous_id = 3,
                       .name = string("arn:aws:states:::sns:publish"),
                       .value = json(NULL, "{\"Message\": 1}"),
                       .timeout_s = 30,
                       .heartbeat_s = 5};
    assert_view(
        &event,
        HEAD("TaskScheduled", 4,
             3) ",\"taskScheduledEventDetails\":{\"resourceType\":\"sns\",\"resource\":\"publish\","
                "\"region\":\"eu-west-1\",\"parameters\":\"{\\\"Message\\\": 1}\","
                "\"timeoutInSeconds\":30,\"heartbeatInSeconds\":5}}");
}
END_TEST

START_TEST(credentials_stand_behind_the_rest)
{
    asl_event event = {.type = ASL_EVENT_LAMBDA_FUNCTION_SCHEDULED,
                       .id = 3,
                       .previous_id = 2,
                       .name = string("arn:aws:lambda:us-east-1:1:function:f"),
                       .value = json(NULL, "{}"),
                       .extra = string("arn:aws:iam::2:role/x")};
    assert_view(
        &event,
        HEAD("LambdaFunctionScheduled", 3,
             2) ",\"lambdaFunctionScheduledEventDetails\":{\"resource\":"
                "\"arn:aws:lambda:us-east-1:1:function:f\",\"input\":\"{}\",\"inputDetails\":"
                "{\"truncated\":false},\"taskCredentials\":{\"roleArn\":"
                "\"arn:aws:iam::2:role/x\"}}}");
}
END_TEST

static void assert_resource(const char *resource, const char *type, const char *name)
{
    char text[512];
    asl_event event = {.type = ASL_EVENT_TASK_STARTED, .id = 5, .previous_id = 4};
    event.name = string(resource);
    snprintf(text, sizeof text,
             HEAD("TaskStarted", 5,
                  4) ",\"taskStartedEventDetails\":{\"resourceType\":\"%s\",\"resource\":\"%s\"}}",
             type, name);
    assert_view(&event, text);
}

START_TEST(resources_fall_into_type_and_name)
{
    assert_resource("arn:aws:states:::lambda:invoke", "lambda", "invoke");
    assert_resource("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "sqs",
                    "sendMessage.waitForTaskToken");
    assert_resource("arn:aws:states:::states:startExecution.sync:2", "states",
                    "startExecution.sync:2");
    assert_resource("arn:aws:states:::aws-sdk:sfn:startSyncExecution", "aws-sdk:sfn",
                    "startSyncExecution");
    assert_resource("arn:aws:states:::aws-sdk:s3", "other", "arn:aws:states:::aws-sdk:s3");
    assert_resource("order:pay", "other", "order:pay");
    assert_resource("arn:aws:states:::", "other", "arn:aws:states:::");
    assert_resource("arn:aws:states:::sns:", "other", "arn:aws:states:::sns:");
    assert_resource("arn:aws:states:::sns", "other", "arn:aws:states:::sns");
    assert_resource("arn:", "other", "arn:");
    assert_resource("", "other", "");
}
END_TEST

START_TEST(types_without_details_have_no_member_for_them)
{
    static const asl_event_type types[] = {
        ASL_EVENT_LAMBDA_FUNCTION_STARTED, ASL_EVENT_MAP_RUN_ABORTED,
        ASL_EVENT_MAP_RUN_SUCCEEDED,       ASL_EVENT_MAP_STATE_ABORTED,
        ASL_EVENT_MAP_STATE_FAILED,        ASL_EVENT_MAP_STATE_SUCCEEDED,
        ASL_EVENT_PARALLEL_STATE_ABORTED,  ASL_EVENT_PARALLEL_STATE_FAILED,
        ASL_EVENT_PARALLEL_STATE_STARTED,  ASL_EVENT_PARALLEL_STATE_SUCCEEDED,
        ASL_EVENT_TASK_STATE_ABORTED,      ASL_EVENT_WAIT_STATE_ABORTED,
    };
    size_t without = 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char text[256];
        asl_event event = {.type = types[i], .id = 7, .previous_id = 6};
        snprintf(text, sizeof text, HEAD("%s", 7, 6) "}", asl_event_type_name(types[i]));
        assert_view(&event, text);
    }
    for (int type = 1; type <= (int)ASL_EVENT_AWS_LAST; type++) {
        asl_value *view = NULL;
        const asl_event event = {.type = (asl_event_type)type, .id = 1};
        ck_assert_int_eq(asl_event_to_value(&event, NULL, NULL, &view), ASL_OK);
        without += asl_value_count(view) == 4;
        asl_value_unref(view);
    }
    ck_assert_uint_eq(without, sizeof types / sizeof types[0]);
}
END_TEST

START_TEST(failures_have_error_and_cause_or_neither)
{
    asl_event bare = {.type = ASL_EVENT_EXECUTION_FAILED, .id = 3, .previous_id = 2};
    assert_view(&bare, HEAD("ExecutionFailed", 3, 2) ",\"executionFailedEventDetails\":{}}");
    asl_event error = {.type = ASL_EVENT_TASK_TIMED_OUT,
                       .id = 6,
                       .previous_id = 5,
                       .name = string("arn:aws:states:::lambda:invoke"),
                       .error = string("States.Timeout")};
    assert_view(&error,
                HEAD("TaskTimedOut", 6,
                     5) ",\"taskTimedOutEventDetails\":{\"resourceType\":\"lambda\",\"resource\":"
                        "\"invoke\",\"error\":\"States.Timeout\"}}");
    asl_event both = {.type = ASL_EVENT_EVALUATION_FAILED,
                      .id = 3,
                      .name = string("P"),
                      .error = string("States.QueryEvaluationError"),
                      .cause = string("c"),
                      .extra = string("Output/result")};
    assert_view(
        &both,
        HEAD("EvaluationFailed", 3,
             0) ",\"evaluationFailedEventDetails\":{\"error\":\"States.QueryEvaluationError\","
                "\"cause\":\"c\",\"location\":\"Output/result\",\"state\":\"P\"}}");
}
END_TEST

START_TEST(counts_of_zero_are_shown)
{
    asl_event started = {.type = ASL_EVENT_MAP_STATE_STARTED, .id = 3, .previous_id = 2};
    assert_view(&started,
                HEAD("MapStateStarted", 3, 2) ",\"mapStateStartedEventDetails\":{\"length\":0}}");
    asl_event iteration = {.type = ASL_EVENT_MAP_ITERATION_STARTED,
                           .id = 4,
                           .previous_id = 3,
                           .name = string("M"),
                           .index = 0};
    assert_view(&iteration,
                HEAD("MapIterationStarted", 4,
                     3) ",\"mapIterationStartedEventDetails\":{\"name\":\"M\",\"index\":0}}");
}
END_TEST

START_TEST(a_note_has_no_view)
{
    asl_value *view = NULL;
    const asl_event note = {.type = ASL_NOTE_WAITING};
    ck_assert_int_eq(asl_event_to_value(&note, NULL, NULL, &view), ASL_MISUSE);
}
END_TEST

static int read_text(const char *text, asl_event *ret_event, asl_error **error)
{
    asl_value *value = json(NULL, text);
    ck_assert_ptr_nonnull(value);
    int status = asl_event_from_value(value, NULL, ret_event, error);
    asl_value_unref(value);
    return status;
}

static void assert_shown(const asl_event *event, const char *text)
{
    asl_value *view = NULL;
    ck_assert_int_eq(asl_event_show(event, NULL, "eu-west-1", ASL_EVENT_WITHOUT_DATA, &view),
                     ASL_OK);
    ck_assert(prints_as(view, text));
    asl_value_unref(view);
}

START_TEST(without_data_parameters_and_names_stay)
{
    asl_event exited = {.type = ASL_EVENT_PASS_STATE_EXITED,
                        .id = 3,
                        .previous_id = 2,
                        .time_ms = TIME_MS,
                        .name = string("P"),
                        .value = json(NULL, "[1]"),
                        .variables = json(NULL, "{\"v\":1}")};
    assert_shown(&exited,
                 HEAD("PassStateExited", 3, 2) ",\"stateExitedEventDetails\":{\"name\":\"P\"}}");
    asl_event_done(&exited);
    asl_event scheduled = {.type = ASL_EVENT_TASK_SCHEDULED,
                           .id = 3,
                           .previous_id = 2,
                           .time_ms = TIME_MS,
                           .name = string("arn:aws:states:::sns:publish"),
                           .value = json(NULL, "{}"),
                           .timeout_s = 9};
    assert_shown(&scheduled, HEAD("TaskScheduled", 3, 2) ",\"taskScheduledEventDetails\":{"
                                                         "\"resourceType\":\"sns\",\"resource\":"
                                                         "\"publish\",\"region\":\"eu-west-1\","
                                                         "\"parameters\":\"{}\","
                                                         "\"timeoutInSeconds\":9}}");
    asl_event_done(&scheduled);
    asl_event started = {.type = ASL_EVENT_EXECUTION_STARTED,
                         .id = 1,
                         .time_ms = TIME_MS,
                         .value = json(NULL, "{}"),
                         .extra = string("role")};
    assert_shown(&started, HEAD("ExecutionStarted", 1, 0) ",\"executionStartedEventDetails\":{"
                                                          "\"roleArn\":\"role\"}}");
    asl_event_done(&started);
}
END_TEST

static void assert_logged(const asl_event *event, unsigned flags, const char *text)
{
    asl_value *record = NULL;
    ck_assert_int_eq(asl_event_log(event, NULL, "eu-west-1", "arn:x", flags, &record), ASL_OK);
    ck_assert(prints_as(record, text));
    asl_value_unref(record);
}

START_TEST(a_log_has_numbers_as_texts_and_always_details)
{
    asl_event entered = {.type = ASL_EVENT_PASS_STATE_ENTERED,
                         .id = 2,
                         .time_ms = 1700000000123,
                         .name = string("P"),
                         .value = json(NULL, "{\"a\": 1}")};
    assert_logged(&entered, 0,
                  "{\"id\":\"2\",\"type\":\"PassStateEntered\",\"details\":{\"name\":\"P\","
                  "\"input\":\"{\\\"a\\\": 1}\",\"inputDetails\":{\"truncated\":false}},"
                  "\"previous_event_id\":\"0\",\"event_timestamp\":\"1700000000123\","
                  "\"execution_arn\":\"arn:x\",\"redrive_count\":\"0\"}");
    assert_logged(&entered, ASL_EVENT_WITHOUT_DATA,
                  "{\"id\":\"2\",\"type\":\"PassStateEntered\",\"details\":{\"name\":\"P\"},"
                  "\"previous_event_id\":\"0\",\"event_timestamp\":\"1700000000123\","
                  "\"execution_arn\":\"arn:x\",\"redrive_count\":\"0\"}");
    asl_event_done(&entered);
    const asl_event aborted = {
        .type = ASL_EVENT_WAIT_STATE_ABORTED, .id = 7, .previous_id = 6, .time_ms = 5};
    assert_logged(&aborted, 0,
                  "{\"id\":\"7\",\"type\":\"WaitStateAborted\",\"details\":{},"
                  "\"previous_event_id\":\"6\",\"event_timestamp\":\"5\",\"execution_arn\":"
                  "\"arn:x\",\"redrive_count\":\"0\"}");
    asl_value *none = NULL;
    const asl_event note = {.type = ASL_NOTE_WAITING};
    ck_assert_int_eq(asl_event_log(&note, NULL, NULL, NULL, 0, &none), ASL_MISUSE);
}
END_TEST

START_TEST(timestamps_are_read_in_all_their_forms)
{
    static const struct {
        const char *text;
        int64_t time_ms;
    } cases[] = {
        {"{\"id\":1,\"type\":\"WaitStateAborted\"}", INT64_MIN},
        {"{\"id\":1,\"type\":\"WaitStateAborted\",\"timestamp\":\"2023-11-14T22:13:20.123Z\"}",
         TIME_MS},
        {"{\"id\":1,\"type\":\"WaitStateAborted\","
         "\"timestamp\":\"2023-11-14T23:13:20.123000+01:00\"}",
         TIME_MS},
        {"{\"id\":1,\"type\":\"WaitStateAborted\",\"timestamp\":1700000000.123}", TIME_MS},
        {"{\"id\":1,\"type\":\"WaitStateAborted\",\"timestamp\":-1}", -1000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_event event;
        ck_assert_int_eq(read_text(cases[i].text, &event, NULL), ASL_OK);
        ck_assert_int_eq(event.time_ms, cases[i].time_ms);
        asl_event_done(&event);
    }
}
END_TEST

START_TEST(what_is_no_event_is_refused_by_name)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "must be an object"},
        {"{\"type\":\"PassStateEntered\"}", "\"id\""},
        {"{\"id\":0,\"type\":\"PassStateEntered\"}", "\"id\""},
        {"{\"id\":1.5,\"type\":\"PassStateEntered\"}", "\"id\""},
        {"{\"id\":1}", "\"type\""},
        {"{\"id\":1,\"type\":\"PassEntered\"}", "unknown type \"PassEntered\""},
        {"{\"id\":2,\"type\":\"PassStateEntered\",\"previousEventId\":-1}", "\"previousEventId\""},
        {"{\"id\":2,\"type\":\"PassStateEntered\",\"timestamp\":\"yesterday\"}", "\"timestamp\""},
        {"{\"id\":2,\"type\":\"PassStateEntered\",\"timestamp\":1e300}", "\"timestamp\""},
        {"{\"id\":2,\"type\":\"PassStateEntered\",\"stateEnteredEventDetails\":1}",
         "\"stateEnteredEventDetails\""},
        {"{\"id\":2,\"type\":\"PassStateEntered\",\"stateEnteredEventDetails\":{\"name\":1}}",
         "\"name\""},
        {"{\"id\":2,\"type\":\"PassStateEntered\",\"stateEnteredEventDetails\":"
         "{\"input\":\"{\"}}",
         "\"input\" must be JSON text"},
        {"{\"id\":2,\"type\":\"MapStateStarted\",\"mapStateStartedEventDetails\":"
         "{\"length\":4294967296}}",
         "\"length\""},
        {"{\"id\":2,\"type\":\"PassStateExited\",\"stateExitedEventDetails\":"
         "{\"assignedVariables\":[]}}",
         "\"assignedVariables\""},
        {"{\"id\":2,\"type\":\"TaskStarted\",\"taskStartedEventDetails\":"
         "{\"resource\":\"x\",\"resourceType\":1}}",
         "\"resourceType\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_event event;
        asl_error *error = NULL;
        ck_assert_int_eq(read_text(cases[i].text, &event, &error), ASL_SYNTAX);
        ck_assert_ptr_nonnull(strstr(asl_error_message(error), cases[i].message));
        asl_error_free(error);
    }
}
END_TEST

START_TEST(documents_in_place_of_texts_are_taken)
{
    asl_event event;
    ck_assert_int_eq(read_text("{\"id\":2,\"type\":\"PassStateEntered\","
                               "\"stateEnteredEventDetails\":{\"input\":{\"a\":[1]}}}",
                               &event, NULL),
                     ASL_OK);
    ck_assert(prints_as(event.value, "{\"a\":[1]}"));
    asl_event_done(&event);
}
END_TEST

START_TEST(out_of_memory_leaves_nothing_behind)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_value *view = NULL;
        asl_event back = {0};
        asl_event event = {.type = ASL_EVENT_TASK_STATE_EXITED,
                           .id = 1,
                           .time_ms = TIME_MS,
                           .name = string("a state"),
                           .value = json(NULL, "{\"a\": 1}"),
                           .variables = json(NULL, "{\"v\":[1,2]}")};
        int status = asl_event_to_value(&event, &heap.hook, "eu-west-1", &view);
        if (status == ASL_OK)
            status = asl_event_from_value(view, &heap.hook, &back, NULL);
        asl_value *record = NULL;
        if (status == ASL_OK)
            status = asl_event_log(&event, &heap.hook, "eu-west-1", "arn:x", 0, &record);
        asl_value_unref(record);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        asl_value_unref(view);
        asl_event_done(&back);
        asl_event_done(&event);
    }
}
END_TEST

SUITE("history/json", payloads_travel_as_text_exactly_as_they_were,
      execution_started_has_input_and_role, assigned_variables_are_texts,
      an_empty_assign_adds_no_member, a_scheduled_task_shows_its_resource_in_two_parts,
      credentials_stand_behind_the_rest, resources_fall_into_type_and_name,
      types_without_details_have_no_member_for_them, failures_have_error_and_cause_or_neither,
      counts_of_zero_are_shown, a_note_has_no_view, without_data_parameters_and_names_stay,
      a_log_has_numbers_as_texts_and_always_details, timestamps_are_read_in_all_their_forms,
      what_is_no_event_is_refused_by_name, documents_in_place_of_texts_are_taken,
      out_of_memory_leaves_nothing_behind)
