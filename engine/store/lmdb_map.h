/* What LMDB gives must lie in its file. It trusts the sizes in its pages, and a size that was
 * damaged reaches behind the file's end, where reading would end the process. */
#ifndef ASL_STORE_LMDB_MAP_H
#define ASL_STORE_LMDB_MAP_H

#include <lmdb.h>
#include <stdatomic.h>
#include <stdint.h>

/* The map of a store's file, as it is known. */
typedef struct asl_lmdb_map {
    uintptr_t base;    /* 0: not known, and nothing is checked */
    atomic_size_t end; /* bytes of the file that were in use at some time: it never becomes less */
} asl_lmdb_map;

/* Finds where the file of a descriptor is mapped, as Linux tells. */
void asl_lmdb_find_map(asl_lmdb_map *map, int data_fd);
/* 0, or MDB_CORRUPTED where key or row begin in the map of an environment and end behind its last
 * page. */
int asl_lmdb_check_bounds(MDB_env *env, asl_lmdb_map *map, const MDB_val *key, const MDB_val *row);

#endif
