/* Verifying: everything is read once, in one transaction. Each row's checksum is looked at, and
 * then whether histories, heads, names and lists fit together; all that does not is told. */
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "store/lmdb_pages.h"
#include "store/lmdb_store.h"

#define ROWS_BETWEEN_REPORTS 4096u
#define PROBLEM_SIZE 256u

typedef struct verification {
    asl_lmdb_store *store;
    const asl_verify_options *options;
    MDB_txn *txn;
    asl_tail tail;
    uint64_t problems, done, all;
    uint64_t chained; /* records that belong to an execution */
    bool is_stopped;
} verification;

__attribute__((format(printf, 2, 3))) static void tell(verification *self, const char *format, ...)
{
    char problem[PROBLEM_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, sizeof problem, format, arguments);
    va_end(arguments);
    self->problems++;
    if (self->options->problem != NULL)
        self->options->problem(self->options->context, problem);
}

/* Counts a row; false where it is to end. */
static bool go_on(verification *self)
{
    const asl_verify_options *options = self->options;
    if (++self->done % ROWS_BETWEEN_REPORTS == 0 && options->progress != NULL)
        self->is_stopped |= !options->progress(options->context, self->done, self->all);
    return !self->is_stopped;
}

/* A key for people: what can be printed of it, or its number. */
static void name_key(const MDB_val *key, char *name, size_t size)
{
    const unsigned char *bytes = key->mv_data;
    size_t length = 0;
    if (key->mv_size == 8) {
        snprintf(name, size, "%llu", (unsigned long long)asl_lmdb_key_number(key));
        return;
    }
    for (size_t i = 0; i < key->mv_size && length + 1 < size; i++)
        name[length++] = (char)(bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.');
    name[length] = '\0';
}

typedef int (*row_check)(verification *self, const MDB_val *key, const MDB_val *row);

/* All rows of a table. */
static void check_table(verification *self, asl_lmdb_table table, row_check check)
{
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    const asl_lmdb_key first = {.size = 0};
    MDB_val key, row;
    if (self->store->tables[table] == 0)
        return;
    int status = asl_lmdb_seek(self->store, self->txn, table, &first, &cursor, &key, &row);
    for (; status == ASL_OK && go_on(self); status = asl_lmdb_next(cursor, &key, &row)) {
        char name[64];
        name_key(&key, name, sizeof name);
        int found = asl_lmdb_unseal(table, &key, &row) ? ASL_OK : ASL_STORE_CORRUPT;
        if (found == ASL_OK && check != NULL)
            found = check(self, &key, &row);
        if (found != ASL_OK)
            tell(self, "%s %s is %s", asl_lmdb_table_name(table), name,
                 found == ASL_STORE_NEWER ? "newer than this library" : "damaged");
    }
    if (status != ASL_NOT_FOUND && !self->is_stopped)
        tell(self, "%s cannot be read to its end", asl_lmdb_table_name(table));
}

static int check_record(verification *self, const MDB_val *key, const MDB_val *bytes)
{
    asl_log_row row;
    (void)self;
    int status = asl_log_row_decode(bytes, &row);
    if (status == ASL_OK && row.previous_lsn >= asl_lmdb_key_number(key))
        status = ASL_STORE_CORRUPT;
    return status;
}

/* The records of an execution from its last one back. */
static void check_chain(verification *self, const asl_head *head)
{
    unsigned long long number = head->number;
    uint64_t first_lsn = 0;
    for (uint64_t lsn = head->last_lsn; lsn != 0 && !self->is_stopped;) {
        asl_log_row row;
        if (asl_lmdb_get_record(self->store, self->txn, head->number, lsn, &row) != ASL_OK) {
            tell(self, "execution %llu lacks record %llu", number, (unsigned long long)lsn);
            return;
        }
        self->chained++;
        first_lsn = lsn;
        lsn = row.previous_lsn;
    }
    if (head->first_lsn != 0 && head->first_lsn != first_lsn)
        tell(self, "execution %llu begins with record %llu, and its head says %llu", number,
             (unsigned long long)first_lsn, (unsigned long long)head->first_lsn);
}

static bool has_row(verification *self, asl_lmdb_table table, const asl_lmdb_key *key, MDB_val *row)
{
    return self->store->tables[table] != 0 &&
           asl_lmdb_get(self->store, self->txn, table, key, row) == ASL_OK;
}

static void check_name(verification *self, const asl_head_row *row)
{
    asl_lmdb_key key;
    MDB_val bytes;
    asl_name_row name;
    if (!asl_lmdb_key_name(&key, row->machine, row->head.name) ||
        !has_row(self, ASL_LMDB_NAME, &key, &bytes) ||
        asl_name_row_decode(&bytes, &name) != ASL_OK || name.execution != row->head.number)
        tell(self, "execution %llu is not found by its name", (unsigned long long)row->head.number);
}

/* Where it is listed, with what the log says. */
static void check_place(verification *self, const asl_head *head, bool has_change)
{
    asl_lmdb_key key;
    MDB_val row;
    asl_lmdb_key_u64_pair(&key, (uint64_t)head->passive_until_ms, head->number);
    bool wants_passive = head->status == ASL_EXECUTION_RUNNING && head->passive_until_ms != 0;
    if (wants_passive && !has_row(self, ASL_LMDB_PASSIVE, &key, &row))
        tell(self, "execution %llu waits and is not listed", (unsigned long long)head->number);
    asl_lmdb_key_u64(&key, head->number);
    bool is_listed = has_row(self, ASL_LMDB_RUNNING, &key, &row);
    if (!has_change && is_listed != asl_head_is_active(head->status, head->passive_until_ms))
        tell(self, "execution %llu is %s among those that run", (unsigned long long)head->number,
             is_listed ? "listed" : "not listed");
}

static int check_head(verification *self, const MDB_val *key, const MDB_val *bytes)
{
    asl_head_row row;
    uint64_t number = asl_lmdb_key_number(key);
    int status = asl_head_row_decode(number, bytes, &row);
    if (status != ASL_OK)
        return status;
    const asl_change *change = asl_tail_find(&self->tail, number);
    if (change != NULL)
        asl_change_apply(change, &row.head);
    check_chain(self, &row.head);
    check_name(self, &row);
    check_place(self, &row.head, change != NULL);
    return ASL_OK;
}

/* Before anything is read by LMDB. */
static int check_pages(verification *self, asl_error **error)
{
    const asl_lmdb_store *store = self->store;
    MDB_stat pages;
    int data_fd;
    uint64_t page;
    int code = mdb_env_get_fd(store->env, &data_fd);
    if (code == 0)
        code = mdb_env_stat(store->env, &pages);
    if (code != 0)
        return asl_lmdb_error(store, code, "verify", error);
    int status = asl_lmdb_check_pages(store->base.heap, data_fd, pages.ms_psize,
                                      mdb_txn_id(self->txn), &page);
    if (status == ASL_STORE_CORRUPT)
        tell(self, "page %llu of data.mdb is not what stands there", (unsigned long long)page);
    else if (status != ASL_OK)
        return asl_error_set(error, status, "the pages of the store %s cannot be read",
                             store->path);
    return ASL_OK;
}

static void check_all(verification *self)
{
    static const asl_lmdb_table others[] = {
        ASL_LMDB_NAME, ASL_LMDB_RUNNING,    ASL_LMDB_PASSIVE, ASL_LMDB_MACHINE,
        ASL_LMDB_META, ASL_LMDB_DEFINITION, ASL_LMDB_TABLE,   ASL_LMDB_DEFINITION_HASH};
    check_table(self, ASL_LMDB_LOG, check_record);
    check_table(self, ASL_LMDB_EXECUTION, check_head);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        check_table(self, others[i], NULL);
}

/* The log's changes as the transaction sees them: nobody commits while both are taken. */
static int begin(verification *self, asl_error **error)
{
    asl_lmdb_store *store = self->store;
    pthread_mutex_lock(&store->base.commit_lock);
    int status = asl_lmdb_begin_tail(store, 0, &self->txn, NULL, error);
    if (status == ASL_OK) {
        pthread_mutex_lock(&store->tail_lock);
        status = asl_tail_reserve(&self->tail, store->tail.count);
        if (status == ASL_OK)
            asl_tail_merge(&self->tail, &store->tail);
        else
            asl_error_set(error, status, "out of memory");
        pthread_mutex_unlock(&store->tail_lock);
    }
    pthread_mutex_unlock(&store->base.commit_lock);
    for (unsigned i = 0; status == ASL_OK && i < ASL_LMDB_TABLES; i++)
        self->all += asl_lmdb_count(store, self->txn, (asl_lmdb_table)i);
    return status;
}

static int conclude(const verification *self, asl_error **error)
{
    if (self->is_stopped)
        return asl_error_set(error, ASL_TIMED_OUT, "not all was looked at");
    if (self->problems > 0)
        return asl_error_set(error, ASL_STORE_CORRUPT, "the store %s has %llu problems",
                             self->store->path, (unsigned long long)self->problems);
    return ASL_OK;
}

int asl_lmdb_verify(asl_store *base, const asl_verify_options *options, asl_error **error)
{
    verification self = {.store = (asl_lmdb_store *)base, .options = options};
    asl_tail_init(&self.tail, base->heap);
    int status = begin(&self, error);
    if (status == ASL_OK)
        status = check_pages(&self, error);
    if (status == ASL_OK)
        check_all(&self);
    uint64_t records = status == ASL_OK ? asl_lmdb_count(self.store, self.txn, ASL_LMDB_LOG) : 0;
    if (!self.is_stopped && self.chained < records)
        tell(&self, "%llu records belong to no execution",
             (unsigned long long)(records - self.chained));
    asl_lmdb_end(&self.txn);
    asl_tail_done(&self.tail);
    return status == ASL_OK ? conclude(&self, error) : status;
}
