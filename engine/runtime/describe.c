/* DescribeExecution: from the handle of an execution, or from the two ends of what a store holds of
 * it, since the first record has its ARN and input and the last one how it ended. */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "history/record.h"
#include "runtime/engine.h"

/* AWS: an EXPRESS execution is billed in such steps, and for so much memory at least. */
#define BILLED_STEP_MS 100
#define BILLED_STEP_BYTES (UINT64_C(64) << 20)
#define BILLED_BASE_BYTES (UINT64_C(50) << 20)

/* AWS: what bounds a redrive. */
#define REDRIVE_PERIOD_MS (INT64_C(14) * 24 * 3600 * 1000)
#define REDRIVE_OPEN_MS (INT64_C(365) * 24 * 3600 * 1000)
#define REDRIVE_EVENTS_MAX (ASL_HISTORY_EVENTS_DEFAULT - 1)

typedef struct described {
    asl_description shown; /* first: what the caller has */
    const asl_heap *heap;
    asl_buffer texts;
    asl_value *input, *output, *error, *cause;
} described;

/* What a description is made of; borrowed. */
typedef struct source {
    const char *arn, *stored_name, *machine;
    asl_machine_type type;
    uint64_t number, event_count;
    asl_execution_status status;
    int64_t start_ms, stop_ms, now_ms;
    const asl_value *input, *output, *error, *cause;
    size_t definition_size;
} source;

void asl_description_free(asl_description *description)
{
    if (!description)
        return;
    described *self = (described *)description;
    asl_buffer_done(&self->texts);
    asl_value_unref(self->input);
    asl_value_unref(self->output);
    asl_value_unref(self->error);
    asl_value_unref(self->cause);
    asl_release(self->heap, self, sizeof *self);
}

/* Why it cannot be redriven; NULL: it could. */
static const char *redrive_problem(const source *from)
{
    if (from->status == ASL_EXECUTION_RUNNING)
        return "Execution is RUNNING and cannot be redriven";
    if (from->status == ASL_EXECUTION_SUCCEEDED)
        return "Execution is SUCCEEDED and cannot be redriven";
    if (from->event_count >= REDRIVE_EVENTS_MAX)
        return "Execution history event limit exceeded";
    if (from->stop_ms - from->start_ms >= REDRIVE_OPEN_MS)
        return "Execution has exceeded the max execution time";
    return from->now_ms - from->stop_ms > REDRIVE_PERIOD_MS ? "Execution redrivable period exceeded"
                                                            : NULL;
}

static void show_redrive(const source *from, asl_description *shown)
{
    if (from->type == ASL_MACHINE_EXPRESS)
        return;
    shown->redrive_status_reason = redrive_problem(from);
    shown->redrive_status = shown->redrive_status_reason ? "NOT_REDRIVABLE" : "REDRIVABLE";
}

static uint64_t steps_of(uint64_t amount, uint64_t step)
{
    uint64_t count = amount / step + (amount % step != 0);
    return count > 0 ? count : 1;
}

static void show_bill(const source *from, asl_description *shown)
{
    if (from->type != ASL_MACHINE_EXPRESS || from->status == ASL_EXECUTION_RUNNING)
        return;
    uint64_t took_ms =
        from->stop_ms > from->start_ms ? (uint64_t)(from->stop_ms - from->start_ms) : 0;
    uint64_t bytes = BILLED_BASE_BYTES + from->definition_size;
    bytes += from->input ? asl_value_text_size(from->input) : 0;
    bytes += from->output ? asl_value_text_size(from->output) : 0;
    shown->billed_ms = steps_of(took_ms, BILLED_STEP_MS) * BILLED_STEP_MS;
    shown->billed_bytes = steps_of(bytes, BILLED_STEP_BYTES) * BILLED_STEP_BYTES;
}

/* The texts in one buffer, which does not grow any more when they are pointed at. */
static int show_texts(described *self, const source *from)
{
    asl_buffer *texts = &self->texts;
    const char *kind = from->arn;
    for (int colons = 0; colons < 5 && *kind != '\0'; kind++)
        colons += *kind == ':';
    asl_buffer_append(texts, from->arn, strlen(from->arn) + 1);
    size_t machine_arn = texts->size;
    asl_buffer_append(texts, from->arn, (size_t)(kind - from->arn));
    asl_buffer_text(texts, "stateMachine:");
    size_t machine = texts->size;
    asl_buffer_append(texts, from->machine, strlen(from->machine) + 1);
    size_t name = texts->size;
    asl_buffer_append(texts, from->stored_name, strcspn(from->stored_name, ":"));
    asl_buffer_byte(texts, '\0');
    if (texts->status != ASL_OK)
        return texts->status;
    self->shown.execution_arn = texts->bytes;
    self->shown.machine_arn = texts->bytes + machine_arn;
    self->shown.machine = texts->bytes + machine;
    self->shown.name = texts->bytes + name;
    return ASL_OK;
}

static int describe(const asl_heap *heap, const source *from, asl_description **ret_description)
{
    described *self = asl_allocate_zeroed(heap, sizeof *self);
    if (!self)
        return ASL_NOMEM;
    self->heap = heap;
    asl_buffer_init(&self->texts, heap);
    self->input = asl_value_ref(from->input);
    self->output = asl_value_ref(from->output);
    self->error = asl_value_ref(from->error);
    self->cause = asl_value_ref(from->cause);
    self->shown = (asl_description){
        .size = sizeof self->shown,
        .number = from->number,
        .status = from->status,
        .type = from->type,
        .start_ms = from->start_ms,
        .stop_ms = from->stop_ms,
        .event_count = from->event_count,
        .input = self->input,
        .output = self->output,
        .error = self->error ? asl_value_get_string(self->error, NULL) : NULL,
        .cause = self->cause ? asl_value_get_string(self->cause, NULL) : NULL,
    };
    show_redrive(from, &self->shown);
    show_bill(from, &self->shown);
    int status = show_texts(self, from);
    if (status == ASL_OK)
        *ret_description = &self->shown;
    else
        asl_description_free(&self->shown);
    return status;
}

int asl_execution_describe(const asl_execution *execution, asl_description **ret_description)
{
    const asl_identity *identity = execution->identity;
    source from = {
        .arn = identity->arn,
        .stored_name = identity->stored_name,
        .machine = identity->machine,
        .type = identity->type,
        .number = execution->number,
        .event_count = execution->event_count,
        .status = execution->status,
        .start_ms = identity->start_ms,
        .stop_ms = execution->stop_ms,
        .now_ms = asl_engine_clock_now(&identity->mailbox->clock),
        .input = execution->input,
        .output = execution->output,
        .error = execution->error,
        .cause = execution->cause,
    };
    (void)asl_definition_text(identity->definition, &from.definition_size);
    return describe(execution->heap, &from, ret_description);
}

/* What the two records at the ends say. */
typedef struct ends {
    const asl_heap *heap;
    asl_buffer names;
    asl_head head;
    asl_fact start;
    asl_event_list last; /* the event that ended it */
    bool has_start;
} ends;

static void ends_done(ends *self)
{
    asl_fact_done(&self->start);
    asl_event_list_done(&self->last);
    asl_buffer_done(&self->names);
}

static int read_end(void *context, uint64_t lsn, const void *record, size_t size)
{
    (void)lsn;
    ends *self = context;
    asl_fact *start = self->has_start ? NULL : &self->start;
    self->has_start = true;
    return asl_record_decode_events(self->heap, record, size, self->head.event_count,
                                    self->head.event_count, start, &self->last);
}

static int read_ends(asl_store *store, uint64_t number, ends *self, asl_error **error)
{
    int status =
        asl_store_read_ends(store, number, &self->head, &self->names, read_end, self, error);
    bool has_end = self->head.status == ASL_EXECUTION_RUNNING || self->last.count == 1;
    bool is_whole =
        has_end && self->start.kind == ASL_FACT_START && self->start.name && self->start.value;
    if (status == ASL_OK && !is_whole)
        status = ASL_STORE_CORRUPT;
    if (status == ASL_OK)
        return ASL_OK;
    return asl_error_set(error, status, "execution %llu cannot be described: %s",
                         (unsigned long long)number, asl_status_name(status));
}

/* AWS: what timed out has neither error nor cause. */
static void read_outcome(const ends *self, source *from)
{
    const asl_event *last = &self->last.items[0];
    if (self->head.status == ASL_EXECUTION_SUCCEEDED)
        from->output = last->value;
    if (self->head.status == ASL_EXECUTION_FAILED || self->head.status == ASL_EXECUTION_ABORTED) {
        from->error = last->error;
        from->cause = last->cause;
    }
}

/* The definition goes into what an EXPRESS execution is billed for. */
static int read_definition_size(asl_store *store, source *from, uint64_t definition,
                                asl_error **error)
{
    if (from->type != ASL_MACHINE_EXPRESS || from->status == ASL_EXECUTION_RUNNING)
        return ASL_OK;
    asl_cleanup(asl_buffer_done) asl_buffer text;
    asl_buffer_init(&text, asl_store_heap(store));
    int status = asl_store_read_definition(store, definition, &text, error);
    from->definition_size = text.size;
    return status;
}

/* Engine time where no engine may be open: it goes on from the last commit. */
static int64_t now_of(asl_store *store)
{
    int64_t wall_ms, engine_ms, now_ms = asl_clock_wall();
    asl_store_times(store, &wall_ms, &engine_ms);
    return wall_ms == 0 || now_ms < wall_ms ? now_ms : engine_ms + (now_ms - wall_ms);
}

int asl_store_describe(asl_store *store, uint64_t number, asl_description **ret_description,
                       asl_error **error)
{
    const asl_heap *heap = asl_store_heap(store);
    asl_cleanup(ends_done) ends found = {.heap = heap};
    asl_buffer_init(&found.names, heap);
    asl_event_list_init(&found.last, heap);
    int status = read_ends(store, number, &found, error);
    if (status != ASL_OK)
        return status;
    source from = {
        .arn = asl_value_get_string(found.start.name, NULL),
        .stored_name = found.head.name,
        .machine = found.head.machine,
        .type = asl_head_type(&found.head),
        .number = number,
        .event_count = found.head.event_count,
        .status = found.head.status,
        .start_ms = found.head.start_ms,
        .stop_ms = found.head.stop_ms,
        .now_ms = now_of(store),
        .input = found.start.value,
    };
    read_outcome(&found, &from);
    status = read_definition_size(store, &from, found.head.definition, error);
    if (status == ASL_OK)
        status = describe(heap, &from, ret_description);
    return status == ASL_OK ? ASL_OK : asl_error_set(error, status, "out of memory");
}

/* An object that is being made; the first failure sticks. */
typedef struct shape {
    const asl_heap *heap;
    asl_value *object;
    int status;
} shape;

static shape new_shape(const asl_heap *heap)
{
    shape made = {.heap = heap, .object = asl_value_object(heap)};
    made.status = made.object ? ASL_OK : ASL_NOMEM;
    return made;
}

/* What was made; NULL where something failed. */
static asl_value *end_shape(shape *self)
{
    if (self->status != ASL_OK)
        asl_value_move(&self->object, NULL);
    return self->object;
}

static void add(shape *self, const char *key, asl_value *value)
{
    int status = asl_value_set(&self->object, key, value);
    if (self->status == ASL_OK)
        self->status = status;
}

static void add_text(shape *self, const char *key, const char *text)
{
    if (text)
        add(self, key, asl_value_string(self->heap, text));
}

static void add_time(shape *self, const char *key, int64_t time_ms)
{
    char text[ASL_TIME_TEXT_SIZE];
    size_t size = asl_time_print(time_ms, text);
    add(self, key, asl_value_string_sized(self->heap, text, size));
}

static void add_number(shape *self, const char *key, uint64_t number)
{
    add(self, key, asl_value_integer(self->heap, (int64_t)number));
}

/* A payload's text. */
static void add_payload(shape *self, const char *key, const asl_value *value)
{
    if (!value)
        return;
    asl_cleanup(asl_buffer_done) asl_buffer text;
    asl_buffer_init(&text, self->heap);
    asl_value_print_to(value, &text);
    bool is_printed = text.status == ASL_OK;
    add(self, key, is_printed ? asl_value_string_sized(self->heap, text.bytes, text.size) : NULL);
}

/* {"included": true} */
static void add_included(shape *self, const char *key)
{
    shape included = new_shape(self->heap);
    add(&included, "included", asl_value_bool(true));
    add(self, key, end_shape(&included));
}

static void add_payloads(shape *self, const asl_description *shown)
{
    add_payload(self, "input", shown->input);
    add_included(self, "inputDetails");
    add_payload(self, "output", shown->output);
    bool is_express_end =
        shown->type == ASL_MACHINE_EXPRESS && shown->status != ASL_EXECUTION_RUNNING;
    if (shown->output || is_express_end)
        add_included(self, "outputDetails");
}

static void add_failure(shape *self, const asl_description *shown)
{
    add_text(self, "error", shown->error);
    add_text(self, "cause", shown->cause);
}

static void add_times(shape *self, const asl_description *shown)
{
    add_time(self, "startDate", shown->start_ms);
    if (shown->stop_ms != 0)
        add_time(self, "stopDate", shown->stop_ms);
}

/* DescribeExecution's members, in the order of the service's model. */
static void add_standard(shape *self, const asl_description *shown)
{
    add_text(self, "status", asl_execution_status_name(shown->status));
    add_times(self, shown);
    add_payloads(self, shown);
    add_failure(self, shown);
    add_number(self, "redriveCount", 0);
    add_text(self, "redriveStatus", shown->redrive_status);
    add_text(self, "redriveStatusReason", shown->redrive_status_reason);
}

/* StartSyncExecution's. */
static void add_express(shape *self, const asl_description *shown)
{
    add_times(self, shown);
    add_text(self, "status", asl_execution_status_name(shown->status));
    add_failure(self, shown);
    add_payloads(self, shown);
    if (shown->billed_ms == 0)
        return;
    shape bill = new_shape(self->heap);
    add_number(&bill, "billedMemoryUsedInMB", shown->billed_bytes >> 20);
    add_number(&bill, "billedDurationInMilliseconds", shown->billed_ms);
    add(self, "billingDetails", end_shape(&bill));
}

int asl_description_to_value(const asl_description *shown, asl_value **ret_value)
{
    const asl_heap *heap = ((const described *)shown)->heap;
    shape self = new_shape(heap);
    add_text(&self, "executionArn", shown->execution_arn);
    add_text(&self, "stateMachineArn", shown->machine_arn);
    add_text(&self, "name", shown->name);
    if (shown->type == ASL_MACHINE_EXPRESS)
        add_express(&self, shown);
    else
        add_standard(&self, shown);
    asl_value *made = end_shape(&self);
    if (made)
        *ret_value = made;
    return self.status;
}
