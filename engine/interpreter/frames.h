/* Frames: an execution as data. One frame for the machine, and one for each branch and iteration
 * that is alive. Only evolve.c changes frames; everything else in this room reads them.
 *
 *            entered                scheduled               succeeded
 *   ENTER ------------> WORK ---+---------------> TASK ------------------> RESULT ---+
 *     ^                  |      |  deadline known                                    |
 *     |                  |      +---------------> WAIT                               | exited
 *     |                  |      |  started                    succeeded              |
 *     |                  |      +---------------> CHILDREN ---------------> RESULT   |
 *     |   next state     | exited                                                    |
 *     +------------------+<----------------------------------------------------------+
 *     (no next state: DONE)
 *
 *   WORK, TASK, CHILDREN, RESULT -- failed --> FAILED -- retry decided --> RETRY -- scheduled,
 * started --> FAILED -- caught: exited --> ENTER
 *
 * A frame that is ENTER, WORK, RESULT, DONE, or CHILDREN with room for more, can go on by itself;
 * all others wait for a fact. Between two facts no frame can go on by itself. */
#ifndef ASL_INTERPRETER_FRAMES_H
#define ASL_INTERPRETER_FRAMES_H

#include "interpreter/interpreter.h"

typedef enum asl_phase {
    ASL_PHASE_ENTER,    /* is about to enter `state` with `input` */
    ASL_PHASE_WORK,     /* has entered; what it does is to be decided */
    ASL_PHASE_TASK,     /* waits for a task's result; `work` = its parameters */
    ASL_PHASE_WAIT,     /* Wait: until due_ms */
    ASL_PHASE_CHILDREN, /* waits for branches or iterations */
    ASL_PHASE_RESULT,   /* `work` = the raw result; is to leave the state */
    ASL_PHASE_FAILED,   /* an error is being handled */
    ASL_PHASE_RETRY,    /* waits for the next try, until due_ms */
    ASL_PHASE_DONE      /* its scope has ended; `work` = the output */
} asl_phase;

/* What a Parallel or Map state has in addition, while its children live. */
typedef struct asl_container {
    asl_value *input;     /* what the branches get; what `$` is in an ItemSelector */
    asl_value *items;     /* Map */
    asl_value **results;  /* by index; NULL: not there yet */
    uint32_t child_count; /* branches or items */
    uint32_t started_count;
    uint32_t done_count;
    uint32_t concurrency; /* children at once */
    uint64_t chain_event; /* what the next iteration's first event points to */
    uint32_t first_child; /* frame; the children are a list in order of their start */
    uint32_t last_child;
} asl_container;

typedef struct asl_frame {
    asl_phase phase;
    uint32_t number; /* its slot */
    uint32_t parent; /* frame; ASL_NONE for the machine's */
    uint32_t next_sibling, previous_sibling;
    uint32_t scope;     /* which `States` map */
    uint32_t index;     /* which branch or iteration */
    uint32_t state;     /* current one, or the one to enter */
    uint32_t attempt;   /* retries of this visit, all retriers together */
    uint32_t *attempts; /* by retrier; NULL: none yet */
    uint32_t attempts_count;
    bool is_ready, is_touched;            /* stands in asl_frames.ready, in .touched */
    bool is_submitted;                    /* the task has been submitted, or fetched by a worker */
    uint64_t last_event;                  /* what the frame's next event points to */
    uint64_t entered_event, before_event; /* of the state, and what that one points to */
    uint64_t waiting_event;               /* the guard of facts for this frame */
    int64_t entered_ms;
    int64_t due_ms; /* 0: no deadline */
    int64_t heartbeat_s, timeout_s;
    asl_value *input;
    asl_value *work;
    asl_value *variables; /* object; NULL: none */
    asl_container *container;
} asl_frame;

struct asl_frames {
    const asl_heap *heap;
    asl_definition *definition;
    const asl_program *program;
    const asl_execution_identity *identity;
    asl_execution_identity identity_copy;
    asl_frame **slots; /* NULL: free */
    size_t slot_count, slot_capacity;
    uint32_t *free_slots; /* last in, first out: the same entries give the same slots */
    size_t free_count, free_capacity;
    uint64_t seed;
    uint32_t flags; /* of its start */
    uint64_t event_count;
    uint64_t draws; /* random draws since the last event */
    int64_t start_ms, last_ms;
    asl_execution_status status;
    asl_value *input, *output, *error, *cause;
    asl_oracle oracle;
    bool has_started, is_broken;
    /* While a fact is applied; all empty between facts. */
    bool is_applying;
    uint32_t *ready;   /* frames that may be able to go on, first in, first out */
    uint32_t *touched; /* frames whose waiting may have changed, each once */
    size_t ready_first, ready_count, ready_capacity, touched_count, touched_capacity;
    asl_effect_list *effects;
};

static inline asl_frame *asl_frames_at(const asl_frames *frames, uint32_t number)
{
    return number < frames->slot_count ? frames->slots[number] : NULL;
}
static inline const asl_state *asl_frame_state(const asl_frames *frames, const asl_frame *frame)
{
    return &frames->program->states[frame->state];
}
/* True where the frame stands in a state it has entered. */
static inline bool asl_frame_is_in_state(const asl_frame *frame)
{
    return frame->phase != ASL_PHASE_ENTER && frame->phase != ASL_PHASE_DONE;
}

/* A new frame below `parent` (ASL_NONE: the machine's), about to enter its scope's first state.
 * Takes over nothing; `input` is shared. NULL when out of memory. */
asl_frame *asl_frames_add(asl_frames *frames, uint32_t parent, uint32_t scope, uint32_t index,
                          uint64_t last_event, const asl_value *input);
/* Frees a frame and all below it; a task in flight is noted as cancelled. */
void asl_frames_remove(asl_frames *frames, asl_frame *frame);
/* Frees all children of a frame and its container. */
void asl_frame_drop_children(asl_frames *frames, asl_frame *frame);

/* Notes, while a fact is applied, that an entry has changed the frame. */
int asl_frames_touch(asl_frames *frames, asl_frame *frame);
/* Appends what the frames that were touched wait for and what began after event `base`; forgets
 * them. */
int asl_frames_settle(asl_frames *frames, uint64_t base);

int asl_effect_add(asl_effect_list *effects, const asl_effect *effect);
int asl_effect_add_execution_timer(const asl_frames *frames, asl_effect_list *effects);

/* The variable that a frame sees under a name: its own, then those of the scopes around it.
 * Borrowed. */
const asl_value *asl_frame_variable(const asl_frames *frames, const asl_frame *frame,
                                    const char *name, size_t size);

#endif
