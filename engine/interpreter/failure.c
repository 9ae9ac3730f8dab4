/* Failures: Retry, then Catch, then what is around the state, and so on outwards until something
 * handles the error or the execution fails with it. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/random.h"
#include "interpreter/decide.h"

static bool is_name(const asl_value *value, const char *name)
{
    const char *string = value ? asl_value_get_string(value, NULL) : NULL;
    return string && strcmp(string, name) == 0;
}

/* ASL: "ErrorEquals". States.TaskFailed stands for every error but States.Timeout. */
static bool names_match(const asl_error_names *names, const asl_value *error, const char *alias)
{
    for (uint32_t i = 0; i < names->count; i++) {
        const asl_value *name = names->names[i];
        if (is_name(name, "States.ALL") || (error && asl_value_equal(name, error)) ||
            (alias && is_name(name, alias)))
            return true;
        if (is_name(name, "States.TaskFailed") && !is_name(error, "States.Timeout"))
            return true;
    }
    return false;
}

/* A failure on its way outwards. */
typedef struct journey {
    asl_decision *decision;
    asl_failure *failure;
    const char *alias;
    uint64_t chain_event; /* the failing event: what follows points to it */
    bool is_open;         /* the frame's Parallel or Map has not shown yet how it ended */
} journey;

static int emit_evaluation_failed(journey *self, asl_frame *frame, uint64_t previous_id)
{
    const asl_failure *failure = self->failure;
    if (!failure->is_evaluation)
        return ASL_OK;
    asl_event entry = asl_entry(frame, ASL_EVENT_EVALUATION_FAILED);
    entry.previous_id = previous_id;
    entry.name = asl_value_ref(asl_frame_state(self->decision->frames, frame)->name);
    entry.extra = asl_value_ref(failure->location);
    entry.error = asl_value_ref(failure->error);
    entry.cause = asl_value_ref(failure->cause);
    int status = asl_emit(self->decision, &entry);
    self->chain_event = frame->last_event;
    return status;
}

/* ASL: the delay of try n is IntervalSeconds x BackoffRate^(n-1), at most MaxDelaySeconds; FULL
 * jitter draws from 0 to that. */
static int64_t retry_delay_ms(asl_decision *decision, const asl_retrier *retrier, uint32_t attempt)
{
    double seconds =
        (double)retrier->interval_seconds * pow(retrier->backoff_rate, (double)attempt - 1);
    if (retrier->max_delay_seconds > 0 && seconds > (double)retrier->max_delay_seconds)
        seconds = (double)retrier->max_delay_seconds;
    if (seconds > ASL_WAIT_SECONDS_MAX)
        seconds = ASL_WAIT_SECONDS_MAX;
    if (retrier->jitter_full) {
        const asl_frames *frames = decision->frames;
        seconds *= asl_random_unit(asl_random_draw(frames->seed, frames->event_count + 1, 0));
    }
    return (int64_t)(seconds * 1000.0);
}

static int try_retry(journey *self, asl_frame *frame, bool *ret_handled)
{
    const asl_state *state = asl_frame_state(self->decision->frames, frame);
    for (uint32_t i = 0; i < state->retrier_count; i++) {
        const asl_retrier *retrier = &state->retriers[i];
        if (!names_match(&retrier->errors, self->failure->error, self->alias))
            continue;
        uint32_t attempt = (frame->attempts ? frame->attempts[i] : 0) + 1;
        if (attempt > retrier->max_attempts)
            return ASL_OK;
        *ret_handled = true;
        asl_event note = asl_entry(frame, ASL_NOTE_RETRY);
        note.previous_id = self->chain_event;
        note.index = i;
        note.count = attempt;
        note.due_ms = self->decision->now_ms + retry_delay_ms(self->decision, retrier, attempt);
        return asl_emit(self->decision, &note);
    }
    return ASL_OK;
}

/* ASL: the Error Output. */
static int error_output(const journey *self, asl_value **ret_output)
{
    const asl_heap *heap = self->decision->heap;
    const asl_failure *failure = self->failure;
    asl_cleanup(asl_value_cleanup) asl_value *output = asl_value_object(heap);
    if (!output)
        return ASL_NOMEM;
    /* AWS: an error without a name shows null, and so does what it lacks. */
    asl_value *name = failure->error ? asl_value_ref(failure->error) : asl_value_null();
    int status = asl_value_set(&output, "Error", name);
    if (status == ASL_OK && failure->cause)
        status = asl_value_set(&output, "Cause", asl_value_ref(failure->cause));
    else if (status == ASL_OK && !failure->error)
        status = asl_value_set(&output, "Cause", asl_value_null());
    if (status == ASL_OK)
        *ret_output = asl_steal(output);
    return status;
}

static int take_catcher(journey *self, asl_frame *frame, const asl_catcher *catcher,
                        asl_failure *failure)
{
    bool is_jsonata = asl_frame_state(self->decision->frames, frame)->is_jsonata;
    asl_cleanup(asl_value_cleanup) asl_value *result = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *output = NULL;
    int status = error_output(self, &result);
    if (status == ASL_OK && catcher->discards_result)
        output = asl_value_ref(frame->input);
    else if (status == ASL_OK)
        status =
            asl_merge_result(self->decision, frame, catcher->result_path, result, &output, failure);
    if (status != ASL_OK)
        return status;
    asl_exit how = {
        .output = output,
        .filter = catcher->output,
        .assign = catcher->assign,
        .sources = {.input = is_jsonata ? frame->input : result, .error_output = result},
        .next = catcher->next};
    return asl_leave_state(self->decision, frame, &how, failure);
}

static bool is_container(const asl_state *state)
{
    return state->type == ASL_STATE_MAP || state->type == ASL_STATE_PARALLEL;
}

/* Whether a Parallel or Map is to show that it failed: where it had started its children, and also
 * where an evaluation kept it from that. */
static bool is_open(const asl_decision *decision, const asl_frame *frame,
                    const asl_failure *failure)
{
    if (!is_container(asl_frame_state(decision->frames, frame)))
        return false;
    return frame->phase == ASL_PHASE_CHILDREN ||
           (failure->is_evaluation && frame->phase != ASL_PHASE_RESULT);
}

/* MapStateFailed or ParallelStateFailed. */
static int emit_container_failed(journey *self, asl_frame *frame)
{
    if (!self->is_open)
        return ASL_OK;
    self->is_open = false;
    bool is_map = asl_frame_state(self->decision->frames, frame)->type == ASL_STATE_MAP;
    asl_event entry =
        asl_entry(frame, is_map ? ASL_EVENT_MAP_STATE_FAILED : ASL_EVENT_PARALLEL_STATE_FAILED);
    entry.previous_id = self->chain_event;
    int status = asl_emit(self->decision, &entry);
    self->chain_event = frame->last_event;
    return status;
}

static int try_catch(journey *self, asl_frame *frame, bool *ret_handled)
{
    const asl_state *state = asl_frame_state(self->decision->frames, frame);
    for (uint32_t i = 0; i < state->catcher_count; i++) {
        if (!names_match(&state->catchers[i].errors, self->failure->error, self->alias))
            continue;
        int status = emit_container_failed(self, frame);
        if (status != ASL_OK)
            return status;
        asl_failure next = {.error = NULL};
        status = take_catcher(self, frame, &state->catchers[i], &next);
        if (status != ASL_WORKFLOW_FAILED) {
            *ret_handled = status == ASL_OK;
            asl_failure_done(&next);
            return status;
        }
        /* The catcher itself failed: that error goes outwards in place of the first. */
        asl_failure_done(self->failure);
        *self->failure = next;
        self->alias = NULL;
        return emit_evaluation_failed(self, frame, frame->before_event);
    }
    return ASL_OK;
}

static asl_event_type abort_type(asl_state_type type)
{
    switch (type) {
    case ASL_STATE_TASK:
        return ASL_EVENT_TASK_STATE_ABORTED;
    case ASL_STATE_PARALLEL:
        return ASL_EVENT_PARALLEL_STATE_ABORTED;
    case ASL_STATE_MAP:
        return ASL_EVENT_MAP_STATE_ABORTED;
    case ASL_STATE_WAIT:
        return ASL_EVENT_WAIT_STATE_ABORTED;
    case ASL_STATE_PASS:
    case ASL_STATE_CHOICE:
    case ASL_STATE_SUCCEED:
    case ASL_STATE_FAIL:
        break;
    }
    return ASL_EVENT_NONE;
}

/* A state that has been entered and is not left any more. Its frame may be gone already. */
static int emit_state_aborted(journey *self, const asl_frame *frame)
{
    if (!asl_frame_is_in_state(frame))
        return ASL_OK;
    asl_event_type type = abort_type(asl_frame_state(self->decision->frames, frame)->type);
    if (type == ASL_EVENT_NONE)
        return ASL_OK;
    asl_event entry = asl_entry(frame, type);
    entry.previous_id = self->chain_event;
    return asl_emit(self->decision, &entry);
}

/* How an iteration ends that does not succeed; nothing for the branch of a Parallel. Its frame goes
 * with it. */
static int emit_iteration_ended(journey *self, const asl_frame *frame, asl_event_type type)
{
    const asl_frames *frames = self->decision->frames;
    const asl_state *around = asl_frame_state(frames, asl_frames_at(frames, frame->parent));
    if (around->type != ASL_STATE_MAP)
        return ASL_OK;
    asl_event entry = asl_entry(frame, type);
    entry.previous_id = self->chain_event;
    entry.index = frame->index;
    entry.name = asl_value_ref(around->name);
    return asl_emit(self->decision, &entry);
}

/* AWS shows the end of the iteration first, then that of the state it stood in. */
static int emit_aborted(journey *self, asl_frame *frame, asl_event_type iteration_type)
{
    asl_frame before = *frame;
    int status = emit_iteration_ended(self, frame, iteration_type);
    return status == ASL_OK ? emit_state_aborted(self, &before) : status;
}

/* Gives up a frame and what lives below it, innermost first, in the order of the children. Scopes
 * nest as deep as a definition may (ASL_DEFINITION_DEPTH_MAX), so this recurses. An aborted
 * iteration's frame goes with its event; a branch's goes when its state fails or is tried again. */
static int abort_frame(journey *self, asl_frame *frame)
{
    const asl_frames *frames = self->decision->frames;
    uint32_t number = frame->container ? frame->container->first_child : ASL_NONE;
    while (number != ASL_NONE) {
        asl_frame *child = frames->slots[number];
        number = child->next_sibling;
        int status = abort_frame(self, child);
        if (status != ASL_OK)
            return status;
    }
    return emit_aborted(self, frame, ASL_EVENT_MAP_ITERATION_ABORTED);
}

/* The other branches or iterations of a state of which one has failed. */
static int abort_siblings(journey *self, const asl_frame *parent, uint32_t failed)
{
    const asl_frames *frames = self->decision->frames;
    uint32_t number = parent->container->first_child;
    while (number != ASL_NONE) {
        asl_frame *child = frames->slots[number];
        uint32_t next = child->next_sibling;
        int status = number == failed ? ASL_OK : abort_frame(self, child);
        if (status != ASL_OK)
            return status;
        number = next;
    }
    return ASL_OK;
}

/* Nothing in the frame handles the error: its iteration fails, its siblings are given up. AWS shows
 * the failed Task's state as aborted too; a container shows that it has failed instead. */
static int leave_frame(journey *self, asl_frame *frame, asl_frame *parent)
{
    const asl_frames *frames = self->decision->frames;
    bool is_map = asl_frame_state(frames, parent)->type == ASL_STATE_MAP;
    uint32_t number = is_map ? ASL_NONE : frame->number;
    bool is_task = asl_frame_state(frames, frame)->type == ASL_STATE_TASK;
    int status = is_task ? emit_aborted(self, frame, ASL_EVENT_MAP_ITERATION_FAILED)
                         : emit_iteration_ended(self, frame, ASL_EVENT_MAP_ITERATION_FAILED);
    return status == ASL_OK ? abort_siblings(self, parent, number) : status;
}

static int fail_execution(journey *self, const asl_frame *frame)
{
    asl_event entry = asl_entry(frame, ASL_EVENT_EXECUTION_FAILED);
    entry.previous_id = self->chain_event;
    entry.error = asl_value_ref(self->failure->error);
    entry.cause = asl_value_ref(self->failure->cause);
    return asl_emit(self->decision, &entry);
}

/* ASL: States.Runtime is never retried or caught; all else is tried again first, then caught. */
static int try_handlers(journey *self, asl_frame *frame, bool *ret_handled)
{
    if (is_name(self->failure->error, "States.Runtime"))
        return ASL_OK;
    int status = try_retry(self, frame, ret_handled);
    if (status == ASL_OK && !*ret_handled)
        status = try_catch(self, frame, ret_handled);
    return status;
}

/* AWS: the event of a failed evaluation points to what was before its state; where a Wait could not
 * find its deadline, to the state. */
static uint64_t place_of_failure(const asl_frame *frame, const asl_failure *failure)
{
    bool is_deadline =
        is_name(failure->location, "Seconds") || is_name(failure->location, "Timestamp");
    return is_deadline ? frame->last_event : frame->before_event;
}

int asl_decide_failure(asl_decision *decision, asl_frame *frame, asl_failure *failure,
                       const char *alias)
{
    journey self = {.decision = decision,
                    .failure = failure,
                    .alias = alias,
                    .chain_event = frame->last_event,
                    .is_open = is_open(decision, frame, failure)};
    int status = emit_evaluation_failed(&self, frame, place_of_failure(frame, failure));
    while (status == ASL_OK) {
        bool is_handled = false;
        status = try_handlers(&self, frame, &is_handled);
        if (status != ASL_OK || is_handled)
            return status;
        status = emit_container_failed(&self, frame);
        if (status != ASL_OK)
            return status;
        asl_frame *parent = asl_frames_at(decision->frames, frame->parent);
        if (!parent)
            return fail_execution(&self, frame);
        status = leave_frame(&self, frame, parent);
        frame = parent;
        self.is_open = true;
    }
    return status;
}
