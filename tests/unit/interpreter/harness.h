/* An execution fed by hand: facts in, trace out. After every fact the frames are rebuilt from the
 * recorded entries alone and compared with the living ones, so each test is also a test of
 * recovery. */
#ifndef ASL_TESTS_INTERPRETER_HARNESS_H
#define ASL_TESTS_INTERPRETER_HARNESS_H

#include "interpreter/interpreter.h"
#include <string.h>

#include "suite.h"

typedef struct machine {
    asl_definition *definition;
    asl_frames *frames;
    asl_execution_identity identity;
    asl_event_list entries;
    asl_effect_list effects; /* of the last fact */
    size_t fact_first;       /* first entry of the last fact */
    int64_t now_ms;
    asl_buffer text;
} machine;

#define MACHINE_START_MS 1700000000000

/* Starts an execution; quotes in the texts may be single ones. */
void machine_start(machine *self, const char *definition, const char *input);
void machine_start_limited(machine *self, const char *definition, const char *input,
                           uint64_t payload_bytes, uint64_t history_events);
void machine_done(machine *self);

/* The task of a state that waits for one (the first such frame): its result. */
void machine_succeed(machine *self, const char *state, const char *output);
void machine_fail(machine *self, const char *state, const char *error, const char *cause);
void machine_miss_heartbeat(machine *self, const char *state);
/* Moves time on and fires what is due, in the order of deadlines. */
void machine_pass_time(machine *self, int64_t milliseconds);
void machine_stop(machine *self, const char *error, const char *cause);
void machine_apply(machine *self, asl_fact *fact);

/* "1<0 ExecutionStarted\n2<0 PassStateEntered A\n..." of all events so far. */
const char *machine_trace(machine *self);
/* The same for the events of the last fact. */
const char *machine_last(machine *self);
/* The output's, error's or cause's text; "" where there is none. */
const char *machine_output(machine *self);
const char *machine_error(machine *self);
const char *machine_cause(machine *self);
/* How many effects of a kind the last fact had. */
size_t machine_effects(const machine *self, asl_effect_kind kind);
/* The last entry of a type; NULL where there is none. */
const asl_event *machine_find(const machine *self, asl_event_type type);
/* The JSON text of a value, valid until the next call of any of these. */
const char *machine_text(machine *self, const asl_value *value);

#endif
