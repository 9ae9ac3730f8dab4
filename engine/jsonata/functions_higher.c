/* Higher-order functions. */
#include "jsonata/eval.h"

/* Calls the function for item `index` of an array. */
static int apply_to_item(asl_call *call, size_t index, asl_datum *ret)
{
    asl_datum array = call->arguments[0];
    asl_datum arguments[3] = {asl_datum_at(array, index), asl_datum_number((double)index), array};
    int status = asl_eval_spend(call->eval, 1);
    return status == ASL_OK ? asl_apply_higher(call->eval, call->arguments[1], arguments, 3, ret)
                            : status;
}

/* Calls the function for member `index` of an object. */
static int apply_to_member(asl_call *call, size_t index, asl_datum *ret)
{
    asl_datum object = call->arguments[0];
    asl_datum arguments[3] = {asl_datum_member(object, index), asl_datum_key(object, index),
                              object};
    int status = asl_eval_spend(call->eval, 1);
    return status == ASL_OK ? asl_apply_higher(call->eval, call->arguments[1], arguments, 3, ret)
                            : status;
}

static int map(asl_call *call)
{
    asl_datum array = call->arguments[0], result;
    if (asl_datum_is_undefined(array))
        return ASL_OK;
    asl_list *list = asl_eval_sequence(call->eval, asl_datum_count(array));
    if (list == NULL)
        return call->eval->problem.status;
    for (size_t i = 0; i < asl_datum_count(array); i++) {
        int status = apply_to_item(call, i, &result);
        if (status == ASL_OK && !asl_datum_is_undefined(result))
            status = asl_list_add(call->eval, list, result);
        if (status != ASL_OK)
            return status;
    }
    return asl_call_give(call, asl_datum_list(list));
}

/* Whether the function is true for item `index`. */
static int holds_for_item(asl_call *call, size_t index, bool *ret)
{
    asl_datum result;
    int status = apply_to_item(call, index, &result);
    return status == ASL_OK ? asl_datum_truth(call->eval, result, ret) : status;
}

static int filter(asl_call *call)
{
    asl_datum array = call->arguments[0];
    if (asl_datum_is_undefined(array))
        return ASL_OK;
    asl_list *list = asl_eval_sequence(call->eval, 4);
    if (list == NULL)
        return call->eval->problem.status;
    for (size_t i = 0; i < asl_datum_count(array); i++) {
        bool holds = false;
        int status = holds_for_item(call, i, &holds);
        if (status == ASL_OK && holds)
            status = asl_list_add(call->eval, list, asl_datum_at(array, i));
        if (status != ASL_OK)
            return status;
    }
    return asl_call_give(call, asl_datum_list(list));
}

static int single(asl_call *call)
{
    asl_datum array = call->arguments[0], found = asl_datum_undefined();
    bool has_function = !asl_datum_is_undefined(asl_call_argument(call, 1)), is_found = false;
    if (asl_datum_is_undefined(array))
        return ASL_OK;
    for (size_t i = 0; i < asl_datum_count(array); i++) {
        bool holds = true;
        int status = has_function ? holds_for_item(call, i, &holds) : ASL_OK;
        if (status != ASL_OK)
            return status;
        if (holds && is_found) {
            asl_eval_error(call->eval, "D3138");
            call->eval->problem.index = (uint32_t)i;
            return ASL_EVALUATION;
        }
        if (holds)
            found = asl_datum_at(array, i);
        is_found |= holds;
    }
    return is_found ? asl_call_give(call, found) : asl_eval_error(call->eval, "D3139");
}

static int reduce(asl_call *call)
{
    asl_datum array = call->arguments[0], function = call->arguments[1];
    asl_datum result = asl_call_argument(call, 2);
    size_t index = 0;
    if (asl_datum_is_undefined(array))
        return ASL_OK;
    if (asl_function_arity(function) < 2) {
        asl_eval_error(call->eval, "D3050");
        call->eval->problem.index = 1;
        return ASL_EVALUATION;
    }
    if (asl_datum_is_undefined(result) && asl_datum_count(array) > 0)
        result = asl_datum_at(array, index++);
    for (; index < asl_datum_count(array); index++) {
        asl_datum arguments[4] = {result, asl_datum_at(array, index),
                                  asl_datum_number((double)index), array};
        int status = asl_apply_higher(call->eval, function, arguments, 4, &result);
        if (status != ASL_OK)
            return status;
    }
    return asl_call_give(call, result);
}

static int each(asl_call *call)
{
    asl_datum object = call->arguments[0], result;
    asl_list *list = asl_eval_sequence(call->eval, 4);
    if (list == NULL)
        return call->eval->problem.status;
    size_t count = asl_datum_is(object, ASL_DATUM_OBJECT) ? asl_datum_member_count(object) : 0;
    for (size_t i = 0; i < count; i++) {
        int status = apply_to_member(call, i, &result);
        if (status == ASL_OK && !asl_datum_is_undefined(result))
            status = asl_list_add(call->eval, list, result);
        if (status != ASL_OK)
            return status;
    }
    return asl_call_give(call, asl_datum_list(list));
}

static int sift(asl_call *call)
{
    asl_datum object = call->arguments[0], result;
    asl_dict *kept = asl_eval_dict(call->eval, 4);
    if (kept == NULL)
        return call->eval->problem.status;
    size_t count = asl_datum_is(object, ASL_DATUM_OBJECT) ? asl_datum_member_count(object) : 0;
    for (size_t i = 0; i < count; i++) {
        bool holds = false;
        int status = apply_to_member(call, i, &result);
        if (status == ASL_OK)
            status = asl_datum_truth(call->eval, result, &holds);
        if (status == ASL_OK && holds)
            status = asl_dict_set(call->eval, kept, asl_datum_key(object, i),
                                  asl_datum_member(object, i));
        if (status != ASL_OK)
            return status;
    }
    return kept->count > 0 ? asl_call_give(call, asl_datum_dict(kept)) : ASL_OK;
}

const asl_builtin asl_builtins_higher[] = {
    {"map", "<af>", 2, map},        {"filter", "<af>", 2, filter},
    {"single", "<af?>", 2, single}, {"reduce", "<afj?:j>", 3, reduce},
    {"each", "<o-f:a>", 2, each},   {"sift", "<o-f?:o>", 2, sift},
    {NULL, NULL, 0, NULL},
};
