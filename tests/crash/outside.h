/* The world outside of the host, which no kill touches: a file that only grows. A line of it is
 * what a handler did, "KIND KEY TOKEN EXECUTION ...": "run" a task's work, "submit" a message with
 * a token or a job, "watch" a job that was submitted before, "deliver" an activity's task to a
 * worker. Whoever has a token answers it, at once or later, and in the next life where this one is
 * over.
 *
 * Threads: the engine's. */
#ifndef ASL_TESTS_OUTSIDE_H
#define ASL_TESTS_OUTSIDE_H

#include <asl/asl.h>

#define OUTSIDE_KEY_SIZE 80u

typedef struct outside_promise outside_promise;

typedef struct outside {
    asl_engine *engine;
    asl_store *store;
    int fd;
    bool is_early; /* an answer is acknowledged before it is durable */
    outside_promise *promises, *given;
} outside;

void outside_open(outside *world, const char *path);
void outside_close(outside *world); /* when the engine is freed */
/* Promises an answer for each token in the file that has none, and for some that have. */
void outside_recall(outside *world);
void outside_note(outside *world, const char *kind, const asl_task *task, const char *token);
/* The task is answered by its token now, or after a while; `key` names its row. */
void outside_answer_now(outside *world, const char *key, const char *token, const char *execution);
void outside_promise_answer(outside *world, const char *key, const char *token,
                            const char *execution, int64_t delay_ms);
/* Asks for activities' tasks, again and again. */
void outside_work(outside *world, const char *activity_arn, const char *worker);
/* True: no answer is owed. */
bool outside_is_quiet(const outside *world);
/* Says "T KEY" for each answer that is durable by now. */
void outside_acknowledge(outside *world);

/* What a key decides: 0, 1 or 2. */
unsigned outside_choice(const char *key);
/* A row of table "done" or "submitted", in the transaction of what it says. */
asl_writes *outside_row(const char *table, const char *key, const char *execution);

/* Ends the program where a call has failed. */
void host_check(int status, asl_error *error, const char *what);
/* One line in one write: a kill leaves whole lines. */
void host_write(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Of a host that has just broken a rule on purpose: does nothing more. */
void host_wait_for_kill(void);

#endif
