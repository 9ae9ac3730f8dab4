/* The system's clocks. */
#include "base/clock.h"

#include <time.h>

static inline int64_t read_clock(clockid_t id, int64_t units)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * units + now.tv_nsec / (1000000000 / units);
}

int64_t asl_clock_wall(void)
{
    return read_clock(CLOCK_REALTIME, 1000);
}

int64_t asl_clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000);
}

int64_t asl_clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000000);
}
