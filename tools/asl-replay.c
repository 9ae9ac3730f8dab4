/* asl-replay - runs the interpreter on what was recorded of an execution, and verifies every event.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct {
    const char *store, *definition, *history, *at;
    tool_common common;
} given;

static const tool_option options[] = {
    {"store", 's', TOOL_TEXT, "DIR", "the store (default: ASL_STORE, else ~/.local/state/asl/run)",
     &given.store},
    {"definition", 'd', TOOL_TEXT, "FILE",
     "replay under this definition instead of the recorded one", &given.definition},
    {"history", 0, TOOL_TEXT, "FILE",
     "replay a history that was exported as JSON (needs --definition)", &given.history},
    {"at", 0, TOOL_TEXT, "EVENT", "print the state after this event", &given.at},
    TOOL_COMMON_OPTIONS(given.common),
};

static const tool_program program = {
    "asl-replay",
    "[OPTION]... EXECUTION\n[OPTION]... --history FILE --definition FILE",
    "Replays an execution from what was recorded of it, and verifies every event.\n\n"
    "EXECUTION is NAME, MACHINE/NAME, or an ARN. The last line counts the events that are equal,\n"
    "the values that were taken from the recording because only the recorder could know them, and\n"
    "the events that differ.",
    options,
    sizeof options / sizeof options[0],
    "Exit codes: 0 no difference, 1 a difference, 2 usage or no such execution, 3 invalid\n"
    "definition, 6 store error, 70 internal error."};

/* The definition named on the command line; NULL where none is. */
static int load_given_definition(asl_definition **ret_definition)
{
    if (!given.definition)
        return 0;
    char *text = NULL;
    size_t size;
    int exit_code = tool_read(given.definition, "the definition", &text, &size);
    if (exit_code == 0)
        exit_code = tool_load_definition(given.definition, text, size, NULL, ret_definition);
    free(text);
    return exit_code;
}

static int read_file(asl_history **ret_history)
{
    char *text = NULL;
    size_t size;
    int exit_code = tool_read(given.history, "the history", &text, &size);
    if (exit_code != 0)
        return exit_code;
    asl_error *error = NULL;
    int status = asl_history_parse(NULL, text, size, ret_history, &error);
    free(text);
    return status == ASL_OK ? 0 : tool_report(given.history, status, error);
}

static int read_stored(const char *execution, asl_store **ret_store, asl_history **ret_history)
{
    uint64_t number;
    int exit_code = tool_store_open(given.store, ASL_STORE_READ_ONLY, ret_store);
    if (exit_code == 0)
        exit_code = tool_execution_find(*ret_store, execution, &number);
    if (exit_code != 0)
        return exit_code;
    asl_error *error = NULL;
    int status = asl_history_read(*ret_store, number, ret_history, &error);
    return status == ASL_OK ? 0 : tool_report("cannot read the history", status, error);
}

static void print_side(const char *label, const char *text)
{
    printf("  %-9s ", label);
    tool_print_escaped(stdout, text ? text : "(no event)");
    putchar('\n');
}

static void print_divergence(const asl_divergence *divergence)
{
    printf("%sevent %" PRIu64 " differs%s in %s\n", tool_paint(stdout, TOOL_RED), divergence->event,
           tool_paint(stdout, TOOL_PLAIN), divergence->field);
    print_side("expected:", divergence->expected);
    print_side("got:", divergence->got);
}

static int print_text(const asl_replay *replay)
{
    const asl_divergence *divergence = asl_replay_divergence(replay);
    if (divergence)
        print_divergence(divergence);
    printf("%zu equal, %zu taken, %zu different\n", asl_replay_equal(replay),
           asl_replay_taken(replay), asl_replay_different(replay));
    return 0;
}

static asl_value *text_value(const char *text)
{
    return text ? asl_value_string(NULL, text) : asl_value_null();
}

static int print_json(const asl_replay *replay)
{
    asl_value *value = asl_value_object(NULL);
    int status =
        asl_value_set(&value, "equal", asl_value_integer(NULL, (int64_t)asl_replay_equal(replay)));
    status |=
        asl_value_set(&value, "taken", asl_value_integer(NULL, (int64_t)asl_replay_taken(replay)));
    status |= asl_value_set(&value, "different",
                            asl_value_integer(NULL, (int64_t)asl_replay_different(replay)));
    const asl_divergence *divergence = asl_replay_divergence(replay);
    if (divergence) {
        asl_value *shown = asl_value_object(NULL);
        status |=
            asl_value_set(&shown, "event", asl_value_integer(NULL, (int64_t)divergence->event));
        status |= asl_value_set(&shown, "field", text_value(divergence->field));
        status |= asl_value_set(&shown, "expected", text_value(divergence->expected));
        status |= asl_value_set(&shown, "got", text_value(divergence->got));
        status |= asl_value_set(&value, "divergence", shown);
    }
    int exit_code = status == ASL_OK
                        ? tool_print_value(value, given.common.format == TOOL_FORMAT_JSON)
                        : tool_report(NULL, ASL_NOMEM, NULL);
    asl_value_unref(value);
    return exit_code;
}

static int print_state(const asl_replay *replay)
{
    asl_value *state = NULL;
    int status = asl_replay_state(replay, &state);
    if (status != ASL_OK)
        return tool_report("cannot show the state", status, NULL);
    int exit_code = tool_print_value(state, given.common.format != TOOL_FORMAT_JSONL);
    asl_value_unref(state);
    return exit_code;
}

static int replay(const asl_history *history, const asl_definition *definition, uint64_t until)
{
    asl_replay *result = NULL;
    asl_error *error = NULL;
    asl_replay_options replay_options = {.size = sizeof replay_options, .until = until};
    int status = asl_replay_run(history, definition, &replay_options, &result, &error);
    if (status != ASL_OK)
        return tool_report("cannot replay the history", status, error);
    int exit_code = 0;
    if (until != 0)
        exit_code = print_state(result);
    else
        exit_code =
            given.common.format == TOOL_FORMAT_TEXT ? print_text(result) : print_json(result);
    if (exit_code == 0 && until == 0 && asl_replay_different(result) > 0)
        exit_code = TOOL_FAILED;
    asl_replay_free(result);
    return exit_code;
}

static int parse_event(uint64_t *ret_until)
{
    *ret_until = 0;
    if (!given.at)
        return 0;
    char *end = NULL;
    *ret_until = strtoull(given.at, &end, 10);
    if (*given.at < '0' || *given.at > '9' || *end != '\0' || *ret_until == 0)
        return tool_usage("--at takes the id of an event, not '%s'", given.at);
    return 0;
}

static int check_until(const asl_history *history, uint64_t until)
{
    if (until <= asl_history_count(history))
        return 0;
    return tool_usage("the history has no event %" PRIu64 ": its last is %zu", until,
                      asl_history_count(history));
}

int main(int argc, char **argv)
{
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code >= 0)
        return exit_code;
    if (given.history ? operands.count != 0 || !given.definition : operands.count != 1)
        return tool_usage(given.history ? "--history FILE needs --definition FILE, and no EXECUTION"
                                        : "say which EXECUTION, or --history FILE");
    asl_definition *definition = NULL;
    asl_history *history = NULL;
    asl_store *store = NULL;
    uint64_t until;
    exit_code = parse_event(&until);
    if (exit_code == 0)
        exit_code = load_given_definition(&definition);
    if (exit_code == 0)
        exit_code =
            given.history ? read_file(&history) : read_stored(operands.items[0], &store, &history);
    if (exit_code == 0)
        exit_code = check_until(history, until);
    if (exit_code == 0)
        exit_code = replay(history, definition, until);
    asl_history_free(history);
    asl_definition_unref(definition);
    if (store)
        asl_store_close(store);
    return tool_finish(exit_code);
}
