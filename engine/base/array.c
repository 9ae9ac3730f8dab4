/* Growth: one function for all arrays. Nothing changes unless the memory was had. */
#include "base/array.h"

#include <string.h>

#include "base/heap.h"
#include "base/limits.h"

int asl_array_grow(const asl_heap *heap, void **items, size_t *capacity, size_t count,
                   size_t item_size, size_t limit)
{
    if (count < *capacity)
        return ASL_OK;
    if (count >= limit)
        return ASL_TOO_LARGE;
    size_t more = *capacity < ASL_ARRAY_CAPACITY_FIRST ? ASL_ARRAY_CAPACITY_FIRST : *capacity;
    size_t wanted = *capacity > limit / 2 ? limit : *capacity + more;
    wanted = wanted > limit ? limit : wanted;
    if (wanted > SIZE_MAX / item_size)
        return ASL_NOMEM;
    void *grown = asl_reallocate(heap, *items, *capacity * item_size, wanted * item_size);
    if (grown == NULL)
        return ASL_NOMEM;
    *items = grown;
    *capacity = wanted;
    return ASL_OK;
}
