/* What a pattern is compiled into: steps that one thread walks through, going back to the last
 * choice where one fails. */
#ifndef ASL_JSONATA_PATTERN_STEP_H
#define ASL_JSONATA_PATTERN_STEP_H

#include <stdbool.h>
#include <stdint.h>

typedef enum asl_pattern_kind {
    ASL_PATTERN_UNIT,   /* one unit, case aside */
    ASL_PATTERN_ANY,    /* one unit that ends no line */
    ASL_PATTERN_CLASS,  /* one unit of a class */
    ASL_PATTERN_CHOICE, /* goes on; where that fails, goes to `target` unless it is 0 */
    ASL_PATTERN_JUMP,   /* goes to `target` */
    ASL_PATTERN_LOOP,   /* goes to `target`; where that fails, goes on; lazy: the other way round */
    ASL_PATTERN_OPEN,   /* the group `target` begins, ends */
    ASL_PATTERN_CLOSE,
    ASL_PATTERN_BEGIN, /* the text begins, ends here */
    ASL_PATTERN_END,
    ASL_PATTERN_MATCHED
} asl_pattern_kind;

#define ASL_PATTERN_ENDLESS UINT32_MAX /* as often as one likes */

struct asl_pattern_step {
    asl_pattern_kind kind;
    bool is_lazy;
    uint16_t unit;        /* folded */
    uint32_t target;      /* a step or group */
    uint32_t least, most; /* of a unit: how often, as many times as there are first */
    uint64_t class[2];    /* a bit for each ASCII unit */
};

/* A unit as those are that differ in case only. */
uint16_t asl_pattern_fold(uint16_t unit);

#endif
