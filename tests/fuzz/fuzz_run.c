/* Whole executions, fed by hand: bytes make a definition, an input and what happens to the tasks
 * and timers. After every fact its record is written and read back, frames are evolved from what
 * was read alone, and wait for the same as the living ones; now and then these die and recovered
 * ones go on, or an allocation fails and the fact is applied again. Nothing may be left to do
 * without an effect that says so, and in the end the same facts must give the same entries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_heap.h"
#include "fuzz_run.h"
#include "history/json.h"
#include "history/record.h"
#include "interpreter/interpreter.h"
#include "run_definition.h"

#define SIZE_LIMIT 2048u
#define FACTS_MAX 200u
#define START_MS INT64_C(1700000000000)
#define SEED 7u

uint64_t fuzz_run_replayed, fuzz_run_events;
bool fuzz_run_is_broken;

typedef struct run {
    fault_heap heap;
    tape bytes;
    asl_definition *definition;
    asl_execution_identity identity;
    asl_frames *living, *shadow; /* what decides, and what is evolved from records alone */
    asl_event_list entries;      /* as the living frames gave them */
    asl_event_list recorded;     /* the same, as they were read back */
    asl_fact facts[FACTS_MAX];   /* as they were read back */
    size_t fact_count;
    asl_effect_list effects; /* of the last fact */
    asl_effect_list before;  /* what was pending before it; values are not to be looked at */
    int64_t now_ms;
} run;

static void require_at(bool holds, int line, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fuzz_run.c:%d: %s\n", line, what);
        abort();
    }
}
#define REQUIRE(holds) require_at(holds, __LINE__, #holds)

static int write_token(void *owner, uint64_t event, char out[ASL_TOKEN_SIZE])
{
    (void)owner;
    snprintf(out, ASL_TOKEN_SIZE, "token-%llu", (unsigned long long)event);
    return ASL_OK;
}

static asl_value *parse(run *self, const char *text)
{
    asl_value *value = NULL;
    REQUIRE(asl_value_parse(&self->heap.hook, text, strlen(text), ASL_PARSE_KEEP_TEXT, &value,
                            NULL) == ASL_OK);
    return value;
}

/* Equal to the letter. */
static bool is_same_value(run *self, const asl_value *left, const asl_value *right)
{
    if (left == right)
        return true;
    if (left == NULL || right == NULL)
        return false;
    asl_buffer texts[2];
    for (int i = 0; i < 2; i++) {
        asl_buffer_init(&texts[i], &self->heap.hook);
        asl_value_print_to(i == 0 ? left : right, &texts[i]);
        REQUIRE(texts[i].status == ASL_OK);
    }
    bool is_same = texts[0].size == texts[1].size &&
                   memcmp(texts[0].bytes, texts[1].bytes, texts[0].size) == 0;
    asl_buffer_done(&texts[0]);
    asl_buffer_done(&texts[1]);
    return is_same;
}

static void check_same_entry(run *self, const asl_event *a, const asl_event *b)
{
    REQUIRE(a->type == b->type && a->frame == b->frame && a->id == b->id);
    REQUIRE(a->previous_id == b->previous_id && a->time_ms == b->time_ms);
    REQUIRE(a->state == b->state && a->index == b->index && a->count == b->count);
    REQUIRE(a->concurrency == b->concurrency && a->due_ms == b->due_ms);
    REQUIRE(a->timeout_s == b->timeout_s && a->heartbeat_s == b->heartbeat_s);
    REQUIRE(is_same_value(self, a->name, b->name));
    REQUIRE(is_same_value(self, a->value, b->value));
    REQUIRE(is_same_value(self, a->extra, b->extra));
    REQUIRE(is_same_value(self, a->error, b->error));
    REQUIRE(is_same_value(self, a->cause, b->cause));
    REQUIRE(is_same_value(self, a->variables, b->variables));
}

static void check_same_fact(run *self, const asl_fact *a, const asl_fact *b)
{
    REQUIRE(a->kind == b->kind && a->frame == b->frame && a->event == b->event);
    REQUIRE(a->time_ms == b->time_ms && a->seed == b->seed);
    REQUIRE(is_same_value(self, a->value, b->value) && is_same_value(self, a->name, b->name));
    REQUIRE(is_same_value(self, a->error, b->error) && is_same_value(self, a->cause, b->cause));
}

/* A task stays the same task when a worker's fetch gives it a deadline. */
static bool is_same_effect(const asl_effect *a, const asl_effect *b)
{
    return a->kind == b->kind && a->frame == b->frame && a->event == b->event &&
           (a->kind == ASL_EFFECT_START_TASK || a->due_ms == b->due_ms);
}

static bool contains(const asl_effect_list *list, const asl_effect *effect)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_same_effect(&list->items[i], effect))
            return true;
    return false;
}

static bool cancels(const asl_effect_list *list, uint64_t event)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == ASL_EFFECT_CANCEL_TASK && list->items[i].event == event)
            return true;
    return false;
}

static void get_pending(run *self, const asl_frames *frames, asl_effect_list *list)
{
    asl_effect_list_init(list, &self->heap.hook);
    REQUIRE(asl_frames_pending(frames, list) == ASL_OK);
}

/* The frames that were evolved from records know the same as those that decided. */
static void check_shadow(run *self)
{
    asl_effect_list living, shadow;
    get_pending(self, self->living, &living);
    get_pending(self, self->shadow, &shadow);
    REQUIRE(living.count == shadow.count);
    for (size_t i = 0; i < living.count; i++) {
        const asl_effect *a = &living.items[i], *b = &shadow.items[i];
        REQUIRE(is_same_effect(a, b) && a->attempt == b->attempt && a->state == b->state);
        REQUIRE(a->due_ms == b->due_ms);
        REQUIRE(a->heartbeat_s == b->heartbeat_s && a->is_submitted == b->is_submitted);
        REQUIRE(is_same_value(self, a->value, b->value));
    }
    REQUIRE(asl_frames_status(self->living) == asl_frames_status(self->shadow));
    REQUIRE(asl_frames_event_count(self->living) == asl_frames_event_count(self->shadow));
    REQUIRE(asl_frames_last_ms(self->living) == asl_frames_last_ms(self->shadow));
    REQUIRE(is_same_value(self, asl_frames_output(self->living), asl_frames_output(self->shadow)));
    REQUIRE(is_same_value(self, asl_frames_error(self->living), asl_frames_error(self->shadow)));
    REQUIRE(is_same_value(self, asl_frames_cause(self->living), asl_frames_cause(self->shadow)));
    asl_effect_list_done(&living);
    asl_effect_list_done(&shadow);
}

/* What is pending was so before, or an effect has just said so; a task that is not any more was the
 * one the fact is about, or is cancelled. An execution that runs has something to wait for. */
static void check_effects(run *self, const asl_fact *fact)
{
    asl_effect_list pending;
    get_pending(self, self->living, &pending);
    bool is_running = asl_frames_status(self->living) == ASL_EXECUTION_RUNNING;
    size_t finished_count = 0;
    for (size_t i = 0; i < self->effects.count; i++) {
        const asl_effect *effect = &self->effects.items[i];
        finished_count += effect->kind == ASL_EFFECT_FINISHED;
        REQUIRE(effect->kind == ASL_EFFECT_FINISHED || effect->kind == ASL_EFFECT_CANCEL_TASK ||
                contains(&pending, effect));
    }
    REQUIRE(finished_count == (is_running ? 0 : 1));
    size_t waiting_count = 0;
    for (size_t i = 0; i < pending.count; i++) {
        waiting_count += pending.items[i].kind != ASL_EFFECT_SET_EXECUTION_TIMER;
        REQUIRE(contains(&self->effects, &pending.items[i]) ||
                contains(&self->before, &pending.items[i]));
    }
    REQUIRE(!is_running || waiting_count > 0);
    for (size_t i = 0; i < self->before.count; i++) {
        const asl_effect *task = &self->before.items[i];
        if (task->kind == ASL_EFFECT_START_TASK && task->event != fact->event)
            REQUIRE(contains(&pending, task) || cancels(&self->effects, task->event));
    }
    asl_effect_list_done(&pending);
}

/* Events are numbered without a gap, point backwards, never go back in time, and all have a view.
 */
static void check_entries(run *self, size_t first)
{
    uint64_t id = 0;
    int64_t time_ms = 0;
    for (size_t i = first; i > 0 && id == 0; i--) {
        id = self->entries.items[i - 1].id;
        time_ms = self->entries.items[i - 1].time_ms;
    }
    for (size_t i = first; i < self->entries.count; i++) {
        const asl_event *entry = &self->entries.items[i];
        REQUIRE(entry->time_ms >= time_ms);
        time_ms = entry->time_ms;
        if (entry->id == 0)
            continue;
        REQUIRE(entry->id == ++id && entry->previous_id < entry->id);
        asl_value *json = NULL;
        REQUIRE(asl_event_to_value(entry, &self->heap.hook, "us-east-1", &json) == ASL_OK);
        asl_value_unref(json);
    }
    REQUIRE(asl_frames_event_count(self->living) == id);
    REQUIRE(id <= self->identity.history_events);
}

/* Writes the record of the fact and its entries, reads it back, and evolves the shadow with that.
 */
static void record(run *self, const asl_fact *fact, size_t first)
{
    asl_buffer bytes;
    asl_buffer_init(&bytes, &self->heap.hook);
    size_t count = self->entries.count - first;
    asl_record_encode(&bytes, fact, self->entries.items + first, count);
    REQUIRE(bytes.status == ASL_OK);
    size_t known = self->recorded.count;
    asl_fact *again = &self->facts[self->fact_count++];
    REQUIRE(asl_record_decode(&self->heap.hook, bytes.bytes, bytes.size, again, &self->recorded) ==
            ASL_OK);
    asl_buffer_done(&bytes);
    check_same_fact(self, fact, again);
    REQUIRE(self->recorded.count - known == count);
    for (size_t i = 0; i < count; i++) {
        check_same_entry(self, &self->entries.items[first + i], &self->recorded.items[known + i]);
        REQUIRE(asl_frames_evolve(self->shadow, &self->recorded.items[known + i]) == ASL_OK);
    }
}

static asl_frames *make_frames(run *self)
{
    asl_frames *frames = asl_frames_new(&self->heap.hook, self->definition, &self->identity);
    REQUIRE(frames != NULL);
    return frames;
}

/* What a process that died comes back with. */
static asl_frames *recover(run *self)
{
    asl_frames *frames = make_frames(self);
    asl_frames_set_seed(frames, SEED);
    for (size_t i = 0; i < self->recorded.count; i++)
        REQUIRE(asl_frames_evolve(frames, &self->recorded.items[i]) == ASL_OK);
    return frames;
}

/* Frames that ran out of memory are as before, or broken and to be rebuilt. */
static void apply_with_failure(run *self, const asl_fact *fact, size_t fail_at)
{
    fault_heap_fail_at(&self->heap, fail_at, false);
    int status = asl_frames_apply(self->living, fact, &self->entries, &self->effects);
    fault_heap_fail_at(&self->heap, 0, false);
    REQUIRE(status == ASL_OK || status == ASL_NOMEM);
    if (status == ASL_OK)
        return;
    bool is_broken = asl_frames_is_broken(self->living);
    REQUIRE(is_broken || self->entries.count == self->recorded.count);
    while (self->entries.count > self->recorded.count)
        asl_event_done(&self->entries.items[--self->entries.count]);
    asl_effect_list_done(&self->effects);
    if (is_broken) {
        asl_frames_free(self->living);
        self->living = recover(self);
    }
    REQUIRE(asl_frames_apply(self->living, fact, &self->entries, &self->effects) == ASL_OK);
}

/* Applies a fact and takes over its values. True where it had entries. */
static bool apply(run *self, asl_fact *fact)
{
    size_t first = self->entries.count;
    fact->time_ms = self->now_ms;
    asl_effect_list_done(&self->effects);
    asl_effect_list_done(&self->before);
    get_pending(self, self->living, &self->before);
    unsigned luck = tape_back(&self->bytes);
    apply_with_failure(self, fact, luck > 192 ? 1 + (luck - 192) * 2 : 0);
    bool has_entries = self->entries.count > first;
    if (has_entries) {
        check_entries(self, first);
        record(self, fact, first);
        check_effects(self, fact);
        check_shadow(self);
    }
    asl_fact_done(fact);
    return has_entries;
}

static void apply_ignored(run *self, asl_fact *fact)
{
    REQUIRE(!apply(self, fact));
}

static void apply_heeded(run *self, asl_fact *fact)
{
    REQUIRE(apply(self, fact));
}

static asl_value *make_text(run *self, const char *text)
{
    asl_value *value = text ? asl_value_string(&self->heap.hook, text) : NULL;
    REQUIRE(!text || value);
    return value;
}

static void fail_task(run *self, asl_fact *fact)
{
    fact->kind = ASL_FACT_TASK_FAILED;
    fact->error = make_text(self, run_error_name(tape_back(&self->bytes)));
    fact->cause = make_text(self, tape_back(&self->bytes) > 128 ? "because" : NULL);
    apply_heeded(self, fact);
}

static void succeed_task(run *self, asl_fact *fact)
{
    fact->kind = ASL_FACT_TASK_SUCCEEDED;
    fact->value = parse(self, run_value_text(tape_back(&self->bytes)));
    apply_heeded(self, fact);
}

/* Something happens to a task that is open; what cannot happen to it becomes a success. */
static void happen_to_task(run *self, const asl_effect *task, unsigned what)
{
    asl_fact fact = {.frame = task->frame, .event = task->event};
    asl_resource_kind kind = task->state->as.task.kind;
    bool is_plain = task->state->as.task.pattern == ASL_PATTERN_REQUEST_RESPONSE;
    if (kind == ASL_RESOURCE_ACTIVITY && !task->is_submitted) {
        fact.kind = ASL_FACT_TASK_STARTED;
        fact.value = make_text(self, what > 128 ? "worker" : NULL);
        apply_heeded(self, &fact);
    } else if (what % 8 < 3) {
        fail_task(self, &fact);
    } else if (what % 8 == 3 && task->heartbeat_s > 0) {
        fact.kind = ASL_FACT_TASK_HEARTBEAT_MISSED;
        apply_heeded(self, &fact);
    } else if (what % 8 == 4 && kind == ASL_RESOURCE_SERVICE && !is_plain && !task->is_submitted) {
        fact.kind = ASL_FACT_TASK_SUBMITTED;
        fact.value = parse(self, run_value_text(tape_back(&self->bytes)));
        apply_heeded(self, &fact);
    } else {
        succeed_task(self, &fact);
    }
}

/* Frames never go back in time, though clocks do. */
static int64_t time_of_frames(const run *self)
{
    int64_t last_ms =
        self->entries.count > 0 ? self->entries.items[self->entries.count - 1].time_ms : START_MS;
    return self->now_ms > last_ms ? self->now_ms : last_ms;
}

/* A fact that comes too late, or too early. */
static void happen_too_late(run *self, const asl_effect *effect)
{
    asl_fact fact = {.kind = ASL_FACT_TASK_SUCCEEDED,
                     .frame = effect->frame,
                     .event = effect->event - 1,
                     .value = parse(self, run_value_text(0))};
    apply_ignored(self, &fact);
    fact = (asl_fact){.kind = ASL_FACT_TIMER, .frame = effect->frame, .event = effect->event};
    if (effect->kind == ASL_EFFECT_SET_TIMER && effect->due_ms > time_of_frames(self))
        apply_ignored(self, &fact);
}

static void fire(run *self, const asl_effect *timer)
{
    bool is_execution = timer->kind == ASL_EFFECT_SET_EXECUTION_TIMER;
    asl_fact fact = {.kind = is_execution ? ASL_FACT_EXECUTION_TIMEOUT : ASL_FACT_TIMER,
                     .frame = timer->frame,
                     .event = timer->event};
    if (timer->due_ms > self->now_ms)
        self->now_ms = timer->due_ms;
    apply_heeded(self, &fact);
}

static void stop(run *self)
{
    asl_fact fact = {.kind = ASL_FACT_STOP};
    fact.error = make_text(self, run_error_name(tape_back(&self->bytes)));
    apply_heeded(self, &fact);
}

/* The process dies; another one goes on. */
static void crash(run *self)
{
    asl_frames_free(self->living);
    asl_frames_free(self->shadow);
    self->living = recover(self);
    self->shadow = recover(self);
    check_shadow(self);
}

/* One thing happens to one of those that are pending. */
static void happen(run *self)
{
    unsigned what = tape_back(&self->bytes), whom = tape_back(&self->bytes);
    asl_effect_list pending;
    get_pending(self, self->living, &pending);
    REQUIRE(pending.count > 0);
    asl_effect effect = pending.items[whom % pending.count];
    asl_effect_list_done(&pending);
    if (what % 16 == 15 && whom > 192)
        stop(self);
    else if (what % 16 == 14)
        crash(self);
    else if (what % 16 == 13)
        happen_too_late(self, &effect);
    else if (effect.kind == ASL_EFFECT_START_TASK)
        happen_to_task(self, &effect, what / 16 + what % 16 * 16);
    else
        fire(self, &effect);
    if (what > 240)
        self->now_ms += whom;
    if (what < 4)
        self->now_ms -= whom; /* clocks step back */
}

static void start(run *self)
{
    asl_fact fact = {.kind = ASL_FACT_START,
                     .value = parse(self, run_value_text(tape_back(&self->bytes))),
                     .seed = SEED};
    self->now_ms = START_MS;
    asl_frames_set_seed(self->shadow, SEED);
    apply_heeded(self, &fact);
}

/* All facts once more, to frames that know nothing. */
static void replay(run *self)
{
    asl_event_list entries;
    asl_event_list_init(&entries, &self->heap.hook);
    asl_frames *frames = make_frames(self);
    self->facts[self->fact_count - 1].time_ms += fuzz_run_is_broken;
    for (size_t i = 0; i < self->fact_count; i++) {
        asl_effect_list effects;
        asl_effect_list_init(&effects, &self->heap.hook);
        REQUIRE(asl_frames_apply(frames, &self->facts[i], &entries, &effects) == ASL_OK);
        asl_effect_list_done(&effects);
    }
    REQUIRE(entries.count == self->recorded.count);
    for (size_t i = 0; i < entries.count; i++)
        check_same_entry(self, &entries.items[i], &self->recorded.items[i]);
    fuzz_run_replayed++;
    fuzz_run_events += entries.count;
    asl_frames_free(frames);
    asl_event_list_done(&entries);
}

static void execute(run *self)
{
    self->living = make_frames(self);
    self->shadow = make_frames(self);
    asl_event_list_init(&self->entries, &self->heap.hook);
    asl_event_list_init(&self->recorded, &self->heap.hook);
    asl_effect_list_init(&self->effects, &self->heap.hook);
    asl_effect_list_init(&self->before, &self->heap.hook);
    start(self);
    /* One thing is at most two facts, and the last one stops what still runs. */
    for (unsigned i = 0; asl_frames_status(self->living) == ASL_EXECUTION_RUNNING; i++)
        if (self->fact_count + 2 < FACTS_MAX && i < 2 * FACTS_MAX)
            happen(self);
        else
            stop(self);
    replay(self);
    asl_frames_free(self->living);
    asl_frames_free(self->shadow);
    asl_event_list_done(&self->entries);
    asl_event_list_done(&self->recorded);
    asl_effect_list_done(&self->effects);
    asl_effect_list_done(&self->before);
    for (size_t i = 0; i < self->fact_count; i++)
        asl_fact_done(&self->facts[i]);
}

static void set_identity(run *self)
{
    static const uint64_t payload_sizes[] = {262144, 262144, 600, 100};
    static const uint64_t event_counts[] = {400, 200, 1000, 20, 400, 100, 400, 3000};
    unsigned choice = tape_back(&self->bytes);
    self->identity = (asl_execution_identity){
        .execution_arn = "arn:aws:states:us-east-1:123456789012:execution:m:e",
        .execution_name = "e",
        .machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        .machine_name = "m",
        .role_arn = "arn:aws:iam::123456789012:role/r",
        .region = "us-east-1",
        .payload_bytes = payload_sizes[choice % 4],
        .history_events = event_counts[choice / 4 % 8],
        .token = write_token,
    };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static run self; /* too large for the stack */
    if (size == 0 || size > SIZE_LIMIT)
        return 0;
    self = (run){.bytes = {.first = data, .last = data + size}};
    fault_heap_init(&self.heap);
    set_identity(&self);
    asl_buffer text;
    asl_buffer_init(&text, &self.heap.hook);
    run_definition_make(&self.bytes, &text);
    if (getenv("FUZZ_RUN_SHOW"))
        fprintf(stderr, "%s\n", asl_buffer_string(&text));
    asl_definition_options options = {.size = sizeof options, .heap = &self.heap.hook};
    int status = asl_definition_load(text.bytes, text.size, &options, &self.definition, NULL, NULL);
    REQUIRE(status == ASL_OK || status == ASL_INVALID);
    if (status == ASL_OK)
        execute(&self);
    asl_definition_unref(self.definition);
    asl_buffer_done(&text);
    REQUIRE(fault_heap_is_empty(&self.heap));
    return 0;
}
