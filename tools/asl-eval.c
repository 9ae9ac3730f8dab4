/* asl-eval - evaluates a JSONata expression, a JSONPath or an intrinsic function over some JSON.
 *
 * JSONata is evaluated by itself. A path or a call is what a Pass state's Parameters would be: such
 * a state is made and run in memory, so the words of a failure are those of an execution. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct {
    const char *language, *input;
    bool states;
    tool_list bindings;
    tool_common common;
} given;

static const tool_option options[] = {
    {"language", 'l', TOOL_TEXT, "jsonata|jsonpath", "what EXPRESSION is written in (jsonata)",
     &given.language},
    {"states", 's', TOOL_FLAG, NULL, "AWS Step Functions' dialect: INPUT is $states.input",
     &given.states},
    {"bind", 'b', TOOL_LIST, "NAME=JSON", "a variable, $NAME", &given.bindings},
    TOOL_COMMON_OPTIONS(given.common),
};

static const tool_program program = {
    "asl-eval",
    "[OPTION]... EXPRESSION [INPUT]",
    "Evaluates a JSONata expression over the JSON in the file INPUT (\"-\": standard input; "
    "nothing: "
    "no\ninput), and prints what it gives. With -l jsonpath EXPRESSION is a JSONPath ($.a, "
    "$$.Execution)\n"
    "or a call of an intrinsic function (States.Format('{}', $.a)).",
    options,
    sizeof options / sizeof options[0],
    "Nothing is printed where the expression gives nothing (undefined).\n"
    "Exit codes: 0 evaluated, 1 the evaluation failed, 2 usage, an input or an expression that "
    "cannot be\nread, 70 internal error."};

/* What variables an expression sees. */
typedef struct scope {
    asl_value *variables; /* an object */
} scope;

static const asl_value *find_variable(void *context, const char *name, size_t size)
{
    const scope *in = context;
    return asl_value_get_sized(in->variables, name, size);
}

static int read_binding(const char *text, asl_value **variables)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return tool_usage("--bind takes NAME=JSON, not %s", text);
    asl_value *value = NULL;
    int exit_code = tool_parse_json("--bind", equals + 1, strlen(equals + 1), 0, &value);
    if (exit_code != 0)
        return exit_code;
    int status = asl_value_set_sized(variables, text, (size_t)(equals - text), value);
    return status == ASL_OK ? 0 : tool_report("--bind", status, NULL);
}

/* The variables that are given, and $states where the dialect has it. */
static int make_scope(scope *in, asl_value *input)
{
    in->variables = asl_value_object(NULL);
    for (size_t i = 0; i < given.bindings.count; i++) {
        int exit_code = read_binding(given.bindings.items[i], &in->variables);
        if (exit_code != 0)
            return exit_code;
    }
    if (!given.states)
        return 0;
    asl_value *states = asl_value_object(NULL);
    int status = asl_value_set(&states, "input",
                               input != NULL ? asl_value_ref(input) : asl_value_object(NULL));
    if (status == ASL_OK)
        status = asl_value_set(&in->variables, "states", asl_value_ref(states));
    asl_value_unref(states);
    return status == ASL_OK ? 0 : tool_report("$states", status, NULL);
}

/* Says what is wrong with the expression, with a caret under the place. */
static int report(const char *text, asl_error *error, int exit_code)
{
    const char *code = asl_error_code(error);
    tool_say(TOOL_ERROR, "%s%s%s", code, *code != '\0' ? ": " : "", asl_error_message(error));
    if (asl_error_line(error) > 0)
        tool_print_excerpt(text, strlen(text), asl_error_line(error), asl_error_column(error), 1);
    asl_error_free(error);
    return exit_code;
}

static int evaluate_jsonata(const char *text, asl_value *input)
{
    scope in = {.variables = NULL};
    asl_jsonata *expression = NULL;
    asl_value *result = NULL;
    asl_error *error = NULL;
    asl_jsonata_options how = {.size = sizeof how, .context = &in, .variable = find_variable};
    int exit_code = make_scope(&in, input);
    if (exit_code == 0 &&
        asl_jsonata_compile(NULL, text, strlen(text), given.states ? ASL_JSONATA_STATES : 0,
                            &expression, &error) != ASL_OK)
        exit_code = report(text, error, TOOL_USAGE);
    else if (exit_code == 0 && asl_jsonata_evaluate(expression, given.states ? NULL : input, &how,
                                                    &result, &error) != ASL_OK)
        exit_code = report(text, error, TOOL_FAILED);
    if (exit_code == 0 && result != NULL)
        exit_code = tool_print_value(result, given.common.format == TOOL_FORMAT_TEXT);
    asl_value_unref(result);
    asl_jsonata_unref(expression);
    asl_value_unref(in.variables);
    return exit_code;
}

/* {"StartAt": "Evaluate", "States": {"Evaluate": {"Type": "Pass", "Parameters": ...}}} as text. */
static int definition_text(const char *text, char **ret_text, size_t *ret_size)
{
    asl_value *parameters = asl_value_object(NULL), *state = asl_value_object(NULL);
    asl_value *states = asl_value_object(NULL), *machine = asl_value_object(NULL);
    int status = asl_value_set(&parameters, "result.$", asl_value_string(NULL, text));
    if (status == ASL_OK)
        status = asl_value_set(&state, "Type", asl_value_string(NULL, "Pass"));
    if (status == ASL_OK)
        status = asl_value_set(&state, "Parameters", asl_value_ref(parameters));
    if (status == ASL_OK)
        status = asl_value_set(&state, "OutputPath", asl_value_string(NULL, "$.result"));
    if (status == ASL_OK)
        status = asl_value_set(&state, "End", asl_value_bool(true));
    if (status == ASL_OK)
        status = asl_value_set(&states, "Evaluate", asl_value_ref(state));
    if (status == ASL_OK)
        status = asl_value_set(&machine, "StartAt", asl_value_string(NULL, "Evaluate"));
    if (status == ASL_OK)
        status = asl_value_set(&machine, "States", asl_value_ref(states));
    if (status == ASL_OK)
        status = asl_value_print(machine, 0, ret_text, ret_size);
    asl_value_unref(parameters);
    asl_value_unref(state);
    asl_value_unref(states);
    asl_value_unref(machine);
    return status;
}

/* A refused path: the loader's first words, without the place in a definition that nobody wrote. */
static int refuse_path(const char *text, asl_diagnostics *list)
{
    const asl_diagnostic *first =
        asl_diagnostics_count(list) > 0 ? asl_diagnostics_at(list, 0) : NULL;
    tool_say(TOOL_ERROR, "%s is no JSONPath and no call of an intrinsic function%s%s", text,
             first != NULL && first->hint != NULL ? ": " : "",
             first != NULL && first->hint != NULL ? first->hint : "");
    return TOOL_USAGE;
}

static int run(asl_engine *engine, asl_definition *definition, asl_value *input)
{
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    asl_start start = {.size = sizeof start, .machine = "eval", .input = input};
    int status = asl_engine_add_machine(engine, "eval", definition, &error);
    if (status == ASL_OK)
        status = asl_execution_start(engine, &start, &execution, &error);
    if (status == ASL_OK)
        status = asl_engine_run(engine, execution, -1, &error);
    int exit_code = status != ASL_OK ? tool_report("evaluation", status, error) : 0;
    if (exit_code == 0 && asl_execution_output(execution) != NULL) {
        exit_code = tool_print_value(asl_execution_output(execution),
                                     given.common.format == TOOL_FORMAT_TEXT);
    } else if (exit_code == 0) {
        const char *cause = asl_execution_cause(execution);
        const char *name = asl_execution_error(execution);
        tool_say(TOOL_ERROR, "%s: %s", name != NULL ? name : "failed", cause != NULL ? cause : "");
        exit_code = TOOL_FAILED;
    }
    asl_execution_unref(execution);
    return exit_code;
}

static int evaluate_path(const char *text, asl_value *input)
{
    char *document = NULL;
    size_t size = 0;
    asl_definition *definition = NULL;
    asl_diagnostics *list = NULL;
    asl_error *error = NULL;
    asl_engine *engine = NULL;
    asl_store_options place = {.size = sizeof place};
    asl_engine_options how = {.size = sizeof how};
    int exit_code = 0, status = definition_text(text, &document, &size);
    if (status == ASL_OK)
        status = asl_definition_load(document, size, NULL, &definition, &list, &error);
    if (status == ASL_INVALID)
        exit_code = refuse_path(text, list);
    else if (status == ASL_OK)
        status = asl_store_open(&place, &how.store, &error);
    if (status == ASL_OK)
        status = asl_engine_open(&how, &engine, &error);
    if (status == ASL_OK)
        exit_code = run(engine, definition, input);
    else if (status == ASL_INVALID)
        asl_error_free(error);
    else
        exit_code = tool_report("evaluation", status, error);
    asl_engine_free(engine);
    asl_store_close(how.store);
    asl_diagnostics_free(list);
    asl_definition_unref(definition);
    asl_text_free(document);
    return exit_code;
}

int main(int argc, char **argv)
{
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code >= 0)
        return exit_code;
    bool is_path = given.language != NULL && strcmp(given.language, "jsonpath") == 0;
    if (given.language != NULL && !is_path && strcmp(given.language, "jsonata") != 0)
        return tool_usage("--language is jsonata or jsonpath, not %s", given.language);
    if (operands.count < 1 || operands.count > 2)
        return tool_usage("one expression is needed, and at most one input");
    if (is_path && (given.bindings.count > 0 || given.states))
        return tool_usage("--bind and --states go with JSONata");
    asl_value *input = NULL;
    char *text = NULL;
    size_t size = 0;
    exit_code = operands.count == 2 ? tool_read(operands.items[1], "the input", &text, &size) : 0;
    if (exit_code == 0 && text != NULL)
        exit_code = tool_parse_json(operands.items[1], text, size, 0, &input);
    if (exit_code == 0)
        exit_code = is_path ? evaluate_path(operands.items[0], input)
                            : evaluate_jsonata(operands.items[0], input);
    asl_value_unref(input);
    free(text);
    return tool_finish(exit_code);
}
