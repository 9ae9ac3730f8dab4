/* Building: in place where the value is the caller's own, on a copy where not. */
#include <stdio.h>
#include <string.h>

#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value_layout.h"

START_TEST(members_keep_their_order)
{
    asl_value *object = asl_value_object(NULL);
    ck_assert_int_eq(asl_value_set(&object, "b", asl_value_integer(NULL, 1)), ASL_OK);
    ck_assert_int_eq(asl_value_set(&object, "a", asl_value_integer(NULL, 2)), ASL_OK);
    ck_assert_int_eq(asl_value_set(&object, "b", asl_value_string(NULL, "x\n")), ASL_OK);
    ck_assert_int_eq(asl_value_set_sized(&object, "n\0n", 3, asl_value_null()), ASL_OK);
    json_check(object, "{\"b\":\"x\\n\",\"a\":2,\"n\\u0000n\":null}");
    asl_value_unref(object);
}
END_TEST

START_TEST(a_value_of_ones_own_changes_in_place)
{
    asl_value *array = asl_value_array_reserved(NULL, 10);
    const asl_value *before = array;
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(asl_value_append(&array, asl_value_integer(NULL, i)), ASL_OK);
    ck_assert_ptr_eq(array, before);
    ck_assert_int_eq(asl_value_replace(&array, 9, asl_value_string(NULL, "last")), ASL_OK);
    ck_assert_ptr_eq(array, before);
    json_check(array, "[0,1,2,3,4,5,6,7,8,\"last\"]");
    asl_value_unref(array);
}
END_TEST

START_TEST(a_shared_value_is_copied_and_stays)
{
    asl_value *first = json_quoted("{'a':[1,2],'b':{}}");
    asl_value *second = asl_value_ref(first);
    ck_assert_int_eq(asl_value_set(&second, "a", asl_value_null()), ASL_OK);
    ck_assert_ptr_ne(first, second);
    json_check(first, "{\"a\":[1,2],\"b\":{}}");
    json_check(second, "{\"a\":null,\"b\":{}}");
    ck_assert_ptr_eq(asl_value_get(first, "b"), asl_value_get(second, "b"));
    asl_value_unref(first);
    asl_value_unref(second);
}
END_TEST

START_TEST(static_containers_are_never_written)
{
    asl_value *array = asl_value_array(NULL), *object = asl_value_object(NULL);
    asl_value_append(&array, asl_value_null());
    asl_value_set(&object, "a", asl_value_null());
    json_check(array, "[null]");
    json_check(object, "{\"a\":null}");
    json_check(asl_value_array(NULL), "[]");
    json_check(asl_value_object(NULL), "{}");
    asl_value_unref(array);
    asl_value_unref(object);
}
END_TEST

START_TEST(what_is_appended_comes_from_the_containers_heap)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *object = asl_value_object(&heap.hook);
    asl_value_set(&object, "a", asl_value_integer(NULL, 1));
    ck_assert_uint_eq(heap.live_blocks, 2);
    ck_assert_ptr_eq(asl_value_heap(object), &heap.hook);
    asl_value_unref(object);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(misuse_is_said_and_the_item_is_freed)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *array = asl_value_array(&heap.hook), *object = asl_value_object(&heap.hook);
    size_t live = heap.live_blocks;
#define ITEM asl_value_string(&heap.hook, "item")
    ck_assert_int_eq(asl_value_append(&object, ITEM), ASL_MISUSE);
    ck_assert_int_eq(asl_value_set(&array, "a", ITEM), ASL_MISUSE);
    ck_assert_int_eq(asl_value_set_sized(&object, "\xFF", 1, ITEM), ASL_MISUSE);
    ck_assert_int_eq(asl_value_set_key(&object, asl_value_null(), ITEM), ASL_MISUSE);
    ck_assert_int_eq(asl_value_replace(&array, 0, ITEM), ASL_MISUSE);
    ck_assert_int_eq(asl_value_append(&array, NULL), ASL_NOMEM);
    ck_assert_int_eq(asl_value_set(&object, "a", NULL), ASL_NOMEM);
    asl_value *nothing = NULL;
    ck_assert_int_eq(asl_value_append(&nothing, ITEM), ASL_MISUSE);
    ck_assert_uint_eq(heap.live_blocks, live);
    asl_value_unref(array);
    asl_value_unref(object);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(keys_that_are_values_are_shared)
{
    asl_value *key = asl_value_string(NULL, "name"), *object = asl_value_object(NULL);
    ck_assert_int_eq(asl_value_set_key(&object, key, asl_value_integer(NULL, 1)), ASL_OK);
    ck_assert_int_eq(asl_value_set_key(&object, key, asl_value_integer(NULL, 2)), ASL_OK);
    ck_assert_ptr_eq(asl_value_key(object, 0), key);
    json_check(object, "{\"name\":2}");
    asl_value_unref(key);
    asl_value_unref(object);
}
END_TEST

/* A value with `depth` levels of arrays. */
static asl_value *nested(unsigned depth)
{
    asl_value *value = asl_value_array(NULL);
    for (unsigned i = 1; i < depth; i++) {
        asl_value *around = asl_value_array(NULL);
        ck_assert_int_eq(asl_value_append(&around, value), ASL_OK);
        value = around;
    }
    return value;
}

START_TEST(depth_is_limited_at_512)
{
    asl_value *value = nested(ASL_VALUE_DEPTH_MAX - 1), *around = asl_value_array(NULL);
    ck_assert_int_eq(asl_value_append(&around, value), ASL_OK);
    asl_value *past = asl_value_array(NULL);
    ck_assert_int_eq(asl_value_append(&past, asl_value_ref(around)), ASL_TOO_LARGE);
    asl_value *object = asl_value_object(NULL);
    ck_assert_int_eq(asl_value_set(&object, "a", asl_value_ref(around)), ASL_TOO_LARGE);
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_eq(asl_value_print(around, 0, &text, &size), ASL_OK);
    ck_assert_uint_eq(size, 2 * ASL_VALUE_DEPTH_MAX);
    asl_value *back = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, text, size, 0, &back, NULL), ASL_TOO_LARGE);
    ck_assert_int_eq(asl_value_parse(NULL, text, size, ASL_PARSE_STORED, &back, NULL), ASL_OK);
    ck_assert(asl_value_equal(around, back));
    asl_text_free(text);
    ck_assert_int_eq(asl_value_print(around, ASL_PRINT_PRETTY, &text, NULL), ASL_OK);
    asl_text_free(text);
    asl_value_unref(back);
    asl_value_unref(around);
}
END_TEST

/* Every allocation fails in turn, with a container that is shared; what is left is what was. */
START_TEST(out_of_memory_leaves_the_container_as_it_was)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_value *object = asl_value_object(&heap.hook);
        int status = object != NULL ? ASL_OK : ASL_NOMEM;
        for (int i = 0; i < 40 && status == ASL_OK; i++) {
            char key[8];
            snprintf(key, sizeof key, "k%d", i);
            asl_value *shared = asl_value_ref(object);
            size_t count = asl_value_count(object), size = asl_value_text_size(object);
            asl_value *value = asl_value_integer(&heap.hook, 100000 + i);
            status = asl_value_set(i % 3 == 0 ? &shared : &object, key, value);
            if (status != ASL_OK) {
                ck_assert_uint_eq(asl_value_count(object), count);
                ck_assert_uint_eq(asl_value_text_size(object), size);
            }
            asl_value_unref(shared);
        }
        asl_value_unref(object);
        /* An index that could not be had is done without. */
        ck_assert(status == ASL_OK || fault_heap_failed(&heap));
        ck_assert(status == ASL_OK || status == ASL_NOMEM);
    }
}
END_TEST

SUITE("value/update", members_keep_their_order, a_value_of_ones_own_changes_in_place,
      a_shared_value_is_copied_and_stays, static_containers_are_never_written,
      what_is_appended_comes_from_the_containers_heap, misuse_is_said_and_the_item_is_freed,
      keys_that_are_values_are_shared, depth_is_limited_at_512,
      out_of_memory_leaves_the_container_as_it_was)
