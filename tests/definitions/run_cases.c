/* Runs every input that is shipped with a definition, and compares what comes of it with what is
 * expected: status, output or error and cause, the states in their order, the time it took by the
 * engine's clock, the order's row and the outbox. Then the history must replay to itself, as it is
 * in the store and as its exported JSON.
 *
 *     run_cases DEFINITIONS memory|SCRATCH-FOLDER
 *
 * A case is NAME.input.json with NAME.expect.json, in the folder of the definition's name or beside
 * it; NAME.tasks.json are bindings of its own instead of the definition's. It runs as the execution
 * NAME, in a store of its own, from noon of the first of January 2026. NAME-jsonata.asl.json is the
 * same machine in the other language: it runs the cases of NAME.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asl/asl.h>

#include "folder.h"

#define START_MS INT64_C(1767268800000)
#define PATH_SIZE 1024

typedef struct case_scene {
    const char *definitions; /* folder */
    const char *scratch;     /* NULL: memory */
    char *stem;
    char *cases; /* of which definition: `stem` without "-jsonata" */
    asl_definition *definition;
    unsigned passed, failed;
} case_scene;

typedef struct case_trial {
    const char *name;
    asl_value *input;
    asl_value *expected;
    asl_store *store;
    asl_engine *engine;
    asl_execution *execution;
    asl_history *history;
    unsigned problem_count;
} case_trial;

static char *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = NULL;
    FILE *copy = open_memstream(&text, ret_size);
    for (int byte = fgetc(file); byte != EOF; byte = fgetc(file))
        fputc(byte, copy);
    fclose(file);
    fclose(copy);
    return text;
}

static asl_value *read_json(const char *path)
{
    size_t size = 0;
    char *text = read_file(path, &size);
    asl_value *value = NULL;
    if (text == NULL || asl_value_parse(NULL, text, size, 0, &value, NULL) != ASL_OK)
        printf("%s cannot be read\n", path);
    free(text);
    return value;
}

static char *print(const asl_value *value)
{
    char *text = NULL;
    if (value == NULL || asl_value_print(value, 0, &text, NULL) != ASL_OK)
        return strdup("nothing");
    char *copy = strdup(text);
    asl_text_free(text);
    return copy;
}

static void complain(case_trial *trial, const char *what, const asl_value *expected,
                     const asl_value *got)
{
    char *expected_text = print(expected);
    char *got_text = print(got);
    printf("%s: %s: expected %s, got %s\n", trial->name, what, expected_text, got_text);
    free(expected_text);
    free(got_text);
    trial->problem_count++;
}

/* Compares a member of the expectation, which may be missing on both sides, with a stolen value. */
static void compare(case_trial *trial, const char *member, asl_value *got)
{
    const asl_value *expected = asl_value_get(trial->expected, member);
    bool same = expected == NULL || got == NULL ? expected == NULL && got == NULL
                                                : asl_value_equal(expected, got);
    if (!same)
        complain(trial, member, expected, got);
    asl_value_unref(got);
}

static asl_value *text_value(const char *text)
{
    return text != NULL ? asl_value_string(NULL, text) : NULL;
}

/* The names of the states that were entered, in order. */
static asl_value *route_of(const asl_history *history)
{
    asl_value *route = asl_value_array(NULL);
    for (size_t i = 0; i < asl_history_count(history); i++) {
        const asl_history_event *event = asl_history_at(history, i);
        if (strstr(event->type, "StateEntered") != NULL)
            asl_value_append(&route, asl_value_string(NULL, event->state));
    }
    return route;
}

typedef struct outbox_rows {
    const char *name;
    asl_value *rows;
} outbox_rows;

static bool gather_row(void *context, const void *key, size_t key_size, const void *row,
                       size_t row_size)
{
    outbox_rows *outbox = context;
    size_t size = strlen(outbox->name);
    asl_value *value = NULL;
    if (key_size > size && memcmp(key, outbox->name, size) == 0 &&
        ((const char *)key)[size] == '/' &&
        asl_value_parse(NULL, row, row_size, 0, &value, NULL) == ASL_OK)
        asl_value_append(&outbox->rows, value);
    return true;
}

static void compare_tables(case_trial *trial)
{
    asl_value *row = NULL;
    asl_table_get_value(trial->store, "order", trial->name, strlen(trial->name), &row, NULL);
    compare(trial, "order", row);
    outbox_rows outbox = {trial->name, asl_value_array(NULL)};
    asl_table_scan(trial->store, "outbox", NULL, 0, gather_row, &outbox, NULL);
    compare(trial, "outbox", outbox.rows);
}

/* A member that nobody compares is a mistake in the expectation. */
static void check_members(case_trial *trial)
{
    static const char *const members[] = {"status", "output",  "error", "cause",
                                          "route",  "seconds", "order", "outbox"};
    for (size_t i = 0; i < asl_value_count(trial->expected); i++) {
        const char *name = asl_value_get_string(asl_value_key(trial->expected, i), NULL);
        bool is_known = false;
        for (size_t j = 0; j < sizeof members / sizeof members[0]; j++)
            is_known = is_known || strcmp(members[j], name) == 0;
        if (!is_known)
            complain(trial, name, asl_value_at(trial->expected, i), NULL);
    }
}

static void compare_outcome(case_trial *trial)
{
    const asl_execution *execution = trial->execution;
    const asl_value *output = asl_execution_output(execution);
    compare(trial, "status",
            text_value(asl_execution_status_name(asl_execution_status_of(execution))));
    compare(trial, "output", output != NULL ? asl_value_ref(output) : NULL);
    compare(trial, "error", text_value(asl_execution_error(execution)));
    compare(trial, "cause", text_value(asl_execution_cause(execution)));
    compare(trial, "route", route_of(trial->history));
    int64_t took_ms = asl_execution_stop_ms(execution) - asl_execution_start_ms(execution);
    compare(trial, "seconds", asl_value_integer(NULL, took_ms / 1000));
}

/* A history that does not replay to itself was recorded or is read wrongly. */
static void replay(case_trial *trial, const case_scene *scene, const asl_history *history,
                   const char *what)
{
    asl_replay_options options = {
        .size = sizeof options, .machine = scene->stem, .execution = trial->name};
    asl_replay *result = NULL;
    asl_error *error = NULL;
    if (asl_replay_run(history, scene->definition, &options, &result, &error) != ASL_OK) {
        printf("%s: %s: %s\n", trial->name, what, asl_error_message(error));
        trial->problem_count++;
    } else if (asl_replay_different(result) != 0 ||
               asl_replay_equal(result) != asl_history_count(history)) {
        const asl_divergence *divergence = asl_replay_divergence(result);
        printf("%s: %s: %zu of %zu events equal; event %llu: %s: expected %s, got %s\n",
               trial->name, what, asl_replay_equal(result), asl_history_count(history),
               divergence != NULL ? (unsigned long long)divergence->event : 0,
               divergence != NULL ? divergence->field : "",
               divergence != NULL ? divergence->expected : "",
               divergence != NULL ? divergence->got : "");
        trial->problem_count++;
    }
    asl_error_free(error);
    asl_replay_free(result);
}

static void replay_exported(case_trial *trial, const case_scene *scene)
{
    asl_value *json = NULL;
    char *text = NULL;
    size_t size = 0;
    asl_history *history = NULL;
    if (asl_history_to_value(trial->history, &json) == ASL_OK &&
        asl_value_print(json, 0, &text, &size) == ASL_OK &&
        asl_history_parse(NULL, text, size, &history, NULL) == ASL_OK)
        replay(trial, scene, history, "replay of the exported history");
    else
        complain(trial, "export of the history", NULL, json);
    asl_history_free(history);
    asl_text_free(text);
    asl_value_unref(json);
}

static bool open_store(case_trial *trial, const case_scene *scene)
{
    char path[PATH_SIZE];
    asl_store_options options = {.size = sizeof options, .map_bytes = (uint64_t)1 << 28};
    snprintf(path, sizeof path, "%s/%s-%s", scene->scratch != NULL ? scene->scratch : "",
             scene->stem, trial->name);
    if (scene->scratch != NULL)
        options.path = path;
    return asl_store_open(&options, &trial->store, NULL) == ASL_OK;
}

static bool open_engine(case_trial *trial, const case_scene *scene)
{
    char path[PATH_SIZE];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s/%s.tasks.json", scene->definitions, scene->cases,
             trial->name);
    char *text = read_file(path, &size);
    if (text == NULL) {
        snprintf(path, sizeof path, "%s/%s.tasks.json", scene->definitions, scene->stem);
        text = read_file(path, &size);
    }
    asl_engine_options options = {.size = sizeof options,
                                  .store = trial->store,
                                  .clock = ASL_CLOCK_MANUAL,
                                  .clock_start_ms = START_MS};
    asl_bind_options bind = {.size = sizeof bind, .source = path, .folder = scene->definitions};
    asl_error *error = NULL;
    bool is_open =
        text != NULL && asl_engine_open(&options, &trial->engine, &error) == ASL_OK &&
        asl_engine_bind(trial->engine, text, size, &bind, &error) == ASL_OK &&
        asl_engine_add_machine(trial->engine, scene->stem, scene->definition, &error) == ASL_OK;
    if (!is_open)
        printf("%s: %s\n", trial->name, error != NULL ? asl_error_message(error) : path);
    asl_error_free(error);
    free(text);
    return is_open;
}

typedef struct wait_seen {
    int64_t time_ms; /* the first Wait or Retry to end; 0: none */
    int64_t task_ms; /* the first task to time out; 0: none */
} wait_seen;

static void see_wait(void *context, const asl_active_state *state)
{
    wait_seen *seen = context;
    bool is_task = strcmp(state->waits_for, "task") == 0;
    int64_t *first_ms = is_task ? &seen->task_ms : &seen->time_ms;
    if (state->due_ms != 0 && (*first_ms == 0 || state->due_ms < *first_ms))
        *first_ms = state->due_ms;
}

/* Goes on until nothing is left to do at this time: handlers answer at once, or hang. */
static int settle(asl_engine *engine)
{
    int status;
    do
        status = asl_engine_dispatch(engine, 0);
    while (status == ASL_OK && asl_engine_next_deadline(engine) == 0);
    return status;
}

/* Runs as far as it goes, then moves the clock to where the next Wait or Retry ends, or else a task
 * times out, so that times are exact. */
static int run_by_hand(case_trial *trial)
{
    int status = ASL_OK;
    for (int i = 0; i < 1000 && status == ASL_OK; i++) {
        status = settle(trial->engine);
        if (asl_execution_status_of(trial->execution) != ASL_EXECUTION_RUNNING)
            return status;
        wait_seen seen = {0, 0};
        asl_execution_active(trial->execution, see_wait, &seen);
        int64_t due_ms = seen.time_ms != 0 ? seen.time_ms : seen.task_ms;
        if (due_ms > asl_engine_now(trial->engine))
            asl_engine_set_time(trial->engine, due_ms);
    }
    return status == ASL_OK ? ASL_TIMED_OUT : status;
}

static bool run_to_end(case_trial *trial, const case_scene *scene)
{
    asl_start start = {
        .size = sizeof start, .machine = scene->stem, .name = trial->name, .input = trial->input};
    asl_error *error = NULL;
    bool has_ended =
        asl_execution_start(trial->engine, &start, &trial->execution, &error) == ASL_OK &&
        run_by_hand(trial) == ASL_OK &&
        asl_history_read(trial->store, asl_execution_number(trial->execution), &trial->history,
                         &error) == ASL_OK;
    if (!has_ended)
        printf("%s: %s\n", trial->name, error != NULL ? asl_error_message(error) : "did not end");
    asl_error_free(error);
    return has_ended;
}

static void run_case(case_scene *scene, const char *folder, const char *name)
{
    char path[2 * PATH_SIZE];
    case_trial trial = {.name = name};
    snprintf(path, sizeof path, "%s/%s.input.json", folder, name);
    trial.input = read_json(path);
    snprintf(path, sizeof path, "%s/%s.expect.json", folder, name);
    trial.expected = read_json(path);
    if (trial.input != NULL && trial.expected != NULL && open_store(&trial, scene) &&
        open_engine(&trial, scene) && run_to_end(&trial, scene)) {
        check_members(&trial);
        compare_outcome(&trial);
        compare_tables(&trial);
        replay(&trial, scene, trial.history, "replay");
        replay_exported(&trial, scene);
    } else {
        trial.problem_count++;
    }
    scene->passed += trial.problem_count == 0;
    scene->failed += trial.problem_count != 0;
    asl_history_free(trial.history);
    asl_execution_unref(trial.execution);
    asl_engine_free(trial.engine);
    asl_store_close(trial.store);
    asl_value_unref(trial.input);
    asl_value_unref(trial.expected);
}

/* Calls for the files whose names end so, in the order of their names, without the ending. */
static void for_each(case_scene *scene, const char *folder, const char *ending,
                     void (*call)(case_scene *scene, const char *folder, const char *name))
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char *name = entries[i]->d_name;
        size_t size = strlen(name);
        if (size > strlen(ending) && strcmp(name + size - strlen(ending), ending) == 0) {
            name[size - strlen(ending)] = '\0';
            call(scene, folder, name);
        }
        free(entries[i]);
    }
    free(entries);
}

static char *cases_of(const char *stem)
{
    static const char suffix[] = "-jsonata";
    char *cases = strdup(stem);
    size_t size = strlen(cases);
    if (size > strlen(suffix) && strcmp(cases + size - strlen(suffix), suffix) == 0)
        cases[size - strlen(suffix)] = '\0';
    return cases;
}

static void run_definition(case_scene *scene, const char *folder, const char *stem)
{
    char path[PATH_SIZE];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s.asl.json", folder, stem);
    char *text = read_file(path, &size);
    asl_diagnostics *diagnostics = NULL;
    scene->stem = strdup(stem);
    scene->cases = cases_of(stem);
    if (text == NULL ||
        asl_definition_load(text, size, NULL, &scene->definition, &diagnostics, NULL) != ASL_OK) {
        printf("%s: not a valid definition\n", path);
        scene->failed++;
    } else {
        snprintf(path, sizeof path, "%s/%s", folder, scene->cases);
        run_case(scene, folder, scene->cases);
        for_each(scene, path, ".input.json", run_case);
    }
    for (size_t i = 0; i < asl_diagnostics_count(diagnostics); i++)
        printf("%s: %s\n", path, asl_diagnostics_at(diagnostics, i)->message);
    asl_diagnostics_free(diagnostics);
    asl_definition_unref(scene->definition);
    free(scene->stem);
    free(scene->cases);
    free(text);
    scene->definition = NULL;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: run_cases DEFINITIONS memory|SCRATCH-FOLDER\n", stderr);
        return 2;
    }
    char scratch[PATH_SIZE];
    case_scene scene = {.definitions = argv[1]};
    if (strcmp(argv[2], "memory") != 0) {
        snprintf(scratch, sizeof scratch, "%s/cases-XXXXXX", argv[2]);
        scene.scratch = mkdtemp(scratch);
        if (scene.scratch == NULL) {
            perror(scratch);
            return 2;
        }
    }
    for_each(&scene, argv[1], ".asl.json", run_definition);
    if (scene.scratch != NULL)
        folder_remove(scene.scratch);
    printf("%u passed, %u failed\n", scene.passed, scene.failed);
    return scene.failed != 0 || scene.passed == 0;
}
