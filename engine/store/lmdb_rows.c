/* Reading the host's tables. */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "store/lmdb_store.h"

static int refuse_row(const asl_lmdb_store *store, const char *table, int status, asl_error **error)
{
    if (status == ASL_NOT_FOUND)
        return asl_error_set(error, status, "table \"%s\" has no such row", table);
    if (status == ASL_STORE_CORRUPT)
        return asl_lmdb_damage(store, status, error, "a row of table \"%s\" is not readable",
                               table);
    return asl_error_set(error, status, "cannot read the store %s", store->path);
}

int asl_lmdb_read_row(asl_store *base, const char *table, const void *key, size_t key_size,
                      asl_buffer *ret_row, asl_error **error)
{
    const asl_lmdb_store *store = (const asl_lmdb_store *)base;
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_lmdb_key row_key;
    MDB_val row;
    if (!asl_lmdb_key_row(&row_key, table, key, key_size))
        return refuse_row(store, table, ASL_NOT_FOUND, error);
    int status = asl_lmdb_begin(store, &txn, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_get(store, txn, ASL_LMDB_TABLE, &row_key, &row);
    if (status != ASL_OK)
        return refuse_row(store, table, status, error);
    asl_buffer_append(ret_row, row.mv_data, row.mv_size);
    return ret_row->status;
}

typedef struct walk {
    const asl_lmdb_store *store;
    const char *table;
    asl_table_visit visit;
    void *context;
    MDB_val key, row; /* where the cursor stands */
} walk;

static int move_on(walk *self, MDB_cursor *cursor, MDB_cursor_op move)
{
    return asl_lmdb_status(asl_lmdb_move(cursor, &self->key, &self->row, move));
}

/* Visits the rows of a table from the one on that moving the cursor with `status` has found. */
static int walk_rows(walk *self, MDB_cursor *cursor, int status, MDB_cursor_op move,
                     asl_error **error)
{
    const MDB_val *key = &self->key;
    size_t table_size = strlen(self->table) + 1;
    for (; status == ASL_OK; status = move_on(self, cursor, move)) {
        if (key->mv_size <= table_size || memcmp(key->mv_data, self->table, table_size) != 0)
            return ASL_OK;
        if (!asl_lmdb_unseal(ASL_LMDB_TABLE, key, &self->row))
            return refuse_row(self->store, self->table, ASL_STORE_CORRUPT, error);
        if (!self->visit(self->context, (char *)key->mv_data + table_size,
                         key->mv_size - table_size, self->row.mv_data, self->row.mv_size))
            return ASL_OK;
    }
    return status == ASL_NOT_FOUND ? ASL_OK : refuse_row(self->store, self->table, status, error);
}

int asl_lmdb_scan_rows(asl_store *base, const char *table, const void *from, size_t from_size,
                       asl_table_visit visit, void *context, asl_error **error)
{
    walk self = {(const asl_lmdb_store *)base, table, visit, context, {0}, {0}};
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    asl_lmdb_key first;
    if (!asl_lmdb_key_row(&first, table, from, from != NULL ? from_size : 0))
        return ASL_OK;
    int status = asl_lmdb_begin(self.store, &txn, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_seek(self.store, txn, ASL_LMDB_TABLE, &first, &cursor, &self.key, &self.row);
    return walk_rows(&self, cursor, status, MDB_NEXT, error);
}

int asl_lmdb_scan_rows_back(asl_store *base, const char *table, const void *before,
                            size_t before_size, asl_table_visit visit, void *context,
                            asl_error **error)
{
    walk self = {(const asl_lmdb_store *)base, table, visit, context, {0}, {0}};
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    asl_lmdb_key end;
    if (!(before != NULL ? asl_lmdb_key_row(&end, table, before, before_size)
                         : asl_lmdb_key_behind_rows(&end, table)))
        return ASL_OK;
    int status = asl_lmdb_begin(self.store, &txn, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_seek(self.store, txn, ASL_LMDB_TABLE, &end, &cursor, &self.key, &self.row);
    if (status == ASL_OK)
        status = move_on(&self, cursor, MDB_PREV);
    else if (status == ASL_NOT_FOUND) /* nothing is behind it */
        status = move_on(&self, cursor, MDB_LAST);
    return walk_rows(&self, cursor, status, MDB_PREV, error);
}
