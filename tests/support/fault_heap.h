/* Fault heap: an allocation hook that checks its caller. It counts what is live, verifies the size
 * given back with every block, guards both ends of it, always moves what is resized, and fails the
 * allocation it is told to.
 *
 *     fault_heap heap;
 *     fault_heap_init(&heap);
 *     for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
 *         int status = scenario(&heap.hook);
 *         ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
 *     }
 *
 * Threads: any. A wrong size, a torn guard or a block that is not this heap's ends the program with
 * a message. */
#ifndef ASL_TESTS_FAULT_HEAP_H
#define ASL_TESTS_FAULT_HEAP_H

#include <pthread.h>
#include <stdbool.h>

#include <asl/heap.h>

typedef struct fault_heap {
    asl_heap hook;
    pthread_mutex_t lock;
    size_t live_bytes, live_blocks;
    size_t peak_bytes;
    size_t allocations; /* asked for since the last fault_heap_fail_at, failed ones included */
    size_t failures;    /* since then */
    size_t optional_failures; /* since then, of what the library can do without */
    size_t fail_at;           /* 0: never; 1: the next */
    bool fail_for_good;
} fault_heap;

void fault_heap_init(fault_heap *heap);
/* Counts anew and fails the `nth` allocation from now on (a growing reallocation counts as one);
 * every later one too where `for_good`. 0: none. */
void fault_heap_fail_at(fault_heap *heap, size_t nth, bool for_good);
/* Whether an allocation that is to be reported was failed since fault_heap_fail_at. */
bool fault_heap_failed(const fault_heap *heap);
/* Nothing is live. Says what is on stderr where something is. */
bool fault_heap_is_empty(const fault_heap *heap);
/* Drives a sweep: false, which ends it, once a run has passed without any failure. Between runs
 * nothing may be live, or the program ends with a message. */
bool fault_heap_sweep(fault_heap *heap, size_t nth, bool for_good);

#endif
