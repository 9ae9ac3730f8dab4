/* The engine's clock: real, scaled, skipping or manual. Reading it is safe from any thread; only
 * the engine's own moves it. */
#ifndef ASL_RUNTIME_CLOCK_H
#define ASL_RUNTIME_CLOCK_H

#include <stdatomic.h>

#include <asl/engine.h>

#include "base/clock.h"

typedef struct asl_engine_clock {
    asl_clock kind;
    double scale;
    int64_t base_ms;           /* engine time where the clock began */
    int64_t base_monotonic_ms; /* and the moment it began */
    _Atomic int64_t moved_ms;  /* how far it was moved since; real: how far ahead of the wall */
} asl_engine_clock;

void asl_engine_clock_init(asl_engine_clock *clock, asl_clock kind, double scale, int64_t start_ms);
int64_t asl_engine_clock_now(asl_engine_clock *clock);
/* Both times of one moment: their difference does not drift from one reading to the next. */
void asl_engine_clock_pair(asl_engine_clock *clock, int64_t *ret_wall_ms, int64_t *ret_engine_ms);
/* Moves a skipping or manual clock to `now_ms`, never back. */
void asl_engine_clock_move(asl_engine_clock *clock, int64_t now_ms);
/* Milliseconds of real time until engine time is `due_ms`; -1: it does not come by itself. */
int64_t asl_engine_clock_wait(asl_engine_clock *clock, int64_t due_ms);

#endif
