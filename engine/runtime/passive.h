/* Passive executions: what only waits for long leaves memory, and is read again when it is due or
 * called by its number or name.
 *
 * Whether an execution becomes passive is decided when its record is made, and goes with that
 * record: the store lists it by the time until when it waits. A list of the engine's own there is
 * not. It leaves memory when the record is durable, where nobody holds it then; where somebody
 * does, it is passive to the store alone, and nothing is wrong: its next record says anew. */
#ifndef ASL_RUNTIME_PASSIVE_H
#define ASL_RUNTIME_PASSIVE_H

#include "runtime/execution.h"

/* The engine's part. */
typedef struct asl_passives {
    int64_t after_ms;      /* what waits less stays in memory; -1: everything does */
    int64_t next_ms;       /* the next one is due then; INT64_MAX: none is */
    asl_passive woken;     /* those up to this one have been read again */
    uint64_t first_number; /* lower numbers are an earlier engine's, until they are recovered */
    bool is_claimed;       /* the store's passive executions are this engine's */
} asl_passives;

/* Before anything is started. */
void asl_passives_init(asl_engine *engine, int64_t after_ms);
void asl_passives_done(asl_engine *engine);
/* Those that an earlier engine has left are this one's from now on. ASL_OK, ASL_IO,
 * ASL_STORE_CORRUPT. */
int asl_passives_recover(asl_engine *engine, asl_error **error);

/* Until when an execution is passive whose next record has these effects; 0: it is active. */
int64_t asl_execution_passive_until(const asl_execution *execution, const asl_effect_list *effects);
/* Leaves memory, where it may: the store says that it is passive until then. */
void asl_execution_leave(asl_execution *execution, int64_t until_ms);

/* Reads those that are due, about a thousand at a time. True where there was one; *ret_until_ms: no
 * timer that is due later may fire yet, since one that is due earlier has not been read. */
bool asl_passives_wake(asl_engine *engine, int64_t *ret_until_ms);
/* The execution of a number, read again where it is passive; borrowed, NULL where it does not run
 * here. ASL_OK, ASL_NOT_FOUND, or why it cannot go on. */
int asl_engine_call(asl_engine *engine, uint64_t number, asl_execution **ret_execution,
                    asl_error **error);

#endif
