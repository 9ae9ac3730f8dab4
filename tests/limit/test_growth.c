/* Where growth begins: what is there stays when a container is filled to its first capacity and one
 * past it. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/map.h"
#include "suite.h"
#include "value/value.h"

START_TEST(a_buffer_grows_past_its_first_capacity)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    for (size_t i = 0; i < ASL_BUFFER_CAPACITY_FIRST; i++)
        asl_buffer_byte(&buffer, (char)('a' + i % 26));
    ck_assert_uint_eq(buffer.capacity, ASL_BUFFER_CAPACITY_FIRST);
    asl_buffer_byte(&buffer, 'Z');
    ck_assert_int_eq(buffer.status, ASL_OK);
    ck_assert_uint_gt(buffer.capacity, ASL_BUFFER_CAPACITY_FIRST);
    for (size_t i = 0; i < ASL_BUFFER_CAPACITY_FIRST; i++)
        ck_assert_int_eq(buffer.bytes[i], (char)('a' + i % 26));
    ck_assert_int_eq(buffer.bytes[ASL_BUFFER_CAPACITY_FIRST], 'Z');
    asl_buffer_done(&buffer);
}
END_TEST

START_TEST(an_array_grows_past_its_first_capacity)
{
    size_t *items = NULL, capacity = 0;
    for (size_t i = 0; i <= ASL_ARRAY_CAPACITY_FIRST; i++) {
        ck_assert_int_eq(asl_array_reserve(NULL, &items, &capacity, i, SIZE_MAX), ASL_OK);
        items[i] = i;
        ck_assert(i < ASL_ARRAY_CAPACITY_FIRST ? capacity == ASL_ARRAY_CAPACITY_FIRST
                                               : capacity > ASL_ARRAY_CAPACITY_FIRST);
    }
    for (size_t i = 0; i <= ASL_ARRAY_CAPACITY_FIRST; i++)
        ck_assert_uint_eq(items[i], i);
    free(items);
}
END_TEST

/* Blocks around each size of a block, so that some fill one exactly and some do not fit. */
START_TEST(an_arena_goes_on_past_its_blocks)
{
    static const size_t sizes[] = {ASL_ARENA_BLOCK_FIRST - 64, ASL_ARENA_BLOCK_FIRST,
                                   ASL_ARENA_BLOCK_FIRST + 1,  ASL_ARENA_BLOCK_MAX - 64,
                                   ASL_ARENA_BLOCK_MAX,        ASL_ARENA_BLOCK_MAX + 1};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    asl_arena arena;
    unsigned char *blocks[COUNT];
    asl_arena_init(&arena, NULL);
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = asl_arena_allocate(&arena, sizes[i] + 1);
        ck_assert_ptr_nonnull(blocks[i]);
        memset(blocks[i], i + 1, sizes[i] + 1);
    }
    for (int i = 0; i < COUNT; i++)
        ck_assert(blocks[i][0] == i + 1 && blocks[i][sizes[i]] == i + 1);
    asl_arena_done(&arena);
}
END_TEST

START_TEST(a_map_grows_past_its_first_capacity)
{
    asl_map map;
    asl_map_init(&map, NULL);
    for (uint64_t i = 0; i <= ASL_MAP_CAPACITY_FIRST; i++)
        ck_assert_ptr_nonnull(asl_map_put(&map, &i, sizeof i, NULL));
    ck_assert_uint_gt(map.capacity, ASL_MAP_CAPACITY_FIRST);
    for (uint64_t i = 0; i <= ASL_MAP_CAPACITY_FIRST; i++)
        ck_assert_ptr_nonnull(asl_map_find(&map, &i, sizeof i));
    asl_map_done(&map);
}
END_TEST

static void check_object(unsigned count)
{
    asl_value *object = asl_value_object(NULL);
    char key[16];
    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof key, "k%u", i);
        ck_assert_int_eq(asl_value_set(&object, key, asl_value_integer(NULL, i)), ASL_OK);
    }
    for (unsigned i = 0; i < count; i++) {
        int64_t found = -1;
        snprintf(key, sizeof key, "k%u", i);
        ck_assert(asl_value_get_integer(asl_value_get(object, key), &found));
        ck_assert_int_eq(found, i);
    }
    ck_assert_ptr_null(asl_value_get(object, "k"));
    ck_assert_uint_eq(asl_value_count(object), count);
    asl_value_unref(object);
}

START_TEST(members_are_found_with_an_index_and_without)
{
    check_object(ASL_OBJECT_INDEX_FROM - 1);
    check_object(ASL_OBJECT_INDEX_FROM);
    check_object(ASL_OBJECT_INDEX_FROM + 1);
}
END_TEST

SUITE("limit/growth", a_buffer_grows_past_its_first_capacity,
      an_array_grows_past_its_first_capacity, an_arena_goes_on_past_its_blocks,
      a_map_grows_past_its_first_capacity, members_are_found_with_an_index_and_without)
