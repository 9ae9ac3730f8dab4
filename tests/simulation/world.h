/* What lies outside the process: handlers' work, which is lost with it, and those who hold tokens,
 * who outlive it. How each of them behaves is drawn when it is asked. */
#ifndef ASL_TESTS_SIMULATION_WORLD_H
#define ASL_TESTS_SIMULATION_WORLD_H

#include <asl/asl.h>
#include <stdbool.h>

#include "ledger.h"

#define WORLD_ENGINES_MAX 2u
#define WORLD_ACTIVITY "arn:aws:states:us-east-1:123456789012:activity:act"

/* Work that a handler has taken on. */
typedef struct world_work {
    asl_task *task; /* a reference */
    int64_t due_ms;
    bool is_failure;
} world_work;

/* Somebody who is to answer by a token, until the task is known to be closed. */
typedef struct world_token {
    char *token;
    int64_t due_ms;
    unsigned answers;
} world_token;

typedef struct world {
    ledger *ledger;
    asl_engine *engines[WORLD_ENGINES_MAX]; /* of the process that lives; the rest NULL */
    bool is_polling[WORLD_ENGINES_MAX];
    world_work *works;
    size_t work_count, work_capacity;
    world_token *tokens;
    size_t token_count, token_capacity;
    uint64_t answered; /* by tokens */
    bool is_prompt;    /* nobody is late or silent any more */
} world;

/* The engine's handlers; it is number `index` of the process. */
int world_join(world *self, asl_engine *engine, unsigned index);
/* The process has ended: its work is lost. After the engines were freed. */
void world_leave(world *self);
void world_done(world *self);

/* Does what is due. */
void world_act(world *self);
/* When something is due next; INT64_MAX: never. */
int64_t world_next_ms(const world *self);

#endif
