#include "load.h"

#define NESTED \
    "{'StartAt':'P','TimeoutSeconds':90,'States':{" \
    "'P':{'Type':'Parallel','Next':'W','ResultPath':null,'Branches':[" \
    "{'StartAt':'A','States':{'A':{'Type':'Map','MaxConcurrency':3,'ItemsPath':'$.i'," \
    "'ItemSelector':{'x.$':'$.y'},'End':true,'ItemProcessor':{'StartAt':'I','States':{" \
    "'I':{'Type':'Pass','Result':{'r':1},'ResultPath':'$.p','End':true}}}}}}," \
    "{'StartAt':'B','States':{'B':{'Type':'Succeed'}}}]}," \
    "'W':{'Type':'Wait','SecondsPath':'$.s','Next':'F'}," \
    "'F':{'Type':'Fail','Error':'E','CausePath':'$.c'}}}"

START_TEST(states_are_numbered_in_document_order)
{
    static const char *const names[] = {"P", "A", "I", "B", "W", "F"};
    loaded result = load(NESTED);
    ck_assert_int_eq(result.status, ASL_OK);
    const asl_program *program = asl_definition_program(result.definition);
    ck_assert_uint_eq(program->state_count, 6);
    for (uint32_t i = 0; i < 6; i++) {
        ck_assert_str_eq(asl_value_get_string(program->states[i].name, NULL), names[i]);
        ck_assert_uint_eq(program->states[i].index, i);
        ck_assert_ptr_eq(asl_program_find(program, names[i], 1), &program->states[i]);
    }
    ck_assert_ptr_null(asl_program_find(program, "Q", 1));
    ck_assert_int_eq(program->timeout_seconds, 90);
    ck_assert(!program->has_variables);
    unload(&result);
}
END_TEST

START_TEST(branches_are_contiguous_scopes)
{
    loaded result = load(NESTED);
    const asl_program *program = asl_definition_program(result.definition);
    const asl_state *parallel = &program->states[0], *map = &program->states[1];
    ck_assert_uint_eq(program->scope_count, 4);
    ck_assert_uint_eq(program->scopes[0].owner, ASL_NONE);
    ck_assert_uint_eq(program->scopes[0].start, 0);
    ck_assert_uint_eq(program->scopes[0].first_state, 0);
    ck_assert_uint_eq(program->scopes[0].state_count, 3);
    ck_assert_uint_eq(parallel->as.parallel.first_scope, 1);
    ck_assert_uint_eq(parallel->as.parallel.branch_count, 2);
    ck_assert_uint_eq(program->scopes[1].start, 1);
    ck_assert_uint_eq(program->scopes[2].start, 3);
    ck_assert_uint_eq(program->scopes[2].owner, 0);
    ck_assert_uint_eq(map->scope, 1);
    ck_assert_uint_eq(map->as.map.scope, 3);
    ck_assert_uint_eq(program->scopes[3].owner, 1);
    ck_assert_uint_eq(program->scopes[3].start, 2);
    ck_assert_uint_eq(program->states[2].scope, 3);
    unload(&result);
}
END_TEST

START_TEST(fields_are_compiled)
{
    loaded result = load(NESTED);
    const asl_program *program = asl_definition_program(result.definition);
    const asl_state *states = program->states;
    ck_assert(states[0].discards_result);
    ck_assert_ptr_null(states[0].result_path);
    ck_assert_uint_eq(states[0].next, 4);
    ck_assert_uint_eq(states[1].next, ASL_NONE);
    ck_assert_int_eq(asl_expression_kind_of(states[1].parameters), ASL_EXPRESSION_TEMPLATE);
    ck_assert_int_eq(asl_expression_kind_of(states[1].as.map.max_concurrency),
                     ASL_EXPRESSION_CONSTANT);
    ck_assert_ptr_nonnull(asl_expression_get_path(states[1].as.map.items));
    ck_assert_ptr_nonnull(states[2].as.pass.result);
    ck_assert_ptr_nonnull(states[2].result_path);
    ck_assert_int_eq(states[4].as.wait.form, ASL_WAIT_SECONDS_PATH);
    ck_assert_ptr_nonnull(states[4].as.wait.when);
    ck_assert_int_eq(asl_expression_kind_of(states[5].as.fail.error), ASL_EXPRESSION_CONSTANT);
    ck_assert_int_eq(asl_expression_kind_of(states[5].as.fail.cause), ASL_EXPRESSION_PATH);
    unload(&result);
}
END_TEST

START_TEST(null_input_path_is_an_empty_object)
{
    loaded result = load_state("{'Type':'Pass','InputPath':null,'End':true}");
    const asl_state *state = &asl_definition_program(result.definition)->states[0];
    asl_value *value = NULL;
    asl_failure failure = {0};
    asl_environment environment = {0};
    ck_assert_int_eq(asl_expression_evaluate(state->input_path, &environment, &value, &failure),
                     ASL_OK);
    ck_assert(asl_value_is_object(value));
    ck_assert_uint_eq(asl_value_count(value), 0);
    asl_value_unref(value);
    unload(&result);
}
END_TEST

START_TEST(variables_are_noticed)
{
    static const char *const states[] = {"{'Type':'Pass','Assign':{'v':1},'End':true}",
                                         "{'Type':'Pass','InputPath':'$v','End':true}",
                                         "{'Type':'Pass','Parameters':{'a.$':'$v.x'},'End':true}"};
    for (size_t i = 0; i < 3; i++) {
        loaded result = load_state(states[i]);
        ck_assert_int_eq(result.status, ASL_OK);
        ck_assert(asl_definition_program(result.definition)->has_variables);
        unload(&result);
    }
}
END_TEST

START_TEST(last_of_duplicate_keys_counts)
{
    loaded result = load("{'StartAt':'X','States':{'A':{'Type':'Fail','Type':'Succeed','End':1,"
                         "'Type':'Pass','End':true}},'StartAt':'A'}");
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_str_eq(asl_definition_state_type(result.definition, 0), "Pass");
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 4);
    unload(&result);
}
END_TEST

SUITE("definition/program", states_are_numbered_in_document_order, branches_are_contiguous_scopes,
      fields_are_compiled, null_input_path_is_an_empty_object, variables_are_noticed,
      last_of_duplicate_keys_counts)
