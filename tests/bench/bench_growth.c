/* Whether a step costs more in a store that holds much: durable executions, 64 in flight, beside
 * 1,000, 10,000, 100,000 and 1,000,000 that are stored.
 *
 * usage: bench-growth STORES [MOST]
 *   STORES  a folder on the disk to measure; a store is made in it and taken away
 *   MOST    executions that are stored in the end (default 1,000,000)
 */
#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>

#include "host.h"
#include "report.h"
#include "steps.h"
#include "stores.h"

#define REPEATS 5u
#define RUN_NS INT64_C(1000000000)
#define IN_FLIGHT 64u
#define IN_FLIGHT_FILLING 4096u

static double measure(host *self)
{
    int64_t began_ns = report_now_ns();
    uint64_t ended = steps_run(self, "steps", IN_FLIGHT, began_ns + RUN_NS, UINT64_MAX);
    return (double)ended * 1e9 / (double)(report_now_ns() - began_ns);
}

/* The store is filled up to a count; what is measured adds to it. */
static void fill(host *self, uint64_t count)
{
    asl_store_statistics found = {.size = sizeof found};
    host_check(asl_store_read_statistics(self->store, &found, NULL), NULL, "statistics");
    if (found.executions < count)
        steps_run(self, "pass", IN_FLIGHT_FILLING, INT64_MAX, count - found.executions);
}

int main(int argc, char **argv)
{
    char path[4096];
    host self = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: bench-growth STORES [MOST]\n");
        return 2;
    }
    uint64_t most = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    for (uint64_t count = 1000; count <= most; count *= 10) {
        double figures[REPEATS];
        stores_make(argv[1], path, sizeof path);
        host_open(&self, path, 0, (asl_engine_options){0});
        steps_add(&self);
        fill(&self, count);
        for (unsigned i = 0; i < REPEATS; i++)
            figures[i] = measure(&self);
        printf("{\"stored\":%llu}\n", (unsigned long long)count);
        report_add("growth", report_median(figures, REPEATS), "executions/s");
        host_close(&self);
        stores_remove(path);
    }
    report_table();
    return 0;
}
