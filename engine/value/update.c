/* Building: the one place where a value changes. Each verb first makes the container its own (not
 * static, not shared, without kept text, with room), by copying the top level where it must; what
 * follows cannot fail, so a verb that fails has changed nothing. */
#include <string.h>

#include "base/heap.h"
#include "value/value_layout.h"

#ifdef ASL_PARANOID
#define CAPACITY_FIRST 1u
#else
#define CAPACITY_FIRST 4u
#endif

/* Whether the container may be written to as it lies. */
static bool is_own(const asl_value *value)
{
    return (value->flags & (ASL_VALUE_STATIC | ASL_VALUE_KEPT)) == 0 &&
           __atomic_load_n(&value->references, __ATOMIC_ACQUIRE) == 1;
}

/* The size that compact printing gives: what a container with kept text had without it. */
static size_t *compact_size(asl_value *value)
{
    return &((asl_array *)(void *)value)->text_size;
}

static size_t block_size(asl_kind kind, size_t capacity)
{
    return kind == ASL_KIND_ARRAY ? sizeof(asl_array) + capacity * sizeof(asl_value *)
                                  : sizeof(asl_object) + capacity * sizeof(asl_member);
}

static asl_value *copy_container(const asl_value *value, size_t capacity)
{
    asl_kind kind = (asl_kind)value->kind;
    asl_value *copy = asl_value_new(value->heap, kind, block_size(kind, capacity));
    if (copy == NULL)
        return NULL;
    uint32_t count = asl_as_array(value)->count;
    asl_array *array = (void *)copy;
    array->text_size = asl_as_array(value)->text_size;
    array->count = count;
    array->capacity = (uint32_t)capacity;
    copy->extent = value->extent;
    copy->flags = value->flags & ASL_VALUE_KEPT_INSIDE;
    if (kind == ASL_KIND_ARRAY) {
        for (uint32_t i = 0; i < count; i++)
            array->items[i] = asl_value_ref(asl_as_array(value)->items[i]);
        return copy;
    }
    asl_object *object = (void *)copy;
    object->index = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const asl_member *member = &asl_as_object(value)->members[i];
        object->members[i] = (asl_member){asl_value_ref(member->key), asl_value_ref(member->value)};
    }
    return copy;
}

/* Makes *container the caller's own, with room for `more` entries. */
static int own(asl_value **container, uint32_t more)
{
    asl_value *value = *container;
    const asl_array *array = asl_as_array(value); /* an object's count and capacity lie alike */
    size_t needed = (size_t)array->count + more, capacity = array->capacity;
    if (needed > UINT32_MAX)
        return ASL_TOO_LARGE;
    bool mine = is_own(value);
    if (mine && needed <= capacity)
        return ASL_OK;
    if (needed > capacity) {
        capacity = capacity * 2 > needed ? capacity * 2 : needed;
        capacity = capacity < CAPACITY_FIRST ? CAPACITY_FIRST : capacity;
        capacity = capacity > UINT32_MAX ? UINT32_MAX : capacity;
    }
    if (!mine) {
        asl_value *copy = copy_container(value, capacity);
        if (copy == NULL)
            return ASL_NOMEM;
        asl_value_move(container, copy);
        return ASL_OK;
    }
    asl_kind kind = (asl_kind)value->kind;
    asl_value *grown = asl_reallocate(value->heap, value, block_size(kind, array->capacity),
                                      block_size(kind, capacity));
    if (grown == NULL)
        return ASL_NOMEM;
    ((asl_array *)(void *)grown)->capacity = (uint32_t)capacity;
    *container = grown;
    return ASL_OK;
}

/* Whether `item` may go into *container of this kind. */
static int check(asl_value *const *container, asl_kind kind, const asl_value *item)
{
    if (item == NULL)
        return ASL_NOMEM;
    if (*container == NULL || (*container)->kind != kind)
        return ASL_MISUSE;
    return asl_value_depth(item) >= ASL_VALUE_DEPTH_MAX ? ASL_TOO_LARGE : ASL_OK;
}

/* Takes note of a child that has come in. */
static void note_child(asl_value *container, const asl_value *child)
{
    unsigned depth = asl_value_depth(child) + 1;
    if (depth > container->extent)
        container->extent = (uint16_t)depth;
    container->flags |= child->flags & ASL_VALUE_KEPT_INSIDE;
}

static void exchange_child(asl_value *container, asl_value **slot, asl_value *item)
{
    *compact_size(container) += asl_value_text_size(item) - asl_value_text_size(*slot);
    note_child(container, item);
    asl_value_move(slot, item);
}

int asl_value_append(asl_value **array, asl_value *item)
{
    asl_cleanup(asl_value_cleanup) asl_value *stolen = item;
    int status = check(array, ASL_KIND_ARRAY, item);
    if (status == ASL_OK)
        status = own(array, 1);
    if (status != ASL_OK)
        return status;
    asl_array *target = (void *)*array;
    target->text_size += asl_value_text_size(item) + (target->count > 0 ? 1 : 0);
    note_child(*array, item);
    target->items[target->count++] = asl_steal(stolen);
    return ASL_OK;
}

int asl_value_replace(asl_value **array, size_t index, asl_value *item)
{
    asl_cleanup(asl_value_cleanup) asl_value *stolen = item;
    int status = check(array, ASL_KIND_ARRAY, item);
    if (status == ASL_OK && index >= asl_as_array(*array)->count)
        status = ASL_MISUSE;
    if (status == ASL_OK)
        status = own(array, 0);
    if (status != ASL_OK)
        return status;
    exchange_child(*array, &((asl_array *)(void *)*array)->items[index], asl_steal(stolen));
    return ASL_OK;
}

static int replace_member(asl_value **object, size_t position, asl_value *item)
{
    int status = own(object, 0);
    if (status != ASL_OK) {
        asl_value_unref(item);
        return status;
    }
    exchange_child(*object, &((asl_object *)(void *)*object)->members[position].value, item);
    return ASL_OK;
}

/* Adds a member whose key is known to be new. Steals both. */
static int add_member(asl_value **object, asl_value *key, asl_value *item)
{
    int status = own(object, 1);
    if (status != ASL_OK) {
        asl_value_unref(key);
        asl_value_unref(item);
        return status;
    }
    asl_object *target = (void *)*object;
    target->text_size +=
        asl_as_string(key)->text_size + 1 + asl_value_text_size(item) + (target->count > 0 ? 1 : 0);
    note_child(*object, item);
    uint32_t position = target->count++;
    target->members[position] = (asl_member){key, item};
    asl_object_index_add(target, position);
    return ASL_OK;
}

int asl_value_set(asl_value **object, const char *key, asl_value *item)
{
    return asl_value_set_sized(object, key, strlen(key), item);
}

int asl_value_set_sized(asl_value **object, const char *key, size_t key_size, asl_value *item)
{
    asl_cleanup(asl_value_cleanup) asl_value *stolen = item;
    int status = check(object, ASL_KIND_OBJECT, item);
    if (status != ASL_OK)
        return status;
    size_t position = asl_object_find(asl_as_object(*object), key, key_size);
    if (position != SIZE_MAX)
        return replace_member(object, position, asl_steal(stolen));
    size_t text_size = asl_string_text_size(key, key_size);
    if (text_size == 0)
        return key_size > ASL_STRING_BYTES_MAX ? ASL_TOO_LARGE : ASL_MISUSE;
    asl_value *name = asl_value_string_known((*object)->heap, key, key_size, text_size);
    if (name == NULL)
        return ASL_NOMEM;
    return add_member(object, name, asl_steal(stolen));
}

int asl_value_set_key(asl_value **object, const asl_value *key, asl_value *item)
{
    asl_cleanup(asl_value_cleanup) asl_value *stolen = item;
    int status = check(object, ASL_KIND_OBJECT, item);
    if (status != ASL_OK)
        return status;
    if (key == NULL || key->kind != ASL_KIND_STRING)
        return ASL_MISUSE;
    const asl_string *string = asl_as_string(key);
    size_t position = asl_object_find(asl_as_object(*object), string->bytes, string->size);
    if (position != SIZE_MAX)
        return replace_member(object, position, asl_steal(stolen));
    return add_member(object, asl_value_ref(key), asl_steal(stolen));
}
