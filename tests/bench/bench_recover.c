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

#include "report.h"
#include "stores.h"

#define REPEATS 5u

#define STEP(name, next) \
    "\"" name "\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:" name "\"," next "}"
static const char definition_text[] =
    "{\"StartAt\":\"a\",\"States\":{" STEP("a", "\"Next\":\"b\"") "," STEP(
        "b",
        "\"Next\":\"c\"") "," STEP("c",
                                   "\"Next\":\"d\"") "," STEP("d",
                                                              "\"Next\":\"e\"") "," STEP("e",
                                                                                         "\"End\":"
                                                                                         "true") "}"
                                                                                                 "}";

typedef struct bench {
    const char *path;
    size_t count, kept;
    asl_store *store;
    asl_engine *engine;
} bench;

static void check(int status, asl_error *error, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "bench-recover: %s: %s\n", what,
            error ? asl_error_message(error) : asl_status_name(status));
    exit(1);
}

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
    asl_error *error = NULL;
    asl_definition *definition = NULL;
    asl_store_options store = {.size = sizeof store, .path = self->path};
    check(asl_store_open(&store, &self->store, &error), error, "store");
    asl_engine_options options = {.size = sizeof options, .store = self->store};
    check(asl_engine_open(&options, &self->engine, &error), error, "engine");
    asl_task_handler handler = {.size = sizeof handler, .start = work, .context = self};
    check(asl_engine_register(self->engine, "arn:aws:states:::test:*", &handler, &error), error,
          "register");
    check(asl_definition_load(definition_text, strlen(definition_text), NULL, &definition, NULL,
                              &error),
          error, "definition");
    check(asl_engine_add_machine(self->engine, "recover", definition, &error), error, "machine");
    asl_definition_unref(definition);
}

static void dispatch_until_all_are_kept(bench *self)
{
    while (self->kept < self->count)
        check(asl_engine_dispatch(self->engine, -1), NULL, "dispatch");
}

static void run_and_die(bench *self)
{
    open_engine(self);
    for (size_t i = 0; i < self->count; i++) {
        asl_start start = {.size = sizeof start, .machine = "recover"};
        check(asl_execution_start(self->engine, &start, NULL, NULL), NULL, "start");
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
    check(asl_engine_recover(self->engine, 0, &count, &error), error, "recover");
    dispatch_until_all_are_kept(self);
    double ms = (double)(report_now_ns() - began_ns) / 1e6;
    if (count != self->count)
        check(ASL_MISUSE, NULL, "not all go on");
    asl_engine_free(self->engine);
    asl_store_close(self->store);
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
            check(ASL_IO, NULL, "the child was not killed");
        figures[i] = recover(&self);
        stores_remove(path);
    }
    report_add("recover", report_median(figures, REPEATS), "ms until all are at work again");
    report_table();
    return 0;
}
