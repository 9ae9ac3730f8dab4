/* Definitions made of bytes: whatever the bytes are, the text is a state machine, and nearly always
 * one that is accepted. Bytes are taken from the front of a tape for the definition, and from its
 * back for what happens to it, so that one changes without the other. */
#ifndef ASL_TESTS_FUZZ_RUN_DEFINITION_H
#define ASL_TESTS_FUZZ_RUN_DEFINITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct tape {
    const uint8_t *first, *last; /* what is left, `last` exclusive */
} tape;

/* The next byte; 0 when the tape is used up. */
static inline unsigned tape_front(tape *self)
{
    return self->first < self->last ? *self->first++ : 0;
}
static inline unsigned tape_back(tape *self)
{
    return self->first < self->last ? *--self->last : 0;
}

/* Appends a definition. */
void run_definition_make(tape *bytes, asl_buffer *text);
/* A JSON text that fits what the definitions ask of their inputs. Static. */
const char *run_value_text(unsigned choice);
/* An error's name that the definitions' handlers know, or not; NULL for one choice. Static. */
const char *run_error_name(unsigned choice);

#endif
