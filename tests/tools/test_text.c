/* What tools print of texts that came from users. */
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "support/support.h"

static void escapes_to(const char *text, size_t size, const char *expected)
{
    char *escaped = tool_escape(text, size, false);
    ck_assert_ptr_nonnull(escaped);
    ck_assert_str_eq(escaped, expected);
    free(escaped);
}

START_TEST(what_could_drive_a_terminal_is_escaped)
{
    escapes_to("a\x1b[31mb", 7, "a\\x1b[31mb");
    escapes_to("a\0b\x7f\r\n", 6, "a\\x00b\\x7f\\x0d\\x0a");
    escapes_to("\xc2\x9b"
               "31m",
               5, "\\u{9b}31m");
    escapes_to("\xe2\x80\xae"
               "abc",
               6, "\\u{202e}abc");
    escapes_to("\xff\xc3", 2, "\\xff\\xc3");
}
END_TEST

START_TEST(text_is_left_as_it_is)
{
    const char *text = "Pizza f\xc3\xbcr \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x8d\x95 \\ \"";
    escapes_to(text, strlen(text), text);
}
END_TEST

START_TEST(line_feeds_are_kept_where_asked)
{
    char *escaped = tool_escape("a\nb\t", 4, true);
    ck_assert_str_eq(escaped, "a\nb\\x09");
    free(escaped);
}
END_TEST

START_TEST(width_counts_columns)
{
    ck_assert_uint_eq(tool_width("abc", 3), 3);
    ck_assert_uint_eq(tool_width("\xc3\xbc", 2), 1);
    ck_assert_uint_eq(tool_width("\xe6\x97\xa5", 3), 2);
    ck_assert_uint_eq(tool_width("\xf0\x9f\x8d\x95", 4), 2);
    ck_assert_uint_eq(tool_width("e\xcc\x81", 3), 1);
}
END_TEST

START_TEST(fit_never_cuts_a_character)
{
    ck_assert_uint_eq(tool_fit("\xe6\x97\xa5\xe6\x9c\xac", 6, 3), 3);
    ck_assert_uint_eq(tool_fit("abc", 3, 2), 2);
    ck_assert_uint_eq(tool_fit("abc", 3, 9), 3);
}
END_TEST

static void stem_is(const char *path, const char *expected)
{
    char *stem = tool_stem(path);
    ck_assert_str_eq(stem, expected);
    free(stem);
}

START_TEST(stem_is_the_name_without_endings)
{
    stem_is("definitions/order.asl.json", "order");
    stem_is("order.json", "order");
    stem_is("/a.b/order.asl", "order");
    stem_is("order.v2.asl.json", "order.v2");
    stem_is(".json", ".json");
    stem_is("plain", "plain");
}
END_TEST

START_TEST(durations_read_well)
{
    char text[TOOL_TIME_SIZE];
    ck_assert_str_eq(tool_duration_text(450, text), "450 ms");
    ck_assert_str_eq(tool_duration_text(30125, text), "30.1 s");
    ck_assert_str_eq(tool_duration_text(125000, text), "2 min 5 s");
    ck_assert_str_eq(tool_duration_text(7260000, text), "2 h 1 min");
    ck_assert_str_eq(tool_duration_text(90000000, text), "1 d 1 h");
}
END_TEST

START_TEST(times_are_iso_in_utc)
{
    char text[TOOL_TIME_SIZE];
    ck_assert_str_eq(tool_time_text(INT64_C(1767268800125), text), "2026-01-01T12:00:00.125Z");
    ck_assert_str_eq(tool_time_text(-1, text), "1969-12-31T23:59:59.999Z");
}
END_TEST

SUITE("tools/text", what_could_drive_a_terminal_is_escaped, text_is_left_as_it_is,
      line_feeds_are_kept_where_asked, width_counts_columns, fit_never_cuts_a_character,
      stem_is_the_name_without_endings, durations_read_well, times_are_iso_in_utc)
