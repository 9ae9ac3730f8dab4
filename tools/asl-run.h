/* asl-run: what its files share. One run is a `run_state`: what was asked for, then what came of
 * it. */
#ifndef ASL_RUN_H
#define ASL_RUN_H

#include <asl/asl.h>

#include "support/mocks.h"
#include "support/support.h"

typedef struct run_state {
    /* What was asked for. */
    const char *store_path;
    const char *durability;
    const char *name;
    const char *resume;
    const char *clock;
    const char *type_text;
    const char *tasks;
    const char *history_path;
    const char *record; /* FILE or FILE#CASE */
    tool_list mocks;
    tool_list limits;
    tool_list networks;
    tool_substitutions substitutions;
    tool_common common;
    const char *definition_path; /* NULL: --resume alone */
    const char *input_path;      /* NULL: not given */

    /* What came of it; owned. */
    asl_machine_type type;
    asl_definition *definition;
    asl_value *input;
    tool_mocks *played; /* NULL: nothing is mocked */
    char *machine;
    char *execution_name;
    char *tasks_path; /* the bindings file in use; NULL: none */
    char *tasks_text;
    size_t tasks_size;
    asl_store *store;
    asl_engine *engine;
    asl_execution *execution;
    int history_fd;
    char *record_path;
    int record_fd;
} run_state;

/* asl-run-input.c. Each returns 0 or an exit code, having said why. */
int run_read_definition(run_state *run);
int run_read_input(run_state *run);
/* Finds and reads the bindings: --tasks, else the file beside the definition. */
int run_read_tasks(run_state *run);
/* The same for an execution that goes on: from what was noted when it was started. */
int run_recall_tasks(run_state *run);
/* Reads --mock, for the definition and the machine. */
int run_read_mocks(run_state *run);
/* What was mocked when the execution was started must be mocked when it goes on. */
int run_recall_mocks(run_state *run);
/* Counts what the mocked states have had before. */
int run_recall_invocations(run_state *run, uint64_t number);
/* The note for both, in the transaction of the start. */
asl_writes *run_note_tasks(const run_state *run);
int run_bind(run_state *run);
/* No handler for a resource: says which, and how to bind it. */
int run_refuse_missing(const run_state *run, const char *resource);

/* asl-run-result.c */
/* Prints how an execution ended, or that it has not, as the options ask; returns the exit code. */
int run_result_print(const run_state *run, const asl_description *result);
/* Opens the files of --history and --record before anything runs. */
int run_files_open(run_state *run);
int run_history_write(const run_state *run, uint64_t number);
/* Writes a value over what an opened file had; `what` is for messages. */
int run_file_write(int fd, const char *path, const char *what, const asl_value *value);

/* asl-run-record.c: writes the execution as a mock file, where --record asks for it. */
int run_record_write(const run_state *run, uint64_t number);

/* asl-run-progress.c: the live display. `begin` decides whether there is one. */
bool run_progress_begin(bool quiet);
void run_progress_draw(const asl_engine *engine, const asl_execution *execution);
void run_progress_clear(void);

#endif
