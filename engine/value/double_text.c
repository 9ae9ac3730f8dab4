/* Doubles to text and back.
 *
 * Printing finds the shortest decimal in the interval of reals that round to the double, the way of
 * R. Giulietti ("The Schubfach way to render doubles", 2020): one power of ten scales the interval
 * so that it holds at most a few integers, and products that are rounded to odd compare as exact
 * ones would. Parsing multiplies the decimal digits by a 128-bit power of ten and takes the 53 bits
 * it needs; where the error of that product could decide, the C library's exact conversion does. */
#include "value/double_text.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "value/powers_of_ten.h"

#define FRACTION_BITS 52
#define EXPONENT_BIAS 1075 /* of the significand read as an integer */
#define HIDDEN_BIT (UINT64_C(1) << FRACTION_BITS)

__extension__ typedef unsigned __int128 wide;

/* floor(log2(10^k)), exact for |k| <= 1233. */
static int floor_log2_power(int k)
{
    return (k * 1741647) >> 19;
}

/* floor(log10(2^q)), or of 3/4 * 2^q where the lower neighbour is closer. */
static int floor_log10_power(int q, bool lower_is_closer)
{
    return (q * 1262611 - (lower_is_closer ? 524031 : 0)) >> 22;
}

/* floor(factor * power / 2^128), its lowest bit set where anything was cut off. */
static uint64_t multiply_to_odd(power_of_ten power, uint64_t factor)
{
    wide low = (wide)power.low * factor;
    wide high = (wide)power.high * factor + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

static asl_decimal_digits without_zeros(uint64_t digits, int exponent)
{
    while (digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    return (asl_decimal_digits){digits, exponent};
}

/* The shortest decimal in the rounding interval of c * 2^q. */
static asl_decimal_digits shortest(uint64_t c, int q, bool lower_is_closer)
{
    bool excludes_ends = (c & 1) != 0; /* ties round to even: the ends belong to an even c */
    int k = floor_log10_power(q, lower_is_closer);
    int shift = q + floor_log2_power(-k) + 1;
    power_of_ten power = powers_of_ten[-k - POWER_MIN];
    uint64_t left = multiply_to_odd(power, (4 * c - 2 + lower_is_closer) << shift) + excludes_ends;
    uint64_t middle = multiply_to_odd(power, (4 * c) << shift);
    uint64_t right = multiply_to_odd(power, (4 * c + 2) << shift) - excludes_ends;
    uint64_t s = middle / 4; /* left, middle and right are in quarters of 10^k */
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool down_fits = left <= 40 * tens, up_fits = 40 * tens + 40 <= right;
        if (down_fits != up_fits)
            return without_zeros(tens + up_fits, k + 1);
    }
    bool down_fits = left <= 4 * s, up_fits = 4 * s + 4 <= right;
    if (down_fits != up_fits)
        return without_zeros(s + up_fits, k);
    uint64_t half = 4 * s + 2;
    bool rounds_up = middle > half || (middle == half && (s & 1) != 0);
    return without_zeros(s + rounds_up, k);
}

asl_decimal_digits asl_double_digits(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint64_t fraction = bits & (HIDDEN_BIT - 1);
    int exponent = (int)(bits >> FRACTION_BITS & 0x7FF);
    if (exponent == 0)
        return shortest(fraction, 1 - EXPONENT_BIAS, false);
    uint64_t c = fraction | HIDDEN_BIT;
    int q = exponent - EXPONENT_BIAS;
    if (q <= 0 && q > -FRACTION_BITS - 1 && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        return without_zeros(c >> -q, 0);
    return shortest(c, q, fraction == 0 && exponent > 1);
}

/* A decimal read from text: the first 19 significant digits. */
typedef struct decimal {
    uint64_t digits;
    int64_t exponent;
    bool negative, was_cut; /* digits other than these were left out */
} decimal;

#define DIGITS_MAX 19
#define EXPONENT_CAP 100000 /* far beyond what a double holds, whatever the digits */

static decimal read_decimal(const char *text, size_t size)
{
    decimal d = {0};
    const char *end = text + size;
    d.negative = *text == '-';
    text += d.negative;
    int count = 0;
    bool after_point = false;
    for (; text < end && *text != 'e' && *text != 'E'; text++) {
        if (*text == '.') {
            after_point = true;
            continue;
        }
        if (count < DIGITS_MAX) {
            d.digits = d.digits * 10 + (uint64_t)(*text - '0');
            count += d.digits != 0;
            d.exponent -= after_point;
        } else {
            d.was_cut |= *text != '0';
            d.exponent += !after_point;
        }
    }
    if (text == end)
        return d;
    text++;
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    int64_t exponent = 0;
    for (; text < end; text++) {
        if (exponent < EXPONENT_CAP)
            exponent = exponent * 10 + (*text - '0');
    }
    d.exponent += negative ? -exponent : exponent;
    return d;
}

/* digits * 10^exponent where one rounding gives it: both factors are exact doubles. */
static bool parse_exactly(const decimal *d, double *ret_number)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->was_cut || d->digits > HIDDEN_BIT * 2 || d->exponent < -22 || d->exponent > 22)
        return false;
    double digits = (double)d->digits;
    *ret_number = d->exponent < 0 ? digits / powers[-d->exponent] : digits * powers[d->exponent];
    return true;
}

/* The normal double nearest to digits * 10^exponent. The product of the digits, shifted to 64 bits,
 * and the 128 bits of the power is short of or beyond the true one by less than two units of its
 * upper 128 bits, so it is refused where that could reach the middle between two doubles. */
static bool parse_by_product(uint64_t digits, int64_t exponent, double *ret_number)
{
    if (exponent < POWER_MIN || exponent > 308)
        return false;
    power_of_ten power = powers_of_ten[exponent - POWER_MIN];
    int zeros = __builtin_clzll(digits);
    digits <<= zeros;
    wide product = (wide)power.high * digits + (uint64_t)(((wide)power.low * digits) >> 64);
    int top = (product >> 127) != 0 ? 127 : 126;
    int cut = top - FRACTION_BITS;
    wide rest = product & (((wide)1 << cut) - 1), half = (wide)1 << (cut - 1);
    wide distance = rest > half ? rest - half : half - rest;
    if (distance <= 2)
        return false;
    uint64_t significand = (uint64_t)(product >> cut) + (rest > half);
    /* product * 2^(power's exponent - 127 + 64 - zeros) is the number */
    int64_t binary = floor_log2_power((int)exponent) - 127 + 64 - zeros + cut;
    if (significand == HIDDEN_BIT * 2) {
        significand = HIDDEN_BIT;
        binary++;
    }
    int64_t biased = binary + EXPONENT_BIAS;
    if (biased < 1 || biased > 2046)
        return false;
    uint64_t bits = (uint64_t)biased << FRACTION_BITS | (significand & (HIDDEN_BIT - 1));
    memcpy(ret_number, &bits, sizeof bits);
    return true;
}

static double parse_by_library(const char *text, size_t size)
{
    char copy[ASL_NUMBER_TEXT_MAX + 1];
    size = size < sizeof copy ? size : sizeof copy - 1;
    memcpy(copy, text, size);
    copy[size] = '\0';
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return strtod(copy, NULL);
    double number = strtod_l(copy, NULL, plain);
    freelocale(plain);
    return number;
}

double asl_double_parse(const char *text, size_t size)
{
    decimal d = read_decimal(text, size);
    double number = 0, above;
    bool known = d.digits == 0 || parse_exactly(&d, &number) ||
                 parse_by_product(d.digits, d.exponent, &number);
    /* Digits that were cut decide nothing where the next number up rounds to the same. */
    if (known && d.was_cut)
        known = parse_by_product(d.digits + 1, d.exponent, &above) && above == number;
    if (!known)
        return parse_by_library(text, size);
    return d.negative ? -number : number;
}
