/* A queue in memory: every message that the store has, without its body.
 *
 * A message is visible from a time on, which orders the heap. In memory it is one of the monotonic
 * clock, which no step of the wall touches; rows have the wall's, and for how long it is hidden,
 * which no restart makes longer. While a change of it is being committed it is `busy` and in no
 * heap, so nothing else happens to it. */
#ifndef ASL_RUNTIME_QUEUE_H
#define ASL_RUNTIME_QUEUE_H

#include <asl/queue.h>

#include "base/buffer.h"
#include "runtime/timers.h"

typedef struct asl_entry {
    asl_timer timer; /* first: at visible_ms, in the queue's heap */
    uint64_t sequence;
    int64_t sent_ms;    /* by the wall */
    int64_t visible_ms; /* monotonic */
    uint32_t bytes;     /* of its row */
    unsigned receives;
    bool is_busy;
} asl_entry;

struct asl_queue {
    const asl_heap *heap;
    asl_engine *engine;
    asl_queue_options options;
    char messages_table[ASL_TABLE_NAME_MAX + 1], leases_table[ASL_TABLE_NAME_MAX + 1];
    asl_timers visible;            /* of entries that are not busy */
    asl_entry **entries;           /* by sequence; NULL where one is gone */
    size_t first, count, capacity; /* from the first that is there */
    uint64_t messages;             /* entries that are there */
    uint64_t busy;
    uint64_t next;     /* sequence */
    uint64_t reserved; /* the store knows that numbers below this one may have been given */
    asl_watch *watch;  /* rings when the next message becomes visible */
    asl_received_function receiver; /* NULL: nobody waits */
    void *receiver_context;
    unsigned receiver_max;
    unsigned references; /* one while it is open, one for each write under way */
    bool is_closed, is_receiving;
    asl_queue_statistics counts; /* sent, received, deleted, dead */
    asl_buffer row;
};

/* queue_rows.c: the rows of the two tables. Sequences are keys of eight bytes, big-endian. */
/* What is hidden is so from now on. Gathering fails with ASL_NOMEM, or as the writes have failed
 * before. */
int asl_queue_put_message(const asl_queue *queue, asl_writes *writes, uint64_t sequence,
                          int64_t sent_ms, int64_t delay_ms, const char *id, const void *body,
                          size_t body_size);
int asl_queue_put_lease(const asl_queue *queue, asl_writes *writes, uint64_t sequence,
                        int64_t hidden_ms, unsigned receives);
int asl_queue_put_reserved(const asl_queue *queue, asl_writes *writes, uint64_t reserved);
int asl_queue_put_gone(const asl_queue *queue, asl_writes *writes, uint64_t sequence);
/* Reads a message's id and body; both stand in the queue's `row`. ASL_OK, ASL_NOT_FOUND,
 * ASL_STORE_CORRUPT, and what reading the store returns. */
int asl_queue_read_message(asl_queue *queue, uint64_t sequence, const char **ret_id,
                           const void **ret_body, size_t *ret_body_size);
/* Fills a queue with what its tables have. */
int asl_queue_load(asl_queue *queue, asl_error **error);

/* queue.c */
/* A new entry, busy. NULL when out of memory. */
asl_entry *asl_queue_add(asl_queue *queue, uint64_t sequence, int64_t sent_ms, size_t bytes);
/* A new message, busy, with the next sequence: gathers what stores it. *ret_reserved is what the
 * queue has reserved when that is durable. ASL_OK, or there is no entry: ASL_NOMEM, and as the
 * writes have failed. */
int asl_queue_begin_send(asl_queue *queue, asl_writes *writes, const asl_send *send,
                         int64_t sent_ms, asl_entry **ret_entry, uint64_t *ret_reserved);
void asl_queue_end_send(asl_queue *queue, asl_entry *entry, int64_t visible_ms, uint64_t reserved);
asl_entry *asl_queue_find(const asl_queue *queue, uint64_t sequence);
void asl_queue_remove(asl_queue *queue, asl_entry *entry);
void asl_entry_begin(asl_queue *queue, asl_entry *entry);
/* No longer busy: visible from then on. */
void asl_entry_end(asl_queue *queue, asl_entry *entry, int64_t visible_ms);
void asl_queue_ref(asl_queue *queue);
void asl_queue_unref(asl_queue *queue);

/* queue_receive.c */
/* Gives the receiver that waits what is visible, or sets the watch. Inside dispatch. */
void asl_queue_serve(asl_queue *queue);

#endif
