/* Mocks of tasks that have two answers, and of activities. */
#include <stdio.h>

#include "host.h"
#include "suite.h"

static const char definition_text[] =
    "{\"StartAt\":\"A\",\"States\":{"
    "\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\","
    "\"Parameters\":{\"QueueUrl\":\"q\",\"MessageBody\":{\"token.$\":\"$$.Task.Token\"}},"
    "\"HeartbeatSeconds\":5000,\"Catch\":[{\"ErrorEquals\":[\"No\"],\"Next\":\"B\"}],\"Next\":"
    "\"B\"},"
    "\"B\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::ecs:runTask.sync\",\"Next\":\"C\"},"
    "\"C\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:us-east-1:000000000000:activity:a\","
    "\"End\":true}}}";

static host_outcome run_mocked(const char *callback)
{
    test_host host;
    host_open(&host, ASL_CLOCK_SKIPPING);
    char bindings[1024];
    int size = snprintf(bindings, sizeof bindings,
                        "{\"tasks\": {\"arn:aws:states:::sqs:*\": {\"mock\": %s},"
                        "\"arn:aws:states:::ecs:*\": {\"mock\": {\"return\": 2}},"
                        "\"arn:aws:states:us-east-1:*\": {\"mock\": {\"return\": 3}}}}",
                        callback);
    asl_error *error = NULL;
    int status = asl_engine_bind(host.engine, bindings, (size_t)size, NULL, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    asl_definition *definition = NULL;
    status = asl_definition_load(definition_text, sizeof definition_text - 1, NULL, &definition,
                                 NULL, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    ck_assert_int_eq(asl_engine_add_machine(host.engine, "test", definition, NULL), ASL_OK);
    asl_definition_unref(definition);
    host_outcome outcome = host_run(&host, "{}");
    host_close(&host);
    return outcome;
}

static void expect_three(const char *callback)
{
    host_outcome outcome = run_mocked(callback);
    ck_assert_int_eq(outcome.status, ASL_EXECUTION_SUCCEEDED);
    ck_assert_str_eq(outcome.output, "3");
    host_outcome_done(&outcome);
}

START_TEST(a_mock_submits_and_ends_what_waits_for_a_token)
{
    expect_three("{\"return\": 1}");
    expect_three("{\"return\": 1, \"submit\": {\"MessageId\": \"7\"}, \"delaySeconds\": 4000}");
    expect_three("{\"error\": \"No\", \"cause\": \"not today\"}");
}
END_TEST

START_TEST(a_mocked_callback_that_never_comes_misses_its_heartbeat)
{
    static const char *const never[] = {"{\"hang\": true}",
                                        "{\"return\": 1, \"delaySeconds\": 60000}"};
    for (size_t i = 0; i < 2; i++) {
        host_outcome outcome = run_mocked(never[i]);
        ck_assert_int_eq(outcome.status, ASL_EXECUTION_FAILED);
        ck_assert_str_eq(outcome.error, "States.Timeout");
        host_outcome_done(&outcome);
    }
}
END_TEST

SUITE("tasks/patterns", a_mock_submits_and_ends_what_waits_for_a_token,
      a_mocked_callback_that_never_comes_misses_its_heartbeat)
