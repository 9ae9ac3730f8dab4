#include "load.h"

#define MINIMAL "{'StartAt':'A','States':{'A':{'Type':'Pass','End':true}}}"

START_TEST(minimal_machine_loads)
{
    loaded result = load(MINIMAL);
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    ck_assert_uint_eq(asl_definition_state_count(result.definition), 1);
    ck_assert_str_eq(asl_definition_state_name(result.definition, 0), "A");
    ck_assert_str_eq(asl_definition_state_type(result.definition, 0), "Pass");
    ck_assert_ptr_null(asl_definition_state_resource(result.definition, 0));
    ck_assert_ptr_null(asl_definition_state_name(result.definition, 1));
    ck_assert_ptr_null(asl_definition_state_type(result.definition, 1));
    size_t size = 0;
    ck_assert_str_eq(asl_definition_text(result.definition, &size), result.text);
    ck_assert_uint_eq(size, strlen(result.text));
    unload(&result);
}
END_TEST

START_TEST(definition_lives_until_the_last_reference)
{
    loaded result = load(MINIMAL);
    asl_definition *second = asl_definition_ref(result.definition);
    unload(&result);
    ck_assert_str_eq(asl_definition_state_name(second, 0), "A");
    asl_definition_unref(second);
    ck_assert_ptr_null(asl_definition_ref(NULL));
    asl_definition_unref(NULL);
    asl_diagnostics_free(NULL);
    ck_assert_uint_eq(asl_diagnostics_count(NULL), 0);
}
END_TEST

START_TEST(word_that_is_no_json_is_named_as_aws_does)
{
    loaded result = load("not a definition");
    ck_assert_int_eq(result.status, ASL_INVALID);
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(only->code, "INVALID_JSON_DESCRIPTION");
    ck_assert_str_eq(only->location, "[Source: (String)\"not a definition\"; line: 1, column: 4]");
    ck_assert_uint_eq(only->line, 1);
    ck_assert_uint_eq(only->column, 1);
    ck_assert_uint_eq(only->end_column, 4);
    unload(&result);
}
END_TEST

START_TEST(broken_json_is_placed)
{
    loaded result = load("{'StartAt':\n  'A',}");
    ck_assert_int_eq(result.status, ASL_INVALID);
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(only->code, "INVALID_JSON_DESCRIPTION");
    ck_assert_uint_eq(only->line, 2);
    unload(&result);
}
END_TEST

START_TEST(what_is_no_object_is_refused)
{
    check_only(load(" "), "SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object",
               NULL);
    check_only(load("[]"), "SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object",
               NULL);
    check_only(load(""), "SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object",
               NULL);
}
END_TEST

START_TEST(missing_fields_are_listed_together)
{
    check_only(load("{}"), "SCHEMA_VALIDATION_FAILED",
               "These fields are required: [States, StartAt]", "/");
    check_only(load("{'Comment':'x','StartAt':'A'}"), "SCHEMA_VALIDATION_FAILED",
               "These fields are required: [States]", "/");
}
END_TEST

START_TEST(all_problems_are_reported_in_document_order)
{
    loaded result = load("{'StartAt':'A','Typo':1,'States':{'A':{'Type':'Pass','End':true,"
                         "'Nxt':'B'},'B':{'Type':'Wait','Seconds':-1,'Next':'C'}}}");
    static const char *const locations[] = {"/", "/States/A", "/States/B/Seconds", "/States/B/Next",
                                            "/States/B"};
    ck_assert_int_eq(result.status, ASL_INVALID);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, i)->location, locations[i]);
    unload(&result);
}
END_TEST

START_TEST(places_are_lines_columns_and_pointers)
{
    loaded result = load("{'StartAt':'A',\n'States':{'A':{'Type':'Pass','End':true},\n"
                         "   'é/~':{'Type':'Wait',\n\t'Seconds':-1,'End':true}}}");
    const asl_diagnostic *first = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(first->pointer, "/States/é~1~0/Seconds");
    ck_assert_str_eq(first->location, "/States/é/~/Seconds");
    ck_assert_uint_eq(first->line, 4);
    ck_assert_uint_eq(first->column, 12);
    ck_assert_uint_eq(first->end_line, 4);
    ck_assert_uint_eq(first->end_column, 14);
    ck_assert_uint_eq(first->length, 2);
    ck_assert_mem_eq(result.text + first->offset, "-1", 2);
    const asl_diagnostic *second = asl_diagnostics_at(result.diagnostics, 1);
    ck_assert_str_eq(second->code, "MISSING_TRANSITION_TARGET");
    ck_assert_uint_eq(second->line, 3);
    ck_assert_uint_eq(second->column, 4);
    ck_assert_uint_eq(second->end_column, 9);
    unload(&result);
}
END_TEST

START_TEST(thousands_of_problems_end_at_the_limit)
{
    size_t room = 200000, size = 0;
    char *text = malloc(room);
    size +=
        (size_t)snprintf(text, room, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"");
    for (int i = 0; i < 5000; i++)
        size += (size_t)snprintf(text + size, room - size, ",\"x%d\":%d", i, i);
    size += (size_t)snprintf(text + size, room - size, "}}}");
    asl_diagnostics *list = NULL;
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(text, size, NULL, &definition, &list, NULL), ASL_INVALID);
    ck_assert_uint_eq(asl_diagnostics_count(list), 1000);
    asl_diagnostics_free(list);
    free(text);
}
END_TEST

START_TEST(document_that_is_too_deep_is_refused)
{
    char text[1024];
    size_t size = (size_t)snprintf(text, sizeof text, "{\"Comment\":");
    memset(text + size, '[', 150);
    memset(text + size + 150, ']', 150);
    text[size + 300] = '}';
    asl_diagnostics *list = NULL;
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(text, size + 301, NULL, &definition, &list, NULL),
                     ASL_INVALID);
    ck_assert_str_eq(asl_diagnostics_at(list, 0)->code, "TOO_DEEPLY_NESTED");
    asl_diagnostics_free(list);
}
END_TEST

START_TEST(document_that_is_too_long_is_refused)
{
    size_t size = 1048577;
    char *text = malloc(size);
    memset(text, ' ', size);
    asl_diagnostics *list = NULL;
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(text, size, NULL, &definition, &list, NULL), ASL_INVALID);
    ck_assert_str_eq(asl_diagnostics_at(list, 0)->code, "DEFINITION_TOO_LARGE");
    asl_diagnostics_free(list);
    free(text);
}
END_TEST

START_TEST(strict_makes_warnings_errors)
{
    static const char text[] = "{'StartAt':'A','StartAt':'A','States':{'A':{'Type':'Succeed'}}}";
    loaded lenient = load(text);
    ck_assert_int_eq(lenient.status, ASL_OK);
    ck_assert_ptr_nonnull(find_code(&lenient, "DUPLICATE_KEY"));
    unload(&lenient);
    loaded strict = load_with(text, ASL_DEFINITION_STRICT);
    ck_assert_int_eq(strict.status, ASL_INVALID);
    ck_assert_ptr_null(strict.definition);
    unload(&strict);
}
END_TEST

START_TEST(options_of_an_older_caller_are_filled_up)
{
    asl_definition_options options = {.size = sizeof options.size};
    asl_definition *definition = NULL;
    static const char text[] = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}";
    ck_assert_int_eq(asl_definition_load(text, sizeof text - 1, &options, &definition, NULL, NULL),
                     ASL_OK);
    asl_definition_unref(definition);
}
END_TEST

START_TEST(error_names_the_first_problem)
{
    asl_definition *definition = NULL;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_definition_load("{}", 2, NULL, &definition, NULL, &error), ASL_INVALID);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "[States, StartAt]"));
    asl_error_free(error);
}
END_TEST

SUITE("definition/definition", minimal_machine_loads, definition_lives_until_the_last_reference,
      word_that_is_no_json_is_named_as_aws_does, broken_json_is_placed,
      what_is_no_object_is_refused, missing_fields_are_listed_together,
      all_problems_are_reported_in_document_order, places_are_lines_columns_and_pointers,
      thousands_of_problems_end_at_the_limit, document_that_is_too_deep_is_refused,
      document_that_is_too_long_is_refused, strict_makes_warnings_errors,
      options_of_an_older_caller_are_filled_up, error_names_the_first_problem)
