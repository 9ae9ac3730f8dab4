/* Fixture: an engine with a manual clock over a store in memory or on disk, and handlers whose
 * answers a test decides.
 *
 *     FOR_EACH_STORE (f) {
 *         fixture_machine(&f, "m", "{...}");
 *         asl_execution *execution = fixture_start(&f, "m", "one", "{}");
 *         fixture_settle(&f);
 *         ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
 *         asl_execution_unref(execution);
 *     }
 *
 * Resources: "arn:aws:states:::test:echo" answers with its input at once; "...:later" keeps its
 * tasks for the test; "...:thread" is answered by a thread of its own; "...:fail" fails with
 * `fail_error` `fail_count` times, then echoes; "...:write" hands a row of table "rows" over. */
#ifndef ASL_TESTS_RUNTIME_FIXTURE_H
#define ASL_TESTS_RUNTIME_FIXTURE_H

#include <asl/asl.h>

#include "suite.h"

#define FIXTURE_TASKS_MAX 4096
#define FIXTURE_START_MS INT64_C(1700000000000)

typedef struct fixture {
    bool is_done, on_disk;
    char path[64];
    uint64_t map_bytes;
    asl_clock clock;
    unsigned flags; /* ASL_ENGINE_* */
    double scale;
    uint64_t evaluation_ms;     /* 0: the default */
    int64_t passivate_after_ms; /* 0: never */
    int64_t now_ms;             /* of the manual clock */
    asl_store *store;
    asl_engine *engine;
    asl_task *tasks[FIXTURE_TASKS_MAX]; /* that "later" keeps, in order */
    size_t task_count;
    size_t begun_count, cancel_count, release_count;
    const char *fail_error;
    unsigned fail_count;
    unsigned later_flags; /* ASL_HANDLER_* of "later" */
    int started_status, ended_count;
    size_t started_count;
} fixture;

/* Opens store, engine and handlers. */
void fixture_open(fixture *f, bool on_disk);
void fixture_close(fixture *f);
/* Frees the engine and closes the store, as a crash would leave them, and opens both again; a store
 * in memory stays open. */
void fixture_reopen(fixture *f);
void fixture_open_engine(fixture *f);
void fixture_free_engine(fixture *f);

/* Runs the body once for each kind of store. */
#define FOR_EACH_STORE(f) \
    for (int f##_kind = 0; f##_kind < 2; f##_kind++) \
        for (fixture f = {.clock = ASL_CLOCK_MANUAL}; fixture_begin(&f, f##_kind == 1); \
             fixture_close(&f))
bool fixture_begin(fixture *f, bool on_disk);

void fixture_machine(fixture *f, const char *name, const char *definition);
/* A new reference; the start must be accepted. `input` is JSON. */
asl_execution *fixture_start(fixture *f, const char *machine, const char *name, const char *input);
/* Dispatches until there is nothing to do at this time. */
void fixture_settle(fixture *f);
/* Moves the manual clock on and settles. */
void fixture_pass(fixture *f, int64_t ms);
/* The types of the recorded events, "ExecutionStarted PassStateEntered ..."; lives until the next
 * call. */
const char *fixture_history(fixture *f, uint64_t number);
/* Milliseconds from the start of the execution to the `nth` (from 1) event of a type; -1: none. */
int64_t fixture_event_ms(fixture *f, uint64_t number, const char *type, unsigned nth);
/* The output as JSON text, "" where there is none; lives until the next call. */
const char *fixture_output(const asl_execution *execution);
asl_value *fixture_json(const char *text);

#endif
