/* How a compiled path is laid out; only engine/path/ includes this.
 *
 * A plan is a flat array of steps. Operands of filters and arguments of functions are plans of
 * their own, so evaluation recurses as deep as plans nest, which compilation limits, and never with
 * the data. Everything lies in the path's arena, except the values and patterns a path owns. */
#ifndef ASL_PATH_LAYOUT_H
#define ASL_PATH_LAYOUT_H

#include "base/arena.h"
#include "path/path.h"

#define ASL_PATH_TEXT_MAX 16384u          /* bytes of one path */
#define ASL_PATH_NESTING_MAX 32u          /* parentheses, filters and arguments inside each other */
#define ASL_PATH_WORK_MAX 5000000u        /* nodes that one evaluation may visit */
#define ASL_PATH_MATCH_WORK_MAX 20000000u /* the same for all regular expressions of one */

typedef struct asl_path_plan asl_path_plan;
typedef struct asl_path_filter asl_path_filter;
typedef struct asl_regex asl_regex;

typedef enum asl_step_kind {
    ASL_STEP_PROPERTY,
    ASL_STEP_INDEX,
    ASL_STEP_SLICE,
    ASL_STEP_WILDCARD,
    ASL_STEP_SCAN,
    ASL_STEP_FILTER,
    ASL_STEP_FUNCTION
} asl_step_kind;

typedef struct asl_path_name {
    const char *bytes;
    size_t size;
} asl_path_name;

typedef enum asl_path_function {
    ASL_FUNCTION_AVG,
    ASL_FUNCTION_STDDEV,
    ASL_FUNCTION_SUM,
    ASL_FUNCTION_MIN,
    ASL_FUNCTION_MAX,
    ASL_FUNCTION_CONCAT,
    ASL_FUNCTION_LENGTH,
    ASL_FUNCTION_APPEND,
    ASL_FUNCTION_KEYS,
    ASL_FUNCTION_FIRST,
    ASL_FUNCTION_LAST,
    ASL_FUNCTION_INDEX,
    ASL_FUNCTION_UNKNOWN /* accepted when compiled, refused when called */
} asl_path_function;

typedef struct asl_path_argument {
    const asl_path_plan *plan;     /* a path, or NULL */
    const asl_path_plan *children; /* the same path with "[*]" behind it: what length() counts */
    const asl_value *value;        /* a JSON value; NULL with no plan: the text is no JSON */
} asl_path_argument;

typedef struct asl_path_step {
    asl_step_kind kind;
    bool is_definite;          /* selects at most one node */
    bool is_upstream_definite; /* so do all before it */
    union {
        struct {
            const asl_path_name *names;
            uint32_t count;
            char quote;
        } property;
        struct {
            const int32_t *items;
            uint32_t count;
        } index;
        struct {
            int32_t from, to;
            bool has_from, has_to;
        } slice;
        const asl_path_filter *filter;
        struct {
            asl_path_name name;
            const asl_path_argument *arguments;
            uint32_t count;
            asl_path_function function;
        } call;
    };
} asl_path_step;

struct asl_path_plan {
    const asl_path_step *steps;
    uint32_t count;
    char root; /* '$' or '@' */
    bool is_definite;
};

typedef enum asl_relation {
    ASL_RELATION_GTE,
    ASL_RELATION_LTE,
    ASL_RELATION_EQ,
    ASL_RELATION_TSEQ,
    ASL_RELATION_NE,
    ASL_RELATION_TSNE,
    ASL_RELATION_LT,
    ASL_RELATION_GT,
    ASL_RELATION_REGEX,
    ASL_RELATION_NIN,
    ASL_RELATION_IN,
    ASL_RELATION_CONTAINS,
    ASL_RELATION_ALL,
    ASL_RELATION_SIZE,
    ASL_RELATION_EXISTS,
    ASL_RELATION_TYPE,
    ASL_RELATION_MATCHES,
    ASL_RELATION_EMPTY,
    ASL_RELATION_SUBSETOF,
    ASL_RELATION_ANYOF,
    ASL_RELATION_NONEOF
} asl_relation;

typedef enum asl_operand_kind {
    ASL_OPERAND_UNDEFINED,
    ASL_OPERAND_PATH,
    ASL_OPERAND_VALUE,   /* of the document, or a literal string, number, boolean, null */
    ASL_OPERAND_LITERAL, /* a literal array or object; NULL value: its text is no JSON */
    ASL_OPERAND_PATTERN
} asl_operand_kind;

typedef struct asl_path_operand {
    asl_operand_kind kind;
    bool is_exists_check, should_exist; /* of ASL_OPERAND_PATH */
    const asl_path_plan *plan;
    const asl_value *value;
    const asl_regex *regex;
} asl_path_operand;

typedef enum asl_filter_kind {
    ASL_FILTER_OR,
    ASL_FILTER_AND,
    ASL_FILTER_NOT,
    ASL_FILTER_RELATION
} asl_filter_kind;

struct asl_path_filter {
    asl_filter_kind kind;
    asl_relation relation;
    const asl_path_filter *children; /* of OR, AND, NOT: the first */
    asl_path_filter *next;           /* its sibling */
    asl_path_operand left, right;
};

/* What a path owns outside of its arena. */
typedef struct asl_path_owned {
    struct asl_path_owned *next;
    asl_value *value;
    asl_regex *regex;
} asl_path_owned;

struct asl_path {
    const asl_heap *heap;
    asl_arena arena;
    asl_path_owned *owned;
    const asl_path_plan *plan;
    asl_value **keys; /* of a reference path: the name of each step that is one; else NULL */
    asl_path_name text, variable;
    asl_path_root root;
    unsigned flags;
};

/* asl_java_text; where `lists_as_json`, lists print as JSON, as those of the reader that Jayway
 * uses by default do. */
void asl_java_text_write(const asl_value *value, bool lists_as_json, asl_buffer *buffer);

/* regex.c: Java's patterns over PCRE2, bounded. */
int asl_regex_compile(const asl_heap *heap, const char *pattern, size_t size, const char *flags,
                      size_t flags_size, asl_regex **ret_regex);
void asl_regex_free(asl_regex *regex);
/* Whether all of `text` matches. Takes what it costs from *work: ASL_TOO_LARGE when that is used
 * up. */
int asl_regex_match(const asl_regex *regex, const char *text, size_t size, size_t *work,
                    bool *ret_matches);

/* literal.c */
/* JSON as filters may hold it: also single quotes, bare words, needless commas. ASL_OK, ASL_NOMEM,
 * ASL_SYNTAX, ASL_TOO_LARGE. */
int asl_literal_parse(const asl_heap *heap, const char *text, size_t size, asl_value **ret_value);
/* Takes backslashes out of `text` into `out` (as many bytes at least); returns the size, or
 * SIZE_MAX where \u is not followed by hexadecimal digits. */
size_t asl_literal_unescape(const char *text, size_t size, char *out);
/* Makes U+FFFD of each surrogate that stands alone. */
void asl_literal_scrub(char *text, size_t size);

/* decimal.c: numbers as java.math.BigDecimal reads and prints them. */
typedef struct asl_decimal {
    bool is_negative;
    const char *digits; /* from the first digit that is not 0; may hold one point */
    size_t size;        /* 0: zero */
    int64_t exponent;   /* of the first digit */
    int64_t scale;
    size_t digit_count; /* of the unscaled value */
} asl_decimal;
bool asl_decimal_parse(const char *text, size_t size, asl_decimal *ret_decimal);
int asl_decimal_compare(const asl_decimal *left, const asl_decimal *right);
/* BigDecimal.toString of a JSON number. Appends. */
void asl_decimal_print(const asl_value *number, asl_buffer *buffer);
/* A JSON number's text from what BigDecimal takes (".5", "1.", "007"): false where it is none. */
bool asl_decimal_normalize(const char *text, size_t size, asl_buffer *buffer);

#endif
