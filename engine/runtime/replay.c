/* Replay of a history that a store kept: its facts are there, so the interpreter must give the same
 * entries, in the same order, with the same ids. After a record that differs the replay goes on
 * from what was recorded, as a recovery would, where the definition still allows that. */
#include "runtime/replay.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/time_text.h"

void asl_replay_free(asl_replay *replay)
{
    if (!replay)
        return;
    asl_frames_free(replay->frames);
    asl_event_list_done(&replay->entries);
    asl_definition_unref(replay->definition);
    asl_text_free(replay->expected_text);
    asl_text_free(replay->got_text);
    asl_release(replay->heap, replay, sizeof *replay);
}

static void replay_cleanup(asl_replay **replay)
{
    asl_replay_free(*replay);
}

static void copy_text(char *out, size_t out_size, const char *text)
{
    (void)snprintf(out, out_size, "%s", text);
}

/* The role that ExecutionStarted shows, where it shows one. */
static const char *recorded_role(const asl_history *history)
{
    const asl_event *first = history->entries.count > 0 ? &history->entries.items[0] : NULL;
    bool shows = first && first->type == ASL_EVENT_EXECUTION_STARTED && first->extra;
    const char *role = shows ? asl_value_get_string(first->extra, NULL) : NULL;
    return role ? role : "";
}

/* An exported history shows its tokens, and they are taken from it: this one only stands for them.
 */
static int stand_in_token(void *owner, uint64_t event, char out[ASL_TOKEN_SIZE])
{
    (void)owner;
    (void)snprintf(out, ASL_TOKEN_SIZE, "%064llu", (unsigned long long)event);
    return ASL_OK;
}

/* The recorded entry that must come next; NULL past the last. */
static const asl_event *next_recorded(const asl_replay *replay)
{
    const asl_recorded_fact *fact = replay->fact;
    size_t next =
        fact ? fact->first + (replay->entries.count - replay->fact_entry) : replay->first_open;
    return next < replay->history->entries.count ? &replay->history->entries.items[next] : NULL;
}

/* What ended the recorder's evaluation was its clock, if not its budget: a fact from then on. */
static bool was_stopped(void *owner, bool is_first)
{
    const asl_event *next = next_recorded(owner);
    (void)is_first;
    return next && next->type == ASL_EVENT_EVALUATION_FAILED && next->cause &&
           strstr(asl_value_get_string(next->cause, NULL), "Expression evaluation timeout");
}

/* The tokens that the recorder gave: those of a store are made of its secret. */
static int set_tokens(asl_replay *replay, asl_error **error)
{
    bool is_stored = replay->history->fact_count > 0;
    replay->tokens = replay->history->tokens;
    replay->identity.token = is_stored ? asl_task_token_make : stand_in_token;
    replay->identity.token_owner = &replay->tokens;
    bool needs_module =
        is_stored && asl_task_token_is_needed(asl_definition_program(replay->definition));
    return needs_module ? asl_task_token_load(error) : ASL_OK;
}

/* Who the execution was: its ARN is recorded with its start; for an exported history the caller
 * says it. */
static void set_identity(asl_replay *replay, const asl_replay_options *options)
{
    const asl_history *history = replay->history;
    const asl_value *recorded = history->fact_count > 0 ? history->facts[0].fact.name : NULL;
    if (recorded) {
        copy_text(replay->execution_arn, sizeof replay->execution_arn,
                  asl_value_get_string(recorded, NULL));
    } else {
        (void)snprintf(replay->execution_arn, sizeof replay->execution_arn,
                       "arn:aws:states:us-east-1:000000000000:execution:%s:%s",
                       options && options->machine ? options->machine : "machine",
                       options && options->execution ? options->execution : "execution");
    }
    char partition[32], account[32], kind[32];
    asl_arn_part(replay->execution_arn, 1, 7, partition, sizeof partition);
    asl_arn_part(replay->execution_arn, 3, 7, replay->region, sizeof replay->region);
    asl_arn_part(replay->execution_arn, 4, 7, account, sizeof account);
    asl_arn_part(replay->execution_arn, 6, 7, replay->machine_name, sizeof replay->machine_name);
    asl_arn_part(replay->execution_arn, 7, 7, replay->execution_name,
                 sizeof replay->execution_name);
    (void)snprintf(replay->machine_arn, sizeof replay->machine_arn,
                   "arn:%s:states:%s:%s:stateMachine:%s", partition, replay->region, account,
                   replay->machine_name);
    asl_arn_part(replay->execution_arn, 5, 7, kind, sizeof kind);
    bool is_express = strcmp(kind, "express") == 0;
    if (is_express)
        replay->execution_name[strcspn(replay->execution_name, ":")] = '\0';
    copy_text(replay->role_arn, sizeof replay->role_arn, recorded_role(history));
    const asl_limits *limits = options ? options->limits : NULL;
    bool has_payload = limits && limits->payload_bytes != 0,
         has_events = limits && limits->history_events != 0;
    uint64_t events = has_events ? limits->history_events : ASL_HISTORY_EVENTS_DEFAULT;
    replay->identity = (asl_execution_identity){
        .execution_arn = replay->execution_arn,
        .execution_name = replay->execution_name,
        .machine_arn = replay->machine_arn,
        .machine_name = replay->machine_name,
        .role_arn = replay->role_arn[0] != '\0' ? replay->role_arn : NULL,
        .region = replay->region,
        .payload_bytes = has_payload ? limits->payload_bytes : ASL_PAYLOAD_BYTES_DEFAULT,
        .history_events = is_express ? UINT64_MAX : events,
        .stop = was_stopped,
        .stop_owner = replay,
    };
}

/* An index of a state in the recorded definition, as one of the definition that is replayed: by
 * name. */
static uint32_t translate_state(const asl_replay *replay, uint32_t state)
{
    const asl_program *from = asl_definition_program(replay->history->definition);
    const asl_program *to = asl_definition_program(replay->definition);
    if (from == to || state >= from->state_count)
        return state;
    size_t size;
    const char *name = asl_value_get_string(from->states[state].name, &size);
    const asl_state *found = asl_program_find(to, name, size);
    return found ? found->index : to->state_count;
}

/* Takes a recorded entry as it is. */
static int take_recorded(asl_replay *replay, const asl_event *recorded)
{
    asl_event entry;
    asl_event_copy(&entry, recorded);
    if (entry.state != ASL_NONE)
        entry.state = translate_state(replay, entry.state);
    int status = asl_event_list_append(&replay->entries, &entry);
    if (status != ASL_OK)
        return status;
    return asl_frames_evolve(replay->frames, &replay->entries.items[replay->entries.count - 1]);
}

/* Frames as the recorded entries up to `count` make them. */
static int rebuild(asl_replay *replay, size_t count)
{
    asl_frames_free(replay->frames);
    asl_event_list_clear(&replay->entries);
    replay->frames = asl_frames_new(replay->heap, replay->definition, &replay->identity);
    if (!replay->frames)
        return ASL_NOMEM;
    asl_frames_set_seed(replay->frames, replay->seed);
    asl_frames_set_flags(replay->frames, replay->flags);
    int status = ASL_OK;
    for (size_t i = 0; status == ASL_OK && i < count; i++)
        status = take_recorded(replay, &replay->history->entries.items[i]);
    return status;
}

/* The deadline, the next state and the like, which AWS's events do not show. */
static const char *compare_private(const asl_replay *replay, const asl_event *recorded,
                                   const asl_event *got)
{
    if (recorded->state != ASL_NONE && translate_state(replay, recorded->state) != got->state)
        return "next state";
    if (recorded->time_ms != got->time_ms)
        return "timestamp";
    if (recorded->due_ms != got->due_ms)
        return "deadline";
    if (recorded->frame != got->frame)
        return "frame";
    return recorded->concurrency != got->concurrency ? "concurrency" : NULL;
}

/* Holds what a fact gave against what was recorded. *ret_same is false where they differ. */
static int compare_fact(asl_replay *replay, const asl_recorded_fact *recorded, size_t first,
                        bool *ret_same)
{
    size_t got_count = replay->entries.count - first;
    size_t count = got_count > recorded->count ? got_count : recorded->count;
    int status = ASL_OK;
    for (size_t i = 0; status == ASL_OK && i < count; i++) {
        const asl_event *expected =
            i < recorded->count ? &replay->history->entries.items[recorded->first + i] : NULL;
        const asl_event *got = i < got_count ? &replay->entries.items[first + i] : NULL;
        const char *field = "type";
        if (expected && got) {
            field = asl_replay_compare(expected, got, false);
            field = field ? field : compare_private(replay, expected, got);
        }
        if (field) {
            *ret_same = false;
            status = asl_replay_diverge(replay, expected, got, field);
        } else if (expected->id != 0) {
            replay->equal++;
        }
    }
    return status;
}

/* What remains cannot be replayed: all of it differs. */
static void give_up(asl_replay *replay, size_t next_fact)
{
    const asl_history *history = replay->history;
    for (size_t i = next_fact; i < history->fact_count; i++)
        for (size_t j = 0; j < history->facts[i].count; j++)
            replay->different += history->entries.items[history->facts[i].first + j].id != 0;
}

static int replay_facts(asl_replay *replay)
{
    const asl_history *history = replay->history;
    asl_effect_list effects;
    asl_effect_list_init(&effects, replay->heap);
    int status = ASL_OK;
    for (size_t i = 0; status == ASL_OK && i < history->fact_count; i++) {
        const asl_recorded_fact *recorded = &history->facts[i];
        size_t first = replay->entries.count;
        bool is_same = true;
        replay->fact = recorded;
        replay->fact_entry = first;
        status = asl_frames_apply(replay->frames, &recorded->fact, &replay->entries, &effects);
        if (status == ASL_OK)
            status = compare_fact(replay, recorded, first, &is_same);
        effects.count = 0;
        if (status != ASL_OK || is_same)
            continue;
        status = rebuild(replay, recorded->first + recorded->count);
        if (status == ASL_STORE_CORRUPT) {
            give_up(replay, i + 1);
            status = ASL_OK;
            break;
        }
    }
    asl_effect_list_done(&effects);
    replay->fact = NULL;
    return status;
}

/* The state after event `until`: what was replayed, folded up to there. */
static int go_back(asl_replay *replay)
{
    if (replay->until == 0 || replay->until >= asl_frames_event_count(replay->frames))
        return ASL_OK;
    asl_frames *frames = asl_frames_new(replay->heap, replay->definition, &replay->identity);
    if (!frames)
        return ASL_NOMEM;
    int status = ASL_OK;
    for (size_t i = 0; status == ASL_OK && i < replay->entries.count; i++) {
        if (replay->entries.items[i].id > replay->until)
            break;
        status = asl_frames_evolve(frames, &replay->entries.items[i]);
    }
    asl_frames_free(replay->frames);
    replay->frames = frames;
    return status;
}

int asl_replay_run(const asl_history *history, const asl_definition *definition,
                   const asl_replay_options *options, asl_replay **ret_replay, asl_error **error)
{
    if (history->is_page)
        return asl_error_set(error, ASL_MISUSE, "A page of a history cannot be replayed.");
    const asl_heap *heap = options && options->heap ? options->heap : history->heap;
    asl_cleanup(replay_cleanup) asl_replay *replay = asl_allocate_zeroed(heap, sizeof *replay);
    if (!replay)
        return asl_error_set(error, ASL_NOMEM, "Out of memory.");
    replay->heap = heap;
    replay->history = history;
    asl_event_list_init(&replay->entries, heap);
    const asl_definition *under = definition ? definition : history->definition;
    if (!under)
        return asl_error_set(error, ASL_MISUSE,
                             "A history from a file needs the definition to replay it under.");
    replay->definition = asl_definition_ref(under);
    replay->until = options ? options->until : 0;
    replay->seed = history->fact_count > 0 ? history->facts[0].fact.seed : 0;
    replay->flags = history->fact_count > 0 ? history->facts[0].fact.flags : 0;
    set_identity(replay, options);
    int status = set_tokens(replay, error);
    if (status != ASL_OK)
        return status;
    replay->frames = asl_frames_new(heap, replay->definition, &replay->identity);
    status = replay->frames ? ASL_OK : ASL_NOMEM;
    if (status == ASL_OK)
        status =
            history->fact_count > 0 ? replay_facts(replay) : asl_replay_exported(replay, error);
    if (status == ASL_OK)
        status = go_back(replay);
    if (status == ASL_OK)
        *ret_replay = asl_steal(replay);
    else if (error && !*error)
        (void)asl_error_set(error, status, "The replay stopped: %s.", asl_status_name(status));
    return status;
}

size_t asl_replay_equal(const asl_replay *replay)
{
    return replay->equal;
}

size_t asl_replay_taken(const asl_replay *replay)
{
    return replay->taken;
}

size_t asl_replay_different(const asl_replay *replay)
{
    return replay->different;
}

const asl_divergence *asl_replay_divergence(const asl_replay *replay)
{
    return replay->divergence.size != 0 ? &replay->divergence : NULL;
}

static int add_member(asl_value **object, const char *key, asl_value *value, int status)
{
    int result = asl_value_set(object, key, value);
    return status != ASL_OK ? status : result;
}

static asl_value *time_value(const asl_heap *heap, int64_t time_ms)
{
    char text[ASL_TIME_TEXT_SIZE];
    size_t size = asl_time_print(time_ms, text);
    return asl_value_string_sized(heap, text, size);
}

static int show_frame(const asl_replay *replay, const asl_frame_view *view, asl_value **ret_shown)
{
    const asl_heap *heap = replay->heap;
    asl_cleanup(asl_value_cleanup) asl_value *shown = asl_value_object(heap);
    asl_value *variables = NULL;
    int status = shown ? asl_frames_variables(replay->frames, view->frame, &variables) : ASL_NOMEM;
    if (status != ASL_OK)
        return status;
    status = add_member(&shown, "state", asl_value_ref(view->state->name), status);
    status = add_member(&shown, "type",
                        asl_value_string(heap, asl_state_type_name(view->state->type)), status);
    status = add_member(&shown, "waitsFor", asl_value_string(heap, view->waits_for), status);
    if (view->due_ms != 0)
        status = add_member(&shown, "due", time_value(heap, view->due_ms), status);
    status = add_member(&shown, "attempt", asl_value_integer(heap, view->attempt), status);
    status = add_member(&shown, "input", asl_value_ref(view->input), status);
    status = add_member(&shown, "variables", variables, status);
    if (status == ASL_OK)
        *ret_shown = asl_steal(shown);
    return status;
}

int asl_replay_state(const asl_replay *replay, asl_value **ret_state)
{
    const asl_heap *heap = replay->heap;
    const char *name = asl_execution_status_name(asl_frames_status(replay->frames));
    asl_cleanup(asl_value_cleanup) asl_value *state = asl_value_object(heap);
    asl_cleanup(asl_value_cleanup) asl_value *active = asl_value_array(heap);
    int status = state && active ? ASL_OK : ASL_NOMEM;
    if (status == ASL_OK)
        status = add_member(&state, "status", asl_value_string(heap, name), status);
    size_t capacity = asl_frames_capacity(replay->frames);
    asl_frame_view view;
    for (uint32_t i = 0; status == ASL_OK && i < capacity; i++) {
        if (!asl_frames_view(replay->frames, i, &view))
            continue;
        asl_value *shown = NULL;
        status = show_frame(replay, &view, &shown);
        if (status == ASL_OK)
            status = asl_value_append(&active, shown);
    }
    if (status == ASL_OK)
        status = asl_value_set(&state, "active", asl_steal(active));
    if (status == ASL_OK && asl_frames_output(replay->frames))
        status = asl_value_set(&state, "output", asl_value_ref(asl_frames_output(replay->frames)));
    if (status == ASL_OK)
        *ret_state = asl_steal(state);
    return status;
}
