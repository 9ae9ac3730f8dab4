/* Texts: States.Format, StringToJson, JsonToString, StringSplit, Base64Encode, Base64Decode. */
#include <string.h>

#include "base/utf8.h"
#include "intrinsics/call.h"

/* A new string of a buffer's bytes; frees the buffer. */
static int finish(const asl_intrinsic_run *run, asl_buffer *buffer, asl_value **ret_value)
{
    const char *bytes = asl_buffer_string(buffer);
    int status = buffer->status;
    if (bytes) {
        *ret_value = asl_value_string_sized(run->heap, bytes, buffer->size);
        status = *ret_value ? ASL_OK : ASL_NOMEM;
    }
    asl_buffer_done(buffer);
    return status;
}

static void begin(const asl_intrinsic_run *run, asl_buffer *buffer)
{
    asl_buffer_init(buffer, run->heap);
    buffer->limit = run->environment->payload_bytes + 1;
}

/* "{}" takes the next argument; "\{", "\}", "\\" and "\'" stand for themselves. */
static int format_into(const asl_intrinsic_run *run, const char *template_text, size_t size,
                       asl_buffer *buffer)
{
    size_t next = 1;
    for (size_t i = 0; i < size; i++) {
        char c = template_text[i];
        if (c == '\\' && i + 1 < size && strchr("{}\\'", template_text[i + 1])) {
            asl_buffer_byte(buffer, template_text[++i]);
        } else if (c == '{' && i + 1 < size && template_text[i + 1] == '}') {
            if (next >= run->count)
                return asl_intrinsic_refuse(run, "there are more {} than arguments");
            asl_java_text(run->arguments[next++], buffer);
            i++;
        } else {
            asl_buffer_byte(buffer, c);
        }
    }
    if (next != run->count)
        return asl_intrinsic_refuse(run, "there are more arguments than {}");
    return ASL_OK;
}

int asl_intrinsic_format(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = asl_intrinsic_need_string(run, 0);
    if (status != ASL_OK)
        return status;
    size_t size;
    const char *template_text = asl_value_get_string(run->arguments[0], &size);
    asl_buffer buffer;
    begin(run, &buffer);
    status = format_into(run, template_text, size, &buffer);
    if (status == ASL_OK)
        return finish(run, &buffer, ret_value);
    asl_buffer_done(&buffer);
    return status;
}

/* AWS: nothing but white space gives null; "-0" gives 0. */
int asl_intrinsic_string_to_json(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = asl_intrinsic_need_string(run, 0);
    if (status != ASL_OK)
        return status;
    size_t size;
    const char *text = asl_value_get_string(run->arguments[0], &size);
    if (strspn(text, " \t\r\n") == size) {
        *ret_value = asl_value_null();
        return ASL_OK;
    }
    asl_error *error = NULL;
    status = asl_value_parse(run->heap, text, size, 0, ret_value, &error);
    if (status != ASL_OK && status != ASL_NOMEM)
        status = asl_intrinsic_refuse(run, "the string is not JSON: %s", asl_error_message(error));
    asl_error_free(error);
    double number;
    if (status == ASL_OK && asl_value_get_double(*ret_value, &number) && number == 0 &&
        text[strspn(text, " \t\r\n")] == '-' && !memchr(text, '.', size) &&
        !memchr(text, 'e', size) && !memchr(text, 'E', size)) {
        asl_value_move(ret_value, asl_value_integer(run->heap, 0));
        status = *ret_value ? ASL_OK : ASL_NOMEM;
    }
    return status;
}

int asl_intrinsic_json_to_string(const asl_intrinsic_run *run, asl_value **ret_value)
{
    asl_cleanup(asl_value_cleanup) asl_value *compact = asl_value_compact(run->arguments[0]);
    if (!compact)
        return ASL_NOMEM;
    asl_buffer buffer;
    begin(run, &buffer);
    asl_value_print_to(compact, &buffer);
    return finish(run, &buffer, ret_value);
}

/* AWS: the delimiter is a set of characters, and empty tokens vanish. */
int asl_intrinsic_string_split(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = asl_intrinsic_need_string(run, 0);
    if (status == ASL_OK)
        status = asl_intrinsic_need_string(run, 1);
    if (status != ASL_OK)
        return status;
    size_t size, set_size;
    const char *text = asl_value_get_string(run->arguments[0], &size), *end = text + size;
    const char *set = asl_value_get_string(run->arguments[1], &set_size);
    asl_cleanup(asl_value_cleanup) asl_value *tokens = asl_value_array(run->heap);
    if (!tokens)
        return ASL_NOMEM;
    const char *token = text;
    for (const char *next = text; status == ASL_OK && token < end;) {
        const char *at = next;
        bool is_delimiter = next == end;
        if (next < end) {
            (void)asl_utf8_decode(&next, end);
            is_delimiter = memmem(set, set_size, at, (size_t)(next - at)) != NULL;
        }
        if (!is_delimiter)
            continue;
        if (at > token)
            status = asl_value_append(
                &tokens, asl_value_string_sized(run->heap, token, (size_t)(at - token)));
        token = next;
        if (at == end)
            break;
    }
    if (status == ASL_OK)
        *ret_value = asl_steal(tokens);
    return status;
}

static int need_short_text(const asl_intrinsic_run *run)
{
    int status = asl_intrinsic_need_string(run, 0);
    if (status != ASL_OK)
        return status;
    size_t size;
    const char *text = asl_value_get_string(run->arguments[0], &size);
    if (asl_utf8_count(text, size) <= ASL_INTRINSIC_TEXT_MAX)
        return ASL_OK;
    return asl_intrinsic_refuse(run, "the string is longer than %u characters",
                                ASL_INTRINSIC_TEXT_MAX);
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int asl_intrinsic_base64_encode(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = need_short_text(run);
    if (status != ASL_OK)
        return status;
    size_t size;
    const unsigned char *bytes =
        (const unsigned char *)asl_value_get_string(run->arguments[0], &size);
    asl_buffer buffer;
    begin(run, &buffer);
    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        group |= i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= i + 2 < size ? (uint32_t)bytes[i + 2] : 0;
        char digits[4] = {base64_digits[group >> 18], base64_digits[group >> 12 & 63],
                          i + 1 < size ? base64_digits[group >> 6 & 63] : '=',
                          i + 2 < size ? base64_digits[group & 63] : '='};
        asl_buffer_append(&buffer, digits, sizeof digits);
    }
    return finish(run, &buffer, ret_value);
}

/* Decodes into `buffer`; false where the text is no Base64 (padding may be left out). */
static bool decode_base64(const char *text, size_t size, asl_buffer *buffer)
{
    size_t digits = size;
    while (digits > 0 && text[digits - 1] == '=')
        digits--;
    if (size - digits > 2 || digits % 4 == 1 || (size != digits && size % 4 != 0))
        return false;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < digits; i++) {
        const char *digit = memchr(base64_digits, text[i], sizeof base64_digits - 1);
        if (!digit)
            return false;
        group = group << 6 | (uint32_t)(digit - base64_digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            asl_buffer_byte(buffer, (char)(unsigned char)(group >> bits));
        }
    }
    return true;
}

int asl_intrinsic_base64_decode(const asl_intrinsic_run *run, asl_value **ret_value)
{
    int status = need_short_text(run);
    if (status != ASL_OK)
        return status;
    size_t size;
    const char *text = asl_value_get_string(run->arguments[0], &size);
    asl_buffer buffer;
    begin(run, &buffer);
    bool is_valid = decode_base64(text, size, &buffer);
    if (is_valid && buffer.status == ASL_OK &&
        asl_utf8_valid(buffer.bytes, buffer.size) == buffer.size)
        return finish(run, &buffer, ret_value);
    status = buffer.status;
    asl_buffer_done(&buffer);
    if (status != ASL_OK)
        return status;
    return asl_intrinsic_refuse(run, is_valid ? "what was decoded is not UTF-8"
                                              : "the string is not Base64");
}
