#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "runtime/clock.h"

#define LATER \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:later\",\"End\":true}}}"

static bool is_readable(const fixture *f, int timeout_ms)
{
    struct pollfd poller = {.fd = asl_engine_fd(f->engine), .events = POLLIN};
    return poll(&poller, 1, timeout_ms) == 1;
}

START_TEST(the_descriptor_is_readable_while_there_is_something_to_do)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", LATER);
    ck_assert(!is_readable(&f, 0));
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    ck_assert(is_readable(&f, 0));
    fixture_settle(&f);
    ck_assert(!is_readable(&f, 0));
    ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
    ck_assert(is_readable(&f, 0));
    fixture_settle(&f);
    ck_assert(!is_readable(&f, 0));
    ck_assert_int_eq(asl_engine_next_deadline(f.engine), -1);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(a_descriptor_that_is_asked_for_late_shows_what_there_is_to_do)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", LATER);
    asl_execution *first = fixture_start(&f, "m", "one", "{}");
    ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    ck_assert_uint_eq(f.task_count, 1);
    asl_execution *second = fixture_start(&f, "m", "two", "{}");
    ck_assert(is_readable(&f, 0));
    fixture_settle(&f);
    ck_assert_uint_eq(f.task_count, 2);
    ck_assert(!is_readable(&f, 0));
    asl_execution_unref(first);
    asl_execution_unref(second);
    fixture_close(&f);
}
END_TEST

#define WAIT(seconds) \
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":" seconds \
    ",\"End\":true}}}"

START_TEST(the_next_deadline_is_told)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", WAIT("6000"));
    asl_execution_unref(fixture_start(&f, "m", "one", "{}"));
    fixture_settle(&f);
    int64_t wait_ms = asl_engine_next_deadline(f.engine);
    ck_assert_int_gt(wait_ms, 0);
    ck_assert_int_le(wait_ms, 6000000);
    fixture_close(&f);
}
END_TEST

START_TEST(a_host_that_only_polls_the_descriptor_sees_deadlines)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", WAIT("1"));
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    while (asl_execution_status_of(execution) == ASL_EXECUTION_RUNNING) {
        ck_assert(is_readable(&f, -1));
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    }
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

static void *wake(void *engine)
{
    usleep(20000);
    asl_engine_wake(engine);
    return NULL;
}

START_TEST(waking_ends_a_dispatch_that_waits)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, wake, f.engine), 0);
    ck_assert_int_eq(asl_engine_dispatch(f.engine, -1), ASL_OK);
    pthread_join(thread, NULL);
    asl_engine_wake(f.engine);
    ck_assert(is_readable(&f, 0));
    ck_assert_int_eq(asl_engine_dispatch(f.engine, -1), ASL_OK);
    int64_t began_ms = asl_clock_monotonic();
    ck_assert_int_eq(asl_engine_dispatch(f.engine, 30), ASL_OK);
    ck_assert_int_ge(asl_clock_monotonic() - began_ms, 29);
    fixture_close(&f);
}
END_TEST

typedef struct watched {
    asl_watch *watch;
    int count, fd;
    unsigned events;
} watched;

static void note_events(void *context, int fd, unsigned events)
{
    watched *w = context;
    w->count++;
    w->fd = fd;
    w->events = events;
}

static void read_and_free(void *context, int fd, unsigned events)
{
    note_events(context, fd, events);
    char byte;
    ck_assert_int_eq(read(fd, &byte, 1), 1);
    asl_watch_free(((watched *)context)->watch);
}

START_TEST(a_watch_is_called_when_its_descriptor_is_ready)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    watched reading = {.count = 0}, writing = {.count = 0};
    ck_assert_int_eq(asl_engine_watch(f.engine, ends[0], ASL_WATCH_READ, read_and_free, &reading,
                                      &reading.watch),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_watch(f.engine, ends[1], 0, note_events, &writing, &writing.watch),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    ck_assert_int_eq(reading.count + writing.count, 0);
    ck_assert_int_eq(asl_watch_change(writing.watch, ASL_WATCH_WRITE), ASL_OK);
    ck_assert(is_readable(&f, 0));
    ck_assert_int_eq(asl_engine_dispatch(f.engine, -1), ASL_OK);
    ck_assert_int_eq(writing.count, 1);
    ck_assert_uint_eq(writing.events, ASL_WATCH_WRITE);
    ck_assert_int_eq(asl_watch_change(writing.watch, 0), ASL_OK);
    ck_assert_int_eq(write(ends[1], "xy", 2), 2);
    ck_assert_int_eq(asl_engine_dispatch(f.engine, -1), ASL_OK);
    ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    ck_assert_int_eq(reading.count, 1);
    ck_assert_int_eq(reading.fd, ends[0]);
    ck_assert_uint_eq(reading.events, ASL_WATCH_READ);
    asl_watch_free(writing.watch);
    close(ends[0]);
    close(ends[1]);
    asl_watch *none = NULL;
    ck_assert_int_eq(asl_engine_watch(f.engine, ends[0], ASL_WATCH_READ, note_events, NULL, &none),
                     ASL_MISUSE);
    fixture_close(&f);
}
END_TEST

START_TEST(a_timer_rings_once_each_time_it_is_set)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    watched w = {.count = 0};
    ck_assert_int_eq(asl_engine_timer(f.engine, note_events, &w, &w.watch), ASL_OK);
    ck_assert_int_eq(asl_watch_set_timer(w.watch, 10), ASL_OK);
    ck_assert_int_eq(asl_watch_set_timer(w.watch, -1), ASL_OK);
    ck_assert_int_eq(asl_engine_next_deadline(f.engine), -1);
    ck_assert_int_eq(asl_watch_set_timer(w.watch, 10), ASL_OK);
    ck_assert(is_readable(&f, -1));
    ck_assert_int_eq(asl_engine_dispatch(f.engine, -1), ASL_OK);
    ck_assert_int_eq(w.count, 1);
    ck_assert_int_eq(w.fd, -1);
    ck_assert_int_eq(asl_watch_set_timer(w.watch, 0), ASL_OK);
    ck_assert_int_eq(asl_engine_dispatch(f.engine, -1), ASL_OK);
    ck_assert_int_eq(w.count, 2);
    ck_assert_int_eq(asl_watch_change(w.watch, 1), ASL_MISUSE);
    asl_watch_free(w.watch);
    /* One that is left is freed with the engine. */
    ck_assert_int_eq(asl_engine_timer(f.engine, note_events, &w, &w.watch), ASL_OK);
    fixture_close(&f);
}
END_TEST

/* What a callback of the loop asks for, and in which order it comes. */
typedef struct alarms {
    asl_watch *watches[4];
    char order[5];
} alarms;

static const int64_t alarm_delays_ms[4] = {1001, 1000, 1001, 1000};
static alarms rung;

static void note_alarm(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    size_t count = strlen(rung.order);
    rung.order[count] = (char)('0' + *(const int *)context);
}

/* Minutes of engine time pass between one setting and the next. */
static void set_alarms(void *context, int fd, unsigned events)
{
    (void)context;
    (void)fd;
    (void)events;
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(asl_watch_set_engine_timer(rung.watches[i], alarm_delays_ms[i]), ASL_OK);
        usleep(2000);
    }
}

START_TEST(delays_that_one_round_asks_for_are_over_in_their_order)
{
    static const int names[4] = {0, 1, 2, 3};
    fixture f = {.clock = ASL_CLOCK_SCALED, .scale = 100000};
    fixture_open(&f, false);
    asl_watch *first = NULL;
    ck_assert_int_eq(asl_engine_timer(f.engine, set_alarms, NULL, &first), ASL_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            asl_engine_timer(f.engine, note_alarm, (void *)(uintptr_t)&names[i], &rung.watches[i]),
            ASL_OK);
    ck_assert_int_eq(asl_watch_set_timer(first, 0), ASL_OK);
    while (strlen(rung.order) < 4)
        ck_assert_int_eq(asl_engine_dispatch(f.engine, -1), ASL_OK);
    ck_assert_str_eq(rung.order, "1302");
    fixture_close(&f);
}
END_TEST

START_TEST(running_ends_when_the_given_time_has_passed)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", LATER);
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    asl_error *error = NULL;
    ck_assert_int_eq(asl_engine_run(f.engine, execution, 30, &error), ASL_TIMED_OUT);
    ck_assert_ptr_nonnull(error);
    asl_error_free(error);
    ck_assert_int_eq(asl_engine_run(f.engine, NULL, 0, NULL), ASL_TIMED_OUT);
    ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_run(f.engine, NULL, -1, NULL), ASL_OK);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

/* Two engines on two threads over one store: their batches join, each performs its own effects. */
static void *run_other(void *context)
{
    fixture *f = context;
    for (int i = 0; i < 50; i++) {
        asl_execution *execution = fixture_start(f, "n", NULL, "{}");
        ck_assert_int_eq(asl_engine_run(f->engine, execution, -1, NULL), ASL_OK);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(execution);
    }
    return NULL;
}

START_TEST(two_engines_may_share_a_store)
{
    FOR_EACH_STORE(f)
    {
        fixture_free_engine(&f);
        f.clock = ASL_CLOCK_REAL;
        fixture_open_engine(&f);
        fixture other = {.clock = ASL_CLOCK_REAL, .store = f.store};
        fixture_open_engine(&other);
        static const char echo[] = "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\","
                                   "\"Resource\":\"arn:aws:states:::test:echo\",\"End\":true}}}";
        fixture_machine(&f, "n", echo);
        fixture_machine(&other, "n", echo);
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, run_other, &other), 0);
        run_other(&f);
        pthread_join(thread, NULL);
        fixture_free_engine(&other);
    }
}
END_TEST

static void take_a_while(void *context, asl_task *task)
{
    (void)context;
    poll(NULL, 0, 3);
    ck_assert_int_eq(asl_task_succeed(task, asl_value_null(), NULL), ASL_OK);
}

#define SLOW(name, next) \
    "\"" name "\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:slow\"," next "}"

/* How many dispatches four tasks of three milliseconds take. */
static unsigned dispatches_of(unsigned dispatch_ms)
{
    static const char text[] =
        "{\"StartAt\":\"A\",\"States\":{" SLOW("A", "\"Next\":\"B\"") "," SLOW(
            "B", "\"Next\":\"C\"") "," SLOW("C", "\"Next\":\"D\"") "," SLOW("D",
                                                                            "\"End\":true") "}}";
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    fixture_free_engine(&f);
    asl_engine_options options = {
        .size = sizeof options, .store = f.store, .dispatch_ms = dispatch_ms};
    asl_task_handler handler = {.size = sizeof handler, .start = take_a_while};
    ck_assert_int_eq(asl_engine_open(&options, &f.engine, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_register(f.engine, "arn:aws:states:::test:slow", &handler, NULL),
                     ASL_OK);
    fixture_machine(&f, "m", text);
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    unsigned count = 0;
    for (; asl_execution_status_of(execution) == ASL_EXECUTION_RUNNING; count++)
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    asl_execution_unref(execution);
    fixture_close(&f);
    return count;
}

START_TEST(a_dispatch_returns_to_the_host_after_the_given_time)
{
    ck_assert_uint_eq(dispatches_of(60000), 1);
    ck_assert_uint_ge(dispatches_of(1), 2);
}
END_TEST

SUITE("runtime/loop", a_dispatch_returns_to_the_host_after_the_given_time,
      the_descriptor_is_readable_while_there_is_something_to_do,
      a_descriptor_that_is_asked_for_late_shows_what_there_is_to_do, the_next_deadline_is_told,
      a_host_that_only_polls_the_descriptor_sees_deadlines, waking_ends_a_dispatch_that_waits,
      a_watch_is_called_when_its_descriptor_is_ready, a_timer_rings_once_each_time_it_is_set,
      delays_that_one_round_asks_for_are_over_in_their_order,
      running_ends_when_the_given_time_has_passed, two_engines_may_share_a_store)
