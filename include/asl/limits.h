/* <asl/limits.h> - the limits of an execution, with AWS's values as default.
 *
 *     asl_limits limits = {.size = sizeof limits, .history_events = 1000000};
 *
 * Threads: plain data.
 */
#ifndef ASL_LIMITS_H
#define ASL_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* The limits of an execution; 0 means AWS's value. */
typedef struct asl_limits {
    size_t size;             /* sizeof(asl_limits) */
    uint64_t payload_bytes;  /* 262,144: input, output and data between states */
    uint64_t history_events; /* 25,000 */
    uint64_t evaluation_ms;  /* 1,000: real time that one JSONata expression may take */
} asl_limits;

#endif
