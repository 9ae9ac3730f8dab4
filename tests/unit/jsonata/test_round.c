/* $round and $formatBase; the outcomes are those of jsonata-js 2.0.6. */
#include "check_pictures.h"

START_TEST(numbers_are_rounded_half_to_even)
{
    static const struct {
        double number, precision, expected;
    } cases[] = {
        {2.3, 0, 2},
        {2.5, 0, 2},
        {3.5, 0, 4},
        {-0.5, 0, 0},
        {-0.3, 0, 0},
        {-8.5, 0, -8},
        {0.49999999999999994, 0, 0},
        {4.49, 1, 4.5},
        {4.525, 2, 4.52},
        {4.515, 2, 4.52}, /* by its digits it is a tie, whatever the double is */
        {1.005, 2, 1},
        {12450, -2, 12400},
        {12350, -2, 12400},
        {15, -1, 20},
        {25, -1, 20},
        {-0.0004, 3, 0},
        {6.022e-23, 24, 6e-23},
        {1e21, -20, 1e21},
        {5e-324, 323, 0},
        {5e-324, 324, 5e-324},
        {0, 5, 0},
        {INFINITY, 0, INFINITY},
        {1.5, NAN, 2},
        {1.7976931348623157e308, -308, INFINITY},
        {123.456, -400, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double rounded = asl_jsonata_round(cases[i].number, cases[i].precision);
        ck_assert_msg(is_same(rounded, cases[i].expected), "%.17g at %g: %.17g", cases[i].number,
                      cases[i].precision, rounded);
    }
}
END_TEST

START_TEST(what_has_no_digits_at_a_place_is_no_number)
{
    ck_assert(isnan(asl_jsonata_round(1e300, 20)));
    ck_assert(isnan(asl_jsonata_round(123.456, 400)));
    ck_assert(isnan(asl_jsonata_round(1.5, 1.5)));
    ck_assert(isnan(asl_jsonata_round(1e22, 1e22)));
    ck_assert(isnan(asl_jsonata_round(INFINITY, 2)));
    ck_assert(isnan(asl_jsonata_round(NAN, 2)));
    ck_assert(isnan(asl_jsonata_round(NAN, 0)));
}
END_TEST

static picture_call format_base(double number, double radix)
{
    picture_call call;
    picture_call_init(&call, NULL);
    call.status = asl_jsonata_format_base(number, radix, &call.out, &call.fault);
    return call;
}

START_TEST(numbers_have_a_base)
{
    static const struct {
        double number, radix;
        const char *expected;
    } cases[] = {
        {100, 2, "1100100"},
        {-100, 2, "-1100100"},
        {100, 36, "2s"},
        {100.5, 10, "100"},
        {255.4, 16, "ff"},
        {0, 2, "0"},
        {-0.2, 8, "0"},
        {10, 2.4, "1010"},
        {7, 36.5, "7"},
        {1e21, 10, "1e+21"},
        {1e21, 16, "3635c9adc5dea00000"},
        {9007199254740992, 3, "1121202011211211122211100012101112"},
        {43454604782164096, 18, "21a2a3344a82fa"},
        {5890840712243076, 10, "5890840712243076"},
        {NAN, 16, "NaN"},
        {INFINITY, 2, "Infinity"},
        {-INFINITY, 36, "-Infinity"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format_base(cases[i].number, cases[i].radix);
        check_made(&call, cases[i].expected, cases[i].expected);
    }
}
END_TEST

START_TEST(the_greatest_number_fits_in_binary)
{
    picture_call call = format_base(-1.7976931348623157e308, 2);
    ck_assert_int_eq(call.status, ASL_OK);
    ck_assert_uint_eq(call.out.size, 1025);
    picture_call_done(&call);
}
END_TEST

START_TEST(a_base_is_2_to_36)
{
    static const struct {
        double radix;
        const char *code, *text;
    } cases[] = {
        {1, "D3100", "1"},
        {37, "D3100", "37"},
        {36.6, "D3100", "37"},
        {-1e21, "D3100", "-1e+21"},
        {INFINITY, "D3100", "null"},
        {NAN, NULL, "toString() radix argument must be between 2 and 36"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format_base(100, cases[i].radix);
        check_fault(&call, cases[i].code, cases[i].text, cases[i].text);
    }
}
END_TEST

SUITE("jsonata/round", numbers_are_rounded_half_to_even, what_has_no_digits_at_a_place_is_no_number,
      numbers_have_a_base, the_greatest_number_fits_in_binary, a_base_is_2_to_36)
