/* Header values that are secrets: read when a request is made, forgotten when it is done, and never
 * in a message. A file must be the user's own and closed to others. */
#ifndef ASL_HTTP_SECRET_H
#define ASL_HTTP_SECRET_H

#include "http/endpoint.h"

/* Whether the secret of a header can be read now. ASL_OK, ASL_IO, ASL_DENIED (mode or owner),
 * ASL_NOMEM. */
int asl_secret_check(const asl_http_header *header, asl_error **error);
/* The whole value of a header, prefix and secret; new, end it with asl_secret_free. */
int asl_secret_read(const asl_http_header *header, char **ret_value, asl_error **error);
/* Overwrites, then frees. NULL is allowed. */
void asl_secret_free(char *value);

#endif
