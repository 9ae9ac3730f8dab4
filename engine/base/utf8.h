/* UTF-8: validation, decoding, counting. */
#ifndef ASL_BASE_UTF8_H
#define ASL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of leading bytes that are well-formed UTF-8 (no overlong forms, surrogates, or >
 * U+10FFFF). */
size_t asl_utf8_valid(const char *bytes, size_t size);
/* Decodes one code point of valid UTF-8 and moves *bytes behind it; `end` is exclusive. */
uint32_t asl_utf8_decode(const char **bytes, const char *end);
/* Writes one code point (at most 4 bytes); returns how many bytes. */
size_t asl_utf8_encode(uint32_t code_point, char *out);
/* Code points in valid UTF-8. */
size_t asl_utf8_count(const char *bytes, size_t size);
/* The bytes that the first `count` code points take. */
size_t asl_utf8_prefix(const char *bytes, size_t size, size_t count);
/* 1-based line and column (code points) of a byte offset. CR LF is one line end. */
void asl_utf8_place(const char *text, size_t size, size_t offset, size_t *ret_line,
                    size_t *ret_column);

#endif
