/* Calls on an input that is written as text. */
#ifndef ASL_TESTS_INTRINSIC_CASE_H
#define ASL_TESTS_INTRINSIC_CASE_H

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fault_heap.h"
#include "intrinsics/intrinsics.h"
#include "suite.h"

static inline int read_path(void *owner, const asl_path *path, asl_value **ret_value)
{
    return asl_path_evaluate(path, owner, ret_value, NULL);
}

static inline uint64_t draw(void *owner)
{
    (void)owner;
    return 0x8000000000000000u;
}

/* Compiles and calls; the value, or the cause, goes to *ret. */
static inline int call(const asl_heap *heap, const char *text, const char *input,
                       size_t payload_bytes, asl_value **ret)
{
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL, *cause = NULL, *root = NULL;
    asl_intrinsic *compiled = NULL;
    int status = asl_value_parse(heap, input, strlen(input), ASL_PARSE_KEEP_TEXT, &root, NULL);
    if (status == ASL_OK)
        status = asl_intrinsic_compile(heap, text, strlen(text), &compiled, NULL);
    asl_intrinsic_environment environment = {.heap = heap,
                                             .owner = root,
                                             .path = read_path,
                                             .random = draw,
                                             .payload_bytes = payload_bytes};
    if (status == ASL_OK)
        status = asl_intrinsic_call(compiled, &environment, &value, &cause);
    asl_intrinsic_free(compiled);
    *ret = status == ASL_OK ? asl_steal(value) : asl_steal(cause);
    return status;
}

static inline void gives(const char *text, const char *input, const char *expected)
{
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    char *printed = NULL;
    int status = call(NULL, text, input, 262144, &value);
    ck_assert_msg(status == ASL_OK, "%s: %s %s", text, asl_status_name(status),
                  value == NULL ? "" : asl_value_get_string(value, NULL));
    ck_assert_int_eq(asl_value_print(value, 0, &printed, NULL), ASL_OK);
    ck_assert_msg(strcmp(printed, expected) == 0, "%s: expected %s, got %s", text, expected,
                  printed);
    asl_text_free(printed);
}

static inline void fails(const char *text, const char *input, const char *expected)
{
    asl_cleanup(asl_value_cleanup) asl_value *cause = NULL;
    int status = call(NULL, text, input, 262144, &cause);
    ck_assert_msg(status == ASL_INVALID, "%s: %s", text, asl_status_name(status));
    const char *got = asl_value_get_string(cause, NULL);
    ck_assert_msg(strcmp(got, expected) == 0, "%s: expected %s, got %s", text, expected, got);
}

#endif
