/* Loading: substitute -> parse -> outline -> fields -> links -> warnings, all problems into one
 * list; the program that came out is kept where none of them is an error. */
#include <asl/definition.h>

#include <stdatomic.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "definition/loader.h"
#include "definition/owned.h"

#define HINT_BUDGET 200000u
#define QUOTED_BYTES_MAX 500u /* AWS: how much of a text that is no JSON its message quotes */

struct asl_definition {
    const asl_heap *heap;
    atomic_size_t references;
    char *text;
    size_t text_size;
    asl_program program;
};

bool asl_loader_own(asl_loader *loader, asl_expression *expression, asl_path *path,
                    asl_value *value)
{
    asl_program_owned *owned = asl_loader_allocate(loader, sizeof *owned);
    if (owned == NULL) {
        asl_expression_done(expression);
        asl_path_free(path);
        asl_value_unref(value);
        return false;
    }
    *owned = (asl_program_owned){expression, path, value, loader->program->owned};
    loader->program->owned = owned;
    return true;
}

asl_definition *asl_definition_ref(const asl_definition *definition)
{
    union {
        const asl_definition *shared;
        asl_definition *owned;
    } counted = {definition};
    if (definition != NULL)
        atomic_fetch_add_explicit(&counted.owned->references, 1, memory_order_relaxed);
    return counted.owned;
}

void asl_definition_unref(asl_definition *definition)
{
    if (definition == NULL ||
        atomic_fetch_sub_explicit(&definition->references, 1, memory_order_acq_rel) != 1)
        return;
    asl_program_done(&definition->program);
    asl_release(definition->heap, definition->text, definition->text_size + 1);
    asl_release(definition->heap, definition, sizeof *definition);
}

static asl_definition *new_definition(const asl_heap *heap, const char *text, size_t size)
{
    asl_definition *definition = asl_allocate_zeroed(heap, sizeof *definition);
    char *copy = asl_allocate(heap, size + 1);
    if (definition == NULL || copy == NULL) {
        asl_release(heap, definition, sizeof *definition);
        asl_release(heap, copy, size + 1);
        return NULL;
    }
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    definition->heap = heap;
    definition->text = copy;
    definition->text_size = size;
    atomic_init(&definition->references, 1);
    asl_program_init(&definition->program, heap);
    return definition;
}

static void loader_done(asl_loader *loader)
{
    const asl_heap *heap = loader->heap;
    asl_release(heap, loader->nodes, loader->document.count * sizeof *loader->nodes);
    asl_release(heap, loader->scopes, loader->scope_capacity * sizeof *loader->scopes);
    asl_release(heap, loader->states, loader->state_capacity * sizeof *loader->states);
    asl_release(heap, loader->targets, loader->target_capacity * sizeof *loader->targets);
    asl_release(heap, loader->assigned, loader->assigned_capacity * sizeof *loader->assigned);
    asl_map_done(&loader->duplicates);
    asl_document_done(&loader->document);
}

/* A problem with the text as a whole, at a byte of it. */
static void report_text(asl_loader *loader, const char *code, size_t offset, size_t length,
                        const char *location, const char *message)
{
    asl_arena *arena = &loader->diagnostics->arena;
    asl_diagnostic diagnostic = {
        .severity = ASL_SEVERITY_ERROR,
        .code = code,
        .message = asl_arena_copy(arena, message, strlen(message)),
        .location = location == NULL ? NULL : asl_arena_copy(arena, location, strlen(location)),
        .pointer = "",
        .offset = offset,
        .length = length};
    if (diagnostic.message == NULL || (location != NULL && diagnostic.location == NULL))
        asl_loader_check(loader, ASL_NOMEM);
    else
        asl_loader_check(loader,
                         asl_diagnostics_add(loader->diagnostics, &diagnostic, ASL_PHASE_READ, 0));
}

static bool is_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte == '$' || (byte >= '0' && byte <= '9');
}

/* AWS's words come from its parser, which names an unknown word and the column behind it. */
static void report_syntax(asl_loader *loader, const asl_error *error)
{
    const char *text = loader->text;
    size_t start = asl_error_offset(error), size = loader->text_size;
    start = start < size ? start : size;
    while (start > 0 && is_word(text[start]) && is_word(text[start - 1]))
        start--;
    size_t end = start;
    while (end < size && is_word(text[end]))
        end++;
    bool is_letter = end > start && !(text[start] >= '0' && text[start] <= '9');
    asl_buffer message, location;
    asl_buffer_init(&message, loader->heap);
    asl_buffer_init(&location, loader->heap);
    size_t quoted = size < QUOTED_BYTES_MAX ? size : QUOTED_BYTES_MAX;
    asl_buffer_text(&location, "[Source: (String)\"");
    asl_buffer_append(&location, text, quoted);
    asl_buffer_byte(&location, '"');
    if (quoted < size)
        asl_buffer_format(&location, "[truncated %zu chars]", size - quoted);
    asl_buffer_format(&location, "; line: %zu, column: %zu]", asl_error_line(error),
                      asl_error_column(error) + (is_letter ? end - asl_error_offset(error) : 0));
    if (is_letter)
        asl_buffer_format(&message,
                          "Unrecognized token '%.*s': was expecting (JSON String, Number, Array, "
                          "Object or token 'null', 'true' or 'false')\n at ",
                          (int)(end - start), text + start);
    else
        asl_buffer_format(&message, "%s\n at ", asl_error_message(error));
    const char *place = asl_buffer_string(&location);
    asl_buffer_text(&message, place != NULL ? place : "");
    const char *words = asl_buffer_string(&message);
    if (place == NULL || words == NULL)
        asl_loader_check(loader, ASL_NOMEM);
    else
        report_text(loader, "INVALID_JSON_DESCRIPTION", start, end > start ? end - start : 0, place,
                    words);
    asl_buffer_done(&message);
    asl_buffer_done(&location);
}

static bool is_blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
            return false;
    return true;
}

#define NOT_AN_OBJECT "Definition must be a valid JSON object"

/* False where there is no object to go on with. */
static bool parse(asl_loader *loader)
{
    asl_error *error = NULL;
    if (loader->text_size > ASL_DEFINITION_BYTES_MAX || loader->substituted->is_too_large) {
        report_text(loader, "DEFINITION_TOO_LARGE", 0, 0, NULL,
                    "The definition is longer than 1048576 bytes");
        return false;
    }
    if (is_blank(loader->text, loader->text_size)) {
        report_text(loader, "SCHEMA_VALIDATION_FAILED", 0, 0, NULL, NOT_AN_OBJECT);
        return false;
    }
    int status = asl_document_parse(loader->heap, loader->text, loader->text_size,
                                    ASL_DEFINITION_DEPTH_MAX, &loader->document, &error);
    if (status == ASL_SYNTAX)
        report_syntax(loader, error);
    else if (status == ASL_TOO_LARGE)
        report_text(loader, "TOO_DEEPLY_NESTED", asl_error_offset(error), 0, NULL,
                    asl_error_message(error));
    else
        asl_loader_check(loader, status);
    asl_error_free(error);
    if (status != ASL_OK)
        return false;
    if (asl_value_is_object(loader->document.root))
        return true;
    report_text(loader, "SCHEMA_VALIDATION_FAILED", 0, loader->text_size, NULL, NOT_AN_OBJECT);
    return false;
}

static asl_language machine_language(const asl_loader *loader)
{
    asl_node node = asl_node_member(loader, 0, "QueryLanguage");
    if (node == ASL_NODE_NONE)
        return ASL_LANGUAGE_JSONPATH;
    const char *text = asl_node_string(loader, node, NULL);
    bool is_path = text != NULL && strcmp(text, "JSONPath") == 0;
    return is_path ? ASL_LANGUAGE_JSONPATH : ASL_LANGUAGE_JSONATA;
}

void asl_load_fields(asl_loader *loader)
{
    asl_program *program = loader->program;
    program->state_count = (uint32_t)loader->state_count;
    program->scope_count = (uint32_t)loader->scope_count;
    program->states = asl_loader_allocate(loader, loader->state_count * sizeof *program->states);
    program->scopes = asl_loader_allocate(loader, loader->scope_count * sizeof *program->scopes);
    if (loader->status != ASL_OK)
        return;
    for (uint32_t i = 0; i < loader->state_count && loader->status == ASL_OK; i++)
        asl_read_state(loader, i);
    for (uint32_t i = 0; i < loader->scope_count && loader->status == ASL_OK; i++)
        asl_read_machine(loader, i);
}

static void run_passes(asl_loader *loader)
{
    static void (*const passes[])(asl_loader *) = {asl_load_outline, asl_load_fields,
                                                   asl_load_links, asl_load_warnings};
    if (!parse(loader)) {
        asl_warn_substitutions(loader);
        return;
    }
    asl_loader_check(loader, asl_nodes_measure(loader));
    if (loader->status == ASL_OK)
        loader->machine_language = machine_language(loader);
    for (size_t i = 0; i < sizeof passes / sizeof *passes && loader->status == ASL_OK; i++)
        passes[i](loader);
}

/* The options as this library knows them, from a caller that may be older. */
static asl_definition_options read_options(const asl_definition_options *given)
{
    asl_definition_options options = {.size = sizeof options};
    if (given != NULL) {
        size_t size = given->size < sizeof options ? given->size : sizeof options;
        memcpy(&options, given, size);
    }
    return options;
}

static int judge(const asl_loader *loader, asl_error **error)
{
    const asl_diagnostics *list = loader->diagnostics;
    bool is_strict = (loader->flags & ASL_DEFINITION_STRICT) != 0;
    if (list->error_count == 0 && !(is_strict && list->warning_count > 0))
        return ASL_OK;
    const asl_diagnostic *first = asl_diagnostics_at(list, 0);
    return asl_error_set(error, ASL_INVALID, "the definition is not valid: %s: %s at %s",
                         first->code, first->message,
                         first->location != NULL ? first->location : "its whole");
}

/* Reads the definition's text, which is what came of substituting. */
static int load_text(asl_definition *definition, const asl_definition_options *options,
                     const asl_substituted *substituted, asl_diagnostics *diagnostics,
                     asl_error **error)
{
    asl_loader loader = {.heap = options->heap,
                         .text = definition->text,
                         .text_size = definition->text_size,
                         .flags = options->flags,
                         .substituted = substituted,
                         .hint_budget = HINT_BUDGET,
                         .machine_language = ASL_LANGUAGE_JSONPATH,
                         .diagnostics = diagnostics,
                         .program = &definition->program};
    asl_map_init(&loader.duplicates, options->heap);
    run_passes(&loader);
    int status = loader.status;
    if (status == ASL_OK) {
        asl_substituted_restore(substituted, diagnostics);
        status = asl_diagnostics_finish(diagnostics, substituted->given, substituted->given_size);
    }
    if (status == ASL_OK)
        status = judge(&loader, error);
    loader_done(&loader);
    return status;
}

int asl_definition_load(const char *text, size_t size, const asl_definition_options *given,
                        asl_definition **ret_definition, asl_diagnostics **ret_diagnostics,
                        asl_error **error)
{
    asl_definition_options options = read_options(given);
    asl_cleanup(asl_substituted_done) asl_substituted substituted;
    asl_substituted_init(&substituted, options.heap);
    int status = asl_substitute(&substituted, options.substitutions, text, size, error);
    if (status == ASL_MISUSE)
        return status;
    text = asl_substituted_text(&substituted, &size);
    asl_definition *definition = new_definition(options.heap, text, size);
    asl_diagnostics *diagnostics = asl_diagnostics_new(options.heap);
    if (definition == NULL || diagnostics == NULL)
        status = ASL_NOMEM;
    if (status == ASL_OK)
        status = load_text(definition, &options, &substituted, diagnostics, error);
    if (status == ASL_NOMEM)
        asl_error_set(error, ASL_NOMEM, "out of memory");
    if (status == ASL_OK)
        *ret_definition = definition;
    else
        asl_definition_unref(definition);
    if (ret_diagnostics != NULL && (status == ASL_OK || status == ASL_INVALID))
        *ret_diagnostics = diagnostics;
    else
        asl_diagnostics_free(diagnostics);
    return status;
}

const char *asl_definition_text(const asl_definition *definition, size_t *ret_size)
{
    if (ret_size != NULL)
        *ret_size = definition->text_size;
    return definition->text;
}

size_t asl_definition_state_count(const asl_definition *definition)
{
    return definition->program.state_count;
}

const char *asl_definition_state_name(const asl_definition *definition, size_t index)
{
    if (index >= definition->program.state_count)
        return NULL;
    return asl_value_get_string(definition->program.states[index].name, NULL);
}

const char *asl_definition_state_type(const asl_definition *definition, size_t index)
{
    if (index >= definition->program.state_count)
        return NULL;
    return asl_state_type_name(definition->program.states[index].type);
}

const char *asl_definition_state_resource(const asl_definition *definition, size_t index)
{
    if (index >= definition->program.state_count ||
        definition->program.states[index].type != ASL_STATE_TASK)
        return NULL;
    return asl_value_get_string(definition->program.states[index].as.task.resource, NULL);
}

const asl_program *asl_definition_program(const asl_definition *definition)
{
    return &definition->program;
}
