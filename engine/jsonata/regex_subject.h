/* Text as PCRE2 is given it, so that it sees JavaScript's code units: where there are characters
 * beyond U+FFFF, a wide copy with each of them as two surrogates of three bytes. */
#ifndef ASL_JSONATA_REGEX_SUBJECT_H
#define ASL_JSONATA_REGEX_SUBJECT_H

#include "jsonata/regex.h"

typedef struct regex_subject {
    const asl_heap *heap;
    const char *text;
    size_t size;
    const char *bytes; /* the text, or the wide copy */
    size_t byte_count;
    char *wide;
    uint32_t *pairs; /* of the wide copy: second surrogates before each block */
    /* One place, in the text, in the bytes, and in code units; it moves forward. */
    size_t at, byte_at, index;
} regex_subject;

/* ASL_OK or ASL_NOMEM. The text is borrowed. */
int regex_subject_init(regex_subject *subject, const asl_heap *heap, const char *text, size_t size);
void regex_subject_done(regex_subject *subject);
/* Moves the place to an offset of the text. */
void regex_subject_move(regex_subject *subject, size_t offset);
/* The part of the text for a part of the bytes, widened to whole characters; an empty one stays
 * empty. */
asl_jsonata_span regex_subject_span(const regex_subject *subject, size_t start, size_t end);

#endif
