/* Gathered writes of the host's tables: bytes one after another, and where each part begins. A
 * write is checked when it is gathered, so that none fails later for what the host could know. */
#include <string.h>

#include "base/array.h"
#include "base/heap.h"
#include "store/store.h"
#include "value/value.h"

typedef struct gathered {
    size_t offset; /* of table NUL key row in the bytes */
    size_t table_size, key_size, row_size;
    bool is_delete;
} gathered;

struct asl_writes {
    const asl_heap *heap;
    asl_buffer bytes;
    gathered *items;
    size_t count, capacity;
    int status; /* sticks */
};

asl_writes *asl_writes_new(const asl_heap *heap)
{
    asl_writes *writes = asl_allocate_zeroed(heap, sizeof *writes);
    if (writes == NULL)
        return NULL;
    writes->heap = heap;
    asl_buffer_init(&writes->bytes, heap);
    return writes;
}

void asl_writes_free(asl_writes *writes)
{
    if (writes == NULL)
        return;
    asl_release(writes->heap, writes->items, writes->capacity * sizeof *writes->items);
    asl_buffer_done(&writes->bytes);
    asl_release(writes->heap, writes, sizeof *writes);
}

static bool is_table_name(const char *table)
{
    size_t size = table != NULL ? strlen(table) : 0;
    return size >= 1 && size <= ASL_TABLE_NAME_MAX &&
           strspn(table, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               size;
}

/* Appends table NUL key and the item without its row; NULL (and the status) where that fails. */
static gathered *gather(asl_writes *writes, const char *table, const void *key, size_t key_size)
{
    if (writes->status != ASL_OK)
        return NULL;
    if (!is_table_name(table) || key == NULL || key_size < 1 || key_size > ASL_TABLE_KEY_MAX) {
        writes->status = ASL_MISUSE;
        return NULL;
    }
    writes->status =
        asl_array_reserve(writes->heap, &writes->items, &writes->capacity, writes->count, SIZE_MAX);
    if (writes->status != ASL_OK)
        return NULL;
    gathered *item = &writes->items[writes->count++];
    *item = (gathered){
        .offset = writes->bytes.size, .table_size = strlen(table) + 1, .key_size = key_size};
    asl_buffer_append(&writes->bytes, table, item->table_size);
    asl_buffer_append(&writes->bytes, key, key_size);
    return item;
}

int asl_writes_put(asl_writes *writes, const char *table, const void *key, size_t key_size,
                   const void *row, size_t row_size)
{
    if (row == NULL && row_size > 0 && writes->status == ASL_OK)
        writes->status = ASL_MISUSE;
    gathered *item = gather(writes, table, key, key_size);
    if (item == NULL)
        return writes->status;
    item->row_size = row_size;
    asl_buffer_append(&writes->bytes, row, row_size);
    return writes->status = writes->bytes.status;
}

int asl_writes_put_value(asl_writes *writes, const char *table, const void *key, size_t key_size,
                         const asl_value *row)
{
    if (row == NULL && writes->status == ASL_OK)
        writes->status = ASL_NOMEM; /* as everywhere: a value that could not be made */
    gathered *item = gather(writes, table, key, key_size);
    if (item == NULL)
        return writes->status;
    size_t start = writes->bytes.size;
    asl_value_print_to(row, &writes->bytes);
    item->row_size = writes->bytes.size - start;
    return writes->status = writes->bytes.status;
}

int asl_writes_delete(asl_writes *writes, const char *table, const void *key, size_t key_size)
{
    gathered *item = gather(writes, table, key, key_size);
    if (item == NULL)
        return writes->status;
    item->is_delete = true;
    return writes->status = writes->bytes.status;
}

size_t asl_writes_count(const asl_writes *writes)
{
    return writes != NULL ? writes->count : 0;
}

asl_write asl_writes_at(const asl_writes *writes, size_t index)
{
    const gathered *item = &writes->items[index];
    const char *table = writes->bytes.bytes + item->offset;
    const char *key = table + item->table_size;
    return (asl_write){
        .table = table,
        .key = key,
        .key_size = item->key_size,
        .row = item->is_delete ? NULL : key + item->key_size,
        .row_size = item->row_size,
    };
}

int asl_writes_status(const asl_writes *writes)
{
    return writes != NULL ? writes->status : ASL_OK;
}
