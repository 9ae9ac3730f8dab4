/* Texts by integer pictures; the outcomes are those of jsonata-js 2.0.6. */
#include "check_pictures.h"

static double parse(const char *text, const char *picture, picture_call *call)
{
    double number = 0.5; /* none that is parsed */
    picture_call_init(call, NULL);
    call->status =
        asl_jsonata_parse_integer(picture_text(text), picture_text(picture), &number, &call->fault);
    return number;
}

START_TEST(integers_are_parsed)
{
    static const struct {
        const char *text, *picture;
        double expected;
    } cases[] = {
        {"123", "000", 123},
        {"0123", "0000", 123},
        {"-5", "0", -5},
        {"+5", "0", 5},
        {" \xC2\xA0"
         "12x",
         "0", 12},
        {"1e3", "0", 1},
        {"0x1F", "0", 31},
        {"-0", "0", -0.0},
        {"", "0", NAN},
        {"x", "0", NAN},
        {"12,345,678", "#,##0", 12345678},
        {"12.345.678", "#.##0", 12},
        {"12345,67,890", "##,##,##0", 1234567890},
        {"1.234,5", "0.000,0", 12345},
        {"123rd", "000;o", 123},
        {"1", "0;o", NAN},
        {"١٢٣٤٠", "###١", 12340},
        {"１２", "#０", 12},
        {"9007199254740993", "0", 9007199254740992},
        {"0x20000000000001", "0", 9007199254740992},
        {"0xffffffffffffffffffff", "0", 1.2089258196146292e+24},
        {"twelve", "w", 12},
        {"NINETY-NINE", "W", 99},
        {"three hundred and twenty-seven thousand, seven hundred and thirty", "w", 327730},
        {"ten billion trillion trillion trillion", "w", 1e+46},
        {"Seven Hundred and Thirty-Third", "Ww;o", 733},
        {"hundreieth", "w", 0},
        {"one  two", "w", NAN},
        {"one,two", "w", NAN},
        {"", "w", NAN},
        {"constructor", "w", NAN},
        {"and", "w", NAN},
        {"MCMLXXXIV", "I", 1984},
        {"mcmlxxxiv", "i", 1984},
        {"mcm", "I", NAN},
        {"ıv", "i", 4},
        {"IIX", "I", 8},
        {"", "I", 0},
        {"A", "A", 1},
        {"z", "a", 26},
        {"KN", "A", 300},
        {"a", "A", 33},
        {"@", "A", 0},
        {"zzzzzzzzzzzzzzzz", "a", 4.5353092615406036e+22},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call;
        double number = parse(cases[i].text, cases[i].picture, &call);
        ck_assert_int_eq(call.status, ASL_OK);
        ck_assert_msg(is_same(number, cases[i].expected), "%s by %s: %.17g", cases[i].text,
                      cases[i].picture, number);
        picture_call_done(&call);
    }
}
END_TEST

START_TEST(what_cannot_be_parsed_has_its_code)
{
    static const struct {
        const char *text, *picture, *code, *value;
    } cases[] = {
        {"50", "#", "D3130", "\"#\""},
        {"50", "", "D3130", "\"\""},
        {"5", "0٠", "D3131", ""},
        {"5", "٠", NULL, "Invalid code point -1531"},
        {"1٠", "٠", NULL, "Invalid code point -1535"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call;
        parse(cases[i].text, cases[i].picture, &call);
        check_fault(&call, cases[i].code, cases[i].value, cases[i].picture);
    }
}
END_TEST

START_TEST(more_digits_than_a_double_has_are_infinite)
{
    char digits[400];
    picture_call call;
    memset(digits, '9', sizeof digits);
    digits[309] = '\0';
    ck_assert(isinf(parse(digits, "0", &call)));
    picture_call_done(&call);
    digits[308] = '\0';
    ck_assert(is_same(parse(digits, "0", &call), 1e308));
    picture_call_done(&call);
    memset(digits, 'f', sizeof digits);
    memcpy(digits, "0x", 2);
    digits[259] = '\0';
    ck_assert(isinf(parse(digits, "0", &call)));
    picture_call_done(&call);
}
END_TEST

SUITE("jsonata/integer_parse", integers_are_parsed, what_cannot_be_parsed_has_its_code,
      more_digits_than_a_double_has_are_infinite)
