/* Steps of a path that bind names: `@$v` the item, `#$i` its position, `%` where it came from. Each
 * item goes on as a tuple of itself and the names that are bound so far. */
#include "jsonata/eval.h"

typedef struct tuple_step {
    asl_eval *eval;
    const asl_ast *step;
    asl_list *results;
} tuple_step;

static int bind(asl_eval *eval, asl_tuple *tuple, const asl_name *name, asl_datum value)
{
    asl_scope scope = {.bindings = tuple->bindings};
    int status = asl_scope_bind(eval, &scope, name, value);
    tuple->bindings = scope.bindings;
    return status;
}

/* Puts the bindings of `from` in front, the oldest first. */
static int bind_all(asl_eval *eval, asl_tuple *tuple, const asl_binding *from, unsigned depth)
{
    if (from == NULL)
        return ASL_OK;
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    int status = bind_all(eval, tuple, from->next, depth + 1);
    return status == ASL_OK ? bind(eval, tuple, from->name, from->value) : status;
}

static int add_tuple(asl_eval *eval, asl_list *list, const asl_tuple *tuple)
{
    asl_tuple *kept = asl_eval_allocate(eval, sizeof *kept);
    if (kept == NULL)
        return eval->problem.status;
    *kept = *tuple;
    return asl_list_add(eval, list, (asl_datum){.kind = ASL_DATUM_TUPLE, .tuple = kept});
}

/* The tuple that one result of the step makes out of the one before it. */
static int add_result(tuple_step *s, const asl_tuple *before, asl_datum result, size_t index)
{
    asl_eval *eval = s->eval;
    asl_tuple tuple = *before;
    int status = ASL_OK;
    if (asl_datum_is(result, ASL_DATUM_TUPLE)) {
        tuple.item = result.tuple->item;
        status = bind_all(eval, &tuple, result.tuple->bindings, 0);
        return status == ASL_OK ? add_tuple(eval, s->results, &tuple) : status;
    }
    if (s->step->focus != NULL)
        status = bind(eval, &tuple, s->step->focus, result);
    else
        tuple.item = result;
    if (status == ASL_OK && s->step->index != NULL)
        status = bind(eval, &tuple, s->step->index, asl_datum_number((double)index));
    if (status == ASL_OK && s->step->ancestor != NULL)
        status = bind(eval, &tuple, s->step->ancestor->label, before->item);
    return status == ASL_OK ? add_tuple(eval, s->results, &tuple) : status;
}

static int evaluate_tuple(tuple_step *s, asl_datum from, asl_scope *scope)
{
    asl_tuple before = {.item = from};
    if (asl_datum_is(from, ASL_DATUM_TUPLE))
        before = *from.tuple;
    asl_scope *inner = asl_scope_of_tuple(s->eval, scope, from);
    if (inner == NULL)
        return s->eval->problem.status;
    asl_datum result;
    int status = asl_eval_node(s->eval, s->step, before.item, inner, &result);
    if (status != ASL_OK || asl_datum_is_undefined(result))
        return status;
    if (!asl_datum_is(result, ASL_DATUM_ARRAY))
        return add_result(s, &before, result, 0);
    for (size_t i = 0; i < asl_datum_count(result) && status == ASL_OK; i++)
        status = add_result(s, &before, asl_datum_at(result, i), i);
    return status;
}

/* Gives each tuple its position as a name. */
static int bind_positions(asl_eval *eval, asl_datum tuples, const asl_name *name)
{
    int status = ASL_OK;
    for (size_t i = 0; i < asl_datum_count(tuples) && status == ASL_OK; i++) {
        asl_datum tuple = asl_datum_at(tuples, i);
        if (asl_datum_is(tuple, ASL_DATUM_TUPLE))
            status = bind(eval, tuple.tuple, name, asl_datum_number((double)i));
    }
    return status;
}

static int evaluate_stages(asl_eval *eval, const asl_ast *step, asl_scope *scope, asl_datum *result)
{
    int status = ASL_OK;
    for (size_t i = 0; i < step->stages.count && status == ASL_OK; i++) {
        const asl_ast_stage *stage = &step->stages.items[i];
        if (stage->filter != NULL)
            status = asl_evaluate_filter(eval, stage->filter, *result, scope, result);
        else if (asl_datum_is(*result, ASL_DATUM_ARRAY))
            status = bind_positions(eval, *result, stage->index);
    }
    return status;
}

/* A sort: of tuples, or of items that become tuples with their positions. */
static int evaluate_sort(asl_eval *eval, const asl_ast *step, asl_datum input, asl_scope *scope,
                         asl_datum *ret)
{
    asl_datum sorted;
    int status = asl_evaluate_sort(eval, step, input, scope, &sorted);
    if (status != ASL_OK)
        return status;
    size_t count = asl_datum_is(sorted, ASL_DATUM_ARRAY) ? asl_datum_count(sorted) : 0;
    asl_list *tuples = asl_eval_sequence(eval, count);
    if (tuples == NULL)
        return eval->problem.status;
    tuples->is_tuple_stream = true;
    for (size_t i = 0; i < count && status == ASL_OK; i++) {
        asl_datum item = asl_datum_at(sorted, i);
        asl_tuple tuple = {.item = item};
        if (asl_datum_is(item, ASL_DATUM_TUPLE))
            tuple = *item.tuple;
        else if (step->index != NULL)
            status = bind(eval, &tuple, step->index, asl_datum_number((double)i));
        if (status == ASL_OK)
            status = add_tuple(eval, tuples, &tuple);
    }
    *ret = asl_datum_list(tuples);
    return status;
}

int asl_evaluate_tuple_step(asl_eval *eval, const asl_ast *step, asl_datum input, asl_scope *scope,
                            asl_datum *ret)
{
    int status = ASL_OK;
    if (step->type == ASL_AST_SORT) {
        status = evaluate_sort(eval, step, input, scope, ret);
    } else {
        tuple_step s = {.eval = eval, .step = step, .results = asl_eval_sequence(eval, 4)};
        if (s.results == NULL)
            return eval->problem.status;
        s.results->is_tuple_stream = true;
        for (size_t i = 0; i < asl_datum_count(input) && status == ASL_OK; i++)
            status = evaluate_tuple(&s, asl_datum_at(input, i), scope);
        *ret = asl_datum_list(s.results);
    }
    return status == ASL_OK ? evaluate_stages(eval, step, scope, ret) : status;
}
