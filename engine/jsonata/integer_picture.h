/* Integer pictures ("#,##0", "Ww;o", "i", "A"): analysed once, then a number is formatted by it or
 * a text parsed. Time pictures have one for each component. */
#ifndef ASL_JSONATA_INTEGER_PICTURE_H
#define ASL_JSONATA_INTEGER_PICTURE_H

#include "jsonata/picture_fault.h"
#include "jsonata/utf16.h"

typedef enum asl_integer_style {
    ASL_INTEGER_DECIMAL,
    ASL_INTEGER_LETTERS,
    ASL_INTEGER_ROMAN,
    ASL_INTEGER_WORDS,
    ASL_INTEGER_SEQUENCE /* of XPath's numbering sequences none is supported: D3130 */
} asl_integer_style;

typedef enum asl_letter_case { ASL_CASE_LOWER, ASL_CASE_UPPER, ASL_CASE_TITLE } asl_letter_case;

/* A grouping separator, and how many digits stand right of it. */
typedef struct asl_integer_separator {
    size_t position;
    uint32_t code_point;
} asl_integer_separator;

typedef struct asl_integer_picture {
    asl_utf16 token; /* the picture without its modifier */
    asl_integer_style style;
    asl_letter_case letter_case;
    bool is_ordinal;
    /* Decimal only. A width may replace the number of digits: it is any double, and NaN before and
     * where the picture is not decimal. */
    double mandatory_digits, optional_digits;
    uint32_t zero; /* of the family of digits */
    /* From the right. With a `grouping` the first one stands after every so many digits; it is 0
     * where they stand just at their positions. */
    const asl_integer_separator *separators;
    size_t separator_count;
    size_t grouping;
} asl_integer_picture;

/* `picture` must outlive the result. ASL_NOMEM; D3131. */
int asl_integer_picture_read(asl_arena *arena, asl_utf16 picture, asl_integer_picture *ret_picture,
                             asl_picture_fault *fault);

/* Appends an integer (any double: what jsonata-js makes of one that is none is made too). */
int asl_integer_picture_format(const asl_integer_picture *picture, double number, asl_buffer *units,
                               asl_picture_fault *fault);

/* Raises D3130 where the picture can neither format nor parse. */
int asl_integer_picture_check(const asl_integer_picture *picture, asl_picture_fault *fault);
/* The number a text has; NaN where it has none. Takes what `asl_integer_picture_check` lets pass.
 */
int asl_integer_picture_parse(const asl_integer_picture *picture, asl_arena *arena, asl_utf16 text,
                              double *ret_number, asl_picture_fault *fault);

#endif
