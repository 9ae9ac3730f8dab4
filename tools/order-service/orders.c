/* Reading orders: one, a page of them, what happened to one, and the picture of it.
 *
 * A page is newest first: ids are ordered by time, so a place in the list is an id, and the cursor
 * is one in disguise. By status and by restaurant the index is read; by both the index of the
 * restaurant, and of what stands there the orders that have the status.
 */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "reply.h"
#include "service.h"

#define LIMIT_DEFAULT 50u
#define LIMIT_MAX 200u
#define LOOKED_AT_MAX 2000u /* rows for one page */

asl_value *orders_view(const char *id, const asl_value *row, const char *status)
{
    static const char *const members[] = {"name",      "restaurantId", "quantity",    "payment",
                                          "createdAt", "orderStatus",  "errorMessage"};
    asl_value *view = asl_value_object(NULL);
    int result = asl_value_set(&view, "orderId", asl_value_string(NULL, id));
    for (size_t i = 0; i < sizeof members / sizeof members[0] && result == ASL_OK; i++) {
        const asl_value *value = order_get(row, members[i]);
        asl_value *shown = NULL;
        if (value == NULL)
            continue;
        if (strcmp(members[i], "payment") == 0) { /* its token is nobody's business */
            shown = asl_value_object(NULL);
            result = asl_value_set(&shown, "amount", asl_value_ref(order_get(value, "amount")));
        } else if (strcmp(members[i], "orderStatus") == 0 && status != NULL) {
            shown = asl_value_string(NULL, status);
        } else {
            shown = asl_value_ref(value);
        }
        if (result == ASL_OK)
            result = asl_value_set(&view, members[i], shown);
        else
            asl_value_unref(shown);
    }
    if (result == ASL_OK)
        return view;
    asl_value_unref(view);
    return NULL;
}

typedef struct page {
    const char *status, *restaurant; /* NULL: any */
    char prefix[ASL_TABLE_KEY_MAX];
    size_t prefix_size;
    char ids[LOOKED_AT_MAX][ID_SIZE];
    size_t count;
} page;

static bool add_id(void *context, const void *key, size_t key_size, const void *row,
                   size_t row_size)
{
    (void)row;
    (void)row_size;
    page *self = context;
    if (key_size < self->prefix_size || memcmp(key, self->prefix, self->prefix_size) != 0 ||
        self->count == LOOKED_AT_MAX)
        return false;
    size_t size = key_size - self->prefix_size;
    if (size < ID_SIZE) {
        memcpy(self->ids[self->count], (const char *)key + self->prefix_size, size);
        self->ids[self->count++][size] = '\0';
    }
    return true;
}

static const char *text_of(const asl_value *row, const char *name)
{
    const char *text = order_text(order_get(row, name), NULL);
    return text != NULL ? text : "";
}

static bool is_wanted(const page *self, const asl_value *row)
{
    return (self->status == NULL || strcmp(text_of(row, "orderStatus"), self->status) == 0) &&
           (self->restaurant == NULL ||
            strcmp(text_of(row, "restaurantId"), self->restaurant) == 0);
}

/* {"orders": [...], "next": cursor or null}. */
static asl_value *build(order_service *service, page *self, size_t limit)
{
    asl_value *orders = asl_value_array(NULL);
    asl_value *result = asl_value_object(NULL);
    int status = orders != NULL ? ASL_OK : ASL_NOMEM;
    size_t i = 0;
    for (; i < self->count && asl_value_count(orders) < limit && status == ASL_OK; i++) {
        asl_value *row = NULL;
        const char *id = self->ids[i];
        if (asl_table_get_value(service->store, ORDER_TABLE, id, strlen(id), &row, NULL) ==
                ASL_OK &&
            is_wanted(self, row))
            status = asl_value_append(&orders, orders_view(id, row, NULL));
        asl_value_unref(row);
    }
    bool has_more = i < self->count || self->count == LOOKED_AT_MAX;
    char *cursor =
        has_more && i > 0 ? digest_base64(self->ids[i - 1], strlen(self->ids[i - 1])) : NULL;
    if (status == ASL_OK)
        status = asl_value_set(&result, "orders", asl_value_ref(orders));
    if (status == ASL_OK)
        status = asl_value_set(&result, "next",
                               cursor != NULL ? asl_value_string(NULL, cursor) : asl_value_null());
    free(cursor);
    asl_value_unref(orders);
    if (status == ASL_OK)
        return result;
    asl_value_unref(result);
    return NULL;
}

/* The rows before the cursor, as many as a page may need. */
static int collect(order_service *service, page *self, const char *after)
{
    const char *table = ORDER_TABLE;
    if (self->restaurant != NULL)
        self->prefix_size =
            order_index_restaurant(self->prefix, self->restaurant, strlen(self->restaurant));
    else if (self->status != NULL)
        self->prefix_size = order_index_status(self->prefix, self->status);
    if (self->prefix_size > 0)
        table = ORDER_INDEX_TABLE;
    char before[ASL_TABLE_KEY_MAX];
    const char *end = after != NULL ? after : "\x7f"; /* behind all ids */
    size_t size = self->prefix_size + strlen(end);
    if (size > sizeof before)
        return ASL_OK;
    memcpy(before, self->prefix, self->prefix_size);
    memcpy(before + self->prefix_size, end, strlen(end));
    return asl_table_scan_back(service->store, table, before, size, add_id, self, NULL);
}

/* A number from 1 to the most; 0 where it is none. */
static size_t read_limit(const char *text)
{
    char *end = NULL;
    if (text == NULL)
        return LIMIT_DEFAULT;
    unsigned long number = strtoul(text, &end, 10);
    return text[0] >= '1' && text[0] <= '9' && *end == '\0' && number <= LIMIT_MAX ? number : 0;
}

void orders_list(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    page *found = calloc(1, sizeof *found);
    char *status = reply_query(request, "status");
    char *restaurant = reply_query(request, "restaurantId");
    char *cursor = reply_query(request, "after");
    char *limit_text = reply_query(request, "limit");
    char *after = cursor != NULL ? digest_unbase64(cursor, strlen(cursor), NULL) : NULL;
    size_t limit = read_limit(limit_text);
    if (found == NULL) {
        reply_status(request, ASL_NOMEM);
    } else if (status != NULL && !order_is_status(status)) {
        reply_problem(request, 400, "StatusInvalid",
                      "status is QUEUED, PENDING, SUCCESS, FAILURE or CANCELLED");
    } else if (limit == 0) {
        reply_problem(request, 400, "LimitInvalid", "limit is a number from 1 to %u", LIMIT_MAX);
    } else if (cursor != NULL && (after == NULL || strlen(after) != ID_SIZE - 1)) {
        reply_problem(request, 400, "CursorInvalid", "after is what a page gave as next");
    } else {
        found->status = status;
        found->restaurant = restaurant;
        int result = collect(service, found, after);
        if (result == ASL_OK)
            reply_value(request, 200, build(service, found, limit));
        else
            reply_status(request, result);
    }
    free(found);
    free(status);
    free(restaurant);
    free(cursor);
    free(after);
    free(limit_text);
}

/* The history and the definition of an order's execution; both NULL where it has none yet. */
static int read_history(order_service *service, const char *id, asl_history **ret_history,
                        asl_definition **ret_definition)
{
    uint64_t number = 0;
    int status = asl_store_find(service->store, MACHINE, id, &number, NULL);
    if (status == ASL_NOT_FOUND)
        return ASL_OK;
    if (status == ASL_OK)
        status = asl_history_read(service->store, number, ret_history, NULL);
    if (status == ASL_OK)
        status = asl_store_definition(service->store, number, ret_definition, NULL);
    return status;
}

/* What the workflow is doing: the recorded facts say it, whether it is in memory or not. */
static asl_value *active_states(order_service *service, const char *id)
{
    asl_history *history = NULL;
    asl_definition *definition = NULL;
    asl_replay *replay = NULL;
    asl_value *state = NULL;
    asl_value *active = NULL;
    asl_replay_options options = {.size = sizeof options, .machine = MACHINE, .execution = id};
    if (read_history(service, id, &history, &definition) == ASL_OK && history != NULL &&
        asl_replay_run(history, definition, &options, &replay, NULL) == ASL_OK &&
        asl_replay_state(replay, &state) == ASL_OK)
        active = asl_value_ref(order_get(state, "active"));
    asl_value_unref(state);
    asl_replay_free(replay);
    asl_definition_unref(definition);
    asl_history_free(history);
    asl_value *shown = asl_value_array(NULL);
    static const char *const members[] = {"state", "type", "waitsFor", "due", "attempt"};
    int status = shown != NULL ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; i < asl_value_count(active) && status == ASL_OK; i++) {
        asl_value *one = asl_value_object(NULL);
        for (size_t j = 0; j < sizeof members / sizeof members[0] && status == ASL_OK; j++) {
            const asl_value *value = order_get(asl_value_at(active, i), members[j]);
            if (value != NULL)
                status = asl_value_set(&one, members[j], asl_value_ref(value));
        }
        if (status == ASL_OK)
            status = asl_value_append(&shown, one);
        else
            asl_value_unref(one);
    }
    asl_value_unref(active);
    if (status == ASL_OK)
        return shown;
    asl_value_unref(shown);
    return NULL;
}

/* {"now", "scale"}: the workflow's time, and how fast it runs. */
static asl_value *clock_view(const order_service *service)
{
    char text[TOOL_TIME_SIZE];
    asl_value *view = asl_value_object(NULL);
    tool_time_text(asl_engine_now(service->engine), text);
    if (asl_value_set(&view, "now", asl_value_string(NULL, text)) == ASL_OK &&
        asl_value_set(&view, "scale", asl_value_double(NULL, service->settings->clock_scale)) ==
            ASL_OK)
        return view;
    asl_value_unref(view);
    return NULL;
}

void orders_get(order_service *service, struct evhttp_request *request, const char *id)
{
    asl_value *row = NULL;
    int status = asl_table_get_value(service->store, ORDER_TABLE, id, strlen(id), &row, NULL);
    if (status == ASL_NOT_FOUND) {
        reply_problem(request, 404, "OrderNotFound", "there is no such order");
        return;
    }
    if (status != ASL_OK) {
        reply_status(request, status);
        return;
    }
    bool is_pending = strcmp(text_of(row, "orderStatus"), ORDER_PENDING) == 0;
    asl_value *view = orders_view(id, row, NULL);
    status = asl_value_set(&view, "active",
                           is_pending ? active_states(service, id) : asl_value_array(NULL));
    if (status == ASL_OK)
        status = asl_value_set(&view, "clock", clock_view(service));
    asl_value_unref(row);
    if (status != ASL_OK) {
        asl_value_unref(view);
        view = NULL;
    }
    reply_value(request, 200, view);
}

/* Whether the order is there; says so where it is not. */
static bool is_there(order_service *service, struct evhttp_request *request, const char *id)
{
    asl_value *row = NULL;
    int status = asl_table_get_value(service->store, ORDER_TABLE, id, strlen(id), &row, NULL);
    asl_value_unref(row);
    if (status == ASL_NOT_FOUND)
        reply_problem(request, 404, "OrderNotFound", "there is no such order");
    else if (status != ASL_OK)
        reply_status(request, status);
    return status == ASL_OK;
}

void orders_history(order_service *service, struct evhttp_request *request, const char *id)
{
    char *token = reply_query(request, "after");
    asl_page_options options = {.size = sizeof options, .token = token, .max_results = 1000};
    uint64_t number = 0;
    asl_history *history = NULL;
    asl_value *value = NULL;
    int status = asl_store_find(service->store, MACHINE, id, &number, NULL);
    if (status == ASL_OK)
        status = asl_history_read_page(service->store, number, &options, &history, NULL);
    if (status == ASL_OK)
        status = asl_history_to_value(history, &value);
    if (status == ASL_OK) {
        reply_value(request, 200, value);
    } else if (status == ASL_MISUSE) {
        reply_problem(request, 400, "CursorInvalid", "after is what a page gave as nextToken");
    } else if (status != ASL_NOT_FOUND) {
        reply_status(request, status);
    } else if (is_there(service, request, id)) { /* still in the queue */
        asl_value *empty = asl_value_object(NULL);
        if (asl_value_set(&empty, "events", asl_value_array(NULL)) == ASL_OK) {
            reply_value(request, 200, empty);
        } else {
            asl_value_unref(empty);
            reply_status(request, ASL_NOMEM);
        }
    }
    asl_history_free(history);
    free(token);
}

void orders_graph(order_service *service, struct evhttp_request *request, const char *id)
{
    asl_history *history = NULL;
    asl_definition *definition = NULL;
    asl_graph *graph = NULL;
    char *text = NULL;
    size_t size = 0;
    if (!is_there(service, request, id))
        return;
    asl_graph_options options = {.size = sizeof options, .title = "The order's workflow"};
    int status = read_history(service, id, &history, &definition);
    if (status == ASL_OK)
        status = asl_graph_new(definition != NULL ? definition : service->definition, &options,
                               &graph, NULL);
    for (size_t i = 0; status == ASL_OK && history != NULL && i < asl_history_count(history); i++)
        asl_graph_mark_event(graph, asl_history_at(history, i));
    if (status == ASL_OK)
        status = asl_graph_render(graph, ASL_GRAPH_SVG, &text, &size);
    if (status == ASL_OK)
        reply_text(request, 200, "image/svg+xml", text, size);
    else
        reply_status(request, status);
    asl_text_free(text);
    asl_graph_free(graph);
    asl_definition_unref(definition);
    asl_history_free(history);
}
