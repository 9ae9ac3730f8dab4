/* Reading bindings is one walk over the document's nodes in their order, two levels deep: members
 * of the file, bindings, members of a binding. What stands deeper is a plugin's own configuration
 * and is the plugin's to check. A binding is complete when the next one begins. */
#include "runtime/bindings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/utf8.h"
#include "runtime/plugin.h"

#define ROOT_INDEX 0u

typedef struct bindings_reader {
    asl_bindings *bindings;
    const char *text;
    size_t size;
    const asl_bind_options *options;
    asl_error **error;
    uint32_t tasks;   /* index of "tasks"; UINT32_MAX: not met */
    uint32_t current; /* index of the binding that is being read; UINT32_MAX: none */
    asl_binding binding;
} bindings_reader;

static const char *source_of(const asl_bind_options *options)
{
    return options != NULL && options->source != NULL ? options->source : "bindings";
}

int asl_bindings_refuse(asl_error **error, int status, const char *text, size_t size,
                        const asl_bind_options *options, size_t offset, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t line = 0, column = 0;
    asl_utf8_place(text, size, offset, &line, &column);
    return asl_error_set_place(error, status, text, size, offset, "%s:%zu:%zu: %s",
                               source_of(options), line, column, message);
}

#define refuse(reader, status, offset, ...) \
    asl_bindings_refuse((reader)->error, (status), (reader)->text, (reader)->size, \
                        (reader)->options, (offset), __VA_ARGS__)

static const asl_node_range *range_at(const bindings_reader *reader, size_t index)
{
    return &reader->bindings->document.ranges[index];
}

/* The text of a member's key, or of a string; NULL where it is none or holds NUL. */
static const char *plain_text(const asl_value *value)
{
    size_t size = 0;
    const char *text = asl_value_get_string(value, &size);
    return text != NULL && strlen(text) == size ? text : NULL;
}

static const asl_node_range *key_of(const bindings_reader *reader, const asl_node_range *range)
{
    return range_at(reader, range->key);
}

/* ASL: "Comment" is where people write in JSON; here it is "comment", at both levels. */
static bool is_comment(const char *key, const asl_value *value)
{
    return strcmp(key, "comment") == 0 && asl_value_is_string(value);
}

static int read_top_member(bindings_reader *reader, uint32_t index)
{
    const asl_node_range *range = range_at(reader, index), *key = key_of(reader, range);
    const char *name = plain_text(key->value);
    if (name != NULL && is_comment(name, range->value))
        return ASL_OK;
    if (name == NULL || strcmp(name, "tasks") != 0)
        return refuse(reader, ASL_SYNTAX, key->offset,
                      "\"%s\" is not a member of a bindings file, which has \"tasks\" and "
                      "\"comment\"",
                      asl_value_get_string(key->value, NULL));
    if (!asl_value_is_object(range->value))
        return refuse(reader, ASL_SYNTAX, range->offset,
                      "\"tasks\" must be an object of resources and their bindings");
    reader->tasks = index;
    return ASL_OK;
}

/* Whether a binding may stand in a file that nobody named (design: opening a folder must not
 * execute its code). Asked of the plugin, whichever member named it. */
static int check_trust(bindings_reader *reader)
{
    const asl_binding *binding = &reader->binding;
    bool is_trusted = reader->options != NULL && (reader->options->flags & ASL_BIND_TRUSTED) != 0;
    const char *what = NULL;
    if (binding->is_path)
        what = "loads a plugin from a path";
    else if (strcmp(binding->plugin, "http") == 0)
        what = "calls an HTTP endpoint";
    else if (strcmp(binding->plugin, "command") == 0)
        what = "runs a command";
    if (is_trusted || what == NULL)
        return ASL_OK;
    return refuse(reader, ASL_DENIED, binding->offset,
                  "the binding of \"%s\" %s, which a bindings file may do only where you name it; "
                  "to allow it: --tasks %s",
                  binding->pattern, what, source_of(reader->options));
}

static int end_binding(bindings_reader *reader)
{
    if (reader->current == UINT32_MAX)
        return ASL_OK;
    reader->current = UINT32_MAX;
    asl_binding *binding = &reader->binding;
    if (binding->plugin == NULL)
        return refuse(reader, ASL_SYNTAX, binding->offset,
                      "the binding of \"%s\" needs one of \"http\", \"command\", \"mock\" and "
                      "\"plugin\"",
                      binding->pattern);
    int status = check_trust(reader);
    asl_bindings *bindings = reader->bindings;
    if (status == ASL_OK)
        status = asl_array_reserve(bindings->heap, &bindings->items, &bindings->capacity,
                                   bindings->count, ASL_BINDINGS_COUNT_MAX);
    if (status == ASL_TOO_LARGE)
        return refuse(reader, status, binding->offset, "there are more than %u bindings",
                      ASL_BINDINGS_COUNT_MAX);
    if (status == ASL_OK)
        bindings->items[bindings->count++] = *binding;
    return status;
}

static int begin_binding(bindings_reader *reader, uint32_t index)
{
    int status = end_binding(reader);
    if (status != ASL_OK)
        return status;
    const asl_node_range *range = range_at(reader, index), *key = key_of(reader, range);
    const char *pattern = plain_text(key->value);
    const char *star = pattern == NULL ? NULL : strchr(pattern, '*');
    if (pattern == NULL || pattern[0] == '\0' || (star != NULL && star[1] != '\0'))
        return refuse(reader, ASL_SYNTAX, key->offset,
                      "a resource is its exact text, or ends with the one '*' in it");
    if (!asl_value_is_object(range->value))
        return refuse(reader, ASL_SYNTAX, range->offset,
                      "the binding of \"%s\" must be an object with \"http\", \"command\", "
                      "\"mock\" or \"plugin\"",
                      pattern);
    reader->current = index;
    reader->binding = (asl_binding){.pattern = pattern, .offset = key->offset};
    return ASL_OK;
}

/* "plugin": a name or a path. */
static int read_plugin(bindings_reader *reader, const asl_node_range *range)
{
    const char *name = plain_text(range->value);
    bool is_path = name != NULL && strchr(name, '/') != NULL;
    if (name == NULL || (!is_path && !asl_plugin_name_ok(name, strlen(name))))
        return refuse(reader, ASL_SYNTAX, range->offset,
                      "\"plugin\" must be the name of a shipped plugin (\"order\"), or a path with "
                      "a '/' (\"./tasks.so\")");
    reader->binding.plugin = name;
    reader->binding.is_path = is_path;
    return ASL_OK;
}

static int read_delivery(bindings_reader *reader, const asl_node_range *range)
{
    const char *delivery = plain_text(range->value);
    if (delivery != NULL && strcmp(delivery, "at-most-once") == 0) {
        reader->binding.flags |= ASL_HANDLER_AT_MOST_ONCE;
        return ASL_OK;
    }
    if (delivery != NULL && strcmp(delivery, "at-least-once") == 0)
        return ASL_OK;
    return refuse(reader, ASL_SYNTAX, range->offset,
                  "\"delivery\" must be \"at-least-once\" (which it is anyway) or "
                  "\"at-most-once\"");
}

/* "http", "command", "mock" or "plugin": one of them names the plugin. */
static int read_kind(bindings_reader *reader, const char *name, const asl_node_range *range)
{
    asl_binding *binding = &reader->binding;
    if (binding->plugin != NULL)
        return refuse(reader, ASL_SYNTAX, range->offset,
                      "the binding of \"%s\" has both \"%s\" and \"%s\"", binding->pattern,
                      binding->member, name);
    bool is_plugin = strcmp(name, "plugin") == 0;
    if (binding->configuration != NULL && !is_plugin)
        return refuse(reader, ASL_SYNTAX, range->offset, "\"configuration\" goes with \"plugin\"");
    binding->member = name;
    if (is_plugin)
        return read_plugin(reader, range);
    binding->plugin = name;
    binding->configuration = range->value;
    return ASL_OK;
}

static int read_configuration(bindings_reader *reader, const asl_node_range *key,
                              const asl_node_range *range)
{
    asl_binding *binding = &reader->binding;
    if (binding->plugin != NULL && strcmp(binding->member, "plugin") != 0)
        return refuse(reader, ASL_SYNTAX, key->offset, "\"configuration\" goes with \"plugin\"");
    binding->configuration = range->value;
    return ASL_OK;
}

static int read_member(bindings_reader *reader, uint32_t index)
{
    static const char *const kinds[] = {"http", "command", "mock", "plugin"};
    const asl_node_range *range = range_at(reader, index), *key = key_of(reader, range);
    const char *name = plain_text(key->value);
    for (size_t i = 0; name != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], name) == 0)
            return read_kind(reader, kinds[i], range);
    }
    if (name != NULL && strcmp(name, "configuration") == 0)
        return read_configuration(reader, key, range);
    if (name != NULL && strcmp(name, "delivery") == 0)
        return read_delivery(reader, range);
    if (name != NULL && is_comment(name, range->value))
        return ASL_OK;
    return refuse(reader, ASL_SYNTAX, key->offset,
                  "\"%s\" is not a member of a binding, which has one of \"http\", \"command\", "
                  "\"mock\", \"plugin\", and may have \"configuration\", \"delivery\" and "
                  "\"comment\"",
                  asl_value_get_string(key->value, NULL));
}

static int read_node(bindings_reader *reader, uint32_t index)
{
    const asl_node_range *range = range_at(reader, index);
    if (range->is_key || range->parent == UINT32_MAX)
        return ASL_OK;
    if (range->parent == ROOT_INDEX)
        return read_top_member(reader, index);
    if (range->parent == reader->tasks)
        return begin_binding(reader, index);
    if (range->parent == reader->current)
        return read_member(reader, index);
    return ASL_OK;
}

/* At any depth, before anything else: of a repeated member only the last value is left. */
static int refuse_duplicates(bindings_reader *reader)
{
    for (size_t i = 0; i < reader->bindings->document.count; i++) {
        const asl_node_range *range = range_at(reader, i);
        if (range->is_duplicate)
            return refuse(reader, ASL_SYNTAX, range->offset,
                          "\"%s\" stands twice in the same object",
                          asl_value_get_string(range->value, NULL));
    }
    return ASL_OK;
}

static int read_nodes(bindings_reader *reader)
{
    const asl_document *document = &reader->bindings->document;
    if (!asl_value_is_object(document->root))
        return refuse(reader, ASL_SYNTAX, 0,
                      "a bindings file is an object: {\"tasks\": {\"<resource>\": {...}}}");
    int status = refuse_duplicates(reader);
    for (size_t i = 0; i < document->count && status == ASL_OK; i++)
        status = read_node(reader, (uint32_t)i);
    if (status != ASL_OK)
        return status;
    if (reader->tasks == UINT32_MAX)
        return refuse(reader, ASL_SYNTAX, 0, "the member \"tasks\" is missing");
    return end_binding(reader);
}

static int parse(bindings_reader *reader)
{
    if (reader->size > ASL_BINDINGS_BYTES_MAX)
        return asl_error_set(reader->error, ASL_TOO_LARGE, "%s: longer than %u bytes",
                             source_of(reader->options), ASL_BINDINGS_BYTES_MAX);
    asl_error *broken = NULL;
    int status = asl_document_parse(reader->bindings->heap, reader->text, reader->size,
                                    ASL_BINDINGS_DEPTH_MAX, &reader->bindings->document, &broken);
    if (status == ASL_NOMEM)
        asl_error_set(reader->error, status, "out of memory");
    else if (status != ASL_OK)
        refuse(reader, status, asl_error_offset(broken), "%s", asl_error_message(broken));
    asl_error_free(broken);
    return status;
}

int asl_bindings_read(const asl_heap *heap, const char *text, size_t size,
                      const asl_bind_options *options, asl_bindings *ret_bindings,
                      asl_error **error)
{
    asl_bindings bindings = {.heap = heap};
    bindings_reader reader = {.bindings = &bindings,
                              .text = text,
                              .size = size,
                              .options = options,
                              .error = error,
                              .tasks = UINT32_MAX,
                              .current = UINT32_MAX};
    int status = parse(&reader);
    if (status != ASL_OK)
        return status;
    status = read_nodes(&reader);
    if (status != ASL_OK) {
        asl_bindings_done(&bindings);
        return status == ASL_NOMEM ? asl_error_set(error, status, "out of memory") : status;
    }
    *ret_bindings = bindings;
    return ASL_OK;
}

void asl_bindings_done(asl_bindings *bindings)
{
    asl_release(bindings->heap, bindings->items, bindings->capacity * sizeof *bindings->items);
    asl_document_done(&bindings->document);
    *bindings = (asl_bindings){0};
}
