/* The host's own writes: a batch without an execution, in the next commit. */
#include "base/error.h"
#include "base/heap.h"
#include "runtime/engine.h"

static int check_engine(const asl_engine *engine, asl_error **error)
{
    int status = engine->lost_status != ASL_OK ? engine->lost_status
                 : engine->resume_ms != 0      ? engine->stall_status
                                               : ASL_OK;
    return status == ASL_OK ? ASL_OK
                            : asl_error_set(error, status, "the store takes no writes: %s",
                                            asl_status_name(status));
}

int asl_engine_write(asl_engine *engine, asl_writes *writes, asl_written_function function,
                     void *context, asl_error **error)
{
    int status = !writes || engine->is_closing
                     ? asl_error_set(error, ASL_MISUSE, "there are no writes, or no engine")
                     : asl_writes_status(writes);
    if (status == ASL_OK)
        status = check_engine(engine, error);
    asl_flight *flight = status == ASL_OK ? asl_flight_take(engine) : NULL;
    if (!flight) {
        asl_writes_free(writes);
        return status != ASL_OK ? status : asl_error_set(error, ASL_NOMEM, "out of memory");
    }
    flight->execution = NULL;
    flight->writes = writes;
    flight->batch = (asl_batch){.writes = writes};
    flight->on_written = function;
    flight->written_context = context;
    asl_flight_submit(engine, flight);
    asl_engine_kick(engine);
    return ASL_OK;
}
