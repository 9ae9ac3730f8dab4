/* The outbox. Two steps go round, each a slice at a time: notifications become mails, mails are
 * sent. A mail that is refused for now waits by itself, longer each time; where the server cannot
 * be reached all wait.
 */
#include "outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "log.h"
#include "mail.h"
#include "mailer.h"
#include "subscriptions.h"

#define DEAD_TABLE "mail.dead"
#define NOTIFICATIONS 256u /* of a slice */
#define MAILS 256u
#define LOOKED_AT_MAX 2000u
#define LOOK_MS 10
#define PAUSE_MAX_MS 300000
#define BACK_OFF_MAX_MS 3600000
#define LIFE_MS (INT64_C(5) * 24 * 60 * 60 * 1000)

typedef struct row {
    char key[ASL_TABLE_KEY_MAX + 1];
    asl_value *value;
} row;

struct order_outbox {
    order_service *service;
    mail_threads *mailer; /* NULL: no mail is sent, notifications are dropped */
    struct event *look_event, *send_event;
    row notifications[NOTIFICATIONS];
    size_t notification_count;
    bool is_expanding, is_sending, is_clearing, is_stopped;
    /* The batch that is being sent, and where the next one begins. */
    row mails[MAILS];
    mail_job jobs[MAILS];
    size_t mail_count;
    char next_key[ASL_TABLE_KEY_MAX + 1];
    size_t looked_at;    /* rows of this slice */
    int64_t next_due_ms; /* of mails that were not due, in this pass over the table; 0: none */
    bool goes_on;        /* this pass has found some, or some have come: there will be another */
    int64_t pause_ms;    /* of the last pause; 0: the server is there */
    size_t put, taken;   /* mails by what is being committed: by expanding, by clearing */
    outbox_statistics counts;
};

static void set_timer(struct event *event, int64_t delay_ms)
{
    struct timeval delay = {delay_ms / 1000, delay_ms % 1000 * 1000};
    event_add(event, &delay);
}

static const char *text_of(const asl_value *object, const char *name)
{
    const char *text = order_text(order_get(object, name), NULL);
    return text != NULL ? text : "";
}

static bool read_row(row *self, const void *key, size_t key_size, const void *bytes, size_t size)
{
    if (key_size > ASL_TABLE_KEY_MAX)
        return false;
    memcpy(self->key, key, key_size);
    self->key[key_size] = '\0';
    return asl_value_parse(NULL, bytes, size, 0, &self->value, NULL) == ASL_OK;
}

/* {"to", "subject", "text", "at", "attempts", "next"} */
static void put_mail(asl_writes *writes, const char *key, const char *to, const char *subject,
                     const char *text, int64_t at, int64_t attempts, int64_t next)
{
    asl_value *value = asl_value_object(NULL);
    int status = asl_value_set(&value, "to", asl_value_string(NULL, to));
    if (status == ASL_OK)
        status = asl_value_set(&value, "subject", asl_value_string(NULL, subject));
    if (status == ASL_OK)
        status = asl_value_set(&value, "text", asl_value_string(NULL, text));
    if (status == ASL_OK)
        status = asl_value_set(&value, "at", asl_value_integer(NULL, at));
    if (status == ASL_OK)
        status = asl_value_set(&value, "attempts", asl_value_integer(NULL, attempts));
    if (status == ASL_OK)
        status = asl_value_set(&value, "next", asl_value_integer(NULL, next));
    asl_writes_put_value(writes, MAIL_TABLE, key, strlen(key), status == ASL_OK ? value : NULL);
    asl_value_unref(value);
}

void outbox_put(asl_writes *writes, const char *id, const char *to, const char *subject,
                const char *text)
{
    put_mail(writes, id, to, subject, text, tool_now_ms(), 0, 0);
}

/* What a notification says, for people. */
static void describe(const asl_value *notification, char *text, size_t size)
{
    const asl_value *message = order_get(notification, "message");
    const char *name = text_of(message, "name");
    const char *reason = text_of(message, "errorMessage");
    char *quantity = NULL;
    if (order_get(message, "quantity") != NULL)
        asl_value_print(order_get(message, "quantity"), 0, &quantity, NULL);
    snprintf(text, size, "Order %s\nStatus: %s\n%s%s%s%s%s%s%s%s%s",
             text_of(notification, "orderId"), text_of(notification, "orderStatus"),
             name[0] != '\0' ? "Name: " : "", name, name[0] != '\0' ? "\n" : "",
             quantity != NULL ? "Quantity: " : "", quantity != NULL ? quantity : "",
             quantity != NULL ? "\n" : "", reason[0] != '\0' ? "Reason: " : "", reason,
             reason[0] != '\0' ? "\n" : "");
    asl_text_free(quantity);
}

/* A mail for each subscriber: "ORDER.STATUS.HASH". */
static void expand(order_outbox *self, asl_writes *writes, const row *notification)
{
    const order_subscriptions *list = self->service->subscriptions;
    char text[4096];
    char subject[256];
    describe(notification->value, text, sizeof text);
    snprintf(subject, sizeof subject, "%.180s: %s", text_of(notification->value, "Subject"),
             text_of(notification->value, "orderStatus"));
    for (size_t i = 0; self->mailer != NULL && i < subscriptions_count(list); i++) {
        const char *to = subscriptions_at(list, i);
        char hash[DIGEST_SHA256_SIZE] = "";
        char key[ASL_TABLE_KEY_MAX];
        digest_sha256(to, strlen(to), hash);
        snprintf(key, sizeof key, "%s.%s.%.16s", text_of(notification->value, "orderId"),
                 text_of(notification->value, "orderStatus"), hash);
        outbox_put(writes, key, to, subject, text);
        self->put++;
    }
    asl_writes_delete(writes, OUTBOX_TABLE, notification->key, strlen(notification->key));
}

/* The order's new status, for who listens and for the metrics. */
static void tell(order_outbox *self, const row *notification)
{
    order_service *service = self->service;
    const char *id = text_of(notification->value, "orderId");
    const char *status = text_of(notification->value, "orderStatus");
    asl_value *found = NULL;
    if (strcmp(status, ORDER_CANCELLED) == 0)
        return; /* told by who cancelled */
    service->ended[strcmp(status, ORDER_SUCCESS) == 0 ? 0 : 1]++;
    if (events_listeners(service->events) > 0 &&
        asl_table_get_value(service->store, ORDER_TABLE, id, strlen(id), &found, NULL) == ASL_OK)
        events_tell(service->events, orders_view(id, found, NULL));
    asl_value_unref(found);
}

static void on_expanded(void *context, int status)
{
    order_outbox *self = context;
    self->is_expanding = false;
    for (size_t i = 0; i < self->notification_count; i++) {
        if (status == ASL_OK)
            tell(self, &self->notifications[i]);
        asl_value_unref(self->notifications[i].value);
    }
    self->notification_count = 0;
    if (status != ASL_OK) {
        log_line("error", NULL, "notifications cannot be written: %s", asl_status_name(status));
        set_timer(self->look_event, 1000);
        return;
    }
    set_timer(self->look_event, 0); /* there may be more */
    outbox_send(self, self->put);
}

static bool add_notification(void *context, const void *key, size_t key_size, const void *bytes,
                             size_t size)
{
    order_outbox *self = context;
    row *new = &self->notifications[self->notification_count];
    *new = (row){.value = NULL};
    if (read_row(new, key, key_size, bytes, size))
        self->notification_count++;
    return self->notification_count < NOTIFICATIONS;
}

static void on_look(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    (void)events;
    order_outbox *self = context;
    if (self->is_expanding || self->is_stopped)
        return;
    asl_table_scan(self->service->store, OUTBOX_TABLE, NULL, 0, add_notification, self, NULL);
    if (self->notification_count == 0)
        return;
    asl_writes *writes = asl_writes_new(NULL);
    self->put = 0;
    for (size_t i = 0; writes != NULL && i < self->notification_count; i++)
        expand(self, writes, &self->notifications[i]);
    self->is_expanding = true;
    int status = writes != NULL
                     ? asl_engine_write(self->service->engine, writes, on_expanded, self, NULL)
                     : ASL_NOMEM;
    if (status != ASL_OK)
        on_expanded(self, status);
}

void outbox_look(order_outbox *self)
{
    if (!self->is_expanding && !event_pending(self->look_event, EV_TIMEOUT, NULL))
        set_timer(self->look_event, LOOK_MS);
}

static int64_t integer_of(const asl_value *object, const char *name)
{
    int64_t integer = 0;
    order_integer(order_get(object, name), &integer);
    return integer;
}

static bool add_mail(void *context, const void *key, size_t key_size, const void *bytes,
                     size_t size)
{
    order_outbox *self = context;
    if (self->mail_count == MAILS || self->looked_at++ == LOOKED_AT_MAX) {
        memcpy(self->next_key, key, key_size);
        self->next_key[key_size] = '\0';
        return false;
    }
    row *new = &self->mails[self->mail_count];
    *new = (row){.value = NULL};
    if (!read_row(new, key, key_size, bytes, size))
        return true;
    int64_t next = integer_of(new->value, "next");
    if (next <= tool_now_ms()) {
        self->mail_count++;
        return true;
    }
    if (self->next_due_ms == 0 || next < self->next_due_ms)
        self->next_due_ms = next;
    asl_value_unref(new->value);
    return true;
}

/* The next mails that are due, from where the last slice ended. */
static void collect(order_outbox *self)
{
    char from[sizeof self->next_key];
    memcpy(from, self->next_key, sizeof from);
    self->next_key[0] = '\0';
    size_t size = strlen(from);
    if (size == 0) {
        self->next_due_ms = 0;
        self->goes_on = false;
    }
    self->looked_at = 0;
    asl_table_scan(self->service->store, MAIL_TABLE, size > 0 ? from : NULL, size, add_mail, self,
                   NULL);
    self->goes_on = self->goes_on || self->mail_count > 0;
}

static bool is_confirmation(const row *mail)
{
    return strncmp(mail->key, "confirm.", strlen("confirm.")) == 0;
}

typedef enum filling {
    FILLED,
    NOBODY, /* to send it to any more */
    NO_MEMORY
} filling;

static filling fill(order_outbox *self, size_t index)
{
    row *mail = &self->mails[index];
    mail_job *job = &self->jobs[index];
    const char *to = text_of(mail->value, "to");
    *job = (mail_job){.outcome = MAIL_WAITING};
    bool is_wanted = is_confirmation(mail) || subscriptions_has(self->service->subscriptions, to);
    if (!is_wanted || !mail_is_address(to))
        return NOBODY;
    char *link =
        is_confirmation(mail) ? NULL : subscriptions_link(self->service, SUBSCRIPTIONS_END, to);
    if (link == NULL && !is_confirmation(mail))
        return NO_MEMORY;
    mail_parts parts = {.from = self->service->settings->mail_from,
                        .to = to,
                        .subject = text_of(mail->value, "subject"),
                        .text = text_of(mail->value, "text"),
                        .id = mail->key,
                        .unsubscribe = link,
                        .time_ms = integer_of(mail->value, "at")};
    char *text = NULL;
    if (link != NULL && asprintf(&text, "%s\nTo end these mails: %s\n", parts.text, link) < 0)
        text = NULL;
    if (text != NULL)
        parts.text = text;
    job->to = strdup(to);
    job->message = mail_message(&parts);
    free(text);
    free(link);
    if (job->to != NULL && job->message != NULL)
        return FILLED;
    free(job->to);
    free(job->message);
    return NO_MEMORY;
}

static bool is_dead(const row *mail, const mail_job *job)
{
    return job->outcome == MAIL_REFUSED ||
           (job->outcome != MAIL_SENT && job->outcome != MAIL_WAITING &&
            tool_now_ms() - integer_of(mail->value, "at") > LIFE_MS);
}

/* Counts and tells, once. */
static void tell_outcome(order_outbox *self, const row *mail, const mail_job *job)
{
    if (job->outcome == MAIL_SENT) {
        self->counts.sent++;
    } else if (is_dead(mail, job)) {
        self->counts.refused++;
        log_line("warning", NULL, "mail %s is given up: %s", mail->key, job->reason);
    } else if (job->outcome == MAIL_LATER) {
        self->counts.failed++;
        log_line("warning", NULL, "mail %s was not taken, and is tried again: %s", mail->key,
                 job->reason);
    }
}

/* What is to become of a mail that was tried. */
static void note(order_outbox *self, asl_writes *writes, const row *mail, const mail_job *job)
{
    int64_t attempts = integer_of(mail->value, "attempts") + 1;
    int64_t wait = self->service->settings->mail_retry_ms;
    for (int64_t i = 1; i < attempts && wait < BACK_OFF_MAX_MS; i++)
        wait *= 2;
    if (job->outcome == MAIL_SENT || is_dead(mail, job)) {
        asl_writes_delete(writes, MAIL_TABLE, mail->key, strlen(mail->key));
        self->taken++;
    }
    if (job->outcome != MAIL_SENT && is_dead(mail, job))
        asl_writes_put_value(writes, DEAD_TABLE, mail->key, strlen(mail->key), mail->value);
    else if (job->outcome == MAIL_LATER)
        put_mail(writes, mail->key, text_of(mail->value, "to"), text_of(mail->value, "subject"),
                 text_of(mail->value, "text"), integer_of(mail->value, "at"), attempts,
                 tool_now_ms() + (wait < BACK_OFF_MAX_MS ? wait : BACK_OFF_MAX_MS));
}

/* Whether the server was there for any of a batch; else all wait, longer each time. */
static void note_server(order_outbox *self)
{
    const char *reason = NULL;
    for (size_t i = 0; i < self->mail_count; i++) {
        if (self->jobs[i].outcome == MAIL_NO_SERVER && (reason == NULL || reason[0] == '\0'))
            reason = self->jobs[i].reason;
    }
    if (reason == NULL) {
        self->pause_ms = 0;
        return;
    }
    int64_t longer =
        self->pause_ms > 0 ? self->pause_ms * 2 : self->service->settings->mail_retry_ms;
    self->pause_ms = longer < PAUSE_MAX_MS ? longer : PAUSE_MAX_MS;
    self->counts.failed++;
    log_line("warning", NULL, "the mail server is not there, mails wait: %s", reason);
}

static void on_cleared(void *context, int status)
{
    order_outbox *self = context;
    if (status != ASL_OK) { /* the batch stays as it is: sent mails are not sent again */
        log_line("error", NULL, "sent mails cannot be noted: %s", asl_status_name(status));
        set_timer(self->send_event, 1000);
        return;
    }
    self->is_sending = self->is_clearing = false;
    for (size_t i = 0; i < self->mail_count; i++) {
        asl_value_unref(self->mails[i].value);
        free(self->jobs[i].to);
        free(self->jobs[i].message);
    }
    self->mail_count = 0;
    self->counts.waiting -= self->taken;
    set_timer(self->send_event, self->pause_ms);
}

/* Writes what became of the batch. */
static void clear(order_outbox *self)
{
    asl_writes *writes = asl_writes_new(NULL);
    self->taken = 0;
    for (size_t i = 0; writes != NULL && i < self->mail_count; i++)
        note(self, writes, &self->mails[i], &self->jobs[i]);
    int status = writes != NULL
                     ? asl_engine_write(self->service->engine, writes, on_cleared, self, NULL)
                     : ASL_NOMEM;
    if (status != ASL_OK)
        on_cleared(self, status);
}

static void on_sent(void *context, mail_job *jobs, size_t count)
{
    (void)jobs;
    (void)count;
    order_outbox *self = context;
    for (size_t i = 0; i < self->mail_count; i++)
        tell_outcome(self, &self->mails[i], &self->jobs[i]);
    note_server(self);
    self->is_clearing = true;
    clear(self);
}

/* Makes jobs of the rows; what is to be sent to nobody is deleted. */
static void fill_all(order_outbox *self)
{
    size_t count = 0;
    size_t found = self->mail_count;
    asl_writes *dropped = asl_writes_new(NULL);
    size_t dropped_count = 0;
    for (size_t i = 0; i < found; i++) {
        self->mails[count] = self->mails[i];
        filling result = fill(self, count);
        if (result == FILLED) {
            count++;
            continue;
        }
        row *left_out = &self->mails[count];
        if (result == NOBODY && dropped != NULL) {
            asl_writes_delete(dropped, MAIL_TABLE, left_out->key, strlen(left_out->key));
            dropped_count++;
        }
        asl_value_unref(left_out->value);
    }
    self->mail_count = count;
    if (dropped_count > 0 &&
        asl_engine_write(self->service->engine, dropped, NULL, NULL, NULL) == ASL_OK)
        self->counts.waiting -= dropped_count;
    else if (dropped_count == 0)
        asl_writes_free(dropped);
}

static void on_send(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    (void)events;
    order_outbox *self = context;
    if (self->is_clearing)
        clear(self); /* once more */
    if (self->is_sending || self->is_stopped || self->mailer == NULL)
        return;
    collect(self);
    fill_all(self);
    self->is_sending = self->mail_count > 0;
    if (self->mail_count > 0) {
        mailer_send(self->mailer, self->jobs, self->mail_count);
    } else if (self->next_key[0] != '\0' || self->goes_on) {
        set_timer(self->send_event, 0);
    } else {
        self->pause_ms = 0; /* nothing waits for the server */
        if (self->next_due_ms > 0)
            set_timer(self->send_event,
                      self->next_due_ms > tool_now_ms() ? self->next_due_ms - tool_now_ms() : 0);
    }
}

void outbox_send(order_outbox *self, size_t count)
{
    self->counts.waiting += count;
    self->goes_on = true;
    if (self->mailer != NULL && !self->is_sending && self->pause_ms == 0)
        set_timer(self->send_event, 0);
}

void outbox_stop(order_outbox *self)
{
    if (self == NULL)
        return;
    self->is_stopped = true;
    if (self->is_sending && !self->is_clearing)
        mailer_drain(self->mailer);
}

bool outbox_is_writing(const order_outbox *self)
{
    return self->is_expanding || self->is_sending;
}

outbox_statistics outbox_read_statistics(const order_outbox *self)
{
    outbox_statistics counts = self->counts;
    counts.is_paused = self->pause_ms > 0;
    return counts;
}

static bool count_row(void *context, const void *key, size_t key_size, const void *bytes,
                      size_t size)
{
    (void)key;
    (void)key_size;
    (void)bytes;
    (void)size;
    order_outbox *self = context;
    self->counts.waiting++;
    return true;
}

order_outbox *outbox_new(order_service *service)
{
    order_outbox *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->service = service;
    self->look_event = evtimer_new(service->base, on_look, self);
    self->send_event = evtimer_new(service->base, on_send, self);
    bool needs_mailer = service->settings->smtp != NULL;
    if (needs_mailer)
        self->mailer = mailer_new(service->settings, service->base, on_sent, self);
    if (self->look_event == NULL || self->send_event == NULL ||
        (needs_mailer && self->mailer == NULL)) {
        outbox_free(self);
        return NULL;
    }
    asl_table_scan(service->store, MAIL_TABLE, NULL, 0, count_row, self, NULL);
    set_timer(self->look_event, 0);
    set_timer(self->send_event, 0);
    return self;
}

void outbox_free(order_outbox *self)
{
    if (self == NULL)
        return;
    mailer_free(self->mailer);
    if (self->look_event != NULL)
        event_free(self->look_event);
    if (self->send_event != NULL)
        event_free(self->send_event);
    for (size_t i = 0; i < self->mail_count; i++) {
        asl_value_unref(self->mails[i].value);
        free(self->jobs[i].to);
        free(self->jobs[i].message);
    }
    for (size_t i = 0; i < self->notification_count; i++)
        asl_value_unref(self->notifications[i].value);
    free(self);
}
