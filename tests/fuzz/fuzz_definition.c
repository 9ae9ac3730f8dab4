/* Definitions: any bytes are loaded, and whatever is accepted must be whole: every index in the
 * program in range, every diagnostic with its texts and a range inside the document. */
#include <stdint.h>
#include <stdlib.h>

#include "definition/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_diagnostics(const asl_diagnostics *list, size_t size)
{
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        require(diagnostic->code != NULL && diagnostic->message != NULL);
        require(diagnostic->pointer != NULL && diagnostic->line > 0 && diagnostic->column > 0);
        require(diagnostic->offset + diagnostic->length <= size);
        require(diagnostic->end_line > diagnostic->line ||
                (diagnostic->end_line == diagnostic->line &&
                 diagnostic->end_column >= diagnostic->column));
    }
}

static void check_state(const asl_program *program, const asl_state *state)
{
    require(state->scope < program->scope_count && state->name != NULL);
    require(state->next == ASL_NONE || program->states[state->next].scope == state->scope);
    for (uint32_t i = 0; i < state->catcher_count; i++)
        require(state->catchers[i].next < program->state_count);
    for (uint32_t i = 0; state->type == ASL_STATE_CHOICE && i < state->as.choice.rule_count; i++)
        require(state->as.choice.rules[i].next < program->state_count);
    if (state->type == ASL_STATE_TASK)
        require(state->as.task.resource != NULL);
    if (state->type == ASL_STATE_MAP)
        require(state->as.map.scope < program->scope_count);
    if (state->type == ASL_STATE_WAIT)
        require(state->as.wait.when != NULL);
}

static void check_program(const asl_program *program)
{
    for (uint32_t i = 0; i < program->state_count; i++) {
        require(program->states[i].index == i);
        check_state(program, &program->states[i]);
    }
    for (uint32_t i = 0; i < program->scope_count; i++)
        require(program->scopes[i].start < program->state_count);
}

static void load(const uint8_t *bytes, size_t size, const asl_value *substitutions)
{
    asl_definition_options options = {.size = sizeof options, .substitutions = substitutions};
    asl_definition *definition = NULL;
    asl_diagnostics *diagnostics = NULL;
    int status =
        asl_definition_load((const char *)bytes, size, &options, &definition, &diagnostics, NULL);
    require(status == ASL_OK || status == ASL_INVALID);
    check_diagnostics(diagnostics, size);
    if (definition != NULL)
        check_program(asl_definition_program(definition));
    asl_definition_unref(definition);
    asl_diagnostics_free(diagnostics);
}

/* Values that vanish, that must be escaped, that look like places, that are no text. */
static asl_value *make_substitutions(void)
{
    asl_value *values = asl_value_object(NULL);
    require(asl_value_set(&values, "E", asl_value_string(NULL, "")) == ASL_OK &&
            asl_value_set(&values, "Q", asl_value_string(NULL, "\"a\\\n\"")) == ASL_OK &&
            asl_value_set(&values, "P", asl_value_string(NULL, "${P}${E}")) == ASL_OK &&
            asl_value_set(&values, "N", asl_value_integer(NULL, 1)) == ASL_OK);
    return values;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    asl_value *values = make_substitutions();
    load(bytes, size, NULL);
    load(bytes, size, values);
    asl_value_unref(values);
    return 0;
}
