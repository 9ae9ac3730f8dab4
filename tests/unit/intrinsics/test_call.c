/* The 18 functions: what they give, and the causes of their failures. */
#include "intrinsic_case.h"

START_TEST(format_fills_placeholders_as_java_prints)
{
    gives("States.Format('{} and {}', $.a, $.b)", "{\"a\": \"x\", \"b\": 1.50}", "\"x and 1.50\"");
    gives("States.Format('{}', $)", "{\"a\": 1, \"b\": [null, \"x\"]}", "\"{a=1, b=[null, x]}\"");
    gives("States.Format('\\{\\} \\'\\\\')", "{}", "\"{} '\\\\\"");
    gives("States.Format($.t, 1)", "{\"t\":\"<{}>\"}", "\"<1>\"");
    fails("States.Format('{}')", "{}", "States.Format: there are more {} than arguments");
    fails("States.Format('', 1)", "{}", "States.Format: there are more arguments than {}");
    fails("States.Format(1)", "{}", "States.Format: argument 1 must be a string");
}
END_TEST

START_TEST(json_goes_into_strings_and_back)
{
    gives("States.StringToJson($)", "\"[1, {\\\"a\\\": 2.0}]\"", "[1,{\"a\":2.0}]");
    gives("States.StringToJson('')", "{}", "null");
    gives("States.StringToJson(' ')", "{}", "null");
    gives("States.StringToJson('-0')", "{}", "0");
    gives("States.JsonToString($)", "{\"a\": [1, 2.0] }", "\"{\\\"a\\\":[1,2.0]}\"");
    fails("States.StringToJson(1)", "{}", "States.StringToJson: argument 1 must be a string");
}
END_TEST

START_TEST(arrays_are_made_cut_and_searched)
{
    gives("States.Array()", "{}", "[]");
    gives("States.Array(1, 'a', null, $.x)", "{\"x\":{}}", "[1,\"a\",null,{}]");
    gives("States.ArrayPartition($, 2)", "[1,2,3]", "[[1,2],[3]]");
    gives("States.ArrayPartition($, 2.5)", "[1,2,3,4]", "[[1,2,3],[4]]");
    gives("States.ArrayPartition($, 9223372036854775807)", "[1]", "[[1]]");
    gives("States.ArrayContains($, 2)", "[1,2.0]", "true");
    gives("States.ArrayRange(1, 9, 2)", "{}", "[1,3,5,7,9]");
    gives("States.ArrayRange(9, 1, -4)", "{}", "[9,5,1]");
    gives("States.ArrayRange(1, 0, 1)", "{}", "[]");
    gives("States.ArrayRange(9223372036854775806, 9223372036854775807, 1)", "{}",
          "[9223372036854775806,9223372036854775807]");
    gives("States.ArrayGetItem($, 1)", "[1,2]", "2");
    gives("States.ArrayLength($)", "[1,2]", "2");
    gives("States.ArrayUnique($)", "[1,1.0,\"1\",[1],[1],{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]",
          "[1,\"1\",[1],{\"a\":1,\"b\":2}]");
    fails("States.ArrayPartition($, 0)", "[]",
          "States.ArrayPartition: the size of a part must be positive");
    fails("States.ArrayRange(0, 1000, 1)", "{}",
          "States.ArrayRange: the range has more than 1000 items");
    fails("States.ArrayRange(0, 1, 0)", "{}", "States.ArrayRange: the step must not be 0");
    fails("States.ArrayGetItem($, 2)", "[1,2]",
          "States.ArrayGetItem: there is no item 2 in an array of 2");
    fails("States.ArrayLength('a')", "{}", "States.ArrayLength: argument 1 must be an array");
}
END_TEST

START_TEST(numbers_are_rounded_before_they_are_added)
{
    gives("States.MathAdd(1.49, 1.5)", "{}", "3");
    gives("States.MathAdd(1.5, 1.51)", "{}", "4");
    gives("States.MathAdd(-1.5, -1.51)", "{}", "-3");
    gives("States.MathAdd(-0.5, 0.5)", "{}", "1");
    gives("States.MathAdd(2.5, 0)", "{}", "3");
    gives("States.MathRandom(0, 10)", "{}", "5");
    gives("States.MathRandom(-9223372036854775808, 9223372036854775807)", "{}", "-1");
    fails("States.MathAdd(9223372036854775807, 1)", "{}", "States.MathAdd: the sum is too large");
    fails("States.MathAdd(1e300, 1)", "{}", "States.MathAdd: argument 1 is too large");
    fails("States.MathAdd('1', 1)", "{}", "States.MathAdd: argument 1 must be a number");
    fails("States.MathRandom(3, 3)", "{}", "States.MathRandom: the start must be below the end");
}
END_TEST

START_TEST(a_seed_gives_one_number)
{
    asl_cleanup(asl_value_cleanup) asl_value *first = NULL, *second = NULL, *other = NULL;
    static const char text[] = "States.MathRandom(0, 1000000000, 3)";
    ck_assert_int_eq(call(NULL, text, "{}", 1000, &first), ASL_OK);
    ck_assert_int_eq(call(NULL, text, "{}", 1000, &second), ASL_OK);
    ck_assert_int_eq(call(NULL, "States.MathRandom(0, 1000000000, 4)", "{}", 1000, &other), ASL_OK);
    ck_assert(asl_value_equal(first, second));
    ck_assert(!asl_value_equal(first, other));
}
END_TEST

START_TEST(strings_are_split_at_any_of_the_characters)
{
    gives("States.StringSplit(',,,,', ',')", "{}", "[]");
    gives("States.StringSplit('This.is+a,test=string', '.+,=')", "{}",
          "[\"This\",\"is\",\"a\",\"test\",\"string\"]");
    gives("States.StringSplit('Hello\nWorld', '\n')", "{}", "[\"Hello\",\"World\"]");
    gives("States.StringSplit('aäbßc', 'ßä')", "{}", "[\"a\",\"b\",\"c\"]");
    gives("States.StringSplit('abc', '')", "{}", "[\"abc\"]");
}
END_TEST

START_TEST(base64_goes_both_ways)
{
    gives("States.Base64Encode('Data to encode')", "{}", "\"RGF0YSB0byBlbmNvZGU=\"");
    gives("States.Base64Encode('')", "{}", "\"\"");
    gives("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "{}", "\"Data to encode\"");
    gives("States.Base64Decode('')", "{}", "\"\"");
    fails("States.Base64Decode('!')", "{}", "States.Base64Decode: the string is not Base64");
    fails("States.Base64Decode('/w==')", "{}",
          "States.Base64Decode: what was decoded is not UTF-8");
}
END_TEST

START_TEST(hashes_are_those_of_the_five_algorithms)
{
    gives("States.Hash('input data', 'MD5')", "{}", "\"812f45842bc6d66ee14572ce20db8e86\"");
    gives("States.Hash('input data', 'SHA-1')", "{}",
          "\"aaff4a450a104cd177d28d18d74485e8cae074b7\"");
    gives("States.Hash('input data', 'SHA-256')", "{}",
          "\"b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3\"");
    gives(
        "States.Hash('input data', 'SHA-384')", "{}",
        "\"d28a7d5cf25a74f11a50a18452b75e04bb3d70c9dd0510d6123aa008c756511b87525bdc835ebb27e1fb9e93"
        "74a15562\"");
    gives(
        "States.Hash('input data', 'SHA-512')", "{}",
        "\"6ce4adb348546d4f449c4d25aad9a7c9cb711d9e91982d3f0b29ca2f3f47d4ce2deba23bf2954f0f1d593fc5"
        "0283731a533d30d425402d4f91316d871303aac4\"");
    fails("States.Hash('a', 'SHA256')", "{}",
          "States.Hash: argument 2 must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512");
}
END_TEST

START_TEST(ten_thousand_characters_are_the_most)
{
    char text[10100], input[10100];
    memset(text, 'a', sizeof text);
    for (size_t size = 10000; size <= 10001; size++) {
        snprintf(input, sizeof input, "\"%.*s\"", (int)size, text);
        asl_cleanup(asl_value_cleanup) asl_value *encoded = NULL, *hashed = NULL;
        int expected = size == 10000 ? ASL_OK : ASL_INVALID;
        ck_assert_int_eq(call(NULL, "States.Base64Encode($)", input, 262144, &encoded), expected);
        ck_assert_int_eq(call(NULL, "States.Hash($, 'MD5')", input, 262144, &hashed), expected);
    }
}
END_TEST

START_TEST(objects_are_merged_shallowly_in_the_order_of_a_hash_map)
{
    gives("States.JsonMerge($[0], $[1], false)",
          "[{\"a\":{\"a1\":1},\"b\":2,\"d\":3},{\"a\":{\"a3\":1},\"c\":2,\"d\":4}]",
          "{\"a\":{\"a3\":1},\"b\":2,\"c\":2,\"d\":4}");
    fails("States.JsonMerge($, $, true)", "{}",
          "States.JsonMerge: argument 3 must be false: deep merging is not supported");
    fails("States.JsonMerge($, 1, false)", "{}", "States.JsonMerge: argument 2 must be an object");
}
END_TEST

START_TEST(a_uuid_is_of_version_4)
{
    gives("States.UUID()", "{}", "\"80000000-0000-4000-8000-000000000000\"");
}
END_TEST

START_TEST(no_result_is_larger_than_a_payload)
{
    static const char *const texts[] = {"States.Array($, $)", "States.Format('{}{}', $, $)",
                                        "States.JsonToString($)", "States.Base64Encode($)"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        asl_cleanup(asl_value_cleanup) asl_value *cause = NULL;
        ck_assert_int_eq(call(NULL, texts[i], "\"0123456789\"", 12, &cause), ASL_INVALID);
        ck_assert_msg(strstr(asl_value_get_string(cause, NULL), "larger than 12 bytes") != NULL,
                      "%s", asl_value_get_string(cause, NULL));
    }
}
END_TEST

START_TEST(a_missing_path_is_not_the_functions_failure)
{
    asl_cleanup(asl_value_cleanup) asl_value *cause = NULL;
    ck_assert_int_eq(call(NULL, "States.Array(States.Array($.no))", "{}", 1000, &cause),
                     ASL_NOT_FOUND);
    ck_assert_ptr_null(cause);
}
END_TEST

START_TEST(running_out_of_memory_leaves_nothing_behind)
{
    static const char *const texts[] = {
        "States.Format('{} {}', $, States.UUID())",
        "States.StringToJson('{\"a\":[1,2]}')",
        "States.JsonToString($)",
        "States.ArrayPartition(States.StringSplit('a,b,c', ','), 2)",
        "States.ArrayUnique(States.Array(1, 1, 'a', $, $, null))",
        "States.ArrayRange(1, 40, 1)",
        "States.Base64Decode(States.Base64Encode('text'))",
        "States.Hash($, 'SHA-256')",
        "States.JsonMerge($, $.o, false)",
        "States.ArrayGetItem(States.Array(1), 5)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fault_heap heap;
        fault_heap_init(&heap);
        for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
            asl_value *value = NULL;
            int status = call(&heap.hook, texts[i], "{ \"o\":{\"x\":1,\"y\":[2.5]}, \"z\":0 }",
                              9999, &value);
            int expected = i == 9 ? ASL_INVALID : ASL_OK;
            ck_assert_msg(status == (fault_heap_failed(&heap) ? ASL_NOMEM : expected), "%s: %s",
                          texts[i], asl_status_name(status));
            asl_value_unref(value);
        }
    }
}
END_TEST

SUITE("intrinsics/call", format_fills_placeholders_as_java_prints, json_goes_into_strings_and_back,
      arrays_are_made_cut_and_searched, numbers_are_rounded_before_they_are_added,
      a_seed_gives_one_number, strings_are_split_at_any_of_the_characters, base64_goes_both_ways,
      hashes_are_those_of_the_five_algorithms, ten_thousand_characters_are_the_most,
      objects_are_merged_shallowly_in_the_order_of_a_hash_map, a_uuid_is_of_version_4,
      no_result_is_larger_than_a_payload, a_missing_path_is_not_the_functions_failure,
      running_out_of_memory_leaves_nothing_behind)
