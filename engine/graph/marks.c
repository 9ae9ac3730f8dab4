/* Marks: what the events of an execution say of states and edges.
 *
 * An event names the state it belongs to, but those of a Parallel or Map that follow one of a
 * branch name the branch's: then it is the nearest one around it that runs. Which edge was taken
 * follows from the event before a StateEntered: the exit of the state before, after a failure or
 * not. */
#include <string.h>

#include "graph/picture.h"

#define MARKS (ASL_GRAPH_VISITED | ASL_GRAPH_CURRENT | ASL_GRAPH_FAILED | ASL_GRAPH_CAUGHT)

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

int asl_graph_mark(asl_graph *graph, const char *state, unsigned marks)
{
    const asl_state *found = asl_program_find(graph->program, state, strlen(state));
    if ((marks & ~MARKS) != 0)
        return ASL_MISUSE;
    if (found == NULL)
        return ASL_NOT_FOUND;
    graph->nodes[found->index].marks = marks;
    return ASL_OK;
}

void asl_graph_mark_nothing(asl_graph *graph)
{
    for (uint32_t i = 0; i < graph->node_count; i++)
        graph->nodes[i].marks = 0;
    for (uint32_t i = 0; i < graph->edge_count; i++)
        graph->edges[i].marks = 0;
    for (uint32_t i = 0; i < graph->program->state_count; i++)
        graph->active[i] = 0;
    graph->exit_count = 0;
}

static void mark_edge(asl_graph *graph, asl_graph_edge *edge)
{
    edge->marks = ASL_GRAPH_VISITED;
    if (edge->from >= graph->program->state_count)
        graph->nodes[edge->from].marks = ASL_GRAPH_VISITED;
    if (edge->to >= graph->program->state_count)
        graph->nodes[edge->to].marks = ASL_GRAPH_VISITED;
}

/* The edges from one node to another, by Catch or otherwise. Those of a scope are sorted by their
 * sources, the start's first. */
static void mark_edges(asl_graph *graph, uint32_t state, uint32_t to, bool is_caught)
{
    const asl_graph_part *part = &graph->parts[graph->program->states[state].scope];
    uint32_t low = part->first_edge + 1, end = part->first_edge + part->edge_count, high = end;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (graph->edges[middle].from < state)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < end && graph->edges[low].from == state; low++)
        if (graph->edges[low].to == to && (graph->edges[low].kind == ASL_GRAPH_CATCH) == is_caught)
            mark_edge(graph, &graph->edges[low]);
}

static const asl_graph_exit *find_exit(const asl_graph *graph, uint64_t event)
{
    size_t kept = graph->exit_count < ASL_GRAPH_EXITS ? graph->exit_count : ASL_GRAPH_EXITS;
    for (size_t i = 1; i <= kept; i++) {
        const asl_graph_exit *found = &graph->exits[(graph->exit_count - i) % ASL_GRAPH_EXITS];
        if (found->event == event)
            return found;
        if (found->event < event)
            break;
    }
    return NULL;
}

static void enter(asl_graph *graph, uint32_t state, const asl_history_event *event)
{
    const asl_graph_exit *before = find_exit(graph, event->previous_id);
    asl_graph_node *node = &graph->nodes[state];
    asl_graph_edge *first =
        &graph->edges[graph->parts[graph->program->states[state].scope].first_edge];
    graph->active[state]++;
    node->marks = ASL_GRAPH_VISITED | ASL_GRAPH_CURRENT;
    if (graph->program->states[state].type == ASL_STATE_FAIL) {
        graph->active[state] = 0;
        node->marks = ASL_GRAPH_VISITED | ASL_GRAPH_FAILED;
    }
    if (before != NULL &&
        graph->program->states[before->state].scope == graph->program->states[state].scope)
        mark_edges(graph, before->state, state, before->is_caught);
    else if (first->to == state)
        mark_edge(graph, first);
}

/* Nothing runs in a container that has ended. What is in it comes next in the document. */
static void leave_inner(asl_graph *graph, uint32_t state)
{
    const asl_program *program = graph->program;
    for (uint32_t i = state + 1; i < program->state_count; i++) {
        uint32_t around = i;
        while (around != ASL_NONE && around != state)
            around = program->scopes[program->states[around].scope].owner;
        if (around == ASL_NONE)
            return;
        graph->active[i] = 0;
        graph->nodes[i].marks &= ~ASL_GRAPH_CURRENT;
    }
}

static void leave(asl_graph *graph, uint32_t state)
{
    graph->active[state] -= graph->active[state] > 0;
    if (graph->active[state] == 0)
        graph->nodes[state].marks &= ~ASL_GRAPH_CURRENT;
    if (asl_graph_is_container(graph, state) && graph->active[state] == 0)
        leave_inner(graph, state);
}

static void exit_state(asl_graph *graph, uint32_t state, uint64_t event)
{
    asl_graph_node *node = &graph->nodes[state];
    bool is_caught = (node->marks & ASL_GRAPH_FAILED) != 0;
    uint32_t end = graph->parts[graph->program->states[state].scope].end;
    leave(graph, state);
    node->marks &= ~ASL_GRAPH_FAILED;
    node->marks |= is_caught ? ASL_GRAPH_CAUGHT : 0;
    if (end != ASL_NONE && !is_caught)
        mark_edges(graph, state, end, false);
    graph->exits[graph->exit_count++ % ASL_GRAPH_EXITS] = (asl_graph_exit){event, state, is_caught};
}

/* The container that an event of containers is of: the state itself, or the nearest around it, that
 * is of this type and runs. */
static uint32_t running_container(const asl_graph *graph, uint32_t state, asl_state_type type)
{
    const asl_program *program = graph->program;
    while (state != ASL_NONE && (program->states[state].type != type || graph->active[state] == 0))
        state = program->scopes[program->states[state].scope].owner;
    return state;
}

static void end_execution(asl_graph *graph, const char *type)
{
    bool is_success = strcmp(type, "ExecutionSucceeded") == 0;
    for (uint32_t i = 0; i < graph->program->state_count; i++) {
        unsigned *marks = &graph->nodes[i].marks;
        if ((*marks & ASL_GRAPH_CURRENT) != 0 && !is_success)
            *marks |= ASL_GRAPH_FAILED;
        *marks &= ~ASL_GRAPH_CURRENT;
        graph->active[i] = 0;
    }
}

/* An event between a state's entry and its exit: a failure, or that it goes on. */
static void go_on(asl_graph *graph, uint32_t state, const char *type)
{
    if (starts_with(type, "ParallelState") && !ends_with(type, "Started"))
        state = running_container(graph, state, ASL_STATE_PARALLEL);
    else if (starts_with(type, "MapState") && !ends_with(type, "Started"))
        state = running_container(graph, state, ASL_STATE_MAP);
    if (state == ASL_NONE)
        return;
    bool is_failure = ends_with(type, "Failed") || ends_with(type, "TimedOut");
    if (ends_with(type, "StateAborted"))
        leave(graph, state);
    else if (is_failure)
        graph->nodes[state].marks |= ASL_GRAPH_FAILED;
    else
        graph->nodes[state].marks &= ~ASL_GRAPH_FAILED; /* it is tried again */
    if (is_failure && asl_graph_is_container(graph, state))
        leave_inner(graph, state);
}

static void take_event(asl_graph *graph, uint32_t state, const asl_history_event *event)
{
    if (ends_with(event->type, "StateEntered"))
        enter(graph, state, event);
    else if (ends_with(event->type, "StateExited"))
        exit_state(graph, state, event->id);
    else if (!starts_with(event->type, "MapIteration") && !starts_with(event->type, "MapRun"))
        go_on(graph, state, event->type);
}

bool asl_graph_mark_event(asl_graph *graph, const asl_history_event *event)
{
    bool is_whole = starts_with(event->type, "Execution");
    if (is_whole && strcmp(event->type, "ExecutionStarted") != 0 &&
        strcmp(event->type, "ExecutionRedriven") != 0)
        end_execution(graph, event->type);
    if (is_whole || event->state == NULL)
        return true;
    const asl_state *state = asl_program_find(graph->program, event->state, strlen(event->state));
    if (state != NULL)
        take_event(graph, state->index, event);
    return state != NULL;
}
