/* A host program to be killed: it keeps some executions going, acknowledges on standard output what
 * is durable, and leaves a line in a file for each task it runs. The driver (crash.py) kills it at
 * random instants and compares what was acknowledged with what the store holds.
 *
 * usage: host STORE DEFINITIONS EFFECTS FIRST COUNT [early]
 *   Goes on with what the store holds, starts COUNT executions numbered from FIRST, ends when all
 *   have ended. Acknowledges "S number machine name" and "E number status". With `early` it breaks
 *   the rule on purpose: it acknowledges a start before it is durable.
 */
#include <asl/asl.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const machines[] = {"steps", "parallel", "wait"};
#define MACHINE_COUNT (sizeof machines / sizeof machines[0])

typedef struct host {
    asl_engine *engine;
    int effects; /* the outside world: a file that only grows */
    unsigned next, end;
    bool is_early;
} host;

/* A task whose end is some milliseconds away. */
typedef struct delayed {
    asl_task *task;
    asl_watch *timer;
} delayed;

static void check(int status, asl_error *error, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "host: %s: %s: %s\n", what, asl_status_name(status),
            error ? asl_error_message(error) : "");
    exit(2);
}

/* One line in one write: a kill leaves whole lines. */
__attribute__((format(printf, 2, 3))) static void write_line(int fd, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof line || write(fd, line, (size_t)size) != size)
        exit(3);
}

static char *read_file(const char *folder, const char *name, size_t *ret_size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.asl.json", folder, name);
    FILE *stream = fopen(path, "rb");
    char *text = malloc(65536);
    if (!stream || !text)
        check(ASL_IO, NULL, path);
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
    asl_value *row = asl_value_string(NULL, asl_task_execution(task));
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put_value(writes, "done", key, strlen(key), row);
    asl_value_unref(row);
    asl_task_succeed(task, asl_value_string(NULL, key), writes);
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
static void work(void *context, asl_task *task)
{
    host *self = context;
    const char *key = asl_task_idempotency_key(task);
    char *input = NULL;
    check(asl_value_print(asl_task_input(task), 0, &input, NULL), NULL, "print");
    write_line(self->effects, "%s %s %s '%s' %u %s\n", key, asl_task_machine(task),
               asl_task_execution(task), asl_task_state(task), asl_task_attempt(task), input);
    asl_text_free(input);
    unsigned choice = (unsigned char)key[strlen(key) - 1] % 3u;
    if (choice == 1 && finish_by_timer(self, task, 2))
        return;
    if (choice == 2 && finish_by_thread(task))
        return;
    finish(task);
}

static void acknowledge(asl_execution *execution)
{
    write_line(STDOUT_FILENO, "S %llu %s %s\n", (unsigned long long)asl_execution_number(execution),
               asl_execution_machine(execution), asl_execution_name(execution));
}

/* ASL_EXISTS: started in an earlier life, and ended since. */
static void on_started(void *context, asl_execution *execution, int status)
{
    host *self = context;
    if (status == ASL_EXISTS)
        return;
    check(status, NULL, "start");
    if (!self->is_early)
        acknowledge(execution);
}

static void on_ended(void *context, asl_execution *execution)
{
    (void)context;
    write_line(STDOUT_FILENO, "E %llu %s\n", (unsigned long long)asl_execution_number(execution),
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
        check(status, error, name);
    if (self->is_early && execution)
        acknowledge(execution);
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
        check(asl_definition_load(text, size, NULL, &definition, NULL, &error), error, "load");
        check(asl_engine_add_machine(self->engine, machines[i], definition, &error), error, "add");
        asl_definition_unref(definition);
        free(text);
    }
}

static void open_engine(host *self, asl_store *store, const char *definitions)
{
    asl_error *error = NULL;
    asl_engine_options options = {.size = sizeof options, .store = store};
    check(asl_engine_open(&options, &self->engine, &error), error, "engine");
    asl_task_handler handler = {.size = sizeof handler, .start = work, .context = self};
    check(asl_engine_register(self->engine, "arn:aws:*", &handler, &error), error, "register");
    add_machines(self, definitions);
}

static void run(host *self)
{
    asl_error *error = NULL;
    check(asl_engine_recover(self->engine, 0, NULL, &error), error, "recover");
    while (self->next < self->end) {
        start_one(self);
        check(asl_engine_dispatch(self->engine, 2), NULL, "dispatch");
    }
    check(asl_engine_run(self->engine, NULL, -1, &error), error, "run");
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: host STORE DEFINITIONS EFFECTS FIRST COUNT [early]\n");
        return 2;
    }
    host self = {.next = (unsigned)strtoul(argv[4], NULL, 10), .is_early = argc > 6};
    self.end = self.next + (unsigned)strtoul(argv[5], NULL, 10);
    self.effects = open(argv[3], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (self.effects < 0)
        check(ASL_IO, NULL, strerror(errno));
    asl_store *store = NULL;
    asl_error *error = NULL;
    asl_store_options options = {
        .size = sizeof options, .path = argv[1], .map_bytes = (uint64_t)1 << 30};
    check(asl_store_open(&options, &store, &error), error, "store");
    open_engine(&self, store, argv[2]);
    run(&self);
    asl_engine_free(self.engine);
    asl_store_close(store);
    close(self.effects);
    return 0;
}
