/* asl-validate - checks definitions without running them: every problem with its place, as a
 * compiler says it, or as JSON in the shape of AWS's ValidateStateMachineDefinition. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct {
    const char *type, *explain;
    bool strict;
    tool_substitutions substitutions;
    tool_common common;
} given;
static asl_machine_type type;

static const tool_option options[] = {
    {"strict", 0, TOOL_FLAG, NULL, "warnings count as errors", &given.strict},
    {"type", 0, TOOL_TEXT, "STANDARD|EXPRESS", "check as a machine of this type (STANDARD)",
     &given.type},
    {"explain", 0, TOOL_TEXT, "CODE", "say what a code means, and end", &given.explain},
    TOOL_SUBSTITUTION_OPTIONS(given.substitutions),
    TOOL_COMMON_OPTIONS(given.common),
};

static const tool_program program = {
    "asl-validate",
    "[OPTION]... FILE...\n--explain CODE",
    "Checks definitions without running them (\"-\": standard input).\n\n"
    "All problems are reported: as text on standard error, or with -o json and -o jsonl on "
    "standard\n"
    "output, one object per file in the shape of AWS's ValidateStateMachineDefinition, with the\n"
    "JSON Pointer, the range in the text and a hint beside AWS's fields.",
    options,
    sizeof options / sizeof options[0],
    "Exit codes: 0 all are valid, 2 usage or a file that cannot be read, 3 some are invalid, 70\n"
    "internal error."};

static const struct {
    const char *code, *meaning;
} explanations[] = {
    {"BLANK_BEFORE_EXPRESSION",
     "A string of a JSONata state is an expression only where it begins with \"{%\" and ends with\n"
     "\"%}\"; with blanks before it is a string like any other. A warning."},
    {"CATCH_DISCARDS_INPUT",
     "A catcher without ResultPath replaces the state's input by the error's output, so the next\n"
     "state no longer sees the input. \"ResultPath\": \"$.error\" keeps both. With JSONata,\n"
     "\"Output\": \"{% $states.input %}\" keeps the input. A warning."},
    {"CHOICE_WITHOUT_DEFAULT",
     "Where no rule of a Choice matches and there is no Default, the execution fails with\n"
     "States.Runtime, which nothing can catch. A warning."},
    {"DEFINITION_TOO_LARGE", "A definition may be 1,048,576 bytes long."},
    {"DOLLAR_IN_JSONATA",
     "Names that end in \".$\" mark expressions in JSONPath states only. In JSONata states the\n"
     "value is marked: \"{% ... %}\". A warning."},
    {"DUPLICATE_KEY", "A key stands twice in one object; only the last one counts. A warning."},
    {"DUPLICATE_LABEL_NAME", "Labels of Map states are unique in the whole machine."},
    {"DUPLICATE_STATE_NAME",
     "States' names are unique in the whole machine, the branches of Parallel and the processors\n"
     "of Map included."},
    {"ERROR_NEVER_CAUGHT",
     "The error ends the execution wherever it comes: a Retry or Catch that names it is in vain.\n"
     "A warning."},
    {"HEARTBEAT_EXCEEDS_TIMEOUT",
     "HeartbeatSeconds is not shorter than TimeoutSeconds, so it never matters. A warning."},
    {"INVALID_JSONATA_EXPRESSION", "What stands between \"{%\" and \"%}\" is not JSONata."},
    {"INVALID_JSON_DESCRIPTION", "The text is not JSON."},
    {"INVALID_LABEL_NAME",
     "A Map state's Label has 1 to 40 characters, without blanks, controls and any of\n"
     "?*<>{}[]:;,\\|^~$#%&\"`."},
    {"INVALID_STATE_NAME", "A state's name has 1 to 80 characters."},
    {"INVALID_VARIABLE_NAME",
     "A variable's name begins with a letter, goes on with letters, digits and '_', and has at\n"
     "most 80 characters."},
    {"LOOP_WITHOUT_EXIT",
     "No state of a loop leads out of it: once in, the execution only ends by failing. A warning."},
    {"LOOP_WITHOUT_WAIT", "A loop has no Wait, Task, Map or Parallel: it turns as fast as it can "
                          "and fills the history,\n"
                          "which ends the execution. A warning."},
    {"MISSING_END_STATE",
     "Some state must end the machine, branch or processor: \"End\": true, Succeed or Fail."},
    {"MISSING_TRANSITION_TARGET", "StartAt, Next or Default names a state that does not stand in "
                                  "the same \"States\", or a state\n"
                                  "is not reached from StartAt."},
    {"NO_DOLLAR",
     "The value looks like a path or an intrinsic function, but the field's name does not end in\n"
     "\".$\", so it is taken as it stands. A warning."},
    {"NO_PATH",
     "The value looks like a path, but the field's name does not end in \"Path\", so it is taken\n"
     "as it stands. A warning."},
    {"PASS_RESULT_IS_STATIC",
     "Result of a Pass state is never evaluated; Parameters is. A warning."},
    {"RESERVED_VARIABLE_NAME", "The variable 'states' belongs to the language."},
    {"SCHEMA_VALIDATION_FAILED",
     "A field is missing, not allowed where it stands, of the wrong kind or out of its range."},
    {"TIMEOUT_EXCEEDS_PARENT",
     "A task's TimeoutSeconds is longer than the machine's, so it never matters. A warning."},
    {"TOO_DEEPLY_NESTED", "A definition may nest 100 levels deep."},
    {"UNKNOWN_ERROR_NAME",
     "ErrorEquals names an error that begins with \"States.\", as the language's own do, and is\n"
     "none of them. A warning."},
    {"UNKNOWN_SUBSTITUTION",
     "Values were given for ${Name} places, but none for this one, which stays as it is. A\n"
     "warning."},
    {"UNREACHABLE_RULE",
     "A rule of a Choice never matches, because whatever it is true for an earlier rule is true\n"
     "for too. A warning."},
    {"UNSUPPORTED", "The definition is valid as far as could be checked, and asks for something "
                    "that this version\n"
                    "does not do."},
    {"UNSUPPORTED_JSONATA_EXPRESSION",
     "The expression is JSONata, and reads what Step Functions does not have: a context item at\n"
     "its top level ($states.input has the input, $name a variable), or a member of $states that\n"
     "does not exist where it stands."},
};
#define EXPLANATION_COUNT (sizeof explanations / sizeof explanations[0])

static int explain(const char *code)
{
    for (size_t i = 0; i < EXPLANATION_COUNT; i++) {
        if (strcmp(explanations[i].code, code) != 0)
            continue;
        printf("%s\n%s\n", code, explanations[i].meaning);
        return tool_finish(TOOL_SUCCEEDED);
    }
    fputs("codes:", stderr);
    for (size_t i = 0; i < EXPLANATION_COUNT; i++)
        fprintf(stderr, " %s", explanations[i].code);
    fputc('\n', stderr);
    return tool_usage("there is no code '%s'", code);
}

static void print_text(const char *name, const char *text, size_t size, const asl_diagnostics *list)
{
    size_t error_count = 0, warning_count = 0;
    for (size_t i = 0; i < asl_diagnostics_count(list); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(list, i);
        bool is_error = diagnostic->severity == ASL_SEVERITY_ERROR;
        *(is_error ? &error_count : &warning_count) += 1;
        if (is_error || given.strict || !given.common.quiet)
            tool_print_diagnostic(name, text, size, diagnostic);
    }
    const char *more = asl_diagnostics_is_truncated(list) ? ", and more" : "";
    if (error_count + warning_count > 0)
        tool_say(error_count > 0 || given.strict ? TOOL_ERROR : TOOL_NOTE,
                 "%s: %zu error%s, %zu warning%s%s", name, error_count, error_count == 1 ? "" : "s",
                 warning_count, warning_count == 1 ? "" : "s", more);
}

static int set_text(asl_value **object, const char *key, const char *text)
{
    return text == NULL ? ASL_OK : asl_value_set(object, key, asl_value_string(NULL, text));
}

static int set_place(asl_value **object, const char *key, size_t line, size_t column, size_t offset)
{
    asl_value *place = asl_value_object(NULL);
    int status = place == NULL ? ASL_NOMEM : ASL_OK;
    if (status == ASL_OK)
        status = asl_value_set(&place, "line", asl_value_integer(NULL, (int64_t)line));
    if (status == ASL_OK)
        status = asl_value_set(&place, "column", asl_value_integer(NULL, (int64_t)column));
    if (status == ASL_OK)
        status = asl_value_set(&place, "offset", asl_value_integer(NULL, (int64_t)offset));
    if (status == ASL_OK)
        return asl_value_set(object, key, place);
    asl_value_unref(place);
    return status;
}

/* NULL when out of memory. */
static asl_value *problem_value(const asl_diagnostic *diagnostic)
{
    bool is_error = diagnostic->severity == ASL_SEVERITY_ERROR;
    asl_value *object = asl_value_object(NULL), *range = asl_value_object(NULL);
    int status = object == NULL || range == NULL ? ASL_NOMEM : ASL_OK;
    if (status == ASL_OK)
        status = set_text(&object, "severity", is_error ? "ERROR" : "WARNING");
    if (status == ASL_OK)
        status = set_text(&object, "code", diagnostic->code);
    if (status == ASL_OK)
        status = set_text(&object, "message", diagnostic->message);
    if (status == ASL_OK)
        status = set_text(&object, "location", diagnostic->location);
    if (status == ASL_OK)
        status = set_text(&object, "pointer", diagnostic->pointer);
    if (status == ASL_OK)
        status =
            set_place(&range, "start", diagnostic->line, diagnostic->column, diagnostic->offset);
    if (status == ASL_OK)
        status = set_place(&range, "end", diagnostic->end_line, diagnostic->end_column,
                           diagnostic->offset + diagnostic->length);
    if (status == ASL_OK) {
        status = asl_value_set(&object, "range", range);
        range = NULL;
    }
    if (status == ASL_OK)
        status = set_text(&object, "hint", diagnostic->hint);
    asl_value_unref(range);
    if (status == ASL_OK)
        return object;
    asl_value_unref(object);
    return NULL;
}

static int print_json(const char *name, bool is_valid, const asl_diagnostics *list)
{
    asl_value *result = asl_value_object(NULL), *problems = asl_value_array(NULL);
    int status = result == NULL || problems == NULL ? ASL_NOMEM : ASL_OK;
    for (size_t i = 0; i < asl_diagnostics_count(list) && status == ASL_OK; i++)
        status = asl_value_append(&problems, problem_value(asl_diagnostics_at(list, i)));
    if (status == ASL_OK)
        status = set_text(&result, "file", name);
    if (status == ASL_OK)
        status = set_text(&result, "result", is_valid ? "OK" : "FAIL");
    if (status == ASL_OK) {
        status = asl_value_set(&result, "diagnostics", problems);
        problems = NULL;
    }
    if (status == ASL_OK)
        status =
            asl_value_set(&result, "truncated", asl_value_bool(asl_diagnostics_is_truncated(list)));
    int exit_code = status == ASL_OK
                        ? tool_print_value(result, given.common.format != TOOL_FORMAT_JSONL)
                        : tool_report(name, status, NULL);
    asl_value_unref(problems);
    asl_value_unref(result);
    return exit_code;
}

static int validate(const char *path, const asl_value *values)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    char *text = NULL;
    size_t size = 0;
    int exit_code = tool_read(path, "the definition", &text, &size);
    if (exit_code != 0)
        return exit_code;
    asl_definition_options load_options = {.size = sizeof load_options, .substitutions = values};
    if (given.strict)
        load_options.flags |= ASL_DEFINITION_STRICT;
    if (type == ASL_MACHINE_EXPRESS)
        load_options.flags |= ASL_DEFINITION_EXPRESS;
    asl_definition *definition = NULL;
    asl_diagnostics *list = NULL;
    asl_error *error = NULL;
    int status = asl_definition_load(text, size, &load_options, &definition, &list, &error);
    if (status != ASL_OK && status != ASL_INVALID) {
        exit_code = tool_report(name, status, error);
        error = NULL;
    } else if (given.common.format == TOOL_FORMAT_TEXT) {
        print_text(name, text, size, list);
    } else {
        exit_code = print_json(path, status == ASL_OK, list);
    }
    if (exit_code == 0 && status == ASL_INVALID)
        exit_code = TOOL_INVALID;
    asl_error_free(error);
    asl_diagnostics_free(list);
    asl_definition_unref(definition);
    free(text);
    return exit_code;
}

/* All files are checked, whatever comes of one; what could not be checked outweighs what is
 * invalid. */
static int validate_all(const tool_operands *operands)
{
    asl_value *values = NULL;
    int worst = tool_substitutions_read(&given.substitutions, &values);
    if (worst != 0)
        return worst;
    for (size_t i = 0; i < operands->count; i++) {
        int exit_code = validate(operands->items[i], values);
        bool is_worse = worst == TOOL_SUCCEEDED || worst == TOOL_INVALID;
        if (exit_code == TOOL_INTERNAL || (exit_code != TOOL_SUCCEEDED && is_worse))
            worst = exit_code;
    }
    asl_value_unref(values);
    return worst;
}

int main(int argc, char **argv)
{
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code >= 0)
        return exit_code;
    if (given.explain != NULL)
        return operands.count > 0 ? tool_usage("--explain takes no files") : explain(given.explain);
    if (operands.count == 0)
        return tool_usage("no definition is named");
    exit_code = tool_machine_type(given.type, &type);
    if (exit_code != 0)
        return exit_code;
    return tool_finish(validate_all(&operands));
}
