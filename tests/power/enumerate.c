/* Power cuts: at each moment of a recorded run the disk may hold any part of what was written since
 * the last flush. States of the disk are made from the record, and in each of them the store must
 * open, hold all that was acknowledged before that moment, be whole, and take more.
 *
 * usage: enumerate LOG FOLDER [--parts N] [--seed N] [--tear prefix|suffix] [--ignore-flush]
 *                  [--expect lost|bad]
 *        enumerate LOG FOLDER --check
 *   LOG     as record.c writes it
 *   FOLDER  where states are made, on a file system in memory best
 *
 * Of each moment: nothing of what is not flushed, all of it, and N times (3) parts by sectors of
 * 512 bytes; of a write of LMDB's meta page its first bytes alone. --tear suffix tears meta pages
 * the other way round, which no disk with sectors does, and --ignore-flush takes flushes for
 * nothing: controls, which --expect must see fail.
 *
 * With --check the folder is a store that the recorded program has left, and is looked at as it is.
 */
#include <asl/asl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "record.h"

#define SECTOR 512u

typedef struct event {
    record_event head;
    const unsigned char *bytes;
} event;

typedef struct run {
    const char *folder;
    event *events;
    size_t event_count;
    unsigned char *disk; /* what is flushed */
    size_t disk_size, disk_capacity;
    size_t first_pending; /* the first event behind the last flush */
    uint64_t random;
    size_t parts; /* random ones of each moment */
    size_t made, lost, bad;
    bool tears_suffix, ignores_flush;
} run;

static void *allocate(void *old, size_t size)
{
    void *memory = realloc(old, size > 0 ? size : 1);
    if (!memory) {
        perror("enumerate");
        exit(1);
    }
    return memory;
}

static uint64_t draw(run *self)
{
    self->random = self->random * 6364136223846793005u + 1442695040888963407u;
    return self->random >> 33;
}

static void read_log(run *self, const char *path)
{
    FILE *stream = fopen(path, "rb");
    record_event head;
    size_t capacity = 0;
    if (!stream) {
        perror(path);
        exit(1);
    }
    while (fread(&head, sizeof head, 1, stream) == 1) {
        if (self->event_count == capacity) {
            capacity = capacity * 2 + 64;
            self->events = allocate(self->events, capacity * sizeof *self->events);
        }
        unsigned char *bytes = allocate(NULL, head.size);
        if (head.size > 0 && fread(bytes, 1, head.size, stream) != head.size)
            break;
        self->events[self->event_count++] = (event){head, bytes};
    }
    fclose(stream);
}

/* Puts bytes on a disk, which grows. */
static void put(unsigned char **disk, size_t *size, size_t *capacity, const unsigned char *bytes,
                size_t count, uint64_t offset)
{
    if (offset + count > *capacity) {
        *capacity = (offset + count) * 2;
        *disk = allocate(*disk, *capacity);
    }
    if (offset > *size)
        memset(*disk + *size, 0, offset - *size);
    memcpy(*disk + offset, bytes, count);
    if (offset + count > *size)
        *size = offset + count;
}

static void write_file(const run *self, const unsigned char *disk, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/lock.mdb", self->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/owner", self->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/data.mdb", self->folder);
    unlink(path);
    if (size == 0)
        return; /* there is no file yet */
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, disk, size) != (ssize_t)size || close(fd) != 0) {
        perror(path);
        exit(1);
    }
}

/* What the program had said up to an event. */
static void collect_notes(const run *self, size_t end, notes *ret_notes)
{
    *ret_notes = (notes){.count = 0};
    for (size_t i = 0; i < end; i++) {
        const event *e = &self->events[i];
        if (e->head.kind == RECORD_NOTE)
            notes_add(ret_notes, (const char *)e->bytes, e->head.size);
    }
}

/* Looks at a state in a child, which may crash. */
static void judge(run *self, const unsigned char *disk, size_t size, size_t end, const char *what)
{
    self->made++;
    write_file(self, disk, size);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        notes said;
        alarm(60);
        collect_notes(self, end, &said);
        _exit(check_store(self->folder, &said));
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        exit(1);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : CHECK_BAD;
    self->lost += code == CHECK_LOST;
    self->bad += code != 0 && code != CHECK_LOST;
    if (code != 0)
        fprintf(stderr, "event %zu, %s: %s\n", end, what,
                code == CHECK_LOST  ? "what was acknowledged is lost"
                : WIFEXITED(status) ? "not whole"
                                    : "crashed");
}

/* The disk with parts of what is pending: each sector with this chance of 256. */
static void judge_parts(run *self, size_t end, unsigned chance, const char *what)
{
    size_t size = self->disk_size, capacity = size + 1;
    unsigned char *disk = allocate(NULL, capacity);
    memcpy(disk, self->disk, size);
    for (size_t i = self->first_pending; i < end; i++) {
        const event *e = &self->events[i];
        bool is_pending = e->head.kind == RECORD_WRITE;
        for (size_t at = 0; is_pending && at < e->head.size; at += SECTOR) {
            size_t part = e->head.size - at < SECTOR ? e->head.size - at : SECTOR;
            if (draw(self) % 256 < chance)
                put(&disk, &size, &capacity, e->bytes + at, part, e->head.offset + at);
        }
    }
    judge(self, disk, size, end, what);
    free(disk);
}

/* The meta page in the middle of its write. */
static void judge_torn_meta(run *self, size_t index)
{
    const event *e = &self->events[index];
    size_t size = self->disk_size, capacity = size + 1;
    unsigned char *disk = allocate(NULL, capacity);
    size_t part = 4 + draw(self) % (e->head.size / 4 - 1) * 4;
    memcpy(disk, self->disk, size);
    if (self->tears_suffix)
        put(&disk, &size, &capacity, e->bytes + part, e->head.size - part, e->head.offset + part);
    else
        put(&disk, &size, &capacity, e->bytes, part, e->head.offset);
    judge(self, disk, size, index, "torn meta page");
    free(disk);
}

static void apply(run *self, const event *e)
{
    put(&self->disk, &self->disk_size, &self->disk_capacity, e->bytes, e->head.size,
        e->head.offset);
}

/* The moment behind an event, or in the middle of the next one. */
static void judge_moment(run *self, size_t end)
{
    if (end < self->event_count && self->events[end].head.kind == RECORD_META &&
        self->events[end].head.size >= 16)
        judge_torn_meta(self, end);
    judge_parts(self, end, 0, "nothing that is not flushed");
    judge_parts(self, end, 256, "all that was written");
    for (size_t i = 0; i < self->parts; i++)
        judge_parts(self, end, 128, "parts of what is not flushed");
}

static void judge_all(run *self)
{
    for (size_t i = 0; i < self->event_count; i++) {
        const event *e = &self->events[i];
        if (e->head.kind == RECORD_NOTE)
            continue;
        if (e->head.kind == RECORD_META)
            apply(self, e);
        if (e->head.kind == RECORD_FLUSH && !self->ignores_flush) {
            for (size_t j = self->first_pending; j < i; j++)
                if (self->events[j].head.kind == RECORD_WRITE)
                    apply(self, &self->events[j]);
            self->first_pending = i + 1;
        }
        /* What is said before the next write, is said before the power is cut. */
        size_t end = i + 1;
        while (end < self->event_count && self->events[end].head.kind == RECORD_NOTE)
            end++;
        judge_moment(self, end);
    }
}

static int check_as_it_is(const run *self)
{
    notes said;
    collect_notes(self, self->event_count, &said);
    printf("%zu notes\n", said.count);
    return check_store(self->folder, &said);
}

static const char *option(int argc, char **argv, const char *name, bool has_value)
{
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return has_value ? (i + 1 < argc ? argv[i + 1] : "") : "";
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: enumerate LOG FOLDER [OPTION]...\n");
        return 2;
    }
    run self = {.folder = argv[2], .random = 1};
    const char *parts = option(argc, argv, "--parts", true);
    const char *seed = option(argc, argv, "--seed", true);
    const char *tear = option(argc, argv, "--tear", true);
    const char *expected = option(argc, argv, "--expect", true);
    self.tears_suffix = tear && strcmp(tear, "suffix") == 0;
    self.ignores_flush = option(argc, argv, "--ignore-flush", false) != NULL;
    if (seed)
        self.random = strtoull(seed, NULL, 10);
    printf("seed=%llu\n", (unsigned long long)self.random);
    read_log(&self, argv[1]);
    self.parts = parts ? strtoul(parts, NULL, 10) : 3;
    if (option(argc, argv, "--check", false))
        return check_as_it_is(&self);
    if (mkdir(self.folder, 0700) != 0 && errno != EEXIST) {
        perror(self.folder);
        return 1;
    }
    judge_all(&self);
    printf("%zu states of %zu events, %zu lost what was acknowledged, %zu are bad\n", self.made,
           self.event_count, self.lost, self.bad);
    if (self.made == 0)
        return 1;
    if (!expected)
        return self.lost + self.bad > 0;
    bool is_lost = strcmp(expected, "lost") == 0;
    return is_lost ? !(self.lost > 0 && self.bad == 0) : self.bad == 0;
}
