/* ASL: Choice rules. A rule is a boolean expression, a data test, or (JSONata) a condition. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "definition/grammar.h"

#define A_RULE 1u   /* with Next */
#define A_NESTED 2u /* an operand of And, Or, Not */

typedef struct comparison {
    const char *name;
    asl_choice_operator op;
    unsigned kind; /* of the operand that is not a path */
    bool has_path; /* there is a form NAMEPath */
    bool is_timestamp;
} comparison;

#define ORDERED(type, TYPE, kind, is_timestamp) \
    {type "Equals", ASL_CHOICE_##TYPE##_EQUALS, kind, true, is_timestamp}, \
        {type "LessThan", ASL_CHOICE_##TYPE##_LESS_THAN, kind, true, is_timestamp}, \
        {type "GreaterThan", ASL_CHOICE_##TYPE##_GREATER_THAN, kind, true, is_timestamp}, \
        {type "LessThanEquals", ASL_CHOICE_##TYPE##_LESS_THAN_EQUALS, kind, true, is_timestamp}, \
    { \
        type "GreaterThanEquals", ASL_CHOICE_##TYPE##_GREATER_THAN_EQUALS, kind, true, \
            is_timestamp \
    }

static const comparison comparisons[] = {
    ORDERED("String", STRING, ASL_IS_STRING, false),
    {"StringMatches", ASL_CHOICE_STRING_MATCHES, ASL_IS_STRING, false, false},
    ORDERED("Numeric", NUMERIC, ASL_IS_NUMBER, false),
    {"BooleanEquals", ASL_CHOICE_BOOLEAN_EQUALS, ASL_IS_BOOLEAN, true, false},
    ORDERED("Timestamp", TIMESTAMP, ASL_IS_STRING, true),
    {"IsNull", ASL_CHOICE_IS_NULL, ASL_IS_BOOLEAN, false, false},
    {"IsPresent", ASL_CHOICE_IS_PRESENT, ASL_IS_BOOLEAN, false, false},
    {"IsNumeric", ASL_CHOICE_IS_NUMERIC, ASL_IS_BOOLEAN, false, false},
    {"IsString", ASL_CHOICE_IS_STRING, ASL_IS_BOOLEAN, false, false},
    {"IsBoolean", ASL_CHOICE_IS_BOOLEAN, ASL_IS_BOOLEAN, false, false},
    {"IsTimestamp", ASL_CHOICE_IS_TIMESTAMP, ASL_IS_BOOLEAN, false, false},
};
#define COMPARISON_COUNT (sizeof comparisons / sizeof *comparisons)

/* The comparison a field names; *ret_is_path where it is the NAMEPath form. */
static const comparison *find_comparison(const char *name, size_t size, bool *ret_is_path)
{
    for (size_t i = 0; i < COMPARISON_COUNT; i++) {
        size_t length = strlen(comparisons[i].name);
        if (size < length || memcmp(name, comparisons[i].name, length) != 0)
            continue;
        *ret_is_path =
            comparisons[i].has_path && size == length + 4 && memcmp(name + length, "Path", 4) == 0;
        if (*ret_is_path || size == length)
            return &comparisons[i];
    }
    return NULL;
}

static void read_test(asl_loader *loader, const asl_subject *subject, unsigned where,
                      asl_choice_test *test);

/* A nested rule, an operand of And, Or or Not. */
static void read_operand(asl_loader *loader, const asl_subject *subject, asl_node node,
                         asl_choice_test *test)
{
    if (!asl_value_is_object(asl_node_value(loader, node))) {
        asl_refuse_kind(loader, node, ASL_IS_OBJECT);
        return;
    }
    asl_subject nested = *subject;
    nested.node = node;
    read_test(loader, &nested, A_NESTED, test);
}

static void read_operands(asl_loader *loader, const asl_subject *subject, asl_node node,
                          asl_choice_operator op, asl_choice_test *test)
{
    bool is_list = op != ASL_CHOICE_NOT;
    unsigned kinds = is_list ? ASL_IS_ARRAY : ASL_IS_OBJECT;
    if ((asl_kind_bit(asl_node_value(loader, node)) & kinds) == 0) {
        asl_refuse_kind(loader, node, kinds);
        return;
    }
    size_t count = is_list ? asl_value_count(asl_node_value(loader, node)) : 1;
    if (count == 0) {
        asl_refuse(loader, node, "Value cannot be empty");
        return;
    }
    test->op = op;
    test->operands = asl_loader_allocate(loader, count * sizeof *test->operands);
    if (test->operands == NULL)
        return;
    test->operand_count = (uint32_t)count;
    if (!is_list) {
        read_operand(loader, subject, node, test->operands);
        return;
    }
    asl_choice_test *operand = test->operands;
    for (asl_node item = asl_node_first(loader, node); item != ASL_NODE_NONE;
         item = asl_node_next(loader, node, item))
        read_operand(loader, subject, item, operand++);
}

static void read_choice_path(asl_loader *loader, asl_node node, const char *name,
                             asl_expression **ret)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    if (text == NULL) {
        asl_refuse_kind(loader, node, ASL_IS_STRING);
        return;
    }
    if (size == 0 || text[0] != '$') {
        asl_refuse(loader, node,
                   "Value is not a Reference Path: Reference path didn't start with '$'");
        return;
    }
    asl_field field = {.name = name, .flags = ASL_FIELD_REFERENCE};
    asl_subject subject = {.base = ret};
    asl_read_path(loader, &field, &subject, node);
}

static void read_comparison(asl_loader *loader, asl_node node, asl_choice_test *test)
{
    size_t size = 0;
    bool is_path = false;
    const char *name = asl_node_key_string(loader, node, &size);
    const comparison *form = find_comparison(name, size, &is_path);
    test->op = form->op;
    test->operand_is_path = is_path;
    if (is_path) {
        read_choice_path(loader, node, name, &test->operand);
        return;
    }
    if ((asl_kind_bit(asl_node_value(loader, node)) & form->kind) == 0) {
        asl_refuse_kind(loader, node, form->kind);
        return;
    }
    if (form->is_timestamp && !asl_check_timestamp(loader, node))
        return;
    if (form->has_path)
        asl_warn_no_path(loader, node);
    asl_field field = {.name = form->name};
    asl_subject subject = {.base = &test->operand};
    asl_read_constant(loader, &field, &subject, node);
}

/* What stands in a rule, sorted by part. */
typedef struct rule_parts {
    asl_node variable, condition, combination, comparison;
    asl_choice_operator op; /* of the combination */
    uint32_t selector_count, comparison_count;
} rule_parts;

static bool is_named(const char *name, size_t size, const char *wanted)
{
    return size == strlen(wanted) && memcmp(name, wanted, size) == 0;
}

static void refuse_other_language(asl_loader *loader, const asl_subject *subject, asl_node node,
                                  const char *name)
{
    bool is_path = subject->language == ASL_LANGUAGE_JSONPATH;
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                             .node = asl_node_key(loader, node),
                             .location = subject->node},
               "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' "
               "QueryLanguage",
               is_path ? "JSONPath" : "JSONata", name, is_path ? "JSONata" : "JSONPath");
}

/* Takes a member that says what is tested; false where it is something else. */
static bool take_part(asl_loader *loader, const asl_subject *subject, asl_node node,
                      rule_parts *parts)
{
    static const char *const combinations[] = {"And", "Or", "Not"};
    size_t size = 0;
    bool is_path = false, is_condition = false;
    const char *name = asl_node_key_string(loader, node, &size);
    bool is_selector = true;
    if (is_named(name, size, "Variable")) {
        parts->variable = node;
    } else if (is_named(name, size, "Condition")) {
        parts->condition = node;
        is_condition = true;
    } else if (find_comparison(name, size, &is_path) != NULL) {
        parts->comparison = node;
        parts->comparison_count++;
        is_selector = false;
    } else {
        size_t i = 0;
        while (i < 3 && !is_named(name, size, combinations[i]))
            i++;
        if (i == 3)
            return false;
        parts->combination = node;
        parts->op = (asl_choice_operator)(ASL_CHOICE_AND + i);
    }
    parts->selector_count += is_selector;
    if (is_condition != (subject->language == ASL_LANGUAGE_JSONATA))
        refuse_other_language(loader, subject, node, name);
    return true;
}

static void refuse_field(asl_loader *loader, const asl_subject *subject, asl_node node)
{
    static const char *const others[] = {"And",  "Or",     "Not",    "Variable", "Condition",
                                         "Next", "Assign", "Output", "Comment"};
    size_t size = 0;
    const char *name = asl_node_key_string(loader, node, &size);
    asl_nearest nearest;
    asl_nearest_init(&nearest, name, size);
    for (size_t i = 0; i < COMPARISON_COUNT; i++)
        asl_nearest_try(loader, &nearest, comparisons[i].name, strlen(comparisons[i].name));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!is_named(name, size, others[i]))
            asl_nearest_try(loader, &nearest, others[i], strlen(others[i]));
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                             .node = asl_node_key(loader, node),
                             .location = subject->node,
                             .hint = asl_nearest_hint(&nearest)},
               "Field '%s' is not supported", name);
}

/* The members of a rule that are not the test. */
static void read_rest(asl_loader *loader, const asl_subject *subject, unsigned where, asl_node node)
{
    asl_choice_rule *rule = subject->base;
    size_t size = 0;
    const char *name = asl_node_key_string(loader, node, &size);
    bool is_rule = where == A_RULE;
    bool is_text = asl_node_string(loader, node, NULL) != NULL;
    if (is_named(name, size, "Comment")) {
        if (!is_text)
            asl_refuse_kind(loader, node, ASL_IS_STRING);
    } else if (is_rule && is_named(name, size, "Next")) {
        if (is_text)
            asl_add_target(loader, node, subject->scope, &rule->next);
        else
            asl_refuse_kind(loader, node, ASL_IS_STRING);
    } else if (is_rule && is_named(name, size, "Assign")) {
        asl_field field = {.name = "Assign", .offset = offsetof(asl_choice_rule, assign)};
        if (asl_value_is_object(asl_node_value(loader, node)))
            asl_read_assign(loader, &field, subject, node);
        else
            asl_refuse_kind(loader, node, ASL_IS_OBJECT);
    } else if (is_rule && is_named(name, size, "Output")) {
        asl_field field = {.name = "Output", .offset = offsetof(asl_choice_rule, output)};
        if (subject->language == ASL_LANGUAGE_JSONATA)
            asl_read_jsonata(loader, &field, subject, node);
        else
            refuse_other_language(loader, subject, node, "Output");
    } else {
        refuse_field(loader, subject, node);
    }
}

/* Several comparisons, or none: AWS lists those that are there, or all there are. */
static void refuse_comparisons(asl_loader *loader, asl_node rule, uint32_t present)
{
    char names[1024];
    size_t size = 0;
    names[0] = '\0';
    for (size_t i = 0; i < COMPARISON_COUNT; i++) {
        const char *name = comparisons[i].name;
        if (present > 0 && asl_node_member(loader, rule, name) == ASL_NODE_NONE)
            continue;
        int added = snprintf(names + size, sizeof names - size, "%s%s", size > 0 ? ", " : "", name);
        size += (size_t)added < sizeof names - size ? (size_t)added : 0;
    }
    if (present > 0)
        asl_refuse(loader, rule, "There should only be one of the following fields: [%s]", names);
    else
        asl_refuse(loader, rule, "This object should have only one of the following fields: [%s]",
                   names);
}

/* ASL: a JSONata rule's Condition: true, false, or an expression. */
static void read_condition(asl_loader *loader, const asl_subject *subject, asl_node node)
{
    asl_field field = {.name = "Condition", .offset = offsetof(asl_choice_rule, condition)};
    if (asl_is_expression(loader, subject, node) ||
        asl_kind_bit(asl_node_value(loader, node)) == ASL_IS_BOOLEAN)
        asl_read_constant(loader, &field, subject, node);
    else
        asl_refuse_kind(loader, node, ASL_IS_BOOLEAN);
}

/* Recursion is as deep as rules nest, which the depth of a definition bounds. */
static void read_test(asl_loader *loader, const asl_subject *subject, unsigned where,
                      asl_choice_test *test)
{
    rule_parts parts = {
        ASL_NODE_NONE, ASL_NODE_NONE, ASL_NODE_NONE, ASL_NODE_NONE, ASL_CHOICE_AND, 0, 0};
    for (asl_node node = asl_node_first(loader, subject->node); node != ASL_NODE_NONE;
         node = asl_node_next(loader, subject->node, node))
        if (!take_part(loader, subject, node, &parts))
            read_rest(loader, subject, where, node);
    if (where == A_RULE && asl_node_member(loader, subject->node, "Next") == ASL_NODE_NONE)
        asl_refuse(loader, subject->node, "These fields are required: [Next]");
    if (parts.selector_count != 1)
        asl_refuse(loader, subject->node,
                   "The object must have only one of the following fields, [And, Or, Not, "
                   "Variable, Condition]");
    if (parts.condition != ASL_NODE_NONE && where == A_RULE)
        read_condition(loader, subject, parts.condition);
    if (parts.variable != ASL_NODE_NONE)
        read_choice_path(loader, parts.variable, "Variable", &test->variable);
    if (parts.combination != ASL_NODE_NONE)
        read_operands(loader, subject, parts.combination, parts.op, test);
    else if (parts.comparison_count == 1)
        read_comparison(loader, parts.comparison, test);
    if (parts.comparison_count > 1 ||
        (parts.comparison_count == 0 && parts.variable != ASL_NODE_NONE))
        refuse_comparisons(loader, subject->node, parts.comparison_count);
}

static void read_rule(asl_loader *loader, const asl_subject *subject, asl_node node,
                      asl_choice_rule *rule)
{
    char prefix[ASL_PREFIX_SIZE];
    rule->next = ASL_NONE;
    rule->test = asl_loader_allocate(loader, sizeof *rule->test);
    if (rule->test == NULL)
        return;
    if (!asl_value_is_object(asl_node_value(loader, node))) {
        asl_refuse_kind(loader, node, ASL_IS_OBJECT);
        loader->scopes[subject->scope].is_broken = true;
        return;
    }
    asl_subject inner = *subject;
    snprintf(prefix, sizeof prefix, "Choices[%zu]/",
             (size_t)(rule - subject->state->as.choice.rules));
    inner.base = rule;
    inner.node = node;
    inner.prefix = prefix;
    read_test(loader, &inner, A_RULE, rule->test);
}

void asl_read_choices(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node)
{
    size_t count = asl_value_count(asl_node_value(loader, node));
    (void)field;
    if (count == 0) {
        asl_refuse(loader, node, "Value cannot be empty");
        return;
    }
    asl_choice_rule *rules = asl_loader_allocate(loader, count * sizeof *rules);
    if (rules == NULL)
        return;
    subject->state->as.choice.rules = rules;
    subject->state->as.choice.rule_count = (uint32_t)count;
    for (asl_node item = asl_node_first(loader, node); item != ASL_NODE_NONE;
         item = asl_node_next(loader, node, item))
        read_rule(loader, subject, item, rules++);
}
