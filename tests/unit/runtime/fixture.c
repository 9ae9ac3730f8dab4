/* See fixture.h. Histories are read from the store's records, not from the engine. */
#include "fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "history/record.h"
#include "store/store.h"

static void start_echo(void *context, asl_task *task)
{
    fixture *f = context;
    f->begun_count++;
    ck_assert_int_eq(asl_task_succeed(task, asl_value_ref(asl_task_input(task)), NULL), ASL_OK);
}

static void start_later(void *context, asl_task *task)
{
    fixture *f = context;
    f->begun_count++;
    ck_assert_uint_lt(f->task_count, FIXTURE_TASKS_MAX);
    f->tasks[f->task_count++] = asl_task_ref(task);
}

static void cancel_later(void *context, asl_task *task)
{
    fixture *f = context;
    ck_assert(asl_task_is_cancelled(task));
    f->cancel_count++;
}

static void release_later(void *context)
{
    ((fixture *)context)->release_count++;
}

static void *finish_in_thread(void *task)
{
    ck_assert_int_eq(asl_task_succeed(task, asl_value_string(NULL, "from a thread"), NULL), ASL_OK);
    asl_task_unref(task);
    return NULL;
}

static void start_thread(void *context, asl_task *task)
{
    ((fixture *)context)->begun_count++;
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, finish_in_thread, asl_task_ref(task)), 0);
    pthread_detach(thread);
}

static void start_fail(void *context, asl_task *task)
{
    fixture *f = context;
    f->begun_count++;
    if (f->fail_count > 0) {
        f->fail_count--;
        ck_assert_int_eq(asl_task_fail(task, f->fail_error, "as told", NULL), ASL_OK);
        return;
    }
    ck_assert_int_eq(asl_task_succeed(task, asl_value_ref(asl_task_input(task)), NULL), ASL_OK);
}

static void start_write(void *context, asl_task *task)
{
    ((fixture *)context)->begun_count++;
    asl_writes *writes = asl_writes_new(NULL);
    const char *key = asl_task_execution(task);
    ck_assert_int_eq(asl_writes_put_value(writes, "rows", key, strlen(key), asl_task_input(task)),
                     ASL_OK);
    ck_assert_int_eq(asl_task_succeed(task, asl_value_null(), writes), ASL_OK);
}

static void add_handler(fixture *f, const char *resource, const asl_task_handler *handler)
{
    asl_error *error = NULL;
    int status = asl_engine_register(f->engine, resource, handler, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
}

static void add_handlers(fixture *f)
{
    asl_task_handler handler = {.size = sizeof handler, .context = f};
    handler.start = start_echo;
    add_handler(f, "arn:aws:states:::test:echo", &handler);
    handler.start = start_thread;
    add_handler(f, "arn:aws:states:::test:thread", &handler);
    handler.start = start_fail;
    add_handler(f, "arn:aws:states:::test:fail", &handler);
    handler.start = start_write;
    add_handler(f, "arn:aws:states:::test:write", &handler);
    handler.start = start_later;
    handler.cancel = cancel_later;
    handler.release = release_later;
    handler.flags = f->later_flags;
    add_handler(f, "arn:aws:states:::test:later", &handler);
}

void fixture_open_engine(fixture *f)
{
    asl_error *error = NULL;
    asl_limits limits = {.size = sizeof limits, .evaluation_ms = f->evaluation_ms};
    asl_engine_options options = {.size = sizeof options,
                                  .store = f->store,
                                  .limits = &limits,
                                  .clock = f->clock,
                                  .clock_scale = f->scale,
                                  .clock_start_ms = f->clock == ASL_CLOCK_MANUAL ? f->now_ms : 0,
                                  .seed = 7,
                                  .flags = f->flags,
                                  .passivate_after_ms =
                                      f->passivate_after_ms != 0 ? f->passivate_after_ms : -1};
    int status = asl_engine_open(&options, &f->engine, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    add_handlers(f);
}

void fixture_free_engine(fixture *f)
{
    asl_engine_free(f->engine);
    f->engine = NULL;
    for (size_t i = 0; i < f->task_count; i++)
        asl_task_unref(f->tasks[i]);
    f->task_count = 0;
}

static void open_store(fixture *f)
{
    asl_error *error = NULL;
    asl_store_options options = {
        .size = sizeof options, .path = f->on_disk ? f->path : NULL, .map_bytes = f->map_bytes};
    int status = asl_store_open(&options, &f->store, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
}

void fixture_open(fixture *f, bool on_disk)
{
    f->on_disk = on_disk;
    if (f->map_bytes == 0)
        f->map_bytes = 64u << 20;
    if (f->now_ms == 0)
        f->now_ms = FIXTURE_START_MS;
    const char *folder = getenv("TMPDIR");
    snprintf(f->path, sizeof f->path, "%s/asl-runtime-XXXXXX", folder ? folder : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(f->path));
    open_store(f);
    fixture_open_engine(f);
}

bool fixture_begin(fixture *f, bool on_disk)
{
    if (!f->is_done)
        fixture_open(f, on_disk);
    return !f->is_done;
}

void fixture_close(fixture *f)
{
    fixture_free_engine(f);
    asl_store_close(f->store);
    f->store = NULL;
    folder_remove(f->path);
    f->is_done = true;
}

void fixture_reopen(fixture *f)
{
    fixture_free_engine(f);
    if (f->on_disk) {
        asl_store_close(f->store);
        open_store(f);
    }
    fixture_open_engine(f);
}

void fixture_machine(fixture *f, const char *name, const char *text)
{
    asl_definition *definition = NULL;
    asl_diagnostics *diagnostics = NULL;
    asl_error *error = NULL;
    int status = asl_definition_load(text, strlen(text), NULL, &definition, &diagnostics, &error);
    for (size_t i = 0; i < asl_diagnostics_count(diagnostics); i++)
        if (asl_diagnostics_at(diagnostics, i)->severity == ASL_SEVERITY_ERROR)
            fprintf(stderr, "%s\n", asl_diagnostics_at(diagnostics, i)->message);
    ck_assert_msg(status == ASL_OK, "%s: %s", name, asl_error_message(error));
    asl_diagnostics_free(diagnostics);
    ck_assert_int_eq(asl_engine_add_machine(f->engine, name, definition, &error), ASL_OK);
    asl_definition_unref(definition);
}

asl_value *fixture_json(const char *text)
{
    asl_value *value = NULL;
    asl_error *error = NULL;
    int status = asl_value_parse(NULL, text, strlen(text), 0, &value, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    return value;
}

static void count_started(void *context, asl_execution *execution, int status)
{
    (void)execution;
    fixture *f = context;
    f->started_count++;
    f->started_status = status;
}

static void count_ended(void *context, asl_execution *execution)
{
    (void)execution;
    ((fixture *)context)->ended_count++;
}

asl_execution *fixture_start(fixture *f, const char *machine, const char *name, const char *input)
{
    asl_value *value = fixture_json(input);
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    asl_start start = {.size = sizeof start,
                       .machine = machine,
                       .name = name,
                       .input = value,
                       .on_started = count_started,
                       .on_ended = count_ended,
                       .context = f};
    int status = asl_execution_start(f->engine, &start, &execution, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    asl_value_unref(value);
    return execution;
}

void fixture_settle(fixture *f)
{
    do
        ck_assert_int_eq(asl_engine_dispatch(f->engine, 0), ASL_OK);
    while (asl_engine_next_deadline(f->engine) == 0);
}

void fixture_pass(fixture *f, int64_t ms)
{
    f->now_ms += ms;
    ck_assert_int_eq(asl_engine_set_time(f->engine, f->now_ms), ASL_OK);
    fixture_settle(f);
}

static int collect(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    asl_fact fact;
    int status = asl_record_decode(NULL, record, size, &fact, context);
    if (status == ASL_OK)
        asl_fact_done(&fact);
    return status;
}

static void read_entries(fixture *f, uint64_t number, asl_event_list *entries)
{
    asl_event_list_init(entries, NULL);
    ck_assert_int_eq(asl_store_read_records(f->store, number, collect, entries, NULL), ASL_OK);
}

const char *fixture_history(fixture *f, uint64_t number)
{
    static char text[65536];
    asl_event_list entries;
    read_entries(f, number, &entries);
    size_t size = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < entries.count; i++) {
        if (entries.items[i].id == 0)
            continue;
        ck_assert_uint_eq(entries.items[i].id, ++last);
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%s", size > 0 ? " " : "",
                                 asl_event_type_name(entries.items[i].type));
        ck_assert_uint_lt(size, sizeof text);
    }
    asl_event_list_done(&entries);
    return text;
}

int64_t fixture_event_ms(fixture *f, uint64_t number, const char *type, unsigned nth)
{
    asl_event_list entries;
    read_entries(f, number, &entries);
    int64_t found_ms = -1;
    for (size_t i = 0; i < entries.count && nth > 0; i++) {
        const asl_event *event = &entries.items[i];
        if (event->id != 0 && strcmp(asl_event_type_name(event->type), type) == 0 && --nth == 0)
            found_ms = event->time_ms - entries.items[0].time_ms;
    }
    asl_event_list_done(&entries);
    return found_ms;
}

const char *fixture_output(const asl_execution *execution)
{
    static char text[65536];
    const asl_value *output = asl_execution_output(execution);
    text[0] = '\0';
    if (output) {
        char *printed = NULL;
        ck_assert_int_eq(asl_value_print(output, 0, &printed, NULL), ASL_OK);
        snprintf(text, sizeof text, "%s", printed);
        asl_text_free(printed);
    }
    return text;
}
