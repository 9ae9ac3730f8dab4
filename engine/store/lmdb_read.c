/* Reading what is committed: each call is one short transaction, or several where it may be long.
 * Every row's checksum is looked at, and what does not fit together is named. */
#include <stdarg.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "store/lmdb_store.h"

#define ROWS_PER_TRANSACTION 4096u /* a walk starts anew after so many: long readers cost disk */

static asl_lmdb_store *store_of(asl_store *store)
{
    return (asl_lmdb_store *)store;
}

void asl_lmdb_end(MDB_txn **txn)
{
    if (*txn != NULL)
        mdb_txn_abort(*txn);
    *txn = NULL;
}

void asl_lmdb_end_cursor(MDB_cursor **cursor)
{
    if (*cursor != NULL)
        mdb_cursor_close(*cursor);
}

static int refuse_begin(const asl_lmdb_store *store, int code, asl_error **error)
{
    if (code == MDB_MAP_RESIZED)
        return asl_error_set(error, ASL_IO,
                             "the store %s has outgrown the map it was opened with: open it again "
                             "with larger map_bytes",
                             store->path);
    return asl_lmdb_error(store, code, "read", error);
}

static void copy_change(const asl_tail *tail, uint64_t number, asl_change *ret_change)
{
    const asl_change *change = asl_tail_find(tail, number);
    *ret_change = change != NULL ? *change : (asl_change){0};
}

static int catch_up(asl_lmdb_store *store, MDB_txn *txn, asl_error **error)
{
    int status = asl_tail_catch_up(&store->tail, store, txn);
    if (status == ASL_STORE_CORRUPT || status == ASL_STORE_NEWER)
        return asl_lmdb_damage(store, status, error, "the end of its log is not readable");
    if (status != ASL_OK)
        return asl_error_set(error, status, "cannot read the store %s", store->path);
    return ASL_OK;
}

int asl_lmdb_begin(const asl_lmdb_store *store, MDB_txn **ret_txn, asl_error **error)
{
    int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, ret_txn);
    return code == 0 ? ASL_OK : refuse_begin(store, code, error);
}

/* A change that a writer has is in the log of every transaction that begins later. A reader has to
 * take it from the log that its transaction sees. */
int asl_lmdb_begin_tail(asl_lmdb_store *store, uint64_t number, MDB_txn **ret_txn,
                        asl_change *ret_change, asl_error **error)
{
    pthread_mutex_lock(&store->tail_lock);
    if (number != 0 && !store->base.read_only)
        copy_change(&store->tail, number, ret_change);
    int status = asl_lmdb_begin(store, ret_txn, error);
    if (status == ASL_OK && store->base.read_only) {
        status = catch_up(store, *ret_txn, error);
        if (number != 0)
            copy_change(&store->tail, number, ret_change);
        if (status != ASL_OK)
            asl_lmdb_end(ret_txn);
    }
    pthread_mutex_unlock(&store->tail_lock);
    return status;
}

int asl_lmdb_load_tail(asl_lmdb_store *store, asl_error **error)
{
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    int status = asl_lmdb_begin(store, &txn, error);
    if (status == ASL_OK)
        status = catch_up(store, txn, error);
    store->checkpoint.lsn = store->tail.from_lsn;
    asl_lmdb_checkpoint_rest(store);
    return status;
}

bool asl_lmdb_find_change(asl_lmdb_store *store, uint64_t number, asl_change *ret_change)
{
    pthread_mutex_lock(&store->tail_lock);
    copy_change(&store->tail, number, ret_change);
    pthread_mutex_unlock(&store->tail_lock);
    return ret_change->number != 0;
}

static int refuse_head(const asl_lmdb_store *store, uint64_t number, int status, asl_error **error)
{
    if (status == ASL_NOT_FOUND)
        return asl_error_set(error, status, "there is no execution %llu in %s",
                             (unsigned long long)number, store->path);
    if (status == ASL_STORE_CORRUPT || status == ASL_STORE_NEWER)
        return asl_lmdb_damage(store, status, error, "the head of execution %llu is not readable",
                               (unsigned long long)number);
    return asl_error_set(error, status, "cannot read the store %s", store->path);
}

int asl_lmdb_get_head(const asl_lmdb_store *store, MDB_txn *txn, uint64_t number,
                      asl_head_row *ret_row)
{
    MDB_val row;
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, number);
    int status = asl_lmdb_get(store, txn, ASL_LMDB_EXECUTION, &key, &row);
    return status == ASL_OK ? asl_head_row_decode(number, &row, ret_row) : status;
}

int asl_lmdb_read_head_row(const MDB_val *key, MDB_val *row, asl_head_row *ret_row)
{
    if (!asl_lmdb_unseal(ASL_LMDB_EXECUTION, key, row))
        return ASL_STORE_CORRUPT;
    return asl_head_row_decode(asl_lmdb_key_number(key), row, ret_row);
}

uint64_t asl_lmdb_count(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table)
{
    MDB_stat stat;
    if (store->tables[table] == 0 || mdb_stat(txn, store->tables[table], &stat) != 0)
        return 0;
    return stat.ms_entries;
}

/* Begins a transaction and reads a head in it, with the change that it may not have yet. */
static int begin_head(asl_lmdb_store *store, uint64_t number, MDB_txn **ret_txn,
                      asl_head_row *ret_row, asl_error **error)
{
    asl_change change;
    int status = asl_lmdb_begin_tail(store, number, ret_txn, &change, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_get_head(store, *ret_txn, number, ret_row);
    if (status != ASL_OK)
        return refuse_head(store, number, status, error);
    if (change.number != 0)
        asl_change_apply(&change, &ret_row->head);
    return ASL_OK;
}

/* Its texts stand in the map: they are copied. */
static int copy_head(const asl_head *head, asl_head *ret_head, asl_buffer *text, asl_error **error)
{
    size_t start = text->size;
    asl_buffer_append(text, head->machine, strlen(head->machine) + 1);
    size_t name = text->size;
    asl_buffer_append(text, head->name, strlen(head->name) + 1);
    if (text->status != ASL_OK)
        return asl_error_set(error, text->status, "out of memory");
    *ret_head = *head;
    ret_head->machine = text->bytes + start;
    ret_head->name = text->bytes + name;
    return ASL_OK;
}

int asl_lmdb_read_head(asl_store *base, uint64_t number, asl_head *ret_head, asl_buffer *text,
                       asl_error **error)
{
    asl_lmdb_store *store = store_of(base);
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_head_row row;
    int status = begin_head(store, number, &txn, &row, error);
    return status == ASL_OK ? copy_head(&row.head, ret_head, text, error) : status;
}

/* The number a machine's row holds. */
static int machine_number(const MDB_val *row, uint32_t *ret_number)
{
    asl_cursor cursor;
    asl_cursor_init(&cursor, row->mv_data, row->mv_size);
    *ret_number = asl_cursor_u32(&cursor);
    return cursor.bad || cursor.next != cursor.end ? ASL_STORE_CORRUPT : ASL_OK;
}

static int get_name(const asl_lmdb_store *store, MDB_txn *txn, uint32_t machine, const char *name,
                    asl_name_row *ret_row)
{
    MDB_val row;
    asl_lmdb_key key;
    if (!asl_lmdb_key_name(&key, machine, name))
        return ASL_NOT_FOUND;
    int status = asl_lmdb_get(store, txn, ASL_LMDB_NAME, &key, &row);
    return status == ASL_OK ? asl_name_row_decode(&row, ret_row) : status;
}

int asl_lmdb_find_name(asl_store *base, const char *machine, const char *name, uint64_t *ret_number,
                       uint64_t *ret_input_hash)
{
    asl_lmdb_store *store = store_of(base);
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_lmdb_key key;
    MDB_val row;
    uint32_t machine_found;
    asl_name_row found;
    if (!asl_lmdb_key_text(&key, machine))
        return ASL_NOT_FOUND;
    int status = asl_lmdb_begin(store, &txn, NULL);
    if (status == ASL_OK)
        status = asl_lmdb_get(store, txn, ASL_LMDB_MACHINE, &key, &row);
    if (status == ASL_OK)
        status = machine_number(&row, &machine_found);
    if (status == ASL_OK)
        status = get_name(store, txn, machine_found, name, &found);
    if (status == ASL_OK) {
        *ret_number = found.execution;
        *ret_input_hash = found.input_hash;
    }
    return status;
}

int asl_lmdb_seek(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                  const asl_lmdb_key *from, MDB_cursor **ret_cursor, MDB_val *key, MDB_val *row)
{
    int code = mdb_cursor_open(txn, store->tables[table], ret_cursor);
    *key = (MDB_val){from->size, (void *)(uintptr_t)from->bytes};
    if (code == 0)
        code = asl_lmdb_move(*ret_cursor, key, row, from->size > 0 ? MDB_SET_RANGE : MDB_FIRST);
    return asl_lmdb_status(code);
}

int asl_lmdb_move(MDB_cursor *cursor, MDB_val *key, MDB_val *row, MDB_cursor_op move)
{
    MDB_env *env = mdb_txn_env(mdb_cursor_txn(cursor));
    int code = mdb_cursor_get(cursor, key, row, move);
    return code != 0 ? code : asl_lmdb_check_bounds(env, asl_lmdb_map_of(env), key, row);
}

int asl_lmdb_next(MDB_cursor *cursor, MDB_val *key, MDB_val *row)
{
    return asl_lmdb_status(asl_lmdb_move(cursor, key, row, MDB_NEXT));
}

/* Counts the machines that have the name; *ret_number is the last one's execution. */
static int find_in_machines(const asl_lmdb_store *store, MDB_txn *txn, const char *name,
                            uint64_t *ret_number, size_t *ret_count)
{
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    const asl_lmdb_key first = {.size = 0};
    MDB_val key, row;
    int status = asl_lmdb_seek(store, txn, ASL_LMDB_MACHINE, &first, &cursor, &key, &row);
    for (; status == ASL_OK; status = asl_lmdb_next(cursor, &key, &row)) {
        uint32_t machine;
        asl_name_row found;
        if (!asl_lmdb_unseal(ASL_LMDB_MACHINE, &key, &row) ||
            machine_number(&row, &machine) != ASL_OK)
            return ASL_STORE_CORRUPT;
        int got = get_name(store, txn, machine, name, &found);
        if (got != ASL_OK && got != ASL_NOT_FOUND)
            return got;
        if (got == ASL_OK) {
            *ret_number = found.execution;
            ++*ret_count;
        }
    }
    return status == ASL_NOT_FOUND ? ASL_OK : status;
}

int asl_lmdb_find_any(asl_store *base, const char *name, uint64_t *ret_number, asl_error **error)
{
    asl_lmdb_store *store = store_of(base);
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    uint64_t number = 0;
    size_t count = 0;
    int status = asl_lmdb_begin(store, &txn, error);
    if (status == ASL_OK)
        status = find_in_machines(store, txn, name, &number, &count);
    if (status == ASL_STORE_CORRUPT)
        return asl_lmdb_damage(store, status, error, "its names are not readable");
    if (status != ASL_OK)
        return asl_error_set(error, status, "cannot read the store %s", store->path);
    if (count == 0)
        return asl_error_set(error, ASL_NOT_FOUND, "there is no execution \"%s\" in %s", name,
                             store->path);
    if (count > 1)
        return asl_error_set(error, ASL_MISUSE,
                             "several machines have an execution \"%s\": name the machine", name);
    *ret_number = number;
    return ASL_OK;
}

/* The records of an execution, newest first, as they stand in the map. */
struct chain {
    const asl_heap *heap;
    struct link {
        uint64_t lsn;
        const char *record;
        size_t size;
    } * links;
    size_t count, capacity;
};

static void free_chain(struct chain *chain)
{
    asl_release(chain->heap, chain->links, chain->capacity * sizeof *chain->links);
}

static int refuse_record(const asl_lmdb_store *store, uint64_t lsn, uint64_t number, int status,
                         asl_error **error)
{
    if (status == ASL_NOT_FOUND || status == ASL_STORE_CORRUPT || status == ASL_STORE_NEWER)
        return asl_lmdb_damage(store, status == ASL_NOT_FOUND ? ASL_STORE_CORRUPT : status, error,
                               "record %llu of execution %llu is %s", (unsigned long long)lsn,
                               (unsigned long long)number,
                               status == ASL_NOT_FOUND ? "missing" : "not readable");
    return asl_error_set(error, status, "cannot read the store %s", store->path);
}

static int add_link(void *context, uint64_t lsn, const void *record, size_t size)
{
    struct chain *chain = context;
    int status =
        asl_array_reserve(chain->heap, &chain->links, &chain->capacity, chain->count, SIZE_MAX);
    if (status == ASL_OK)
        chain->links[chain->count++] = (struct link){lsn, record, size};
    return status;
}

int asl_lmdb_get_record(const asl_lmdb_store *store, MDB_txn *txn, uint64_t number, uint64_t lsn,
                        asl_log_row *ret_row)
{
    MDB_val bytes;
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, lsn);
    int status = asl_lmdb_get(store, txn, ASL_LMDB_LOG, &key, &bytes);
    if (status == ASL_OK)
        status = asl_log_row_decode(&bytes, ret_row);
    if (status == ASL_OK && (ret_row->change.number != number || ret_row->previous_lsn >= lsn))
        status = ASL_STORE_CORRUPT;
    return status;
}

static int get_record(const asl_lmdb_store *store, MDB_txn *txn, uint64_t number, uint64_t lsn,
                      asl_log_row *ret_row, asl_error **error)
{
    int status = asl_lmdb_get_record(store, txn, number, lsn, ret_row);
    return status == ASL_OK ? ASL_OK : refuse_record(store, lsn, number, status, error);
}

/* Visits the records from the newest one on. */
static int follow_chain(const asl_lmdb_store *store, MDB_txn *txn, const asl_head *head,
                        asl_record_visit visit, void *context, asl_error **error)
{
    for (uint64_t lsn = head->last_lsn; lsn != 0;) {
        asl_log_row row;
        int status = get_record(store, txn, head->number, lsn, &row, error);
        if (status == ASL_OK)
            status = visit(context, lsn, row.record, row.record_size);
        if (status != ASL_OK)
            return status;
        lsn = row.previous_lsn;
    }
    return ASL_OK;
}

int asl_lmdb_read_records(asl_store *base, uint64_t number, asl_record_visit visit, void *context,
                          asl_error **error)
{
    asl_lmdb_store *store = store_of(base);
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_cleanup(free_chain) struct chain chain = {.heap = base->heap};
    asl_head_row row;
    int status = begin_head(store, number, &txn, &row, error);
    if (status == ASL_OK)
        status = follow_chain(store, txn, &row.head, add_link, &chain, error);
    if (status == ASL_NOMEM)
        return asl_error_set(error, status, "out of memory");
    for (size_t i = chain.count; status == ASL_OK && i-- > 0;)
        status = visit(context, chain.links[i].lsn, chain.links[i].record, chain.links[i].size);
    return status;
}

int asl_lmdb_read_records_back(asl_store *base, uint64_t number, asl_record_visit visit,
                               void *context, asl_error **error)
{
    asl_lmdb_store *store = store_of(base);
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_head_row row;
    int status = begin_head(store, number, &txn, &row, error);
    return status == ASL_OK ? follow_chain(store, txn, &row.head, visit, context, error) : status;
}

static int note_lsn(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)record;
    (void)size;
    *(uint64_t *)context = lsn;
    return ASL_OK;
}

static int visit_ends(const asl_lmdb_store *store, MDB_txn *txn, asl_head *head,
                      asl_record_visit visit, void *context, asl_error **error)
{
    asl_log_row row;
    int status = ASL_OK;
    if (head->first_lsn == 0)
        status = follow_chain(store, txn, head, note_lsn, &head->first_lsn, error);
    if (status == ASL_OK && head->first_lsn != 0)
        status = get_record(store, txn, head->number, head->first_lsn, &row, error);
    if (status == ASL_OK && head->first_lsn != 0)
        status = visit(context, head->first_lsn, row.record, row.record_size);
    if (status != ASL_OK || head->first_lsn == head->last_lsn)
        return status;
    status = get_record(store, txn, head->number, head->last_lsn, &row, error);
    return status == ASL_OK ? visit(context, head->last_lsn, row.record, row.record_size) : status;
}

int asl_lmdb_read_ends(asl_store *base, uint64_t number, asl_head *ret_head, asl_buffer *text,
                       asl_record_visit visit, void *context, asl_error **error)
{
    asl_lmdb_store *store = store_of(base);
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_head_row row;
    int status = begin_head(store, number, &txn, &row, error);
    if (status == ASL_OK)
        status = copy_head(&row.head, ret_head, text, error);
    return status == ASL_OK ? visit_ends(store, txn, &row.head, visit, context, error) : status;
}

int asl_lmdb_read_definition(asl_store *base, uint64_t definition, asl_buffer *text,
                             asl_error **error)
{
    asl_lmdb_store *store = store_of(base);
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    MDB_val row;
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, definition);
    int status = asl_lmdb_begin(store, &txn, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_get(store, txn, ASL_LMDB_DEFINITION, &key, &row);
    if (status == ASL_NOT_FOUND)
        return asl_error_set(error, status, "there is no definition %llu in %s",
                             (unsigned long long)definition, store->path);
    if (status == ASL_OK && (row.mv_size < 1 || *(unsigned char *)row.mv_data == 0))
        status = ASL_STORE_CORRUPT;
    if (status == ASL_OK && *(unsigned char *)row.mv_data > ASL_DEFINITION_ROW_FORMAT)
        status = ASL_STORE_NEWER;
    if (status == ASL_STORE_CORRUPT || status == ASL_STORE_NEWER)
        return asl_lmdb_damage(store, status, error, "definition %llu is not readable",
                               (unsigned long long)definition);
    if (status != ASL_OK)
        return asl_error_set(error, status, "cannot read the store %s", store->path);
    asl_buffer_append(text, (char *)row.mv_data + 1, row.mv_size - 1);
    return text->status;
}

/* Moves below *before; *before becomes the number of the last row that was visited, or 0 when there
 * is no more. */
static int list_some(asl_lmdb_store *store, uint64_t *before, asl_head_visit visit, void *context,
                     asl_error **error)
{
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    asl_lmdb_key first;
    MDB_val key, row;
    asl_lmdb_key_u64(&first, *before);
    int status = asl_lmdb_begin_tail(store, 0, &txn, NULL, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_seek(store, txn, ASL_LMDB_EXECUTION, &first, &cursor, &key, &row);
    MDB_cursor_op move = status == ASL_NOT_FOUND ? MDB_LAST : MDB_PREV;
    if (status != ASL_OK && status != ASL_NOT_FOUND)
        return asl_error_set(error, status, "cannot read the store %s", store->path);
    *before = 0;
    for (size_t i = 0; i < ROWS_PER_TRANSACTION; i++, move = MDB_PREV) {
        asl_head_row head;
        status = asl_lmdb_status(asl_lmdb_move(cursor, &key, &row, move));
        if (status == ASL_NOT_FOUND) {
            *before = 0;
            return ASL_OK;
        }
        if (status == ASL_OK)
            status = asl_lmdb_read_head_row(&key, &row, &head);
        if (status != ASL_OK)
            return refuse_head(store, asl_lmdb_key_number(&key), status, error);
        asl_change change;
        *before = head.head.number;
        if (asl_lmdb_find_change(store, *before, &change))
            asl_change_apply(&change, &head.head);
        status = visit(context, &head.head);
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

int asl_lmdb_list(asl_store *base, uint64_t before, asl_head_visit visit, void *context,
                  asl_error **error)
{
    int status = ASL_OK;
    while (status == ASL_OK && before != 0)
        status = list_some(store_of(base), &before, visit, context, error);
    return status == ASL_STORE_STOP ? ASL_OK : status;
}
