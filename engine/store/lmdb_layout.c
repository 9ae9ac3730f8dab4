/* Keys and rows of the stored format as bytes, and back. Reading never trusts a size. */
#include "store/lmdb_layout.h"

#include <string.h>

#include "base/crc32c.h"

const char *asl_lmdb_table_name(asl_lmdb_table table)
{
    static const char *const names[] = {
        "log",        "execution",       "name",  "running", "machine",
        "definition", "definition_hash", "table", "meta",    "passive",
    };
    _Static_assert(sizeof names / sizeof names[0] == ASL_LMDB_TABLES, "a name for every table");
    return names[table];
}

static void append_big_endian(asl_lmdb_key *key, uint64_t number, size_t size)
{
    for (size_t i = size; i-- > 0;)
        key->bytes[key->size++] = (unsigned char)(number >> (8 * i));
}

static bool append_bytes(asl_lmdb_key *key, const void *bytes, size_t size)
{
    if (size > sizeof key->bytes - key->size)
        return false;
    if (size > 0)
        memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
    return true;
}

void asl_lmdb_key_u64(asl_lmdb_key *key, uint64_t number)
{
    key->size = 0;
    append_big_endian(key, number, 8);
}

void asl_lmdb_key_u64_pair(asl_lmdb_key *key, uint64_t first, uint64_t second)
{
    asl_lmdb_key_u64(key, first);
    append_big_endian(key, second, 8);
}

bool asl_lmdb_key_name(asl_lmdb_key *key, uint32_t machine, const char *name)
{
    size_t size = strlen(name);
    key->size = 0;
    append_big_endian(key, machine, 4);
    return size >= 1 && size <= ASL_NAME_BYTES_MAX && append_bytes(key, name, size);
}

bool asl_lmdb_key_text(asl_lmdb_key *key, const char *text)
{
    size_t size = strlen(text);
    key->size = 0;
    return size >= 1 && append_bytes(key, text, size);
}

bool asl_lmdb_key_row(asl_lmdb_key *key, const char *table, const void *row_key, size_t size)
{
    key->size = 0;
    return append_bytes(key, table, strlen(table) + 1) && append_bytes(key, row_key, size);
}

bool asl_lmdb_key_behind_rows(asl_lmdb_key *key, const char *table)
{
    key->size = 0;
    return append_bytes(key, table, strlen(table)) && append_bytes(key, "\1", 1);
}

static uint64_t read_big_endian(const unsigned char *bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

uint64_t asl_lmdb_key_number(const MDB_val *key)
{
    return key->mv_size == 8 ? read_big_endian(key->mv_data) : 0;
}

bool asl_lmdb_passive_decode(const MDB_val *key, asl_passive *ret_passive)
{
    if (key->mv_size != 16)
        return false;
    ret_passive->until_ms = (int64_t)read_big_endian(key->mv_data);
    ret_passive->number = read_big_endian((const unsigned char *)key->mv_data + 8);
    return ret_passive->until_ms > 0 && ret_passive->number > 0;
}

uint32_t asl_lmdb_checksum(asl_lmdb_table table, const MDB_val *key, const void *first,
                           size_t first_size, const void *second, size_t second_size)
{
    unsigned char index = (unsigned char)table;
    uint32_t crc = asl_crc32c(0, &index, 1);
    crc = asl_crc32c(crc, key->mv_data, key->mv_size);
    crc = asl_crc32c(crc, first, first_size);
    return asl_crc32c(crc, second, second_size);
}

bool asl_lmdb_unseal(asl_lmdb_table table, const MDB_val *key, MDB_val *row)
{
    if (row->mv_size < 4)
        return false;
    size_t size = row->mv_size - 4;
    asl_cursor cursor;
    asl_cursor_init(&cursor, (const char *)row->mv_data + size, 4);
    uint32_t stored = asl_cursor_u32(&cursor);
    row->mv_size = size;
    return stored == asl_lmdb_checksum(table, key, row->mv_data, size, "", 0);
}

uint64_t asl_lmdb_definition_hash(const char *text, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
    return hash;
}

void asl_lmdb_put_u64(unsigned char *bytes, uint64_t number)
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
}

#define CHANGE_HAS_STOP 16u
#define CHANGE_HAS_PASSIVE 32u

size_t asl_log_frame_encode(unsigned char frame[ASL_LOG_FRAME_MAX], const asl_change *change,
                            uint64_t previous_lsn)
{
    unsigned status = change->status;
    size_t size = 26;
    frame[0] = ASL_LOG_ROW_FORMAT;
    asl_lmdb_put_u64(frame + 1, change->number);
    asl_lmdb_put_u64(frame + 9, previous_lsn);
    asl_lmdb_put_u64(frame + 18, change->event_count);
    if (change->stop_ms != 0) {
        status |= CHANGE_HAS_STOP;
        asl_lmdb_put_u64(frame + size, (uint64_t)change->stop_ms);
        size += 8;
    }
    if (change->passive_until_ms != 0) {
        status |= CHANGE_HAS_PASSIVE;
        asl_lmdb_put_u64(frame + size, (uint64_t)change->passive_until_ms);
        size += 8;
    }
    frame[17] = (unsigned char)status;
    return size;
}

static void read_change(asl_cursor *cursor, asl_change *change)
{
    unsigned status = asl_cursor_byte(cursor);
    change->event_count = asl_cursor_u64(cursor);
    if ((status & CHANGE_HAS_STOP) != 0)
        change->stop_ms = (int64_t)asl_cursor_u64(cursor);
    if ((status & CHANGE_HAS_PASSIVE) != 0)
        change->passive_until_ms = (int64_t)asl_cursor_u64(cursor);
    status &= ~(CHANGE_HAS_STOP | CHANGE_HAS_PASSIVE);
    change->status = (asl_execution_status)status;
    if (status > ASL_EXECUTION_ABORTED)
        cursor->bad = 1;
}

/* The format byte of a row, 1 to `known`: ASL_OK, ASL_STORE_NEWER, ASL_STORE_CORRUPT. */
static int read_format(asl_cursor *cursor, unsigned known, uint8_t *ret_format)
{
    *ret_format = asl_cursor_byte(cursor);
    if (*ret_format > known)
        return ASL_STORE_NEWER;
    return *ret_format >= 1 ? ASL_OK : ASL_STORE_CORRUPT;
}

int asl_log_row_decode(const MDB_val *row, asl_log_row *ret_row)
{
    asl_cursor cursor;
    asl_cursor_init(&cursor, row->mv_data, row->mv_size);
    uint8_t format;
    int status = read_format(&cursor, ASL_LOG_ROW_FORMAT, &format);
    asl_log_row read = {0};
    read.change.number = asl_cursor_u64(&cursor);
    read.previous_lsn = asl_cursor_u64(&cursor);
    read.has_change = format >= 2;
    if (read.has_change)
        read_change(&cursor, &read.change);
    read.record_size = (size_t)(cursor.end - cursor.next);
    read.record = asl_cursor_slice(&cursor, read.record_size);
    if (status == ASL_OK && cursor.bad)
        status = ASL_STORE_CORRUPT;
    if (status == ASL_OK)
        *ret_row = read;
    return status;
}

void asl_head_row_encode(asl_buffer *buffer, const asl_head_row *row)
{
    const asl_head *head = &row->head;
    asl_buffer_byte(buffer, (char)ASL_HEAD_ROW_FORMAT);
    asl_buffer_byte(buffer, (char)head->status);
    asl_buffer_u32(buffer, row->machine);
    asl_buffer_u64(buffer, head->definition);
    asl_buffer_u64(buffer, head->last_lsn);
    asl_buffer_u64(buffer, head->event_count);
    asl_buffer_u64(buffer, head->input_hash);
    asl_buffer_u64(buffer, (uint64_t)head->start_ms);
    asl_buffer_u64(buffer, (uint64_t)head->stop_ms);
    asl_buffer_u64(buffer, head->first_lsn);
    asl_buffer_u64(buffer, (uint64_t)head->passive_until_ms);
    asl_buffer_append(buffer, head->machine, strlen(head->machine) + 1);
    asl_buffer_append(buffer, head->name, strlen(head->name) + 1);
}

/* A text that ends with NUL; NULL where none does. */
static const char *read_text(asl_cursor *cursor)
{
    size_t size = (size_t)(cursor->end - cursor->next);
    const char *end = cursor->bad || size == 0 ? NULL : memchr(cursor->next, '\0', size);
    if (end == NULL) {
        cursor->bad = 1;
        return NULL;
    }
    return asl_cursor_slice(cursor, (size_t)(end - (const char *)cursor->next) + 1);
}

int asl_head_row_decode(uint64_t number, const MDB_val *bytes, asl_head_row *ret_row)
{
    asl_cursor cursor;
    asl_cursor_init(&cursor, bytes->mv_data, bytes->mv_size);
    uint8_t format;
    int status = read_format(&cursor, ASL_HEAD_ROW_FORMAT, &format);
    uint8_t execution_status = asl_cursor_byte(&cursor);
    asl_head_row row = {.head = {.number = number}};
    row.machine = asl_cursor_u32(&cursor);
    row.head.status = (asl_execution_status)execution_status;
    row.head.definition = asl_cursor_u64(&cursor);
    row.head.last_lsn = asl_cursor_u64(&cursor);
    row.head.event_count = asl_cursor_u64(&cursor);
    row.head.input_hash = asl_cursor_u64(&cursor);
    row.head.start_ms = (int64_t)asl_cursor_u64(&cursor);
    row.head.stop_ms = (int64_t)asl_cursor_u64(&cursor);
    row.head.first_lsn = format >= 2 ? asl_cursor_u64(&cursor) : 0;
    row.head.passive_until_ms = format >= 3 ? (int64_t)asl_cursor_u64(&cursor) : 0;
    row.head.machine = read_text(&cursor);
    row.head.name = read_text(&cursor);
    if (status == ASL_OK &&
        (cursor.bad || cursor.next != cursor.end || execution_status > ASL_EXECUTION_ABORTED))
        status = ASL_STORE_CORRUPT;
    if (status == ASL_OK)
        *ret_row = row;
    return status;
}

void asl_name_row_encode(asl_buffer *buffer, const asl_name_row *row)
{
    asl_buffer_u64(buffer, row->execution);
    asl_buffer_u64(buffer, row->input_hash);
}

int asl_name_row_decode(const MDB_val *bytes, asl_name_row *ret_row)
{
    asl_cursor cursor;
    asl_cursor_init(&cursor, bytes->mv_data, bytes->mv_size);
    asl_name_row row = {0};
    row.execution = asl_cursor_u64(&cursor);
    row.input_hash = asl_cursor_u64(&cursor);
    if (cursor.bad || cursor.next != cursor.end)
        return ASL_STORE_CORRUPT;
    *ret_row = row;
    return ASL_OK;
}

void asl_next_row_encode(asl_buffer *buffer, const asl_next_row *row)
{
    asl_buffer_u64(buffer, row->lsn);
    asl_buffer_u64(buffer, row->number);
    asl_buffer_u64(buffer, row->definition);
    asl_buffer_u32(buffer, row->machine);
    asl_buffer_u64(buffer, (uint64_t)row->real_ms);
    asl_buffer_u64(buffer, (uint64_t)row->engine_ms);
}

int asl_next_row_decode(const MDB_val *bytes, asl_next_row *ret_row)
{
    asl_cursor cursor;
    asl_cursor_init(&cursor, bytes->mv_data, bytes->mv_size);
    asl_next_row row = {0};
    row.lsn = asl_cursor_u64(&cursor);
    row.number = asl_cursor_u64(&cursor);
    row.definition = asl_cursor_u64(&cursor);
    row.machine = asl_cursor_u32(&cursor);
    row.real_ms = (int64_t)asl_cursor_u64(&cursor);
    row.engine_ms = (int64_t)asl_cursor_u64(&cursor);
    if (cursor.bad || cursor.next != cursor.end)
        return ASL_STORE_CORRUPT;
    *ret_row = row;
    return ASL_OK;
}
