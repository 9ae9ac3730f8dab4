/* Health, readiness, and metrics in Prometheus' text format.
 */
#include <event2/buffer.h>
#include <inttypes.h>

#include "outbox.h"
#include "reply.h"
#include "service.h"

void metrics_health(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)service;
    (void)id;
    reply_text(request, 200, "text/plain", "ok\n", 3);
}

void metrics_ready(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    if (service->is_ready && !service->is_stopping)
        reply_text(request, 200, "text/plain", "ready\n", 6);
    else
        reply_later(request, 503, "NotReady", "the service is being started or stopped");
}

static void add(struct evbuffer *text, const char *name, const char *type, const char *help)
{
    evbuffer_add_printf(text, "# HELP order_service_%s %s\n# TYPE order_service_%s %s\n", name,
                        help, name, type);
}

static void add_one(struct evbuffer *text, const char *name, const char *type, const char *help,
                    uint64_t value)
{
    add(text, name, type, help);
    evbuffer_add_printf(text, "order_service_%s %" PRIu64 "\n", name, value);
}

static void add_queue(struct evbuffer *text, const asl_queue *queue)
{
    asl_queue_statistics found = {.size = sizeof found};
    if (asl_queue_read_statistics(queue, &found) != ASL_OK)
        return;
    int64_t age = found.oldest_sent_ms > 0 ? tool_now_ms() - found.oldest_sent_ms : 0;
    add_one(text, "queue_messages", "gauge", "Orders that wait for their start.", found.messages);
    add(text, "queue_age_seconds", "gauge", "Age of the oldest of them.");
    evbuffer_add_printf(text, "order_service_queue_age_seconds %.3f\n",
                        (double)(age > 0 ? age : 0) / 1000);
    add_one(text, "queue_sent_total", "counter", "Orders that were taken in since the start.",
            found.sent);
    add_one(text, "queue_received_total", "counter", "Orders that were taken from the queue.",
            found.received);
}

static void add_histogram(struct evbuffer *text, const char *name, const char *help,
                          const asl_histogram *histogram)
{
    static const uint64_t bounds[] = {ASL_HISTOGRAM_BOUNDS_US};
    uint64_t count = 0;
    add(text, name, "histogram", help);
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        count += histogram->count[i];
        evbuffer_add_printf(text, "order_service_%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
                            (double)bounds[i] / 1e6, count);
    }
    evbuffer_add_printf(text,
                        "order_service_%s_bucket{le=\"+Inf\"} %" PRIu64
                        "\norder_service_%s_sum %.6f\norder_service_%s_count %" PRIu64 "\n",
                        name, histogram->total, name, (double)histogram->sum_us / 1e6, name,
                        histogram->total);
}

static void add_engine(struct evbuffer *text, const asl_engine *engine)
{
    asl_engine_statistics found = {.size = sizeof found};
    if (asl_engine_read_statistics(engine, &found) != ASL_OK)
        return;
    const struct {
        const char *status;
        uint64_t count;
    } ended[] = {{"SUCCEEDED", found.succeeded},
                 {"FAILED", found.failed},
                 {"TIMED_OUT", found.timed_out},
                 {"ABORTED", found.aborted}};
    add_one(text, "executions_started_total", "counter", "Executions that were started.",
            found.started);
    add(text, "executions_ended_total", "counter", "Executions that have ended, by status.");
    for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++)
        evbuffer_add_printf(text,
                            "order_service_executions_ended_total{status=\"%s\"} %" PRIu64 "\n",
                            ended[i].status, ended[i].count);
    add_one(text, "events_total", "counter", "Events of histories that were recorded.",
            found.events);
    add_one(text, "tasks_total", "counter", "Tasks that were given to handlers.",
            found.tasks_dispatched);
    add_histogram(text, "task_seconds", "From giving a task to a handler to its answer.",
                  &found.task_latency);
    add_histogram(text, "commit_seconds", "A transaction, until it is durable.",
                  &found.commit_latency);
}

static void add_orders(struct evbuffer *text, const order_service *service)
{
    static const char *const statuses[] = {ORDER_SUCCESS, ORDER_FAILURE, ORDER_CANCELLED};
    add(text, "orders_ended_total", "counter", "Orders that got their last status.");
    for (size_t i = 0; i < 3; i++)
        evbuffer_add_printf(text, "order_service_orders_ended_total{status=\"%s\"} %" PRIu64 "\n",
                            statuses[i], service->ended[i]);
}

static void add_outbox(struct evbuffer *text, const order_outbox *outbox)
{
    outbox_statistics found = outbox_read_statistics(outbox);
    add_one(text, "mails_sent_total", "counter", "Mails that the server has taken.", found.sent);
    add_one(text, "mails_refused_total", "counter", "Mails that were given up.", found.refused);
    add_one(text, "mails_failed_total", "counter", "Tries that are tried again.", found.failed);
    add_one(text, "mails_waiting", "gauge", "Mails that have not been sent.", found.waiting);
    add_one(text, "mail_server_is_away", "gauge", "1: the mail server could not be reached.",
            found.is_paused);
}

static void add_store(struct evbuffer *text, asl_store *store)
{
    asl_store_statistics found = {.size = sizeof found};
    if (asl_store_read_statistics(store, &found, NULL) != ASL_OK)
        return;
    add_one(text, "store_file_bytes", "gauge", "Size of the store's file.", found.file_bytes);
    add_one(text, "store_used_bytes", "gauge", "Of these are in use.", found.used_bytes);
    add_one(text, "store_executions", "gauge", "Executions with a history.", found.executions);
    add_one(text, "store_executions_running", "gauge",
            "Executions that run, as of the last checkpoint.", found.active + found.passive);
}

void metrics_get(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    struct evbuffer *text = evbuffer_new();
    if (text == NULL) {
        reply_status(request, ASL_NOMEM);
        return;
    }
    add_queue(text, service->queue);
    add_orders(text, service);
    add_engine(text, service->engine);
    add_outbox(text, service->outbox);
    add_store(text, service->store);
    add_one(text, "connections", "gauge", "Connections that are open.",
            server_connections(service->server));
    add_one(text, "listeners", "gauge", "Pages that listen to changes.",
            events_listeners(service->events));
    size_t size = evbuffer_get_length(text);
    reply_text(request, 200, "text/plain; version=0.0.4", evbuffer_pullup(text, -1), size);
    evbuffer_free(text);
}
