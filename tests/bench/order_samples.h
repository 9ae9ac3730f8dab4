/* What the service says of itself, and what the system says of it, once a second. */
#ifndef ASL_BENCH_ORDER_SAMPLES_H
#define ASL_BENCH_ORDER_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "order_process.h"

typedef struct order_sample {
    int64_t at_ns;
    double messages, age_seconds; /* of the queue */
    double ended, mails, commits;
    double private_bytes, resident_bytes;
} order_sample;

typedef struct order_samples order_samples;

/* Takes them in a thread of its own, so that a slow answer delays no order. NULL where that cannot
 * be. `process` is borrowed until order_samples_free. */
order_samples *order_samples_start(const order_process *process);
/* From now on every 100 ms. */
void order_samples_hurry(order_samples *samples);
/* False before the first one. */
bool order_samples_last(order_samples *samples, order_sample *ret_sample);
/* Ends the thread. */
void order_samples_stop(order_samples *samples);
/* All of them, when the thread has ended. Borrowed until order_samples_free. */
const order_sample *order_samples_all(const order_samples *samples, size_t *ret_count);
void order_samples_free(order_samples *samples);

#endif
