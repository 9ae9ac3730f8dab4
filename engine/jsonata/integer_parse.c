/* $parseInteger: a text by an integer picture. The text is not checked against the picture. */
#include <math.h>
#include <stdio.h>

#include "jsonata/integer_picture.h"
#include "jsonata/number_text.h"
#include "jsonata/number_words.h"
#include "jsonata/picture_fault.h"

static double parse_letters(asl_utf16 text, bool is_upper)
{
    double number = 0;
    for (size_t i = 0; i < text.size; i++) {
        int letter = text.units[text.size - 1 - i] - (is_upper ? 'A' : 'a');
        number += (letter + 1) * pow(26, (double)i);
    }
    return number;
}

/* NaN where it is no numeral. */
static double roman_value(uint16_t unit, bool is_upper)
{
    if (!is_upper && unit >= 'a' && unit <= 'z')
        unit = unit - 'a' + 'A';
    if (!is_upper && unit == 0x131) /* the dotless i: its capital is I */
        unit = 'I';
    switch (unit) {
    case 'M':
        return 1000;
    case 'D':
        return 500;
    case 'C':
        return 100;
    case 'L':
        return 50;
    case 'X':
        return 10;
    case 'V':
        return 5;
    case 'I':
        return 1;
    default:
        return NAN;
    }
}

/* From the right: what is less than the greatest so far is taken away. */
static double parse_roman(asl_utf16 text, bool is_upper)
{
    double number = 0, greatest = 1;
    for (size_t i = text.size; i > 0; i--) {
        double value = roman_value(text.units[i - 1], is_upper);
        if (value < greatest) {
            number -= value;
        } else {
            greatest = value;
            number += value;
        }
    }
    return number;
}

/* A bit for each code point. */
#define CODE_POINT_BYTES (0x110000 / 8)

static unsigned char *separator_set(const asl_integer_picture *picture, asl_arena *arena)
{
    unsigned char *set = asl_arena_allocate(arena, CODE_POINT_BYTES);
    if (set == NULL)
        return NULL;
    for (size_t i = 0; i < picture->separator_count; i++) {
        uint32_t code_point = picture->separators[i].code_point;
        set[code_point / 8] |= (unsigned char)(1u << code_point % 8);
    }
    return set;
}

/* Of separators at regular distances only the comma is taken out: that is jsonata-js's way. */
static bool is_separator(const asl_integer_picture *picture, const unsigned char *set,
                         uint32_t code_point)
{
    if (picture->grouping > 0)
        return code_point == ',';
    return set != NULL && (set[code_point / 8] >> code_point % 8 & 1) != 0;
}

/* Copies the text without separators; *ret_count units. */
static int take_separators_out(const asl_integer_picture *picture, asl_arena *arena, asl_utf16 text,
                               uint16_t *digits, size_t *ret_count)
{
    unsigned char *set = NULL;
    if (picture->grouping == 0 && picture->separator_count > 0) {
        set = separator_set(picture, arena);
        if (set == NULL)
            return ASL_NOMEM;
    }
    size_t count = 0, taken;
    for (size_t i = 0; i < text.size; i += taken) {
        uint32_t code_point = asl_utf16_code_point(text, i, &taken);
        for (size_t k = 0; k < taken && !is_separator(picture, set, code_point); k++)
            digits[count++] = text.units[i + k];
    }
    *ret_count = count;
    return ASL_OK;
}

/* Moves each unit from the picture's family of digits to ASCII. What is below that family's reach
 * is no code point any more, at which JavaScript throws. */
static int to_ascii(const asl_integer_picture *picture, uint16_t *units, size_t count,
                    asl_picture_fault *fault)
{
    int32_t offset = '0' - (int32_t)picture->zero;
    for (size_t i = 0; i < count; i++) {
        int32_t moved = units[i] + offset;
        if (moved < 0) {
            char message[48];
            snprintf(message, sizeof message, "Invalid code point %d", (int)moved);
            return asl_fault_throw(fault, message);
        }
        units[i] = (uint16_t)moved;
    }
    return ASL_OK;
}

static int parse_decimal(const asl_integer_picture *picture, asl_arena *arena, asl_utf16 text,
                         double *ret_number, asl_picture_fault *fault)
{
    if (picture->is_ordinal)
        text = asl_utf16_slice(text, 0, text.size > 2 ? text.size - 2 : 0);
    size_t count;
    uint16_t *digits = asl_arena_allocate(arena, (text.size + 1) * sizeof *digits);
    if (digits == NULL)
        return ASL_NOMEM;
    int status = take_separators_out(picture, arena, text, digits, &count);
    if (status == ASL_OK)
        status = to_ascii(picture, digits, count, fault);
    if (status == ASL_OK)
        *ret_number = asl_number_parse_int((asl_utf16){digits, count});
    return status;
}

int asl_integer_picture_parse(const asl_integer_picture *picture, asl_arena *arena, asl_utf16 text,
                              double *ret_number, asl_picture_fault *fault)
{
    bool is_upper = picture->letter_case == ASL_CASE_UPPER;
    switch (picture->style) {
    case ASL_INTEGER_LETTERS:
        *ret_number = parse_letters(text, is_upper);
        return ASL_OK;
    case ASL_INTEGER_ROMAN:
        *ret_number = parse_roman(text, is_upper);
        return ASL_OK;
    case ASL_INTEGER_WORDS:
        *ret_number = asl_number_words_read(text);
        return ASL_OK;
    case ASL_INTEGER_DECIMAL:
        return parse_decimal(picture, arena, text, ret_number, fault);
    case ASL_INTEGER_SEQUENCE:
        break;
    }
    return asl_integer_picture_check(picture, fault);
}

int asl_jsonata_parse_integer(asl_picture_text text, asl_picture_text picture, double *ret_number,
                              asl_picture_fault *fault)
{
    asl_arena arena;
    asl_utf16 text_units, picture_units;
    asl_integer_picture read;
    asl_arena_init(&arena, fault->text.heap);
    int status = asl_utf16_read(&arena, picture.bytes, picture.size, &picture_units);
    if (status == ASL_OK)
        status = asl_utf16_read(&arena, text.bytes, text.size, &text_units);
    if (status == ASL_OK)
        status = asl_integer_picture_read(&arena, picture_units, &read, fault);
    if (status == ASL_OK)
        status = asl_integer_picture_parse(&read, &arena, text_units, ret_number, fault);
    asl_arena_done(&arena);
    return status;
}
