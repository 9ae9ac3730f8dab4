#include "evaluate.h"

#include "fault_heap.h"

static asl_arena arena;

static asl_expression *compile(const char *text)
{
    asl_expression *expression = NULL;
    asl_value *value = parse_value(NULL, text);
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(asl_expression_template(&arena, "Parameters", value, &expression, NULL, NULL),
                     ASL_OK);
    asl_value_unref(value);
    return expression;
}

static void becomes(const char *text, const char *input, const char *expected)
{
    asl_expression *expression = compile(text);
    check_result(expression, input, expected);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}

static void refused(const char *text, const char *message, const char *place)
{
    asl_expression *expression = NULL;
    asl_error *error = NULL;
    const asl_value *at = NULL;
    char *printed = NULL;
    asl_value *value = parse_value(NULL, text);
    ck_assert_int_eq(asl_expression_template(&arena, "Parameters", value, &expression, &at, &error),
                     ASL_SYNTAX);
    ck_assert_str_eq(asl_error_message(error), message);
    ck_assert_int_eq(asl_value_print(at, 0, &printed, NULL), ASL_OK);
    ck_assert_str_eq(printed, place);
    asl_text_free(printed);
    asl_error_free(error);
    asl_value_unref(value);
    asl_arena_done(&arena);
}

START_TEST(template_without_expressions_is_a_constant)
{
    static const char *const texts[] = {"{}", "{\"a\":{\"b\":[1,{\"c\":2}]}}", "\"$.a\"",
                                        "[\"$.a\"]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        asl_expression *expression = compile(texts[i]);
        ck_assert_int_eq(asl_expression_kind_of(expression), ASL_EXPRESSION_CONSTANT);
        check_result(expression, "{}", texts[i]);
        asl_expression_done(expression);
    }
    asl_arena_done(&arena);
}
END_TEST

START_TEST(dynamic_members_lose_their_suffix)
{
    becomes("{\"a.$\":\"$.x\",\"b\":\"$.x\",\"c.$\":\"$v.n\",\"d.$\":\"$$.State\"}", "{\"x\":1}",
            "{\"b\":\"$.x\",\"a\":1,\"c\":[7,8],\"d\":{\"Name\":\"S\"}}");
}
END_TEST

START_TEST(nested_objects_and_arrays_are_walked)
{
    becomes("{\"z\":{\"y.$\":\"$.a\",\"x\":1},\"l\":[1,{\"m.$\":\"$.a\"},[{\"n.$\":\"$.a\"}]],"
            "\"k\":{}}",
            "{\"a\":\"A\"}",
            "{\"z\":{\"x\":1,\"y\":\"A\"},\"l\":[1,{\"m\":\"A\"},[{\"n\":\"A\"}]],\"k\":{}}");
}
END_TEST

START_TEST(untouched_parts_are_shared)
{
    world w;
    asl_value *first = NULL, *second = NULL;
    asl_failure failure = {0};
    asl_expression *expression = compile("{\"big\":{\"a\":[1,2,3]},\"b.$\":\"$\"}");
    ck_assert(world_open(&w, NULL, "{\"x\":1}"));
    ck_assert_int_eq(world_evaluate(&w, expression, &first, &failure), ASL_OK);
    ck_assert_int_eq(world_evaluate(&w, expression, &second, &failure), ASL_OK);
    ck_assert_ptr_eq(asl_value_get(first, "big"), asl_value_get(second, "big"));
    ck_assert_ptr_eq(asl_value_get(first, "b"), w.input);
    asl_value_unref(first);
    asl_value_unref(second);
    world_close(&w);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(missing_value_fails_with_the_fields_name)
{
    asl_expression *expression = compile("{\"a\":{\"b.$\":\"$.no\"}}");
    check_failure(expression, "{}", "States.Runtime",
                  "The JSONPath '$.no' specified for the field 'b.$' could not be found in the "
                  "input '{}'");
    asl_expression_done(expression);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(wrong_values_are_refused_with_their_place)
{
    refused("{\"a\":[{\"b.$\":[1]}]}",
            "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function "
            "call",
            "[1]");
    refused("{\"b.$\":\"x\"}",
            "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function "
            "call",
            "\"x\"");
    refused("{\"a\":1,\"a.$\":\"$.b\"}", "The fields 'a' and 'a.$' give the same name", "\"$.b\"");
}
END_TEST

START_TEST(depth_is_limited)
{
    char text[2048] = "";
    for (int i = 0; i < 256; i++)
        text[i] = '[';
    for (int i = 256; i < 512; i++)
        text[i] = ']';
    asl_value *value = parse_value(NULL, text);
    asl_expression *expression = NULL;
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(asl_expression_template(&arena, "Parameters", value, &expression, NULL, NULL),
                     ASL_OK);
    asl_expression_done(expression);
    asl_value *deeper = asl_value_array(NULL);
    ck_assert_int_eq(asl_value_append(&deeper, value), ASL_OK);
    ck_assert_int_eq(asl_expression_template(&arena, "Parameters", deeper, &expression, NULL, NULL),
                     ASL_SYNTAX);
    asl_value_unref(deeper);
    asl_arena_done(&arena);
}
END_TEST

static int compile_and_evaluate(const asl_heap *heap)
{
    world w;
    asl_arena own;
    asl_expression *expression = NULL;
    asl_value *value = NULL;
    asl_failure failure = {0};
    int status = ASL_NOMEM;
    asl_arena_init(&own, heap);
    asl_value *template_value =
        parse_value(heap, "{\"a.$\":\"$.x\",\"l\":[{\"b.$\":\"States.Array($.x, $v)\"},{\"c\":1}],"
                          "\"d.$\":\"$.no\"}");
    if (world_open(&w, heap, "{\"x\":{\"y\":1}}") && template_value != NULL)
        status =
            asl_expression_template(&own, "Parameters", template_value, &expression, NULL, NULL);
    if (status == ASL_OK)
        status = world_evaluate(&w, expression, &value, &failure);
    asl_value_unref(value);
    asl_failure_done(&failure);
    asl_expression_done(expression);
    asl_value_unref(template_value);
    world_close(&w);
    asl_arena_done(&own);
    return status;
}

START_TEST(every_failing_allocation_is_reported)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        int status = compile_and_evaluate(&heap.hook);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_WORKFLOW_FAILED);
    }
}
END_TEST

SUITE("expression/template", template_without_expressions_is_a_constant,
      dynamic_members_lose_their_suffix, nested_objects_and_arrays_are_walked,
      untouched_parts_are_shared, missing_value_fails_with_the_fields_name,
      wrong_values_are_refused_with_their_place, depth_is_limited,
      every_failing_allocation_is_reported)
