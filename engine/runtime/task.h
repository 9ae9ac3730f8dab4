/* Tasks: one try of a Task state, shared between the engine and whoever does the work.
 *
 *            finish (any thread)
 *     OPEN ----------------------> FINISHED     its result is posted to the execution, once
 *       |
 *       `----------------------->  DROPPED      timed out, stopped, or the engine was freed:
 *            close (the engine)                 `cancel` is called, a late result is refused
 */
#ifndef ASL_RUNTIME_TASK_H
#define ASL_RUNTIME_TASK_H

#include "interpreter/interpreter.h"
#include "runtime/identity.h"
#include "runtime/post.h"

typedef enum asl_task_phase { ASL_TASK_OPEN, ASL_TASK_FINISHED, ASL_TASK_DROPPED } asl_task_phase;

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
    bool is_real;        /* its handler works in real time: clocks wait for it */
    bool is_wall_timed;  /* its deadlines are in real time though the engine's clock is scaled */
    char key[ASL_KEY_SIZE];
    /* The result: written by who finishes it, read once it is posted. */
    bool is_success;
    asl_value *output, *error, *cause;
    asl_writes *writes;
    STAILQ_ENTRY(asl_task) queue_link; /* to be begun, or in the mailbox: never both */
    /* The engine's. */
    bool is_begun;
    bool is_resumed;      /* it was in flight when the engine before this one went */
    asl_handler *handler; /* NULL: none serves it, or it is closed */
    asl_post post;        /* post.execution NULL: the engine has done with it */
    asl_alarm heartbeat;
};

/* A task for a START_TASK effect, in the frame's slot. ASL_OK, ASL_NOMEM. */
int asl_task_open(struct asl_execution *execution, const asl_effect *effect);
/* Gives the task to its handler. ASL_OK, ASL_NOMEM: not yet. */
int asl_task_begin(asl_task *task);
/* What it does is not wanted any more: cancels it where it has begun, forgets it. */
void asl_task_close(asl_task *task);
/* Its result has been recorded: the engine forgets it. */
void asl_task_retire(asl_task *task);
/* Fails an open task by the engine itself. ASL_OK, ASL_NOMEM. */
int asl_task_fail_here(asl_task *task, const char *error, const char *cause);

#endif
