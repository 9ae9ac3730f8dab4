/* Signatures of functions, `<s-nn?:s>`: which kinds of arguments a function takes.
 *
 * jsonata-js turns a signature into a regular expression over the kinds of the arguments; the
 * matcher here takes the same choices, greedily and with going back. */
#ifndef ASL_JSONATA_SIGNATURE_H
#define ASL_JSONATA_SIGNATURE_H

#include "jsonata/ast.h"

#define ASL_ARGUMENTS_MAX 64u /* of one call */

typedef struct asl_parameter {
    uint16_t kinds; /* bits of what it takes; see signature.c */
    bool is_array;  /* what is no array becomes one of one item */
    bool is_optional, is_lazy, is_repeated;
    bool has_context; /* the context stands in where it is missing */
    char subtype[8];  /* "n" of a<n>; "": any */
} asl_parameter;

struct asl_signature {
    size_t count;
    asl_parameter parameters[];
};

/* Parses. ASL_OK, ASL_NOMEM, ASL_SYNTAX (with the problem's position in the text; `problem` may be
 * NULL for what is known to be right). */
int asl_signature_parse(asl_arena *arena, const char *text, size_t size,
                        const asl_signature **ret_signature, asl_problem *problem);

typedef struct asl_eval asl_eval;

/* Checks the `*count` arguments, which have room for ASL_ARGUMENTS_MAX: puts the context in where
 * one is missing and makes arrays where they are wanted. ASL_OK, ASL_NOMEM, ASL_EVALUATION. */
int asl_signature_validate(asl_eval *eval, const asl_signature *signature, asl_datum *arguments,
                           size_t *count, asl_datum context);

#endif
