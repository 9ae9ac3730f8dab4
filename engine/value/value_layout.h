/* How a value lies in memory: for engine/value/ and readers that must be fast.
 *
 * Every value begins with the same 16 bytes. A string's bytes, a number's literal, an array's items
 * and an object's members follow in the same block, so a value is one allocation (two for an object
 * with an index). A value with kept text has its asl_kept in front of it, in the same block. Static
 * values have references of 0 and ASL_VALUE_STATIC, and are never written. */
#ifndef ASL_VALUE_LAYOUT_H
#define ASL_VALUE_LAYOUT_H

#include "base/limits.h"
#include "value/value.h"

#define ASL_VALUE_STATIC 1u      /* never counted, never freed */
#define ASL_VALUE_KEPT 2u        /* has an asl_kept in front of it */
#define ASL_VALUE_KEPT_INSIDE 4u /* it, or something below it, has kept text */
#define ASL_NUMBER_DOUBLE 8u     /* `number` holds, not `integer`, and its text follows */
#define ASL_NUMBER_LITERAL 16u   /* that is the text it was parsed from; implies DOUBLE */

struct asl_value {
    uint32_t references; /* atomic */
    uint8_t kind;        /* asl_kind */
    uint8_t flags;
    uint16_t extent; /* array, object: levels of containers, itself included (an upper bound);
                        number: size of its text */
    const asl_heap *heap;
};

typedef struct asl_kept {
    char *bytes;
    size_t size;
} asl_kept;

typedef struct asl_number {
    asl_value head;
    union {
        int64_t integer;
        double number;
    };
    char text[]; /* `extent` bytes where it is a double */
} asl_number;

typedef struct asl_string {
    asl_value head;
    uint32_t size;
    uint32_t text_size; /* printed: quotes and escapes included */
    char bytes[];       /* NUL behind them */
} asl_string;

typedef struct asl_array {
    asl_value head;
    union {
        size_t text_size;
        asl_value *next_dead; /* while it is being freed */
    };
    uint32_t count, capacity;
    asl_value *items[];
} asl_array;

typedef struct asl_member {
    asl_value *key, *value;
} asl_member;

/* Positions by hash; see object.c. */
typedef struct asl_object_index asl_object_index;

typedef struct asl_object {
    asl_value head;
    union {
        size_t text_size;
        asl_value *next_dead;
    };
    uint32_t count, capacity;
    asl_object_index *index; /* atomic; NULL until wanted */
    asl_member members[];
} asl_object;

/* The value without its const: only counting and the lazy index write to what is const. */
static inline asl_value *asl_value_writable(const asl_value *value)
{
    return (asl_value *)(uintptr_t)value;
}
static inline const asl_number *asl_as_number(const asl_value *value)
{
    return (const asl_number *)(const void *)value;
}
static inline const asl_string *asl_as_string(const asl_value *value)
{
    return (const asl_string *)(const void *)value;
}
static inline const asl_array *asl_as_array(const asl_value *value)
{
    return (const asl_array *)(const void *)value;
}
static inline const asl_object *asl_as_object(const asl_value *value)
{
    return (const asl_object *)(const void *)value;
}
static inline const asl_kept *asl_value_kept(const asl_value *value)
{
    return (const asl_kept *)(const void *)value - 1;
}
static inline bool asl_value_is_container(const asl_value *value)
{
    return value->kind >= ASL_KIND_ARRAY;
}
static inline unsigned asl_value_depth(const asl_value *value)
{
    return asl_value_is_container(value) ? value->extent : 0;
}

/* value.c */
/* A block of `size` bytes for a value, its head filled. */
asl_value *asl_value_new(const asl_heap *heap, asl_kind kind, size_t size);
/* Bytes of the value's block, what lies in front of it not counted. */
size_t asl_value_block_size(const asl_value *value);
/* A string whose bytes are known to be UTF-8 of at most ASL_STRING_BYTES_MAX and whose printed size
 * is known. */
asl_value *asl_value_string_known(const asl_heap *heap, const char *bytes, size_t size,
                                  size_t text_size);
/* Printed size of a string; 0 where the bytes are not UTF-8 or too many. */
size_t asl_string_text_size(const char *bytes, size_t size);
/* Its own copy of a static scalar, an array or an object: never static. Steals. */
asl_value *asl_value_own_copy(const asl_heap *heap, asl_value *value);
/* The value, which nobody else sees, with a copy of `text` as its kept text. Steals `value`, also
 * when out of memory. */
asl_value *asl_value_keep_text(const asl_heap *heap, asl_value *value, const char *text,
                               size_t size);

/* numbers.c: a number whose text is known to follow JSON's grammar. */
asl_value *asl_value_number_known(const asl_heap *heap, const char *text, size_t size);
/* Whether the text is one JSON number. */
bool asl_number_text_valid(const char *text, size_t size);

/* object.c */
/* The position of a key, SIZE_MAX where there is none. */
size_t asl_object_find(const asl_object *object, const char *key, size_t key_size);
/* Notes that the member at `position`, the last, was added. Drops the index when out of memory. */
void asl_object_index_add(asl_object *object, uint32_t position);
void asl_object_index_drop(asl_object *object);
/* Of equal keys the first position and the last value remain. */
int asl_object_deduplicate(asl_object *object);

#endif
