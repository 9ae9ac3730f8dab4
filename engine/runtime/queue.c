/* Queues: sending, deleting, hiding; see queue.h. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/options.h"
#include "runtime/engine.h"
#include "runtime/queue.h"

#define VISIBILITY_MS_DEFAULT 30000
#define MESSAGES_DEFAULT 1000000u
#define RESERVED_AT_ONCE 1024u /* sequences */
#define GONE_AT_ONCE 64u       /* places of entries that are gone, before others move up */

void asl_queue_ref(asl_queue *queue)
{
    queue->references++;
}

void asl_queue_unref(asl_queue *queue)
{
    if (--queue->references > 0)
        return;
    for (size_t i = queue->first; i < queue->count; i++)
        asl_release(queue->heap, queue->entries[i], sizeof *queue->entries[i]);
    asl_release(queue->heap, queue->entries, queue->capacity * sizeof *queue->entries);
    asl_timers_done(&queue->visible);
    asl_buffer_done(&queue->row);
    asl_release(queue->heap, queue, sizeof *queue);
}

/* Room at the end, where those in front are gone as well. */
static int make_room(asl_queue *queue)
{
    if (queue->first >= GONE_AT_ONCE && queue->first >= queue->count / 2) {
        queue->count -= queue->first;
        memmove(queue->entries, queue->entries + queue->first,
                queue->count * sizeof *queue->entries);
        queue->first = 0;
    }
    return asl_array_reserve(queue->heap, &queue->entries, &queue->capacity, queue->count,
                             SIZE_MAX / 2);
}

asl_entry *asl_queue_add(asl_queue *queue, uint64_t sequence, int64_t sent_ms, size_t bytes)
{
    /* The heap has room for all, so that nothing fails once a change is durable. */
    if (make_room(queue) != ASL_OK ||
        asl_array_reserve(queue->heap, &queue->visible.entries, &queue->visible.capacity,
                          queue->messages, SIZE_MAX / 2) != ASL_OK)
        return NULL;
    asl_entry *entry = asl_allocate_zeroed(queue->heap, sizeof *entry);
    if (!entry)
        return NULL;
    entry->sequence = sequence;
    entry->sent_ms = sent_ms;
    entry->bytes = (uint32_t)bytes; /* a row is no longer: see the limits of a message */
    entry->is_busy = true;
    queue->busy++;
    queue->messages++;
    queue->entries[queue->count++] = entry;
    return entry;
}

/* The place of the first entry of at least this sequence. Those that are gone have none, and stand
 * for their neighbour. */
static size_t find_place(const asl_queue *queue, uint64_t sequence)
{
    size_t low = queue->first, high = queue->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2, at = middle;
        while (at < high && !queue->entries[at])
            at++;
        if (at < high && queue->entries[at]->sequence < sequence)
            low = at + 1;
        else
            high = middle;
    }
    return low;
}

asl_entry *asl_queue_find(const asl_queue *queue, uint64_t sequence)
{
    size_t place = find_place(queue, sequence);
    while (place < queue->count && !queue->entries[place])
        place++;
    asl_entry *entry = place < queue->count ? queue->entries[place] : NULL;
    return entry && entry->sequence == sequence ? entry : NULL;
}

void asl_queue_remove(asl_queue *queue, asl_entry *entry)
{
    size_t place = find_place(queue, entry->sequence);
    while (queue->entries[place] != entry)
        place++;
    queue->entries[place] = NULL;
    queue->messages--;
    queue->busy--;
    asl_release(queue->heap, entry, sizeof *entry);
    while (queue->first < queue->count && !queue->entries[queue->first])
        queue->first++;
    while (queue->count > queue->first && !queue->entries[queue->count - 1])
        queue->count--;
}

void asl_entry_begin(asl_queue *queue, asl_entry *entry)
{
    asl_timer_disarm(&entry->timer);
    entry->is_busy = true;
    queue->busy++;
}

void asl_entry_end(asl_queue *queue, asl_entry *entry, int64_t visible_ms)
{
    entry->is_busy = false;
    entry->visible_ms = visible_ms;
    queue->busy--;
    /* There is room for it: see asl_queue_add. */
    (void)asl_timers_arm(&queue->visible, &entry->timer, visible_ms, entry->sequence, 0);
}

static bool is_name(const char *name)
{
    size_t size = name ? strlen(name) : 0;
    return size > 0 && size <= ASL_QUEUE_NAME_MAX &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == size;
}

static int check_options(const asl_queue_options *options, const char *name, asl_error **error)
{
    if (!is_name(name))
        return asl_error_set(error, ASL_MISUSE,
                             "a queue's name has 1 to %u letters, digits, '-' and '_'",
                             ASL_QUEUE_NAME_MAX);
    if (options->visibility_ms < 0)
        return asl_error_set(error, ASL_MISUSE, "messages cannot be hidden for less than no time");
    if ((options->max_receives > 0) != (options->dead_letters != NULL))
        return asl_error_set(error, ASL_MISUSE, "max_receives and dead_letters are given together");
    return ASL_OK;
}

static void ring(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    asl_queue_serve(context);
}

int asl_queue_open(asl_engine *engine, const char *name, const asl_queue_options *given,
                   asl_queue **ret_queue, asl_error **error)
{
    asl_queue_options options;
    if (!asl_options_read(&options, sizeof options, given))
        return asl_error_set(error, ASL_MISUSE, "the queue's options are of no known size");
    int status = check_options(&options, name, error);
    if (status != ASL_OK)
        return status;
    asl_queue *queue = asl_allocate_zeroed(engine->heap, sizeof *queue);
    if (!queue)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    options.visibility_ms =
        options.visibility_ms != 0 ? options.visibility_ms : VISIBILITY_MS_DEFAULT;
    options.max_messages = options.max_messages != 0 ? options.max_messages : MESSAGES_DEFAULT;
    queue->heap = engine->heap;
    queue->engine = engine;
    queue->options = options;
    queue->references = 1;
    asl_timers_init(&queue->visible, queue->heap);
    asl_buffer_init(&queue->row, queue->heap);
    snprintf(queue->messages_table, sizeof queue->messages_table, "asl.queue.%s", name);
    snprintf(queue->leases_table, sizeof queue->leases_table, "asl.lease.%s", name);
    status = asl_queue_load(queue, error);
    if (status == ASL_OK)
        status = asl_engine_timer(engine, ring, queue, &queue->watch);
    if (status != ASL_OK) {
        asl_queue_unref(queue);
        return status;
    }
    *ret_queue = queue;
    return ASL_OK;
}

void asl_queue_close(asl_queue *queue)
{
    if (!queue)
        return;
    asl_watch_free(queue->watch);
    queue->watch = NULL;
    queue->receiver = NULL;
    queue->is_closed = true;
    asl_queue_unref(queue);
}

/* A change of one message that is being committed. */
typedef struct change {
    asl_queue *queue;
    asl_entry *entry;
    int64_t visible_ms; /* when it has happened; DELETED: the message is gone */
    int64_t before_ms;  /* when it has not */
    uint64_t reserved;  /* of a new message */
    uint64_t *count;    /* what it counts as */
    asl_written_function function;
    void *context;
    bool is_new; /* the message is not there when it has not happened */
} change;
#define DELETED INT64_MIN

static void changed(void *context, int status)
{
    change one = *(change *)context;
    asl_queue *queue = one.queue;
    asl_release(queue->heap, context, sizeof one);
    bool is_gone = status == ASL_OK ? one.visible_ms == DELETED : one.is_new;
    if (is_gone)
        asl_queue_remove(queue, one.entry);
    else if (one.is_new)
        asl_queue_end_send(queue, one.entry, one.visible_ms, one.reserved);
    else
        asl_entry_end(queue, one.entry, status == ASL_OK ? one.visible_ms : one.before_ms);
    if (status == ASL_OK && one.count)
        ++*one.count;
    if (one.function)
        one.function(one.context, status);
    asl_queue_serve(queue);
    asl_queue_unref(queue);
}

/* Hands a change over whose writes are gathered. Steals the writes; where it fails the entry is as
 * it was, or gone where it is new. */
static int submit(const change *what, asl_writes *writes, int status, asl_error **error)
{
    asl_queue *queue = what->queue;
    change *kept = status == ASL_OK ? asl_allocate(queue->heap, sizeof *kept) : NULL;
    if (kept) {
        *kept = *what;
        asl_queue_ref(queue);
        status = asl_engine_write(queue->engine, writes, changed, kept, error);
        if (status == ASL_OK)
            return ASL_OK;
        asl_queue_unref(queue);
        asl_release(queue->heap, kept, sizeof *kept);
    } else {
        asl_writes_free(writes);
        status = asl_error_set(error, status == ASL_OK ? ASL_NOMEM : status, "%s",
                               asl_status_name(status == ASL_OK ? ASL_NOMEM : status));
    }
    if (what->is_new)
        asl_queue_remove(queue, what->entry);
    else
        asl_entry_end(queue, what->entry, what->before_ms);
    return status;
}

uint64_t asl_queue_next_sequence(const asl_queue *queue)
{
    return queue->next;
}

static int check_send(const asl_queue *queue, const asl_send *send, asl_error **error)
{
    if (send->id && strlen(send->id) > ASL_QUEUE_ID_MAX)
        return asl_error_set(error, ASL_TOO_LARGE, "a message's id has at most %u bytes",
                             ASL_QUEUE_ID_MAX);
    if (send->body_size > ASL_QUEUE_BODY_MAX)
        return asl_error_set(error, ASL_TOO_LARGE, "a message's body has at most %u bytes",
                             ASL_QUEUE_BODY_MAX);
    if (queue->messages >= queue->options.max_messages)
        return asl_error_set(error, ASL_TOO_LARGE, "the queue holds %llu messages, and no more",
                             (unsigned long long)queue->messages);
    if (send->delay_ms < 0 || (!send->body && send->body_size > 0))
        return asl_error_set(error, ASL_MISUSE, "the delay is below 0, or there is no body");
    return ASL_OK;
}

int asl_queue_begin_send(asl_queue *queue, asl_writes *writes, const asl_send *send,
                         int64_t sent_ms, asl_entry **ret_entry, uint64_t *ret_reserved)
{
    uint64_t sequence = queue->next;
    asl_entry *entry = asl_queue_add(queue, sequence, sent_ms, send->body_size);
    if (!entry)
        return ASL_NOMEM;
    int status = asl_queue_put_message(queue, writes, sequence, sent_ms, send->delay_ms,
                                       send->id ? send->id : "", send->body, send->body_size);
    *ret_reserved = queue->reserved;
    if (status == ASL_OK && sequence >= queue->reserved) {
        *ret_reserved = sequence + RESERVED_AT_ONCE;
        status = asl_queue_put_reserved(queue, writes, *ret_reserved);
    }
    if (status != ASL_OK) {
        asl_queue_remove(queue, entry);
        return status;
    }
    queue->next++;
    *ret_entry = entry;
    return ASL_OK;
}

void asl_queue_end_send(asl_queue *queue, asl_entry *entry, int64_t visible_ms, uint64_t reserved)
{
    if (reserved > queue->reserved)
        queue->reserved = reserved;
    asl_entry_end(queue, entry, visible_ms);
}

int asl_queue_send(asl_queue *queue, const asl_send *given, asl_written_function function,
                   void *context, asl_error **error)
{
    asl_send send;
    if (!given || !asl_options_read(&send, sizeof send, given))
        return asl_error_set(error, ASL_MISUSE, "the message is of no known size");
    int status = check_send(queue, &send, error);
    if (status != ASL_OK) {
        asl_writes_free(send.writes);
        return status;
    }
    asl_writes *writes = send.writes ? send.writes : asl_writes_new(queue->heap);
    change what = {.queue = queue,
                   .visible_ms = asl_clock_monotonic() + send.delay_ms,
                   .count = &queue->counts.sent,
                   .function = function,
                   .context = context,
                   .is_new = true};
    status = writes ? asl_queue_begin_send(queue, writes, &send, asl_clock_wall(), &what.entry,
                                           &what.reserved)
                    : ASL_NOMEM;
    if (status == ASL_OK)
        return submit(&what, writes, ASL_OK, error);
    asl_writes_free(writes);
    return asl_error_set(error, status, "the message cannot be stored: %s",
                         asl_status_name(status));
}

/* The message that a receipt is for, where nothing else is happening to it. */
static asl_entry *find_by_receipt(const asl_queue *queue, uint64_t sequence, unsigned receives)
{
    asl_entry *entry = asl_queue_find(queue, sequence);
    return entry && !entry->is_busy && entry->receives == receives ? entry : NULL;
}

static int refuse_receipt(uint64_t sequence, asl_error **error)
{
    return asl_error_set(error, ASL_NOT_FOUND,
                         "message %llu is gone, was received again, or is being changed",
                         (unsigned long long)sequence);
}

/* Begins a change of one message, and what it is when it does not happen. */
static int begin_change(change *what, uint64_t sequence, unsigned receives, asl_writes **writes,
                        asl_error **error)
{
    what->entry = find_by_receipt(what->queue, sequence, receives);
    if (!what->entry) {
        asl_writes_free(*writes);
        return refuse_receipt(sequence, error);
    }
    if (!*writes)
        *writes = asl_writes_new(what->queue->heap);
    if (!*writes)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    what->before_ms = what->entry->visible_ms;
    asl_entry_begin(what->queue, what->entry);
    return ASL_OK;
}

int asl_queue_delete(asl_queue *queue, uint64_t sequence, unsigned receives, asl_writes *writes,
                     asl_written_function function, void *context, asl_error **error)
{
    change what = {.queue = queue,
                   .visible_ms = DELETED,
                   .count = &queue->counts.deleted,
                   .function = function,
                   .context = context};
    int status = begin_change(&what, sequence, receives, &writes, error);
    return status == ASL_OK
               ? submit(&what, writes, asl_queue_put_gone(queue, writes, sequence), error)
               : status;
}

int asl_queue_change_visibility(asl_queue *queue, uint64_t sequence, unsigned receives,
                                int64_t visibility_ms, asl_written_function function, void *context,
                                asl_error **error)
{
    asl_writes *writes = NULL;
    change what = {.queue = queue,
                   .visible_ms = asl_clock_monotonic() + visibility_ms,
                   .function = function,
                   .context = context};
    if (visibility_ms < 0)
        return asl_error_set(error, ASL_MISUSE, "messages cannot be hidden for less than no time");
    int status = begin_change(&what, sequence, receives, &writes, error);
    if (status != ASL_OK)
        return status;
    return submit(&what, writes,
                  asl_queue_put_lease(queue, writes, sequence, visibility_ms, receives), error);
}

int asl_queue_take(asl_queue *queue, uint64_t sequence, unsigned receives, asl_writes *writes)
{
    asl_entry *entry = find_by_receipt(queue, sequence, receives);
    if (!entry)
        return ASL_NOT_FOUND;
    int status = asl_queue_put_gone(queue, writes, sequence);
    if (status == ASL_OK)
        asl_entry_begin(queue, entry);
    return status;
}

/* Whether a message that was said to be gone is still in the store. */
static bool is_left(asl_queue *queue, uint64_t sequence)
{
    const char *id;
    const void *body;
    size_t size;
    return asl_queue_read_message(queue, sequence, &id, &body, &size) != ASL_NOT_FOUND;
}

void asl_queue_taken(asl_queue *queue, uint64_t sequence, bool is_gone)
{
    asl_entry *entry = asl_queue_find(queue, sequence);
    if (!entry || !entry->is_busy)
        return;
    if (is_gone && !is_left(queue, sequence)) {
        asl_queue_remove(queue, entry);
        queue->counts.deleted++;
        return;
    }
    asl_entry_end(queue, entry, entry->visible_ms);
    /* Where this cannot be committed, the message is received once more, and taken again. */
    if (is_gone)
        (void)asl_queue_delete(queue, sequence, entry->receives, NULL, NULL, NULL, NULL);
    asl_queue_serve(queue);
}

int asl_queue_read_statistics(const asl_queue *queue, asl_queue_statistics *statistics)
{
    size_t size = statistics->size;
    if (size < sizeof size || size > sizeof *statistics)
        return ASL_MISUSE;
    asl_queue_statistics found = queue->counts;
    int64_t now_ms = asl_clock_monotonic();
    found.size = size;
    found.messages = queue->messages;
    for (size_t i = 0; i < queue->visible.count; i++)
        found.visible += queue->visible.entries[i].due_ms <= now_ms;
    found.hidden = found.messages - found.visible;
    if (queue->messages > 0)
        found.oldest_sent_ms = queue->entries[queue->first]->sent_ms;
    memcpy(statistics, &found, size);
    return ASL_OK;
}
