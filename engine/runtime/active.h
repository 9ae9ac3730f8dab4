/* The executions that an engine runs, found by number or by name. Chained hash tables whose links
 * stand in the executions: adding one cannot fail. */
#ifndef ASL_RUNTIME_ACTIVE_H
#define ASL_RUNTIME_ACTIVE_H

#include "runtime/execution.h"

typedef struct asl_active {
    const asl_heap *heap;
    asl_execution **by_number, **by_name; /* of `size` chains each */
    size_t size, count;
} asl_active;

int asl_active_init(asl_active *active, const asl_heap *heap);
void asl_active_done(asl_active *active);
void asl_active_add(asl_active *active, asl_execution *execution);
void asl_active_remove(asl_active *active, asl_execution *execution);
asl_execution *asl_active_find(const asl_active *active, uint64_t number);
asl_execution *asl_active_find_name(const asl_active *active, const char *machine,
                                    const char *name);
/* Any one; NULL where there is none. */
asl_execution *asl_active_any(const asl_active *active);

#endif
