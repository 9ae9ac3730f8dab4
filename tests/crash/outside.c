/* See outside.h. */
#include "outside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KNOWN_TRIED_MAX 8u /* tokens with an answer that are sent another one in each life */
#define EXECUTION_SIZE 40u

struct outside_promise {
    outside_promise *next, **link; /* `link` points to what points here */
    outside *world;
    asl_watch *timer;
    char key[OUTSIDE_KEY_SIZE], token[OUTSIDE_KEY_SIZE], execution[EXECUTION_SIZE];
};

void host_check(int status, asl_error *error, const char *what)
{
    if (status == ASL_OK)
        return;
    fprintf(stderr, "host: %s: %s: %s\n", what, asl_status_name(status),
            error ? asl_error_message(error) : "");
    exit(2);
}

void host_write(int fd, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof line || write(fd, line, (size_t)size) != size)
        exit(3);
}

void host_wait_for_kill(void)
{
    for (;;)
        pause();
}

unsigned outside_choice(const char *key)
{
    return (unsigned char)key[strlen(key) - 1] % 3u;
}

asl_writes *outside_row(const char *table, const char *key, const char *execution)
{
    asl_value *row = asl_value_string(NULL, execution);
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put_value(writes, table, key, strlen(key), row);
    asl_value_unref(row);
    return writes;
}

void outside_open(outside *world, const char *path)
{
    world->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (world->fd < 0)
        host_check(ASL_IO, NULL, strerror(errno));
}

void outside_note(outside *world, const char *kind, const asl_task *task, const char *token)
{
    char *input = NULL;
    host_check(asl_value_print(asl_task_input(task), 0, &input, NULL), NULL, "print");
    host_write(world->fd, "%s %s %s %s %s '%s' %u %s\n", kind, asl_task_idempotency_key(task),
               token ? token : "-", asl_task_execution(task), asl_task_machine(task),
               asl_task_state(task), asl_task_attempt(task), input);
    asl_text_free(input);
}

static void insert(outside_promise **list, outside_promise *promise)
{
    promise->next = *list;
    promise->link = list;
    if (promise->next)
        promise->next->link = &promise->next;
    *list = promise;
}

static void take_out(outside_promise *promise)
{
    *promise->link = promise->next;
    if (promise->next)
        promise->next->link = promise->link;
}

static bool is_done(outside *world, const char *key)
{
    asl_value *row = NULL;
    asl_error *error = NULL;
    int status = asl_table_get_value(world->store, "done", key, strlen(key), &row, &error);
    asl_value_unref(row);
    if (status != ASL_NOT_FOUND)
        host_check(status, error, "row");
    asl_error_free(error);
    return status == ASL_OK;
}

static outside_promise *new_promise(outside *world, const char *key, const char *token,
                                    const char *execution)
{
    outside_promise *promise = calloc(1, sizeof *promise);
    if (!promise)
        host_check(ASL_NOMEM, NULL, "promise");
    promise->world = world;
    snprintf(promise->key, sizeof promise->key, "%s", key);
    snprintf(promise->token, sizeof promise->token, "%s", token);
    snprintf(promise->execution, sizeof promise->execution, "%s", execution);
    insert(&world->promises, promise);
    return promise;
}

/* "A KEY" where the engine takes the answer: crash.py knows whether it had one. */
static void keep(outside_promise *promise)
{
    outside *world = promise->world;
    asl_error *error = NULL;
    int status = asl_engine_send_task_success(
        world->engine, promise->token, asl_value_string(NULL, promise->key),
        outside_row("done", promise->key, promise->execution), &error);
    take_out(promise);
    if (status == ASL_TASK_CLOSED) {
        asl_error_free(error);
        free(promise);
        return;
    }
    host_check(status, error, promise->key);
    host_write(STDOUT_FILENO, "A %s\n", promise->key);
    if (world->is_early) {
        host_write(STDOUT_FILENO, "T %s\n", promise->key);
        host_wait_for_kill();
    }
    insert(&world->given, promise);
}

static void time_has_come(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    outside_promise *promise = context;
    asl_watch_free(promise->timer);
    keep(promise);
}

void outside_answer_now(outside *world, const char *key, const char *token, const char *execution)
{
    keep(new_promise(world, key, token, execution));
}

void outside_promise_answer(outside *world, const char *key, const char *token,
                            const char *execution, int64_t delay_ms)
{
    outside_promise *promise = new_promise(world, key, token, execution);
    host_check(asl_engine_timer(world->engine, time_has_come, promise, &promise->timer), NULL,
               "timer");
    host_check(asl_watch_set_timer(promise->timer, delay_ms), NULL, "timer");
}

bool outside_is_quiet(const outside *world)
{
    return world->promises == NULL;
}

void outside_acknowledge(outside *world)
{
    for (outside_promise *next, *promise = world->given; promise; promise = next) {
        next = promise->next;
        if (!is_done(world, promise->key))
            continue;
        host_write(STDOUT_FILENO, "T %s\n", promise->key);
        take_out(promise);
        free(promise);
    }
}

static void free_all(outside_promise *promise)
{
    while (promise) {
        outside_promise *next = promise->next;
        free(promise);
        promise = next;
    }
}

void outside_close(outside *world)
{
    free_all(world->promises);
    free_all(world->given);
    close(world->fd);
}

static char *read_all(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = malloc((size_t)size + 1);
    if (!text || pread(fd, text, (size_t)size, 0) != size)
        host_check(ASL_IO, NULL, "the world outside");
    text[size] = '\0';
    return text;
}

void outside_recall(outside *world)
{
    /* Some before the engine has begun anything again, some when it could have. */
    static const int64_t delays_ms[] = {0, 5, 20};
    unsigned known = 0, owed = 0;
    char *text = read_all(world->fd), *rest = text + strlen(text);
    /* The newest first. */
    while (rest > text) {
        *--rest = '\0';
        char *line = memrchr(text, '\n', (size_t)(rest - text));
        line = line ? line + 1 : text;
        rest = line;
        char key[OUTSIDE_KEY_SIZE], token[OUTSIDE_KEY_SIZE], execution[EXECUTION_SIZE];
        if (sscanf(line, "%*s %79s %79s %39s", key, token, execution) != 3)
            host_check(ASL_SYNTAX, NULL, line);
        if (strcmp(token, "-") == 0 || (is_done(world, key) && known++ >= KNOWN_TRIED_MAX))
            continue;
        outside_promise_answer(world, key, token, execution, delays_ms[owed++ % 3]);
    }
    free(text);
}

typedef struct outside_worker {
    outside *world;
    const char *arn, *name;
} outside_worker;

static void poll_for(outside_worker *worker);

/* The token is all that a worker knows its task by. */
static void deliver(void *context, const char *token, const asl_value *input)
{
    outside_worker *worker = context;
    if (!token) {
        free(worker);
        return;
    }
    const char *execution = asl_value_get_string(asl_value_get(input, "execution"), NULL);
    char *text = NULL;
    host_check(asl_value_print(input, 0, &text, NULL), NULL, "print");
    host_write(worker->world->fd, "deliver %s %s %s activity %s\n", token, token, execution, text);
    asl_text_free(text);
    static const int64_t delays_ms[] = {0, 2, 200};
    outside_promise_answer(worker->world, token, token, execution,
                           delays_ms[outside_choice(token)]);
    poll_for(worker);
}

static void poll_for(outside_worker *worker)
{
    asl_error *error = NULL;
    host_check(asl_activity_poll(worker->world->engine, worker->arn, worker->name, deliver, worker,
                                 &error),
               error, "poll");
}

void outside_work(outside *world, const char *activity_arn, const char *name)
{
    outside_worker *worker = malloc(sizeof *worker);
    if (!worker)
        host_check(ASL_NOMEM, NULL, "worker");
    *worker = (outside_worker){.world = world, .arn = activity_arn, .name = name};
    poll_for(worker);
}
