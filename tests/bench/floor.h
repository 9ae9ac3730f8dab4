/* What a bare program makes of the disk: the commits of a five-step workflow without the engine. */
#ifndef ASL_BENCH_FLOOR_H
#define ASL_BENCH_FLOOR_H

#include <stddef.h>

#define FLOOR_COMMITS 6u /* of a workflow: its start, four results with the next step, its end */

/* Workflows per second, `in_flight` at a time, each of whose six commits is durable before the next
 * begins: one row of a log for each, with the bytes that the engine records, in one transaction for
 * all that are in flight. `busy_ns` are spent for each row beforehand, as an engine would to make
 * it. `relaxed` as ASL_STORE_RELAXED. Exits where something fails. */
double floor_run(const char *path, size_t in_flight, double busy_ns, int relaxed, double seconds);

#endif
