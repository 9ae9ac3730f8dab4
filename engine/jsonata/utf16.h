/* UTF-16 text. jsonata-js reads pictures, and counts what it formats, in the code units of a
 * JavaScript string, where a character may be cut in half; so texts are worked on as these units.
 *
 * A text that grows is an asl_buffer of units: its `size` counts bytes. */
#ifndef ASL_JSONATA_UTF16_H
#define ASL_JSONATA_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"

#define ASL_UTF16_NONE SIZE_MAX /* no such place */

/* A view: units that somebody else owns. */
typedef struct asl_utf16 {
    const uint16_t *units;
    size_t size;
} asl_utf16;

/* Valid UTF-8 as units in the arena. ASL_NOMEM. */
int asl_utf16_read(asl_arena *arena, const char *bytes, size_t size, asl_utf16 *ret_text);
/* Appends UTF-8; a surrogate that stands alone becomes U+FFFD. */
void asl_utf16_write(asl_utf16 text, asl_buffer *out);
/* Appends a JSON string as JavaScript prints it: a surrogate that stands alone as its escape. */
void asl_utf16_write_json(asl_utf16 text, asl_buffer *out);

/* The units from `start` to before `end`, both moved into the text first. */
asl_utf16 asl_utf16_slice(asl_utf16 text, size_t start, size_t end);
bool asl_utf16_equal(asl_utf16 left, asl_utf16 right);
bool asl_utf16_is(asl_utf16 text, const char *ascii);
/* The first place at or after `from`, and the last one. */
size_t asl_utf16_find(asl_utf16 text, uint16_t unit, size_t from);
size_t asl_utf16_find_last(asl_utf16 text, uint16_t unit);
/* The code point at `index`, and how many units it has. */
uint32_t asl_utf16_code_point(asl_utf16 text, size_t index, size_t *ret_size);
/* The units of a code point; returns how many. */
size_t asl_utf16_encode(uint32_t code_point, uint16_t units[2]);
/* JavaScript's white space, line ends among it: \s. */
bool asl_utf16_is_space(uint16_t unit);

/* A buffer of units that holds what a picture may make; past that its status is ASL_TOO_LARGE. */
void asl_utf16_init(asl_buffer *units, const asl_heap *heap);
asl_utf16 asl_utf16_of(const asl_buffer *units);
void asl_utf16_append(asl_buffer *units, asl_utf16 text);
void asl_utf16_append_unit(asl_buffer *units, uint16_t unit);
void asl_utf16_append_code_point(asl_buffer *units, uint32_t code_point);
void asl_utf16_append_ascii(asl_buffer *units, const char *ascii, size_t size);
void asl_utf16_append_text(asl_buffer *units, const char *ascii);

/* A text to be looked for often, in time that grows with the two sizes and not with their product.
 */
typedef struct asl_utf16_needle {
    asl_utf16 text;
    const size_t *borders; /* of each beginning, its longest proper one that also ends it */
} asl_utf16_needle;
int asl_utf16_needle_init(asl_utf16_needle *needle, asl_arena *arena, asl_utf16 text);
/* The places of a needle, one after another; they may overlap. An empty one stands everywhere. */
typedef struct asl_utf16_matches {
    asl_utf16 text;
    const asl_utf16_needle *needle;
    size_t next, found; /* units of the needle that stand before `next` */
} asl_utf16_matches;
asl_utf16_matches asl_utf16_matches_of(asl_utf16 text, const asl_utf16_needle *needle, size_t from);
size_t asl_utf16_match(asl_utf16_matches *matches);
/* The first place at or after `from`, and the last one. */
size_t asl_utf16_search(asl_utf16 text, const asl_utf16_needle *needle, size_t from);
size_t asl_utf16_search_last(asl_utf16 text, const asl_utf16_needle *needle);

#endif
