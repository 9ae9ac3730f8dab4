/* LMDB's codes as statuses and messages, and single rows in and out. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "store/lmdb_store.h"

int asl_lmdb_status(int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return ASL_OK;
    case MDB_NOTFOUND:
        return ASL_NOT_FOUND;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ASL_STORE_FULL;
    case ENOMEM:
        return ASL_NOMEM;
    case MDB_TXN_FULL:
        return ASL_TOO_LARGE;
    case MDB_PANIC:
        return ASL_STORE_LOST;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
    case MDB_KEYEXIST: /* an LSN that is there already */
        return ASL_STORE_CORRUPT;
    case MDB_VERSION_MISMATCH:
        return ASL_STORE_NEWER;
    default:
        return ASL_IO;
    }
}

int asl_lmdb_error(const asl_lmdb_store *store, int code, const char *what, asl_error **error)
{
    int status = asl_lmdb_status(code);
    const char *hint = status == ASL_STORE_FULL && code == MDB_MAP_FULL
                           ? " (the map is full: open the store with larger map_bytes)"
                           : "";
    return asl_error_set(error, status, "cannot %s the store %s: %s%s", what, store->path,
                         mdb_strerror(code), hint);
}

int asl_lmdb_damage(const asl_lmdb_store *store, int status, asl_error **error, const char *format,
                    ...)
{
    char what[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return asl_error_set(error, status,
                         status == ASL_STORE_NEWER ? "the store %s is newer than this library: %s"
                                                   : "the store %s is damaged: %s",
                         store->path, what);
}

int asl_lmdb_get(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                 const asl_lmdb_key *key, MDB_val *ret_row)
{
    MDB_val bytes = {key->size, (void *)(uintptr_t)key->bytes};
    MDB_val row;
    int code = mdb_get(txn, store->tables[table], &bytes, &row);
    if (code == 0)
        code = asl_lmdb_check_bounds(store->env, asl_lmdb_map_of(store->env), &bytes, &row);
    if (code != 0)
        return asl_lmdb_status(code);
    if (!asl_lmdb_unseal(table, &bytes, &row))
        return ASL_STORE_CORRUPT;
    *ret_row = row;
    return ASL_OK;
}

int asl_lmdb_put(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                 const asl_lmdb_key *key, const void *first, size_t first_size, const void *second,
                 size_t second_size, unsigned flags)
{
    MDB_val bytes = {key->size, (void *)(uintptr_t)key->bytes};
    uint32_t crc = asl_lmdb_checksum(table, &bytes, first, first_size, second, second_size);
    MDB_val row = {.mv_size = first_size + second_size + sizeof crc};
    int code = mdb_put(txn, store->tables[table], &bytes, &row, flags | MDB_RESERVE);
    if (code != 0)
        return code;
    unsigned char *to = row.mv_data;
    memcpy(to, first, first_size);
    if (second_size > 0)
        memcpy(to + first_size, second, second_size);
    to += first_size + second_size;
    for (size_t i = 0; i < sizeof crc; i++)
        to[i] = (unsigned char)(crc >> (8 * i));
    return 0;
}

int asl_lmdb_delete(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                    const asl_lmdb_key *key)
{
    MDB_val bytes = {key->size, (void *)(uintptr_t)key->bytes};
    int code = mdb_del(txn, store->tables[table], &bytes, NULL);
    return code == MDB_NOTFOUND ? 0 : code;
}
