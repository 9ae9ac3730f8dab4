/* Finding a member. Small objects are searched one by one; from ASL_OBJECT_INDEX_FROM members on a
 * search makes a hash index and publishes it by one compare-exchange, since an object that is
 * shared may be searched by several threads. Without memory for it the search goes one by one. */
#include <string.h>

#include "base/heap.h"
#include "base/map.h"
#include "value/value_layout.h"

/* Open addressing; a slot is the upper half of the hash and the position plus one, 0 where empty.
 * It is never more than half full. */
struct asl_object_index {
    size_t size; /* bytes of this block */
    uint32_t mask;
    uint64_t slots[];
};

static bool key_is(const asl_object *object, size_t position, const char *key, size_t key_size)
{
    const asl_string *string = asl_as_string(object->members[position].key);
    return string->size == key_size && (key_size == 0 || memcmp(string->bytes, key, key_size) == 0);
}

static uint64_t key_hash(const asl_object *object, size_t position)
{
    const asl_string *string = asl_as_string(object->members[position].key);
    return asl_hash_bytes(string->bytes, string->size);
}

static size_t index_find(const asl_object *object, const asl_object_index *index, uint64_t hash,
                         const char *key, size_t key_size)
{
    for (uint32_t i = (uint32_t)hash & index->mask;; i = (i + 1) & index->mask) {
        uint64_t slot = index->slots[i];
        if (slot == 0)
            return SIZE_MAX;
        size_t position = (uint32_t)slot - 1;
        if (slot >> 32 == hash >> 32 && key_is(object, position, key, key_size))
            return position;
    }
}

static void index_put(asl_object_index *index, uint64_t hash, uint32_t position)
{
    uint32_t i = (uint32_t)hash & index->mask;
    while (index->slots[i] != 0)
        i = (i + 1) & index->mask;
    index->slots[i] = (hash >> 32 << 32) | (position + 1);
}

/* An empty index with room for `count` members. A search can do without. */
static asl_object_index *new_index(const asl_heap *heap, uint32_t count, bool is_optional)
{
    size_t slots = 4;
    while (slots < (size_t)count * 2)
        slots *= 2;
    if (slots > UINT32_MAX)
        return NULL;
    size_t size = sizeof(asl_object_index) + slots * sizeof(uint64_t);
    asl_object_index *index =
        is_optional ? asl_allocate_optional(heap, size) : asl_allocate(heap, size);
    if (index != NULL) {
        memset(index, 0, size);
        index->size = size;
        index->mask = (uint32_t)(slots - 1);
    }
    return index;
}

static asl_object_index *make_index(const asl_object *object)
{
    asl_object_index *index = new_index(object->head.heap, object->capacity, true);
    for (uint32_t i = 0; index != NULL && i < object->count; i++)
        index_put(index, key_hash(object, i), i);
    return index;
}

/* The index of an object that anyone may see; NULL when out of memory. */
static const asl_object_index *shared_index(const asl_object *object)
{
    asl_object_index **slot = &((asl_object *)(uintptr_t)object)->index;
    asl_object_index *index = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (index != NULL)
        return index;
    asl_object_index *made = make_index(object);
    if (made == NULL)
        return NULL;
    if (__atomic_compare_exchange_n(slot, &index, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    asl_release(object->head.heap, made, made->size);
    return index;
}

static size_t find_one_by_one(const asl_object *object, size_t count, const char *key,
                              size_t key_size)
{
    for (size_t i = 0; i < count; i++) {
        if (key_is(object, i, key, key_size))
            return i;
    }
    return SIZE_MAX;
}

size_t asl_object_find(const asl_object *object, const char *key, size_t key_size)
{
    if (object->count > ASL_OBJECT_INDEX_FROM) {
        const asl_object_index *index = shared_index(object);
        if (index != NULL)
            return index_find(object, index, asl_hash_bytes(key, key_size), key, key_size);
    }
    return find_one_by_one(object, object->count, key, key_size);
}

void asl_object_index_drop(asl_object *object)
{
    if (object->index != NULL)
        asl_release(object->head.heap, object->index, object->index->size);
    object->index = NULL;
}

void asl_object_index_add(asl_object *object, uint32_t position)
{
    if (object->index == NULL)
        return;
    if ((size_t)object->count * 2 > (size_t)object->index->mask + 1)
        asl_object_index_drop(object); /* the next search makes a larger one */
    else
        index_put(object->index, key_hash(object, position), position);
}

/* Takes the member's value over to the equal key at `position`. */
static void merge_member(asl_object *object, size_t position, asl_member member)
{
    object->text_size -= asl_as_string(member.key)->text_size +
                         asl_value_text_size(object->members[position].value) + 2;
    asl_value_move(&object->members[position].value, member.value);
    asl_value_unref(member.key);
}

int asl_object_deduplicate(asl_object *object)
{
    uint32_t count = object->count, kept = 0;
    asl_object_index *index = NULL;
    if (count > ASL_OBJECT_INDEX_FROM) {
        index = new_index(object->head.heap, count, false);
        if (index == NULL)
            return ASL_NOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        asl_member member = object->members[i];
        const asl_string *key = asl_as_string(member.key);
        uint64_t hash = index != NULL ? asl_hash_bytes(key->bytes, key->size) : 0;
        size_t position = index != NULL ? index_find(object, index, hash, key->bytes, key->size)
                                        : find_one_by_one(object, kept, key->bytes, key->size);
        if (position != SIZE_MAX) {
            merge_member(object, position, member);
            continue;
        }
        if (index != NULL)
            index_put(index, hash, kept);
        object->members[kept++] = member;
    }
    object->count = kept;
    object->index = index;
    return ASL_OK;
}
