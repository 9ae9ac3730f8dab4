/* decide: a fact becomes entries. Each entry is applied by evolve before the next is decided, and
 * frames go on until all of them wait: then the fact is done, and what they wait for are its
 * effects. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/heap.h"
#include "interpreter/decide.h"

asl_event asl_entry(const asl_frame *frame, asl_event_type type)
{
    return (asl_event){
        .type = type, .frame = frame->number, .previous_id = frame->last_event, .state = ASL_NONE};
}

static bool ends_execution(asl_event_type type)
{
    return type == ASL_EVENT_EXECUTION_FAILED || type == ASL_EVENT_EXECUTION_SUCCEEDED ||
           type == ASL_EVENT_EXECUTION_ABORTED || type == ASL_EVENT_EXECUTION_TIMED_OUT;
}

int asl_emit(asl_decision *decision, asl_event *entry)
{
    asl_frames *frames = decision->frames;
    bool is_event = entry->type <= ASL_EVENT_AWS_LAST;
    uint64_t limit = frames->identity->history_events;
    /* The event that ends the execution is the last one the limit allows. */
    if (is_event && frames->event_count + 1 >= limit && !ends_execution(entry->type)) {
        asl_event_done(entry);
        return ASL_HISTORY_EXHAUSTED;
    }
    entry->id = is_event ? frames->event_count + 1 : 0;
    entry->time_ms = decision->now_ms;
    if (frames->oracle.amend)
        frames->oracle.amend(frames->oracle.owner, entry, decision->is_free);
    decision->is_free = false;
    int status = asl_event_list_append(decision->entries, entry);
    if (status != ASL_OK)
        return status;
    return asl_frames_evolve(frames, &decision->entries->items[decision->entries->count - 1]);
}

static int start(asl_decision *decision)
{
    asl_frames *frames = decision->frames;
    if (frames->has_started)
        return ASL_OK;
    frames->seed = decision->fact->seed;
    frames->flags = decision->fact->flags;
    asl_event entry = {.type = ASL_EVENT_EXECUTION_STARTED,
                       .frame = ASL_NONE,
                       .state = ASL_NONE,
                       .value = asl_value_ref(decision->fact->value)};
    if (frames->identity->role_arn) {
        entry.extra = asl_value_string(decision->heap, frames->identity->role_arn);
        if (!entry.extra) {
            asl_event_done(&entry);
            return ASL_NOMEM;
        }
    }
    return asl_emit(decision, &entry);
}

/* AWS: these two point to no event, whatever was running. */
static int end_from_outside(asl_decision *decision, asl_event_type type)
{
    asl_event entry = {.type = type, .frame = ASL_NONE, .state = ASL_NONE};
    entry.error = asl_value_ref(decision->fact->error);
    entry.cause = asl_value_ref(decision->fact->cause);
    return asl_emit(decision, &entry);
}

static int time_out_execution(asl_decision *decision)
{
    asl_event entry = {.type = ASL_EVENT_EXECUTION_TIMED_OUT, .frame = ASL_NONE, .state = ASL_NONE};
    entry.error = asl_value_string(decision->heap, "States.Timeout");
    return entry.error ? asl_emit(decision, &entry) : ASL_NOMEM;
}

static int exhaust(asl_decision *decision)
{
    asl_event entry = {.type = ASL_EVENT_EXECUTION_FAILED, .frame = ASL_NONE, .state = ASL_NONE};
    entry.previous_id = decision->frames->event_count;
    entry.error = asl_value_string(decision->heap, "States.Runtime");
    entry.cause = asl_value_format(
        decision->heap, "The execution reached the maximum number of history events (%llu).",
        (unsigned long long)decision->frames->identity->history_events);
    if (!entry.error || !entry.cause) {
        asl_event_done(&entry);
        return ASL_NOMEM;
    }
    return asl_emit(decision, &entry);
}

/* What a deadline that has come means depends on what the frame waits for. */
static int timer_came(asl_decision *decision, asl_frame *frame)
{
    if (frame->due_ms == 0 || decision->now_ms < frame->due_ms)
        return ASL_OK;
    if (frame->phase == ASL_PHASE_TASK)
        return asl_decide_overdue_tasks(decision, frame);
    if (frame->phase == ASL_PHASE_WAIT || frame->phase == ASL_PHASE_RETRY)
        return asl_decide_step(decision, frame);
    return ASL_OK;
}

static int task_submitted(asl_decision *decision, asl_frame *frame)
{
    if (frame->is_submitted)
        return ASL_OK;
    asl_event entry = asl_entry(frame, ASL_EVENT_TASK_SUBMITTED);
    entry.name = asl_value_ref(asl_frame_state(decision->frames, frame)->as.task.resource);
    entry.value = asl_value_ref(decision->fact->value);
    return asl_emit(decision, &entry);
}

/* ASL: an activity's TimeoutSeconds and HeartbeatSeconds count from the moment a worker fetches it.
 */
static int activity_started(asl_decision *decision, asl_frame *frame)
{
    if (frame->is_submitted)
        return ASL_OK;
    const asl_state *state = asl_frame_state(decision->frames, frame);
    asl_event entry = asl_entry(frame, ASL_EVENT_ACTIVITY_STARTED);
    entry.name = asl_value_ref(state->as.task.resource);
    entry.extra = asl_value_ref(decision->fact->value);
    if (frame->timeout_s > 0)
        entry.due_ms = decision->now_ms + frame->timeout_s * 1000;
    return asl_emit(decision, &entry);
}

/* A fact for one frame; one that comes too late changes nothing. */
static int frame_fact(asl_decision *decision)
{
    const asl_fact *fact = decision->fact;
    asl_frame *frame = asl_frames_at(decision->frames, fact->frame);
    if (!frame || frame->waiting_event != fact->event)
        return ASL_OK;
    if (fact->kind == ASL_FACT_TIMER)
        return timer_came(decision, frame);
    if (frame->phase != ASL_PHASE_TASK)
        return ASL_OK;
    switch (fact->kind) {
    case ASL_FACT_TASK_SUCCEEDED:
    case ASL_FACT_TASK_FAILED:
        return asl_decide_task_fact(decision, frame);
    case ASL_FACT_TASK_SUBMITTED:
        return task_submitted(decision, frame);
    case ASL_FACT_TASK_STARTED:
        return activity_started(decision, frame);
    case ASL_FACT_TASK_HEARTBEAT_MISSED:
        return asl_decide_heartbeat_missed(decision, frame);
    case ASL_FACT_START:
    case ASL_FACT_TIMER:
    case ASL_FACT_EXECUTION_TIMEOUT:
    case ASL_FACT_STOP:
        break;
    }
    return ASL_OK;
}

static int first_entries(asl_decision *decision)
{
    switch (decision->fact->kind) {
    case ASL_FACT_START:
        return start(decision);
    case ASL_FACT_EXECUTION_TIMEOUT:
        return time_out_execution(decision);
    case ASL_FACT_STOP:
        return end_from_outside(decision, ASL_EVENT_EXECUTION_ABORTED);
    case ASL_FACT_TASK_SUCCEEDED:
    case ASL_FACT_TASK_FAILED:
    case ASL_FACT_TASK_SUBMITTED:
    case ASL_FACT_TASK_STARTED:
    case ASL_FACT_TASK_HEARTBEAT_MISSED:
    case ASL_FACT_TIMER:
        break;
    }
    return frame_fact(decision);
}

/* The next frame of the queue that can go on, NULL when all wait. */
static asl_frame *next_ready(asl_frames *frames)
{
    while (frames->ready_first < frames->ready_count) {
        asl_frame *frame = asl_frames_at(frames, frames->ready[frames->ready_first++]);
        if (!frame || !frame->is_ready)
            continue;
        frame->is_ready = false;
        if (asl_frame_can_go_on(frame))
            return frame;
    }
    frames->ready_first = frames->ready_count = 0;
    return NULL;
}

/* Runs one frame until it waits or is gone. */
static int run_frame(asl_decision *decision, uint32_t number)
{
    const asl_frames *frames = decision->frames;
    asl_frame *frame = asl_frames_at(frames, number);
    const asl_frame *first = frame;
    int status = ASL_OK;
    while (status == ASL_OK && frame && frame == first && asl_frame_can_go_on(frame)) {
        status = asl_decide_step(decision, frame);
        frame = asl_frames_at(frames, number);
    }
    return status;
}

static int run(asl_decision *decision)
{
    asl_frame *frame;
    int status = ASL_OK;
    while (status == ASL_OK && (frame = next_ready(decision->frames)) != NULL)
        status = run_frame(decision, frame->number);
    return status;
}

/* The frames that can go on, for an oracle: in the order of their numbers. */
static size_t collect_candidates(const asl_frames *frames, uint32_t *candidates)
{
    size_t count = 0;
    for (size_t i = 0; i < frames->slot_count; i++)
        if (frames->slots[i] && asl_frame_can_go_on(frames->slots[i]))
            candidates[count++] = (uint32_t)i;
    return count;
}

/* A branch that has ended: no event shows it, so no oracle can say when its turn is. As without one
 * it comes at once. */
static asl_frame *find_ended_branch(const asl_frames *frames)
{
    for (size_t i = 0; i < frames->slot_count; i++) {
        asl_frame *frame = frames->slots[i];
        const asl_frame *parent = frame ? asl_frames_at(frames, frame->parent) : NULL;
        if (parent && frame->phase == ASL_PHASE_DONE &&
            asl_frame_state(frames, parent)->type == ASL_STATE_PARALLEL)
            return frame;
    }
    return NULL;
}

/* The frame that an oracle chooses; NULL when all wait. */
static int ask_oracle(asl_decision *decision, asl_frame **ret_frame)
{
    const asl_frames *frames = decision->frames;
    size_t size = (frames->slot_count + 1) * sizeof(uint32_t);
    uint32_t *candidates = asl_allocate(decision->heap, size);
    if (!candidates)
        return ASL_NOMEM;
    size_t count = collect_candidates(frames, candidates);
    *ret_frame = NULL;
    if (count > 0) {
        size_t choice = frames->oracle.choose(frames->oracle.owner, candidates, count);
        *ret_frame = asl_frames_at(frames, candidates[choice < count ? choice : 0]);
    }
    asl_release(decision->heap, candidates, size);
    return ASL_OK;
}

/* The same with an oracle that says, before every step, whose turn it is. */
static int run_by_oracle(asl_decision *decision)
{
    int status = ASL_OK;
    while (status == ASL_OK) {
        asl_frame *frame = find_ended_branch(decision->frames);
        if (!frame)
            status = ask_oracle(decision, &frame);
        if (status != ASL_OK || !frame)
            break;
        status = asl_decide_step(decision, frame);
    }
    return status;
}

static int finish_effects(asl_frames *frames, const asl_fact *fact, uint64_t base)
{
    int status = asl_frames_settle(frames, base);
    if (status == ASL_OK && fact->kind == ASL_FACT_START && frames->status == ASL_EXECUTION_RUNNING)
        status = asl_effect_add_execution_timer(frames, frames->effects);
    if (status == ASL_OK && frames->status != ASL_EXECUTION_RUNNING) {
        asl_effect finished = {.kind = ASL_EFFECT_FINISHED, .frame = ASL_NONE};
        status = asl_effect_add(frames->effects, &finished);
    }
    return status;
}

/* A task that began and ended within one fact was never dispatched: nothing is to be cancelled. */
static void drop_void_cancels(asl_effect_list *effects, size_t first, uint64_t base)
{
    size_t kept = first;
    for (size_t i = first; i < effects->count; i++)
        if (effects->items[i].kind != ASL_EFFECT_CANCEL_TASK || effects->items[i].event <= base)
            effects->items[kept++] = effects->items[i];
    effects->count = kept;
}

int asl_frames_apply(asl_frames *frames, const asl_fact *fact, asl_event_list *entries,
                     asl_effect_list *effects)
{
    if (frames->status != ASL_EXECUTION_RUNNING ||
        (!frames->has_started && fact->kind != ASL_FACT_START))
        return ASL_OK;
    asl_decision decision = {
        .frames = frames,
        .heap = frames->heap,
        .fact = fact,
        .entries = entries,
        .now_ms = fact->time_ms > frames->last_ms ? fact->time_ms : frames->last_ms,
    };
    uint64_t base = frames->event_count;
    size_t first_entry = entries->count, first_effect = effects->count;
    frames->is_applying = true;
    frames->effects = effects;
    int status = first_entries(&decision);
    if (status == ASL_OK)
        status = frames->oracle.choose ? run_by_oracle(&decision) : run(&decision);
    if (status == ASL_HISTORY_EXHAUSTED)
        status = exhaust(&decision);
    if (status == ASL_OK && entries->count > first_entry)
        status = finish_effects(frames, fact, base);
    drop_void_cancels(effects, first_effect, base);
    frames->is_broken = frames->is_broken || status != ASL_OK;
    frames->is_applying = false;
    frames->effects = NULL;
    frames->ready_first = frames->ready_count = frames->touched_count = 0;
    return frames->is_broken && status == ASL_OK ? ASL_NOMEM : status;
}
