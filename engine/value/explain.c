/* Why a text is no JSON: a strict reader that makes nothing and only runs once the tokenizer has
 * refused. It goes from token to token with one byte for each open container, and stops at the
 * first byte that cannot stand where it does. */
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "value/json_text.h"

typedef struct explainer {
    const char *text, *next, *end;
    asl_buffer *message;
    size_t depth;
    size_t opened[ASL_VALUE_DEPTH_MAX]; /* where each open container begins */
} explainer;

static void skip_space(explainer *e)
{
    while (e->next < e->end && memchr(" \t\r\n", *e->next, 4) != NULL)
        e->next++;
}

static bool fail(explainer *e, const char *message)
{
    asl_buffer_text(e->message, message);
    return false;
}

/* The place where the innermost open container begins. */
static void append_opening(explainer *e)
{
    size_t line, column, offset = e->opened[e->depth - 1];
    asl_utf8_place(e->text, (size_t)(e->end - e->text), offset, &line, &column);
    asl_buffer_format(e->message, "the %s that begins at line %zu, column %zu",
                      e->text[offset] == '{' ? "object" : "array", line, column);
}

static bool fail_at_end(explainer *e, const char *expected)
{
    asl_buffer_format(e->message, "Unexpected end of the text: %s was expected", expected);
    if (e->depth > 0) {
        asl_buffer_text(e->message, " in ");
        append_opening(e);
    }
    return false;
}

static bool is_token_byte(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '$' || byte == '-' ||
           byte == '+' || byte == '.' || (unsigned char)byte >= 0x80;
}

/* Jackson's words, which AWS passes on. */
static bool fail_token(explainer *e)
{
    const char *stop = e->next;
    while (stop < e->end && is_token_byte(*stop) && stop - e->next < 64)
        stop++;
    asl_buffer_text(e->message, "Unrecognized token '");
    size_t size = (size_t)(stop - e->next);
    asl_buffer_append(e->message, e->next, asl_utf8_valid(e->next, size));
    asl_buffer_text(e->message, "': was expecting (JSON String, Number, Array, Object or token "
                                "'null', 'true' or 'false')");
    return false;
}

static bool fail_character(explainer *e, const char *expected)
{
    const char *stop = e->next;
    uint32_t code = asl_utf8_decode(&stop, e->end);
    asl_buffer_text(e->message, "Unexpected character ('");
    asl_buffer_append(e->message, e->next, (size_t)(stop - e->next));
    asl_buffer_format(e->message, "' (code %u)): %s was expected", code, expected);
    return false;
}

static bool read_escape(explainer *e)
{
    e->next++;
    if (e->next == e->end)
        return fail_at_end(e, "an escape");
    if (*e->next != 'u') {
        if (memchr("\"\\/bfnrt", *e->next, 8) == NULL)
            return fail(e, "Unrecognized escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u was "
                           "expected");
        e->next++;
        return true;
    }
    e->next++;
    for (int i = 0; i < 4; i++, e->next++) {
        if (e->next == e->end)
            return fail_at_end(e, "a hexadecimal digit");
        char lower = *e->next | 0x20;
        if (!((*e->next >= '0' && *e->next <= '9') || (lower >= 'a' && lower <= 'f')))
            return fail(e, "A \\u escape has four hexadecimal digits");
    }
    return true;
}

static bool read_string(explainer *e)
{
    e->next++;
    while (e->next < e->end && *e->next != '"') {
        if ((unsigned char)*e->next < 0x20)
            return fail(e, "A line feed, carriage return or tab in a string is written as \\n, \\r "
                           "or \\t");
        if (*e->next != '\\')
            e->next++;
        else if (!read_escape(e))
            return false;
    }
    if (e->next == e->end)
        return fail_at_end(e, "the closing '\"' of a string");
    e->next++;
    return true;
}

static bool read_digits(explainer *e, const char *message)
{
    if (e->next == e->end)
        return fail_at_end(e, "a digit");
    if (*e->next < '0' || *e->next > '9')
        return fail(e, message);
    while (e->next < e->end && *e->next >= '0' && *e->next <= '9')
        e->next++;
    return true;
}

static bool read_number(explainer *e)
{
    e->next += *e->next == '-';
    const char *start = e->next;
    if (!read_digits(e, "A digit was expected after '-'"))
        return false;
    if (*start == '0' && e->next - start > 1) {
        e->next = start;
        return fail(e, "Invalid numeric value: leading zeroes are not allowed");
    }
    if (e->next < e->end && *e->next == '.') {
        e->next++;
        if (!read_digits(e, "A digit was expected after the decimal point"))
            return false;
    }
    if (e->next < e->end && (*e->next == 'e' || *e->next == 'E')) {
        e->next++;
        if (e->next < e->end && (*e->next == '+' || *e->next == '-'))
            e->next++;
        return read_digits(e, "A digit was expected in the exponent");
    }
    return true;
}

static bool read_word(explainer *e, const char *word)
{
    size_t size = strlen(word), room = (size_t)(e->end - e->next);
    bool is_it = room >= size && memcmp(e->next, word, size) == 0 &&
                 (room == size || !is_token_byte(e->next[size]));
    if (!is_it)
        return fail_token(e);
    e->next += size;
    return true;
}

/* A scalar. */
static bool read_scalar(explainer *e)
{
    if (e->next == e->end)
        return fail_at_end(e, "a value");
    char byte = *e->next;
    if (byte == '"')
        return read_string(e);
    if (byte == '-' || (byte >= '0' && byte <= '9'))
        return read_number(e);
    if (byte == 't' || byte == 'f' || byte == 'n')
        return read_word(e, byte == 't' ? "true" : byte == 'f' ? "false" : "null");
    if (byte == '/')
        return fail(e, "Comments are not allowed in JSON");
    if (byte == '\'')
        return fail(e, "Strings stand in double quotes in JSON");
    if (is_token_byte(byte))
        return fail_token(e);
    return fail_character(e, "a value");
}

/* A key and its colon. */
static bool read_key(explainer *e)
{
    skip_space(e);
    if (e->next == e->end)
        return fail_at_end(e, "a key in double quotes");
    if (*e->next != '"')
        return fail_character(e, "a key in double quotes");
    if (!read_string(e))
        return false;
    skip_space(e);
    if (e->next == e->end)
        return fail_at_end(e, "':' after a key");
    if (*e->next != ':')
        return fail_character(e, "':' after a key");
    e->next++;
    return true;
}

static bool in_object(const explainer *e)
{
    return e->text[e->opened[e->depth - 1]] == '{';
}

/* Opens containers until the first value inside is a scalar, or one of them is empty. */
static bool read_value(explainer *e)
{
    for (;;) {
        skip_space(e);
        if (e->next == e->end || (*e->next != '{' && *e->next != '['))
            return read_scalar(e);
        if (e->depth == ASL_VALUE_DEPTH_MAX)
            return fail(e, "The text is nested too deeply");
        char closing = *e->next == '{' ? '}' : ']';
        e->opened[e->depth++] = (size_t)(e->next++ - e->text);
        skip_space(e);
        if (e->next < e->end && *e->next == closing) {
            e->next++;
            e->depth--;
            return true;
        }
        if (closing == '}' && !read_key(e))
            return false;
    }
}

/* What follows a value inside a container: closings, then a comma, after which a value is due. */
static bool read_to_next_value(explainer *e)
{
    while (e->depth > 0) {
        char closing = in_object(e) ? '}' : ']';
        skip_space(e);
        if (e->next == e->end)
            return fail_at_end(e, in_object(e) ? "',' or '}'" : "',' or ']'");
        if (*e->next == closing) {
            e->next++;
            e->depth--;
            continue;
        }
        if (*e->next != ',')
            return fail_character(e, in_object(e) ? "',' or '}'" : "',' or ']'");
        e->next++;
        skip_space(e);
        if (e->next < e->end && *e->next == closing)
            return fail(e, in_object(e) ? "A comma stands before the closing '}'"
                                        : "A comma stands before the closing ']'");
        return closing == ']' || read_key(e);
    }
    return true;
}

static bool read_text(explainer *e)
{
    skip_space(e);
    if (e->next == e->end)
        return fail(e, e->next == e->text ? "The text is empty: a JSON value was expected"
                                          : "The text is only white space: a JSON value was "
                                            "expected");
    if (e->end - e->next >= 3 && memcmp(e->next, "\xEF\xBB\xBF", 3) == 0)
        return fail(e, "The text begins with a byte order mark, which is not allowed in JSON");
    do {
        if (!read_value(e) || !read_to_next_value(e))
            return false;
    } while (e->depth > 0);
    skip_space(e);
    return e->next == e->end || fail_character(e, "the end of the text (it is one JSON value)");
}

bool asl_json_explain(const char *text, size_t size, size_t *ret_offset, asl_buffer *message)
{
    explainer e;
    e.text = e.next = size > 0 ? text : "";
    e.end = e.text + size;
    e.message = message;
    e.depth = 0;
    if (read_text(&e))
        return false;
    *ret_offset = (size_t)(e.next - e.text);
    return true;
}
