/* Arrays: States.Array, ArrayPartition, ArrayContains, ArrayRange, ArrayGetItem, ArrayLength,
 * ArrayUnique. */
#include "base/heap.h"
#include "base/map.h"
#include "intrinsics/call.h"

int asl_intrinsic_array(const asl_intrinsic_run *run, asl_value **ret_value)
{
    asl_cleanup(asl_value_cleanup) asl_value *array =
        asl_value_array_reserved(run->heap, run->count);
    if (!array)
        return ASL_NOMEM;
    for (size_t i = 0; i < run->count; i++) {
        int status = asl_value_append(&array, asl_value_ref(run->arguments[i]));
        if (status != ASL_OK)
            return status;
    }
    *ret_value = asl_steal(array);
    return ASL_OK;
}

static int add_chunk(const asl_intrinsic_run *run, size_t first, size_t size, asl_value **chunks)
{
    asl_cleanup(asl_value_cleanup) asl_value *chunk = asl_value_array(run->heap);
    if (!chunk)
        return ASL_NOMEM;
    size_t count = asl_value_count(run->arguments[0]);
    for (size_t i = first; i < count && i - first < size; i++) {
        int status = asl_value_append(&chunk, asl_value_ref(asl_value_at(run->arguments[0], i)));
        if (status != ASL_OK)
            return status;
    }
    return asl_value_append(chunks, asl_steal(chunk));
}

int asl_intrinsic_array_partition(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int64_t size = 0;
    int status = asl_intrinsic_need_array(run, 0);
    if (status == ASL_OK)
        status = asl_intrinsic_need_integer(run, 1, &size);
    if (status != ASL_OK)
        return status;
    if (size <= 0)
        return asl_intrinsic_refuse(run, "the size of a part must be positive");
    asl_cleanup(asl_value_cleanup) asl_value *chunks = asl_value_array(run->heap);
    if (!chunks)
        return ASL_NOMEM;
    size_t count = asl_value_count(run->arguments[0]);
    for (size_t i = 0; status == ASL_OK && i < count; i += (size_t)size) {
        status = add_chunk(run, i, (size_t)size, &chunks);
        if ((size_t)size >= count - i)
            break;
    }
    if (status == ASL_OK)
        *ret_value = asl_steal(chunks);
    return status;
}

int asl_intrinsic_array_contains(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = asl_intrinsic_need_array(run, 0);
    if (status != ASL_OK)
        return status;
    bool contains = false;
    for (size_t i = 0; !contains && i < asl_value_count(run->arguments[0]); i++)
        contains = asl_value_equal(asl_value_at(run->arguments[0], i), run->arguments[1]);
    *ret_value = asl_value_bool(contains);
    return ASL_OK;
}

int asl_intrinsic_array_range(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int64_t first = 0, last = 0, step = 0;
    int status = asl_intrinsic_need_integer(run, 0, &first);
    if (status == ASL_OK)
        status = asl_intrinsic_need_integer(run, 1, &last);
    if (status == ASL_OK)
        status = asl_intrinsic_need_integer(run, 2, &step);
    if (status != ASL_OK)
        return status;
    if (step == 0)
        return asl_intrinsic_refuse(run, "the step must not be 0");
    asl_cleanup(asl_value_cleanup) asl_value *range = asl_value_array(run->heap);
    if (!range)
        return ASL_NOMEM;
    for (int64_t i = first; step > 0 ? i <= last : i >= last;) {
        if (asl_value_count(range) == ASL_INTRINSIC_RANGE_MAX)
            return asl_intrinsic_refuse(run, "the range has more than %u items",
                                        ASL_INTRINSIC_RANGE_MAX);
        status = asl_value_append(&range, asl_value_integer(run->heap, i));
        if (status != ASL_OK)
            return status;
        if (__builtin_add_overflow(i, step, &i))
            break;
    }
    *ret_value = asl_steal(range);
    return ASL_OK;
}

int asl_intrinsic_array_get_item(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int64_t index = 0;
    int status = asl_intrinsic_need_array(run, 0);
    if (status == ASL_OK)
        status = asl_intrinsic_need_integer(run, 1, &index);
    if (status != ASL_OK)
        return status;
    if (index < 0 || (uint64_t)index >= asl_value_count(run->arguments[0]))
        return asl_intrinsic_refuse(run, "there is no item %lld in an array of %zu",
                                    (long long)index, asl_value_count(run->arguments[0]));
    *ret_value = asl_value_ref(asl_value_at(run->arguments[0], (size_t)index));
    return ASL_OK;
}

int asl_intrinsic_array_length(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = asl_intrinsic_need_array(run, 0);
    if (status != ASL_OK)
        return status;
    *ret_value = asl_value_integer(run->heap, (int64_t)asl_value_count(run->arguments[0]));
    return *ret_value ? ASL_OK : ASL_NOMEM;
}

/* Adds an item that no equal one went before. Candidates are found by their text; equal values of
 * other text (1 and 1.0, other orders of keys) by comparing with those already kept. */
static int add_unique(const asl_value *item, asl_map *seen, asl_buffer *text, asl_value **unique)
{
    asl_buffer_clear(text);
    asl_value_print_to(item, text);
    if (text->status != ASL_OK)
        return text->status;
    bool is_new = false;
    if (!asl_map_put(seen, text->bytes, text->size, &is_new))
        return ASL_NOMEM;
    if (!is_new)
        return ASL_OK;
    bool has_other_texts =
        asl_value_is_number(item) || asl_value_is_object(item) || asl_value_is_array(item);
    for (size_t i = 0; has_other_texts && i < asl_value_count(*unique); i++)
        if (asl_value_equal(asl_value_at(*unique, i), item))
            return ASL_OK;
    return asl_value_append(unique, asl_value_ref(item));
}

int asl_intrinsic_array_unique(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = asl_intrinsic_need_array(run, 0);
    if (status != ASL_OK)
        return status;
    asl_cleanup(asl_value_cleanup) asl_value *unique = asl_value_array(run->heap);
    if (!unique)
        return ASL_NOMEM;
    asl_map seen;
    asl_buffer text;
    asl_map_init(&seen, run->heap);
    asl_buffer_init(&text, run->heap);
    for (size_t i = 0; status == ASL_OK && i < asl_value_count(run->arguments[0]); i++)
        status = add_unique(asl_value_at(run->arguments[0], i), &seen, &text, &unique);
    asl_map_done(&seen);
    asl_buffer_done(&text);
    if (status == ASL_OK)
        *ret_value = asl_steal(unique);
    return status;
}
