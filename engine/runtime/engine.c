/* The engine: opening, freeing, and what it is told about machines and handlers. */
#include "runtime/engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/options.h"
#include "base/random.h"
#include "runtime/names.h"

#define LOG_LINE_SIZE 512
#define DISPATCH_MS_DEFAULT 20u

void asl_engine_log(asl_engine *engine, asl_log_level level, const char *format, ...)
{
    if (!engine->log)
        return;
    char line[LOG_LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    engine->log(engine->log_context, level, line);
}

uint64_t asl_engine_draw(asl_engine *engine)
{
    return asl_random_draw(engine->entropy, engine->drawn++, 0);
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

__attribute__((format(printf, 2, 3))) static char *new_text(const asl_heap *heap,
                                                            const char *format, ...)
{
    asl_buffer printed;
    asl_buffer_init(&printed, heap);
    va_list arguments;
    va_start(arguments, format);
    asl_buffer_format_list(&printed, format, arguments);
    va_end(arguments);
    char *text = printed.status == ASL_OK ? asl_allocate(heap, printed.size + 1) : NULL;
    if (text) {
        memcpy(text, printed.bytes, printed.size);
        text[printed.size] = '\0';
    }
    asl_buffer_done(&printed);
    return text;
}

static void release_text(const asl_heap *heap, char *text)
{
    if (text)
        asl_release(heap, text, strlen(text) + 1);
}

static int set_texts(asl_engine *engine, const asl_engine_options *options)
{
    const char *partition = or_else(options->partition, "aws");
    const char *region = or_else(options->region, "us-east-1");
    const char *account = or_else(options->account, "000000000000");
    engine->arn_base = new_text(engine->heap, "arn:%s:states:%s:%s:", partition, region, account);
    engine->region = new_text(engine->heap, "%s", region);
    engine->role_arn = options->role_arn
                           ? new_text(engine->heap, "%s", options->role_arn)
                           : new_text(engine->heap, "arn:%s:iam::%s:role/asl", partition, account);
    return engine->arn_base && engine->region && engine->role_arn ? ASL_OK : ASL_NOMEM;
}

static int set_options(asl_engine *engine, const asl_engine_options *options, asl_error **error)
{
    asl_limits limits;
    if (!asl_options_read(&limits, sizeof limits, options->limits))
        return asl_error_set(error, ASL_MISUSE, "the limits are of no known size");
    if (options->clock > ASL_CLOCK_MANUAL || (options->flags & ~ASL_ENGINE_CLOCK_CALLBACKS) != 0)
        return asl_error_set(error, ASL_MISUSE, "unknown clock or flags");
    if (options->clock == ASL_CLOCK_SCALED &&
        !(isfinite(options->clock_scale) && options->clock_scale > 0))
        return asl_error_set(error, ASL_MISUSE, "a scaled clock needs a scale above 0");
    engine->share = (asl_share){options->share, options->shares != 0 ? options->shares : 1};
    if (engine->share.count > ASL_SHARES_MAX || engine->share.index >= engine->share.count)
        return asl_error_set(error, ASL_MISUSE, "share %u of %u: there are 0 to %u of at most %u",
                             engine->share.index, engine->share.count, engine->share.count - 1,
                             ASL_SHARES_MAX);
    engine->dispatch_ms = options->dispatch_ms != 0 ? options->dispatch_ms : DISPATCH_MS_DEFAULT;
    engine->payload_bytes =
        limits.payload_bytes != 0 ? limits.payload_bytes : ASL_PAYLOAD_BYTES_DEFAULT;
    engine->history_events =
        limits.history_events != 0 ? limits.history_events : ASL_HISTORY_EVENTS_DEFAULT;
    engine->evaluation_ms =
        limits.evaluation_ms != 0 ? limits.evaluation_ms : ASL_EVALUATION_MS_DEFAULT;
    engine->log = options->log;
    engine->log_context = options->log_context;
    engine->seed = options->seed;
    engine->clocks_callbacks = (options->flags & ASL_ENGINE_CLOCK_CALLBACKS) != 0;
    if (asl_random_system(&engine->entropy, sizeof engine->entropy) != 0)
        return asl_error_set(error, ASL_IO, "the system gives no random numbers");
    if (set_texts(engine, options) != ASL_OK)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    return ASL_OK;
}

static int open_store(asl_engine *engine, const asl_engine_options *options, asl_error **error)
{
    engine->store = options->store;
    if (!engine->store) {
        asl_store_options memory = {.size = sizeof memory, .heap = engine->heap};
        int status = asl_store_open(&memory, &engine->store, error);
        if (status != ASL_OK)
            return status;
        engine->owns_store = true;
    }
    asl_store_secret(engine->store, (unsigned char *)engine->secret);
    asl_passives_init(engine, options->passivate_after_ms);
    return ASL_OK;
}

static int stop_at_first(void *context, uint64_t number)
{
    *(uint64_t *)context = number;
    return ASL_EXISTS;
}

static bool has_passive(asl_store *store)
{
    asl_passive first;
    size_t count;
    return asl_store_read_passive(store, (asl_passive){0}, &first, 1, &count, NULL) == ASL_OK &&
           count > 0;
}

/* Engine time goes on from the store's last commit while an execution lives in that time; else a
 * store whose clock was once skipped ahead would stay ahead for ever. */
static int64_t start_of_clock(const asl_engine *engine, const asl_engine_options *options)
{
    if (options->clock_start_ms != 0)
        return options->clock_start_ms;
    int64_t now_ms = asl_clock_wall();
    int64_t wall_ms, engine_ms;
    asl_store_times(engine->store, &wall_ms, &engine_ms);
    uint64_t running = 0;
    if (engine_ms == wall_ms)
        return now_ms;
    asl_store_read_running(engine->store, stop_at_first, &running, NULL);
    if (running == 0 && !has_passive(engine->store))
        return now_ms;
    /* A scaled clock goes on at its pace while no process runs: what it waits for comes no later
     * for a crash. */
    double pace = options->clock == ASL_CLOCK_SCALED ? options->clock_scale : 1;
    return engine_ms + (now_ms > wall_ms ? (int64_t)((double)(now_ms - wall_ms) * pace) : 0);
}

static void init_members(asl_engine *engine)
{
    engine->epoll_fd = engine->timer_fd = -1;
    asl_handlers_init(&engine->handlers, engine->heap);
    asl_map_init(&engine->machines, engine->heap);
    asl_map_init(&engine->recovered, engine->heap);
    asl_map_init(&engine->activities, engine->heap);
    asl_timers_init(&engine->timers, engine->heap);
    asl_timers_init(&engine->wall_timers, engine->heap);
    asl_event_list_init(&engine->entries, engine->heap);
    asl_effect_list_init(&engine->pending, engine->heap);
    asl_buffer_init(&engine->scratch, engine->heap);
    STAILQ_INIT(&engine->ready);
    STAILQ_INIT(&engine->starting);
    STAILQ_INIT(&engine->resuming);
    STAILQ_INIT(&engine->settled);
    STAILQ_INIT(&engine->stalled);
    STAILQ_INIT(&engine->spare);
    LIST_INIT(&engine->watches);
    LIST_INIT(&engine->dead_watches);
}

static int open_engine(asl_engine *engine, const asl_engine_options *options, asl_error **error)
{
    init_members(engine);
    int status = set_options(engine, options, error);
    if (status == ASL_OK)
        engine->counts = asl_allocate_zeroed(engine->heap, sizeof *engine->counts);
    if (status == ASL_OK &&
        (!engine->counts || asl_active_init(&engine->active, engine->heap) != ASL_OK))
        status = asl_error_set(error, ASL_NOMEM, "out of memory");
    if (status == ASL_OK)
        status = open_store(engine, options, error);
    if (status == ASL_OK)
        status = asl_mailbox_new(engine->heap, engine->store, &engine->mailbox, error);
    if (status != ASL_OK)
        return status;
    asl_engine_clock_init(&engine->mailbox->clock, options->clock, options->clock_scale,
                          start_of_clock(engine, options));
    engine->now_ms = asl_engine_now(engine);
    return asl_loop_open(engine, error);
}

int asl_engine_open(const asl_engine_options *given, asl_engine **ret_engine, asl_error **error)
{
    asl_engine_options options;
    if (!asl_options_read(&options, sizeof options, given))
        return asl_error_set(error, ASL_MISUSE, "the engine's options are of no known size");
    asl_engine *engine = asl_allocate_zeroed(options.heap, sizeof *engine);
    if (!engine)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    engine->heap = options.heap;
    int status = open_engine(engine, &options, error);
    if (status != ASL_OK) {
        asl_engine_free(engine);
        return status;
    }
    *ret_engine = engine;
    return ASL_OK;
}

static void drop_tasks(struct asl_task_queue *tasks)
{
    asl_task *task;
    while ((task = STAILQ_FIRST(tasks)) != NULL) {
        STAILQ_REMOVE_HEAD(tasks, queue_link);
        asl_task_unref(task);
    }
}

static void drop_answers(struct asl_answer_queue *answers)
{
    asl_answer *answer;
    while ((answer = STAILQ_FIRST(answers)) != NULL) {
        STAILQ_REMOVE_HEAD(answers, mail_link);
        asl_task_unref(answer->task);
    }
}

/* Those that have come and are looked at by nobody any more. */
static void drop_mail(asl_engine *engine)
{
    struct asl_answer_queue late = STAILQ_HEAD_INITIALIZER(late);
    asl_mailbox_take(engine->mailbox, &late, &engine->settled);
    drop_answers(&late);
}

/* Leaves all executions as they are in the store. */
static void drop_executions(asl_engine *engine)
{
    asl_execution *execution;
    while ((execution = STAILQ_FIRST(&engine->ready)) != NULL) {
        STAILQ_REMOVE_HEAD(&engine->ready, ready_link);
        execution->is_ready = false;
    }
    drop_mail(engine);
    drop_tasks(&engine->starting);
    drop_tasks(&engine->resuming);
    while ((execution = asl_active_any(&engine->active)) != NULL)
        asl_execution_detach(execution);
}

static void drop_flights(asl_engine *engine)
{
    asl_flight *flight;
    while ((flight = STAILQ_FIRST(&engine->spare)) != NULL) {
        STAILQ_REMOVE_HEAD(&engine->spare, link);
        asl_buffer_done(&flight->record);
        asl_effect_list_done(&flight->effects);
        asl_release(engine->heap, flight, sizeof *flight);
    }
}

static void drop_machines(asl_map *machines)
{
    for (asl_map_entry *e = NULL; (e = asl_map_next(machines, e)) != NULL;)
        asl_machine_unref(e->pointer);
    asl_map_done(machines);
}

void asl_engine_free(asl_engine *engine)
{
    if (!engine || engine->is_dispatching)
        return;
    if (engine->mailbox) {
        engine->is_closing = true;
        asl_engine_land(engine);
        engine->is_dispatching = true; /* what `cancel` and `release` call must not dispatch */
        drop_executions(engine);
        asl_mailbox_close(engine->mailbox);
        drop_mail(engine); /* what came while the executions were dropped */
    }
    asl_activities_done(engine);
    asl_handlers_done(&engine->handlers);
    asl_watches_free(engine);
    drop_flights(engine);
    drop_machines(&engine->machines);
    drop_machines(&engine->recovered);
    asl_active_done(&engine->active);
    asl_timers_done(&engine->timers);
    asl_timers_done(&engine->wall_timers);
    asl_event_list_done(&engine->entries);
    asl_effect_list_done(&engine->pending);
    asl_passives_done(engine);
    asl_buffer_done(&engine->scratch);
    asl_loop_close(engine);
    asl_mailbox_unref(engine->mailbox);
    if (engine->owns_store)
        asl_store_close(engine->store);
    release_text(engine->heap, engine->arn_base);
    release_text(engine->heap, engine->region);
    release_text(engine->heap, engine->role_arn);
    asl_release(engine->heap, engine->counts, sizeof *engine->counts);
    asl_release(engine->heap, engine, sizeof *engine);
}

int asl_engine_add_machine(asl_engine *engine, const char *name, asl_definition *definition,
                           asl_error **error)
{
    return asl_engine_add_machine_with(engine, name, definition, NULL, error);
}

static int check_machine(const char *name, const asl_definition *definition,
                         const asl_machine_options *options, asl_error **error)
{
    const char *problem = asl_name_problem(name);
    if (problem)
        return asl_error_set(error, ASL_MISUSE, "the machine name '%s' %s", name, problem);
    if (options->type > ASL_MACHINE_EXPRESS)
        return asl_error_set(error, ASL_MISUSE, "the machine '%s' has no known type", name);
    if (options->type == ASL_MACHINE_EXPRESS &&
        asl_task_token_is_needed(asl_definition_program(definition)))
        return asl_error_set(error, ASL_INVALID,
                             "the machine '%s' has tasks that wait for a job, a token or an "
                             "activity's worker: machines of type EXPRESS do not",
                             name);
    return ASL_OK;
}

int asl_engine_add_machine_with(asl_engine *engine, const char *name, asl_definition *definition,
                                const asl_machine_options *given, asl_error **error)
{
    asl_machine_options options;
    if (!asl_options_read(&options, sizeof options, given))
        return asl_error_set(error, ASL_MISUSE, "the machine's options are of no known size");
    int status = check_machine(name, definition, &options, error);
    if (status != ASL_OK)
        return status;
    asl_machine *machine =
        asl_machine_new(engine->heap, name, options.type, definition, engine->arn_base);
    asl_map_entry *entry =
        machine ? asl_map_put(&engine->machines, name, strlen(name), NULL) : NULL;
    if (!entry) {
        asl_machine_unref(machine);
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    }
    asl_machine_unref(entry->pointer);
    entry->pointer = machine;
    return ASL_OK;
}

static int read_handler(const char *of, const asl_task_handler *handler,
                        asl_task_handler *ret_functions, asl_error **error)
{
    if (!handler || !asl_options_read(ret_functions, sizeof *ret_functions, handler) ||
        !ret_functions->start)
        return asl_error_set(error, ASL_MISUSE,
                             "the handler of '%s' has no start, or no known size", of);
    if (ret_functions->flags & ~(ASL_HANDLER_AT_MOST_ONCE | ASL_HANDLER_MOCK))
        return asl_error_set(error, ASL_MISUSE, "the handler of '%s' has unknown flags", of);
    return ASL_OK;
}

int asl_engine_register_state(asl_engine *engine, const char *machine, const char *state,
                              const asl_task_handler *handler, asl_error **error)
{
    asl_task_handler functions;
    if (!machine || !state)
        return asl_error_set(error, ASL_MISUSE, "a handler needs a machine and a state");
    int status = read_handler(state, handler, &functions, error);
    if (status != ASL_OK)
        return status;
    status = asl_handlers_put_state(&engine->handlers, machine, state, &functions);
    if (status == ASL_MISUSE)
        return asl_error_set(error, status, "the name of a machine or state is too long");
    if (status != ASL_OK)
        return asl_error_set(error, status, "out of memory");
    return ASL_OK;
}

int asl_engine_register(asl_engine *engine, const char *pattern, const asl_task_handler *handler,
                        asl_error **error)
{
    asl_task_handler functions;
    if (!pattern || pattern[0] == '\0')
        return asl_error_set(error, ASL_MISUSE, "a handler needs a resource or a pattern");
    int status = read_handler(pattern, handler, &functions, error);
    if (status != ASL_OK)
        return status;
    if (asl_handlers_put(&engine->handlers, pattern, &functions) != ASL_OK)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    return ASL_OK;
}

const char *asl_engine_missing_handler(asl_engine *engine, const asl_definition *definition)
{
    for (asl_map_entry *e = NULL; (e = asl_map_next(&engine->machines, e)) != NULL;) {
        asl_machine *machine = e->pointer;
        if (machine->definition == definition)
            return asl_machine_missing(machine, &engine->handlers);
    }
    return asl_program_missing(asl_definition_program(definition), &engine->handlers);
}

int asl_error_make(asl_error **error, int status, const char *message)
{
    return asl_error_set(error, status, "%s", message);
}
