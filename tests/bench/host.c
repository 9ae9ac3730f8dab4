/* See host.h. */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void host_check(int status, const asl_error *error, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
            error ? asl_error_message(error) : asl_status_name(status));
    exit(1);
}

void *host_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        host_check(ASL_NOMEM, NULL, "allocate");
    return memory;
}

void host_open(host *self, const char *path, unsigned store_flags, asl_engine_options options)
{
    asl_error *error = NULL;
    asl_store_options where = {.size = sizeof where, .path = path, .flags = store_flags};
    host_check(asl_store_open(&where, &self->store, &error), error, "store");
    options.size = sizeof options;
    options.store = self->store;
    host_check(asl_engine_open(&options, &self->engine, &error), error, "engine");
}

void host_close(host *self)
{
    asl_engine_free(self->engine);
    asl_store_close(self->store);
    *self = (host){0};
}

void host_serve(host *self, const char *resource, void (*start)(void *context, asl_task *task),
                void *context)
{
    asl_error *error = NULL;
    asl_task_handler handler = {.size = sizeof handler, .start = start, .context = context};
    host_check(asl_engine_register(self->engine, resource, &handler, &error), error, resource);
}

void host_add_machine(host *self, const char *machine, const char *text, size_t size)
{
    asl_error *error = NULL;
    asl_definition *definition = NULL;
    host_check(asl_definition_load(text, size, NULL, &definition, NULL, &error), error, machine);
    host_check(asl_engine_add_machine(self->engine, machine, definition, &error), error, machine);
    asl_definition_unref(definition);
}

void host_settle(host *self)
{
    while (asl_engine_next_deadline(self->engine) == 0)
        host_check(asl_engine_dispatch(self->engine, 0), NULL, "dispatch");
}
