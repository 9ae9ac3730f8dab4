/* The list of a document's problems, while it is made. */
#ifndef ASL_DEFINITION_DIAGNOSTICS_H
#define ASL_DEFINITION_DIAGNOSTICS_H

#include <asl/definition.h>

#include "base/arena.h"

#define ASL_DIAGNOSTICS_MAX 1000u /* problems of one document; what follows is only counted */

/* In which order problems are listed: by phase, then by place, then as they were found. */
typedef enum asl_phase {
    ASL_PHASE_READ,
    ASL_PHASE_END,
    ASL_PHASE_TARGET,
    ASL_PHASE_REACH,
    ASL_PHASE_WARN
} asl_phase;

typedef struct asl_diagnostic_entry {
    asl_diagnostic diagnostic;
    asl_phase phase;
    uint32_t order; /* the place's number in document order */
} asl_diagnostic_entry;

struct asl_diagnostics {
    const asl_heap *heap;
    asl_arena arena; /* texts */
    asl_diagnostic_entry *entries;
    size_t count, capacity;
    size_t error_count, warning_count;
};

/* NULL when out of memory. */
asl_diagnostics *asl_diagnostics_new(const asl_heap *heap);
/* Adds one; its texts must live in the list's arena or for ever. ASL_OK, also where the list is
 * full, or ASL_NOMEM. */
int asl_diagnostics_add(asl_diagnostics *list, const asl_diagnostic *diagnostic, asl_phase phase,
                        uint32_t order);
/* Sorts, and fills in lines and columns from the byte ranges. */
int asl_diagnostics_finish(asl_diagnostics *list, const char *text, size_t size);

#endif
