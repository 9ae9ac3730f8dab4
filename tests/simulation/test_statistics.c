/* What an engine measures, in simulated time: its clock goes a microsecond with each look at it,
 * and else when it is told to. */
#include <asl/asl.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "folder.h"
#include "suite.h"
#include "system.h"

#define TASK \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"r\",\"End\":true}}}"
#define LOOKS 50u /* more than the engine has at the clock from a task's dispatch to its result */

static const int64_t bounds_us[] = {ASL_HISTOGRAM_BOUNDS_US};
#define BOUNDS (sizeof bounds_us / sizeof bounds_us[0])

typedef struct fixture {
    char path[64];
    asl_store *store;
    asl_engine *engine;
    asl_task *task;
} fixture;

static void keep(void *context, asl_task *task)
{
    ((fixture *)context)->task = asl_task_ref(task);
}

static void begin(fixture *f, bool on_disk)
{
    snprintf(f->path, sizeof f->path, "/tmp/asl-statistics-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(f->path));
    system_begin(1, f->path, false);
    asl_store_options where = {
        .size = sizeof where, .path = on_disk ? f->path : NULL, .map_bytes = (uint64_t)1 << 28};
    ck_assert_int_eq(asl_store_open(&where, &f->store, NULL), ASL_OK);
    asl_engine_options options = {.size = sizeof options, .store = f->store};
    ck_assert_int_eq(asl_engine_open(&options, &f->engine, NULL), ASL_OK);
    const asl_task_handler handler = {.size = sizeof handler, .start = keep, .context = f};
    ck_assert_int_eq(asl_engine_register(f->engine, "*", &handler, NULL), ASL_OK);
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(TASK, strlen(TASK), NULL, &definition, NULL, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine(f->engine, "m", definition, NULL), ASL_OK);
    asl_definition_unref(definition);
}

static void end(fixture *f)
{
    asl_engine_free(f->engine);
    asl_store_close(f->store);
    folder_remove(f->path);
}

static void settle(fixture *f)
{
    while (asl_engine_next_deadline(f->engine) == 0)
        ck_assert_int_eq(asl_engine_dispatch(f->engine, 0), ASL_OK);
}

static void spend(int64_t us)
{
    system_pass(us / 1000);
    struct timespec now;
    for (int64_t i = 0; i < us % 1000; i++)
        clock_gettime(CLOCK_MONOTONIC, &now);
}

static void run_task(fixture *f, int64_t us)
{
    asl_start start = {.size = sizeof start, .machine = "m"};
    ck_assert_int_eq(asl_execution_start(f->engine, &start, NULL, NULL), ASL_OK);
    settle(f);
    spend(us);
    ck_assert_int_eq(asl_task_succeed(f->task, asl_value_null(), NULL), ASL_OK);
    asl_task_unref(f->task);
    settle(f);
}

START_TEST(what_a_task_takes_is_counted_in_its_bucket)
{
    for (int on_disk = 0; on_disk < 2; on_disk++) {
        fixture f;
        begin(&f, on_disk);
        int64_t spent_us = 0;
        for (size_t i = 0; i < BOUNDS; i++) {
            run_task(&f, bounds_us[i] - LOOKS);
            run_task(&f, bounds_us[i] + 1);
            spent_us += 2 * bounds_us[i] - LOOKS + 1;
        }
        asl_engine_statistics found = {.size = sizeof found};
        ck_assert_int_eq(asl_engine_read_statistics(f.engine, &found), ASL_OK);
        ck_assert_uint_eq(found.task_latency.count[0], 1);
        for (size_t i = 1; i < BOUNDS; i++)
            ck_assert_uint_eq(found.task_latency.count[i], 2);
        ck_assert_uint_eq(found.task_latency.count[BOUNDS], 1);
        ck_assert(found.task_latency.total == 2 * BOUNDS && found.tasks_finished == 2 * BOUNDS);
        ck_assert_uint_ge(found.task_latency.sum_us, (uint64_t)spent_us);
        ck_assert_uint_lt(found.task_latency.sum_us, (uint64_t)spent_us + 2 * BOUNDS * LOOKS);
        /* Each is durable twice, and nothing but looking at the clock takes time in a commit. */
        ck_assert_uint_eq(found.commits, 4 * BOUNDS);
        ck_assert_uint_eq(found.commit_latency.count[0], found.commits);
        ck_assert_uint_ge(found.commit_latency.sum_us, found.commits);
        end(&f);
    }
}
END_TEST

SUITE("statistics", what_a_task_takes_is_counted_in_its_bucket)
