/* <asl/jsonata.h> - JSONata, the query and transformation language, for hosts that want only that.
 *
 * Version 2.0.6 of the language. An expression is compiled once and evaluated often; input data is
 * read in place and never copied. Every evaluation has a budget of steps, depth and memory, so a
 * hostile expression ends with an error.
 *
 *     const char text[] = "$sum(items.price)";
 *     asl_jsonata *expression = NULL;
 *     asl_value *sum = NULL;
 *     asl_error *error = NULL;
 *     if (asl_jsonata_compile(NULL, text, sizeof text - 1, 0, &expression, &error) != ASL_OK ||
 *         asl_jsonata_evaluate(expression, input, NULL, &sum, &error) != ASL_OK)
 *         fprintf(stderr, "%s: %s\n", asl_error_code(error), asl_error_message(error));
 *     asl_jsonata_unref(expression);
 *     asl_error_free(error);
 *
 * An error has jsonata-js's code and message, the token it is about, and a place in the expression
 * (asl_error_code, asl_error_token, asl_error_offset).
 *
 * Threads: a compiled expression may be evaluated by several threads at once.
 */
#ifndef ASL_JSONATA_H
#define ASL_JSONATA_H

#include <stdint.h>

#include <asl/error.h>
#include <asl/value.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_jsonata asl_jsonata;

/* A dialect: that of AWS Step Functions. Adds $partition, $range, $hash, $random(seed), $uuid and
 * $parse, has no $eval, prints what is no finite number as a string, and refuses references to a
 * context at the top level, for there is none. */
#define ASL_JSONATA_STATES 1u
/* With it: where `$states.result` and `$states.errorOutput` exist. */
#define ASL_JSONATA_RESULT 2u
#define ASL_JSONATA_ERROR_OUTPUT 4u

/* Compiles. The text is copied. ASL_OK, ASL_NOMEM, ASL_SYNTAX (not JSONata), ASL_UNSUPPORTED (what
 * the dialect refuses), ASL_TOO_LARGE (a limit of <asl/limits.h>). */
ASL_API int asl_jsonata_compile(const asl_heap *heap, const char *text, size_t size, unsigned flags,
                                asl_jsonata **ret_expression, asl_error **error);
ASL_API asl_jsonata *asl_jsonata_ref(asl_jsonata *expression);
ASL_API void asl_jsonata_unref(asl_jsonata *expression);

/* What an evaluation may use and see. Zero means default everywhere. */
typedef struct asl_jsonata_options {
    size_t size;   /* sizeof(asl_jsonata_options) */
    void *context; /* handed to the functions below */
    /* The value of $name, borrowed until the evaluation ends; NULL: no such variable. Asked when it
     * is needed. */
    const asl_value *(*variable)(void *context, const char *name, size_t size);
    uint64_t (*random)(void *context); /* 64 random bits; NULL: the system's */
    /* True ends the evaluation with "Expression evaluation timeout"; asked every few thousand
     * steps. */
    bool (*stop)(void *context);
    int64_t now_ms; /* what $now and $millis say, ms since 1970; 0: the system's clock */
    uint64_t steps_max;
    size_t depth_max;  /* nested evaluations */
    size_t memory_max; /* bytes of scratch memory */
} asl_jsonata_options;

/* Evaluates with `input` as the context ($; NULL: nothing). *ret_value is a new reference, or NULL
 * where the expression gives nothing. ASL_OK, ASL_NOMEM, ASL_EVALUATION (the error has the code),
 * ASL_UNSUPPORTED (the result is a function). `options` may be NULL. */
ASL_API int asl_jsonata_evaluate(const asl_jsonata *expression, const asl_value *input,
                                 const asl_jsonata_options *options, asl_value **ret_value,
                                 asl_error **error);

/* Calls `visit` for each variable that an evaluation may read and the expression does not bind
 * itself, in order of appearance: its name, and the name of the member that is read of it ("input"
 * in $states.input; NULL where it is read whole). What is called by the name of a built-in function
 * is not taken for a variable. */
ASL_API void asl_jsonata_variables(const asl_jsonata *expression,
                                   void (*visit)(void *context, const char *name, size_t name_size,
                                                 const char *member, size_t member_size),
                                   void *context);

#ifdef __cplusplus
}
#endif
#endif
