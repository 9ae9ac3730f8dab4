/* Functions on numbers. */
#include <math.h>

#include "jsonata/eval.h"
#include "jsonata/pictures.h"
#include "jsonata/text.h"

static int sum(asl_call *call)
{
    asl_datum array = call->arguments[0];
    if (asl_datum_is_undefined(array))
        return ASL_OK;
    double total = 0;
    for (size_t i = 0; i < asl_datum_count(array); i++)
        total += asl_datum_double(asl_datum_at(array, i));
    return asl_call_give(call, asl_datum_number(total));
}

static int count(asl_call *call)
{
    asl_datum array = call->arguments[0];
    size_t items = asl_datum_is_undefined(array) ? 0 : asl_datum_count(array);
    return asl_call_give(call, asl_datum_number((double)items));
}

/* The greatest where `sign` is 1, the least where it is -1; a NaN wins. */
static int extreme(asl_call *call, double sign)
{
    asl_datum array = call->arguments[0];
    if (asl_datum_is_undefined(array) || asl_datum_count(array) == 0)
        return ASL_OK;
    asl_datum best = asl_datum_at(array, 0);
    for (size_t i = 1; i < asl_datum_count(array); i++) {
        asl_datum item = asl_datum_at(array, i);
        if (isnan(asl_datum_double(item)) ||
            sign * asl_datum_double(item) > sign * asl_datum_double(best))
            best = item;
    }
    return asl_call_give(call, best);
}

static int max(asl_call *call)
{
    return extreme(call, 1);
}

static int min(asl_call *call)
{
    return extreme(call, -1);
}

static int average(asl_call *call)
{
    asl_datum array = call->arguments[0];
    if (asl_datum_is_undefined(array) || asl_datum_count(array) == 0)
        return ASL_OK;
    int status = sum(call);
    call->result.number /= (double)asl_datum_count(array);
    return status;
}

static int number(asl_call *call)
{
    asl_datum argument = call->arguments[0];
    double result = 0;
    asl_jsonata_fault fault = {.code = "D3030"};
    int status = ASL_EVALUATION;
    if (asl_datum_is_undefined(argument))
        return ASL_OK;
    if (asl_datum_is(argument, ASL_DATUM_NUMBER))
        return asl_call_give(call, argument);
    if (asl_datum_is(argument, ASL_DATUM_BOOL)) {
        result = argument.truth ? 1 : 0;
        status = ASL_OK;
    } else if (asl_datum_is(argument, ASL_DATUM_STRING)) {
        status = asl_jsonata_number(argument.bytes, argument.size, &result, &fault);
    }
    if (status != ASL_OK) {
        status = asl_eval_fault(call->eval, status, &fault, argument);
        call->eval->problem.index = 1;
        return status;
    }
    return asl_call_give(call, asl_datum_number(result));
}

static int map_number(asl_call *call, double (*function)(double number))
{
    asl_datum argument = call->arguments[0];
    if (asl_datum_is_undefined(argument))
        return ASL_OK;
    return asl_call_give(call, asl_datum_number(function(asl_datum_double(argument))));
}

static int absolute(asl_call *call)
{
    return map_number(call, fabs);
}

static int round_down(asl_call *call)
{
    return map_number(call, floor);
}

static int round_up(asl_call *call)
{
    return map_number(call, ceil);
}

static int round_half_even(asl_call *call)
{
    asl_datum argument = call->arguments[0], precision = asl_call_argument(call, 1);
    if (asl_datum_is_undefined(argument))
        return ASL_OK;
    double digits = asl_datum_is_undefined(precision) ? 0 : asl_datum_double(precision);
    return asl_call_give(call,
                         asl_datum_number(asl_jsonata_round(asl_datum_double(argument), digits)));
}

static int square_root(asl_call *call)
{
    asl_datum argument = call->arguments[0];
    if (asl_datum_is_undefined(argument))
        return ASL_OK;
    double value = asl_datum_double(argument);
    if (value < 0) {
        asl_eval_error_about(call->eval, "D3060", argument);
        call->eval->problem.index = 1;
        return ASL_EVALUATION;
    }
    return asl_call_give(call, asl_datum_number(sqrt(value)));
}

static int power(asl_call *call)
{
    asl_datum base = call->arguments[0], exponent = call->arguments[1];
    if (asl_datum_is_undefined(base))
        return ASL_OK;
    double e = asl_datum_is_undefined(exponent) ? NAN : asl_datum_double(exponent);
    double result = pow(asl_datum_double(base), e);
    if (fabs(asl_datum_double(base)) == 1 && !isfinite(e))
        result = NAN; /* JavaScript differs from C here */
    if (!isfinite(result)) {
        asl_eval_error_about(call->eval, "D3061", base);
        call->eval->problem.index = 1;
        call->eval->problem.value2 = exponent;
        return ASL_EVALUATION;
    }
    return asl_call_give(call, asl_datum_number(result));
}

const asl_builtin asl_builtins_number[] = {
    {"sum", "<a<n>:n>", 1, sum},
    {"count", "<a:n>", 1, count},
    {"max", "<a<n>:n>", 1, max},
    {"min", "<a<n>:n>", 1, min},
    {"average", "<a<n>:n>", 1, average},
    {"number", "<(nsb)-:n>", 1, number},
    {"floor", "<n-:n>", 1, round_down},
    {"ceil", "<n-:n>", 1, round_up},
    {"round", "<n-n?:n>", 2, round_half_even},
    {"abs", "<n-:n>", 1, absolute},
    {"sqrt", "<n-:n>", 1, square_root},
    {"power", "<n-n:n>", 2, power},
    {NULL, NULL, 0, NULL},
};
