/* What a server's answer means for the task: pure, no sockets. */
#ifndef ASL_HTTP_RESPONSE_H
#define ASL_HTTP_RESPONSE_H

#include <asl/value.h>

#define ASL_HTTP_BODY_BYTES_MAX 262144u  /* AWS: a payload; counted as read */
#define ASL_HTTP_HEADER_BLOCK_MAX 65536u /* all header lines of an answer */

/* Bytes that grow up to a limit. */
typedef struct asl_http_body {
    char *bytes;
    size_t size, capacity;
} asl_http_body;

/* ASL_OK, ASL_NOMEM, ASL_TOO_LARGE past ASL_HTTP_BODY_BYTES_MAX. */
int asl_http_body_append(asl_http_body *body, const char *bytes, size_t size);
void asl_http_body_done(asl_http_body *body);

/* Either an output, or an error with its cause. */
typedef struct asl_http_outcome {
    asl_value *output;
    char error[64];
    char *cause; /* from malloc; NULL: none (or no memory for it) */
} asl_http_outcome;

/* Judges a whole answer. `redirect` is where a 3xx points to, or NULL. */
void asl_http_response_judge(long status, const asl_http_body *body, const char *redirect,
                             asl_http_outcome *ret_outcome);
/* An outcome that is an error with a formatted cause. */
void asl_http_outcome_fail(asl_http_outcome *ret_outcome, const char *error, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));
void asl_http_outcome_done(asl_http_outcome *outcome);

#endif
