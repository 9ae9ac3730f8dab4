/* Choice states: rules are tried in order, the first that is true decides. Operands of another type
 * than the operator's compare false; only a Variable that selects nothing is an error. Rules nest
 * as deep as a definition may (ASL_DEFINITION_DEPTH_MAX), so evaluating them recurses. */
#include <string.h>

#include "base/time_text.h"
#include "interpreter/decide.h"

typedef struct choosing {
    asl_decision *decision;
    const asl_frame *frame;
    const asl_value *input;
    asl_failure *failure;
} choosing;

/* ASL: "StringMatches": '*' matches anything, '\' makes the next '*' or '\' literal. *ret_valid is
 * false for any other use of '\'. */
static bool matches(const char *text, size_t text_size, const char *pattern, size_t pattern_size,
                    bool *ret_valid)
{
    size_t t = 0, p = 0, star_p = SIZE_MAX, star_t = 0;
    *ret_valid = true;
    while (true) {
        if (p < pattern_size && pattern[p] == '*') {
            star_p = ++p;
            star_t = t;
            continue;
        }
        bool is_escape = p < pattern_size && pattern[p] == '\\';
        if (is_escape &&
            (p + 1 >= pattern_size || (pattern[p + 1] != '*' && pattern[p + 1] != '\\'))) {
            *ret_valid = false;
            return false;
        }
        size_t width = is_escape ? 2 : 1;
        if (p < pattern_size && t < text_size && pattern[p + width - 1] == text[t]) {
            p += width;
            t++;
        } else if (p >= pattern_size && t >= text_size) {
            return true;
        } else if (star_p != SIZE_MAX && star_t < text_size) {
            p = star_p;
            t = ++star_t;
        } else {
            return false;
        }
    }
}

/* By UTF-16 code units, as Java compares strings: only astral characters sort differently from
 * bytes. */
static int compare_strings(const asl_value *left, const asl_value *right)
{
    size_t left_size, right_size;
    const char *left_bytes = asl_value_get_string(left, &left_size);
    const char *right_bytes = asl_value_get_string(right, &right_size);
    size_t common = left_size < right_size ? left_size : right_size;
    size_t i = 0;
    while (i < common && left_bytes[i] == right_bytes[i])
        i++;
    if (i == common)
        return left_size < right_size ? -1 : left_size > right_size;
    unsigned char l = (unsigned char)left_bytes[i], r = (unsigned char)right_bytes[i];
    bool left_astral = l >= 0xF0, right_astral = r >= 0xF0;
    if (left_astral != right_astral && (l >= 0xEE || r >= 0xEE))
        return left_astral ? (r >= 0xEE ? -1 : 1) : (l >= 0xEE ? 1 : -1);
    return l < r ? -1 : 1;
}

static bool get_time(const asl_value *value, int64_t *ret_seconds, int32_t *ret_nanoseconds)
{
    size_t size;
    const char *text = asl_value_get_string(value, &size);
    return text && asl_time_parse(text, size, ret_seconds, ret_nanoseconds);
}

/* The order of two timestamps; false where one is none. */
static bool compare_times(const asl_value *left, const asl_value *right, int *ret_order)
{
    int64_t left_seconds, right_seconds;
    int32_t left_nanoseconds, right_nanoseconds;
    if (!get_time(left, &left_seconds, &left_nanoseconds) ||
        !get_time(right, &right_seconds, &right_nanoseconds))
        return false;
    if (left_seconds != right_seconds)
        *ret_order = left_seconds < right_seconds ? -1 : 1;
    else
        *ret_order =
            left_nanoseconds < right_nanoseconds ? -1 : left_nanoseconds > right_nanoseconds;
    return true;
}

/* The order of two operands of the operator's type; false where one is of another type. */
static bool compare(asl_choice_operator op, const asl_value *left, const asl_value *right,
                    int *ret_order)
{
    if (op <= ASL_CHOICE_STRING_GREATER_THAN_EQUALS) {
        if (!asl_value_is_string(left) || !asl_value_is_string(right))
            return false;
        *ret_order = compare_strings(left, right);
        return true;
    }
    if (op <= ASL_CHOICE_NUMERIC_GREATER_THAN_EQUALS) {
        if (!asl_value_is_number(left) || !asl_value_is_number(right))
            return false;
        *ret_order = asl_value_compare_numbers(left, right);
        return true;
    }
    if (op == ASL_CHOICE_BOOLEAN_EQUALS) {
        if (!asl_value_is_bool(left) || !asl_value_is_bool(right))
            return false;
        *ret_order = asl_value_kind(left) != asl_value_kind(right);
        return true;
    }
    return compare_times(left, right, ret_order);
}

static bool holds(asl_choice_operator op, int order)
{
    switch ((unsigned)op) {
    case ASL_CHOICE_STRING_LESS_THAN:
    case ASL_CHOICE_NUMERIC_LESS_THAN:
    case ASL_CHOICE_TIMESTAMP_LESS_THAN:
        return order < 0;
    case ASL_CHOICE_STRING_GREATER_THAN:
    case ASL_CHOICE_NUMERIC_GREATER_THAN:
    case ASL_CHOICE_TIMESTAMP_GREATER_THAN:
        return order > 0;
    case ASL_CHOICE_STRING_LESS_THAN_EQUALS:
    case ASL_CHOICE_NUMERIC_LESS_THAN_EQUALS:
    case ASL_CHOICE_TIMESTAMP_LESS_THAN_EQUALS:
        return order <= 0;
    case ASL_CHOICE_STRING_GREATER_THAN_EQUALS:
    case ASL_CHOICE_NUMERIC_GREATER_THAN_EQUALS:
    case ASL_CHOICE_TIMESTAMP_GREATER_THAN_EQUALS:
        return order >= 0;
    default:
        return order == 0;
    }
}

/* ASL: the Is* operators, whose operand is the expected answer. */
static bool is_of_type(asl_choice_operator op, const asl_value *value)
{
    int64_t seconds;
    int32_t nanoseconds;
    switch ((unsigned)op) {
    case ASL_CHOICE_IS_NULL:
        return asl_value_kind(value) == ASL_KIND_NULL;
    case ASL_CHOICE_IS_NUMERIC:
        return asl_value_is_number(value);
    case ASL_CHOICE_IS_STRING:
        return asl_value_is_string(value);
    case ASL_CHOICE_IS_BOOLEAN:
        return asl_value_is_bool(value);
    case ASL_CHOICE_IS_TIMESTAMP:
        return get_time(value, &seconds, &nanoseconds);
    default:
        return true;
    }
}

/* What a Variable or a *Path operand selects. ASL_NOT_FOUND where nothing. */
static int select_value(choosing *self, const asl_expression *expression, asl_value **ret_value)
{
    asl_failure failure = {.error = NULL};
    int status = asl_evaluate_field(self->decision, self->frame, expression,
                                    &(asl_sources){.input = self->input}, ret_value, &failure);
    asl_failure_done(&failure);
    return status == ASL_WORKFLOW_FAILED ? ASL_NOT_FOUND : status;
}

static int fail_missing(choosing *self, const asl_expression *expression)
{
    size_t size;
    const char *path = asl_path_text(asl_expression_get_path(expression), &size);
    return asl_fail_runtime(
        self->decision, self->frame, self->failure,
        "Invalid path '%.*s': The choice state's condition path references an invalid value.",
        (int)size, path);
}

static int test_string_matches(choosing *self, const asl_value *value, const asl_value *pattern,
                               bool *ret_true)
{
    size_t size, pattern_size;
    const char *bytes = asl_value_get_string(value, &size);
    const char *pattern_bytes = asl_value_get_string(pattern, &pattern_size);
    *ret_true = false;
    if (!bytes || !pattern_bytes)
        return ASL_OK;
    bool is_valid;
    *ret_true = matches(bytes, size, pattern_bytes, pattern_size, &is_valid);
    if (is_valid)
        return ASL_OK;
    return asl_fail_runtime(self->decision, self->frame, self->failure,
                            "Invalid escape sequence in the StringMatches pattern '%s'",
                            pattern_bytes);
}

/* ASL: a data test: Variable and one operator. */
static int test_data(choosing *self, const asl_choice_test *test, bool *ret_true)
{
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *operand = NULL;
    int status = select_value(self, test->variable, &value);
    if (status == ASL_NOT_FOUND && test->op != ASL_CHOICE_IS_PRESENT)
        return fail_missing(self, test->variable);
    if (status != ASL_OK && status != ASL_NOT_FOUND)
        return status;
    bool is_present = status == ASL_OK;
    status = select_value(self, test->operand, &operand);
    if (status != ASL_OK)
        return status == ASL_NOT_FOUND ? fail_missing(self, test->operand) : status;
    if (test->op == ASL_CHOICE_STRING_MATCHES)
        return test_string_matches(self, value, operand, ret_true);
    if (test->op >= ASL_CHOICE_IS_NULL) {
        bool is = is_present && is_of_type(test->op, value);
        *ret_true = is == (asl_value_kind(operand) == ASL_KIND_TRUE);
        return ASL_OK;
    }
    int order;
    *ret_true = compare(test->op, value, operand, &order) && holds(test->op, order);
    return ASL_OK;
}

static int test_rule(choosing *self, const asl_choice_test *test, bool *ret_true)
{
    if (test->op > ASL_CHOICE_NOT)
        return test_data(self, test, ret_true);
    bool is_true = test->op == ASL_CHOICE_AND;
    for (uint32_t i = 0; i < test->operand_count; i++) {
        int status = test_rule(self, &test->operands[i], &is_true);
        if (status != ASL_OK)
            return status;
        if (test->op == ASL_CHOICE_AND ? !is_true : is_true)
            break;
    }
    *ret_true = test->op == ASL_CHOICE_NOT ? !is_true : is_true;
    return ASL_OK;
}

/* ASL: a JSONata rule's Condition. */
static int test_condition(choosing *self, const asl_expression *condition, bool *ret_true)
{
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    int status = asl_evaluate_field(self->decision, self->frame, condition,
                                    &(asl_sources){.input = self->input}, &value, self->failure);
    if (status != ASL_OK)
        return status;
    if (!asl_value_is_bool(value))
        return asl_fail_kind(self->decision, self->frame, condition, "boolean", value,
                             self->failure);
    *ret_true = asl_value_kind(value) == ASL_KIND_TRUE;
    return ASL_OK;
}

/* The first rule that is true; NULL where none is. */
static int find_rule(choosing *self, const asl_choice_rule **ret_rule)
{
    const asl_state *state = asl_frame_state(self->decision->frames, self->frame);
    *ret_rule = NULL;
    for (uint32_t i = 0; i < state->as.choice.rule_count; i++) {
        const asl_choice_rule *rule = &state->as.choice.rules[i];
        bool is_true = false;
        int status = state->is_jsonata ? test_condition(self, rule->condition, &is_true)
                                       : test_rule(self, rule->test, &is_true);
        if (status != ASL_OK)
            return status;
        if (is_true) {
            *ret_rule = rule;
            return ASL_OK;
        }
    }
    return ASL_OK;
}

int asl_decide_choice(asl_decision *decision, asl_frame *frame, asl_failure *failure)
{
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_cleanup(asl_value_cleanup) asl_value *input = NULL;
    const asl_choice_rule *rule = NULL;
    int status = asl_evaluate_input(decision, frame, &input, failure);
    choosing self = {.decision = decision, .frame = frame, .input = input, .failure = failure};
    if (status == ASL_OK)
        status = find_rule(&self, &rule);
    if (status != ASL_OK)
        return status;
    if (!rule && state->as.choice.default_state == ASL_NONE)
        return asl_fail_runtime(
            decision, frame, failure,
            "Failed to transition out of the state. The state does not point to a next state.");
    const asl_expression *output = rule ? rule->output : state->output;
    asl_exit how = {.output = input,
                    .filter = state->is_jsonata ? output : state->output_path,
                    .assign = rule ? rule->assign : state->assign,
                    .sources = {.input = input},
                    .next = rule ? rule->next : state->as.choice.default_state};
    return asl_leave_state(decision, frame, &how, failure);
}
