/* Compiling and evaluating in tests. */
#ifndef ASL_TESTS_EXPRESSION_EVALUATE_H
#define ASL_TESTS_EXPRESSION_EVALUATE_H

#include <stdio.h>
#include <string.h>

#include "expression/expression.h"
#include "suite.h"

static inline asl_value *parse_value(const asl_heap *heap, const char *text)
{
    asl_value *value = NULL;
    asl_value_parse(heap, text, strlen(text), 0, &value, NULL);
    return value;
}

/* What the environment shows; the texts are parsed for each evaluation. */
typedef struct world {
    const asl_heap *heap;
    asl_value *input, *context, *variable; /* `variable` is called v */
    int context_count;
} world;

static inline const asl_value *world_context(void *owner)
{
    world *w = owner;
    w->context_count++;
    return w->context;
}

static inline const asl_value *world_variable(void *owner, const char *name, size_t size)
{
    world *w = owner;
    return size == 1 && name[0] == 'v' ? w->variable : NULL;
}

static inline uint64_t world_random(void *owner)
{
    (void)owner;
    return 4;
}

static inline bool world_open(world *w, const asl_heap *heap, const char *input)
{
    *w = (world){.heap = heap,
                 .input = parse_value(heap, input),
                 .context = parse_value(heap, "{\"State\":{\"Name\":\"S\"}}"),
                 .variable = parse_value(heap, "{\"n\":[7,8]}")};
    return w->input != NULL && w->context != NULL && w->variable != NULL;
}

static inline void world_close(world *w)
{
    asl_value_unref(w->input);
    asl_value_unref(w->context);
    asl_value_unref(w->variable);
}

static inline int world_evaluate(world *w, const asl_expression *expression, asl_value **ret,
                                 asl_failure *failure)
{
    asl_environment environment = {.heap = w->heap,
                                   .input = w->input,
                                   .owner = w,
                                   .context = world_context,
                                   .variable = world_variable,
                                   .random = world_random,
                                   .payload_bytes = 262144};
    return asl_expression_evaluate(expression, &environment, ret, failure);
}

/* Evaluates, and compares the printed result. */
static inline void check_result(const asl_expression *expression, const char *input,
                                const char *expected)
{
    world w;
    asl_value *value = NULL;
    asl_failure failure = {0};
    char *text = NULL;
    ck_assert(world_open(&w, NULL, input));
    int status = world_evaluate(&w, expression, &value, &failure);
    ck_assert_msg(status == ASL_OK, "%d %s", status,
                  failure.cause != NULL ? asl_value_get_string(failure.cause, NULL) : "");
    ck_assert_int_eq(asl_value_print(value, 0, &text, NULL), ASL_OK);
    ck_assert_str_eq(text, expected);
    asl_text_free(text);
    asl_value_unref(value);
    world_close(&w);
}

static inline void check_failure(const asl_expression *expression, const char *input,
                                 const char *error, const char *cause)
{
    world w;
    asl_value *value = NULL;
    asl_failure failure = {0};
    ck_assert(world_open(&w, NULL, input));
    ck_assert_int_eq(world_evaluate(&w, expression, &value, &failure), ASL_WORKFLOW_FAILED);
    ck_assert_ptr_null(value);
    ck_assert_str_eq(asl_value_get_string(failure.error, NULL), error);
    if (cause != NULL)
        ck_assert_str_eq(asl_value_get_string(failure.cause, NULL), cause);
    asl_failure_done(&failure);
    world_close(&w);
}

#endif
