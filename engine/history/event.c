/* Entries and facts as data: they own their values, and lists own entries. */
#include "history/event.h"

#include "base/array.h"
#include "base/heap.h"

static void forget_values(asl_event *event)
{
    event->name = event->value = event->extra = NULL;
    event->error = event->cause = event->variables = NULL;
}

void asl_event_done(asl_event *event)
{
    asl_value_unref(event->name);
    asl_value_unref(event->value);
    if (event->extra)
        asl_value_unref(event->extra);
    if (event->error)
        asl_value_unref(event->error);
    if (event->cause)
        asl_value_unref(event->cause);
    if (event->variables)
        asl_value_unref(event->variables);
    forget_values(event);
}

void asl_event_copy(asl_event *to, const asl_event *from)
{
    *to = *from;
    asl_value_ref(to->name);
    asl_value_ref(to->value);
    asl_value_ref(to->extra);
    asl_value_ref(to->error);
    asl_value_ref(to->cause);
    asl_value_ref(to->variables);
}

void asl_event_list_init(asl_event_list *list, const asl_heap *heap)
{
    *list = (asl_event_list){.heap = heap};
}

void asl_event_list_done(asl_event_list *list)
{
    asl_event_list_clear(list);
    asl_release(list->heap, list->items, list->capacity * sizeof *list->items);
    asl_event_list_init(list, list->heap);
}

void asl_event_list_clear(asl_event_list *list)
{
    while (list->count > 0)
        asl_event_done(&list->items[--list->count]);
}

int asl_event_list_append(asl_event_list *list, asl_event *event)
{
    int status =
        asl_array_reserve(list->heap, &list->items, &list->capacity, list->count, SIZE_MAX);
    if (status != ASL_OK) {
        asl_event_done(event);
        return status;
    }
    list->items[list->count++] = *event;
    forget_values(event);
    return ASL_OK;
}

void asl_fact_done(asl_fact *fact)
{
    asl_value_move(&fact->value, NULL);
    asl_value_move(&fact->error, NULL);
    asl_value_move(&fact->cause, NULL);
    asl_value_move(&fact->name, NULL);
}
