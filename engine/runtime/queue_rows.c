/* What stands of a queue in the store. A message: format u8, sent i64, when it was hidden i64 and
 * for how long i64, bytes of the id u8, id, body; it is never changed. A lease, for one that was
 * received or hidden again: format u8, when it was hidden i64 and for how long i64, receives u32.
 * The lease 0: format u8, the sequence up to which numbers may be given, u64. Times are the wall's.
 */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "runtime/engine.h"
#include "runtime/queue.h"

#define FORMAT 1u
#define MESSAGE_HEAD 26u /* bytes before the id */
#define LEASE_BYTES 21u
#define RESERVED_BYTES 9u

typedef struct sequence_key {
    char bytes[8];
} sequence_key;

static sequence_key key_of(uint64_t sequence)
{
    sequence_key key;
    for (unsigned i = 0; i < 8; i++)
        key.bytes[i] = (char)(sequence >> (56 - 8 * i));
    return key;
}

static uint64_t sequence_of(const void *key)
{
    const unsigned char *bytes = key;
    uint64_t sequence = 0;
    for (unsigned i = 0; i < 8; i++)
        sequence = sequence << 8 | bytes[i];
    return sequence;
}

int asl_queue_put_message(const asl_queue *queue, asl_writes *writes, uint64_t sequence,
                          int64_t sent_ms, int64_t delay_ms, const char *id, const void *body,
                          size_t body_size)
{
    asl_cleanup(asl_buffer_done) asl_buffer row;
    const sequence_key key = key_of(sequence);
    size_t id_size = strlen(id);
    asl_buffer_init(&row, queue->heap);
    asl_buffer_byte(&row, FORMAT);
    asl_buffer_u64(&row, (uint64_t)sent_ms);
    asl_buffer_u64(&row, (uint64_t)asl_clock_wall());
    asl_buffer_u64(&row, (uint64_t)delay_ms);
    asl_buffer_byte(&row, (char)id_size);
    asl_buffer_append(&row, id, id_size);
    asl_buffer_append(&row, body, body_size);
    if (row.status != ASL_OK)
        return row.status;
    return asl_writes_put(writes, queue->messages_table, key.bytes, sizeof key, row.bytes,
                          row.size);
}

static void put_u64(char *bytes, uint64_t number)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (char)(number >> (8 * i));
}

int asl_queue_put_lease(const asl_queue *queue, asl_writes *writes, uint64_t sequence,
                        int64_t hidden_ms, unsigned receives)
{
    char row[LEASE_BYTES] = {FORMAT};
    const sequence_key key = key_of(sequence);
    put_u64(row + 1, (uint64_t)asl_clock_wall());
    put_u64(row + 9, (uint64_t)hidden_ms);
    for (unsigned i = 0; i < 4; i++)
        row[17 + i] = (char)(receives >> (8 * i));
    return asl_writes_put(writes, queue->leases_table, key.bytes, sizeof key, row, sizeof row);
}

int asl_queue_put_reserved(const asl_queue *queue, asl_writes *writes, uint64_t reserved)
{
    char row[RESERVED_BYTES] = {FORMAT};
    const sequence_key key = key_of(0);
    put_u64(row + 1, reserved);
    return asl_writes_put(writes, queue->leases_table, key.bytes, sizeof key, row, sizeof row);
}

int asl_queue_put_gone(const asl_queue *queue, asl_writes *writes, uint64_t sequence)
{
    const sequence_key key = key_of(sequence);
    int status = asl_writes_delete(writes, queue->messages_table, key.bytes, sizeof key);
    return status == ASL_OK ? asl_writes_delete(writes, queue->leases_table, key.bytes, sizeof key)
                            : status;
}

/* When something is visible that was hidden: what is left of it by the wall, and no more than it
 * was hidden for, where the wall has stepped back since. */
static int64_t read_visible(asl_cursor *cursor)
{
    int64_t passed_ms = asl_clock_wall() - (int64_t)asl_cursor_u64(cursor);
    int64_t hidden_ms = (int64_t)asl_cursor_u64(cursor);
    return asl_clock_monotonic() + hidden_ms - (passed_ms > 0 ? passed_ms : 0);
}

/* The head of a message's row. */
static bool read_head(asl_cursor *cursor, int64_t *ret_sent_ms, int64_t *ret_visible_ms)
{
    uint8_t format = asl_cursor_byte(cursor);
    *ret_sent_ms = (int64_t)asl_cursor_u64(cursor);
    *ret_visible_ms = read_visible(cursor);
    return format == FORMAT && !cursor->bad;
}

int asl_queue_read_message(asl_queue *queue, uint64_t sequence, const char **ret_id,
                           const void **ret_body, size_t *ret_body_size)
{
    const sequence_key key = key_of(sequence);
    int64_t sent_ms, visible_ms;
    asl_cursor cursor;
    asl_buffer_clear(&queue->row);
    int status = asl_store_read_row(queue->engine->store, queue->messages_table, key.bytes,
                                    sizeof key, &queue->row, NULL);
    if (status != ASL_OK)
        return status;
    asl_cursor_init(&cursor, queue->row.bytes, queue->row.size);
    if (!read_head(&cursor, &sent_ms, &visible_ms))
        return ASL_STORE_CORRUPT;
    size_t id_size = asl_cursor_byte(&cursor);
    char *id = (char *)(uintptr_t)asl_cursor_slice(&cursor, id_size);
    if (cursor.bad)
        return ASL_STORE_CORRUPT;
    /* The id moves to where its size stood, so that there is room for its end. */
    memmove(id - 1, id, id_size);
    id[(ptrdiff_t)id_size - 1] = '\0';
    *ret_id = id - 1;
    *ret_body = queue->row.bytes + MESSAGE_HEAD + id_size;
    *ret_body_size = queue->row.size - MESSAGE_HEAD - id_size;
    return ASL_OK;
}

/* Rows as they are read; the first thing that is wrong ends it. */
typedef struct loading {
    asl_queue *queue;
    int status;
} loading;

static bool load_message(void *context, const void *key, size_t key_size, const void *row,
                         size_t row_size)
{
    loading *self = context;
    int64_t sent_ms, visible_ms;
    asl_cursor cursor;
    asl_cursor_init(&cursor, row, row_size);
    if (key_size != 8 || !read_head(&cursor, &sent_ms, &visible_ms)) {
        self->status = ASL_STORE_CORRUPT;
        return false;
    }
    asl_entry *entry = asl_queue_add(self->queue, sequence_of(key), sent_ms, row_size);
    if (entry)
        asl_entry_end(self->queue, entry, visible_ms);
    else
        self->status = ASL_NOMEM;
    return entry != NULL;
}

static bool load_lease(void *context, const void *key, size_t key_size, const void *row,
                       size_t row_size)
{
    loading *self = context;
    asl_queue *queue = self->queue;
    asl_cursor cursor;
    asl_cursor_init(&cursor, row, row_size);
    uint8_t format = asl_cursor_byte(&cursor);
    uint64_t sequence = key_size == 8 ? sequence_of(key) : UINT64_MAX;
    asl_entry *entry = asl_queue_find(queue, sequence);
    if (sequence == 0)
        queue->next = queue->reserved = asl_cursor_u64(&cursor);
    if (entry) {
        asl_entry_begin(queue, entry);
        asl_entry_end(queue, entry, read_visible(&cursor));
        entry->receives = asl_cursor_u32(&cursor);
    }
    if (format == FORMAT && !cursor.bad && (sequence == 0 || entry))
        return true;
    self->status = ASL_STORE_CORRUPT;
    return false;
}

int asl_queue_load(asl_queue *queue, asl_error **error)
{
    loading self = {.queue = queue};
    asl_store *store = queue->engine->store;
    queue->next = queue->reserved = 1;
    int status =
        asl_store_scan_rows(store, queue->messages_table, NULL, 0, load_message, &self, error);
    if (status == ASL_OK && self.status == ASL_OK)
        status = asl_store_scan_rows(store, queue->leases_table, NULL, 0, load_lease, &self, error);
    if (status != ASL_OK)
        return status;
    return self.status == ASL_OK
               ? ASL_OK
               : asl_error_set(error, self.status,
                               "the rows of the queue in %s "
                               "cannot be read: %s",
                               queue->messages_table, asl_status_name(self.status));
}
