/* Tasks in the engine: opened for an effect, begun, and given up or retired. How results come in is
 * in answer.c. */
#include "runtime/task.h"

#include <string.h>

#include "base/heap.h"
#include "runtime/engine.h"

static void release_answer(asl_answer *answer)
{
    asl_value_move(&answer->output, NULL);
    asl_value_move(&answer->error, NULL);
    asl_value_move(&answer->cause, NULL);
    asl_writes_free(asl_steal(answer->writes));
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
    release_answer(&task->submission);
    release_answer(&task->result);
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

/* A callback that will come, and a worker's answer, come in real time, whatever the engine's clock
 * does; so does what a handler does, while a scaled clock runs. */
static bool runs_in_real_time(const asl_task *task, const asl_engine *engine)
{
    asl_clock clock = engine->mailbox->clock.kind;
    bool waits_outside = (task->is_callback || task->is_activity) && !engine->clocks_callbacks;
    if (task->handler && (task->handler->flags & ASL_HANDLER_MOCK))
        return false;
    return (clock == ASL_CLOCK_SCALED && (waits_outside || task->is_counted)) ||
           (clock == ASL_CLOCK_SKIPPING && waits_outside);
}

static void init_posts(asl_task *task, asl_execution *execution)
{
    task->submission =
        (asl_answer){.task = task, .post = {.kind = ASL_POST_SUBMISSION, .execution = execution}};
    task->result =
        (asl_answer){.task = task, .post = {.kind = ASL_POST_RESULT, .execution = execution}};
    task->fetch = (asl_post){.kind = ASL_POST_FETCH, .execution = execution};
    task->heartbeat = (asl_alarm){
        .post = {.kind = ASL_POST_HEARTBEAT_MISSED, .execution = execution},
        .event = task->event,
        .frame = task->frame,
    };
}

/* What its resource and what is recorded of it make of a task. */
static int init_pattern(asl_task *task, const asl_effect *effect)
{
    asl_resource_pattern pattern = effect->state->as.task.pattern;
    task->is_activity = effect->state->as.task.kind == ASL_RESOURCE_ACTIVITY;
    task->is_callback = pattern == ASL_PATTERN_WAIT_FOR_TASK_TOKEN;
    task->is_fetched = task->is_activity && effect->is_submitted;
    task->was_submitted = !task->is_activity && effect->is_submitted;
    atomic_init(&task->phase, task->was_submitted ? ASL_TASK_SUBMITTED : ASL_TASK_OPEN);
    if (!task->is_activity && pattern == ASL_PATTERN_REQUEST_RESPONSE)
        return ASL_OK;
    return asl_task_token_make(&task->identity->tokens, task->event, task->token);
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
                       .execution = execution,
                       .is_resumed = execution->is_recovered};
    atomic_init(&task->references, 1);
    init_posts(task, execution);
    if (init_pattern(task, effect) != ASL_OK) {
        asl_task_unref(task);
        return NULL;
    }
    task->handler = handler_of(execution, effect);
    task->is_counted = task->handler && !(task->handler->flags & ASL_HANDLER_MOCK) &&
                       !(task->is_callback && task->was_submitted);
    task->is_wall_timed = runs_in_real_time(task, execution->engine);
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
    if (task->is_counted)
        engine->real_task_count++;
    asl_task_ref(task);
    if (task->is_resumed)
        STAILQ_INSERT_TAIL(&engine->resuming, task, queue_link);
    else
        STAILQ_INSERT_TAIL(&engine->starting, task, queue_link);
    return ASL_OK;
}

int64_t asl_task_now(asl_task *task)
{
    return task->is_wall_timed ? asl_clock_monotonic()
                               : asl_engine_clock_now(&task->identity->mailbox->clock);
}

int asl_task_set_heartbeat(asl_task *task)
{
    if (task->heartbeat_s == 0)
        return ASL_OK;
    asl_engine *engine = task->execution->engine;
    int64_t now_ms = asl_task_now(task);
    atomic_store_explicit(&task->beat_ms, now_ms, memory_order_relaxed);
    return asl_timers_arm(task->is_wall_timed ? &engine->wall_timers : &engine->timers,
                          &task->heartbeat.timer, now_ms + task->heartbeat_s * 1000,
                          task->execution->number, task->event);
}

/* Whether a task is begun by waiting only: its handler, or its worker, has had it before. */
static bool only_waits(const asl_task *task)
{
    return (task->is_callback && task->was_submitted) || (task->is_activity && !task->handler);
}

int asl_task_begin(asl_task *task)
{
    if (!task->execution || task->is_begun || atomic_load(&task->phase) == ASL_TASK_FINISHED)
        return ASL_OK;
    if (task->is_activity && !task->is_fetched)
        return asl_activity_offer(task);
    bool waits = only_waits(task);
    if (!waits && !task->handler)
        return asl_task_fail_here(task, "States.TaskFailed", "no handler serves the resource");
    if (!waits && task->is_resumed && (task->handler->flags & ASL_HANDLER_AT_MOST_ONCE))
        return asl_task_fail_here(task, "States.TaskFailed", "interrupted");
    int status = asl_task_set_heartbeat(task);
    if (status != ASL_OK)
        return status;
    task->is_begun = true;
    if (waits)
        return ASL_OK;
    asl_statistics_dispatched(task->execution->engine, task);
    task->handler->functions.start(task->handler->functions.context, task);
    return ASL_OK;
}

static void take_back(asl_execution *execution, asl_post *post)
{
    if (!post->is_queued)
        return;
    TAILQ_REMOVE(&execution->posts, post, link);
    post->is_queued = false;
}

/* Clocks do not wait for it any more. */
static void uncount(asl_task *task)
{
    if (task->is_counted)
        task->execution->engine->real_task_count--;
    task->is_counted = false;
}

/* The engine has done with a task: what is left of it belongs to who holds it. */
static void forget(asl_task *task)
{
    asl_execution *execution = task->execution;
    take_back(execution, &task->submission.post);
    take_back(execution, &task->result.post);
    take_back(execution, &task->fetch);
    asl_activity_leave(task);
    asl_alarm_cancel(&task->heartbeat);
    uncount(task);
    asl_slot *slot = asl_execution_find_slot(execution, task->frame);
    slot->task = NULL;
    if (slot->alarm.event == task->event)
        asl_alarm_cancel(&slot->alarm);
    task->execution = NULL;
}

static void call_cancel(asl_task *task)
{
    atomic_store(&task->is_cancelled, true);
    if (task->is_begun && task->handler && task->handler->functions.cancel)
        task->handler->functions.cancel(task->handler->functions.context, task);
}

/* Gives up what the engine holds of a task. */
static void let_go(asl_task *task)
{
    asl_handler_unref(asl_steal(task->handler));
    asl_task_unref(task);
}

void asl_task_close(asl_task *task)
{
    int phase = atomic_load(&task->phase);
    while ((phase == ASL_TASK_OPEN || phase == ASL_TASK_SUBMITTED) &&
           !atomic_compare_exchange_weak(&task->phase, &phase, ASL_TASK_DROPPED))
        continue;
    bool is_at_work = task->is_overtaken || phase == ASL_TASK_OPEN ||
                      (phase == ASL_TASK_SUBMITTED && !task->is_callback);
    atomic_store(&task->is_cancelled, true);
    forget(task);
    if (is_at_work)
        call_cancel(task);
    let_go(task);
}

void asl_task_abandon(asl_task *task)
{
    call_cancel(task);
    let_go(task);
}

void asl_task_retire(asl_task *task)
{
    asl_execution *execution = task->execution;
    forget(task);
    if (!task->is_overtaken)
        let_go(task);
    else if (execution->phase == ASL_RUN_FLIGHT)
        execution->flight->overtaken = task;
    else
        asl_task_abandon(task);
}

void asl_task_settle_submission(asl_task *task)
{
    release_answer(&task->submission);
    if (task->is_callback)
        uncount(task);
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

const char *asl_task_token(const asl_task *task)
{
    return task->token[0] != '\0' ? task->token : NULL;
}

bool asl_task_is_submitted(const asl_task *task)
{
    return task->was_submitted;
}
