/* Time pictures ("[Y0001]-[M01]-[D01], [FNn]"): literals and markers, each with what it names, how
 * it is presented and how wide. Analysed once, then times are formatted by them or parsed. */
#ifndef ASL_JSONATA_TIME_PICTURE_H
#define ASL_JSONATA_TIME_PICTURE_H

#include "jsonata/integer_picture.h"

typedef enum asl_name_style {
    ASL_NAME_NONE,
    ASL_NAME_LOWER,
    ASL_NAME_UPPER,
    ASL_NAME_TITLE
} asl_name_style;

typedef struct asl_time_part {
    bool is_literal;
    asl_utf16 text;     /* a literal's own; of a marker what it names: one unit, or none */
    uint16_t component; /* that unit; 0: none */
    uint16_t modifier;  /* the second presentation modifier; 0: none */
    asl_name_style names;
    bool has_width, has_width_max;
    double width_max;             /* NaN where it is no number */
    double digits_max;            /* of Y, M and D; -1: any */
    asl_integer_picture *integer; /* NULL: a name, or no component that is a number */
} asl_time_part;

typedef struct asl_time_picture {
    const asl_heap *heap;
    asl_time_part *parts;
    size_t count, capacity;
} asl_time_picture;

/* ASL_NOMEM; D3131, D3132, D3135. Parts are of the picture's heap, the rest is in the arena and in
 * `text`. */
int asl_time_picture_read(asl_time_picture *picture, asl_arena *arena, asl_utf16 text,
                          asl_picture_fault *fault);
void asl_time_picture_done(asl_time_picture *picture);

/* Names in English, the first one 0; NULL past the last. */
const char *asl_month_name(double index);
const char *asl_day_name(double index);

/* Whether a component ("Y") has a value that is a number, and that value of a clipped time: NaN for
 * one that has none. */
bool asl_time_is_number(uint16_t component);
double asl_time_component(double time, uint16_t component);
/* D3133: a name where the component has none. */
int asl_time_part_no_name(const asl_time_part *part, asl_picture_fault *fault);

#endif
