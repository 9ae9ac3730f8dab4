/* The graph of a definition as lines of text, once from the program and once from the document,
 * sorted and compared: one line a state, one a transition, one a machine's start. States' names are
 * unique in a definition, so lines need not say which machine they are of. */
#include "run-definitions-graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 100000u

typedef struct graph {
    char **lines;
    size_t count;
} graph;

static void add_line(graph *g, const char *from, const char *relation, const char *to)
{
    if (to == NULL || g->count == LINES_MAX)
        return;
    if (asprintf(&g->lines[g->count], "%s %s %s", from, relation, to) < 0)
        abort();
    g->count++;
}

static void graph_done(graph *g)
{
    for (size_t i = 0; i < g->count; i++)
        free(g->lines[i]);
    free(g->lines);
}

static const char *name_of(const asl_program *program, uint32_t index)
{
    return index == ASL_NONE ? NULL : asl_value_get_string(program->states[index].name, NULL);
}

static void read_program(graph *g, const asl_program *program)
{
    for (uint32_t i = 0; i < program->scope_count; i++) {
        const char *owner = name_of(program, program->scopes[i].owner);
        add_line(g, owner != NULL ? owner : "", "starts",
                 name_of(program, program->scopes[i].start));
    }
    for (uint32_t i = 0; i < program->state_count; i++) {
        const asl_state *state = &program->states[i];
        const char *name = name_of(program, i);
        bool is_end = state->next == ASL_NONE && state->type != ASL_STATE_CHOICE;
        add_line(g, name, is_end ? "ends as" : "is", asl_state_type_name(state->type));
        add_line(g, name, "next", name_of(program, state->next));
        for (uint32_t j = 0; j < state->catcher_count; j++)
            add_line(g, name, "catches", name_of(program, state->catchers[j].next));
        if (state->type != ASL_STATE_CHOICE)
            continue;
        for (uint32_t j = 0; j < state->as.choice.rule_count; j++)
            add_line(g, name, "chooses", name_of(program, state->as.choice.rules[j].next));
        add_line(g, name, "else", name_of(program, state->as.choice.default_state));
    }
}

static const char *text_at(const asl_value *object, const char *key)
{
    return asl_value_get_string(asl_value_get(object, key), NULL);
}

static void read_targets(graph *g, const char *name, const char *relation, const asl_value *list)
{
    for (size_t i = 0; i < asl_value_count(list); i++)
        add_line(g, name, relation, text_at(asl_value_at(list, i), "Next"));
}

static void read_state(graph *g, const char *name, const asl_value *state)
{
    const char *type = text_at(state, "Type"), *next = text_at(state, "Next");
    bool is_end = next == NULL && strcmp(type, "Choice") != 0;
    add_line(g, name, is_end ? "ends as" : "is", type);
    add_line(g, name, "next", next);
    add_line(g, name, "else", text_at(state, "Default"));
    read_targets(g, name, "chooses", asl_value_get(state, "Choices"));
    read_targets(g, name, "catches", asl_value_get(state, "Catch"));
}

/* A machine that is still to be read, and the state it belongs to. */
typedef struct waiting {
    const asl_value *machine;
    const char *owner;
} waiting;

static void push(waiting *stack, size_t *depth, const asl_value *machine, const char *owner)
{
    if (asl_value_is_object(machine) && *depth < LINES_MAX)
        stack[(*depth)++] = (waiting){machine, owner};
}

static void read_document(graph *g, const asl_value *document, waiting *stack)
{
    size_t depth = 0;
    push(stack, &depth, document, "");
    while (depth > 0) {
        waiting next = stack[--depth];
        const asl_value *states = asl_value_get(next.machine, "States");
        add_line(g, next.owner, "starts", text_at(next.machine, "StartAt"));
        for (size_t i = 0; i < asl_value_count(states); i++) {
            const char *name = asl_value_get_string(asl_value_key(states, i), NULL);
            const asl_value *state = asl_value_at(states, i);
            const asl_value *branches = asl_value_get(state, "Branches");
            read_state(g, name, state);
            for (size_t j = 0; j < asl_value_count(branches); j++)
                push(stack, &depth, asl_value_at(branches, j), name);
            push(stack, &depth, asl_value_get(state, "ItemProcessor"), name);
            push(stack, &depth, asl_value_get(state, "Iterator"), name);
        }
    }
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_same(graph *left, graph *right)
{
    if (left->count != right->count || left->count == LINES_MAX)
        return false;
    qsort(left->lines, left->count, sizeof *left->lines, compare_lines);
    qsort(right->lines, right->count, sizeof *right->lines, compare_lines);
    for (size_t i = 0; i < left->count; i++)
        if (strcmp(left->lines[i], right->lines[i]) != 0)
            return false;
    return true;
}

bool graph_is_same(const asl_definition *definition, const asl_value *document)
{
    graph loaded = {.lines = calloc(LINES_MAX, sizeof(char *))};
    graph drawn = {.lines = calloc(LINES_MAX, sizeof(char *))};
    waiting *stack = calloc(LINES_MAX, sizeof *stack);
    if (loaded.lines == NULL || drawn.lines == NULL || stack == NULL)
        abort();
    read_program(&loaded, asl_definition_program(definition));
    read_document(&drawn, document, stack);
    bool result = is_same(&loaded, &drawn);
    graph_done(&loaded);
    graph_done(&drawn);
    free(stack);
    return result;
}
