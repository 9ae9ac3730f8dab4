/* What the tests of this room build events from. */
#ifndef ASL_TESTS_UNIT_HISTORY_EVENTS_H
#define ASL_TESTS_UNIT_HISTORY_EVENTS_H

#include <stdio.h>
#include <string.h>

#include "history/event.h"
#include "suite.h"

/* The value of a JSON text, its text kept. */
static inline asl_value *json(const asl_heap *heap, const char *text)
{
    asl_value *value = NULL;
    asl_value_parse(heap, text, strlen(text), ASL_PARSE_KEEP_TEXT, &value, NULL);
    return value;
}

/* Whether a value prints as this text; NULL: there is none. */
static inline bool prints_as(const asl_value *value, const char *text)
{
    if (value == NULL || text == NULL)
        return value == NULL && text == NULL;
    char *printed = NULL;
    size_t size = 0;
    ck_assert_int_eq(asl_value_print(value, 0, &printed, &size), ASL_OK);
    bool same = size == strlen(text) && memcmp(printed, text, size) == 0;
    if (!same)
        fprintf(stderr, "printed: %s\nwanted:  %s\n", printed, text);
    asl_text_free(printed);
    return same;
}

#endif
