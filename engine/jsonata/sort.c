/* Sorting: by the terms of an order-by clause, each evaluated once for an item and only where the
 * terms before it are equal; stable, by merging. */
#include <string.h>

#include "jsonata/eval.h"

int asl_eval_merge_sort(asl_eval *eval, asl_datum *items, size_t count,
                        int (*is_greater)(void *context, asl_datum *left, asl_datum *right,
                                          bool *ret),
                        void *context)
{
    if (count <= 1)
        return ASL_OK;
    asl_datum *merged = asl_eval_allocate(eval, count * sizeof *merged);
    if (merged == NULL)
        return eval->problem.status;
    size_t middle = count / 2, left = 0, right = middle, made = 0;
    int status = asl_eval_merge_sort(eval, items, middle, is_greater, context);
    if (status == ASL_OK)
        status = asl_eval_merge_sort(eval, items + middle, count - middle, is_greater, context);
    while (status == ASL_OK && left < middle && right < count) {
        bool takes_right = false;
        status = is_greater(context, &items[left], &items[right], &takes_right);
        merged[made++] = items[takes_right ? right++ : left++];
    }
    if (status != ASL_OK)
        return status;
    memcpy(merged + made, items + left, (middle - left) * sizeof *merged);
    made += middle - left;
    memcpy(merged + made, items + right, (count - right) * sizeof *merged);
    memcpy(items, merged, count * sizeof *merged);
    return ASL_OK;
}

typedef struct sort_key {
    bool is_known;
    asl_datum value;
} sort_key;

typedef struct sorting {
    asl_eval *eval;
    const asl_ast *ast;
    asl_scope *scope;
    const asl_datum *items;
    sort_key *keys; /* of item i from keys[i * terms] on */
} sorting;

static int key_of(sorting *s, size_t item, size_t term, asl_datum *ret)
{
    sort_key *key = &s->keys[item * s->ast->items.count + term];
    if (!key->is_known) {
        asl_datum context = s->items[item];
        asl_scope *scope = s->scope;
        if (asl_datum_is(context, ASL_DATUM_TUPLE)) {
            scope = asl_scope_of_tuple(s->eval, s->scope, context);
            context = context.tuple->item;
            if (scope == NULL)
                return s->eval->problem.status;
        }
        int status =
            asl_eval_node(s->eval, s->ast->items.items[term]->left, context, scope, &key->value);
        if (status != ASL_OK)
            return status;
        key->is_known = true;
    }
    *ret = key->value;
    return ASL_OK;
}

static bool is_comparable(asl_datum datum)
{
    return asl_datum_is(datum, ASL_DATUM_STRING) || asl_datum_is(datum, ASL_DATUM_NUMBER);
}

static int refuse(sorting *s, const char *code, asl_datum value, asl_datum value2)
{
    asl_eval_error_about(s->eval, code, value);
    s->eval->problem.value2 = value2;
    s->eval->problem.has_position = true;
    s->eval->problem.position = s->ast->position;
    return ASL_EVALUATION;
}

/* -1, 0, 1; what is undefined goes last. */
static int compare_keys(sorting *s, asl_datum left, asl_datum right, bool is_descending, int *ret)
{
    bool has_left = !asl_datum_is_undefined(left), has_right = !asl_datum_is_undefined(right);
    if (!has_left || !has_right) {
        *ret = has_left == has_right ? 0 : has_left ? -1 : 1;
        return ASL_OK;
    }
    if (!is_comparable(left) || !is_comparable(right))
        return refuse(s, "T2008", is_comparable(left) ? right : left, asl_datum_undefined());
    if (left.kind != right.kind)
        return refuse(s, "T2007", left, right);
    int order;
    if (asl_datum_is(left, ASL_DATUM_STRING)) {
        order = asl_datum_compare_strings(left, right);
    } else {
        double l = asl_datum_double(left), r = asl_datum_double(right);
        order = l == r ? 0 : l < r ? -1 : 1;
    }
    *ret = is_descending ? -order : order;
    return ASL_OK;
}

/* The data are positions of items here. */
static int is_after(void *context, asl_datum *left, asl_datum *right, bool *ret)
{
    sorting *s = context;
    int order = 0, status = asl_eval_spend(s->eval, 1);
    for (size_t i = 0; i < s->ast->items.count && order == 0 && status == ASL_OK; i++) {
        asl_datum l, r;
        status = key_of(s, left->size, i, &l);
        if (status == ASL_OK)
            status = key_of(s, right->size, i, &r);
        if (status == ASL_OK)
            status = compare_keys(s, l, r, s->ast->items.items[i]->is_descending, &order);
    }
    *ret = order == 1;
    return status;
}

int asl_evaluate_sort(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                      asl_datum *ret)
{
    size_t count = asl_datum_count(input);
    *ret = input;
    if (count <= 1)
        return ASL_OK;
    size_t key_count = count * ast->items.count;
    asl_list *sorted = asl_eval_list(eval, count);
    asl_datum *items = asl_eval_allocate(eval, count * sizeof *items);
    asl_datum *positions = asl_eval_allocate(eval, count * sizeof *positions);
    sort_key *keys = asl_eval_allocate(eval, key_count * sizeof *keys);
    if (sorted == NULL || items == NULL || positions == NULL || keys == NULL)
        return eval->problem.status;
    memset(keys, 0, key_count * sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        items[i] = asl_datum_at(input, i);
        positions[i] = (asl_datum){.size = (uint32_t)i};
    }
    sorting s = {.eval = eval, .ast = ast, .scope = scope, .items = items, .keys = keys};
    int status = asl_eval_merge_sort(eval, positions, count, is_after, &s);
    for (size_t i = 0; i < count && status == ASL_OK; i++)
        sorted->items[sorted->count++] = items[positions[i].size];
    sorted->is_tuple_stream = asl_datum_is_tuple_stream(input);
    *ret = asl_datum_list(sorted);
    return status;
}
