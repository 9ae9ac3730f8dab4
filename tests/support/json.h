/* JSON in tests: from a literal to a value and back, checked. */
#ifndef ASL_TESTS_JSON_H
#define ASL_TESTS_JSON_H

#include <check.h>
#include <string.h>

#include <asl/value.h>

static inline asl_value *json_parse(const char *text)
{
    asl_value *value = NULL;
    asl_error *error = NULL;
    int status = asl_value_parse(NULL, text, strlen(text), 0, &value, &error);
    ck_assert_msg(status == ASL_OK, "%s: %s", text, asl_error_message(error));
    return value;
}

/* Like JSON, with ' for " so that literals read well. */
static inline asl_value *json_quoted(const char *text)
{
    char copy[8192];
    size_t size = strlen(text);
    ck_assert_uint_lt(size, sizeof copy);
    for (size_t i = 0; i <= size; i++)
        copy[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    return json_parse(copy);
}

/* The value prints compactly as `expected`, and knows the size of that. */
static inline void json_check(const asl_value *value, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    ck_assert_ptr_nonnull(value);
    ck_assert_int_eq(asl_value_print(value, 0, &text, &size), ASL_OK);
    ck_assert_str_eq(text, expected);
    ck_assert_uint_eq(size, strlen(expected));
    asl_text_free(text);
}

#endif
