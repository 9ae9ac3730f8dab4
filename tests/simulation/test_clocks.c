/* The wall clock steps, stands still, has a second twice and passes 2038 under an engine that
 * follows it, and over a restart: nothing is early by the time that its history tells, nothing is
 * late by the wall, and no history goes back. What is real time hears nothing of steps. */
#include <asl/asl.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "suite.h"
#include "system.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define YEAR (8766 * HOUR)
#define YEAR_2038_MS INT64_C(2147483648000) /* where 32 bits of seconds end */
#define YEAR_2031_MS INT64_C(1924992000000) /* a leap second would come before */

#define STATE(body) "{\"StartAt\":\"S\",\"States\":{\"S\":{" body "}}}"
#ifndef WAIT_SECONDS
#define WAIT_SECONDS "60" /* the control waits for less */
#endif
static const char wait_60[] = STATE("\"Type\":\"Wait\",\"Seconds\":" WAIT_SECONDS ",\"End\":true");
static const char again_after_60[] =
    STATE("\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:work\",\"Retry\":[{"
          "\"ErrorEquals\":[\"States.ALL\"],\"IntervalSeconds\":60,\"MaxAttempts\":1}],"
          "\"End\":true");
static const char later_and_60[] =
    "{\"StartAt\":\"L\",\"States\":{\"L\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:later\",\"Next\":\"S\"},"
    "\"S\":{\"Type\":\"Wait\",\"Seconds\":" WAIT_SECONDS ",\"End\":true}}}";
static const char call_back[] =
    STATE("\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:call.waitForTaskToken\","
          "\"HeartbeatSeconds\":60,\"TimeoutSeconds\":90,\"End\":true");
static const char task_60[] =
    STATE("\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:later\","
          "\"TimeoutSeconds\":60,\"End\":true");

typedef struct setting {
    const char *definition_text;
    int64_t passivate_after_ms;
    double scale; /* 0: the clock is the wall's */
} setting;

/* What ends 60 seconds behind its start; in memory all the while, or read again when it is due. */
static const setting waits[] = {
    {wait_60, 0}, {wait_60, -1}, {again_after_60, 0}, {again_after_60, -1}};
#define WAITS (sizeof waits / sizeof *waits)

typedef struct fixture {
    char path[64];
    asl_store *store;
    asl_engine *engine;
    uint64_t number;
    asl_task *task; /* what is answered later */
    unsigned tries;
    int64_t due_before_ms; /* by the wall, when the wait began */
} fixture;

static void work(void *context, asl_task *task)
{
    fixture *f = context;
    f->tries++;
    if (strstr(asl_task_resource(task), "later"))
        f->task = asl_task_ref(task);
    else if (strstr(asl_task_resource(task), "work") && f->tries == 1)
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

static void open_fixture(fixture *f, const setting *what)
{
    const char *text = what->definition_text;
    asl_definition *definition = NULL;
    asl_store_options where = {
        .size = sizeof where, .path = f->path, .map_bytes = (uint64_t)1 << 28};
    ck_assert_int_eq(asl_store_open(&where, &f->store, NULL), ASL_OK);
    asl_engine_options options = {.size = sizeof options,
                                  .store = f->store,
                                  .passivate_after_ms = what->passivate_after_ms,
                                  .clock = what->scale > 0 ? ASL_CLOCK_SCALED : ASL_CLOCK_REAL,
                                  .clock_scale = what->scale};
    ck_assert_int_eq(asl_engine_open(&options, &f->engine, NULL), ASL_OK);
    asl_task_handler handler = {.size = sizeof handler, .start = work, .context = f};
    ck_assert_int_eq(asl_engine_register(f->engine, "arn:aws:states:::test:*", &handler, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_definition_load(text, strlen(text), NULL, &definition, NULL, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine(f->engine, "m", definition, NULL), ASL_OK);
    asl_definition_unref(definition);
    ck_assert_int_eq(asl_engine_recover(f->engine, 0, NULL, NULL), ASL_OK);
    settle(f);
}

/* An execution that waits since now. */
static void start(fixture *f, const char *name)
{
    asl_execution *execution = NULL;
    asl_start how = {.size = sizeof how, .machine = "m", .name = name};
    ck_assert_int_eq(asl_execution_start(f->engine, &how, &execution, NULL), ASL_OK);
    f->number = asl_execution_number(execution);
    f->due_before_ms = system_now_ms() + 60 * SECOND;
    asl_execution_unref(execution);
    settle(f);
}

/* A world with one. */
static void begin(fixture *f, const setting *what)
{
    *f = (fixture){.path = "/tmp/asl-clocks-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(f->path));
    system_begin(1, f->path, false);
    open_fixture(f, what);
    start(f, "e");
}

static void begin_with(fixture *f, const char *definition_text)
{
    begin(f, &(setting){.definition_text = definition_text});
}

static void close_fixture(fixture *f)
{
    asl_task_unref(f->task);
    f->task = NULL;
    asl_engine_free(f->engine);
    asl_store_close(f->store);
}

static void end(fixture *f)
{
    close_fixture(f);
    folder_remove(f->path);
    system_begin(1, "", false); /* Check adds up how long a test takes, and has no room for years */
}

static asl_execution_status status_of(fixture *f)
{
    asl_description *description = NULL;
    ck_assert_int_eq(asl_store_describe(f->store, f->number, &description, NULL), ASL_OK);
    asl_execution_status status = description->status;
    asl_description_free(description);
    return status;
}

/* Milliseconds between the first event of a type and the last event of its history, which never
 * goes back. */
static int64_t history_ms_since(fixture *f, const char *type)
{
    asl_history *history = NULL;
    ck_assert_int_eq(asl_history_read(f->store, f->number, &history, NULL), ASL_OK);
    int64_t since_ms = -1, last_ms = asl_history_at(history, 0)->time_ms;
    for (size_t i = 0; i < asl_history_count(history); i++) {
        const asl_history_event *event = asl_history_at(history, i);
        ck_assert_int_ge(event->time_ms, last_ms);
        last_ms = event->time_ms;
        if (since_ms < 0 && strcmp(event->type, type) == 0)
            since_ms = last_ms;
    }
    ck_assert_int_ge(since_ms, 0);
    asl_history_free(history);
    return last_ms - since_ms;
}

static int64_t history_ms(fixture *f)
{
    return history_ms_since(f, "ExecutionStarted");
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
    for (size_t i = 0; i < WAITS * sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin(&f, &waits[i % WAITS]);
        system_pass(10 * SECOND);
        system_step(steps[i / WAITS]);
        settle(&f);
        end_by_the_wall(&f, f.due_before_ms - system_now_ms());
        end(&f);
    }
}
END_TEST

START_TEST(a_step_over_its_end_ends_a_wait_at_once)
{
    static const int64_t steps[] = {HOUR, 10 * YEAR, YEAR_2038_MS};
    for (size_t i = 0; i < WAITS * sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin(&f, &waits[i % WAITS]);
        system_step(steps[i / WAITS]);
        settle(&f);
        ck_assert_int_eq(status_of(&f), ASL_EXECUTION_SUCCEEDED);
        ck_assert_int_ge(history_ms(&f), steps[i / WAITS]);
        end(&f);
    }
}
END_TEST

START_TEST(a_wait_passes_the_end_of_32_bits)
{
    fixture f;
    begin_with(&f, wait_60);
    system_step(YEAR_2038_MS - 10 * SECOND - system_now_ms());
    settle(&f);
    start(&f, "e2");
    end_by_the_wall(&f, 60 * SECOND);
    end(&f);
}
END_TEST

/* The monotonic clock goes on alone: nothing is due, and the loop may sleep for all of it. */
START_TEST(a_clock_that_stands_still_ends_nothing)
{
    for (size_t how = 0; how < WAITS; how++) {
        fixture f;
        begin(&f, &waits[how]);
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
}
END_TEST

START_TEST(steps_over_a_restart_count_as_well)
{
    static const int64_t steps[] = {-10 * YEAR, -HOUR, 0, 30 * SECOND, HOUR};
    for (size_t i = 0; i < WAITS * sizeof steps / sizeof *steps; i++) {
        int64_t step_ms = steps[i / WAITS];
        fixture f;
        begin(&f, &waits[i % WAITS]);
        close_fixture(&f);
        system_step(step_ms);
        open_fixture(&f, &waits[i % WAITS]);
        if (step_ms == HOUR)
            ck_assert_int_eq(status_of(&f), ASL_EXECUTION_SUCCEEDED);
        else
            end_by_the_wall(&f, f.due_before_ms - system_now_ms());
        ck_assert_int_ge(history_ms(&f), 60 * SECOND);
        end(&f);
    }
}
END_TEST

static void answer(fixture *f)
{
    ck_assert_int_eq(asl_task_succeed(f->task, asl_value_null(), NULL), ASL_OK);
    settle(f);
}

/* What is recorded while the clock is behind has the time of what was recorded before, and a wait
 * counts from there: by the wall it is longer by as much as the clock is behind. */
START_TEST(a_wait_that_begins_behind_its_history_is_not_shorter_by_it)
{
    static const int64_t steps[] = {-SECOND, -HOUR, -10 * YEAR};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin_with(&f, later_and_60);
        system_step(steps[i]);
        answer(&f);
        end_by_the_wall(&f, 60 * SECOND - steps[i]);
        ck_assert_int_ge(history_ms_since(&f, "WaitStateEntered"), 60 * SECOND);
        end(&f);
    }
}
END_TEST

/* It was there when the clock was right, and the clock is right again before it ends. */
START_TEST(a_clock_that_comes_back_changes_nothing)
{
    for (size_t how = 0; how < WAITS; how++) {
        fixture f;
        begin(&f, &waits[how]);
        system_step(-HOUR);
        system_pass(SECOND);
        settle(&f);
        system_step(HOUR);
        settle(&f);
        end_by_the_wall(&f, 59 * SECOND);
        end(&f);
    }
}
END_TEST

/* 23:59:59.5 is there twice. One execution waits over it; another is answered in the second that
 * is repeated, at an earlier time than it was started. */
START_TEST(a_leap_second_makes_nothing_early)
{
    for (unsigned is_answered = 0; is_answered < 2; is_answered++) {
        fixture f;
        begin_with(&f, is_answered ? later_and_60 : wait_60);
        asl_task_unref(f.task);
        system_step(YEAR_2031_MS - SECOND / 2 - system_now_ms());
        settle(&f);
        start(&f, "e2");
        system_pass(SECOND / 2);
        settle(&f);
        system_step(-SECOND);
        system_pass(SECOND / 4);
        settle(&f);
        if (is_answered)
            answer(&f);
        end_by_the_wall(&f, 60 * SECOND + SECOND / 4);
        end(&f);
    }
}
END_TEST

/* Deadlines are times of the wall, also those of an answer from outside. */
START_TEST(a_task_is_late_when_the_wall_says_so)
{
    static const int64_t steps[] = {-HOUR, -100 * SECOND, 0, 30 * SECOND};
    for (size_t i = 0; i < 2 * sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin_with(&f, i % 2 == 0 ? call_back : task_60);
        system_step(steps[i / 2]);
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

/* What a host does that waits for the engine's descriptor alone. */
static void listen(fixture *f)
{
    struct pollfd ready = {.fd = asl_engine_fd(f->engine), .events = POLLIN};
    for (unsigned i = 0; poll(&ready, 1, 0) > 0; i++) {
        ck_assert_uint_lt(i, 100);
        ck_assert_int_eq(asl_engine_dispatch(f->engine, 0), ASL_OK);
    }
}

START_TEST(a_host_that_sleeps_is_woken_when_the_wall_says_so)
{
    static const int64_t steps[] = {-HOUR, 0, 30 * SECOND, HOUR};
    for (size_t i = 0; i < WAITS * sizeof steps / sizeof *steps; i++) {
        fixture f;
        begin(&f, &waits[i % WAITS]);
        listen(&f);
        system_step(steps[i / WAITS]);
        listen(&f);
        if (steps[i / WAITS] < HOUR) {
            system_pass(f.due_before_ms - system_now_ms() - 1);
            listen(&f);
            ck_assert_int_eq(status_of(&f), ASL_EXECUTION_RUNNING);
            system_pass(1);
            listen(&f);
        }
        ck_assert_int_eq(status_of(&f), ASL_EXECUTION_SUCCEEDED);
        end(&f);
    }
}
END_TEST

static void on_timer(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    ++*(unsigned *)context;
}

START_TEST(a_host_that_sleeps_is_woken_in_real_time)
{
    static const int64_t steps[] = {-HOUR, -10 * YEAR, 0, 30 * SECOND, HOUR};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        fixture f;
        asl_watch *watch = NULL;
        unsigned rung = 0;
        begin_with(&f, task_60);
        ck_assert_int_eq(asl_engine_timer(f.engine, on_timer, &rung, &watch), ASL_OK);
        ck_assert_int_eq(asl_watch_set_timer(watch, 30 * SECOND), ASL_OK);
        listen(&f);
        system_step(steps[i]);
        system_pass(29 * SECOND);
        listen(&f);
        ck_assert_uint_eq(rung, 0);
        system_pass(SECOND);
        listen(&f);
        ck_assert_uint_eq(rung, 1);
        asl_watch_free(watch);
        end(&f);
    }
}
END_TEST

START_TEST(a_scaled_clock_hears_nothing_of_steps)
{
    static const int64_t steps[] = {-HOUR, -10 * YEAR, 0, 30 * SECOND, HOUR};
    for (size_t i = 0; i < WAITS * sizeof steps / sizeof *steps; i++) {
        fixture f;
        setting twice_as_fast = waits[i % WAITS];
        twice_as_fast.scale = 2;
        begin(&f, &twice_as_fast);
        listen(&f);
        system_step(steps[i / WAITS]);
        system_pass(30 * SECOND - 10); /* clocks go a little whenever they are looked at */
        listen(&f);
        ck_assert_int_eq(status_of(&f), ASL_EXECUTION_RUNNING);
        system_pass(10);
        listen(&f);
        ck_assert_int_eq(status_of(&f), ASL_EXECUTION_SUCCEEDED);
        ck_assert_int_ge(history_ms(&f), 60 * SECOND);
        end(&f);
    }
}
END_TEST

SUITE("simulation/clocks", a_wait_ends_when_the_wall_says_so,
      a_step_over_its_end_ends_a_wait_at_once, a_wait_passes_the_end_of_32_bits,
      a_clock_that_stands_still_ends_nothing, steps_over_a_restart_count_as_well,
      a_wait_that_begins_behind_its_history_is_not_shorter_by_it,
      a_clock_that_comes_back_changes_nothing, a_leap_second_makes_nothing_early,
      a_task_is_late_when_the_wall_says_so, a_host_that_sleeps_is_woken_when_the_wall_says_so,
      a_host_that_sleeps_is_woken_in_real_time, a_scaled_clock_hears_nothing_of_steps)
