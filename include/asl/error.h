/* <asl/error.h> - why a call could not do its job.
 *
 * A call that can fail returns an int status: ASL_OK (0) or one of the codes below. Most take a
 * last, optional `asl_error **`: where it is not NULL and the call fails, it receives a new error
 * with a message for people. A workflow's own errors (States.Timeout, a task's error) are not of
 * this kind: they are data.
 *
 *     asl_error *error = NULL;
 *     if (asl_store_open(&options, &store, &error) != ASL_OK) {
 *         fprintf(stderr, "%s\n", asl_error_message(error));
 *         asl_error_free(error);
 *     }
 *
 * Threads: an error belongs to whoever received it.
 */
#ifndef ASL_ERROR_H
#define ASL_ERROR_H

#include <asl/heap.h>

#ifdef __cplusplus
extern "C" {
#endif

enum asl_status {
    ASL_OK = 0,
    ASL_NOMEM = -1,     /* out of memory; nothing was changed */
    ASL_MISUSE = -2,    /* an argument or the order of calls is wrong */
    ASL_SYNTAX = -3,    /* not JSON, or not what the format asks for */
    ASL_TOO_LARGE = -4, /* a named limit was passed */
    ASL_INVALID = -5,   /* an invalid definition: see its diagnostics */
    ASL_NOT_FOUND = -6,
    ASL_EXISTS = -7,        /* an execution of this name with another input */
    ASL_UNSUPPORTED = -8,   /* known, and not supported yet */
    ASL_IO = -9,            /* the system refused: the message says what and where */
    ASL_STORE_LOCKED = -10, /* another process owns the store */
    ASL_STORE_FULL =
        -11, /* disk or map full: nothing was lost, starts are refused until there is room */
    ASL_STORE_LOST = -12, /* a flush failed: the process must reopen the store */
    ASL_STORE_CORRUPT = -13,
    ASL_STORE_NEWER = -14, /* written by a newer version of the library */
    ASL_READ_ONLY = -15,
    ASL_TASK_CLOSED = -16, /* the task has already ended, timed out or been stopped */
    ASL_NO_HANDLER = -17,  /* no handler serves a resource of the definition */
    ASL_DENIED = -18,      /* a binding is not allowed where it stands */
    ASL_TIMED_OUT = -19,   /* the given time passed first */
    ASL_EVALUATION = -20   /* an expression failed: the error has its code */
};

typedef struct asl_error asl_error;

/* Frees an error. NULL is allowed. */
ASL_API void asl_error_free(asl_error *error);

/* The status the failing call returned; ASL_OK for NULL. */
ASL_API int asl_error_status(const asl_error *error);

/* What happened, where, and what to do: UTF-8, no line feed at its end. Borrowed until the error is
 * freed. */
ASL_API const char *asl_error_message(const asl_error *error);

/* For errors in a text: its 1-based line and column in code points, and its byte offset; else 0, 0,
 * 0. */
ASL_API size_t asl_error_line(const asl_error *error);
ASL_API size_t asl_error_column(const asl_error *error);
ASL_API size_t asl_error_offset(const asl_error *error);

/* For errors of a JSONata expression: its code ("D1002"), and the token it is about; else "".
 * Borrowed until the error is freed. */
ASL_API const char *asl_error_code(const asl_error *error);
ASL_API const char *asl_error_token(const asl_error *error);

/* The name of a status, "ASL_NOMEM"; static. */
ASL_API const char *asl_status_name(int status);

#ifdef __cplusplus
}
#endif
#endif
