/* Writing records. A payload is printed once: where the bytes that it gave were given before, they
 * are taken back and the earlier ones referred to. Differences wrap around, so any number goes in
 * and comes out. */
#include "history/record.h"

#include <string.h>

#include "history/record_layout.h"

#define SAME_VALUE_REACH 8u

typedef struct payload {
    const asl_value *value;
    size_t offset, size; /* of its text in the buffer */
} payload;

struct encoder {
    asl_buffer *buffer;
    payload payloads[ASL_RECORD_PAYLOADS];
    size_t count;                        /* of payloads written out so far */
    size_t by_text[ASL_RECORD_PAYLOADS]; /* by hash: one more than the number of a payload */
    uint64_t last_id, id;
    int64_t time_ms;
};

static uint64_t read_u64(const void *object, size_t offset)
{
    uint64_t number;
    memcpy(&number, (const char *)object + offset, sizeof number);
    return number;
}

static uint32_t read_u32(const void *object, size_t offset)
{
    uint32_t number;
    memcpy(&number, (const char *)object + offset, sizeof number);
    return number;
}

static const asl_value *read_value(const void *object, size_t offset)
{
    const asl_value *value;
    memcpy(&value, (const char *)object + offset, sizeof value);
    return value;
}

static int64_t difference(uint64_t left, uint64_t right)
{
    return (int64_t)(left - right);
}

/* The payload so many before the next one: 1 is the last. */
static payload *payload_before(struct encoder *encoder, size_t distance)
{
    return &encoder->payloads[(encoder->count - distance) % ASL_RECORD_PAYLOADS];
}

static size_t payloads_within_reach(const struct encoder *encoder)
{
    return encoder->count < ASL_RECORD_PAYLOADS ? encoder->count : ASL_RECORD_PAYLOADS;
}

/* An output is most often the next input: only the last few are compared by address. */
static bool refer_to_same_value(struct encoder *encoder, const asl_value *value)
{
    size_t reach = payloads_within_reach(encoder);
    if (reach > SAME_VALUE_REACH)
        reach = SAME_VALUE_REACH;
    for (size_t distance = 1; distance <= reach; distance++) {
        if (payload_before(encoder, distance)->value == value) {
            asl_buffer_varint(encoder->buffer, distance * 2 + 1);
            return true;
        }
    }
    return false;
}

/* From the size and both ends: enough to find a text again, and cheap for long ones. */
static size_t hash_text(const char *text, size_t size)
{
    uint64_t head = 0, tail = 0;
    size_t part = size < sizeof head ? size : sizeof head;
    memcpy(&head, text, part);
    memcpy(&tail, text + size - part, part);
    uint64_t hash = (head ^ (tail << 7 | tail >> 57) ^ size) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash >> 32) % ASL_RECORD_PAYLOADS;
}

/* Exchanges the text that stands at the buffer's end for a reference to the same text; else
 * remembers that the next payload has it. */
static bool refer_to_same_text(struct encoder *encoder, size_t start, size_t offset, size_t size)
{
    asl_buffer *buffer = encoder->buffer;
    size_t *slot = &encoder->by_text[hash_text(buffer->bytes + offset, size)];
    size_t distance = encoder->count + 1 - *slot;
    if (*slot != 0 && distance <= payloads_within_reach(encoder)) {
        const payload *earlier = payload_before(encoder, distance);
        if (earlier->size == size &&
            memcmp(buffer->bytes + earlier->offset, buffer->bytes + offset, size) == 0) {
            buffer->size = start;
            asl_buffer_varint(buffer, distance * 2 + 1);
            return true;
        }
    }
    *slot = encoder->count + 1;
    return false;
}

static void encode_payload(struct encoder *encoder, asl_record_kind kind, const asl_value *value)
{
    asl_buffer *buffer = encoder->buffer;
    if (!asl_record_fits(kind, value)) {
        buffer->status = buffer->status == ASL_OK ? ASL_MISUSE : buffer->status;
        return;
    }
    if (refer_to_same_value(encoder, value))
        return;
    size_t start = buffer->size;
    size_t size = asl_value_text_size(value);
    asl_buffer_varint(buffer, (uint64_t)size * 2);
    size_t offset = buffer->size;
    asl_value_print_to(value, buffer);
    if (buffer->status != ASL_OK)
        return;
    if (buffer->size - offset != size) {
        buffer->status = ASL_MISUSE;
        return;
    }
    if (refer_to_same_text(encoder, start, offset, size))
        return;
    encoder->payloads[encoder->count++ % ASL_RECORD_PAYLOADS] = (payload){value, offset, size};
}

static bool is_set(const struct encoder *encoder, const asl_record_field *field, const void *object)
{
    switch (field->kind) {
    case ASL_RECORD_U32:
    case ASL_RECORD_STATE:
        return read_u32(object, field->offset) != 0;
    case ASL_RECORD_TIME:
        return (int64_t)read_u64(object, field->offset) != encoder->time_ms;
    case ASL_RECORD_U64:
    case ASL_RECORD_I64:
    case ASL_RECORD_ID:
    case ASL_RECORD_PREVIOUS:
    case ASL_RECORD_DUE:
        return read_u64(object, field->offset) != 0;
    case ASL_RECORD_ANY:
    case ASL_RECORD_STRING:
    case ASL_RECORD_OBJECT:
        break;
    }
    return read_value(object, field->offset) != NULL;
}

static void encode_field(struct encoder *encoder, const asl_record_field *field, const void *object)
{
    asl_buffer *buffer = encoder->buffer;
    switch (field->kind) {
    case ASL_RECORD_U32:
        asl_buffer_varint(buffer, read_u32(object, field->offset));
        break;
    case ASL_RECORD_STATE:
        asl_buffer_varint(buffer, (uint32_t)(read_u32(object, field->offset) + 1));
        break;
    case ASL_RECORD_U64:
        asl_buffer_varint(buffer, read_u64(object, field->offset));
        break;
    case ASL_RECORD_I64:
        asl_buffer_zigzag(buffer, (int64_t)read_u64(object, field->offset));
        break;
    case ASL_RECORD_ID:
        asl_buffer_varint(buffer, encoder->id - encoder->last_id);
        encoder->last_id = encoder->id;
        break;
    case ASL_RECORD_PREVIOUS:
        asl_buffer_zigzag(buffer, difference(encoder->last_id, read_u64(object, field->offset)));
        break;
    case ASL_RECORD_TIME:
    case ASL_RECORD_DUE:
        asl_buffer_zigzag(buffer,
                          difference(read_u64(object, field->offset), (uint64_t)encoder->time_ms));
        break;
    case ASL_RECORD_ANY:
    case ASL_RECORD_STRING:
    case ASL_RECORD_OBJECT:
        encode_payload(encoder, field->kind, read_value(object, field->offset));
        break;
    }
}

static void encode_object(struct encoder *encoder, const asl_record_field *fields, size_t count,
                          unsigned type, const void *object)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < count; i++)
        mask |= (uint64_t)is_set(encoder, &fields[i], object) << i;
    asl_buffer_varint(encoder->buffer, type);
    asl_buffer_varint(encoder->buffer, mask);
    for (size_t i = 0; i < count; i++)
        if ((mask >> i & 1) != 0)
            encode_field(encoder, &fields[i], object);
}

void asl_record_encode(asl_buffer *buffer, const asl_fact *fact, const asl_event *entries,
                       size_t count)
{
    struct encoder encoder;
    encoder.buffer = buffer;
    encoder.count = 0;
    memset(encoder.by_text, 0, sizeof encoder.by_text);
    encoder.last_id = encoder.id = 0;
    encoder.time_ms = fact->time_ms;
    asl_buffer_byte(buffer, fact->flags != 0 ? 2 : 1);
    encode_object(&encoder, asl_record_fact_fields, ASL_RECORD_FACT_FIELDS, fact->kind, fact);
    asl_buffer_varint(buffer, count);
    for (size_t i = 0; i < count; i++) {
        encoder.id = entries[i].id;
        encode_object(&encoder, asl_record_entry_fields, ASL_RECORD_ENTRY_FIELDS, entries[i].type,
                      &entries[i]);
    }
}
