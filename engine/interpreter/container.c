/* Parallel and Map states: starting their branches and iterations, and ending when all have. */
#include "base/limits.h"
#include "interpreter/decide.h"
#include "value/value_layout.h"

int asl_decide_parallel(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    asl_event entry = asl_entry(frame, ASL_EVENT_PARALLEL_STATE_STARTED);
    int status = asl_evaluate_parameters(decision, frame, &entry.value, failure);
    return status == ASL_OK ? asl_emit(decision, &entry) : status;
}

/* A value as AWS shows it in these messages: JSON, strings in quotes. */
static int fail_not_integer(asl_decision *decision, const asl_frame *frame,
                            const asl_expression *expression, const asl_value *value,
                            asl_failure *failure)
{
    size_t path_size;
    const char *path = asl_path_text(asl_expression_get_path(expression), &path_size);
    asl_buffer text;
    asl_buffer_init(&text, decision->heap);
    size_t size;
    const char *string = asl_value_get_string(value, &size);
    if (string)
        asl_buffer_append(&text, string, size);
    else
        asl_value_print_to(value, &text);
    const char *printed = asl_buffer_string(&text);
    int status =
        printed
            ? asl_fail_runtime(decision, frame, failure,
                               "The MaxConcurrencyPath field refers to value \"%s\" which is not a "
                               "valid integer: %.*s",
                               printed, (int)path_size, path)
            : ASL_NOMEM;
    asl_buffer_done(&text);
    return status;
}

/* A whole number: a number, or a string that is one ("1" is accepted, as AWS does). */
static bool get_whole(const asl_value *value, int64_t *ret_number)
{
    size_t size;
    const char *text = asl_value_get_string(value, &size);
    if (!text)
        return asl_value_get_integer(value, ret_number);
    asl_cleanup(asl_value_cleanup) asl_value *number = asl_value_number_text(NULL, text, size);
    return number && asl_value_get_integer(number, ret_number);
}

/* MaxConcurrency and MaxConcurrencyPath of JSONPath. */
static int evaluate_whole(asl_decision *decision, const asl_frame *frame, const asl_value *input,
                          int64_t *ret_number, asl_failure *failure)
{
    const asl_expression *expression =
        asl_frame_state(decision->frames, frame)->as.map.max_concurrency;
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    int status = asl_evaluate_field(decision, frame, expression, &(asl_sources){.input = input},
                                    &value, failure);
    if (status != ASL_OK)
        return status;
    if (!get_whole(value, ret_number))
        return fail_not_integer(decision, frame, expression, value, failure);
    if (*ret_number < 0)
        return asl_fail_runtime(decision, frame, failure, "MaxConcurrency cannot be negative.");
    return ASL_OK;
}

/* ASL: MaxConcurrency: 0 means as many as the limit of inline Maps allows. */
static int evaluate_concurrency(asl_decision *decision, const asl_frame *frame,
                                const asl_value *input, uint32_t *ret_concurrency,
                                asl_failure *failure)
{
    const asl_expression *expression =
        asl_frame_state(decision->frames, frame)->as.map.max_concurrency;
    *ret_concurrency = ASL_MAP_CONCURRENCY_MAX;
    if (!expression)
        return ASL_OK;
    int64_t number = 0;
    int status =
        asl_frame_state(decision->frames, frame)->is_jsonata
            ? asl_evaluate_integer(decision, frame, expression, INT32_MAX, &number, failure)
            : evaluate_whole(decision, frame, input, &number, failure);
    if (status != ASL_OK)
        return status;
    if (number > 0 && number < ASL_MAP_CONCURRENCY_MAX)
        *ret_concurrency = (uint32_t)number;
    return ASL_OK;
}

static int fail_not_array(asl_decision *decision, const asl_frame *frame, const asl_value *items,
                          asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    const asl_expression *expression = state->as.map.items;
    size_t size = 1;
    if (state->is_jsonata && expression)
        return asl_fail_kind(decision, frame, expression, "array", items, failure);
    if (state->is_jsonata)
        return asl_fail_evaluation(decision, frame, failure, NULL,
                                   "Map state input must be an array but was: ", items);
    const char *path = expression ? asl_path_text(asl_expression_get_path(expression), &size) : "$";
    return asl_fail_runtime(decision, frame, failure,
                            "Reference path \"%.*s\" must point to array.", (int)size, path);
}

static int evaluate_items(asl_decision *decision, const asl_frame *frame, const asl_value *input,
                          asl_value **ret_items, asl_failure *failure)
{
    const asl_expression *expression = asl_frame_state(decision->frames, frame)->as.map.items;
    asl_cleanup(asl_value_cleanup) asl_value *items = NULL;
    if (expression) {
        int status = asl_evaluate_field(decision, frame, expression, &(asl_sources){.input = input},
                                        &items, failure);
        if (status != ASL_OK)
            return status;
    } else {
        items = asl_value_ref(input);
    }
    if (!asl_value_is_array(items))
        return fail_not_array(decision, frame, items, failure);
    if (asl_value_count(items) >= ASL_NONE)
        return asl_fail_runtime(decision, frame, failure, "The array has too many items.");
    /* AWS re-serialises items: white space goes. */
    asl_value *compact = asl_value_compact(items);
    if (!compact)
        return ASL_NOMEM;
    *ret_items = compact;
    return ASL_OK;
}

int asl_decide_map(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *items = NULL;
    asl_event entry = asl_entry(frame, ASL_EVENT_MAP_STATE_STARTED);
    int status = asl_evaluate_input(decision, frame, &input, failure);
    if (status == ASL_OK)
        status = evaluate_items(decision, frame, input, &items, failure);
    if (status == ASL_OK)
        status = evaluate_concurrency(decision, frame, input, &entry.concurrency, failure);
    if (status != ASL_OK)
        return status;
    entry.count = (uint32_t)asl_value_count(items);
    entry.extra = asl_steal(items);
    entry.value = asl_steal(input);
    return asl_emit(decision, &entry);
}

static int start_iteration(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    const asl_container *container = frame->container;
    asl_item item = {.value = asl_value_at(container->items, container->started_count),
                     .index = container->started_count};
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    if (state->parameters) {
        asl_sources sources = {.input = container->input, .item = &item};
        int status =
            asl_evaluate_field(decision, frame, state->parameters, &sources, &input, failure);
        if (status != ASL_OK)
            return status;
    } else {
        input = asl_value_ref(item.value);
    }
    asl_event entry = asl_entry(frame, ASL_EVENT_MAP_ITERATION_STARTED);
    entry.previous_id = container->chain_event;
    entry.index = item.index;
    entry.name = asl_value_ref(state->name);
    entry.value = asl_steal(input);
    return asl_emit(decision, &entry);
}

/* The array of the results is one level deeper than they are. */
static int check_depth(asl_decision *decision, const asl_frame *frame, asl_failure *failure)
{
    const asl_container *container = frame->container;
    for (uint32_t i = 0; i < container->child_count; i++) {
        if (asl_value_depth(container->results[i]) >= ASL_VALUE_DEPTH_MAX)
            return asl_failure_set(
                failure, decision->heap, "States.DataLimitExceeded",
                "The state '%s' returned a result that is nested too deep.",
                asl_value_get_string(asl_frame_state(decision->frames, frame)->name, NULL));
    }
    return ASL_OK;
}

int asl_decide_children(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_container *container = frame->container;
    bool is_map = asl_frame_state(decision->frames, frame)->type == ASL_STATE_MAP;
    if (container->done_count < container->child_count)
        return start_iteration(decision, frame, failure);
    int status = check_depth(decision, frame, failure);
    if (status != ASL_OK)
        return status;
    asl_event entry = asl_entry(frame, is_map ? ASL_EVENT_MAP_STATE_SUCCEEDED
                                              : ASL_EVENT_PARALLEL_STATE_SUCCEEDED);
    return asl_emit(decision, &entry);
}
