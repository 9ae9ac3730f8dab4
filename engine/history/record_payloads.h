/* The payloads of a record while it is read: those that the next one may refer to.
 *
 * Reading a payload finds where it lies and what it needs, and makes no value; a value is made when
 * it is wanted, and at most once. One that is passed over costs no more than its bytes. */
#ifndef ASL_HISTORY_RECORD_PAYLOADS_H
#define ASL_HISTORY_RECORD_PAYLOADS_H

#include "base/buffer.h"
#include "history/record_layout.h"

typedef struct asl_payload asl_payload;
struct asl_payload {
    asl_value *value; /* NULL: not made */
    const char *text; /* what it is made from: JSON, or an edit */
    size_t size;
    asl_payload *base; /* of an edit: what it changes; NULL: it is JSON */
    uint64_t needs;    /* of an edit: a bit for the place of each payload that it refers to */
    size_t first;      /* of an edit: the payloads before it and its texts */
};

typedef struct asl_payloads {
    const asl_heap *heap;
    bool has_edits;  /* the record's format knows them */
    bool is_skimmed; /* no value will be wanted */
    size_t count; /* of payloads read so far; the last ones lie at their number modulo the size */
    uint64_t needed; /* a bit for each place that an edit refers to */
    asl_payload items[ASL_RECORD_PAYLOADS];
} asl_payloads;

void asl_payloads_init(asl_payloads *self, const asl_heap *heap);
void asl_payloads_done(asl_payloads *self);

/* Reads a payload: *ret is borrowed until the next one is read. ASL_OK, ASL_STORE_CORRUPT,
 * ASL_NOMEM. */
int asl_payloads_read(asl_payloads *self, asl_cursor *cursor, asl_payload **ret);

/* Makes the value of the payload that was just read, which keeps it. ASL_OK, ASL_STORE_CORRUPT,
 * ASL_NOMEM. */
int asl_payloads_make(asl_payloads *self, asl_payload *payload);

#endif
