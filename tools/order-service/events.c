/* The stream of changes (server-sent events): each order that changes is told to all who listen.
 * Who does not read is dropped, so that nothing piles up.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>

#include "reply.h"
#include "service.h"

#define LISTENERS_MAX 64u
#define HEARTBEAT_SECONDS 15
#define UNREAD_MAX 1048576u /* bytes that wait for a slow listener */

typedef struct listener {
    struct listener *next;
    order_events *events;
    struct evhttp_request *request;
} listener;

struct order_events {
    order_service *service;
    listener *first;
    size_t count;
    struct event *heartbeat;
};

static void forget(listener *self)
{
    listener **place = &self->events->first;
    while (*place != self)
        place = &(*place)->next;
    *place = self->next;
    self->events->count--;
    free(self);
}

/* A request that evhttp has taken from its connection is ours to free. */
static void drop(listener *self)
{
    struct evhttp_request *request = self->request;
    forget(self);
    if (evhttp_request_get_connection(request) == NULL)
        evhttp_request_free(request);
}

static void on_closed(struct evhttp_connection *connection, void *context)
{
    (void)connection;
    drop(context);
}

/* Ends the stream and forgets the listener. */
static void end(listener *self)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(self->request);
    struct evhttp_request *request = self->request;
    if (connection != NULL)
        evhttp_connection_set_closecb(connection, NULL, NULL);
    forget(self);
    evhttp_send_reply_end(request);
}

static void send_to_all(order_events *self, const char *text, size_t size)
{
    listener *next = NULL;
    for (listener *each = self->first; each != NULL; each = next) {
        next = each->next;
        struct evhttp_connection *connection = evhttp_request_get_connection(each->request);
        if (connection == NULL) {
            drop(each);
            continue;
        }
        struct bufferevent *socket = evhttp_connection_get_bufferevent(connection);
        struct evbuffer *chunk = evbuffer_new();
        if (evbuffer_get_length(bufferevent_get_output(socket)) > UNREAD_MAX) {
            end(each);
        } else if (chunk != NULL && evbuffer_add(chunk, text, size) == 0) {
            evhttp_send_reply_chunk(each->request, chunk);
        }
        if (chunk != NULL)
            evbuffer_free(chunk);
    }
}

void events_tell(order_events *self, asl_value *order)
{
    static const char before[] = "event: order\ndata: ";
    char *text = NULL;
    size_t size = 0;
    char *line = NULL;
    if (self->count > 0 && order != NULL && asl_value_print(order, 0, &text, &size) == ASL_OK)
        line = malloc(sizeof before + size + 2);
    if (line != NULL) {
        memcpy(line, before, sizeof before - 1);
        memcpy(line + sizeof before - 1, text, size);
        memcpy(line + sizeof before - 1 + size, "\n\n", 2);
        send_to_all(self, line, sizeof before - 1 + size + 2);
    }
    free(line);
    asl_text_free(text);
    asl_value_unref(order);
}

static void on_heartbeat(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    send_to_all(context, ": \n\n", 4);
}

void events_get(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    order_events *self = service->events;
    listener *new = self->count < LISTENERS_MAX ? malloc(sizeof *new) : NULL;
    if (new == NULL) {
        reply_later(request, 503, "TooManyListeners", "too many pages listen");
        return;
    }
    *new = (listener){self->first, self, request};
    self->first = new;
    self->count++;
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    evhttp_connection_set_closecb(connection, on_closed, new);
    evhttp_connection_set_timeout(connection, HEARTBEAT_SECONDS * 4);
    reply_headers(request, "text/event-stream");
    evhttp_send_reply_start(request, 200, "OK");
    struct evbuffer *chunk = evbuffer_new();
    if (chunk != NULL && evbuffer_add(chunk, "retry: 1000\n\n", 13) == 0)
        evhttp_send_reply_chunk(request, chunk);
    if (chunk != NULL)
        evbuffer_free(chunk);
}

size_t events_listeners(const order_events *self)
{
    return self->count;
}

order_events *events_new(order_service *service)
{
    order_events *self = calloc(1, sizeof *self);
    struct timeval interval = {HEARTBEAT_SECONDS, 0};
    if (self == NULL)
        return NULL;
    self->service = service;
    self->heartbeat = event_new(service->base, -1, EV_PERSIST, on_heartbeat, self);
    if (self->heartbeat == NULL || event_add(self->heartbeat, &interval) != 0) {
        events_free(self);
        return NULL;
    }
    return self;
}

void events_free(order_events *self)
{
    if (self == NULL)
        return;
    while (self->first != NULL)
        end(self->first);
    if (self->heartbeat != NULL)
        event_free(self->heartbeat);
    free(self);
}
