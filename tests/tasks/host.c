/* Everything here fails the running test by itself, so that tests read as what they are about. */
#include "host.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void host_open(test_host *host, asl_clock clock)
{
    const asl_store_options store = {.size = sizeof store};
    ck_assert_int_eq(asl_store_open(&store, &host->store, NULL), ASL_OK);
    const asl_engine_options options = {
        .size = sizeof options, .store = host->store, .clock = clock, .seed = 7};
    ck_assert_int_eq(asl_engine_open(&options, &host->engine, NULL), ASL_OK);
}

void host_close(test_host *host)
{
    asl_engine_free(host->engine);
    asl_store_close(host->store);
}

void host_bind(test_host *host, const char *binding)
{
    static const char *const networks[] = {"127.0.0.0/8", "::1/128", NULL};
    const asl_bind_options options = {.size = sizeof options,
                                      .source = "test.tasks.json",
                                      .flags = ASL_BIND_TRUSTED,
                                      .allow_networks = networks};
    char *text = NULL;
    int size = asprintf(&text, "{\"tasks\": {\"%s\": %s}}", HOST_RESOURCE, binding);
    ck_assert_int_gt(size, 0);
    asl_error *error = NULL;
    int status = asl_engine_bind(host->engine, text, (size_t)size, &options, &error);
    ck_assert_msg(status == ASL_OK, "%s: %s", binding, asl_error_message(error));
    free(text);
}

void host_define(test_host *host, const char *members)
{
    char *text = NULL;
    int size = asprintf(&text,
                        "{\"StartAt\": \"Call\", \"States\": {"
                        "\"Call\": {\"Type\": \"Task\", \"Resource\": \"%s\"%s%s, \"Next\": "
                        "\"Done\"},"
                        "%s\"Done\": {\"Type\": \"Succeed\"}}}",
                        HOST_RESOURCE, members == NULL ? "" : ", ", members == NULL ? "" : members,
                        members != NULL && strstr(members, "Caught") != NULL
                            ? "\"Caught\": {\"Type\": \"Pass\", \"End\": true},"
                            : "");
    ck_assert_int_gt(size, 0);
    asl_definition *definition = NULL;
    asl_diagnostics *diagnostics = NULL;
    int status = asl_definition_load(text, (size_t)size, NULL, &definition, &diagnostics, NULL);
    ck_assert_msg(status == ASL_OK, "%s: %s", text,
                  asl_diagnostics_count(diagnostics) == 0
                      ? asl_status_name(status)
                      : asl_diagnostics_at(diagnostics, 0)->message);
    asl_diagnostics_free(diagnostics);
    ck_assert_int_eq(asl_engine_add_machine(host->engine, "test", definition, NULL), ASL_OK);
    asl_definition_unref(definition);
    free(text);
}

static char *copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

host_outcome host_run(test_host *host, const char *input)
{
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, input, strlen(input), 0, &value, NULL), ASL_OK);
    const asl_start start = {.size = sizeof start, .machine = "test", .input = value};
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    int64_t began_ms = host_now_ms();
    int status = asl_execution_start(host->engine, &start, &execution, &error);
    if (status == ASL_OK)
        status = asl_engine_run(host->engine, execution, -1, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    host_outcome outcome = {.status = asl_execution_status_of(execution),
                            .error = copy(asl_execution_error(execution)),
                            .cause = copy(asl_execution_cause(execution)),
                            .elapsed_ms = host_now_ms() - began_ms};
    char *text = NULL;
    if (asl_execution_output(execution) != NULL)
        asl_value_print(asl_execution_output(execution), 0, &text, NULL);
    outcome.output = copy(text);
    asl_text_free(text);
    asl_execution_unref(execution);
    asl_value_unref(value);
    return outcome;
}

void host_outcome_done(host_outcome *outcome)
{
    free(outcome->output);
    free(outcome->error);
    free(outcome->cause);
}

unsigned host_descriptor_count(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

int64_t host_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
