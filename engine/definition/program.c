/* The frozen program's life: everything is in the arena but the values, paths and expressions that
 * count references, which are kept in a list. */
#include "definition/program.h"

#include "definition/owned.h"

void asl_program_init(asl_program *program, const asl_heap *heap)
{
    *program = (asl_program){0};
    asl_arena_init(&program->arena, heap);
    asl_map_init(&program->names, heap);
}

void asl_program_done(asl_program *program)
{
    for (asl_program_owned *owned = program->owned; owned != NULL; owned = owned->next) {
        asl_expression_done(owned->expression);
        asl_path_free(owned->path);
        asl_value_unref(owned->value);
    }
    asl_map_done(&program->names);
    asl_arena_done(&program->arena);
    program->owned = NULL;
}

const asl_state *asl_program_find(const asl_program *program, const char *name, size_t size)
{
    const asl_map_entry *entry = asl_map_find(&program->names, name, size);
    return entry == NULL ? NULL : &program->states[entry->number];
}
