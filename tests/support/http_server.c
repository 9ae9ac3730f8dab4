/* Behaviours are of two kinds: a fixed text, or a function with the connection in its hands. After
 * either the connection is kept for the next request where the behaviour says so. Every wait is a
 * poll that a stopping server ends. */
#include "http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_SIZE_MAX 400000u
#define CONNECTION_COUNT_MAX 1024u

typedef struct connection {
    http_server *server;
    pthread_t thread;
    int fd;
    char request[REQUEST_SIZE_MAX + 1];
    size_t size;
    const char *body;
    bool is_kept;
} connection;

struct http_server {
    int listener, stop_fd;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    connection *connections[CONNECTION_COUNT_MAX];
    atomic_uint accepted, requests, open;
    char *last;
};

/* Waits for the descriptor, at most `timeout_ms`; false: the time is over, or the server stops. */
static bool wait_for(connection *c, short events, int timeout_ms)
{
    struct pollfd polled[2] = {{.fd = c->server->stop_fd, .events = POLLIN},
                               {.fd = c->fd, .events = events}};
    return poll(polled, 2, timeout_ms) > 0 && polled[0].revents == 0;
}

/* False: the peer or the server has gone. */
static bool send_bytes(connection *c, const char *bytes, size_t size)
{
    while (size > 0) {
        if (!wait_for(c, POLLOUT, -1))
            return false;
        ssize_t sent = send(c->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool send_text(connection *c, const char *text)
{
    return send_bytes(c, text, strlen(text));
}

/* Waits until the peer goes or the server stops. */
static void wait_for_peer(connection *c)
{
    char byte;
    while (wait_for(c, POLLIN, -1) && recv(c->fd, &byte, 1, 0) > 0)
        continue;
}

/* True: the server stops. */
static bool wait_for_stop(connection *c, int timeout_ms)
{
    struct pollfd stop = {.fd = c->server->stop_fd, .events = POLLIN};
    return poll(&stop, 1, timeout_ms) > 0;
}

static void pause_ms(connection *c, int milliseconds)
{
    wait_for_stop(c, milliseconds);
}

/* Closing with SO_LINGER 0 sends RST instead of FIN. */
static void reset(connection *c)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    c->is_kept = false;
}

static void answer(connection *c, const char *status, const char *headers, const char *body,
                   size_t size)
{
    char head[4096];
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers,
             size);
    c->is_kept = send_text(c, head) && send_bytes(c, body, size);
}

static void behave_echo(connection *c)
{
    answer(c, "200 OK", "Content-Type: application/json\r\n", c->body, strlen(c->body));
}

/* The request's head as a JSON string would need escapes: it goes out as an error's body. */
static void behave_show(connection *c)
{
    answer(c, "418 I'm a teapot", "", c->request, strlen(c->request));
}

static void behave_slow(connection *c)
{
    pause_ms(c, 300);
    answer(c, "200 OK", "", "{\"slow\":true}", 13);
}

/* "/together?N" is answered once N requests have come. */
static void behave_together(connection *c)
{
    unsigned count = 0;
    sscanf(c->request, "%*s /together?%u", &count);
    while (atomic_load(&c->server->requests) < count && !wait_for_stop(c, 10))
        continue;
    behave_echo(c);
}

static void behave_drip(connection *c)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"drip\":true}";
    for (size_t i = 0; i < sizeof text - 1 && send_bytes(c, text + i, 1); i++)
        pause_ms(c, 2);
    c->is_kept = true;
}

static void behave_never(connection *c)
{
    wait_for_peer(c);
}

static void behave_drip_forever(connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n\"");
    while (send_text(c, "x"))
        pause_ms(c, 50);
}

static void behave_slow_head(connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\n");
    while (send_text(c, "X-Slow: 1\r\n"))
        pause_ms(c, 50);
}

static void behave_reset(connection *c)
{
    reset(c);
}

static void behave_reset_head(connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\nContent-Le");
    pause_ms(c, 50);
    reset(c);
}

static void behave_reset_body(connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":");
    pause_ms(c, 50);
    reset(c);
}

/* A JSON string of `size` bytes, quotes included. */
static void answer_string(connection *c, size_t size)
{
    char *text = malloc(size);
    memset(text, 'x', size);
    text[0] = text[size - 1] = '"';
    answer(c, "200 OK", "", text, size);
    free(text);
}

static void behave_limit(connection *c)
{
    answer_string(c, 262144);
}

static void behave_past_limit(connection *c)
{
    answer_string(c, 262145);
}

static void behave_huge(connection *c)
{
    answer_string(c, 300u * 1024);
}

static void send_endlessly(connection *c, const char *head, const char *unit)
{
    char block[8192] = "";
    size_t unit_size = strlen(unit), size = 0;
    for (; size + unit_size < sizeof block; size += unit_size)
        memcpy(block + size, unit, unit_size);
    bool ok = send_text(c, head);
    while (ok)
        ok = send_bytes(c, block, size);
}

static void behave_endless(connection *c)
{
    send_endlessly(c, "HTTP/1.1 200 OK\r\n\r\n\"", "x");
}

static void behave_endless_chunks(connection *c)
{
    send_endlessly(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                   "10\r\nxxxxxxxxxxxxxxxx\r\n");
}

static void behave_endless_headers(connection *c)
{
    send_endlessly(c, "HTTP/1.1 200 OK\r\n", "X-More: and more\r\n");
}

static void behave_endless_information(connection *c)
{
    send_endlessly(c, "", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
}

static void behave_endless_error(connection *c)
{
    send_endlessly(c, "HTTP/1.1 500 No\r\n\r\n", "no and ");
}

static void behave_huge_header(connection *c)
{
    char *line = malloc(300001);
    memset(line, 'h', 300000);
    line[300000] = '\0';
    bool ok = send_text(c, "HTTP/1.1 200 OK\r\nX-Huge: ") && send_text(c, line) &&
              send_text(c, "\r\nContent-Length: 2\r\n\r\n{}");
    free(line);
    c->is_kept = ok;
}

static void behave_deep(connection *c)
{
    char text[2000];
    memset(text, '[', 1000);
    memset(text + 1000, ']', 1000);
    answer(c, "200 OK", "", text, sizeof text);
}

/* Says that it keeps the connection, and closes it once the answer is out. */
static void behave_cut(connection *c)
{
    answer(c, "200 OK", "Connection: keep-alive\r\n", "{\"cut\":true}", 12);
    c->is_kept = false;
}

static void behave_nul(connection *c)
{
    answer(c, "200 OK", "", "{\"a\":\0}", 7);
}

static void behave_error_bytes(connection *c)
{
    static const char body[] = "bad \xff\xfe \x1b[31mred\x00 \xe4\xb8\xad";
    answer(c, "500 No", "", body, sizeof body - 1);
}

#define FIXED(status, headers, body) "HTTP/1.1 " status "\r\n" headers "\r\n" body

static const struct behaviour {
    const char *name;
    void (*function)(connection *c);
    const char *text; /* where there is no function; the connection is closed after it */
} behaviours[] = {
    {"echo", behave_echo, NULL},
    {"show", behave_show, NULL},
    {"slow", behave_slow, NULL},
    {"together", behave_together, NULL},
    {"drip", behave_drip, NULL},
    {"never", behave_never, NULL},
    {"drip-forever", behave_drip_forever, NULL},
    {"slow-head", behave_slow_head, NULL},
    {"reset", behave_reset, NULL},
    {"reset-head", behave_reset_head, NULL},
    {"reset-body", behave_reset_body, NULL},
    {"limit", behave_limit, NULL},
    {"past-limit", behave_past_limit, NULL},
    {"huge", behave_huge, NULL},
    {"endless", behave_endless, NULL},
    {"endless-chunks", behave_endless_chunks, NULL},
    {"endless-headers", behave_endless_headers, NULL},
    {"endless-information", behave_endless_information, NULL},
    {"endless-error", behave_endless_error, NULL},
    {"huge-header", behave_huge_header, NULL},
    {"deep", behave_deep, NULL},
    {"cut", behave_cut, NULL},
    {"nul", behave_nul, NULL},
    {"error-bytes", behave_error_bytes, NULL},
    {"ok", NULL, FIXED("200 OK", "Content-Length: 11\r\n", "{\"ok\":true}")},
    {"until-close", NULL, FIXED("200 OK", "", "{\"ok\":true}")},
    {"chunked", NULL,
     FIXED("200 OK", "Transfer-Encoding: chunked\r\n",
           "5\r\n{\"ok\"\r\n6;x=y\r\n:true}\r\n0\r\nX-Trailer: 1\r\n\r\n")},
    {"empty-chunks", NULL,
     FIXED("200 OK", "Transfer-Encoding: chunked\r\n", "0\r\nX-Trailer: 1\r\n\r\n")},
    {"close", NULL, ""},
    {"close-head", NULL, "HTTP/1.1 200 OK\r\nContent-"},
    {"truncated", NULL, FIXED("200 OK", "Content-Length: 100\r\n", "{\"ok\":true}")},
    {"overlong", NULL, FIXED("200 OK", "Content-Length: 4\r\n", "{\"ok\":true}")},
    {"bad-length", NULL, FIXED("200 OK", "Content-Length: eleven\r\n", "{\"ok\":true}")},
    {"negative-length", NULL, FIXED("200 OK", "Content-Length: -1\r\n", "{\"ok\":true}")},
    {"bad-chunk", NULL,
     FIXED("200 OK", "Transfer-Encoding: chunked\r\n", "zz\r\n{\"ok\":true}\r\n0\r\n\r\n")},
    {"chunk-overflow", NULL,
     FIXED("200 OK", "Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n")},
    {"chunk-cut", NULL, FIXED("200 OK", "Transfer-Encoding: chunked\r\n", "b\r\n{\"ok\"")},
    {"chunk-unfinished", NULL,
     FIXED("200 OK", "Transfer-Encoding: chunked\r\n", "b\r\n{\"ok\":true}\r\n")},
    {"text", NULL, FIXED("200 OK", "Content-Length: 5\r\n", "hello")},
    {"html", NULL, FIXED("200 OK", "Content-Type: text/html\r\n", "<html><b>Hi</b></html>")},
    {"two-values", NULL, FIXED("200 OK", "Content-Length: 5\r\n", "{} {}")},
    {"invalid-utf8", NULL, FIXED("200 OK", "Content-Length: 5\r\n", "\"\xff\xfe!\"")},
    {"surrogate", NULL, FIXED("200 OK", "Content-Length: 8\r\n", "\"\\ud800\"")},
    {"empty", NULL, FIXED("200 OK", "Content-Length: 0\r\n", "")},
    {"blank", NULL, FIXED("200 OK", "Content-Length: 2\r\n", "\r\n")},
    {"204", NULL, FIXED("204 No Content", "", "")},
    {"204-body", NULL, FIXED("204 No Content", "Content-Length: 11\r\n", "{\"ok\":true}")},
    {"206", NULL, FIXED("206 Partial Content", "Content-Length: 11\r\n", "{\"ok\":true}")},
    {"301", NULL, FIXED("301 Moved", "Location: /ok\r\nContent-Length: 0\r\n", "")},
    {"302", NULL,
     FIXED("302 Found", "Location: http://169.254.169.254/latest\r\nContent-Length: 0\r\n", "")},
    {"304", NULL, FIXED("304 Not Modified", "", "")},
    {"307", NULL, FIXED("307 Again", "Location: file:///etc/passwd\r\nContent-Length: 0\r\n", "")},
    {"400", NULL, FIXED("400 Bad", "Content-Length: 15\r\n", "{\"error\":\"bad\"}")},
    {"401", NULL, FIXED("401 Who", "WWW-Authenticate: Basic\r\nContent-Length: 3\r\n", "who")},
    {"404", NULL, FIXED("404 Not Found", "Content-Length: 9\r\n", "not found")},
    {"429", NULL, FIXED("429 Too Many", "Retry-After: 60\r\nContent-Length: 4\r\n", "busy")},
    {"500", NULL, FIXED("500 No", "Content-Length: 6\r\n", "broken")},
    {"503", NULL, FIXED("503 Away", "Content-Length: 0\r\n", "")},
    {"504", NULL, FIXED("504 Late", "Content-Length: 4\r\n", "late")},
    {"599", NULL, FIXED("599 Odd", "Content-Length: 3\r\n", "odd")},
    {"information", NULL,
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" FIXED(
         "200 OK", "Content-Length: 11\r\n", "{\"ok\":true}")},
    {"gzip", NULL,
     FIXED("200 OK", "Content-Encoding: gzip\r\nContent-Length: 10\r\n", "\x1f\x8b\x08zzzzzzz")},
    {"http09", NULL, "{\"ok\":true}"},
    {"garbage", NULL, "\x16\x03\x01\x02garbage\r\n\r\n"},
    {"duplicate", NULL,
     FIXED("200 OK", "Content-Length: 11\r\n", "{\"ok\":true}")
         FIXED("200 OK", "Content-Length: 12\r\n", "{\"ok\":false}")},
};

static const struct behaviour *find_behaviour(const char *name)
{
    for (size_t i = 0; i < sizeof behaviours / sizeof behaviours[0]; i++) {
        if (strcmp(behaviours[i].name, name) == 0)
            return &behaviours[i];
    }
    return NULL;
}

static void behave(connection *c)
{
    char name[64] = "";
    sscanf(c->request, "%*s /%63[^ ?]", name);
    const struct behaviour *behaviour = find_behaviour(name);
    c->is_kept = false;
    if (behaviour == NULL)
        send_text(c, FIXED("404 Not Found", "Content-Length: 0\r\n", ""));
    else if (behaviour->function != NULL)
        behaviour->function(c);
    else
        send_text(c, behaviour->text);
}

/* Reads one request, head and Content-Length body. False: none comes. */
static bool read_request(connection *c)
{
    c->size = 0;
    size_t needed = 0;
    while (needed == 0 || c->size < needed) {
        if (!wait_for(c, POLLIN, -1) || c->size == REQUEST_SIZE_MAX)
            return false;
        ssize_t size = recv(c->fd, c->request + c->size, REQUEST_SIZE_MAX - c->size, 0);
        if (size <= 0)
            return false;
        c->size += (size_t)size;
        c->request[c->size] = '\0';
        const char *end = strstr(c->request, "\r\n\r\n");
        if (end == NULL)
            continue;
        const char *length = strcasestr(c->request, "\r\nContent-Length:");
        size_t body_size = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
        c->body = end + 4;
        needed = (size_t)(c->body - c->request) + body_size;
    }
    return true;
}

static void keep_last(connection *c)
{
    atomic_fetch_add(&c->server->requests, 1);
    pthread_mutex_lock(&c->server->lock);
    free(c->server->last);
    c->server->last = strdup(c->request);
    pthread_mutex_unlock(&c->server->lock);
}

static void *serve(void *context)
{
    connection *c = context;
    do {
        if (!read_request(c))
            break;
        keep_last(c);
        behave(c);
    } while (c->is_kept);
    close(c->fd);
    atomic_fetch_sub(&c->server->open, 1);
    return NULL;
}

static void accept_one(http_server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    unsigned index = atomic_fetch_add(&server->accepted, 1);
    connection *c = index < CONNECTION_COUNT_MAX ? malloc(sizeof *c) : NULL;
    if (c == NULL) {
        close(fd);
        return;
    }
    c->server = server;
    c->fd = fd;
    atomic_fetch_add(&server->open, 1);
    if (pthread_create(&c->thread, NULL, serve, c) != 0)
        abort();
    server->connections[index] = c;
}

static void *listen_on(void *context)
{
    http_server *server = context;
    struct pollfd polled[2] = {{.fd = server->stop_fd, .events = POLLIN},
                               {.fd = server->listener, .events = POLLIN}};
    while (poll(polled, 2, -1) >= 0 && polled[0].revents == 0)
        accept_one(server);
    return NULL;
}

/* A socket that listens on a free port of the address; -1: there is no such address. */
static int open_listener(const char *address, unsigned *ret_port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
    if (!is_v4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
        return -1;
    struct sockaddr *any = is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
    int fd = socket(any->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, any, size) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, any, &size) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *ret_port = ntohs(is_v4 ? v4.sin_port : v6.sin6_port);
    return fd;
}

http_server *http_server_start(const char *address)
{
    unsigned port = 0;
    int listener = open_listener(address, &port);
    if (listener < 0)
        return NULL;
    http_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        abort();
    server->listener = listener;
    server->port = port;
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&server->lock, NULL);
    if (server->stop_fd < 0 || pthread_create(&server->thread, NULL, listen_on, server) != 0)
        abort();
    return server;
}

void http_server_stop(http_server *server)
{
    eventfd_write(server->stop_fd, 1);
    pthread_join(server->thread, NULL);
    for (size_t i = 0; i < CONNECTION_COUNT_MAX; i++) {
        if (server->connections[i] != NULL)
            pthread_join(server->connections[i]->thread, NULL);
        free(server->connections[i]);
    }
    close(server->listener);
    close(server->stop_fd);
    pthread_mutex_destroy(&server->lock);
    free(server->last);
    free(server);
}

unsigned http_server_port(const http_server *server)
{
    return server->port;
}

unsigned http_server_connections(http_server *server)
{
    return atomic_load(&server->accepted);
}

unsigned http_server_requests(http_server *server)
{
    return atomic_load(&server->requests);
}

unsigned http_server_open(http_server *server)
{
    return atomic_load(&server->open);
}

char *http_server_last_request(http_server *server)
{
    pthread_mutex_lock(&server->lock);
    char *last = strdup(server->last == NULL ? "" : server->last);
    pthread_mutex_unlock(&server->lock);
    return last;
}
