/* What is a call, and what is refused where. */
#include "intrinsic_case.h"

static void refused(const char *text, int status, size_t offset, const char *message)
{
    asl_intrinsic *compiled = NULL;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_intrinsic_compile(NULL, text, strlen(text), &compiled, &error), status);
    ck_assert_ptr_null(compiled);
    ck_assert_msg(strstr(asl_error_message(error), message) != NULL, "%s: %s", text,
                  asl_error_message(error));
    ck_assert_msg(asl_error_offset(error) == offset, "%s: at %zu", text, asl_error_offset(error));
    asl_error_free(error);
}

START_TEST(what_is_no_call_is_refused_where_it_goes_wrong)
{
    refused("", ASL_SYNTAX, 0, "begins with");
    refused("Format('a')", ASL_SYNTAX, 0, "begins with");
    refused("States.Nothing()", ASL_SYNTAX, 7, "no intrinsic function");
    refused("States.Array", ASL_SYNTAX, 12, "'(' is missing");
    refused("States.Array(1", ASL_SYNTAX, 14, "')' is missing");
    refused("States.Array(1) x", ASL_SYNTAX, 16, "follows the closing parenthesis");
    refused("States.Array('a", ASL_SYNTAX, 15, "without closing quote");
    refused("States.Array('a\\n')", ASL_SYNTAX, 15, "are escapes");
    refused("States.Array(\"a\")", ASL_SYNTAX, 13, "an argument is");
    refused("States.Array(1,)", ASL_SYNTAX, 15, "an argument is");
    refused("States.UUID(1)", ASL_SYNTAX, 7, "takes 0 arguments, not 1");
    refused("States.Hash('a')", ASL_SYNTAX, 7, "takes 2 arguments, not 1");
    refused("States.Format()", ASL_SYNTAX, 7, "takes 1 or more argument, not 0");
    refused("States.Array('\xff')", ASL_SYNTAX, 0, "not UTF-8");
}
END_TEST

/* States.Array(States.Array(...)), so deep. */
static int compile_nested(unsigned depth)
{
    char text[1024] = "";
    for (unsigned i = 0; i < depth; i++)
        strcat(text, "States.Array(");
    for (unsigned i = 0; i < depth; i++)
        strcat(text, ")");
    asl_intrinsic *compiled = NULL;
    int status = asl_intrinsic_compile(NULL, text, strlen(text), &compiled, NULL);
    asl_intrinsic_free(compiled);
    return status;
}

START_TEST(calls_nest_ten_deep)
{
    ck_assert_int_eq(compile_nested(10), ASL_OK);
    ck_assert_int_eq(compile_nested(11), ASL_TOO_LARGE);
}
END_TEST

static void count_path(void *context, const asl_path *path)
{
    size_t size;
    ck_assert_ptr_nonnull(asl_path_text(path, &size));
    ++*(size_t *)context;
}

START_TEST(all_paths_are_visited)
{
    static const char text[] =
        "States.Array($.a, States.Format('{}', $$.b), $c[?(@.x == 'a,)')], 'no $.path')";
    asl_intrinsic *compiled = NULL;
    size_t count = 0;
    ck_assert_int_eq(asl_intrinsic_compile(NULL, text, strlen(text), &compiled, NULL), ASL_OK);
    ck_assert_str_eq(asl_intrinsic_name(compiled), "Array");
    asl_intrinsic_paths(compiled, count_path, &count);
    ck_assert_uint_eq(count, 3);
    asl_intrinsic_free(compiled);
}
END_TEST

SUITE("intrinsics/compile", what_is_no_call_is_refused_where_it_goes_wrong, calls_nest_ten_deep,
      all_paths_are_visited)
