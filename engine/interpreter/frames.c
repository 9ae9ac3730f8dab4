/* Frames: making, freeing and looking at them. The children of a Parallel or Map are a doubly
 * linked list, so that giving up a branch costs what is in it and not what is around it. */
#include "interpreter/frames.h"

#include <string.h>

#include "base/array.h"
#include "base/heap.h"

asl_frames *asl_frames_new(const asl_heap *heap, asl_definition *definition,
                           const asl_execution_identity *identity)
{
    asl_frames *frames = asl_allocate_zeroed(heap, sizeof *frames);
    if (!frames)
        return NULL;
    frames->heap = heap;
    frames->definition = asl_definition_ref(definition);
    frames->program = asl_definition_program(definition);
    frames->identity_copy = *identity;
    frames->identity = &frames->identity_copy;
    frames->status = ASL_EXECUTION_RUNNING;
    return frames;
}

void asl_frames_free(asl_frames *frames)
{
    if (!frames)
        return;
    frames->is_applying = false;
    for (size_t i = 0; i < frames->slot_count; i++)
        if (frames->slots[i] && frames->slots[i]->parent == ASL_NONE)
            asl_frames_remove(frames, frames->slots[i]);
    asl_release(frames->heap, frames->slots, frames->slot_capacity * sizeof *frames->slots);
    asl_release(frames->heap, frames->free_slots,
                frames->free_capacity * sizeof *frames->free_slots);
    asl_release(frames->heap, frames->ready, frames->ready_capacity * sizeof *frames->ready);
    asl_release(frames->heap, frames->touched, frames->touched_capacity * sizeof *frames->touched);
    asl_value_unref(frames->input);
    asl_value_unref(frames->output);
    asl_value_unref(frames->error);
    asl_value_unref(frames->cause);
    asl_definition_unref(frames->definition);
    asl_release(frames->heap, frames, sizeof *frames);
}

/* The slot for a new frame. Room on the free list is kept for every slot, so that freeing cannot
 * fail. */
static int take_slot(asl_frames *frames, uint32_t *ret_number)
{
    if (frames->free_count > 0) {
        *ret_number = frames->free_slots[--frames->free_count];
        return ASL_OK;
    }
    int status = asl_array_reserve(frames->heap, &frames->slots, &frames->slot_capacity,
                                   frames->slot_count, ASL_NONE - 1);
    if (status == ASL_OK)
        status = asl_array_reserve(frames->heap, &frames->free_slots, &frames->free_capacity,
                                   frames->slot_count, ASL_NONE - 1);
    if (status != ASL_OK)
        return status;
    *ret_number = (uint32_t)frames->slot_count;
    frames->slots[frames->slot_count++] = NULL;
    return ASL_OK;
}

static void link_child(asl_frames *frames, asl_frame *frame)
{
    frame->next_sibling = frame->previous_sibling = ASL_NONE;
    if (frame->parent == ASL_NONE)
        return;
    asl_container *container = frames->slots[frame->parent]->container;
    frame->previous_sibling = container->last_child;
    if (container->last_child == ASL_NONE)
        container->first_child = frame->number;
    else
        frames->slots[container->last_child]->next_sibling = frame->number;
    container->last_child = frame->number;
}

static void unlink_child(asl_frames *frames, const asl_frame *frame)
{
    if (frame->parent == ASL_NONE)
        return;
    asl_container *container = frames->slots[frame->parent]->container;
    if (frame->previous_sibling == ASL_NONE)
        container->first_child = frame->next_sibling;
    else
        frames->slots[frame->previous_sibling]->next_sibling = frame->next_sibling;
    if (frame->next_sibling == ASL_NONE)
        container->last_child = frame->previous_sibling;
    else
        frames->slots[frame->next_sibling]->previous_sibling = frame->previous_sibling;
}

asl_frame *asl_frames_add(asl_frames *frames, uint32_t parent, uint32_t scope, uint32_t index,
                          uint64_t last_event, const asl_value *input)
{
    asl_frame *frame = asl_allocate_zeroed(frames->heap, sizeof *frame);
    if (!frame)
        return NULL;
    uint32_t number;
    if (take_slot(frames, &number) != ASL_OK) {
        asl_release(frames->heap, frame, sizeof *frame);
        return NULL;
    }
    frame->phase = ASL_PHASE_ENTER;
    frame->number = number;
    frame->parent = parent;
    frame->scope = scope;
    frame->index = index;
    frame->state = frames->program->scopes[scope].start;
    frame->last_event = last_event;
    frame->input = asl_value_ref(input);
    frames->slots[number] = frame;
    link_child(frames, frame);
    return frame;
}

static void free_container(const asl_frames *frames, asl_frame *frame)
{
    asl_container *container = frame->container;
    if (!container)
        return;
    for (uint32_t i = 0; container->results && i < container->child_count; i++)
        asl_value_unref(container->results[i]);
    asl_release(frames->heap, container->results,
                container->child_count * sizeof *container->results);
    asl_value_unref(container->input);
    asl_value_unref(container->items);
    asl_release(frames->heap, container, sizeof *container);
    frame->container = NULL;
}

/* Frees one frame that has no children. */
static void remove_leaf(asl_frames *frames, asl_frame *frame)
{
    if (frames->is_applying && frame->phase == ASL_PHASE_TASK) {
        asl_effect effect = {.kind = ASL_EFFECT_CANCEL_TASK,
                             .frame = frame->number,
                             .event = frame->waiting_event,
                             .state = asl_frame_state(frames, frame)};
        if (asl_effect_add(frames->effects, &effect) != ASL_OK)
            frames->is_broken = true;
    }
    unlink_child(frames, frame);
    free_container(frames, frame);
    asl_value_unref(frame->input);
    asl_value_unref(frame->work);
    asl_value_unref(frame->variables);
    asl_release(frames->heap, frame->attempts, frame->attempts_count * sizeof *frame->attempts);
    frames->slots[frame->number] = NULL;
    frames->free_slots[frames->free_count++] = frame->number;
    asl_release(frames->heap, frame, sizeof *frame);
}

/* Goes down to a frame without children, always by the first child. */
static asl_frame *first_leaf(const asl_frames *frames, asl_frame *frame)
{
    while (frame->container && frame->container->first_child != ASL_NONE)
        frame = frames->slots[frame->container->first_child];
    return frame;
}

void asl_frame_drop_children(asl_frames *frames, asl_frame *frame)
{
    while (frame->container && frame->container->first_child != ASL_NONE)
        remove_leaf(frames, first_leaf(frames, frame));
    free_container(frames, frame);
}

void asl_frames_remove(asl_frames *frames, asl_frame *frame)
{
    asl_frame_drop_children(frames, frame);
    remove_leaf(frames, frame);
}

static int push(const asl_heap *heap, uint32_t **items, size_t *capacity, size_t *count,
                uint32_t number)
{
    int status = asl_array_reserve(heap, items, capacity, *count, SIZE_MAX / 8);
    if (status == ASL_OK)
        (*items)[(*count)++] = number;
    return status;
}

int asl_frames_touch(asl_frames *frames, asl_frame *frame)
{
    if (!frames->is_applying)
        return ASL_OK;
    int status = ASL_OK;
    if (!frame->is_ready)
        status = push(frames->heap, &frames->ready, &frames->ready_capacity, &frames->ready_count,
                      frame->number);
    frame->is_ready = frame->is_ready || status == ASL_OK;
    if (status == ASL_OK && !frame->is_touched)
        status = push(frames->heap, &frames->touched, &frames->touched_capacity,
                      &frames->touched_count, frame->number);
    frame->is_touched = frame->is_touched || status == ASL_OK;
    return status;
}

const asl_value *asl_frame_variable(const asl_frames *frames, const asl_frame *frame,
                                    const char *name, size_t size)
{
    for (; frame; frame = asl_frames_at(frames, frame->parent)) {
        const asl_value *value = asl_value_get_sized(frame->variables, name, size);
        if (value)
            return value;
    }
    return NULL;
}

void asl_frames_set_seed(asl_frames *frames, uint64_t seed)
{
    frames->seed = seed;
}

void asl_frames_set_flags(asl_frames *frames, uint32_t flags)
{
    frames->flags = flags;
}

void asl_frames_set_oracle(asl_frames *frames, const asl_oracle *oracle)
{
    frames->oracle = *oracle;
}

bool asl_frames_is_broken(const asl_frames *frames)
{
    return frames->is_broken;
}

asl_execution_status asl_frames_status(const asl_frames *frames)
{
    return frames->status;
}

const asl_value *asl_frames_output(const asl_frames *frames)
{
    return frames->output;
}

const asl_value *asl_frames_error(const asl_frames *frames)
{
    return frames->error;
}

const asl_value *asl_frames_cause(const asl_frames *frames)
{
    return frames->cause;
}

int64_t asl_frames_start_ms(const asl_frames *frames)
{
    return frames->start_ms;
}

int64_t asl_frames_last_ms(const asl_frames *frames)
{
    return frames->last_ms;
}

uint64_t asl_frames_event_count(const asl_frames *frames)
{
    return frames->event_count;
}

uint32_t asl_frames_flags(const asl_frames *frames)
{
    return frames->flags;
}

const asl_value *asl_frames_input(const asl_frames *frames)
{
    return frames->input;
}

size_t asl_frames_capacity(const asl_frames *frames)
{
    return frames->slot_count;
}

static const char *waits_for(asl_phase phase)
{
    switch (phase) {
    case ASL_PHASE_TASK:
        return "task";
    case ASL_PHASE_WAIT:
        return "timer";
    case ASL_PHASE_RETRY:
        return "retry";
    case ASL_PHASE_CHILDREN:
        return "children";
    case ASL_PHASE_ENTER:
    case ASL_PHASE_WORK:
    case ASL_PHASE_RESULT:
    case ASL_PHASE_FAILED:
    case ASL_PHASE_DONE:
        break;
    }
    return "";
}

bool asl_frames_view(const asl_frames *frames, uint32_t number, asl_frame_view *ret_view)
{
    const asl_frame *frame = asl_frames_at(frames, number);
    if (!frame || !asl_frame_is_in_state(frame))
        return false;
    uint32_t depth = 0;
    for (uint32_t up = frame->parent; up != ASL_NONE; up = frames->slots[up]->parent)
        depth++;
    *ret_view = (asl_frame_view){
        .frame = number,
        .depth = depth,
        .attempt = frame->attempt,
        .state = asl_frame_state(frames, frame),
        .waits_for = waits_for(frame->phase),
        .entered_ms = frame->entered_ms,
        .due_ms = frame->due_ms,
        .input = frame->input,
        .waiting_event = frame->waiting_event,
        .before_event = frame->before_event,
    };
    return true;
}

uint64_t asl_frames_chain(const asl_frames *frames, uint32_t number)
{
    const asl_frame *frame = asl_frames_at(frames, number);
    if (!frame)
        return 0;
    const asl_container *container = frame->container;
    bool starts_more =
        container && container->items && container->started_count < container->child_count;
    return starts_more ? container->chain_event : frame->last_event;
}

/* Adds the variables of one frame that the scopes inside have not hidden. */
static int add_variables(const asl_frame *frame, asl_value **variables)
{
    size_t count = asl_value_count(frame->variables);
    for (size_t i = 0; i < count; i++) {
        const asl_value *key = asl_value_key(frame->variables, i);
        size_t size;
        const char *name = asl_value_get_string(key, &size);
        if (asl_value_get_sized(*variables, name, size))
            continue;
        int status =
            asl_value_set_key(variables, key, asl_value_ref(asl_value_at(frame->variables, i)));
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

int asl_frames_variables(const asl_frames *frames, uint32_t number, asl_value **ret_variables)
{
    asl_cleanup(asl_value_cleanup) asl_value *variables = asl_value_object(frames->heap);
    if (!variables)
        return ASL_NOMEM;
    for (const asl_frame *frame = asl_frames_at(frames, number); frame;
         frame = asl_frames_at(frames, frame->parent)) {
        int status = add_variables(frame, &variables);
        if (status != ASL_OK)
            return status;
    }
    *ret_variables = asl_steal(variables);
    return ASL_OK;
}
