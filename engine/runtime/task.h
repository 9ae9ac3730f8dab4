/* Tasks: one try of a Task state, shared between the engine and whoever does the work.
 *
 *            finish (any thread, or by token)
 *     OPEN --------------------------------------> FINISHED   its result is posted to the
 *       |  \                                         ^        execution, once
 *       |   `- submit (any thread) -> SUBMITTED ----'
 *       |                                 |
 *       `---------------------------------+------> DROPPED    timed out, stopped, or the engine
 *            close (the engine)                               was freed: `cancel` is called where a
 *                                                             handler is at work, a late result is
 *                                                             refused
 *
 * SUBMITTED: the first answer of .sync and .waitForTaskToken has been given, and is posted. Behind
 * it the handler of a .sync task goes on, that of a callback task has done: a token ends it. */
#ifndef ASL_RUNTIME_TASK_H
#define ASL_RUNTIME_TASK_H

#include "interpreter/interpreter.h"
#include "runtime/identity.h"
#include "runtime/post.h"

typedef enum asl_task_phase {
    ASL_TASK_OPEN,
    ASL_TASK_SUBMITTED,
    ASL_TASK_FINISHED,
    ASL_TASK_DROPPED
} asl_task_phase;

/* What comes from outside: the first answer, or the result. Written by who gives it, read once it
 * is posted. */
struct asl_answer {
    asl_post post;
    STAILQ_ENTRY(asl_answer) mail_link; /* in the mailbox, with a reference of the task */
    asl_task *task;
    bool is_success;
    asl_value *output, *error, *cause;
    asl_writes *writes;
};

struct asl_task {
    const asl_heap *heap;
    asl_identity *identity;
    asl_value *input;
    const asl_state *state; /* of the definition that the identity holds */
    _Atomic unsigned references;
    _Atomic int phase; /* asl_task_phase */
    _Atomic bool is_cancelled;
    _Atomic int64_t beat_ms; /* last sign of life, in the time its heartbeat is measured in */
    uint64_t event;
    uint32_t frame;
    unsigned attempt;
    int64_t heartbeat_s; /* 0: none */
    bool is_callback;    /* .waitForTaskToken: a token ends it */
    bool is_activity;
    bool was_submitted; /* its first answer was recorded before it was dispatched */
    bool is_wall_timed; /* its deadlines are in real time, whatever the engine's clock does */
    char key[ASL_KEY_SIZE];
    char token[ASL_TOKEN_SIZE]; /* "": none */
    asl_answer submission, result;
    /* The engine's. */
    struct asl_execution *execution;   /* NULL: the engine has done with it */
    STAILQ_ENTRY(asl_task) queue_link; /* to be begun */
    int64_t dispatched_us;             /* monotonic; 0: this engine has not given it to anybody */
    bool is_begun;
    bool is_counted;   /* in real_task_count: its handler works in real time, clocks wait for it */
    bool is_resumed;   /* it was in flight when the engine before this one went */
    bool is_overtaken; /* a token has ended it while its handler was at work */
    asl_handler *handler; /* NULL: none serves it, or it is closed */
    asl_alarm heartbeat;
    /* Of an activity: see activity.h. */
    bool is_fetched;
    asl_post fetch;
    struct asl_poll *poll;               /* whom the fetch is for; NULL: the handler */
    TAILQ_ENTRY(asl_task) activity_link; /* while nobody has come for it */
    struct asl_activity *activity;       /* whose queue it stands in; NULL: none */
};

/* A task for a START_TASK effect, in the frame's slot. ASL_OK, ASL_NOMEM. */
int asl_task_open(struct asl_execution *execution, const asl_effect *effect);
/* Gives the task to its handler. ASL_OK, ASL_NOMEM: not yet. */
int asl_task_begin(asl_task *task);
/* What it does is not wanted any more: cancels it where it has begun, forgets it. */
void asl_task_close(asl_task *task);
/* Its result has been recorded: the engine forgets it. */
void asl_task_retire(asl_task *task);
/* Its first answer has been recorded, or is void. */
void asl_task_settle_submission(asl_task *task);
/* Tells the handler of a task that a token has ended that it is not wanted any more, and gives the
 * engine's reference back. */
void asl_task_abandon(asl_task *task);
/* Sets the alarm of a task with HeartbeatSeconds. ASL_OK, ASL_NOMEM. */
int asl_task_set_heartbeat(asl_task *task);
/* Fails an open task by the engine itself. ASL_OK, ASL_NOMEM. */
int asl_task_fail_here(asl_task *task, const char *error, const char *cause);
/* Results that come by token; otherwise as asl_task_succeed and asl_task_fail. */
int asl_task_end_success(asl_task *task, asl_value *output, asl_writes *writes);
int asl_task_end_failure(asl_task *task, const char *error, const char *cause, asl_writes *writes);
/* A sign of life, from the handler or by token. ASL_OK, ASL_TASK_CLOSED. */
int asl_task_beat(asl_task *task, bool is_by_token);
/* Now, in the time a task's deadlines are measured in. */
int64_t asl_task_now(asl_task *task);

#endif
