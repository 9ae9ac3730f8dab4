/* The fault heap: each block lies between a head that knows its size and a tail, both checked when
 * it is given back. */
#include "fault_heap.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIVE UINT64_C(0x6c69766520626c6b)
#define DEAD UINT64_C(0x6465616420626c6b)
#define TAIL_SIZE 8
static const unsigned char tail[TAIL_SIZE] = {0xFD, 0xFC, 0xFB, 0xFA, 0xF9, 0xF8, 0xF7, 0xF6};

typedef struct block {
    alignas(max_align_t) uint64_t mark;
    size_t size;
    const fault_heap *heap;
} block;

static void die(const char *what, size_t given, size_t known)
{
    fprintf(stderr, "fault heap: %s (given %zu, known %zu)\n", what, given, known);
    abort();
}

/* Whether this allocation is to fail; counts it there. */
static bool must_fail(fault_heap *heap, size_t *failures)
{
    heap->allocations++;
    bool fails = heap->fail_at != 0 && (heap->allocations == heap->fail_at ||
                                        (heap->fail_for_good && heap->allocations > heap->fail_at));
    *failures += fails;
    return fails;
}

static void *allocate_or_fail(fault_heap *heap, size_t size, size_t *failures)
{
    if (size == 0)
        die("zero bytes were asked for", 0, 0);
    pthread_mutex_lock(&heap->lock);
    bool fails = must_fail(heap, failures);
    block *made = NULL;
    if (!fails && size < SIZE_MAX / 2)
        made = malloc(sizeof(block) + size + TAIL_SIZE);
    if (made != NULL) {
        heap->live_blocks++;
        heap->live_bytes += size;
        if (heap->live_bytes > heap->peak_bytes)
            heap->peak_bytes = heap->live_bytes;
    }
    pthread_mutex_unlock(&heap->lock);
    if (made == NULL)
        return NULL;
    *made = (block){.mark = LIVE, .size = size, .heap = heap};
    memset(made + 1, 0xA5, size);
    memcpy((char *)(made + 1) + size, tail, TAIL_SIZE);
    return made + 1;
}

static void *allocate(void *context, size_t size)
{
    fault_heap *heap = context;
    return allocate_or_fail(heap, size, &heap->failures);
}

static void *allocate_optional(void *context, size_t size)
{
    fault_heap *heap = context;
    return allocate_or_fail(heap, size, &heap->optional_failures);
}

static void release(void *context, void *pointer, size_t size)
{
    fault_heap *heap = context;
    block *given = (block *)pointer - 1;
    if (given->mark != LIVE)
        die(given->mark == DEAD ? "released twice" : "not a block", size, 0);
    if (given->heap != heap)
        die("released to another heap", size, given->size);
    if (given->size != size)
        die("wrong size", size, given->size);
    if (memcmp((char *)pointer + size, tail, TAIL_SIZE) != 0)
        die("written past the end", size, size);
    pthread_mutex_lock(&heap->lock);
    heap->live_blocks--;
    heap->live_bytes -= size;
    pthread_mutex_unlock(&heap->lock);
    memset(pointer, 0x5A, size);
    given->mark = DEAD;
    free(given);
}

static void *reallocate(void *context, void *pointer, size_t old_size, size_t new_size)
{
    void *moved = allocate(context, new_size);
    if (moved == NULL)
        return NULL;
    if (pointer != NULL) {
        memcpy(moved, pointer, old_size < new_size ? old_size : new_size);
        release(context, pointer, old_size);
    }
    return moved;
}

void fault_heap_init(fault_heap *heap)
{
    *heap = (fault_heap){.hook = {.size = sizeof(asl_heap),
                                  .allocate = allocate,
                                  .reallocate = reallocate,
                                  .release = release,
                                  .context = heap,
                                  .allocate_optional = allocate_optional}};
    pthread_mutex_init(&heap->lock, NULL);
}

void fault_heap_fail_at(fault_heap *heap, size_t nth, bool for_good)
{
    heap->allocations = 0;
    heap->failures = heap->optional_failures = 0;
    heap->fail_at = nth;
    heap->fail_for_good = for_good;
}

bool fault_heap_failed(const fault_heap *heap)
{
    return heap->failures > 0;
}

bool fault_heap_is_empty(const fault_heap *heap)
{
    if (heap->live_blocks == 0)
        return true;
    fprintf(stderr, "fault heap: %zu blocks of %zu bytes are live\n", heap->live_blocks,
            heap->live_bytes);
    return false;
}

bool fault_heap_sweep(fault_heap *heap, size_t nth, bool for_good)
{
    if (!fault_heap_is_empty(heap))
        die("the run before left memory", heap->live_bytes, nth - 1);
    if (nth > 1 && heap->failures + heap->optional_failures == 0) {
        fault_heap_fail_at(heap, 0, false);
        return false;
    }
    fault_heap_fail_at(heap, nth, for_good);
    return true;
}
