/* <asl/task.h> - handlers: what does the work of Task states.
 *
 * A handler serves a resource pattern. Its `start` is called, inside asl_engine_dispatch only, with
 * a task; the task is finished there, later, or from another thread, by exactly one of succeed and
 * fail. Behind the succeed of a callback task (`.waitForTaskToken`) it stays open for its token.
 *
 *     static void greet(void *context, asl_task *task)
 *     {
 *         (void)context;
 *         asl_task_succeed(task, asl_value_string(NULL, "hello"), NULL);
 *     }
 *     asl_task_handler handler = {.size = sizeof handler, .start = greet};
 *     asl_engine_register(engine, "arn:aws:states:::local:greet", &handler, NULL);
 *
 * Threads: a task may be finished from any thread; its accessors may be called from any thread.
 */
#ifndef ASL_TASK_H
#define ASL_TASK_H

#include <asl/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_task asl_task;

/* `size` first; NULL means not needed. */
typedef struct asl_task_handler {
    size_t size; /* sizeof(asl_task_handler) */
    /* Begins the work. The task is borrowed for the call; take a reference to keep it. */
    void (*start)(void *context, asl_task *task);
    /* Called once, inside asl_engine_dispatch, when a task that has not been finished times out or
     * its execution ends: what it does is not wanted any more. */
    void (*cancel)(void *context, asl_task *task);
    /* Called when the engine is freed or the handler replaced: `context` is not used any more. */
    void (*release)(void *context);
    void *context;
    unsigned flags; /* ASL_HANDLER_* below */
    unsigned reserved;
} asl_task_handler;
#define ASL_HANDLER_AT_MOST_ONCE \
    1u /* a task in flight at a crash fails with States.TaskFailed instead of running again */
#define ASL_HANDLER_MOCK \
    2u /* it answers at once or never: clocks may skip and scale while a task of it is open */

ASL_API asl_task *asl_task_ref(asl_task *task);
ASL_API void asl_task_unref(asl_task *task);

/* What is to be done. All borrowed until the task is unreferenced. */
ASL_API const asl_value *
asl_task_input(const asl_task *task); /* Parameters, or the effective input */
ASL_API const char *asl_task_resource(const asl_task *task);
ASL_API const char *asl_task_state(const asl_task *task);
ASL_API const char *asl_task_machine(const asl_task *task);
ASL_API const char *asl_task_execution(const asl_task *task);      /* the execution's name */
ASL_API int64_t asl_task_execution_start_ms(const asl_task *task); /* when it started */
ASL_API unsigned asl_task_attempt(const asl_task *task);           /* 0 for the first try */
/* The id of the event in the history that scheduled this try. */
ASL_API uint64_t asl_task_event(const asl_task *task);
/* The same text whenever this try is dispatched again after a crash: at most 64 letters, digits,
 * '-'. */
ASL_API const char *asl_task_idempotency_key(const asl_task *task);
ASL_API asl_store *asl_task_store(const asl_task *task); /* for reading tables */
ASL_API bool asl_task_is_cancelled(const asl_task *task);

/* Finishes a task; both steal `output` and `writes` (NULL: none), also when they fail. A NULL
 * output is ASL_NOMEM and leaves the task open. Returns ASL_OK, ASL_NOMEM, ASL_TASK_CLOSED, or what
 * gathering the writes returned. `error` and `cause` may be NULL; longer than 256 and 32,768
 * characters they are cut. */
ASL_API int asl_task_succeed(asl_task *task, asl_value *output, asl_writes *writes);
ASL_API int asl_task_fail(asl_task *task, const char *error, const char *cause, asl_writes *writes);

/* Tasks of other patterns. `.waitForTaskToken`: with asl_task_succeed the handler says that it has
 * passed the token on; then it has done, and who gets the token ends the task
 * (asl_engine_send_task_success). `.sync`: the handler may say once that the job was accepted, and
 * ends the task when the job has ended. Activities need no handler (asl_activity_poll); one that is
 * registered is their worker. */

/* The token that ends this task, also by others; NULL for a plain request. Borrowed. */
ASL_API const char *asl_task_token(const asl_task *task);
/* The first answer of a `.sync` task (TaskSubmitted): it stays open. For `.waitForTaskToken` the
 * same as asl_task_succeed. Steals both. As asl_task_succeed, or ASL_MISUSE: another kind of task,
 * or submitted before. */
ASL_API int asl_task_submit(asl_task *task, asl_value *output, asl_writes *writes);
/* Whether a `.sync` task had been submitted when it was dispatched again after a crash: its job is
 * under way. */
ASL_API bool asl_task_is_submitted(const asl_task *task);

/* Says that the work goes on: the heartbeat clock of the task starts anew. */
ASL_API int asl_task_heartbeat(asl_task *task);

#ifdef __cplusplus
}
#endif
#endif
