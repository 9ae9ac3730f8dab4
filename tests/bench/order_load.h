/* Orders at a fixed rate: each is due at its own time, whatever became of those before it, and its
 * latency counts from then on. So a service that answers slowly is asked as often as one that
 * answers fast, up to the number of connections, and what waits for a free one waits in its time.
 */
#ifndef ASL_BENCH_ORDER_LOAD_H
#define ASL_BENCH_ORDER_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;

#define LOAD_LANES_MAX 1024u

typedef struct load_order {
    uint32_t latency_us;
    uint16_t answer; /* HTTP status; 0: none */
    unsigned char id[16];
} load_order;

typedef struct order_load order_load;

typedef struct load_options {
    unsigned port;
    unsigned connections; /* 1 to LOAD_LANES_MAX */
    double rate, seconds;
} load_options;

/* Begins to post at once. NULL when out of memory. */
order_load *order_load_start(struct event_base *base, const load_options *options);
void order_load_free(order_load *load);

/* Nothing is posted any more, and nothing waits for its answer. What was still due a moment after
 * the last order's time is never posted. */
bool order_load_is_done(const order_load *load);

typedef struct load_counts {
    size_t due, posted, acknowledged;
    size_t too_many, unavailable; /* 429 and 503 */
    size_t without_retry_after;   /* of these */
    size_t failed;                /* other answers, and connections that broke */
    int64_t began_ns;
} load_counts;
load_counts order_load_counts(const order_load *load);

/* The orders in the order in which they were due. Borrowed until the load is freed. */
const load_order *order_load_orders(const order_load *load);

#endif
