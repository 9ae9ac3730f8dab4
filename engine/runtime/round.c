/* Rounds: bounded work, then one commit. See engine.h for the order inside one. */
#include "runtime/engine.h"

#define ROUND_TIMERS_MAX 1024u
#define ROUND_EXECUTIONS_MAX 1024u

bool asl_engine_take_mail(asl_engine *engine)
{
    if (!atomic_load_explicit(&engine->mailbox->has_mail, memory_order_acquire))
        return false;
    struct asl_answer_queue answers = STAILQ_HEAD_INITIALIZER(answers);
    asl_mailbox_take(engine->mailbox, &answers, &engine->settled);
    asl_answer *answer;
    while ((answer = STAILQ_FIRST(&answers)) != NULL) {
        STAILQ_REMOVE_HEAD(&answers, mail_link);
        if (answer->task->execution)
            asl_execution_post(answer->task->execution, &answer->post);
        asl_task_unref(answer->task);
    }
    return true;
}

/* A heartbeat's alarm looks at the last sign of life only when it rings. */
static bool is_alive(asl_engine *engine, asl_alarm *alarm, asl_timers *timers, int64_t now_ms)
{
    asl_task *task = (asl_task *)((char *)alarm - offsetof(asl_task, heartbeat));
    int64_t due_ms =
        atomic_load_explicit(&task->beat_ms, memory_order_relaxed) + task->heartbeat_s * 1000;
    if (due_ms <= now_ms)
        return false;
    int status =
        asl_timers_arm(timers, &alarm->timer, due_ms, alarm->post.execution->number, alarm->event);
    if (status != ASL_OK)
        engine->round_status = status;
    return status == ASL_OK;
}

static bool fire(asl_engine *engine, asl_timers *timers, int64_t now_ms)
{
    unsigned count = 0;
    const asl_timer_entry *first;
    while (count < ROUND_TIMERS_MAX && (first = asl_timers_first(timers)) != NULL &&
           first->due_ms <= now_ms) {
        asl_timer *timer = first->timer;
        bool is_of_watch = first->number == 0;
        asl_timer_disarm(timer);
        count++;
        if (is_of_watch) {
            asl_watch_fire(timer);
            continue;
        }
        asl_alarm *alarm = (asl_alarm *)timer;
        if (alarm->post.kind == ASL_POST_HEARTBEAT_MISSED &&
            is_alive(engine, alarm, timers, now_ms))
            continue;
        asl_execution_post(alarm->post.execution, &alarm->post);
    }
    return count > 0;
}

static bool is_paused(const asl_engine *engine)
{
    return engine->resume_ms != 0 && asl_clock_monotonic() < engine->resume_ms;
}

static bool step_ready(asl_engine *engine)
{
    unsigned count = 0;
    asl_execution *execution;
    while (count < ROUND_EXECUTIONS_MAX && (execution = STAILQ_FIRST(&engine->ready)) != NULL) {
        STAILQ_REMOVE_HEAD(&engine->ready, ready_link);
        execution->is_ready = false;
        count++;
        int status = asl_execution_step(execution);
        if (status != ASL_OK) {
            asl_execution_schedule(execution);
            engine->round_status = status;
            break;
        }
    }
    return count > 0;
}

/* After recovery nothing is begun again before what was overdue has been heard; where the clock was
 * set back since, it is overdue no more. */
static void resume_tasks(asl_engine *engine)
{
    if (STAILQ_EMPTY(&engine->resuming) || !STAILQ_EMPTY(&engine->ready))
        return;
    const asl_timer_entry *first = asl_timers_first(&engine->timers);
    if (!first || first->due_ms > engine->recover_ms || first->due_ms > engine->now_ms)
        STAILQ_CONCAT(&engine->starting, &engine->resuming);
}

static bool begin_tasks(asl_engine *engine)
{
    bool did = false;
    asl_task *task;
    while ((task = STAILQ_FIRST(&engine->starting)) != NULL) {
        STAILQ_REMOVE_HEAD(&engine->starting, queue_link);
        int status = asl_task_begin(task);
        if (status != ASL_OK) {
            STAILQ_INSERT_HEAD(&engine->starting, task, queue_link);
            engine->round_status = status;
            break;
        }
        asl_task_unref(task);
        did = true;
    }
    return did;
}

bool asl_engine_round(asl_engine *engine)
{
    /* Read first: what is due in real time is due in engine time as well. */
    engine->monotonic_us = engine->durable_us = asl_clock_monotonic_us();
    engine->monotonic_ms = engine->monotonic_us / 1000;
    asl_engine_clock_pair(&engine->mailbox->clock, &engine->wall_ms, &engine->now_ms);
    bool did = asl_engine_take_mail(engine);
    int64_t until_ms;
    did |= asl_passives_wake(engine, &until_ms);
    did |= fire(engine, &engine->timers, until_ms < engine->now_ms ? until_ms : engine->now_ms);
    if (engine->wall_timers.count > 0)
        did |= fire(engine, &engine->wall_timers, engine->monotonic_ms);
    if (!is_paused(engine)) {
        if (engine->resume_ms != 0 || !STAILQ_EMPTY(&engine->stalled))
            asl_engine_resubmit(engine);
        did |= step_ready(engine);
        did |= engine->unsent_count > 0;
        asl_engine_commit(engine);
    }
    did |= !STAILQ_EMPTY(&engine->settled);
    asl_engine_settle(engine);
    if (engine->resume_ms == 0)
        resume_tasks(engine);
    did |= begin_tasks(engine);
    return did;
}

bool asl_engine_has_work(const asl_engine *engine)
{
    if (engine->lost_status != ASL_OK)
        return false;
    if (!STAILQ_EMPTY(&engine->starting) || !STAILQ_EMPTY(&engine->settled) ||
        atomic_load(&engine->mailbox->has_mail))
        return true;
    bool waits = !STAILQ_EMPTY(&engine->ready) || !STAILQ_EMPTY(&engine->stalled) ||
                 !STAILQ_EMPTY(&engine->resuming) || engine->unsent_count > 0;
    return waits && !is_paused(engine);
}

/* False for the deadline of a frame that waits for something else by now. */
static bool is_wanted(const asl_alarm *alarm)
{
    asl_frame_view view;
    if (alarm->post.kind != ASL_POST_FRAME_TIMER)
        return true;
    return asl_frames_view(alarm->post.execution->frames, alarm->frame, &view) &&
           view.waiting_event == alarm->event;
}

static int64_t sooner(int64_t left_ms, int64_t right_ms)
{
    if (left_ms < 0 || right_ms < 0)
        return left_ms < 0 ? right_ms : left_ms;
    return left_ms < right_ms ? left_ms : right_ms;
}

int64_t asl_engine_next_due(const asl_engine *engine)
{
    const asl_timer_entry *first = asl_timers_first(&engine->timers);
    int64_t passive_ms = engine->passives.next_ms;
    return sooner(first ? first->due_ms : -1, passive_ms != INT64_MAX ? passive_ms : -1);
}

static bool can_skip(const asl_engine *engine)
{
    return engine->mailbox->clock.kind == ASL_CLOCK_SKIPPING && asl_engine_next_due(engine) >= 0 &&
           engine->real_task_count == 0 && engine->flying_count == 0 && engine->resume_ms == 0 &&
           engine->lost_status == ASL_OK && !asl_engine_has_work(engine);
}

bool asl_engine_skip(asl_engine *engine)
{
    if (!can_skip(engine))
        return false;
    const asl_timer_entry *first;
    while ((first = asl_timers_first(&engine->timers)) != NULL) {
        /* Without an execution it is a watch's. */
        if (first->number == 0 || is_wanted((const asl_alarm *)first->timer))
            break;
        asl_timer_disarm(first->timer);
    }
    int64_t next_ms = asl_engine_next_due(engine);
    if (next_ms >= 0)
        asl_engine_clock_move(&engine->mailbox->clock, next_ms);
    return next_ms >= 0;
}

static int64_t from_now(int64_t monotonic_ms)
{
    int64_t left_ms = monotonic_ms - asl_clock_monotonic();
    return left_ms > 0 ? left_ms : 0;
}

int64_t asl_engine_wait(const asl_engine *engine)
{
    if (engine->lost_status != ASL_OK)
        return -1;
    if (asl_engine_has_work(engine) || can_skip(engine))
        return 0;
    int64_t wait_ms = asl_engine_next_due(engine);
    if (wait_ms >= 0)
        wait_ms = asl_engine_clock_wait(&engine->mailbox->clock, wait_ms);
    const asl_timer_entry *first = asl_timers_first(&engine->wall_timers);
    if (first)
        wait_ms = sooner(wait_ms, from_now(first->due_ms));
    if (engine->resume_ms != 0)
        wait_ms = sooner(wait_ms, from_now(engine->resume_ms));
    return wait_ms;
}

bool asl_engine_can_go_on(const asl_engine *engine)
{
    if (asl_engine_has_work(engine) || engine->real_task_count > 0 || engine->flying_count > 0 ||
        engine->resume_ms != 0)
        return true;
    /* Timers without an execution are watches': they may come again for ever. */
    for (size_t i = 0; i < engine->wall_timers.count; i++)
        if (engine->wall_timers.entries[i].number != 0)
            return true;
    int64_t next_ms = asl_engine_next_due(engine);
    return next_ms >= 0 && asl_engine_clock_wait(&engine->mailbox->clock, next_ms) >= 0;
}
