/* libcurl's multi interface on somebody else's loop: curl says which sockets and which timer it
 * waits for (socket_changed, timer_changed), the loop calls back (socket_ready, timer_ready), and
 * whatever has ended by then is settled. Nothing here waits.
 *
 * A transfer is in the client's list from start until settled or cancelled; it holds a reference to
 * its task and owns its curl handle. Each endpoint has a multi handle of its own, so a pooled
 * connection is never used under another endpoint's rules. */
#include "http/client.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handler/configuration.h"
#include "http/request.h"
#include "http/response.h"

typedef struct asl_http_transfer asl_http_transfer;

/* Why a callback of ours stopped a transfer. */
typedef enum stop_reason { STOP_NONE, STOP_MEMORY, STOP_HEADERS, STOP_BODY } stop_reason;

struct asl_http_transfer {
    asl_http_client *client;
    asl_http_transfer *next, **link; /* `link` points to what points here */
    asl_task *task;
    CURL *easy;
    asl_http_request request;
    asl_http_body body;
    size_t header_size;
    bool has_headers; /* the empty line behind them has come */
    stop_reason stopped;
    char refused[ASL_ADDRESS_TEXT_SIZE + 80]; /* the last address that was not connected */
    char message[CURL_ERROR_SIZE];
};

struct asl_http_client {
    asl_engine *engine;
    asl_endpoint *endpoint;
    CURLM *multi;
    asl_watch *timer;
    asl_http_transfer *transfers;
};

/* A peer that is gone must not end the host's process: OpenSSL writes without MSG_NOSIGNAL. The
 * signal is held back for this thread around curl's calls, and taken away if it came. */
typedef struct pipe_guard {
    sigset_t before;
    bool was_pending;
} pipe_guard;

static void pipe_guard_begin(pipe_guard *guard)
{
    sigset_t pending, block;
    sigpending(&pending);
    guard->was_pending = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&block);
    sigaddset(&block, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &block, &guard->before);
}

static void pipe_guard_end(const pipe_guard *guard)
{
    sigset_t pending, only;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    sigpending(&pending);
    if (!guard->was_pending && sigismember(&pending, SIGPIPE) == 1) {
        const struct timespec now = {0, 0};
        sigtimedwait(&only, NULL, &now);
    }
    pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

static size_t receive_body(char *bytes, size_t unit, size_t count, void *context)
{
    asl_http_transfer *transfer = context;
    int status = asl_http_body_append(&transfer->body, bytes, unit * count);
    if (status == ASL_OK)
        return unit * count;
    transfer->stopped = status == ASL_NOMEM ? STOP_MEMORY : STOP_BODY;
    return 0;
}

static size_t receive_header(char *bytes, size_t unit, size_t count, void *context)
{
    asl_http_transfer *transfer = context;
    size_t size = unit * count;
    /* Informational answers come before the one that counts; trailers change nothing. */
    if (size >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        transfer->has_headers = false;
    else if (size > 0 && (bytes[0] == '\r' || bytes[0] == '\n'))
        transfer->has_headers = true;
    if (size > ASL_HTTP_HEADER_BLOCK_MAX - transfer->header_size) {
        transfer->stopped = STOP_HEADERS;
        return 0;
    }
    transfer->header_size += size;
    return size;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *curl_address)
{
    asl_http_transfer *transfer = context;
    const asl_endpoint *endpoint = transfer->client->endpoint;
    asl_address address;
    if (purpose != CURLSOCKTYPE_IPCXN ||
        !asl_address_read(&curl_address->addr, curl_address->addrlen, &address))
        return CURL_SOCKET_BAD;
    const char *why = asl_address_refused(&address, endpoint->allowed, endpoint->allowed_count);
    if (why != NULL) {
        char text[ASL_ADDRESS_TEXT_SIZE];
        asl_address_print(&address, text);
        snprintf(transfer->refused, sizeof transfer->refused, "%s is %s", text, why);
        return CURL_SOCKET_BAD;
    }
    return socket(curl_address->family, curl_address->socktype | SOCK_CLOEXEC,
                  curl_address->protocol);
}

static void transfer_free(asl_http_transfer *transfer)
{
    if (transfer->easy != NULL)
        curl_easy_cleanup(transfer->easy);
    asl_http_request_done(&transfer->request);
    asl_http_body_done(&transfer->body);
    asl_task_unref(transfer->task);
    free(transfer);
}

/* Takes a transfer out of the client's list and of curl's hands. */
static void transfer_detach(asl_http_transfer *transfer)
{
    *transfer->link = transfer->next;
    if (transfer->next != NULL)
        transfer->next->link = transfer->link;
    pipe_guard guard;
    pipe_guard_begin(&guard);
    curl_multi_remove_handle(transfer->client->multi, transfer->easy);
    pipe_guard_end(&guard);
}

static void finish_task(asl_task *task, asl_http_outcome *outcome)
{
    int status = ASL_NOMEM;
    if (outcome->output != NULL) {
        status = asl_task_succeed(task, outcome->output, NULL);
        outcome->output = NULL;
        if (status == ASL_NOMEM)
            status = asl_task_fail(task, "States.TaskFailed", "out of memory", NULL);
    } else {
        status = asl_task_fail(task, outcome->error, outcome->cause, NULL);
    }
    (void)status; /* ASL_TASK_CLOSED: nobody waits for it any more */
    asl_http_outcome_done(outcome);
}

/* A transfer that curl could not finish: what stopped it, in the order of how much it says. */
static void judge_break(const asl_http_transfer *transfer, CURLcode code, asl_http_outcome *outcome)
{
    static const char *const socket_error = "States.Http.Socket";
    /* A single line past curl's own limit is CURLE_OUT_OF_MEMORY too. */
    bool is_in_headers = transfer->header_size > 0 && !transfer->has_headers;
    if (transfer->stopped == STOP_HEADERS || (code == CURLE_OUT_OF_MEMORY && is_in_headers))
        asl_http_outcome_fail(outcome, "States.DataLimitExceeded",
                              "the answer's headers are longer than %u bytes",
                              ASL_HTTP_HEADER_BLOCK_MAX);
    else if (transfer->stopped == STOP_MEMORY || code == CURLE_OUT_OF_MEMORY)
        asl_http_outcome_fail(outcome, "States.TaskFailed", "out of memory");
    else if (transfer->stopped == STOP_BODY)
        asl_http_outcome_fail(outcome, "States.DataLimitExceeded",
                              "the answer's body is longer than %u bytes", ASL_HTTP_BODY_BYTES_MAX);
    else if (transfer->refused[0] != '\0' && code == CURLE_COULDNT_CONNECT)
        asl_http_outcome_fail(outcome, socket_error,
                              "not connected: %s, and no network that is allowed covers it",
                              transfer->refused);
    else
        asl_http_outcome_fail(outcome, socket_error, "%s",
                              transfer->message[0] != '\0' ? transfer->message
                                                           : curl_easy_strerror(code));
}

static void settle(asl_http_transfer *transfer, CURLcode code)
{
    asl_http_outcome outcome;
    /* curl takes an answer that ends in its headers for one without a body. */
    if (code == CURLE_OK && !transfer->has_headers)
        code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK && transfer->stopped == STOP_NONE) {
        long status = 0;
        char *redirect = NULL;
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &redirect);
        asl_http_response_judge(status, &transfer->body, redirect, &outcome);
    } else {
        judge_break(transfer, code, &outcome);
    }
    if (outcome.cause != NULL)
        asl_http_request_redact(&transfer->request, outcome.cause);
    transfer_detach(transfer);
    finish_task(transfer->task, &outcome);
    transfer_free(transfer);
}

static void settle_all(asl_http_client *client)
{
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left)) != NULL;) {
        if (message->msg != CURLMSG_DONE)
            continue;
        char *private = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        settle((asl_http_transfer *)(void *)private, code);
    }
}

static void act(asl_http_client *client, curl_socket_t socket, int events)
{
    int running = 0;
    pipe_guard guard;
    pipe_guard_begin(&guard);
    curl_multi_socket_action(client->multi, socket, events, &running);
    pipe_guard_end(&guard);
    settle_all(client);
}

static void socket_ready(void *context, int fd, unsigned events)
{
    int curl_events = ((events & ASL_WATCH_READ) != 0 ? CURL_CSELECT_IN : 0) |
                      ((events & ASL_WATCH_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    act(context, fd, curl_events);
}

static void timer_ready(void *context, int fd, unsigned events)
{
    (void)fd;
    (void)events;
    act(context, CURL_SOCKET_TIMEOUT, 0);
}

static int socket_changed(CURL *easy, curl_socket_t socket, int what, void *context,
                          void *socket_context)
{
    (void)easy;
    asl_http_client *client = context;
    asl_watch *watch = socket_context;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL)
            asl_watch_free(watch);
        curl_multi_assign(client->multi, socket, NULL);
        return 0;
    }
    unsigned events = ((what & CURL_POLL_IN) != 0 ? ASL_WATCH_READ : 0) |
                      ((what & CURL_POLL_OUT) != 0 ? ASL_WATCH_WRITE : 0);
    if (watch != NULL)
        return asl_watch_change(watch, events) == ASL_OK ? 0 : -1;
    if (asl_engine_watch(client->engine, socket, events, socket_ready, client, &watch) != ASL_OK)
        return -1;
    return curl_multi_assign(client->multi, socket, watch) == CURLM_OK ? 0 : -1;
}

static int timer_changed(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    asl_http_client *client = context;
    return asl_watch_set_timer(client->timer, timeout_ms) == ASL_OK ? 0 : -1;
}

static bool apply_callbacks(asl_http_transfer *transfer)
{
    CURL *easy = transfer->easy;
    return curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer) == CURLE_OK;
}

/* The transfer of a task, ready to be given to curl; an error says why not. */
static int transfer_new(asl_http_client *client, asl_task *task, asl_http_transfer **ret_transfer,
                        asl_error **error)
{
    asl_http_transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL)
        return ASL_NOMEM;
    transfer->client = client;
    transfer->task = asl_task_ref(task);
    int status = asl_http_request_init(&transfer->request, client->endpoint, task, error);
    if (status == ASL_OK) {
        transfer->easy = curl_easy_init();
        if (transfer->easy == NULL || !apply_callbacks(transfer) ||
            !asl_http_request_apply(&transfer->request, client->endpoint, transfer->easy))
            status = ASL_NOMEM;
    }
    if (status != ASL_OK) {
        transfer_free(transfer);
        return status;
    }
    *ret_transfer = transfer;
    return ASL_OK;
}

void asl_http_client_start(asl_http_client *client, asl_task *task)
{
    asl_http_transfer *transfer = NULL;
    asl_error *error = NULL;
    if (transfer_new(client, task, &transfer, &error) != ASL_OK) {
        asl_task_fail(task, "States.TaskFailed",
                      error == NULL ? "out of memory" : asl_error_message(error), NULL);
        asl_error_free(error);
        return;
    }
    if (curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
        asl_task_fail(task, "States.TaskFailed", "out of memory", NULL);
        transfer_free(transfer);
        return;
    }
    transfer->next = client->transfers;
    transfer->link = &client->transfers;
    if (transfer->next != NULL)
        transfer->next->link = &transfer->next;
    client->transfers = transfer;
}

void asl_http_client_cancel(asl_http_client *client, asl_task *task)
{
    for (asl_http_transfer *transfer = client->transfers; transfer != NULL;
         transfer = transfer->next) {
        if (transfer->task == task) {
            transfer_detach(transfer);
            transfer_free(transfer);
            return;
        }
    }
}

static void initialise_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool apply_multi(asl_http_client *client)
{
    CURLM *multi = client->multi;
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket_changed) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer_changed) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 16L) == CURLM_OK;
}

int asl_http_client_new(asl_engine *engine, asl_endpoint *endpoint, asl_http_client **ret_client,
                        asl_error **error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialise_curl);
    asl_http_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        asl_endpoint_free(endpoint);
        return asl_configuration_refuse(error, ASL_NOMEM, "out of memory");
    }
    client->engine = engine;
    client->endpoint = endpoint;
    client->multi = curl_multi_init();
    int status = client->multi == NULL
                     ? ASL_NOMEM
                     : asl_engine_timer(engine, timer_ready, client, &client->timer);
    if (status == ASL_OK && !apply_multi(client))
        status = ASL_NOMEM;
    if (status != ASL_OK) {
        asl_http_client_free(client);
        return asl_configuration_refuse(error, status, "cannot prepare the HTTP client");
    }
    *ret_client = client;
    return ASL_OK;
}

/* Tasks that are still open here are those of an engine that closes: they stay open in the store.
 */
void asl_http_client_free(asl_http_client *client)
{
    while (client->transfers != NULL) {
        asl_http_transfer *transfer = client->transfers;
        transfer_detach(transfer);
        transfer_free(transfer);
    }
    if (client->multi != NULL)
        curl_multi_cleanup(client->multi);
    if (client->timer != NULL)
        asl_watch_free(client->timer);
    asl_endpoint_free(client->endpoint);
    free(client);
}
