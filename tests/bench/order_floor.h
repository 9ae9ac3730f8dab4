/* What a bare program makes of the disk: the writes of the order service without the service. */
#ifndef ASL_BENCH_ORDER_FLOOR_H
#define ASL_BENCH_ORDER_FLOOR_H

#include <stddef.h>

/* Orders per second, each of whose ten steps, from the queue to the mail that was sent, is durable
 * before the next begins: the rows that the service puts and deletes, by key and by size. Each
 * transaction has `batch` orders at each of the steps, as the service has that takes in as many
 * between two commits. Exits where something fails. */
double order_floor_run(const char *path, size_t batch, double seconds, double *ret_commits);

#endif
