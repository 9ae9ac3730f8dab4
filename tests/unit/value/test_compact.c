/* Values without kept text. */
#include <string.h>

#include "fault_heap.h"
#include "json.h"
#include "suite.h"
#include "value/value.h"

static asl_value *parse_kept(const asl_heap *heap, const char *text)
{
    asl_value *value = NULL;
    asl_value_parse(heap, text, strlen(text), ASL_PARSE_KEEP_TEXT, &value, NULL);
    return value;
}

START_TEST(kept_roots_become_compact)
{
    static const struct {
        const char *kept, *compact;
    } cases[] = {{" [1, 2] ", "[1,2]"},    {"{ }", "{}"},
                 {" null", "null"},        {" true ", "true"},
                 {" 1.50 ", "1.50"},       {" 70000 ", "70000"},
                 {"\"\\u0041\"", "\"A\""}, {" \"\" ", "\"\""},
                 {"false ", "false"},      {"[ {\"a\": [ ] } ]", "[{\"a\":[]}]"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_value *kept = parse_kept(NULL, cases[i].kept), *compact = asl_value_compact(kept);
        json_check(kept, cases[i].kept);
        json_check(compact, cases[i].compact);
        asl_value_unref(kept);
        asl_value_unref(compact);
    }
}
END_TEST

START_TEST(kept_text_below_becomes_compact)
{
    asl_value *object = asl_value_object(NULL), *array = asl_value_array(NULL);
    asl_value *plain = json_quoted("{'big':[1,2,3]}");
    asl_value_append(&array, asl_value_ref(plain));
    asl_value_append(&array, parse_kept(NULL, "[ 1 ]"));
    asl_value_append(&array, parse_kept(NULL, " 7 "));
    asl_value_set(&object, "a", array);
    asl_value_set(&object, "b", asl_value_ref(plain));
    json_check(object, "{\"a\":[{\"big\":[1,2,3]},[ 1 ], 7 ],\"b\":{\"big\":[1,2,3]}}");
    asl_value *compact = asl_value_compact(object);
    json_check(compact, "{\"a\":[{\"big\":[1,2,3]},[1],7],\"b\":{\"big\":[1,2,3]}}");
    ck_assert_ptr_eq(asl_value_get(compact, "b"), plain);
    asl_value_unref(compact);
    asl_value_unref(object);
    asl_value_unref(plain);
}
END_TEST

START_TEST(what_has_no_kept_text_stays_itself)
{
    asl_value *value = json_quoted("[1,{'a':2}]");
    asl_value *compact = asl_value_compact(value);
    ck_assert_ptr_eq(value, compact);
    asl_value_unref(value);
    asl_value_unref(compact);
}
END_TEST

START_TEST(every_failed_allocation_gives_null)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_value *array = asl_value_array(&heap.hook), *compact = NULL;
    asl_value_append(&array, parse_kept(&heap.hook, "{ \"a\" : 1.5 }"));
    asl_value_append(&array, parse_kept(&heap.hook, " \"x\" "));
    asl_value_append(&array, parse_kept(&heap.hook, " 123456 "));
    size_t live = heap.live_blocks;
    for (size_t nth = 1; compact == NULL; nth++) {
        fault_heap_fail_at(&heap, nth, false);
        compact = asl_value_compact(array);
        ck_assert_int_eq(compact == NULL, fault_heap_failed(&heap));
        ck_assert(compact != NULL || heap.live_blocks == live);
    }
    fault_heap_fail_at(&heap, 0, false);
    json_check(compact, "[{\"a\":1.5},\"x\",123456]");
    asl_value_unref(compact);
    asl_value_unref(array);
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

SUITE("value/compact", kept_roots_become_compact, kept_text_below_becomes_compact,
      what_has_no_kept_text_stays_itself, every_failed_allocation_gives_null)
