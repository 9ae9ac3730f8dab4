/* Executions: their life in the engine, their slots and posts, and what hosts may ask of them. */
#include "runtime/execution.h"

#include <assert.h>
#include <string.h>

#include "base/heap.h"
#include "base/limits.h"
#include "runtime/engine.h"

asl_execution *asl_execution_new(asl_engine *engine, asl_machine *machine, const char *stored_name,
                                 uint64_t number)
{
    asl_execution *execution = asl_allocate_zeroed(engine->heap, sizeof *execution);
    if (!execution)
        return NULL;
    execution->heap = engine->heap;
    execution->engine = engine;
    execution->references = 1;
    execution->number = number;
    execution->machine = asl_machine_ref(machine);
    execution->slots = execution->first_slots;
    execution->slot_count = 1;
    execution->first_slots[0] = &execution->first_slot;
    execution->first_slot.alarm.post =
        (asl_post){.kind = ASL_POST_FRAME_TIMER, .execution = execution};
    execution->deadline.post =
        (asl_post){.kind = ASL_POST_EXECUTION_TIMEOUT, .execution = execution};
    execution->start = (asl_post){.kind = ASL_POST_START, .execution = execution};
    TAILQ_INIT(&execution->posts);
    execution->identity = asl_identity_new(engine->heap, machine, stored_name, number,
                                           engine->secret, engine->mailbox);
    if (execution->identity)
        execution->frames = asl_execution_new_frames(execution);
    if (!execution->frames) {
        asl_execution_unref(execution);
        return NULL;
    }
    return execution;
}

/* A safety net: the evaluation's own budgets are what ends it. */
static bool stop_evaluation(void *owner, bool is_first)
{
    asl_engine *engine = owner;
    int64_t now_ms = asl_clock_monotonic();
    if (is_first)
        engine->started_ms = now_ms;
    return (uint64_t)(now_ms - engine->started_ms) >= engine->evaluation_ms;
}

asl_frames *asl_execution_new_frames(const asl_execution *execution)
{
    asl_engine *engine = execution->engine;
    bool is_express = execution->machine->type == ASL_MACHINE_EXPRESS;
    asl_execution_identity identity = {
        .execution_arn = execution->identity->arn,
        .execution_name = execution->identity->name,
        .machine_arn = execution->machine->arn,
        .machine_name = execution->machine->name,
        .role_arn = engine->role_arn,
        .region = engine->region,
        .payload_bytes = engine->payload_bytes,
        .history_events = is_express ? UINT64_MAX : engine->history_events,
        .timeout_s = is_express ? ASL_EXPRESS_SECONDS_MAX : 0,
        .token = asl_task_token_make,
        .token_owner = &execution->identity->tokens,
        .stop = stop_evaluation,
        .stop_owner = engine,
    };
    return asl_frames_new(execution->heap, execution->machine->definition, &identity);
}

void asl_execution_enlist(asl_execution *execution)
{
    asl_execution_ref(execution);
    asl_active_add(&execution->engine->active, execution);
}

asl_execution *asl_execution_ref(asl_execution *execution)
{
    execution->references++;
    return execution;
}

static void free_slots(asl_execution *execution)
{
    for (size_t i = 1; i < execution->slot_count; i++)
        if (execution->slots[i])
            asl_release(execution->heap, execution->slots[i], sizeof(asl_slot));
    if (execution->slots != execution->first_slots)
        asl_release(execution->heap, execution->slots, execution->slot_count * sizeof(asl_slot *));
    execution->slots = execution->first_slots;
    execution->slot_count = 1;
}

static void free_listeners(asl_execution *execution)
{
    for (asl_listener *next, *listener = execution->listener.next; listener; listener = next) {
        next = listener->next;
        asl_release(execution->heap, listener, sizeof *listener);
    }
    execution->listener.next = NULL;
}

void asl_execution_unref(asl_execution *execution)
{
    if (!execution || --execution->references > 0)
        return;
    free_slots(execution);
    free_listeners(execution);
    asl_frames_free(execution->frames);
    asl_machine_unref(execution->machine);
    asl_identity_unref(execution->identity);
    asl_value_unref(execution->input);
    asl_value_unref(execution->arn);
    asl_value_unref(execution->output);
    asl_value_unref(execution->error);
    asl_value_unref(execution->cause);
    asl_writes_free(execution->start_writes);
    asl_release(execution->heap, execution, sizeof *execution);
}

void asl_execution_move(asl_execution *execution, asl_run_phase phase)
{
    static const bool allowed[4][4] = {
        [ASL_RUN_IDLE] =
            {[ASL_RUN_FLIGHT] = true, [ASL_RUN_EFFECTS] = true, [ASL_RUN_ENDED] = true},
        [ASL_RUN_FLIGHT] = {[ASL_RUN_EFFECTS] = true, [ASL_RUN_ENDED] = true},
        [ASL_RUN_EFFECTS] = {[ASL_RUN_IDLE] = true, [ASL_RUN_ENDED] = true},
    };
    assert(allowed[execution->phase][phase]);
    execution->phase = phase;
}

void asl_execution_schedule(asl_execution *execution)
{
    if (execution->is_ready)
        return;
    execution->is_ready = true;
    STAILQ_INSERT_TAIL(&execution->engine->ready, execution, ready_link);
    asl_engine_kick(execution->engine);
}

void asl_execution_post(asl_execution *execution, asl_post *post)
{
    post->is_queued = true;
    TAILQ_INSERT_TAIL(&execution->posts, post, link);
    if (execution->phase == ASL_RUN_IDLE)
        asl_execution_schedule(execution);
}

void asl_alarm_cancel(asl_alarm *alarm)
{
    asl_timer_disarm(&alarm->timer);
    if (!alarm->post.is_queued)
        return;
    TAILQ_REMOVE(&alarm->post.execution->posts, &alarm->post, link);
    alarm->post.is_queued = false;
}

asl_slot *asl_execution_find_slot(const asl_execution *execution, uint32_t frame)
{
    return frame < execution->slot_count ? execution->slots[frame] : NULL;
}

static int grow_slots(asl_execution *execution, uint32_t frame)
{
    size_t count = execution->slot_count * 2 > frame ? execution->slot_count * 2 : frame + 1;
    asl_slot **slots = asl_allocate_zeroed(execution->heap, count * sizeof(asl_slot *));
    if (!slots)
        return ASL_NOMEM;
    memcpy(slots, execution->slots, execution->slot_count * sizeof(asl_slot *));
    if (execution->slots != execution->first_slots)
        asl_release(execution->heap, execution->slots, execution->slot_count * sizeof(asl_slot *));
    execution->slots = slots;
    execution->slot_count = count;
    return ASL_OK;
}

asl_slot *asl_execution_slot(asl_execution *execution, uint32_t frame)
{
    if (frame >= execution->slot_count && grow_slots(execution, frame) != ASL_OK)
        return NULL;
    if (!execution->slots[frame]) {
        asl_slot *slot = asl_allocate_zeroed(execution->heap, sizeof *slot);
        if (!slot)
            return NULL;
        slot->alarm.post = (asl_post){.kind = ASL_POST_FRAME_TIMER, .execution = execution};
        slot->alarm.frame = frame;
        execution->slots[frame] = slot;
    }
    return execution->slots[frame];
}

static void dispose_stop(asl_stop_request *request)
{
    const asl_heap *heap = request->post.execution->heap;
    asl_value_unref(request->error);
    asl_value_unref(request->cause);
    asl_writes_free(request->writes);
    asl_release(heap, request, sizeof *request);
}

void asl_post_dispose(asl_post *post)
{
    asl_execution *execution = post->execution;
    if (post->is_queued)
        TAILQ_REMOVE(&execution->posts, post, link);
    post->is_queued = false;
    switch (post->kind) {
    case ASL_POST_START:
        asl_value_move(&execution->arn, NULL);
        asl_writes_free(asl_steal(execution->start_writes));
        break;
    case ASL_POST_RESULT:
        asl_task_retire(((asl_answer *)post)->task);
        break;
    case ASL_POST_SUBMISSION:
        asl_task_settle_submission(((asl_answer *)post)->task);
        break;
    case ASL_POST_STOP:
        execution->is_stopping = false;
        dispose_stop((asl_stop_request *)post);
        break;
    case ASL_POST_FRAME_TIMER:
    case ASL_POST_HEARTBEAT_MISSED:
    case ASL_POST_EXECUTION_TIMEOUT:
    case ASL_POST_FETCH:
        break;
    }
}

static void close_slots(asl_execution *execution)
{
    for (size_t i = 0; i < execution->slot_count; i++) {
        asl_slot *slot = execution->slots[i];
        if (!slot)
            continue;
        asl_alarm_cancel(&slot->alarm);
        if (slot->task)
            asl_task_close(slot->task);
    }
}

void asl_execution_detach(asl_execution *execution)
{
    asl_engine *engine = execution->engine;
    asl_execution_move(execution, ASL_RUN_ENDED);
    close_slots(execution);
    asl_alarm_cancel(&execution->deadline);
    while (!TAILQ_EMPTY(&execution->posts))
        asl_post_dispose(TAILQ_FIRST(&execution->posts));
    if (execution->flight)
        asl_flight_give_back(engine, asl_steal(execution->flight));
    if (execution->is_ready)
        STAILQ_REMOVE(&engine->ready, execution, asl_execution, ready_link);
    execution->is_ready = false;
    asl_active_remove(&engine->active, execution);
    asl_frames_free(asl_steal(execution->frames));
    asl_machine_unref(asl_steal(execution->machine));
    execution->engine = NULL;
    asl_execution_unref(execution);
}

int asl_execution_listen(asl_execution *execution, const asl_listener *listener)
{
    if (!listener->on_started && !listener->on_ended)
        return ASL_OK;
    asl_listener *added = asl_allocate(execution->heap, sizeof *added);
    if (!added)
        return ASL_NOMEM;
    *added = *listener;
    asl_listener *last = &execution->listener;
    while (last->next)
        last = last->next;
    added->next = NULL;
    last->next = added;
    if (execution->is_durable) {
        execution->has_untold = true;
        asl_execution_schedule(execution);
    }
    return ASL_OK;
}

void asl_execution_tell_started(asl_execution *execution, int status)
{
    execution->has_untold = false;
    for (asl_listener *l = &execution->listener; l; l = l->next) {
        if (l->is_told)
            continue;
        l->is_told = true;
        if (l->on_started)
            l->on_started(l->context, execution, status);
    }
}

void asl_execution_tell_ended(asl_execution *execution)
{
    for (asl_listener *l = &execution->listener; l; l = l->next)
        if (l->on_ended)
            l->on_ended(l->context, execution);
}

uint64_t asl_execution_number(const asl_execution *execution)
{
    return execution->number;
}

const char *asl_execution_name(const asl_execution *execution)
{
    return execution->identity->name;
}

const char *asl_execution_arn(const asl_execution *execution)
{
    return execution->identity->arn;
}

const char *asl_execution_machine(const asl_execution *execution)
{
    return execution->identity->machine;
}

asl_execution_status asl_execution_status_of(const asl_execution *execution)
{
    return execution->status;
}

int asl_execution_refused(const asl_execution *execution)
{
    return execution->refused;
}

int64_t asl_execution_start_ms(const asl_execution *execution)
{
    return execution->identity->start_ms;
}

int64_t asl_execution_stop_ms(const asl_execution *execution)
{
    return execution->stop_ms;
}

const asl_value *asl_execution_output(const asl_execution *execution)
{
    return execution->output;
}

const char *asl_execution_error(const asl_execution *execution)
{
    return execution->error ? asl_value_get_string(execution->error, NULL) : NULL;
}

const char *asl_execution_cause(const asl_execution *execution)
{
    return execution->cause ? asl_value_get_string(execution->cause, NULL) : NULL;
}

void asl_execution_active(const asl_execution *execution, asl_active_visit visit, void *context)
{
    size_t count = execution->frames ? asl_frames_capacity(execution->frames) : 0;
    for (size_t i = 0; i < count; i++) {
        asl_frame_view view;
        if (!asl_frames_view(execution->frames, (uint32_t)i, &view))
            continue;
        asl_active_state state = {.size = sizeof state,
                                  .state = asl_value_get_string(view.state->name, NULL),
                                  .type = asl_state_type_name(view.state->type),
                                  .waits_for = view.waits_for,
                                  .entered_ms = view.entered_ms,
                                  .due_ms = view.due_ms,
                                  .depth = view.depth,
                                  .attempt = view.attempt};
        visit(context, &state);
    }
}
