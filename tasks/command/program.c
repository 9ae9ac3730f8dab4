/* The "command" member of a binding. There is no shell: argv goes to the program as it stands, and
 * nothing of a task's input ever becomes an argument or a variable. */
#include "command/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handler/configuration.h"

static const char *const command_members[] = {"argv", "environment", "folder", NULL};
static const char *const variable_members[] = {"env", NULL};

void asl_program_free(asl_program *program)
{
    if (program == NULL)
        return;
    for (size_t i = 0; program->argv != NULL && program->argv[i] != NULL; i++)
        free(program->argv[i]);
    for (size_t i = 0; i < program->variable_count; i++) {
        free(program->variables[i].name);
        free(program->variables[i].text);
        free(program->variables[i].source);
    }
    free(program->argv);
    free(program->variables);
    free(program->folder);
    free(program);
}

/* Absolute, since the program runs in another folder than this one. */
static int resolve_path(const char *base, const char *path, int mode, char **ret_path,
                        asl_error **error)
{
    char *joined = asl_configuration_path(base, path);
    if (joined == NULL)
        return ASL_NOMEM;
    char *whole = realpath(joined, NULL);
    int status = ASL_OK;
    if (whole == NULL || access(whole, mode) != 0)
        status = errno == ENOMEM
                     ? ASL_NOMEM
                     : asl_configuration_refuse(error, ASL_NOT_FOUND, "cannot use %s: %s", joined,
                                                strerror(errno));
    free(joined);
    if (status != ASL_OK) {
        free(whole);
        return status;
    }
    *ret_path = whole;
    return ASL_OK;
}

/* argv[0] with a '/' is a path as seen from the bindings file; it must be there and executable. */
static int resolve_name(asl_program *program, const char *folder, asl_error **error)
{
    if (strchr(program->argv[0], '/') == NULL)
        return ASL_OK;
    char *path = NULL;
    int status = resolve_path(folder, program->argv[0], X_OK, &path, error);
    if (status == ASL_OK) {
        free(program->argv[0]);
        program->argv[0] = path;
    }
    return status;
}

static int read_argv(asl_program *program, const asl_value *configuration, const char *folder,
                     asl_error **error)
{
    const asl_value *argv = asl_value_get(configuration, "argv");
    size_t count = argv == NULL ? 0 : asl_value_count(argv);
    if (argv == NULL || asl_value_kind(argv) != ASL_KIND_ARRAY || count == 0 ||
        count > ASL_COMMAND_ARGUMENTS_MAX)
        return asl_configuration_refuse(
            error, ASL_SYNTAX,
            "\"command\" needs an \"argv\": an array of 1 to %u texts, the program first",
            ASL_COMMAND_ARGUMENTS_MAX);
    program->argv = calloc(count + 1, sizeof *program->argv);
    if (program->argv == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        const char *text = asl_value_get_string(asl_value_at(argv, i), &size);
        if (text == NULL || strlen(text) != size || (i == 0 && size == 0))
            return asl_configuration_refuse(error, ASL_SYNTAX, "\"argv\"[%zu] must be a text", i);
        program->argv[i] = strdup(text);
        if (program->argv[i] == NULL)
            return ASL_NOMEM;
    }
    return resolve_name(program, folder, error);
}

static int read_source(asl_program_variable *variable, const asl_value *member, asl_error **error)
{
    const char *source = NULL;
    int status = asl_configuration_check(member, variable->name, variable_members, error);
    if (status == ASL_OK)
        status = asl_configuration_text(member, "env", &source, error);
    if (status != ASL_OK)
        return status;
    if (source == NULL)
        return asl_configuration_refuse(error, ASL_SYNTAX, "variable \"%s\" needs an \"env\"",
                                        variable->name);
    if (secure_getenv(source) == NULL)
        return asl_configuration_refuse(error, ASL_NOT_FOUND,
                                        "variable \"%s\": the environment has no %s",
                                        variable->name, source);
    variable->source = strdup(source);
    return variable->source == NULL ? ASL_NOMEM : ASL_OK;
}

static int read_variable(asl_program *program, const asl_value *key, const asl_value *member,
                         asl_error **error)
{
    size_t size = 0;
    const char *name = asl_value_get_string(key, &size);
    if (size == 0 || strlen(name) != size || strchr(name, '=') != NULL)
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"%s\" is no name of a variable", name);
    if (strncmp(name, "ASL_", 4) == 0)
        return asl_configuration_refuse(
            error, ASL_SYNTAX, "variable \"%s\" cannot be set: ASL_ is what the engine sets", name);
    asl_program_variable *variable = &program->variables[program->variable_count++];
    variable->name = strdup(name);
    if (variable->name == NULL)
        return ASL_NOMEM;
    if (asl_value_kind(member) == ASL_KIND_OBJECT)
        return read_source(variable, member, error);
    const char *text = asl_value_get_string(member, &size);
    if (text == NULL || strlen(text) != size)
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "variable \"%s\" must be a text or {\"env\": NAME}", name);
    variable->text = strdup(text);
    return variable->text == NULL ? ASL_NOMEM : ASL_OK;
}

static int read_variables(asl_program *program, const asl_value *configuration, asl_error **error)
{
    const asl_value *variables = asl_value_get(configuration, "environment");
    if (variables == NULL)
        return ASL_OK;
    size_t count = asl_value_count(variables);
    if (asl_value_kind(variables) != ASL_KIND_OBJECT || count > ASL_COMMAND_VARIABLES_MAX)
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"environment\" must be an object of at most %u variables",
                                        ASL_COMMAND_VARIABLES_MAX);
    program->variables = calloc(count == 0 ? 1 : count, sizeof *program->variables);
    if (program->variables == NULL)
        return ASL_NOMEM;
    int status = ASL_OK;
    for (size_t i = 0; i < count && status == ASL_OK; i++)
        status =
            read_variable(program, asl_value_key(variables, i), asl_value_at(variables, i), error);
    return status;
}

static int read_folder(asl_program *program, const asl_value *configuration, const char *base,
                       asl_error **error)
{
    const char *folder = NULL;
    int status = asl_configuration_text(configuration, "folder", &folder, error);
    if (status != ASL_OK || (folder == NULL && base == NULL))
        return status;
    if (folder == NULL)
        return resolve_path(NULL, base, X_OK, &program->folder, error);
    return resolve_path(base, folder, X_OK, &program->folder, error);
}

int asl_program_new(const asl_value *configuration, const asl_bind_options *options,
                    asl_program **ret_program, asl_error **error)
{
    const char *folder = options == NULL ? NULL : options->folder;
    asl_program *program = calloc(1, sizeof *program);
    int status = program == NULL
                     ? ASL_NOMEM
                     : asl_configuration_check(configuration, "command", command_members, error);
    if (status == ASL_OK)
        status = read_argv(program, configuration, folder, error);
    if (status == ASL_OK)
        status = read_variables(program, configuration, error);
    if (status == ASL_OK)
        status = read_folder(program, configuration, folder, error);
    if (status != ASL_OK) {
        asl_program_free(program);
        return status == ASL_NOMEM ? asl_configuration_refuse(error, status, "out of memory")
                                   : status;
    }
    *ret_program = program;
    return ASL_OK;
}

static bool add_variable(char **environment, size_t *count, const char *name, const char *text)
{
    if (asprintf(&environment[*count], "%s=%s", name, text) < 0) {
        environment[*count] = NULL;
        return false;
    }
    ++*count;
    return true;
}

static bool add_task(char **environment, size_t *count, const asl_task *task)
{
    char attempt[16];
    snprintf(attempt, sizeof attempt, "%u", asl_task_attempt(task));
    return add_variable(environment, count, "ASL_STATE", asl_task_state(task)) &&
           add_variable(environment, count, "ASL_EXECUTION", asl_task_execution(task)) &&
           add_variable(environment, count, "ASL_MACHINE", asl_task_machine(task)) &&
           add_variable(environment, count, "ASL_RESOURCE", asl_task_resource(task)) &&
           add_variable(environment, count, "ASL_ATTEMPT", attempt) &&
           add_variable(environment, count, "ASL_IDEMPOTENCY_KEY", asl_task_idempotency_key(task));
}

static bool has_variable(const asl_program *program, const char *name)
{
    for (size_t i = 0; i < program->variable_count; i++) {
        if (strcmp(program->variables[i].name, name) == 0)
            return true;
    }
    return false;
}

char **asl_program_environment(const asl_program *program, const asl_task *task)
{
    char **environment = calloc(program->variable_count + 8, sizeof *environment);
    if (environment == NULL)
        return NULL;
    size_t count = 0;
    const char *path = secure_getenv("PATH");
    bool ok = has_variable(program, "PATH") ||
              add_variable(environment, &count, "PATH",
                           path == NULL ? "/usr/local/bin:/usr/bin:/bin" : path);
    for (size_t i = 0; ok && i < program->variable_count; i++) {
        const asl_program_variable *variable = &program->variables[i];
        const char *text = variable->text;
        if (variable->source != NULL)
            text = secure_getenv(variable->source);
        ok = text == NULL || add_variable(environment, &count, variable->name, text);
    }
    if (!ok || !add_task(environment, &count, task)) {
        asl_program_environment_free(environment);
        return NULL;
    }
    return environment;
}

void asl_program_environment_free(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        free(environment[i]);
    free(environment);
}
