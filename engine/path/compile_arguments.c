/* Compiling the arguments of a call: "$.sum(5, $.a[*], \"x\")". Each is cut out by counting
 * brackets and quotes, and then is a path, JSON, or nothing that counts. */
#include <string.h>

#include "base/cleanup.h"
#include "path/compiler.h"

typedef enum argument_type { TYPE_UNKNOWN, TYPE_JSON, TYPE_PATH } argument_type;

typedef struct splitter {
    argument_type type;
    int parentheses, brackets, braces, quotes;
    int prior;
    asl_buffer text; /* the argument so far */
    asl_path_argument *items;
    uint32_t count, capacity;
} splitter;

static bool is_space(int character)
{
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

static argument_type type_of(int character)
{
    if (character == '{' || character == '"' || character == '-' ||
        (character >= '0' && character <= '9'))
        return TYPE_JSON;
    return character == '$' || character == '@' ? TYPE_PATH : TYPE_UNKNOWN;
}

static bool compile_path(asl_path_compiler *compiler, const asl_path_reader *reader,
                         splitter *split, asl_path_argument *ret_argument)
{
    if (!asl_path_enter(compiler, reader))
        return false;
    int size = (int)split->text.size;
    asl_path_reader inner = {split->text.bytes, size, 0, size};
    while (inner.position < inner.end && is_space(inner.text[inner.position]))
        inner.position++;
    const asl_path_argument *made =
        asl_path_argument_make(compiler, asl_plan_compile(compiler, inner, false));
    compiler->depth--;
    if (made != NULL)
        *ret_argument = *made;
    return made != NULL;
}

static bool compile_json(asl_path_compiler *compiler, splitter *split,
                         asl_path_argument *ret_argument)
{
    asl_value *value = NULL;
    int status =
        asl_literal_parse(compiler->path->heap, split->text.bytes, split->text.size, &value);
    if (status == ASL_NOMEM)
        return asl_path_out_of_memory(compiler);
    *ret_argument = (asl_path_argument){.value = value};
    return value == NULL || asl_path_own(compiler, value, NULL);
}

/* Ends the argument that was gathered. */
static bool end_argument(asl_path_compiler *compiler, const asl_path_reader *reader,
                         splitter *split)
{
    if (split->type == TYPE_UNKNOWN)
        return true;
    if (split->text.status != ASL_OK)
        return asl_path_out_of_memory(compiler);
    asl_path_argument *argument = &split->items[split->count];
    bool is_made = split->type == TYPE_PATH ? compile_path(compiler, reader, split, argument)
                                            : compile_json(compiler, split, argument);
    split->count++;
    split->type = TYPE_UNKNOWN;
    asl_buffer_clear(&split->text);
    return is_made;
}

static bool close_group(asl_path_compiler *compiler, const asl_path_reader *reader, int *group,
                        const char *name, int character)
{
    if ((*group)-- > 0)
        return true;
    return asl_path_refuse(compiler, reader, reader->position,
                           "Unexpected close %s '%c' at character position: %d", name, character,
                           reader->position);
}

static bool is_top(const splitter *split)
{
    return split->braces == 0 && split->brackets == 0;
}

/* Takes one character; *ret_is_end where it closes the call. */
static bool take(asl_path_compiler *compiler, asl_path_reader *reader, splitter *split,
                 int character, bool *ret_is_end)
{
    switch (character) {
    case '"':
        split->quotes += split->prior != '\\' && split->quotes > 0 ? -1 : 1;
        return true;
    case '(':
        split->parentheses++;
        return true;
    case '{':
        split->braces++;
        return true;
    case '[':
        split->brackets++;
        return true;
    case '}':
        return close_group(compiler, reader, &split->braces, "brace", character);
    case ']':
        return close_group(compiler, reader, &split->brackets, "bracket", character);
    case ')':
        split->parentheses--;
        if (split->parentheses < 0 || split->prior == '(')
            asl_buffer_byte(&split->text, ')');
        break;
    case ',':
        break;
    default:
        return true;
    }
    if (split->quotes != 0 || !is_top(split) ||
        !((split->parentheses == 0 && character == ')') || split->parentheses == 1))
        return true;
    *ret_is_end = split->parentheses == 0;
    return end_argument(compiler, reader, split);
}

static bool run(asl_path_compiler *compiler, asl_path_reader *reader, splitter *split)
{
    bool is_end = false;
    while (asl_reader_has(reader, reader->position) && !is_end) {
        int character = asl_reader_at(reader, reader->position++);
        if (split->type == TYPE_UNKNOWN) {
            if (is_space(character))
                continue;
            split->type = type_of(character);
        }
        if (character == '\\') {
            int next = asl_reader_current(reader);
            if (split->quotes == 1 && (next == ',' || next == '"')) {
                asl_buffer_byte(&split->text, (char)next);
                reader->position++;
                split->prior = 0;
                continue;
            }
        } else if (!take(compiler, reader, split, character, &is_end)) {
            return false;
        }
        if (split->type != TYPE_UNKNOWN &&
            !(character == ',' && is_top(split) && split->parentheses == 1))
            asl_buffer_byte(&split->text, (char)character);
        split->prior = character;
    }
    return (is_top(split) && split->parentheses == 0) ||
           asl_path_refuse(compiler, reader, reader->position,
                           "Arguments to function are not closed properly.");
}

bool asl_arguments_compile(asl_path_compiler *compiler, asl_path_reader *reader,
                           asl_path_step *call)
{
    size_t most = 1;
    for (int index = reader->position; asl_reader_has(reader, index); index++)
        most += reader->text[index] == ',' || reader->text[index] == ')';
    splitter split = {.parentheses = 1};
    split.items = asl_arena_allocate(&compiler->path->arena, most * sizeof *split.items);
    if (split.items == NULL)
        return asl_path_out_of_memory(compiler);
    asl_buffer_init(&split.text, compiler->path->heap);
    size_t outer = compiler->offset;
    compiler->offset = (size_t)reader->position;
    bool is_read = run(compiler, reader, &split);
    compiler->offset = outer;
    asl_buffer_done(&split.text);
    call->call.arguments = split.items;
    call->call.count = split.count;
    return is_read;
}
