/* A history as it was read: the entries, and, where it comes from a store, the facts that caused
 * them. */
#ifndef ASL_RUNTIME_HISTORY_H
#define ASL_RUNTIME_HISTORY_H

#include <asl/history.h>

#include "definition/program.h"
#include "history/event.h"
#include "runtime/page_token.h"
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
    asl_definition *definition; /* what the execution is pinned to; NULL where parsed, in a page */
    asl_token_source tokens;    /* nothing where parsed, and in a page */
    asl_value *arn;             /* the execution's; NULL where parsed */
    char region[64];            /* "" where parsed */
    uint64_t first_id;          /* of the events; 1 but in a page */
    unsigned flags;             /* of a page: ASL_HISTORY_* */
    bool is_page, has_next;
    char next_token[ASL_PAGE_TOKEN_SIZE];
};

/* A history without entries. NULL when out of memory. */
asl_history *asl_history_new(const asl_heap *heap);
/* Makes the list of events from the entries, whose ids must be dense. ASL_OK, ASL_NOMEM,
 * ASL_SYNTAX. */
int asl_history_show(asl_history *history, asl_error **error);
/* Shares the execution's ARN, and takes the region out of it. */
void asl_history_set_arn(asl_history *history, const asl_value *arn);

/* The part of an ARN between its `index`-th and next colon (0: "arn"); the last part runs to the
 * end. */
void asl_arn_part(const char *arn, unsigned index, unsigned last, char *out, size_t out_size);

#endif
