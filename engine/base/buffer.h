/* Buffer: bytes that grow. Errors stick: after the first failure every call does nothing, and
 * `status` (ASL_NOMEM, or ASL_TOO_LARGE past `limit`) is checked once at the end. */
#ifndef ASL_BASE_BUFFER_H
#define ASL_BASE_BUFFER_H

#include <stdarg.h>
#include <stdint.h>

#include <asl/error.h>

typedef struct asl_buffer {
    const asl_heap *heap;
    char *bytes;
    size_t size, capacity;
    size_t limit; /* greatest size; 0: none */
    int status;
} asl_buffer;

void asl_buffer_init(asl_buffer *buffer, const asl_heap *heap);
void asl_buffer_done(asl_buffer *buffer);
void asl_buffer_clear(asl_buffer *buffer); /* keeps the memory, forgets errors */
int asl_buffer_reserve(asl_buffer *buffer, size_t more);
void asl_buffer_append(asl_buffer *buffer, const void *bytes, size_t size);
void asl_buffer_text(asl_buffer *buffer, const char *text);
void asl_buffer_byte(asl_buffer *buffer, char byte);
void asl_buffer_format(asl_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void asl_buffer_format_list(asl_buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* LEB128: unsigned, and signed by zigzag. */
void asl_buffer_varint(asl_buffer *buffer, uint64_t number);
void asl_buffer_zigzag(asl_buffer *buffer, int64_t number);
/* The same to a place that has room for ASL_VARINT_SIZE_MAX bytes; returns what is behind it. */
#define ASL_VARINT_SIZE_MAX 10u
static inline char *asl_varint_write(char *out, uint64_t number)
{
    while (number >= 0x80) {
        *out++ = (char)(number | 0x80);
        number >>= 7;
    }
    *out++ = (char)number;
    return out;
}
static inline char *asl_zigzag_write(char *out, int64_t number)
{
    return asl_varint_write(out, ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0));
}
/* Little-endian. */
void asl_buffer_u32(asl_buffer *buffer, uint32_t number);
void asl_buffer_u64(asl_buffer *buffer, uint64_t number);
/* The bytes with a NUL after them (not counted); NULL where an error stuck. Owned by the buffer. */
const char *asl_buffer_string(asl_buffer *buffer);

/* Cursor: reads what a buffer wrote. Errors stick (`bad`), reads past the end give zeros. */
typedef struct asl_cursor {
    const unsigned char *next, *end;
    int bad;
} asl_cursor;

void asl_cursor_init(asl_cursor *cursor, const void *bytes, size_t size);
uint64_t asl_cursor_varint(asl_cursor *cursor);
int64_t asl_cursor_zigzag(asl_cursor *cursor);
uint8_t asl_cursor_byte(asl_cursor *cursor);
uint32_t asl_cursor_u32(asl_cursor *cursor);
uint64_t asl_cursor_u64(asl_cursor *cursor);
/* A slice of `size` bytes; NULL (and bad) where there are not so many. */
const char *asl_cursor_slice(asl_cursor *cursor, size_t size);

#endif
