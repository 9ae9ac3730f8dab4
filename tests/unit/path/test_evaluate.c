/* What paths find, as the service has it: indefinite paths never fail. Jayway's own answers are
 * cases of the conformance runner. */
#include "base/limits.h"
#include "path/layout.h"
#include "path_case.h"

START_TEST(indefinite_paths_give_an_array_whatever_is_missing)
{
    finds("$.items[*]", "{}", "[]");
    finds("$.item.items[1:5].value", "{}", "[]");
    finds("$[*]", "{}", "[]");
    finds("$[*]", "5", "[]");
    finds("$.a[?(@.b)]", "{\"a\":4}", "[]");
    finds("$.a[0,1]", "{\"a\":null}", "[]");
    finds("$.a[*].b", "{\"a\":[{\"b\":1},{},2,{\"b\":3}]}", "[1,3]");
    finds("$.*[1:].x", "{\"a\":1,\"b\":[0,{\"x\":2}]}", "[2]");
}
END_TEST

START_TEST(missing_definite_nodes_are_explained)
{
    finds("$.no.such", "{}", "! Missing property in path $['no']");
    finds("$.x", "{}", "! No results for path: $['x']");
    finds("$.a[0]", "{\"a\":1}",
          "! Filter: [0] can only be applied to arrays. Current context is: 1");
    finds("$.a[0].b", "{\"a\":{\"k\":[1,\"x\"],\"m\":{\"n\":null}}}",
          "! Filter: [0]['b'] can only be applied to arrays. Current context is: "
          "{k=[1,\"x\"], m={n=null}}");
    finds("$.a.b.c", "{\"a\":{\"b\":null}}",
          "! Expected to find an object with property ['c'] in path $['a']['b'] but found 'null'. "
          "This is not a json object according to the JsonProvider: "
          "'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'.");
}
END_TEST

static bool past_end(const char *text, const char *document)
{
    asl_cleanup(asl_value_cleanup) asl_value *root = parse(NULL, document), *found = NULL;
    asl_path_failure failure = {NULL, false};
    asl_path *path = compile(NULL, text, 0);
    int status = asl_path_evaluate(path, root, &found, &failure);
    ck_assert_msg(status == ASL_NOT_FOUND, "%s", text);
    asl_value_unref(failure.message);
    asl_path_free(path);
    return failure.is_past_end;
}

START_TEST(an_index_past_the_end_is_told_from_other_misses)
{
    ck_assert(past_end("$.a[2]", "{\"a\":[1,2]}"));
    ck_assert(past_end("$.a[-3]", "{\"a\":[1,2]}"));
    ck_assert(!past_end("$.a[2].b", "{\"a\":[1,2]}"));
    ck_assert(!past_end("$.a[0]", "{\"a\":1}"));
    ck_assert(!past_end("$.b", "{}"));
}
END_TEST

START_TEST(null_and_scalars_are_nodes_like_others)
{
    finds("$", "null", "null");
    finds("$.a", "{\"a\":null}", "null");
    finds("$..*", "[null,[false]]", "[null,[false],false]");
    finds("$[?(@ == null)]", "[null,0,\"null\"]", "[null]");
}
END_TEST

START_TEST(numbers_and_strings_compare_as_java_compares_them)
{
    finds("$[?(@ == 5)]", "[5,5.0,\"5\",\"5.00\",\"05\",\"x\"]", "[5,5.0,\"5\"]");
    finds("$[?(5 == @)]", "[5,5.0,\"5\",\"5.00\",\"05\",\"x\"]", "[5,5.0,\"5\",\"5.00\",\"05\"]");
    finds("$[?(@ == '1.0E+10')]", "[10000000000.0,1e10]", "[10000000000.0,1e10]");
    finds("$[?(@ == 9007199254740993)]", "[9007199254740992,9007199254740993]",
          "[9007199254740993]");
    finds("$[?(@ < 'b')]", "[\"a\",\"b\",1]", "[\"a\"]");
    finds("$[?(@ == [1, {\"a\": 2}])]", "[[1,{\"a\":2}],[1.0,{\"a\":2}],[1]]", "[[1,{\"a\":2}]]");
    /* By UTF-16 units U+FF5E comes after U+1F600. */
    finds("$[?(@ < '\\uFF5E')]", "[\"\\uD83D\\uDE00\",\"\\uFFFD\"]", "[\"\xF0\x9F\x98\x80\"]");
    finds("$[?(@ size 2)]", "[\"\\uD83D\\uDE00\",\"ab\",\"\xC3\xA4\"]",
          "[\"\xF0\x9F\x98\x80\",\"ab\"]");
}
END_TEST

START_TEST(lists_hold_what_jayway_makes_of_their_items)
{
    finds("$[?(@ in ['a', 1, null, true])]", "[\"a\",\"1\",1,null,true,\"b\"]",
          "[\"a\",\"1\",1,null,true]");
    finds("$[?(@ in ['$.x', '$x'])]", "[\"$.x\",\"$x\"]", "[\"$x\"]");
    finds("$[?(@.t contains 1)]", "[{\"t\":[1,[2]]}]", "! Could not determine value type");
    finds("$[?(@.t nin [1])]", "[{\"t\":1},{\"t\":2},{}]", "[{\"t\":2},{}]");
    finds("$[?(@.t in 5)]", "[{\"t\":5}]", "[]");
}
END_TEST

START_TEST(a_dollar_in_a_filter_is_the_whole_document)
{
    finds("$.a[?(@ > $.least)]", "{\"a\":[1,5,9],\"least\":4}", "[5,9]");
    finds("$.a[?(@.x == $.a[0].x)].y", "{\"a\":[{\"x\":1,\"y\":1},{\"x\":1,\"y\":2},{\"x\":2}]}",
          "[1,2]");
}
END_TEST

START_TEST(functions_take_arguments_and_results)
{
    finds("$.a.avg()", "{\"a\":[1,2,4.5]}", "2.5");
    finds("$.a.sum()", "{\"a\":[1,2]}", "3.0");
    finds("$.sum($.a, 4)", "{\"a\":[1,2]}", "7.0");
    finds("$.a.stddev()", "{\"a\":[2,4]}", "1.0");
    finds("$..b.length()", "{\"a\":[{\"b\":[1,2]},{\"b\":[3]}]}", "3");
    finds("$.concat($.a, \"-\", 5)", "{\"a\":[\"x\",\"y\"]}", "\"xy-5\"");
    finds("$.a.append(3).sum()", "{\"a\":[1,2]}", "6.0");
    finds("$.a.first()", "{\"a\":[]}", "! Index out of bounds");
    finds("$.a.sum()", "{\"a\":[]}",
          "! Aggregation function attempted to calculate value using empty array");
    finds("$.a.median()", "{\"a\":[1]}", "! Function with name: median does not exist.");
    finds("$[?(@.length() > 1)]", "[[1],[1,2]]", "[[1,2]]");
}
END_TEST

/* `[[[...7...]]]` as a value, as deep as values get. */
static asl_value *nest(const asl_heap *heap, size_t depth)
{
    asl_value *value = asl_value_integer(heap, 7);
    for (size_t i = 0; i < depth; i++) {
        asl_value *outer = asl_value_array(heap);
        ck_assert_int_eq(asl_value_append(&outer, value), ASL_OK);
        value = outer;
    }
    return value;
}

START_TEST(the_deepest_documents_are_scanned)
{
    asl_cleanup(asl_value_cleanup) asl_value *deep = nest(NULL, ASL_VALUE_DEPTH_MAX), *found = NULL;
    asl_path *path = compile(NULL, "$..[0]", 0);
    ck_assert_int_eq(asl_path_evaluate(path, deep, &found, NULL), ASL_OK);
    ck_assert_uint_eq(asl_value_count(found), ASL_VALUE_DEPTH_MAX);
    asl_path_free(path);
}
END_TEST

static int evaluate_status(const char *text, const asl_value *root)
{
    asl_cleanup(asl_value_cleanup) asl_value *found = NULL;
    asl_path *path = compile(NULL, text, 0);
    ck_assert_ptr_nonnull(path);
    int status = asl_path_evaluate(path, root, &found, NULL);
    asl_path_free(path);
    return status;
}

START_TEST(work_has_a_limit)
{
    asl_cleanup(asl_value_cleanup) asl_value *wide = asl_value_array(NULL);
    for (int i = 0; i < 3000; i++)
        ck_assert_int_eq(asl_value_append(&wide, asl_value_integer(NULL, i)), ASL_OK);
    ck_assert_int_eq(evaluate_status("$[?(@ == $[2999])]", wide), ASL_OK);
    ck_assert_int_eq(evaluate_status("$..[?(@ in $)]", wide), ASL_OK);
    asl_cleanup(asl_value_cleanup) asl_value *more = asl_value_array(NULL);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(asl_value_append(&more, asl_value_ref(wide)), ASL_OK);
    ck_assert_int_eq(evaluate_status("$[*][?(@ nin $[0])]", more), ASL_TOO_LARGE);
}
END_TEST

START_TEST(a_runaway_pattern_is_stopped)
{
    char text[64];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    asl_cleanup(asl_value_cleanup) asl_value *list = asl_value_array(NULL);
    ck_assert_int_eq(asl_value_append(&list, asl_value_string(NULL, text)), ASL_OK);
    ck_assert_int_eq(evaluate_status("$[?(@ =~ /(a|a)*[bc]/)]", list), ASL_TOO_LARGE);
    ck_assert_int_eq(evaluate_status("$[?(@ =~ /a+/)]", list), ASL_OK);
}
END_TEST

START_TEST(definite_paths_allocate_nothing)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *root = parse(&heap.hook, "{\"a\":[{\"b\":{\"c d\":[1,2,3]}}]}"), *found = NULL;
    asl_path *path = compile(&heap.hook, "$.a[0].b['c d'][-1]", 0);
    fault_heap_fail_at(&heap, 0, false);
    ck_assert_int_eq(asl_path_evaluate(path, root, &found, NULL), ASL_OK);
    ck_assert_uint_eq(heap.allocations, 0);
    asl_value_unref(found);
    asl_value_unref(root);
    asl_path_free(path);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

START_TEST(running_out_of_memory_leaves_nothing_behind)
{
    static const char document[] = "{\"a\":[{\"b\":\"x\",\"t\":[\"a\",\"'q'\",1.5]},{\"b\":\"5\","
                                   "\"n\":[[[[[[[[[[1]]]]]]]]]]}],"
                                   "\"k\":{\"x\":1,\"y\":2},\"w\":[[1,2],[1,2]]}";
    static const char *const paths[] = {
        "$..*",
        "$.a[?(@.b =~ /[a-z]/ && @.t contains 'q')]",
        "$.a[?(@.b == 5 || @.t anyof ['1.5', 'a'])]",
        "$.w[?(@ == $.w[0])]",
        "$.k['x','y']",
        "$.k.keys()",
        "$.a[0].t.append(\"x\").length()",
        "$.concat($.a[*].b, 1.25)",
        "$.sum($..x, 3)",
        "$.nothing.here",
        "$.a[0].t[0].b",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        fault_heap heap;
        fault_heap_init(&heap);
        for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
            asl_value *root = parse(&heap.hook, document), *found = NULL;
            asl_path *path = root == NULL ? NULL : compile(&heap.hook, paths[i], 0);
            asl_path_failure failure = {NULL, false};
            int status = path == NULL ? ASL_NOMEM : asl_path_evaluate(path, root, &found, &failure);
            bool may_miss = i >= 9;
            ck_assert_msg(fault_heap_failed(&heap) ? status == ASL_NOMEM
                                                   : status == (may_miss ? ASL_NOT_FOUND : ASL_OK),
                          "%s: %s", paths[i], asl_status_name(status));
            asl_value_unref(failure.message);
            asl_value_unref(found);
            asl_value_unref(root);
            asl_path_free(path);
        }
    }
}
END_TEST

START_TEST(a_backslash_stays_before_the_quote_that_does_not_end_the_name)
{
    finds("$['a\\\"b']", "{\"a\\\\\\\"b\":1,\"a\\\"b\":2}", "1");
    finds("$['a\\'b']", "{\"a'b\":1,\"a\\\\'b\":2}", "1");
    finds("$[\"a\\'b\"]", "{\"a'b\":1,\"a\\\\'b\":2}", "2");
    asl_path *path = compile(NULL, "$['a\\\"b']", ASL_PATH_JAYWAY);
    asl_value *root = parse(NULL, "{\"a\\\"b\":2}"), *found = NULL;
    ck_assert_int_eq(asl_path_evaluate(path, root, &found, NULL), ASL_OK);
    asl_value_unref(found);
    asl_value_unref(root);
    asl_path_free(path);
}
END_TEST

SUITE("path/evaluate", indefinite_paths_give_an_array_whatever_is_missing,
      missing_definite_nodes_are_explained, an_index_past_the_end_is_told_from_other_misses,
      null_and_scalars_are_nodes_like_others, numbers_and_strings_compare_as_java_compares_them,
      lists_hold_what_jayway_makes_of_their_items, a_dollar_in_a_filter_is_the_whole_document,
      functions_take_arguments_and_results,
      a_backslash_stays_before_the_quote_that_does_not_end_the_name,
      the_deepest_documents_are_scanned, work_has_a_limit, a_runaway_pattern_is_stopped,
      definite_paths_allocate_nothing, running_out_of_memory_leaves_nothing_behind)
