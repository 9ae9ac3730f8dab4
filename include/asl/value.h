/* <asl/value.h> - JSON values.
 *
 * A value is immutable as soon as anyone else can see it, and is shared by counting references. The
 * building verbs below change a value in place while the caller holds the only reference, and copy
 * its top level first where not. Strings are counted UTF-8 and may hold U+0000. Objects keep
 * insertion order. Numbers print as they were parsed.
 *
 *     asl_value *order = asl_value_object(NULL);
 *     asl_value_set(&order, "name", asl_value_string(NULL, "Pizza"));
 *     asl_value_set(&order, "quantity", asl_value_integer(NULL, 3));
 *     char *text = NULL;
 *     asl_value_print(order, 0, &text, NULL);
 *     puts(text);
 *     asl_text_free(text);
 *     asl_value_unref(order);
 *
 * Threads: values may be shared between threads; the building verbs need the only reference.
 */
#ifndef ASL_VALUE_H
#define ASL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <asl/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_value asl_value;

typedef enum asl_kind {
    ASL_KIND_NULL,
    ASL_KIND_FALSE,
    ASL_KIND_TRUE,
    ASL_KIND_NUMBER,
    ASL_KIND_STRING,
    ASL_KIND_ARRAY,
    ASL_KIND_OBJECT
} asl_kind;

/* Making. Each returns a new reference, or NULL when out of memory (or where a comment says so). */
ASL_API asl_value *asl_value_null(void);
ASL_API asl_value *asl_value_bool(bool truth);
ASL_API asl_value *asl_value_integer(const asl_heap *heap, int64_t integer);
/* NULL also for a number that is not finite. */
ASL_API asl_value *asl_value_double(const asl_heap *heap, double number);
/* `string` ends with NUL. NULL also where the bytes are not UTF-8, or more than 512 MiB. */
ASL_API asl_value *asl_value_string(const asl_heap *heap, const char *string);
ASL_API asl_value *asl_value_string_sized(const asl_heap *heap, const char *bytes, size_t size);
ASL_API asl_value *asl_value_array(const asl_heap *heap);
ASL_API asl_value *asl_value_object(const asl_heap *heap);

/* Sharing. `ref` returns its argument; both allow NULL. */
ASL_API asl_value *asl_value_ref(const asl_value *value);
ASL_API void asl_value_unref(asl_value *value);

/* Building. Each steals `item`, also when it fails, and a NULL item is ASL_NOMEM, so that calls
 * nest: asl_value_set(&object, "a", asl_value_integer(heap, 1)). *container may be exchanged for a
 * copy. ASL_MISUSE where *container is of another kind; ASL_TOO_LARGE past 512 levels. */
ASL_API int asl_value_append(asl_value **array, asl_value *item);
ASL_API int asl_value_set(asl_value **object, const char *key, asl_value *item);
ASL_API int asl_value_set_sized(asl_value **object, const char *key, size_t key_size,
                                asl_value *item);

/* Reading. A NULL value reads as null, so that calls nest:
 * asl_value_get_string(asl_value_get(asl_value_get(order, "payment"), "token"), NULL). */
ASL_API asl_kind asl_value_kind(const asl_value *value);
/* The exact integer: false where the value is no number, has a fraction, or is outside int64. */
ASL_API bool asl_value_get_integer(const asl_value *value, int64_t *ret_integer);
/* The nearest double, infinite where the digits say more than a double holds: false where the value
 * is no number. */
ASL_API bool asl_value_get_double(const asl_value *value, double *ret_number);
/* The bytes of a string, ended by a NUL that is not counted; NULL where it is no string. Borrowed
 * until the value is unreferenced. `ret_size` may be NULL. */
ASL_API const char *asl_value_get_string(const asl_value *value, size_t *ret_size);
/* Items of an array or members of an object, else 0. */
ASL_API size_t asl_value_count(const asl_value *value);
/* An array's item, or an object's member value, by position; NULL past the end. Borrowed. */
ASL_API const asl_value *asl_value_at(const asl_value *container, size_t index);
/* An object's member by key; NULL where there is none or it is no object. Borrowed. */
ASL_API const asl_value *asl_value_get(const asl_value *object, const char *key);
ASL_API const asl_value *asl_value_get_sized(const asl_value *object, const char *key,
                                             size_t key_size);
/* An object's key by position, as a string value; NULL past the end. Borrowed. */
ASL_API const asl_value *asl_value_key(const asl_value *object, size_t index);

/* Deep equality as JSON: numbers by value, members in any order. */
ASL_API bool asl_value_equal(const asl_value *left, const asl_value *right);

/* Parses one JSON text (RFC 8259; at most 256 levels deep; UTF-8 checked, lone surrogates refused;
 * of duplicate keys the last wins). Returns ASL_OK, ASL_NOMEM, ASL_SYNTAX or ASL_TOO_LARGE; the
 * error knows line and column. With ASL_PARSE_KEEP_TEXT the value prints exactly as it was written,
 * white space included. */
#define ASL_PARSE_KEEP_TEXT 1u
ASL_API int asl_value_parse(const asl_heap *heap, const char *text, size_t size, unsigned flags,
                            asl_value **ret_value, asl_error **error);

/* Prints compactly, or indented by two spaces with ASL_PRINT_PRETTY (which ignores kept text). The
 * new text ends with a NUL that is not counted; free it with asl_text_free. `ret_size` may be NULL.
 */
#define ASL_PRINT_PRETTY 1u
ASL_API int asl_value_print(const asl_value *value, unsigned flags, char **ret_text,
                            size_t *ret_size);
ASL_API void asl_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
