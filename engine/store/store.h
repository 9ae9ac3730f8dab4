/* The store interface: asynchronous batches plus reads.
 *
 * A batch is for one execution or one host operation. Submitting never blocks; `commit` makes
 * everything submitted durable, in order, in as few transactions as it likes, and reports each
 * batch by its `done`. Implementations: memory (completes inside commit without a flush) and LMDB.
 * One suite of behaviour in tests/unit/store runs over all of them. */
#ifndef ASL_STORE_INTERNAL_H
#define ASL_STORE_INTERNAL_H

#include <asl/store.h>
#include <asl/table.h>

#include "base/buffer.h"

/* One gathered write; internal view of asl_writes. */
typedef struct asl_write {
    const char *table;
    const void *key, *row; /* row NULL: delete */
    size_t key_size, row_size;
} asl_write;
size_t asl_writes_count(const asl_writes *writes);
asl_write asl_writes_at(const asl_writes *writes, size_t index);
int asl_writes_status(const asl_writes *writes);

/* What a batch changes in an execution's head. */
typedef struct asl_head {
    uint64_t number;
    uint64_t definition; /* number of the definition's text in the store */
    uint64_t first_lsn;  /* of its first record, 0: not known; these two are the store's */
    uint64_t last_lsn;   /* of its newest record */
    uint64_t event_count;
    uint64_t input_hash;
    int64_t start_ms, stop_ms;
    int64_t passive_until_ms; /* RUNNING, and nobody has to look at it before; 0: it is active */
    asl_execution_status status;
    const char *machine, *name; /* borrowed for the call that gives or takes it */
} asl_head;

/* An execution of an EXPRESS machine is stored under "NAME:UUID": no other name can have a colon.
 */
asl_machine_type asl_head_type(const asl_head *head);

typedef struct asl_batch asl_batch;
struct asl_batch {
    asl_batch *next; /* the store's, while it is queued */
    int status;      /* the store's */
    /* Reports the batch, on the thread that called commit: ASL_OK, ASL_EXISTS (the name was taken),
     * ASL_STORE_FULL (stays queued by the engine's choice: submit it again), ASL_STORE_LOST,
     * ASL_NOMEM, ASL_NOT_FOUND (no such execution), ASL_MISUSE (a number that was not reserved),
     * ASL_TOO_LARGE, ASL_READ_ONLY, or the status that its writes failed to gather with. The batch
     * is the engine's again: it may be freed or submitted inside the call. */
    void (*done)(asl_batch *batch, int status);
    void *owner;
    asl_head head;               /* number 0: no execution: only writes */
    bool is_start;               /* condition: (machine, name) is free */
    const char *definition_text; /* is_start: stored once; where head.definition is 0 the store
                                    finds or adds it */
    size_t definition_size;
    const void *record; /* appended to the log; NULL: no execution */
    size_t record_size;
    const asl_writes *writes; /* NULL: none */
    /* Output, valid in `done`: */
    uint64_t lsn;      /* of the record */
    uint64_t existing; /* ASL_EXISTS: the execution that has the name */
};

/* The part of a store's executions that an engine runs: those whose number leaves `index`. */
typedef struct asl_share {
    unsigned index, count;
} asl_share;
static inline bool asl_share_has(asl_share share, uint64_t number)
{
    return number % share.count == share.index;
}

/* Numbers of new executions: 1, 2, 3, ..., of which a share takes its own; one that is passed over,
 * or reserved and not used, stays unused. */
uint64_t asl_store_reserve(asl_store *store, asl_share share);
/* The next one: greater than all that there are. */
uint64_t asl_store_next_number(asl_store *store);
void asl_store_submit(asl_store *store, asl_batch *batch);
/* Makes all that was submitted durable. ASL_OK, or what kept it: ASL_STORE_FULL (batches that did
 * not go in are reported with it), ASL_STORE_LOST (the store is poisoned), ASL_IO, ASL_NOMEM. */
int asl_store_commit(asl_store *store);
bool asl_store_has_pending(const asl_store *store);

/* Reads; each sees what is committed. Bytes given to a callback are borrowed for the call. */
int asl_store_read_head(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                        asl_error **error);
/* The machine's execution of a name: number and input hash. ASL_NOT_FOUND. */
int asl_store_find_name(asl_store *store, const char *machine, const char *name,
                        uint64_t *ret_number, uint64_t *ret_input_hash);
/* The records of an execution, oldest first. `visit` returns ASL_OK to go on. */
typedef int (*asl_record_visit)(void *context, uint64_t lsn, const void *record, size_t size);
int asl_store_read_records(asl_store *store, uint64_t number, asl_record_visit visit, void *context,
                           asl_error **error);
/* The same, newest first, until `visit` returns ASL_STORE_STOP, which is ASL_OK here. What is not
 * visited is not read. */
int asl_store_read_records_back(asl_store *store, uint64_t number, asl_record_visit visit,
                                void *context, asl_error **error);
#define ASL_STORE_STOP 1
/* The first record and the last, once where they are one, and the head that they belong to, which
 * is there before the first visit. */
int asl_store_read_ends(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                        asl_record_visit visit, void *context, asl_error **error);
/* The executions that run and are not passive, in order of their numbers. */
typedef int (*asl_number_visit)(void *context, uint64_t number);
int asl_store_read_running(asl_store *store, asl_number_visit visit, void *context,
                           asl_error **error);
/* A passive execution: it waits until then, INT64_MAX: until it is called. They are in the order of
 * both numbers. */
typedef struct asl_passive {
    int64_t until_ms;
    uint64_t number;
} asl_passive;
/* The engine that reads the passive executions of a share again: the first one that wants to.
 * False: there is one, others divide the store in another way, or it keeps none apart. It gives the
 * claim back when it goes. */
bool asl_store_claim_passive(asl_store *store, asl_share share);
void asl_store_unclaim_passive(asl_store *store, asl_share share);
/* Up to `room` passive executions behind `after` into `items`; *ret_count says how many. */
int asl_store_read_passive(asl_store *store, asl_passive after, asl_passive *items, size_t room,
                           size_t *ret_count, asl_error **error);
/* A definition's text into `text`. */
int asl_store_read_definition(asl_store *store, uint64_t definition, asl_buffer *text,
                              asl_error **error);
/* One row of a host's table into `row`. ASL_NOT_FOUND. */
int asl_store_read_row(asl_store *store, const char *table, const void *key, size_t key_size,
                       asl_buffer *row, asl_error **error);
/* The rows of a table from a key on (NULL: the first), in key order, until `visit` returns false.
 */
int asl_store_scan_rows(asl_store *store, const char *table, const void *from, size_t from_size,
                        asl_table_visit visit, void *context, asl_error **error);
/* The rows of a table below a key (NULL: from the last one), in falling key order, the same way. */
int asl_store_scan_rows_back(asl_store *store, const char *table, const void *before,
                             size_t before_size, asl_table_visit visit, void *context,
                             asl_error **error);
/* 32 secret bytes that the store keeps: for keys and tokens. */
void asl_store_secret(asl_store *store, unsigned char ret_secret[32]);
/* The store's heap. */
const asl_heap *asl_store_heap(const asl_store *store);
/* (real, engine) time of the last commit, 0 where there is none yet: engine time goes on from
 * there. */
void asl_store_times(asl_store *store, int64_t *ret_real_ms, int64_t *ret_engine_ms);
void asl_store_set_times(asl_store *store, int64_t real_ms,
                         int64_t engine_ms); /* goes with the next commit */

#endif
