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

static int find_execution(asl_store *store, const char *execution, uint64_t *ret_number,
                          asl_error **error)
{
    if (strncmp(execution, "arn:", 4) == 0)
        return asl_store_find_arn(store, execution, ret_number, error);
    const char *slash = strchr(execution, '/');
    if (slash == NULL)
        return asl_store_find(store, NULL, execution, ret_number, error);
    char *machine = strndup(execution, (size_t)(slash - execution));
    int status =
        machine != NULL ? asl_store_find(store, machine, slash + 1, ret_number, error) : ASL_NOMEM;
    free(machine);
    return status;
}

int tool_execution_find(asl_store *store, const char *execution, uint64_t *ret_number)
{
    asl_error *error = NULL;
    int status = find_execution(store, execution, ret_number, &error);
    if (status == ASL_OK)
        return 0;
    if (status == ASL_NOT_FOUND)
        tool_say(TOOL_ERROR, "no execution '%s' in the store ('asl-history' lists them)",
                 execution);
    else if (status == ASL_MISUSE && strncmp(execution, "arn:", 4) == 0)
        tool_say(TOOL_ERROR, "'%s' is not the ARN of an execution", execution);
    else if (status == ASL_MISUSE)
        tool_say(TOOL_ERROR, "several machines have an execution '%s': say MACHINE/%s", execution,
                 execution);
    else
        return tool_report(execution, status, error);
    asl_error_free(error);
    return TOOL_USAGE;
}

int tool_execution_describe(asl_store *store, uint64_t number, asl_description **ret_description)
{
    asl_error *error = NULL;
    int status = asl_store_describe(store, number, ret_description, &error);
    return status == ASL_OK ? 0 : tool_report("cannot read the execution", status, error);
}

int tool_machine_type(const char *text, asl_machine_type *ret_type)
{
    *ret_type = ASL_MACHINE_STANDARD;
    if (text == NULL || strcmp(text, "STANDARD") == 0)
        return 0;
    *ret_type = ASL_MACHINE_EXPRESS;
    return strcmp(text, "EXPRESS") == 0 ? 0
                                        : tool_usage("--type is STANDARD or EXPRESS, not %s", text);
}

int64_t tool_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
