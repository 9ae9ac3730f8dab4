/* Preloaded into a process, it makes its disk full while the file FULL_FLAG is there: what would
 * make a regular file larger fails with ENOSPC. What has its room already can be written.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t plain_pwrite(int fd, const void *bytes, size_t size, off_t place) __asm__("pwrite");
EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t place);
EXPORT ssize_t writev(int fd, const struct iovec *parts, int count);

static bool is_full(int fd, off64_t place)
{
    const char *flag = getenv("FULL_FLAG");
    struct stat found;
    return flag != NULL && access(flag, F_OK) == 0 && fstat(fd, &found) == 0 &&
           S_ISREG(found.st_mode) && place >= found.st_size;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t place)
{
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
    if (!is_full(fd, place))
        return next(fd, bytes, size, place);
    errno = ENOSPC;
    return -1;
}

ssize_t plain_pwrite(int fd, const void *bytes, size_t size, off_t place)
{
    return pwrite64(fd, bytes, size, place);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    static ssize_t (*next)(int, const struct iovec *, int);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "writev");
    if (!is_full(fd, lseek(fd, 0, SEEK_CUR)))
        return next(fd, parts, count);
    errno = ENOSPC;
    return -1;
}
