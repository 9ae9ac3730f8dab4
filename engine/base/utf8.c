/* UTF-8. Validation runs over ASCII eight bytes at a time and checks the rest against the table of
 * well-formed sequences (Unicode, table 3-7): the second byte's range depends on the first. */
#include "base/utf8.h"

#include <string.h>

#define HIGH_BITS 0x8080808080808080u

/* The size of the well-formed sequence at `next`, 0 where there is none. */
static size_t sequence_size(const unsigned char *next, const unsigned char *end)
{
    unsigned char first = next[0];
    if (first < 0x80)
        return 1;
    size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || (size_t)(end - next) < size)
        return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (next[1] < low || next[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++) {
        if ((next[i] & 0xC0) != 0x80)
            return 0;
    }
    return size;
}

size_t asl_utf8_valid(const char *bytes, size_t size)
{
    if (size == 0)
        return 0;
    const unsigned char *next = (const unsigned char *)bytes, *end = next + size;
    while (next < end) {
        uint64_t word;
        if (end - next >= 8 && (memcpy(&word, next, 8), (word & HIGH_BITS) == 0)) {
            next += 8;
            continue;
        }
        size_t sequence = sequence_size(next, end);
        if (sequence == 0)
            break;
        next += sequence;
    }
    return (size_t)(next - (const unsigned char *)bytes);
}

uint32_t asl_utf8_decode(const char **bytes, const char *end)
{
    const unsigned char *next = (const unsigned char *)*bytes;
    uint32_t first = next[0];
    if (first < 0x80 || (size_t)(end - *bytes) < 2) {
        *bytes += 1;
        return first;
    }
    size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    size_t room = (size_t)(end - *bytes);
    size = size < room ? size : room;
    uint32_t code_point = first & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++)
        code_point = code_point << 6 | (next[i] & 0x3Fu);
    *bytes += size;
    return code_point;
}

size_t asl_utf8_encode(uint32_t code_point, char *out)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

static inline bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t asl_utf8_count(const char *bytes, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += !is_continuation(bytes[i]);
    return count;
}

size_t asl_utf8_prefix(const char *bytes, size_t size, size_t count)
{
    size_t i = 0;
    for (; i < size; i++) {
        if (!is_continuation(bytes[i]) && count-- == 0)
            break;
    }
    return i;
}

void asl_utf8_place(const char *text, size_t size, size_t offset, size_t *ret_line,
                    size_t *ret_column)
{
    if (offset > size)
        offset = size;
    size_t line = 1, start = 0;
    for (size_t i = 0; i < offset; i++) {
        bool ends = text[i] == '\n' || (text[i] == '\r' && (i + 1 == size || text[i + 1] != '\n'));
        if (ends) {
            line++;
            start = i + 1;
        }
    }
    *ret_line = line;
    *ret_column = asl_utf8_count(text + start, offset - start) + 1;
}
