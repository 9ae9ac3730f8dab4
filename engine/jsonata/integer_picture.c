/* Analysis of integer pictures. A decimal one is read from its right end, where positions of
 * separators are counted from. */
#include "jsonata/integer_picture.h"

#include <math.h>

/* The digits zero of Unicode's decimal families, as far as jsonata-js knows them. */
static const uint16_t zeros[] = {
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0,
    0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

/* The zero of a digit's family; 0 where it is no digit. */
static uint32_t zero_of(uint32_t code_point)
{
    for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++) {
        if (code_point >= zeros[i] && code_point <= zeros[i] + 9u)
            return zeros[i];
    }
    return 0;
}

static bool read_keyword(asl_integer_picture *picture)
{
    static const struct {
        const char *token;
        asl_integer_style style;
        asl_letter_case letter_case;
    } keywords[] = {
        {"A", ASL_INTEGER_LETTERS, ASL_CASE_UPPER}, {"a", ASL_INTEGER_LETTERS, ASL_CASE_LOWER},
        {"I", ASL_INTEGER_ROMAN, ASL_CASE_UPPER},   {"i", ASL_INTEGER_ROMAN, ASL_CASE_LOWER},
        {"W", ASL_INTEGER_WORDS, ASL_CASE_UPPER},   {"w", ASL_INTEGER_WORDS, ASL_CASE_LOWER},
        {"Ww", ASL_INTEGER_WORDS, ASL_CASE_TITLE},
    };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (asl_utf16_is(picture->token, keywords[i].token)) {
            picture->style = keywords[i].style;
            picture->letter_case = keywords[i].letter_case;
            return true;
        }
    }
    return false;
}

/* Splits the modifier off, behind the last semicolon: `o` is the only one with an effect. */
static asl_utf16 take_modifier(asl_utf16 picture, bool *ret_is_ordinal)
{
    size_t semicolon = asl_utf16_find_last(picture, ';');
    *ret_is_ordinal = false;
    if (semicolon == ASL_UTF16_NONE)
        return picture;
    *ret_is_ordinal = semicolon + 1 < picture.size && picture.units[semicolon + 1] == 'o';
    return asl_utf16_slice(picture, 0, semicolon);
}

/* What is found in a decimal picture. */
typedef struct reader {
    asl_integer_separator *separators;
    size_t separator_count;
    size_t digits, optional;
    uint32_t zero;
} reader;

/* False where digits of two families meet. */
static bool take_character(reader *r, uint32_t code_point)
{
    uint32_t zero = zero_of(code_point);
    if (zero != 0) {
        r->digits++;
        if (r->zero == 0)
            r->zero = zero;
        return r->zero == zero;
    }
    if (code_point == '#') {
        r->optional++;
    } else {
        r->separators[r->separator_count++] =
            (asl_integer_separator){r->digits + r->optional, code_point};
    }
    return true;
}

/* The code point that ends before `end`. */
static uint32_t last_code_point(asl_utf16 text, size_t end, size_t *ret_size)
{
    if (end >= 2) {
        uint32_t code_point = asl_utf16_code_point(text, end - 2, ret_size);
        if (*ret_size == 2)
            return code_point;
    }
    return asl_utf16_code_point(text, end - 1, ret_size);
}

static size_t greatest_common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The distance at which all separators stand, the same one each time; 0 where there is none. */
static size_t regular_grouping(const reader *r)
{
    if (r->separator_count == 0)
        return 0;
    size_t divisor = r->separators[0].position;
    for (size_t i = 1; i < r->separator_count; i++) {
        if (r->separators[i].code_point != r->separators[0].code_point)
            return 0;
        divisor = greatest_common_divisor(divisor, r->separators[i].position);
    }
    for (size_t i = 0; i < r->separator_count; i++) {
        if (r->separators[i].position != (i + 1) * divisor)
            return 0;
    }
    return divisor;
}

/* Each unit that is neither digit nor optional digit may be a separator of its own. */
static size_t count_separators(asl_utf16 token)
{
    size_t count = 0;
    for (size_t i = 0; i < token.size; i++)
        count += token.units[i] != '#' && zero_of(token.units[i]) == 0;
    return count;
}

static int read_decimal(asl_arena *arena, asl_integer_picture *picture, asl_picture_fault *fault)
{
    asl_utf16 token = picture->token;
    reader r = {.separators = asl_arena_allocate(arena, (count_separators(token) + 1) *
                                                            sizeof *r.separators)};
    if (r.separators == NULL)
        return ASL_NOMEM;
    size_t taken;
    for (size_t end = token.size; end > 0; end -= taken) {
        if (!take_character(&r, last_code_point(token, end, &taken)))
            return asl_fault_raise(fault, "D3131");
    }
    if (r.digits == 0) {
        picture->style = ASL_INTEGER_SEQUENCE;
        return ASL_OK;
    }
    picture->mandatory_digits = (double)r.digits;
    picture->optional_digits = (double)r.optional;
    picture->zero = r.zero;
    picture->separators = r.separators;
    picture->separator_count = r.separator_count;
    picture->grouping = regular_grouping(&r);
    return ASL_OK;
}

int asl_integer_picture_read(asl_arena *arena, asl_utf16 picture, asl_integer_picture *ret_picture,
                             asl_picture_fault *fault)
{
    asl_integer_picture read = {.style = ASL_INTEGER_DECIMAL, .mandatory_digits = NAN};
    read.token = take_modifier(picture, &read.is_ordinal);
    if (!read_keyword(&read)) {
        int status = read_decimal(arena, &read, fault);
        if (status != ASL_OK)
            return status;
    }
    *ret_picture = read;
    return ASL_OK;
}

int asl_integer_picture_check(const asl_integer_picture *picture, asl_picture_fault *fault)
{
    if (picture->style != ASL_INTEGER_SEQUENCE)
        return ASL_OK;
    return asl_fault_raise_text(fault, "D3130", picture->token);
}
