/* Opening and closing the LMDB store.
 *
 * The environment has LMDB's default flushing, so a commit that was reported is on the disk, and
 * one sparse map whose size never changes while it is open. What is new is made durable, its folder
 * and that folder's entry included, before the first transaction says that it is a store. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/random.h"
#include "store/lmdb_pages.h"
#include "store/lmdb_store.h"

#define MAP_BYTES_DEFAULT ((uint64_t)64 << 30)
#define READERS_MAX 512u
#define FILE_MODE 0600
/* A slot of a reader is a cache line; the head takes the place of a few. */
#define LOCK_FILE_BYTES ((READERS_MAX + 8) * 64)

static void close_store(asl_store *base)
{
    asl_lmdb_store *store = (asl_lmdb_store *)base;
    bool is_forked = atomic_load(&base->lost) == ASL_MISUSE;
    asl_registry_remove(store);
    if (store->is_loaded && !base->read_only && atomic_load(&base->lost) == ASL_OK)
        asl_lmdb_checkpoint_all(store);
    asl_tail_done(&store->tail);
    asl_tail_done(&store->changes);
    asl_buffer_done(&store->head_row);
    pthread_mutex_destroy(&store->tail_lock);
    /* After fork() the environment is the parent's: the child only lets go of its memory. */
    if (store->env != NULL && !is_forked)
        mdb_env_close(store->env);
    asl_folder_close(&store->folder);
    asl_release(base->heap, store->path, store->path_size);
    asl_store_done(base);
    asl_release(base->heap, store, sizeof *store);
}

static const asl_store_backend lmdb_backend = {
    .close = close_store,
    .write = asl_lmdb_write,
    .read_head = asl_lmdb_read_head,
    .find_name = asl_lmdb_find_name,
    .find_any = asl_lmdb_find_any,
    .read_records = asl_lmdb_read_records,
    .read_records_back = asl_lmdb_read_records_back,
    .read_ends = asl_lmdb_read_ends,
    .read_running = asl_lmdb_read_running,
    .read_passive = asl_lmdb_read_passive,
    .read_definition = asl_lmdb_read_definition,
    .list = asl_lmdb_list,
    .read_statistics = asl_lmdb_read_statistics,
    .verify = asl_lmdb_verify,
    .backup = asl_lmdb_backup,
    .purge = asl_lmdb_purge,
    .read_row = asl_lmdb_read_row,
    .scan_rows = asl_lmdb_scan_rows,
    .scan_rows_back = asl_lmdb_scan_rows_back,
};

static asl_lmdb_store *new_store(const asl_store_options *options)
{
    asl_lmdb_store *store = asl_allocate_zeroed(options->heap, sizeof *store);
    size_t size = strlen(options->path) + 1;
    char *path = asl_allocate(options->heap, size);
    if (store == NULL || path == NULL) {
        asl_release(options->heap, store, sizeof *store);
        asl_release(options->heap, path, size);
        return NULL;
    }
    memcpy(path, options->path, size);
    store->path = path;
    store->path_size = size;
    store->folder = (asl_folder){.folder_fd = -1, .owner_fd = -1};
    asl_store_init(&store->base, &lmdb_backend, options->heap,
                   (options->flags & ASL_STORE_READ_ONLY) != 0);
    asl_tail_init(&store->tail, options->heap);
    asl_tail_init(&store->changes, options->heap);
    asl_buffer_init(&store->head_row, options->heap);
    pthread_mutex_init(&store->tail_lock, NULL);
    if ((options->flags & ASL_STORE_RELAXED) != 0)
        store->base.durability = ASL_DURABILITY_RELAXED;
    return store;
}

static int refuse_map(const asl_lmdb_store *store, uint64_t map_bytes, asl_error **error)
{
    struct rlimit space;
    unsigned long long gibibytes = map_bytes >> 30;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
        return asl_error_set(error, ASL_IO,
                             "cannot map the store %s: %llu GiB of address space are needed, and "
                             "`ulimit -v` allows %llu MiB; raise it or choose a smaller map_bytes",
                             store->path, gibibytes, (unsigned long long)space.rlim_cur >> 20);
    return asl_error_set(error, ASL_NOMEM,
                         "cannot map the store %s: %llu GiB of address space are needed; choose a "
                         "smaller map_bytes",
                         store->path, gibibytes);
}

static int refuse_open(const asl_lmdb_store *store, int code, uint64_t map_bytes, asl_error **error)
{
    if (code == ENOMEM)
        return refuse_map(store, map_bytes, error);
    if (code == ENOENT && store->base.read_only)
        return asl_error_set(error, ASL_NOT_FOUND, "there is no store in %s", store->path);
    if (code == MDB_INVALID)
        return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error, "data.mdb is no LMDB file");
    if (code == MDB_VERSION_MISMATCH)
        return asl_lmdb_damage(store, ASL_STORE_NEWER, error,
                               "data.mdb was written by another version of LMDB");
    return asl_lmdb_error(store, code, "open", error);
}

/* LMDB 0.9.24 opens data.mdb without O_CLOEXEC. */
static int close_on_exec(const asl_lmdb_store *store, int *ret_fd, asl_error **error)
{
    int code = mdb_env_get_fd(store->env, ret_fd);
    if (code == 0 && fcntl(*ret_fd, F_SETFD, FD_CLOEXEC) != 0)
        code = errno;
    return code == 0 ? ASL_OK : asl_lmdb_error(store, code, "open", error);
}

/* That the folder was not exchanged meanwhile, and the file holds every page that it speaks of and
 * uses: to read a page behind its end would end the process. */
static int check_data_file(const asl_lmdb_store *store, int data_fd, asl_error **error)
{
    struct stat data, entry;
    MDB_envinfo info;
    MDB_stat pages;
    if (fstat(data_fd, &data) != 0 ||
        fstatat(store->folder.folder_fd, "data.mdb", &entry, AT_SYMLINK_NOFOLLOW) != 0)
        return asl_lmdb_error(store, errno, "examine", error);
    if (data.st_dev != entry.st_dev || data.st_ino != entry.st_ino)
        return asl_error_set(error, ASL_IO, "the folder %s was exchanged while it was opened",
                             store->path);
    int code = mdb_env_info(store->env, &info);
    if (code == 0)
        code = mdb_env_stat(store->env, &pages);
    if (code != 0)
        return asl_lmdb_error(store, code, "examine", error);
    uint64_t wanted = ((uint64_t)info.me_last_pgno + 1) * pages.ms_psize;
    if ((uint64_t)data.st_size < wanted &&
        !asl_lmdb_is_free_behind(store->base.heap, data_fd, pages.ms_psize, info.me_last_pgno))
        return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error,
                               "data.mdb has %llu bytes, and speaks of %llu",
                               (unsigned long long)data.st_size, (unsigned long long)wanted);
    return ASL_OK;
}

/* LMDB maps lock.mdb, whose file it leaves without blocks: a full disk would end the process at the
 * first write to it. */
static int fill_lock_file(const asl_lmdb_store *store, asl_error **error)
{
    int fd = openat(store->folder.folder_fd, "lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                    FILE_MODE);
    int code = fd >= 0 ? posix_fallocate(fd, 0, LOCK_FILE_BYTES) : errno;
    if (fd >= 0)
        close(fd);
    return code == 0 ? ASL_OK : asl_lmdb_error(store, code, "make room for the locks of", error);
}

static int open_environment(asl_lmdb_store *store, const asl_store_options *options, int *ret_fd,
                            asl_error **error)
{
    bool read_only = store->base.read_only;
    uint64_t map_bytes = options->map_bytes;
    unsigned flags = MDB_NOTLS;
    flags |= read_only ? MDB_RDONLY : 0u;
    flags |= store->base.durability == ASL_DURABILITY_RELAXED ? MDB_NOMETASYNC : 0u;
    if (map_bytes == 0 && !read_only)
        map_bytes = MAP_BYTES_DEFAULT;
    if (map_bytes > SIZE_MAX)
        return refuse_map(store, map_bytes, error);
    int filled = read_only ? ASL_OK : fill_lock_file(store, error);
    if (filled != ASL_OK)
        return filled;
    int code = mdb_env_create(&store->env);
    /* A reader without a wish takes the size that the writer gave. */
    if (code == 0 && map_bytes != 0)
        code = mdb_env_set_mapsize(store->env, (size_t)map_bytes);
    if (code == 0)
        code = mdb_env_set_maxdbs(store->env, ASL_LMDB_TABLES + 1);
    if (code == 0)
        code = mdb_env_set_maxreaders(store->env, READERS_MAX);
    if (code == 0)
        code = mdb_env_set_userctx(store->env, store);
    if (code == 0)
        code = mdb_env_open(store->env, store->path, flags, FILE_MODE);
    if (code != 0)
        return refuse_open(store, code, map_bytes, error);
    int status = close_on_exec(store, ret_fd, error);
    int dead = 0;
    if (status == ASL_OK)
        asl_lmdb_find_map(&store->map, *ret_fd);
    if (status == ASL_OK && (code = mdb_reader_check(store->env, &dead)) != 0)
        status = asl_lmdb_error(store, code, "clear the dead readers of", error);
    return status == ASL_OK ? check_data_file(store, *ret_fd, error) : status;
}

/* Opens the table `meta` and says whether this is a store at all. */
static int read_format(asl_lmdb_store *store, MDB_txn *txn, bool *ret_is_new, asl_error **error)
{
    MDB_dbi *meta = &store->tables[ASL_LMDB_META];
    MDB_val row;
    asl_lmdb_key key;
    asl_lmdb_key_text(&key, "format");
    int code = mdb_dbi_open(txn, asl_lmdb_table_name(ASL_LMDB_META), 0, meta);
    *ret_is_new = code == MDB_NOTFOUND;
    if (code == MDB_NOTFOUND) {
        MDB_dbi all;
        MDB_stat entries = {0};
        code = mdb_dbi_open(txn, NULL, 0, &all);
        if (code == 0)
            code = mdb_stat(txn, all, &entries);
        if (code == 0 && entries.ms_entries > 0)
            return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error,
                                   "data.mdb is the LMDB file of another program");
        return code == 0 ? ASL_OK : asl_lmdb_error(store, code, "open", error);
    }
    if (code != 0)
        return asl_lmdb_error(store, code, "open", error);
    int status = asl_lmdb_get(store, txn, ASL_LMDB_META, &key, &row);
    if (status != ASL_OK || row.mv_size != 4)
        return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error, "its format is not readable");
    asl_cursor cursor;
    asl_cursor_init(&cursor, row.mv_data, row.mv_size);
    uint32_t format = asl_cursor_u32(&cursor);
    if (format >= 1 && format <= ASL_STORE_FORMAT) {
        store->format = format;
        return ASL_OK;
    }
    return asl_error_set(error, ASL_STORE_NEWER,
                         "the store %s has format %u, and this library knows formats up to %u: use "
                         "the newer version that wrote it",
                         store->path, format, ASL_STORE_FORMAT);
}

static int open_tables(asl_lmdb_store *store, MDB_txn *txn, bool is_new, asl_error **error)
{
    for (unsigned i = 0; i < ASL_LMDB_TABLES; i++) {
        bool is_added = i == ASL_LMDB_PASSIVE && store->format == 1;
        if (is_added && store->base.read_only)
            continue;
        int code = mdb_dbi_open(txn, asl_lmdb_table_name((asl_lmdb_table)i),
                                is_new || is_added ? MDB_CREATE : 0, &store->tables[i]);
        if (code == MDB_NOTFOUND)
            return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error, "the table `%s` is missing",
                                   asl_lmdb_table_name((asl_lmdb_table)i));
        if (code != 0)
            return asl_lmdb_error(store, code, "open", error);
    }
    return ASL_OK;
}

static int put_meta(asl_lmdb_store *store, MDB_txn *txn, const char *name, const void *row,
                    size_t size)
{
    asl_lmdb_key key;
    asl_lmdb_key_text(&key, name);
    return asl_lmdb_put(store, txn, ASL_LMDB_META, &key, row, size, "", 0, 0);
}

static int put_format(asl_lmdb_store *store, MDB_txn *txn)
{
    const unsigned char format[4] = {ASL_STORE_FORMAT};
    store->format = ASL_STORE_FORMAT;
    return put_meta(store, txn, "format", format, sizeof format);
}

/* A store of an older version becomes one of this. Libraries that do not know it must not write:
 * they would not see who is passive. */
static int migrate(asl_lmdb_store *store, MDB_txn *txn, asl_error **error)
{
    if (store->format == ASL_STORE_FORMAT || store->base.read_only)
        return ASL_OK;
    int code = put_format(store, txn);
    if (code == 0)
        code = asl_lmdb_put_checkpoint(store, txn, store->next.lsn);
    return code == 0 ? ASL_OK : asl_lmdb_error(store, code, "bring up to date", error);
}

/* The rows that every store has. */
static int make_meta(asl_lmdb_store *store, MDB_txn *txn, asl_error **error)
{
    int failed = asl_random_system(store->base.secret, sizeof store->base.secret);
    if (failed != 0)
        return asl_lmdb_error(store, -failed, "draw a secret for", error);
    asl_cleanup(asl_buffer_done) asl_buffer next;
    asl_buffer_init(&next, store->base.heap);
    store->next = (asl_next_row){.lsn = 1, .number = 1, .definition = 1, .machine = 1};
    asl_next_row_encode(&next, &store->next);
    if (next.status != ASL_OK)
        return asl_error_set(error, next.status, "out of memory");
    int code = put_format(store, txn);
    if (code == 0)
        code = put_meta(store, txn, "secret", store->base.secret, sizeof store->base.secret);
    if (code == 0)
        code = put_meta(store, txn, "next", next.bytes, next.size);
    if (code == 0)
        code = asl_lmdb_put_checkpoint(store, txn, store->next.lsn);
    return code == 0 ? ASL_OK : asl_lmdb_error(store, code, "create", error);
}

static int read_meta(asl_lmdb_store *store, MDB_txn *txn, asl_error **error)
{
    MDB_val row;
    asl_lmdb_key key;
    asl_lmdb_key_text(&key, "secret");
    int status = asl_lmdb_get(store, txn, ASL_LMDB_META, &key, &row);
    if (status != ASL_OK || row.mv_size != sizeof store->base.secret)
        return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error, "its secret is not readable");
    memcpy(store->base.secret, row.mv_data, sizeof store->base.secret);
    asl_lmdb_key_text(&key, "next");
    status = asl_lmdb_get(store, txn, ASL_LMDB_META, &key, &row);
    if (status == ASL_OK)
        status = asl_next_row_decode(&row, &store->next);
    if (status != ASL_OK)
        return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error, "its counters are not readable");
    return ASL_OK;
}

static int read_durability(asl_lmdb_store *store, MDB_txn *txn, asl_error **error)
{
    MDB_val row;
    asl_lmdb_key key;
    asl_lmdb_key_text(&key, "durability");
    int status = asl_lmdb_get(store, txn, ASL_LMDB_META, &key, &row);
    if (status == ASL_NOT_FOUND)
        return ASL_OK;
    unsigned char stored = 0;
    if (status == ASL_OK && row.mv_size == 1)
        stored = *(unsigned char *)row.mv_data;
    if (stored != ASL_DURABILITY_FULL + 1 && stored != ASL_DURABILITY_RELAXED + 1)
        return asl_lmdb_damage(store, ASL_STORE_CORRUPT, error, "its durability is not readable");
    store->base.durability = (asl_durability)(stored - 1);
    return ASL_OK;
}

/* Readers learn from the store how its writer makes commits durable. */
static int note_durability(asl_lmdb_store *store, MDB_txn *txn, asl_error **error)
{
    asl_durability own = store->base.durability;
    store->base.durability = ASL_DURABILITY_FULL;
    int status = read_durability(store, txn, error);
    if (status != ASL_OK || store->base.read_only || store->base.durability == own)
        return status;
    store->base.durability = own;
    const unsigned char row[] = {(unsigned char)(own + 1)};
    int code = put_meta(store, txn, "durability", row, sizeof row);
    return code == 0 ? ASL_OK : asl_lmdb_error(store, code, "open", error);
}

static int load(asl_lmdb_store *store, MDB_txn *txn, bool *is_new, asl_error **error)
{
    int status = read_format(store, txn, is_new, error);
    if (status == ASL_OK && *is_new && store->base.read_only)
        return asl_error_set(error, ASL_NOT_FOUND, "there is no store in %s yet", store->path);
    if (status == ASL_OK)
        status = open_tables(store, txn, *is_new, error);
    if (status == ASL_OK)
        status = *is_new ? make_meta(store, txn, error) : read_meta(store, txn, error);
    if (status == ASL_OK)
        status = migrate(store, txn, error);
    return status == ASL_OK ? note_durability(store, txn, error) : status;
}

/* One transaction opens the tables; in a new store it makes them. */
static int load_or_make(asl_lmdb_store *store, bool may_write, bool *ret_is_new, asl_error **error)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(store->env, NULL, may_write ? 0 : MDB_RDONLY, &txn);
    if (code != 0)
        return asl_lmdb_error(store, code, "read", error);
    int status = load(store, txn, ret_is_new, error);
    if (status != ASL_OK) {
        mdb_txn_abort(txn);
        return status;
    }
    code = mdb_txn_commit(txn);
    return code == 0 ? ASL_OK : asl_lmdb_error(store, code, "open", error);
}

static bool has_data(const asl_folder *folder)
{
    struct stat data;
    return fstatat(folder->folder_fd, "data.mdb", &data, AT_SYMLINK_NOFOLLOW) == 0 &&
           data.st_size > 0;
}

static int open_all(asl_lmdb_store *store, const asl_store_options *options, asl_error **error)
{
    int data_fd = -1;
    bool is_new = false;
    int status = asl_folder_open(options, &store->folder, error);
    if (status == ASL_OK)
        status = asl_registry_add(store, error);
    if (status != ASL_OK)
        return status;
    if (store->base.read_only && !has_data(&store->folder))
        return asl_error_set(error, ASL_NOT_FOUND, "there is no store in %s", store->path);
    if (!store->base.read_only)
        status = asl_folder_begin_anew(&store->folder, store->path, error);
    if (status == ASL_OK)
        status = open_environment(store, options, &data_fd, error);
    if (status == ASL_OK && !store->base.read_only)
        status = asl_folder_sync(&store->folder, store->path, data_fd, error);
    if (status == ASL_OK)
        status = load_or_make(store, !store->base.read_only, &is_new, error);
    if (status == ASL_OK && !store->base.read_only)
        status = asl_lmdb_load_tail(store, error);
    if (status == ASL_OK && asl_buffer_reserve(&store->head_row, ASL_HEAD_ROW_BYTES_MAX) != ASL_OK)
        status = asl_error_set(error, ASL_NOMEM, "out of memory");
    if (status != ASL_OK)
        return status;
    store->is_loaded = true;
    store->base.clock = (asl_store_clock){.next_number = store->next.number,
                                          .real_ms = store->next.real_ms,
                                          .engine_ms = store->next.engine_ms};
    store->base.real_ms = store->next.real_ms;
    store->base.engine_ms = store->next.engine_ms;
    return ASL_OK;
}

int asl_lmdb_store_open(const asl_store_options *options, asl_store **ret_store, asl_error **error)
{
    asl_lmdb_store *store = new_store(options);
    if (store == NULL)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    int status = open_all(store, options, error);
    if (status != ASL_OK) {
        close_store(&store->base);
        return status;
    }
    *ret_store = &store->base;
    return ASL_OK;
}
