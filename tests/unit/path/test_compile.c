/* Roots, reference paths, refusals with their place, limits. */
#include "path/layout.h"
#include "path_case.h"

static void refused(const char *text, unsigned flags, int status, size_t offset,
                    const char *message)
{
    asl_path *path = NULL;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_path_compile(NULL, text, strlen(text), flags, &path, &error), status);
    ck_assert_ptr_null(path);
    ck_assert_msg(strstr(asl_error_message(error), message) != NULL, "%s: %s", text,
                  asl_error_message(error));
    ck_assert_msg(asl_error_offset(error) == offset, "%s: at %zu", text, asl_error_offset(error));
    asl_error_free(error);
}

static void has_root(const char *text, asl_path_root root, const char *variable, bool is_root)
{
    asl_path *path = compile(NULL, text, 0);
    ck_assert_msg(path != NULL, "%s", text);
    size_t size = 0, text_size = 0;
    const char *name = asl_path_variable(path, &size);
    ck_assert_int_eq(asl_path_root_of(path), root);
    ck_assert_uint_eq(size, strlen(variable));
    ck_assert(size == 0 || memcmp(name, variable, size) == 0);
    ck_assert(asl_path_is_root(path) == is_root);
    ck_assert(memcmp(asl_path_text(path, &text_size), text, text_size) == 0 &&
              text_size == strlen(text));
    asl_path_free(path);
}

START_TEST(each_root_is_told_from_the_others)
{
    has_root("$", ASL_PATH_INPUT, "", true);
    has_root("$.a", ASL_PATH_INPUT, "", false);
    has_root("$['a']", ASL_PATH_INPUT, "", false);
    has_root("$$", ASL_PATH_CONTEXT, "", true);
    has_root("$$.Execution.Id", ASL_PATH_CONTEXT, "", false);
    has_root("$name", ASL_PATH_VARIABLE, "name", true);
    has_root("$n2.a[0]", ASL_PATH_VARIABLE, "n2", false);
    has_root("$größe[0]", ASL_PATH_VARIABLE, "größe", false);
}
END_TEST

START_TEST(a_variables_path_starts_at_its_value)
{
    finds("$var.a[1]", "{\"a\":[1,2]}", "2");
    finds("$$.a", "{\"a\":1}", "1");
}
END_TEST

START_TEST(what_is_no_path_is_refused_where_it_goes_wrong)
{
    refused("", 0, ASL_SYNTAX, 0, "Path must start with '$'");
    refused("a.b", 0, ASL_SYNTAX, 0, "Path must start with '$'");
    refused("@.a", 0, ASL_SYNTAX, 0, "Path must start with '$'");
    refused("$1", 0, ASL_SYNTAX, 1, "Illegal character at position 1");
    refused("$$x", 0, ASL_SYNTAX, 2, "Illegal character");
    refused("$var x", 0, ASL_SYNTAX, 4, "Illegal character");
    refused("$.a.", 0, ASL_SYNTAX, 3, "Path must not end with a '.'");
    refused("$.a..", 0, ASL_SYNTAX, 4, "Path must not end with a '.'");
    refused("$.a...b", 0, ASL_SYNTAX, 5, "is not valid");
    refused("$.a b", 0, ASL_SYNTAX, 3, "Use bracket notion");
    refused("$['a',]", 0, ASL_SYNTAX, 6, "Found empty property");
    refused("$.a['b'", 0, ASL_SYNTAX, 6, "Property must be separated");
    refused("$.a[x]", 0, ASL_SYNTAX, 3, "Could not parse token");
    refused("$.a[1 2]", 0, ASL_SYNTAX, 3, "Failed to parse token in ArrayIndexOperation: 1 2");
    refused("$[?(@.a = 1)]", 0, ASL_SYNTAX, 8, "Expected character: )");
    refused("$[?(@.a == )]", 0, ASL_SYNTAX, 11, "Failed to parse filter");
    refused("$[?(@.a =~ /(/)]", 0, ASL_SYNTAX, 12, "no regular expression");
    refused("$[?(@.a =~ /(*LIMIT_MATCH=9)a/)]", 0, ASL_SYNTAX, 12, "no regular expression");
    refused("$.sum($.a", 0, ASL_SYNTAX, 5, "not closed properly");
    refused("$.\xff", 0, ASL_SYNTAX, 0, "not UTF-8");
}
END_TEST

START_TEST(words_without_quotes_in_a_filter_are_text)
{
    finds("$[?(@.s == Failure)].n", "[{\"s\":\"Failure\",\"n\":1},{\"s\":\"fine\",\"n\":2}]",
          "[1]");
    finds("$[?(@.s==es && @.n != t-2)].n", "[{\"s\":\"es\",\"n\":1}]", "[1]");
    finds("$[?(fr==@.s || @.s == true)].n", "[{\"s\":\"fr\",\"n\":1},{\"s\":true,\"n\":2}]",
          "[1,2]");
    finds("$[?(@.s == truest)].n", "[{\"s\":true,\"n\":1},{\"s\":\"truest\",\"n\":2}]", "[2]");
    refused("$[?(@.s == Failure)]", ASL_PATH_JAYWAY, ASL_SYNTAX, 11, "Failed to parse filter");
    refused("$[?(@.s == es)]", ASL_PATH_JAYWAY, ASL_SYNTAX, 12, "Failed to parse filter");
    refused("$[?(@.s == two words)]", 0, ASL_SYNTAX, 15, "Expected character: )");
}
END_TEST

START_TEST(reference_paths_lead_to_one_node)
{
    static const char *const good[] = {"$", "$.a", "$.a.b[0]['c d']", "$['a,b']", "$['x:*?@']"};
    static const char *const bad[] = {"$.a[*]",     "$..a",      "$.a[0,1]",    "$.a[1:]",
                                      "$['a','b']", "$[?(@.a)]", "$.a.length()"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        asl_path *path = compile(NULL, good[i], ASL_PATH_REFERENCE);
        ck_assert_msg(path != NULL, "%s", good[i]);
        asl_path_free(path);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i], ASL_PATH_REFERENCE, ASL_SYNTAX, 0, "is no reference path");
}
END_TEST

START_TEST(definite_paths_are_known)
{
    static const struct {
        const char *text;
        bool is_definite;
    } cases[] = {{"$.a[0].b", true},     {"$['a','b']", true}, {"$['a','b'].c", false},
                 {"$.a[*]", false},      {"$..a", false},      {"$.a[0:1]", false},
                 {"$.a[?(@)]", false},   {"$.a[0,0]", false},  {"$.a.sum()", true},
                 {"$..a.length()", true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        asl_path *path = compile(NULL, cases[i].text, 0);
        ck_assert_msg(path->plan->is_definite == cases[i].is_definite, "%s", cases[i].text);
        asl_path_free(path);
    }
}
END_TEST

/* "$[?((((@.a))))]" with so many parentheses. */
static int compile_nested(unsigned parentheses)
{
    char text[1024] = "$[?", *end = text + 3;
    memset(end, '(', parentheses);
    end += parentheses;
    memcpy(end, "@.a", 3);
    memset(end + 3, ')', parentheses);
    memcpy(end + 3 + parentheses, "]", 2);
    asl_path *path = NULL;
    int status = asl_path_compile(NULL, text, strlen(text), 0, &path, NULL);
    asl_path_free(path);
    return status;
}

START_TEST(nesting_has_a_limit)
{
    /* The filter itself and the path in it are levels too. */
    ck_assert_int_eq(compile_nested(ASL_PATH_NESTING_MAX - 2), ASL_OK);
    ck_assert_int_eq(compile_nested(ASL_PATH_NESTING_MAX - 1), ASL_TOO_LARGE);
    ck_assert_int_eq(compile_nested(400), ASL_TOO_LARGE);
}
END_TEST

START_TEST(the_length_of_a_path_has_a_limit)
{
    char *text = malloc(ASL_PATH_TEXT_MAX + 2);
    asl_path *path = NULL;
    memset(text, 'a', ASL_PATH_TEXT_MAX + 1);
    memcpy(text, "$.", 2);
    ck_assert_int_eq(asl_path_compile(NULL, text, ASL_PATH_TEXT_MAX, 0, &path, NULL), ASL_OK);
    asl_path_free(path);
    ck_assert_int_eq(asl_path_compile(NULL, text, ASL_PATH_TEXT_MAX + 1, 0, &path, NULL),
                     ASL_TOO_LARGE);
    free(text);
}
END_TEST

START_TEST(running_out_of_memory_leaves_nothing_behind)
{
    static const char *const texts[] = {
        "$.a['b\\'c', 'd'][1,2][1:]..x[*]",
        "$[?(@.a == 1.5 && (!@.b || @.c in ['x', {y: [1, null]}]) && @.d =~ /a+b/i)]",
        "$..a.max($.b, 5, \"x\", {\"y\": [1]}).length()",
        "$name['\\u00e4\\uD83D\\uDE00']",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fault_heap heap;
        fault_heap_init(&heap);
        for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
            asl_path *path = NULL;
            int status = asl_path_compile(&heap.hook, texts[i], strlen(texts[i]), 0, &path, NULL);
            ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
            asl_path_free(path);
        }
    }
}
END_TEST

SUITE("path/compile", each_root_is_told_from_the_others, a_variables_path_starts_at_its_value,
      what_is_no_path_is_refused_where_it_goes_wrong, words_without_quotes_in_a_filter_are_text,
      reference_paths_lead_to_one_node, definite_paths_are_known, nesting_has_a_limit,
      the_length_of_a_path_has_a_limit, running_out_of_memory_leaves_nothing_behind)
