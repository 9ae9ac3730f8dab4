/* What Java calls equal: numbers and strings by the other's text, containers by class and value,
 * and the items of lists after Jayway has made nodes of them. */
#include <string.h>

#include "base/array.h"
#include "base/heap.h"
#include "base/utf8.h"
#include "path/evaluation.h"
#include "value/value_layout.h"

typedef struct value_pair {
    const asl_value *left, *right;
} value_pair;

typedef struct pair_stack {
    value_pair *items;
    size_t count, capacity;
} pair_stack;

static bool is_container(const asl_value *value)
{
    return asl_value_is_array(value) || asl_value_is_object(value);
}

size_t asl_java_length(const char *text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        length += (byte & 0xC0) != 0x80;
        length += byte >= 0xF0; /* two units */
    }
    return length;
}

/* Where a code point stands when texts are ordered by UTF-16 units: what lies outside of the basic
 * plane begins with 0xD800 to 0xDBFF. */
static uint32_t unit_order(uint32_t code_point)
{
    return code_point >= 0x10000 ? 0xD800 + ((code_point - 0x10000) >> 10) : code_point;
}

int asl_java_compare_text(const char *left, size_t left_size, const char *right, size_t right_size)
{
    const char *a = left, *a_end = left + left_size, *b = right, *b_end = right + right_size;
    while (a < a_end && b < b_end) {
        uint32_t x = asl_utf8_decode(&a, a_end), y = asl_utf8_decode(&b, b_end);
        if (x == y)
            continue;
        if (unit_order(x) != unit_order(y))
            return unit_order(x) < unit_order(y) ? -1 : 1;
        return x < y ? -1 : 1;
    }
    return (a < a_end) - (b < b_end);
}

/* Whether Java reads the number as a Double: written with a point or an exponent. */
static bool is_real(const asl_value *value)
{
    const asl_number *number = asl_as_number(value);
    if ((number->head.flags & ASL_NUMBER_DOUBLE) == 0)
        return false;
    if ((number->head.flags & ASL_NUMBER_LITERAL) == 0)
        return true;
    for (uint16_t i = 0; i < number->head.extent; i++) {
        if (number->text[i] == '.' || (number->text[i] | 0x20) == 'e')
            return true;
    }
    return false;
}

static bool scalars_equal(const asl_value *left, const asl_value *right)
{
    if (asl_value_is_number(left))
        return asl_value_compare_numbers(left, right) == 0 && is_real(left) == is_real(right);
    return asl_value_equal(left, right);
}

static asl_outcome push(asl_evaluation *evaluation, pair_stack *pairs, const asl_value *left,
                        const asl_value *right)
{
    int status = asl_array_reserve(evaluation->heap, &pairs->items, &pairs->capacity, pairs->count,
                                   ASL_PATH_WORK_MAX);
    if (status != ASL_OK)
        return asl_evaluation_fatal(evaluation, status);
    pairs->items[pairs->count++] = (value_pair){left, right};
    return ASL_OUTCOME_OK;
}

/* Compares one pair; puts what is inside onto the stack. */
static asl_outcome compare_pair(asl_evaluation *evaluation, pair_stack *pairs, value_pair pair,
                                bool *ret_equal)
{
    size_t count = asl_value_count(pair.left);
    asl_kind kind = asl_value_kind(pair.left);
    *ret_equal = kind == asl_value_kind(pair.right) && count == asl_value_count(pair.right);
    if (*ret_equal && !is_container(pair.left))
        *ret_equal = scalars_equal(pair.left, pair.right);
    for (size_t i = 0; i < count && *ret_equal; i++) {
        const asl_value *right = asl_value_at(pair.right, i);
        if (kind == ASL_KIND_OBJECT) {
            size_t size;
            const char *key = asl_value_get_string(asl_value_key(pair.left, i), &size);
            right = asl_value_get_sized(pair.right, key, size);
        }
        if (right == NULL)
            *ret_equal = false;
        else if (push(evaluation, pairs, asl_value_at(pair.left, i), right) != ASL_OUTCOME_OK)
            return ASL_OUTCOME_FATAL;
    }
    return asl_evaluation_spend(evaluation, 1);
}

/* List.equals and Map.equals. */
static asl_outcome containers_equal(asl_evaluation *evaluation, const asl_value *left,
                                    const asl_value *right, bool *ret_equal)
{
    pair_stack pairs = {0};
    *ret_equal = true;
    asl_outcome outcome = push(evaluation, &pairs, left, right);
    while (outcome == ASL_OUTCOME_OK && *ret_equal && pairs.count > 0)
        outcome = compare_pair(evaluation, &pairs, pairs.items[--pairs.count], ret_equal);
    asl_release(evaluation->heap, pairs.items, pairs.capacity * sizeof *pairs.items);
    return outcome;
}

/* A number against a string: by the string's value, or by the number's text. */
static asl_outcome mixed_equal(asl_evaluation *evaluation, const asl_value *left,
                               const asl_value *right, bool *ret_equal)
{
    bool is_number_first = asl_value_is_number(left);
    size_t size;
    const char *text = asl_value_get_string(is_number_first ? right : left, &size);
    asl_buffer buffer;
    asl_buffer_init(&buffer, evaluation->heap);
    asl_decimal_print(is_number_first ? left : right, &buffer);
    int status = buffer.status;
    if (status == ASL_OK && is_number_first) {
        asl_decimal number, other;
        *ret_equal = asl_decimal_parse(text, size, &other) &&
                     asl_decimal_parse(buffer.bytes, buffer.size, &number) &&
                     asl_decimal_compare(&number, &other) == 0;
    } else if (status == ASL_OK) {
        *ret_equal = size == buffer.size && memcmp(text, buffer.bytes, size) == 0;
    }
    asl_buffer_done(&buffer);
    return status == ASL_OK ? ASL_OUTCOME_OK : asl_evaluation_fatal(evaluation, status);
}

static asl_outcome values_equal(asl_evaluation *evaluation, const asl_value *left,
                                const asl_value *right, bool *ret_equal)
{
    asl_kind a = asl_value_kind(left), b = asl_value_kind(right);
    if ((a == ASL_KIND_NUMBER && b == ASL_KIND_STRING) ||
        (a == ASL_KIND_STRING && b == ASL_KIND_NUMBER))
        return mixed_equal(evaluation, left, right, ret_equal);
    if (is_container(left) && is_container(right))
        return containers_equal(evaluation, left, right, ret_equal);
    *ret_equal = a == b && asl_value_equal(left, right);
    return ASL_OUTCOME_OK;
}

asl_outcome asl_operand_equal(asl_evaluation *evaluation, const asl_path_operand *left,
                              const asl_path_operand *right, bool *ret_equal)
{
    *ret_equal = false;
    /* A literal list on the left is still text when it is compared: it equals nothing. */
    if (left->kind != ASL_OPERAND_VALUE)
        return ASL_OUTCOME_OK;
    if (right->kind == ASL_OPERAND_LITERAL && is_container(left->value)) {
        if (right->value == NULL)
            return asl_fail_text(evaluation, ASL_OUTCOME_ERROR, "A literal is no JSON");
        return values_equal(evaluation, left->value, right->value, ret_equal);
    }
    if (right->kind != ASL_OPERAND_VALUE)
        return ASL_OUTCOME_OK;
    return values_equal(evaluation, left->value, right->value, ret_equal);
}

/* Whether Jayway takes a list's string for a path or for JSON: then nothing equals it. */
static asl_outcome is_special(asl_evaluation *evaluation, const char *text, size_t size,
                              bool *ret_is)
{
    while (size > 0 && (unsigned char)*text <= ' ')
        text++, size--;
    while (size > 0 && (unsigned char)text[size - 1] <= ' ')
        size--;
    int status = ASL_SYNTAX;
    *ret_is = false;
    if (size > 0 && (*text == '$' || *text == '@')) {
        asl_path *path = NULL;
        status = asl_path_compile(evaluation->heap, text, size, ASL_PATH_JAYWAY, &path, NULL);
        asl_path_free(path);
    } else if (size > 1 && ((*text == '[' && text[size - 1] == ']') ||
                            (*text == '{' && text[size - 1] == '}'))) {
        asl_value *value = NULL;
        status = asl_literal_parse(evaluation->heap, text, size, &value);
        asl_value_unref(value);
    }
    *ret_is = status == ASL_OK;
    return status == ASL_NOMEM ? asl_evaluation_fatal(evaluation, status)
                               : asl_evaluation_spend(evaluation, size / 16);
}

/* The string that Jayway makes of a list's string: without quotes around it and backslashes. */
static asl_outcome unquote(asl_evaluation *evaluation, const asl_value *item, const char *text,
                           size_t size, const asl_value **ret_value)
{
    bool is_quoted = size > 1 && (*text == '\'' || *text == '"') && text[size - 1] == *text;
    *ret_value = item;
    if (size < 2 || (!is_quoted && memchr(text, '\\', size) == NULL))
        return ASL_OUTCOME_OK;
    char *plain = asl_allocate(evaluation->heap, size);
    if (plain == NULL)
        return asl_evaluation_fatal(evaluation, ASL_NOMEM);
    size_t length = asl_literal_unescape(text + is_quoted, size - 2 * is_quoted, plain);
    asl_outcome outcome;
    if (length == SIZE_MAX) {
        outcome = asl_fail_text(evaluation, ASL_OUTCOME_ERROR, "Unable to parse unicode value");
    } else {
        asl_literal_scrub(plain, length);
        asl_value *value = asl_value_string_sized(evaluation->heap, plain, length);
        outcome = asl_evaluation_keep(evaluation, value);
        *ret_value = value;
    }
    asl_release(evaluation->heap, plain, size);
    return outcome;
}

asl_outcome asl_item_equal(asl_evaluation *evaluation, const asl_path_operand *left,
                           const asl_value *item, bool *ret_equal)
{
    *ret_equal = false;
    if (left->kind != ASL_OPERAND_VALUE || is_container(left->value))
        return ASL_OUTCOME_OK;
    size_t size;
    const char *text = asl_value_get_string(item, &size);
    if (text != NULL) {
        bool is;
        asl_outcome outcome = is_special(evaluation, text, size, &is);
        if (outcome == ASL_OUTCOME_OK && !is)
            outcome = unquote(evaluation, item, text, size, &item);
        if (outcome != ASL_OUTCOME_OK || is)
            return outcome;
    }
    return values_equal(evaluation, left->value, item, ret_equal);
}
