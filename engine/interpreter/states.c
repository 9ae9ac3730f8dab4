/* One step of one frame: what it does next by itself. */
#include "interpreter/decide.h"

static asl_event_type enter_type(asl_state_type type)
{
    switch (type) {
    case ASL_STATE_TASK:
        return ASL_EVENT_TASK_STATE_ENTERED;
    case ASL_STATE_PARALLEL:
        return ASL_EVENT_PARALLEL_STATE_ENTERED;
    case ASL_STATE_MAP:
        return ASL_EVENT_MAP_STATE_ENTERED;
    case ASL_STATE_PASS:
        return ASL_EVENT_PASS_STATE_ENTERED;
    case ASL_STATE_WAIT:
        return ASL_EVENT_WAIT_STATE_ENTERED;
    case ASL_STATE_CHOICE:
        return ASL_EVENT_CHOICE_STATE_ENTERED;
    case ASL_STATE_SUCCEED:
        return ASL_EVENT_SUCCEED_STATE_ENTERED;
    case ASL_STATE_FAIL:
        break;
    }
    return ASL_EVENT_FAIL_STATE_ENTERED;
}

static int enter(asl_decision *decision, asl_frame *frame)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_event entry = asl_entry(frame, enter_type(state->type));
    entry.name = asl_value_ref(state->name);
    entry.value = asl_value_ref(frame->input);
    entry.state = frame->state;
    return asl_emit(decision, &entry);
}

/* ASL: Pass: Result, or the input after Parameters, is its result. */
static int work_pass(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *result = NULL;
    if (state->is_jsonata)
        return asl_leave_with_input(decision, frame, frame->input, failure);
    int status = asl_evaluate_parameters(decision, frame, &result, failure);
    if (status == ASL_OK && state->as.pass.result) {
        asl_cleanup(asl_value_cleanup) asl_value *input = asl_steal(result);
        status = asl_evaluate_field(decision, frame, state->as.pass.result,
                                    &(asl_sources){.input = input}, &result, failure);
    }
    return status == ASL_OK ? asl_leave_with_result(decision, frame, result, failure) : status;
}

static int work_succeed(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    int status = asl_evaluate_input(decision, frame, &input, failure);
    return status == ASL_OK ? asl_leave_with_input(decision, frame, input, failure) : status;
}

/* ASL: Error and Cause of Fail, and their *Path forms: strings. */
static int evaluate_text(asl_decision *decision, const asl_frame *frame,
                         const asl_expression *expression, const char *field, asl_value **ret_text,
                         asl_failure *failure)
{
    if (!expression)
        return ASL_OK;
    int status = asl_evaluate_field(decision, frame, expression,
                                    &(asl_sources){.input = frame->input}, ret_text, failure);
    if (status != ASL_OK || asl_value_is_string(*ret_text))
        return status;
    if (asl_frame_state(decision->frames, frame)->is_jsonata)
        return asl_fail_kind(decision, frame, expression, "string", *ret_text, failure);
    return asl_fail_runtime(decision, frame, failure,
                            "The value for the field '%s' must be a string.", field);
}

static int work_fail(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *error = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *cause = NULL;
    int status = evaluate_text(decision, frame, state->as.fail.error, "ErrorPath", &error, failure);
    if (status == ASL_OK)
        status = evaluate_text(decision, frame, state->as.fail.cause, "CausePath", &cause, failure);
    if (status != ASL_OK)
        return status;
    failure->error = asl_steal(error);
    failure->cause = asl_steal(cause);
    return ASL_WORKFLOW_FAILED;
}

static int work(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    switch (asl_frame_state(decision->frames, frame)->type) {
    case ASL_STATE_TASK:
        return asl_decide_task(decision, frame, failure);
    case ASL_STATE_PARALLEL:
        return asl_decide_parallel(decision, frame, failure);
    case ASL_STATE_MAP:
        return asl_decide_map(decision, frame, failure);
    case ASL_STATE_PASS:
        return work_pass(decision, frame, failure);
    case ASL_STATE_WAIT:
        return asl_decide_wait(decision, frame, failure);
    case ASL_STATE_CHOICE:
        return asl_decide_choice(decision, frame, failure);
    case ASL_STATE_SUCCEED:
        return work_succeed(decision, frame, failure);
    case ASL_STATE_FAIL:
        return work_fail(decision, frame, failure);
    }
    return ASL_MISUSE;
}

/* A scope has ended: the execution with it, or one branch or iteration. */
static int finish(asl_decision *decision, asl_frame *frame)
{
    const asl_frame *parent = asl_frames_at(decision->frames, frame->parent);
    if (!parent) {
        asl_event entry = asl_entry(frame, ASL_EVENT_EXECUTION_SUCCEEDED);
        entry.value = asl_value_ref(frame->work);
        return asl_emit(decision, &entry);
    }
    const asl_state *state = asl_frame_state(decision->frames, parent);
    bool is_map = state->type == ASL_STATE_MAP;
    asl_event entry =
        asl_entry(frame, is_map ? ASL_EVENT_MAP_ITERATION_SUCCEEDED : ASL_NOTE_CHILD_DONE);
    entry.index = frame->index;
    if (is_map)
        entry.name = asl_value_ref(state->name);
    return asl_emit(decision, &entry);
}

static int leave(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *result = asl_value_ref(frame->work);
    int status = ASL_OK;
    if (state->type != ASL_STATE_TASK)
        status = asl_check_size(decision, result, state->name, failure);
    return status == ASL_OK ? asl_leave_with_result(decision, frame, result, failure) : status;
}

bool asl_frame_can_go_on(const asl_frame *frame)
{
    const asl_container *container = frame->container;
    switch (frame->phase) {
    case ASL_PHASE_ENTER:
    case ASL_PHASE_WORK:
    case ASL_PHASE_RESULT:
    case ASL_PHASE_DONE:
        return true;
    case ASL_PHASE_CHILDREN:
        return container->done_count == container->child_count ||
               (container->started_count < container->child_count &&
                container->started_count - container->done_count < container->concurrency);
    case ASL_PHASE_TASK:
    case ASL_PHASE_WAIT:
    case ASL_PHASE_FAILED:
    case ASL_PHASE_RETRY:
        break;
    }
    return false;
}

static int step(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    switch (frame->phase) {
    case ASL_PHASE_ENTER:
        return enter(decision, frame);
    case ASL_PHASE_WORK:
    case ASL_PHASE_RETRY: /* its time has come: asl_frames_apply says so */
    case ASL_PHASE_WAIT:
        return work(decision, frame, failure);
    case ASL_PHASE_RESULT:
        return leave(decision, frame, failure);
    case ASL_PHASE_CHILDREN:
        return asl_decide_children(decision, frame, failure);
    case ASL_PHASE_DONE:
        return finish(decision, frame);
    case ASL_PHASE_TASK:
    case ASL_PHASE_FAILED:
        break;
    }
    return ASL_MISUSE;
}

int asl_decide_step(asl_decision *decision, asl_frame *frame)
{
    asl_failure failure = {.error = NULL};
    int status = step(decision, frame, &failure);
    if (status == ASL_WORKFLOW_FAILED)
        status = asl_decide_failure(decision, frame, &failure, NULL);
    asl_failure_done(&failure);
    return status;
}
