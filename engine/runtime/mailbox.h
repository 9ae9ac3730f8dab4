/* The mailbox: the part of an engine that outlives it, since tasks held by other threads may be
 * finished after the engine was freed. Results come in here, and what another engine's commit of
 * the same store has made durable. */
#ifndef ASL_RUNTIME_MAILBOX_H
#define ASL_RUNTIME_MAILBOX_H

#include <pthread.h>
#include <sys/queue.h>

#include "runtime/clock.h"

typedef struct asl_flight asl_flight;
typedef struct asl_answer asl_answer;
STAILQ_HEAD(asl_task_queue, asl_task);
STAILQ_HEAD(asl_answer_queue, asl_answer);
STAILQ_HEAD(asl_flight_queue, asl_flight);

typedef struct asl_mailbox {
    const asl_heap *heap;
    asl_store *store;
    asl_engine_clock clock;
    _Atomic unsigned references;
    _Atomic bool has_mail;
    _Atomic bool is_rung; /* the descriptor is readable, or is about to be */
    int fd;               /* eventfd; -1 once closed */
    pthread_mutex_t lock;
    /* Under the lock. */
    bool is_closed;
    struct asl_answer_queue answers; /* given by other threads; each holds its task */
    struct asl_flight_queue flights; /* settled by other threads */
} asl_mailbox;

int asl_mailbox_new(const asl_heap *heap, asl_store *store, asl_mailbox **ret_mailbox,
                    asl_error **error);
asl_mailbox *asl_mailbox_ref(asl_mailbox *mailbox);
void asl_mailbox_unref(asl_mailbox *mailbox);

/* Makes the descriptor readable. From any thread and from signal handlers, while it is open. */
void asl_mailbox_ring(asl_mailbox *mailbox);
/* Reads the descriptor, so that it is not readable any more. */
void asl_mailbox_silence(asl_mailbox *mailbox);
/* Sends an answer, which takes a reference of its task. False: closed, nobody will look at it. */
bool asl_mailbox_send_answer(asl_mailbox *mailbox, asl_answer *answer);
void asl_mailbox_send_flight(asl_mailbox *mailbox, asl_flight *flight);
/* Moves what has come to the ends of the given queues. */
void asl_mailbox_take(asl_mailbox *mailbox, struct asl_answer_queue *answers,
                      struct asl_flight_queue *flights);
/* Nothing comes in any more. */
void asl_mailbox_close(asl_mailbox *mailbox);

#endif
