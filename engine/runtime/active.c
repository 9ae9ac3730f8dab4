/* Two tables that grow together. Where there is no memory to grow, chains get longer. */
#include "runtime/active.h"

#include <string.h>

#include "base/heap.h"
#include "base/map.h"

#define FIRST_SIZE 16u

int asl_active_init(asl_active *active, const asl_heap *heap)
{
    *active = (asl_active){.heap = heap, .size = FIRST_SIZE};
    active->by_number = asl_allocate_zeroed(heap, FIRST_SIZE * sizeof *active->by_number);
    active->by_name = asl_allocate_zeroed(heap, FIRST_SIZE * sizeof *active->by_name);
    return active->by_number && active->by_name ? ASL_OK : ASL_NOMEM;
}

void asl_active_done(asl_active *active)
{
    asl_release(active->heap, active->by_number, active->size * sizeof *active->by_number);
    asl_release(active->heap, active->by_name, active->size * sizeof *active->by_name);
}

static uint64_t hash_name(const char *machine, const char *name)
{
    return asl_hash_bytes(machine, strlen(machine)) * 31 + asl_hash_bytes(name, strlen(name));
}

static asl_execution **number_chain(const asl_active *active, uint64_t number)
{
    return &active->by_number[(number * 0x9E3779B97F4A7C15u >> 32) & (active->size - 1)];
}

static asl_execution **name_chain(const asl_active *active, uint64_t hash)
{
    return &active->by_name[hash & (active->size - 1)];
}

static void link_both(asl_active *active, asl_execution *execution)
{
    asl_execution **chain = number_chain(active, execution->number);
    execution->number_next = *chain;
    *chain = execution;
    chain = name_chain(active, execution->name_hash);
    execution->name_next = *chain;
    *chain = execution;
}

static void grow(asl_active *active)
{
    asl_active grown = {.heap = active->heap, .size = active->size * 2, .count = active->count};
    grown.by_number = asl_allocate_zeroed(active->heap, grown.size * sizeof *grown.by_number);
    grown.by_name = asl_allocate_zeroed(active->heap, grown.size * sizeof *grown.by_name);
    if (!grown.by_number || !grown.by_name) {
        asl_active_done(&grown);
        return;
    }
    for (size_t i = 0; i < active->size; i++) {
        for (asl_execution *next, *e = active->by_number[i]; e; e = next) {
            next = e->number_next;
            link_both(&grown, e);
        }
    }
    asl_active_done(active);
    *active = grown;
}

void asl_active_add(asl_active *active, asl_execution *execution)
{
    if (active->count >= active->size)
        grow(active);
    execution->name_hash =
        hash_name(execution->identity->machine, execution->identity->stored_name);
    link_both(active, execution);
    active->count++;
}

void asl_active_remove(asl_active *active, asl_execution *execution)
{
    asl_execution **link = number_chain(active, execution->number);
    while (*link != execution)
        link = &(*link)->number_next;
    *link = execution->number_next;
    link = name_chain(active, execution->name_hash);
    while (*link != execution)
        link = &(*link)->name_next;
    *link = execution->name_next;
    active->count--;
}

asl_execution *asl_active_find(const asl_active *active, uint64_t number)
{
    asl_execution *execution = *number_chain(active, number);
    while (execution && execution->number != number)
        execution = execution->number_next;
    return execution;
}

asl_execution *asl_active_find_name(const asl_active *active, const char *machine, const char *name)
{
    uint64_t hash = hash_name(machine, name);
    asl_execution *execution = *name_chain(active, hash);
    for (; execution; execution = execution->name_next)
        if (execution->name_hash == hash && strcmp(execution->identity->stored_name, name) == 0 &&
            strcmp(execution->identity->machine, machine) == 0)
            break;
    return execution;
}

asl_execution *asl_active_any(const asl_active *active)
{
    for (size_t i = 0; active->count > 0 && i < active->size; i++)
        if (active->by_number[i])
            return active->by_number[i];
    return NULL;
}
