/* Which handler serves a state: the one registered for the state itself, else for its resource: an
 * exact text, or the longest pattern that ends with '*'. */
#ifndef ASL_RUNTIME_HANDLERS_H
#define ASL_RUNTIME_HANDLERS_H

#include <asl/task.h>

#include "base/map.h"

/* A registered handler. Counted, since tasks in flight need one that was replaced. */
typedef struct asl_handler {
    const asl_heap *heap;
    unsigned references;
    unsigned flags;
    asl_task_handler functions;
} asl_handler;

typedef struct asl_handler_prefix {
    char *text; /* without the '*' */
    size_t size;
    asl_handler *handler;
} asl_handler_prefix;

typedef struct asl_handlers {
    const asl_heap *heap;
    asl_map states;               /* "MACHINE\0STATE" -> asl_handler */
    asl_map exact;                /* resource -> asl_handler */
    asl_handler_prefix *prefixes; /* longest first */
    size_t prefix_count, prefix_capacity;
    uint64_t version; /* counts changes, for those who remember what they found */
    unsigned flags;   /* ASL_HANDLER_*: those of a binding, for every handler it puts */
} asl_handlers;

void asl_handlers_init(asl_handlers *handlers, const asl_heap *heap);
void asl_handlers_done(asl_handlers *handlers);
/* The same handlers once more, so that what is put from now on can be taken back. ASL_OK,
 * ASL_NOMEM.
 */
int asl_handlers_copy(asl_handlers *ret_copy, const asl_handlers *handlers);
/* ASL_OK, ASL_NOMEM. */
int asl_handlers_put(asl_handlers *handlers, const char *pattern,
                     const asl_task_handler *functions);
/* The same for one state of a machine. ASL_MISUSE: names longer than any can be. */
int asl_handlers_put_state(asl_handlers *handlers, const char *machine, const char *state,
                           const asl_task_handler *functions);
/* Borrowed; NULL: none was registered for the state itself. */
asl_handler *asl_handlers_find_state(const asl_handlers *handlers, const char *machine,
                                     const char *state, size_t size);
/* Borrowed; NULL: none serves it. */
asl_handler *asl_handlers_find(const asl_handlers *handlers, const char *resource, size_t size);

asl_handler *asl_handler_ref(asl_handler *handler);
/* The last one calls the handler's `release`. */
void asl_handler_unref(asl_handler *handler);

#endif
