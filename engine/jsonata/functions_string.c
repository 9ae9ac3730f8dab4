/* Functions on strings. */
#include <string.h>

#include "base/utf8.h"
#include "jsonata/eval.h"
#include "jsonata/text.h"

static int string(asl_call *call)
{
    asl_datum argument = call->arguments[0], pretty = asl_call_argument(call, 1);
    bool is_pretty = asl_datum_is(pretty, ASL_DATUM_BOOL) && pretty.truth;
    return asl_datum_to_string(call->eval, argument, is_pretty, &call->result);
}

static int substring(asl_call *call)
{
    asl_datum text = call->arguments[0], from = call->arguments[1];
    asl_datum size = asl_call_argument(call, 2);
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    double start = asl_datum_is_undefined(from) ? 0 : asl_datum_double(from), length = 0;
    if (!asl_datum_is_undefined(size))
        length = asl_datum_double(size);
    if (asl_datum_is_undefined(from) && !asl_datum_is_undefined(size))
        return asl_call_give(call, asl_datum_string("", 0));
    size_t offset, bytes;
    asl_jsonata_substring(text.bytes, text.size, start,
                          asl_datum_is_undefined(size) ? NULL : &length, &offset, &bytes);
    return asl_call_give(call, asl_datum_string(text.bytes + offset, bytes));
}

/* The place of the second argument in the first; ASL_JSONATA_NOWHERE. JavaScript looks for the text
 * "undefined" where there is none. */
static size_t find(const asl_call *call, asl_datum *ret_token)
{
    asl_datum text = call->arguments[0];
    *ret_token = call->arguments[1];
    if (asl_datum_is_undefined(*ret_token))
        *ret_token = asl_datum_string("undefined", 9);
    return asl_jsonata_find(text.bytes, text.size, 0, ret_token->bytes, ret_token->size);
}

static int substring_before(asl_call *call)
{
    asl_datum text = call->arguments[0], token;
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    size_t found = find(call, &token);
    return asl_call_give(call,
                         found == ASL_JSONATA_NOWHERE ? text : asl_datum_string(text.bytes, found));
}

static int substring_after(asl_call *call)
{
    asl_datum text = call->arguments[0], token;
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    size_t found = find(call, &token);
    if (found == ASL_JSONATA_NOWHERE)
        return asl_call_give(call, text);
    found += token.size;
    return asl_call_give(call, asl_datum_string(text.bytes + found, text.size - found));
}

static int map_text(asl_call *call,
                    int (*function)(const char *text, size_t size, asl_buffer *buffer))
{
    asl_datum text = call->arguments[0];
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    asl_buffer buffer;
    asl_eval_buffer(call->eval, &buffer);
    function(text.bytes, text.size, &buffer);
    int status = asl_eval_string_of(call->eval, &buffer, &call->result);
    asl_buffer_done(&buffer);
    return status;
}

/* Case of what is ASCII, without a buffer; false where it is not. */
static bool map_ascii(asl_call *call, char first, char last, int *status)
{
    asl_datum text = call->arguments[0];
    for (uint32_t i = 0; i < text.size; i++) {
        if ((text.bytes[i] & 0x80) != 0)
            return false;
    }
    char *made = asl_eval_allocate(call->eval, text.size);
    *status = made != NULL ? ASL_OK : call->eval->problem.status;
    for (uint32_t i = 0; made != NULL && i < text.size; i++) {
        char c = text.bytes[i];
        made[i] = (char)(c >= first && c <= last ? c ^ 0x20 : c);
    }
    call->result = asl_datum_string(made, text.size);
    return true;
}

static int lowercase(asl_call *call)
{
    int status;
    if (asl_datum_is(call->arguments[0], ASL_DATUM_STRING) && map_ascii(call, 'A', 'Z', &status))
        return status;
    return map_text(call, asl_jsonata_lowercase);
}

static int uppercase(asl_call *call)
{
    int status;
    if (asl_datum_is(call->arguments[0], ASL_DATUM_STRING) && map_ascii(call, 'a', 'z', &status))
        return status;
    return map_text(call, asl_jsonata_uppercase);
}

static int length(asl_call *call)
{
    asl_datum text = call->arguments[0];
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    return asl_call_give(call, asl_datum_number((double)asl_utf8_count(text.bytes, text.size)));
}

static int trim(asl_call *call)
{
    return map_text(call, asl_jsonata_trim);
}

static int pad(asl_call *call)
{
    asl_datum text = call->arguments[0], width = call->arguments[1];
    asl_datum fill = asl_call_argument(call, 2);
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    if (!asl_datum_is(fill, ASL_DATUM_STRING))
        fill = asl_datum_string("", 0);
    asl_buffer buffer;
    asl_jsonata_fault fault = {.code = NULL};
    asl_eval_buffer(call->eval, &buffer);
    double columns = asl_datum_is_undefined(width) ? 0 : asl_datum_double(width);
    int status =
        asl_jsonata_pad(text.bytes, text.size, columns, fill.bytes, fill.size, &buffer, &fault);
    if (status == ASL_EVALUATION)
        status = asl_eval_fault(call->eval, status, &fault, width);
    else
        status = asl_eval_string_of(call->eval, &buffer, &call->result);
    asl_buffer_done(&buffer);
    return status;
}

static int join(asl_call *call)
{
    asl_datum array = call->arguments[0], separator = asl_call_argument(call, 1);
    if (asl_datum_is_undefined(array))
        return ASL_OK;
    if (!asl_datum_is(separator, ASL_DATUM_STRING))
        separator = asl_datum_string("", 0);
    size_t count = asl_datum_count(array), size = 0;
    for (size_t i = 0; i < count; i++)
        size += asl_datum_at(array, i).size + (i > 0 ? separator.size : 0);
    if (size > UINT32_MAX)
        return asl_eval_no_memory(call->eval);
    int status = asl_eval_spend(call->eval, count);
    char *bytes = status == ASL_OK ? asl_eval_allocate(call->eval, size) : NULL;
    if (bytes == NULL)
        return call->eval->problem.status;
    char *next = bytes;
    for (size_t i = 0; i < count; i++) {
        asl_datum item = asl_datum_at(array, i);
        if (i > 0) {
            memcpy(next, separator.bytes, separator.size);
            next += separator.size;
        }
        memcpy(next, item.bytes, item.size);
        next += item.size;
    }
    return asl_call_give(call, asl_datum_string(bytes, size));
}

static int base64encode(asl_call *call)
{
    return map_text(call, asl_jsonata_base64_encode);
}

static int base64decode(asl_call *call)
{
    return map_text(call, asl_jsonata_base64_decode);
}

static int refuse_url(asl_call *call, const char *name)
{
    asl_eval_error_about(call->eval, "D3140", call->arguments[0]);
    call->eval->problem.function = name;
    return ASL_EVALUATION;
}

typedef int url_function(const char *text, size_t size, bool is_component, asl_buffer *buffer,
                         asl_jsonata_fault *fault);

static int map_url(asl_call *call, url_function *function, bool is_component, const char *name)
{
    asl_datum text = call->arguments[0];
    if (asl_datum_is_undefined(text))
        return ASL_OK;
    asl_buffer buffer;
    asl_jsonata_fault fault;
    asl_eval_buffer(call->eval, &buffer);
    int status = function(text.bytes, text.size, is_component, &buffer, &fault);
    status = status == ASL_EVALUATION ? refuse_url(call, name)
                                      : asl_eval_string_of(call->eval, &buffer, &call->result);
    asl_buffer_done(&buffer);
    return status;
}

static int encode_url_component(asl_call *call)
{
    return map_url(call, asl_jsonata_encode_url, true, "encodeUrlComponent");
}

static int encode_whole_url(asl_call *call)
{
    return map_url(call, asl_jsonata_encode_url, false, "encodeUrl");
}

static int decode_url_component(asl_call *call)
{
    return map_url(call, asl_jsonata_decode_url, true, "decodeUrlComponent");
}

static int decode_whole_url(asl_call *call)
{
    return map_url(call, asl_jsonata_decode_url, false, "decodeUrl");
}

const asl_builtin asl_builtins_string[] = {
    {"string", "<x-b?:s>", 1, string},
    {"substring", "<s-nn?:s>", 3, substring},
    {"substringBefore", "<s-s:s>", 2, substring_before},
    {"substringAfter", "<s-s:s>", 2, substring_after},
    {"lowercase", "<s-:s>", 1, lowercase},
    {"uppercase", "<s-:s>", 1, uppercase},
    {"length", "<s-:n>", 1, length},
    {"trim", "<s-:s>", 1, trim},
    {"pad", "<s-ns?:s>", 3, pad},
    {"join", "<a<s>s?:s>", 2, join},
    {"base64encode", "<s-:s>", 1, base64encode},
    {"base64decode", "<s-:s>", 1, base64decode},
    {"encodeUrlComponent", "<s-:s>", 1, encode_url_component},
    {"encodeUrl", "<s-:s>", 1, encode_whole_url},
    {"decodeUrlComponent", "<s-:s>", 1, decode_url_component},
    {"decodeUrl", "<s-:s>", 1, decode_whole_url},
    {NULL, NULL, 0, NULL},
};
