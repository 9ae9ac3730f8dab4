/* Whether a filter takes an item: the logical nodes, and the operands that are paths. Recurses as
 * deep as the filter nests, which its compilation limits. */
#include "path/evaluation.h"

typedef struct filter_scope {
    asl_evaluation *evaluation;
    const asl_value *item;
    unsigned flags;
} filter_scope;

static asl_outcome test(const filter_scope *scope, const asl_path_filter *filter, bool *ret_holds);

/* "@.a" alone: Jayway tests paths that begin with `$` on the item too. */
static asl_outcome test_existence(const filter_scope *scope, const asl_path_operand *operand,
                                  asl_path_operand *ret)
{
    const asl_value *found = NULL;
    asl_outcome outcome =
        asl_plan_evaluate(scope->evaluation, operand->plan, scope->item, ASL_PLAN_REQUIRE, &found);
    if (outcome != ASL_OUTCOME_OK && outcome != ASL_OUTCOME_NOT_FOUND)
        return outcome;
    *ret = (asl_path_operand){.kind = ASL_OPERAND_VALUE,
                              .value = asl_value_bool(outcome == ASL_OUTCOME_OK)};
    return ASL_OUTCOME_OK;
}

/* The value of a `$` path, which is the same for all items. */
static asl_outcome evaluate_root(const filter_scope *scope, const asl_path_plan *plan,
                                 const asl_value **ret_value)
{
    asl_evaluation *evaluation = scope->evaluation;
    for (unsigned i = 0; i < evaluation->cache_count; i++) {
        if (evaluation->cache[i].plan == plan && evaluation->cache[i].root == evaluation->root) {
            *ret_value = evaluation->cache[i].value;
            return ASL_OUTCOME_OK;
        }
    }
    asl_outcome outcome =
        asl_plan_evaluate(evaluation, plan, evaluation->root, scope->flags, ret_value);
    if (outcome == ASL_OUTCOME_OK && evaluation->cache_count < ASL_PATH_CACHE_MAX) {
        unsigned i = evaluation->cache_count++;
        evaluation->cache[i].plan = plan;
        evaluation->cache[i].root = evaluation->root;
        evaluation->cache[i].value = asl_value_ref(*ret_value);
    }
    return outcome;
}

static asl_outcome evaluate_operand(const filter_scope *scope, const asl_path_operand *operand,
                                    asl_path_operand *ret)
{
    *ret = *operand;
    if (operand->kind != ASL_OPERAND_PATH)
        return ASL_OUTCOME_OK;
    if (operand->is_exists_check)
        return test_existence(scope, operand, ret);
    const asl_value *value = NULL;
    asl_outcome outcome = operand->plan->root == '$'
                              ? evaluate_root(scope, operand->plan, &value)
                              : asl_plan_evaluate(scope->evaluation, operand->plan, scope->item,
                                                  scope->flags, &value);
    if (outcome == ASL_OUTCOME_NOT_FOUND) {
        *ret = (asl_path_operand){.kind = ASL_OPERAND_UNDEFINED};
        return ASL_OUTCOME_OK;
    }
    *ret = (asl_path_operand){.kind = ASL_OPERAND_VALUE, .value = value};
    return outcome;
}

static asl_outcome test_relation(const filter_scope *scope, const asl_path_filter *filter,
                                 bool *ret_holds)
{
    asl_path_operand left, right;
    asl_outcome outcome = evaluate_operand(scope, &filter->left, &left);
    if (outcome == ASL_OUTCOME_OK)
        outcome = evaluate_operand(scope, &filter->right, &right);
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    return asl_relation_apply(scope->evaluation, filter->relation, &left, &right, ret_holds);
}

/* AND and OR: the first part that decides. */
static asl_outcome test_chain(const filter_scope *scope, const asl_path_filter *filter,
                              bool *ret_holds)
{
    bool deciding = filter->kind == ASL_FILTER_OR;
    for (const asl_path_filter *part = filter->children; part != NULL; part = part->next) {
        asl_outcome outcome = test(scope, part, ret_holds);
        if (outcome != ASL_OUTCOME_OK || *ret_holds == deciding)
            return outcome;
    }
    return ASL_OUTCOME_OK;
}

static asl_outcome test(const filter_scope *scope, const asl_path_filter *filter, bool *ret_holds)
{
    asl_outcome outcome = asl_evaluation_spend(scope->evaluation, 1);
    if (outcome != ASL_OUTCOME_OK)
        return outcome;
    switch (filter->kind) {
    case ASL_FILTER_OR:
    case ASL_FILTER_AND:
        return test_chain(scope, filter, ret_holds);
    case ASL_FILTER_NOT:
        outcome = test(scope, filter->children, ret_holds);
        *ret_holds = !*ret_holds;
        return outcome;
    case ASL_FILTER_RELATION:
        break;
    }
    return test_relation(scope, filter, ret_holds);
}

asl_outcome asl_filter_accept(asl_evaluation *evaluation, const asl_path_filter *filter,
                              const asl_value *item, unsigned flags, bool *ret_accepted)
{
    filter_scope scope = {evaluation, item, flags & ASL_PLAN_REQUIRE};
    size_t owned_count = evaluation->owned_count;
    bool holds = false;
    evaluation->quiet++;
    asl_outcome outcome = test(&scope, filter, &holds);
    evaluation->quiet--;
    asl_evaluation_cut(evaluation, owned_count);
    if (outcome == ASL_OUTCOME_NOT_FOUND || outcome == ASL_OUTCOME_INVALID) {
        holds = false;
        outcome = ASL_OUTCOME_OK;
    }
    *ret_accepted = holds;
    return outcome;
}
