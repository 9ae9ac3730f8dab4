/* Notes, and how a store is held against them. */
#include "ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_FIRST UINT64_C(14695981039346656037)

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211); /* FNV-1a */
    return hash;
}

static uint64_t hash_value(uint64_t hash, const asl_value *value)
{
    char *text = NULL;
    if (value && asl_value_print(value, 0, &text, NULL) != ASL_OK)
        abort();
    hash = hash_text(hash, text ? text : "nothing");
    asl_text_free(text);
    return hash;
}

void ledger_done(ledger *self)
{
    free(self->tasks);
}

void ledger_fail(ledger *self, const char *format, ...)
{
    va_list arguments;
    if (self->problem[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(self->problem, sizeof self->problem, format, arguments);
    va_end(arguments);
}

size_t ledger_plan(ledger *self, const char *machine)
{
    size_t index = self->execution_count++;
    ledger_execution *one = &self->executions[index];
    *one = (ledger_execution){.machine = machine, .seen_hash = HASH_FIRST};
    snprintf(one->name, sizeof one->name, "e%zu", index);
    return index;
}

void ledger_started(ledger *self, size_t index, uint64_t number)
{
    ledger_execution *one = &self->executions[index];
    if (one->number != 0 && one->number != number)
        ledger_fail(self, "%s: started twice", one->name);
    one->number = number;
    one->is_started = true;
}

void ledger_ended(ledger *self, size_t index, asl_execution *execution)
{
    ledger_execution *one = &self->executions[index];
    if (one->has_ended)
        ledger_fail(self, "%s: ended twice", one->name);
    one->has_ended = true;
    one->status = asl_execution_status_of(execution);
    one->output_hash = hash_value(HASH_FIRST, asl_execution_output(execution));
}

static ledger_task *find_task(ledger *self, const char *key)
{
    for (size_t i = 0; i < self->task_count; i++)
        if (strcmp(self->tasks[i].key, key) == 0)
            return &self->tasks[i];
    return NULL;
}

void ledger_given(ledger *self, asl_task *task)
{
    const char *key = asl_task_idempotency_key(task), *name = asl_task_execution(task);
    size_t execution = strtoul(name + 1, NULL, 10);
    const ledger_task *known = find_task(self, key);
    if (known && (known->event != asl_task_event(task) || known->execution != execution))
        ledger_fail(self, "%s: two tries have the key %s", name, key);
    for (size_t i = 0; i < self->task_count; i++)
        if (self->tasks[i].event == asl_task_event(task) && self->tasks[i].execution == execution &&
            known != &self->tasks[i])
            ledger_fail(self, "%s: one try has two keys", name);
    if (known)
        return;
    if (self->task_count == self->task_capacity) {
        self->task_capacity = self->task_capacity * 2 + 64;
        self->tasks = realloc(self->tasks, self->task_capacity * sizeof *self->tasks);
        if (!self->tasks)
            abort();
    }
    ledger_task *added = &self->tasks[self->task_count++];
    *added = (ledger_task){.event = asl_task_event(task), .execution = execution};
    added->brings_row = !strstr(asl_task_resource(task), ".waitForTaskToken");
    snprintf(added->key, sizeof added->key, "%s", key);
}

/* What was read of a history stays what it is. */
static void check_prefix(ledger *self, ledger_execution *one, const asl_history *history)
{
    size_t count = asl_history_count(history);
    uint64_t hash = HASH_FIRST, hash_then = one->seen_count == 0 ? hash : 0;
    for (size_t i = 0; i < count; i++) {
        asl_value *event = NULL;
        if (asl_history_event_to_value(history, i, &event) != ASL_OK)
            abort();
        hash = hash_value(hash, event);
        asl_value_unref(event);
        if (i + 1 == one->seen_count)
            hash_then = hash;
    }
    if (hash_then != one->seen_hash)
        ledger_fail(self, "%s: its history of %zu events was another one", one->name, count);
    one->seen_count = count;
    one->seen_hash = hash;
}

static void check_order(ledger *self, const ledger_execution *one, const asl_history *history)
{
    int64_t time_ms = 0;
    for (size_t i = 0; i < asl_history_count(history); i++) {
        const asl_history_event *event = asl_history_at(history, i);
        if (event->id != i + 1 || event->previous_id >= event->id)
            ledger_fail(self, "%s: event %zu does not follow", one->name, i + 1);
        if (event->time_ms < time_ms)
            ledger_fail(self, "%s: event %zu goes back in time", one->name, i + 1);
        time_ms = event->time_ms;
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* No handler has had a task whose intent is not durable. */
static void check_given(ledger *self, size_t index, const asl_history *history)
{
    for (size_t i = 0; i < self->task_count; i++) {
        const ledger_task *task = &self->tasks[i];
        if (task->execution != index)
            continue;
        const asl_history_event *event = task->event <= asl_history_count(history)
                                             ? asl_history_at(history, task->event - 1)
                                             : NULL;
        if (!event || !ends_with(event->type, "Scheduled"))
            ledger_fail(self, "%s: a task of event %llu was given, which is not there",
                        self->executions[index].name, (unsigned long long)task->event);
    }
}

/* An execution whose start was not acknowledged may be there all the same. */
static bool find(ledger *self, ledger_execution *one, asl_store *store)
{
    uint64_t number = 0;
    int status = asl_store_find(store, one->machine, one->name, &number, NULL);
    if (status == ASL_STORE_LOST || (status == ASL_NOT_FOUND && !one->is_started))
        return false;
    if (status != ASL_OK || (one->number != 0 && number != one->number)) {
        ledger_fail(self, "%s: not found by its name (%s)", one->name, asl_status_name(status));
        return false;
    }
    one->number = number;
    return true;
}

static void check_description(ledger *self, const ledger_execution *one,
                              const asl_description *description)
{
    if (!one->has_ended)
        return;
    if (description->status != one->status)
        ledger_fail(self, "%s: had ended as %s, is %s", one->name,
                    asl_execution_status_name(one->status),
                    asl_execution_status_name(description->status));
    else if (hash_value(HASH_FIRST, description->output) != one->output_hash)
        ledger_fail(self, "%s: has another output than it had", one->name);
}

static asl_history *read_history(ledger *self, size_t index, asl_store *store)
{
    ledger_execution *one = &self->executions[index];
    asl_description *description = NULL;
    asl_history *history = NULL;
    if (!find(self, one, store))
        return NULL;
    int status = asl_store_describe(store, one->number, &description, NULL);
    bool is_purged = status == ASL_NOT_FOUND && self->may_be_purged;
    if (status == ASL_OK)
        status = asl_history_read(store, one->number, &history, NULL);
    if (status != ASL_OK && !is_purged)
        ledger_fail(self, "%s: cannot be read (%s)", one->name, asl_status_name(status));
    if (status == ASL_OK)
        check_description(self, one, description);
    asl_description_free(description);
    return history;
}

static void check_one(ledger *self, size_t index, const asl_history *history)
{
    ledger_execution *one = &self->executions[index];
    check_order(self, one, history);
    check_prefix(self, one, history);
    check_given(self, index, history);
}

void ledger_check(ledger *self, asl_store *store)
{
    for (size_t i = 0; i < self->execution_count; i++) {
        asl_history *history = read_history(self, i, store);
        if (history)
            check_one(self, i, history);
        asl_history_free(history);
    }
}

static void check_replay(ledger *self, const ledger_execution *one, asl_store *store,
                         const asl_history *history)
{
    asl_definition *definition = NULL;
    asl_replay *replay = NULL;
    asl_replay_options options = {.size = sizeof options, .limits = &self->limits};
    int status = asl_store_definition(store, one->number, &definition, NULL);
    if (status == ASL_OK)
        status = asl_replay_run(history, definition, &options, &replay, NULL);
    if (status != ASL_OK)
        ledger_fail(self, "%s: cannot be replayed (%s)", one->name, asl_status_name(status));
    else if (asl_replay_different(replay) > 0)
        ledger_fail(self, "%s: replays differently, from event %llu on: %s not %s", one->name,
                    (unsigned long long)asl_replay_divergence(replay)->event,
                    asl_replay_divergence(replay)->got, asl_replay_divergence(replay)->expected);
    else
        self->events += asl_replay_equal(replay);
    asl_replay_free(replay);
    asl_definition_unref(definition);
}

static bool keep_row(void *context, const void *key, size_t key_size, const void *row,
                     size_t row_size)
{
    (void)row;
    (void)row_size;
    snprintf(context, 72, "%.*s", (int)key_size, (const char *)key);
    return false;
}

static bool has_row(asl_store *store, const char *key)
{
    char found[72] = "";
    if (asl_table_scan(store, LEDGER_TABLE, key, strlen(key), keep_row, found, NULL) != ASL_OK)
        abort();
    return strcmp(found, key) == 0;
}

/* Whether the task of a Scheduled event has a result: at most two events (Started, Submitted) lie
 * between. */
static bool has_result(const asl_history *history, uint64_t scheduled)
{
    for (size_t i = scheduled; i < asl_history_count(history); i++) {
        const asl_history_event *event = asl_history_at(history, i), *before = event;
        if (!ends_with(event->type, "Succeeded") || ends_with(event->type, "ExecutionSucceeded"))
            continue;
        for (unsigned steps = 0; steps < 3 && before->previous_id > 0; steps++) {
            before = asl_history_at(history, before->previous_id - 1);
            if (before->id == scheduled)
                return true;
            if (!ends_with(before->type, "Started") && !ends_with(before->type, "Submitted"))
                break;
        }
    }
    return false;
}

/* A row is written in the transaction of the result that it comes with. Where the history is full
 * the result is what ends the execution, and no event tells of it. */
static void check_rows(ledger *self, size_t index, asl_store *store, const asl_history *history)
{
    if (asl_history_count(history) >= self->limits.history_events)
        return;
    for (size_t i = 0; i < self->task_count; i++) {
        const ledger_task *task = &self->tasks[i];
        if (task->execution != index || !task->brings_row)
            continue;
        bool is_result = has_result(history, task->event), is_row = has_row(store, task->key);
        if (is_row != is_result)
            ledger_fail(self, "%s: event %llu has a %s without a %s", self->executions[index].name,
                        (unsigned long long)task->event, is_row ? "row" : "result",
                        is_row ? "result" : "row");
    }
}

static void note_problem(void *context, const char *problem)
{
    ledger_fail(context, "verify: %s", problem);
}

void ledger_check_end(ledger *self, asl_store *store)
{
    asl_verify_options options = {.size = sizeof options, .problem = note_problem, .context = self};
    int status = asl_store_verify(store, &options, NULL);
    if (status != ASL_OK)
        ledger_fail(self, "the store cannot be verified (%s)", asl_status_name(status));
    for (size_t i = 0; i < self->execution_count; i++) {
        const ledger_execution *one = &self->executions[i];
        asl_history *history = read_history(self, i, store);
        if (one->is_sent && one->number == 0)
            ledger_fail(self, "%s: a message asked for it, and it was not started", one->name);
        if (!history)
            continue;
        check_one(self, i, history);
        if (!ends_with(asl_history_at(history, asl_history_count(history) - 1)->type,
                       "Succeeded") &&
            !strstr("ExecutionFailed ExecutionTimedOut ExecutionAborted",
                    asl_history_at(history, asl_history_count(history) - 1)->type))
            ledger_fail(self, "%s: has not ended", one->name);
        check_replay(self, one, store, history);
        check_rows(self, i, store, history);
        asl_history_free(history);
    }
}
