/* The calendar of JavaScript's Date: times in milliseconds since 1970 as doubles, in the proleptic
 * Gregorian calendar, NaN beyond 100,000,000 days of it. */
#ifndef ASL_JSONATA_CALENDAR_H
#define ASL_JSONATA_CALENDAR_H

#define ASL_DAY_MS 86400000.0

typedef struct asl_date_fields {
    double year, month; /* January is 0 */
    double day;         /* 1 is the first of the month */
    double hour, minute, second, millisecond;
} asl_date_fields;

/* Date.UTC: fields that are out of range carry over; the years 0 to 99 are those of the 1900s. */
double asl_date_utc(const asl_date_fields *fields);
/* The same where the year means itself. */
double asl_date_make(const asl_date_fields *fields);
/* What `new Date(time)` takes: whole milliseconds in range, else NaN. */
double asl_date_clip(double time);
/* The fields of a clipped time; all NaN for NaN. */
asl_date_fields asl_date_fields_of(double time);
/* 0 is Sunday. */
double asl_date_weekday(double time);

/* Weeks begin on Monday; the first one of a year or month is the one with its first Thursday
 * (ISO 8601, which XPath extends to months). As in jsonata-js the years 0 to 99 are in the 1900s.
 */
double asl_date_week_of_year(double time);
double asl_date_week_of_month(double time);
/* The year and month (1 is January) that the week is counted in. */
double asl_date_year_of_week(double time);
double asl_date_month_of_week(double time);
double asl_date_day_of_year(double time);

#endif
