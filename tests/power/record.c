/* Takes the place of pwrite, writev, fdatasync and fsync. A file is looked at when it is written to
 * first; what is no data.mdb passes through. */
#undef _FILE_OFFSET_BITS /* with it, one of pwrite and pwrite64 is the other */
#include "record.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS_MAX 256
#define SECTOR 512u
#define SEEN __attribute__((visibility("default"))) /* by LMDB */

typedef enum file_kind { UNKNOWN, OTHER, DATA, DATA_DSYNC } file_kind;

static file_kind kinds[FDS_MAX];
static int log_fd = -2; /* not looked for yet */
static uint64_t count, stop_at, times_left = 1;
static char how[16];

static void begin(void)
{
    if (log_fd != -2)
        return;
    const char *path = getenv("POWER_LOG"), *stop = getenv("POWER_STOP");
    const char *wanted = getenv("POWER_HOW"), *times = getenv("POWER_TIMES");
    log_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    stop_at = stop ? strtoull(stop, NULL, 10) : 0;
    times_left = times ? strtoull(times, NULL, 10) : 1;
    snprintf(how, sizeof how, "%s", wanted ? wanted : "kill");
}

static file_kind kind_of(int fd)
{
    char link[64], path[4096];
    if (fd < 0 || fd >= FDS_MAX)
        return OTHER;
    if (kinds[fd] != UNKNOWN)
        return kinds[fd];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    const char *name = strrchr(path, '/');
    kinds[fd] = OTHER;
    if (name && strcmp(name, "/data.mdb") == 0)
        kinds[fd] = fcntl(fd, F_GETFL) & O_DSYNC ? DATA_DSYNC : DATA;
    return kinds[fd];
}

static void append(record_kind kind, const void *bytes, size_t size, uint64_t offset)
{
    const record_event event = {(uint32_t)kind, (uint32_t)size, offset};
    const struct iovec parts[] = {{(void *)(uintptr_t)&event, sizeof event},
                                  {(void *)(uintptr_t)bytes, size}};
    ssize_t (*real)(int, const struct iovec *, int);
    *(void **)&real = dlsym(RTLD_NEXT, "writev");
    if (log_fd >= 0 && real(log_fd, parts, 2) != (ssize_t)(sizeof event + size))
        abort();
}

void record_note(const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    begin();
    append(RECORD_NOTE, text, (size_t)size, 0);
}

uint64_t record_count(void)
{
    return count;
}

/* Counts an event. True where it fails, with errno; "torn" is the caller's. */
static bool stops(bool *ret_is_torn)
{
    begin();
    *ret_is_torn = false;
    count++;
    if (stop_at == 0 || count < stop_at || times_left == 0)
        return false;
    if (strcmp(how, "kill") == 0)
        kill(getpid(), SIGKILL);
    *ret_is_torn = strcmp(how, "torn") == 0;
    if (*ret_is_torn)
        return false;
    times_left--;
    errno = strcmp(how, "EIO") == 0 ? EIO : ENOSPC;
    return true;
}

typedef ssize_t pwrite_function(int, const void *, size_t, off_t);

static ssize_t write_at(int fd, const void *bytes, size_t size, off_t offset, const char *name)
{
    pwrite_function *real;
    *(void **)&real = dlsym(RTLD_NEXT, name);
    file_kind kind = kind_of(fd);
    bool is_torn;
    if (kind == OTHER)
        return real(fd, bytes, size, offset);
    if (stops(&is_torn))
        return -1;
    if (is_torn) {
        size_t part = size > SECTOR ? size / 2 / SECTOR * SECTOR : 0;
        if (part > 0 && real(fd, bytes, part, offset) < 0)
            abort();
        kill(getpid(), SIGKILL);
    }
    append(kind == DATA_DSYNC ? RECORD_META : RECORD_WRITE, bytes, size, (uint64_t)offset);
    return real(fd, bytes, size, offset);
}

SEEN ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_at(fd, bytes, size, offset, "pwrite");
}

SEEN ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_at(fd, bytes, size, offset, "pwrite64");
}

/* LMDB writes neighbours together, from where the file stands. */
SEEN ssize_t writev(int fd, const struct iovec *parts, int part_count)
{
    ssize_t (*real)(int, const struct iovec *, int);
    *(void **)&real = dlsym(RTLD_NEXT, "writev");
    if (kind_of(fd) == OTHER)
        return real(fd, parts, part_count);
    ssize_t written = 0;
    for (int i = 0; i < part_count; i++) {
        off_t offset = lseek(fd, 0, SEEK_CUR);
        ssize_t one = write_at(fd, parts[i].iov_base, parts[i].iov_len, offset, "pwrite");
        if (one < 0)
            return written > 0 ? written : -1;
        written += one;
        lseek(fd, offset + one, SEEK_SET);
    }
    return written;
}

static int flush(int fd, const char *name)
{
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, name);
    bool is_torn;
    if (kind_of(fd) == OTHER)
        return real(fd);
    if (stops(&is_torn))
        return -1;
    if (is_torn)
        kill(getpid(), SIGKILL);
    int result = real(fd);
    append(RECORD_FLUSH, "", 0, 0);
    return result;
}

SEEN int fdatasync(int fd)
{
    return flush(fd, "fdatasync");
}

SEEN int fsync(int fd)
{
    return flush(fd, "fsync");
}

SEEN int close(int fd)
{
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd < FDS_MAX)
        kinds[fd] = UNKNOWN;
    return real(fd);
}
