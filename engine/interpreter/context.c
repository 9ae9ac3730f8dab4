/* The context object, `$$`: built when an expression asks for it, in the order AWS shows it. */
#include <string.h>

#include "base/time_text.h"
#include "interpreter/decide.h"

static asl_value *text(const asl_heap *heap, const char *string)
{
    return asl_value_string(heap, string ? string : "");
}

static asl_value *time_text(const asl_heap *heap, int64_t time_ms)
{
    char out[ASL_TIME_TEXT_SIZE];
    size_t size = asl_time_print(time_ms, out);
    return asl_value_string_sized(heap, out, size);
}

/* A member of an object under construction; the first failure sticks. */
static void member(asl_value **object, int *status, const char *key, asl_value *value)
{
    int result = asl_value_set(object, key, value);
    if (*status == ASL_OK)
        *status = result;
}

/* "arn:aws:states:REGION:ACCOUNT:express:..." */
static bool is_express(const asl_execution_identity *identity)
{
    const char *arn = identity->execution_arn;
    for (int colons = 0; arn && colons < 5; colons++) {
        arn = strchr(arn, ':');
        arn = arn ? arn + 1 : NULL;
    }
    return arn && strncmp(arn, "express:", strlen("express:")) == 0;
}

/* AWS: an EXPRESS execution shows the same in another order, and one that was started synchronously
 * no RedriveCount. */
static asl_value *execution_part(const asl_frames *frames, int *status)
{
    const asl_heap *heap = frames->heap;
    const asl_execution_identity *identity = frames->identity;
    asl_value *object = asl_value_object(heap);
    bool start_is_last = is_express(identity);
    member(&object, status, "Id", text(heap, identity->execution_arn));
    member(&object, status, "Input", asl_value_ref(frames->input));
    if (!start_is_last)
        member(&object, status, "StartTime", time_text(heap, frames->start_ms));
    member(&object, status, "Name", text(heap, identity->execution_name));
    member(&object, status, "RoleArn", text(heap, identity->role_arn));
    if (start_is_last)
        member(&object, status, "StartTime", time_text(heap, frames->start_ms));
    if ((frames->flags & ASL_FACT_SYNCHRONOUS) == 0)
        member(&object, status, "RedriveCount", asl_value_integer(heap, 0));
    return object;
}

static asl_value *machine_part(const asl_frames *frames, int *status)
{
    asl_value *object = asl_value_object(frames->heap);
    member(&object, status, "Id", text(frames->heap, frames->identity->machine_arn));
    member(&object, status, "Name", text(frames->heap, frames->identity->machine_name));
    return object;
}

static asl_value *state_part(const asl_frames *frames, const asl_frame *frame, int *status)
{
    const asl_state *state = asl_frame_state(frames, frame);
    asl_value *object = asl_value_object(frames->heap);
    member(&object, status, "Name", asl_value_ref(state->name));
    member(&object, status, "EnteredTime", time_text(frames->heap, frame->entered_ms));
    /* AWS: where there can be a Retry. */
    if (state->type == ASL_STATE_TASK || state->type == ASL_STATE_PARALLEL ||
        state->type == ASL_STATE_MAP)
        member(&object, status, "RetryCount", asl_value_integer(frames->heap, frame->attempt));
    return object;
}

/* AWS: Task.Token stands in the context object of callback and .sync tasks. While a try is being
 * prepared its token is that of the event that is about to schedule it. */
static bool has_token(const asl_frames *frames, const asl_frame *frame)
{
    const asl_state *state = asl_frame_state(frames, frame);
    return frames->identity->token && state->type == ASL_STATE_TASK &&
           state->as.task.kind == ASL_RESOURCE_SERVICE &&
           state->as.task.pattern != ASL_PATTERN_REQUEST_RESPONSE;
}

static asl_value *task_part(const asl_frames *frames, const asl_frame *frame, int *status)
{
    bool is_scheduled = frame->phase == ASL_PHASE_TASK || frame->phase == ASL_PHASE_RESULT ||
                        frame->phase == ASL_PHASE_FAILED;
    uint64_t event = is_scheduled ? frame->waiting_event : frames->event_count + 1;
    char token[ASL_TOKEN_SIZE];
    asl_value *object = asl_value_object(frames->heap);
    if (frames->identity->token(frames->identity->token_owner, event, token) == ASL_OK)
        member(&object, status, "Token", asl_value_string(frames->heap, token));
    else
        *status = ASL_NOMEM;
    return object;
}

/* The item of the nearest Map around a frame: in its ItemSelector, or in an iteration. */
static asl_item nearest_item(const asl_frames *frames, const asl_frame *frame, const asl_item *item)
{
    if (item)
        return *item;
    for (const asl_frame *up; (up = asl_frames_at(frames, frame->parent)) != NULL; frame = up)
        if (up->container && up->container->items)
            return (asl_item){.value = asl_value_at(up->container->items, frame->index),
                              .index = frame->index};
    return (asl_item){.value = NULL};
}

static asl_value *map_part(const asl_frames *frames, const asl_item *item, int *status)
{
    asl_value *inner = asl_value_object(frames->heap);
    member(&inner, status, "Index", asl_value_integer(frames->heap, item->index));
    member(&inner, status, "Value", asl_value_ref(item->value));
    asl_value *object = asl_value_object(frames->heap);
    member(&object, status, "Item", inner);
    return object;
}

int asl_context_build(const asl_frames *frames, const asl_frame *frame, const asl_item *item,
                      asl_value **ret_context)
{
    int status = ASL_OK;
    asl_cleanup(asl_value_cleanup) asl_value *context = asl_value_object(frames->heap);
    member(&context, &status, "Execution", execution_part(frames, &status));
    member(&context, &status, "StateMachine", machine_part(frames, &status));
    member(&context, &status, "State", state_part(frames, frame, &status));
    asl_item nearest = nearest_item(frames, frame, item);
    if (nearest.value)
        member(&context, &status, "Map", map_part(frames, &nearest, &status));
    if (has_token(frames, frame))
        member(&context, &status, "Task", task_part(frames, frame, &status));
    if (status == ASL_OK)
        *ret_context = asl_steal(context);
    return status;
}
