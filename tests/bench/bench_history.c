/* What reading costs of a history as long as one may be: the whole of it, its pages from both ends,
 * and a description of its execution.
 *
 * usage: bench-history STORES [ITEMS]
 *   STORES  a folder on the disk to measure; a store is made in it and taken away
 *   ITEMS   of a Map, each a record of one task with seven events; at least and by default 3,570,
 *           which make 24,996 events; with fewer the whole history alone is read
 *
 * Median of
 * many reads from an open store, with the pages of the file in memory.
 */
#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "report.h"
#include "stores.h"

#define ITEMS 3570u
#define READS 101u

static const char text[] =
    "{\"StartAt\":\"E\",\"States\":{\"E\":{\"Type\":\"Map\",\"MaxConcurrency\":1,\"ItemProcessor\":"
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:t\",\"ResultPath\":\"$.result\",\"End\":true}}},\"ResultSelector\":{},"
    "\"End\":true}}}";

static void answer(void *context, asl_task *task)
{
    (void)context;
    asl_task_succeed(task, asl_value_string(NULL, "answered"), NULL);
}

static asl_value *make_input(unsigned count)
{
    asl_value *items = asl_value_array(NULL);
    for (int64_t i = 0; i < count; i++) {
        asl_value *item = asl_value_object(NULL);
        asl_value_set(&item, "id", asl_value_integer(NULL, i));
        host_check(asl_value_append(&items, item), NULL, "input");
    }
    return items;
}

/* One execution with a long history; its number. */
static uint64_t make_history(asl_store *store, unsigned items)
{
    asl_engine_options options = {.size = sizeof options, .store = store};
    asl_task_handler handler = {.size = sizeof handler, .start = answer};
    asl_value *input = make_input(items);
    asl_start start = {.size = sizeof start, .machine = "m", .name = "one", .input = input};
    asl_definition *definition = NULL;
    asl_engine *engine = NULL;
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    int status = asl_definition_load(text, sizeof text - 1, NULL, &definition, NULL, &error);
    if (status == ASL_OK)
        status = asl_engine_open(&options, &engine, &error);
    if (status == ASL_OK)
        status = asl_engine_register(engine, "arn:aws:states:::test:t", &handler, &error);
    if (status == ASL_OK)
        status = asl_engine_add_machine(engine, "m", definition, &error);
    if (status == ASL_OK)
        status = asl_execution_start(engine, &start, &execution, &error);
    if (status == ASL_OK)
        status = asl_engine_run(engine, execution, -1, &error);
    host_check(status, error, "run");
    uint64_t number = asl_execution_number(execution);
    asl_execution_unref(execution);
    asl_engine_free(engine);
    asl_definition_unref(definition);
    asl_value_unref(input);
    return number;
}

/* What is read, and how. */
typedef struct reading {
    const char *name;
    unsigned max_results; /* 0: the whole history; 1 past the most: a description */
    unsigned flags;
    unsigned page; /* how many pages come before it */
} reading;
#define DESCRIPTION (ASL_PAGE_RESULTS_MAX + 1)

static const reading readings[] = {
    {"describe", DESCRIPTION, 0, 0},
    {"whole history", 0, 0, 0},
    {"first 100", 100, 0, 0},
    {"first 1,000", 1000, 0, 0},
    {"middle 1,000", 1000, 0, 12},
    {"last 996", 1000, 0, 24},
    {"newest 100", 100, ASL_HISTORY_REVERSE, 0},
    {"newest 1,000", 1000, ASL_HISTORY_REVERSE, 0},
};

static asl_history *read_page(asl_store *store, uint64_t number, const reading *what,
                              const char *token)
{
    asl_history *history = NULL;
    asl_error *error = NULL;
    asl_page_options options = {.size = sizeof options,
                                .token = token,
                                .max_results = what->max_results,
                                .flags = what->flags};
    int status = what->max_results == 0
                     ? asl_history_read(store, number, &history, &error)
                     : asl_history_read_page(store, number, &options, &history, &error);
    host_check(status, error, what->name);
    return history;
}

static double read_once(asl_store *store, uint64_t number, const reading *what, const char *token)
{
    int64_t began_ns = report_now_ns();
    if (what->max_results == DESCRIPTION) {
        asl_description *description = NULL;
        host_check(asl_store_describe(store, number, &description, NULL), NULL, what->name);
        asl_description_free(description);
    } else {
        asl_history_free(read_page(store, number, what, token));
    }
    return (double)(report_now_ns() - began_ns) / 1e6;
}

static void measure(asl_store *store, uint64_t number, const reading *what)
{
    double times_ms[READS];
    char token[1025] = "";
    for (unsigned i = 0; i < what->page; i++) {
        asl_history *page = read_page(store, number, what, i > 0 ? token : NULL);
        snprintf(token, sizeof token, "%s", asl_history_next_token(page));
        asl_history_free(page);
    }
    for (size_t i = 0; i < READS; i++)
        times_ms[i] = read_once(store, number, what, token[0] ? token : NULL);
    report_add(what->name, report_median(times_ms, READS), "ms");
}

int main(int argc, char **argv)
{
    unsigned items = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : ITEMS;
    if (argc < 2) {
        fprintf(stderr, "usage: bench-history STORES [ITEMS]\n");
        return 2;
    }
    char path[4096];
    stores_make(argv[1], path, sizeof path);
    asl_store_options options = {
        .size = sizeof options, .path = path, .map_bytes = (uint64_t)1 << 30};
    asl_store *store = NULL;
    asl_error *error = NULL;
    host_check(asl_store_open(&options, &store, &error), error, "store");
    uint64_t number = make_history(store, items);
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++)
        if (items >= ITEMS || readings[i].max_results == 0)
            measure(store, number, &readings[i]);
    asl_store_close(store);
    stores_remove(path);
    report_table();
    return 0;
}
