/* Limits of JSON and of values: nesting, digits, bytes of a string. */
#include <sys/mman.h>

#include "base/limits.h"
#include "limit.h"
#include "value/value.h"

static char *nested(size_t depth)
{
    char *open = limit_text("", "[", depth, "");
    char *text = limit_text(open, "]", depth, "");
    free(open);
    return text;
}

static int parse(const char *text, unsigned flags)
{
    asl_value *value = NULL;
    int status = asl_value_parse(NULL, text, strlen(text), flags, &value, NULL);
    asl_value_unref(value);
    return status;
}

START_TEST(json_nests_to_its_limit)
{
    char *at = nested(ASL_JSON_DEPTH_MAX), *past = nested(ASL_JSON_DEPTH_MAX + 1);
    ck_assert_int_eq(parse(at, 0), ASL_OK);
    ck_assert_int_eq(parse(past, 0), ASL_TOO_LARGE);
    free(at);
    free(past);
}
END_TEST

START_TEST(stored_json_nests_as_deep_as_values)
{
    char *at = nested(ASL_VALUE_DEPTH_MAX), *past = nested(ASL_VALUE_DEPTH_MAX + 1);
    ck_assert_int_eq(parse(at, ASL_PARSE_STORED), ASL_OK);
    ck_assert_int_eq(parse(past, ASL_PARSE_STORED), ASL_TOO_LARGE);
    free(at);
    free(past);
}
END_TEST

START_TEST(values_that_are_built_nest_to_their_limit)
{
    asl_value *value = asl_value_array(NULL);
    for (unsigned depth = 1; depth < ASL_VALUE_DEPTH_MAX; depth++) {
        asl_value *around = asl_value_array(NULL);
        ck_assert_int_eq(asl_value_append(&around, value), ASL_OK);
        value = around;
    }
    asl_value *array = asl_value_array(NULL), *object = asl_value_object(NULL);
    ck_assert_int_eq(asl_value_append(&array, asl_value_ref(value)), ASL_TOO_LARGE);
    ck_assert_int_eq(asl_value_set(&object, "k", asl_value_ref(value)), ASL_TOO_LARGE);
    ck_assert(asl_value_count(array) == 0 && asl_value_count(object) == 0);
    asl_value_unref(array);
    asl_value_unref(object);
    asl_value_unref(value);
}
END_TEST

START_TEST(a_number_has_so_many_digits)
{
    char *at = limit_text("", "7", ASL_NUMBER_TEXT_MAX, "");
    char *past = limit_text("", "7", ASL_NUMBER_TEXT_MAX + 1, "");
    ck_assert_int_eq(parse(at, 0), ASL_OK);
    ck_assert_int_eq(parse(past, 0), ASL_TOO_LARGE);
    free(at);
    free(past);
}
END_TEST

/* A heap that has nothing, and remembers what it was asked for. */
static void *refuse(void *context, size_t size)
{
    *(size_t *)context = size;
    return NULL;
}

static void *refuse_growth(void *context, void *pointer, size_t old_size, size_t new_size)
{
    (void)pointer;
    (void)old_size;
    return refuse(context, new_size);
}

static void release_nothing(void *context, void *pointer, size_t size)
{
    (void)context;
    (void)size;
    ck_assert_ptr_null(pointer);
}

/* Half a gigabyte is asked for, and one byte more is refused without asking. The bytes are pages
 * of zeros that take no memory. */
START_TEST(a_string_has_so_many_bytes)
{
    size_t asked = 0, size = (size_t)ASL_STRING_BYTES_MAX + 1;
    asl_heap heap = {.size = sizeof heap,
                     .allocate = refuse,
                     .reallocate = refuse_growth,
                     .release = release_nothing,
                     .context = &asked};
    char *zeros = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(zeros, MAP_FAILED);
    ck_assert_ptr_null(asl_value_string_sized(&heap, zeros, size));
    ck_assert_uint_eq(asked, 0);
    ck_assert_ptr_null(asl_value_string_sized(&heap, zeros, size - 1));
    ck_assert_uint_gt(asked, ASL_STRING_BYTES_MAX);
    munmap(zeros, size);
}
END_TEST

SUITE("limit/values", json_nests_to_its_limit, stored_json_nests_as_deep_as_values,
      values_that_are_built_nest_to_their_limit, a_number_has_so_many_digits,
      a_string_has_so_many_bytes)
