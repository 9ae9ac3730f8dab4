/* Values: the static ones, making scalars, counting, freeing, reading.
 *
 * Freeing is iterative without any memory of its own: a container whose last reference went waits
 * in a list that is threaded through the dead containers themselves. */
#include "value/value.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/heap.h"
#include "base/utf8.h"
#include "value/counting.h"
#include "value/value_layout.h"

#define SMALL_MIN (-128)
#define SMALL_MAX 1023

#define TEXT_SIZE(n) \
    ((n) < -99 ? 4 : (n) < -9 ? 3 : (n) < 0 ? 2 : (n) < 10 ? 1 : (n) < 100 ? 2 : (n) < 1000 ? 3 : 4)
#define ONE(n) \
    { \
        .head = {.kind = ASL_KIND_NUMBER, .flags = ASL_VALUE_STATIC, .extent = TEXT_SIZE(n)}, \
        .integer = (n) \
    }
#define FOUR(n) ONE(n), ONE((n) + 1), ONE((n) + 2), ONE((n) + 3)
#define SIXTEEN(n) FOUR(n), FOUR((n) + 4), FOUR((n) + 8), FOUR((n) + 12)
#define SIXTY_FOUR(n) SIXTEEN(n), SIXTEEN((n) + 16), SIXTEEN((n) + 32), SIXTEEN((n) + 48)
#define PART(n) SIXTY_FOUR(n), SIXTY_FOUR((n) + 64)

static asl_number small_integers[SMALL_MAX - SMALL_MIN + 1] = {PART(-128), PART(0),   PART(128),
                                                               PART(256),  PART(384), PART(512),
                                                               PART(640),  PART(768), PART(896)};

static asl_value null_value = {.kind = ASL_KIND_NULL, .flags = ASL_VALUE_STATIC};
static asl_value false_value = {.kind = ASL_KIND_FALSE, .flags = ASL_VALUE_STATIC};
static asl_value true_value = {.kind = ASL_KIND_TRUE, .flags = ASL_VALUE_STATIC};
static struct {
    asl_value head;
    uint32_t size, text_size;
    char bytes[8];
} empty_string = {.head = {.kind = ASL_KIND_STRING, .flags = ASL_VALUE_STATIC}, .text_size = 2};
static asl_array empty_array = {
    .head = {.kind = ASL_KIND_ARRAY, .flags = ASL_VALUE_STATIC, .extent = 1}, .text_size = 2};
static asl_object empty_object = {
    .head = {.kind = ASL_KIND_OBJECT, .flags = ASL_VALUE_STATIC, .extent = 1}, .text_size = 2};

asl_value *asl_value_new(const asl_heap *heap, asl_kind kind, size_t size)
{
    asl_value *value = asl_allocate(heap, size);
    if (value != NULL)
        *value = (asl_value){.references = 1, .kind = (uint8_t)kind, .heap = heap};
    return value;
}

asl_value *asl_value_null(void)
{
    return &null_value;
}

asl_value *asl_value_bool(bool truth)
{
    return truth ? &true_value : &false_value;
}

static uint16_t integer_text_size(int64_t integer)
{
    uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
    uint16_t size = integer < 0 ? 2 : 1;
    for (; rest >= 10; rest /= 10)
        size++;
    return size;
}

asl_value *asl_value_integer(const asl_heap *heap, int64_t integer)
{
    if (integer >= SMALL_MIN && integer <= SMALL_MAX)
        return &small_integers[integer - SMALL_MIN].head;
    asl_number *made = (void *)asl_value_new(heap, ASL_KIND_NUMBER, sizeof *made);
    if (made == NULL)
        return NULL;
    made->head.extent = integer_text_size(integer);
    made->integer = integer;
    return &made->head;
}

asl_value *asl_value_double(const asl_heap *heap, double number)
{
    if (!isfinite(number))
        return NULL;
    /* Up to 2^53 an integer says the same; beyond, doubles print rounded as JavaScript's do. */
    if (number == floor(number) && fabs(number) <= 0x1p53)
        return asl_value_integer(heap, (int64_t)number);
    char text[ASL_DOUBLE_TEXT_SIZE];
    size_t size = asl_print_double(number, text);
    asl_number *made = (void *)asl_value_new(heap, ASL_KIND_NUMBER, sizeof *made + size);
    if (made == NULL)
        return NULL;
    made->head.flags = ASL_NUMBER_DOUBLE;
    made->head.extent = (uint16_t)size;
    made->number = number;
    memcpy(made->text, text, size);
    return &made->head;
}

/* The bytes that a character below U+0080 takes more in print than in memory. */
static unsigned escape_excess(unsigned char byte)
{
    if (byte == '"' || byte == '\\' || byte == '\b' || byte == '\f' || byte == '\n' ||
        byte == '\r' || byte == '\t')
        return 1;
    return byte < 0x20 ? 5 : 0;
}

#define EACH_BYTE(byte) ((byte)*UINT64_C(0x0101010101010101))

/* Whether one of eight bytes is a control character, a quote or a backslash; exact for ASCII. */
static inline bool needs_escape(uint64_t word)
{
    uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');
    uint64_t found = (word - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) | (backslash - EACH_BYTE(1));
    return (found & ~word & EACH_BYTE(0x80)) != 0;
}

size_t asl_string_text_size(const char *bytes, size_t size)
{
    if (size > ASL_STRING_BYTES_MAX || asl_utf8_valid(bytes, size) != size)
        return 0;
    size_t excess = 0, i = 0;
    while (i < size) {
        uint64_t word;
        if (size - i >= 8 && (memcpy(&word, bytes + i, 8), !needs_escape(word))) {
            i += 8;
            continue;
        }
        size_t end = size - i >= 8 ? i + 8 : size;
        for (; i < end; i++)
            excess += escape_excess((unsigned char)bytes[i]);
    }
    return size + excess + 2;
}

asl_value *asl_value_string_known(const asl_heap *heap, const char *bytes, size_t size,
                                  size_t text_size)
{
    if (size == 0)
        return &empty_string.head;
    asl_string *made = (void *)asl_value_new(heap, ASL_KIND_STRING, sizeof *made + size + 1);
    if (made == NULL)
        return NULL;
    made->size = (uint32_t)size;
    made->text_size = (uint32_t)text_size;
    memcpy(made->bytes, bytes, size);
    made->bytes[size] = '\0';
    return &made->head;
}

asl_value *asl_value_string_sized(const asl_heap *heap, const char *bytes, size_t size)
{
    size_t text_size = asl_string_text_size(bytes, size);
    return text_size != 0 ? asl_value_string_known(heap, bytes, size, text_size) : NULL;
}

asl_value *asl_value_string(const asl_heap *heap, const char *string)
{
    return asl_value_string_sized(heap, string, strlen(string));
}

asl_value *asl_value_format(const asl_heap *heap, const char *format, ...)
{
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, heap);
    va_list arguments;
    va_start(arguments, format);
    asl_buffer_format_list(&buffer, format, arguments);
    va_end(arguments);
    if (buffer.status != ASL_OK)
        return NULL;
    return asl_value_string_sized(heap, buffer.bytes, buffer.size);
}

/* With a hook the empty containers are made: what is appended later must come from that hook. */
asl_value *asl_value_array(const asl_heap *heap)
{
    return heap == NULL ? &empty_array.head : asl_value_array_reserved(heap, 0);
}

asl_value *asl_value_object(const asl_heap *heap)
{
    return heap == NULL ? &empty_object.head : asl_value_object_reserved(heap, 0);
}

asl_value *asl_value_array_reserved(const asl_heap *heap, size_t count)
{
    if (count > UINT32_MAX)
        return NULL;
    asl_array *made =
        (void *)asl_value_new(heap, ASL_KIND_ARRAY, sizeof *made + count * sizeof made->items[0]);
    if (made == NULL)
        return NULL;
    made->head.extent = 1;
    made->text_size = 2;
    made->count = 0;
    made->capacity = (uint32_t)count;
    return &made->head;
}

asl_value *asl_value_object_reserved(const asl_heap *heap, size_t count)
{
    if (count > UINT32_MAX)
        return NULL;
    asl_object *made = (void *)asl_value_new(heap, ASL_KIND_OBJECT,
                                             sizeof *made + count * sizeof made->members[0]);
    if (made == NULL)
        return NULL;
    made->head.extent = 1;
    made->text_size = 2;
    made->count = 0;
    made->capacity = (uint32_t)count;
    made->index = NULL;
    return &made->head;
}

size_t asl_value_block_size(const asl_value *value)
{
    switch ((asl_kind)value->kind) {
    case ASL_KIND_NUMBER:
        return sizeof(asl_number) + ((value->flags & ASL_NUMBER_DOUBLE) != 0 ? value->extent : 0);
    case ASL_KIND_STRING:
        return sizeof(asl_string) + asl_as_string(value)->size + 1;
    case ASL_KIND_ARRAY:
        return sizeof(asl_array) + asl_as_array(value)->capacity * sizeof(asl_value *);
    case ASL_KIND_OBJECT:
        return sizeof(asl_object) + asl_as_object(value)->capacity * sizeof(asl_member);
    case ASL_KIND_NULL:
    case ASL_KIND_FALSE:
    case ASL_KIND_TRUE:
        break;
    }
    return sizeof(asl_value);
}

asl_value *asl_value_ref(const asl_value *value)
{
    asl_value *counted = asl_value_writable(value);
    if (counted != NULL && (counted->flags & ASL_VALUE_STATIC) == 0)
        asl_count_up(&counted->references);
    return counted;
}

/* Drops one reference; true where it was the last. */
static inline bool drop(asl_value *value)
{
    return (value->flags & ASL_VALUE_STATIC) == 0 && asl_count_down(&value->references);
}

static void release_block(asl_value *value)
{
    size_t size = asl_value_block_size(value);
    void *block = value;
    if ((value->flags & ASL_VALUE_KEPT) != 0) {
        const asl_kept *kept = asl_value_kept(value);
        asl_release(value->heap, kept->bytes, kept->size);
        block = (asl_kept *)block - 1;
        size += sizeof *kept;
    }
    asl_release(value->heap, block, size);
}

/* A child of a dead container: freed at once where it is a scalar, else listed. */
static inline void drop_child(asl_value *child, asl_value **dead)
{
    if (!drop(child))
        return;
    if (asl_value_is_container(child)) {
        ((asl_array *)(void *)child)->next_dead = *dead;
        *dead = child;
    } else {
        release_block(child);
    }
}

static void drop_children(asl_value *value, asl_value **dead)
{
    if (value->kind == ASL_KIND_ARRAY) {
        const asl_array *array = asl_as_array(value);
        for (uint32_t i = 0; i < array->count; i++)
            drop_child(array->items[i], dead);
        return;
    }
    asl_object *object = (void *)value;
    for (uint32_t i = 0; i < object->count; i++) {
        drop_child(object->members[i].key, dead);
        drop_child(object->members[i].value, dead);
    }
    asl_object_index_drop(object);
}

void asl_value_unref(asl_value *value)
{
    if (value == NULL || !drop(value))
        return;
    if (!asl_value_is_container(value)) {
        release_block(value);
        return;
    }
    asl_value *dead = value;
    ((asl_array *)(void *)value)->next_dead = NULL;
    while (dead != NULL) {
        asl_value *container = dead;
        dead = ((asl_array *)(void *)container)->next_dead;
        drop_children(container, &dead);
        release_block(container);
    }
}

/* Copies a block, `front` bytes of room in front of it; the children are shared anew. */
static asl_value *copy_block(const asl_heap *heap, const asl_value *value, size_t front)
{
    size_t size = asl_value_block_size(value);
    char *block = asl_allocate(heap, front + size);
    if (block == NULL)
        return NULL;
    asl_value *copy = (void *)(block + front);
    memcpy(copy, value, size);
    copy->references = 1;
    copy->flags &= (uint8_t) ~(ASL_VALUE_STATIC | ASL_VALUE_KEPT);
    copy->heap = heap;
    if (copy->kind == ASL_KIND_ARRAY) {
        asl_array *array = (void *)copy;
        for (uint32_t i = 0; i < array->count; i++)
            asl_value_ref(array->items[i]);
    } else if (copy->kind == ASL_KIND_OBJECT) {
        asl_object *object = (void *)copy;
        object->index = NULL;
        for (uint32_t i = 0; i < object->count; i++) {
            asl_value_ref(object->members[i].key);
            asl_value_ref(object->members[i].value);
        }
    }
    return copy;
}

/* The same for a value that nobody else sees: it goes to its new place. */
static asl_value *move_block(const asl_heap *heap, asl_value *value, size_t front)
{
    size_t size = asl_value_block_size(value);
    char *block = asl_allocate(heap, front + size);
    if (block == NULL)
        return NULL;
    memcpy(block + front, value, size);
    asl_release(heap, value, size);
    return (void *)(block + front);
}

asl_value *asl_value_own_copy(const asl_heap *heap, asl_value *value)
{
    if (value == NULL || (value->flags & ASL_VALUE_STATIC) == 0)
        return value;
    return copy_block(heap, value, 0);
}

asl_value *asl_value_keep_text(const asl_heap *heap, asl_value *value, const char *text,
                               size_t size)
{
    asl_cleanup(asl_value_cleanup) asl_value *plain = value;
    char *bytes = asl_allocate(heap, size);
    if (bytes == NULL)
        return NULL;
    bool moves = (value->flags & ASL_VALUE_STATIC) == 0;
    asl_value *copy = moves ? move_block(heap, value, sizeof(asl_kept))
                            : copy_block(heap, value, sizeof(asl_kept));
    if (copy == NULL) {
        asl_release(heap, bytes, size);
        return NULL;
    }
    if (moves)
        asl_steal(plain);
    memcpy(bytes, text, size);
    ((asl_kept *)(void *)copy)[-1] = (asl_kept){.bytes = bytes, .size = size};
    copy->flags |= ASL_VALUE_KEPT | ASL_VALUE_KEPT_INSIDE;
    return copy;
}

const asl_heap *asl_value_heap(const asl_value *value)
{
    return value->heap;
}

asl_kind asl_value_kind(const asl_value *value)
{
    return value != NULL ? (asl_kind)value->kind : ASL_KIND_NULL;
}

const char *asl_value_get_string(const asl_value *value, size_t *ret_size)
{
    if (value == NULL || value->kind != ASL_KIND_STRING)
        return NULL;
    const asl_string *string = asl_as_string(value);
    if (ret_size != NULL)
        *ret_size = string->size;
    return string->bytes;
}

size_t asl_value_count(const asl_value *value)
{
    return value != NULL && asl_value_is_container(value) ? asl_as_array(value)->count : 0;
}

const asl_value *asl_value_at(const asl_value *container, size_t index)
{
    if (index >= asl_value_count(container))
        return NULL;
    if (container->kind == ASL_KIND_ARRAY)
        return asl_as_array(container)->items[index];
    return asl_as_object(container)->members[index].value;
}

const asl_value *asl_value_key(const asl_value *object, size_t index)
{
    if (object == NULL || object->kind != ASL_KIND_OBJECT || index >= asl_as_object(object)->count)
        return NULL;
    return asl_as_object(object)->members[index].key;
}

const asl_value *asl_value_get(const asl_value *object, const char *key)
{
    return asl_value_get_sized(object, key, strlen(key));
}

const asl_value *asl_value_get_sized(const asl_value *object, const char *key, size_t key_size)
{
    if (object == NULL || object->kind != ASL_KIND_OBJECT)
        return NULL;
    size_t position = asl_object_find(asl_as_object(object), key, key_size);
    return position != SIZE_MAX ? asl_as_object(object)->members[position].value : NULL;
}

size_t asl_value_text_size(const asl_value *value)
{
    if ((value->flags & ASL_VALUE_KEPT) != 0)
        return asl_value_kept(value)->size;
    switch ((asl_kind)value->kind) {
    case ASL_KIND_NULL:
    case ASL_KIND_TRUE:
        return 4;
    case ASL_KIND_FALSE:
        return 5;
    case ASL_KIND_NUMBER:
        return value->extent;
    case ASL_KIND_STRING:
        return asl_as_string(value)->text_size;
    case ASL_KIND_ARRAY:
        return asl_as_array(value)->text_size;
    case ASL_KIND_OBJECT:
        return asl_as_object(value)->text_size;
    }
    return 0;
}
