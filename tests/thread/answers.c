/* Answers from outside, on threads: two engines on one store, each on its own thread, whose tasks
 * wait for tokens, for an activity's workers and for jobs. Workers on further threads do them; what
 * belongs to an engine's thread (tokens, polls, stops) they hand to it. Some executions are stopped
 * while they are being answered. A reader goes through histories page by page meanwhile.
 *
 * usage: answers FOLDER [race]
 *   race   the control: the reader asks an engine, which is another thread's, for its deadline
 */
#include <asl/asl.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOSTS 2u
#define WORKERS 3u
#define EXECUTIONS 100u /* of each engine */
#define STOPPED_EVERY 4u
#define POLLS 4u /* of each engine, at most at once */
#define QUEUE_MAX 4096u
#define STOPPED "stopped" /* the machine of those that are */
#define ACTIVITY "arn:aws:states:us-east-1:000000000000:activity:work"

#define BRANCH(name, resource) \
    "{\"StartAt\":\"" name "\",\"States\":{\"" name \
    "\":{\"Type\":\"Task\",\"Resource\":\"" resource \
    "\",\"HeartbeatSeconds\":60,\"Parameters\":{\"machine.$\":\"$$.StateMachine.Name\"}," \
    "\"End\":true}}}"
#define CALL BRANCH("call", "arn:aws:states:::test:call.waitForTaskToken")
#define WORKER BRANCH("worker", ACTIVITY)
#define JOB BRANCH("job", "arn:aws:states:::test:job.sync")
static const char definition_text[] =
    "{\"StartAt\":\"all\",\"States\":{\"all\":{\"Type\":\"Parallel\",\"End\":true,"
    "\"Branches\":[" CALL "," WORKER "," JOB "]}}}";

typedef struct host host;

/* What a worker does, or hands on: a task, or a token alone. */
typedef struct job {
    host *host;
    asl_task *task;
    char *token;
    bool may_be_closed;
} job;

typedef struct queue {
    pthread_mutex_t lock;
    pthread_cond_t has_job;
    job jobs[QUEUE_MAX];
    size_t count;
    bool is_over;
} queue;

/* An execution that is to be stopped: at once, or when a task of it has begun. */
typedef struct stop {
    asl_execution *execution; /* NULL: it was */
    bool is_due;
} stop;

struct host {
    unsigned index, asked, polls;
    unsigned started; /* and durable */
    asl_engine *engine;
    queue tokens; /* for this thread to answer */
    stop stops[EXECUTIONS / STOPPED_EVERY];
    unsigned stop_count, stops_done;
};

static struct {
    asl_store *store;
    asl_definition *definition;
    host hosts[HOSTS];
    queue work; /* of all workers */
    bool races;
    _Atomic(asl_engine *) watched; /* the control's */
    atomic_bool is_over;
    atomic_uint refused, cancelled, written;
} self;

static void require(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "answers: not so: %s\n", what);
    exit(1);
}

static void check(int status, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "answers: %s: %s\n", what, asl_status_name(status));
    exit(1);
}

/* Of an answer: it comes too late only where its execution is stopped. */
static void check_answer(int status, bool may_be_closed, const char *what)
{
    if (may_be_closed && (status == ASL_TASK_CLOSED || status == ASL_NOT_FOUND))
        atomic_fetch_add(&self.refused, 1);
    else
        check(status, what);
}

static void queue_init(queue *jobs)
{
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->has_job, NULL);
}

static void put(queue *jobs, const job *one)
{
    pthread_mutex_lock(&jobs->lock);
    require(jobs->count < QUEUE_MAX, "there is room");
    jobs->jobs[jobs->count++] = *one;
    pthread_cond_signal(&jobs->has_job);
    pthread_mutex_unlock(&jobs->lock);
}

/* False where there is none, or where there will be none any more. */
static bool take(queue *jobs, bool waits, job *ret_job)
{
    pthread_mutex_lock(&jobs->lock);
    while (waits && jobs->count == 0 && !jobs->is_over)
        pthread_cond_wait(&jobs->has_job, &jobs->lock);
    bool is_there = jobs->count > 0;
    if (is_there)
        *ret_job = jobs->jobs[--jobs->count];
    pthread_mutex_unlock(&jobs->lock);
    return is_there;
}

static void end_queue(queue *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->is_over = true;
    pthread_cond_broadcast(&jobs->has_job);
    pthread_mutex_unlock(&jobs->lock);
}

/* Of an execution that is to be stopped; its name is "eHOST-NUMBER". */
static size_t stop_index(const asl_task *task)
{
    return strtoul(strchr(asl_task_execution(task), '-') + 1, NULL, 10) / STOPPED_EVERY;
}

/* Inside dispatch. */
static void on_task(void *context, asl_task *task)
{
    host *h = context;
    bool stops = strcmp(asl_task_machine(task), STOPPED) == 0;
    put(&self.work, &(job){.host = h, .task = asl_task_ref(task), .may_be_closed = stops});
    if (stops)
        h->stops[stop_index(task)].is_due = true;
}

static void on_cancel(void *context, asl_task *task)
{
    (void)context;
    require(asl_task_is_cancelled(task), "what is cancelled says so");
    atomic_fetch_add(&self.cancelled, 1);
}

static void on_fetched(void *context, const char *token, const asl_value *input)
{
    host *h = context;
    h->polls--;
    if (!token) /* the engine is freed */
        return;
    const char *machine = asl_value_get_string(asl_value_get(input, "machine"), NULL);
    put(&self.work,
        &(job){.host = h, .token = strdup(token), .may_be_closed = strcmp(machine, STOPPED) == 0});
}

/* On a worker's thread. */
static void hand_on(const job *one, const char *token)
{
    put(&one->host->tokens,
        &(job){.host = one->host, .token = strdup(token), .may_be_closed = one->may_be_closed});
    asl_engine_wake(one->host->engine);
}

static void look_at(asl_task *task, bool may_be_closed)
{
    const asl_value *machine = asl_value_get(asl_task_input(task), "machine");
    require(strcmp(asl_task_machine(task), asl_value_get_string(machine, NULL)) == 0, "its input");
    require(asl_task_event(task) > 0 && asl_task_attempt(task) == 0, "its event");
    require(asl_task_execution_start_ms(task) > 0, "its start");
    require(asl_task_store(task) == self.store, "its store");
    require(!asl_task_is_cancelled(task) || may_be_closed, "nobody cancels it");
}

/* Half of those whose execution is stopped work on until they hear of it. */
static void do_job(asl_task *task, bool may_be_closed)
{
    bool works_on = may_be_closed && stop_index(task) % 4 == 1;
    check_answer(asl_task_submit(task, asl_value_null(), NULL), may_be_closed, "submit");
    do {
        check_answer(asl_task_heartbeat(task), may_be_closed, "a beat");
        if (works_on)
            usleep(100);
    } while (works_on && !asl_task_is_cancelled(task));
    check_answer(asl_task_succeed(task, asl_value_ref(asl_task_input(task)), NULL), may_be_closed,
                 "an answer");
}

static void do_task(const job *one)
{
    asl_task *task = one->task;
    look_at(task, one->may_be_closed);
    if (strstr(asl_task_resource(task), ".sync")) {
        do_job(task, one->may_be_closed);
    } else {
        check_answer(asl_task_succeed(task, asl_value_null(), NULL), one->may_be_closed,
                     "a token passed on");
        hand_on(one, asl_task_token(task));
    }
    asl_task_unref(task);
}

static void *run_worker(void *context)
{
    job one;
    (void)context;
    while (take(&self.work, true, &one)) {
        if (one.task)
            do_task(&one);
        else
            hand_on(&one, one.token);
        free(one.token);
    }
    return NULL;
}

static void on_written(void *context, int status)
{
    (void)context;
    check(status, "a row");
    atomic_fetch_add(&self.written, 1);
}

static void on_started(void *context, asl_execution *execution, int status)
{
    host *h = context;
    const char *name = asl_execution_name(execution);
    asl_writes *writes = asl_writes_new(NULL);
    check(status, "start");
    h->started++;
    asl_writes_put(writes, "starts", name, strlen(name), "1", 1);
    check(asl_engine_write(h->engine, writes, on_written, NULL, NULL), "write");
}

static void add_stop(host *h, asl_execution *execution)
{
    h->stops[h->stop_count] = (stop){execution, h->stop_count % 2 == 0};
    h->stop_count++;
}

static void start_some(host *h)
{
    for (unsigned i = 0; i < 5 && h->asked < EXECUTIONS; i++, h->asked++) {
        char name[32];
        bool stops = h->asked % STOPPED_EVERY == 0;
        asl_execution *execution = NULL;
        snprintf(name, sizeof name, "e%u-%u", h->index, h->asked);
        asl_start start = {.size = sizeof start,
                           .machine = stops ? STOPPED : "kept",
                           .name = name,
                           .on_started = on_started,
                           .context = h};
        check(asl_execution_start(h->engine, &start, &execution, NULL), "start");
        if (stops)
            add_stop(h, execution);
        else
            asl_execution_unref(execution);
    }
}

/* None has ended before: its token is answered later in the turn. */
static void stop_some(host *h)
{
    for (unsigned i = 0; i < h->stop_count; i++) {
        if (!h->stops[i].execution || !h->stops[i].is_due)
            continue;
        asl_execution *execution = h->stops[i].execution;
        check(asl_execution_stop(execution, "Stopped", "while it is answered", NULL), "stop");
        asl_execution_unref(execution);
        h->stops[i].execution = NULL;
        h->stops_done++;
    }
}

static void answer_tokens(host *h)
{
    job one;
    while (take(&h->tokens, false, &one)) {
        check_answer(asl_engine_send_task_heartbeat(h->engine, one.token, NULL), one.may_be_closed,
                     "a token's beat");
        check_answer(
            asl_engine_send_task_success(h->engine, one.token, asl_value_null(), NULL, NULL),
            one.may_be_closed, "a token's answer");
        free(one.token);
    }
}

static void poll_activity(host *h)
{
    for (; h->polls < POLLS; h->polls++)
        check(asl_activity_poll(h->engine, ACTIVITY, "worker", on_fetched, h, NULL), "poll");
}

static bool something_runs(void)
{
    asl_list_options options = {
        .size = sizeof options, .limit = 1, .statuses = 1u << ASL_EXECUTION_RUNNING};
    asl_execution_list *list = NULL;
    check(asl_store_list(self.store, &options, &list, NULL), "list");
    bool runs = asl_execution_list_count(list) > 0;
    asl_execution_list_free(list);
    return runs;
}

static void open_engine(host *h)
{
    asl_engine_options options = {.size = sizeof options,
                                  .store = self.store,
                                  .passivate_after_ms = 1,
                                  .share = h->index,
                                  .shares = HOSTS};
    asl_task_handler handler = {
        .size = sizeof handler, .start = on_task, .cancel = on_cancel, .context = h};
    check(asl_engine_open(&options, &h->engine, NULL), "engine");
    check(asl_engine_register(h->engine, "arn:aws:states:::test:*", &handler, NULL), "handler");
    check(asl_engine_add_machine(h->engine, "kept", self.definition, NULL), "machine");
    check(asl_engine_add_machine(h->engine, STOPPED, self.definition, NULL), "machine");
    atomic_store(&self.watched, h->engine);
}

static void *run_host(void *context)
{
    host *h = context;
    open_engine(h);
    while (h->started < EXECUTIONS || h->stops_done < h->stop_count || something_runs()) {
        start_some(h);
        poll_activity(h);
        answer_tokens(h);
        check(asl_engine_dispatch(h->engine, 5), "dispatch");
        stop_some(h);
    }
    return NULL;
}

/* However it grows meanwhile, no event is missing between the pages. */
static void read_pages(uint64_t number)
{
    char token[1025] = "";
    uint64_t last = 0;
    do {
        asl_page_options options = {
            .size = sizeof options, .token = token[0] ? token : NULL, .max_results = 5};
        asl_history *page = NULL;
        check(asl_history_read_page(self.store, number, &options, &page, NULL), "page");
        for (size_t i = 0; i < asl_history_count(page); i++)
            require(asl_history_at(page, i)->id == ++last, "pages fit together");
        const char *next = asl_history_next_token(page);
        snprintf(token, sizeof token, "%s", next ? next : "");
        asl_history_free(page);
    } while (token[0]);
    require(last > 0, "a history has events");
}

static void read_one(const asl_execution_summary *one)
{
    asl_description *description = NULL;
    uint64_t number = 0;
    check(asl_store_find(self.store, one->machine, one->name, &number, NULL), "find");
    require(number == one->number, "found by its name");
    check(asl_store_describe(self.store, number, &description, NULL), "describe");
    require(description->event_count >= one->event_count, "events do not become fewer");
    asl_description_free(description);
    read_pages(number);
}

static void *run_reader(void *context)
{
    (void)context;
    while (!atomic_load(&self.is_over)) {
        asl_list_options options = {.size = sizeof options, .limit = 10};
        asl_execution_list *list = NULL;
        asl_engine *watched = atomic_load(&self.watched);
        if (self.races && watched)
            asl_engine_next_deadline(watched);
        check(asl_store_list(self.store, &options, &list, NULL), "list");
        for (size_t i = 0; i < asl_execution_list_count(list); i++)
            read_one(asl_execution_list_at(list, i));
        asl_execution_list_free(list);
        usleep(1000);
    }
    return NULL;
}

static void check_replay(uint64_t number)
{
    asl_history *history = NULL;
    asl_definition *definition = NULL;
    asl_replay *replay = NULL;
    asl_replay_options options = {.size = sizeof options};
    check(asl_history_read(self.store, number, &history, NULL), "history");
    check(asl_store_definition(self.store, number, &definition, NULL), "definition");
    check(asl_replay_run(history, definition, &options, &replay, NULL), "replay");
    require(asl_replay_different(replay) == 0, "it replays to itself");
    asl_replay_free(replay);
    asl_definition_unref(definition);
    asl_history_free(history);
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

static void look(void)
{
    unsigned aborted = 0, succeeded = 0, rows = 0;
    asl_execution_list *list = NULL;
    check(asl_store_list(self.store, NULL, &list, NULL), "list");
    require(asl_execution_list_count(list) == HOSTS * EXECUTIONS, "all are there");
    for (size_t i = 0; i < asl_execution_list_count(list); i++) {
        const asl_execution_summary *one = asl_execution_list_at(list, i);
        succeeded += one->status == ASL_EXECUTION_SUCCEEDED;
        aborted += one->status == ASL_EXECUTION_ABORTED;
        require(one->status != ASL_EXECUTION_ABORTED || strcmp(one->machine, STOPPED) == 0,
                "what is not stopped is not aborted");
        check_replay(one->number);
    }
    asl_execution_list_free(list);
    check(asl_table_scan(self.store, "starts", NULL, 0, count_row, &rows, NULL), "rows");
    check(asl_store_verify(self.store, NULL, NULL), "verify");
    printf("%u succeeded, %u aborted, %u cancelled, %u answers refused, %u rows\n", succeeded,
           aborted, atomic_load(&self.cancelled), atomic_load(&self.refused), rows);
    require(succeeded + aborted == HOSTS * EXECUTIONS, "all have ended");
    require(aborted == HOSTS * (EXECUTIONS / STOPPED_EVERY), "those that were stopped are aborted");
    require(atomic_load(&self.cancelled) > 0, "some were stopped at work");
    require(rows == HOSTS * EXECUTIONS && rows == atomic_load(&self.written), "all rows are there");
}

static void run_threads(void)
{
    pthread_t hosts[HOSTS], workers[WORKERS], reader;
    for (unsigned i = 0; i < WORKERS; i++)
        check(pthread_create(&workers[i], NULL, run_worker, NULL), "thread");
    for (unsigned i = 0; i < HOSTS; i++)
        check(pthread_create(&hosts[i], NULL, run_host, &self.hosts[i]), "thread");
    check(pthread_create(&reader, NULL, run_reader, NULL), "thread");
    for (unsigned i = 0; i < HOSTS; i++)
        pthread_join(hosts[i], NULL);
    end_queue(&self.work);
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    atomic_store(&self.is_over, true);
    pthread_join(reader, NULL);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: answers FOLDER [race]\n");
        return 2;
    }
    self.races = argc > 2;
    asl_store_options where = {.size = sizeof where, .path = argv[1], .map_bytes = 1u << 30};
    check(asl_store_open(&where, &self.store, NULL), "store");
    check(asl_definition_load(definition_text, sizeof definition_text - 1, NULL, &self.definition,
                              NULL, NULL),
          "definition");
    queue_init(&self.work);
    for (unsigned i = 0; i < HOSTS; i++) {
        self.hosts[i].index = i;
        queue_init(&self.hosts[i].tokens);
    }
    run_threads();
    for (unsigned i = 0; i < HOSTS; i++)
        asl_engine_free(self.hosts[i].engine);
    look();
    asl_definition_unref(self.definition);
    asl_store_close(self.store);
    return 0;
}
