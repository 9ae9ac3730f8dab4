/* Walking the document by its table of ranges, and saying where something stands. Every node knows
 * the first node behind it, so a walk over members or items skips what is inside them. */
#include <stdarg.h>
#include <string.h>

#include "base/array.h"
#include "base/heap.h"
#include "base/limits.h"
#include "definition/loader.h"

void asl_loader_check(asl_loader *loader, int status)
{
    if (status != ASL_OK && loader->status == ASL_OK)
        loader->status = status;
}

void *asl_loader_allocate(asl_loader *loader, size_t size)
{
    void *memory = asl_arena_allocate(&loader->program->arena, size);
    if (memory == NULL)
        asl_loader_check(loader, ASL_NOMEM);
    return memory;
}

/* The members of one object: all but the last of a name are shadowed. */
static int shadow_members(asl_loader *loader, asl_node object)
{
    asl_map last;
    asl_map_init(&last, loader->heap);
    int status = ASL_OK;
    for (asl_node key = object + 1; key < loader->nodes[object].end && status == ASL_OK;
         key = loader->nodes[key + 1].end) {
        size_t size = 0;
        const char *name = asl_node_string(loader, key, &size);
        bool is_new = false;
        asl_map_entry *entry = asl_map_put(&last, name, size, &is_new);
        if (entry == NULL) {
            status = ASL_NOMEM;
            break;
        }
        if (!is_new) {
            loader->nodes[entry->number].is_shadowed = true;
            loader->nodes[entry->number + 1].is_shadowed = true;
        }
        entry->number = key;
    }
    asl_map_done(&last);
    return status;
}

int asl_nodes_measure(asl_loader *loader)
{
    const asl_document *document = &loader->document;
    size_t count = document->count;
    loader->nodes = asl_allocate_zeroed(loader->heap, count * sizeof *loader->nodes);
    if (loader->nodes == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < count; i++)
        loader->nodes[i].end = (asl_node)i + 1;
    for (size_t i = count; i-- > 1;) {
        asl_node_info *parent = &loader->nodes[document->ranges[i].parent];
        if (parent->end < loader->nodes[i].end)
            parent->end = loader->nodes[i].end;
    }
    int status = ASL_OK;
    asl_node done = ASL_NODE_NONE;
    for (size_t i = 0; i < count && status == ASL_OK; i++) {
        if (!document->ranges[i].is_duplicate || document->ranges[i].parent == done)
            continue;
        done = document->ranges[i].parent;
        status = shadow_members(loader, done);
    }
    return status;
}

static asl_node skip_shadowed(const asl_loader *loader, asl_node container, asl_node node)
{
    bool is_object = asl_value_is_object(asl_node_value(loader, container));
    while (node < loader->nodes[container].end) {
        asl_node child = is_object ? node + 1 : node;
        if (!loader->nodes[child].is_shadowed)
            return child;
        node = loader->nodes[child].end;
    }
    return ASL_NODE_NONE;
}

asl_node asl_node_first(const asl_loader *loader, asl_node container)
{
    return skip_shadowed(loader, container, container + 1);
}

asl_node asl_node_next(const asl_loader *loader, asl_node container, asl_node child)
{
    return skip_shadowed(loader, container, loader->nodes[child].end);
}

const char *asl_node_string(const asl_loader *loader, asl_node node, size_t *ret_size)
{
    return asl_value_get_string(asl_node_value(loader, node), ret_size);
}

const char *asl_node_key_string(const asl_loader *loader, asl_node node, size_t *ret_size)
{
    return asl_node_string(loader, asl_node_key(loader, node), ret_size);
}

asl_node asl_node_member(const asl_loader *loader, asl_node object, const char *name)
{
    if (!asl_value_is_object(asl_node_value(loader, object)))
        return ASL_NODE_NONE;
    size_t size = strlen(name), key_size = 0;
    for (asl_node node = asl_node_first(loader, object); node != ASL_NODE_NONE;
         node = asl_node_next(loader, object, node)) {
        const char *key = asl_node_key_string(loader, node, &key_size);
        if (key_size == size && memcmp(key, name, size) == 0)
            return node;
    }
    return ASL_NODE_NONE;
}

/* JSON Pointer's and AWS's way of writing a place differ in arrays and escapes only. */
static void write_key(asl_buffer *buffer, const char *key, size_t size, bool as_pointer)
{
    asl_buffer_byte(buffer, '/');
    for (size_t i = 0; i < size; i++) {
        if (as_pointer && key[i] == '~')
            asl_buffer_text(buffer, "~0");
        else if (as_pointer && key[i] == '/')
            asl_buffer_text(buffer, "~1");
        else
            asl_buffer_byte(buffer, key[i]);
    }
}

static void write_index(const asl_loader *loader, asl_buffer *buffer, asl_node container,
                        asl_node item, bool as_pointer)
{
    size_t index = 0;
    for (asl_node node = container + 1; node < item; node = loader->nodes[node].end)
        index++;
    asl_buffer_format(buffer, as_pointer ? "/%zu" : "[%zu]", index);
}

static const char *write_place(asl_loader *loader, asl_node node, bool as_pointer)
{
    const asl_node_range *ranges = loader->document.ranges;
    asl_node chain[ASL_DEFINITION_DEPTH_MAX + 2];
    size_t depth = 0;
    if (ranges[node].is_key)
        node++;
    for (; ranges[node].parent != UINT32_MAX; node = ranges[node].parent)
        if (depth < sizeof chain / sizeof *chain)
            chain[depth++] = node;
    asl_buffer buffer;
    asl_buffer_init(&buffer, loader->heap);
    if (depth == 0 && !as_pointer)
        asl_buffer_byte(&buffer, '/');
    while (depth-- > 0) {
        asl_node at = chain[depth];
        size_t size = 0;
        if (ranges[at].key == UINT32_MAX) {
            write_index(loader, &buffer, ranges[at].parent, at, as_pointer);
            continue;
        }
        const char *key = asl_node_key_string(loader, at, &size);
        write_key(&buffer, key, size, as_pointer);
    }
    const char *text = asl_buffer_string(&buffer);
    if (text != NULL)
        text = asl_arena_copy(&loader->diagnostics->arena, text, buffer.size);
    asl_buffer_done(&buffer);
    return text;
}

__attribute__((format(printf, 2, 0))) static const char *
write_message(asl_loader *loader, const char *format, va_list arguments)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, loader->heap);
    asl_buffer_format_list(&buffer, format, arguments);
    const char *text = asl_buffer_string(&buffer);
    if (text != NULL)
        text = asl_arena_copy(&loader->diagnostics->arena, text, buffer.size);
    asl_buffer_done(&buffer);
    return text;
}

void asl_report(asl_loader *loader, asl_problem problem, const char *format, ...)
{
    asl_diagnostics *list = loader->diagnostics;
    asl_diagnostic diagnostic = {.severity = problem.phase == ASL_PHASE_WARN ? ASL_SEVERITY_WARNING
                                                                             : ASL_SEVERITY_ERROR,
                                 .code = problem.code,
                                 .offset = problem.offset,
                                 .length = problem.length};
    if (loader->status != ASL_OK)
        return;
    if (problem.length == 0 && problem.node != ASL_NODE_NONE) {
        diagnostic.offset = loader->document.ranges[problem.node].offset;
        diagnostic.length = loader->document.ranges[problem.node].length;
    }
    if (list->count < ASL_DIAGNOSTICS_MAX) {
        va_list arguments;
        va_start(arguments, format);
        diagnostic.message = write_message(loader, format, arguments);
        va_end(arguments);
        diagnostic.pointer =
            problem.node != ASL_NODE_NONE ? write_place(loader, problem.node, true) : "";
        if (problem.location != ASL_NODE_NONE)
            diagnostic.location = write_place(loader, problem.location, false);
        if (problem.hint != NULL)
            diagnostic.hint = asl_arena_copy(&list->arena, problem.hint, strlen(problem.hint));
        if (diagnostic.message == NULL || diagnostic.pointer == NULL ||
            (problem.location != ASL_NODE_NONE && diagnostic.location == NULL) ||
            (problem.hint != NULL && diagnostic.hint == NULL)) {
            asl_loader_check(loader, ASL_NOMEM);
            return;
        }
    }
    asl_loader_check(loader, asl_diagnostics_add(list, &diagnostic, problem.phase, problem.node));
}
