/* Numbers: their text, and their order.
 *
 * What is parsed is kept: an integer in int64 that prints the same is an integer, all else is a
 * literal, its text beside its nearest double. The order of numbers is that of the decimals they
 * print as, so that it is one order over all three kinds: doubles decide where they differ, and the
 * digits where they do not. */
#include <math.h>
#include <string.h>

#include "base/heap.h"
#include "value/double_text.h"
#include "value/value_layout.h"

#define INTEGER_DIGITS_MAX 18 /* always within int64 */

static const char *skip_digits(const char *next, const char *end)
{
    while (next < end && *next >= '0' && *next <= '9')
        next++;
    return next;
}

bool asl_number_text_valid(const char *text, size_t size)
{
    const char *next = text, *end = text + size;
    if (size == 0 || size > ASL_NUMBER_TEXT_MAX)
        return false;
    next += *next == '-';
    const char *start = next;
    next = skip_digits(next, end);
    if (next == start || (*start == '0' && next - start > 1))
        return false;
    if (next < end && *next == '.') {
        start = ++next;
        next = skip_digits(next, end);
        if (next == start)
            return false;
    }
    if (next < end && (*next == 'e' || *next == 'E')) {
        next++;
        next += next < end && (*next == '+' || *next == '-');
        start = next;
        next = skip_digits(next, end);
        if (next == start)
            return false;
    }
    return next == end;
}

/* Reads a text of digits alone that fits into int64; "-0" is not one, it must print as it is. */
static bool read_integer(const char *text, size_t size, int64_t *ret_integer)
{
    bool negative = *text == '-';
    const char *next = text + negative, *end = text + size;
    size_t digits = (size_t)(end - next);
    if (digits > INTEGER_DIGITS_MAX + 1 || (negative && *next == '0'))
        return false;
    uint64_t sum = 0;
    for (; next < end; next++) {
        if (*next < '0' || *next > '9')
            return false;
        sum = sum * 10 + (uint64_t)(*next - '0');
    }
    if (sum > (uint64_t)INT64_MAX + negative)
        return false;
    *ret_integer = negative ? (int64_t)-sum : (int64_t)sum;
    return true;
}

asl_value *asl_value_number_known(const asl_heap *heap, const char *text, size_t size)
{
    int64_t integer;
    if (read_integer(text, size, &integer))
        return asl_value_integer(heap, integer);
    asl_number *made = (void *)asl_value_new(heap, ASL_KIND_NUMBER, sizeof *made + size);
    if (made == NULL)
        return NULL;
    made->head.flags = ASL_NUMBER_DOUBLE | ASL_NUMBER_LITERAL;
    made->head.extent = (uint16_t)size;
    made->number = asl_double_parse(text, size);
    memcpy(made->text, text, size);
    return &made->head;
}

asl_value *asl_value_number_text(const asl_heap *heap, const char *text, size_t size)
{
    return asl_number_text_valid(text, size) ? asl_value_number_known(heap, text, size) : NULL;
}

bool asl_value_get_double(const asl_value *value, double *ret_number)
{
    if (value == NULL || value->kind != ASL_KIND_NUMBER)
        return false;
    const asl_number *number = asl_as_number(value);
    *ret_number =
        (value->flags & ASL_NUMBER_DOUBLE) != 0 ? number->number : (double)number->integer;
    return true;
}

static char *put_digits(char *out, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

static char *put_zeros(char *out, int count)
{
    for (; count > 0; count--)
        *out++ = '0';
    return out;
}

#define EXACT_INTEGERS 9007199254740992.0 /* 2^53 */

/* ECMA-262, Number::toString: plain from 1e-6 to below 1e21, else with an exponent. */
size_t asl_print_double(double number, char out[ASL_DOUBLE_TEXT_SIZE])
{
    char *next = out;
    if (number < 0)
        *next++ = '-';
    if (!isfinite(number) || number == 0) {
        *next++ = '0'; /* -0 prints as 0; what is not finite is never a value */
        return 1;
    }
    double size = fabs(number);
    if (size < EXACT_INTEGERS && size == trunc(size))
        return (size_t)(put_digits(next, (uint64_t)size) - out);
    asl_decimal_digits decimal = asl_double_digits(size);
    char digits[20];
    int count = (int)(put_digits(digits, decimal.digits) - digits);
    int point = count + decimal.exponent; /* digits before the decimal point */
    if (point > 0 && point <= 21) {
        int before = count < point ? count : point;
        memcpy(next, digits, (size_t)before);
        next = put_zeros(next + before, point - count);
        if (count > point) {
            *next++ = '.';
            memcpy(next, digits + point, (size_t)(count - point));
            next += count - point;
        }
    } else if (point > -6 && point <= 0) {
        *next++ = '0';
        *next++ = '.';
        next = put_zeros(next, -point);
        memcpy(next, digits, (size_t)count);
        next += count;
    } else {
        *next++ = digits[0];
        if (count > 1) {
            *next++ = '.';
            memcpy(next, digits + 1, (size_t)count - 1);
            next += count - 1;
        }
        *next++ = 'e';
        *next++ = point > 0 ? '+' : '-';
        next = put_digits(next, (uint64_t)(point > 0 ? point - 1 : 1 - point));
    }
    return (size_t)(next - out);
}

/* A decimal number as its text has it: the digits from the first that is not 0. */
typedef struct digit_run {
    const char *next, *end; /* digits, maybe with a point among them */
    int64_t exponent;       /* of ten, at the first digit */
    bool negative, is_zero;
} digit_run;

#define EXPONENT_CAP INT64_C(1000000000000000)

static int64_t read_exponent(const char *next, const char *end)
{
    if (next == end)
        return 0;
    next++;
    bool negative = *next == '-';
    next += *next == '-' || *next == '+';
    int64_t exponent = 0;
    for (; next < end; next++) {
        if (exponent < EXPONENT_CAP)
            exponent = exponent * 10 + (*next - '0');
    }
    return negative ? -exponent : exponent;
}

static digit_run read_digits(const char *text, size_t size)
{
    const char *end = text + size;
    digit_run run = {.negative = *text == '-'};
    text += run.negative;
    const char *mantissa_end = text;
    while (mantissa_end < end && *mantissa_end != 'e' && *mantissa_end != 'E')
        mantissa_end++;
    const char *point = memchr(text, '.', (size_t)(mantissa_end - text));
    int64_t before = (point != NULL ? point : mantissa_end) - text;
    while (text < mantissa_end && (*text == '0' || *text == '.')) {
        before -= *text == '0';
        text++;
    }
    run.next = text;
    run.end = mantissa_end;
    run.is_zero = text == mantissa_end;
    run.exponent = before - 1 + read_exponent(mantissa_end, end);
    return run;
}

/* The next digit, 0 past the last. */
static int take_digit(digit_run *run)
{
    if (run->next < run->end && *run->next == '.')
        run->next++;
    return run->next < run->end ? *run->next++ - '0' : 0;
}

static int compare_sizes(digit_run *left, digit_run *right)
{
    if (left->exponent != right->exponent)
        return left->exponent < right->exponent ? -1 : 1;
    while (left->next < left->end || right->next < right->end) {
        int difference = take_digit(left) - take_digit(right);
        if (difference != 0)
            return difference < 0 ? -1 : 1;
    }
    return 0;
}

static int compare_decimals(digit_run left, digit_run right)
{
    int left_sign = left.is_zero ? 0 : left.negative ? -1 : 1;
    int right_sign = right.is_zero ? 0 : right.negative ? -1 : 1;
    if (left_sign != right_sign)
        return left_sign < right_sign ? -1 : 1;
    if (left_sign == 0)
        return 0;
    return left_sign * compare_sizes(&left, &right);
}

/* The number's text; `room` is used where it is not at hand. */
static digit_run digits_of(const asl_number *number, char room[ASL_DOUBLE_TEXT_SIZE])
{
    if ((number->head.flags & ASL_NUMBER_DOUBLE) != 0)
        return read_digits(number->text, number->head.extent);
    char *next = room;
    if (number->integer < 0)
        *next++ = '-';
    uint64_t size = number->integer < 0 ? -(uint64_t)number->integer : (uint64_t)number->integer;
    return read_digits(room, (size_t)(put_digits(next, size) - room));
}

int asl_value_compare_numbers(const asl_value *left, const asl_value *right)
{
    const asl_number *l = asl_as_number(left), *r = asl_as_number(right);
    unsigned left_kind = left->flags & (ASL_NUMBER_DOUBLE | ASL_NUMBER_LITERAL);
    unsigned right_kind = right->flags & (ASL_NUMBER_DOUBLE | ASL_NUMBER_LITERAL);
    if (left_kind == 0 && right_kind == 0)
        return (l->integer > r->integer) - (l->integer < r->integer);
    double left_double = left_kind != 0 ? l->number : (double)l->integer;
    double right_double = right_kind != 0 ? r->number : (double)r->integer;
    if (left_double != right_double)
        return left_double < right_double ? -1 : 1;
    if (left_kind == ASL_NUMBER_DOUBLE && right_kind == ASL_NUMBER_DOUBLE)
        return 0;
    char left_room[ASL_DOUBLE_TEXT_SIZE], right_room[ASL_DOUBLE_TEXT_SIZE];
    return compare_decimals(digits_of(l, left_room), digits_of(r, right_room));
}

/* A literal such as 1E5 or 12.0 that says an integer. */
static bool integer_of_digits(digit_run run, int64_t *ret_integer)
{
    if (run.is_zero) {
        *ret_integer = 0;
        return true;
    }
    if (run.exponent < 0 || run.exponent > INTEGER_DIGITS_MAX)
        return false;
    uint64_t sum = 0;
    for (int64_t i = 0; i <= run.exponent; i++)
        sum = sum * 10 + (uint64_t)take_digit(&run);
    while (run.next < run.end) {
        if (take_digit(&run) != 0)
            return false;
    }
    if (sum > (uint64_t)INT64_MAX + run.negative)
        return false;
    *ret_integer = run.negative ? (int64_t)-sum : (int64_t)sum;
    return true;
}

bool asl_value_get_integer(const asl_value *value, int64_t *ret_integer)
{
    if (value == NULL || value->kind != ASL_KIND_NUMBER)
        return false;
    const asl_number *number = asl_as_number(value);
    if ((value->flags & ASL_NUMBER_LITERAL) != 0)
        return integer_of_digits(read_digits(number->text, value->extent), ret_integer);
    if ((value->flags & ASL_NUMBER_DOUBLE) == 0) {
        *ret_integer = number->integer;
        return true;
    }
    double whole = number->number;
    if (whole != floor(whole) || whole < -0x1p63 || whole >= 0x1p63)
        return false;
    *ret_integer = (int64_t)whole;
    return true;
}
