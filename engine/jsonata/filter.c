/* Predicates: by position, or by whether they are true for an item. */
#include <math.h>
#include <string.h>

#include "jsonata/eval.h"

typedef struct filtering {
    asl_eval *eval;
    const asl_ast *filter;
    asl_datum input; /* an array, or the only item */
    bool is_array;
    size_t count;
    asl_scope *scope;
    asl_list *results;
} filtering;

static asl_datum item_at(const filtering *f, size_t index)
{
    return f->is_array ? asl_datum_at(f->input, index) : f->input;
}

/* The position that a number means; negative ones count from the end. */
static double position_of(const filtering *f, double number)
{
    double position = floor(number);
    return position < 0 ? (double)f->count + position : position;
}

/* `[1]`: the item, and an array as it is. */
static int filter_by_literal(filtering *f, asl_datum *ret)
{
    double position = position_of(f, f->filter->literal.number);
    *ret = asl_datum_list(f->results);
    if (!(position >= 0) || position >= (double)f->count)
        return ASL_OK;
    asl_datum item = item_at(f, (size_t)position);
    if (asl_datum_is_undefined(item))
        return ASL_OK;
    if (asl_datum_is(item, ASL_DATUM_ARRAY)) {
        *ret = item;
        return ASL_OK;
    }
    return asl_list_add(f->eval, f->results, item);
}

/* Adds the item as often as its position is among the numbers. */
static int add_by_numbers(filtering *f, asl_datum numbers, size_t index)
{
    int status = ASL_OK;
    for (size_t i = 0; i < asl_datum_count(numbers) && status == ASL_OK; i++) {
        if (position_of(f, asl_datum_double(asl_datum_at(numbers, i))) == (double)index)
            status = asl_list_add(f->eval, f->results, item_at(f, index));
    }
    return status;
}

static int are_numbers(asl_eval *eval, asl_datum array, bool *ret)
{
    int status = asl_eval_spend(eval, asl_datum_count(array));
    *ret = true;
    for (size_t i = 0; i < asl_datum_count(array) && status == ASL_OK && *ret; i++)
        *ret = asl_datum_is_numeric(eval, asl_datum_at(array, i), &status);
    return status;
}

/* Decides about one item by what the predicate gave for it. */
static int add_if(filtering *f, asl_datum result, size_t index)
{
    int status = ASL_OK;
    bool truth = false;
    if (asl_datum_is(result, ASL_DATUM_BOOL))
        return result.truth ? asl_list_add(f->eval, f->results, item_at(f, index)) : ASL_OK;
    if (asl_datum_is_numeric(f->eval, result, &status)) {
        if (position_of(f, asl_datum_double(result)) == (double)index)
            status = asl_list_add(f->eval, f->results, item_at(f, index));
        return status;
    }
    if (status == ASL_OK && asl_datum_is(result, ASL_DATUM_ARRAY)) {
        status = are_numbers(f->eval, result, &truth);
        if (status == ASL_OK && truth)
            return add_by_numbers(f, result, index);
    }
    if (status == ASL_OK)
        status = asl_datum_truth(f->eval, result, &truth);
    return status == ASL_OK && truth ? asl_list_add(f->eval, f->results, item_at(f, index))
                                     : status;
}

/* Items by a list of positions that is the same for all: how often each is named, then in order. */
static int add_named(filtering *f, asl_datum numbers)
{
    asl_eval *eval = f->eval;
    size_t count = asl_datum_count(numbers);
    uint32_t *times = asl_eval_allocate(eval, f->count * sizeof *times);
    if (times == NULL)
        return eval->problem.status;
    memset(times, 0, f->count * sizeof *times);
    for (size_t i = 0; i < count; i++) {
        double position = position_of(f, asl_datum_double(asl_datum_at(numbers, i)));
        if (position >= 0 && position < (double)f->count)
            times[(size_t)position]++;
    }
    int status = asl_eval_spend(eval, count + f->count);
    for (size_t i = 0; i < f->count && status == ASL_OK; i++) {
        for (uint32_t j = 0; j < times[i] && status == ASL_OK; j++)
            status = asl_list_add(eval, f->results, item_at(f, i));
    }
    return status;
}

/* A predicate that is the same for every item is evaluated once. */
static int filter_by_invariant(filtering *f)
{
    asl_datum result;
    bool has_numbers = false;
    if (f->count == 0)
        return ASL_OK;
    int status = asl_eval_node(f->eval, f->filter, asl_datum_undefined(), f->scope, &result);
    if (status == ASL_OK && asl_datum_is(result, ASL_DATUM_ARRAY))
        status = are_numbers(f->eval, result, &has_numbers);
    if (status == ASL_OK && has_numbers)
        return add_named(f, result);
    for (size_t i = 0; i < f->count && status == ASL_OK; i++)
        status = add_if(f, result, i);
    return status;
}

static int filter_by_items(filtering *f)
{
    bool has_tuples = f->is_array && asl_datum_is_tuple_stream(f->input);
    for (size_t i = 0; i < f->count; i++) {
        asl_eval *eval = f->eval;
        asl_scratch_mark mark = asl_scratch_mark_here(&eval->scratch);
        asl_datum item = item_at(f, i), result;
        asl_scope *scope = f->scope;
        if (has_tuples && asl_datum_is(item, ASL_DATUM_TUPLE)) {
            scope = asl_scope_of_tuple(eval, f->scope, item);
            item = item.tuple->item;
        }
        const asl_binding *bindings = f->scope->bindings;
        int status = scope != NULL ? asl_eval_node(eval, f->filter, item, scope, &result)
                                   : eval->problem.status;
        if (status == ASL_OK && asl_datum_is_immediate(result) && f->scope->bindings == bindings)
            asl_eval_go_back(eval, mark);
        if (status == ASL_OK)
            status = add_if(f, result, i);
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

int asl_evaluate_filter(asl_eval *eval, const asl_ast *filter, asl_datum input, asl_scope *scope,
                        asl_datum *ret)
{
    filtering f = {.eval = eval, .filter = filter, .input = input, .scope = scope};
    f.is_array = asl_datum_is(input, ASL_DATUM_ARRAY);
    f.count = f.is_array ? asl_datum_count(input) : 1;
    f.results = asl_eval_sequence(eval, f.count < 4 ? f.count : 4);
    if (f.results == NULL)
        return eval->problem.status;
    f.results->is_tuple_stream = asl_datum_is_tuple_stream(input);
    if (filter->type == ASL_AST_NUMBER && filter->predicates.count == 0)
        return filter_by_literal(&f, ret);
    *ret = asl_datum_list(f.results);
    return filter->is_invariant && filter->predicates.count == 0 ? filter_by_invariant(&f)
                                                                 : filter_by_items(&f);
}
