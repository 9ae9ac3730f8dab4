/* Loading definitions in tests. Texts are written with ' for ", to be readable in C. */
#ifndef ASL_TESTS_DEFINITION_LOAD_H
#define ASL_TESTS_DEFINITION_LOAD_H

#include <stdio.h>
#include <string.h>

#include <asl/definition.h>

#include "definition/program.h"
#include "suite.h"

typedef struct loaded {
    int status;
    asl_definition *definition;
    asl_diagnostics *diagnostics;
    char text[8192];
} loaded;

static inline loaded load_with(const char *quoted, unsigned flags)
{
    loaded result = {0};
    size_t size = strlen(quoted);
    ck_assert_uint_lt(size, sizeof result.text);
    for (size_t i = 0; i < size; i++)
        result.text[i] = quoted[i] == '\'' ? '"' : quoted[i];
    asl_definition_options options = {.size = sizeof options, .flags = flags};
    result.status = asl_definition_load(result.text, size, &options, &result.definition,
                                        &result.diagnostics, NULL);
    return result;
}

static inline loaded load(const char *quoted)
{
    return load_with(quoted, 0);
}

static inline void unload(loaded *result)
{
    asl_definition_unref(result->definition);
    asl_diagnostics_free(result->diagnostics);
}

/* A machine of one state, named S. */
static inline loaded load_state(const char *state)
{
    char text[4096];
    snprintf(text, sizeof text, "{'StartAt':'S','States':{'S':%s}}", state);
    return load(text);
}

static inline const asl_diagnostic *find_code(const loaded *result, const char *code)
{
    for (size_t i = 0; i < asl_diagnostics_count(result->diagnostics); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(result->diagnostics, i);
        if (strcmp(diagnostic->code, code) == 0)
            return diagnostic;
    }
    return NULL;
}

/* Exactly one error, and it is this one. */
static inline void check_only(loaded result, const char *code, const char *message,
                              const char *location)
{
    ck_assert_int_eq(result.status, ASL_INVALID);
    const asl_diagnostic *first = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_ptr_nonnull(first);
    ck_assert_str_eq(first->message, message);
    ck_assert_str_eq(first->code, code);
    if (location == NULL)
        ck_assert_ptr_null(first->location);
    else
        ck_assert_str_eq(first->location, location);
    const asl_diagnostic *second = asl_diagnostics_at(result.diagnostics, 1);
    if (second != NULL)
        ck_assert_int_eq(second->severity, ASL_SEVERITY_WARNING);
    unload(&result);
}

static inline void check_state(const char *state, const char *message, const char *location)
{
    check_only(load_state(state), "SCHEMA_VALIDATION_FAILED", message, location);
}

static inline void check_valid(const char *state)
{
    loaded result = load_state(state);
    const asl_diagnostic *first = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_msg(result.status == ASL_OK, "%s: %s", state, first ? first->message : "");
    unload(&result);
}

#endif
