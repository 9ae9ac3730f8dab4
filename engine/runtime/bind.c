/* asl_engine_bind: reads a bindings file, loads what it names, and lets each plugin register.
 * All or nothing: the registry is copied before the first plugin registers, and the copy takes its
 * place again where a later one refuses its configuration. */
#include "base/error.h"
#include "base/heap.h"
#include "base/options.h"
#include "runtime/bindings.h"
#include "runtime/engine.h"
#include "runtime/plugin.h"

typedef struct bind_call {
    asl_engine *engine;
    const char *text;
    size_t size;
    const asl_bind_options *options;
    asl_bindings bindings;
    asl_plugin_register_function *registers; /* one for each binding */
    asl_error **error;
} bind_call;

/* Says which binding failed and where it stands, in front of what the plugin said. */
static int refuse_binding(const bind_call *call, const asl_binding *binding, int status,
                          asl_error *reason)
{
    const char *message = reason == NULL ? asl_status_name(status) : asl_error_message(reason);
    asl_bindings_refuse(call->error, status, call->text, call->size, call->options, binding->offset,
                        "the binding of \"%s\": %s", binding->pattern, message);
    asl_error_free(reason);
    return status;
}

static int load_one(bind_call *call, size_t index)
{
    const asl_binding *binding = &call->bindings.items[index];
    const char *folder = call->options->folder;
    asl_cleanup(asl_value_cleanup) asl_value *joined = NULL;
    const char *name = binding->plugin;
    if (binding->is_path && name[0] != '/' && folder != NULL) {
        joined = asl_value_format(call->engine->heap, "%s/%s", folder, name);
        if (joined == NULL)
            return ASL_NOMEM;
        name = asl_value_get_string(joined, NULL);
    }
    asl_error *reason = NULL;
    int status = asl_plugin_load(name, binding->is_path, &call->registers[index], &reason);
    return status == ASL_OK ? ASL_OK : refuse_binding(call, binding, status, reason);
}

static int register_one(bind_call *call, size_t index)
{
    const asl_binding *binding = &call->bindings.items[index];
    asl_error *reason = NULL;
    call->engine->handlers.flags = binding->flags;
    int status = call->registers[index](call->engine, binding->pattern, binding->configuration,
                                        call->options, &reason);
    call->engine->handlers.flags = 0;
    return status == ASL_OK ? ASL_OK : refuse_binding(call, binding, status, reason);
}

static int register_all(bind_call *call)
{
    asl_handlers before;
    asl_handlers *handlers = &call->engine->handlers;
    int status = asl_handlers_copy(&before, handlers);
    if (status != ASL_OK)
        return status;
    for (size_t i = 0; i < call->bindings.count && status == ASL_OK; i++)
        status = register_one(call, i);
    if (status != ASL_OK) {
        asl_handlers refused = *handlers;
        *handlers = before;
        handlers->version = refused.version + 1;
        before = refused;
    }
    asl_handlers_done(&before);
    return status;
}

static int bind_all(bind_call *call)
{
    int status = asl_bindings_read(call->engine->heap, call->text, call->size, call->options,
                                   &call->bindings, call->error);
    if (status != ASL_OK)
        return status;
    size_t count = call->bindings.count, room = count * sizeof *call->registers;
    call->registers = asl_allocate_zeroed(call->engine->heap, room);
    status = call->registers == NULL ? ASL_NOMEM : ASL_OK;
    for (size_t i = 0; i < count && status == ASL_OK; i++)
        status = load_one(call, i);
    if (status == ASL_OK)
        status = register_all(call);
    asl_release(call->engine->heap, call->registers, room);
    asl_bindings_done(&call->bindings);
    return status;
}

int asl_engine_bind(asl_engine *engine, const char *text, size_t size,
                    const asl_bind_options *options, asl_error **error)
{
    asl_bind_options known;
    if (engine == NULL || text == NULL || !asl_options_read(&known, sizeof known, options))
        return asl_error_set(error, ASL_MISUSE, "bindings: an argument is wrong");
    known.size = sizeof known;
    bind_call call = {
        .engine = engine, .text = text, .size = size, .options = &known, .error = error};
    int status = bind_all(&call);
    if (status == ASL_NOMEM)
        asl_error_set(error, status, "out of memory");
    return status;
}
