/* Stores, batches and what they are compared with. */
#include "stores.h"
#include "folder.h"

#include <unistd.h>

static size_t reports;

void make_folder(char folder[64])
{
    strcpy(folder, "/tmp/asl-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

void remove_folder(const char *folder)
{
    folder_remove(folder);
}

static int open_with(const char *path, unsigned flags, const asl_heap *heap, asl_store **ret_store,
                     asl_error **error)
{
    const asl_store_options options = {.size = sizeof options,
                                       .heap = heap,
                                       .path = path,
                                       .map_bytes = path != NULL ? TEST_MAP_BYTES : 0,
                                       .flags = flags};
    return asl_store_open(&options, ret_store, error);
}

int open_path(const char *path, unsigned flags, asl_store **ret_store, asl_error **error)
{
    return open_with(path, flags, NULL, ret_store, error);
}

static void open_store(fixture *f)
{
    asl_error *error = NULL;
    const char *path = f->kind == MEMORY ? NULL : f->path;
    int status = open_with(path, 0, f->heap, &f->store, &error);
    ck_assert_msg(status == ASL_OK, "%s", error != NULL ? asl_error_message(error) : "");
}

void fixture_open(fixture *f, store_kind kind, const asl_heap *heap)
{
    f->kind = kind;
    f->heap = heap;
    make_folder(f->folder);
    snprintf(f->path, sizeof f->path, "%s/store", f->folder);
    open_store(f);
}

void fixture_close(fixture *f)
{
    asl_store_close(f->store);
    f->store = NULL;
    remove_folder(f->folder);
}

void fixture_reopen(fixture *f)
{
    if (f->kind == MEMORY)
        return;
    asl_store_close(f->store);
    open_store(f);
}

static void reported(asl_batch *batch, int status)
{
    report *r = batch->owner;
    r->status = status;
    r->order = __atomic_fetch_add(&reports, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&r->calls, 1, __ATOMIC_RELEASE); /* another thread may wait for it */
}

void start_batch(report *r, uint64_t number, const char *machine, const char *name,
                 const char *record)
{
    step_batch(r, number, ASL_EXECUTION_RUNNING, record);
    r->batch.is_start = true;
    r->batch.definition_text = "{}";
    r->batch.definition_size = 2;
    r->batch.head.machine = machine;
    r->batch.head.name = name;
    r->batch.head.input_hash = number * 100;
    r->batch.head.start_ms = 5;
}

void step_batch(report *r, uint64_t number, asl_execution_status status, const char *record)
{
    *r = (report){.status = 1};
    r->batch.done = reported;
    r->batch.owner = r;
    r->batch.head.number = number;
    r->batch.head.status = status;
    r->batch.record = record;
    r->batch.record_size = record != NULL ? strlen(record) : 0;
}

int run_batch(asl_store *store, report *r)
{
    asl_store_submit(store, &r->batch);
    asl_store_commit(store);
    ck_assert_int_eq(r->calls, 1);
    return r->status;
}

uint64_t start_execution(asl_store *store, const char *machine, const char *name)
{
    report r;
    uint64_t number = asl_store_reserve(store, (asl_share){0, 1});
    start_batch(&r, number, machine, name, "start");
    ck_assert_int_eq(run_batch(store, &r), ASL_OK);
    return number;
}

static int append_record(void *context, uint64_t lsn, const void *record, size_t size)
{
    asl_buffer *text = context;
    (void)lsn;
    asl_buffer_append(text, record, size);
    asl_buffer_byte(text, ';');
    return text->status;
}

int read_all(asl_store *store, uint64_t number, asl_buffer *text, asl_error **error)
{
    return asl_store_read_records(store, number, append_record, text, error);
}

static bool is_text(asl_buffer *buffer, const char *text)
{
    const char *got = asl_buffer_string(buffer);
    bool same = got != NULL && strcmp(got, text) == 0;
    if (!same)
        fprintf(stderr, "got:    %s\nwanted: %s\n", got, text);
    asl_buffer_done(buffer);
    return same;
}

bool records_are(asl_store *store, uint64_t number, const char *text)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    ck_assert_int_eq(read_all(store, number, &buffer, NULL), ASL_OK);
    return is_text(&buffer, text);
}

static bool append_row(void *context, const void *key, size_t key_size, const void *row,
                       size_t row_size)
{
    asl_buffer *text = context;
    asl_buffer_append(text, key, key_size);
    asl_buffer_byte(text, '=');
    asl_buffer_append(text, row, row_size);
    asl_buffer_byte(text, ';');
    return true;
}

bool rows_are(asl_store *store, const char *table, const char *from, const char *text)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    ck_assert_int_eq(asl_table_scan(store, table, from, from != NULL ? strlen(from) : 0, append_row,
                                    &buffer, NULL),
                     ASL_OK);
    return is_text(&buffer, text);
}

bool rows_back_are(asl_store *store, const char *table, const char *before, const char *text)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    ck_assert_int_eq(asl_table_scan_back(store, table, before, before != NULL ? strlen(before) : 0,
                                         append_row, &buffer, NULL),
                     ASL_OK);
    return is_text(&buffer, text);
}

static int append_number(void *context, uint64_t number)
{
    asl_buffer_format(context, "%llu,", (unsigned long long)number);
    return ASL_OK;
}

bool running_are(asl_store *store, const char *text)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    ck_assert_int_eq(asl_store_read_running(store, append_number, &buffer, NULL), ASL_OK);
    return is_text(&buffer, text);
}

asl_head read_head(asl_store *store, uint64_t number, asl_buffer *text)
{
    asl_head head;
    ck_assert_int_eq(asl_store_read_head(store, number, &head, text, NULL), ASL_OK);
    return head;
}
