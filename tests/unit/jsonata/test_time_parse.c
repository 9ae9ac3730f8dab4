/* Texts by time pictures; the outcomes are those of jsonata-js 2.0.6. */
#include "check_pictures.h"

#define NOW 1563371159123.0 /* 2019-07-17T13:45:59.123Z */

static asl_millis parse(const char *text, const char *picture, picture_call *call)
{
    asl_millis millis = {false, 0.5};
    picture_call_init(call, NULL);
    call->status = asl_jsonata_to_millis(picture_text(text), picture_text(picture), NOW, &millis,
                                         &call->fault);
    return millis;
}

START_TEST(times_are_parsed)
{
    static const struct {
        const char *text, *picture;
        double expected;
    } cases[] = {
        {"201802", "[Y0001][M01]", 1517443200000},
        {"201802", "[Y,*-4][M01]", 1517443200000},
        {"2018-03-27", "[Y1]-[M01]-[D01]", 1522108800000},
        {"2018-03-27T14:03:00.123Z", "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001]Z",
         1522159380123},
        {"21st 12 1881", "[D1o] [M01] [Y0001]", -2777932800000},
        {"21ST 12 1881", "[D1o] [M01] [Y0001]", -2777932800000},
        {"MCMLXXXIV", "[YI]", 441763200000},
        {"mcmlxxxiv", "[YI]", NAN},
        {"ae C mmxviii", "[Da] [MA] [Yi]", 1522454400000},
        {"27th April 2008", "[D1o] [MNn] [Y0001]", 1209254400000},
        {"2 Feb 2012", "[D1] [MNn,3-3] [Y0001]", 1328140800000},
        {"1 J 2012", "[D1] [MNn,1-1] [Y0001]", 1341100800000},
        {"2012 constructor", "[Y] [MNn]", 1325376000000},
        {"2012 january", "[Y] [MNn]", 1325376000000},
        {"one thousand, nine hundred and eighty-four", "[Yw]", 441763200000},
        {"twenty-first August two thousand and seventeen", "[Dw] [MNn] [Yw]", 1503273600000},
        {"Twentieth of August, two thousand and seventeen", "[DW] of [MNn], [Yw]", 1503187200000},
        {"4/4/2018 12:06 am", "[D1]/[M1]/[Y0001] [h]:[m] [P]", 1522800360000},
        {"4/4/2018 12:06 PM", "[D1]/[M1]/[Y0001] [h]:[m] [P]", 1522843560000},
        {"2018-094", "[Y0001]-[d001]", 1522800000000},
        {"13:45", "[H]:[m]", 1563371100000},
        {"03-04", "[M]-[D]", 1551657600000},
        {"45", "[m]", 1563371100000},
        {"17", "[D]", 1563321600000},
        {"5", "[d]", 1546695959123},
        {"pm", "[P]", 1563364800000},
        {"Wednesday, 14th November 2018", "[FNn], [D1o] [MNn] [Y]", 1542153600000},
        {"Mon, Twelfth November 2018", "[FNn,*-3], [DWwo] [MNn] [Y]", 1541980800000},
        {"2018--180", "[Y]--[d]", 1530230400000},
        {"2020-09-09 08:00 +02:00", "[Y]-[M]-[D] [H]:[m] [Z]", 1599631200000},
        {"2020-09-09 08:00 GMT-05:00", "[Y]-[M]-[D] [H]:[m] [z]", 1599656400000},
        {"2020-09-09 12:00 gmt-5", "[Y]-[M]-[D] [H]:[m] [z01]", 1599670800000},
        {"2020-09-09 12:00 +0530", "[Y]-[M]-[D] [H]:[m] [Z0001]", 1599633000000},
        {"2020-09-09 12:00 -0530", "[Y]-[M]-[D] [H]:[m] [Z0001]", 1599669000000},
        {"2020-09-09 12:00 +02H30", "[Y]-[M]-[D] [H]:[m] [Z00h00]", 1599652800000},
        {"12 +2", "[H] [Z00|00]", 1563364800000},
        {"12 2", "[H] [Z00|00]", 1563364800000},
        {"2018", "[Y][M]", -55805932800000},
        {"018", "[Y,3-3]", -1640995200000},
        {"99", "[Y]", 915148800000},
        {"2018-00-00", "[Y]-[M]-[D]", 1514678400000},
        {"2018-14-40", "[Y]-[M]-[D]", 1552348800000},
        {"999999999", "[Y]", NAN},
        {"2018 OCTOBRE É", "[Y] octobre é", 1514764800000},
        {"2018.3", "[Y].[M]", 1519862400000},
        {"one and", "[Yw]", NAN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call;
        asl_millis millis = parse(cases[i].text, cases[i].picture, &call);
        ck_assert_int_eq(call.status, ASL_OK);
        ck_assert(millis.is_found);
        ck_assert_msg(is_same(millis.millis, cases[i].expected), "%s by %s: %.17g", cases[i].text,
                      cases[i].picture, millis.millis);
        picture_call_done(&call);
    }
}
END_TEST

START_TEST(what_does_not_match_is_undefined)
{
    static const struct {
        const char *text, *picture;
    } cases[] = {
        {"2018 ſ", "[Y] s"},     {"2018a3", "[Y].[M]"},  {"+01 02", "[Z00(00]|[Z00)00]"},
        {"Hello", "Hello"},      {"x", "Hello"},         {"2018-3", "[Y]-[M01]-[D]"},
        {"201", "[Y,4-4]"},      {"2018\n", "[Y]"},      {" 2018", "[Y]"},
        {"2018 ı", "[Y] i"},     {"１２", "[H]"},        {"2018:3", "[Y].[M]"},
        {"+01002", "[Z00?00]x"}, {"12 5th", "[H] [D1]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call;
        asl_millis millis = parse(cases[i].text, cases[i].picture, &call);
        ck_assert_int_eq(call.status, ASL_OK);
        ck_assert_msg(!millis.is_found, "%s by %s", cases[i].text, cases[i].picture);
        picture_call_done(&call);
    }
}
END_TEST

START_TEST(what_cannot_be_parsed_has_its_code)
{
    static const struct {
        const char *text, *picture, *code, *value;
    } cases[] = {
        {"4/4/2018 11:06 Pm", "[D1]/[M1]/[Y0001] [h]:[m] [P]", "D3136", ""},
        {"20185", "[Y,4-4][D]", "D3136", ""},
        {"2018-05-22", "[Y]-[M]-[q]", "D3132", "\"q\""},
        {"2018-05-22", "[YN]-[M]-[D]", "D3133", "\"Y\""},
        {"x", "[C]", "D3133", "\"C\""},
        {"x", "[😀]", "D3133", "\"\\ud83d\""}, /* half a character */
        {"x", "[fn]", "D3133", "\"f\""},
        {"2018-22", "[Y]-[D]", "D3136", ""},
        {"5-22 23:59", "[M]-[D] [m]:[s]", "D3136", ""},
        {"2018-3-2-5", "[X]-[x]-[w]-[F1]", "D3136", ""},
        {"2018-32-5", "[X]-[W]-[F1]", "D3136", ""},
        {"2018-094 12", "[Y]-[d] [H]", "D3136", ""},
        {"x", "[Yα]", "D3130", "\"α\""},
        {"x", "[Y", "D3135", ""},
        {"x", "[D#]-[YN]", "D3130", "\"#\""},
        {"5", "[D٠]", NULL, "Invalid code point -1531"},
        {"+01*02", "[Z00*00]", NULL,
         "Invalid regular expression: /^([-+][0-9]+*[0-9]+)$/i: Nothing to repeat"},
        {"+01+02", "a[Z00+00]", NULL,
         "Invalid regular expression: /^(a)([-+][0-9]++[0-9]+)$/i: Nothing to repeat"},
        {"+01(02", "[Z00(00]", NULL,
         "Invalid regular expression: /^([-+][0-9]+([0-9]+)$/i: Unterminated group"},
        {"+01)02", "é[Z00)00]", NULL,
         "Invalid regular expression: /^(é)([-+][0-9]+)[0-9]+)$/i: Unmatched ')'"},
        {"+0102|+0102", "[Z00(00]|[Z00)00]", NULL,
         "Cannot read properties of undefined (reading 'parse')"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call;
        parse(cases[i].text, cases[i].picture, &call);
        check_fault(&call, cases[i].code, cases[i].value, cases[i].picture);
    }
}
END_TEST

/* JavaScript would try each way to share the digits among forty components. */
START_TEST(ambiguous_pictures_take_little_time)
{
    char picture[40 * 3 + 2] = "", text[202];
    for (size_t i = 0; i < 40; i++)
        memcpy(picture + 3 * i, "[Y]", 4);
    memcpy(picture + 120, "x", 2);
    memset(text, '1', 200);
    memcpy(text + 200, "y", 2);
    picture_call call;
    ck_assert(!parse(text, picture, &call).is_found);
    ck_assert_int_eq(call.status, ASL_OK);
    picture_call_done(&call);
}
END_TEST

SUITE("jsonata/time_parse", times_are_parsed, what_does_not_match_is_undefined,
      what_cannot_be_parsed_has_its_code, ambiguous_pictures_take_little_time)
