/* Map: bytes to a pointer or number. Open addressing, seeded SipHash-1-3; keys are copied. */
#ifndef ASL_BASE_MAP_H
#define ASL_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include <asl/error.h>

typedef struct asl_map_entry {
    char *key; /* NULL: empty */
    size_t key_size;
    uint64_t hash;
    union {
        void *pointer;
        uint64_t number;
    };
} asl_map_entry;

typedef struct asl_map {
    const asl_heap *heap;
    asl_map_entry *entries;
    size_t count, capacity;
} asl_map;

void asl_map_init(asl_map *map, const asl_heap *heap);
void asl_map_done(asl_map *map);
/* The entry of a key, NULL where there is none. */
asl_map_entry *asl_map_find(const asl_map *map, const void *key, size_t key_size);
/* The entry of a key, made (zeroed) where there is none; NULL when out of memory. `ret_new` may be
 * NULL. */
asl_map_entry *asl_map_put(asl_map *map, const void *key, size_t key_size, bool *ret_new);
bool asl_map_remove(asl_map *map, const void *key, size_t key_size);
/* Iterates: `for (asl_map_entry *e = NULL; (e = asl_map_next(map, e)) != NULL;)`. */
asl_map_entry *asl_map_next(const asl_map *map, asl_map_entry *entry);

/* SipHash-1-3 with the process's random key (fixed in paranoid builds). */
uint64_t asl_hash_bytes(const void *bytes, size_t size);

#endif
