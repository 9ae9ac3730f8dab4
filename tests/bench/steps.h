/* The work of durable executions: five tasks, each durable before the next begins. */
#ifndef ASL_BENCH_STEPS_H
#define ASL_BENCH_STEPS_H

#include <asl/asl.h>

#include "host.h"

/* Serves the tasks and adds the machines "steps" and "pass" (one Pass state). */
void steps_add(host *self);
/* Runs executions of a machine, so many in flight, and starts new ones until the deadline, or until
 * `count` were started; how many ended. */
uint64_t steps_run(host *self, const char *machine, unsigned in_flight, int64_t deadline_ns,
                   uint64_t count);

#endif
