/* Scratch memory of one evaluation: blocks that grow, a limit, and marks to go back to.
 *
 * Nothing is freed singly. Where a part of an evaluation gives something immediate, all that it
 * made is dropped by going back to a mark, so loops over much data run in little memory. */
#ifndef ASL_JSONATA_SCRATCH_H
#define ASL_JSONATA_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct asl_scratch_block asl_scratch_block;

typedef struct asl_scratch {
    const asl_heap *heap;
    char *next, *end;
    char *begin;               /* of the current block */
    asl_scratch_block *blocks; /* newest first; the first room is the caller's */
    asl_scratch_block *spare;
    size_t older; /* bytes in the blocks before the current one */
    size_t limit;
    bool is_full; /* the limit, not the heap, has refused */
} asl_scratch;

typedef struct asl_scratch_mark {
    asl_scratch_block *block;
    char *next;
} asl_scratch_mark;

/* Begins in `room`, which is the caller's. */
void asl_scratch_init(asl_scratch *scratch, const asl_heap *heap, size_t limit, void *room,
                      size_t room_size);
void asl_scratch_done(asl_scratch *scratch);

void *asl_scratch_allocate_slowly(asl_scratch *scratch, size_t size);
/* Aligned to 16, not cleared; NULL when out of memory or past the limit. */
static inline void *asl_scratch_allocate(asl_scratch *scratch, size_t size)
{
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded >= size && rounded <= (size_t)(scratch->end - scratch->next)) {
        char *pointer = scratch->next;
        scratch->next += rounded;
        return pointer;
    }
    return asl_scratch_allocate_slowly(scratch, size);
}

static inline asl_scratch_mark asl_scratch_mark_here(const asl_scratch *scratch)
{
    return (asl_scratch_mark){.block = scratch->blocks, .next = scratch->next};
}
/* Drops all that was made since. */
void asl_scratch_drop_blocks(asl_scratch *scratch, asl_scratch_mark mark);
static inline void asl_scratch_go_back(asl_scratch *scratch, asl_scratch_mark mark)
{
    if (scratch->blocks != mark.block)
        asl_scratch_drop_blocks(scratch, mark);
    scratch->next = mark.next;
}
/* How far it has come: what is made later is at a greater position, until one goes back. */
static inline size_t asl_scratch_position(const asl_scratch *scratch)
{
    return scratch->older + (size_t)(scratch->next - scratch->begin);
}

#endif
