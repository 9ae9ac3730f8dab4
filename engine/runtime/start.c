/* StartExecution and StopExecution: both only check, and post a fact. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/options.h"
#include "base/random.h"
#include "runtime/engine.h"
#include "runtime/names.h"
#include "runtime/secret.h"
#include "value/value_layout.h"

/* One start on its way through the checks. */
typedef struct starting {
    asl_engine *engine;
    asl_start start;
    asl_machine *machine;
    asl_value *input;
    uint64_t input_hash;
    char made_name[ASL_UUID_SIZE];
    char express_name[ASL_NAME_CHARACTERS_MAX * 4 + 1 + ASL_UUID_SIZE]; /* "NAME:UUID" */
} starting;

/* A hash of the input's text, the same for the life of the store. */
static int hash_input(starting *s, asl_error **error)
{
    asl_engine *engine = s->engine;
    asl_buffer_clear(&engine->scratch);
    asl_value_print_to(s->input, &engine->scratch);
    if (engine->scratch.status != ASL_OK)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    s->input_hash = asl_secret_hash(engine->secret, engine->scratch.bytes, engine->scratch.size);
    return ASL_OK;
}

static void make_uuid(asl_engine *engine, char out[ASL_UUID_SIZE])
{
    asl_random_uuid7(asl_engine_now(engine), asl_engine_draw(engine), asl_engine_draw(engine), out);
}

static int check_name(starting *s, asl_error **error)
{
    if (!s->start.name) {
        make_uuid(s->engine, s->made_name);
        s->start.name = s->made_name;
        return ASL_OK;
    }
    const char *problem = asl_name_problem(s->start.name);
    if (problem)
        return asl_error_set(error, ASL_MISUSE, "the execution name '%s' %s", s->start.name,
                             problem);
    return ASL_OK;
}

/* AWS: names of EXPRESS executions are not unique; what is behind the name in the ARN is. */
static int check_type(starting *s, asl_error **error)
{
    if ((s->start.flags & ~ASL_START_SYNC) != 0)
        return asl_error_set(error, ASL_MISUSE, "the start has unknown flags");
    if (s->machine->type == ASL_MACHINE_STANDARD && (s->start.flags & ASL_START_SYNC) != 0)
        return asl_error_set(error, ASL_MISUSE,
                             "the machine '%s' is of type STANDARD: only machines of type EXPRESS "
                             "are started synchronously",
                             s->start.machine);
    if (s->machine->type == ASL_MACHINE_STANDARD)
        return ASL_OK;
    char uuid[ASL_UUID_SIZE];
    make_uuid(s->engine, uuid);
    (void)snprintf(s->express_name, sizeof s->express_name, "%s:%s", s->start.name, uuid);
    return ASL_OK;
}

static int check_input(starting *s, asl_error **error)
{
    s->input = s->start.input ? asl_value_ref(s->start.input) : asl_value_object(s->engine->heap);
    if (!s->input)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    size_t size = asl_value_text_size(s->input);
    if (size > s->engine->payload_bytes)
        return asl_error_set(error, ASL_TOO_LARGE,
                             "the input has %zu bytes; an execution's input has at most %llu", size,
                             (unsigned long long)s->engine->payload_bytes);
    if (asl_value_depth(s->input) > ASL_JSON_DEPTH_MAX)
        return asl_error_set(error, ASL_TOO_LARGE, "the input is nested deeper than %u levels",
                             ASL_JSON_DEPTH_MAX);
    return hash_input(s, error);
}

static int check_machine(starting *s, asl_error **error)
{
    const char *name = s->start.machine;
    if (!name)
        return asl_error_set(error, ASL_MISUSE, "no machine is named");
    const asl_map_entry *entry = asl_map_find(&s->engine->machines, name, strlen(name));
    if (!entry)
        return asl_error_set(error, ASL_NOT_FOUND, "there is no machine '%s'", name);
    s->machine = entry->pointer;
    const char *missing = asl_machine_missing(s->machine, &s->engine->handlers);
    if (missing)
        return asl_error_set(error, ASL_NO_HANDLER, "no handler serves the resource '%s'", missing);
    return s->machine->needs_tokens ? asl_task_token_load(error) : ASL_OK;
}

static int check_store(const starting *s, asl_error **error)
{
    if (s->engine->lost_status != ASL_OK)
        return asl_error_set(error, s->engine->lost_status,
                             "the store takes nothing any more (%s): it has to be opened again",
                             asl_status_name(s->engine->lost_status));
    if (s->engine->resume_ms != 0)
        return asl_error_set(error, s->engine->stall_status,
                             "the store takes no new executions: %s",
                             asl_status_name(s->engine->stall_status));
    return ASL_OK;
}

static int refuse_name(const starting *s, const char *why, asl_error **error)
{
    return asl_error_set(error, ASL_EXISTS, "the machine '%s' has an execution '%s' already%s",
                         s->start.machine, s->start.name, why);
}

/* ASL service: StartExecution is idempotent while the execution runs. `ret_execution` stays NULL
 * where the name is free. */
static int find_same(const starting *s, asl_execution **ret_execution, asl_error **error)
{
    if (s->start.name == s->made_name || s->machine->type == ASL_MACHINE_EXPRESS)
        return ASL_OK;
    asl_execution *execution =
        asl_active_find_name(&s->engine->active, s->start.machine, s->start.name);
    if (execution) {
        if (execution->input_hash != s->input_hash)
            return refuse_name(s, ", with another input", error);
        *ret_execution = execution;
        return ASL_OK;
    }
    uint64_t number, hash;
    int status =
        asl_store_find_name(s->engine->store, s->start.machine, s->start.name, &number, &hash);
    if (status == ASL_NOT_FOUND)
        return ASL_OK;
    if (status == ASL_OK && hash == s->input_hash)
        status = asl_engine_call(s->engine, number, ret_execution, NULL);
    else if (status == ASL_OK)
        status = ASL_NOT_FOUND;
    if (status == ASL_OK)
        return ASL_OK;
    if (status == ASL_NOT_FOUND)
        return refuse_name(s, "", error);
    return asl_error_set(error, status, "the store could not be searched for the name");
}

static asl_listener listener_of(const starting *s)
{
    return (asl_listener){.on_started = s->start.on_started,
                          .on_ended = s->start.on_ended,
                          .context = s->start.context};
}

static int join_same(starting *s, asl_execution *execution, asl_error **error)
{
    asl_listener listener = listener_of(s);
    if (asl_execution_listen(execution, &listener) != ASL_OK)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    asl_writes_free(s->start.writes);
    return ASL_OK;
}

static int begin(starting *s, asl_execution **ret_execution, asl_error **error)
{
    asl_engine *engine = s->engine;
    bool is_express = s->machine->type == ASL_MACHINE_EXPRESS;
    asl_execution *execution =
        asl_execution_new(engine, s->machine, is_express ? s->express_name : s->start.name,
                          asl_store_reserve(engine->store, engine->share));
    if (execution)
        execution->arn = asl_value_string(engine->heap, execution->identity->arn);
    if (!execution || !execution->arn) {
        asl_execution_unref(execution);
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    }
    execution->seed = engine->seed != 0 ? asl_random_draw(engine->seed, execution->number, 0)
                                        : asl_engine_draw(engine);
    execution->identity->start_ms = asl_engine_now(engine); /* until it is recorded */
    execution->start_flags = s->start.flags & ASL_START_SYNC ? ASL_FACT_SYNCHRONOUS : 0;
    execution->input_hash = s->input_hash;
    execution->input = asl_steal(s->input);
    execution->start_writes = s->start.writes;
    execution->listener = listener_of(s);
    asl_execution_enlist(execution);
    asl_execution_post(execution, &execution->start);
    *ret_execution = execution;
    return ASL_OK;
}

static int start_checked(starting *s, asl_execution **ret_execution, asl_error **error)
{
    int status = check_machine(s, error);
    if (status == ASL_OK)
        status = check_name(s, error);
    if (status == ASL_OK)
        status = check_type(s, error);
    if (status == ASL_OK)
        status = check_input(s, error);
    if (status == ASL_OK && s->start.writes)
        status = asl_writes_status(s->start.writes);
    if (status == ASL_OK)
        status = check_store(s, error);
    asl_execution *same = NULL;
    if (status == ASL_OK)
        status = find_same(s, &same, error);
    if (status != ASL_OK)
        return status;
    if (!same)
        return begin(s, ret_execution, error);
    status = join_same(s, same, error);
    if (status == ASL_OK)
        *ret_execution = asl_execution_ref(same);
    return status;
}

int asl_execution_start(asl_engine *engine, const asl_start *start, asl_execution **ret_execution,
                        asl_error **error)
{
    starting s = {.engine = engine};
    if (!start || !asl_options_read(&s.start, sizeof s.start, start))
        return asl_error_set(error, ASL_MISUSE, "the start is of no known size");
    asl_execution *execution = NULL;
    int status = start_checked(&s, &execution, error);
    asl_value_unref(s.input);
    if (status != ASL_OK)
        return status;
    if (ret_execution)
        *ret_execution = execution;
    else
        asl_execution_unref(execution);
    return ASL_OK;
}

int asl_execution_find(asl_engine *engine, uint64_t number, asl_execution **ret_execution)
{
    asl_execution *execution;
    int status = asl_engine_call(engine, number, &execution, NULL);
    if (status == ASL_OK)
        *ret_execution = asl_execution_ref(execution);
    return status;
}

static int fill_stop(asl_stop_request *request, const asl_heap *heap, const char *error,
                     const char *cause)
{
    if (error && !(request->error = asl_value_string(heap, error)))
        return ASL_NOMEM;
    if (cause && !(request->cause = asl_value_string(heap, cause)))
        return ASL_NOMEM;
    return ASL_OK;
}

int asl_execution_stop(asl_execution *execution, const char *error, const char *cause,
                       asl_writes *writes)
{
    int status = !execution->engine || execution->is_stopping ? ASL_NOT_FOUND : ASL_OK;
    if (status == ASL_OK && writes)
        status = asl_writes_status(writes);
    asl_stop_request *request = NULL;
    if (status == ASL_OK) {
        request = asl_allocate_zeroed(execution->heap, sizeof *request);
        status = request ? fill_stop(request, execution->heap, error, cause) : ASL_NOMEM;
    }
    if (status != ASL_OK) {
        asl_writes_free(writes);
        if (request) {
            asl_value_unref(request->error);
            asl_value_unref(request->cause);
            asl_release(execution->heap, request, sizeof *request);
        }
        return status;
    }
    request->post = (asl_post){.kind = ASL_POST_STOP, .execution = execution};
    request->writes = writes;
    execution->is_stopping = true;
    asl_execution_post(execution, &request->post);
    return ASL_OK;
}
