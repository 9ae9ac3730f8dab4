/* Tasks. The one race there is, between who finishes a task and the engine that gives it up, is
 * decided by one compare-exchange on the task's phase. */
#include "runtime/task.h"

#include <string.h>

#include "base/heap.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "runtime/engine.h"

static void release_result(asl_task *task)
{
    asl_value_move(&task->output, NULL);
    asl_value_move(&task->error, NULL);
    asl_value_move(&task->cause, NULL);
    asl_writes_free(asl_steal(task->writes));
}

asl_task *asl_task_ref(asl_task *task)
{
    atomic_fetch_add_explicit(&task->references, 1, memory_order_relaxed);
    return task;
}

void asl_task_unref(asl_task *task)
{
    if (!task || atomic_fetch_sub_explicit(&task->references, 1, memory_order_acq_rel) != 1)
        return;
    release_result(task);
    asl_value_unref(task->input);
    asl_identity_unref(task->identity);
    asl_release(task->heap, task, sizeof *task);
}

static asl_handler *handler_of(asl_execution *execution, const asl_effect *effect)
{
    asl_handler *handler =
        asl_machine_handler(execution->machine, &execution->engine->handlers, effect->state->index);
    return handler ? asl_handler_ref(handler) : NULL;
}

static asl_task *new_task(asl_execution *execution, const asl_effect *effect)
{
    asl_task *task = asl_allocate(execution->heap, sizeof *task);
    if (!task)
        return NULL;
    *task = (asl_task){.heap = execution->heap,
                       .identity = asl_identity_ref(execution->identity),
                       .input = asl_value_ref(effect->value),
                       .state = effect->state,
                       .event = effect->event,
                       .frame = effect->frame,
                       .attempt = effect->attempt,
                       .heartbeat_s = effect->heartbeat_s,
                       .handler = handler_of(execution, effect),
                       .is_resumed = execution->is_recovered,
                       .post = {.kind = ASL_POST_RESULT, .execution = execution}};
    task->heartbeat = (asl_alarm){
        .post = {.kind = ASL_POST_HEARTBEAT_MISSED, .execution = execution},
        .event = effect->event,
        .frame = effect->frame,
    };
    atomic_init(&task->references, 1);
    task->is_real = task->handler && !(task->handler->flags & ASL_HANDLER_MOCK);
    task->is_wall_timed =
        task->is_real && execution->identity->mailbox->clock.kind == ASL_CLOCK_SCALED;
    asl_identity_key(task->identity, task->event, task->key);
    return task;
}

int asl_task_open(asl_execution *execution, const asl_effect *effect)
{
    asl_engine *engine = execution->engine;
    asl_slot *slot = asl_execution_slot(execution, effect->frame);
    if (!slot)
        return ASL_NOMEM;
    if (slot->task)
        asl_task_close(slot->task);
    asl_task *task = new_task(execution, effect);
    if (!task)
        return ASL_NOMEM;
    slot->task = task;
    if (task->is_real)
        engine->real_task_count++;
    asl_task_ref(task);
    if (task->is_resumed)
        STAILQ_INSERT_TAIL(&engine->resuming, task, queue_link);
    else
        STAILQ_INSERT_TAIL(&engine->starting, task, queue_link);
    return ASL_OK;
}

/* The time a task's deadlines are measured in. */
static int64_t task_now(asl_task *task)
{
    return task->is_wall_timed ? asl_clock_monotonic()
                               : asl_engine_clock_now(&task->identity->mailbox->clock);
}

static int set_heartbeat(asl_task *task, asl_engine *engine)
{
    if (task->heartbeat_s == 0)
        return ASL_OK;
    int64_t now_ms = task_now(task);
    atomic_store_explicit(&task->beat_ms, now_ms, memory_order_relaxed);
    return asl_timers_arm(task->is_wall_timed ? &engine->wall_timers : &engine->timers,
                          &task->heartbeat.timer, now_ms + task->heartbeat_s * 1000,
                          task->post.execution->number, task->event);
}

int asl_task_begin(asl_task *task)
{
    if (!task->post.execution || task->is_begun)
        return ASL_OK;
    if (!task->handler)
        return asl_task_fail_here(task, "States.TaskFailed", "no handler serves the resource");
    if (task->is_resumed && (task->handler->flags & ASL_HANDLER_AT_MOST_ONCE))
        return asl_task_fail_here(task, "States.TaskFailed", "interrupted");
    int status = set_heartbeat(task, task->post.execution->engine);
    if (status != ASL_OK)
        return status;
    task->is_begun = true;
    task->handler->functions.start(task->handler->functions.context, task);
    return ASL_OK;
}

/* The engine has done with a task: what is left of it belongs to who holds it. */
static asl_handler *forget(asl_task *task)
{
    asl_execution *execution = task->post.execution;
    if (task->post.is_queued) {
        TAILQ_REMOVE(&execution->posts, &task->post, link);
        task->post.is_queued = false;
    }
    asl_alarm_cancel(&task->heartbeat);
    if (task->is_real)
        execution->engine->real_task_count--;
    asl_slot *slot = asl_execution_find_slot(execution, task->frame);
    slot->task = NULL;
    if (slot->alarm.event == task->event)
        asl_alarm_cancel(&slot->alarm);
    task->post.execution = NULL;
    return asl_steal(task->handler);
}

void asl_task_close(asl_task *task)
{
    int phase = ASL_TASK_OPEN;
    bool was_open = atomic_compare_exchange_strong(&task->phase, &phase, ASL_TASK_DROPPED);
    atomic_store(&task->is_cancelled, true);
    asl_handler *handler = forget(task);
    if (was_open && task->is_begun && handler->functions.cancel)
        handler->functions.cancel(handler->functions.context, task);
    asl_handler_unref(handler);
    asl_task_unref(task);
}

void asl_task_retire(asl_task *task)
{
    asl_handler_unref(forget(task));
    asl_task_unref(task);
}

/* The result belongs to the task, whoever finished it first. */
static bool claim(asl_task *task)
{
    int phase = ASL_TASK_OPEN;
    return atomic_compare_exchange_strong(&task->phase, &phase, ASL_TASK_FINISHED);
}

/* On the engine's own thread, inside dispatch, a result needs no lock and no wake. */
static int hand_over(asl_task *task)
{
    asl_mailbox *mailbox = task->identity->mailbox;
    if (asl_engine_current && asl_engine_current->mailbox == mailbox) {
        asl_execution_post(task->post.execution, &task->post);
        return ASL_OK;
    }
    return asl_mailbox_send_task(mailbox, task) ? ASL_OK : ASL_TASK_CLOSED;
}

int asl_task_succeed(asl_task *task, asl_value *output, asl_writes *writes)
{
    int status = output ? ASL_OK : ASL_NOMEM;
    if (status == ASL_OK && writes)
        status = asl_writes_status(writes);
    if (status == ASL_OK && !claim(task))
        status = ASL_TASK_CLOSED;
    if (status != ASL_OK) {
        asl_value_unref(output);
        asl_writes_free(writes);
        return status;
    }
    task->is_success = true;
    task->output = output;
    task->writes = writes;
    return hand_over(task);
}

/* A text of at most `limit` characters; what is not UTF-8 in it becomes U+FFFD. */
static asl_value *clean_text(const asl_heap *heap, const char *text, size_t limit)
{
    size_t size = strnlen(text, limit * 4);
    if (asl_utf8_valid(text, size) == size)
        return asl_value_string_sized(heap, text, asl_utf8_prefix(text, size, limit));
    asl_buffer clean;
    asl_buffer_init(&clean, heap);
    for (const char *next = text, *end = text + size; next < end;) {
        size_t valid = asl_utf8_valid(next, (size_t)(end - next));
        asl_buffer_append(&clean, next, valid);
        next += valid;
        if (next < end) {
            asl_buffer_append(&clean, "\xEF\xBF\xBD", 3);
            next++;
        }
    }
    asl_value *value = NULL;
    if (clean.status == ASL_OK)
        value = asl_value_string_sized(heap, clean.bytes,
                                       asl_utf8_prefix(clean.bytes, clean.size, limit));
    asl_buffer_done(&clean);
    return value;
}

static int make_failure(const asl_task *task, const char *error, const char *cause,
                        asl_value **ret_error, asl_value **ret_cause)
{
    asl_cleanup(asl_value_cleanup) asl_value *made = NULL;
    if (error) {
        made = clean_text(task->heap, error, ASL_ERROR_CHARACTERS_MAX);
        if (!made)
            return ASL_NOMEM;
    }
    if (cause) {
        *ret_cause = clean_text(task->heap, cause, ASL_CAUSE_CHARACTERS_MAX);
        if (!*ret_cause)
            return ASL_NOMEM;
    }
    *ret_error = asl_steal(made);
    return ASL_OK;
}

int asl_task_fail(asl_task *task, const char *error, const char *cause, asl_writes *writes)
{
    asl_cleanup(asl_value_cleanup) asl_value *error_value = NULL;
    asl_cleanup(asl_value_cleanup) asl_value *cause_value = NULL;
    int status = writes ? asl_writes_status(writes) : ASL_OK;
    if (status == ASL_OK)
        status = make_failure(task, error, cause, &error_value, &cause_value);
    if (status == ASL_OK && !claim(task))
        status = ASL_TASK_CLOSED;
    if (status != ASL_OK) {
        asl_writes_free(writes);
        return status;
    }
    task->error = asl_steal(error_value);
    task->cause = asl_steal(cause_value);
    task->writes = writes;
    return hand_over(task);
}

int asl_task_fail_here(asl_task *task, const char *error, const char *cause)
{
    int status = asl_task_fail(task, error, cause, NULL);
    return status == ASL_NOMEM ? status : ASL_OK;
}

int asl_task_heartbeat(asl_task *task)
{
    if (atomic_load(&task->phase) != ASL_TASK_OPEN)
        return ASL_TASK_CLOSED;
    atomic_store_explicit(&task->beat_ms, task_now(task), memory_order_relaxed);
    return ASL_OK;
}

const asl_value *asl_task_input(const asl_task *task)
{
    return task->input;
}

const char *asl_task_resource(const asl_task *task)
{
    return asl_value_get_string(task->state->as.task.resource, NULL);
}

const char *asl_task_state(const asl_task *task)
{
    return asl_value_get_string(task->state->name, NULL);
}

const char *asl_task_machine(const asl_task *task)
{
    return task->identity->machine;
}

const char *asl_task_execution(const asl_task *task)
{
    return task->identity->name;
}

int64_t asl_task_execution_start_ms(const asl_task *task)
{
    return task->identity->start_ms;
}

uint64_t asl_task_event(const asl_task *task)
{
    return task->event;
}

unsigned asl_task_attempt(const asl_task *task)
{
    return task->attempt;
}

const char *asl_task_idempotency_key(const asl_task *task)
{
    return task->key;
}

asl_store *asl_task_store(const asl_task *task)
{
    return task->identity->mailbox->store;
}

bool asl_task_is_cancelled(const asl_task *task)
{
    return task->is_cancelled;
}
