/* Recovery: executions that the store holds as running go on. Their frames are folded from what is
 * recorded, nothing is evaluated again; what was in flight is what the frames wait for. Deadlines
 * are set at once, tasks are begun again only when nothing that was overdue is left (round.c). */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "runtime/engine.h"

typedef struct number_list {
    const asl_heap *heap;
    asl_share share; /* others are left out */
    uint64_t *items;
    size_t count, capacity;
} number_list;

static int add_number(void *context, uint64_t number)
{
    number_list *list = context;
    if (!asl_share_has(list->share, number))
        return ASL_OK;
    int status =
        asl_array_reserve(list->heap, &list->items, &list->capacity, list->count, SIZE_MAX / 2);
    if (status == ASL_OK)
        list->items[list->count++] = number;
    return status;
}

static int load_machine(asl_engine *engine, const asl_head *head, asl_machine **ret_machine,
                        asl_error **error)
{
    asl_buffer text;
    asl_buffer_init(&text, engine->heap);
    asl_definition *definition = NULL;
    int status = asl_store_read_definition(engine->store, head->definition, &text, error);
    if (status == ASL_OK) {
        asl_definition_options options = {.size = sizeof options, .heap = engine->heap};
        status = asl_definition_load(text.bytes, text.size, &options, &definition, NULL, error);
    }
    asl_buffer_done(&text);
    if (status != ASL_OK)
        return status;
    *ret_machine = asl_machine_new(engine->heap, head->machine, asl_head_type(head), definition,
                                   engine->arn_base);
    asl_definition_unref(definition);
    if (!*ret_machine)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    (*ret_machine)->definition_number = head->definition;
    return ASL_OK;
}

/* The machine with the definition that an execution is pinned to. Borrowed from the engine. */
static int find_machine(asl_engine *engine, const asl_head *head, asl_machine **ret_machine,
                        asl_error **error)
{
    asl_map_entry *entry = asl_map_find(&engine->machines, head->machine, strlen(head->machine));
    *ret_machine = entry ? entry->pointer : NULL;
    asl_machine_type type = asl_head_type(head);
    if (entry && (*ret_machine)->definition_number == head->definition &&
        (*ret_machine)->type == type)
        return ASL_OK;
    asl_buffer_clear(&engine->scratch);
    asl_buffer_format(&engine->scratch, "%llu %d %s", (unsigned long long)head->definition,
                      (int)type, head->machine);
    bool is_new;
    entry =
        engine->scratch.status == ASL_OK
            ? asl_map_put(&engine->recovered, engine->scratch.bytes, engine->scratch.size, &is_new)
            : NULL;
    if (!entry)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    int status = ASL_OK;
    if (!entry->pointer)
        status = load_machine(engine, head, (asl_machine **)&entry->pointer, error);
    *ret_machine = entry->pointer;
    return status;
}

/* Takes up what the frames wait for, as if their last record had just become durable. */
static int resume(asl_execution *execution, const asl_head *head, asl_error **error)
{
    asl_engine *engine = execution->engine;
    int status =
        asl_frames_restore(execution->frames, engine->heap, engine->store, head->number, error);
    if (status != ASL_OK)
        return status;
    asl_flight *flight = asl_flight_take(engine);
    status = flight ? asl_frames_pending(execution->frames, &flight->effects) : ASL_NOMEM;
    if (status != ASL_OK) {
        if (flight)
            asl_flight_give_back(engine, flight);
        return asl_error_set(error, status, "out of memory");
    }
    execution->identity->start_ms = asl_frames_start_ms(execution->frames);
    execution->input = asl_value_ref(asl_frames_input(execution->frames));
    execution->input_hash = head->input_hash;
    execution->event_count = head->event_count;
    execution->is_durable = execution->is_recovered = execution->listener.is_told = true;
    execution->flight = flight;
    asl_execution_enlist(execution);
    asl_execution_move(execution, ASL_RUN_EFFECTS);
    if (asl_execution_perform(execution) != ASL_OK)
        asl_execution_schedule(execution);
    return ASL_OK;
}

/* AWS: what was started synchronously runs at most once: its tasks are not begun again. */
static int give_up(asl_execution *execution, asl_error **error)
{
    int status = asl_execution_stop(execution, NULL, "the process that ran it has ended", NULL);
    return status == ASL_OK ? ASL_OK : asl_error_set(error, status, "out of memory");
}

static int recover_head(asl_engine *engine, const asl_head *head, asl_error **error)
{
    asl_machine *machine;
    int status = find_machine(engine, head, &machine, error);
    if (status != ASL_OK)
        return status;
    const char *missing = asl_machine_missing(machine, &engine->handlers);
    if (missing)
        return asl_error_set(error, ASL_NO_HANDLER,
                             "execution '%s' cannot go on: no handler serves the resource '%s'",
                             head->name, missing);
    status = machine->needs_tokens ? asl_task_token_load(error) : ASL_OK;
    if (status != ASL_OK)
        return status;
    asl_execution *execution = asl_execution_new(engine, machine, head->name, head->number);
    if (!execution)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    status = resume(execution, head, error);
    if (status == ASL_OK && (asl_frames_flags(execution->frames) & ASL_FACT_SYNCHRONOUS) != 0)
        status = give_up(execution, error);
    asl_execution_unref(execution);
    return status;
}

int asl_engine_recover_one(asl_engine *engine, uint64_t number, bool must_be_passive,
                           asl_error **error)
{
    if (asl_active_find(&engine->active, number))
        return ASL_OK;
    asl_buffer text;
    asl_buffer_init(&text, engine->heap);
    asl_head head;
    int status = asl_store_read_head(engine->store, number, &head, &text, error);
    if (status == ASL_OK && head.status != ASL_EXECUTION_RUNNING)
        status = asl_error_set(error, ASL_NOT_FOUND, "execution '%s' has ended", head.name);
    if (status == ASL_OK && must_be_passive && head.passive_until_ms == 0)
        status = asl_error_set(error, ASL_NOT_FOUND, "execution '%s' does not run here", head.name);
    if (status == ASL_OK)
        status = recover_head(engine, &head, error);
    asl_buffer_done(&text);
    return status;
}

int asl_engine_recover(asl_engine *engine, uint64_t number, size_t *ret_count, asl_error **error)
{
    number_list numbers = {.heap = engine->heap, .share = engine->share};
    size_t before = engine->active.count;
    if (number != 0 && !asl_share_has(engine->share, number))
        return asl_error_set(error, ASL_NOT_FOUND, "execution %llu is of another engine's share",
                             (unsigned long long)number);
    int status = number != 0 ? add_number(&numbers, number)
                             : asl_store_read_running(engine->store, add_number, &numbers, error);
    if (status != ASL_OK)
        asl_error_set(error, status, "the running executions cannot be read");
    if (status == ASL_OK && number == 0)
        status = asl_passives_recover(engine, error);
    engine->recover_ms = asl_engine_now(engine);
    /* One that cannot go on does not keep the others from it; the first one's error is told. */
    for (size_t i = 0; i < numbers.count && status != ASL_NOMEM; i++) {
        int one = asl_engine_recover_one(engine, numbers.items[i], false, error);
        if (one != ASL_OK && (status == ASL_OK || one == ASL_NOMEM))
            status = one;
    }
    asl_release(engine->heap, numbers.items, numbers.capacity * sizeof *numbers.items);
    engine->counts->recovered += engine->active.count - before;
    if (ret_count)
        *ret_count = engine->active.count - before;
    asl_engine_kick(engine);
    return status;
}
