/* See passive.h. The order in which the store lists passive executions is the order in which timers
 * fire, so those that are due are read from where the last reading ended. */
#include "runtime/passive.h"

#include "base/error.h"
#include "runtime/engine.h"

#define AFTER_MS_DEFAULT 10000
/* Reading an execution again costs about a microsecond an event. So that it is never much of what
 * an execution takes, a long history has to wait longer. */
#define WAIT_MS_PER_EVENT 10
#define FRAMES_MAX 64u    /* with more, looking at all of them at every record costs too much */
#define ACTIVE_MAX 16384u /* with more, what waits for a second leaves memory as well */
#define AFTER_MS_CROWDED 1000
#define WOKEN_AT_ONCE 1024u

void asl_passives_init(asl_engine *engine, int64_t after_ms)
{
    asl_passives *passives = &engine->passives;
    passives->is_claimed = asl_store_claim_passive(engine->store, engine->share);
    passives->after_ms = after_ms == 0 ? AFTER_MS_DEFAULT : after_ms;
    if (!passives->is_claimed)
        passives->after_ms = -1;
    passives->next_ms = INT64_MAX;
    passives->first_number = asl_store_next_number(engine->store);
}

void asl_passives_done(asl_engine *engine)
{
    if (engine->passives.is_claimed)
        asl_store_unclaim_passive(engine->store, engine->share);
}

static int read_next(asl_engine *engine, asl_error **error)
{
    asl_passive next;
    size_t count;
    int status =
        asl_store_read_passive(engine->store, engine->passives.woken, &next, 1, &count, error);
    if (status == ASL_OK)
        engine->passives.next_ms = count > 0 ? next.until_ms : INT64_MAX;
    return status;
}

int asl_passives_recover(asl_engine *engine, asl_error **error)
{
    if (!engine->passives.is_claimed)
        return ASL_OK;
    engine->passives.first_number = 0;
    engine->passives.woken = (asl_passive){0};
    return read_next(engine, error);
}

/* A task that waits for nothing but its token: its handler has done, or a worker that polled has
 * it. */
static bool waits_for_token(const asl_execution *execution, const asl_effect *effect)
{
    const asl_slot *slot = asl_execution_find_slot(execution, effect->frame);
    const asl_task *task = slot ? slot->task : NULL;
    return effect->is_submitted && effect->heartbeat_s == 0 && task &&
           task->event == effect->event && !task->is_wall_timed && !task->is_overtaken &&
           (task->is_callback || (task->is_activity && !task->handler));
}

/* The first deadline of what is pending; 0: something is at work. */
static int64_t first_deadline(const asl_execution *execution, const asl_effect_list *pending)
{
    int64_t first_ms = INT64_MAX;
    for (size_t i = 0; i < pending->count; i++) {
        const asl_effect *effect = &pending->items[i];
        bool is_timer =
            effect->kind == ASL_EFFECT_SET_TIMER || effect->kind == ASL_EFFECT_SET_EXECUTION_TIMER;
        if (is_timer && effect->due_ms < first_ms)
            first_ms = effect->due_ms;
        if (effect->kind == ASL_EFFECT_START_TASK && !waits_for_token(execution, effect))
            return 0;
    }
    return first_ms;
}

static int64_t least_wait_ms(const asl_engine *engine, const asl_execution *execution)
{
    int64_t history_ms = (int64_t)asl_frames_event_count(execution->frames) * WAIT_MS_PER_EVENT;
    int64_t after_ms = engine->passives.after_ms;
    if (engine->active.count > ACTIVE_MAX && after_ms > AFTER_MS_CROWDED)
        after_ms = AFTER_MS_CROWDED;
    return history_ms > after_ms ? history_ms : after_ms;
}

/* Whether nobody but the engine would miss it. */
static bool is_unheld(const asl_execution *execution)
{
    return execution->references == 1 && !execution->listener.on_ended &&
           !execution->listener.next && !execution->must_rebuild;
}

static bool starts_task(const asl_effect_list *effects)
{
    for (size_t i = 0; i < effects->count; i++)
        if (effects->items[i].kind == ASL_EFFECT_START_TASK)
            return true;
    return false;
}

int64_t asl_execution_passive_until(const asl_execution *execution, const asl_effect_list *effects)
{
    asl_engine *engine = execution->engine;
    const asl_frames *frames = execution->frames;
    if (engine->passives.after_ms < 0 || asl_frames_status(frames) != ASL_EXECUTION_RUNNING ||
        !is_unheld(execution) || starts_task(effects) || asl_frames_capacity(frames) > FRAMES_MAX ||
        (asl_frames_flags(frames) & ASL_FACT_SYNCHRONOUS) != 0)
        return 0;
    asl_effect_list *pending = &engine->pending;
    pending->count = 0;
    if (asl_frames_pending(frames, pending) != ASL_OK)
        return 0; /* it stays in memory, of which there is none left: that is seen elsewhere */
    int64_t until_ms = first_deadline(execution, pending);
    if (until_ms == INT64_MAX)
        return until_ms;
    return until_ms - engine->now_ms >= least_wait_ms(engine, execution) ? until_ms : 0;
}

void asl_execution_leave(asl_execution *execution, int64_t until_ms)
{
    asl_engine *engine = execution->engine;
    asl_passives *passives = &engine->passives;
    if (until_ms == 0 || execution->phase != ASL_RUN_IDLE || !is_unheld(execution) ||
        execution->has_untold || !TAILQ_EMPTY(&execution->posts))
        return;
    if (until_ms < passives->next_ms)
        passives->next_ms = until_ms;
    /* A clock that was set back: what has been read again is seen to be here. */
    if (until_ms <= passives->woken.until_ms)
        passives->woken = (asl_passive){.until_ms = until_ms - 1, .number = UINT64_MAX};
    asl_execution_detach(execution);
}

static bool is_ours(const asl_engine *engine, uint64_t number)
{
    return engine->passives.is_claimed && number >= engine->passives.first_number &&
           asl_share_has(engine->share, number);
}

/* One that cannot go on stays where it is, and does not keep the others from it. */
static int wake_one(asl_engine *engine, uint64_t number)
{
    asl_error *error = NULL;
    asl_execution *execution;
    int status = asl_engine_call(engine, number, &execution, &error);
    if (status != ASL_OK && status != ASL_NOMEM && status != ASL_NOT_FOUND)
        asl_engine_log(engine, ASL_LOG_ERROR, "execution %llu is due and cannot go on: %s",
                       (unsigned long long)number, asl_error_message(error));
    asl_error_free(error);
    return status == ASL_NOMEM ? ASL_NOMEM : ASL_OK;
}

static int wake_some(asl_engine *engine, const asl_passive *items, size_t count)
{
    asl_passives *passives = &engine->passives;
    for (size_t i = 0; i < count; i++) {
        passives->next_ms = items[i].until_ms;
        if (items[i].until_ms > engine->now_ms)
            return ASL_OK;
        int status = is_ours(engine, items[i].number) ? wake_one(engine, items[i].number) : ASL_OK;
        if (status != ASL_OK)
            return status;
        passives->woken = items[i];
    }
    if (count < WOKEN_AT_ONCE)
        passives->next_ms = INT64_MAX;
    return ASL_OK;
}

bool asl_passives_wake(asl_engine *engine, int64_t *ret_until_ms)
{
    asl_passives *passives = &engine->passives;
    *ret_until_ms = INT64_MAX;
    if (passives->next_ms > engine->now_ms)
        return false;
    asl_passive items[WOKEN_AT_ONCE];
    size_t count;
    int status =
        asl_store_read_passive(engine->store, passives->woken, items, WOKEN_AT_ONCE, &count, NULL);
    if (status == ASL_OK)
        status = wake_some(engine, items, count);
    if (status != ASL_OK)
        engine->round_status = status;
    if (passives->next_ms <= engine->now_ms)
        *ret_until_ms = passives->woken.until_ms;
    return true;
}

int asl_engine_call(asl_engine *engine, uint64_t number, asl_execution **ret_execution,
                    asl_error **error)
{
    *ret_execution = asl_active_find(&engine->active, number);
    if (*ret_execution)
        return ASL_OK;
    if (!is_ours(engine, number))
        return asl_error_set(error, ASL_NOT_FOUND, "execution %llu does not run here",
                             (unsigned long long)number);
    int status = asl_engine_recover_one(engine, number, true, error);
    if (status == ASL_OK)
        *ret_execution = asl_active_find(&engine->active, number);
    return status;
}
