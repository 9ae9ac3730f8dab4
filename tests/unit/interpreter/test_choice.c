/* Choice rules, one row a case: rule, input, and where it goes. */
#include "harness.h"
#include "suite.h"

#include <stdio.h>

typedef struct choice_case {
    const char *test, *input;
    bool is_true;
} choice_case;

static const choice_case choice_cases[] = {
    {"'Variable':'$.a','StringEquals':'x'", "{'a':'x'}", true},
    {"'Variable':'$.a','StringEquals':'x'", "{'a':1}", false},
    {"'Variable':'$.a','StringLessThan':'b'", "{'a':'a'}", true},
    {"'Variable':'$.a','StringLessThan':'a'", "{'a':'a'}", false},
    {"'Variable':'$.a','StringGreaterThanEquals':'a'", "{'a':'a'}", true},
    {"'Variable':'$.a','StringGreaterThan':'a'", "{'a':'ab'}", true},
    {"'Variable':'$.a','StringEqualsPath':'$.b'", "{'a':'x','b':'x'}", true},
    {"'Variable':'$.a','StringMatches':'log-*.txt'", "{'a':'log-2026.txt'}", true},
    {"'Variable':'$.a','StringMatches':'log-*.txt'", "{'a':'log-2026.txt.gz'}", false},
    {"'Variable':'$.a','StringMatches':'*a*b*'", "{'a':'xxaxxbxx'}", true},
    {"'Variable':'$.a','StringMatches':'a\\\\*b'", "{'a':'a*b'}", true},
    {"'Variable':'$.a','StringMatches':'a\\\\*b'", "{'a':'axb'}", false},
    {"'Variable':'$.a','StringMatches':''", "{'a':''}", true},
    {"'Variable':'$.a','NumericEquals':0", "{'a':0.0}", true},
    {"'Variable':'$.a','NumericEquals':0", "{'a':false}", false},
    {"'Variable':'$.a','NumericLessThan':9007199254740993", "{'a':9007199254740992}", true},
    {"'Variable':'$.a','NumericGreaterThanEqualsPath':'$.b'", "{'a':2,'b':1.5}", true},
    {"'Variable':'$.a','BooleanEquals':false", "{'a':false}", true},
    {"'Variable':'$.a','BooleanEquals':true", "{'a':'true'}", false},
    {"'Variable':'$.a','TimestampEquals':'2020-01-01T01:00:00+01:00'",
     "{'a':'2020-01-01T00:00:00Z'}", true},
    {"'Variable':'$.a','TimestampLessThan':'2020-01-01T00:00:00Z'",
     "{'a':'2019-12-31T23:59:59.999Z'}", true},
    {"'Variable':'$.a','TimestampGreaterThan':'2020-01-01T00:00:00Z'", "{'a':'yesterday'}", false},
    {"'Variable':'$.a','IsNull':true", "{'a':null}", true},
    {"'Variable':'$.a','IsNull':false", "{'a':0}", true},
    {"'Variable':'$.a','IsPresent':true", "{'a':null}", true},
    {"'Variable':'$.a','IsPresent':false", "{}", true},
    {"'Variable':'$.a','IsPresent':true", "{}", false},
    {"'Variable':'$.a','IsNumeric':true", "{'a':1e3}", true},
    {"'Variable':'$.a','IsString':true", "{'a':'s'}", true},
    {"'Variable':'$.a','IsBoolean':true", "{'a':1}", false},
    {"'Variable':'$.a','IsTimestamp':true", "{'a':'2020-01-01T00:00:00Z'}", true},
    {"'Variable':'$.a','IsTimestamp':true", "{'a':'2020-01-01 00:00:00Z'}", false},
    {"'And':[{'Variable':'$.a','IsPresent':true},{'Variable':'$.a','NumericEquals':1}]", "{'a':1}",
     true},
    {"'And':[{'Variable':'$.a','IsPresent':true},{'Variable':'$.a','NumericEquals':1}]", "{}",
     false},
    {"'Or':[{'Variable':'$.a','NumericEquals':2},{'Variable':'$.a','NumericEquals':1}]", "{'a':1}",
     true},
    {"'Or':[{'Variable':'$.a','NumericEquals':2},{'Variable':'$.a','NumericEquals':3}]", "{'a':1}",
     false},
    {"'Not':{'Variable':'$.a','NumericEquals':2}", "{'a':1}", true},
    {"'Not':{'Or':[{'Variable':'$.a','NumericEquals':2},{'Not':{'Variable':'$.a','NumericEquals':2}"
     "}]}",
     "{'a':1}", false},
};

START_TEST(rule_decides_as_the_language_says)
{
    char definition[1024];
    snprintf(definition, sizeof definition,
             "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{%s,'Next':'Yes'}],'Default'"
             ":'No'},"
             "'Yes':{'Type':'Pass','Result':'yes','End':true},'No':{'Type':'Pass','Result':'no','"
             "End':true}}}",
             choice_cases[_i].test);
    machine m;
    machine_start(&m, definition, choice_cases[_i].input);
    ck_assert_msg(strcmp(machine_output(&m), choice_cases[_i].is_true ? "\"yes\"" : "\"no\"") == 0,
                  "%s on %s: %s", choice_cases[_i].test, choice_cases[_i].input, machine_cause(&m));
    machine_done(&m);
}
END_TEST

START_TEST(no_rule_and_no_default_is_a_runtime_error)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.a','"
                  "NumericEquals':1,"
                  "'Next':'Y'}]},'Y':{'Type':'Succeed'}}}",
                  "{'a':2}");
    ck_assert_str_eq(machine_error(&m), "States.Runtime");
    ck_assert_str_eq(
        machine_cause(&m),
        "An error occurred while executing the state 'C' (entered at the event id #2). Failed to "
        "transition out of the state. The state does not point to a next state.");
    machine_done(&m);
}
END_TEST

START_TEST(variable_that_selects_nothing_is_a_runtime_error)
{
    machine m;
    machine_start(&m,
                  "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.a','"
                  "NumericEquals':1,"
                  "'Next':'Y'}],'Default':'Y'},'Y':{'Type':'Succeed'}}}",
                  "{}");
    ck_assert_str_eq(machine_error(&m), "States.Runtime");
    machine_done(&m);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interpreter/choice");
    TCase *cases = suite_case("choice");
    tcase_add_loop_test(cases, rule_decides_as_the_language_says, 0,
                        (int)(sizeof choice_cases / sizeof choice_cases[0]));
    tcase_add_test(cases, no_rule_and_no_default_is_a_runtime_error);
    tcase_add_test(cases, variable_that_selects_nothing_is_a_runtime_error);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
