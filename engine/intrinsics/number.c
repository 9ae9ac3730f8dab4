/* Numbers, objects, names: States.MathAdd, MathRandom, JsonMerge, UUID. */
#include "base/heap.h"
#include "base/random.h"
#include "intrinsics/call.h"
#include "intrinsics/java_order.h"

/* AWS: each argument is rounded first. */
int asl_intrinsic_math_add(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int64_t left = 0, right = 0, sum;
    int status = asl_intrinsic_need_integer(run, 0, &left);
    if (status == ASL_OK)
        status = asl_intrinsic_need_integer(run, 1, &right);
    if (status != ASL_OK)
        return status;
    if (__builtin_add_overflow(left, right, &sum))
        return asl_intrinsic_refuse(run, "the sum is too large");
    *ret_value = asl_value_integer(run->heap, sum);
    return *ret_value ? ASL_OK : ASL_NOMEM;
}

/* From the start, inclusive, to the end, exclusive; a seed gives the same number every time. */
int asl_intrinsic_math_random(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int64_t start = 0, end = 0, seed = 0;
    int status = asl_intrinsic_need_integer(run, 0, &start);
    if (status == ASL_OK)
        status = asl_intrinsic_need_integer(run, 1, &end);
    if (status == ASL_OK && run->count > 2)
        status = asl_intrinsic_need_integer(run, 2, &seed);
    if (status != ASL_OK)
        return status;
    if (start >= end)
        return asl_intrinsic_refuse(run, "the start must be below the end");
    const asl_intrinsic_environment *environment = run->environment;
    uint64_t bits = run->count > 2 ? asl_random_draw((uint64_t)seed, 0, 0)
                                   : environment->random(environment->owner);
    uint64_t width = (uint64_t)end - (uint64_t)start;
    uint64_t offset = (uint64_t)((__uint128_t)bits * width >> 64);
    *ret_value = asl_value_integer(run->heap, (int64_t)((uint64_t)start + offset));
    return *ret_value ? ASL_OK : ASL_NOMEM;
}

/* A new object with the members in the order of a HashMap. */
static int order_as_map(const asl_intrinsic_run *run, const asl_value *object,
                        asl_value **ret_value)
{
    uint32_t count = (uint32_t)asl_value_count(object);
    size_t size = 2 * (size_t)count * sizeof(uint32_t);
    uint32_t *order = asl_allocate(run->heap, size);
    asl_cleanup(asl_value_cleanup) asl_value *ordered =
        order == NULL ? NULL : asl_value_object_reserved(run->heap, count);
    int status = ordered == NULL ? ASL_NOMEM : ASL_OK;
    for (uint32_t i = 0; status == ASL_OK && i < count; i++)
        order[i] = i;
    if (status == ASL_OK)
        asl_java_order(object, 0, order, count);
    for (uint32_t i = 0; status == ASL_OK && i < count; i++)
        status = asl_value_set_key(&ordered, asl_value_key(object, order[i]),
                                   asl_value_ref(asl_value_at(object, order[i])));
    asl_release(run->heap, order, size);
    if (status == ASL_OK)
        *ret_value = asl_steal(ordered);
    return status;
}

/* AWS: only shallow merging: the third argument must be false, and the second object wins. */
int asl_intrinsic_json_merge(const asl_intrinsic_run *run, asl_value **ret_value)
{
    for (size_t i = 0; i < 2; i++)
        if (!asl_value_is_object(run->arguments[i]))
            return asl_intrinsic_refuse(run, "argument %zu must be an object", i + 1);
    if (asl_value_kind(run->arguments[2]) != ASL_KIND_FALSE)
        return asl_intrinsic_refuse(run, "argument 3 must be false: deep merging is not supported");
    asl_cleanup(asl_value_cleanup) asl_value *merged = asl_value_ref(run->arguments[0]);
    const asl_value *winner = run->arguments[1];
    for (size_t i = 0; i < asl_value_count(winner); i++) {
        int status = asl_value_set_key(&merged, asl_value_key(winner, i),
                                       asl_value_ref(asl_value_at(winner, i)));
        if (status != ASL_OK)
            return status;
    }
    return order_as_map(run, merged, ret_value);
}

int asl_intrinsic_uuid(const asl_intrinsic_run *run, asl_value **ret_value)
{
    const asl_intrinsic_environment *environment = run->environment;
    char text[37];
    uint64_t high = environment->random(environment->owner);
    asl_random_uuid4(high, environment->random(environment->owner), text);
    *ret_value = asl_value_string(run->heap, text);
    return *ret_value ? ASL_OK : ASL_NOMEM;
}
