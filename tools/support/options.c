/* The command line: a table of options, parsed once for all tools in the GNU way ("--name VALUE",
 * "--name=VALUE", "-n VALUE", flags bundled, operands anywhere, "--" ends options).
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const tool_program *current;

const char *tool_program_name(void)
{
    return current != NULL ? current->name : "asl";
}

int tool_usage(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tool_say(TOOL_ERROR, "%s\ntry '%s --help'", text, tool_program_name());
    return TOOL_USAGE;
}

#define HELP_INDENT 31
#define HELP_COLUMNS 62

/* The help of an option, in lines of whole words. */
static void print_wrapped(const char *text)
{
    while (strlen(text) > HELP_COLUMNS) {
        size_t size = HELP_COLUMNS;
        while (size > 0 && text[size] != ' ')
            size--;
        if (size == 0)
            break;
        printf("%.*s\n%*s", (int)size, text, HELP_INDENT, "");
        text += size + 1;
    }
    puts(text);
}

/* "      --store DIR|memory" in a column of its own, the help beside it. */
static void print_option(const tool_option *option)
{
    char left[80];
    char letter[8] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    int size = snprintf(left, sizeof left, "  %s--%s%s%s", letter, option->name,
                        option->argument != NULL ? " " : "",
                        option->argument != NULL ? option->argument : "");
    if (size >= HELP_INDENT)
        printf("%s\n%*s", left, HELP_INDENT, "");
    else
        printf("%-*s", HELP_INDENT, left);
    print_wrapped(option->help);
}

static void print_help(const tool_program *program)
{
    const char *line = program->usage;
    const char *label = "usage:";
    while (line != NULL) {
        const char *end = strchr(line, '\n');
        int size = end != NULL ? (int)(end - line) : (int)strlen(line);
        printf("%s %s %.*s\n", label, program->name, size, line);
        label = "      ";
        line = end != NULL ? end + 1 : NULL;
    }
    printf("\n%s\n\n", program->about);
    for (size_t i = 0; i < program->option_count; i++)
        print_option(&program->options[i]);
    static const tool_option own[] = {
        {"help", 'h', TOOL_FLAG, NULL, "show this and exit", NULL},
        {"version", 0, TOOL_FLAG, NULL, "show the version and exit", NULL},
    };
    print_option(&own[0]);
    print_option(&own[1]);
    if (program->epilogue != NULL)
        printf("\n%s\n", program->epilogue);
}

static const tool_option *find_long(const tool_program *program, const char *name, size_t size)
{
    for (size_t i = 0; i < program->option_count; i++) {
        const tool_option *option = &program->options[i];
        if (strlen(option->name) == size && memcmp(option->name, name, size) == 0)
            return option;
    }
    return NULL;
}

static const tool_option *find_letter(const tool_program *program, char letter)
{
    for (size_t i = 0; i < program->option_count; i++) {
        if (program->options[i].letter == letter)
            return &program->options[i];
    }
    return NULL;
}

/* Stores a value; `value` is NULL for flags. Returns -1 to go on. */
static int set_option(const tool_option *option, const char *value)
{
    if (option->kind == TOOL_FLAG) {
        *(bool *)option->target = true;
    } else if (option->kind == TOOL_TEXT) {
        *(const char **)option->target = value;
    } else {
        tool_list *list = option->target;
        if (list->count == TOOL_LIST_MAX)
            return tool_usage("--%s may be given at most %d times", option->name, TOOL_LIST_MAX);
        list->items[list->count++] = value;
        list->items[list->count] = NULL;
    }
    return -1;
}

typedef struct command_line {
    const tool_program *program;
    int argc;
    char **argv;
    int next;
} command_line;

/* "--name", "--name=value", "--name value". */
static int parse_long(command_line *parser, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t size = equals != NULL ? (size_t)(equals - text) : strlen(text);
    if (strcmp(text, "help") == 0) {
        print_help(parser->program);
        return tool_finish(TOOL_SUCCEEDED);
    }
    if (strcmp(text, "version") == 0) {
        printf("%s %s\n", parser->program->name, asl_version());
        return tool_finish(TOOL_SUCCEEDED);
    }
    const tool_option *option = find_long(parser->program, text, size);
    if (option == NULL)
        return tool_usage("unknown option --%.*s", (int)size, text);
    if (option->kind == TOOL_FLAG)
        return equals != NULL ? tool_usage("--%s takes no value", option->name)
                              : set_option(option, NULL);
    if (equals != NULL)
        return set_option(option, equals + 1);
    if (parser->next == parser->argc)
        return tool_usage("--%s needs a value: %s", option->name, option->argument);
    return set_option(option, parser->argv[parser->next++]);
}

/* "-a", "-abc" (flags), "-oVALUE", "-o VALUE". */
static int parse_letters(command_line *parser, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == 'h') {
            print_help(parser->program);
            return tool_finish(TOOL_SUCCEEDED);
        }
        const tool_option *option = find_letter(parser->program, *text);
        if (option == NULL)
            return tool_usage("unknown option -%c", *text);
        if (option->kind != TOOL_FLAG) {
            if (text[1] != '\0')
                return set_option(option, text + 1);
            if (parser->next == parser->argc)
                return tool_usage("-%c needs a value: %s", *text, option->argument);
            return set_option(option, parser->argv[parser->next++]);
        }
        set_option(option, NULL);
    }
    return -1;
}

static int check_common(tool_common *common)
{
    const char *format = common->format_text;
    if (format == NULL || strcmp(format, "text") == 0)
        common->format = TOOL_FORMAT_TEXT;
    else if (strcmp(format, "json") == 0)
        common->format = TOOL_FORMAT_JSON;
    else if (strcmp(format, "jsonl") == 0)
        common->format = TOOL_FORMAT_JSONL;
    else
        return tool_usage("--output is text, json or jsonl, not '%s'", format);
    if (!tool_color_choose(common->color_text))
        return tool_usage("--color is auto, always or never, not '%s'", common->color_text);
    tool_quiet = common->quiet;
    return -1;
}

int tool_parse(const tool_program *program, int argc, char **argv, tool_common *common,
               tool_operands *ret_operands)
{
    current = program;
    command_line parser = {program, argc, argv, 1};
    size_t count = 0;
    bool options_end = false;
    while (parser.next < argc) {
        char *text = argv[parser.next++];
        int result = -1;
        if (options_end || text[0] != '-' || text[1] == '\0')
            argv[count++] = text;
        else if (strcmp(text, "--") == 0)
            options_end = true;
        else if (text[1] == '-')
            result = parse_long(&parser, text + 2);
        else
            result = parse_letters(&parser, text + 1);
        if (result >= 0)
            return result;
    }
    *ret_operands = (tool_operands){count, argv};
    return check_common(common);
}
