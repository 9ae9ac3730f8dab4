/* Sized allocation through the hook. */
#include "base/heap.h"

#include <string.h>

#include "fault_heap.h"
#include "suite.h"

START_TEST(without_a_hook_memory_is_malloc)
{
    char *bytes = asl_allocate(NULL, 3);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, "abc", 3);
    bytes = asl_reallocate(NULL, bytes, 3, 1000);
    ck_assert_mem_eq(bytes, "abc", 3);
    asl_release(NULL, bytes, 1000);
    asl_release(NULL, NULL, 5);
}
END_TEST

START_TEST(the_hook_sees_every_size)
{
    fault_heap heap;
    fault_heap_init(&heap);
    void *bytes = asl_allocate(&heap.hook, 10);
    ck_assert_uint_eq(heap.live_bytes, 10);
    bytes = asl_reallocate(&heap.hook, bytes, 10, 30);
    ck_assert_uint_eq(heap.live_bytes, 30);
    asl_release(&heap.hook, bytes, 30);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(a_size_of_zero_is_asked_for_as_one)
{
    fault_heap heap;
    fault_heap_init(&heap);
    void *bytes = asl_allocate(&heap.hook, 0);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(heap.live_bytes, 1);
    bytes = asl_reallocate(&heap.hook, bytes, 0, 0);
    ck_assert_ptr_nonnull(bytes);
    asl_release(&heap.hook, bytes, 0);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(zeroed_memory_is_zero)
{
    fault_heap heap;
    fault_heap_init(&heap);
    static const char zeros[64];
    char *bytes = asl_allocate_zeroed(&heap.hook, sizeof zeros);
    ck_assert_mem_eq(bytes, zeros, sizeof zeros);
    asl_release(&heap.hook, bytes, sizeof zeros);
}
END_TEST

START_TEST(a_failed_reallocation_leaves_the_block)
{
    fault_heap heap;
    fault_heap_init(&heap);
    char *bytes = asl_allocate(&heap.hook, 3);
    memcpy(bytes, "abc", 3);
    fault_heap_fail_at(&heap, 1, false);
    ck_assert_ptr_null(asl_reallocate(&heap.hook, bytes, 3, 100));
    ck_assert_mem_eq(bytes, "abc", 3);
    asl_release(&heap.hook, bytes, 3);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(what_can_be_done_without_has_a_function_of_its_own)
{
    fault_heap heap;
    fault_heap_init(&heap);
    fault_heap_fail_at(&heap, 1, false);
    ck_assert_ptr_null(asl_allocate_optional(&heap.hook, 5));
    ck_assert_uint_eq(heap.optional_failures, 1);
    ck_assert(!fault_heap_failed(&heap));
    /* A hook that knows none, or is of an older host, is asked as for all else. */
    asl_heap hooks[2] = {heap.hook, heap.hook};
    hooks[0].allocate_optional = NULL;
    hooks[1].size = offsetof(asl_heap, allocate_optional);
    for (int i = 0; i < 2; i++) {
        fault_heap_fail_at(&heap, 1, false);
        ck_assert_ptr_null(asl_allocate_optional(&hooks[i], 5));
        ck_assert(fault_heap_failed(&heap));
    }
    void *bytes = asl_allocate_optional(NULL, 5);
    ck_assert_ptr_nonnull(bytes);
    asl_release(NULL, bytes, 5);
}
END_TEST

START_TEST(a_wrong_size_given_back_ends_the_program)
{
    fault_heap heap;
    fault_heap_init(&heap);
    void *bytes = heap.hook.allocate(heap.hook.context, 10);
    heap.hook.release(heap.hook.context, bytes, 11);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        without_a_hook_memory_is_malloc,        the_hook_sees_every_size,
        a_size_of_zero_is_asked_for_as_one,     zeroed_memory_is_zero,
        a_failed_reallocation_leaves_the_block, what_can_be_done_without_has_a_function_of_its_own};
    Suite *suite = suite_create("base/heap");
    TCase *cases = suite_case("base/heap");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, tests[i]);
    tcase_add_test_raise_signal(cases, a_wrong_size_given_back_ends_the_program, 6);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
