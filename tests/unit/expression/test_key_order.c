#include "expression/key_order.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

START_TEST(hash_is_javas)
{
    /* "abc".hashCode() is 96354, "hello" 99162322, and a pair of surrogates is two units. */
    ck_assert_uint_eq(asl_java_hash("", 0), 0);
    ck_assert_uint_eq(asl_java_hash("abc", 3), 96354u ^ (96354u >> 16));
    ck_assert_uint_eq(asl_java_hash("hello", 5), 99162322u ^ (99162322u >> 16));
    uint32_t pair = 0xD83Du * 31 + 0xDE00u;
    ck_assert_uint_eq(asl_java_hash("\xF0\x9F\x98\x80", 4), pair ^ (pair >> 16));
    ck_assert_uint_eq(asl_java_hash("\xC3\xA9", 2), 0xE9);
}
END_TEST

START_TEST(dynamic_keys_end_in_dot_dollar)
{
    static const struct {
        const char *key;
        bool is_dynamic;
        size_t size;
    } cases[] = {{"a.$", true, 1},   {".$", true, 0}, {"a", false, 0}, {"$", false, 0},
                 {"a.$x", false, 0}, {"", false, 0},  {"a$", false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = 0;
        asl_value *key = asl_value_string(NULL, cases[i].key);
        ck_assert_int_eq(asl_key_is_dynamic(key, &size), cases[i].is_dynamic);
        ck_assert_uint_eq(size, cases[i].size);
        asl_value_unref(key);
    }
}
END_TEST

static void check_order(const char *document, const char *const *keys, uint32_t plain)
{
    asl_value *object = NULL;
    uint32_t order[128];
    ck_assert_int_eq(asl_value_parse(NULL, document, strlen(document), 0, &object, NULL), ASL_OK);
    ck_assert_uint_eq(asl_key_order(object, order), plain);
    for (size_t i = 0; i < asl_value_count(object); i++)
        ck_assert_str_eq(asl_value_get_string(asl_value_key(object, order[i]), NULL), keys[i]);
    asl_value_unref(object);
}

START_TEST(plain_keys_come_first_as_written)
{
    static const char *const keys[] = {"z", "a", "b.$", "c.$"};
    check_order("{\"c.$\":1,\"z\":1,\"b.$\":1,\"a\":1}", keys, 2);
}
END_TEST

START_TEST(thirteen_keys_make_the_table_grow)
{
    static const char *const keys[] = {"k0.$", "k1.$", "k2.$", "k3.$", "k4.$", "k5.$", "k6.$",
                                       "k7.$", "k8.$", "k9.$", "a.$",  "b.$",  "c.$"};
    /* "k0".hashCode() is 3365, 5 in a table of 32; "a" is 97, 1; "b" 2; "c" 3. */
    static const char *const expected[] = {"a.$",  "b.$",  "c.$",  "k0.$", "k1.$", "k2.$", "k3.$",
                                           "k4.$", "k5.$", "k6.$", "k7.$", "k8.$", "k9.$"};
    char document[512] = "{";
    for (size_t i = 0; i < 13; i++) {
        size_t used = strlen(document);
        snprintf(document + used, sizeof document - used, "%s\"%s\":1", i > 0 ? "," : "", keys[i]);
    }
    document[strlen(document)] = '}';
    check_order(document, expected, 0);
}
END_TEST

START_TEST(context_object_has_the_recorded_order)
{
    static const char *const keys[] = {"execution.$", "execution_rolearn.$", "execution_name.$",
                                       "statemachine_id.$"};
    check_order("{\"statemachine_id.$\":1,\"execution_name.$\":1,\"execution_rolearn.$\":1,"
                "\"execution.$\":1}",
                keys, 0);
}
END_TEST

SUITE("expression/key_order", hash_is_javas, dynamic_keys_end_in_dot_dollar,
      plain_keys_come_first_as_written, thirteen_keys_make_the_table_grow,
      context_object_has_the_recorded_order)
