/* `| pattern | update, delete |`: a copy of an object in which what the pattern finds is changed.
 *
 * The copy is made of objects of scratch memory alone, so that what the pattern selects in it can
 * be changed in place. */
#include "jsonata/eval.h"

static int refuse(asl_eval *eval, const char *code, size_t position, asl_datum value)
{
    asl_eval_error_about(eval, code, value);
    eval->problem.has_position = true;
    eval->problem.position = position;
    return ASL_EVALUATION;
}

static int update(asl_eval *eval, const asl_closure *closure, asl_datum match)
{
    const asl_ast *ast = closure->ast;
    asl_datum changes;
    int status = asl_eval_node(eval, ast->right, match, closure->scope, &changes);
    if (status != ASL_OK || asl_datum_is_undefined(changes))
        return status;
    if (!asl_datum_is(changes, ASL_DATUM_OBJECT))
        return refuse(eval, "T2011", ast->right->position, changes);
    if (!asl_datum_is(match, ASL_DATUM_OBJECT) || asl_datum_is_input(match))
        return ASL_OK;
    for (size_t i = 0; i < asl_datum_member_count(changes) && status == ASL_OK; i++)
        status =
            asl_dict_set(eval, match.dict, asl_datum_key(changes, i), asl_datum_member(changes, i));
    return status;
}

static bool are_strings(asl_datum array)
{
    for (size_t i = 0; i < asl_datum_count(array); i++) {
        if (!asl_datum_is(asl_datum_at(array, i), ASL_DATUM_STRING))
            return false;
    }
    return true;
}

static int delete (asl_eval *eval, const asl_closure *closure, asl_datum match)
{
    const asl_ast *ast = closure->ast;
    asl_datum keys;
    int status = asl_eval_node(eval, ast->third, match, closure->scope, &keys);
    if (status != ASL_OK || asl_datum_is_undefined(keys))
        return status;
    bool is_array = asl_datum_is(keys, ASL_DATUM_ARRAY);
    if (is_array ? !are_strings(keys) : !asl_datum_is(keys, ASL_DATUM_STRING))
        return refuse(eval, "T2012", ast->third->position, keys);
    if (!asl_datum_is(match, ASL_DATUM_OBJECT) || asl_datum_is_input(match))
        return ASL_OK;
    for (size_t i = 0; i < (is_array ? asl_datum_count(keys) : 1); i++)
        asl_dict_remove(match.dict, is_array ? asl_datum_at(keys, i) : keys);
    return ASL_OK;
}

int asl_apply_transform(asl_eval *eval, const asl_closure *closure, asl_datum object,
                        asl_datum *ret)
{
    *ret = object;
    if (asl_datum_is_undefined(object))
        return ASL_OK;
    if (!asl_datum_is(object, ASL_DATUM_OBJECT) && !asl_datum_is(object, ASL_DATUM_ARRAY))
        return asl_eval_refuse_argument(eval, object);
    asl_datum matches;
    int status = asl_datum_clone(eval, object, ret);
    if (status == ASL_OK)
        status = asl_eval_node(eval, closure->ast->left, *ret, closure->scope, &matches);
    if (status != ASL_OK || asl_datum_is_undefined(matches))
        return status;
    bool is_array = asl_datum_is(matches, ASL_DATUM_ARRAY);
    for (size_t i = 0; i < (is_array ? asl_datum_count(matches) : 1) && status == ASL_OK; i++) {
        asl_datum match = is_array ? asl_datum_at(matches, i) : matches;
        status = update(eval, closure, match);
        if (status == ASL_OK && closure->ast->third != NULL)
            status = delete (eval, closure, match);
    }
    return status;
}
