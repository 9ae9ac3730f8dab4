/* $round and $formatBase. */
#include <math.h>
#include <string.h>

#include "jsonata/number_text.h"
#include "jsonata/picture_fault.h"
#include "value/double_text.h"

/* An exponent beyond this many decades decides alone. */
#define SHIFT_CAP 10000.0

/* The number times ten to the power `places`, by writing another exponent behind its decimal
 * digits: jsonata-js multiplies so, for a product would be rounded twice. NaN where that gives no
 * number's text. */
static double shift(double number, double places)
{
    char text[2 * ASL_DOUBLE_TEXT_SIZE];
    if (!isfinite(number))
        return NAN;
    size_t size = asl_print_double(number, text);
    const char *e = memchr(text, 'e', size);
    double exponent = 0;
    if (e != NULL) {
        for (size_t i = (size_t)(e - text) + 2; i < size; i++)
            exponent = exponent * 10 + (text[i] - '0');
        exponent = e[1] == '-' ? -exponent : exponent;
        size = (size_t)(e - text);
    }
    exponent += places;
    if (exponent != trunc(exponent) || fabs(exponent) >= 1e21)
        return NAN; /* its own text would have a point or an exponent */
    exponent = fmax(-SHIFT_CAP, fmin(SHIFT_CAP, exponent));
    text[size++] = 'e';
    size += asl_print_double(exponent, text + size);
    return asl_double_parse(text, size);
}

/* Math.round, then down to the even neighbour from a tie. */
static double round_half_even(double number)
{
    double rounded = ceil(number);
    if (rounded - 0.5 > number)
        rounded -= 1;
    if (fabs(rounded - number) == 0.5 && fabs(fmod(rounded, 2)) == 1)
        rounded -= 1;
    return rounded;
}

double asl_jsonata_round(double number, double precision)
{
    bool shifts = !isnan(precision) && precision != 0;
    double rounded = round_half_even(shifts ? shift(number, precision) : number);
    if (shifts)
        rounded = shift(rounded, -precision);
    return rounded == 0 ? 0 : rounded; /* JSON has no -0 */
}

#define EXACT_INTEGERS 9007199254740992.0 /* 2^53 */
#define RADIX_TEXT_SIZE 1100              /* a sign and 1024 binary digits */

/* number.toString(radix) of an integer: digits beyond the double's precision are zeros. */
static void print_radix(double number, double radix, asl_buffer *out)
{
    char text[RADIX_TEXT_SIZE];
    size_t first = sizeof text;
    double integer = fabs(number);
    while (integer / radix >= EXACT_INTEGERS) {
        integer /= radix;
        text[--first] = '0';
    }
    do {
        double digit = fmod(integer, radix);
        text[--first] = "0123456789abcdefghijklmnopqrstuvwxyz"[(size_t)digit];
        integer = (integer - digit) / radix;
    } while (integer > 0);
    if (number < 0)
        text[--first] = '-';
    asl_buffer_append(out, text + first, sizeof text - first);
}

int asl_jsonata_format_base(double number, double radix, asl_buffer *out, asl_picture_fault *fault)
{
    number = asl_jsonata_round(number, 0);
    radix = asl_jsonata_round(radix, 0);
    if (radix < 2 || radix > 36)
        return asl_fault_raise_number(fault, "D3100", radix);
    if (isnan(radix))
        return asl_fault_throw(fault, "toString() radix argument must be between 2 and 36");
    char text[ASL_DOUBLE_TEXT_SIZE];
    if (radix == 10 || !isfinite(number))
        asl_buffer_append(out, text, asl_number_print(number, text));
    else
        print_radix(number, radix, out);
    return out->status;
}
