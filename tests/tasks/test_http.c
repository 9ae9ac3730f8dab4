/* The HTTP handler against a server that does everything wrong that servers do: whatever comes, the
 * task's result is right, its timeout ends what never would, and no descriptor stays. */
#include "suite.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "http_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct answer {
    const char *path;
    const char *output; /* NULL: it fails */
    const char *error, *cause;
    bool is_slow; /* it ends by a timeout only */
} answers[] = {
    {"echo", "{\"order\":7}", NULL, NULL, false},
    {"ok", "{\"ok\":true}", NULL, NULL, false},
    {"until-close", "{\"ok\":true}", NULL, NULL, false},
    {"empty-chunks", "null", NULL, NULL, false},
    {"chunked", "{\"ok\":true}", NULL, NULL, false},
    {"slow", "{\"slow\":true}", NULL, NULL, false},
    {"drip", "{\"drip\":true}", NULL, NULL, false},
    {"cut", "{\"cut\":true}", NULL, NULL, false},
    {"information", "{\"ok\":true}", NULL, NULL, false},
    {"duplicate", "{\"ok\":true}", NULL, NULL, false},
    {"206", "{\"ok\":true}", NULL, NULL, false},
    {"204", "null", NULL, NULL, false},
    {"204-body", "null", NULL, NULL, false},
    {"empty", "null", NULL, NULL, false},
    {"blank", "null", NULL, NULL, false},
    {"never", NULL, "States.Http.Socket", "timed out", true},
    {"drip-forever", NULL, "States.Http.Socket", "timed out", true},
    {"slow-head", NULL, "States.Http.Socket", "timed out", true},
    {"reset", NULL, "States.Http.Socket", "", false},
    {"reset-head", NULL, "States.Http.Socket", "", false},
    {"reset-body", NULL, "States.Http.Socket", "", false},
    {"close", NULL, "States.Http.Socket", "", false},
    {"close-head", NULL, "States.Http.Socket", "", false},
    {"truncated", NULL, "States.Http.Socket", "", false},
    {"overlong", NULL, "Http.InvalidResponse", "no JSON", false},
    {"bad-length", NULL, "States.Http.Socket", "", false},
    {"negative-length", NULL, "States.Http.Socket", "", false},
    {"bad-chunk", NULL, "States.Http.Socket", "", false},
    {"chunk-overflow", NULL, "States.Http.Socket", "", false},
    {"chunk-cut", NULL, "States.Http.Socket", "", false},
    {"chunk-unfinished", NULL, "States.Http.Socket", "", false},
    {"limit", NULL, NULL, NULL, false},
    {"past-limit", NULL, "States.DataLimitExceeded", "body is longer", false},
    {"huge", NULL, "States.DataLimitExceeded", "body is longer", false},
    {"endless", NULL, "States.DataLimitExceeded", "body is longer", false},
    {"endless-chunks", NULL, "States.DataLimitExceeded", "body is longer", false},
    {"endless-error", NULL, "States.DataLimitExceeded", "body is longer", false},
    {"endless-headers", NULL, "States.DataLimitExceeded", "headers are longer", false},
    {"endless-information", NULL, "States.DataLimitExceeded", "headers are longer", false},
    {"huge-header", NULL, "States.DataLimitExceeded", "headers are longer", false},
    {"text", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"html", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"two-values", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"invalid-utf8", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"surrogate", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"nul", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"deep", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"gzip", NULL, "Http.InvalidResponse", "is no JSON", false},
    {"http09", NULL, "States.Http.Socket", "", false},
    {"garbage", NULL, "States.Http.Socket", "", false},
    {"301", NULL, "States.Http.StatusCode.301", "redirects are not followed", false},
    {"302", NULL, "States.Http.StatusCode.302", "http://169.254.169.254/latest", false},
    {"304", NULL, "States.Http.StatusCode.304", "without a body", false},
    {"307", NULL, "States.Http.StatusCode.307", "redirects are not followed", false},
    {"400", NULL, "States.Http.StatusCode.400", "{\"error\":\"bad\"}", false},
    {"401", NULL, "States.Http.StatusCode.401", "who", false},
    {"404", NULL, "States.Http.StatusCode.404", "not found", false},
    {"429", NULL, "States.Http.StatusCode.429", "busy", false},
    {"500", NULL, "States.Http.StatusCode.500", "broken", false},
    {"503", NULL, "States.Http.StatusCode.503", "without a body", false},
    {"504", NULL, "States.Http.StatusCode.504", "late", false},
    {"599", NULL, "States.Http.StatusCode.599", "odd", false},
    {"error-bytes", NULL, "States.Http.StatusCode.500",
     "bad \xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD[31mred\xEF\xBF\xBD \xE4\xB8\xAD", false},
};

/* Times are as long as they may be where `more` gives none. */
static void bind_path(test_host *host, http_server *server, const char *path, const char *more)
{
    char binding[1024];
    snprintf(
        binding, sizeof binding,
        "{\"http\": {\"url\": \"http://127.0.0.1:%u/%s\", \"connectTimeoutSeconds\": 300%s%s}}",
        http_server_port(server), path,
        strstr(more, "timeoutSeconds") == NULL ? ", \"timeoutSeconds\": 900" : "", more);
    host_bind(host, binding);
}

static void check_answer(const struct answer *answer, const host_outcome *outcome)
{
    if (answer->error == NULL) {
        ck_assert_msg(outcome->status == ASL_EXECUTION_SUCCEEDED, "/%s: %s: %s", answer->path,
                      outcome->error, outcome->cause);
        if (answer->output != NULL)
            ck_assert_str_eq(outcome->output, answer->output);
        else
            ck_assert_uint_eq(strlen(outcome->output), 262144);
        return;
    }
    ck_assert_msg(outcome->status == ASL_EXECUTION_FAILED, "/%s gave %s", answer->path,
                  outcome->output);
    ck_assert_msg(strcmp(outcome->error, answer->error) == 0 &&
                      strstr(outcome->cause, answer->cause) != NULL,
                  "/%s: %s: %s", answer->path, outcome->error, outcome->cause);
}

static void check_caught(const struct answer *answer, const host_outcome *outcome)
{
    char error[80];
    ck_assert_int_eq(outcome->status, ASL_EXECUTION_SUCCEEDED);
    snprintf(error, sizeof error, "{\"Error\":\"%s\",", answer->error);
    ck_assert_msg(strstr(outcome->output, error) != NULL, "%s", outcome->output);
}

/* Only those that end by it meet a short timeout. A server that is as slow as they are may read a
 * request of theirs when nobody waits for it any more, or not at all. */
static void check_time_and_requests(const struct answer *answer, const host_outcome *outcome,
                                    unsigned requests, unsigned tries)
{
    if (answer->is_slow) {
        ck_assert_int_ge(outcome->elapsed_ms, tries * 290);
        ck_assert_uint_le(requests, tries);
        return;
    }
    ck_assert_msg(outcome->cause == NULL || !strstr(outcome->cause, "timed out"), "/%s",
                  answer->path);
    ck_assert_uint_eq(requests, answer->error != NULL ? tries : 1);
}

/* One answer, from a server of its own: what another one still does cannot be counted. */
static void run_answer(const struct answer *answer, const char *members, unsigned tries,
                       bool is_caught)
{
    http_server *server = http_server_start("127.0.0.1");
    test_host host;
    host_open(&host, ASL_CLOCK_SKIPPING);
    bind_path(&host, server, answer->path, answer->is_slow ? ", \"timeoutSeconds\": 0.3" : "");
    host_define(&host, members);
    host_outcome outcome = host_run(&host, "{\"order\":7}");
    if (answer->error != NULL && is_caught)
        check_caught(answer, &outcome);
    else
        check_answer(answer, &outcome);
    check_time_and_requests(answer, &outcome, http_server_requests(server), tries);
    host_outcome_done(&outcome);
    host_close(&host);
    http_server_stop(server);
}

/* Every answer with the members of a state; tries of a failing task, and whether it is caught. */
static void run_answers(const char *members, unsigned tries, bool is_caught)
{
    unsigned before = host_descriptor_count();
    for (size_t i = 0; i < COUNT(answers); i++)
        run_answer(&answers[i], members, tries, is_caught);
    ck_assert_uint_eq(host_descriptor_count(), before);
}

START_TEST(every_answer_gives_the_right_result)
{
    run_answers(NULL, 1, false);
}
END_TEST

START_TEST(every_failure_is_retried_once_and_then_fails)
{
    run_answers("\"Retry\": [{\"ErrorEquals\": [\"States.ALL\"], \"MaxAttempts\": 1}]", 2, false);
}
END_TEST

START_TEST(every_failure_is_retried_once_and_then_caught)
{
    run_answers("\"Retry\": [{\"ErrorEquals\": [\"States.ALL\"], \"MaxAttempts\": 1}], "
                "\"Catch\": [{\"ErrorEquals\": [\"States.ALL\"], \"Next\": \"Caught\"}]",
                2, true);
}
END_TEST

START_TEST(a_tasks_own_timeout_aborts_the_transfer)
{
    http_server *server = http_server_start("127.0.0.1");
    static const char *const paths[] = {"never", "drip-forever", "slow-head"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        test_host host;
        host_open(&host, ASL_CLOCK_REAL);
        bind_path(&host, server, paths[i], "");
        host_define(&host, "\"TimeoutSeconds\": 1");
        host_outcome outcome = host_run(&host, "{}");
        ck_assert_str_eq(outcome.error, "States.Timeout");
        host_outcome_done(&outcome);
        while (http_server_open(server) > 0)
            asl_engine_dispatch(host.engine, 10);
        host_close(&host);
    }
    http_server_stop(server);
}
END_TEST

START_TEST(an_engine_may_be_freed_while_transfers_are_open)
{
    unsigned before = host_descriptor_count();
    http_server *server = http_server_start("127.0.0.1");
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    bind_path(&host, server, "never", "");
    host_define(&host, NULL);
    for (int i = 0; i < 20; i++) {
        const asl_start start = {.size = sizeof start, .machine = "test"};
        asl_execution *execution = NULL;
        ck_assert_int_eq(asl_execution_start(host.engine, &start, &execution, NULL), ASL_OK);
        asl_execution_unref(execution);
    }
    while (http_server_requests(server) < 20)
        asl_engine_dispatch(host.engine, 10);
    host_close(&host);
    http_server_stop(server);
    ck_assert_uint_eq(host_descriptor_count(), before);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_a_socket_error)
{
    /* Bound, so that nobody else gets the port, and not listening. */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    char binding[128];
    snprintf(binding, sizeof binding, "{\"http\": {\"url\": \"http://127.0.0.1:%u/ok\"}}",
             ntohs(address.sin_port));
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, binding);
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.error, "States.Http.Socket");
    ck_assert_ptr_nonnull(strstr(outcome.cause, "onnect"));
    host_outcome_done(&outcome);
    host_close(&host);
    close(fd);
}
END_TEST

/* What the server has seen of one request. */
static char *show(const char *more, const char *input)
{
    http_server *server = http_server_start("127.0.0.1");
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    bind_path(&host, server, "show?a=b%20c", more);
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, input);
    ck_assert_str_eq(outcome.error, "States.Http.StatusCode.418");
    host_outcome_done(&outcome);
    host_close(&host);
    char *request = http_server_last_request(server);
    http_server_stop(server);
    return request;
}

static void has_line(const char *request, const char *line)
{
    ck_assert_msg(strstr(request, line) != NULL, "\"%s\" is not in\n%s", line, request);
}

START_TEST(a_request_says_what_the_task_is)
{
    char *request = show("", "{\"a\": [1, \"\xC3\xA9\"]}");
    has_line(request, "POST /show?a=b%20c HTTP/1.1\r\n");
    has_line(request, "\r\nIdempotency-Key: ");
    has_line(request, "\r\nContent-Type: application/json\r\n");
    has_line(request, "\r\nAccept: application/json\r\n");
    has_line(request, "\r\nUser-Agent: aslengine/");
    has_line(request, "\r\nContent-Length: 14\r\n");
    has_line(request, "\r\n\r\n{\"a\":[1,\"\xC3\xA9\"]}");
    ck_assert_ptr_null(strstr(request, "Expect"));
    ck_assert_ptr_null(strstr(request, "Accept-Encoding"));
    free(request);
}
END_TEST

START_TEST(method_and_headers_are_those_of_the_binding)
{
    setenv("ASL_TEST_TOKEN", "canary-31", 1);
    char *request =
        show(", \"method\": \"PUT\", \"headers\": {\"X-One\": \"two\", \"X-Empty\": \"\", "
             "\"content-type\": \"application/x-amz-json-1.0\", \"Authorization\": "
             "{\"env\": \"ASL_TEST_TOKEN\", \"prefix\": \"Bearer \"}}",
             "{}");
    has_line(request, "PUT /show");
    has_line(request, "\r\nX-One: two\r\n");
    has_line(request, "\r\nX-Empty:\r\n");
    has_line(request, "\r\ncontent-type: application/x-amz-json-1.0\r\n");
    ck_assert_ptr_null(strstr(request, "Content-Type: application/json"));
    has_line(request, "\r\nAuthorization: Bearer canary-31\r\n");
    free(request);
    static const char *const without_body[] = {"GET", "OPTIONS"};
    for (size_t i = 0; i < COUNT(without_body); i++) {
        char more[64];
        snprintf(more, sizeof more, ", \"method\": \"%s\"", without_body[i]);
        request = show(more, "{\"not\": \"sent\"}");
        ck_assert_int_eq(strncmp(request, without_body[i], strlen(without_body[i])), 0);
        ck_assert_ptr_null(strstr(request, "Content-Length"));
        ck_assert_ptr_null(strstr(request, "sent"));
        free(request);
    }
}
END_TEST

START_TEST(a_secret_that_a_server_repeats_is_not_in_the_cause)
{
    setenv("ASL_TEST_TOKEN", "canary-31", 1);
    http_server *server = http_server_start("127.0.0.1");
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    bind_path(&host, server, "show",
              ", \"headers\": {\"X-Key\": {\"env\": \"ASL_TEST_TOKEN\", \"prefix\": \"k=\"}}");
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.error, "States.Http.StatusCode.418");
    ck_assert_ptr_nonnull(strstr(outcome.cause, "X-Key: "));
    ck_assert_ptr_null(strstr(outcome.cause, "canary"));
    host_outcome_done(&outcome);
    host_close(&host);
    http_server_stop(server);
}
END_TEST

START_TEST(a_secret_that_is_gone_fails_the_task_and_sends_nothing)
{
    char path[] = "/tmp/asl-secret-XXXXXX", more[256];
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, "canary-32\n", 10), 10);
    http_server *server = http_server_start("127.0.0.1");
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    snprintf(more, sizeof more, ", \"headers\": {\"X-Key\": {\"file\": \"%s\"}}", path);
    bind_path(&host, server, "ok", more);
    host_define(&host, NULL);
    fchmod(fd, 0644);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.error, "States.TaskFailed");
    ck_assert_ptr_nonnull(strstr(outcome.cause, "chmod 600"));
    ck_assert_ptr_null(strstr(outcome.cause, "canary"));
    ck_assert_uint_eq(http_server_connections(server), 0);
    host_outcome_done(&outcome);
    host_close(&host);
    http_server_stop(server);
    close(fd);
    unlink(path);
}
END_TEST

/* The value of a header of the last request; from malloc. */
static char *last_key(http_server *server)
{
    char *request = http_server_last_request(server), key[80] = "";
    const char *line = strstr(request, "\r\nIdempotency-Key: ");
    ck_assert_ptr_nonnull(line);
    sscanf(line + 19, "%79[^\r]", key);
    free(request);
    return strdup(key);
}

START_TEST(a_try_has_a_key_of_its_own)
{
    http_server *server = http_server_start("127.0.0.1");
    char *keys[2];
    for (int i = 0; i < 2; i++) {
        test_host host;
        host_open(&host, ASL_CLOCK_REAL);
        bind_path(&host, server, "ok", "");
        host_define(&host, NULL);
        host_outcome outcome = host_run(&host, "{}");
        host_outcome_done(&outcome);
        keys[i] = last_key(server);
        host_close(&host);
    }
    ck_assert_uint_ge(strlen(keys[0]), 16);
    ck_assert_str_ne(keys[0], keys[1]);
    free(keys[0]);
    free(keys[1]);
    http_server_stop(server);
}
END_TEST

START_TEST(a_connection_serves_one_request_after_the_other)
{
    http_server *server = http_server_start("127.0.0.1");
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    bind_path(&host, server, "echo", "");
    host_define(&host, NULL);
    for (int i = 0; i < 10; i++) {
        host_outcome outcome = host_run(&host, "{}");
        ck_assert_str_eq(outcome.output, "{}");
        host_outcome_done(&outcome);
    }
    ck_assert_uint_eq(http_server_requests(server), 10);
    ck_assert_uint_eq(http_server_connections(server), 1);
    /* One that the server closes between two requests is replaced, and the request sent anew. */
    bind_path(&host, server, "cut", "");
    for (int i = 0; i < 5; i++) {
        host_outcome outcome = host_run(&host, "{}");
        ck_assert_str_eq(outcome.output, "{\"cut\":true}");
        host_outcome_done(&outcome);
    }
    ck_assert_uint_eq(http_server_requests(server), 15);
    host_close(&host);
    http_server_stop(server);
}
END_TEST

START_TEST(many_requests_run_at_the_same_time)
{
    enum { RUNS = 100 };
    unsigned before = host_descriptor_count();
    http_server *server = http_server_start("127.0.0.1");
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    /* None is answered before all have come. */
    bind_path(&host, server, "together?100", "");
    host_define(&host, NULL);
    asl_execution *executions[RUNS];
    for (int i = 0; i < RUNS; i++) {
        const asl_start start = {.size = sizeof start, .machine = "test"};
        ck_assert_int_eq(asl_execution_start(host.engine, &start, &executions[i], NULL), ASL_OK);
    }
    for (int i = 0; i < RUNS; i++) {
        ck_assert_int_eq(asl_engine_run(host.engine, executions[i], -1, NULL), ASL_OK);
        ck_assert_int_eq(asl_execution_status_of(executions[i]), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(executions[i]);
    }
    host_close(&host);
    http_server_stop(server);
    ck_assert_uint_eq(host_descriptor_count(), before);
}
END_TEST

SUITE("tasks/http", every_answer_gives_the_right_result,
      every_failure_is_retried_once_and_then_fails, every_failure_is_retried_once_and_then_caught,
      a_tasks_own_timeout_aborts_the_transfer, an_engine_may_be_freed_while_transfers_are_open,
      a_server_that_is_not_there_is_a_socket_error, a_request_says_what_the_task_is,
      method_and_headers_are_those_of_the_binding,
      a_secret_that_a_server_repeats_is_not_in_the_cause,
      a_secret_that_is_gone_fails_the_task_and_sends_nothing, a_try_has_a_key_of_its_own,
      a_connection_serves_one_request_after_the_other, many_requests_run_at_the_same_time)
