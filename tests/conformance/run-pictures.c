/* Runs recorded calls of pictures: `run-pictures [DIR]`.
 *
 * DIR has a file for each function ("formatNumber.jsonl"), which has a line for each call: its
 * arguments, and what jsonata-js 2.0.6 makes of them (under Node.js 20, where time is UTC and it is
 * 2019-07-17T13:45:59.123Z): a text, a number, undefined, an error's code and value, or the message
 * of an error of JavaScript itself. Numbers that JSON has not are strings. One line per failing
 * case, then "N passed, M failed". */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "jsonata/pictures.h"
#include "value/value.h"

#define NOW_MS 1563371159123.0

/* What a call gives. */
typedef struct outcome {
    int status;
    bool is_number, is_undefined;
    double number;
    asl_buffer text;
    asl_picture_fault fault;
} outcome;

typedef void call(const asl_value *arguments, outcome *ret_outcome);

static const asl_value *member(const asl_value *object, const char *key)
{
    return asl_value_get(object, key);
}

static asl_picture_text text_of(const asl_value *value)
{
    asl_picture_text text = {NULL, 0};
    if (value != NULL)
        text.bytes = asl_value_get_string(value, &text.size);
    return text;
}

static double number_of(const asl_value *value)
{
    double number = 0;
    const char *text = text_of(value).bytes;
    if (text == NULL)
        asl_value_get_double(value, &number);
    else
        number = strcmp(text, "NaN") == 0        ? NAN
                 : strcmp(text, "-0") == 0       ? -0.0
                 : strcmp(text, "Infinity") == 0 ? INFINITY
                                                 : -INFINITY;
    return number;
}

static const asl_value *argument(const asl_value *arguments, size_t index)
{
    return index < asl_value_count(arguments) ? asl_value_at(arguments, index) : NULL;
}

static void format_number(const asl_value *arguments, outcome *o)
{
    asl_number_options options = {0};
    const asl_value *symbols = argument(arguments, 2);
    for (size_t i = 0; symbols != NULL && i < asl_value_count(symbols); i++) {
        asl_picture_text name = text_of(asl_value_key(symbols, i));
        asl_number_symbol symbol = asl_number_symbol_find(name.bytes, name.size);
        if (symbol != ASL_NUMBER_SYMBOLS)
            options.symbols[symbol] = text_of(asl_value_at(symbols, i));
    }
    o->status =
        asl_jsonata_format_number(number_of(argument(arguments, 0)),
                                  text_of(argument(arguments, 1)), &options, &o->text, &o->fault);
}

static void format_integer(const asl_value *arguments, outcome *o)
{
    o->status = asl_jsonata_format_integer(number_of(argument(arguments, 0)),
                                           text_of(argument(arguments, 1)), &o->text, &o->fault);
}

static void parse_integer(const asl_value *arguments, outcome *o)
{
    o->is_number = true;
    o->status = asl_jsonata_parse_integer(text_of(argument(arguments, 0)),
                                          text_of(argument(arguments, 1)), &o->number, &o->fault);
}

static void from_millis(const asl_value *arguments, outcome *o)
{
    o->status =
        asl_jsonata_from_millis(number_of(argument(arguments, 0)), text_of(argument(arguments, 1)),
                                text_of(argument(arguments, 2)), &o->text, &o->fault);
}

static void to_millis(const asl_value *arguments, outcome *o)
{
    asl_millis millis = {true, 0};
    o->is_number = true;
    o->status = asl_jsonata_to_millis(text_of(argument(arguments, 0)),
                                      text_of(argument(arguments, 1)), NOW_MS, &millis, &o->fault);
    o->is_undefined = !millis.is_found;
    o->number = millis.millis;
}

static void format_base(const asl_value *arguments, outcome *o)
{
    const asl_value *radix = argument(arguments, 1);
    o->status = asl_jsonata_format_base(number_of(argument(arguments, 0)),
                                        radix != NULL ? number_of(radix) : 10, &o->text, &o->fault);
}

static void round_number(const asl_value *arguments, outcome *o)
{
    const asl_value *precision = argument(arguments, 1);
    o->is_number = true;
    o->number = asl_jsonata_round(number_of(argument(arguments, 0)),
                                  precision != NULL ? number_of(precision) : 0);
}

static bool is_text(const asl_buffer *buffer, const asl_value *expected)
{
    asl_picture_text text = text_of(expected);
    return buffer->size == text.size &&
           (text.size == 0 || memcmp(buffer->bytes, text.bytes, text.size) == 0);
}

static bool is_fault(const outcome *o, const asl_value *expected)
{
    const char *code = text_of(member(expected, "code")).bytes;
    if (code == NULL)
        return o->fault.code == NULL && is_text(&o->fault.text, member(expected, "message"));
    return o->fault.code != NULL && strcmp(o->fault.code, code) == 0 &&
           is_text(&o->fault.text, member(expected, "value"));
}

static bool is_number(double number, double expected)
{
    if (isnan(expected))
        return isnan(number);
    return number == expected && signbit(number) == signbit(expected);
}

static bool is_expected(const outcome *o, const asl_value *expected)
{
    bool fails = member(expected, "code") != NULL || member(expected, "message") != NULL;
    if (fails || o->status != ASL_OK)
        return fails && o->status == ASL_EVALUATION && is_fault(o, expected);
    if (!o->is_number)
        return is_text(&o->text, member(expected, "text"));
    if (o->is_undefined || member(expected, "undefined") != NULL)
        return o->is_undefined && member(expected, "undefined") != NULL;
    return is_number(o->number, number_of(member(expected, "number")));
}

static bool run_line(call *function, const char *line, size_t size)
{
    asl_cleanup(asl_value_cleanup) asl_value *expected = NULL;
    outcome o = {.status = ASL_OK};
    if (asl_value_parse(NULL, line, size, 0, &expected, NULL) != ASL_OK)
        return false;
    asl_buffer_init(&o.text, NULL);
    asl_picture_fault_init(&o.fault, NULL);
    function(member(expected, "arguments"), &o);
    bool passes = is_expected(&o, expected);
    asl_buffer_done(&o.text);
    asl_picture_fault_done(&o.fault);
    return passes;
}

typedef struct counts {
    size_t passed, failed;
} counts;

static void run_file(const char *folder, const char *name, call *function, counts *c)
{
    char path[4096], *line = NULL;
    size_t capacity = 0, number = 0;
    ssize_t size;
    snprintf(path, sizeof path, "%s/%s.jsonl", folder, name);
    FILE *file = fopen(path, "r");
    while (file != NULL && (size = getline(&line, &capacity, file)) > 0) {
        number++;
        if (run_line(function, line, (size_t)size)) {
            c->passed++;
        } else {
            c->failed++;
            printf("%s:%zu: %s", name, number, line);
        }
    }
    if (number == 0) {
        c->failed++;
        printf("%s: no cases\n", path);
    }
    if (file != NULL)
        fclose(file);
    free(line);
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        call *function;
    } functions[] = {
        {"formatNumber", format_number}, {"formatInteger", format_integer},
        {"parseInteger", parse_integer}, {"fromMillis", from_millis},
        {"toMillis", to_millis},         {"formatBase", format_base},
        {"round", round_number},
    };
    counts c = {0, 0};
    const char *folder = count > 1 ? arguments[1] : ASL_CASES_FOLDER;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        run_file(folder, functions[i].name, functions[i].function, &c);
    printf("%zu passed, %zu failed\n", c.passed, c.failed);
    return c.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
