/* The store in memory: for express executions and for tests. Nothing outlives the process.
 *
 * A batch is applied in two steps. Preparing makes all that it needs, which may fail for want of
 * memory; applying links it in, which cannot. One lock guards everything: a read holds it while its
 * callback runs, so that what the callback sees stays; it may be taken again by the same thread. */
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/random.h"
#include "store/backend.h"
#include "store/memory_rows.h"

typedef struct stored_record {
    uint64_t lsn;
    size_t size;
    char bytes[];
} stored_record;

typedef struct stored_execution {
    asl_head head; /* machine and name stand in `text` */
    char *text;    /* machine NUL name NUL */
    size_t text_size;
    stored_record **records;
    size_t record_count, record_capacity;
} stored_execution;

typedef struct memory_store {
    asl_store base;
    pthread_mutex_t data_lock;
    stored_execution **executions; /* [number - 1]; NULL: a number that was not used */
    size_t execution_count, execution_capacity;
    asl_map names;              /* machine NUL name -> number */
    asl_map definition_numbers; /* text -> number */
    const char **definitions;   /* [number - 1]: keys of definition_numbers */
    size_t *definition_sizes;
    size_t definition_count, definition_capacity, size_capacity;
    asl_rows rows;
    uint64_t last_lsn;
} memory_store;

/* What a batch needs, made before anything is changed. */
typedef struct preparation {
    uint64_t next_number; /* numbers from here on were not reserved */
    asl_buffer name_key;  /* machine NUL name, of a start */
    stored_execution *execution;
    bool is_new_execution, has_new_name;
    stored_record *record;
    asl_row *rows; /* a list by `pending` */
} preparation;

static memory_store *memory_of(asl_store *store)
{
    return (memory_store *)store;
}

static void free_record(const asl_heap *heap, stored_record *record)
{
    if (record != NULL)
        asl_release(heap, record, sizeof *record + record->size);
}

static void free_execution(const asl_heap *heap, stored_execution *execution)
{
    if (execution == NULL)
        return;
    for (size_t i = 0; i < execution->record_count; i++)
        free_record(heap, execution->records[i]);
    asl_release(heap, execution->records, execution->record_capacity * sizeof *execution->records);
    asl_release(heap, execution->text, execution->text_size);
    asl_release(heap, execution, sizeof *execution);
}

static stored_execution *find_execution(const memory_store *store, uint64_t number)
{
    if (number == 0 || number > store->execution_count)
        return NULL;
    return store->executions[number - 1];
}

/* Finds or adds a definition's text. That it stays where the batch then fails does no harm. */
static int put_definition(memory_store *store, const char *text, size_t size,
                          uint64_t *ret_definition)
{
    const asl_heap *heap = store->base.heap;
    const asl_map_entry *known = asl_map_find(&store->definition_numbers, text, size);
    if (known != NULL) {
        *ret_definition = known->number;
        return ASL_OK;
    }
    int status = asl_array_reserve(heap, &store->definitions, &store->definition_capacity,
                                   store->definition_count, SIZE_MAX);
    if (status == ASL_OK)
        status = asl_array_reserve(heap, &store->definition_sizes, &store->size_capacity,
                                   store->definition_count, SIZE_MAX);
    asl_map_entry *entry =
        status == ASL_OK ? asl_map_put(&store->definition_numbers, text, size, NULL) : NULL;
    if (entry == NULL)
        return ASL_NOMEM;
    store->definitions[store->definition_count] = entry->key;
    store->definition_sizes[store->definition_count] = size;
    entry->number = ++store->definition_count;
    *ret_definition = entry->number;
    return ASL_OK;
}

/* machine NUL name: the key of `names`. */
static int make_name_key(asl_buffer *key, const char *machine, const char *name)
{
    asl_buffer_append(key, machine, strlen(machine) + 1);
    asl_buffer_text(key, name);
    return key->status;
}

/* The array of executions reaches up to the number. */
static int reach_number(memory_store *store, uint64_t number)
{
    while (store->execution_count < number) {
        int status =
            asl_array_reserve(store->base.heap, &store->executions, &store->execution_capacity,
                              store->execution_count, SIZE_MAX);
        if (status != ASL_OK)
            return status;
        store->executions[store->execution_count++] = NULL;
    }
    return ASL_OK;
}

static stored_execution *new_execution(const asl_heap *heap, const asl_head *head)
{
    size_t machine_size = strlen(head->machine) + 1;
    size_t name_size = strlen(head->name) + 1;
    stored_execution *execution = asl_allocate_zeroed(heap, sizeof *execution);
    char *text = asl_allocate(heap, machine_size + name_size);
    if (execution == NULL || text == NULL) {
        asl_release(heap, execution, sizeof *execution);
        asl_release(heap, text, machine_size + name_size);
        return NULL;
    }
    memcpy(text, head->machine, machine_size);
    memcpy(text + machine_size, head->name, name_size);
    execution->text = text;
    execution->text_size = machine_size + name_size;
    execution->head = *head;
    execution->head.machine = text;
    execution->head.name = text + machine_size;
    return execution;
}

static int prepare_start(memory_store *store, asl_batch *batch, preparation *prepared)
{
    asl_head *head = &batch->head;
    if (head->machine == NULL || head->name == NULL)
        return ASL_MISUSE;
    asl_buffer *key = &prepared->name_key;
    int status = make_name_key(key, head->machine, head->name);
    if (status != ASL_OK)
        return status;
    bool is_new = false;
    asl_map_entry *entry = asl_map_put(&store->names, key->bytes, key->size, &is_new);
    if (entry == NULL)
        return ASL_NOMEM;
    if (!is_new) {
        batch->existing = entry->number;
        return ASL_EXISTS;
    }
    prepared->has_new_name = true;
    entry->number = head->number;
    if (find_execution(store, head->number) != NULL)
        return ASL_MISUSE;
    status = reach_number(store, head->number);
    if (status == ASL_OK && head->definition == 0 && batch->definition_text != NULL)
        status = put_definition(store, batch->definition_text, batch->definition_size,
                                &head->definition);
    if (status != ASL_OK)
        return status;
    prepared->execution = new_execution(store->base.heap, head);
    prepared->is_new_execution = true;
    return prepared->execution != NULL ? ASL_OK : ASL_NOMEM;
}

static int prepare_record(memory_store *store, const asl_batch *batch, preparation *prepared)
{
    stored_execution *execution = prepared->execution;
    int status = asl_array_reserve(store->base.heap, &execution->records,
                                   &execution->record_capacity, execution->record_count, SIZE_MAX);
    if (status != ASL_OK)
        return status;
    stored_record *record = asl_allocate(store->base.heap, sizeof *record + batch->record_size);
    if (record == NULL)
        return ASL_NOMEM;
    record->size = batch->record_size;
    memcpy(record->bytes, batch->record, batch->record_size);
    prepared->record = record;
    return ASL_OK;
}

static int prepare_rows(memory_store *store, const asl_writes *writes, preparation *prepared)
{
    asl_row **last = &prepared->rows;
    for (size_t i = 0; i < asl_writes_count(writes); i++) {
        asl_write write = asl_writes_at(writes, i);
        *last = asl_row_new(&store->rows, write.table, write.key, write.key_size, write.row,
                            write.row_size);
        if (*last == NULL)
            return ASL_NOMEM;
        last = &(*last)->pending;
    }
    return ASL_OK;
}

static int prepare(memory_store *store, asl_batch *batch, preparation *prepared)
{
    int status = asl_writes_status(batch->writes);
    if (status == ASL_OK && (batch->head.number >= prepared->next_number ||
                             (batch->head.number == 0) != (batch->record == NULL)))
        status = ASL_MISUSE;
    if (status == ASL_OK && batch->is_start)
        status = prepare_start(store, batch, prepared);
    else if (status == ASL_OK && batch->head.number != 0)
        prepared->execution = find_execution(store, batch->head.number);
    if (status == ASL_OK && batch->head.number != 0 && prepared->execution == NULL)
        status = ASL_NOT_FOUND;
    if (status == ASL_OK && batch->record != NULL)
        status = prepare_record(store, batch, prepared);
    if (status == ASL_OK)
        status = prepare_rows(store, batch->writes, prepared);
    return status;
}

static void give_up(memory_store *store, preparation *prepared)
{
    const asl_heap *heap = store->base.heap;
    if (prepared->has_new_name)
        asl_map_remove(&store->names, prepared->name_key.bytes, prepared->name_key.size);
    if (prepared->is_new_execution)
        free_execution(heap, prepared->execution);
    free_record(heap, prepared->record);
    while (prepared->rows != NULL) {
        asl_row *row = prepared->rows;
        prepared->rows = row->pending;
        asl_row_free(heap, row);
    }
}

static void apply_head(asl_head *stored, const asl_head *head)
{
    stored->status = head->status;
    stored->stop_ms = head->stop_ms;
    stored->event_count = head->event_count;
}

static void apply(memory_store *store, asl_batch *batch, preparation *prepared)
{
    stored_execution *execution = prepared->execution;
    if (prepared->is_new_execution)
        store->executions[batch->head.number - 1] = execution;
    if (execution != NULL)
        apply_head(&execution->head, &batch->head);
    if (prepared->record != NULL) {
        batch->lsn = prepared->record->lsn = ++store->last_lsn;
        execution->head.last_lsn = batch->lsn;
        if (batch->is_start)
            execution->head.first_lsn = batch->lsn;
        execution->records[execution->record_count++] = prepared->record;
    }
    if (execution != NULL)
        batch->head.last_lsn = execution->head.last_lsn;
    while (prepared->rows != NULL) {
        asl_row *row = prepared->rows;
        prepared->rows = row->pending;
        asl_rows_apply(&store->rows, row);
    }
}

static int write_batch(memory_store *store, asl_batch *batch, uint64_t next_number)
{
    preparation prepared = {.next_number = next_number};
    asl_buffer_init(&prepared.name_key, store->base.heap);
    int status = prepare(store, batch, &prepared);
    if (status == ASL_OK)
        apply(store, batch, &prepared);
    else
        give_up(store, &prepared);
    asl_buffer_done(&prepared.name_key);
    return status;
}

static int memory_write(asl_store *base, asl_batch *first, const asl_store_clock *clock,
                        asl_batch **ret_next)
{
    memory_store *store = memory_of(base);
    int status = ASL_OK;
    pthread_mutex_lock(&store->data_lock);
    for (asl_batch *batch = first; batch != NULL; batch = batch->next) {
        batch->status = status == ASL_OK ? write_batch(store, batch, clock->next_number) : status;
        if (batch->status == ASL_NOMEM)
            status = ASL_NOMEM; /* and of the rest: batches must not overtake each other */
    }
    pthread_mutex_unlock(&store->data_lock);
    *ret_next = NULL;
    return status;
}

static int no_execution(uint64_t number, asl_error **error)
{
    return asl_error_set(error, ASL_NOT_FOUND, "there is no execution %llu",
                         (unsigned long long)number);
}

static int memory_read_head(asl_store *base, uint64_t number, asl_head *ret_head, asl_buffer *text,
                            asl_error **error)
{
    memory_store *store = memory_of(base);
    int status = ASL_NOT_FOUND;
    pthread_mutex_lock(&store->data_lock);
    const stored_execution *execution = find_execution(store, number);
    if (execution != NULL) {
        size_t start = text->size;
        asl_buffer_append(text, execution->text, execution->text_size);
        status = text->status;
        if (status == ASL_OK) {
            *ret_head = execution->head;
            ret_head->machine = text->bytes + start;
            ret_head->name = ret_head->machine + strlen(ret_head->machine) + 1;
        }
    }
    pthread_mutex_unlock(&store->data_lock);
    return status == ASL_NOT_FOUND ? no_execution(number, error) : status;
}

static int memory_find_name(asl_store *base, const char *machine, const char *name,
                            uint64_t *ret_number, uint64_t *ret_input_hash)
{
    memory_store *store = memory_of(base);
    asl_cleanup(asl_buffer_done) asl_buffer key;
    asl_buffer_init(&key, base->heap);
    if (make_name_key(&key, machine, name) != ASL_OK)
        return ASL_NOMEM;
    pthread_mutex_lock(&store->data_lock);
    const asl_map_entry *entry = asl_map_find(&store->names, key.bytes, key.size);
    const stored_execution *execution = entry != NULL ? find_execution(store, entry->number) : NULL;
    if (execution != NULL) {
        *ret_number = entry->number;
        *ret_input_hash = execution->head.input_hash;
    }
    pthread_mutex_unlock(&store->data_lock);
    return execution != NULL ? ASL_OK : ASL_NOT_FOUND;
}

static int memory_find_any(asl_store *base, const char *name, uint64_t *ret_number,
                           asl_error **error)
{
    memory_store *store = memory_of(base);
    uint64_t number = 0;
    size_t found = 0;
    pthread_mutex_lock(&store->data_lock);
    for (size_t i = 0; i < store->execution_count; i++) {
        if (store->executions[i] != NULL && strcmp(store->executions[i]->head.name, name) == 0) {
            number = i + 1;
            found++;
        }
    }
    pthread_mutex_unlock(&store->data_lock);
    if (found == 0)
        return asl_error_set(error, ASL_NOT_FOUND, "there is no execution \"%s\"", name);
    if (found > 1)
        return asl_error_set(error, ASL_MISUSE,
                             "several machines have an execution \"%s\": name the machine", name);
    *ret_number = number;
    return ASL_OK;
}

static int visit_record(const stored_record *record, asl_record_visit visit, void *context)
{
    return visit(context, record->lsn, record->bytes, record->size);
}

static int memory_read_records(asl_store *base, uint64_t number, asl_record_visit visit,
                               void *context, asl_error **error)
{
    memory_store *store = memory_of(base);
    int status = ASL_OK;
    pthread_mutex_lock(&store->data_lock);
    const stored_execution *execution = find_execution(store, number);
    for (size_t i = 0; execution != NULL && status == ASL_OK && i < execution->record_count; i++)
        status = visit_record(execution->records[i], visit, context);
    pthread_mutex_unlock(&store->data_lock);
    return execution == NULL ? no_execution(number, error) : status;
}

static int memory_read_records_back(asl_store *base, uint64_t number, asl_record_visit visit,
                                    void *context, asl_error **error)
{
    memory_store *store = memory_of(base);
    int status = ASL_OK;
    pthread_mutex_lock(&store->data_lock);
    const stored_execution *execution = find_execution(store, number);
    for (size_t i = execution != NULL ? execution->record_count : 0; status == ASL_OK && i-- > 0;)
        status = visit_record(execution->records[i], visit, context);
    pthread_mutex_unlock(&store->data_lock);
    return execution == NULL ? no_execution(number, error) : status;
}

static int memory_read_ends(asl_store *base, uint64_t number, asl_head *ret_head, asl_buffer *text,
                            asl_record_visit visit, void *context, asl_error **error)
{
    memory_store *store = memory_of(base);
    pthread_mutex_lock(&store->data_lock);
    int status = memory_read_head(base, number, ret_head, text, error);
    const stored_execution *execution = status == ASL_OK ? find_execution(store, number) : NULL;
    size_t count = execution != NULL ? execution->record_count : 0;
    if (count > 0)
        status = visit_record(execution->records[0], visit, context);
    if (count > 1 && status == ASL_OK)
        status = visit_record(execution->records[count - 1], visit, context);
    pthread_mutex_unlock(&store->data_lock);
    return status;
}

/* The visit runs without the lock: it may read, and an execution may end meanwhile. */
static int memory_read_running(asl_store *base, asl_number_visit visit, void *context,
                               asl_error **error)
{
    memory_store *store = memory_of(base);
    (void)error;
    for (uint64_t number = 1;; number++) {
        pthread_mutex_lock(&store->data_lock);
        bool is_past_end = number > store->execution_count;
        const stored_execution *execution = find_execution(store, number);
        bool is_running = execution != NULL && execution->head.status == ASL_EXECUTION_RUNNING;
        pthread_mutex_unlock(&store->data_lock);
        if (is_past_end)
            return ASL_OK;
        int status = is_running ? visit(context, number) : ASL_OK;
        if (status != ASL_OK)
            return status;
    }
}

static int memory_read_definition(asl_store *base, uint64_t definition, asl_buffer *text,
                                  asl_error **error)
{
    memory_store *store = memory_of(base);
    int status = ASL_NOT_FOUND;
    pthread_mutex_lock(&store->data_lock);
    if (definition != 0 && definition <= store->definition_count) {
        asl_buffer_append(text, store->definitions[definition - 1],
                          store->definition_sizes[definition - 1]);
        status = text->status;
    }
    pthread_mutex_unlock(&store->data_lock);
    if (status == ASL_NOT_FOUND)
        return asl_error_set(error, status, "there is no definition %llu",
                             (unsigned long long)definition);
    return status;
}

static int memory_list(asl_store *base, uint64_t before, asl_head_visit visit, void *context,
                       asl_error **error)
{
    memory_store *store = memory_of(base);
    int status = ASL_OK;
    (void)error;
    pthread_mutex_lock(&store->data_lock);
    uint64_t number = before <= store->execution_count ? before : store->execution_count + 1;
    while (status == ASL_OK && number > 1) {
        const stored_execution *execution = find_execution(store, --number);
        if (execution != NULL)
            status = visit(context, &execution->head);
    }
    pthread_mutex_unlock(&store->data_lock);
    return status == ASL_STORE_STOP ? ASL_OK : status;
}

/* table NUL key: the key of a row. */
static int make_row_key(asl_buffer *buffer, const char *table, const void *key, size_t key_size)
{
    asl_buffer_append(buffer, table, strlen(table) + 1);
    asl_buffer_append(buffer, key, key_size);
    return buffer->status;
}

static int memory_read_row(asl_store *base, const char *table, const void *key, size_t key_size,
                           asl_buffer *ret_row, asl_error **error)
{
    memory_store *store = memory_of(base);
    asl_cleanup(asl_buffer_done) asl_buffer row_key;
    asl_buffer_init(&row_key, base->heap);
    int status = make_row_key(&row_key, table, key, key_size);
    if (status != ASL_OK)
        return status;
    pthread_mutex_lock(&store->data_lock);
    const asl_row *row = asl_rows_seek(&store->rows, row_key.bytes, row_key.size);
    bool is_there = row != NULL && row->key_size == row_key.size &&
                    memcmp(row->key, row_key.bytes, row_key.size) == 0;
    if (is_there)
        asl_buffer_append(ret_row, row->key + row->key_size, row->row_size);
    pthread_mutex_unlock(&store->data_lock);
    return is_there ? ret_row->status
                    : asl_error_set(error, ASL_NOT_FOUND, "table \"%s\" has no such row", table);
}

static int memory_scan_rows(asl_store *base, const char *table, const void *from, size_t from_size,
                            asl_table_visit visit, void *context, asl_error **error)
{
    memory_store *store = memory_of(base);
    (void)error;
    asl_cleanup(asl_buffer_done) asl_buffer row_key;
    asl_buffer_init(&row_key, base->heap);
    int status = make_row_key(&row_key, table, from, from != NULL ? from_size : 0);
    if (status != ASL_OK)
        return status;
    size_t table_size = strlen(table) + 1;
    pthread_mutex_lock(&store->data_lock);
    for (const asl_row *row = asl_rows_seek(&store->rows, row_key.bytes, row_key.size);
         row != NULL && row->key_size > table_size && memcmp(row->key, table, table_size) == 0;
         row = row->next[0])
        if (!visit(context, row->key + table_size, row->key_size - table_size,
                   row->key + row->key_size, row->row_size))
            break;
    pthread_mutex_unlock(&store->data_lock);
    return ASL_OK;
}

static int memory_scan_rows_back(asl_store *base, const char *table, const void *before,
                                 size_t before_size, asl_table_visit visit, void *context,
                                 asl_error **error)
{
    memory_store *store = memory_of(base);
    (void)error;
    asl_cleanup(asl_buffer_done) asl_buffer end;
    asl_buffer_init(&end, base->heap);
    if (before != NULL) {
        make_row_key(&end, table, before, before_size);
    } else { /* what is above all rows of the table and below those of every other that follows */
        asl_buffer_append(&end, table, strlen(table));
        asl_buffer_byte(&end, 1);
    }
    if (end.status != ASL_OK)
        return end.status;
    size_t table_size = strlen(table) + 1;
    pthread_mutex_lock(&store->data_lock);
    for (const asl_row *row = asl_rows_seek_below(&store->rows, end.bytes, end.size);
         row != NULL && row->key_size > table_size && memcmp(row->key, table, table_size) == 0;
         row = asl_rows_seek_below(&store->rows, row->key, row->key_size))
        if (!visit(context, row->key + table_size, row->key_size - table_size,
                   row->key + row->key_size, row->row_size))
            break;
    pthread_mutex_unlock(&store->data_lock);
    return ASL_OK;
}

static void memory_close(asl_store *base)
{
    memory_store *store = memory_of(base);
    const asl_heap *heap = base->heap;
    for (size_t i = 0; i < store->execution_count; i++)
        free_execution(heap, store->executions[i]);
    asl_release(heap, store->executions, store->execution_capacity * sizeof *store->executions);
    asl_release(heap, store->definitions, store->definition_capacity * sizeof *store->definitions);
    asl_release(heap, store->definition_sizes,
                store->size_capacity * sizeof *store->definition_sizes);
    asl_map_done(&store->definition_numbers);
    asl_map_done(&store->names);
    asl_rows_done(&store->rows);
    pthread_mutex_destroy(&store->data_lock);
    asl_store_done(base);
    asl_release(heap, store, sizeof *store);
}

static const asl_store_backend memory_backend = {
    .close = memory_close,
    .write = memory_write,
    .read_head = memory_read_head,
    .find_name = memory_find_name,
    .find_any = memory_find_any,
    .read_records = memory_read_records,
    .read_records_back = memory_read_records_back,
    .read_ends = memory_read_ends,
    .read_running = memory_read_running,
    .read_definition = memory_read_definition,
    .list = memory_list,
    .read_row = memory_read_row,
    .scan_rows = memory_scan_rows,
    .scan_rows_back = memory_scan_rows_back,
};

int asl_memory_store_open(const asl_heap *heap, asl_store **ret_store, asl_error **error)
{
    memory_store *store = asl_allocate_zeroed(heap, sizeof *store);
    if (store == NULL)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    int failed = asl_random_system(store->base.secret, sizeof store->base.secret);
    if (failed != 0) {
        asl_release(heap, store, sizeof *store);
        return asl_error_set(error, ASL_IO, "the system gives no random bytes: %s",
                             strerror(-failed));
    }
    asl_store_init(&store->base, &memory_backend, heap, false);
    store->base.durability = ASL_DURABILITY_NONE;
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&store->data_lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    asl_map_init(&store->names, heap);
    asl_map_init(&store->definition_numbers, heap);
    asl_rows_init(&store->rows, heap);
    *ret_store = &store->base;
    return ASL_OK;
}
