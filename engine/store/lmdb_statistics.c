/* What the store holds, as LMDB counts it. */
#include <errno.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "store/lmdb_store.h"

/* Pages that no transaction needs any more: each row of LMDB's own list begins with their number.
 */
static int count_free(MDB_txn *txn, uint64_t *ret_pages)
{
    asl_cleanup(asl_lmdb_end_cursor) MDB_cursor *cursor = NULL;
    MDB_val key, row;
    *ret_pages = 0;
    int code = mdb_cursor_open(txn, 0, &cursor);
    while (code == 0 && (code = mdb_cursor_get(cursor, &key, &row, MDB_NEXT)) == 0) {
        if (row.mv_size >= sizeof(size_t))
            *ret_pages += *(const size_t *)row.mv_data;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static int read_sizes(const asl_lmdb_store *store, MDB_txn *txn, asl_store_statistics *statistics)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct stat file;
    uint64_t free_pages = 0;
    int fd = -1;
    int code = mdb_env_info(store->env, &info);
    if (code == 0)
        code = mdb_env_stat(store->env, &stat);
    if (code == 0)
        code = mdb_env_get_fd(store->env, &fd);
    if (code == 0)
        code = fstat(fd, &file) != 0 ? EIO : count_free(txn, &free_pages);
    if (code != 0)
        return code;
    statistics->map_bytes = info.me_mapsize;
    statistics->file_bytes = (uint64_t)file.st_size;
    statistics->free_bytes = free_pages * stat.ms_psize;
    statistics->used_bytes =
        ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize - statistics->free_bytes;
    return 0;
}

static int note_reader(const char *line, void *context)
{
    uint64_t *lines = context;
    (void)line;
    ++*lines;
    return 0;
}

/* LMDB tells of its readers in lines of text, behind a line of headings where there are any. */
static uint64_t count_readers(const asl_lmdb_store *store)
{
    uint64_t lines = 0;
    mdb_reader_list(store->env, note_reader, &lines);
    return lines > 0 ? lines - 1 : 0;
}

int asl_lmdb_read_statistics(asl_store *base, asl_store_statistics *statistics, asl_error **error)
{
    asl_lmdb_store *store = (asl_lmdb_store *)base;
    asl_cleanup(asl_lmdb_end) MDB_txn *txn = NULL;
    int status = asl_lmdb_begin_tail(store, 0, &txn, NULL, error);
    if (status != ASL_OK)
        return status;
    int code = read_sizes(store, txn, statistics);
    if (code != 0)
        return asl_lmdb_error(store, code, "examine", error);
    uint64_t from, upto;
    status = asl_tail_read_bounds(store, txn, &from, &upto);
    if (status != ASL_OK)
        return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error, "its counters are not readable");
    statistics->behind = upto - from;
    statistics->format = store->format;
    statistics->executions = asl_lmdb_count(store, txn, ASL_LMDB_EXECUTION);
    statistics->names = asl_lmdb_count(store, txn, ASL_LMDB_NAME);
    statistics->active = asl_lmdb_count(store, txn, ASL_LMDB_RUNNING);
    statistics->passive = asl_lmdb_count(store, txn, ASL_LMDB_PASSIVE);
    statistics->records = asl_lmdb_count(store, txn, ASL_LMDB_LOG);
    statistics->definitions = asl_lmdb_count(store, txn, ASL_LMDB_DEFINITION);
    statistics->machines = asl_lmdb_count(store, txn, ASL_LMDB_MACHINE);
    statistics->rows = asl_lmdb_count(store, txn, ASL_LMDB_TABLE);
    statistics->readers = count_readers(store);
    statistics->durability = base->durability;
    return ASL_OK;
}
