/* Sized allocation through the hook.
 *
 * A NULL hook, or one that lacks a function, is malloc. The paranoid build fills new memory and
 * memory given back with a pattern and moves every block that is resized, so that what relies on
 * old bytes or old addresses fails at once. */
#include "base/heap.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void *hook_allocate(const asl_heap *heap, size_t size)
{
    if (heap == NULL)
        return malloc(size);
    return heap->allocate(heap->context, size);
}

/* A hook of an older host is shorter. */
static void *hook_allocate_optional(const asl_heap *heap, size_t size)
{
    const size_t needed = offsetof(asl_heap, allocate_optional) + sizeof heap->allocate_optional;
    if (heap == NULL || heap->size < needed || heap->allocate_optional == NULL)
        return hook_allocate(heap, size);
    return heap->allocate_optional(heap->context, size);
}

static void hook_release(const asl_heap *heap, void *pointer, size_t size)
{
    if (heap == NULL)
        free(pointer);
    else
        heap->release(heap->context, pointer, size);
}

#ifdef ASL_PARANOID

static void *fill(void *pointer, size_t size)
{
    if (pointer != NULL)
        memset(pointer, 0xA5, size);
    return pointer;
}

void *asl_allocate(const asl_heap *heap, size_t size)
{
    size = size == 0 ? 1 : size;
    return fill(hook_allocate(heap, size), size);
}

void *asl_allocate_optional(const asl_heap *heap, size_t size)
{
    size = size == 0 ? 1 : size;
    return fill(hook_allocate_optional(heap, size), size);
}

void *asl_reallocate(const asl_heap *heap, void *pointer, size_t old_size, size_t new_size)
{
    void *moved = asl_allocate(heap, new_size);
    if (moved == NULL)
        return NULL;
    if (pointer != NULL) {
        memcpy(moved, pointer, old_size < new_size ? old_size : new_size);
        asl_release(heap, pointer, old_size);
    }
    return moved;
}

void asl_release(const asl_heap *heap, void *pointer, size_t size)
{
    if (pointer == NULL)
        return;
    size = size == 0 ? 1 : size;
    memset(pointer, 0x5A, size);
    hook_release(heap, pointer, size);
}

#else

void *asl_allocate(const asl_heap *heap, size_t size)
{
    return hook_allocate(heap, size == 0 ? 1 : size);
}

void *asl_allocate_optional(const asl_heap *heap, size_t size)
{
    return hook_allocate_optional(heap, size == 0 ? 1 : size);
}

void *asl_reallocate(const asl_heap *heap, void *pointer, size_t old_size, size_t new_size)
{
    new_size = new_size == 0 ? 1 : new_size;
    if (pointer == NULL)
        return hook_allocate(heap, new_size);
    if (heap == NULL)
        return realloc(pointer, new_size);
    return heap->reallocate(heap->context, pointer, old_size == 0 ? 1 : old_size, new_size);
}

void asl_release(const asl_heap *heap, void *pointer, size_t size)
{
    if (pointer != NULL)
        hook_release(heap, pointer, size == 0 ? 1 : size);
}

#endif

void *asl_allocate_zeroed(const asl_heap *heap, size_t size)
{
    if (heap == NULL)
        return calloc(1, size == 0 ? 1 : size);
    void *pointer = asl_allocate(heap, size);
    if (pointer != NULL)
        memset(pointer, 0, size);
    return pointer;
}
