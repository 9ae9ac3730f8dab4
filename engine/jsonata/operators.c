/* Binary operators. */
#include <math.h>
#include <string.h>

#include "jsonata/eval.h"

#define RANGE_MAX 1e7 /* items of `..`, as in jsonata-js */

static const char *symbol_of(asl_operator op)
{
    static const char *const symbols[] = {[ASL_OP_ADD] = "+",
                                          [ASL_OP_SUBTRACT] = "-",
                                          [ASL_OP_MULTIPLY] = "*",
                                          [ASL_OP_DIVIDE] = "/",
                                          [ASL_OP_MODULO] = "%",
                                          [ASL_OP_EQUAL] = "=",
                                          [ASL_OP_UNEQUAL] = "!=",
                                          [ASL_OP_LESS] = "<",
                                          [ASL_OP_LESS_EQUAL] = "<=",
                                          [ASL_OP_GREATER] = ">",
                                          [ASL_OP_GREATER_EQUAL] = ">=",
                                          [ASL_OP_CONCATENATE] = "&",
                                          [ASL_OP_RANGE] = "..",
                                          [ASL_OP_IN] = "in",
                                          [ASL_OP_AND] = "and",
                                          [ASL_OP_OR] = "or"};
    return symbols[op];
}

static int arithmetic(asl_eval *eval, asl_operator op, asl_datum left, asl_datum right,
                      asl_datum *ret)
{
    int status = ASL_OK;
    *ret = asl_datum_undefined();
    if (!asl_datum_is_undefined(left) && !asl_datum_is_numeric(eval, left, &status))
        return status != ASL_OK ? status : asl_eval_error_about(eval, "T2001", left);
    if (!asl_datum_is_undefined(right) && !asl_datum_is_numeric(eval, right, &status))
        return status != ASL_OK ? status : asl_eval_error_about(eval, "T2002", right);
    if (asl_datum_is_undefined(left) || asl_datum_is_undefined(right))
        return ASL_OK;
    double l = asl_datum_double(left), r = asl_datum_double(right), result = 0;
    if (op == ASL_OP_ADD)
        result = l + r;
    else if (op == ASL_OP_SUBTRACT)
        result = l - r;
    else if (op == ASL_OP_MULTIPLY)
        result = l * r;
    else if (op == ASL_OP_DIVIDE)
        result = l / r;
    else
        result = fmod(l, r);
    *ret = asl_datum_number(result);
    return ASL_OK;
}

static int equality(asl_eval *eval, asl_operator op, asl_datum left, asl_datum right,
                    asl_datum *ret)
{
    *ret = asl_datum_bool(false);
    if (asl_datum_is_undefined(left) || asl_datum_is_undefined(right))
        return ASL_OK;
    bool is_equal = false;
    int status = asl_datum_equals(eval, left, right, &is_equal);
    *ret = asl_datum_bool(is_equal == (op == ASL_OP_EQUAL));
    return status;
}

static bool is_comparable(asl_datum datum)
{
    return asl_datum_is(datum, ASL_DATUM_STRING) || asl_datum_is(datum, ASL_DATUM_NUMBER);
}

static bool holds(asl_operator op, int order)
{
    switch ((unsigned)op) {
    case ASL_OP_LESS:
        return order < 0;
    case ASL_OP_LESS_EQUAL:
        return order <= 0;
    case ASL_OP_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static int comparison(asl_eval *eval, asl_operator op, asl_datum left, asl_datum right,
                      asl_datum *ret)
{
    bool has_left = !asl_datum_is_undefined(left), has_right = !asl_datum_is_undefined(right);
    *ret = asl_datum_undefined();
    if ((has_left && !is_comparable(left)) || (has_right && !is_comparable(right)))
        return asl_eval_error_about(eval, "T2010", is_comparable(left) ? right : left);
    if (!has_left || !has_right)
        return ASL_OK;
    if (left.kind != right.kind) {
        asl_eval_error_about(eval, "T2009", left);
        eval->problem.value2 = right;
        return ASL_EVALUATION;
    }
    if (asl_datum_is(left, ASL_DATUM_STRING)) {
        *ret = asl_datum_bool(holds(op, asl_datum_compare_strings(left, right)));
        return ASL_OK;
    }
    double l = asl_datum_double(left), r = asl_datum_double(right);
    bool is_ordered = !isnan(l) && !isnan(r);
    *ret = asl_datum_bool(is_ordered && holds(op, l < r ? -1 : l > r ? 1 : 0));
    return ASL_OK;
}

static bool ends_with_high_surrogate(asl_datum s)
{
    return s.size >= 3 && (unsigned char)s.bytes[s.size - 3] == 0xED &&
           (unsigned char)s.bytes[s.size - 2] >= 0xA0 && (unsigned char)s.bytes[s.size - 2] < 0xB0;
}

static bool begins_with_low_surrogate(asl_datum s)
{
    return s.size >= 3 && (unsigned char)s.bytes[0] == 0xED && (unsigned char)s.bytes[1] >= 0xB0;
}

/* Two surrogates that meet become one character. */
static size_t join_surrogates(char *at)
{
    unsigned high = ((unsigned)(at[1] & 0x0F) << 6) | (unsigned)(at[2] & 0x3F);
    unsigned low = ((unsigned)(at[4] & 0x0F) << 6) | (unsigned)(at[5] & 0x3F);
    unsigned code_point = 0x10000u + (high << 10) + low;
    at[0] = (char)(0xF0 | code_point >> 18);
    at[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    at[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    at[3] = (char)(0x80 | (code_point & 0x3F));
    return 2;
}

int asl_datum_concatenate(asl_eval *eval, asl_datum left, asl_datum right, asl_datum *ret)
{
    asl_datum l = asl_datum_string("", 0), r = l;
    int status = ASL_OK;
    if (!asl_datum_is_undefined(left))
        status = asl_datum_to_string(eval, left, false, &l);
    if (status == ASL_OK && !asl_datum_is_undefined(right))
        status = asl_datum_to_string(eval, right, false, &r);
    if (status != ASL_OK)
        return status;
    size_t size = (size_t)l.size + r.size;
    if (size > UINT32_MAX)
        return asl_eval_no_memory(eval);
    char *bytes = asl_eval_allocate(eval, size);
    if (bytes == NULL)
        return eval->problem.status;
    memcpy(bytes, l.bytes, l.size);
    memcpy(bytes + l.size, r.bytes, r.size);
    if (ends_with_high_surrogate(l) && begins_with_low_surrogate(r)) {
        size_t gone = join_surrogates(bytes + l.size - 3);
        memmove(bytes + l.size + 1, bytes + l.size + 3, r.size - 3);
        size -= gone;
    }
    *ret = asl_datum_string(bytes, size);
    return ASL_OK;
}

static bool is_integer(asl_datum datum)
{
    if (!asl_datum_is(datum, ASL_DATUM_NUMBER))
        return false;
    double number = asl_datum_double(datum);
    return isfinite(number) && number == trunc(number);
}

static int range(asl_eval *eval, asl_datum left, asl_datum right, asl_datum *ret)
{
    *ret = asl_datum_undefined();
    if (!asl_datum_is_undefined(left) && !is_integer(left))
        return asl_eval_error_about(eval, "T2003", left);
    if (!asl_datum_is_undefined(right) && !is_integer(right))
        return asl_eval_error_about(eval, "T2004", right);
    if (asl_datum_is_undefined(left) || asl_datum_is_undefined(right))
        return ASL_OK;
    double l = asl_datum_double(left), r = asl_datum_double(right), size = r - l + 1;
    if (l > r)
        return ASL_OK;
    if (size > RANGE_MAX)
        return asl_eval_error_about(eval, "D2014", asl_datum_number(size));
    int status = asl_eval_spend(eval, (size_t)size);
    if (status == ASL_OK)
        status = asl_eval_measure(eval, (size_t)size * 8);
    asl_list *list = status == ASL_OK ? asl_eval_sequence(eval, (size_t)size) : NULL;
    if (list == NULL)
        return eval->problem.status;
    for (uint32_t i = 0; i < (uint32_t)size; i++)
        list->items[list->count++] = asl_datum_number(l + i);
    *ret = asl_datum_list(list);
    return ASL_OK;
}

/* JavaScript's `===`. */
static bool is_identical(asl_datum left, asl_datum right)
{
    if (left.kind != right.kind)
        return false;
    switch (left.kind) {
    case ASL_DATUM_NULL:
        return true;
    case ASL_DATUM_BOOL:
        return left.truth == right.truth;
    case ASL_DATUM_NUMBER:
        return asl_datum_double(left) == asl_datum_double(right);
    case ASL_DATUM_STRING:
        return asl_datum_same_string(left, right);
    case ASL_DATUM_ARRAY:
    case ASL_DATUM_OBJECT:
        return left.flags == right.flags && left.value == right.value;
    default:
        return false;
    }
}

static int inclusion(asl_eval *eval, asl_datum left, asl_datum right, asl_datum *ret)
{
    *ret = asl_datum_bool(false);
    if (asl_datum_is_undefined(left) || asl_datum_is_undefined(right))
        return ASL_OK;
    if (!asl_datum_is(right, ASL_DATUM_ARRAY)) {
        *ret = asl_datum_bool(is_identical(left, right));
        return ASL_OK;
    }
    size_t count = asl_datum_count(right);
    for (size_t i = 0; i < count; i++) {
        if (is_identical(left, asl_datum_at(right, i))) {
            *ret = asl_datum_bool(true);
            return asl_eval_spend(eval, i + 1);
        }
    }
    return asl_eval_spend(eval, count);
}

static int operate(asl_eval *eval, asl_operator op, asl_datum left, asl_datum right, asl_datum *ret)
{
    switch ((unsigned)op) {
    case ASL_OP_ADD:
    case ASL_OP_SUBTRACT:
    case ASL_OP_MULTIPLY:
    case ASL_OP_DIVIDE:
    case ASL_OP_MODULO:
        return arithmetic(eval, op, left, right, ret);
    case ASL_OP_EQUAL:
    case ASL_OP_UNEQUAL:
        return equality(eval, op, left, right, ret);
    case ASL_OP_CONCATENATE:
        return asl_datum_concatenate(eval, left, right, ret);
    case ASL_OP_RANGE:
        return range(eval, left, right, ret);
    case ASL_OP_IN:
        return inclusion(eval, left, right, ret);
    default:
        return comparison(eval, op, left, right, ret);
    }
}

/* `and` and `or`: what went wrong on the right is theirs, too. */
static int logic(asl_eval *eval, const asl_ast *ast, asl_datum left, asl_datum input,
                 asl_scope *scope, asl_datum *ret)
{
    bool truth = false;
    int status = asl_datum_truth(eval, left, &truth);
    if (status == ASL_OK && truth == (ast->op == ASL_OP_AND)) {
        asl_datum right;
        status = asl_eval_node(eval, ast->right, input, scope, &right);
        if (status == ASL_OK)
            status = asl_datum_truth(eval, right, &truth);
    }
    *ret = asl_datum_bool(truth);
    return status;
}

static int locate(asl_eval *eval, const asl_ast *ast, int status)
{
    if (status != ASL_EVALUATION)
        return status;
    const char *symbol = symbol_of(ast->op);
    eval->problem.has_position = true;
    eval->problem.position = ast->position;
    eval->problem.token = asl_datum_string(symbol, strlen(symbol));
    return status;
}

int asl_evaluate_binary(asl_eval *eval, const asl_ast *ast, asl_datum input, asl_scope *scope,
                        asl_datum *ret)
{
    asl_datum left, right;
    int status = asl_eval_operand(eval, ast->left, input, scope, &left);
    if (status != ASL_OK)
        return status;
    if (ast->op == ASL_OP_AND || ast->op == ASL_OP_OR)
        return locate(eval, ast, logic(eval, ast, left, input, scope, ret));
    status = asl_eval_operand(eval, ast->right, input, scope, &right);
    return status == ASL_OK ? locate(eval, ast, operate(eval, ast->op, left, right, ret)) : status;
}
