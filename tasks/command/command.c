/* The command handler: a task is one run of a program, its input on standard input, its output what
 * the program prints. See asl-tasks(5).
 *
 * A run is in the handler's list until its process has ended. A task that is cancelled lets go of
 * its run, which stays until the process is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asl/engine.h>

#include "command/process.h"
#include "command/program.h"
#include "handler/text.h"

ASL_API int asl_plugin_register(asl_engine *engine, const char *pattern,
                                const asl_value *configuration, const asl_bind_options *options,
                                asl_error **error);

typedef struct command_run command_run;

typedef struct command_handler {
    asl_engine *engine;
    asl_program *program;
    command_run *runs;
} command_handler;

struct command_run {
    command_run *next, **link; /* `link` points to what points here */
    asl_task *task;            /* NULL: cancelled */
    asl_process *process;
};

static void run_free(command_run *run)
{
    if (run->link != NULL) {
        *run->link = run->next;
        if (run->next != NULL)
            run->next->link = run->link;
    }
    asl_task_unref(run->task);
    free(run);
}

static bool is_blank(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != '\n')
            return false;
    }
    return true;
}

static void fail_with_memory(asl_task *task)
{
    asl_task_fail(task, "States.TaskFailed", "out of memory", NULL);
}

/* Fails a task with the program's last messages as cause, or `otherwise` where it wrote none. */
static void fail_with_messages(asl_task *task, const char *error, const asl_process_end *end,
                               const char *otherwise)
{
    char *messages = NULL;
    if (!is_blank(end->messages, end->message_size)) {
        messages = asl_text_clean(end->messages, end->message_size);
        if (messages != NULL && messages[strlen(messages) - 1] == '\n')
            messages[strlen(messages) - 1] = '\0';
    }
    asl_task_fail(task, error, messages == NULL ? otherwise : messages, NULL);
    free(messages);
}

/* A program that fails may name its error itself: {"Error": ..., "Cause": ...} as its output. */
static bool fail_as_told(asl_task *task, const asl_process_end *end)
{
    asl_value *output = NULL;
    if (end->output_size == 0 ||
        asl_value_parse(NULL, end->output, end->output_size, 0, &output, NULL) != ASL_OK)
        return false;
    const char *error = asl_value_get_string(asl_value_get(output, "Error"), NULL);
    const asl_value *cause = asl_value_get(output, "Cause");
    bool is_told = error != NULL && error[0] != '\0' && strncmp(error, "States.", 7) != 0 &&
                   (cause == NULL || asl_value_kind(cause) == ASL_KIND_STRING);
    if (is_told)
        asl_task_fail(task, error, cause == NULL ? NULL : asl_value_get_string(cause, NULL), NULL);
    asl_value_unref(output);
    return is_told;
}

static void fail_with_status(asl_task *task, const asl_process_end *end)
{
    char error[64], otherwise[128];
    if (end->signal != 0) {
        snprintf(error, sizeof error, "Command.Signal.%d", end->signal);
        snprintf(otherwise, sizeof otherwise, "the command was killed by signal %d (%s)",
                 end->signal, strsignal(end->signal));
    } else {
        snprintf(error, sizeof error, "Command.ExitCode.%d", end->status);
        snprintf(otherwise, sizeof otherwise, "the command ended with status %d and said nothing",
                 end->status);
    }
    if (!fail_as_told(task, end))
        fail_with_messages(task, error, end, otherwise);
}

static void succeed_with_output(asl_task *task, const asl_process_end *end)
{
    asl_value *output = asl_value_null();
    asl_error *error = NULL;
    if (!is_blank(end->output, end->output_size)) {
        output = NULL;
        asl_value_parse(NULL, end->output, end->output_size, 0, &output, &error);
    }
    if (output != NULL) {
        if (asl_task_succeed(task, output, NULL) == ASL_NOMEM)
            fail_with_memory(task);
    } else if (asl_error_status(error) == ASL_NOMEM) {
        fail_with_memory(task);
    } else {
        char cause[512];
        snprintf(cause, sizeof cause, "the command's output is no JSON: %s, line %zu, column %zu",
                 asl_error_message(error), asl_error_line(error), asl_error_column(error));
        asl_task_fail(task, "Command.InvalidOutput", cause, NULL);
    }
    asl_error_free(error);
}

static void finish(asl_task *task, const asl_process_end *end)
{
    char cause[128];
    if (end->is_out_of_memory) {
        fail_with_memory(task);
    } else if (end->is_too_long) {
        snprintf(cause, sizeof cause, "the command's output is longer than %u bytes",
                 ASL_COMMAND_OUTPUT_BYTES_MAX);
        asl_task_fail(task, "States.DataLimitExceeded", cause, NULL);
    } else if (!end->was_reaped) {
        asl_task_fail(task, "Command.StatusLost", ASL_COMMAND_STATUS_LOST, NULL);
    } else if (end->signal != 0 || end->status != 0) {
        fail_with_status(task, end);
    } else {
        succeed_with_output(task, end);
    }
}

static void process_ended(void *context, const asl_process_end *end)
{
    command_run *run = context;
    if (run->task != NULL)
        finish(run->task, end);
    run_free(run);
}

/* Starts the process of a run; an error says why it did not start. */
static int launch(command_handler *handler, command_run *run, asl_task *task, asl_error **error)
{
    char *input = NULL;
    size_t input_size = 0;
    int status = asl_value_print(asl_task_input(task), 0, &input, &input_size);
    if (status != ASL_OK)
        return status;
    char **environment = asl_program_environment(handler->program, task);
    status = ASL_NOMEM;
    if (environment != NULL) {
        const asl_process_start begin = {
            .argv = handler->program->argv,
            .environment = environment,
            .folder = handler->program->folder,
            .input = input,
            .input_size = input_size,
            .ended = process_ended,
            .context = run,
        };
        status = asl_process_new(handler->engine, &begin, &run->process, error);
    }
    asl_program_environment_free(environment);
    asl_text_free(input);
    return status;
}

static void start(void *context, asl_task *task)
{
    command_handler *handler = context;
    command_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        fail_with_memory(task);
        return;
    }
    asl_error *error = NULL;
    int status = launch(handler, run, task, &error);
    if (status != ASL_OK) {
        if (status == ASL_NOMEM)
            fail_with_memory(task);
        else
            asl_task_fail(task,
                          status == ASL_NOT_FOUND ? "Command.StatusLost" : "Command.NotStarted",
                          asl_error_message(error), NULL);
        asl_error_free(error);
        run_free(run);
        return;
    }
    run->task = asl_task_ref(task);
    run->next = handler->runs;
    run->link = &handler->runs;
    if (run->next != NULL)
        run->next->link = &run->next;
    handler->runs = run;
}

static void cancel(void *context, asl_task *task)
{
    command_handler *handler = context;
    for (command_run *run = handler->runs; run != NULL; run = run->next) {
        if (run->task == task) {
            run->task = NULL;
            asl_process_stop(run->process);
            asl_task_unref(task);
            return;
        }
    }
}

static void release(void *context)
{
    command_handler *handler = context;
    while (handler->runs != NULL) {
        command_run *run = handler->runs;
        asl_process_kill(run->process);
        run_free(run);
    }
    asl_program_free(handler->program);
    free(handler);
}

int asl_plugin_register(asl_engine *engine, const char *pattern, const asl_value *configuration,
                        const asl_bind_options *options, asl_error **error)
{
    command_handler *handler = calloc(1, sizeof *handler);
    if (handler == NULL)
        return asl_error_make(error, ASL_NOMEM, "out of memory");
    handler->engine = engine;
    int status = asl_program_new(configuration, options, &handler->program, error);
    if (status == ASL_OK) {
        const asl_task_handler verbs = {.size = sizeof verbs,
                                        .start = start,
                                        .cancel = cancel,
                                        .release = release,
                                        .context = handler};
        status = asl_engine_register(engine, pattern, &verbs, error);
    }
    if (status != ASL_OK)
        release(handler);
    return status;
}
