/* The public face: compiling, evaluating, and the variables of an expression. */
#include <asl/jsonata.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/utf8.h"
#include "jsonata/eval.h"

#define FIRST_ROOM 3072u /* scratch memory of small evaluations: on the stack */

struct asl_jsonata {
    uint32_t references; /* atomic */
    unsigned flags;
    const asl_heap *heap;
    asl_arena arena;
    asl_names names;
    asl_ast *root;
    asl_ast *regexes;
    asl_ast_read *reads;
    const char *text;
    size_t size;
    bool has_eval;
};

static void free_expression(asl_jsonata *expression)
{
    asl_ast_free_regexes(expression->regexes);
    asl_arena_done(&expression->arena);
    asl_release(expression->heap, expression, sizeof *expression);
}

static int compile(asl_jsonata *expression, asl_problem *problem)
{
    asl_ast_source source = {.heap = expression->heap,
                             .arena = &expression->arena,
                             .names = &expression->names,
                             .text = expression->text,
                             .size = expression->size,
                             .problem = problem};
    asl_ast *root = asl_ast_parse(&source);
    expression->regexes = source.regexes;
    if (root != NULL)
        root = asl_ast_process(&source, root);
    if (root == NULL)
        return problem->status;
    expression->root = root;
    expression->has_eval = (expression->flags & ASL_JSONATA_STATES) == 0 &&
                           asl_names_find(&expression->names, "eval", 4) != NULL;
    if (asl_ast_variables(root, expression->names.count, &expression->arena, &expression->reads) !=
        ASL_OK)
        return ASL_NOMEM;
    if ((expression->flags & ASL_JSONATA_STATES) != 0)
        return asl_ast_check(root, expression->flags, problem, &expression->arena);
    return ASL_OK;
}

int asl_jsonata_compile(const asl_heap *heap, const char *text, size_t size, unsigned flags,
                        asl_jsonata **ret_expression, asl_error **error)
{
    size_t valid = asl_utf8_valid(text, size);
    if (valid < size)
        return asl_error_set_place(error, ASL_SYNTAX, text, valid, valid,
                                   "the expression is not UTF-8");
    if (size > ASL_JSONATA_BYTES_MAX)
        return asl_error_set(error, ASL_TOO_LARGE, "the expression is longer than %u bytes",
                             ASL_JSONATA_BYTES_MAX);
    asl_jsonata *made = asl_allocate_zeroed(heap, sizeof *made);
    if (made == NULL)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    made->references = 1;
    made->heap = heap;
    made->flags = flags;
    made->names.is_states = (flags & ASL_JSONATA_STATES) != 0;
    made->size = size;
    asl_arena_init(&made->arena, heap);
    made->text = asl_arena_copy(&made->arena, text, size);
    asl_problem problem = {.status = ASL_OK};
    int status = made->text != NULL ? compile(made, &problem) : ASL_NOMEM;
    if (status == ASL_OK) {
        *ret_expression = made;
        return ASL_OK;
    }
    problem.status = status;
    status = asl_problem_to_error(&problem, text, size, error);
    free_expression(made);
    return status;
}

asl_jsonata *asl_jsonata_ref(asl_jsonata *expression)
{
    if (expression != NULL)
        __atomic_add_fetch(&expression->references, 1, __ATOMIC_RELAXED);
    return expression;
}

void asl_jsonata_unref(asl_jsonata *expression)
{
    if (expression != NULL && __atomic_sub_fetch(&expression->references, 1, __ATOMIC_ACQ_REL) == 0)
        free_expression(expression);
}

uint64_t asl_eval_random(asl_eval *eval)
{
    if (eval->options.random != NULL)
        return eval->options.random(eval->options.context);
    uint64_t bits = 0;
    if (asl_random_system(&bits, sizeof bits) != 0)
        asl_eval_fail(eval, ASL_IO);
    return bits;
}

int64_t asl_eval_now_ms(asl_eval *eval)
{
    if (eval->options.now_ms == 0)
        eval->options.now_ms = asl_clock_wall();
    return eval->options.now_ms;
}

static void read_options(asl_eval *eval, const asl_jsonata_options *options)
{
    if (options != NULL) {
        size_t known = sizeof eval->options;
        memcpy(&eval->options, options, options->size < known ? options->size : known);
    }
    const asl_jsonata_options *given = &eval->options;
    eval->steps_max = given->steps_max != 0 ? given->steps_max : ASL_JSONATA_STEPS_DEFAULT;
    eval->depth_max = given->depth_max != 0 ? given->depth_max : ASL_JSONATA_EVALUATIONS_DEFAULT;
    eval->steps_check = given->stop != NULL || eval->steps_max > 4096 ? 4096 : eval->steps_max;
}

/* The context: an input that is an array is one item, not a sequence of them. */
static int wrap_input(asl_eval *eval, const asl_value *input, asl_datum *ret)
{
    eval->root = input != NULL ? asl_datum_of(input) : asl_datum_undefined();
    *ret = eval->root;
    if (!asl_datum_is(eval->root, ASL_DATUM_ARRAY))
        return ASL_OK;
    asl_list *wrapper = asl_eval_sequence(eval, 1);
    if (wrapper == NULL)
        return eval->problem.status;
    wrapper->items[wrapper->count++] = eval->root;
    wrapper->is_outer_wrapper = true;
    *ret = asl_datum_list(wrapper);
    return ASL_OK;
}

static int run(asl_eval *eval, const asl_jsonata *expression, const asl_value *input,
               asl_value **ret_value)
{
    asl_datum context, result;
    eval->variable_count = expression->names.count;
    eval->variables = asl_eval_allocate(eval, eval->variable_count * sizeof *eval->variables);
    eval->places = asl_eval_allocate(eval, eval->variable_count * sizeof *eval->places);
    if (eval->variables == NULL || eval->places == NULL)
        return eval->problem.status;
    memset(eval->variables, 0, eval->variable_count * sizeof *eval->variables);
    memset(eval->places, 0, eval->variable_count * sizeof *eval->places);
    int status = wrap_input(eval, input, &context);
    if (status == ASL_OK)
        status = asl_eval_node(eval, expression->root, context, &eval->globals, &result);
    if (status == ASL_OK && eval->problem.status != ASL_OK)
        status = eval->problem.status;
    return status == ASL_OK ? asl_datum_to_value(eval, result, ret_value) : status;
}

static void done(asl_eval *eval)
{
    while (eval->kept != NULL) {
        asl_kept_value *kept = eval->kept;
        eval->kept = kept->next;
        asl_value_unref(kept->value);
        asl_release(eval->heap, kept, sizeof *kept);
    }
    asl_ast_free_regexes(eval->regexes);
    asl_arena_done(&eval->arena);
    asl_scratch_done(&eval->scratch);
}

int asl_jsonata_evaluate(const asl_jsonata *expression, const asl_value *input,
                         const asl_jsonata_options *options, asl_value **ret_value,
                         asl_error **error)
{
    _Alignas(16) char room[FIRST_ROOM];
    asl_eval eval = {.heap = expression->heap, .flags = expression->flags};
    read_options(&eval, options);
    size_t memory = eval.options.memory_max;
    asl_scratch_init(&eval.scratch, eval.heap, memory != 0 ? memory : ASL_JSONATA_MEMORY_DEFAULT,
                     room, sizeof room);
    asl_arena_init(&eval.arena, eval.heap);
    eval.names.outer = &expression->names;
    eval.names.count = expression->names.count;
    eval.keeps_all = expression->has_eval;
    int status = run(&eval, expression, input, ret_value);
    if (status != ASL_OK) {
        eval.problem.status = status;
        asl_problem_to_error(&eval.problem, expression->text, expression->size, error);
    }
    done(&eval);
    return status;
}

void asl_jsonata_variables(const asl_jsonata *expression,
                           void (*visit)(void *context, const char *name, size_t name_size,
                                         const char *member, size_t member_size),
                           void *context)
{
    for (const asl_ast_read *read = expression->reads; read != NULL; read = read->next) {
        const asl_name *member = read->member;
        visit(context, read->name->bytes, read->name->size, member != NULL ? member->bytes : NULL,
              member != NULL ? member->size : 0);
    }
}
