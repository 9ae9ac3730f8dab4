/* Stores and what is in them, as tools name them; times as tools show them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal.h"

char *tool_store_path(const char *given)
{
    if (given == NULL || given[0] == '\0')
        given = getenv("ASL_STORE");
    if (given != NULL && given[0] != '\0')
        return strdup(given);
    const char *base = getenv("XDG_STATE_HOME");
    const char *middle = "";
    if (base == NULL || base[0] != '/') { /* XDG: a relative path is to be ignored */
        base = getenv("HOME");
        middle = "/.local/state";
    }
    char *path = NULL;
    if (base == NULL || base[0] == '\0' || asprintf(&path, "%s%s/asl/run", base, middle) < 0)
        return NULL;
    return path;
}

static const char *advice(int status)
{
    if (status == ASL_STORE_LOCKED)
        return "\nuse another store with --store DIR, or --store memory to keep nothing";
    if (status == ASL_STORE_NEWER)
        return "\nuse the newer version, or another store with --store DIR";
    if (status == ASL_STORE_FULL)
        return "\nnothing was lost: make room and try again";
    return "";
}

int tool_store_open(const char *given, unsigned flags, asl_store **ret_store)
{
    char *path = tool_store_path(given);
    if (path == NULL)
        return tool_usage("no place for the store: give --store DIR, or set ASL_STORE or HOME");
    bool in_memory = strcmp(path, "memory") == 0;
    asl_store_options options = {.size = sizeof options, .flags = in_memory ? 0 : flags};
    options.path = in_memory ? NULL : path;
    asl_error *error = NULL;
    int status = asl_store_open(&options, ret_store, &error);
    if (status == ASL_NOT_FOUND)
        tool_say(TOOL_ERROR, "there is no store in %s", path);
    else if (status != ASL_OK)
        tool_say(TOOL_ERROR, "cannot open the store in %s: %s%s", path,
                 error != NULL ? asl_error_message(error) : asl_status_name(status),
                 advice(status));
    asl_error_free(error);
    free(path);
    return status == ASL_OK ? 0 : status == ASL_NOMEM ? TOOL_INTERNAL : TOOL_STORE;
}

/* The parts of "arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME", "MACHINE/NAME" or "NAME":
 * `ret_machine` is new, or NULL where none is named; the name is borrowed. */
static bool split_execution(const char *execution, char **ret_machine, const char **ret_name)
{
    *ret_machine = NULL;
    *ret_name = execution;
    const char *machine = execution;
    const char *end = strchr(execution, '/');
    const char *arn = strstr(execution, ":execution:");
    if (strncmp(execution, "arn:", 4) == 0 && arn != NULL) {
        machine = arn + strlen(":execution:");
        end = strchr(machine, ':');
        if (end == NULL)
            return true;
    }
    if (end == NULL)
        return true;
    *ret_name = end + 1;
    *ret_machine = strndup(machine, (size_t)(end - machine));
    return *ret_machine != NULL;
}

int tool_execution_find(asl_store *store, const char *execution, uint64_t *ret_number)
{
    char *machine = NULL;
    const char *name = NULL;
    if (!split_execution(execution, &machine, &name))
        return tool_report(NULL, ASL_NOMEM, NULL);
    asl_error *error = NULL;
    int status = asl_store_find(store, machine, name, ret_number, &error);
    free(machine);
    if (status == ASL_OK)
        return 0;
    if (status == ASL_NOT_FOUND) {
        tool_say(TOOL_ERROR, "no execution '%s' in the store ('asl-history' lists them)",
                 execution);
    } else if (status == ASL_MISUSE) {
        tool_say(TOOL_ERROR, "several machines have an execution '%s': say MACHINE/%s", execution,
                 execution);
    } else {
        return tool_report(execution, status, error);
    }
    asl_error_free(error);
    return TOOL_USAGE;
}

int tool_execution_summary(asl_store *store, uint64_t number, asl_execution_list **ret_list,
                           const asl_execution_summary **ret_summary)
{
    asl_list_options options = {.size = sizeof options, .before = number + 1, .limit = 1};
    asl_error *error = NULL;
    int status = asl_store_list(store, &options, ret_list, &error);
    if (status != ASL_OK)
        return tool_report("cannot list the store's executions", status, error);
    *ret_summary = asl_execution_list_at(*ret_list, 0);
    if (*ret_summary != NULL && (*ret_summary)->number == number)
        return 0;
    asl_execution_list_free(*ret_list);
    *ret_list = NULL;
    tool_say(TOOL_ERROR, "no execution number %" PRIu64 " in the store", number);
    return TOOL_USAGE;
}

const char *tool_time_text(int64_t time_ms, char text[TOOL_TIME_SIZE])
{
    time_t seconds = (time_t)(time_ms / 1000);
    int millisecond = (int)(time_ms % 1000);
    if (millisecond < 0) {
        millisecond += 1000;
        seconds--;
    }
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL)
        return "?";
    char date[32];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, TOOL_TIME_SIZE, "%s.%03dZ", date, millisecond);
    return text;
}

const char *tool_duration_text(int64_t duration_ms, char text[TOOL_TIME_SIZE])
{
    int64_t seconds = duration_ms / 1000;
    if (duration_ms < 1000)
        snprintf(text, TOOL_TIME_SIZE, "%" PRId64 " ms", duration_ms);
    else if (seconds < 60)
        snprintf(text, TOOL_TIME_SIZE, "%" PRId64 ".%" PRId64 " s", seconds,
                 duration_ms % 1000 / 100);
    else if (seconds < 3600)
        snprintf(text, TOOL_TIME_SIZE, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
    else if (seconds < 86400)
        snprintf(text, TOOL_TIME_SIZE, "%" PRId64 " h %" PRId64 " min", seconds / 3600,
                 seconds / 60 % 60);
    else
        snprintf(text, TOOL_TIME_SIZE, "%" PRId64 " d %" PRId64 " h", seconds / 86400,
                 seconds / 3600 % 24);
    return text;
}
