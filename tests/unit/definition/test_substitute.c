/* "${Name}": what takes its place, and where problems are shown afterwards. */
#include "load.h"

#include <stdlib.h>

#include "base/limits.h"

#define MACHINE(state) "{\"StartAt\":\"S\",\"States\":{\"S\":" state "}}"

static loaded load_substituted(const char *text, const char *values)
{
    loaded result = {0};
    asl_value *object = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, values, strlen(values), 0, &object, NULL), ASL_OK);
    asl_definition_options options = {.size = sizeof options, .substitutions = object};
    result.status = asl_definition_load(text, strlen(text), &options, &result.definition,
                                        &result.diagnostics, NULL);
    asl_value_unref(object);
    return result;
}

static void check_text(const char *text, const char *values, const char *expected)
{
    loaded result = load_substituted(text, values);
    const asl_diagnostic *first = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_msg(result.status == ASL_OK, "%s", first != NULL ? first->message : "");
    size_t size = 0;
    ck_assert_str_eq(asl_definition_text(result.definition, &size), expected);
    ck_assert_uint_eq(size, strlen(expected));
    unload(&result);
}

START_TEST(value_takes_the_place_of_its_name)
{
    check_text(
        MACHINE(
            "{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::${A}:${B.c-d_1}\",\"End\":true}"),
        "{\"A\":\"lambda\",\"B.c-d_1\":\"invoke\"}",
        MACHINE(
            "{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::lambda:invoke\",\"End\":true}"));
}
END_TEST

START_TEST(keys_are_substituted_too)
{
    check_text(MACHINE("{\"Type\":\"Pass\",\"Result\":{\"${A}\":1},\"End\":true}"),
               "{\"A\":\"key\"}",
               MACHINE("{\"Type\":\"Pass\",\"Result\":{\"key\":1},\"End\":true}"));
}
END_TEST

START_TEST(text_in_a_string_is_escaped)
{
    check_text(MACHINE("{\"Type\":\"Pass\",\"Result\":\"${A}\",\"End\":true}"),
               "{\"A\":\"\\\"\\n\\\\\"}",
               MACHINE("{\"Type\":\"Pass\",\"Result\":\"\\\"\\n\\\\\",\"End\":true}"));
}
END_TEST

START_TEST(number_in_a_string_stays_text)
{
    check_text(MACHINE("{\"Type\":\"Pass\",\"Result\":[\"${A}\",\"${B}\"],\"End\":true}"),
               "{\"A\":1.50,\"B\":true}",
               MACHINE("{\"Type\":\"Pass\",\"Result\":[\"1.50\",\"true\"],\"End\":true}"));
}
END_TEST

START_TEST(outside_of_strings_the_text_is_written_as_it_stands)
{
    check_text(MACHINE("{\"Type\":\"Wait\",\"Seconds\":${A},\"End\":${B}}"),
               "{\"A\":\"30\",\"B\":true}",
               MACHINE("{\"Type\":\"Wait\",\"Seconds\":30,\"End\":true}"));
}
END_TEST

START_TEST(values_are_not_substituted_again)
{
    check_text(MACHINE("{\"Type\":\"Pass\",\"Result\":\"${A}\",\"End\":true}"),
               "{\"A\":\"${A}${B}\",\"B\":\"x\"}",
               MACHINE("{\"Type\":\"Pass\",\"Result\":\"${A}${B}\",\"End\":true}"));
}
END_TEST

START_TEST(what_is_no_name_is_left_alone)
{
    const char text[] = MACHINE("{\"Type\":\"Pass\",\"Result\":\"$A ${} ${A ${a b} $ {A} \\\"{A}\","
                                "\"End\":true}");
    check_text(text, "{\"A\":\"x\"}", text);
    check_text(text, "{}", text);
}
END_TEST

START_TEST(nothing_is_substituted_unasked)
{
    loaded result = load_state("{'Type':'Pass','Result':'${A}','End':true}");
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    unload(&result);
}
END_TEST

START_TEST(name_without_value_is_warned_of_at_its_place)
{
    loaded result = load_substituted(
        MACHINE("{\"Type\":\"Pass\",\n\"Result\":[1,\"${Name} ${Nmae}\"],\"End\":true}"),
        "{\"Name\":\"longer than before\"}");
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 1);
    const asl_diagnostic *warning = find_code(&result, "UNKNOWN_SUBSTITUTION");
    ck_assert_ptr_nonnull(warning);
    ck_assert_int_eq(warning->severity, ASL_SEVERITY_WARNING);
    ck_assert_str_eq(warning->message, "'${Nmae}' has no value, and stays as it is");
    ck_assert_str_eq(warning->hint, "did you mean 'Name'?");
    ck_assert_str_eq(warning->pointer, "/States/S/Result/1");
    ck_assert_uint_eq(warning->line, 2);
    ck_assert_uint_eq(warning->column, 22);
    ck_assert_uint_eq(warning->end_column, 29);
    ck_assert_uint_eq(warning->length, 7);
    unload(&result);
}
END_TEST

START_TEST(name_without_value_outside_of_a_string_is_no_json)
{
    loaded result =
        load_substituted(MACHINE("{\"Type\":\"Wait\",\"Seconds\":${B},\"End\":true}"), "{}");
    ck_assert_int_eq(result.status, ASL_INVALID);
    ck_assert_ptr_nonnull(find_code(&result, "INVALID_JSON_DESCRIPTION"));
    const asl_diagnostic *warning = find_code(&result, "UNKNOWN_SUBSTITUTION");
    ck_assert_ptr_nonnull(warning);
    ck_assert_str_eq(warning->pointer, "");
    ck_assert_uint_eq(warning->column, 55);
    ck_assert_uint_eq(warning->end_column, 59);
    unload(&result);
}
END_TEST

/* The problem stands behind two places, one of which became longer and one shorter. */
START_TEST(problems_are_shown_in_the_text_that_was_given)
{
    const char text[] = MACHINE("{\"Type\":\"Pass\",\"Comment\":\"${Short} ${L}\",\"Nxt\":\"S\","
                                "\"End\":true}");
    loaded result =
        load_substituted(text, "{\"Short\":\"\",\"L\":\"a text of many words \\u00e9\"}");
    ck_assert_int_eq(result.status, ASL_INVALID);
    const asl_diagnostic *problem = find_code(&result, "SCHEMA_VALIDATION_FAILED");
    ck_assert_ptr_nonnull(problem);
    ck_assert_uint_eq(problem->offset, (size_t)(strstr(text, "\"Nxt\"") - text));
    ck_assert_uint_eq(problem->length, 5);
    ck_assert_uint_eq(problem->column, problem->offset + 1);
    ck_assert_uint_eq(problem->end_column, problem->offset + 6);
    unload(&result);
}
END_TEST

START_TEST(problem_made_of_a_value_is_shown_at_its_name)
{
    const char text[] = MACHINE("{\"Type\":\"Wait\",\"Seconds\":${Delay},\"End\":true}");
    static const char *const values[] = {"{\"Delay\":\"-1\"}",
                                         "{\"Delay\":\"\\\"soon enough\\\"\"}"};
    for (size_t i = 0; i < 2; i++) {
        loaded result = load_substituted(text, values[i]);
        ck_assert_int_eq(result.status, ASL_INVALID);
        const asl_diagnostic *problem = asl_diagnostics_at(result.diagnostics, 0);
        ck_assert_uint_eq(problem->offset, (size_t)(strstr(text, "${Delay}") - text));
        ck_assert_uint_eq(problem->length, 8);
        unload(&result);
    }
}
END_TEST

START_TEST(values_of_other_kinds_are_misuse)
{
    static const char *const values[] = {
        "[]",           "{\"A\":null}",    "{\"A\":[]}",    "{\"A\":{}}",
        "{\"\":\"x\"}", "{\"a b\":\"x\"}", "{\"a}\":\"\"}", "{\"a\\u0000\":1}"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        loaded result = load_substituted(MACHINE("{\"Type\":\"Succeed\"}"), values[i]);
        ck_assert_msg(result.status == ASL_MISUSE, "%s", values[i]);
        ck_assert_ptr_null(result.diagnostics);
    }
}
END_TEST

START_TEST(text_that_grows_past_the_limit_is_refused)
{
    size_t size = ASL_DEFINITION_BYTES_MAX;
    char *values = malloc(size + 16);
    ck_assert_ptr_nonnull(values);
    strcpy(values, "{\"A\":\"");
    memset(values + 6, 'x', size);
    strcpy(values + 6 + size, "\"}");
    loaded result =
        load_substituted(MACHINE("{\"Type\":\"Pass\",\"Comment\":\"${A}\",\"End\":true}"), values);
    ck_assert_int_eq(result.status, ASL_INVALID);
    ck_assert_ptr_nonnull(find_code(&result, "DEFINITION_TOO_LARGE"));
    unload(&result);
    free(values);
}
END_TEST

SUITE("definition/substitute", value_takes_the_place_of_its_name, keys_are_substituted_too,
      text_in_a_string_is_escaped, number_in_a_string_stays_text,
      outside_of_strings_the_text_is_written_as_it_stands, values_are_not_substituted_again,
      what_is_no_name_is_left_alone, nothing_is_substituted_unasked,
      name_without_value_is_warned_of_at_its_place,
      name_without_value_outside_of_a_string_is_no_json,
      problems_are_shown_in_the_text_that_was_given, problem_made_of_a_value_is_shown_at_its_name,
      values_of_other_kinds_are_misuse, text_that_grows_past_the_limit_is_refused)
