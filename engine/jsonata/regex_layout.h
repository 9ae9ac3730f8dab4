/* Regular expressions, inside: the tree of a pattern, sets of code units, and what the matcher
 * knows of the groups. */
#ifndef ASL_JSONATA_REGEX_LAYOUT_H
#define ASL_JSONATA_REGEX_LAYOUT_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/arena.h"
#include "jsonata/regex.h"

#define REGEX_NEST_MAX 100u           /* groups in groups */
#define REGEX_PATTERN_MAX 65536u      /* bytes of a pattern */
#define REGEX_TRANSLATION_MAX 524288u /* bytes of what is made of it */
#define REGEX_REPEAT_MAX 65535u       /* a finite bound of a quantifier */
#define REGEX_INFINITE UINT32_MAX
#define REGEX_VARIANTS_MAX 8 /* code units that are equal where case is ignored; Unicode has 4 */

/* Sets of UTF-16 code units. */
typedef struct regex_range {
    uint16_t first, last;
} regex_range;

typedef struct regex_set {
    const regex_range *ranges; /* sorted, disjoint */
    size_t count;
} regex_set;

#define REGEX_SET_WORDS (65536 / 64)

/* A set while it is made: a bit for each code unit. */
typedef struct regex_bits {
    uint64_t words[REGEX_SET_WORDS];
} regex_bits;

void regex_bits_clear(regex_bits *bits);
void regex_bits_add(regex_bits *bits, uint16_t first, uint16_t last);
/* Adds what \d, \D, \s, \S, \w, \W or `.` stand for. */
void regex_bits_add_escape(regex_bits *bits, char escape);
void regex_bits_invert(regex_bits *bits);
/* Adds every code unit that is equal to one of the set where case is ignored. */
void regex_bits_close_case(regex_bits *bits);
/* The set of the bits, in the arena; false when out of memory. */
bool regex_bits_freeze(const regex_bits *bits, asl_arena *arena, regex_set *ret_set);
/* The set of the code units that are equal to one where case is ignored, itself among them. */
bool regex_case_variants(uint16_t unit, asl_arena *arena, regex_set *ret_set);

typedef enum regex_kind {
    REGEX_EMPTY,
    REGEX_UNIT,     /* one code unit */
    REGEX_SET,      /* one code unit of a set */
    REGEX_SEQUENCE, /* children one after another */
    REGEX_CHOICE,   /* one of the children */
    REGEX_START,    /* ^ */
    REGEX_END,      /* $ */
    REGEX_EDGE,     /* \b, \B where is_negative */
    REGEX_LOOK,     /* (?= (?! (?<= (?<! around the child */
    REGEX_GROUP,    /* the child; number 0: it captures nothing */
    REGEX_REFERENCE,
    REGEX_REPEAT /* the child */
} regex_kind;

typedef struct regex_node regex_node;
struct regex_node {
    regex_kind kind;
    bool is_negative, is_behind, is_lazy;
    bool may_be_empty;
    bool has_groups;
    bool may_skip_groups; /* one of its groups may take no part where it matches */
    uint16_t unit;
    uint32_t number;   /* of a group */
    uint32_t min, max; /* of a repeat */
    regex_set set;
    regex_node *child, *next;
};

typedef struct regex_pattern {
    regex_node *root;
    uint32_t group_count;
} regex_pattern;

/* Reads a pattern into a tree. ASL_OK, ASL_NOMEM, ASL_TOO_LARGE, ASL_SYNTAX with a message. */
int regex_parse(asl_arena *arena, const char *pattern, size_t size, unsigned flags,
                regex_pattern *ret_pattern, const char **ret_message);

/* What was written for PCRE2. A mark is an empty group at the start of each round of a quantifier:
 * it tells which groups were set in the last one. Where the rounds of a quantifier are written in
 * two parts, so are the groups in them. Row 0 of each table means none. */
typedef struct regex_mark {
    uint32_t number; /* PCRE2's */
    uint32_t outer;  /* the mark around it */
    uint32_t before; /* that of the first part, */
    uint32_t after;  /* of the second part of the same quantifier */
} regex_mark;

typedef struct regex_copy {
    uint32_t number; /* PCRE2's */
    uint32_t mark;   /* the innermost one around it */
    uint32_t other;  /* an earlier copy of the same group */
} regex_copy;

typedef struct regex_translation {
    asl_buffer text;
    regex_mark *marks;
    regex_copy *copies;
    uint32_t *groups; /* the last copy of each, by JavaScript's numbers; 0: it is never set */
    size_t mark_capacity, copy_capacity;
    uint32_t mark_count, copy_count, group_count;
    uint32_t capture_count; /* PCRE2's groups */
    uint32_t weight;        /* the most ranges that testing one code unit may take */
    bool has_pair;          /* a set of two code units: one letter in both cases, perhaps */
} regex_translation;

/* Writes a tree for PCRE2. ASL_OK, ASL_NOMEM, ASL_UNSUPPORTED, ASL_TOO_LARGE. */
int regex_translate(const asl_heap *heap, const regex_pattern *pattern, unsigned flags,
                    regex_translation *ret_translation);
void regex_translation_done(regex_translation *translation);

/* Callouts. A number means a step; a text is a check, a letter and a number. */
#define REGEX_CALLOUT_PROGRESS 'p' /* mark: its round has matched something */
#define REGEX_CALLOUT_LIVE 'l'     /* copy: what it took is still what its group took */
#define REGEX_CALLOUT_DEAD 'd'     /* copy: neither it nor an earlier one of its group is live */

struct asl_jsonata_regex {
    const asl_heap *heap;
    pcre2_general_context *general;
    pcre2_code *code;
    regex_translation translation;
};

/* PCRE2's memory functions over a heap; the context is the heap's address. */
void *regex_allocate(size_t size, void *heap);
void regex_release(void *pointer, void *heap);

#endif
