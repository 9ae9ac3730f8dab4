/* An open-addressing table of changes, and the part of the log that fills it. */
#include "store/lmdb_tail.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/heap.h"
#include "store/lmdb_store.h"

#define FIRST_CAPACITY 64u

void asl_tail_init(asl_tail *tail, const asl_heap *heap)
{
    *tail = (asl_tail){.heap = heap};
}

void asl_tail_done(asl_tail *tail)
{
    asl_release(tail->heap, tail->slots, tail->capacity * sizeof *tail->slots);
    *tail = (asl_tail){.heap = tail->heap};
}

static size_t place_of(const asl_tail *tail, uint64_t number)
{
    return (size_t)((number * 0x9E3779B97F4A7C15u) >> 32) & (tail->capacity - 1);
}

/* Where a number stands, or would. */
static asl_change *slot_of(const asl_tail *tail, uint64_t number)
{
    size_t place = place_of(tail, number);
    while (tail->slots[place].number != 0 && tail->slots[place].number != number)
        place = (place + 1) & (tail->capacity - 1);
    return &tail->slots[place];
}

int asl_tail_reserve(asl_tail *tail, size_t more)
{
    size_t capacity = tail->capacity != 0 ? tail->capacity : FIRST_CAPACITY;
    if (more > SIZE_MAX / 8 / sizeof *tail->slots - tail->count)
        return ASL_NOMEM;
    while ((tail->count + more) * 2 > capacity)
        capacity *= 2;
    if (capacity == tail->capacity)
        return ASL_OK;
    asl_tail grown = *tail;
    grown.capacity = capacity;
    grown.count = 0;
    grown.slots = asl_allocate_zeroed(tail->heap, capacity * sizeof *grown.slots);
    if (grown.slots == NULL)
        return ASL_NOMEM;
    asl_tail_merge(&grown, tail);
    asl_release(tail->heap, tail->slots, tail->capacity * sizeof *tail->slots);
    *tail = grown;
    return ASL_OK;
}

void asl_tail_put(asl_tail *tail, const asl_change *change)
{
    asl_change *slot = slot_of(tail, change->number);
    if (slot->number == 0)
        tail->count++;
    if (slot->lsn < change->lsn)
        *slot = *change;
}

void asl_tail_merge(asl_tail *tail, const asl_tail *other)
{
    for (size_t i = 0; i < other->capacity; i++) {
        if (other->slots[i].number != 0)
            asl_tail_put(tail, &other->slots[i]);
    }
}

const asl_change *asl_tail_find(const asl_tail *tail, uint64_t number)
{
    if (tail->count == 0)
        return NULL;
    const asl_change *slot = slot_of(tail, number);
    return slot->number != 0 ? slot : NULL;
}

/* What stands behind a slot that becomes free moves up, as far as it may. */
void asl_tail_remove(asl_tail *tail, uint64_t number)
{
    asl_change *slot = tail->count > 0 ? slot_of(tail, number) : NULL;
    if (slot == NULL || slot->number == 0)
        return;
    size_t mask = tail->capacity - 1, hole = (size_t)(slot - tail->slots);
    for (size_t next = (hole + 1) & mask; tail->slots[next].number != 0; next = (next + 1) & mask) {
        size_t wanted = place_of(tail, tail->slots[next].number);
        if (((next - wanted) & mask) < ((next - hole) & mask))
            continue;
        tail->slots[hole] = tail->slots[next];
        hole = next;
    }
    tail->slots[hole].number = 0;
    tail->slots[hole].lsn = 0;
    tail->count--;
}

void asl_tail_clear(asl_tail *tail)
{
    bool is_too_large = tail->capacity > FIRST_CAPACITY && tail->capacity / 16 > tail->count;
    if (is_too_large) {
        asl_release(tail->heap, tail->slots, tail->capacity * sizeof *tail->slots);
        tail->slots = NULL;
        tail->capacity = 0;
    } else if (tail->count > 0) {
        memset(tail->slots, 0, tail->capacity * sizeof *tail->slots);
    }
    tail->count = 0;
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

bool asl_head_is_active(asl_execution_status status, int64_t passive_until_ms)
{
    return status == ASL_EXECUTION_RUNNING && passive_until_ms == 0;
}

size_t asl_tail_numbers(const asl_tail *tail, bool only_active, uint64_t *numbers)
{
    size_t count = 0;
    for (size_t i = 0; i < tail->capacity; i++) {
        const asl_change *change = &tail->slots[i];
        if (change->number != 0 &&
            (!only_active || asl_head_is_active(change->status, change->passive_until_ms)))
            numbers[count++] = change->number;
    }
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    return count;
}

void asl_change_apply(const asl_change *change, asl_head *head)
{
    if (change->lsn <= head->last_lsn)
        return;
    head->last_lsn = change->lsn;
    head->status = change->status;
    head->event_count = change->event_count;
    head->stop_ms = change->stop_ms;
    head->passive_until_ms = change->passive_until_ms;
}

int asl_tail_read_bounds(const asl_lmdb_store *store, MDB_txn *txn, uint64_t *ret_from,
                         uint64_t *ret_upto)
{
    asl_lmdb_key key;
    MDB_val row;
    asl_next_row next;
    asl_lmdb_key_text(&key, "next");
    int status = asl_lmdb_get(store, txn, ASL_LMDB_META, &key, &row);
    if (status == ASL_OK)
        status = asl_next_row_decode(&row, &next);
    if (status != ASL_OK)
        return status == ASL_NOT_FOUND ? ASL_STORE_CORRUPT : status;
    *ret_from = *ret_upto = next.lsn;
    asl_lmdb_key_text(&key, "checkpoint");
    status = asl_lmdb_get(store, txn, ASL_LMDB_META, &key, &row);
    if (status == ASL_NOT_FOUND)
        return ASL_OK;
    if (status == ASL_OK && row.mv_size != 8)
        status = ASL_STORE_CORRUPT;
    if (status == ASL_OK) {
        asl_cursor cursor;
        asl_cursor_init(&cursor, row.mv_data, row.mv_size);
        *ret_from = asl_cursor_u64(&cursor);
    }
    return status == ASL_OK && *ret_from > *ret_upto ? ASL_STORE_CORRUPT : status;
}

static int add_row(asl_tail *tail, const MDB_val *key, MDB_val *bytes)
{
    asl_log_row row;
    if (!asl_lmdb_unseal(ASL_LMDB_LOG, key, bytes))
        return ASL_STORE_CORRUPT;
    int status = asl_log_row_decode(bytes, &row);
    if (status == ASL_OK && !row.has_change)
        status = ASL_STORE_CORRUPT;
    if (status == ASL_OK)
        status = asl_tail_reserve(tail, 1);
    if (status != ASL_OK)
        return status;
    row.change.lsn = asl_lmdb_key_number(key);
    asl_tail_put(tail, &row.change);
    return ASL_OK;
}

int asl_tail_catch_up(asl_tail *tail, const asl_lmdb_store *store, MDB_txn *txn)
{
    uint64_t from, upto;
    int status = asl_tail_read_bounds(store, txn, &from, &upto);
    if (status != ASL_OK)
        return status;
    if (tail->from_lsn != from || tail->upto_lsn < from) {
        asl_tail_clear(tail);
        tail->from_lsn = tail->upto_lsn = from;
    }
    if (tail->upto_lsn >= upto)
        return ASL_OK;
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    asl_lmdb_key first;
    MDB_val key, row;
    asl_lmdb_key_u64(&first, tail->upto_lsn);
    status = asl_lmdb_seek(store, txn, ASL_LMDB_LOG, &first, &cursor, &key, &row);
    for (; status == ASL_OK; status = asl_lmdb_next(cursor, &key, &row)) {
        status = add_row(tail, &key, &row);
        if (status != ASL_OK)
            return status;
    }
    if (status == ASL_NOT_FOUND) {
        tail->upto_lsn = upto;
        status = ASL_OK;
    }
    return status;
}
