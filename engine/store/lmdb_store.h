/* The LMDB store as its files see it: lmdb_folder.c guards the folder, lmdb_open.c opens the
 * environment in it, lmdb_write.c makes transactions, lmdb_read.c reads. */
#ifndef ASL_STORE_LMDB_STORE_H
#define ASL_STORE_LMDB_STORE_H

#include <lmdb.h>
#include <sys/types.h>

#include "store/backend.h"
#include "store/lmdb_layout.h"

/* A store's folder, open. Descriptors are -1 where there is none. */
typedef struct asl_folder {
    int folder_fd, owner_fd;
    dev_t device;
    ino_t inode;
} asl_folder;

typedef struct asl_lmdb_store asl_lmdb_store;
struct asl_lmdb_store {
    asl_store base;
    asl_lmdb_store *next_open; /* the process's list of open stores */
    asl_folder folder;
    char *path;
    size_t path_size;
    MDB_env *env;
    uint32_t format; /* of the store as it was opened, or as it was brought up to */
    MDB_dbi tables[ASL_LMDB_TABLES];
    asl_next_row next;         /* as committed; touched by the committing thread */
    int64_t readers_checked_s; /* monotonic */
};

/* Makes the folder (and what leads to it) where it is missing and may be made, opens and checks it,
 * and for a writer locks it. ASL_OK, ASL_IO, ASL_NOT_FOUND, ASL_STORE_LOCKED. */
int asl_folder_open(const asl_store_options *options, asl_folder *ret_folder, asl_error **error);
void asl_folder_close(asl_folder *folder);
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
/* Writes a row of two parts with its checksum. An LMDB code. */
int asl_lmdb_put(const asl_lmdb_store *store, MDB_txn *txn, asl_lmdb_table table,
                 const asl_lmdb_key *key, const void *first, size_t first_size, const void *second,
                 size_t second_size, unsigned flags);

int asl_lmdb_write(asl_store *store, asl_batch *first, const asl_store_clock *clock,
                   asl_batch **ret_next);

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

#endif
