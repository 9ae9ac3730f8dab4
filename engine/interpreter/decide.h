/* One decision: a fact being turned into entries. Shared by the files of this room that decide;
 * nothing here changes frames but through asl_emit, which hands every entry to evolve at once. */
#ifndef ASL_INTERPRETER_DECIDE_H
#define ASL_INTERPRETER_DECIDE_H

#include "interpreter/frames.h"

/* Internal statuses beside ASL_OK, ASL_NOMEM and ASL_WORKFLOW_FAILED. */
#define ASL_HISTORY_EXHAUSTED 2 /* the next event would pass the limit: the execution must fail */

typedef struct asl_decision {
    asl_frames *frames;
    const asl_heap *heap;
    const asl_fact *fact;
    asl_event_list *entries;
    int64_t now_ms;      /* the fact's time, never before the last event's */
    uint64_t draw_event; /* the event that `draws` counts for */
    uint64_t draws;
    bool is_free; /* something since the last event depends on a draw or the context object */
} asl_decision;

/* The value types of an entry are taken over, also when it fails. Fills in id and time. */
int asl_emit(asl_decision *decision, asl_event *entry);
/* An entry of a frame, pointing to the frame's last event. */
asl_event asl_entry(const asl_frame *frame, asl_event_type type);

/* decide.c: turns a failure into the next try, a catcher, or the end of what is around it. Takes
 * over the failure's values. `alias`: another name that handlers may know the error by; NULL: none.
 */
int asl_decide_failure(asl_decision *decision, asl_frame *frame, asl_failure *failure,
                       const char *alias);

/* states.c: what a frame does next by itself: one step. */
int asl_decide_step(asl_decision *decision, asl_frame *frame);
/* True where a frame can go on by itself. */
bool asl_frame_can_go_on(const asl_frame *frame);

/* task.c, wait.c, choice.c, container.c: what a state does when it has been entered, or tried
 * again. */
int asl_decide_task(asl_decision *decision, asl_frame *frame, asl_failure *failure);
int asl_decide_wait(asl_decision *decision, asl_frame *frame, asl_failure *failure);
int asl_decide_choice(asl_decision *decision, asl_frame *frame, asl_failure *failure);
int asl_decide_parallel(asl_decision *decision, asl_frame *frame, asl_failure *failure);
int asl_decide_map(asl_decision *decision, asl_frame *frame, asl_failure *failure);
/* A container with children: starts the next iteration, or ends. */
int asl_decide_children(asl_decision *decision, asl_frame *frame, asl_failure *failure);

/* task.c: a fact about a task. */
int asl_decide_task_fact(asl_decision *decision, asl_frame *frame);
int asl_decide_heartbeat_missed(asl_decision *decision, asl_frame *frame);
/* A task's deadline has come. */
int asl_decide_overdue_tasks(asl_decision *decision, asl_frame *frame);

/* evaluate.c */
typedef struct asl_item {
    const asl_value *value; /* NULL: not in an ItemSelector */
    uint32_t index;
} asl_item;
/* What an expression is evaluated on, beside variables. */
typedef struct asl_sources {
    const asl_value *input;        /* `$`; of JSONata $states.input */
    const asl_value *result;       /* of JSONata; NULL: none */
    const asl_value *error_output; /* of JSONata; NULL: none */
    const asl_item *item;          /* NULL: not in an ItemSelector */
} asl_sources;
/* Evaluates an expression for a frame. The failure's cause gets the state's prefix. */
int asl_evaluate_field(asl_decision *decision, const asl_frame *frame,
                       const asl_expression *expression, const asl_sources *sources,
                       asl_value **ret_value, asl_failure *failure);
/* JSONata: an integer between 0 and `maximum`, for the state's input. */
int asl_evaluate_integer(asl_decision *decision, const asl_frame *frame,
                         const asl_expression *expression, int64_t maximum, int64_t *ret_integer,
                         asl_failure *failure);
/* Sets a States.Runtime failure with the state's prefix; returns ASL_WORKFLOW_FAILED or ASL_NOMEM.
 */
int asl_fail_runtime(asl_decision *decision, const asl_frame *frame, asl_failure *failure,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same for States.QueryEvaluationError: `words`, and the value that was given: JSON, or where
 * there is a location and it is a string its text. `location` may be NULL. */
int asl_fail_evaluation(asl_decision *decision, const asl_frame *frame, asl_failure *failure,
                        const char *location, const char *words, const asl_value *value);
/* The same where a JSONata expression gave a value that is not of the kind `expected`. */
int asl_fail_kind(asl_decision *decision, const asl_frame *frame, const asl_expression *expression,
                  const char *expected, const asl_value *value, asl_failure *failure);
/* States.DataLimitExceeded where `value` prints longer than the limit; else ASL_OK. `name`: the
 * state's or the task's, for the cause. */
int asl_check_size(asl_decision *decision, const asl_value *value, const asl_value *name,
                   asl_failure *failure);

/* dataflow.c: ASL: Input and Output Processing. The effective input: InputPath applied; and after
 * Parameters or Arguments. */
int asl_evaluate_input(asl_decision *decision, const asl_frame *frame, asl_value **ret_value,
                       asl_failure *failure);
int asl_evaluate_parameters(asl_decision *decision, const asl_frame *frame, asl_value **ret_value,
                            asl_failure *failure);
/* How a state is left. */
typedef struct asl_exit {
    const asl_value *output;      /* before `filter` is applied */
    const asl_expression *filter; /* OutputPath, or JSONata's Output; NULL: none */
    const asl_expression *assign; /* NULL: none */
    asl_sources sources;          /* what Assign sees, and JSONata's Output */
    uint32_t next;
} asl_exit;
int asl_leave_state(asl_decision *decision, asl_frame *frame, const asl_exit *how,
                    asl_failure *failure);
/* Leaves with the input after InputPath. */
int asl_leave_with_input(asl_decision *decision, asl_frame *frame, const asl_value *input,
                         asl_failure *failure);
/* Leaves with a result: ResultSelector, ResultPath, Assign, OutputPath; or Assign and Output. */
int asl_leave_with_result(asl_decision *decision, asl_frame *frame, const asl_value *result,
                          asl_failure *failure);
/* `value` at a ResultPath in the state's raw input. */
int asl_merge_result(asl_decision *decision, const asl_frame *frame, const asl_path *result_path,
                     const asl_value *value, asl_value **ret_output, asl_failure *failure);

/* context.c: ASL: the context object. A new value. */
int asl_context_build(const asl_frames *frames, const asl_frame *frame, const asl_item *item,
                      asl_value **ret_context);

#endif
