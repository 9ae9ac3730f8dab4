/* What an expression computes with: 16 bytes that are passed by value.
 *
 * A datum either points into the input (an asl_value, never copied and never counted: the input
 * outlives the evaluation) or into the evaluation's scratch memory, or is immediate. Undefined is a
 * kind of its own; so are functions, and the tuples that `@`, `#` and `%` make.
 *
 * Strings are UTF-8 in which, unlike in values, a lone surrogate may stand as the three bytes that
 * its code point would take: JavaScript's strings can hold one. Leaving the evaluation it becomes
 * U+FFFD. */
#ifndef ASL_JSONATA_DATUM_H
#define ASL_JSONATA_DATUM_H

#include <string.h>

#include "value/value_layout.h"

typedef enum asl_datum_kind {
    ASL_DATUM_UNDEFINED,
    ASL_DATUM_NULL,
    ASL_DATUM_BOOL,
    ASL_DATUM_NUMBER,
    ASL_DATUM_STRING,
    ASL_DATUM_ARRAY,
    ASL_DATUM_OBJECT,
    ASL_DATUM_FUNCTION,
    ASL_DATUM_TUPLE /* only inside of a tuple stream */
} asl_datum_kind;

#define ASL_DATUM_INPUT 1u   /* number, array, object: `value` is a part of the input */
#define ASL_DATUM_WRAPPED 2u /* function: handed over as an argument, so it sees no context */
#define ASL_DATUM_BUILTIN 4u /* function: `builtin` is its name */
#define ASL_DATUM_KNOWN 8u   /* a variable of the host that was asked for */

typedef struct asl_list asl_list;
typedef struct asl_dict asl_dict;
typedef struct asl_closure asl_closure;
typedef struct asl_tuple asl_tuple;

typedef struct asl_datum {
    uint8_t kind; /* asl_datum_kind */
    uint8_t flags;
    uint32_t size; /* string: its bytes */
    union {
        bool truth;
        double number;
        const char *bytes;
        const asl_value *value;
        asl_list *list;
        asl_dict *dict;
        asl_closure *closure;
        const struct asl_name *builtin;
        asl_tuple *tuple;
    };
} asl_datum;

/* An array that was made. Sequences are JSONata's own: the result of a path or a filter, which
 * collapses to its only item, or to nothing. */
struct asl_list {
    asl_datum *items;
    uint32_t count, capacity;
    bool is_sequence, keeps_singleton, is_tuple_stream;
    bool is_constructed;   /* `[...]` as a step: stays an array inside of a sequence */
    bool is_outer_wrapper; /* around an input that is an array, so that it is one item */
};

typedef struct asl_dict_member {
    asl_datum key, item; /* the key is a string */
} asl_dict_member;

/* An object that was made. From some members on it has a table of positions plus one by hash. */
struct asl_dict {
    asl_dict_member *members;
    uint32_t count, capacity;
    uint32_t *slots;
    uint32_t mask;
};

static inline asl_datum asl_datum_undefined(void)
{
    return (asl_datum){.kind = ASL_DATUM_UNDEFINED};
}
static inline asl_datum asl_datum_null(void)
{
    return (asl_datum){.kind = ASL_DATUM_NULL};
}
static inline asl_datum asl_datum_bool(bool truth)
{
    return (asl_datum){.kind = ASL_DATUM_BOOL, .truth = truth};
}
static inline asl_datum asl_datum_number(double number)
{
    return (asl_datum){.kind = ASL_DATUM_NUMBER, .number = number};
}
/* `size` bytes of scratch memory, or static ones. */
static inline asl_datum asl_datum_string(const char *bytes, size_t size)
{
    return (asl_datum){.kind = ASL_DATUM_STRING, .size = (uint32_t)size, .bytes = bytes};
}
static inline asl_datum asl_datum_list(asl_list *list)
{
    return (asl_datum){.kind = ASL_DATUM_ARRAY, .list = list};
}
static inline asl_datum asl_datum_dict(asl_dict *dict)
{
    return (asl_datum){.kind = ASL_DATUM_OBJECT, .dict = dict};
}

/* A part of the input. */
static inline asl_datum asl_datum_of(const asl_value *value)
{
    static const uint8_t kinds[] = {
        [ASL_KIND_NULL] = ASL_DATUM_NULL,     [ASL_KIND_FALSE] = ASL_DATUM_BOOL,
        [ASL_KIND_TRUE] = ASL_DATUM_BOOL,     [ASL_KIND_NUMBER] = ASL_DATUM_NUMBER,
        [ASL_KIND_STRING] = ASL_DATUM_STRING, [ASL_KIND_ARRAY] = ASL_DATUM_ARRAY,
        [ASL_KIND_OBJECT] = ASL_DATUM_OBJECT};
    asl_datum datum = {.kind = kinds[value->kind], .flags = ASL_DATUM_INPUT, .value = value};
    if (value->kind == ASL_KIND_STRING)
        return asl_datum_string(asl_as_string(value)->bytes, asl_as_string(value)->size);
    if (datum.kind == ASL_DATUM_BOOL)
        return asl_datum_bool(value->kind == ASL_KIND_TRUE);
    return datum;
}

static inline bool asl_datum_is(asl_datum datum, asl_datum_kind kind)
{
    return datum.kind == kind;
}
static inline bool asl_datum_is_undefined(asl_datum datum)
{
    return datum.kind == ASL_DATUM_UNDEFINED;
}
static inline bool asl_datum_is_input(asl_datum datum)
{
    return (datum.flags & ASL_DATUM_INPUT) != 0;
}
/* Whether it holds no pointer into scratch memory. */
static inline bool asl_datum_is_immediate(asl_datum datum)
{
    return datum.kind <= ASL_DATUM_NUMBER || asl_datum_is_input(datum);
}

/* The number of a number. */
static inline double asl_datum_double(asl_datum datum)
{
    if (!asl_datum_is_input(datum))
        return datum.number;
    const asl_number *number = asl_as_number(datum.value);
    return (number->head.flags & ASL_NUMBER_DOUBLE) != 0 ? number->number : (double)number->integer;
}

/* An array's items. */
static inline size_t asl_datum_count(asl_datum array)
{
    return asl_datum_is_input(array) ? asl_as_array(array.value)->count : array.list->count;
}
static inline asl_datum asl_datum_at(asl_datum array, size_t index)
{
    return asl_datum_is_input(array) ? asl_datum_of(asl_as_array(array.value)->items[index])
                                     : array.list->items[index];
}
static inline bool asl_datum_is_sequence(asl_datum datum)
{
    return datum.kind == ASL_DATUM_ARRAY && !asl_datum_is_input(datum) && datum.list->is_sequence;
}
static inline bool asl_datum_is_tuple_stream(asl_datum datum)
{
    return datum.kind == ASL_DATUM_ARRAY && !asl_datum_is_input(datum) &&
           datum.list->is_tuple_stream;
}
static inline bool asl_datum_is_outer_wrapper(asl_datum datum)
{
    return datum.kind == ASL_DATUM_ARRAY && !asl_datum_is_input(datum) &&
           datum.list->is_outer_wrapper;
}

/* An object's members. */
static inline size_t asl_datum_member_count(asl_datum object)
{
    return asl_datum_is_input(object) ? asl_as_object(object.value)->count : object.dict->count;
}
static inline asl_datum asl_datum_key(asl_datum object, size_t index)
{
    return asl_datum_is_input(object)
               ? asl_datum_of(asl_as_object(object.value)->members[index].key)
               : object.dict->members[index].key;
}
static inline asl_datum asl_datum_member(asl_datum object, size_t index)
{
    return asl_datum_is_input(object)
               ? asl_datum_of(asl_as_object(object.value)->members[index].value)
               : object.dict->members[index].item;
}
/* Whether two runs of bytes are the same: keys are short, and a call costs more than they do. */
static inline bool asl_same_bytes(const char *left, const char *right, size_t size)
{
    uint64_t l, r;
    if (size > 16)
        return memcmp(left, right, size) == 0;
    if (size >= 8) {
        memcpy(&l, left, 8);
        memcpy(&r, right, 8);
        uint64_t differs = l ^ r;
        memcpy(&l, left + size - 8, 8);
        memcpy(&r, right + size - 8, 8);
        return (differs | (l ^ r)) == 0;
    }
    for (size_t i = 0; i < size; i++) {
        if (left[i] != right[i])
            return false;
    }
    return true;
}

/* The member of this name; undefined where there is none. */
asl_datum asl_datum_get(asl_datum object, const char *key, size_t key_size);
size_t asl_dict_find(const asl_dict *dict, const char *key, size_t key_size);

bool asl_datum_has_lone_surrogate(asl_datum string);
bool asl_datum_same_string(asl_datum left, asl_datum right);
/* The order of two strings as JavaScript has it: by UTF-16 code units. */
int asl_datum_compare_strings(asl_datum left, asl_datum right);

#endif
