/* How a part of a time picture is read: as a part of a regular expression, and what the text that
 * it matches says. */
#ifndef ASL_JSONATA_TIME_PATTERN_H
#define ASL_JSONATA_TIME_PATTERN_H

#include "jsonata/time_picture.h"

/* Appends the part's regular expression. D3130, D3133. */
int asl_time_pattern_write(const asl_time_part *part, asl_buffer *source, asl_picture_fault *fault);

/* The value of a component, as JavaScript sees it. */
typedef struct asl_time_value {
    bool is_defined;
    bool is_true; /* defined, and neither 0 nor NaN */
    double number;
} asl_time_value;
asl_time_value asl_time_value_of(double number);

/* The value that a marker's text gives; D3130 aside, which the pattern has raised. */
int asl_time_part_parse(const asl_time_part *part, asl_arena *arena, asl_utf16 text,
                        asl_time_value *ret_value, asl_picture_fault *fault);

#endif
