/* One child process: started with posix_spawn, followed by its pidfd and two pipes on the engine's
 * loop, and reaped by its own descriptor, so a host's other children and its SIGCHLD are untouched.
 *
 *     running -- it ends -------------------------> ended
 *     running -- stop: SIGTERM ---> stopping -- it ends, or SIGKILL after a while --> ended
 */
#ifndef ASL_COMMAND_PROCESS_H
#define ASL_COMMAND_PROCESS_H

#include <asl/engine.h>

#define ASL_COMMAND_OUTPUT_BYTES_MAX 262144u /* AWS: a payload; standard output is one */
#define ASL_COMMAND_MESSAGE_BYTES_MAX 4096u  /* the end of standard error that is kept */
#define ASL_COMMAND_GRACE_MS 2000            /* from SIGTERM to SIGKILL */
#define ASL_COMMAND_STATUS_LOST \
    "the host process took the command's exit status (it waits for every child)"

typedef struct asl_process asl_process;

/* How a process ended. All borrowed for the call. */
typedef struct asl_process_end {
    bool was_reaped;  /* false: the host reaped it first, its status is unknown */
    bool is_too_long; /* standard output passed its limit */
    bool is_out_of_memory;
    int status;         /* exit status, where `signal` is 0 */
    int signal;         /* what killed it */
    const char *output; /* standard output */
    size_t output_size;
    const char *messages; /* the end of standard error */
    size_t message_size;
} asl_process_end;

/* Called once, inside asl_engine_dispatch; the process is freed when it returns. */
typedef void (*asl_process_ended)(void *context, const asl_process_end *end);

typedef struct asl_process_start {
    char *const *argv;
    char *const *environment;
    const char *folder; /* NULL: the working folder */
    const char *input;  /* what it reads from standard input */
    size_t input_size;
    asl_process_ended ended;
    void *context;
} asl_process_start;

/* ASL_OK, ASL_NOMEM, ASL_IO (the message says why it did not start), ASL_NOT_FOUND (it ran, and the
 * host reaped it). `start` and what it points to
 * is used during the call only, but for `context`. */
int asl_process_new(asl_engine *engine, const asl_process_start *start, asl_process **ret_process,
                    asl_error **error);
/* Asks the process and its group to end, and ends it if it does not; `ended` is called then. */
void asl_process_stop(asl_process *process);
/* Ends and frees it at once; `ended` is not called. Waits at most a second for the kernel. */
void asl_process_kill(asl_process *process);

#endif
