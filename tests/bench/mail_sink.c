/* SMTP, as much of it as a sender needs who is believed everything. A message is looked at once it
 * is whole: its Message-ID begins with the order's id, and 24 bytes of a hash table remember it. */
#include "mail_sink.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

#define SESSION_BYTES 65536u /* of a message, too */
#define FIRST_BYTES 4096u
#define TABLE_SIZE 4096u /* at first; a power of two */
#define ID_LETTERS 36u

typedef struct mailed {
    unsigned char id[16];
    uint64_t message; /* hash of the whole Message-ID; 0: the place is free */
} mailed;

typedef struct session {
    struct session *next;
    mail_sink *sink;
    struct event *event;
    int fd;
    bool is_message;
    size_t size, scanned;
    char bytes[SESSION_BYTES];
} session;

struct mail_sink {
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *stop_event;
    int stop_fd;
    unsigned port;
    session *sessions;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t came;
    mail_counts counts;
    mailed *table;
    size_t table_size;
    char first[FIRST_BYTES];
    size_t first_size;
};

static void end_session(session *self)
{
    session **place = &self->sink->sessions;
    while (*place != self)
        place = &(*place)->next;
    *place = self->next;
    if (self->event != NULL)
        event_free(self->event);
    close(self->fd);
    free(self);
}

static bool say(const session *self, const char *text)
{
    size_t size = strlen(text);
    return send(self->fd, text, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static int digit_of(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool mail_sink_order_id(const char *text, unsigned char id[16])
{
    size_t digits = 0;
    for (size_t i = 0; i < ID_LETTERS; i++) {
        int digit = digit_of(text[i]);
        if (text[i] == '-' && (i == 8 || i == 13 || i == 18 || i == 23))
            continue;
        if (digit < 0 || digits == 32)
            return false;
        unsigned char *byte = &id[digits++ / 2];
        *byte = (unsigned char)(*byte << 4 | digit);
    }
    return digits == 32;
}

static uint64_t hash_of(const void *bytes, size_t size)
{
    const unsigned char *all = bytes;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ all[i]) * 0x100000001b3u;
    hash ^= hash >> 32;
    return hash != 0 ? hash : 1;
}

/* Where it stands, or would stand. */
static mailed *place_of(const mail_sink *self, const unsigned char id[16])
{
    size_t i = (size_t)hash_of(id, 16) & (self->table_size - 1);
    while (self->table[i].message != 0 && memcmp(self->table[i].id, id, 16) != 0)
        i = (i + 1) & (self->table_size - 1);
    return &self->table[i];
}

static bool grow(mail_sink *self)
{
    mailed *old = self->table;
    size_t old_size = self->table_size;
    size_t size = old_size > 0 ? 2 * old_size : TABLE_SIZE;
    mailed *table = calloc(size, sizeof *table);
    if (table == NULL)
        return false;
    self->table = table;
    self->table_size = size;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i].message != 0)
            *place_of(self, old[i].id) = old[i];
    }
    free(old);
    return true;
}

static void remember(mail_sink *self, const char *message_id, size_t size)
{
    unsigned char id[16];
    if (size < ID_LETTERS || !mail_sink_order_id(message_id, id) ||
        (self->counts.orders * 3 / 2 >= self->table_size && !grow(self)))
        return;
    uint64_t message = hash_of(message_id, size);
    mailed *place = place_of(self, id);
    if (place->message == message) {
        self->counts.repeated++;
    } else if (place->message != 0) {
        self->counts.under_more++;
    } else {
        memcpy(place->id, id, sizeof id);
        place->message = message;
        self->counts.orders++;
        self->counts.last_ns = report_now_ns();
    }
}

static void take_message(mail_sink *self, const char *text, size_t size)
{
    static const char name[] = "\r\nMessage-ID: <";
    const char *id = memmem(text, size, name, sizeof name - 1);
    const char *end = id != NULL ? memchr(id, '>', size - (size_t)(id - text)) : NULL;
    pthread_mutex_lock(&self->mutex);
    if (self->counts.mails++ == 0 && size < sizeof self->first) {
        memcpy(self->first, text, size);
        self->first_size = size;
    }
    if (end != NULL)
        remember(self, id + sizeof name - 1, (size_t)(end - id) - (sizeof name - 1));
    pthread_cond_signal(&self->came);
    pthread_mutex_unlock(&self->mutex);
}

/* One command; false where the session ends. */
static bool obey(session *self, const char *line, size_t size)
{
    static const char *const fine[] = {"HELO", "MAIL", "RCPT", "RSET", "NOOP"};
    if (size >= 4 && strncasecmp(line, "EHLO", 4) == 0)
        return say(self, "250-sink\r\n250 8BITMIME\r\n");
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        if (size >= 4 && strncasecmp(line, fine[i], 4) == 0)
            return say(self, "250 ok\r\n");
    }
    self->is_message = size >= 4 && strncasecmp(line, "DATA", 4) == 0;
    if (self->is_message)
        return say(self, "354 go on\r\n");
    if (size < 4 || strncasecmp(line, "QUIT", 4) != 0)
        return say(self, "500 what?\r\n");
    say(self, "221 bye\r\n");
    return false;
}

/* Takes what is whole from the front: how many bytes of it, 0 where nothing is. */
static size_t take(session *self, bool *ret_goes_on)
{
    const char *mark = self->is_message ? "\r\n.\r\n" : "\r\n";
    size_t mark_size = strlen(mark);
    size_t from = self->scanned > mark_size ? self->scanned - mark_size : 0;
    const char *end = memmem(self->bytes + from, self->size - from, mark, mark_size);
    self->scanned = end != NULL ? 0 : self->size;
    if (end == NULL)
        return 0;
    size_t size = (size_t)(end - self->bytes);
    if (self->is_message) {
        self->is_message = false;
        take_message(self->sink, self->bytes, size + 2);
        *ret_goes_on = say(self, "250 taken\r\n");
    } else {
        *ret_goes_on = obey(self, self->bytes, size);
    }
    return size + mark_size;
}

static void on_bytes(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    session *self = context;
    ssize_t bytes = read(fd, self->bytes + self->size, sizeof self->bytes - self->size);
    bool goes_on = bytes > 0;
    if (bytes < 0 && errno == EAGAIN)
        return;
    self->size += goes_on ? (size_t)bytes : 0;
    while (goes_on) {
        size_t taken = take(self, &goes_on);
        if (taken == 0)
            break;
        self->size -= taken;
        memmove(self->bytes, self->bytes + taken, self->size);
    }
    if (!goes_on || self->size == sizeof self->bytes)
        end_session(self);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *address, int size, void *context)
{
    (void)listener;
    (void)address;
    (void)size;
    mail_sink *sink = context;
    session *self = malloc(sizeof *self);
    if (self == NULL) {
        close(fd);
        return;
    }
    self->next = sink->sessions;
    self->sink = sink;
    self->fd = fd;
    self->is_message = false;
    self->size = self->scanned = 0;
    self->event = event_new(sink->base, fd, EV_READ | EV_PERSIST, on_bytes, self);
    sink->sessions = self;
    if (self->event == NULL || event_add(self->event, NULL) != 0 || !say(self, "220 sink\r\n"))
        end_session(self);
}

static void on_stop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    mail_sink *self = context;
    event_base_loopbreak(self->base);
}

static void *serve(void *context)
{
    mail_sink *self = context;
    event_base_dispatch(self->base);
    return NULL;
}

static bool open_sockets(mail_sink *self)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    self->base = event_base_new();
    self->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->base == NULL || self->stop_fd < 0)
        return false;
    self->listener = evconnlistener_new_bind(self->base, on_connection, self,
                                             LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 64,
                                             (struct sockaddr *)&address, (int)size);
    self->stop_event = event_new(self->base, self->stop_fd, EV_READ, on_stop, self);
    if (self->listener == NULL || self->stop_event == NULL ||
        event_add(self->stop_event, NULL) != 0 ||
        getsockname(evconnlistener_get_fd(self->listener), (struct sockaddr *)&address, &size) != 0)
        return false;
    self->port = ntohs(address.sin_port);
    return true;
}

mail_sink *mail_sink_start(void)
{
    mail_sink *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->came, NULL);
    self->has_thread =
        grow(self) && open_sockets(self) && pthread_create(&self->thread, NULL, serve, self) == 0;
    if (self->has_thread)
        return self;
    mail_sink_free(self);
    return NULL;
}

unsigned mail_sink_port(const mail_sink *self)
{
    return self->port;
}

void mail_sink_free(mail_sink *self)
{
    if (self == NULL)
        return;
    if (self->has_thread) {
        eventfd_write(self->stop_fd, 1);
        pthread_join(self->thread, NULL);
    }
    while (self->sessions != NULL)
        end_session(self->sessions);
    if (self->listener != NULL)
        evconnlistener_free(self->listener);
    if (self->stop_event != NULL)
        event_free(self->stop_event);
    if (self->base != NULL)
        event_base_free(self->base);
    if (self->stop_fd > 0)
        close(self->stop_fd);
    pthread_cond_destroy(&self->came);
    pthread_mutex_destroy(&self->mutex);
    free(self->table);
    free(self);
}

bool mail_sink_first(mail_sink *self, int64_t timeout_ms, char *text, size_t size)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    int code = 0;
    pthread_mutex_lock(&self->mutex);
    while (self->counts.mails == 0 && code == 0)
        code = pthread_cond_timedwait(&self->came, &self->mutex, &until);
    bool is_there = self->first_size > 0 && self->first_size < size;
    if (is_there) {
        memcpy(text, self->first, self->first_size);
        text[self->first_size] = '\0';
    }
    pthread_mutex_unlock(&self->mutex);
    return is_there;
}

mail_counts mail_sink_counts(mail_sink *self)
{
    pthread_mutex_lock(&self->mutex);
    mail_counts counts = self->counts;
    pthread_mutex_unlock(&self->mutex);
    return counts;
}

bool mail_sink_has(mail_sink *self, const unsigned char id[16])
{
    pthread_mutex_lock(&self->mutex);
    bool is_there = place_of(self, id)->message != 0;
    pthread_mutex_unlock(&self->mutex);
    return is_there;
}
