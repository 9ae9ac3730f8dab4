/* Readers that several tables share: paths, templates, numbers, names of states. */
#include <stdio.h>
#include <string.h>

#include "base/time_text.h"
#include "base/utf8.h"
#include "definition/grammar.h"

#define INVALID_PATH "Value must be a valid JSONPath."
#define NOT_REFERENCE "Value is not a Reference Path"

static void note_variable(void *context, const char *name, size_t size)
{
    asl_loader *loader = context;
    (void)name;
    (void)size;
    loader->program->has_variables = true;
}

void asl_keep_expression(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                         asl_expression *expression)
{
    if (!asl_loader_own(loader, expression, NULL, NULL))
        return;
    asl_expression_variables(expression, note_variable, loader);
    *(asl_expression **)(void *)((char *)subject->base + field->offset) = expression;
}

static void error_cleanup(asl_error **error)
{
    asl_error_free(*error);
}

static void refuse_with_hint(asl_loader *loader, asl_node node, const char *message,
                             const asl_error *error)
{
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                             .node = node,
                             .location = node,
                             .hint = error != NULL ? asl_error_message(error) : NULL},
               "%s", message);
}

/* A path that may not be one: which of AWS's two sentences fits. */
static void refuse_path(asl_loader *loader, asl_node node, const char *text, size_t size,
                        bool is_reference, const asl_error *error)
{
    asl_path *path = NULL;
    if (is_reference && size > 0 && text[0] == '$' &&
        asl_path_compile(loader->heap, text, size, 0, &path, NULL) == ASL_OK) {
        asl_path_free(path);
        refuse_with_hint(loader, node, NOT_REFERENCE, error);
        return;
    }
    refuse_with_hint(loader, node, INVALID_PATH, error);
}

static bool begins_with_context(const char *text, size_t size)
{
    return size >= 2 && text[0] == '$' && text[1] == '$';
}

void asl_read_path(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                   asl_node node)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    asl_expression *expression = NULL;
    asl_cleanup(error_cleanup) asl_error *error = NULL;
    int status;
    if (text == NULL) {
        /* ASL: "InputPath": null is an empty object. */
        asl_cleanup(asl_value_cleanup) asl_value *empty = asl_value_object(loader->heap);
        status = empty == NULL ? ASL_NOMEM
                               : asl_expression_constant(&loader->program->arena, field->name,
                                                         empty, &expression);
    } else if ((field->flags & ASL_FIELD_NO_CONTEXT) != 0 && begins_with_context(text, size)) {
        asl_refuse(loader, node, NOT_REFERENCE);
        return;
    } else {
        unsigned flags = (field->flags & ASL_FIELD_REFERENCE) != 0 ? ASL_PATH_REFERENCE : 0;
        status = asl_expression_path(&loader->program->arena, field->name, text, size, flags,
                                     &expression, &error);
    }
    if (status == ASL_SYNTAX)
        refuse_path(loader, node, text, size, (field->flags & ASL_FIELD_REFERENCE) != 0, error);
    else
        asl_loader_check(loader, status);
    if (status == ASL_OK)
        asl_keep_expression(loader, field, subject, expression);
}

void asl_read_result_path(asl_loader *loader, asl_node node, asl_path **ret_path,
                          bool *ret_discards)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    if (text == NULL) {
        *ret_discards = true;
        return;
    }
    asl_cleanup(error_cleanup) asl_error *error = NULL;
    asl_path *path = NULL;
    int status = asl_path_compile(loader->heap, text, size, ASL_PATH_REFERENCE, &path, &error);
    if (status == ASL_NOMEM) {
        asl_loader_check(loader, status);
    } else if (status != ASL_OK) {
        refuse_path(loader, node, text, size, true, error);
    } else if (asl_path_root_of(path) != ASL_PATH_INPUT) {
        asl_refuse(loader, node, NOT_REFERENCE);
        asl_path_free(path);
    } else {
        *ret_path = asl_loader_own(loader, NULL, path, NULL) ? path : NULL;
    }
}

/* All the ".$" members of a template that was refused, not only the first. */
static bool refuse_dynamic_members(asl_loader *loader, asl_node node)
{
    asl_arena scratch;
    asl_arena_init(&scratch, loader->heap);
    bool is_found = false;
    for (asl_node at = node + 1; at < loader->nodes[node].end; at++) {
        if (loader->document.ranges[at].is_key || asl_node_key(loader, at) == ASL_NODE_NONE)
            continue;
        size_t key_size = 0, size = 0;
        const char *key = asl_node_key_string(loader, at, &key_size);
        if (key_size < 2 || memcmp(key + key_size - 2, ".$", 2) != 0)
            continue;
        const char *text = asl_node_string(loader, at, &size);
        asl_expression *expression = NULL;
        asl_cleanup(error_cleanup) asl_error *error = NULL;
        int status = text == NULL
                         ? ASL_SYNTAX
                         : asl_expression_dynamic(&scratch, key, text, size, &expression, &error);
        asl_expression_done(expression);
        if (status != ASL_SYNTAX)
            continue;
        is_found = true;
        asl_report(loader,
                   (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                                 .node = at,
                                 .location = node,
                                 .hint = error != NULL ? asl_error_message(error) : NULL},
                   "The value for the field '%s' must be a valid JSONPath or a valid intrinsic "
                   "function call",
                   key);
    }
    asl_arena_done(&scratch);
    return is_found;
}

/* The node of a value inside another node. */
static asl_node find_value(const asl_loader *loader, asl_node node, const asl_value *value)
{
    for (asl_node at = node; at < loader->nodes[node].end; at++)
        if (asl_node_value(loader, at) == value && !loader->document.ranges[at].is_key)
            return at;
    return node;
}

void asl_read_template(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                       asl_node node)
{
    if (subject->language == ASL_LANGUAGE_JSONATA) {
        asl_read_jsonata(loader, field, subject, node);
        return;
    }
    asl_expression *expression = NULL;
    const asl_value *place = NULL;
    asl_cleanup(error_cleanup) asl_error *error = NULL;
    int status = asl_expression_template(&loader->program->arena, field->name,
                                         asl_node_value(loader, node), &expression, &place, &error);
    if (status == ASL_SYNTAX) {
        if (!refuse_dynamic_members(loader, node))
            asl_report(loader,
                       (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                                     .node = find_value(loader, node, place),
                                     .location = node},
                       "%s", asl_error_message(error));
        return;
    }
    asl_loader_check(loader, status);
    if (status == ASL_OK)
        asl_keep_expression(loader, field, subject, expression);
}

void asl_read_constant(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                       asl_node node)
{
    asl_expression *expression = NULL;
    if (asl_is_expression(loader, subject, node)) {
        asl_read_jsonata(loader, field, subject, node);
        return;
    }
    int status = asl_expression_constant(&loader->program->arena, field->name,
                                         asl_node_value(loader, node), &expression);
    asl_loader_check(loader, status);
    if (status == ASL_OK)
        asl_keep_expression(loader, field, subject, expression);
}

/* ASL: Fail, ErrorPath and CausePath take those intrinsics that give a string. */
static bool gives_string(const char *text, size_t size)
{
    static const char *const names[] = {"ArrayGetItem", "Base64Encode", "Base64Decode", "Format",
                                        "JsonToString", "Hash",         "UUID"};
    const size_t prefix = strlen("States.");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (size > prefix + length && memcmp(text + prefix, names[i], length) == 0 &&
            (text[prefix + length] == '(' || text[prefix + length] == ' '))
            return true;
    }
    return false;
}

void asl_read_dynamic(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    asl_expression *expression = NULL;
    asl_cleanup(error_cleanup) asl_error *error = NULL;
    int status = asl_expression_dynamic(&loader->program->arena, field->name, text, size,
                                        &expression, &error);
    if (status == ASL_SYNTAX) {
        refuse_with_hint(loader, node,
                         "Value must be a valid JSONPath or a valid intrinsic function call",
                         error);
        return;
    }
    asl_loader_check(loader, status);
    if (status != ASL_OK)
        return;
    if (asl_expression_kind_of(expression) == ASL_EXPRESSION_INTRINSIC && !gives_string(text, size))
        refuse_with_hint(loader, node,
                         "Value must be a valid JSONPath or an intrinsic function call that "
                         "returns a string",
                         NULL);
    asl_keep_expression(loader, field, subject, expression);
}

bool asl_read_in_range(asl_loader *loader, const asl_field *field, asl_node node,
                       int64_t *ret_integer)
{
    if (!asl_value_get_integer(asl_node_value(loader, node), ret_integer)) {
        asl_refuse_kind(loader, node, ASL_IS_NUMBER);
        return false;
    }
    if (*ret_integer < field->minimum) {
        asl_refuse(loader, node, "Minimum value is %lld", (long long)field->minimum);
        return false;
    }
    if (*ret_integer > field->maximum) {
        asl_refuse(loader, node, "Maximum value is %lld", (long long)field->maximum);
        return false;
    }
    return true;
}

void asl_read_integer(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node)
{
    int64_t integer = 0;
    if (asl_read_in_range(loader, field, node, &integer))
        *(int64_t *)(void *)((char *)subject->base + field->offset) = integer;
}

void asl_read_count(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                    asl_node node)
{
    int64_t integer = 0;
    if (asl_is_expression(loader, subject, node) ||
        asl_read_in_range(loader, field, node, &integer))
        asl_read_constant(loader, field, subject, node);
}

void asl_read_target(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                     asl_node node)
{
    asl_add_target(loader, node, subject->scope,
                   (uint32_t *)(void *)((char *)subject->base + field->offset));
}

bool asl_check_timestamp(asl_loader *loader, asl_node node)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    int64_t seconds;
    int32_t nanoseconds;
    if (asl_time_parse(text, size, &seconds, &nanoseconds))
        return true;
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                             .node = node,
                             .location = node,
                             .hint = "write it like 2026-01-31T12:00:00Z"},
               "String does not match RFC3339 timestamp");
    return false;
}

/* Unicode's identifiers (UAX 31), to the precision of "a letter of some script": ASCII exactly, of
 * the rest all but spaces, signs and controls of the Latin-1 and punctuation blocks. */
static bool is_name_part(uint32_t code_point, bool is_first)
{
    if (code_point < 0x80)
        return (code_point >= 'a' && code_point <= 'z') ||
               (code_point >= 'A' && code_point <= 'Z') ||
               (!is_first && ((code_point >= '0' && code_point <= '9') || code_point == '_'));
    if (code_point < 0xC0)
        return code_point == 0xAA || code_point == 0xB5 || code_point == 0xBA;
    if (code_point == 0xD7 || code_point == 0xF7)
        return false;
    return !(code_point >= 0x2000 && code_point <= 0x206F) &&
           !(code_point >= 0x20A0 && code_point <= 0x20CF) &&
           !(code_point >= 0x2190 && code_point <= 0x2BFF) &&
           !(code_point >= 0x3000 && code_point <= 0x3004) &&
           !(code_point >= 0xE000 && code_point <= 0xF8FF) && code_point < 0xE0000;
}

static bool is_name(const char *text, size_t size)
{
    const char *next = text, *end = text + size;
    for (bool is_first = true; next < end; is_first = false)
        if (!is_name_part(asl_utf8_decode(&next, end), is_first))
            return false;
    return size > 0;
}

static void read_assigned(asl_loader *loader, const asl_subject *subject, asl_node node,
                          asl_node member)
{
    size_t size = 0;
    const char *name = asl_node_key_string(loader, member, &size);
    if (subject->language == ASL_LANGUAGE_JSONPATH && size >= 2 &&
        memcmp(name + size - 2, ".$", 2) == 0)
        size -= 2;
    asl_problem problem = {
        .code = "INVALID_VARIABLE_NAME", .node = asl_node_key(loader, member), .location = node};
    if (size == 6 && memcmp(name, "states", 6) == 0) {
        problem.code = "RESERVED_VARIABLE_NAME";
        asl_report(loader, problem, "Cannot assign to reserved variable '$states'.");
    } else if (!is_name(name, size)) {
        asl_report(loader, problem,
                   "Invalid variable name '%.*s': the variable name contains invalid characters.",
                   (int)size, name);
    } else if (asl_utf8_count(name, size) > 80) {
        asl_report(loader, problem,
                   "Invalid variable name '%.*s': the variable name exceeds the 80-character "
                   "limit.",
                   (int)size, name);
    } else {
        asl_add_assigned(loader, member, subject->scope);
    }
}

void asl_read_assign(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                     asl_node node)
{
    for (asl_node member = asl_node_first(loader, node); member != ASL_NODE_NONE;
         member = asl_node_next(loader, node, member))
        read_assigned(loader, subject, node, member);
    loader->program->has_variables = true;
    asl_read_template(loader, field, subject, node);
}
