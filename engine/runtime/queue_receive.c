/* Receiving: what is visible is hidden, its receipt made durable, and then given. A message that
 * was received too often is moved to the queue of dead letters instead, in the same transaction. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/heap.h"
#include "runtime/engine.h"
#include "runtime/queue.h"

#define GIVEN_BYTES_MAX (4u << 20) /* rows that are in memory at a time, but for the last one */

/* One message of a receipt. */
typedef struct receipt_entry {
    asl_entry *entry;
    asl_entry *dead; /* what becomes of it in the queue of dead letters; NULL: it is given */
    uint64_t dead_reserved;
} receipt_entry;

/* A receipt that is being committed. */
typedef struct receipt {
    asl_queue *queue;
    int64_t visible_ms;
    size_t count, capacity;
    receipt_entry entries[];
} receipt;

static size_t receipt_bytes(size_t capacity)
{
    return sizeof(receipt) + capacity * sizeof(receipt_entry);
}

static void release(receipt *self)
{
    asl_release(self->queue->heap, self, receipt_bytes(self->capacity));
}

static int gather_dead(receipt *self, receipt_entry *one, asl_writes *writes)
{
    asl_queue *queue = self->queue;
    asl_send send = {.size = sizeof send};
    int status =
        asl_queue_read_message(queue, one->entry->sequence, &send.id, &send.body, &send.body_size);
    if (status == ASL_OK)
        status = asl_queue_begin_send(queue->options.dead_letters, writes, &send,
                                      one->entry->sent_ms, &one->dead, &one->dead_reserved);
    return status == ASL_OK ? asl_queue_put_gone(queue, writes, one->entry->sequence) : status;
}

/* Takes the message that became visible first. */
static int gather_one(receipt *self, asl_writes *writes)
{
    asl_queue *queue = self->queue;
    asl_entry *entry = (asl_entry *)asl_timers_first(&queue->visible)->timer;
    receipt_entry *one = &self->entries[self->count++];
    *one = (receipt_entry){.entry = entry};
    asl_entry_begin(queue, entry);
    if (queue->options.max_receives > 0 && entry->receives >= queue->options.max_receives)
        return gather_dead(self, one, writes);
    return asl_queue_put_lease(queue, writes, entry->sequence, queue->options.visibility_ms,
                               entry->receives + 1);
}

static bool has_visible(const asl_queue *queue, int64_t now_ms)
{
    const asl_timer_entry *first = asl_timers_first(&queue->visible);
    return first && first->due_ms <= now_ms;
}

static int gather(receipt *self, asl_writes *writes, int64_t now_ms)
{
    size_t bytes = 0;
    int status = ASL_OK;
    while (status == ASL_OK && self->count < self->capacity && bytes < GIVEN_BYTES_MAX &&
           has_visible(self->queue, now_ms)) {
        status = gather_one(self, writes);
        bytes += self->entries[self->count - 1].entry->bytes;
    }
    return status;
}

/* None of it has happened. */
static void undo(receipt *self)
{
    asl_queue *queue = self->queue;
    for (size_t i = 0; i < self->count; i++) {
        const receipt_entry *one = &self->entries[i];
        if (one->dead)
            asl_queue_remove(queue->options.dead_letters, one->dead);
        asl_entry_end(queue, one->entry, one->entry->visible_ms);
    }
}

/* Moves the dead, and those that are given to the front; how many these are. */
static size_t carry_out(receipt *self)
{
    asl_queue *queue = self->queue;
    size_t given = 0;
    for (size_t i = 0; i < self->count; i++) {
        const receipt_entry one = self->entries[i];
        if (one.dead) {
            asl_queue_remove(queue, one.entry);
            asl_queue_end_send(queue->options.dead_letters, one.dead, asl_clock_monotonic(),
                               one.dead_reserved);
            queue->counts.dead++;
            continue;
        }
        one.entry->receives++;
        asl_entry_end(queue, one.entry, self->visible_ms);
        self->entries[given++] = one;
    }
    return given;
}

/* The rows of messages, which the receiver sees. */
typedef struct giving {
    asl_message *messages;
    asl_buffer *rows;
    size_t count, capacity;
} giving;

static void end_giving(const asl_heap *heap, giving *self)
{
    for (size_t i = 0; i < self->count; i++)
        asl_buffer_done(&self->rows[i]);
    asl_release(heap, self->messages, self->capacity * sizeof *self->messages);
    asl_release(heap, self->rows, self->capacity * sizeof *self->rows);
}

/* Reads messages; those that cannot be read are received once more when they are visible again. */
static void read_messages(const receipt *self, size_t count, giving *given)
{
    asl_queue *queue = self->queue;
    *given = (giving){.messages = asl_allocate(queue->heap, count * sizeof *given->messages),
                      .rows = asl_allocate(queue->heap, count * sizeof *given->rows),
                      .capacity = count};
    for (size_t i = 0; given->messages && given->rows && i < count; i++) {
        const asl_entry *entry = self->entries[i].entry;
        asl_message message = {.size = sizeof message,
                               .sequence = entry->sequence,
                               .sent_ms = entry->sent_ms,
                               .receives = entry->receives};
        if (asl_queue_read_message(queue, entry->sequence, &message.id, &message.body,
                                   &message.body_size) != ASL_OK)
            continue;
        given->messages[given->count] = message;
        given->rows[given->count++] = queue->row;
        asl_buffer_init(&queue->row, queue->heap);
    }
}

static void give(const receipt *self, size_t count)
{
    asl_queue *queue = self->queue;
    asl_received_function receiver = queue->receiver;
    void *context = queue->receiver_context;
    giving given;
    read_messages(self, count, &given);
    queue->counts.received += given.count;
    if (given.count > 0) {
        queue->receiver = NULL;
        receiver(context, ASL_OK, given.messages, given.count);
    }
    end_giving(queue->heap, &given);
}

static void tell_failure(asl_queue *queue, int status)
{
    asl_received_function receiver = queue->receiver;
    queue->receiver = NULL;
    if (receiver)
        receiver(queue->receiver_context, status, NULL, 0);
}

static void received(void *context, int status)
{
    receipt *self = context;
    asl_queue *queue = self->queue;
    size_t count = 0;
    queue->is_receiving = false;
    if (status == ASL_OK)
        count = carry_out(self);
    else
        undo(self);
    if (status != ASL_OK)
        tell_failure(queue, status);
    else if (count > 0 && queue->receiver)
        give(self, count);
    release(self);
    asl_queue_serve(queue);
    asl_queue_unref(queue);
}

/* Begins a receipt of what is visible. */
static int begin(asl_queue *queue, int64_t now_ms, asl_error **error)
{
    receipt *self = asl_allocate(queue->heap, receipt_bytes(queue->receiver_max));
    asl_writes *writes = asl_writes_new(queue->heap);
    if (!self || !writes) {
        asl_release(queue->heap, self, receipt_bytes(queue->receiver_max));
        asl_writes_free(writes);
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    }
    *self = (receipt){.queue = queue,
                      .visible_ms = now_ms + queue->options.visibility_ms,
                      .capacity = queue->receiver_max};
    int status = gather(self, writes, now_ms);
    if (status != ASL_OK) {
        asl_writes_free(writes);
        asl_error_set(error, status, "messages cannot be received: %s", asl_status_name(status));
    } else {
        asl_queue_ref(queue);
        queue->is_receiving = true;
        status = asl_engine_write(queue->engine, writes, received, self, error);
        if (status == ASL_OK)
            return ASL_OK;
        queue->is_receiving = false;
        asl_queue_unref(queue);
    }
    undo(self);
    release(self);
    return status;
}

/* Serves the receiver, or sets the watch for when it can be. */
static int serve(asl_queue *queue, asl_error **error)
{
    int64_t now_ms = asl_clock_monotonic();
    if (queue->is_closed || !queue->receiver || queue->is_receiving)
        return ASL_OK;
    if (has_visible(queue, now_ms))
        return begin(queue, now_ms, error);
    const asl_timer_entry *first = asl_timers_first(&queue->visible);
    return asl_watch_set_timer(queue->watch, first ? first->due_ms - now_ms : -1);
}

void asl_queue_serve(asl_queue *queue)
{
    int status = serve(queue, NULL);
    if (status != ASL_OK)
        tell_failure(queue, status);
}

int asl_queue_receive(asl_queue *queue, unsigned max, asl_received_function function, void *context,
                      asl_error **error)
{
    if (max == 0 || max > ASL_QUEUE_RECEIVE_MAX || !function)
        return asl_error_set(error, ASL_MISUSE, "1 to %u messages are received at a time",
                             ASL_QUEUE_RECEIVE_MAX);
    if (queue->receiver)
        return asl_error_set(error, ASL_MISUSE, "somebody receives from the queue already");
    queue->receiver = function;
    queue->receiver_context = context;
    queue->receiver_max = max;
    int status = serve(queue, error);
    if (status != ASL_OK)
        queue->receiver = NULL;
    return status;
}
