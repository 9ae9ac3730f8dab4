/* What starting costs: a command, as a process of its own.
 *
 * usage: bench-start COMMAND [ARGUMENT...]
 * Median of many runs: the wall time from spawn to exit, and the greatest resident size.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "report.h"

#define RUNS 50u

extern char **environ;

/* Runs once; 0 where it succeeded. */
static int run_once(char *const command[], double *ret_ms, double *ret_mib)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    int64_t began_ns = report_now_ns();
    pid_t child = 0;
    int failed = posix_spawn(&child, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        fprintf(stderr, "bench-start: %s: %s\n", command[0], strerror(failed));
        return -1;
    }
    int status = 0;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child)
        return -1;
    *ret_ms = (double)(report_now_ns() - began_ns) / 1e6;
    *ret_mib = (double)usage.ru_maxrss / 1024;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-start COMMAND [ARGUMENT...]\n");
        return 2;
    }
    double times_ms[RUNS], sizes_mib[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        if (run_once(argv + 1, &times_ms[i], &sizes_mib[i]) != 0) {
            fprintf(stderr, "bench-start: %s failed\n", argv[1]);
            return 1;
        }
    }
    report_add("start", report_median(times_ms, RUNS), "ms");
    report_add("start", report_median(sizes_mib, RUNS), "MiB resident");
    report_table();
    return 0;
}
