/* Calling: arguments first, inner calls before outer ones (at most ASL_INTRINSIC_DEPTH_MAX deep, so
 * this recurses), then the function; no result may print longer than a payload. */
#include "intrinsics/call.h"

#include "base/heap.h"

static int evaluate_argument(const asl_intrinsic_argument *argument,
                             const asl_intrinsic_environment *environment, asl_value **ret_value,
                             asl_value **ret_cause)
{
    if (argument->kind == ASL_ARGUMENT_PATH)
        return environment->path(environment->owner, argument->as.path, ret_value);
    if (argument->kind == ASL_ARGUMENT_CALL)
        return asl_intrinsic_call(argument->as.call, environment, ret_value, ret_cause);
    *ret_value = asl_value_ref(argument->as.constant);
    return ASL_OK;
}

static int call_function(const asl_intrinsic *call, const asl_intrinsic_run *run,
                         asl_value **ret_value)
{
    asl_cleanup(asl_value_cleanup) asl_value *result = NULL;
    int status = call->function->body(run, &result);
    if (status == ASL_OK && asl_value_text_size(result) > run->environment->payload_bytes)
        status = ASL_TOO_LARGE;
    if (status == ASL_TOO_LARGE)
        return asl_intrinsic_refuse(run, "the result is larger than %zu bytes",
                                    run->environment->payload_bytes);
    if (status == ASL_OK)
        *ret_value = asl_steal(result);
    return status;
}

int asl_intrinsic_call(const asl_intrinsic *call, const asl_intrinsic_environment *environment,
                       asl_value **ret_value, asl_value **ret_cause)
{
    asl_value *few[4] = {NULL};
    size_t size = call->count * sizeof(asl_value *);
    asl_value **arguments = call->count <= 4 ? few : asl_allocate_zeroed(environment->heap, size);
    if (!arguments)
        return ASL_NOMEM;
    int status = ASL_OK;
    for (size_t i = 0; status == ASL_OK && i < call->count; i++)
        status = evaluate_argument(&call->arguments[i], environment, &arguments[i], ret_cause);
    if (status == ASL_OK) {
        asl_intrinsic_run run = {.environment = environment,
                                 .heap = environment->heap,
                                 .name = call->function->name,
                                 .arguments = arguments,
                                 .count = call->count,
                                 .ret_cause = ret_cause};
        status = call_function(call, &run, ret_value);
    }
    for (size_t i = 0; i < call->count; i++)
        asl_value_unref(arguments[i]);
    if (arguments != few)
        asl_release(environment->heap, arguments, size);
    return status;
}
