#include "runtime/names.h"

#include <string.h>

#include "suite.h"

START_TEST(names_have_one_to_eighty_characters)
{
    char name[400];
    ck_assert_ptr_nonnull(asl_name_problem(""));
    ck_assert_ptr_null(asl_name_problem("a"));
    memset(name, 'x', 81);
    name[80] = '\0';
    ck_assert_ptr_null(asl_name_problem(name));
    strcpy(name + 80, "x");
    ck_assert_ptr_nonnull(asl_name_problem(name));
}
END_TEST

START_TEST(characters_are_counted_not_bytes)
{
    char name[400] = "";
    for (int i = 0; i < 80; i++)
        strcat(name, "\xC3\xA4");
    ck_assert_ptr_null(asl_name_problem(name));
    strcat(name, "\xC3\xA4");
    ck_assert_ptr_nonnull(asl_name_problem(name));
}
END_TEST

START_TEST(forbidden_characters_are_refused)
{
    static const char *const bad[] = {
        "a b",      "a\tb",         "a<",       "a>",           "a{",           "a}",
        "a[",       "a]",           "a?",       "a*",           "a\"",          "a#",
        "a%",       "a\\",          "a^",       "a|",           "a~",           "a`",
        "a$",       "a&",           "a,",       "a;",           "a:",           "a/",
        "\x7F",     "\x01",         "\xC2\x85", "\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF",
        "\xC2\xA0", "\xE3\x80\x80", "\xFF",     "\xED\xA0\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(asl_name_problem(bad[i]) != NULL, "'%s' was accepted", bad[i]);
    static const char *const good[] = {"order-7", "a_b.c", "(x)",
                                       "a+b=c",   "a!'@",  "\xF0\x9F\x8D\x95"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(asl_name_problem(good[i]) == NULL, "'%s' was refused", good[i]);
}
END_TEST

SUITE("runtime/names", names_have_one_to_eighty_characters, characters_are_counted_not_bytes,
      forbidden_characters_are_refused)
