/* Replay of an exported history, such as AWS's own. It has no facts, so they are read off its
 * events: a task's end, a Wait that was left, a task scheduled again, a stop. And the order in
 * which concurrent branches went on is the recorder's: so events are matched by their place in the
 * chain of previousEventIds, not by number, and the frame whose next recorded event comes first
 * goes on first. */
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "runtime/replay.h"

typedef struct matcher {
    asl_replay *replay;
    const asl_event *recorded; /* by id - 1 */
    size_t recorded_count;
    bool *is_matched;
    size_t matched_count;
    uint64_t *recorded_id; /* of an event that was given, by id - 1 */
    size_t given_count, given_capacity;
    int status;
    bool has_stopped; /* diverged: nothing after it can be held against anything */
} matcher;

/* The recorded id of a given event; 0 stays 0. */
static uint64_t translate(const matcher *self, uint64_t id)
{
    return id >= 1 && id <= self->given_count ? self->recorded_id[id - 1] : 0;
}

static bool is_same_event(const asl_event *recorded, const asl_event *entry)
{
    if (recorded->type != entry->type || recorded->index != entry->index)
        return false;
    return !recorded->name || !entry->name || asl_value_equal(recorded->name, entry->name);
}

/* The first recorded event that is not matched yet and points to `previous`. */
static const asl_event *find_next(const matcher *self, uint64_t previous, const asl_event *like)
{
    for (size_t i = self->replay->first_open; i < self->recorded_count; i++)
        if (!self->is_matched[i] && self->recorded[i].previous_id == previous &&
            (!like || is_same_event(&self->recorded[i], like)))
            return &self->recorded[i];
    return NULL;
}

static void mark_matched(matcher *self, const asl_event *recorded)
{
    self->is_matched[recorded->id - 1] = true;
    self->matched_count++;
    size_t *first_open = &self->replay->first_open;
    while (*first_open < self->recorded_count && self->is_matched[*first_open])
        (*first_open)++;
}

static int note_given(matcher *self, const asl_event *entry, uint64_t recorded_id)
{
    int status = asl_array_reserve(self->replay->heap, &self->recorded_id, &self->given_capacity,
                                   self->given_count, SIZE_MAX / 16);
    if (status == ASL_OK && entry->id == self->given_count + 1)
        self->recorded_id[self->given_count++] = recorded_id;
    return status;
}

static void stop(matcher *self, const asl_event *recorded, const asl_event *got, const char *field)
{
    self->has_stopped = true;
    int status = asl_replay_diverge(self->replay, recorded, got, field);
    if (self->status == ASL_OK)
        self->status = status;
}

/* Takes from the recording what depends on draws, names, times or tokens. */
static void take(matcher *self, const asl_event *recorded, asl_event *entry)
{
    asl_value_move(&entry->value, asl_value_ref(recorded->value));
    asl_value_move(&entry->error, asl_value_ref(recorded->error));
    asl_value_move(&entry->cause, asl_value_ref(recorded->cause));
    asl_value_move(&entry->variables, asl_value_ref(recorded->variables));
    self->replay->taken++;
}

static void amend(void *owner, asl_event *entry, bool is_free)
{
    matcher *self = owner;
    if (entry->id == 0 || self->has_stopped)
        return;
    const asl_event *recorded = find_next(self, translate(self, entry->previous_id), entry);
    if (!recorded) {
        const asl_event *other = find_next(self, translate(self, entry->previous_id), NULL);
        stop(self, other, entry, "type");
        return;
    }
    mark_matched(self, recorded);
    int status = note_given(self, entry, recorded->id);
    if (self->status == ASL_OK)
        self->status = status;
    if (recorded->id != entry->id)
        self->replay->taken++;
    if (recorded->time_ms != INT64_MIN)
        entry->time_ms = recorded->time_ms;
    /* What an exported event does not show is not compared. */
    asl_event shown = *entry;
    if (entry->type == ASL_EVENT_PARALLEL_STATE_STARTED ||
        entry->type == ASL_EVENT_MAP_STATE_STARTED ||
        entry->type == ASL_EVENT_MAP_ITERATION_STARTED ||
        entry->type == ASL_EVENT_MAP_ITERATION_SUCCEEDED)
        shown.value = recorded->value;
    if (!recorded->name)
        shown.name = NULL;
    const char *field = asl_replay_compare(recorded, &shown, true);
    if (!field)
        self->replay->equal++;
    else if (is_free)
        take(self, recorded, entry);
    else
        stop(self, recorded, entry, field);
}

/* The next recorded event of a frame: one that points to its last, or an evaluation of its state
 * that failed. */
static const asl_event *next_of_frame(const matcher *self, uint32_t frame)
{
    const asl_frames *frames = self->replay->frames;
    const asl_event *next = find_next(self, translate(self, asl_frames_chain(frames, frame)), NULL);
    asl_frame_view view;
    if (next || !asl_frames_view(frames, frame, &view))
        return next;
    asl_event failed = {.type = ASL_EVENT_EVALUATION_FAILED, .name = view.state->name};
    return find_next(self, translate(self, view.before_event), &failed);
}

/* The candidate whose next recorded event comes first. */
static size_t choose(void *owner, const uint32_t *candidates, size_t count)
{
    const matcher *self = owner;
    size_t best = 0;
    uint64_t best_id = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        const asl_event *next = next_of_frame(self, candidates[i]);
        if (next && next->id < best_id) {
            best = i;
            best_id = next->id;
        }
    }
    return best;
}

/* What a recorded event says has come from outside; false: it follows from another one. */
static bool fact_of_event(const asl_event *event, const char **ret_waits_for,
                          asl_fact_kind *ret_kind)
{
    *ret_waits_for = "task";
    switch ((unsigned)event->type) {
    case ASL_EVENT_ACTIVITY_SUCCEEDED:
    case ASL_EVENT_LAMBDA_FUNCTION_SUCCEEDED:
    case ASL_EVENT_TASK_SUCCEEDED:
        *ret_kind = ASL_FACT_TASK_SUCCEEDED;
        return true;
    case ASL_EVENT_ACTIVITY_FAILED:
    case ASL_EVENT_LAMBDA_FUNCTION_FAILED:
    case ASL_EVENT_TASK_FAILED:
        *ret_kind = ASL_FACT_TASK_FAILED;
        return true;
    case ASL_EVENT_ACTIVITY_TIMED_OUT:
    case ASL_EVENT_LAMBDA_FUNCTION_TIMED_OUT:
    case ASL_EVENT_TASK_TIMED_OUT:
        *ret_kind = ASL_FACT_TASK_HEARTBEAT_MISSED;
        return true;
    case ASL_EVENT_TASK_SUBMITTED:
        *ret_kind = ASL_FACT_TASK_SUBMITTED;
        return true;
    case ASL_EVENT_ACTIVITY_STARTED:
        *ret_kind = ASL_FACT_TASK_STARTED;
        return true;
    case ASL_EVENT_WAIT_STATE_EXITED:
        *ret_waits_for = "timer";
        *ret_kind = ASL_FACT_TIMER;
        return true;
    case ASL_EVENT_ACTIVITY_SCHEDULED:
    case ASL_EVENT_LAMBDA_FUNCTION_SCHEDULED:
    case ASL_EVENT_TASK_SCHEDULED:
    case ASL_EVENT_MAP_STATE_STARTED:
    case ASL_EVENT_PARALLEL_STATE_STARTED:
        *ret_waits_for = "retry";
        *ret_kind = ASL_FACT_TIMER;
        return true;
    default:
        return false;
    }
}

/* The frame that waits in this way and whose next event points where the recorded one does. */
static bool find_waiting(const matcher *self, const asl_event *event, const char *waits_for,
                         asl_frame_view *ret_view)
{
    const asl_frames *frames = self->replay->frames;
    for (uint32_t i = 0; i < asl_frames_capacity(frames); i++)
        if (asl_frames_view(frames, i, ret_view) && strcmp(ret_view->waits_for, waits_for) == 0 &&
            translate(self, asl_frames_chain(frames, i)) == event->previous_id)
            return true;
    return false;
}

/* Makes the fact of a recorded event; false where it has none yet. Values are borrowed. */
static bool make_fact(const matcher *self, const asl_event *event, asl_fact *ret_fact)
{
    *ret_fact =
        (asl_fact){.frame = ASL_NONE,
                   .time_ms = event->time_ms == INT64_MIN ? 0 : event->time_ms,
                   .value = event->type == ASL_EVENT_ACTIVITY_STARTED ? event->extra : event->value,
                   .error = event->error,
                   .cause = event->cause};
    if (event->type == ASL_EVENT_EXECUTION_ABORTED ||
        event->type == ASL_EVENT_EXECUTION_TIMED_OUT) {
        bool is_stop = event->type == ASL_EVENT_EXECUTION_ABORTED;
        ret_fact->kind = is_stop ? ASL_FACT_STOP : ASL_FACT_EXECUTION_TIMEOUT;
        return true;
    }
    const char *waits_for;
    asl_frame_view view;
    if (!fact_of_event(event, &waits_for, &ret_fact->kind) ||
        !find_waiting(self, event, waits_for, &view))
        return false;
    ret_fact->frame = view.frame;
    ret_fact->event = view.waiting_event;
    if (ret_fact->kind == ASL_FACT_TASK_HEARTBEAT_MISSED && view.due_ms != 0)
        ret_fact->kind = ASL_FACT_TIMER;
    if (ret_fact->kind == ASL_FACT_TIMER && ret_fact->time_ms < view.due_ms)
        ret_fact->time_ms = view.due_ms;
    return true;
}

/* The next fact: of the first recorded event that something waits for. */
static bool next_fact(const matcher *self, asl_fact *ret_fact)
{
    for (size_t i = self->replay->first_open; i < self->recorded_count; i++)
        if (!self->is_matched[i] && make_fact(self, &self->recorded[i], ret_fact))
            return true;
    return false;
}

static int apply(matcher *self, const asl_fact *fact)
{
    asl_effect_list effects;
    asl_effect_list_init(&effects, self->replay->heap);
    size_t before = self->matched_count;
    int status = asl_frames_apply(self->replay->frames, fact, &self->replay->entries, &effects);
    asl_effect_list_done(&effects);
    if (status == ASL_OK)
        status = self->status;
    /* A fact that matches nothing would come again for ever. */
    if (status == ASL_OK && self->matched_count == before && !self->has_stopped)
        stop(self,
             self->replay->first_open < self->recorded_count
                 ? &self->recorded[self->replay->first_open]
                 : NULL,
             NULL, "type");
    return status;
}

static int run(matcher *self)
{
    const asl_event *first = &self->recorded[0];
    asl_fact fact = {.kind = ASL_FACT_START,
                     .frame = ASL_NONE,
                     .time_ms = first->time_ms == INT64_MIN ? 0 : first->time_ms,
                     .value = first->value};
    int status = apply(self, &fact);
    while (status == ASL_OK && !self->has_stopped && next_fact(self, &fact))
        status = apply(self, &fact);
    if (status == ASL_OK && !self->has_stopped && self->matched_count < self->recorded_count)
        stop(self, &self->recorded[self->replay->first_open], NULL, "type");
    size_t seen = self->matched_count + (self->has_stopped ? 1 : 0);
    if (self->has_stopped && seen < self->recorded_count)
        self->replay->different += self->recorded_count - seen;
    return status;
}

int asl_replay_exported(asl_replay *replay, asl_error **error)
{
    const asl_event_list *entries = &replay->history->entries;
    if (entries->count == 0 || entries->items[0].type != ASL_EVENT_EXECUTION_STARTED ||
        !entries->items[0].value)
        return asl_error_set(
            error, ASL_SYNTAX,
            "A history begins with ExecutionStarted and its input. Was it exported without "
            "execution data?");
    matcher self = {.replay = replay, .recorded = entries->items, .recorded_count = entries->count};
    self.is_matched = asl_allocate_zeroed(replay->heap, entries->count * sizeof *self.is_matched);
    if (!self.is_matched)
        return ASL_NOMEM;
    asl_oracle oracle = {.owner = &self, .choose = choose, .amend = amend};
    asl_frames_set_oracle(replay->frames, &oracle);
    int status = run(&self);
    asl_frames_set_oracle(replay->frames, &(asl_oracle){.owner = NULL});
    asl_release(replay->heap, self.is_matched, entries->count * sizeof *self.is_matched);
    asl_release(replay->heap, self.recorded_id, self.given_capacity * sizeof *self.recorded_id);
    return status;
}
