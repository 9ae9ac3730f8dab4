/* Strings: cutting, finding, comparing, padding. */
#include "jsonata/text.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

#define CODE_UNITS_MAX 536870888.0 /* of a string in V8 */

size_t asl_jsonata_code_units(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        count += (byte & 0xC0) != 0x80;
        count += byte >= 0xF0;
    }
    return count;
}

/* Code units of a text, one after another. */
typedef struct unit_reader {
    const char *next, *end;
    uint32_t low; /* the second half of a pair, still to be read; else 0 */
} unit_reader;

/* -1 at the end. */
static int32_t read_code_unit(unit_reader *reader)
{
    uint32_t unit = reader->low;
    reader->low = 0;
    if (unit != 0)
        return (int32_t)unit;
    if (reader->next == reader->end)
        return -1;
    uint32_t c = asl_utf8_decode(&reader->next, reader->end);
    if (c < 0x10000)
        return (int32_t)c;
    reader->low = 0xDC00 | (c & 0x3FF);
    return (int32_t)(0xD800 + ((c - 0x10000) >> 10));
}

int asl_jsonata_compare(const char *left, size_t left_size, const char *right, size_t right_size)
{
    size_t size = left_size < right_size ? left_size : right_size, same = 0;
    while (same < size && left[same] == right[same])
        same++;
    while (same > 0 && same < size && ((unsigned char)left[same] & 0xC0) == 0x80)
        same--;
    unit_reader a = {left + same, left + left_size, 0}, b = {right + same, right + right_size, 0};
    int32_t one, other;
    do {
        one = read_code_unit(&a);
        other = read_code_unit(&b);
    } while (one == other && one >= 0);
    return (one > other) - (one < other);
}

size_t asl_jsonata_find(const char *text, size_t size, size_t from, const char *token,
                        size_t token_size)
{
    if (token_size == 0)
        return from;
    if (from >= size)
        return ASL_JSONATA_NOWHERE;
    const char *found = memmem(text + from, size - from, token, token_size);
    return found == NULL ? ASL_JSONATA_NOWHERE : (size_t)(found - text);
}

/* Array.prototype.slice's index into `count` items. */
static size_t slice_index(double relative, size_t count)
{
    if (isnan(relative))
        return 0;
    double index = trunc(relative) + (relative <= -1 ? (double)count : 0);
    if (index <= 0)
        return 0;
    return index < (double)count ? (size_t)index : count;
}

void asl_jsonata_substring(const char *text, size_t size, double start, const double *length,
                           size_t *ret_offset, size_t *ret_size)
{
    size_t count = asl_utf8_count(text, size);
    *ret_offset = *ret_size = 0;
    if ((double)count + start < 0)
        start = 0;
    size_t first = slice_index(start, count), end = count;
    if (length != NULL) {
        if (*length <= 0)
            return;
        end = slice_index((start >= 0 ? start : (double)count + start) + *length, count);
    }
    if (first >= end)
        return;
    *ret_offset = asl_utf8_prefix(text, size, first);
    *ret_size = asl_utf8_prefix(text + *ret_offset, size - *ret_offset, end - first);
}

static bool is_trimmed(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

int asl_jsonata_trim(const char *text, size_t size, asl_buffer *buffer)
{
    bool is_first = true;
    for (size_t i = 0; i < size;) {
        while (i < size && is_trimmed(text[i]))
            i++;
        size_t word = i;
        while (i < size && !is_trimmed(text[i]))
            i++;
        if (i > word && !is_first)
            asl_buffer_byte(buffer, ' ');
        if (i > word)
            is_first = false;
        asl_buffer_append(buffer, text + word, i - word);
    }
    return buffer->status;
}

/* `count` code points of `fill`, repeated. */
static void append_fill(asl_buffer *buffer, const char *fill, size_t fill_size, size_t count)
{
    size_t fill_count = asl_utf8_count(fill, fill_size);
    size_t rest = asl_utf8_prefix(fill, fill_size, count % fill_count);
    size_t whole = count / fill_count;
    if (asl_buffer_reserve(buffer, whole * fill_size + rest) != ASL_OK)
        return;
    for (size_t i = 0; i < whole; i++)
        asl_buffer_append(buffer, fill, fill_size);
    asl_buffer_append(buffer, fill, rest);
}

/* What JavaScript throws where it cannot make the padding; NULL. */
static const char *padding_problem(double count, double fill_units, double text_units)
{
    if (count != trunc(count) || count + 1 > UINT32_MAX)
        return "Invalid array length";
    if (count * fill_units > CODE_UNITS_MAX || count + text_units > CODE_UNITS_MAX)
        return "Invalid string length";
    return NULL;
}

int asl_jsonata_pad(const char *text, size_t size, double width, const char *fill, size_t fill_size,
                    asl_buffer *buffer, asl_jsonata_fault *fault)
{
    if (fill_size == 0) {
        fill = " ";
        fill_size = 1;
    }
    double count = fabs(width) - (double)asl_utf8_count(text, size);
    const char *problem = NULL;
    if (count > 0)
        problem = padding_problem(count, (double)asl_jsonata_code_units(fill, fill_size),
                                  (double)asl_jsonata_code_units(text, size));
    if (problem != NULL) {
        *fault = (asl_jsonata_fault){.message = problem};
        return ASL_EVALUATION;
    }
    size_t padding = count > 0 ? (size_t)count : 0;
    if (width < 0)
        append_fill(buffer, fill, fill_size, padding);
    asl_buffer_append(buffer, text, size);
    if (width > 0)
        append_fill(buffer, fill, fill_size, padding);
    return buffer->status;
}

bool asl_jsonata_split_next(asl_jsonata_split *split, const char **ret_piece, size_t *ret_size)
{
    if (split->text == NULL || (split->separator_size == 0 && split->size == 0))
        return false;
    *ret_piece = split->text;
    if (split->separator_size == 0) {
        *ret_size = asl_utf8_prefix(split->text, split->size, 1);
        split->text += *ret_size;
        split->size -= *ret_size;
        return true;
    }
    size_t at =
        asl_jsonata_find(split->text, split->size, 0, split->separator, split->separator_size);
    if (at == ASL_JSONATA_NOWHERE) {
        *ret_size = split->size;
        split->text = NULL;
        return true;
    }
    *ret_size = at;
    split->text += at + split->separator_size;
    split->size -= at + split->separator_size;
    return true;
}

uint32_t asl_jsonata_split_limit(double limit)
{
    if (!isfinite(limit))
        return 0;
    double modulus = fmod(trunc(limit), 4294967296.0);
    return (uint32_t)(modulus < 0 ? modulus + 4294967296.0 : modulus);
}
