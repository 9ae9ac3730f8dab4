/* Listings: what the store knows of executions without reading their histories. The texts of all
 * entries stand in one buffer; entries point into it once it does not grow any more. */
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "store/backend.h"

#define LIST_COUNT_DEFAULT 1000u

struct asl_execution_list {
    const asl_heap *heap;
    asl_execution_summary *items;
    size_t count, capacity;
    asl_buffer texts; /* machine NUL name NUL of each entry */
};

typedef struct listing {
    asl_execution_list *list;
    const char *machine;
    size_t limit;
    unsigned statuses;
} listing;

const char *asl_execution_status_name(asl_execution_status status)
{
    static const char *const names[] = {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"};
    return (size_t)status < sizeof names / sizeof names[0] ? names[status] : "UNKNOWN";
}

static int add_head(void *context, const asl_head *head)
{
    listing *listing_now = context;
    asl_execution_list *list = listing_now->list;
    if (listing_now->machine != NULL && strcmp(listing_now->machine, head->machine) != 0)
        return ASL_OK;
    if (listing_now->statuses != 0 && (listing_now->statuses & 1u << head->status) == 0)
        return ASL_OK;
    int status =
        asl_array_reserve(list->heap, &list->items, &list->capacity, list->count, SIZE_MAX);
    if (status != ASL_OK)
        return status;
    asl_buffer_append(&list->texts, head->machine, strlen(head->machine) + 1);
    asl_buffer_append(&list->texts, head->name, strlen(head->name) + 1);
    if (list->texts.status != ASL_OK)
        return list->texts.status;
    list->items[list->count++] = (asl_execution_summary){
        .size = sizeof(asl_execution_summary),
        .number = head->number,
        .status = head->status,
        .type = asl_head_type(head),
        .start_ms = head->start_ms,
        .stop_ms = head->stop_ms,
        .event_count = head->event_count,
    };
    return list->count < listing_now->limit ? ASL_OK : ASL_STORE_STOP;
}

static void point_to_texts(asl_execution_list *list)
{
    const char *text = list->texts.bytes;
    for (size_t i = 0; i < list->count; i++) {
        list->items[i].machine = text;
        text += strlen(text) + 1;
        list->items[i].name = text;
        text += strlen(text) + 1;
    }
}

static asl_list_options read_options(const asl_list_options *options)
{
    asl_list_options known = {.size = sizeof known};
    if (options != NULL)
        memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    if (known.before == 0)
        known.before = UINT64_MAX;
    if (known.limit == 0)
        known.limit = LIST_COUNT_DEFAULT;
    return known;
}

int asl_store_list(asl_store *store, const asl_list_options *options, asl_execution_list **ret_list,
                   asl_error **error)
{
    const asl_heap *heap = asl_store_heap(store);
    asl_execution_list *list = asl_allocate_zeroed(heap, sizeof *list);
    if (list == NULL)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    list->heap = heap;
    asl_buffer_init(&list->texts, heap);
    asl_list_options known = read_options(options);
    listing context = {list, known.machine, known.limit, known.statuses};
    int status = asl_store_list_heads(store, known.before, add_head, &context, error);
    if (status != ASL_OK) {
        asl_execution_list_free(list);
        return asl_error_set(error, status, "the executions of the store could not be listed");
    }
    point_to_texts(list);
    *ret_list = list;
    return ASL_OK;
}

size_t asl_execution_list_count(const asl_execution_list *list)
{
    return list->count;
}

const asl_execution_summary *asl_execution_list_at(const asl_execution_list *list, size_t index)
{
    return index < list->count ? &list->items[index] : NULL;
}

void asl_execution_list_free(asl_execution_list *list)
{
    if (list == NULL)
        return;
    asl_release(list->heap, list->items, list->capacity * sizeof *list->items);
    asl_buffer_done(&list->texts);
    asl_release(list->heap, list, sizeof *list);
}
