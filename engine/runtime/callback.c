/* SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: what comes with a token. The token says
 * which task is meant; whether that still waits is decided where all results meet, in task.c. */
#include "base/error.h"
#include "runtime/engine.h"

static int refuse_closed(asl_error **error)
{
    return asl_error_set(error, ASL_TASK_CLOSED,
                         "Task Timed Out: 'Provided task does not exist anymore'");
}

static int refuse_unknown(asl_error **error)
{
    return asl_error_set(error, ASL_NOT_FOUND, "Task does not exist");
}

/* Why an execution that does not run here has no open task. */
static int explain_absence(asl_engine *engine, uint64_t number, asl_error **error)
{
    asl_buffer text;
    asl_buffer_init(&text, engine->heap);
    asl_head head;
    int status = asl_store_read_head(engine->store, number, &head, &text, NULL);
    asl_buffer_done(&text);
    if (status == ASL_OK)
        return head.status == ASL_EXECUTION_RUNNING ? refuse_unknown(error) : refuse_closed(error);
    if (status == ASL_NOT_FOUND)
        return refuse_unknown(error);
    return asl_error_set(error, status, "the store could not be searched for the execution");
}

/* The open task of a token; borrowed. */
static int find_task(asl_engine *engine, const char *token, asl_task **ret_task, asl_error **error)
{
    uint64_t number, event;
    const unsigned char *secret = (const unsigned char *)engine->secret;
    int status = asl_task_token_read(secret, token, &number, &event, error);
    if (status != ASL_OK)
        return status;
    asl_execution *execution;
    status = asl_engine_call(engine, number, &execution, NULL);
    if (status == ASL_NOT_FOUND)
        return explain_absence(engine, number, error);
    if (status != ASL_OK)
        return asl_error_set(error, status, "the task's execution cannot go on: %s",
                             asl_status_name(status));
    for (size_t i = 0; i < execution->slot_count; i++) {
        const asl_slot *slot = execution->slots[i];
        if (!slot || !slot->task || slot->task->event != event)
            continue;
        *ret_task = slot->task;
        return ASL_OK;
    }
    return refuse_closed(error);
}

static int tell(int status, asl_error **error)
{
    if (status == ASL_TASK_CLOSED)
        return refuse_closed(error);
    if (status != ASL_OK)
        return asl_error_set(error, status, "the task's result cannot be taken: %s",
                             asl_status_name(status));
    return ASL_OK;
}

int asl_engine_send_task_success(asl_engine *engine, const char *token, asl_value *output,
                                 asl_writes *writes, asl_error **error)
{
    asl_task *task = NULL;
    int status = find_task(engine, token, &task, error);
    if (status != ASL_OK) {
        asl_value_unref(output);
        asl_writes_free(writes);
        return status;
    }
    return tell(asl_task_end_success(task, output, writes), error);
}

int asl_engine_send_task_failure(asl_engine *engine, const char *token, const char *error_name,
                                 const char *cause, asl_writes *writes, asl_error **error)
{
    asl_task *task = NULL;
    int status = find_task(engine, token, &task, error);
    if (status != ASL_OK) {
        asl_writes_free(writes);
        return status;
    }
    return tell(asl_task_end_failure(task, error_name, cause, writes), error);
}

int asl_engine_send_task_heartbeat(asl_engine *engine, const char *token, asl_error **error)
{
    asl_task *task = NULL;
    int status = find_task(engine, token, &task, error);
    return status == ASL_OK ? tell(asl_task_beat(task, true), error) : status;
}
