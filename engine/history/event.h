/* Events: what happened in an execution, in AWS's types, and what AWS's events do not show.
 *
 * An entry is either a history event (its id is 1, 2, 3, ...) or a note (id 0), which carries a
 * private result that recovery needs: nothing is ever evaluated again. Entries alone change an
 * execution's frames (interpreter/evolve), and the JSON of GetExecutionHistory is a view of the
 * entries that are events. */
#ifndef ASL_HISTORY_EVENT_H
#define ASL_HISTORY_EVENT_H

#include "value/value.h"

/* AWS's 62 types, then ours. The numbers are stored: append only. */
typedef enum asl_event_type {
    ASL_EVENT_NONE = 0,
    ASL_EVENT_ACTIVITY_FAILED = 1,
    ASL_EVENT_ACTIVITY_SCHEDULE_FAILED,
    ASL_EVENT_ACTIVITY_SCHEDULED,
    ASL_EVENT_ACTIVITY_STARTED,
    ASL_EVENT_ACTIVITY_SUCCEEDED,
    ASL_EVENT_ACTIVITY_TIMED_OUT,
    ASL_EVENT_CHOICE_STATE_ENTERED,
    ASL_EVENT_CHOICE_STATE_EXITED,
    ASL_EVENT_EVALUATION_FAILED,
    ASL_EVENT_EXECUTION_ABORTED,
    ASL_EVENT_EXECUTION_FAILED,
    ASL_EVENT_EXECUTION_REDRIVEN,
    ASL_EVENT_EXECUTION_STARTED,
    ASL_EVENT_EXECUTION_SUCCEEDED,
    ASL_EVENT_EXECUTION_TIMED_OUT,
    ASL_EVENT_FAIL_STATE_ENTERED,
    ASL_EVENT_LAMBDA_FUNCTION_FAILED,
    ASL_EVENT_LAMBDA_FUNCTION_SCHEDULE_FAILED,
    ASL_EVENT_LAMBDA_FUNCTION_SCHEDULED,
    ASL_EVENT_LAMBDA_FUNCTION_START_FAILED,
    ASL_EVENT_LAMBDA_FUNCTION_STARTED,
    ASL_EVENT_LAMBDA_FUNCTION_SUCCEEDED,
    ASL_EVENT_LAMBDA_FUNCTION_TIMED_OUT,
    ASL_EVENT_MAP_ITERATION_ABORTED,
    ASL_EVENT_MAP_ITERATION_FAILED,
    ASL_EVENT_MAP_ITERATION_STARTED,
    ASL_EVENT_MAP_ITERATION_SUCCEEDED,
    ASL_EVENT_MAP_RUN_ABORTED,
    ASL_EVENT_MAP_RUN_FAILED,
    ASL_EVENT_MAP_RUN_REDRIVEN,
    ASL_EVENT_MAP_RUN_STARTED,
    ASL_EVENT_MAP_RUN_SUCCEEDED,
    ASL_EVENT_MAP_STATE_ABORTED,
    ASL_EVENT_MAP_STATE_ENTERED,
    ASL_EVENT_MAP_STATE_EXITED,
    ASL_EVENT_MAP_STATE_FAILED,
    ASL_EVENT_MAP_STATE_STARTED,
    ASL_EVENT_MAP_STATE_SUCCEEDED,
    ASL_EVENT_PARALLEL_STATE_ABORTED,
    ASL_EVENT_PARALLEL_STATE_ENTERED,
    ASL_EVENT_PARALLEL_STATE_EXITED,
    ASL_EVENT_PARALLEL_STATE_FAILED,
    ASL_EVENT_PARALLEL_STATE_STARTED,
    ASL_EVENT_PARALLEL_STATE_SUCCEEDED,
    ASL_EVENT_PASS_STATE_ENTERED,
    ASL_EVENT_PASS_STATE_EXITED,
    ASL_EVENT_SUCCEED_STATE_ENTERED,
    ASL_EVENT_SUCCEED_STATE_EXITED,
    ASL_EVENT_TASK_FAILED,
    ASL_EVENT_TASK_SCHEDULED,
    ASL_EVENT_TASK_START_FAILED,
    ASL_EVENT_TASK_STARTED,
    ASL_EVENT_TASK_STATE_ABORTED,
    ASL_EVENT_TASK_STATE_ENTERED,
    ASL_EVENT_TASK_STATE_EXITED,
    ASL_EVENT_TASK_SUBMIT_FAILED,
    ASL_EVENT_TASK_SUBMITTED,
    ASL_EVENT_TASK_SUCCEEDED,
    ASL_EVENT_TASK_TIMED_OUT,
    ASL_EVENT_WAIT_STATE_ABORTED,
    ASL_EVENT_WAIT_STATE_ENTERED,
    ASL_EVENT_WAIT_STATE_EXITED,
    ASL_EVENT_AWS_LAST = ASL_EVENT_WAIT_STATE_EXITED,
    ASL_NOTE_WAITING = 64, /* a Wait's deadline: due_ms */
    ASL_NOTE_RETRY = 65,   /* a retry was decided: due_ms, index = retrier, count = its attempt */
    ASL_NOTE_CHILD_DONE = 66, /* a branch succeeded: index; its output is its frame's */
    ASL_NOTE_LAST = ASL_NOTE_CHILD_DONE
} asl_event_type;

/* "PassStateEntered"; NULL for notes. */
const char *asl_event_type_name(asl_event_type type);
/* The type of a name; ASL_EVENT_NONE where there is none. */
asl_event_type asl_event_type_find(const char *name, size_t size);

/* One entry. Values are references that the entry owns; what a type does not use is NULL or 0. */
typedef struct asl_event {
    asl_event_type type;
    uint32_t frame; /* which frame it belongs to */
    uint64_t id;    /* 0: a note */
    uint64_t previous_id;
    int64_t time_ms;  /* INT64_MIN: unknown */
    asl_value *name;  /* a state's or iteration's name; a task's Resource */
    asl_value *value; /* input, output, parameters; what a child starts with */
    /* MapStateStarted: the items; ActivityStarted: the worker's name; EvaluationFailed: location;
     * *Scheduled: the role of the credentials; ExecutionStarted: the role. */
    asl_value *extra;
    asl_value *error, *cause;
    asl_value *variables; /* *Exited: object of what Assign assigned */
    uint32_t state;       /* *Entered: the state; *Exited: the next one, ASL_NONE: none */
    uint32_t index;       /* MapIteration*: the iteration; notes: see above */
    uint32_t count;       /* MapStateStarted: items; notes: see above */
    uint32_t concurrency; /* MapStateStarted: iterations at once, evaluated */
    int64_t timeout_s;    /* *Scheduled: declared TimeoutSeconds; 0: none */
    int64_t heartbeat_s;  /* the same for HeartbeatSeconds */
    int64_t due_ms;       /* WaitStateEntered's note, retry, *Scheduled's deadline; 0: none */
} asl_event;

void asl_event_done(asl_event *event);
/* Shares all values of `from`. */
void asl_event_copy(asl_event *to, const asl_event *from);

/* A list of entries that owns them. */
typedef struct asl_event_list {
    const asl_heap *heap;
    asl_event *items;
    size_t count, capacity;
} asl_event_list;
void asl_event_list_init(asl_event_list *list, const asl_heap *heap);
void asl_event_list_done(asl_event_list *list);
void asl_event_list_clear(asl_event_list *list); /* keeps the memory */
/* Takes over the entry's values, also when it fails (ASL_NOMEM). */
int asl_event_list_append(asl_event_list *list, asl_event *event);

/* Facts: what comes from outside, with its time. */
typedef enum asl_fact_kind {
    ASL_FACT_START = 1,             /* value = input; seed */
    ASL_FACT_TASK_SUCCEEDED,        /* value = output */
    ASL_FACT_TASK_FAILED,           /* error, cause */
    ASL_FACT_TASK_SUBMITTED,        /* value = the first answer of .sync / .waitForTaskToken */
    ASL_FACT_TASK_STARTED,          /* an activity was fetched: value = the worker's name */
    ASL_FACT_TASK_HEARTBEAT_MISSED, /* the gap was too long */
    ASL_FACT_TIMER,                 /* a Wait, retry or task deadline of the frame has come */
    ASL_FACT_EXECUTION_TIMEOUT,
    ASL_FACT_STOP /* error, cause: either may be NULL */
} asl_fact_kind;

typedef struct asl_fact {
    asl_fact_kind kind;
    uint32_t frame; /* whom it is for */
    uint64_t
        event; /* guard: what the frame must wait for (asl_frame.waiting_event); else it is stale */
    int64_t time_ms;
    uint64_t seed; /* START: of all random draws */
    asl_value *value;
    asl_value *error, *cause;
    asl_value *name; /* START: the execution's ARN */
    uint32_t flags;  /* START: ASL_FACT_* below */
} asl_fact;
#define ASL_FACT_SYNCHRONOUS 1u /* AWS: StartSyncExecution */
void asl_fact_done(asl_fact *fact);

#endif
