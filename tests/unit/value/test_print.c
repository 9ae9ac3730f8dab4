/* Printing. */
#include <string.h>

#include "base/cleanup.h"
#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value.h"

START_TEST(compact_text_has_no_space)
{
    asl_value *value = json_quoted(" { 'a' : [ 1 , 2.50 , { } ] , 'b' : [ ] , 'c' : null } ");
    json_check(value, "{\"a\":[1,2.50,{}],\"b\":[],\"c\":null}");
    asl_value_unref(value);
}
END_TEST

START_TEST(escapes_are_the_short_ones_and_upper_case)
{
    asl_value *value =
        json_parse("\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u001f\\u0000 \x7f \xC3\xA9 \\ud83c\\udf55\"");
    json_check(value, "\"\\\" \\\\ / \\b\\f\\n\\r\\t \\u001F\\u0000 \x7f \xC3\xA9 "
                      "\xF0\x9F\x8D\x95\"");
    asl_value_unref(value);
}
END_TEST

START_TEST(string_literals_print_as_string_values_do)
{
    static const char bytes[] = "a\0\x01\"\\\n\xC3\xA9z";
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    asl_print_string(bytes, sizeof bytes - 1, &buffer);
    asl_value *value = asl_value_string_sized(NULL, bytes, sizeof bytes - 1);
    json_check(value, asl_buffer_string(&buffer));
    asl_value_unref(value);
}
END_TEST

START_TEST(pretty_text_is_indented_by_two)
{
    asl_value *value = json_quoted("{'a':[1,{'b':'x'}],'c':[],'d':{}}");
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_eq(asl_value_print(value, ASL_PRINT_PRETTY, &text, &size), ASL_OK);
    ck_assert_str_eq(text, "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\"\n    }\n  ],\n"
                           "  \"c\": [],\n  \"d\": {}\n}");
    ck_assert_uint_eq(size, strlen(text));
    asl_text_free(text);
    asl_value_unref(value);
    ck_assert_int_eq(asl_value_print(asl_value_bool(false), ASL_PRINT_PRETTY, &text, NULL), ASL_OK);
    ck_assert_str_eq(text, "false");
    asl_text_free(text);
}
END_TEST

static asl_value *parse_kept(const asl_heap *heap, const char *text)
{
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(heap, text, strlen(text), ASL_PARSE_KEEP_TEXT, &value, NULL),
                     ASL_OK);
    return value;
}

START_TEST(kept_text_prints_as_it_was_written)
{
    static const char *const texts[] = {" {\"a\" : [1, 2 ]}\n",
                                        "[1, 2]",
                                        "[]",
                                        " {} ",
                                        "\t null",
                                        " true",
                                        "false ",
                                        " 5 ",
                                        " 1.50 ",
                                        "\"\\u0041\"",
                                        " \"abc\" ",
                                        "{\"a\":1,\"a\":2}",
                                        "\"\\/\""};
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        asl_value *value = parse_kept(&heap.hook, texts[i]);
        json_check(value, texts[i]);
        ck_assert_uint_eq(asl_value_text_size(value), strlen(texts[i]));
        asl_value *plain = json_parse(texts[i]);
        ck_assert(asl_value_equal(value, plain));
        char *kept_pretty = NULL, *plain_pretty = NULL;
        ck_assert_int_eq(asl_value_print(value, ASL_PRINT_PRETTY, &kept_pretty, NULL), ASL_OK);
        ck_assert_int_eq(asl_value_print(plain, ASL_PRINT_PRETTY, &plain_pretty, NULL), ASL_OK);
        ck_assert_str_eq(kept_pretty, plain_pretty);
        asl_text_free(kept_pretty);
        asl_text_free(plain_pretty);
        asl_value_unref(plain);
        asl_value_unref(value);
    }
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(a_container_around_kept_text_prints_it_inside)
{
    asl_value *inner = parse_kept(NULL, "[1, 2]"), *outer = asl_value_array(NULL);
    asl_value_append(&outer, asl_value_ref(inner));
    asl_value_append(&outer, asl_value_integer(NULL, 3));
    json_check(outer, "[[1, 2],3]");
    asl_value_unref(outer);
    asl_value_unref(inner);
}
END_TEST

START_TEST(a_change_drops_the_kept_text)
{
    asl_value *object = parse_kept(NULL, "{ \"a\": 1 }");
    ck_assert_int_eq(asl_value_set(&object, "b", asl_value_null()), ASL_OK);
    json_check(object, "{\"a\":1,\"b\":null}");
    asl_value_unref(object);
    object = parse_kept(NULL, "{ \"a\": 1 }");
    ck_assert_int_eq(asl_value_set(&object, "a", asl_value_null()), ASL_OK);
    json_check(object, "{\"a\":null}");
    asl_value_unref(object);
    asl_value *array = parse_kept(NULL, "[ 1 ]");
    ck_assert_int_eq(asl_value_append(&array, asl_value_null()), ASL_OK);
    json_check(array, "[1,null]");
    asl_value_unref(array);
}
END_TEST

START_TEST(wrong_arguments_are_misuse)
{
    char *text = NULL;
    ck_assert_int_eq(asl_value_print(NULL, 0, &text, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_value_print(asl_value_null(), 2, &text, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_value_print(asl_value_null(), 0, NULL, NULL), ASL_MISUSE);
    asl_text_free(NULL);
}
END_TEST

START_TEST(a_limited_buffer_takes_the_text_or_nothing)
{
    asl_value *value = json_quoted("{'a':[1,2,3]}");
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    buffer.limit = asl_value_text_size(value);
    asl_value_print_to(value, &buffer);
    ck_assert_str_eq(asl_buffer_string(&buffer), "{\"a\":[1,2,3]}");
    asl_buffer_clear(&buffer);
    buffer.limit--;
    asl_value_print_to(value, &buffer);
    ck_assert_int_eq(buffer.status, ASL_TOO_LARGE);
    ck_assert_uint_eq(buffer.size, 0);
    asl_value_unref(value);
}
END_TEST

START_TEST(every_failed_allocation_is_nomem)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *value = NULL;
    const char *source = "{\"a\":[1,2.5,{\"b\":\"text\"}],\"c\":\"\\n\"}";
    ck_assert_int_eq(asl_value_parse(&heap.hook, source, strlen(source), 0, &value, NULL), ASL_OK);
    for (unsigned flags = 0; flags <= ASL_PRINT_PRETTY; flags++) {
        size_t live = heap.live_blocks;
        int status = ASL_NOMEM;
        for (size_t nth = 1; status != ASL_OK; nth++) {
            char *text = NULL;
            fault_heap_fail_at(&heap, nth, false);
            status = asl_value_print(value, flags, &text, NULL);
            ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
            asl_text_free(text);
            ck_assert_uint_eq(heap.live_blocks, live);
        }
    }
    asl_value_unref(value);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

SUITE("value/print", compact_text_has_no_space, escapes_are_the_short_ones_and_upper_case,
      string_literals_print_as_string_values_do, pretty_text_is_indented_by_two,
      kept_text_prints_as_it_was_written, a_container_around_kept_text_prints_it_inside,
      a_change_drops_the_kept_text, wrong_arguments_are_misuse,
      a_limited_buffer_takes_the_text_or_nothing, every_failed_allocation_is_nomem)
