/* Number pictures ("#,##0.00", "0.0e0;(0.0e0)"): one or two sub-pictures, analysed by symbols that
 * options may have replaced. A symbol is any text; where jsonata-js compares it with one character
 * of a picture, only a text of one unit can be equal. */
#ifndef ASL_JSONATA_NUMBER_PICTURE_H
#define ASL_JSONATA_NUMBER_PICTURE_H

#include "jsonata/picture_fault.h"
#include "jsonata/utf16.h"

typedef struct asl_number_symbols {
    asl_utf16_needle of[ASL_NUMBER_SYMBOLS];
    asl_utf16_needle two_groupings; /* the grouping separator twice */
} asl_number_symbols;

int asl_number_symbols_read(asl_number_symbols *symbols, asl_arena *arena,
                            const asl_number_options *options);
bool asl_number_symbols_is(const asl_number_symbols *symbols, asl_number_symbol symbol,
                           uint16_t unit);
/* Which digit of the family a unit is; 10 where it is none. */
size_t asl_number_symbols_digit(const asl_number_symbols *symbols, uint16_t unit);

/* Where grouping separators stand, as a count of digits. */
typedef struct asl_number_groups {
    const size_t *positions;
    size_t count;
} asl_number_groups;

typedef struct asl_number_picture {
    asl_utf16 text, prefix, suffix;
    asl_utf16 active; /* between prefix and suffix */
    asl_utf16 mantissa, integer, fraction, exponent;
    bool has_exponent;
    asl_number_groups integer_groups, fraction_groups;
    size_t grouping; /* of the integer, where it is regular; else 0 */
    size_t integer_size, fraction_size, fraction_size_max, exponent_size; /* digits */
    size_t scaling; /* digits of the mantissa's integer */
} asl_number_picture;

/* Reads the sub-pictures: *ret_count is 0, 1 or 2. ASL_NOMEM; D3080 to D3093. */
int asl_number_picture_read(asl_arena *arena, const asl_number_symbols *symbols, asl_utf16 text,
                            asl_number_picture ret_pictures[2], size_t *ret_count,
                            asl_picture_fault *fault);

#endif
