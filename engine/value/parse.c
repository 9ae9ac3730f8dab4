/* Parsing: yajl finds the tokens, and nothing more.
 *
 * Its callbacks push values on a stack; the end of a container takes what it holds off again and
 * makes one block of it. What yajl does badly is kept away from it: the text is scanned before for
 * what it wrongly lets pass, depth is counted here, and its memory comes from an allocator that
 * leaves by longjmp where there is none, since yajl does not look. That memory lies on the C stack
 * first, so parsing a small text asks the heap for nothing but the values. */
#include "value/parse.h"

#include <setjmp.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/map.h"
#include "value/json_text.h"

#define SCRATCH_SIZE 4096 /* what yajl takes for a text without long escaped strings */
#define KEY_CACHE_SIZE 64 /* as many as `keys_used` has bits */
#ifdef ASL_PARANOID
#define VALUES_FIRST 2
#else
#define VALUES_FIRST 128
#endif

typedef struct frame {
    size_t first;     /* of the container's values on the stack; an object's keys are among them */
    size_t text_size; /* of what is in it so far, without commas and colons */
    uint64_t seen;    /* a bit for each key's hash: two keys are compared only if they share one */
    unsigned depth;   /* of the deepest container in it */
    uint32_t range;
    bool is_object, may_repeat;
} frame;

typedef struct parser {
    const asl_heap *heap;
    const char *text;
    size_t size;
    unsigned depth_max;
    int status;
    size_t offset;       /* where `message` applies */
    const char *message; /* a literal; where NULL, the text is explained */
    yajl_handle handle;
    jmp_buf out_of_memory;
    asl_value **values; /* the stack; `inline_values` until it is full */
    size_t count, capacity;
    asl_value *inline_values[VALUES_FIRST];
    size_t depth;
    frame frames[ASL_VALUE_DEPTH_MAX];
    asl_value *root;
    size_t root_end;
    uint64_t keys_used; /* a bit for each place of the cache that holds a reference */
    asl_value *keys[KEY_CACHE_SIZE];
    asl_document *document;
    uint32_t key_range;
    size_t token_end; /* of the token before */
    bool in_last_step;
    asl_arena arena;
    char *scratch_next;
    _Alignas(max_align_t) char scratch[SCRATCH_SIZE];
} parser;

/* yajl's memory. Nothing is given back before the end: a block that grows is copied. */
typedef struct scratch_block {
    _Alignas(max_align_t) size_t size;
    char bytes[];
} scratch_block;

static void *scratch_allocate(void *context, size_t size)
{
    parser *p = context;
    size_t whole =
        (sizeof(scratch_block) + size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    scratch_block *block = NULL;
    if (size < SIZE_MAX / 2 && whole <= (size_t)(p->scratch + SCRATCH_SIZE - p->scratch_next)) {
        block = (void *)p->scratch_next;
        p->scratch_next += whole;
    } else if (size < SIZE_MAX / 2) {
        block = asl_arena_allocate(&p->arena, whole);
    }
    if (block == NULL)
        longjmp(p->out_of_memory, 1);
    block->size = size;
    return block->bytes;
}

static void *scratch_reallocate(void *context, void *pointer, size_t size)
{
    if (pointer == NULL)
        return scratch_allocate(context, size);
    const scratch_block *block = (void *)((char *)pointer - offsetof(scratch_block, bytes));
    if (size <= block->size)
        return pointer;
    void *moved = scratch_allocate(context, size);
    memcpy(moved, pointer, block->size);
    return moved;
}

static void scratch_release(void *context, void *pointer)
{
    (void)context;
    (void)pointer;
}

/* Where the token that was read last ends. */
static size_t position(const parser *p)
{
    return p->in_last_step ? p->size : yajl_get_bytes_consumed(p->handle);
}

static int stop(parser *p, int status)
{
    p->status = status;
    return 0;
}

/* Stops at the token that ends here and has `size` bytes. */
static int stop_at_token(parser *p, size_t size, const char *message)
{
    p->status = ASL_TOO_LARGE;
    p->message = message;
    p->offset = position(p) - size;
    return 0;
}

/* Records the range of a node or key that ends here; `start` is where its token begins. */
static int add_range(parser *p, const asl_value *value, size_t start, bool is_key)
{
    asl_document *document = p->document;
    int status = asl_array_reserve(p->heap, &document->ranges, &document->capacity, document->count,
                                   UINT32_MAX);
    if (status != ASL_OK)
        return stop(p, status);
    const frame *top = p->depth > 0 ? &p->frames[p->depth - 1] : NULL;
    document->ranges[document->count] = (asl_node_range){
        .value = value,
        .offset = start,
        .length = position(p) - start,
        .parent = top != NULL ? top->range : UINT32_MAX,
        .key = top != NULL && top->is_object && !is_key ? p->key_range : UINT32_MAX,
        .is_key = is_key};
    if (is_key)
        p->key_range = (uint32_t)document->count;
    document->count++;
    return 1;
}

/* Where the token that just ended begins: after what stands between tokens. */
static size_t token_start(const parser *p)
{
    size_t start = p->token_end;
    while (start < p->size && memchr(" \t\r\n,:", p->text[start], 6) != NULL)
        start++;
    return start;
}

static int push(parser *p, asl_value *value)
{
    if (p->count == p->capacity) {
        asl_value **grown = asl_allocate(p->heap, p->capacity * 2 * sizeof *grown);
        if (grown == NULL) {
            asl_value_unref(value);
            return stop(p, ASL_NOMEM);
        }
        memcpy(grown, p->values, p->count * sizeof *grown);
        if (p->values != p->inline_values)
            asl_release(p->heap, p->values, p->capacity * sizeof *grown);
        p->values = grown;
        p->capacity *= 2;
    }
    p->values[p->count++] = value;
    return 1;
}

/* A value is complete: it goes into the container around it, or is the root. */
static int add_value(parser *p, asl_value *value)
{
    if (value == NULL)
        return stop(p, ASL_NOMEM);
    if (p->depth == 0) {
        p->root = value;
        p->root_end = position(p);
        return 1;
    }
    frame *top = &p->frames[p->depth - 1];
    top->text_size += asl_value_text_size(value);
    unsigned depth = asl_value_depth(value);
    top->depth = depth > top->depth ? depth : top->depth;
    return push(p, value);
}

static int add_scalar(parser *p, asl_value *value)
{
    if (p->document != NULL && value != NULL) {
        asl_value *own = asl_value_own_copy(p->heap, value);
        if (own == NULL || !add_range(p, own, token_start(p), false)) {
            asl_value_unref(own);
            return stop(p, ASL_NOMEM);
        }
        p->token_end = position(p);
        value = own;
    }
    return add_value(p, value);
}

static int on_null(void *context)
{
    return add_scalar(context, asl_value_null());
}

static int on_boolean(void *context, int truth)
{
    return add_scalar(context, asl_value_bool(truth != 0));
}

static int on_number(void *context, const char *text, size_t size)
{
    parser *p = context;
    if (size > ASL_NUMBER_TEXT_MAX)
        return stop_at_token(p, size, "A number is longer than 1000 bytes");
    return add_scalar(p, asl_value_number_known(p->heap, text, size));
}

/* A string without escapes lies in the text itself, and needs none when it is printed. */
static asl_value *new_string(const parser *p, const char *bytes, size_t size)
{
    bool is_plain = bytes >= p->text && bytes < p->text + p->size;
    size_t text_size = is_plain ? size + 2 : asl_string_text_size(bytes, size);
    return asl_value_string_known(p->heap, bytes, size, text_size);
}

static int on_string(void *context, const unsigned char *bytes, size_t size)
{
    parser *p = context;
    if (size > ASL_STRING_BYTES_MAX)
        return stop_at_token(p, size, "A string is longer than 512 MiB");
    return add_scalar(p, new_string(p, (const char *)bytes, size));
}

/* Weak and fast: for the cache of keys and the first look for repeated ones. */
static uint64_t weak_hash(const char *bytes, size_t size)
{
    uint64_t head = 0, tail = 0;
    if (size >= 8) {
        memcpy(&head, bytes, 8);
        memcpy(&tail, bytes + size - 8, 8);
    } else if (size > 0) {
        for (size_t i = 0; i < size; i++)
            head = head << 8 | (unsigned char)bytes[i];
    }
    uint64_t mixed = (head ^ (tail << 7 | tail >> 57) ^ size) * UINT64_C(0x9e3779b97f4a7c15);
    return mixed ^ mixed >> 32;
}

/* A key's string value: keys repeat from object to object, and are shared. */
static asl_value *key_value(parser *p, const char *bytes, size_t size, uint64_t hash)
{
    if (p->document != NULL)
        return asl_value_own_copy(p->heap, new_string(p, bytes, size));
    asl_value **slot = &p->keys[hash % KEY_CACHE_SIZE];
    uint64_t bit = UINT64_C(1) << hash % KEY_CACHE_SIZE;
    if ((p->keys_used & bit) != 0) {
        const asl_string *cached = asl_as_string(*slot);
        if (cached->size == size && memcmp(cached->bytes, bytes, size) == 0)
            return asl_value_ref(*slot);
    }
    asl_value *key = new_string(p, bytes, size);
    if (key != NULL) {
        if ((p->keys_used & bit) != 0)
            asl_value_unref(*slot);
        *slot = asl_value_ref(key);
        p->keys_used |= bit;
    }
    return key;
}

/* Whether a key whose bit was seen may repeat one of the open object. Few keys are looked at now,
 * many when the object is complete, by an index. */
static bool may_repeat(const parser *p, const frame *top, const char *bytes, size_t size)
{
    if (p->count - top->first > 2 * ASL_OBJECT_INDEX_FROM)
        return true;
    for (size_t i = top->first; i < p->count; i += 2) {
        const asl_string *key = asl_as_string(p->values[i]);
        if (key->size == size && memcmp(key->bytes, bytes, size) == 0)
            return true;
    }
    return false;
}

static int on_key(void *context, const unsigned char *bytes, size_t size)
{
    parser *p = context;
    if (size > ASL_STRING_BYTES_MAX)
        return stop_at_token(p, size, "A key is longer than 512 MiB");
    uint64_t hash = weak_hash((const char *)bytes, size);
    frame *top = &p->frames[p->depth - 1];
    uint64_t bit = UINT64_C(1) << (hash >> 26 & 63);
    if ((top->seen & bit) != 0 && !top->may_repeat)
        top->may_repeat = may_repeat(p, top, (const char *)bytes, size);
    top->seen |= bit;
    asl_value *key = key_value(p, (const char *)bytes, size, hash);
    if (key == NULL)
        return stop(p, ASL_NOMEM);
    top->text_size += asl_as_string(key)->text_size;
    if (p->document != NULL) {
        if (!add_range(p, key, token_start(p), true)) {
            asl_value_unref(key);
            return 0;
        }
        p->token_end = position(p);
    }
    return push(p, key);
}

static int start_container(parser *p, bool is_object)
{
    if (p->depth == p->depth_max)
        return stop_at_token(p, 1, "The text is nested too deeply");
    uint32_t range = 0;
    if (p->document != NULL) {
        range = (uint32_t)p->document->count;
        if (!add_range(p, NULL, token_start(p), false))
            return 0;
        p->token_end = position(p);
    }
    p->frames[p->depth++] = (frame){.first = p->count, .range = range, .is_object = is_object};
    return 1;
}

static int on_start_map(void *context)
{
    return start_container(context, true);
}

static int on_start_array(void *context)
{
    return start_container(context, false);
}

/* The container is made: its range is complete, and it goes into the one around it. */
static int end_container(parser *p, asl_value *value)
{
    const frame *top = &p->frames[p->depth - 1];
    if (p->document != NULL) {
        asl_node_range *range = &p->document->ranges[top->range];
        range->value = value;
        range->length = position(p) - range->offset;
        p->token_end = position(p);
    }
    p->depth--;
    return add_value(p, value);
}

static int on_end_array(void *context)
{
    parser *p = context;
    const frame *top = &p->frames[p->depth - 1];
    size_t count = p->count - top->first;
    if (count == 0 && p->document == NULL)
        return end_container(p, asl_value_array(p->heap));
    asl_value *value = asl_value_array_reserved(p->heap, count);
    if (value == NULL)
        return stop(p, ASL_NOMEM);
    asl_array *array = (void *)value;
    memcpy(array->items, p->values + top->first, count * sizeof *p->values);
    array->count = (uint32_t)count;
    array->text_size = top->text_size + 2 + (count > 0 ? count - 1 : 0);
    value->extent = (uint16_t)(top->depth + 1);
    p->count = top->first;
    return end_container(p, value);
}

/* A key repeats the one at `earlier`: what that one held is about to be dropped, and so is the
 * later key's string. */
static void mark_repeated(asl_document *document, uint32_t earlier, uint32_t later)
{
    asl_node_range *ranges = document->ranges;
    uint32_t object_range = ranges[later].parent;
    ranges[later].is_duplicate = true;
    ranges[later].value = ranges[earlier].value;
    uint32_t i = earlier + 1; /* the node itself, and what is below it */
    do
        ranges[i++].value = NULL;
    while (ranges[i].parent != object_range);
}

/* Looks for keys that repeat an earlier one in the object at `object_range`. */
static int find_repeated(parser *p, uint32_t object_range)
{
    asl_document *document = p->document;
    asl_cleanup(asl_map_done) asl_map map;
    asl_map_init(&map, p->heap);
    for (uint32_t i = object_range + 1; i < document->count; i++) {
        const asl_node_range *range = &document->ranges[i];
        if (!range->is_key || range->parent != object_range)
            continue;
        const asl_string *key = asl_as_string(range->value);
        bool is_new;
        asl_map_entry *entry = asl_map_put(&map, key->bytes, key->size, &is_new);
        if (entry == NULL)
            return stop(p, ASL_NOMEM);
        if (!is_new)
            mark_repeated(document, (uint32_t)entry->number, i);
        entry->number = i;
    }
    return 1;
}

static int on_end_map(void *context)
{
    parser *p = context;
    const frame *top = &p->frames[p->depth - 1];
    size_t count = (p->count - top->first) / 2;
    if (count == 0 && p->document == NULL)
        return end_container(p, asl_value_object(p->heap));
    if (top->may_repeat && p->document != NULL && !find_repeated(p, top->range))
        return 0;
    asl_value *value = asl_value_object_reserved(p->heap, count);
    if (value == NULL)
        return stop(p, ASL_NOMEM);
    asl_object *object = (void *)value;
    memcpy(object->members, p->values + top->first, count * sizeof *object->members);
    object->count = (uint32_t)count;
    object->text_size = top->text_size + 2 + (count > 0 ? 2 * count - 1 : 0);
    value->extent = (uint16_t)(top->depth + 1);
    p->count = top->first;
    if (top->may_repeat) {
        int status = asl_object_deduplicate(object);
        if (status != ASL_OK) {
            asl_value_unref(value);
            return stop(p, status);
        }
    }
    return end_container(p, value);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end_map,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end_array,
};

/* Runs the tokenizer over the whole text. False where it refused or a callback stopped it. */
static bool tokenize(parser *p)
{
    yajl_alloc_funcs functions = {.malloc = scratch_allocate,
                                  .realloc = scratch_reallocate,
                                  .free = scratch_release,
                                  .ctx = p};
    if (setjmp(p->out_of_memory) != 0) {
        p->status = ASL_NOMEM;
        return false;
    }
    p->handle = yajl_alloc(&callbacks, &functions, p);
    yajl_config(p->handle, yajl_dont_validate_strings, 1); /* the prescan has */
    if (yajl_parse(p->handle, (const unsigned char *)p->text, p->size) != yajl_status_ok)
        return false;
    p->in_last_step = true;
    if (yajl_complete_parse(p->handle) != yajl_status_ok || p->root == NULL)
        return false;
    /* It lets a token that has no end stand behind the value. */
    size_t end = p->root_end;
    while (end < p->size && memchr(" \t\r\n", p->text[end], 4) != NULL)
        end++;
    return end == p->size;
}

/* Describes why the text was refused. */
static int describe(parser *p, asl_error **error)
{
    if (p->status == ASL_NOMEM)
        return asl_error_set(error, ASL_NOMEM, "Out of memory");
    if (p->message != NULL)
        return asl_error_set_place(error, p->status, p->text, p->size, p->offset, "%s", p->message);
    asl_cleanup(asl_buffer_done) asl_buffer message;
    asl_buffer_init(&message, p->heap);
    size_t offset = p->handle != NULL ? position(p) : 0;
    if (!asl_json_explain(p->text, p->size, &offset, &message))
        asl_buffer_text(&message, "The text is not valid JSON");
    const char *text = asl_buffer_string(&message);
    if (text == NULL)
        return asl_error_set(error, ASL_NOMEM, "Out of memory");
    return asl_error_set_place(error, ASL_SYNTAX, p->text, p->size, offset, "%s", text);
}

static void parser_done(parser *p)
{
    for (size_t i = 0; i < p->count; i++)
        asl_value_unref(p->values[i]);
    if (p->values != p->inline_values)
        asl_release(p->heap, p->values, p->capacity * sizeof *p->values);
    for (; p->keys_used != 0; p->keys_used &= p->keys_used - 1)
        asl_value_unref(p->keys[__builtin_ctzll(p->keys_used)]);
    asl_value_unref(p->root);
    asl_arena_done(&p->arena);
}

int asl_parse_text(const asl_heap *heap, const char *text, size_t size, unsigned depth_max,
                   asl_document *document, asl_value **ret_value, asl_error **error)
{
    parser p;
    p.heap = heap;
    p.text = text;
    p.size = size;
    p.depth_max = depth_max;
    p.status = ASL_SYNTAX;
    p.message = NULL;
    p.values = p.inline_values;
    p.count = 0;
    p.capacity = VALUES_FIRST;
    p.depth = 0;
    p.root = NULL;
    p.keys_used = 0;
    p.document = document;
    p.key_range = UINT32_MAX;
    p.token_end = 0;
    p.in_last_step = false;
    asl_arena_init(&p.arena, heap);
    p.scratch_next = p.scratch;
    p.handle = NULL;
    int status = ASL_OK;
    if (asl_json_prescan(text, size, &p.offset, &p.message) && tokenize(&p))
        *ret_value = asl_steal(p.root);
    else
        status = describe(&p, error);
    parser_done(&p);
    return status;
}

int asl_value_parse(const asl_heap *heap, const char *text, size_t size, unsigned flags,
                    asl_value **ret_value, asl_error **error)
{
    if ((text == NULL && size > 0) || ret_value == NULL ||
        (flags & ~(ASL_PARSE_KEEP_TEXT | ASL_PARSE_STORED)) != 0)
        return asl_error_set(error, ASL_MISUSE, "asl_value_parse: a wrong argument");
    unsigned depth_max = (flags & ASL_PARSE_STORED) != 0 ? ASL_VALUE_DEPTH_MAX : ASL_JSON_DEPTH_MAX;
    asl_value *value = NULL;
    int status = asl_parse_text(heap, size > 0 ? text : "", size, depth_max, NULL, &value, error);
    if (status != ASL_OK)
        return status;
    bool keeps = (flags & ASL_PARSE_KEEP_TEXT) != 0 &&
                 (asl_value_is_container(value) || asl_value_text_size(value) != size ||
                  memchr(text, '\\', size) != NULL);
    if (keeps)
        value = asl_value_keep_text(heap, value, text, size);
    if (value == NULL)
        return asl_error_set(error, ASL_NOMEM, "Out of memory");
    *ret_value = value;
    return ASL_OK;
}
