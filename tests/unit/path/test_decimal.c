/* Numbers as BigDecimal has them. */
#include "path/layout.h"
#include "path_case.h"

static void prints(const char *number, const char *expected)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    asl_value *value = parse(NULL, number);
    asl_decimal_print(value, &buffer);
    ck_assert_str_eq(asl_buffer_string(&buffer), expected);
    asl_value_unref(value);
    asl_buffer_done(&buffer);
}

START_TEST(numbers_print_as_java_prints_them)
{
    prints("5", "5");
    prints("-0", "-0");
    prints("123456789012345678901234567890", "123456789012345678901234567890");
    prints("5.0", "5.0");
    prints("5.10", "5.1");
    prints("0.0", "0.0");
    prints("-2.50", "-2.5");
    prints("0.001", "0.001");
    prints("0.0001", "0.00010");
    prints("1e3", "1000.0");
    prints("1234567.5", "1234567.5");
    prints("12345678.9", "12345678.9");
    prints("1e7", "1.0E+7");
    prints("1e10", "1.0E+10");
    prints("1.5e300", "1.5E+300");
    prints("1e-10", "1.0E-10");
}
END_TEST

static int compare(const char *left, const char *right)
{
    asl_decimal a, b;
    ck_assert(asl_decimal_parse(left, strlen(left), &a));
    ck_assert(asl_decimal_parse(right, strlen(right), &b));
    ck_assert_int_eq(asl_decimal_compare(&b, &a), -asl_decimal_compare(&a, &b));
    return asl_decimal_compare(&a, &b);
}

START_TEST(decimals_compare_by_value)
{
    ck_assert_int_eq(compare("1", "1.000"), 0);
    ck_assert_int_eq(compare("0", "-0.0"), 0);
    ck_assert_int_eq(compare("+12.5", "1.25e1"), 0);
    ck_assert_int_eq(compare(".5", "0.50"), 0);
    ck_assert_int_eq(compare("007", "7."), 0);
    ck_assert_int_eq(compare("1e2", "99.9"), 1);
    ck_assert_int_eq(compare("-1e2", "-99.9"), -1);
    ck_assert_int_eq(compare("1.0000000000000000000001", "1"), 1);
    ck_assert_int_eq(compare("-1", "1"), -1);
    ck_assert_int_eq(compare("1e2147483647", "9e2147483646"), 1);
}
END_TEST

START_TEST(what_is_no_decimal_is_refused)
{
    static const char *const bad[] = {"",    "-",     ".",   "e5", "1e",           "1e+",
                                      "1-2", "1.2.3", "0x1", " 1", "1e2147483648", "NaN"};
    asl_decimal decimal;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!asl_decimal_parse(bad[i], strlen(bad[i]), &decimal), "%s", bad[i]);
}
END_TEST

static void normalizes(const char *text, const char *expected)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    ck_assert(asl_decimal_normalize(text, strlen(text), &buffer));
    ck_assert_str_eq(asl_buffer_string(&buffer), expected);
    asl_buffer_done(&buffer);
}

START_TEST(javas_numbers_become_json)
{
    normalizes(".5", "0.5");
    normalizes("-.5", "-0.5");
    normalizes("1.", "1");
    normalizes("007", "7");
    normalizes("00", "0");
    normalizes("1.e5", "1e5");
    normalizes("-0.2E20", "-0.2E20");
}
END_TEST

SUITE("path/decimal", numbers_print_as_java_prints_them, decimals_compare_by_value,
      what_is_no_decimal_is_refused, javas_numbers_become_json)
