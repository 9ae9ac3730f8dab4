/* Sized allocation through the hook. A NULL hook is malloc. */
#ifndef ASL_BASE_HEAP_H
#define ASL_BASE_HEAP_H

#include <asl/heap.h>

/* NULL when out of memory; a size of 0 is asked for as 1. */
void *asl_allocate(const asl_heap *heap, size_t size);
void *asl_allocate_zeroed(const asl_heap *heap, size_t size);
/* For what can be done without: the one allocation whose failure the caller does not report. */
void *asl_allocate_optional(const asl_heap *heap, size_t size);
void *asl_reallocate(const asl_heap *heap, void *pointer, size_t old_size, size_t new_size);
/* NULL is allowed. `size` is what was asked for. */
void asl_release(const asl_heap *heap, void *pointer, size_t size);

#endif
