/* Analysis of time pictures (XPath F&O 3.1, 9.8.4, as jsonata-js has it). */
#include "jsonata/time_picture.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/heap.h"
#include "jsonata/calendar.h"
#include "jsonata/number_text.h"

void asl_time_picture_done(asl_time_picture *picture)
{
    asl_release(picture->heap, picture->parts, picture->capacity * sizeof *picture->parts);
    picture->parts = NULL;
    picture->count = picture->capacity = 0;
}

const char *asl_month_name(double index)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    return index >= 0 && index < 12 ? months[(size_t)index] : NULL;
}

const char *asl_day_name(double index)
{
    static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};
    return index >= 0 && index < 7 ? days[(size_t)index] : NULL;
}

static double year_of(double time)
{
    return asl_date_fields_of(time).year;
}

static double month_of(double time)
{
    return asl_date_fields_of(time).month + 1;
}

static double day_of(double time)
{
    return asl_date_fields_of(time).day;
}

static double weekday_of(double time)
{
    double weekday = asl_date_weekday(time);
    return weekday == 0 ? 7 : weekday;
}

static double hour_of(double time)
{
    return asl_date_fields_of(time).hour;
}

static double half_day_hour_of(double time)
{
    double hour = fmod(hour_of(time), 12);
    return hour == 0 ? 12 : hour;
}

static double minute_of(double time)
{
    return asl_date_fields_of(time).minute;
}

static double second_of(double time)
{
    return asl_date_fields_of(time).second;
}

static double millisecond_of(double time)
{
    return asl_date_fields_of(time).millisecond;
}

/* What a marker may name, how it is presented where it does not say, and its value. */
typedef struct component {
    char letter;
    const char *presentation;
    double (*value)(double time); /* NULL: no number */
} component;

static const component components[] = {
    {'Y', "1", year_of},
    {'M', "1", month_of},
    {'D', "1", day_of},
    {'d', "1", asl_date_day_of_year},
    {'F', "n", weekday_of},
    {'W', "1", asl_date_week_of_year},
    {'w', "1", asl_date_week_of_month},
    {'X', "1", asl_date_year_of_week},
    {'x', "1", asl_date_month_of_week},
    {'H', "1", hour_of},
    {'h', "1", half_day_hour_of},
    {'P', "n", NULL},
    {'m', "01", minute_of},
    {'s', "01", second_of},
    {'f', "1", millisecond_of},
    {'Z', "01:01", NULL},
    {'z', "01:01", NULL},
    {'C', "n", NULL},
    {'E', "n", NULL},
};

static const component *find_component(uint16_t letter)
{
    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
        if (letter == (unsigned char)components[i].letter)
            return &components[i];
    }
    return NULL;
}

bool asl_time_is_number(uint16_t letter)
{
    const component *found = find_component(letter);
    return found != NULL && found->value != NULL;
}

double asl_time_component(double time, uint16_t letter)
{
    return asl_time_is_number(letter) ? find_component(letter)->value(time) : NAN;
}

int asl_time_part_no_name(const asl_time_part *part, asl_picture_fault *fault)
{
    return asl_fault_raise_text(fault, "D3133", part->text);
}

static int add_part(asl_time_picture *picture, asl_time_part part)
{
    int status = asl_array_reserve(picture->heap, &picture->parts, &picture->capacity,
                                   picture->count, SIZE_MAX);
    if (status == ASL_OK)
        picture->parts[picture->count++] = part;
    return status;
}

/* A literal, of which each "]]" is one bracket; nothing where it is empty. */
static int add_literal(asl_time_picture *picture, asl_arena *arena, asl_utf16 text)
{
    if (text.size == 0)
        return ASL_OK;
    uint16_t *units = asl_arena_allocate(arena, text.size * sizeof *units);
    if (units == NULL)
        return ASL_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        units[count++] = text.units[i];
        i += text.units[i] == ']' && i + 1 < text.size && text.units[i + 1] == ']';
    }
    return add_part(picture, (asl_time_part){.is_literal = true, .text = {units, count}});
}

/* White space within a marker does not count. */
static int without_spaces(asl_arena *arena, asl_utf16 text, asl_utf16 *ret_text)
{
    uint16_t *units = asl_arena_allocate(arena, (text.size + 1) * sizeof *units);
    if (units == NULL)
        return ASL_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!asl_utf16_is_space(text.units[i]))
            units[count++] = text.units[i];
    }
    *ret_text = (asl_utf16){units, count};
    return ASL_OK;
}

/* Reads the width, behind the last comma. What is between it and the component presents; where the
 * marker begins with the comma jsonata-js takes that for both. */
static asl_utf16 take_width(asl_time_part *part, asl_utf16 marker, double *ret_least)
{
    size_t comma = asl_utf16_find_last(marker, ',');
    *ret_least = part->width_max = NAN;
    part->has_width = comma != ASL_UTF16_NONE;
    if (!part->has_width)
        return asl_utf16_slice(marker, 1, marker.size);
    asl_utf16 width = asl_utf16_slice(marker, comma + 1, marker.size);
    size_t dash = asl_utf16_find(width, '-', 0);
    if (dash != ASL_UTF16_NONE) {
        asl_utf16 most = asl_utf16_slice(width, dash + 1, width.size);
        part->has_width_max = !asl_utf16_is(most, "*");
        part->width_max = asl_number_parse_int(most);
    }
    *ret_least = asl_number_parse_int(asl_utf16_slice(width, 0, dash));
    return comma > 0 ? asl_utf16_slice(marker, 1, comma) : part->text;
}

/* Splits the second presentation modifier off. */
static asl_utf16 take_modifier(asl_time_part *part, asl_utf16 presentation)
{
    uint16_t last = presentation.size > 1 ? presentation.units[presentation.size - 1] : 0;
    if (last != 'a' && last != 't' && last != 'c' && last != 'o')
        return presentation;
    part->modifier = last;
    return asl_utf16_slice(presentation, 0, presentation.size - 1);
}

static asl_name_style name_style(asl_utf16 presentation)
{
    if (presentation.units[0] == 'n')
        return ASL_NAME_LOWER;
    if (presentation.units[0] != 'N')
        return ASL_NAME_NONE;
    return presentation.size > 1 && presentation.units[1] == 'n' ? ASL_NAME_TITLE : ASL_NAME_UPPER;
}

/* The integer picture of a presentation with its modifier. */
static int read_integer(asl_time_part *part, asl_arena *arena, asl_utf16 presentation,
                        uint16_t modifier, asl_picture_fault *fault)
{
    uint16_t *units = asl_arena_allocate(arena, (presentation.size + 2) * sizeof *units);
    part->integer = asl_arena_allocate(arena, sizeof *part->integer);
    if (units == NULL || part->integer == NULL)
        return ASL_NOMEM;
    memcpy(units, presentation.units, presentation.size * sizeof *units);
    size_t size = presentation.size;
    if (modifier != 0) {
        units[size++] = ';';
        units[size++] = modifier;
    }
    return asl_integer_picture_read(arena, (asl_utf16){units, size}, part->integer, fault);
}

/* XPath 9.8.4.4: a width, or more than one digit, bounds the digits of years (and in jsonata-js
 * those that are read of months and days). */
static void apply_width(asl_time_part *part, double least)
{
    asl_integer_picture *integer = part->integer;
    if (integer->mandatory_digits < least)
        integer->mandatory_digits = least;
    if (part->component != 'Y' && part->component != 'M' && part->component != 'D')
        return;
    double digits = integer->mandatory_digits + integer->optional_digits;
    if (part->has_width_max)
        part->digits_max = integer->mandatory_digits = part->width_max;
    else if (digits >= 2)
        part->digits_max = digits;
}

static bool is_zone(const asl_time_part *part)
{
    return part->component == 'Z' || part->component == 'z';
}

static int read_presentation(asl_time_part *part, asl_arena *arena, asl_utf16 presentation,
                             double width_least, asl_picture_fault *fault)
{
    part->names = name_style(presentation);
    if (is_zone(part))
        return read_integer(part, arena, presentation, 0, fault);
    if (part->names != ASL_NAME_NONE || !asl_time_is_number(part->component))
        return ASL_OK;
    int status = read_integer(part, arena, presentation, part->modifier, fault);
    if (status == ASL_OK)
        apply_width(part, width_least);
    return status;
}

/* The default presentation of the component; D3132 where it is none. */
static int default_presentation(const asl_time_part *part, asl_arena *arena,
                                asl_utf16 *ret_presentation, asl_picture_fault *fault)
{
    const component *found = find_component(part->component);
    if (found == NULL)
        return asl_fault_raise_text(fault, "D3132", part->text);
    return asl_utf16_read(arena, found->presentation, strlen(found->presentation),
                          ret_presentation);
}

static int add_marker(asl_time_picture *picture, asl_arena *arena, asl_utf16 text,
                      asl_picture_fault *fault)
{
    asl_utf16 marker;
    asl_time_part part = {.digits_max = -1};
    int status = without_spaces(arena, text, &marker);
    if (status != ASL_OK)
        return status;
    part.text = asl_utf16_slice(marker, 0, 1);
    part.component = marker.size > 0 ? marker.units[0] : 0;
    double width_least;
    asl_utf16 presentation = take_modifier(&part, take_width(&part, marker, &width_least));
    if (presentation.size == 0)
        status = default_presentation(&part, arena, &presentation, fault);
    if (status == ASL_OK)
        status = read_presentation(&part, arena, presentation, width_least, fault);
    return status == ASL_OK ? add_part(picture, part) : status;
}

int asl_time_picture_read(asl_time_picture *picture, asl_arena *arena, asl_utf16 text,
                          asl_picture_fault *fault)
{
    size_t start = 0, next;
    int status = ASL_OK;
    while (status == ASL_OK && (next = asl_utf16_find(text, '[', start)) != ASL_UTF16_NONE) {
        status = add_literal(picture, arena, asl_utf16_slice(text, start, next));
        if (status == ASL_OK && next + 1 < text.size && text.units[next + 1] == '[') {
            status = add_literal(picture, arena, asl_utf16_slice(text, next, next + 1));
            start = next + 2;
            continue;
        }
        size_t end = asl_utf16_find(text, ']', next);
        if (status == ASL_OK && end == ASL_UTF16_NONE)
            status = asl_fault_raise(fault, "D3135");
        if (status == ASL_OK)
            status = add_marker(picture, arena, asl_utf16_slice(text, next + 1, end), fault);
        start = end + 1;
    }
    if (status != ASL_OK)
        return status;
    return add_literal(picture, arena, asl_utf16_slice(text, start, text.size));
}
