/* One walk for all objects of the language: what differs between them stands in tables. */
#include "definition/grammar.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define NEAR_SIZE_MAX 80u

unsigned asl_kind_bit(const asl_value *value)
{
    switch (asl_value_kind(value)) {
    case ASL_KIND_NULL:
        return ASL_IS_NULL;
    case ASL_KIND_FALSE:
    case ASL_KIND_TRUE:
        return ASL_IS_BOOLEAN;
    case ASL_KIND_NUMBER:
        return ASL_IS_NUMBER;
    case ASL_KIND_STRING:
        return ASL_IS_STRING;
    case ASL_KIND_ARRAY:
        return ASL_IS_ARRAY;
    case ASL_KIND_OBJECT:
        return ASL_IS_OBJECT;
    }
    return 0;
}

void asl_refuse_kind(asl_loader *loader, asl_node node, unsigned kinds)
{
    const char *name = "[STRING]";
    if (kinds & ASL_IS_STRING)
        name = "[STRING]";
    else if (kinds & ASL_IS_NUMBER)
        name = "Integer";
    else if (kinds & ASL_IS_BOOLEAN)
        name = "[BOOLEAN]";
    else if (kinds & ASL_IS_ARRAY)
        name = "[ARRAY]";
    else
        name = "[OBJECT]";
    asl_refuse(loader, node, "Expected value of type %s", name);
}

void asl_nearest_init(asl_nearest *nearest, const char *text, size_t size)
{
    *nearest = (asl_nearest){.text = text, .size = size, .distance = 1 + size / 4};
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static size_t least(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Optimal string alignment: insertions, deletions, exchanges and swaps of neighbours. */
static size_t edit_distance(const char *left, size_t left_size, const char *right,
                            size_t right_size)
{
    size_t rows[3][NEAR_SIZE_MAX + 1];
    for (size_t j = 0; j <= right_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= left_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *twice = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= right_size; j++) {
            bool same = lower(left[i - 1]) == lower(right[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(left[i - 1]) == lower(right[j - 2]) &&
                lower(left[i - 2]) == lower(right[j - 1]))
                row[j] = least(row[j], twice[j - 2] + 1);
        }
    }
    return rows[left_size % 3][right_size];
}

void asl_nearest_try(asl_loader *loader, asl_nearest *nearest, const char *candidate, size_t size)
{
    if (nearest->size > NEAR_SIZE_MAX || size > NEAR_SIZE_MAX || loader->hint_budget == 0)
        return;
    loader->hint_budget--;
    size_t difference = size > nearest->size ? size - nearest->size : nearest->size - size;
    if (difference > nearest->distance)
        return;
    size_t distance = edit_distance(nearest->text, nearest->size, candidate, size);
    if (distance > nearest->distance || (distance == nearest->distance && nearest->is_found))
        return;
    nearest->distance = distance;
    nearest->is_found = true;
    snprintf(nearest->hint, sizeof nearest->hint, "did you mean '%.*s'?", (int)size, candidate);
}

const char *asl_nearest_hint(const asl_nearest *nearest)
{
    return nearest->is_found ? nearest->hint : NULL;
}

static const asl_field *find_field(const asl_grammar *grammar, const char *name, size_t size)
{
    for (size_t i = 0; i < grammar->count; i++) {
        const char *candidate = grammar->fields[i].name;
        if (candidate[0] == name[0] && strlen(candidate) == size &&
            memcmp(candidate, name, size) == 0)
            return &grammar->fields[i];
    }
    return NULL;
}

static void refuse_unknown(asl_loader *loader, const asl_grammar *grammar, unsigned where,
                           const asl_subject *subject, asl_node node)
{
    size_t size = 0;
    const char *name = asl_node_key_string(loader, node, &size);
    asl_nearest nearest;
    asl_nearest_init(&nearest, name, size);
    for (size_t i = 0; i < grammar->count; i++) {
        const asl_field *field = &grammar->fields[i];
        if ((field->where & where) != 0 && (field->languages & subject->language) != 0)
            asl_nearest_try(loader, &nearest, field->name, strlen(field->name));
    }
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                             .node = asl_node_key(loader, node),
                             .location = subject->node,
                             .hint = asl_nearest_hint(&nearest)},
               "Field '%s' is not supported", name);
}

static void refuse_language(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                            asl_node node)
{
    bool is_path = subject->language == ASL_LANGUAGE_JSONPATH;
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                             .node = asl_node_key(loader, node),
                             .location = subject->node},
               "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' "
               "QueryLanguage",
               is_path ? "JSONPath" : "JSONata", field->name, is_path ? "JSONata" : "JSONPath");
}

static void walk_member(asl_loader *loader, const asl_grammar *grammar, unsigned where,
                        const asl_subject *subject, asl_node node)
{
    size_t size = 0;
    const char *name = asl_node_key_string(loader, node, &size);
    const asl_field *field = size > 0 ? find_field(grammar, name, size) : NULL;
    if (field == NULL || (field->where & where) == 0) {
        refuse_unknown(loader, grammar, where, subject, node);
        return;
    }
    if ((field->languages & subject->language) == 0) {
        refuse_language(loader, field, subject, node);
        return;
    }
    unsigned kind = asl_kind_bit(asl_node_value(loader, node)), kinds = field->kinds;
    bool is_expression =
        (field->flags & ASL_FIELD_EXPRESSION) != 0 && asl_is_expression(loader, subject, node);
    if ((kind & kinds) == 0 && !is_expression)
        asl_refuse_kind(loader, node, kinds);
    else if (field->read != NULL)
        field->read(loader, field, subject, node);
    if (field->feature != ASL_FEATURE_NONE)
        asl_require_feature(loader, field->feature, node);
}

/* ASL: AWS lists all that are missing in one message. */
static void refuse_missing(asl_loader *loader, const asl_grammar *grammar, unsigned where,
                           const asl_subject *subject)
{
    char names[256];
    size_t size = 0;
    for (size_t i = 0; i < grammar->count; i++) {
        const asl_field *field = &grammar->fields[i];
        if ((field->where & where) == 0 || (field->flags & ASL_FIELD_REQUIRED) == 0 ||
            (field->languages & subject->language) == 0 ||
            asl_node_member(loader, subject->node, field->name) != ASL_NODE_NONE)
            continue;
        int added =
            snprintf(names + size, sizeof names - size, "%s%s", size > 0 ? ", " : "", field->name);
        size = least(size + (size_t)added, sizeof names - 1);
    }
    if (size > 0)
        asl_refuse(loader, subject->node, "These fields are required: [%s]", names);
}

void asl_walk(asl_loader *loader, const asl_grammar *grammar, unsigned where,
              const asl_subject *subject)
{
    for (asl_node node = asl_node_first(loader, subject->node); node != ASL_NODE_NONE;
         node = asl_node_next(loader, subject->node, node))
        walk_member(loader, grammar, where, subject, node);
    refuse_missing(loader, grammar, where, subject);
}

static void check_choice(asl_loader *loader, const asl_choice_of *rule, asl_node object)
{
    char names[160];
    size_t size = 0, present = 0, limit = sizeof rule->names / sizeof *rule->names;
    for (size_t i = 0; i < limit && rule->names[i] != NULL; i++) {
        asl_node node = asl_node_member(loader, object, rule->names[i]);
        /* "End": false says nothing. */
        present +=
            node != ASL_NODE_NONE && asl_value_kind(asl_node_value(loader, node)) != ASL_KIND_FALSE;
        int added =
            snprintf(names + size, sizeof names - size, "%s%s", i > 0 ? ", " : "", rule->names[i]);
        size = least(size + (size_t)added, sizeof names - 1);
    }
    if (present > 1)
        asl_refuse(loader, object, "There should only be one of the following fields: [%s]", names);
    if (present == 0 && rule->is_required)
        asl_refuse(loader, object,
                   "This object should have only one of the following fields: "
                   "[%s]",
                   names);
}

void asl_walk_choices(asl_loader *loader, const asl_choice_of *rules, size_t count, unsigned where,
                      asl_node object)
{
    for (size_t i = 0; i < count; i++)
        if ((rules[i].where & where) != 0)
            check_choice(loader, &rules[i], object);
}
