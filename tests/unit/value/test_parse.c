/* Parsing: what is accepted and refused, limits, and memory. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value.h"

static int parse_status(const char *text, size_t size, unsigned flags)
{
    asl_value *value = NULL;
    int status = asl_value_parse(NULL, text, size, flags, &value, NULL);
    asl_value_unref(value);
    return status;
}

static int nested_status(size_t depth, char open, char close, unsigned flags)
{
    static char text[8192];
    size_t size = 0;
    for (size_t i = 0; i < depth; i++) {
        text[size++] = open;
        if (open == '{' && i + 1 < depth) {
            memcpy(text + size, "\"a\":", 4);
            size += 4;
        }
    }
    memset(text + size, close, depth);
    return parse_status(text, size + depth, flags);
}

START_TEST(depth_is_limited_at_256)
{
    for (int i = 0; i < 2; i++) {
        char open = "[{"[i], close = "]}"[i];
        ck_assert_int_eq(nested_status(255, open, close, 0), ASL_OK);
        ck_assert_int_eq(nested_status(256, open, close, 0), ASL_OK);
        ck_assert_int_eq(nested_status(257, open, close, 0), ASL_TOO_LARGE);
        ck_assert_int_eq(nested_status(512, open, close, ASL_PARSE_STORED), ASL_OK);
        ck_assert_int_eq(nested_status(513, open, close, ASL_PARSE_STORED), ASL_TOO_LARGE);
    }
    static char bomb[1000000];
    memset(bomb, '[', sizeof bomb);
    ck_assert_int_eq(parse_status(bomb, sizeof bomb, 0), ASL_TOO_LARGE);
}
END_TEST

START_TEST(the_place_of_what_is_too_much_is_told)
{
    char text[2000];
    asl_value *value = NULL;
    asl_error *error = NULL;
    memset(text, '[', 300);
    ck_assert_int_eq(asl_value_parse(NULL, text, 300, 0, &value, &error), ASL_TOO_LARGE);
    ck_assert_str_eq(asl_error_message(error), "The text is nested too deeply");
    ck_assert_uint_eq(asl_error_offset(error), 256);
    asl_error_free(error);
    error = NULL;
    memset(text, '1', sizeof text);
    memcpy(text, "[  ", 3);
    text[1004] = ']';
    ck_assert_int_eq(asl_value_parse(NULL, text, 1005, 0, &value, &error), ASL_TOO_LARGE);
    ck_assert_str_eq(asl_error_message(error), "A number is longer than 1000 bytes");
    ck_assert_uint_eq(asl_error_offset(error), 3);
    asl_error_free(error);
}
END_TEST

START_TEST(number_text_is_limited_at_1000_bytes)
{
    static char text[ASL_NUMBER_TEXT_MAX + 1];
    memset(text, '1', sizeof text);
    ck_assert_int_eq(parse_status(text, ASL_NUMBER_TEXT_MAX, 0), ASL_OK);
    ck_assert_int_eq(parse_status(text, ASL_NUMBER_TEXT_MAX + 1, 0), ASL_TOO_LARGE);
}
END_TEST

START_TEST(what_the_tokenizer_would_let_pass_is_refused)
{
    static const struct {
        const char *text;
        size_t size;
    } wrong[] = {{"[\f1]", 4},
                 {"[\v1]", 4},
                 {"/* */1", 6},
                 {"1 // x", 6},
                 {"1\0", 2},
                 {"\"\xC0\xAF\"", 4},
                 {"{} x", 4},
                 {"1 2", 3},
                 {"\"\\ud800\"", 8},
                 {"\"\xED\xA0\x80\"", 5},
                 {"\xEF\xBB\xBF"
                  "1",
                  4},
                 {"\"\n\"", 3},
                 {"\"\x01\"", 3},
                 {"\"\\u12g4\"", 8},
                 {"1 \"a", 4},
                 {"[]\"", 3},
                 {"1\"", 2}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(parse_status(wrong[i].text, wrong[i].size, 0) == ASL_SYNTAX, "case %zu", i);
}
END_TEST

START_TEST(of_equal_keys_the_last_value_wins_at_the_first_place)
{
    asl_value *value = json_quoted("{'a':1,'b':2,'a':{'c':[3]},'b':4}");
    json_check(value, "{\"a\":{\"c\":[3]},\"b\":4}");
    asl_value_unref(value);
    value = json_quoted("{'\\u0061':1,'a':2}");
    json_check(value, "{\"a\":2}");
    asl_value_unref(value);
}
END_TEST

START_TEST(equal_keys_are_found_in_large_objects)
{
    static char text[200000];
    size_t size = 0;
    text[size++] = '{';
    for (int i = 0; i < 4000; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s\"key%d\":%d",
                                 i > 0 ? "," : "", i % 1500, i);
    text[size++] = '}';
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, text, size, 0, &value, NULL), ASL_OK);
    ck_assert_uint_eq(asl_value_count(value), 1500);
    for (int i = 0; i < 1500; i++) {
        char key[16];
        int64_t number = -1;
        snprintf(key, sizeof key, "key%d", i);
        ck_assert(asl_value_get_integer(asl_value_get(value, key), &number));
        ck_assert_int_eq(number, i < 1000 ? i + 3000 : i + 1500);
    }
    char *printed = NULL;
    size_t printed_size = 0;
    ck_assert_int_eq(asl_value_print(value, 0, &printed, &printed_size), ASL_OK);
    ck_assert_uint_eq(printed_size, strlen(printed));
    asl_text_free(printed);
    asl_value_unref(value);
}
END_TEST

START_TEST(values_read_as_they_were_written)
{
    asl_value *value = json_parse(" {\"name\":\"Step \\u0046unctions \\ud83c\\udf55\","
                                  "\"quantity\":3,\"price\":12.50,\"paid\":true,\"note\":null,"
                                  "\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"\":[]} ");
    json_check(value, "{\"name\":\"Step Functions \xF0\x9F\x8D\x95\",\"quantity\":3,"
                      "\"price\":12.50,\"paid\":true,\"note\":null,"
                      "\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"\":[]}");
    const asl_value *items = asl_value_get(value, "items");
    ck_assert_ptr_eq(asl_value_key(asl_value_at(items, 0), 0),
                     asl_value_key(asl_value_at(items, 1), 0));
    asl_value_unref(value);
}
END_TEST

START_TEST(long_and_many_values_parse)
{
    static char text[3000000];
    size_t size = 0;
    text[size++] = '[';
    for (int i = 0; i < 30000; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s\"a\\n%060d\"",
                                 i > 0 ? "," : "", i);
    text[size++] = ']';
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, text, size, 0, &value, NULL), ASL_OK);
    ck_assert_uint_eq(asl_value_count(value), 30000);
    ck_assert_uint_eq(asl_value_text_size(value), size);
    asl_value_unref(value);
}
END_TEST

START_TEST(wrong_arguments_are_misuse)
{
    asl_value *value = NULL;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, NULL, 1, 0, &value, &error), ASL_MISUSE);
    ck_assert_int_eq(asl_error_status(error), ASL_MISUSE);
    asl_error_free(error);
    ck_assert_int_eq(asl_value_parse(NULL, "1", 1, 0, NULL, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_value_parse(NULL, "1", 1, 64, &value, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_value_parse(NULL, NULL, 0, 0, &value, NULL), ASL_SYNTAX);
    ck_assert_ptr_null(value);
}
END_TEST

/* A text that makes every kind of value, repeated keys, an index, and the tokenizer's own memory
 * grow, with each allocation failing in turn. */
static void sweep(const char *text, int expected)
{
    for (unsigned flags = 0; flags <= ASL_PARSE_KEEP_TEXT; flags++) {
        for (int for_good = 0; for_good < 2; for_good++) {
            fault_heap heap;
            fault_heap_init(&heap);
            for (size_t nth = 1; fault_heap_sweep(&heap, nth, for_good != 0); nth++) {
                asl_value *value = NULL;
                asl_error *error = NULL;
                int status = asl_value_parse(&heap.hook, text, strlen(text), flags, &value, &error);
                ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : expected);
                ck_assert_int_eq(value != NULL, status == ASL_OK);
                ck_assert_int_eq(asl_error_status(error), status);
                asl_error_free(error);
                asl_value_unref(value);
            }
        }
    }
}

START_TEST(every_failed_allocation_is_nomem_and_leaves_nothing)
{
    static char text[40000];
    size_t size = 0;
    text[size++] = '{';
    for (int i = 0; i < 40; i++)
        size +=
            (size_t)snprintf(text + size, sizeof text - size,
                             "\"key%d\":[%d,1.5,\"x\\n\",{},[],{\"a\":null}],", i % 30, i * 1000);
    size += (size_t)snprintf(text + size, sizeof text - size, "\"long\":\"\\n%09000d\"}", 7);
    sweep(text, ASL_OK);
    text[size - 1] = ']';
    sweep(text, ASL_SYNTAX);
    sweep("", ASL_SYNTAX);
    sweep(" null ", ASL_OK);
    sweep("\"\\u0041 escaped\"", ASL_OK);
    sweep("123456789", ASL_OK);
}
END_TEST

SUITE("value/parse", depth_is_limited_at_256, the_place_of_what_is_too_much_is_told,
      number_text_is_limited_at_1000_bytes, what_the_tokenizer_would_let_pass_is_refused,
      of_equal_keys_the_last_value_wins_at_the_first_place, equal_keys_are_found_in_large_objects,
      values_read_as_they_were_written, long_and_many_values_parse, wrong_arguments_are_misuse,
      every_failed_allocation_is_nomem_and_leaves_nothing)
