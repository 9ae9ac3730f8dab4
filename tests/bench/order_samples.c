/* Metrics are asked for over a new connection each time. */
#include "order_samples.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report.h"

#define METRICS_BYTES 65536u
#define EVERY_MS 1000
#define HURRIED_MS 100

struct order_samples {
    const order_process *process;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t changed;
    bool is_hurried, is_stopped;
    order_sample *samples;
    size_t count, capacity;
    char metrics[METRICS_BYTES]; /* the thread's */
};

/* The sum of a metric over its labels. */
static double metric(const char *text, const char *name)
{
    double sum = 0;
    size_t size = strlen(name);
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (strncmp(line, name, size) == 0 && (line[size] == ' ' || line[size] == '{')) {
            const char *value = strchr(line, ' ');
            sum += value != NULL ? strtod(value, NULL) : 0;
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return sum;
}

static bool take(order_samples *self, order_sample *sample)
{
    char *text = self->metrics;
    int status =
        order_process_ask(self->process->port, "GET", "/metrics", "", text, sizeof self->metrics);
    *sample = (order_sample){.at_ns = report_now_ns(),
                             .messages = metric(text, "order_service_queue_messages"),
                             .age_seconds = metric(text, "order_service_queue_age_seconds"),
                             .ended = metric(text, "order_service_orders_ended_total"),
                             .mails = metric(text, "order_service_mails_sent_total"),
                             .commits = metric(text, "order_service_commit_seconds_count"),
                             .private_bytes = order_process_memory(self->process, "RssAnon:"),
                             .resident_bytes = order_process_memory(self->process, "VmRSS:")};
    return status == 200;
}

static bool add(order_samples *self, const order_sample *sample)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity > 0 ? 2 * self->capacity : 256;
        order_sample *grown = realloc(self->samples, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        self->samples = grown;
        self->capacity = capacity;
    }
    self->samples[self->count++] = *sample;
    return true;
}

/* Waits until the next one is to be taken, with the mutex. */
static void wait_for_turn(order_samples *self, struct timespec *turn)
{
    bool was_hurried = self->is_hurried;
    int64_t ms = was_hurried ? HURRIED_MS : EVERY_MS;
    turn->tv_nsec += (long)(ms % 1000) * 1000000;
    turn->tv_sec += ms / 1000 + turn->tv_nsec / 1000000000;
    turn->tv_nsec %= 1000000000;
    int code = 0;
    while (!self->is_stopped && self->is_hurried == was_hurried && code == 0)
        code = pthread_cond_timedwait(&self->changed, &self->mutex, turn);
    if (self->is_hurried)
        clock_gettime(CLOCK_MONOTONIC, turn);
}

static void *work(void *context)
{
    order_samples *self = context;
    struct timespec turn;
    clock_gettime(CLOCK_MONOTONIC, &turn);
    pthread_mutex_lock(&self->mutex);
    while (!self->is_stopped) {
        order_sample sample;
        pthread_mutex_unlock(&self->mutex);
        bool is_there = take(self, &sample);
        pthread_mutex_lock(&self->mutex);
        if (is_there)
            add(self, &sample);
        wait_for_turn(self, &turn);
    }
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

order_samples *order_samples_start(const order_process *process)
{
    order_samples *self = calloc(1, sizeof *self);
    pthread_condattr_t attributes;
    if (self == NULL)
        return NULL;
    self->process = process;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&self->mutex, NULL);
    self->has_thread = pthread_create(&self->thread, NULL, work, self) == 0;
    if (self->has_thread)
        return self;
    order_samples_free(self);
    return NULL;
}

static void change(order_samples *self, bool *what)
{
    pthread_mutex_lock(&self->mutex);
    *what = true;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

void order_samples_hurry(order_samples *self)
{
    change(self, &self->is_hurried);
}

bool order_samples_last(order_samples *self, order_sample *ret_sample)
{
    pthread_mutex_lock(&self->mutex);
    bool is_there = self->count > 0;
    if (is_there)
        *ret_sample = self->samples[self->count - 1];
    pthread_mutex_unlock(&self->mutex);
    return is_there;
}

void order_samples_stop(order_samples *self)
{
    if (self == NULL || !self->has_thread)
        return;
    change(self, &self->is_stopped);
    pthread_join(self->thread, NULL);
    self->has_thread = false;
}

const order_sample *order_samples_all(const order_samples *self, size_t *ret_count)
{
    *ret_count = self->count;
    return self->samples;
}

void order_samples_free(order_samples *self)
{
    if (self == NULL)
        return;
    order_samples_stop(self);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    free(self->samples);
    free(self);
}
