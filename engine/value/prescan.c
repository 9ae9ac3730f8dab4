/* The prescan: one pass over the text before it is tokenized. Eight bytes at a time while nothing
 * is of interest, which is nearly always. A backslash and the byte behind it are read together, so
 * a \u is an escape exactly when it begins with the first of a run's pairs. */
#include "value/json_text.h"

#include <string.h>

#include "base/utf8.h"

#define EACH_BYTE(byte) ((byte)*UINT64_C(0x0101010101010101))

/* Whether one of eight bytes is below 0x20, a backslash, or not ASCII. */
static inline bool is_of_interest(uint64_t word)
{
    uint64_t backslash = word ^ EACH_BYTE('\\');
    uint64_t found = (word - EACH_BYTE(0x20)) | (backslash - EACH_BYTE(1)) | word;
    return (found & EACH_BYTE(0x80)) != 0;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The code unit of a \u escape at `next`; -1 where it is none, which the tokenizer will say. */
static int code_unit(const char *next, const char *end)
{
    if (end - next < 6 || next[0] != '\\' || next[1] != 'u')
        return -1;
    int unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(next[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* The size of the escape at `next`; 0 where it is half a surrogate pair. */
static size_t escape_size(const char *next, const char *end)
{
    int unit = code_unit(next, end);
    if (unit < 0)
        return end - next < 2 ? 1 : 2;
    if (unit < 0xD800 || unit > 0xDFFF)
        return 6;
    int second = unit < 0xDC00 ? code_unit(next + 6, end) : -1;
    return second >= 0xDC00 && second <= 0xDFFF ? 12 : 0;
}

static const char *control_message(char byte)
{
    switch (byte) {
    case '\0':
        return "A NUL byte is not allowed in JSON (in a string write \\u0000)";
    case '\f':
        return "A form feed is not white space in JSON (in a string write \\f)";
    default:
        return "A control character is not allowed in JSON (in a string write it as \\u and four "
               "hexadecimal digits)";
    }
}

bool asl_json_prescan(const char *text, size_t size, size_t *ret_offset, const char **ret_message)
{
    const char *next = text, *end = size > 0 ? text + size : text;
    const char *problem = NULL;
    while (next < end && problem == NULL) {
        uint64_t word;
        if (end - next >= 8 && (memcpy(&word, next, 8), !is_of_interest(word))) {
            next += 8;
            continue;
        }
        unsigned char byte = (unsigned char)*next;
        size_t step = 1;
        if (byte >= 0x80) {
            /* All that is not ASCII here, and the ASCII behind it as far as it goes in one run. */
            const char *stop = next + 1;
            while (stop < end && (unsigned char)*stop >= 0x80)
                stop++;
            step = asl_utf8_valid(next, (size_t)(stop - next));
            if (step != (size_t)(stop - next))
                problem = "The text is not valid UTF-8";
        } else if (byte == '\\') {
            step = escape_size(next, end);
            if (step == 0)
                problem = "A \\u escape is half of a surrogate pair";
        } else if (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') {
            step = 0;
            problem = control_message(*next);
        }
        next += step;
    }
    if (problem == NULL)
        return true;
    *ret_offset = (size_t)(next - text);
    *ret_message = problem;
    return false;
}
