/* Rows in key order: a skip list. A row is made first, which may fail, and linked later, which
 * cannot: that is what lets a batch happen as a whole or not at all. */
#ifndef ASL_STORE_MEMORY_ROWS_H
#define ASL_STORE_MEMORY_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include <asl/heap.h>

#define ASL_ROW_LEVELS 16u

typedef struct asl_row asl_row;
struct asl_row {
    asl_row *pending; /* the next one of a batch that is not linked yet */
    bool is_delete;
    size_t key_size, row_size;
    char *key; /* table NUL key, then the row */
    unsigned level_count;
    asl_row *next[]; /* a level each */
};

typedef struct asl_rows {
    const asl_heap *heap;
    uint64_t draws;
    asl_row *next[ASL_ROW_LEVELS];
} asl_rows;

void asl_rows_init(asl_rows *rows, const asl_heap *heap);
void asl_rows_done(asl_rows *rows);
/* A row that is not linked; NULL when out of memory. `row` NULL: one that deletes. */
asl_row *asl_row_new(asl_rows *rows, const char *table, const void *key, size_t key_size,
                     const void *row, size_t row_size);
void asl_row_free(const asl_heap *heap, asl_row *row);
/* Puts the row in the place of the one that has its key; one that deletes is freed. */
void asl_rows_apply(asl_rows *rows, asl_row *row);
/* The first row whose key is at least this one. */
asl_row *asl_rows_seek(const asl_rows *rows, const char *key, size_t key_size);
/* The last row whose key is below this one. Links lead upwards only, so each is searched for. */
asl_row *asl_rows_seek_below(const asl_rows *rows, const char *key, size_t key_size);

#endif
