/* The program keeps expressions compiled, a picture shows them as they are written: so the document
 * is parsed again, and each state's object is found by its name in the scope it belongs to. */
#include <string.h>

#include "base/heap.h"
#include "graph/words.h"
#include "value/value.h"

/* The object of a branch or processor. Its owner stands in a scope that was found before. */
static const asl_value *scope_object(const asl_graph_source *source, const asl_program *program,
                                     uint32_t scope)
{
    uint32_t owner = program->scopes[scope].owner;
    if (owner == ASL_NONE)
        return source->document;
    const asl_value *state = source->of_state[owner];
    if (program->states[owner].type == ASL_STATE_PARALLEL)
        return asl_value_at(asl_value_get(state, "Branches"),
                            scope - program->states[owner].as.parallel.first_scope);
    const asl_value *processor = asl_value_get(state, "ItemProcessor");
    return asl_value_is_object(processor) ? processor : asl_value_get(state, "Iterator");
}

static void find_states(asl_graph_source *source, const asl_program *program)
{
    /* States are numbered in document order: those around a scope come before what is in it. */
    for (uint32_t i = 0; i < program->state_count; i++) {
        const asl_state *state = &program->states[i];
        if (source->of_scope[state->scope] == NULL)
            source->of_scope[state->scope] = scope_object(source, program, state->scope);
        size_t size = 0;
        const char *name = asl_value_get_string(state->name, &size);
        const asl_value *states = asl_value_get(source->of_scope[state->scope], "States");
        source->of_state[i] = asl_value_get_sized(states, name, size);
    }
}

int asl_graph_source_read(asl_graph_source *source, const asl_heap *heap,
                          const asl_definition *definition)
{
    const asl_program *program = asl_definition_program(definition);
    *source = (asl_graph_source){
        .heap = heap, .state_count = program->state_count, .scope_count = program->scope_count};
    source->of_state = asl_allocate_zeroed(heap, program->state_count * sizeof *source->of_state);
    source->of_scope = asl_allocate_zeroed(heap, program->scope_count * sizeof *source->of_scope);
    size_t size = 0;
    const char *text = asl_definition_text(definition, &size);
    int status = source->of_state == NULL || source->of_scope == NULL
                     ? ASL_NOMEM
                     : asl_value_parse(heap, text, size, 0, &source->document, NULL);
    if (status == ASL_OK)
        find_states(source, program);
    else
        asl_graph_source_done(source);
    return status;
}

void asl_graph_source_done(asl_graph_source *source)
{
    asl_value_unref(source->document);
    asl_release(source->heap, source->of_state, source->state_count * sizeof *source->of_state);
    asl_release(source->heap, source->of_scope, source->scope_count * sizeof *source->of_scope);
    source->document = NULL;
    source->of_state = source->of_scope = NULL;
}
