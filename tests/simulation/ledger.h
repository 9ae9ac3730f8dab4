/* What the outside knows of executions: what was acknowledged, which tasks it was given, what it
 * has read. A store is held against it after every death, and at the end. */
#ifndef ASL_TESTS_SIMULATION_LEDGER_H
#define ASL_TESTS_SIMULATION_LEDGER_H

#include <asl/asl.h>
#include <stdbool.h>

#define LEDGER_EXECUTIONS_MAX 64u
#define LEDGER_TABLE "rows"

typedef struct ledger_execution {
    char name[48];
    const char *machine; /* borrowed */
    uint64_t number;     /* 0: not known yet */
    bool is_sent;        /* it was acknowledged that a message asks for it: it will be started */
    bool is_started;     /* it was acknowledged that it is, */
    bool has_ended;      /* and that it has, with what follows */
    asl_execution_status status;
    uint64_t output_hash;
    size_t seen_count;  /* events that were read once, */
    uint64_t seen_hash; /* and what they were */
} ledger_execution;

/* A try of a task that a handler was given. */
typedef struct ledger_task {
    char key[72];
    uint64_t event;
    size_t execution; /* index */
    bool brings_row;  /* with its result; tokens do not */
} ledger_task;

typedef struct ledger {
    ledger_execution executions[LEDGER_EXECUTIONS_MAX];
    size_t execution_count;
    ledger_task *tasks;
    size_t task_count, task_capacity;
    asl_limits limits;  /* of the engines, for replays */
    bool may_be_purged; /* what has ended may be gone */
    uint64_t events;    /* of all histories, at the end */
    char problem[512];  /* the first one; empty: none */
} ledger;

void ledger_done(ledger *self);
/* Takes note of something that must not be; the first one stays. */
void ledger_fail(ledger *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A new execution, which is to be started; its index. */
size_t ledger_plan(ledger *self, const char *machine);
void ledger_started(ledger *self, size_t index, uint64_t number);
void ledger_ended(ledger *self, size_t index, asl_execution *execution);
/* A handler was given a task: the same try has the same key each time, and no other has it. */
void ledger_given(ledger *self, asl_task *task);

/* Everything that was acknowledged or seen must be there. */
void ledger_check(ledger *self, asl_store *store);
/* Behind the last end: every execution has ended, replays to the same events, and has a row for
 * each result that came with one, and no other. */
void ledger_check_end(ledger *self, asl_store *store);

#endif
