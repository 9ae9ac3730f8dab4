/* Limits of paths, intrinsic calls, bindings files and lists of diagnostics. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "definition/diagnostics.h"
#include "expression/expression.h"
#include "intrinsics/call.h"
#include "limit.h"
#include "path/layout.h"
#include "runtime/bindings.h"
#include "value/value.h"

static const asl_value *no_context(void *owner)
{
    (void)owner;
    return NULL;
}

static const asl_value *no_variable(void *owner, const char *name, size_t size)
{
    (void)owner;
    (void)name;
    (void)size;
    return NULL;
}

static uint64_t no_random(void *owner)
{
    (void)owner;
    return 0;
}

/* Compiles, and evaluates with the input where that can be done. */
static int evaluate(const char *text, const asl_value *input)
{
    asl_arena arena;
    asl_expression *expression = NULL;
    asl_value *value = NULL;
    asl_failure failure = {.error = NULL};
    asl_environment environment = {.input = input,
                                   .context = no_context,
                                   .variable = no_variable,
                                   .random = no_random,
                                   .payload_bytes = 262144};
    asl_arena_init(&arena, NULL);
    int status =
        asl_expression_dynamic(&arena, "Parameters", text, strlen(text), &expression, NULL);
    if (status == ASL_OK)
        status = asl_expression_evaluate(expression, &environment, &value, &failure);
    asl_value_unref(value);
    asl_failure_done(&failure);
    asl_expression_done(expression);
    asl_arena_done(&arena);
    return status;
}

static int evaluate_repeated(const char *head, const char *unit, size_t count, const char *tail)
{
    asl_cleanup(asl_value_cleanup) asl_value *input = asl_value_object(NULL);
    char *text = limit_text(head, unit, count, tail);
    int status = evaluate(text, input);
    free(text);
    return status;
}

static int nest_calls(size_t depth)
{
    char *head = limit_text("", "States.Array(", depth, "");
    int status = evaluate_repeated(head, ")", depth, "");
    free(head);
    return status;
}

START_TEST(calls_nest_to_their_limit)
{
    ck_assert_int_eq(nest_calls(ASL_INTRINSIC_DEPTH_MAX), ASL_OK);
    ck_assert_int_eq(nest_calls(ASL_INTRINSIC_DEPTH_MAX + 1), ASL_SYNTAX);
}
END_TEST

START_TEST(a_call_has_so_many_arguments)
{
    size_t count = ASL_INTRINSIC_ARGUMENTS_MAX;
    ck_assert_int_eq(evaluate_repeated("States.Array(1", ",1", count - 1, ")"), ASL_OK);
    ck_assert_int_eq(evaluate_repeated("States.Array(1", ",1", count, ")"), ASL_SYNTAX);
}
END_TEST

static int evaluate_range(unsigned count)
{
    char text[64];
    snprintf(text, sizeof text, "States.ArrayRange(1, %u, 1)", count);
    return evaluate_repeated(text, "", 0, "");
}

START_TEST(a_range_has_so_many_items)
{
    ck_assert_int_eq(evaluate_range(ASL_INTRINSIC_RANGE_MAX), ASL_OK);
    ck_assert_int_eq(evaluate_range(ASL_INTRINSIC_RANGE_MAX + 1), ASL_WORKFLOW_FAILED);
}
END_TEST

static int encode(size_t count)
{
    char *text = limit_text("", "x", count, "");
    asl_cleanup(asl_value_cleanup) asl_value *input = asl_value_string(NULL, text);
    free(text);
    return evaluate("States.Base64Encode($)", input);
}

START_TEST(a_text_to_encode_has_so_many_characters)
{
    ck_assert_int_eq(encode(ASL_INTRINSIC_TEXT_MAX), ASL_OK);
    ck_assert_int_eq(encode(ASL_INTRINSIC_TEXT_MAX + 1), ASL_WORKFLOW_FAILED);
}
END_TEST

static int compile_path(const char *head, const char *unit, size_t count, const char *tail)
{
    char *text = limit_text(head, unit, count, tail);
    asl_path *path = NULL;
    int status = asl_path_compile(NULL, text, strlen(text), 0, &path, NULL);
    asl_path_free(path);
    free(text);
    return status;
}

START_TEST(a_path_has_so_many_bytes)
{
    ck_assert_int_eq(compile_path("$.", "a", ASL_PATH_TEXT_MAX - 2, ""), ASL_OK);
    ck_assert_int_eq(compile_path("$.", "a", ASL_PATH_TEXT_MAX - 1, ""), ASL_TOO_LARGE);
}
END_TEST

/* The filter takes a level, its condition another, and the path in it a third. */
static int nest_filter(size_t depth)
{
    char *head = limit_text("$[?(", "(", depth - 3, "@.a==1");
    int status = compile_path(head, ")", depth - 3, ")]");
    free(head);
    return status;
}

START_TEST(a_filter_nests_to_its_limit)
{
    ck_assert_int_eq(nest_filter(ASL_PATH_NESTING_MAX), ASL_OK);
    ck_assert_int_eq(nest_filter(ASL_PATH_NESTING_MAX + 1), ASL_TOO_LARGE);
}
END_TEST

/* Evaluates {"NAME":"{% $none %}"} of "Output"; the location of its failure, in characters. */
static size_t locate(size_t name_size)
{
    asl_arena arena;
    asl_expression *expression = NULL;
    asl_value *value = asl_value_object(NULL), *result = NULL;
    asl_failure failure = {.error = NULL};
    asl_environment environment = {
        .context = no_context, .variable = no_variable, .random = no_random};
    char *name = limit_text("", "n", name_size, "");
    ck_assert_int_eq(asl_value_set(&value, name, asl_value_string(NULL, "{% $none %}")), ASL_OK);
    asl_arena_init(&arena, NULL);
    ck_assert_int_eq(asl_expression_jsonata(&arena, "Output", value, 0, &expression, NULL, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_expression_evaluate(expression, &environment, &result, &failure),
                     ASL_WORKFLOW_FAILED);
    size_t size = 0;
    asl_value_get_string(failure.location, &size);
    asl_failure_done(&failure);
    asl_expression_done(expression);
    asl_arena_done(&arena);
    asl_value_unref(value);
    free(name);
    return size;
}

START_TEST(a_location_is_cut_to_so_many_characters)
{
    size_t head = strlen("Output/");
    ck_assert_uint_eq(locate(1), head + 1);
    ck_assert_uint_eq(locate(ASL_LOCATION_CHARACTERS_MAX - head), ASL_LOCATION_CHARACTERS_MAX);
    ck_assert_uint_eq(locate(ASL_LOCATION_CHARACTERS_MAX - head + 1), ASL_LOCATION_CHARACTERS_MAX);
}
END_TEST

static int read_bindings(const char *text, size_t size)
{
    asl_bind_options options = {.size = sizeof options};
    asl_bindings bindings = {.items = NULL};
    int status = asl_bindings_read(NULL, text, size, &options, &bindings, NULL);
    if (status == ASL_OK)
        asl_bindings_done(&bindings);
    return status;
}

START_TEST(a_bindings_file_has_so_many_bytes)
{
    static const char whole[] = "{\"tasks\":{}}";
    char *text = limit_text(whole, " ", ASL_BINDINGS_BYTES_MAX - (sizeof whole - 1) + 1, "");
    ck_assert_int_eq(read_bindings(text, ASL_BINDINGS_BYTES_MAX), ASL_OK);
    ck_assert_int_eq(read_bindings(text, ASL_BINDINGS_BYTES_MAX + 1), ASL_TOO_LARGE);
    free(text);
}
END_TEST

static int read_so_many_bindings(unsigned count)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    asl_buffer_text(&text, "{\"tasks\":{");
    for (unsigned i = 0; i < count; i++)
        asl_buffer_format(&text, "%s\"r%u\":{\"mock\":{}}", i > 0 ? "," : "", i);
    asl_buffer_text(&text, "}}");
    int status = read_bindings(text.bytes, text.size);
    asl_buffer_done(&text);
    return status;
}

START_TEST(a_bindings_file_has_so_many_bindings)
{
    ck_assert_int_eq(read_so_many_bindings(ASL_BINDINGS_COUNT_MAX), ASL_OK);
    ck_assert_int_eq(read_so_many_bindings(ASL_BINDINGS_COUNT_MAX + 1), ASL_TOO_LARGE);
}
END_TEST

/* Three objects stand around the mock's arrays. */
static int nest_binding(size_t depth)
{
    char *head = limit_text("{\"tasks\":{\"r\":{\"mock\":", "[", depth - 3, "");
    char *text = limit_text(head, "]", depth - 3, "}}}");
    int status = read_bindings(text, strlen(text));
    free(head);
    free(text);
    return status;
}

START_TEST(a_bindings_file_nests_to_its_limit)
{
    ck_assert_int_ne(nest_binding(ASL_BINDINGS_DEPTH_MAX), ASL_TOO_LARGE);
    ck_assert_int_eq(nest_binding(ASL_BINDINGS_DEPTH_MAX + 1), ASL_TOO_LARGE);
}
END_TEST

/* No branch is an object. */
static void check_diagnostics(unsigned count, bool is_truncated)
{
    asl_buffer text;
    asl_definition *definition = NULL;
    asl_diagnostics *list = NULL;
    asl_buffer_init(&text, NULL);
    asl_buffer_text(&text, "{\"StartAt\":\"E\",\"States\":{\"E\":{\"Type\":\"Parallel\",\"End\":"
                           "true,\"Branches\":[");
    for (unsigned i = 0; i < count; i++)
        asl_buffer_text(&text, i > 0 ? ",1" : "1");
    asl_buffer_text(&text, "]}}}");
    ck_assert_int_eq(asl_definition_load(text.bytes, text.size, NULL, &definition, &list, NULL),
                     ASL_INVALID);
    ck_assert_uint_eq(asl_diagnostics_count(list), ASL_DIAGNOSTICS_MAX);
    ck_assert(asl_diagnostics_is_truncated(list) == is_truncated);
    asl_diagnostics_free(list);
    asl_buffer_done(&text);
}

START_TEST(a_list_holds_so_many_diagnostics)
{
    check_diagnostics(ASL_DIAGNOSTICS_MAX, false);
    check_diagnostics(ASL_DIAGNOSTICS_MAX + 1, true);
}
END_TEST

SUITE("limit/expressions", calls_nest_to_their_limit, a_call_has_so_many_arguments,
      a_range_has_so_many_items, a_text_to_encode_has_so_many_characters, a_path_has_so_many_bytes,
      a_filter_nests_to_its_limit, a_location_is_cut_to_so_many_characters,
      a_bindings_file_has_so_many_bytes, a_bindings_file_has_so_many_bindings,
      a_bindings_file_nests_to_its_limit, a_list_holds_so_many_diagnostics)
