/* Finding edits and carrying them out. Both go down a few levels, by a named limit. */
#include "history/record_edit.h"

#include <string.h>

#include "value/value_layout.h"

#define DESCEND_FROM 256u /* printed bytes from which a child that differs is looked into */

typedef struct finder {
    asl_edit *edit;
    uint32_t path[ASL_EDIT_DEPTH_MAX];
    unsigned steps;
    size_t bytes, bytes_max; /* that the changes print */
} finder;

static bool same_key(const asl_value *left, const asl_value *right)
{
    return left == right || asl_value_equal(left, right);
}

static bool add_change(finder *self, uint32_t depth, const asl_value *key, const asl_value *value)
{
    self->bytes += asl_value_text_size(value);
    if (self->edit->count == ASL_EDIT_CHANGES_MAX || self->bytes > self->bytes_max)
        return false;
    asl_edit_change *change = &self->edit->changes[self->edit->count++];
    memcpy(change->path, self->path, depth * sizeof *change->path);
    change->depth = depth;
    change->key = key;
    change->value = value;
    return true;
}

static bool compare_containers(finder *self, uint32_t depth, const asl_value *from,
                               const asl_value *to);

/* A child that both have and that is not the same value. */
static bool compare_children(finder *self, uint32_t depth, const asl_value *from,
                             const asl_value *to)
{
    uint32_t count = self->edit->count;
    size_t bytes = self->bytes;
    if (depth < ASL_EDIT_DEPTH_MAX && asl_value_text_size(to) >= DESCEND_FROM &&
        compare_containers(self, depth, from, to))
        return true;
    self->edit->count = count;
    self->bytes = bytes;
    return add_change(self, depth, NULL, to);
}

/* Whether two containers are of a kind and differ in a few children; adds these. */
static bool compare_containers(finder *self, uint32_t depth, const asl_value *from,
                               const asl_value *to)
{
    size_t had = asl_value_count(from), has = asl_value_count(to);
    if (from->kind != to->kind || !asl_value_is_container(to) || has < had)
        return false;
    bool is_object = to->kind == ASL_KIND_OBJECT;
    for (size_t i = 0; i < has; i++) {
        const asl_value *child = asl_value_at(to, i);
        if (++self->steps > ASL_EDIT_CHILDREN_MAX)
            return false;
        self->path[depth] = (uint32_t)i;
        const asl_value *key = is_object ? asl_value_key(to, i) : NULL;
        if (i >= had) {
            if (!add_change(self, depth + 1, key, child))
                return false;
            continue;
        }
        if (is_object && !same_key(asl_value_key(from, i), key))
            return false;
        const asl_value *before = asl_value_at(from, i);
        if (before != child && !compare_children(self, depth + 1, before, child))
            return false;
    }
    return true;
}

bool asl_edit_find(const asl_value *from, const asl_value *to, asl_edit *ret_edit)
{
    /* Kept text below the root does not come back from the text of `from`. */
    if ((to->flags & ASL_VALUE_KEPT_INSIDE) != 0)
        return false;
    finder self = {.edit = ret_edit, .bytes_max = asl_value_text_size(to) / 2};
    ret_edit->count = 0;
    if (!compare_containers(&self, 0, from, to))
        return false;
    /* The root's own kept text goes with its first change. */
    return ret_edit->count > 0 || (from->flags & ASL_VALUE_KEPT) == 0;
}

/* Puts `child` (stolen) at a position of the container, or adds it. */
static int put(asl_value **container, uint32_t position, const asl_value *key, asl_value *child)
{
    size_t count = asl_value_count(*container);
    bool is_object = asl_value_is_object(*container);
    if (position < count)
        return is_object ? asl_value_set_key(container, asl_value_key(*container, position), child)
                         : asl_value_replace(container, position, child);
    if (is_object)
        return asl_value_set_key(container, key, child);
    return asl_value_append(container, child);
}

/* The containers on the way to the place, from the root down: they are copied. False where it leads
 * nowhere, or would copy more than an edit that was found. */
static bool find_way(const asl_value *root, const asl_edit_change *change,
                     const asl_value *ret_way[ASL_EDIT_DEPTH_MAX])
{
    const asl_value *at = root;
    size_t children = 0;
    for (uint32_t i = 0; i < change->depth; i++) {
        size_t count = asl_value_count(at);
        children += count;
        bool adds = i + 1 == change->depth && change->path[i] == count;
        if (at == NULL || !asl_value_is_container(at) || (change->path[i] >= count && !adds))
            return false;
        if (adds && asl_value_is_object(at) != (change->key != NULL))
            return false;
        ret_way[i] = at;
        at = asl_value_at(at, change->path[i]);
    }
    return change->depth > 0 && children <= ASL_EDIT_CHILDREN_MAX;
}

int asl_edit_apply(asl_value **root, const asl_edit_change *change)
{
    const asl_value *way[ASL_EDIT_DEPTH_MAX];
    if (!find_way(*root, change, way))
        return ASL_STORE_CORRUPT;
    asl_value *made = asl_value_ref(change->value);
    for (uint32_t i = change->depth; i > 0; i--) {
        asl_value *container = asl_value_ref(way[i - 1]);
        int status = put(&container, change->path[i - 1], change->key, made);
        if (status != ASL_OK) {
            asl_value_unref(container);
            return status == ASL_NOMEM ? status : ASL_STORE_CORRUPT;
        }
        made = container;
    }
    asl_value_move(root, made);
    return ASL_OK;
}
