/* The skip list of the memory store's rows. Levels are drawn from a counter, so runs are alike. */
#include "store/memory_rows.h"

#include <string.h>

#include "base/heap.h"
#include "base/random.h"

void asl_rows_init(asl_rows *rows, const asl_heap *heap)
{
    *rows = (asl_rows){.heap = heap};
}

static size_t allocated_size(const asl_row *row)
{
    return sizeof *row + row->level_count * sizeof row->next[0] + row->key_size + row->row_size;
}

void asl_row_free(const asl_heap *heap, asl_row *row)
{
    if (row != NULL)
        asl_release(heap, row, allocated_size(row));
}

void asl_rows_done(asl_rows *rows)
{
    while (rows->next[0] != NULL) {
        asl_row *row = rows->next[0];
        rows->next[0] = row->next[0];
        asl_row_free(rows->heap, row);
    }
    asl_rows_init(rows, rows->heap);
}

/* 1 with a chance of 3/4, 2 with 3/16, ... */
static unsigned draw_level_count(asl_rows *rows)
{
    uint64_t bits = asl_random_draw(0, 0, rows->draws++);
    unsigned count = 1;
    while (count < ASL_ROW_LEVELS && (bits & 3) == 0) {
        bits >>= 2;
        count++;
    }
    return count;
}

asl_row *asl_row_new(asl_rows *rows, const char *table, const void *key, size_t key_size,
                     const void *row, size_t row_size)
{
    size_t table_size = strlen(table) + 1;
    asl_row sized = {.key_size = table_size + key_size,
                     .row_size = row_size,
                     .is_delete = row == NULL,
                     .level_count = draw_level_count(rows)};
    asl_row *new_row = asl_allocate_zeroed(rows->heap, allocated_size(&sized));
    if (new_row == NULL)
        return NULL;
    *new_row = sized;
    new_row->key = (char *)&new_row->next[sized.level_count];
    memcpy(new_row->key, table, table_size);
    memcpy(new_row->key + table_size, key, key_size);
    if (row_size > 0)
        memcpy(new_row->key + new_row->key_size, row, row_size);
    return new_row;
}

static int compare_key(const asl_row *row, const char *key, size_t key_size)
{
    size_t shorter = row->key_size < key_size ? row->key_size : key_size;
    int order = memcmp(row->key, key, shorter);
    if (order != 0)
        return order;
    return row->key_size < key_size ? -1 : row->key_size > key_size;
}

/* Where the links that lead to the first row of at least this key stand, a level each. */
static void find_links(asl_rows *rows, const char *key, size_t key_size,
                       asl_row **links[ASL_ROW_LEVELS])
{
    asl_row **levels = rows->next;
    for (unsigned level = ASL_ROW_LEVELS; level-- > 0;) {
        while (levels[level] != NULL && compare_key(levels[level], key, key_size) < 0)
            levels = levels[level]->next;
        links[level] = &levels[level];
    }
}

void asl_rows_apply(asl_rows *rows, asl_row *row)
{
    asl_row **links[ASL_ROW_LEVELS];
    find_links(rows, row->key, row->key_size, links);
    asl_row *old = *links[0];
    if (old != NULL && compare_key(old, row->key, row->key_size) == 0) {
        for (unsigned level = 0; level < old->level_count; level++)
            *links[level] = old->next[level];
        asl_row_free(rows->heap, old);
    }
    if (row->is_delete) {
        asl_row_free(rows->heap, row);
        return;
    }
    for (unsigned level = 0; level < row->level_count; level++) {
        row->next[level] = *links[level];
        *links[level] = row;
    }
}

asl_row *asl_rows_seek(const asl_rows *rows, const char *key, size_t key_size)
{
    asl_row *const *levels = rows->next;
    for (unsigned level = ASL_ROW_LEVELS; level-- > 0;)
        while (levels[level] != NULL && compare_key(levels[level], key, key_size) < 0)
            levels = levels[level]->next;
    return levels[0];
}

asl_row *asl_rows_seek_below(const asl_rows *rows, const char *key, size_t key_size)
{
    asl_row *const *levels = rows->next;
    asl_row *below = NULL;
    for (unsigned level = ASL_ROW_LEVELS; level-- > 0;)
        while (levels[level] != NULL && compare_key(levels[level], key, key_size) < 0) {
            below = levels[level];
            levels = below->next;
        }
    return below;
}
