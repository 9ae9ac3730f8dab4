/* DELETE of an order: while it is queued its message is deleted, in the Wait its execution is
 * stopped; either is one transaction with the order's row and the notification. Later it is too
 * late.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "outbox.h"
#include "reply.h"
#include "service.h"

#define MOMENT_MS 20
#define STOP_MS 10000 /* so long a commit may take */

typedef struct cancelling {
    order_service *service;
    struct evhttp_request *request;
    asl_execution *execution; /* that is stopped; NULL: none was started */
    asl_value *view;
    char id[ID_SIZE];
} cancelling;

static void too_late(struct evhttp_request *request, const char *why)
{
    reply_problem(request, 409, "TooLate", "%s", why);
}

static void finish(cancelling *self, int status)
{
    if (status == ASL_OK) {
        self->service->ended[2]++;
        outbox_look(self->service->outbox);
        log_line("info", self->id, "cancelled");
        events_tell(self->service->events, asl_value_ref(self->view));
        reply_value(self->request, 200, asl_value_ref(self->view));
    } else if (status == ASL_NOT_FOUND) {
        too_late(self->request, "the order has just left where it can be cancelled");
    } else {
        reply_status(self->request, status);
    }
    asl_execution_unref(self->execution);
    asl_value_unref(self->view);
    free(self);
}

static void on_written(void *context, int status)
{
    finish(context, status);
}

/* {"orderId", "orderStatus", "message": {...}}, as the workflow's own notifications. */
static asl_value *notification(const cancelling *self)
{
    static const char *const members[] = {"orderId", "orderStatus", "name", "restaurantId",
                                          "quantity"};
    asl_value *message = asl_value_object(NULL);
    asl_value *row = asl_value_object(NULL);
    int status = ASL_OK;
    for (size_t i = 0; i < sizeof members / sizeof members[0] && status == ASL_OK; i++) {
        const asl_value *value = order_get(self->view, members[i]);
        if (value != NULL)
            status = asl_value_set(&message, members[i], asl_value_ref(value));
        if (value != NULL && i < 2 && status == ASL_OK)
            status = asl_value_set(&row, members[i], asl_value_ref(value));
    }
    if (status == ASL_OK)
        status = asl_value_set(&row, "Subject", asl_value_string(NULL, "Your order"));
    if (status == ASL_OK)
        status = asl_value_set(&row, "message", asl_value_ref(message));
    asl_value_unref(message);
    if (status == ASL_OK)
        return row;
    asl_value_unref(row);
    return NULL;
}

/* The row in its new status, and the notification. NULL when out of memory. */
static asl_writes *gather(cancelling *self, const asl_value *row)
{
    char key[ID_SIZE + 16];
    size_t size = (size_t)snprintf(key, sizeof key, "%s/" ORDER_CANCELLED, self->id);
    asl_writes *writes = asl_writes_new(NULL);
    asl_value *changed = asl_value_ref(row);
    int status = asl_value_set(&changed, "orderStatus", asl_value_string(NULL, ORDER_CANCELLED));
    self->view = status == ASL_OK ? orders_view(self->id, changed, NULL) : NULL;
    asl_value *told = self->view != NULL ? notification(self) : NULL;
    if (writes != NULL && told != NULL) {
        order_put(writes, self->id, changed);
        asl_writes_put_value(writes, OUTBOX_TABLE, key, size, told);
    } else {
        asl_writes_free(writes);
        writes = NULL;
    }
    asl_value_unref(told);
    asl_value_unref(changed);
    return writes;
}

typedef struct found_wait {
    unsigned others; /* active states that are no Wait */
    int64_t due_ms;  /* 0: there is no Wait */
} found_wait;

static void note_state(void *context, const asl_active_state *state)
{
    found_wait *found = context;
    if (strcmp(state->type, "Wait") == 0)
        found->due_ms = state->due_ms;
    else
        found->others++;
}

/* Whether the execution waits, and goes on waiting until it is stopped: what is due in a moment is
 * not stopped, since a payment might be on its way by then. */
static bool is_waiting(const order_service *service, const asl_execution *execution)
{
    found_wait found = {0};
    int64_t moment_ms = (int64_t)(MOMENT_MS * service->settings->clock_scale) + 1;
    asl_execution_active(execution, note_state, &found);
    return found.others == 0 && found.due_ms > asl_engine_now(service->engine) + moment_ms;
}

/* Stops the execution, and waits for the commit. Steals `writes`. */
static int stop(cancelling *self, asl_writes *writes)
{
    uint64_t number = 0;
    order_service *service = self->service;
    int status = asl_store_find(service->store, MACHINE, self->id, &number, NULL);
    if (status == ASL_OK)
        status = asl_execution_find(service->engine, number, &self->execution);
    if (status == ASL_OK && !is_waiting(service, self->execution))
        status = ASL_NOT_FOUND;
    if (status != ASL_OK) {
        asl_writes_free(writes);
        return status;
    }
    status =
        asl_execution_stop(self->execution, "OrderCancelled", "the order was cancelled", writes);
    if (status == ASL_OK)
        status = asl_engine_run(service->engine, self->execution, STOP_MS, NULL);
    bool is_stopped = asl_execution_status_of(self->execution) == ASL_EXECUTION_ABORTED;
    return status == ASL_OK && !is_stopped ? ASL_NOT_FOUND : status;
}

static int remove_message(cancelling *self, const asl_value *row, asl_writes *writes)
{
    int64_t sequence = 0;
    if (order_integer(order_get(row, "sequence"), &sequence))
        return asl_queue_delete(self->service->queue, (uint64_t)sequence, 0, writes, on_written,
                                self, NULL);
    asl_writes_free(writes);
    return ASL_NOT_FOUND;
}

void orders_cancel(order_service *service, struct evhttp_request *request, const char *id)
{
    asl_value *row = NULL;
    int status = asl_table_get_value(service->store, ORDER_TABLE, id, strlen(id), &row, NULL);
    const char *order_status = order_text(order_get(row, "orderStatus"), NULL);
    bool is_queued = order_status != NULL && strcmp(order_status, ORDER_QUEUED) == 0;
    bool is_pending = order_status != NULL && strcmp(order_status, ORDER_PENDING) == 0;
    cancelling *self = calloc(1, sizeof *self);
    if (status == ASL_NOT_FOUND) {
        reply_problem(request, 404, "OrderNotFound", "there is no such order");
    } else if (status != ASL_OK || self == NULL) {
        reply_status(request, status != ASL_OK ? status : ASL_NOMEM);
    } else if (!is_queued && !is_pending) {
        reply_problem(request, 409, "TooLate", "the order is %s already", order_status);
    } else {
        *self = (cancelling){.service = service, .request = request};
        snprintf(self->id, sizeof self->id, "%s", id);
        asl_writes *writes = gather(self, row);
        status = writes == NULL ? ASL_NOMEM
                 : is_queued    ? remove_message(self, row, writes)
                                : stop(self, writes);
        if (status != ASL_OK || !is_queued)
            finish(self, status);
        self = NULL;
    }
    free(self);
    asl_value_unref(row);
}
