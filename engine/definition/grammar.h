/* The walk over an object by a table of its fields: unknown, misplaced, of the wrong kind, of the
 * other query language, not supported yet and missing are found here, in the same words for all
 * objects; each field that passes is handed to its reader. */
#ifndef ASL_DEFINITION_GRAMMAR_H
#define ASL_DEFINITION_GRAMMAR_H

#include "definition/loader.h"

/* Kinds of JSON values, as bits. */
#define ASL_IS_STRING 1u
#define ASL_IS_NUMBER 2u
#define ASL_IS_BOOLEAN 4u
#define ASL_IS_OBJECT 8u
#define ASL_IS_ARRAY 16u
#define ASL_IS_NULL 32u
#define ASL_IS_ANY 63u

#define ASL_IN_BOTH (ASL_LANGUAGE_JSONPATH | ASL_LANGUAGE_JSONATA)

#define ASL_FIELD_REQUIRED 1u
#define ASL_FIELD_REFERENCE 2u  /* a reference path */
#define ASL_FIELD_EXPRESSION 4u /* in JSONata an expression may stand in its place */
#define ASL_FIELD_NO_CONTEXT 8u /* a path that may not begin with "$$" */
/* In JSONata: where $states.result (of states that have one) and $states.errorOutput exist. */
#define ASL_FIELD_RESULT 16u
#define ASL_FIELD_ERROR_OUTPUT 32u

/* What an object's fields are read into. */
typedef struct asl_subject {
    void *base; /* the struct that offsets refer to */
    asl_state *state;
    asl_node node; /* the object */
    asl_language language;
    uint32_t scope;
    const char *prefix; /* of places in messages of evaluations: "Catch[0]/"; NULL: none */
} asl_subject;
#define ASL_PREFIX_SIZE 32u

typedef struct asl_field {
    const char *name;
    unsigned kinds, where, languages, flags;
    void (*read)(asl_loader *loader, const struct asl_field *field, const asl_subject *subject,
                 asl_node node); /* NULL: nothing to do */
    size_t offset;
    int64_t minimum, maximum;
    asl_feature feature;
} asl_field;

typedef struct asl_grammar {
    const asl_field *fields;
    size_t count;
} asl_grammar;

/* Of some fields, how many there may be. */
typedef struct asl_choice_of {
    unsigned where;
    bool is_required;
    const char *names[6];
} asl_choice_of;

/* Walks `subject->node`, an object. `where` is one bit: the kind of object it is. */
void asl_walk(asl_loader *loader, const asl_grammar *grammar, unsigned where,
              const asl_subject *subject);
/* Refuses what breaks one of `count` rules. */
void asl_walk_choices(asl_loader *loader, const asl_choice_of *rules, size_t count, unsigned where,
                      asl_node object);
/* The bit of a value's kind. */
unsigned asl_kind_bit(const asl_value *value);
void asl_refuse_kind(asl_loader *loader, asl_node node, unsigned kinds);

/* "did you mean 'X'?" for the nearest of the candidates that are added; NULL where none is near.
 * Costs are bounded by the loader's budget. */
typedef struct asl_nearest {
    const char *text;
    size_t size, distance;
    char hint[128];
    bool is_found;
} asl_nearest;
void asl_nearest_init(asl_nearest *nearest, const char *text, size_t size);
void asl_nearest_try(asl_loader *loader, asl_nearest *nearest, const char *candidate, size_t size);
const char *asl_nearest_hint(const asl_nearest *nearest);

/* Readers that several tables share. They write an asl_expression * at the field's offset. */
void asl_read_path(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                   asl_node node);
void asl_read_template(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                       asl_node node);
void asl_read_dynamic(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node);
void asl_read_constant(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                       asl_node node);
/* An integer in the field's range, as a constant expression. */
void asl_read_count(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                    asl_node node);
/* An integer in the field's range, as int64_t. */
void asl_read_integer(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node);
void asl_read_assign(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                     asl_node node);
/* A state's name: a uint32_t at the offset. */
void asl_read_target(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                     asl_node node);
/* "ResultPath": an asl_path * at the offset, `discards` where it is null. */
void asl_read_result_path(asl_loader *loader, asl_node node, asl_path **ret_path,
                          bool *ret_discards);
/* Readers of JSONata, in jsonata.c. Whether a string stands in place of what the field takes else:
 * it has a sign of an expression. */
bool asl_is_expression(const asl_loader *loader, const asl_subject *subject, asl_node node);
/* A value whose strings may be expressions, into an asl_expression *. */
void asl_read_jsonata(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node);
/* Only looks at the expressions inside: for what is not supported yet. */
void asl_check_jsonata(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                       asl_node node);
/* What a reader made: keeps it, and writes it to the field's place. */
void asl_keep_expression(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                         asl_expression *expression);
bool asl_read_in_range(asl_loader *loader, const asl_field *field, asl_node node,
                       int64_t *ret_integer);
/* RFC 3339, or a problem. */
bool asl_check_timestamp(asl_loader *loader, asl_node node);

void asl_read_retry(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                    asl_node node);
void asl_read_catch(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                    asl_node node);
void asl_read_choices(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node);

#endif
