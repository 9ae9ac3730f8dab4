/* A value without kept text. Only the containers on the way to a kept text are made anew; the walk
 * keeps its own stack of half-made copies. */
#include "base/heap.h"
#include "value/value_layout.h"

typedef struct frame {
    const asl_value *source;
    asl_value *copy;
    uint32_t next;
} frame;

static bool is_plain(const asl_value *value)
{
    return (value->flags & ASL_VALUE_KEPT_INSIDE) == 0;
}

static asl_value *compact_scalar(const asl_value *value)
{
    switch ((asl_kind)value->kind) {
    case ASL_KIND_NUMBER:
        if ((value->flags & ASL_NUMBER_LITERAL) != 0)
            return asl_value_number_known(value->heap, asl_as_number(value)->text, value->extent);
        return asl_value_integer(value->heap, asl_as_number(value)->integer);
    case ASL_KIND_STRING:
        return asl_value_string_known(value->heap, asl_as_string(value)->bytes,
                                      asl_as_string(value)->size, asl_as_string(value)->text_size);
    case ASL_KIND_NULL:
    case ASL_KIND_FALSE:
    case ASL_KIND_TRUE:
    case ASL_KIND_ARRAY:
    case ASL_KIND_OBJECT:
        break;
    }
    return value->kind == ASL_KIND_NULL ? asl_value_null()
                                        : asl_value_bool(value->kind == ASL_KIND_TRUE);
}

static asl_value *new_container(const asl_value *source)
{
    size_t count = asl_value_count(source);
    return source->kind == ASL_KIND_ARRAY ? asl_value_array_reserved(source->heap, count)
                                          : asl_value_object_reserved(source->heap, count);
}

/* Puts the finished copy of the child before `next` into its parent's copy. */
static int finish_child(frame *parent, asl_value *child)
{
    if (parent->source->kind == ASL_KIND_ARRAY)
        return asl_value_append(&parent->copy, child);
    return asl_value_set_key(&parent->copy, asl_value_key(parent->source, parent->next - 1), child);
}

static asl_value *compact_container(const asl_value *value)
{
    frame stack[ASL_VALUE_DEPTH_MAX];
    size_t depth = 0;
    stack[depth++] = (frame){value, new_container(value), 0};
    int status = stack[0].copy != NULL ? ASL_OK : ASL_NOMEM;
    while (status == ASL_OK) {
        frame *top = &stack[depth - 1];
        if (top->next == asl_value_count(top->source)) {
            if (--depth == 0)
                return top->copy;
            status = finish_child(&stack[depth - 1], top->copy);
            continue;
        }
        const asl_value *child = asl_value_at(top->source, top->next++);
        if (is_plain(child)) {
            status = finish_child(top, asl_value_ref(child));
        } else if (!asl_value_is_container(child)) {
            status = finish_child(top, compact_scalar(child));
        } else {
            stack[depth] = (frame){child, new_container(child), 0};
            status = stack[depth].copy != NULL ? ASL_OK : ASL_NOMEM;
            depth++;
        }
    }
    while (depth > 0)
        asl_value_unref(stack[--depth].copy);
    return NULL;
}

asl_value *asl_value_compact(const asl_value *value)
{
    if (is_plain(value))
        return asl_value_ref(value);
    return asl_value_is_container(value) ? compact_container(value) : compact_scalar(value);
}
