/* Deep equality with a stack of its own, as deep as a value can be. Equal parts that are shared are
 * not looked into. */
#include "value/value_layout.h"

#include <string.h>

typedef struct frame {
    const asl_value *left, *right;
    uint32_t next;
} frame;

/* The next pair of children of two containers with as many of them; false where an object lacks the
 * other's key. */
static bool next_children(frame *top, const asl_value **left, const asl_value **right)
{
    uint32_t i = top->next++;
    if (top->left->kind == ASL_KIND_ARRAY) {
        *left = asl_as_array(top->left)->items[i];
        *right = asl_as_array(top->right)->items[i];
        return true;
    }
    const asl_object *other = asl_as_object(top->right);
    const asl_member *member = &asl_as_object(top->left)->members[i];
    const asl_string *key = asl_as_string(member->key);
    const asl_string *same_place = asl_as_string(other->members[i].key);
    size_t position = i; /* objects that are equal mostly have the same order */
    if (key != same_place &&
        (key->size != same_place->size || memcmp(key->bytes, same_place->bytes, key->size) != 0))
        position = asl_object_find(other, key->bytes, key->size);
    if (position == SIZE_MAX)
        return false;
    *left = member->value;
    *right = other->members[position].value;
    return true;
}

static bool scalars_equal(const asl_value *left, const asl_value *right)
{
    if (left->kind == ASL_KIND_NUMBER)
        return asl_value_compare_numbers(left, right) == 0;
    if (left->kind != ASL_KIND_STRING)
        return true;
    const asl_string *l = asl_as_string(left), *r = asl_as_string(right);
    return l->size == r->size && memcmp(l->bytes, r->bytes, l->size) == 0;
}

bool asl_value_equal(const asl_value *left, const asl_value *right)
{
    frame stack[ASL_VALUE_DEPTH_MAX];
    size_t depth = 0;
    for (;;) {
        if (left != right) {
            if (left->kind != right->kind)
                return false;
            if (!asl_value_is_container(left)) {
                if (!scalars_equal(left, right))
                    return false;
            } else if (asl_value_count(left) != asl_value_count(right)) {
                return false;
            } else {
                stack[depth++] = (frame){left, right, 0};
            }
        }
        while (depth > 0 && stack[depth - 1].next == asl_value_count(stack[depth - 1].left))
            depth--;
        if (depth == 0)
            return true;
        if (!next_children(&stack[depth - 1], &left, &right))
            return false;
    }
}
