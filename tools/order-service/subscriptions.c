/* Subscriptions: a row of the table "subscription" for each address, {"status", "at"}. The
 * confirmed ones are kept in memory as well.
 *
 * A link's token is what it is for, until when, and for whom, and a signature of these by the
 * service's secret. Links that confirm end after a day; those that end a subscription never do.
 */
#include "subscriptions.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "log.h"
#include "mail.h"
#include "outbox.h"
#include "reply.h"

#define TABLE "subscription"
#define LINK_LIFE_MS (INT64_C(24) * 60 * 60 * 1000)
#define ASK_AGAIN_MS 60000 /* so soon no second mail is sent */
#define ASKED_MAX 60u      /* mails to confirm in a minute, whoever asks */

struct order_subscriptions {
    int64_t minute; /* of `asked` */
    unsigned asked; /* confirmations that were asked for in it */
    char *addresses[SUBSCRIPTIONS_MAX];
    size_t count;
};

static const struct {
    char letter;
    const char *path, *button, *done;
} verbs[] = {
    [SUBSCRIPTIONS_CONFIRM] = {'c', "/confirm", "Send me mails about orders",
                               "From now on mails about orders are sent to you."},
    [SUBSCRIPTIONS_END] = {'u', "/unsubscribe", "Send me no more mails",
                           "No more mails are sent to you."},
};

size_t subscriptions_count(const order_subscriptions *self)
{
    return self->count;
}

const char *subscriptions_at(const order_subscriptions *self, size_t index)
{
    return self->addresses[index];
}

static size_t find(const order_subscriptions *self, const char *address)
{
    size_t i = 0;
    while (i < self->count && strcmp(self->addresses[i], address) != 0)
        i++;
    return i;
}

bool subscriptions_has(const order_subscriptions *self, const char *address)
{
    return find(self, address) < self->count;
}

static void add(order_subscriptions *self, const char *address)
{
    char *copy = subscriptions_has(self, address) || self->count == SUBSCRIPTIONS_MAX
                     ? NULL
                     : strdup(address);
    if (copy != NULL)
        self->addresses[self->count++] = copy;
}

static void drop(order_subscriptions *self, const char *address)
{
    size_t i = find(self, address);
    if (i == self->count)
        return;
    free(self->addresses[i]);
    self->addresses[i] = self->addresses[--self->count];
}

static bool add_row(void *context, const void *key, size_t key_size, const void *row,
                    size_t row_size)
{
    asl_value *value = NULL;
    char address[MAIL_ADDRESS_MAX + 1];
    const char *status = NULL;
    if (asl_value_parse(NULL, row, row_size, 0, &value, NULL) == ASL_OK)
        status = order_text(order_get(value, "status"), NULL);
    if (status != NULL && strcmp(status, "CONFIRMED") == 0 && key_size <= MAIL_ADDRESS_MAX) {
        memcpy(address, key, key_size);
        address[key_size] = '\0';
        add(context, address);
    }
    asl_value_unref(value);
    return true;
}

order_subscriptions *subscriptions_new(order_service *service)
{
    order_subscriptions *self = calloc(1, sizeof *self);
    if (self != NULL &&
        asl_table_scan(service->store, TABLE, NULL, 0, add_row, self, NULL) == ASL_OK)
        return self;
    subscriptions_free(self);
    return NULL;
}

void subscriptions_free(order_subscriptions *self)
{
    for (size_t i = 0; self != NULL && i < self->count; i++)
        free(self->addresses[i]);
    free(self);
}

/* "PAYLOAD.SIGNATURE", the payload in base64: "c|EXPIRY|ADDRESS". */
static char *sign(const order_service *service, const char *payload)
{
    char signature[DIGEST_SHA256_SIZE];
    char *token = NULL;
    char *encoded = digest_base64(payload, strlen(payload));
    if (encoded == NULL ||
        !digest_sign(service->secret, sizeof service->secret, encoded, strlen(encoded),
                     signature) ||
        asprintf(&token, "%s.%s", encoded, signature) < 0)
        token = NULL;
    free(encoded);
    return token;
}

char *subscriptions_link(const order_service *service, subscriptions_verb verb, const char *address)
{
    char payload[MAIL_ADDRESS_MAX + 32];
    int64_t expiry = verb == SUBSCRIPTIONS_CONFIRM ? tool_now_ms() + LINK_LIFE_MS : 0;
    const char *base = service->settings->public_url != NULL ? service->settings->public_url
                                                             : server_url(service->server);
    snprintf(payload, sizeof payload, "%c|%" PRId64 "|%s", verbs[verb].letter, expiry, address);
    char *token = sign(service, payload);
    char *link = NULL;
    int base_size = (int)strlen(base) - (base[strlen(base) - 1] == '/');
    if (token == NULL ||
        asprintf(&link, "%.*s%s?token=%s", base_size, base, verbs[verb].path, token) < 0)
        link = NULL;
    free(token);
    return link;
}

/* The address of a token that is right; new; NULL where it is not. */
static char *read_token(const order_service *service, subscriptions_verb verb, const char *token)
{
    const char *dot = token != NULL ? strchr(token, '.') : NULL;
    char signature[DIGEST_SHA256_SIZE];
    char *payload = NULL;
    char *address = NULL;
    if (dot != NULL &&
        digest_sign(service->secret, sizeof service->secret, token, (size_t)(dot - token),
                    signature) &&
        digest_is_equal(signature, dot + 1))
        payload = digest_unbase64(token, (size_t)(dot - token), NULL);
    if (payload != NULL && payload[0] == verbs[verb].letter && payload[1] == '|') {
        char *end = NULL;
        int64_t expiry = strtoll(payload + 2, &end, 10);
        if (*end == '|' && (expiry == 0 || expiry > tool_now_ms()))
            address = strdup(end + 1);
    }
    free(payload);
    return address;
}

static void reply_page(struct evhttp_request *request, int status, const char *text,
                       const char *button)
{
    struct evbuffer *page = evbuffer_new();
    if (page == NULL)
        return;
    evbuffer_add_printf(page,
                        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                        "<meta name=\"viewport\" content=\"width=device-width\">"
                        "<meta name=\"color-scheme\" content=\"light dark\">"
                        "<title>Mails about orders</title>\n<main><h1>Mails about orders</h1>"
                        "<p>%s</p>",
                        text);
    if (button != NULL) /* it asks for the link itself again */
        evbuffer_add_printf(page, "<form method=\"post\"><button>%s</button></form>", button);
    evbuffer_add_printf(page, "</main>\n");
    size_t size = evbuffer_get_length(page);
    reply_text(request, status, REPLY_HTML, evbuffer_pullup(page, -1), size);
    evbuffer_free(page);
}

static subscriptions_verb verb_of(struct evhttp_request *request)
{
    const char *path = verbs[SUBSCRIPTIONS_CONFIRM].path;
    return strncmp(evhttp_request_get_uri(request), path, strlen(path)) == 0 ? SUBSCRIPTIONS_CONFIRM
                                                                             : SUBSCRIPTIONS_END;
}

/* The address that the link is for; NULL having answered that it is not right. */
static char *read_link(const order_service *service, struct evhttp_request *request)
{
    char *token = reply_query(request, "token");
    char *address = read_token(service, verb_of(request), token);
    free(token);
    if (address == NULL)
        reply_page(request, 403, "This link is not right, or is too old. Please ask for a new one.",
                   NULL);
    return address;
}

void subscriptions_ask(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    char *address = read_link(service, request);
    if (address == NULL)
        return;
    reply_page(request, 200, "Please say that you want this:", verbs[verb_of(request)].button);
    free(address);
}

/* A change that is being committed. */
typedef struct change {
    order_service *service;
    struct evhttp_request *request;
    char *address;
    subscriptions_verb verb;
    bool is_link; /* else it is POST /subscriptions */
} change;

static void accept_subscription(struct evhttp_request *request, const char *address)
{
    asl_value *view = asl_value_object(NULL);
    int status = asl_value_set(&view, "email", asl_value_string(NULL, address));
    if (status == ASL_OK)
        status = asl_value_set(&view, "status", asl_value_string(NULL, "CONFIRMATION_SENT"));
    if (status != ASL_OK) {
        asl_value_unref(view);
        view = NULL;
    }
    reply_value(request, 202, view);
}

static void on_changed(void *context, int status)
{
    change *self = context;
    order_service *service = self->service;
    if (status != ASL_OK) {
        reply_status(self->request, status);
    } else if (!self->is_link) {
        outbox_send(service->outbox, 1);
        accept_subscription(self->request, self->address);
    } else {
        if (self->verb == SUBSCRIPTIONS_CONFIRM)
            add(service->subscriptions, self->address);
        else
            drop(service->subscriptions, self->address);
        reply_page(self->request, 200, verbs[self->verb].done, NULL);
    }
    free(self->address);
    free(self);
}

/* Commits a change; steals `address` and `writes`. */
static void commit(order_service *service, struct evhttp_request *request, char *address,
                   subscriptions_verb verb, bool is_link, asl_writes *writes)
{
    change *self = malloc(sizeof *self);
    if (self == NULL) {
        reply_status(request, ASL_NOMEM);
        free(address);
        asl_writes_free(writes);
        return;
    }
    *self = (change){service, request, address, verb, is_link};
    int status = writes != NULL ? asl_engine_write(service->engine, writes, on_changed, self, NULL)
                                : ASL_NOMEM;
    if (status != ASL_OK)
        on_changed(self, status);
}

static void put_row(asl_writes *writes, const char *address, const char *status)
{
    asl_value *row = asl_value_object(NULL);
    bool done = asl_value_set(&row, "status", asl_value_string(NULL, status)) == ASL_OK &&
                asl_value_set(&row, "at", asl_value_integer(NULL, tool_now_ms())) == ASL_OK;
    asl_writes_put_value(writes, TABLE, address, strlen(address), done ? row : NULL);
    asl_value_unref(row);
}

void subscriptions_confirm(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    char *address = read_link(service, request);
    if (address == NULL)
        return;
    if (service->subscriptions->count == SUBSCRIPTIONS_MAX &&
        !subscriptions_has(service->subscriptions, address)) {
        reply_page(request, 503, "There are too many subscribers already.", NULL);
        free(address);
        return;
    }
    asl_writes *writes = asl_writes_new(NULL);
    if (writes != NULL)
        put_row(writes, address, "CONFIRMED");
    commit(service, request, address, SUBSCRIPTIONS_CONFIRM, true, writes);
}

void subscriptions_end(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    char *address = read_link(service, request);
    if (address == NULL)
        return;
    asl_writes *writes = asl_writes_new(NULL);
    if (writes != NULL)
        asl_writes_delete(writes, TABLE, address, strlen(address));
    commit(service, request, address, SUBSCRIPTIONS_END, true, writes);
}

/* The address in a request's body, its host in lower case; new; NULL having answered. */
static char *read_address(struct evhttp_request *request)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request);
    size_t size = evbuffer_get_length(input);
    const char *body = size > 0 ? (const char *)evbuffer_pullup(input, -1) : "";
    asl_value *value = NULL;
    size_t text_size = 0;
    char *address = NULL;
    int status = asl_value_parse(NULL, body, size, 0, &value, NULL);
    const char *text = status == ASL_OK ? order_text(order_get(value, "email"), &text_size) : NULL;
    if (status == ASL_NOMEM)
        reply_status(request, status);
    else if (text == NULL || strlen(text) != text_size || !mail_is_address(text))
        reply_problem(request, 400, "EmailInvalid", "send {\"email\": \"name@example.org\"}");
    else if ((address = strdup(text)) == NULL)
        reply_status(request, ASL_NOMEM);
    for (char *letter = address != NULL ? strchr(address, '@') : NULL;
         letter != NULL && *letter != '\0'; letter++)
        *letter |= *letter >= 'A' && *letter <= 'Z' ? 0x20 : 0;
    asl_value_unref(value);
    return address;
}

/* Whether a confirmation is to be sent: not to who has confirmed, nor again so soon. Nobody is told
 * which of these it is. */
static bool is_new(order_service *service, const char *address)
{
    asl_value *row = NULL;
    int64_t at = 0;
    asl_table_get_value(service->store, TABLE, address, strlen(address), &row, NULL);
    bool was_asked = order_integer(order_get(row, "at"), &at) &&
                     tool_now_ms() - at < ASK_AGAIN_MS && tool_now_ms() >= at;
    asl_value_unref(row);
    return !was_asked && !subscriptions_has(service->subscriptions, address);
}

/* Anybody may ask in anybody's name, so not too many mails are sent because of it. */
static bool may_ask(order_subscriptions *self)
{
    int64_t minute = tool_now_ms() / 60000;
    if (minute != self->minute)
        self->asked = 0;
    self->minute = minute;
    return self->asked++ < ASKED_MAX;
}

/* Gathers the row and the mail; NULL when out of memory. */
static asl_writes *gather(order_service *service, const char *address)
{
    char hash[DIGEST_SHA256_SIZE];
    char *id = NULL;
    char *text = NULL;
    char *link = subscriptions_link(service, SUBSCRIPTIONS_CONFIRM, address);
    asl_writes *writes = link != NULL ? asl_writes_new(NULL) : NULL;
    if (writes == NULL || !digest_sha256(address, strlen(address), hash) ||
        asprintf(&id, "confirm.%.16s.%" PRId64, hash, tool_now_ms()) < 0)
        id = NULL;
    if (id == NULL || asprintf(&text,
                               "Somebody has asked to mail you when orders are done.\n"
                               "If it was you, open this page within a day, and confirm:\n\n"
                               "%s\n\nIf it was not, there is nothing to do.\n",
                               link) < 0)
        text = NULL;
    if (text != NULL) {
        put_row(writes, address, "ASKED");
        outbox_put(writes, id, address, "Mails about orders: please confirm", text);
    } else {
        asl_writes_free(writes);
        writes = NULL;
    }
    free(link);
    free(id);
    free(text);
    return writes;
}

void subscriptions_post(order_service *service, struct evhttp_request *request, const char *id)
{
    (void)id;
    if (service->settings->smtp == NULL) {
        reply_problem(request, 503, "NoMail", "this service sends no mail: it has no --smtp");
        return;
    }
    char *address = read_address(request);
    if (address == NULL)
        return;
    bool is_first = is_new(service, address);
    if (is_first && !may_ask(service->subscriptions)) {
        reply_later(request, 429, "TooManySubscriptions", "too many have asked in this minute");
        free(address);
        return;
    }
    if (is_first) {
        commit(service, request, address, SUBSCRIPTIONS_CONFIRM, false, gather(service, address));
        return;
    }
    accept_subscription(request, address);
    free(address);
}
