/* Mails as texts: addresses, headers, bodies. What comes from outside never reaches a header as it
 * is.
 */
#ifndef ORDER_SERVICE_MAIL_H
#define ORDER_SERVICE_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAIL_ADDRESS_MAX 254u

/* Whether it is an address as RFC 5321 has it without quotes and comments: dot-atom "@" host name,
 * ASCII. */
bool mail_is_address(const char *text);

typedef struct mail_parts {
    const char *from, *to;      /* addresses */
    const char *subject, *text; /* UTF-8; lines of the text end with line feeds */
    const char *id;             /* the left side of the Message-ID: letters, digits, '-' and '.' */
    const char *unsubscribe;    /* a URL; NULL: none */
    int64_t time_ms;
} mail_parts;

/* The whole message (RFC 5322), lines ended by CR LF. A new text, from malloc; NULL when out of
 * memory. */
char *mail_message(const mail_parts *parts);

#endif
