/* Bindings files through the public interface: what is taken, what is refused, and where. */
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fault_heap.h"
#include "host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Binds a text as it stands; the message, from malloc, or NULL where it was taken. */
static char *bind_text(test_host *host, const char *text, unsigned flags, int *ret_status)
{
    const asl_bind_options options = {
        .size = sizeof options, .source = "order.tasks.json", .flags = flags};
    asl_error *error = NULL;
    *ret_status = asl_engine_bind(host->engine, text, strlen(text), &options, &error);
    char *message = error == NULL ? NULL : strdup(asl_error_message(error));
    ck_assert(error == NULL || asl_error_status(error) == *ret_status);
    asl_error_free(error);
    return message;
}

static const char *missing(test_host *host)
{
    static const char text[] = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\","
                               "\"Resource\":\"" HOST_RESOURCE "\",\"End\":true}}}";
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(text, sizeof text - 1, NULL, &definition, NULL, NULL),
                     ASL_OK);
    const char *resource = asl_engine_missing_handler(host->engine, definition);
    asl_definition_unref(definition);
    return resource == NULL ? NULL : HOST_RESOURCE;
}

START_TEST(a_wrong_file_is_refused_with_its_place)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "order.tasks.json:1:1: "},
        {"{\"tasks\": {\n  \"a\": {\"mock\" {}}}}", "order.tasks.json:2:16: "},
        {"[]", "order.tasks.json:1:1: a bindings file is an object"},
        {"{}", "order.tasks.json:1:1: the member \"tasks\" is missing"},
        {"{\"task\": {}}", "order.tasks.json:1:2: \"task\" is not a member of a bindings file"},
        {"{\"tasks\": []}", "order.tasks.json:1:11: \"tasks\" must be an object"},
        {"{\"tasks\": {\"a\": 1}}",
         "order.tasks.json:1:17: the binding of \"a\" must be an object"},
        {"{\"tasks\": {\"a\": {}}}", "order.tasks.json:1:12: the binding of \"a\" needs one of"},
        {"{\"tasks\": {\n \"a\": {\"htp\": {}}}}",
         "order.tasks.json:2:8: \"htp\" is not a member of a binding"},
        {"{\"tasks\": {\"\": {\"mock\": {}}}}", "order.tasks.json:1:12: a resource is"},
        {"{\"tasks\": {\"a*b\": {\"mock\": {}}}}", "order.tasks.json:1:12: a resource is"},
        {"{\"tasks\": {\"**\": {\"mock\": {}}}}", "order.tasks.json:1:12: a resource is"},
        {"{\"tasks\": {\"a\\u0000\": {\"mock\": {}}}}", "order.tasks.json:1:12: a resource is"},
        {"{\"tasks\": {\"a\": {\"mock\": {}, \"plugin\": \"order\"}}}",
         "has both \"mock\" and \"plugin\""},
        {"{\"tasks\": {\"a\": {\"mock\": {}, \"configuration\": {}}}}",
         "\"configuration\" goes with \"plugin\""},
        {"{\"tasks\": {\"a\": {\"configuration\": {}, \"mock\": {}}}}",
         "\"configuration\" goes with \"plugin\""},
        {"{\"tasks\": {\"a\": {\"plugin\": \"Order\"}}}", "\"plugin\" must be the name"},
        {"{\"tasks\": {\"a\": {\"plugin\": \"..\"}}}", "\"plugin\" must be the name"},
        {"{\"tasks\": {\"a\": {\"plugin\": 7}}}", "\"plugin\" must be the name"},
        {"{\"tasks\": {\"a\": {\"plugin\": \"no-such\"}}}", "no shipped module \"no-such\""},
        {"{\"tasks\": {\"a\": {\"delivery\": \"once\", \"mock\": {\"hang\": true}}}}",
         "\"delivery\" must be"},
        {"{\"tasks\": {\"a\": {\"mock\": {\"hang\": true}}, \"a\": {\"mock\": {\"hang\": true}}}}",
         "twice"},
        {"{\"tasks\": {\"a\": {\"mock\": {}}}}",
         "order.tasks.json:1:12: the binding of \"a\": \"mock\" needs exactly one of"},
        {"{\"tasks\": {\"a\": {\"mock\": {\"return\": 1, \"error\": \"E\"}}}}", "exactly one of"},
        {"{\"tasks\": {\"a\": {\"mock\": {\"return\": 1, \"cause\": \"c\"}}}}", "\"cause\" goes"},
        {"{\"tasks\": {\"a\": {\"mock\": {\"retrun\": 1}}}}", "\"retrun\" is not a member"},
        {"{\"tasks\": {\"a\": {\"mock\": []}}}", "at least one"},
        {"{\"tasks\": {\"a\": {\"mock\": [{\"return\": 1}, {}]}}}", "exactly one of"},
        {"{\"tasks\": {\"a\": {\"mock\": {\"return\": 1, \"delaySeconds\": -1}}}}",
         "\"delaySeconds\""},
    };
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = ASL_OK;
        char *message = bind_text(&host, cases[i].text, 0, &status);
        ck_assert_msg(status == ASL_SYNTAX || status == ASL_NOT_FOUND, "%s gives %s", cases[i].text,
                      asl_status_name(status));
        ck_assert_msg(strstr(message, cases[i].message) != NULL, "%s: %s", cases[i].text, message);
        free(message);
    }
    host_close(&host);
}
END_TEST

START_TEST(a_file_nobody_named_may_bind_mocks_and_shipped_plugins_only)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"{\"tasks\": {\"a\": {\"http\": {\"url\": \"http://127.0.0.1/\"}}}}", "HTTP endpoint"},
        {"{\"tasks\": {\"a\": {\"command\": {\"argv\": [\"true\"]}}}}", "runs a command"},
        {"{\"tasks\": {\"a\": {\"plugin\": \"./a.so\"}}}", "loads a plugin from a path"},
        {"{\"tasks\": {\"a\": {\"plugin\": \"/a.so\"}}}", "loads a plugin from a path"},
        {"{\"tasks\": {\"a\": {\"plugin\": \"http\", \"configuration\": {}}}}", "HTTP endpoint"},
        {"{\"tasks\": {\"a\": {\"plugin\": \"command\"}}}", "runs a command"},
    };
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = ASL_OK;
        char *message = bind_text(&host, cases[i].text, 0, &status);
        ck_assert_msg(status == ASL_DENIED, "%s gives %s", cases[i].text, asl_status_name(status));
        ck_assert_msg(strstr(message, cases[i].words) != NULL, "%s", message);
        ck_assert_ptr_nonnull(strstr(message, "the binding of \"a\""));
        ck_assert_ptr_nonnull(strstr(message, "--tasks order.tasks.json"));
        free(message);
    }
    int status = ASL_OK;
    free(bind_text(&host,
                   "{\"comment\": \"c\", \"tasks\": {\"" HOST_RESOURCE
                   "\": {\"comment\": \"d\", \"mock\": {\"return\": 1}}}}",
                   0, &status));
    ck_assert_int_eq(status, ASL_OK);
    ck_assert_ptr_null(missing(&host));
    host_close(&host);
}
END_TEST

START_TEST(nothing_is_registered_where_one_binding_is_refused)
{
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    int status = ASL_OK;
    free(bind_text(&host,
                   "{\"tasks\": {\"" HOST_RESOURCE "\": {\"mock\": {\"return\": 1}},"
                   " \"other\": {\"mock\": {}}}}",
                   0, &status));
    ck_assert_int_eq(status, ASL_SYNTAX);
    ck_assert_ptr_nonnull(missing(&host));

    host_bind(&host, "{\"mock\": {\"return\": \"first\"}}");
    free(bind_text(&host,
                   "{\"tasks\": {\"" HOST_RESOURCE "\": {\"mock\": {\"return\": \"second\"}},"
                   " \"arn*\": {\"mock\": {\"return\": \"third\"}}, \"other\": {\"mock\": 1}}}",
                   0, &status));
    ck_assert_int_eq(status, ASL_SYNTAX);
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.output, "\"first\"");
    host_outcome_done(&outcome);
    host_close(&host);
}
END_TEST

START_TEST(a_later_binding_replaces_an_earlier_one)
{
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, "{\"mock\": {\"return\": \"first\"}}");
    host_bind(&host, "{\"mock\": {\"return\": \"second\"}}");
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.output, "\"second\"");
    host_outcome_done(&outcome);
    host_close(&host);
}
END_TEST

/* One run of the task with a mock, under the skipping clock. */
static host_outcome run_mock(const char *mock, const char *members)
{
    char *binding = NULL;
    ck_assert_int_gt(asprintf(&binding, "{\"mock\": %s}", mock), 0);
    test_host host;
    host_open(&host, ASL_CLOCK_SKIPPING);
    host_bind(&host, binding);
    host_define(&host, members);
    host_outcome outcome = host_run(&host, "{\"in\": 1}");
    host_close(&host);
    free(binding);
    return outcome;
}

START_TEST(a_mock_returns_what_it_is_told)
{
    host_outcome outcome = run_mock("{\"return\": {\"a\": [1.0, null]}}", NULL);
    ck_assert_int_eq(outcome.status, ASL_EXECUTION_SUCCEEDED);
    ck_assert_str_eq(outcome.output, "{\"a\":[1.0,null]}");
    host_outcome_done(&outcome);
    outcome = run_mock("{\"return\": null}", NULL);
    ck_assert_str_eq(outcome.output, "null");
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(a_mock_fails_as_it_is_told)
{
    host_outcome outcome =
        run_mock("{\"error\": \"Card.Declined\", \"cause\": \"no money\"}", NULL);
    ck_assert_int_eq(outcome.status, ASL_EXECUTION_FAILED);
    ck_assert_str_eq(outcome.error, "Card.Declined");
    ck_assert_str_eq(outcome.cause, "no money");
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(a_list_of_mocks_answers_one_attempt_after_the_other)
{
    static const char retry[] =
        "\"Retry\": [{\"ErrorEquals\": [\"States.ALL\"], \"MaxAttempts\": 5}]";
    host_outcome outcome =
        run_mock("[{\"error\": \"A\"}, {\"error\": \"B\"}, {\"return\": 3}]", retry);
    ck_assert_int_eq(outcome.status, ASL_EXECUTION_SUCCEEDED);
    ck_assert_str_eq(outcome.output, "3");
    host_outcome_done(&outcome);
    outcome = run_mock("[{\"error\": \"A\"}, {\"error\": \"Last\"}]", retry);
    ck_assert_str_eq(outcome.error, "Last");
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(a_delayed_mock_answers_in_engine_time)
{
    host_outcome outcome =
        run_mock("{\"return\": 1, \"delaySeconds\": 3600}", "\"TimeoutSeconds\": 7200");
    ck_assert_int_eq(outcome.status, ASL_EXECUTION_SUCCEEDED);
    host_outcome_done(&outcome);
    outcome = run_mock("{\"return\": 1, \"delaySeconds\": 7200}", "\"TimeoutSeconds\": 3600");
    ck_assert_str_eq(outcome.error, "States.Timeout");
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(a_mock_that_hangs_times_out_without_waiting)
{
    host_outcome outcome = run_mock("{\"hang\": true}", "\"TimeoutSeconds\": 86400");
    ck_assert_int_eq(outcome.status, ASL_EXECUTION_FAILED);
    ck_assert_str_eq(outcome.error, "States.Timeout");
    host_outcome_done(&outcome);
}
END_TEST

/* Starts a task that hangs, frees the engine, and goes on with another one over the same store. */
static char *interrupt(const char *delivery, bool has_end)
{
    char *binding = NULL;
    ck_assert_int_gt(asprintf(&binding, "{\"mock\": {\"hang\": true}%s}", delivery), 0);
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, binding);
    host_define(&host, NULL);
    const asl_start start = {.size = sizeof start, .machine = "test", .name = "one"};
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_execution_start(host.engine, &start, &execution, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_run(host.engine, execution, 50, NULL), ASL_TIMED_OUT);
    uint64_t number = asl_execution_number(execution);
    asl_execution_unref(execution);
    asl_engine_free(host.engine);

    const asl_engine_options options = {.size = sizeof options, .store = host.store, .seed = 8};
    ck_assert_int_eq(asl_engine_open(&options, &host.engine, NULL), ASL_OK);
    host_bind(&host, binding);
    ck_assert_int_eq(asl_engine_recover(host.engine, 0, NULL, NULL), ASL_OK);
    ck_assert_int_eq(asl_execution_find(host.engine, number, &execution), ASL_OK);
    asl_engine_run(host.engine, execution, has_end ? -1 : 50, NULL);
    const char *cause = asl_execution_cause(execution);
    char *copy = cause == NULL ? NULL : strdup(cause);
    asl_execution_unref(execution);
    host_close(&host);
    free(binding);
    return copy;
}

START_TEST(a_binding_that_says_so_is_delivered_at_most_once)
{
    char *cause = interrupt(", \"delivery\": \"at-most-once\"", true);
    ck_assert_ptr_nonnull(cause);
    ck_assert_str_eq(cause, "interrupted");
    free(cause);
    ck_assert_ptr_null(interrupt("", false));
    ck_assert_ptr_null(interrupt(", \"delivery\": \"at-least-once\"", false));
}
END_TEST

START_TEST(a_plugin_of_ones_own_is_loaded_from_its_path)
{
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, "{\"plugin\": \"" MODULE_FOLDER
                     "/mock/asl_mock.so\", \"configuration\": {\"return\": 5}}");
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.output, "5");
    host_outcome_done(&outcome);

    static const struct {
        const char *plugin, *words;
        int status;
    } cases[] = {
        {"/no-such.so", "cannot read /no-such.so", ASL_NOT_FOUND},
        {"/etc/passwd", "cannot load a module", ASL_IO},
        {LIBRARY, "has no asl_plugin_register", ASL_IO},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[1024];
        snprintf(text, sizeof text, "{\"tasks\": {\"a\": {\"plugin\": \"%s\"}}}", cases[i].plugin);
        int status = ASL_OK;
        char *message = bind_text(&host, text, ASL_BIND_TRUSTED, &status);
        ck_assert_int_eq(status, cases[i].status);
        ck_assert_msg(strstr(message, cases[i].words) != NULL, "%s", message);
        free(message);
    }
    host_close(&host);
}
END_TEST

START_TEST(shipped_plugins_are_looked_for_in_the_variable_first)
{
    char folder[] = "/tmp/asl-modules-XXXXXX", path[128], variable[256];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/asl_special.so", folder);
    ck_assert_int_eq(symlink(MODULE_FOLDER "/mock/asl_mock.so", path), 0);
    snprintf(variable, sizeof variable, "relative:/no/such:%s", folder);
    setenv("ASL_MODULE_PATH", variable, 1);
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, "{\"plugin\": \"special\", \"configuration\": {\"return\": 6}}");
    host_bind(&host, "{\"mock\": {\"return\": 7}}");
    unsetenv("ASL_MODULE_PATH");
    int status = ASL_OK;
    free(bind_text(&host, "{\"tasks\": {\"a\": {\"plugin\": \"special\"}}}", 0, &status));
    ck_assert_int_eq(status, ASL_NOT_FOUND);
    host_close(&host);
    unlink(path);
    rmdir(folder);
}
END_TEST

/* Opens an engine, binds, and closes; every allocation is the heap's. */
static int bind_once(const asl_heap *heap, const char *text, int expected)
{
    const asl_engine_options engine_options = {.size = sizeof engine_options, .heap = heap};
    test_host host = {NULL, NULL};
    int status = asl_engine_open(&engine_options, &host.engine, NULL);
    if (status != ASL_OK)
        return status;
    const asl_bind_options options = {.size = sizeof options, .flags = ASL_BIND_TRUSTED};
    asl_error *error = NULL;
    status = asl_engine_bind(host.engine, text, strlen(text), &options, &error);
    ck_assert_int_eq(asl_error_status(error), status);
    asl_error_free(error);
    ck_assert(status == ASL_NOMEM || status == expected);
    ck_assert(status == ASL_OK || missing(&host) != NULL);
    asl_engine_free(host.engine);
    return status;
}

START_TEST(an_allocation_that_fails_binds_nothing_and_loses_nothing)
{
    static const struct {
        const char *text;
        int expected;
    } cases[] = {
        {"{\"tasks\": {\"" HOST_RESOURCE "\": {\"mock\": {\"return\": [1, {\"a\": \"b\"}]}},"
         " \"b*\": {\"plugin\": \"mock\", \"configuration\": {\"hang\": true}},"
         " \"c\": {\"command\": {\"argv\": [\"true\"]}},"
         " \"d\": {\"mock\": {\"error\": \"E\"}, \"delivery\": \"at-most-once\"}}}",
         ASL_OK},
        {"{\"tasks\": {\"" HOST_RESOURCE "\": {\"mock\": {\"return\": 1}},"
         " \"b\": {\"mock\": {}}}}",
         ASL_SYNTAX},
        {"{\"tasks\": {\"a\": {\"plugin\": \"./no-such.so\"}}}", ASL_NOT_FOUND},
    };
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t nth = 1;
        for (; fault_heap_sweep(&heap, nth, false); nth++) {
            int status = bind_once(&heap.hook, cases[i].text, cases[i].expected);
            ck_assert(status == cases[i].expected || fault_heap_failed(&heap));
        }
        ck_assert_uint_gt(nth, 10);
    }
    ck_assert(fault_heap_is_empty(&heap));
}
END_TEST

SUITE("tasks/bindings", a_wrong_file_is_refused_with_its_place,
      a_file_nobody_named_may_bind_mocks_and_shipped_plugins_only,
      nothing_is_registered_where_one_binding_is_refused, a_later_binding_replaces_an_earlier_one,
      a_mock_returns_what_it_is_told, a_mock_fails_as_it_is_told,
      a_list_of_mocks_answers_one_attempt_after_the_other, a_delayed_mock_answers_in_engine_time,
      a_mock_that_hangs_times_out_without_waiting, a_binding_that_says_so_is_delivered_at_most_once,
      a_plugin_of_ones_own_is_loaded_from_its_path,
      shipped_plugins_are_looked_for_in_the_variable_first,
      an_allocation_that_fails_binds_nothing_and_loses_nothing)
