/* "${Name}" in a document's text, replaced before the text is read. Every place is remembered, so
 * that whatever is found in the new text can be shown in the one that its author wrote. */
#ifndef ASL_DEFINITION_SUBSTITUTE_H
#define ASL_DEFINITION_SUBSTITUTE_H

#include "base/buffer.h"
#include "definition/diagnostics.h"

/* One "${Name}": where it stood, and what stands there now (itself where it has no value). */
typedef struct asl_substitution {
    size_t old_offset, old_size, new_offset, new_size;
    bool is_unknown;
} asl_substitution;

typedef struct asl_substituted {
    const asl_value *values; /* borrowed; NULL: nothing is substituted */
    const char *given;       /* what the author wrote; borrowed */
    size_t given_size;
    bool is_too_large; /* with its values; nothing is substituted */
    asl_buffer text;
    asl_substitution *places;
    size_t count, capacity;
} asl_substituted;

void asl_substituted_init(asl_substituted *substituted, const asl_heap *heap);
void asl_substituted_done(asl_substituted *substituted);
/* Substitutes by `values`, an object of strings, numbers and booleans, or NULL. ASL_OK, ASL_NOMEM,
 * or ASL_MISUSE where the values are something else. */
int asl_substitute(asl_substituted *substituted, const asl_value *values, const char *text,
                   size_t size, asl_error **error);
/* The text to read: the new one, else the given one. Borrowed. */
const char *asl_substituted_text(const asl_substituted *substituted, size_t *ret_size);
/* Moves the ranges of all problems from the new text to the one that was given. */
void asl_substituted_restore(const asl_substituted *substituted, asl_diagnostics *list);

#endif
