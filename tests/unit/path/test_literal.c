/* Literals in filters: backslashes, and JSON as leniently as Jayway reads it. */
#include "path/layout.h"
#include "path_case.h"

static void reads(const char *text, const char *expected)
{
    asl_value *value = NULL;
    char *printed = NULL;
    ck_assert_msg(asl_literal_parse(NULL, text, strlen(text), &value) == ASL_OK, "%s", text);
    ck_assert_int_eq(asl_value_print(value, 0, &printed, NULL), ASL_OK);
    ck_assert_str_eq(printed, expected);
    asl_text_free(printed);
    asl_value_unref(value);
}

START_TEST(lenient_json_is_read)
{
    reads("[1, 'a', \"b\", bare word, true, null]", "[1,\"a\",\"b\",\"bare word\",true,null]");
    reads("{a: 1, 'b': [], \"c\": {}}", "{\"a\":1,\"b\":[],\"c\":{}}");
    reads("[,1,,2,]", "[1,2]");
    reads(" [ 007 , .5 , -1e3 ] ", "[7,0.5,-1e3]");
    reads("'it\\'s'", "\"it's\"");
    reads("[\"\\uD83D\"]", "[\"\xEF\xBF\xBD\"]");
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
    static const char *const bad[] = {"",   "[",    "[1",          "{a}", "{a:}",
                                      "'a", "[1]]", "\"\\u12x4\"", "}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        asl_value *value = NULL;
        ck_assert_msg(asl_literal_parse(NULL, bad[i], strlen(bad[i]), &value) == ASL_SYNTAX, "%s",
                      bad[i]);
        ck_assert_ptr_null(value);
    }
}
END_TEST

START_TEST(literals_nest_to_a_limit)
{
    char text[4096];
    memset(text, '[', sizeof text);
    asl_value *value = NULL;
    ck_assert_int_eq(asl_literal_parse(NULL, text, sizeof text, &value), ASL_TOO_LARGE);
}
END_TEST

START_TEST(backslashes_are_taken_out)
{
    char out[32];
    size_t size = asl_literal_unescape("\\n\\'\\x\\u00e4\\uD83D\\uDE00\\", 25, out);
    ck_assert_uint_eq(size, 10);
    ck_assert_int_eq(memcmp(out, "\n'x\xC3\xA4\xF0\x9F\x98\x80\\", size), 0);
    ck_assert_uint_eq(asl_literal_unescape("a\\u12", 5, out), 1);
    ck_assert_uint_eq(asl_literal_unescape("a\\u12g4", 7, out), SIZE_MAX);
}
END_TEST

SUITE("path/literal", lenient_json_is_read, what_is_no_json_is_refused, literals_nest_to_a_limit,
      backslashes_are_taken_out)
