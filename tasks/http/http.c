/* The HTTP handler: a task is one request to the endpoint that the bindings name, its input the
 * body, the answer its output. See asl-tasks(5). */
#include <asl/engine.h>

#include "http/client.h"

ASL_API int asl_plugin_register(asl_engine *engine, const char *pattern,
                                const asl_value *configuration, const asl_bind_options *options,
                                asl_error **error);

static void start(void *context, asl_task *task)
{
    asl_http_client_start(context, task);
}

static void cancel(void *context, asl_task *task)
{
    asl_http_client_cancel(context, task);
}

static void release(void *context)
{
    asl_http_client_free(context);
}

int asl_plugin_register(asl_engine *engine, const char *pattern, const asl_value *configuration,
                        const asl_bind_options *options, asl_error **error)
{
    asl_endpoint *endpoint = NULL;
    int status = asl_endpoint_new(configuration, options, &endpoint, error);
    if (status != ASL_OK)
        return status;
    asl_http_client *client = NULL;
    status = asl_http_client_new(engine, endpoint, &client, error);
    if (status != ASL_OK)
        return status;
    asl_task_handler handler = {.size = sizeof handler,
                                .start = start,
                                .cancel = cancel,
                                .release = release,
                                .context = client};
    status = asl_engine_register(engine, pattern, &handler, error);
    if (status != ASL_OK)
        asl_http_client_free(client);
    return status;
}
