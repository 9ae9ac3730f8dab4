/* Time as text. Days are counted in the proleptic Gregorian calendar with the year beginning in
 * March, so that the leap day is the last of its year and no table of months is needed. */
#include "base/time_text.h"

#define DAY_SECONDS 86400
#define TIME_MS_MIN INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define TIME_MS_MAX INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define OFFSET_HOURS_MAX 18                  /* java.time.ZoneOffset, which AWS parses with */

typedef struct date {
    int64_t year;
    int64_t month, day; /* from 1 */
} date;

/* Days since 1970-01-01. */
static int64_t days_of(date d)
{
    int64_t year = d.month <= 2 ? d.year - 1 : d.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + d.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static date date_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    date d = {.month = month < 10 ? month + 3 : month - 9,
              .day = day_of_year - (153 * month + 2) / 5 + 1};
    d.year = year_of_era + era * 400 + (d.month <= 2 ? 1 : 0);
    return d;
}

static char *put(char *out, int64_t number, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return out + digits;
}

size_t asl_time_print(int64_t time_ms, char out[ASL_TIME_TEXT_SIZE])
{
    time_ms = time_ms < TIME_MS_MIN ? TIME_MS_MIN : time_ms > TIME_MS_MAX ? TIME_MS_MAX : time_ms;
    int64_t ms_of_day = time_ms % (DAY_SECONDS * INT64_C(1000));
    if (ms_of_day < 0)
        ms_of_day += DAY_SECONDS * INT64_C(1000);
    date d = date_of((time_ms - ms_of_day) / (DAY_SECONDS * INT64_C(1000)));
    int64_t seconds = ms_of_day / 1000;
    char *next = put(out, d.year, 4);
    *next++ = '-';
    next = put(next, d.month, 2);
    *next++ = '-';
    next = put(next, d.day, 2);
    *next++ = 'T';
    next = put(next, seconds / 3600, 2);
    *next++ = ':';
    next = put(next, seconds / 60 % 60, 2);
    *next++ = ':';
    next = put(next, seconds % 60, 2);
    *next++ = '.';
    next = put(next, ms_of_day % 1000, 3);
    *next++ = 'Z';
    *next = '\0';
    return (size_t)(next - out);
}

typedef struct reader {
    const char *next, *end;
    bool bad;
} reader;

static int64_t take_digits(reader *r, int digits)
{
    int64_t number = 0;
    for (int i = 0; i < digits; i++) {
        if (r->next == r->end || *r->next < '0' || *r->next > '9') {
            r->bad = true;
            return 0;
        }
        number = number * 10 + (*r->next++ - '0');
    }
    return number;
}

static bool take(reader *r, char expected)
{
    if (r->next == r->end || *r->next != expected)
        return false;
    r->next++;
    return true;
}

static void expect(reader *r, char expected)
{
    if (!take(r, expected))
        r->bad = true;
}

static int32_t take_fraction(reader *r)
{
    if (!take(r, '.'))
        return 0;
    int32_t nanoseconds = 0;
    int digits = 0;
    for (; digits < 9 && r->next < r->end && *r->next >= '0' && *r->next <= '9'; digits++)
        nanoseconds = nanoseconds * 10 + (*r->next++ - '0');
    if (digits == 0)
        r->bad = true;
    for (; digits < 9; digits++)
        nanoseconds *= 10;
    return nanoseconds;
}

static int64_t take_offset_seconds(reader *r)
{
    if (take(r, 'Z'))
        return 0;
    int64_t sign = take(r, '-') ? -1 : 1;
    if (sign > 0)
        expect(r, '+');
    int64_t hours = take_digits(r, 2);
    expect(r, ':');
    int64_t minutes = take_digits(r, 2);
    if (minutes > 59 || hours > OFFSET_HOURS_MAX || (hours == OFFSET_HOURS_MAX && minutes > 0))
        r->bad = true;
    return sign * (hours * 3600 + minutes * 60);
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    if (month == 2)
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool asl_time_parse(const char *text, size_t size, int64_t *ret_seconds, int32_t *ret_nanoseconds)
{
    if (size == 0)
        return false;
    reader r = {text, text + size, false};
    date d = {.year = take_digits(&r, 4)};
    expect(&r, '-');
    d.month = take_digits(&r, 2);
    expect(&r, '-');
    d.day = take_digits(&r, 2);
    expect(&r, 'T');
    int64_t hours = take_digits(&r, 2);
    expect(&r, ':');
    int64_t minutes = take_digits(&r, 2);
    expect(&r, ':');
    int64_t seconds = take_digits(&r, 2);
    int32_t nanoseconds = take_fraction(&r);
    int64_t offset = take_offset_seconds(&r);
    if (r.bad || r.next != r.end || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > days_in_month(d.year, d.month) || hours > 23 || minutes > 59 || seconds > 59)
        return false;
    *ret_seconds = days_of(d) * DAY_SECONDS + hours * 3600 + minutes * 60 + seconds - offset;
    *ret_nanoseconds = nanoseconds;
    return true;
}
