/* The LMDB store as its files see it: lmdb_folder.c guards the folder, lmdb_open.c opens the
 * environment in it, lmdb_write.c makes transactions, lmdb_checkpoint.c what they leave for later;
 * lmdb_read.c, lmdb_places.c and lmdb_rows.c read. */
#ifndef ASL_STORE_LMDB_STORE_H
#define ASL_STORE_LMDB_STORE_H

#include <lmdb.h>
#include <sys/types.h>

#include "store/backend.h"
#include "store/lmdb_map.h"
#include "store/lmdb_tail.h"

/* A store's folder, open. Descriptors are -1 where there is none. */
typedef struct asl_folder {
    int folder_fd, owner_fd;
    dev_t device;
    ino_t inode;
} asl_folder;

struct asl_lmdb_store {
    asl_store base;
    asl_lmdb_store *next_open; /* the process's list of open stores */
    asl_folder folder;
    char *path;
    size_t path_size;
    MDB_env *env; /* whose context is this store */
    asl_lmdb_map map;
    uint32_t format; /* of the store as it was opened, or as it was brought up to */
    MDB_dbi tables[ASL_LMDB_TABLES];
    asl_next_row next; /* as committed; touched by the committing thread */
    /* What the log says that heads and `running` do not say yet. A writer's is exact behind every
     * commit, a reader's is brought up to the transaction that reads. */
    asl_tail tail;
    pthread_mutex_t tail_lock;
    asl_tail changes; /* of the transaction that is being made */
    asl_checkpoint checkpoint;
    asl_buffer head_row; /* where a checkpoint makes one; there is room for all that there are */
    bool is_loaded;      /* it was opened as a whole */
    int64_t readers_checked_ms; /* monotonic */
};

static inline asl_lmdb_map *asl_lmdb_map_of(MDB_env *env)
{
    return &((asl_lmdb_store *)mdb_env_get_userctx(env))->map;
}

/* Makes the folder (and what leads to it) where it is missing and may be made, opens and checks it,
 * and for a writer locks it. ASL_OK, ASL_IO, ASL_NOT_FOUND, ASL_STORE_LOCKED. */
int asl_folder_open(const asl_store_options *options, asl_folder *ret_folder, asl_error **error);
void asl_folder_close(asl_folder *folder);
/* Empties a data file that is no store yet, since the power was cut while it was made. */
int asl_folder_begin_anew(const asl_folder *folder, const char *path, asl_error **error);
/* Makes the entry of an open folder durable. ASL_OK, ASL_IO, ASL_STORE_FULL. */
int asl_folder_sync_entry(int folder_fd, const char *path, asl_error **error);
/* Makes the folder's files and its own entry durable. */
int asl_folder_sync(const asl_folder *folder, const char *path, int data_fd, asl_error **error);
/* Whether a file system of this type (statfs) is a network's. */
bool asl_folder_is_network(uint64_t type);

/* Every store of a process stands in a list: LMDB must not be opened twice, nor used after fork. */
int asl_registry_add(asl_lmdb_store *store, asl_error **error);
void asl_registry_remove(asl_lmdb_store *store);

/* The status of an LMDB or system error code. */
int asl_lmdb_status(int code);
/* Sets "cannot WHAT the store PATH: reason"; returns the code's status. */
int asl_lmdb_error(const asl_lmdb_store *store, int code, const char *what, asl_error **error);
/* Sets "the store PATH is damaged: WHAT"; returns `status`, ASL_STORE_CORRUPT or ASL_STORE_NEWER.
 */
int asl_lmdb_damage(const asl_lmdb_store *store, int status, asl_error **error, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* One row, its checksum right and taken off; it lives as long as the transaction. ASL_NOT_FOUND,
 * ASL_STORE_CORRUPT, ASL_IO. */
int asl_lmdb_get(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                 const asl_lmdb_key *key, MDB_val *ret_row);
/* The head of an execution, without what the log says of it; its texts stand in the map. As
 * asl_lmdb_get, and ASL_STORE_NEWER. */
int asl_lmdb_get_head(const asl_lmdb_store *store, MDB_txn *txn, uint64_t number,
                      asl_head_row *ret_row);
/* The same of a row that a cursor has found. */
int asl_lmdb_read_head_row(const MDB_val *key, MDB_val *row, asl_head_row *ret_row);
/* A record of an execution, which stands in the map. As asl_lmdb_get_head; ASL_STORE_CORRUPT where
 * it is another one's. */
int asl_lmdb_get_record(const asl_lmdb_store *store, MDB_txn *txn, uint64_t number, uint64_t lsn,
                        asl_log_row *ret_row);
/* How many rows a table has. */
uint64_t asl_lmdb_count(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table);
/* Writes a row of two parts with its checksum. An LMDB code. */
int asl_lmdb_put(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                 const asl_lmdb_key *key, const void *first, size_t first_size, const void *second,
                 size_t second_size, unsigned flags);

/* Deleting what is not there is no failure. */
int asl_lmdb_delete(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                    const asl_lmdb_key *key);

/* lmdb_read.c: for functions that read. */
void asl_lmdb_end(MDB_txn **txn);
void asl_lmdb_end_cursor(MDB_cursor **cursor);
/* A transaction to read in. */
int asl_lmdb_begin(const asl_lmdb_store *store, MDB_txn **ret_txn, asl_error **error);
/* The same for who reads heads or `running`: a reader's tail is then as new as the transaction.
 * *ret_change is the change of an execution that its head may not have yet, its number 0 where
 * there is none; NULL for number 0. */
int asl_lmdb_begin_tail(asl_lmdb_store *store, uint64_t number, MDB_txn **ret_txn,
                        asl_change *ret_change, asl_error **error);
/* The newest change of an execution, which may be newer than a transaction; false: there is none.
 */
bool asl_lmdb_find_change(asl_lmdb_store *store, uint64_t number, asl_change *ret_change);
/* Opens a cursor and moves it to the first row of at least this key. ASL_NOT_FOUND: there is none.
 */
int asl_lmdb_seek(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                  const asl_lmdb_key *from, MDB_cursor **ret_cursor, MDB_val *key, MDB_val *row);
int asl_lmdb_next(MDB_cursor *cursor, MDB_val *key, MDB_val *row);
/* mdb_cursor_get, whose answer lies in the file, or is MDB_CORRUPTED. */
int asl_lmdb_move(MDB_cursor *cursor, MDB_val *key, MDB_val *row, MDB_cursor_op move);

/* lmdb_checkpoint.c. Changes that are still to be carried out are, some in every transaction, once
 * there are many of them or they are old. `written`: how many batches the transaction has. An LMDB
 * code; `ended` says whether the transaction was committed. */
int asl_lmdb_checkpoint(asl_lmdb_store *store, MDB_txn *txn, size_t written);
void asl_lmdb_checkpoint_ended(asl_lmdb_store *store, bool is_committed);
/* All of them, in transactions of its own. What cannot be done is done when the store is opened
 * next. */
void asl_lmdb_checkpoint_all(asl_lmdb_store *store);
/* None is due for a while only because time goes by. */
void asl_lmdb_checkpoint_rest(asl_lmdb_store *store);
/* Stores where the log's changes begin that heads do not have. An LMDB code. */
int asl_lmdb_put_checkpoint(const asl_lmdb_store *store, MDB_txn *txn, uint64_t lsn);
/* Reads the tail of a store that is opened to be written. */
int asl_lmdb_load_tail(asl_lmdb_store *store, asl_error **error);

/* What a failed transaction means: the status, after which the store may be lost. */
int asl_lmdb_judge(asl_lmdb_store *store, int code);
int asl_lmdb_write(asl_store *store, asl_batch *first, const asl_store_clock *clock,
                   asl_batch **ret_next);

int asl_lmdb_purge(asl_store *store, const asl_purge_options *options, asl_purge *progress,
                   asl_error **error);
int asl_lmdb_backup(asl_store *store, const char *folder, asl_error **error);
int asl_lmdb_verify(asl_store *store, const asl_verify_options *options, asl_error **error);
int asl_lmdb_read_statistics(asl_store *store, asl_store_statistics *statistics, asl_error **error);

int asl_lmdb_read_head(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                       asl_error **error);
int asl_lmdb_find_name(asl_store *store, const char *machine, const char *name,
                       uint64_t *ret_number, uint64_t *ret_input_hash);
int asl_lmdb_find_any(asl_store *store, const char *name, uint64_t *ret_number, asl_error **error);
int asl_lmdb_read_records(asl_store *store, uint64_t number, asl_record_visit visit, void *context,
                          asl_error **error);
int asl_lmdb_read_records_back(asl_store *store, uint64_t number, asl_record_visit visit,
                               void *context, asl_error **error);
int asl_lmdb_read_ends(asl_store *store, uint64_t number, asl_head *ret_head, asl_buffer *text,
                       asl_record_visit visit, void *context, asl_error **error);
int asl_lmdb_read_running(asl_store *store, asl_number_visit visit, void *context,
                          asl_error **error);
int asl_lmdb_read_passive(asl_store *store, asl_passive after, asl_passive *items, size_t room,
                          size_t *ret_count, asl_error **error);
int asl_lmdb_read_definition(asl_store *store, uint64_t definition, asl_buffer *text,
                             asl_error **error);
int asl_lmdb_list(asl_store *store, uint64_t before, asl_head_visit visit, void *context,
                  asl_error **error);
int asl_lmdb_read_row(asl_store *store, const char *table, const void *key, size_t key_size,
                      asl_buffer *row, asl_error **error);
int asl_lmdb_scan_rows(asl_store *store, const char *table, const void *from, size_t from_size,
                       asl_table_visit visit, void *context, asl_error **error);
int asl_lmdb_scan_rows_back(asl_store *store, const char *table, const void *before,
                            size_t before_size, asl_table_visit visit, void *context,
                            asl_error **error);

#endif
