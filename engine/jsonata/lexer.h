/* Tokens of an expression. */
#ifndef ASL_JSONATA_LEXER_H
#define ASL_JSONATA_LEXER_H

#include "jsonata/ast.h"

typedef enum asl_token_type {
    ASL_TOKEN_END,
    ASL_TOKEN_NAME,
    ASL_TOKEN_VARIABLE,
    ASL_TOKEN_OPERATOR,
    ASL_TOKEN_STRING,
    ASL_TOKEN_NUMBER,
    ASL_TOKEN_CONSTANT,
    ASL_TOKEN_REGEX
} asl_token_type;

typedef struct asl_token {
    asl_token_type type;
    size_t begin, position; /* bytes: where it begins, and just behind it */
    const char *symbol;     /* an operator's text, static; "(end)" */
    const asl_name *name;   /* of a name or variable */
    asl_datum value;        /* of a literal; for messages of every other token too */
    asl_jsonata_regex *regex;
} asl_token;

typedef struct asl_lexer {
    asl_ast_source *source;
    size_t position;
} asl_lexer;

/* Reads the next token. `is_infix`: what comes is no operand, so `/` divides. ASL_OK, or the status
 * of the source's problem. */
int asl_lexer_next(asl_lexer *lexer, bool is_infix, asl_token *ret_token);

#endif
