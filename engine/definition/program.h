/* The frozen program: what a checked definition becomes. Indices, not pointers, between states, so
 * that a recorded index means the same after a restart: states are numbered in document order, over
 * all scopes. Everything lives in one arena and dies with the program. */
#ifndef ASL_DEFINITION_PROGRAM_H
#define ASL_DEFINITION_PROGRAM_H

#include <asl/definition.h>

#include "base/map.h"
#include "expression/expression.h"

#define ASL_NONE UINT32_MAX /* no state, no scope */

typedef enum asl_state_type {
    ASL_STATE_TASK,
    ASL_STATE_PARALLEL,
    ASL_STATE_MAP,
    ASL_STATE_PASS,
    ASL_STATE_WAIT,
    ASL_STATE_CHOICE,
    ASL_STATE_SUCCEED,
    ASL_STATE_FAIL
} asl_state_type;

/* "Task", "Parallel", ... */
const char *asl_state_type_name(asl_state_type type);

/* One `States` map: the machine itself (index 0), a branch, or an item processor. */
typedef struct asl_scope_definition {
    uint32_t owner; /* the Parallel or Map state it belongs to; ASL_NONE for the machine */
    uint32_t start; /* index of the StartAt state */
    uint32_t
        first_state; /* its own states are not contiguous where scopes nest: see asl_state.scope */
    uint32_t state_count;
} asl_scope_definition;

/* Names that a handler's ErrorEquals lists. */
typedef struct asl_error_names {
    const asl_value **names; /* string values */
    uint32_t count;
} asl_error_names;

/* ASL: Retry */
typedef struct asl_retrier {
    asl_error_names errors;
    double backoff_rate;
    int64_t interval_seconds;
    int64_t max_attempts;
    int64_t max_delay_seconds; /* 0: none */
    bool jitter_full;
} asl_retrier;

/* ASL: Catch. */
typedef struct asl_catcher {
    asl_error_names errors;
    uint32_t next;
    bool discards_result;   /* "ResultPath": null */
    asl_path *result_path;  /* NULL: "$" */
    asl_expression *output; /* JSONata; NULL: the Error Output */
    asl_expression *assign; /* NULL: none */
} asl_catcher;

/* ASL: Choice rules, as a tree laid out flat: a node's operands are contiguous. */
typedef enum asl_choice_operator {
    ASL_CHOICE_AND,
    ASL_CHOICE_OR,
    ASL_CHOICE_NOT,
    ASL_CHOICE_STRING_EQUALS,
    ASL_CHOICE_STRING_LESS_THAN,
    ASL_CHOICE_STRING_GREATER_THAN,
    ASL_CHOICE_STRING_LESS_THAN_EQUALS,
    ASL_CHOICE_STRING_GREATER_THAN_EQUALS,
    ASL_CHOICE_STRING_MATCHES,
    ASL_CHOICE_NUMERIC_EQUALS,
    ASL_CHOICE_NUMERIC_LESS_THAN,
    ASL_CHOICE_NUMERIC_GREATER_THAN,
    ASL_CHOICE_NUMERIC_LESS_THAN_EQUALS,
    ASL_CHOICE_NUMERIC_GREATER_THAN_EQUALS,
    ASL_CHOICE_BOOLEAN_EQUALS,
    ASL_CHOICE_TIMESTAMP_EQUALS,
    ASL_CHOICE_TIMESTAMP_LESS_THAN,
    ASL_CHOICE_TIMESTAMP_GREATER_THAN,
    ASL_CHOICE_TIMESTAMP_LESS_THAN_EQUALS,
    ASL_CHOICE_TIMESTAMP_GREATER_THAN_EQUALS,
    ASL_CHOICE_IS_NULL,
    ASL_CHOICE_IS_PRESENT,
    ASL_CHOICE_IS_NUMERIC,
    ASL_CHOICE_IS_STRING,
    ASL_CHOICE_IS_BOOLEAN,
    ASL_CHOICE_IS_TIMESTAMP
} asl_choice_operator;

typedef struct asl_choice_test {
    asl_choice_operator op;
    bool operand_is_path;             /* the *Path forms: `operand` is a path expression */
    asl_expression *variable;         /* Variable */
    asl_expression *operand;          /* what it is compared with: constant or path */
    struct asl_choice_test *operands; /* And, Or, Not */
    uint32_t operand_count;
} asl_choice_test;

typedef struct asl_choice_rule {
    asl_choice_test *test;     /* JSONPath */
    asl_expression *condition; /* JSONata: constant or expression, in place of a test */
    asl_expression *output;    /* JSONata; NULL: the state's input */
    asl_expression *assign;    /* NULL: none */
    uint32_t next;
} asl_choice_rule;

typedef enum asl_wait_form {
    ASL_WAIT_SECONDS,
    ASL_WAIT_SECONDS_PATH,
    ASL_WAIT_TIMESTAMP,
    ASL_WAIT_TIMESTAMP_PATH
} asl_wait_form;

/* How a Task's resource is called and which events it leaves. */
typedef enum asl_resource_kind {
    ASL_RESOURCE_LAMBDA,  /* a function's ARN: LambdaFunction* events */
    ASL_RESOURCE_SERVICE, /* arn:aws:states:::service:action: Task* events */
    ASL_RESOURCE_ACTIVITY /* Activity* events */
} asl_resource_kind;
typedef enum asl_resource_pattern {
    ASL_PATTERN_REQUEST_RESPONSE,
    ASL_PATTERN_SYNC,
    ASL_PATTERN_WAIT_FOR_TASK_TOKEN
} asl_resource_pattern;

typedef struct asl_state {
    asl_state_type type;
    uint32_t index;  /* its own */
    uint32_t scope;  /* which `States` map it stands in */
    uint32_t next;   /* ASL_NONE: it ends its scope (End, Succeed, Fail), or it is a Choice */
    bool is_jsonata; /* its query language; what the other one has is NULL */
    asl_value *name;
    /* ASL: Input and Output Processing. NULL means the field's default. */
    asl_expression *input_path; /* NULL: "$"; a constant {} for null */
    /* Parameters, or Arguments of JSONata; for a Map: ItemSelector, or legacy Parameters. */
    asl_expression *parameters;
    asl_expression *result_selector;
    asl_expression *output_path; /* NULL: "$"; a constant {} for null */
    asl_path *result_path;       /* NULL: "$" */
    bool discards_result;        /* "ResultPath": null */
    asl_expression *output;      /* JSONata; NULL: the result, or the input where there is none */
    asl_expression *assign;      /* NULL: none */
    asl_retrier *retriers;
    asl_catcher *catchers;
    uint32_t retrier_count, catcher_count;
    union {
        struct {
            asl_value *resource; /* as it stands */
            asl_resource_kind kind;
            asl_resource_pattern pattern;
            asl_expression *timeout_seconds; /* constant, path, JSONata; NULL: none declared */
            asl_expression *heartbeat_seconds;
            asl_expression *credentials;
        } task;
        struct {
            uint32_t first_scope; /* branches are contiguous scopes from here */
            uint32_t branch_count;
        } parallel;
        struct {
            uint32_t scope;                  /* the item processor */
            asl_expression *items;           /* ItemsPath, or Items of JSONata; NULL: the input */
            asl_expression *max_concurrency; /* constant, path or JSONata; NULL: 0 */
        } map;
        struct {
            asl_expression *result; /* constant; NULL: none */
        } pass;
        struct {
            asl_wait_form form;
            asl_expression *when; /* constant, path or JSONata */
        } wait;
        struct {
            asl_choice_rule *rules;
            uint32_t rule_count;
            uint32_t default_state; /* ASL_NONE: none */
        } choice;
        struct {
            asl_expression *error; /* constant, path, intrinsic, JSONata; NULL: none */
            asl_expression *cause;
        } fail;
    } as;
} asl_state;

/* ASL: the top level. */
typedef struct asl_program {
    asl_arena arena;
    asl_state *states;
    asl_scope_definition *scopes;
    uint32_t state_count, scope_count;
    int64_t timeout_seconds;         /* ASL: TimeoutSeconds of the machine; 0: none */
    bool has_variables;              /* some state has Assign or reads a variable */
    asl_map names;                   /* a state's name -> its index */
    struct asl_program_owned *owned; /* what the arena does not free by itself */
} asl_program;

void asl_program_init(asl_program *program, const asl_heap *heap);
void asl_program_done(asl_program *program);

const asl_program *asl_definition_program(const asl_definition *definition);
/* The state of a name, NULL where there is none. */
const asl_state *asl_program_find(const asl_program *program, const char *name, size_t size);

#endif
