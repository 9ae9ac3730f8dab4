/* The mailer, by libcurl's easy interface: one handle a thread, which keeps its connection.
 *
 * What a refusal means is told by where it came: of the recipient, or behind the message, 5xx is
 * for good; whatever comes before is about us or the server, and nothing is sent until later.
 */
#include "mailer.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CONNECT_SECONDS 10L
#define SEND_SECONDS 60L
#define THREADS_MAX 16u

struct mail_threads {
    const service_settings *settings;
    mailer_done done;
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t given;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
    mail_job *jobs; /* guarded by the mutex, as what follows */
    size_t count, taken, finished;
    bool no_server, is_told;
    atomic_bool is_stopping;
    int fd;
    struct event *told;
};

typedef struct reading {
    const char *text;
    size_t size;
} reading;

static size_t read_message(char *buffer, size_t size, size_t count, void *context)
{
    reading *self = context;
    size_t bytes = size * count < self->size ? size * count : self->size;
    memcpy(buffer, self->text, bytes);
    self->text += bytes;
    self->size -= bytes;
    return bytes;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    mail_threads *self = context;
    return atomic_load(&self->is_stopping) ? 1 : 0;
}

/* What is the same for all messages. */
static CURL *new_handle(mail_threads *self)
{
    CURL *curl = curl_easy_init();
    const service_settings *settings = self->settings;
    if (curl == NULL)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_URL, settings->smtp);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_SECONDS);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_message);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, self);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, settings->mail_from);
    if (strcmp(settings->smtp_tls, "none") != 0)
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    if (settings->smtp_ca != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings->smtp_ca);
    if (settings->smtp_user[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_USERNAME, settings->smtp_user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->smtp_password);
    }
    return curl;
}

/* What became of a message. */
static mail_outcome outcome_of(CURL *curl, CURLcode code, const char *error)
{
    long answer = 0;
    curl_off_t sent = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    bool is_recipient = strncmp(error, "RCPT failed", strlen("RCPT failed")) == 0 ||
                        strncmp(error, "DATA failed", strlen("DATA failed")) == 0;
    if (code == CURLE_OK)
        return MAIL_SENT;
    if (answer == 421)
        return MAIL_NO_SERVER;
    if (sent > 0 || is_recipient)
        return answer >= 500 && answer < 600 ? MAIL_REFUSED : MAIL_LATER;
    return code == CURLE_ABORTED_BY_CALLBACK ? MAIL_LATER : MAIL_NO_SERVER;
}

static void send_one(CURL *curl, mail_job *job)
{
    char error[CURL_ERROR_SIZE] = "";
    reading message = {job->message, strlen(job->message)};
    struct curl_slist *to = curl_slist_append(NULL, job->to);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_READDATA, &message);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.size);
    CURLcode code = to != NULL ? curl_easy_perform(curl) : CURLE_OUT_OF_MEMORY;
    job->outcome = outcome_of(curl, code, error);
    snprintf(job->reason, sizeof job->reason, "%.250s",
             error[0] != '\0' ? error : curl_easy_strerror(code));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(to);
}

/* The next message, or NULL when the mailer stops. Where the server is not there, the rest of a
 * batch is not tried. */
static mail_job *take(mail_threads *self)
{
    mail_job *job = NULL;
    pthread_mutex_lock(&self->mutex);
    while (!atomic_load(&self->is_stopping) && self->taken == self->count)
        pthread_cond_wait(&self->given, &self->mutex);
    if (!atomic_load(&self->is_stopping)) {
        job = &self->jobs[self->taken++];
        job->outcome = self->no_server ? MAIL_NO_SERVER : MAIL_WAITING;
    }
    pthread_mutex_unlock(&self->mutex);
    return job;
}

static void give_back(mail_threads *self, const mail_job *job)
{
    pthread_mutex_lock(&self->mutex);
    self->no_server = self->no_server || job->outcome == MAIL_NO_SERVER;
    bool is_last = ++self->finished == self->count && !self->is_told;
    self->is_told = self->is_told || is_last;
    pthread_mutex_unlock(&self->mutex);
    uint64_t one = 1;
    ssize_t written = is_last ? write(self->fd, &one, sizeof one) : 0;
    (void)written; /* a counter of one takes it always */
}

static void *work(void *context)
{
    mail_threads *self = context;
    CURL *curl = NULL;
    for (mail_job *job = take(self); job != NULL; job = take(self)) {
        if (curl == NULL)
            curl = new_handle(self);
        if (curl == NULL)
            job->outcome = MAIL_LATER;
        else if (job->outcome == MAIL_WAITING)
            send_one(curl, job);
        give_back(self, job);
    }
    curl_easy_cleanup(curl);
    return NULL;
}

static void on_told(evutil_socket_t fd, short events, void *context)
{
    (void)events;
    mail_threads *self = context;
    uint64_t times = 0;
    if (read(fd, &times, sizeof times) != (ssize_t)sizeof times)
        return;
    pthread_mutex_lock(&self->mutex);
    mail_job *jobs = self->jobs;
    size_t count = self->count;
    self->jobs = NULL;
    self->count = self->taken = self->finished = 0;
    self->no_server = self->is_told = false;
    pthread_mutex_unlock(&self->mutex);
    self->done(self->context, jobs, count);
}

mail_threads *mailer_new(const service_settings *settings, struct event_base *base,
                         mailer_done done, void *context)
{
    mail_threads *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->settings = settings;
    self->done = done;
    self->context = context;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->given, NULL);
    self->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->told =
        self->fd >= 0 ? event_new(base, self->fd, EV_READ | EV_PERSIST, on_told, self) : NULL;
    bool done_so_far = self->told != NULL && event_add(self->told, NULL) == 0;
    while (done_so_far && self->thread_count < settings->mail_connections) {
        done_so_far = pthread_create(&self->threads[self->thread_count], NULL, work, self) == 0;
        self->thread_count += done_so_far;
    }
    if (done_so_far)
        return self;
    mailer_free(self);
    return NULL;
}

void mailer_send(mail_threads *self, mail_job *jobs, size_t count)
{
    pthread_mutex_lock(&self->mutex);
    self->jobs = jobs;
    self->count = count;
    pthread_cond_broadcast(&self->given);
    pthread_mutex_unlock(&self->mutex);
}

void mailer_drain(mail_threads *self)
{
    uint64_t one = 1;
    pthread_mutex_lock(&self->mutex);
    self->count = self->taken;
    bool is_done = self->jobs != NULL && self->finished == self->count && !self->is_told;
    self->is_told = self->is_told || is_done;
    pthread_mutex_unlock(&self->mutex);
    ssize_t written = is_done ? write(self->fd, &one, sizeof one) : 0;
    (void)written;
}

void mailer_free(mail_threads *self)
{
    if (self == NULL)
        return;
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->is_stopping, true);
    pthread_cond_broadcast(&self->given);
    pthread_mutex_unlock(&self->mutex);
    for (size_t i = 0; i < self->thread_count; i++)
        pthread_join(self->threads[i], NULL);
    if (self->told != NULL)
        event_free(self->told);
    if (self->fd >= 0)
        close(self->fd);
    pthread_mutex_destroy(&self->mutex);
    pthread_cond_destroy(&self->given);
    free(self);
}
