/* The server. The gate stands in the callback of a socket's input buffer: what comes is taken out
 * before evhttp sees it, and what passes is put back. (A filter over the socket would do the same,
 * but evhttp closes it while its last answer is still on the way.) A refusal reaches evhttp as a
 * request for a path that the gate lets nobody ask for, so that it is answered in its turn behind
 * the requests before it, and the connection is closed in evhttp's way.
 *
 * evhttp tells nobody when it frees a connection: a second reference keeps the socket's memory, and
 * sweeping finds those of which it is the last.
 */
#include "server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/support.h"

#define REFUSED_PATH "/.refused"
#define HEAD_SECONDS 10
#define BODY_SECONDS 30
#define IDLE_SECONDS 75
#define LINGER_SECONDS 2
#define SWEEP_MS 200
#define HELD_MAX (GATE_HEAD_MAX + GATE_BODY_MAX) /* bytes that are sent before their turn */
#define BEYOND_MAX 256u      /* connections beyond those that are served, which are told so */
#define REFUSAL_PASSED (~0u) /* in place of methods */
#define HOSTS_MAX 72
#define BACKLOG 1024
#define UNIX_PREFIX "unix:"

struct http_server {
    server_options options;
    struct evhttp *http;
    struct evhttp_bound_socket *socket;
    SSL_CTX *tls;
    gate_rules rules;
    const char *hosts[HOSTS_MAX + 1];
    char own_hosts[4][300];
    char url[320];
    char unix_path[sizeof((struct sockaddr_un *)NULL)->sun_path];
    struct connection *first;
    struct event *sweep_event;
    unsigned connections; /* all of them */
    unsigned served;
};

typedef struct connection {
    struct connection *next;
    http_server *server;
    gate gate;
    struct bufferevent *socket;
    struct evbuffer *held; /* what has come and may not pass yet */
    struct event *deadline;
    bool in_body, is_passing, is_lingering, is_served, has_spoken;
} connection;

static const struct timeval head_time = {HEAD_SECONDS, 0};
static const struct timeval body_time = {BODY_SECONDS, 0};
static const struct timeval no_time = {0, 0};
static const struct timeval linger_time = {LINGER_SECONDS, 0};

static bool is_unix(const char *listen)
{
    return strncmp(listen, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0;
}

/* Those that are neither served nor told so wait in the kernel. */
static void count_connections(http_server *self, int change)
{
    self->connections += (unsigned)change;
    struct evconnlistener *listener =
        self->socket != NULL ? evhttp_bound_socket_get_listener(self->socket) : NULL;
    if (listener == NULL)
        return;
    if (self->connections >= self->options.connections_max + BEYOND_MAX)
        evconnlistener_disable(listener);
    else
        evconnlistener_enable(listener);
}

static void serve_no_more(connection *self)
{
    self->server->served -= self->is_served;
    self->is_served = false;
}

static void end_connection(connection *self)
{
    connection **place = &self->server->first;
    while (*place != self)
        place = &(*place)->next;
    *place = self->next;
    serve_no_more(self);
    count_connections(self->server, -1);
    event_free(self->deadline);
    evbuffer_free(self->held);
    bufferevent_decref(self->socket);
    free(self);
}

/* Puts what passes before evhttp. Outside of a read the buffer's end is frozen. */
static void pass(connection *self, size_t size)
{
    struct evbuffer *input = bufferevent_get_input(self->socket);
    self->is_passing = true;
    evbuffer_unfreeze(input, 0);
    evbuffer_remove_buffer(self->held, input, size);
    self->is_passing = false;
}

/* Behind a refusal nothing passes but the request that tells of it. */
static void pass_refusal(connection *self)
{
    evbuffer_drain(self->held, evbuffer_get_length(self->held));
    if (self->gate.methods == REFUSAL_PASSED)
        return;
    evbuffer_add_printf(self->held,
                        "GET " REFUSED_PATH " HTTP/1.1\r\nConnection: close\r\nStatus: %u\r\n"
                        "Methods: %u\r\nWhy: %s\r\n\r\n",
                        self->gate.refused, self->gate.methods, self->gate.why);
    self->gate.methods = REFUSAL_PASSED;
    pass(self, evbuffer_get_length(self->held));
}

static void set_deadline(connection *self)
{
    bool in_body = self->gate.body_left > 0;
    if (!gate_is_inside(&self->gate) || self->gate.refused != 0) {
        if (event_pending(self->deadline, EV_TIMEOUT, NULL))
            event_del(self->deadline);
    } else if (!event_pending(self->deadline, EV_TIMEOUT, NULL) || in_body != self->in_body) {
        event_add(self->deadline, in_body ? &body_time : &head_time);
    }
    self->in_body = in_body;
}

/* Passes what the gate lets pass. */
static void look(connection *self)
{
    const struct evbuffer *input = bufferevent_get_input(self->socket);
    while (self->gate.refused == 0) {
        size_t size = evbuffer_get_length(self->held);
        if (self->gate.body_left == 0 && evbuffer_get_length(input) > 0)
            break; /* one request at a time: the next when evhttp has taken this one */
        const char *bytes = "";
        if (self->gate.body_left == 0) { /* a head is looked at in one piece */
            size = size <= GATE_HEAD_MAX ? size : GATE_HEAD_MAX + 1;
            bytes = (const char *)evbuffer_pullup(self->held, (ev_ssize_t)size);
        }
        size_t passes = bytes != NULL ? gate_look(&self->gate, bytes, size) : 0;
        if (passes == 0)
            break;
        pass(self, passes);
    }
    if (evbuffer_get_length(self->held) > HELD_MAX)
        gate_refuse(&self->gate, 413, "more was sent ahead than is kept");
    if (self->gate.refused != 0)
        pass_refusal(self);
    set_deadline(self);
}

/* Bytes have come: they are taken away before evhttp sees them. What passed before stands in front
 * of them, where evhttp is busy with an earlier request. */
static void on_bytes(struct evbuffer *input, const struct evbuffer_cb_info *info, void *context)
{
    connection *self = context;
    if (self->is_passing || self->is_lingering)
        return;
    if (info->n_added == 0) { /* evhttp has taken some */
        if (evbuffer_get_length(self->held) > 0)
            look(self);
        return;
    }
    self->has_spoken = true;
    size_t before = info->orig_size;
    self->is_passing = true;
    if (before == 0) {
        evbuffer_add_buffer(self->held, input);
    } else {
        struct evbuffer *front = evbuffer_new();
        if (front != NULL) {
            evbuffer_remove_buffer(input, front, before);
            evbuffer_add_buffer(self->held, input);
            evbuffer_add_buffer(input, front);
            evbuffer_free(front);
        } else {
            evbuffer_drain(input, evbuffer_get_length(input)); /* no memory: what comes is lost */
            gate_refuse(&self->gate, 503, "out of memory");
        }
    }
    self->is_passing = false;
    look(self);
}

/* evhttp takes its callbacks away when it frees its reference; then only ours is left. */
static bool is_gone(const connection *self)
{
    bufferevent_event_cb on_event = NULL;
    bufferevent_getcb(self->socket, NULL, NULL, &on_event, NULL);
    return on_event == NULL;
}

static void on_lingering_bytes(struct bufferevent *socket, void *context)
{
    (void)context;
    struct evbuffer *input = bufferevent_get_input(socket);
    evbuffer_drain(input, evbuffer_get_length(input));
}

static void on_lingering_event(struct bufferevent *socket, short what, void *context)
{
    (void)socket;
    (void)what;
    end_connection(context);
}

/* Who was refused while still sending would lose the answer if the socket were closed on what it
 * sends: that is read and dropped for a while. */
static void let_go(connection *self)
{
    if (self->gate.refused == 0) {
        end_connection(self);
        return;
    }
    self->is_lingering = true;
    serve_no_more(self);
    bufferevent_setcb(self->socket, on_lingering_bytes, NULL, on_lingering_event, self);
    bufferevent_enable(self->socket, EV_READ);
    event_add(self->deadline, &linger_time);
}

static void sweep(http_server *self)
{
    connection *next = NULL;
    for (connection *each = self->first; each != NULL; each = next) {
        next = each->next;
        if (!each->is_lingering && is_gone(each))
            let_go(each);
    }
}

static void on_sweep(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    (void)events;
    sweep(context);
}

/* A head that takes too long is refused; in a body nothing can be answered any more. */
static void on_deadline(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    (void)events;
    connection *self = context;
    if (self->is_lingering || is_gone(self)) {
        end_connection(self);
    } else if (self->in_body || (self->server->tls != NULL && !self->has_spoken)) {
        shutdown(bufferevent_getfd(self->socket), SHUT_RDWR);
    } else {
        gate_refuse(&self->gate, 408, "the request took more than 10 seconds to come");
        look(self);
        bufferevent_trigger(self->socket, EV_READ, BEV_TRIG_IGNORE_WATERMARKS);
    }
}

static struct bufferevent *new_socket(http_server *self)
{
    if (self->tls == NULL)
        return bufferevent_socket_new(self->options.base, -1, BEV_OPT_CLOSE_ON_FREE);
    SSL *tls = SSL_new(self->tls);
    struct bufferevent *socket =
        tls != NULL
            ? bufferevent_openssl_socket_new(self->options.base, -1, tls, BUFFEREVENT_SSL_ACCEPTING,
                                             BEV_OPT_CLOSE_ON_FREE)
            : NULL;
    if (socket == NULL)
        SSL_free(tls);
    else
        bufferevent_openssl_set_allow_dirty_shutdown(socket, 1);
    return socket;
}

static struct bufferevent *new_connection(struct event_base *base, void *context)
{
    http_server *self = context;
    sweep(self);
    connection *new = calloc(1, sizeof *new);
    struct bufferevent *socket = new != NULL ? new_socket(self) : NULL;
    struct evbuffer *held = socket != NULL ? evbuffer_new() : NULL;
    struct event *deadline = held != NULL ? evtimer_new(base, on_deadline, new) : NULL;
    if (deadline == NULL || evbuffer_add_cb(bufferevent_get_input(socket), on_bytes, new) == NULL) {
        if (deadline != NULL)
            event_free(deadline);
        if (held != NULL)
            evbuffer_free(held);
        if (socket != NULL)
            bufferevent_free(socket);
        free(new);
        return NULL;
    }
    *new = (connection){.next = self->first,
                        .server = self,
                        .gate = {.rules = &self->rules},
                        .socket = socket,
                        .held = held,
                        .deadline = deadline};
    self->first = new;
    new->is_served = self->served < self->options.connections_max;
    self->served += new->is_served;
    if (!new->is_served)
        gate_refuse(&new->gate, 503, "too many connections are open: try again in a moment");
    event_add(deadline, new->is_served ? &head_time : &no_time); /* whether anything comes or not */
    bufferevent_incref(socket);
    count_connections(self, 1);
    return socket;
}

unsigned server_refusal(struct evhttp_request *request, const char **ret_why, unsigned *ret_methods)
{
    if (strcmp(evhttp_request_get_uri(request), REFUSED_PATH) != 0)
        return 0;
    struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const char *status = evhttp_find_header(headers, "Status");
    const char *methods = evhttp_find_header(headers, "Methods");
    *ret_why = evhttp_find_header(headers, "Why");
    *ret_methods = methods != NULL ? (unsigned)strtoul(methods, NULL, 10) : 0;
    return status != NULL ? (unsigned)strtoul(status, NULL, 10) : 400;
}

/* "HOST:PORT" or "[HOST]:PORT". */
static bool split(const char *listen, char host[256], char port[16])
{
    const char *colon = strrchr(listen, ':');
    if (colon == NULL || colon == listen || strlen(colon + 1) == 0 || strlen(colon + 1) > 5)
        return false;
    size_t size = (size_t)(colon - listen);
    bool has_brackets = listen[0] == '[' && size > 2 && listen[size - 1] == ']';
    if (has_brackets ? false : memchr(listen, ':', size) != NULL)
        return false;
    if (size >= 256 || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    snprintf(host, 256, "%.*s", (int)(has_brackets ? size - 2 : size),
             has_brackets ? listen + 1 : listen);
    snprintf(port, 16, "%s", colon + 1);
    return true;
}

static struct addrinfo *find_address(const char *listen)
{
    char host[256];
    char port[16];
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (!split(listen, host, port) || getaddrinfo(host, port, &hints, &found) != 0)
        return NULL;
    return found;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
               127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

bool server_is_local(const char *listen)
{
    if (is_unix(listen))
        return true;
    struct addrinfo *found = find_address(listen);
    bool is_local = found != NULL;
    for (const struct addrinfo *each = found; each != NULL; each = each->ai_next)
        is_local = is_local && is_loopback(each->ai_addr);
    if (found != NULL)
        freeaddrinfo(found);
    return is_local;
}

static struct evconnlistener *listen_to(http_server *self, const struct sockaddr *address, int size)
{
    return evconnlistener_new_bind(
        self->options.base, NULL, NULL,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG, address, size);
}

/* A socket that a dead process has left is in the way; one that is in use stays. */
static void remove_dead_socket(const struct sockaddr_un *address)
{
    struct stat found;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && lstat(address->sun_path, &found) == 0 && S_ISSOCK(found.st_mode) &&
        connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    if (fd >= 0)
        close(fd);
}

static struct evconnlistener *listen_to_unix(http_server *self, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    remove_dead_socket(&address);
    mode_t mask = umask(0177);
    struct evconnlistener *listener =
        listen_to(self, (struct sockaddr *)&address, (int)sizeof address);
    umask(mask);
    if (listener != NULL)
        snprintf(self->unix_path, sizeof self->unix_path, "%s", path);
    return listener;
}

static struct evconnlistener *new_listener(http_server *self)
{
    const char *listen = self->options.listen;
    if (is_unix(listen))
        return listen_to_unix(self, listen + strlen(UNIX_PREFIX));
    struct addrinfo *found = find_address(listen);
    if (found == NULL) {
        errno = EADDRNOTAVAIL;
        return NULL;
    }
    struct evconnlistener *listener = listen_to(self, found->ai_addr, (int)found->ai_addrlen);
    freeaddrinfo(found);
    return listener;
}

static unsigned port_of(evutil_socket_t fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
    return address.ss_family == AF_INET6
               ? ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port)
               : 0;
}

/* What this server is called by who asks it: the address that it listens on, and localhost. */
static void name_hosts(http_server *self)
{
    size_t count = 0;
    char host[256] = "";
    char port[16] = "";
    const char *scheme = self->tls != NULL ? "https" : "http";
    if (is_unix(self->options.listen)) {
        snprintf(self->url, sizeof self->url, "%s", self->options.listen);
        self->hosts[count++] = "localhost";
    } else if (split(self->options.listen, host, port)) {
        unsigned number = port_of(evhttp_bound_socket_get_fd(self->socket));
        bool is_v6 = strchr(host, ':') != NULL;
        snprintf(self->own_hosts[0], sizeof self->own_hosts[0], is_v6 ? "[%s]:%u" : "%s:%u", host,
                 number);
        snprintf(self->own_hosts[1], sizeof self->own_hosts[1], "localhost:%u", number);
        snprintf(self->own_hosts[2], sizeof self->own_hosts[2], is_v6 ? "[%s]" : "%s", host);
        snprintf(self->url, sizeof self->url, "%s://%s", scheme, self->own_hosts[0]);
        self->hosts[count++] = self->own_hosts[0];
        if (server_is_local(self->options.listen))
            self->hosts[count++] = self->own_hosts[1];
        if (number == (self->tls != NULL ? 443 : 80))
            self->hosts[count++] = self->own_hosts[2];
    }
    for (const char *const *more = self->options.hosts; *more != NULL && count < HOSTS_MAX; more++)
        self->hosts[count++] = *more;
    self->rules = (gate_rules){self->hosts, self->options.methods_of};
}

bool server_is_own_origin(const http_server *self, const char *origin)
{
    const char *host = strstr(origin, "://");
    if (host == NULL)
        return false;
    for (const char *const *own = self->hosts; *own != NULL; own++) {
        if (strcasecmp(host + 3, *own) == 0)
            return true;
    }
    return false;
}

static SSL_CTX *new_tls(const server_options *options)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls != NULL && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
        SSL_CTX_use_certificate_chain_file(tls, options->certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(tls, options->key, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(tls) == 1)
        return tls;
    char text[256] = "out of memory";
    if (ERR_peek_last_error() != 0)
        ERR_error_string_n(ERR_peek_last_error(), text, sizeof text);
    tool_say(TOOL_ERROR, "cannot use the certificate %s with the key %s: %s", options->certificate,
             options->key, text);
    SSL_CTX_free(tls);
    return NULL;
}

http_server *server_open(const server_options *options)
{
    http_server *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->options = *options;
    if (options->certificate != NULL && (self->tls = new_tls(options)) == NULL) {
        free(self);
        return NULL;
    }
    self->http = evhttp_new(options->base);
    self->sweep_event = event_new(options->base, -1, EV_PERSIST, on_sweep, self);
    if (self->http == NULL || self->sweep_event == NULL ||
        event_add(self->sweep_event, &(struct timeval){0, SWEEP_MS * 1000}) != 0) {
        server_close(self);
        return NULL;
    }
    struct evconnlistener *listener = new_listener(self);
    int reason = errno;
    if (listener != NULL)
        self->socket = evhttp_bind_listener(self->http, listener);
    if (self->socket == NULL) {
        tool_say(TOOL_ERROR, "cannot listen on %s: %s", options->listen, strerror(reason));
        server_close(self);
        return NULL;
    }
    name_hosts(self);
    evhttp_set_bevcb(self->http, new_connection, self);
    evhttp_set_gencb(self->http, options->serve, options->context);
    evhttp_set_allowed_methods(self->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_DELETE);
    evhttp_set_max_headers_size(self->http, GATE_HEAD_MAX);
    evhttp_set_max_body_size(self->http, GATE_BODY_MAX);
    evhttp_set_timeout(self->http, IDLE_SECONDS);
    evhttp_set_default_content_type(self->http, NULL);
    return self;
}

void server_stop(http_server *self)
{
    if (self->socket != NULL)
        evhttp_del_accept_socket(self->http, self->socket);
    self->socket = NULL;
    if (self->unix_path[0] != '\0')
        unlink(self->unix_path);
    self->unix_path[0] = '\0';
}

void server_close(http_server *self)
{
    if (self == NULL)
        return;
    server_stop(self);
    if (self->http != NULL)
        evhttp_free(self->http);
    while (self->first != NULL)
        end_connection(self->first);
    if (self->sweep_event != NULL)
        event_free(self->sweep_event);
    SSL_CTX_free(self->tls);
    free(self);
}

const char *server_url(const http_server *self)
{
    return self->url;
}

unsigned server_connections(const http_server *self)
{
    return self->connections;
}
