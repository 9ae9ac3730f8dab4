/* Feeding an execution by hand, and reading what comes out. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/heap.h"

static char *with_double_quotes(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    return copy;
}

static asl_value *parse(const char *text)
{
    char *json = with_double_quotes(text);
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, json, strlen(json), ASL_PARSE_KEEP_TEXT, &value, NULL),
                     ASL_OK);
    free(json);
    return value;
}

static asl_definition *load(const char *text)
{
    char *json = with_double_quotes(text);
    asl_definition *definition = NULL;
    asl_diagnostics *diagnostics = NULL;
    int status = asl_definition_load(json, strlen(json), NULL, &definition, &diagnostics, NULL);
    for (size_t i = 0; status != ASL_OK && i < asl_diagnostics_count(diagnostics); i++)
        fprintf(stderr, "%s at %s\n", asl_diagnostics_at(diagnostics, i)->message,
                asl_diagnostics_at(diagnostics, i)->pointer);
    ck_assert_int_eq(status, ASL_OK);
    asl_diagnostics_free(diagnostics);
    free(json);
    return definition;
}

/* Frames rebuilt from entries wait for the same as the living ones. */
static void check_rebuilt(machine *self)
{
    asl_frames *rebuilt = asl_frames_new(NULL, self->definition, &self->identity);
    asl_frames_set_seed(rebuilt, 7);
    for (size_t i = 0; i < self->entries.count; i++)
        ck_assert_int_eq(asl_frames_evolve(rebuilt, &self->entries.items[i]), ASL_OK);
    asl_effect_list living, again;
    asl_effect_list_init(&living, NULL);
    asl_effect_list_init(&again, NULL);
    ck_assert_int_eq(asl_frames_pending(self->frames, &living), ASL_OK);
    ck_assert_int_eq(asl_frames_pending(rebuilt, &again), ASL_OK);
    ck_assert_uint_eq(living.count, again.count);
    for (size_t i = 0; i < living.count; i++) {
        const asl_effect *a = &living.items[i], *b = &again.items[i];
        ck_assert(a->kind == b->kind && a->frame == b->frame && a->event == b->event &&
                  a->due_ms == b->due_ms && a->attempt == b->attempt &&
                  a->heartbeat_s == b->heartbeat_s && a->state == b->state);
        ck_assert(a->value == b->value || asl_value_equal(a->value, b->value));
    }
    ck_assert_int_eq(asl_frames_status(self->frames), asl_frames_status(rebuilt));
    ck_assert_uint_eq(asl_frames_event_count(self->frames), asl_frames_event_count(rebuilt));
    ck_assert_int_eq(asl_frames_last_ms(self->frames), asl_frames_last_ms(rebuilt));
    asl_effect_list_done(&living);
    asl_effect_list_done(&again);
    asl_frames_free(rebuilt);
}

void machine_apply(machine *self, asl_fact *fact)
{
    fact->time_ms = self->now_ms;
    asl_effect_list_done(&self->effects);
    self->fact_first = self->entries.count;
    ck_assert_int_eq(asl_frames_apply(self->frames, fact, &self->entries, &self->effects), ASL_OK);
    asl_fact_done(fact);
    check_rebuilt(self);
}

void machine_start_limited(machine *self, const char *definition, const char *input,
                           uint64_t payload_bytes, uint64_t history_events)
{
    *self = (machine){.now_ms = MACHINE_START_MS};
    self->identity = (asl_execution_identity){
        .execution_arn = "arn:aws:states:us-east-1:123456789012:execution:m:e",
        .execution_name = "e",
        .machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        .machine_name = "m",
        .role_arn = "arn:aws:iam::123456789012:role/r",
        .region = "us-east-1",
        .payload_bytes = payload_bytes,
        .history_events = history_events,
    };
    self->definition = load(definition);
    self->frames = asl_frames_new(NULL, self->definition, &self->identity);
    asl_event_list_init(&self->entries, NULL);
    asl_effect_list_init(&self->effects, NULL);
    asl_buffer_init(&self->text, NULL);
    asl_fact fact = {.kind = ASL_FACT_START, .value = parse(input), .seed = 7};
    machine_apply(self, &fact);
}

void machine_start(machine *self, const char *definition, const char *input)
{
    machine_start_limited(self, definition, input, 262144, 25000);
}

void machine_done(machine *self)
{
    asl_frames_free(self->frames);
    asl_event_list_done(&self->entries);
    asl_effect_list_done(&self->effects);
    asl_buffer_done(&self->text);
    asl_definition_unref(self->definition);
}

/* The first frame whose state has this name and waits for a task. */
static asl_frame_view waiting_task(const machine *self, const char *state)
{
    asl_frame_view view;
    for (uint32_t i = 0; i < asl_frames_capacity(self->frames); i++)
        if (asl_frames_view(self->frames, i, &view) && strcmp(view.waits_for, "task") == 0 &&
            strcmp(asl_value_get_string(view.state->name, NULL), state) == 0)
            return view;
    ck_abort_msg("no task waits in %s", state);
    return view;
}

void machine_succeed(machine *self, const char *state, const char *output)
{
    asl_frame_view view = waiting_task(self, state);
    asl_fact fact = {.kind = ASL_FACT_TASK_SUCCEEDED,
                     .frame = view.frame,
                     .event = view.waiting_event,
                     .value = parse(output)};
    machine_apply(self, &fact);
}

static asl_value *text_or_null(const char *text)
{
    return text ? asl_value_string(NULL, text) : NULL;
}

void machine_fail(machine *self, const char *state, const char *error, const char *cause)
{
    asl_frame_view view = waiting_task(self, state);
    asl_fact fact = {.kind = ASL_FACT_TASK_FAILED,
                     .frame = view.frame,
                     .event = view.waiting_event,
                     .error = text_or_null(error),
                     .cause = text_or_null(cause)};
    machine_apply(self, &fact);
}

void machine_miss_heartbeat(machine *self, const char *state)
{
    asl_frame_view view = waiting_task(self, state);
    asl_fact fact = {
        .kind = ASL_FACT_TASK_HEARTBEAT_MISSED, .frame = view.frame, .event = view.waiting_event};
    machine_apply(self, &fact);
}

void machine_stop(machine *self, const char *error, const char *cause)
{
    asl_fact fact = {
        .kind = ASL_FACT_STOP, .error = text_or_null(error), .cause = text_or_null(cause)};
    machine_apply(self, &fact);
}

/* The frame whose deadline comes first, not after `until_ms`. */
static bool next_due(const machine *self, int64_t until_ms, asl_frame_view *ret_view)
{
    bool found = false;
    asl_frame_view view;
    for (uint32_t i = 0; i < asl_frames_capacity(self->frames); i++)
        if (asl_frames_view(self->frames, i, &view) && view.due_ms != 0 &&
            view.due_ms <= until_ms && (!found || view.due_ms < ret_view->due_ms)) {
            *ret_view = view;
            found = true;
        }
    return found;
}

void machine_pass_time(machine *self, int64_t milliseconds)
{
    int64_t until_ms = self->now_ms + milliseconds;
    asl_frame_view view;
    while (next_due(self, until_ms, &view)) {
        self->now_ms = view.due_ms;
        asl_fact fact = {.kind = ASL_FACT_TIMER, .frame = view.frame, .event = view.waiting_event};
        machine_apply(self, &fact);
    }
    self->now_ms = until_ms;
}

static const char *trace_from(machine *self, size_t first)
{
    asl_buffer_clear(&self->text);
    for (size_t i = first; i < self->entries.count; i++) {
        const asl_event *entry = &self->entries.items[i];
        if (entry->id == 0)
            continue;
        asl_buffer_format(&self->text, "%llu<%llu %s", (unsigned long long)entry->id,
                          (unsigned long long)entry->previous_id, asl_event_type_name(entry->type));
        bool is_of_state = strstr(asl_event_type_name(entry->type), "State") != NULL ||
                           entry->type == ASL_EVENT_EVALUATION_FAILED;
        if (entry->name && is_of_state)
            asl_buffer_format(&self->text, " %s", asl_value_get_string(entry->name, NULL));
        if (strncmp(asl_event_type_name(entry->type), "MapIteration", 12) == 0)
            asl_buffer_format(&self->text, " %u", entry->index);
        asl_buffer_text(&self->text, "\n");
    }
    return asl_buffer_string(&self->text);
}

const char *machine_trace(machine *self)
{
    return trace_from(self, 0);
}

const char *machine_last(machine *self)
{
    return trace_from(self, self->fact_first);
}

const char *machine_text(machine *self, const asl_value *value)
{
    asl_buffer_clear(&self->text);
    if (value)
        asl_value_print_to(value, &self->text);
    return asl_buffer_string(&self->text);
}

const char *machine_output(machine *self)
{
    return machine_text(self, asl_frames_output(self->frames));
}

const char *machine_error(machine *self)
{
    const asl_value *error = asl_frames_error(self->frames);
    return error ? asl_value_get_string(error, NULL) : "";
}

const char *machine_cause(machine *self)
{
    const asl_value *cause = asl_frames_cause(self->frames);
    return cause ? asl_value_get_string(cause, NULL) : "";
}

size_t machine_effects(const machine *self, asl_effect_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < self->effects.count; i++)
        count += self->effects.items[i].kind == kind;
    return count;
}

const asl_event *machine_find(const machine *self, asl_event_type type)
{
    for (size_t i = self->entries.count; i > 0; i--)
        if (self->entries.items[i - 1].type == type)
            return &self->entries.items[i - 1];
    return NULL;
}
