/* Purging: histories of executions that ended long ago are deleted, oldest first, in transactions
 * of a slice. An execution goes whole in one of them: its records, along their chain, and its head.
 * Its name stays, so that it is not used again. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "store/lmdb_store.h"

#define HEADS_AT_ONCE 256u
#define RECORDS_MAX 65536u /* of a transaction, where the last execution does not have more */

typedef struct purge {
    asl_lmdb_store *store;
    const asl_purge_options *options;
    asl_purge *progress;
    MDB_txn *txn;
    uint64_t numbers[HEADS_AT_ONCE],
        lsns[HEADS_AT_ONCE]; /* to be deleted, and their last records */
    size_t count;
    uint64_t next; /* the first number that was not looked at */
    bool is_end;
    uint64_t purged, records; /* in this transaction */
    int64_t until_ms;
} purge;

/* Only what its head in the store says has ended: where it does not say so yet, a checkpoint has to
 * find it. */
static bool is_wanted(const purge *self, const asl_head *head)
{
    const asl_purge_options *options = self->options;
    return head->status != ASL_EXECUTION_RUNNING && head->number < self->progress->below &&
           (options->ended_before_ms == 0 || head->stop_ms < options->ended_before_ms) &&
           asl_tail_find(&self->store->tail, head->number) == NULL;
}

/* Looks at the next heads. */
static int choose(purge *self)
{
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    asl_lmdb_key first;
    MDB_val key, row;
    asl_lmdb_key_u64(&first, self->next);
    self->count = 0;
    int status =
        asl_lmdb_seek(self->store, self->txn, ASL_LMDB_EXECUTION, &first, &cursor, &key, &row);
    for (size_t seen = 0; status == ASL_OK && seen < HEADS_AT_ONCE; seen++) {
        asl_head_row head;
        uint64_t number = asl_lmdb_key_number(&key);
        if (number >= self->progress->below) {
            self->next = number; /* also where the numbers before it are purged */
            break;
        }
        status = asl_lmdb_read_head_row(&key, &row, &head);
        if (status != ASL_OK)
            return status;
        if (is_wanted(self, &head.head)) {
            self->lsns[self->count] = head.head.last_lsn;
            self->numbers[self->count++] = number;
        }
        self->next = number + 1;
        status = asl_lmdb_next(cursor, &key, &row);
    }
    self->is_end = status == ASL_NOT_FOUND || self->next >= self->progress->below;
    return status == ASL_NOT_FOUND ? ASL_OK : status;
}

static int delete_records(purge *self, uint64_t number, uint64_t lsn)
{
    while (lsn != 0) {
        asl_lmdb_key key;
        asl_log_row row;
        asl_lmdb_key_u64(&key, lsn);
        int status = asl_lmdb_get_record(self->store, self->txn, number, lsn, &row);
        if (status == ASL_OK)
            status = asl_lmdb_status(asl_lmdb_delete(self->store, self->txn, ASL_LMDB_LOG, &key));
        if (status != ASL_OK)
            return status == ASL_NOT_FOUND ? ASL_STORE_CORRUPT : status;
        lsn = row.previous_lsn;
        self->records++;
    }
    return ASL_OK;
}

static int delete_one(purge *self, size_t index)
{
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, self->numbers[index]);
    int status = delete_records(self, self->numbers[index], self->lsns[index]);
    if (status == ASL_OK)
        status = asl_lmdb_status(asl_lmdb_delete(self->store, self->txn, ASL_LMDB_EXECUTION, &key));
    self->purged++;
    return status;
}

static bool is_slice_over(const purge *self)
{
    return self->records >= RECORDS_MAX || asl_clock_monotonic() >= self->until_ms;
}

/* Where the slice ends among the chosen, the next one begins with the first that is left. */
static int fill(purge *self)
{
    int status = ASL_OK;
    while (status == ASL_OK && !self->is_end && !is_slice_over(self)) {
        status = choose(self);
        for (size_t i = 0; status == ASL_OK && i < self->count; i++) {
            if (i > 0 && is_slice_over(self)) {
                self->next = self->numbers[i];
                self->is_end = false;
                return ASL_OK;
            }
            status = delete_one(self, i);
        }
    }
    return status;
}

/* The number of the oldest one of those that are kept, or the next number. */
static int find_below(asl_lmdb_store *store, MDB_txn *txn, uint64_t keep, uint64_t *ret_below)
{
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    MDB_val key, row;
    uint64_t ended = 0;
    *ret_below = UINT64_MAX;
    if (keep == 0)
        return ASL_OK;
    int code = mdb_cursor_open(txn, store->tables[ASL_LMDB_EXECUTION], &cursor);
    for (MDB_cursor_op move = MDB_LAST; code == 0 && ended < keep; move = MDB_PREV) {
        asl_head_row head;
        code = asl_lmdb_move(cursor, &key, &row, move);
        if (code != 0)
            break;
        int status = asl_lmdb_read_head_row(&key, &row, &head);
        if (status != ASL_OK)
            return status;
        const asl_change *change = asl_tail_find(&store->tail, head.head.number);
        if (change != NULL)
            asl_change_apply(change, &head.head);
        ended += head.head.status != ASL_EXECUTION_RUNNING;
        *ret_below = head.head.number;
    }
    if (code == MDB_NOTFOUND)
        *ret_below = 0; /* there are not more than are kept */
    return code == MDB_NOTFOUND ? ASL_OK : asl_lmdb_status(code);
}

static int refuse(const asl_lmdb_store *store, int status, asl_error **error)
{
    if (status == ASL_STORE_CORRUPT || status == ASL_STORE_NEWER)
        return asl_lmdb_damage(store, status, error, "what is to be purged is not readable");
    return asl_error_set(error, status, "cannot purge the store %s: %s", store->path,
                         asl_status_name(status));
}

static int run(purge *self)
{
    asl_purge *progress = self->progress;
    int status = ASL_OK;
    if (progress->below == 0) {
        status = find_below(self->store, self->txn, self->options->keep, &progress->below);
        self->next = 1;
        self->is_end = progress->below <= 1;
        progress->below = progress->below == 0 ? 1 : progress->below;
    }
    return status == ASL_OK ? fill(self) : status;
}

int asl_lmdb_purge(asl_store *base, const asl_purge_options *options, asl_purge *progress,
                   asl_error **error)
{
    asl_lmdb_store *store = (asl_lmdb_store *)base;
    purge self = {.store = store, .options = options, .progress = progress, .next = progress->next};
    if (progress->is_done)
        return ASL_OK;
    self.until_ms = asl_clock_monotonic() + options->slice_ms;
    int code = mdb_txn_begin(store->env, NULL, 0, &self.txn);
    if (code != 0)
        return refuse(store, asl_lmdb_judge(store, code), error);
    int status = run(&self);
    if (status != ASL_OK || self.purged == 0)
        mdb_txn_abort(self.txn);
    else if ((code = mdb_txn_commit(self.txn)) != 0)
        status = asl_lmdb_judge(store, code);
    if (status != ASL_OK)
        return refuse(store, status, error);
    progress->next = self.next;
    progress->purged += self.purged;
    progress->records += self.records;
    progress->is_done = self.is_end;
    return ASL_OK;
}
