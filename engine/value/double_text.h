/* Doubles and decimal text, both ways, exact and without regard to the locale. */
#ifndef ASL_VALUE_DOUBLE_TEXT_H
#define ASL_VALUE_DOUBLE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The double nearest to a JSON number (ties to even); infinite where it is too large. At most
 * ASL_NUMBER_TEXT_MAX bytes. */
double asl_double_parse(const char *text, size_t size);

/* The fewest decimal digits that give the double back: digits * 10^exponent, no zeros at the end of
 * the digits. `number` is positive and finite. */
typedef struct asl_decimal_digits {
    uint64_t digits;
    int exponent;
} asl_decimal_digits;
asl_decimal_digits asl_double_digits(double number);

#endif
