/* A command as the bindings name it: argv, environment, folder; checked when they are read. */
#ifndef ASL_COMMAND_PROGRAM_H
#define ASL_COMMAND_PROGRAM_H

#include <asl/engine.h>

#define ASL_COMMAND_ARGUMENTS_MAX 256u /* of one command, its name included */
#define ASL_COMMAND_VARIABLES_MAX 256u /* configured variables of its environment */

/* NAME=text, or NAME= what the engine's own environment has under `source`. */
typedef struct asl_program_variable {
    char *name;
    char *text;
    char *source;
} asl_program_variable;

typedef struct asl_program {
    char **argv; /* ends with NULL; argv[0] holds a '/', or is looked for in PATH */
    asl_program_variable *variables;
    size_t variable_count;
    char *folder; /* where it runs; NULL: the working folder */
} asl_program;

/* ASL_OK with a new program, ASL_NOMEM, ASL_SYNTAX, ASL_NOT_FOUND (no such file, not executable, or
 * a variable that is not set). */
int asl_program_new(const asl_value *configuration, const asl_bind_options *options,
                    asl_program **ret_program, asl_error **error);
void asl_program_free(asl_program *program);

/* The whole environment of one run: PATH, what is configured, and what the task is (ASL_STATE,
 * ASL_EXECUTION, ASL_MACHINE, ASL_RESOURCE, ASL_ATTEMPT, ASL_IDEMPOTENCY_KEY). Ends with NULL; end
 * it with asl_program_environment_free. NULL: no memory. */
char **asl_program_environment(const asl_program *program, const asl_task *task);
void asl_program_environment_free(char **environment);

#endif
