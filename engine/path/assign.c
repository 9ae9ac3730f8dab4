/* Writing at a reference path: ResultPath.
 *
 * First the way is walked without touching anything; what can fail for the workflow fails there.
 * Then each level is taken out of its parent before it is changed (a null stands in its place), so
 * what nobody else holds is changed in place, and put back from the innermost to the root. */
#include "base/heap.h"
#include "path/layout.h"

#ifdef ASL_PARANOID
#define LEVELS_INLINE 1u
#else
#define LEVELS_INLINE 8u
#endif

static int fail(const asl_path *path, const asl_value *root, asl_path_failure *failure)
{
    if (failure == NULL || failure->message != NULL)
        return ASL_NOT_FOUND;
    asl_buffer buffer;
    asl_buffer_init(&buffer, path->heap);
    asl_buffer_format(&buffer, "Unable to apply ReferencePath %.*s to input ", (int)path->text.size,
                      path->text.bytes);
    asl_value_print_to(root, &buffer);
    if (buffer.status == ASL_OK)
        failure->message = asl_value_string_sized(path->heap, buffer.bytes, buffer.size);
    asl_buffer_done(&buffer);
    return failure->message == NULL ? ASL_NOMEM : ASL_NOT_FOUND;
}

/* The child that a step leads to; NULL where it is not there. */
static const asl_value *child_at(const asl_path_step *step, const asl_value *container)
{
    if (step->kind == ASL_STEP_PROPERTY)
        return asl_value_get_sized(container, step->property.names[0].bytes,
                                   step->property.names[0].size);
    int64_t index = step->index.items[0];
    if (index < 0)
        index += (int64_t)asl_value_count(container);
    return index < 0 || !asl_value_is_array(container) ? NULL
                                                       : asl_value_at(container, (size_t)index);
}

static bool can_assign(const asl_path_plan *plan, const asl_value *root)
{
    const asl_value *container = root; /* NULL: an object that is to be made */
    for (uint32_t i = 0; i < plan->count; i++) {
        const asl_path_step *step = &plan->steps[i];
        if (step->kind == ASL_STEP_PROPERTY) {
            if (container != NULL && !asl_value_is_object(container))
                return false;
            container = container == NULL ? NULL : child_at(step, container);
        } else {
            container = container == NULL ? NULL : child_at(step, container);
            if (container == NULL)
                return false;
        }
    }
    return true;
}

/* Puts `child` (stolen) where a step leads. */
static int put(const asl_path *path, uint32_t index_of_step, asl_value **container,
               asl_value *child)
{
    const asl_path_step *step = &path->plan->steps[index_of_step];
    if (step->kind == ASL_STEP_PROPERTY)
        return path->keys != NULL ? asl_value_set_key(container, path->keys[index_of_step], child)
                                  : asl_value_set_sized(container, step->property.names[0].bytes,
                                                        step->property.names[0].size, child);
    int64_t index = step->index.items[0];
    if (index < 0)
        index += (int64_t)asl_value_count(*container);
    return asl_value_replace(container, (size_t)index, child);
}

/* Takes the child out of levels[0] into levels[1], or makes the object that is missing. */
static int take(const asl_path *path, uint32_t step, asl_value **levels)
{
    const asl_value *child = child_at(&path->plan->steps[step], levels[0]);
    if (child == NULL) {
        levels[1] = asl_value_object(path->heap);
        return levels[1] == NULL ? ASL_NOMEM : ASL_OK;
    }
    asl_value *held = asl_value_ref(child);
    int status = put(path, step, &levels[0], asl_value_null());
    if (status != ASL_OK)
        asl_value_unref(held);
    else
        levels[1] = held;
    return status;
}

static int assign(const asl_path *path, asl_value **root, asl_value *value, asl_value **levels)
{
    const asl_path_plan *plan = path->plan;
    uint32_t depth = 0, made_from = UINT32_MAX; /* the first level that was not there */
    int status = ASL_OK;
    levels[0] = *root;
    while (status == ASL_OK && depth + 1 < plan->count) {
        bool is_new = child_at(&plan->steps[depth], levels[depth]) == NULL;
        status = take(path, depth, &levels[depth]);
        if (status != ASL_OK)
            break;
        depth++;
        if (is_new && made_from == UINT32_MAX)
            made_from = depth;
    }
    if (status == ASL_OK)
        status = put(path, depth, &levels[depth], value);
    else
        asl_value_unref(value);
    /* Putting back what was taken out needs no memory; adding what was made does, and where that
     * fails it is left out and all is as before. */
    while (depth > 0) {
        if (status != ASL_OK && depth >= made_from) {
            asl_value_unref(levels[depth]);
        } else {
            int put_status = put(path, depth - 1, &levels[depth - 1], levels[depth]);
            status = status == ASL_OK ? put_status : status;
        }
        depth--;
    }
    *root = levels[0];
    return status;
}

int asl_path_assign(const asl_path *path, asl_value **root, asl_value *value,
                    asl_path_failure *failure)
{
    if (value == NULL)
        return ASL_NOMEM;
    if (path->plan->count == 0) {
        asl_value_move(root, value);
        return ASL_OK;
    }
    if (!can_assign(path->plan, *root)) {
        asl_value_unref(value);
        return fail(path, *root, failure);
    }
    asl_value *few[LEVELS_INLINE];
    if (path->plan->count <= LEVELS_INLINE)
        return assign(path, root, value, few);
    size_t size = path->plan->count * sizeof(asl_value *);
    asl_value **levels = asl_allocate(path->heap, size);
    if (levels == NULL) {
        asl_value_unref(value);
        return ASL_NOMEM;
    }
    int status = assign(path, root, value, levels);
    asl_release(path->heap, levels, size);
    return status;
}
