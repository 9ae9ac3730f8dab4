/* The loop: an epoll descriptor that holds the mailbox's eventfd, a timerfd for the next deadline
 * and the descriptors of watches. The timerfd is on the wall clock and told when that steps, so a
 * deadline is right after a step too; it may ring too early, never too late. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/error.h"
#include "runtime/engine.h"

#define DISPATCH_ROUNDS_MAX 64u /* rounds of one dispatch */
#define POLL_EVENTS_MAX 64

_Thread_local asl_engine *asl_engine_current;

static int add_fd(const asl_engine *engine, int fd, const void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = (void *)(uintptr_t)what}};
    return epoll_ctl(engine->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int asl_loop_open(asl_engine *engine, asl_error **error)
{
    engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    engine->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (engine->epoll_fd < 0 || engine->timer_fd < 0 ||
        add_fd(engine, engine->timer_fd, &engine->timer_fd) < 0 ||
        add_fd(engine, engine->mailbox->fd, engine->mailbox) < 0)
        return asl_error_set(error, ASL_IO, "the engine's descriptors cannot be made: %s",
                             strerror(errno));
    return ASL_OK;
}

void asl_loop_close(asl_engine *engine)
{
    if (engine->epoll_fd >= 0)
        close(engine->epoll_fd);
    if (engine->timer_fd >= 0)
        close(engine->timer_fd);
}

static void read_timer(asl_engine *engine)
{
    uint64_t count;
    /* ECANCELED: the wall clock has stepped. Either way it is to be set anew. */
    if (read(engine->timer_fd, &count, sizeof count) >= 0 || errno == ECANCELED)
        engine->armed_ms = 0;
}

bool asl_loop_poll(asl_engine *engine, int timeout_ms)
{
    struct epoll_event events[POLL_EVENTS_MAX];
    int count = epoll_wait(engine->epoll_fd, events, POLL_EVENTS_MAX, timeout_ms);
    bool did = false;
    engine->now_ms = asl_engine_now(engine);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &engine->timer_fd)
            read_timer(engine);
        else if (events[i].data.ptr == engine->mailbox)
            asl_mailbox_silence(engine->mailbox);
        else
            did |= asl_watch_handle(events[i].data.ptr, events[i].events);
    }
    asl_watches_bury(engine);
    return did;
}

void asl_loop_arm(asl_engine *engine)
{
    int64_t wait_ms = asl_engine_wait(engine);
    if (wait_ms == 0 && asl_engine_has_work(engine)) {
        if (engine->is_watched)
            asl_mailbox_ring(engine->mailbox);
        return;
    }
    if (wait_ms < 0)
        return;
    int64_t now_ms = asl_clock_wall();
    int64_t due_ms = now_ms + wait_ms;
    if (engine->armed_ms > now_ms && engine->armed_ms <= due_ms)
        return;
    struct itimerspec spec = {
        .it_value = {.tv_sec = due_ms / 1000, .tv_nsec = due_ms % 1000 * 1000000}};
    const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    int result = timerfd_settime(engine->timer_fd, flags, &spec, NULL);
    /* The wall clock has stepped since the timer was last looked at: told once, then it is set. */
    if (result != 0 && errno == ECANCELED)
        result = timerfd_settime(engine->timer_fd, flags, &spec, NULL);
    if (result == 0)
        engine->armed_ms = due_ms;
}

static bool do_rounds(asl_engine *engine)
{
    bool did = false;
    int64_t until_ms = INT64_MAX;
    for (unsigned i = 0; i < DISPATCH_ROUNDS_MAX; i++) {
        if (!asl_engine_round(engine) && !asl_engine_skip(engine))
            break;
        did = true;
        if (i == 0)
            until_ms = engine->monotonic_ms + engine->dispatch_ms;
        if (engine->round_status != ASL_OK || engine->monotonic_ms >= until_ms)
            break;
    }
    return did;
}

/* How long the loop may sleep, at most until `until_ms` of the monotonic clock (-1: for ever). */
static int sleep_time(asl_engine *engine, int64_t until_ms)
{
    if (asl_engine_wait(engine) == 0 || atomic_load(&engine->is_woken))
        return 0;
    asl_loop_arm(engine);
    if (until_ms < 0)
        return -1;
    int64_t left_ms = until_ms - asl_clock_monotonic();
    if (left_ms <= 0)
        return 0;
    return left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

/* Whether the descriptors can say nothing that has not to wait for the work at hand: no watch has
 * one, nobody has rung, and what timers are due a round sees by itself. */
static bool can_pass_by(const asl_engine *engine)
{
    return engine->fd_watch_count == 0 && !atomic_load(&engine->mailbox->is_rung) &&
           asl_engine_has_work(engine);
}

static bool poll_first(asl_engine *engine, int64_t until_ms)
{
    if (can_pass_by(engine)) {
        asl_watches_bury(engine);
        return false;
    }
    return asl_loop_poll(engine, until_ms == 0 ? 0 : sleep_time(engine, until_ms));
}

static int dispatch_until(asl_engine *engine, int64_t until_ms)
{
    for (;;) {
        bool did = poll_first(engine, until_ms);
        engine->round_status = ASL_OK;
        did |= do_rounds(engine);
        if (engine->lost_status != ASL_OK)
            return engine->lost_status;
        if (engine->round_status != ASL_OK)
            return engine->round_status;
        if (did || atomic_load(&engine->is_woken) ||
            (until_ms >= 0 && asl_clock_monotonic() >= until_ms))
            return engine->resume_ms != 0 ? engine->stall_status : ASL_OK;
    }
}

int asl_engine_dispatch(asl_engine *engine, int timeout_ms)
{
    if (engine->is_dispatching)
        return ASL_MISUSE;
    if (engine->lost_status != ASL_OK)
        return engine->lost_status;
    asl_engine *outer = asl_engine_current;
    asl_engine_current = engine;
    engine->is_dispatching = true;
    int64_t until_ms = timeout_ms > 0 ? asl_clock_monotonic() + timeout_ms : timeout_ms;
    int status = dispatch_until(engine, until_ms);
    atomic_store(&engine->is_woken, false);
    engine->is_dispatching = false;
    asl_engine_current = outer;
    if (!engine->is_running)
        asl_loop_arm(engine);
    return status;
}

static bool is_over(const asl_engine *engine, const asl_execution *execution)
{
    if (execution)
        return execution->phase == ASL_RUN_ENDED;
    return engine->lost_status == ASL_OK && !asl_engine_can_go_on(engine);
}

static int time_left(int64_t until_ms)
{
    if (until_ms < 0)
        return -1;
    int64_t left_ms = until_ms - asl_clock_monotonic();
    return left_ms <= 0 ? 0 : (int)left_ms;
}

static int run_until(asl_engine *engine, const asl_execution *execution, int64_t until_ms)
{
    while (!is_over(engine, execution)) {
        /* Nothing that this thread waits for will come. */
        if (execution && until_ms < 0 && engine->lost_status == ASL_OK &&
            engine->fd_watch_count == 0 && !asl_engine_can_go_on(engine) &&
            engine->wall_timers.count == 0)
            return ASL_TIMED_OUT;
        int left_ms = time_left(until_ms);
        int status = asl_engine_dispatch(engine, left_ms);
        if (status != ASL_OK)
            return status;
        if (left_ms == 0 && !is_over(engine, execution))
            return ASL_TIMED_OUT;
    }
    return execution ? execution->refused : ASL_OK;
}

int asl_engine_run(asl_engine *engine, asl_execution *execution, int timeout_ms, asl_error **error)
{
    if (engine->is_dispatching)
        return asl_error_set(error, ASL_MISUSE, "an engine cannot be run by a handler");
    int64_t until_ms = timeout_ms < 0 ? -1 : asl_clock_monotonic() + timeout_ms;
    if (execution)
        asl_execution_ref(execution);
    engine->is_running = true;
    int status = run_until(engine, execution, until_ms);
    engine->is_running = false;
    asl_loop_arm(engine);
    asl_execution_unref(execution);
    if (status == ASL_TIMED_OUT)
        return asl_error_set(error, status, "the execution has not ended in the given time");
    if (status != ASL_OK)
        return asl_error_set(error, status, "the engine cannot go on: %s", asl_status_name(status));
    return ASL_OK;
}

/* From here on the descriptor is kept readable while there is work; before, it would be written to
 * and read for nobody. */
int asl_engine_fd(const asl_engine *engine)
{
    asl_engine *own = (asl_engine *)(uintptr_t)engine; /* what is asked for is only its loop */
    if (!own->is_watched) {
        own->is_watched = true;
        if (!own->is_dispatching)
            asl_loop_arm(own);
    }
    return engine->epoll_fd;
}

int64_t asl_engine_next_deadline(const asl_engine *engine)
{
    return asl_engine_wait(engine);
}

void asl_engine_wake(asl_engine *engine)
{
    atomic_store(&engine->is_woken, true);
    asl_mailbox_ring(engine->mailbox);
}

void asl_engine_kick(asl_engine *engine)
{
    if (engine->is_watched && !engine->is_dispatching && !engine->is_running)
        asl_mailbox_ring(engine->mailbox);
}

int64_t asl_engine_now(const asl_engine *engine)
{
    return asl_engine_clock_now(&engine->mailbox->clock);
}

int asl_engine_set_time(asl_engine *engine, int64_t now_ms)
{
    if (engine->mailbox->clock.kind != ASL_CLOCK_MANUAL || now_ms < asl_engine_now(engine))
        return ASL_MISUSE;
    asl_engine_clock_move(&engine->mailbox->clock, now_ms);
    int64_t due_ms = asl_engine_next_due(engine);
    if (due_ms >= 0 && due_ms <= now_ms)
        asl_engine_kick(engine);
    return ASL_OK;
}
