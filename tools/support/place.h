/* Places in a JSON text that has parsed: what is wrong with a file of ours is shown where it
 * stands. A path is a list of keys from the root, ended by NULL. */
#ifndef ASL_TOOLS_PLACE_H
#define ASL_TOOLS_PLACE_H

#include "support.h"

typedef struct tool_json_text {
    const char *name; /* of the file, for messages */
    const char *text; /* ended by NUL */
    size_t size;
} tool_json_text;

/* How often the object before it has the last key of a path; the place of the last one, its key's
 * or its value's, is in `ret_offset`. Keys before the last are taken as the parser takes them: the
 * last that is equal. */
size_t tool_place_find(const tool_json_text *json, const char *const path[], bool of_key,
                       size_t *ret_offset);
/* How many members the object at a path has as it is written, repeated ones included. */
size_t tool_place_count(const tool_json_text *json, const char *const path[]);
/* Says what is wrong at a path, with line, column, excerpt and caret. */
void tool_say_at(tool_level level, const tool_json_text *json, const char *const path[],
                 bool of_key, const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
