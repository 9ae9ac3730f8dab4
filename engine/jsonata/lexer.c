/* The lexer. A name ends at white space or at an operator's character, and may hold anything else;
 * `/` begins a regular expression where an operand is expected. */
#include "jsonata/lexer.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "jsonata/regex.h"
#include "value/double_text.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Operators, longer ones first. */
static const char *const operators[] = {
    "..", ":=", "!=", ">=", "<=", "**", "~>", ".", "[", "]", "{", "}", "(", ")", ",", "@", "#",
    ";",  ":",  "?",  "+",  "-",  "*",  "/",  "%", "|", "=", "<", ">", "^", "&", "!", "~"};

static const char *operator_at(const char *text, size_t size)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t length = strlen(operators[i]);
        if (length <= size && memcmp(operators[i], text, length) == 0)
            return operators[i];
    }
    return NULL;
}

static bool ends_name(char c)
{
    return is_space(c) || (c != '\0' && strchr(".[]{}(),@#;:?+-*/%|=<>^&!~", c) != NULL);
}

static int refuse(asl_lexer *lexer, const char *code, size_t position, asl_datum token)
{
    asl_ast_refuse(lexer->source, code, position, token);
    return lexer->source->problem->status;
}

static char char_at(const asl_lexer *lexer, size_t position)
{
    return position < lexer->source->size ? lexer->source->text[position] : '\0';
}

/* White space and comments. */
static int skip(asl_lexer *lexer)
{
    const char *text = lexer->source->text;
    size_t size = lexer->source->size;
    for (;;) {
        while (lexer->position < size && is_space(text[lexer->position]))
            lexer->position++;
        if (char_at(lexer, lexer->position) != '/' || char_at(lexer, lexer->position + 1) != '*')
            return ASL_OK;
        size_t begin = lexer->position, i = begin + 2;
        while (i < size && !(text[i] == '*' && char_at(lexer, i + 1) == '/'))
            i++;
        if (i >= size)
            return refuse(lexer, "S0106", begin, asl_datum_undefined());
        lexer->position = i + 2;
    }
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits at `position`, or as many as the text still has; -1 where they are not. */
static int32_t read_hex(const asl_lexer *lexer, size_t position)
{
    int32_t number = 0;
    for (size_t i = 0; i < 4 && (i == 0 || position + i < lexer->source->size); i++) {
        int digit = hex_digit(char_at(lexer, position + i));
        if (digit < 0)
            return -1;
        number = number * 16 + digit;
    }
    return number;
}

/* Appends a UTF-16 code unit; the second of a pair joins the first. */
static size_t put_code_unit(char *out, size_t size, uint32_t unit)
{
    if (unit >= 0xDC00 && unit <= 0xDFFF && size >= 3 && (unsigned char)out[size - 3] == 0xED &&
        (unsigned char)out[size - 2] >= 0xA0 && (unsigned char)out[size - 2] < 0xB0) {
        uint32_t high =
            0xD000u | ((uint32_t)(out[size - 2] & 0x3F) << 6) | (uint32_t)(out[size - 1] & 0x3F);
        uint32_t code_point = 0x10000u + ((high - 0xD800u) << 10) + (unit - 0xDC00u);
        return size - 3 + asl_utf8_encode(code_point, out + size - 3);
    }
    return size + asl_utf8_encode(unit, out + size);
}

/* One escape; lexer->position is at the character behind the backslash. */
static int read_escape(asl_lexer *lexer, char *out, size_t *size)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = char_at(lexer, lexer->position);
    const char *found = c != '\0' ? strchr(from, c) : NULL;
    if (found != NULL) {
        out[(*size)++] = to[found - from];
        return ASL_OK;
    }
    if (c != 'u') {
        const char *text = lexer->source->text + lexer->position, *next = text;
        const char *end = lexer->source->text + lexer->source->size;
        if (text < end)
            asl_utf8_decode(&next, end);
        return refuse(lexer, "S0103", lexer->position,
                      asl_datum_string(text, (size_t)(next - text)));
    }
    int32_t unit = read_hex(lexer, lexer->position + 1);
    if (unit < 0)
        return refuse(lexer, "S0104", lexer->position, asl_datum_undefined());
    *size = put_code_unit(out, *size, (uint32_t)unit);
    lexer->position += 4;
    return ASL_OK;
}

static int read_string(asl_lexer *lexer, asl_token *token)
{
    const asl_ast_source *source = lexer->source;
    char quote = source->text[lexer->position++];
    size_t room = lexer->position, size = 0;
    while (room < source->size && source->text[room] != quote)
        room += source->text[room] == '\\' ? 2 : 1;
    char *out = asl_arena_allocate(source->arena, room - lexer->position + 4);
    if (out == NULL)
        return source->problem->status = ASL_NOMEM;
    while (lexer->position < source->size) {
        char c = source->text[lexer->position];
        if (c == quote) {
            lexer->position++;
            token->type = ASL_TOKEN_STRING;
            token->value = asl_datum_string(out, size);
            return ASL_OK;
        }
        if (c == '\\') {
            lexer->position++;
            int status = read_escape(lexer, out, &size);
            if (status != ASL_OK)
                return status;
        } else {
            out[size++] = c;
        }
        lexer->position++;
    }
    lexer->position = source->size; /* an escape that is cut off may reach beyond */
    return refuse(lexer, "S0101", lexer->position, asl_datum_undefined());
}

static size_t skip_digits(const asl_lexer *lexer, size_t position)
{
    while (is_digit(char_at(lexer, position)))
        position++;
    return position;
}

/* Where the number at `position` ends: as in JSON; `position` where there is none. */
static size_t number_end(const asl_lexer *lexer, size_t position)
{
    size_t end = char_at(lexer, position) == '0' ? position + 1 : skip_digits(lexer, position);
    if (end == position)
        return end;
    if (char_at(lexer, end) == '.' && is_digit(char_at(lexer, end + 1)))
        end = skip_digits(lexer, end + 1);
    if (char_at(lexer, end) == 'e' || char_at(lexer, end) == 'E') {
        size_t digits = end + 1;
        if (char_at(lexer, digits) == '-' || char_at(lexer, digits) == '+')
            digits++;
        if (is_digit(char_at(lexer, digits)))
            end = skip_digits(lexer, digits);
    }
    return end;
}

static int read_number(asl_lexer *lexer, size_t end, asl_token *token)
{
    const char *text = lexer->source->text + lexer->position;
    size_t size = end - lexer->position;
    double number = size <= ASL_NUMBER_TEXT_MAX ? asl_double_parse(text, size) : INFINITY;
    if (!isfinite(number))
        return refuse(lexer, "S0102", lexer->position, asl_datum_string(text, size));
    lexer->position = end;
    token->type = ASL_TOKEN_NUMBER;
    token->value = asl_datum_number(number);
    return ASL_OK;
}

static int set_name(asl_lexer *lexer, asl_token *token, const char *bytes, size_t size)
{
    token->name = asl_names_intern(lexer->source->names, lexer->source->arena, bytes, size);
    if (token->name == NULL)
        return lexer->source->problem->status = ASL_NOMEM;
    token->value = asl_datum_string(token->name->bytes, size);
    return ASL_OK;
}

static int read_quoted_name(asl_lexer *lexer, asl_token *token)
{
    const asl_ast_source *source = lexer->source;
    const char *begin = source->text + ++lexer->position;
    const char *end = memchr(begin, '`', source->size - lexer->position);
    if (end == NULL) {
        lexer->position = source->size;
        return refuse(lexer, "S0105", source->size, asl_datum_undefined());
    }
    lexer->position = (size_t)(end - source->text) + 1;
    token->type = ASL_TOKEN_NAME;
    return set_name(lexer, token, begin, (size_t)(end - begin));
}

static bool word_is(const char *bytes, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(bytes, word, size) == 0;
}

static int read_word(asl_lexer *lexer, asl_token *token)
{
    static const char *const words[] = {"and", "or", "in"};
    const char *bytes = lexer->source->text + lexer->position;
    size_t size = 0, room = lexer->source->size - lexer->position;
    while (size < room && !ends_name(bytes[size]))
        size++;
    lexer->position += size;
    token->type = size > 0 && bytes[0] == '$' ? ASL_TOKEN_VARIABLE : ASL_TOKEN_NAME;
    if (token->type == ASL_TOKEN_VARIABLE)
        return set_name(lexer, token, bytes + 1, size - 1);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (word_is(bytes, size, words[i])) {
            token->type = ASL_TOKEN_OPERATOR;
            token->symbol = words[i];
        }
    }
    if (word_is(bytes, size, "true") || word_is(bytes, size, "false")) {
        token->type = ASL_TOKEN_CONSTANT;
        token->value = asl_datum_bool(bytes[0] == 't');
        return ASL_OK;
    }
    if (word_is(bytes, size, "null")) {
        token->type = ASL_TOKEN_CONSTANT;
        token->value = asl_datum_null();
        return ASL_OK;
    }
    return set_name(lexer, token, bytes, size);
}

/* Whether the slash at `position` ends the pattern that began at `begin`. */
static bool is_unescaped(const char *text, size_t begin, size_t position)
{
    size_t backslashes = 0;
    while (position - backslashes > begin && text[position - backslashes - 1] == '\\')
        backslashes++;
    return backslashes % 2 == 0;
}

static size_t pattern_end(const asl_lexer *lexer, size_t begin)
{
    const char *text = lexer->source->text;
    long depth = 0;
    for (size_t i = begin; i < lexer->source->size; i++) {
        if (text[i] == '/' && depth == 0 && is_unescaped(text, begin, i))
            return i;
        if (text[i - 1] == '\\')
            continue;
        if (text[i] == '(' || text[i] == '[' || text[i] == '{')
            depth++;
        if (text[i] == ')' || text[i] == ']' || text[i] == '}')
            depth--;
    }
    return SIZE_MAX;
}

static int read_regex(asl_lexer *lexer, asl_token *token)
{
    asl_ast_source *source = lexer->source;
    size_t begin = ++lexer->position, end = pattern_end(lexer, begin);
    if (end == SIZE_MAX)
        return refuse(lexer, "S0302", source->size, asl_datum_undefined());
    if (end == begin)
        return refuse(lexer, "S0301", begin, asl_datum_undefined());
    bool is_caseless = false, is_multiline = false;
    for (lexer->position = end + 1;; lexer->position++) {
        char c = char_at(lexer, lexer->position);
        if (c != 'i' && c != 'm')
            break;
        if (c == 'i' ? is_caseless : is_multiline) {
            static const char why[] = "Invalid flags supplied to RegExp constructor";
            refuse(lexer, "", lexer->position,
                   asl_datum_string(source->text + end + 1, lexer->position - end));
            source->problem->text = asl_datum_string(why, sizeof why - 1);
            return source->problem->status;
        }
        *(c == 'i' ? &is_caseless : &is_multiline) = true;
    }
    unsigned flags =
        (is_caseless ? ASL_JSONATA_IGNORE_CASE : 0) | (is_multiline ? ASL_JSONATA_MULTILINE : 0);
    asl_jsonata_fault fault = {.message = NULL};
    int status = asl_jsonata_regex_compile(source->heap, source->text + begin, end - begin, flags,
                                           &token->regex, &fault);
    if (status == ASL_NOMEM)
        return source->problem->status = status;
    if (status != ASL_OK) {
        refuse(lexer, "", lexer->position, asl_datum_string(source->text + begin, end - begin));
        const char *why =
            fault.message != NULL ? fault.message : "this regular expression is not supported";
        source->problem->text = asl_datum_string(why, strlen(why));
        return source->problem->status;
    }
    token->type = ASL_TOKEN_REGEX;
    token->value = asl_datum_string(source->text + begin, end - begin);
    return ASL_OK;
}

static int read_token(asl_lexer *lexer, bool is_infix, asl_token *token)
{
    const asl_ast_source *source = lexer->source;
    char c = source->text[lexer->position];
    if (!is_infix && c == '/')
        return read_regex(lexer, token);
    const char *symbol =
        operator_at(source->text + lexer->position, source->size - lexer->position);
    if (symbol != NULL) {
        lexer->position += strlen(symbol);
        token->type = ASL_TOKEN_OPERATOR;
        token->symbol = symbol;
        token->value = asl_datum_string(symbol, strlen(symbol));
        return ASL_OK;
    }
    if (c == '"' || c == '\'')
        return read_string(lexer, token);
    size_t end = number_end(lexer, lexer->position);
    if (end > lexer->position)
        return read_number(lexer, end, token);
    return c == '`' ? read_quoted_name(lexer, token) : read_word(lexer, token);
}

int asl_lexer_next(asl_lexer *lexer, bool is_infix, asl_token *ret_token)
{
    int status = skip(lexer);
    if (status != ASL_OK)
        return status;
    *ret_token = (asl_token){.type = ASL_TOKEN_END,
                             .begin = lexer->position,
                             .symbol = "(end)",
                             .value = asl_datum_string("(end)", 5)};
    if (lexer->position < lexer->source->size)
        status = read_token(lexer, is_infix, ret_token);
    ret_token->position = lexer->position;
    return status;
}
