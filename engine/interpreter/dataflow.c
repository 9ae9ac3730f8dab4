/* ASL: Input and Output Processing. raw input -> InputPath -> Parameters -> work -> ResultSelector
 * -> ResultPath (into the raw input) -> OutputPath; Assign beside it, on the values from before. */
#include <stdarg.h>
#include <string.h>

#include "base/limits.h"
#include "base/random.h"
#include "interpreter/decide.h"

/* What an expression's evaluation can ask for. */
typedef struct evaluation {
    asl_decision *decision;
    const asl_frame *frame;
    const asl_item *item;
    asl_value *context;
} evaluation;

static const asl_value *get_context(void *owner)
{
    evaluation *self = owner;
    self->decision->is_free = true;
    if (!self->context)
        (void)asl_context_build(self->decision->frames, self->frame, self->item, &self->context);
    return self->context;
}

static const asl_value *get_variable(void *owner, const char *name, size_t size)
{
    const evaluation *self = owner;
    return asl_frame_variable(self->decision->frames, self->frame, name, size);
}

/* Draws are keyed by (seed, id of the next event, number of the draw), so a replay draws the same.
 */
static uint64_t get_random(void *owner)
{
    asl_decision *decision = ((evaluation *)owner)->decision;
    uint64_t event = decision->frames->event_count + 1;
    decision->is_free = true;
    if (decision->draw_event != event) {
        decision->draw_event = event;
        decision->draws = 0;
    }
    return asl_random_draw(decision->frames->seed, event, decision->draws++);
}

/* AWS puts the state in front of what the interpreter itself has to say. */
static int add_prefix(asl_decision *decision, const asl_frame *frame, asl_failure *failure)
{
    const char *name = asl_value_get_string(asl_frame_state(decision->frames, frame)->name, NULL);
    const char *cause = failure->cause ? asl_value_get_string(failure->cause, NULL) : "";
    asl_value *prefixed = asl_value_format(
        decision->heap,
        "An error occurred while executing the state '%s' (entered at the event id #%llu). %s",
        name, (unsigned long long)frame->entered_event, cause);
    if (!prefixed)
        return ASL_NOMEM;
    asl_value_move(&failure->cause, prefixed);
    return ASL_WORKFLOW_FAILED;
}

int asl_fail_runtime(asl_decision *decision, const asl_frame *frame, asl_failure *failure,
                     const char *format, ...)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, decision->heap);
    va_list arguments;
    va_start(arguments, format);
    asl_buffer_format_list(&buffer, format, arguments);
    va_end(arguments);
    const char *cause = asl_buffer_string(&buffer);
    int status =
        cause ? asl_failure_set(failure, decision->heap, "States.Runtime", "%s", cause) : ASL_NOMEM;
    asl_buffer_done(&buffer);
    return status == ASL_WORKFLOW_FAILED ? add_prefix(decision, frame, failure) : status;
}

int asl_check_size(asl_decision *decision, const asl_value *value, const asl_value *name,
                   asl_failure *failure)
{
    if (asl_value_text_size(value) <= decision->frames->identity->payload_bytes)
        return ASL_OK;
    return asl_failure_set(
        failure, decision->heap, "States.DataLimitExceeded",
        "The state/task '%s' returned a result with a size exceeding the maximum number of "
        "bytes service limit.",
        asl_value_get_string(name, NULL));
}

int asl_evaluate(asl_decision *decision, const asl_frame *frame, const asl_expression *expression,
                 const asl_value *input, const asl_item *item, asl_value **ret_value,
                 asl_failure *failure)
{
    evaluation self = {.decision = decision, .frame = frame, .item = item};
    asl_environment environment = {
        .heap = decision->heap,
        .input = input,
        .owner = &self,
        .context = get_context,
        .variable = get_variable,
        .random = get_random,
        .payload_bytes = decision->frames->identity->payload_bytes,
    };
    int status = asl_expression_evaluate(expression, &environment, ret_value, failure);
    asl_value_unref(self.context);
    return status == ASL_WORKFLOW_FAILED ? add_prefix(decision, frame, failure) : status;
}

/* Evaluates where there is an expression; without one the input goes through as it is. */
static int evaluate_or_share(asl_decision *decision, const asl_frame *frame,
                             const asl_expression *expression, const asl_value *input,
                             asl_value **ret_value, asl_failure *failure)
{
    if (expression)
        return asl_evaluate(decision, frame, expression, input, NULL, ret_value, failure);
    *ret_value = asl_value_ref(input);
    return ASL_OK;
}

int asl_evaluate_input(asl_decision *decision, const asl_frame *frame, asl_value **ret_value,
                       asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    return evaluate_or_share(decision, frame, state->input_path, frame->input, ret_value, failure);
}

int asl_evaluate_parameters(asl_decision *decision, const asl_frame *frame, asl_value **ret_value,
                            asl_failure *failure)
{
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    int status = asl_evaluate_input(decision, frame, &input, failure);
    if (status != ASL_OK)
        return status;
    const asl_state *state = asl_frame_state(decision->frames, frame);
    return evaluate_or_share(decision, frame, state->parameters, input, ret_value, failure);
}

int asl_merge_result(asl_decision *decision, const asl_frame *frame, const asl_path *result_path,
                     const asl_value *value, asl_value **ret_output, asl_failure *failure)
{
    if (!result_path) {
        *ret_output = asl_value_ref(value);
        return ASL_OK;
    }
    asl_cleanup(asl_value_cleanup) asl_value *output = asl_value_ref(frame->input);
    asl_path_failure why = {.message = NULL};
    int status = asl_path_assign(result_path, &output, asl_value_ref(value), &why);
    if (status == ASL_NOT_FOUND) {
        size_t size;
        const char *path = asl_path_text(result_path, &size);
        status = asl_fail_runtime(
            decision, frame, failure, "Invalid path '%.*s' : %s", (int)size, path,
            why.message ? asl_value_get_string(why.message, NULL) : "it leads nowhere");
    }
    asl_value_unref(why.message);
    if (status != ASL_OK)
        return status;
    /* What is merged is a new document: no part of it keeps its text. */
    asl_value *compact = asl_value_compact(output);
    if (!compact)
        return ASL_NOMEM;
    *ret_output = compact;
    return ASL_OK;
}

static asl_event_type exit_type(asl_state_type type)
{
    switch (type) {
    case ASL_STATE_TASK:
        return ASL_EVENT_TASK_STATE_EXITED;
    case ASL_STATE_PARALLEL:
        return ASL_EVENT_PARALLEL_STATE_EXITED;
    case ASL_STATE_MAP:
        return ASL_EVENT_MAP_STATE_EXITED;
    case ASL_STATE_PASS:
        return ASL_EVENT_PASS_STATE_EXITED;
    case ASL_STATE_WAIT:
        return ASL_EVENT_WAIT_STATE_EXITED;
    case ASL_STATE_CHOICE:
        return ASL_EVENT_CHOICE_STATE_EXITED;
    case ASL_STATE_SUCCEED:
        return ASL_EVENT_SUCCEED_STATE_EXITED;
    case ASL_STATE_FAIL:
        break;
    }
    return ASL_EVENT_NONE;
}

/* All that the frames of an execution hold in variables. */
static size_t variables_size(const asl_frames *frames)
{
    size_t size = 0;
    for (size_t i = 0; i < frames->slot_count; i++)
        if (frames->slots[i] && frames->slots[i]->variables)
            size += asl_value_text_size(frames->slots[i]->variables);
    return size;
}

/* AWS: a variable, one Assign, and all variables together have limits. What it says where one is
 * passed is not known; the words are ours. */
static int check_variables(asl_decision *decision, const asl_frame *frame,
                           const asl_value *variables, asl_failure *failure)
{
    size_t size = 0;
    for (size_t i = 0; i < asl_value_count(variables); i++)
        size += asl_value_text_size(asl_value_at(variables, i));
    if (size <= ASL_VARIABLE_BYTES_MAX &&
        size + variables_size(decision->frames) <= ASL_VARIABLES_BYTES_MAX)
        return ASL_OK;
    return asl_failure_set(
        failure, decision->heap, "States.DataLimitExceeded",
        "The state '%s' assigned variables with a size exceeding the maximum number of bytes "
        "service limit.",
        asl_value_get_string(asl_frame_state(decision->frames, frame)->name, NULL));
}

int asl_leave_state(asl_decision *decision, asl_frame *frame, const asl_exit *how,
                    asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *variables = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *output = NULL;
    int status = ASL_OK;
    if (how->assign)
        status = asl_evaluate(decision, frame, how->assign, how->result, NULL, &variables, failure);
    if (status == ASL_OK && variables)
        status = check_variables(decision, frame, variables, failure);
    if (status == ASL_OK)
        status =
            evaluate_or_share(decision, frame, how->skips_output_path ? NULL : state->output_path,
                              how->output, &output, failure);
    if (status == ASL_OK)
        status = asl_check_size(decision, output, state->name, failure);
    if (status != ASL_OK)
        return status;
    asl_event entry = asl_entry(frame, exit_type(state->type));
    entry.name = asl_value_ref(state->name);
    entry.value = asl_steal(output);
    entry.state = how->next;
    if (variables && asl_value_count(variables) > 0)
        entry.variables = asl_steal(variables);
    return asl_emit(decision, &entry);
}

int asl_leave_with_result(asl_decision *decision, asl_frame *frame, const asl_value *result,
                          asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *selected = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *output = NULL;
    int status =
        evaluate_or_share(decision, frame, state->result_selector, result, &selected, failure);
    if (status == ASL_OK && state->discards_result)
        output = asl_value_ref(frame->input);
    else if (status == ASL_OK)
        status = asl_merge_result(decision, frame, state->result_path, selected, &output, failure);
    if (status != ASL_OK)
        return status;
    asl_exit how = {
        .output = output, .result = selected, .assign = state->assign, .next = state->next};
    return asl_leave_state(decision, frame, &how, failure);
}
