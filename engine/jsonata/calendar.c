/* The calendar of JavaScript's Date, and the weeks that jsonata-js counts in it. NaN goes through
 * everything: no comparison with it holds. */
#include "jsonata/calendar.h"

#include <math.h>
#include <stdint.h>

#define TIME_MAX 8.64e15
#define YEAR_MAX 1e6 /* of fields, as V8 has it; months the same times ten */
#define WEEK_MS (7 * ASL_DAY_MS)

/* Days from 1970-01-01 to the first of a month, which is from 0 to 11. Years begin in March here,
 * so that the leap day is the last of its year. */
static int64_t days_before(int64_t year, int64_t month)
{
    int64_t from_march = month >= 2 ? month - 2 : month + 10;
    year -= month < 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * from_march + 2) / 5;
    return era * 146097 + day_of_era - 719468;
}

double asl_date_clip(double time)
{
    return fabs(time) <= TIME_MAX ? trunc(time) + 0.0 : NAN;
}

double asl_date_make(const asl_date_fields *fields)
{
    if (!(fabs(fields->year) <= YEAR_MAX && fabs(fields->month) <= 10 * YEAR_MAX))
        return NAN;
    double month = trunc(fields->month), years = floor(month / 12);
    double days = (double)days_before((int64_t)trunc(fields->year) + (int64_t)years,
                                      (int64_t)(month - years * 12)) +
                  trunc(fields->day) - 1;
    double time = trunc(fields->hour) * 3600000 + trunc(fields->minute) * 60000 +
                  trunc(fields->second) * 1000 + trunc(fields->millisecond);
    return asl_date_clip(days * ASL_DAY_MS + time);
}

double asl_date_utc(const asl_date_fields *fields)
{
    asl_date_fields moved = *fields;
    double year = trunc(fields->year);
    if (year >= 0 && year <= 99)
        moved.year = 1900 + year;
    return asl_date_make(&moved);
}

asl_date_fields asl_date_fields_of(double time)
{
    if (isnan(time))
        return (asl_date_fields){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    double day = floor(time / ASL_DAY_MS), ms = time - day * ASL_DAY_MS;
    int64_t days = (int64_t)day + 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    int64_t month = from_march < 10 ? from_march + 2 : from_march - 10;
    int64_t day_of_month = day_of_year - (153 * from_march + 2) / 5 + 1;
    return (asl_date_fields){
        .year = (double)(year_of_era + era * 400 + (month < 2)),
        .month = (double)month,
        .day = (double)day_of_month,
        .hour = floor(ms / 3600000),
        .minute = fmod(floor(ms / 60000), 60),
        .second = fmod(floor(ms / 1000), 60),
        .millisecond = fmod(ms, 1000),
    };
}

double asl_date_weekday(double time)
{
    double day = fmod(floor(time / ASL_DAY_MS) + 4, 7); /* 1970 began on a Thursday */
    return day < 0 ? day + 7 : day;
}

/* The first of a month, which may be one beside January or December. */
static double first_of(double year, double month)
{
    double years = floor(month / 12);
    asl_date_fields fields = {.year = year + years, .month = month - years * 12, .day = 1};
    return asl_date_utc(&fields);
}

static double day_of(double time)
{
    asl_date_fields fields = asl_date_fields_of(time);
    asl_date_fields day = {.year = fields.year, .month = fields.month, .day = fields.day};
    return asl_date_utc(&day);
}

/* The Monday on which the first week begins of a year (given by its January) or month. */
static double first_week(double year, double month)
{
    double first = first_of(year, month), weekday = asl_date_weekday(first);
    if (weekday == 0)
        weekday = 7;
    return weekday > 4 ? first + (8 - weekday) * ASL_DAY_MS : first - (weekday - 1) * ASL_DAY_MS;
}

static double weeks_from(double start, double day)
{
    return (day - start) / WEEK_MS + 1;
}

/* The week of a day in a period: `weeks_least` it always has, months to the next are `months`. */
static double week_in(double time, double month, double months, double weeks_least)
{
    double year = asl_date_fields_of(time).year, day = day_of(time);
    double week = weeks_from(first_week(year, month), day);
    if (week > weeks_least) {
        if (day >= first_week(year, month + months))
            week = 1;
    } else if (week < 1) {
        week = weeks_from(first_week(year, month - months), day);
    }
    return floor(week);
}

double asl_date_week_of_year(double time)
{
    return week_in(time, 0, 12, 52);
}

double asl_date_week_of_month(double time)
{
    return week_in(time, asl_date_fields_of(time).month, 1, 4);
}

double asl_date_year_of_week(double time)
{
    double year = asl_date_fields_of(time).year;
    if (time < first_week(year, 0))
        return year - 1;
    return time >= first_week(year, 12) ? year + 1 : year;
}

double asl_date_month_of_week(double time)
{
    asl_date_fields fields = asl_date_fields_of(time);
    double month = fields.month;
    if (time < first_week(fields.year, month))
        month = month == 0 ? 11 : month - 1;
    else if (time >= first_week(fields.year, month + 1))
        month = month == 11 ? 0 : month + 1;
    return month + 1;
}

double asl_date_day_of_year(double time)
{
    return (day_of(time) - first_of(asl_date_fields_of(time).year, 0)) / ASL_DAY_MS + 1;
}
