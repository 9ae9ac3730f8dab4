/* The JSON view of an event: a walk over its shape. A payload is printed into a string as it is. */
#include "history/json.h"

#include <stdio.h>
#include <string.h>

#include "base/time_text.h"
#include "history/json_shape.h"

struct writer {
    const asl_heap *heap;
    const char *region;
    const asl_event *event;
    unsigned flags;
    asl_value *details;
};

static const asl_value *value_of(const struct writer *writer, const asl_detail_field *field)
{
    const asl_value *value;
    memcpy(&value, (const char *)writer->event + field->offset, sizeof value);
    return value;
}

/* A value's JSON text as a string value; NULL when out of memory. */
static asl_value *text_value(const asl_heap *heap, const asl_value *value)
{
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, heap);
    asl_value_print_to(value, &buffer);
    if (buffer.status != ASL_OK)
        return NULL;
    return asl_value_string_sized(heap, buffer.bytes, buffer.size);
}

/* "inputDetails": {"truncated": false} */
static int write_truncated(struct writer *writer, const char *name)
{
    char key[32];
    snprintf(key, sizeof key, "%sDetails", name);
    asl_value *truncated = asl_value_object(writer->heap);
    if (truncated == NULL)
        return ASL_NOMEM;
    int status = asl_value_set(&truncated, "truncated", asl_value_bool(false));
    if (status != ASL_OK) {
        asl_value_unref(truncated);
        return status;
    }
    return asl_value_set(&writer->details, key, truncated);
}

static int write_text(struct writer *writer, const asl_detail_field *field, const asl_value *value)
{
    int status = asl_value_set(&writer->details, field->name, text_value(writer->heap, value));
    if (status != ASL_OK || field->kind == ASL_DETAIL_BARE_TEXT)
        return status;
    return write_truncated(writer, field->name);
}

static int write_variables(struct writer *writer, const asl_detail_field *field,
                           const asl_value *value)
{
    asl_cleanup(asl_value_cleanup) asl_value *texts = asl_value_object(writer->heap);
    if (texts == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < asl_value_count(value); i++) {
        int status = asl_value_set_key(&texts, asl_value_key(value, i),
                                       text_value(writer->heap, asl_value_at(value, i)));
        if (status != ASL_OK)
            return status;
    }
    int status = asl_value_set(&writer->details, field->name, asl_steal(texts));
    return status == ASL_OK ? write_truncated(writer, field->name) : status;
}

static int write_resource(struct writer *writer, const asl_detail_field *field,
                          const asl_value *value)
{
    size_t size = 0, type_offset, type_size, name_offset;
    const char *resource = asl_value_get_string(value, &size);
    if (resource == NULL)
        return ASL_MISUSE;
    asl_resource_split(resource, size, &type_offset, &type_size, &name_offset);
    asl_value *part;
    if (field->kind == ASL_DETAIL_RESOURCE)
        part = asl_value_string_sized(writer->heap, resource + name_offset, size - name_offset);
    else if (type_size == 0)
        part = asl_value_string(writer->heap, ASL_RESOURCE_OTHER);
    else
        part = asl_value_string_sized(writer->heap, resource + type_offset, type_size);
    return asl_value_set(&writer->details, field->name, part);
}

static int write_credentials(struct writer *writer, const asl_detail_field *field,
                             const asl_value *value)
{
    asl_cleanup(asl_value_cleanup) asl_value *credentials = asl_value_object(writer->heap);
    if (credentials == NULL)
        return ASL_NOMEM;
    int status = asl_value_set(&credentials, "roleArn", asl_value_ref(value));
    if (status != ASL_OK)
        return status;
    return asl_value_set(&writer->details, field->name, asl_steal(credentials));
}

static int write_number(struct writer *writer, const asl_detail_field *field)
{
    const char *at = (const char *)writer->event + field->offset;
    int64_t number;
    if (field->kind == ASL_DETAIL_U32) {
        uint32_t unsigned_number;
        memcpy(&unsigned_number, at, sizeof unsigned_number);
        number = unsigned_number;
    } else {
        memcpy(&number, at, sizeof number);
        if (number == 0)
            return ASL_OK;
    }
    return asl_value_set(&writer->details, field->name, asl_value_integer(writer->heap, number));
}

static int write_value(struct writer *writer, const asl_detail_field *field, const asl_value *value)
{
    switch (field->kind) {
    case ASL_DETAIL_TEXT:
    case ASL_DETAIL_BARE_TEXT:
        return write_text(writer, field, value);
    case ASL_DETAIL_RESOURCE_TYPE:
    case ASL_DETAIL_RESOURCE:
        return write_resource(writer, field, value);
    case ASL_DETAIL_CREDENTIALS:
        return write_credentials(writer, field, value);
    case ASL_DETAIL_VARIABLES:
        /* An empty Assign adds neither member. */
        return asl_value_count(value) > 0 ? write_variables(writer, field, value) : ASL_OK;
    case ASL_DETAIL_STRING:
    case ASL_DETAIL_REGION:
    case ASL_DETAIL_U32:
    case ASL_DETAIL_SECONDS:
        break;
    }
    return asl_value_set(&writer->details, field->name, asl_value_ref(value));
}

static int write_field(struct writer *writer, const asl_detail_field *field)
{
    if (field->kind == ASL_DETAIL_U32 || field->kind == ASL_DETAIL_SECONDS)
        return write_number(writer, field);
    if (field->kind == ASL_DETAIL_REGION)
        return writer->region == NULL
                   ? ASL_OK
                   : asl_value_set(&writer->details, field->name,
                                   asl_value_string(writer->heap, writer->region));
    const asl_value *value = value_of(writer, field);
    return value == NULL ? ASL_OK : write_value(writer, field, value);
}

static bool is_data(const asl_detail_field *field)
{
    return field->kind == ASL_DETAIL_TEXT || field->kind == ASL_DETAIL_VARIABLES;
}

/* An empty object where the type has no details. */
static int make_details(struct writer *writer, asl_value **ret_details)
{
    const asl_detail_shape *shape = asl_detail_shape_of(writer->event->type);
    writer->details = asl_value_object(writer->heap);
    if (writer->details == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < ASL_DETAIL_FIELDS_MAX && shape->fields[i].name != NULL; i++) {
        bool is_left_out =
            (writer->flags & ASL_EVENT_WITHOUT_DATA) != 0 && is_data(&shape->fields[i]);
        int status = is_left_out ? ASL_OK : write_field(writer, &shape->fields[i]);
        if (status != ASL_OK) {
            asl_value_unref(writer->details);
            return status;
        }
    }
    *ret_details = writer->details;
    return ASL_OK;
}

static int write_head(const asl_event *event, const asl_heap *heap, asl_value **object)
{
    int status = ASL_OK;
    if (event->time_ms != INT64_MIN) {
        char text[ASL_TIME_TEXT_SIZE];
        size_t size = asl_time_print(event->time_ms, text);
        status = asl_value_set(object, "timestamp", asl_value_string_sized(heap, text, size));
    }
    if (status == ASL_OK)
        status =
            asl_value_set(object, "type", asl_value_string(heap, asl_event_type_name(event->type)));
    if (status == ASL_OK)
        status = asl_value_set(object, "id", asl_value_integer(heap, (int64_t)event->id));
    if (status == ASL_OK)
        status = asl_value_set(object, "previousEventId",
                               asl_value_integer(heap, (int64_t)event->previous_id));
    return status;
}

int asl_event_to_value(const asl_event *event, const asl_heap *heap, const char *region,
                       asl_value **ret_value)
{
    return asl_event_show(event, heap, region, 0, ret_value);
}

int asl_event_show(const asl_event *event, const asl_heap *heap, const char *region, unsigned flags,
                   asl_value **ret_value)
{
    if (asl_event_type_name(event->type) == NULL)
        return ASL_MISUSE;
    asl_cleanup(asl_value_cleanup) asl_value *object = asl_value_object(heap);
    if (object == NULL)
        return ASL_NOMEM;
    int status = write_head(event, heap, &object);
    const char *key = asl_detail_shape_of(event->type)->key;
    struct writer writer = {.heap = heap, .region = region, .event = event, .flags = flags};
    asl_value *details = NULL;
    if (status == ASL_OK && key != NULL)
        status = make_details(&writer, &details);
    if (status == ASL_OK && key != NULL)
        status = asl_value_set(&object, key, details);
    if (status == ASL_OK)
        *ret_value = asl_steal(object);
    return status;
}

static asl_value *number_text(const asl_heap *heap, int64_t number)
{
    return asl_value_format(heap, "%lld", (long long)number);
}

int asl_event_log(const asl_event *event, const asl_heap *heap, const char *region, const char *arn,
                  unsigned flags, asl_value **ret_value)
{
    const char *type = asl_event_type_name(event->type);
    if (type == NULL)
        return ASL_MISUSE;
    asl_cleanup(asl_value_cleanup) asl_value *object = asl_value_object(heap);
    struct writer writer = {.heap = heap, .region = region, .event = event, .flags = flags};
    asl_value *details = NULL;
    int status = object == NULL ? ASL_NOMEM : make_details(&writer, &details);
    if (status != ASL_OK)
        return status;
    status = asl_value_set(&object, "id", number_text(heap, (int64_t)event->id));
    if (status == ASL_OK)
        status = asl_value_set(&object, "type", asl_value_string(heap, type));
    if (status == ASL_OK)
        status = asl_value_set(&object, "details", asl_steal(details));
    if (status == ASL_OK)
        status = asl_value_set(&object, "previous_event_id",
                               number_text(heap, (int64_t)event->previous_id));
    if (status == ASL_OK && event->time_ms != INT64_MIN)
        status = asl_value_set(&object, "event_timestamp", number_text(heap, event->time_ms));
    if (status == ASL_OK && arn != NULL)
        status = asl_value_set(&object, "execution_arn", asl_value_string(heap, arn));
    if (status == ASL_OK)
        status = asl_value_set(&object, "redrive_count", asl_value_string(heap, "0"));
    asl_value_unref(details);
    if (status == ASL_OK)
        *ret_value = asl_steal(object);
    return status;
}
