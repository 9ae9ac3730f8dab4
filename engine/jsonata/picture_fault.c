/* Faults: a code and what messages quote of the value, or a message of the JavaScript engine. */
#include "jsonata/picture_fault.h"

#include <math.h>

#include "value/value.h"

void asl_picture_fault_init(asl_picture_fault *fault, const asl_heap *heap)
{
    fault->code = NULL;
    asl_buffer_init(&fault->text, heap);
}

void asl_picture_fault_done(asl_picture_fault *fault)
{
    asl_buffer_done(&fault->text);
}

static int status_of(const asl_picture_fault *fault)
{
    return fault->text.status != ASL_OK ? fault->text.status : ASL_EVALUATION;
}

int asl_fault_raise(asl_picture_fault *fault, const char *code)
{
    asl_buffer_clear(&fault->text);
    fault->code = code;
    return ASL_EVALUATION;
}

int asl_fault_raise_text(asl_picture_fault *fault, const char *code, asl_utf16 value)
{
    asl_fault_raise(fault, code);
    asl_utf16_write_json(value, &fault->text);
    return status_of(fault);
}

int asl_fault_raise_number(asl_picture_fault *fault, const char *code, double value)
{
    char text[ASL_DOUBLE_TEXT_SIZE];
    asl_fault_raise(fault, code);
    if (isfinite(value))
        asl_buffer_append(&fault->text, text, asl_print_double(value, text));
    else
        asl_buffer_text(&fault->text, "null");
    return status_of(fault);
}

int asl_fault_throw(asl_picture_fault *fault, const char *message)
{
    asl_fault_raise(fault, NULL);
    asl_buffer_text(&fault->text, message);
    return status_of(fault);
}

int asl_fault_of(asl_picture_fault *fault, int status)
{
    return status == ASL_TOO_LARGE ? asl_fault_throw(fault, "Invalid string length") : status;
}
