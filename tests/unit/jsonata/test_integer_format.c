/* Integers by their pictures; the outcomes are those of jsonata-js 2.0.6. */
#include "check_pictures.h"

static picture_call format(double number, const char *picture)
{
    picture_call call;
    picture_call_init(&call, NULL);
    call.status = asl_jsonata_format_integer(number, picture_text(picture), &call.out, &call.fault);
    return call;
}

START_TEST(integers_are_formatted)
{
    static const struct {
        double number;
        const char *picture, *expected;
    } cases[] = {
        {123, "000", "123"},
        {123, "0000", "0123"},
        {-3, "0000", "-0003"},
        {1234, "###0", "1234"},
        {12.6, "0", "12"},
        {-0.5, "0", "-1"},
        {123, "000;o", "123rd"},
        {1, "0;o", "1st"},
        {2, "0;o", "2nd"},
        {11, "0;o", "11th"},
        {112, "0;o", "112th"},
        {23, "0;o(-en)", "23rd"},
        {1200, "#,##0", "1,200"},
        {1234567890, "#,##0", "1,234,567,890"},
        {1234567890, "##,##,##0", "12345,67,890"},
        {7, "#,##,000", ",,07"},
        {1234, "#,##,000", ",4"},
        {0, "#,,,0", ",,,0"},
        {5, "#.#,#:0", ",.:5"},
        {1984, "I", "MCMLXXXIV"},
        {99, "i", "xcix"},
        {0, "I", ""},
        {4999, "I", "MMMMCMXCIX"},
        {-12, "i", "-xii"},
        {34, "w", "thirty-four"},
        {555, "W", "FIVE HUNDRED AND FIFTY-FIVE"},
        {555, "Ww", "Five Hundred and Fifty-Five"},
        {0, "w;o", "zeroth"},
        {12, "w;o", "twelfth"},
        {20, "w;o", "twentieth"},
        {34, "Ww;o", "Thirty-Fourth"},
        {100, "w;o", "one hundredth"},
        {1000, "w;o", "one thousandth"},
        {327713, "w;o", "three hundred and twenty-seven thousand, seven hundred and thirteenth"},
        {1000000000001, "w", "one trillion and one"},
        {1e+46, "w", "ten billion trillion trillion trillion"},
        {1, "A", "A"},
        {26, "a", "z"},
        {27, "a", "aa"},
        {123456, "A", "FZPH"},
        {0, "A", ""},
        {12, "٠١", "١٢"},
        {1234567, "#,##٠", "١,٢٣٤,٥٦٧"},
        {15, "०;x", "१५"},
        {1e+21, "0", "1e+21"},
        {1e+21, "٠", "١ڕٛ٢١"},
        {NAN, "00", "NaN"},
        {1e+300, "#,##0", "1e+,300"},
        {12, "0😀0", "1😀2"},
        {123, "0😀0#0", "123"},
        {12, "0;", "12"},
        {5, "##,00", "05"},
        {NAN, "I", ""},
        {NAN, "a", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format(cases[i].number, cases[i].picture);
        check_made(&call, cases[i].expected, cases[i].picture);
    }
}
END_TEST

START_TEST(what_cannot_be_formatted_has_its_code)
{
    static const struct {
        double number;
        const char *picture, *code, *text;
    } cases[] = {
        {12, ";0", "D3130", "\"\""},
        {123456, "α", "D3130", "\"α\""},
        {1, "", "D3130", "\"\""},
        {1, "#", "D3130", "\"#\""},
        {1, ";o", "D3130", "\"\""},
        {12340, "##0０", "D3131", ""},
        {NAN, "w", NULL, "Maximum call stack size exceeded"},
        {INFINITY, "w", NULL, "Maximum call stack size exceeded"},
        {INFINITY, "A", "U1001", ""},
        {INFINITY, "I", NULL, "Maximum call stack size exceeded"},
        {10000001, "i", NULL, "Maximum call stack size exceeded"},
        {5, "\"\\\n", "D3130", "\"\\\"\\\\\\n\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format(cases[i].number, cases[i].picture);
        check_fault(&call, cases[i].code, cases[i].text, cases[i].picture);
    }
}
END_TEST

/* Words of the greatest numbers: a double's rest of trillions is no small number. */
START_TEST(the_greatest_number_has_words)
{
    picture_call call = format(1.7976931348623157e308, "w;o");
    ck_assert_int_eq(call.status, ASL_OK);
    ck_assert_uint_eq(call.out.size, 468);
    picture_call_done(&call);
}
END_TEST

SUITE("jsonata/integer_format", integers_are_formatted, what_cannot_be_formatted_has_its_code,
      the_greatest_number_has_words)
