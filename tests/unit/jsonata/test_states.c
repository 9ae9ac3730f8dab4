/* AWS's dialect: its functions, what it refuses, what it prints. */
#include "jsonata_case.h"

static void gives(const char *text, const char *expected)
{
    jsonata_outcome got = jsonata_try(text, NULL, ASL_JSONATA_STATES, NULL);
    ck_assert_msg(got.status == ASL_OK && strcmp(got.text, expected) == 0, "%s: %s instead of %s",
                  text, got.text, expected);
}

static void refused(const char *text, unsigned flags, const char *message)
{
    asl_jsonata *expression = NULL;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_jsonata_compile(NULL, text, strlen(text), ASL_JSONATA_STATES | flags,
                                         &expression, &error),
                     ASL_UNSUPPORTED);
    ck_assert_str_eq(asl_error_message(error), message);
    asl_error_free(error);
}

static void accepted(const char *text, unsigned flags)
{
    asl_jsonata *expression = NULL;
    ck_assert_msg(asl_jsonata_compile(NULL, text, strlen(text), ASL_JSONATA_STATES | flags,
                                      &expression, NULL) == ASL_OK,
                  "%s", text);
    asl_jsonata_unref(expression);
}

START_TEST(the_functions_of_aws_are_there)
{
    gives("$partition([1,2,3,4,5], 2)", "[[1,2],[3,4],[5]]");
    gives("$partition([0], 1)", "[[0]]");
    gives("$partition([1,2,3], 1.9)", "[[1],[2],[3]]");
    gives("$partition([], 2)", "undefined");
    gives("$partition([1], 0)", "undefined");
    gives("$range(1, 9, 2)", "[1,3,5,7,9]");
    gives("$range(1, 9, 9)", "1");
    gives("$range(-1.7, 2, 1)", "[-1,0,1,2]");
    gives("$range(3, 1, -1)", "[3,2,1]");
    gives("$range(1, 3, -1)", "undefined");
    gives("$parse('{\"a\": [1, 2]}').a", "[1,2]");
    gives("$parse('-0')", "0");
    gives("$random(5) = $random(5)", "true");
    gives("$length($uuid())", "36");
    gives("$type($random())", "\"number\"");
}
END_TEST

START_TEST(eval_is_not_there)
{
    jsonata_outcome got = jsonata_try("$eval('1')", NULL, ASL_JSONATA_STATES, NULL);
    ck_assert_int_eq(got.status, ASL_EVALUATION);
    ck_assert_str_eq(got.text, "T1006 eval");
}
END_TEST

START_TEST(numbers_that_are_none_become_strings)
{
    gives("1/0", "\"Infinity\"");
    gives("-1/0", "\"-Infinity\"");
    gives("0/0", "\"NaN\"");
}
END_TEST

START_TEST(there_is_no_context_at_the_top_level)
{
    refused("phone", 0, "Reference to 'phone' at the top level is not supported.");
    refused("phone.number", 0, "Reference to 'phone' at the top level is not supported.");
    refused("$", 0, "Reference to '$' at the top level is not supported.");
    refused("$$.a", 0, "Reference to '$$' is not supported.");
    refused("function($x){b}", 0, "Reference to 'b' at the top level is not supported.");
    refused("{'a': b}", 0, "Reference to 'b' at the top level is not supported.");
    accepted("$states.input.phone", 0);
    accepted("$x[phone = 1].($ + number)", 0);
    accepted("$x^(>a){b: c}", 0);
    accepted("$x ~> |a|{'b': c}|", 0);
}
END_TEST

START_TEST(results_exist_only_where_there_is_one)
{
    refused("$states.result", 0, "Field '$states.result' does not exist.");
    refused("$states.errorOutput.Cause", ASL_JSONATA_RESULT,
            "Field '$states.errorOutput' does not exist.");
    accepted("$states.result", ASL_JSONATA_RESULT);
    accepted("$states.errorOutput", ASL_JSONATA_ERROR_OUTPUT);
    accepted("$states.context.Execution.Id", 0);
}
END_TEST

START_TEST(a_value_has_the_size_that_aws_allows)
{
    gives("$count([1..873782])", "873782");
    jsonata_outcome got = jsonata_try("$count([1..873783])", NULL, ASL_JSONATA_STATES, NULL);
    ck_assert_int_eq(got.status, ASL_EVALUATION);
    gives("$count($range(1, 10, 1))", "10");
}
END_TEST

SUITE("jsonata/states", the_functions_of_aws_are_there, eval_is_not_there,
      numbers_that_are_none_become_strings, there_is_no_context_at_the_top_level,
      results_exist_only_where_there_is_one, a_value_has_the_size_that_aws_allows)
