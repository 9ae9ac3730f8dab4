/* Scratch memory: the newest block is used up from its beginning; what does not fit gets a new one,
 * twice as large. One block that was dropped is kept, so that a loop at a block's end does not
 * allocate in every round. */
#include "jsonata/scratch.h"

#include "base/heap.h"

#define BLOCK_FIRST 16384u
#define BLOCK_MAX 1048576u

struct asl_scratch_block {
    asl_scratch_block *older;
    char *older_begin, *older_end;
    size_t older_bytes; /* what `scratch->older` was */
    size_t size;        /* of the whole block */
    size_t unused;      /* keeps `bytes` aligned to 16 */
    char bytes[];
};

void asl_scratch_init(asl_scratch *scratch, const asl_heap *heap, size_t limit, void *room,
                      size_t room_size)
{
    *scratch = (asl_scratch){
        .heap = heap, .limit = limit, .next = room, .begin = room, .end = (char *)room + room_size};
}

void asl_scratch_done(asl_scratch *scratch)
{
    while (scratch->blocks != NULL) {
        asl_scratch_block *block = scratch->blocks;
        scratch->blocks = block->older;
        asl_release(scratch->heap, block, block->size);
    }
    if (scratch->spare != NULL)
        asl_release(scratch->heap, scratch->spare, scratch->spare->size);
    scratch->spare = NULL;
}

static asl_scratch_block *new_block(asl_scratch *scratch, size_t size)
{
    asl_scratch_block *block = scratch->spare;
    scratch->spare = NULL;
    if (block != NULL && block->size - sizeof *block >= size)
        return block;
    if (block != NULL)
        asl_release(scratch->heap, block, block->size);
    size_t wanted = scratch->blocks != NULL ? scratch->blocks->size * 2 : BLOCK_FIRST;
    wanted = wanted < BLOCK_MAX ? wanted : BLOCK_MAX;
    if (wanted < size + sizeof *block)
        wanted = size + sizeof *block;
    block = asl_allocate(scratch->heap, wanted);
    if (block != NULL)
        block->size = wanted;
    return block;
}

void *asl_scratch_allocate_slowly(asl_scratch *scratch, size_t size)
{
    size_t used = asl_scratch_position(scratch);
    if (size > scratch->limit || used > scratch->limit - size) {
        scratch->is_full = true;
        return NULL;
    }
    size = (size + 15) & ~(size_t)15;
    asl_scratch_block *block = new_block(scratch, size);
    if (block == NULL)
        return NULL;
    block->older = scratch->blocks;
    block->older_begin = scratch->begin;
    block->older_end = scratch->end;
    block->older_bytes = scratch->older;
    scratch->blocks = block;
    scratch->older = used;
    scratch->begin = block->bytes;
    scratch->next = block->bytes + size;
    scratch->end = (char *)block + block->size;
    return block->bytes;
}

static void drop_newest(asl_scratch *scratch)
{
    asl_scratch_block *block = scratch->blocks;
    scratch->blocks = block->older;
    scratch->begin = block->older_begin;
    scratch->end = block->older_end;
    scratch->older = block->older_bytes;
    if (scratch->spare == NULL || scratch->spare->size < block->size) {
        asl_scratch_block *other = scratch->spare;
        scratch->spare = block;
        block = other;
    }
    if (block != NULL)
        asl_release(scratch->heap, block, block->size);
}

void asl_scratch_drop_blocks(asl_scratch *scratch, asl_scratch_mark mark)
{
    while (scratch->blocks != mark.block)
        drop_newest(scratch);
}
