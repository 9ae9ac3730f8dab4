/* Functions on arrays. */
#include <math.h>

#include "base/random.h"
#include "jsonata/eval.h"

int asl_datum_append(asl_eval *eval, asl_datum left, asl_datum right, asl_datum *ret)
{
    if (asl_datum_is_undefined(left) || asl_datum_is_undefined(right)) {
        *ret = asl_datum_is_undefined(left) ? right : left;
        return ASL_OK;
    }
    size_t count = 2;
    if (asl_datum_is(left, ASL_DATUM_ARRAY))
        count += asl_datum_count(left);
    if (asl_datum_is(right, ASL_DATUM_ARRAY))
        count += asl_datum_count(right);
    asl_list *list = asl_eval_list(eval, count);
    if (list == NULL)
        return eval->problem.status;
    *ret = asl_datum_list(list);
    int status = asl_list_add_items(eval, list, left);
    return status == ASL_OK ? asl_list_add_items(eval, list, right) : status;
}

static int append(asl_call *call)
{
    return asl_datum_append(call->eval, call->arguments[0], call->arguments[1], &call->result);
}

static int reverse(asl_call *call)
{
    asl_datum array = call->arguments[0];
    if (asl_datum_is_undefined(array) || asl_datum_count(array) <= 1)
        return asl_call_give(call, array);
    size_t count = asl_datum_count(array);
    asl_list *list = asl_eval_list(call->eval, count);
    if (list == NULL)
        return call->eval->problem.status;
    for (size_t i = count; i > 0; i--)
        list->items[list->count++] = asl_datum_at(array, i - 1);
    return asl_call_give(call, asl_datum_list(list));
}

static int shuffle(asl_call *call)
{
    asl_datum array = call->arguments[0];
    if (asl_datum_is_undefined(array) || asl_datum_count(array) <= 1)
        return asl_call_give(call, array);
    size_t count = asl_datum_count(array);
    asl_list *list = asl_eval_list(call->eval, count);
    if (list == NULL)
        return call->eval->problem.status;
    for (size_t i = 0; i < count; i++) {
        double unit = asl_random_unit(asl_eval_random(call->eval));
        size_t j = (size_t)floor(unit * (double)(i + 1));
        if (i != j)
            list->items[i] = list->items[j];
        list->items[j] = asl_datum_at(array, i);
    }
    list->count = (uint32_t)count;
    return asl_call_give(call, asl_datum_list(list));
}

static int contains(asl_eval *eval, const asl_list *list, asl_datum item, bool *ret)
{
    int status = ASL_OK;
    *ret = false;
    for (size_t i = 0; i < list->count && !*ret && status == ASL_OK; i++)
        status = asl_datum_equals(eval, item, list->items[i], ret);
    return status;
}

static int distinct(asl_call *call)
{
    asl_datum array = call->arguments[0];
    if (!asl_datum_is(array, ASL_DATUM_ARRAY) || asl_datum_count(array) <= 1)
        return asl_call_give(call, array);
    asl_list *list = asl_eval_list(call->eval, 8);
    if (list == NULL)
        return call->eval->problem.status;
    list->is_sequence = asl_datum_is_sequence(array);
    for (size_t i = 0; i < asl_datum_count(array); i++) {
        bool is_there;
        asl_datum item = asl_datum_at(array, i);
        int status = contains(call->eval, list, item, &is_there);
        if (status == ASL_OK && !is_there)
            status = asl_list_add(call->eval, list, item);
        if (status != ASL_OK)
            return status;
    }
    return asl_call_give(call, asl_datum_list(list));
}

static int zip(asl_call *call)
{
    size_t rows = SIZE_MAX;
    for (size_t i = 0; i < call->count; i++) {
        asl_datum array = call->arguments[i];
        size_t count = asl_datum_is(array, ASL_DATUM_ARRAY) ? asl_datum_count(array) : 0;
        rows = count < rows ? count : rows;
    }
    rows = rows == SIZE_MAX ? 0 : rows;
    asl_list *list = asl_eval_list(call->eval, rows);
    if (list == NULL)
        return call->eval->problem.status;
    for (size_t i = 0; i < rows; i++) {
        asl_list *row = asl_eval_list(call->eval, call->count);
        if (row == NULL)
            return call->eval->problem.status;
        for (size_t j = 0; j < call->count; j++)
            row->items[row->count++] = asl_datum_at(call->arguments[j], i);
        list->items[list->count++] = asl_datum_list(row);
    }
    return asl_call_give(call, asl_datum_list(list));
}

/* How to sort: by a function of the expression, or by value. */
typedef struct sorter {
    asl_eval *eval;
    asl_datum comparator;
} sorter;

static int is_after_by_function(void *context, asl_datum *left, asl_datum *right, bool *ret)
{
    const sorter *by = context;
    asl_datum pair[2] = {*left, *right}, result;
    int status = asl_apply_higher(by->eval, by->comparator, pair, 2, &result);
    if (status != ASL_OK)
        return status;
    /* What JavaScript takes for true: an empty array or object as well. */
    if (asl_datum_is(result, ASL_DATUM_ARRAY) || asl_datum_is(result, ASL_DATUM_OBJECT))
        *ret = true;
    else if (asl_datum_is(result, ASL_DATUM_NUMBER))
        *ret = asl_datum_double(result) != 0 && !isnan(asl_datum_double(result));
    else
        status = asl_datum_truth(by->eval, result, ret);
    return status;
}

static int is_after_by_value(void *context, asl_datum *left, asl_datum *right, bool *ret)
{
    const sorter *by = context;
    if (asl_datum_is(*left, ASL_DATUM_STRING))
        *ret = asl_datum_compare_strings(*left, *right) > 0;
    else
        *ret = asl_datum_double(*left) > asl_datum_double(*right);
    return asl_eval_spend(by->eval, 1);
}

/* All strings, or all numbers that are finite. */
static int check_sortable(asl_eval *eval, asl_datum array)
{
    bool are_numbers = true, are_strings = true;
    int status = ASL_OK;
    for (size_t i = 0; i < asl_datum_count(array) && status == ASL_OK; i++) {
        asl_datum item = asl_datum_at(array, i);
        are_numbers &= asl_datum_is_numeric(eval, item, &status);
        are_strings &= asl_datum_is(item, ASL_DATUM_STRING);
    }
    if (status != ASL_OK || are_numbers || are_strings)
        return status;
    asl_eval_error(eval, "D3070");
    eval->problem.index = 1;
    return ASL_EVALUATION;
}

static int sort(asl_call *call)
{
    asl_eval *eval = call->eval;
    asl_datum array = call->arguments[0];
    sorter by = {.eval = eval, .comparator = asl_call_argument(call, 1)};
    if (asl_datum_is_undefined(array) || asl_datum_count(array) <= 1)
        return asl_call_give(call, array);
    bool has_comparator = !asl_datum_is_undefined(by.comparator);
    int status = has_comparator ? ASL_OK : check_sortable(eval, array);
    asl_list *list = status == ASL_OK ? asl_eval_list(eval, asl_datum_count(array)) : NULL;
    if (list == NULL)
        return eval->problem.status;
    status = asl_list_add_items(eval, list, array);
    if (status == ASL_OK)
        status =
            asl_eval_merge_sort(eval, list->items, list->count,
                                has_comparator ? is_after_by_function : is_after_by_value, &by);
    return status == ASL_OK ? asl_call_give(call, asl_datum_list(list)) : status;
}

const asl_builtin asl_builtins_array[] = {
    {"append", "<xx:a>", 2, append},
    {"reverse", "<a:a>", 1, reverse},
    {"shuffle", "<a:a>", 1, shuffle},
    {"distinct", "<x:x>", 1, distinct},
    {"zip", "<a+>", 0, zip},
    {"sort", "<af?:a>", 2, sort},
    {NULL, NULL, 0, NULL},
};
