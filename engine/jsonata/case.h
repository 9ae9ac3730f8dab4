/* Case mappings of Unicode, for upper and lower case and for regular expressions that ignore it. */
#ifndef ASL_JSONATA_CASE_H
#define ASL_JSONATA_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every step-th code point of a range maps to itself + delta. */
typedef struct asl_case_run {
    uint32_t first, last;
    int32_t delta;
    uint32_t step;
} asl_case_run;

/* A code point that maps to several, with zeros behind them. */
typedef struct asl_case_special {
    uint32_t code_point;
    uint16_t to[3];
} asl_case_special;

typedef struct asl_case_range {
    uint32_t first, last;
} asl_case_range;

/* Sorted. What has no entry maps to itself. */
extern const asl_case_run asl_case_upper[], asl_case_lower[];
extern const size_t asl_case_upper_count, asl_case_lower_count;
extern const asl_case_special asl_case_upper_special[], asl_case_lower_special[];
extern const size_t asl_case_upper_special_count, asl_case_lower_special_count;
/* The properties Cased and Case_Ignorable. */
extern const asl_case_range asl_case_cased[], asl_case_ignorable[];
extern const size_t asl_case_cased_count, asl_case_ignorable_count;

/* The one code point that `c` maps to by such a table: itself where it has no entry. */
uint32_t asl_case_map(const asl_case_run *runs, size_t count, uint32_t c);
/* What ECMAScript's Canonicalize makes of a code unit where case is ignored and the pattern is not
 * of Unicode mode: code units are equal to it that become the same. */
uint16_t asl_case_canonical(uint16_t unit);

#endif
