/* Sorting: by the terms of an order-by clause, each evaluated once for an item and only where the
 * terms before it are equal; stable, by merging. */
#include <math.h>
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
            asl_eval_operand(s->eval, s->ast->items.items[term]->left, context, scope, &key->value);
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

/* An item by its only key, a number. */
typedef struct ranked {
    double key;
    uint32_t item;
} ranked;

#define INSERTED_MAX 12u /* so few are sorted by insertion */

static bool is_before(ranked left, ranked right, bool is_descending)
{
    return is_descending ? left.key > right.key : left.key < right.key;
}

static void insert_each(ranked *items, size_t count, bool is_descending)
{
    for (size_t i = 1; i < count; i++) {
        ranked item = items[i];
        size_t j = i;
        for (; j > 0 && is_before(item, items[j - 1], is_descending); j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}

/* Stable; `room` is as large as the items. */
static void sort_ranked(ranked *items, ranked *room, size_t count, bool is_descending)
{
    if (count <= INSERTED_MAX) {
        insert_each(items, count, is_descending);
        return;
    }
    size_t middle = count / 2, left = 0, right = middle;
    sort_ranked(items, room, middle, is_descending);
    sort_ranked(items + middle, room, count - middle, is_descending);
    if (!is_before(items[middle], items[middle - 1], is_descending))
        return;
    memcpy(room, items, middle * sizeof *room);
    for (size_t made = 0; left < middle; made++) {
        bool takes_right = right < count && is_before(items[right], room[left], is_descending);
        items[made] = takes_right ? items[right++] : room[left++];
    }
}

/* Sorts by one term that is a number for every item, without a call for each comparison. False
 * where it is not, or where evaluating it fails: the general way then finds the error that comes
 * first. */
static bool sort_by_number(sorting *s, asl_datum *positions, size_t count)
{
    asl_eval *eval = s->eval;
    ranked *items = asl_eval_allocate(eval, 2 * count * sizeof *items);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        asl_datum key;
        if (key_of(s, i, 0, &key) != ASL_OK || !asl_datum_is(key, ASL_DATUM_NUMBER) ||
            isnan(asl_datum_double(key)))
            return false;
        items[i] = (ranked){.key = asl_datum_double(key), .item = (uint32_t)i};
    }
    sort_ranked(items, items + count, count, s->ast->items.items[0]->is_descending);
    for (size_t i = 0; i < count; i++)
        positions[i].size = items[i].item;
    return true;
}

/* The positions of the items in their order. */
static int sort_positions(sorting *s, asl_datum *positions, size_t count)
{
    if (s->ast->items.count == 1) {
        if (sort_by_number(s, positions, count))
            return asl_eval_spend(s->eval, count);
        if (s->eval->problem.status != ASL_OK && s->eval->problem.status != ASL_EVALUATION)
            return s->eval->problem.status;
        s->eval->problem = (asl_problem){.status = ASL_OK};
    }
    return asl_eval_merge_sort(s->eval, positions, count, is_after, s);
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
    int status = sort_positions(&s, positions, count);
    for (size_t i = 0; i < count && status == ASL_OK; i++)
        sorted->items[sorted->count++] = items[positions[i].size];
    sorted->is_tuple_stream = asl_datum_is_tuple_stream(input);
    *ret = asl_datum_list(sorted);
    return status;
}
