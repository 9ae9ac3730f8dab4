/* The fields of a record, in the order of their bits: one table that the writer and the reader
 * walk. Stored: append only, and a field that is appended needs a new format version.
 *
 * record   = format (1 byte), fact, count (varint), entries
 * fact     = kind (varint), mask (varint), the fields whose bit is set
 * entry    = type (varint), mask (varint), the fields whose bit is set
 * payload  = size * 2 (varint) and so many bytes of JSON text, or distance * 2 + 1: the same text
 *            as the payload so many before it, 1 to 64, or 1 and an edit
 * edit     = distance (varint) of the payload it changes, count (varint), changes
 * change   = depth * 2, or depth * 2 + 1 where a member is added (varint), positions (varints), the
 *            added member's key (payload), value (payload); these payloads are texts or refer to
 *            texts, and each text comes before the edit in the order of payloads. Distances in an
 *            edit are at most 47, so that what it refers to is still within reach behind it. */
#ifndef ASL_HISTORY_RECORD_LAYOUT_H
#define ASL_HISTORY_RECORD_LAYOUT_H

#include <stddef.h>

#include "history/event.h"

#define ASL_RECORD_PAYLOADS 64u   /* how far back a payload may refer; a power of two */
#define ASL_RECORD_EDIT 1u        /* what stands before an edit: a distance of 0 */
#define ASL_RECORD_EDIT_REACH 47u /* how far back an edit may refer; see record_payloads.c */
#define ASL_RECORD_EDIT_FROM 512u /* printed bytes from which a document may become one */

typedef enum asl_record_kind {
    ASL_RECORD_U32,
    ASL_RECORD_U64,
    ASL_RECORD_I64,      /* zigzag */
    ASL_RECORD_ID,       /* the difference to the last id of the record */
    ASL_RECORD_PREVIOUS, /* the difference to the entry's id, or for a note to the last id */
    ASL_RECORD_TIME,     /* the difference to the fact's time; no bit: the same */
    ASL_RECORD_DUE,      /* the difference to the fact's time; no bit: 0 */
    ASL_RECORD_STATE,    /* one more than the state's index, so that none is 0 */
    ASL_RECORD_ANY,      /* payloads: any value, a string, an object */
    ASL_RECORD_STRING,
    ASL_RECORD_OBJECT
} asl_record_kind;

typedef struct asl_record_field {
    asl_record_kind kind;
    size_t offset;
} asl_record_field;

static const asl_record_field asl_record_fact_fields[] = {
    {ASL_RECORD_I64, offsetof(asl_fact, time_ms)},  {ASL_RECORD_U32, offsetof(asl_fact, frame)},
    {ASL_RECORD_U64, offsetof(asl_fact, event)},    {ASL_RECORD_U64, offsetof(asl_fact, seed)},
    {ASL_RECORD_ANY, offsetof(asl_fact, value)},    {ASL_RECORD_STRING, offsetof(asl_fact, error)},
    {ASL_RECORD_STRING, offsetof(asl_fact, cause)}, {ASL_RECORD_STRING, offsetof(asl_fact, name)},
    {ASL_RECORD_U32, offsetof(asl_fact, flags)}, /* version 2 */
};
#define ASL_RECORD_FACT_FIELDS_1 8u
#define ASL_RECORD_FACT_FIELDS (sizeof asl_record_fact_fields / sizeof asl_record_fact_fields[0])

static const asl_record_field asl_record_entry_fields[] = {
    {ASL_RECORD_ID, offsetof(asl_event, id)},
    {ASL_RECORD_PREVIOUS, offsetof(asl_event, previous_id)},
    {ASL_RECORD_TIME, offsetof(asl_event, time_ms)},
    {ASL_RECORD_U32, offsetof(asl_event, frame)},
    {ASL_RECORD_STRING, offsetof(asl_event, name)},
    {ASL_RECORD_ANY, offsetof(asl_event, value)},
    {ASL_RECORD_ANY, offsetof(asl_event, extra)},
    {ASL_RECORD_STRING, offsetof(asl_event, error)},
    {ASL_RECORD_STRING, offsetof(asl_event, cause)},
    {ASL_RECORD_OBJECT, offsetof(asl_event, variables)},
    {ASL_RECORD_STATE, offsetof(asl_event, state)},
    {ASL_RECORD_U32, offsetof(asl_event, index)},
    {ASL_RECORD_U32, offsetof(asl_event, count)},
    {ASL_RECORD_U32, offsetof(asl_event, concurrency)},
    {ASL_RECORD_I64, offsetof(asl_event, timeout_s)},
    {ASL_RECORD_I64, offsetof(asl_event, heartbeat_s)},
    {ASL_RECORD_DUE, offsetof(asl_event, due_ms)},
};
#define ASL_RECORD_ENTRY_FIELDS (sizeof asl_record_entry_fields / sizeof asl_record_entry_fields[0])

static inline bool asl_record_fits(asl_record_kind kind, const asl_value *value)
{
    return kind == ASL_RECORD_STRING   ? asl_value_is_string(value)
           : kind == ASL_RECORD_OBJECT ? asl_value_is_object(value)
                                       : true;
}

static inline bool asl_record_is_type(uint64_t type)
{
    return (type >= ASL_EVENT_ACTIVITY_FAILED && type <= ASL_EVENT_AWS_LAST) ||
           (type >= ASL_NOTE_WAITING && type <= ASL_NOTE_LAST);
}

static inline bool asl_record_is_fact(uint64_t kind)
{
    return kind >= ASL_FACT_START && kind <= ASL_FACT_STOP;
}

#endif
