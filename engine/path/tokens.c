/* The tokens of a path: each reader either takes its token and moves behind it, leaves it to the
 * next reader, or refuses the path. The order in which they are asked is Jayway's. Filters are
 * compiled by compile_filter.c, the arguments of functions by compile_arguments.c. */
#include <string.h>

#include "path/compiler.h"

typedef enum token { TOKEN_OTHER, TOKEN_READ, TOKEN_REFUSED } token;

/* The index of `wanted` as the next character that is no blank; -1 where another stands there. A
 * text that ends there is refused. */
static int find_next(asl_path_compiler *compiler, const asl_path_reader *reader, int start,
                     int wanted)
{
    int index = start + 1;
    while (asl_reader_has(reader, index) && reader->text[index] == ' ')
        index++;
    int character = asl_reader_at(reader, index);
    if (character < 0)
        asl_path_refuse(compiler, reader, index, "String index out of range: %d", index);
    return character == wanted ? index : -1;
}

static int find_char(const asl_path_reader *reader, int start, int wanted)
{
    for (int index = start; asl_reader_has(reader, index); index++) {
        if (asl_reader_at(reader, index) == wanted)
            return index;
    }
    return -1;
}

static bool is_digit(int character)
{
    return character >= '0' && character <= '9';
}

/* Integer.parseInt. */
static bool read_integer(const char *text, size_t size, int32_t *ret_integer)
{
    size_t i = size > 0 && (text[0] == '-' || text[0] == '+');
    if (i == size)
        return false;
    int64_t integer = 0;
    for (; i < size; i++) {
        if (!is_digit((unsigned char)text[i]))
            return false;
        integer = integer * 10 + (text[i] - '0');
        if (integer > (int64_t)INT32_MAX + 1)
            return false;
    }
    if (text[0] == '-')
        integer = -integer;
    if (integer > INT32_MAX)
        return false;
    *ret_integer = (int32_t)integer;
    return true;
}

static asl_path_name trim(asl_path_name part)
{
    while (part.size > 0 && part.bytes[0] == ' ')
        part = (asl_path_name){part.bytes + 1, part.size - 1};
    while (part.size > 0 && part.bytes[part.size - 1] == ' ')
        part.size--;
    return part;
}

/* Cuts the part before the next `separator` off *rest; false at the end. */
static bool next_part(asl_path_name *rest, char separator, asl_path_name *ret_part)
{
    if (rest->bytes == NULL)
        return false;
    const char *cut = memchr(rest->bytes, separator, rest->size);
    *ret_part = *rest;
    if (cut == NULL) {
        rest->bytes = NULL;
    } else {
        ret_part->size = (size_t)(cut - rest->bytes);
        *rest = (asl_path_name){cut + 1, rest->size - ret_part->size - 1};
    }
    return true;
}

/* [1], [1,2,n] */
static bool read_indices(asl_path_compiler *compiler, const asl_path_reader *reader,
                         asl_path_name expression, asl_path_draft *draft)
{
    size_t count = 1;
    for (size_t i = 0; i < expression.size; i++)
        count += expression.bytes[i] == ',';
    asl_path_step *step = asl_draft_add(compiler, draft, ASL_STEP_INDEX);
    int32_t *items = asl_arena_allocate(&compiler->path->arena, count * sizeof *items);
    if (step == NULL || items == NULL)
        return asl_path_out_of_memory(compiler);
    step->index.items = items;
    asl_path_name part;
    while (next_part(&expression, ',', &part)) {
        part = trim(part);
        if (!read_integer(part.bytes, part.size, &items[step->index.count++]))
            return asl_path_refuse(compiler, reader, reader->position,
                                   "Failed to parse token in ArrayIndexOperation: %.*s",
                                   (int)part.size, part.bytes);
    }
    return true;
}

/* [1:], [1:2], [:2]; a third part is read over. */
static bool read_slice(asl_path_compiler *compiler, const asl_path_reader *reader,
                       asl_path_name expression, asl_path_draft *draft)
{
    asl_path_name whole = expression, part;
    if (memchr(whole.bytes, ' ', whole.size) != NULL || memchr(whole.bytes, ',', whole.size))
        return asl_path_refuse(compiler, reader, reader->position,
                               "Failed to parse SliceOperation: %.*s", (int)whole.size,
                               whole.bytes);
    asl_path_step *step = asl_draft_add(compiler, draft, ASL_STEP_SLICE);
    if (step == NULL)
        return false;
    for (int i = 0; i < 2 && next_part(&expression, ':', &part); i++) {
        if (part.size == 0)
            continue;
        if (!read_integer(part.bytes, part.size, i == 0 ? &step->slice.from : &step->slice.to))
            return asl_path_refuse(compiler, reader, reader->position,
                                   "java.lang.NumberFormatException: For input string: \"%.*s\"",
                                   (int)part.size, part.bytes);
        *(i == 0 ? &step->slice.has_from : &step->slice.has_to) = true;
    }
    if (!step->slice.has_from && !step->slice.has_to)
        return asl_path_refuse(compiler, reader, reader->position,
                               "Failed to parse SliceOperation: %.*s", (int)whole.size,
                               whole.bytes);
    return true;
}

static token read_array(asl_path_compiler *compiler, asl_path_reader *reader, asl_path_draft *draft)
{
    int character = asl_reader_next_char(reader, reader->position);
    if (!is_digit(character) && character != '-' && character != ':')
        return TOKEN_OTHER;
    int begin = reader->position + 1;
    int close = find_char(reader, begin, ']');
    if (close < 0)
        return TOKEN_OTHER;
    asl_path_name expression = trim((asl_path_name){reader->text + begin, (size_t)(close - begin)});
    for (size_t i = 0; i < expression.size; i++) {
        if (!is_digit(expression.bytes[i]) && memchr(",-: ", expression.bytes[i], 4) == NULL)
            return TOKEN_OTHER;
    }
    bool is_slice = memchr(expression.bytes, ':', expression.size) != NULL;
    if (!(is_slice ? read_slice : read_indices)(compiler, reader, expression, draft))
        return TOKEN_REFUSED;
    reader->position = close + 1;
    return TOKEN_READ;
}

/* Finds where the quoted names of "['a', 'b']" end; counts them. */
static bool scan_names(asl_path_compiler *compiler, const asl_path_reader *reader, int quote,
                       int *ret_last_quote, uint32_t *ret_count)
{
    bool in_name = false, is_after_comma = false;
    for (int index = reader->position + 1; asl_reader_has(reader, index); index++) {
        int character = asl_reader_at(reader, index);
        if (character == '\\') {
            index++;
        } else if (character == ']' && !in_name) {
            if (is_after_comma)
                return asl_path_refuse(compiler, reader, index, "Found empty property at index %d",
                                       index);
            return true;
        } else if (character == quote) {
            int next = asl_reader_next_char(reader, index);
            if (in_name && next != ']' && next != ',')
                return asl_path_refuse(compiler, reader, index,
                                       "Property must be separated by comma or Property must be "
                                       "terminated close square bracket at index %d",
                                       index);
            if (in_name) {
                *ret_last_quote = index;
                ++*ret_count;
            }
            in_name = !in_name;
            is_after_comma = false;
        } else if (character == ',' && !in_name) {
            if (is_after_comma)
                return asl_path_refuse(compiler, reader, index, "Found empty property at index %d",
                                       index);
            is_after_comma = true;
        }
    }
    return !in_name || asl_path_refuse(compiler, reader, reader->position,
                                       "Property has not been closed - missing closing %c", quote);
}

/* A name's text into `out`, which has room for three times as much. The service, unlike Jayway,
 * leaves a backslash where it stands before the quote that does not end the name: ['a\"b']. */
static size_t unescape_name(const asl_path_compiler *compiler, const char *text, size_t size,
                            int quote, char *out)
{
    int other = quote == '"' ? '\'' : '"';
    size_t length = 0;
    if ((compiler->path->flags & ASL_PATH_JAYWAY) != 0)
        return asl_literal_unescape(text, size, out);
    char *doubled = out + size;
    for (size_t i = 0; i < size; i++) {
        bool is_pair = text[i] == '\\' && i + 1 < size;
        if (is_pair && text[i + 1] == other)
            doubled[length++] = '\\';
        doubled[length++] = text[i];
        if (is_pair)
            doubled[length++] = text[++i];
    }
    return asl_literal_unescape(doubled, length, out);
}

/* Fills the names that scan_names counted. */
static bool fill_names(asl_path_compiler *compiler, const asl_path_reader *reader, int quote,
                       asl_path_name *names, uint32_t count)
{
    int index = reader->position + 1;
    for (uint32_t i = 0; i < count; i++) {
        int begin = asl_reader_find_unescaped(reader, index, quote) + 1;
        int close = asl_reader_find_unescaped(reader, begin, quote);
        size_t written = (size_t)(close - begin);
        char *name = asl_arena_allocate(&compiler->path->arena, 3 * written + 1);
        if (name == NULL)
            return asl_path_out_of_memory(compiler);
        size_t size = unescape_name(compiler, reader->text + begin, written, quote, name);
        if (size == SIZE_MAX)
            return asl_path_refuse(compiler, reader, begin, "Unable to parse unicode value");
        names[i] = (asl_path_name){name, size};
        index = close + 1;
    }
    return true;
}

/* ['a'], ["a", "b"] */
static token read_bracket_names(asl_path_compiler *compiler, asl_path_reader *reader,
                                asl_path_draft *draft)
{
    int quote = asl_reader_next_char(reader, reader->position);
    if (quote != '\'' && quote != '"')
        return TOKEN_OTHER;
    int last_quote = 0;
    uint32_t count = 0;
    if (!scan_names(compiler, reader, quote, &last_quote, &count))
        return TOKEN_REFUSED;
    int close = find_next(compiler, reader, last_quote, ']');
    if (close < 0) {
        asl_path_refuse(compiler, reader, last_quote,
                        "Property has not been closed - missing closing ]");
        return TOKEN_REFUSED;
    }
    asl_path_step *step = asl_draft_add(compiler, draft, ASL_STEP_PROPERTY);
    asl_path_name *names = asl_arena_allocate(&compiler->path->arena, (count + 1) * sizeof *names);
    if (step == NULL || names == NULL) {
        asl_path_out_of_memory(compiler);
        return TOKEN_REFUSED;
    }
    step->property.names = names;
    step->property.count = count;
    step->property.quote = (char)quote;
    if (!fill_names(compiler, reader, quote, names, count))
        return TOKEN_REFUSED;
    reader->position = close + 1;
    return TOKEN_READ;
}

/* *, [*] */
static token read_wildcard(asl_path_compiler *compiler, asl_path_reader *reader,
                           asl_path_draft *draft)
{
    if (asl_reader_current(reader) == '[') {
        int star = asl_reader_next_significant(reader, reader->position);
        if (asl_reader_at(reader, star) != '*')
            return TOKEN_OTHER;
        int close = asl_reader_next_significant(reader, star);
        if (asl_reader_at(reader, close) != ']') {
            asl_path_refuse(compiler, reader, star,
                            "Expected wildcard token to end with ']' on position %d", star + 1);
            return TOKEN_REFUSED;
        }
        reader->position = close + 1;
    } else {
        reader->position++;
    }
    return asl_draft_add(compiler, draft, ASL_STEP_WILDCARD) != NULL ? TOKEN_READ : TOKEN_REFUSED;
}

/* [?(...)] */
static token read_filter(asl_path_compiler *compiler, asl_path_reader *reader,
                         asl_path_draft *draft)
{
    int begin = reader->position;
    int question = find_next(compiler, reader, begin, '?');
    int open = question < 0 ? -1 : find_next(compiler, reader, question, '(');
    int close = open < 0 ? -1 : asl_reader_find_close(compiler, reader, open, ')', true);
    int end = close < 0 ? -1 : asl_reader_next_significant(reader, close);
    if (asl_reader_at(reader, end) != ']')
        return compiler->status == ASL_OK ? TOKEN_OTHER : TOKEN_REFUSED;
    asl_path_reader inner = {reader->text + begin, end + 1 - begin, 0, end + 1 - begin};
    const asl_path_filter *filter = asl_filter_compile(compiler, inner);
    asl_path_step *step = filter == NULL ? NULL : asl_draft_add(compiler, draft, ASL_STEP_FILTER);
    if (step == NULL)
        return TOKEN_REFUSED;
    step->filter = filter;
    reader->position = end + 1;
    return TOKEN_READ;
}

/* [?], [?,?]: filters that a program gives; there is none here, so this only refuses in Jayway's
 * words. */
static token refuse_placeholder(asl_path_compiler *compiler, const asl_path_reader *reader)
{
    int question = asl_reader_next_significant(reader, reader->position);
    int next = asl_reader_next_char(reader, question);
    int close = find_char(reader, reader->position + 1, ']');
    if (asl_reader_at(reader, question) != '?' || (next != ']' && next != ',') || close < 0)
        return TOKEN_OTHER;
    int begin = reader->position + 1;
    asl_path_refuse(compiler, reader, question,
                    "Not enough predicates supplied for filter [%.*s] at position %d",
                    close - begin, reader->text + begin, reader->position);
    return TOKEN_REFUSED;
}

static token read_bracket(asl_path_compiler *compiler, asl_path_reader *reader,
                          asl_path_draft *draft)
{
    token result = read_bracket_names(compiler, reader, draft);
    if (result == TOKEN_OTHER)
        result = read_array(compiler, reader, draft);
    if (result == TOKEN_OTHER)
        result = read_wildcard(compiler, reader, draft);
    if (result == TOKEN_OTHER)
        result = read_filter(compiler, reader, draft);
    if (result == TOKEN_OTHER)
        result = refuse_placeholder(compiler, reader);
    if (result == TOKEN_OTHER)
        asl_path_refuse(compiler, reader, reader->position,
                        "Could not parse token starting at position %d. Expected ?, ', 0-9, * ",
                        reader->position);
    return result;
}

static asl_path_function find_function(const char *name, size_t size)
{
    static const struct {
        const char *name;
        asl_path_function function;
    } functions[] = {
        {"avg", ASL_FUNCTION_AVG},       {"stddev", ASL_FUNCTION_STDDEV},
        {"sum", ASL_FUNCTION_SUM},       {"min", ASL_FUNCTION_MIN},
        {"max", ASL_FUNCTION_MAX},       {"concat", ASL_FUNCTION_CONCAT},
        {"length", ASL_FUNCTION_LENGTH}, {"size", ASL_FUNCTION_LENGTH},
        {"append", ASL_FUNCTION_APPEND}, {"keys", ASL_FUNCTION_KEYS},
        {"first", ASL_FUNCTION_FIRST},   {"last", ASL_FUNCTION_LAST},
        {"index", ASL_FUNCTION_INDEX},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (strlen(functions[i].name) == size && memcmp(functions[i].name, name, size) == 0)
            return functions[i].function;
    }
    return ASL_FUNCTION_UNKNOWN;
}

/* name(...), with the reader at the name and `open` its parenthesis. */
static bool read_call(asl_path_compiler *compiler, asl_path_reader *reader, int open,
                      asl_path_draft *draft)
{
    asl_path_name name = {reader->text + reader->position, (size_t)(open - reader->position)};
    int opened = 1;
    for (int index = open + 1; opened > 0 && asl_reader_has(reader, index); index++)
        opened += (reader->text[index] == '(') - (reader->text[index] == ')');
    if (opened != 0)
        return asl_path_refuse(compiler, reader, open,
                               "Arguments to function: '%.*s' are not closed properly.",
                               (int)name.size, name.bytes);
    asl_path_step *step = asl_draft_add(compiler, draft, ASL_STEP_FUNCTION);
    if (step == NULL)
        return false;
    step->call.name.bytes = asl_arena_copy(&compiler->path->arena, name.bytes, name.size);
    step->call.name.size = name.size;
    if (step->call.name.bytes == NULL)
        return asl_path_out_of_memory(compiler);
    step->call.function = find_function(name.bytes, name.size);
    reader->position = open + 1;
    /* Behind a call without arguments Jayway reads on at the parenthesis. */
    return asl_reader_current(reader) == ')' || asl_arguments_compile(compiler, reader, step);
}

static bool ends_name(char character)
{
    return character == '.' || character == ' ' || character == '[' || character == '(';
}

/* name, or name(...) */
static bool read_name(asl_path_compiler *compiler, asl_path_reader *reader, asl_path_draft *draft)
{
    int begin = reader->position, end = begin;
    while (asl_reader_has(reader, end) && !ends_name(reader->text[end]))
        end++;
    int stop = asl_reader_has(reader, end) ? asl_reader_at(reader, end) : -1;
    if (begin == end && (stop == ' ' || stop == '.' || stop < 0))
        return asl_path_refuse(compiler, reader, begin,
                               "Could not parse token starting at position %d", begin);
    if (stop == ' ')
        return asl_path_refuse(compiler, reader, end,
                               "Use bracket notion ['my prop'] if your property contains blank "
                               "characters. position: %d",
                               begin);
    if (stop == '(')
        return read_call(compiler, reader, end, draft);
    asl_path_step *step = asl_draft_add(compiler, draft, ASL_STEP_PROPERTY);
    asl_path_name *name = asl_arena_allocate(&compiler->path->arena, sizeof *name);
    if (step == NULL || name == NULL)
        return asl_path_out_of_memory(compiler);
    name->size = (size_t)(end - begin);
    name->bytes = asl_arena_copy(&compiler->path->arena, reader->text + begin, name->size);
    if (name->bytes == NULL)
        return asl_path_out_of_memory(compiler);
    step->property.names = name;
    step->property.count = 1;
    step->property.quote = '\'';
    reader->position = end;
    return true;
}

/* Steps over '.' or '..'. */
static bool read_dots(asl_path_compiler *compiler, asl_path_reader *reader, asl_path_draft *draft)
{
    if (asl_reader_has(reader, reader->position + 1) &&
        asl_reader_at(reader, reader->position + 1) == '.') {
        if (asl_draft_add(compiler, draft, ASL_STEP_SCAN) == NULL)
            return false;
        reader->position++;
    }
    reader->position++;
    if (!asl_reader_has(reader, reader->position))
        return asl_path_refuse(compiler, reader, reader->position, "Path must not end with a '.");
    if (asl_reader_current(reader) == '.')
        return asl_path_refuse(compiler, reader, reader->position,
                               "Character '.' on position %d is not valid.", reader->position);
    return true;
}

bool asl_token_read(asl_path_compiler *compiler, asl_path_reader *reader, asl_path_draft *draft)
{
    if (asl_reader_current(reader) == '.' && !read_dots(compiler, reader, draft))
        return false;
    switch (asl_reader_current(reader)) {
    case '[':
        return read_bracket(compiler, reader, draft) == TOKEN_READ;
    case '*':
        return read_wildcard(compiler, reader, draft) == TOKEN_READ;
    default:
        return read_name(compiler, reader, draft);
    }
}
