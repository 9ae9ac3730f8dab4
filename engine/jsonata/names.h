/* Names of variables and fields: each is one object, so that comparing two is comparing pointers.
 */
#ifndef ASL_JSONATA_NAMES_H
#define ASL_JSONATA_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct asl_builtin asl_builtin;
typedef struct asl_signature asl_signature;

typedef struct asl_name {
    const char *bytes; /* NUL behind them */
    uint32_t size, hash;
    uint32_t index;             /* counts the names of a program from 0; UINT32_MAX: anonymous */
    const asl_builtin *builtin; /* the function that $name is unless it is bound; NULL: none */
    const asl_signature *signature;
    struct asl_name *next;
} asl_name;

#define ASL_NAMES_SLOTS 32u

typedef struct asl_names {
    const struct asl_names *outer; /* where to look first; not changed */
    bool is_states;                /* AWS's set of functions */
    uint32_t count;                /* of the outer names too */
    asl_name *slots[ASL_NAMES_SLOTS];
} asl_names;

/* The name of these bytes, made in `arena` where it is new. NULL when out of memory. */
const asl_name *asl_names_intern(asl_names *names, asl_arena *arena, const char *bytes,
                                 size_t size);
/* NULL where nothing has that name. */
const asl_name *asl_names_find(const asl_names *names, const char *bytes, size_t size);
/* A name that is equal to no other, for the parent operator. */
const asl_name *asl_names_anonymous(asl_arena *arena);

#endif
