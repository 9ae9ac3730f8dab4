/* The 18 intrinsic functions of the Amazon States Language: a table of name, arity, function. */
#ifndef ASL_INTRINSICS_INTRINSICS_H
#define ASL_INTRINSICS_INTRINSICS_H

#include "path/path.h"

typedef struct asl_intrinsic asl_intrinsic;

/* What a call needs from outside. */
typedef struct asl_intrinsic_environment {
    const asl_heap *heap;
    void *owner;
    /* A new reference to what a path selects. ASL_OK, ASL_NOT_FOUND (the failure is set by the
     * callee), ... */
    int (*path)(void *owner, const asl_path *path, asl_value **ret_value);
    /* The next 64 random bits of this evaluation. */
    uint64_t (*random)(void *owner);
    size_t payload_bytes; /* no result may print longer */
} asl_intrinsic_environment;

/* Compiles "States.Format('{}', $.a)". ASL_OK, ASL_NOMEM, ASL_SYNTAX, ASL_TOO_LARGE (nested more
 * than 10 deep). The text must begin with "States.". */
int asl_intrinsic_compile(const asl_heap *heap, const char *text, size_t size,
                          asl_intrinsic **ret_call, asl_error **error);
void asl_intrinsic_free(asl_intrinsic *call);
/* The name of the outermost function. */
const char *asl_intrinsic_name(const asl_intrinsic *call);
/* Calls `visit` for each path argument, nested ones included. */
void asl_intrinsic_paths(const asl_intrinsic *call,
                         void (*visit)(void *context, const asl_path *path), void *context);

/* Calls. ASL_OK with a new value; ASL_INVALID: the arguments are wrong, *ret_cause says how (a new
 * string: the cause of a States.IntrinsicFailure); ASL_TOO_LARGE; ASL_NOMEM; or what `path`
 * returned. */
int asl_intrinsic_call(const asl_intrinsic *call, const asl_intrinsic_environment *environment,
                       asl_value **ret_value, asl_value **ret_cause);

#endif
