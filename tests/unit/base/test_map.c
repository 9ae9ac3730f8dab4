/* Maps. */
#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "fault_heap.h"
#include "suite.h"

START_TEST(what_is_put_is_found)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_map map;
    asl_map_init(&map, &heap.hook);
    ck_assert_ptr_null(asl_map_find(&map, "a", 1));
    for (uint64_t i = 0; i < 2000; i++) {
        bool is_new = false;
        asl_map_entry *entry = asl_map_put(&map, &i, sizeof i, &is_new);
        ck_assert(is_new);
        ck_assert_uint_eq(entry->number, 0);
        entry->number = i * 3;
    }
    ck_assert_uint_eq(map.count, 2000);
    for (uint64_t i = 0; i < 2000; i++)
        ck_assert_uint_eq(asl_map_find(&map, &i, sizeof i)->number, i * 3);
    uint64_t absent = 2000;
    ck_assert_ptr_null(asl_map_find(&map, &absent, sizeof absent));
    asl_map_done(&map);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(putting_again_gives_the_same_entry)
{
    asl_map map;
    asl_map_init(&map, NULL);
    bool is_new = false;
    asl_map_put(&map, "key", 3, &is_new)->pointer = &map;
    ck_assert_ptr_eq(asl_map_put(&map, "key", 3, &is_new)->pointer, &map);
    ck_assert(!is_new);
    ck_assert_uint_eq(map.count, 1);
    ck_assert_ptr_nonnull(asl_map_put(&map, "", 0, NULL));
    ck_assert_ptr_nonnull(asl_map_find(&map, NULL, 0));
    ck_assert_ptr_null(asl_map_find(&map, "ke", 2));
    asl_map_done(&map);
}
END_TEST

/* Against a plain array: a thousand keys put and removed in random order, long enough to wrap round
 * the end of the table many times. */
START_TEST(removal_loses_no_other_key)
{
    static bool present[200];
    memset(present, 0, sizeof present);
    asl_map map;
    asl_map_init(&map, NULL);
    size_t count = 0;
    for (uint64_t step = 0; step < 20000; step++) {
        uint64_t draw = asl_random_draw(3, step, 0);
        uint64_t key = draw % 200;
        if ((draw >> 32) % 3 == 0) {
            ck_assert_int_eq(asl_map_remove(&map, &key, sizeof key), present[key]);
            count -= present[key];
            present[key] = false;
        } else {
            asl_map_put(&map, &key, sizeof key, NULL);
            count += !present[key];
            present[key] = true;
        }
        ck_assert_uint_eq(map.count, count);
        uint64_t other = (draw >> 16) % 200;
        ck_assert_int_eq(asl_map_find(&map, &other, sizeof other) != NULL, present[other]);
    }
    for (uint64_t key = 0; key < 200; key++)
        ck_assert_int_eq(asl_map_find(&map, &key, sizeof key) != NULL, present[key]);
    asl_map_done(&map);
}
END_TEST

START_TEST(iteration_meets_every_entry_once)
{
    asl_map map;
    asl_map_init(&map, NULL);
    ck_assert_ptr_null(asl_map_next(&map, NULL));
    for (uint64_t i = 0; i < 100; i++)
        asl_map_put(&map, &i, sizeof i, NULL)->number = i;
    uint64_t sum = 0, count = 0;
    for (asl_map_entry *e = NULL; (e = asl_map_next(&map, e)) != NULL; count++)
        sum += e->number;
    ck_assert_uint_eq(count, 100);
    ck_assert_uint_eq(sum, 4950);
    asl_map_done(&map);
}
END_TEST

START_TEST(out_of_memory_changes_nothing)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_map map;
        asl_map_init(&map, &heap.hook);
        size_t put = 0;
        for (uint64_t i = 0; i < 60; i++)
            put += asl_map_put(&map, &i, sizeof i, NULL) != NULL;
        ck_assert_uint_eq(put, fault_heap_failed(&heap) ? 59 : 60);
        ck_assert_uint_eq(map.count, put);
        asl_map_done(&map);
    }
}
END_TEST

START_TEST(hashes_differ_by_content_and_size)
{
    ck_assert_uint_eq(asl_hash_bytes("abc", 3), asl_hash_bytes("abc", 3));
#ifndef ASL_PARANOID
    for (size_t size = 0; size < 40; size++) {
        static const char zeros[41];
        ck_assert_uint_ne(asl_hash_bytes(zeros, size), asl_hash_bytes(zeros, size + 1));
    }
#endif
}
END_TEST

SUITE("base/map", what_is_put_is_found, putting_again_gives_the_same_entry,
      removal_loses_no_other_key, iteration_meets_every_entry_once, out_of_memory_changes_nothing,
      hashes_differ_by_content_and_size)
