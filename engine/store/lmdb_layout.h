/* The stored format, version 2: what stands in the folder of a store, byte for byte.
 *
 *     data.mdb  lock.mdb   one LMDB environment
 *     owner                locked (flock) by the process that writes; holds its number as text
 *
 * Numbers in keys are big-endian, so that keys sort as numbers; numbers in rows are little-endian
 * and of fixed size. Every row ends with the CRC32C (u32) of the database's index in this table
 * (one byte), the key and the row before it, so a row that was damaged or stands under a wrong key
 * is found out. Without it, the rows are:
 *
 *     log              LSN u64               format u8, execution u64, previous LSN u64, change
 *                                            (format 2), record
 *     execution        number u64            format u8, status u8, machine u32, definition u64,
 *                                            last LSN u64, event count u64, input hash u64, start
 *                                            i64, stop i64, first LSN u64 (format 2), passive
 *                                            until i64 (format 3), machine's name NUL, name NUL
 *     name             machine u32, name     execution u64, input hash u64
 *     running          number u64            (nothing)
 *     passive          until i64, number u64 (nothing); INT64_MAX: until it is called
 *     machine          name                  number u32
 *     definition       number u64            format u8, text
 *     definition_hash  hash u64, number u64  (nothing)
 *     table            table NUL key         the host's row
 *     meta             "format"              version u32
 *                      "secret"              32 bytes
 *                      "next"                LSN u64, number u64, definition u64, machine u32, real
 *                                            time i64, engine time i64
 *                      "durability"          u8, how the process that writes, or wrote last, makes
 *                                            commits durable: 1 full (or no row), 2 relaxed
 *                      "checkpoint"          LSN u64 (version 2): see 3
 *
 * A change is what a record makes of its execution's head: status u8, with 16 added where a stop
 * follows and 32 where a time follows until when it is passive; event count u64, stop i64, passive
 * until i64.
 *
 * What always holds between transactions:
 * 1. A row of `log` is written once and never changed; LSNs grow by 1 and are never used again.
 * 2. The previous LSN of a record is smaller than its own and belongs to the same execution; 0: it
 *    is the first. The chain from a head's last LSN reaches every record of the execution, and ends
 *    at its first LSN; a head of format 1 does not say which that is.
 * 3. What a start makes, new rows of `passive` and the host's rows are written in the transaction
 *    of the record that they came with. Later changes of heads and of `running`, and what a head
 *    says no more of `passive`, follow at checkpoints: all that is below the checkpoint's LSN has
 *    been carried out, and a head whose last LSN is below that of a change in the log behind it is
 *    older than the change.
 * 4. An execution whose head, with the log's changes, says RUNNING has a row in `passive` where it
 *    says until when it is, else one in `running`, with the log's changes. A row of these that is
 *    not so is one of an execution with a change in the log behind the checkpoint.
 * 5. `name` has a row for every head; a name outlives a head, never the other way round.
 * 6. A machine's number and a definition's number are given once. A definition's text is stored
 *    once: equal texts have one number.
 * 7. All numbers in "next" are greater than every number in use.
 * 8. A machine's name is its own row because a key has at most 511 bytes, and two names of 80
 *    characters can be longer than that.
 *
 * A store of version 1 has neither `passive` nor checkpoints nor changes; it is given them, and
 * version 2, when it is opened to be written. */
#ifndef ASL_STORE_LMDB_LAYOUT_H
#define ASL_STORE_LMDB_LAYOUT_H

#include <lmdb.h>

#include "store/store.h"

#define ASL_STORE_FORMAT 2u
#define ASL_LOG_ROW_FORMAT 2u
#define ASL_HEAD_ROW_FORMAT 3u
#define ASL_DEFINITION_ROW_FORMAT 1u

#define ASL_LMDB_KEY_MAX 511u
#define ASL_MACHINE_BYTES_MAX 400u /* 80 characters take 320 */
#define ASL_NAME_BYTES_MAX 400u
#define ASL_HEAD_ROW_BYTES_MAX 1024u

/* Stored, in the checksums: append only. */
typedef enum asl_lmdb_table {
    ASL_LMDB_LOG,
    ASL_LMDB_EXECUTION,
    ASL_LMDB_NAME,
    ASL_LMDB_RUNNING,
    ASL_LMDB_MACHINE,
    ASL_LMDB_DEFINITION,
    ASL_LMDB_DEFINITION_HASH,
    ASL_LMDB_TABLE,
    ASL_LMDB_META,
    ASL_LMDB_PASSIVE,
    ASL_LMDB_TABLES
} asl_lmdb_table;

const char *asl_lmdb_table_name(asl_lmdb_table table);

/* A key that is being made. */
typedef struct asl_lmdb_key {
    unsigned char bytes[ASL_LMDB_KEY_MAX];
    size_t size;
} asl_lmdb_key;

void asl_lmdb_key_u64(asl_lmdb_key *key, uint64_t number);
void asl_lmdb_key_u64_pair(asl_lmdb_key *key, uint64_t first, uint64_t second);
/* False where the parts do not fit. */
bool asl_lmdb_key_name(asl_lmdb_key *key, uint32_t machine, const char *name);
bool asl_lmdb_key_text(asl_lmdb_key *key, const char *text);
bool asl_lmdb_key_row(asl_lmdb_key *key, const char *table, const void *row_key, size_t size);
/* What is above all rows of a table and below those of every other one that follows. */
bool asl_lmdb_key_behind_rows(asl_lmdb_key *key, const char *table);
/* The number that a key of 8 bytes is; 0 where it has another size. */
uint64_t asl_lmdb_key_number(const MDB_val *key);
/* What a key of `passive` says; false where it says nothing. */
bool asl_lmdb_passive_decode(const MDB_val *key, asl_passive *ret_passive);

/* The checksum of a row whose body is in two parts. */
uint32_t asl_lmdb_checksum(asl_lmdb_table table, const MDB_val *key, const void *first,
                           size_t first_size, const void *second, size_t second_size);
/* Takes the checksum off *row; false where it is not right. */
bool asl_lmdb_unseal(asl_lmdb_table table, const MDB_val *key, MDB_val *row);

/* The 64-bit hash of a definition's text (FNV-1a): equal texts are found by it and compared. */
uint64_t asl_lmdb_definition_hash(const char *text, size_t size);

/* A number as rows hold it: 8 bytes, the lowest first. */
void asl_lmdb_put_u64(unsigned char *bytes, uint64_t number);

/* What a record makes of its execution's head. */
typedef struct asl_change {
    uint64_t number; /* of the execution; 0: no change */
    uint64_t lsn;    /* of the record */
    uint64_t event_count;
    int64_t stop_ms, passive_until_ms;
    asl_execution_status status;
} asl_change;

#define ASL_LOG_FRAME_MAX 42u /* before the record */

typedef struct asl_log_row {
    uint64_t previous_lsn;
    asl_change change; /* format 1: its number is set alone; its LSN is the row's key */
    bool has_change;
    const char *record;
    size_t record_size;
} asl_log_row;
/* Returns the frame's size. */
size_t asl_log_frame_encode(unsigned char frame[ASL_LOG_FRAME_MAX], const asl_change *change,
                            uint64_t previous_lsn);
/* These return ASL_OK, ASL_STORE_CORRUPT or ASL_STORE_NEWER. */
int asl_log_row_decode(const MDB_val *row, asl_log_row *ret_row);

typedef struct asl_head_row {
    asl_head head; /* machine and name stand in the row */
    uint32_t machine;
} asl_head_row;
void asl_head_row_encode(asl_buffer *buffer, const asl_head_row *row);
int asl_head_row_decode(uint64_t number, const MDB_val *bytes, asl_head_row *ret_row);

typedef struct asl_name_row {
    uint64_t execution, input_hash;
} asl_name_row;
void asl_name_row_encode(asl_buffer *buffer, const asl_name_row *row);
int asl_name_row_decode(const MDB_val *bytes, asl_name_row *ret_row);

typedef struct asl_next_row {
    uint64_t lsn, number, definition;
    uint32_t machine;
    int64_t real_ms, engine_ms;
} asl_next_row;
void asl_next_row_encode(asl_buffer *buffer, const asl_next_row *row);
int asl_next_row_decode(const MDB_val *bytes, asl_next_row *ret_row);

#endif
