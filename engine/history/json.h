/* The JSON shape of GetExecutionHistory: a view of events, and a reader of what AWS exported. */
#ifndef ASL_HISTORY_JSON_H
#define ASL_HISTORY_JSON_H

#include "history/event.h"

/* One event as AWS shows it: {"timestamp", "type", "id", "previousEventId", "<kind>EventDetails":
 * {...}}. `region` goes into taskScheduledEventDetails. ASL_MISUSE for a note. */
int asl_event_to_value(const asl_event *event, const asl_heap *heap, const char *region,
                       asl_value **ret_value);

/* The reverse: reads one event's JSON ("input" and the like are JSON texts, as AWS sends them).
 * Indices of states stay ASL_NONE: only names are known. Timestamps: ISO text, epoch seconds, or
 * none (INT64_MIN). ASL_OK, ASL_NOMEM, ASL_SYNTAX. */
int asl_event_from_value(const asl_value *json, const asl_heap *heap, asl_event *ret_event,
                         asl_error **error);

#endif
