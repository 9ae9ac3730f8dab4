/* Executions as the engine runs them.
 *
 *            a post is applied              durable               effects performed
 *     IDLE --------------------> FLIGHT -------------> EFFECTS ----------------------> IDLE
 *                                  |                      `--- it has finished ------> ENDED
 *                                  `--- its start was refused -----------------------> ENDED
 *
 * One record of an execution is in flight at a time: facts that come meanwhile wait as posts. Its
 * effects are performed when the record is durable, never before. Belongs to the engine's thread.
 */
#ifndef ASL_RUNTIME_EXECUTION_H
#define ASL_RUNTIME_EXECUTION_H

#include "runtime/task.h"
#include "store/store.h"

typedef enum asl_run_phase {
    ASL_RUN_IDLE,
    ASL_RUN_FLIGHT,
    ASL_RUN_EFFECTS,
    ASL_RUN_ENDED
} asl_run_phase;

/* A record on its way to the store, and what is to be done when it has arrived. */
struct asl_flight {
    asl_batch batch; /* first: the store gives it back */
    STAILQ_ENTRY(asl_flight) link;
    asl_execution *execution;
    asl_mailbox *mailbox; /* of the engine, for who settles it on another thread */
    asl_buffer record;
    asl_effect_list effects;
    asl_writes *writes;
    size_t performed;       /* effects, both passes: see effects.c */
    asl_task *overtaken;    /* a reference: a token has ended it, its handler is to be told */
    uint64_t fetched_event; /* the activity task that a worker has fetched; 0: none */
    uint32_t fetched_frame;
    bool has_result; /* of a task, which took so long; -1: it is not known how long */
    int64_t taken_us;
    int status;
    asl_written_function on_written; /* without an execution: the host's own writes */
    void *written_context;
};

/* What belongs to a frame. Stays where it is for the life of the execution. */
typedef struct asl_slot {
    asl_alarm alarm;
    asl_task *task; /* a reference; NULL: none open */
} asl_slot;

/* Who wants to know how an execution goes. */
typedef struct asl_listener {
    struct asl_listener *next;
    void (*on_started)(void *context, asl_execution *execution, int status);
    void (*on_ended)(void *context, asl_execution *execution);
    void *context;
    bool is_told; /* that it has started */
} asl_listener;

typedef struct asl_stop_request {
    asl_post post; /* first */
    asl_value *error, *cause;
    asl_writes *writes;
} asl_stop_request;

struct asl_execution {
    const asl_heap *heap;
    asl_engine *engine; /* NULL: it runs in none (any more) */
    unsigned references;
    asl_run_phase phase;
    asl_identity *identity;
    asl_machine *machine;
    asl_frames *frames; /* NULL once it has ended */
    asl_flight *flight;
    uint64_t number, input_hash;
    uint64_t event_count;        /* durable ones */
    asl_execution_status status; /* the durable one */
    int refused;
    int64_t stop_ms;
    asl_value *output, *error, *cause;
    struct asl_post_queue posts;
    STAILQ_ENTRY(asl_execution) ready_link;
    bool is_ready;
    bool is_durable;   /* its start is in the store */
    bool is_recovered; /* its tasks were in flight before */
    bool must_rebuild; /* frames are not what is recorded */
    bool is_stopping;  /* a request to stop is on its way */
    bool has_untold;   /* a listener that does not know yet that it has started */
    asl_slot **slots;  /* by frame; NULL: none yet */
    size_t slot_count;
    asl_slot first_slot; /* of frame 0, which every execution has */
    asl_slot *first_slots[1];
    asl_alarm deadline; /* ASL: TimeoutSeconds of the machine */
    asl_post start;
    asl_value *input;
    asl_value *arn; /* until the start is on its way */
    asl_writes *start_writes;
    uint64_t seed;
    uint32_t start_flags; /* ASL_FACT_* */
    asl_listener listener;
    asl_execution *number_next, *name_next; /* chains of asl_active */
    uint64_t name_hash;
};

/* A new execution of a machine, not among the active ones yet; one reference. NULL when out of
 * memory. */
asl_execution *asl_execution_new(asl_engine *engine, asl_machine *machine, const char *stored_name,
                                 uint64_t number);
/* Makes it active: the engine holds a reference until it ends. */
void asl_execution_enlist(asl_execution *execution);
asl_frames *asl_execution_new_frames(const asl_execution *execution);
void asl_execution_move(asl_execution *execution, asl_run_phase phase);
/* Has the engine look at it in the next round. */
void asl_execution_schedule(asl_execution *execution);
void asl_execution_post(asl_execution *execution, asl_post *post);
/* The slot of a frame, made where there is none; NULL when out of memory. */
asl_slot *asl_execution_slot(asl_execution *execution, uint32_t frame);
/* The same, NULL where there is none. */
asl_slot *asl_execution_find_slot(const asl_execution *execution, uint32_t frame);
/* Forgets what a post holds, after it was applied or dropped. */
void asl_post_dispose(asl_post *post);

/* It runs here no more: closes tasks, alarms and posts, and leaves the active ones. The status and
 * output stay. Gives back the engine's reference: hold one. */
void asl_execution_detach(asl_execution *execution);
void asl_execution_tell_started(asl_execution *execution, int status);
void asl_execution_tell_ended(asl_execution *execution);
int asl_execution_listen(asl_execution *execution, const asl_listener *listener);

/* commit.c */
/* Does the next thing: performs what is durable, or applies a post and submits its record. */
int asl_execution_step(asl_execution *execution);
/* Rebuilds frames from the store's records; `frames` are new. ASL_OK, ASL_NOMEM, ASL_STORE_CORRUPT,
 * ASL_IO. */
int asl_frames_restore(asl_frames *frames, const asl_heap *heap, asl_store *store, uint64_t number,
                       asl_error **error);
/* effects.c: performs what is left of the flight's effects. ASL_OK, ASL_NOMEM: call again. */
int asl_execution_perform(asl_execution *execution);
asl_flight *asl_flight_take(asl_engine *engine);
/* Into the next commit; the engine gets it back in `settled`. */
void asl_flight_submit(asl_engine *engine, asl_flight *flight);
void asl_flight_give_back(asl_engine *engine, asl_flight *flight);

#endif
