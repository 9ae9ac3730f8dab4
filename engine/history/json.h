/* The JSON shape of GetExecutionHistory: a view of events, and a reader of what AWS exported. */
#ifndef ASL_HISTORY_JSON_H
#define ASL_HISTORY_JSON_H

#include "history/event.h"

/* One event as AWS shows it: {"timestamp", "type", "id", "previousEventId", "<kind>EventDetails":
 * {...}}. `region` goes into taskScheduledEventDetails. ASL_MISUSE for a note. */
int asl_event_to_value(const asl_event *event, const asl_heap *heap, const char *region,
                       asl_value **ret_value);

/* The same without execution data where `flags` say so: without input, output and what goes with
 * them. AWS keeps "parameters". Variables are kept out with the outputs they are made of. */
#define ASL_EVENT_WITHOUT_DATA 1u
int asl_event_show(const asl_event *event, const asl_heap *heap, const char *region, unsigned flags,
                   asl_value **ret_value);

/* What a log has of an event: {"id", "type", "details", "previous_event_id", "event_timestamp",
 * "execution_arn", "redrive_count"}, ids and time as text. */
int asl_event_log(const asl_event *event, const asl_heap *heap, const char *region, const char *arn,
                  unsigned flags, asl_value **ret_value);

/* The reverse: reads one event's JSON ("input" and the like are JSON texts, as AWS sends them).
 * Indices of states stay ASL_NONE: only names are known. Timestamps: ISO text, epoch seconds, or
 * none (INT64_MIN). ASL_OK, ASL_NOMEM, ASL_SYNTAX. */
int asl_event_from_value(const asl_value *json, const asl_heap *heap, asl_event *ret_event,
                         asl_error **error);

#endif
