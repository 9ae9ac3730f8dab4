/* A walk over the text of JSON that is known to be well-formed, so that it may skip without
 * looking: a value ends where its brackets are closed. */
#include "place.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct walk {
    const char *next;
    const char *key, *key_end; /* with their quotes */
    const char *value;
} walk;

static const char *skip_space(const char *next)
{
    return next + strspn(next, " \t\r\n");
}

static const char *skip_string(const char *next)
{
    for (next++; *next != '"' && *next != '\0'; next++) {
        if (*next == '\\' && next[1] != '\0')
            next++;
    }
    return *next == '"' ? next + 1 : next;
}

static const char *skip_value(const char *next)
{
    size_t depth = 0;
    do {
        next = skip_space(next);
        if (*next == '"') {
            next = skip_string(next);
        } else if (*next == '{' || *next == '[') {
            depth++;
            next++;
        } else if (*next == '}' || *next == ']') {
            depth -= depth > 0;
            next++;
        } else if (*next == ',' || *next == ':') {
            next++;
        } else {
            size_t size = strcspn(next, " \t\r\n,:{}[]\"");
            if (size == 0)
                return next;
            next += size;
        }
    } while (depth > 0);
    return next;
}

/* False where the value is no object. */
static bool enter(walk *self, const char *value)
{
    value = skip_space(value);
    self->next = value + 1;
    return *value == '{';
}

static bool next_member(walk *self)
{
    const char *next = skip_space(self->next);
    if (*next == ',')
        next = skip_space(next + 1);
    if (*next != '"')
        return false;
    self->key = next;
    self->key_end = skip_string(next);
    next = skip_space(self->key_end);
    self->value = skip_space(next + (*next == ':'));
    self->next = skip_value(self->value);
    return true;
}

/* A key may be written with escapes, so the parser says what it is. */
static bool is_key(const walk *self, const char *key)
{
    asl_value *value = NULL;
    size_t size = 0, key_size = strlen(key);
    if (asl_value_parse(NULL, self->key, (size_t)(self->key_end - self->key), 0, &value, NULL) !=
        ASL_OK)
        return false;
    const char *text = asl_value_get_string(value, &size);
    bool is_equal = text != NULL && size == key_size && memcmp(text, key, size) == 0;
    asl_value_unref(value);
    return is_equal;
}

/* The value at a path and how often its last key occurs; NULL where there is none. */
static const char *find(const tool_json_text *json, const char *const path[], const char **ret_key,
                        size_t *ret_count)
{
    const char *value = skip_space(json->text);
    *ret_key = value;
    *ret_count = 1;
    for (; *path != NULL; path++) {
        walk members;
        const char *found = NULL;
        size_t count = 0;
        for (bool has = enter(&members, value); has && next_member(&members);) {
            if (!is_key(&members, *path))
                continue;
            count++;
            found = members.value;
            *ret_key = members.key;
        }
        if (found == NULL)
            return NULL;
        value = found;
        *ret_count = count;
    }
    return value;
}

size_t tool_place_find(const tool_json_text *json, const char *const path[], bool of_key,
                       size_t *ret_offset)
{
    const char *key = NULL;
    size_t count = 0;
    const char *value = find(json, path, &key, &count);
    if (value == NULL)
        return 0;
    *ret_offset = (size_t)((of_key ? key : value) - json->text);
    return count;
}

size_t tool_place_count(const tool_json_text *json, const char *const path[])
{
    const char *key = NULL;
    size_t count = 0;
    const char *value = find(json, path, &key, &count);
    walk members;
    count = 0;
    for (bool has = value != NULL && enter(&members, value); has && next_member(&members);)
        count++;
    return count;
}

/* Columns are code points. */
static void find_line(const char *text, size_t offset, size_t *ret_line, size_t *ret_column)
{
    *ret_line = *ret_column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            ++*ret_line;
            *ret_column = 1;
        } else if (((unsigned char)text[i] & 0xc0u) != 0x80u) {
            ++*ret_column;
        }
    }
}

void tool_say_at(tool_level level, const tool_json_text *json, const char *const path[],
                 bool of_key, const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    size_t offset = 0, line = 1, column = 1;
    tool_place_find(json, path, of_key, &offset);
    find_line(json->text, offset, &line, &column);
    tool_say(level, "%s:%zu:%zu: %s", json->name, line, column,
             message != NULL ? message : "out of memory");
    tool_print_excerpt(json->text, json->size, line, column, 1);
    free(message);
}
