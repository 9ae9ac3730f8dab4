/* The transfers of one endpoint: a libcurl multi handle that lives on the engine's loop. */
#ifndef ASL_HTTP_CLIENT_H
#define ASL_HTTP_CLIENT_H

#include "http/endpoint.h"

typedef struct asl_http_client asl_http_client;

/* Steals `endpoint`, also when it fails. ASL_OK, ASL_NOMEM, ASL_IO. */
int asl_http_client_new(asl_engine *engine, asl_endpoint *endpoint, asl_http_client **ret_client,
                        asl_error **error);
void asl_http_client_free(asl_http_client *client);

/* Begins the request of a task, and finishes the task when it has ended. */
void asl_http_client_start(asl_http_client *client, asl_task *task);
/* Ends the request of a task whose result is not wanted any more. */
void asl_http_client_cancel(asl_http_client *client, asl_task *task);

#endif
