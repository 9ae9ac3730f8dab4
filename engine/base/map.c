/* Map: open addressing with linear probing, at most three quarters full. Removal moves the rest of
 * a run back instead of leaving marks, so a map that is filled and emptied for ever stays fast. The
 * hash is SipHash-1-3 under a key that the process draws once: keys come from documents, and nobody
 * may choose them to collide. */
#include "base/map.h"

#include <pthread.h>
#include <string.h>

#include "base/heap.h"
#include "base/limits.h"
#include "base/random.h"

typedef struct sip_state {
    uint64_t v0, v1, v2, v3;
} sip_state;

static uint64_t hash_key[2] = {0x736f6d6570736575u, 0x646f72616e646f6du};

#ifndef ASL_PARANOID
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

/* Without the system's randomness the fixed key stays: slower under attack, never wrong. */
static void draw_hash_key(void)
{
    uint64_t drawn[2];
    if (asl_random_system(drawn, sizeof drawn) == 0)
        memcpy(hash_key, drawn, sizeof hash_key);
}
#endif

static inline uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void sip_round(sip_state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(sip_state *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

static uint64_t sip_1_3(const uint64_t key[2], const unsigned char *bytes, size_t size)
{
    sip_state s = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                   key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    size_t rest = size & 7;
    const unsigned char *end = size > rest ? bytes + (size - rest) : bytes;
    uint64_t word = 0;
    for (; bytes != end; bytes += 8) {
        memcpy(&word, bytes, 8);
        sip_word(&s, word);
    }
    word = (uint64_t)size << 56;
    for (size_t i = 0; i < rest; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    sip_word(&s, word);
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t asl_hash_bytes(const void *bytes, size_t size)
{
#ifdef ASL_PARANOID
    return sip_1_3(hash_key, bytes, size) & 7;
#else
    pthread_once(&hash_key_once, draw_hash_key);
    return sip_1_3(hash_key, bytes, size);
#endif
}

void asl_map_init(asl_map *map, const asl_heap *heap)
{
    *map = (asl_map){.heap = heap};
}

void asl_map_done(asl_map *map)
{
    for (size_t i = 0; i < map->capacity; i++)
        asl_release(map->heap, map->entries[i].key, map->entries[i].key_size + 1);
    asl_release(map->heap, map->entries, map->capacity * sizeof *map->entries);
    *map = (asl_map){.heap = map->heap};
}

/* The entry of a key, or the empty one where it belongs. There is always an empty one. */
static asl_map_entry *probe(const asl_map *map, uint64_t hash, const void *key, size_t key_size)
{
    size_t mask = map->capacity - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        asl_map_entry *entry = &map->entries[i];
        if (entry->key == NULL)
            return entry;
        if (entry->hash == hash && entry->key_size == key_size &&
            (key_size == 0 || memcmp(entry->key, key, key_size) == 0))
            return entry;
    }
}

asl_map_entry *asl_map_find(const asl_map *map, const void *key, size_t key_size)
{
    if (map->count == 0)
        return NULL;
    asl_map_entry *entry = probe(map, asl_hash_bytes(key, key_size), key, key_size);
    return entry->key != NULL ? entry : NULL;
}

static int grow(asl_map *map)
{
    size_t capacity = map->capacity == 0 ? ASL_MAP_CAPACITY_FIRST : map->capacity * 2;
    if (capacity > SIZE_MAX / sizeof *map->entries)
        return ASL_NOMEM;
    asl_map grown = *map;
    grown.entries = asl_allocate_zeroed(map->heap, capacity * sizeof *grown.entries);
    if (grown.entries == NULL)
        return ASL_NOMEM;
    grown.capacity = capacity;
    for (size_t i = 0; i < map->capacity; i++) {
        const asl_map_entry *entry = &map->entries[i];
        if (entry->key != NULL)
            *probe(&grown, entry->hash, entry->key, entry->key_size) = *entry;
    }
    asl_release(map->heap, map->entries, map->capacity * sizeof *map->entries);
    *map = grown;
    return ASL_OK;
}

asl_map_entry *asl_map_put(asl_map *map, const void *key, size_t key_size, bool *ret_new)
{
    uint64_t hash = asl_hash_bytes(key, key_size);
    asl_map_entry *entry = map->capacity > 0 ? probe(map, hash, key, key_size) : NULL;
    if (entry == NULL || entry->key == NULL) {
        if ((map->count + 1) * 4 > map->capacity * 3) {
            if (grow(map) != ASL_OK)
                return NULL;
            entry = probe(map, hash, key, key_size);
        }
        char *copy = asl_allocate(map->heap, key_size + 1);
        if (copy == NULL)
            return NULL;
        if (key_size > 0)
            memcpy(copy, key, key_size);
        copy[key_size] = '\0';
        *entry = (asl_map_entry){.key = copy, .key_size = key_size, .hash = hash};
        map->count++;
        if (ret_new != NULL)
            *ret_new = true;
    } else if (ret_new != NULL) {
        *ret_new = false;
    }
    return entry;
}

bool asl_map_remove(asl_map *map, const void *key, size_t key_size)
{
    asl_map_entry *entry = asl_map_find(map, key, key_size);
    if (entry == NULL)
        return false;
    asl_release(map->heap, entry->key, entry->key_size + 1);
    map->count--;
    size_t mask = map->capacity - 1;
    size_t hole = (size_t)(entry - map->entries);
    for (size_t i = (hole + 1) & mask; map->entries[i].key != NULL; i = (i + 1) & mask) {
        /* An entry may move back into the hole unless its home lies between hole and itself. */
        size_t home = (size_t)map->entries[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->entries[hole] = map->entries[i];
            hole = i;
        }
    }
    map->entries[hole] = (asl_map_entry){.key = NULL};
    return true;
}

asl_map_entry *asl_map_next(const asl_map *map, asl_map_entry *entry)
{
    size_t i = entry == NULL ? 0 : (size_t)(entry - map->entries) + 1;
    for (; i < map->capacity; i++) {
        if (map->entries[i].key != NULL)
            return &map->entries[i];
    }
    return NULL;
}
