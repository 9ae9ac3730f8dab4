/* What tools read: files, JSON with its mistakes shown, definitions with all their problems. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* No document of the language comes near; it keeps a mistaken name (a disk image, /dev/zero) from
 * filling the memory. */
#define READ_BYTES_MAX ((size_t)256 << 20)

/* Reads until the end; false with errno set where it cannot. */
static bool read_stream(FILE *file, char **ret_text, size_t *ret_size)
{
    char *text = NULL;
    size_t size = 0;
    size_t capacity = 0;
    for (;;) {
        if (capacity - size < 2) {
            capacity = capacity == 0 ? 16384 : capacity * 2;
            char *grown = capacity > READ_BYTES_MAX ? NULL : realloc(text, capacity);
            if (grown == NULL) {
                free(text);
                errno = capacity > READ_BYTES_MAX ? EFBIG : ENOMEM;
                return false;
            }
            text = grown;
        }
        size_t count = fread(text + size, 1, capacity - size - 1, file);
        size += count;
        if (count == 0)
            break;
    }
    if (ferror(file)) {
        free(text);
        return false;
    }
    text[size] = '\0';
    *ret_text = text;
    *ret_size = size;
    return true;
}

int tool_read(const char *path, const char *what, char **ret_text, size_t *ret_size)
{
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "standard input" : path;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    struct stat status;
    if (file != NULL && fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        if (!is_stdin)
            fclose(file);
        tool_say(TOOL_ERROR, "cannot read %s %s: it is a folder", what, name);
        return TOOL_USAGE;
    }
    bool done = file != NULL && read_stream(file, ret_text, ret_size);
    int saved = errno;
    if (file != NULL && !is_stdin)
        fclose(file);
    if (!done) {
        tool_say(TOOL_ERROR, "cannot read %s %s: %s", what, name, strerror(saved));
        return TOOL_USAGE;
    }
    return 0;
}

int tool_parse_json(const char *name, const char *text, size_t size, unsigned flags,
                    asl_value **ret_value)
{
    asl_error *error = NULL;
    int status = asl_value_parse(NULL, text, size, flags, ret_value, &error);
    if (status == ASL_OK)
        return 0;
    if (error == NULL || asl_error_line(error) == 0)
        return tool_report(name, status, error);
    tool_say(TOOL_ERROR, "%s:%zu:%zu: %s", name, asl_error_line(error), asl_error_column(error),
             asl_error_message(error));
    tool_print_excerpt(text, size, asl_error_line(error), asl_error_column(error), 1);
    asl_error_free(error);
    return tool_exit_of(status);
}

/* AWS's message about broken JSON goes on with the document itself, which the excerpt shows. */
static void print_message(const char *message)
{
    const char *source = strstr(message, "\n at [Source: ");
    char *escaped =
        tool_escape(message, source != NULL ? (size_t)(source - message) : strlen(message), false);
    fputs(escaped != NULL ? escaped : "out of memory", stderr);
    free(escaped);
}

void tool_print_diagnostic(const char *name, const char *text, size_t size,
                           const asl_diagnostic *diagnostic)
{
    bool is_error = diagnostic->severity == ASL_SEVERITY_ERROR;
    tool_print_escaped(stderr, name);
    if (diagnostic->line > 0)
        fprintf(stderr, ":%zu:%zu", diagnostic->line, diagnostic->column);
    fprintf(stderr, ": %s%s%s: ", tool_paint(stderr, is_error ? TOOL_RED : TOOL_YELLOW),
            is_error ? "error" : "warning", tool_paint(stderr, TOOL_PLAIN));
    print_message(diagnostic->message);
    fputs(" [", stderr);
    tool_print_escaped(stderr, diagnostic->code);
    fputc(']', stderr);
    if (diagnostic->pointer != NULL) {
        fputs(" at ", stderr);
        tool_print_escaped(stderr, diagnostic->pointer[0] != '\0' ? diagnostic->pointer : "/");
    }
    fputc('\n', stderr);
    size_t width =
        diagnostic->end_line == diagnostic->line ? diagnostic->end_column - diagnostic->column : 1;
    tool_print_excerpt(text, size, diagnostic->line, diagnostic->column, width);
    if (diagnostic->hint != NULL) {
        fputs("         hint: ", stderr);
        tool_print_escaped(stderr, diagnostic->hint);
        fputc('\n', stderr);
    }
}

int tool_load_definition(const char *name, const char *text, size_t size,
                         const asl_definition_options *options, asl_definition **ret_definition)
{
    asl_diagnostics *diagnostics = NULL;
    asl_error *error = NULL;
    int status = asl_definition_load(text, size, options, ret_definition, &diagnostics, &error);
    size_t error_count = 0;
    for (size_t i = 0; i < asl_diagnostics_count(diagnostics); i++) {
        const asl_diagnostic *diagnostic = asl_diagnostics_at(diagnostics, i);
        error_count += diagnostic->severity == ASL_SEVERITY_ERROR;
        if (diagnostic->severity == ASL_SEVERITY_ERROR || !tool_quiet)
            tool_print_diagnostic(name, text, size, diagnostic);
    }
    asl_diagnostics_free(diagnostics);
    if (status == ASL_OK)
        return 0;
    if (status != ASL_INVALID || error_count == 0)
        return tool_report(name, status, error);
    asl_error_free(error);
    tool_say(TOOL_ERROR, "%s is not a valid definition: %zu problem%s", name, error_count,
             error_count == 1 ? "" : "s");
    return TOOL_INVALID;
}

char *tool_stem(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    size_t size = strlen(base);
    static const char *const endings[] = {".json", ".asl"};
    for (size_t i = 0; i < 2; i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && memcmp(base + size - ending, endings[i], ending) == 0)
            size -= ending;
    }
    return strndup(base, size);
}

int tool_print_value(const asl_value *value, bool pretty)
{
    char *text = NULL;
    size_t size = 0;
    int status = asl_value_print(value, pretty ? ASL_PRINT_PRETTY : 0, &text, &size);
    if (status != ASL_OK)
        return tool_report("cannot print the result", status, NULL);
    if (isatty(STDOUT_FILENO) == 1)
        tool_print_json(stdout, text, size);
    else
        fwrite(text, 1, size, stdout);
    putchar('\n');
    asl_text_free(text);
    return 0;
}

int tool_finish(int exit_code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    tool_say(TOOL_ERROR, "cannot write to standard output: %s", strerror(errno));
    return exit_code == TOOL_SUCCEEDED ? TOOL_INTERNAL : exit_code;
}
