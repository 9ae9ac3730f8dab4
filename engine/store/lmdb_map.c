/* LMDB does not say where its map begins, so the list of the process's maps is read once, when a
 * store is opened: lines "BEGIN-END RIGHTS OFFSET MAJOR:MINOR INODE NAME", numbers but the inode's
 * hexadecimal. */
#include "store/lmdb_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LINE_BYTES 256u /* as much of a line as is looked at */

/* The next number, and the place behind what ends it; false where something else stands there. */
static bool next_number(char **line, int base, char end, unsigned long *ret_number)
{
    char *behind;
    errno = 0;
    *ret_number = strtoul(*line, &behind, base);
    if (errno != 0 || behind == *line || *behind != end)
        return false;
    *line = behind + 1;
    return true;
}

static bool is_start_of(char *line, const struct stat *file, uintptr_t *ret_base)
{
    unsigned long begin, place, offset, major_number, minor_number, inode;
    if (!next_number(&line, 16, '-', &begin) || !next_number(&line, 16, ' ', &place))
        return false;
    const char *rights = line;
    line = strchr(line, ' ');
    if (!line++ || !next_number(&line, 16, ' ', &offset) ||
        !next_number(&line, 16, ':', &major_number) ||
        !next_number(&line, 16, ' ', &minor_number) || !next_number(&line, 10, ' ', &inode))
        return false;
    *ret_base = begin;
    return rights[3] == 's' && offset == 0 && inode == file->st_ino &&
           makedev((unsigned)major_number, (unsigned)minor_number) == file->st_dev;
}

void asl_lmdb_find_map(asl_lmdb_map *map, int data_fd)
{
    struct stat file;
    char bytes[4096], line[LINE_BYTES];
    size_t line_size = 0;
    uintptr_t base = 0;
    bool is_found = false;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 && fstat(data_fd, &file) == 0 ? read(fd, bytes, sizeof bytes) : 0;
    while (size > 0 && !is_found) {
        for (ssize_t i = 0; i < size && !is_found; i++) {
            if (bytes[i] != '\n') {
                line[line_size < LINE_BYTES - 1 ? line_size++ : LINE_BYTES - 1] = bytes[i];
                continue;
            }
            line[line_size] = '\0';
            line_size = 0;
            is_found = is_start_of(line, &file, &base);
        }
        size = is_found ? 0 : read(fd, bytes, sizeof bytes);
    }
    if (fd >= 0)
        close(fd);
    map->base = is_found ? base : 0;
    atomic_init(&map->end, 0);
}

/* A page that is being written stands elsewhere: it lies in front of the map, or behind it. */
static bool is_within(uintptr_t base, size_t map_bytes, size_t end, const MDB_val *value)
{
    uintptr_t offset = (uintptr_t)value->mv_data - base;
    if (value->mv_size == 0 || offset >= map_bytes)
        return true;
    return offset <= end && value->mv_size <= end - offset;
}

int asl_lmdb_check_bounds(MDB_env *env, asl_lmdb_map *map, const MDB_val *key, const MDB_val *row)
{
    MDB_envinfo info;
    MDB_stat pages;
    size_t end = atomic_load_explicit(&map->end, memory_order_relaxed);
    if (map->base == 0 ||
        (is_within(map->base, SIZE_MAX, end, key) && is_within(map->base, SIZE_MAX, end, row)))
        return 0;
    if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &pages) != 0)
        return 0;
    end = (info.me_last_pgno + 1) * pages.ms_psize;
    atomic_store_explicit(&map->end, end, memory_order_relaxed);
    return is_within(map->base, info.me_mapsize, end, key) &&
                   is_within(map->base, info.me_mapsize, end, row)
               ? 0
               : MDB_CORRUPTED;
}
