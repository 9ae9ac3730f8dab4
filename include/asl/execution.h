/* <asl/execution.h> - executions: start, stop, watch, describe.
 *
 *     asl_execution *execution = NULL;
 *     asl_start start = {
 *         .size = sizeof start, .machine = "order", .name = "order-7", .input = input};
 *     if (asl_execution_start(engine, &start, &execution, &error) == ASL_OK)
 *         asl_engine_run(engine, execution, -1, NULL);
 *     if (asl_execution_status_of(execution) == ASL_EXECUTION_FAILED)
 *         puts(asl_execution_error(execution));
 *
 * Threads: an execution belongs to its engine's thread.
 */
#ifndef ASL_EXECUTION_H
#define ASL_EXECUTION_H

#include <asl/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_engine asl_engine;
typedef struct asl_execution asl_execution;

/* What to start: `size` first, zero means default. */
typedef struct asl_start {
    size_t size;            /* sizeof(asl_start) */
    const char *machine;    /* a name given to asl_engine_add_machine */
    const char *name;       /* 1 to 80 characters, AWS's rules; NULL: a new time-ordered UUID */
    const asl_value *input; /* shared; NULL: {} */
    asl_writes *writes;     /* stolen on success: in the transaction of the start */
    /* Called inside dispatch when the start is durable (ASL_OK), or was refused (ASL_EXISTS: a
     * running or ended execution of that name has another input; ASL_STORE_FULL; ...). May be NULL.
     */
    void (*on_started)(void *context, asl_execution *execution, int status);
    /* Called inside dispatch when the execution has ended and its end is durable. May be NULL. */
    void (*on_ended)(void *context, asl_execution *execution);
    void *context;
    unsigned flags; /* ASL_START_* below */
    unsigned reserved;
} asl_start;
/* StartSyncExecution, for machines of type EXPRESS: at most once. What comes of it is what
 * asl_execution_describe gives when it has ended. */
#define ASL_START_SYNC 1u

/* Starts an execution; it is acknowledged by `on_started`, or by asl_engine_run. Where the machine
 * has a running execution of that name with the same input, that one is returned (StartExecution is
 * idempotent; a machine of type EXPRESS starts a new one). ASL_OK with a new reference, ASL_NOMEM,
 * ASL_NOT_FOUND (no such machine), ASL_MISUSE (the name, or a flag that the machine's type does not
 * allow), ASL_EXISTS, ASL_NO_HANDLER, ASL_TOO_LARGE (the input), ASL_STORE_FULL. */
ASL_API int asl_execution_start(asl_engine *engine, const asl_start *start,
                                asl_execution **ret_execution, asl_error **error);

/* The handle of an execution that this engine runs; a new reference. ASL_OK, ASL_NOT_FOUND. */
ASL_API int asl_execution_find(asl_engine *engine, uint64_t number, asl_execution **ret_execution);

/* StopExecution: ends a running execution as ABORTED. `error` and `cause` may be NULL; steals
 * `writes`. ASL_OK, ASL_NOMEM, ASL_NOT_FOUND (it has ended). */
ASL_API int asl_execution_stop(asl_execution *execution, const char *error, const char *cause,
                               asl_writes *writes);

ASL_API asl_execution *asl_execution_ref(asl_execution *execution);
ASL_API void asl_execution_unref(asl_execution *execution);

ASL_API uint64_t asl_execution_number(const asl_execution *execution);
ASL_API const char *asl_execution_name(const asl_execution *execution);
/* "arn:aws:states:us-east-1:000000000000:execution:MACHINE:NAME", or for a machine of type EXPRESS
 * "...:express:MACHINE:NAME:UUID". Borrowed. */
ASL_API const char *asl_execution_arn(const asl_execution *execution);
ASL_API const char *asl_execution_machine(const asl_execution *execution);
ASL_API asl_execution_status asl_execution_status_of(const asl_execution *execution);
/* OK, or why a start was refused after asl_execution_start had returned. */
ASL_API int asl_execution_refused(const asl_execution *execution);
ASL_API int64_t asl_execution_start_ms(const asl_execution *execution);
ASL_API int64_t asl_execution_stop_ms(const asl_execution *execution); /* 0 while it runs */
/* The output of a SUCCEEDED execution, else NULL. Borrowed. */
ASL_API const asl_value *asl_execution_output(const asl_execution *execution);
/* The error name and cause of a FAILED or ABORTED execution; NULL where there is none. Borrowed. */
ASL_API const char *asl_execution_error(const asl_execution *execution);
ASL_API const char *asl_execution_cause(const asl_execution *execution);

/* What a running execution is doing now, for people who watch: calls `visit` once for each state
 * that is active in a branch, iteration or at the top. Texts are borrowed for the call. */
typedef struct asl_active_state {
    size_t size;
    const char *state;     /* its name */
    const char *type;      /* "Task", "Wait", ... */
    const char *waits_for; /* "task", "timer", "retry", "children", "" */
    int64_t entered_ms;
    int64_t due_ms; /* the deadline it waits for; 0: none */
    unsigned depth; /* how many branches and iterations it is in */
    unsigned attempt;
} asl_active_state;
typedef void (*asl_active_visit)(void *context, const asl_active_state *state);
ASL_API void asl_execution_active(const asl_execution *execution, asl_active_visit visit,
                                  void *context);

#ifdef __cplusplus
}
#endif
#endif
