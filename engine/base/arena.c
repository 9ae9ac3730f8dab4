/* Arena: a chain of blocks, the newest first, each twice the one before up to a limit. What is
 * larger than a quarter of the next block gets a block of its own behind the newest, so that the
 * room left in the newest is not thrown away. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/heap.h"
#include "base/limits.h"

struct asl_arena_block {
    asl_arena_block *older;
    size_t size; /* of the whole block */
    alignas(max_align_t) char bytes[];
};

void asl_arena_init(asl_arena *arena, const asl_heap *heap)
{
    *arena = (asl_arena){.heap = heap};
}

void asl_arena_done(asl_arena *arena)
{
    for (asl_arena_block *older, *block = arena->blocks; block != NULL; block = older) {
        older = block->older;
        asl_release(arena->heap, block, block->size);
    }
    *arena = (asl_arena){.heap = arena->heap};
}

static asl_arena_block *new_block(asl_arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(asl_arena_block))
        return NULL;
    size += sizeof(asl_arena_block);
    asl_arena_block *block = asl_allocate(arena->heap, size);
    if (block != NULL)
        block->size = size;
    return block;
}

/* A block for one large piece, behind the newest. */
static void *allocate_alone(asl_arena *arena, size_t size)
{
    asl_arena_block *block = new_block(arena, size);
    if (block == NULL)
        return NULL;
    block->older = arena->blocks->older;
    arena->blocks->older = block;
    return block->bytes;
}

static void *allocate_in_new_block(asl_arena *arena, size_t size)
{
    size_t next = ASL_ARENA_BLOCK_FIRST;
    if (arena->blocks != NULL) {
        next = arena->blocks->size * 2;
        next = next < ASL_ARENA_BLOCK_MAX ? next : ASL_ARENA_BLOCK_MAX;
        if (size > next / 4)
            return allocate_alone(arena, size);
    }
    asl_arena_block *block = new_block(arena, size > next ? size : next);
    if (block == NULL)
        return NULL;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = block->bytes + size;
    arena->end = (char *)block + block->size;
    return block->bytes;
}

void *asl_arena_allocate(asl_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    void *pointer;
    if (arena->next != NULL && rounded <= (size_t)(arena->end - arena->next)) {
        pointer = arena->next;
        arena->next += rounded;
    } else {
        pointer = allocate_in_new_block(arena, rounded);
    }
    if (pointer != NULL)
        memset(pointer, 0, size);
    return pointer;
}

char *asl_arena_copy(asl_arena *arena, const char *bytes, size_t size)
{
    if (size == SIZE_MAX)
        return NULL;
    char *copy = asl_arena_allocate(arena, size + 1);
    if (copy != NULL && size > 0)
        memcpy(copy, bytes, size);
    return copy;
}
