#include "load.h"

static loaded load_resource(const char *resource, unsigned flags)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'%s','End':true}}}", resource);
    return load_with(text, flags);
}

static void check_kind(const char *resource, asl_resource_kind kind)
{
    loaded result = load_resource(resource, 0);
    ck_assert_msg(result.status == ASL_OK, "%s", resource);
    const asl_state *state = &asl_definition_program(result.definition)->states[0];
    ck_assert_int_eq(state->as.task.kind, kind);
    ck_assert_int_eq(state->as.task.pattern, ASL_PATTERN_REQUEST_RESPONSE);
    ck_assert_str_eq(asl_definition_state_resource(result.definition, 0), resource);
    unload(&result);
}

static void check_unknown(const char *resource)
{
    loaded result = load_resource(resource, 0);
    ck_assert_msg(result.status == ASL_INVALID, "%s", resource);
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_ptr_nonnull(strstr(only->message, "is not recognized. The value is not a valid"));
    ck_assert_str_eq(only->location, "/States/T/Resource");
    unload(&result);
}

static void check_code(const char *resource, unsigned flags, const char *code)
{
    loaded result = load_resource(resource, flags);
    ck_assert_msg(result.status == ASL_INVALID, "%s", resource);
    ck_assert_msg(find_code(&result, code) != NULL, "%s", resource);
    unload(&result);
}

START_TEST(functions_services_and_names_are_told_apart)
{
    check_kind("arn:aws:lambda:us-east-1:123456789012:function:pay", ASL_RESOURCE_LAMBDA);
    check_kind("arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST", ASL_RESOURCE_LAMBDA);
    check_kind("arn:aws:states:::lambda:invoke", ASL_RESOURCE_SERVICE);
    check_kind("arn:aws:states:::aws-sdk:dynamodb:query", ASL_RESOURCE_SERVICE);
    check_kind("arn:aws:states:::local:greet", ASL_RESOURCE_SERVICE);
    check_kind("arn:${AWS::Partition}:states:::sns:publish", ASL_RESOURCE_SERVICE);
    check_kind("pay", ASL_RESOURCE_LAMBDA);
    check_kind("${PayFunctionArn}", ASL_RESOURCE_LAMBDA);
}
END_TEST

START_TEST(unknown_resources_are_refused)
{
    check_unknown("");
    check_unknown("arn:aws:states:::dynamodb:query");
    check_unknown("arn:aws:states:::lambda:invoke.sync");
    check_unknown("arn:aws:states:::dynamodb:getItem.waitForTaskToken");
    check_unknown("arn:aws:states:::aws-sdk:s3:getObject.sync");
    check_unknown("arn:aws:states:::ecs:runTask.sync:2");
    check_unknown("arn:aws:states:::sns");
    check_unknown("arn:aws:lambda:us-east-1:123456789012:function:pay:");
    check_unknown("arn:aws:lambda:us-east-1:123456789012:function:pay:$*#");
    check_unknown("${PayFunctionArn");
}
END_TEST

static void check_pattern(const char *resource, asl_resource_kind kind,
                          asl_resource_pattern pattern)
{
    loaded result = load_resource(resource, 0);
    ck_assert_msg(result.status == ASL_OK, "%s", resource);
    const asl_state *state = &asl_definition_program(result.definition)->states[0];
    ck_assert_msg(state->as.task.kind == kind, "%s", resource);
    ck_assert_msg(state->as.task.pattern == pattern, "%s", resource);
    unload(&result);
}

START_TEST(patterns_are_told_apart)
{
    check_pattern("arn:aws:states:::states:startExecution.sync:2", ASL_RESOURCE_SERVICE,
                  ASL_PATTERN_SYNC);
    check_pattern("arn:aws:states:::ecs:runTask.sync", ASL_RESOURCE_SERVICE, ASL_PATTERN_SYNC);
    check_pattern("arn:aws:states:::sqs:sendMessage.waitForTaskToken", ASL_RESOURCE_SERVICE,
                  ASL_PATTERN_WAIT_FOR_TASK_TOKEN);
    check_pattern("arn:aws:states:us-east-1:123456789012:activity:a", ASL_RESOURCE_ACTIVITY,
                  ASL_PATTERN_REQUEST_RESPONSE);
}
END_TEST

START_TEST(express_machines_have_fewer_patterns)
{
    check_code("arn:aws:states:::ecs:runTask.sync", ASL_DEFINITION_EXPRESS,
               "SCHEMA_VALIDATION_FAILED");
    check_code("arn:aws:states:::sqs:sendMessage.waitForTaskToken", ASL_DEFINITION_EXPRESS,
               "SCHEMA_VALIDATION_FAILED");
    loaded result = load_resource("arn:aws:states:::sqs:sendMessage", ASL_DEFINITION_EXPRESS);
    ck_assert_int_eq(result.status, ASL_OK);
    unload(&result);
}
END_TEST

SUITE("definition/resource", functions_services_and_names_are_told_apart,
      unknown_resources_are_refused, patterns_are_told_apart, express_machines_have_fewer_patterns)
