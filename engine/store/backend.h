/* What a store's implementation provides, and what all of them share.
 *
 * store.c keeps the queue of batches, the numbers of new executions, the times and the secret; a
 * backend keeps the data. Its `write` is called by one thread at a time; its reads by any thread at
 * any time. The struct of a backend begins with the shared asl_store. */
#ifndef ASL_STORE_BACKEND_H
#define ASL_STORE_BACKEND_H

#include <pthread.h>
#include <stdatomic.h>

#include <asl/upkeep.h>

#include "store/store.h"

/* What changes with every commit and belongs to no batch. */
typedef struct asl_store_clock {
    uint64_t next_number; /* of the next new execution */
    int64_t real_ms, engine_ms;
} asl_store_clock;

/* Lists and searches hand over what they find; a head's texts are borrowed for the call. */
typedef int (*asl_head_visit)(void *context, const asl_head *head);

typedef struct asl_store_backend {
    void (*close)(asl_store *store);
    /* Writes as many batches as one transaction takes, from `first` on, and sets the status of
     * each. *ret_next is the first one left. What is not ASL_OK is why a transaction did not
     * happen; then its batches have that status too. */
    int (*write)(asl_store *store, asl_batch *first, const asl_store_clock *clock,
                 asl_batch **ret_next);
    int (*read_head)(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                     asl_error **error);
    int (*find_name)(asl_store *store, const char *machine, const char *name, uint64_t *ret_number,
                     uint64_t *ret_input_hash);
    /* The execution of a name in any machine; ASL_MISUSE where several have one. */
    int (*find_any)(asl_store *store, const char *name, uint64_t *ret_number, asl_error **error);
    int (*read_records)(asl_store *store, uint64_t number, asl_record_visit visit, void *context,
                        asl_error **error);
    int (*read_records_back)(asl_store *store, uint64_t number, asl_record_visit visit,
                             void *context, asl_error **error);
    int (*read_ends)(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                     asl_record_visit visit, void *context, asl_error **error);
    int (*read_running)(asl_store *store, asl_number_visit visit, void *context, asl_error **error);
    /* NULL: it keeps no passive executions apart, and takes them for active ones. */
    int (*read_passive)(asl_store *store, asl_passive after, asl_passive *items, size_t room,
                        size_t *ret_count, asl_error **error);
    int (*read_definition)(asl_store *store, uint64_t definition, asl_buffer *text,
                           asl_error **error);
    /* Heads below `before`, newest first, while `visit` returns ASL_OK. */
    int (*list)(asl_store *store, uint64_t before, asl_head_visit visit, void *context,
                asl_error **error);
    /* Upkeep; NULL: nothing can be done. */
    int (*read_statistics)(asl_store *store, asl_store_statistics *statistics, asl_error **error);
    int (*verify)(asl_store *store, const asl_verify_options *options, asl_error **error);
    int (*backup)(asl_store *store, const char *folder, asl_error **error);
    /* Under the commit lock. */
    int (*purge)(asl_store *store, const asl_purge_options *options, asl_purge *progress,
                 asl_error **error);
    int (*read_row)(asl_store *store, const char *table, const void *key, size_t key_size,
                    asl_buffer *row, asl_error **error);
    int (*scan_rows)(asl_store *store, const char *table, const void *from, size_t from_size,
                     asl_table_visit visit, void *context, asl_error **error);
    int (*scan_rows_back)(asl_store *store, const char *table, const void *before,
                          size_t before_size, asl_table_visit visit, void *context,
                          asl_error **error);
} asl_store_backend;

struct asl_store {
    const asl_store_backend *backend;
    const asl_heap *heap;
    bool read_only;
    asl_durability durability; /* of the process that writes, or wrote last */
    atomic_int lost;           /* not ASL_OK: everything is refused with it from now on */
    pthread_mutex_t commit_lock;
    pthread_mutex_t lock;    /* guards the rest */
    uint64_t passive_claims; /* a bit for each share whose passive executions an engine reads, */
    unsigned passive_shares; /* of so many */
    asl_batch *first, *last;
    asl_store_clock clock;      /* what the next commit writes */
    int64_t real_ms, engine_ms; /* of the last commit */
    unsigned char secret[32];
};

void asl_store_init(asl_store *store, const asl_store_backend *backend, const asl_heap *heap,
                    bool read_only);
void asl_store_done(asl_store *store);

/* The backend's `list`, where the store is usable. */
int asl_store_list_heads(asl_store *store, uint64_t before, asl_head_visit visit, void *context,
                         asl_error **error);

int asl_memory_store_open(const asl_heap *heap, asl_store **ret_store, asl_error **error);
int asl_lmdb_store_compact(const asl_store_options *options, asl_error **error);
/* ASL_OK, or why the store cannot be used any more. */
int asl_store_check_usable(asl_store *store, asl_error **error);
int asl_lmdb_store_open(const asl_store_options *options, asl_store **ret_store, asl_error **error);

#endif
