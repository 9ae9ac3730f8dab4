/* The outbox: what is to be mailed, and has not been.
 *
 * The workflow writes a notification into the table "outbox" with the transaction of its step. From
 * there it becomes a mail for each confirmed subscriber, in the table "mail", and goes from the
 * outbox, in one transaction. A mail's row goes when the server has taken it: so each is sent at
 * least once, always with the same Message-ID.
 */
#ifndef ORDER_SERVICE_OUTBOX_H
#define ORDER_SERVICE_OUTBOX_H

#include "service.h"

#define MAIL_TABLE "mail"

order_outbox *outbox_new(order_service *service);
void outbox_free(order_outbox *self);
/* Sends no more than what is on its way. */
void outbox_stop(order_outbox *self);
/* Whether something of it is being sent or committed. */
bool outbox_is_writing(const order_outbox *self);
/* Something may be in it: looks soon. */
void outbox_look(order_outbox *self);
/* So many mails have been put into its table. */
void outbox_send(order_outbox *self, size_t count);
/* Gathers a mail that is not about an order. `id` is of letters, digits, '-' and '.'. */
void outbox_put(asl_writes *writes, const char *id, const char *to, const char *subject,
                const char *text);

typedef struct outbox_statistics {
    uint64_t sent, refused, failed; /* mails, since the start; failed: tries that are tried again */
    uint64_t waiting;               /* mails that have not been sent */
    bool is_paused;                 /* the server could not be reached */
} outbox_statistics;
outbox_statistics outbox_read_statistics(const order_outbox *self);

#endif
