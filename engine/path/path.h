/* JSONPath as Jayway has it, and reference paths. Compiled once, immutable, shared between threads.
 */
#ifndef ASL_PATH_PATH_H
#define ASL_PATH_PATH_H

#include "value/value.h"

typedef struct asl_path asl_path;

/* Which root a path begins with: `$`, `$$` (context object), `$name` (variable). The root is not
 * part of the compiled steps: the caller gives the root value to evaluate. */
typedef enum asl_path_root { ASL_PATH_INPUT, ASL_PATH_CONTEXT, ASL_PATH_VARIABLE } asl_path_root;

/* A reference path: one node only, no '@', ',', ':', '?', '*', '..'. */
#define ASL_PATH_REFERENCE 1u
/* Jayway's own reading and nothing of the service's: `$` and `@` are the only roots, a path without
 * a root gets one, and an indefinite path may be refused when it is evaluated. */
#define ASL_PATH_JAYWAY 2u

/* Compiles. ASL_OK, ASL_NOMEM, ASL_SYNTAX (the error's message is for people, its offset is in
 * `text`), ASL_TOO_LARGE. */
int asl_path_compile(const asl_heap *heap, const char *text, size_t size, unsigned flags,
                     asl_path **ret_path, asl_error **error);
void asl_path_free(asl_path *path);
asl_path_root asl_path_root_of(const asl_path *path);
/* The variable's name for ASL_PATH_VARIABLE; not NUL-ended. */
const char *asl_path_variable(const asl_path *path, size_t *ret_size);
/* True for `$`, `$$` or `$name` alone. */
bool asl_path_is_root(const asl_path *path);
/* The path as written. */
const char *asl_path_text(const asl_path *path, size_t *ret_size);

/* Why nothing was found, in Jayway's words ("Missing property in path $['no']", "No results for
 * path: $['x']", "Filter: [0] can only be applied to arrays. Current context is: 1"). A string
 * value; NULL where none. */
typedef struct asl_path_failure {
    asl_value *message;
    /* Set when all that is wrong is that the path ends in an index past the array's end: a
     * template's ".$" key takes null for it. */
    bool is_past_end;
} asl_path_failure;

/* Evaluates on `root`. ASL_OK with a new reference; ASL_NOT_FOUND: a definite path found nothing
 * (see `failure`), or a function failed; an indefinite path gives an array, maybe empty. ASL_NOMEM;
 * ASL_TOO_LARGE: the work budget (nodes visited) was used up. Definite paths without functions
 * allocate nothing. `failure` may be NULL. */
int asl_path_evaluate(const asl_path *path, const asl_value *root, asl_value **ret_value,
                      asl_path_failure *failure);

/* Writes `value` (stolen) into *root at a reference path, making missing objects on the way:
 * ResultPath. *root may be exchanged; unshared levels are updated in place. ASL_NOT_FOUND where the
 * path leads into something that is no object (array indices must exist). */
int asl_path_assign(const asl_path *path, asl_value **root, asl_value *value,
                    asl_path_failure *failure);

/* Java's text of a value, as Map.toString and List.toString make it: `{a=1, b=[x, null]}`. */
void asl_java_text(const asl_value *value, asl_buffer *buffer);

#endif
