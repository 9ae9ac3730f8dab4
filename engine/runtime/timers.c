/* A binary heap. Every move of an entry writes its new place into the timer. */
#include "runtime/timers.h"

#include "base/array.h"
#include "base/heap.h"

void asl_timers_init(asl_timers *timers, const asl_heap *heap)
{
    *timers = (asl_timers){.heap = heap};
}

void asl_timers_done(asl_timers *timers)
{
    asl_release(timers->heap, timers->entries, timers->capacity * sizeof *timers->entries);
    *timers = (asl_timers){.heap = timers->heap};
}

static bool is_before(const asl_timer_entry *left, const asl_timer_entry *right)
{
    if (left->due_ms != right->due_ms)
        return left->due_ms < right->due_ms;
    if (left->number != right->number)
        return left->number < right->number;
    return left->event < right->event;
}

static void place(asl_timers *timers, size_t position, const asl_timer_entry *entry)
{
    timers->entries[position] = *entry;
    entry->timer->position = position;
}

static size_t rise(asl_timers *timers, size_t position, const asl_timer_entry *entry)
{
    while (position > 0) {
        size_t parent = (position - 1) / 2;
        if (!is_before(entry, &timers->entries[parent]))
            break;
        place(timers, position, &timers->entries[parent]);
        position = parent;
    }
    return position;
}

static size_t sink(asl_timers *timers, size_t position, const asl_timer_entry *entry)
{
    for (;;) {
        size_t child = 2 * position + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count &&
            is_before(&timers->entries[child + 1], &timers->entries[child]))
            child++;
        if (!is_before(&timers->entries[child], entry))
            break;
        place(timers, position, &timers->entries[child]);
        position = child;
    }
    return position;
}

/* Puts an entry where it belongs, beginning at a place that is free. */
static void settle(asl_timers *timers, size_t position, asl_timer_entry entry)
{
    size_t risen = rise(timers, position, &entry);
    place(timers, risen == position ? sink(timers, position, &entry) : risen, &entry);
}

int asl_timers_arm(asl_timers *timers, asl_timer *timer, int64_t due_ms, uint64_t number,
                   uint64_t event)
{
    asl_timer_entry entry = {.due_ms = due_ms, .number = number, .event = event, .timer = timer};
    if (timer->timers == timers) {
        settle(timers, timer->position, entry);
        return ASL_OK;
    }
    int status = asl_array_reserve(timers->heap, &timers->entries, &timers->capacity, timers->count,
                                   SIZE_MAX / 2);
    if (status != ASL_OK)
        return ASL_NOMEM;
    asl_timer_disarm(timer);
    timer->timers = timers;
    timers->count++;
    settle(timers, timers->count - 1, entry);
    return ASL_OK;
}

void asl_timer_disarm(asl_timer *timer)
{
    asl_timers *timers = timer->timers;
    if (!timers)
        return;
    timer->timers = NULL;
    timers->count--;
    if (timer->position < timers->count)
        settle(timers, timer->position, timers->entries[timers->count]);
}

const asl_timer_entry *asl_timers_first(const asl_timers *timers)
{
    return timers->count > 0 ? &timers->entries[0] : NULL;
}
