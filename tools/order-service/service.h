/* The order service: what its parts share.
 *
 *     request -> gate -> routes -> intake -> queue -> poller -> workflow -> outbox -> mailer
 *                              `-> orders, subscriptions, events, metrics
 *
 * One thread does everything but sending mail: it runs libevent's loop, in which the engine is one
 * more descriptor. Nothing is acknowledged before it is durable.
 */
#ifndef ORDER_SERVICE_SERVICE_H
#define ORDER_SERVICE_SERVICE_H

#include <asl/asl.h>
#include <event2/event.h>
#include <event2/http.h>

#include "order/rules.h"
#include "server.h"
#include "settings.h"

#define MACHINE "order"
#define QUEUE_NAME "orders"
#define OUTBOX_TABLE "outbox"
#define ID_SIZE TOOL_UUID_SIZE

typedef struct order_intake order_intake;
typedef struct order_poller order_poller;
typedef struct order_outbox order_outbox;
typedef struct order_subscriptions order_subscriptions;
typedef struct order_events order_events;

typedef struct order_service {
    const service_settings *settings;
    struct event_base *base;
    asl_store *store;
    asl_engine *engine;
    asl_definition *definition;
    asl_queue *queue;
    http_server *server;
    order_intake *intake;
    order_poller *poller;
    order_outbox *outbox;
    order_subscriptions *subscriptions;
    order_events *events;
    char secret[32];   /* signs the links in mails */
    uint64_t ended[3]; /* orders that became SUCCESS, FAILURE, CANCELLED since the start */
    bool is_ready, is_stopping;
} order_service;

/* routes.c: who serves what. `context` is the service. */
unsigned routes_methods_of(const char *path, size_t size);
void routes_serve(struct evhttp_request *request, void *context);

/* intake.c: POST /orders. */
order_intake *intake_new(order_service *service);
void intake_free(order_intake *self);
void intake_post(order_service *service, struct evhttp_request *request, const char *id);
/* Requests that wait for their commit. */
size_t intake_waiting(const order_intake *self);

/* poller.c: messages become executions. */
order_poller *poller_new(order_service *service);
void poller_stop(order_poller *self);
/* Starts that are not durable yet. */
size_t poller_starting(const order_poller *self);
void poller_free(order_poller *self);

/* orders.c: reading orders. cancel.c: DELETE. */
void orders_list(order_service *service, struct evhttp_request *request, const char *id);
void orders_get(order_service *service, struct evhttp_request *request, const char *id);
void orders_history(order_service *service, struct evhttp_request *request, const char *id);
void orders_graph(order_service *service, struct evhttp_request *request, const char *id);
void orders_cancel(order_service *service, struct evhttp_request *request, const char *id);
/* What is shown of an order; `status` stands for the row's, where it is not NULL. A new object, or
 * NULL when out of memory. */
asl_value *orders_view(const char *id, const asl_value *row, const char *status);

/* events.c: GET /events, a stream of what changes. */
order_events *events_new(order_service *service);
void events_free(order_events *self);
void events_get(order_service *service, struct evhttp_request *request, const char *id);
/* Tells who listens of an order; steals `order`. */
void events_tell(order_events *self, asl_value *order);
size_t events_listeners(const order_events *self);

/* metrics.c */
void metrics_get(order_service *service, struct evhttp_request *request, const char *id);
void metrics_health(order_service *service, struct evhttp_request *request, const char *id);
void metrics_ready(order_service *service, struct evhttp_request *request, const char *id);

/* page.c */
void page_html(order_service *service, struct evhttp_request *request, const char *id);
void page_css(order_service *service, struct evhttp_request *request, const char *id);
void page_js(order_service *service, struct evhttp_request *request, const char *id);
void page_icon(order_service *service, struct evhttp_request *request, const char *id);

#endif
