/* Reading a path's text: looking ahead and back over blanks, finding what closes a bracket. */
#include "path/compiler.h"

int asl_reader_at(const asl_path_reader *reader, int index)
{
    if (index < 0 || index >= reader->size)
        return -1;
    return (unsigned char)reader->text[index];
}

int asl_reader_current(const asl_path_reader *reader)
{
    return asl_reader_at(reader, reader->position);
}

bool asl_reader_has(const asl_path_reader *reader, int index)
{
    return index >= 0 && index < reader->end;
}

void asl_reader_skip_blanks(asl_path_reader *reader)
{
    while (reader->position < reader->end && reader->text[reader->position] == ' ')
        reader->position++;
}

void asl_reader_trim(asl_path_reader *reader)
{
    asl_reader_skip_blanks(reader);
    while (reader->end > reader->position && reader->text[reader->end - 1] == ' ')
        reader->end--;
}

int asl_reader_next_significant(const asl_path_reader *reader, int start)
{
    int index = start + 1;
    while (asl_reader_has(reader, index) && reader->text[index] == ' ')
        index++;
    return asl_reader_has(reader, index) ? index : -1;
}

int asl_reader_next_char(const asl_path_reader *reader, int start)
{
    int index = asl_reader_next_significant(reader, start);
    return index < 0 ? ' ' : asl_reader_at(reader, index);
}

int asl_reader_previous_char(const asl_path_reader *reader, int start)
{
    int index = start - 1;
    while (asl_reader_has(reader, index) && reader->text[index] == ' ')
        index--;
    return asl_reader_has(reader, index) ? asl_reader_at(reader, index) : ' ';
}

int asl_reader_find_unescaped(const asl_path_reader *reader, int start, int wanted)
{
    for (int index = start; asl_reader_has(reader, index); index++) {
        int character = asl_reader_at(reader, index);
        if (character == '\\')
            index++;
        else if (character == wanted)
            return index;
    }
    return -1;
}

/* Steps over a string or pattern that begins at *index. */
static bool skip_quoted(asl_path_compiler *compiler, const asl_path_reader *reader, int *index)
{
    int quote = asl_reader_at(reader, *index);
    int close = asl_reader_find_unescaped(reader, *index + 1, quote);
    if (close < 0)
        return asl_path_refuse(compiler, reader, *index, "Could not find matching close %s for %c",
                               quote == '/' ? "of regex" : "quote", quote);
    *index = close + 1;
    return true;
}

int asl_reader_find_close(asl_path_compiler *compiler, const asl_path_reader *reader, int start,
                          int close, bool skip_patterns)
{
    int open = asl_reader_at(reader, start);
    int opened = 1;
    for (int index = start + 1; asl_reader_has(reader, index); index++) {
        int character = asl_reader_at(reader, index);
        if ((character == '\'' || character == '"') && !skip_quoted(compiler, reader, &index))
            return -1;
        if (skip_patterns && asl_reader_at(reader, index) == '/' &&
            !skip_quoted(compiler, reader, &index))
            return -1;
        character = asl_reader_at(reader, index);
        if (character < 0) {
            asl_path_refuse(compiler, reader, start, "'%c' is not closed", open);
            return -1;
        }
        if (character == open)
            opened++;
        if (character == close && --opened == 0)
            return index;
    }
    return -1;
}
