/* Executions of every kind on a store, whose every write is recorded: steps with rows of a table,
 * retries, catchers, Parallel, Map, waits that are passive, tokens, stops. The store is closed and
 * opened again in between, and executions are purged.
 *
 * usage: scenario STORE [relaxed|early]
 *
 * Notes what was acknowledged: "S number" a start, "E number status" an end; "P" before it purges.
 * "early" breaks the rule: a start is acknowledged before it is durable. Where the store takes
 * nothing it goes on dispatching, until it does or is lost; then it ends with 3. */
#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

#define TURNS 3
#define NOW_MS INT64_C(1700000000000)
#define LOST 3

#define TASK(name, rest) \
    "\"" name "\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:row\"," rest "}"
static const char *const definitions[] = {
    /* steps: a row each, the first one fails once, the last one's error is caught */
    "{\"StartAt\":\"a\",\"States\":{" TASK(
        "a",
        "\"Retry\":[{\"ErrorEquals\":[\"Again\"],"
        "\"IntervalSeconds\":20}],\"Next\":\"b\"") "," TASK("b",
                                                            "\"Next\":\"fail\"") "," TASK("fail",
                                                                                          "\"Catch"
                                                                                          "\":[{"
                                                                                          "\"ErrorE"
                                                                                          "quals\":"
                                                                                          "[\"Bad\""
                                                                                          "],"
                                                                                          "\"Next\""
                                                                                          ":\"p\"}]"
                                                                                          ","
                                                                                          "\"End\":"
                                                                                          "true") ","
                                                                                                  "\"p\":{\"Type\":\"Pass\",\"End\":true}}}",
    /* waits twice, long enough to be passive */
    "{\"StartAt\":\"w\",\"States\":{\"w\":{\"Type\":\"Wait\",\"Seconds\":30,\"Next\":\"v\"},"
    "\"v\":{\"Type\":\"Wait\",\"Seconds\":40,\"Next\":\"b\"}," TASK("b", "\"End\":true") "}}",
    /* branches and iterations */
    "{\"StartAt\":\"both\",\"States\":{\"both\":{\"Type\":\"Parallel\",\"Next\":\"list\","
    "\"Branches\":[{\"StartAt\":\"b\",\"States\":{" TASK(
        "b", "\"End\":true") "}},{\"StartAt\":\"w\",\"States\":{\"w\":{\"Type\":\"Wait\","
                             "\"Seconds\":15,\"End\":true}}}]},\"list\":{\"Type\":\"Pass\","
                             "\"Result\":[1,2,3],\"Next\":\"each\"},\"each\":{\"Type\":\"Map\","
                             "\"MaxConcurrency\":2,\"ItemProcessor\":{\"StartAt\":\"i\","
                             "\"States\":{" TASK("i", "\"End\":true") "}},\"End\":true}}}",
    /* fails at once */
    "{\"StartAt\":\"f\",\"States\":{\"f\":{\"Type\":\"Fail\",\"Error\":\"E\",\"Cause\":\"c\"}}}",
};
#define MACHINE_COUNT (sizeof definitions / sizeof definitions[0])

typedef struct scenario {
    const char *path;
    unsigned flags;
    asl_store *store;
    asl_engine *engine;
    int64_t now_ms;
    unsigned rows;
    bool is_early;
} scenario;

static void check(int status, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "scenario: %s: %s\n", what, asl_status_name(status));
    exit(status == ASL_STORE_LOST || status == ASL_IO || status == ASL_STORE_FULL ? LOST : 1);
}

static void work(void *context, asl_task *task)
{
    scenario *self = context;
    const char *state = asl_task_state(task);
    if (strcmp(state, "a") == 0 && asl_task_attempt(task) == 0) {
        asl_task_fail(task, "Again", "once more", NULL);
        return;
    }
    char key[32], note[48];
    snprintf(key, sizeof key, "%u", ++self->rows);
    snprintf(note, sizeof note, "row %s of %s", key, asl_task_execution(task));
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put(writes, "rows", key, strlen(key), note, strlen(note));
    if (strcmp(state, "fail") == 0)
        asl_task_fail(task, "Bad", "as it has to be", writes);
    else
        asl_task_succeed(task, asl_value_string(NULL, key), writes);
}

static void on_started(void *context, asl_execution *execution, int status)
{
    const scenario *self = context;
    if (status == ASL_OK && !self->is_early)
        record_note("S %llu", (unsigned long long)asl_execution_number(execution));
}

static void on_ended(void *context, asl_execution *execution)
{
    (void)context;
    record_note("E %llu %s", (unsigned long long)asl_execution_number(execution),
                asl_execution_status_name(asl_execution_status_of(execution)));
}

static void open_engine(scenario *self)
{
    static const char *const names[] = {"steps", "waits", "branches", "fails"};
    asl_store_options where = {.size = sizeof where,
                               .path = self->path,
                               .map_bytes = (uint64_t)1 << 30,
                               .flags = self->flags};
    check(asl_store_open(&where, &self->store, NULL), "store");
    asl_engine_options options = {.size = sizeof options,
                                  .store = self->store,
                                  .seed = 7,
                                  .clock = ASL_CLOCK_MANUAL,
                                  .clock_start_ms = self->now_ms};
    check(asl_engine_open(&options, &self->engine, NULL), "engine");
    asl_task_handler handler = {.size = sizeof handler, .start = work, .context = self};
    check(asl_engine_register(self->engine, "arn:aws:states:::test:row", &handler, NULL),
          "register");
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        asl_definition *definition = NULL;
        check(asl_definition_load(definitions[i], strlen(definitions[i]), NULL, &definition, NULL,
                                  NULL),
              names[i]);
        check(asl_engine_add_machine(self->engine, names[i], definition, NULL), names[i]);
        asl_definition_unref(definition);
    }
    check(asl_engine_recover(self->engine, 0, NULL, NULL), "recover");
}

/* All that can be done at this time. A full store is tried again. */
static void settle(scenario *self)
{
    for (unsigned i = 0; i < 10000; i++) {
        int64_t wait_ms = asl_engine_next_deadline(self->engine);
        if (wait_ms < 0)
            return;
        int status = asl_engine_dispatch(self->engine, wait_ms > 100 ? 100 : (int)wait_ms);
        if (status != ASL_STORE_FULL)
            check(status, "dispatch");
    }
    check(ASL_TIMED_OUT, "settle");
}

static void pass(scenario *self, int64_t ms)
{
    self->now_ms += ms;
    check(asl_engine_set_time(self->engine, self->now_ms), "time");
    settle(self);
}

static void start(scenario *self, const char *machine, unsigned turn, bool is_held)
{
    char name[32];
    asl_value *input = NULL;
    static unsigned count;
    snprintf(name, sizeof name, "%s-%u-%u", machine, turn, ++count);
    check(asl_value_parse(NULL, "[1,2,3]", 7, 0, &input, NULL), "input");
    asl_start how = {.size = sizeof how,
                     .machine = machine,
                     .name = name,
                     .input = input,
                     .on_started = on_started,
                     .on_ended = is_held ? on_ended : NULL,
                     .context = self};
    asl_execution *execution = NULL;
    int status = asl_execution_start(self->engine, &how, &execution, NULL);
    if (status == ASL_OK && self->is_early)
        record_note("S %llu", (unsigned long long)asl_execution_number(execution));
    asl_execution_unref(execution);
    if (status != ASL_STORE_FULL && status != ASL_EXISTS)
        check(status, name);
    asl_value_unref(input);
}

static void run_turn(scenario *self, unsigned turn)
{
    open_engine(self);
    for (unsigned i = 0; i < 2; i++) {
        start(self, "steps", turn, true);
        start(self, "waits", turn, i == 0);
        settle(self);
        start(self, "branches", turn, true);
        start(self, "fails", turn, true);
    }
    settle(self);
    pass(self, 10000);
    pass(self, 20000);
    asl_engine_free(self->engine);
    asl_purge_options options = {.size = sizeof options, .keep = 4};
    asl_purge progress = {.size = sizeof progress};
    if (turn > 0)
        record_note("P");
    while (turn > 0 && !progress.is_done)
        check(asl_store_purge(self->store, &options, &progress, NULL), "purge");
    asl_store_close(self->store);
    open_engine(self);
    settle(self);
    pass(self, 40000);
    asl_engine_free(self->engine);
    asl_store_close(self->store);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: scenario STORE [relaxed|early]\n");
        return 2;
    }
    scenario self = {.path = argv[1],
                     .flags = argc > 2 && strcmp(argv[2], "relaxed") == 0 ? ASL_STORE_RELAXED : 0,
                     .is_early = argc > 2 && strcmp(argv[2], "early") == 0,
                     .now_ms = NOW_MS};
    for (unsigned turn = 0; turn < TURNS; turn++)
        run_turn(&self, turn);
    fprintf(stderr, "events: %llu\n", (unsigned long long)record_count());
    return 0;
}
