/* Printing. A value knows the size of its compact text, so compact printing makes room once and
 * writes without looking; indented printing goes through a buffer. Both walk with a stack of their
 * own, as deep as a value can be. Escapes are Jackson's, as AWS prints: the short ones, and \u00XX
 * in upper case. */
#include <assert.h>
#include <string.h>

#include "base/heap.h"
#include "value/value_layout.h"

typedef struct frame {
    const asl_value *container;
    uint32_t next;
} frame;

/* Most of what is written is a key or a short string: a call for each costs more than its bytes. */
static inline char *write_bytes(char *out, const char *bytes, size_t size)
{
    if (size > 16) {
        memcpy(out, bytes, size);
    } else if (size >= 8) {
        memcpy(out, bytes, 8);
        memcpy(out + size - 8, bytes + size - 8, 8);
    } else if (size >= 4) {
        memcpy(out, bytes, 4);
        memcpy(out + size - 4, bytes + size - 4, 4);
    } else {
        for (size_t i = 0; i < size; i++)
            out[i] = bytes[i];
    }
    return out + size;
}

static char *write_escape(char *out, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char short_escapes[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    *out++ = '\\';
    if (byte >= 0x20) {
        *out++ = (char)byte;
    } else if (short_escapes[byte] != 0) {
        *out++ = short_escapes[byte];
    } else {
        out = write_bytes(out, "u00", 3);
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    return out;
}

static char *write_escaped(char *out, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            out = write_escape(out, byte);
        else
            *out++ = (char)byte;
    }
    return out;
}

static inline char *write_string(char *out, const asl_value *value)
{
    const asl_string *string = asl_as_string(value);
    *out++ = '"';
    out = string->text_size == string->size + 2 ? write_bytes(out, string->bytes, string->size)
                                                : write_escaped(out, string->bytes, string->size);
    *out++ = '"';
    return out;
}

static char *write_integer(char *out, int64_t integer, size_t size)
{
    uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
    char *next = out + size;
    do {
        *--next = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0)
        *out = '-';
    return out + size;
}

static char *write_number(char *out, const asl_value *value)
{
    const asl_number *number = asl_as_number(value);
    if ((value->flags & ASL_NUMBER_DOUBLE) != 0)
        return write_bytes(out, number->text, value->extent);
    return write_integer(out, number->integer, value->extent);
}

/* What has no children to print: a scalar, or kept text. */
static inline char *write_leaf(char *out, const asl_value *value)
{
    if ((value->flags & ASL_VALUE_KEPT) != 0)
        return write_bytes(out, asl_value_kept(value)->bytes, asl_value_kept(value)->size);
    switch ((asl_kind)value->kind) {
    case ASL_KIND_NULL:
        return write_bytes(out, "null", 4);
    case ASL_KIND_FALSE:
        return write_bytes(out, "false", 5);
    case ASL_KIND_TRUE:
        return write_bytes(out, "true", 4);
    case ASL_KIND_NUMBER:
        return write_number(out, value);
    case ASL_KIND_STRING:
        return write_string(out, value);
    case ASL_KIND_ARRAY:
    case ASL_KIND_OBJECT:
        break;
    }
    return out;
}

static inline bool is_leaf(const asl_value *value)
{
    return !asl_value_is_container(value) || (value->flags & ASL_VALUE_KEPT) != 0;
}

/* Writes children up to the next one that is a container, which is returned with its key written;
 * NULL where there is none. */
static const asl_value *write_children(frame *top, char **ret_out)
{
    const asl_object *object = asl_as_object(top->container);
    bool is_object = top->container->kind == ASL_KIND_OBJECT;
    const asl_value *child = NULL;
    char *out = *ret_out;
    uint32_t i = top->next;
    while (i < object->count && child == NULL) {
        if (i > 0)
            *out++ = ',';
        if (is_object) {
            out = write_string(out, object->members[i].key);
            *out++ = ':';
            child = object->members[i++].value;
        } else {
            child = asl_as_array(top->container)->items[i++];
        }
        if (is_leaf(child)) {
            out = write_leaf(out, child);
            child = NULL;
        }
    }
    top->next = i;
    *ret_out = out;
    return child;
}

static char *write_compact(char *out, const asl_value *value)
{
    if (is_leaf(value))
        return write_leaf(out, value);
    frame stack[ASL_VALUE_DEPTH_MAX];
    size_t depth = 0;
    const asl_value *child = value;
    do {
        if (child != NULL) {
            *out++ = child->kind == ASL_KIND_ARRAY ? '[' : '{';
            stack[depth++] = (frame){child, 0};
        } else {
            *out++ = stack[--depth].container->kind == ASL_KIND_ARRAY ? ']' : '}';
        }
        child = depth > 0 ? write_children(&stack[depth - 1], &out) : NULL;
    } while (depth > 0);
    return out;
}

void asl_value_print_to(const asl_value *value, asl_buffer *buffer)
{
    size_t size = asl_value_text_size(value);
    if (asl_buffer_reserve(buffer, size) != ASL_OK)
        return;
    char *start = buffer->bytes + buffer->size;
    const char *end = write_compact(start, value);
    assert((size_t)(end - start) == size);
    (void)end;
    buffer->size += size;
}

void asl_print_string(const char *bytes, size_t size, asl_buffer *buffer)
{
    asl_buffer_byte(buffer, '"');
    size_t plain = 0; /* where what is not written yet begins */
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        char escape[8];
        asl_buffer_append(buffer, bytes + plain, i - plain);
        asl_buffer_append(buffer, escape, (size_t)(write_escape(escape, byte) - escape));
        plain = i + 1;
    }
    asl_buffer_append(buffer, bytes + plain, size - plain);
    asl_buffer_byte(buffer, '"');
}

static void print_line(asl_buffer *buffer, size_t depth)
{
    if (asl_buffer_reserve(buffer, 1 + 2 * depth) != ASL_OK)
        return;
    asl_buffer_byte(buffer, '\n');
    memset(buffer->bytes + buffer->size, ' ', 2 * depth);
    buffer->size += 2 * depth;
}

static void print_scalar(const asl_value *value, asl_buffer *buffer)
{
    char text[ASL_NUMBER_TEXT_MAX];
    if (value->kind == ASL_KIND_STRING)
        asl_print_string(asl_as_string(value)->bytes, asl_as_string(value)->size, buffer);
    else if (value->kind == ASL_KIND_NUMBER)
        asl_buffer_append(buffer, text, (size_t)(write_number(text, value) - text));
    else
        asl_buffer_text(buffer, value->kind == ASL_KIND_NULL   ? "null"
                                : value->kind == ASL_KIND_TRUE ? "true"
                                                               : "false");
}

/* Begins a value: all of a scalar or an empty container, the bracket of another, which is pushed.
 */
static void begin_pretty(const asl_value *value, frame *stack, size_t *depth, asl_buffer *buffer)
{
    if (!asl_value_is_container(value)) {
        print_scalar(value, buffer);
    } else if (asl_value_count(value) == 0) {
        asl_buffer_text(buffer, value->kind == ASL_KIND_ARRAY ? "[]" : "{}");
    } else {
        asl_buffer_byte(buffer, value->kind == ASL_KIND_ARRAY ? '[' : '{');
        stack[(*depth)++] = (frame){value, 0};
    }
}

static void print_pretty(const asl_value *value, asl_buffer *buffer)
{
    frame stack[ASL_VALUE_DEPTH_MAX];
    size_t depth = 0;
    begin_pretty(value, stack, &depth, buffer);
    while (depth > 0 && buffer->status == ASL_OK) {
        frame *top = &stack[depth - 1];
        uint32_t i = top->next++;
        if (i == asl_value_count(top->container)) {
            print_line(buffer, --depth);
            asl_buffer_byte(buffer, top->container->kind == ASL_KIND_ARRAY ? ']' : '}');
            continue;
        }
        if (i > 0)
            asl_buffer_byte(buffer, ',');
        print_line(buffer, depth);
        const asl_value *key = asl_value_key(top->container, i);
        if (key != NULL) {
            print_scalar(key, buffer);
            asl_buffer_append(buffer, ": ", 2);
        }
        begin_pretty(asl_value_at(top->container, i), stack, &depth, buffer);
    }
}

/* A text remembers in front of itself what asl_text_free needs. */
typedef struct text_head {
    const asl_heap *heap;
    size_t size; /* of the block */
} text_head;

static text_head *new_text(const asl_heap *heap, size_t size)
{
    if (size > SIZE_MAX - sizeof(text_head) - 1)
        return NULL;
    text_head *head = asl_allocate(heap, sizeof *head + size + 1);
    if (head == NULL)
        return NULL;
    *head = (text_head){heap, sizeof *head + size + 1};
    ((char *)(head + 1))[size] = '\0';
    return head;
}

char *asl_text_new(const asl_heap *heap, const char *bytes, size_t size)
{
    text_head *head = new_text(heap, size);
    if (head == NULL)
        return NULL;
    return memcpy(head + 1, bytes, size);
}

static int print_new_pretty(const asl_value *value, char **ret_text, size_t *ret_size)
{
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, value->heap);
    print_pretty(value, &buffer);
    char *text =
        buffer.status == ASL_OK ? asl_text_new(value->heap, buffer.bytes, buffer.size) : NULL;
    if (text == NULL)
        return ASL_NOMEM;
    *ret_text = text;
    if (ret_size != NULL)
        *ret_size = buffer.size;
    return ASL_OK;
}

int asl_value_print(const asl_value *value, unsigned flags, char **ret_text, size_t *ret_size)
{
    if (value == NULL || ret_text == NULL || (flags & ~ASL_PRINT_PRETTY) != 0)
        return ASL_MISUSE;
    if ((flags & ASL_PRINT_PRETTY) != 0)
        return print_new_pretty(value, ret_text, ret_size);
    size_t size = asl_value_text_size(value);
    text_head *head = new_text(value->heap, size);
    if (head == NULL)
        return ASL_NOMEM;
    char *text = (char *)(head + 1);
    const char *end = write_compact(text, value);
    assert((size_t)(end - text) == size);
    (void)end;
    *ret_text = text;
    if (ret_size != NULL)
        *ret_size = size;
    return ASL_OK;
}

void asl_text_free(char *text)
{
    if (text == NULL)
        return;
    text_head *head = (text_head *)(void *)text - 1;
    asl_release(head->heap, head, head->size);
}
