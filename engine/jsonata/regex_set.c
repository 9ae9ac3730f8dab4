/* Sets of UTF-16 code units: a bit for each while they are made, ranges then. */
#include <string.h>

#include "jsonata/case.h"
#include "jsonata/regex_layout.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const regex_range digits[] = {{'0', '9'}};
static const regex_range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const regex_range spaces[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
static const regex_range line_ends[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

void regex_bits_clear(regex_bits *bits)
{
    memset(bits, 0, sizeof *bits);
}

static bool has(const regex_bits *bits, uint32_t unit)
{
    return (bits->words[unit / 64] >> unit % 64 & 1) != 0;
}

static void add_one(regex_bits *bits, uint32_t unit)
{
    bits->words[unit / 64] |= UINT64_C(1) << unit % 64;
}

void regex_bits_add(regex_bits *bits, uint16_t first, uint16_t last)
{
    uint64_t head = UINT64_MAX << first % 64, tail = UINT64_MAX >> (63 - last % 64);
    size_t from = first / 64, to = last / 64;
    if (from == to) {
        bits->words[from] |= head & tail;
        return;
    }
    bits->words[from] |= head;
    for (size_t i = from + 1; i < to; i++)
        bits->words[i] = UINT64_MAX;
    bits->words[to] |= tail;
}

static void add_ranges(regex_bits *bits, const regex_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        regex_bits_add(bits, ranges[i].first, ranges[i].last);
}

/* Adds what is between the ranges, before the first and behind the last. */
static void add_others(regex_bits *bits, const regex_range *ranges, size_t count)
{
    uint32_t from = 0;
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].first > from)
            regex_bits_add(bits, (uint16_t)from, (uint16_t)(ranges[i].first - 1));
        from = ranges[i].last + 1u;
    }
    if (from <= UINT16_MAX)
        regex_bits_add(bits, (uint16_t)from, UINT16_MAX);
}

void regex_bits_add_escape(regex_bits *bits, char escape)
{
    switch (escape) {
    case 'd':
        add_ranges(bits, digits, COUNT(digits));
        break;
    case 'D':
        add_others(bits, digits, COUNT(digits));
        break;
    case 's':
        add_ranges(bits, spaces, COUNT(spaces));
        break;
    case 'S':
        add_others(bits, spaces, COUNT(spaces));
        break;
    case 'w':
        add_ranges(bits, words, COUNT(words));
        break;
    case 'W':
        add_others(bits, words, COUNT(words));
        break;
    default: /* '.' */
        add_others(bits, line_ends, COUNT(line_ends));
        break;
    }
}

void regex_bits_invert(regex_bits *bits)
{
    for (size_t i = 0; i < REGEX_SET_WORDS; i++)
        bits->words[i] = ~bits->words[i];
}

/* Calls for each code unit that another one is the canonical form of. */
static void for_each_cased(regex_bits *bits,
                           void (*visit)(regex_bits *bits, uint16_t unit, uint16_t canonical))
{
    for (size_t i = 0; i < asl_case_upper_count && asl_case_upper[i].last <= UINT16_MAX; i++) {
        const asl_case_run *run = &asl_case_upper[i];
        for (uint32_t unit = run->first; unit <= run->last; unit += run->step) {
            uint16_t canonical = asl_case_canonical((uint16_t)unit);
            if (canonical != unit)
                visit(bits, (uint16_t)unit, canonical);
        }
    }
}

static void add_canonical(regex_bits *bits, uint16_t unit, uint16_t canonical)
{
    if (has(bits, unit))
        add_one(bits, canonical);
}

static void add_variant(regex_bits *bits, uint16_t unit, uint16_t canonical)
{
    if (has(bits, canonical))
        add_one(bits, unit);
}

void regex_bits_close_case(regex_bits *bits)
{
    for_each_cased(bits, add_canonical);
    for_each_cased(bits, add_variant);
}

/* Inserts in order. */
static void insert(regex_range *ranges, size_t count, uint16_t unit)
{
    while (count > 0 && ranges[count - 1].first > unit) {
        ranges[count] = ranges[count - 1];
        count--;
    }
    ranges[count] = (regex_range){unit, unit};
}

bool regex_case_variants(uint16_t unit, asl_arena *arena, regex_set *ret_set)
{
    regex_range found[REGEX_VARIANTS_MAX];
    uint16_t canonical = asl_case_canonical(unit);
    size_t count = 0;
    insert(found, count++, canonical);
    for (size_t i = 0; i < asl_case_upper_count && count < REGEX_VARIANTS_MAX; i++) {
        const asl_case_run *run = &asl_case_upper[i];
        uint32_t source = (uint32_t)((int32_t)canonical - run->delta);
        if (source >= run->first && source <= run->last && source <= UINT16_MAX &&
            asl_case_canonical((uint16_t)source) == canonical)
            insert(found, count++, (uint16_t)source);
    }
    regex_range *ranges = asl_arena_allocate(arena, count * sizeof *ranges);
    if (ranges == NULL)
        return false;
    memcpy(ranges, found, count * sizeof *ranges);
    *ret_set = (regex_set){ranges, count};
    return true;
}

/* The first code unit from `unit` on that is in the set (or is not); 65536 where there is none. */
static uint32_t next_unit(const regex_bits *bits, uint32_t unit, bool is_in)
{
    while (unit < 65536) {
        uint64_t word = bits->words[unit / 64];
        word = (is_in ? word : ~word) >> unit % 64;
        if (word != 0)
            return unit + (uint32_t)__builtin_ctzll(word);
        unit = (unit / 64 + 1) * 64;
    }
    return 65536;
}

static size_t count_ranges(const regex_bits *bits)
{
    size_t count = 0;
    for (uint32_t unit = next_unit(bits, 0, true); unit < 65536; count++)
        unit = next_unit(bits, next_unit(bits, unit, false), true);
    return count;
}

bool regex_bits_freeze(const regex_bits *bits, asl_arena *arena, regex_set *ret_set)
{
    size_t count = count_ranges(bits);
    regex_range *ranges = asl_arena_allocate(arena, (count + 1) * sizeof *ranges);
    if (ranges == NULL)
        return false;
    uint32_t unit = next_unit(bits, 0, true);
    for (size_t i = 0; i < count; i++) {
        uint32_t end = next_unit(bits, unit, false);
        ranges[i] = (regex_range){(uint16_t)unit, (uint16_t)(end - 1)};
        unit = next_unit(bits, end, true);
    }
    *ret_set = (regex_set){ranges, count};
    return true;
}
