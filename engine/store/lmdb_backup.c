/* Copies of a store: LMDB writes the pages that are in use, one after another, from one read
 * transaction. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "store/lmdb_store.h"

#define COMPACT_NAME "data.mdb.compact"
#define DATA_NAME "data.mdb"

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int refuse(const asl_lmdb_store *store, int code, const char *folder, asl_error **error)
{
    if (code == EEXIST || code == ENOTEMPTY)
        return asl_error_set(error, ASL_EXISTS, "there is something in %s already", folder);
    int status = asl_lmdb_status(code);
    return asl_error_set(error, status, "cannot copy the store %s to %s: %s", store->path, folder,
                         mdb_strerror(code));
}

/* Writes a copy into a new file of a folder, durable. A file that did not become whole is taken
 * away. An errno or an LMDB code. */
static int write_copy(const asl_lmdb_store *store, int folder_fd, const char *name)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    int code = mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT);
    if (code == 0 && fsync(fd) != 0)
        code = errno;
    if (close(fd) != 0 && code == 0)
        code = errno;
    if (code == 0 && fsync(folder_fd) != 0)
        code = errno;
    if (code != 0)
        unlinkat(folder_fd, name, 0);
    return code;
}

int asl_lmdb_backup(asl_store *base, const char *folder, asl_error **error)
{
    asl_lmdb_store *store = (asl_lmdb_store *)base;
    asl_cleanup(close_fd) int folder_fd = -1;
    bool is_new = mkdir(folder, 0700) == 0;
    if (!is_new && errno != EEXIST)
        return refuse(store, errno, folder, error);
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return refuse(store, errno, folder, error);
    int code = write_copy(store, folder_fd, DATA_NAME);
    if (code != 0 && is_new)
        rmdir(folder);
    if (code != 0)
        return refuse(store, code, folder, error);
    return is_new ? asl_folder_sync_entry(folder_fd, folder, error) : ASL_OK;
}

/* The copy takes the place of the file in one step. Whoever opened the old one has it still, until
 * they close it. */
static int replace(const asl_lmdb_store *store, int folder_fd)
{
    unlinkat(folder_fd, COMPACT_NAME, 0); /* of a process that ended in the middle */
    int code = write_copy(store, folder_fd, COMPACT_NAME);
    if (code == 0 && renameat(folder_fd, COMPACT_NAME, folder_fd, DATA_NAME) != 0) {
        code = errno;
        unlinkat(folder_fd, COMPACT_NAME, 0);
    }
    if (code == 0 && fsync(folder_fd) != 0)
        code = errno;
    return code;
}

int asl_lmdb_store_compact(const asl_store_options *options, asl_error **error)
{
    asl_store *base = NULL;
    int status = asl_lmdb_store_open(options, &base, error);
    if (status != ASL_OK)
        return status;
    asl_lmdb_store *store = (asl_lmdb_store *)base;
    asl_lmdb_checkpoint_all(store);
    int code = replace(store, store->folder.folder_fd);
    if (code != 0)
        status = refuse(store, code, store->path, error);
    asl_store_close(base);
    return status;
}
