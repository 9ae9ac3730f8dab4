/* The interpreter: a pure machine. It has no clock, randomness, I/O or threads; the same facts give
 * the same entries.
 *
 *     decide: frames + fact -> entries        (what happens because of a fact)
 *     evolve: frames + entry -> frames        (what an entry changes; nothing else changes frames)
 *
 * asl_frames_apply alternates both until every frame blocks. asl_frames_evolve alone rebuilds
 * frames from recorded entries; asl_frames_pending then says what has to be done again. */
#ifndef ASL_INTERPRETER_INTERPRETER_H
#define ASL_INTERPRETER_INTERPRETER_H

#include <asl/limits.h>
#include <asl/store.h>

#include "definition/program.h"
#include "history/event.h"

typedef struct asl_frames asl_frames;

#define ASL_TOKEN_SIZE 65u /* a task token with its NUL */

/* What stays the same for an execution. Texts are borrowed and must outlive the frames. */
typedef struct asl_execution_identity {
    const char *execution_arn, *execution_name;
    const char *machine_arn, *machine_name;
    const char *role_arn, *region;
    uint64_t payload_bytes;
    uint64_t history_events;
    int64_t timeout_s; /* AWS: of an EXPRESS execution, whatever its definition says; 0: none */
    /* Writes the token of the task that event `event` schedules. ASL_OK or ASL_NOMEM. NULL: the
     * context object shows none. */
    int (*token)(void *owner, uint64_t event, char out[ASL_TOKEN_SIZE]);
    void *token_owner;
    /* True ends the evaluation of a JSONata expression; asked every few thousand steps of it,
     * `is_first` for the first time. NULL: only the evaluation's own limits end it. */
    bool (*stop)(void *owner, bool is_first);
    void *stop_owner;
} asl_execution_identity;

/* New frames of an execution that has not started. The definition is shared. NULL when out of
 * memory. */
asl_frames *asl_frames_new(const asl_heap *heap, asl_definition *definition,
                           const asl_execution_identity *identity);
void asl_frames_free(asl_frames *frames);

/* What the world has to do; derived from entries, or after recovery from frames. Values are
 * borrowed from the frames until the next apply or evolve. */
typedef enum asl_effect_kind {
    ASL_EFFECT_START_TASK,  /* frame, event = *Scheduled; value = parameters; resource */
    ASL_EFFECT_CANCEL_TASK, /* frame, event: its result is not wanted any more */
    ASL_EFFECT_SET_TIMER,   /* frame, event, due_ms: send ASL_FACT_TIMER then. An old timer of the
                               frame is void. */
    ASL_EFFECT_SET_EXECUTION_TIMER, /* due_ms: send ASL_FACT_EXECUTION_TIMEOUT then */
    ASL_EFFECT_FINISHED             /* the execution has ended */
} asl_effect_kind;
typedef struct asl_effect {
    asl_effect_kind kind;
    uint32_t frame;
    uint64_t event;
    int64_t due_ms;
    int64_t heartbeat_s; /* START_TASK: 0: none */
    uint32_t attempt;    /* START_TASK: 0 for the first try */
    bool is_submitted;   /* START_TASK: its first answer, or that it was fetched, is recorded */
    const asl_state *state;
    const asl_value *value;
} asl_effect;
typedef struct asl_effect_list {
    const asl_heap *heap;
    asl_effect *items;
    size_t count, capacity;
} asl_effect_list;
void asl_effect_list_init(asl_effect_list *list, const asl_heap *heap);
void asl_effect_list_done(asl_effect_list *list);

/* Applies a fact: appends the entries it causes to `entries` and what follows to `effects`. A stale
 * fact (see asl_fact.event) appends nothing. ASL_OK, or ASL_NOMEM: then frames are as before the
 * call or `broken` (see asl_frames_is_broken), to be rebuilt from the recorded entries. */
int asl_frames_apply(asl_frames *frames, const asl_fact *fact, asl_event_list *entries,
                     asl_effect_list *effects);

/* Applies a recorded entry. ASL_OK, ASL_NOMEM, ASL_STORE_CORRUPT (it cannot follow on what was
 * before). */
int asl_frames_evolve(asl_frames *frames, const asl_event *entry);
/* Tells frames the seed, which the START fact carries, before its entries are evolved. */
void asl_frames_set_seed(asl_frames *frames, uint64_t seed);
/* The same for its flags. */
void asl_frames_set_flags(asl_frames *frames, uint32_t flags);

/* Appends what is in flight: tasks to dispatch, timers to set. */
int asl_frames_pending(const asl_frames *frames, asl_effect_list *effects);

bool asl_frames_is_broken(const asl_frames *frames);

/* Outcome and counters. Borrowed. */
asl_execution_status asl_frames_status(const asl_frames *frames);
const asl_value *asl_frames_output(const asl_frames *frames); /* SUCCEEDED, else NULL */
const asl_value *asl_frames_error(const asl_frames *frames);  /* FAILED, ABORTED; NULL: none */
const asl_value *asl_frames_cause(const asl_frames *frames);
int64_t asl_frames_start_ms(const asl_frames *frames);
int64_t asl_frames_last_ms(const asl_frames *frames); /* time of the last event */
uint64_t asl_frames_event_count(const asl_frames *frames);
uint32_t asl_frames_flags(const asl_frames *frames); /* of its start */
const asl_value *asl_frames_input(const asl_frames *frames);

/* For people and for replay: what each frame that is in a state does. */
typedef struct asl_frame_view {
    uint32_t frame, depth, attempt;
    const asl_state *state;
    const char *waits_for; /* "task", "timer", "retry", "children", "" */
    int64_t entered_ms, due_ms;
    const asl_value *input;
    uint64_t waiting_event;
    uint64_t before_event; /* what the event points to that entered the state */
} asl_frame_view;
size_t asl_frames_capacity(const asl_frames *frames); /* frame numbers are below this */
/* False where no such frame is in a state. */
bool asl_frames_view(const asl_frames *frames, uint32_t frame, asl_frame_view *ret_view);
/* The event that a frame's next event points to; 0: none. */
uint64_t asl_frames_chain(const asl_frames *frames, uint32_t frame);
/* Variables that a frame sees: name -> value; a new object. */
int asl_frames_variables(const asl_frames *frames, uint32_t frame, asl_value **ret_variables);

/* Replay decides what cannot be computed by hand-fed answers: where set, asked before the default.
 */
typedef struct asl_oracle {
    void *owner;
    /* Which of the frames that could go on goes first; `candidates` in the default order. Returns
     * an index. */
    size_t (*choose)(void *owner, const uint32_t *candidates, size_t count);
    /* Called with each entry before it is applied: may change what only the recorder could know.
     * `is_free` is true where the entry depends on a random draw or on the context object (times,
     * names, tokens). */
    void (*amend)(void *owner, asl_event *entry, bool is_free);
} asl_oracle;
void asl_frames_set_oracle(asl_frames *frames, const asl_oracle *oracle);

#endif
