/* Expressions in tests: what they give for some data, or how they fail. */
#ifndef ASL_TESTS_JSONATA_CASE_H
#define ASL_TESTS_JSONATA_CASE_H

#include <stdio.h>

#include <asl/jsonata.h>

#include "base/cleanup.h"
#include "json.h"
#include "suite.h"
#include "value/value.h"

/* What came of an expression: `text` is its value as JSON, or "CODE token". */
typedef struct jsonata_outcome {
    int status;
    size_t offset;
    char text[4096];
} jsonata_outcome;

static inline void jsonata_note(jsonata_outcome *ret, const asl_value *value,
                                const asl_error *error)
{
    char *printed = NULL;
    ret->offset = asl_error_offset(error);
    if (ret->status != ASL_OK) {
        const char *token = asl_error_token(error);
        snprintf(ret->text, sizeof ret->text, "%s%s%s", asl_error_code(error),
                 *token != '\0' ? " " : "", token);
        return;
    }
    if (value != NULL)
        ck_assert_int_eq(asl_value_print(value, 0, &printed, NULL), ASL_OK);
    snprintf(ret->text, sizeof ret->text, "%s", printed != NULL ? printed : "undefined");
    asl_text_free(printed);
}

/* `data` with ' for "; NULL: no input. `options` may be NULL. */
static inline jsonata_outcome jsonata_try(const char *text, const char *data, unsigned flags,
                                          const asl_jsonata_options *options)
{
    jsonata_outcome outcome = {.status = ASL_OK};
    asl_jsonata *expression = NULL;
    asl_error *error = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *input = data != NULL ? json_quoted(data) : NULL;
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    outcome.status = asl_jsonata_compile(NULL, text, strlen(text), flags, &expression, &error);
    if (outcome.status == ASL_OK)
        outcome.status = asl_jsonata_evaluate(expression, input, options, &value, &error);
    jsonata_note(&outcome, value, error);
    asl_error_free(error);
    asl_jsonata_unref(expression);
    return outcome;
}

static inline void jsonata_gives(const char *text, const char *data, const char *expected)
{
    jsonata_outcome got = jsonata_try(text, data, 0, NULL);
    char wanted[4096];
    snprintf(wanted, sizeof wanted, "%s", expected);
    for (char *c = wanted; *c != '\0'; c++)
        *c = (char)(*c == '\'' ? '"' : *c);
    ck_assert_msg(got.status == ASL_OK && strcmp(got.text, wanted) == 0, "%s: %s instead of %s",
                  text, got.text, wanted);
}

/* `expected` is "CODE token". */
static inline void jsonata_fails(const char *text, const char *data, const char *expected)
{
    jsonata_outcome got = jsonata_try(text, data, 0, NULL);
    ck_assert_msg(got.status != ASL_OK && strcmp(got.text, expected) == 0, "%s: %s instead of %s",
                  text, got.text, expected);
}

#endif
