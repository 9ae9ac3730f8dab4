/* ResultPath: writing at reference paths. */
#include "path_case.h"

/* The document after `value` was written at the path; "!" and the message where it cannot be. */
static char *assigned(const char *text, const char *document, const char *value)
{
    asl_cleanup(asl_value_cleanup) asl_value *root = parse(NULL, document);
    asl_path_failure failure = {NULL, false};
    asl_path *path = compile(NULL, text, ASL_PATH_REFERENCE);
    ck_assert_msg(path != NULL, "%s", text);
    int status = asl_path_assign(path, &root, parse(NULL, value), &failure);
    asl_path_free(path);
    char *printed = NULL, *copy = NULL;
    asl_value_print(root, 0, &printed, NULL);
    if (status == ASL_OK)
        copy = strdup(printed);
    else if (asprintf(&copy, "! %s", asl_value_get_string(failure.message, NULL)) < 0)
        copy = NULL;
    asl_text_free(printed);
    asl_value_unref(failure.message);
    return copy;
}

static void assigns(const char *text, const char *document, const char *expected)
{
    char *got = assigned(text, document, "[9]");
    ck_assert_msg(strcmp(got, expected) == 0, "%s into %s: %s", text, document, got);
    free(got);
}

START_TEST(a_value_is_put_where_the_path_leads)
{
    assigns("$", "{\"a\":1}", "[9]");
    assigns("$.a", "{\"a\":1,\"b\":2}", "{\"a\":[9],\"b\":2}");
    assigns("$.c", "{\"a\":1}", "{\"a\":1,\"c\":[9]}");
    assigns("$.a.b.c", "{}", "{\"a\":{\"b\":{\"c\":[9]}}}");
    assigns("$.a.b", "{\"a\":{\"x\":1,\"b\":2,\"y\":3}}", "{\"a\":{\"x\":1,\"b\":[9],\"y\":3}}");
    assigns("$.a[1].b", "{\"a\":[1,{\"c\":2}]}", "{\"a\":[1,{\"c\":2,\"b\":[9]}]}");
    assigns("$.a[-1]", "{\"a\":[1,2]}", "{\"a\":[1,[9]]}");
}
END_TEST

START_TEST(what_is_no_object_is_not_extended)
{
    assigns("$.a", "5", "! Unable to apply ReferencePath $.a to input 5");
    assigns("$.a.b", "{\"a\":1}", "! Unable to apply ReferencePath $.a.b to input {\"a\":1}");
    assigns("$.a.b", "{\"a\":null}", "! Unable to apply ReferencePath $.a.b to input {\"a\":null}");
    assigns("$.a.b", "{\"a\":[]}", "! Unable to apply ReferencePath $.a.b to input {\"a\":[]}");
    assigns("$.a[1]", "{\"a\":[1]}", "! Unable to apply ReferencePath $.a[1] to input {\"a\":[1]}");
    assigns("$.a[0]", "{}", "! Unable to apply ReferencePath $.a[0] to input {}");
}
END_TEST

START_TEST(what_others_hold_is_not_changed)
{
    asl_cleanup(asl_value_cleanup) asl_value *root = parse(NULL, "{\"a\":{\"b\":{\"c\":1}}}");
    asl_cleanup(asl_value_cleanup) asl_value *seen = asl_value_ref(asl_value_get(root, "a"));
    asl_cleanup(asl_value_cleanup) asl_value *before = parse(NULL, "{\"b\":{\"c\":1}}");
    asl_path *path = compile(NULL, "$.a.b.c", ASL_PATH_REFERENCE);
    ck_assert_int_eq(asl_path_assign(path, &root, asl_value_bool(true), NULL), ASL_OK);
    ck_assert(asl_value_equal(seen, before));
    ck_assert(!asl_value_equal(seen, asl_value_get(root, "a")));
    asl_path_free(path);
}
END_TEST

START_TEST(what_nobody_else_holds_is_changed_in_place)
{
    asl_cleanup(asl_value_cleanup) asl_value *root =
        parse(NULL, "{\"a\":{\"b\":{\"c\":1}},\"x\":[1,2]}");
    const asl_value *inner = asl_value_get(asl_value_get(root, "a"), "b");
    asl_path *path = compile(NULL, "$.a.b.c", ASL_PATH_REFERENCE);
    ck_assert_int_eq(asl_path_assign(path, &root, asl_value_bool(true), NULL), ASL_OK);
    ck_assert_ptr_eq(asl_value_get(asl_value_get(root, "a"), "b"), inner);
    asl_path_free(path);
}
END_TEST

START_TEST(running_out_of_memory_changes_nothing)
{
    static const char *const paths[] = {"$.a.b.c", "$.a.new", "$.p.q.r", "$.l[0].z", "$"};
    static const char document[] = "{\"a\":{\"b\":{\"c\":1}},\"l\":[{\"m\":1}]}";
    asl_cleanup(asl_value_cleanup) asl_value *before = parse(NULL, document);
    for (size_t i = 0; i < 2 * sizeof paths / sizeof paths[0]; i++) {
        fault_heap heap;
        fault_heap_init(&heap);
        for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
            asl_value *root = parse(&heap.hook, document);
            asl_path *path = compile(&heap.hook, paths[i / 2], ASL_PATH_REFERENCE);
            asl_value *shared = i % 2 == 0 ? NULL : asl_value_ref(root);
            if (root != NULL && path != NULL) {
                int status = asl_path_assign(path, &root, asl_value_bool(true), NULL);
                ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
                ck_assert(status == ASL_OK || asl_value_equal(root, before));
                ck_assert(shared == NULL || asl_value_equal(shared, before));
            }
            asl_value_unref(shared);
            asl_value_unref(root);
            asl_path_free(path);
        }
    }
}
END_TEST

SUITE("path/assign", a_value_is_put_where_the_path_leads, what_is_no_object_is_not_extended,
      what_others_hold_is_not_changed, what_nobody_else_holds_is_changed_in_place,
      running_out_of_memory_changes_nothing)
