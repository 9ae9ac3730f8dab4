/* asl-run - runs one execution of a definition to its end, or goes on with one that was
 * interrupted.
 *
 * Everything that can be wrong with what was given is found before anything is started; from the
 * start on the store has it all, so leaving at any moment loses nothing.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "asl-run.h"

#define DRAW_INTERVAL_MS 100

static run_state this_run = {.history_fd = -1, .record_fd = -1};
static volatile sig_atomic_t interrupted;
static bool is_started;
static asl_engine *volatile engine_to_wake;

static const tool_option options[] = {
    {"store", 's', TOOL_TEXT, "DIR|memory",
     "where the execution is kept (default: ASL_STORE, else ~/.local/state/asl/run)",
     &this_run.store_path},
    {"durability", 0, TOOL_TEXT, "full|relaxed",
     "relaxed: a power cut may take the last steps (default: full)", &this_run.durability},
    {"name", 'n', TOOL_TEXT, "NAME", "the execution's name (default: a new UUID)", &this_run.name},
    {"resume", 'r', TOOL_TEXT, "EXECUTION",
     "go on with an execution of the store: NAME, MACHINE/NAME or ARN", &this_run.resume},
    {"clock", 'c', TOOL_TEXT, "real|skip|Nx",
     "real time, no waiting at all, or N times as fast as real", &this_run.clock},
    {"type", 0, TOOL_TEXT, "STANDARD|EXPRESS", "the machine's type (default: STANDARD)",
     &this_run.type_text},
    {"tasks", 't', TOOL_TEXT, "FILE",
     "which handler serves which resource (default: NAME.tasks.json beside the definition)",
     &this_run.tasks},
    {"mock", 'm', TOOL_LIST, "FILE[#CASE]|STATE=FILE|STATE=error:NAME[:CAUSE]",
     "answer tasks from a mock file of Step Functions Local, or one state by itself",
     &this_run.mocks},
    {"record", 0, TOOL_TEXT, "FILE[#CASE]", "write the tasks' answers as a mock file",
     &this_run.record},
    {"history", 0, TOOL_TEXT, "FILE", "write the history, as GetExecutionHistory gives it",
     &this_run.history_path},
    {"limit", 0, TOOL_LIST, "NAME=N", "a limit: payload-bytes, history-events or evaluation-ms",
     &this_run.limits},
    {"allow-net", 0, TOOL_LIST, "CIDR", "a private network that HTTP tasks may reach",
     &this_run.networks},
    TOOL_SUBSTITUTION_OPTIONS(this_run.substitutions),
    TOOL_COMMON_OPTIONS(this_run.common),
};

static const tool_program program = {
    "asl-run",
    "[OPTION]... DEFINITION [INPUT]\n[OPTION]... --resume EXECUTION [DEFINITION]",
    "Runs one execution of an Amazon States Language definition and prints its output.\n\n"
    "INPUT is a file, or '-' for standard input; without it standard input is read when it is a\n"
    "file or a pipe that holds something, else the input is {}.",
    options,
    sizeof options / sizeof options[0],
    "Exit codes: 0 succeeded, 1 failed, 2 usage, 3 invalid definition, 4 timed out, 5 aborted,\n"
    "6 store error, 70 internal error, 130 interrupted (the execution can be resumed)."};

static void on_signal(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
    asl_engine *engine = engine_to_wake;
    if (engine != NULL)
        asl_engine_wake(engine);
}

/* The second signal of a kind ends the process at once: the store is made for that. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    sigaction(SIGPIPE, &action, NULL); /* a closed output is an error to report */
}

static int read_clock(const run_state *run, asl_engine_options *engine_options)
{
    const char *text = run->clock;
    if (text == NULL || strcmp(text, "real") == 0)
        return 0;
    if (strcmp(text, "skip") == 0) {
        engine_options->clock = ASL_CLOCK_SKIPPING;
        return 0;
    }
    char *end = NULL;
    double scale = strtod(text, &end);
    if (end == text || strcmp(end, "x") != 0 || !isfinite(scale) || scale < 0.001 || scale > 1e6)
        return tool_usage("--clock is real, skip, or N times real as in 60x, not '%s'", text);
    engine_options->clock = ASL_CLOCK_SCALED;
    engine_options->clock_scale = scale;
    return 0;
}

static int read_limits(const run_state *run, asl_limits *limits)
{
    for (size_t i = 0; i < run->limits.count; i++) {
        const char *text = run->limits.items[i];
        const char *equals = strchr(text, '=');
        char *end = NULL;
        errno = 0;
        unsigned long long number = equals != NULL ? strtoull(equals + 1, &end, 10) : 0;
        if (equals == NULL || end == equals + 1 || *end != '\0' || errno != 0 || number == 0 ||
            equals[1] == '-')
            return tool_usage("--limit is NAME=N with a number from 1, not '%s'", text);
        size_t size = (size_t)(equals - text);
        if (strncmp(text, "payload-bytes", size) == 0 && size == strlen("payload-bytes"))
            limits->payload_bytes = number;
        else if (strncmp(text, "history-events", size) == 0 && size == strlen("history-events"))
            limits->history_events = number;
        else if (strncmp(text, "evaluation-ms", size) == 0 && size == strlen("evaluation-ms"))
            limits->evaluation_ms = number;
        else
            return tool_usage(
                "there is no limit '%.*s': payload-bytes, history-events, evaluation-ms", (int)size,
                text);
    }
    return 0;
}

static void log_message(void *context, asl_log_level level, const char *message)
{
    (void)context;
    if (level == ASL_LOG_ERROR || level == ASL_LOG_WARNING)
        tool_say(level == ASL_LOG_ERROR ? TOOL_ERROR : TOOL_WARNING, "%s", message);
}

static int open_engine(run_state *run)
{
    asl_limits limits = {.size = sizeof limits};
    asl_engine_options engine_options = {
        .size = sizeof engine_options, .store = run->store, .limits = &limits, .log = log_message};
    int exit_code = read_clock(run, &engine_options);
    if (exit_code == 0)
        exit_code = read_limits(run, &limits);
    if (exit_code != 0)
        return exit_code;
    asl_error *error = NULL;
    int status = asl_engine_open(&engine_options, &run->engine, &error);
    if (status != ASL_OK)
        return tool_report("cannot open the engine", status, error);
    engine_to_wake = run->engine;
    asl_machine_options machine_options = {.size = sizeof machine_options, .type = run->type};
    status = asl_engine_add_machine_with(run->engine, run->machine, run->definition,
                                         &machine_options, &error);
    if (status != ASL_OK)
        return tool_report(NULL, status, error);
    exit_code = run_bind(run);
    if (exit_code == 0 && run->played != NULL)
        exit_code = tool_mocks_register(run->played, run->engine, run->machine);
    if (exit_code != 0)
        return exit_code;
    const char *missing = asl_engine_missing_handler(run->engine, run->definition);
    return missing != NULL ? run_refuse_missing(run, missing) : 0;
}

/* A time-ordered UUID, known before the start so that the note can carry it. */
static char *make_name(void)
{
    char text[TOOL_UUID_SIZE];
    return tool_uuid(true, text) ? strdup(text) : NULL;
}

static int refuse_existing(const run_state *run, asl_error *error)
{
    tool_say(TOOL_ERROR, "%s\nto go on with it, or to see how it ended: --resume %s/%s",
             asl_error_message(error), run->machine, run->execution_name);
    asl_error_free(error);
    return TOOL_USAGE;
}

static void on_started(void *context, asl_execution *execution, int status)
{
    (void)context;
    (void)execution;
    is_started = status == ASL_OK;
}

static int start(run_state *run)
{
    asl_start start = {.size = sizeof start,
                       .machine = run->machine,
                       .name = run->execution_name,
                       .input = run->input,
                       .writes = run_note_tasks(run),
                       .on_started = on_started};
    if (start.writes == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    asl_error *error = NULL;
    int status = asl_execution_start(run->engine, &start, &run->execution, &error);
    if (status == ASL_OK)
        return 0;
    asl_writes_free(start.writes);
    return status == ASL_EXISTS ? refuse_existing(run, error)
                                : tool_report("cannot start the execution", status, error);
}

/* The end of the ARN: NAME, or NAME:UUID of an EXPRESS execution. */
static const char *name_to_resume(const run_state *run)
{
    const char *name = asl_execution_arn(run->execution);
    for (int colons = 0; colons < 7; name++)
        colons += *name == ':';
    return name;
}

/* "--store 'DIR'" as a shell reads it, where it is needed. */
static void print_resume_line(const run_state *run)
{
    char *path = tool_store_path(NULL);
    char *own = tool_store_path(run->store_path);
    bool is_default = path != NULL && own != NULL && strcmp(path, own) == 0;
    bool is_memory = own != NULL && strcmp(own, "memory") == 0;
    if (is_memory)
        tool_say(TOOL_NOTE, "nothing is kept of '%s': its store was memory", run->execution_name);
    else
        tool_say(TOOL_NOTE, "to go on: asl-run%s%s%s%s%s%s%s --resume %s/%s",
                 is_default ? "" : " --store '", is_default ? "" : own, is_default ? "" : "'",
                 run->tasks != NULL ? " --tasks '" : "", run->tasks != NULL ? run->tasks : "",
                 run->tasks != NULL ? "'" : "",
                 run->mocks.count > 0 ? " --mock ... (as before)" : "", run->machine,
                 name_to_resume(run));
    free(path);
    free(own);
}

/* The store cannot take what happens. What it has taken stays. */
static int leave_by(run_state *run, int status)
{
    static const char full[] =
        "the store is full: make room on its disk; what is recorded stays as it is";
    static const char lost[] = "the store could not write to its disk; what is recorded stays";
    const char *message = status == ASL_STORE_FULL   ? full
                          : status == ASL_STORE_LOST ? lost
                          : status == ASL_NOMEM      ? "out of memory"
                                                     : asl_status_name(status);
    tool_say(TOOL_ERROR, "%s", message);
    print_resume_line(run);
    return tool_exit_of(status);
}

/* Whether there is a reason to go on: no end, no refusal, and no signal. What is not yet in the
 * store could not be resumed, so a signal waits for the start to be durable. */
static bool is_going(const run_state *run)
{
    return !(interrupted && is_started) && asl_execution_refused(run->execution) == ASL_OK &&
           asl_execution_status_of(run->execution) == ASL_EXECUTION_RUNNING;
}

/* Runs until the end, a signal, or a store that takes nothing more. Returns -1 at the end. */
static int run_to_end(run_state *run)
{
    bool has_progress = run_progress_begin(run->common.quiet);
    int status = ASL_OK;
    while (status == ASL_OK && is_going(run)) {
        status = asl_engine_dispatch(run->engine, has_progress ? DRAW_INTERVAL_MS : -1);
        if (has_progress)
            run_progress_draw(run->engine, run->execution);
    }
    if (status == ASL_OK && asl_execution_refused(run->execution) == ASL_OK &&
        asl_execution_status_of(run->execution) != ASL_EXECUTION_RUNNING)
        status = asl_engine_run(run->engine, run->execution, -1, NULL); /* until it is durable */
    run_progress_clear();
    if (asl_execution_refused(run->execution) != ASL_OK)
        return tool_report("the execution was not started", asl_execution_refused(run->execution),
                           NULL);
    if (status != ASL_OK)
        return leave_by(run, status);
    if (asl_execution_status_of(run->execution) != ASL_EXECUTION_RUNNING)
        return -1;
    tool_say(TOOL_NOTE, "interrupted");
    print_resume_line(run);
    return TOOL_INTERRUPTED;
}

static int finish(run_state *run)
{
    int exit_code = run_to_end(run);
    uint64_t number = asl_execution_number(run->execution);
    int history_code = run_history_write(run, number);
    if (exit_code < 0 && history_code == 0)
        history_code = run_record_write(run, number);
    if (exit_code >= 0 && exit_code != TOOL_INTERRUPTED)
        return exit_code;
    asl_description *result = NULL;
    int status = asl_execution_describe(run->execution, &result);
    if (status != ASL_OK)
        return tool_report(NULL, status, NULL);
    int result_code = run_result_print(run, result);
    asl_description_free(result);
    if (exit_code >= 0)
        return exit_code;
    return result_code != 0 ? result_code : history_code;
}

#define MACHINE_NAME_MAX 80u

/* The file's stem; what a machine's name must not hold becomes '-'. */
static char *make_machine_name(const char *definition_path)
{
    char *name = strcmp(definition_path, "-") == 0 ? strdup("stdin") : tool_stem(definition_path);
    if (name == NULL)
        return NULL;
    for (char *next = name; *next != '\0'; next++) {
        if ((unsigned char)*next <= ' ' || *next == 0x7f ||
            strchr("<>{}[]?*\"#%\\^|~`$&,;:", *next) != NULL)
            *next = '-';
    }
    name[tool_fit(name, strlen(name), MACHINE_NAME_MAX)] = '\0';
    return name;
}

/* Opens the store, and says where its durability is not the default. */
static int open_store(run_state *run)
{
    unsigned flags = 0;
    if (run->durability != NULL && strcmp(run->durability, "relaxed") == 0)
        flags = ASL_STORE_RELAXED;
    else if (run->durability != NULL && strcmp(run->durability, "full") != 0)
        return tool_usage("--durability is full or relaxed, not '%s'", run->durability);
    int exit_code = tool_store_open(run->store_path, flags, &run->store);
    if (exit_code == 0 && asl_store_durability(run->store) == ASL_DURABILITY_RELAXED)
        tool_say(TOOL_NOTE, "durability is relaxed: a power cut may take the last steps");
    return exit_code;
}

static int run_new(run_state *run)
{
    run->machine = make_machine_name(run->definition_path);
    run->execution_name = run->name != NULL ? strdup(run->name) : make_name();
    if (run->machine == NULL || run->execution_name == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    int exit_code = run_read_definition(run);
    if (exit_code == 0)
        exit_code = run_read_input(run);
    if (exit_code == 0)
        exit_code = run_read_tasks(run);
    if (exit_code == 0)
        exit_code = run_read_mocks(run);
    if (exit_code == 0)
        exit_code = run_files_open(run);
    if (exit_code == 0)
        exit_code = open_store(run);
    if (exit_code == 0)
        exit_code = open_engine(run);
    if (exit_code == 0)
        exit_code = start(run);
    return exit_code == 0 ? finish(run) : exit_code;
}

static int show_ended(run_state *run, const asl_description *result)
{
    char text[TOOL_TIME_SIZE];
    tool_say(TOOL_NOTE, "'%s' has ended already, at %s", result->name,
             tool_time_text(result->stop_ms, text));
    int history_code = run_history_write(run, result->number);
    if (history_code == 0)
        history_code = run_record_write(run, result->number);
    int exit_code = run_result_print(run, result);
    return exit_code != 0 ? exit_code : history_code;
}

static int go_on(run_state *run, uint64_t number)
{
    asl_error *error = NULL;
    int status = asl_store_definition(run->store, number, &run->definition, &error);
    if (status != ASL_OK)
        return tool_report("cannot read the execution's definition", status, error);
    int exit_code = run_recall_mocks(run);
    if (exit_code == 0)
        exit_code = run_recall_tasks(run);
    if (exit_code == 0)
        exit_code = run_read_mocks(run);
    if (exit_code == 0)
        exit_code = run_recall_invocations(run, number);
    if (exit_code == 0)
        exit_code = open_engine(run);
    if (exit_code != 0)
        return exit_code;
    status = asl_engine_recover(run->engine, number, NULL, &error);
    if (status == ASL_OK)
        status = asl_execution_find(run->engine, number, &run->execution);
    if (status != ASL_OK)
        return tool_report("cannot go on with the execution", status, error);
    is_started = true;
    return finish(run);
}

static int run_again(run_state *run)
{
    int exit_code = run_files_open(run);
    if (exit_code == 0)
        exit_code = open_store(run);
    uint64_t number = 0;
    if (exit_code == 0)
        exit_code = tool_execution_find(run->store, run->resume, &number);
    asl_description *found = NULL;
    if (exit_code == 0)
        exit_code = tool_execution_describe(run->store, number, &found);
    if (exit_code == 0) {
        run->machine = strdup(found->machine);
        run->execution_name = strdup(found->name);
        run->type = found->type;
        if (run->machine == NULL || run->execution_name == NULL)
            exit_code = tool_report(NULL, ASL_NOMEM, NULL);
        else if (found->status != ASL_EXECUTION_RUNNING)
            exit_code = show_ended(run, found);
        else
            exit_code = go_on(run, number);
    }
    asl_description_free(found);
    return exit_code;
}

static void release(run_state *run)
{
    asl_execution_unref(run->execution);
    engine_to_wake = NULL;
    asl_engine_free(run->engine);
    tool_mocks_free(run->played);
    asl_store_close(run->store);
    asl_definition_unref(run->definition);
    asl_value_unref(run->input);
    free(run->machine);
    free(run->execution_name);
    free(run->tasks_path);
    free(run->tasks_text);
    free(run->record_path);
    if (run->history_fd >= 0)
        close(run->history_fd);
    if (run->record_fd >= 0)
        close(run->record_fd);
}

static int check_operands(run_state *run, const tool_operands *operands)
{
    if (operands->count == 0 && run->resume == NULL)
        return tool_usage("which definition?");
    if (operands->count > (run->resume != NULL ? 1u : 2u))
        return tool_usage("too many arguments: '%s'", operands->items[operands->count - 1]);
    if (run->resume != NULL && run->name != NULL)
        return tool_usage("--name is for a new execution, --resume for one that is there");
    if (run->resume != NULL &&
        (run->substitutions.given.count > 0 || run->substitutions.path != NULL))
        return tool_usage("an execution goes on with what was substituted when it was started");
    if (run->resume != NULL && run->type_text != NULL)
        return tool_usage("an execution goes on as what it was started as");
    int exit_code = tool_machine_type(run->type_text, &run->type);
    if (exit_code != 0)
        return exit_code;
    run->definition_path = operands->count > 0 ? operands->items[0] : NULL;
    run->input_path = operands->count > 1 ? operands->items[1] : NULL;
    if (run->input_path != NULL && strcmp(run->input_path, "-") == 0 &&
        strcmp(run->definition_path, "-") == 0)
        return tool_usage("standard input can be the definition or the input, not both");
    return 0;
}

int main(int argc, char **argv)
{
    run_state *run = &this_run;
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &run->common, &operands);
    if (exit_code >= 0)
        return exit_code;
    catch_signals();
    asl_engine_options checked = {.size = sizeof checked};
    asl_limits limits = {.size = sizeof limits};
    exit_code = check_operands(run, &operands);
    if (exit_code == 0)
        exit_code = read_clock(run, &checked);
    if (exit_code == 0)
        exit_code = read_limits(run, &limits);
    if (exit_code == 0)
        exit_code = run->resume != NULL ? run_again(run) : run_new(run);
    release(run);
    return tool_finish(exit_code);
}
