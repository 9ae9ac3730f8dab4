/* Shows what a store holds, a line an execution, for comparing before and after a kill.
 *
 * usage: inspect STORE [TABLE...]
 *   execution number machine name status {id,previous,type,time,hash} ...
 *   row TABLE key text
 * The hash is of the whole event's JSON, so that two lines agree only where all details do. It
 * reads beside the writer or after it, through the public interface.
 */
#include <asl/asl.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, asl_error *error)
{
    fprintf(stderr, "inspect: %s: %s\n", what, error ? asl_error_message(error) : "failed");
    asl_error_free(error);
    return 1;
}

/* FNV-1a: enough to tell texts apart. */
static uint64_t hash_of(const char *text, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash;
}

static int print_event(const asl_history *history, size_t index)
{
    const asl_history_event *event = asl_history_at(history, index);
    asl_value *value = NULL;
    char *text = NULL;
    size_t size = 0;
    if (asl_history_event_to_value(history, index, &value) != ASL_OK ||
        asl_value_print(value, 0, &text, &size) != ASL_OK) {
        asl_value_unref(value);
        return fail("event", NULL);
    }
    printf(" %" PRIu64 ",%" PRIu64 ",%s,%" PRId64 ",%016" PRIx64, event->id, event->previous_id,
           event->type, event->time_ms, hash_of(text, size));
    asl_text_free(text);
    asl_value_unref(value);
    return 0;
}

static int print_execution(asl_store *store, const asl_execution_summary *summary)
{
    asl_history *history = NULL;
    asl_error *error = NULL;
    if (asl_history_read(store, summary->number, &history, &error) != ASL_OK)
        return fail("history", error);
    printf("execution %" PRIu64 " %s %s %s", summary->number, summary->machine, summary->name,
           asl_execution_status_name(summary->status));
    int failed = 0;
    for (size_t i = 0; i < asl_history_count(history) && !failed; i++)
        failed = print_event(history, i);
    putchar('\n');
    asl_history_free(history);
    return failed;
}

/* All pages of the listing, newest first. */
static int print_executions(asl_store *store)
{
    asl_list_options options = {.size = sizeof options};
    for (;;) {
        asl_execution_list *list = NULL;
        asl_error *error = NULL;
        if (asl_store_list(store, &options, &list, &error) != ASL_OK)
            return fail("list", error);
        size_t count = asl_execution_list_count(list);
        int failed = 0;
        for (size_t i = 0; i < count && !failed; i++) {
            const asl_execution_summary *summary = asl_execution_list_at(list, i);
            failed = print_execution(store, summary);
            options.before = summary->number;
        }
        asl_execution_list_free(list);
        if (failed || count == 0)
            return failed;
    }
}

static bool print_row(void *context, const void *key, size_t key_size, const void *row,
                      size_t row_size)
{
    printf("row %s %.*s %.*s\n", (const char *)context, (int)key_size, (const char *)key,
           (int)row_size, (const char *)row);
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: inspect STORE [TABLE...]\n");
        return 2;
    }
    asl_store *store = NULL;
    asl_error *error = NULL;
    asl_store_options options = {.size = sizeof options,
                                 .path = argv[1],
                                 .map_bytes = (uint64_t)1 << 30,
                                 .flags = ASL_STORE_READ_ONLY};
    int status = asl_store_open(&options, &store, &error);
    if (status == ASL_NOT_FOUND) {
        asl_error_free(error);
        return 0; /* killed before the store was there */
    }
    if (status != ASL_OK)
        return fail(argv[1], error);
    int failed = print_executions(store);
    for (int i = 2; i < argc && !failed; i++)
        if (asl_table_scan(store, argv[i], NULL, 0, print_row, argv[i], &error) != ASL_OK)
            failed = fail(argv[i], error);
    asl_store_close(store);
    return failed;
}
