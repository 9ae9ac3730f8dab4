/* Location paths. Each step is evaluated for each item of what the step before gave, and what comes
 * is flattened into one sequence.
 *
 * A path of nothing but names that meets objects alone, as most do, runs in a loop that makes
 * nothing; where it meets an array it goes on as any other. */
#include "base/utf8.h"
#include "jsonata/eval.h"

/* What one step hands to the next: one item, or the items of an array. */
typedef struct stream {
    asl_datum datum;
    bool is_single;
} stream;

static size_t stream_count(stream from)
{
    return from.is_single ? 1 : asl_datum_count(from.datum);
}

static asl_datum stream_at(stream from, size_t index)
{
    return from.is_single ? from.datum : asl_datum_at(from.datum, index);
}

/* A stream as an array that can be handed on. */
static int stream_to_array(asl_eval *eval, stream from, asl_datum *ret)
{
    *ret = from.datum;
    if (!from.is_single)
        return ASL_OK;
    asl_list *list = asl_eval_sequence(eval, 1);
    if (list == NULL)
        return eval->problem.status;
    list->items[list->count++] = from.datum;
    *ret = asl_datum_list(list);
    return ASL_OK;
}

/* The results of a step: the first is held back, since the only result of the last step stays the
 * array that it is. */
typedef struct results {
    asl_datum first;
    size_t count;
    asl_list *list;
} results;

/* Adds to the sequence: an array as its items, unless it was constructed to stay one. */
static int add_result(asl_eval *eval, asl_list *list, asl_datum result)
{
    if (asl_datum_is(result, ASL_DATUM_ARRAY) &&
        (asl_datum_is_input(result) || !result.list->is_constructed))
        return asl_list_add_items(eval, list, result);
    return asl_list_add(eval, list, result);
}

static int add_to_results(asl_eval *eval, results *to, asl_datum result)
{
    if (asl_datum_is_undefined(result))
        return ASL_OK;
    if (to->count++ == 0) {
        to->first = result;
        return ASL_OK;
    }
    if (to->list == NULL) {
        to->list = asl_eval_sequence(eval, 16);
        if (to->list == NULL)
            return eval->problem.status;
        int status = add_result(eval, to->list, to->first);
        if (status != ASL_OK)
            return status;
    }
    return add_result(eval, to->list, result);
}

static int results_to_stream(asl_eval *eval, const results *from, bool is_last, stream *ret)
{
    if (from->count == 1 && !asl_datum_is(from->first, ASL_DATUM_ARRAY)) {
        *ret = (stream){.datum = from->first, .is_single = true};
        return ASL_OK;
    }
    if (from->count == 1 && is_last && !asl_datum_is_sequence(from->first)) {
        *ret = (stream){.datum = from->first};
        return ASL_OK;
    }
    asl_list *list = from->list != NULL ? from->list : asl_eval_sequence(eval, 0);
    if (list == NULL)
        return eval->problem.status;
    *ret = (stream){.datum = asl_datum_list(list)};
    if (from->count != 1)
        return ASL_OK;
    bool is_constructed = !asl_datum_is_input(from->first) && from->first.list->is_constructed;
    if (!is_last && !is_constructed) {
        ret->datum = from->first; /* its items are what comes next */
        return ASL_OK;
    }
    return add_result(eval, list, from->first);
}

static int evaluate_stages(asl_eval *eval, const asl_ast *step, asl_scope *scope, asl_datum *result)
{
    int status = ASL_OK;
    for (size_t i = 0; i < step->stages.count && status == ASL_OK; i++) {
        if (step->stages.items[i].filter != NULL)
            status =
                asl_evaluate_filter(eval, step->stages.items[i].filter, *result, scope, result);
    }
    return status;
}

static int evaluate_sort_step(asl_eval *eval, const asl_ast *step, stream from, asl_scope *scope,
                              stream *ret)
{
    asl_datum array;
    int status = stream_to_array(eval, from, &array);
    if (status == ASL_OK && asl_datum_count(array) <= 1 && !asl_datum_is_tuple_stream(array)) {
        asl_list *same = asl_eval_sequence(eval, 1);
        status = same != NULL ? asl_list_add_items(eval, same, array) : eval->problem.status;
        array = asl_datum_list(same);
    }
    if (status == ASL_OK)
        status = asl_evaluate_sort(eval, step, array, scope, &array);
    if (status == ASL_OK)
        status = evaluate_stages(eval, step, scope, &array);
    *ret = (stream){.datum = array, .is_single = !asl_datum_is(array, ASL_DATUM_ARRAY)};
    return status;
}

/* One item through one step. What it leaves in scratch memory is dropped where nothing needs it. */
static int evaluate_item(asl_eval *eval, const asl_ast *step, asl_datum item, asl_scope *scope,
                         asl_datum *ret)
{
    asl_scratch_mark mark = asl_scratch_mark_here(&eval->scratch);
    const asl_binding *bindings = scope->bindings;
    int status = asl_eval_node(eval, step, item, scope, ret);
    if (status == ASL_OK && step->stages.count > 0)
        status = evaluate_stages(eval, step, scope, ret);
    if (status == ASL_OK && asl_datum_is_immediate(*ret) && scope->bindings == bindings)
        asl_eval_go_back(eval, mark);
    return status;
}

/* Whether a step is a name and nothing more, so that it can be looked up here. */
static bool is_bare_name(const asl_ast *step)
{
    return step->type == ASL_AST_NAME && step->stages.count == 0 && step->predicates.count == 0 &&
           step->group == NULL && !step->keeps_array;
}

/* A bare name over many objects. */
static int look_up_items(asl_eval *eval, const asl_ast *step, stream from, results *to)
{
    const char *key = step->name->bytes;
    size_t key_size = step->name->size, count = stream_count(from);
    int status = asl_eval_spend(eval, count);
    for (size_t i = 0; i < count && status == ASL_OK; i++) {
        asl_datum item = stream_at(from, i), result;
        if (asl_datum_is(item, ASL_DATUM_OBJECT)) {
            result = asl_eval_member(eval, item, step->name);
        } else {
            status = asl_datum_lookup(eval, item, key, key_size, &result);
            result = asl_datum_collapse(result);
        }
        if (status == ASL_OK)
            status = add_to_results(eval, to, result);
    }
    return status;
}

static int evaluate_step(asl_eval *eval, const asl_ast *step, stream from, bool is_last,
                         asl_scope *scope, stream *ret)
{
    if (step->type == ASL_AST_SORT)
        return evaluate_sort_step(eval, step, from, scope, ret);
    results to = {.count = 0};
    int status = ASL_OK;
    if (is_bare_name(step) && eval->depth < eval->depth_max) {
        status = look_up_items(eval, step, from, &to);
    } else {
        size_t count = stream_count(from);
        for (size_t i = 0; i < count && status == ASL_OK; i++) {
            asl_datum result;
            status = evaluate_item(eval, step, stream_at(from, i), scope, &result);
            if (status == ASL_OK)
                status = add_to_results(eval, &to, result);
        }
    }
    return status == ASL_OK ? results_to_stream(eval, &to, is_last, ret) : status;
}

/* Nothing is left before the last step: the result is an empty sequence, whatever array it was. */
static int end_early(asl_eval *eval, stream *through)
{
    asl_list *none = asl_eval_sequence(eval, 0);
    *through = (stream){.datum = asl_datum_list(none)};
    return none != NULL ? ASL_OK : eval->problem.status;
}

/* What a first step `[...][n]` has given instead of an array: jsonata-js goes through the
 * characters of a string, and through nothing of anything else. */
static int go_through(asl_eval *eval, stream *through)
{
    asl_datum given = through->datum;
    int status = end_early(eval, through);
    if (!asl_datum_is(given, ASL_DATUM_STRING))
        return status;
    const char *next = given.bytes, *end = given.bytes + given.size;
    while (next < end && status == ASL_OK) {
        const char *begin = next;
        asl_utf8_decode(&next, end);
        status = asl_list_add(eval, through->datum.list,
                              asl_datum_string(begin, (size_t)(next - begin)));
    }
    return status;
}

/* The steps from `first` on. */
static int evaluate_steps(asl_eval *eval, const asl_ast *path, size_t first, stream *through,
                          asl_scope *scope)
{
    for (size_t i = first; i < path->items.count; i++) {
        const asl_ast *step = path->items.items[i];
        int status;
        if (i == 0 && step->is_constructor) {
            asl_datum array;
            status = stream_to_array(eval, *through, &array);
            if (status == ASL_OK)
                status = asl_eval_node(eval, step, array, scope, &array);
            *through = (stream){.datum = array, .is_single = !asl_datum_is(array, ASL_DATUM_ARRAY)};
            if (status == ASL_OK && asl_datum_is_undefined(array))
                return ASL_OK;
        } else {
            status =
                evaluate_step(eval, step, *through, i + 1 == path->items.count, scope, through);
        }
        if (status != ASL_OK)
            return status;
        bool is_first = i == 0 && step->is_constructor; /* `[]` stays what it is */
        if (is_first && through->is_single && path->items.count > 1) {
            status = go_through(eval, through);
            if (status != ASL_OK)
                return status;
        }
        if (!through->is_single && asl_datum_count(through->datum) == 0)
            return i + 1 < path->items.count && !is_first ? end_early(eval, through) : ASL_OK;
    }
    return ASL_OK;
}

/* A path with bindings: from the first step that makes some on, tuples go from step to step. */
typedef struct tuple_walk {
    stream through;
    asl_datum tuples;
    bool is_tuple; /* such a step was met */
    bool has_tuples;
    bool is_empty_constructor; /* it ended with its first step, `[]` */
} tuple_walk;

static int walk_step(asl_eval *eval, const asl_ast *path, size_t index, asl_scope *scope,
                     tuple_walk *walk)
{
    const asl_ast *step = path->items.items[index];
    asl_datum input;
    walk->is_tuple |= step->is_tuple;
    if (index == 0 && step->is_constructor) {
        int status = stream_to_array(eval, walk->through, &input);
        if (status == ASL_OK)
            status = asl_eval_node(eval, step, input, scope, &input);
        if (step->focus == NULL)
            walk->through =
                (stream){.datum = input, .is_single = !asl_datum_is(input, ASL_DATUM_ARRAY)};
        return status;
    }
    if (!walk->is_tuple)
        return evaluate_step(eval, step, walk->through, index + 1 == path->items.count, scope,
                             &walk->through);
    int status = ASL_OK;
    if (!walk->has_tuples)
        status = stream_to_array(eval, walk->through, &walk->tuples);
    walk->has_tuples = true;
    if (status == ASL_OK)
        status = asl_evaluate_tuple_step(eval, step, walk->tuples, scope, &walk->tuples);
    return status;
}

static int evaluate_tuples(asl_eval *eval, const asl_ast *path, stream through, asl_scope *scope,
                           asl_datum *ret)
{
    tuple_walk walk = {.through = through};
    for (size_t i = 0; i < path->items.count; i++) {
        int status = walk_step(eval, path, i, scope, &walk);
        if (status != ASL_OK)
            return status;
        const asl_ast *step = path->items.items[i];
        if (i == 0 && step->is_constructor && step->focus == NULL && walk.through.is_single)
            break; /* jsonata-js goes through arrays alone here */
        if (!walk.is_tuple && !walk.through.is_single && asl_datum_count(walk.through.datum) == 0) {
            walk.is_empty_constructor = i == 0 && path->items.items[0]->is_constructor;
            break;
        }
    }
    if (walk.has_tuples) {
        *ret = walk.tuples;
        return ASL_OK;
    }
    if (walk.is_empty_constructor) {
        *ret = walk.through.datum; /* `[]` stays what it is */
        return ASL_OK;
    }
    asl_list *none = asl_eval_sequence(eval, 0);
    *ret = asl_datum_list(none);
    return none != NULL ? ASL_OK : eval->problem.status;
}

/* The items of tuples, without their bindings. */
static int untuple(asl_eval *eval, asl_datum tuples, asl_datum *ret)
{
    size_t count = asl_datum_count(tuples);
    asl_list *list = asl_eval_sequence(eval, count);
    if (list == NULL)
        return eval->problem.status;
    for (size_t i = 0; i < count; i++) {
        asl_datum tuple = asl_datum_at(tuples, i);
        list->items[list->count++] =
            asl_datum_is(tuple, ASL_DATUM_TUPLE) ? tuple.tuple->item : tuple;
    }
    *ret = asl_datum_list(list);
    return ASL_OK;
}

static int keep_singleton(asl_eval *eval, asl_datum *result)
{
    if (!asl_datum_is(*result, ASL_DATUM_ARRAY))
        return ASL_OK;
    if (!asl_datum_is_input(*result) && result->list->is_constructed &&
        !result->list->is_sequence) {
        asl_list *list = asl_eval_sequence(eval, 1);
        if (list == NULL)
            return eval->problem.status;
        list->items[list->count++] = *result;
        *result = asl_datum_list(list);
    }
    if (!asl_datum_is_input(*result))
        result->list->keeps_singleton = true;
    return ASL_OK;
}

static bool has_tuple_steps(const asl_ast *path)
{
    for (size_t i = 0; i < path->items.count; i++) {
        if (path->items.items[i]->is_tuple)
            return true;
    }
    return false;
}

static int evaluate_general(asl_eval *eval, const asl_ast *ast, stream through, asl_scope *scope,
                            asl_datum *ret)
{
    int status;
    asl_datum tuples = asl_datum_undefined();
    bool has_tuples = has_tuple_steps(ast);
    if (has_tuples) {
        status = evaluate_tuples(eval, ast, through, scope, &tuples);
        *ret = tuples;
        if (status == ASL_OK && !ast->is_tuple && asl_datum_is_tuple_stream(tuples))
            status = untuple(eval, tuples, ret);
    } else {
        status = evaluate_steps(eval, ast, 0, &through, scope);
        if (status == ASL_OK && through.is_single && !ast->keeps_singleton && ast->group == NULL) {
            *ret = through.datum;
            return ASL_OK;
        }
        if (status == ASL_OK)
            status = stream_to_array(eval, through, ret);
    }
    if (status == ASL_OK && ast->keeps_singleton)
        status = keep_singleton(eval, ret);
    if (status == ASL_OK && ast->group != NULL)
        status = asl_evaluate_group(eval, ast->group, has_tuples ? tuples : *ret, scope, ret);
    return status;
}

/* The names of a plain path, from step `first` on, while only objects are met. */
static int evaluate_plain(asl_eval *eval, const asl_ast *ast, size_t first, asl_datum current,
                          asl_scope *scope, asl_datum *ret)
{
    for (size_t i = first; i < ast->items.count; i++) {
        const asl_name *name = ast->items.items[i]->name;
        if (asl_datum_is(current, ASL_DATUM_OBJECT)) {
            current = asl_eval_member(eval, current, name);
        } else if (asl_datum_is(current, ASL_DATUM_ARRAY)) {
            bool is_item = !asl_datum_is_input(current) && current.list->is_constructed;
            stream through = {.datum = current, .is_single = is_item};
            int status = evaluate_steps(eval, ast, i, &through, scope);
            *ret = through.datum;
            return status;
        } else {
            current = asl_datum_undefined();
            break;
        }
    }
    /* A sequence that an object holds is flattened into a new one. */
    if (asl_datum_is_sequence(current)) {
        asl_list *list = asl_eval_sequence(eval, current.list->count);
        if (list == NULL)
            return eval->problem.status;
        *ret = asl_datum_list(list);
        return asl_list_add_items(eval, list, current);
    }
    *ret = current;
    return ASL_OK;
}

int asl_evaluate_path(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                      asl_datum *ret)
{
    const asl_ast *first = ast->items.items[0];
    bool is_absolute = first->type == ASL_AST_VARIABLE;
    bool is_list = asl_datum_is(input, ASL_DATUM_ARRAY) && !is_absolute;
    if (ast->is_plain && eval->depth < eval->depth_max) {
        int status = asl_eval_spend(eval, 1);
        if (status != ASL_OK)
            return status;
        if (!is_absolute && !is_list)
            return evaluate_plain(eval, ast, 0, input, scope, ret);
        if (is_absolute && ast->items.count > 1) {
            status = asl_eval_node(eval, first, input, scope, &input);
            return status == ASL_OK ? evaluate_plain(eval, ast, 1, input, scope, ret) : status;
        }
    }
    return evaluate_general(eval, ast, (stream){.datum = input, .is_single = !is_list}, scope, ret);
}
