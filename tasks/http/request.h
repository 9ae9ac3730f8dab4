/* One request: what of an endpoint and a task goes onto a curl handle. */
#ifndef ASL_HTTP_REQUEST_H
#define ASL_HTTP_REQUEST_H

#include <curl/curl.h>

#include "http/endpoint.h"

typedef struct asl_http_request {
    struct curl_slist *headers;
    struct curl_slist *secrets; /* the secrets in them, without their prefixes */
    char *body;                 /* the task's input as JSON; NULL where the method has none */
    size_t body_size;
} asl_http_request;

/* Reads the secrets and prints the body. ASL_OK, ASL_NOMEM, or why a secret cannot be had. */
int asl_http_request_init(asl_http_request *request, const asl_endpoint *endpoint,
                          const asl_task *task, asl_error **error);
/* Forgets the secrets, frees. */
void asl_http_request_done(asl_http_request *request);

/* Makes stars of the request's secrets in a text that a server had a hand in, before it goes into a
 * history. Secrets of less than four bytes are words like any other. */
void asl_http_request_redact(const asl_http_request *request, char *text);

/* Sets method, URL, headers, body, times and all refusals on a new handle. False: no memory, or a
 * libcurl without something that must not be missing. */
bool asl_http_request_apply(const asl_http_request *request, const asl_endpoint *endpoint,
                            CURL *easy);

#endif
