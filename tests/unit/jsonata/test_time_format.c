/* Times by their pictures; the outcomes are those of jsonata-js 2.0.6. */
#include "check_pictures.h"

static picture_call format(double millis, const char *picture, const char *timezone)
{
    picture_call call;
    picture_call_init(&call, NULL);
    call.status = asl_jsonata_from_millis(millis, picture_text(picture), picture_text(timezone),
                                          &call.out, &call.fault);
    return call;
}

START_TEST(times_are_formatted)
{
    static const struct {
        double millis;
        const char *picture, *timezone, *expected;
    } cases[] = {
        {1, NULL, NULL, "1970-01-01T00:00:00.001Z"},
        {1521801216617, "Hello", NULL, "Hello"},
        {1521801216617, "", NULL, ""},
        {1521801216617, "Year: [Y0001]", NULL, "Year: 2018"},
        {1521801216617, "<[Y9,999,*]>", NULL, "<2,018>"},
        {1521801216617, "Year]]: <[Y0001]>", NULL, "Year]: <2018>"},
        {1521801216617, "[[Year]]: [[[Y0001]]]", NULL, "[Year]: [2018]"},
        {1522616700000, "[F0] [FNn]", NULL, "7 Sunday"},
        {1521801216617, "[Y]-[M01]-[D01]T[H01]:[m]:[s].[f001][Z0101t]", "+0100",
         "2018-03-23T11:33:36.617+0100"},
        {1521801216617, "[Z01:01t]", NULL, "Z"},
        {1521801216617, "[Z]", "-0500", "-05:00"},
        {1521801216617, "[Z0]", "-0500", "-5"},
        {1521801216617, "[Z0]", "+0530", "+5:30"},
        {1521801216617, "[Z]", "-0530", "-06:30"},
        {1521801216617, "[z]", "+1000", "GMT+10:00"},
        {1521801216617, "[z0001] [H]", "0x10", "GMT+0016 10"},
        {1521801216617, NULL, "-0500", "2018-03-23T05:33:36.617-05:00"},
        {1521801216617, NULL, "Z", "0NaN-NaN-NaNTNaN:NaN:NaN.NaN0N:aN"},
        {1521801216617, "[D1] [M01] [YI]", NULL, "23 03 MMXVIII"},
        {1521801216617, "[Da] [MA] [Yi]", NULL, "w C mmxviii"},
        {1521801216617, "[D1o] [Dwo] [DWo] [DWwo]", NULL,
         "23rd twenty-third TWENTY-THIRD Twenty-Third"},
        {1521801216617, "[Yw]", NULL, "two thousand and eighteen"},
        {1521801216617, "[MNn] [MN] [Mn] [MNn,3-3]", NULL, "March MARCH march Mar"},
        {1521801216617, "[F] [FN] [FNn,*-2] [FNn,3] [FNn,0-0]", NULL, "friday FRIDAY Fr Friday "},
        {1521801216617, "[h]:[m01] [P] [PN] [Pn] [PNn]", NULL, "10:33 am AM am am"},
        {1199664000000, "[h] [P]", NULL, "12 am"},
        {1204405500000, "[h] [H] [P]", NULL, "9 21 pm"},
        {1546257600000, "[d] [d0001]", NULL, "365 0365"},
        {1521801216617, "[C] [E] [CN]", NULL, "ISO ISO ISO"},
        {1521801216617, "[Y,2-2] [Y,*-3] [Y01] [Y,2] [Y1,2-4]", NULL, "18 018 18 18 2018"},
        {1521801216617, "[Y#1] [Y##01] [M,3] [D,4-6] [s,3]", NULL, "18 2018 003 000023 036"},
        {1521801216617, "[ Y\n01\xC2\xA0]", NULL, "18"},
        {1521801216617, "[H٠١]", NULL, "١٠"},
        {1521801216617, "[q1] [é1] [,2]", NULL, "undefined undefined undefined"},
        {-1, "[Y]-[M]-[D] [H]:[m]:[s].[f]", NULL, "1969-12-31 23:59:59.999"},
        {-62167219200001, "[Y] [X]", NULL, "-1 -1"},
        {8640000000000000, "[Y]-[M]-[D] [W] [w] [X] [x]", NULL, "275760-9-13 37 2 275760 9"},
        {8640000000000001, "[Y]-[M] [MNn] [h] [P] [Z]", NULL, "NaN-NaN undefined NaN am +00:00"},
        {1.9, "[f]", NULL, "1"},
        {-1.9, "[f]", NULL, "999"},
        {1521801216617, "[Y,*-0]", NULL, "0"},
        {1521801216617, "[Y,*--1] [YA,*--3]", NULL, "2018 @"},
        {1521801216617, "[Y,2--2]", NULL, "0.009999999999957992"},
        {1, "[😀]", NULL, "undefined"},
        {1, "[M,1e3]", NULL, "1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format(cases[i].millis, cases[i].picture, cases[i].timezone);
        check_made(&call, cases[i].expected, cases[i].expected);
    }
}
END_TEST

START_TEST(weeks_have_a_year_and_a_month)
{
    static const struct {
        double millis;
        const char *picture, *expected;
    } cases[] = {
        {1104537600000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2004-W53-6 5 December 1"},
        {1104624000000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2004-W53-7 5 December 2"},
        {1136073600000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2005-W52-7 5 December 1"},
        {1167523200000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2006-W52-7 4 December 365"},
        {1199059200000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2008-W01-1 1 January 365"},
        {1199145600000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2008-W01-2 1 January 1"},
        {1230422400000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2008-W52-7 4 December 363"},
        {1230508800000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2009-W01-1 1 January 364"},
        {1262217600000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2009-W53-4 5 December 365"},
        {1262476800000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2009-W53-7 5 December 3"},
        {1456704000000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2016-W09-1 1 March 60"},
        {978220800000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "2000-W52-7 4 December 366"},
        {-2208988800000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "1900-W01-1 1 January 1"},
        {-60000000000000, "[X0001]-W[W01]-[F1] [w] [xNn] [d]", "0067-W36-1 1 August 247"},
        {-59011459200000, "[X] [W] [w] [x] [d] [F]", "99 -99085 -99132 12 1 friday"},
        {-59011459200001, "[X] [W] [w] [x] [d] [F]", "98 1 1 11 365 thursday"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format(cases[i].millis, cases[i].picture, NULL);
        check_made(&call, cases[i].expected, cases[i].expected);
    }
}
END_TEST

START_TEST(wrong_pictures_have_their_code)
{
    static const struct {
        double millis;
        const char *picture, *code, *text;
    } cases[] = {
        {NAN, "[Y0001][Ww]x[Fi]", NULL, "Maximum call stack size exceeded"},
        {1, "[Y", "D3135", ""},
        {1, "a[M1]b[", "D3135", ""},
        {1, "[]", "D3132", "\"\""},
        {1, "[q]", "D3132", "\"q\""},
        {1, "[é]", "D3132", "\"é\""},
        {1, "[YN]", "D3133", "\"Y\""},
        {1, "[HNn]", "D3133", "\"H\""},
        {1, "[dn]", "D3133", "\"d\""},
        {1, "[fn]", NULL, "Cannot read properties of undefined (reading 'primary')"},
        {1, "[Yα]", "D3130", "\"α\""},
        {1, "[Y*]", "D3130", "\"*\""},
        {1, "[D#]", "D3130", "\"#\""},
        {1, "[Y0٠]", "D3131", ""},
        {1, "[Z00000]", "D3134", "5"},
        {1, "[ZN]", "D3134", ""},
        {1, "[Z0٠]", "D3131", ""},
        {NAN, "[MN]", NULL, "Cannot read properties of undefined (reading 'toUpperCase')"},
        {NAN, "[Fn]", NULL, "Cannot read properties of undefined (reading 'toLowerCase')"},
        {NAN, "[MNn,3]", NULL, "Cannot read properties of undefined (reading 'length')"},
        {NAN, "[Yw]", NULL, "Maximum call stack size exceeded"},
        {1, "[Y,9999999999]", NULL, "Invalid array length"},
        {1, "[Y,4000000000]", NULL, "Invalid string length"},
        {1, "[MNn] [YN] [Yα]", "D3133", "\"Y\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call = format(cases[i].millis, cases[i].picture, NULL);
        check_fault(&call, cases[i].code, cases[i].text, cases[i].picture);
    }
}
END_TEST

SUITE("jsonata/time_format", times_are_formatted, weeks_have_a_year_and_a_month,
      wrong_pictures_have_their_code)
