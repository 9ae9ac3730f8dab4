/* The operators of filters, on operands that have been evaluated. What Jayway answers with an
 * exception is an outcome here: a filter takes INVALID for false, ERROR fails the whole path. */
#include <string.h>

#include "path/evaluation.h"

static bool is_kind(const asl_path_operand *operand, asl_kind kind)
{
    return operand->kind == ASL_OPERAND_VALUE && asl_value_kind(operand->value) == kind;
}

static bool is_bool(const asl_path_operand *operand)
{
    return operand->kind == ASL_OPERAND_VALUE && asl_value_is_bool(operand->value);
}

static bool is_true(const asl_path_operand *operand)
{
    return asl_value_kind(operand->value) == ASL_KIND_TRUE;
}

static bool is_json(const asl_path_operand *operand)
{
    return operand->kind == ASL_OPERAND_LITERAL || is_kind(operand, ASL_KIND_ARRAY) ||
           is_kind(operand, ASL_KIND_OBJECT);
}

static asl_outcome invalid(asl_evaluation *evaluation, const char *expected)
{
    return asl_fail_text(evaluation, ASL_OUTCOME_INVALID, "Expected %s node", expected);
}

/* A literal that is no JSON fails when it is first read. */
static asl_outcome check_literal(asl_evaluation *evaluation, const asl_path_operand *operand)
{
    if (operand->kind != ASL_OPERAND_LITERAL || operand->value != NULL)
        return ASL_OUTCOME_OK;
    return asl_fail_text(evaluation, ASL_OUTCOME_ERROR, "A literal is no JSON");
}

/* The operand as a list; *ret_list stays NULL where it is an object, which holds nothing. */
static asl_outcome as_list(asl_evaluation *evaluation, const asl_path_operand *operand,
                           const asl_value **ret_list)
{
    *ret_list = NULL;
    if (!is_json(operand))
        return invalid(evaluation, "value list");
    asl_outcome outcome = check_literal(evaluation, operand);
    if (outcome != ASL_OUTCOME_OK || asl_value_is_object(operand->value))
        return outcome;
    size_t count = asl_value_count(operand->value);
    for (size_t i = 0; i < count; i++) {
        const asl_value *item = asl_value_at(operand->value, i);
        if (asl_value_is_array(item) || asl_value_is_object(item))
            return asl_fail_text(evaluation, ASL_OUTCOME_ERROR, "Could not determine value type");
    }
    *ret_list = operand->value;
    return asl_evaluation_spend(evaluation, count / 16);
}

static asl_outcome list_contains(asl_evaluation *evaluation, const asl_value *list,
                                 const asl_path_operand *wanted, bool *ret_does)
{
    size_t count = asl_value_count(list);
    *ret_does = false;
    for (size_t i = 0; i < count && !*ret_does; i++) {
        asl_outcome outcome = asl_evaluation_spend(evaluation, 1);
        if (outcome == ASL_OUTCOME_OK)
            outcome = asl_item_equal(evaluation, wanted, asl_value_at(list, i), ret_does);
        if (outcome != ASL_OUTCOME_OK)
            return outcome;
    }
    return ASL_OUTCOME_OK;
}

/* Only two numbers, or two strings, have an order. */
static bool apply_order(asl_relation relation, const asl_path_operand *left,
                        const asl_path_operand *right)
{
    int order;
    if (is_kind(left, ASL_KIND_NUMBER) && is_kind(right, ASL_KIND_NUMBER)) {
        order = asl_value_compare_numbers(left->value, right->value);
    } else if (is_kind(left, ASL_KIND_STRING) && is_kind(right, ASL_KIND_STRING)) {
        size_t left_size, right_size;
        const char *left_text = asl_value_get_string(left->value, &left_size);
        const char *right_text = asl_value_get_string(right->value, &right_size);
        order = asl_java_compare_text(left_text, left_size, right_text, right_size);
    } else {
        return false;
    }
    return relation == ASL_RELATION_LT    ? order < 0
           : relation == ASL_RELATION_LTE ? order <= 0
           : relation == ASL_RELATION_GT  ? order > 0
                                          : order >= 0;
}

/* "===": also of one class. */
static asl_outcome apply_strict_equal(asl_evaluation *evaluation, const asl_path_operand *left,
                                      const asl_path_operand *right, bool *ret_holds)
{
    bool is_same = left->kind == right->kind || (is_json(left) && is_json(right));
    if (is_same && left->kind == ASL_OPERAND_VALUE && right->kind == ASL_OPERAND_VALUE)
        is_same = (is_json(left) && is_json(right)) || (is_bool(left) && is_bool(right)) ||
                  asl_value_kind(left->value) == asl_value_kind(right->value);
    *ret_holds = false;
    return is_same ? asl_operand_equal(evaluation, left, right, ret_holds) : ASL_OUTCOME_OK;
}

static asl_outcome apply_size(asl_evaluation *evaluation, const asl_path_operand *left,
                              const asl_path_operand *right, bool *ret_holds)
{
    double expected;
    size_t size;
    if (!is_kind(right, ASL_KIND_NUMBER) || !asl_value_get_double(right->value, &expected))
        return ASL_OUTCOME_OK;
    if (expected < -1 || expected >= 2147483648.0)
        return check_literal(evaluation, left);
    int64_t wanted = (int64_t)expected;
    if (is_kind(left, ASL_KIND_STRING)) {
        const char *text = asl_value_get_string(left->value, &size);
        *ret_holds = (int64_t)asl_java_length(text, size) == wanted;
        return ASL_OUTCOME_OK;
    }
    asl_outcome outcome = check_literal(evaluation, left);
    if (outcome == ASL_OUTCOME_OK && is_json(left))
        *ret_holds = (asl_value_is_array(left->value) ? (int64_t)asl_value_count(left->value)
                                                      : -1) == wanted;
    return outcome;
}

static asl_outcome apply_empty(asl_evaluation *evaluation, const asl_path_operand *left,
                               const asl_path_operand *right, bool *ret_holds)
{
    size_t size;
    if (!is_kind(left, ASL_KIND_STRING) && !is_json(left))
        return ASL_OUTCOME_OK;
    if (!is_bool(right))
        return invalid(evaluation, "boolean");
    asl_outcome outcome = check_literal(evaluation, left);
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    if (asl_value_get_string(left->value, &size) == NULL)
        size = asl_value_count(left->value);
    *ret_holds = (size == 0) == is_true(right);
    return ASL_OUTCOME_OK;
}

/* left IN right. */
static asl_outcome apply_in(asl_evaluation *evaluation, const asl_path_operand *left,
                            const asl_path_operand *right, bool *ret_holds)
{
    const asl_value *list;
    asl_outcome outcome = as_list(evaluation, right, &list);
    if (outcome != ASL_OUTCOME_OK || list == NULL)
        return outcome;
    return list_contains(evaluation, list, left, ret_holds);
}

static asl_outcome apply_contains(asl_evaluation *evaluation, const asl_path_operand *left,
                                  const asl_path_operand *right, bool *ret_holds)
{
    if (is_kind(left, ASL_KIND_STRING) && is_kind(right, ASL_KIND_STRING)) {
        size_t size, part_size;
        const char *text = asl_value_get_string(left->value, &size);
        const char *part = asl_value_get_string(right->value, &part_size);
        *ret_holds = memmem(text, size, part, part_size) != NULL;
        return ASL_OUTCOME_OK;
    }
    return is_json(left) ? apply_in(evaluation, right, left, ret_holds) : ASL_OUTCOME_OK;
}

/* SUBSETOF, ANYOF, NONEOF. */
static asl_outcome apply_sets(asl_evaluation *evaluation, asl_relation relation,
                              const asl_path_operand *left, const asl_path_operand *right,
                              bool *ret_holds)
{
    const asl_value *left_list = NULL, *right_list = NULL;
    asl_outcome outcome = as_list(evaluation, right, &right_list);
    if (outcome == ASL_OUTCOME_OK && right_list != NULL)
        outcome = as_list(evaluation, left, &left_list);
    if (outcome != ASL_OUTCOME_OK || left_list == NULL)
        return outcome;
    bool is_found = false, wanted = relation != ASL_RELATION_SUBSETOF;
    size_t count = asl_value_count(left_list);
    for (size_t i = 0; i < count; i++) {
        asl_path_operand item = {.kind = ASL_OPERAND_VALUE, .value = asl_value_at(left_list, i)};
        outcome = list_contains(evaluation, right_list, &item, &is_found);
        if (outcome != ASL_OUTCOME_OK)
            return outcome;
        if (is_found == wanted) {
            *ret_holds = relation == ASL_RELATION_ANYOF;
            return ASL_OUTCOME_OK;
        }
    }
    *ret_holds = relation != ASL_RELATION_ANYOF;
    return ASL_OUTCOME_OK;
}

/* The text that a pattern is matched with: of strings, numbers and booleans; else empty. */
static asl_outcome match_value(asl_evaluation *evaluation, const asl_regex *regex,
                               const asl_value *value, bool *ret_matches)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, evaluation->heap);
    size_t size = 0;
    const char *text = value == NULL ? NULL : asl_value_get_string(value, &size);
    if (text == NULL && value != NULL && asl_value_is_number(value))
        asl_decimal_print(value, &buffer);
    else if (text == NULL && value != NULL && asl_value_is_bool(value))
        asl_value_print_to(value, &buffer);
    int status = buffer.status;
    if (status == ASL_OK && text == NULL) {
        text = buffer.size > 0 ? buffer.bytes : "";
        size = buffer.size;
    }
    if (status == ASL_OK)
        status = asl_regex_match(regex, text, size, &evaluation->match_work, ret_matches);
    asl_buffer_done(&buffer);
    return status == ASL_OK ? ASL_OUTCOME_OK : asl_evaluation_fatal(evaluation, status);
}

static asl_outcome apply_regex(asl_evaluation *evaluation, const asl_path_operand *left,
                               const asl_path_operand *right, bool *ret_holds)
{
    if ((left->kind == ASL_OPERAND_PATTERN) == (right->kind == ASL_OPERAND_PATTERN))
        return ASL_OUTCOME_OK;
    const asl_regex *regex = left->kind == ASL_OPERAND_PATTERN ? left->regex : right->regex;
    const asl_path_operand *text = left->kind == ASL_OPERAND_PATTERN ? right : left;
    asl_outcome outcome = check_literal(evaluation, text);
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    if (!is_json(text) || !asl_value_is_array(text->value))
        return match_value(evaluation, regex, text->value, ret_holds);
    const asl_value *list;
    outcome = as_list(evaluation, text, &list);
    size_t count = outcome == ASL_OUTCOME_OK ? asl_value_count(list) : 0;
    for (size_t i = 0; i < count && outcome == ASL_OUTCOME_OK && !*ret_holds; i++)
        outcome = match_value(evaluation, regex, asl_value_at(list, i), ret_holds);
    return outcome;
}

static asl_outcome apply_exists(asl_evaluation *evaluation, const asl_path_operand *left,
                                const asl_path_operand *right, bool *ret_holds)
{
    if (!is_bool(left) && !is_bool(right))
        return asl_fail_text(evaluation, ASL_OUTCOME_ERROR, "Failed to evaluate exists expression");
    if (!is_bool(left) || !is_bool(right))
        return invalid(evaluation, "boolean");
    *ret_holds = is_true(left) == is_true(right);
    return ASL_OUTCOME_OK;
}

static asl_outcome apply(asl_evaluation *evaluation, asl_relation relation,
                         const asl_path_operand *left, const asl_path_operand *right,
                         bool *ret_holds)
{
    switch (relation) {
    case ASL_RELATION_EQ:
    case ASL_RELATION_NE:
        return asl_operand_equal(evaluation, left, right, ret_holds);
    case ASL_RELATION_TSEQ:
    case ASL_RELATION_TSNE:
        return apply_strict_equal(evaluation, left, right, ret_holds);
    case ASL_RELATION_LT:
    case ASL_RELATION_LTE:
    case ASL_RELATION_GT:
    case ASL_RELATION_GTE:
        *ret_holds = apply_order(relation, left, right);
        return ASL_OUTCOME_OK;
    case ASL_RELATION_REGEX:
        return apply_regex(evaluation, left, right, ret_holds);
    case ASL_RELATION_IN:
    case ASL_RELATION_NIN:
        return apply_in(evaluation, left, right, ret_holds);
    case ASL_RELATION_CONTAINS:
        return apply_contains(evaluation, left, right, ret_holds);
    case ASL_RELATION_SIZE:
        return apply_size(evaluation, left, right, ret_holds);
    case ASL_RELATION_EMPTY:
        return apply_empty(evaluation, left, right, ret_holds);
    case ASL_RELATION_EXISTS:
        return apply_exists(evaluation, left, right, ret_holds);
    case ASL_RELATION_SUBSETOF:
    case ASL_RELATION_ANYOF:
    case ASL_RELATION_NONEOF:
        return apply_sets(evaluation, relation, left, right, ret_holds);
    case ASL_RELATION_ALL:
    case ASL_RELATION_TYPE:
    case ASL_RELATION_MATCHES:
        break;
    }
    /* These want what only a program can give: a list of nodes, a class, a predicate. */
    return invalid(evaluation, "another");
}

asl_outcome asl_relation_apply(asl_evaluation *evaluation, asl_relation relation,
                               const asl_path_operand *left, const asl_path_operand *right,
                               bool *ret_holds)
{
    *ret_holds = false;
    asl_outcome outcome = apply(evaluation, relation, left, right, ret_holds);
    if (relation == ASL_RELATION_NE || relation == ASL_RELATION_TSNE ||
        relation == ASL_RELATION_NIN)
        *ret_holds = !*ret_holds;
    return outcome;
}
