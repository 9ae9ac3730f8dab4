/* Paths on documents that are written as text. */
#ifndef ASL_TESTS_PATH_CASE_H
#define ASL_TESTS_PATH_CASE_H

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fault_heap.h"
#include "path/path.h"
#include "suite.h"

static inline asl_value *parse(const asl_heap *heap, const char *text)
{
    asl_value *value = NULL;
    asl_value_parse(heap, text, strlen(text), 0, &value, NULL);
    return value;
}

static inline asl_path *compile(const asl_heap *heap, const char *text, unsigned flags)
{
    asl_path *path = NULL;
    asl_path_compile(heap, text, strlen(text), flags, &path, NULL);
    return path;
}

/* The compact text of what the path finds, or "! " and the failure's message. New. */
static inline char *find(const char *text, const char *document)
{
    asl_cleanup(asl_value_cleanup) asl_value *root = parse(NULL, document);
    asl_cleanup(asl_value_cleanup) asl_value *found = NULL;
    asl_path_failure failure = {NULL, false};
    asl_path *path = compile(NULL, text, 0);
    ck_assert_msg(root != NULL && path != NULL, "%s on %s", text, document);
    int status = asl_path_evaluate(path, root, &found, &failure);
    asl_path_free(path);
    char *result = NULL;
    if (status == ASL_OK)
        asl_value_print(found, 0, &result, NULL);
    char *copy = NULL;
    if (status == ASL_OK)
        copy = strdup(result);
    else if (asprintf(&copy, "! %s",
                      failure.message == NULL ? asl_status_name(status)
                                              : asl_value_get_string(failure.message, NULL)) < 0)
        copy = NULL;
    asl_text_free(result);
    asl_value_unref(failure.message);
    return copy;
}

static inline void finds(const char *path, const char *document, const char *expected)
{
    char *got = find(path, document);
    ck_assert_msg(strcmp(got, expected) == 0, "%s on %s: expected %s, got %s", path, document,
                  expected, got);
    free(got);
}

#endif
