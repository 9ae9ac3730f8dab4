/* A compiled call, and what the functions of this room share. */
#ifndef ASL_INTRINSICS_CALL_H
#define ASL_INTRINSICS_CALL_H

#include "intrinsics/intrinsics.h"

#define ASL_INTRINSIC_DEPTH_MAX 10u       /* AWS: how deep calls may nest */
#define ASL_INTRINSIC_ARGUMENTS_MAX 1000u /* of one call */
#define ASL_INTRINSIC_RANGE_MAX 1000u     /* AWS: items of States.ArrayRange */
#define ASL_INTRINSIC_TEXT_MAX 10000u     /* AWS: characters for Base64 and hashes */

/* A call under way: its arguments, evaluated, and where its failure's cause goes. */
typedef struct asl_intrinsic_run {
    const asl_intrinsic_environment *environment;
    const asl_heap *heap;
    const char *name;
    asl_value **arguments;
    size_t count;
    asl_value **ret_cause;
} asl_intrinsic_run;

/* ASL_OK with a new value, ASL_INVALID (see asl_intrinsic_refuse), ASL_TOO_LARGE, ASL_NOMEM. */
typedef int asl_intrinsic_body(const asl_intrinsic_run *run, asl_value **ret_value);

typedef struct asl_intrinsic_function {
    const char *name;          /* without "States." */
    unsigned minimum, maximum; /* arguments */
    asl_intrinsic_body *body;
} asl_intrinsic_function;

/* functions.c: the function of a name; NULL where there is none. */
const asl_intrinsic_function *asl_intrinsic_find(const char *name, size_t size);

typedef enum asl_argument_kind {
    ASL_ARGUMENT_CONSTANT,
    ASL_ARGUMENT_PATH,
    ASL_ARGUMENT_CALL
} asl_argument_kind;

typedef struct asl_intrinsic_argument {
    asl_argument_kind kind;
    union {
        asl_value *constant;
        asl_path *path;
        asl_intrinsic *call;
    } as;
} asl_intrinsic_argument;

struct asl_intrinsic {
    const asl_heap *heap;
    const asl_intrinsic_function *function;
    asl_intrinsic_argument *arguments;
    size_t count, capacity;
};

/* Sets the cause, "States.Name: ...", and returns ASL_INVALID; or ASL_NOMEM. */
int asl_intrinsic_refuse(const asl_intrinsic_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* ASL_OK, or a refusal that says which argument must be what. */
int asl_intrinsic_need_string(const asl_intrinsic_run *run, size_t index);
int asl_intrinsic_need_array(const asl_intrinsic_run *run, size_t index);
/* Rounds as Java's Math.round does: halves go up. */
int asl_intrinsic_need_integer(const asl_intrinsic_run *run, size_t index, int64_t *ret_integer);

asl_intrinsic_body asl_intrinsic_format, asl_intrinsic_string_to_json, asl_intrinsic_json_to_string,
    asl_intrinsic_string_split, asl_intrinsic_array, asl_intrinsic_array_partition,
    asl_intrinsic_array_contains, asl_intrinsic_array_range, asl_intrinsic_array_get_item,
    asl_intrinsic_array_length, asl_intrinsic_array_unique, asl_intrinsic_base64_encode,
    asl_intrinsic_base64_decode, asl_intrinsic_hash, asl_intrinsic_json_merge,
    asl_intrinsic_math_random, asl_intrinsic_math_add, asl_intrinsic_uuid;

#endif
