/* Intake: an order is checked, and stands in the queue, in the table of orders and under its
 * idempotency key, all by one transaction, before it is acknowledged.
 *
 * A key means the same order for 24 hours: asked again the answer is the same, and while the first
 * is not yet durable the second waits for it. Rows of keys that have expired are swept, a slice at
 * a time.
 */
#include <event2/buffer.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "log.h"
#include "reply.h"
#include "service.h"

#define KEY_TABLE "idempotency"
#define KEY_LETTERS_MAX 255u
#define KEY_LIFE_MS (INT64_C(24) * 60 * 60 * 1000)
#define SWEEP_ROWS 2000u
#define SWEEP_SECONDS 1

typedef struct waiter {
    struct waiter *next;
    struct evhttp_request *request;
} waiter;

/* A request that is being committed, under its key where it has one. */
typedef struct pending {
    order_intake *intake;
    char *key; /* NULL: none */
    waiter *waiters;
    char digest[DIGEST_SHA256_SIZE], md5[DIGEST_MD5_SIZE];
    char request_id[ID_SIZE], message_id[ID_SIZE];
    asl_value *view; /* for who listens; NULL: nobody did */
} pending;

struct order_intake {
    order_service *service;
    void *keys; /* a tree of pending, by key */
    size_t waiting;
    struct event *sweep;
    char swept[KEY_LETTERS_MAX + 1]; /* the key from which the next slice begins */
};

static int compare_keys(const void *left, const void *right)
{
    return strcmp(((const pending *)left)->key, ((const pending *)right)->key);
}

/* The answer of a queue behind an API gateway, letter for letter. */
static void acknowledge(struct evhttp_request *request, const char *request_id, const char *md5,
                        const char *message_id)
{
    char text[512];
    int size = snprintf(text, sizeof text,
                        "{\"SendMessageResponse\":{\"ResponseMetadata\":{\"RequestId\":\"%s\"},"
                        "\"SendMessageResult\":{\"MD5OfMessageAttributes\":null,"
                        "\"MD5OfMessageBody\":\"%s\",\"MD5OfMessageSystemAttributes\":null,"
                        "\"MessageId\":\"%s\",\"SequenceNumber\":null}}}",
                        request_id, md5, message_id);
    reply_text(request, 200, REPLY_JSON, text, (size_t)size);
}

static void free_pending(pending *self)
{
    while (self->waiters != NULL) {
        waiter *first = self->waiters;
        self->waiters = first->next;
        free(first);
    }
    asl_value_unref(self->view);
    free(self->key);
    free(self);
}

static bool add_waiter(pending *self, struct evhttp_request *request)
{
    waiter *new = malloc(sizeof *new);
    if (new == NULL)
        return false;
    *new = (waiter){self->waiters, request};
    self->waiters = new;
    return true;
}

static void answer_all(pending *self, int status)
{
    for (waiter *each = self->waiters; each != NULL; each = each->next) {
        if (status == ASL_OK)
            acknowledge(each->request, self->request_id, self->md5, self->message_id);
        else if (status == ASL_TOO_LARGE) /* the queue is full */
            reply_later(each->request, 429, "TooManyOrders",
                        "too many orders wait: try again in a moment");
        else
            reply_status(each->request, status);
    }
}

/* The transaction has happened, or will not. */
static void on_sent(void *context, int status)
{
    pending *self = context;
    order_intake *intake = self->intake;
    if (self->key != NULL)
        tdelete(self, &intake->keys, compare_keys);
    answer_all(self, status);
    if (status == ASL_OK)
        events_tell(intake->service->events, asl_value_ref(self->view)); /* NULL: nothing */
    else if (status != ASL_TOO_LARGE)
        log_line("error", self->message_id, "an order was not taken: %s", asl_status_name(status));
    intake->waiting--;
    free_pending(self);
}

/* {"digest", "requestId", "messageId", "md5", "at"}: what is to be answered again. */
static asl_value *key_row(const pending *self)
{
    const char *const members[][2] = {{"digest", self->digest},
                                      {"requestId", self->request_id},
                                      {"messageId", self->message_id},
                                      {"md5", self->md5}};
    asl_value *row = asl_value_object(NULL);
    int status = ASL_OK;
    for (size_t i = 0; i < 4 && status == ASL_OK; i++)
        status = asl_value_set(&row, members[i][0], asl_value_string(NULL, members[i][1]));
    if (status == ASL_OK)
        status = asl_value_set(&row, "at", asl_value_integer(NULL, tool_now_ms()));
    if (status == ASL_OK)
        return row;
    asl_value_unref(row);
    return NULL;
}

/* The rows that go with the message. NULL when out of memory; other errors stick. */
static asl_writes *gather(pending *self, const asl_value *order)
{
    asl_writes *writes = asl_writes_new(NULL);
    asl_value *row = order_row_new(order, tool_now_ms(), ORDER_QUEUED, NULL);
    if (row != NULL && events_listeners(self->intake->service->events) > 0)
        self->view = orders_view(self->message_id, row, NULL);
    uint64_t sequence = asl_queue_next_sequence(self->intake->service->queue);
    bool done =
        writes != NULL && row != NULL &&
        asl_value_set(&row, "sequence", asl_value_integer(NULL, (int64_t)sequence)) == ASL_OK;
    if (done)
        order_put(writes, self->message_id, row);
    asl_value_unref(row);
    if (done && self->key != NULL) {
        row = key_row(self);
        done = row != NULL;
        if (done)
            asl_writes_put_value(writes, KEY_TABLE, self->key, strlen(self->key), row);
        asl_value_unref(row);
    }
    if (done)
        return writes;
    asl_writes_free(writes);
    return NULL;
}

static void hand_over(pending *self, const asl_value *order, const void *body, size_t size)
{
    order_intake *intake = self->intake;
    asl_writes *writes = gather(self, order);
    asl_send message = {.size = sizeof message,
                        .id = self->message_id,
                        .body = body,
                        .body_size = size,
                        .writes = writes};
    intake->waiting++;
    if (self->key != NULL && writes != NULL && tsearch(self, &intake->keys, compare_keys) == NULL) {
        asl_writes_free(writes);
        writes = NULL;
    }
    int status = writes != NULL
                     ? asl_queue_send(intake->service->queue, &message, on_sent, self, NULL)
                     : ASL_NOMEM;
    if (status != ASL_OK) {
        on_sent(self, status);
        return;
    }
}

#ifdef ORDER_SERVICE_ACKNOWLEDGE_EARLY
/* The control of the tests: the rule broken on purpose. It answers, and commits a moment later. */
#define EARLY_MS 20

typedef struct early {
    pending *pending;
    asl_value *order;
    size_t size;
    char body[];
} early;

static void on_late(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    (void)events;
    early *self = context;
    hand_over(self->pending, self->order, self->body, self->size);
    asl_value_unref(self->order);
    free(self);
}

static void answer_early(pending *taken, const asl_value *order, const void *body, size_t size)
{
    early *self = malloc(sizeof *self + size);
    if (self == NULL)
        abort();
    *self = (early){taken, asl_value_ref(order), size};
    memcpy(self->body, body, size);
    answer_all(taken, ASL_OK);
    free(taken->waiters);
    taken->waiters = NULL;
    event_base_once(taken->intake->service->base, -1, EV_TIMEOUT, on_late, self,
                    &(struct timeval){0, EARLY_MS * 1000});
}
#endif

/* Answers a request whose key is known; false where it is not. */
static bool answer_known(order_intake *intake, struct evhttp_request *request, char *key,
                         const char *digest)
{
    pending wanted = {.key = key};
    pending **found = tfind(&wanted, &intake->keys, compare_keys);
    asl_value *row = NULL;
    const char *known = found != NULL ? (*found)->digest : NULL;
    if (found == NULL) {
        int64_t at = 0;
        int status =
            asl_table_get_value(intake->service->store, KEY_TABLE, key, strlen(key), &row, NULL);
        if (status != ASL_OK && status != ASL_NOT_FOUND) {
            reply_status(request, status);
            return true;
        }
        if (order_integer(order_get(row, "at"), &at) && tool_now_ms() - at < KEY_LIFE_MS)
            known = order_text(order_get(row, "digest"), NULL);
    }
    if (known == NULL) {
        asl_value_unref(row);
        return false;
    }
    if (strcmp(known, digest) != 0)
        reply_problem(request, 422, "IdempotencyKeyReused",
                      "this Idempotency-Key came with another order before");
    else if (row != NULL)
        acknowledge(request, order_text(order_get(row, "requestId"), NULL),
                    order_text(order_get(row, "md5"), NULL),
                    order_text(order_get(row, "messageId"), NULL));
    else if (!add_waiter(*found, request))
        reply_status(request, ASL_NOMEM);
    asl_value_unref(row);
    return true;
}

static bool is_key(const char *key)
{
    size_t size = strlen(key);
    for (size_t i = 0; i < size; i++) {
        if (key[i] <= ' ' || key[i] > '~')
            return false;
    }
    return size > 0 && size <= KEY_LETTERS_MAX;
}

/* The order, or NULL where it was refused. */
static asl_value *read_order(struct evhttp_request *request, const char *body, size_t size)
{
    asl_value *order = NULL;
    asl_error *error = NULL;
    if (size > ASL_QUEUE_BODY_MAX) {
        reply_problem(request, 413, "OrderTooLarge", "an order has at most %u bytes",
                      ASL_QUEUE_BODY_MAX);
        return NULL;
    }
    int status = asl_value_parse(NULL, body, size, 0, &order, &error);
    const char *problem = NULL;
    if (status == ASL_NOMEM) {
        reply_status(request, status);
    } else if (status != ASL_OK) {
        reply_problem(request, 400, "InvalidJson", "line %zu, column %zu: %s",
                      asl_error_line(error), asl_error_column(error), asl_error_message(error));
    } else {
        problem = order_problem(order);
        const asl_value *payment = order_get(order, "payment");
        const asl_value *restaurant = order_get(order, "restaurantId");
        if (problem == NULL && asl_value_kind(payment) == ASL_KIND_NULL &&
            asl_value_kind(restaurant) == ASL_KIND_NULL)
            problem = "the order needs a restaurantId, a payment, or both";
    }
    asl_error_free(error);
    if (problem != NULL)
        reply_problem(request, 400, "OrderInvalid", "%s", problem);
    if (status == ASL_OK && problem == NULL)
        return order;
    asl_value_unref(order);
    return NULL;
}

/* A new order. Steals nothing. */
static void take(order_intake *intake, struct evhttp_request *request, const char *key,
                 const char *digest, const asl_value *order, const void *body, size_t size)
{
    pending *new = calloc(1, sizeof *new);
    if (new == NULL) {
        reply_status(request, ASL_NOMEM);
        return;
    }
    *new = (pending){.intake = intake, .key = key != NULL ? strdup(key) : NULL};
    snprintf(new->digest, sizeof new->digest, "%s", digest);
    if ((key != NULL && new->key == NULL) || !tool_uuid(false, new->request_id) ||
        !tool_uuid(true, new->message_id) || !digest_md5(body, size, new->md5) ||
        !add_waiter(new, request)) {
        reply_status(request, ASL_NOMEM);
        free_pending(new);
        return;
    }
#ifdef ORDER_SERVICE_ACKNOWLEDGE_EARLY
    answer_early(new, order, body, size);
#else
    hand_over(new, order, body, size);
#endif
}

void intake_post(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    struct evbuffer *input = evhttp_request_get_input_buffer(request);
    size_t size = evbuffer_get_length(input);
    const char *body = size > 0 ? (const char *)evbuffer_pullup(input, -1) : "";
    const char *key =
        evhttp_find_header(evhttp_request_get_input_headers(request), "Idempotency-Key");
    if (key != NULL && !is_key(key)) {
        reply_problem(request, 400, "IdempotencyKeyInvalid",
                      "an Idempotency-Key has 1 to %u visible ASCII characters", KEY_LETTERS_MAX);
        return;
    }
    asl_value *order = body != NULL ? read_order(request, body, size) : NULL;
    if (order == NULL)
        return;
    char digest[DIGEST_SHA256_SIZE] = "";
    char *own_key = key != NULL ? strdup(key) : NULL;
    if (key != NULL && (own_key == NULL || !digest_sha256(body, size, digest)))
        reply_status(request, ASL_NOMEM);
    else if (own_key != NULL && answer_known(service->intake, request, own_key, digest))
        ; /* done */
    else
        take(service->intake, request, key, digest, order, body, size);
    free(own_key);
    asl_value_unref(order);
}

typedef struct key_slice {
    order_intake *intake;
    asl_writes *writes;
    size_t rows, expired;
    bool is_last;
} key_slice;

static bool sweep_row(void *context, const void *key, size_t key_size, const void *row,
                      size_t row_size)
{
    key_slice *self = context;
    asl_value *value = NULL;
    int64_t at = 0;
    if (self->rows == SWEEP_ROWS) {
        snprintf(self->intake->swept, sizeof self->intake->swept, "%.*s", (int)key_size,
                 (const char *)key);
        self->is_last = false;
        return false;
    }
    self->rows++;
    char text[KEY_LETTERS_MAX + 1];
    snprintf(text, sizeof text, "%.*s", (int)key_size, (const char *)key);
    if (tfind(&(pending){.key = text}, &self->intake->keys, compare_keys) == NULL &&
        asl_value_parse(NULL, row, row_size, 0, &value, NULL) == ASL_OK &&
        (!order_integer(order_get(value, "at"), &at) || tool_now_ms() - at >= KEY_LIFE_MS)) {
        asl_writes_delete(self->writes, KEY_TABLE, key, key_size);
        self->expired++;
    }
    asl_value_unref(value);
    return true;
}

static void sweep(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    (void)events;
    order_intake *self = context;
    key_slice slice = {.intake = self, .writes = asl_writes_new(NULL), .is_last = true};
    if (slice.writes == NULL)
        return;
    size_t from_size = strlen(self->swept);
    asl_table_scan(self->service->store, KEY_TABLE, from_size > 0 ? self->swept : NULL, from_size,
                   sweep_row, &slice, NULL);
    if (slice.is_last)
        self->swept[0] = '\0';
    if (slice.expired > 0)
        asl_engine_write(self->service->engine, slice.writes, NULL, NULL, NULL);
    else
        asl_writes_free(slice.writes);
}

order_intake *intake_new(order_service *service)
{
    order_intake *self = calloc(1, sizeof *self);
    struct timeval interval = {SWEEP_SECONDS, 0};
    if (self == NULL)
        return NULL;
    self->service = service;
    self->sweep = event_new(service->base, -1, EV_PERSIST, sweep, self);
    if (self->sweep == NULL || event_add(self->sweep, &interval) != 0) {
        intake_free(self);
        return NULL;
    }
    return self;
}

void intake_free(order_intake *self)
{
    if (self == NULL)
        return;
    if (self->sweep != NULL)
        event_free(self->sweep);
    free(self);
}

size_t intake_waiting(const order_intake *self)
{
    return self->waiting;
}
