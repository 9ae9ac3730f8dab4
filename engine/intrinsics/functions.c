/* The table of the 18 functions, and what they share. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "intrinsics/call.h"

static const asl_intrinsic_function functions[] = {
    {"Format", 1, ASL_INTRINSIC_ARGUMENTS_MAX, asl_intrinsic_format},
    {"StringToJson", 1, 1, asl_intrinsic_string_to_json},
    {"JsonToString", 1, 1, asl_intrinsic_json_to_string},
    {"StringSplit", 2, 2, asl_intrinsic_string_split},
    {"Array", 0, ASL_INTRINSIC_ARGUMENTS_MAX, asl_intrinsic_array},
    {"ArrayPartition", 2, 2, asl_intrinsic_array_partition},
    {"ArrayContains", 2, 2, asl_intrinsic_array_contains},
    {"ArrayRange", 3, 3, asl_intrinsic_array_range},
    {"ArrayGetItem", 2, 2, asl_intrinsic_array_get_item},
    {"ArrayLength", 1, 1, asl_intrinsic_array_length},
    {"ArrayUnique", 1, 1, asl_intrinsic_array_unique},
    {"Base64Encode", 1, 1, asl_intrinsic_base64_encode},
    {"Base64Decode", 1, 1, asl_intrinsic_base64_decode},
    {"Hash", 2, 2, asl_intrinsic_hash},
    {"JsonMerge", 3, 3, asl_intrinsic_json_merge},
    {"MathRandom", 2, 3, asl_intrinsic_math_random},
    {"MathAdd", 2, 2, asl_intrinsic_math_add},
    {"UUID", 0, 0, asl_intrinsic_uuid},
};

const asl_intrinsic_function *asl_intrinsic_find(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strlen(functions[i].name) == size && memcmp(functions[i].name, name, size) == 0)
            return &functions[i];
    return NULL;
}

int asl_intrinsic_refuse(const asl_intrinsic_run *run, const char *format, ...)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, run->heap);
    asl_buffer_format(&buffer, "States.%s: ", run->name);
    va_list arguments;
    va_start(arguments, format);
    asl_buffer_format_list(&buffer, format, arguments);
    va_end(arguments);
    const char *text = asl_buffer_string(&buffer);
    asl_value *cause = text ? asl_value_string_sized(run->heap, text, buffer.size) : NULL;
    asl_buffer_done(&buffer);
    if (!cause)
        return ASL_NOMEM;
    asl_value_move(run->ret_cause, cause);
    return ASL_INVALID;
}

int asl_intrinsic_need_string(const asl_intrinsic_run *run, size_t index)
{
    if (asl_value_is_string(run->arguments[index]))
        return ASL_OK;
    return asl_intrinsic_refuse(run, "argument %zu must be a string", index + 1);
}

int asl_intrinsic_need_array(const asl_intrinsic_run *run, size_t index)
{
    if (asl_value_is_array(run->arguments[index]))
        return ASL_OK;
    return asl_intrinsic_refuse(run, "argument %zu must be an array", index + 1);
}

int asl_intrinsic_need_integer(const asl_intrinsic_run *run, size_t index, int64_t *ret_integer)
{
    if (asl_value_get_integer(run->arguments[index], ret_integer))
        return ASL_OK;
    double number;
    if (!asl_value_get_double(run->arguments[index], &number))
        return asl_intrinsic_refuse(run, "argument %zu must be a number", index + 1);
    double rounded = floor(number);
    if (number - rounded >= 0.5)
        rounded += 1;
    if (!(rounded >= -9223372036854775808.0 && rounded < 9223372036854775808.0))
        return asl_intrinsic_refuse(run, "argument %zu is too large", index + 1);
    *ret_integer = (int64_t)rounded;
    return ASL_OK;
}
