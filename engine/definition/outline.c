/* The outline: which objects are machines and states. One walk over the nodes in document order
 * gives a role to every node that has one before the walk comes to it, so states number themselves
 * in document order over all scopes, and nesting needs no recursion. */
#include <string.h>

#include "base/array.h"
#include "definition/loader.h"

#define SCOPES_MAX 1000000u
#define STATES_MAX 1000000u

static bool is_text(const asl_loader *loader, asl_node node, const char *text)
{
    size_t size = 0;
    const char *string = node == ASL_NODE_NONE ? NULL : asl_node_string(loader, node, &size);
    return string != NULL && size == strlen(text) && memcmp(string, text, size) == 0;
}

static void give_role(asl_loader *loader, asl_node node, asl_role role, uint32_t number)
{
    loader->nodes[node].role = (uint8_t)role;
    loader->nodes[node].number = number;
}

static void add_scope(asl_loader *loader, asl_node node, uint32_t owner)
{
    int status = asl_array_reserve(loader->heap, &loader->scopes, &loader->scope_capacity,
                                   loader->scope_count, SCOPES_MAX);
    asl_loader_check(loader, status);
    if (status != ASL_OK)
        return;
    give_role(loader, node, ASL_ROLE_MACHINE, (uint32_t)loader->scope_count);
    loader->scopes[loader->scope_count++] = (asl_scope_source){.node = node, .owner = owner};
}

static void enter_machine(asl_loader *loader, asl_node node)
{
    asl_node states = asl_node_member(loader, node, "States");
    if (states == ASL_NODE_NONE || !asl_value_is_object(asl_node_value(loader, states)))
        return;
    loader->scopes[loader->nodes[node].number].has_states = true;
    give_role(loader, states, ASL_ROLE_STATES, loader->nodes[node].number);
}

static void enter_states(asl_loader *loader, asl_node node)
{
    for (asl_node state = asl_node_first(loader, node); state != ASL_NODE_NONE;
         state = asl_node_next(loader, node, state))
        give_role(loader, state, ASL_ROLE_STATE, loader->nodes[node].number);
}

/* A processor is entered by either of its names, so that problems in it are found even where both
 * are there. */
static void enter_map(asl_loader *loader, asl_node node, uint32_t index)
{
    static const char *const names[] = {"ItemProcessor", "Iterator"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        asl_node processor = asl_node_member(loader, node, names[i]);
        if (processor != ASL_NODE_NONE && asl_value_is_object(asl_node_value(loader, processor)))
            add_scope(loader, processor, index);
    }
}

static void enter_state(asl_loader *loader, asl_node node)
{
    int status = asl_array_reserve(loader->heap, &loader->states, &loader->state_capacity,
                                   loader->state_count, STATES_MAX);
    asl_loader_check(loader, status);
    if (status != ASL_OK)
        return;
    uint32_t index = (uint32_t)loader->state_count++;
    loader->states[index] = (asl_state_source){
        .key = asl_node_key(loader, node), .node = node, .scope = loader->nodes[node].number};
    give_role(loader, node, ASL_ROLE_STATE, index);
    asl_node type = asl_node_member(loader, node, "Type");
    if (is_text(loader, type, "Map"))
        enter_map(loader, node, index);
    asl_node branches = asl_node_member(loader, node, "Branches");
    if (is_text(loader, type, "Parallel") && branches != ASL_NODE_NONE &&
        asl_value_is_array(asl_node_value(loader, branches)))
        give_role(loader, branches, ASL_ROLE_BRANCHES, index);
}

/* The scopes of one Parallel are numbered together, before anything inside them. */
static void enter_branches(asl_loader *loader, asl_node node)
{
    for (asl_node branch = asl_node_first(loader, node); branch != ASL_NODE_NONE;
         branch = asl_node_next(loader, node, branch))
        add_scope(loader, branch, loader->nodes[node].number);
}

void asl_load_outline(asl_loader *loader)
{
    add_scope(loader, 0, ASL_NONE);
    for (asl_node node = 0; node < loader->document.count && loader->status == ASL_OK; node++) {
        switch ((asl_role)loader->nodes[node].role) {
        case ASL_ROLE_NONE:
            break;
        case ASL_ROLE_MACHINE:
            enter_machine(loader, node);
            break;
        case ASL_ROLE_STATES:
            enter_states(loader, node);
            break;
        case ASL_ROLE_STATE:
            enter_state(loader, node);
            break;
        case ASL_ROLE_BRANCHES:
            enter_branches(loader, node);
            break;
        }
    }
}
