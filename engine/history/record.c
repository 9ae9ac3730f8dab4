/* Writing records. A payload is printed once: where the bytes that it gave were given before, they
 * are taken back and the earlier ones referred to, and of a large one that differs from the last in
 * a few places only these are printed. What is written depends on the values and on which of them
 * are the same, never on where they lie. Differences wrap around, so any number goes in and comes
 * out. */
#include "history/record.h"

#include <string.h>

#include "history/record_edit.h"
#include "history/record_layout.h"
#include "value/value_layout.h"

#define SAME_VALUE_REACH 8u
/* Bytes that the numbers of one object may take: its type, its mask, and every field a number. */
#define NUMBERS_SIZE ((2 + ASL_RECORD_ENTRY_FIELDS) * ASL_VARINT_SIZE_MAX)

typedef struct payload {
    size_t offset, size; /* of its text in the buffer; 0: an edit */
    bool is_quoted;      /* the text is that of a string without escapes */
} payload;

struct encoder {
    asl_buffer *buffer;
    const asl_value *values[ASL_RECORD_PAYLOADS]; /* of the last payloads */
    payload payloads[ASL_RECORD_PAYLOADS];
    uint32_t count;                        /* of payloads written out so far */
    uint32_t by_text[ASL_RECORD_PAYLOADS]; /* by hash: one more than the number of a payload */
    uint32_t last_large;                   /* the same for what an edit may be of; 0: none */
    uint32_t reach;                        /* how far back what is being written may refer */
    bool has_edits;
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

/* How many payloads before the next one the one is whose number is one less than `slot`; 0: there
 * is none, or out of reach. */
static uint32_t distance_of(const struct encoder *encoder, uint32_t slot)
{
    uint32_t distance = encoder->count + 1 - slot;
    return slot != 0 && distance <= encoder->reach ? distance : 0;
}

static uint32_t place_of(const struct encoder *encoder, uint32_t distance)
{
    return (encoder->count - distance) % ASL_RECORD_PAYLOADS;
}

/* An output is most often the next input: only the last few are compared by address. */
static inline uint32_t find_value(const struct encoder *encoder, const asl_value *value)
{
    uint32_t reach = encoder->count < SAME_VALUE_REACH ? encoder->count : SAME_VALUE_REACH;
    for (uint32_t distance = 1; distance <= reach; distance++)
        if (encoder->values[place_of(encoder, distance)] == value)
            return distance;
    return 0;
}

/* From the size and both ends: enough to find a text again, and cheap for long ones. */
static inline size_t hash_text(const char *text, size_t size)
{
    uint64_t head = 0, tail = 0;
    if (size >= sizeof head) {
        memcpy(&head, text, sizeof head);
        memcpy(&tail, text + size - sizeof tail, sizeof tail);
    } else {
        for (size_t i = 0; i < size; i++)
            head = head << 8 | (unsigned char)text[i];
    }
    uint64_t hash = (head ^ (tail << 7 | tail >> 57) ^ size) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash >> 32) % ASL_RECORD_PAYLOADS;
}

/* The distance of an earlier payload whose text is these bytes, or these between quotes; 0: none,
 * and the next payload is remembered to have it. */
static inline uint32_t find_text(struct encoder *encoder, const char *bytes, size_t size,
                                 bool is_quoted)
{
    uint32_t *slot = &encoder->by_text[hash_text(bytes, size)];
    uint32_t distance = distance_of(encoder, *slot);
    if (distance != 0) {
        const payload *earlier = &encoder->payloads[place_of(encoder, distance)];
        const char *text = encoder->buffer->bytes + earlier->offset;
        if (earlier->is_quoted == is_quoted && earlier->size == size + 2 * is_quoted &&
            memcmp(text + is_quoted, bytes, size) == 0)
            return distance;
    }
    *slot = encoder->count + 1;
    return 0;
}

/* Whether what is printed are the bytes between quotes. */
static inline bool is_plain_string(const asl_value *value)
{
    return value->kind == ASL_KIND_STRING && (value->flags & ASL_VALUE_KEPT) == 0 &&
           asl_as_string(value)->text_size == asl_as_string(value)->size + 2;
}

/* The distance of an earlier payload that a value can refer to, before it is printed; 0: none is
 * known. A string, which is most often the name of a state, is found by its bytes. */
static inline uint32_t find_payload(struct encoder *encoder, const asl_value *value)
{
    if (!is_plain_string(value))
        return find_value(encoder, value);
    return find_text(encoder, asl_as_string(value)->bytes, asl_as_string(value)->size, true);
}

static void remember(struct encoder *encoder, const asl_value *value, payload text)
{
    uint32_t place = encoder->count % ASL_RECORD_PAYLOADS;
    encoder->values[place] = value;
    encoder->payloads[place] = text;
    encoder->count++;
}

/* Writes the text of a payload that was not found before it was printed. Where the text is found
 * now, it is taken back. How far before the next payload it is. */
static uint32_t encode_text(struct encoder *encoder, const asl_value *value)
{
    asl_buffer *buffer = encoder->buffer;
    size_t start = buffer->size, size = asl_value_text_size(value);
    asl_buffer_varint(buffer, (uint64_t)size * 2);
    payload text = {.offset = buffer->size, .size = size, .is_quoted = is_plain_string(value)};
    asl_value_print_to(value, buffer);
    if (buffer->status != ASL_OK)
        return 0;
    uint32_t distance =
        text.is_quoted ? 0 : find_text(encoder, buffer->bytes + text.offset, size, false);
    if (distance == 0) {
        remember(encoder, value, text);
        return 1;
    }
    buffer->size = start;
    asl_buffer_varint(buffer, distance * 2 + 1);
    return distance;
}

/* A value inside an edit; it refers to no edit. */
static void encode_part(struct encoder *encoder, const asl_value *value)
{
    uint32_t distance = find_payload(encoder, value);
    if (distance != 0 && encoder->payloads[place_of(encoder, distance)].size > 0)
        asl_buffer_varint(encoder->buffer, distance * 2 + 1);
    else
        encode_text(encoder, value);
}

static void encode_edit(struct encoder *encoder, const asl_value *value, uint32_t distance,
                        const asl_edit *edit)
{
    asl_buffer *buffer = encoder->buffer;
    encoder->has_edits = true;
    asl_buffer_varint(buffer, ASL_RECORD_EDIT);
    asl_buffer_varint(buffer, distance);
    asl_buffer_varint(buffer, edit->count);
    for (uint32_t i = 0; i < edit->count; i++) {
        const asl_edit_change *change = &edit->changes[i];
        asl_buffer_varint(buffer, change->depth * 2 + (change->key != NULL));
        for (uint32_t level = 0; level < change->depth; level++)
            asl_buffer_varint(buffer, change->path[level]);
        if (change->key != NULL)
            encode_part(encoder, change->key);
        encode_part(encoder, change->value);
    }
    remember(encoder, value, (payload){.size = 0});
}

/* Writes a large document as an edit of the last one where that is less. */
static void encode_large(struct encoder *encoder, const asl_value *value)
{
    asl_edit edit;
    uint32_t distance = 1;
    encoder->reach = ASL_RECORD_EDIT_REACH;
    uint32_t from = distance_of(encoder, encoder->last_large);
    bool is_edit =
        from != 0 && asl_edit_find(encoder->values[place_of(encoder, from)], value, &edit);
    if (is_edit)
        encode_edit(encoder, value, from, &edit);
    encoder->reach = ASL_RECORD_PAYLOADS;
    if (!is_edit)
        distance = encode_text(encoder, value);
    encoder->last_large = encoder->count + 1 - distance;
}

static char *encode_payload(struct encoder *encoder, asl_record_kind kind, const asl_value *value,
                            char *out)
{
    if (!asl_record_fits(kind, value)) {
        encoder->buffer->status = ASL_MISUSE;
        return NULL;
    }
    uint32_t distance = find_payload(encoder, value);
    if (distance != 0)
        return asl_varint_write(out, distance * 2 + 1);
    keep(encoder, out);
    if (asl_value_text_size(value) >= ASL_RECORD_EDIT_FROM &&
        (asl_value_is_object(value) || asl_value_is_array(value)))
        encode_large(encoder, value);
    else
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
    encoder.count = encoder.last_large = 0;
    encoder.reach = ASL_RECORD_PAYLOADS;
    encoder.has_edits = false;
    memset(encoder.by_text, 0, sizeof encoder.by_text);
    encoder.last_id = encoder.id = 0;
    encoder.time_ms = fact->time_ms;
    size_t start = buffer->size;
    asl_buffer_byte(buffer, fact->flags != 0 ? ASL_RECORD_FORMAT_FLAGS : 1);
    encode_object(&encoder, asl_record_fact_fields, ASL_RECORD_FACT_FIELDS, fact->kind, fact);
    asl_buffer_varint(buffer, count);
    for (size_t i = 0; i < count; i++) {
        encoder.id = entries[i].id;
        encode_object(&encoder, asl_record_entry_fields, ASL_RECORD_ENTRY_FIELDS, entries[i].type,
                      &entries[i]);
    }
    if (encoder.has_edits && buffer->status == ASL_OK)
        buffer->bytes[start] = (char)ASL_RECORD_FORMAT_EDITS;
}
