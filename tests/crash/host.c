/* A host program to be killed: it keeps some executions going, acknowledges on standard output what
 * is durable, and leaves a line in a file for each task it runs. The driver (crash.py) kills it at
 * random instants and compares what was acknowledged with what the store holds.
 *
 * usage: host STORE DEFINITIONS EFFECTS FIRST COUNT [start|answer|submit]
 *   Goes on with what the store holds, starts COUNT executions numbered from FIRST, ends when all
 *   have ended. Says "S number machine name" when a start is durable, "E number status" when an
 *   execution has ended, "A key" when an answer by token is taken and "T key" when it is durable.
 *   The last word breaks a rule on purpose: a start, or an answer, is acknowledged before it is
 *   durable; a job that was submitted is submitted again.
 */
#include <asl/asl.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outside.h"

static const char *const machines[] = {"steps", "parallel", "wait", "callback", "sync", "activity"};
#define MACHINE_COUNT (sizeof machines / sizeof machines[0])
#define ACTIVITY "arn:aws:states:us-east-1:000000000000:activity:press"

typedef struct host {
    asl_engine *engine;
    outside world;
    unsigned next, end;
    bool is_early, submits_again;
} host;

/* A task whose end is some milliseconds away. */
typedef struct delayed {
    asl_task *task;
    asl_watch *timer;
} delayed;

static char *read_file(const char *folder, const char *name, size_t *ret_size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.asl.json", folder, name);
    FILE *stream = fopen(path, "rb");
    char *text = malloc(65536);
    if (!stream || !text)
        host_check(ASL_IO, NULL, path);
    *ret_size = fread(text, 1, 65536, stream);
    fclose(stream);
    return text;
}

/* The result and a row that says so, in one transaction: crash.py compares rows and events. */
static void finish(asl_task *task)
{
    const char *key = asl_task_idempotency_key(task);
    if (strcmp(asl_task_state(task), "Flaky") == 0 && asl_task_attempt(task) == 0) {
        asl_task_fail(task, "Try.Again", "the first try", NULL);
        return;
    }
    asl_task_succeed(task, asl_value_string(NULL, key),
                     outside_row("done", key, asl_task_execution(task)));
}

static void finish_delayed(void *context, int fd, unsigned events)
{
    delayed *later = context;
    (void)fd;
    (void)events;
    finish(later->task);
    asl_task_unref(later->task);
    asl_watch_free(later->timer);
    free(later);
}

static void *finish_in_thread(void *context)
{
    asl_task *task = context;
    finish(task);
    asl_task_unref(task);
    return NULL;
}

static bool finish_by_timer(host *self, asl_task *task, int64_t delay_ms)
{
    delayed *later = calloc(1, sizeof *later);
    if (!later)
        return false;
    later->task = asl_task_ref(task);
    if (asl_engine_timer(self->engine, finish_delayed, later, &later->timer) == ASL_OK &&
        asl_watch_set_timer(later->timer, delay_ms) == ASL_OK)
        return true;
    asl_task_unref(later->task);
    free(later);
    return false;
}

static bool finish_by_thread(asl_task *task)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, finish_in_thread, asl_task_ref(task)) != 0) {
        asl_task_unref(task);
        return false;
    }
    pthread_detach(thread);
    return true;
}

/* Finishes at once, a little later, or from another thread: by what the key ends with. */
static void finish_somehow(host *self, asl_task *task)
{
    unsigned choice = outside_choice(asl_task_idempotency_key(task));
    if (choice == 1 && finish_by_timer(self, task, 2))
        return;
    if (choice == 2 && finish_by_thread(task))
        return;
    finish(task);
}

static void work(void *context, asl_task *task)
{
    host *self = context;
    outside_note(&self->world, "run", task, NULL);
    finish_somehow(self, task);
}

/* A callback task. Its token is answered before the handler says that it has passed it on, soon
 * after that, or later than most lives last. */
static void ask(void *context, asl_task *task)
{
    host *self = context;
    const char *key = asl_task_idempotency_key(task), *execution = asl_task_execution(task);
    outside_note(&self->world, "submit", task, asl_task_token(task));
    static const int64_t delays_ms[] = {2, 2, 200};
    unsigned choice = outside_choice(key);
    if (choice == 0)
        outside_answer_now(&self->world, key, asl_task_token(task), execution);
    else
        outside_promise_answer(&self->world, key, asl_task_token(task), execution,
                               delays_ms[choice]);
    asl_task_succeed(task, asl_value_string(NULL, "asked"),
                     outside_row("submitted", key, execution));
}

/* A job, submitted once and then watched until it has ended. */
static void watch_job(void *context, asl_task *task)
{
    host *self = context;
    const char *key = asl_task_idempotency_key(task);
    if (asl_task_is_submitted(task) && !self->submits_again) {
        outside_note(&self->world, "watch", task, NULL);
        finish_somehow(self, task);
        return;
    }
    outside_note(&self->world, "submit", task, NULL);
    asl_task_submit(task, asl_value_string(NULL, "accepted"),
                    outside_row("submitted", key, asl_task_execution(task)));
    /* Most jobs outlive their host. */
    if (outside_choice(key) == 0 || !finish_by_timer(self, task, 200))
        finish_somehow(self, task);
}

static void acknowledge(asl_execution *execution)
{
    host_write(STDOUT_FILENO, "S %llu %s %s\n", (unsigned long long)asl_execution_number(execution),
               asl_execution_machine(execution), asl_execution_name(execution));
}

/* ASL_EXISTS: started in an earlier life, and ended since. */
static void on_started(void *context, asl_execution *execution, int status)
{
    host *self = context;
    if (status == ASL_EXISTS)
        return;
    host_check(status, NULL, "start");
    if (!self->is_early)
        acknowledge(execution);
}

static void on_ended(void *context, asl_execution *execution)
{
    (void)context;
    host_write(STDOUT_FILENO, "E %llu %s\n", (unsigned long long)asl_execution_number(execution),
               asl_execution_status_name(asl_execution_status_of(execution)));
}

static asl_value *input_of(unsigned index)
{
    asl_value *input = asl_value_object(NULL);
    asl_value *items = asl_value_array(NULL);
    for (unsigned i = 0; i < 3; i++)
        asl_value_append(&items, asl_value_integer(NULL, index * 10 + i));
    asl_value_set(&input, "index", asl_value_integer(NULL, index));
    asl_value_set(&input, "items", items);
    return input;
}

static void start_one(host *self)
{
    char name[32];
    snprintf(name, sizeof name, "run-%u", self->next);
    asl_value *input = input_of(self->next);
    asl_start start = {.size = sizeof start,
                       .machine = machines[self->next % MACHINE_COUNT],
                       .name = name,
                       .input = input,
                       .on_started = on_started,
                       .on_ended = on_ended,
                       .context = self};
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    int status = asl_execution_start(self->engine, &start, &execution, &error);
    if (status == ASL_EXISTS)
        asl_error_free(error);
    else
        host_check(status, error, name);
    if (self->is_early && execution) {
        acknowledge(execution);
        host_wait_for_kill();
    }
    asl_execution_unref(execution);
    asl_value_unref(input);
    self->next++;
}

static void add_machines(host *self, const char *folder)
{
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        asl_definition *definition = NULL;
        asl_error *error = NULL;
        size_t size = 0;
        char *text = read_file(folder, machines[i], &size);
        host_check(asl_definition_load(text, size, NULL, &definition, NULL, &error), error, "load");
        host_check(asl_engine_add_machine(self->engine, machines[i], definition, &error), error,
                   "add");
        asl_definition_unref(definition);
        free(text);
    }
}

static void add_handler(host *self, const char *pattern, void (*start)(void *, asl_task *))
{
    asl_error *error = NULL;
    asl_task_handler handler = {.size = sizeof handler, .start = start, .context = self};
    host_check(asl_engine_register(self->engine, pattern, &handler, &error), error, "register");
}

static void open_engine(host *self, const char *definitions)
{
    asl_error *error = NULL;
    asl_engine_options options = {.size = sizeof options, .store = self->world.store};
    host_check(asl_engine_open(&options, &self->engine, &error), error, "engine");
    self->world.engine = self->engine;
    add_handler(self, "arn:aws:lambda:*", work);
    add_handler(self, "arn:aws:states:::local:work", work);
    add_handler(self, "arn:aws:states:::local:ask.*", ask);
    add_handler(self, "arn:aws:states:::local:job.*", watch_job);
    add_machines(self, definitions);
}

/* Nothing goes on by itself, and nobody outside owes an answer. */
static bool is_over(host *self)
{
    asl_error *error = NULL;
    int status = asl_engine_run(self->engine, NULL, 2, &error);
    if (status != ASL_TIMED_OUT)
        host_check(status, error, "run");
    asl_error_free(error);
    outside_acknowledge(&self->world);
    return status == ASL_OK && outside_is_quiet(&self->world);
}

static void run(host *self)
{
    asl_error *error = NULL;
    host_check(asl_engine_recover(self->engine, 0, NULL, &error), error, "recover");
    outside_recall(&self->world);
    outside_work(&self->world, ACTIVITY, "one");
    outside_work(&self->world, ACTIVITY, "two");
    while (self->next < self->end) {
        start_one(self);
        host_check(asl_engine_dispatch(self->engine, 2), NULL, "dispatch");
        outside_acknowledge(&self->world);
    }
    while (!is_over(self))
        continue;
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr,
                "usage: host STORE DEFINITIONS EFFECTS FIRST COUNT [start|answer|submit]\n");
        return 2;
    }
    const char *broken = argc > 6 ? argv[6] : "";
    host self = {.next = (unsigned)strtoul(argv[4], NULL, 10),
                 .world = {.is_early = strcmp(broken, "answer") == 0},
                 .is_early = strcmp(broken, "start") == 0,
                 .submits_again = strcmp(broken, "submit") == 0};
    self.end = self.next + (unsigned)strtoul(argv[5], NULL, 10);
    outside_open(&self.world, argv[3]);
    asl_error *error = NULL;
    asl_store_options options = {
        .size = sizeof options, .path = argv[1], .map_bytes = (uint64_t)1 << 30};
    host_check(asl_store_open(&options, &self.world.store, &error), error, "store");
    open_engine(&self, argv[2]);
    run(&self);
    asl_engine_free(self.engine);
    asl_store_close(self.world.store);
    outside_close(&self.world);
    return 0;
}
