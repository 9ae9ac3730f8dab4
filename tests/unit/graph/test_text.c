#include "graph/text.h"

#include <string.h>

#include "suite.h"

static asl_arena arena;

static void check_wrap(const char *text, int width, int count, const char *expected)
{
    asl_graph_fit fit = {10, width, count};
    asl_graph_lines lines = {0};
    asl_arena_init(&arena, NULL);
    ck_assert_int_eq(asl_graph_text_wrap(&arena, text, strlen(text), &fit, &lines), ASL_OK);
    if (expected == NULL) {
        ck_assert_ptr_null(lines.text);
        ck_assert_int_eq(lines.count, 0);
    } else {
        ck_assert_str_eq(lines.text, expected);
        int ends = 1;
        for (const char *c = lines.text; *c != '\0'; c++)
            ends += *c == '\n';
        ck_assert_int_eq(lines.count, ends);
        ck_assert_int_le(lines.width, width);
        ck_assert_int_gt(lines.width, 0);
    }
    asl_arena_done(&arena);
}

START_TEST(widths_are_those_of_the_letters)
{
    ck_assert_int_eq(asl_graph_text_width("", 0, 14), 0);
    ck_assert_int_eq(asl_graph_text_width("i", 1, 1000), 278);
    ck_assert_int_eq(asl_graph_text_width("W", 1, 1000), 989);
    ck_assert_int_eq(asl_graph_text_width("iW", 2, 10), 13);
    /* A wide character, a mark that takes no room, and a letter that no table has. */
    ck_assert_int_eq(asl_graph_text_width("\xE6\xBC\xA2", 3, 100), 105);
    ck_assert_int_eq(asl_graph_text_width("\xCC\x81", 2, 100), 0);
    ck_assert_int_eq(asl_graph_text_width("\xD0\x96", 2, 100), 85);
    ck_assert_int_eq(asl_graph_text_width("\xF0\x9F\x98\x80", 4, 100), 140);
}
END_TEST

START_TEST(lines_are_broken_where_words_end)
{
    check_wrap("short", 100, 3, "short");
    check_wrap("write the order down", 60, 3, "write the\norder down");
    check_wrap("WriteTheOrderDown", 60, 3, "WriteThe\nOrderDown");
    check_wrap("write_the_order", 60, 3, "write_the_\norder");
    check_wrap("States.TaskFailed", 60, 3, "States.Task\nFailed");
}
END_TEST

START_TEST(a_word_that_is_too_long_is_broken_anywhere)
{
    check_wrap("aaaaaaaaaaaaaaa", 62, 3, "aaaaaaaaaa\naaaaa");
    check_wrap("\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2", 25, 3,
               "\xE6\xBC\xA2\xE6\xBC\xA2\n\xE6\xBC\xA2");
}
END_TEST

START_TEST(what_has_no_line_is_an_ellipsis)
{
    check_wrap("aaaaaaaaaaaaaaa", 62, 1, "aaaaaaaa\xE2\x80\xA6");
    check_wrap("one two three four five", 45, 2, "one two\nthree f\xE2\x80\xA6");
}
END_TEST

START_TEST(blanks_and_controls_are_one_blank)
{
    check_wrap("  a \t\n b\x01\x7F ", 100, 3, "a b");
    check_wrap("a\xE2\x80\xAE"
               "b",
               100, 3, "a b"); /* what turns the direction of text */
    check_wrap(" \n ", 100, 3, NULL);
    check_wrap("", 100, 3, NULL);
}
END_TEST

START_TEST(a_mark_stays_with_its_letter)
{
    check_wrap("aaaaa\xCC\x81"
               "aaaaa",
               31, 3, "aaaaa\xCC\x81\naaaaa");
}
END_TEST

SUITE("graph/text", widths_are_those_of_the_letters, lines_are_broken_where_words_end,
      a_word_that_is_too_long_is_broken_anywhere, what_has_no_line_is_an_ellipsis,
      blanks_and_controls_are_one_blank, a_mark_stays_with_its_letter)
