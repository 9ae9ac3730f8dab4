/* What a program's arena does not free by itself. */
#ifndef ASL_DEFINITION_OWNED_H
#define ASL_DEFINITION_OWNED_H

#include "definition/program.h"

typedef struct asl_program_owned {
    asl_expression *expression;
    asl_path *path;
    asl_value *value;
    struct asl_program_owned *next;
} asl_program_owned;

#endif
