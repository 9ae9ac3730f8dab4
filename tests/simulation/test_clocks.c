/* The wall clock steps, stands still and passes 2038 under an engine that follows it, and over a
 * restart: nothing is early by the time that its history tells, nothing is late by the wall, and no
 * history goes back. */
#include <asl/asl.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "system.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define YEAR (8766 * HOUR)
#define YEAR_2038_MS INT64_C(2147483648000) /* where 32 bits of seconds end */

#define STATE(body) "{\"StartAt\":\"S\",\"States\":{\"S\":{" body "}}}"
#ifndef WAIT_SECONDS
#define WAIT_SECONDS "60" /* the control waits for less */
#endif
static const char wait_60[] = STATE("\"Type\":\"Wait\",\"Seconds\":" WAIT_SECONDS ",\"End\":true");
static const char call_back[] =
    STATE("\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:call.waitForTaskToken\","
          "\"HeartbeatSeconds\":60,\"TimeoutSeconds\":90,\"End\":true");
static const char again_after_60[] =
    STATE("\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:work\",\"Retry\":[{"
          "\"ErrorEquals\":[\"States.ALL\"],\"IntervalSeconds\":60,\"MaxAttempts\":1}],"
          "\"End\":true");

typedef struct fixture {
    char path[64];
    asl_store *store;
    asl_engine *engine;
    uint64_t number;
    unsigned tries;
    int64_t due_before_ms; /* by the wall, when the wait began */
} fixture;

static void work(void *context, asl_task *task)
{
    fixture *f = context;
    f->tries++;
    if (strstr(asl_task_resource(task), "work"))
        asl_task_fail(task, "E", NULL, NULL);
    else
        asl_task_succeed(task, asl_value_null(), NULL);
}

static void settle(fixture *f)
{
    for (unsigned i = 0; asl_engine_next_deadline(f->engine) == 0; i++) {
        ck_assert_uint_lt(i, 100); /* the loop sleeps where nothing is due */
        ck_assert_int_eq(asl_engine_dispatch(f->engine, 0), ASL_OK);
    }
}

static void open_fixture(fixture *f, const char *definition_text)
{
    asl_definition *definition = NULL;
    asl_store_options where = {
        .size = sizeof where, .path = f->path, .map_bytes = (uint64_t)1 << 28};
    ck_assert_int_eq(asl_store_open(&where, &f->store, NULL), ASL_OK);
    asl_engine_options options = {.size = sizeof options, .store = f->store};
    ck_assert_int_eq(asl_engine_open(&options, &f->engine, NULL), ASL_OK);
    asl_task_handler handler = {.size = sizeof handler, .start = work, .context = f};
    ck_assert_int_eq(asl_engine_register(f->engine, "arn:aws:states:::test:*", &handler, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_definition_load(definition_text, strlen(definition_text), NULL,
                                         &definition, NULL, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine(f->engine, "m", definition, NULL), ASL_OK);
    asl_definition_unref(definition);
    ck_assert_int_eq(asl_engine_recover(f->engine, 0, NULL, NULL), ASL_OK);
    settle(f);
}

/* An execution that waits since now. */
static void begin(fixture *f, const char *definition_text)
{
    asl_execution *execution = NULL;
    *f = (fixture){.path = "/tmp/asl-clocks-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(f->path));
    system_begin(1, f->path, false);
    open_fixture(f, definition_text);
    asl_start start = {.size = sizeof start, .machine = "m", .name = "e"};
    ck_assert_int_eq(asl_execution_start(f->engine, &start, &execution, NULL), ASL_OK);
    f->number = asl_execution_number(execution);
    f->due_before_ms = system_now_ms() + 60 * SECOND;
    asl_execution_unref(execution);
    settle(f);
}

static void close_fixture(fixture *f)
{
    asl_engine_free(f->engine);
    asl_store_close(f->store);
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

static void end(fixture *f)
{
    close_fixture(f);
    nftw(f->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static asl_execution_status status_of(fixture *f)
{
    asl_description *description = NULL;
    ck_assert_int_eq(asl_store_describe(f->store, f->number, &description, NULL), ASL_OK);
    asl_execution_status status = description->status;
    asl_description_free(description);
    return status;
}

/* Milliseconds between the first and the last event of its history, which never goes back. */
static int64_t history_ms(fixture *f)
{
    asl_history *history = NULL;
    ck_assert_int_eq(asl_history_read(f->store, f->number, &history, NULL), ASL_OK);
    int64_t first_ms = asl_history_at(history, 0)->time_ms, last_ms = first_ms;
    for (size_t i = 0; i < asl_history_count(history); i++) {
        ck_assert_int_ge(asl_history_at(history, i)->time_ms, last_ms);
        last_ms = asl_history_at(history, i)->time_ms;
    }
    asl_history_free(history);
    return last_ms - first_ms;
}

/* Waits, by the monotonic clock, until it has ended: it does so when the wall says so. */
static void end_by_the_wall(fixture *f, int64_t left_ms)
{
    int64_t wait_ms = asl_engine_next_deadline(f->engine);
    ck_assert_int_ge(wait_ms, left_ms - 5); /* milliseconds that looking at clocks took */
    ck_assert_int_le(wait_ms, left_ms);
    system_pass(wait_ms - 1);
    settle(f);
    ck_assert_int_eq(status_of(f), ASL_EXECUTION_RUNNING);
    system_pass(1);
    settle(f);
    ck_assert_int_eq(status_of(f), ASL_EXECUTION_SUCCEEDED);
    ck_assert_int_ge(history_ms(f), 60 * SECOND);
}

START_TEST(a_wait_ends_when_the_wall_says_so)
{
    static const int64_t steps[] = {0, -SECOND, -HOUR, -10 * YEAR, 30 * SECOND};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin(&f, wait_60);
        system_pass(10 * SECOND);
        system_step(steps[i]);
        settle(&f);
        end_by_the_wall(&f, f.due_before_ms - system_now_ms());
        end(&f);
    }
}
END_TEST

START_TEST(a_step_over_its_end_ends_a_wait_at_once)
{
    static const int64_t steps[] = {HOUR, 10 * YEAR, YEAR_2038_MS};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin(&f, wait_60);
        system_step(steps[i]);
        settle(&f);
        ck_assert_int_eq(status_of(&f), ASL_EXECUTION_SUCCEEDED);
        ck_assert_int_ge(history_ms(&f), steps[i]);
        end(&f);
    }
}
END_TEST

START_TEST(a_wait_passes_the_end_of_32_bits)
{
    fixture f;
    begin(&f, wait_60);
    system_step(YEAR_2038_MS - 10 * SECOND - system_now_ms());
    settle(&f);
    asl_execution *execution = NULL;
    asl_start start = {.size = sizeof start, .machine = "m", .name = "e2"};
    ck_assert_int_eq(asl_execution_start(f.engine, &start, &execution, NULL), ASL_OK);
    f.number = asl_execution_number(execution);
    asl_execution_unref(execution);
    settle(&f);
    end_by_the_wall(&f, 60 * SECOND);
    end(&f);
}
END_TEST

/* The monotonic clock goes on alone: nothing is due, and the loop may sleep for all of it. */
START_TEST(a_clock_that_stands_still_ends_nothing)
{
    fixture f;
    begin(&f, wait_60);
    for (unsigned i = 0; i < 100; i++) {
        system_pass(10 * SECOND);
        system_step(-10 * SECOND);
        settle(&f);
        ck_assert_int_eq(asl_engine_next_deadline(f.engine), 60 * SECOND);
    }
    ck_assert_int_eq(status_of(&f), ASL_EXECUTION_RUNNING);
    end_by_the_wall(&f, 60 * SECOND);
    end(&f);
}
END_TEST

START_TEST(steps_over_a_restart_count_as_well)
{
    static const int64_t steps[] = {-10 * YEAR, -HOUR, 0, 30 * SECOND, HOUR};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin(&f, wait_60);
        close_fixture(&f);
        system_step(steps[i]);
        open_fixture(&f, wait_60);
        if (steps[i] == HOUR)
            ck_assert_int_eq(status_of(&f), ASL_EXECUTION_SUCCEEDED);
        else
            end_by_the_wall(&f, f.due_before_ms - system_now_ms());
        ck_assert_int_ge(history_ms(&f), 60 * SECOND);
        end(&f);
    }
}
END_TEST

/* Deadlines are times of the wall, also those of an answer from outside. */
START_TEST(a_heartbeat_is_missed_when_the_wall_says_so)
{
    static const int64_t steps[] = {-100 * SECOND, 0, 30 * SECOND};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin(&f, call_back);
        system_step(steps[i]);
        system_pass(f.due_before_ms - system_now_ms() - SECOND);
        settle(&f);
        ck_assert_int_eq(status_of(&f), ASL_EXECUTION_RUNNING);
        system_pass(SECOND);
        settle(&f);
        ck_assert_int_eq(status_of(&f), ASL_EXECUTION_FAILED);
        ck_assert_int_ge(history_ms(&f), 60 * SECOND);
        end(&f);
    }
}
END_TEST

START_TEST(a_retry_comes_when_the_wall_says_so)
{
    fixture f;
    begin(&f, again_after_60);
    ck_assert_uint_eq(f.tries, 1);
    system_step(-100 * SECOND);
    system_pass(159 * SECOND);
    settle(&f);
    ck_assert_uint_eq(f.tries, 1);
    system_pass(SECOND);
    settle(&f);
    ck_assert_uint_eq(f.tries, 2);
    ck_assert_int_eq(status_of(&f), ASL_EXECUTION_FAILED);
    ck_assert_int_ge(history_ms(&f), 60 * SECOND);
    end(&f);
}
END_TEST

SUITE("simulation/clocks", a_wait_ends_when_the_wall_says_so,
      a_step_over_its_end_ends_a_wait_at_once, a_wait_passes_the_end_of_32_bits,
      a_clock_that_stands_still_ends_nothing, steps_over_a_restart_count_as_well,
      a_heartbeat_is_missed_when_the_wall_says_so, a_retry_comes_when_the_wall_says_so)
