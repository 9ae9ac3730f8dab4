/* evolve: what an entry changes. The only code that changes frames, and it evaluates nothing:
 * whatever an expression, a clock or a draw decided stands in the entry. */
#include <string.h>

#include "base/heap.h"
#include "interpreter/frames.h"

/* The frame an entry belongs to; NULL where there is none, which only a damaged record can ask for.
 */
static asl_frame *frame_of(const asl_frames *frames, const asl_event *entry)
{
    return asl_frames_at(frames, entry->frame);
}

static void share(asl_value **slot, const asl_value *value)
{
    asl_value_move(slot, asl_value_ref(value));
}

static int started(asl_frames *frames, const asl_event *entry)
{
    if (frames->has_started)
        return ASL_STORE_CORRUPT;
    asl_frame *frame = asl_frames_add(frames, ASL_NONE, 0, 0, 0, entry->value);
    if (!frame)
        return ASL_NOMEM;
    frames->has_started = true;
    frames->start_ms = entry->time_ms;
    share(&frames->input, entry->value);
    return asl_frames_touch(frames, frame);
}

static int ended(asl_frames *frames, const asl_event *entry, asl_execution_status status)
{
    frames->status = status;
    share(&frames->output, entry->value);
    share(&frames->error, entry->error);
    share(&frames->cause, entry->cause);
    for (size_t i = 0; i < frames->slot_count; i++)
        if (frames->slots[i] && frames->slots[i]->parent == ASL_NONE)
            asl_frames_remove(frames, frames->slots[i]);
    return ASL_OK;
}

/* Forgets what belongs to one visit of a state. */
static void leave(asl_frames *frames, asl_frame *frame)
{
    asl_frame_drop_children(frames, frame);
    asl_release(frames->heap, frame->attempts, frame->attempts_count * sizeof *frame->attempts);
    frame->attempts = NULL;
    frame->attempts_count = 0;
    frame->attempt = 0;
    frame->due_ms = 0;
    frame->heartbeat_s = frame->timeout_s = 0;
    frame->is_submitted = false;
    frame->waiting_event = 0;
    asl_value_move(&frame->work, NULL);
}

static int entered(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    if (frame->phase != ASL_PHASE_ENTER || entry->state >= frames->program->state_count)
        return ASL_STORE_CORRUPT;
    frame->phase = ASL_PHASE_WORK;
    frame->state = entry->state;
    frame->last_event = frame->entered_event = entry->id;
    frame->before_event = entry->previous_id;
    frame->entered_ms = entry->time_ms;
    share(&frame->input, entry->value);
    return asl_frames_touch(frames, frame);
}

/* ASL: Assign. All values were evaluated before; they become visible together. */
static int assign(asl_frame *frame, const asl_value *variables)
{
    if (!variables)
        return ASL_OK;
    if (!frame->variables) {
        share(&frame->variables, variables);
        return ASL_OK;
    }
    size_t count = asl_value_count(variables);
    int status = ASL_OK;
    for (size_t i = 0; status == ASL_OK && i < count; i++)
        status = asl_value_set_key(&frame->variables, asl_value_key(variables, i),
                                   asl_value_ref(asl_value_at(variables, i)));
    return status;
}

static int exited(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    if (!asl_frame_is_in_state(frame))
        return ASL_STORE_CORRUPT;
    if (entry->state != ASL_NONE && entry->state >= frames->program->state_count)
        return ASL_STORE_CORRUPT;
    int status = assign(frame, entry->variables);
    if (status != ASL_OK)
        return status;
    leave(frames, frame);
    frame->last_event = entry->id;
    if (entry->state == ASL_NONE) {
        frame->phase = ASL_PHASE_DONE;
        share(&frame->work, entry->value);
    } else {
        frame->phase = ASL_PHASE_ENTER;
        frame->state = entry->state;
        share(&frame->input, entry->value);
    }
    return asl_frames_touch(frames, frame);
}

static int scheduled(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    frame->phase = ASL_PHASE_TASK;
    frame->last_event = frame->waiting_event = entry->id;
    frame->due_ms = entry->due_ms;
    frame->heartbeat_s = entry->heartbeat_s;
    frame->timeout_s = entry->timeout_s;
    frame->is_submitted = false;
    share(&frame->work, entry->value);
    return asl_frames_touch(frames, frame);
}

static int task_went_on(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    frame->last_event = entry->id;
    frame->is_submitted = frame->is_submitted || entry->type == ASL_EVENT_TASK_SUBMITTED ||
                          entry->type == ASL_EVENT_ACTIVITY_STARTED;
    if (entry->due_ms != 0)
        frame->due_ms = entry->due_ms;
    return asl_frames_touch(frames, frame);
}

static int succeeded(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    frame->phase = ASL_PHASE_RESULT;
    frame->last_event = entry->id;
    frame->due_ms = 0;
    share(&frame->work, entry->value);
    return asl_frames_touch(frames, frame);
}

/* A try has failed. What a timed-out task still does is not wanted any more. */
static int failed(asl_frames *frames, asl_frame *frame, const asl_event *entry, bool is_timeout)
{
    if (is_timeout && frames->is_applying && frame->phase == ASL_PHASE_TASK) {
        asl_effect effect = {.kind = ASL_EFFECT_CANCEL_TASK,
                             .frame = frame->number,
                             .event = frame->waiting_event,
                             .state = asl_frame_state(frames, frame)};
        int status = asl_effect_add(frames->effects, &effect);
        if (status != ASL_OK)
            return status;
    }
    asl_frame_drop_children(frames, frame);
    frame->phase = ASL_PHASE_FAILED;
    frame->last_event = entry->id;
    frame->due_ms = 0;
    return ASL_OK;
}

static int waiting(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    frame->phase = ASL_PHASE_WAIT;
    frame->due_ms = entry->due_ms;
    frame->waiting_event = frame->last_event;
    return asl_frames_touch(frames, frame);
}

static int count_attempt(const asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    uint32_t count = asl_frame_state(frames, frame)->retrier_count;
    if (entry->index >= count)
        return ASL_STORE_CORRUPT;
    if (!frame->attempts) {
        frame->attempts = asl_allocate_zeroed(frames->heap, count * sizeof *frame->attempts);
        if (!frame->attempts)
            return ASL_NOMEM;
        frame->attempts_count = count;
    }
    frame->attempts[entry->index] = entry->count;
    frame->attempt++;
    return ASL_OK;
}

static int retry_decided(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    if (!asl_frame_is_in_state(frame))
        return ASL_STORE_CORRUPT;
    int status = count_attempt(frames, frame, entry);
    if (status != ASL_OK)
        return status;
    asl_frame_drop_children(frames, frame);
    frame->phase = ASL_PHASE_RETRY;
    frame->last_event = entry->previous_id;
    frame->waiting_event = frames->event_count;
    frame->due_ms = entry->due_ms;
    return asl_frames_touch(frames, frame);
}

static int add_container(asl_frames *frames, asl_frame *frame, const asl_event *entry,
                         uint32_t count)
{
    asl_frame_drop_children(frames, frame);
    asl_container *container = asl_allocate_zeroed(frames->heap, sizeof *container);
    if (!container)
        return ASL_NOMEM;
    frame->container = container;
    container->first_child = container->last_child = ASL_NONE;
    container->child_count = count;
    container->concurrency = count;
    container->chain_event = entry->id;
    share(&container->input, entry->value);
    if (count > 0) {
        container->results = asl_allocate_zeroed(frames->heap, count * sizeof *container->results);
        if (!container->results) {
            container->child_count = 0;
            return ASL_NOMEM;
        }
    }
    frame->phase = ASL_PHASE_CHILDREN;
    frame->last_event = entry->id;
    frame->due_ms = 0;
    return asl_frames_touch(frames, frame);
}

static int map_started(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    if (asl_frame_state(frames, frame)->type != ASL_STATE_MAP ||
        asl_value_count(entry->extra) != entry->count)
        return ASL_STORE_CORRUPT;
    int status = add_container(frames, frame, entry, entry->count);
    if (status != ASL_OK)
        return status;
    frame->container->concurrency = entry->concurrency;
    share(&frame->container->items, entry->extra);
    return ASL_OK;
}

static int iteration_started(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    asl_container *container = frame->container;
    if (!container || entry->index != container->started_count ||
        entry->index >= container->child_count)
        return ASL_STORE_CORRUPT;
    uint32_t scope = asl_frame_state(frames, frame)->as.map.scope;
    asl_frame *child =
        asl_frames_add(frames, frame->number, scope, entry->index, entry->id, entry->value);
    if (!child)
        return ASL_NOMEM;
    container->started_count++;
    return asl_frames_touch(frames, child);
}

static int parallel_started(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    const asl_state *state = asl_frame_state(frames, frame);
    if (state->type != ASL_STATE_PARALLEL)
        return ASL_STORE_CORRUPT;
    int status = add_container(frames, frame, entry, state->as.parallel.branch_count);
    for (uint32_t i = 0; status == ASL_OK && i < state->as.parallel.branch_count; i++) {
        asl_frame *child = asl_frames_add(frames, frame->number, state->as.parallel.first_scope + i,
                                          i, entry->id, entry->value);
        status = child ? asl_frames_touch(frames, child) : ASL_NOMEM;
        frame->container->started_count++;
    }
    return status;
}

/* A branch or iteration has ended well: its output takes its place, and its frame goes. */
static int child_succeeded(asl_frames *frames, asl_frame *child, const asl_event *entry)
{
    asl_frame *parent = asl_frames_at(frames, child->parent);
    if (!parent || !parent->container || child->phase != ASL_PHASE_DONE)
        return ASL_STORE_CORRUPT;
    asl_container *container = parent->container;
    asl_value_move(&container->results[child->index], asl_steal(child->work));
    container->done_count++;
    container->chain_event = child->last_event;
    parent->last_event = entry->id != 0 ? entry->id : child->last_event;
    asl_frames_remove(frames, child);
    return asl_frames_touch(frames, parent);
}

static int child_removed(asl_frames *frames, asl_frame *child, const asl_event *entry)
{
    asl_frame *parent = asl_frames_at(frames, child->parent);
    if (!parent)
        return ASL_STORE_CORRUPT;
    parent->last_event = entry->previous_id;
    asl_frames_remove(frames, child);
    return ASL_OK;
}

/* ASL: the result of a Parallel or Map is the array of its children's outputs, in order. */
static int children_succeeded(asl_frames *frames, asl_frame *frame)
{
    asl_container *container = frame->container;
    if (!container || container->done_count != container->child_count)
        return ASL_STORE_CORRUPT;
    asl_cleanup(asl_value_cleanup) asl_value *result =
        asl_value_array_reserved(frames->heap, container->child_count);
    if (!result)
        return ASL_NOMEM;
    for (uint32_t i = 0; i < container->child_count; i++) {
        int status = asl_value_append(&result, asl_steal(container->results[i]));
        if (status != ASL_OK)
            return status;
    }
    asl_frame_drop_children(frames, frame);
    asl_value_move(&frame->work, asl_steal(result));
    frame->phase = ASL_PHASE_RESULT;
    return asl_frames_touch(frames, frame);
}

static int of_frame(asl_frames *frames, asl_frame *frame, const asl_event *entry)
{
    switch ((unsigned)entry->type) {
    case ASL_EVENT_CHOICE_STATE_ENTERED:
    case ASL_EVENT_FAIL_STATE_ENTERED:
    case ASL_EVENT_MAP_STATE_ENTERED:
    case ASL_EVENT_PARALLEL_STATE_ENTERED:
    case ASL_EVENT_PASS_STATE_ENTERED:
    case ASL_EVENT_SUCCEED_STATE_ENTERED:
    case ASL_EVENT_TASK_STATE_ENTERED:
    case ASL_EVENT_WAIT_STATE_ENTERED:
        return entered(frames, frame, entry);
    case ASL_EVENT_CHOICE_STATE_EXITED:
    case ASL_EVENT_MAP_STATE_EXITED:
    case ASL_EVENT_PARALLEL_STATE_EXITED:
    case ASL_EVENT_PASS_STATE_EXITED:
    case ASL_EVENT_SUCCEED_STATE_EXITED:
    case ASL_EVENT_TASK_STATE_EXITED:
    case ASL_EVENT_WAIT_STATE_EXITED:
        return exited(frames, frame, entry);
    case ASL_EVENT_ACTIVITY_SCHEDULED:
    case ASL_EVENT_LAMBDA_FUNCTION_SCHEDULED:
    case ASL_EVENT_TASK_SCHEDULED:
        return scheduled(frames, frame, entry);
    case ASL_EVENT_ACTIVITY_STARTED:
    case ASL_EVENT_LAMBDA_FUNCTION_STARTED:
    case ASL_EVENT_TASK_STARTED:
    case ASL_EVENT_TASK_SUBMITTED:
        return task_went_on(frames, frame, entry);
    case ASL_EVENT_ACTIVITY_SUCCEEDED:
    case ASL_EVENT_LAMBDA_FUNCTION_SUCCEEDED:
    case ASL_EVENT_TASK_SUCCEEDED:
        return succeeded(frames, frame, entry);
    case ASL_EVENT_ACTIVITY_TIMED_OUT:
    case ASL_EVENT_LAMBDA_FUNCTION_TIMED_OUT:
    case ASL_EVENT_TASK_TIMED_OUT:
        return failed(frames, frame, entry, true);
    case ASL_EVENT_ACTIVITY_FAILED:
    case ASL_EVENT_LAMBDA_FUNCTION_FAILED:
    case ASL_EVENT_TASK_FAILED:
    case ASL_EVENT_EVALUATION_FAILED:
    case ASL_EVENT_MAP_STATE_FAILED:
    case ASL_EVENT_PARALLEL_STATE_FAILED:
        return failed(frames, frame, entry, false);
    case ASL_EVENT_MAP_STATE_STARTED:
        return map_started(frames, frame, entry);
    case ASL_EVENT_MAP_ITERATION_STARTED:
        return iteration_started(frames, frame, entry);
    case ASL_EVENT_PARALLEL_STATE_STARTED:
        return parallel_started(frames, frame, entry);
    case ASL_EVENT_MAP_ITERATION_SUCCEEDED:
    case ASL_NOTE_CHILD_DONE:
        return child_succeeded(frames, frame, entry);
    case ASL_EVENT_MAP_ITERATION_FAILED:
    case ASL_EVENT_MAP_ITERATION_ABORTED:
        return child_removed(frames, frame, entry);
    case ASL_EVENT_MAP_STATE_SUCCEEDED:
    case ASL_EVENT_PARALLEL_STATE_SUCCEEDED:
        return children_succeeded(frames, frame);
    case ASL_NOTE_WAITING:
        return waiting(frames, frame, entry);
    case ASL_NOTE_RETRY:
        return retry_decided(frames, frame, entry);
    default:
        return ASL_STORE_CORRUPT;
    }
}

static int of_execution(asl_frames *frames, const asl_event *entry, bool *ret_is)
{
    *ret_is = true;
    switch ((unsigned)entry->type) {
    case ASL_EVENT_EXECUTION_STARTED:
        return started(frames, entry);
    case ASL_EVENT_EXECUTION_SUCCEEDED:
        return ended(frames, entry, ASL_EXECUTION_SUCCEEDED);
    case ASL_EVENT_EXECUTION_FAILED:
        return ended(frames, entry, ASL_EXECUTION_FAILED);
    case ASL_EVENT_EXECUTION_TIMED_OUT:
        return ended(frames, entry, ASL_EXECUTION_TIMED_OUT);
    case ASL_EVENT_EXECUTION_ABORTED:
        return ended(frames, entry, ASL_EXECUTION_ABORTED);
    /* These change nothing, and an iteration's frame is gone before them. */
    case ASL_EVENT_MAP_STATE_ABORTED:
    case ASL_EVENT_PARALLEL_STATE_ABORTED:
    case ASL_EVENT_TASK_STATE_ABORTED:
    case ASL_EVENT_WAIT_STATE_ABORTED:
        return ASL_OK;
    default:
        *ret_is = false;
        return ASL_OK;
    }
}

int asl_frames_evolve(asl_frames *frames, const asl_event *entry)
{
    if (entry->id != 0) {
        if (entry->id != frames->event_count + 1)
            return ASL_STORE_CORRUPT;
        frames->event_count = entry->id;
    }
    if (entry->time_ms > frames->last_ms)
        frames->last_ms = entry->time_ms;
    bool is_of_execution;
    int status = of_execution(frames, entry, &is_of_execution);
    if (is_of_execution)
        return status;
    asl_frame *frame = frame_of(frames, entry);
    return frame ? of_frame(frames, frame, entry) : ASL_STORE_CORRUPT;
}
