/* The reverse of the JSON view: the same walk over the event's shape. What the recording left out
 * stays unset; a member of another kind than the service's model says is refused by name. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/time_text.h"
#include "history/json.h"
#include "history/json_shape.h"

/* Of years 0000 to 9999, which is what times print as. */
#define EPOCH_SECONDS_MIN (-62167219200.0)
#define EPOCH_SECONDS_MAX 253402300799.999

struct reader {
    const asl_heap *heap;
    const asl_value *details;
    asl_event *event;
    asl_error **error;
};

static int refuse(const struct reader *reader, const char *name, const char *wanted)
{
    return asl_error_set(reader->error, ASL_SYNTAX, "event %llu of the history: \"%s\" must be %s",
                         (unsigned long long)reader->event->id, name, wanted);
}

/* The bytes of a member that may be missing or no string; then NULL. */
static const char *string_of(const asl_value *member, size_t *ret_size)
{
    return member != NULL ? asl_value_get_string(member, ret_size) : NULL;
}

static asl_value **slot_of(const struct reader *reader, const asl_detail_field *field)
{
    return (asl_value **)(void *)((char *)reader->event + field->offset);
}

/* A member that holds JSON text. Tools that show histories put the parsed document there instead:
 * what is no string is taken as it is. */
static int parse_text(const struct reader *reader, const char *name, const asl_value *member,
                      asl_value **ret_value)
{
    size_t size = 0;
    const char *text = asl_value_get_string(member, &size);
    if (text == NULL) {
        *ret_value = asl_value_ref(member);
        return ASL_OK;
    }
    int status = asl_value_parse(reader->heap, text, size, ASL_PARSE_KEEP_TEXT, ret_value, NULL);
    return status == ASL_OK || status == ASL_NOMEM ? status : refuse(reader, name, "JSON text");
}

static int read_variables(const struct reader *reader, const asl_detail_field *field,
                          const asl_value *member)
{
    if (!asl_value_is_object(member))
        return refuse(reader, field->name, "an object");
    asl_cleanup(asl_value_cleanup) asl_value *variables = asl_value_object(reader->heap);
    if (variables == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < asl_value_count(member); i++) {
        asl_value *value = NULL;
        int status = parse_text(reader, field->name, asl_value_at(member, i), &value);
        if (status == ASL_OK)
            status = asl_value_set_key(&variables, asl_value_key(member, i), value);
        if (status != ASL_OK)
            return status;
    }
    asl_value_move(slot_of(reader, field), asl_steal(variables));
    return ASL_OK;
}

/* "sns" and "publish" are "arn:aws:states:::sns:publish": the partition is not recorded. */
static int read_resource(const struct reader *reader, const asl_detail_field *field,
                         const asl_value *member)
{
    const asl_value *type_member = asl_value_get(reader->details, "resourceType");
    size_t type_size = 0, name_size = 0;
    const char *type = string_of(type_member, &type_size);
    const char *name = asl_value_get_string(member, &name_size);
    if (name == NULL || (type == NULL && type_member != NULL))
        return refuse(reader, name == NULL ? field->name : "resourceType", "a string");
    if (type == NULL || (type_size == strlen(ASL_RESOURCE_OTHER) &&
                         memcmp(type, ASL_RESOURCE_OTHER, type_size) == 0)) {
        asl_value_move(slot_of(reader, field), asl_value_ref(member));
        return ASL_OK;
    }
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, reader->heap);
    asl_buffer_text(&buffer, "arn:aws:states:::");
    asl_buffer_append(&buffer, type, type_size);
    asl_buffer_byte(&buffer, ':');
    asl_buffer_append(&buffer, name, name_size);
    if (buffer.status != ASL_OK)
        return buffer.status;
    asl_value *resource = asl_value_string_sized(reader->heap, buffer.bytes, buffer.size);
    asl_value_move(slot_of(reader, field), resource);
    return resource == NULL ? ASL_NOMEM : ASL_OK;
}

static int read_string(const struct reader *reader, const asl_detail_field *field,
                       const asl_value *member)
{
    if (!asl_value_is_string(member))
        return refuse(reader, field->name, "a string");
    asl_value_move(slot_of(reader, field), asl_value_ref(member));
    return ASL_OK;
}

static int read_number(const struct reader *reader, const asl_detail_field *field,
                       const asl_value *member)
{
    int64_t number;
    char *at = (char *)reader->event + field->offset;
    if (!asl_value_get_integer(member, &number) || number < 0 ||
        (field->kind == ASL_DETAIL_U32 && number > UINT32_MAX))
        return refuse(reader, field->name, "a count");
    if (field->kind == ASL_DETAIL_U32) {
        uint32_t narrow = (uint32_t)number;
        memcpy(at, &narrow, sizeof narrow);
    } else {
        memcpy(at, &number, sizeof number);
    }
    return ASL_OK;
}

static int read_field(const struct reader *reader, const asl_detail_field *field,
                      const asl_value *member)
{
    switch (field->kind) {
    case ASL_DETAIL_STRING:
        return read_string(reader, field, member);
    case ASL_DETAIL_TEXT:
    case ASL_DETAIL_BARE_TEXT: {
        asl_value *value = NULL;
        int status = parse_text(reader, field->name, member, &value);
        asl_value_move(slot_of(reader, field), value);
        return status;
    }
    case ASL_DETAIL_RESOURCE:
        return read_resource(reader, field, member);
    case ASL_DETAIL_U32:
    case ASL_DETAIL_SECONDS:
        return read_number(reader, field, member);
    case ASL_DETAIL_CREDENTIALS: {
        const asl_value *role = asl_value_get(member, "roleArn");
        return role != NULL ? read_string(reader, field, role) : ASL_OK;
    }
    case ASL_DETAIL_VARIABLES:
        return read_variables(reader, field, member);
    case ASL_DETAIL_RESOURCE_TYPE: /* read with the resource */
    case ASL_DETAIL_REGION:
        break;
    }
    return ASL_OK;
}

static int read_details(struct reader *reader, const asl_value *json)
{
    const asl_detail_shape *shape = asl_detail_shape_of(reader->event->type);
    if (shape->key == NULL)
        return ASL_OK;
    reader->details = asl_value_get(json, shape->key);
    if (reader->details == NULL)
        return ASL_OK;
    if (!asl_value_is_object(reader->details))
        return refuse(reader, shape->key, "an object");
    for (size_t i = 0; i < ASL_DETAIL_FIELDS_MAX && shape->fields[i].name != NULL; i++) {
        const asl_detail_field *field = &shape->fields[i];
        const asl_value *member = asl_value_get(reader->details, field->name);
        int status = member != NULL ? read_field(reader, field, member) : ASL_OK;
        if (status != ASL_OK)
            return status;
    }
    return ASL_OK;
}

static int read_timestamp(const struct reader *reader, const asl_value *json)
{
    const asl_value *member = asl_value_get(json, "timestamp");
    double epoch_s;
    size_t size = 0;
    const char *text = string_of(member, &size);
    int64_t seconds;
    int32_t nanoseconds;
    if (member == NULL) {
        reader->event->time_ms = INT64_MIN;
    } else if (text != NULL && asl_time_parse(text, size, &seconds, &nanoseconds)) {
        reader->event->time_ms = seconds * 1000 + nanoseconds / 1000000;
    } else if (asl_value_get_double(member, &epoch_s) && epoch_s >= EPOCH_SECONDS_MIN &&
               epoch_s <= EPOCH_SECONDS_MAX) {
        reader->event->time_ms = llround(epoch_s * 1000);
    } else {
        return refuse(reader, "timestamp", "an ISO 8601 time with an offset, or epoch seconds");
    }
    return ASL_OK;
}

static int read_id(const struct reader *reader, const asl_value *json, const char *name,
                   int64_t least, uint64_t *ret_id)
{
    int64_t id = 0;
    const asl_value *member = asl_value_get(json, name);
    if (member == NULL && least == 0)
        return ASL_OK;
    if (member == NULL || !asl_value_get_integer(member, &id) || id < least)
        return refuse(reader, name, "an event's number");
    *ret_id = (uint64_t)id;
    return ASL_OK;
}

static int read_type(const struct reader *reader, const asl_value *json)
{
    size_t size = 0;
    const char *name = string_of(asl_value_get(json, "type"), &size);
    if (name == NULL)
        return refuse(reader, "type", "an event type's name");
    reader->event->type = asl_event_type_find(name, size);
    if (reader->event->type == ASL_EVENT_NONE)
        return asl_error_set(
            reader->error, ASL_SYNTAX, "event %llu of the history has the unknown type \"%.*s\"",
            (unsigned long long)reader->event->id, size > 80 ? 80 : (int)size, name);
    return ASL_OK;
}

int asl_event_from_value(const asl_value *json, const asl_heap *heap, asl_event *ret_event,
                         asl_error **error)
{
    if (!asl_value_is_object(json))
        return asl_error_set(error, ASL_SYNTAX, "an event of a history must be an object");
    asl_event event = {.state = UINT32_MAX};
    struct reader reader = {.heap = heap, .event = &event, .error = error};
    int status = read_id(&reader, json, "id", 1, &event.id);
    if (status == ASL_OK)
        status = read_id(&reader, json, "previousEventId", 0, &event.previous_id);
    if (status == ASL_OK)
        status = read_type(&reader, json);
    if (status == ASL_OK)
        status = read_timestamp(&reader, json);
    if (status == ASL_OK)
        status = read_details(&reader, json);
    if (status == ASL_OK)
        *ret_event = event;
    else
        asl_event_done(&event);
    return status;
}
