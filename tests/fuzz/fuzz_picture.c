/* A call of a picture function: a letter that says which, and its arguments, a line each. It gives
 * valid UTF-8 or a number, or says why not. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "jsonata/pictures.h"

#define NUMBER_SIZE 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

typedef struct input {
    const char *next, *end;
} input;

/* Up to the separator, as far as it is valid; absent behind the end. */
static asl_picture_text take(input *in, char separator)
{
    asl_picture_text text = {NULL, 0};
    if (in->next == in->end)
        return text;
    const char *stop = memchr(in->next, separator, (size_t)(in->end - in->next));
    if (stop == NULL)
        stop = in->end;
    text.bytes = in->next;
    text.size = asl_utf8_valid(in->next, (size_t)(stop - in->next));
    in->next = stop == in->end ? stop : stop + 1;
    return text;
}

static double take_number(input *in)
{
    char digits[NUMBER_SIZE];
    asl_picture_text text = take(in, '\n');
    size_t size = text.size < sizeof digits ? text.size : sizeof digits - 1;
    if (size > 0)
        memcpy(digits, text.bytes, size);
    digits[size] = '\0';
    return strtod(digits, NULL);
}

static asl_number_options take_options(input *in)
{
    asl_number_options options;
    for (size_t i = 0; i < ASL_NUMBER_SYMBOLS; i++) {
        options.symbols[i] = take(in, '\t');
        if (options.symbols[i].size == 1 && options.symbols[i].bytes[0] == '~') /* the default */
            options.symbols[i].bytes = NULL;
    }
    return options;
}

static int call(input *in, asl_buffer *out, asl_picture_fault *fault)
{
    double number = 0;
    asl_millis millis = {false, 0};
    char function = in->next == in->end ? 0 : *in->next++;
    if (function == 'p' || function == 't') {
        asl_picture_text text = take(in, '\n'), picture = take(in, '\n');
        return function == 'p' ? asl_jsonata_parse_integer(text, picture, &number, fault)
                               : asl_jsonata_to_millis(text, picture, 1e12, &millis, fault);
    }
    number = take_number(in);
    if (function == 'b')
        return asl_jsonata_format_base(number, take_number(in), out, fault);
    if (function == 'r') {
        double rounded = asl_jsonata_round(number, take_number(in));
        require(!isfinite(number) || rounded != 0 || !signbit(rounded));
        return ASL_OK;
    }
    asl_picture_text picture = take(in, '\n');
    if (function == 'n') {
        asl_number_options options = take_options(in);
        return asl_jsonata_format_number(number, picture, &options, out, fault);
    }
    if (function == 'm')
        return asl_jsonata_from_millis(number, picture, take(in, '\n'), out, fault);
    return asl_jsonata_format_integer(number, picture, out, fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    asl_buffer out;
    asl_picture_fault fault;
    input in = {(const char *)data, (const char *)data + size};
    asl_buffer_init(&out, NULL);
    asl_picture_fault_init(&fault, NULL);
    int status = call(&in, &out, &fault);
    require(status == ASL_OK || status == ASL_EVALUATION);
    require(status == ASL_OK || (out.size == 0 && (fault.code != NULL || fault.text.size > 0)));
    require(out.size == 0 || asl_utf8_valid(out.bytes, out.size) == out.size);
    asl_buffer_done(&out);
    asl_picture_fault_done(&fault);
    return 0;
}
