/* A machine: a name, the definition it has now, and what follows from the two. One that was
 * replaced lives on while executions run on it. Belongs to the engine's thread. */
#ifndef ASL_RUNTIME_MACHINE_H
#define ASL_RUNTIME_MACHINE_H

#include "definition/program.h"
#include "runtime/handlers.h"

typedef struct asl_machine {
    const asl_heap *heap;
    unsigned references;
    asl_definition *definition;
    const asl_program *program;
    uint64_t definition_number; /* in the store; 0: not known yet */
    asl_machine_type type;
    char *name;
    char *arn; /* "arn:aws:states:us-east-1:000000000000:stateMachine:NAME" */
    /* "arn:aws:states:us-east-1:000000000000:execution:NAME:", or "...:express:NAME:" */
    char *execution_prefix;
    bool needs_tokens;      /* has tasks that end by a token */
    asl_handler **handlers; /* of each state, as of `version`; borrowed */
    uint64_t version;
    const char *missing; /* as of `version`: a resource that no handler serves */
} asl_machine;

/* NULL when out of memory. `arn_base` is "arn:PARTITION:states:REGION:ACCOUNT:". */
asl_machine *asl_machine_new(const asl_heap *heap, const char *name, asl_machine_type type,
                             asl_definition *definition, const char *arn_base);
asl_machine *asl_machine_ref(asl_machine *machine);
void asl_machine_unref(asl_machine *machine);

/* The handler of a Task state; NULL: none serves it. Borrowed until handlers change. */
asl_handler *asl_machine_handler(asl_machine *machine, const asl_handlers *handlers,
                                 uint32_t state);
/* The first resource that no handler serves; NULL: all are served. */
const char *asl_machine_missing(asl_machine *machine, const asl_handlers *handlers);
/* The same for any program. Borrowed from it. */
const char *asl_program_missing(const asl_program *program, const asl_handlers *handlers);

#endif
