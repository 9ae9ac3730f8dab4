/* The built-in functions: a table of name, signature, arity and function. */
#ifndef ASL_JSONATA_BUILTIN_H
#define ASL_JSONATA_BUILTIN_H

#include "jsonata/names.h"

typedef struct asl_call asl_call;

typedef int asl_builtin_function(asl_call *call);

struct asl_builtin {
    const char *name;
    const char *signature;
    uint8_t arity; /* how many arguments a higher-order function hands over */
    asl_builtin_function *function;
};

/* NULL where there is none. `is_states`: of AWS's dialect. */
const asl_builtin *asl_builtin_find(const char *name, size_t size, bool is_states);

/* The tables, each ended by a NULL name. */
extern const asl_builtin asl_builtins_number[], asl_builtins_string[], asl_builtins_match[],
    asl_builtins_array[], asl_builtins_object[], asl_builtins_higher[], asl_builtins_picture[],
    asl_builtins_states[], asl_builtins_eval[];

#endif
