/* What tools say to people, on standard error: messages, the library's errors, and excerpts of a
 * text with a caret under the place in question, as compilers do.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

bool tool_quiet;
void (*tool_before_message)(void);

static void step_aside(void)
{
    fflush(stdout);
    if (tool_before_message != NULL)
        tool_before_message();
}

void tool_say(tool_level level, const char *format, ...)
{
    static const char *const words[] = {"error: ", "warning: ", ""};
    static const tool_color colors[] = {TOOL_RED, TOOL_YELLOW, TOOL_PLAIN};
    if (level == TOOL_NOTE && tool_quiet)
        return;
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    step_aside();
    fprintf(stderr, "%s: %s%s%s", tool_program_name(), tool_paint(stderr, colors[level]),
            words[level], tool_paint(stderr, TOOL_PLAIN));
    tool_print_escaped(stderr, size >= 0 ? text : "out of memory");
    fputc('\n', stderr);
    if (size >= 0)
        free(text);
}

int tool_exit_of(int status)
{
    switch (status) {
    case ASL_OK:
        return TOOL_SUCCEEDED;
    case ASL_INVALID:
        return TOOL_INVALID;
    case ASL_MISUSE:
    case ASL_SYNTAX:
    case ASL_TOO_LARGE:
    case ASL_NOT_FOUND:
    case ASL_EXISTS:
    case ASL_UNSUPPORTED:
    case ASL_NO_HANDLER:
    case ASL_DENIED:
        return TOOL_USAGE;
    case ASL_IO:
    case ASL_STORE_LOCKED:
    case ASL_STORE_FULL:
    case ASL_STORE_LOST:
    case ASL_STORE_CORRUPT:
    case ASL_STORE_NEWER:
    case ASL_READ_ONLY:
        return TOOL_STORE;
    default:
        return TOOL_INTERNAL;
    }
}

int tool_report(const char *what, int status, asl_error *error)
{
    const char *message = asl_error_message(error);
    if (message == NULL || message[0] == '\0')
        message = status == ASL_NOMEM ? "out of memory" : asl_status_name(status);
    if (what != NULL)
        tool_say(TOOL_ERROR, "%s: %s", what, message);
    else
        tool_say(TOOL_ERROR, "%s", message);
    asl_error_free(error);
    return tool_exit_of(status);
}

/* The start of a 1-based line, and its size without the line feed; NULL past the end. */
static const char *line_of(const char *text, size_t size, size_t line, size_t *ret_size)
{
    const char *end = text + size;
    for (; line > 1; line--) {
        const char *feed = memchr(text, '\n', (size_t)(end - text));
        if (feed == NULL)
            return NULL;
        text = feed + 1;
    }
    const char *feed = memchr(text, '\n', (size_t)(end - text));
    *ret_size = (size_t)((feed != NULL ? feed : end) - text);
    if (*ret_size > 0 && text[*ret_size - 1] == '\r')
        (*ret_size)--;
    return text;
}

/* The bytes that so many code points take, at most `size`; a bad byte counts as one. */
static size_t bytes_of(const char *text, size_t size, size_t code_points)
{
    size_t offset = 0;
    for (; code_points > 0 && offset < size; code_points--) {
        uint32_t ignored = 0;
        size_t bytes = tool_code_point(text + offset, size - offset, &ignored);
        offset += bytes == 0 ? 1 : bytes;
    }
    return offset;
}

#define EXCERPT_BEFORE 60u
#define EXCERPT_COLUMNS 100u

/* The bytes from `offset` on, tabs as one blank, escaped. */
static char *excerpt_part(const char *text, size_t size)
{
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++)
        copy[i] = text[i] == '\t' ? ' ' : text[i];
    char *escaped = tool_escape(copy, size, false);
    free(copy);
    return escaped;
}

void tool_print_excerpt(const char *text, size_t size, size_t line, size_t column, size_t width)
{
    size_t line_size = 0;
    const char *start = line > 0 ? line_of(text, size, line, &line_size) : NULL;
    if (start == NULL || column == 0)
        return;
    /* A long line is shown from shortly before the place on. */
    bool is_long = tool_width(start, line_size) > EXCERPT_COLUMNS;
    size_t skipped = is_long && column > EXCERPT_BEFORE ? column - EXCERPT_BEFORE : 0;
    size_t from = bytes_of(start, line_size, skipped);
    size_t place = from + bytes_of(start + from, line_size - from, column - 1 - skipped);
    size_t shown = tool_fit(start + from, line_size - from, EXCERPT_COLUMNS);
    char *before = excerpt_part(start + from, place - from);
    char *whole = excerpt_part(start + from, shown > place - from ? shown : place - from);
    if (before != NULL && whole != NULL) {
        step_aside();
        size_t columns = tool_width(before, strlen(before));
        size_t rest = tool_width(whole, strlen(whole)) - columns;
        fprintf(stderr, "%6zu | %s%s%s\n       | %s%*s%s^", line, skipped > 0 ? "..." : "", whole,
                from + shown < line_size ? "..." : "", skipped > 0 ? "   " : "", (int)columns, "",
                tool_paint(stderr, TOOL_GREEN));
        for (size_t i = 1; i < width && i < rest; i++)
            fputc('~', stderr);
        fprintf(stderr, "%s\n", tool_paint(stderr, TOOL_PLAIN));
    }
    free(before);
    free(whole);
}
