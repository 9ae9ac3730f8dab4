/* Histories: read from a store's records or from exported JSON, and shown as events or as JSON. */
#include "runtime/history.h"

#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "history/json.h"
#include "history/record.h"
#include "store/store.h"

void asl_arn_part(const char *arn, unsigned index, unsigned last, char *out, size_t out_size)
{
    unsigned colons = 0;
    size_t size = 0;
    for (const char *c = arn; *c != '\0'; c++) {
        if (*c == ':' && colons < last) {
            colons++;
            continue;
        }
        if (colons == index && size + 1 < out_size)
            out[size++] = *c;
    }
    out[size] = '\0';
}

asl_history *asl_history_new(const asl_heap *heap)
{
    asl_history *history = asl_allocate_zeroed(heap, sizeof *history);
    if (!history)
        return NULL;
    history->heap = heap;
    history->first_id = 1;
    asl_event_list_init(&history->entries, heap);
    return history;
}

void asl_history_free(asl_history *history)
{
    if (!history)
        return;
    const asl_heap *heap = history->heap;
    for (size_t i = 0; i < history->fact_count; i++)
        asl_fact_done(&history->facts[i].fact);
    asl_release(heap, history->facts, history->fact_capacity * sizeof *history->facts);
    asl_release(heap, history->events, history->event_count * sizeof *history->events);
    asl_release(heap, history->entry_of_event,
                history->event_count * sizeof *history->entry_of_event);
    asl_event_list_done(&history->entries);
    asl_definition_unref(history->definition);
    asl_value_unref(history->arn);
    asl_release(heap, history, sizeof *history);
}

static void history_cleanup(asl_history **history)
{
    asl_history_free(*history);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* The state an event belongs to: its own name where it enters or leaves one or could not evaluate
 * something, else that of the event before it; NULL for what concerns the whole execution, and
 * where that event is on another page. */
static const char *state_of(const asl_history *history, const asl_event *entry, const char *type)
{
    if (ends_with(type, "StateEntered") || ends_with(type, "StateExited") ||
        entry->type == ASL_EVENT_EVALUATION_FAILED)
        return asl_value_get_string(entry->name, NULL);
    if (strncmp(type, "Execution", 9) == 0 || entry->previous_id == 0 ||
        entry->previous_id >= entry->id || entry->previous_id < history->first_id)
        return NULL;
    const asl_history_event *previous = &history->events[entry->previous_id - history->first_id];
    return previous->id == entry->previous_id ? previous->state : NULL;
}

static const char *text_of(const asl_value *value)
{
    return value ? asl_value_get_string(value, NULL) : NULL;
}

static void show_event(asl_history *history, size_t index, size_t entry_index)
{
    const asl_event *entry = &history->entries.items[entry_index];
    const char *type = asl_event_type_name(entry->type);
    history->entry_of_event[index] = entry_index;
    history->events[index] = (asl_history_event){
        .size = sizeof(asl_history_event),
        .id = entry->id,
        .previous_id = entry->previous_id,
        .type = type,
        .state = state_of(history, entry, type),
        .error = text_of(entry->error),
        .cause = text_of(entry->cause),
        .time_ms = entry->time_ms == INT64_MIN ? 0 : entry->time_ms,
    };
}

int asl_history_show(asl_history *history, asl_error **error)
{
    size_t count = 0;
    for (size_t i = 0; i < history->entries.count; i++) {
        if (history->entries.items[i].id == 0)
            continue;
        if (history->entries.items[i].id != history->first_id + count++)
            return asl_error_set(
                error, ASL_SYNTAX,
                "Event %zu of the history has id %llu: ids must be 1, 2, 3 and so on. Was it "
                "exported in reverse order, or only one page of it?",
                count, (unsigned long long)history->entries.items[i].id);
    }
    if (count == 0)
        return ASL_OK;
    history->events = asl_allocate_zeroed(history->heap, count * sizeof *history->events);
    history->entry_of_event =
        asl_allocate_zeroed(history->heap, count * sizeof *history->entry_of_event);
    if (!history->events || !history->entry_of_event) {
        asl_release(history->heap, history->events, count * sizeof *history->events);
        asl_release(history->heap, history->entry_of_event,
                    count * sizeof *history->entry_of_event);
        history->events = NULL;
        history->entry_of_event = NULL;
        return asl_error_set(error, ASL_NOMEM, "Out of memory.");
    }
    history->event_count = count;
    for (size_t i = 0, index = 0; i < history->entries.count; i++)
        if (history->entries.items[i].id != 0)
            show_event(history, index++, i);
    return ASL_OK;
}

static int read_record(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    asl_history *history = context;
    int status = asl_array_reserve(history->heap, &history->facts, &history->fact_capacity,
                                   history->fact_count, SIZE_MAX / 2);
    if (status != ASL_OK)
        return status;
    asl_recorded_fact *recorded = &history->facts[history->fact_count];
    *recorded = (asl_recorded_fact){.first = history->entries.count};
    status = asl_record_decode(history->heap, record, size, &recorded->fact, &history->entries);
    if (status != ASL_OK)
        return status;
    recorded->count = history->entries.count - recorded->first;
    history->fact_count++;
    return ASL_OK;
}

void asl_history_set_arn(asl_history *history, const asl_value *arn)
{
    if (!arn)
        return;
    asl_value_move(&history->arn, asl_value_ref(arn));
    asl_arn_part(asl_value_get_string(arn, NULL), 3, 7, history->region, sizeof history->region);
}

int asl_history_read(asl_store *store, uint64_t number, asl_history **ret_history,
                     asl_error **error)
{
    asl_cleanup(history_cleanup) asl_history *history = asl_history_new(asl_store_heap(store));
    if (!history)
        return asl_error_set(error, ASL_NOMEM, "Out of memory.");
    int status = asl_store_read_records(store, number, read_record, history, error);
    if (status != ASL_OK) {
        if (error && !*error)
            (void)asl_error_set(error, status, "The history of execution %llu cannot be read: %s.",
                                (unsigned long long)number, asl_status_name(status));
        return status;
    }
    status = asl_history_show(history, error);
    if (status == ASL_SYNTAX)
        status = ASL_STORE_CORRUPT;
    if (status == ASL_OK)
        status = asl_store_definition(store, number, &history->definition, error);
    if (status != ASL_OK)
        return status;
    if (history->fact_count > 0)
        asl_history_set_arn(history, history->facts[0].fact.name);
    history->tokens.number = number;
    asl_store_secret(store, history->tokens.secret);
    *ret_history = asl_steal(history);
    return ASL_OK;
}

int asl_history_parse(const asl_heap *heap, const char *text, size_t size,
                      asl_history **ret_history, asl_error **error)
{
    asl_cleanup(asl_value_cleanup) asl_value *json = NULL;
    int status = asl_value_parse(heap, text, size, 0, &json, error);
    if (status != ASL_OK)
        return status;
    const asl_value *events = asl_value_is_array(json) ? json : asl_value_get(json, "events");
    if (!asl_value_is_array(events))
        return asl_error_set(error, ASL_SYNTAX, "A history is an object with an array \"events\".");
    asl_cleanup(history_cleanup) asl_history *history = asl_history_new(heap);
    if (!history)
        return asl_error_set(error, ASL_NOMEM, "Out of memory.");
    size_t count = asl_value_count(events);
    for (size_t i = 0; status == ASL_OK && i < count; i++) {
        asl_event event = {.type = ASL_EVENT_NONE};
        status = asl_event_from_value(asl_value_at(events, i), heap, &event, error);
        if (status == ASL_OK)
            status = asl_event_list_append(&history->entries, &event);
    }
    if (status == ASL_OK)
        status = asl_history_show(history, error);
    if (status == ASL_OK)
        *ret_history = asl_steal(history);
    return status;
}

size_t asl_history_count(const asl_history *history)
{
    return history->event_count;
}

const asl_history_event *asl_history_at(const asl_history *history, size_t index)
{
    return index < history->event_count ? &history->events[index] : NULL;
}

static const char *region_of(const asl_history *history)
{
    return history->region[0] != '\0' ? history->region : "us-east-1";
}

static const asl_event *entry_at(const asl_history *history, size_t index)
{
    return &history->entries.items[history->entry_of_event[index]];
}

static unsigned view_flags(unsigned flags)
{
    return (flags & ASL_HISTORY_WITHOUT_DATA) != 0 ? ASL_EVENT_WITHOUT_DATA : 0;
}

int asl_history_event_to_value(const asl_history *history, size_t index, asl_value **ret_value)
{
    if (index >= history->event_count)
        return ASL_NOT_FOUND;
    return asl_event_show(entry_at(history, index), history->heap, region_of(history),
                          view_flags(history->flags), ret_value);
}

int asl_history_to_value(const asl_history *history, asl_value **ret_value)
{
    asl_cleanup(asl_value_cleanup) asl_value *events =
        asl_value_array_reserved(history->heap, history->event_count);
    int status = events ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; status == ASL_OK && i < history->event_count; i++) {
        asl_value *event = NULL;
        status = asl_history_event_to_value(history, i, &event);
        if (status == ASL_OK)
            status = asl_value_append(&events, event);
    }
    asl_cleanup(asl_value_cleanup) asl_value *shape = asl_value_object(history->heap);
    if (status == ASL_OK)
        status = shape ? asl_value_set(&shape, "events", asl_steal(events)) : ASL_NOMEM;
    const char *token = asl_history_next_token(history);
    if (status == ASL_OK && token)
        status = asl_value_set(&shape, "nextToken", asl_value_string(history->heap, token));
    if (status == ASL_OK)
        *ret_value = asl_steal(shape);
    return status;
}

const char *asl_history_next_token(const asl_history *history)
{
    return history->has_next ? history->next_token : NULL;
}

static bool is_logged(asl_event_type type, asl_log_detail level)
{
    bool is_fatal = type == ASL_EVENT_EXECUTION_FAILED || type == ASL_EVENT_EXECUTION_TIMED_OUT ||
                    type == ASL_EVENT_EXECUTION_ABORTED;
    if (level != ASL_LOG_DETAIL_ERROR)
        return level == ASL_LOG_DETAIL_ALL || (level == ASL_LOG_DETAIL_FATAL && is_fatal);
    const char *name = asl_event_type_name(type);
    return type == ASL_EVENT_FAIL_STATE_ENTERED || ends_with(name, "Failed") ||
           ends_with(name, "TimedOut") || ends_with(name, "Aborted");
}

int asl_history_log(const asl_history *history, asl_log_detail level, unsigned flags,
                    asl_value **ret_records)
{
    if ((flags & ~ASL_HISTORY_WITHOUT_DATA) != 0 || level > ASL_LOG_DETAIL_OFF)
        return ASL_MISUSE;
    asl_cleanup(asl_value_cleanup) asl_value *records = asl_value_array(history->heap);
    int status = records ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; status == ASL_OK && i < history->event_count; i++) {
        const asl_event *entry = entry_at(history, i);
        asl_value *record = NULL;
        if (!is_logged(entry->type, level))
            continue;
        status = asl_event_log(entry, history->heap, region_of(history), text_of(history->arn),
                               view_flags(flags), &record);
        if (status == ASL_OK)
            status = asl_value_append(&records, record);
    }
    if (status == ASL_OK)
        *ret_records = asl_steal(records);
    return status;
}
