/* Calling functions: built-in ones, lambdas with their tail calls, partial applications, regular
 * expressions, transforms and chains. */
#include <string.h>

#include "jsonata/eval.h"

#define SPARE_ARGUMENTS 6u /* what the signature of a built-in function may add */

/* What jsonata-js calls the function of a call in errors: its name, or the token of what it is. */
static asl_datum name_of(const asl_ast *procedure)
{
    const asl_ast *ast = procedure->type == ASL_AST_PATH ? procedure->items.items[0] : procedure;
    switch (ast->type) {
    case ASL_AST_LAMBDA:
    case ASL_AST_BLOCK:
    case ASL_AST_CONDITION:
    case ASL_AST_TRANSFORM:
    case ASL_AST_PARENT:
    case ASL_AST_PATH:
    case ASL_AST_SORT:
        return asl_datum_undefined();
    default:
        return ast->literal;
    }
}

size_t asl_function_arity(asl_datum function)
{
    if ((function.flags & ASL_DATUM_BUILTIN) != 0)
        return function.builtin->builtin->arity;
    const asl_closure *closure = function.closure;
    size_t open = 0;
    switch (closure->kind) {
    case ASL_CLOSURE_LAMBDA:
        return closure->ast->items.count;
    case ASL_CLOSURE_PARTIAL:
        for (size_t i = 0; i < closure->argument_count; i++)
            open += closure->is_open[i];
        return open;
    case ASL_CLOSURE_REGEX:
        return 2;
    case ASL_CLOSURE_NEXT_MATCH:
        return 0;
    case ASL_CLOSURE_TRANSFORM:
    case ASL_CLOSURE_CHAIN:
        break;
    }
    return 1;
}

static int apply_builtin(asl_eval *eval, asl_datum function, asl_datum *arguments, size_t count,
                         asl_datum input, asl_datum *ret)
{
    const asl_name *name = function.builtin;
    asl_call call = {.eval = eval, .arguments = arguments, .count = count, .input = input};
    int status = asl_signature_validate(eval, name->signature, arguments, &call.count, input);
    if (status == ASL_OK)
        status = name->builtin->function(&call);
    *ret = call.result;
    return status;
}

static int enter_lambda(asl_eval *eval, const asl_closure *closure, const asl_datum *arguments,
                        size_t count, asl_datum *ret)
{
    const asl_ast *ast = closure->ast;
    asl_scope *scope = asl_eval_scope(eval, closure->scope);
    if (scope == NULL)
        return eval->problem.status;
    for (size_t i = 0; i < ast->items.count; i++) {
        asl_datum value = i < count ? arguments[i] : asl_datum_undefined();
        int status = asl_scope_bind(eval, scope, ast->items.items[i]->name, value);
        if (status != ASL_OK)
            return status;
    }
    return asl_eval_node(eval, ast->left, closure->input, scope, ret);
}

static int apply_lambda(asl_eval *eval, const asl_closure *closure, asl_datum *arguments,
                        size_t count, asl_datum input, asl_datum *ret)
{
    const asl_signature *signature = closure->ast->signature;
    int status = ASL_OK;
    if (signature != NULL)
        status = asl_signature_validate(eval, signature, arguments, &count, input);
    return status == ASL_OK ? enter_lambda(eval, closure, arguments, count, ret) : status;
}

static asl_datum *room_for(asl_eval *eval, size_t count, const asl_datum *from, size_t from_count)
{
    asl_datum *made = asl_eval_allocate(eval, count * sizeof *made);
    if (made != NULL && from_count > 0)
        memcpy(made, from, from_count * sizeof *made);
    return made;
}

static size_t room_of(asl_datum function, size_t count)
{
    size_t parameters = SPARE_ARGUMENTS;
    if ((function.flags & ASL_DATUM_BUILTIN) == 0 && function.closure->kind == ASL_CLOSURE_LAMBDA &&
        function.closure->ast->signature != NULL)
        parameters = function.closure->ast->signature->count;
    return count + parameters;
}

static int apply_partial(asl_eval *eval, const asl_closure *closure, const asl_datum *arguments,
                         size_t count, asl_datum *ret)
{
    asl_datum function = closure->left;
    size_t given = 0, total = closure->argument_count;
    if ((function.flags & ASL_DATUM_BUILTIN) != 0 && function.builtin->signature->count > total)
        total = function.builtin->signature->count; /* the others are undefined, not missing */
    asl_datum *all = room_for(eval, room_of(function, total), NULL, 0);
    if (all == NULL)
        return eval->problem.status;
    for (size_t i = 0; i < total; i++) {
        all[i] = i < closure->argument_count ? closure->arguments[i] : asl_datum_undefined();
        if (i >= closure->argument_count || !closure->is_open[i])
            continue;
        all[i] = given < count ? arguments[given] : asl_datum_undefined();
        given++;
    }
    bool is_lambda =
        (function.flags & ASL_DATUM_BUILTIN) == 0 && function.closure->kind == ASL_CLOSURE_LAMBDA;
    if (is_lambda) /* its signature is not looked at again */
        return enter_lambda(eval, function.closure, all, total, ret);
    return asl_apply(eval, function, all, total, asl_datum_undefined(), ret);
}

/* One function of a chain; errors that name nothing name it as jsonata-js does. */
static int apply_link(asl_eval *eval, asl_datum function, asl_datum argument, const char *name,
                      asl_datum *ret)
{
    asl_datum *room = room_for(eval, room_of(function, 1), &argument, 1);
    int status = room != NULL ? asl_apply(eval, function, room, 1, asl_datum_undefined(), ret)
                              : eval->problem.status;
    if (status == ASL_EVALUATION && asl_datum_is_undefined(eval->problem.token))
        eval->problem.token = asl_datum_string(name, 1);
    return status;
}

static int apply_chain(asl_eval *eval, const asl_closure *closure, const asl_datum *arguments,
                       size_t count, asl_datum *ret)
{
    asl_datum between;
    int status = apply_link(eval, closure->left, count > 0 ? arguments[0] : asl_datum_undefined(),
                            "f", &between);
    return status == ASL_OK ? apply_link(eval, closure->right, between, "g", ret) : status;
}

static int apply_closure(asl_eval *eval, asl_closure *closure, asl_datum *arguments, size_t count,
                         asl_datum input, asl_datum *ret)
{
    asl_datum first = count > 0 ? arguments[0] : asl_datum_undefined();
    switch (closure->kind) {
    case ASL_CLOSURE_LAMBDA:
        return apply_lambda(eval, closure, arguments, count, input, ret);
    case ASL_CLOSURE_PARTIAL:
        return apply_partial(eval, closure, arguments, count, ret);
    case ASL_CLOSURE_REGEX:
        return asl_apply_regex(eval, closure, first, 0, ret);
    case ASL_CLOSURE_NEXT_MATCH:
        return asl_apply_regex(eval, closure, closure->input, closure->offset, ret);
    case ASL_CLOSURE_TRANSFORM:
        return count == 1 ? asl_apply_transform(eval, closure, first, ret)
                          : asl_eval_refuse_argument(eval, first);
    case ASL_CLOSURE_CHAIN:
        break;
    }
    return apply_chain(eval, closure, arguments, count, ret);
}

/* One call, without the tail calls that it ends with. */
static int apply_once(asl_eval *eval, asl_datum function, asl_datum *arguments, size_t count,
                      asl_datum input, asl_datum *ret)
{
    *ret = asl_datum_undefined();
    if (!asl_datum_is(function, ASL_DATUM_FUNCTION))
        return asl_eval_error(eval, "T1006");
    if ((function.flags & ASL_DATUM_WRAPPED) != 0)
        input = asl_datum_null();
    if (count > ASL_ARGUMENTS_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    if ((function.flags & ASL_DATUM_BUILTIN) != 0)
        return apply_builtin(eval, function, arguments, count, input, ret);
    asl_closure *closure = function.closure;
    int status = apply_closure(eval, closure, arguments, count, input, ret);
    if (status == ASL_EVALUATION) {
        if (asl_datum_is_undefined(eval->problem.token))
            eval->problem.token = closure->token;
        if (closure->token_position > 0) {
            eval->problem.has_position = true;
            eval->problem.position = closure->token_position;
        }
    }
    return status;
}

static bool is_thunk(asl_datum datum)
{
    return asl_datum_is(datum, ASL_DATUM_FUNCTION) && (datum.flags & ASL_DATUM_BUILTIN) == 0 &&
           datum.closure->kind == ASL_CLOSURE_LAMBDA && datum.closure->ast->is_thunk;
}

static int evaluate_arguments(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                              asl_datum *arguments)
{
    for (size_t i = 0; i < ast->items.count; i++) {
        int status = asl_eval_operand(eval, ast->items.items[i], input, scope, &arguments[i]);
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

static void note_call(asl_datum function, asl_datum token, size_t position)
{
    bool is_closure = asl_datum_is(function, ASL_DATUM_FUNCTION) &&
                      (function.flags & (ASL_DATUM_BUILTIN | ASL_DATUM_WRAPPED)) == 0;
    if (is_closure) {
        function.closure->token = token;
        function.closure->token_position = position;
    }
}

/* Whether a call holds nothing of what was made since the mark. */
static bool outlives(asl_datum function, const asl_datum *arguments, size_t count, size_t position)
{
    bool is_older =
        asl_datum_is(function, ASL_DATUM_FUNCTION) &&
        ((function.flags & ASL_DATUM_BUILTIN) != 0 || function.closure->position < position);
    for (size_t i = 0; i < count && is_older; i++)
        is_older = asl_datum_is_immediate(arguments[i]);
    return is_older;
}

/* Makes the call that a thunk stands for. A loop of such calls runs in the memory of one: where the
 * next call needs nothing of the last one, that is dropped. */
static int apply_thunk(asl_eval *eval, asl_datum thunk, asl_scratch_mark mark, size_t position,
                       asl_datum input, asl_datum *ret)
{
    const asl_closure *closure = thunk.closure;
    const asl_ast *call = closure->ast->left;
    asl_datum function;
    int status = asl_eval_node(eval, call->left, closure->input, closure->scope, &function);
    if (status != ASL_OK)
        return status;
    note_call(function,
              call->left->type == ASL_AST_VARIABLE ? name_of(call->left) : asl_datum_undefined(),
              call->left->position);
    size_t count = call->items.count, room = count;
    if (asl_datum_is(function, ASL_DATUM_FUNCTION))
        room = room_of(function, count);
    asl_datum *arguments = room_for(eval, room, NULL, 0);
    if (arguments == NULL)
        return eval->problem.status;
    status = evaluate_arguments(eval, call, closure->input, closure->scope, arguments);
    if (status != ASL_OK)
        return status;
    asl_datum few[4];
    if (count <= 4 && outlives(function, arguments, count, position)) {
        memcpy(few, arguments, count * sizeof *few);
        asl_eval_go_back(eval, mark);
        arguments = room_for(eval, room, few, count);
        if (arguments == NULL)
            return eval->problem.status;
    }
    status = apply_once(eval, function, arguments, count, input, ret);
    bool is_closure =
        asl_datum_is(function, ASL_DATUM_FUNCTION) && (function.flags & ASL_DATUM_BUILTIN) == 0;
    if (status == ASL_EVALUATION && asl_datum_is_undefined(eval->problem.token) && !is_closure)
        eval->problem.token = name_of(call->left);
    return status;
}

int asl_apply(asl_eval *eval, asl_datum function, asl_datum *arguments, size_t count,
              asl_datum input, asl_datum *ret)
{
    asl_scratch_mark mark = asl_scratch_mark_here(&eval->scratch);
    size_t position = asl_scratch_position(&eval->scratch);
    int status = apply_once(eval, function, arguments, count, input, ret);
    while (status == ASL_OK && is_thunk(*ret))
        status = apply_thunk(eval, *ret, mark, position, input, ret);
    return status;
}

int asl_apply_higher(asl_eval *eval, asl_datum function, const asl_datum *arguments, size_t count,
                     asl_datum *ret)
{
    if (!asl_datum_is(function, ASL_DATUM_FUNCTION))
        return asl_eval_error(eval, "T1006");
    size_t arity = asl_function_arity(function);
    count = arity < count ? (arity > 1 ? arity : 1) : count;
    asl_scratch_mark mark = asl_scratch_mark_here(&eval->scratch);
    asl_datum *room = room_for(eval, room_of(function, count), arguments, count);
    if (room == NULL)
        return eval->problem.status;
    int status = asl_apply(eval, function, room, count, asl_datum_null(), ret);
    if (status == ASL_OK && asl_datum_is_immediate(*ret))
        asl_eval_go_back(eval, mark);
    return status;
}

/* A field where a function was meant: the $ is missing. */
static bool lacks_dollar(asl_eval *eval, const asl_ast *procedure, asl_scope *scope,
                         asl_datum function)
{
    if (!asl_datum_is_undefined(function) || procedure->type != ASL_AST_PATH ||
        procedure->items.items[0]->name == NULL)
        return false;
    asl_datum bound = asl_scope_look_up(eval, scope, procedure->items.items[0]->name);
    return !asl_datum_is_undefined(bound) && !asl_datum_is(bound, ASL_DATUM_NULL);
}

static int refuse_call(asl_eval *eval, const char *code, const asl_ast *ast)
{
    asl_eval_error(eval, code);
    eval->problem.token = name_of(ast->left);
    eval->problem.has_position = true;
    eval->problem.position = ast->position;
    return ASL_EVALUATION;
}

/* A function that is handed over is called without a context. */
static asl_datum wrapped(asl_datum datum)
{
    if (asl_datum_is(datum, ASL_DATUM_FUNCTION))
        datum.flags |= ASL_DATUM_WRAPPED;
    return datum;
}

/* The call, with what stands left of `~>` as its first argument. */
static int call(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                const asl_datum *applied, asl_datum *ret)
{
    asl_datum function;
    int status = asl_eval_node(eval, ast->left, input, scope, &function);
    if (status != ASL_OK)
        return status;
    if (lacks_dollar(eval, ast->left, scope, function))
        return refuse_call(eval, "T1005", ast);
    size_t first = applied != NULL, count = ast->items.count + first, room = count;
    if (asl_datum_is(function, ASL_DATUM_FUNCTION))
        room = room_of(function, count);
    asl_datum *arguments = room_for(eval, room, applied, first);
    if (arguments == NULL)
        return eval->problem.status;
    status = evaluate_arguments(eval, ast, input, scope, arguments + first);
    if (status != ASL_OK)
        return status;
    for (size_t i = first; i < count; i++)
        arguments[i] = wrapped(arguments[i]);
    note_call(function, name_of(ast->left), ast->position);
    eval->caller = scope;
    status = asl_apply(eval, function, arguments, count, input, ret);
    if (status == ASL_EVALUATION) {
        if (!eval->problem.has_position) {
            eval->problem.has_position = true;
            eval->problem.position = ast->position;
        }
        if (asl_datum_is_undefined(eval->problem.token))
            eval->problem.token = name_of(ast->left);
    }
    return status;
}

int asl_evaluate_call(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                      asl_datum *ret)
{
    return call(eval, ast, input, scope, NULL, ret);
}

int asl_evaluate_partial(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                         asl_datum *ret)
{
    size_t count = ast->items.count;
    asl_datum *arguments = asl_eval_allocate(eval, count * sizeof *arguments);
    bool *is_open = asl_eval_allocate(eval, count * sizeof *is_open);
    if (arguments == NULL || is_open == NULL)
        return eval->problem.status;
    for (size_t i = 0; i < count; i++) {
        const asl_ast *argument = ast->items.items[i];
        is_open[i] = argument->type == ASL_AST_OPERATOR;
        arguments[i] = asl_datum_undefined();
        int status =
            is_open[i] ? ASL_OK : asl_eval_node(eval, argument, input, scope, &arguments[i]);
        if (status != ASL_OK)
            return status;
    }
    asl_datum function;
    int status = asl_eval_node(eval, ast->left, input, scope, &function);
    if (status != ASL_OK)
        return status;
    if (lacks_dollar(eval, ast->left, scope, function))
        return refuse_call(eval, "T1007", ast);
    if (!asl_datum_is(function, ASL_DATUM_FUNCTION))
        return refuse_call(eval, "T1008", ast);
    asl_closure *closure = asl_eval_closure(eval, ASL_CLOSURE_PARTIAL);
    if (closure == NULL)
        return eval->problem.status;
    closure->left = function;
    closure->arguments = arguments;
    closure->is_open = is_open;
    closure->argument_count = count;
    *ret = (asl_datum){.kind = ASL_DATUM_FUNCTION, .closure = closure};
    return ASL_OK;
}

int asl_evaluate_apply(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                       asl_datum *ret)
{
    asl_datum left, function;
    int status = asl_eval_node(eval, ast->left, input, scope, &left);
    if (status != ASL_OK)
        return status;
    if (ast->right->type == ASL_AST_CALL)
        return call(eval, ast->right, input, scope, &left, ret);
    status = asl_eval_node(eval, ast->right, input, scope, &function);
    if (status != ASL_OK)
        return status;
    if (!asl_datum_is(function, ASL_DATUM_FUNCTION)) {
        asl_eval_error_about(eval, "T2006", function);
        eval->problem.has_position = true;
        eval->problem.position = ast->position;
        return ASL_EVALUATION;
    }
    if (asl_datum_is(left, ASL_DATUM_FUNCTION)) {
        asl_closure *chain = asl_eval_closure(eval, ASL_CLOSURE_CHAIN);
        if (chain == NULL)
            return eval->problem.status;
        chain->left = left;
        chain->right = function;
        *ret = (asl_datum){.kind = ASL_DATUM_FUNCTION, .closure = chain};
        return ASL_OK;
    }
    asl_datum *arguments = room_for(eval, room_of(function, 1), &left, 1);
    if (arguments == NULL)
        return eval->problem.status;
    eval->caller = scope;
    return asl_apply(eval, function, arguments, 1, asl_datum_null(), ret);
}
