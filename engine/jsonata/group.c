/* Object constructors and groupings: items with the same key are gathered, then the value of each
 * key is evaluated over all of its items. */
#include <string.h>

#include "jsonata/eval.h"

typedef struct grouping {
    asl_eval *eval;
    const asl_ast_group *pairs;
    asl_scope *scope;
    bool has_tuples;
    asl_dict *groups;  /* key -> items so far */
    uint32_t *pair_of; /* which pair made the key, by the position in `groups` */
    uint32_t capacity;
} grouping;

static int refuse_key(grouping *g, const char *code, asl_datum key)
{
    asl_problem *problem = &g->eval->problem;
    asl_eval_error_about(g->eval, code, key);
    problem->has_position = true;
    problem->position = g->pairs->position;
    return ASL_EVALUATION;
}

static int note_pair(grouping *g, size_t pair)
{
    uint32_t index = g->groups->count - 1;
    if (index == g->capacity) {
        uint32_t capacity = g->capacity == 0 ? 8 : g->capacity * 2;
        uint32_t *grown = asl_eval_allocate(g->eval, capacity * sizeof *grown);
        if (grown == NULL)
            return g->eval->problem.status;
        if (index > 0)
            memcpy(grown, g->pair_of, index * sizeof *grown);
        g->pair_of = grown;
        g->capacity = capacity;
    }
    g->pair_of[index] = (uint32_t)pair;
    return ASL_OK;
}

/* Appends to what a key has: `$append`, but in place once the list is this grouping's own. */
static int add_item(grouping *g, asl_datum *items, asl_datum item)
{
    if (asl_datum_is_undefined(*items) || asl_datum_is_undefined(item)) {
        *items = asl_datum_is_undefined(item) ? *items : item;
        return ASL_OK;
    }
    if (items->flags != ASL_DATUM_KNOWN) {
        asl_list *list = asl_eval_list(g->eval, 8);
        if (list == NULL)
            return g->eval->problem.status;
        int status = asl_list_add_items(g->eval, list, *items);
        if (status != ASL_OK)
            return status;
        list->is_tuple_stream = g->has_tuples;
        *items = asl_datum_list(list);
        items->flags = ASL_DATUM_KNOWN; /* until the groups are evaluated: ours */
    }
    return asl_list_add_items(g->eval, items->list, item);
}

static int add_to_group(grouping *g, asl_datum key, size_t pair, asl_datum item)
{
    size_t found = asl_dict_find(g->groups, key.bytes, key.size);
    if (found == SIZE_MAX) {
        int status = asl_dict_set(g->eval, g->groups, key, item);
        return status == ASL_OK ? note_pair(g, pair) : status;
    }
    if (g->pair_of[found] != pair)
        return refuse_key(g, "D1009", key);
    return add_item(g, &g->groups->members[found].item, item);
}

static int group_item(grouping *g, asl_datum item)
{
    asl_scope *scope = g->scope;
    asl_datum context = item;
    if (g->has_tuples && asl_datum_is(item, ASL_DATUM_TUPLE)) {
        scope = asl_scope_of_tuple(g->eval, g->scope, item);
        context = item.tuple->item;
        if (scope == NULL)
            return g->eval->problem.status;
    }
    for (size_t i = 0; i < g->pairs->count; i++) {
        asl_datum key;
        int status = asl_eval_operand(g->eval, g->pairs->pairs[i].key, context, scope, &key);
        if (status == ASL_OK && !asl_datum_is_undefined(key))
            status = asl_datum_is(key, ASL_DATUM_STRING) ? add_to_group(g, key, i, item)
                                                         : refuse_key(g, "T1003", key);
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

static int merge_binding(asl_eval *eval, asl_tuple *into, const asl_binding *from)
{
    asl_datum merged = from->value;
    for (const asl_binding *b = into->bindings; b != NULL; b = b->next) {
        if (b->name == from->name) {
            int status = asl_datum_append(eval, b->value, from->value, &merged);
            if (status != ASL_OK)
                return status;
            break;
        }
    }
    asl_scope scope = {.bindings = into->bindings};
    int status = asl_scope_bind(eval, &scope, from->name, merged);
    into->bindings = scope.bindings;
    return status;
}

static bool is_shadowed(const asl_tuple *tuple, const asl_binding *binding)
{
    for (const asl_binding *b = tuple->bindings; b != binding; b = b->next) {
        if (b->name == binding->name)
            return true;
    }
    return false;
}

/* The tuples of one group as one tuple, whose item and bindings are lists. */
static int reduce(asl_eval *eval, asl_datum tuples, asl_tuple *ret)
{
    size_t count = asl_datum_count(tuples);
    *ret = *asl_datum_at(tuples, 0).tuple;
    for (size_t i = 1; i < count; i++) {
        const asl_tuple *tuple = asl_datum_at(tuples, i).tuple;
        int status = asl_datum_append(eval, ret->item, tuple->item, &ret->item);
        for (const asl_binding *b = tuple->bindings; b != NULL && status == ASL_OK; b = b->next) {
            if (!is_shadowed(tuple, b))
                status = merge_binding(eval, ret, b);
        }
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

static int evaluate_group_value(grouping *g, size_t index, asl_datum *ret)
{
    asl_datum context = g->groups->members[index].item;
    context.flags &= (uint8_t)~ASL_DATUM_KNOWN;
    asl_scope *scope = g->scope;
    if (g->has_tuples) {
        asl_tuple tuple = {.item = asl_datum_undefined()};
        int status = ASL_OK;
        if (asl_datum_is(context, ASL_DATUM_TUPLE)) {
            tuple = *context.tuple;
            /* jsonata-js takes the item out of a tuple that is alone in its group. */
            context.tuple->item = asl_datum_undefined();
        } else if (asl_datum_is(context, ASL_DATUM_ARRAY) && asl_datum_count(context) > 0) {
            status = reduce(g->eval, context, &tuple);
        }
        scope = asl_eval_scope(g->eval, g->scope);
        if (status != ASL_OK || scope == NULL)
            return g->eval->problem.status;
        scope->bindings = tuple.bindings;
        context = tuple.item;
    }
    return asl_eval_operand(g->eval, g->pairs->pairs[g->pair_of[index]].item, context, scope, ret);
}

int asl_evaluate_group(asl_eval *eval, const asl_ast_group *group, asl_datum input,
                       asl_scope *scope, asl_datum *ret)
{
    grouping g = {.eval = eval, .pairs = group, .scope = scope};
    g.has_tuples = asl_datum_is_tuple_stream(input);
    g.groups = asl_eval_dict(eval, group->count);
    if (g.groups == NULL)
        return eval->problem.status;
    size_t count = asl_datum_is(input, ASL_DATUM_ARRAY) ? asl_datum_count(input) : SIZE_MAX;
    int status = ASL_OK;
    if (count == 0)
        status = group_item(&g, asl_datum_undefined()); /* so that a literal object is made */
    else if (count == SIZE_MAX)
        status = group_item(&g, input);
    for (size_t i = 0; count != SIZE_MAX && i < count && status == ASL_OK; i++)
        status = group_item(&g, asl_datum_at(input, i));
    asl_dict *result = status == ASL_OK ? asl_eval_dict(eval, g.groups->count) : NULL;
    if (result == NULL)
        return eval->problem.status;
    for (size_t i = 0; i < g.groups->count && status == ASL_OK; i++) {
        asl_datum item;
        status = evaluate_group_value(&g, i, &item);
        if (status == ASL_OK && !asl_datum_is_undefined(item))
            status = asl_dict_set(eval, result, g.groups->members[i].key, item);
    }
    *ret = asl_datum_dict(result);
    return status;
}
