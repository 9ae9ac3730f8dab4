/* A host program, as benchmarks are: an engine on a store. What fails ends the program. */
#ifndef ASL_BENCH_HOST_H
#define ASL_BENCH_HOST_H

#include <asl/asl.h>

typedef struct host {
    asl_store *store;
    asl_engine *engine;
} host;

/* Says what failed, and why, where `status` is not ASL_OK; `error` may be NULL. */
void host_check(int status, const asl_error *error, const char *what);
/* Zeroed memory. */
void *host_allocate(size_t count, size_t size);

/* Opens both; `options` are the engine's, whose store this sets. `path` NULL: in memory. */
void host_open(host *self, const char *path, unsigned store_flags, asl_engine_options options);
void host_close(host *self);
void host_serve(host *self, const char *resource, void (*start)(void *context, asl_task *task),
                void *context);
void host_add_machine(host *self, const char *machine, const char *text, size_t size);
/* Dispatches while there is something that can be done now. */
void host_settle(host *self);

#endif
