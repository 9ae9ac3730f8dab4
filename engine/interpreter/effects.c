/* Effects: what the world has to do. Noted by evolve while a fact is applied, or read off frames
 * after a recovery: both ways give the same, since an effect follows from what a frame waits for.
 */
#include "base/array.h"
#include "base/heap.h"
#include "interpreter/frames.h"

void asl_effect_list_init(asl_effect_list *list, const asl_heap *heap)
{
    *list = (asl_effect_list){.heap = heap};
}

void asl_effect_list_done(asl_effect_list *list)
{
    asl_release(list->heap, list->items, list->capacity * sizeof *list->items);
    *list = (asl_effect_list){.heap = list->heap};
}

int asl_effect_add(asl_effect_list *effects, const asl_effect *effect)
{
    int status = asl_array_reserve(effects->heap, &effects->items, &effects->capacity,
                                   effects->count, SIZE_MAX / 2);
    if (status == ASL_OK)
        effects->items[effects->count++] = *effect;
    return status;
}

/* What a frame waits for: its task where that was scheduled after event `base`, and its deadline.
 */
static int add_frame(const asl_frames *frames, const asl_frame *frame, uint64_t base,
                     asl_effect_list *effects)
{
    int status = ASL_OK;
    asl_effect effect = {
        .frame = frame->number,
        .event = frame->waiting_event,
        .due_ms = frame->due_ms,
        .heartbeat_s = frame->heartbeat_s,
        .attempt = frame->attempt,
        .is_submitted = frame->is_submitted,
        .state = asl_frame_state(frames, frame),
        .value = frame->work,
    };
    bool is_new = frame->waiting_event > base;
    if (frame->phase == ASL_PHASE_TASK && is_new) {
        effect.kind = ASL_EFFECT_START_TASK;
        status = asl_effect_add(effects, &effect);
    }
    bool has_timer = frame->phase == ASL_PHASE_WAIT || frame->phase == ASL_PHASE_RETRY ||
                     (frame->phase == ASL_PHASE_TASK && frame->due_ms != 0);
    if (status == ASL_OK && has_timer) {
        effect.kind = ASL_EFFECT_SET_TIMER;
        status = asl_effect_add(effects, &effect);
    }
    return status;
}

int asl_effect_add_execution_timer(const asl_frames *frames, asl_effect_list *effects)
{
    int64_t timeout_s = frames->program->timeout_seconds, most_s = frames->identity->timeout_s;
    if (timeout_s == 0 || (most_s != 0 && most_s < timeout_s))
        timeout_s = most_s;
    if (timeout_s == 0)
        return ASL_OK;
    asl_effect effect = {
        .kind = ASL_EFFECT_SET_EXECUTION_TIMER,
        .frame = ASL_NONE,
        .due_ms = frames->start_ms + timeout_s * 1000,
    };
    return asl_effect_add(effects, &effect);
}

int asl_frames_pending(const asl_frames *frames, asl_effect_list *effects)
{
    if (!frames->has_started || frames->status != ASL_EXECUTION_RUNNING)
        return ASL_OK;
    int status = asl_effect_add_execution_timer(frames, effects);
    for (size_t i = 0; status == ASL_OK && i < frames->slot_count; i++)
        if (frames->slots[i])
            status = add_frame(frames, frames->slots[i], 0, effects);
    return status;
}

int asl_frames_settle(asl_frames *frames, uint64_t base)
{
    int status = ASL_OK;
    for (size_t i = 0; i < frames->touched_count; i++) {
        asl_frame *frame = asl_frames_at(frames, frames->touched[i]);
        if (!frame || !frame->is_touched)
            continue;
        frame->is_touched = false;
        if (status == ASL_OK)
            status = add_frame(frames, frame, base, frames->effects);
    }
    frames->touched_count = 0;
    return status;
}
