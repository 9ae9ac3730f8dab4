/* Activities: tasks that workers come and fetch. Where a worker asks and a task is there, the two
 * are matched: the fetch is recorded (ActivityStarted), and only then the worker gets the task. A
 * handler that is registered for an activity's ARN is a worker that is always there. */
#ifndef ASL_RUNTIME_ACTIVITY_H
#define ASL_RUNTIME_ACTIVITY_H

#include <asl/engine.h>

#include "runtime/task.h"

TAILQ_HEAD(asl_poll_queue, asl_poll);

/* Tasks and workers of one ARN that wait for each other: one of the two queues is empty. */
typedef struct asl_activity {
    TAILQ_HEAD(, asl_task) tasks;
    struct asl_poll_queue polls;
} asl_activity;

/* A worker's question, parked or with the task that it is to get. */
typedef struct asl_poll {
    TAILQ_ENTRY(asl_poll) link;
    asl_activity *activity;
    asl_value *worker; /* its name; NULL: none given */
    asl_activity_function function;
    void *context;
} asl_poll;

/* A scheduled task is there to be fetched. ASL_OK, ASL_NOMEM. */
int asl_activity_offer(asl_task *task);
/* The task is not to be had any more: leaves its queue; who was to get it gets another. */
void asl_activity_leave(asl_task *task);
/* Its fetch is durable: gives it to who fetched it. ASL_OK, ASL_NOMEM: call again. */
int asl_activity_deliver(asl_task *task);
/* Answers all who still wait with no task. */
void asl_activities_done(asl_engine *engine);

#endif
