/* Why a text is no JSON: message and place, one error a case. */
#include <string.h>

#include "base/cleanup.h"
#include "suite.h"
#include "value/json_text.h"
#include "value/value.h"

#define TOKEN \
    "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

static const struct {
    const char *text;
    size_t offset;
    const char *message;
} cases[] = {
    {"", 0, "The text is empty: a JSON value was expected"},
    {" \n", 2, "The text is only white space: a JSON value was expected"},
    {"not json", 0, "Unrecognized token 'not': " TOKEN},
    {"[tru]", 1, "Unrecognized token 'tru': " TOKEN},
    {"nulll", 0, "Unrecognized token 'nulll': " TOKEN},
    {"{\"a\":NaN}", 5, "Unrecognized token 'NaN': " TOKEN},
    {"[1,]", 3, "A comma stands before the closing ']'"},
    {"{\"a\":1,}", 7, "A comma stands before the closing '}'"},
    {"[,1]", 1, "Unexpected character (',' (code 44)): a value was expected"},
    {"[1 2]", 3, "Unexpected character ('2' (code 50)): ',' or ']' was expected"},
    {"[1}", 2, "Unexpected character ('}' (code 125)): ',' or ']' was expected"},
    {"{\"a\":1]", 6, "Unexpected character (']' (code 93)): ',' or '}' was expected"},
    {"{\"a\" 1}", 5, "Unexpected character ('1' (code 49)): ':' after a key was expected"},
    {"{a:1}", 1, "Unexpected character ('a' (code 97)): a key in double quotes was expected"},
    {"{\"a\":1,2}", 7, "Unexpected character ('2' (code 50)): a key in double quotes was expected"},
    {"{} {}", 3,
     "Unexpected character ('{' (code 123)): the end of the text (it is one JSON value) was "
     "expected"},
    {"[", 1,
     "Unexpected end of the text: a value was expected in the array that begins at line 1, column "
     "1"},
    {"\n {\"a\":[1", 9,
     "Unexpected end of the text: ',' or ']' was expected in the array that begins at line 2, "
     "column 7"},
    {"{\"a\"", 4,
     "Unexpected end of the text: ':' after a key was expected in the object that begins at line "
     "1, column 1"},
    {"{\"a\":1,", 7,
     "Unexpected end of the text: a key in double quotes was expected in the object that begins at "
     "line 1, column 1"},
    {"\"abc", 4, "Unexpected end of the text: the closing '\"' of a string was expected"},
    {"\"a\\", 3, "Unexpected end of the text: an escape was expected"},
    {"\"a\\u00", 6, "Unexpected end of the text: a hexadecimal digit was expected"},
    {"\"a\\x\"", 3,
     "Unrecognized escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u was expected"},
    {"\"\\u00g0\"", 5, "A \\u escape has four hexadecimal digits"},
    {"\"a\nb\"", 2,
     "A line feed, carriage return or tab in a string is written as \\n, \\r or \\t"},
    {"01", 0, "Invalid numeric value: leading zeroes are not allowed"},
    {"-x", 1, "A digit was expected after '-'"},
    {"-", 1, "Unexpected end of the text: a digit was expected"},
    {"1.x", 2, "A digit was expected after the decimal point"},
    {"1e+", 3, "Unexpected end of the text: a digit was expected"},
    {"1e+x", 3, "A digit was expected in the exponent"},
    {"+1", 0, "Unrecognized token '+1': " TOKEN},
    {"/* x */ 1", 0, "Comments are not allowed in JSON"},
    {"['a']", 1, "Strings stand in double quotes in JSON"},
    {"\xEF\xBB\xBF{}", 0, "The text begins with a byte order mark, which is not allowed in JSON"},
};

START_TEST(every_error_has_its_message_and_place)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_value *value = NULL;
        asl_error *error = NULL;
        int status = asl_value_parse(NULL, cases[i].text, strlen(cases[i].text), 0, &value, &error);
        ck_assert_msg(status == ASL_SYNTAX, "%s", cases[i].text);
        ck_assert_str_eq(asl_error_message(error), cases[i].message);
        ck_assert_msg(asl_error_offset(error) == cases[i].offset, "%s: offset %zu", cases[i].text,
                      asl_error_offset(error));
        asl_error_free(error);
    }
}
END_TEST

START_TEST(line_and_column_are_of_the_error)
{
    asl_value *value = NULL;
    asl_error *error = NULL;
    const char *text = "{\n  \"caf\xC3\xA9\": tru\n}";
    ck_assert_int_eq(asl_value_parse(NULL, text, strlen(text), 0, &value, &error), ASL_SYNTAX);
    ck_assert_uint_eq(asl_error_line(error), 2);
    ck_assert_uint_eq(asl_error_column(error), 11);
    asl_error_free(error);
}
END_TEST

START_TEST(what_is_json_has_nothing_to_explain)
{
    static const char *const good[] = {"1",
                                       " {\"a\":[1,{},[],\"x\\n\"],\"b\":null} ",
                                       "[[[]]]",
                                       "-0.5e-7",
                                       "\"\\u00e9\\\"\"",
                                       "[true,false]"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        asl_cleanup(asl_buffer_done) asl_buffer message;
        asl_buffer_init(&message, NULL);
        size_t offset = 0;
        ck_assert_msg(!asl_json_explain(good[i], strlen(good[i]), &offset, &message), "%s",
                      good[i]);
    }
}
END_TEST

SUITE("value/explain", every_error_has_its_message_and_place, line_and_column_are_of_the_error,
      what_is_json_has_nothing_to_explain)
