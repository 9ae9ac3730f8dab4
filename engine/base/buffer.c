/* Buffer and cursor: bytes written one after another, and read back in the same order. Both let the
 * caller check once at the end: the first failure sticks. */
#include "base/buffer.h"

#include <stdio.h>
#include <string.h>

#include "base/heap.h"
#include "base/limits.h"

void asl_buffer_init(asl_buffer *buffer, const asl_heap *heap)
{
    *buffer = (asl_buffer){.heap = heap};
}

void asl_buffer_done(asl_buffer *buffer)
{
    asl_release(buffer->heap, buffer->bytes, buffer->capacity);
    *buffer = (asl_buffer){.heap = buffer->heap};
}

void asl_buffer_clear(asl_buffer *buffer)
{
    buffer->size = 0;
    buffer->status = ASL_OK;
}

/* Room for `room` bytes behind the size, without regard to the limit. */
static int grow(asl_buffer *buffer, size_t room)
{
    if (room > SIZE_MAX / 2 - buffer->size)
        return buffer->status = ASL_NOMEM;
    size_t wanted = buffer->size + room;
    size_t doubled = buffer->capacity * 2;
    if (wanted < doubled)
        wanted = doubled;
    if (wanted < ASL_BUFFER_CAPACITY_FIRST)
        wanted = ASL_BUFFER_CAPACITY_FIRST;
    char *bytes = asl_reallocate(buffer->heap, buffer->bytes, buffer->capacity, wanted);
    if (bytes == NULL)
        return buffer->status = ASL_NOMEM;
    buffer->bytes = bytes;
    buffer->capacity = wanted;
    return ASL_OK;
}

int asl_buffer_reserve(asl_buffer *buffer, size_t more)
{
    if (buffer->status != ASL_OK)
        return buffer->status;
    if (buffer->limit != 0 && more > buffer->limit - buffer->size)
        return buffer->status = ASL_TOO_LARGE;
    if (more <= buffer->capacity - buffer->size)
        return ASL_OK;
    return grow(buffer, more);
}

void asl_buffer_append(asl_buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0 || asl_buffer_reserve(buffer, size) != ASL_OK)
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void asl_buffer_text(asl_buffer *buffer, const char *text)
{
    asl_buffer_append(buffer, text, strlen(text));
}

void asl_buffer_byte(asl_buffer *buffer, char byte)
{
    if (asl_buffer_reserve(buffer, 1) == ASL_OK)
        buffer->bytes[buffer->size++] = byte;
}

void asl_buffer_format(asl_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    asl_buffer_format_list(buffer, format, arguments);
    va_end(arguments);
}

void asl_buffer_format_list(asl_buffer *buffer, const char *format, va_list arguments)
{
    if (buffer->status != ASL_OK)
        return;
    va_list again;
    va_copy(again, arguments);
    size_t room = buffer->capacity - buffer->size;
    int size = vsnprintf(room > 0 ? buffer->bytes + buffer->size : NULL, room, format, arguments);
    if (size < 0) {
        buffer->status = ASL_MISUSE;
    } else if (asl_buffer_reserve(buffer, (size_t)size) == ASL_OK) {
        /* vsnprintf writes a NUL behind what it prints. */
        if ((size_t)size < room) {
            buffer->size += (size_t)size;
        } else if ((size_t)size < buffer->capacity - buffer->size ||
                   grow(buffer, (size_t)size + 1) == ASL_OK) {
            vsnprintf(buffer->bytes + buffer->size, (size_t)size + 1, format, again);
            buffer->size += (size_t)size;
        }
    }
    va_end(again);
}

void asl_buffer_varint(asl_buffer *buffer, uint64_t number)
{
    char bytes[ASL_VARINT_SIZE_MAX];
    asl_buffer_append(buffer, bytes, (size_t)(asl_varint_write(bytes, number) - bytes));
}

void asl_buffer_zigzag(asl_buffer *buffer, int64_t number)
{
    char bytes[ASL_VARINT_SIZE_MAX];
    asl_buffer_append(buffer, bytes, (size_t)(asl_zigzag_write(bytes, number) - bytes));
}

void asl_buffer_u32(asl_buffer *buffer, uint32_t number)
{
    char bytes[4];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(number >> (8 * i));
    asl_buffer_append(buffer, bytes, sizeof bytes);
}

void asl_buffer_u64(asl_buffer *buffer, uint64_t number)
{
    char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(number >> (8 * i));
    asl_buffer_append(buffer, bytes, sizeof bytes);
}

const char *asl_buffer_string(asl_buffer *buffer)
{
    if (buffer->status != ASL_OK)
        return NULL;
    if (buffer->size == buffer->capacity && grow(buffer, 1) != ASL_OK)
        return NULL;
    buffer->bytes[buffer->size] = '\0';
    return buffer->bytes;
}

void asl_cursor_init(asl_cursor *cursor, const void *bytes, size_t size)
{
    cursor->next = bytes;
    cursor->end = size > 0 ? cursor->next + size : cursor->next;
    cursor->bad = 0;
}

const char *asl_cursor_slice(asl_cursor *cursor, size_t size)
{
    if (cursor->bad || size > (size_t)(cursor->end - cursor->next)) {
        cursor->bad = 1;
        return NULL;
    }
    const unsigned char *slice = cursor->next;
    if (size > 0)
        cursor->next += size;
    /* An empty slice of nothing is a place all the same. */
    return slice != NULL ? (const char *)slice : "";
}

uint8_t asl_cursor_byte(asl_cursor *cursor)
{
    const char *slice = asl_cursor_slice(cursor, 1);
    return slice != NULL ? (uint8_t)*slice : 0;
}

/* LEB128. A number has one spelling only: no bits past the 64th, no needless last group. */
uint64_t asl_cursor_varint(asl_cursor *cursor)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = asl_cursor_byte(cursor);
        if (cursor->bad)
            return 0;
        if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0))
            break;
        number |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return number;
    }
    cursor->bad = 1;
    return 0;
}

int64_t asl_cursor_zigzag(asl_cursor *cursor)
{
    uint64_t number = asl_cursor_varint(cursor);
    uint64_t sign = (number & 1) != 0 ? UINT64_MAX : 0;
    return (int64_t)((number >> 1) ^ sign);
}

static uint64_t read_little_endian(asl_cursor *cursor, size_t size)
{
    const char *slice = asl_cursor_slice(cursor, size);
    if (slice == NULL)
        return 0;
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number |= (uint64_t)(uint8_t)slice[i] << (8 * i);
    return number;
}

uint32_t asl_cursor_u32(asl_cursor *cursor)
{
    return (uint32_t)read_little_endian(cursor, 4);
}

uint64_t asl_cursor_u64(asl_cursor *cursor)
{
    return read_little_endian(cursor, 8);
}
