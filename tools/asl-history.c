/* asl-history - lists the executions of a store, or shows the events of one.
 *
 * It only looks: it works beside the process that runs the executions, and after it has crashed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct {
    const char *store, *machine, *limit;
    bool reverse;
    tool_common common;
} given;

static const tool_option options[] = {
    {"store", 's', TOOL_TEXT, "DIR", "the store (default: ASL_STORE, else ~/.local/state/asl/run)",
     &given.store},
    {"machine", 'm', TOOL_TEXT, "NAME", "list executions of this machine only", &given.machine},
    {"limit", 'n', TOOL_TEXT, "N", "list at most N executions (default: 100)", &given.limit},
    {"reverse", 'r', TOOL_FLAG, NULL, "newest event first", &given.reverse},
    TOOL_COMMON_OPTIONS(given.common),
};

static const tool_program program = {
    "asl-history",
    "[OPTION]...\n[OPTION]... EXECUTION",
    "Lists the executions of a store, newest first, or shows the history of one.\n\n"
    "EXECUTION is NAME, MACHINE/NAME, or an ARN. With -o json a history has the shape that\n"
    "GetExecutionHistory gives, with -o jsonl one event a line.",
    options,
    sizeof options / sizeof options[0],
    "Exit codes: 0 succeeded, 2 usage or no such execution, 6 store error, 70 internal error."};

static tool_color status_color(asl_execution_status status)
{
    switch (status) {
    case ASL_EXECUTION_SUCCEEDED:
        return TOOL_GREEN;
    case ASL_EXECUTION_RUNNING:
        return TOOL_CYAN;
    case ASL_EXECUTION_FAILED:
    case ASL_EXECUTION_TIMED_OUT:
    case ASL_EXECUTION_ABORTED:
        break;
    }
    return TOOL_RED;
}

static int print_list_table(const asl_execution_list *list)
{
    static const char *const headings[] = {"NAME",    "MACHINE",  "STATUS",
                                           "STARTED", "DURATION", "EVENTS"};
    tool_table *table = tool_table_new(6, headings);
    if (!table)
        return tool_report(NULL, ASL_NOMEM, NULL);
    tool_table_align_right(table, 5);
    for (size_t i = 0; i < asl_execution_list_count(list); i++) {
        const asl_execution_summary *one = asl_execution_list_at(list, i);
        char start[TOOL_TIME_SIZE], duration[TOOL_TIME_SIZE];
        tool_table_add(table, TOOL_BOLD, "%s", one->name);
        tool_table_add(table, TOOL_PLAIN, "%s", one->machine);
        tool_table_add(table, status_color(one->status), "%s",
                       asl_execution_status_name(one->status));
        tool_table_add(table, TOOL_PLAIN, "%s", tool_time_text(one->start_ms, start));
        tool_table_add(
            table, TOOL_PLAIN, "%s",
            one->stop_ms != 0 ? tool_duration_text(one->stop_ms - one->start_ms, duration) : "");
        tool_table_add(table, TOOL_PLAIN, "%" PRIu64, one->event_count);
    }
    return tool_table_print(table, stdout);
}

/* One execution in the shape of ListExecutions. NULL when out of memory. */
static asl_value *summary_value(const asl_execution_summary *one)
{
    char text[TOOL_TIME_SIZE];
    asl_value *value = asl_value_object(NULL);
    int status = asl_value_set(&value, "name", asl_value_string(NULL, one->name));
    status |= asl_value_set(&value, "stateMachine", asl_value_string(NULL, one->machine));
    status |= asl_value_set(&value, "status",
                            asl_value_string(NULL, asl_execution_status_name(one->status)));
    status |= asl_value_set(&value, "startDate",
                            asl_value_string(NULL, tool_time_text(one->start_ms, text)));
    if (one->stop_ms != 0)
        status |= asl_value_set(&value, "stopDate",
                                asl_value_string(NULL, tool_time_text(one->stop_ms, text)));
    status |=
        asl_value_set(&value, "eventCount", asl_value_integer(NULL, (int64_t)one->event_count));
    if (status == ASL_OK)
        return value;
    asl_value_unref(value);
    return NULL;
}

static int print_value_and_free(asl_value *value, bool pretty)
{
    if (!value)
        return tool_report(NULL, ASL_NOMEM, NULL);
    int exit_code = tool_print_value(value, pretty);
    asl_value_unref(value);
    return exit_code;
}

static int print_list_json(const asl_execution_list *list, bool by_line)
{
    asl_value *all = asl_value_array(NULL);
    int exit_code = 0;
    for (size_t i = 0; exit_code == 0 && i < asl_execution_list_count(list); i++) {
        asl_value *one = summary_value(asl_execution_list_at(list, i));
        if (by_line)
            exit_code = print_value_and_free(one, false);
        else if (asl_value_append(&all, one) != ASL_OK)
            exit_code = tool_report(NULL, ASL_NOMEM, NULL);
    }
    if (exit_code == 0 && !by_line) {
        asl_value *shape = asl_value_object(NULL);
        if (asl_value_set(&shape, "executions", asl_value_ref(all)) != ASL_OK)
            exit_code = tool_report(NULL, ASL_NOMEM, NULL);
        else
            exit_code = tool_print_value(shape, true);
        asl_value_unref(shape);
    }
    asl_value_unref(all);
    return exit_code;
}

static int list_executions(asl_store *store)
{
    asl_list_options list_options = {
        .size = sizeof list_options, .machine = given.machine, .limit = 100};
    if (given.limit) {
        char *end = NULL;
        unsigned long long limit = strtoull(given.limit, &end, 10);
        if (*given.limit < '0' || *given.limit > '9' || *end != '\0' || limit == 0 ||
            limit > 1000000)
            return tool_usage("--limit takes a number from 1 to 1000000, not '%s'", given.limit);
        list_options.limit = (size_t)limit;
    }
    asl_execution_list *list = NULL;
    asl_error *error = NULL;
    int status = asl_store_list(store, &list_options, &list, &error);
    if (status != ASL_OK)
        return tool_report("cannot list the store's executions", status, error);
    int exit_code;
    if (given.common.format != TOOL_FORMAT_TEXT)
        exit_code = print_list_json(list, given.common.format == TOOL_FORMAT_JSONL);
    else
        exit_code = print_list_table(list);
    asl_execution_list_free(list);
    return exit_code;
}

/* How long the state took that an event leaves: since its StateEntered, found along the chain of
 * events. -1 where the event leaves none. */
static int64_t state_duration(const asl_history *history, const asl_history_event *event)
{
    static const char exited[] = "StateExited", entered[] = "StateEntered";
    size_t size = strlen(event->type);
    if (size < sizeof exited || strcmp(event->type + size - (sizeof exited - 1), exited) != 0)
        return -1;
    for (uint64_t id = event->previous_id; id != 0;) {
        const asl_history_event *before = asl_history_at(history, (size_t)id - 1);
        size = before ? strlen(before->type) : 0;
        if (!before || before->previous_id >= before->id)
            return -1;
        if (size >= sizeof entered &&
            strcmp(before->type + size - (sizeof entered - 1), entered) == 0 && before->state &&
            event->state && strcmp(before->state, event->state) == 0)
            return event->time_ms - before->time_ms;
        id = before->previous_id;
    }
    return -1;
}

static tool_color event_color(const char *type)
{
    if (strstr(type, "Failed") || strstr(type, "TimedOut") || strstr(type, "Aborted"))
        return TOOL_RED;
    return strstr(type, "Succeeded") ? TOOL_GREEN : TOOL_PLAIN;
}

static void add_event(tool_table *table, const asl_history *history, const asl_history_event *event)
{
    const asl_history_event *first = asl_history_at(history, 0);
    char time[TOOL_TIME_SIZE], duration[TOOL_TIME_SIZE];
    int64_t took = state_duration(history, event);
    tool_table_add(table, TOOL_DIM, "%" PRIu64, event->id);
    tool_table_add(table, TOOL_DIM, "%" PRIu64, event->previous_id);
    tool_table_add(table, TOOL_PLAIN, "%s",
                   event->id == 1 ? tool_time_text(event->time_ms, time) : "");
    tool_table_add(table, TOOL_PLAIN, "+%s",
                   tool_duration_text(event->time_ms - first->time_ms, duration));
    tool_table_add(table, event_color(event->type), "%s", event->type);
    tool_table_add(table, TOOL_BOLD, "%s", event->state ? event->state : "");
    tool_table_add(table, TOOL_PLAIN, "%s", took >= 0 ? tool_duration_text(took, duration) : "");
    tool_table_add(table, TOOL_RED, "%s%s%s", event->error ? event->error : "",
                   event->error && event->cause ? ": " : "", event->cause ? event->cause : "");
}

static int print_history_table(const asl_history *history)
{
    static const char *const headings[] = {"ID",    "PREVIOUS", "STARTED", "AFTER",
                                           "EVENT", "STATE",    "TOOK",    "ERROR"};
    tool_table *table = tool_table_new(8, headings);
    if (!table)
        return tool_report(NULL, ASL_NOMEM, NULL);
    tool_table_align_right(table, 0);
    tool_table_align_right(table, 1);
    tool_table_align_right(table, 3);
    tool_table_align_right(table, 6);
    size_t count = asl_history_count(history);
    for (size_t i = 0; i < count; i++)
        add_event(table, history, asl_history_at(history, given.reverse ? count - 1 - i : i));
    return tool_table_print(table, stdout);
}

/* Events in the order asked for, as one document or one a line. */
static int print_history_json(const asl_history *history)
{
    bool by_line = given.common.format == TOOL_FORMAT_JSONL;
    asl_value *events = asl_value_array(NULL);
    int exit_code = 0;
    size_t count = asl_history_count(history);
    for (size_t i = 0; exit_code == 0 && i < count; i++) {
        asl_value *event = NULL;
        int status = asl_history_event_to_value(history, given.reverse ? count - 1 - i : i, &event);
        if (status != ASL_OK)
            exit_code = tool_report("cannot show an event", status, NULL);
        else if (by_line)
            exit_code = print_value_and_free(event, false);
        else if (asl_value_append(&events, event) != ASL_OK)
            exit_code = tool_report(NULL, ASL_NOMEM, NULL);
    }
    if (exit_code == 0 && !by_line) {
        asl_value *shape = asl_value_object(NULL);
        if (asl_value_set(&shape, "events", asl_value_ref(events)) != ASL_OK)
            exit_code = tool_report(NULL, ASL_NOMEM, NULL);
        else
            exit_code = tool_print_value(shape, true);
        asl_value_unref(shape);
    }
    asl_value_unref(events);
    return exit_code;
}

static int show_execution(asl_store *store, const char *execution)
{
    uint64_t number;
    int exit_code = tool_execution_find(store, execution, &number);
    if (exit_code != 0)
        return exit_code;
    asl_history *history = NULL;
    asl_error *error = NULL;
    int status = asl_history_read(store, number, &history, &error);
    if (status != ASL_OK)
        return tool_report("cannot read the history", status, error);
    exit_code = given.common.format == TOOL_FORMAT_TEXT ? print_history_table(history)
                                                        : print_history_json(history);
    asl_history_free(history);
    return exit_code;
}

int main(int argc, char **argv)
{
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code >= 0)
        return exit_code;
    if (operands.count > 1)
        return tool_usage("one execution at a time: '%s' is one too many", operands.items[1]);
    asl_store *store = NULL;
    exit_code = tool_store_open(given.store, ASL_STORE_READ_ONLY, &store);
    if (exit_code != 0)
        return exit_code;
    exit_code =
        operands.count == 1 ? show_execution(store, operands.items[0]) : list_executions(store);
    asl_store_close(store);
    return tool_finish(exit_code);
}
