/* What reads a pattern: its place in the text, for regex_syntax.c and regex_escape.c. Errors stick:
 * after the first one the reader stands at its end. */
#ifndef ASL_JSONATA_REGEX_READER_H
#define ASL_JSONATA_REGEX_READER_H

#include "jsonata/regex_layout.h"

typedef struct regex_name regex_name;
struct regex_name {
    const char *text;
    size_t size;
    uint32_t number;       /* of the group */
    regex_node *reference; /* waits for its group */
    regex_name *next;
};

typedef struct regex_reader {
    asl_arena *arena;
    const char *next, *end;
    unsigned flags;
    unsigned depth;
    uint16_t
        low; /* the second surrogate of the character before `next`, still to be read; else 0 */
    uint32_t group_count; /* in all of the pattern */
    uint32_t opened;      /* groups so far */
    bool has_names;       /* anywhere in the pattern */
    regex_name *names, *references;
    int status;
    const char *message;
    regex_bits bits; /* of the class being read */
} regex_reader;

/* Every one returns NULL, so that a failure can be returned. */
void *regex_fail(regex_reader *reader, int status, const char *message);
void *regex_fail_memory(regex_reader *reader);

static inline bool regex_at(const regex_reader *reader, char byte)
{
    return reader->low == 0 && reader->next < reader->end && *reader->next == byte;
}

static inline bool regex_is_done(const regex_reader *reader)
{
    return reader->low == 0 && reader->next == reader->end;
}

/* The byte `ahead` of the next one; NUL past the end. */
static inline char regex_peek(const regex_reader *reader, size_t ahead)
{
    return ahead < (size_t)(reader->end - reader->next) ? reader->next[ahead] : '\0';
}

static inline bool regex_take(regex_reader *reader, char byte)
{
    if (!regex_at(reader, byte))
        return false;
    reader->next++;
    return true;
}

regex_node *regex_node_new(regex_reader *reader, regex_kind kind);
/* A node for one code unit, or for all that are equal to it where case is ignored. */
regex_node *regex_unit_node(regex_reader *reader, uint16_t unit);
/* A node for the set in the reader's bits. */
regex_node *regex_set_node(regex_reader *reader);

/* One code unit, whatever it is. */
uint16_t regex_read_unit(regex_reader *reader);
/* A run of hexadecimal digits of exactly `count`; -1, and nothing read, where there is none. */
int32_t regex_read_hex(regex_reader *reader, size_t count);
/* Behind a backslash: the code unit that an escape stands for. */
uint16_t regex_read_character_escape(regex_reader *reader, bool is_in_class);
/* Whether a letter behind a backslash means a set: d D s S w W. */
bool regex_is_set_escape(char letter);
/* Behind "[". */
regex_node *regex_read_class(regex_reader *reader);
/* Behind "<": the name up to ">"; NULL (and no error) where there is no valid one. */
regex_name *regex_read_name(regex_reader *reader);

#endif
