/* The HTTP server: evhttp behind the gate, on an address or a unix socket, with TLS or without.
 *
 * What the gate refuses is answered and closed; whatever else comes is a request that the gate let
 * pass, and is given to `serve`, which answers at once or later.
 */
#ifndef ORDER_SERVICE_SERVER_H
#define ORDER_SERVICE_SERVER_H

#include <event2/event.h>
#include <event2/http.h>

#include "gate.h"

typedef struct http_server http_server;

typedef struct server_options {
    struct event_base *base;
    const char *listen;            /* "127.0.0.1:8080", "[::1]:8080", "unix:/run/orders.sock" */
    const char *certificate, *key; /* files; NULL: no TLS */
    const char *const *hosts;      /* more that Host may be, ended by NULL */
    unsigned (*methods_of)(const char *path, size_t size);
    void (*serve)(struct evhttp_request *request, void *context);
    void *context;
    unsigned connections_max;
} server_options;

/* Opens it. Returns NULL having said why not. */
http_server *server_open(const server_options *options);
/* Takes no more connections; those that are there are served. */
void server_stop(http_server *self);
void server_close(http_server *self);

/* "http://127.0.0.1:8080", with the port that it really has; of a unix socket "unix:PATH". */
const char *server_url(const http_server *self);
/* Whether an address can be reached from this machine only. */
bool server_is_local(const char *listen);
/* Whether an Origin header names this server itself. */
bool server_is_own_origin(const http_server *self, const char *origin);
unsigned server_connections(const http_server *self);

/* Where the gate refused this one: the status, why, and for 405 what is allowed. 0: it did not. */
unsigned server_refusal(struct evhttp_request *request, const char **ret_why,
                        unsigned *ret_methods);

#endif
