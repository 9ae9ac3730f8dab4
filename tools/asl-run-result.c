/* What asl-run prints: the result on standard output, and the history where it is asked for.
 *
 * As text, standard output has the output's JSON and nothing else: nothing at all where the
 * execution did not succeed. As JSON it has one object, whatever happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asl-run.h"

static int exit_code_of(asl_execution_status status)
{
    switch (status) {
    case ASL_EXECUTION_SUCCEEDED:
        return TOOL_SUCCEEDED;
    case ASL_EXECUTION_FAILED:
        return TOOL_FAILED;
    case ASL_EXECUTION_TIMED_OUT:
        return TOOL_TIMED_OUT;
    case ASL_EXECUTION_ABORTED:
        return TOOL_ABORTED;
    case ASL_EXECUTION_RUNNING:
        return TOOL_INTERRUPTED;
    }
    return TOOL_INTERNAL;
}

static int set_text(asl_value **object, const char *key, const char *text)
{
    return text != NULL ? asl_value_set(object, key, asl_value_string(NULL, text)) : ASL_OK;
}

static int print_object(const run_state *run, const asl_description *result)
{
    char start[TOOL_TIME_SIZE];
    char stop[TOOL_TIME_SIZE];
    asl_value *object = asl_value_object(NULL);
    int status = set_text(&object, "status", asl_execution_status_name(result->status));
    if (status == ASL_OK)
        status = set_text(&object, "machine", result->machine);
    if (status == ASL_OK)
        status = set_text(&object, "name", result->name);
    if (status == ASL_OK && result->type == ASL_MACHINE_EXPRESS)
        status = set_text(&object, "executionArn", result->execution_arn);
    if (status == ASL_OK)
        status = set_text(&object, "start", tool_time_text(result->start_ms, start));
    if (status == ASL_OK && result->stop_ms != 0)
        status = set_text(&object, "stop", tool_time_text(result->stop_ms, stop));
    if (status == ASL_OK && result->output != NULL)
        status = asl_value_set(&object, "output", asl_value_ref(result->output));
    if (status == ASL_OK)
        status = set_text(&object, "error", result->error);
    if (status == ASL_OK)
        status = set_text(&object, "cause", result->cause);
    int exit_code = status == ASL_OK
                        ? tool_print_value(object, run->common.format == TOOL_FORMAT_JSON)
                        : tool_report("cannot print the result", status, NULL);
    asl_value_unref(object);
    return exit_code;
}

/* "Error: Cause" */
static void print_failure(const asl_description *result)
{
    fflush(stdout);
    const char *error = result->error;
    if (error == NULL || error[0] == '\0')
        error = result->status == ASL_EXECUTION_TIMED_OUT
                    ? "States.Timeout"
                    : asl_execution_status_name(result->status);
    fputs(tool_paint(stderr, TOOL_RED), stderr);
    tool_print_escaped(stderr, error);
    fputs(tool_paint(stderr, TOOL_PLAIN), stderr);
    if (result->cause != NULL && result->cause[0] != '\0') {
        fputs(": ", stderr);
        tool_print_escaped(stderr, result->cause);
    }
    fputc('\n', stderr);
}

int run_result_print(const run_state *run, const asl_description *result)
{
    int exit_code = 0;
    if (run->common.format != TOOL_FORMAT_TEXT)
        exit_code = print_object(run, result);
    else if (result->output != NULL)
        exit_code = tool_print_value(result->output, isatty(STDOUT_FILENO) == 1);
    if (result->status != ASL_EXECUTION_SUCCEEDED && result->status != ASL_EXECUTION_RUNNING &&
        run->common.format == TOOL_FORMAT_TEXT)
        print_failure(result);
    return exit_code != 0 ? exit_code : exit_code_of(result->status);
}

static int open_file(const char *option, const char *path, int *ret_fd)
{
    if (strcmp(path, "-") == 0)
        return tool_usage("--%s needs a file: standard output has the result", option);
    *ret_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (*ret_fd >= 0)
        return 0;
    tool_say(TOOL_ERROR, "cannot write --%s %s: %s", option, path, strerror(errno));
    return TOOL_USAGE;
}

int run_files_open(run_state *run)
{
    int exit_code = 0;
    if (run->history_path != NULL)
        exit_code = open_file("history", run->history_path, &run->history_fd);
    if (exit_code != 0 || run->record == NULL)
        return exit_code;
    const char *hash = strrchr(run->record, '#');
    run->record_path =
        hash != NULL ? strndup(run->record, (size_t)(hash - run->record)) : strdup(run->record);
    if (run->record_path == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    return open_file("record", run->record_path, &run->record_fd);
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        text += written;
        size -= (size_t)written;
    }
    return true;
}

/* Over what the file had; a pipe or a terminal has nothing to cut off. */
static bool write_file(int fd, const char *text, size_t size)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && ftruncate(fd, 0) != 0)
        return false;
    return write_all(fd, text, size) && write_all(fd, "\n", 1);
}

int run_file_write(int fd, const char *path, const char *what, const asl_value *value)
{
    char *text = NULL;
    size_t size = 0;
    int status = asl_value_print(value, ASL_PRINT_PRETTY, &text, &size);
    if (status != ASL_OK)
        return tool_report(what, status, NULL);
    bool is_written = write_file(fd, text, size);
    int reason = errno;
    asl_text_free(text);
    if (is_written)
        return 0;
    tool_say(TOOL_ERROR, "cannot write %s to %s: %s", what, path, strerror(reason));
    return TOOL_INTERNAL;
}

int run_history_write(const run_state *run, uint64_t number)
{
    if (run->history_fd < 0)
        return 0;
    asl_history *history = NULL;
    asl_error *error = NULL;
    asl_value *json = NULL;
    int status = asl_history_read(run->store, number, &history, &error);
    if (status == ASL_OK)
        status = asl_history_to_value(history, &json);
    int exit_code = status == ASL_OK
                        ? run_file_write(run->history_fd, run->history_path, "the history", json)
                        : tool_report("cannot read the history", status, error);
    asl_value_unref(json);
    asl_history_free(history);
    return exit_code;
}
