/* The registry of handlers. Exact texts are hashed; patterns are few and sorted, longest first, so
 * that the first that fits is the one that serves. */
#include "runtime/handlers.h"

#include <string.h>

#include "base/array.h"
#include "base/heap.h"

#define STATE_KEY_SIZE 1024 /* two names of 80 characters have room */

void asl_handlers_init(asl_handlers *handlers, const asl_heap *heap)
{
    *handlers = (asl_handlers){.heap = heap, .version = 1};
    asl_map_init(&handlers->states, heap);
    asl_map_init(&handlers->exact, heap);
}

static void release_map(asl_map *map)
{
    for (asl_map_entry *e = NULL; (e = asl_map_next(map, e)) != NULL;)
        asl_handler_unref(e->pointer);
    asl_map_done(map);
}

void asl_handlers_done(asl_handlers *handlers)
{
    release_map(&handlers->states);
    release_map(&handlers->exact);
    for (size_t i = 0; i < handlers->prefix_count; i++) {
        asl_handler_unref(handlers->prefixes[i].handler);
        asl_release(handlers->heap, handlers->prefixes[i].text, handlers->prefixes[i].size + 1);
    }
    asl_release(handlers->heap, handlers->prefixes,
                handlers->prefix_capacity * sizeof *handlers->prefixes);
}

asl_handler *asl_handler_ref(asl_handler *handler)
{
    handler->references++;
    return handler;
}

void asl_handler_unref(asl_handler *handler)
{
    if (!handler || --handler->references > 0)
        return;
    if (handler->functions.release)
        handler->functions.release(handler->functions.context);
    asl_release(handler->heap, handler, sizeof *handler);
}

static int put_exact(asl_map *map, const char *key, size_t size, asl_handler *handler)
{
    asl_map_entry *entry = asl_map_put(map, key, size, NULL);
    if (!entry)
        return ASL_NOMEM;
    asl_handler *old = entry->pointer;
    entry->pointer = handler;
    asl_handler_unref(old);
    return ASL_OK;
}

static int put_prefix(asl_handlers *handlers, const char *text, size_t size, asl_handler *handler)
{
    size_t at = 0;
    for (; at < handlers->prefix_count && handlers->prefixes[at].size >= size; at++) {
        asl_handler_prefix *prefix = &handlers->prefixes[at];
        if (prefix->size != size || memcmp(prefix->text, text, size) != 0)
            continue;
        asl_handler *old = prefix->handler;
        prefix->handler = handler;
        asl_handler_unref(old);
        return ASL_OK;
    }
    int status = asl_array_reserve(handlers->heap, &handlers->prefixes, &handlers->prefix_capacity,
                                   handlers->prefix_count, SIZE_MAX / 2);
    char *copy = status == ASL_OK ? asl_allocate(handlers->heap, size + 1) : NULL;
    if (!copy)
        return ASL_NOMEM;
    memcpy(copy, text, size);
    copy[size] = '\0';
    memmove(&handlers->prefixes[at + 1], &handlers->prefixes[at],
            (handlers->prefix_count - at) * sizeof *handlers->prefixes);
    handlers->prefixes[at] = (asl_handler_prefix){.text = copy, .size = size, .handler = handler};
    handlers->prefix_count++;
    return ASL_OK;
}

static int copy_map(asl_map *copy, const asl_map *map)
{
    int status = ASL_OK;
    for (asl_map_entry *e = NULL; status == ASL_OK && (e = asl_map_next(map, e)) != NULL;) {
        status = put_exact(copy, e->key, e->key_size, e->pointer);
        if (status == ASL_OK)
            asl_handler_ref(e->pointer);
    }
    return status;
}

static int copy_all(asl_handlers *copy, const asl_handlers *handlers)
{
    int status = copy_map(&copy->states, &handlers->states);
    if (status == ASL_OK)
        status = copy_map(&copy->exact, &handlers->exact);
    for (size_t i = 0; status == ASL_OK && i < handlers->prefix_count; i++) {
        const asl_handler_prefix *prefix = &handlers->prefixes[i];
        status = put_prefix(copy, prefix->text, prefix->size, prefix->handler);
        if (status == ASL_OK)
            asl_handler_ref(prefix->handler);
    }
    return status;
}

int asl_handlers_copy(asl_handlers *ret_copy, const asl_handlers *handlers)
{
    asl_handlers copy;
    asl_handlers_init(&copy, handlers->heap);
    int status = copy_all(&copy, handlers);
    if (status != ASL_OK) {
        asl_handlers_done(&copy);
        return status;
    }
    copy.version = handlers->version;
    *ret_copy = copy;
    return ASL_OK;
}

static asl_handler *new_handler(const asl_handlers *handlers, const asl_task_handler *functions)
{
    asl_handler *handler = asl_allocate(handlers->heap, sizeof *handler);
    if (handler)
        *handler = (asl_handler){.heap = handlers->heap,
                                 .references = 1,
                                 .flags = functions->flags | handlers->flags,
                                 .functions = *functions};
    return handler;
}

static int finish_put(asl_handlers *handlers, asl_handler *handler, int status)
{
    if (status == ASL_OK)
        handlers->version++;
    else
        asl_release(handlers->heap, handler, sizeof *handler);
    return status;
}

int asl_handlers_put(asl_handlers *handlers, const char *pattern, const asl_task_handler *functions)
{
    asl_handler *handler = new_handler(handlers, functions);
    if (!handler)
        return ASL_NOMEM;
    size_t size = strlen(pattern);
    int status = size > 0 && pattern[size - 1] == '*'
                     ? put_prefix(handlers, pattern, size - 1, handler)
                     : put_exact(&handlers->exact, pattern, size, handler);
    return finish_put(handlers, handler, status);
}

/* Writes "MACHINE\0STATE"; 0: longer than names can be. */
static size_t make_state_key(char key[STATE_KEY_SIZE], const char *machine, const char *state,
                             size_t size)
{
    size_t machine_size = strlen(machine) + 1;
    if (machine_size > STATE_KEY_SIZE || size > STATE_KEY_SIZE - machine_size)
        return 0;
    memcpy(key, machine, machine_size);
    memcpy(key + machine_size, state, size);
    return machine_size + size;
}

int asl_handlers_put_state(asl_handlers *handlers, const char *machine, const char *state,
                           const asl_task_handler *functions)
{
    char key[STATE_KEY_SIZE];
    size_t size = make_state_key(key, machine, state, strlen(state));
    if (size == 0)
        return ASL_MISUSE;
    asl_handler *handler = new_handler(handlers, functions);
    if (!handler)
        return ASL_NOMEM;
    return finish_put(handlers, handler, put_exact(&handlers->states, key, size, handler));
}

asl_handler *asl_handlers_find_state(const asl_handlers *handlers, const char *machine,
                                     const char *state, size_t size)
{
    char key[STATE_KEY_SIZE];
    if (handlers->states.count == 0)
        return NULL;
    size_t key_size = make_state_key(key, machine, state, size);
    const asl_map_entry *entry =
        key_size > 0 ? asl_map_find(&handlers->states, key, key_size) : NULL;
    return entry ? entry->pointer : NULL;
}

asl_handler *asl_handlers_find(const asl_handlers *handlers, const char *resource, size_t size)
{
    const asl_map_entry *entry = asl_map_find(&handlers->exact, resource, size);
    if (entry)
        return entry->pointer;
    for (size_t i = 0; i < handlers->prefix_count; i++) {
        const asl_handler_prefix *prefix = &handlers->prefixes[i];
        if (prefix->size <= size && memcmp(prefix->text, resource, prefix->size) == 0)
            return prefix->handler;
    }
    return NULL;
}
