/* The gate before the HTTP server: what of a connection's bytes may pass.
 *
 * evhttp takes what it should not (two lengths, a length of "+3", lines that end with a line feed
 * alone, no Host), so a request's head passes only if it is strict HTTP/1.1, for a host, a path and
 * a method that are served; its body passes by its length. What is refused is refused with a
 * status, and nothing behind it passes.
 *
 * The gate is a function of bytes: it knows no sockets and no time.
 */
#ifndef ORDER_SERVICE_GATE_H
#define ORDER_SERVICE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_HEAD_MAX 65536u /* bytes of a head, the empty line included */
#define GATE_LINE_MAX 8192u  /* of its first line */
#define GATE_FIELD_COUNT_MAX 100u
#define GATE_BODY_MAX 1048576u /* bytes of a body */

/* Methods that are served at all, as bits. */
#define GATE_GET 1u
#define GATE_POST 2u
#define GATE_DELETE 4u

typedef struct gate_rules {
    const char *const *hosts; /* what Host may be, ended by NULL */
    /* The methods that a path (without query) is served with; 0: there is no such path. */
    unsigned (*methods_of)(const char *path, size_t size);
} gate_rules;

typedef struct gate {
    const gate_rules *rules;
    size_t scanned;     /* bytes of the head that were looked at */
    uint64_t body_left; /* bytes of the body that have not passed */
    unsigned refused;   /* the status; 0: not */
    unsigned methods;   /* for 405: what is allowed */
    const char *why;    /* for people; static */
} gate;

/* `bytes` are all that have come and not passed. Returns how many pass now; 0 where more have to
 * come first (or none were given), or where the gate has refused: look at `refused`. */
size_t gate_look(gate *self, const char *bytes, size_t size);
/* Whether a request is begun and not whole. */
bool gate_is_inside(const gate *self);
/* Refuses from outside, when a request takes too long. */
void gate_refuse(gate *self, unsigned status, const char *why);

#endif
