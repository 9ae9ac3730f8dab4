/* <asl/execution.h> - executions: start, stop, watch, describe.
 *
 *     asl_execution *execution = NULL;
 *     asl_start start = {
 *         .size = sizeof start, .machine = "order", .name = "order-7", .input = input};
 *     if (asl_execution_start(engine, &start, &execution, &error) == ASL_OK)
 *         asl_engine_run(engine, execution, -1, NULL);
 *     asl_description *description = NULL;
 *     if (asl_execution_describe(execution, &description) == ASL_OK && description->error)
 *         puts(description->error);
 *     asl_description_free(description);
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
 * allow), ASL_EXISTS (also where it runs in another engine), ASL_NO_HANDLER, ASL_TOO_LARGE (the
 * input), ASL_STORE_FULL. */
ASL_API int asl_execution_start(asl_engine *engine, const asl_start *start,
                                asl_execution **ret_execution, asl_error **error);

/* The handle of an execution that this engine runs; a new reference. ASL_OK, ASL_NOT_FOUND; where
 * it has to be read from the store, what asl_engine_recover returns. */
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

/* What DescribeExecution says. Texts and values are borrowed from the description, which shares the
 * execution's. Times are milliseconds since 1970-01-01 UTC. */
typedef struct asl_description {
    size_t size; /* sizeof(asl_description) as the library knows it */
    uint64_t number;
    const char *execution_arn, *machine_arn;
    const char *machine, *name;
    asl_execution_status status;
    asl_machine_type type;
    int64_t start_ms;
    int64_t stop_ms; /* 0 while it runs */
    uint64_t event_count;
    const asl_value *input;
    const asl_value *output;   /* SUCCEEDED, else NULL */
    const char *error, *cause; /* FAILED and ABORTED, where there are any; else NULL */
    /* STANDARD: "REDRIVABLE", or "NOT_REDRIVABLE" and why, as AWS decides it; else NULL. */
    const char *redrive_status, *redrive_status_reason;
    /* EXPRESS that has ended: what AWS would bill, in steps of 100 ms and 64 MiB; else 0. Memory is
     * estimated as AWS says, but for what Map and Parallel states add. */
    uint64_t billed_ms, billed_bytes;
} asl_description;

/* Describes an execution by its handle: what is durable of it, also when its engine was freed. A
 * new description. ASL_OK, ASL_NOMEM. */
ASL_API int asl_execution_describe(const asl_execution *execution,
                                   asl_description **ret_description);
/* The same from a store alone, as another process may: by its number, for which there are
 * asl_store_find and asl_store_find_arn. Costs the same however long the history is. From any
 * thread. ASL_OK, ASL_NOT_FOUND, ASL_STORE_CORRUPT, ASL_IO, ASL_NOMEM. */
ASL_API int asl_store_describe(asl_store *store, uint64_t number, asl_description **ret_description,
                               asl_error **error);
ASL_API void asl_description_free(asl_description *description);
/* The shape of DescribeExecution, or of StartSyncExecution for EXPRESS; a new value. Input and
 * output are JSON texts, times ISO 8601 texts in UTC. ASL_OK, ASL_NOMEM. */
ASL_API int asl_description_to_value(const asl_description *description, asl_value **ret_value);

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
