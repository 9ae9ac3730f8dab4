/* The table of details, and how a Resource falls into two parts. */
#include "history/json_shape.h"

#include <string.h>

#define AT(member) offsetof(asl_event, member)
#define ERROR_FIELDS \
    {"error", ASL_DETAIL_STRING, AT(error)}, \
    { \
        "cause", ASL_DETAIL_STRING, AT(cause) \
    }
#define RESOURCE_FIELDS \
    {"resourceType", ASL_DETAIL_RESOURCE_TYPE, AT(name)}, \
    { \
        "resource", ASL_DETAIL_RESOURCE, AT(name) \
    }
#define OUTPUT_FIELD \
    { \
        "output", ASL_DETAIL_TEXT, AT(value) \
    }
#define INPUT_FIELD \
    { \
        "input", ASL_DETAIL_TEXT, AT(value) \
    }
#define TIMEOUT_FIELD \
    { \
        "timeoutInSeconds", ASL_DETAIL_SECONDS, AT(timeout_s) \
    }
#define HEARTBEAT_FIELD \
    { \
        "heartbeatInSeconds", ASL_DETAIL_SECONDS, AT(heartbeat_s) \
    }
#define CREDENTIALS_FIELD \
    { \
        "taskCredentials", ASL_DETAIL_CREDENTIALS, AT(extra) \
    }
#define NAME_FIELD \
    { \
        "name", ASL_DETAIL_STRING, AT(name) \
    }

#define ERROR_SHAPE(type, key) [type] = {key, {ERROR_FIELDS}}
#define TASK_ERROR_SHAPE(type, key) [type] = {key, {RESOURCE_FIELDS, ERROR_FIELDS}}
#define TASK_OUTPUT_SHAPE(type, key) [type] = {key, {RESOURCE_FIELDS, OUTPUT_FIELD}}
#define OUTPUT_SHAPE(type, key) [type] = {key, {OUTPUT_FIELD}}
#define ITERATION_SHAPE(type, key) \
    [type] = {key, {NAME_FIELD, {"index", ASL_DETAIL_U32, AT(index)}}}
#define ENTERED_SHAPE(type) [type] = {"stateEnteredEventDetails", {NAME_FIELD, INPUT_FIELD}}
#define EXITED_SHAPE(type) \
    [type] = { \
        "stateExitedEventDetails", \
        {NAME_FIELD, OUTPUT_FIELD, {"assignedVariables", ASL_DETAIL_VARIABLES, AT(variables)}}}

static const asl_detail_shape shapes[ASL_EVENT_AWS_LAST + 1] = {
    ERROR_SHAPE(ASL_EVENT_ACTIVITY_FAILED, "activityFailedEventDetails"),
    ERROR_SHAPE(ASL_EVENT_ACTIVITY_SCHEDULE_FAILED, "activityScheduleFailedEventDetails"),
    [ASL_EVENT_ACTIVITY_SCHEDULED] =
        {"activityScheduledEventDetails",
         {{"resource", ASL_DETAIL_STRING, AT(name)}, INPUT_FIELD, TIMEOUT_FIELD, HEARTBEAT_FIELD}},
    [ASL_EVENT_ACTIVITY_STARTED] = {"activityStartedEventDetails",
                                    {{"workerName", ASL_DETAIL_STRING, AT(extra)}}},
    OUTPUT_SHAPE(ASL_EVENT_ACTIVITY_SUCCEEDED, "activitySucceededEventDetails"),
    ERROR_SHAPE(ASL_EVENT_ACTIVITY_TIMED_OUT, "activityTimedOutEventDetails"),
    ENTERED_SHAPE(ASL_EVENT_CHOICE_STATE_ENTERED),
    EXITED_SHAPE(ASL_EVENT_CHOICE_STATE_EXITED),
    [ASL_EVENT_EVALUATION_FAILED] = {"evaluationFailedEventDetails",
                                     {ERROR_FIELDS,
                                      {"location", ASL_DETAIL_STRING, AT(extra)},
                                      {"state", ASL_DETAIL_STRING, AT(name)}}},
    ERROR_SHAPE(ASL_EVENT_EXECUTION_ABORTED, "executionAbortedEventDetails"),
    ERROR_SHAPE(ASL_EVENT_EXECUTION_FAILED, "executionFailedEventDetails"),
    [ASL_EVENT_EXECUTION_REDRIVEN] = {"executionRedrivenEventDetails",
                                      {{"redriveCount", ASL_DETAIL_U32, AT(count)}}},
    [ASL_EVENT_EXECUTION_STARTED] = {"executionStartedEventDetails",
                                     {INPUT_FIELD, {"roleArn", ASL_DETAIL_STRING, AT(extra)}}},
    OUTPUT_SHAPE(ASL_EVENT_EXECUTION_SUCCEEDED, "executionSucceededEventDetails"),
    ERROR_SHAPE(ASL_EVENT_EXECUTION_TIMED_OUT, "executionTimedOutEventDetails"),
    ENTERED_SHAPE(ASL_EVENT_FAIL_STATE_ENTERED),
    ERROR_SHAPE(ASL_EVENT_LAMBDA_FUNCTION_FAILED, "lambdaFunctionFailedEventDetails"),
    ERROR_SHAPE(ASL_EVENT_LAMBDA_FUNCTION_SCHEDULE_FAILED,
                "lambdaFunctionScheduleFailedEventDetails"),
    [ASL_EVENT_LAMBDA_FUNCTION_SCHEDULED] = {"lambdaFunctionScheduledEventDetails",
                                             {{"resource", ASL_DETAIL_STRING, AT(name)},
                                              INPUT_FIELD,
                                              TIMEOUT_FIELD,
                                              CREDENTIALS_FIELD}},
    ERROR_SHAPE(ASL_EVENT_LAMBDA_FUNCTION_START_FAILED, "lambdaFunctionStartFailedEventDetails"),
    OUTPUT_SHAPE(ASL_EVENT_LAMBDA_FUNCTION_SUCCEEDED, "lambdaFunctionSucceededEventDetails"),
    ERROR_SHAPE(ASL_EVENT_LAMBDA_FUNCTION_TIMED_OUT, "lambdaFunctionTimedOutEventDetails"),
    ITERATION_SHAPE(ASL_EVENT_MAP_ITERATION_ABORTED, "mapIterationAbortedEventDetails"),
    ITERATION_SHAPE(ASL_EVENT_MAP_ITERATION_FAILED, "mapIterationFailedEventDetails"),
    ITERATION_SHAPE(ASL_EVENT_MAP_ITERATION_STARTED, "mapIterationStartedEventDetails"),
    ITERATION_SHAPE(ASL_EVENT_MAP_ITERATION_SUCCEEDED, "mapIterationSucceededEventDetails"),
    ERROR_SHAPE(ASL_EVENT_MAP_RUN_FAILED, "mapRunFailedEventDetails"),
    [ASL_EVENT_MAP_RUN_REDRIVEN] = {"mapRunRedrivenEventDetails",
                                    {{"mapRunArn", ASL_DETAIL_STRING, AT(name)},
                                     {"redriveCount", ASL_DETAIL_U32, AT(count)}}},
    [ASL_EVENT_MAP_RUN_STARTED] = {"mapRunStartedEventDetails",
                                   {{"mapRunArn", ASL_DETAIL_STRING, AT(name)}}},
    ENTERED_SHAPE(ASL_EVENT_MAP_STATE_ENTERED),
    EXITED_SHAPE(ASL_EVENT_MAP_STATE_EXITED),
    [ASL_EVENT_MAP_STATE_STARTED] = {"mapStateStartedEventDetails",
                                     {{"length", ASL_DETAIL_U32, AT(count)}}},
    ENTERED_SHAPE(ASL_EVENT_PARALLEL_STATE_ENTERED),
    EXITED_SHAPE(ASL_EVENT_PARALLEL_STATE_EXITED),
    ENTERED_SHAPE(ASL_EVENT_PASS_STATE_ENTERED),
    EXITED_SHAPE(ASL_EVENT_PASS_STATE_EXITED),
    ENTERED_SHAPE(ASL_EVENT_SUCCEED_STATE_ENTERED),
    EXITED_SHAPE(ASL_EVENT_SUCCEED_STATE_EXITED),
    TASK_ERROR_SHAPE(ASL_EVENT_TASK_FAILED, "taskFailedEventDetails"),
    [ASL_EVENT_TASK_SCHEDULED] = {"taskScheduledEventDetails",
                                  {RESOURCE_FIELDS,
                                   {"region", ASL_DETAIL_REGION, 0},
                                   {"parameters", ASL_DETAIL_BARE_TEXT, AT(value)},
                                   TIMEOUT_FIELD,
                                   HEARTBEAT_FIELD,
                                   CREDENTIALS_FIELD}},
    TASK_ERROR_SHAPE(ASL_EVENT_TASK_START_FAILED, "taskStartFailedEventDetails"),
    [ASL_EVENT_TASK_STARTED] = {"taskStartedEventDetails", {RESOURCE_FIELDS}},
    ENTERED_SHAPE(ASL_EVENT_TASK_STATE_ENTERED),
    EXITED_SHAPE(ASL_EVENT_TASK_STATE_EXITED),
    TASK_ERROR_SHAPE(ASL_EVENT_TASK_SUBMIT_FAILED, "taskSubmitFailedEventDetails"),
    TASK_OUTPUT_SHAPE(ASL_EVENT_TASK_SUBMITTED, "taskSubmittedEventDetails"),
    TASK_OUTPUT_SHAPE(ASL_EVENT_TASK_SUCCEEDED, "taskSucceededEventDetails"),
    TASK_ERROR_SHAPE(ASL_EVENT_TASK_TIMED_OUT, "taskTimedOutEventDetails"),
    ENTERED_SHAPE(ASL_EVENT_WAIT_STATE_ENTERED),
    EXITED_SHAPE(ASL_EVENT_WAIT_STATE_EXITED),
};

const asl_detail_shape *asl_detail_shape_of(asl_event_type type)
{
    return &shapes[type];
}

/* Where the part after "arn:PARTITION:states:::" begins; 0 where the text is no such ARN. */
static size_t service_offset(const char *resource, size_t size)
{
    static const char middle[] = ":states:::";
    if (size < 4 || memcmp(resource, "arn:", 4) != 0)
        return 0;
    const char *colon = memchr(resource + 4, ':', size - 4);
    if (colon == NULL)
        return 0;
    size_t offset = (size_t)(colon - resource);
    if (size - offset < sizeof middle || memcmp(colon, middle, sizeof middle - 1) != 0)
        return 0;
    return offset + sizeof middle - 1;
}

void asl_resource_split(const char *resource, size_t size, size_t *ret_type_offset,
                        size_t *ret_type_size, size_t *ret_name_offset)
{
    static const char sdk[] = "aws-sdk:";
    *ret_type_offset = *ret_type_size = *ret_name_offset = 0;
    size_t type = service_offset(resource, size);
    if (type == 0)
        return;
    size_t from = type;
    if (size - from > sizeof sdk - 1 && memcmp(resource + from, sdk, sizeof sdk - 1) == 0)
        from += sizeof sdk - 1;
    const char *colon = memchr(resource + from, ':', size - from);
    if (colon == NULL || colon == resource + type || colon + 1 == resource + size)
        return;
    *ret_type_offset = type;
    *ret_type_size = (size_t)(colon - resource) - type;
    *ret_name_offset = (size_t)(colon + 1 - resource);
}
