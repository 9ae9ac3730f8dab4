/* An HTTP endpoint as the bindings name it: checked completely when the bindings are read, plain
 * data afterwards. Secrets are not in it, only where they are kept. */
#ifndef ASL_HTTP_ENDPOINT_H
#define ASL_HTTP_ENDPOINT_H

#include <asl/engine.h>

#include "http/address.h"

#define ASL_HTTP_TIMEOUT_MS 60000         /* AWS: an HTTP task takes at most 60 seconds */
#define ASL_HTTP_CONNECT_TIMEOUT_MS 10000 /* until connected, TLS included */
#define ASL_HTTP_HEADERS_MAX 64u          /* headers of a configuration */
#define ASL_HTTP_HEADER_BYTES_MAX 8192u   /* one header's value, a secret's file included */

/* A header: `text`, or `text` before what a file or a variable of the environment holds. */
typedef struct asl_http_header {
    char *name;
    char *text;
    char *file;
    char *variable;
} asl_http_header;

typedef struct asl_endpoint {
    char *url;
    char *method;
    char *proxy;   /* NULL: none, whatever the environment says */
    char *ca_file; /* NULL: the system's certificates */
    asl_http_header *headers;
    size_t header_count;
    asl_network *allowed; /* private networks that may be reached */
    size_t allowed_count;
    long timeout_ms, connect_timeout_ms;
    bool has_body; /* the method carries the task's input */
} asl_endpoint;

/* ASL_OK with a new endpoint, ASL_NOMEM, ASL_SYNTAX, ASL_IO (a secret that cannot be read). */
int asl_endpoint_new(const asl_value *configuration, const asl_bind_options *options,
                     asl_endpoint **ret_endpoint, asl_error **error);
void asl_endpoint_free(asl_endpoint *endpoint);

/* The names of headers that the handler sets itself, or that would change what the message is.
 * NULL where a binding may set the header, else why not. */
const char *asl_http_header_refused(const char *name);
/* A token of RFC 9110; a field value without control characters. */
bool asl_http_header_name_ok(const char *name);
bool asl_http_header_value_ok(const char *value);

#endif
