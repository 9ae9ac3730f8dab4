/* asl-graph - draws a definition as SVG, DOT or Mermaid, and where an execution of it has been. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct {
    const char *format, *execution, *store, *title;
    tool_substitutions substitutions;
    tool_common common;
} given;
static asl_graph_format format;

static const tool_option options[] = {
    {"format", 'f', TOOL_TEXT, "svg|dot|mermaid", "what to draw (svg)", &given.format},
    {"execution", 'e', TOOL_TEXT, "EXECUTION", "mark where this execution has been and is",
     &given.execution},
    {"store", 's', TOOL_TEXT, "DIR", "its store (default: ASL_STORE, else ~/.local/state/asl/run)",
     &given.store},
    {"title", 't', TOOL_TEXT, "TEXT", "what the picture is called (the file's name)", &given.title},
    TOOL_SUBSTITUTION_OPTIONS(given.substitutions),
    {"color", 0, TOOL_TEXT, "auto|always|never",
     "colours of messages (default: auto, and never where NO_COLOR is set)",
     &given.common.color_text},
    {"quiet", 'q', TOOL_FLAG, NULL, "no notes", &given.common.quiet},
};

static const tool_program program = {
    "asl-graph",
    "[OPTION]... FILE\n[OPTION]... --execution EXECUTION",
    "Draws a definition (\"-\": standard input): its states, and what leads from one to "
    "another.\n\n"
    "With --execution the states and ways that the execution has taken are marked, those that it\n"
    "is in, and those that failed. EXECUTION is NAME, MACHINE/NAME, or an ARN; without FILE the\n"
    "definition is the one that the execution was started with.",
    options,
    sizeof options / sizeof options[0],
    "Exit codes: 0 drawn, 2 usage, a file that cannot be read or no such execution, 3 the\n"
    "definition is not valid, 6 store error, 70 internal error."};

static int read_format(void)
{
    static const char *const names[] = {
        [ASL_GRAPH_SVG] = "svg", [ASL_GRAPH_DOT] = "dot", [ASL_GRAPH_MERMAID] = "mermaid"};
    for (size_t i = 0; given.format && i < sizeof names / sizeof *names; i++)
        if (strcmp(given.format, names[i]) == 0) {
            format = (asl_graph_format)i;
            return 0;
        }
    return given.format ? tool_usage("--format is svg, dot or mermaid, not '%s'", given.format) : 0;
}

static int load(const char *path, asl_definition **ret_definition)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    asl_value *values = NULL;
    char *text = NULL;
    size_t size = 0;
    int exit_code = tool_substitutions_read(&given.substitutions, &values);
    if (exit_code == 0)
        exit_code = tool_read(path, "the definition", &text, &size);
    asl_definition_options load_options = {.size = sizeof load_options, .substitutions = values};
    if (exit_code == 0)
        exit_code = tool_load_definition(name, text, size, &load_options, ret_definition);
    free(text);
    asl_value_unref(values);
    return exit_code;
}

static int open_execution(asl_store **ret_store, uint64_t *ret_number)
{
    int exit_code = tool_store_open(given.store, ASL_STORE_READ_ONLY, ret_store);
    return exit_code == 0 ? tool_execution_find(*ret_store, given.execution, ret_number)
                          : exit_code;
}

static int mark(asl_graph *graph, asl_store *store, uint64_t number)
{
    asl_history *history = NULL;
    asl_error *error = NULL;
    int status = asl_history_read(store, number, &history, &error);
    if (status != ASL_OK)
        return tool_report("cannot read the history", status, error);
    size_t strangers = 0;
    for (size_t i = 0; i < asl_history_count(history); i++) {
        const asl_history_event *event = asl_history_at(history, i);
        bool is_known = event->state == NULL || asl_graph_mark_event(graph, event);
        strangers += !is_known;
    }
    asl_history_free(history);
    if (strangers > 0)
        tool_say(TOOL_WARNING,
                 "%zu events of '%s' are of states that the definition does not have: leave the "
                 "file out to draw the definition that the execution was started with",
                 strangers, given.execution);
    return 0;
}

static int print(const asl_graph *graph)
{
    char *text = NULL;
    size_t size = 0;
    int status = asl_graph_render(graph, format, &text, &size);
    if (status != ASL_OK)
        return tool_report("cannot draw the definition", status, NULL);
    fwrite(text, 1, size, stdout); /* tool_finish says what could not be written */
    asl_text_free(text);
    return 0;
}

static int draw(const asl_definition *definition, const char *title, asl_store *store,
                uint64_t number)
{
    asl_graph_options graph_options = {.size = sizeof graph_options, .title = title};
    asl_graph *graph = NULL;
    asl_error *error = NULL;
    int status = asl_graph_new(definition, &graph_options, &graph, &error);
    if (status != ASL_OK)
        return tool_report("cannot draw the definition", status, error);
    int exit_code = store ? mark(graph, store, number) : 0;
    if (exit_code == 0)
        exit_code = print(graph);
    asl_graph_free(graph);
    return exit_code;
}

/* `path` is NULL where the execution's own definition is to be drawn. */
static int run(const char *path)
{
    asl_store *store = NULL;
    asl_definition *definition = NULL;
    asl_error *error = NULL;
    uint64_t number = 0;
    int exit_code = given.execution ? open_execution(&store, &number) : 0;
    if (exit_code == 0 && path)
        exit_code = load(path, &definition);
    if (exit_code == 0 && !path) {
        int status = asl_store_definition(store, number, &definition, &error);
        if (status != ASL_OK)
            exit_code = tool_report("cannot read the execution's definition", status, error);
    }
    char *stem = path && strcmp(path, "-") != 0 ? tool_stem(path) : NULL;
    if (exit_code == 0)
        exit_code = draw(definition,
                         given.title ? given.title
                         : stem      ? stem
                                     : given.execution,
                         store, number);
    free(stem);
    asl_definition_unref(definition);
    asl_store_close(store);
    return exit_code;
}

int main(int argc, char **argv)
{
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code >= 0)
        return exit_code;
    if (operands.count > 1)
        return tool_usage("one definition is drawn at a time, not %zu", operands.count);
    if (operands.count == 0 && !given.execution)
        return tool_usage("name a definition, or an execution with --execution");
    if (given.store && !given.execution)
        return tool_usage("--store is for an execution: name it with --execution");
    exit_code = read_format();
    if (exit_code != 0)
        return exit_code;
    return tool_finish(run(operands.count > 0 ? operands.items[0] : NULL));
}
