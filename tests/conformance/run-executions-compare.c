/* Holds an execution against what was recorded of it.
 *
 * In an expected string {{name}} stands for one or more characters; a whole string of it for any
 * value. {{name:1}}, {{name_1}} and {{...idx}} stand for the same text everywhere in a case. A
 * whole string that is the bare name of a wildcard of its case is one too: texts inside of texts
 * were recorded so. Payloads, which are JSON text inside an event, are compared as values with
 * their members in order, and where their exact text was recorded also as text. A history is
 * compared event by event with ids, but as a set of events where branches ran at the same time. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "run-executions.h"

void differ(comparison *self, const char *path, const asl_value *expected, const asl_value *got)
{
    char *left = NULL, *right = NULL;
    self->is_same = false;
    if (expected != NULL)
        (void)asl_value_print(expected, 0, &left, NULL);
    if (got != NULL)
        (void)asl_value_print(got, 0, &right, NULL);
    problem_note(self->problem, "%s: expected %.600s, got %.600s", path,
                 left != NULL ? left : "nothing", right != NULL ? right : "nothing");
    asl_text_free(left);
    asl_text_free(right);
}

static bool ends_with(const char *text, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size >= end_size && memcmp(text + size - end_size, end, end_size) == 0;
}

/* Whether a wildcard of this name stands for the same text everywhere. */
static bool is_bound_name(const char *name, size_t size)
{
    size_t digits = 0;
    while (digits < size && isdigit((unsigned char)name[size - 1 - digits]))
        digits++;
    bool is_numbered = digits > 0 && digits < size &&
                       (name[size - 1 - digits] == ':' || name[size - 1 - digits] == '_');
    return is_numbered || ends_with(name, size, "idx");
}

static bool bind_name(comparison *self, const char *name, size_t name_size, const char *text,
                      size_t size)
{
    if (size == 0 || !is_bound_name(name, name_size))
        return size > 0;
    size_t known_size = 0;
    const char *known =
        asl_value_get_string(asl_value_get_sized(self->bindings, name, name_size), &known_size);
    if (known != NULL)
        return known_size == size && memcmp(known, text, size) == 0;
    return asl_value_set_sized(&self->bindings, name, name_size,
                               asl_value_string_sized(NULL, text, size)) == ASL_OK;
}

/* The next wildcard of a pattern: its "{{", with the name in between; NULL where none is left. */
static const char *find_wildcard(const char *from, const char *end, size_t *ret_name_size)
{
    for (; from + 4 < end; from++) {
        if (from[0] != '{' || from[1] != '{' || from[2] == '{')
            continue;
        size_t size = strcspn(from + 2, "{}");
        if (from + 2 + size + 2 <= end && from[2 + size] == '}' && from[3 + size] == '}') {
            *ret_name_size = size;
            return from;
        }
    }
    return NULL;
}

/* Each wildcard takes the fewest characters that let the literal behind it follow. */
static bool match_text(comparison *self, const char *pattern, size_t pattern_size, const char *text,
                       size_t size)
{
    const char *end = pattern + pattern_size, *text_end = text + size;
    size_t name_size = 0;
    const char *wildcard = find_wildcard(pattern, end, &name_size);
    size_t literal = (size_t)((wildcard != NULL ? wildcard : end) - pattern);
    if (size < literal || memcmp(text, pattern, literal) != 0)
        return false;
    text += literal;
    while (wildcard != NULL) {
        const char *name = wildcard + 2, *behind = name + name_size + 2;
        size_t next_size = 0;
        const char *next = find_wildcard(behind, end, &next_size);
        literal = (size_t)((next != NULL ? next : end) - behind);
        const char *found = NULL;
        if (next == NULL && (size_t)(text_end - text) > literal)
            found = text_end - literal;
        else if (next != NULL && text < text_end)
            found = literal == 0 ? text + 1
                                 : memmem(text + 1, (size_t)(text_end - text - 1), behind, literal);
        if (found == NULL || memcmp(found, behind, literal) != 0 ||
            !bind_name(self, name, name_size, text, (size_t)(found - text)))
            return false;
        text = found + literal;
        wildcard = next;
        name_size = next_size;
    }
    return text == text_end;
}

/* An expected string against any value. */
static bool match(comparison *self, const asl_value *expected, const asl_value *got)
{
    size_t size = 0, got_size = 0, name_size = 0;
    const char *pattern = asl_value_get_string(expected, &size);
    const char *text = asl_value_get_string(got, &got_size);
    if (text != NULL && got_size > 0 && asl_value_get_sized(self->wildcards, pattern, size) != NULL)
        return true;
    if (text != NULL)
        return match_text(self, pattern, size, text, got_size);
    const char *wildcard = find_wildcard(pattern, pattern + size, &name_size);
    char *printed = NULL;
    bool is_same = wildcard == pattern && name_size + 4 == size && got != NULL &&
                   asl_value_print(got, 0, &printed, &got_size) == ASL_OK &&
                   bind_name(self, pattern + 2, name_size, printed, got_size);
    asl_text_free(printed);
    return is_same;
}

/* A member that came and was not expected: allowed where the recording is older than it. */
static bool is_allowed(const comparison *self, const char *key)
{
    for (size_t i = 0; i < asl_value_count(self->drift); i++) {
        const char *text = asl_value_get_string(asl_value_at(self->drift, i), NULL);
        if (strncmp(text, "context object", 14) == 0 && strstr(text, key) != NULL)
            return true;
    }
    return false;
}

static void compare_members(comparison *self, const char *path, const asl_value *expected,
                            const asl_value *got)
{
    char inner[1024];
    for (size_t i = 0; i < asl_value_count(expected); i++) {
        const char *key = asl_value_get_string(asl_value_key(expected, i), NULL);
        snprintf(inner, sizeof inner, "%.900s/%.100s", path, key);
        if (asl_value_get(got, key) == NULL)
            differ(self, inner, asl_value_at(expected, i), NULL);
        else
            compare_values(self, inner, asl_value_at(expected, i), asl_value_get(got, key));
    }
    size_t next = 0;
    for (size_t i = 0; i < asl_value_count(got); i++) {
        const char *key = asl_value_get_string(asl_value_key(got, i), NULL);
        snprintf(inner, sizeof inner, "%.900s/%.100s", path, key);
        if (asl_value_get(expected, key) == NULL && is_allowed(self, key))
            continue;
        if (asl_value_get(expected, key) == NULL)
            differ(self, inner, NULL, asl_value_at(got, i));
        else if (!asl_value_equal(asl_value_key(expected, next), asl_value_key(got, i)))
            differ(self, path, expected, got);
        next++;
    }
}

void compare_values(comparison *self, const char *path, const asl_value *expected,
                    const asl_value *got)
{
    asl_kind kind = asl_value_kind(expected);
    if (kind == ASL_KIND_STRING) {
        if (!match(self, expected, got))
            differ(self, path, expected, got);
    } else if (kind != asl_value_kind(got) || got == NULL) {
        differ(self, path, expected, got);
    } else if (kind == ASL_KIND_OBJECT) {
        compare_members(self, path, expected, got);
    } else if (kind == ASL_KIND_ARRAY && asl_value_count(expected) == asl_value_count(got)) {
        char inner[1024];
        for (size_t i = 0; i < asl_value_count(expected); i++) {
            snprintf(inner, sizeof inner, "%.900s/%zu", path, i);
            compare_values(self, inner, asl_value_at(expected, i), asl_value_at(got, i));
        }
    } else if (kind == ASL_KIND_ARRAY || !asl_value_equal(expected, got)) {
        differ(self, path, expected, got);
    }
}

void compare_json(comparison *self, const char *path, const asl_value *expected, const char *text)
{
    asl_value *got = NULL;
    if (text != NULL)
        (void)asl_value_parse(NULL, text, strlen(text), 0, &got, NULL);
    compare_values(self, path, expected, got);
    asl_value_unref(got);
}

bool has_wildcard(const asl_value *value)
{
    char *text = NULL;
    size_t size = 0, name_size = 0;
    bool has = asl_value_print(value, 0, &text, &size) == ASL_OK &&
               find_wildcard(text, text + size, &name_size) != NULL;
    asl_text_free(text);
    return has;
}

static void compare_variables(comparison *self, const char *path, const asl_value *expected,
                              const asl_value *texts, const asl_value *got)
{
    char inner[1024];
    for (size_t i = 0; i < asl_value_count(expected); i++) {
        const char *name = asl_value_get_string(asl_value_key(expected, i), NULL);
        snprintf(inner, sizeof inner, "%.900s/%.100s", path, name);
        compare_json(self, inner, asl_value_at(expected, i), text_of(got, name));
        /* Where a wildcard came in, the exact text shows a word in its place. */
        if (asl_value_get(texts, name) != NULL && !has_wildcard(asl_value_at(expected, i)))
            compare_values(self, inner, asl_value_get(texts, name), asl_value_get(got, name));
    }
    if (asl_value_count(expected) != asl_value_count(got))
        differ(self, path, expected, got);
}

/* "outputText" stands beside "output", or in its place, and is the exact text of it. */
static bool is_payload(const char *key, size_t size)
{
    return (size == 5 && memcmp(key, "input", 5) == 0) ||
           (size == 6 && memcmp(key, "output", 6) == 0) ||
           (size == 10 && memcmp(key, "parameters", 10) == 0);
}

static void compare_detail(comparison *self, const char *path, const char *key,
                           const asl_value *details, const asl_value *got)
{
    char inner[1024];
    size_t size = strlen(key);
    const asl_value *expected = asl_value_get(details, key);
    snprintf(inner, sizeof inner, "%.900s/%.100s", path, key);
    if (strcmp(key, "causeJson") == 0)
        compare_json(self, inner, expected, text_of(got, "cause"));
    else if (is_payload(key, size))
        compare_json(self, inner, expected, text_of(got, key));
    else if (ends_with(key, size, "Text") && is_payload(key, size - 4))
        compare_values(self, inner, expected, asl_value_get_sized(got, key, size - 4));
    else if (strcmp(key, "assignedVariables") == 0)
        compare_variables(self, inner, expected, asl_value_get(details, "assignedVariablesText"),
                          asl_value_get(got, key));
    else if (strcmp(key, "assignedVariablesText") != 0)
        compare_values(self, inner, expected, asl_value_get(got, key));
}

void compare_details(comparison *self, const char *path, const asl_value *expected,
                     const asl_value *got)
{
    for (size_t i = 0; i < asl_value_count(expected); i++)
        compare_detail(self, path, asl_value_get_string(asl_value_key(expected, i), NULL), expected,
                       got);
    for (size_t i = 0; i < asl_value_count(got); i++) {
        char other[128], inner[1024];
        const char *key = asl_value_get_string(asl_value_key(got, i), NULL);
        snprintf(other, sizeof other, "%.100s%s", key, strcmp(key, "cause") == 0 ? "Json" : "Text");
        snprintf(inner, sizeof inner, "%.900s/%.100s", path, key);
        if (asl_value_get(expected, key) == NULL && asl_value_get(expected, other) == NULL)
            differ(self, inner, NULL, asl_value_at(got, i));
    }
}

/* The one member of an event that is not common to all. */
static const asl_value *find_details(const asl_value *event, const asl_value **ret_key)
{
    *ret_key = NULL;
    for (size_t i = 0; i < asl_value_count(event); i++) {
        size_t size = 0;
        const char *key = asl_value_get_string(asl_value_key(event, i), &size);
        if (ends_with(key, size, "EventDetails")) {
            *ret_key = asl_value_key(event, i);
            return asl_value_at(event, i);
        }
    }
    return NULL;
}

static void compare_event(comparison *self, const asl_value *expected, const asl_value *got)
{
    char path[512];
    int64_t id = 0;
    const asl_value *key, *details = find_details(got, &key);
    const asl_value *expected_key = asl_value_get(expected, "detailsKey");
    (void)asl_value_get_integer(asl_value_get(expected, "id"), &id);
    snprintf(path, sizeof path, "event %lld %s", (long long)id, text_of(expected, "type"));
    if (!asl_value_equal(asl_value_get(expected, "type"), asl_value_get(got, "type")))
        differ(self, path, asl_value_get(expected, "type"), asl_value_get(got, "type"));
    else if ((key == NULL) != (expected_key == NULL) ||
             (key != NULL && !asl_value_equal(key, expected_key)))
        differ(self, path, expected_key, key);
    else
        compare_details(self, path, asl_value_get(expected, "details"), details);
}

/* "MapStateExited.previousEventId: ..." */
static bool has_drifted(const comparison *self, const char *type, const char *key)
{
    char name[128];
    snprintf(name, sizeof name, "%.60s.%.60s:", type, key);
    for (size_t i = 0; i < asl_value_count(self->drift); i++)
        if (strncmp(asl_value_get_string(asl_value_at(self->drift, i), NULL), name, strlen(name)) ==
            0)
            return true;
    return false;
}

static void compare_ids(comparison *self, const asl_value *expected, const asl_value *got)
{
    static const char *const keys[] = {"id", "previousEventId"};
    const char *type = text_of(expected, "type");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char path[512];
        const asl_value *wanted = asl_value_get(expected, keys[i]);
        int64_t id = 0;
        (void)asl_value_get_integer(asl_value_get(expected, "id"), &id);
        snprintf(path, sizeof path, "event %lld %s/%s", (long long)id, type, keys[i]);
        if (asl_value_kind(wanted) != ASL_KIND_NULL && !has_drifted(self, type, keys[i]))
            compare_values(self, path, wanted, asl_value_get(got, keys[i]));
    }
}

static void compare_in_order(comparison *self, const asl_value *expected, const asl_value *got)
{
    size_t count = asl_value_count(expected), got_count = asl_value_count(got);
    for (size_t i = 0; i < count || i < got_count; i++) {
        const asl_value *left = asl_value_at(expected, i), *right = asl_value_at(got, i);
        if (left == NULL || right == NULL) {
            differ(self, "history", left, right);
            return;
        }
        compare_event(self, left, right);
        compare_ids(self, left, right);
    }
}

/* The event among those left that is like the expected one; where none is, the difference to the
 * first one of its type is noted. */
static bool take_event(comparison *self, const asl_value *expected, const asl_value *got,
                       bool *taken)
{
    first_problem first = {""};
    for (size_t i = 0; i < asl_value_count(got); i++) {
        if (taken[i])
            continue;
        first_problem here = {""};
        comparison attempt = {.bindings = asl_value_ref(self->bindings),
                              .wildcards = self->wildcards,
                              .drift = self->drift,
                              .problem = &here,
                              .is_same = true};
        compare_event(&attempt, expected, asl_value_at(got, i));
        if (attempt.is_same && self->has_some_ids)
            compare_ids(&attempt, expected, asl_value_at(got, i));
        if (attempt.is_same) {
            asl_value_unref(self->bindings);
            self->bindings = attempt.bindings;
            taken[i] = true;
            return true;
        }
        asl_value_unref(attempt.bindings);
        if (first.text[0] == '\0' && asl_value_equal(asl_value_get(expected, "type"),
                                                     asl_value_get(asl_value_at(got, i), "type")))
            first = here;
    }
    self->is_same = false;
    problem_note(self->problem, "no such event: %s",
                 first.text[0] != '\0' ? first.text : text_of(expected, "type"));
    return false;
}

#define EVENTS_MAX 25000

/* How many events are missing from a recording whose ids were blanked: its last id is known. Only
 * those of a Parallel state's own are. */
static size_t count_lost(const asl_value *record, const asl_value *expected)
{
    int64_t last = 0;
    size_t count = asl_value_count(expected);
    if (!is_true(asl_value_get(record, "historyIdsBlanked")) ||
        !asl_value_get_integer(asl_value_get(asl_value_at(expected, count - 1), "id"), &last) ||
        (size_t)last < count)
        return 0;
    return (size_t)last - count;
}

static bool is_of_parallel(const asl_value *event)
{
    const char *type = text_of(event, "type");
    return type != NULL && strncmp(type, "ParallelState", strlen("ParallelState")) == 0;
}

static void compare_as_set(comparison *self, const asl_value *record, const asl_value *expected,
                           const asl_value *got)
{
    static bool taken[EVENTS_MAX];
    memset(taken, 0, sizeof taken);
    size_t lost = count_lost(record, expected);
    for (size_t i = 0; i < asl_value_count(expected); i++)
        if (!take_event(self, asl_value_at(expected, i), got, taken))
            return;
    for (size_t i = 0; i < asl_value_count(got) && i < EVENTS_MAX; i++) {
        if (taken[i])
            continue;
        if (lost == 0 || !is_of_parallel(asl_value_at(got, i)))
            differ(self, "history", NULL, asl_value_at(got, i));
        else
            lost--;
    }
    if (lost != 0)
        problem_note(self->problem, "history: %zu events of Parallel states are missing", lost);
}

static void compare_text(comparison *self, const char *path, const asl_value *expected,
                         const char *got)
{
    asl_value *value = got == NULL ? NULL : asl_value_string(NULL, got);
    if (expected != NULL)
        compare_values(self, path, expected, value);
    else if (value != NULL)
        differ(self, path, NULL, value);
    asl_value_unref(value);
}

static void compare_end(comparison *self, const asl_value *expect, const outcome *got)
{
    char *text = NULL;
    compare_text(self, "status", asl_value_get(expect, "status"), got->status);
    if (asl_value_get(expect, "output") != NULL)
        compare_values(self, "output", asl_value_get(expect, "output"), got->output);
    if (asl_value_get(expect, "outputText") != NULL && got->output != NULL &&
        asl_value_print(got->output, 0, &text, NULL) == ASL_OK)
        compare_text(self, "output text", asl_value_get(expect, "outputText"), text);
    asl_text_free(text);
    compare_text(self, "error", asl_value_get(expect, "error"), got->error);
    if (asl_value_get(expect, "causeJson") != NULL)
        compare_json(self, "cause", asl_value_get(expect, "causeJson"), got->cause);
    else
        compare_text(self, "cause", asl_value_get(expect, "cause"), got->cause);
}

/* The names of all wildcards of a case, as members of an object. */
static asl_value *find_wildcards(const asl_value *expect)
{
    asl_value *names = asl_value_object(NULL);
    char *text = NULL;
    size_t size = 0, name_size = 0;
    if (asl_value_print(expect, 0, &text, &size) == ASL_OK)
        for (const char *next = text; (next = find_wildcard(next, text + size, &name_size)) != NULL;
             next += name_size + 4)
            asl_value_set_sized(&names, next + 2, name_size, asl_value_null());
    asl_text_free(text);
    return names;
}

void compare_outcome(const asl_value *record, const outcome *got, first_problem *problem)
{
    const asl_value *expect = asl_value_get(record, "expect");
    const asl_value *history = asl_value_get(expect, "history");
    comparison self = {.bindings = asl_value_object(NULL),
                       .wildcards = find_wildcards(expect),
                       .drift = asl_value_get(record, "awsDrift"),
                       .problem = problem,
                       .is_same = true,
                       .has_some_ids = is_true(asl_value_get(record, "historyIdsBlanked"))};
    compare_end(&self, expect, got);
    bool is_set = is_true(asl_value_get(record, "concurrent")) ||
                  is_true(asl_value_get(record, "historyIdsBlanked"));
    if (history != NULL && self.is_same && is_set)
        compare_as_set(&self, record, history, got->events);
    else if (history != NULL && self.is_same)
        compare_in_order(&self, history, got->events);
    if (self.is_same)
        compare_views(&self, record, got);
    asl_value_unref(self.bindings);
    asl_value_unref(self.wildcards);
}
