/* A mail server that takes everything and keeps no mail: how many came, and for which order under
 * which Message-ID. It serves in a thread of its own. */
#ifndef ASL_BENCH_MAIL_SINK_H
#define ASL_BENCH_MAIL_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mail_sink mail_sink;

/* Listens on a free port of 127.0.0.1. NULL where that cannot be. */
mail_sink *mail_sink_start(void);
unsigned mail_sink_port(const mail_sink *sink);
/* Ends the thread and every connection; NULL is nothing. */
void mail_sink_free(mail_sink *sink);

/* Waits for the first mail and copies its text. False where none came, or it does not fit. */
bool mail_sink_first(mail_sink *sink, int64_t timeout_ms, char *text, size_t size);

/* A text of 36 characters as the 16 bytes that it is; false where it is none. */
bool mail_sink_order_id(const char *text, unsigned char id[16]);

typedef struct mail_counts {
    uint64_t mails;      /* all that came */
    uint64_t orders;     /* that a mail came for */
    uint64_t repeated;   /* mails that came before under the same Message-ID */
    uint64_t under_more; /* mails of an order that has another Message-ID already */
    int64_t last_ns;     /* when the last new one came, by report_now_ns */
} mail_counts;
mail_counts mail_sink_counts(mail_sink *sink);

/* Whether a mail came for this order. */
bool mail_sink_has(mail_sink *sink, const unsigned char id[16]);

#endif
