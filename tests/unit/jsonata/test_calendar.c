/* The calendar of JavaScript's Date. */
#include "jsonata/calendar.h"

#include <stdint.h>

#include "check_pictures.h"

START_TEST(fields_give_the_time_back)
{
    for (int64_t i = -8640000000000000; i <= 8640000000000000; i += INT64_C(86399999) * 7001) {
        double time = (double)i;
        asl_date_fields fields = asl_date_fields_of(time);
        ck_assert_msg(asl_date_make(&fields) == time, "%.17g", time);
        ck_assert(fields.month >= 0 && fields.month <= 11);
        ck_assert(fields.day >= 1 && fields.day <= 31);
    }
}
END_TEST

START_TEST(fields_carry_over)
{
    asl_date_fields fields = {.year = 2018, .month = 14, .day = 40, .hour = 25, .second = -1};
    ck_assert(is_same(asl_date_utc(&fields), 1554857999000));
    fields = (asl_date_fields){.year = 2019, .month = -1, .day = 0};
    ck_assert(is_same(asl_date_utc(&fields), 1543536000000));
    fields = (asl_date_fields){.year = 2019.9, .month = 1.9, .day = 1.9, .millisecond = -0.5};
    ck_assert(is_same(asl_date_utc(&fields), 1548979200000));
}
END_TEST

START_TEST(years_below_100_are_in_the_1900s_for_date_utc)
{
    asl_date_fields fields = {.year = 99, .day = 1};
    ck_assert(is_same(asl_date_utc(&fields), 915148800000));
    ck_assert(is_same(asl_date_make(&fields), -59042995200000));
    fields.year = 100;
    ck_assert(is_same(asl_date_utc(&fields), asl_date_make(&fields)));
    fields.year = -1;
    ck_assert(is_same(asl_date_utc(&fields), asl_date_make(&fields)));
}
END_TEST

START_TEST(what_is_out_of_range_is_no_time)
{
    ck_assert(is_same(asl_date_clip(8.64e15), 8.64e15));
    ck_assert(is_same(asl_date_clip(8.64e15 + 1), NAN));
    ck_assert(is_same(asl_date_clip(-0.5), 0));
    ck_assert(is_same(asl_date_clip(INFINITY), NAN));
    asl_date_fields fields = {.year = 2018, .day = INFINITY};
    ck_assert(is_same(asl_date_utc(&fields), NAN));
    fields = (asl_date_fields){.year = 1e300, .day = -1e300};
    ck_assert(is_same(asl_date_utc(&fields), NAN));
    fields = (asl_date_fields){.year = NAN, .day = 1};
    ck_assert(is_same(asl_date_utc(&fields), NAN));
    fields = asl_date_fields_of(NAN);
    ck_assert(isnan(fields.year) && isnan(fields.month) && isnan(fields.millisecond));
    ck_assert(isnan(asl_date_week_of_year(NAN)) && isnan(asl_date_month_of_week(NAN)));
}
END_TEST

START_TEST(weekdays_go_on_before_1970)
{
    ck_assert(asl_date_weekday(0) == 4);
    ck_assert(asl_date_weekday(-1) == 3);
    ck_assert(asl_date_weekday(-4 * ASL_DAY_MS) == 0);
    ck_assert(asl_date_weekday(-4 * ASL_DAY_MS - 1) == 6);
}
END_TEST

/* The first week of a month has its first Thursday. */
START_TEST(weeks_belong_to_the_month_of_their_thursday)
{
    for (int day = 0; day < 20000; day++) {
        double time = day * ASL_DAY_MS, weekday = asl_date_weekday(time);
        double thursday = time + (4 - (weekday == 0 ? 7 : weekday)) * ASL_DAY_MS;
        asl_date_fields fields = asl_date_fields_of(thursday);
        ck_assert(asl_date_month_of_week(time) == fields.month + 1);
        ck_assert(asl_date_year_of_week(time) == fields.year);
        ck_assert(asl_date_week_of_month(time) == ceil(fields.day / 7));
        ck_assert(asl_date_week_of_year(time) == ceil(asl_date_day_of_year(thursday) / 7));
    }
}
END_TEST

SUITE("jsonata/calendar", fields_give_the_time_back, fields_carry_over,
      years_below_100_are_in_the_1900s_for_date_utc, what_is_out_of_range_is_no_time,
      weekdays_go_on_before_1970, weeks_belong_to_the_month_of_their_thursday)
