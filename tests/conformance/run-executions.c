/* Runs a folder of recorded executions: `run-executions [-v] [DIR]`.
 *
 * A case is a JSON file anywhere below the folder: a definition, an input, what its tasks answer,
 * and what came of it - status, output, error, cause and the history, event by event, and for some
 * a description, a synchronous start's response, or what was logged. Each runs in
 * an engine of its own on a store in memory, with a clock that skips. What passes is replayed, from
 * the store, from its exported JSON, and as it was recorded: a replay that differs fails the case.
 * A definition that uses what is not supported yet is not run, and counted. The table of exceptions
 * names the cases that cannot be met, with the reason; they must fail. One line per failing case,
 * then "N passed, M failed". */
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "run-executions.h"

typedef struct totals {
    char *exceptions;
    size_t passed, failed, unsupported, excepted, replayed;
    bool is_verbose;
} totals;

void problem_note(first_problem *self, const char *format, ...)
{
    if (self->text[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(self->text, sizeof self->text, format, arguments);
    va_end(arguments);
}

const char *text_of(const asl_value *object, const char *key)
{
    return asl_value_get_string(asl_value_get(object, key), NULL);
}

bool is_true(const asl_value *value)
{
    return value != NULL && asl_value_kind(value) == ASL_KIND_TRUE;
}

/* A whole file, ended by NUL; free it with free. NULL where it cannot be read. */
static char *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL, chunk[65536];
    size_t size;
    if (file == NULL)
        return NULL;
    FILE *out = open_memstream(&text, ret_size);
    while (out != NULL && (size = fread(chunk, 1, sizeof chunk, file)) > 0)
        fwrite(chunk, 1, size, out);
    bool is_read = out != NULL && ferror(file) == 0 && fclose(out) == 0;
    fclose(file);
    if (!is_read) {
        free(text);
        return NULL;
    }
    return text;
}

/* A line of the table is "ID<tab>reason". */
static bool is_excepted(const totals *run, const char *id)
{
    size_t size = strlen(id);
    for (const char *line = run->exceptions; line != NULL && *line != '\0';) {
        if (strncmp(line, id, size) == 0 && line[size] == '\t')
            return true;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return false;
}

/* When the case happened: its `clock`, else the time of its recording ("13-12-2023, 07:10:01"). */
static int64_t start_ms_of(const asl_value *record)
{
    const char *instant = text_of(record, "clock"), *recorded = text_of(record, "recorded");
    struct tm parts = {0};
    const char *rest = NULL;
    double fraction = 0;
    if (instant != NULL)
        rest = strptime(instant, "%Y-%m-%dT%H:%M:%S", &parts);
    else if (recorded != NULL)
        rest = strptime(recorded, "%d-%m-%Y, %H:%M:%S", &parts);
    if (rest == NULL)
        return 1700000000000;
    if (*rest == '.')
        fraction = strtod(rest, NULL);
    return (int64_t)timegm(&parts) * 1000 + (int64_t)(fraction * 1000);
}

typedef struct test_case {
    const asl_value *record;
    asl_definition *definition;
    asl_store *store;
    asl_engine *engine;
    asl_execution *execution;
    asl_value *input;
    mocks tasks;
    first_problem problem;
    char role[256];
    bool is_recording_replayed;
} test_case;

/* Who runs it. The start of a recorded history shows the role that the machine had. */
static void find_role(test_case *self)
{
    const asl_value *history = asl_value_get(asl_value_get(self->record, "expect"), "history");
    const char *role = text_of(asl_value_get(asl_value_at(history, 0), "details"), "roleArn");
    if (role == NULL)
        role = text_of(asl_value_get(self->record, "stateMachine"), "roleArn");
    snprintf(self->role, sizeof self->role, "%s", role == NULL ? "" : role);
}

/* Whether all that is wrong with a definition is that it asks for what is not supported yet. */
static bool is_only_unsupported(const asl_diagnostics *list, first_problem *problem)
{
    bool is_only = true;
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        if (diagnostic->severity != ASL_SEVERITY_ERROR ||
            strcmp(diagnostic->code, "UNSUPPORTED") == 0)
            continue;
        problem_note(problem, "the definition is refused: %s: %s at %s", diagnostic->code,
                     diagnostic->message,
                     diagnostic->location != NULL ? diagnostic->location : "null");
        is_only = false;
    }
    return is_only;
}

static asl_machine_type type_of(const asl_value *record)
{
    const char *type = text_of(asl_value_get(record, "stateMachine"), "type");
    return type != NULL && strcmp(type, "EXPRESS") == 0 ? ASL_MACHINE_EXPRESS
                                                        : ASL_MACHINE_STANDARD;
}

/* ASL_OK, ASL_UNSUPPORTED, or another status with the problem noted. */
static int load(test_case *self)
{
    const char *exact = text_of(self->record, "definitionText");
    asl_definition_options options = {.size = sizeof options};
    asl_diagnostics *list = NULL;
    char *text = NULL;
    size_t size = 0;
    if (type_of(self->record) == ASL_MACHINE_EXPRESS)
        options.flags = ASL_DEFINITION_EXPRESS;
    int status = ASL_OK;
    if (exact == NULL)
        status = asl_value_print(asl_value_get(self->record, "definition"), 0, &text, &size);
    else
        size = strlen(exact);
    if (status == ASL_OK)
        status = asl_definition_load(exact != NULL ? exact : text, size, &options,
                                     &self->definition, &list, NULL);
    if (status == ASL_INVALID && is_only_unsupported(list, &self->problem))
        status = ASL_UNSUPPORTED;
    else if (status != ASL_OK)
        problem_note(&self->problem, "loading: %s", asl_status_name(status));
    asl_diagnostics_free(list);
    asl_text_free(text);
    return status;
}

static bool expects(const test_case *self, const char *status)
{
    const char *expected = text_of(asl_value_get(self->record, "expect"), "status");
    return expected != NULL && strcmp(expected, status) == 0;
}

static int open_engine(test_case *self)
{
    asl_store_options store_options = {.size = sizeof store_options};
    int status = asl_store_open(&store_options, &self->store, NULL);
    asl_engine_options options = {
        .size = sizeof options,
        .store = self->store,
        .partition = "aws",
        .region = "us-east-1",
        .account = "111111111111",
        .role_arn = self->role,
        .seed = 1,
        .clock = expects(self, "ABORTED") ? ASL_CLOCK_MANUAL : ASL_CLOCK_SKIPPING,
        .clock_start_ms = start_ms_of(self->record),
        .flags = ASL_ENGINE_CLOCK_CALLBACKS,
        /* What an expression gives does not depend on how fast the machine is. */
        .limits = &(asl_limits){.size = sizeof(asl_limits), .evaluation_ms = UINT64_MAX},
    };
    if (status == ASL_OK)
        status = asl_engine_open(&options, &self->engine, NULL);
    if (status == ASL_OK)
        status = mocks_serve(&self->tasks, self->engine, self->definition);
    return status;
}

static int start(test_case *self)
{
    const asl_value *machine = asl_value_get(self->record, "stateMachine");
    const char *name = text_of(machine, "name");
    size_t size = 0;
    const char *text = asl_value_get_string(asl_value_get(self->record, "inputText"), &size);
    asl_machine_options options = {.size = sizeof options, .type = type_of(self->record)};
    int status = asl_engine_add_machine_with(self->engine, name, self->definition, &options, NULL);
    if (status == ASL_OK && text != NULL)
        status = asl_value_parse(NULL, text, size, ASL_PARSE_KEEP_TEXT, &self->input, NULL);
    asl_start how = {.size = sizeof how,
                     .machine = name,
                     .name = text_of(self->record, "executionName"),
                     .input = self->input};
    if (asl_value_get(asl_value_get(self->record, "expect"), "syncResponse") != NULL)
        how.flags = ASL_START_SYNC;
    if (status == ASL_OK)
        status = asl_execution_start(self->engine, &how, &self->execution, NULL);
    return status;
}

/* Until it has ended, or until nothing is left that could happen. */
static int run(test_case *self)
{
    if (expects(self, "ABORTED")) {
        const asl_value *expect = asl_value_get(self->record, "expect");
        int status = asl_engine_run(self->engine, NULL, -1, NULL);
        if (status == ASL_OK)
            status = asl_execution_stop(self->execution, text_of(expect, "error"),
                                        text_of(expect, "cause"), NULL);
        if (status != ASL_OK)
            return status;
    }
    if (expects(self, "RUNNING"))
        return asl_engine_run(self->engine, NULL, -1, NULL);
    int status = asl_engine_run(self->engine, self->execution, -1, NULL);
    return status == ASL_TIMED_OUT ? ASL_OK : status;
}

/* All that an execution shows; new values. */
typedef struct views {
    asl_value *history, *description, *log, *output;
} views;

static int show_log(const test_case *self, const asl_history *history, asl_value **ret_log)
{
    static const char *const levels[] = {"ALL", "ERROR", "FATAL", "OFF"};
    const asl_value *logging = asl_value_get(self->record, "logging");
    const char *level = text_of(logging, "level");
    bool is_without_data =
        level != NULL && !is_true(asl_value_get(logging, "includeExecutionData"));
    unsigned number = 0;
    while (level != NULL && number < 3 && strcmp(level, levels[number]) != 0)
        number++;
    return asl_history_log(history, (asl_log_detail)number,
                           is_without_data ? ASL_HISTORY_WITHOUT_DATA : 0, ret_log);
}

/* The description by the handle must be the one that the store gives. */
static int describe(test_case *self, asl_value **ret_value)
{
    asl_description *here = NULL, *stored = NULL;
    asl_value *other = NULL;
    int status = asl_execution_describe(self->execution, &here);
    if (status == ASL_OK)
        status = asl_store_describe(self->store, here->number, &stored, NULL);
    if (status == ASL_OK)
        status = asl_description_to_value(here, ret_value);
    if (status == ASL_OK)
        status = asl_description_to_value(stored, &other);
    if (status == ASL_OK && !asl_value_equal(*ret_value, other))
        problem_note(&self->problem, "the store describes it otherwise than its handle");
    asl_value_unref(other);
    asl_description_free(here);
    asl_description_free(stored);
    return status;
}

static int show(test_case *self, const asl_history *history, views *ret)
{
    const asl_value *output = asl_execution_output(self->execution);
    ret->output = output != NULL ? asl_value_ref(output) : NULL;
    int status = asl_history_to_value(history, &ret->history);
    if (status == ASL_OK)
        status = describe(self, &ret->description);
    return status == ASL_OK ? show_log(self, history, &ret->log) : status;
}

/* Recordings have NAME-b for the UUID in an EXPRESS execution's ARN. */
static void name_uuid(const test_case *self, views *shown)
{
    asl_value **const values[] = {&shown->history, &shown->description, &shown->log,
                                  &shown->output};
    const char *uuid = strrchr(asl_execution_arn(self->execution), ':') + 1;
    char name[128];
    snprintf(name, sizeof name, "%s-b", asl_execution_name(self->execution));
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        asl_value *renamed = *values[i] != NULL ? rename_text(*values[i], uuid, name) : NULL;
        asl_value_unref(*values[i]);
        *values[i] = renamed;
    }
}

static void check(test_case *self, const asl_history *history)
{
    views shown = {NULL};
    int status = show(self, history, &shown);
    if (status != ASL_OK)
        problem_note(&self->problem, "it cannot be shown: %s", asl_status_name(status));
    if (status == ASL_OK && type_of(self->record) == ASL_MACHINE_EXPRESS)
        name_uuid(self, &shown);
    outcome got = {
        .status = asl_execution_status_name(asl_execution_status_of(self->execution)),
        .output = shown.output,
        .error = asl_execution_error(self->execution),
        .cause = asl_execution_cause(self->execution),
        .events = asl_value_get(shown.history, "events"),
        .description = shown.description,
        .log = shown.log,
    };
    compare_outcome(self->record, &got, &self->problem);
    asl_value_unref(shown.history);
    asl_value_unref(shown.description);
    asl_value_unref(shown.log);
    asl_value_unref(shown.output);
}

/* Replays a history: every event of it must come again. */
static void replay(test_case *self, const asl_history *history, const char *what)
{
    asl_replay_options options = {
        .size = sizeof options,
        .machine = text_of(asl_value_get(self->record, "stateMachine"), "name"),
        .execution = text_of(self->record, "executionName"),
    };
    asl_replay *replayed = NULL;
    int status = asl_replay_run(history, self->definition, &options, &replayed, NULL);
    if (status != ASL_OK) {
        problem_note(&self->problem, "%s: %s", what, asl_status_name(status));
        return;
    }
    const asl_divergence *divergence = asl_replay_divergence(replayed);
    if (divergence != NULL)
        problem_note(&self->problem, "%s: event %llu differs in %s: recorded %.500s, got %.500s",
                     what, (unsigned long long)divergence->event, divergence->field,
                     divergence->expected != NULL ? divergence->expected : "nothing",
                     divergence->got != NULL ? divergence->got : "nothing");
    else if (asl_replay_different(replayed) != 0)
        problem_note(&self->problem, "%s: %zu events differ", what, asl_replay_different(replayed));
    else if (asl_replay_taken(replayed) == 0 &&
             asl_replay_equal(replayed) != asl_history_count(history))
        problem_note(&self->problem, "%s: %zu of %zu events are equal", what,
                     asl_replay_equal(replayed), asl_history_count(history));
    asl_replay_free(replayed);
}

/* The same from the JSON of GetExecutionHistory. */
static void replay_text(test_case *self, const char *text, size_t size, const char *what)
{
    asl_history *history = NULL;
    int status = asl_history_parse(NULL, text, size, &history, NULL);
    if (status == ASL_OK)
        replay(self, history, what);
    else
        problem_note(&self->problem, "%s: %s", what, asl_status_name(status));
    asl_history_free(history);
}

static void replay_exported(test_case *self, const asl_history *history)
{
    asl_value *view = NULL;
    char *text = NULL;
    size_t size = 0;
    int status = asl_history_to_value(history, &view);
    if (status == ASL_OK)
        status = asl_value_print(view, 0, &text, &size);
    if (status == ASL_OK)
        replay_text(self, text, size, "replay of the exported history");
    else
        problem_note(&self->problem, "export: %s", asl_status_name(status));
    asl_text_free(text);
    asl_value_unref(view);
}

/* What was recorded, where all of it is known, must be what the definition does. */
static void replay_recorded(test_case *self)
{
    size_t size = 0;
    char *text = exported_text(self->record, &size);
    self->is_recording_replayed = text != NULL;
    if (text != NULL)
        replay_text(self, text, size, "replay of the recorded history");
    asl_text_free(text);
}

static void judge(test_case *self)
{
    asl_history *history = NULL;
    int status =
        asl_history_read(self->store, asl_execution_number(self->execution), &history, NULL);
    if (status != ASL_OK) {
        problem_note(&self->problem, "reading the history: %s", asl_status_name(status));
        return;
    }
    check(self, history);
    if (self->problem.text[0] == '\0')
        replay(self, history, "replay");
    if (self->problem.text[0] == '\0')
        replay_exported(self, history);
    if (self->problem.text[0] == '\0')
        replay_recorded(self);
    asl_history_free(history);
}

/* ASL_UNSUPPORTED where the case cannot be run yet. */
static int play(test_case *self)
{
    find_role(self);
    int status = load(self);
    if (status != ASL_OK)
        return status;
    status = mocks_init(&self->tasks, self->record, &self->problem) ? open_engine(self) : ASL_NOMEM;
    if (status == ASL_OK)
        status = start(self);
    if (status == ASL_OK)
        status = run(self);
    if (status == ASL_OK)
        judge(self);
    else
        problem_note(&self->problem, "running: %s", asl_status_name(status));
    return ASL_OK;
}

static void close_case(test_case *self)
{
    asl_execution_unref(self->execution);
    asl_engine_free(self->engine);
    asl_store_close(self->store);
    asl_definition_unref(self->definition);
    asl_value_unref(self->input);
    mocks_done(&self->tasks);
}

static void run_record(totals *run_totals, const asl_value *record, const char *path)
{
    const char *id = text_of(record, "id");
    test_case self = {.record = record};
    id = id != NULL ? id : path;
    int status = play(&self);
    close_case(&self);
    bool is_good = self.problem.text[0] == '\0';
    run_totals->replayed += is_good && self.is_recording_replayed;
    if (status == ASL_UNSUPPORTED) {
        run_totals->unsupported++;
        if (run_totals->is_verbose)
            printf("not run %s\n", id);
        return;
    }
    if (is_excepted(run_totals, id)) {
        if (is_good) {
            problem_note(&self.problem, "stands among the exceptions, and is none");
        } else {
            if (run_totals->is_verbose)
                printf("excepted %s: %s\n", id, self.problem.text);
            run_totals->excepted++;
            return;
        }
        is_good = false;
    }
    *(is_good ? &run_totals->passed : &run_totals->failed) += 1;
    if (!is_good)
        printf("%s: %s\n", id, self.problem.text);
}

static void run_file(totals *run_totals, const char *path)
{
    size_t size = 0;
    char *text = read_file(path, &size);
    asl_value *record = NULL;
    if (text == NULL || asl_value_parse(NULL, text, size, 0, &record, NULL) != ASL_OK) {
        run_totals->failed++;
        printf("%s: cannot be read\n", path);
    } else if (asl_value_get(record, "definition") != NULL ||
               asl_value_get(record, "definitionText") != NULL) {
        run_record(run_totals, record, path);
    }
    asl_value_unref(record);
    free(text);
}

/* The files of a folder and of those in it, in the order of their paths. */
static struct {
    char **paths;
    size_t count;
} found;

static int note_file(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    size_t size = strlen(path);
    (void)status;
    (void)place;
    if (kind != FTW_F || size < 5 || strcmp(path + size - 5, ".json") != 0)
        return 0;
    char **paths = realloc(found.paths, (found.count + 1) * sizeof *paths);
    if (paths == NULL)
        return 1;
    found.paths = paths;
    paths[found.count] = strdup(path);
    return paths[found.count++] == NULL;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool run_folder(totals *run_totals, const char *folder)
{
    bool is_good = nftw(folder, note_file, 16, FTW_PHYS) == 0;
    if (found.count > 0)
        qsort(found.paths, found.count, sizeof *found.paths, compare_paths);
    for (size_t i = 0; i < found.count; i++) {
        if (is_good)
            run_file(run_totals, found.paths[i]);
        free(found.paths[i]);
    }
    free(found.paths);
    return is_good;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The folder to run where none is named: the corpus, else the cases of our own. */
static const char *default_folder(char *room, size_t size)
{
    const char *corpora = getenv("ASL_CORPORA");
    snprintf(room, size, "%s/aws-executions", corpora != NULL ? corpora : ASL_CORPORA_FOLDER);
    return is_folder(room) ? room : ASL_CASES_FOLDER;
}

int main(int argc, char **argv)
{
    char room[4096];
    totals run_totals = {.is_verbose = argc > 1 && strcmp(argv[1], "-v") == 0};
    int first = run_totals.is_verbose ? 2 : 1;
    const char *folder = argc > first ? argv[first] : default_folder(room, sizeof room);
    size_t size = 0;
    run_totals.exceptions = read_file(ASL_EXCEPTIONS_FILE, &size);
    if (argc > first + 1 || !is_folder(folder) || run_totals.exceptions == NULL) {
        fprintf(stderr, "usage: run-executions [-v] [DIR]\n%s is not a folder of cases\n", folder);
        free(run_totals.exceptions);
        return 2;
    }
    bool is_good = run_folder(&run_totals, folder);
    free(run_totals.exceptions);
    printf("%zu recorded histories replayed, %zu cases use what is not supported yet and were not "
           "run, %zu are exceptions\n",
           run_totals.replayed, run_totals.unsupported, run_totals.excepted);
    printf("%zu passed, %zu failed\n", run_totals.passed, run_totals.failed);
    return is_good && run_totals.failed == 0 && run_totals.passed > 0 ? 0 : 1;
}
