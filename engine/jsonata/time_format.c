/* $fromMillis: a time by its picture. */
#include <math.h>
#include <string.h>

#include "jsonata/calendar.h"
#include "jsonata/number_text.h"
#include "jsonata/time_picture.h"

#define ISO_8601 "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"

typedef struct formatter {
    double time; /* clipped, moved to the zone */
    double offset_hours, offset_minutes;
    asl_buffer *units;
    asl_picture_fault *fault;
} formatter;

/* A property of what a list does not have is read. */
static int throw_undefined(const formatter *f, const char *property)
{
    asl_buffer *message = &f->fault->text;
    int status = asl_fault_throw(f->fault, "Cannot read properties of undefined (reading '");
    asl_buffer_text(message, property);
    asl_buffer_text(message, "')");
    return message->status != ASL_OK ? message->status : status;
}

/* The time is none, so that it has no month or day. */
static int format_no_name(const formatter *f, const asl_time_part *part)
{
    if (part->names == ASL_NAME_UPPER)
        return throw_undefined(f, "toUpperCase");
    if (part->names == ASL_NAME_LOWER)
        return throw_undefined(f, "toLowerCase");
    if (part->has_width)
        return throw_undefined(f, "length");
    asl_utf16_append_text(f->units, "undefined");
    return ASL_OK;
}

static uint16_t cased(uint16_t letter, asl_name_style names)
{
    bool is_small = letter >= 'a';
    if (names == ASL_NAME_UPPER && is_small)
        return letter - 'a' + 'A';
    return names == ASL_NAME_LOWER && !is_small ? letter - 'A' + 'a' : letter;
}

static int format_name(const formatter *f, const asl_time_part *part, double value)
{
    const char *name;
    if (part->component == 'M' || part->component == 'x')
        name = asl_month_name(value - 1);
    else if (part->component == 'F')
        name = asl_day_name(value - 1);
    else
        return asl_time_part_no_name(part, f->fault);
    if (name == NULL)
        return format_no_name(f, part);
    for (size_t i = 0; name[i] != '\0' && !((double)i >= part->width_max); i++)
        asl_utf16_append_unit(f->units, cased((unsigned char)name[i], part->names));
    return ASL_OK;
}

static int format_number(const formatter *f, const asl_time_part *part)
{
    double value = asl_time_component(f->time, part->component);
    /* XPath 9.8.4.4 */
    if (part->component == 'Y' && part->digits_max != -1)
        value = fmod(value, asl_number_power_of_ten(part->digits_max));
    if (part->names != ASL_NAME_NONE && part->component != 'f')
        return format_name(f, part, value);
    if (part->integer == NULL)
        return throw_undefined(f, "primary");
    return asl_integer_picture_format(part->integer, value, f->units, f->fault);
}

/* Hours, and minutes if there are any. */
static int format_short_offset(const formatter *f, const asl_integer_picture *picture)
{
    static const asl_integer_picture two_digits = {
        .style = ASL_INTEGER_DECIMAL, .mandatory_digits = 2, .zero = '0'};
    int status = asl_integer_picture_format(picture, f->offset_hours, f->units, f->fault);
    if (status != ASL_OK || f->offset_minutes == 0)
        return status;
    asl_utf16_append_unit(f->units, ':');
    return asl_integer_picture_format(&two_digits, floor(f->offset_minutes), f->units, f->fault);
}

static int format_offset(const formatter *f, const asl_integer_picture *picture, double offset)
{
    double digits = picture->mandatory_digits;
    if (picture->grouping > 0 || digits == 3 || digits == 4)
        return asl_integer_picture_format(picture, offset, f->units, f->fault);
    if (digits == 1 || digits == 2)
        return format_short_offset(f, picture);
    if (isnan(digits)) /* no decimal picture */
        return asl_fault_raise(f->fault, "D3134");
    return asl_fault_raise_number(f->fault, "D3134", digits);
}

static int format_zone(const formatter *f, const asl_time_part *part)
{
    double offset = f->offset_hours * 100 + f->offset_minutes;
    size_t start = f->units->size;
    if (part->component == 'z')
        asl_utf16_append_text(f->units, "GMT");
    if (offset >= 0)
        asl_utf16_append_unit(f->units, '+');
    int status = format_offset(f, part->integer, offset);
    if (status == ASL_OK && offset == 0 && part->modifier == 't') {
        f->units->size = start;
        asl_utf16_append_unit(f->units, 'Z');
    }
    return status;
}

static int format_half_day(const formatter *f, const asl_time_part *part)
{
    bool is_afternoon = asl_date_fields_of(f->time).hour >= 12;
    if (part->names == ASL_NAME_UPPER)
        asl_utf16_append_text(f->units, is_afternoon ? "PM" : "AM");
    else
        asl_utf16_append_text(f->units, is_afternoon ? "pm" : "am");
    return ASL_OK;
}

static int format_part(const formatter *f, const asl_time_part *part)
{
    if (part->is_literal) {
        asl_utf16_append(f->units, part->text);
        return ASL_OK;
    }
    switch (part->component) {
    case 'Z':
    case 'z':
        return format_zone(f, part);
    case 'P':
        return format_half_day(f, part);
    case 'C': /* the calendar */
    case 'E': /* the era */
        asl_utf16_append_text(f->units, "ISO");
        return ASL_OK;
    default:
        if (asl_time_is_number(part->component))
            return format_number(f, part);
        asl_utf16_append_text(f->units, "undefined"); /* no component, with a presentation */
        return ASL_OK;
    }
}

/* "+hhmm" as a number, of which the lower digits are minutes. */
static void read_zone(formatter *f, asl_utf16 zone)
{
    double offset = asl_number_parse_int(zone);
    f->offset_hours = floor(offset / 100);
    f->offset_minutes = fmod(offset, 100);
}

static int format(formatter *f, asl_arena *arena, asl_picture_text picture,
                  asl_picture_text timezone)
{
    asl_utf16 text, zone;
    asl_time_picture read = {.heap = f->fault->text.heap};
    if (picture.bytes == NULL)
        picture = (asl_picture_text){ISO_8601, strlen(ISO_8601)};
    int status = asl_utf16_read(arena, timezone.bytes, timezone.size, &zone);
    if (status == ASL_OK && timezone.bytes != NULL)
        read_zone(f, zone);
    f->time = asl_date_clip(f->time + (60 * f->offset_hours + f->offset_minutes) * 60 * 1000);
    if (status == ASL_OK)
        status = asl_utf16_read(arena, picture.bytes, picture.size, &text);
    if (status == ASL_OK)
        status = asl_time_picture_read(&read, arena, text, f->fault);
    for (size_t i = 0; status == ASL_OK && i < read.count; i++) {
        status = format_part(f, &read.parts[i]);
        if (status == ASL_OK)
            status = asl_fault_of(f->fault, f->units->status);
    }
    asl_time_picture_done(&read);
    return status;
}

int asl_jsonata_from_millis(double millis, asl_picture_text picture, asl_picture_text timezone,
                            asl_buffer *out, asl_picture_fault *fault)
{
    asl_arena arena;
    asl_buffer units;
    formatter f = {.time = millis, .units = &units, .fault = fault};
    asl_arena_init(&arena, fault->text.heap);
    asl_utf16_init(&units, fault->text.heap);
    int status = format(&f, &arena, picture, timezone);
    if (status == ASL_OK) {
        asl_utf16_write(asl_utf16_of(&units), out);
        status = out->status;
    }
    asl_buffer_done(&units);
    asl_arena_done(&arena);
    return status;
}
