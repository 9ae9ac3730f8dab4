/* $formatInteger: a number by an integer picture. */
#include <math.h>

#include "base/limits.h"
#include "jsonata/integer_picture.h"
#include "jsonata/number_text.h"
#include "jsonata/number_words.h"
#include "jsonata/picture_fault.h"
#include "jsonata/splice.h"

#define STACK_OVERFLOW "Maximum call stack size exceeded"
#define LETTERS_MAX 256 /* the greatest double has 218 */

/* Spreadsheet columns: A is 1, Z 26, AA 27. */
static int format_letters(double number, bool is_upper, asl_buffer *units, asl_picture_fault *fault)
{
    if (isinf(number))
        return asl_fault_raise(fault, ASL_FAULT_ENDLESS);
    uint16_t letters[LETTERS_MAX];
    size_t first = LETTERS_MAX;
    while (number > 0) {
        letters[--first] = (uint16_t)(fmod(number - 1, 26) + (is_upper ? 'A' : 'a'));
        number = floor((number - 1) / 26);
    }
    asl_utf16_append(units, (asl_utf16){letters + first, LETTERS_MAX - first});
    return ASL_OK;
}

/* jsonata-js calls itself for each numeral, so that its stack bounds the number. */
static int format_roman(double number, bool is_upper, asl_buffer *units, asl_picture_fault *fault)
{
    static const struct {
        double value;
        const char *lower, *upper;
    } numerals[] = {
        {1000, "m", "M"}, {900, "cm", "CM"}, {500, "d", "D"},  {400, "cd", "CD"}, {100, "c", "C"},
        {90, "xc", "XC"}, {50, "l", "L"},    {40, "xl", "XL"}, {10, "x", "X"},    {9, "ix", "IX"},
        {5, "v", "V"},    {4, "iv", "IV"},   {1, "i", "I"},
    };
    if (number > ASL_ROMAN_NUMBER_MAX)
        return asl_fault_throw(fault, STACK_OVERFLOW);
    for (size_t i = 0; i < sizeof numerals / sizeof numerals[0]; i++) {
        while (number >= numerals[i].value) {
            asl_utf16_append_text(units, is_upper ? numerals[i].upper : numerals[i].lower);
            number -= numerals[i].value;
        }
    }
    return ASL_OK;
}

/* The digits, as many as the picture wants at least. */
static int put_digits(const asl_integer_picture *picture, double number, asl_buffer *units,
                      asl_picture_fault *fault)
{
    char text[ASL_DOUBLE_TEXT_SIZE];
    size_t size = asl_number_print(number, text);
    double padding = picture->mandatory_digits - (double)size;
    if (padding + 1 > UINT32_MAX)
        return asl_fault_throw(fault, "Invalid array length");
    if (padding > ASL_PICTURE_RESULT_UNITS_MAX)
        return asl_fault_of(fault, ASL_TOO_LARGE);
    size_t zeros = padding > 0 ? (size_t)padding : 0;
    for (size_t i = 0; i < zeros && units->status == ASL_OK; i++)
        asl_utf16_append_unit(units, (uint16_t)picture->zero);
    for (size_t i = 0; i < size; i++)
        asl_utf16_append_unit(units, (uint16_t)((unsigned char)text[i] - '0' + picture->zero));
    return asl_fault_of(fault, units->status);
}

static void group_regularly(const asl_integer_picture *picture, asl_utf16 digits, asl_buffer *units)
{
    for (size_t i = 0; i < digits.size && units->status == ASL_OK; i++) {
        if (i > 0 && (digits.size - i) % picture->grouping == 0)
            asl_utf16_append_code_point(units, picture->separators[0].code_point);
        asl_utf16_append_unit(units, digits.units[i]);
    }
}

/* Puts each separator, from the left one on, before as many units as digits stand right of it in
 * the picture. Where the text is shorter, jsonata-js puts it before all and keeps of the text only
 * as many units as are lacking. */
static int group_at_positions(const asl_integer_picture *picture, asl_utf16 digits,
                              asl_buffer *units)
{
    asl_splice splice;
    asl_splice_init(&splice, units->heap, digits);
    for (size_t i = picture->separator_count; i > 0; i--) {
        const asl_integer_separator *separator = &picture->separators[i - 1];
        uint16_t character[2];
        size_t character_size = asl_utf16_encode(separator->code_point, character);
        size_t size = asl_splice_size(&splice);
        size_t lacking = separator->position > size ? separator->position - size : 0;
        if (lacking > 0 && lacking < size)
            asl_splice_drop(&splice, size - lacking);
        asl_splice_insert(&splice, lacking > 0 ? 0 : size - separator->position,
                          (asl_utf16){character, character_size});
    }
    int status = asl_splice_finish(&splice, units);
    asl_splice_done(&splice);
    return status;
}

/* English suffixes, by the last digit and the one before. */
static void put_suffix(asl_utf16 text, asl_buffer *units)
{
    uint16_t last = text.units[text.size - 1];
    bool is_teen = text.size > 1 && text.units[text.size - 2] == '1';
    const char *suffix = is_teen || last < '1' || last > '3' ? "th"
                         : last == '1'                       ? "st"
                         : last == '2'                       ? "nd"
                                                             : "rd";
    asl_utf16_append_text(units, suffix);
}

static int format_grouped(const asl_integer_picture *picture, double number, asl_buffer *units,
                          asl_picture_fault *fault)
{
    asl_buffer digits;
    asl_utf16_init(&digits, units->heap);
    int status = put_digits(picture, number, &digits, fault);
    if (status == ASL_OK && picture->grouping > 0)
        group_regularly(picture, asl_utf16_of(&digits), units);
    else if (status == ASL_OK)
        status = asl_fault_of(fault, group_at_positions(picture, asl_utf16_of(&digits), units));
    asl_buffer_done(&digits);
    return status;
}

static int format_decimal(const asl_integer_picture *picture, double number, asl_buffer *units,
                          asl_picture_fault *fault)
{
    size_t start = units->size / sizeof(uint16_t);
    int status = picture->separator_count > 0 ? format_grouped(picture, number, units, fault)
                                              : put_digits(picture, number, units, fault);
    asl_utf16 text = asl_utf16_of(units);
    if (status == ASL_OK && units->status == ASL_OK && picture->is_ordinal)
        put_suffix(asl_utf16_slice(text, start, text.size), units);
    return status;
}

static int format_words(const asl_integer_picture *picture, double number, asl_buffer *units,
                        asl_picture_fault *fault)
{
    if (asl_number_words_write(number, picture->is_ordinal, picture->letter_case, units))
        return ASL_OK;
    return asl_fault_throw(fault, STACK_OVERFLOW);
}

static int format_absolute(const asl_integer_picture *picture, double number, asl_buffer *units,
                           asl_picture_fault *fault)
{
    bool is_upper = picture->letter_case == ASL_CASE_UPPER;
    switch (picture->style) {
    case ASL_INTEGER_LETTERS:
        return format_letters(number, is_upper, units, fault);
    case ASL_INTEGER_ROMAN:
        return format_roman(number, is_upper, units, fault);
    case ASL_INTEGER_WORDS:
        return format_words(picture, number, units, fault);
    case ASL_INTEGER_DECIMAL:
        return format_decimal(picture, number, units, fault);
    case ASL_INTEGER_SEQUENCE:
        break;
    }
    return asl_integer_picture_check(picture, fault);
}

int asl_integer_picture_format(const asl_integer_picture *picture, double number, asl_buffer *units,
                               asl_picture_fault *fault)
{
    if (number < 0)
        asl_utf16_append_unit(units, '-');
    int status = format_absolute(picture, fabs(number), units, fault);
    return status != ASL_OK ? status : asl_fault_of(fault, units->status);
}

int asl_jsonata_format_integer(double number, asl_picture_text picture, asl_buffer *out,
                               asl_picture_fault *fault)
{
    asl_arena arena;
    asl_buffer units;
    asl_utf16 text;
    asl_integer_picture read;
    asl_arena_init(&arena, fault->text.heap);
    asl_utf16_init(&units, fault->text.heap);
    int status = asl_utf16_read(&arena, picture.bytes, picture.size, &text);
    if (status == ASL_OK)
        status = asl_integer_picture_read(&arena, text, &read, fault);
    if (status == ASL_OK)
        status = asl_integer_picture_format(&read, floor(number), &units, fault);
    if (status == ASL_OK) {
        asl_utf16_write(asl_utf16_of(&units), out);
        status = out->status;
    }
    asl_buffer_done(&units);
    asl_arena_done(&arena);
    return status;
}
