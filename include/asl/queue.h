/* <asl/queue.h> - durable queues on an engine's store: a message is sent, received by somebody from
 * whom it is hidden for a while, and deleted; one that is not deleted is received again.
 *
 *     asl_queue *queue = NULL;
 *     asl_queue_open(engine, "orders", NULL, &queue, NULL);
 *     asl_send send = {.size = sizeof send, .id = "order-7", .body = text, .body_size = size};
 *     asl_queue_send(queue, &send, on_sent, NULL, NULL);      // on_sent: it is durable
 *     asl_queue_receive(queue, 10, on_received, NULL, NULL);  // on_received: start work, delete
 *
 * What a verb changes is in one transaction with the `writes` that it is given, and in the group
 * commit of the engine. Times are real, also where the engine's clock skips or scales. Rows stand
 * in the tables "asl.queue.NAME" and "asl.lease.NAME", which nobody else is to write.
 *
 * Threads: a queue belongs to its engine's thread; functions are called inside dispatch.
 */
#ifndef ASL_QUEUE_H
#define ASL_QUEUE_H

#include <asl/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ASL_QUEUE_NAME_MAX 40u     /* characters of a name: letters, digits, '-' and '_' */
#define ASL_QUEUE_ID_MAX 128u      /* bytes of a message's id */
#define ASL_QUEUE_BODY_MAX 262144u /* bytes of its body */
#define ASL_QUEUE_RECEIVE_MAX 1024u

typedef struct asl_queue asl_queue;

/* Options: `size` first, zero means default. */
typedef struct asl_queue_options {
    size_t size;           /* sizeof(asl_queue_options) */
    int64_t visibility_ms; /* so long a message that was received is hidden; 0: 30,000 */
    uint64_t max_messages; /* more are not taken; 0: 1,000,000. Each takes about 90 bytes of memory,
                              its body none. */
    unsigned max_receives; /* a message that was received so often is not received again, but moved
                              to `dead_letters`; 0: it is received for ever */
    unsigned reserved;
    asl_queue *dead_letters; /* of the same engine, closed after this one; NULL: none */
} asl_queue_options;

/* Opens a queue, which is made where there is none, and reads what waits in it. `options` may be
 * NULL. One name is opened once at a time. ASL_OK, ASL_MISUSE (the name, the options), ASL_IO,
 * ASL_STORE_CORRUPT, ASL_NOMEM. */
ASL_API int asl_queue_open(asl_engine *engine, const char *name, const asl_queue_options *options,
                           asl_queue **ret_queue, asl_error **error);
/* Closes a queue before its engine is freed. Messages stay. What is under way is still told, but
 * for a receive, which is not. */
ASL_API void asl_queue_close(asl_queue *queue);

/* What to send: `size` first. */
typedef struct asl_send {
    size_t size;      /* sizeof(asl_send) */
    const char *id;   /* the sender's name for it, UTF-8; NULL: "" */
    const void *body; /* copied */
    size_t body_size;
    int64_t delay_ms;   /* it is hidden so long; 0: not at all */
    asl_writes *writes; /* stolen, also when it fails; in the same transaction. NULL: none */
} asl_send;
/* Sends a message. `function` (may be NULL) is called once: ASL_OK when the message is durable,
 * else it was not sent. ASL_OK, ASL_MISUSE, ASL_TOO_LARGE (the id, the body, or the queue is full),
 * ASL_NOMEM, and as asl_engine_write. */
ASL_API int asl_queue_send(asl_queue *queue, const asl_send *send, asl_written_function function,
                           void *context, asl_error **error);
/* The number that the next message gets: from 1, in the order of sending, none twice. */
ASL_API uint64_t asl_queue_next_sequence(const asl_queue *queue);

/* A message as it is received. All borrowed for the call. */
typedef struct asl_message {
    size_t size; /* sizeof(asl_message) as the library knows it */
    uint64_t sequence;
    const char *id;
    const void *body;
    size_t body_size;
    int64_t sent_ms;   /* since 1970-01-01 UTC */
    unsigned receives; /* this time included; with `sequence` it is the receipt of this time */
    unsigned reserved;
} asl_message;
typedef void (*asl_received_function)(void *context, int status, const asl_message *messages,
                                      size_t count);
/* Receives up to `max` (at most ASL_QUEUE_RECEIVE_MAX) messages, those first that became visible
 * first. `function` is called once, when there is one and its receipt is durable (ASL_OK), or with
 * why it cannot be, and no message. One receive of a queue at a time. ASL_OK, ASL_MISUSE,
 * ASL_NOMEM, and as asl_engine_write. */
ASL_API int asl_queue_receive(asl_queue *queue, unsigned max, asl_received_function function,
                              void *context, asl_error **error);

/* Deletes a message by its receipt; receives 0: as long as nobody has received it. Steals `writes`
 * (NULL: none), also when it fails. ASL_OK, ASL_NOT_FOUND (it is gone, or was received again),
 * ASL_NOMEM, and as asl_engine_write. */
ASL_API int asl_queue_delete(asl_queue *queue, uint64_t sequence, unsigned receives,
                             asl_writes *writes, asl_written_function function, void *context,
                             asl_error **error);
/* Hides it from now on for so long; 0: it is visible at once. As delete. */
ASL_API int asl_queue_change_visibility(asl_queue *queue, uint64_t sequence, unsigned receives,
                                        int64_t visibility_ms, asl_written_function function,
                                        void *context, asl_error **error);

/* Deletes a message in the transaction of something else, such as the start of an execution: adds
 * to `writes` what does it. The message is then in nobody's sight until asl_queue_taken says what
 * came of it. ASL_OK, ASL_NOT_FOUND, or what gathering the writes returned. */
ASL_API int asl_queue_take(asl_queue *queue, uint64_t sequence, unsigned receives,
                           asl_writes *writes);
/* The transaction has happened, or not: then the message is there as before. Where it is told to be
 * gone and is not, since what it was given to needed no transaction, it is deleted now. */
ASL_API void asl_queue_taken(asl_queue *queue, uint64_t sequence, bool is_gone);

/* `size` set by the caller. */
typedef struct asl_queue_statistics {
    size_t size;                            /* sizeof(asl_queue_statistics) */
    uint64_t messages;                      /* all of them */
    uint64_t visible;                       /* of these can be received now */
    uint64_t hidden;                        /* are received, delayed, or just being changed */
    int64_t oldest_sent_ms;                 /* 0: there is none */
    uint64_t sent, received, deleted, dead; /* since it was opened */
} asl_queue_statistics;
/* ASL_OK, ASL_MISUSE (the size). */
ASL_API int asl_queue_read_statistics(const asl_queue *queue, asl_queue_statistics *statistics);

#ifdef __cplusplus
}
#endif
#endif
