/* UTF-16 text: conversions, places in a text, buffers of units, and searching. */
#include "jsonata/utf16.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

#define REPLACEMENT 0xFFFDu

static bool is_high(uint16_t unit)
{
    return (unit & 0xFC00) == 0xD800;
}

static bool is_low(uint16_t unit)
{
    return (unit & 0xFC00) == 0xDC00;
}

static bool is_surrogate(uint32_t code_point)
{
    return code_point >= 0xD800 && code_point <= 0xDFFF;
}

size_t asl_utf16_encode(uint32_t code_point, uint16_t units[2])
{
    if (code_point < 0x10000) {
        units[0] = (uint16_t)code_point;
        return 1;
    }
    units[0] = (uint16_t)(0xD800 + ((code_point - 0x10000) >> 10));
    units[1] = (uint16_t)(0xDC00 + ((code_point - 0x10000) & 0x3FF));
    return 2;
}

int asl_utf16_read(asl_arena *arena, const char *bytes, size_t size, asl_utf16 *ret_text)
{
    /* No character has more units than bytes. */
    uint16_t *units = asl_arena_allocate(arena, (size + 1) * sizeof *units);
    if (units == NULL)
        return ASL_NOMEM;
    size_t count = 0;
    for (const char *end = size > 0 ? bytes + size : bytes; bytes != end;)
        count += asl_utf16_encode(asl_utf8_decode(&bytes, end), units + count);
    *ret_text = (asl_utf16){units, count};
    return ASL_OK;
}

uint32_t asl_utf16_code_point(asl_utf16 text, size_t index, size_t *ret_size)
{
    uint16_t first = text.units[index];
    *ret_size = 1;
    if (!is_high(first) || index + 1 == text.size || !is_low(text.units[index + 1]))
        return first;
    *ret_size = 2;
    return 0x10000 + ((first & 0x3FFu) << 10) + (text.units[index + 1] & 0x3FFu);
}

void asl_utf16_write(asl_utf16 text, asl_buffer *out)
{
    size_t taken;
    for (size_t i = 0; i < text.size; i += taken) {
        char bytes[4];
        uint32_t code_point = asl_utf16_code_point(text, i, &taken);
        if (is_surrogate(code_point))
            code_point = REPLACEMENT;
        asl_buffer_append(out, bytes, asl_utf8_encode(code_point, bytes));
    }
}

static void write_json_character(uint32_t code_point, asl_buffer *out)
{
    static const char escapes[] = "btn\0fr"; /* of U+0008 to U+000D */
    char bytes[4];
    if (code_point == '"' || code_point == '\\') {
        asl_buffer_byte(out, '\\');
        asl_buffer_byte(out, (char)code_point);
    } else if (code_point >= 8 && code_point <= 13 && code_point != 11) {
        asl_buffer_byte(out, '\\');
        asl_buffer_byte(out, escapes[code_point - 8]);
    } else if (code_point < 0x20 || is_surrogate(code_point)) {
        asl_buffer_format(out, "\\u%04x", (unsigned)code_point);
    } else {
        asl_buffer_append(out, bytes, asl_utf8_encode(code_point, bytes));
    }
}

void asl_utf16_write_json(asl_utf16 text, asl_buffer *out)
{
    size_t taken;
    asl_buffer_byte(out, '"');
    for (size_t i = 0; i < text.size; i += taken)
        write_json_character(asl_utf16_code_point(text, i, &taken), out);
    asl_buffer_byte(out, '"');
}

asl_utf16 asl_utf16_slice(asl_utf16 text, size_t start, size_t end)
{
    end = end < text.size ? end : text.size;
    start = start < end ? start : end;
    return (asl_utf16){text.size > 0 ? text.units + start : text.units, end - start};
}

bool asl_utf16_equal(asl_utf16 left, asl_utf16 right)
{
    return left.size == right.size &&
           (left.size == 0 || memcmp(left.units, right.units, left.size * sizeof *left.units) == 0);
}

bool asl_utf16_is(asl_utf16 text, const char *ascii)
{
    size_t i = 0;
    while (i < text.size && ascii[i] != '\0' && text.units[i] == (unsigned char)ascii[i])
        i++;
    return i == text.size && ascii[i] == '\0';
}

size_t asl_utf16_find(asl_utf16 text, uint16_t unit, size_t from)
{
    for (size_t i = from; i < text.size; i++) {
        if (text.units[i] == unit)
            return i;
    }
    return ASL_UTF16_NONE;
}

size_t asl_utf16_find_last(asl_utf16 text, uint16_t unit)
{
    for (size_t i = text.size; i > 0; i--) {
        if (text.units[i - 1] == unit)
            return i - 1;
    }
    return ASL_UTF16_NONE;
}

bool asl_utf16_is_space(uint16_t unit)
{
    return (unit >= 9 && unit <= 13) || unit == ' ' || unit == 0xA0 || unit == 0x1680 ||
           (unit >= 0x2000 && unit <= 0x200A) || unit == 0x2028 || unit == 0x2029 ||
           unit == 0x202F || unit == 0x205F || unit == 0x3000 || unit == 0xFEFF;
}

void asl_utf16_init(asl_buffer *units, const asl_heap *heap)
{
    asl_buffer_init(units, heap);
    units->limit = ASL_PICTURE_RESULT_UNITS_MAX * sizeof(uint16_t);
}

asl_utf16 asl_utf16_of(const asl_buffer *units)
{
    const void *bytes = units->bytes;
    return (asl_utf16){bytes, units->size / sizeof(uint16_t)};
}

void asl_utf16_append(asl_buffer *units, asl_utf16 text)
{
    asl_buffer_append(units, text.units, text.size * sizeof *text.units);
}

void asl_utf16_append_unit(asl_buffer *units, uint16_t unit)
{
    asl_buffer_append(units, &unit, sizeof unit);
}

void asl_utf16_append_code_point(asl_buffer *units, uint32_t code_point)
{
    uint16_t encoded[2];
    asl_utf16_append(units, (asl_utf16){encoded, asl_utf16_encode(code_point, encoded)});
}

void asl_utf16_append_ascii(asl_buffer *units, const char *ascii, size_t size)
{
    for (size_t i = 0; i < size; i++)
        asl_utf16_append_unit(units, (unsigned char)ascii[i]);
}

void asl_utf16_append_text(asl_buffer *units, const char *ascii)
{
    asl_utf16_append_ascii(units, ascii, strlen(ascii));
}

int asl_utf16_needle_init(asl_utf16_needle *needle, asl_arena *arena, asl_utf16 text)
{
    *needle = (asl_utf16_needle){.text = text};
    if (text.size < 2)
        return ASL_OK;
    size_t *borders = asl_arena_allocate(arena, text.size * sizeof *borders);
    if (borders == NULL)
        return ASL_NOMEM;
    size_t border = 0;
    for (size_t i = 1; i < text.size; i++) {
        while (border > 0 && text.units[i] != text.units[border])
            border = borders[border - 1];
        border += text.units[i] == text.units[border];
        borders[i] = border;
    }
    needle->borders = borders;
    return ASL_OK;
}

asl_utf16_matches asl_utf16_matches_of(asl_utf16 text, const asl_utf16_needle *needle, size_t from)
{
    return (asl_utf16_matches){text, needle, from < text.size ? from : text.size, 0};
}

size_t asl_utf16_match(asl_utf16_matches *matches)
{
    asl_utf16 text = matches->text, wanted = matches->needle->text;
    const size_t *borders = matches->needle->borders;
    if (wanted.size == 0)
        return matches->next <= text.size ? matches->next++ : ASL_UTF16_NONE;
    while (matches->next < text.size) {
        uint16_t unit = text.units[matches->next++];
        while (matches->found > 0 && unit != wanted.units[matches->found])
            matches->found = borders[matches->found - 1];
        matches->found += unit == wanted.units[matches->found];
        if (matches->found == wanted.size) {
            matches->found = borders != NULL ? borders[wanted.size - 1] : 0;
            return matches->next - wanted.size;
        }
    }
    return ASL_UTF16_NONE;
}

size_t asl_utf16_search(asl_utf16 text, const asl_utf16_needle *needle, size_t from)
{
    asl_utf16_matches matches = asl_utf16_matches_of(text, needle, from);
    return asl_utf16_match(&matches);
}

size_t asl_utf16_search_last(asl_utf16 text, const asl_utf16_needle *needle)
{
    asl_utf16_matches matches = asl_utf16_matches_of(text, needle, 0);
    size_t last = ASL_UTF16_NONE, next;
    while ((next = asl_utf16_match(&matches)) != ASL_UTF16_NONE)
        last = next;
    return last;
}
