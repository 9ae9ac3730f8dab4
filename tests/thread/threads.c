/* Several engines on one store, each on its own thread; workers that answer tasks and beat from
 * other threads; readers that list, describe, read histories, verify, back up and purge all the
 * while; somebody who wakes the engines for nothing. Meant for a build with -Db_sanitize=thread,
 * which tells of every race; without it the outcome is looked at alone.
 *
 * usage: threads FOLDER [race]
 *   race   the control: workers count without a lock
 */
#include <asl/asl.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"

#define ENGINES 3u
#define WORKERS 3u
#define READERS 2u
#define EXECUTIONS 150u /* of each engine */
#define QUEUE_MAX 4096u

static const char definition_text[] =
    "{\"StartAt\":\"both\",\"States\":{\"both\":{\"Type\":\"Parallel\",\"Next\":\"wait\","
    "\"Branches\":[{\"StartAt\":\"a\",\"States\":{\"a\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:later\",\"HeartbeatSeconds\":60,\"Retry\":[{\"ErrorEquals\":"
    "[\"Again\"],\"IntervalSeconds\":1}],\"End\":true}}},{\"StartAt\":\"b\",\"States\":{\"b\":"
    "{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:later\",\"End\":true}}}]},"
    "\"wait\":{\"Type\":\"Wait\",\"Seconds\":20,\"Next\":\"c\"},\"c\":{\"Type\":\"Task\","
    "\"Resource\":\"arn:aws:states:::test:later\",\"ResultSelector\":{\"r.$\":\"$\"},"
    "\"End\":true}}}";

typedef struct shared {
    asl_store *store;
    asl_definition *definition;
    char copy[4096];
    pthread_mutex_t lock;
    pthread_cond_t has_task;
    asl_task *queue[QUEUE_MAX];
    size_t count;
    bool is_over;
    bool races;
    unsigned unguarded; /* the control's */
    atomic_uint ended, failed_calls;
    atomic_bool is_ready[ENGINES];
    asl_engine *engines[ENGINES];
} shared;

static shared self = {.lock = PTHREAD_MUTEX_INITIALIZER, .has_task = PTHREAD_COND_INITIALIZER};

static void check(int status, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "threads: %s: %s\n", what, asl_status_name(status));
    exit(1);
}

static void later(void *context, asl_task *task)
{
    (void)context;
    pthread_mutex_lock(&self.lock);
    if (self.count == QUEUE_MAX)
        abort();
    self.queue[self.count++] = asl_task_ref(task);
    pthread_cond_signal(&self.has_task);
    pthread_mutex_unlock(&self.lock);
}

static asl_task *take_task(void)
{
    pthread_mutex_lock(&self.lock);
    while (self.count == 0 && !self.is_over)
        pthread_cond_wait(&self.has_task, &self.lock);
    asl_task *task = self.count > 0 ? self.queue[--self.count] : NULL;
    pthread_mutex_unlock(&self.lock);
    return task;
}

static void *answer(void *context)
{
    asl_task *task;
    (void)context;
    while ((task = take_task()) != NULL) {
        const char *key = asl_task_idempotency_key(task);
        asl_writes *writes = asl_writes_new(NULL);
        asl_writes_put(writes, "rows", key, strlen(key), "1", 1);
        if (self.races)
            self.unguarded++;
        asl_task_heartbeat(task);
        bool is_first = strcmp(asl_task_state(task), "a") == 0 && asl_task_attempt(task) == 0;
        int status = is_first ? asl_task_fail(task, "Again", "once more", writes)
                              : asl_task_succeed(task, asl_value_ref(asl_task_input(task)), writes);
        if (status != ASL_OK)
            atomic_fetch_add(&self.failed_calls, 1);
        asl_task_unref(task);
    }
    return NULL;
}

static void on_ended(void *context, asl_execution *execution)
{
    (void)context;
    if (asl_execution_status_of(execution) == ASL_EXECUTION_SUCCEEDED)
        atomic_fetch_add(&self.ended, 1);
}

/* Time goes twenty times as fast, so that waits end. */
static asl_engine *open_engine(unsigned index)
{
    asl_engine *engine = NULL;
    asl_task_handler handler = {.size = sizeof handler, .start = later};
    asl_engine_options options = {.size = sizeof options,
                                  .store = self.store,
                                  .clock = ASL_CLOCK_SCALED,
                                  .clock_scale = 20,
                                  .passivate_after_ms = 1,
                                  .share = index,
                                  .shares = ENGINES};
    check(asl_engine_open(&options, &engine, NULL), "engine");
    check(asl_engine_register(engine, "arn:aws:states:::test:later", &handler, NULL), "handler");
    check(asl_engine_add_machine(engine, "m", self.definition, NULL), "machine");
    self.engines[index] = engine;
    atomic_store(&self.is_ready[index], true);
    return engine;
}

/* Half of the executions are held by nobody, so that they leave memory while they wait. */
static void start_some(asl_engine *engine, unsigned index, unsigned *count)
{
    static const char input_text[] = "{\"items\":[1,2,3],\"text\":\"as it was written\"}";
    for (unsigned i = 0; i < 5 && *count < EXECUTIONS; i++, ++*count) {
        char name[32];
        asl_value *input = NULL;
        asl_execution *execution = NULL;
        snprintf(name, sizeof name, "e%u-%u", index, *count);
        check(asl_value_parse(NULL, input_text, sizeof input_text - 1, ASL_PARSE_KEEP_TEXT, &input,
                              NULL),
              "input");
        asl_start start = {.size = sizeof start,
                           .machine = "m",
                           .name = name,
                           .input = input,
                           .on_ended = *count % 2 == 0 ? on_ended : NULL};
        check(asl_execution_start(engine, &start, &execution, NULL), "start");
        asl_execution_unref(execution);
        asl_value_unref(input);
    }
}

static void *run_engine(void *context)
{
    unsigned index = (unsigned)(uintptr_t)context, count = 0;
    asl_engine *engine = open_engine(index);
    while (count < EXECUTIONS || asl_engine_next_deadline(engine) >= 0) {
        start_some(engine, index, &count);
        check(asl_engine_dispatch(engine, 5), "dispatch");
    }
    check(asl_engine_run(engine, NULL, -1, NULL), "run");
    return engine;
}

static void read_one(const asl_execution_summary *one)
{
    asl_description *description = NULL;
    asl_history *history = NULL;
    int status = asl_store_describe(self.store, one->number, &description, NULL);
    if (status == ASL_OK)
        status = asl_history_read(self.store, one->number, &history, NULL);
    if (status != ASL_OK && status != ASL_NOT_FOUND) /* purged meanwhile */
        check(status, "reading");
    asl_history_free(history);
    asl_description_free(description);
}

static void copy_and_purge(void)
{
    asl_purge_options options = {.size = sizeof options, .keep = 200};
    asl_purge progress = {.size = sizeof progress};
    check(asl_store_verify(self.store, NULL, NULL), "verify");
    check(asl_store_backup(self.store, self.copy, NULL), "backup");
    if (folder_remove(self.copy) != 0)
        abort();
    while (!progress.is_done)
        check(asl_store_purge(self.store, &options, &progress, NULL), "purge");
}

static bool is_over(void)
{
    pthread_mutex_lock(&self.lock);
    bool over = self.is_over;
    pthread_mutex_unlock(&self.lock);
    return over;
}

/* The first reader also does what is done seldom; all of them wake the engines. */
static void *read_on(void *context)
{
    for (unsigned turn = 0; !is_over(); turn++) {
        asl_list_options options = {.size = sizeof options, .limit = 20};
        asl_store_statistics statistics = {.size = sizeof statistics};
        asl_execution_list *list = NULL;
        check(asl_store_list(self.store, &options, &list, NULL), "list");
        for (size_t i = 0; i < asl_execution_list_count(list); i++)
            read_one(asl_execution_list_at(list, i));
        asl_execution_list_free(list);
        check(asl_store_read_statistics(self.store, &statistics, NULL), "statistics");
        if (context && turn % 50 == 1)
            copy_and_purge();
        for (unsigned i = 0; i < ENGINES; i++)
            if (atomic_load(&self.is_ready[i]))
                asl_engine_wake(self.engines[i]);
        usleep(2000);
    }
    return NULL;
}

static bool count_row(void *context, const void *key, size_t key_size, const void *row,
                      size_t row_size)
{
    (void)key;
    (void)key_size;
    (void)row;
    (void)row_size;
    ++*(unsigned *)context;
    return true;
}

static int look(void)
{
    unsigned rows = 0, executions = ENGINES * EXECUTIONS;
    asl_list_options options = {
        .size = sizeof options, .limit = executions, .statuses = ~(1u << ASL_EXECUTION_SUCCEEDED)};
    asl_execution_list *list = NULL;
    check(asl_table_scan(self.store, "rows", NULL, 0, count_row, &rows, NULL), "rows");
    check(asl_store_list(self.store, &options, &list, NULL), "list");
    check(asl_store_verify(self.store, NULL, NULL), "verify");
    size_t others = asl_execution_list_count(list);
    asl_execution_list_free(list);
    printf("%u executions, %zu did not succeed, %u ends were told, %u rows, %u answers refused\n",
           executions, others, atomic_load(&self.ended), rows, atomic_load(&self.failed_calls));
    return others > 0 || atomic_load(&self.ended) != executions / 2 || rows != executions * 4 ||
           atomic_load(&self.failed_calls) > 0;
}

int main(int argc, char **argv)
{
    pthread_t engines[ENGINES], workers[WORKERS], readers[READERS];
    char path[4096];
    if (argc < 2) {
        fprintf(stderr, "usage: threads FOLDER [race]\n");
        return 2;
    }
    snprintf(path, sizeof path, "%s/store", argv[1]);
    snprintf(self.copy, sizeof self.copy, "%s/copy", argv[1]);
    self.races = argc > 2;
    asl_store_options where = {.size = sizeof where, .path = path, .map_bytes = (uint64_t)1 << 30};
    check(asl_store_open(&where, &self.store, NULL), "store");
    check(asl_definition_load(definition_text, sizeof definition_text - 1, NULL, &self.definition,
                              NULL, NULL),
          "definition");
    for (unsigned i = 0; i < WORKERS; i++)
        check(pthread_create(&workers[i], NULL, answer, NULL), "thread");
    for (unsigned i = 0; i < ENGINES; i++)
        check(pthread_create(&engines[i], NULL, run_engine, (void *)(uintptr_t)i), "thread");
    for (unsigned i = 0; i < READERS; i++)
        check(pthread_create(&readers[i], NULL, read_on, i == 0 ? &self : NULL), "thread");
    for (unsigned i = 0; i < ENGINES; i++)
        pthread_join(engines[i], NULL);
    pthread_mutex_lock(&self.lock);
    self.is_over = true;
    pthread_cond_broadcast(&self.has_task);
    pthread_mutex_unlock(&self.lock);
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    for (unsigned i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    for (unsigned i = 0; i < ENGINES; i++)
        asl_engine_free(self.engines[i]);
    int result = look();
    asl_definition_unref(self.definition);
    asl_store_close(self.store);
    return result;
}
