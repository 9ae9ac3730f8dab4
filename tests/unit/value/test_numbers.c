/* Numbers: text kept, exact integers, one order. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value_layout.h"

START_TEST(what_is_parsed_prints_with_the_same_digits)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0.0",
                                        "-0.0",
                                        "1E5",
                                        "1e+5",
                                        "1e-5",
                                        "0.10",
                                        "1.0",
                                        "100",
                                        "12.50",
                                        "1e400",
                                        "1023",
                                        "1024",
                                        "-128",
                                        "-129",
                                        "1.5E300",
                                        "5e-324",
                                        "1e-400",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "-9223372036854775809",
                                        "123456789012345678901234567890",
                                        "0.30000000000000004",
                                        "2.2250738585072011e-308"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        asl_value *value = asl_value_number_text(NULL, texts[i], strlen(texts[i]));
        json_check(value, texts[i]);
        ck_assert_uint_eq(asl_value_text_size(value), strlen(texts[i]));
        asl_value_unref(value);
    }
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    static const char *const texts[] = {"",     "-",   "+1",       ".5",  "1.", "01", "-01",
                                        "1e",   "1e+", "1.e5",     "0x1", "1 ", " 1", "NaN",
                                        "1e5.", "--1", "Infinity", "1,5", "1a"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_msg(asl_value_number_text(NULL, texts[i], strlen(texts[i])) == NULL, "%s",
                      texts[i]);
}
END_TEST

START_TEST(number_text_is_limited_at_1000_bytes)
{
    char text[ASL_NUMBER_TEXT_MAX + 1];
    memset(text, '7', sizeof text);
    asl_value *value = asl_value_number_text(NULL, text, ASL_NUMBER_TEXT_MAX);
    ck_assert_ptr_nonnull(value);
    double number;
    ck_assert(asl_value_get_double(value, &number));
    ck_assert(isinf(number));
    asl_value_unref(value);
    ck_assert_ptr_null(asl_value_number_text(NULL, text, ASL_NUMBER_TEXT_MAX + 1));
}
END_TEST

START_TEST(integers_are_exact_in_any_spelling)
{
    static const struct {
        const char *text;
        bool is_integer;
        int64_t integer;
    } cases[] = {
        {"5", true, 5},
        {"1E5", true, 100000},
        {"1.5e1", true, 15},
        {"12.0", true, 12},
        {"-0", true, 0},
        {"0e99999", true, 0},
        {"0.00", true, 0},
        {"1200e-2", true, 12},
        {"9223372036854775807.0", true, INT64_MAX},
        {"-9223372036854775808.000", true, INT64_MIN},
        {"9.223372036854775807e18", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"1e19", false, 0},
        {"0.5", false, 0},
        {"1205e-2", false, 0},
        {"1e-1", false, 0},
        {"1e400", false, 0},
        {"9007199254740993.0", true, 9007199254740993},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_value *value = json_parse(cases[i].text);
        int64_t integer = 0;
        ck_assert_msg(asl_value_get_integer(value, &integer) == cases[i].is_integer, "%s",
                      cases[i].text);
        ck_assert_int_eq(integer, cases[i].integer);
        asl_value_unref(value);
    }
    asl_value *value = asl_value_double(NULL, 0x1p62);
    int64_t integer = 0;
    ck_assert(asl_value_get_integer(value, &integer));
    ck_assert_int_eq(integer, INT64_C(1) << 62);
    asl_value_unref(value);
    value = asl_value_double(NULL, 0x1p63);
    ck_assert(!asl_value_get_integer(value, &integer));
    asl_value_unref(value);
    value = asl_value_double(NULL, 0.5);
    ck_assert(!asl_value_get_integer(value, &integer));
    asl_value_unref(value);
}
END_TEST

/* Each is greater than the one before. */
START_TEST(numbers_have_one_exact_order)
{
    static const char *const order[] = {"-1e400",
                                        "-1e399",
                                        "-9223372036854775809",
                                        "-9223372036854775808",
                                        "-9007199254740993",
                                        "-9007199254740992",
                                        "-1.5",
                                        "-1",
                                        "-1e-400",
                                        "0",
                                        "1e-401",
                                        "1e-400",
                                        "0.1",
                                        "0.10000000000000000001",
                                        "0.2",
                                        "1",
                                        "1.0000000000000000001",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9007199254740993.5",
                                        "9223372036854775807",
                                        "9223372036854775807.1",
                                        "9223372036854775808",
                                        "10000000000000000998",
                                        "10000000000000000999",
                                        "1e400",
                                        "10.1e399",
                                        "1e99999999999"};
    size_t count = sizeof order / sizeof order[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            asl_value *left = json_parse(order[i]), *right = json_parse(order[j]);
            ck_assert_msg(asl_value_compare_numbers(left, right) == (i > j) - (i < j), "%s and %s",
                          order[i], order[j]);
            asl_value_unref(left);
            asl_value_unref(right);
        }
    }
}
END_TEST

START_TEST(spellings_of_one_number_are_equal)
{
    static const char *const texts[] = {"1200",   "1.2e3", "1200.000",
                                        "0.12E4", "12e+2", "120000e-2"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        asl_value *left = json_parse(texts[i]), *right = asl_value_integer(NULL, 1200);
        ck_assert_int_eq(asl_value_compare_numbers(left, right), 0);
        ck_assert_int_eq(asl_value_compare_numbers(right, left), 0);
        asl_value_unref(left);
        asl_value_unref(right);
    }
    asl_value *made = asl_value_double(NULL, 0.1), *parsed = json_parse("0.100");
    ck_assert_int_eq(asl_value_compare_numbers(made, parsed), 0);
    asl_value_unref(made);
    asl_value_unref(parsed);
}
END_TEST

START_TEST(doubles_print_as_javascript_prints_them)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {123456.789, "123456.789"},
        {1e21, "1e+21"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e-6, "0.000001"},
        {1e-7, "1e-7"},
        {1.5e-7, "1.5e-7"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {0x1p-44, "5.684341886080802e-14"},
        {9007199254740993.0, "9007199254740992"},
        {-2.5, "-2.5"},
        {-1e-7, "-1e-7"},
        {0.0, "0"},
        {-0.0, "0"},
        {4.35, "4.35"},
        {1e23, "1e+23"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ASL_DOUBLE_TEXT_SIZE];
        size_t size = asl_print_double(cases[i].number, text);
        ck_assert_uint_eq(size, strlen(cases[i].text));
        ck_assert_mem_eq(text, cases[i].text, size);
    }
}
END_TEST

SUITE("value/numbers", what_is_parsed_prints_with_the_same_digits, what_is_no_number_is_refused,
      number_text_is_limited_at_1000_bytes, integers_are_exact_in_any_spelling,
      numbers_have_one_exact_order, spellings_of_one_number_are_equal,
      doubles_print_as_javascript_prints_them)
