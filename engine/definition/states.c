/* The tables of the language's fields: machines, branches, processors and the eight types of
 * state. ASL: "States" and what each state type allows. */
#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "definition/grammar.h"

#define TARGETS_MAX 10000000u

#define A_MACHINE 1u
#define A_BRANCH 2u
#define A_PROCESSOR 4u
#define A_CONFIG 8u

static void read_timeout(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                         asl_node node)
{
    int64_t seconds = 0;
    (void)subject;
    if (asl_read_in_range(loader, field, node, &seconds))
        loader->program->timeout_seconds = seconds;
}

static void read_language(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                          asl_node node)
{
    const char *text = asl_node_string(loader, node, NULL);
    (void)field;
    (void)subject;
    if (strcmp(text, "JSONata") != 0 && strcmp(text, "JSONPath") != 0) {
        asl_nearest nearest;
        asl_nearest_init(&nearest, text, strlen(text));
        asl_nearest_try(loader, &nearest, "JSONPath", 8);
        asl_nearest_try(loader, &nearest, "JSONata", 7);
        asl_report(loader,
                   (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                                 .node = node,
                                 .location = node,
                                 .hint = asl_nearest_hint(&nearest)},
                   "Value should be one of the following: [JSONPath, JSONata]");
    }
}

static void read_version(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                         asl_node node)
{
    (void)field;
    (void)subject;
    if (strcmp(asl_node_string(loader, node, NULL), "1.0") != 0)
        asl_refuse(loader, node, "Value should be one of the following: [1.0]");
}

static void read_start(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                       asl_node node)
{
    asl_scope_definition *scope = subject->base;
    (void)field;
    asl_add_target(loader, node, subject->scope, &scope->start);
}

static void read_mode(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node)
{
    const char *text = asl_node_string(loader, node, NULL);
    (void)field;
    asl_node type = asl_node_member(loader, subject->node, "ExecutionType");
    if (strcmp(text, "DISTRIBUTED") == 0) {
        asl_require_feature(loader, ASL_FEATURE_DISTRIBUTED, node);
        if (type == ASL_NODE_NONE)
            asl_refuse(loader, subject->node, "These fields are required: [ExecutionType]");
    } else if (strcmp(text, "INLINE") != 0) {
        asl_refuse(loader, node, "Value should be one of the following: [INLINE, DISTRIBUTED]");
    } else if (type != ASL_NODE_NONE) {
        asl_refuse(loader, subject->node, "Field 'ExecutionType' is not supported");
    }
}

static void read_execution_type(asl_loader *loader, const asl_field *field,
                                const asl_subject *subject, asl_node node)
{
    const char *text = asl_node_string(loader, node, NULL);
    (void)field;
    (void)subject;
    if (strcmp(text, "STANDARD") != 0 && strcmp(text, "EXPRESS") != 0)
        asl_refuse(loader, node, "Value should be one of the following: [STANDARD, EXPRESS]");
}

static void read_config(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                        asl_node node);

static const asl_field machine_fields[] = {
    {"States", ASL_IS_OBJECT, A_MACHINE | A_BRANCH | A_PROCESSOR, ASL_IN_BOTH, ASL_FIELD_REQUIRED},
    {"StartAt", ASL_IS_STRING, A_MACHINE | A_BRANCH | A_PROCESSOR, ASL_IN_BOTH, ASL_FIELD_REQUIRED,
     read_start},
    {"Comment", ASL_IS_STRING, A_MACHINE | A_BRANCH | A_PROCESSOR, ASL_IN_BOTH},
    {"QueryLanguage", ASL_IS_STRING, A_MACHINE, ASL_IN_BOTH, 0, read_language},
    {"Version", ASL_IS_STRING, A_MACHINE, ASL_IN_BOTH, 0, read_version},
    {"TimeoutSeconds", ASL_IS_NUMBER, A_MACHINE, ASL_IN_BOTH, 0, read_timeout, 0, 0,
     ASL_TIMEOUT_SECONDS_MAX},
    {"ProcessorConfig", ASL_IS_OBJECT, A_PROCESSOR, ASL_IN_BOTH, 0, read_config},
    {"Mode", ASL_IS_STRING, A_CONFIG, ASL_IN_BOTH, 0, read_mode},
    {"ExecutionType", ASL_IS_STRING, A_CONFIG, ASL_IN_BOTH, 0, read_execution_type},
};
static const asl_grammar machine_grammar = {machine_fields,
                                            sizeof machine_fields / sizeof *machine_fields};

static void read_config(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                        asl_node node)
{
    asl_subject config = *subject;
    config.node = node;
    (void)field;
    asl_walk(loader, &machine_grammar, A_CONFIG, &config);
}

void asl_read_machine(asl_loader *loader, uint32_t scope)
{
    asl_scope_source *source = &loader->scopes[scope];
    asl_scope_definition *definition = &loader->program->scopes[scope];
    asl_subject subject = {.base = definition,
                           .node = source->node,
                           .language = ASL_LANGUAGE_JSONPATH,
                           .scope = scope};
    definition->owner = source->owner;
    definition->start = ASL_NONE;
    definition->first_state = ASL_NONE;
    if (!asl_value_is_object(asl_node_value(loader, source->node))) {
        asl_refuse_kind(loader, source->node, ASL_IS_OBJECT);
        source->is_broken = true;
        return;
    }
    unsigned where = A_MACHINE;
    if (source->owner != ASL_NONE)
        where =
            loader->program->states[source->owner].type == ASL_STATE_MAP ? A_PROCESSOR : A_BRANCH;
    asl_walk(loader, &machine_grammar, where, &subject);
}

void asl_add_target(asl_loader *loader, asl_node node, uint32_t scope, uint32_t *slot)
{
    *slot = ASL_NONE;
    int status = asl_array_reserve(loader->heap, &loader->targets, &loader->target_capacity,
                                   loader->target_count, TARGETS_MAX);
    asl_loader_check(loader, status);
    if (status == ASL_OK)
        loader->targets[loader->target_count++] = (asl_target){node, scope, slot};
}

void asl_add_assigned(asl_loader *loader, asl_node member, uint32_t scope)
{
    int status = asl_array_reserve(loader->heap, &loader->assigned, &loader->assigned_capacity,
                                   loader->assigned_count, TARGETS_MAX);
    asl_loader_check(loader, status);
    if (status == ASL_OK)
        loader->assigned[loader->assigned_count++] = (asl_assigned){member, scope};
}

static void read_resource(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                          asl_node node)
{
    (void)field;
    asl_read_resource(loader, subject->state, node);
}

static void read_result_path(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                             asl_node node)
{
    (void)field;
    asl_read_result_path(loader, node, &subject->state->result_path,
                         &subject->state->discards_result);
}

/* ASL: Task, Credentials. */
static void read_credentials(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                             asl_node node)
{
    bool is_whole = asl_is_expression(loader, subject, node);
    if (!is_whole && asl_node_member(loader, node, "RoleArn") == ASL_NODE_NONE &&
        asl_node_member(loader, node, "RoleArn.$") == ASL_NODE_NONE)
        asl_refuse(loader, node, "The field 'RoleArn' is required but was missing");
    else
        asl_read_template(loader, field, subject, node);
}

static void read_branches(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                          asl_node node)
{
    uint32_t count = (uint32_t)asl_value_count(asl_node_value(loader, node));
    (void)field;
    if (count == 0) {
        asl_refuse(loader, node, "Value cannot be empty");
        return;
    }
    subject->state->as.parallel.first_scope = loader->nodes[asl_node_first(loader, node)].number;
    subject->state->as.parallel.branch_count = count;
}

static void read_processor(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                           asl_node node)
{
    (void)field;
    subject->state->as.map.scope = loader->nodes[node].number;
}

static void read_wait(asl_loader *loader, const asl_field *field, const asl_subject *subject,
                      asl_node node)
{
    asl_state *state = subject->state;
    if (strcmp(field->name, "Seconds") == 0) {
        state->as.wait.form = ASL_WAIT_SECONDS;
        asl_read_count(loader, field, subject, node);
    } else if (strcmp(field->name, "Timestamp") == 0) {
        state->as.wait.form = ASL_WAIT_TIMESTAMP;
        if (asl_is_expression(loader, subject, node) || asl_check_timestamp(loader, node))
            asl_read_constant(loader, field, subject, node);
    } else {
        state->as.wait.form = strcmp(field->name, "SecondsPath") == 0 ? ASL_WAIT_SECONDS_PATH
                                                                      : ASL_WAIT_TIMESTAMP_PATH;
        asl_read_path(loader, field, subject, node);
    }
}

#define TASK (1u << ASL_STATE_TASK)
#define PARALLEL (1u << ASL_STATE_PARALLEL)
#define MAP (1u << ASL_STATE_MAP)
#define PASS (1u << ASL_STATE_PASS)
#define WAIT (1u << ASL_STATE_WAIT)
#define CHOICE (1u << ASL_STATE_CHOICE)
#define SUCCEED (1u << ASL_STATE_SUCCEED)
#define FAIL (1u << ASL_STATE_FAIL)
#define WORKING (TASK | PARALLEL | MAP)
#define MOVING (WORKING | PASS | WAIT)
#define EVERY (MOVING | CHOICE | SUCCEED | FAIL)
#define PATH ASL_LANGUAGE_JSONPATH
#define JSONATA ASL_LANGUAGE_JSONATA
#define BOTH ASL_IN_BOTH
#define TEXT ASL_IS_STRING
#define TEXT_OR_NULL (ASL_IS_STRING | ASL_IS_NULL)
#define NUMBER ASL_IS_NUMBER
#define AT(member) offsetof(asl_state, member)
#define SECONDS_MAX ASL_TIMEOUT_SECONDS_MAX

static const asl_field state_fields[] = {
    {"Type", TEXT, EVERY, BOTH, ASL_FIELD_REQUIRED},
    {"Comment", TEXT, EVERY, BOTH},
    {"QueryLanguage", TEXT, EVERY, BOTH, 0, read_language},
    {"Next", TEXT, MOVING, BOTH, 0, asl_read_target, AT(next)},
    {"End", ASL_IS_BOOLEAN, MOVING, BOTH},
    {"InputPath", TEXT_OR_NULL, EVERY & ~FAIL, PATH, 0, asl_read_path, AT(input_path)},
    {"OutputPath", TEXT_OR_NULL, EVERY & ~FAIL, PATH, 0, asl_read_path, AT(output_path)},
    {"Parameters", ASL_IS_ANY, WORKING | PASS, PATH, 0, asl_read_template, AT(parameters)},
    {"ResultSelector", ASL_IS_ANY, WORKING, PATH, 0, asl_read_template, AT(result_selector)},
    {"ResultPath", TEXT_OR_NULL, WORKING | PASS, PATH, 0, read_result_path},
    {"Assign", ASL_IS_OBJECT, MOVING | CHOICE, BOTH, ASL_FIELD_RESULT, asl_read_assign, AT(assign)},
    {"Arguments", ASL_IS_ANY, TASK | PARALLEL, JSONATA, 0, asl_read_jsonata, AT(parameters)},
    {"Output", ASL_IS_ANY, EVERY & ~FAIL, JSONATA, ASL_FIELD_RESULT, asl_read_jsonata, AT(output)},
    {"Retry", ASL_IS_ARRAY, WORKING, BOTH, 0, asl_read_retry},
    {"Catch", ASL_IS_ARRAY, WORKING, BOTH, 0, asl_read_catch},
    {"Resource", TEXT, TASK, BOTH, ASL_FIELD_REQUIRED, read_resource},
    {"TimeoutSeconds", NUMBER, TASK, BOTH, ASL_FIELD_EXPRESSION, asl_read_count,
     AT(as.task.timeout_seconds), 1, SECONDS_MAX},
    {"TimeoutSecondsPath", TEXT, TASK, PATH, ASL_FIELD_REFERENCE, asl_read_path,
     AT(as.task.timeout_seconds)},
    {"HeartbeatSeconds", NUMBER, TASK, BOTH, ASL_FIELD_EXPRESSION, asl_read_count,
     AT(as.task.heartbeat_seconds), 1, SECONDS_MAX},
    {"HeartbeatSecondsPath", TEXT, TASK, PATH, ASL_FIELD_REFERENCE, asl_read_path,
     AT(as.task.heartbeat_seconds)},
    {"Credentials", ASL_IS_OBJECT, TASK, BOTH, ASL_FIELD_EXPRESSION, read_credentials,
     AT(as.task.credentials)},
    {"Branches", ASL_IS_ARRAY, PARALLEL, BOTH, ASL_FIELD_REQUIRED, read_branches},
    {"ItemProcessor", ASL_IS_OBJECT, MAP, BOTH, 0, read_processor},
    {"Iterator", ASL_IS_OBJECT, MAP, BOTH, 0, read_processor},
    {"ItemsPath", TEXT, MAP, PATH, ASL_FIELD_REFERENCE, asl_read_path, AT(as.map.items)},
    {"Items", ASL_IS_ARRAY, MAP, JSONATA, ASL_FIELD_EXPRESSION, asl_read_jsonata, AT(as.map.items)},
    {"ItemSelector", ASL_IS_ANY, MAP, BOTH, 0, asl_read_template, AT(parameters)},
    {"MaxConcurrency", NUMBER, MAP, BOTH, ASL_FIELD_EXPRESSION, asl_read_count,
     AT(as.map.max_concurrency), 0, INT32_MAX},
    {"MaxConcurrencyPath", TEXT, MAP, PATH, ASL_FIELD_REFERENCE | ASL_FIELD_NO_CONTEXT,
     asl_read_path, AT(as.map.max_concurrency)},
    {"ItemReader", ASL_IS_OBJECT, MAP, BOTH, 0, asl_check_jsonata,
     .feature = ASL_FEATURE_ITEM_READER},
    {"ItemBatcher", ASL_IS_OBJECT, MAP, BOTH, 0, asl_check_jsonata,
     .feature = ASL_FEATURE_ITEM_BATCHER},
    {"ResultWriter", ASL_IS_OBJECT, MAP, BOTH, 0, asl_check_jsonata,
     .feature = ASL_FEATURE_RESULT_WRITER},
    {"ToleratedFailurePercentage", NUMBER, MAP, BOTH, ASL_FIELD_EXPRESSION, asl_check_jsonata,
     .feature = ASL_FEATURE_TOLERATED_FAILURE},
    {"ToleratedFailurePercentagePath", TEXT, MAP, PATH, .feature = ASL_FEATURE_TOLERATED_FAILURE},
    {"ToleratedFailureCount", NUMBER, MAP, BOTH, ASL_FIELD_EXPRESSION, asl_check_jsonata,
     .feature = ASL_FEATURE_TOLERATED_FAILURE},
    {"ToleratedFailureCountPath", TEXT, MAP, PATH, .feature = ASL_FEATURE_TOLERATED_FAILURE},
    {"Label", TEXT, MAP, BOTH, .feature = ASL_FEATURE_LABEL},
    {"Result", ASL_IS_ANY, PASS, PATH, 0, asl_read_constant, AT(as.pass.result)},
    {"Seconds", NUMBER, WAIT, BOTH, ASL_FIELD_EXPRESSION, read_wait, AT(as.wait.when), 0,
     SECONDS_MAX},
    {"SecondsPath", TEXT, WAIT, PATH, ASL_FIELD_REFERENCE, read_wait, AT(as.wait.when)},
    {"Timestamp", TEXT, WAIT, BOTH, ASL_FIELD_EXPRESSION, read_wait, AT(as.wait.when)},
    {"TimestampPath", TEXT, WAIT, PATH, ASL_FIELD_REFERENCE, read_wait, AT(as.wait.when)},
    {"Choices", ASL_IS_ARRAY, CHOICE, BOTH, ASL_FIELD_REQUIRED, asl_read_choices},
    {"Default", TEXT, CHOICE, BOTH, 0, asl_read_target, AT(as.choice.default_state)},
    {"Error", TEXT, FAIL, BOTH, ASL_FIELD_EXPRESSION, asl_read_constant, AT(as.fail.error)},
    {"Cause", TEXT, FAIL, BOTH, ASL_FIELD_EXPRESSION, asl_read_constant, AT(as.fail.cause)},
    {"ErrorPath", TEXT, FAIL, PATH, 0, asl_read_dynamic, AT(as.fail.error)},
    {"CausePath", TEXT, FAIL, PATH, 0, asl_read_dynamic, AT(as.fail.cause)},
};
static const asl_grammar state_grammar = {state_fields, sizeof state_fields / sizeof *state_fields};

static const asl_choice_of state_choices[] = {
    {MOVING, true, {"Next", "End"}},
    {TASK, false, {"TimeoutSeconds", "TimeoutSecondsPath"}},
    {TASK, false, {"HeartbeatSeconds", "HeartbeatSecondsPath"}},
    {MAP, true, {"ItemProcessor", "Iterator"}},
    {MAP, false, {"Parameters", "ItemSelector"}},
    {MAP, false, {"MaxConcurrency", "MaxConcurrencyPath"}},
    {MAP, false, {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"}},
    {MAP, false, {"ToleratedFailureCount", "ToleratedFailureCountPath"}},
    {WAIT, true, {"SecondsPath", "Seconds", "TimestampPath", "Timestamp"}},
    {FAIL, false, {"Error", "ErrorPath"}},
    {FAIL, false, {"Cause", "CausePath"}},
};

static const char *const type_names[] = {"Task", "Parallel", "Map",     "Pass",
                                         "Wait", "Choice",   "Succeed", "Fail"};
#define TYPE_COUNT (sizeof type_names / sizeof *type_names)

const char *asl_state_type_name(asl_state_type type)
{
    return type_names[type];
}

/* False where the state has no type that is known; then nothing more can be said of it. */
static bool read_type(asl_loader *loader, asl_node state, asl_state_type *ret_type)
{
    asl_node node = asl_node_member(loader, state, "Type");
    if (node == ASL_NODE_NONE) {
        asl_refuse(loader, state, "These fields are required: [Type]");
        return false;
    }
    size_t size = 0;
    const char *text = asl_node_string(loader, node, &size);
    if (text == NULL) {
        asl_refuse_kind(loader, node, ASL_IS_STRING);
        return false;
    }
    asl_nearest nearest;
    asl_nearest_init(&nearest, text, size);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (strlen(type_names[i]) == size && memcmp(type_names[i], text, size) == 0) {
            *ret_type = (asl_state_type)i;
            return true;
        }
        asl_nearest_try(loader, &nearest, type_names[i], strlen(type_names[i]));
    }
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED",
                             .node = node,
                             .location = node,
                             .hint = asl_nearest_hint(&nearest)},
               "Value should be one of the following: [Task, Parallel, Map, Pass, Wait, Choice, "
               "Succeed, Fail]");
    return false;
}

/* AWS: any value but "JSONPath" makes a state JSONata; a JSONata machine has no JSONPath states.
 * False where that is broken, and AWS says nothing else of the state's languages. */
static bool read_state_language(asl_loader *loader, asl_node state, asl_language *ret_language)
{
    asl_node node = asl_node_member(loader, state, "QueryLanguage");
    *ret_language = loader->machine_language;
    if (node == ASL_NODE_NONE)
        return true;
    const char *text = asl_node_string(loader, node, NULL);
    bool is_path = text != NULL && strcmp(text, "JSONPath") == 0;
    *ret_language = is_path ? ASL_LANGUAGE_JSONPATH : ASL_LANGUAGE_JSONATA;
    if (!is_path || loader->machine_language == ASL_LANGUAGE_JSONPATH)
        return true;
    asl_report(loader,
               (asl_problem){.code = "SCHEMA_VALIDATION_FAILED", .node = node, .location = state},
               "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
    return false;
}

static void read_name(asl_loader *loader, const asl_state_source *source, asl_state *state)
{
    size_t size = 0;
    const char *name = asl_node_string(loader, source->key, &size);
    state->name = asl_value_ref(asl_node_value(loader, source->key));
    asl_loader_own(loader, NULL, NULL, state->name);
    asl_problem problem = {
        .code = "INVALID_STATE_NAME", .node = source->key, .location = source->node};
    if (size == 0)
        asl_report(loader, problem, "State name cannot be empty");
    else if (asl_utf8_count(name, size) > ASL_NAME_CHARACTERS_MAX)
        asl_report(loader, problem,
                   "State name '%s' exceeds the %u-character limit allowed by the service", name,
                   ASL_NAME_CHARACTERS_MAX);
}

static void set_defaults(asl_state *state)
{
    state->next = ASL_NONE;
    if (state->type == ASL_STATE_CHOICE)
        state->as.choice.default_state = ASL_NONE;
    if (state->type == ASL_STATE_MAP)
        state->as.map.scope = ASL_NONE;
}

/* ASL: Terminal State. */
static bool is_end(const asl_loader *loader, const asl_state *state, asl_node node)
{
    if (state->type == ASL_STATE_SUCCEED || state->type == ASL_STATE_FAIL)
        return true;
    asl_node end = asl_node_member(loader, node, "End");
    return end != ASL_NODE_NONE && asl_value_kind(asl_node_value(loader, end)) == ASL_KIND_TRUE;
}

static void read_typed_state(asl_loader *loader, asl_state *state, asl_node node,
                             asl_scope_source *scope)
{
    unsigned where = 1u << state->type;
    asl_subject subject = {.base = state, .state = state, .node = node, .scope = state->scope};
    bool is_consistent = read_state_language(loader, node, &subject.language);
    state->is_jsonata = subject.language == ASL_LANGUAGE_JSONATA;
    set_defaults(state);
    if (is_consistent)
        asl_walk(loader, &state_grammar, where, &subject);
    asl_walk_choices(loader, state_choices, sizeof state_choices / sizeof *state_choices, where,
                     node);
    bool ends = is_end(loader, state, node);
    scope->has_end |= ends;
    bool moves = asl_node_member(loader, node, "Next") != ASL_NODE_NONE;
    if ((where & MOVING) != 0 && !ends && !moves)
        scope->is_broken = true;
    if (state->type == ASL_STATE_CHOICE && state->as.choice.rule_count == 0)
        scope->is_broken = true;
    if (!is_consistent)
        scope->is_broken = true;
}

void asl_read_state(asl_loader *loader, uint32_t index)
{
    const asl_state_source *source = &loader->states[index];
    asl_state *state = &loader->program->states[index];
    asl_scope_source *scope = &loader->scopes[source->scope];
    state->index = index;
    state->scope = source->scope;
    state->next = ASL_NONE;
    state->type = ASL_STATE_FAIL;
    read_name(loader, source, state);
    if (!asl_value_is_object(asl_node_value(loader, source->node))) {
        asl_refuse_kind(loader, source->node, ASL_IS_OBJECT);
        scope->is_broken = true;
        return;
    }
    if (!read_type(loader, source->node, &state->type)) {
        asl_node next = asl_node_member(loader, source->node, "Next");
        if (next != ASL_NODE_NONE && asl_node_string(loader, next, NULL) != NULL)
            asl_add_target(loader, next, source->scope, &state->next);
        scope->is_broken = true;
        return;
    }
    read_typed_state(loader, state, source->node, scope);
}
