/* Machines remember which handler serves each of their states, until a handler is registered. */
#include "runtime/machine.h"

#include <stdio.h>
#include <string.h>

#include "base/heap.h"
#include "runtime/token.h"

static char *join(const asl_heap *heap, const char *first, const char *second, const char *third,
                  const char *fourth)
{
    size_t size = strlen(first) + strlen(second) + strlen(third) + strlen(fourth) + 1;
    char *text = asl_allocate(heap, size);
    if (text)
        snprintf(text, size, "%s%s%s%s", first, second, third, fourth);
    return text;
}

static void release_text(const asl_heap *heap, char *text)
{
    if (text)
        asl_release(heap, text, strlen(text) + 1);
}

asl_machine *asl_machine_new(const asl_heap *heap, const char *name, asl_machine_type type,
                             asl_definition *definition, const char *arn_base)
{
    const char *kind = type == ASL_MACHINE_EXPRESS ? "express:" : "execution:";
    asl_machine *machine = asl_allocate_zeroed(heap, sizeof *machine);
    if (!machine)
        return NULL;
    machine->heap = heap;
    machine->references = 1;
    machine->type = type;
    machine->definition = asl_definition_ref(definition);
    machine->program = asl_definition_program(definition);
    machine->needs_tokens = asl_task_token_is_needed(machine->program);
    machine->name = join(heap, name, "", "", "");
    machine->arn = join(heap, arn_base, "stateMachine:", name, "");
    machine->execution_prefix = join(heap, arn_base, kind, name, ":");
    machine->handlers =
        asl_allocate_zeroed(heap, machine->program->state_count * sizeof(asl_handler *));
    if (!machine->name || !machine->arn || !machine->execution_prefix || !machine->handlers) {
        asl_machine_unref(machine);
        return NULL;
    }
    return machine;
}

asl_machine *asl_machine_ref(asl_machine *machine)
{
    machine->references++;
    return machine;
}

void asl_machine_unref(asl_machine *machine)
{
    if (!machine || --machine->references > 0)
        return;
    asl_release(machine->heap, machine->handlers,
                machine->program->state_count * sizeof(asl_handler *));
    release_text(machine->heap, machine->name);
    release_text(machine->heap, machine->arn);
    release_text(machine->heap, machine->execution_prefix);
    asl_definition_unref(machine->definition);
    asl_release(machine->heap, machine, sizeof *machine);
}

/* `machine` may be NULL: of any. */
static asl_handler *find_handler(const char *machine, const asl_state *state,
                                 const asl_handlers *handlers)
{
    size_t size;
    const char *name = asl_value_get_string(state->name, &size);
    asl_handler *handler = machine ? asl_handlers_find_state(handlers, machine, name, size) : NULL;
    if (handler)
        return handler;
    const char *resource = asl_value_get_string(state->as.task.resource, &size);
    return asl_handlers_find(handlers, resource, size);
}

/* Workers may come for an activity's tasks: it needs no handler. */
static bool needs_handler(const asl_state *state)
{
    return state->type == ASL_STATE_TASK && state->as.task.kind != ASL_RESOURCE_ACTIVITY;
}

/* Finds all handlers anew where some were registered since. */
static void refresh(asl_machine *machine, const asl_handlers *handlers)
{
    if (machine->version == handlers->version)
        return;
    machine->missing = NULL;
    for (uint32_t i = 0; i < machine->program->state_count; i++) {
        const asl_state *state = &machine->program->states[i];
        if (state->type != ASL_STATE_TASK)
            continue;
        machine->handlers[i] = find_handler(machine->name, state, handlers);
        if (!machine->handlers[i] && !machine->missing && needs_handler(state))
            machine->missing = asl_value_get_string(state->as.task.resource, NULL);
    }
    machine->version = handlers->version;
}

asl_handler *asl_machine_handler(asl_machine *machine, const asl_handlers *handlers, uint32_t state)
{
    refresh(machine, handlers);
    return machine->handlers[state];
}

const char *asl_machine_missing(asl_machine *machine, const asl_handlers *handlers)
{
    refresh(machine, handlers);
    return machine->missing;
}

const char *asl_program_missing(const asl_program *program, const asl_handlers *handlers)
{
    for (uint32_t i = 0; i < program->state_count; i++) {
        const asl_state *state = &program->states[i];
        if (needs_handler(state) && !find_handler(NULL, state, handlers))
            return asl_value_get_string(state->as.task.resource, NULL);
    }
    return NULL;
}
