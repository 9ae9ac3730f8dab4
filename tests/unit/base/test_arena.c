/* Arenas. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "fault_heap.h"
#include "suite.h"

START_TEST(pieces_are_zeroed_aligned_and_apart)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_arena arena;
    asl_arena_init(&arena, &heap.hook);
    unsigned char *pieces[500];
    for (size_t i = 0; i < 500; i++) {
        size_t size = i * 7 % 300 + 1;
        pieces[i] = asl_arena_allocate(&arena, size);
        ck_assert_ptr_nonnull(pieces[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            ck_assert_uint_eq(pieces[i][j], 0);
        memset(pieces[i], (int)(i & 255), size);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t j = 0; j < i * 7 % 300 + 1; j++)
            ck_assert_uint_eq(pieces[i][j], i & 255);
    }
    asl_arena_done(&arena);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(large_pieces_do_not_waste_the_newest_block)
{
    asl_arena arena;
    asl_arena_init(&arena, NULL);
    char *first = asl_arena_allocate(&arena, 16);
    ck_assert_ptr_nonnull(asl_arena_allocate(&arena, 3000000));
    const char *second = asl_arena_allocate(&arena, 16);
    ck_assert_ptr_eq(second, first + 16);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(copies_end_with_nul)
{
    asl_arena arena;
    asl_arena_init(&arena, NULL);
    ck_assert_str_eq(asl_arena_copy(&arena, "pizza!", 5), "pizza");
    ck_assert_str_eq(asl_arena_copy(&arena, NULL, 0), "");
    asl_arena_done(&arena);
}
END_TEST

START_TEST(out_of_memory_is_null)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_arena arena;
    asl_arena_init(&arena, &heap.hook);
    ck_assert_ptr_nonnull(asl_arena_allocate(&arena, 1));
    fault_heap_fail_at(&heap, 1, true);
    ck_assert_ptr_null(asl_arena_allocate(&arena, 100000));
    ck_assert_ptr_null(asl_arena_allocate(&arena, SIZE_MAX));
    ck_assert_ptr_null(asl_arena_copy(&arena, "", SIZE_MAX));
    asl_arena_done(&arena);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

SUITE("base/arena", pieces_are_zeroed_aligned_and_apart, large_pieces_do_not_waste_the_newest_block,
      copies_end_with_nul, out_of_memory_is_null)
