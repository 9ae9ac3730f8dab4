/* Watches: descriptors and real-time timers of handlers, on the engine's loop. A watch that is
 * freed while events are being handled is buried after them, since one of them may be its own. */
#include <errno.h>
#include <sys/epoll.h>

#include "base/heap.h"
#include "runtime/engine.h"

struct asl_watch {
    asl_timer timer; /* first: the heap gives it back */
    LIST_ENTRY(asl_watch) link;
    asl_engine *engine;
    int fd; /* -1: a timer */
    bool is_dead;
    asl_watch_function function;
    void *context;
};

static uint32_t to_epoll(unsigned events)
{
    return (events & ASL_WATCH_READ ? (uint32_t)EPOLLIN : 0) |
           (events & ASL_WATCH_WRITE ? (uint32_t)EPOLLOUT : 0);
}

static asl_watch *new_watch(asl_engine *engine, int fd, asl_watch_function function, void *context)
{
    asl_watch *watch = asl_allocate(engine->heap, sizeof *watch);
    if (!watch)
        return NULL;
    *watch = (asl_watch){.engine = engine, .fd = fd, .function = function, .context = context};
    LIST_INSERT_HEAD(&engine->watches, watch, link);
    return watch;
}

static int control(asl_watch *watch, int operation, unsigned events)
{
    struct epoll_event event = {.events = to_epoll(events), .data = {.ptr = watch}};
    if (epoll_ctl(watch->engine->epoll_fd, operation, watch->fd, &event) == 0)
        return ASL_OK;
    return errno == ENOMEM ? ASL_NOMEM : errno == EBADF ? ASL_MISUSE : ASL_IO;
}

int asl_engine_watch(asl_engine *engine, int fd, unsigned events, asl_watch_function function,
                     void *context, asl_watch **ret_watch)
{
    asl_watch *watch = new_watch(engine, fd, function, context);
    if (!watch)
        return ASL_NOMEM;
    int status = control(watch, EPOLL_CTL_ADD, events);
    if (status != ASL_OK) {
        LIST_REMOVE(watch, link);
        asl_release(engine->heap, watch, sizeof *watch);
        return status;
    }
    engine->fd_watch_count++;
    *ret_watch = watch;
    return ASL_OK;
}

int asl_watch_change(asl_watch *watch, unsigned events)
{
    return watch->fd < 0 ? ASL_MISUSE : control(watch, EPOLL_CTL_MOD, events);
}

int asl_engine_timer(asl_engine *engine, asl_watch_function function, void *context,
                     asl_watch **ret_watch)
{
    asl_watch *watch = new_watch(engine, -1, function, context);
    if (!watch)
        return ASL_NOMEM;
    *ret_watch = watch;
    return ASL_OK;
}

static int set_timer(asl_watch *watch, asl_timers *timers, int64_t now_ms, int64_t delay_ms)
{
    if (watch->fd >= 0)
        return ASL_MISUSE;
    if (delay_ms < 0 || watch->timer.timers != timers)
        asl_timer_disarm(&watch->timer);
    if (delay_ms < 0)
        return ASL_OK;
    asl_engine *engine = watch->engine;
    int status =
        asl_timers_arm(timers, &watch->timer, now_ms + delay_ms, 0, ++engine->watch_timer_count);
    if (status == ASL_OK && !engine->is_dispatching && !engine->is_running)
        asl_loop_arm(engine);
    return status;
}

int asl_watch_set_timer(asl_watch *watch, int64_t delay_ms)
{
    return set_timer(watch, &watch->engine->wall_timers, asl_clock_monotonic(), delay_ms);
}

/* What is asked for in one round counts from one moment: which of two delays is over first depends
 * on them alone, not on the time between asking for the one and the other. */
static int64_t time_of_round(const asl_engine *engine)
{
    bool is_running = engine->mailbox->clock.kind != ASL_CLOCK_MANUAL;
    return engine->is_dispatching && is_running ? engine->now_ms : asl_engine_now(engine);
}

int asl_watch_set_engine_timer(asl_watch *watch, int64_t delay_ms)
{
    return set_timer(watch, &watch->engine->timers, time_of_round(watch->engine), delay_ms);
}

void asl_watch_free(asl_watch *watch)
{
    if (!watch || watch->is_dead)
        return;
    asl_engine *engine = watch->engine;
    asl_timer_disarm(&watch->timer);
    if (watch->fd >= 0) {
        control(watch, EPOLL_CTL_DEL, 0);
        engine->fd_watch_count--;
    }
    LIST_REMOVE(watch, link);
    watch->is_dead = true;
    if (engine->is_dispatching)
        LIST_INSERT_HEAD(&engine->dead_watches, watch, link);
    else
        asl_release(engine->heap, watch, sizeof *watch);
}

bool asl_watch_handle(asl_watch *watch, unsigned epoll_events)
{
    if (watch->is_dead)
        return false;
    /* An error or a hang-up is found out by reading or writing. */
    bool is_broken = epoll_events & (EPOLLERR | EPOLLHUP);
    unsigned events = (epoll_events & EPOLLIN || is_broken ? ASL_WATCH_READ : 0) |
                      (epoll_events & EPOLLOUT || is_broken ? ASL_WATCH_WRITE : 0);
    watch->function(watch->context, watch->fd, events);
    return true;
}

void asl_watch_fire(asl_timer *timer)
{
    asl_watch *watch = (asl_watch *)timer;
    watch->function(watch->context, -1, 0);
}

void asl_watches_bury(asl_engine *engine)
{
    asl_watch *watch;
    while ((watch = LIST_FIRST(&engine->dead_watches)) != NULL) {
        LIST_REMOVE(watch, link);
        asl_release(engine->heap, watch, sizeof *watch);
    }
}

void asl_watches_free(asl_engine *engine)
{
    while (!LIST_EMPTY(&engine->watches))
        asl_watch_free(LIST_FIRST(&engine->watches));
    asl_watches_bury(engine);
}
