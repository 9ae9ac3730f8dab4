/* A store with executions of all kinds, as each version of the stored format has it: made by the
 * version that wrote the format first, and read by every later one.
 *
 * usage: golden make FOLDER    writes a new store
 *        golden leave FOLDER   the same, but does not close it, as where the process is killed
 *        golden show FOLDER    prints all that it holds, without changing it
 *        golden end FOLDER     goes on with what runs, until everything has ended
 *
 * `make` and `leave` use what all versions of the library have. */
#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show.h"

#define NOW_MS INT64_C(1700000000000)
#define HOUR_MS INT64_C(3600000)
#define MAP_BYTES ((uint64_t)1 << 30)
#define TASK "\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::golden:"

typedef struct machine_text {
    const char *name;
    asl_machine_type type;
    const char *text;
} machine_text;

static const machine_text machines[] = {
    {"all", ASL_MACHINE_STANDARD,
     "{\"StartAt\":\"both\",\"States\":{\"both\":{\"Type\":\"Parallel\",\"ResultPath\":\"$.both\","
     "\"Branches\":[{\"StartAt\":\"row\",\"States\":{\"row\":{" TASK "row\",\"End\":true}}},"
     "{\"StartAt\":\"p\",\"States\":{\"p\":{\"Type\":\"Pass\",\"Result\":[1,{\"a\":null}],"
     "\"End\":true}}}],\"Next\":\"each\"},\"each\":{\"Type\":\"Map\",\"ItemsPath\":\"$.list\","
     "\"ResultPath\":\"$.each\",\"ItemProcessor\":{\"StartAt\":\"i\",\"States\":{\"i\":{\"Type\":"
     "\"Pass\",\"Parameters\":{\"n.$\":\"$\",\"id.$\":\"States.UUID()\"},\"End\":true}}},"
     "\"Next\":\"try\"},\"try\":{" TASK
     "fail\",\"Retry\":[{\"ErrorEquals\":[\"Bad\"],\"IntervalSeconds\":1,\"MaxAttempts\":2}],"
     "\"Catch\":[{\"ErrorEquals\":[\"Bad\"],\"ResultPath\":\"$.error\",\"Next\":\"is\"}],"
     "\"Next\":\"is\"},\"is\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.error.Error\","
     "\"StringEquals\":\"Bad\",\"Next\":\"set\"}],\"Default\":\"no\"},\"set\":{\"Type\":\"Pass\","
     "\"QueryLanguage\":\"JSONata\",\"Assign\":{\"v\":\"{% $states.input.list %}\"},\"Output\":"
     "{\"sum\":\"{% $sum($states.input.list) %}\",\"v\":\"{% $states.input.error %}\"},\"Next\":"
     "\"ok\"},\"ok\":{\"Type\":\"Succeed\"},\"no\":{\"Type\":\"Fail\"}}}"},
    {"fails", ASL_MACHINE_STANDARD,
     "{\"StartAt\":\"f\",\"States\":{\"f\":{\"Type\":\"Fail\",\"Error\":\"E\",\"Cause\":\"c\"}}}"},
    {"waits", ASL_MACHINE_STANDARD,
     "{\"StartAt\":\"w\",\"States\":{\"w\":{\"Type\":\"Wait\",\"Seconds\":1800,\"Next\":\"row\"},"
     "\"row\":{" TASK "row\",\"End\":true}}}"},
    {"calls", ASL_MACHINE_STANDARD,
     "{\"StartAt\":\"t\",\"States\":{\"t\":{" TASK
     "call.waitForTaskToken\",\"Parameters\":{\"token.$\":\"$$.Task.Token\"},\"End\":true}}}"},
    {"works", ASL_MACHINE_STANDARD,
     "{\"StartAt\":\"t\",\"States\":{\"t\":{" TASK "late\",\"TimeoutSeconds\":90000,\"Next\":"
     "\"j\"},\"j\":{" TASK "row\",\"End\":true}}}"},
    {"quick", ASL_MACHINE_EXPRESS,
     "{\"StartAt\":\"p\",\"States\":{\"p\":{\"Type\":\"Pass\",\"End\":true}}}"},
    {"flies", ASL_MACHINE_STANDARD,
     "{\"StartAt\":\"both\",\"States\":{\"both\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
     "{\"StartAt\":\"t\",\"States\":{\"t\":{" TASK "late\",\"End\":true}}},"
     "{\"StartAt\":\"w\",\"States\":{\"w\":{\"Type\":\"Wait\",\"Seconds\":600,\"End\":true}}},"
     "{\"StartAt\":\"each\",\"States\":{\"each\":{\"Type\":\"Map\",\"ItemsPath\":\"$.list\","
     "\"MaxConcurrency\":1,\"End\":true,\"ItemProcessor\":{\"StartAt\":\"i\",\"States\":{"
     "\"i\":{" TASK "late\",\"End\":true}}}}}}]}}}"},
    {"jobs", ASL_MACHINE_STANDARD,
     "{\"StartAt\":\"j\",\"States\":{\"j\":{" TASK "job.sync\",\"End\":true}}}"},
    {"rushes", ASL_MACHINE_EXPRESS,
     "{\"StartAt\":\"t\",\"States\":{\"t\":{" TASK "late\",\"End\":true}}}"},
};
#define MACHINE_COUNT (sizeof machines / sizeof *machines)

typedef struct golden {
    asl_store *store;
    asl_engine *engine;
    char token[512];
    bool is_ending; /* late work is done now */
} golden;

static void check(int status, const asl_error *error, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "golden: %s: %s\n", what,
            error ? asl_error_message(error) : asl_status_name(status));
    exit(1);
}

static asl_writes *one_row(const char *table, const char *key, const char *row)
{
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put(writes, table, key, strlen(key), row, strlen(row));
    return writes;
}

static void work(void *context, asl_task *task)
{
    const golden *self = context;
    const char *kind = strrchr(asl_task_resource(task), ':') + 1, *key = asl_task_execution(task);
    if (strcmp(kind, "fail") == 0)
        asl_task_fail(task, "Bad", "as it has to be", NULL);
    else if (strcmp(kind, "call.waitForTaskToken") == 0)
        asl_task_submit(task, asl_value_null(), one_row("tokens", key, asl_task_token(task)));
    else if (strcmp(kind, "job.sync") == 0 && !self->is_ending)
        asl_task_submit(task, asl_value_string(NULL, "accepted"), NULL);
    else if (strcmp(kind, "row") == 0 || self->is_ending)
        asl_task_succeed(task, asl_value_string(NULL, kind),
                         one_row("rows", key, "{\"done\":true}"));
}

static void settle(golden *self)
{
    while (asl_engine_next_deadline(self->engine) == 0)
        check(asl_engine_dispatch(self->engine, 0), NULL, "dispatch");
}

static void open_store(golden *self, const char *path, unsigned flags)
{
    asl_error *error = NULL;
    asl_store_options where = {
        .size = sizeof where, .path = path, .map_bytes = MAP_BYTES, .flags = flags};
    check(asl_store_open(&where, &self->store, &error), error, path);
}

static void open_engine(golden *self, int64_t now_ms)
{
    asl_error *error = NULL;
    asl_task_handler handler = {.size = sizeof handler, .start = work, .context = self};
    asl_engine_options options = {.size = sizeof options,
                                  .store = self->store,
                                  .seed = 7,
                                  .clock = ASL_CLOCK_MANUAL,
                                  .clock_start_ms = now_ms};
    check(asl_engine_open(&options, &self->engine, &error), error, "engine");
    check(asl_engine_register(self->engine, "arn:aws:states:::golden:*", &handler, &error), error,
          "handler");
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        asl_definition *definition = NULL;
        asl_machine_options type = {.size = sizeof type, .type = machines[i].type};
        check(asl_definition_load(machines[i].text, strlen(machines[i].text), NULL, &definition,
                                  NULL, &error),
              error, machines[i].name);
        check(
            asl_engine_add_machine_with(self->engine, machines[i].name, definition, &type, &error),
            error, machines[i].name);
        asl_definition_unref(definition);
    }
}

static asl_execution *start(golden *self, const char *machine, const char *name)
{
    static const char input_text[] = "{ \"list\": [1, 2.50], \"text\": \"as it was written\" }";
    asl_value *input = NULL;
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    check(
        asl_value_parse(NULL, input_text, sizeof input_text - 1, ASL_PARSE_KEEP_TEXT, &input, NULL),
        NULL, "input");
    asl_start how = {.size = sizeof how, .machine = machine, .name = name, .input = input};
    check(asl_execution_start(self->engine, &how, &execution, &error), error, name);
    asl_value_unref(input);
    settle(self);
    return execution;
}

static void make_all(golden *self, const char *path)
{
    open_store(self, path, 0);
    open_engine(self, NOW_MS);
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s-1", machines[i].name);
        asl_execution_unref(start(self, machines[i].name, name));
    }
    asl_execution *stopped = start(self, "waits", "waits-stopped");
    check(asl_execution_stop(stopped, "Stopped", "by hand", NULL), NULL, "stop");
    asl_execution_unref(stopped);
    check(asl_engine_set_time(self->engine, NOW_MS + 10000), NULL, "time");
    settle(self);
}

static void make(golden *self, const char *path)
{
    make_all(self, path);
    asl_engine_free(self->engine);
}

static void leave(golden *self, const char *path)
{
    make_all(self, path);
    _exit(0);
}

static bool keep_token(void *context, const void *key, size_t key_size, const void *row,
                       size_t row_size)
{
    golden *self = context;
    (void)key;
    (void)key_size;
    snprintf(self->token, sizeof self->token, "%.*s", (int)row_size, (const char *)row);
    return false;
}

static void end(golden *self, const char *path)
{
    asl_error *error = NULL;
    open_store(self, path, 0);
    check(asl_store_verify(self->store, NULL, &error), error, "verify");
    self->is_ending = true;
    open_engine(self, NOW_MS + 20000);
    check(asl_engine_recover(self->engine, 0, NULL, &error), error, "recover");
    settle(self);
    check(asl_table_scan(self->store, "tokens", NULL, 0, keep_token, self, &error), error, "token");
    check(asl_engine_send_task_success(self->engine, self->token, asl_value_string(NULL, "called"),
                                       NULL, &error),
          error, "token");
    settle(self);
    check(asl_engine_set_time(self->engine, NOW_MS + HOUR_MS), NULL, "time");
    settle(self);
    asl_engine_free(self->engine);
    check(asl_store_verify(self->store, NULL, &error), error, "verify");
}

static void show(golden *self, const char *path)
{
    open_store(self, path, ASL_STORE_READ_ONLY);
    if (show_store(self->store) > 0)
        exit(1);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(golden *self, const char *path);
    } verbs[] = {
        {"make", make},
        {"leave", leave},
        {"show", show},
        {"end", end},
    };
    golden self = {.store = NULL};
    for (size_t i = 0; argc == 3 && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(argv[1], verbs[i].name) != 0)
            continue;
        verbs[i].run(&self, argv[2]);
        asl_store_close(self.store);
        return 0;
    }
    fprintf(stderr, "usage: golden make|leave|show|end FOLDER\n");
    return 2;
}
