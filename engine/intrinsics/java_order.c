/* A HashMap's iteration order is: buckets in order, and in a bucket the order of insertion (a
 * resize splits buckets without reordering them). So the order is a stable sort by bucket number
 * of the final table, whose size follows from the number of keys alone. */
#include "intrinsics/java_order.h"

#include <string.h>

#include "base/utf8.h"

#define TABLE_SIZE_FIRST 16u

uint32_t asl_java_hash(const char *text, size_t size)
{
    uint32_t hash = 0;
    for (const char *next = text, *end = text + size; next < end;) {
        uint32_t code_point = asl_utf8_decode(&next, end);
        if (code_point < 0x10000) {
            hash = hash * 31 + code_point;
            continue;
        }
        code_point -= 0x10000;
        hash = hash * 31 + (0xD800 + (code_point >> 10));
        hash = hash * 31 + (0xDC00 + (code_point & 0x3FF));
    }
    return hash ^ (hash >> 16);
}

static uint32_t table_size(uint32_t count)
{
    uint32_t size = TABLE_SIZE_FIRST;
    while (count > size / 4 * 3)
        size *= 2;
    return size;
}

typedef struct table {
    const asl_value *object;
    size_t suffix_size;
    uint32_t mask;
} table;

static uint32_t bucket_of(const table *map, uint32_t position)
{
    size_t size = 0;
    const char *text = asl_value_get_string(asl_value_key(map->object, position), &size);
    return asl_java_hash(text, size - map->suffix_size) & map->mask;
}

/* Bottom-up merge by bucket; `other` is room of the same size. */
static void sort_by_bucket(const table *map, uint32_t *order, uint32_t *other, uint32_t count)
{
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t start = 0; start < count; start += 2 * width) {
            uint32_t middle = start + width < count ? start + width : count;
            uint32_t end = start + 2 * width < count ? start + 2 * width : count;
            uint32_t left = start, right = middle;
            for (uint32_t out = start; out < end; out++) {
                bool take_left =
                    right >= end ||
                    (left < middle && bucket_of(map, order[left]) <= bucket_of(map, order[right]));
                other[out] = take_left ? order[left++] : order[right++];
            }
        }
        memcpy(order, other, count * sizeof *order);
    }
}

void asl_java_order(const asl_value *object, size_t suffix_size, uint32_t *order, uint32_t count)
{
    table map = {object, suffix_size, table_size(count) - 1};
    if (count > 1)
        sort_by_bucket(&map, order, order + count, count);
}
