/* A disk by what its writes have replaced; clocks, timers and random numbers of the world's own. */
#undef _FILE_OFFSET_BITS /* with it, one of pwrite and pwrite64 is the other, */
#undef _FORTIFY_SOURCE   /* and with it read is the header's */
#include "system.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SECTOR 512u
#define FDS_MAX 1024
#define START_MS INT64_C(1700000000000)
#define SEEN __attribute__((visibility("default"))) /* by LMDB */

/* What a write that is not flushed has replaced. */
typedef struct undo {
    uint64_t offset;
    size_t size;
    unsigned char *bytes;
} undo;

typedef enum file_kind { UNKNOWN, OTHER, DATA, DATA_DSYNC } file_kind;

/* A timerfd on the wall clock, by an eventfd that is readable when it has rung. */
typedef struct alarm_state {
    int64_t due_ms;    /* 0: not set */
    bool hears_steps;  /* and not only rings */
    bool is_cancelled; /* the wall has stepped, and nobody was told yet */
} alarm_state;

static struct {
    uint64_t random, system_random;
    char data_path[4096];
    file_kind kinds[FDS_MAX];
    alarm_state alarms[FDS_MAX];
    undo *undos; /* in the order of the writes */
    size_t undo_count, undo_capacity;
    uint64_t calls_left; /* until calls fail */
    unsigned failures_left;
    int error;
    int64_t now_ms, monotonic_us, passed_ms;
    bool ignores_flush;
} self;

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15); /* SplitMix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t system_draw(void)
{
    return next(&self.random);
}

bool system_chance(unsigned count)
{
    return system_draw() % count == 0;
}

static void forget_undos(void)
{
    for (size_t i = 0; i < self.undo_count; i++)
        free(self.undos[i].bytes);
    self.undo_count = 0;
}

void system_begin(uint64_t seed, const char *folder, bool ignores_flush)
{
    forget_undos();
    self.random = seed;
    self.system_random = ~seed;
    self.now_ms = START_MS;
    self.monotonic_us = 1000000;
    self.passed_ms = 0;
    self.failures_left = 0;
    self.ignores_flush = ignores_flush;
    snprintf(self.data_path, sizeof self.data_path, "%s/data.mdb", folder);
}

void system_fail(unsigned after, unsigned times, int error)
{
    self.calls_left = after;
    self.failures_left = times;
    self.error = error;
}

void system_kill(void)
{
    self.failures_left = 0;
}

typedef ssize_t pwrite_function(int, const void *, size_t, off_t);

static pwrite_function *real_pwrite(void)
{
    pwrite_function *real;
    *(void **)&real = dlsym(RTLD_NEXT, "pwrite");
    return real;
}

/* One cut loses nothing, everything, or every other sector. */
static bool is_lost(uint64_t cut, uint64_t offset)
{
    uint64_t mixed = (offset / SECTOR + cut) * UINT64_C(0x9E3779B97F4A7C15);
    return cut % 4 == 0 ? false : cut % 4 == 1 ? true : mixed >> 63 == 0;
}

/* Puts back what the lost ones of these sectors had. A sector is lost as a whole: all that was
 * written to it since the flush. */
void system_cut_power(void)
{
    int fd = open(self.data_path, O_WRONLY | O_CLOEXEC);
    uint64_t cut = system_draw();
    self.failures_left = 0;
    for (size_t i = self.undo_count; fd >= 0 && i-- > 0;) {
        const undo *one = &self.undos[i];
        for (size_t at = 0; at < one->size; at += SECTOR) {
            size_t size = one->size - at < SECTOR ? one->size - at : SECTOR;
            if (is_lost(cut, one->offset + at) &&
                real_pwrite()(fd, one->bytes + at, size, (off_t)(one->offset + at)) !=
                    (ssize_t)size)
                abort();
        }
    }
    if (fd >= 0)
        close(fd);
    forget_undos();
}

static file_kind kind_of(int fd)
{
    char link[64], path[4096];
    if (fd < 0 || fd >= FDS_MAX)
        return OTHER;
    if (self.kinds[fd] != UNKNOWN)
        return self.kinds[fd];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    self.kinds[fd] = OTHER;
    if (strcmp(path, self.data_path) == 0)
        self.kinds[fd] = fcntl(fd, F_GETFL) & O_DSYNC ? DATA_DSYNC : DATA;
    return self.kinds[fd];
}

static bool fails(void)
{
    if (self.failures_left == 0)
        return false;
    if (self.calls_left > 0) {
        self.calls_left--;
        return false;
    }
    self.failures_left--;
    errno = self.error;
    return true;
}

static void remember(size_t size, off_t offset)
{
    int fd = open(self.data_path, O_RDONLY | O_CLOEXEC); /* LMDB's may be for writing alone */
    if (self.undo_count == self.undo_capacity) {
        self.undo_capacity = self.undo_capacity * 2 + 64;
        self.undos = realloc(self.undos, self.undo_capacity * sizeof *self.undos);
    }
    unsigned char *bytes = calloc(1, size);
    if (!self.undos || !bytes || pread(fd, bytes, size, offset) < 0)
        abort();
    close(fd);
    self.undos[self.undo_count++] = (undo){(uint64_t)offset, size, bytes};
}

/* A write of LMDB's meta page by a descriptor with O_DSYNC is durable by itself. */
static ssize_t write_at(int fd, const void *bytes, size_t size, off_t offset)
{
    file_kind kind = kind_of(fd);
    if (kind != OTHER && fails())
        return -1;
    if (kind == DATA || (kind == DATA_DSYNC && self.ignores_flush))
        remember(size, offset);
    return real_pwrite()(fd, bytes, size, offset);
}

SEEN ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_at(fd, bytes, size, offset);
}

SEEN ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_at(fd, bytes, size, offset);
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
        ssize_t one = write_at(fd, parts[i].iov_base, parts[i].iov_len, offset);
        if (one < 0)
            return written > 0 ? written : -1;
        written += one;
        lseek(fd, offset + one, SEEK_SET);
    }
    return written;
}

/* The real disk is spared: the process does not end with its world. */
static int flush(int fd)
{
    if (kind_of(fd) == OTHER)
        return 0;
    if (fails())
        return -1;
    if (!self.ignores_flush)
        forget_undos();
    return 0;
}

SEEN int fdatasync(int fd)
{
    return flush(fd);
}

SEEN int fsync(int fd)
{
    return flush(fd);
}

SEEN int close(int fd)
{
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd < FDS_MAX) {
        self.kinds[fd] = UNKNOWN;
        self.alarms[fd] = (alarm_state){0};
    }
    return real(fd);
}

static void ring(int fd)
{
    const uint64_t one = 1;
    if (write(fd, &one, sizeof one) != sizeof one)
        abort();
}

static void ring_alarms(bool has_stepped)
{
    for (int fd = 0; fd < FDS_MAX; fd++) {
        alarm_state *one = &self.alarms[fd];
        bool is_due = one->due_ms != 0 && one->due_ms <= self.now_ms;
        bool is_cancelled = one->hears_steps && has_stepped;
        one->is_cancelled |= is_cancelled;
        if (is_due)
            one->due_ms = 0;
        if (is_due || is_cancelled)
            ring(fd);
    }
}

SEEN int timerfd_create(clockid_t id, int flags)
{
    if (id != CLOCK_REALTIME)
        abort();
    int fd = eventfd(0, (flags & TFD_NONBLOCK ? EFD_NONBLOCK : 0) | EFD_CLOEXEC);
    if (fd >= FDS_MAX)
        abort();
    return fd;
}

static ssize_t read_now(int fd, void *bytes, size_t size)
{
    ssize_t (*real)(int, void *, size_t);
    *(void **)&real = dlsym(RTLD_NEXT, "read");
    return real(fd, bytes, size);
}

/* As the kernel does: what was cancelled says so once, and is set all the same. */
static int tell_cancelled(alarm_state *one)
{
    if (!one->is_cancelled)
        return 0;
    one->is_cancelled = false;
    errno = ECANCELED;
    return -1;
}

SEEN int timerfd_settime(int fd, int flags, const struct itimerspec *new_time,
                         struct itimerspec *old_time)
{
    alarm_state *one = &self.alarms[fd];
    uint64_t count;
    if (old_time || !(flags & TFD_TIMER_ABSTIME))
        abort();
    if (read_now(fd, &count, sizeof count) < 0 && errno != EAGAIN)
        abort();
    one->due_ms = (int64_t)new_time->it_value.tv_sec * 1000 + new_time->it_value.tv_nsec / 1000000;
#ifndef SYSTEM_IS_DEAF /* the control: nobody hears that the wall has stepped */
    one->hears_steps = (flags & TFD_TIMER_CANCEL_ON_SET) != 0;
#endif
    ring_alarms(false);
    return tell_cancelled(one);
}

SEEN ssize_t read(int fd, void *bytes, size_t size)
{
    ssize_t result = read_now(fd, bytes, size);
    bool is_alarm = fd >= 0 && fd < FDS_MAX && self.alarms[fd].is_cancelled;
    return is_alarm ? tell_cancelled(&self.alarms[fd]) : result;
}

int64_t system_now_ms(void)
{
    return self.now_ms;
}

void system_pass(int64_t ms)
{
    self.now_ms += ms;
    self.monotonic_us += ms * 1000;
    self.passed_ms += ms;
    ring_alarms(false);
}

int64_t system_passed_ms(void)
{
    return self.passed_ms;
}

void system_step(int64_t ms)
{
    self.now_ms += ms;
    ring_alarms(true);
}

SEEN int clock_gettime(clockid_t id, struct timespec *ret_time)
{
    bool is_wall = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
    int64_t us = is_wall ? self.now_ms * 1000 : self.monotonic_us++;
    *ret_time = (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    return 0;
}

/* Not the world's numbers: what a process draws once, for all its worlds, must not move them. */
SEEN ssize_t getrandom(void *bytes, size_t size, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)next(&self.system_random);
    return (ssize_t)size;
}
