/* Rules of a Choice that never match. A rule is compared with those before it: it is in vain where
 * whatever it is true for one of them is true for too. What cannot be told is left alone, and a
 * test of a variable that is not there fails the execution, so it lets nothing through to later
 * rules. */
#include <string.h>

#include "definition/grammar.h"

#define RULES_MAX 100u
#define COMPARISONS_MAX 200000u /* of one Choice */

/* The one comparison of a data test; NULL where the rule is something else. */
typedef struct simple_rule {
    const char *name; /* "NumericEquals" */
    const asl_value *variable, *operand;
} simple_rule;

static bool is_test_member(const asl_value *key)
{
    static const char *const others[] = {"Next", "Comment", "Assign", "Output"};
    const char *text = asl_value_get_string(key, NULL);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(text, others[i]) == 0)
            return false;
    return true;
}

/* Whether two rules test the very same, Next and the like left aside. */
static bool is_same_test(const asl_value *left, const asl_value *right)
{
    size_t left_count = 0, right_count = 0;
    for (size_t i = 0; i < asl_value_count(right); i++)
        right_count += is_test_member(asl_value_key(right, i));
    for (size_t i = 0; i < asl_value_count(left); i++) {
        size_t size = 0;
        const asl_value *key = asl_value_key(left, i);
        if (!is_test_member(key))
            continue;
        left_count++;
        const char *name = asl_value_get_string(key, &size);
        const asl_value *other = asl_value_get_sized(right, name, size);
        if (other == NULL || !asl_value_equal(asl_value_at(left, i), other))
            return false;
    }
    return left_count == right_count;
}

static bool read_simple(const asl_value *rule, simple_rule *ret)
{
    size_t count = 0;
    ret->variable = asl_value_get(rule, "Variable");
    for (size_t i = 0; i < asl_value_count(rule); i++) {
        const asl_value *key = asl_value_key(rule, i);
        const char *name = asl_value_get_string(key, NULL);
        if (!is_test_member(key) || strcmp(name, "Variable") == 0)
            continue;
        ret->name = name;
        ret->operand = asl_value_at(rule, i);
        count++;
    }
    return ret->variable != NULL && count == 1;
}

static bool is_true(const asl_value *value)
{
    return asl_value_kind(value) == ASL_KIND_TRUE;
}

/* Numbers from `low` to `high` (NULL: without end), themselves included or not. */
typedef struct interval {
    const asl_value *low, *high;
    bool has_low, has_high;
} interval;

static bool read_interval(const simple_rule *rule, interval *ret)
{
    const char *relation = rule->name + strlen("Numeric");
    const asl_value *number = rule->operand;
    if (strncmp(rule->name, "Numeric", strlen("Numeric")) != 0 || !asl_value_is_number(number))
        return false;
    if (strcmp(relation, "Equals") == 0)
        *ret = (interval){number, number, true, true};
    else if (strncmp(relation, "LessThan", 8) == 0)
        *ret = (interval){NULL, number, false, relation[8] != '\0'};
    else if (strncmp(relation, "GreaterThan", 11) == 0)
        *ret = (interval){number, NULL, relation[11] != '\0', false};
    else
        return false;
    return true;
}

static bool holds(const interval *outer, const interval *inner)
{
    if (outer->low != NULL) {
        if (inner->low == NULL)
            return false;
        int order = asl_value_compare_numbers(outer->low, inner->low);
        if (order > 0 || (order == 0 && !outer->has_low && inner->has_low))
            return false;
    }
    if (outer->high != NULL) {
        if (inner->high == NULL)
            return false;
        int order = asl_value_compare_numbers(outer->high, inner->high);
        if (order < 0 || (order == 0 && !outer->has_high && inner->has_high))
            return false;
    }
    return true;
}

/* "IsNumeric": true is true for all that a numeric comparison is true for, and so on. */
static bool asks_for_kind(const simple_rule *kind, const simple_rule *rule)
{
    static const char *const kinds[][2] = {{"IsNumeric", "Numeric"},
                                           {"IsString", "String"},
                                           {"IsBoolean", "Boolean"},
                                           {"IsTimestamp", "Timestamp"}};
    if (!is_true(kind->operand))
        return false;
    if (strcmp(kind->name, "IsPresent") == 0)
        return strcmp(rule->name, "IsPresent") != 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind->name, kinds[i][0]) == 0)
            return strncmp(rule->name, kinds[i][1], strlen(kinds[i][1])) == 0;
    return false;
}

static bool covers_simply(const asl_value *earlier, const asl_value *later)
{
    simple_rule outer, inner;
    interval wide, narrow;
    if (is_same_test(earlier, later))
        return true;
    if (!read_simple(earlier, &outer) || !read_simple(later, &inner) ||
        !asl_value_equal(outer.variable, inner.variable))
        return false;
    if (read_interval(&outer, &wide) && read_interval(&inner, &narrow))
        return holds(&wide, &narrow);
    return asks_for_kind(&outer, &inner);
}

/* The operands of a rule by this name, or the rule as its own only operand. */
static const asl_value *operand_at(const asl_value *rule, const char *name, size_t index)
{
    const asl_value *list = asl_value_get(rule, name);
    if (asl_value_is_array(list))
        return asl_value_at(list, index);
    return index == 0 ? rule : NULL;
}

/* JSONata: an expression that is not the same twice. */
static bool is_drawn(const asl_value *rule)
{
    const char *text = asl_value_get_string(asl_value_get(rule, "Condition"), NULL);
    return text != NULL && (strstr(text, "$random") != NULL || strstr(text, "$uuid") != NULL);
}

/* One of an Or is enough to be true, one of an And to be false. */
static bool covers(const asl_value *earlier, const asl_value *later, size_t *budget)
{
    if (is_true(asl_value_get(earlier, "Condition")))
        return true;
    if (is_same_test(earlier, later))
        return !is_drawn(earlier);
    const asl_value *outer, *inner;
    for (size_t i = 0; (outer = operand_at(earlier, "Or", i)) != NULL; i++)
        for (size_t j = 0; (inner = operand_at(later, "And", j)) != NULL && *budget > 0; j++) {
            --*budget;
            if (covers_simply(outer, inner))
                return true;
        }
    return false;
}

/* Whether one of two rules is true whatever comes: a test and its Not, or "IsNull": true and
 * false. */
static bool covers_all(const asl_value *left, const asl_value *right)
{
    simple_rule one, other;
    const asl_value *left_not = asl_value_get(left, "Not"),
                    *right_not = asl_value_get(right, "Not");
    if (left_not != NULL && right_not == NULL)
        return is_same_test(left_not, right);
    if (right_not != NULL && left_not == NULL)
        return is_same_test(right_not, left);
    return read_simple(left, &one) && read_simple(right, &other) &&
           strcmp(one.name, other.name) == 0 && strncmp(one.name, "Is", 2) == 0 &&
           asl_value_equal(one.variable, other.variable) &&
           is_true(one.operand) != is_true(other.operand);
}

static void warn(asl_loader *loader, asl_node rule, const char *why)
{
    asl_warn(loader, "UNREACHABLE_RULE", rule, "remove it, or put it first",
             "The rule never matches: %s", why);
}

/* One rule against those before it; notes where it leaves nothing to those behind it. */
static void check_rule(asl_loader *loader, asl_node choices, asl_node rule, bool *is_closed,
                       size_t *budget)
{
    const asl_value *later = asl_node_value(loader, rule);
    const asl_value *condition = asl_value_get(later, "Condition");
    if (*is_closed) {
        warn(loader, rule, "one of those before it always does");
        return;
    }
    if (condition != NULL && asl_value_kind(condition) == ASL_KIND_FALSE) {
        warn(loader, rule, "its Condition is false");
        return;
    }
    for (asl_node node = asl_node_first(loader, choices); node < rule;
         node = asl_node_next(loader, choices, node)) {
        const asl_value *earlier = asl_node_value(loader, node);
        if (covers(earlier, later, budget)) {
            warn(loader, rule,
                 is_same_test(earlier, later) ? "one before it tests the same"
                                              : "one before it is true for the same and more");
            return;
        }
        *is_closed |= covers_all(earlier, later);
    }
}

void asl_warn_rules(asl_loader *loader, asl_node choices)
{
    size_t budget = COMPARISONS_MAX;
    bool is_closed = false;
    if (asl_value_count(asl_node_value(loader, choices)) > RULES_MAX)
        return;
    for (asl_node rule = asl_node_first(loader, choices); rule != ASL_NODE_NONE;
         rule = asl_node_next(loader, choices, rule))
        check_rule(loader, choices, rule, &is_closed, &budget);
}
