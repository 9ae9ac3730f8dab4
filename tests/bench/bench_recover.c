/* How long it takes after kill -9 until all executions that were in flight are at work again.
 *
 * usage: bench-recover STORES [COUNT]
 *   STORES  a folder on the disk to measure; a store is made in it and taken away
 *   COUNT   of executions in flight, 10,000 where it is not given
 *
 * A child runs executions of five tasks: it answers the first two of each and keeps the third, and
 * kills itself when all are there. What is measured goes from before the store is opened until the
 * handler has all third tasks again. Five times; the median counts.
 */
#include <asl/asl.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "report.h"
#include "stores.h"

#define REPEATS 5u

static const char text[] =
    "{\"StartAt\":\"a\",\"States\":{"
    "\"a\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\",\"Next\":\"b\"},"
    "\"b\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\",\"Next\":\"c\"},"
    "\"c\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\",\"Next\":\"d\"},"
    "\"d\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\",\"Next\":\"e\"},"
    "\"e\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\",\"End\":true}}}";

typedef struct bench {
    const char *path;
    size_t count, kept;
    host host;
} bench;

static void work(void *context, asl_task *task)
{
    bench *self = context;
    if (strcmp(asl_task_state(task), "c") == 0)
        self->kept++;
    else
        asl_task_succeed(task, asl_value_object(NULL), NULL);
}

static void open_engine(bench *self)
{
    host_open(&self->host, self->path, 0, (asl_engine_options){0});
    host_serve(&self->host, "arn:aws:states:::test:step", work, self);
    host_add_machine(&self->host, "recover", text, sizeof text - 1);
}

static void dispatch_until_all_are_kept(bench *self)
{
    while (self->kept < self->count)
        host_check(asl_engine_dispatch(self->host.engine, -1), NULL, "dispatch");
}

static void run_and_die(bench *self)
{
    open_engine(self);
    for (size_t i = 0; i < self->count; i++) {
        asl_start start = {.size = sizeof start, .machine = "recover"};
        host_check(asl_execution_start(self->host.engine, &start, NULL, NULL), NULL, "start");
    }
    dispatch_until_all_are_kept(self);
    kill(getpid(), SIGKILL);
}

/* Milliseconds. */
static double recover(bench *self)
{
    size_t count = 0;
    asl_error *error = NULL;
    int64_t began_ns = report_now_ns();
    self->kept = 0;
    open_engine(self);
    host_check(asl_engine_recover(self->host.engine, 0, &count, &error), error, "recover");
    dispatch_until_all_are_kept(self);
    double ms = (double)(report_now_ns() - began_ns) / 1e6;
    if (count != self->count)
        host_check(ASL_MISUSE, NULL, "not all go on");
    host_close(&self->host);
    return ms;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-recover STORES [COUNT]\n");
        return 2;
    }
    double figures[REPEATS];
    for (size_t i = 0; i < REPEATS; i++) {
        char path[4096];
        bench self = {.path = path, .count = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000};
        stores_make(argv[1], path, sizeof path);
        pid_t child = fork();
        if (child == 0)
            run_and_die(&self);
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
            host_check(ASL_IO, NULL, "the child was not killed");
        figures[i] = recover(&self);
        stores_remove(path);
    }
    report_add("recover", report_median(figures, REPEATS), "ms until all are at work again");
    report_table();
    return 0;
}
