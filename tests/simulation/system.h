/* The system that the simulated process runs on: a disk that loses what was not flushed, and a
 * clock that goes only when it is told to. Its functions take the place of the C library's, for
 * the engine and LMDB as well. */
#ifndef ASL_TESTS_SIMULATION_SYSTEM_H
#define ASL_TESTS_SIMULATION_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/* The next number of a seed's row. */
uint64_t system_draw(void);
/* One in `count`. */
bool system_chance(unsigned count);

/* Begins a world: its random numbers, a disk on which data.mdb below `folder` lies, a clock. With
 * `ignores_flush` a flush makes nothing durable: the control. */
void system_begin(uint64_t seed, const char *folder, bool ignores_flush);

/* From the next `after` writes and flushes on, `times` of them fail with `error`. */
void system_fail(unsigned after, unsigned times, int error);
/* The end of a process: nothing fails any more. What was written is on the disk; where the power is
 * cut, each sector that was not flushed is as it was at the last flush, or as it was written. */
void system_kill(void);
void system_cut_power(void);

/* Milliseconds since 1970. The monotonic clock also goes a little with each look at it. */
int64_t system_now_ms(void);
/* Both clocks go on. How much they have done so since the beginning. */
void system_pass(int64_t ms);
int64_t system_passed_ms(void);
/* The wall clock alone steps; timers that want to hear of it do. */
void system_step(int64_t ms);

#endif
