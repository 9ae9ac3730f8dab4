/* Growth. */
#include "base/array.h"

#include "base/heap.h"
#include "fault_heap.h"
#include "suite.h"

START_TEST(items_stay_while_the_array_grows)
{
    fault_heap heap;
    fault_heap_init(&heap);
    uint32_t *items = NULL;
    size_t capacity = 0, count = 0;
    for (; count < 1000; count++) {
        ck_assert_int_eq(asl_array_reserve(&heap.hook, &items, &capacity, count, SIZE_MAX), ASL_OK);
        items[count] = (uint32_t)count;
    }
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(items[i], i);
    asl_release(&heap.hook, items, capacity * sizeof *items);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(the_limit_holds_and_is_reached)
{
    char *items = NULL;
    size_t capacity = 0, count = 0;
    int status;
    while ((status = asl_array_reserve(NULL, &items, &capacity, count, 100)) == ASL_OK)
        count++;
    ck_assert_int_eq(status, ASL_TOO_LARGE);
    ck_assert_uint_eq(count, 100);
    ck_assert_uint_eq(capacity, 100);
    asl_release(NULL, items, capacity);
}
END_TEST

START_TEST(a_failed_growth_changes_nothing)
{
    fault_heap heap;
    fault_heap_init(&heap);
    uint64_t *items = NULL;
    size_t capacity = 0;
    ck_assert_int_eq(asl_array_reserve(&heap.hook, &items, &capacity, 0, SIZE_MAX), ASL_OK);
    items[0] = 7;
    const uint64_t *before = items;
    size_t capacity_before = capacity;
    fault_heap_fail_at(&heap, 1, false);
    ck_assert_int_eq(asl_array_reserve(&heap.hook, &items, &capacity, capacity, SIZE_MAX),
                     ASL_NOMEM);
    ck_assert_ptr_eq(items, before);
    ck_assert_uint_eq(capacity, capacity_before);
    asl_release(&heap.hook, items, capacity * sizeof *items);
}
END_TEST

START_TEST(sizes_do_not_overflow)
{
    void *items = NULL;
    size_t capacity = SIZE_MAX / 4;
    ck_assert_int_eq(asl_array_grow(NULL, &items, &capacity, capacity, 16, SIZE_MAX), ASL_NOMEM);
    ck_assert_uint_eq(capacity, SIZE_MAX / 4);
}
END_TEST

SUITE("base/array", items_stay_while_the_array_grows, the_limit_holds_and_is_reached,
      a_failed_growth_changes_nothing, sizes_do_not_overflow)
