/* See show.h. */
#include "show.h"

#include <stdio.h>

static size_t fail(const char *what, uint64_t number, asl_error *error)
{
    fprintf(stderr, "%s %llu: %s\n", what, (unsigned long long)number, asl_error_message(error));
    asl_error_free(error);
    return 1;
}

/* Frees the value. */
static size_t print_value(int status, asl_value *value)
{
    char *text = NULL;
    if (status == ASL_OK)
        status = asl_value_print(value, 0, &text, NULL);
    if (status == ASL_OK)
        puts(text);
    asl_text_free(text);
    asl_value_unref(value);
    return status == ASL_OK ? 0 : fail("print", 0, NULL);
}

static size_t show_description(asl_store *store, uint64_t number)
{
    asl_error *error = NULL;
    asl_description *description = NULL;
    asl_value *value = NULL;
    if (asl_store_describe(store, number, &description, &error) != ASL_OK)
        return fail("describe", number, error);
    int status = asl_description_to_value(description, &value);
    asl_description_free(description);
    return print_value(status, value);
}

static size_t show_history(asl_store *store, uint64_t number)
{
    asl_error *error = NULL;
    asl_history *history = NULL;
    size_t failed = 0;
    if (asl_history_read(store, number, &history, &error) != ASL_OK)
        return fail("history", number, error);
    for (size_t i = 0; i < asl_history_count(history); i++) {
        asl_value *value = NULL;
        int status = asl_history_event_to_value(history, i, &value);
        failed += print_value(status, value);
    }
    asl_history_free(history);
    return failed;
}

static bool show_row(void *context, const void *key, size_t key_size, const void *row,
                     size_t row_size)
{
    (void)context;
    printf("row %.*s %.*s\n", (int)key_size, (const char *)key, (int)row_size, (const char *)row);
    return true;
}

size_t show_store(asl_store *store)
{
    asl_error *error = NULL;
    asl_execution_list *list = NULL;
    size_t failed = 0;
    if (asl_store_list(store, NULL, &list, &error) != ASL_OK) {
        failed += fail("list", 0, error);
        error = NULL;
    }
    for (size_t i = list ? asl_execution_list_count(list) : 0; i-- > 0;) {
        uint64_t number = asl_execution_list_at(list, i)->number;
        failed += show_description(store, number);
        failed += show_history(store, number);
    }
    asl_execution_list_free(list);
    if (asl_table_scan(store, "rows", NULL, 0, show_row, NULL, &error) != ASL_OK)
        failed += fail("rows", 0, error);
    return failed;
}
