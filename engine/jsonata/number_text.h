/* Numbers and text as JavaScript has them. */
#ifndef ASL_JSONATA_NUMBER_TEXT_H
#define ASL_JSONATA_NUMBER_TEXT_H

#include "jsonata/utf16.h"
#include "value/value.h"

/* String(number): as asl_print_double, and "NaN", "Infinity". Returns the size. */
size_t asl_number_print(double number, char out[ASL_DOUBLE_TEXT_SIZE]);

/* number.toFixed(places): exact, ties away from zero; as asl_number_print from 1e21 on. `number` is
 * not negative, `places` at most 100. Returns the size. */
#define ASL_FIXED_PLACES_MAX 100
#define ASL_FIXED_TEXT_SIZE 128
size_t asl_number_print_fixed(double number, size_t places, char out[ASL_FIXED_TEXT_SIZE]);

/* parseInt(text): the integer at the beginning, decimal or hexadecimal; NaN where there is none. */
double asl_number_parse_int(asl_utf16 text);

/* 10 to the power `exponent`, an integer; the nearest double. NaN for NaN. */
double asl_number_power_of_ten(double exponent);

#endif
