/* Reading records. Any bytes are safe: every read is bounded by the record, every number by its
 * type, and a payload refers only to one that was read before it. */
#include <string.h>

#include "history/record.h"
#include "history/record_layout.h"

struct decoder {
    const asl_heap *heap;
    asl_cursor cursor;
    uint8_t format;
    int status;
    const asl_value *payloads[ASL_RECORD_PAYLOADS]; /* borrowed from the fact and the entries */
    size_t count;
    uint64_t last_id;
    int64_t time_ms;
};

static void fail(struct decoder *decoder, int status)
{
    if (decoder->status == ASL_OK)
        decoder->status = status;
    decoder->cursor.bad = 1;
}

static asl_value *decode_payload(struct decoder *decoder, asl_record_kind kind)
{
    uint64_t tag = asl_cursor_varint(&decoder->cursor);
    asl_value *value = NULL;
    if ((tag & 1) != 0) {
        uint64_t distance = tag >> 1;
        if (distance == 0 || distance > decoder->count || distance > ASL_RECORD_PAYLOADS)
            return fail(decoder, ASL_STORE_CORRUPT), NULL;
        value = asl_value_ref(
            decoder->payloads[(decoder->count - (size_t)distance) % ASL_RECORD_PAYLOADS]);
    } else {
        size_t size = tag >> 1 > SIZE_MAX ? SIZE_MAX : (size_t)(tag >> 1);
        const char *text = asl_cursor_slice(&decoder->cursor, size);
        if (text == NULL)
            return fail(decoder, ASL_STORE_CORRUPT), NULL;
        int status = asl_value_parse(decoder->heap, text, size,
                                     ASL_PARSE_KEEP_TEXT | ASL_PARSE_STORED, &value, NULL);
        if (status != ASL_OK)
            return fail(decoder, status == ASL_NOMEM ? ASL_NOMEM : ASL_STORE_CORRUPT), NULL;
        decoder->payloads[decoder->count++ % ASL_RECORD_PAYLOADS] = value;
    }
    if (!asl_record_fits(kind, value))
        fail(decoder, ASL_STORE_CORRUPT);
    return value;
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

static void decode_object(struct decoder *decoder, const asl_record_field *fields, size_t count,
                          void *object)
{
    uint64_t mask = asl_cursor_varint(&decoder->cursor);
    if (mask >> count != 0)
        fail(decoder, ASL_STORE_CORRUPT);
    for (size_t i = 0; i < count && !decoder->cursor.bad; i++)
        if ((mask >> i & 1) != 0)
            decode_field(decoder, &fields[i], object);
}

static void decode_fact(struct decoder *decoder, asl_fact *fact)
{
    uint64_t kind = asl_cursor_varint(&decoder->cursor);
    if (!asl_record_is_fact(kind)) {
        fail(decoder, ASL_STORE_CORRUPT);
        return;
    }
    fact->kind = (asl_fact_kind)kind;
    size_t count = decoder->format == 1 ? ASL_RECORD_FACT_FIELDS_1 : ASL_RECORD_FACT_FIELDS;
    decode_object(decoder, asl_record_fact_fields, count, fact);
    decoder->time_ms = fact->time_ms;
}

static void decode_entry(struct decoder *decoder, asl_event_list *list)
{
    uint64_t type = asl_cursor_varint(&decoder->cursor);
    if (!asl_record_is_type(type)) {
        fail(decoder, ASL_STORE_CORRUPT);
        return;
    }
    asl_event entry = {.type = (asl_event_type)type, .time_ms = decoder->time_ms};
    decode_object(decoder, asl_record_entry_fields, ASL_RECORD_ENTRY_FIELDS, &entry);
    if (asl_event_list_append(list, &entry) != ASL_OK)
        fail(decoder, ASL_NOMEM);
}

static int decode(struct decoder *decoder, asl_fact *fact, asl_event_list *list)
{
    decode_fact(decoder, fact);
    uint64_t count = asl_cursor_varint(&decoder->cursor);
    for (uint64_t i = 0; i < count && !decoder->cursor.bad; i++)
        decode_entry(decoder, list);
    if (decoder->cursor.bad || decoder->cursor.next != decoder->cursor.end)
        fail(decoder, ASL_STORE_CORRUPT);
    return decoder->status;
}

int asl_record_decode(const asl_heap *heap, const void *bytes, size_t size, asl_fact *ret_fact,
                      asl_event_list *list)
{
    struct decoder decoder;
    decoder.heap = heap;
    decoder.status = ASL_OK;
    decoder.count = 0;
    decoder.last_id = 0;
    decoder.time_ms = 0;
    asl_cursor_init(&decoder.cursor, bytes, size);
    decoder.format = asl_cursor_byte(&decoder.cursor);
    if (decoder.format > ASL_RECORD_FORMAT)
        return ASL_STORE_NEWER;
    if (decoder.format == 0)
        return ASL_STORE_CORRUPT;
    asl_fact fact = {0};
    size_t first = list->count;
    int status = decode(&decoder, &fact, list);
    if (status == ASL_OK) {
        *ret_fact = fact;
        return ASL_OK;
    }
    asl_fact_done(&fact);
    while (list->count > first)
        asl_event_done(&list->items[--list->count]);
    return status;
}
