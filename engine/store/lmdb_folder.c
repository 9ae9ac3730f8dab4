/* The folder of a store: who may open it, and that it is safe to keep a store in.
 *
 * One process writes: it holds an flock on the file `owner`, which a crash lets go of by itself.
 * Others must not be able to exchange what is in the folder, so it belongs to nobody but the user
 * who writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "store/lmdb_store.h"

#define PAGE_BYTES 4096u
#define PAGE_HEAD_BYTES 16u
#define META_LAST_PAGE 136u /* in a meta page: the number of the last page, u64 */
#define META_PAGES 2u
#define SECTOR_BYTES 512u

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static int system_error(asl_error **error, const char *what, const char *path)
{
    int code = errno;
    int status = asl_lmdb_status(code);
    return asl_error_set(error, status == ASL_STORE_FULL || status == ASL_NOMEM ? status : ASL_IO,
                         "cannot %s %s: %s", what, path, strerror(code));
}

bool asl_folder_is_network(uint64_t type)
{
    static const uint64_t types[] = {
        0x6969,     /* NFS */
        0x517B,     /* SMB */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB 2 */
        0x01021997, /* 9P */
        0x00C36400, /* Ceph */
        0x5346414F, /* AFS */
        0x6B414653, /* kAFS */
        0x73757245, /* Coda */
        0x564C,     /* NCP */
        0x0BD00BD0, /* Lustre */
        0x47504653, /* GPFS */
        0x01161970, /* GFS2 */
        0x7461636F, /* OCFS2 */
        0x786F4256, /* VirtualBox's shared folders */
        0xAAD7AAEA, /* PanFS */
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (type == types[i])
            return true;
    return false;
}

static int sync_descriptor(int descriptor, const char *path, asl_error **error)
{
    if (fsync(descriptor) == 0)
        return ASL_OK;
    return system_error(error, "make durable", path);
}

/* What it stands in need not be ours to make durable where we may not list it. */
int asl_folder_sync_entry(int folder_fd, const char *path, asl_error **error)
{
    int parent = openat(folder_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return errno == EACCES ? ASL_OK : system_error(error, "open the folder above", path);
    int status = sync_descriptor(parent, path, error);
    close(parent);
    return status;
}

/* Makes the folders on the way to the last part of the path, each durable in its parent. */
static int make_parents(char *path, asl_error **error)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int status = ASL_OK;
        if (mkdir(path, 0700) == 0) {
            int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            status = fd >= 0 ? asl_folder_sync_entry(fd, path, error)
                             : system_error(error, "open", path);
            close_descriptor(&fd);
        } else if (errno != EEXIST) {
            status = system_error(error, "make the folder", path);
        }
        *slash = '/';
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

static int make_folder(const char *path, asl_error **error)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return ASL_OK;
    char way[4096];
    int size = snprintf(way, sizeof way, "%s", path);
    if (errno != ENOENT || size < 0 || (size_t)size >= sizeof way)
        return system_error(error, "make the folder", path);
    int status = make_parents(way, error);
    if (status != ASL_OK)
        return status;
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return ASL_OK;
    return system_error(error, "make the folder", path);
}

static int open_folder(const char *path, bool read_only, int *ret_fd, asl_error **error)
{
    if (!read_only) {
        int status = make_folder(path, error);
        if (status != ASL_OK)
            return status;
    }
    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_fd >= 0)
        return ASL_OK;
    if (errno == ENOENT)
        return asl_error_set(error, ASL_NOT_FOUND, "there is no store %s", path);
    if (errno == ELOOP || errno == ENOTDIR)
        return asl_error_set(
            error, ASL_IO, "%s is no folder (a store's folder must not be a symbolic link)", path);
    return system_error(error, "open", path);
}

static int check_folder(asl_folder *folder, const asl_store_options *options, asl_error **error)
{
    struct stat properties;
    struct statfs file_system;
    if (fstat(folder->folder_fd, &properties) != 0 || fstatfs(folder->folder_fd, &file_system) != 0)
        return system_error(error, "examine", options->path);
    folder->device = properties.st_dev;
    folder->inode = properties.st_ino;
    if ((properties.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return asl_error_set(error, ASL_IO,
                             "others may write in %s: `chmod 700 %s` keeps the store safe",
                             options->path, options->path);
    /* The type is a signed word here and an unsigned one there. */
    if (asl_folder_is_network((uint32_t)file_system.f_type) &&
        (options->flags & ASL_STORE_NETWORK) == 0)
        return asl_error_set(error, ASL_IO,
                             "%s is on a network file system, where a store can be damaged: choose "
                             "a local folder",
                             options->path);
    return ASL_OK;
}

static int refuse_locked(int owner_fd, const char *path, asl_error **error)
{
    char text[32] = "";
    ssize_t size = pread(owner_fd, text, sizeof text - 1, 0);
    text[size > 0 ? (size_t)size : 0] = '\0';
    text[strspn(text, "0123456789")] = '\0';
    if (strtol(text, NULL, 10) == getpid())
        return asl_error_set(error, ASL_STORE_LOCKED, "this process has the store %s open already",
                             path);
    if (text[0] == '\0')
        return asl_error_set(error, ASL_STORE_LOCKED, "another process uses the store %s", path);
    return asl_error_set(error, ASL_STORE_LOCKED, "process %s uses the store %s", text, path);
}

static int lock_owner(asl_folder *folder, const char *path, asl_error **error)
{
    folder->owner_fd =
        openat(folder->folder_fd, "owner", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (folder->owner_fd < 0)
        return system_error(error, "open the file `owner` in", path);
    if (flock(folder->owner_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return refuse_locked(folder->owner_fd, path, error);
        return system_error(error, "lock the file `owner` in", path);
    }
    char text[32];
    int size = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    /* For people only: the lock is what counts, so a full disk does not keep the owner out. */
    if (ftruncate(folder->owner_fd, 0) == 0 &&
        pwrite(folder->owner_fd, text, (size_t)size, 0) != size)
        errno = 0;
    return ASL_OK;
}

int asl_folder_open(const asl_store_options *options, asl_folder *ret_folder, asl_error **error)
{
    bool read_only = (options->flags & ASL_STORE_READ_ONLY) != 0;
    asl_cleanup(asl_folder_close) asl_folder folder = {.folder_fd = -1, .owner_fd = -1};
    int status = open_folder(options->path, read_only, &folder.folder_fd, error);
    if (status == ASL_OK)
        status = check_folder(&folder, options, error);
    if (status == ASL_OK && !read_only)
        status = lock_owner(&folder, options->path, error);
    if (status != ASL_OK)
        return status;
    *ret_folder = folder;
    folder = (asl_folder){.folder_fd = -1, .owner_fd = -1};
    return ASL_OK;
}

/* The first sector of a meta page that speaks of no page but the two of its kind: it is the one
 * that LMDB begins a file with. */
static bool is_first_meta(const unsigned char *sector, size_t size)
{
    static const uint32_t magic = 0xBEEFC0DEu; /* LMDB's, behind the head of the page */
    uint64_t last_page;
    if (size < META_LAST_PAGE + sizeof last_page)
        return false;
    memcpy(&last_page, sector + META_LAST_PAGE, sizeof last_page);
    return memcmp(sector + PAGE_HEAD_BYTES, &magic, sizeof magic) == 0 && last_page < META_PAGES;
}

/* Whether a sector holds nothing yet, or is the first one of a meta page. */
static bool is_untouched(const unsigned char *sector, bool is_first, size_t size)
{
    bool is_zero = true;
    for (size_t i = 0; i < size; i++)
        is_zero &= sector[i] == 0;
    return is_zero || (is_first && is_first_meta(sector, size));
}

/* What of the first two pages was on the disk when the power was cut, before anything was flushed:
 * LMDB takes it for no file of its own, and there was no store yet. */
static bool is_unfinished(int data_fd)
{
    unsigned char bytes[META_PAGES * PAGE_BYTES + 1];
    ssize_t size = pread(data_fd, bytes, sizeof bytes, 0);
    if (size <= 0 || (size_t)size == sizeof bytes)
        return false;
    bool is_whole = (size_t)size == META_PAGES * PAGE_BYTES;
    for (size_t at = 0; at < (size_t)size; at += SECTOR_BYTES) {
        size_t part = (size_t)size - at < SECTOR_BYTES ? (size_t)size - at : SECTOR_BYTES;
        bool is_first = at % PAGE_BYTES == 0;
        if (!is_untouched(bytes + at, is_first, part))
            return false;
        is_whole &= !is_first || bytes[at + PAGE_HEAD_BYTES] != 0;
    }
    return !is_whole;
}

int asl_folder_begin_anew(const asl_folder *folder, const char *path, asl_error **error)
{
    asl_cleanup(close_descriptor) int fd =
        openat(folder->folder_fd, "data.mdb", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && is_unfinished(fd) && ftruncate(fd, 0) != 0)
        return asl_error_set(error, ASL_IO, "cannot write to the store %s: %s", path,
                             strerror(errno));
    return ASL_OK;
}

void asl_folder_close(asl_folder *folder)
{
    close_descriptor(&folder->owner_fd);
    close_descriptor(&folder->folder_fd);
}

int asl_folder_sync(const asl_folder *folder, const char *path, int data_fd, asl_error **error)
{
    int status = sync_descriptor(data_fd, path, error);
    if (status == ASL_OK)
        status = sync_descriptor(folder->folder_fd, path, error);
    return status == ASL_OK ? asl_folder_sync_entry(folder->folder_fd, path, error) : status;
}
