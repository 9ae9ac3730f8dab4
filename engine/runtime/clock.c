/* The engine's clock. A real clock follows the wall, also back: what must not go back (the times in
 * one execution's history) is kept from it where it is recorded. The others count from the moment
 * they began, so a step of the wall does not touch them. */
#include "runtime/clock.h"

#include <math.h>

void asl_engine_clock_init(asl_engine_clock *clock, asl_clock kind, double scale, int64_t start_ms)
{
    clock->kind = kind;
    clock->scale = scale;
    clock->base_ms = start_ms;
    clock->base_monotonic_ms = asl_clock_monotonic();
    atomic_init(&clock->moved_ms, kind == ASL_CLOCK_REAL ? start_ms - asl_clock_wall() : 0);
}

int64_t asl_engine_clock_now(asl_engine_clock *clock)
{
    int64_t moved_ms = atomic_load_explicit(&clock->moved_ms, memory_order_relaxed);
    switch (clock->kind) {
    case ASL_CLOCK_MANUAL:
        return clock->base_ms + moved_ms;
    case ASL_CLOCK_SKIPPING:
        return clock->base_ms + moved_ms + asl_clock_monotonic() - clock->base_monotonic_ms;
    case ASL_CLOCK_SCALED: {
        double passed_ms = (double)(asl_clock_monotonic() - clock->base_monotonic_ms);
        return clock->base_ms + (int64_t)(passed_ms * clock->scale);
    }
    case ASL_CLOCK_REAL:
    default:
        return asl_clock_wall() + moved_ms;
    }
}

void asl_engine_clock_pair(asl_engine_clock *clock, int64_t *ret_wall_ms, int64_t *ret_engine_ms)
{
    *ret_wall_ms = asl_clock_wall();
    *ret_engine_ms = clock->kind == ASL_CLOCK_REAL ? *ret_wall_ms + atomic_load(&clock->moved_ms)
                                                   : asl_engine_clock_now(clock);
}

void asl_engine_clock_move(asl_engine_clock *clock, int64_t now_ms)
{
    int64_t ahead_ms = now_ms - asl_engine_clock_now(clock);
    if (ahead_ms > 0)
        atomic_fetch_add_explicit(&clock->moved_ms, ahead_ms, memory_order_relaxed);
}

int64_t asl_engine_clock_wait(asl_engine_clock *clock, int64_t due_ms)
{
    int64_t wait_ms = due_ms - asl_engine_clock_now(clock);
    if (wait_ms <= 0)
        return 0;
    if (clock->kind == ASL_CLOCK_MANUAL)
        return -1;
    if (clock->kind == ASL_CLOCK_SCALED)
        wait_ms = (int64_t)ceil((double)wait_ms / clock->scale);
    return wait_ms;
}
