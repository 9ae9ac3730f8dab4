/* Substitution as CloudFormation's DefinitionSubstitutions do it: text for text, in one pass.
 * Inside a JSON string the value is escaped, so that it cannot end the string; outside one it is
 * written as it stands, which is how "Seconds": ${Delay} becomes a number. */
#include "definition/substitute.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "definition/grammar.h"

#define NAME_SIZE_MAX 255u
#define PLACES_MAX 1000000u

void asl_substituted_init(asl_substituted *substituted, const asl_heap *heap)
{
    *substituted = (asl_substituted){0};
    asl_buffer_init(&substituted->text, heap);
    substituted->text.limit = ASL_DEFINITION_BYTES_MAX;
}

void asl_substituted_done(asl_substituted *substituted)
{
    asl_release(substituted->text.heap, substituted->places,
                substituted->capacity * sizeof *substituted->places);
    asl_buffer_done(&substituted->text);
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("_.:,-", byte) != NULL);
}

/* The size of the name at the start of a text. */
static size_t name_size(const char *text, size_t size)
{
    size_t count = 0;
    while (count < size && is_name_byte(text[count]))
        count++;
    return count <= NAME_SIZE_MAX ? count : 0;
}

/* The size of the "${Name}" at the start of a text; 0 where there is none. */
static size_t place_size(const char *text, size_t size)
{
    if (size < 4 || text[0] != '$' || text[1] != '{')
        return 0;
    size_t count = name_size(text + 2, size - 2);
    return count > 0 && count + 2 < size && text[count + 2] == '}' ? count + 3 : 0;
}

static int check_values(const asl_value *values, asl_error **error)
{
    if (!asl_value_is_object(values))
        return asl_error_set(error, ASL_MISUSE, "the substitutions must be an object");
    for (size_t i = 0; i < asl_value_count(values); i++) {
        size_t size = 0;
        const char *name = asl_value_get_string(asl_value_key(values, i), &size);
        const asl_value *value = asl_value_at(values, i);
        if (size == 0 || name_size(name, size) != size)
            return asl_error_set(error, ASL_MISUSE,
                                 "the name of a substitution is 1 to %u letters, digits and "
                                 "'_.:,-', not '%s'",
                                 NAME_SIZE_MAX, name);
        if (!asl_value_is_string(value) && !asl_value_is_number(value) && !asl_value_is_bool(value))
            return asl_error_set(error, ASL_MISUSE,
                                 "the substitution '%s' must be a string, a number or a boolean",
                                 name);
    }
    return ASL_OK;
}

static void write_value(asl_buffer *text, const asl_value *value, bool in_string)
{
    size_t size = 0;
    const char *bytes = asl_value_get_string(value, &size);
    if (bytes == NULL) {
        asl_value_print_to(value, text);
    } else if (!in_string) {
        asl_buffer_append(text, bytes, size);
    } else {
        asl_buffer literal;
        asl_buffer_init(&literal, text->heap);
        literal.limit = text->limit;
        asl_print_string(bytes, size, &literal);
        if (literal.status == ASL_OK)
            asl_buffer_append(text, literal.bytes + 1, literal.size - 2);
        else if (text->status == ASL_OK)
            text->status = literal.status;
        asl_buffer_done(&literal);
    }
}

static int replace(asl_substituted *substituted, const char *text, size_t offset, size_t size,
                   bool in_string)
{
    asl_buffer *out = &substituted->text;
    int status = asl_array_reserve(out->heap, &substituted->places, &substituted->capacity,
                                   substituted->count, PLACES_MAX);
    if (status != ASL_OK)
        return status;
    const asl_value *value = asl_value_get_sized(substituted->values, text + offset + 2, size - 3);
    asl_substitution place = {.old_offset = offset,
                              .old_size = size,
                              .new_offset = out->size,
                              .is_unknown = value == NULL};
    if (value != NULL)
        write_value(out, value, in_string);
    else
        asl_buffer_append(out, text + offset, size);
    place.new_size = out->size - place.new_offset;
    substituted->places[substituted->count++] = place;
    return out->status;
}

static int replace_all(asl_substituted *substituted)
{
    const char *text = substituted->given;
    size_t size = substituted->given_size, copied = 0, offset = 0;
    bool in_string = false;
    while (offset < size) {
        size_t taken = place_size(text + offset, size - offset);
        if (taken == 0) {
            if (text[offset] == '"')
                in_string = !in_string;
            else if (text[offset] == '\\' && in_string && offset + 1 < size)
                offset++;
            offset++;
            continue;
        }
        asl_buffer_append(&substituted->text, text + copied, offset - copied);
        int status = replace(substituted, text, offset, taken, in_string);
        if (status != ASL_OK)
            return status;
        offset += taken;
        copied = offset;
    }
    asl_buffer_append(&substituted->text, text + copied, size - copied);
    return substituted->text.status;
}

int asl_substitute(asl_substituted *substituted, const asl_value *values, const char *text,
                   size_t size, asl_error **error)
{
    substituted->given = text;
    substituted->given_size = size;
    if (values == NULL)
        return ASL_OK;
    int status = check_values(values, error);
    if (status != ASL_OK)
        return status;
    substituted->values = values;
    status = replace_all(substituted);
    if (status != ASL_TOO_LARGE)
        return status;
    substituted->values = NULL;
    substituted->count = 0;
    substituted->is_too_large = true;
    return ASL_OK;
}

const char *asl_substituted_text(const asl_substituted *substituted, size_t *ret_size)
{
    bool is_given = substituted->values == NULL || substituted->count == 0;
    *ret_size = is_given ? substituted->given_size : substituted->text.size;
    return is_given ? substituted->given : substituted->text.bytes;
}

/* The place at or before an offset of the new text; NULL where there is none. */
static const asl_substitution *place_before(const asl_substituted *substituted, size_t offset)
{
    size_t low = 0, high = substituted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (substituted->places[middle].new_offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &substituted->places[low - 1] : NULL;
}

/* What begins inside a value began where its "${Name}" does. */
static size_t old_start(const asl_substituted *substituted, size_t offset)
{
    const asl_substitution *place = place_before(substituted, offset);
    if (place == NULL)
        return offset;
    if (offset < place->new_offset + place->new_size)
        return place->old_offset + (place->is_unknown ? offset - place->new_offset : 0);
    return offset - place->new_offset - place->new_size + place->old_offset + place->old_size;
}

/* What ends inside a value ends where its "${Name}" does. */
static size_t old_end(const asl_substituted *substituted, size_t offset)
{
    const asl_substitution *place = offset > 0 ? place_before(substituted, offset - 1) : NULL;
    if (place == NULL)
        return offset;
    size_t old_size = place->old_offset + place->old_size;
    if (offset <= place->new_offset + place->new_size)
        return place->is_unknown ? offset - place->new_offset + place->old_offset : old_size;
    return offset - place->new_offset - place->new_size + old_size;
}

void asl_substituted_restore(const asl_substituted *substituted, asl_diagnostics *list)
{
    if (substituted->values == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        asl_diagnostic *diagnostic = &list->entries[i].diagnostic;
        size_t start = old_start(substituted, diagnostic->offset);
        size_t end = old_end(substituted, diagnostic->offset + diagnostic->length);
        diagnostic->offset = start;
        diagnostic->length = end > start ? end - start : 0;
    }
}

static void warn_unknown(asl_loader *loader, const asl_substitution *place, asl_node node)
{
    const asl_value *values = loader->substituted->values;
    const char *name = loader->text + place->new_offset + 2;
    size_t size = place->new_size - 3;
    asl_nearest nearest;
    asl_nearest_init(&nearest, name, size);
    for (size_t i = 0; i < asl_value_count(values) && loader->hint_budget > 0; i++) {
        size_t candidate_size = 0;
        const char *candidate = asl_value_get_string(asl_value_key(values, i), &candidate_size);
        asl_nearest_try(loader, &nearest, candidate, candidate_size);
    }
    const char *hint = asl_nearest_hint(&nearest);
    asl_report(loader,
               (asl_problem){.phase = ASL_PHASE_WARN,
                             .code = "UNKNOWN_SUBSTITUTION",
                             .node = node,
                             .location = node,
                             .hint = hint != NULL ? hint : "give it a value",
                             .offset = place->new_offset,
                             .length = place->new_size},
               "'${%.*s}' has no value, and stays as it is", (int)size, name);
}

/* Places and nodes are both in the text's order, and the last node that begins before a place is
 * the string that holds it. Without a document there are no nodes. */
void asl_warn_substitutions(asl_loader *loader)
{
    const asl_substituted *substituted = loader->substituted;
    asl_node node = loader->document.count > 0 ? 0 : ASL_NODE_NONE;
    for (size_t i = 0; i < substituted->count && loader->status == ASL_OK; i++) {
        const asl_substitution *place = &substituted->places[i];
        if (!place->is_unknown)
            continue;
        while (node != ASL_NODE_NONE && node + 1 < loader->document.count &&
               loader->document.ranges[node + 1].offset <= place->new_offset)
            node++;
        warn_unknown(loader, place, node);
    }
}
