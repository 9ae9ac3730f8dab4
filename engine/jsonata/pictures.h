/* Pictures: numbers, integers and times as text and back, the way of XPath 3.1 as jsonata-js 2.0.6
 * has it, its errors and oddities included.
 *
 *     asl_picture_fault fault;
 *     asl_picture_fault_init(&fault, heap);
 *     int status = asl_jsonata_format_integer(12, (asl_picture_text){"w", 1}, out, &fault);
 *     if (status == ASL_EVALUATION)
 *         ... fault.code and fault.text ...
 *     asl_picture_fault_done(&fault);
 *
 * Every call returns ASL_OK, ASL_NOMEM or ASL_EVALUATION; also ASL_TOO_LARGE where the caller's
 * buffer has a limit. Texts are valid UTF-8; what is formatted is appended, a surrogate that stands
 * alone as U+FFFD. Scratch memory is of the fault's heap, and is gone when the call returns.
 *
 * Where ECMAScript leaves the last digit of Math.pow to the implementation, the nearest double is
 * taken; its local time is UTC. */
#ifndef ASL_JSONATA_PICTURES_H
#define ASL_JSONATA_PICTURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* UTF-8, borrowed; bytes == NULL: the argument is not given. */
typedef struct asl_picture_text {
    const char *bytes;
    size_t size;
} asl_picture_text;

/* Why a call fails. */
typedef struct asl_picture_fault {
    /* jsonata-js's code; "U1001" where its evaluation would never end; NULL where the JavaScript
     * engine itself throws, which gives no code. Static. */
    const char *code;
    /* With a code: the error's value as JSON, for {{value}} in a message; empty: it has none.
     * Without one: the message. */
    asl_buffer text;
} asl_picture_fault;
void asl_picture_fault_init(asl_picture_fault *fault, const asl_heap *heap);
void asl_picture_fault_done(asl_picture_fault *fault);

/* The symbols of $formatNumber that its options may replace. */
typedef enum asl_number_symbol {
    ASL_DECIMAL_SEPARATOR,
    ASL_GROUPING_SEPARATOR,
    ASL_EXPONENT_SEPARATOR,
    ASL_MINUS_SIGN,
    ASL_PERCENT,
    ASL_PER_MILLE,
    ASL_ZERO_DIGIT,
    ASL_OPTIONAL_DIGIT,
    ASL_PATTERN_SEPARATOR,
    ASL_NUMBER_SYMBOLS
} asl_number_symbol;
/* What is not given (bytes == NULL) is the default. */
typedef struct asl_number_options {
    asl_picture_text symbols[ASL_NUMBER_SYMBOLS];
} asl_number_options;
/* The symbol of this option ("grouping-separator"); ASL_NUMBER_SYMBOLS where it has no effect. */
asl_number_symbol asl_number_symbol_find(const char *name, size_t size);

/* $formatNumber. `options` may be NULL. */
int asl_jsonata_format_number(double number, asl_picture_text picture,
                              const asl_number_options *options, asl_buffer *out,
                              asl_picture_fault *fault);

/* $formatInteger and $parseInteger, which gives NaN for what is no number. */
int asl_jsonata_format_integer(double number, asl_picture_text picture, asl_buffer *out,
                               asl_picture_fault *fault);
int asl_jsonata_parse_integer(asl_picture_text text, asl_picture_text picture, double *ret_number,
                              asl_picture_fault *fault);

/* $fromMillis. Without a picture the time is written in ISO 8601, without a timezone in UTC. */
int asl_jsonata_from_millis(double millis, asl_picture_text picture, asl_picture_text timezone,
                            asl_buffer *out, asl_picture_fault *fault);
/* $toMillis. What the picture does not name is taken of `now_ms`. */
typedef struct asl_millis {
    bool is_found; /* false: the text does not match the picture, the result is undefined */
    double millis; /* NaN: it matches, and is no time */
} asl_millis;
int asl_jsonata_to_millis(asl_picture_text text, asl_picture_text picture, double now_ms,
                          asl_millis *ret_millis, asl_picture_fault *fault);

/* $formatBase; 10 where no radix is given. */
int asl_jsonata_format_base(double number, double radix, asl_buffer *out, asl_picture_fault *fault);
/* $round: half to even, at `precision` decimal places; 0 where none is given. */
double asl_jsonata_round(double number, double precision);

#endif
