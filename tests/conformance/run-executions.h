/* The parts of the runner of recorded executions: what answers a case's tasks, and what holds an
 * execution against what was recorded. Everything goes through the public headers. */
#ifndef ASL_TESTS_RUN_EXECUTIONS_H
#define ASL_TESTS_RUN_EXECUTIONS_H

#include <asl/asl.h>

#define PROBLEM_SIZE 2048

/* The first thing that is wrong with a case; empty: nothing. */
typedef struct first_problem {
    char text[PROBLEM_SIZE];
} first_problem;
/* Notes a problem where there is none yet. */
void problem_note(first_problem *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A member's text; NULL where it is none. Borrowed. */
const char *text_of(const asl_value *object, const char *key);
bool is_true(const asl_value *value);

/* Whether {{a wildcard}} stands anywhere in a value. */
bool has_wildcard(const asl_value *value);
/* JSON as Python writes it, with a space behind ',' and ':', or (`is_repr`) as repr() shows it. A
 * new text; free it with free. NULL when out of memory. */
char *python_text(const asl_value *value, bool is_repr);

/* What answers the tasks of one case: `mocks` of the case. */
typedef struct mocks {
    const asl_value *by_state, *by_resource;
    bool *used; /* outcomes that were played, all states' in a row */
    first_problem *problem;
    asl_engine *engine;
    struct worker *workers; /* of activities whose worker has a name */
    size_t worker_count;
} mocks;
/* False when out of memory. */
bool mocks_init(mocks *self, const asl_value *record, first_problem *problem);
void mocks_done(mocks *self);
/* Serves every task of a definition: named workers fetch their activities' tasks, a handler does
 * all else. */
int mocks_serve(mocks *self, asl_engine *engine, const asl_definition *definition);

/* How an execution ended. */
typedef struct outcome {
    const char *status;
    const asl_value *output;
    const char *error, *cause;
    const asl_value *events;      /* as asl_history_to_value gives them */
    const asl_value *description; /* as asl_description_to_value gives it */
    const asl_value *log;         /* as asl_history_log gives it, at the level of the case */
} outcome;
/* Notes the first difference between what `record` expects and what came. */
void compare_outcome(const asl_value *record, const outcome *got, first_problem *problem);

/* A case under comparison. */
typedef struct comparison {
    asl_value *bindings;  /* name -> text */
    asl_value *wildcards; /* their names */
    const asl_value *drift;
    first_problem *problem;
    bool is_same;
    bool has_some_ids; /* a set in which the ids that were not blanked count */
} comparison;
void differ(comparison *self, const char *path, const asl_value *expected, const asl_value *got);
void compare_values(comparison *self, const char *path, const asl_value *expected,
                    const asl_value *got);
/* An expected value against one that came as JSON text. */
void compare_json(comparison *self, const char *path, const asl_value *expected, const char *text);
/* The details of an event. */
void compare_details(comparison *self, const char *path, const asl_value *expected,
                     const asl_value *got);
/* What else the service showed of an execution: its description, what a synchronous start returned,
 * its log. */
void compare_views(comparison *self, const asl_value *record, const outcome *got);

/* A copy in which a text that may stand anywhere reads otherwise. NULL when out of memory. */
asl_value *rename_text(const asl_value *value, const char *from, const char *to);

/* The recorded history in the shape of GetExecutionHistory, as JSON text; NULL where what was
 * recorded is not complete: wildcards, blanked ids. Free with asl_text_free. */
char *exported_text(const asl_value *record, size_t *ret_size);

#endif
