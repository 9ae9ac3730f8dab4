/* Whether executions cost more where they are spread over many stored ones: five steps of
 * executions that were waiting for a token, taken in the order they were made in from a small
 * store, and at random from a large one.
 *
 * usage: bench-spread STORES [COUNT]
 *   STORES  a folder on the disk to measure; stores are made in it and taken away
 *   COUNT   of executions of the large store, 100,000 where it is not given
 *
 * Each measurement takes about a second; both stores are measured in turn, five times, and the
 * median ratio counts.
 */
#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "stores.h"

#define REPEATS 5u
#define SECOND_NS INT64_C(1000000000)
#define IN_HAND 1000u /* started between two dispatches */
#define TOKEN_SIZE 96u
#define SMALL_COUNT 100000u

#define TASK(name, resource, next) \
    "\"" name "\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:" resource "\"," next "}"
#define STEP(name, next) TASK(name, "step", "\"ResultPath\":\"$." name "\",\"Next\":\"" next "\"")
static const char definition_text[] =
    "{\"StartAt\":\"T\",\"States\":{" TASK("T", "token.waitForTaskToken", "\"Parameters\":{\"n.$\":\"$.n\",\"token.$\":\"$$.Task.Token\"},\"Next\":\"a\"") "," STEP(
        "a", "b") "," STEP("b", "c") "," STEP("c",
                                              "d") "," STEP("d",
                                                            "e") "," TASK("e", "step",
                                                                          "\"ResultPath\":\"$.e\","
                                                                          "\"End\":true") "}}";

/* A store, its executions that still wait, and how they are taken. */
typedef struct bench {
    char path[4096];
    asl_store *store;
    asl_engine *engine;
    size_t count, taken;
    bool is_random;
    uint64_t drawn;
    char (*tokens)[TOKEN_SIZE]; /* by number, from 1 */
    uint64_t *numbers;          /* that wait, in the order that they are taken in */
    asl_execution **flying;
} bench;

static void check(int status, asl_error *error, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "bench-spread: %s: %s\n", what,
            error ? asl_error_message(error) : asl_status_name(status));
    exit(1);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        check(ASL_NOMEM, NULL, "allocate");
    return memory;
}

static void keep_token(void *context, asl_task *task)
{
    bench *self = context;
    int64_t number = 0;
    asl_value_get_integer(asl_value_get(asl_task_input(task), "n"), &number);
    snprintf(self->tokens[number], TOKEN_SIZE, "%s", asl_task_token(task));
    check(asl_task_submit(task, asl_value_object(NULL), NULL), NULL, "submit");
}

static void answer(void *context, asl_task *task)
{
    (void)context;
    asl_value *output = asl_value_object(NULL);
    asl_value_set(&output, "ok", asl_value_bool(true));
    asl_task_succeed(task, output, NULL);
}

static void open_engine(bench *self)
{
    asl_error *error = NULL;
    asl_definition *definition = NULL;
    asl_store_options store = {.size = sizeof store, .path = self->path};
    check(asl_store_open(&store, &self->store, &error), error, "store");
    asl_engine_options options = {.size = sizeof options, .store = self->store};
    check(asl_engine_open(&options, &self->engine, &error), error, "engine");
    asl_task_handler keep = {.size = sizeof keep, .start = keep_token, .context = self};
    asl_task_handler step = {.size = sizeof step, .start = answer};
    check(asl_engine_register(self->engine, "arn:aws:states:::test:token.waitForTaskToken", &keep,
                              &error),
          error, "register");
    check(asl_engine_register(self->engine, "arn:aws:states:::test:step", &step, &error), error,
          "register");
    check(asl_definition_load(definition_text, strlen(definition_text), NULL, &definition, NULL,
                              &error),
          error, "definition");
    check(asl_engine_add_machine(self->engine, "spread", definition, &error), error, "machine");
    asl_definition_unref(definition);
}

static void settle(bench *self)
{
    while (asl_engine_next_deadline(self->engine) == 0)
        check(asl_engine_dispatch(self->engine, 0), NULL, "dispatch");
}

static uint64_t draw(bench *self)
{
    self->drawn = self->drawn * 6364136223846793005u + 1442695040888963407u;
    return self->drawn >> 33;
}

static void make(bench *self, const char *stores, size_t count, bool is_random)
{
    *self = (bench){.count = count, .is_random = is_random, .drawn = 1};
    stores_make(stores, self->path, sizeof self->path);
    self->tokens = allocate(count + 1, TOKEN_SIZE);
    self->numbers = allocate(count, sizeof *self->numbers);
    self->flying = allocate(1024, sizeof(asl_execution *));
    open_engine(self);
    for (size_t i = 0; i < count; i++) {
        asl_value *input = asl_value_object(NULL);
        asl_value_set(&input, "n", asl_value_integer(NULL, (int64_t)i + 1));
        asl_start start = {.size = sizeof start, .machine = "spread", .input = input};
        check(asl_execution_start(self->engine, &start, NULL, NULL), NULL, "start");
        asl_value_unref(input);
        self->numbers[i] = i + 1;
        if (i % IN_HAND == IN_HAND - 1)
            settle(self);
    }
    settle(self);
    for (size_t i = count; is_random && i-- > 1;) {
        size_t other = draw(self) % (i + 1);
        uint64_t number = self->numbers[i];
        self->numbers[i] = self->numbers[other];
        self->numbers[other] = number;
    }
}

static void done(bench *self)
{
    asl_engine_free(self->engine);
    asl_store_close(self->store);
    stores_remove(self->path);
    free(self->tokens);
    free(self->numbers);
    free(self->flying);
}

static void take_one(bench *self, asl_execution **ret_execution)
{
    if (self->taken == self->count)
        check(ASL_MISUSE, NULL, "no execution is left: give a larger COUNT");
    uint64_t number = self->numbers[self->taken++];
    asl_error *error = NULL;
    check(asl_execution_find(self->engine, number, ret_execution), NULL, "find");
    check(asl_engine_send_task_success(self->engine, self->tokens[number], asl_value_object(NULL),
                                       NULL, &error),
          error, "token");
}

/* Gives the ones that have ended back, and takes others while there is time. */
static size_t turn(bench *self, size_t in_flight, bool takes)
{
    size_t left = 0;
    for (size_t i = 0; i < in_flight; i++) {
        if (self->flying[i] && asl_execution_status_of(self->flying[i]) != ASL_EXECUTION_RUNNING) {
            asl_execution_unref(self->flying[i]);
            self->flying[i] = NULL;
        }
        if (!self->flying[i] && takes)
            take_one(self, &self->flying[i]);
        left += self->flying[i] != NULL;
    }
    return left;
}

/* Executions per second. */
static double measure(bench *self, size_t in_flight)
{
    size_t before = self->taken;
    int64_t began_ns = report_now_ns();
    while (turn(self, in_flight, report_now_ns() - began_ns < SECOND_NS) > 0)
        check(asl_engine_dispatch(self->engine, -1), NULL, "dispatch");
    return (double)(self->taken - before) * 1e9 / (double)(report_now_ns() - began_ns);
}

static void compare(bench *small, bench *large, const char *stores, size_t in_flight,
                    const char *work)
{
    double figures[REPEATS], ratios[REPEATS];
    for (size_t i = 0; i < REPEATS; i++) {
        make(small, stores, SMALL_COUNT, false);
        double alone = measure(small, in_flight);
        done(small);
        figures[i] = measure(large, in_flight);
        ratios[i] = figures[i] / alone;
    }
    report_add(work, report_median(figures, REPEATS), "executions/s, spread");
    report_add(work, report_median(ratios, REPEATS), "of those that are not");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-spread STORES [COUNT]\n");
        return 2;
    }
    static bench small, large;
    make(&large, argv[1], argc > 2 ? strtoul(argv[2], NULL, 10) : 100000, true);
    compare(&small, &large, argv[1], 64, "spread-64");
    if (argc > 2)
        compare(&small, &large, argv[1], 1024, "spread-1024");
    done(&large);
    report_table();
    return 0;
}
