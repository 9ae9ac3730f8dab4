/* Records: a fact and the entries it caused, as bytes. Format versions 1 to 3: a record has the
 * lowest version that knows all that is in it.
 *
 * A record's head is binary: for every entry its type and a mask of the fields that are not zero,
 * then these as varints. A payload is the JSON text of the value as it came or would be printed;
 * one that is the same value as an earlier one of the record is the number of that one, and a large
 * one that differs from an earlier one in a few places is what it changes there. The store puts its
 * own head (execution, previous LSN) and a CRC32C around it. */
#ifndef ASL_HISTORY_RECORD_H
#define ASL_HISTORY_RECORD_H

#include "history/event.h"

#define ASL_RECORD_FORMAT_FLAGS 2u /* from which on a fact may have flags */
#define ASL_RECORD_FORMAT_EDITS 3u /* from which on a payload may be an edit */
#define ASL_RECORD_FORMAT 3u       /* the newest that is read */

/* Appends the record of one fact and entries [first, first + count) of the list. Errors stick in
 * `buffer`. */
void asl_record_encode(asl_buffer *buffer, const asl_fact *fact, const asl_event *entries,
                       size_t count);

/* Reads a record back: *ret_fact and the entries appended to `list` are new. ASL_OK, ASL_NOMEM,
 * ASL_STORE_CORRUPT (any bytes are safe), ASL_STORE_NEWER (the format). */
int asl_record_decode(const asl_heap *heap, const void *bytes, size_t size, asl_fact *ret_fact,
                      asl_event_list *list);

/* The same for its events with ids from `first` to `last` alone, and the fact where `ret_fact` is
 * not NULL. What is not wanted is passed over: its payloads are not parsed, unless an edit that may
 * be wanted needs them, and what is behind the last event is not read. */
int asl_record_decode_events(const asl_heap *heap, const void *bytes, size_t size, uint64_t first,
                             uint64_t last, asl_fact *ret_fact, asl_event_list *list);

/* The id of its first event; 0: it has notes alone. Allocates nothing. */
int asl_record_first_event(const void *bytes, size_t size, uint64_t *ret_id);

#endif
