/* Doubles to text and back, against the C library. */
#include "value/double_text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "suite.h"
#include "value/value.h"

static double draw_double(uint64_t i)
{
    uint64_t bits = asl_random_draw(21, 0, i);
    switch (i % 6) {
    case 1: /* powers of two: the neighbours are not equally far */
        bits &= ~((UINT64_C(1) << 52) - 1);
        break;
    case 2: /* of everyday size */
        bits = (bits & UINT64_C(0x800FFFFFFFFFFFFF)) | (UINT64_C(1000) + bits % 60) << 52;
        break;
    case 3: /* subnormal */
        bits &= UINT64_C(0x800FFFFFFFFFFFFF);
        break;
    case 4: /* few digits */
        return (double)(int64_t)(bits % 100000000) / pow(10, (double)(bits >> 61));
    default:
        break;
    }
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

START_TEST(what_is_printed_reads_back_as_the_same_double)
{
    for (uint64_t i = 0; i < 400000; i++) {
        double number = draw_double(i);
        if (!isfinite(number) || number == 0)
            continue;
        char text[ASL_DOUBLE_TEXT_SIZE + 1];
        size_t size = asl_print_double(number, text);
        text[size] = '\0';
        ck_assert_msg(strtod(text, NULL) == number, "%s is not %a", text, number);
        ck_assert_msg(asl_double_parse(text, size) == number, "%s is read wrongly", text);
    }
}
END_TEST

/* One digit fewer never gives the number back. */
START_TEST(what_is_printed_is_shortest)
{
    for (uint64_t i = 0; i < 100000; i++) {
        double number = fabs(draw_double(i));
        if (!isfinite(number) || number == 0)
            continue;
        asl_decimal_digits decimal = asl_double_digits(number);
        ck_assert_uint_ne(decimal.digits % 10, 0);
        if (decimal.digits < 10)
            continue;
        char text[64];
        for (int up = 0; up < 2; up++) {
            int size = snprintf(text, sizeof text, "%llue%d",
                                (unsigned long long)(decimal.digits / 10) + (unsigned)up,
                                decimal.exponent + 1);
            ck_assert_msg(asl_double_parse(text, (size_t)size) != number, "%s is shorter for %a",
                          text, number);
        }
    }
}
END_TEST

START_TEST(any_number_of_digits_reads_as_the_library_reads_it)
{
    for (uint64_t i = 0; i < 200000; i++) {
        double number = draw_double(i);
        if (!isfinite(number))
            continue;
        char text[128];
        int size = snprintf(text, sizeof text, "%.*e", (int)(i % 40), number);
        double read = asl_double_parse(text, (size_t)size), expected = strtod(text, NULL);
        ck_assert_msg(read == expected, "%s: %a, not %a", text, read, expected);
    }
}
END_TEST

/* Exactly between two doubles, and a little beside it. */
START_TEST(halfway_cases_round_to_even)
{
    static const struct {
        const char *text;
        double number;
    } cases[] = {
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.0000000000000000000000000001", 9007199254740994.0},
        {"9007199254740995", 9007199254740996.0},
        {"9007199254740992.9999999999999999999999999999", 9007199254740992.0},
        {"2.47032822920623272e-324", 0.0},
        {"2.47032822920623273e-324", 5e-324},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"1.7976931348623159e308", INFINITY},
        {"-1e999999999999999999999", -INFINITY},
        {"1e-999999999999999999999", 0.0},
        {"0e999999999999999999999", 0.0},
        {"0.000000000000000000000000000000000000000000000000000001e54", 1.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(asl_double_parse(cases[i].text, strlen(cases[i].text)) == cases[i].number,
                      "%s", cases[i].text);
}
END_TEST

START_TEST(the_locale_does_not_matter)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_ALL, names[i]) == NULL)
            continue;
        const char *hard = "9007199254740993.00000000000000000001";
        ck_assert(asl_double_parse(hard, strlen(hard)) == 9007199254740994.0);
        char text[ASL_DOUBLE_TEXT_SIZE];
        ck_assert_uint_eq(asl_print_double(0.5, text), 3);
        ck_assert_mem_eq(text, "0.5", 3);
    }
}
END_TEST

SUITE("value/double_text", what_is_printed_reads_back_as_the_same_double,
      what_is_printed_is_shortest, any_number_of_digits_reads_as_the_library_reads_it,
      halfway_cases_round_to_even, the_locale_does_not_matter)
