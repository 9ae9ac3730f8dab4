/* Links: names of states become indices, and what follows from the graph is checked: names are
 * unique in the whole machine, every target stands in the same scope, every scope can end, and
 * every state can be reached. */
#include <stdio.h>
#include <string.h>

#include "base/heap.h"
#include "definition/grammar.h"

static void number_scopes(asl_loader *loader)
{
    for (uint32_t i = 0; i < loader->state_count; i++) {
        asl_scope_definition *scope = &loader->program->scopes[loader->states[i].scope];
        if (scope->state_count++ == 0)
            scope->first_state = i;
    }
}

#define KEY_SIZE 512u /* longer names are refused, and may meet */

/* A scope and a name in it, as a key. */
static size_t make_key(char key[KEY_SIZE], const char *name, size_t size, uint32_t scope)
{
    memcpy(key, &scope, sizeof scope);
    size_t used = size < KEY_SIZE - sizeof scope ? size : KEY_SIZE - sizeof scope;
    memcpy(key + sizeof scope, name, used);
    return used + sizeof scope;
}

/* Names to states: the first of a name in the program's map, those that come again by scope. */
static void name_states(asl_loader *loader)
{
    for (uint32_t i = 0; i < loader->state_count; i++) {
        size_t size = 0;
        const asl_state_source *source = &loader->states[i];
        const char *name = asl_node_string(loader, source->key, &size);
        bool is_new = false;
        asl_map_entry *entry = asl_map_put(&loader->program->names, name, size, &is_new);
        if (entry == NULL) {
            asl_loader_check(loader, ASL_NOMEM);
            return;
        }
        if (is_new) {
            entry->number = i;
            continue;
        }
        char key[KEY_SIZE];
        size_t key_size = make_key(key, name, size, source->scope);
        asl_map_entry *duplicate = asl_map_put(&loader->duplicates, key, key_size, NULL);
        if (duplicate == NULL) {
            asl_loader_check(loader, ASL_NOMEM);
            return;
        }
        duplicate->number = i;
        asl_report(loader,
                   (asl_problem){.code = "DUPLICATE_STATE_NAME",
                                 .node = source->key,
                                 .location = source->node,
                                 .hint = "names are unique in the whole machine, branches and "
                                         "processors included"},
                   "Duplicate State name: %s", name);
    }
}

static uint32_t find_state(const asl_loader *loader, const char *name, size_t size, uint32_t scope)
{
    const asl_map_entry *entry = asl_map_find(&loader->program->names, name, size);
    if (entry == NULL)
        return ASL_NONE;
    if (loader->states[entry->number].scope == scope)
        return (uint32_t)entry->number;
    char key[KEY_SIZE];
    entry = asl_map_find(&loader->duplicates, key, make_key(key, name, size, scope));
    return entry == NULL ? ASL_NONE : (uint32_t)entry->number;
}

static void refuse_target(asl_loader *loader, const asl_target *target, const char *name,
                          size_t size)
{
    char hint[160];
    asl_problem problem = {.phase = ASL_PHASE_TARGET,
                           .code = "MISSING_TRANSITION_TARGET",
                           .node = target->node,
                           .location = target->node};
    asl_nearest nearest;
    asl_nearest_init(&nearest, name, size);
    if (asl_map_find(&loader->program->names, name, size) != NULL) {
        snprintf(hint, sizeof hint,
                 "the state stands in another branch, processor or the machine "
                 "around it; transitions stay inside one 'States'");
        problem.hint = hint;
    } else {
        for (uint32_t i = 0; i < loader->state_count && loader->hint_budget > 0; i++) {
            size_t candidate_size = 0;
            const char *candidate = asl_node_string(loader, loader->states[i].key, &candidate_size);
            if (loader->states[i].scope == target->scope)
                asl_nearest_try(loader, &nearest, candidate, candidate_size);
        }
        problem.hint = asl_nearest_hint(&nearest);
    }
    asl_report(loader, problem, "Missing 'Next' target: %s", name);
}

static void resolve_targets(asl_loader *loader)
{
    for (size_t i = 0; i < loader->target_count; i++) {
        const asl_target *target = &loader->targets[i];
        /* AWS: without "States" nothing is said about where the machine starts. */
        if (!loader->scopes[target->scope].has_states)
            continue;
        size_t size = 0;
        const char *name = asl_node_string(loader, target->node, &size);
        *target->slot = find_state(loader, name, size, target->scope);
        if (*target->slot == ASL_NONE)
            refuse_target(loader, target, name, size);
    }
}

static void check_ends(asl_loader *loader)
{
    for (uint32_t i = 0; i < loader->scope_count; i++) {
        const asl_scope_source *scope = &loader->scopes[i];
        if (scope->has_end || scope->is_broken || !scope->has_states)
            continue;
        asl_node states = asl_node_member(loader, scope->node, "States");
        asl_report(loader,
                   (asl_problem){.phase = ASL_PHASE_END,
                                 .code = "MISSING_END_STATE",
                                 .node = asl_node_key(loader, states),
                                 .location = ASL_NODE_NONE,
                                 .hint = "give some state \"End\": true, or add a Succeed or Fail "
                                         "state"},
                   "Workflow has no terminal state");
    }
}

/* Every state that one may go to next. */
static void visit_successors(const asl_state *state,
                             void (*visit)(void *context, uint32_t successor), void *context)
{
    if (state->next != ASL_NONE)
        visit(context, state->next);
    for (uint32_t i = 0; i < state->catcher_count; i++)
        if (state->catchers[i].next != ASL_NONE)
            visit(context, state->catchers[i].next);
    if (state->type != ASL_STATE_CHOICE)
        return;
    for (uint32_t i = 0; i < state->as.choice.rule_count; i++)
        if (state->as.choice.rules[i].next != ASL_NONE)
            visit(context, state->as.choice.rules[i].next);
    if (state->as.choice.default_state != ASL_NONE)
        visit(context, state->as.choice.default_state);
}

/* States that are reached and not yet looked at. */
typedef struct frontier {
    asl_loader *loader;
    uint32_t *items;
    size_t count;
} frontier;

static void reach(void *context, uint32_t index)
{
    frontier *reached = context;
    asl_state_source *source = &reached->loader->states[index];
    if (source->is_reached)
        return;
    source->is_reached = true;
    reached->items[reached->count++] = index;
}

static void reach_all(asl_loader *loader)
{
    size_t room = loader->state_count * sizeof(uint32_t);
    frontier reached = {.loader = loader, .items = asl_allocate(loader->heap, room)};
    if (reached.items == NULL) {
        asl_loader_check(loader, ASL_NOMEM);
        return;
    }
    for (uint32_t i = 0; i < loader->scope_count; i++)
        if (loader->program->scopes[i].start != ASL_NONE)
            reach(&reached, loader->program->scopes[i].start);
    while (reached.count > 0)
        visit_successors(&loader->program->states[reached.items[--reached.count]], reach, &reached);
    asl_release(loader->heap, reached.items, room);
}

/* AWS: a machine without an end is not also told which of its states are not reached. */
static void check_reached(asl_loader *loader)
{
    reach_all(loader);
    for (uint32_t i = 0; i < loader->state_count; i++) {
        const asl_state_source *source = &loader->states[i];
        const asl_scope_source *scope = &loader->scopes[source->scope];
        if (source->is_reached || scope->is_broken || !scope->has_end ||
            loader->program->scopes[source->scope].start == ASL_NONE)
            continue;
        asl_report(loader,
                   (asl_problem){.phase = ASL_PHASE_REACH,
                                 .code = "MISSING_TRANSITION_TARGET",
                                 .node = source->key,
                                 .location = source->node},
                   "State \"%s\" is not reachable.", asl_node_string(loader, source->key, NULL));
    }
}

static const char *assigned_name(const asl_loader *loader, const asl_assigned *assigned,
                                 size_t *ret_size)
{
    const char *name = asl_node_key_string(loader, assigned->node, ret_size);
    if (*ret_size >= 2 && memcmp(name + *ret_size - 2, ".$", 2) == 0)
        *ret_size -= 2;
    return name;
}

/* ASL: an inner scope may not assign a variable of one around it. */
static void check_assigned(asl_loader *loader)
{
    char key[KEY_SIZE];
    asl_map names;
    asl_map_init(&names, loader->heap);
    for (size_t i = 0; i < loader->assigned_count; i++) {
        size_t size = 0;
        const char *name = assigned_name(loader, &loader->assigned[i], &size);
        size = make_key(key, name, size, loader->assigned[i].scope);
        if (asl_map_put(&names, key, size, NULL) == NULL)
            asl_loader_check(loader, ASL_NOMEM);
    }
    for (size_t i = 0; i < loader->assigned_count; i++) {
        size_t size = 0;
        const asl_assigned *assigned = &loader->assigned[i];
        const char *name = assigned_name(loader, assigned, &size);
        uint32_t owner = loader->scopes[assigned->scope].owner;
        while (owner != ASL_NONE) {
            uint32_t scope = loader->states[owner].scope;
            size_t key_size = make_key(key, name, size, scope);
            owner = loader->scopes[scope].owner;
            if (asl_map_find(&names, key, key_size) == NULL)
                continue;
            asl_refuse(loader, asl_node_key(loader, assigned->node),
                       "The variable name '%.*s' was already defined in a parent scope.", (int)size,
                       name);
            break;
        }
    }
    asl_map_done(&names);
}

void asl_load_links(asl_loader *loader)
{
    number_scopes(loader);
    name_states(loader);
    resolve_targets(loader);
    check_ends(loader);
    check_reached(loader);
    check_assigned(loader);
    asl_check_labels(loader);
}
