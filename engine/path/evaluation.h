/* What the files that evaluate paths share.
 *
 * Jayway's exceptions are outcomes here, since which of them is caught where decides what is found:
 * a filter takes NOT_FOUND and INVALID for false, a wildcard over an array skips items that end in
 * NOT_FOUND, whatever reads an array by index skips BOUNDS, and nothing catches ERROR. */
#ifndef ASL_PATH_EVALUATION_H
#define ASL_PATH_EVALUATION_H

#include "path/layout.h"

typedef enum asl_outcome {
    ASL_OUTCOME_OK,
    ASL_OUTCOME_NOT_FOUND, /* PathNotFoundException */
    ASL_OUTCOME_INVALID,   /* InvalidPathException */
    ASL_OUTCOME_BOUNDS,    /* IndexOutOfBoundsException */
    ASL_OUTCOME_ERROR,     /* any other */
    ASL_OUTCOME_FATAL      /* no memory, or no work left: the evaluation's status says which */
} asl_outcome;

#define ASL_PATH_CACHE_MAX 8u

typedef struct asl_evaluation {
    const asl_heap *heap;
    const asl_value *root; /* what `$` is in filters and arguments */
    size_t work, match_work;
    asl_path_failure *failure; /* NULL: nobody listens */
    unsigned quiet;            /* nobody listens to NOT_FOUND and INVALID */
    unsigned quiet_missing;    /* nobody listens to NOT_FOUND */
    int status;
    asl_value **owned; /* values that were made on the way */
    size_t owned_count, owned_capacity;
    struct {
        const asl_path_plan *plan;
        const asl_value *root;
        asl_value *value;
    } cache[ASL_PATH_CACHE_MAX]; /* of `$` in filters */
    unsigned cache_count;
} asl_evaluation;

/* Takes `amount` from the work that is left. */
asl_outcome asl_evaluation_spend(asl_evaluation *evaluation, size_t amount);
/* Keeps a new value (NULL: out of memory) until the evaluation ends or its pool is cut back. */
asl_outcome asl_evaluation_keep(asl_evaluation *evaluation, asl_value *value);
void asl_evaluation_cut(asl_evaluation *evaluation, size_t owned_count);
asl_outcome asl_evaluation_fatal(asl_evaluation *evaluation, int status);

#define ASL_PLAN_REQUIRE 1u /* missing properties are NOT_FOUND everywhere: tests for existence */
#define ASL_PLAN_LENIENT 2u /* an indefinite plan leaves out what fails, as the service does */

/* Evaluates a plan on `document`; *ret_value is borrowed from the document or the evaluation. */
asl_outcome asl_plan_evaluate(asl_evaluation *evaluation, const asl_path_plan *plan,
                              const asl_value *document, unsigned flags,
                              const asl_value **ret_value);

/* filter.c: whether a filter takes `item`. Never NOT_FOUND or INVALID. */
asl_outcome asl_filter_accept(asl_evaluation *evaluation, const asl_path_filter *filter,
                              const asl_value *item, unsigned flags, bool *ret_accepted);

/* relation.c: two operands, evaluated. */
asl_outcome asl_relation_apply(asl_evaluation *evaluation, asl_relation relation,
                               const asl_path_operand *left, const asl_path_operand *right,
                               bool *ret_holds);
/* equality.c: whether left.equals(right) as Jayway's nodes see it. */
asl_outcome asl_operand_equal(asl_evaluation *evaluation, const asl_path_operand *left,
                              const asl_path_operand *right, bool *ret_equal);
/* Whether an item of a list, as Jayway makes a node of it, is equalled by `left`. */
asl_outcome asl_item_equal(asl_evaluation *evaluation, const asl_path_operand *left,
                           const asl_value *item, bool *ret_equal);
/* -1, 0, 1 as String.compareTo: by UTF-16 units. */
int asl_java_compare_text(const char *left, size_t left_size, const char *right, size_t right_size);
/* String.length. */
size_t asl_java_length(const char *text, size_t size);

/* function.c: a call on `value`. */
asl_outcome asl_call_evaluate(asl_evaluation *evaluation, const asl_path_step *step,
                              const asl_value *value, unsigned flags, const asl_value **ret_value);

/* message.c: each returns its outcome, having said why where somebody listens. */
asl_outcome asl_fail_text(asl_evaluation *evaluation, asl_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
asl_outcome asl_fail_no_results(asl_evaluation *evaluation, const asl_path_plan *plan);
asl_outcome asl_fail_missing(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step);
asl_outcome asl_fail_no_object(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step,
                               const asl_value *value);
asl_outcome asl_fail_no_array(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step,
                              const asl_value *value);
asl_outcome asl_fail_primitive(asl_evaluation *evaluation, const asl_path_plan *plan, uint32_t step,
                               const asl_value *value);

#endif
