/* Sending mails by SMTP: threads, each with a connection that it keeps, to which a batch of
 * messages is given. The loop goes on meanwhile, and is told when the batch is done.
 */
#ifndef ORDER_SERVICE_MAILER_H
#define ORDER_SERVICE_MAILER_H

#include <event2/event.h>

#include "settings.h"

typedef enum mail_outcome {
    MAIL_WAITING,
    MAIL_SENT,
    MAIL_REFUSED,  /* for good: the recipient, or the message */
    MAIL_LATER,    /* this one may be taken later */
    MAIL_NO_SERVER /* none may be sent now */
} mail_outcome;

#define MAIL_REASON_SIZE 256

typedef struct mail_job {
    char *to, *message;
    mail_outcome outcome;
    char reason[MAIL_REASON_SIZE]; /* why it was not sent */
} mail_job;

typedef struct mail_threads mail_threads;
typedef void (*mailer_done)(void *context, mail_job *jobs, size_t count);

/* `done` is called by the loop. NULL: no memory, or no threads. */
mail_threads *mailer_new(const service_settings *settings, struct event_base *base,
                         mailer_done done, void *context);
/* Sends a batch, which is borrowed until `done`; one at a time. */
void mailer_send(mail_threads *self, mail_job *jobs, size_t count);
/* Begins no more messages of the batch: those keep MAIL_WAITING, and it is done when the others
 * are.
 */
void mailer_drain(mail_threads *self);
/* Breaks off what is being sent. Not told any more. */
void mailer_free(mail_threads *self);

#endif
