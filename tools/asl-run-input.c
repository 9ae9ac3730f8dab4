/* What asl-run reads before anything runs: definition, input, bindings, mocks.
 *
 * An execution must be able to go on from its store alone, so the start also notes, in a table of
 * the store and in the start's own transaction, where its bindings came from and what they said.
 * What was found by itself beside the definition is used again; what was allowed with --tasks has
 * to be allowed again, since whoever gives a store away must not be able to run commands with it.
 * What was mocked has to be mocked again: going on must not do for real what was only played.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asl-run.h"

#define NOTES_TABLE "asl-run"
/* How long an open pipe may stay empty before the input is {}. */
#define PIPE_PATIENCE_MS 3000

int run_read_definition(run_state *run)
{
    char *text = NULL;
    size_t size = 0;
    int exit_code = tool_read(run->definition_path, "the definition", &text, &size);
    if (exit_code != 0)
        return exit_code;
    const char *name =
        strcmp(run->definition_path, "-") == 0 ? "standard input" : run->definition_path;
    asl_value *values = NULL;
    exit_code = tool_substitutions_read(&run->substitutions, &values);
    if (exit_code == 0) {
        const asl_definition_options options = {
            .size = sizeof options,
            .flags = run->type == ASL_MACHINE_EXPRESS ? ASL_DEFINITION_EXPRESS : 0,
            .substitutions = values};
        exit_code = tool_load_definition(name, text, size, &options, &run->definition);
    }
    asl_value_unref(values);
    free(text);
    return exit_code;
}

/* Whether standard input is a file or a pipe that holds something. */
static bool stdin_holds_something(const run_state *run)
{
    struct stat status;
    if (strcmp(run->definition_path, "-") == 0 || fstat(STDIN_FILENO, &status) != 0)
        return false;
    if (S_ISREG(status.st_mode))
        return status.st_size > lseek(STDIN_FILENO, 0, SEEK_CUR);
    if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))
        return false;
    struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&wait, 1, PIPE_PATIENCE_MS) == 0) {
        tool_say(TOOL_NOTE, "nothing came on standard input for %d s: the input is {} ('-' waits)",
                 PIPE_PATIENCE_MS / 1000);
        return false;
    }
    return (wait.revents & POLLIN) != 0;
}

static bool is_blank(const char *text, size_t size)
{
    return strspn(text, " \t\r\n") == size;
}

int run_read_input(run_state *run)
{
    const char *path = run->input_path;
    if (path == NULL && stdin_holds_something(run))
        path = "-";
    if (path == NULL)
        return 0;
    char *text = NULL;
    size_t size = 0;
    int exit_code = tool_read(path, "the input", &text, &size);
    if (exit_code != 0)
        return exit_code;
    bool is_stdin = strcmp(path, "-") == 0;
    if (!is_stdin || run->input_path != NULL || !is_blank(text, size))
        exit_code = tool_parse_json(is_stdin ? "standard input" : path, text, size,
                                    ASL_PARSE_KEEP_TEXT, &run->input);
    free(text);
    return exit_code;
}

/* "definitions/order.tasks.json" beside "definitions/order.asl.json"; new. */
static char *tasks_beside(const char *definition_path)
{
    const char *slash = strrchr(definition_path, '/');
    int folder = slash != NULL ? (int)(slash - definition_path) + 1 : 0;
    char *stem = tool_stem(definition_path);
    char *path = NULL;
    if (stem != NULL && asprintf(&path, "%.*s%s.tasks.json", folder, definition_path, stem) < 0)
        path = NULL;
    free(stem);
    return path;
}

int run_read_tasks(run_state *run)
{
    if (run->tasks == NULL && strcmp(run->definition_path, "-") == 0)
        return 0;
    char *path = run->tasks != NULL ? strdup(run->tasks) : tasks_beside(run->definition_path);
    if (path == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    if (run->tasks == NULL && access(path, F_OK) != 0) {
        free(path);
        return 0;
    }
    run->tasks_path = path;
    return tool_read(path, "the bindings", &run->tasks_text, &run->tasks_size);
}

/* "order/NAME": execution names are unique in a machine, but for EXPRESS, where the last one that
 * was started notes for all. False where it is too long for a key. */
static bool note_key(const run_state *run, char key[ASL_TABLE_KEY_MAX + 1], size_t *ret_size)
{
    int size = snprintf(key, ASL_TABLE_KEY_MAX + 1, "%s/%s", run->machine, run->execution_name);
    *ret_size = (size_t)size;
    return size > 0 && size <= (int)ASL_TABLE_KEY_MAX;
}

/* A path or text that is no UTF-8 is not noted. */
static void note_tasks(const run_state *run, asl_value **note)
{
    char *path = realpath(run->tasks_path, NULL);
    asl_value *more = asl_value_object(NULL);
    int status = asl_value_set(&more, "tasks",
                               asl_value_string(NULL, path != NULL ? path : run->tasks_path));
    if (status == ASL_OK)
        status = asl_value_set(&more, "named", asl_value_bool(run->tasks != NULL));
    if (status == ASL_OK && run->tasks == NULL)
        status = asl_value_set(&more, "text",
                               asl_value_string_sized(NULL, run->tasks_text, run->tasks_size));
    if (status == ASL_OK) {
        asl_value_unref(*note);
        *note = more;
    } else {
        asl_value_unref(more);
    }
    free(path);
}

static int note_mocks(const run_state *run, asl_value **note)
{
    asl_value *mocks = asl_value_array(NULL);
    int status = ASL_OK;
    for (size_t i = 0; i < run->mocks.count && status == ASL_OK; i++) {
        asl_value *text = asl_value_string(NULL, run->mocks.items[i]);
        status = asl_value_append(&mocks, text != NULL ? text : asl_value_string(NULL, "..."));
    }
    if (status == ASL_OK)
        return asl_value_set(note, "mocks", mocks);
    asl_value_unref(mocks);
    return status;
}

asl_writes *run_note_tasks(const run_state *run)
{
    asl_writes *writes = asl_writes_new(NULL);
    char key[ASL_TABLE_KEY_MAX + 1];
    size_t key_size = 0;
    if (writes == NULL || !note_key(run, key, &key_size) ||
        (run->tasks_path == NULL && run->mocks.count == 0))
        return writes;
    asl_value *note = asl_value_object(NULL);
    int status = note != NULL ? ASL_OK : ASL_NOMEM;
    if (status == ASL_OK && run->tasks_path != NULL)
        note_tasks(run, &note);
    if (status == ASL_OK && run->mocks.count > 0)
        status = note_mocks(run, &note);
    if (status == ASL_OK) {
        asl_writes_put_value(writes, NOTES_TABLE, key, key_size, note);
    } else {
        asl_writes_free(writes);
        writes = NULL;
    }
    asl_value_unref(note);
    return writes;
}

static int use_note(run_state *run, const asl_value *note)
{
    const asl_value *path_value = asl_value_get(note, "tasks");
    const asl_value *named = asl_value_get(note, "named");
    const asl_value *text_value = asl_value_get(note, "text");
    const char *path = path_value != NULL ? asl_value_get_string(path_value, NULL) : NULL;
    if (path == NULL)
        return 0;
    if (named != NULL && asl_value_kind(named) == ASL_KIND_TRUE) {
        tool_say(TOOL_ERROR, "'%s' was started with --tasks: name the file again: --tasks '%s'",
                 run->execution_name, path);
        return TOOL_USAGE;
    }
    run->tasks_path = strdup(path);
    if (run->tasks_path == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    if (access(path, R_OK) == 0)
        return tool_read(path, "the bindings", &run->tasks_text, &run->tasks_size);
    size_t size = 0;
    const char *text = text_value != NULL ? asl_value_get_string(text_value, &size) : NULL;
    if (text == NULL)
        return 0;
    run->tasks_size = size;
    run->tasks_text = strndup(text, size);
    return run->tasks_text != NULL ? 0 : tool_report(NULL, ASL_NOMEM, NULL);
}

/* NULL where there is none. Returns 0 or an exit code. */
static int read_note(const run_state *run, asl_value **ret_note)
{
    char key[ASL_TABLE_KEY_MAX + 1];
    size_t key_size = 0;
    asl_error *error = NULL;
    *ret_note = NULL;
    if (!note_key(run, key, &key_size))
        return 0;
    int status = asl_table_get_value(run->store, NOTES_TABLE, key, key_size, ret_note, &error);
    if (status != ASL_NOT_FOUND)
        return status == ASL_OK ? 0 : tool_report("cannot read the store", status, error);
    asl_error_free(error);
    return 0;
}

int run_recall_tasks(run_state *run)
{
    if (run->tasks != NULL || run->definition_path != NULL)
        return run_read_tasks(run);
    asl_value *note = NULL;
    int exit_code = read_note(run, &note);
    if (exit_code == 0 && note != NULL)
        exit_code = use_note(run, note);
    asl_value_unref(note);
    return exit_code;
}

int run_read_mocks(run_state *run)
{
    int exit_code = 0;
    if (run->mocks.count > 0)
        exit_code = tool_mocks_new(run->definition, &run->played);
    for (size_t i = 0; i < run->mocks.count && exit_code == 0; i++)
        exit_code = tool_mocks_add(run->played, run->machine, run->mocks.items[i]);
    return exit_code;
}

int run_recall_mocks(run_state *run)
{
    asl_value *note = NULL;
    int exit_code = read_note(run, &note);
    const asl_value *mocks = asl_value_get(note, "mocks");
    if (exit_code == 0 && run->mocks.count == 0 && asl_value_count(mocks) > 0) {
        const char *first = asl_value_get_string(asl_value_at(mocks, 0), NULL);
        tool_say(TOOL_ERROR,
                 "'%s' was started with --mock: say again what is mocked: --mock '%s'%s",
                 run->execution_name, first != NULL ? first : "...",
                 asl_value_count(mocks) > 1 ? " ..." : "");
        exit_code = TOOL_USAGE;
    }
    asl_value_unref(note);
    return exit_code;
}

int run_recall_invocations(run_state *run, uint64_t number)
{
    if (run->played == NULL)
        return 0;
    asl_history *history = NULL;
    asl_error *error = NULL;
    int status = asl_history_read(run->store, number, &history, &error);
    if (status != ASL_OK)
        return tool_report("cannot read the history", status, error);
    int exit_code = tool_mocks_recall(run->played, history);
    asl_history_free(history);
    return exit_code;
}

static void say_binding_error(const run_state *run, asl_error *error)
{
    tool_say(TOOL_ERROR, "%s", asl_error_message(error));
    tool_print_excerpt(run->tasks_text, run->tasks_size, asl_error_line(error),
                       asl_error_column(error), 1);
}

int run_bind(run_state *run)
{
    if (run->tasks_text == NULL)
        return 0;
    const char *slash = strrchr(run->tasks_path, '/');
    char *folder = slash != NULL ? strndup(run->tasks_path, (size_t)(slash - run->tasks_path) + 1)
                                 : strdup(".");
    if (folder == NULL)
        return tool_report(NULL, ASL_NOMEM, NULL);
    asl_bind_options options = {.size = sizeof options,
                                .source = run->tasks_path,
                                .folder = folder,
                                .flags = run->tasks != NULL ? ASL_BIND_TRUSTED : 0,
                                .allow_networks = run->networks.items};
    asl_error *error = NULL;
    int status = asl_engine_bind(run->engine, run->tasks_text, run->tasks_size, &options, &error);
    free(folder);
    if (status == ASL_OK)
        return 0;
    if (error == NULL)
        return tool_report(run->tasks_path, status, NULL);
    say_binding_error(run, error);
    asl_error_free(error);
    return status == ASL_NOMEM ? TOOL_INTERNAL : TOOL_USAGE;
}

int run_refuse_missing(const run_state *run, const char *resource)
{
    const char *state = "?";
    for (size_t i = 0; i < asl_definition_state_count(run->definition); i++) {
        const char *own = asl_definition_state_resource(run->definition, i);
        const char *name = asl_definition_state_name(run->definition, i);
        if (own != NULL && strcmp(own, resource) == 0 && !tool_mocks_has(run->played, name)) {
            state = name;
            break;
        }
    }
    char *beside = run->definition_path != NULL && strcmp(run->definition_path, "-") != 0
                       ? tasks_beside(run->definition_path)
                       : NULL;
    const char *file = run->tasks_path != NULL ? run->tasks_path : beside != NULL ? beside : "FILE";
    tool_say(TOOL_ERROR,
             "nothing serves the resource \"%s\" of the state \"%s\"\n"
             "bind it in %s, as in {\"tasks\": {\"%s\": {\"command\": {\"argv\": [...]}}}}\n"
             "and name that file with --tasks (see 'man 5 asl-tasks')",
             resource, state, file, resource);
    free(beside);
    return TOOL_USAGE;
}
