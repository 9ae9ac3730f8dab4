/* The small parts of JavaScript's patterns: escapes, classes, names of groups.
 *
 * ECMAScript, B.1.2: without Unicode mode almost every escape that means nothing is the character
 * itself, and numbers that are no groups are octal. */
#include <string.h>

#include "base/utf8.h"
#include "jsonata/regex_reader.h"

static int hex_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_octal(char byte)
{
    return byte >= '0' && byte <= '7';
}

int32_t regex_read_hex(regex_reader *reader, size_t count)
{
    int32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        int value = hex_value(regex_peek(reader, i));
        if (value < 0)
            return -1;
        number = number << 4 | value;
    }
    reader->next += count;
    return number;
}

/* At most three digits, below 256. */
static uint16_t read_octal(regex_reader *reader)
{
    unsigned number = 0;
    for (int i = 0; i < 3 && number < 32 && is_octal(regex_peek(reader, 0)); i++)
        number = number << 3 | (unsigned)(*reader->next++ - '0');
    return (uint16_t)number;
}

/* "\cX"; where that is none, the backslash is itself, and "c" is read again. */
static uint16_t read_control(regex_reader *reader, bool is_in_class)
{
    char letter = regex_peek(reader, 1);
    bool is_digit = (letter >= '0' && letter <= '9') || letter == '_';
    if (!is_letter(letter) && !(is_in_class && is_digit))
        return '\\';
    reader->next += 2;
    return letter & 31;
}

uint16_t regex_read_unit(regex_reader *reader)
{
    uint16_t unit = reader->low;
    reader->low = 0;
    if (unit != 0)
        return unit;
    uint32_t c = asl_utf8_decode(&reader->next, reader->end);
    if (c < 0x10000)
        return (uint16_t)c;
    reader->low = (uint16_t)(0xDC00 | (c & 0x3FF));
    return (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
}

uint16_t regex_read_character_escape(regex_reader *reader, bool is_in_class)
{
    static const char letters[] = "fnrtv", controls[] = "\f\n\r\t\v";
    char letter = regex_peek(reader, 0);
    const char *control = letter != '\0' ? strchr(letters, letter) : NULL;
    if (letter == 'c')
        return read_control(reader, is_in_class);
    if (is_octal(letter))
        return read_octal(reader);
    if (letter == 'k' && reader->has_names)
        regex_fail(reader, ASL_SYNTAX, "Invalid escape");
    if (reader->status != ASL_OK)
        return 0;
    if (control != NULL || letter == 'x' || letter == 'u')
        reader->next++;
    else
        return regex_read_unit(reader);
    if (control != NULL)
        return (uint16_t)controls[control - letters];
    int32_t number = regex_read_hex(reader, letter == 'x' ? 2 : 4);
    return number < 0 ? (uint16_t)letter : (uint16_t)number;
}

bool regex_is_set_escape(char letter)
{
    return letter != '\0' && strchr("dDsSwW", letter) != NULL;
}

/* What stands in a class: a set, which is added to the bits, or one code unit. */
typedef struct class_atom {
    bool is_set;
    uint16_t unit;
} class_atom;

static class_atom read_class_atom(regex_reader *reader)
{
    class_atom atom = {.is_set = false};
    if (!regex_take(reader, '\\')) {
        atom.unit = regex_read_unit(reader);
        return atom;
    }
    char letter = regex_peek(reader, 0);
    if (regex_is_done(reader)) {
        regex_fail(reader, ASL_SYNTAX, "\\ at end of pattern");
    } else if (regex_is_set_escape(letter)) {
        reader->next++;
        regex_bits_add_escape(&reader->bits, letter);
        atom.is_set = true;
    } else if (letter == 'b') {
        reader->next++;
        atom.unit = '\b';
    } else {
        atom.unit = regex_read_character_escape(reader, true);
    }
    return atom;
}

static void add_atom(regex_reader *reader, class_atom atom)
{
    if (!atom.is_set)
        regex_bits_add(&reader->bits, atom.unit, atom.unit);
}

/* An atom, or two with a hyphen between: a range, or with a set on a side just the three. */
static void read_class_range(regex_reader *reader)
{
    class_atom first = read_class_atom(reader);
    if (!regex_at(reader, '-') || regex_peek(reader, 1) == ']' || reader->next + 1 == reader->end) {
        add_atom(reader, first);
        return;
    }
    reader->next++;
    class_atom last = read_class_atom(reader);
    if (first.is_set || last.is_set) {
        add_atom(reader, first);
        add_atom(reader, last);
        regex_bits_add(&reader->bits, '-', '-');
    } else if (first.unit > last.unit) {
        regex_fail(reader, ASL_SYNTAX, "Range out of order in character class");
    } else {
        regex_bits_add(&reader->bits, first.unit, last.unit);
    }
}

regex_node *regex_read_class(regex_reader *reader)
{
    bool is_negative = regex_take(reader, '^');
    regex_bits_clear(&reader->bits);
    while (!regex_is_done(reader) && !regex_at(reader, ']'))
        read_class_range(reader);
    if (!regex_take(reader, ']'))
        return regex_fail(reader, ASL_SYNTAX, "Unterminated character class");
    if ((reader->flags & ASL_JSONATA_IGNORE_CASE) != 0)
        regex_bits_close_case(&reader->bits);
    if (is_negative)
        regex_bits_invert(&reader->bits);
    return regex_set_node(reader);
}

/* "\uXXXX", two of them for a pair of surrogates, or "\u{...}", as names may have; 0 where it is
 * none. */
static uint32_t read_name_escape(regex_reader *reader)
{
    if (regex_take(reader, '{')) {
        uint32_t c = 0;
        while (hex_value(regex_peek(reader, 0)) >= 0 && c <= 0x10FFFF)
            c = c << 4 | (uint32_t)hex_value(*reader->next++);
        return regex_take(reader, '}') && c <= 0x10FFFF ? c : 0;
    }
    int32_t high = regex_read_hex(reader, 4);
    if (high < 0xD800 || high > 0xDBFF)
        return high < 0 ? 0 : (uint32_t)high;
    if (regex_peek(reader, 0) != '\\' || regex_peek(reader, 1) != 'u')
        return 0;
    reader->next += 2;
    int32_t low = regex_read_hex(reader, 4);
    if (low < 0xDC00 || low > 0xDFFF)
        return 0;
    return 0x10000 + (((uint32_t)high & 0x3FF) << 10 | ((uint32_t)low & 0x3FF));
}

static bool is_name_character(uint32_t c, bool is_first)
{
    if (c >= 0x80)
        return c < 0xD800 || c > 0xDFFF;
    return is_letter((char)c) || c == '$' || c == '_' || (!is_first && c >= '0' && c <= '9');
}

regex_name *regex_read_name(regex_reader *reader)
{
    regex_name *name = asl_arena_allocate(reader->arena, sizeof *name);
    /* A character takes no more room than its spelling. */
    char *text = asl_arena_allocate(reader->arena, (size_t)(reader->end - reader->next) + 4);
    if (name == NULL || text == NULL)
        return regex_fail_memory(reader);
    while (reader->next < reader->end && *reader->next != '>') {
        uint32_t c;
        if (!regex_take(reader, '\\'))
            c = asl_utf8_decode(&reader->next, reader->end);
        else
            c = regex_take(reader, 'u') ? read_name_escape(reader) : 0;
        if (!is_name_character(c, name->size == 0))
            return NULL;
        name->size += asl_utf8_encode(c, text + name->size);
    }
    name->text = text;
    return regex_take(reader, '>') && name->size > 0 ? name : NULL;
}
