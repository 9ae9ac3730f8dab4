/* Runs a folder of mock files: `run-mock-configs [DIR]`.
 *
 * A case is a JSON file with a definition, a mock file of Step Functions Local, an input and what
 * is asserted of the history; events are counted from 0. Its test case is the one that
 * `startExecutionArn` names. A case that asserts nothing has all test cases run with all its
 * inputs: each must succeed and come to every state that it mocks. States that are not mocked get
 * an empty object. Where the details of a task are asserted and its resource is a function, the
 * function's are meant: AWS gives such a task no others. A definition whose only problems are
 * features that are not supported yet passes and is counted apart. One line per failing case, then
 * "N passed, M failed". */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/mocks.h"

typedef struct run {
    size_t passed, failed, unsupported;
} run;

/* What one execution gave. */
typedef struct result {
    asl_execution_status status;
    asl_value *output;
    asl_value *events; /* as asl_history_to_value gives them */
} result;

/* The first thing that is wrong with a case; empty: nothing. */
typedef struct problem {
    char text[1024];
} problem;

static void note(problem *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(problem *self, const char *format, ...)
{
    va_list arguments;
    if (self->text[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(self->text, sizeof self->text, format, arguments);
    va_end(arguments);
}

static const char *text_of(const asl_value *object, const char *key)
{
    const asl_value *member = asl_value_get(object, key);
    return member == NULL ? NULL : asl_value_get_string(member, NULL);
}

static const char *key_at(const asl_value *object, size_t index)
{
    return asl_value_get_string(asl_value_key(object, index), NULL);
}

static void result_done(result *self)
{
    asl_value_unref(self->output);
    asl_value_unref(self->events);
}

static void answer_nothing(void *context, asl_task *task)
{
    (void)context;
    asl_task_succeed(task, asl_value_object(NULL), NULL);
}

static int start(asl_engine *engine, tool_mocks *mocks, const char *machine, const asl_value *input,
                 asl_execution **ret_execution)
{
    const asl_task_handler handler = {
        .size = sizeof handler, .start = answer_nothing, .flags = ASL_HANDLER_MOCK};
    const asl_start start = {
        .size = sizeof start, .machine = machine, .name = "case", .input = input};
    int status = asl_engine_add_machine(engine, machine, mocks->definition, NULL);
    if (status == ASL_OK)
        status = asl_engine_register(engine, "*", &handler, NULL);
    if (status == ASL_OK && tool_mocks_register(mocks, engine, machine) != 0)
        status = ASL_MISUSE;
    if (status == ASL_OK)
        status = asl_execution_start(engine, &start, ret_execution, NULL);
    if (status == ASL_OK)
        status = asl_engine_run(engine, *ret_execution, -1, NULL);
    return status;
}

static int read_result(asl_store *store, const asl_execution *execution, result *ret_result)
{
    asl_history *history = NULL;
    asl_value *json = NULL;
    int status = asl_history_read(store, asl_execution_number(execution), &history, NULL);
    if (status == ASL_OK)
        status = asl_history_to_value(history, &json);
    asl_history_free(history);
    if (status != ASL_OK)
        return status;
    const asl_value *output = asl_execution_output(execution);
    *ret_result = (result){.status = asl_execution_status_of(execution),
                           .output = output != NULL ? asl_value_ref(output) : NULL,
                           .events = asl_value_ref(asl_value_get(json, "events"))};
    asl_value_unref(json);
    return ASL_OK;
}

/* One execution in a store of its own. False: said what is wrong. */
static bool execute(tool_mocks *mocks, const char *machine, const asl_value *input,
                    result *ret_result, problem *first)
{
    asl_store_options place = {.size = sizeof place};
    asl_engine_options options = {.size = sizeof options, .clock = ASL_CLOCK_SKIPPING, .seed = 1};
    asl_engine *engine = NULL;
    asl_execution *execution = NULL;
    int status = asl_store_open(&place, &options.store, NULL);
    if (status == ASL_OK)
        status = asl_engine_open(&options, &engine, NULL);
    if (status == ASL_OK)
        status = start(engine, mocks, machine, input, &execution);
    if (status == ASL_OK)
        status = read_result(options.store, execution, ret_result);
    if (status != ASL_OK)
        note(first, "the execution: %s", asl_status_name(status));
    asl_execution_unref(execution);
    asl_engine_free(engine);
    asl_store_close(options.store);
    return status == ASL_OK;
}

/* A case's mocks from its mock file, read as a file would be. */
static tool_mocks *read_mocks(const asl_value *record, const asl_definition *definition,
                              const char *machine, const char *test_case, problem *first)
{
    char *text = NULL;
    tool_mocks *mocks = NULL;
    tool_json_text json = {.name = "mockConfigFile"};
    if (asl_value_print(asl_value_get(record, "mockConfigFile"), 0, &text, &json.size) != ASL_OK) {
        note(first, "out of memory");
        return NULL;
    }
    json.text = text;
    if (tool_mocks_new(definition, &mocks) != 0 ||
        tool_mocks_add_file(mocks, machine, test_case, &json) != 0) {
        note(first, "the mock file is refused");
        tool_mocks_free(mocks);
        mocks = NULL;
    }
    asl_text_free(text);
    return mocks;
}

static const asl_value *details_of(const asl_value *event, const char *key)
{
    const asl_value *details = asl_value_get(event, key);
    char function_key[128];
    if (details != NULL || strncmp(key, "task", 4) != 0)
        return details;
    snprintf(function_key, sizeof function_key, "lambdaFunction%s", key + 4);
    return asl_value_get(event, function_key);
}

/* `output` of some details is JSON as text. */
static void check_output(const asl_value *event, const asl_value *assertion, problem *first)
{
    size_t size = 0;
    const char *key = text_of(assertion, "outputOf");
    const asl_value *text = asl_value_get(details_of(event, key), "output");
    const char *bytes = text != NULL ? asl_value_get_string(text, &size) : NULL;
    asl_value *output = NULL;
    if (bytes == NULL || asl_value_parse(NULL, bytes, size, 0, &output, NULL) != ASL_OK ||
        !asl_value_equal(output, asl_value_get(assertion, "equals")))
        note(first, "%s: the output is %s", key, bytes != NULL ? bytes : "missing");
    asl_value_unref(output);
}

static bool is_details(const char *key)
{
    static const char ending[] = "EventDetails";
    size_t size = strlen(key);
    return size > sizeof ending && strcmp(key + size - (sizeof ending - 1), ending) == 0;
}

static void check_members(const asl_value *details, const asl_value *expected, const char *key,
                          problem *first)
{
    for (size_t i = 0; i < asl_value_count(expected); i++) {
        const asl_value *member = asl_value_get(details, key_at(expected, i));
        if (member == NULL || !asl_value_equal(member, asl_value_at(expected, i)))
            note(first, "%s: \"%s\" differs", key, key_at(expected, i));
    }
}

static void check_event(const asl_value *events, int64_t index, const asl_value *assertion,
                        problem *first)
{
    const asl_value *event = index >= 0 ? asl_value_at(events, (size_t)index) : NULL;
    const char *type = text_of(assertion, "type"), *got = text_of(event, "type");
    if (event == NULL) {
        note(first, "there is no event %lld", (long long)index);
        return;
    }
    if (type != NULL && strcmp(type, got) != 0)
        note(first, "event %lld is %s, not %s", (long long)index, got, type);
    if (asl_value_get(assertion, "outputOf") != NULL)
        check_output(event, assertion, first);
    for (size_t i = 0; i < asl_value_count(assertion); i++) {
        const char *key = key_at(assertion, i);
        if (is_details(key))
            check_members(details_of(event, key), asl_value_at(assertion, i), key, first);
    }
}

static void check_text(const result *got, const char *expected, problem *first)
{
    char *text = NULL;
    if (got->output == NULL || asl_value_print(got->output, 0, &text, NULL) != ASL_OK ||
        strcmp(text, expected) != 0)
        note(first, "the output is %s, not %s", text != NULL ? text : "missing", expected);
    asl_text_free(text);
}

static void check_assertion(const result *got, const asl_value *assertion, problem *first)
{
    int64_t index = 0;
    const asl_value *last = asl_value_at(got->events, asl_value_count(got->events) - 1);
    const char *last_type = text_of(assertion, "lastEventType");
    const char *output = text_of(assertion, "executionOutputText");
    if (asl_value_get_integer(asl_value_get(assertion, "eventIndex"), &index))
        check_event(got->events, index, assertion, first);
    else if (last_type != NULL && strcmp(last_type, text_of(last, "type")) != 0)
        note(first, "the last event is %s, not %s", text_of(last, "type"), last_type);
    else if (output != NULL)
        check_text(got, output, first);
    else if (last_type == NULL && text_of(assertion, "note") == NULL)
        note(first, "an assertion of an unknown kind");
}

static bool was_entered(const asl_value *events, const char *state)
{
    for (size_t i = 0; i < asl_value_count(events); i++) {
        const char *name =
            text_of(asl_value_get(asl_value_at(events, i), "stateEnteredEventDetails"), "name");
        if (name != NULL && strcmp(name, state) == 0)
            return true;
    }
    return false;
}

static void check_course(const result *got, const asl_value *states, const char *test_case,
                         problem *first)
{
    if (got->status != ASL_EXECUTION_SUCCEEDED)
        note(first, "%s: the execution is %s", test_case, asl_execution_status_name(got->status));
    for (size_t i = 0; i < asl_value_count(states); i++) {
        if (!was_entered(got->events, key_at(states, i)))
            note(first, "%s: the state '%s' is not entered", test_case, key_at(states, i));
    }
}

/* `states`: what to check where nothing is asserted; else NULL. */
static void run_one(const asl_value *record, const asl_definition *definition, const char *machine,
                    const char *test_case, const asl_value *input, const asl_value *states,
                    problem *first)
{
    tool_mocks *mocks = read_mocks(record, definition, machine, test_case, first);
    const asl_value *asserts = asl_value_get(record, "asserts");
    result got = {.status = ASL_EXECUTION_RUNNING};
    if (mocks != NULL && execute(mocks, machine, input, &got, first)) {
        if (states != NULL)
            check_course(&got, states, test_case, first);
        for (size_t i = 0; i < asl_value_count(asserts); i++)
            check_assertion(&got, asl_value_at(asserts, i), first);
    }
    result_done(&got);
    tool_mocks_free(mocks);
}

static void run_asserted(const asl_value *record, const asl_definition *definition, problem *first)
{
    size_t size = 0;
    const char *arn = text_of(record, "startExecutionArn");
    const char *hash = arn != NULL ? strchr(arn, '#') : NULL;
    const asl_value *text = asl_value_get(record, "input");
    const char *bytes = text != NULL ? asl_value_get_string(text, &size) : NULL;
    const char *machine = text_of(record, "stateMachineName");
    asl_value *input = NULL;
    if (bytes != NULL &&
        asl_value_parse(NULL, bytes, size, ASL_PARSE_KEEP_TEXT, &input, NULL) != ASL_OK)
        note(first, "the input is no JSON");
    else
        run_one(record, definition, machine != NULL ? machine : "machine",
                hash != NULL ? hash + 1 : NULL, input, NULL, first);
    asl_value_unref(input);
}

static void run_all_cases(const asl_value *record, const asl_definition *definition, problem *first)
{
    const asl_value *machines =
        asl_value_get(asl_value_get(record, "mockConfigFile"), "StateMachines");
    const asl_value *inputs = asl_value_get(record, "inputs");
    const asl_value *cases = asl_value_get(asl_value_at(machines, 0), "TestCases");
    if (asl_value_count(cases) == 0 || asl_value_count(inputs) == 0)
        note(first, "nothing is asserted, and there are no test cases or inputs");
    for (size_t i = 0; i < asl_value_count(cases); i++) {
        for (size_t k = 0; k < asl_value_count(inputs); k++)
            run_one(record, definition, key_at(machines, 0), key_at(cases, i),
                    asl_value_at(inputs, k), asl_value_at(cases, i), first);
    }
}

/* True where all that is wrong with it is not supported yet. */
static bool is_unsupported(const asl_diagnostics *list)
{
    size_t count = 0;
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        if (diagnostic->severity != ASL_SEVERITY_ERROR)
            continue;
        if (strcmp(diagnostic->code, "UNSUPPORTED") != 0)
            return false;
        count++;
    }
    return count > 0;
}

static void run_record(run *r, const asl_value *record, problem *first)
{
    char *text = NULL;
    size_t size = 0;
    asl_definition *definition = NULL;
    asl_diagnostics *list = NULL;
    int status = asl_value_print(asl_value_get(record, "definition"), 0, &text, &size);
    if (status == ASL_OK)
        status = asl_definition_load(text, size, NULL, &definition, &list, NULL);
    if (status == ASL_INVALID && is_unsupported(list))
        r->unsupported++;
    else if (status != ASL_OK)
        note(first, "the definition: %s",
             asl_diagnostics_count(list) > 0 ? asl_diagnostics_at(list, 0)->message
                                             : asl_status_name(status));
    else if (asl_value_get(record, "asserts") != NULL)
        run_asserted(record, definition, first);
    else
        run_all_cases(record, definition, first);
    asl_diagnostics_free(list);
    asl_definition_unref(definition);
    asl_text_free(text);
}

static void run_file(run *r, const char *path, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    asl_value *record = NULL;
    problem first = {.text = ""};
    if (tool_read(path, "the case", &text, &size) != 0 ||
        asl_value_parse(NULL, text, size, 0, &record, NULL) != ASL_OK)
        note(&first, "cannot be read");
    else if (asl_value_get(record, "definition") != NULL)
        run_record(r, record, &first);
    else
        note(&first, "the case has no definition");
    *(first.text[0] == '\0' ? &r->passed : &r->failed) += 1;
    if (first.text[0] != '\0')
        printf("%s: %s\n", name, first.text);
    asl_value_unref(record);
    free(text);
}

static int is_case(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    /* ORIGIN.json says where the cases come from. */
    if (strcmp(entry->d_name, "ORIGIN.json") == 0)
        return 0;
    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static void run_folder(run *r, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_case, alphasort);
    for (int i = 0; i < count; i++) {
        char path[8192];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        run_file(r, path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
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
    snprintf(room, size, "%s/sfn-local-mock-configs",
             corpora != NULL ? corpora : ASL_CORPORA_FOLDER);
    return is_folder(room) ? room : ASL_CASES_FOLDER;
}

int main(int argc, char **argv)
{
    char room[4096];
    const char *folder = argc > 1 ? argv[1] : default_folder(room, sizeof room);
    run r = {0};
    if (argc > 2 || !is_folder(folder)) {
        fprintf(stderr, "usage: run-mock-configs [DIR]\n%s is not a folder of cases\n", folder);
        return 2;
    }
    run_folder(&r, folder);
    printf("%zu use what is not supported yet\n", r.unsupported);
    printf("%zu passed, %zu failed\n", r.passed, r.failed);
    return r.failed == 0 && r.passed > 0 ? 0 : 1;
}
