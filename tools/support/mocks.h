/* Mocks: answers that stand for the work of Task states, from a mock file of Step Functions Local
 * or from the command line.
 *
 * As there, a response numbers the invocations of a state in one execution, tries, iterations and
 * loops alike; an invocation without an answer fails with States.Runtime, which nothing catches.
 * Which invocation a task is follows from the id of its event, so a task that is dispatched again
 * after a crash gets the same answer. One `tool_mocks` serves one execution.
 *
 *     tool_mocks *mocks = NULL;
 *     int exit_code = tool_mocks_new(definition, &mocks);
 *     if (exit_code == 0)
 *         exit_code = tool_mocks_add(mocks, "order", "mocks.json#Declined");
 *     if (exit_code == 0)
 *         exit_code = tool_mocks_register(mocks, engine, "order");
 *     ...
 *     asl_engine_free(engine);
 *     tool_mocks_free(mocks);
 */
#ifndef ASL_TOOLS_MOCKS_H
#define ASL_TOOLS_MOCKS_H

#include "place.h"

typedef enum mock_kind { MOCK_RETURN, MOCK_THROW, MOCK_HANG } mock_kind;

/* What answers some invocations of a state. Values are borrowed from `held` of the state. */
typedef struct mock_answer {
    uint64_t first, last; /* invocations, from 0 */
    mock_kind kind;
    const asl_value *output;
    const asl_value
        *submit; /* what was said first where a job or a token is waited for; NULL: {} */
    const char *error, *cause; /* NULL: none */
    int64_t delay_ms;          /* of engine time */
    const char *key;           /* "1-2", as the file has it */
} mock_answer;

typedef struct mock_delay mock_delay;

typedef struct mock_state {
    const char *name;         /* borrowed from the definition */
    bool is_mocked, is_given; /* is_given: by itself, which the file does not change */
    char *response;           /* what the file calls it; NULL: given by itself */
    asl_value *held;
    mock_answer *answers; /* in the order of invocations */
    size_t answer_count;
    uint64_t *events; /* that scheduled its invocations, in order */
    size_t event_count, event_capacity;
    asl_engine *engine;
    mock_delay *delays;
} mock_state;

typedef struct tool_mocks {
    asl_definition *definition;
    mock_state *states; /* of each state of the definition */
    size_t state_count;
    bool has_file;
} tool_mocks;

/* Each returns 0 or an exit code, having said why. */
int tool_mocks_new(const asl_definition *definition, tool_mocks **ret_mocks);
/* After the engine. */
void tool_mocks_free(tool_mocks *mocks);
/* FILE, FILE#CASE, STATE=FILE, STATE=error:NAME or STATE=error:NAME:CAUSE. */
int tool_mocks_add(tool_mocks *mocks, const char *machine, const char *argument);
/* The text of a mock file. Without a case (NULL) the only one there is. */
int tool_mocks_add_file(tool_mocks *mocks, const char *machine, const char *test_case,
                        const tool_json_text *json);
/* Serves the mocked states; not before all are added. */
int tool_mocks_register(tool_mocks *mocks, asl_engine *engine, const char *machine);
/* Counts the invocations that an execution has had before it goes on. */
int tool_mocks_recall(tool_mocks *mocks, const asl_history *history);
/* NULL: there is no such state. */
mock_state *tool_mocks_find(const tool_mocks *mocks, const char *state, size_t size);
/* Where a state is mocked; false also for NULL mocks. */
bool tool_mocks_has(const tool_mocks *mocks, const char *state);

/* Takes what answers a state, of which it had others or none. Steals `answers` (from malloc);
 * shares `held`. Returns 0 or an exit code. */
int mock_state_set(mock_state *state, asl_value *held, const char *response, mock_answer *answers,
                   size_t count);
/* "arn:aws:lambda:...": such a task gets what the function returns, not the service's answer. */
bool tool_is_function(const char *resource);

#endif
