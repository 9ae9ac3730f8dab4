/* Between data and what is outside of them: truth, text, copies, values, equality. Each walk over
 * nested data has the named limit of a value's depth, and counts what it looks at. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "jsonata/eval.h"
#include "value/double_text.h"

bool asl_datum_is_numeric(asl_eval *eval, asl_datum datum, int *status)
{
    if (!asl_datum_is(datum, ASL_DATUM_NUMBER))
        return false;
    double number = asl_datum_double(datum);
    if (isinf(number)) {
        *status = asl_eval_error_about(eval, "D1001", datum);
        return false;
    }
    return !isnan(number);
}

static int truth_of(asl_eval *eval, asl_datum datum, bool *ret_truth, unsigned depth);

/* An array is true where an item is. */
static int truth_of_array(asl_eval *eval, asl_datum array, bool *ret_truth, unsigned depth)
{
    size_t count = asl_datum_count(array);
    *ret_truth = false;
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    int status = asl_eval_spend(eval, count);
    for (size_t i = 0; i < count && status == ASL_OK; i++) {
        bool truth = false;
        status = truth_of(eval, asl_datum_at(array, i), &truth, depth + 1);
        *ret_truth |= truth;
    }
    return status;
}

static int truth_of(asl_eval *eval, asl_datum datum, bool *ret_truth, unsigned depth)
{
    int status = ASL_OK;
    *ret_truth = false;
    switch ((asl_datum_kind)datum.kind) {
    case ASL_DATUM_BOOL:
        *ret_truth = datum.truth;
        return ASL_OK;
    case ASL_DATUM_NUMBER:
        *ret_truth = asl_datum_is_numeric(eval, datum, &status) && asl_datum_double(datum) != 0;
        return status;
    case ASL_DATUM_STRING:
        *ret_truth = datum.size > 0;
        return ASL_OK;
    case ASL_DATUM_ARRAY:
        return truth_of_array(eval, datum, ret_truth, depth);
    case ASL_DATUM_OBJECT:
        *ret_truth = asl_datum_member_count(datum) > 0;
        return ASL_OK;
    case ASL_DATUM_FUNCTION:
        /* An object to jsonata-js, with members, unless it is a JavaScript function: what is an
         * argument, and regular expressions. */
        *ret_truth = (datum.flags & ASL_DATUM_WRAPPED) == 0 &&
                     ((datum.flags & ASL_DATUM_BUILTIN) != 0 ||
                      (datum.closure->kind != ASL_CLOSURE_REGEX &&
                       datum.closure->kind != ASL_CLOSURE_NEXT_MATCH));
        return ASL_OK;
    case ASL_DATUM_UNDEFINED:
    case ASL_DATUM_NULL:
    case ASL_DATUM_TUPLE:
        break;
    }
    return ASL_OK;
}

int asl_datum_truth(asl_eval *eval, asl_datum datum, bool *ret_truth)
{
    return truth_of(eval, datum, ret_truth, 0);
}

static int equals(asl_eval *eval, asl_datum left, asl_datum right, unsigned depth, bool *ret);

static int equal_arrays(asl_eval *eval, asl_datum left, asl_datum right, unsigned depth, bool *ret)
{
    size_t count = asl_datum_count(left);
    *ret = count == asl_datum_count(right);
    int status = ASL_OK;
    for (size_t i = 0; i < count && *ret && status == ASL_OK; i++)
        status = equals(eval, asl_datum_at(left, i), asl_datum_at(right, i), depth, ret);
    return status;
}

static int equal_objects(asl_eval *eval, asl_datum left, asl_datum right, unsigned depth, bool *ret)
{
    size_t count = asl_datum_member_count(left);
    *ret = count == asl_datum_member_count(right);
    int status = ASL_OK;
    for (size_t i = 0; i < count && *ret && status == ASL_OK; i++) {
        asl_datum key = asl_datum_key(left, i);
        asl_datum other = asl_datum_get(right, key.bytes, key.size);
        *ret = !asl_datum_is_undefined(other);
        if (*ret)
            status = equals(eval, asl_datum_member(left, i), other, depth, ret);
    }
    return status;
}

static bool is_same_function(asl_datum left, asl_datum right)
{
    return left.flags == right.flags && (left.flags & ASL_DATUM_WRAPPED) == 0 &&
           ((left.flags & ASL_DATUM_BUILTIN) != 0 ? left.builtin == right.builtin
                                                  : left.closure == right.closure);
}

static int equals(asl_eval *eval, asl_datum left, asl_datum right, unsigned depth, bool *ret)
{
    *ret = false;
    if (left.kind != right.kind)
        return ASL_OK;
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    int status = asl_eval_spend(eval, 1);
    if (status != ASL_OK)
        return status;
    switch ((asl_datum_kind)left.kind) {
    case ASL_DATUM_UNDEFINED:
    case ASL_DATUM_NULL:
        *ret = true;
        return ASL_OK;
    case ASL_DATUM_BOOL:
        *ret = left.truth == right.truth;
        return ASL_OK;
    case ASL_DATUM_NUMBER:
        *ret = asl_datum_double(left) == asl_datum_double(right);
        return ASL_OK;
    case ASL_DATUM_STRING:
        *ret = asl_datum_same_string(left, right);
        return ASL_OK;
    case ASL_DATUM_ARRAY:
        return equal_arrays(eval, left, right, depth + 1, ret);
    case ASL_DATUM_OBJECT:
        return equal_objects(eval, left, right, depth + 1, ret);
    case ASL_DATUM_FUNCTION:
        *ret = is_same_function(left, right);
        return ASL_OK;
    case ASL_DATUM_TUPLE:
        break;
    }
    return ASL_OK;
}

int asl_datum_equals(asl_eval *eval, asl_datum left, asl_datum right, bool *ret_equal)
{
    return equals(eval, left, right, 0, ret_equal);
}

/* Printing as $string does. */
typedef struct printer {
    asl_eval *eval;
    asl_buffer *buffer;
    bool is_pretty;
} printer;

double asl_number_precise(double number)
{
    if (fabs(number) < 1e15 && number == nearbyint(number))
        return number == 0 ? 0 : number;
    char text[40];
    int size = snprintf(text, sizeof text, "%.14e", number);
    for (int i = 0; i < size; i++) { /* the host's locale may have another point */
        bool is_exponent = text[i] == 'e' || text[i] == '-' || text[i] == '+';
        if (!is_exponent && (text[i] < '0' || text[i] > '9'))
            text[i] = '.';
    }
    return asl_double_parse(text, (size_t)size);
}

static int print_number(printer *p, asl_datum datum)
{
    char text[ASL_DOUBLE_TEXT_SIZE];
    int status = ASL_OK;
    if (asl_datum_is_numeric(p->eval, datum, &status)) {
        double number = asl_number_precise(asl_datum_double(datum));
        asl_buffer_append(p->buffer, text, asl_print_double(number, text));
    } else if (status == ASL_OK) {
        asl_buffer_text(p->buffer, "null"); /* not a number */
    }
    return status;
}

static void new_line(printer *p, unsigned depth)
{
    if (!p->is_pretty)
        return;
    asl_buffer_byte(p->buffer, '\n');
    for (unsigned i = 0; i < depth; i++)
        asl_buffer_text(p->buffer, "  ");
}

/* A string as JSON.stringify has it: a lone surrogate is escaped. */
static void print_string(printer *p, asl_datum string)
{
    static const char hex[] = "0123456789abcdef";
    const char *bytes = string.bytes;
    size_t begin = 0;
    if (!asl_datum_has_lone_surrogate(string)) {
        asl_print_string(bytes, string.size, p->buffer);
        return;
    }
    asl_buffer_byte(p->buffer, '"');
    for (size_t i = 0; i <= string.size; i++) {
        bool is_lone = i + 2 < string.size && (unsigned char)bytes[i] == 0xED &&
                       (unsigned char)bytes[i + 1] >= 0xA0;
        if (!is_lone && i < string.size)
            continue;
        size_t mark = p->buffer->size;
        asl_print_string(bytes + begin, i - begin, p->buffer);
        if (p->buffer->status != ASL_OK)
            return;
        /* Without the quotes of the part. */
        memmove(p->buffer->bytes + mark, p->buffer->bytes + mark + 1, p->buffer->size - mark - 1);
        p->buffer->size -= 2;
        if (is_lone) {
            unsigned unit =
                0xD000u | ((unsigned)(bytes[i + 1] & 0x3F) << 6) | (unsigned)(bytes[i + 2] & 0x3F);
            asl_buffer_text(p->buffer, "\\u");
            for (unsigned shift = 16; shift > 0; shift -= 4)
                asl_buffer_byte(p->buffer, hex[(unit >> (shift - 4)) & 15]);
            i += 2;
            begin = i + 1;
        }
    }
    asl_buffer_byte(p->buffer, '"');
}

static int print(printer *p, asl_datum datum, unsigned depth);

static int print_array(printer *p, asl_datum array, unsigned depth)
{
    size_t count = asl_datum_count(array);
    int status = ASL_OK;
    asl_buffer_byte(p->buffer, '[');
    for (size_t i = 0; i < count && status == ASL_OK; i++) {
        if (i > 0)
            asl_buffer_byte(p->buffer, ',');
        new_line(p, depth + 1);
        asl_datum item = asl_datum_at(array, i);
        if (asl_datum_is_undefined(item))
            item = asl_datum_null();
        status = print(p, item, depth + 1);
    }
    if (count > 0)
        new_line(p, depth);
    asl_buffer_byte(p->buffer, ']');
    return status;
}

static int print_object(printer *p, asl_datum object, unsigned depth)
{
    size_t printed = 0;
    int status = ASL_OK;
    asl_buffer_byte(p->buffer, '{');
    for (size_t i = 0; i < asl_datum_member_count(object) && status == ASL_OK; i++) {
        asl_datum item = asl_datum_member(object, i);
        if (asl_datum_is_undefined(item))
            continue;
        if (printed++ > 0)
            asl_buffer_byte(p->buffer, ',');
        new_line(p, depth + 1);
        print_string(p, asl_datum_key(object, i));
        asl_buffer_text(p->buffer, p->is_pretty ? ": " : ":");
        status = print(p, item, depth + 1);
    }
    if (printed > 0)
        new_line(p, depth);
    asl_buffer_byte(p->buffer, '}');
    return status;
}

static int print(printer *p, asl_datum datum, unsigned depth)
{
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(p->eval, ASL_TOO_LARGE);
    int status = asl_eval_spend(p->eval, 1);
    if (status != ASL_OK || p->buffer->status != ASL_OK)
        return status;
    switch ((asl_datum_kind)datum.kind) {
    case ASL_DATUM_UNDEFINED:
        asl_buffer_text(p->buffer, "undefined");
        break;
    case ASL_DATUM_NULL:
        asl_buffer_text(p->buffer, "null");
        break;
    case ASL_DATUM_BOOL:
        asl_buffer_text(p->buffer, datum.truth ? "true" : "false");
        break;
    case ASL_DATUM_NUMBER:
        return print_number(p, datum);
    case ASL_DATUM_STRING:
        print_string(p, datum);
        break;
    case ASL_DATUM_ARRAY:
        return print_array(p, datum, depth);
    case ASL_DATUM_OBJECT:
        return print_object(p, datum, depth);
    case ASL_DATUM_FUNCTION:
    case ASL_DATUM_TUPLE:
        asl_buffer_text(p->buffer, "\"\"");
        break;
    }
    return status;
}

static int print_to_string(asl_eval *eval, asl_datum datum, bool is_pretty, asl_datum *ret)
{
    asl_buffer buffer;
    asl_eval_buffer(eval, &buffer);
    printer p = {.eval = eval, .buffer = &buffer, .is_pretty = is_pretty};
    int status = print(&p, datum, 0);
    if (status == ASL_OK)
        status = asl_eval_string_of(eval, &buffer, ret);
    asl_buffer_done(&buffer);
    return status;
}

int asl_datum_to_string(asl_eval *eval, asl_datum datum, bool is_pretty, asl_datum *ret)
{
    switch (datum.kind) {
    case ASL_DATUM_UNDEFINED:
    case ASL_DATUM_STRING:
        *ret = datum;
        return ASL_OK;
    case ASL_DATUM_FUNCTION:
        *ret = asl_datum_string("", 0);
        return ASL_OK;
    case ASL_DATUM_NUMBER: {
        double number = asl_datum_double(datum);
        if (!isfinite(number))
            return asl_eval_error_about(eval, "D3001", datum);
        if (number == 0 || fabs(number) >= 1e15 || number != nearbyint(number))
            break;
        char text[ASL_DOUBLE_TEXT_SIZE];
        return asl_eval_copy_string(eval, text, asl_print_double(number, text), ret);
    }
    default:
        break;
    }
    if (asl_datum_is_outer_wrapper(datum) && datum.list->count > 0)
        datum = datum.list->items[0];
    return print_to_string(eval, datum, is_pretty, ret);
}

static int clone(asl_eval *eval, asl_datum datum, unsigned depth, asl_datum *ret);

static int clone_array(asl_eval *eval, asl_datum array, unsigned depth, asl_datum *ret)
{
    asl_list *list = asl_eval_list(eval, asl_datum_count(array));
    int status = list != NULL ? ASL_OK : eval->problem.status;
    for (size_t i = 0; status == ASL_OK && i < asl_datum_count(array); i++) {
        asl_datum item;
        status = clone(eval, asl_datum_at(array, i), depth + 1, &item);
        if (asl_datum_is_undefined(item))
            item = asl_datum_null();
        if (status == ASL_OK)
            status = asl_list_add(eval, list, item);
    }
    *ret = asl_datum_list(list);
    return status;
}

static int clone_object(asl_eval *eval, asl_datum object, unsigned depth, asl_datum *ret)
{
    asl_dict *dict = asl_eval_dict(eval, asl_datum_member_count(object) + 2);
    int status = dict != NULL ? ASL_OK : eval->problem.status;
    for (size_t i = 0; status == ASL_OK && i < asl_datum_member_count(object); i++) {
        asl_datum item;
        status = clone(eval, asl_datum_member(object, i), depth + 1, &item);
        if (status == ASL_OK && !asl_datum_is_undefined(item))
            status = asl_dict_set(eval, dict, asl_datum_key(object, i), item);
    }
    *ret = asl_datum_dict(dict);
    return status;
}

static int clone(asl_eval *eval, asl_datum datum, unsigned depth, asl_datum *ret)
{
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    int status = asl_eval_spend(eval, 1);
    if (status != ASL_OK)
        return status;
    if (asl_datum_is(datum, ASL_DATUM_ARRAY))
        return clone_array(eval, datum, depth, ret);
    if (asl_datum_is(datum, ASL_DATUM_OBJECT))
        return clone_object(eval, datum, depth, ret);
    if (asl_datum_is(datum, ASL_DATUM_FUNCTION))
        datum = asl_datum_string("", 0);
    if (asl_datum_is(datum, ASL_DATUM_NUMBER))
        datum = asl_datum_is_numeric(eval, datum, &status)
                    ? asl_datum_number(asl_number_precise(asl_datum_double(datum)))
                    : asl_datum_null();
    *ret = datum;
    return status;
}

int asl_datum_clone(asl_eval *eval, asl_datum datum, asl_datum *ret)
{
    if (asl_datum_is_outer_wrapper(datum) && datum.list->count > 0)
        datum = datum.list->items[0];
    return clone(eval, datum, 0, ret);
}

static int to_value(asl_eval *eval, asl_datum datum, unsigned depth, asl_value **ret);

static int array_to_value(asl_eval *eval, asl_datum array, unsigned depth, asl_value **ret)
{
    size_t count = asl_datum_count(array);
    asl_cleanup(asl_value_cleanup) asl_value *made = asl_value_array_reserved(eval->heap, count);
    int status = made != NULL ? asl_eval_charge(eval, count * sizeof(asl_value))
                              : asl_eval_fail(eval, ASL_NOMEM);
    for (size_t i = 0; i < count && status == ASL_OK; i++) {
        asl_value *item = NULL;
        status = to_value(eval, asl_datum_at(array, i), depth + 1, &item);
        if (status == ASL_OK && asl_value_append(&made, item) != ASL_OK)
            status = asl_eval_fail(eval, ASL_NOMEM);
    }
    if (status == ASL_OK)
        *ret = asl_steal(made);
    return status;
}

static asl_value *string_to_value(asl_eval *eval, asl_datum string)
{
    if (asl_eval_charge(eval, string.size) != ASL_OK)
        return NULL;
    asl_value *made = NULL;
    if (!asl_datum_has_lone_surrogate(string))
        return asl_value_string_sized(eval->heap, string.bytes, string.size);
    asl_buffer buffer;
    asl_buffer_init(&buffer, eval->heap);
    asl_buffer_append(&buffer, string.bytes, string.size);
    for (size_t i = 0; buffer.status == ASL_OK && i + 2 < buffer.size; i++) {
        if ((unsigned char)buffer.bytes[i] == 0xED && (unsigned char)buffer.bytes[i + 1] >= 0xA0)
            memcpy(buffer.bytes + i, "\xEF\xBF\xBD", 3);
    }
    if (buffer.status == ASL_OK)
        made = asl_value_string_sized(eval->heap, buffer.bytes, buffer.size);
    asl_buffer_done(&buffer);
    return made;
}

static int object_to_value(asl_eval *eval, asl_datum object, unsigned depth, asl_value **ret)
{
    size_t count = asl_datum_member_count(object);
    asl_cleanup(asl_value_cleanup) asl_value *made = asl_value_object_reserved(eval->heap, count);
    int status = made != NULL ? asl_eval_charge(eval, count * sizeof(asl_value))
                              : asl_eval_fail(eval, ASL_NOMEM);
    for (size_t i = 0; i < count && status == ASL_OK; i++) {
        asl_datum member = asl_datum_member(object, i);
        if (asl_datum_is_undefined(member))
            continue;
        asl_value *item = NULL;
        status = to_value(eval, member, depth + 1, &item);
        if (status != ASL_OK)
            break;
        asl_cleanup(asl_value_cleanup) asl_value *key =
            string_to_value(eval, asl_datum_key(object, i));
        if (key == NULL)
            asl_value_unref(item);
        if (key == NULL || asl_value_set_key(&made, key, item) != ASL_OK)
            status = asl_eval_fail(eval, ASL_NOMEM);
    }
    if (status == ASL_OK)
        *ret = asl_steal(made);
    return status;
}

static asl_value *number_to_value(asl_eval *eval, double number)
{
    if (!isfinite(number)) {
        if ((eval->flags & ASL_JSONATA_STATES) == 0)
            return asl_value_null();
        return asl_value_string(eval->heap, isnan(number) ? "NaN"
                                            : number > 0  ? "Infinity"
                                                          : "-Infinity");
    }
    if (number == nearbyint(number) && fabs(number) <= 9007199254740992.0)
        return asl_value_integer(eval->heap, (int64_t)number);
    return asl_value_double(eval->heap, number);
}

static int scalar_to_value(asl_eval *eval, asl_datum datum, asl_value **ret)
{
    switch (datum.kind) {
    case ASL_DATUM_UNDEFINED: /* an item of an array, as JSON.stringify prints it */
    case ASL_DATUM_NULL:
        *ret = asl_value_null();
        return ASL_OK;
    case ASL_DATUM_BOOL:
        *ret = asl_value_bool(datum.truth);
        return ASL_OK;
    case ASL_DATUM_NUMBER:
        *ret = number_to_value(eval, datum.number);
        break;
    case ASL_DATUM_STRING:
        *ret = string_to_value(eval, datum);
        break;
    default:
        return asl_eval_fail(eval, ASL_UNSUPPORTED);
    }
    return *ret != NULL ? ASL_OK : asl_eval_fail(eval, ASL_NOMEM);
}

static int to_value(asl_eval *eval, asl_datum datum, unsigned depth, asl_value **ret)
{
    if (depth >= ASL_VALUE_DEPTH_MAX)
        return asl_eval_fail(eval, ASL_TOO_LARGE);
    if (asl_datum_is_input(datum)) {
        *ret = asl_value_ref(datum.value);
        return ASL_OK;
    }
    if (asl_datum_is(datum, ASL_DATUM_ARRAY))
        return array_to_value(eval, datum, depth, ret);
    if (asl_datum_is(datum, ASL_DATUM_OBJECT))
        return object_to_value(eval, datum, depth, ret);
    return scalar_to_value(eval, datum, ret);
}

int asl_datum_to_value(asl_eval *eval, asl_datum datum, asl_value **ret)
{
    if (asl_datum_is_undefined(datum)) {
        *ret = NULL;
        return ASL_OK;
    }
    return to_value(eval, datum, 0, ret);
}
