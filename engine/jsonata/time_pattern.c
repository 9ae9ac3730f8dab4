/* Parts of time pictures as regular expressions, and what they have matched. */
#include "jsonata/time_pattern.h"

#include <math.h>
#include <string.h>

#include "jsonata/number_text.h"
#include "jsonata/number_words.h"

static void write_literal(asl_utf16 text, asl_buffer *source)
{
    for (size_t i = 0; i < text.size; i++) {
        uint16_t unit = text.units[i];
        if (unit != 0 && unit < 0x80 && strchr(".*+?^${}()|[]\\", unit) != NULL)
            asl_utf16_append_unit(source, '\\');
        asl_utf16_append_unit(source, unit);
    }
}

/* The separator of hours and minutes: where the picture has one at regular distances. */
static bool has_separator(const asl_time_part *part)
{
    return part->integer->grouping > 0;
}

/* The separator stands in the expression as it is, whatever it means there. */
static void write_zone(const asl_time_part *part, asl_buffer *source)
{
    if (part->component == 'z')
        asl_utf16_append_text(source, "GMT");
    asl_utf16_append_text(source, "[-+][0-9]+");
    if (has_separator(part)) {
        asl_utf16_append_code_point(source, part->integer->separators[0].code_point);
        asl_utf16_append_text(source, "[0-9]+");
    }
}

static void write_number(double number, asl_buffer *source)
{
    char text[ASL_DOUBLE_TEXT_SIZE];
    asl_utf16_append_ascii(source, text, asl_number_print(number, text));
}

static void write_decimal(const asl_time_part *part, asl_buffer *source)
{
    double most = part->digits_max, optional = part->integer->optional_digits;
    asl_utf16_append_text(source, "[0-9]");
    if (!(most > 0)) {
        asl_utf16_append_text(source, "+");
    } else {
        asl_utf16_append_text(source, "{");
        if (optional != 0) {
            write_number(most - optional, source);
            asl_utf16_append_text(source, ",");
        }
        write_number(most, source);
        asl_utf16_append_text(source, "}");
    }
    if (part->integer->is_ordinal)
        asl_utf16_append_text(source, "(?:th|st|nd|rd)");
}

static void write_words(asl_buffer *source)
{
    const char *word;
    asl_utf16_append_text(source, "(?:");
    for (size_t i = 0; (word = asl_number_word(i)) != NULL; i++) {
        asl_utf16_append_text(source, word);
        asl_utf16_append_text(source, "|");
    }
    asl_utf16_append_text(source, "and|[\\-, ])+");
}

static int write_integer(const asl_time_part *part, asl_buffer *source, asl_picture_fault *fault)
{
    bool is_upper = part->integer->letter_case == ASL_CASE_UPPER;
    switch (part->integer->style) {
    case ASL_INTEGER_LETTERS:
        asl_utf16_append_text(source, is_upper ? "[A-Z]+" : "[a-z]+");
        return ASL_OK;
    case ASL_INTEGER_ROMAN:
        asl_utf16_append_text(source, is_upper ? "[MDCLXVI]+" : "[mdclxvi]+");
        return ASL_OK;
    case ASL_INTEGER_WORDS:
        write_words(source);
        return ASL_OK;
    case ASL_INTEGER_DECIMAL:
        write_decimal(part, source);
        return ASL_OK;
    case ASL_INTEGER_SEQUENCE:
        break;
    }
    return asl_integer_picture_check(part->integer, fault);
}

static bool is_zone(const asl_time_part *part)
{
    return part->component == 'Z' || part->component == 'z';
}

static bool has_names(uint16_t component)
{
    return component == 'M' || component == 'x' || component == 'F' || component == 'P';
}

int asl_time_pattern_write(const asl_time_part *part, asl_buffer *source, asl_picture_fault *fault)
{
    if (part->is_literal)
        write_literal(part->text, source);
    else if (is_zone(part))
        write_zone(part, source);
    else if (part->integer != NULL)
        return write_integer(part, source, fault);
    else if (has_names(part->component))
        asl_utf16_append_text(source, "[a-zA-Z]+");
    else
        return asl_time_part_no_name(part, fault);
    return ASL_OK;
}

asl_time_value asl_time_value_of(double number)
{
    return (asl_time_value){true, number != 0 && !isnan(number), number};
}

/* Minutes east of Greenwich. A sign is that of the hours, while minutes are added. */
static double parse_zone(const asl_time_part *part, asl_utf16 text)
{
    size_t hours_end = 3, minutes_start = 3;
    if (part->component == 'z')
        text = asl_utf16_slice(text, 3, text.size); /* behind GMT */
    if (has_separator(part)) {
        uint16_t separator[2];
        size_t size = asl_utf16_encode(part->integer->separators[0].code_point, separator);
        size_t found = asl_utf16_find(text, separator[0], 0);
        while (found != ASL_UTF16_NONE &&
               !asl_utf16_equal(asl_utf16_slice(text, found, found + size),
                                (asl_utf16){separator, size}))
            found = asl_utf16_find(text, separator[0], found + 1);
        /* One that is another letter in the text (by case) is not found. */
        hours_end = found == ASL_UTF16_NONE ? 0 : found;
        minutes_start = found == ASL_UTF16_NONE ? 0 : found + 1;
    } else if (text.size <= 3) {
        return asl_number_parse_int(text) * 60;
    }
    return asl_number_parse_int(asl_utf16_slice(text, 0, hours_end)) * 60 +
           asl_number_parse_int(asl_utf16_slice(text, minutes_start, text.size));
}

/* Whether the text is the name, cut to the picture's width. */
static bool is_name(asl_utf16 text, const char *name, const asl_time_part *part)
{
    double width = part->has_width ? part->width_max : NAN;
    size_t size = strlen(name);
    if (width < 0)
        size = 0;
    else if (width != 0 && width < (double)size) /* NaN and 0: no width */
        size = (size_t)width;
    if (text.size != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text.units[i] != (unsigned char)name[i])
            return false;
    }
    return true;
}

/* What every JavaScript object has under these names is defined, true, and no number. */
static asl_time_value parse_property(asl_utf16 text)
{
    static const char *const properties[] = {
        "constructor",    "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable",
        "toLocaleString", "toString",       "valueOf",
    };
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        if (asl_utf16_is(text, properties[i]))
            return (asl_time_value){true, true, NAN};
    }
    return (asl_time_value){false, false, NAN};
}

/* The number of a name. Of names that are cut to the same text the last one counts. */
static asl_time_value parse_name(const asl_time_part *part, asl_utf16 text)
{
    asl_time_value value = parse_property(text);
    const char *(*name_of)(double index) = part->component == 'F' ? asl_day_name : asl_month_name;
    const char *name;
    for (int i = 1; (name = name_of(i - 1)) != NULL; i++) {
        if (is_name(text, name, part))
            value = asl_time_value_of(i);
    }
    return value;
}

static asl_time_value parse_half_day(asl_utf16 text)
{
    if (asl_utf16_is(text, "am") || asl_utf16_is(text, "AM"))
        return asl_time_value_of(0);
    if (asl_utf16_is(text, "pm") || asl_utf16_is(text, "PM"))
        return asl_time_value_of(1);
    return parse_property(text);
}

int asl_time_part_parse(const asl_time_part *part, asl_arena *arena, asl_utf16 text,
                        asl_time_value *ret_value, asl_picture_fault *fault)
{
    double number;
    int status = ASL_OK;
    if (is_zone(part)) {
        *ret_value = asl_time_value_of(parse_zone(part, text));
    } else if (part->integer != NULL) {
        status = asl_integer_picture_parse(part->integer, arena, text, &number, fault);
        if (status == ASL_OK)
            *ret_value = asl_time_value_of(number);
    } else {
        *ret_value = part->component == 'P' ? parse_half_day(text) : parse_name(part, text);
    }
    return status;
}
