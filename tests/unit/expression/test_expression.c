#include "evaluate.h"

static asl_arena arena;

static asl_expression *path(const char *field, const char *text)
{
    asl_expression *expression = NULL;
    ck_assert_int_eq(asl_expression_path(&arena, field, text, strlen(text), 0, &expression, NULL),
                     ASL_OK);
    return expression;
}

static asl_expression *dynamic(const char *field, const char *text)
{
    asl_expression *expression = NULL;
    ck_assert_int_eq(asl_expression_dynamic(&arena, field, text, strlen(text), &expression, NULL),
                     ASL_OK);
    return expression;
}

static void result_is(asl_expression *expression, const char *input, const char *expected)
{
    check_result(expression, input, expected);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}

static void failure_is(asl_expression *expression, const char *input, const char *cause)
{
    check_failure(expression, input, "States.Runtime", cause);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}

START_TEST(constant_is_itself)
{
    asl_expression *expression = NULL;
    asl_value *value = parse_value(NULL, "{\"a.$\":\"$.b\"}");
    ck_assert_int_eq(asl_expression_constant(&arena, "Result", value, &expression), ASL_OK);
    ck_assert_int_eq(asl_expression_kind_of(expression), ASL_EXPRESSION_CONSTANT);
    ck_assert_ptr_null(asl_expression_get_path(expression));
    asl_value_unref(value);
    result_is(expression, "{}", "{\"a.$\":\"$.b\"}");
}
END_TEST

START_TEST(paths_have_three_roots)
{
    result_is(path("InputPath", "$.a[1]"), "{\"a\":[1,{\"b\":2}]}", "{\"b\":2}");
    result_is(path("InputPath", "$"), "[1, 2]", "[1,2]");
    result_is(path("InputPath", "$$.State.Name"), "{}", "\"S\"");
    result_is(path("InputPath", "$v.n[0]"), "{}", "7");
}
END_TEST

START_TEST(context_is_asked_only_when_needed)
{
    world w;
    asl_value *value = NULL;
    asl_failure failure = {0};
    asl_expression *expression = path("InputPath", "$.a");
    ck_assert(world_open(&w, NULL, "{\"a\":1}"));
    ck_assert_int_eq(world_evaluate(&w, expression, &value, &failure), ASL_OK);
    ck_assert_int_eq(w.context_count, 0);
    asl_value_unref(value);
    world_close(&w);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(path_that_finds_nothing_speaks_for_its_field)
{
    failure_is(path("InputPath", "$.no"), "{}",
               "Invalid path '$.no' : No results for path: $['no']");
    failure_is(path("OutputPath", "$.no.such"), "{}",
               "Invalid path '$.no.such' : Missing property in path $['no']");
    failure_is(path("TimeoutSecondsPath", "$.no"), "{}",
               "Invalid path '$.no' : No results for path: $['no']");
    failure_is(path("SecondsPath", "$.no"), "{}",
               "The SecondsPath parameter does not reference an input value: $.no");
    failure_is(path("TimestampPath", "$.no"), "{}",
               "The TimestampPath parameter does not reference an input value: $.no");
    failure_is(path("Variable", "$.no"), "{}",
               "Invalid path '$.no': The choice state's condition path references an invalid "
               "value.");
    failure_is(path("NumericLessThanPath", "$.no"), "{}",
               "Invalid path '$.no': The choice state's condition path references an invalid "
               "value.");
    failure_is(path("InputPath", "$w"), "{}",
               "Invalid path '$w' : The variable has not been assigned");
}
END_TEST

START_TEST(dynamic_field_that_finds_nothing_quotes_the_input)
{
    failure_is(dynamic("value.$", "$.x"), "{\"a\":\"%s\"}",
               "The JSONPath '$.x' specified for the field 'value.$' could not be found in the "
               "input '{\"a\":\"%s\"}'");
    failure_is(dynamic("ErrorPath", "$$.No"), "{}",
               "The JSONPath '$$.No' specified for the field 'ErrorPath' could not be found in "
               "the input '{}'");
}
END_TEST

START_TEST(index_past_the_end_is_null_in_dynamic_fields)
{
    result_is(dynamic("value.$", "$.a[5]"), "{\"a\":[1]}", "null");
    result_is(dynamic("value.$", "$.a[-5]"), "{\"a\":[1]}", "null");
    failure_is(path("InputPath", "$.a[5]"), "{\"a\":[1]}", NULL);
    failure_is(dynamic("value.$", "$.b[5]"), "{\"a\":[1]}", NULL);
    failure_is(dynamic("value.$", "$.a['b']"), "{\"a\":{}}", NULL);
}
END_TEST

START_TEST(indefinite_path_that_finds_nothing_is_an_empty_array)
{
    result_is(dynamic("value.$", "$.a[*]"), "{}", "[]");
    result_is(path("InputPath", "$.a[1:3].b"), "{}", "[]");
}
END_TEST

START_TEST(calls_are_evaluated)
{
    result_is(dynamic("value.$", "States.Array($.a, $$.State.Name, $v.n[1])"), "{\"a\":1}",
              "[1,\"S\",8]");
    ck_assert_int_eq(asl_expression_kind_of(dynamic("x.$", "States.UUID()")),
                     ASL_EXPRESSION_INTRINSIC);
}
END_TEST

START_TEST(call_whose_argument_is_missing_fails)
{
    failure_is(dynamic("value.$", "States.Array($.x)"), "{\"a\":1}",
               "The JsonPath argument for the field '$.x' could not be found in the input "
               "'{\"a\":1}'");
}
END_TEST

START_TEST(call_with_wrong_arguments_fails_as_intrinsic)
{
    asl_expression *expression = dynamic("value.$", "States.ArrayLength($.a)");
    check_failure(expression, "{\"a\":1}", "States.IntrinsicFailure", NULL);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(what_is_neither_path_nor_call_is_refused)
{
    static const char *const texts[] = {
        "", "x", " $.a", "States.", "states.UUID()", "States.Array(", "$."};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        asl_expression *expression = NULL;
        asl_error *error = NULL;
        ck_assert_msg(asl_expression_dynamic(&arena, "a.$", texts[i], strlen(texts[i]), &expression,
                                             &error) == ASL_SYNTAX,
                      "%s", texts[i]);
        ck_assert_ptr_null(expression);
        ck_assert_ptr_nonnull(error);
        asl_error_free(error);
    }
    asl_arena_done(&arena);
}
END_TEST

START_TEST(reference_paths_are_narrower)
{
    asl_expression *expression = NULL;
    ck_assert_int_eq(asl_expression_path(&arena, "SecondsPath", "$.a[*]", 6, ASL_PATH_REFERENCE,
                                         &expression, NULL),
                     ASL_SYNTAX);
    asl_arena_done(&arena);
}
END_TEST

static void count_variable(void *context, const char *name, size_t size)
{
    ck_assert_uint_eq(size, 1);
    ck_assert_int_eq(name[0], 'v');
    ++*(int *)context;
}

START_TEST(variables_are_visited)
{
    static const char *const texts[] = {"$v.a", "States.Array($v, States.ArrayLength($v.n), $.v)",
                                        "$.v"};
    static const int counts[] = {1, 2, 0};
    for (size_t i = 0; i < 3; i++) {
        int count = 0;
        asl_expression *expression = dynamic("a.$", texts[i]);
        asl_expression_variables(expression, count_variable, &count);
        ck_assert_int_eq(count, counts[i]);
        asl_expression_done(expression);
    }
    asl_arena_done(&arena);
}
END_TEST

START_TEST(failure_is_set_from_a_format)
{
    asl_failure failure = {0};
    ck_assert_int_eq(asl_failure_set(&failure, NULL, "E", "%s and %d", "a", 1),
                     ASL_WORKFLOW_FAILED);
    ck_assert_str_eq(asl_value_get_string(failure.error, NULL), "E");
    ck_assert_str_eq(asl_value_get_string(failure.cause, NULL), "a and 1");
    asl_failure_done(&failure);
    ck_assert_ptr_null(failure.error);
    asl_failure_done(&failure);
}
END_TEST

START_TEST(dynamic_fields_drop_white_space_and_selecting_paths_keep_it)
{
    static const char text[] = "[1,  {\"a\" : 2.0}]";
    world w;
    ck_assert(world_open(&w, NULL, "null"));
    asl_value_unref(w.input);
    ck_assert_int_eq(asl_value_parse(NULL, text, strlen(text), ASL_PARSE_KEEP_TEXT, &w.input, NULL),
                     ASL_OK);
    asl_expression *path = NULL;
    ck_assert_int_eq(asl_expression_path(&arena, "InputPath", "$", 1, 0, &path, NULL), ASL_OK);
    asl_expression *expressions[] = {path, dynamic("a.$", "$"),
                                     dynamic("a.$", "States.JsonToString($)")};
    static const char *const expected[] = {text, "[1,{\"a\":2.0}]", "\"[1,{\\\"a\\\":2.0}]\""};
    for (size_t i = 0; i < 3; i++) {
        asl_value *value = NULL;
        asl_failure failure = {0};
        char *printed = NULL;
        ck_assert_int_eq(world_evaluate(&w, expressions[i], &value, &failure), ASL_OK);
        ck_assert_int_eq(asl_value_print(value, 0, &printed, NULL), ASL_OK);
        ck_assert_str_eq(printed, expected[i]);
        asl_text_free(printed);
        asl_value_unref(value);
        asl_expression_done(expressions[i]);
    }
    world_close(&w);
    asl_arena_done(&arena);
}
END_TEST

SUITE("expression/expression", constant_is_itself, paths_have_three_roots,
      context_is_asked_only_when_needed, path_that_finds_nothing_speaks_for_its_field,
      dynamic_field_that_finds_nothing_quotes_the_input,
      index_past_the_end_is_null_in_dynamic_fields,
      indefinite_path_that_finds_nothing_is_an_empty_array, calls_are_evaluated,
      call_whose_argument_is_missing_fails, call_with_wrong_arguments_fails_as_intrinsic,
      what_is_neither_path_nor_call_is_refused, reference_paths_are_narrower, variables_are_visited,
      dynamic_fields_drop_white_space_and_selecting_paths_keep_it, failure_is_set_from_a_format)
