/* <asl/engine.h> - the engine: joins definitions, handlers, clock and store, and runs executions.
 *
 * An engine imposes no thread and no loop: the host polls asl_engine_fd, or calls
 * asl_engine_dispatch, or asl_engine_run. Handlers and callbacks run only inside dispatch (and run,
 * which calls it).
 *
 *     asl_engine *engine = NULL;
 *     asl_engine_open(NULL, &engine, NULL);
 *     asl_engine_register(engine, "arn:aws:states:::local:greet", &handler, NULL);
 *     asl_engine_add_machine(engine, "hello", definition, NULL);
 *     asl_start start = {.size = sizeof start, .machine = "hello"};
 *     asl_execution *execution = NULL;
 *     if (asl_execution_start(engine, &start, &execution, NULL) == ASL_OK)
 *         asl_engine_run(engine, execution, -1, NULL);
 *     asl_execution_unref(execution);
 *     asl_engine_free(engine);
 *
 * Threads: an engine belongs to one thread; only finishing tasks and asl_engine_wake may come from
 * others.
 */
#ifndef ASL_ENGINE_H
#define ASL_ENGINE_H

#include <asl/execution.h>
#include <asl/limits.h>
#include <asl/task.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum asl_clock {
    ASL_CLOCK_REAL,
    ASL_CLOCK_SCALED,   /* engine time runs `clock_scale` times as fast */
    ASL_CLOCK_SKIPPING, /* jumps to the next deadline whenever nothing is runnable and no handler is
                           at work */
    ASL_CLOCK_MANUAL    /* moves only by asl_engine_set_time */
} asl_clock;

typedef enum asl_log_level {
    ASL_LOG_ERROR,
    ASL_LOG_WARNING,
    ASL_LOG_NOTICE,
    ASL_LOG_DEBUG
} asl_log_level;

/* Options: `size` first, zero means default. Texts are copied. */
typedef struct asl_engine_options {
    size_t size; /* sizeof(asl_engine_options) */
    const asl_heap *heap;
    asl_store *store; /* borrowed, must outlive the engine; NULL: a memory store of its own */
    const asl_limits *limits;
    const char *partition; /* "aws" */
    const char *region;    /* "us-east-1" */
    const char *account;   /* "000000000000" */
    const char *role_arn;  /* "arn:<partition>:iam::<account>:role/asl" */
    void (*log)(void *context, asl_log_level level,
                const char *message); /* NULL: nothing is logged */
    void *log_context;
    uint64_t seed;          /* of new executions' random draws; 0: from the system */
    int64_t clock_start_ms; /* where scaled, skipping and manual clocks begin; 0: now */
    double clock_scale;     /* for ASL_CLOCK_SCALED */
    asl_clock clock;
    unsigned flags; /* ASL_ENGINE_* below */
    /* An execution of a store on disk that only waits, for a time that is at least so many
     * milliseconds away or for a token (a worker's included), is not kept in memory, where nobody
     * holds it and no `on_ended` wants to hear of it: it is read again when it is due or called. 0:
     * 10,000; -1: everything stays. Of several engines that have the same share of a store (below)
     * only the first one does so. */
    int64_t passivate_after_ms;
    /* Engines on one store, each on a thread of its own, divide its executions: engine `share`
     * (from 0) of `shares` (at most ASL_SHARES_MAX; 0: 1) runs those whose number, divided by
     * `shares`, leaves `share`. It gives such numbers to what it starts, and it recovers, wakes and
     * calls no others, so each of them has to be opened, with the same `shares`, and recovered. */
    unsigned share, shares;
    /* So many milliseconds a dispatch goes on with what has become possible by what it did, before
     * it returns to the host, whose other work waits meanwhile. 0: 20. */
    unsigned dispatch_ms;
    unsigned reserved;
} asl_engine_options;
/* TimeoutSeconds and HeartbeatSeconds of tasks that wait for a token or for an activity's worker
 * follow the engine's clock, where it scales or skips. Without it they are real time, since what
 * they wait for comes from outside, and is not to be timed out by skipping. */
#define ASL_ENGINE_CLOCK_CALLBACKS 1u

#define ASL_SHARES_MAX 64u

/* Opens an engine. `options` may be NULL. Executions that the store holds as running are not
 * touched before asl_engine_recover. Returns ASL_OK, ASL_NOMEM, ASL_IO, ASL_MISUSE. */
ASL_API int asl_engine_open(const asl_engine_options *options, asl_engine **ret_engine,
                            asl_error **error);

/* Frees an engine. What runs stays as it is in the store; open tasks are cancelled. Not from a
 * handler. */
ASL_API void asl_engine_free(asl_engine *engine);

/* Makes a definition known under a machine's name (1 to 80 characters, AWS's rules); a later call
 * replaces it for new executions. Shares the definition. ASL_OK, ASL_NOMEM, ASL_MISUSE (the name).
 */
ASL_API int asl_engine_add_machine(asl_engine *engine, const char *name, asl_definition *definition,
                                   asl_error **error);

/* What a machine is beside its definition: `size` first, zero means default. */
typedef struct asl_machine_options {
    size_t size; /* sizeof(asl_machine_options) */
    asl_machine_type type;
    unsigned reserved;
} asl_machine_options;
/* The same for a machine of a type. `options` may be NULL. ASL_INVALID: a machine of type EXPRESS
 * has tasks that wait for a job, a token or an activity's worker (ASL_DEFINITION_EXPRESS reports
 * them when the definition is loaded). */
ASL_API int asl_engine_add_machine_with(asl_engine *engine, const char *name,
                                        asl_definition *definition,
                                        const asl_machine_options *options, asl_error **error);

/* Serves a resource with a handler (copied). A pattern is a resource's exact text, or ends with '*'
 * and serves all that begin like it; the longest that fits serves. ASL_OK, ASL_NOMEM, ASL_MISUSE.
 * On failure `release` is not called. */
ASL_API int asl_engine_register(asl_engine *engine, const char *pattern,
                                const asl_task_handler *handler, asl_error **error);

/* Serves one state of a machine, whatever its resource and before any pattern; for mocks. The
 * machine may be added later. ASL_OK, ASL_NOMEM, ASL_MISUSE. On failure `release` is not called. */
ASL_API int asl_engine_register_state(asl_engine *engine, const char *machine, const char *state,
                                      const asl_task_handler *handler, asl_error **error);

/* The first resource of a definition that no registered handler serves; NULL where all are. Where
 * it was added as a machine, handlers of that machine's states count.
 * Borrowed from the definition. */
ASL_API const char *asl_engine_missing_handler(asl_engine *engine,
                                               const asl_definition *definition);

/* Bindings: a JSON file that says which resource goes where (see the manual page asl-tasks(5)). */
typedef struct asl_bind_options {
    size_t size;        /* sizeof(asl_bind_options) */
    const char *source; /* the file's name, for messages */
    const char *folder; /* what relative paths in it are relative to; NULL: the working folder */
    unsigned flags; /* ASL_BIND_TRUSTED: commands, plugin paths and HTTP endpoints are allowed */
    unsigned reserved;
    const char *const
        *allow_networks; /* NULL-ended CIDR texts that HTTP may reach though private */
} asl_bind_options;
#define ASL_BIND_TRUSTED 1u
/* Reads bindings and registers what they name. ASL_OK, ASL_NOMEM, ASL_SYNTAX, ASL_DENIED, ASL_IO,
 * ASL_NOT_FOUND (a plugin). On failure nothing was registered. */
ASL_API int asl_engine_bind(asl_engine *engine, const char *text, size_t size,
                            const asl_bind_options *options, asl_error **error);

/* Goes on with the executions that the store holds as running: all of them, or one by its number.
 * First fires what is overdue, in the order of deadlines, then dispatches open tasks again. Call it
 * after registering handlers. `ret_count` (may be NULL) receives how many go on in memory: those
 * that are not kept there (passivate_after_ms) are read when they are due, and the log says so of
 * one that then cannot go on. One that cannot does not keep the others from it. ASL_OK,
 * ASL_NO_HANDLER, ASL_NOT_FOUND (no such execution, it has ended, or another engine's share has
 * it), ASL_STORE_CORRUPT, ASL_NOMEM: call again. What was started by ASL_START_SYNC does not go on:
 * nobody waits for it any more, and its tasks are not to run twice. It ends as ABORTED. */
ASL_API int asl_engine_recover(asl_engine *engine, uint64_t number, size_t *ret_count,
                               asl_error **error);

/* The loop. `fd` becomes readable when dispatch has something to do; owned by the engine. */
ASL_API int asl_engine_fd(const asl_engine *engine);
/* Milliseconds of real time until dispatch is due though the fd is not readable; -1: never. The fd
 * covers this by itself; the call is for loops without descriptors. */
ASL_API int64_t asl_engine_next_deadline(const asl_engine *engine);
/* Does what is due, waiting up to `timeout_ms` (-1: until there is something; 0: not at all) where
 * nothing is. `ASL_OK`, or what kept the engine from working: ASL_NOMEM, ASL_STORE_FULL (call
 * again: nothing is lost), ASL_STORE_LOST. */
ASL_API int asl_engine_dispatch(asl_engine *engine, int timeout_ms);
/* Dispatches until `execution` has ended and its end is durable (NULL: until nothing is left that
 * could happen). ASL_OK, ASL_TIMED_OUT after `timeout_ms` of real time (-1: never, or where nothing
 * could happen any more that would end it), why its start was refused, or as dispatch. */
ASL_API int asl_engine_run(asl_engine *engine, asl_execution *execution, int timeout_ms,
                           asl_error **error);
/* Makes dispatch return soon. From any thread, and from signal handlers. */
ASL_API void asl_engine_wake(asl_engine *engine);

/* Engine time, milliseconds since 1970-01-01 UTC. */
ASL_API int64_t asl_engine_now(const asl_engine *engine);
/* Moves a manual clock forward; ASL_MISUSE for another clock or a time in the past. */
ASL_API int asl_engine_set_time(asl_engine *engine, int64_t now_ms);

/* How long something took, in real time that never steps. Bucket i counts what took at most the
 * i-th bound, and longer than the one before; the last bucket has no bound. The bounds initialise
 * an array. */
#define ASL_HISTOGRAM_BUCKETS 16u
#define ASL_HISTOGRAM_BOUNDS_US \
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, \
        2500000, 10000000
typedef struct asl_histogram {
    uint64_t count[ASL_HISTOGRAM_BUCKETS];
    uint64_t total;  /* of all buckets */
    uint64_t sum_us; /* of what was measured */
} asl_histogram;

/* What an engine holds now, and what it has done since it was opened. What is durable counts.
 * `size` set by the caller. */
typedef struct asl_engine_statistics {
    size_t size;         /* sizeof(asl_engine_statistics) */
    uint64_t executions; /* in memory, now */
    uint64_t started;    /* executions, as those that follow */
    uint64_t succeeded, failed, timed_out, aborted;
    uint64_t recovered;        /* asl_engine_recover has taken them up in memory */
    uint64_t events;           /* of histories */
    uint64_t tasks_dispatched; /* given to a handler or a worker, each time */
    uint64_t tasks_finished;   /* their results recorded: not what was given up or timed out */
    uint64_t commits;
    /* From when a task is given out until asl_engine_dispatch takes its result up. Not of tasks
     * that an engine before this one gave out, nor of those that have left memory since. */
    asl_histogram task_latency;
    asl_histogram commit_latency; /* from the begin of a commit until what is in it is durable */
} asl_engine_statistics;
/* Fills in as much as `size` says. ASL_OK, ASL_MISUSE (the size). */
ASL_API int asl_engine_read_statistics(const asl_engine *engine, asl_engine_statistics *statistics);

/* Writes rows of application tables in the next commit, beside what the engine itself commits.
 * Steals `writes`, also when it fails. `function` (may be NULL) is called once, inside dispatch or
 * when the engine is freed: with ASL_OK when they are durable, or with why they are not and will
 * not be. It may write again. ASL_OK, ASL_MISUSE, ASL_NOMEM, ASL_STORE_FULL, ASL_STORE_LOST, or
 * what gathering the writes returned. */
typedef void (*asl_written_function)(void *context, int status);
ASL_API int asl_engine_write(asl_engine *engine, asl_writes *writes, asl_written_function function,
                             void *context, asl_error **error);

/* SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: end a task, or say that its work goes on, by
 * its token. The first two steal `output` and `writes`. ASL_OK, ASL_MISUSE (no token of this
 * store), ASL_NOT_FOUND (its execution does not run in this engine), ASL_TASK_CLOSED (it has
 * ended, timed out, or been answered), ASL_NOMEM, what gathering the writes returned, ASL_NOT_FOUND
 * or ASL_IO where the module for tokens cannot be loaded, and where the execution is not kept in
 * memory what asl_engine_recover returns, or ASL_STORE_LOST. */
ASL_API int asl_engine_send_task_success(asl_engine *engine, const char *token, asl_value *output,
                                         asl_writes *writes, asl_error **error);
ASL_API int asl_engine_send_task_failure(asl_engine *engine, const char *token,
                                         const char *error_name, const char *cause,
                                         asl_writes *writes, asl_error **error);
ASL_API int asl_engine_send_task_heartbeat(asl_engine *engine, const char *token,
                                           asl_error **error);

/* Activities: a worker asks for a task of an activity's ARN. Called once, inside dispatch, when a
 * task is there and its fetch is durable; with NULL for both when the engine is freed first.
 * `token` and `input` are borrowed for the call. */
typedef void (*asl_activity_function)(void *context, const char *token, const asl_value *input);
/* `worker_name` (at most 80 characters; NULL: none) is what ActivityStarted shows. ASL_OK,
 * ASL_NOMEM, ASL_MISUSE, or ASL_NOT_FOUND or ASL_IO: the module for tokens cannot be loaded. */
ASL_API int asl_activity_poll(asl_engine *engine, const char *activity_arn, const char *worker_name,
                              asl_activity_function function, void *context, asl_error **error);
/* Takes back the first poll with this context, whose function is then not called. ASL_OK,
 * ASL_NOT_FOUND: there is none, or its task is on its way. */
ASL_API int asl_activity_poll_cancel(asl_engine *engine, const char *activity_arn, void *context);

/* Why a handler's work may need the loop: a descriptor or a real-time timer of its own. Callbacks
 * run inside dispatch. `events` are ASL_WATCH_*. Free a watch before closing its descriptor. */
typedef struct asl_watch asl_watch;
#define ASL_WATCH_READ 1u
#define ASL_WATCH_WRITE 2u
typedef void (*asl_watch_function)(void *context, int fd, unsigned events);
ASL_API int asl_engine_watch(asl_engine *engine, int fd, unsigned events,
                             asl_watch_function function, void *context, asl_watch **ret_watch);
ASL_API int asl_watch_change(asl_watch *watch, unsigned events);
/* A timer instead of a descriptor (fd -1 in the callback): `delay_ms` from now, real time; -1: not
 * set. */
ASL_API int asl_engine_timer(asl_engine *engine, asl_watch_function function, void *context,
                             asl_watch **ret_watch);
ASL_API int asl_watch_set_timer(asl_watch *watch, int64_t delay_ms);
/* The same in engine time, which scales and skips: for what is simulated (ASL_HANDLER_MOCK). Inside
 * dispatch it counts from the time of the round. */
ASL_API int asl_watch_set_engine_timer(asl_watch *watch, int64_t delay_ms);
ASL_API void asl_watch_free(asl_watch *watch);

/* The one entry point of a plugin: registers its handlers under `pattern` with its part of the
 * bindings
 * (`configuration`, borrowed; NULL: none). Exported as `asl_plugin_register`. `options` as given to
 * bind. */
typedef int (*asl_plugin_register_function)(asl_engine *engine, const char *pattern,
                                            const asl_value *configuration,
                                            const asl_bind_options *options, asl_error **error);

/* For plugins: makes an error. Returns `status`, so that a call can be returned. */
ASL_API int asl_error_make(asl_error **error, int status, const char *message);

/* The library's version, "0.1.0"; static. */
ASL_API const char *asl_version(void);

#ifdef __cplusplus
}
#endif
#endif
