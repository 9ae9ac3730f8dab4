/* Durable executions of several engines that divide a store, each on a thread of its own.
 *
 * usage: bench-shares STORES [ENGINES [IN_FLIGHT]]
 *   STORES     a folder on the disk to measure; a store is made in it and taken away
 *   ENGINES    at most (default 2): 1, 2, ... of them are measured in turn
 *   IN_FLIGHT  executions, of all engines together (default 1,024)
 *
 * The work is that of bench-engine: five tasks, each durable before the next begins.
 */
#include <asl/asl.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "host.h"
#include "report.h"
#include "steps.h"
#include "stores.h"

#define REPEATS 5u
#define RUN_NS INT64_C(1000000000)

/* One engine. */
typedef struct lane {
    pthread_t thread;
    host host; /* the store is all engines' */
    unsigned share, shares, in_flight;
    int64_t deadline_ns;
    uint64_t ended;
} lane;

static void *run(void *context)
{
    lane *self = context;
    asl_engine_options options = {.size = sizeof options,
                                  .store = self->host.store,
                                  .share = self->share,
                                  .shares = self->shares};
    host_check(asl_engine_open(&options, &self->host.engine, NULL), NULL, "engine");
    steps_add(&self->host);
    self->ended = steps_run(&self->host, "steps", self->in_flight, self->deadline_ns, UINT64_MAX);
    asl_engine_free(self->host.engine);
    return NULL;
}

static double measure(const char *folder, unsigned shares, unsigned in_flight)
{
    char path[4096];
    asl_store *store = NULL;
    stores_make(folder, path, sizeof path);
    asl_store_options where = {.size = sizeof where, .path = path};
    host_check(asl_store_open(&where, &store, NULL), NULL, "store");
    lane *lanes = host_allocate(shares, sizeof *lanes);
    int64_t began_ns = report_now_ns();
    for (unsigned i = 0; i < shares; i++) {
        lanes[i] = (lane){.host = {.store = store},
                          .share = i,
                          .shares = shares,
                          .in_flight = in_flight / shares,
                          .deadline_ns = began_ns + RUN_NS};
        if (pthread_create(&lanes[i].thread, NULL, run, &lanes[i]) != 0)
            host_check(ASL_IO, NULL, "thread");
    }
    uint64_t ended = 0;
    for (unsigned i = 0; i < shares; i++) {
        pthread_join(lanes[i].thread, NULL);
        ended += lanes[i].ended;
    }
    double seconds = (double)(report_now_ns() - began_ns) / 1e9;
    free(lanes);
    asl_store_close(store);
    stores_remove(path);
    return (double)ended / seconds;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-shares STORES [ENGINES [IN_FLIGHT]]\n");
        return 2;
    }
    unsigned most = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2;
    unsigned in_flight = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1024;
    double *figures = host_allocate(most, REPEATS * sizeof *figures);
    for (unsigned repeat = 0; repeat < REPEATS; repeat++)
        for (unsigned shares = 1; shares <= most; shares++)
            figures[(shares - 1) * REPEATS + repeat] = measure(argv[1], shares, in_flight);
    for (unsigned shares = 1; shares <= most; shares++) {
        char work[32];
        snprintf(work, sizeof work, "engines-%u", shares);
        report_add(work, report_median(figures + (shares - 1) * REPEATS, REPEATS), "executions/s");
    }
    free(figures);
    return 0;
}
