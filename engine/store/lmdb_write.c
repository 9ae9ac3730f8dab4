/* Writing batches: one transaction for as many as fit, one flush for all of them.
 *
 * A batch's conditions are looked at before anything of it is put, so a batch that fails them fails
 * alone. What fails later (no room, no memory) ends the whole transaction, and LMDB forgets it:
 * nothing was changed. Only where the flush itself fails is unknown what the disk holds; then the
 * store is lost to this process. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/lmdb_store.h"

#define PAGE_BYTES 4096u
#define DIRTY_PAGES_MAX 8192u /* 32 MiB */
#define START_PAGES 6u        /* touched by the smallest start: log, head, name, indexes */
#define CHANGE_PAGES 2u       /* by the smallest later record: log, passive */
#define ROW_PAGES 3u
#define READERS_CHECK_MS 60000

struct transaction {
    asl_lmdb_store *store;
    MDB_txn *txn;
    asl_next_row next;
    asl_buffer row; /* where rows are made */
    size_t pages, written;
};

/* What a batch writes, once its conditions hold. */
struct step {
    asl_batch *batch;
    asl_head_row row; /* of a start */
    bool is_new_machine;
    uint64_t previous_lsn; /* of a later record */
    int64_t was_passive_until_ms;
    bool is_first_change; /* its head has all that was before it */
};

static int put_row(struct transaction *transaction, asl_lmdb_table table, const asl_lmdb_key *key)
{
    const asl_buffer *row = &transaction->row;
    if (row->status != ASL_OK)
        return ENOMEM;
    return asl_lmdb_put(transaction->store, transaction->txn, table, key, row->bytes, row->size, "",
                        0, 0);
}

static int put_empty(struct transaction *transaction, asl_lmdb_table table, const asl_lmdb_key *key)
{
    return asl_lmdb_put(transaction->store, transaction->txn, table, key, "", 0, "", 0, 0);
}

static int find_machine(const struct transaction *transaction, const char *machine,
                        uint32_t *ret_number)
{
    MDB_val row;
    asl_lmdb_key key;
    asl_lmdb_key_text(&key, machine);
    int status = asl_lmdb_get(transaction->store, transaction->txn, ASL_LMDB_MACHINE, &key, &row);
    if (status != ASL_OK)
        return status;
    asl_cursor cursor;
    asl_cursor_init(&cursor, row.mv_data, row.mv_size);
    *ret_number = asl_cursor_u32(&cursor);
    return cursor.bad ? ASL_STORE_CORRUPT : ASL_OK;
}

/* The condition of a start: the machine has no execution of this name. */
static int check_name(struct transaction *transaction, struct step *step)
{
    asl_batch *batch = step->batch;
    asl_lmdb_key key;
    MDB_val row;
    asl_name_row taken;
    int status = find_machine(transaction, batch->head.machine, &step->row.machine);
    if (status == ASL_NOT_FOUND) {
        step->is_new_machine = true;
        step->row.machine = transaction->next.machine;
        return transaction->next.machine == UINT32_MAX ? ASL_TOO_LARGE : ASL_OK;
    }
    if (status != ASL_OK)
        return status;
    asl_lmdb_key_name(&key, step->row.machine, batch->head.name);
    status = asl_lmdb_get(transaction->store, transaction->txn, ASL_LMDB_NAME, &key, &row);
    if (status == ASL_NOT_FOUND)
        return ASL_OK;
    if (status == ASL_OK)
        status = asl_name_row_decode(&row, &taken);
    if (status != ASL_OK)
        return status;
    batch->existing = taken.execution;
    return ASL_EXISTS;
}

static int check_start(struct transaction *transaction, struct step *step)
{
    const asl_head *head = &step->batch->head;
    if (head->number == 0 || head->machine == NULL || head->name == NULL ||
        head->machine[0] == '\0' || strlen(head->machine) > ASL_MACHINE_BYTES_MAX ||
        head->name[0] == '\0' || strlen(head->name) > ASL_NAME_BYTES_MAX)
        return ASL_MISUSE;
    int status = check_name(transaction, step);
    if (status != ASL_OK)
        return status;
    asl_lmdb_key key;
    MDB_val row;
    asl_lmdb_key_u64(&key, head->number);
    status = asl_lmdb_get(transaction->store, transaction->txn, ASL_LMDB_EXECUTION, &key, &row);
    if (status != ASL_NOT_FOUND)
        return status == ASL_OK ? ASL_MISUSE : status;
    step->row.head = *head;
    step->row.head.first_lsn = step->row.head.last_lsn = 0;
    return ASL_OK;
}

/* The newest change of an execution that its head does not have; NULL: there is none. */
static const asl_change *find_change(const struct transaction *transaction, uint64_t number)
{
    const asl_change *change = asl_tail_find(&transaction->store->changes, number);
    return change != NULL ? change : asl_tail_find(&transaction->store->tail, number);
}

/* What a later record follows on. */
static int check_change(struct transaction *transaction, struct step *step)
{
    uint64_t number = step->batch->head.number;
    const asl_change *change = find_change(transaction, number);
    if (change != NULL) {
        step->previous_lsn = change->lsn;
        step->was_passive_until_ms = change->passive_until_ms;
        return ASL_OK;
    }
    asl_head_row head;
    int status = asl_lmdb_get_head(transaction->store, transaction->txn, number, &head);
    if (status != ASL_OK)
        return status;
    step->is_first_change = true;
    step->previous_lsn = head.head.last_lsn;
    step->was_passive_until_ms = head.head.passive_until_ms;
    return ASL_OK;
}

static int check_batch(struct transaction *transaction, struct step *step)
{
    const asl_batch *batch = step->batch;
    int status = asl_writes_status(batch->writes);
    if (status != ASL_OK)
        return status;
    if (batch->head.number >= transaction->next.number)
        return ASL_MISUSE;
    if ((batch->head.number == 0) != (batch->record == NULL))
        return ASL_MISUSE;
    if (batch->is_start)
        return check_start(transaction, step);
    return batch->head.number != 0 ? check_change(transaction, step) : ASL_OK;
}

/* The number of a stored text equal to this one; 0 where there is none. */
static int find_definition(struct transaction *transaction, uint64_t hash, const char *text,
                           size_t size, uint64_t *ret_definition)
{
    const asl_lmdb_store *store = transaction->store;
    MDB_cursor *cursor = NULL;
    asl_lmdb_key key;
    int code = mdb_cursor_open(transaction->txn, store->tables[ASL_LMDB_DEFINITION_HASH], &cursor);
    asl_lmdb_key_u64_pair(&key, hash, 0);
    MDB_val bytes = {key.size, key.bytes}, row;
    *ret_definition = 0;
    if (code == 0)
        code = asl_lmdb_move(cursor, &bytes, &row, MDB_SET_RANGE);
    while (code == 0 && *ret_definition == 0 && bytes.mv_size == 16 &&
           memcmp(bytes.mv_data, key.bytes, 8) == 0) {
        MDB_val number = {8, (char *)bytes.mv_data + 8};
        asl_lmdb_key definition;
        asl_lmdb_key_u64(&definition, asl_lmdb_key_number(&number));
        if (asl_lmdb_get(store, transaction->txn, ASL_LMDB_DEFINITION, &definition, &row) ==
                ASL_OK &&
            row.mv_size == size + 1 && memcmp((char *)row.mv_data + 1, text, size) == 0)
            *ret_definition = asl_lmdb_key_number(&number);
        code = asl_lmdb_move(cursor, &bytes, &row, MDB_NEXT);
    }
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

static int put_definition(struct transaction *transaction, struct step *step)
{
    const asl_batch *batch = step->batch;
    uint64_t *definition = &step->row.head.definition;
    if (*definition != 0 || batch->definition_text == NULL)
        return 0;
    uint64_t hash = asl_lmdb_definition_hash(batch->definition_text, batch->definition_size);
    int code = find_definition(transaction, hash, batch->definition_text, batch->definition_size,
                               definition);
    if (code != 0 || *definition != 0)
        return code;
    *definition = transaction->next.definition++;
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, *definition);
    static const char format[] = {(char)ASL_DEFINITION_ROW_FORMAT};
    transaction->pages += batch->definition_size / PAGE_BYTES + ROW_PAGES;
    code = asl_lmdb_put(transaction->store, transaction->txn, ASL_LMDB_DEFINITION, &key, format,
                        sizeof format, batch->definition_text, batch->definition_size, 0);
    if (code != 0)
        return code;
    asl_lmdb_key_u64_pair(&key, hash, *definition);
    return put_empty(transaction, ASL_LMDB_DEFINITION_HASH, &key);
}

static int put_name(struct transaction *transaction, struct step *step)
{
    const asl_head *head = &step->row.head;
    asl_lmdb_key key;
    if (step->is_new_machine) {
        transaction->next.machine++;
        asl_lmdb_key_text(&key, head->machine);
        asl_buffer_clear(&transaction->row);
        asl_buffer_u32(&transaction->row, step->row.machine);
        int code = put_row(transaction, ASL_LMDB_MACHINE, &key);
        if (code != 0)
            return code;
    }
    const asl_name_row row = {head->number, head->input_hash};
    asl_lmdb_key_name(&key, step->row.machine, head->name);
    asl_buffer_clear(&transaction->row);
    asl_name_row_encode(&transaction->row, &row);
    return put_row(transaction, ASL_LMDB_NAME, &key);
}

static asl_change change_of(const asl_batch *batch)
{
    const asl_head *head = &batch->head;
    return (asl_change){.number = head->number,
                        .lsn = batch->lsn,
                        .event_count = head->event_count,
                        .stop_ms = head->stop_ms,
                        .passive_until_ms = head->passive_until_ms,
                        .status = head->status};
}

static int put_record(struct transaction *transaction, const asl_batch *batch,
                      const asl_change *change, uint64_t previous_lsn)
{
    unsigned char frame[ASL_LOG_FRAME_MAX];
    asl_lmdb_key key;
    size_t frame_size = asl_log_frame_encode(frame, change, previous_lsn);
    asl_lmdb_key_u64(&key, batch->lsn);
    transaction->pages += batch->record_size / PAGE_BYTES + 1;
    return asl_lmdb_put(transaction->store, transaction->txn, ASL_LMDB_LOG, &key, frame, frame_size,
                        batch->record, batch->record_size, MDB_APPEND);
}

static int put_passive(struct transaction *transaction, uint64_t number, int64_t until_ms)
{
    asl_lmdb_key key;
    asl_lmdb_key_u64_pair(&key, (uint64_t)until_ms, number);
    return until_ms != 0 ? put_empty(transaction, ASL_LMDB_PASSIVE, &key) : 0;
}

/* Where a new execution that runs is listed. */
static int put_place(struct transaction *transaction, const asl_head *head)
{
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, head->number);
    if (head->status != ASL_EXECUTION_RUNNING)
        return 0;
    return head->passive_until_ms != 0
               ? put_passive(transaction, head->number, head->passive_until_ms)
               : put_empty(transaction, ASL_LMDB_RUNNING, &key);
}

static int put_head(struct transaction *transaction, const asl_head_row *row)
{
    asl_lmdb_key key;
    asl_lmdb_key_u64(&key, row->head.number);
    asl_buffer_clear(&transaction->row);
    asl_head_row_encode(&transaction->row, row);
    return put_row(transaction, ASL_LMDB_EXECUTION, &key);
}

static int put_start(struct transaction *transaction, struct step *step)
{
    asl_batch *batch = step->batch;
    asl_head *head = &step->row.head;
    int code = put_definition(transaction, step);
    if (code == 0)
        code = put_name(transaction, step);
    if (code != 0)
        return code;
    head->first_lsn = head->last_lsn = batch->lsn = transaction->next.lsn++;
    asl_change change = change_of(batch);
    code = put_record(transaction, batch, &change, 0);
    if (code == 0)
        code = put_head(transaction, &step->row);
    if (code == 0)
        code = put_place(transaction, head);
    batch->head.definition = head->definition;
    batch->head.last_lsn = head->last_lsn;
    return code;
}

/* A row of `passive` that its head tells of can wait for the checkpoint, where all that is done on
 * a page is done at once. One that was due goes now: its neighbours go with it. */
static int delete_passive(struct transaction *transaction, const struct step *step)
{
    int64_t until_ms = step->was_passive_until_ms;
    asl_lmdb_key key;
    if (until_ms == 0 || until_ms == step->batch->head.passive_until_ms ||
        (step->is_first_change && until_ms > transaction->next.engine_ms))
        return 0;
    asl_lmdb_key_u64_pair(&key, (uint64_t)until_ms, step->batch->head.number);
    return asl_lmdb_delete(transaction->store, transaction->txn, ASL_LMDB_PASSIVE, &key);
}

/* Only what must be right behind every commit is put: the record, and until when it is passive. Its
 * head and its row in `running` follow at a checkpoint. */
static int put_change(struct transaction *transaction, struct step *step)
{
    asl_batch *batch = step->batch;
    batch->head.last_lsn = batch->lsn = transaction->next.lsn++;
    asl_change change = change_of(batch);
    if (asl_tail_reserve(&transaction->store->changes, 1) != ASL_OK)
        return ENOMEM;
    asl_tail_put(&transaction->store->changes, &change);
    int code = put_record(transaction, batch, &change, step->previous_lsn);
    if (code == 0)
        code = delete_passive(transaction, step);
    if (code == 0 && change.passive_until_ms != step->was_passive_until_ms)
        code = put_passive(transaction, change.number, change.passive_until_ms);
    return code;
}

static int put_writes(struct transaction *transaction, const asl_writes *writes)
{
    for (size_t i = 0; i < asl_writes_count(writes); i++) {
        asl_write write = asl_writes_at(writes, i);
        asl_lmdb_key key;
        asl_lmdb_key_row(&key, write.table, write.key, write.key_size);
        transaction->pages += write.row_size / PAGE_BYTES + ROW_PAGES;
        int code = write.row == NULL
                       ? asl_lmdb_delete(transaction->store, transaction->txn, ASL_LMDB_TABLE, &key)
                       : asl_lmdb_put(transaction->store, transaction->txn, ASL_LMDB_TABLE, &key,
                                      write.row, write.row_size, "", 0, 0);
        if (code != 0)
            return code;
    }
    return 0;
}

static int put_batch(struct transaction *transaction, struct step *step)
{
    int code = 0;
    transaction->pages += step->batch->is_start ? START_PAGES : CHANGE_PAGES;
    if (step->batch->is_start)
        code = put_start(transaction, step);
    else if (step->batch->head.number != 0)
        code = put_change(transaction, step);
    return code == 0 ? put_writes(transaction, step->batch->writes) : code;
}

static size_t estimate_pages(const asl_batch *batch)
{
    size_t pages = (batch->is_start ? START_PAGES : CHANGE_PAGES) + batch->record_size / PAGE_BYTES;
    for (size_t i = 0; i < asl_writes_count(batch->writes); i++)
        pages += asl_writes_at(batch->writes, i).row_size / PAGE_BYTES + ROW_PAGES;
    return pages + (batch->is_start ? batch->definition_size / PAGE_BYTES : 0);
}

/* Puts batches until the transaction is as large as it may be. Returns an LMDB code. */
static int put_batches(struct transaction *transaction, asl_batch *first, asl_batch **ret_next)
{
    asl_batch *batch = first;
    int code = 0;
    while (batch != NULL && code == 0) {
        if (transaction->written > 0 &&
            transaction->pages + estimate_pages(batch) > DIRTY_PAGES_MAX)
            break;
        struct step step = {.batch = batch};
        batch->status = check_batch(transaction, &step);
        if (batch->status == ASL_OK) {
            code = put_batch(transaction, &step);
            transaction->written++;
        }
        batch = batch->next;
    }
    *ret_next = batch;
    return code;
}

static int put_next(struct transaction *transaction)
{
    asl_lmdb_key key;
    asl_lmdb_key_text(&key, "next");
    asl_buffer_clear(&transaction->row);
    asl_next_row_encode(&transaction->row, &transaction->next);
    return put_row(transaction, ASL_LMDB_META, &key);
}

/* LMDB reports a short write, which is how a full disk often shows first, as EIO. A flush that
 * failed is another matter: there is room on the disk then. */
static bool is_disk_full(const asl_lmdb_store *store)
{
    int fd;
    struct stat data;
    struct statvfs room;
    struct rlimit greatest;
    if (mdb_env_get_fd(store->env, &fd) != 0 || fstat(fd, &data) != 0 || fstatvfs(fd, &room) != 0)
        return false;
    if ((uint64_t)room.f_bavail * room.f_frsize < 16 * PAGE_BYTES)
        return true;
    return getrlimit(RLIMIT_FSIZE, &greatest) == 0 && greatest.rlim_cur != RLIM_INFINITY &&
           (uint64_t)data.st_size + PAGE_BYTES > greatest.rlim_cur;
}

/* Whether LMDB still trusts itself: after a failed write of its meta page it does not. */
static bool is_environment_sound(const asl_lmdb_store *store)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    if (code == 0)
        mdb_txn_abort(txn);
    return code != MDB_PANIC;
}

int asl_lmdb_judge(asl_lmdb_store *store, int code)
{
    int status = asl_lmdb_status(code);
    if (code == EIO && is_disk_full(store))
        status = ASL_STORE_FULL;
    if ((status == ASL_STORE_FULL || status == ASL_NOMEM || status == ASL_TOO_LARGE) &&
        is_environment_sound(store))
        return status;
    atomic_store(&store->base.lost, ASL_STORE_LOST);
    return ASL_STORE_LOST;
}

static void fail_all(asl_batch *first, const asl_batch *end, int status)
{
    for (asl_batch *batch = first; batch != end; batch = batch->next)
        batch->status = status;
}

static void check_readers(asl_lmdb_store *store)
{
    int dead;
    int64_t now_ms = asl_clock_monotonic();
    if (now_ms - store->readers_checked_ms < READERS_CHECK_MS)
        return;
    store->readers_checked_ms = now_ms;
    mdb_reader_check(store->env, &dead);
}

/* What was committed is seen by who reads from now on. There is room for it. */
static void publish(asl_lmdb_store *store)
{
    pthread_mutex_lock(&store->tail_lock);
    asl_tail_merge(&store->tail, &store->changes);
    asl_lmdb_checkpoint_ended(store, true);
    pthread_mutex_unlock(&store->tail_lock);
}

static int reserve(asl_lmdb_store *store)
{
    pthread_mutex_lock(&store->tail_lock);
    int status = asl_tail_reserve(&store->tail, store->changes.count);
    pthread_mutex_unlock(&store->tail_lock);
    return status == ASL_OK ? 0 : ENOMEM;
}

/* Fills the transaction and ends it. Returns the status of the whole. */
static int run(struct transaction *transaction, asl_batch *first, asl_batch **ret_next)
{
    asl_lmdb_store *store = transaction->store;
    int code = mdb_txn_begin(store->env, NULL, 0, &transaction->txn);
    if (code != 0)
        return asl_lmdb_judge(store, code);
    code = put_batches(transaction, first, ret_next);
    if (code == 0 && transaction->written > 0)
        code = asl_lmdb_checkpoint(store, transaction->txn, transaction->written);
    if (code == 0 && transaction->written > 0)
        code = put_next(transaction);
    if (code == 0)
        code = reserve(store);
    if (code != 0 || transaction->written == 0) {
        mdb_txn_abort(transaction->txn);
        return code != 0 ? asl_lmdb_status(code) : ASL_OK;
    }
    code = mdb_txn_commit(transaction->txn);
    if (code != 0)
        return asl_lmdb_judge(store, code);
    store->next = transaction->next;
    publish(store);
    return ASL_OK;
}

int asl_lmdb_write(asl_store *base, asl_batch *first, const asl_store_clock *clock,
                   asl_batch **ret_next)
{
    asl_lmdb_store *store = (asl_lmdb_store *)base;
    struct transaction transaction = {.store = store, .next = store->next};
    transaction.next.number = clock->next_number;
    transaction.next.real_ms = clock->real_ms;
    transaction.next.engine_ms = clock->engine_ms;
    asl_buffer_init(&transaction.row, base->heap);
    *ret_next = NULL;
    check_readers(store);
    int status = run(&transaction, first, ret_next);
    if (status != ASL_OK) {
        fail_all(first, *ret_next, status);
        asl_lmdb_checkpoint_ended(store, false);
    }
    asl_tail_clear(&store->changes);
    asl_buffer_done(&transaction.row);
    return status;
}
