/* $number of a string: two patterns say what is a number, JavaScript reads it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "jsonata/text.h"
#include "value/double_text.h"

/* Digits that decide to which double a decimal is nearest; of what follows them it is enough to
 * know whether it is all zeros. */
#define DIGITS_MAX 780u
#define EXPONENT_CAP 100000000

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t skip_digits(const char *text, size_t size, size_t from)
{
    while (from < size && is_digit(text[from]))
        from++;
    return from;
}

/* A number of the first pattern, /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/. */
typedef struct decimal_parts {
    bool is_negative;
    const char *whole, *fraction, *exponent; /* the exponent with its sign */
    size_t whole_size, fraction_size, exponent_size;
} decimal_parts;

static bool scan_exponent(const char *text, size_t size, size_t *at, decimal_parts *out)
{
    if (*at == size || (text[*at] != 'e' && text[*at] != 'E'))
        return true;
    size_t start = ++*at;
    if (*at < size && (text[*at] == '-' || text[*at] == '+'))
        ++*at;
    size_t digits = *at;
    *at = skip_digits(text, size, digits);
    out->exponent = text + start;
    out->exponent_size = *at - start;
    return *at > digits;
}

static bool scan_decimal(const char *text, size_t size, decimal_parts *out)
{
    size_t at = 0;
    *out = (decimal_parts){.whole = text, .fraction = "", .exponent = ""};
    if (size > 0 && text[0] == '-') {
        out->is_negative = true;
        at++;
    }
    size_t start = at;
    at = skip_digits(text, size, at);
    out->whole = text + start;
    out->whole_size = at - start;
    if (out->whole_size == 0)
        return false;
    if (at < size && text[at] == '.') {
        start = ++at;
        at = skip_digits(text, size, at);
        out->fraction = text + start;
        out->fraction_size = at - start;
        if (out->fraction_size == 0)
            return false;
    }
    return scan_exponent(text, size, &at, out) && at == size;
}

static long read_exponent(const decimal_parts *number)
{
    long exponent = 0;
    for (size_t i = 0; i < number->exponent_size; i++) {
        if (is_digit(number->exponent[i]) && exponent < EXPONENT_CAP)
            exponent = exponent * 10 + (number->exponent[i] - '0');
    }
    return number->exponent_size > 0 && number->exponent[0] == '-' ? -exponent : exponent;
}

/* Significant digits in order; what is past the room counts only as being more than nothing. */
typedef struct digit_list {
    char text[DIGITS_MAX + 2];
    size_t size;
    long dropped; /* digits behind those of the text */
    bool has_more;
} digit_list;

static void add_digits(digit_list *digits, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (digits->size == 0 && text[i] == '0')
            continue;
        if (digits->size < DIGITS_MAX) {
            digits->text[digits->size++] = text[i];
            continue;
        }
        digits->dropped++;
        digits->has_more |= text[i] != '0';
    }
}

static double decimal_value(const decimal_parts *number)
{
    digit_list digits = {.size = 0};
    add_digits(&digits, number->whole, number->whole_size);
    add_digits(&digits, number->fraction, number->fraction_size);
    long exponent = read_exponent(number) + digits.dropped - (long)number->fraction_size;
    if (digits.size == 0)
        return number->is_negative ? -0.0 : 0.0;
    if (digits.has_more) {
        digits.text[digits.size++] = '1';
        exponent--;
    }
    char text[DIGITS_MAX + 32];
    int size = snprintf(text, sizeof text, "%.*se%ld", (int)digits.size, digits.text, exponent);
    double value = asl_double_parse(text, (size_t)size);
    return number->is_negative ? -value : value;
}

/* The value of a digit in a base up to 16; `base` where it is none. */
static unsigned digit_value(char byte, unsigned base)
{
    unsigned value = base;
    if (is_digit(byte))
        value = (unsigned)(byte - '0');
    else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
        value = (unsigned)((byte | 0x20) - 'a') + 10;
    return value < base ? value : base;
}

static size_t skip_base_digits(const char *text, size_t size, size_t from, unsigned base)
{
    while (from < size && digit_value(text[from], base) < base)
        from++;
    return from;
}

/* The base that "0x", "0o" or "0b" at `at` announces, where a digit of it follows; 0. */
static unsigned announced_base(const char *text, size_t size, size_t at)
{
    if (size - at < 3 || text[at] != '0')
        return 0;
    char letter = (char)(text[at + 1] | 0x20);
    unsigned base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    return base != 0 && digit_value(text[at + 2], base) < base ? base : 0;
}

/* The second pattern, /^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/: its anchors bind the
 * first and the last alternative only. */
static bool has_based_number(const char *text, size_t size)
{
    if (announced_base(text, size, 0) == 16)
        return true;
    for (size_t at = 0; at < size; at++) {
        unsigned base = announced_base(text, size, at);
        if (base == 8 || (base == 2 && skip_base_digits(text, size, at + 2, 2) == size))
            return true;
    }
    return false;
}

static bool is_white_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

/* White space at the end is looked for from the front: after the last that is none. */
static void strip(const char **text, size_t *size)
{
    const char *next = *text, *end = *text + *size, *first = end, *last = end;
    while (next < end) {
        const char *place = next;
        if (is_white_space(asl_utf8_decode(&next, end)))
            continue;
        first = first == end ? place : first;
        last = next;
    }
    *text = first;
    *size = first == end ? 0 : (size_t)(last - first);
}

/* Digits in a base of 2^shift, rounded to the nearest, ties to even. */
static double based_value(const char *text, size_t size, unsigned shift)
{
    uint64_t bits = 0;
    long dropped = 0;
    bool has_more = false;
    for (size_t i = 0; i < size; i++) {
        unsigned digit = digit_value(text[i], 16);
        if (bits >> (60 - shift) == 0) {
            bits = bits << shift | digit;
        } else {
            dropped += (long)shift;
            has_more |= digit != 0;
        }
    }
    /* At least 56 bits are kept where any were dropped, so that one more decides a tie. */
    return ldexp((double)(bits << 1 | has_more), dropped > 4096 ? 4096 : (int)dropped - 1);
}

/* Number(text) of what the second pattern lets through. */
static double based_number(const char *text, size_t size)
{
    strip(&text, &size);
    unsigned base = announced_base(text, size, 0);
    if (base == 0 || skip_base_digits(text, size, 2, base) != size)
        return (double)NAN;
    return based_value(text + 2, size - 2, base == 16 ? 4 : base == 8 ? 3 : 1);
}

int asl_jsonata_number(const char *text, size_t size, double *ret_number, asl_jsonata_fault *fault)
{
    decimal_parts decimal;
    if (scan_decimal(text, size, &decimal)) {
        double value = decimal_value(&decimal);
        if (isfinite(value)) {
            *ret_number = value;
            return ASL_OK;
        }
    } else if (has_based_number(text, size)) {
        *ret_number = based_number(text, size);
        return ASL_OK;
    }
    *fault = (asl_jsonata_fault){.code = "D3030"};
    return ASL_EVALUATION;
}
