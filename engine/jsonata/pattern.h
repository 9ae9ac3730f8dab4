/* Patterns: the regular expressions that jsonata-js makes of time pictures, matched as JavaScript
 * matches them from the beginning of a text, without regard to case.
 *
 * The dialect is what such an expression can have: units, `.`, classes of ASCII, groups and
 * alternatives, `^`, `$`, escapes, and quantifiers behind a unit or class, or `+` behind a group
 * that does not capture. */
#ifndef ASL_JSONATA_PATTERN_H
#define ASL_JSONATA_PATTERN_H

#include "jsonata/picture_fault.h"
#include "jsonata/utf16.h"

typedef struct asl_pattern_step asl_pattern_step;

typedef struct asl_pattern {
    const asl_heap *heap;
    asl_pattern_step *steps;
    size_t count, capacity;
    size_t group_count;
} asl_pattern;

/* Where a group matched. */
typedef struct asl_pattern_group {
    size_t start, end;
} asl_pattern_group;

/* ASL_NOMEM; throws what JavaScript says of a wrong expression. */
int asl_pattern_compile(asl_pattern *pattern, const asl_heap *heap, asl_utf16 source,
                        asl_picture_fault *fault);
void asl_pattern_done(asl_pattern *pattern);

/* Matches the text; *ret_matches says whether it does, and then `groups` has `group_count` entries.
 * ASL_NOMEM; U1001 after ASL_PICTURE_MATCH_STEPS_MAX steps. */
int asl_pattern_match(const asl_pattern *pattern, asl_utf16 text, asl_pattern_group *groups,
                      bool *ret_matches, asl_picture_fault *fault);

#endif
