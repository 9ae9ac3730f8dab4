/* The functions that AWS Step Functions adds: $partition, $range, $hash, $random, $uuid, $parse. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/heap.h"
#include "base/random.h"
#include "jsonata/eval.h"

/* An integer the way AWS takes one: rounded towards zero. */
static double integer_of(asl_datum datum)
{
    return asl_datum_is_undefined(datum) ? 0 : trunc(asl_datum_double(datum));
}

static int partition(asl_call *call)
{
    asl_datum array = call->arguments[0];
    double size = integer_of(call->arguments[1]);
    if (asl_datum_is_undefined(array) || asl_datum_count(array) == 0 || !(size >= 1))
        return ASL_OK;
    size_t count = asl_datum_count(array);
    size_t chunk = size < (double)count ? (size_t)size : count;
    asl_list *chunks = asl_eval_list(call->eval, (count + chunk - 1) / chunk);
    if (chunks == NULL)
        return call->eval->problem.status;
    for (size_t begin = 0; begin < count; begin += chunk) {
        asl_list *part = asl_eval_list(call->eval, chunk);
        if (part == NULL)
            return call->eval->problem.status;
        for (size_t i = begin; i < count && i < begin + chunk; i++)
            part->items[part->count++] = asl_datum_at(array, i);
        chunks->items[chunks->count++] = asl_datum_list(part);
    }
    return asl_call_give(call, asl_datum_list(chunks));
}

static int range(asl_call *call)
{
    double first = integer_of(call->arguments[0]), last = integer_of(call->arguments[1]);
    double step = integer_of(call->arguments[2]);
    bool has_all =
        !asl_datum_is_undefined(call->arguments[0]) && !asl_datum_is_undefined(call->arguments[1]);
    if (!has_all || !(fabs(step) >= 1) || (last - first) * step < 0)
        return ASL_OK;
    double size = floor((last - first) / step) + 1;
    int status = size < 1e9 ? asl_eval_measure(call->eval, (size_t)size * 8)
                            : asl_eval_measure(call->eval, SIZE_MAX);
    if (status == ASL_OK)
        status = asl_eval_spend(call->eval, (size_t)size);
    asl_list *list = status == ASL_OK ? asl_eval_sequence(call->eval, (size_t)size) : NULL;
    if (list == NULL)
        return call->eval->problem.status;
    for (uint32_t i = 0; i < list->capacity; i++)
        list->items[list->count++] = asl_datum_number(first + (double)i * step);
    return asl_call_give(call, asl_datum_list(list));
}

static int hash(asl_call *call)
{
    asl_datum text = call->arguments[0], algorithm = call->arguments[1], printed;
    if (asl_datum_is_undefined(text) || asl_datum_is_undefined(algorithm))
        return ASL_OK;
    int status = asl_datum_to_string(call->eval, text, false, &printed);
    if (status != ASL_OK)
        return status;
    char hex[2 * ASL_HASH_BYTES_MAX], name[16];
    size_t size = 0;
    if (algorithm.size >= sizeof name)
        return ASL_OK;
    memcpy(name, algorithm.bytes, algorithm.size);
    name[algorithm.size] = '\0';
    asl_error *error = NULL;
    status = asl_hash_hex(name, printed.bytes, printed.size, hex, &size, &error);
    bool is_unknown = status == ASL_NOT_FOUND && error == NULL;
    asl_error_free(error);
    if (is_unknown)
        return ASL_OK;
    if (status != ASL_OK)
        return asl_eval_fail(call->eval, status);
    return asl_eval_copy_string(call->eval, hex, size, &call->result);
}

static int random_number(asl_call *call)
{
    asl_datum seed = asl_call_argument(call, 0);
    uint64_t bits;
    if (asl_datum_is_undefined(seed)) {
        bits = asl_eval_random(call->eval);
    } else {
        double number = asl_datum_double(seed);
        uint64_t key;
        memcpy(&key, &number, sizeof key);
        bits = asl_random_draw(key, 0, 0);
    }
    return asl_call_give(call, asl_datum_number(asl_random_unit(bits)));
}

static int uuid(asl_call *call)
{
    char text[37];
    uint64_t high = asl_eval_random(call->eval), low = asl_eval_random(call->eval);
    asl_random_uuid4(high, low, text);
    return asl_eval_copy_string(call->eval, text, 36, &call->result);
}

/* What $parse makes: a value of the heap, that lives as long as the evaluation. */
static int parse(asl_call *call)
{
    asl_datum text = call->arguments[0];
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    asl_eval *eval = call->eval;
    asl_value *value = NULL;
    if (asl_eval_charge(eval, text.size) != ASL_OK)
        return eval->problem.status;
    int status = asl_value_parse(eval->heap, text.bytes, text.size, 0, &value, NULL);
    if (status == ASL_SYNTAX || status == ASL_TOO_LARGE) {
        static const char words[] = "The argument of the parse function must be a valid JSON text";
        asl_eval_error_about(eval, "", text);
        eval->problem.text = asl_datum_string(words, sizeof words - 1);
        return ASL_EVALUATION;
    }
    if (status == ASL_OK)
        status = asl_eval_keep(eval, value);
    if (status != ASL_OK)
        return asl_eval_fail(eval, status);
    asl_datum datum = asl_datum_of(value);
    if (asl_datum_is(datum, ASL_DATUM_NUMBER))
        datum = asl_datum_number(asl_datum_double(datum));
    return asl_call_give(call, datum);
}

const asl_builtin asl_builtins_states[] = {
    {"partition", "<an:a>", 2, partition},
    {"range", "<nnn?:a>", 3, range},
    {"hash", "<x-s?:s>", 2, hash},
    {"random", "<n?:n>", 1, random_number},
    {"uuid", "<:s>", 0, uuid},
    {"parse", "<s-:x>", 1, parse},
    {NULL, NULL, 0, NULL},
};
