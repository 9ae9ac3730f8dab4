/* The engine's own state, and what its files offer each other. All of it belongs to one thread;
 * what other threads may touch is in the mailbox.
 *
 * One round of the loop: results and timers that have come become posts; executions that have posts
 * apply one each and submit its record; one commit makes the records durable; then their effects
 * are performed, and the tasks that these began are given to their handlers. */
#ifndef ASL_RUNTIME_ENGINE_H
#define ASL_RUNTIME_ENGINE_H

#include "base/buffer.h"
#include "runtime/active.h"
#include "runtime/activity.h"
#include "runtime/passive.h"

STAILQ_HEAD(asl_execution_queue, asl_execution);
LIST_HEAD(asl_watch_list, asl_watch);

struct asl_engine {
    const asl_heap *heap;
    asl_store *store;
    bool owns_store;
    asl_mailbox *mailbox; /* with the clock */
    /* Options. */
    uint64_t payload_bytes, history_events, evaluation_ms;
    char *arn_base; /* "arn:aws:states:us-east-1:000000000000:" */
    char *region, *role_arn;
    void (*log)(void *context, asl_log_level level, const char *message);
    void *log_context;
    uint64_t seed;      /* of executions' seeds; 0: `entropy` is taken */
    uint64_t entropy;   /* from the system */
    uint64_t drawn;     /* draws from it */
    uint64_t secret[4]; /* from the store */

    asl_handlers handlers;
    asl_map machines;  /* name -> asl_machine */
    asl_map recovered; /* "NUMBER TYPE NAME" -> asl_machine, of what recovery has loaded */
    asl_active active;
    asl_map activities; /* ARN -> asl_activity */
    asl_share share;
    asl_passives passives;
    asl_effect_list pending; /* of an execution that is looked at */
    asl_timers timers;       /* engine time */
    asl_timers wall_timers;  /* real time, of the monotonic clock */
    asl_event_list entries;  /* of the fact that is being applied */
    asl_buffer scratch;

    struct asl_execution_queue ready; /* have posts, or something left to do */
    struct asl_task_queue starting;   /* to be given to their handlers */
    struct asl_task_queue resuming;   /* the same after recovery, once nothing is overdue */
    struct asl_flight_queue settled;  /* the store has reported them */
    struct asl_flight_queue stalled;  /* to be submitted again */
    struct asl_flight_queue spare;
    size_t spare_count;
    size_t flying_count;    /* submitted and not settled */
    size_t unsent_count;    /* submitted since the last commit */
    size_t real_task_count; /* open tasks that clocks wait for */
    int64_t now_ms;         /* engine time of this round, or of the descriptors before it; */
    int64_t wall_ms;        /* the wall's, of the same moment; */
    int64_t monotonic_ms;   /* and what never steps, */
    int64_t monotonic_us;   /* the same in microseconds */
    int64_t durable_us;     /* and when its commit had ended, where it made one */
    int64_t recover_ms;     /* engine time of the last recovery */
    int64_t started_ms;     /* monotonic: when the JSONata expression began to be long */
    int64_t resume_ms;      /* monotonic: not before is the store tried again; 0: it is fine */
    int stall_status;       /* why */
    int round_status;       /* what has gone wrong in this round */
    int lost_status;        /* the store can do nothing any more: why; ASL_OK: it can */
    unsigned dispatch_ms;   /* so long a dispatch begins rounds */
    bool is_dispatching, is_running, is_closing;
    bool is_watched;       /* the host has asked for the descriptor */
    bool clocks_callbacks; /* ASL_ENGINE_CLOCK_CALLBACKS */
    _Atomic bool is_woken;

    /* What is counted of them. Apart: an engine of more than a kilobyte is no small chunk to the C
     * library any more, which then gives the end of its heap back when one is freed. */
    asl_engine_statistics *counts;

    /* loop.c, watch.c */
    int epoll_fd, timer_fd;
    int64_t armed_ms; /* wall time the timerfd is set to; 0: not set */
    struct asl_watch_list watches;
    struct asl_watch_list dead_watches; /* freed while their events may be about to be handled */
    size_t fd_watch_count;
    uint64_t watch_timer_count; /* settings of watches' timers: equal ones come in their order */
};

/* The engine that is dispatching on this thread; NULL: none. */
extern _Thread_local asl_engine *asl_engine_current;

void asl_engine_log(asl_engine *engine, asl_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The next 64 random bits of the engine's own. */
uint64_t asl_engine_draw(asl_engine *engine);
/* There is something to do: makes the descriptor readable where a host may be waiting for it. */
void asl_engine_kick(asl_engine *engine);

/* round.c: one round. True where something was done. */
bool asl_engine_round(asl_engine *engine);
/* Posts what other threads have sent. True where there was something. */
bool asl_engine_take_mail(asl_engine *engine);
/* True where a round has something to do now. */
bool asl_engine_has_work(const asl_engine *engine);
/* Jumps to the next deadline where the clock skips and nothing else can happen. */
bool asl_engine_skip(asl_engine *engine);
/* Engine time of the next deadline, of an execution in memory or not; -1: none. */
int64_t asl_engine_next_due(const asl_engine *engine);
/* Real milliseconds until the next deadline; -1: none that comes by itself. */
int64_t asl_engine_wait(const asl_engine *engine);
/* False where nothing can happen any more but by other threads, watches or calls. */
bool asl_engine_can_go_on(const asl_engine *engine);

/* commit.c */
void asl_engine_commit(asl_engine *engine);
void asl_engine_settle(asl_engine *engine);
void asl_engine_resubmit(asl_engine *engine);
/* Waits for what other engines' commits have in hand; nothing is in flight after it. */
void asl_engine_land(asl_engine *engine);

/* statistics.c. A task is given to who does it. */
void asl_statistics_dispatched(asl_engine *engine, asl_task *task);
/* The flight carries its result. */
void asl_statistics_finished(const asl_engine *engine, const asl_task *task, asl_flight *flight);
/* A record is durable, and its execution does not know yet. */
void asl_statistics_landed(asl_engine *engine, const asl_flight *flight);
/* A commit that began then has ended. */
void asl_statistics_committed(asl_engine *engine, int64_t begun_us);

/* recovery.c: one execution that the store holds as running. ASL_OK also where it is active. */
int asl_engine_recover_one(asl_engine *engine, uint64_t number, bool must_be_passive,
                           asl_error **error);

/* loop.c, watch.c */
int asl_loop_open(asl_engine *engine, asl_error **error);
void asl_loop_close(asl_engine *engine);
/* Waits for descriptors and calls their watches. True where some was called. */
bool asl_loop_poll(asl_engine *engine, int timeout_ms);
/* Sets the timerfd to the next deadline. */
void asl_loop_arm(asl_engine *engine);
bool asl_watch_handle(struct asl_watch *watch, unsigned epoll_events);
/* A timer without an execution has come: it is a watch's. */
void asl_watch_fire(asl_timer *timer);
void asl_watches_bury(asl_engine *engine);
void asl_watches_free(asl_engine *engine);

#endif
