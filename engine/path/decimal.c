/* Decimal numbers as java.math.BigDecimal has them, as far as filters show it: what it reads, how
 * two compare, and how it prints. Digits stay where they are in the text. */
#include <string.h>

#include "base/limits.h"
#include "path/layout.h"

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* The exponent behind 'e'; false where it is none, or past 32 bits. */
static bool read_exponent(const char *text, const char *end, int64_t *ret_exponent)
{
    bool is_negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    if (text == end)
        return false;
    int64_t exponent = 0;
    for (; text < end; text++) {
        if (!is_digit(*text) || exponent > INT32_MAX)
            return false;
        exponent = exponent * 10 + (*text - '0');
    }
    *ret_exponent = is_negative ? -exponent : exponent;
    return exponent <= INT32_MAX;
}

bool asl_decimal_parse(const char *text, size_t size, asl_decimal *ret_decimal)
{
    const char *end = text + size, *next = text;
    asl_decimal decimal = {.is_negative = size > 0 && *text == '-'};
    if (size > 0 && (*text == '-' || *text == '+'))
        next++;
    int64_t whole = 0, fraction = 0, exponent = 0;
    bool has_point = false;
    const char *last = next;
    for (; next < end && (is_digit(*next) || (*next == '.' && !has_point)); next++) {
        if (*next == '.') {
            has_point = true;
            continue;
        }
        *(has_point ? &fraction : &whole) += 1;
        if (decimal.digits == NULL && *next != '0') {
            decimal.digits = next;
            decimal.exponent = has_point ? -fraction : -whole; /* until all are counted */
        }
        if (decimal.digits != NULL)
            decimal.digit_count++;
        last = next + 1;
    }
    if (whole + fraction == 0)
        return false;
    if (next < end && ((*next != 'e' && *next != 'E') || !read_exponent(next + 1, end, &exponent)))
        return false;
    decimal.scale = fraction - exponent;
    if (decimal.digits != NULL) {
        decimal.size = (size_t)(last - decimal.digits);
        decimal.exponent = (int64_t)decimal.digit_count - 1 - decimal.scale;
    }
    *ret_decimal = decimal;
    return true;
}

/* The digit at *next, stepping over the point; '0' past the end. */
static char next_digit(const char **next, const char *end)
{
    if (*next < end && **next == '.')
        ++*next;
    return *next < end ? *(*next)++ : '0';
}

static int compare_digits(const asl_decimal *left, const asl_decimal *right)
{
    const char *a = left->digits, *a_end = a + left->size;
    const char *b = right->digits, *b_end = b + right->size;
    while (a < a_end || b < b_end) {
        char x = next_digit(&a, a_end), y = next_digit(&b, b_end);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

int asl_decimal_compare(const asl_decimal *left, const asl_decimal *right)
{
    int left_sign = left->size == 0 ? 0 : left->is_negative ? -1 : 1;
    int right_sign = right->size == 0 ? 0 : right->is_negative ? -1 : 1;
    if (left_sign != right_sign || left_sign == 0)
        return (left_sign > right_sign) - (left_sign < right_sign);
    if (left->exponent != right->exponent)
        return left->exponent < right->exponent ? -left_sign : left_sign;
    return left_sign * compare_digits(left, right);
}

/* BigDecimal.toString of unscaled `digits` with that scale. */
static void print_scaled(const char *digits, size_t count, int64_t scale, asl_buffer *buffer)
{
    int64_t adjusted = (int64_t)count - 1 - scale;
    int64_t whole = (int64_t)count - scale; /* digits before the point */
    if (scale < 0 || adjusted < -6) {
        asl_buffer_append(buffer, digits, 1);
        if (count > 1) {
            asl_buffer_byte(buffer, '.');
            asl_buffer_append(buffer, digits + 1, count - 1);
        }
        asl_buffer_format(buffer, "E%s%lld", adjusted >= 0 ? "+" : "", (long long)adjusted);
        return;
    }
    if (whole <= 0) {
        asl_buffer_text(buffer, "0.");
        for (; whole < 0; whole++)
            asl_buffer_byte(buffer, '0');
        asl_buffer_append(buffer, digits, count);
        return;
    }
    asl_buffer_append(buffer, digits, (size_t)whole);
    if (scale > 0) {
        asl_buffer_byte(buffer, '.');
        asl_buffer_append(buffer, digits + whole, (size_t)scale);
    }
}

/* Double.toString read by BigDecimal: at least one digit behind the point, an exponent from 1e7 up
 * and below 1e-3. */
static void print_double(double number, asl_buffer *buffer)
{
    char text[ASL_DOUBLE_TEXT_SIZE], digits[ASL_DOUBLE_TEXT_SIZE + 16];
    asl_decimal decimal;
    size_t count = 0;
    if (!asl_decimal_parse(text, asl_print_double(number, text), &decimal) || decimal.size == 0) {
        asl_buffer_text(buffer, "0.0");
        return;
    }
    for (size_t i = 0; i < decimal.size; i++) {
        if (decimal.digits[i] != '.')
            digits[count++] = decimal.digits[i];
    }
    while (count > 1 && digits[count - 1] == '0')
        count--;
    int64_t exponent = decimal.exponent;
    bool is_plain = exponent >= -3 && exponent < 7;
    size_t least = is_plain && exponent >= 0 ? (size_t)exponent + 2 : is_plain ? 1 : 2;
    while (count < least)
        digits[count++] = '0';
    if (decimal.is_negative)
        asl_buffer_byte(buffer, '-');
    print_scaled(digits, count, (int64_t)count - 1 - exponent, buffer);
}

void asl_decimal_print(const asl_value *number, asl_buffer *buffer)
{
    size_t begin = buffer->size;
    double real = 0;
    asl_value_print_to(number, buffer);
    if (asl_buffer_string(buffer) == NULL || strpbrk(buffer->bytes + begin, ".eE") == NULL)
        return; /* an integer, however long */
    buffer->size = begin;
    asl_value_get_double(number, &real);
    print_double(real, buffer);
}

bool asl_decimal_normalize(const char *text, size_t size, asl_buffer *buffer)
{
    asl_decimal decimal;
    if (size > ASL_NUMBER_TEXT_MAX - 1 || !asl_decimal_parse(text, size, &decimal))
        return false;
    const char *end = text + size, *next = text + (*text == '-' || *text == '+');
    if (decimal.is_negative)
        asl_buffer_byte(buffer, '-');
    while (next + 1 < end && *next == '0' && is_digit(next[1]))
        next++;
    if (!is_digit(*next))
        asl_buffer_byte(buffer, '0');
    while (next < end && is_digit(*next))
        asl_buffer_byte(buffer, *next++);
    if (next < end && *next == '.') {
        if (next + 1 < end && is_digit(next[1]))
            asl_buffer_byte(buffer, '.');
        next++;
    }
    asl_buffer_append(buffer, next, (size_t)(end - next));
    return true;
}
