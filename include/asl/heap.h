/* <asl/heap.h> - the allocation hook.
 *
 * Every byte the library owns is asked for and given back through one hook, with its size, so a
 * host can count, limit or fail allocations. A NULL hook means malloc, realloc and free.
 *
 *     asl_heap counted = {.size = sizeof counted,
 *                         .allocate = my_allocate,
 *                         .reallocate = my_reallocate,
 *                         .release = my_release,
 *                         .context = &my_counter};
 *     asl_value *array = asl_value_array(&counted);
 *
 * Threads: the functions of a hook may be called from any thread that uses something made with it.
 */
#ifndef ASL_HEAP_H
#define ASL_HEAP_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ASL_API __attribute__((visibility("default")))
#else
#define ASL_API
#endif

/* All sizes are bytes. `allocate` and `reallocate` return NULL when there is no memory; the library
 * then reports ASL_NOMEM and leaves everything as it was. `allocate_optional` (NULL: allocate) is
 * asked for what the library can do without, such as the index of a large object: where it returns
 * NULL nothing is reported, and work takes longer. The struct must outlive all that was made with
 * it. */
typedef struct asl_heap {
    size_t size; /* sizeof(asl_heap) */
    void *(*allocate)(void *context, size_t size);
    void *(*reallocate)(void *context, void *pointer, size_t old_size, size_t new_size);
    void (*release)(void *context, void *pointer, size_t size);
    void *context;
    void *(*allocate_optional)(void *context, size_t size);
} asl_heap;

#ifdef __cplusplus
}
#endif
#endif
