/* ASL: Input and Output Processing. JSONPath: raw input -> InputPath -> Parameters -> work ->
 * ResultSelector -> ResultPath (into the raw input) -> OutputPath. JSONata: raw input -> Arguments
 * -> work -> Output, with the raw input in sight all the way. Assign beside it, on the values from
 * before. */
#include "base/limits.h"
#include "interpreter/decide.h"
#include "value/value_layout.h"

int asl_check_size(asl_decision *decision, const asl_value *value, const asl_value *name,
                   asl_failure *failure)
{
    if (asl_value_depth(value) > ASL_JSON_DEPTH_MAX)
        return asl_failure_set(
            failure, decision->heap, "States.DataLimitExceeded",
            "The state/task '%s' returned a result that is nested deeper than %u levels.",
            asl_value_get_string(name, NULL), ASL_JSON_DEPTH_MAX);
    if (asl_value_text_size(value) <= decision->frames->identity->payload_bytes)
        return ASL_OK;
    return asl_failure_set(
        failure, decision->heap, "States.DataLimitExceeded",
        "The state/task '%s' returned a result with a size exceeding the maximum number of "
        "bytes service limit.",
        asl_value_get_string(name, NULL));
}

/* Evaluates where there is an expression; without one the input goes through as it is. */
static int evaluate_or_share(asl_decision *decision, const asl_frame *frame,
                             const asl_expression *expression, const asl_value *input,
                             asl_value **ret_value, asl_failure *failure)
{
    if (expression)
        return asl_evaluate_field(decision, frame, expression, &(asl_sources){.input = input},
                                  ret_value, failure);
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
    } else if (status == ASL_TOO_LARGE) {
        status = asl_failure_set(
            failure, decision->heap, "States.DataLimitExceeded",
            "The state '%s' returned a result that is nested too deep for its input.",
            asl_value_get_string(asl_frame_state(decision->frames, frame)->name, NULL));
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
    asl_sources filtered = state->is_jsonata ? how->sources : (asl_sources){.input = how->output};
    if (how->assign)
        status =
            asl_evaluate_field(decision, frame, how->assign, &how->sources, &variables, failure);
    if (status == ASL_OK && variables)
        status = check_variables(decision, frame, variables, failure);
    if (status == ASL_OK && how->filter)
        status = asl_evaluate_field(decision, frame, how->filter, &filtered, &output, failure);
    else if (status == ASL_OK)
        output = asl_value_ref(how->output);
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

int asl_leave_with_input(asl_decision *decision, asl_frame *frame, const asl_value *input,
                         asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_exit how = {.output = input,
                    .filter = state->is_jsonata ? state->output : state->output_path,
                    .assign = state->assign,
                    .sources = {.input = input},
                    .next = state->next};
    return asl_leave_state(decision, frame, &how, failure);
}

static int leave_jsonata(asl_decision *decision, asl_frame *frame, const asl_value *result,
                         asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_exit how = {.output = result,
                    .filter = state->output,
                    .assign = state->assign,
                    .sources = {.input = frame->input, .result = result},
                    .next = state->next};
    return asl_leave_state(decision, frame, &how, failure);
}

int asl_leave_with_result(asl_decision *decision, asl_frame *frame, const asl_value *result,
                          asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *selected = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *output = NULL;
    if (state->is_jsonata)
        return leave_jsonata(decision, frame, result, failure);
    int status =
        evaluate_or_share(decision, frame, state->result_selector, result, &selected, failure);
    if (status == ASL_OK && state->discards_result)
        output = asl_value_ref(frame->input);
    else if (status == ASL_OK)
        status = asl_merge_result(decision, frame, state->result_path, selected, &output, failure);
    if (status != ASL_OK)
        return status;
    asl_exit how = {.output = output,
                    .filter = state->output_path,
                    .assign = state->assign,
                    .sources = {.input = selected},
                    .next = state->next};
    return asl_leave_state(decision, frame, &how, failure);
}
