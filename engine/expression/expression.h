/* What a field of a definition compiles into, and its evaluation: a constant, a path, an intrinsic
 * call, a JSONata expression, or a template of these. Immutable once compiled, shared between
 * threads. One evaluate for all of them. */
#ifndef ASL_EXPRESSION_EXPRESSION_H
#define ASL_EXPRESSION_EXPRESSION_H

#include <asl/jsonata.h>

#include "base/arena.h"
#include "intrinsics/intrinsics.h"

/* An internal status, never seen by hosts: the workflow failed, the failure says how. */
#define ASL_WORKFLOW_FAILED 1

/* A workflow error: what Retry and Catch see. */
typedef struct asl_failure {
    asl_value *error;    /* "States.Runtime" */
    asl_value *cause;    /* NULL: none */
    asl_value *location; /* of an evaluation: "Output/a[0]"; NULL: none */
    bool is_evaluation;  /* States.QueryEvaluationError, which an event of its own shows */
} asl_failure;
void asl_failure_done(asl_failure *failure);
/* Sets a failure; returns ASL_WORKFLOW_FAILED, or ASL_NOMEM. `error` is a name, the cause is
 * printf'ed. */
int asl_failure_set(asl_failure *failure, const asl_heap *heap, const char *error,
                    const char *cause_format, ...) __attribute__((format(printf, 4, 5)));
/* The same for States.QueryEvaluationError; `location` may be NULL. */
int asl_failure_set_evaluation(asl_failure *failure, const asl_heap *heap, const char *location,
                               const char *cause_format, ...) __attribute__((format(printf, 4, 5)));

typedef enum asl_expression_kind {
    ASL_EXPRESSION_CONSTANT,
    ASL_EXPRESSION_PATH,
    ASL_EXPRESSION_INTRINSIC,
    ASL_EXPRESSION_JSONATA,
    ASL_EXPRESSION_TEMPLATE /* of one of the two languages */
} asl_expression_kind;

typedef struct asl_expression asl_expression;

/* All that an evaluation can see. The functions are asked only when needed; `now_ms` and `stop` by
 * JSONata alone. */
typedef struct asl_environment {
    const asl_heap *heap;
    const asl_value *input;        /* `$`; `$states.input` */
    const asl_value *result;       /* `$states.result`; NULL: none */
    const asl_value *error_output; /* `$states.errorOutput`; NULL: none */
    void *owner;
    const asl_value *(*context)(
        void *owner); /* the context object; borrowed; NULL when out of memory */
    const asl_value *(*variable)(void *owner, const char *name,
                                 size_t size); /* borrowed; NULL: not assigned */
    uint64_t (*random)(void *owner);           /* the next 64 random bits of this evaluation */
    int64_t (*now_ms)(void *owner);            /* what $now and $millis say, ms since 1970 */
    /* True ends the evaluation of an expression; asked every few thousand steps of it. `is_first`:
     * for the first time. NULL: never. */
    bool (*stop)(void *owner, bool is_first);
    size_t payload_bytes;
} asl_environment;

/* Compiles. `field` is the field's name as it stands ("InputPath", "Parameters"); kept for
 * messages. Compiled expressions live in `arena`; the constants and paths they own are given back
 * by asl_expression_done. ASL_OK, ASL_NOMEM, ASL_SYNTAX (why: error's message, without place). */
int asl_expression_constant(asl_arena *arena, const char *field, const asl_value *value,
                            asl_expression **ret);
/* A path ("$.a", "$$.Execution.Name", "$var.x"). `flags`: ASL_PATH_REFERENCE. */
int asl_expression_path(asl_arena *arena, const char *field, const char *text, size_t size,
                        unsigned flags, asl_expression **ret, asl_error **error);
/* A path or an intrinsic call: what a ".$" key takes, and ErrorPath and CausePath. */
int asl_expression_dynamic(asl_arena *arena, const char *field, const char *text, size_t size,
                           asl_expression **ret, asl_error **error);
/* A payload template: Parameters, ResultSelector, ItemSelector, Assign. Where it is refused
 * *ret_place is the offending node of `template`. A template without ".$" keys becomes a constant.
 */
int asl_expression_template(asl_arena *arena, const char *field, const asl_value *template_value,
                            asl_expression **ret, const asl_value **ret_place, asl_error **error);
/* Whether a string is a JSONata expression: "{% ... %}", nothing around it. */
bool asl_expression_is_jsonata(const char *text, size_t size);
/* A field of a JSONata state: strings that are expressions, at any depth of arrays and objects;
 * keys never are. `field` is the first part of where a failure is ("Output", "Catch[1]/Output");
 * `flags`: ASL_JSONATA_RESULT, ASL_JSONATA_ERROR_OUTPUT. Without expressions a constant. Also
 * ASL_UNSUPPORTED: what AWS's dialect refuses. The error's place is one in the expression's text
 * as asl_expression_jsonata_text gives it. */
int asl_expression_jsonata(asl_arena *arena, const char *field, const asl_value *value,
                           unsigned flags, asl_expression **ret, const asl_value **ret_place,
                           asl_error **error);
/* What stands between the signs of an expression, without blanks at its ends. */
const char *asl_expression_jsonata_text(const char *text, size_t size, size_t *ret_size);
void asl_expression_done(asl_expression *expression);

asl_expression_kind asl_expression_kind_of(const asl_expression *expression);
/* The field it was compiled for. */
const char *asl_expression_field(const asl_expression *expression);
/* The path of an ASL_EXPRESSION_PATH, else NULL. */
const asl_path *asl_expression_get_path(const asl_expression *expression);

/* Evaluates to a new reference. ASL_OK, ASL_NOMEM, ASL_WORKFLOW_FAILED (see failure). The cause
 * carries AWS's words for the field, without the prefix "An error occurred while executing the
 * state ...". */
int asl_expression_evaluate(const asl_expression *expression, const asl_environment *environment,
                            asl_value **ret_value, asl_failure *failure);

/* The failure of a JSONata expression whose value is of a kind that the field does not take;
 * `expected` as AWS calls it ("array"). Returns ASL_WORKFLOW_FAILED or ASL_NOMEM. */
int asl_expression_fail_kind(const asl_expression *expression, const asl_heap *heap,
                             const char *expected, const asl_value *value, asl_failure *failure);

/* Calls `visit` for each variable that an evaluation may read; $states is none of them. */
void asl_expression_variables(const asl_expression *expression,
                              void (*visit)(void *context, const char *name, size_t size),
                              void *context);

#endif
