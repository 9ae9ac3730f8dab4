/* A history as it was read: the entries, and, where it comes from a store, the facts that caused
 * them. */
#ifndef ASL_RUNTIME_HISTORY_H
#define ASL_RUNTIME_HISTORY_H

#include <asl/history.h>

#include "definition/program.h"
#include "history/event.h"
#include "runtime/token.h"

/* A fact and the entries [first, first + count) it caused. */
typedef struct asl_recorded_fact {
    asl_fact fact;
    size_t first, count;
} asl_recorded_fact;

struct asl_history {
    const asl_heap *heap;
    asl_event_list entries;   /* events and notes */
    asl_recorded_fact *facts; /* none where the history was parsed from JSON */
    size_t fact_count, fact_capacity;
    asl_history_event *events; /* what people see: the entries that are events */
    size_t *entry_of_event;
    size_t event_count;
    asl_definition *definition; /* what the execution is pinned to; NULL where parsed */
    asl_token_source tokens;    /* nothing where parsed */
    char region[64];            /* "" where parsed and no ARN tells */
};

/* The part of an ARN between its `index`-th and next colon (0: "arn"); the last part runs to the
 * end. */
void asl_arn_part(const char *arn, unsigned index, unsigned last, char *out, size_t out_size);

#endif
