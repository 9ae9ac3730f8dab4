/* What all stores share: opening one, the queue of batches, and the way to the backend.
 *
 * Submitting links a batch into a queue and returns. Commit takes the whole queue, lets the backend
 * write it in as few transactions as it likes, and reports the batches when no lock is held any
 * more, so that `done` may submit again, free its batch, or read. */
#include "store/store.h"

#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "store/backend.h"

void asl_store_init(asl_store *store, const asl_store_backend *backend, const asl_heap *heap,
                    bool read_only)
{
    store->backend = backend;
    store->heap = heap;
    store->read_only = read_only;
    store->clock.next_number = 1;
    atomic_init(&store->lost, ASL_OK);
    pthread_mutex_init(&store->commit_lock, NULL);
    pthread_mutex_init(&store->lock, NULL);
}

void asl_store_done(asl_store *store)
{
    pthread_mutex_destroy(&store->commit_lock);
    pthread_mutex_destroy(&store->lock);
    explicit_bzero(store->secret, sizeof store->secret);
}

asl_machine_type asl_head_type(const asl_head *head)
{
    return strchr(head->name, ':') != NULL ? ASL_MACHINE_EXPRESS : ASL_MACHINE_STANDARD;
}

int asl_store_open(const asl_store_options *options, asl_store **ret_store, asl_error **error)
{
    asl_store_options known;
    const unsigned flags = ASL_STORE_READ_ONLY | ASL_STORE_RELAXED | ASL_STORE_NETWORK;
    if (!asl_options_read(&known, sizeof known, options) || (known.flags & ~flags) != 0)
        return asl_error_set(error, ASL_UNSUPPORTED,
                             "an option of asl_store_open is newer than this library");
    if (known.path == NULL)
        return asl_memory_store_open(known.heap, ret_store, error);
    if (known.path[0] == '\0')
        return asl_error_set(error, ASL_MISUSE, "the path of a store is empty");
    return asl_lmdb_store_open(&known, ret_store, error);
}

void asl_store_close(asl_store *store)
{
    if (store != NULL)
        store->backend->close(store);
}

asl_durability asl_store_durability(const asl_store *store)
{
    return store->durability;
}

const char *asl_durability_name(asl_durability durability)
{
    static const char *const names[] = {"full", "relaxed", "none"};
    return (size_t)durability < sizeof names / sizeof names[0] ? names[durability] : "unknown";
}

const asl_heap *asl_store_heap(const asl_store *store)
{
    return store->heap;
}

void asl_store_secret(asl_store *store, unsigned char ret_secret[32])
{
    memcpy(ret_secret, store->secret, sizeof store->secret);
}

uint64_t asl_store_reserve(asl_store *store, asl_share share)
{
    pthread_mutex_lock(&store->lock);
    uint64_t number = store->clock.next_number;
    number += (share.index + share.count - number % share.count) % share.count;
    store->clock.next_number = number + 1;
    pthread_mutex_unlock(&store->lock);
    return number;
}

uint64_t asl_store_next_number(asl_store *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t number = store->clock.next_number;
    pthread_mutex_unlock(&store->lock);
    return number;
}

void asl_store_times(asl_store *store, int64_t *ret_real_ms, int64_t *ret_engine_ms)
{
    pthread_mutex_lock(&store->lock);
    *ret_real_ms = store->real_ms;
    *ret_engine_ms = store->engine_ms;
    pthread_mutex_unlock(&store->lock);
}

void asl_store_set_times(asl_store *store, int64_t real_ms, int64_t engine_ms)
{
    pthread_mutex_lock(&store->lock);
    store->clock.real_ms = real_ms;
    store->clock.engine_ms = engine_ms;
    pthread_mutex_unlock(&store->lock);
}

void asl_store_submit(asl_store *store, asl_batch *batch)
{
    batch->next = NULL;
    batch->status = ASL_OK;
    pthread_mutex_lock(&store->lock);
    if (store->first == NULL)
        store->first = batch;
    else
        store->last->next = batch;
    store->last = batch;
    pthread_mutex_unlock(&store->lock);
}

bool asl_store_has_pending(const asl_store *store)
{
    asl_store *own = (asl_store *)(uintptr_t)store; /* only its lock changes */
    pthread_mutex_lock(&own->lock);
    bool pending = own->first != NULL;
    pthread_mutex_unlock(&own->lock);
    return pending;
}

static asl_batch *take_queue(asl_store *store, asl_store_clock *ret_clock)
{
    pthread_mutex_lock(&store->lock);
    asl_batch *first = store->first;
    store->first = store->last = NULL;
    *ret_clock = store->clock;
    pthread_mutex_unlock(&store->lock);
    return first;
}

static void keep_times(asl_store *store, const asl_store_clock *clock)
{
    pthread_mutex_lock(&store->lock);
    store->real_ms = clock->real_ms;
    store->engine_ms = clock->engine_ms;
    pthread_mutex_unlock(&store->lock);
}

static void refuse_all(asl_batch *first, int status)
{
    for (asl_batch *batch = first; batch != NULL; batch = batch->next)
        batch->status = status;
}

/* Writes the batches transaction by transaction. Where one does not happen, the rest is refused as
 * well: the batches of an execution must not overtake each other. */
static int write_all(asl_store *store, asl_batch *first, const asl_store_clock *clock)
{
    int status = store->read_only ? ASL_READ_ONLY : atomic_load(&store->lost);
    while (first != NULL && status == ASL_OK) {
        asl_batch *next = NULL;
        status = store->backend->write(store, first, clock, &next);
        if (status == ASL_OK)
            keep_times(store, clock);
        first = next;
    }
    refuse_all(first, status);
    return status;
}

int asl_store_commit(asl_store *store)
{
    asl_store_clock clock;
    pthread_mutex_lock(&store->commit_lock);
    asl_batch *first = take_queue(store, &clock);
    int status = write_all(store, first, &clock);
    pthread_mutex_unlock(&store->commit_lock);
    while (first != NULL) {
        asl_batch *batch = first;
        first = batch->next;
        batch->next = NULL;
        batch->done(batch, batch->status);
    }
    return status;
}

int asl_store_check_usable(asl_store *store, asl_error **error)
{
    int lost = atomic_load(&store->lost);
    if (lost == ASL_OK)
        return ASL_OK;
    if (lost == ASL_MISUSE)
        return asl_error_set(error, lost,
                             "the store was opened before fork(): open it in the process that "
                             "uses it");
    return asl_error_set(error, lost,
                         "a write to the store failed, and what the disk holds is unknown: open "
                         "the store again");
}

int asl_store_read_head(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                        asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK ? status
                            : store->backend->read_head(store, number, ret_head, text, error);
}

int asl_store_find_name(asl_store *store, const char *machine, const char *name,
                        uint64_t *ret_number, uint64_t *ret_input_hash)
{
    int status = asl_store_check_usable(store, NULL);
    return status != ASL_OK
               ? status
               : store->backend->find_name(store, machine, name, ret_number, ret_input_hash);
}

int asl_store_find(asl_store *store, const char *machine, const char *name, uint64_t *ret_number,
                   asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    if (status != ASL_OK)
        return status;
    if (machine == NULL)
        return store->backend->find_any(store, name, ret_number, error);
    uint64_t input_hash;
    status = store->backend->find_name(store, machine, name, ret_number, &input_hash);
    if (status == ASL_NOT_FOUND)
        return asl_error_set(error, status, "machine \"%s\" has no execution \"%s\"", machine,
                             name);
    if (status != ASL_OK)
        return asl_error_set(error, status, "the store could not be searched for \"%s\"", name);
    return ASL_OK;
}

int asl_store_read_records(asl_store *store, uint64_t number, asl_record_visit visit, void *context,
                           asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK ? status
                            : store->backend->read_records(store, number, visit, context, error);
}

int asl_store_read_records_back(asl_store *store, uint64_t number, asl_record_visit visit,
                                void *context, asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    if (status == ASL_OK)
        status = store->backend->read_records_back(store, number, visit, context, error);
    return status == ASL_STORE_STOP ? ASL_OK : status;
}

int asl_store_read_ends(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                        asl_record_visit visit, void *context, asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK
               ? status
               : store->backend->read_ends(store, number, ret_head, text, visit, context, error);
}

int asl_store_read_running(asl_store *store, asl_number_visit visit, void *context,
                           asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK ? status : store->backend->read_running(store, visit, context, error);
}

static bool keeps_passive(const asl_store *store)
{
    return store->backend->read_passive != NULL;
}

bool asl_store_claim_passive(asl_store *store, asl_share share)
{
    const uint64_t claim = (uint64_t)1 << share.index;
    pthread_mutex_lock(&store->lock);
    bool is_divided_so = store->passive_claims == 0 || store->passive_shares == share.count;
    bool is_free = keeps_passive(store) && is_divided_so && (store->passive_claims & claim) == 0;
    if (is_free) {
        store->passive_claims |= claim;
        store->passive_shares = share.count;
    }
    pthread_mutex_unlock(&store->lock);
    return is_free;
}

void asl_store_unclaim_passive(asl_store *store, asl_share share)
{
    pthread_mutex_lock(&store->lock);
    store->passive_claims &= ~((uint64_t)1 << share.index);
    pthread_mutex_unlock(&store->lock);
}

int asl_store_read_passive(asl_store *store, asl_passive after, asl_passive *items, size_t room,
                           size_t *ret_count, asl_error **error)
{
    *ret_count = 0;
    int status = asl_store_check_usable(store, error);
    if (status != ASL_OK || !keeps_passive(store))
        return status;
    return store->backend->read_passive(store, after, items, room, ret_count, error);
}

int asl_store_read_definition(asl_store *store, uint64_t definition, asl_buffer *text,
                              asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK ? status
                            : store->backend->read_definition(store, definition, text, error);
}

int asl_store_read_row(asl_store *store, const char *table, const void *key, size_t key_size,
                       asl_buffer *row, asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK ? status
                            : store->backend->read_row(store, table, key, key_size, row, error);
}

int asl_store_scan_rows(asl_store *store, const char *table, const void *from, size_t from_size,
                        asl_table_visit visit, void *context, asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK
               ? status
               : store->backend->scan_rows(store, table, from, from_size, visit, context, error);
}

int asl_store_scan_rows_back(asl_store *store, const char *table, const void *before,
                             size_t before_size, asl_table_visit visit, void *context,
                             asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    if (status != ASL_OK)
        return status;
    /* No key is longer than ASL_TABLE_KEY_MAX, so one byte more says all that there is to say. */
    if (before_size > ASL_TABLE_KEY_MAX + 1)
        before_size = ASL_TABLE_KEY_MAX + 1;
    return store->backend->scan_rows_back(store, table, before, before_size, visit, context, error);
}

int asl_store_list_heads(asl_store *store, uint64_t before, asl_head_visit visit, void *context,
                         asl_error **error)
{
    int status = asl_store_check_usable(store, error);
    return status != ASL_OK ? status : store->backend->list(store, before, visit, context, error);
}
