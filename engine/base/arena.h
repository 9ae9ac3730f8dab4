/* Arena: memory that lives and dies together. Blocks double up to a limit; nothing is freed singly.
 */
#ifndef ASL_BASE_ARENA_H
#define ASL_BASE_ARENA_H

#include <asl/heap.h>

typedef struct asl_arena_block asl_arena_block;

typedef struct asl_arena {
    const asl_heap *heap;
    asl_arena_block *blocks;
    char *next, *end;
} asl_arena;

void asl_arena_init(asl_arena *arena, const asl_heap *heap);
void asl_arena_done(asl_arena *arena);
/* Zeroed, aligned for any type; NULL when out of memory. */
void *asl_arena_allocate(asl_arena *arena, size_t size);
/* A copy of `size` bytes with a NUL after them. */
char *asl_arena_copy(asl_arena *arena, const char *bytes, size_t size);

#endif
