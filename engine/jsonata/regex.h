/* Regular expressions: JavaScript's, run by PCRE2.
 *
 * A pattern is read as `new RegExp(pattern, flags)` reads it, without the flags u and v, and
 * written anew for PCRE2, which sees text as JavaScript does: as UTF-16 code units. A match is
 * widened to whole characters, so that what it gives is text.
 *
 *     asl_jsonata_regex *regex = NULL;
 *     asl_jsonata_matcher *matcher = NULL;
 *     asl_jsonata_match match;
 *     asl_jsonata_fault fault;
 *     asl_jsonata_regex_compile(heap, "(\\d+)-", 6, 0, &regex, &fault);
 *     asl_jsonata_matcher_new(regex, heap, text, size, &matcher);
 *     while (asl_jsonata_matcher_next(matcher, &match, &fault) == ASL_OK)
 *         ...
 *     asl_jsonata_matcher_free(matcher);
 *     asl_jsonata_regex_free(regex);
 *
 * What differs from JavaScript:
 * - Each branch of a look-behind must have a fixed size; no quantifier in it has a group, no group
 *   of it is in a quantifier that may pass it by, and it has no back-reference. Else: not
 * supported.
 * - A match that begins or ends between the surrogates of a pair takes the whole character.
 * - What a group took in an earlier round of a quantifier around it is unset, as in JavaScript; but
 *   not where that was nothing and the last round began there, or was ahead of that place.
 * - A back-reference that ignores case also takes what Unicode folds to the same (U+212A for k).
 * - A name of a group may have any character that is not ASCII.
 *
 * Threads: a compiled expression is immutable; a matcher belongs to one thread. */
#ifndef ASL_JSONATA_REGEX_H
#define ASL_JSONATA_REGEX_H

#include <stdbool.h>

#include "base/buffer.h"
#include "jsonata/fault.h"

typedef struct asl_jsonata_regex asl_jsonata_regex;
typedef struct asl_jsonata_matcher asl_jsonata_matcher;

#define ASL_JSONATA_IGNORE_CASE 1u
#define ASL_JSONATA_MULTILINE 2u

/* Compiles. ASL_OK, ASL_NOMEM, ASL_SYNTAX (JavaScript refuses the pattern, with the message of the
 * fault), ASL_UNSUPPORTED (see above), ASL_TOO_LARGE (nested too deep, or too large when compiled).
 */
int asl_jsonata_regex_compile(const asl_heap *heap, const char *pattern, size_t size,
                              unsigned flags, asl_jsonata_regex **ret_regex,
                              asl_jsonata_fault *fault);
void asl_jsonata_regex_free(asl_jsonata_regex *regex);
size_t asl_jsonata_regex_groups(const asl_jsonata_regex *regex);

#define ASL_JSONATA_UNSET SIZE_MAX

/* Byte offsets into the text; both ASL_JSONATA_UNSET for a group that took no part. */
typedef struct asl_jsonata_span {
    size_t start, end;
} asl_jsonata_span;

typedef struct asl_jsonata_match {
    size_t start, end;
    size_t index; /* of the start, in UTF-16 code units: JavaScript's match.index */
    const asl_jsonata_span *groups; /* borrowed until the matcher's next call */
    size_t group_count;
} asl_jsonata_match;

/* A matcher of one expression over one text, as jsonata/text.h has it; both are borrowed. */
int asl_jsonata_matcher_new(const asl_jsonata_regex *regex, const asl_heap *heap, const char *text,
                            size_t size, asl_jsonata_matcher **ret_matcher);
void asl_jsonata_matcher_free(asl_jsonata_matcher *matcher);
/* The first match that begins at or after a byte offset (that of a character, or the size). ASL_OK,
 * ASL_NOT_FOUND, ASL_NOMEM, ASL_EVALUATION (U1001: the search took more steps than it may, or more
 * memory). */
int asl_jsonata_matcher_find(asl_jsonata_matcher *matcher, size_t offset, asl_jsonata_match *match,
                             asl_jsonata_fault *fault);
/* The first match; after that, as the `next` of jsonata-js's matches, the one behind the last:
 * ASL_NOT_FOUND at the end of the text, D1004 where it is empty. */
int asl_jsonata_matcher_next(asl_jsonata_matcher *matcher, asl_jsonata_match *match,
                             asl_jsonata_fault *fault);
/* The steps that all searches of this matcher have taken, 5 to 50 ns each: for a budget of many. */
uint64_t asl_jsonata_matcher_steps(const asl_jsonata_matcher *matcher);

/* Appends what $replace makes of a replacement text for a match: `$0`, `$1` and `$$` are replaced.
 */
int asl_jsonata_substitute(const char *replacement, size_t size, const char *text,
                           const asl_jsonata_match *match, asl_buffer *buffer);

#endif
