#include "evaluate.h"

#include "fault_heap.h"

#define SENTENCE(text, field) \
    "The JSONata expression '" text "' specified for the field '" field "' "

static asl_arena arena;

static asl_expression *compile_with(const char *field, const char *text, unsigned flags)
{
    asl_expression *expression = NULL;
    asl_value *value = parse_value(NULL, text);
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(asl_expression_jsonata(&arena, field, value, flags, &expression, NULL, NULL),
                     ASL_OK);
    asl_value_unref(value);
    return expression;
}

static asl_expression *compile(const char *text)
{
    return compile_with("Output", text, 0);
}

static void becomes(const char *text, const char *input, const char *expected)
{
    asl_expression *expression = compile(text);
    check_result(expression, input, expected);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}

static void fails(const char *text, const char *input, const char *location, const char *cause)
{
    world w;
    asl_value *value = NULL;
    asl_failure failure = {.error = NULL};
    asl_expression *expression = compile(text);
    ck_assert(world_open(&w, NULL, input));
    ck_assert_int_eq(world_evaluate(&w, expression, &value, &failure), ASL_WORKFLOW_FAILED);
    ck_assert_ptr_null(value);
    ck_assert(failure.is_evaluation);
    ck_assert_str_eq(asl_value_get_string(failure.error, NULL), "States.QueryEvaluationError");
    ck_assert_str_eq(asl_value_get_string(failure.location, NULL), location);
    ck_assert_str_eq(asl_value_get_string(failure.cause, NULL), cause);
    asl_failure_done(&failure);
    world_close(&w);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}

START_TEST(a_string_is_an_expression_where_it_begins_and_ends_like_one)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {{"{%%}", true},    {"{% 1 %}", true},   {"{%1%}", true},
                 {"{%}", false},    {" {% 1 %}", false}, {"{% 1 %} ", false},
                 {"{% 1 }", false}, {"", false},         {"% 1 %}", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(asl_expression_is_jsonata(cases[i].text, strlen(cases[i].text)) ==
                          cases[i].is,
                      "%s", cases[i].text);
}
END_TEST

START_TEST(the_text_of_an_expression_has_no_blanks_at_its_ends)
{
    size_t size = 0;
    const char *text = asl_expression_jsonata_text("{%\t a + b \n%}", 13, &size);
    ck_assert_uint_eq(size, 5);
    ck_assert_int_eq(memcmp(text, "a + b", 5), 0);
    asl_expression_jsonata_text("{%   %}", 7, &size);
    ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(fields_without_expressions_are_constants)
{
    static const char *const texts[] = {"1", "\"$states.input\"", "{\"a.$\":\"$.x\",\"b\":[]}",
                                        "[\" {% 1 %} \"]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        asl_expression *expression = compile(texts[i]);
        ck_assert_int_eq(asl_expression_kind_of(expression), ASL_EXPRESSION_CONSTANT);
        check_result(expression, "{}", texts[i]);
        asl_expression_done(expression);
    }
    asl_arena_done(&arena);
}
END_TEST

START_TEST(a_whole_string_is_an_expression_of_its_own)
{
    asl_expression *expression = compile("\"{% $states.input %}\"");
    ck_assert_int_eq(asl_expression_kind_of(expression), ASL_EXPRESSION_JSONATA);
    ck_assert_str_eq(asl_expression_field(expression), "Output");
    check_result(expression, "{\"a\":1}", "{\"a\":1}");
    asl_expression_done(expression);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(templates_keep_their_order_and_their_keys)
{
    becomes("{\"z\":\"{% $states.input.a %}\",\"a\":[1,{\"y\":\"{% $v.n %}\",\"b\":\"x\"}],"
            "\"{% 1 %}\":{\"c\":null}}",
            "{\"a\":[true]}",
            "{\"z\":[true],\"a\":[1,{\"y\":[7,8],\"b\":\"x\"}],\"{% 1 %}\":{\"c\":null}}");
}
END_TEST

START_TEST(failures_say_which_expression_of_which_field)
{
    fails("\"{%  $none %}\"", "{}", "Output",
          SENTENCE("$none", "Output") "returned nothing "
                                      "(undefined).");
    fails("{\"a\":{\"b\":[\"x\",[\"{% 1 %}\",\"{% $none %}\"]]}}", "{}", "Output/a/b[1][1]",
          SENTENCE("$none", "Output/a/b[1][1]") "returned nothing (undefined).");
    fails("[{\"k\":\"{% $none() %}\"}]", "{}", "Output[0]/k",
          SENTENCE("$none()", "Output[0]/k") "threw an error during evaluation. T1006: Attempted "
                                             "to invoke a non-function");
}
END_TEST

START_TEST(a_value_of_the_wrong_kind_is_shown)
{
    static const struct {
        const char *value, *kind;
    } cases[] = {{"null", "null"},    {"true", "boolean"},       {"1.50", "number"},
                 {"\"s\"", "string"}, {"{\"a\":[1]}", "object"}, {"[]", "array"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[256];
        asl_failure failure = {.error = NULL};
        asl_expression *expression = compile_with("Items", "\"{% $v %}\"", 0);
        asl_value *value = parse_value(NULL, cases[i].value);
        ck_assert_int_eq(asl_expression_fail_kind(expression, NULL, "thing", value, &failure),
                         ASL_WORKFLOW_FAILED);
        snprintf(expected, sizeof expected,
                 SENTENCE("$v", "Items") "returned an unexpected result type. Expected 'thing', "
                                         "but was '%s' for value: %s",
                 cases[i].kind, cases[i].value);
        ck_assert_str_eq(asl_value_get_string(failure.cause, NULL), expected);
        ck_assert_str_eq(asl_value_get_string(failure.location, NULL), "Items");
        ck_assert(failure.is_evaluation);
        asl_failure_done(&failure);
        asl_value_unref(value);
        asl_expression_done(expression);
    }
    asl_arena_done(&arena);
}
END_TEST

START_TEST(the_context_is_asked_for_only_where_it_is_read)
{
    static const struct {
        const char *text;
        int count;
    } cases[] = {{"\"{% $states.input %}\"", 0},
                 {"\"{% $v %}\"", 0},
                 {"\"{% $states.context.State %}\"", 1},
                 {"\"{% $states %}\"", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w;
        asl_value *value = NULL;
        asl_failure failure = {.error = NULL};
        asl_expression *expression = compile(cases[i].text);
        ck_assert(world_open(&w, NULL, "{}"));
        ck_assert_int_eq(world_evaluate(&w, expression, &value, &failure), ASL_OK);
        ck_assert_int_eq(w.context_count, cases[i].count);
        asl_value_unref(value);
        world_close(&w);
        asl_expression_done(expression);
    }
    asl_arena_done(&arena);
}
END_TEST

/* With a result, or an error output, of 5. */
static void shows(const char *text, unsigned flags, const char *expected)
{
    world w;
    asl_value *value = NULL;
    asl_failure failure = {.error = NULL};
    char *printed = NULL;
    asl_expression *expression = compile_with("Output", text, flags);
    ck_assert(world_open(&w, NULL, "1"));
    asl_value *five = asl_value_integer(NULL, 5);
    asl_environment environment = {.heap = w.heap,
                                   .input = w.input,
                                   .owner = &w,
                                   .context = world_context,
                                   .variable = world_variable,
                                   .random = world_random,
                                   .payload_bytes = 262144};
    if (flags == ASL_JSONATA_RESULT)
        environment.result = five;
    else
        environment.error_output = five;
    ck_assert_int_eq(asl_expression_evaluate(expression, &environment, &value, &failure), ASL_OK);
    ck_assert_int_eq(asl_value_print(value, 0, &printed, NULL), ASL_OK);
    ck_assert_str_eq(printed, expected);
    asl_text_free(printed);
    asl_value_unref(value);
    asl_value_unref(five);
    world_close(&w);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}

START_TEST(states_has_what_there_is_in_the_service_s_order)
{
    shows("\"{% $states.result %}\"", ASL_JSONATA_RESULT, "5");
    shows("\"{% $states.errorOutput %}\"", ASL_JSONATA_ERROR_OUTPUT, "5");
    shows("\"{% $states %}\"", ASL_JSONATA_RESULT,
          "{\"input\":1,\"context\":{\"State\":{\"Name\":\"S\"}},\"result\":5}");
    shows("\"{% $states %}\"", ASL_JSONATA_ERROR_OUTPUT,
          "{\"input\":1,\"context\":{\"State\":{\"Name\":\"S\"}},\"errorOutput\":5}");
}
END_TEST

START_TEST(what_is_refused_is_pointed_at)
{
    asl_expression *expression = NULL;
    asl_error *error = NULL;
    const asl_value *at = NULL;
    char *printed = NULL;
    asl_value *value = parse_value(NULL, "{\"a\":1,\"b\":[\"{% $v %}\",\"{%  phone %}\"]}");
    ck_assert_int_eq(asl_expression_jsonata(&arena, "Output", value, 0, &expression, &at, &error),
                     ASL_UNSUPPORTED);
    ck_assert_str_eq(asl_error_message(error),
                     "Reference to 'phone' at the top level is not supported.");
    ck_assert_uint_eq(asl_error_offset(error), 5);
    ck_assert_int_eq(asl_value_print(at, 0, &printed, NULL), ASL_OK);
    ck_assert_str_eq(printed, "\"{%  phone %}\"");
    asl_text_free(printed);
    asl_error_free(error);
    asl_value_unref(value);
    value = parse_value(NULL, "\"{% %}\"");
    ck_assert_int_eq(asl_expression_jsonata(&arena, "Output", value, 0, &expression, NULL, NULL),
                     ASL_SYNTAX);
    asl_value_unref(value);
    asl_arena_done(&arena);
}
END_TEST

static void count_v(void *context, const char *name, size_t size)
{
    ck_assert(size == 1 && name[0] == 'v');
    ++*(int *)context;
}

START_TEST(variables_are_told_but_states)
{
    int count = 0;
    asl_expression *expression =
        compile("{\"a\":\"{% $v.n %}\",\"b\":[\"{% $states.input %}\",\"{% $v %}\"],\"c\":\"$v\"}");
    asl_expression_variables(expression, count_v, &count);
    ck_assert_int_eq(count, 2);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(functions_that_are_called_are_no_variables)
{
    int count = 0;
    asl_expression *expression =
        compile("\"{% $not($v) and ($v ~> $sum) = $substring(?, 1)($v) and $v ~> $sum() %}\"");
    asl_expression_variables(expression, count_v, &count);
    ck_assert_int_eq(count, 4);
    asl_expression_done(expression);
    asl_arena_done(&arena);
}
END_TEST

static int compile_and_evaluate(const asl_heap *heap)
{
    asl_arena own;
    world w;
    asl_expression *expression = NULL;
    asl_value *value = NULL;
    asl_failure failure = {.error = NULL};
    int status = ASL_NOMEM;
    asl_arena_init(&own, heap);
    asl_value *text = parse_value(heap, "{\"a\":\"{% $states.input.a %}\",\"b\":[\"{% $states %}\","
                                        "{\"c\":\"{% $none() %}\"}]}");
    if (world_open(&w, heap, "{\"a\":[1]}") && text != NULL)
        status = asl_expression_jsonata(&own, "Output", text, 0, &expression, NULL, NULL);
    if (status == ASL_OK)
        status = world_evaluate(&w, expression, &value, &failure);
    asl_value_unref(value);
    asl_failure_done(&failure);
    asl_expression_done(expression);
    asl_value_unref(text);
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

SUITE("expression/jsonata", a_string_is_an_expression_where_it_begins_and_ends_like_one,
      the_text_of_an_expression_has_no_blanks_at_its_ends, fields_without_expressions_are_constants,
      a_whole_string_is_an_expression_of_its_own, templates_keep_their_order_and_their_keys,
      failures_say_which_expression_of_which_field, a_value_of_the_wrong_kind_is_shown,
      the_context_is_asked_for_only_where_it_is_read,
      states_has_what_there_is_in_the_service_s_order, what_is_refused_is_pointed_at,
      variables_are_told_but_states, functions_that_are_called_are_no_variables,
      every_failing_allocation_is_reported)
