/* The command handler with real programs: whatever they do, the task's result is right, nothing of
 * them is left, and the host's own children and descriptors are untouched. */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void set_signal(int number, void (*handler)(int))
{
    const struct sigaction action = {.sa_handler = handler};
    sigaction(number, &action, NULL);
}

/* Binds the task to a shell script; `more` members of the binding. The script is an argument of sh:
 * the handler itself knows no shell. */
static void bind_script(test_host *host, const char *script, const char *more)
{
    asl_value *argv = asl_value_array(NULL);
    asl_value_append(&argv, asl_value_string(NULL, "sh"));
    asl_value_append(&argv, asl_value_string(NULL, "-c"));
    asl_value_append(&argv, asl_value_string(NULL, script));
    char *text = NULL, *binding = NULL;
    ck_assert_int_eq(asl_value_print(argv, 0, &text, NULL), ASL_OK);
    ck_assert_int_gt(asprintf(&binding, "{\"command\": {\"argv\": %s%s}}", text, more), 0);
    asl_text_free(text);
    asl_value_unref(argv);
    host_bind(host, binding);
    free(binding);
}

/* Runs the task once with a shell script as the command. */
static host_outcome run_script(const char *script, const char *more)
{
    test_host host;
    unsigned before = host_descriptor_count();
    host_open(&host, ASL_CLOCK_REAL);
    bind_script(&host, script, more);
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{\"n\": [1, \"\xC3\xA9\"]}");
    host_close(&host);
    ck_assert_uint_eq(host_descriptor_count(), before);
    return outcome;
}

static asl_execution *start_run(test_host *host, int64_t number)
{
    asl_value *input = asl_value_integer(NULL, number);
    const asl_start start = {.size = sizeof start, .machine = "test", .input = input};
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_execution_start(host->engine, &start, &execution, NULL), ASL_OK);
    asl_value_unref(input);
    return execution;
}

START_TEST(what_a_program_does_becomes_the_tasks_result)
{
    static const struct {
        const char *script, *output, *error, *cause;
    } cases[] = {
        {"cat", "{\"n\":[1,\"\xC3\xA9\"]}", NULL, NULL},
        {"echo '{\"a\": 1.50}'", "{\"a\":1.50}", NULL, NULL},
        {"true", "null", NULL, NULL},
        {"echo; echo", "null", NULL, NULL},
        {"echo warning >&2; echo 1", "1", NULL, NULL},
        {"exec 1>&-; sleep 0.1", "null", NULL, NULL},
        {"printf 1; exec 1>&- 2>&-; sleep 0.1", "1", NULL, NULL},
        {"echo 1; sleep 6000 & exit 0", "1", NULL, NULL},
        {"exec 0<&-; echo 2", "2", NULL, NULL},
        {"false", NULL, "Command.ExitCode.1", "ended with status 1 and said nothing"},
        {"exit 255", NULL, "Command.ExitCode.255", "status 255"},
        {"echo out of cheese >&2; exit 3", NULL, "Command.ExitCode.3", "out of cheese"},
        {"printf '\\033[31mred\\377\\n' >&2; exit 3", NULL, "Command.ExitCode.3",
         "\xEF\xBF\xBD[31mred\xEF\xBF\xBD"},
        {"kill -9 $$", NULL, "Command.Signal.9", "killed by signal 9"},
        {"kill -SEGV $$", NULL, "Command.Signal.11", "signal 11"},
        {"echo '{\"Error\": \"Oven.Cold\", \"Cause\": \"no gas\"}'; exit 1", NULL, "Oven.Cold",
         "no gas"},
        {"echo '{\"Error\": \"States.Runtime\"}'; echo own >&2; exit 1", NULL, "Command.ExitCode.1",
         "own"},
        {"echo '{\"Error\": 7}'; exit 1", NULL, "Command.ExitCode.1", ""},
        {"echo hello", NULL, "Command.InvalidOutput", "is no JSON"},
        {"printf '\"\\377\"'", NULL, "Command.InvalidOutput", "is no JSON"},
        {"head -c 262143 /dev/zero | tr '\\0' x | sed 's/.*/\"&\"/'", NULL,
         "States.DataLimitExceeded", "longer than 262144 bytes"},
        {"yes", NULL, "States.DataLimitExceeded", "longer than 262144 bytes"},
        {"trap '' TERM; yes", NULL, "States.DataLimitExceeded", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        host_outcome outcome = run_script(cases[i].script, "");
        if (cases[i].output != NULL) {
            ck_assert_msg(outcome.status == ASL_EXECUTION_SUCCEEDED, "%s: %s: %s", cases[i].script,
                          outcome.error, outcome.cause);
            ck_assert_str_eq(outcome.output, cases[i].output);
        } else {
            ck_assert_msg(outcome.status == ASL_EXECUTION_FAILED, "%s", cases[i].script);
            ck_assert_str_eq(outcome.error, cases[i].error);
            ck_assert_msg(strstr(outcome.cause, cases[i].cause) != NULL, "%s", outcome.cause);
        }
        host_outcome_done(&outcome);
    }
}
END_TEST

START_TEST(only_the_end_of_what_a_program_says_is_the_cause)
{
    host_outcome outcome =
        run_script("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 9", "");
    ck_assert_str_eq(outcome.error, "Command.ExitCode.9");
    ck_assert_uint_le(strlen(outcome.cause), 4096);
    ck_assert_ptr_nonnull(strstr(outcome.cause, "line 1999"));
    ck_assert_ptr_null(strstr(outcome.cause, "line 100\n"));
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(the_environment_holds_what_is_configured_and_the_task_only)
{
    setenv("ASL_TEST_SECRET", "canary", 1);
    setenv("ASL_TEST_GIVEN", "given", 1);
    host_outcome outcome = run_script(
        "env | cut -d= -f1 | grep -v '^\\(PWD\\|SHLVL\\|_\\|OLDPWD\\)$' | sort | tr '\\n' ' ' "
        "| sed 's/.*/\"&\"/'",
        ", \"environment\": {\"A\": \"b c\", \"GIVEN\": {\"env\": \"ASL_TEST_GIVEN\"}}");
    ck_assert_str_eq(outcome.output, "\"A ASL_ATTEMPT ASL_EXECUTION ASL_IDEMPOTENCY_KEY "
                                     "ASL_MACHINE ASL_RESOURCE ASL_STATE GIVEN PATH \"");
    host_outcome_done(&outcome);
    outcome =
        run_script("printf '\"%s %s %s %s %s\"' \"$A\" $GIVEN $ASL_STATE $ASL_ATTEMPT $ASL_MACHINE",
                   ", \"environment\": {\"A\": \"b c\", \"GIVEN\": {\"env\": \"ASL_TEST_GIVEN\"}}");
    ck_assert_str_eq(outcome.output, "\"b c given Call 0 test\"");
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(a_program_inherits_no_descriptor_and_no_signal_setting)
{
    int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as hosts do */
    set_signal(SIGINT, SIG_IGN);
    set_signal(SIGTERM, SIG_IGN);
    sigset_t block;
    sigfillset(&block);
    sigprocmask(SIG_BLOCK, &block, NULL);
    /* Standard ones, and the folder that the shell reads; 32 and 33 are the C library's own. */
    host_outcome outcome =
        run_script("set -- /proc/self/fd/*; grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2 | "
                   "sed 's/180000000$/000000000/' | tr '\\n' ' ' | sed \"s/.*/\\\"$# &\\\"/\"",
                   "");
    ck_assert_str_eq(outcome.output, "\"4 0000000000000000 0000000000000000 \"");
    host_outcome_done(&outcome);
    sigprocmask(SIG_UNBLOCK, &block, NULL);
    close(leak);
}
END_TEST

START_TEST(arguments_go_to_the_program_as_they_stand)
{
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    host_bind(&host, "{\"command\": {\"argv\": [\"printf\", \"\\\"%s|%s|%s\\\"\", \"$HOME\", "
                     "\"; echo no\", \"a b\"]}}");
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{\"evil\": \"$(touch /tmp/x); `id`\"}");
    ck_assert_str_eq(outcome.output, "\"$HOME|; echo no|a b\"");
    host_outcome_done(&outcome);
    host_close(&host);
}
END_TEST

START_TEST(a_program_runs_in_its_folder_and_reads_a_seekable_input)
{
    host_outcome outcome = run_script("printf '\"%s\"' \"$(pwd)\"", ", \"folder\": \"/usr\"");
    ck_assert_str_eq(outcome.output, "\"/usr\"");
    host_outcome_done(&outcome);
    outcome = run_script("cat > /dev/null; cat /dev/stdin", "");
    ck_assert_str_eq(outcome.output, "{\"n\":[1,\"\xC3\xA9\"]}");
    host_outcome_done(&outcome);
}
END_TEST

START_TEST(what_cannot_run_is_refused_or_fails)
{
    static const struct {
        const char *command, *words;
        int status;
    } cases[] = {
        {"{}", "needs an \"argv\"", ASL_SYNTAX},
        {"{\"argv\": []}", "needs an \"argv\"", ASL_SYNTAX},
        {"{\"argv\": \"ls\"}", "needs an \"argv\"", ASL_SYNTAX},
        {"{\"argv\": [\"ls\", 1]}", "\"argv\"[1]", ASL_SYNTAX},
        {"{\"argv\": [\"\"]}", "\"argv\"[0]", ASL_SYNTAX},
        {"{\"argv\": [\"a\\u0000b\"]}", "\"argv\"[0]", ASL_SYNTAX},
        {"{\"argv\": [\"ls\"], \"shell\": true}", "\"shell\" is not a member", ASL_SYNTAX},
        {"{\"argv\": [\"/no/such/program\"]}", "cannot use /no/such/program", ASL_NOT_FOUND},
        {"{\"argv\": [\"/etc/passwd\"]}", "cannot use /etc/passwd", ASL_NOT_FOUND},
        {"{\"argv\": [\"ls\"], \"folder\": \"/no/such\"}", "cannot use /no/such", ASL_NOT_FOUND},
        {"{\"argv\": [\"ls\"], \"environment\": {\"A=B\": \"c\"}}", "no name", ASL_SYNTAX},
        {"{\"argv\": [\"ls\"], \"environment\": {\"ASL_STATE\": \"c\"}}", "engine", ASL_SYNTAX},
        {"{\"argv\": [\"ls\"], \"environment\": {\"A\": {\"env\": \"ASL_NO_SUCH\"}}}",
         "has no ASL_NO_SUCH", ASL_NOT_FOUND},
    };
    test_host host;
    host_open(&host, ASL_CLOCK_REAL);
    const asl_bind_options options = {.size = sizeof options, .flags = ASL_BIND_TRUSTED};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        snprintf(text, sizeof text, "{\"tasks\": {\"a\": {\"command\": %s}}}", cases[i].command);
        asl_error *error = NULL;
        int status = asl_engine_bind(host.engine, text, strlen(text), &options, &error);
        ck_assert_msg(status == cases[i].status, "%s gives %s", text, asl_status_name(status));
        ck_assert_msg(strstr(asl_error_message(error), cases[i].words) != NULL, "%s",
                      asl_error_message(error));
        asl_error_free(error);
    }
    host_bind(&host, "{\"command\": {\"argv\": [\"asl-no-such-program\"]}}");
    host_define(&host, NULL);
    host_outcome outcome = host_run(&host, "{}");
    ck_assert_str_eq(outcome.error, "Command.NotStarted");
    ck_assert_ptr_nonnull(strstr(outcome.cause, "asl-no-such-program"));
    host_outcome_done(&outcome);
    host_close(&host);
}
END_TEST

/* The number that a program has written into a file, or 0 while it has not. */
static int number_in(const char *file)
{
    FILE *stream = fopen(file, "r");
    int number = 0;
    char end = ' ';
    if (stream == NULL)
        return 0;
    bool is_whole = fscanf(stream, "%d%c", &number, &end) == 2 && end == '\n';
    fclose(stream);
    return is_whole ? number : 0;
}

/* No process answers to the number in the file, or one that has ended. */
static bool is_gone(const char *file)
{
    char path[64], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", number_in(file));
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        return true;
    bool has_ended =
        fscanf(stream, "%*d (%*[^)]) %c", &state) == 1 && (state == 'Z' || state == 'X');
    fclose(stream);
    return has_ended;
}

/* A task of one second whose time is over as soon as its program has made all of the files. */
static void run_until_it_takes_too_long(test_host *host, const char *script,
                                        const char *const *files)
{
    host_open(host, ASL_CLOCK_MANUAL);
    bind_script(host, script, "");
    host_define(host, "\"TimeoutSeconds\": 1");
    asl_execution *execution = start_run(host, 0);
    for (size_t i = 0; files[i] != NULL; i++)
        while (number_in(files[i]) == 0)
            ck_assert_int_eq(asl_engine_dispatch(host->engine, 10), ASL_OK);
    ck_assert_int_eq(asl_engine_set_time(host->engine, asl_engine_now(host->engine) + 1000),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_run(host->engine, execution, -1, NULL), ASL_OK);
    ck_assert_str_eq(asl_execution_error(execution), "States.Timeout");
    asl_execution_unref(execution);
}

START_TEST(a_program_that_takes_too_long_is_ended_with_its_children)
{
    char folder[] = "/tmp/asl-command-XXXXXX", script[512], file[64], child[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/pid", folder);
    snprintf(child, sizeof child, "%s/child", folder);
    const char *const files[] = {file, child, NULL};
    static const char *const traps[] = {"", "trap '' TERM; "};
    for (size_t i = 0; i < COUNT(traps); i++) {
        snprintf(script, sizeof script,
                 "%secho $$ > %s; sh -c 'echo $$ > %s; while :; do sleep 1; done' & "
                 "while :; do sleep 1; done",
                 traps[i], file, child);
        test_host host;
        run_until_it_takes_too_long(&host, script, files);
        while (!is_gone(file) || !is_gone(child))
            ck_assert_int_eq(asl_engine_dispatch(host.engine, 10), ASL_OK);
        host_close(&host);
        unlink(file);
        unlink(child);
    }
    rmdir(folder);
}
END_TEST

START_TEST(a_program_is_ended_with_its_engine)
{
    char folder[] = "/tmp/asl-command-XXXXXX", script[512], file[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/pid", folder);
    snprintf(script, sizeof script, "trap '' TERM; echo $$ > %s; while :; do sleep 1; done", file);
    const char *const files[] = {file, NULL};
    test_host host;
    run_until_it_takes_too_long(&host, script, files);
    host_close(&host);
    while (!is_gone(file))
        usleep(10000);
    unlink(file);
    rmdir(folder);
}
END_TEST

/* It has two seconds for it, which a program that the machine keeps waiting may miss: then the next
 * one is looked at. */
START_TEST(a_cancelled_program_may_clean_up_before_it_is_killed)
{
    char folder[] = "/tmp/asl-command-XXXXXX", script[512], file[64], cleaned[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/pid", folder);
    snprintf(cleaned, sizeof cleaned, "%s/cleaned", folder);
    snprintf(script, sizeof script,
             "trap 'echo 1 > %s; exit' TERM; echo $$ > %s; while :; do sleep 0.05; done", cleaned,
             file);
    const char *const files[] = {file, NULL};
    while (number_in(cleaned) == 0) {
        test_host host;
        unlink(file);
        run_until_it_takes_too_long(&host, script, files);
        while (!is_gone(file))
            ck_assert_int_eq(asl_engine_dispatch(host.engine, 10), ASL_OK);
        host_close(&host);
    }
    unlink(file);
    unlink(cleaned);
    rmdir(folder);
}
END_TEST

START_TEST(the_hosts_own_children_are_left_alone)
{
    pid_t own = 0;
    char *argv[] = {(char[]){"true"}, NULL};
    ck_assert_int_eq(posix_spawnp(&own, "true", NULL, NULL, argv, NULL), 0);
    host_outcome outcome = run_script("sleep 0.2; echo 1", "");
    ck_assert_str_eq(outcome.output, "1");
    host_outcome_done(&outcome);
    int status = -1;
    ck_assert_int_eq(waitpid(own, &status, 0), own);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_host_that_reaps_every_child_gets_a_clear_cause)
{
    set_signal(SIGCHLD, SIG_IGN);
    host_outcome outcome = run_script("echo 1", "");
    set_signal(SIGCHLD, SIG_DFL);
    ck_assert_str_eq(outcome.error, "Command.StatusLost");
    host_outcome_done(&outcome);
}
END_TEST

static off_t size_of(const char *file)
{
    struct stat status;
    return stat(file, &status) == 0 ? status.st_size : 0;
}

/* None goes on before all have begun: they wait for a pipe that nobody has opened for writing. */
START_TEST(many_programs_run_at_the_same_time)
{
    enum { RUNS = 40 };
    char folder[] = "/tmp/asl-command-XXXXXX", script[512], begun[64], gate[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(begun, sizeof begun, "%s/begun", folder);
    snprintf(gate, sizeof gate, "%s/gate", folder);
    snprintf(script, sizeof script, "echo >> %s; : < %s; cat", begun, gate);
    ck_assert_int_eq(mkfifo(gate, 0600), 0);
    test_host host;
    unsigned before = host_descriptor_count();
    host_open(&host, ASL_CLOCK_REAL);
    bind_script(&host, script, "");
    host_define(&host, NULL);
    asl_execution *executions[RUNS];
    for (int i = 0; i < RUNS; i++)
        executions[i] = start_run(&host, i);
    while (size_of(begun) < RUNS)
        ck_assert_int_eq(asl_engine_dispatch(host.engine, 10), ASL_OK);
    int fd = open(gate, O_RDWR | O_CLOEXEC);
    for (int i = 0; i < RUNS; i++) {
        ck_assert_int_eq(asl_engine_run(host.engine, executions[i], -1, NULL), ASL_OK);
        int64_t output = -1;
        ck_assert(asl_value_get_integer(asl_execution_output(executions[i]), &output));
        ck_assert_int_eq(output, i);
        asl_execution_unref(executions[i]);
    }
    close(fd);
    host_close(&host);
    ck_assert_uint_eq(host_descriptor_count(), before);
    unlink(begun);
    unlink(gate);
    rmdir(folder);
}
END_TEST

SUITE("tasks/command", what_a_program_does_becomes_the_tasks_result,
      only_the_end_of_what_a_program_says_is_the_cause,
      the_environment_holds_what_is_configured_and_the_task_only,
      a_program_inherits_no_descriptor_and_no_signal_setting,
      arguments_go_to_the_program_as_they_stand,
      a_program_runs_in_its_folder_and_reads_a_seekable_input, what_cannot_run_is_refused_or_fails,
      a_program_that_takes_too_long_is_ended_with_its_children, a_program_is_ended_with_its_engine,
      a_cancelled_program_may_clean_up_before_it_is_killed, the_hosts_own_children_are_left_alone,
      a_host_that_reaps_every_child_gets_a_clear_cause, many_programs_run_at_the_same_time)
