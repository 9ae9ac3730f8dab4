/* Task states: scheduling, and what comes back. The resource's kind decides which events are left:
 * LambdaFunction* for a function's ARN, Activity* for an activity's, Task* for everything else. */
#include "base/limits.h"
#include "interpreter/decide.h"

typedef struct task_events {
    asl_event_type scheduled, started, succeeded, failed, timed_out;
} task_events;

static const task_events events_of_kind[] = {
    [ASL_RESOURCE_LAMBDA] = {ASL_EVENT_LAMBDA_FUNCTION_SCHEDULED, ASL_EVENT_LAMBDA_FUNCTION_STARTED,
                             ASL_EVENT_LAMBDA_FUNCTION_SUCCEEDED, ASL_EVENT_LAMBDA_FUNCTION_FAILED,
                             ASL_EVENT_LAMBDA_FUNCTION_TIMED_OUT},
    [ASL_RESOURCE_SERVICE] = {ASL_EVENT_TASK_SCHEDULED, ASL_EVENT_TASK_STARTED,
                              ASL_EVENT_TASK_SUCCEEDED, ASL_EVENT_TASK_FAILED,
                              ASL_EVENT_TASK_TIMED_OUT},
    [ASL_RESOURCE_ACTIVITY] = {ASL_EVENT_ACTIVITY_SCHEDULED, ASL_EVENT_ACTIVITY_STARTED,
                               ASL_EVENT_ACTIVITY_SUCCEEDED, ASL_EVENT_ACTIVITY_FAILED,
                               ASL_EVENT_ACTIVITY_TIMED_OUT},
};

static const asl_state *task_state(const asl_decision *decision, const asl_frame *frame)
{
    return asl_frame_state(decision->frames, frame);
}

/* ASL: TimeoutSeconds, HeartbeatSeconds and their *Path forms: a positive integer. */
static int evaluate_seconds(asl_decision *decision, const asl_frame *frame,
                            const asl_expression *expression, const char *field,
                            int64_t *ret_seconds, asl_failure *failure)
{
    if (!expression)
        return ASL_OK;
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    int status = asl_evaluate_input(decision, frame, &input, failure);
    if (status == ASL_OK)
        status = asl_evaluate(decision, frame, expression, input, NULL, &value, failure);
    if (status != ASL_OK)
        return status;
    if (asl_value_get_integer(value, ret_seconds) && *ret_seconds > 0 &&
        *ret_seconds <= ASL_TIMEOUT_SECONDS_MAX)
        return ASL_OK;
    asl_buffer text;
    asl_buffer_init(&text, decision->heap);
    asl_value_print_to(value, &text);
    const char *printed = asl_buffer_string(&text);
    status = printed ? asl_fail_runtime(
                           decision, frame, failure,
                           "The %s parameter must be a positive integer of at most %d, but was: %s",
                           field, ASL_TIMEOUT_SECONDS_MAX, printed)
                     : ASL_NOMEM;
    asl_buffer_done(&text);
    return status;
}

static int emit_scheduled(asl_decision *decision, asl_frame *frame, asl_event *entry)
{
    const asl_state *state = task_state(decision, frame);
    const task_events *events = &events_of_kind[state->as.task.kind];
    entry->type = events->scheduled;
    entry->name = asl_value_ref(state->as.task.resource);
    if (entry->timeout_s > 0 && state->as.task.kind != ASL_RESOURCE_ACTIVITY)
        entry->due_ms = decision->now_ms + entry->timeout_s * 1000;
    int status = asl_emit(decision, entry);
    if (status != ASL_OK || state->as.task.kind == ASL_RESOURCE_ACTIVITY)
        return status;
    asl_event begun = asl_entry(frame, events->started);
    begun.name = asl_value_ref(state->as.task.resource);
    return asl_emit(decision, &begun);
}

int asl_decide_task(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = task_state(decision, frame);
    asl_cleanup(asl_value_cleanup) asl_value *parameters = NULL;
    asl_event entry = asl_entry(frame, ASL_EVENT_NONE);
    int status = asl_evaluate_parameters(decision, frame, &parameters, failure);
    if (status == ASL_OK)
        status = evaluate_seconds(decision, frame, state->as.task.timeout_seconds, "TimeoutSeconds",
                                  &entry.timeout_s, failure);
    if (status == ASL_OK)
        status = evaluate_seconds(decision, frame, state->as.task.heartbeat_seconds,
                                  "HeartbeatSeconds", &entry.heartbeat_s, failure);
    if (status == ASL_OK)
        status = asl_check_size(decision, parameters, state->name, failure);
    if (status == ASL_OK && state->as.task.credentials)
        status = asl_evaluate(decision, frame, state->as.task.credentials, frame->input, NULL,
                              &entry.extra, failure);
    if (status != ASL_OK)
        return status;
    entry.value = asl_steal(parameters);
    return emit_scheduled(decision, frame, &entry);
}

/* The name that States.DataLimitExceeded shows: a function's ARN, or the service ("lambda"). */
static asl_value *limit_name(const asl_decision *decision, const asl_state *state)
{
    size_t size;
    const char *resource = asl_value_get_string(state->as.task.resource, &size);
    static const char prefix[] = "arn:aws:states:::";
    if (state->as.task.kind != ASL_RESOURCE_SERVICE || size < sizeof prefix)
        return asl_value_ref(state->as.task.resource);
    const char *service = resource;
    for (int colons = 0; *service != '\0' && colons < 5; service++)
        colons += *service == ':';
    size_t length = 0;
    while (service[length] != '\0' && service[length] != ':')
        length++;
    return asl_value_string_sized(decision->heap, service, length);
}

static int emit_failed(asl_decision *decision, asl_frame *frame, asl_event_type type,
                       asl_failure *failure, const char *alias)
{
    asl_event entry = asl_entry(frame, type);
    entry.name = asl_value_ref(task_state(decision, frame)->as.task.resource);
    entry.error = asl_value_ref(failure->error);
    entry.cause = asl_value_ref(failure->cause);
    int status = asl_emit(decision, &entry);
    if (status != ASL_OK)
        return status;
    return asl_decide_failure(decision, frame, failure, alias);
}

static int task_succeeded(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = task_state(decision, frame);
    const task_events *events = &events_of_kind[state->as.task.kind];
    asl_cleanup(asl_value_cleanup) asl_value *name = limit_name(decision, state);
    int status = name ? asl_check_size(decision, decision->fact->value, name, failure) : ASL_NOMEM;
    if (status == ASL_WORKFLOW_FAILED)
        return emit_failed(decision, frame, events->failed, failure, NULL);
    if (status != ASL_OK)
        return status;
    asl_event entry = asl_entry(frame, events->succeeded);
    entry.name = asl_value_ref(state->as.task.resource);
    entry.value = asl_value_ref(decision->fact->value);
    return asl_emit(decision, &entry);
}

static int task_failed(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    failure->error = asl_value_ref(decision->fact->error);
    failure->cause = asl_value_ref(decision->fact->cause);
    const asl_state *state = task_state(decision, frame);
    return emit_failed(decision, frame, events_of_kind[state->as.task.kind].failed, failure, NULL);
}

int asl_decide_task_fact(asl_decision *decision, asl_frame *frame)
{
    asl_failure failure = {.error = NULL};
    int status = decision->fact->kind == ASL_FACT_TASK_SUCCEEDED
                     ? task_succeeded(decision, frame, &failure)
                     : task_failed(decision, frame, &failure);
    asl_failure_done(&failure);
    return status;
}

/* ASL: TimeoutSeconds and HeartbeatSeconds. AWS reports both as States.Timeout, without a cause. */
int asl_decide_task_timeout(asl_decision *decision, asl_frame *frame, bool is_heartbeat)
{
    asl_failure failure = {.error = asl_value_string(decision->heap, "States.Timeout")};
    if (!failure.error)
        return ASL_NOMEM;
    const asl_state *state = task_state(decision, frame);
    int status = emit_failed(decision, frame, events_of_kind[state->as.task.kind].timed_out,
                             &failure, is_heartbeat ? "States.HeartbeatTimeout" : NULL);
    asl_failure_done(&failure);
    return status;
}
