/* Counting references: without atomic steps while the process has one thread, which the C library
 * knows (glibc 2.32; elsewhere every step is atomic). An atomic step costs some twenty cycles, and
 * a transition takes and drops a dozen references. Safe, because the library's answer changes only
 * where a thread is made or joined, and both order what was written before with what comes after.
 */
#ifndef ASL_VALUE_COUNTING_H
#define ASL_VALUE_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __has_include
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define ASL_HAS_ONE_THREAD __libc_single_threaded
#endif
#endif
#ifndef ASL_HAS_ONE_THREAD
#define ASL_HAS_ONE_THREAD 0
#endif

static inline void asl_count_up(uint32_t *references)
{
    if (ASL_HAS_ONE_THREAD)
        ++*references;
    else
        __atomic_fetch_add(references, 1, __ATOMIC_RELAXED);
}

/* True where it was the last. Who holds the only one needs no atomic step. */
static inline bool asl_count_down(uint32_t *references)
{
    if (ASL_HAS_ONE_THREAD)
        return --*references == 0;
    if (__atomic_load_n(references, __ATOMIC_ACQUIRE) == 1)
        return true;
    return __atomic_sub_fetch(references, 1, __ATOMIC_ACQ_REL) == 0;
}

#endif
