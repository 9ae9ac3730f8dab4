/* Text on a terminal: what is escaped, how wide it is, and colours.
 *
 * Names, causes and payloads come from users, and a terminal obeys what is printed on it: control
 * characters (C0, DEL, C1), bytes that are not UTF-8, and characters that reorder or hide text are
 * shown as escapes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

size_t tool_code_point(const char *text, size_t size, uint32_t *ret_code_point)
{
    const unsigned char *bytes = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t count = bytes[0] < 0x80   ? 1
                   : bytes[0] < 0xc0 ? 0
                   : bytes[0] < 0xe0 ? 2
                   : bytes[0] < 0xf0 ? 3
                   : bytes[0] < 0xf8 ? 4
                                     : 0;
    if (count == 0 || count > size)
        return 0;
    uint32_t code_point = count == 1 ? bytes[0] : bytes[0] & (0x7fu >> count);
    for (size_t i = 1; i < count; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code_point = code_point << 6 | (bytes[i] & 0x3f);
    }
    if (code_point < least[count] || code_point > 0x10ffff ||
        (code_point >= 0xd800 && code_point <= 0xdfff))
        return 0;
    *ret_code_point = code_point;
    return count;
}

typedef struct range {
    uint32_t first, last;
} range;

static bool in_ranges(uint32_t code_point, const range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code_point >= ranges[i].first && code_point <= ranges[i].last)
            return true;
    }
    return false;
}

/* Controls, and the format characters that reorder lines or are invisible. */
static bool is_dangerous(uint32_t code_point)
{
    static const range ranges[] = {{0x00, 0x1f},     {0x7f, 0x9f},      {0xad, 0xad},
                                   {0x61c, 0x61c},   {0x200b, 0x200c},  {0x200e, 0x200f},
                                   {0x2028, 0x202e}, {0x2060, 0x206f},  {0xfeff, 0xfeff},
                                   {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    return in_ranges(code_point, ranges, sizeof ranges / sizeof ranges[0]);
}

static size_t columns_of(uint32_t code_point)
{
    static const range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                 {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                 {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                                 {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    static const range none[] = {
        {0x300, 0x36f}, {0x200d, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0x1f3fb, 0x1f3ff}};
    if (in_ranges(code_point, none, sizeof none / sizeof none[0]))
        return 0;
    return in_ranges(code_point, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

size_t tool_fit(const char *text, size_t size, size_t columns)
{
    size_t used = 0;
    size_t offset = 0;
    while (offset < size) {
        uint32_t code_point = 0;
        size_t bytes = tool_code_point(text + offset, size - offset, &code_point);
        used += bytes == 0 ? 1 : columns_of(code_point);
        if (used > columns)
            break;
        offset += bytes == 0 ? 1 : bytes;
    }
    return offset;
}

size_t tool_width(const char *text, size_t size)
{
    size_t columns = 0;
    size_t offset = 0;
    while (offset < size) {
        uint32_t code_point = 0;
        size_t bytes = tool_code_point(text + offset, size - offset, &code_point);
        columns += bytes == 0 ? 1 : columns_of(code_point);
        offset += bytes == 0 ? 1 : bytes;
    }
    return columns;
}

/* One character escaped or as it is, at `out` (16 bytes of room); returns the bytes read. */
static size_t escape_one(const char *text, size_t size, bool keep_lines, char out[16],
                         size_t *ret_written)
{
    uint32_t code_point = 0;
    size_t bytes = tool_code_point(text, size, &code_point);
    if (bytes == 0 || (is_dangerous(code_point) && code_point < 0x80)) {
        if (keep_lines && *text == '\n') {
            out[0] = '\n';
            *ret_written = 1;
        } else {
            *ret_written = (size_t)snprintf(out, 16, "\\x%02x", (unsigned)(unsigned char)*text);
        }
        return 1;
    }
    if (is_dangerous(code_point)) {
        *ret_written = (size_t)snprintf(out, 16, "\\u{%x}", (unsigned)code_point);
    } else {
        memcpy(out, text, bytes);
        *ret_written = bytes;
    }
    return bytes;
}

char *tool_escape(const char *text, size_t size, bool keep_lines)
{
    char *escaped = malloc(size * 9 + 16);
    if (escaped == NULL)
        return NULL;
    size_t length = 0;
    for (size_t offset = 0; offset < size;) {
        size_t written = 0;
        offset += escape_one(text + offset, size - offset, keep_lines, escaped + length, &written);
        length += written;
    }
    escaped[length] = '\0';
    return escaped;
}

void tool_print_escaped(FILE *stream, const char *text)
{
    if (text == NULL)
        return;
    size_t size = strlen(text);
    for (size_t offset = 0; offset < size;) {
        char out[16];
        size_t written = 0;
        offset += escape_one(text + offset, size - offset, true, out, &written);
        fwrite(out, 1, written, stream);
    }
}

void tool_print_json(FILE *stream, const char *text, size_t size)
{
    for (size_t offset = 0; offset < size;) {
        uint32_t code_point = 0;
        size_t bytes = tool_code_point(text + offset, size - offset, &code_point);
        if (bytes == 0 || !is_dangerous(code_point))
            fwrite(text + offset, 1, bytes == 0 ? 1 : bytes, stream);
        else if (code_point < 0x20) /* white space: strings have no such bytes */
            fputc(code_point == '\n' ? '\n' : ' ', stream);
        else if (code_point < 0x10000)
            fprintf(stream, "\\u%04x", (unsigned)code_point);
        else /* RFC 8259, section 7: a surrogate pair */
            fprintf(stream, "\\u%04x\\u%04x", 0xd7c0u + (unsigned)(code_point >> 10),
                    0xdc00u + (unsigned)(code_point & 0x3ff));
        offset += bytes == 0 ? 1 : bytes;
    }
}

static enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color_choice;

bool tool_color_choose(const char *text)
{
    if (text == NULL || strcmp(text, "auto") == 0)
        color_choice = COLOR_AUTO;
    else if (strcmp(text, "always") == 0)
        color_choice = COLOR_ALWAYS;
    else if (strcmp(text, "never") == 0)
        color_choice = COLOR_NEVER;
    else
        return false;
    return true;
}

static bool has_color(FILE *stream)
{
    if (color_choice != COLOR_AUTO)
        return color_choice == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && terminal != NULL &&
           strcmp(terminal, "dumb") != 0 && isatty(fileno(stream)) == 1;
}

const char *tool_paint(FILE *stream, tool_color color)
{
    static const char *const codes[] = {"\x1b[0m",  "\x1b[1m",  "\x1b[2m",  "\x1b[31m",
                                        "\x1b[32m", "\x1b[33m", "\x1b[34m", "\x1b[36m"};
    return has_color(stream) ? codes[color] : "";
}
