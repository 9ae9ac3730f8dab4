/* $eval, and $random without a seed: what AWS's dialect has not, or has in another way. */
#include "base/random.h"
#include "jsonata/eval.h"

/* The message of what went wrong inside, as the value of a problem with this code. */
static int refuse(asl_eval *eval, const char *code, const asl_problem *inner)
{
    if (inner->status != ASL_SYNTAX && inner->status != ASL_EVALUATION)
        return asl_eval_fail(eval, inner->status);
    asl_buffer message;
    asl_datum text;
    asl_buffer_init(&message, eval->heap);
    asl_problem_message(inner, &message);
    eval->problem = (asl_problem){.status = ASL_OK};
    int status = asl_eval_string_of(eval, &message, &text);
    asl_buffer_done(&message);
    return status == ASL_OK ? asl_eval_error_about(eval, code, text) : status;
}

static const asl_ast *compile(asl_eval *eval, asl_datum text, asl_problem *problem)
{
    char *copy = asl_arena_copy(&eval->arena, text.bytes, text.size);
    if (copy == NULL) {
        problem->status = ASL_NOMEM;
        return NULL;
    }
    asl_ast_source source = {.heap = eval->heap,
                             .arena = &eval->arena,
                             .names = &eval->names,
                             .text = copy,
                             .size = text.size,
                             .regexes = eval->regexes,
                             .problem = problem};
    asl_ast *root = asl_ast_parse(&source);
    eval->regexes = source.regexes;
    return root != NULL ? asl_ast_process(&source, root) : NULL;
}

static int evaluate(asl_call *call)
{
    asl_eval *eval = call->eval;
    asl_datum text = call->arguments[0], focus = asl_call_argument(call, 1);
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    asl_datum input = asl_datum_is_undefined(focus) ? call->input : focus;
    if (asl_datum_is(focus, ASL_DATUM_ARRAY) && !asl_datum_is_sequence(focus)) {
        asl_list *wrapper = asl_eval_sequence(eval, 1);
        if (wrapper == NULL)
            return eval->problem.status;
        wrapper->items[wrapper->count++] = focus;
        wrapper->is_outer_wrapper = true;
        input = asl_datum_list(wrapper);
    }
    asl_problem problem = {.status = ASL_OK};
    asl_scope *scope = eval->caller;
    const asl_ast *root = compile(eval, text, &problem);
    if (root == NULL)
        return refuse(eval, "D3120", &problem);
    int status = asl_eval_node(eval, root, input, scope, &call->result);
    if (status != ASL_EVALUATION)
        return status;
    problem = eval->problem;
    return refuse(eval, "D3121", &problem);
}

static int random_number(asl_call *call)
{
    return asl_call_give(call, asl_datum_number(asl_random_unit(asl_eval_random(call->eval))));
}

const asl_builtin asl_builtins_eval[] = {
    {"eval", "<sx?:x>", 2, evaluate},
    {"random", "<:n>", 0, random_number},
    {NULL, NULL, 0, NULL},
};
