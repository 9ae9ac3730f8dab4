/* asl-store - looks after a store: what it holds, whether it is whole, a copy of it, a smaller
 * file, and getting rid of what has ended long ago. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/support.h"

static struct {
    const char *store, *older_than, *keep;
    bool deep;
    tool_common common;
} given;

static const tool_option options[] = {
    {"store", 's', TOOL_TEXT, "DIR", "the store (default: ASL_STORE, else ~/.local/state/asl/run)",
     &given.store},
    {"deep", 0, TOOL_FLAG, NULL, "verify: read the history of each execution, too", &given.deep},
    {"older-than", 0, TOOL_TEXT, "TIME",
     "purge: what ended longer ago: 90s, 30m, 12h or 7d for example", &given.older_than},
    {"keep", 0, TOOL_TEXT, "N", "purge: but not the newest N that have ended", &given.keep},
    TOOL_COMMON_OPTIONS(given.common),
};

static const tool_program program = {
    "asl-store",
    "[OPTION]... stats\n[OPTION]... verify\n[OPTION]... backup FOLDER\n[OPTION]... compact\n"
    "[OPTION]... purge",
    "Looks after a store.\n\n"
    "  stats           say what it holds and how much room it takes\n"
    "  verify          read all of it, and tell of everything that is not as it should be\n"
    "  backup FOLDER   copy it, as it is at one moment, into a new folder\n"
    "  compact         make its file as small as can be; nobody may have it open to write\n"
    "  purge           delete histories of executions that have ended; nobody else may write\n\n"
    "stats, verify and backup work beside the process that writes the store.",
    options,
    sizeof options / sizeof options[0],
    "Exit codes: 0 succeeded, 2 usage, 6 store error (verify: or a problem), 70 internal error."};

typedef struct figure {
    const char *name, *unit, *words;
    uint64_t value;
} figure;

static bool shows_progress(void)
{
    return !given.common.quiet && isatty(STDERR_FILENO) && given.common.format == TOOL_FORMAT_TEXT;
}

/* Rewrites the line of progress; ends it where `all` is 0. */
static void show_progress(const char *what, uint64_t done, uint64_t all)
{
    if (!shows_progress())
        return;
    if (all == 0)
        fprintf(stderr, "\r\033[K");
    else
        fprintf(stderr, "\r\033[K%s: %" PRIu64 "%%", what, done * 100 / all);
}

static const char *bytes_text(uint64_t bytes, char text[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;
    for (; size >= 1024 && unit < 4; unit++)
        size /= 1024;
    snprintf(text, 32, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
    return text;
}

static int print_figures_table(const figure *figures, size_t count)
{
    static const char *const headings[] = {"WHAT", "HOW MUCH", ""};
    tool_table *table = tool_table_new(3, headings);
    if (!table)
        return tool_report(NULL, ASL_NOMEM, NULL);
    tool_table_align_right(table, 1);
    for (size_t i = 0; i < count; i++) {
        char text[32];
        bool is_bytes = strcmp(figures[i].unit, "bytes") == 0;
        tool_table_add(table, TOOL_BOLD, "%s", figures[i].name);
        if (is_bytes)
            tool_table_add(table, TOOL_PLAIN, "%s", bytes_text(figures[i].value, text));
        else
            tool_table_add(table, TOOL_PLAIN, "%" PRIu64, figures[i].value);
        tool_table_add(table, TOOL_DIM, "%s", figures[i].words);
    }
    return tool_table_print(table, stdout);
}

/* The figures as members, and one text more. */
static int print_figures_json(const figure *figures, size_t count, const char *name,
                              const char *text)
{
    asl_value *shape = asl_value_object(NULL);
    int status = shape ? ASL_OK : ASL_NOMEM;
    for (size_t i = 0; status == ASL_OK && i < count; i++)
        status = asl_value_set(&shape, figures[i].name,
                               asl_value_integer(NULL, (int64_t)figures[i].value));
    if (status == ASL_OK && name)
        status = asl_value_set(&shape, name, asl_value_string(NULL, text));
    int exit_code = status == ASL_OK
                        ? tool_print_value(shape, given.common.format == TOOL_FORMAT_TEXT)
                        : tool_report(NULL, status, NULL);
    asl_value_unref(shape);
    return exit_code;
}

static int print_statistics(asl_store *store)
{
    asl_store_statistics s = {.size = sizeof s};
    asl_error *error = NULL;
    int status = asl_store_read_statistics(store, &s, &error);
    if (status != ASL_OK)
        return tool_report("cannot examine the store", status, error);
    const figure figures[] = {
        {"executions", "", "with a history", s.executions},
        {"active", "", "that run, and are looked at when the store is opened", s.active},
        {"passive", "", "that wait, and are not", s.passive},
        {"names", "", "that cannot be used again", s.names},
        {"records", "", "of histories", s.records},
        {"behind", "", "of these behind the last checkpoint", s.behind},
        {"machines", "", "", s.machines},
        {"definitions", "", "", s.definitions},
        {"rows", "", "of application tables", s.rows},
        {"file", "bytes", "on the disk", s.file_bytes},
        {"used", "bytes", "of it", s.used_bytes},
        {"free", "bytes", "of it, used again before it grows", s.free_bytes},
        {"map", "bytes", "it may become so large", s.map_bytes},
        {"readers", "", "have it open", s.readers},
        {"format", "", "", s.format},
    };
    size_t count = sizeof figures / sizeof figures[0];
    if (given.common.format != TOOL_FORMAT_TEXT)
        return print_figures_json(figures, count, "durability", asl_durability_name(s.durability));
    int exit_code = print_figures_table(figures, count);
    if (exit_code == 0)
        printf("\ndurability: %s\n", asl_durability_name(s.durability));
    return exit_code;
}

typedef struct verification {
    uint64_t problems;
    int exit_code;
} verification;

static void print_problem(void *context, const char *problem)
{
    verification *self = context;
    self->problems++;
    show_progress(NULL, 0, 0);
    if (given.common.format == TOOL_FORMAT_TEXT) {
        tool_print_escaped(stdout, problem);
        putchar('\n');
        return;
    }
    asl_value *value = asl_value_object(NULL);
    int status =
        value ? asl_value_set(&value, "problem", asl_value_string(NULL, problem)) : ASL_NOMEM;
    self->exit_code =
        status == ASL_OK ? tool_print_value(value, false) : tool_report(NULL, status, NULL);
    asl_value_unref(value);
}

static bool note_progress(void *context, uint64_t done, uint64_t all)
{
    (void)context;
    show_progress("verifying", done, all);
    return true;
}

static void read_one(asl_store *store, const asl_execution_summary *one, verification *self)
{
    asl_history *history = NULL;
    asl_error *error = NULL;
    if (asl_history_read(store, one->number, &history, &error) != ASL_OK) {
        char *problem = NULL;
        if (asprintf(&problem, "%s/%s: %s", one->machine, one->name,
                     error ? asl_error_message(error) : "its history cannot be read") >= 0)
            print_problem(self, problem);
        free(problem);
    }
    asl_error_free(error);
    asl_history_free(history);
}

static int read_all(asl_store *store, verification *self)
{
    asl_list_options page = {.size = sizeof page, .limit = 1000};
    size_t count;
    do {
        asl_execution_list *list = NULL;
        asl_error *error = NULL;
        int status = asl_store_list(store, &page, &list, &error);
        if (status != ASL_OK)
            return tool_report("cannot list the store's executions", status, error);
        count = asl_execution_list_count(list);
        for (size_t i = 0; i < count; i++)
            read_one(store, asl_execution_list_at(list, i), self);
        if (count > 0)
            page.before = asl_execution_list_at(list, count - 1)->number;
        asl_execution_list_free(list);
    } while (count == page.limit);
    return 0;
}

static int verify(asl_store *store)
{
    verification self = {.problems = 0};
    asl_verify_options how = {
        .size = sizeof how, .problem = print_problem, .progress = note_progress, .context = &self};
    asl_error *error = NULL;
    int status = asl_store_verify(store, &how, &error);
    show_progress(NULL, 0, 0);
    if (status != ASL_OK && status != ASL_STORE_CORRUPT)
        return tool_report("cannot verify the store", status, error);
    asl_error_free(error);
    int exit_code = given.deep ? read_all(store, &self) : 0;
    if (exit_code != 0 || self.exit_code != 0)
        return exit_code != 0 ? exit_code : self.exit_code;
    if (self.problems == 0 && given.common.format == TOOL_FORMAT_TEXT)
        tool_say(TOOL_NOTE, "the store is whole");
    if (self.problems > 0)
        tool_say(TOOL_ERROR,
                 "%" PRIu64 " problem%s: keep the store as it is, and go on with a backup",
                 self.problems, self.problems == 1 ? "" : "s");
    return self.problems > 0 ? TOOL_STORE : 0;
}

static int back_up(asl_store *store, const char *folder)
{
    asl_error *error = NULL;
    int status = asl_store_backup(store, folder, &error);
    if (status == ASL_EXISTS)
        return tool_report(NULL, ASL_MISUSE, error);
    return status == ASL_OK ? 0 : tool_report(NULL, status, error);
}

/* A number and a unit; -1: it is none. */
static int64_t read_time(const char *text)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || number < 0 || end[0] == '\0' || end[1] != '\0')
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (end[0] == units[i].letter)
            return number <= INT64_MAX / 86400000 ? number * units[i].ms : -1;
    }
    return -1;
}

static int read_purge_options(asl_purge_options *how)
{
    *how = (asl_purge_options){.size = sizeof *how, .slice_ms = 100};
    if (!given.older_than && !given.keep)
        return tool_usage("purge needs --older-than or --keep");
    if (given.older_than) {
        int64_t age_ms = read_time(given.older_than);
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (age_ms < 0)
            return tool_usage("--older-than takes a number and s, m, h or d, not %s",
                              given.older_than);
        how->ended_before_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - age_ms;
    }
    if (given.keep) {
        char *end;
        errno = 0;
        how->keep = strtoull(given.keep, &end, 10);
        if (errno != 0 || end == given.keep || *end != '\0' || given.keep[0] == '-')
            return tool_usage("--keep takes a number, not %s", given.keep);
    }
    return 0;
}

static int purge(asl_store *store)
{
    asl_purge_options how;
    asl_purge progress = {.size = sizeof progress};
    int exit_code = read_purge_options(&how);
    if (exit_code != 0)
        return exit_code;
    while (!progress.is_done) {
        asl_error *error = NULL;
        int status = asl_store_purge(store, &how, &progress, &error);
        if (status != ASL_OK)
            return tool_report(NULL, status, error);
    }
    const figure figures[] = {{"executions", "", "are gone", progress.purged},
                              {"records", "", "of them", progress.records}};
    return given.common.format == TOOL_FORMAT_TEXT ? print_figures_table(figures, 2)
                                                   : print_figures_json(figures, 2, NULL, NULL);
}

static int compact(void)
{
    char *path = tool_store_path(given.store);
    if (!path)
        return tool_usage("no place for the store: give --store DIR, or set ASL_STORE or HOME");
    asl_store_options where = {.size = sizeof where, .path = path};
    asl_error *error = NULL;
    int status = access(path, F_OK) == 0 ? asl_store_compact(&where, &error)
                                         : asl_error_make(&error, ASL_IO, "there is no store");
    int exit_code = status == ASL_OK ? 0 : tool_report(path, status, error);
    free(path);
    return exit_code;
}

static int run(const char *verb, const tool_operands *operands)
{
    bool writes = strcmp(verb, "purge") == 0;
    asl_store *store = NULL;
    int exit_code = tool_store_open(given.store, writes ? 0 : ASL_STORE_READ_ONLY, &store);
    if (exit_code != 0)
        return exit_code;
    if (strcmp(verb, "stats") == 0)
        exit_code = print_statistics(store);
    else if (strcmp(verb, "verify") == 0)
        exit_code = verify(store);
    else if (writes)
        exit_code = purge(store);
    else
        exit_code = back_up(store, operands->items[1]);
    asl_store_close(store);
    return exit_code;
}

int main(int argc, char **argv)
{
    static const char *const verbs[] = {"stats", "verify", "backup", "compact", "purge"};
    tool_operands operands;
    int exit_code = tool_parse(&program, argc, argv, &given.common, &operands);
    if (exit_code >= 0)
        return exit_code;
    const char *verb = operands.count > 0 ? operands.items[0] : "";
    size_t index = 0;
    while (index < 5 && strcmp(verb, verbs[index]) != 0)
        index++;
    if (index == 5)
        return tool_usage(verb[0] == '\0'
                              ? "what is to be done? stats, verify, backup, compact or purge"
                              : "unknown: %s",
                          verb);
    size_t wanted = strcmp(verb, "backup") == 0 ? 2 : 1;
    if (operands.count != wanted)
        return tool_usage(wanted == 2 ? "backup needs a folder" : "%s takes no operand", verb);
    if (given.deep && strcmp(verb, "verify") != 0)
        return tool_usage("--deep is for verify");
    if ((given.older_than || given.keep) && strcmp(verb, "purge") != 0)
        return tool_usage("--older-than and --keep are for purge");
    if (given.store && strcmp(given.store, "memory") == 0)
        return tool_usage("a store in memory cannot be looked after");
    exit_code = strcmp(verb, "compact") == 0 ? compact() : run(verb, &operands);
    return tool_finish(exit_code);
}
