/* Numbers and text as JavaScript has them. Everything is exact: digits are made of the double's
 * integer and fraction as they are, and doubles of all the digits that are read. */
#include "jsonata/number_text.h"

#include <math.h>
#include <string.h>

#include "value/double_text.h"

size_t asl_number_print(double number, char out[ASL_DOUBLE_TEXT_SIZE])
{
    if (isfinite(number))
        return asl_print_double(number, out);
    const char *text = isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

/* A fraction of at most 1074 bits (those of the least double), below one; the first limb is the
 * highest. */
#define LIMBS 34
typedef struct fraction {
    uint32_t limbs[LIMBS];
} fraction;

/* Splits a number below 1e21 into its integer, of at most 70 bits, and its fraction. */
__extension__ typedef unsigned __int128 wide;

static wide split(double number, fraction *ret_fraction)
{
    double integer = floor(number), rest = number - integer;
    memset(ret_fraction, 0, sizeof *ret_fraction);
    for (size_t i = 0; i < LIMBS && rest > 0; i++) {
        rest = ldexp(rest, 32);
        ret_fraction->limbs[i] = (uint32_t)floor(rest);
        rest -= floor(rest);
    }
    return (wide)integer;
}

/* Multiplies by ten; returns the digit that comes out. */
static char next_digit(fraction *f)
{
    uint64_t carry = 0;
    for (size_t i = LIMBS; i > 0; i--) {
        carry += (uint64_t)f->limbs[i - 1] * 10;
        f->limbs[i - 1] = (uint32_t)carry;
        carry >>= 32;
    }
    return (char)('0' + carry);
}

static size_t put_integer(wide integer, char *out)
{
    char digits[40];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + (int)(integer % 10));
        integer /= 10;
    } while (integer > 0);
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    return count;
}

/* Adds one to the last of the digits; returns what is carried out of the first. */
static bool round_up(char *digits, size_t count)
{
    size_t i = count;
    while (i > 0 && digits[i - 1] == '9')
        digits[--i] = '0';
    if (i == 0)
        return true;
    digits[i - 1]++;
    return false;
}

size_t asl_number_print_fixed(double number, size_t places, char out[ASL_FIXED_TEXT_SIZE])
{
    if (!(number < 1e21))
        return asl_number_print(number, out);
    fraction f;
    wide integer = split(number, &f);
    char digits[ASL_FIXED_PLACES_MAX];
    for (size_t i = 0; i < places; i++)
        digits[i] = next_digit(&f);
    if (f.limbs[0] >= UINT32_C(1) << 31)
        integer += round_up(digits, places);
    size_t size = put_integer(integer, out);
    if (places > 0) {
        out[size++] = '.';
        memcpy(out + size, digits, places);
    }
    return size + places;
}

static size_t skip(asl_utf16 text, size_t next, uint16_t unit)
{
    while (next < text.size && text.units[next] == unit)
        next++;
    return next;
}

static bool is_digit(uint16_t unit)
{
    return unit >= '0' && unit <= '9';
}

/* -1 where it is no hexadecimal digit. */
static int hexadecimal(uint16_t unit)
{
    if (is_digit(unit))
        return unit - '0';
    uint16_t letter = unit | 0x20;
    return letter >= 'a' && letter <= 'f' && unit < 0x80 ? letter - 'a' + 10 : -1;
}

#define DECIMAL_DIGITS_MAX 309 /* no double has more */

static double parse_decimal(asl_utf16 text, size_t next)
{
    char digits[DECIMAL_DIGITS_MAX + 1];
    size_t first = next, count = 0;
    next = skip(text, next, '0');
    for (; next < text.size && is_digit(text.units[next]); next++) {
        if (count == DECIMAL_DIGITS_MAX)
            return INFINITY;
        digits[count++] = (char)text.units[next];
    }
    if (next == first)
        return NAN;
    return count == 0 ? 0 : asl_double_parse(digits, count);
}

/* The first 16 digits fill 61 to 64 bits; any that follow decide a tie at most. */
static double parse_hexadecimal(asl_utf16 text, size_t next)
{
    size_t first = next, count = 0;
    uint64_t digits = 0;
    int more = 0;
    for (next = skip(text, next, '0'); next < text.size; next++) {
        int digit = hexadecimal(text.units[next]);
        if (digit < 0)
            break;
        if (count < 16) {
            digits = digits << 4 | (uint64_t)digit;
            count++;
        } else {
            digits |= digit > 0;
            more += more < 1024;
        }
    }
    return next == first ? NAN : ldexp((double)digits, 4 * more);
}

double asl_number_parse_int(asl_utf16 text)
{
    size_t next = 0;
    while (next < text.size && asl_utf16_is_space(text.units[next]))
        next++;
    bool negative = next < text.size && text.units[next] == '-';
    if (next < text.size && (negative || text.units[next] == '+'))
        next++;
    bool is_hexadecimal = text.size - next >= 2 && text.units[next] == '0' &&
                          (text.units[next + 1] | 0x20) == 'x' && text.units[next + 1] < 0x80;
    double number = is_hexadecimal ? parse_hexadecimal(text, next + 2) : parse_decimal(text, next);
    return negative ? -number : number;
}

double asl_number_power_of_ten(double exponent)
{
    if (isnan(exponent))
        return exponent;
    if (exponent > 308)
        return INFINITY;
    if (exponent < -400)
        return 0;
    char text[ASL_DOUBLE_TEXT_SIZE + 2] = "1e";
    return asl_double_parse(text, 2 + asl_print_double(exponent, text + 2));
}
