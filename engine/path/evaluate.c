/* Evaluating a plan: one walk over the document with a stack of its own.
 *
 * A chain of definite steps is followed in place (`follow`); a step that selects several nodes
 * becomes a frame that hands them out one by one (`advance`), so the order of results is that of a
 * depth-first walk, and depth costs frames, not C stack. When a chain fails, frames are taken off
 * until one is found that catches the failure. */
#include <string.h>

#include "base/heap.h"
#include "path/evaluation.h"

typedef enum frame_kind {
    FRAME_RANGE,   /* items [next, end) of an array, each taken modulo its length when negative */
    FRAME_ALL,     /* all items of an array, by a wildcard */
    FRAME_MEMBERS, /* all members of an object */
    FRAME_ACCEPT,  /* the items that a filter takes */
    FRAME_NAMES,
    FRAME_INDICES,
    FRAME_SCAN,  /* a container: its own matches, then what is inside */
    FRAME_INSIDE /* the items of an array that a scan's target matched */
} frame_kind;

typedef struct walk_frame {
    frame_kind kind;
    uint32_t step; /* the step that follows with each node; for SCAN the scan's target */
    const asl_value *value;
    int64_t next, end;
    bool is_begun;
} walk_frame;

#define FRAMES_INLINE 8u
#define FRAMES_MAX 1000000u

typedef struct walker {
    asl_evaluation *evaluation;
    const asl_path_plan *plan;
    unsigned flags;
    walk_frame inline_frames[FRAMES_INLINE];
    walk_frame *frames;
    size_t count, capacity;
    size_t catching;  /* frames that catch NOT_FOUND */
    int64_t upstream; /* of the last step: the index a scan last went through; -1 */
    bool missed_index;
    const asl_value *last;
    asl_value *results; /* of an indefinite plan */
} walker;

static void free_frames(walker *walk)
{
    if (walk->frames != walk->inline_frames)
        asl_release(walk->evaluation->heap, walk->frames, walk->capacity * sizeof *walk->frames);
}

static asl_outcome push(walker *walk, walk_frame frame)
{
    if (walk->count == walk->capacity) {
        const asl_heap *heap = walk->evaluation->heap;
        walk_frame *grown = walk->capacity >= FRAMES_MAX
                                ? NULL
                                : asl_allocate(heap, 2 * walk->capacity * sizeof *grown);
        if (grown == NULL)
            return asl_evaluation_fatal(walk->evaluation,
                                        walk->capacity >= FRAMES_MAX ? ASL_TOO_LARGE : ASL_NOMEM);
        memcpy(grown, walk->frames, walk->count * sizeof *grown);
        free_frames(walk);
        walk->frames = grown;
        walk->capacity *= 2;
    }
    walk->catching += frame.kind == FRAME_ALL;
    walk->frames[walk->count++] = frame;
    return ASL_OUTCOME_OK;
}

static void pop(walker *walk)
{
    walk->catching -= walk->frames[--walk->count].kind == FRAME_ALL;
}

static bool must_find(const walker *walk)
{
    return (walk->flags & ASL_PLAN_REQUIRE) != 0;
}

static bool is_lenient(const walker *walk)
{
    return (walk->flags & ASL_PLAN_LENIENT) != 0 && !walk->plan->is_definite;
}

static asl_outcome emit(walker *walk, const asl_value *value)
{
    walk->last = value;
    if (walk->plan->is_definite)
        return ASL_OUTCOME_OK;
    int status = asl_value_append(&walk->results, asl_value_ref(value));
    return status == ASL_OK ? ASL_OUTCOME_OK : asl_evaluation_fatal(walk->evaluation, status);
}

static bool is_last(const walker *walk, uint32_t step)
{
    return step + 1 == walk->plan->count;
}

/* A property at the path's end counts only where the index before it is the one a scan went
 * through: Jayway's cure for `$..[1].a`. */
static bool passes_upstream(const walker *walk)
{
    if (walk->upstream < 0)
        return true;
    if (walk->plan->count < 2)
        return false;
    const asl_path_step *before = &walk->plan->steps[walk->plan->count - 2];
    return before->kind == ASL_STEP_INDEX && before->index.count == 1 &&
           before->index.items[0] == walk->upstream;
}

/* One property of an object. *ret_value stays NULL where there is nothing to go on with. */
static asl_outcome take_property(walker *walk, uint32_t index, const asl_path_name *name,
                                 const asl_value *object, const asl_value **ret_value)
{
    const asl_path_step *step = &walk->plan->steps[index];
    const asl_value *found = asl_value_get_sized(object, name->bytes, name->size);
    if (found == NULL) {
        bool is_missed = must_find(walk) ||
                         (!is_last(walk, index) && step->is_definite && step->is_upstream_definite);
        return is_missed ? asl_fail_missing(walk->evaluation, walk->plan, index) : ASL_OUTCOME_OK;
    }
    if (!is_last(walk, index) || passes_upstream(walk))
        *ret_value = found;
    return ASL_OUTCOME_OK;
}

/* ['a','b'] at the path's end: an object of those that are there. */
static asl_outcome merge_properties(walker *walk, uint32_t index, const asl_value *object,
                                    const asl_value **ret_value)
{
    const asl_path_step *step = &walk->plan->steps[index];
    asl_value *merged = asl_value_object(walk->evaluation->heap);
    for (uint32_t i = 0; i < step->property.count && merged != NULL; i++) {
        const asl_path_name *name = &step->property.names[i];
        const asl_value *found = asl_value_get_sized(object, name->bytes, name->size);
        if (found == NULL && must_find(walk)) {
            asl_value_unref(merged);
            return asl_fail_missing(walk->evaluation, walk->plan, index);
        }
        if (found != NULL &&
            asl_value_set_sized(&merged, name->bytes, name->size, asl_value_ref(found)) != ASL_OK) {
            asl_value_unref(merged);
            merged = NULL;
        }
    }
    *ret_value = merged;
    return asl_evaluation_keep(walk->evaluation, merged);
}

static asl_outcome enter_property(walker *walk, uint32_t index, const asl_value *value,
                                  const asl_value **ret_value)
{
    const asl_path_step *step = &walk->plan->steps[index];
    if (!asl_value_is_object(value))
        return step->is_upstream_definite
                   ? asl_fail_no_object(walk->evaluation, walk->plan, index, value)
                   : ASL_OUTCOME_OK;
    if (step->property.count == 1)
        return take_property(walk, index, &step->property.names[0], value, ret_value);
    if (is_last(walk, index))
        return merge_properties(walk, index, value, ret_value);
    return push(walk, (walk_frame){.kind = FRAME_NAMES,
                                   .step = index + 1,
                                   .value = value,
                                   .end = step->property.count});
}

static const asl_value *item_at(const asl_value *array, int64_t index)
{
    if (index < 0)
        index += (int64_t)asl_value_count(array);
    return index < 0 ? NULL : asl_value_at(array, (size_t)index);
}

/* Whether the value is an array; a failure where it is not and had to be. */
static asl_outcome check_array(walker *walk, uint32_t index, const asl_value *value, bool *ret_is)
{
    *ret_is = asl_value_is_array(value);
    return *ret_is || !walk->plan->steps[index].is_upstream_definite
               ? ASL_OUTCOME_OK
               : asl_fail_no_array(walk->evaluation, walk->plan, index, value);
}

static asl_outcome enter_index(walker *walk, uint32_t index, const asl_value *value,
                               const asl_value **ret_value)
{
    const asl_path_step *step = &walk->plan->steps[index];
    bool is_array;
    asl_outcome outcome = check_array(walk, index, value, &is_array);
    if (outcome != ASL_OUTCOME_OK || !is_array)
        return outcome;
    if (step->index.count > 1)
        return push(walk, (walk_frame){.kind = FRAME_INDICES,
                                       .step = index + 1,
                                       .value = value,
                                       .end = step->index.count});
    *ret_value = item_at(value, step->index.items[0]);
    if (*ret_value == NULL && is_last(walk, index))
        walk->missed_index = true;
    return ASL_OUTCOME_OK;
}

/* Jayway's slices: only [from:] and [:to] count from the end, [from:to] goes through negative
 * indices as they stand. */
static asl_outcome enter_slice(walker *walk, uint32_t index, const asl_value *value)
{
    const asl_path_step *step = &walk->plan->steps[index];
    bool is_array;
    asl_outcome outcome = check_array(walk, index, value, &is_array);
    if (outcome != ASL_OUTCOME_OK || !is_array)
        return outcome;
    int64_t count = (int64_t)asl_value_count(value);
    int64_t from = step->slice.has_from ? step->slice.from : 0;
    int64_t to = step->slice.has_to && step->slice.to < count ? step->slice.to : count;
    if (!step->slice.has_to && from < 0)
        from = from + count < 0 ? 0 : from + count;
    if (!step->slice.has_from && to < 0)
        to += count;
    if (from < -count)
        from = -count; /* those before it are no items */
    if (count == 0 || from >= to)
        return ASL_OUTCOME_OK;
    return push(
        walk, (walk_frame){
                  .kind = FRAME_RANGE, .step = index + 1, .value = value, .next = from, .end = to});
}

static asl_outcome enter_wildcard(walker *walk, uint32_t index, const asl_value *value)
{
    walk_frame frame = {.step = index + 1, .value = value, .end = (int64_t)asl_value_count(value)};
    if (!asl_value_is_object(value) && !asl_value_is_array(value))
        return ASL_OUTCOME_OK;
    frame.kind = asl_value_is_object(value) ? FRAME_MEMBERS : FRAME_ALL;
    return push(walk, frame);
}

static asl_outcome enter_scan(walker *walk, uint32_t index, const asl_value *value)
{
    if (is_last(walk, index))
        return asl_fail_text(walk->evaluation, ASL_OUTCOME_ERROR, "Current path token is a leaf");
    if (!asl_value_is_object(value) && !asl_value_is_array(value))
        return ASL_OUTCOME_OK;
    return push(walk, (walk_frame){.kind = FRAME_SCAN, .step = index + 1, .value = value});
}

static asl_outcome enter_filter(walker *walk, uint32_t index, const asl_value *value,
                                const asl_value **ret_value)
{
    const asl_path_step *step = &walk->plan->steps[index];
    if (asl_value_is_array(value))
        return push(walk, (walk_frame){.kind = FRAME_ACCEPT,
                                       .step = index + 1,
                                       .value = value,
                                       .end = (int64_t)asl_value_count(value)});
    if (!asl_value_is_object(value))
        return step->is_upstream_definite
                   ? asl_fail_primitive(walk->evaluation, walk->plan, index, value)
                   : ASL_OUTCOME_OK;
    bool is_accepted;
    asl_outcome outcome =
        asl_filter_accept(walk->evaluation, step->filter, value, walk->flags, &is_accepted);
    if (outcome == ASL_OUTCOME_OK && is_accepted)
        *ret_value = value;
    return outcome;
}

static asl_outcome enter_function(walker *walk, uint32_t index, const asl_value *value,
                                  const asl_value **ret_value)
{
    const asl_value *result = NULL;
    asl_outcome outcome =
        asl_call_evaluate(walk->evaluation, &walk->plan->steps[index], value, walk->flags, &result);
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    if (!is_last(walk, index)) {
        outcome = emit(walk, result); /* a result of its own, though the path goes on */
        if (outcome != ASL_OUTCOME_OK)
            return outcome;
    }
    *ret_value = result;
    return ASL_OUTCOME_OK;
}

static asl_outcome enter(walker *walk, uint32_t index, const asl_value *value,
                         const asl_value **ret_value)
{
    switch (walk->plan->steps[index].kind) {
    case ASL_STEP_PROPERTY:
        return enter_property(walk, index, value, ret_value);
    case ASL_STEP_INDEX:
        return enter_index(walk, index, value, ret_value);
    case ASL_STEP_SLICE:
        return enter_slice(walk, index, value);
    case ASL_STEP_WILDCARD:
        return enter_wildcard(walk, index, value);
    case ASL_STEP_SCAN:
        return enter_scan(walk, index, value);
    case ASL_STEP_FILTER:
        return enter_filter(walk, index, value, ret_value);
    case ASL_STEP_FUNCTION:
        break;
    }
    return enter_function(walk, index, value, ret_value);
}

/* Follows the path from a node, until it ends, fails, or becomes a frame. */
static asl_outcome follow(walker *walk, uint32_t index, const asl_value *value)
{
    bool is_indexed = false; /* an index lies behind: BOUNDS is caught */
    while (index < walk->plan->count) {
        const asl_value *next = NULL;
        asl_outcome outcome = asl_evaluation_spend(walk->evaluation, 1);
        if (outcome == ASL_OUTCOME_OK)
            outcome = enter(walk, index, value, &next);
        if (outcome == ASL_OUTCOME_BOUNDS && is_indexed)
            return ASL_OUTCOME_OK;
        if (outcome != ASL_OUTCOME_OK || next == NULL)
            return outcome;
        is_indexed = is_indexed || walk->plan->steps[index].kind == ASL_STEP_INDEX;
        value = next;
        index++;
    }
    return emit(walk, value);
}

/* What a scan hands to its target. */
static asl_outcome scan_matches(walker *walk, uint32_t target, const asl_value *value,
                                bool *ret_does)
{
    const asl_path_step *step = &walk->plan->steps[target];
    *ret_does = false;
    switch (step->kind) {
    case ASL_STEP_PROPERTY:
        if (!asl_value_is_object(value))
            return ASL_OUTCOME_OK;
        *ret_does = true;
        if (must_find(walk) || !step->is_definite)
            return ASL_OUTCOME_OK;
        for (uint32_t i = 0; i < step->property.count && *ret_does; i++)
            *ret_does = asl_value_get_sized(value, step->property.names[i].bytes,
                                            step->property.names[i].size) != NULL;
        return ASL_OUTCOME_OK;
    case ASL_STEP_INDEX:
    case ASL_STEP_SLICE:
        *ret_does = asl_value_is_array(value);
        return ASL_OUTCOME_OK;
    case ASL_STEP_WILDCARD:
        *ret_does = true;
        return ASL_OUTCOME_OK;
    case ASL_STEP_FILTER:
        return asl_filter_accept(walk->evaluation, step->filter, value, walk->flags, ret_does);
    case ASL_STEP_SCAN:
    case ASL_STEP_FUNCTION:
        break;
    }
    return ASL_OUTCOME_OK;
}

/* A container's own matches. An array that a target matches is not given to the target when the
 * path goes on: its items go to what follows. */
static asl_outcome begin_scan(walker *walk, walk_frame *top)
{
    uint32_t target = top->step;
    const asl_value *value = top->value;
    bool does_match;
    top->is_begun = true;
    asl_outcome outcome = scan_matches(walk, target, value, &does_match);
    if (outcome != ASL_OUTCOME_OK || !does_match)
        return outcome;
    if (asl_value_is_object(value) || is_last(walk, target))
        return follow(walk, target, value);
    return push(walk, (walk_frame){.kind = FRAME_INSIDE,
                                   .step = target + 1,
                                   .value = value,
                                   .end = (int64_t)asl_value_count(value)});
}

static asl_outcome advance_scan(walker *walk, walk_frame *top)
{
    if (!top->is_begun)
        return begin_scan(walk, top);
    size_t count = asl_value_count(top->value);
    while ((size_t)top->next < count) {
        const asl_value *child = asl_value_at(top->value, (size_t)top->next++);
        asl_outcome outcome = asl_evaluation_spend(walk->evaluation, 1);
        if (outcome != ASL_OUTCOME_OK)
            return outcome;
        if (asl_value_is_object(child) || asl_value_is_array(child))
            return push(walk, (walk_frame){.kind = FRAME_SCAN, .step = top->step, .value = child});
    }
    pop(walk);
    return ASL_OUTCOME_OK;
}

/* A filter over an array: the next item that it takes. */
static asl_outcome advance_accept(walker *walk, walk_frame *top, const asl_value **ret_value)
{
    const asl_path_step *step = &walk->plan->steps[top->step - 1];
    const asl_value *item = asl_value_at(top->value, (size_t)top->next++);
    bool is_accepted = false;
    asl_outcome outcome =
        asl_filter_accept(walk->evaluation, step->filter, item, walk->flags, &is_accepted);
    if (outcome == ASL_OUTCOME_BOUNDS)
        pop(walk); /* it catches what items do, not what their test does */
    if (outcome == ASL_OUTCOME_OK && is_accepted)
        *ret_value = item;
    return outcome;
}

static asl_outcome advance_names(walker *walk, walk_frame *top, const asl_value **ret_value)
{
    const asl_path_step *step = &walk->plan->steps[top->step - 1];
    const asl_path_name *name = &step->property.names[top->next++];
    return take_property(walk, top->step - 1, name, top->value, ret_value);
}

/* Hands out a frame's next node, or takes the frame off. */
static asl_outcome advance(walker *walk)
{
    walk_frame *top = &walk->frames[walk->count - 1];
    if (top->kind == FRAME_SCAN)
        return advance_scan(walk, top);
    if (top->next == top->end) {
        pop(walk);
        return ASL_OUTCOME_OK;
    }
    const asl_value *value = NULL;
    uint32_t step = top->step;
    asl_outcome outcome = asl_evaluation_spend(walk->evaluation, 1);
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    switch (top->kind) {
    case FRAME_RANGE:
    case FRAME_ALL:
        value = item_at(top->value, top->next++);
        break;
    case FRAME_MEMBERS:
        value = asl_value_at(top->value, (size_t)top->next++);
        if (step == walk->plan->count && !passes_upstream(walk))
            value = NULL;
        break;
    case FRAME_INSIDE:
        if (is_last(walk, step))
            walk->upstream = top->next;
        value = asl_value_at(top->value, (size_t)top->next++);
        break;
    case FRAME_INDICES:
        value = item_at(top->value, walk->plan->steps[step - 1].index.items[top->next++]);
        break;
    case FRAME_ACCEPT:
        outcome = advance_accept(walk, top, &value);
        break;
    case FRAME_NAMES:
        outcome = advance_names(walk, top, &value);
        break;
    case FRAME_SCAN:
        break;
    }
    return outcome == ASL_OUTCOME_OK && value != NULL ? follow(walk, step, value) : outcome;
}

static bool catches(const walker *walk, frame_kind kind, asl_outcome outcome)
{
    if (outcome == ASL_OUTCOME_NOT_FOUND)
        return kind == FRAME_ALL && !must_find(walk);
    return outcome == ASL_OUTCOME_BOUNDS && (kind == FRAME_RANGE || kind == FRAME_ALL ||
                                             kind == FRAME_INDICES || kind == FRAME_ACCEPT);
}

/* Takes frames off until one catches the failure; OK where one did. */
static asl_outcome unwind(walker *walk, asl_outcome outcome)
{
    if (outcome == ASL_OUTCOME_FATAL)
        return outcome;
    if (is_lenient(walk) && outcome != ASL_OUTCOME_ERROR)
        return ASL_OUTCOME_OK;
    while (walk->count > 0) {
        if (catches(walk, walk->frames[walk->count - 1].kind, outcome))
            return ASL_OUTCOME_OK;
        pop(walk);
    }
    return outcome;
}

static asl_outcome run(walker *walk, const asl_value *document)
{
    asl_evaluation *evaluation = walk->evaluation;
    unsigned quiet_missing = evaluation->quiet_missing;
    evaluation->quiet += is_lenient(walk);
    asl_outcome outcome = follow(walk, 0, document);
    if (outcome != ASL_OUTCOME_OK)
        outcome = unwind(walk, outcome);
    while (outcome == ASL_OUTCOME_OK && walk->count > 0) {
        evaluation->quiet_missing = quiet_missing + (walk->catching > 0 && !must_find(walk));
        outcome = advance(walk);
        if (outcome != ASL_OUTCOME_OK)
            outcome = unwind(walk, outcome);
    }
    evaluation->quiet_missing = quiet_missing;
    evaluation->quiet -= is_lenient(walk);
    return outcome;
}

/* What was found, kept by the evaluation. */
static asl_outcome finish(walker *walk, asl_outcome outcome, const asl_value **ret_value)
{
    if (!walk->plan->is_definite) {
        asl_value *results = walk->results;
        if (outcome != ASL_OUTCOME_OK) {
            asl_value_unref(results);
            return outcome;
        }
        *ret_value = results;
        return asl_evaluation_keep(walk->evaluation, results);
    }
    if (outcome == ASL_OUTCOME_OK && walk->last == NULL) {
        outcome = asl_fail_no_results(walk->evaluation, walk->plan);
        if (walk->missed_index && walk->evaluation->quiet == 0 && walk->evaluation->failure != NULL)
            walk->evaluation->failure->is_past_end = true;
    }
    *ret_value = walk->last;
    return outcome;
}

asl_outcome asl_plan_evaluate(asl_evaluation *evaluation, const asl_path_plan *plan,
                              const asl_value *document, unsigned flags,
                              const asl_value **ret_value)
{
    walker walk = {.evaluation = evaluation,
                   .plan = plan,
                   .flags = flags,
                   .capacity = FRAMES_INLINE,
                   .upstream = -1};
    walk.frames = walk.inline_frames;
    if (!plan->is_definite) {
        walk.results = asl_value_array(evaluation->heap);
        if (walk.results == NULL)
            return asl_evaluation_fatal(evaluation, ASL_NOMEM);
    }
    asl_outcome outcome = finish(&walk, run(&walk, document), ret_value);
    free_frames(&walk);
    return outcome;
}
