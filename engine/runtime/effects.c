/* Effects: what the world has to do now that the record is durable. They are performed in two
 * passes, tasks before timers, since a task's deadline is set in the time its handler works in.
 * Each can fail for lack of memory and is then tried again: `performed` says how far it went. */
#include "runtime/engine.h"

static int perform_task(asl_execution *execution, const asl_effect *effect)
{
    if (effect->kind == ASL_EFFECT_START_TASK)
        return asl_task_open(execution, effect);
    if (effect->kind != ASL_EFFECT_CANCEL_TASK)
        return ASL_OK;
    const asl_slot *slot = asl_execution_find_slot(execution, effect->frame);
    if (slot && slot->task && slot->task->event == effect->event)
        asl_task_close(slot->task);
    return ASL_OK;
}

/* What a deadline in real time still has: all of it from the record that set it on, however long
 * the commit took and a scaled clock ran meanwhile; after a recovery what the crash has left. */
static int64_t real_time_left(const asl_execution *execution, int64_t due_ms)
{
    int64_t from_ms = execution->is_recovered ? asl_engine_now(execution->engine)
                                              : asl_frames_last_ms(execution->frames);
    return due_ms > from_ms ? due_ms - from_ms : 0;
}

static int set_timer(asl_execution *execution, const asl_effect *effect)
{
    asl_engine *engine = execution->engine;
    asl_slot *slot = asl_execution_slot(execution, effect->frame);
    if (!slot)
        return ASL_NOMEM;
    asl_alarm_cancel(&slot->alarm);
    slot->alarm.event = effect->event;
    bool is_of_task = slot->task && slot->task->event == effect->event;
    if (!is_of_task || !slot->task->is_wall_timed)
        return asl_timers_arm(&engine->timers, &slot->alarm.timer, effect->due_ms,
                              execution->number, effect->event);
    return asl_timers_arm(&engine->wall_timers, &slot->alarm.timer,
                          asl_clock_monotonic() + real_time_left(execution, effect->due_ms),
                          execution->number, effect->event);
}

static int perform_timer(asl_execution *execution, const asl_effect *effect)
{
    if (effect->kind == ASL_EFFECT_SET_TIMER)
        return set_timer(execution, effect);
    if (effect->kind == ASL_EFFECT_SET_EXECUTION_TIMER)
        return asl_timers_arm(&execution->engine->timers, &execution->deadline.timer,
                              effect->due_ms, execution->number, 0);
    return ASL_OK;
}

/* The worker that has fetched a task gets it now that this is recorded. */
static int deliver_fetched(asl_execution *execution, asl_flight *flight)
{
    if (flight->fetched_event == 0)
        return ASL_OK;
    const asl_slot *slot = asl_execution_find_slot(execution, flight->fetched_frame);
    asl_task *task = slot ? slot->task : NULL;
    int status = ASL_OK;
    if (task && task->event == flight->fetched_event)
        status = asl_activity_deliver(task);
    if (status == ASL_OK)
        flight->fetched_event = 0;
    return status;
}

static void end(asl_execution *execution)
{
    const asl_frames *frames = execution->frames;
    execution->status = asl_frames_status(frames);
    execution->stop_ms = asl_frames_last_ms(frames);
    execution->output = asl_value_ref(asl_frames_output(frames));
    /* AWS: what timed out has neither. */
    if (execution->status != ASL_EXECUTION_TIMED_OUT) {
        execution->error = asl_value_ref(asl_frames_error(frames));
        execution->cause = asl_value_ref(asl_frames_cause(frames));
    }
    asl_execution_ref(execution);
    asl_execution_detach(execution);
    asl_execution_tell_ended(execution);
    asl_execution_unref(execution);
}

int asl_execution_perform(asl_execution *execution)
{
    asl_flight *flight = execution->flight;
    size_t count = flight->effects.count;
    for (; flight->performed < 2 * count; flight->performed++) {
        const asl_effect *effect = &flight->effects.items[flight->performed % count];
        int status = flight->performed < count ? perform_task(execution, effect)
                                               : perform_timer(execution, effect);
        if (status != ASL_OK)
            return status;
    }
    execution->is_recovered = false;
    if (flight->overtaken)
        asl_task_abandon(asl_steal(flight->overtaken));
    int status = deliver_fetched(execution, flight);
    if (status != ASL_OK)
        return status;
    if (asl_frames_status(execution->frames) != ASL_EXECUTION_RUNNING) {
        end(execution);
        return ASL_OK;
    }
    asl_flight_give_back(execution->engine, asl_steal(execution->flight));
    asl_execution_move(execution, ASL_RUN_IDLE);
    if (!TAILQ_EMPTY(&execution->posts) || execution->has_untold)
        asl_execution_schedule(execution);
    return ASL_OK;
}
