/* The tail: the newest change of each execution that its head in the store does not have yet, by
 * its number. The log is where they come from: what is above the checkpoint can be read into it
 * again. */
#ifndef ASL_STORE_LMDB_TAIL_H
#define ASL_STORE_LMDB_TAIL_H

#include "store/lmdb_layout.h"

typedef struct asl_tail {
    const asl_heap *heap;
    asl_change *slots; /* open addressing; number 0: free */
    size_t capacity, count;
    uint64_t from_lsn, upto_lsn; /* a reader's: the part of the log that it was read from */
} asl_tail;

void asl_tail_init(asl_tail *tail, const asl_heap *heap);
void asl_tail_done(asl_tail *tail);
/* Makes room for so many more. ASL_OK, ASL_NOMEM. */
int asl_tail_reserve(asl_tail *tail, size_t more);
/* Adds a change, for which there is room, in place of an older one. */
void asl_tail_put(asl_tail *tail, const asl_change *change);
/* Adds all of another one. */
void asl_tail_merge(asl_tail *tail, const asl_tail *other);
/* Borrowed until the next call that changes the tail; NULL: there is none. */
const asl_change *asl_tail_find(const asl_tail *tail, uint64_t number);
/* Takes a change out. */
void asl_tail_remove(asl_tail *tail, uint64_t number);
/* Takes all of them out; much more room than was needed is given back. */
void asl_tail_clear(asl_tail *tail);
/* The numbers of executions with a change, or of those that are active by it, in their order, into
 * an array that has room for tail->count. Returns how many there are. */
size_t asl_tail_numbers(const asl_tail *tail, bool only_active, uint64_t *numbers);

/* Carries a change out on a head that is older. */
void asl_change_apply(const asl_change *change, asl_head *head);
/* Whether an execution belongs into `running`. */
bool asl_head_is_active(asl_execution_status status, int64_t passive_until_ms);

typedef struct asl_lmdb_store asl_lmdb_store;
/* The checkpoint's LSN and the next record's as a transaction sees them; the same where there is no
 * checkpoint: then heads say all. */
int asl_tail_read_bounds(const asl_lmdb_store *store, MDB_txn *txn, uint64_t *ret_from,
                         uint64_t *ret_upto);
/* Reads what the log has that the tail has not, as far as the transaction sees it. ASL_OK,
 * ASL_NOMEM, ASL_STORE_CORRUPT, ASL_STORE_NEWER, ASL_IO. */
int asl_tail_catch_up(asl_tail *tail, const asl_lmdb_store *store, MDB_txn *txn);

/* A checkpoint that is being made: the executions whose changes are carried out, and how far it has
 * come. */
typedef struct asl_checkpoint {
    uint64_t lsn;      /* the one that is stored */
    int64_t done_ms;   /* monotonic: when the last one was done */
    uint64_t *numbers; /* NULL: none is being made */
    size_t count, capacity;
    size_t done, written; /* in earlier transactions; in this one */
    uint64_t until_lsn;   /* what it will be when all are done */
    bool is_last;         /* this transaction has stored it */
} asl_checkpoint;

#endif
