/* The system's clocks. */
#ifndef ASL_BASE_CLOCK_H
#define ASL_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970; may step back. */
int64_t asl_clock_wall(void);
/* Milliseconds that only go forward. */
int64_t asl_clock_monotonic(void);
/* The same in microseconds: of one moment, a thousand times as much and what is below. */
int64_t asl_clock_monotonic_us(void);

#endif
