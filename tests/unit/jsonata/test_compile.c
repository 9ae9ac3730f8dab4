/* Reading expressions: what is refused, with its code, token and place. */
#include "jsonata_case.h"

static void refused(const char *text, const char *expected, size_t offset)
{
    asl_jsonata *expression = NULL;
    asl_error *error = NULL;
    jsonata_outcome got = {.status = ASL_OK};
    got.status = asl_jsonata_compile(NULL, text, strlen(text), 0, &expression, &error);
    jsonata_note(&got, NULL, error);
    ck_assert_msg(got.status == ASL_SYNTAX && strcmp(got.text, expected) == 0,
                  "%s: %s instead of %s", text, got.text, expected);
    ck_assert_msg(got.offset == offset, "%s: at %zu", text, got.offset);
    asl_error_free(error);
}

START_TEST(what_is_no_expression_is_refused_with_code_token_and_place)
{
    refused("", "S0207 (end)", 0);
    refused("a.", "S0207 (end)", 2);
    refused("\"abc", "S0101", 4);
    refused("1e400", "S0102 1e400", 0);
    refused("\"\\q\"", "S0103 q", 2);
    refused("\"\\u12g4\"", "S0104", 2);
    refused("`abc", "S0105", 4);
    refused("1 /* x", "S0106", 2);
    refused("1 2", "S0201 2", 3);
    refused("[1,2", "S0203 (end)", 4);
    refused("(1;2]", "S0202 ]", 5);
    refused("a ! b", "S0204 !", 3);
    refused("? 1", "S0211 ?", 1);
    refused("function(a){1}", "S0208 a", 10);
    refused("a{b:c}{d:e}", "S0210", 7);
    refused("a:=1", "S0212 a", 1);
    refused("a.1", "S0213", 3);
    refused("a@b", "S0214 @", 3);
    refused("a[0]@$b", "S0215", 5);
    refused("a^(b)@$c", "S0216", 6);
    refused("%.a", "S0217 path", 1);
    refused("$x.%", "S0217 variable", 2);
    refused("//", "S0301", 1);
    refused("/abc", "S0302", 4);
    refused("function($a)<n<s>>{1}", "S0401", 15);
    refused("function($a)<(sa<n>)>{1}", "S0402", 14);
}
END_TEST

START_TEST(a_regular_expression_that_javascript_refuses_is_refused)
{
    jsonata_outcome got = jsonata_try("/(/", NULL, 0, NULL);
    ck_assert_int_eq(got.status, ASL_SYNTAX);
    got = jsonata_try("/a/ii", NULL, 0, NULL);
    ck_assert_int_eq(got.status, ASL_SYNTAX);
}
END_TEST

START_TEST(a_text_that_is_not_utf8_is_refused)
{
    asl_jsonata *expression = NULL;
    ck_assert_int_eq(asl_jsonata_compile(NULL, "'\xff'", 3, 0, &expression, NULL), ASL_SYNTAX);
    ck_assert_ptr_null(expression);
}
END_TEST

START_TEST(names_may_be_keywords_quoted_or_of_any_letters)
{
    jsonata_gives("and", "{'and':1}", "1");
    jsonata_gives("or.in", "{'or':{'in':2}}", "2");
    jsonata_gives("`a b`", "{'a b':3}", "3");
    jsonata_gives("größe", "{'größe':4}", "4");
    jsonata_gives("a.'b c'", "{'a':{'b c':5}}", "5");
}
END_TEST

START_TEST(strings_have_the_escapes_of_json)
{
    jsonata_gives("'\\u00e9\\n\\t\\\\'", NULL, "'\xc3\xa9\\n\\t\\\\'");
    jsonata_gives("'\\ud83d\\ude00'", NULL, "'\xf0\x9f\x98\x80'");
    jsonata_gives("'\\ud83d' & '\\ude00'", NULL, "'\xf0\x9f\x98\x80'");
    jsonata_gives("'a\\ud83db'", NULL,
                  "'a\xef\xbf\xbd"
                  "b'");
}
END_TEST

START_TEST(comments_are_space)
{
    jsonata_gives("/* one */ 1 /* two */ + /**/ 2", NULL, "3");
}
END_TEST

SUITE("jsonata/compile", what_is_no_expression_is_refused_with_code_token_and_place,
      a_regular_expression_that_javascript_refuses_is_refused, a_text_that_is_not_utf8_is_refused,
      names_may_be_keywords_quoted_or_of_any_letters, strings_have_the_escapes_of_json,
      comments_are_space)
