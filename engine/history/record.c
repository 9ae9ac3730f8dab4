/* Writing records. A payload is printed once: where the bytes that it gave were given before, they
 * are taken back and the earlier ones referred to. Differences wrap around, so any number goes in
 * and comes out. */
#include "history/record.h"

#include <string.h>

#include "history/record_layout.h"

/* Bytes that the numbers of one object may take: its type, its mask, and every field a number. */
#define NUMBERS_SIZE ((2 + ASL_RECORD_ENTRY_FIELDS) * ASL_VARINT_SIZE_MAX)

typedef struct payload {
    const asl_value *value;
    size_t offset, size; /* of its text in the buffer */
} payload;

struct encoder {
    asl_buffer *buffer;
    payload payloads[ASL_RECORD_PAYLOADS];
    size_t count; /* of payloads written out so far */
    /* By hash: one more than the number of a payload, of its address and of its text. */
    uint32_t by_value[ASL_RECORD_PAYLOADS], by_text[ASL_RECORD_PAYLOADS];
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

/* Room for the numbers of an object, and where they go; NULL where there is none. */
static char *make_room(const struct encoder *encoder)
{
    asl_buffer *buffer = encoder->buffer;
    if (asl_buffer_reserve(buffer, NUMBERS_SIZE) != ASL_OK)
        return NULL;
    return buffer->bytes + buffer->size;
}

/* The numbers up to `out` belong to the buffer. */
static void keep(const struct encoder *encoder, const char *out)
{
    encoder->buffer->size = (size_t)(out - encoder->buffer->bytes);
}

/* Whether `slot` has the number of a payload within reach; how many before the next one it is. */
static bool find_payload(const struct encoder *encoder, uint32_t slot, size_t *ret_distance)
{
    *ret_distance = (uint32_t)((uint32_t)encoder->count + 1 - slot);
    return slot != 0 && *ret_distance <= encoder->count && *ret_distance <= ASL_RECORD_PAYLOADS;
}

/* The payload so many before the next one: 1 is the last. */
static payload *payload_before(struct encoder *encoder, size_t distance)
{
    return &encoder->payloads[(encoder->count - distance) % ASL_RECORD_PAYLOADS];
}

static uint32_t *slot_of_value(struct encoder *encoder, const asl_value *value)
{
    return &encoder->by_value[((uintptr_t)value >> 4) * 31 % ASL_RECORD_PAYLOADS];
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

/* The distance of an earlier payload with the text that stands at the buffer's end; 0: none, and
 * the next payload is remembered to have it. */
static size_t find_text(struct encoder *encoder, size_t offset, size_t size)
{
    const char *bytes = encoder->buffer->bytes;
    uint32_t *slot = &encoder->by_text[hash_text(bytes + offset, size)];
    size_t distance;
    if (find_payload(encoder, *slot, &distance)) {
        const payload *earlier = payload_before(encoder, distance);
        if (earlier->size == size && memcmp(bytes + earlier->offset, bytes + offset, size) == 0)
            return distance;
    }
    *slot = (uint32_t)encoder->count + 1;
    return 0;
}

/* Writes a payload that was not found by its address, at the buffer's end. A text that was there
 * before is taken back. */
static void encode_text(struct encoder *encoder, const asl_value *value)
{
    asl_buffer *buffer = encoder->buffer;
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
    size_t distance = find_text(encoder, offset, size);
    if (distance > 0) {
        buffer->size = start;
        asl_buffer_varint(buffer, distance * 2 + 1);
        return;
    }
    encoder->payloads[encoder->count++ % ASL_RECORD_PAYLOADS] = (payload){value, offset, size};
    *slot_of_value(encoder, value) = (uint32_t)encoder->count;
}

static char *encode_payload(struct encoder *encoder, asl_record_kind kind, const asl_value *value,
                            char *out)
{
    if (!asl_record_fits(kind, value)) {
        encoder->buffer->status = ASL_MISUSE;
        return NULL;
    }
    size_t distance;
    if (find_payload(encoder, *slot_of_value(encoder, value), &distance) &&
        payload_before(encoder, distance)->value == value)
        return asl_varint_write(out, distance * 2 + 1);
    keep(encoder, out);
    encode_text(encoder, value);
    return make_room(encoder);
}

/* Half of the work on an execution in memory was to walk the table of fields. The loops over it are
 * unrolled where the table is known, so that each field becomes the few instructions that its kind
 * asks for. */
#define UNROLLED inline __attribute__((always_inline))

static UNROLLED bool is_set(const struct encoder *encoder, const asl_record_field *field,
                            const void *object)
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

static UNROLLED char *encode_field(struct encoder *encoder, const asl_record_field *field,
                                   const void *object, char *out)
{
    switch (field->kind) {
    case ASL_RECORD_U32:
        return asl_varint_write(out, read_u32(object, field->offset));
    case ASL_RECORD_STATE:
        return asl_varint_write(out, (uint32_t)(read_u32(object, field->offset) + 1));
    case ASL_RECORD_U64:
        return asl_varint_write(out, read_u64(object, field->offset));
    case ASL_RECORD_I64:
        return asl_zigzag_write(out, (int64_t)read_u64(object, field->offset));
    case ASL_RECORD_ID:
        out = asl_varint_write(out, encoder->id - encoder->last_id);
        encoder->last_id = encoder->id;
        return out;
    case ASL_RECORD_PREVIOUS:
        return asl_zigzag_write(out, difference(encoder->last_id, read_u64(object, field->offset)));
    case ASL_RECORD_TIME:
    case ASL_RECORD_DUE:
        return asl_zigzag_write(
            out, difference(read_u64(object, field->offset), (uint64_t)encoder->time_ms));
    case ASL_RECORD_ANY:
    case ASL_RECORD_STRING:
    case ASL_RECORD_OBJECT:
        break;
    }
    return encode_payload(encoder, field->kind, read_value(object, field->offset), out);
}

/* Half of the work on an execution in memory was to walk the table of fields here. Both loops are
 * unrolled where this is called, with a table that is known there, so that each field becomes the
 * few instructions that its kind asks for. */
static inline __attribute__((always_inline)) void encode_object(struct encoder *encoder,
                                                                const asl_record_field *fields,
                                                                size_t count, unsigned type,
                                                                const void *object)
{
    uint64_t mask = 0;
#pragma GCC unroll 32
    for (size_t i = 0; i < count; i++)
        mask |= (uint64_t)is_set(encoder, &fields[i], object) << i;
    char *out = make_room(encoder);
    if (out == NULL)
        return;
    out = asl_varint_write(out, type);
    out = asl_varint_write(out, mask);
#pragma GCC unroll 32
    for (size_t i = 0; i < count; i++) {
        if ((mask >> i & 1) == 0)
            continue;
        out = encode_field(encoder, &fields[i], object, out);
        if (out == NULL)
            return;
    }
    keep(encoder, out);
}

void asl_record_encode(asl_buffer *buffer, const asl_fact *fact, const asl_event *entries,
                       size_t count)
{
    struct encoder encoder;
    encoder.buffer = buffer;
    encoder.count = 0;
    memset(encoder.by_value, 0, sizeof encoder.by_value);
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
