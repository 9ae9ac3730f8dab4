/* The works that are measured on other engines too: executions per second, and transitions.
 *
 * usage: bench-works [-s SECONDS] [-r REPEATS] [-d STORES] [-e ENGINES] FOLDER [WORK...]
 *   FOLDER   has WORK.asl.json and WORK.input.json: make_works.py writes them
 *   WORK     a, b, c, c1k, d, f, g
 *   SECONDS  how long to measure at a time (2), after half of it unmeasured
 *   REPEATS  how often; the median counts (1)
 *   STORES   a folder: stores are made on disk in it, instead of in memory
 *   ENGINES  so many at a time, each in a thread of its own and on a store of its own (1); their
 *            rates are added
 *
 * Each execution is started with its input as text, one after another, in a store in memory that
 * keeps every event, and its output is looked at. Stores are closed in between, within the time
 * that is measured, so that a long run fits into memory. Each work runs in a process of its own, so
 * that the greatest resident size is its own.
 */
#include <asl/asl.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "stores.h"

#define REPEATS_MAX 99u
#define ENGINES_MAX 64u

typedef struct workload {
    const char *name, *definition;
    unsigned transitions; /* of one execution */
    const char *path[3];  /* where in the output to look */
    const char *text;     /* what stands there; NULL: a number */
    double number;
    size_t count;      /* of the output's items; 0: not looked at */
    unsigned kept_max; /* executions in a store, which is then given up */
    bool needs_limits;
} workload;

static const workload works[] = {
    {"a", "a", 6, {"shipment", "tracking"}, "TA-1001", 0, 0, 20000, false},
    {"b", "b", 2002, {"i"}, NULL, 1000, 0, 50, false},
    {"c", "c", 10002, {"9999", "line"}, "sku-9999-3", 0, 10000, 10, true},
    {"c1k", "c", 1002, {"999", "line"}, "sku-999-13", 0, 1000, 100, false},
    {"d", "d", 202, {"9", "last", "k"}, NULL, 9, 10, 500, false},
    {"f", "f", 1, {"hello"}, "world", 0, 0, 50000, false},
    {"g", "g", 20, {"doc", "step", "n"}, NULL, 19, 0, 50, false},
};
#define WORK_COUNT (sizeof works / sizeof works[0])

/* A work that is being measured. */
typedef struct bench {
    const workload *work;
    asl_definition *definition;
    char *input;
    size_t input_size;
    const asl_limits *limits; /* NULL: AWS's */
    asl_store *store;
    asl_engine *engine;
    unsigned kept;        /* executions in the store */
    const char *stores;   /* NULL: in memory */
    char path[4096];      /* of a store on disk */
    double seconds, rate; /* of this time */
} bench;

static _Noreturn void fail(const char *what, int status, asl_error *error)
{
    fprintf(stderr, "bench-works: %s: %s\n", what,
            error ? asl_error_message(error) : asl_status_name(status));
    exit(1);
}

static void check(int status, asl_error *error, const char *what)
{
    if (status != ASL_OK)
        fail(what, status, error);
}

static char *read_file(const char *folder, const char *name, const char *ending, size_t *ret_size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s.json", folder, name, ending);
    FILE *stream = fopen(path, "rb");
    size_t capacity = 1u << 20;
    char *text = malloc(capacity);
    if (!stream || !text)
        fail(path, ASL_IO, NULL);
    *ret_size = fread(text, 1, capacity, stream);
    if (*ret_size == capacity)
        fail(path, ASL_TOO_LARGE, NULL);
    fclose(stream);
    return text;
}

/* What the functions of work a answer. */
static asl_value *price(const asl_value *input)
{
    double quantity = 0;
    asl_value_get_double(asl_value_get(input, "qty"), &quantity);
    asl_value *output = asl_value_object(NULL);
    asl_value_set(&output, "unit", asl_value_double(NULL, 19.5));
    asl_value_set(&output, "total", asl_value_double(NULL, 19.5 * quantity));
    return output;
}

static asl_value *ship(const asl_value *input)
{
    char tracking[128] = "T";
    const char *id = asl_value_get_string(asl_value_get(input, "id"), NULL);
    strncat(tracking, id ? id : "", sizeof tracking - 2);
    asl_value *output = asl_value_object(NULL);
    asl_value_set(&output, "carrier", asl_value_string(NULL, "dhl"));
    asl_value_set(&output, "to", asl_value_ref(asl_value_get(input, "country")));
    asl_value_set(&output, "tracking", asl_value_string(NULL, tracking));
    return output;
}

static void answer(void *context, asl_task *task)
{
    (void)context;
    const char *name = strrchr(asl_task_resource(task), ':') + 1;
    const asl_value *input = asl_task_input(task);
    check(asl_task_succeed(task, strcmp(name, "price") == 0 ? price(input) : ship(input), NULL),
          NULL, name);
}

static void open_engine(bench *self)
{
    asl_error *error = NULL;
    asl_store_options store = {.size = sizeof store};
    if (self->stores) {
        stores_make(self->stores, self->path, sizeof self->path);
        store.path = self->path;
    }
    check(asl_store_open(&store, &self->store, &error), error, "store");
    asl_engine_options options = {
        .size = sizeof options, .store = self->store, .limits = self->limits};
    check(asl_engine_open(&options, &self->engine, &error), error, "engine");
    asl_task_handler handler = {.size = sizeof handler, .start = answer};
    check(asl_engine_register(self->engine, "arn:aws:lambda:*", &handler, &error), error, "task");
    check(asl_engine_add_machine(self->engine, "bench", self->definition, &error), error,
          "machine");
    self->kept = 0;
}

static void close_engine(bench *self)
{
    asl_engine_free(self->engine);
    asl_store_close(self->store);
    if (self->stores)
        stores_remove(self->path);
}

/* Whether an output is what the work must give. */
static bool is_right(const workload *work, const asl_value *output)
{
    if (!output || (work->count > 0 && asl_value_count(output) != work->count))
        return false;
    const asl_value *at = output;
    for (size_t i = 0; i < 3 && work->path[i] && at; i++)
        at = asl_value_kind(at) == ASL_KIND_ARRAY
                 ? asl_value_at(at, strtoul(work->path[i], NULL, 10))
                 : asl_value_get(at, work->path[i]);
    double number = 0;
    if (!work->text)
        return at && asl_value_get_double(at, &number) && fabs(number - work->number) < 1e-9;
    return at && asl_value_kind(at) == ASL_KIND_STRING &&
           strcmp(asl_value_get_string(at, NULL), work->text) == 0;
}

/* Runs one execution to its end; a new reference. */
static int run_one(bench *self, asl_execution **ret_execution, asl_error **error)
{
    asl_value *input = NULL;
    int status = asl_value_parse(NULL, self->input, self->input_size, 0, &input, error);
    if (status != ASL_OK)
        return status;
    asl_start start = {.size = sizeof start, .machine = "bench", .input = input};
    status = asl_execution_start(self->engine, &start, ret_execution, error);
    asl_value_unref(input);
    if (status == ASL_OK)
        status = asl_engine_run(self->engine, *ret_execution, -1, error);
    return status;
}

static void run_and_look(bench *self)
{
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    check(run_one(self, &execution, &error), error, self->work->name);
    if (!is_right(self->work, asl_execution_output(execution)))
        fail(self->work->name, ASL_INVALID, NULL);
    asl_execution_unref(execution);
    if (++self->kept < self->work->kept_max)
        return;
    close_engine(self);
    open_engine(self);
}

/* Executions per second of one engine. */
static void *measure_one(void *context)
{
    bench *self = context;
    int64_t began_ns = report_now_ns();
    int64_t deadline_ns = began_ns + (int64_t)(self->seconds * 1e9);
    uint64_t count = 0;
    int64_t now_ns = began_ns;
    while (now_ns < deadline_ns || count == 0) {
        run_and_look(self);
        count++;
        now_ns = report_now_ns();
    }
    self->rate = (double)count * 1e9 / (double)(now_ns - began_ns);
    return NULL;
}

/* Of all of them, at the same time. */
static double measure(bench *benches, unsigned count, double seconds)
{
    pthread_t threads[ENGINES_MAX];
    double rate = 0;
    for (unsigned i = 0; i < count; i++) {
        benches[i].seconds = seconds;
        if (i > 0 && pthread_create(&threads[i], NULL, measure_one, &benches[i]) != 0)
            fail("threads", ASL_NOMEM, NULL);
    }
    measure_one(&benches[0]);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            pthread_join(threads[i], NULL);
        rate += benches[i].rate;
    }
    return rate;
}

/* What passes AWS's limits is refused: the input by the start, the output by the execution. */
static void check_limits(bench *self)
{
    asl_execution *execution = NULL;
    self->limits = NULL;
    open_engine(self);
    if (run_one(self, &execution, NULL) != ASL_TOO_LARGE)
        fail("an input of 273,017 bytes", ASL_MISUSE, NULL);
    close_engine(self);
    asl_limits input_fits = {
        .size = sizeof input_fits, .payload_bytes = self->input_size, .history_events = 100000};
    self->limits = &input_fits;
    open_engine(self);
    asl_error *error = NULL;
    check(run_one(self, &execution, &error), error, "limits");
    const char *name = asl_execution_error(execution);
    if (!name || strcmp(name, "States.DataLimitExceeded") != 0)
        fail(name ? name : "limits", ASL_MISUSE, NULL);
    asl_execution_unref(execution);
    close_engine(self);
}

/* How a work is measured. */
typedef struct measuring {
    const char *folder, *stores;
    double seconds;
    unsigned repeats, engines;
} measuring;

/* Each engine has a definition of its own, or they would count references to one together. */
static void load(bench *self, const measuring *how)
{
    asl_error *error = NULL;
    size_t size;
    char *text = read_file(how->folder, self->work->definition, "asl", &size);
    check(asl_definition_load(text, size, NULL, &self->definition, NULL, &error), error, text);
    free(text);
    self->input = read_file(how->folder, self->work->name, "input", &self->input_size);
}

static void run_work(const workload *work, const measuring *how)
{
    static const asl_limits raised = {
        .size = sizeof raised, .payload_bytes = 1u << 20, .history_events = 100000};
    bench benches[ENGINES_MAX];
    for (unsigned i = 0; i < how->engines; i++) {
        benches[i] = (bench){.work = work, .stores = how->stores};
        load(&benches[i], how);
        if (work->needs_limits)
            check_limits(&benches[i]);
        benches[i].limits = work->needs_limits ? &raised : NULL;
        open_engine(&benches[i]);
    }
    measure(benches, how->engines, how->seconds / 2);
    double rates[REPEATS_MAX];
    for (unsigned i = 0; i < how->repeats; i++)
        rates[i] = measure(benches, how->engines, how->seconds);
    double rate = report_median(rates, how->repeats);
    for (unsigned i = 0; i < how->engines; i++) {
        close_engine(&benches[i]);
        asl_definition_unref(benches[i].definition);
        free(benches[i].input);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"peer\":\"aslengine\",\"work\":\"%s\",\"concurrency\":%u,\"ok\":true,"
           "\"executions_per_s\":%.2f,\"transitions_per_s\":%.0f,\"peak_rss_mib\":%.1f}\n",
           work->name, how->engines, rate, rate * work->transitions,
           (double)usage.ru_maxrss / 1024);
}

/* True where the work was measured, in a process of its own. */
static bool run_apart(const workload *work, const measuring *how)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        run_work(work, how);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool is_wanted(const char *name, int count, char **names)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

int main(int argc, char **argv)
{
    measuring how = {.seconds = 2, .repeats = 1, .engines = 1};
    int option;
    while ((option = getopt(argc, argv, "s:r:d:e:")) != -1) {
        if (option == 's')
            how.seconds = strtod(optarg, NULL);
        else if (option == 'r')
            how.repeats = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'd')
            how.stores = optarg;
        else if (option == 'e')
            how.engines = (unsigned)strtoul(optarg, NULL, 10);
        else
            optind = argc + 1;
    }
    if (optind >= argc || how.seconds <= 0 || how.repeats == 0 || how.repeats > REPEATS_MAX ||
        how.engines == 0 || how.engines > ENGINES_MAX) {
        fprintf(stderr,
                "usage: bench-works [-s SECONDS] [-r REPEATS] [-d STORES] [-e ENGINES] FOLDER "
                "[WORK...]\n");
        return 2;
    }
    how.folder = argv[optind];
    bool is_done = true;
    for (size_t i = 0; i < WORK_COUNT; i++)
        if (is_wanted(works[i].name, argc - optind - 1, argv + optind + 1))
            is_done &= run_apart(&works[i], &how);
    return is_done ? 0 : 1;
}
