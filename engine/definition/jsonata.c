/* JSONata in a definition: strings "{% ... %}" are compiled where a state's language is JSONata.
 * All that are refused are reported, each where it goes wrong. */
#include <stdio.h>
#include <string.h>

#include "definition/grammar.h"

static void error_cleanup(asl_error **error)
{
    asl_error_free(*error);
}

/* Whether a string has one of the signs of an expression: then it must have both. */
static bool has_sign(const char *text, size_t size)
{
    return text != NULL && size >= 2 &&
           (memcmp(text, "{%", 2) == 0 || memcmp(text + size - 2, "%}", 2) == 0);
}

bool asl_is_expression(const asl_loader *loader, const asl_subject *subject, asl_node node)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    return subject->language == ASL_LANGUAGE_JSONATA && has_sign(text, size);
}

/* Where the token of an error begins in the text: errors stand behind it. */
static size_t find_token(const char *text, size_t size, const asl_error *error, size_t *ret_length)
{
    const char *token = asl_error_token(error);
    size_t end = asl_error_offset(error), length = strlen(token);
    if (end > size)
        end = size;
    *ret_length = 1;
    if (length == 0 || length > end || memcmp(text + end - length, token, length) != 0)
        return end > 0 ? end - 1 : 0;
    *ret_length = length;
    return end - length;
}

/* What to point at: in a string without escapes the token of the error, else the whole string. */
static void point_at(const asl_loader *loader, const char *whole, size_t size,
                     const asl_error *error, asl_problem *problem)
{
    const asl_node_range *range = &loader->document.ranges[problem->node];
    size_t text_size = 0, length = 0;
    const char *text = asl_expression_jsonata_text(whole, size, &text_size);
    if (range->length != size + 2 || text_size == 0)
        return;
    problem->offset =
        range->offset + 1 + (size_t)(text - whole) + find_token(text, text_size, error, &length);
    problem->length = length;
}

static void refuse_expression(asl_loader *loader, asl_node node, int status, const asl_error *error)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    asl_problem problem = {.code = "INVALID_JSONATA_EXPRESSION", .node = node, .location = node};
    if (status == ASL_UNSUPPORTED)
        problem.code = "UNSUPPORTED_JSONATA_EXPRESSION";
    point_at(loader, text, size, error, &problem);
    asl_report(loader, problem, "%s", asl_error_message(error));
}

/* Compiles one string, and refuses what is none. */
static void check_string(asl_loader *loader, asl_node node, unsigned flags)
{
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    asl_jsonata *query = NULL;
    asl_cleanup(error_cleanup) asl_error *error = NULL;
    if (!has_sign(text, size) || loader->document.ranges[node].is_key)
        return;
    if (!asl_expression_is_jsonata(text, size)) {
        asl_refuse(loader, node, "JSONata string must start with {%% and end with %%}");
        return;
    }
    text = asl_expression_jsonata_text(text, size, &size);
    int status =
        asl_jsonata_compile(loader->heap, text, size, ASL_JSONATA_STATES | flags, &query, &error);
    asl_jsonata_unref(query);
    if (status == ASL_NOMEM)
        asl_loader_check(loader, status);
    else if (status != ASL_OK)
        refuse_expression(loader, node, status, error);
}

static void check_strings(asl_loader *loader, asl_node node, unsigned flags)
{
    for (asl_node at = node; at < loader->nodes[node].end && loader->status == ASL_OK; at++)
        check_string(loader, at, flags);
}

/* Whether some string has one of the signs, and not both. */
static bool has_open_string(const asl_loader *loader, asl_node node)
{
    for (asl_node at = node; at < loader->nodes[node].end; at++) {
        size_t size = 0;
        const char *text = asl_node_string(loader, at, &size);
        if (!loader->document.ranges[at].is_key && has_sign(text, size) &&
            !asl_expression_is_jsonata(text, size))
            return true;
    }
    return false;
}

static unsigned flags_of(const asl_field *field, const asl_subject *subject)
{
    if ((field->flags & ASL_FIELD_ERROR_OUTPUT) != 0)
        return ASL_JSONATA_ERROR_OUTPUT;
    if ((field->flags & ASL_FIELD_RESULT) == 0)
        return 0;
    asl_state_type type = subject->state->type;
    bool has_result = type == ASL_STATE_TASK || type == ASL_STATE_PARALLEL || type == ASL_STATE_MAP;
    return has_result ? ASL_JSONATA_RESULT : 0;
}

void asl_read_jsonata(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node)
{
    char name[ASL_PREFIX_SIZE + 32];
    unsigned flags = flags_of(field, subject);
    asl_expression *expression = NULL;
    snprintf(name, sizeof name, "%s%s", subject->prefix != NULL ? subject->prefix : "",
             field->name);
    int status =
        has_open_string(loader, node)
            ? ASL_SYNTAX
            : asl_expression_jsonata(&loader->program->arena, name, asl_node_value(loader, node),
                                     flags, &expression, NULL, NULL);
    if (status == ASL_SYNTAX || status == ASL_UNSUPPORTED)
        check_strings(loader, node, flags);
    else
        asl_loader_check(loader, status);
    if (status == ASL_OK)
        asl_keep_expression(loader, field, subject, expression);
}

void asl_check_jsonata(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                       asl_node node)
{
    if (subject->language == ASL_LANGUAGE_JSONATA)
        check_strings(loader, node, flags_of(field, subject));
}
