/* Posts: facts on their way to an execution. A post stands in what it comes from (a task, an alarm,
 * a request to stop), so posting needs no memory and an alarm that is given up takes its post back.
 * Facts that come while the last one's record is on its way to the store wait here, in order. */
#ifndef ASL_RUNTIME_POST_H
#define ASL_RUNTIME_POST_H

#include <sys/queue.h>

#include "runtime/timers.h"

typedef enum asl_post_kind {
    ASL_POST_START,             /* in asl_execution */
    ASL_POST_RESULT,            /* in asl_task: asl_answer */
    ASL_POST_SUBMISSION,        /* the same */
    ASL_POST_FETCH,             /* in asl_task: a worker has come for it */
    ASL_POST_FRAME_TIMER,       /* in asl_alarm: a Wait, a retry or a task's deadline */
    ASL_POST_HEARTBEAT_MISSED,  /* in asl_alarm */
    ASL_POST_EXECUTION_TIMEOUT, /* in asl_alarm */
    ASL_POST_STOP               /* in asl_stop_request */
} asl_post_kind;

typedef struct asl_post {
    TAILQ_ENTRY(asl_post) link;
    struct asl_execution *execution;
    asl_post_kind kind;
    bool is_queued;
} asl_post;
TAILQ_HEAD(asl_post_queue, asl_post);

/* A timer that becomes a fact. */
typedef struct asl_alarm {
    asl_timer timer; /* first: the heap gives it back */
    asl_post post;
    uint64_t event;
    uint32_t frame;
} asl_alarm;

/* Disarms an alarm and takes its post back. */
void asl_alarm_cancel(asl_alarm *alarm);

#endif
