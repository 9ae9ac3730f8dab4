/* A host for tests of handlers: an engine with one machine of one Task state, bound as a text says;
 * runs one execution and keeps how it ended. Public interface only. */
#ifndef ASL_TESTS_HOST_H
#define ASL_TESTS_HOST_H

#include <asl/asl.h>

#define HOST_RESOURCE "arn:aws:lambda:us-east-1:000000000000:function:call"

typedef struct test_host {
    asl_store *store;
    asl_engine *engine;
} test_host;

/* How an execution ended; texts from malloc, NULL where there is none. */
typedef struct host_outcome {
    asl_execution_status status;
    char *output, *error, *cause;
    int64_t elapsed_ms; /* real time */
} host_outcome;

void host_open(test_host *host, asl_clock clock);
void host_close(test_host *host);

/* Binds HOST_RESOURCE to a binding's JSON, trusted, with the loopback networks allowed; a failure
 * fails the test. */
void host_bind(test_host *host, const char *binding);
/* Adds a machine "test" whose only state is a Task with HOST_RESOURCE and these further members:
 * `"TimeoutSeconds": 1`, a Retry, ... (NULL: none). A Catch may go to the state "Caught". */
void host_define(test_host *host, const char *members);
/* Runs an execution of "test" with an input until it ends, however long that takes. */
host_outcome host_run(test_host *host, const char *input);
void host_outcome_done(host_outcome *outcome);

/* Open descriptors of this process. */
unsigned host_descriptor_count(void);
/* Real time, from some past moment. */
int64_t host_now_ms(void);

#endif
