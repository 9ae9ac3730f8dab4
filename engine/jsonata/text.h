/* Strings: JSONata's functions on them, with JavaScript's rules, over UTF-8.
 *
 * All text is valid UTF-8, where a surrogate without its other half may stand as three bytes. What
 * is made is appended to a buffer, and a status is the buffer's (ASL_NOMEM, ASL_TOO_LARGE), or
 * ASL_EVALUATION with a fault. What cuts a string of JavaScript in the middle of a surrogate pair
 * cuts beside the character here: only the split at an empty separator does. */
#ifndef ASL_JSONATA_TEXT_H
#define ASL_JSONATA_TEXT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "jsonata/fault.h"

#define ASL_JSONATA_NOWHERE SIZE_MAX

/* The length that JavaScript's strings have: UTF-16 code units. ($length is asl_utf8_count.) */
size_t asl_jsonata_code_units(const char *text, size_t size);
/* Less than, equal to or greater than 0, by UTF-16 code units, as `<` compares. */
int asl_jsonata_compare(const char *left, size_t left_size, const char *right, size_t right_size);
/* The offset of the first `token` at or after `from`; ASL_JSONATA_NOWHERE. The empty one is found
 * at once. */
size_t asl_jsonata_find(const char *text, size_t size, size_t from, const char *token,
                        size_t token_size);

/* $substring: the offset and size of what it gives, in `text`. `length` may be NULL. */
void asl_jsonata_substring(const char *text, size_t size, double start, const double *length,
                           size_t *ret_offset, size_t *ret_size);

/* $trim: runs of space, tab, CR and LF become one space; none is left at the ends. */
int asl_jsonata_trim(const char *text, size_t size, asl_buffer *buffer);

/* $pad. An empty `fill` means a space. A fault without code: JavaScript has no room, or the width
 * has a fraction. */
int asl_jsonata_pad(const char *text, size_t size, double width, const char *fill, size_t fill_size,
                    asl_buffer *buffer, asl_jsonata_fault *fault);

/* JavaScript's toUpperCase and toLowerCase. */
int asl_jsonata_uppercase(const char *text, size_t size, asl_buffer *buffer);
int asl_jsonata_lowercase(const char *text, size_t size, asl_buffer *buffer);

/* The pieces of a text between separators; with an empty separator its characters.
 *
 *     asl_jsonata_split split = {text, size, ",", 1};
 *     while (asl_jsonata_split_next(&split, &piece, &piece_size)) ... */
typedef struct asl_jsonata_split {
    const char *text; /* what is left; NULL: nothing, not even an empty piece */
    size_t size;
    const char *separator;
    size_t separator_size;
} asl_jsonata_split;
bool asl_jsonata_split_next(asl_jsonata_split *split, const char **ret_piece, size_t *ret_size);
/* The number of pieces that a limit given to $split allows: JavaScript's ToUint32. */
uint32_t asl_jsonata_split_limit(double limit);

/* encodeURIComponent and decodeURIComponent where `is_component`, else encodeURI and decodeURI.
 * Fault D3140: half a surrogate pair, or escapes that are no UTF-8. */
int asl_jsonata_encode_url(const char *text, size_t size, bool is_component, asl_buffer *buffer,
                           asl_jsonata_fault *fault);
int asl_jsonata_decode_url(const char *text, size_t size, bool is_component, asl_buffer *buffer,
                           asl_jsonata_fault *fault);

/* $base64encode takes the low byte of each UTF-16 code unit; $base64decode gives a code point below
 * 256 for each byte, passes over what is not of the alphabet (either of both), and ends at `=`. */
int asl_jsonata_base64_encode(const char *text, size_t size, asl_buffer *buffer);
int asl_jsonata_base64_decode(const char *text, size_t size, asl_buffer *buffer);

/* $number of a string. Fault D3030: no number, or one that is out of range. What jsonata-js lets
 * through its patterns and JavaScript then reads as no number ("0x1z") is a NaN. */
int asl_jsonata_number(const char *text, size_t size, double *ret_number, asl_jsonata_fault *fault);

#endif
