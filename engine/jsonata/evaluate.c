/* The evaluator: one case a type of node, then what every node may carry: predicates, a group, and
 * the collapse of its sequence. */
#include "jsonata/eval.h"

#include <math.h>
#include <string.h>

static int evaluate_variable(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                             asl_datum *ret)
{
    if (ast->name->size == 0) /* $: the context */
        *ret = asl_datum_is_outer_wrapper(input) ? input.list->items[0] : input;
    else
        *ret = asl_scope_look_up(eval, scope, ast->name);
    return ASL_OK;
}

static int add_flattened(asl_eval *eval, asl_list *list, asl_datum datum, unsigned depth)
{
    if (!asl_datum_is(datum, ASL_DATUM_ARRAY))
        return asl_list_add(eval, list, datum);
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    int status = asl_eval_spend(eval, asl_datum_count(datum));
    for (size_t i = 0; i < asl_datum_count(datum) && status == ASL_OK; i++)
        status = add_flattened(eval, list, asl_datum_at(datum, i), depth + 1);
    return status;
}

static int add_child(asl_eval *eval, asl_list *results, asl_datum child)
{
    if (!asl_datum_is(child, ASL_DATUM_ARRAY))
        return asl_list_add(eval, results, child);
    results->is_sequence = false; /* what jsonata-js appends to is a plain array from then on */
    return add_flattened(eval, results, child, 0);
}

/* `*`: the values of an object's members, or an array's items; arrays among them flattened. */
static int evaluate_wildcard(asl_eval *eval, asl_datum input, asl_datum *ret)
{
    asl_list *results = asl_eval_sequence(eval, 4);
    if (results == NULL)
        return eval->problem.status;
    if (asl_datum_is_outer_wrapper(input) && input.list->count > 0)
        input = input.list->items[0];
    int status = ASL_OK;
    if (asl_datum_is(input, ASL_DATUM_OBJECT)) {
        for (size_t i = 0; i < asl_datum_member_count(input) && status == ASL_OK; i++)
            status = add_child(eval, results, asl_datum_member(input, i));
    } else if (asl_datum_is(input, ASL_DATUM_ARRAY)) {
        for (size_t i = 0; i < asl_datum_count(input) && status == ASL_OK; i++)
            status = add_child(eval, results, asl_datum_at(input, i));
    }
    *ret = asl_datum_list(results);
    return status;
}

static int add_descendants(asl_eval *eval, asl_list *list, asl_datum datum, unsigned depth)
{
    int status = asl_eval_spend(eval, 1);
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    if (asl_datum_is(datum, ASL_DATUM_ARRAY)) {
        for (size_t i = 0; i < asl_datum_count(datum) && status == ASL_OK; i++)
            status = add_descendants(eval, list, asl_datum_at(datum, i), depth + 1);
        return status;
    }
    if (status == ASL_OK)
        status = asl_list_add(eval, list, datum);
    if (asl_datum_is(datum, ASL_DATUM_OBJECT)) {
        for (size_t i = 0; i < asl_datum_member_count(datum) && status == ASL_OK; i++)
            status = add_descendants(eval, list, asl_datum_member(datum, i), depth + 1);
    }
    return status;
}

static int evaluate_descendants(asl_eval *eval, asl_datum input, asl_datum *ret)
{
    *ret = asl_datum_undefined();
    if (asl_datum_is_undefined(input))
        return ASL_OK;
    asl_list *results = asl_eval_sequence(eval, 8);
    if (results == NULL)
        return eval->problem.status;
    int status = add_descendants(eval, results, input, 0);
    *ret = results->count == 1 ? results->items[0] : asl_datum_list(results);
    return status;
}

/* `[x]` where x gave an array that was made: the same items in an array of their own. */
static bool share_items(const asl_ast *ast, asl_list *list, asl_datum item)
{
    bool is_only = ast->items.count == 1 && asl_datum_is(item, ASL_DATUM_ARRAY);
    if (!is_only || asl_datum_is_input(item))
        return false;
    list->items = item.list->items;
    list->count = list->capacity = item.list->count;
    return true;
}

static int evaluate_array(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                          asl_datum *ret)
{
    asl_list *list = asl_eval_list(eval, ast->items.count);
    if (list == NULL)
        return eval->problem.status;
    for (size_t i = 0; i < ast->items.count; i++) {
        const asl_ast *part = ast->items.items[i];
        asl_datum item;
        int status = asl_eval_node(eval, part, input, scope, &item);
        if (status == ASL_OK && !asl_datum_is_undefined(item)) {
            if (part->type == ASL_AST_ARRAY)
                status = asl_list_add(eval, list, item);
            else if (!share_items(ast, list, item))
                status = asl_list_add_items(eval, list, item);
        }
        if (status != ASL_OK)
            return status;
    }
    list->is_constructed = ast->is_constructor;
    *ret = asl_datum_list(list);
    return ASL_OK;
}

static int evaluate_negate(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                           asl_datum *ret)
{
    int status = asl_eval_node(eval, ast->left, input, scope, ret);
    if (status != ASL_OK || asl_datum_is_undefined(*ret))
        return status;
    if (asl_datum_is_numeric(eval, *ret, &status)) {
        *ret = asl_datum_number(-asl_datum_double(*ret));
        return ASL_OK;
    }
    if (status != ASL_OK)
        return status;
    asl_eval_error_about(eval, "D1002", *ret);
    eval->problem.token = asl_datum_string("-", 1);
    eval->problem.has_position = true;
    eval->problem.position = ast->position;
    return ASL_EVALUATION;
}

static int evaluate_condition(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                              asl_datum *ret)
{
    asl_datum condition;
    bool truth = false;
    int status = asl_eval_node(eval, ast->left, input, scope, &condition);
    if (status == ASL_OK)
        status = asl_datum_truth(eval, condition, &truth);
    if (status != ASL_OK)
        return status;
    const asl_ast *branch = truth ? ast->right : ast->third;
    if (branch != NULL)
        return asl_eval_node(eval, branch, input, scope, ret);
    *ret = asl_datum_undefined();
    return ASL_OK;
}

static int evaluate_block(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                          asl_datum *ret)
{
    *ret = asl_datum_undefined();
    if (ast->needs_scope) {
        scope = asl_eval_scope(eval, scope);
        if (scope == NULL)
            return eval->problem.status;
    }
    int status = ASL_OK;
    for (size_t i = 0; i < ast->items.count && status == ASL_OK; i++)
        status = asl_eval_node(eval, ast->items.items[i], input, scope, ret);
    return status;
}

static int evaluate_bind(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                         asl_datum *ret)
{
    int status = asl_eval_node(eval, ast->right, input, scope, ret);
    return status == ASL_OK ? asl_scope_bind(eval, scope, ast->name, *ret) : status;
}

/* What becomes a function with the scope and the context where it stands. */
static int evaluate_closure(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                            asl_datum *ret)
{
    asl_closure_kind kind = ASL_CLOSURE_LAMBDA;
    if (ast->type == ASL_AST_REGEX)
        kind = ASL_CLOSURE_REGEX;
    else if (ast->type == ASL_AST_TRANSFORM)
        kind = ASL_CLOSURE_TRANSFORM;
    asl_closure *closure = asl_eval_closure(eval, kind);
    if (closure == NULL)
        return eval->problem.status;
    closure->ast = ast;
    closure->input = input;
    closure->scope = scope;
    *ret = (asl_datum){.kind = ASL_DATUM_FUNCTION, .closure = closure};
    return ASL_OK;
}

static int evaluate_type(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                         asl_datum *ret)
{
    switch ((asl_ast_type)ast->type) {
    case ASL_AST_PATH:
        return asl_evaluate_path(eval, ast, input, scope, ret);
    case ASL_AST_BINARY:
        return asl_evaluate_binary(eval, ast, input, scope, ret);
    case ASL_AST_NEGATE:
        return evaluate_negate(eval, ast, input, scope, ret);
    case ASL_AST_ARRAY:
        return evaluate_array(eval, ast, input, scope, ret);
    case ASL_AST_OBJECT:
        return asl_evaluate_group(eval, ast->group, input, scope, ret);
    case ASL_AST_NAME:
        return asl_datum_lookup(eval, input, ast->name->bytes, ast->name->size, ret);
    case ASL_AST_STRING:
    case ASL_AST_NUMBER:
    case ASL_AST_CONSTANT:
        *ret = ast->literal;
        return ASL_OK;
    case ASL_AST_WILDCARD:
        return evaluate_wildcard(eval, input, ret);
    case ASL_AST_DESCENDANT:
        return evaluate_descendants(eval, input, ret);
    case ASL_AST_PARENT:
        *ret = asl_scope_look_up(eval, scope, ast->slot->label);
        return ASL_OK;
    case ASL_AST_CONDITION:
        return evaluate_condition(eval, ast, input, scope, ret);
    case ASL_AST_BLOCK:
        return evaluate_block(eval, ast, input, scope, ret);
    case ASL_AST_BIND:
        return evaluate_bind(eval, ast, input, scope, ret);
    case ASL_AST_CALL:
        return asl_evaluate_call(eval, ast, input, scope, ret);
    case ASL_AST_PARTIAL:
        return asl_evaluate_partial(eval, ast, input, scope, ret);
    case ASL_AST_VARIABLE:
        return evaluate_variable(eval, ast, input, scope, ret);
    case ASL_AST_LAMBDA:
    case ASL_AST_REGEX:
    case ASL_AST_TRANSFORM:
        return evaluate_closure(eval, ast, input, scope, ret);
    case ASL_AST_APPLY:
        return asl_evaluate_apply(eval, ast, input, scope, ret);
    case ASL_AST_END:
    case ASL_AST_OPERATOR:
    case ASL_AST_SORT: /* a step, never by itself */
        break;
    }
    *ret = asl_datum_undefined();
    return ASL_OK;
}

static int refuse_depth(asl_eval *eval)
{
    static const char text[] = "Stack overflow error: Check for non-terminating recursive function."
                               "  Consider rewriting as tail-recursive.";
    asl_eval_error(eval, "U1001");
    eval->problem.text = asl_datum_string(text, sizeof text - 1);
    return ASL_EVALUATION;
}

static int evaluate_additions(asl_eval *eval, const asl_ast *ast, asl_scope *scope, asl_datum *ret)
{
    int status = ASL_OK;
    for (size_t i = 0; i < ast->predicates.count && status == ASL_OK; i++)
        status = asl_evaluate_filter(eval, ast->predicates.items[i].filter, *ret, scope, ret);
    if (status == ASL_OK && ast->group != NULL && ast->type != ASL_AST_PATH &&
        ast->type != ASL_AST_OBJECT)
        status = asl_evaluate_group(eval, ast->group, *ret, scope, ret);
    if (status == ASL_OK && ast->keeps_array && asl_datum_is_sequence(*ret) &&
        !ret->list->is_tuple_stream)
        ret->list->keeps_singleton = true;
    return status;
}

int asl_eval_node(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                  asl_datum *ret)
{
    if (eval->depth >= eval->depth_max)
        return refuse_depth(eval);
    int status = asl_eval_spend(eval, 1);
    if (status != ASL_OK)
        return status;
    eval->depth++;
    status = evaluate_type(eval, ast, input, scope, ret);
    eval->depth--;
    if (status == ASL_OK && (ast->predicates.count > 0 || ast->keeps_array || ast->group != NULL)) {
        eval->depth++;
        status = evaluate_additions(eval, ast, scope, ret);
        eval->depth--;
    }
    if (status == ASL_OK)
        *ret = asl_datum_collapse(*ret);
    return status;
}
