/* Functions on objects, and on any value. */
#include <string.h>

#include "jsonata/eval.h"

static int lookup_in(asl_eval *eval, asl_datum input, asl_datum key, unsigned depth,
                     asl_datum *ret);

static int lookup_in_array(asl_eval *eval, asl_datum array, asl_datum key, unsigned depth,
                           asl_datum *ret)
{
    asl_list *list = asl_eval_sequence(eval, 2);
    if (list == NULL)
        return eval->problem.status;
    *ret = asl_datum_list(list);
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    int status = asl_eval_spend(eval, asl_datum_count(array));
    for (size_t i = 0; i < asl_datum_count(array) && status == ASL_OK; i++) {
        asl_datum found;
        status = lookup_in(eval, asl_datum_at(array, i), key, depth + 1, &found);
        if (status == ASL_OK && !asl_datum_is_undefined(found))
            status = asl_list_add_items(eval, list, found);
    }
    return status;
}

static int lookup_in(asl_eval *eval, asl_datum input, asl_datum key, unsigned depth, asl_datum *ret)
{
    *ret = asl_datum_undefined();
    if (asl_datum_is(input, ASL_DATUM_OBJECT))
        *ret = asl_datum_get(input, key.bytes, key.size);
    else if (asl_datum_is(input, ASL_DATUM_ARRAY))
        return lookup_in_array(eval, input, key, depth, ret);
    return ASL_OK;
}

int asl_datum_lookup(asl_eval *eval, asl_datum input, const char *key, size_t key_size,
                     asl_datum *ret)
{
    return lookup_in(eval, input, asl_datum_string(key, key_size), 0, ret);
}

static int lookup(asl_call *call)
{
    asl_datum key = call->arguments[1];
    if (!asl_datum_is(key, ASL_DATUM_STRING))
        key = asl_datum_string("undefined", 9);
    return lookup_in(call->eval, call->arguments[0], key, 0, &call->result);
}

static int add_keys(asl_eval *eval, asl_datum input, asl_dict *keys, unsigned depth)
{
    int status = asl_eval_spend(eval, 1);
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    if (asl_datum_is(input, ASL_DATUM_ARRAY)) {
        for (size_t i = 0; i < asl_datum_count(input) && status == ASL_OK; i++)
            status = add_keys(eval, asl_datum_at(input, i), keys, depth + 1);
    } else if (asl_datum_is(input, ASL_DATUM_OBJECT)) {
        for (size_t i = 0; i < asl_datum_member_count(input) && status == ASL_OK; i++)
            status = asl_dict_set(eval, keys, asl_datum_key(input, i), asl_datum_null());
    }
    return status;
}

static int keys(asl_call *call)
{
    asl_dict *found = asl_eval_dict(call->eval, 4);
    if (found == NULL)
        return call->eval->problem.status;
    int status = add_keys(call->eval, call->arguments[0], found, 0);
    asl_list *list = status == ASL_OK ? asl_eval_sequence(call->eval, found->count) : NULL;
    if (list == NULL)
        return call->eval->problem.status;
    for (size_t i = 0; i < found->count; i++)
        list->items[list->count++] = found->members[i].key;
    return asl_call_give(call, asl_datum_list(list));
}

static int spread_into(asl_eval *eval, asl_datum input, asl_list *list, unsigned depth)
{
    int status = asl_eval_spend(eval, 1);
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    if (asl_datum_is(input, ASL_DATUM_ARRAY)) {
        for (size_t i = 0; i < asl_datum_count(input) && status == ASL_OK; i++)
            status = spread_into(eval, asl_datum_at(input, i), list, depth + 1);
        return status;
    }
    if (!asl_datum_is(input, ASL_DATUM_OBJECT))
        return status == ASL_OK ? asl_list_add(eval, list, input) : status;
    for (size_t i = 0; i < asl_datum_member_count(input) && status == ASL_OK; i++) {
        asl_dict *single = asl_eval_dict(eval, 1);
        if (single == NULL)
            return eval->problem.status;
        single->members[single->count++] =
            (asl_dict_member){asl_datum_key(input, i), asl_datum_member(input, i)};
        status = asl_list_add(eval, list, asl_datum_dict(single));
    }
    return status;
}

static int spread(asl_call *call)
{
    asl_datum input = call->arguments[0];
    if (!asl_datum_is(input, ASL_DATUM_ARRAY) && !asl_datum_is(input, ASL_DATUM_OBJECT))
        return asl_call_give(call, input);
    asl_list *list = asl_eval_sequence(call->eval, 4);
    if (list == NULL)
        return call->eval->problem.status;
    /* What jsonata-js appends to is a plain array from then on. */
    list->is_sequence = !asl_datum_is(input, ASL_DATUM_ARRAY) || asl_datum_count(input) == 0;
    int status = spread_into(call->eval, input, list, 0);
    return status == ASL_OK ? asl_call_give(call, asl_datum_list(list)) : status;
}

static int merge(asl_call *call)
{
    asl_datum array = call->arguments[0];
    if (asl_datum_is_undefined(array))
        return ASL_OK;
    asl_dict *merged = asl_eval_dict(call->eval, 8);
    if (merged == NULL)
        return call->eval->problem.status;
    int status = ASL_OK;
    for (size_t i = 0; i < asl_datum_count(array); i++) {
        asl_datum object = asl_datum_at(array, i);
        for (size_t j = 0; j < asl_datum_member_count(object) && status == ASL_OK; j++)
            status = asl_dict_set(call->eval, merged, asl_datum_key(object, j),
                                  asl_datum_member(object, j));
    }
    return status == ASL_OK ? asl_call_give(call, asl_datum_dict(merged)) : status;
}

static int boolean(asl_call *call)
{
    bool truth;
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    int status = asl_datum_truth(call->eval, call->arguments[0], &truth);
    return status == ASL_OK ? asl_call_give(call, asl_datum_bool(truth)) : status;
}

static int not(asl_call * call)
{
    int status = boolean(call);
    if (status == ASL_OK && asl_datum_is(call->result, ASL_DATUM_BOOL))
        call->result.truth = !call->result.truth;
    return status;
}

static int exists(asl_call *call)
{
    return asl_call_give(call, asl_datum_bool(!asl_datum_is_undefined(call->arguments[0])));
}

static int type(asl_call *call)
{
    static const char *const names[] = {
        [ASL_DATUM_NULL] = "null",         [ASL_DATUM_BOOL] = "boolean",
        [ASL_DATUM_NUMBER] = "number",     [ASL_DATUM_STRING] = "string",
        [ASL_DATUM_ARRAY] = "array",       [ASL_DATUM_OBJECT] = "object",
        [ASL_DATUM_FUNCTION] = "function", [ASL_DATUM_TUPLE] = "object"};
    asl_datum argument = call->arguments[0];
    int status = ASL_OK;
    if (asl_datum_is_undefined(argument))
        return ASL_OK;
    if (asl_datum_is(argument, ASL_DATUM_NUMBER) &&
        !asl_datum_is_numeric(call->eval, argument, &status))
        return status != ASL_OK ? status
                                : asl_call_give(call, asl_datum_string("object", 6)); /* NaN */
    const char *name = names[argument.kind];
    return asl_call_give(call, asl_datum_string(name, strlen(name)));
}

/* Fails with the host's words. */
static int fail(asl_call *call, const char *code, asl_datum message, const char *otherwise)
{
    bool has_message = asl_datum_is(message, ASL_DATUM_STRING) && message.size > 0;
    asl_eval_error(call->eval, code);
    call->eval->problem.text =
        has_message ? message : asl_datum_string(otherwise, strlen(otherwise));
    return ASL_EVALUATION;
}

static int error(asl_call *call)
{
    return fail(call, "D3137", call->arguments[0], "$error() function evaluated");
}

static int assert(asl_call *call)
{
    asl_datum condition = call->arguments[0];
    if (asl_datum_is(condition, ASL_DATUM_BOOL) && condition.truth)
        return ASL_OK;
    return fail(call, "D3141", asl_call_argument(call, 1), "$assert() statement failed");
}

static int clone(asl_call *call)
{
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    return asl_datum_clone(call->eval, call->arguments[0], &call->result);
}

const asl_builtin asl_builtins_object[] = {
    {"lookup", "<x-s:x>", 2, lookup},   {"keys", "<x-:a<s>>", 1, keys},
    {"spread", "<x-:a<o>>", 1, spread}, {"merge", "<a<o>:o>", 1, merge},
    {"boolean", "<x-:b>", 1, boolean},  {"not", "<x-:b>", 1, not },
    {"exists", "<x:b>", 1, exists},     {"type", "<x:s>", 1, type},
    {"error", "<s?:x>", 1, error},      {"assert", "<bs?:x>", 2, assert},
    {"clone", "<(oa)-:o>", 1, clone},   {NULL, NULL, 0, NULL},
};
