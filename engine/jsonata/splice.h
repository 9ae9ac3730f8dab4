/* Splice: a text of UTF-16 units into which others are put at places that mostly grow. The units
 * before the last place and those behind it (last one first) are two stacks, so that the next place
 * costs the way to it. */
#ifndef ASL_JSONATA_SPLICE_H
#define ASL_JSONATA_SPLICE_H

#include "jsonata/utf16.h"

typedef struct asl_splice {
    asl_buffer before, behind;
} asl_splice;

void asl_splice_init(asl_splice *splice, const asl_heap *heap, asl_utf16 text);
void asl_splice_done(asl_splice *splice);
size_t asl_splice_size(const asl_splice *splice);
/* At `index`, or at the end where that is beyond it. */
void asl_splice_insert(asl_splice *splice, size_t index, asl_utf16 text);
/* Removes the first `count` units. */
void asl_splice_drop(asl_splice *splice, size_t count);
/* Appends the whole text; the status says whether it is (ASL_NOMEM, ASL_TOO_LARGE). */
int asl_splice_finish(asl_splice *splice, asl_buffer *units);

#endif
