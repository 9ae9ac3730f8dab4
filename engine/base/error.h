/* Making engine errors. */
#ifndef ASL_BASE_ERROR_H
#define ASL_BASE_ERROR_H

#include <stdbool.h>

#include <asl/error.h>

/* Writes a new error to *error where `error` is not NULL and *error is; returns `status`. When
 * there is no memory for it a static error stands in. */
int asl_error_set(asl_error **error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a place in a text. */
int asl_error_set_place(asl_error **error, int status, const char *text, size_t text_size,
                        size_t offset, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* The same with a code and a token, for errors of an expression. All parts are copied. */
typedef struct asl_error_code_parts {
    const char *code; /* at most 7 bytes */
    const char *message;
    const char *token;
    size_t token_size;
    size_t offset; /* bytes into the text */
} asl_error_code_parts;
int asl_error_set_code(asl_error **error, int status, const char *text, size_t text_size,
                       const asl_error_code_parts *parts);
/* Whether there was no memory for the error: it has the status, and says nothing else. */
bool asl_error_is_stand_in(const asl_error *error);

#endif
