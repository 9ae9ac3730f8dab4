/* Making, sharing, freeing and reading values. */
#include "value/value.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/heap.h"
#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value_layout.h"

START_TEST(small_and_empty_values_are_shared)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (int64_t i = -128; i <= 1023; i++) {
        asl_value *value = asl_value_integer(&heap.hook, i);
        int64_t back;
        ck_assert(asl_value_get_integer(value, &back));
        ck_assert_int_eq(back, i);
        ck_assert_ptr_eq(value, asl_value_integer(NULL, i));
        char expected[8];
        snprintf(expected, sizeof expected, "%d", (int)i);
        json_check(value, expected);
    }
    ck_assert_ptr_eq(asl_value_null(), asl_value_null());
    ck_assert_ptr_eq(asl_value_bool(true), asl_value_bool(true));
    ck_assert_ptr_eq(asl_value_string(&heap.hook, ""), asl_value_string(NULL, ""));
    ck_assert_ptr_null(asl_value_heap(asl_value_null()));
    ck_assert(fault_heap_is_empty(&heap));
    for (int i = 0; i < 10; i++) {
        asl_value_unref(asl_value_null());
        asl_value_unref(asl_value_array(NULL));
        asl_value_unref(asl_value_integer(NULL, 7));
    }
    json_check(asl_value_array(NULL), "[]");
    json_check(asl_value_object(NULL), "{}");
}
END_TEST

START_TEST(integers_keep_all_their_bits)
{
    static const int64_t integers[] = {-129,    1024,   INT64_MAX, INT64_MIN, INT64_MAX - 1,
                                       1000000, 999999, -1000,     -999};
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        asl_value *value = asl_value_integer(NULL, integers[i]);
        int64_t back = 0;
        ck_assert(asl_value_get_integer(value, &back));
        ck_assert_int_eq(back, integers[i]);
        char expected[24];
        snprintf(expected, sizeof expected, "%lld", (long long)integers[i]);
        json_check(value, expected);
        asl_value_unref(value);
    }
}
END_TEST

START_TEST(doubles_that_are_not_finite_are_no_values)
{
    ck_assert_ptr_null(asl_value_double(NULL, NAN));
    ck_assert_ptr_null(asl_value_double(NULL, INFINITY));
    ck_assert_ptr_null(asl_value_double(NULL, -INFINITY));
    asl_value *value = asl_value_double(NULL, DBL_MAX);
    json_check(value, "1.7976931348623157e+308");
    asl_value_unref(value);
}
END_TEST

START_TEST(whole_doubles_print_without_a_fraction)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {{3.0, "3"},
                 {-0.0, "0"},
                 {1e20, "100000000000000000000"},
                 {1e21, "1e+21"},
                 {0x1p53, "9007199254740992"},
                 {0x1p63, "9223372036854776000"},
                 {2.5, "2.5"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_value *value = asl_value_double(NULL, cases[i].number);
        json_check(value, cases[i].text);
        asl_value_unref(value);
    }
}
END_TEST

START_TEST(strings_hold_counted_utf8)
{
    asl_value *value = asl_value_string_sized(NULL, "a\0b", 3);
    size_t size = 0;
    ck_assert_mem_eq(asl_value_get_string(value, &size), "a\0b", 4);
    ck_assert_uint_eq(size, 3);
    json_check(value, "\"a\\u0000b\"");
    asl_value_unref(value);
    ck_assert_ptr_null(asl_value_string(NULL, "\xFF"));
    ck_assert_ptr_null(asl_value_string(NULL, "pizza with a cut character \xE2\x82"));
    ck_assert_ptr_null(asl_value_get_string(asl_value_null(), NULL));
}
END_TEST

START_TEST(text_size_counts_every_escape)
{
    for (int byte = 0; byte < 0x80; byte++) {
        for (size_t place = 0; place < 17; place++) {
            char bytes[17];
            memset(bytes, 'x', sizeof bytes);
            bytes[place] = (char)byte;
            asl_value *value = asl_value_string_sized(NULL, bytes, sizeof bytes);
            char *text = NULL;
            size_t size = 0;
            ck_assert_int_eq(asl_value_print(value, 0, &text, &size), ASL_OK);
            ck_assert_uint_eq(size, asl_value_text_size(value));
            ck_assert_uint_eq(size, strlen(text));
            asl_value *back = json_parse(text);
            ck_assert(asl_value_equal(value, back));
            asl_value_unref(back);
            asl_text_free(text);
            asl_value_unref(value);
        }
    }
}
END_TEST

START_TEST(formatted_strings_are_strings)
{
    asl_value *value = asl_value_format(NULL, "%s-%d", "order", 12);
    json_check(value, "\"order-12\"");
    asl_value_unref(value);
    ck_assert_ptr_null(asl_value_format(NULL, "%s", "\xC0"));
}
END_TEST

START_TEST(reading_the_wrong_kind_gives_nothing)
{
    asl_value *object = json_quoted("{'a':1,'b':[2]}");
    int64_t integer = 5;
    double number = 5;
    ck_assert(!asl_value_get_integer(object, &integer));
    ck_assert(!asl_value_get_double(object, &number));
    ck_assert_int_eq(integer, 5);
    ck_assert_ptr_null(asl_value_get(asl_value_get(object, "b"), "a"));
    ck_assert_ptr_null(asl_value_get(object, "c"));
    ck_assert_ptr_null(asl_value_at(object, 2));
    ck_assert_ptr_null(asl_value_at(asl_value_null(), 0));
    ck_assert_ptr_null(asl_value_key(object, 2));
    ck_assert_ptr_null(asl_value_key(asl_value_get(object, "b"), 0));
    ck_assert_uint_eq(asl_value_count(asl_value_bool(true)), 0);
    ck_assert_str_eq(asl_value_get_string(asl_value_key(object, 1), NULL), "b");
    ck_assert_int_eq(asl_value_kind(asl_value_at(object, 1)), ASL_KIND_ARRAY);
    asl_value_unref(object);
}
END_TEST

START_TEST(a_shared_value_lives_until_its_last_reference)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *item = asl_value_string(&heap.hook, "shared");
    asl_value *array = asl_value_array(&heap.hook);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(asl_value_append(&array, asl_value_ref(item)), ASL_OK);
    asl_value_unref(array);
    ck_assert_uint_eq(heap.live_blocks, 1);
    ck_assert_str_eq(asl_value_get_string(item, NULL), "shared");
    asl_value_unref(item);
    ck_assert(fault_heap_is_empty(&heap));
    ck_assert_ptr_null(asl_value_ref(NULL));
    asl_value_unref(NULL);
}
END_TEST

/* As deep and as shared as can be: each level holds the one below twice. */
START_TEST(deep_value_is_freed_without_recursion)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *value = asl_value_array(&heap.hook);
    for (unsigned i = 1; i < ASL_VALUE_DEPTH_MAX; i++) {
        asl_value *around = i % 2 == 0 ? asl_value_array(&heap.hook) : asl_value_object(&heap.hook);
        if (i % 2 == 0) {
            ck_assert_int_eq(asl_value_append(&around, asl_value_ref(value)), ASL_OK);
            ck_assert_int_eq(asl_value_append(&around, asl_value_ref(value)), ASL_OK);
        } else {
            ck_assert_int_eq(asl_value_set(&around, "a", asl_value_ref(value)), ASL_OK);
        }
        asl_value_unref(value);
        value = around;
    }
    asl_value_unref(value);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

static void *share_and_search(void *context)
{
    const asl_value *object = context;
    for (int i = 0; i < 20000; i++) {
        asl_value *mine = asl_value_ref(object);
        char key[8];
        snprintf(key, sizeof key, "k%d", i % 64);
        int64_t found = -1;
        if (!asl_value_get_integer(asl_value_get(mine, key), &found) || found != i % 64)
            return context;
        asl_value_unref(mine);
    }
    return NULL;
}

START_TEST(threads_may_share_and_search_a_value)
{
    asl_value *object = asl_value_object(NULL);
    for (int i = 0; i < 64; i++) {
        char key[8];
        snprintf(key, sizeof key, "k%d", i);
        asl_value_set(&object, key, asl_value_integer(NULL, i));
    }
    /* A copy, whose index is not made yet. */
    asl_value *shared = asl_value_ref(object);
    asl_value_set(&shared, "k0", asl_value_integer(NULL, 0));
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, share_and_search, shared), 0);
    for (int i = 0; i < 4; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    asl_value_unref(shared);
    asl_value_unref(object);
}
END_TEST

SUITE("value/value", small_and_empty_values_are_shared, integers_keep_all_their_bits,
      doubles_that_are_not_finite_are_no_values, whole_doubles_print_without_a_fraction,
      strings_hold_counted_utf8, text_size_counts_every_escape, formatted_strings_are_strings,
      reading_the_wrong_kind_gives_nothing, a_shared_value_lives_until_its_last_reference,
      deep_value_is_freed_without_recursion, threads_may_share_and_search_a_value)
