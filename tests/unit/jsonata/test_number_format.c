/* Numbers by their pictures; the outcomes are those of jsonata-js 2.0.6. */
#include "check_pictures.h"

static picture_call format(double number, const char *picture, const asl_number_options *options)
{
    picture_call call;
    picture_call_init(&call, NULL);
    call.status =
        asl_jsonata_format_number(number, picture_text(picture), options, &call.out, &call.fault);
    return call;
}

START_TEST(numbers_are_formatted)
{
    static const struct {
        double number;
        const char *picture, *expected;
    } cases[] = {
        {12345.6, "#,###.00", "12,345.60"},
        {123412345678.9, "9,9,99.99", "123412345,6,78.90"},
        {1234.56789, "9,999.999,999", "1,234.567,890"},
        {123.9, "9999", "0124"},
        {0.14, "01%", "14%"},
        {0.4857, "###.###‰", "485.7‰"},
        {-6, "000", "-006"},
        {-6, "0;(0)", "(6)"},
        {1234.5678, "00.000e0", "12.346e2"},
        {1234.5678, "00.000e000", "12.346e002"},
        {0.234, "0.0e0", "2.3e-1"},
        {0.234, "#.00e0", "0.23e0"},
        {0.234, ".00e0", ".23e0"},
        {1e20, "#,######", "100,000000,000000,000000"},
        {0, "#", "0"},
        {0, "#.#", ".0"},
        {0, ".#", ".0"},
        {0.5, "0", "0"},
        {1.5, "0", "2"},
        {2.5, "0", "2"},
        {0.045, "0.00", "0.04"},
        {1125899906842624.25, "0.0", "1125899906842624.3"},
        {1e+21, "0.00", "1e+21.00"},
        {-0.0, "0.0", "0.0"},
        {5e-324, "0.0e0", "4.9e-324"},
        {1.7976931348623157e+308, "0.0e0", "1.8e308"},
        {NAN, "0.0", "-NaN.0"},
        {INFINITY, "0.0", "NaN.0"},
        {-INFINITY, "#0", "-Infinity"},
        {7, "#,##,000", "0,0,7"},
        {1234567, "#,##,000", "12,34,567"},
        {12.5, "0.0e0x", "1.2e1x"},
        {1e+300, "0.00000000000000000000", "NaN.00000000000000000000"},
        {12345, "0,0,0,00", "1,2,3,45"},
        {1, "0;0", "1"},
        {-12, "00;-#", "-12"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format(cases[i].number, cases[i].picture, NULL);
        check_made(&call, cases[i].expected, cases[i].picture);
    }
}
END_TEST

START_TEST(wrong_pictures_have_their_code)
{
    static const struct {
        double number;
        const char *picture, *code, *text;
    } cases[] = {
        {3, "$0e", "D3093", ""},
        {1, "a0b,c", "D3088", ""},
        {20, "", NULL, "Cannot read properties of undefined (reading 'length')"},
        {20, "x", NULL, "Cannot read properties of undefined (reading 'length')"},
        {20, "0;x;0", "D3080", ""},
        {20, "#;#;#", "D3080", ""},
        {20, "0.0.0", "D3081", ""},
        {20, "#0%%", "D3082", ""},
        {20, "#0‰‰", "D3083", ""},
        {20, "#0%‰", "D3084", ""},
        {20, ".e0", "D3085", ""},
        {20, "0+.e0", "D3086", ""},
        {20, "0,.e0", "D3087", ""},
        {20, "0,", "D3088", ""},
        {20, "0,,0", "D3089", ""},
        {20, "0#.e0", "D3090", ""},
        {20, "#0.#0e0", "D3091", ""},
        {20, "#0.0e0%", "D3092", ""},
        {20, "0e", "D3093", ""},
        {20, "0ex0", "D3093", ""},
        {0, "0e0", "U1001", ""},
        {-42, "0e0", "U1001", ""},
        {INFINITY, "0e0", "U1001", ""},
        {1,
         "0."
         "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000",
         NULL, "toFixed() digits argument must be between 0 and 100"},
        {1, "%", NULL, "Cannot read properties of undefined (reading 'length')"},
        {1, ";", NULL, "Cannot read properties of undefined (reading 'length')"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format(cases[i].number, cases[i].picture, NULL);
        check_fault(&call, cases[i].code, cases[i].text, cases[i].picture);
    }
}
END_TEST

START_TEST(options_replace_symbols)
{
    static const struct {
        double number;
        const char *picture, *option, *symbol, *expected, *code;
    } cases[] = {
        {2, "AAA.AAA", "zero-digit", "A", "AAC.AAA", NULL},
        {0.1, "AeAAA", "zero-digit", "A", "Be-AAB", NULL},
        {1234.5, "#.##0,00", "decimal-separator", ",", NULL, "D3086"},
        {1234.5, "#.##0.00", "grouping-separator", ".", NULL, "D3091"},
        {1234.5, "0x0", "exponent-separator", "x", "1x3", NULL},
        {-5, "0", "minus-sign", "−", "−5", NULL},
        {-5, "0", "minus-sign", "", "5", NULL},
        {0.5, "0pc", "percent", "pc", "50pc", NULL},
        {0.5, "0%", "percent", "p", "0%", NULL},
        {0.5, "0‰", "per-mille", "%", "0‰", NULL},
        {5, "xx0", "digit", "x", "5", NULL},
        {-5, "0|(0)", "pattern-separator", "|", "(5)", NULL},
        {1.25, "٠٠٫٠", "zero-digit", "٠", NULL, "D3086"},
        {1.5, "0$&0", "decimal-separator", "$&", NULL, "D3086"},
        {1.5, "0.0", "decimal-separator", "$'", NULL, "D3086"},
        {1.5, "#", "decimal-separator", "$`", "2$", NULL},
        {0, "#", "decimal-separator", "$$", "0$", NULL},
        {1.5, "#.#", "zero-digit", "", "", NULL},
        {0, "#", "zero-digit", "", "", NULL},
        {1, "0", "percent", "", NULL, "D3082"},
        {1, "0.0", "decimal-separator", "", NULL, "D3086"},
        {1, "0", "grouping-separator", "", NULL, "D3089"},
        {7, "00", "zero-digit", "01", "017", NULL},
        {12345, "0,0,0", "grouping-separator", "ab", NULL, "D3086"},
        {12345, "0ab0ab0", "grouping-separator", "ab", NULL, "D3086"},
        {0.5, "#", "zero-digit", "😀", "�", NULL}, /* half a character */
        {5, "ababa0", "grouping-separator", "aba", "ababa5", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        asl_number_options options = {0};
        size_t size = strlen(cases[i].option);
        options.symbols[asl_number_symbol_find(cases[i].option, size)] =
            picture_text(cases[i].symbol);
        picture_call call = format(cases[i].number, cases[i].picture, &options);
        if (cases[i].expected != NULL)
            check_made(&call, cases[i].expected, cases[i].picture);
        else
            check_fault(&call, cases[i].code, "", cases[i].picture);
    }
}
END_TEST

START_TEST(options_without_effect_are_no_symbols)
{
    ck_assert_int_eq(asl_number_symbol_find("infinity", 8), ASL_NUMBER_SYMBOLS);
    ck_assert_int_eq(asl_number_symbol_find("NaN", 3), ASL_NUMBER_SYMBOLS);
    ck_assert_int_eq(asl_number_symbol_find("digi", 4), ASL_NUMBER_SYMBOLS);
    ck_assert_int_eq(asl_number_symbol_find("digit", 5), ASL_OPTIONAL_DIGIT);
}
END_TEST

START_TEST(an_empty_picture_of_an_empty_separator_is_no_picture)
{
    asl_number_options options = {0};
    options.symbols[ASL_PATTERN_SEPARATOR] = (asl_picture_text){"", 0};
    picture_call call = format(1, "", &options);
    check_fault(&call, NULL, "Cannot read properties of undefined (reading 'picture')", "''");
    call = format(1, "0", &options);
    check_made(&call, "1", "0");
    call = format(1, "000", &options);
    check_fault(&call, "D3080", "", "000");
}
END_TEST

SUITE("jsonata/number_format", numbers_are_formatted, wrong_pictures_have_their_code,
      options_replace_symbols, options_without_effect_are_no_symbols,
      an_empty_picture_of_an_empty_separator_is_no_picture)
