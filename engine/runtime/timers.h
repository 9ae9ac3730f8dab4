/* Timers: a heap in the order (due, execution, event), which is the order overdue ones fire in. A
 * timer stands in what it is for and knows its place in the heap, so that giving one up leaves
 * nothing behind. */
#ifndef ASL_RUNTIME_TIMERS_H
#define ASL_RUNTIME_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include <asl/heap.h>

typedef struct asl_timer asl_timer;

typedef struct asl_timer_entry {
    int64_t due_ms;
    uint64_t number; /* of the execution; 0: of none */
    uint64_t event;
    asl_timer *timer;
} asl_timer_entry;

typedef struct asl_timers {
    const asl_heap *heap;
    asl_timer_entry *entries;
    size_t count, capacity;
} asl_timers;

struct asl_timer {
    asl_timers *timers; /* NULL: not armed */
    size_t position;
};

void asl_timers_init(asl_timers *timers, const asl_heap *heap);
void asl_timers_done(asl_timers *timers);
/* Arms a timer anew. ASL_OK, or ASL_NOMEM: then it is as it was. */
int asl_timers_arm(asl_timers *timers, asl_timer *timer, int64_t due_ms, uint64_t number,
                   uint64_t event);
/* Does nothing where it is not armed. */
void asl_timer_disarm(asl_timer *timer);
/* The one that is due first; NULL where none is armed. */
const asl_timer_entry *asl_timers_first(const asl_timers *timers);

#endif
