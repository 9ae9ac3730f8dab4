/* Checkpoints: changes of heads that only the log has are carried out on the heads and on
 * `running`, in the order of their numbers, so that neighbours share a page. A record itself writes
 * neither, which would touch a page or two for each.
 *
 * A checkpoint is made in slices, which go with the transactions of the batches, and each slice is
 * about twice what the transaction has itself: so it catches up with what comes meanwhile and makes
 * no commit much longer. Until its last slice the log is read from where the checkpoint before it
 * has ended; carrying out a change again does no harm. */
#include <errno.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/limits.h"
#include "store/lmdb_store.h"

#define AGE_MAX_MS 5000
#define SLICE_MIN 64u
#define SLICE_ALONE 4096u /* in a transaction of its own */

void asl_lmdb_checkpoint_rest(asl_lmdb_store *store)
{
    store->checkpoint.done_ms = asl_clock_monotonic();
}

static bool is_due(const asl_lmdb_store *store)
{
    const asl_checkpoint *checkpoint = &store->checkpoint;
    return store->tail.count >= ASL_CHECKPOINT_CHANGES ||
           store->next.lsn - checkpoint->lsn >= ASL_CHECKPOINT_RECORDS ||
           (store->tail.count > 0 && asl_clock_monotonic() - checkpoint->done_ms >= AGE_MAX_MS);
}

/* False where there is no memory for the list: then it is begun later. */
static bool begin(asl_lmdb_store *store)
{
    asl_checkpoint *checkpoint = &store->checkpoint;
    size_t capacity = store->tail.count;
    uint64_t *numbers = asl_allocate_optional(store->base.heap, (capacity + 1) * sizeof *numbers);
    if (numbers == NULL)
        return false;
    checkpoint->numbers = numbers;
    checkpoint->capacity = capacity + 1;
    checkpoint->count = asl_tail_numbers(&store->tail, false, numbers);
    checkpoint->done = checkpoint->written = 0;
    checkpoint->until_lsn = store->next.lsn;
    return true;
}

static void forget(asl_lmdb_store *store)
{
    asl_checkpoint *checkpoint = &store->checkpoint;
    asl_release(store->base.heap, checkpoint->numbers,
                checkpoint->capacity * sizeof *checkpoint->numbers);
    checkpoint->numbers = NULL;
    checkpoint->count = checkpoint->capacity = checkpoint->done = 0;
}

/* The row of `passive` that a head told of, which may have been deleted before. */
static int delete_passive(const asl_lmdb_store *store, MDB_txn *txn, uint64_t number,
                          int64_t until_ms)
{
    asl_lmdb_key key;
    asl_lmdb_key_u64_pair(&key, (uint64_t)until_ms, number);
    return asl_lmdb_delete(store, txn, ASL_LMDB_PASSIVE, &key);
}

static int put_running(const asl_lmdb_store *store, MDB_txn *txn, const asl_lmdb_key *key,
                       bool was_active, bool is_active)
{
    if (was_active == is_active)
        return 0;
    return is_active ? asl_lmdb_put(store, txn, ASL_LMDB_RUNNING, key, "", 0, "", 0, 0)
                     : asl_lmdb_delete(store, txn, ASL_LMDB_RUNNING, key);
}

/* The head is made before anything is put: its texts stand in the map, and a put may move them. One
 * that cannot be read is left as it is: who reads it is told so. */
static int carry_out(asl_lmdb_store *store, MDB_txn *txn, const asl_change *change)
{
    asl_buffer *made = &store->head_row;
    asl_lmdb_key key;
    asl_head_row row;
    asl_buffer_clear(made);
    asl_lmdb_key_u64(&key, change->number);
    int status = asl_lmdb_get_head(store, txn, change->number, &row);
    if (status != ASL_OK || row.head.last_lsn >= change->lsn)
        return 0;
    int64_t was_until_ms = row.head.passive_until_ms;
    bool was_active = asl_head_is_active(row.head.status, was_until_ms);
    asl_change_apply(change, &row.head);
    bool is_active = asl_head_is_active(row.head.status, row.head.passive_until_ms);
    asl_head_row_encode(made, &row);
    if (made->status != ASL_OK)
        return ENOMEM;
    int code =
        asl_lmdb_put(store, txn, ASL_LMDB_EXECUTION, &key, made->bytes, made->size, "", 0, 0);
    if (code == 0 && was_until_ms != 0 && was_until_ms != change->passive_until_ms)
        code = delete_passive(store, txn, change->number, was_until_ms);
    return code == 0 ? put_running(store, txn, &key, was_active, is_active) : code;
}

int asl_lmdb_put_checkpoint(const asl_lmdb_store *store, MDB_txn *txn, uint64_t lsn)
{
    unsigned char bytes[8];
    asl_lmdb_key key;
    asl_lmdb_put_u64(bytes, lsn);
    asl_lmdb_key_text(&key, "checkpoint");
    return asl_lmdb_put(store, txn, ASL_LMDB_META, &key, bytes, sizeof bytes, "", 0, 0);
}

/* What the transaction itself changes counts already: it may list an execution again where an older
 * change would take it from. */
static const asl_change *newest_change(const asl_lmdb_store *store, uint64_t number)
{
    const asl_change *change = asl_tail_find(&store->changes, number);
    return change != NULL ? change : asl_tail_find(&store->tail, number);
}

static int put_slice(asl_lmdb_store *store, MDB_txn *txn, size_t size)
{
    asl_checkpoint *checkpoint = &store->checkpoint;
    size_t left = checkpoint->count - checkpoint->done;
    checkpoint->written = left < size ? left : size;
    for (size_t i = 0; i < checkpoint->written; i++) {
        const asl_change *change = newest_change(store, checkpoint->numbers[checkpoint->done + i]);
        int code = change != NULL ? carry_out(store, txn, change) : 0;
        if (code != 0)
            return code;
    }
    checkpoint->is_last = checkpoint->written == left;
    return checkpoint->is_last ? asl_lmdb_put_checkpoint(store, txn, checkpoint->until_lsn) : 0;
}

int asl_lmdb_checkpoint(asl_lmdb_store *store, MDB_txn *txn, size_t written)
{
    asl_checkpoint *checkpoint = &store->checkpoint;
    if (checkpoint->numbers == NULL && (!is_due(store) || !begin(store)))
        return 0;
    return put_slice(store, txn, 2 * written + SLICE_MIN);
}

/* A change that is newer than what was carried out stays. */
static void drop_written(asl_lmdb_store *store)
{
    const asl_checkpoint *checkpoint = &store->checkpoint;
    for (size_t i = 0; i < checkpoint->written; i++) {
        uint64_t number = checkpoint->numbers[checkpoint->done + i];
        const asl_change *change = asl_tail_find(&store->tail, number);
        if (change != NULL && asl_tail_find(&store->changes, number) == NULL)
            asl_tail_remove(&store->tail, number);
    }
}

void asl_lmdb_checkpoint_ended(asl_lmdb_store *store, bool is_committed)
{
    asl_checkpoint *checkpoint = &store->checkpoint;
    if (is_committed) {
        drop_written(store);
        checkpoint->done += checkpoint->written;
    }
    if (is_committed && checkpoint->is_last) {
        checkpoint->lsn = checkpoint->until_lsn;
        asl_lmdb_checkpoint_rest(store);
        forget(store);
    }
    checkpoint->written = 0;
    checkpoint->is_last = false;
}

/* One slice by itself. False where nothing is left, or nothing can be done. */
static bool make_slice(asl_lmdb_store *store)
{
    MDB_txn *txn = NULL;
    asl_checkpoint *checkpoint = &store->checkpoint;
    if (checkpoint->numbers == NULL && (store->tail.count == 0 || !begin(store)))
        return false;
    int code = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (code == 0) {
        code = put_slice(store, txn, SLICE_ALONE);
        if (code == 0)
            code = mdb_txn_commit(txn);
        else
            mdb_txn_abort(txn);
    }
    pthread_mutex_lock(&store->tail_lock);
    asl_lmdb_checkpoint_ended(store, code == 0);
    pthread_mutex_unlock(&store->tail_lock);
    return code == 0;
}

void asl_lmdb_checkpoint_all(asl_lmdb_store *store)
{
    while (make_slice(store))
        continue;
    forget(store);
}
