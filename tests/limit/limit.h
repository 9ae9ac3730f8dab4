/* What the tests of limits share: texts of a given size, and definitions run to their end. */
#ifndef ASL_TESTS_LIMIT_H
#define ASL_TESTS_LIMIT_H

#include <stdio.h>
#include <string.h>

#include <asl/asl.h>

#include "suite.h"

/* `head`, so many times `unit`, `tail`; from malloc. */
static inline char *limit_text(const char *head, const char *unit, size_t count, const char *tail)
{
    size_t unit_size = strlen(unit), head_size = strlen(head), tail_size = strlen(tail);
    char *text = malloc(head_size + unit_size * count + tail_size + 1);
    ck_assert_ptr_nonnull(text);
    memcpy(text, head, head_size);
    for (size_t i = 0; i < count; i++)
        memcpy(text + head_size + i * unit_size, unit, unit_size);
    memcpy(text + head_size + unit_size * count, tail, tail_size + 1);
    return text;
}

static inline int limit_load(const char *text, asl_definition **ret_definition)
{
    return asl_definition_load(text, strlen(text), NULL, ret_definition, NULL, NULL);
}

#endif
