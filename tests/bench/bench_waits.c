/* What executions that wait cost: memory while they are made, while they wait and while they all
 * come at once; how long it takes to open their store, and until all have gone on.
 *
 * usage: bench-waits STORES [COUNT]
 *   STORES  a folder on the disk to measure; a store is made in it and taken away
 *   COUNT   of executions, 10,000 where it is not given
 *
 * Each waits for another second, in an order that has nothing to do with the one they are started
 * in. The clock is set by hand: first to just before the first of them is due, when none may go on,
 * then behind the last. Private memory is RssAnon of /proc/self/status: what LMDB maps is the
 * kernel's to take back.
 */
#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "report.h"
#include "stores.h"

#define START_MS INT64_C(1700000000000)
#define FIRST_WAIT_S 3600
#define IN_HAND 100u /* started between two dispatches */
#define LOOK_EVERY 16u
#define STEP 7919u /* prime to any count that people give */

static const char text[] =
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"SecondsPath\":\"$.seconds\","
    "\"Next\":\"D\"},\"D\":{\"Type\":\"Pass\",\"End\":true}}}";

typedef struct bench {
    const char *path;
    size_t count;
    host host;
    double private_base, private_most, resident_most; /* bytes */
} bench;

static void require(bool holds, const char *what)
{
    if (!holds)
        host_check(ASL_MISUSE, NULL, what);
}

static void look(bench *self)
{
    double private_now = report_memory("RssAnon:"), resident = report_memory("VmRSS:");
    if (private_now > self->private_most)
        self->private_most = private_now;
    if (resident > self->resident_most)
        self->resident_most = resident;
}

static void open_engine(bench *self, int64_t now_ms)
{
    host_open(&self->host, self->path, 0,
              (asl_engine_options){.clock = ASL_CLOCK_MANUAL, .clock_start_ms = now_ms});
    host_add_machine(&self->host, "waits", text, sizeof text - 1);
}

/* Does all that can be done now. */
static void settle(bench *self)
{
    for (unsigned i = 0; asl_engine_next_deadline(self->host.engine) == 0; i++) {
        host_check(asl_engine_dispatch(self->host.engine, 0), NULL, "dispatch");
        if (i % LOOK_EVERY == 0)
            look(self);
    }
    look(self);
}

static void start_one(bench *self, size_t index)
{
    asl_error *error = NULL;
    asl_value *input = asl_value_object(NULL);
    int64_t seconds = FIRST_WAIT_S + (int64_t)((uint64_t)index * STEP % self->count);
    asl_value_set(&input, "seconds", asl_value_integer(NULL, seconds));
    asl_start start = {.size = sizeof start, .machine = "waits", .input = input};
    host_check(asl_execution_start(self->host.engine, &start, NULL, &error), error, "start");
    asl_value_unref(input);
}

static void make_all(bench *self)
{
    int64_t began_ns = report_now_ns();
    for (size_t i = 0; i < self->count; i++) {
        start_one(self, i);
        if (i % IN_HAND == IN_HAND - 1)
            settle(self);
    }
    settle(self);
    double seconds = (double)(report_now_ns() - began_ns) / 1e9;
    report_add("waits", (double)self->count / seconds, "started/s");
    report_add("waits", (report_memory("RssAnon:") - self->private_base) / (double)self->count,
               "private bytes each");
}

static size_t count_ended(bench *self, asl_execution_status status)
{
    asl_list_options options = {.size = sizeof options, .statuses = 1u << status, .limit = 10000};
    size_t count = 0, got = 0;
    do {
        asl_execution_list *list = NULL;
        host_check(asl_store_list(self->host.store, &options, &list, NULL), NULL, "list");
        got = asl_execution_list_count(list);
        if (got > 0)
            options.before = asl_execution_list_at(list, got - 1)->number;
        asl_execution_list_free(list);
        count += got;
    } while (got == options.limit);
    return count;
}

static void reopen(bench *self)
{
    host_close(&self->host);
    asl_error *error = NULL;
    int64_t began_ns = report_now_ns();
    open_engine(self, START_MS);
    host_check(asl_engine_recover(self->host.engine, 0, NULL, &error), error, "recover");
    report_add("waits", (double)(report_now_ns() - began_ns) / 1e6, "ms to open");
    look(self);
}

static void fire_all(bench *self)
{
    int64_t last_ms = START_MS + (FIRST_WAIT_S + (int64_t)self->count) * 1000;
    host_check(asl_engine_set_time(self->host.engine, START_MS + FIRST_WAIT_S * 1000 - 1), NULL,
               "time");
    settle(self);
    require(asl_engine_next_deadline(self->host.engine) != 0, "one was early");
    int64_t began_ns = report_now_ns();
    host_check(asl_engine_set_time(self->host.engine, last_ms), NULL, "time");
    settle(self);
    report_add("waits", (double)(report_now_ns() - began_ns) / 1e9, "s until all have gone on");
    require(count_ended(self, ASL_EXECUTION_SUCCEEDED) == self->count, "not all have gone on");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-waits STORES [COUNT]\n");
        return 2;
    }
    char path[4096];
    bench self = {.path = path, .count = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000};
    stores_make(argv[1], path, sizeof path);
    open_engine(&self, START_MS);
    self.private_base = report_memory("RssAnon:");
    make_all(&self);
    reopen(&self);
    fire_all(&self);
    report_add("waits", self.private_most / 1048576, "MiB private at most");
    report_add("waits", self.resident_most / 1048576, "MiB resident at most");
    host_close(&self.host);
    stores_remove(path);
    report_table();
    return 0;
}
