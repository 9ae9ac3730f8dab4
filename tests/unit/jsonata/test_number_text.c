/* Numbers and text as JavaScript has them. */
#include "jsonata/number_text.h"

#include "check_pictures.h"

static void check_fixed(double number, size_t places, const char *expected)
{
    char text[ASL_FIXED_TEXT_SIZE + 1];
    text[asl_number_print_fixed(number, places, text)] = '\0';
    ck_assert_str_eq(text, expected);
}

START_TEST(fixed_numbers_are_exact)
{
    check_fixed(0, 0, "0");
    check_fixed(0, 2, "0.00");
    check_fixed(1.005, 2, "1.00"); /* it is less than that */
    check_fixed(8.345, 2, "8.35");
    check_fixed(0.5, 0, "1"); /* ties go up */
    check_fixed(2.5, 0, "3");
    check_fixed(1125899906842624.25, 1, "1125899906842624.3");
    check_fixed(999.9999, 2, "1000.00");
    check_fixed(0.1, 20, "0.10000000000000000555");
    check_fixed(5e-324, 100,
                "0.00000000000000000000000000000000000000000000000000"
                "00000000000000000000000000000000000000000000000000");
    check_fixed(123456789012345680000.0, 1, "123456789012345683968.0");
    check_fixed(1e21, 3, "1e+21");
    check_fixed(INFINITY, 3, "Infinity");
    check_fixed(NAN, 3, "NaN");
}
END_TEST

static double parse_int(const char *text)
{
    uint16_t units[64];
    size_t size = 0;
    for (; text[size] != '\0'; size++)
        units[size] = (unsigned char)text[size];
    return asl_number_parse_int((asl_utf16){units, size});
}

START_TEST(integers_at_the_beginning_are_parsed)
{
    static const struct {
        const char *text;
        double expected;
    } cases[] = {
        {"12", 12},
        {"-12x", -12},
        {" \t\n+7", 7},
        {"0x1F", 31},
        {"0X1fg", 31},
        {"0x", NAN},
        {"-0x10", -16},
        {"-0", -0.0},
        {"1e3", 1},
        {"", NAN},
        {"-", NAN},
        {"+-1", NAN},
        {"00000012", 12},
        {"\xA0"
         "1",
         1},
        {".5", NAN},
        {"0x0000000000000000000ff", 255},
        {"0x20000000000001", 9007199254740992},
        {"0x200000000000010000000000001", 0x1p105 + 0x1p53},
        {"18014398509481985", 18014398509481984},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double number = parse_int(cases[i].text);
        ck_assert_msg(is_same(number, cases[i].expected), "%s: %.17g", cases[i].text, number);
    }
}
END_TEST

START_TEST(powers_of_ten_are_the_nearest_doubles)
{
    ck_assert(is_same(asl_number_power_of_ten(0), 1));
    ck_assert(is_same(asl_number_power_of_ten(23), 1e23));
    ck_assert(is_same(asl_number_power_of_ten(308), 1e308));
    ck_assert(is_same(asl_number_power_of_ten(309), INFINITY));
    ck_assert(is_same(asl_number_power_of_ten(INFINITY), INFINITY));
    ck_assert(is_same(asl_number_power_of_ten(-5), 1e-5));
    ck_assert(is_same(asl_number_power_of_ten(-323), 1e-323));
    ck_assert(is_same(asl_number_power_of_ten(-324), 0));
    ck_assert(is_same(asl_number_power_of_ten(-1e300), 0));
    ck_assert(is_same(asl_number_power_of_ten(NAN), NAN));
}
END_TEST

SUITE("jsonata/number_text", fixed_numbers_are_exact, integers_at_the_beginning_are_parsed,
      powers_of_ten_are_the_nearest_doubles)
