/* Every fact that was acknowledged, every history, every row that came with a result. */
#include "check.h"

#include <asl/asl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct checking {
    asl_store *store;
    size_t rows, results; /* of the table, and of histories */
    int code;
} checking;

void notes_add(notes *said, const char *text, size_t size)
{
    char copy[64], kind;
    unsigned long long number;
    char status[16] = "";
    snprintf(copy, sizeof copy, "%.*s", (int)size, text);
    said->purges |= copy[0] == 'P';
    if (sscanf(copy, "%c %llu %15s", &kind, &number, status) < 2)
        return;
    if (said->count == sizeof said->items / sizeof said->items[0]) {
        fprintf(stderr, "check: the scenario says too much\n");
        exit(1);
    }
    said->items[said->count].number = number;
    memcpy(said->items[said->count].status, status, sizeof status);
    said->count++;
}

static void fail(checking *self, int code, const char *what, const char *detail)
{
    fprintf(stderr, "check: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
    if (self->code == 0)
        self->code = code;
}

static void note_problem(void *context, const char *problem)
{
    fail(context, CHECK_BAD, "verify", problem);
}

static bool count_row(void *context, const void *key, size_t key_size, const void *row,
                      size_t row_size)
{
    checking *self = context;
    (void)key;
    (void)key_size;
    (void)row;
    (void)row_size;
    self->rows++;
    return true;
}

static void compare_note(checking *self, uint64_t number, const char *status, bool purges)
{
    asl_description *description = NULL;
    int code = asl_store_describe(self->store, number, &description, NULL);
    bool has_ended = status[0] != '\0';
    char text[64];
    snprintf(text, sizeof text, "execution %llu", (unsigned long long)number);
    if (code == ASL_NOT_FOUND)
        purges ? (void)0 : fail(self, CHECK_LOST, text, "is gone");
    else if (code != ASL_OK)
        fail(self, CHECK_BAD, text, asl_status_name(code));
    else if (has_ended && strcmp(asl_execution_status_name(description->status), status) != 0)
        fail(self, CHECK_LOST, text, "its end is gone");
    asl_description_free(description);
}

/* Ids without a gap, one end, and every result with its row. */
static void read_history(checking *self, const asl_execution_summary *one)
{
    asl_history *history = NULL;
    if (asl_history_read(self->store, one->number, &history, NULL) != ASL_OK) {
        fail(self, CHECK_BAD, one->name, "its history cannot be read");
        return;
    }
    size_t count = asl_history_count(history);
    if (count != one->event_count)
        fail(self, CHECK_BAD, one->name, "has another number of events than its head says");
    for (size_t i = 0; i < count; i++) {
        const asl_history_event *event = asl_history_at(history, i);
        bool is_bad = strcmp(event->type, "TaskFailed") == 0 && event->error &&
                      strcmp(event->error, "Bad") == 0;
        if (event->id != i + 1 || event->previous_id >= event->id)
            fail(self, CHECK_BAD, one->name, "its events do not follow on each other");
        self->results += is_bad || strcmp(event->type, "TaskSucceeded") == 0;
    }
    asl_history_free(history);
}

static void read_histories(checking *self)
{
    asl_list_options options = {.size = sizeof options, .limit = 10000};
    asl_execution_list *list = NULL;
    if (asl_store_list(self->store, &options, &list, NULL) != ASL_OK) {
        fail(self, CHECK_BAD, "the store cannot be listed", NULL);
        return;
    }
    for (size_t i = 0; i < asl_execution_list_count(list); i++)
        read_history(self, asl_execution_list_at(list, i));
    asl_execution_list_free(list);
}

/* What was lost must not keep the store from taking more. */
static void run_one_more(checking *self)
{
    static const char text[] =
        "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}";
    asl_engine_options options = {.size = sizeof options, .store = self->store};
    asl_engine *engine = NULL;
    asl_definition *definition = NULL;
    asl_execution *execution = NULL;
    asl_start start = {.size = sizeof start, .machine = "more"};
    int status = asl_engine_open(&options, &engine, NULL);
    if (status == ASL_OK)
        status = asl_definition_load(text, sizeof text - 1, NULL, &definition, NULL, NULL);
    if (status == ASL_OK)
        status = asl_engine_add_machine(engine, "more", definition, NULL);
    if (status == ASL_OK)
        status = asl_execution_start(engine, &start, &execution, NULL);
    if (status == ASL_OK)
        status = asl_engine_run(engine, execution, -1, NULL);
    if (status != ASL_OK || asl_execution_status_of(execution) != ASL_EXECUTION_SUCCEEDED)
        fail(self, CHECK_BAD, "nothing more can be run", asl_status_name(status));
    asl_execution_unref(execution);
    asl_definition_unref(definition);
    asl_engine_free(engine);
}

int check_store(const char *folder, const notes *said)
{
    checking self = {.code = 0};
    asl_error *error = NULL;
    asl_store_options where = {
        .size = sizeof where, .path = folder, .map_bytes = (uint64_t)1 << 30};
    if (asl_store_open(&where, &self.store, &error) != ASL_OK) {
        fail(&self, CHECK_BAD, "the store cannot be opened", asl_error_message(error));
        asl_error_free(error);
        return self.code;
    }
    asl_verify_options verify = {.size = sizeof verify, .problem = note_problem, .context = &self};
    if (asl_store_verify(self.store, &verify, NULL) != ASL_OK)
        fail(&self, CHECK_BAD, "it is not whole", NULL);
    for (size_t i = 0; i < said->count; i++)
        compare_note(&self, said->items[i].number, said->items[i].status, said->purges);
    read_histories(&self);
    if (asl_table_scan(self.store, "rows", NULL, 0, count_row, &self, NULL) != ASL_OK)
        fail(&self, CHECK_BAD, "rows cannot be read", NULL);
    if (!said->purges && self.rows != self.results)
        fail(&self, CHECK_BAD, "rows and results are not as many", NULL);
    if (self.code == 0)
        run_one_more(&self);
    asl_store_close(self.store);
    return self.code;
}
