/* The poller: takes messages from the queue in batches and starts an execution for each, named by
 * its order. The start and the end of the message are one transaction; where the execution is there
 * already the message goes, too. So whatever dies in between, each order has one execution.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "service.h"

#define BATCH 256u
#define PAUSE_SECONDS 1 /* behind a store that could not be written */

struct order_poller {
    order_service *service;
    struct event *pause;
    size_t starting;
    bool is_receiving, is_stopped;
};

typedef struct starting {
    order_service *service;
    order_poller *poller;
    uint64_t sequence;
    char id[ID_SIZE];
} starting;

/* Who listens sees that the workflow has begun; the row follows by its first task. */
static void tell(const starting *self)
{
    asl_value *row = NULL;
    if (events_listeners(self->service->events) == 0)
        return;
    if (asl_table_get_value(self->service->store, ORDER_TABLE, self->id, strlen(self->id), &row,
                            NULL) == ASL_OK)
        events_tell(self->service->events, orders_view(self->id, row, ORDER_PENDING));
    asl_value_unref(row);
}

static void on_started(void *context, asl_execution *execution, int status)
{
    (void)execution;
    starting *self = context;
    bool is_there = status == ASL_OK || status == ASL_EXISTS;
    asl_queue_taken(self->service->queue, self->sequence, is_there);
    if (status == ASL_OK)
        tell(self);
    else
        log_line(is_there ? "warning" : "error", self->id, "the workflow was not started: %s",
                 asl_status_name(status));
    self->poller->starting--;
    free(self);
}

static int start(starting *self, const asl_message *message, asl_writes *writes)
{
    asl_value *input = NULL;
    asl_execution *execution = NULL;
    int status = asl_value_parse(NULL, message->body, message->body_size, 0, &input, NULL);
    asl_start what = {.size = sizeof what,
                      .machine = MACHINE,
                      .name = self->id,
                      .input = input,
                      .writes = writes,
                      .on_started = on_started,
                      .context = self};
    if (status == ASL_OK)
        status = asl_execution_start(self->service->engine, &what, &execution, NULL);
    asl_execution_unref(execution); /* nobody holds it, so it can leave memory while it waits */
    asl_value_unref(input);
    return status;
}

static void take(order_poller *poller, const asl_message *message)
{
    order_service *service = poller->service;
    starting *self = calloc(1, sizeof *self);
    asl_writes *writes = asl_writes_new(NULL);
    if (self == NULL || writes == NULL || strlen(message->id) >= sizeof self->id) {
        free(self);
        asl_writes_free(writes);
        return; /* it is received again */
    }
    self->service = service;
    self->poller = poller;
    self->sequence = message->sequence;
    memcpy(self->id, message->id, strlen(message->id) + 1);
    int status = asl_queue_take(service->queue, message->sequence, message->receives, writes);
    if (status != ASL_OK) {
        asl_writes_free(writes);
        free(self);
        return;
    }
    poller->starting++;
    status = start(self, message, writes);
    if (status == ASL_OK)
        return;
    asl_writes_free(writes);
    on_started(self, NULL, status);
}

static void receive(order_poller *self);

/* What keeps the queue from being read may pass. */
static void pause_for(order_poller *self, int status)
{
    log_line("error", NULL, "the queue cannot be read: %s", asl_status_name(status));
    event_add(self->pause, &(struct timeval){PAUSE_SECONDS, 0});
}

static void on_received(void *context, int status, const asl_message *messages, size_t count)
{
    order_poller *self = context;
    self->is_receiving = false;
    for (size_t i = 0; i < count && !self->is_stopped; i++)
        take(self, &messages[i]);
    if (status == ASL_OK)
        receive(self);
    else
        pause_for(self, status);
}

static void on_pause(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    (void)events;
    receive(context);
}

static void receive(order_poller *self)
{
    if (self->is_receiving || self->is_stopped)
        return;
    int status = asl_queue_receive(self->service->queue, BATCH, on_received, self, NULL);
    self->is_receiving = status == ASL_OK;
    if (status != ASL_OK)
        pause_for(self, status);
}

order_poller *poller_new(order_service *service)
{
    order_poller *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->service = service;
    self->pause = evtimer_new(service->base, on_pause, self);
    if (self->pause == NULL) {
        free(self);
        return NULL;
    }
    receive(self);
    return self;
}

void poller_stop(order_poller *self)
{
    if (self != NULL)
        self->is_stopped = true;
}

size_t poller_starting(const order_poller *self)
{
    return self != NULL ? self->starting : 0;
}

void poller_free(order_poller *self)
{
    if (self == NULL)
        return;
    event_free(self->pause);
    free(self);
}
