/* asl-history - lists the executions of a store, describes one, or shows its events.
 *
 * It only looks: it works beside the process that runs the executions, and after it has crashed. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct {
    const char *store, *machine, *status, *limit, *max_results, *next_token;
    bool reverse, describe, without_data;
    tool_common common;
} given;

static const tool_option options[] = {
    {"store", 's', TOOL_TEXT, "DIR", "the store (default: ASL_STORE, else ~/.local/state/asl/run)",
     &given.store},
    {"machine", 'm', TOOL_TEXT, "NAME", "list executions of this machine only", &given.machine},
    {"status", 0, TOOL_TEXT, "STATUS", "list executions with this status only", &given.status},
    {"limit", 'n', TOOL_TEXT, "N", "list at most N executions (default: 100)", &given.limit},
    {"describe", 'd', TOOL_FLAG, NULL, "describe the execution, as DescribeExecution does",
     &given.describe},
    {"reverse", 'r', TOOL_FLAG, NULL, "newest event first", &given.reverse},
    {"max-results", 0, TOOL_TEXT, "N", "with -o json: a page of at most N events or executions",
     &given.max_results},
    {"next-token", 0, TOOL_TEXT, "TOKEN", "with -o json: the page behind the one that gave it",
     &given.next_token},
    {"without-data", 0, TOOL_FLAG, NULL, "with -o json: a page without input and output",
     &given.without_data},
    TOOL_COMMON_OPTIONS(given.common),
};

static const tool_program program = {
    "asl-history",
    "[OPTION]...\n[OPTION]... EXECUTION",
    "Lists the executions of a store, newest first, describes one, or shows its history.\n\n"
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

/* Prints and frees {KEY: items, "nextToken": token}; a token of NULL is left out. */
static int print_shape(const char *key, asl_value *items, const char *token)
{
    asl_value *shape = asl_value_object(NULL);
    int status = asl_value_set(&shape, key, items);
    if (status == ASL_OK && token)
        status = asl_value_set(&shape, "nextToken", asl_value_string(NULL, token));
    int exit_code =
        status == ASL_OK ? tool_print_value(shape, true) : tool_report(NULL, status, NULL);
    asl_value_unref(shape);
    return exit_code;
}

static int print_list_json(const asl_execution_list *list, size_t count, const char *token)
{
    bool by_line = given.common.format == TOOL_FORMAT_JSONL;
    asl_value *all = asl_value_array(NULL);
    int exit_code = 0;
    for (size_t i = 0; exit_code == 0 && i < count; i++) {
        asl_value *one = summary_value(asl_execution_list_at(list, i));
        if (by_line)
            exit_code = print_value_and_free(one, false);
        else if (asl_value_append(&all, one) != ASL_OK)
            exit_code = tool_report(NULL, ASL_NOMEM, NULL);
    }
    if (exit_code == 0 && !by_line)
        return print_shape("executions", all, token);
    asl_value_unref(all);
    return exit_code;
}

/* Reads a number of 1 to `most`. Returns 0 or TOOL_USAGE, having said why. */
static int read_number(const char *option, const char *text, uint64_t most, uint64_t *ret_number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    if (number == 0 || errno != 0 || *end != '\0' || number > most)
        return tool_usage("--%s takes a number from 1 to %" PRIu64 ", not '%s'", option, most,
                          text);
    *ret_number = number;
    return 0;
}

static int read_status(unsigned *ret_statuses)
{
    for (unsigned i = ASL_EXECUTION_RUNNING; given.status && i <= ASL_EXECUTION_ABORTED; i++)
        if (strcmp(given.status, asl_execution_status_name((asl_execution_status)i)) == 0)
            *ret_statuses = 1u << i;
    if (given.status && *ret_statuses == 0)
        return tool_usage("--status is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED, not '%s'",
                          given.status);
    return 0;
}

/* What is to be listed. A list's token is the number of the last execution of the page before. */
static int read_list_options(asl_list_options *ret_options, bool *ret_is_page)
{
    bool is_page = given.max_results || given.next_token;
    uint64_t limit = 100, before = 0;
    unsigned statuses = 0;
    int exit_code = read_status(&statuses);
    if (exit_code == 0 && is_page && given.limit)
        exit_code = tool_usage("--limit is for one list, --max-results for its pages");
    if (exit_code == 0 && given.limit)
        exit_code = read_number("limit", given.limit, 1000000, &limit);
    if (exit_code == 0 && given.max_results)
        exit_code = read_number("max-results", given.max_results, ASL_PAGE_RESULTS_MAX, &limit);
    if (exit_code == 0 && given.next_token)
        exit_code = read_number("next-token", given.next_token, UINT64_MAX - 1, &before);
    *ret_is_page = is_page;
    *ret_options = (asl_list_options){.size = sizeof *ret_options,
                                      .machine = given.machine,
                                      .before = before,
                                      .limit = (size_t)limit,
                                      .statuses = statuses};
    return exit_code;
}

/* One execution more than a page has says that there is another page. */
static int print_list(const asl_execution_list *list, size_t most, bool is_page)
{
    size_t count = asl_execution_list_count(list);
    char token[24] = "";
    if (is_page && count > most) {
        count = most;
        snprintf(token, sizeof token, "%" PRIu64, asl_execution_list_at(list, count - 1)->number);
    }
    if (given.common.format == TOOL_FORMAT_TEXT)
        return print_list_table(list);
    return print_list_json(list, count, token[0] != '\0' ? token : NULL);
}

static int list_executions(asl_store *store)
{
    asl_list_options list_options;
    bool is_page = false;
    int exit_code = read_list_options(&list_options, &is_page);
    if (exit_code != 0)
        return exit_code;
    size_t most = list_options.limit;
    list_options.limit += is_page;
    asl_execution_list *list = NULL;
    asl_error *error = NULL;
    int status = asl_store_list(store, &list_options, &list, &error);
    if (status != ASL_OK)
        return tool_report("cannot list the store's executions", status, error);
    exit_code = print_list(list, most, is_page);
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
    if (exit_code == 0 && !by_line)
        return print_shape("events", events, NULL);
    asl_value_unref(events);
    return exit_code;
}

static int show_history(asl_store *store, uint64_t number)
{
    asl_history *history = NULL;
    asl_error *error = NULL;
    int status = asl_history_read(store, number, &history, &error);
    if (status != ASL_OK)
        return tool_report("cannot read the history", status, error);
    int exit_code = given.common.format == TOOL_FORMAT_TEXT ? print_history_table(history)
                                                            : print_history_json(history);
    asl_history_free(history);
    return exit_code;
}

static int print_page(const asl_history *page)
{
    asl_value *shape = NULL;
    int status = asl_history_to_value(page, &shape);
    return status == ASL_OK ? print_value_and_free(shape, true) : tool_report(NULL, status, NULL);
}

static int show_page(asl_store *store, uint64_t number)
{
    uint64_t most = 0;
    int exit_code = given.max_results
                        ? read_number("max-results", given.max_results, ASL_PAGE_RESULTS_MAX, &most)
                        : 0;
    if (exit_code != 0)
        return exit_code;
    asl_page_options page_options = {.size = sizeof page_options,
                                     .token = given.next_token,
                                     .max_results = (unsigned)most,
                                     .flags = (given.reverse ? ASL_HISTORY_REVERSE : 0) |
                                              (given.without_data ? ASL_HISTORY_WITHOUT_DATA : 0)};
    asl_history *page = NULL;
    asl_error *error = NULL;
    int status = asl_history_read_page(store, number, &page_options, &page, &error);
    if (status == ASL_MISUSE) {
        asl_error_free(error);
        return tool_usage("'%s' is no token of a page of this history in this direction",
                          given.next_token ? given.next_token : "");
    }
    if (status != ASL_OK)
        return tool_report("cannot read the history", status, error);
    exit_code = print_page(page);
    asl_history_free(page);
    return exit_code;
}

static void add_fact(tool_table *table, const char *key, tool_color color, const char *text)
{
    if (!text)
        return;
    tool_table_add(table, TOOL_DIM, "%s", key);
    tool_table_add(table, color, "%s", text);
}

static void add_payload(tool_table *table, const char *key, const asl_value *value)
{
    char *text = NULL;
    size_t size = 0;
    if (!value || asl_value_print(value, 0, &text, &size) != ASL_OK)
        return;
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' '))
        text[--size] = '\0'; /* as it came, a file ends with a line feed */
    add_fact(table, key, TOOL_PLAIN, text);
    asl_text_free(text);
}

static int print_description_table(const asl_description *shown)
{
    static const char *const headings[] = {"FIELD", "VALUE"};
    tool_table *table = tool_table_new(2, headings);
    char text[TOOL_TIME_SIZE];
    if (!table)
        return tool_report(NULL, ASL_NOMEM, NULL);
    add_fact(table, "execution", TOOL_BOLD, shown->execution_arn);
    add_fact(table, "machine", TOOL_PLAIN, shown->machine_arn);
    add_fact(table, "status", status_color(shown->status),
             asl_execution_status_name(shown->status));
    add_fact(table, "started", TOOL_PLAIN, tool_time_text(shown->start_ms, text));
    if (shown->stop_ms != 0) {
        add_fact(table, "stopped", TOOL_PLAIN, tool_time_text(shown->stop_ms, text));
        add_fact(table, "took", TOOL_PLAIN,
                 tool_duration_text(shown->stop_ms - shown->start_ms, text));
    }
    add_payload(table, "input", shown->input);
    add_payload(table, "output", shown->output);
    add_fact(table, "error", TOOL_RED, shown->error);
    add_fact(table, "cause", TOOL_RED, shown->cause);
    add_fact(table, "redrive", TOOL_PLAIN, shown->redrive_status);
    add_fact(table, "", TOOL_PLAIN, shown->redrive_status_reason);
    return tool_table_print(table, stdout);
}

static int print_description_json(const asl_description *shown)
{
    asl_value *value = NULL;
    int status = asl_description_to_value(shown, &value);
    if (status != ASL_OK)
        return tool_report(NULL, status, NULL);
    return print_value_and_free(value, given.common.format == TOOL_FORMAT_JSON);
}

static int show_description(asl_store *store, uint64_t number)
{
    asl_description *shown = NULL;
    int exit_code = tool_execution_describe(store, number, &shown);
    if (exit_code != 0)
        return exit_code;
    exit_code = given.common.format == TOOL_FORMAT_TEXT ? print_description_table(shown)
                                                        : print_description_json(shown);
    asl_description_free(shown);
    return exit_code;
}

static bool wants_page(void)
{
    return given.max_results || given.next_token || given.without_data;
}

static int show_execution(asl_store *store, const char *execution)
{
    uint64_t number;
    int exit_code = tool_execution_find(store, execution, &number);
    if (exit_code != 0)
        return exit_code;
    if (given.describe)
        return show_description(store, number);
    return wants_page() ? show_page(store, number) : show_history(store, number);
}

/* Options that do not go together. */
static int check_options(const tool_operands *operands)
{
    if (operands->count > 1)
        return tool_usage("one execution at a time: '%s' is one too many", operands->items[1]);
    if (operands->count == 0 && (given.describe || given.reverse || given.without_data))
        return tool_usage("which execution?");
    if (operands->count == 1 && (given.machine || given.status || given.limit))
        return tool_usage("--machine, --status and --limit are for lists");
    if (given.describe && wants_page())
        return tool_usage("a description has no pages");
    if (wants_page() && given.common.format != TOOL_FORMAT_JSON)
        return tool_usage("pages are for programs: -o json");
    return 0;
}

int main(int argc, char **argv)
{
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code >= 0)
        return exit_code;
    exit_code = check_options(&operands);
    if (exit_code != 0)
        return exit_code;
    asl_store *store = NULL;
    exit_code = tool_store_open(given.store, ASL_STORE_READ_ONLY, &store);
    if (exit_code != 0)
        return exit_code;
    exit_code =
        operands.count == 1 ? show_execution(store, operands.items[0]) : list_executions(store);
    asl_store_close(store);
    return tool_finish(exit_code);
}
