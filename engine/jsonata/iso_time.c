/* ISO 8601 as jsonata-js reads it. Its check is wider than the format, and V8 reads what is beyond
 * it by the rules that browsers had before: numbers are month, day and year, or year, month and day
 * where the first can be no day; a colon makes times of them. Of these rules only those are here
 * that a checked text can reach. */
#include "jsonata/iso_time.h"

#include <math.h>

#include "jsonata/calendar.h"

static uint16_t unit_at(asl_utf16 text, size_t index)
{
    return index < text.size ? text.units[index] : 0;
}

static bool is_digit(uint16_t unit)
{
    return unit >= '0' && unit <= '9';
}

/* Matches a template: `d` is a digit, 0 to 9 one up to that, anything else is itself. */
static bool has(asl_utf16 text, size_t index, const char *template)
{
    for (; *template != '\0'; template ++, index++) {
        uint16_t unit = unit_at(text, index);
        bool is_range = *template >= '0' && *template <= '9';
        if (*template == 'd' ? !is_digit(unit)
            : is_range       ? !is_digit(unit) || unit > (unsigned char)*template
                             : unit != (unsigned char)*template)
            return false;
    }
    return true;
}

/* The size of the zone at `index`; 0 where there is none. */
static size_t zone_size(asl_utf16 text, size_t index)
{
    uint16_t sign = unit_at(text, index);
    if (sign == 'Z')
        return 1;
    if (sign != '+' && sign != '-')
        return 0;
    return has(text, index + 1, "2d5d") ? 5 : has(text, index + 1, "2d:5d") ? 6 : 0;
}

/* ^\d{4}(-[01]\d)*(-[0-3]\d)*(T[0-2]\d:[0-5]\d:[0-5]\d)*(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?$ */
bool asl_iso_time_is(asl_utf16 text)
{
    size_t next = 4;
    if (!has(text, 0, "dddd"))
        return false;
    /* What a digit or colon follows is a zone. */
    while (has(text, next, "-3d") && !is_digit(unit_at(text, next + 3)) &&
           unit_at(text, next + 3) != ':')
        next += 3;
    while (has(text, next, "T2d:5d:5d"))
        next += 9;
    if (has(text, next, ".d")) {
        for (next++; is_digit(unit_at(text, next));)
            next++;
    }
    next += zone_size(text, next);
    return next == text.size;
}

/* A number, or one unit; `unit` is 0 at the end. */
typedef struct token {
    uint16_t unit; /* 'd' for a number */
    int number;    /* of its first nine digits, zeros before them aside */
    size_t size;   /* all of its digits */
} token;

#define NONE (-1)

typedef struct reader {
    asl_utf16 text;
    size_t next;
    token token; /* the one that is looked at */
    int date[3], time[4];
    size_t date_count, time_count;
    bool is_iso;
    int zone_seconds;
} reader;

static void read_token(reader *r)
{
    token read = {.unit = unit_at(r->text, r->next)};
    if (is_digit(read.unit)) {
        for (; is_digit(unit_at(r->text, r->next)); r->next++, read.size++) {
            if (read.number < 100000000)
                read.number = read.number * 10 + (unit_at(r->text, r->next) - '0');
        }
        read.unit = 'd';
    } else {
        r->next += read.unit != 0;
    }
    r->token = read;
}

static token take(reader *r)
{
    token taken = r->token;
    read_token(r);
    return taken;
}

static bool skip(reader *r, uint16_t unit)
{
    if (r->token.unit != unit)
        return false;
    read_token(r);
    return true;
}

static bool is_next(const reader *r, size_t digits, int least, int most)
{
    return r->token.unit == 'd' && r->token.size == digits && r->token.number >= least &&
           r->token.number <= most;
}

static bool add_date(reader *r, int number)
{
    if (r->date_count == 3)
        return false;
    r->date[r->date_count++] = number;
    return true;
}

/* YYYY[-MM[-DD]]: false at what is not like this. */
static bool read_iso_date(reader *r)
{
    add_date(r, take(r).number);
    if (!skip(r, '-'))
        return true;
    if (!is_next(r, 2, 1, 12))
        return false;
    add_date(r, take(r).number);
    if (!skip(r, '-'))
        return true;
    if (!is_next(r, 2, 1, 31))
        return false;
    return add_date(r, take(r).number);
}

/* The first three digits of nine: where there are more and zeros first, V8 takes others. */
static int milliseconds(token fraction)
{
    size_t size = fraction.size < 9 ? fraction.size : 9;
    int number = fraction.number;
    for (; size < 3; size++)
        number *= 10;
    for (; size > 3; size--)
        number /= 10;
    return number;
}

static bool read_zone(reader *r)
{
    int sign = r->token.unit == '-' ? -1 : 1, hour, minute;
    if (skip(r, 'Z')) {
        r->zone_seconds = 0;
        return true;
    }
    if (!skip(r, '+') && !skip(r, '-'))
        return true;
    if (r->token.size == 4) {
        int both = take(r).number;
        hour = both / 100;
        minute = both % 100;
    } else {
        hour = take(r).number;
        skip(r, ':');
        minute = take(r).number;
    }
    r->zone_seconds = sign * (hour * 3600 + minute * 60);
    return hour <= 23;
}

/* Thh:mm:ss[.fff][zone], which ends the text; an hour of 24 has nothing behind it. */
static bool read_iso_time(reader *r)
{
    read_token(r);
    for (; r->time_count < 3; skip(r, ':')) {
        if (r->token.unit != 'd')
            return false;
        r->time[r->time_count++] = take(r).number;
    }
    token fraction = {0};
    if (skip(r, '.'))
        fraction = take(r);
    r->time[r->time_count++] = milliseconds(fraction);
    bool is_late =
        r->time[0] > 24 || (r->time[0] == 24 && (r->time[1] | r->time[2] | fraction.number) != 0);
    return !is_late && read_zone(r) && r->token.unit == 0;
}

/* A number by the older rules. */
static bool read_older_number(reader *r, int number)
{
    if (skip(r, ':')) {
        r->time[r->time_count++] = number;
        return r->time_count == 1;
    }
    skip(r, '.');
    if (r->time_count == 1) { /* minutes, which end the text */
        r->time[r->time_count++] = number;
        return true;
    }
    if (!add_date(r, number))
        return false;
    skip(r, '-');
    return true;
}

static bool read_older(reader *r)
{
    while (r->token.unit != 0) {
        token taken = take(r);
        if (taken.unit == 'd') {
            if (!read_older_number(r, taken.number))
                return false;
        } else if (taken.unit == 'Z') {
            r->zone_seconds = 0;
        } else if (taken.unit != '.' && taken.unit != ':') {
            return false; /* a sign or a word behind a number */
        }
    }
    return true;
}

/* The year, month and day that the numbers are; false where they are none. */
static bool order_date(reader *r, asl_date_fields *fields)
{
    const int *date = r->date;
    while (r->date_count < 3)
        r->date[r->date_count++] = 1;
    bool year_first = r->is_iso || date[0] < 1 || date[0] > 31;
    int year = year_first ? date[0] : date[2];
    int month = year_first ? date[1] : date[0], day = year_first ? date[2] : date[1];
    if (!r->is_iso && year < 100)
        year += year < 50 ? 2000 : 1900;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    fields->year = year;
    fields->month = month - 1;
    fields->day = day;
    return true;
}

double asl_iso_time_parse(asl_utf16 text)
{
    reader r = {.text = text};
    asl_date_fields fields = {0};
    read_token(&r);
    r.is_iso = read_iso_date(&r) && (r.token.unit == 'T' || r.token.unit == 0);
    bool is_read = !r.is_iso ? read_older(&r) : r.token.unit == 0 || read_iso_time(&r);
    if (!is_read || !order_date(&r, &fields))
        return NAN;
    bool is_late = r.time[0] > 24 || (r.time[0] == 24 && r.time[1] != 0);
    if (is_late)
        return NAN;
    fields.hour = r.time[0];
    fields.minute = r.time[1];
    fields.second = r.time[2];
    fields.millisecond = r.time[3];
    return asl_date_make(&fields) - r.zone_seconds * 1000.0;
}
