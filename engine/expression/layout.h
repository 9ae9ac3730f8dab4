/* How a compiled expression lies in memory; only this room looks inside. */
#ifndef ASL_EXPRESSION_LAYOUT_H
#define ASL_EXPRESSION_LAYOUT_H

#include "expression/expression.h"

/* A template is a program for a stack of containers: steps in the order in which they are built. */
typedef enum asl_template_kind {
    ASL_TEMPLATE_LITERAL, /* a subtree without expressions: shared as it is */
    ASL_TEMPLATE_DYNAMIC,
    ASL_TEMPLATE_OBJECT,
    ASL_TEMPLATE_ARRAY,
    ASL_TEMPLATE_CLOSE
} asl_template_kind;

typedef struct asl_template_step {
    asl_template_kind kind;
    uint32_t count; /* OBJECT, ARRAY: entries that follow */
    asl_value *key; /* inside an object; else NULL */
    union {
        asl_value *literal;
        asl_expression *dynamic;
    };
} asl_template_step;

struct asl_expression {
    asl_expression_kind kind;
    bool is_dynamic; /* the value of a ".$" key, ErrorPath or CausePath: AWS's other words */
    const char *field;
    union {
        asl_value *constant;
        asl_path *path;
        asl_intrinsic *call;
        struct {
            asl_jsonata *query;
            const char *text; /* for messages */
            size_t text_size;
            unsigned members; /* of $states, that are read: see jsonata.c */
            bool reads_time;
        } jsonata;
        struct {
            asl_template_step *steps;
            uint32_t count;
        } steps;
    };
};

/* A zeroed expression of `arena`; NULL when out of memory. */
asl_expression *asl_expression_new(asl_arena *arena, asl_expression_kind kind, const char *field,
                                   size_t field_size);
/* Like asl_expression_dynamic, with the field's name sized. */
int asl_expression_dynamic_sized(asl_arena *arena, const char *field, size_t field_size,
                                 const char *text, size_t size, asl_expression **ret,
                                 asl_error **error);

/* Where an expression stands inside its field; asked only for messages. */
typedef struct asl_expression_place {
    void (*write)(const void *owner, asl_buffer *buffer);
    const void *owner;
} asl_expression_place;

int asl_jsonata_expression_compile(asl_arena *arena, const char *field, const asl_value *string,
                                   unsigned flags, asl_expression **ret, asl_error **error);
/* `place` may be NULL: the expression is all of its field. */
int asl_jsonata_expression_evaluate(const asl_expression *expression,
                                    const asl_environment *environment,
                                    const asl_expression_place *place, asl_value **ret_value,
                                    asl_failure *failure);
void asl_jsonata_expression_variables(const asl_expression *expression,
                                      void (*visit)(void *context, const char *name, size_t size),
                                      void *context);

int asl_template_evaluate(const asl_expression *expression, const asl_environment *environment,
                          asl_value **ret_value, asl_failure *failure);
void asl_template_done(asl_expression *expression);

#endif
