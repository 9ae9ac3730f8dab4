/* Values as the engine sees them: the public interface, inline readers, and what only the engine
 * may do.
 *
 * Layout: a header of 16 bytes (references, kind, flags, heap), then the kind's own part. null,
 * true, false, small integers and the empty string, array and object are static and never counted.
 * A container knows the size of its compact text from construction (`text_size`), so limits are one
 * comparison. A value parsed with ASL_PARSE_KEEP_TEXT carries its source text, and prints as that.
 * The struct stands in value_layout.h, which only engine/value/ and hot readers include. */
#ifndef ASL_VALUE_VALUE_H
#define ASL_VALUE_VALUE_H

#include <asl/value.h>

#include "base/buffer.h"
#include "base/cleanup.h"

/* The heap a value was made with (NULL for static ones). */
const asl_heap *asl_value_heap(const asl_value *value);
static inline void asl_value_cleanup(asl_value **value)
{
    asl_value_unref(*value);
}
/* Exchanges a reference: unrefs what *slot held, takes over `value`. */
static inline void asl_value_move(asl_value **slot, asl_value *value)
{
    asl_value *old = *slot;
    *slot = value;
    asl_value_unref(old);
}

/* Replaces an item; same rules as asl_value_set. Past the end: ASL_MISUSE. */
int asl_value_replace(asl_value **array, size_t index, asl_value *item);
/* An array or object with room for `count` entries. */
asl_value *asl_value_array_reserved(const asl_heap *heap, size_t count);
asl_value *asl_value_object_reserved(const asl_heap *heap, size_t count);
/* Sets by a key that is already a string value (shared, not copied). */
int asl_value_set_key(asl_value **object, const asl_value *key, asl_value *item);
/* A number from JSON's grammar; keeps the text where printing the number would not give it back.
 * NULL when out of memory or no JSON number. */
asl_value *asl_value_number_text(const asl_heap *heap, const char *text, size_t size);
/* A string value that is printf'ed. NULL when out of memory. */
asl_value *asl_value_format(const asl_heap *heap, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool asl_value_is_string(const asl_value *value)
{
    return asl_value_kind(value) == ASL_KIND_STRING;
}
static inline bool asl_value_is_object(const asl_value *value)
{
    return asl_value_kind(value) == ASL_KIND_OBJECT;
}
static inline bool asl_value_is_array(const asl_value *value)
{
    return asl_value_kind(value) == ASL_KIND_ARRAY;
}
static inline bool asl_value_is_number(const asl_value *value)
{
    return asl_value_kind(value) == ASL_KIND_NUMBER;
}
static inline bool asl_value_is_bool(const asl_value *value)
{
    return asl_value_kind(value) == ASL_KIND_TRUE || asl_value_kind(value) == ASL_KIND_FALSE;
}

/* The value without kept text, its own or of what is below it: what AWS re-serialises. A new
 * reference, to the same value where it has none; NULL when out of memory. */
asl_value *asl_value_compact(const asl_value *value);

/* Parsing what the engine itself has printed: up to ASL_VALUE_DEPTH_MAX levels, for a value that
 * was built may be deeper than one that may be sent in. A flag beside those of <asl/value.h>. */
#define ASL_PARSE_STORED 0x80000000u

/* The bytes that printing gives: O(1) for what is made, kept text included. */
size_t asl_value_text_size(const asl_value *value);
/* Appends the compact (or kept) text. Iterative. */
void asl_value_print_to(const asl_value *value, asl_buffer *buffer);
/* A copy for a host, which frees it with asl_text_free; NULL when out of memory. */
char *asl_text_new(const asl_heap *heap, const char *bytes, size_t size);
/* Appends one JSON string literal for the bytes. */
void asl_print_string(const char *bytes, size_t size, asl_buffer *buffer);
/* Shortest digits that round-trip, as JavaScript prints (1e+21); integers without ".0". Returns the
 * size. */
#define ASL_DOUBLE_TEXT_SIZE 32
size_t asl_print_double(double number, char out[ASL_DOUBLE_TEXT_SIZE]);

/* -1, 0, 1 by numeric value, exact for integers beyond 2^53; both must be numbers. */
int asl_value_compare_numbers(const asl_value *left, const asl_value *right);

/* Parsing a document with the byte range of every node: for definitions. Ranges are in document
 * order of the nodes (container before its members; an object's keys have ranges of their own,
 * before their value). Every node and key is a value of its own, even null or 1, so its pointer is
 * found in one range only. Of duplicate keys the last value is seen, at the first one's position;
 * the later keys are marked (their value is the first one's string), and the ranges of what the
 * earlier ones held have a NULL value. */
typedef struct asl_node_range {
    const asl_value *value; /* the node; for a key the key's string value */
    size_t offset, length;
    uint32_t parent; /* index of the container's range; UINT32_MAX for the root */
    uint32_t key;    /* index of the key's range where the node is a member; else UINT32_MAX */
    bool is_key, is_duplicate;
} asl_node_range;
typedef struct asl_document {
    const asl_heap *heap;
    asl_value *root;
    asl_node_range *ranges;
    size_t count, capacity;
} asl_document;
int asl_document_parse(const asl_heap *heap, const char *text, size_t size, unsigned depth_max,
                       asl_document *ret_document, asl_error **error);
void asl_document_done(asl_document *document);

#endif
