/* The plugin `order`: one entry point that serves a resource with the handler of its name.
 *
 * Which handler is meant is the last part of the resource (".:function:ManageState"), or the
 * configuration's "task" where the resource is called otherwise.
 */
#include <string.h>

#include "handler/configuration.h"
#include "order.h"

typedef struct order_task {
    const char *name;
    void (*start)(void *context, asl_task *task);
} order_task;

static const order_task order_tasks[] = {
    {"ManageState", order_manage_state},
    {"ProcessPayment", order_process_payment},
    {"SendOrderToRestaurant", order_send},
    {"sns:publish", order_publish},
};

/* "arn:...:function:ManageState" ends with ":ManageState". */
static bool ends_with_name(const char *text, const char *name)
{
    size_t size = strlen(text);
    size_t name_size = strlen(name);
    if (size < name_size || strcmp(text + size - name_size, name) != 0)
        return false;
    return size == name_size || text[size - name_size - 1] == ':';
}

static const order_task *find_task(const char *text)
{
    for (size_t i = 0; i < sizeof order_tasks / sizeof order_tasks[0]; i++) {
        if (ends_with_name(text, order_tasks[i].name))
            return &order_tasks[i];
    }
    return NULL;
}

__attribute__((visibility("default"))) int
asl_plugin_register(asl_engine *engine, const char *pattern, const asl_value *configuration,
                    const asl_bind_options *options, asl_error **error);

int asl_plugin_register(asl_engine *engine, const char *pattern, const asl_value *configuration,
                        const asl_bind_options *options, asl_error **error)
{
    (void)options;
    const char *name = order_text(order_get(configuration, "task"), NULL);
    const order_task *task = find_task(name != NULL ? name : pattern);
    if (task == NULL)
        return asl_configuration_refuse(
            error, ASL_SYNTAX,
            "the plugin order does not know the task \"%s\": name ManageState, ProcessPayment, "
            "SendOrderToRestaurant or sns:publish as \"task\" of the configuration",
            name != NULL ? name : pattern);
    order_settings *settings = NULL;
    int status = order_settings_read(configuration, &settings, error);
    if (status != ASL_OK)
        return status;
    asl_task_handler handler = {.size = sizeof handler,
                                .start = task->start,
                                .release = order_settings_free,
                                .context = settings};
    status = asl_engine_register(engine, pattern, &handler, error);
    if (status != ASL_OK)
        order_settings_free(settings);
    return status;
}

void order_finish(asl_task *task, asl_value *output, asl_writes *writes)
{
    int status = asl_task_succeed(task, output, writes);
    if (status != ASL_OK && status != ASL_TASK_CLOSED)
        asl_task_fail(task, ORDER_UNAVAILABLE,
                      status == ASL_NOMEM ? "out of memory" : asl_status_name(status), NULL);
}
