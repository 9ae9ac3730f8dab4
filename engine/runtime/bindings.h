/* A bindings file, read and checked: which plugin serves which resource, with what configuration.
 * Reading touches neither engine nor plugins. */
#ifndef ASL_RUNTIME_BINDINGS_H
#define ASL_RUNTIME_BINDINGS_H

#include <asl/engine.h>

#include "value/value.h"

#define ASL_BINDINGS_BYTES_MAX 1048576u /* a bindings file */
#define ASL_BINDINGS_COUNT_MAX 10000u   /* bindings in one */
#define ASL_BINDINGS_DEPTH_MAX 100u     /* nesting in one */

/* One binding. All borrowed from the file. */
typedef struct asl_binding {
    const char *pattern;
    const char *plugin;             /* a shipped plugin's name, or a path */
    const char *member;             /* what named it: "http", "command", "mock" or "plugin" */
    const asl_value *configuration; /* NULL: none */
    size_t offset;                  /* of the pattern in the text */
    unsigned flags;                 /* ASL_HANDLER_* */
    bool is_path;
} asl_binding;

typedef struct asl_bindings {
    const asl_heap *heap;
    asl_document document;
    asl_binding *items;
    size_t count, capacity;
} asl_bindings;

/* ASL_OK, ASL_NOMEM, ASL_SYNTAX, ASL_TOO_LARGE, ASL_DENIED. Messages begin with
 * "source:line:column: ". */
int asl_bindings_read(const asl_heap *heap, const char *text, size_t size,
                      const asl_bind_options *options, asl_bindings *ret_bindings,
                      asl_error **error);
void asl_bindings_done(asl_bindings *bindings);

/* Makes an error at a place of the file: "source:line:column: ..."; returns `status`. */
int asl_bindings_refuse(asl_error **error, int status, const char *text, size_t size,
                        const asl_bind_options *options, size_t offset, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

#endif
