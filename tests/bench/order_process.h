/* The order service as a process: started, asked, and stopped. */
#ifndef ASL_BENCH_ORDER_PROCESS_H
#define ASL_BENCH_ORDER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct order_process {
    pid_t pid;          /* 0: none */
    int output;         /* is at its end when the process is; -1: none */
    FILE *log;          /* what it said on standard error */
    unsigned port;      /* of 127.0.0.1 */
    double cpu_seconds; /* when it has ended */
} order_process;

/* Starts the service and waits until it is ready; it does not outlive this process. False, having
 * said why, where it is not. */
bool order_process_start(order_process *self, const char *program, const char *data,
                         const char *clock, unsigned smtp_port);
/* Asks it to stop, kills it where it does not, and frees what belongs to it. Returns false, having
 * shown the end of its log, where it did not end by itself with success. */
bool order_process_stop(order_process *self);

/* A line of its /proc status, such as "RssAnon:", in bytes. */
double order_process_memory(const order_process *self, const char *name);

/* One request over a connection of its own. Returns the answer's status and its body, cut at `size`
 * and ended by a NUL; 0 where there is no answer within ten seconds. */
int order_process_ask(unsigned port, const char *method, const char *target, const char *body,
                      char *answer, size_t size);
/* A socket that is connected to the service; -1: none. */
int order_process_connect(unsigned port);

#endif
