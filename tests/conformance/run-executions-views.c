/* Holds what else was recorded of an execution against what the library shows of it: a description,
 * the response to a synchronous start, log records. Members may come in any order; what was
 * recorded before a member was introduced does not have it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run-executions.h"

#define REDRIVE_LAUNCH INT64_C(1700006400) /* 2023-11-15: RedriveExecution */

/* Whether a recording is older than RedriveExecution, which brought members of its own. */
static bool is_before_redrive(const asl_value *record)
{
    const char *recorded = text_of(record, "recorded");
    struct tm parts = {0};
    return recorded != NULL && strptime(recorded, "%d-%m-%Y", &parts) != NULL &&
           (int64_t)timegm(&parts) < REDRIVE_LAUNCH;
}

/* Tasks answered at once, so less may be billed than was, in the same steps. */
static void compare_bill(comparison *self, const char *path, const asl_value *expected,
                         const asl_value *got)
{
    static const char duration[] = "billedDurationInMilliseconds",
                      memory[] = "billedMemoryUsedInMB";
    int64_t most_ms = 0, got_ms = 0;
    if (asl_value_count(got) != 2 ||
        !asl_value_get_integer(asl_value_get(expected, duration), &most_ms) ||
        !asl_value_get_integer(asl_value_get(got, duration), &got_ms) || got_ms <= 0 ||
        got_ms > most_ms || got_ms % 100 != 0 ||
        !asl_value_equal(asl_value_get(expected, memory), asl_value_get(got, memory)))
        differ(self, path, expected, got);
}

static void compare_member(comparison *self, const char *path, const char *key,
                           const asl_value *expected, const asl_value *got)
{
    char inner[1024];
    snprintf(inner, sizeof inner, "%.900s/%.100s", path, key);
    if (got == NULL)
        differ(self, inner, expected, NULL);
    else if (strcmp(key, "input") == 0 || strcmp(key, "output") == 0)
        compare_json(self, inner, expected, asl_value_get_string(got, NULL));
    else if (strcmp(key, "billingDetails") == 0)
        compare_bill(self, inner, expected, got);
    else if (strcmp(key, "details") == 0)
        compare_details(self, inner, expected, got);
    else
        compare_values(self, inner, expected, got);
}

static void compare_view(comparison *self, const char *path, const asl_value *expected,
                         const asl_value *got, bool may_have_redrive)
{
    for (size_t i = 0; i < asl_value_count(expected); i++) {
        const char *key = asl_value_get_string(asl_value_key(expected, i), NULL);
        compare_member(self, path, key, asl_value_at(expected, i), asl_value_get(got, key));
    }
    for (size_t i = 0; i < asl_value_count(got); i++) {
        char inner[1024];
        const char *key = asl_value_get_string(asl_value_key(got, i), NULL);
        bool is_allowed = may_have_redrive && strncmp(key, "redrive", 7) == 0;
        snprintf(inner, sizeof inner, "%.900s/%.100s", path, key);
        if (asl_value_get(expected, key) == NULL && !is_allowed)
            differ(self, inner, NULL, asl_value_at(got, i));
    }
}

static void compare_log(comparison *self, const asl_value *expected, const asl_value *got)
{
    size_t count = asl_value_count(expected), got_count = asl_value_count(got);
    for (size_t i = 0; i < count || i < got_count; i++) {
        char path[64];
        const asl_value *left = asl_value_at(expected, i), *right = asl_value_at(got, i);
        snprintf(path, sizeof path, "log record %zu", i);
        if (left == NULL || right == NULL)
            differ(self, path, left, right);
        else
            compare_view(self, path, left, right, false);
    }
}

void compare_views(comparison *self, const asl_value *record, const outcome *got)
{
    const asl_value *expect = asl_value_get(record, "expect");
    const asl_value *described = asl_value_get(expect, "describeExecution");
    const asl_value *returned = asl_value_get(expect, "syncResponse");
    const asl_value *logged = asl_value_get(expect, "loggedEvents");
    const asl_value *end = asl_value_get(expect, "expressEndLogEvent");
    if (described != NULL)
        compare_view(self, "description", described, got->description, is_before_redrive(record));
    if (returned != NULL)
        compare_view(self, "response", returned, got->description, false);
    if (logged != NULL)
        compare_log(self, logged, got->log);
    if (end != NULL)
        compare_view(self, "last log record", end,
                     asl_value_at(got->log, asl_value_count(got->log) - 1), false);
}

asl_value *rename_text(const asl_value *value, const char *from, const char *to)
{
    char *text = NULL, *renamed = NULL;
    size_t renamed_size = 0, size = strlen(from);
    asl_value *copy = NULL;
    if (asl_value_print(value, 0, &text, NULL) != ASL_OK)
        return NULL;
    FILE *out = open_memstream(&renamed, &renamed_size);
    const char *rest = text;
    for (const char *found; out != NULL && (found = strstr(rest, from)) != NULL;
         rest = found + size)
        fprintf(out, "%.*s%s", (int)(found - rest), rest, to);
    if (out != NULL) {
        fputs(rest, out);
        fclose(out);
        (void)asl_value_parse(NULL, renamed, renamed_size, ASL_PARSE_KEEP_TEXT, &copy, NULL);
    }
    free(renamed);
    asl_text_free(text);
    return copy;
}
