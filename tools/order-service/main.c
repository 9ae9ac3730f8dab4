/* order-service - takes orders over HTTP, keeps them in a durable queue, runs each through its
 * workflow, and mails how it ended.
 *
 * Here it is put together, started, and stopped: no more is taken in, what is under way is
 * committed, and executions stay in the store, where the next start finds them.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "embedded.h"
#include "log.h"
#include "outbox.h"
#include "subscriptions.h"

#define SERVICE_TABLE "service"
#define SECRET_KEY "secret"
#define DISPATCH_MS 1      /* requests and answers wait meanwhile */
#define VISIBILITY_MS 5000 /* a start takes milliseconds; who died is not waited for longer */
#define STOP_CHECK_MS 20
#define STOP_CHECKS_MAX 500
#define FLUSH_MS 100 /* for answers that are on their way */

typedef struct running {
    order_service service;
    service_settings settings;
    struct event *engine_event, *terminate, *interrupt, *check;
    unsigned checks;
    int exit_code;
} running;

static void log_engine(void *context, asl_log_level level, const char *message)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    (void)context;
    if (level <= ASL_LOG_NOTICE)
        log_line(levels[level], NULL, "%s", message);
}

static int load_definition(order_service *service)
{
    const char *path = service->settings->definition;
    char *text = NULL;
    size_t size = 0;
    if (path == NULL)
        return tool_load_definition("order.asl.json", embedded_definition, embedded_definition_size,
                                    NULL, &service->definition);
    int exit_code = tool_read(path, "the definition", &text, &size);
    if (exit_code == 0)
        exit_code = tool_load_definition(path, text, size, NULL, &service->definition);
    free(text);
    return exit_code;
}

static int bind_tasks(order_service *service)
{
    const service_settings *settings = service->settings;
    char *text = NULL;
    char *folder = NULL;
    size_t size = 0;
    int exit_code = 0;
    if (settings->tasks != NULL) {
        exit_code = tool_read(settings->tasks, "the bindings", &text, &size);
        const char *slash = strrchr(settings->tasks, '/');
        folder =
            slash != NULL ? strndup(settings->tasks, (size_t)(slash - settings->tasks) + 1) : NULL;
    }
    asl_bind_options options = {.size = sizeof options,
                                .source =
                                    settings->tasks != NULL ? settings->tasks : "order.tasks.json",
                                .folder = folder,
                                .flags = settings->tasks != NULL ? ASL_BIND_TRUSTED : 0,
                                .allow_networks = settings->networks.items};
    asl_error *error = NULL;
    int status = ASL_OK;
    if (exit_code == 0)
        status = asl_engine_bind(service->engine, text != NULL ? text : embedded_tasks,
                                 text != NULL ? size : embedded_tasks_size, &options, &error);
    if (status != ASL_OK)
        exit_code = tool_report(NULL, status, error);
    const char *missing =
        exit_code == 0 ? asl_engine_missing_handler(service->engine, service->definition) : NULL;
    if (missing != NULL)
        exit_code = tool_usage("nothing serves %s: give --tasks", missing);
    free(text);
    free(folder);
    return exit_code;
}

static int open_engine(order_service *service)
{
    const service_settings *settings = service->settings;
    asl_engine_options options = {.size = sizeof options,
                                  .store = service->store,
                                  .log = log_engine,
                                  .dispatch_ms = DISPATCH_MS};
    asl_error *error = NULL;
    if (settings->clock_scale != 1) {
        options.clock = ASL_CLOCK_SCALED;
        options.clock_scale = settings->clock_scale;
    }
    int status = asl_engine_open(&options, &service->engine, &error);
    if (status != ASL_OK)
        return tool_report("cannot open the engine", status, error);
    status = asl_engine_add_machine(service->engine, MACHINE, service->definition, &error);
    return status == ASL_OK ? bind_tasks(service) : tool_report(NULL, status, error);
}

static void note_written(void *context, int status)
{
    int *result = context;
    *result = status;
}

/* The secret that signs links is made once, and is durable before anything is signed. */
static int make_secret(order_service *service)
{
    int written = -1;
    asl_writes *writes = asl_writes_new(NULL);
    if (writes == NULL || getentropy(service->secret, sizeof service->secret) != 0) {
        asl_writes_free(writes);
        return tool_report("cannot make a secret", ASL_NOMEM, NULL);
    }
    asl_writes_put(writes, SERVICE_TABLE, SECRET_KEY, strlen(SECRET_KEY), service->secret,
                   sizeof service->secret);
    int status = asl_engine_write(service->engine, writes, note_written, &written, NULL);
    while (status == ASL_OK && written == -1)
        status = asl_engine_dispatch(service->engine, 100);
    if (status == ASL_OK)
        status = written;
    return status == ASL_OK ? 0 : tool_report("cannot keep the secret", status, NULL);
}

static bool read_secret(void *context, const void *key, size_t key_size, const void *row,
                        size_t row_size)
{
    order_service *service = context;
    bool is_it = key_size == strlen(SECRET_KEY) && memcmp(key, SECRET_KEY, key_size) == 0 &&
                 row_size == sizeof service->secret;
    if (is_it)
        memcpy(service->secret, row, row_size);
    service->is_ready = is_it; /* for the call */
    return false;
}

static int open_secret(order_service *service)
{
    asl_error *error = NULL;
    int status = asl_table_scan(service->store, SERVICE_TABLE, SECRET_KEY, strlen(SECRET_KEY),
                                read_secret, service, &error);
    bool is_found = service->is_ready;
    service->is_ready = false;
    if (status != ASL_OK)
        return tool_report("cannot read the store", status, error);
    return is_found ? 0 : make_secret(service);
}

/* An order that cannot be started now is tried again for as long as it takes: it was acknowledged.
 */
static int open_queue(order_service *service)
{
    asl_error *error = NULL;
    asl_queue_options options = {.size = sizeof options,
                                 .max_messages = service->settings->queue_limit,
                                 .visibility_ms = VISIBILITY_MS};
    int status = asl_queue_open(service->engine, QUEUE_NAME, &options, &service->queue, &error);
    return status == ASL_OK ? 0 : tool_report("cannot open the queue", status, error);
}

static int recover(order_service *service)
{
    asl_error *error = NULL;
    size_t count = 0;
    int status = asl_engine_recover(service->engine, 0, &count, &error);
    if (status != ASL_OK)
        return tool_report("cannot go on with what is in the store", status, error);
    if (count > 0)
        log_line("info", NULL, "%zu executions go on", count);
    return 0;
}

static int open_store(running *self)
{
    const service_settings *settings = &self->settings;
    bool is_relaxed = settings->durability != NULL && strcmp(settings->durability, "relaxed") == 0;
    asl_store_options options = {.size = sizeof options,
                                 .path = settings->data,
                                 .flags = is_relaxed ? ASL_STORE_RELAXED : 0};
    asl_error *error = NULL;
    int status = asl_store_open(&options, &self->service.store, &error);
    return status == ASL_OK ? 0 : tool_report("cannot open the store", status, error);
}

static int open_server(order_service *service)
{
    const service_settings *settings = service->settings;
    server_options options = {.base = service->base,
                              .listen = settings->listen,
                              .certificate = settings->certificate,
                              .key = settings->key,
                              .hosts = settings->hosts.items,
                              .methods_of = routes_methods_of,
                              .serve = routes_serve,
                              .context = service,
                              .connections_max = settings->connections_max};
    service->server = server_open(&options);
    return service->server != NULL ? 0 : TOOL_USAGE;
}

static int open_parts(order_service *service)
{
    service->intake = intake_new(service);
    service->events = events_new(service);
    service->subscriptions = subscriptions_new(service);
    if (service->intake == NULL || service->events == NULL || service->subscriptions == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    int exit_code = open_server(service);
    if (exit_code != 0)
        return exit_code;
    service->outbox = outbox_new(service); /* its links begin with the server's address */
    if (!service->settings->no_poller)
        service->poller = poller_new(service);
    bool is_whole =
        service->outbox != NULL && (service->poller != NULL || service->settings->no_poller);
    return is_whole ? 0 : tool_report(NULL, ASL_NOMEM, NULL);
}

/* The engine has something to do: messages, timers, answers, commits. */
static void on_engine(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    running *self = context;
    int status = asl_engine_dispatch(self->service.engine, 0);
    if (status == ASL_STORE_LOST) {
        log_line("error", NULL, "the store cannot be written any more: the disk has failed");
        self->exit_code = TOOL_STORE;
        event_base_loopbreak(self->service.base);
        return;
    }
    outbox_look(self->service.outbox);
}

/* Waits until what is under way has been committed, and answered. */
static void on_check(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    running *self = context;
    order_service *service = &self->service;
    bool is_done = intake_waiting(service->intake) == 0 && poller_starting(service->poller) == 0 &&
                   !outbox_is_writing(service->outbox);
    struct timeval moment = {0, (is_done ? FLUSH_MS : STOP_CHECK_MS) * 1000};
    if (is_done || ++self->checks == STOP_CHECKS_MAX)
        event_base_loopexit(service->base, &moment);
    else
        event_add(self->check, &moment);
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    (void)what;
    running *self = context;
    order_service *service = &self->service;
    if (service->is_stopping)
        return;
    log_line("info", NULL, "stopping because of signal %d", (int)number);
    service->is_stopping = true;
    server_stop(service->server);
    poller_stop(service->poller);
    outbox_stop(service->outbox);
    event_active(self->check, EV_TIMEOUT, 1);
}

static int watch(running *self)
{
    struct event_base *base = self->service.base;
    self->engine_event =
        event_new(base, asl_engine_fd(self->service.engine), EV_READ | EV_PERSIST, on_engine, self);
    self->terminate = evsignal_new(base, SIGTERM, on_signal, self);
    self->interrupt = evsignal_new(base, SIGINT, on_signal, self);
    self->check = evtimer_new(base, on_check, self);
    bool is_whole = self->engine_event != NULL && self->terminate != NULL &&
                    self->interrupt != NULL && self->check != NULL &&
                    event_add(self->engine_event, NULL) == 0 &&
                    event_add(self->terminate, NULL) == 0 && event_add(self->interrupt, NULL) == 0;
    return is_whole ? 0 : tool_report("cannot watch", ASL_NOMEM, NULL);
}

static int start(running *self)
{
    order_service *service = &self->service;
    int exit_code = load_definition(service);
    if (exit_code == 0)
        exit_code = open_store(self);
    if (exit_code == 0)
        exit_code = open_engine(service);
    if (exit_code == 0)
        exit_code = open_secret(service);
    if (exit_code == 0)
        exit_code = open_queue(service);
    if (exit_code == 0)
        exit_code = recover(service);
    if (exit_code == 0)
        exit_code = open_parts(service);
    return exit_code == 0 ? watch(self) : exit_code;
}

/* The engine goes before the parts that it may still tell something. */
static void stop(running *self)
{
    order_service *service = &self->service;
    struct event *const all[] = {self->engine_event, self->terminate, self->interrupt, self->check};
    poller_stop(service->poller);
    outbox_stop(service->outbox);
    if (service->queue != NULL)
        asl_queue_close(service->queue);
    asl_engine_free(service->engine);
    outbox_free(service->outbox);
    poller_free(service->poller);
    events_free(service->events);
    server_close(service->server);
    subscriptions_free(service->subscriptions);
    intake_free(service->intake);
    asl_store_close(service->store);
    asl_definition_unref(service->definition);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] != NULL)
            event_free(all[i]);
    }
    if (service->base != NULL)
        event_base_free(service->base);
}

/* Changes of what is waited for are told to the kernel together. */
static struct event_base *new_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;
    if (config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0)
        base = event_base_new_with_config(config);
    if (config != NULL)
        event_config_free(config);
    return base;
}

int main(int argc, char **argv)
{
    static running self;
    int exit_code = settings_read(&self.settings, argc, argv);
    if (exit_code >= 0)
        return exit_code;
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    self.service.settings = &self.settings;
    self.service.base = new_base();
    self.exit_code = self.service.base != NULL ? start(&self) : TOOL_INTERNAL;
    if (self.exit_code == 0) {
        self.service.is_ready = true;
        const char *url = server_url(self.service.server);
        printf("order-service: %s%s\n", url, strncmp(url, "unix:", 5) == 0 ? "" : "/");
        fflush(stdout);
        log_line("info", NULL, "ready at %s, durability %s", url,
                 asl_durability_name(asl_store_durability(self.service.store)));
        event_base_dispatch(self.service.base);
    }
    stop(&self);
    settings_free(&self.settings);
    return tool_finish(self.exit_code);
}
