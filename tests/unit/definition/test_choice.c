#include "load.h"

/* A Choice with these rules. */
static loaded load_rules(const char *rules)
{
    char text[2048];
    snprintf(text, sizeof text,
             "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':%s,'Default':'E'},"
             "'E':{'Type':'Succeed'}}}",
             rules);
    return load(text);
}

static void check_rules(const char *rules, const char *message, const char *location)
{
    check_only(load_rules(rules), "SCHEMA_VALIDATION_FAILED", message, location);
}

START_TEST(rules_become_a_tree)
{
    loaded result = load_rules("[{'Not':{'And':[{'Variable':'$.a','NumericLessThanEqualsPath':"
                               "'$.b'},{'Variable':'$$.x','IsNull':true}]},'Next':'E'},"
                               "{'Variable':'$.t','TimestampEquals':'2026-01-01T00:00:00Z',"
                               "'Next':'E','Assign':{'v':1}}]");
    ck_assert_int_eq(result.status, ASL_OK);
    const asl_state *state = asl_program_find(asl_definition_program(result.definition), "C", 1);
    ck_assert_uint_eq(state->as.choice.rule_count, 2);
    ck_assert_uint_eq(state->as.choice.default_state, 1);
    const asl_choice_rule *rules = state->as.choice.rules;
    ck_assert_int_eq(rules[0].test->op, ASL_CHOICE_NOT);
    ck_assert_uint_eq(rules[0].next, 1);
    const asl_choice_test *both = rules[0].test->operands;
    ck_assert_int_eq(both->op, ASL_CHOICE_AND);
    ck_assert_uint_eq(both->operand_count, 2);
    ck_assert_int_eq(both->operands[0].op, ASL_CHOICE_NUMERIC_LESS_THAN_EQUALS);
    ck_assert(both->operands[0].operand_is_path);
    ck_assert_int_eq(both->operands[1].op, ASL_CHOICE_IS_NULL);
    ck_assert(!both->operands[1].operand_is_path);
    ck_assert_int_eq(rules[1].test->op, ASL_CHOICE_TIMESTAMP_EQUALS);
    ck_assert_ptr_nonnull(rules[1].assign);
    ck_assert_ptr_null(rules[0].assign);
    unload(&result);
}
END_TEST

START_TEST(rules_need_next_at_the_top_only)
{
    check_rules("[{'Variable':'$.a','IsNull':true}]", "These fields are required: [Next]",
                "/States/C/Choices[0]");
    check_rules("[{'Not':{'Variable':'$.a','IsNull':true,'Next':'E'},'Next':'E'}]",
                "Field 'Next' is not supported", "/States/C/Choices[0]/Not");
    check_rules("[{'Variable':'$.a','IsNull':true,'Next':'E','End':true}]",
                "Field 'End' is not supported", "/States/C/Choices[0]");
}
END_TEST

START_TEST(a_rule_tests_one_thing)
{
    check_rules("[{'Next':'E'}]",
                "The object must have only one of the following fields, [And, Or, Not, Variable, "
                "Condition]",
                "/States/C/Choices[0]");
    check_rules("[{'Variable':'$.a','StringEquals':'x','NumericEquals':1,'Next':'E'}]",
                "There should only be one of the following fields: [StringEquals, NumericEquals]",
                "/States/C/Choices[0]");
    loaded result = load_rules("[{'Variable':'$.a','Next':'E'}]");
    ck_assert_int_eq(result.status, ASL_INVALID);
    unload(&result);
}
END_TEST

START_TEST(operands_have_their_kind)
{
    check_rules("[{'Variable':'$.a','StringEquals':1,'Next':'E'}]",
                "Expected value of type [STRING]", "/States/C/Choices[0]/StringEquals");
    check_rules("[{'Variable':'$.a','NumericEquals':'1','Next':'E'}]",
                "Expected value of type Integer", "/States/C/Choices[0]/NumericEquals");
    check_rules("[{'Variable':'$.a','IsNull':1,'Next':'E'}]", "Expected value of type [BOOLEAN]",
                "/States/C/Choices[0]/IsNull");
    check_rules("[{'Variable':'$.a','TimestampEquals':'today','Next':'E'}]",
                "String does not match RFC3339 timestamp", "/States/C/Choices[0]/TimestampEquals");
    check_rules("[{'And':[],'Next':'E'}]", "Value cannot be empty", "/States/C/Choices[0]/And");
    check_rules("[]", "Value cannot be empty", "/States/C/Choices");
}
END_TEST

START_TEST(variables_are_reference_paths)
{
    check_rules("[{'Variable':'a','IsNull':true,'Next':'E'}]",
                "Value is not a Reference Path: Reference path didn't start with '$'",
                "/States/C/Choices[0]/Variable");
    check_rules("[{'Variable':'$.a[*]','IsNull':true,'Next':'E'}]", "Value is not a Reference Path",
                "/States/C/Choices[0]/Variable");
}
END_TEST

START_TEST(unknown_operators_get_a_hint)
{
    loaded result = load_rules("[{'Variable':'$.a','StringEqual':'x','StringEquals':'x',"
                               "'Next':'E'}]");
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(only->message, "Field 'StringEqual' is not supported");
    ck_assert_str_eq(only->hint, "did you mean 'StringEquals'?");
    unload(&result);
}
END_TEST

SUITE("definition/choice", rules_become_a_tree, rules_need_next_at_the_top_only,
      a_rule_tests_one_thing, operands_have_their_kind, variables_are_reference_paths,
      unknown_operators_get_a_hint)
