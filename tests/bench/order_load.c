/* A lane carries one request at a time, written by one call and read as it comes. A timer posts
 * what has become due, and so does each answer, for its lane is free again. */
#include "order_load.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mail_sink.h"
#include "order_process.h"
#include "report.h"

#define TICK_US 500
#define ANSWER_BYTES 4096u
#define GRACE_NS INT64_C(250000000)    /* for what was due and found no free lane */
#define ANSWER_NS INT64_C(30000000000) /* who has not answered so long will not */
#define BODY \
    "{\"name\":\"Step Functions Pizza\",\"restaurantId\":\"Restaurant 99\",\"quantity\":3 }"

typedef struct lane {
    order_load *load;
    struct event *event;
    int fd; /* -1: none */
    bool is_busy;
    size_t index; /* of the order that is on its way */
    size_t size;
    char bytes[ANSWER_BYTES + 1];
} lane;

struct order_load {
    struct event_base *base;
    struct event *tick;
    load_options options;
    size_t next, in_flight;
    int64_t end_ns;
    load_counts counts;
    load_order *orders;
    char request[512];
    size_t request_size;
    size_t free_count;
    lane *free_lanes[LOAD_LANES_MAX];
    lane lanes[LOAD_LANES_MAX];
};

static int64_t due_ns(const order_load *self, size_t index)
{
    return self->counts.began_ns + (int64_t)((double)index / self->options.rate * 1e9);
}

static void close_lane(lane *self)
{
    if (self->event != NULL)
        event_free(self->event);
    if (self->fd >= 0)
        close(self->fd);
    self->event = NULL;
    self->fd = -1;
}

static void count_answer(order_load *self, const load_order *order, bool has_retry_after)
{
    if (order->answer == 200) {
        self->counts.acknowledged++;
        return;
    }
    bool is_refused = order->answer == 429 || order->answer == 503;
    self->counts.too_many += order->answer == 429;
    self->counts.unavailable += order->answer == 503;
    self->counts.without_retry_after += is_refused && !has_retry_after;
    self->counts.failed += !is_refused;
}

/* The order on its way has its answer, or none: 0. */
static void finish(lane *self, unsigned answer, bool has_retry_after)
{
    order_load *load = self->load;
    load_order *order = &load->orders[self->index];
    int64_t latency_us = (report_now_ns() - due_ns(load, self->index)) / 1000;
    order->latency_us = (uint32_t)(latency_us > 0 ? latency_us : 0);
    order->answer = (uint16_t)answer;
    count_answer(load, order, has_retry_after);
    self->is_busy = false;
    self->size = 0;
    load->in_flight--;
    load->free_lanes[load->free_count++] = self;
}

static void lose(lane *self)
{
    close_lane(self);
    if (self->is_busy)
        finish(self, 0, false);
}

static bool read_id(const char *body, unsigned char id[16])
{
    static const char name[] = "\"MessageId\":\"";
    const char *found = strstr(body, name);
    return found != NULL && mail_sink_order_id(found + sizeof name - 1, id);
}

/* True where the answer is whole. */
static bool look_at_answer(lane *self)
{
    self->bytes[self->size] = '\0';
    char *end = strstr(self->bytes, "\r\n\r\n");
    if (end == NULL)
        return false;
    const char *length = strcasestr(self->bytes, "\r\nContent-Length:");
    size_t head_size = (size_t)(end - self->bytes) + 4;
    size_t body_size = length != NULL && length < end
                           ? strtoul(length + strlen("\r\nContent-Length:"), NULL, 10)
                           : 0;
    if (self->size < head_size + body_size)
        return false;
    unsigned answer = (unsigned)strtoul(self->bytes + strlen("HTTP/1.1 "), NULL, 10);
    *end = '\0';
    bool has_retry_after = strcasestr(self->bytes, "\r\nRetry-After:") != NULL;
    bool closes = strcasestr(self->bytes, "\r\nConnection: close") != NULL;
    if (answer == 200 && !read_id(end + 4, self->load->orders[self->index].id))
        answer = 0;
    finish(self, answer, has_retry_after);
    if (closes)
        close_lane(self);
    return true;
}

static void post_due(order_load *self);

static void on_answer(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    lane *self = context;
    ssize_t bytes = read(fd, self->bytes + self->size, ANSWER_BYTES - self->size);
    if (bytes < 0 && errno == EAGAIN)
        return;
    self->size += bytes > 0 ? (size_t)bytes : 0;
    bool is_whole = bytes > 0 && self->is_busy && look_at_answer(self);
    if (bytes <= 0 || (!is_whole && (!self->is_busy || self->size == ANSWER_BYTES)))
        lose(self);
    post_due(self->load);
}

static bool open_lane(lane *self)
{
    self->fd = order_process_connect(self->load->options.port);
    if (self->fd < 0 || evutil_make_socket_nonblocking(self->fd) != 0)
        return false;
    self->event = event_new(self->load->base, self->fd, EV_READ | EV_PERSIST, on_answer, self);
    return self->event != NULL && event_add(self->event, NULL) == 0;
}

static void post(lane *self, size_t index)
{
    order_load *load = self->load;
    self->index = index;
    self->is_busy = true;
    load->in_flight++;
    load->counts.posted++;
    bool is_open = self->fd >= 0 || open_lane(self);
    if (!is_open || send(self->fd, load->request, load->request_size, MSG_NOSIGNAL) !=
                        (ssize_t)load->request_size)
        lose(self);
}

static void post_due(order_load *self)
{
    int64_t now_ns = report_now_ns();
    if (now_ns > self->end_ns + GRACE_NS)
        return;
    /* A lane that breaks is free again: each is tried once. */
    for (size_t tries = self->options.connections;
         tries > 0 && self->free_count > 0 && self->next < self->counts.due &&
         due_ns(self, self->next) <= now_ns;
         tries--)
        post(self->free_lanes[--self->free_count], self->next++);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    order_load *self = context;
    post_due(self);
    if (report_now_ns() < self->end_ns + ANSWER_NS)
        return;
    for (size_t i = 0; i < self->options.connections; i++) {
        if (self->lanes[i].is_busy)
            lose(&self->lanes[i]);
    }
}

order_load *order_load_start(struct event_base *base, const load_options *options)
{
    order_load *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->base = base;
    self->options = *options;
    self->counts.due = (size_t)(options->rate * options->seconds);
    self->orders = calloc(self->counts.due + 1, sizeof *self->orders);
    self->request_size = (size_t)snprintf(
        self->request, sizeof self->request,
        "POST /orders HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: application/json\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        options->port, strlen(BODY), BODY);
    for (size_t i = 0; i < self->options.connections; i++) {
        self->lanes[i].load = self;
        self->lanes[i].fd = -1;
        self->free_lanes[self->free_count++] = &self->lanes[i];
    }
    self->tick = event_new(base, -1, EV_PERSIST, on_tick, self);
    self->counts.began_ns = report_now_ns();
    self->end_ns = self->counts.began_ns + (int64_t)(options->seconds * 1e9);
    if (self->orders != NULL && self->tick != NULL &&
        event_add(self->tick, &(struct timeval){0, TICK_US}) == 0)
        return self;
    order_load_free(self);
    return NULL;
}

void order_load_free(order_load *self)
{
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->options.connections; i++)
        close_lane(&self->lanes[i]);
    if (self->tick != NULL)
        event_free(self->tick);
    free(self->orders);
    free(self);
}

bool order_load_is_done(const order_load *self)
{
    bool is_over = self->next == self->counts.due || report_now_ns() > self->end_ns + GRACE_NS;
    return is_over && self->in_flight == 0;
}

load_counts order_load_counts(const order_load *self)
{
    return self->counts;
}

const load_order *order_load_orders(const order_load *self)
{
    return self->orders;
}
