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

int asl_lmdb_scan_rows(asl_store *base, const char *table, const void *from, size_t from_size,
                       asl_table_visit visit, void *context, asl_error **error)
{
    const asl_lmdb_store *store = (const asl_lmdb_store *)base;
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    size_t table_size = strlen(table) + 1;
    asl_lmdb_key first;
    MDB_val key, row;
    if (!asl_lmdb_key_row(&first, table, from, from != NULL ? from_size : 0))
        return ASL_OK;
    int status = asl_lmdb_begin(store, &txn, error);
    if (status != ASL_OK)
        return status;
    status = asl_lmdb_seek(store, txn, ASL_LMDB_TABLE, &first, &cursor, &key, &row);
    for (; status == ASL_OK; status = asl_lmdb_next(cursor, &key, &row)) {
        if (key.mv_size <= table_size || memcmp(key.mv_data, table, table_size) != 0)
            return ASL_OK;
        if (!asl_lmdb_unseal(ASL_LMDB_TABLE, &key, &row))
            return refuse_row(store, table, ASL_STORE_CORRUPT, error);
        if (!visit(context, (char *)key.mv_data + table_size, key.mv_size - table_size, row.mv_data,
                   row.mv_size))
            return ASL_OK;
    }
    return status == ASL_NOT_FOUND ? ASL_OK : refuse_row(store, table, status, error);
}
