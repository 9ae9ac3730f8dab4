/* What LMDB gives must lie in its file. It trusts the sizes in its pages, and a size that was
 * damaged reaches behind the file's end, where reading would end the process. */
#ifndef ASL_STORE_LMDB_MAP_H
#define ASL_STORE_LMDB_MAP_H

#include <lmdb.h>
#include <stdint.h>

/* Where the file of a descriptor is mapped, as Linux tells; 0 where that cannot be known. */
uintptr_t asl_lmdb_find_map(int data_fd);
/* 0, or MDB_CORRUPTED where key or row begin in the map of an environment and end behind its last
 * page. `base` 0 checks nothing. */
int asl_lmdb_check_bounds(MDB_env *env, uintptr_t base, const MDB_val *key, const MDB_val *row);

#endif
