/* Activities: the queues of tasks and of workers, and their matching. */
#include "runtime/activity.h"

#include <string.h>

#include "base/error.h"
#include "base/heap.h"
#include "base/utf8.h"
#include "runtime/engine.h"

#define WORKER_CHARACTERS_MAX 80u /* AWS: workerName */

static asl_activity *find_activity(asl_engine *engine, const char *arn)
{
    asl_map_entry *entry = asl_map_put(&engine->activities, arn, strlen(arn), NULL);
    if (!entry)
        return NULL;
    if (!entry->pointer) {
        asl_activity *activity = asl_allocate(engine->heap, sizeof *activity);
        if (!activity)
            return NULL;
        TAILQ_INIT(&activity->tasks);
        TAILQ_INIT(&activity->polls);
        entry->pointer = activity;
    }
    return entry->pointer;
}

static void match(asl_task *task, asl_poll *poll)
{
    task->poll = poll;
    asl_execution_post(task->execution, &task->fetch);
}

int asl_activity_offer(asl_task *task)
{
    if (task->handler) {
        match(task, NULL);
        return ASL_OK;
    }
    asl_activity *activity = find_activity(task->execution->engine, asl_task_resource(task));
    if (!activity)
        return ASL_NOMEM;
    asl_poll *poll = TAILQ_FIRST(&activity->polls);
    if (poll) {
        TAILQ_REMOVE(&activity->polls, poll, link);
        match(task, poll);
    } else {
        TAILQ_INSERT_TAIL(&activity->tasks, task, activity_link);
        task->activity = activity;
    }
    return ASL_OK;
}

/* A worker waits for a task, or gets the one that has waited longest. */
static void park(asl_poll *poll, bool is_first)
{
    asl_activity *activity = poll->activity;
    asl_task *task = TAILQ_FIRST(&activity->tasks);
    if (task) {
        TAILQ_REMOVE(&activity->tasks, task, activity_link);
        task->activity = NULL;
        match(task, poll);
    } else if (is_first) {
        TAILQ_INSERT_HEAD(&activity->polls, poll, link);
    } else {
        TAILQ_INSERT_TAIL(&activity->polls, poll, link);
    }
}

void asl_activity_leave(asl_task *task)
{
    if (task->activity)
        TAILQ_REMOVE(&task->activity->tasks, task, activity_link);
    task->activity = NULL;
    if (task->poll)
        park(asl_steal(task->poll), true);
}

static void free_poll(const asl_heap *heap, asl_poll *poll)
{
    asl_value_unref(poll->worker);
    asl_release(heap, poll, sizeof *poll);
}

int asl_activity_deliver(asl_task *task)
{
    asl_engine *engine = task->execution->engine;
    if (!task->is_fetched) {
        int status = asl_task_set_heartbeat(task);
        if (status != ASL_OK)
            return status;
        task->is_fetched = true;
    }
    asl_poll *poll = asl_steal(task->poll);
    if (poll) {
        task->is_begun = true;
        asl_statistics_dispatched(engine, task);
        poll->function(poll->context, task->token, task->input);
        free_poll(engine->heap, poll);
    } else if (task->handler) {
        asl_task_ref(task);
        STAILQ_INSERT_TAIL(&engine->starting, task, queue_link);
    }
    return ASL_OK;
}

static int check_poll(const asl_engine *engine, const char *arn, const char *worker,
                      asl_activity_function function, asl_error **error)
{
    if (!arn || !strstr(arn, ":activity:") || !function)
        return asl_error_set(error, ASL_MISUSE, "a poll needs an activity's ARN and a function");
    if (engine->is_closing)
        return asl_error_set(error, ASL_MISUSE, "the engine is being freed");
    size_t size = worker ? strlen(worker) : 0;
    if (worker && (asl_utf8_valid(worker, size) != size ||
                   asl_utf8_count(worker, size) > WORKER_CHARACTERS_MAX))
        return asl_error_set(error, ASL_MISUSE, "a worker's name has at most %u characters",
                             WORKER_CHARACTERS_MAX);
    return ASL_OK;
}

int asl_activity_poll(asl_engine *engine, const char *activity_arn, const char *worker_name,
                      asl_activity_function function, void *context, asl_error **error)
{
    int status = check_poll(engine, activity_arn, worker_name, function, error);
    if (status == ASL_OK)
        status = asl_task_token_load(error);
    if (status != ASL_OK)
        return status;
    asl_activity *activity = find_activity(engine, activity_arn);
    asl_poll *poll = activity ? asl_allocate_zeroed(engine->heap, sizeof *poll) : NULL;
    if (poll && worker_name)
        poll->worker = asl_value_string(engine->heap, worker_name);
    if (!poll || (worker_name && !poll->worker)) {
        if (poll)
            free_poll(engine->heap, poll);
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    }
    poll->activity = activity;
    poll->function = function;
    poll->context = context;
    park(poll, false);
    return ASL_OK;
}

int asl_activity_poll_cancel(asl_engine *engine, const char *activity_arn, void *context)
{
    const asl_map_entry *entry =
        asl_map_find(&engine->activities, activity_arn, strlen(activity_arn));
    asl_activity *activity = entry ? entry->pointer : NULL;
    if (!activity)
        return ASL_NOT_FOUND;
    asl_poll *poll;
    TAILQ_FOREACH(poll, &activity->polls, link)
    if (poll->context == context)
        break;
    if (!poll)
        return ASL_NOT_FOUND;
    TAILQ_REMOVE(&activity->polls, poll, link);
    free_poll(engine->heap, poll);
    return ASL_OK;
}

void asl_activities_done(asl_engine *engine)
{
    for (asl_map_entry *e = NULL; (e = asl_map_next(&engine->activities, e)) != NULL;) {
        asl_activity *activity = e->pointer;
        asl_poll *poll;
        while (activity && (poll = TAILQ_FIRST(&activity->polls)) != NULL) {
            TAILQ_REMOVE(&activity->polls, poll, link);
            poll->function(poll->context, NULL, NULL);
            free_poll(engine->heap, poll);
        }
        if (activity)
            asl_release(engine->heap, activity, sizeof *activity);
        e->pointer = NULL;
    }
    asl_map_done(&engine->activities);
}
