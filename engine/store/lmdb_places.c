/* Reading where executions that run are listed: in `running`, which the log's changes may be ahead
 * of, and in `passive`, which has all that it has to have, and may have more. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "store/lmdb_store.h"

#define NUMBERS_AT_ONCE 256u

/* The executions of `running` and those that changes have made active since, both in the order of
 * their numbers. */
typedef struct walk {
    asl_lmdb_store *store;
    asl_number_visit visit;
    void *context;
    uint64_t *changed; /* active by a change */
    size_t changed_count, changed_next;
    uint64_t listed[NUMBERS_AT_ONCE];
    size_t listed_count;
    uint64_t from; /* the next to be read */
    bool is_end;
} walk;

/* Some numbers of `running`, from walk->from on. */
static int read_some(walk *self, asl_error **error)
{
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    const asl_lmdb_store *store = self->store;
    asl_lmdb_key first;
    MDB_val key, row;
    asl_lmdb_key_u64(&first, self->from);
    self->listed_count = 0;
    int status = asl_lmdb_begin_tail(self->store, 0, &txn, NULL, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_seek(store, txn, ASL_LMDB_RUNNING, &first, &cursor, &key, &row);
    for (; status == ASL_OK && self->listed_count < NUMBERS_AT_ONCE;
         status = asl_lmdb_next(cursor, &key, &row)) {
        uint64_t number = asl_lmdb_key_number(&key);
        if (!asl_lmdb_unseal(ASL_LMDB_RUNNING, &key, &row) || number == 0)
            return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error,
                                   "the list of running executions is not readable");
        self->listed[self->listed_count++] = number;
        self->from = number + 1;
    }
    self->is_end = status == ASL_NOT_FOUND;
    if (status != ASL_OK && status != ASL_NOT_FOUND)
        return asl_error_set(error, status, "cannot read the store %s", store->path);
    return ASL_OK;
}

/* Visits those that changes have made active and that are below a number. */
static int visit_changed(walk *self, uint64_t below)
{
    int status = ASL_OK;
    while (status == ASL_OK && self->changed_next < self->changed_count &&
           self->changed[self->changed_next] < below)
        status = self->visit(self->context, self->changed[self->changed_next++]);
    return status;
}

static int visit_listed(walk *self, uint64_t number)
{
    asl_change change;
    int status = visit_changed(self, number);
    if (status != ASL_OK)
        return status;
    if (self->changed_next < self->changed_count && self->changed[self->changed_next] == number)
        self->changed_next++;
    if (asl_lmdb_find_change(self->store, number, &change) &&
        !asl_head_is_active(change.status, change.passive_until_ms))
        return ASL_OK;
    return self->visit(self->context, number);
}

/* The visits run without a transaction: they may read, and an execution may end meanwhile. */
static int visit_all(walk *self, asl_error **error)
{
    int status = ASL_OK;
    while (status == ASL_OK && !self->is_end) {
        status = read_some(self, error);
        for (size_t i = 0; status == ASL_OK && i < self->listed_count; i++)
            status = visit_listed(self, self->listed[i]);
    }
    return status == ASL_OK ? visit_changed(self, UINT64_MAX) : status;
}

static int read_changed(walk *self, size_t *ret_capacity, asl_error **error)
{
    asl_lmdb_store *store = self->store;
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    int status = asl_lmdb_begin_tail(store, 0, &txn, NULL, error);
    if (status != ASL_OK)
        return status;
    pthread_mutex_lock(&store->tail_lock);
    *ret_capacity = store->tail.count + 1;
    self->changed = asl_allocate(store->base.heap, *ret_capacity * sizeof *self->changed);
    if (self->changed != NULL)
        self->changed_count = asl_tail_numbers(&store->tail, true, self->changed);
    pthread_mutex_unlock(&store->tail_lock);
    return self->changed != NULL ? ASL_OK : asl_error_set(error, ASL_NOMEM, "out of memory");
}

int asl_lmdb_read_running(asl_store *base, asl_number_visit visit, void *context, asl_error **error)
{
    walk self = {.store = (asl_lmdb_store *)base, .visit = visit, .context = context, .from = 1};
    size_t capacity = 0;
    int status = read_changed(&self, &capacity, error);
    if (status == ASL_OK)
        status = visit_all(&self, error);
    asl_release(base->heap, self.changed, capacity * sizeof *self.changed);
    return status;
}

/* False for a row that a checkpoint will take away. */
static bool is_passive(asl_lmdb_store *store, const asl_passive *one)
{
    asl_change change;
    return !asl_lmdb_find_change(store, one->number, &change) ||
           change.passive_until_ms == one->until_ms;
}

static bool is_behind(const asl_passive *one, const asl_passive *other)
{
    return one->until_ms > other->until_ms ||
           (one->until_ms == other->until_ms && one->number > other->number);
}

int asl_lmdb_read_passive(asl_store *base, asl_passive after, asl_passive *items, size_t room,
                          size_t *ret_count, asl_error **error)
{
    asl_lmdb_store *store = (asl_lmdb_store *)base;
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    asl_lmdb_key first;
    MDB_val key, row;
    asl_lmdb_key_u64_pair(&first, (uint64_t)after.until_ms, after.number);
    if (store->tables[ASL_LMDB_PASSIVE] == 0)
        return ASL_OK; /* of version 1, and only looked at */
    int status = asl_lmdb_begin_tail(store, 0, &txn, NULL, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_seek(store, txn, ASL_LMDB_PASSIVE, &first, &cursor, &key, &row);
    for (; status == ASL_OK && *ret_count < room; status = asl_lmdb_next(cursor, &key, &row)) {
        asl_passive one;
        if (!asl_lmdb_unseal(ASL_LMDB_PASSIVE, &key, &row) || !asl_lmdb_passive_decode(&key, &one))
            return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error,
                                   "the list of passive executions is not readable");
        if (is_behind(&one, &after) && is_passive(store, &one))
            items[(*ret_count)++] = one;
    }
    if (status != ASL_OK && status != ASL_NOT_FOUND)
        return asl_error_set(error, status, "cannot read the store %s", store->path);
    return ASL_OK;
}
