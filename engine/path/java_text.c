/* A value's text as Java's collections print it: "{a=1, b=[x, null]}". Jayway puts it into
 * messages, and States.Format into texts. */
#include "base/array.h"
#include "base/heap.h"
#include "path/layout.h"

typedef struct text_level {
    const asl_value *container;
    size_t next;
} text_level;

#define LEVELS_MAX 1000000u

static void write_scalar(const asl_value *value, asl_buffer *buffer)
{
    size_t size;
    const char *string = asl_value_get_string(value, &size);
    if (string != NULL)
        asl_buffer_append(buffer, string, size);
    else
        asl_value_print_to(value, buffer);
}

static bool is_container(const asl_value *value, bool lists_as_json)
{
    return asl_value_is_object(value) || (asl_value_is_array(value) && !lists_as_json);
}

/* Writes what is before a container's next item and moves on; NULL at its end. */
static const asl_value *begin_item(text_level *level, asl_buffer *buffer)
{
    bool is_object = asl_value_is_object(level->container);
    if (level->next == asl_value_count(level->container)) {
        asl_buffer_byte(buffer, is_object ? '}' : ']');
        return NULL;
    }
    if (level->next > 0)
        asl_buffer_text(buffer, ", ");
    if (is_object) {
        write_scalar(asl_value_key(level->container, level->next), buffer);
        asl_buffer_byte(buffer, '=');
    }
    return asl_value_at(level->container, level->next++);
}

void asl_java_text_write(const asl_value *value, bool lists_as_json, asl_buffer *buffer)
{
    text_level *levels = NULL;
    size_t capacity = 0, count = 0;
    while (buffer->status == ASL_OK) {
        if (is_container(value, lists_as_json)) {
            int status = asl_array_reserve(buffer->heap, &levels, &capacity, count, LEVELS_MAX);
            if (status != ASL_OK) {
                buffer->status = status;
                break;
            }
            levels[count++] = (text_level){.container = value};
            asl_buffer_byte(buffer, asl_value_is_object(value) ? '{' : '[');
        } else {
            write_scalar(value, buffer);
        }
        value = NULL;
        while (count > 0 && (value = begin_item(&levels[count - 1], buffer)) == NULL)
            count--;
        if (value == NULL)
            break;
    }
    asl_release(buffer->heap, levels, capacity * sizeof *levels);
}

void asl_java_text(const asl_value *value, asl_buffer *buffer)
{
    asl_java_text_write(value, false, buffer);
}
