/* Orders per second of the order service, from the request to the mail of how it ended.
 *
 * usage: bench-orders SERVICE FOLDER [RATE [SECONDS [CLOCK [CONNECTIONS]]]]
 *        bench-orders floor FOLDER [SECONDS [BATCH]]
 *   SERVICE      the order service's program
 *   FOLDER       on the disk to measure; stores are made in it and taken away
 *   RATE         orders a second (1,000), or max: the highest rate that is held
 *   SECONDS      of a run (60)
 *   CLOCK        of the workflow (60x)
 *   CONNECTIONS  that orders are posted over, one at a time (64)
 *   BATCH        orders at each step of a transaction of the floor (10)
 *
 * Orders are posted at the rate, whether answers are slow or not; one subscriber is mailed for
 * each. Then nothing more is posted, and every order that was acknowledged must have ended and have
 * been mailed, under one Message-ID, or the program ends with 1.
 *
 * A rate is held where every order is acknowledged, none waits in the queue for two seconds, and
 * the private memory of the last third of the run is within a tenth of that of the second. max
 * doubles the rate until it is not held, and then halves the distance until that is below a tenth.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mail_sink.h"
#include "order_floor.h"
#include "order_load.h"
#include "order_process.h"
#include "order_samples.h"
#include "report.h"
#include "stores.h"

#define SUBSCRIBER "load@example.org"
#define MAIL_MS 20000
#define LOOK_US 20000
#define STUCK_NS INT64_C(120000000000) /* nothing has ended so long: the rest does not come */
#define AGE_MAX_SECONDS 2.0
#define GROWTH_MAX 1.1
#define RATE_FIRST 1000.0
#define RATE_MAX 64000.0
#define SEARCH_ENDS 1.1
#define MIB 1048576.0

static volatile sig_atomic_t interrupted;

typedef struct run {
    const char *program, *clock;
    double rate, seconds;
    unsigned connections;
    struct event_base *base;
    mail_sink *sink;
    order_process process;
    order_load *load;
    order_samples *samples;
    int64_t posted_ns, moved_ns; /* when posting ended, when an order ended last */
    double ended;
    bool is_dead, is_stuck;
} run;

/* What came of it. */
typedef struct result {
    load_counts counts;
    mail_counts mails;
    double seconds, p50_ms, p99_ms, age_seconds, messages, commits_per_second;
    double first_bytes, last_bytes; /* private, of the first and the last tenth */
    double growth;                  /* of the last third over the second */
    double rest_seconds, cpu_us;    /* of an order */
    size_t missing;
    bool is_whole; /* nothing is lost or mailed under two ids, and the service is well */
} result;

static void on_output(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    run *self = context;
    char bytes[256];
    if (read(fd, bytes, sizeof bytes) > 0)
        return;
    self->is_dead = true;
    event_base_loopbreak(self->base);
}

static void on_signal(int number)
{
    interrupted = number;
}

/* The link's path in the mail of the confirmation: what is behind the soft line breaks and "=3D" of
 * quoted-printable. */
static bool find_link(const char *mail, char *link, size_t size)
{
    size_t filled = 0;
    const char *found = strstr(mail, "/confirm?token");
    for (; found != NULL && *found > ' ' && filled + 1 < size; found++) {
        if (strncmp(found, "=\r\n", 3) == 0) {
            found += 2;
        } else if (strncmp(found, "=3D", 3) == 0) {
            link[filled++] = '=';
            found += 2;
        } else {
            link[filled++] = *found;
        }
    }
    link[filled] = '\0';
    return filled > 0;
}

static bool subscribe(run *self)
{
    char answer[4096], mail[4096], link[1024];
    unsigned port = self->process.port;
    int status = order_process_ask(port, "POST", "/subscriptions",
                                   "{\"email\": \"" SUBSCRIBER "\"}", answer, sizeof answer);
    if (status / 100 == 2 && mail_sink_first(self->sink, MAIL_MS, mail, sizeof mail) &&
        find_link(mail, link, sizeof link))
        status = order_process_ask(port, "POST", link, "", answer, sizeof answer);
    else
        status = 0;
    if (status != 200)
        fprintf(stderr, "bench-orders: %s could not be subscribed\n", SUBSCRIBER);
    return status == 200;
}

/* Whether all that was acknowledged has ended and was mailed. */
static bool is_over(run *self)
{
    order_sample last;
    if (!order_load_is_done(self->load))
        return false;
    size_t wanted = order_load_counts(self->load).acknowledged;
    int64_t now_ns = report_now_ns();
    if (self->posted_ns == 0) {
        self->posted_ns = self->moved_ns = now_ns;
        order_samples_hurry(self->samples);
    }
    if (!order_samples_last(self->samples, &last))
        return false;
    if (last.ended + last.mails > self->ended)
        self->moved_ns = now_ns;
    self->ended = last.ended + last.mails;
    self->is_stuck = now_ns - self->moved_ns > STUCK_NS;
    return self->is_stuck ||
           (last.ended >= (double)wanted && last.mails > (double)wanted && /* and the first mail */
            mail_sink_counts(self->sink).orders >= wanted);
}

static void on_look(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    run *self = context;
    if (interrupted || is_over(self))
        event_base_loopbreak(self->base);
}

static bool go(run *self)
{
    struct event *events[] = {
        event_new(self->base, self->process.output, EV_READ | EV_PERSIST, on_output, self),
        event_new(self->base, -1, EV_PERSIST, on_look, self)};
    struct timeval interval = {0, LOOK_US};
    bool is_ready = true;
    for (size_t i = 0; i < 2; i++)
        is_ready =
            is_ready && events[i] != NULL && event_add(events[i], i == 1 ? &interval : NULL) == 0;
    const load_options options = {self->process.port, self->connections, self->rate, self->seconds};
    self->load = is_ready ? order_load_start(self->base, &options) : NULL;
    self->samples = self->load != NULL ? order_samples_start(&self->process) : NULL;
    is_ready = self->samples != NULL;
    if (is_ready)
        event_base_dispatch(self->base);
    for (size_t i = 0; i < 2; i++) {
        if (events[i] != NULL)
            event_free(events[i]);
    }
    return is_ready && !self->is_dead && !interrupted && !self->is_stuck;
}

/* Those of the samples from one time of the run to another. */
typedef struct span {
    double age_seconds, messages, private_bytes, resident_bytes; /* the greatest; bytes: the mean */
    double ended, mails, commits, seconds;
    size_t count;
} span;

static span look_at(const run *self, double from, double to)
{
    size_t count = 0;
    const order_sample *samples = order_samples_all(self->samples, &count);
    int64_t began_ns = order_load_counts(self->load).began_ns;
    span found = {0};
    const order_sample *first = NULL;
    for (size_t i = 0; i < count; i++) {
        const order_sample *one = &samples[i];
        double at = (double)(one->at_ns - began_ns) / 1e9;
        if (at < from || at > to)
            continue;
        first = first != NULL ? first : i > 0 ? one - 1 : one;
        found.age_seconds =
            one->age_seconds > found.age_seconds ? one->age_seconds : found.age_seconds;
        found.messages = one->messages > found.messages ? one->messages : found.messages;
        found.private_bytes += one->private_bytes;
        found.resident_bytes += one->resident_bytes;
        found.ended = one->ended - first->ended;
        found.mails = one->mails - first->mails;
        found.commits = one->commits - first->commits;
        found.seconds = (double)(one->at_ns - first->at_ns) / 1e9;
        found.count++;
    }
    if (found.count > 0) {
        found.private_bytes /= (double)found.count;
        found.resident_bytes /= (double)found.count;
    }
    return found;
}

/* Latencies of the orders that were due in a part of the run, and acknowledged. */
static size_t latencies(const run *self, double from, double to, double *ret_ms)
{
    const load_order *orders = order_load_orders(self->load);
    size_t due = order_load_counts(self->load).due;
    size_t first = (size_t)(from * self->rate), end = (size_t)(to * self->rate), count = 0;
    for (size_t i = first; i < end && i < due; i++) {
        if (orders[i].answer == 200)
            ret_ms[count++] = (double)orders[i].latency_us / 1000;
    }
    return count;
}

static double per_second(double count, double seconds)
{
    return seconds > 0 ? count / seconds : 0;
}

static void print_slices(const run *self, double *ms)
{
    double width = self->seconds >= 30 && self->seconds < 100 ? 10 : self->seconds / 10;
    width = width > 1 ? width : 1; /* there is a sample a second */
    fprintf(stderr,
            "  seconds      acknowledged/s  p50 ms  p99 ms   ended/s   mails/s  queue   age s"
            "  private MiB  resident MiB  commits/s\n");
    for (double from = 0; from < self->seconds - 0.001; from += width) {
        double to = from + width < self->seconds ? from + width : self->seconds;
        span found = look_at(self, from, to);
        size_t count = latencies(self, from, to, ms);
        fprintf(stderr,
                "%6.1f-%-6.1f %15.0f %7.1f %7.1f %9.0f %9.0f %6.0f %7.2f %12.1f %13.1f %10.0f\n",
                from, to, per_second((double)count, to - from), report_median(ms, count),
                report_quantile(ms, count, 0.99), per_second(found.ended, found.seconds),
                per_second(found.mails, found.seconds), found.messages, found.age_seconds,
                found.private_bytes / MIB, found.resident_bytes / MIB,
                per_second(found.commits, found.seconds));
    }
}

static void count_missing(const run *self, result *found)
{
    const load_order *orders = order_load_orders(self->load);
    for (size_t i = 0; i < found->counts.due; i++)
        found->missing += orders[i].answer == 200 && !mail_sink_has(self->sink, orders[i].id);
}

static void judge(const run *self, result *found)
{
    double seconds = self->seconds;
    span all = look_at(self, 0, seconds);
    found->counts = order_load_counts(self->load);
    found->mails = mail_sink_counts(self->sink);
    found->seconds = seconds;
    found->age_seconds = all.age_seconds;
    found->messages = all.messages;
    found->commits_per_second = per_second(all.commits, all.seconds);
    double tenth = seconds > 20 ? seconds / 10 : 2; /* where there is a sample for certain */
    found->first_bytes = look_at(self, 0, tenth).private_bytes;
    found->last_bytes = look_at(self, seconds - tenth, seconds).private_bytes;
    double second = look_at(self, seconds / 3, seconds * 2 / 3).private_bytes;
    found->growth = second > 0 ? look_at(self, seconds * 2 / 3, seconds).private_bytes / second : 0;
    if (self->posted_ns > 0 && found->mails.last_ns > self->posted_ns)
        found->rest_seconds = (double)(found->mails.last_ns - self->posted_ns) / 1e9;
    count_missing(self, found);
    double *ms = malloc((found->counts.due + 1) * sizeof *ms);
    if (ms == NULL)
        return;
    print_slices(self, ms);
    size_t count = latencies(self, 0, seconds, ms);
    found->p50_ms = report_median(ms, count);
    found->p99_ms = report_quantile(ms, count, 0.99);
    free(ms);
}

static void say_what_went_wrong(const run *self, const result *found)
{
    if (self->is_dead)
        fprintf(stderr, "bench-orders: the service has died\n");
    if (interrupted)
        fprintf(stderr, "bench-orders: interrupted\n");
    if (self->is_stuck)
        fprintf(stderr, "bench-orders: nothing ends any more\n");
    if (found->missing > 0)
        fprintf(stderr, "bench-orders: %zu acknowledged orders were never mailed\n",
                found->missing);
    if (found->mails.under_more > 0)
        fprintf(stderr, "bench-orders: %zu mails came for orders under a second id\n",
                (size_t)found->mails.under_more);
}

/* One run in a store of its own. */
static result run_once(const run *settings, const char *folder)
{
    run self = *settings;
    result found = {0};
    char path[4096];
    stores_make(folder, path, sizeof path);
    self.base = event_base_new();
    self.sink = mail_sink_start();
    bool is_well = self.base != NULL && self.sink != NULL &&
                   order_process_start(&self.process, self.program, path, self.clock,
                                       mail_sink_port(self.sink)) &&
                   subscribe(&self) && go(&self);
    order_samples_stop(self.samples);
    bool is_stopped = self.process.pid > 0 && order_process_stop(&self.process);
    if (self.samples != NULL)
        judge(&self, &found);
    if (found.counts.acknowledged > 0)
        found.cpu_us = self.process.cpu_seconds * 1e6 / (double)found.counts.acknowledged;
    found.is_whole = is_well && is_stopped && found.missing == 0 && found.mails.under_more == 0;
    say_what_went_wrong(&self, &found);
    order_samples_free(self.samples);
    order_load_free(self.load);
    mail_sink_free(self.sink);
    if (self.base != NULL)
        event_base_free(self.base);
    stores_remove(path);
    return found;
}

static bool is_held(const result *found)
{
    return found->is_whole && found->counts.acknowledged == found->counts.due &&
           found->age_seconds < AGE_MAX_SECONDS && found->growth <= GROWTH_MAX;
}

static void report_result(const result *found)
{
    const load_counts *counts = &found->counts;
    const struct {
        double figure;
        const char *unit;
    } lines[] = {
        {per_second((double)counts->due, found->seconds), "orders/s due"},
        {per_second((double)counts->acknowledged, found->seconds), "orders/s acknowledged"},
        {(double)counts->acknowledged, "acknowledged"},
        {(double)counts->too_many, "answers 429"},
        {(double)counts->unavailable, "answers 503"},
        {(double)counts->without_retry_after, "of these without Retry-After"},
        {(double)counts->failed, "other answers, or none"},
        {(double)(counts->due - counts->posted), "due and not posted: no connection was free"},
        {found->p50_ms, "ms, median acknowledgement"},
        {found->p99_ms, "ms, 99% of acknowledgements"},
        {found->age_seconds, "s, greatest age in the queue"},
        {found->messages, "most messages in the queue"},
        {found->first_bytes / MIB, "MiB private, first tenth"},
        {found->last_bytes / MIB, "MiB private, last tenth"},
        {found->growth, "private memory, last third to second"},
        {(double)found->mails.orders, "orders mailed"},
        {(double)found->mails.repeated, "mails that came again under their id"},
        {(double)found->mails.under_more, "mails under a second id"},
        {(double)found->missing, "acknowledged and not mailed"},
        {found->rest_seconds, "s, from the last post to the last mail"},
        {found->commits_per_second, "commits/s"},
        {found->cpu_us, "us of processor time an order"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        report_add("orders", lines[i].figure, lines[i].unit);
}

static bool try_rate(run *settings, const char *folder, double rate, result *ret_found)
{
    settings->rate = rate;
    fprintf(stderr, "%.0f orders/s:\n", rate);
    *ret_found = run_once(settings, folder);
    bool held = is_held(ret_found);
    fprintf(stderr,
            "%.0f orders/s %s: %zu of %zu acknowledged, median %.1f ms, 99%% %.1f ms, age %.2f s, "
            "memory %.3f, rest %.1f s\n",
            rate, held ? "is held" : "is not held", ret_found->counts.acknowledged,
            ret_found->counts.due, ret_found->p50_ms, ret_found->p99_ms, ret_found->age_seconds,
            ret_found->growth, ret_found->rest_seconds);
    return held;
}

static int search(run *settings, const char *folder)
{
    double held = 0, not_held = 0, rate = RATE_FIRST;
    bool is_whole = true;
    result best = {0};
    while (is_whole && rate >= 1 && rate <= RATE_MAX &&
           (held == 0 || not_held == 0 || not_held / held > SEARCH_ENDS)) {
        result found;
        if (try_rate(settings, folder, rate, &found)) {
            held = rate;
            best = found;
        } else {
            not_held = rate;
        }
        is_whole = found.is_whole;
        if (not_held == 0)
            rate *= 2;
        else
            rate = held == 0 ? rate / 2 : (held + not_held) / 2;
    }
    if (held > 0)
        report_result(&best);
    report_add("orders", held, "orders/s held");
    return is_whole && held > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_floor(const char *folder, double seconds, size_t batch)
{
    char path[4096];
    double commits = 0;
    stores_make(folder, path, sizeof path);
    double figure = order_floor_run(path, batch, seconds, &commits);
    stores_remove(path);
    report_add("floor", (double)batch, "orders at each step of a transaction");
    report_add("floor", figure, "orders/s");
    report_add("floor", commits, "commits/s");
    report_table();
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    bool is_floor = argc > 1 && strcmp(argv[1], "floor") == 0;
    bool is_search = argc > 3 && strcmp(argv[3], "max") == 0;
    if (argc < 3 || argc > (is_floor ? 5 : 7)) {
        fprintf(stderr,
                "usage: bench-orders SERVICE FOLDER [RATE|max [SECONDS [CLOCK [CONNECTIONS]]]]\n"
                "       bench-orders floor FOLDER [SECONDS [BATCH]]\n");
        return 2;
    }
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    if (is_floor)
        return run_floor(argv[2], argc > 3 ? strtod(argv[3], NULL) : 10,
                         argc > 4 ? strtoul(argv[4], NULL, 10) : 10);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = on_signal}, NULL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
    run settings = {.program = argv[1],
                    .process = {.output = -1},
                    .rate = argc > 3 && !is_search ? strtod(argv[3], NULL) : RATE_FIRST,
                    .seconds = argc > 4 ? strtod(argv[4], NULL) : 60,
                    .clock = argc > 5 ? argv[5] : "60x",
                    .connections = argc > 6 ? (unsigned)strtoul(argv[6], NULL, 10) : 64};
    if (!(settings.rate > 0) || !(settings.seconds > 0) || settings.connections < 1 ||
        settings.connections > LOAD_LANES_MAX) {
        fprintf(stderr, "bench-orders: a number is too small or too large\n");
        return 2;
    }
    int exit_code = EXIT_SUCCESS;
    if (is_search) {
        exit_code = search(&settings, argv[2]);
    } else {
        result found = run_once(&settings, argv[2]);
        if (found.counts.due > 0)
            report_result(&found);
        exit_code = found.is_whole ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    report_table();
    return exit_code;
}
