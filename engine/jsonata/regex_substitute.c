/* The replacement texts of $replace, which follow XPath's fn:replace. */
#include "base/utf8.h"
#include "jsonata/regex.h"

#define INDEX_CAP 1000000 /* more than any group's */

static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

/* What JavaScript's parseInt makes of a text: white space, a sign, and digits. */
typedef struct parsed_integer {
    bool is_number, is_negative;
    long value;
} parsed_integer;

/* The first `count` characters of a text. */
static parsed_integer parse_integer(const char *text, size_t size, size_t count)
{
    const char *end = text + size, *next = text;
    parsed_integer result = {.is_number = false};
    for (; count > 0 && text < end && is_space(asl_utf8_decode(&next, end)); count--)
        text = next;
    if (count > 0 && text < end && (*text == '-' || *text == '+')) {
        result.is_negative = *text++ == '-';
        count--;
    }
    for (; count > 0 && text < end && *text >= '0' && *text <= '9'; count--) {
        result.is_number = true;
        if (result.value < INDEX_CAP)
            result.value = result.value * 10 + (*text - '0');
        text++;
    }
    return result;
}

static size_t decimal_digits(size_t number)
{
    size_t digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

/* The characters that the number takes when printed: so much of the text is passed over. */
static size_t printed_size(parsed_integer integer)
{
    bool has_sign = integer.is_negative && integer.value != 0;
    return decimal_digits((size_t)integer.value) + has_sign;
}

static void append_span(asl_buffer *buffer, const char *text, asl_jsonata_span span)
{
    if (span.start != ASL_JSONATA_UNSET)
        asl_buffer_append(buffer, text + span.start, span.end - span.start);
}

/* Behind "$" where neither "$" nor "0" follows: as many digits as the greatest group's number has,
 * or one less. Returns what of the replacement was read. */
static size_t append_group(asl_buffer *buffer, const char *replacement, size_t size,
                           const char *text, const asl_jsonata_match *match)
{
    size_t digits = match->group_count == 0 ? 1 : decimal_digits(match->group_count);
    parsed_integer index = parse_integer(replacement, size, digits);
    bool is_too_great = !index.is_negative && index.value > (long)match->group_count;
    if (digits > 1 && index.is_number && is_too_great)
        index = parse_integer(replacement, size, digits - 1);
    if (!index.is_number) {
        asl_buffer_byte(buffer, '$');
        return 0;
    }
    if (!index.is_negative && index.value > 0 && index.value <= (long)match->group_count)
        append_span(buffer, text, match->groups[index.value - 1]);
    return asl_utf8_prefix(replacement, size, printed_size(index));
}

int asl_jsonata_substitute(const char *replacement, size_t size, const char *text,
                           const asl_jsonata_match *match, asl_buffer *buffer)
{
    for (size_t i = 0; i < size;) {
        if (replacement[i] != '$') {
            asl_buffer_byte(buffer, replacement[i++]);
            continue;
        }
        char next = ++i < size ? replacement[i] : '\0';
        if (next == '$') {
            asl_buffer_byte(buffer, '$');
            i++;
        } else if (next == '0') {
            append_span(buffer, text, (asl_jsonata_span){match->start, match->end});
            i++;
        } else {
            i += append_group(buffer, replacement + i, size - i, text, match);
        }
    }
    return buffer->status;
}
