/* Literals in filters: text behind backslashes, and JSON as leniently as Jayway's reader takes it
 * (single quotes, bare words, commas too many). */
#include <string.h>

#include "base/utf8.h"
#include "path/layout.h"

#define DEPTH_MAX 64u

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    character = (char)(character | 0x20);
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* Four hexadecimal digits; UINT32_MAX where there are not. */
static uint32_t read_unit(const char *text, size_t size)
{
    if (size < 4)
        return UINT32_MAX;
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return UINT32_MAX;
        unit = unit * 16 + (uint32_t)digit;
    }
    return unit;
}

/* A surrogate that stands alone is written as three bytes too, so that it equals no valid text. */
static size_t write_unit(uint32_t unit, char *out)
{
    if (unit < 0xD800 || unit > 0xDFFF)
        return asl_utf8_encode(unit, out);
    out[0] = (char)(0xE0 | unit >> 12);
    out[1] = (char)(0x80 | (unit >> 6 & 0x3F));
    out[2] = (char)(0x80 | (unit & 0x3F));
    return 3;
}

/* What follows "\u"; moves *at behind it. False where it is refused. */
static bool unescape_unicode(const char *text, size_t size, size_t *at, char *out, size_t *length)
{
    if (size - *at < 4) { /* cut off: Jayway forgets it */
        *at = size;
        return true;
    }
    uint32_t unit = read_unit(text + *at, size - *at);
    if (unit == UINT32_MAX)
        return false;
    *at += 4;
    if (unit >= 0xD800 && unit <= 0xDBFF && size - *at >= 6 && text[*at] == '\\' &&
        text[*at + 1] == 'u') {
        uint32_t low = read_unit(text + *at + 2, size - *at - 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            *at += 6;
        }
    }
    *length += write_unit(unit, out + *length);
    return true;
}

size_t asl_literal_unescape(const char *text, size_t size, char *out)
{
    static const char names[] = "bfnrt", bytes[] = "\b\f\n\r\t";
    size_t length = 0;
    for (size_t i = 0; i < size;) {
        char character = text[i++];
        if (character != '\\' || i == size) {
            out[length++] = character;
            continue;
        }
        character = text[i++];
        if (character == 'u') {
            if (!unescape_unicode(text, size, &i, out, &length))
                return SIZE_MAX;
            continue;
        }
        const char *name = memchr(names, character, 5);
        out[length++] = name == NULL ? character : bytes[name - names];
    }
    return length;
}

void asl_literal_scrub(char *text, size_t size)
{
    for (size_t i = 0; i + 2 < size; i++) {
        if ((unsigned char)text[i] == 0xED && (unsigned char)text[i + 1] >= 0xA0)
            memcpy(text + i, "\xEF\xBF\xBD", 3);
    }
}

typedef struct json_parser {
    const asl_heap *heap;
    const char *next, *end;
    unsigned depth;
    int status;
} json_parser;

static asl_value *parse_value(json_parser *parser);

static asl_value *refuse(json_parser *parser, int status)
{
    if (parser->status == ASL_OK)
        parser->status = status;
    return NULL;
}

static void skip_space(json_parser *parser)
{
    while (parser->next < parser->end && strchr(" \t\r\n", *parser->next) != NULL &&
           *parser->next != '\0')
        parser->next++;
}

static bool takes(json_parser *parser, char character)
{
    skip_space(parser);
    if (parser->next == parser->end || *parser->next != character)
        return false;
    parser->next++;
    return true;
}

static asl_value *make_string(json_parser *parser, const char *text, size_t size)
{
    asl_buffer buffer;
    asl_buffer_init(&buffer, parser->heap);
    if (asl_buffer_reserve(&buffer, size + 1) != ASL_OK) {
        asl_buffer_done(&buffer);
        return refuse(parser, ASL_NOMEM);
    }
    size_t length = asl_literal_unescape(text, size, buffer.bytes);
    asl_value *value = NULL;
    if (length == SIZE_MAX) {
        refuse(parser, ASL_SYNTAX);
    } else {
        asl_literal_scrub(buffer.bytes, length);
        value = asl_value_string_sized(parser->heap, buffer.bytes, length);
        if (value == NULL)
            refuse(parser, ASL_NOMEM);
    }
    asl_buffer_done(&buffer);
    return value;
}

static asl_value *parse_string(json_parser *parser, char quote)
{
    const char *begin = parser->next;
    while (parser->next < parser->end && *parser->next != quote)
        parser->next += *parser->next == '\\' && parser->next + 1 < parser->end ? 2 : 1;
    if (parser->next >= parser->end)
        return refuse(parser, ASL_SYNTAX);
    return make_string(parser, begin, (size_t)(parser->next++ - begin));
}

/* A number, true, false, null, or any other word as a string. */
static asl_value *parse_word(json_parser *parser)
{
    const char *begin = parser->next;
    while (parser->next < parser->end && memchr(",:[]{}", *parser->next, 6) == NULL)
        parser->next++;
    size_t size = (size_t)(parser->next - begin);
    while (size > 0 && (unsigned char)begin[size - 1] <= ' ')
        size--;
    if (size == 0)
        return refuse(parser, ASL_SYNTAX);
    if (size == 4 && memcmp(begin, "true", 4) == 0)
        return asl_value_bool(true);
    if (size == 5 && memcmp(begin, "false", 5) == 0)
        return asl_value_bool(false);
    if (size == 4 && memcmp(begin, "null", 4) == 0)
        return asl_value_null();
    asl_buffer buffer;
    asl_buffer_init(&buffer, parser->heap);
    asl_value *value;
    if (asl_decimal_normalize(begin, size, &buffer))
        value = buffer.status != ASL_OK
                    ? NULL
                    : asl_value_number_text(parser->heap, buffer.bytes, buffer.size);
    else
        value = asl_value_string_sized(parser->heap, begin, size);
    asl_buffer_done(&buffer);
    return value != NULL ? value : refuse(parser, ASL_NOMEM);
}

static asl_value *parse_key(json_parser *parser)
{
    skip_space(parser);
    if (parser->next < parser->end && (*parser->next == '"' || *parser->next == '\''))
        return parse_string(parser, *parser->next++);
    const char *begin = parser->next;
    while (parser->next < parser->end && *parser->next != ':')
        parser->next++;
    size_t size = (size_t)(parser->next - begin);
    while (size > 0 && begin[size - 1] == ' ')
        size--;
    return make_string(parser, begin, size);
}

static asl_value *parse_array(json_parser *parser)
{
    asl_value *array = asl_value_array(parser->heap);
    if (array == NULL)
        return refuse(parser, ASL_NOMEM);
    while (parser->status == ASL_OK && !takes(parser, ']')) {
        if (takes(parser, ','))
            continue;
        asl_value *item = parse_value(parser);
        if (item != NULL && asl_value_append(&array, item) != ASL_OK)
            refuse(parser, ASL_NOMEM);
    }
    return array;
}

static asl_value *parse_object(json_parser *parser)
{
    asl_value *object = asl_value_object(parser->heap);
    if (object == NULL)
        return refuse(parser, ASL_NOMEM);
    while (parser->status == ASL_OK && !takes(parser, '}')) {
        if (takes(parser, ','))
            continue;
        asl_value *key = parse_key(parser);
        if (key != NULL && !takes(parser, ':'))
            refuse(parser, ASL_SYNTAX);
        asl_value *item = parser->status == ASL_OK ? parse_value(parser) : NULL;
        if (item != NULL && asl_value_set_key(&object, key, item) != ASL_OK)
            refuse(parser, ASL_NOMEM);
        asl_value_unref(key);
    }
    return object;
}

static asl_value *parse_value(json_parser *parser)
{
    skip_space(parser);
    if (parser->next == parser->end)
        return refuse(parser, ASL_SYNTAX);
    if (parser->depth == DEPTH_MAX)
        return refuse(parser, ASL_TOO_LARGE);
    parser->depth++;
    asl_value *value;
    switch (*parser->next) {
    case '[':
        parser->next++;
        value = parse_array(parser);
        break;
    case '{':
        parser->next++;
        value = parse_object(parser);
        break;
    case '"':
    case '\'':
        value = parse_string(parser, *parser->next++);
        break;
    default:
        value = parse_word(parser);
        break;
    }
    parser->depth--;
    return value;
}

int asl_literal_parse(const asl_heap *heap, const char *text, size_t size, asl_value **ret_value)
{
    json_parser parser = {.heap = heap, .next = text, .end = text + size};
    asl_value *value = parse_value(&parser);
    skip_space(&parser);
    if (parser.status == ASL_OK && parser.next != parser.end)
        parser.status = ASL_SYNTAX;
    if (parser.status != ASL_OK) {
        asl_value_unref(value);
        return parser.status;
    }
    *ret_value = value;
    return ASL_OK;
}
