/* The functions of paths: $.a.sum(), $..b.length(), $.concat($.x, "y"). Arguments are evaluated on
 * the whole document, all of them, before the function looks at anything. */
#include <math.h>
#include <stdio.h>

#include "path/evaluation.h"

typedef struct function_call {
    asl_evaluation *evaluation;
    const asl_path_step *step;
    const asl_value *value;     /* what the function is called on */
    const asl_value *arguments; /* an array; NULL where there are none */
} function_call;

static asl_outcome refuse(const function_call *call, const char *message)
{
    return asl_fail_text(call->evaluation, ASL_OUTCOME_ERROR, "%s", message);
}

static asl_outcome keep(const function_call *call, asl_value *made, const asl_value **ret_value)
{
    *ret_value = made;
    return asl_evaluation_keep(call->evaluation, made);
}

/* A double as Java prints it: never without a point. */
static asl_outcome keep_double(const function_call *call, double number,
                               const asl_value **ret_value)
{
    if (!isfinite(number))
        return refuse(call, "The result is no finite number");
    if (number != floor(number) || fabs(number) >= 1e7)
        return keep(call, asl_value_double(call->evaluation->heap, number), ret_value);
    char text[32];
    int size = snprintf(text, sizeof text, "%.1f", number);
    return keep(call, asl_value_number_text(call->evaluation->heap, text, (size_t)size), ret_value);
}

typedef struct summary {
    double sum, squares, least, most;
    size_t count;
} summary;

static void add_number(summary *statistics, const asl_value *value)
{
    double number;
    if (!asl_value_get_double(value, &number))
        return;
    statistics->sum += number;
    statistics->squares += number * number;
    if (number < statistics->least)
        statistics->least = number;
    if (number > statistics->most)
        statistics->most = number;
    statistics->count++;
}

static void add_items(summary *statistics, const asl_value *array)
{
    size_t count = asl_value_is_array(array) ? asl_value_count(array) : 0;
    for (size_t i = 0; i < count; i++)
        add_number(statistics, asl_value_at(array, i));
}

static asl_outcome aggregate(const function_call *call, const asl_value **ret_value)
{
    /* The greatest begins at Double.MIN_VALUE, which is the least that is positive. */
    summary statistics = {.least = 1.7976931348623157e308, .most = 4.9e-324};
    size_t count = call->arguments == NULL ? 0 : asl_value_count(call->arguments);
    add_items(&statistics, call->value);
    for (size_t i = 0; i < count; i++) {
        const asl_value *argument = asl_value_at(call->arguments, i);
        add_number(&statistics, argument);
        add_items(&statistics, argument);
    }
    if (statistics.count == 0)
        return refuse(call, "Aggregation function attempted to calculate value using empty array");
    double size = (double)statistics.count, result = statistics.sum;
    asl_path_function function = call->step->call.function;
    if (function == ASL_FUNCTION_AVG)
        result = statistics.sum / size;
    else if (function == ASL_FUNCTION_STDDEV)
        result = sqrt(statistics.squares / size - statistics.sum * statistics.sum / size / size);
    else if (function == ASL_FUNCTION_MIN)
        result = statistics.least;
    else if (function == ASL_FUNCTION_MAX)
        result = statistics.most;
    return keep_double(call, result, ret_value);
}

/* Appends an argument's text; of a list that of its items. */
static void concat_argument(const asl_value *argument, asl_buffer *buffer)
{
    size_t count = asl_value_is_array(argument) ? asl_value_count(argument) : 1;
    for (size_t i = 0; i < count; i++) {
        const asl_value *part = asl_value_is_array(argument) ? asl_value_at(argument, i) : argument;
        if (asl_value_kind(part) != ASL_KIND_NULL)
            asl_java_text_write(part, true, buffer);
    }
}

static asl_outcome concat(const function_call *call, const asl_value **ret_value)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, call->evaluation->heap);
    size_t count = asl_value_is_array(call->value) ? asl_value_count(call->value) : 0;
    for (size_t i = 0; i < count; i++) {
        size_t size;
        const char *text = asl_value_get_string(asl_value_at(call->value, i), &size);
        if (text != NULL)
            asl_buffer_append(&buffer, text, size);
    }
    count = call->arguments == NULL ? 0 : asl_value_count(call->arguments);
    for (size_t i = 0; i < count; i++)
        concat_argument(asl_value_at(call->arguments, i), &buffer);
    const char *text = asl_buffer_string(&buffer);
    int status = buffer.status;
    asl_outcome outcome =
        text == NULL ? asl_evaluation_fatal(call->evaluation, status)
                     : keep(call, asl_value_string_sized(call->evaluation->heap, text, buffer.size),
                            ret_value);
    asl_buffer_done(&buffer);
    return outcome;
}

/* What the first argument leads to, its children counted: length($..a). */
static asl_outcome count_children(const function_call *call, unsigned flags,
                                  const asl_value **ret_value)
{
    const asl_path_argument *argument = &call->step->call.arguments[0];
    if (argument->plan == NULL)
        return refuse(call, "length() takes a path");
    const asl_value *root = call->evaluation->root;
    call->evaluation->root = call->value;
    asl_outcome outcome =
        asl_plan_evaluate(call->evaluation, argument->children, call->value, flags, ret_value);
    call->evaluation->root = root;
    return outcome;
}

static asl_outcome length(const function_call *call, unsigned flags, const asl_value **ret_value)
{
    const asl_value *counted = NULL;
    if (call->step->call.count > 0) {
        asl_outcome outcome = count_children(call, flags, &counted);
        if (outcome != ASL_OUTCOME_OK)
            return outcome;
    }
    if (counted == NULL || !asl_value_is_array(counted))
        counted = call->value;
    if (!asl_value_is_array(counted) && !asl_value_is_object(counted))
        return keep(call, asl_value_null(), ret_value);
    return keep(call, asl_value_integer(call->evaluation->heap, (int64_t)asl_value_count(counted)),
                ret_value);
}

static asl_outcome append(const function_call *call, const asl_value **ret_value)
{
    size_t count = call->arguments == NULL ? 0 : asl_value_count(call->arguments);
    asl_value *longer = asl_value_ref(call->value);
    for (size_t i = 0; i < count && asl_value_is_array(longer); i++) {
        int status = asl_value_append(&longer, asl_value_ref(asl_value_at(call->arguments, i)));
        if (status != ASL_OK) {
            asl_value_unref(longer);
            return asl_evaluation_fatal(call->evaluation, status);
        }
    }
    return keep(call, longer, ret_value);
}

static asl_outcome keys(const function_call *call, const asl_value **ret_value)
{
    if (!asl_value_is_object(call->value))
        return keep(call, asl_value_null(), ret_value);
    size_t count = asl_value_count(call->value);
    asl_value *list = asl_value_array_reserved(call->evaluation->heap, count);
    for (size_t i = 0; i < count && list != NULL; i++) {
        if (asl_value_append(&list, asl_value_ref(asl_value_key(call->value, i))) != ASL_OK) {
            asl_value_unref(list);
            list = NULL;
        }
    }
    return keep(call, list, ret_value);
}

/* The first number among the arguments, items of lists included. */
static asl_outcome index_argument(const function_call *call, int64_t *ret_index)
{
    size_t count = call->arguments == NULL ? 0 : asl_value_count(call->arguments);
    for (size_t i = 0; i < count; i++) {
        const asl_value *argument = asl_value_at(call->arguments, i);
        const asl_value *number = argument;
        for (size_t j = 0; asl_value_is_array(argument) && j < asl_value_count(argument); j++) {
            number = asl_value_at(argument, j);
            if (asl_value_is_number(number))
                break;
        }
        double real;
        if (!asl_value_get_double(number, &real))
            continue;
        *ret_index = real >= 2147483647.0    ? INT32_MAX
                     : real <= -2147483648.0 ? INT32_MIN
                                             : (int64_t)real;
        return ASL_OUTCOME_OK;
    }
    return count == 0 ? refuse(call, "index() takes a number") : ASL_OUTCOME_BOUNDS;
}

static asl_outcome item(const function_call *call, const asl_value **ret_value)
{
    if (!asl_value_is_array(call->value))
        return refuse(call, "Aggregation function attempted to calculate value using empty array");
    int64_t count = (int64_t)asl_value_count(call->value);
    int64_t index = call->step->call.function == ASL_FUNCTION_LAST ? -1 : 0;
    if (call->step->call.function == ASL_FUNCTION_INDEX) {
        asl_outcome outcome = index_argument(call, &index);
        if (outcome != ASL_OUTCOME_OK)
            return outcome;
    }
    if (index < 0 && index + count < 0)
        return asl_fail_text(call->evaluation, ASL_OUTCOME_ERROR,
                             "Target index:%lld larger than object count:%lld", (long long)index,
                             (long long)count);
    *ret_value = asl_value_at(call->value, (size_t)(index < 0 ? index + count : index));
    return *ret_value == NULL ? ASL_OUTCOME_BOUNDS : ASL_OUTCOME_OK;
}

static asl_outcome evaluate_argument(const function_call *call, const asl_path_argument *argument,
                                     unsigned flags, asl_value **arguments)
{
    asl_evaluation *evaluation = call->evaluation;
    const asl_value *value = argument->value;
    asl_outcome outcome = ASL_OUTCOME_OK;
    if (argument->plan != NULL)
        outcome = asl_plan_evaluate(evaluation, argument->plan, evaluation->root, flags, &value);
    else if (value == NULL)
        return refuse(call, "An argument is no JSON");
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    int status = asl_value_append(arguments, asl_value_ref(value));
    return status == ASL_OK ? ASL_OUTCOME_OK : asl_evaluation_fatal(evaluation, status);
}

static asl_outcome evaluate_arguments(function_call *call, unsigned flags)
{
    if (call->step->call.count == 0)
        return ASL_OUTCOME_OK;
    asl_value *arguments = asl_value_array_reserved(call->evaluation->heap, call->step->call.count);
    asl_outcome outcome =
        arguments == NULL ? asl_evaluation_fatal(call->evaluation, ASL_NOMEM) : ASL_OUTCOME_OK;
    for (uint32_t i = 0; i < call->step->call.count && outcome == ASL_OUTCOME_OK; i++)
        outcome = evaluate_argument(call, &call->step->call.arguments[i], flags, &arguments);
    if (outcome != ASL_OUTCOME_OK) {
        asl_value_unref(arguments);
        return outcome;
    }
    return keep(call, arguments, &call->arguments);
}

asl_outcome asl_call_evaluate(asl_evaluation *evaluation, const asl_path_step *step,
                              const asl_value *value, unsigned flags, const asl_value **ret_value)
{
    function_call call = {.evaluation = evaluation, .step = step, .value = value};
    unsigned inner = flags & ASL_PLAN_REQUIRE;
    if (step->call.function == ASL_FUNCTION_UNKNOWN)
        return asl_fail_text(evaluation, ASL_OUTCOME_INVALID,
                             "Function with name: %.*s does not exist.", (int)step->call.name.size,
                             step->call.name.bytes);
    asl_outcome outcome = evaluate_arguments(&call, inner);
    if (outcome == ASL_OUTCOME_OK)
        outcome = asl_evaluation_spend(evaluation, 1 + asl_value_count(value));
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    switch (step->call.function) {
    case ASL_FUNCTION_CONCAT:
        return concat(&call, ret_value);
    case ASL_FUNCTION_LENGTH:
        return length(&call, inner, ret_value);
    case ASL_FUNCTION_APPEND:
        return append(&call, ret_value);
    case ASL_FUNCTION_KEYS:
        return keys(&call, ret_value);
    case ASL_FUNCTION_FIRST:
    case ASL_FUNCTION_LAST:
    case ASL_FUNCTION_INDEX:
        return item(&call, ret_value);
    case ASL_FUNCTION_AVG:
    case ASL_FUNCTION_STDDEV:
    case ASL_FUNCTION_SUM:
    case ASL_FUNCTION_MIN:
    case ASL_FUNCTION_MAX:
    case ASL_FUNCTION_UNKNOWN:
        break;
    }
    return aggregate(&call, ret_value);
}
