/* Reading records. Any bytes are safe: every read is bounded by the record, every number by its
 * type, and a payload refers only to ones that were read before it. */
#include <string.h>

#include "history/record.h"
#include "history/record_layout.h"
#include "history/record_payloads.h"

struct decoder {
    asl_cursor cursor;
    uint8_t format;
    int status;
    asl_payloads payloads;
    uint64_t last_id;
    int64_t time_ms;
    uint64_t first_wanted, last_wanted; /* ids; 0 is that of notes */
    bool is_wanted;                     /* what is being read */
    bool is_at_end;                     /* nothing wanted follows */
};

static void fail(struct decoder *decoder, int status)
{
    if (decoder->status == ASL_OK)
        decoder->status = status;
    decoder->cursor.bad = 1;
}

/* NULL also where it is not wanted. */
static asl_value *decode_payload(struct decoder *decoder, asl_record_kind kind)
{
    asl_payload *payload = NULL;
    int status = asl_payloads_read(&decoder->payloads, &decoder->cursor, &payload);
    if (status == ASL_OK && decoder->is_wanted)
        status = asl_payloads_make(&decoder->payloads, payload);
    if (status != ASL_OK)
        return fail(decoder, status), NULL;
    if (!decoder->is_wanted)
        return NULL;
    if (!asl_record_fits(kind, payload->value))
        fail(decoder, ASL_STORE_CORRUPT);
    return asl_value_ref(payload->value);
}

static uint32_t decode_u32(struct decoder *decoder)
{
    uint64_t number = asl_cursor_varint(&decoder->cursor);
    if (number > UINT32_MAX)
        fail(decoder, ASL_STORE_CORRUPT);
    return (uint32_t)number;
}

static void write_u32(void *object, size_t offset, uint32_t number)
{
    memcpy((char *)object + offset, &number, sizeof number);
}

static void write_u64(void *object, size_t offset, uint64_t number)
{
    memcpy((char *)object + offset, &number, sizeof number);
}

static void decode_value(struct decoder *decoder, const asl_record_field *field, void *object)
{
    asl_value *value = decode_payload(decoder, field->kind);
    memcpy((char *)object + field->offset, &value, sizeof(asl_value *));
}

static void decode_field(struct decoder *decoder, const asl_record_field *field, void *object)
{
    asl_cursor *cursor = &decoder->cursor;
    switch (field->kind) {
    case ASL_RECORD_U32:
        write_u32(object, field->offset, decode_u32(decoder));
        break;
    case ASL_RECORD_STATE:
        write_u32(object, field->offset, decode_u32(decoder) - 1);
        break;
    case ASL_RECORD_U64:
        write_u64(object, field->offset, asl_cursor_varint(cursor));
        break;
    case ASL_RECORD_I64:
        write_u64(object, field->offset, (uint64_t)asl_cursor_zigzag(cursor));
        break;
    case ASL_RECORD_ID:
        decoder->last_id += asl_cursor_varint(cursor);
        write_u64(object, field->offset, decoder->last_id);
        break;
    case ASL_RECORD_PREVIOUS:
        write_u64(object, field->offset, decoder->last_id - (uint64_t)asl_cursor_zigzag(cursor));
        break;
    case ASL_RECORD_TIME:
    case ASL_RECORD_DUE:
        write_u64(object, field->offset,
                  (uint64_t)asl_cursor_zigzag(cursor) + (uint64_t)decoder->time_ms);
        break;
    case ASL_RECORD_ANY:
    case ASL_RECORD_STRING:
    case ASL_RECORD_OBJECT:
        decode_value(decoder, field, object);
        break;
    }
}

/* Reads the fields of a mask from field `first` on. */
static void decode_fields(struct decoder *decoder, const asl_record_field *fields, uint64_t mask,
                          size_t first, void *object)
{
    for (size_t i = first; mask >> i != 0 && !decoder->cursor.bad; i++)
        if ((mask >> i & 1) != 0)
            decode_field(decoder, &fields[i], object);
}

/* Which of so many fields are there. */
static uint64_t decode_mask(struct decoder *decoder, size_t count)
{
    uint64_t mask = asl_cursor_varint(&decoder->cursor);
    if (mask >> count != 0)
        fail(decoder, ASL_STORE_CORRUPT);
    return decoder->cursor.bad ? 0 : mask;
}

static void decode_fact(struct decoder *decoder, asl_fact *fact)
{
    uint64_t kind = asl_cursor_varint(&decoder->cursor);
    if (!asl_record_is_fact(kind)) {
        fail(decoder, ASL_STORE_CORRUPT);
        return;
    }
    fact->kind = (asl_fact_kind)kind;
    size_t count = decoder->format < ASL_RECORD_FORMAT_FLAGS ? ASL_RECORD_FACT_FIELDS_1
                                                             : ASL_RECORD_FACT_FIELDS;
    decode_fields(decoder, asl_record_fact_fields, decode_mask(decoder, count), 0, fact);
    decoder->time_ms = fact->time_ms;
}

/* An entry up to its id, which is its first field. False where there is none. */
static bool begin_entry(struct decoder *decoder, asl_event *entry, uint64_t *ret_mask)
{
    uint64_t type = asl_cursor_varint(&decoder->cursor);
    if (!asl_record_is_type(type)) {
        fail(decoder, ASL_STORE_CORRUPT);
        return false;
    }
    *entry = (asl_event){.type = (asl_event_type)type, .time_ms = decoder->time_ms};
    uint64_t mask = decode_mask(decoder, ASL_RECORD_ENTRY_FIELDS);
    decode_fields(decoder, asl_record_entry_fields, mask & 1, 0, entry);
    *ret_mask = mask & ~(uint64_t)1;
    return !decoder->cursor.bad;
}

static void decode_entry(struct decoder *decoder, asl_event_list *list)
{
    asl_event entry;
    uint64_t mask;
    if (!begin_entry(decoder, &entry, &mask))
        return;
    decoder->is_at_end = entry.id > decoder->last_wanted;
    if (decoder->is_at_end)
        return;
    decoder->is_wanted = entry.id >= decoder->first_wanted;
    decode_fields(decoder, asl_record_entry_fields, mask, 1, &entry);
    if (decoder->is_wanted && asl_event_list_append(list, &entry) != ASL_OK)
        fail(decoder, ASL_NOMEM);
}

static int decode(struct decoder *decoder, asl_fact *fact, asl_event_list *list)
{
    decode_fact(decoder, fact);
    uint64_t count = asl_cursor_varint(&decoder->cursor);
    for (uint64_t i = 0; i < count && !decoder->cursor.bad && !decoder->is_at_end; i++)
        decode_entry(decoder, list);
    if (!decoder->is_at_end && (decoder->cursor.bad || decoder->cursor.next != decoder->cursor.end))
        fail(decoder, ASL_STORE_CORRUPT);
    return decoder->status;
}

/* ASL_OK, or what is wrong with the format. */
static int begin(struct decoder *decoder, const asl_heap *heap, const void *bytes, size_t size)
{
    asl_payloads_init(&decoder->payloads, heap);
    decoder->status = ASL_OK;
    decoder->last_id = 0;
    decoder->time_ms = 0;
    decoder->first_wanted = 0;
    decoder->last_wanted = UINT64_MAX;
    decoder->is_wanted = true;
    decoder->is_at_end = false;
    asl_cursor_init(&decoder->cursor, bytes, size);
    decoder->format = asl_cursor_byte(&decoder->cursor);
    if (decoder->format > ASL_RECORD_FORMAT)
        return ASL_STORE_NEWER;
    decoder->payloads.has_edits = decoder->format >= ASL_RECORD_FORMAT_EDITS;
    return decoder->format == 0 ? ASL_STORE_CORRUPT : ASL_OK;
}

static int decode_all(struct decoder *decoder, asl_fact *ret_fact, asl_event_list *list)
{
    asl_fact fact = {0};
    size_t first = list->count;
    int status = decode(decoder, &fact, list);
    asl_payloads_done(&decoder->payloads);
    if (status == ASL_OK) {
        *ret_fact = fact;
        return ASL_OK;
    }
    asl_fact_done(&fact);
    while (list->count > first)
        asl_event_done(&list->items[--list->count]);
    return status;
}

int asl_record_decode(const asl_heap *heap, const void *bytes, size_t size, asl_fact *ret_fact,
                      asl_event_list *list)
{
    struct decoder decoder;
    int status = begin(&decoder, heap, bytes, size);
    return status == ASL_OK ? decode_all(&decoder, ret_fact, list) : status;
}

int asl_record_decode_events(const asl_heap *heap, const void *bytes, size_t size, uint64_t first,
                             uint64_t last, asl_fact *ret_fact, asl_event_list *list)
{
    struct decoder decoder;
    asl_fact fact = {0};
    int status = begin(&decoder, heap, bytes, size);
    if (status != ASL_OK)
        return status;
    decoder.first_wanted = first;
    decoder.last_wanted = last;
    decoder.is_wanted = ret_fact != NULL;
    status = decode_all(&decoder, &fact, list);
    if (status == ASL_OK && ret_fact != NULL)
        *ret_fact = fact;
    return status;
}

int asl_record_first_event(const void *bytes, size_t size, uint64_t *ret_id)
{
    struct decoder decoder;
    asl_fact fact = {0};
    asl_event entry = {.id = 0};
    uint64_t mask;
    int status = begin(&decoder, NULL, bytes, size);
    if (status != ASL_OK)
        return status;
    decoder.is_wanted = false;
    decoder.payloads.is_skimmed = true;
    decode_fact(&decoder, &fact);
    uint64_t count = asl_cursor_varint(&decoder.cursor);
    for (uint64_t i = 0; i < count && entry.id == 0 && !decoder.cursor.bad; i++)
        if (begin_entry(&decoder, &entry, &mask) && entry.id == 0)
            decode_fields(&decoder, asl_record_entry_fields, mask, 1, &entry);
    if (decoder.cursor.bad)
        return decoder.status != ASL_OK ? decoder.status : ASL_STORE_CORRUPT;
    *ret_id = entry.id;
    return ASL_OK;
}
