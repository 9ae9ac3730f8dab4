/* The names of the event types, in the order of their numbers, which is AWS's alphabetical one. */
#include <stdlib.h>
#include <string.h>

#include "history/event.h"

static const char *const names[] = {
    "ActivityFailed",
    "ActivityScheduleFailed",
    "ActivityScheduled",
    "ActivityStarted",
    "ActivitySucceeded",
    "ActivityTimedOut",
    "ChoiceStateEntered",
    "ChoiceStateExited",
    "EvaluationFailed",
    "ExecutionAborted",
    "ExecutionFailed",
    "ExecutionRedriven",
    "ExecutionStarted",
    "ExecutionSucceeded",
    "ExecutionTimedOut",
    "FailStateEntered",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionScheduled",
    "LambdaFunctionStartFailed",
    "LambdaFunctionStarted",
    "LambdaFunctionSucceeded",
    "LambdaFunctionTimedOut",
    "MapIterationAborted",
    "MapIterationFailed",
    "MapIterationStarted",
    "MapIterationSucceeded",
    "MapRunAborted",
    "MapRunFailed",
    "MapRunRedriven",
    "MapRunStarted",
    "MapRunSucceeded",
    "MapStateAborted",
    "MapStateEntered",
    "MapStateExited",
    "MapStateFailed",
    "MapStateStarted",
    "MapStateSucceeded",
    "ParallelStateAborted",
    "ParallelStateEntered",
    "ParallelStateExited",
    "ParallelStateFailed",
    "ParallelStateStarted",
    "ParallelStateSucceeded",
    "PassStateEntered",
    "PassStateExited",
    "SucceedStateEntered",
    "SucceedStateExited",
    "TaskFailed",
    "TaskScheduled",
    "TaskStartFailed",
    "TaskStarted",
    "TaskStateAborted",
    "TaskStateEntered",
    "TaskStateExited",
    "TaskSubmitFailed",
    "TaskSubmitted",
    "TaskSucceeded",
    "TaskTimedOut",
    "WaitStateAborted",
    "WaitStateEntered",
    "WaitStateExited",
};
_Static_assert(sizeof names / sizeof names[0] == ASL_EVENT_AWS_LAST, "a name for every type");

const char *asl_event_type_name(asl_event_type type)
{
    if (type == ASL_EVENT_NONE || type > ASL_EVENT_AWS_LAST)
        return NULL;
    return names[type - 1];
}

typedef struct text {
    const char *bytes;
    size_t size;
} text;

static int compare_name(const void *key, const void *item)
{
    const text *wanted = key;
    const char *name = *(const char *const *)item;
    size_t size = strlen(name);
    int order = memcmp(wanted->bytes, name, wanted->size < size ? wanted->size : size);
    if (order != 0)
        return order;
    return wanted->size < size ? -1 : wanted->size > size;
}

asl_event_type asl_event_type_find(const char *name, size_t size)
{
    const text wanted = {name, size};
    const char *const *found =
        bsearch(&wanted, names, sizeof names / sizeof names[0], sizeof names[0], compare_name);
    return found ? (asl_event_type)(found - names + 1) : ASL_EVENT_NONE;
}
