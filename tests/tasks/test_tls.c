/* HTTPS: only a certificate that is right in every way gets to see a request. */
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "tls_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One request to a server with a fault; `trusts` its authority, or the system's only. */
static host_outcome call(tls_fault fault, bool trusts, unsigned *ret_requests)
{
    char path[] = "/tmp/asl-ca-XXXXXX", binding[512], ca[64] = "";
    close(mkstemp(path));
    tls_server *server = tls_server_start(fault, path);
    if (trusts)
        snprintf(ca, sizeof ca, ", \"caFile\": \"%s\"", path);
    snprintf(binding, sizeof binding,
             "{\"http\": {\"url\": \"https://127.0.0.1:%u/\", \"connectTimeoutSeconds\": 300, "
             "\"timeoutSeconds\": 900%s}}",
             tls_server_port(server), ca);
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, binding);
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    *ret_requests = tls_server_requests(server);
    host_close(&host);
    tls_server_stop(server);
    unlink(path);
    return outcome;
}

START_TEST(a_right_certificate_of_a_trusted_authority_is_taken)
{
    unsigned requests = 0;
    host_outcome outcome = call(TLS_RIGHT, true, &requests);
    ck_assert_msg(outcome.status == ASL_EXECUTION_SUCCEEDED, "%s", outcome.cause);
    ck_assert_str_eq(outcome.output, "{\"tls\":true}");
    ck_assert_uint_eq(requests, 1);
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(every_other_certificate_is_refused_before_a_request_is_sent)
{
    static const struct {
        tls_fault fault;
        bool trusts;
        const char *words;
    } cases[] = {
        {TLS_RIGHT, false, "certificate"},       {TLS_WRONG_NAME, true, "127.0.0.1"},
        {TLS_EXPIRED, true, "expired"},          {TLS_SELF_SIGNED, true, "self"},
        {TLS_SELF_SIGNED, false, "certificate"}, {TLS_OLD, true, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned requests = 0;
        host_outcome outcome = call(cases[i].fault, cases[i].trusts, &requests);
        ck_assert_int_eq(outcome.status, ASL_EXECUTION_FAILED);
        ck_assert_str_eq(outcome.error, "States.Http.Socket");
        ck_assert_msg(strstr(outcome.cause, cases[i].words) != NULL, "%zu: %s", i, outcome.cause);
        ck_assert_uint_eq(requests, 0);
        host_outcome_done(&outcome);
    }
}
END_TEST

SUITE("tasks/http tls", a_right_certificate_of_a_trusted_authority_is_taken,
      every_other_certificate_is_refused_before_a_request_is_sent)
