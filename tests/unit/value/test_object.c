/* Finding members, with and without the index. */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value_layout.h"

#define KEYS 300

static void key_text(uint64_t i, char out[16])
{
    snprintf(out, 16, "key%u", (unsigned)i);
}

/* Against a plain array: members set and replaced in random order. */
START_TEST(every_member_is_found_at_every_size)
{
    static int64_t numbers[KEYS];
    for (size_t i = 0; i < KEYS; i++)
        numbers[i] = -1;
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *object = asl_value_object(&heap.hook);
    size_t count = 0;
    char key[16];
    for (uint64_t step = 0; step < 6000; step++) {
        uint64_t draw = asl_random_draw(11, step, 0), which = draw % KEYS;
        key_text(which, key);
        count += numbers[which] < 0;
        numbers[which] = (int64_t)(draw >> 40);
        asl_value *number = asl_value_integer(&heap.hook, numbers[which]);
        ck_assert_int_eq(asl_value_set(&object, key, number), ASL_OK);
        ck_assert_uint_eq(asl_value_count(object), count);
        which = (draw >> 16) % KEYS;
        key_text(which, key);
        int64_t found = -1;
        const asl_value *member = asl_value_get(object, key);
        if (member != NULL)
            asl_value_get_integer(member, &found);
        ck_assert_int_eq(found, numbers[which]);
    }
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_eq(asl_value_print(object, 0, &text, &size), ASL_OK);
    ck_assert_uint_eq(size, strlen(text));
    asl_text_free(text);
    asl_value_unref(object);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(a_search_without_memory_for_the_index_goes_one_by_one)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *object = asl_value_object(&heap.hook);
    char key[16];
    for (uint64_t i = 0; i < 100; i++) {
        key_text(i, key);
        ck_assert_int_eq(asl_value_set(&object, key, asl_value_integer(NULL, (int64_t)i)), ASL_OK);
    }
    asl_value *copy = asl_value_ref(object);
    ck_assert_int_eq(asl_value_set(&copy, "key0", asl_value_null()), ASL_OK);
    fault_heap_fail_at(&heap, 1, true);
    for (uint64_t i = 1; i < 100; i++) {
        int64_t found = -1;
        key_text(i, key);
        ck_assert(asl_value_get_integer(asl_value_get(copy, key), &found));
        ck_assert_int_eq(found, (int64_t)i);
    }
    ck_assert_uint_gt(heap.optional_failures, 0);
    ck_assert(!fault_heap_failed(&heap));
    ck_assert_ptr_null(asl_value_get(copy, "key100"));
    asl_value_unref(copy);
    asl_value_unref(object);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(keys_may_be_empty_or_hold_nul)
{
    asl_value *object = asl_value_object(NULL);
    asl_value_set_sized(&object, "", 0, asl_value_integer(NULL, 1));
    asl_value_set_sized(&object, "a\0b", 3, asl_value_integer(NULL, 2));
    asl_value_set_sized(&object, "a", 1, asl_value_integer(NULL, 3));
    json_check(asl_value_get(object, ""), "1");
    json_check(asl_value_get_sized(object, "a\0b", 3), "2");
    json_check(asl_value_get(object, "a"), "3");
    ck_assert_ptr_null(asl_value_get_sized(object, "a\0", 2));
    asl_value_unref(object);
}
END_TEST

SUITE("value/object", every_member_is_found_at_every_size,
      a_search_without_memory_for_the_index_goes_one_by_one, keys_may_be_empty_or_hold_nul)
