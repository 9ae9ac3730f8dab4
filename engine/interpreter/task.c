/* Task states: scheduling, and what comes back. The resource's kind decides which events are left:
 * LambdaFunction* for a function's ARN, Activity* for an activity's, Task* for everything else. */
#include <string.h>

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
    if (task_state(decision, frame)->is_jsonata)
        return asl_evaluate_integer(decision, frame, expression, ASL_TIMEOUT_SECONDS_MAX,
                                    ret_seconds, failure);
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    int status = asl_evaluate_input(decision, frame, &input, failure);
    if (status == ASL_OK)
        status = asl_evaluate_field(decision, frame, expression, &(asl_sources){.input = input},
                                    &value, failure);
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

/* Whether every header is given as a list of texts, as the HTTP integration wants them. */
static bool are_headers(const asl_value *headers)
{
    if (!asl_value_is_object(headers))
        return false;
    for (size_t i = 0; i < asl_value_count(headers); i++)
        if (!asl_value_is_array(asl_value_at(headers, i)))
            return false;
    return true;
}

/* AWS: what a service integration refuses before it is scheduled. */
static int check_parameters(asl_decision *decision, const asl_frame *frame,
                            const asl_value *parameters, asl_failure *failure)
{
    const char *resource =
        asl_value_get_string(task_state(decision, frame)->as.task.resource, NULL);
    const asl_value *headers = asl_value_get(parameters, "Headers");
    if (strcmp(resource, "arn:aws:states:::apigateway:invoke") != 0 || !headers ||
        are_headers(headers))
        return ASL_OK;
    asl_buffer text;
    asl_buffer_init(&text, decision->heap);
    asl_value_print_to(parameters, &text);
    const char *printed = asl_buffer_string(&text);
    int status = printed ? asl_fail_runtime(decision, frame, failure,
                                            "The Parameters '%s' could not be used to start the "
                                            "Task: [The value of the field 'Headers' has an "
                                            "invalid format]",
                                            printed)
                         : ASL_NOMEM;
    asl_buffer_done(&text);
    return status;
}

/* ASL: Credentials. The role in it is what an event shows. */
static int evaluate_role(asl_decision *decision, const asl_frame *frame, asl_value **ret_role,
                         asl_failure *failure)
{
    const asl_expression *credentials = task_state(decision, frame)->as.task.credentials;
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    if (!credentials)
        return ASL_OK;
    int status = asl_evaluate_field(decision, frame, credentials,
                                    &(asl_sources){.input = frame->input}, &value, failure);
    if (status == ASL_OK)
        *ret_role = asl_value_ref(asl_value_get(value, "RoleArn"));
    return status;
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
    if (status == ASL_OK)
        status = check_parameters(decision, frame, parameters, failure);
    if (status == ASL_OK)
        status = evaluate_role(decision, frame, &entry.extra, failure);
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
                       const asl_failure *failure)
{
    asl_event entry = asl_entry(frame, type);
    entry.name = asl_value_ref(task_state(decision, frame)->as.task.resource);
    entry.error = asl_value_ref(failure->error);
    entry.cause = asl_value_ref(failure->cause);
    return asl_emit(decision, &entry);
}

static int fail_task(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    asl_resource_kind kind = task_state(decision, frame)->as.task.kind;
    int status = emit_failed(decision, frame, events_of_kind[kind].failed, failure);
    return status == ASL_OK ? asl_decide_failure(decision, frame, failure, NULL) : status;
}

static int task_succeeded(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = task_state(decision, frame);
    const task_events *events = &events_of_kind[state->as.task.kind];
    asl_cleanup(asl_value_cleanup) asl_value *name = limit_name(decision, state);
    int status = name ? asl_check_size(decision, decision->fact->value, name, failure) : ASL_NOMEM;
    if (status == ASL_WORKFLOW_FAILED)
        return fail_task(decision, frame, failure);
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
    return fail_task(decision, frame, failure);
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
static int emit_timed_out(asl_decision *decision, asl_frame *frame)
{
    asl_failure failure = {.error = asl_value_string(decision->heap, "States.Timeout")};
    if (!failure.error)
        return ASL_NOMEM;
    asl_resource_kind kind = task_state(decision, frame)->as.task.kind;
    int status = emit_failed(decision, frame, events_of_kind[kind].timed_out, &failure);
    asl_failure_done(&failure);
    return status;
}

static int decide_timeout(asl_decision *decision, asl_frame *frame, const char *alias)
{
    asl_failure failure = {.error = asl_value_string(decision->heap, "States.Timeout")};
    if (!failure.error)
        return ASL_NOMEM;
    int status = asl_decide_failure(decision, frame, &failure, alias);
    asl_failure_done(&failure);
    return status;
}

int asl_decide_heartbeat_missed(asl_decision *decision, asl_frame *frame)
{
    int status = emit_timed_out(decision, frame);
    return status == ASL_OK ? decide_timeout(decision, frame, "States.HeartbeatTimeout") : status;
}

static bool is_overdue(const asl_decision *decision, const asl_frame *frame)
{
    return frame->phase == ASL_PHASE_TASK && frame->due_ms != 0 &&
           frame->due_ms <= decision->now_ms;
}

/* AWS: tasks whose deadlines come at the same time all time out before the first of them fails what
 * is around it. */
int asl_decide_overdue_tasks(asl_decision *decision, asl_frame *frame)
{
    const asl_frames *frames = decision->frames;
    uint32_t first = frame->number;
    int status = emit_timed_out(decision, frame);
    for (uint32_t i = 0; status == ASL_OK && i < frames->slot_count; i++)
        if (frames->slots[i] && is_overdue(decision, frames->slots[i]))
            status = emit_timed_out(decision, frames->slots[i]);
    if (status == ASL_OK)
        status = decide_timeout(decision, asl_frames_at(frames, first), NULL);
    for (uint32_t i = 0; status == ASL_OK && i < frames->slot_count; i++)
        if (frames->slots[i] && frames->slots[i]->phase == ASL_PHASE_FAILED)
            status = decide_timeout(decision, frames->slots[i], NULL);
    return status;
}
