/* Warnings about loops: strongly connected parts of the graph of one scope, found by Tarjan's
 * algorithm with a stack of its own. */
#include "base/heap.h"
#include "definition/loader.h"

/* The successors of a state by number: next, catchers, rules, default. */
static uint32_t successor_count(const asl_state *state)
{
    uint32_t count = 1 + state->catcher_count;
    return state->type == ASL_STATE_CHOICE ? count + state->as.choice.rule_count + 1 : count;
}

static uint32_t successor(const asl_state *state, uint32_t number)
{
    if (number == 0)
        return state->next;
    number--;
    if (number < state->catcher_count)
        return state->catchers[number].next;
    number -= state->catcher_count;
    return number < state->as.choice.rule_count ? state->as.choice.rules[number].next
                                                : state->as.choice.default_state;
}

typedef struct loop_visit {
    uint32_t number, low; /* 0: not visited */
    uint32_t next_edge;
    uint32_t part; /* its strongly connected part, from 1; 0: none yet */
} loop_visit;

typedef struct loop_search {
    asl_loader *loader;
    loop_visit *visits;
    uint32_t *path;  /* from the root to where the search stands */
    uint32_t *stack; /* states without a part yet */
    uint32_t path_count, stack_count, number, part_count;
} loop_search;

static void enter(loop_search *search, uint32_t state)
{
    loop_visit *visit = &search->visits[state];
    visit->number = visit->low = ++search->number;
    search->path[search->path_count++] = state;
    search->stack[search->stack_count++] = state;
}

static bool is_waiting(asl_state_type type)
{
    return type == ASL_STATE_WAIT || type == ASL_STATE_TASK || type == ASL_STATE_PARALLEL ||
           type == ASL_STATE_MAP;
}

/* Judges the part on the stack from `from` on; `root` names it. */
static void judge(loop_search *search, uint32_t from, uint32_t root)
{
    asl_loader *loader = search->loader;
    bool is_loop = search->stack_count - from > 1, has_exit = false, has_wait = false;
    for (uint32_t i = from; i < search->stack_count; i++) {
        const asl_state *state = &loader->program->states[search->stack[i]];
        has_wait |= is_waiting(state->type);
        /* A Choice without Default fails, which is no way out. */
        has_exit |= state->next == ASL_NONE && state->type != ASL_STATE_CHOICE;
        for (uint32_t edge = 0; edge < successor_count(state); edge++) {
            uint32_t to = successor(state, edge);
            if (to == ASL_NONE)
                continue;
            if (search->visits[to].part != search->part_count)
                has_exit = true;
            else if (to == state->index)
                is_loop = true;
        }
    }
    if (!is_loop)
        return;
    asl_node key = loader->states[root].key;
    if (!has_exit)
        asl_warn(loader, "LOOP_WITHOUT_EXIT", key, "give the loop a way out",
                 "The execution cannot leave the loop that begins here");
    else if (!has_wait)
        asl_warn(loader, "LOOP_WITHOUT_WAIT", key, "add a Wait state to the loop",
                 "The loop that begins here has no Wait or Task: it only fills the history");
}

static void leave(loop_search *search, uint32_t state)
{
    loop_visit *visit = &search->visits[state];
    search->path_count--;
    if (search->path_count > 0) {
        loop_visit *above = &search->visits[search->path[search->path_count - 1]];
        if (visit->low < above->low)
            above->low = visit->low;
    }
    if (visit->low != visit->number)
        return;
    uint32_t from = search->stack_count;
    search->part_count++;
    do
        search->visits[search->stack[--from]].part = search->part_count;
    while (search->stack[from] != state);
    judge(search, from, state);
    search->stack_count = from;
}

static void walk(loop_search *search, uint32_t root)
{
    enter(search, root);
    while (search->path_count > 0) {
        uint32_t at = search->path[search->path_count - 1];
        loop_visit *visit = &search->visits[at];
        const asl_state *state = &search->loader->program->states[at];
        if (visit->next_edge == successor_count(state)) {
            leave(search, at);
            continue;
        }
        uint32_t to = successor(state, visit->next_edge++);
        if (to == ASL_NONE)
            continue;
        const loop_visit *other = &search->visits[to];
        if (other->number == 0)
            enter(search, to);
        else if (other->part == 0 && other->number < visit->low)
            visit->low = other->number;
    }
}

void asl_warn_loops(asl_loader *loader)
{
    size_t count = loader->state_count;
    size_t room = count * (sizeof(loop_visit) + 2 * sizeof(uint32_t));
    if (count == 0)
        return;
    loop_visit *visits = asl_allocate_zeroed(loader->heap, room);
    if (visits == NULL) {
        asl_loader_check(loader, ASL_NOMEM);
        return;
    }
    uint32_t *numbers = (uint32_t *)(visits + count);
    loop_search search = {
        .loader = loader, .visits = visits, .path = numbers, .stack = numbers + count};
    for (uint32_t i = 0; i < count; i++)
        if (visits[i].number == 0)
            walk(&search, i);
    asl_release(loader->heap, visits, room);
}
