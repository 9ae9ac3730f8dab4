/* Transitions per second of durable executions: 1, 64 and 1,024 in flight, beside them the same in
 * memory, and what a bare program makes of the same disk in turn with each: the floor.
 *
 * usage: bench-engine DEFINITIONS STORES [WORK...]
 *   DEFINITIONS  the folder of the *.asl.json files
 *   STORES       a folder on the disk to measure; a store is made in it and taken away
 *   WORK         memory-steps, durable-1, durable-64, durable-1024, relaxed-1, relaxed-64
 *
 * Each work runs for about a second at a time, five times; the median counts. A durable workflow
 * is five tasks that finish at once, so it is six commits one after another, and what is measured
 * is how well the commits of many executions go together. With 1,024 in flight the floor also
 * spends what a step takes in memory, which is measured first.
 */
#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor.h"
#include "host.h"
#include "report.h"
#include "stores.h"

#define REPEATS 5u
#define SECOND_NS INT64_C(1000000000)
#define LATENCIES_MAX 200000u
#define STORE_TRANSITIONS 200000u /* a memory store is given up after so many */

typedef struct workload {
    const char *name, *definition;
    unsigned transitions; /* of one execution */
    unsigned in_flight;   /* 0: in memory, one after another */
    unsigned store_flags;
} workload;

static const workload workloads[] = {
    {"memory-steps", "steps", 5, 0, 0},
    {"durable-1", "steps", 5, 1, 0},
    {"durable-64", "steps", 5, 64, 0},
    {"durable-1024", "steps", 5, 1024, 0},
    {"relaxed-1", "steps", 5, 1, ASL_STORE_RELAXED},
    {"relaxed-64", "steps", 5, 64, ASL_STORE_RELAXED},
};

/* One run of one work. */
typedef struct bench {
    const workload *work;
    host host;
    asl_value *input;
    int64_t deadline_ns;
    unsigned active;
    uint64_t ended;
    double *latencies_ms;
    size_t latency_count;
} bench;

typedef struct running {
    bench *owner;
    int64_t began_ns;
} running;

static asl_value *parse(const char *text)
{
    asl_value *value = NULL;
    host_check(asl_value_parse(NULL, text, strlen(text), 0, &value, NULL), NULL, text);
    return value;
}

static void answer(void *context, asl_task *task)
{
    (void)context;
    asl_value *output = asl_value_object(NULL);
    asl_value_set(&output, "ok", asl_value_bool(true));
    asl_task_succeed(task, output, NULL);
}

static asl_definition *load(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.asl.json", folder, name);
    FILE *stream = fopen(path, "rb");
    static char text[1 << 17];
    size_t size = stream ? fread(text, 1, sizeof text, stream) : 0;
    if (stream)
        fclose(stream);
    asl_definition *definition = NULL;
    asl_error *error = NULL;
    host_check(asl_definition_load(text, size, NULL, &definition, NULL, &error), error, path);
    return definition;
}

static void open_engine(bench *self, asl_definition *definition, const char *path)
{
    asl_error *error = NULL;
    host_open(&self->host, path, self->work->store_flags, (asl_engine_options){0});
    host_serve(&self->host, "arn:aws:*", answer, NULL);
    host_check(asl_engine_add_machine(self->host.engine, "bench", definition, &error), error,
               "machine");
}

static void start_one(bench *self);

static void on_ended(void *context, asl_execution *execution)
{
    running *one = context;
    bench *self = one->owner;
    if (asl_execution_status_of(execution) != ASL_EXECUTION_SUCCEEDED)
        host_check(ASL_MISUSE, NULL, asl_execution_error(execution));
    int64_t now_ns = report_now_ns();
    if (self->latency_count < LATENCIES_MAX)
        self->latencies_ms[self->latency_count++] = (double)(now_ns - one->began_ns) / 1e6;
    free(one);
    self->ended++;
    self->active--;
    if (self->work->in_flight > 0 && now_ns < self->deadline_ns)
        start_one(self);
}

static void start_one(bench *self)
{
    running *one = malloc(sizeof *one);
    if (!one)
        host_check(ASL_NOMEM, NULL, "start");
    *one = (running){self, report_now_ns()};
    asl_start start = {.size = sizeof start,
                       .machine = "bench",
                       .input = self->input,
                       .on_ended = on_ended,
                       .context = one};
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    host_check(asl_execution_start(self->host.engine, &start, &execution, &error), error, "start");
    asl_execution_unref(execution);
    self->active++;
}

static void run_in_flight(bench *self)
{
    while (self->active < self->work->in_flight)
        start_one(self);
    while (self->active > 0)
        host_check(asl_engine_dispatch(self->host.engine, -1), NULL, "dispatch");
}

/* One execution after another; new stores keep the histories of a long run out of the figure. */
static void run_in_memory(bench *self, asl_definition *definition)
{
    uint64_t kept = 0;
    while (report_now_ns() < self->deadline_ns) {
        start_one(self);
        while (self->active > 0)
            host_check(asl_engine_dispatch(self->host.engine, -1), NULL, "dispatch");
        kept += self->work->transitions;
        if (kept < STORE_TRANSITIONS)
            continue;
        kept = 0;
        host_close(&self->host);
        open_engine(self, definition, NULL);
    }
}

/* Transitions per second of one run. */
static double run_once(bench *self, asl_definition *definition, const char *stores)
{
    char path[4096];
    bool is_durable = self->work->in_flight > 0;
    if (is_durable)
        stores_make(stores, path, sizeof path);
    open_engine(self, definition, is_durable ? path : NULL);
    self->ended = 0;
    int64_t began_ns = report_now_ns();
    self->deadline_ns = began_ns + SECOND_NS;
    if (is_durable)
        run_in_flight(self);
    else
        run_in_memory(self, definition);
    double seconds = (double)(report_now_ns() - began_ns) / 1e9;
    host_close(&self->host);
    if (is_durable)
        stores_remove(path);
    return (double)(self->ended * self->work->transitions) / seconds;
}

/* Executions per second of the bare program. */
static double run_floor(const workload *work, double busy_ns, const char *stores)
{
    char path[4096];
    stores_make(stores, path, sizeof path);
    double figure = floor_run(path, work->in_flight, work->in_flight > 64 ? busy_ns : 0,
                              work->store_flags & ASL_STORE_RELAXED, 1);
    stores_remove(path);
    return figure;
}

static void report_latencies(bench *self)
{
    double *latencies = self->latencies_ms;
    const char *name = self->work->name;
    report_add(name, report_median(latencies, self->latency_count), "ms, median execution");
    report_add(name, report_quantile(latencies, self->latency_count, 0.99),
               "ms, 99% of executions");
}

/* `busy_ns`: of a commit's interpretation; set by the work in memory. */
static void run_work(const workload *work, const char *definitions, const char *stores,
                     double *busy_ns)
{
    bench self = {.work = work, .input = parse("{\"id\":1,\"user\":\"u-1\",\"amount\":12.5}")};
    self.latencies_ms = malloc(LATENCIES_MAX * sizeof *self.latencies_ms);
    if (!self.latencies_ms)
        host_check(ASL_NOMEM, NULL, work->name);
    asl_definition *definition = load(definitions, work->definition);
    double figures[REPEATS], floors[REPEATS], ratios[REPEATS];
    for (size_t i = 0; i < REPEATS; i++) {
        figures[i] = run_once(&self, definition, stores) / work->transitions;
        if (work->in_flight == 0)
            continue;
        floors[i] = run_floor(work, *busy_ns, stores);
        ratios[i] = figures[i] / floors[i];
    }
    double executions = report_median(figures, REPEATS);
    report_add(work->name, executions * work->transitions, "transitions/s");
    report_add(work->name, executions, "executions/s");
    if (work->in_flight > 0) {
        report_add(work->name, report_median(floors, REPEATS), "executions/s, floor");
        report_add(work->name, report_median(ratios, REPEATS), "of the floor");
        report_latencies(&self);
    } else {
        *busy_ns = 1e9 / executions / FLOOR_COMMITS;
    }
    free(self.latencies_ms);
    asl_definition_unref(definition);
    asl_value_unref(self.input);
}

static bool is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc <= 3;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench-engine DEFINITIONS STORES [WORK...]\n");
        return 2;
    }
    double busy_ns = 0;
    if (!is_wanted(workloads[0].name, argc, argv) && is_wanted("durable-1024", argc, argv))
        run_work(&workloads[0], argv[1], argv[2], &busy_ns);
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++)
        if (is_wanted(workloads[i].name, argc, argv))
            run_work(&workloads[i], argv[1], argv[2], &busy_ns);
    report_table();
    return 0;
}
