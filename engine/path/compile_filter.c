/* Compiling filters: "[?(@.a == 1 && (!@.b || @.c in ['x']))]" into a tree of logical nodes over
 * relations. An operator that is none makes its left side a test for existence, as Jayway's
 * backtracking does. */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "path/compiler.h"

static asl_path_filter *read_or(asl_path_compiler *compiler, asl_path_reader *reader);

static asl_path_filter *make(asl_path_compiler *compiler, asl_filter_kind kind)
{
    asl_path_filter *filter = asl_arena_allocate(&compiler->path->arena, sizeof *filter);
    if (filter == NULL)
        asl_path_out_of_memory(compiler);
    else
        filter->kind = kind;
    return filter;
}

static bool is_operator_char(int character)
{
    return character == '<' || character == '>' || character == '=' || character == '~' ||
           character == '!';
}

/* Whether the ')' at the reader closes a call that began behind `begin`. */
static bool closes_call(const asl_path_reader *reader, int begin)
{
    int opened = 1, index = reader->position - 1;
    for (; asl_reader_has(reader, index) && index > begin && opened > 0; index--)
        opened += (reader->text[index] == ')') - (reader->text[index] == '(');
    if (opened != 0)
        return false;
    for (; index > begin; index--) {
        if (reader->text[index] == '.')
            return true;
    }
    return false;
}

static bool read_path(asl_path_compiler *compiler, asl_path_reader *reader,
                      asl_path_operand *operand)
{
    int begin = reader->position++;
    operand->kind = ASL_OPERAND_PATH;
    operand->should_exist = asl_reader_previous_char(reader, begin) != '!';
    while (asl_reader_has(reader, reader->position)) {
        if (asl_reader_current(reader) == '[') {
            int close = asl_reader_find_close(compiler, reader, reader->position, ']', false);
            if (close < 0)
                return asl_path_refuse(compiler, reader, reader->position,
                                       "Square brackets does not match in filter");
            reader->position = close + 1;
        }
        int character = asl_reader_current(reader);
        if (!asl_reader_has(reader, reader->position) || is_operator_char(character) ||
            character == ' ' || (character == ')' && !closes_call(reader, begin)))
            break;
        reader->position++;
    }
    int end = reader->position < reader->size ? reader->position : reader->size;
    asl_path_reader inner = {reader->text + begin, end - begin, 0, end - begin};
    if (!asl_path_enter(compiler, reader))
        return false;
    operand->plan = asl_plan_compile(compiler, inner, true);
    compiler->depth--;
    return operand->plan != NULL;
}

/* Gives the operand a value (stolen; NULL: out of memory). */
static bool set_value(asl_path_compiler *compiler, asl_path_operand *operand, asl_value *value)
{
    if (value == NULL)
        return asl_path_out_of_memory(compiler);
    operand->kind = ASL_OPERAND_VALUE;
    operand->value = value;
    return asl_path_own(compiler, value, NULL);
}

static bool read_string(asl_path_compiler *compiler, asl_path_reader *reader,
                        asl_path_operand *operand)
{
    int begin = reader->position;
    int close = asl_reader_find_unescaped(reader, begin + 1, asl_reader_current(reader));
    if (close < 0)
        return asl_path_refuse(compiler, reader, begin,
                               "String literal does not have matching quotes. Expected %c",
                               asl_reader_current(reader));
    reader->position = close + 1;
    size_t size = (size_t)(close - begin - 1);
    char *text = asl_arena_allocate(&compiler->path->arena, size + 1);
    if (text == NULL)
        return asl_path_out_of_memory(compiler);
    size = asl_literal_unescape(reader->text + begin + 1, size, text);
    if (size == SIZE_MAX)
        return asl_path_refuse(compiler, reader, begin, "Unable to parse unicode value");
    asl_literal_scrub(text, size);
    return set_value(compiler, operand, asl_value_string_sized(compiler->path->heap, text, size));
}

static bool read_number(asl_path_compiler *compiler, asl_path_reader *reader,
                        asl_path_operand *operand)
{
    int begin = reader->position;
    while (asl_reader_has(reader, reader->position) &&
           memchr("0123456789-.eE", reader->text[reader->position], 14) != NULL)
        reader->position++;
    asl_buffer buffer;
    asl_buffer_init(&buffer, compiler->path->heap);
    bool is_number =
        asl_decimal_normalize(reader->text + begin, (size_t)(reader->position - begin), &buffer);
    asl_value *value = NULL;
    if (is_number && buffer.status == ASL_OK)
        value = asl_value_number_text(compiler->path->heap, buffer.bytes, buffer.size);
    asl_buffer_done(&buffer);
    if (!is_number)
        return asl_path_refuse(compiler, reader, reader->position,
                               "Failed to parse filter, error on position: %d, char: %c",
                               reader->position, asl_reader_current(reader));
    return set_value(compiler, operand, value);
}

static bool is_word_start(int byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_word_byte(int byte)
{
    return is_word_start(byte) || (byte >= '0' && byte <= '9') || byte == '-';
}

static bool read_word(asl_path_compiler *compiler, asl_path_reader *reader,
                      asl_path_operand *operand)
{
    static const char *const words[] = {"true", "false", "null"};
    for (int i = 0; i < 3; i++) {
        int size = (int)strlen(words[i]);
        if (!asl_reader_has(reader, reader->position + size - 1) ||
            memcmp(reader->text + reader->position, words[i], (size_t)size) != 0)
            continue;
        reader->position += size;
        return set_value(compiler, operand, i == 2 ? asl_value_null() : asl_value_bool(i == 0));
    }
    return asl_path_refuse(compiler, reader, reader->position, "Expected %s",
                           asl_reader_current(reader) == 'n' ? "<null> value" : "boolean literal");
}

/* The size of a word without quotes that is none of JSON's; 0 where there is none. The service
 * takes it as text (deployed definitions compare "@.Status == Failure"), Jayway itself refuses it.
 */
static int bare_word_size(const asl_path_compiler *compiler, const asl_path_reader *reader)
{
    static const char *const words[] = {"true", "false", "null"};
    int begin = reader->position, end = begin;
    while (asl_reader_has(reader, end) && is_word_byte(asl_reader_at(reader, end)))
        end++;
    if ((compiler->path->flags & ASL_PATH_JAYWAY) != 0 || end == begin ||
        !is_word_start(asl_reader_at(reader, begin)))
        return 0;
    for (int i = 0; i < 3; i++)
        if (end - begin == (int)strlen(words[i]) &&
            memcmp(reader->text + begin, words[i], strlen(words[i])) == 0)
            return 0;
    return end - begin;
}

static bool read_bare_word(asl_path_compiler *compiler, asl_path_reader *reader, int size,
                           asl_path_operand *operand)
{
    const char *text = reader->text + reader->position;
    reader->position += size;
    return set_value(compiler, operand,
                     asl_value_string_sized(compiler->path->heap, text, (size_t)size));
}

static bool read_json(asl_path_compiler *compiler, asl_path_reader *reader,
                      asl_path_operand *operand)
{
    int begin = reader->position;
    int close = asl_reader_find_close(compiler, reader, begin,
                                      asl_reader_current(reader) == '[' ? ']' : '}', false);
    if (close < 0)
        return asl_path_refuse(compiler, reader, begin, "String not closed. Expected '");
    reader->position = close + 1;
    operand->kind = ASL_OPERAND_LITERAL;
    asl_value *value = NULL;
    int status = asl_literal_parse(compiler->path->heap, reader->text + begin,
                                   (size_t)(close + 1 - begin), &value);
    if (status == ASL_NOMEM)
        return asl_path_out_of_memory(compiler);
    if (status == ASL_TOO_LARGE)
        return asl_path_refuse(compiler, reader, begin, "The literal is nested too deep");
    operand->value = value;
    return value == NULL || asl_path_own(compiler, value, NULL);
}

/* /pattern/flags */
static bool read_pattern(asl_path_compiler *compiler, asl_path_reader *reader,
                         asl_path_operand *operand)
{
    int begin = reader->position + 1;
    int close = asl_reader_find_unescaped(reader, begin, '/');
    if (close < 0)
        return asl_path_refuse(compiler, reader, begin, "Pattern not closed. Expected /");
    int end = close + 1;
    while (asl_reader_has(reader, end) && memchr("dixmsuU", reader->text[end], 7) != NULL)
        end++;
    asl_regex *regex = NULL;
    int status =
        asl_regex_compile(compiler->path->heap, reader->text + begin, (size_t)(close - begin),
                          reader->text + close + 1, (size_t)(end - close - 1), &regex);
    if (status == ASL_NOMEM)
        return asl_path_out_of_memory(compiler);
    if (status != ASL_OK)
        return asl_path_refuse(compiler, reader, begin, "'%.*s' is no regular expression",
                               close - begin, reader->text + begin);
    reader->position = end;
    operand->kind = ASL_OPERAND_PATTERN;
    operand->regex = regex;
    return asl_path_own(compiler, NULL, regex);
}

static bool read_operand(asl_path_compiler *compiler, asl_path_reader *reader,
                         asl_path_operand *operand)
{
    asl_reader_skip_blanks(reader);
    if (asl_reader_current(reader) == '!') {
        reader->position++;
        asl_reader_skip_blanks(reader);
        int next = asl_reader_current(reader);
        if (next != '$' && next != '@')
            return asl_path_refuse(compiler, reader, reader->position, "Unexpected character: !");
    }
    int word_size = bare_word_size(compiler, reader);
    if (word_size > 0)
        return read_bare_word(compiler, reader, word_size, operand);
    switch (asl_reader_current(reader)) {
    case '$':
    case '@':
        return read_path(compiler, reader, operand);
    case '\'':
    case '"':
        return read_string(compiler, reader, operand);
    case 't':
    case 'f':
    case 'n':
        return read_word(compiler, reader, operand);
    case '{':
    case '[':
        return read_json(compiler, reader, operand);
    case '/':
        return read_pattern(compiler, reader, operand);
    default:
        return read_number(compiler, reader, operand);
    }
}

/* Takes the operator; false (and nothing taken) where there is none. */
static bool read_relation(asl_path_reader *reader, asl_relation *ret_relation)
{
    static const struct {
        const char *text;
        asl_relation relation;
    } relations[] = {
        {">=", ASL_RELATION_GTE},
        {"<=", ASL_RELATION_LTE},
        {"==", ASL_RELATION_EQ},
        {"===", ASL_RELATION_TSEQ},
        {"!=", ASL_RELATION_NE},
        {"!==", ASL_RELATION_TSNE},
        {"<", ASL_RELATION_LT},
        {">", ASL_RELATION_GT},
        {"=~", ASL_RELATION_REGEX},
        {"NIN", ASL_RELATION_NIN},
        {"IN", ASL_RELATION_IN},
        {"CONTAINS", ASL_RELATION_CONTAINS},
        {"ALL", ASL_RELATION_ALL},
        {"SIZE", ASL_RELATION_SIZE},
        {"EXISTS", ASL_RELATION_EXISTS},
        {"TYPE", ASL_RELATION_TYPE},
        {"MATCHES", ASL_RELATION_MATCHES},
        {"EMPTY", ASL_RELATION_EMPTY},
        {"SUBSETOF", ASL_RELATION_SUBSETOF},
        {"ANYOF", ASL_RELATION_ANYOF},
        {"NONEOF", ASL_RELATION_NONEOF},
    };
    asl_path_reader ahead = *reader;
    asl_reader_skip_blanks(&ahead);
    int begin = ahead.position;
    bool is_symbol = is_operator_char(asl_reader_current(&ahead));
    while (asl_reader_has(&ahead, ahead.position) &&
           (is_symbol ? is_operator_char(asl_reader_current(&ahead))
                      : asl_reader_current(&ahead) != ' '))
        ahead.position++;
    size_t size = (size_t)(ahead.position - begin);
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
        if (strlen(relations[i].text) == size &&
            strncasecmp(relations[i].text, ahead.text + begin, size) == 0) {
            *reader = ahead;
            *ret_relation = relations[i].relation;
            return true;
        }
    }
    return false;
}

static asl_path_filter *read_expression(asl_path_compiler *compiler, asl_path_reader *reader)
{
    asl_path_filter *filter = make(compiler, ASL_FILTER_RELATION);
    if (filter == NULL || !read_operand(compiler, reader, &filter->left))
        return NULL;
    if (read_relation(reader, &filter->relation))
        return read_operand(compiler, reader, &filter->right) ? filter : NULL;
    if (filter->left.kind != ASL_OPERAND_PATH) {
        asl_path_refuse(compiler, reader, reader->position, "Expected path node");
        return NULL;
    }
    filter->relation = ASL_RELATION_EXISTS;
    filter->left.is_exists_check = true;
    filter->right.kind = ASL_OPERAND_VALUE;
    filter->right.value = asl_value_bool(filter->left.should_exist);
    return filter;
}

static asl_path_filter *read_not(asl_path_compiler *compiler, asl_path_reader *reader);

static asl_path_filter *read_term(asl_path_compiler *compiler, asl_path_reader *reader)
{
    asl_reader_skip_blanks(reader);
    if (asl_reader_current(reader) == '!') {
        int next = asl_reader_next_char(reader, reader->position);
        if (next != '$' && next != '@')
            return read_not(compiler, reader);
    }
    if (asl_reader_current(reader) != '(')
        return read_expression(compiler, reader);
    if (!asl_path_enter(compiler, reader))
        return NULL;
    reader->position++;
    asl_path_filter *filter = read_or(compiler, reader);
    if (filter == NULL)
        return NULL;
    asl_reader_skip_blanks(reader);
    if (asl_reader_current(reader) != ')') {
        asl_path_refuse(compiler, reader, reader->position, "Expected character: )");
        return NULL;
    }
    reader->position++;
    compiler->depth--;
    return filter;
}

static asl_path_filter *read_not(asl_path_compiler *compiler, asl_path_reader *reader)
{
    asl_path_filter *filter = make(compiler, ASL_FILTER_NOT);
    if (filter == NULL || !asl_path_enter(compiler, reader))
        return NULL;
    reader->position++;
    filter->children = read_term(compiler, reader);
    compiler->depth--;
    return filter->children == NULL ? NULL : filter;
}

static bool takes(asl_path_reader *reader, const char *symbol)
{
    asl_path_reader ahead = *reader;
    asl_reader_skip_blanks(&ahead);
    if (!asl_reader_has(&ahead, ahead.position + 1) ||
        memcmp(ahead.text + ahead.position, symbol, 2) != 0)
        return false;
    reader->position = ahead.position + 2;
    return true;
}

/* One or more parts with `symbol` between them. */
static asl_path_filter *read_chain(asl_path_compiler *compiler, asl_path_reader *reader,
                                   asl_filter_kind kind)
{
    bool is_or = kind == ASL_FILTER_OR;
    asl_path_filter *chain = NULL, *last = NULL;
    do {
        asl_path_filter *part =
            is_or ? read_chain(compiler, reader, ASL_FILTER_AND) : read_term(compiler, reader);
        if (part == NULL)
            return NULL;
        if (last == NULL) {
            last = chain = part;
            continue;
        }
        if (last == chain) {
            chain = make(compiler, kind);
            if (chain == NULL)
                return NULL;
            chain->children = last;
        }
        last->next = part;
        last = part;
    } while (takes(reader, is_or ? "||" : "&&"));
    return chain;
}

static asl_path_filter *read_or(asl_path_compiler *compiler, asl_path_reader *reader)
{
    return read_chain(compiler, reader, ASL_FILTER_OR);
}

const asl_path_filter *asl_filter_compile(asl_path_compiler *compiler, asl_path_reader reader)
{
    /* The caller saw "[?(" and ")]", with blanks between. */
    reader.position++;
    reader.end--;
    asl_reader_trim(&reader);
    reader.position++;
    asl_reader_trim(&reader);
    if (!asl_path_enter(compiler, &reader))
        return NULL;
    const asl_path_filter *filter = read_or(compiler, &reader);
    compiler->depth--;
    if (filter == NULL)
        return NULL;
    asl_reader_skip_blanks(&reader);
    if (reader.position < reader.end) {
        asl_path_refuse(compiler, &reader, reader.position,
                        "Expected end of filter expression instead of: %.*s",
                        reader.end - reader.position, reader.text + reader.position);
        return NULL;
    }
    return filter;
}
