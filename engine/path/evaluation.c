/* An evaluation from outside: its budget, the values it makes on the way, its beginning and end. */
#include "path/evaluation.h"

#include "base/array.h"
#include "base/heap.h"

asl_outcome asl_evaluation_fatal(asl_evaluation *evaluation, int status)
{
    if (evaluation->status == ASL_OK)
        evaluation->status = status;
    return ASL_OUTCOME_FATAL;
}

asl_outcome asl_evaluation_spend(asl_evaluation *evaluation, size_t amount)
{
    if (evaluation->work < amount) {
        evaluation->work = 0;
        return asl_evaluation_fatal(evaluation, ASL_TOO_LARGE);
    }
    evaluation->work -= amount;
    return ASL_OUTCOME_OK;
}

asl_outcome asl_evaluation_keep(asl_evaluation *evaluation, asl_value *value)
{
    int status = value == NULL ? ASL_NOMEM
                               : asl_array_reserve(evaluation->heap, &evaluation->owned,
                                                   &evaluation->owned_capacity,
                                                   evaluation->owned_count, ASL_PATH_WORK_MAX);
    if (status != ASL_OK) {
        asl_value_unref(value);
        return asl_evaluation_fatal(evaluation, status);
    }
    evaluation->owned[evaluation->owned_count++] = value;
    return ASL_OUTCOME_OK;
}

void asl_evaluation_cut(asl_evaluation *evaluation, size_t owned_count)
{
    while (evaluation->owned_count > owned_count)
        asl_value_unref(evaluation->owned[--evaluation->owned_count]);
}

static void done(asl_evaluation *evaluation)
{
    asl_evaluation_cut(evaluation, 0);
    asl_release(evaluation->heap, evaluation->owned,
                evaluation->owned_capacity * sizeof *evaluation->owned);
    while (evaluation->cache_count > 0)
        asl_value_unref(evaluation->cache[--evaluation->cache_count].value);
}

/* Most paths are names only, and lead somewhere: what they select; NULL where the walk has to say.
 */
static const asl_value *follow_names(const asl_path_plan *plan, const asl_value *root)
{
    const asl_value *value = root;
    for (uint32_t i = 0; i < plan->count && value != NULL; i++) {
        const asl_path_step *step = &plan->steps[i];
        if (step->kind != ASL_STEP_PROPERTY || step->property.count != 1)
            return NULL;
        value = asl_value_get_sized(value, step->property.names->bytes, step->property.names->size);
    }
    return value;
}

static int walk(const asl_path *path, const asl_value *root, asl_value **ret_value,
                asl_path_failure *failure)
{
    const asl_heap *heap = asl_value_heap(root);
    asl_evaluation evaluation = {.heap = heap != NULL ? heap : path->heap,
                                 .root = root,
                                 .work = ASL_PATH_WORK_MAX,
                                 .match_work = ASL_PATH_MATCH_WORK_MAX,
                                 .failure = failure};
    unsigned flags = (path->flags & ASL_PATH_JAYWAY) != 0 ? 0 : ASL_PLAN_LENIENT;
    const asl_value *value = NULL;
    asl_outcome outcome = asl_plan_evaluate(&evaluation, path->plan, root, flags, &value);
    if (outcome == ASL_OUTCOME_BOUNDS)
        outcome = asl_fail_text(&evaluation, outcome, "Index out of bounds");
    if (outcome == ASL_OUTCOME_OK)
        *ret_value = asl_value_ref(value);
    done(&evaluation);
    if (outcome == ASL_OUTCOME_FATAL)
        return evaluation.status;
    return outcome == ASL_OUTCOME_OK ? ASL_OK : ASL_NOT_FOUND;
}

int asl_path_evaluate(const asl_path *path, const asl_value *root, asl_value **ret_value,
                      asl_path_failure *failure)
{
    if (failure != NULL)
        failure->is_past_end = false;
    const asl_value *value = follow_names(path->plan, root);
    if (value == NULL)
        return walk(path, root, ret_value, failure);
    *ret_value = asl_value_ref(value);
    return ASL_OK;
}
