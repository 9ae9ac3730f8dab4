/* Upper and lower case of all of Unicode, without regard to a language. */
#include "base/utf8.h"
#include "jsonata/case.h"
#include "jsonata/text.h"

#define CAPITAL_SIGMA 0x3A3u
#define FINAL_SIGMA 0x3C2u

uint32_t asl_case_map(const asl_case_run *runs, size_t count, uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (runs[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || c < runs[low].first || (c - runs[low].first) % runs[low].step != 0)
        return c;
    return (uint32_t)((int32_t)c + runs[low].delta);
}

uint16_t asl_case_canonical(uint16_t unit)
{
    uint32_t upper = asl_case_map(asl_case_upper, asl_case_upper_count, unit);
    return upper > UINT16_MAX || (unit >= 0x80 && upper < 0x80) ? unit : (uint16_t)upper;
}

static const asl_case_special *find_special(const asl_case_special *specials, size_t count,
                                            uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (specials[middle].code_point < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && specials[low].code_point == c ? &specials[low] : NULL;
}

static bool has_property(const asl_case_range *ranges, size_t count, uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && c >= ranges[low].first;
}

static bool is_cased(uint32_t c)
{
    return has_property(asl_case_cased, asl_case_cased_count, c);
}

static bool is_ignorable(uint32_t c)
{
    return has_property(asl_case_ignorable, asl_case_ignorable_count, c);
}

static void append_code_point(asl_buffer *buffer, uint32_t c)
{
    char bytes[4];
    asl_buffer_append(buffer, bytes, asl_utf8_encode(c, bytes));
}

/* False where there is no special mapping. */
static bool append_special(asl_buffer *buffer, const asl_case_special *specials, size_t count,
                           uint32_t c)
{
    const asl_case_special *special = find_special(specials, count, c);
    if (special == NULL)
        return false;
    for (size_t i = 0; i < 3 && special->to[i] != 0; i++)
        append_code_point(buffer, special->to[i]);
    return true;
}

int asl_jsonata_uppercase(const char *text, size_t size, asl_buffer *buffer)
{
    const char *end = text + size;
    asl_buffer_reserve(buffer, size);
    while (text < end) {
        uint32_t c = asl_utf8_decode(&text, end);
        if (c < 0x80)
            asl_buffer_byte(buffer, (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c));
        else if (!append_special(buffer, asl_case_upper_special, asl_case_upper_special_count, c))
            append_code_point(buffer, asl_case_map(asl_case_upper, asl_case_upper_count, c));
    }
    return buffer->status;
}

/* The code point before `*place`, which moves to it. */
static uint32_t decode_backwards(const char *start, const char **place)
{
    const char *next = *place;
    do {
        next--;
    } while (next > start && ((unsigned char)*next & 0xC0) == 0x80);
    const char *decoded = next;
    uint32_t c = asl_utf8_decode(&decoded, *place);
    *place = next;
    return c;
}

/* Unicode, table 3-17, Final_Sigma: the sigma before `after` ends a word. */
static bool is_final_sigma(const char *start, const char *sigma, const char *after, const char *end)
{
    uint32_t c = 0;
    bool found = false;
    while (!found && sigma > start) {
        c = decode_backwards(start, &sigma);
        found = !is_ignorable(c);
    }
    if (!found || !is_cased(c))
        return false;
    found = false;
    while (!found && after < end) {
        c = asl_utf8_decode(&after, end);
        found = !is_ignorable(c);
    }
    return !found || !is_cased(c);
}

int asl_jsonata_lowercase(const char *text, size_t size, asl_buffer *buffer)
{
    const char *start = text, *end = text + size;
    asl_buffer_reserve(buffer, size);
    while (text < end) {
        const char *place = text;
        uint32_t c = asl_utf8_decode(&text, end);
        if (c < 0x80)
            asl_buffer_byte(buffer, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
        else if (c == CAPITAL_SIGMA && is_final_sigma(start, place, text, end))
            append_code_point(buffer, FINAL_SIGMA);
        else if (!append_special(buffer, asl_case_lower_special, asl_case_lower_special_count, c))
            append_code_point(buffer, asl_case_map(asl_case_lower, asl_case_lower_count, c));
    }
    return buffer->status;
}
