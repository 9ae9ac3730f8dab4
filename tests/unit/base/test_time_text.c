/* Time as text. */
#include "base/time_text.h"

#include <string.h>

#include "suite.h"

static void check_print(int64_t time_ms, const char *expected)
{
    char text[ASL_TIME_TEXT_SIZE];
    size_t size = asl_time_print(time_ms, text);
    ck_assert_str_eq(text, expected);
    ck_assert_uint_eq(size, strlen(expected));
}

START_TEST(times_print_with_milliseconds)
{
    check_print(0, "1970-01-01T00:00:00.000Z");
    check_print(-1, "1969-12-31T23:59:59.999Z");
    check_print(1795365713123, "2026-11-22T16:41:53.123Z");
    check_print(951782400000, "2000-02-29T00:00:00.000Z");
    check_print(-2203891200001, "1900-02-28T23:59:59.999Z");
    check_print(-2203891200000, "1900-03-01T00:00:00.000Z");
}
END_TEST

START_TEST(times_outside_four_digit_years_stop_at_the_ends)
{
    check_print(INT64_MIN, "0000-01-01T00:00:00.000Z");
    check_print(INT64_MAX, "9999-12-31T23:59:59.999Z");
    check_print(253402300799999, "9999-12-31T23:59:59.999Z");
    check_print(-62167219200000, "0000-01-01T00:00:00.000Z");
}
END_TEST

START_TEST(what_is_printed_parses_to_the_same_time)
{
    for (int64_t time_ms = -62167219200000; time_ms < 253402300799999; time_ms += 77777777777) {
        char text[ASL_TIME_TEXT_SIZE];
        int64_t seconds;
        int32_t nanoseconds;
        ck_assert(asl_time_parse(text, asl_time_print(time_ms, text), &seconds, &nanoseconds));
        ck_assert_int_eq(seconds * 1000 + nanoseconds / 1000000, time_ms);
    }
}
END_TEST

START_TEST(timestamps_with_fractions_and_offsets_parse)
{
    static const struct {
        const char *text;
        int64_t seconds;
        int32_t nanoseconds;
    } cases[] = {
        {"2016-03-14T01:59:00Z", 1457920740, 0},
        {"2016-03-14T01:59:00.1Z", 1457920740, 100000000},
        {"2016-03-14T01:59:00.123456789Z", 1457920740, 123456789},
        {"2016-03-14T01:59:00+01:00", 1457917140, 0},
        {"2016-03-14T01:59:00.5-00:30", 1457922540, 500000000},
        {"1970-01-01T00:00:00+18:00", -64800, 0},
        {"1970-01-01T00:00:00-18:00", 64800, 0},
        {"0000-01-01T00:00:00Z", -62167219200, 0},
        {"9999-12-31T23:59:59.999999999Z", 253402300799, 999999999},
        {"2000-02-29T00:00:00Z", 951782400, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t seconds;
        int32_t nanoseconds;
        ck_assert_msg(asl_time_parse(cases[i].text, strlen(cases[i].text), &seconds, &nanoseconds),
                      "%s", cases[i].text);
        ck_assert_int_eq(seconds, cases[i].seconds);
        ck_assert_int_eq(nanoseconds, cases[i].nanoseconds);
    }
}
END_TEST

START_TEST(what_is_no_offset_date_time_is_refused)
{
    static const char *const wrong[] = {
        "",
        "2016",
        "2016-12-05T21:29:29",
        "2016-12-05 21:29:29Z",
        "2016-12-05t21:29:29Z",
        "2016-12-05T21:29:29z",
        "2016-12-05T21:29Z",
        "2016-12-05T21:29:29.Z",
        "2016-12-05T21:29:29.1234567890Z",
        "2016-12-05T21:29:29Z ",
        " 2016-12-05T21:29:29Z",
        "2016-13-05T21:29:29Z",
        "2016-00-05T21:29:29Z",
        "2016-12-00T21:29:29Z",
        "2016-12-32T21:29:29Z",
        "2015-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2016-04-31T00:00:00Z",
        "2016-12-05T24:00:00Z",
        "2016-12-05T21:60:29Z",
        "2016-12-05T21:29:60Z",
        "2016-12-05T21:29:29+0100",
        "2016-12-05T21:29:29+01",
        "2016-12-05T21:29:29+18:01",
        "2016-12-05T21:29:29+01:60",
        "2016-12-05T21:29:29+19:00",
        "16-12-05T21:29:29Z",
        "+2016-12-05T21:29:29Z",
        "2016-1-05T21:29:29Z",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t seconds = 42;
        int32_t nanoseconds = 42;
        ck_assert_msg(!asl_time_parse(wrong[i], strlen(wrong[i]), &seconds, &nanoseconds), "%s",
                      wrong[i]);
        ck_assert_int_eq(seconds, 42);
    }
}
END_TEST

SUITE("base/time_text", times_print_with_milliseconds,
      times_outside_four_digit_years_stop_at_the_ends, what_is_printed_parses_to_the_same_time,
      timestamps_with_fractions_and_offsets_parse, what_is_no_offset_date_time_is_refused)
