/* Growth: one function for all arrays. */
#ifndef ASL_BASE_ARRAY_H
#define ASL_BASE_ARRAY_H

#include <stdint.h>

#include <asl/error.h>

/* Makes room for one more item behind `count`: grows `*items` (items of `item_size` bytes) by
 * doubling, and writes the capacity last. ASL_NOMEM, or ASL_TOO_LARGE where `count` has reached
 * `limit`. */
int asl_array_grow(const asl_heap *heap, void **items, size_t *capacity, size_t count,
                   size_t item_size, size_t limit);

/* asl_array_reserve(heap, &list->items, &list->capacity, list->count, limit) with the types
 * checked. */
#define asl_array_reserve(heap, items, capacity, count, limit) \
    asl_array_grow((heap), (void **)(items), (capacity), (count), sizeof(**(items)), (limit))

#endif
