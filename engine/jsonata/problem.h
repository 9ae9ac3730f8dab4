/* What is wrong with an expression, or went wrong in it: a code of jsonata-js and what its message
 * is made from. */
#ifndef ASL_JSONATA_PROBLEM_H
#define ASL_JSONATA_PROBLEM_H

#include "base/buffer.h"
#include "jsonata/datum.h"

typedef struct asl_problem {
    int status;       /* ASL_OK: nothing is wrong */
    const char *code; /* "D1001"; static. "": only `text` */
    bool has_position;
    size_t position; /* bytes, just behind the token */
    asl_datum token; /* undefined: none */
    asl_datum value, value2;
    asl_datum quoted;     /* the value as JSON, where it is given as that */
    asl_datum text;       /* the whole message, where the code has none of its own */
    uint32_t index;       /* of an argument, from 1 */
    const char *function; /* the name of a built-in function, without $; static */
    const char *type;     /* "numbers"; static */
} asl_problem;

/* Notes that an expression failed with this code. Returns ASL_EVALUATION. */
int asl_problem_set(asl_problem *problem, const char *code);
/* The same about a value. */
int asl_problem_about(asl_problem *problem, const char *code, asl_datum value);

/* The message for people, as jsonata-js words it. */
void asl_problem_message(const asl_problem *problem, asl_buffer *buffer);
/* Makes the error of a call out of it: `text` is the expression. Returns the status. */
int asl_problem_to_error(const asl_problem *problem, const char *text, size_t size,
                         asl_error **error);

#endif
