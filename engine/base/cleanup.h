/* Scope-bound cleanup: `asl_cleanup(asl_value_cleanup) asl_value *value = NULL;` frees on every
 * return. */
#ifndef ASL_BASE_CLEANUP_H
#define ASL_BASE_CLEANUP_H

#define asl_cleanup(function) __attribute__((cleanup(function)))
/* Takes ownership out of a variable that has a cleanup. */
#define asl_steal(pointer) \
    __extension__({ \
        __typeof__(pointer) asl_stolen = (pointer); \
        (pointer) = NULL; \
        asl_stolen; \
    })

#endif
