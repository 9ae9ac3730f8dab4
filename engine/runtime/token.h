/* Task tokens: base64url over an execution's number, the id of the event that scheduled the task,
 * and an HMAC-SHA-256 of both under the store's secret. Nothing is stored: a token is single use
 * because a task ends once. Threads: any. */
#ifndef ASL_RUNTIME_TOKEN_H
#define ASL_RUNTIME_TOKEN_H

#include "interpreter/interpreter.h"

typedef struct asl_token_source {
    unsigned char secret[32]; /* the store's */
    uint64_t number;          /* of the execution */
} asl_token_source;

/* Loads what tokens need, once in a process. ASL_OK, ASL_NOT_FOUND (the module), ASL_IO. */
int asl_task_token_load(asl_error **error);
/* Whether a definition has tasks that end by a token. */
bool asl_task_token_is_needed(const asl_program *program);
/* The token of the task that event `event` schedules; `source` is an asl_token_source. ASL_OK,
 * ASL_NOMEM, or as asl_task_token_load. */
int asl_task_token_make(void *source, uint64_t event, char out[ASL_TOKEN_SIZE]);
/* Execution and event of a token. ASL_OK, ASL_MISUSE (it is none of this secret), ASL_NOMEM, or as
 * asl_task_token_load. */
int asl_task_token_read(const unsigned char secret[32], const char *token, uint64_t *ret_number,
                        uint64_t *ret_event, asl_error **error);

#endif
