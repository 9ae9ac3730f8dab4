/* Documents: the range of every node. */
#include <stdio.h>
#include <string.h>

#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value_layout.h"

static asl_document parse(const char *text)
{
    asl_document document;
    asl_error *error = NULL;
    int status = asl_document_parse(NULL, text, strlen(text), 100, &document, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    return document;
}

static void check_range(const asl_document *document, const char *text, size_t index,
                        const char *expected)
{
    const asl_node_range *range = &document->ranges[index];
    ck_assert_uint_lt(index, document->count);
    ck_assert_uint_eq(range->length, strlen(expected));
    ck_assert_mem_eq(text + range->offset, expected, range->length);
}

START_TEST(every_node_and_key_has_its_range)
{
    const char *text =
        " { \"a\\n\" : [ 1 , true ] ,\n\"b\":{\"c\" :null},\"d\":-1.5e3 , \"e\":\"\"}";
    asl_document document = parse(text);
    static const struct {
        const char *text;
        uint32_t parent, key;
        bool is_key;
    } expected[] = {
        {"{ \"a\\n\" : [ 1 , true ] ,\n\"b\":{\"c\" :null},\"d\":-1.5e3 , \"e\":\"\"}", UINT32_MAX,
         UINT32_MAX, false},
        {"\"a\\n\"", 0, UINT32_MAX, true},
        {"[ 1 , true ]", 0, 1, false},
        {"1", 2, UINT32_MAX, false},
        {"true", 2, UINT32_MAX, false},
        {"\"b\"", 0, UINT32_MAX, true},
        {"{\"c\" :null}", 0, 5, false},
        {"\"c\"", 6, UINT32_MAX, true},
        {"null", 6, 7, false},
        {"\"d\"", 0, UINT32_MAX, true},
        {"-1.5e3", 0, 9, false},
        {"\"e\"", 0, UINT32_MAX, true},
        {"\"\"", 0, 11, false},
    };
    ck_assert_uint_eq(document.count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < document.count; i++) {
        check_range(&document, text, i, expected[i].text);
        ck_assert_uint_eq(document.ranges[i].parent, expected[i].parent);
        ck_assert_uint_eq(document.ranges[i].key, expected[i].key);
        ck_assert_int_eq(document.ranges[i].is_key, expected[i].is_key);
        ck_assert(!document.ranges[i].is_duplicate);
    }
    ck_assert_ptr_eq(document.ranges[0].value, document.root);
    ck_assert_ptr_eq(document.ranges[1].value, asl_value_key(document.root, 0));
    ck_assert_ptr_eq(document.ranges[2].value, asl_value_at(document.root, 0));
    ck_assert_ptr_eq(document.ranges[8].value,
                     asl_value_get(asl_value_get(document.root, "b"), "c"));
    asl_document_done(&document);
}
END_TEST

START_TEST(a_scalar_alone_has_its_range)
{
    static const char *const texts[] = {"12", "true", "\"a\"", "null", "-0.5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        asl_document document = parse(texts[i]);
        ck_assert_uint_eq(document.count, 1);
        check_range(&document, texts[i], 0, texts[i]);
        asl_document_done(&document);
    }
    asl_document document = parse(" 12");
    check_range(&document, " 12", 0, "12");
    asl_document_done(&document);
}
END_TEST

START_TEST(no_two_nodes_are_one_value)
{
    asl_document document =
        parse("{\"a\":[1,1,true,true,null,null,\"\",\"\",[],[],{},{}],\"b\":{\"a\":1}}");
    for (size_t i = 0; i < document.count; i++) {
        for (size_t j = 0; j < i; j++)
            ck_assert_ptr_ne(document.ranges[i].value, document.ranges[j].value);
    }
    asl_document_done(&document);
}
END_TEST

START_TEST(repeated_keys_are_marked_and_what_they_hid_is_gone)
{
    const char *text = "{\"a\":[1,{\"x\":2}],\"b\":3,\"a\":4,\"c\":{\"d\":5,\"d\":{}},\"a\":[6]}";
    asl_document document = parse(text);
    json_check(document.root, "{\"a\":[6],\"b\":3,\"c\":{\"d\":{}}}");
    size_t duplicates = 0, gone = 0;
    for (size_t i = 0; i < document.count; i++) {
        const asl_node_range *range = &document.ranges[i];
        if (range->is_duplicate) {
            duplicates++;
            ck_assert(range->is_key);
            ck_assert_ptr_nonnull(asl_value_get_string(range->value, NULL));
        }
        gone += range->value == NULL;
    }
    ck_assert_uint_eq(duplicates, 3);
    /* [1,{"x":2}] and 1, {"x":2}, "x" and 2 in it; then 4; then 5 */
    ck_assert_uint_eq(gone, 7);
    asl_document_done(&document);
}
END_TEST

START_TEST(repeated_keys_in_large_objects_are_marked)
{
    static char text[100000];
    size_t size = 0;
    text[size++] = '{';
    for (int i = 0; i < 2000; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s\"k%d\":[%d]",
                                 i > 0 ? "," : "", i % 1999, i);
    text[size++] = '}';
    text[size] = '\0';
    asl_document document = parse(text);
    size_t duplicates = 0, gone = 0;
    for (size_t i = 0; i < document.count; i++) {
        duplicates += document.ranges[i].is_duplicate;
        gone += document.ranges[i].value == NULL;
    }
    ck_assert_uint_eq(duplicates, 1);
    ck_assert_uint_eq(gone, 2);
    asl_document_done(&document);
}
END_TEST

START_TEST(depth_is_limited_as_asked)
{
    char text[20];
    asl_document document;
    memset(text, '[', 10);
    memset(text + 10, ']', 10);
    ck_assert_int_eq(asl_document_parse(NULL, text, 20, 10, &document, NULL), ASL_OK);
    asl_document_done(&document);
    ck_assert_int_eq(asl_document_parse(NULL, text, 20, 9, &document, NULL), ASL_TOO_LARGE);
    ck_assert_int_eq(asl_document_parse(NULL, text, 20, 513, &document, NULL), ASL_MISUSE);
}
END_TEST

START_TEST(every_failed_allocation_is_nomem_and_leaves_nothing)
{
    const char *text = "{\"a\":[1,true,null,\"\",{\"x\":[]}],\"b\":{},\"a\":\"\\n\",\"c\":1.5,"
                       "\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"k\":0,\"l\":0,"
                       "\"m\":0,\"n\":0,\"o\":0,\"p\":0,\"q\":0,\"r\":0}";
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_document document;
        int status = asl_document_parse(&heap.hook, text, strlen(text), 100, &document, NULL);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        if (status == ASL_OK)
            asl_document_done(&document);
    }
}
END_TEST

SUITE("value/document", every_node_and_key_has_its_range, a_scalar_alone_has_its_range,
      no_two_nodes_are_one_value, repeated_keys_are_marked_and_what_they_hid_is_gone,
      repeated_keys_in_large_objects_are_marked, depth_is_limited_as_asked,
      every_failed_allocation_is_nomem_and_leaves_nothing)
