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

#include "host.h"
#include "report.h"
#include "stores.h"

#define REPEATS 5u
#define SECOND_NS INT64_C(1000000000)
#define IN_HAND 1000u /* started between two dispatches */
#define TOKEN_SIZE 96u
#define SMALL_COUNT 100000u

static const char text[] =
    "{\"StartAt\":\"T\",\"States\":{"
    "\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:token.waitForTaskToken\","
    "\"Parameters\":{\"n.$\":\"$.n\",\"token.$\":\"$$.Task.Token\"},\"Next\":\"a\"},"
    "\"a\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\","
    "\"ResultPath\":\"$.a\",\"Next\":\"b\"},"
    "\"b\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\","
    "\"ResultPath\":\"$.b\",\"Next\":\"c\"},"
    "\"c\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\","
    "\"ResultPath\":\"$.c\",\"Next\":\"d\"},"
    "\"d\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\","
    "\"ResultPath\":\"$.d\",\"Next\":\"e\"},"
    "\"e\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:step\","
    "\"ResultPath\":\"$.e\",\"End\":true}}}";

/* A store, its executions that still wait, and how they are taken. */
typedef struct bench {
    char path[4096];
    host host;
    size_t count, taken;
    bool is_random;
    uint64_t drawn;
    char (*tokens)[TOKEN_SIZE]; /* by number, from 1 */
    uint64_t *numbers;          /* that wait, in the order that they are taken in */
    asl_execution **flying;
} bench;

static void keep_token(void *context, asl_task *task)
{
    bench *self = context;
    int64_t number = 0;
    asl_value_get_integer(asl_value_get(asl_task_input(task), "n"), &number);
    snprintf(self->tokens[number], TOKEN_SIZE, "%s", asl_task_token(task));
    host_check(asl_task_submit(task, asl_value_object(NULL), NULL), NULL, "submit");
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
    host_open(&self->host, self->path, 0, (asl_engine_options){0});
    host_serve(&self->host, "arn:aws:states:::test:token.waitForTaskToken", keep_token, self);
    host_serve(&self->host, "arn:aws:states:::test:step", answer, NULL);
    host_add_machine(&self->host, "spread", text, sizeof text - 1);
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
    self->tokens = host_allocate(count + 1, TOKEN_SIZE);
    self->numbers = host_allocate(count, sizeof *self->numbers);
    self->flying = host_allocate(1024, sizeof(asl_execution *));
    open_engine(self);
    for (size_t i = 0; i < count; i++) {
        asl_value *input = asl_value_object(NULL);
        asl_value_set(&input, "n", asl_value_integer(NULL, (int64_t)i + 1));
        asl_start start = {.size = sizeof start, .machine = "spread", .input = input};
        host_check(asl_execution_start(self->host.engine, &start, NULL, NULL), NULL, "start");
        asl_value_unref(input);
        self->numbers[i] = i + 1;
        if (i % IN_HAND == IN_HAND - 1)
            host_settle(&self->host);
    }
    host_settle(&self->host);
    for (size_t i = count; is_random && i-- > 1;) {
        size_t other = draw(self) % (i + 1);
        uint64_t number = self->numbers[i];
        self->numbers[i] = self->numbers[other];
        self->numbers[other] = number;
    }
}

static void done(bench *self)
{
    host_close(&self->host);
    stores_remove(self->path);
    free(self->tokens);
    free(self->numbers);
    free(self->flying);
}

static void take_one(bench *self, asl_execution **ret_execution)
{
    if (self->taken == self->count)
        host_check(ASL_MISUSE, NULL, "no execution is left: give a larger COUNT");
    uint64_t number = self->numbers[self->taken++];
    asl_error *error = NULL;
    host_check(asl_execution_find(self->host.engine, number, ret_execution), NULL, "find");
    host_check(asl_engine_send_task_success(self->host.engine, self->tokens[number],
                                            asl_value_object(NULL), NULL, &error),
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
        host_check(asl_engine_dispatch(self->host.engine, -1), NULL, "dispatch");
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
