/* HTTP configurations, the answers' judgement, and texts from outside: what needs no engine. */
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handler/text.h"
#include "http/endpoint.h"
#include "http/response.h"
#include "http/secret.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static asl_value *parse(const char *text)
{
    asl_value *value = NULL;
    ck_assert_msg(asl_value_parse(NULL, text, strlen(text), 0, &value, NULL) == ASL_OK, "%s", text);
    return value;
}

/* Reads a configuration that must be taken. */
static asl_endpoint *take(const char *text)
{
    asl_value *configuration = parse(text);
    asl_endpoint *endpoint = NULL;
    asl_error *error = NULL;
    int status = asl_endpoint_new(configuration, NULL, &endpoint, &error);
    ck_assert_msg(status == ASL_OK, "%s: %s", text, asl_error_message(error));
    asl_value_unref(configuration);
    return endpoint;
}

/* Reads one that must be refused with a status and words of the message. */
static void refuse(const char *text, int status, const char *words)
{
    asl_value *configuration = parse(text);
    asl_endpoint *endpoint = NULL;
    asl_error *error = NULL;
    int got = asl_endpoint_new(configuration, NULL, &endpoint, &error);
    ck_assert_msg(got == status, "%s gives %s", text, asl_status_name(got));
    ck_assert_msg(strstr(asl_error_message(error), words) != NULL, "%s: %s", text,
                  asl_error_message(error));
    asl_error_free(error);
    asl_value_unref(configuration);
}

START_TEST(a_url_is_enough_and_the_rest_has_defaults)
{
    asl_endpoint *endpoint = take("{\"url\": \"https://pay.example/charge\"}");
    ck_assert_str_eq(endpoint->url, "https://pay.example/charge");
    ck_assert_str_eq(endpoint->method, "POST");
    ck_assert(endpoint->has_body);
    ck_assert_int_eq(endpoint->timeout_ms, 60000);
    ck_assert_int_eq(endpoint->connect_timeout_ms, 10000);
    ck_assert_ptr_null(endpoint->proxy);
    ck_assert_uint_eq(endpoint->allowed_count, 0);
    asl_endpoint_free(endpoint);
}
END_TEST

START_TEST(every_member_of_a_configuration_is_read)
{
    asl_endpoint *endpoint =
        take("{\"url\": \"http://a.example/\", \"method\": \"GET\", \"timeoutSeconds\": 2.5,"
             " \"connectTimeoutSeconds\": 1, \"proxy\": \"http://proxy.example:3128\","
             " \"caFile\": \"/etc/ca.pem\", \"headers\": {\"X-A\": \"b\\tc\", \"x-empty\": \"\"}}");
    ck_assert_str_eq(endpoint->method, "GET");
    ck_assert(!endpoint->has_body);
    ck_assert_int_eq(endpoint->timeout_ms, 2500);
    ck_assert_int_eq(endpoint->connect_timeout_ms, 1000);
    ck_assert_str_eq(endpoint->proxy, "http://proxy.example:3128/");
    ck_assert_str_eq(endpoint->ca_file, "/etc/ca.pem");
    ck_assert_uint_eq(endpoint->header_count, 2);
    ck_assert_str_eq(endpoint->headers[0].name, "X-A");
    ck_assert_str_eq(endpoint->headers[0].text, "b\tc");
    asl_endpoint_free(endpoint);
}
END_TEST

START_TEST(what_a_configuration_may_not_say_is_refused_with_words)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"{}", "needs a \"url\""},
        {"[]", "must be an object"},
        {"{\"url\": 7}", "\"url\" must be a text"},
        {"{\"url\": \"\"}", "\"url\" must be a text"},
        {"{\"url\": \"a.example/x\"}", "\"url\""},
        {"{\"url\": \"ftp://a.example/\"}", "http:// or https://"},
        {"{\"url\": \"file:///etc/passwd\"}", "http:// or https://"},
        {"{\"url\": \"gopher://a.example/\"}", "http:// or https://"},
        {"{\"url\": \"http://user:secret@a.example/\"}", "credentials"},
        {"{\"url\": \"http://user@a.example/\"}", "credentials"},
        {"{\"url\": \"http://a.example/\\r\\nX: y\"}", "\"url\""},
        {"{\"url\": \"http://a.example/ b\"}", "\"url\""},
        {"{\"url\": \"http://a.example\\u0000.b/\"}", "\"url\""},
        {"{\"url\": \"http://a.example:99999/\"}", "\"url\""},
        {"{\"url\": \"http://[::1/\"}", "\"url\""},
        {"{\"ulr\": \"http://a.example/\"}", "\"ulr\" is not a member of \"http\""},
        {"{\"url\": \"http://a/\", \"method\": \"post\"}", "not \"post\""},
        {"{\"url\": \"http://a/\", \"method\": \"CONNECT\"}", "not \"CONNECT\""},
        {"{\"url\": \"http://a/\", \"method\": \"GET / HTTP/1.1\\r\\nX: y\"}", "\"method\""},
        {"{\"url\": \"http://a/\", \"timeoutSeconds\": 0}", "\"timeoutSeconds\""},
        {"{\"url\": \"http://a/\", \"timeoutSeconds\": 1e9}", "\"timeoutSeconds\""},
        {"{\"url\": \"http://a/\", \"timeoutSeconds\": \"1\"}", "\"timeoutSeconds\""},
        {"{\"url\": \"http://a/\", \"proxy\": \"socks5://p/\"}", "\"proxy\""},
        {"{\"url\": \"http://a/\", \"proxy\": \"http://u:p@p/\"}", "credentials"},
        {"{\"url\": \"http://a/\", \"headers\": []}", "\"headers\""},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": 1}}", "header \"X\""},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": \"v\\r\\nX-Injected: y\"}}", "control"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": \"v\\nY: z\"}}", "control"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": \"v\\u0000\"}}", "control"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": \"v\\u007f\"}}", "control"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X Y\": \"v\"}}", "no header name"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X:\": \"v\"}}", "no header name"},
        {"{\"url\": \"http://a/\", \"headers\": {\"\": \"v\"}}", "no header name"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\\r\\nY\": \"v\"}}", "no header name"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": \"1\", \"x\": \"2\"}}", "twice"},
        {"{\"url\": \"http://a/\", \"headers\": {\"Host\": \"b\"}}", "cannot be set"},
        {"{\"url\": \"http://a/\", \"headers\": {\"content-length\": \"0\"}}", "cannot be set"},
        {"{\"url\": \"http://a/\", \"headers\": {\"Transfer-Encoding\": \"chunked\"}}",
         "cannot be set"},
        {"{\"url\": \"http://a/\", \"headers\": {\"Connection\": \"close\"}}", "cannot be set"},
        {"{\"url\": \"http://a/\", \"headers\": {\"Upgrade\": \"h2c\"}}", "cannot be set"},
        {"{\"url\": \"http://a/\", \"headers\": {\"Expect\": \"100-continue\"}}", "cannot be set"},
        {"{\"url\": \"http://a/\", \"headers\": {\"Idempotency-Key\": \"1\"}}", "cannot be set"},
        {"{\"url\": \"http://a/\", \"headers\": {\"Authorization\": \"Bearer x\"}}", "secret"},
        {"{\"url\": \"http://a/\", \"headers\": {\"cookie\": \"a=b\"}}", "secret"},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": {}}}", "either \"file\" or \"env\""},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": {\"file\": \"a\", \"env\": \"b\"}}}",
         "either \"file\" or \"env\""},
        {"{\"url\": \"http://a/\", \"headers\": {\"X\": {\"path\": \"a\"}}}", "\"path\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        refuse(cases[i].text, ASL_SYNTAX, cases[i].words);
}
END_TEST

START_TEST(a_secret_comes_from_a_closed_file_or_the_environment)
{
    char path[] = "/tmp/asl-secret-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, "s3cret\r\n", 8), 8);
    char text[256];
    snprintf(text, sizeof text,
             "{\"url\": \"http://a/\", \"headers\": {\"Authorization\": {\"file\": \"%s\", "
             "\"prefix\": \"Bearer \"}}}",
             path);
    asl_endpoint *endpoint = take(text);
    char *value = NULL;
    ck_assert_int_eq(asl_secret_read(&endpoint->headers[0], &value, NULL), ASL_OK);
    ck_assert_str_eq(value, "Bearer s3cret");
    asl_secret_free(value);

    fchmod(fd, 0640);
    refuse(text, ASL_DENIED, "chmod 600");
    ck_assert_int_eq(asl_secret_read(&endpoint->headers[0], &value, NULL), ASL_DENIED);
    fchmod(fd, 0600);
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    refuse(text, ASL_IO, "empty");
    ck_assert_int_eq(pwrite(fd, "a\r\nX: b", 7, 0), 7);
    refuse(text, ASL_IO, "control");
    ck_assert_int_eq(pwrite(fd, "a\0b", 3, 0), 3);
    refuse(text, ASL_IO, "cannot read");
    close(fd);
    unlink(path);
    refuse(text, ASL_IO, "cannot open");
    ck_assert_int_eq(symlink("/etc/hostname", path), 0);
    refuse(text, ASL_IO, "cannot open");
    unlink(path);
    asl_endpoint_free(endpoint);
}
END_TEST

START_TEST(a_secret_of_the_environment_is_read_when_it_is_needed)
{
    static const char text[] =
        "{\"url\": \"http://a/\", \"headers\": {\"X-Key\": {\"env\": \"ASL_TEST_KEY\"}}}";
    unsetenv("ASL_TEST_KEY");
    refuse(text, ASL_IO, "the environment has no ASL_TEST_KEY");
    setenv("ASL_TEST_KEY", "one", 1);
    asl_endpoint *endpoint = take(text);
    setenv("ASL_TEST_KEY", "two", 1);
    char *value = NULL;
    ck_assert_int_eq(asl_secret_read(&endpoint->headers[0], &value, NULL), ASL_OK);
    ck_assert_str_eq(value, "two");
    asl_secret_free(value);
    asl_endpoint_free(endpoint);
}
END_TEST

START_TEST(networks_to_allow_are_read_with_the_endpoint)
{
    asl_value *configuration = parse("{\"url\": \"http://a/\"}");
    static const char *const good[] = {"127.0.0.0/8", "::1", NULL};
    asl_bind_options options = {.size = sizeof options, .allow_networks = good};
    asl_endpoint *endpoint = NULL;
    ck_assert_int_eq(asl_endpoint_new(configuration, &options, &endpoint, NULL), ASL_OK);
    ck_assert_uint_eq(endpoint->allowed_count, 2);
    asl_endpoint_free(endpoint);
    static const char *const bad[] = {"127.0.0.0/8", "localhost", NULL};
    options.allow_networks = bad;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_endpoint_new(configuration, &options, &endpoint, &error), ASL_SYNTAX);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "localhost"));
    asl_error_free(error);
    asl_value_unref(configuration);
}
END_TEST

static asl_http_outcome judge(long status, const char *body, size_t size, const char *redirect)
{
    asl_http_body whole = {0};
    ck_assert_int_eq(asl_http_body_append(&whole, body, size), ASL_OK);
    asl_http_outcome outcome;
    asl_http_response_judge(status, &whole, redirect, &outcome);
    asl_http_body_done(&whole);
    return outcome;
}

START_TEST(answers_become_an_output_or_an_error_with_a_cause)
{
    static const struct {
        long status;
        const char *body, *redirect, *output, *error, *cause;
    } cases[] = {
        {200, "{\"a\": 1.0}", NULL, "{\"a\":1.0}", NULL, NULL},
        {299, " 7\n", NULL, "7", NULL, NULL},
        {200, "", NULL, "null", NULL, NULL},
        {204, "", NULL, "null", NULL, NULL},
        {200, " \r\n", NULL, "null", NULL, NULL},
        {200, "hello", NULL, NULL, "Http.InvalidResponse", "is no JSON"},
        {200, "{} {}", NULL, NULL, "Http.InvalidResponse", "is no JSON"},
        {200, "\"\xff\"", NULL, NULL, "Http.InvalidResponse", "is no JSON"},
        {199, "x", NULL, NULL, "States.Http.StatusCode.199", "x"},
        {300, "pick", NULL, NULL, "States.Http.StatusCode.300", "pick"},
        {301, "moved", "http://b/", NULL, "States.Http.StatusCode.301", "led to http://b/"},
        {404, "{\"no\":1}", NULL, NULL, "States.Http.StatusCode.404", "{\"no\":1}"},
        {429, "", NULL, NULL, "States.Http.StatusCode.429", "status 429 without a body"},
        {500, "a\x1b[31m\xffz", NULL, NULL, "States.Http.StatusCode.500",
         "a\xEF\xBF\xBD[31m\xEF\xBF\xBDz"},
        {0, "x", NULL, NULL, "States.Http.StatusCode.0", "x"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        asl_http_outcome outcome =
            judge(cases[i].status, cases[i].body, strlen(cases[i].body), cases[i].redirect);
        if (cases[i].output != NULL) {
            char *text = NULL;
            ck_assert_ptr_nonnull(outcome.output);
            asl_value_print(outcome.output, 0, &text, NULL);
            ck_assert_str_eq(text, cases[i].output);
            asl_text_free(text);
        } else {
            ck_assert_ptr_null(outcome.output);
            ck_assert_str_eq(outcome.error, cases[i].error);
            ck_assert_msg(strstr(outcome.cause, cases[i].cause) != NULL, "%s", outcome.cause);
        }
        asl_http_outcome_done(&outcome);
    }
}
END_TEST

START_TEST(a_body_grows_to_its_limit_and_not_past_it)
{
    static char block[1000];
    asl_http_body body = {0};
    for (int i = 0; i < 262; i++)
        ck_assert_int_eq(asl_http_body_append(&body, block, sizeof block), ASL_OK);
    ck_assert_int_eq(asl_http_body_append(&body, block, 145), ASL_TOO_LARGE);
    ck_assert_int_eq(asl_http_body_append(&body, block, 144), ASL_OK);
    ck_assert_uint_eq(body.size, ASL_HTTP_BODY_BYTES_MAX);
    ck_assert_int_eq(asl_http_body_append(&body, block, 1), ASL_TOO_LARGE);
    asl_http_body_done(&body);
}
END_TEST

START_TEST(texts_from_outside_come_out_as_utf8_without_controls)
{
#define R "\xEF\xBF\xBD"
    static const char *const cases[][2] = {
        {"plain\ttext\n", "plain\ttext\n"},
        {"line\r\nline\r", "line\nline" R},
        {"\x1b[31m", R "[31m"},
        {"\x07\x7f", R R},
        {"\xC2\x9B"
         "1m",
         R "1m"},
        {"\xC2\xA0\xE4\xB8\xAD\xF0\x9F\x98\x80", "\xC2\xA0\xE4\xB8\xAD\xF0\x9F\x98\x80"},
        {"\xC0\x80", R R},
        {"\xED\xA0\x80", R R R},
        {"\xE4\xB8", R R},
        {"\xF4\x90\x80\x80", R R R R},
        {"\xFF"
         "a\x80",
         R "a" R},
    };
#undef R
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *clean = asl_text_clean(cases[i][0], strlen(cases[i][0]));
        ck_assert_str_eq(clean, cases[i][1]);
        free(clean);
    }
    char *clean = asl_text_clean("a\0b", 3);
    ck_assert_str_eq(clean, "a\xEF\xBF\xBD"
                            "b");
    free(clean);
}
END_TEST

SUITE("tasks/http/endpoint", a_url_is_enough_and_the_rest_has_defaults,
      every_member_of_a_configuration_is_read,
      what_a_configuration_may_not_say_is_refused_with_words,
      a_secret_comes_from_a_closed_file_or_the_environment,
      a_secret_of_the_environment_is_read_when_it_is_needed,
      networks_to_allow_are_read_with_the_endpoint,
      answers_become_an_output_or_an_error_with_a_cause, a_body_grows_to_its_limit_and_not_past_it,
      texts_from_outside_come_out_as_utf8_without_controls)
