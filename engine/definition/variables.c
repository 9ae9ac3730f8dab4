/* The variables that states refer to, as DescribeStateMachine lists them: a walk over the
 * expressions of each state, whose names are then sorted, each once. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/heap.h"
#include "definition/program.h"
#include "value/value.h"

typedef struct name {
    const char *text; /* borrowed from the program */
    size_t size;
} name;

typedef struct names {
    const asl_heap *heap;
    name *items;
    size_t count, capacity;
    int status;
} names;

static void names_done(names *self)
{
    asl_release(self->heap, self->items, self->capacity * sizeof *self->items);
}

static void add_name(void *context, const char *text, size_t size)
{
    names *self = context;
    if (self->status == ASL_OK)
        self->status =
            asl_array_reserve(self->heap, &self->items, &self->capacity, self->count, SIZE_MAX);
    if (self->status == ASL_OK)
        self->items[self->count++] = (name){text, size};
}

static void add_expression(names *self, const asl_expression *expression)
{
    if (expression != NULL)
        asl_expression_variables(expression, add_name, self);
}

/* As deep as rules stand in each other: ASL_DEFINITION_DEPTH_MAX is more. */
static void add_test(names *self, const asl_choice_test *test)
{
    add_expression(self, test->variable);
    add_expression(self, test->operand);
    for (uint32_t i = 0; i < test->operand_count; i++)
        add_test(self, &test->operands[i]);
}

static void add_choice(names *self, const asl_state *state)
{
    for (uint32_t i = 0; i < state->as.choice.rule_count; i++) {
        const asl_choice_rule *rule = &state->as.choice.rules[i];
        if (rule->test != NULL)
            add_test(self, rule->test);
        add_expression(self, rule->condition);
        add_expression(self, rule->output);
        add_expression(self, rule->assign);
    }
}

static void add_of_type(names *self, const asl_state *state)
{
    switch (state->type) {
    case ASL_STATE_TASK:
        add_expression(self, state->as.task.timeout_seconds);
        add_expression(self, state->as.task.heartbeat_seconds);
        add_expression(self, state->as.task.credentials);
        break;
    case ASL_STATE_MAP:
        add_expression(self, state->as.map.items);
        add_expression(self, state->as.map.max_concurrency);
        break;
    case ASL_STATE_PASS:
        add_expression(self, state->as.pass.result);
        break;
    case ASL_STATE_WAIT:
        add_expression(self, state->as.wait.when);
        break;
    case ASL_STATE_CHOICE:
        add_choice(self, state);
        break;
    case ASL_STATE_FAIL:
        add_expression(self, state->as.fail.error);
        add_expression(self, state->as.fail.cause);
        break;
    case ASL_STATE_PARALLEL:
    case ASL_STATE_SUCCEED:
        break;
    }
}

static void add_state(names *self, const asl_state *state)
{
    add_expression(self, state->input_path);
    add_expression(self, state->parameters);
    add_expression(self, state->result_selector);
    add_expression(self, state->output_path);
    add_expression(self, state->output);
    add_expression(self, state->assign);
    for (uint32_t i = 0; i < state->catcher_count; i++) {
        add_expression(self, state->catchers[i].output);
        add_expression(self, state->catchers[i].assign);
    }
    add_of_type(self, state);
}

static int compare_names(const void *left, const void *right)
{
    const name *a = left, *b = right;
    size_t size = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->text, b->text, size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

/* The names in order, each once. NULL when out of memory. */
static asl_value *list_names(names *self)
{
    asl_cleanup(asl_value_cleanup) asl_value *list = asl_value_array(self->heap);
    qsort(self->items, self->count, sizeof *self->items, compare_names);
    for (size_t i = 0; list != NULL && i < self->count; i++) {
        const name *next = &self->items[i];
        if (i > 0 && compare_names(next - 1, next) == 0)
            continue;
        asl_value *item = asl_value_string_sized(self->heap, next->text, next->size);
        if (asl_value_append(&list, item) != ASL_OK)
            return NULL;
    }
    return asl_steal(list);
}

int asl_definition_variables(const asl_definition *definition, const asl_heap *heap,
                             asl_value **ret_references)
{
    const asl_program *program = asl_definition_program(definition);
    asl_cleanup(asl_value_cleanup) asl_value *references = asl_value_object(heap);
    asl_cleanup(names_done) names found = {.heap = heap};
    int status = references != NULL ? ASL_OK : ASL_NOMEM;
    for (uint32_t i = 0; status == ASL_OK && i < program->state_count; i++) {
        found.count = 0;
        add_state(&found, &program->states[i]);
        status = found.status;
        if (status == ASL_OK && found.count > 0)
            status = asl_value_set_key(&references, program->states[i].name, list_names(&found));
    }
    if (status == ASL_OK)
        *ret_references = asl_steal(references);
    return status;
}
