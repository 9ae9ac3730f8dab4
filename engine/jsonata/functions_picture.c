/* Functions of pictures: numbers, integers and times as text and back; and what time it is. */
#include "jsonata/eval.h"
#include "jsonata/pictures.h"

/* A call that makes text: its buffer, and what it says when it fails. */
typedef struct making {
    asl_call *call;
    asl_buffer out;
    asl_picture_fault fault;
} making;

static void begin(making *m, asl_call *call)
{
    m->call = call;
    asl_eval_buffer(call->eval, &m->out);
    asl_picture_fault_init(&m->fault, call->eval->heap);
}

/* What the call failed with, as a problem of the expression. */
static int report(making *m, int status)
{
    asl_eval *eval = m->call->eval;
    if (status == ASL_TOO_LARGE) {
        eval->scratch.is_full = true;
        return asl_eval_no_memory(eval);
    }
    if (status != ASL_EVALUATION)
        return asl_eval_fail(eval, status);
    asl_datum text;
    if (asl_eval_string_of(eval, &m->fault.text, &text) != ASL_OK)
        return eval->problem.status;
    asl_eval_error(eval, m->fault.code != NULL ? m->fault.code : "");
    *(m->fault.code != NULL ? &eval->problem.quoted : &eval->problem.text) = text;
    return status;
}

/* Ends the call: the text, or the problem. */
static int finish(making *m, int status)
{
    if (status == ASL_OK)
        status = asl_eval_string_of(m->call->eval, &m->out, &m->call->result);
    else
        status = report(m, status);
    asl_buffer_done(&m->out);
    asl_picture_fault_done(&m->fault);
    return status;
}

/* Ends a call that made a number. */
static int finish_number(making *m, int status, double number)
{
    if (status == ASL_OK)
        m->call->result = asl_datum_number(number);
    else
        status = report(m, status);
    asl_buffer_done(&m->out);
    asl_picture_fault_done(&m->fault);
    return status;
}

static asl_picture_text text_of(asl_datum datum)
{
    if (!asl_datum_is(datum, ASL_DATUM_STRING))
        return (asl_picture_text){.bytes = NULL};
    return (asl_picture_text){.bytes = datum.size > 0 ? datum.bytes : "", .size = datum.size};
}

static void read_options(asl_datum object, asl_number_options *options)
{
    if (!asl_datum_is(object, ASL_DATUM_OBJECT))
        return;
    for (size_t i = 0; i < asl_datum_member_count(object); i++) {
        asl_datum key = asl_datum_key(object, i);
        asl_number_symbol symbol = asl_number_symbol_find(key.bytes, key.size);
        if (symbol != ASL_NUMBER_SYMBOLS)
            options->symbols[symbol] = text_of(asl_datum_member(object, i));
    }
}

static int format_number(asl_call *call)
{
    making m;
    asl_number_options options = {.symbols = {{NULL, 0}}};
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    read_options(asl_call_argument(call, 2), &options);
    begin(&m, call);
    return finish(&m, asl_jsonata_format_number(asl_datum_double(call->arguments[0]),
                                                text_of(call->arguments[1]), &options, &m.out,
                                                &m.fault));
}

static int format_base(asl_call *call)
{
    making m;
    asl_datum radix = asl_call_argument(call, 1);
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    begin(&m, call);
    double base = asl_datum_is_undefined(radix) ? 10 : asl_datum_double(radix);
    return finish(
        &m, asl_jsonata_format_base(asl_datum_double(call->arguments[0]), base, &m.out, &m.fault));
}

static int format_integer(asl_call *call)
{
    making m;
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    begin(&m, call);
    return finish(&m, asl_jsonata_format_integer(asl_datum_double(call->arguments[0]),
                                                 text_of(call->arguments[1]), &m.out, &m.fault));
}

static int parse_integer(asl_call *call)
{
    making m;
    double number = 0;
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    begin(&m, call);
    int status = asl_jsonata_parse_integer(text_of(call->arguments[0]), text_of(call->arguments[1]),
                                           &number, &m.fault);
    return finish_number(&m, status, number);
}

static int from_millis(asl_call *call)
{
    making m;
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    begin(&m, call);
    return finish(&m, asl_jsonata_from_millis(
                          asl_datum_double(call->arguments[0]), text_of(asl_call_argument(call, 1)),
                          text_of(asl_call_argument(call, 2)), &m.out, &m.fault));
}

static int to_millis(asl_call *call)
{
    making m;
    asl_millis found = {.is_found = false};
    if (asl_datum_is_undefined(call->arguments[0]))
        return ASL_OK;
    begin(&m, call);
    int status =
        asl_jsonata_to_millis(text_of(call->arguments[0]), text_of(asl_call_argument(call, 1)),
                              (double)asl_eval_now_ms(call->eval), &found, &m.fault);
    status = finish_number(&m, status, found.millis);
    if (status == ASL_OK && !found.is_found)
        call->result = asl_datum_undefined();
    return status;
}

static int now(asl_call *call)
{
    making m;
    begin(&m, call);
    return finish(&m, asl_jsonata_from_millis(
                          (double)asl_eval_now_ms(call->eval), text_of(asl_call_argument(call, 0)),
                          text_of(asl_call_argument(call, 1)), &m.out, &m.fault));
}

static int millis(asl_call *call)
{
    return asl_call_give(call, asl_datum_number((double)asl_eval_now_ms(call->eval)));
}

const asl_builtin asl_builtins_picture[] = {
    {"formatNumber", "<n-so?:s>", 3, format_number},
    {"formatBase", "<n-n?:s>", 2, format_base},
    {"formatInteger", "<n-s:s>", 2, format_integer},
    {"parseInteger", "<s-s:n>", 2, parse_integer},
    {"fromMillis", "<n-s?s?:s>", 3, from_millis},
    {"toMillis", "<s-s?:n>", 2, to_millis},
    {"now", "<s?s?:s>", 2, now},
    {"millis", "<:n>", 0, millis},
    {NULL, NULL, 0, NULL},
};
