/* What all command line tools share: options, messages, colours, files, tables, stores.
 *
 * A tool is a `tool_program` (its name, its usage and a table of options), parsed by tool_parse;
 * data goes to standard output, everything for people through tool_say, which escapes whatever
 * could drive a terminal. Only <asl/...> is used, as by any other host.
 *
 *     static bool all;
 *     static tool_common common;
 *     static const tool_option options[] = {
 *         {"all", 'a', TOOL_FLAG, NULL, "show ended executions too", &all},
 *         TOOL_COMMON_OPTIONS(common),
 *     };
 *     static const tool_program program = {
 *         "asl-things", "[OPTION]... [NAME]", "Lists things.", options,
 *         sizeof options / sizeof options[0], NULL};
 *     tool_operands operands;
 *     int exit_code = tool_parse(&program, argc, argv, &common, &operands);
 *     if (exit_code >= 0)
 *         return exit_code;
 */
#ifndef ASL_TOOLS_SUPPORT_H
#define ASL_TOOLS_SUPPORT_H

#include <stdio.h>

#include <asl/asl.h>

/* Exit codes of all tools. */
enum tool_exit {
    TOOL_SUCCEEDED = 0,
    TOOL_FAILED = 1,
    TOOL_USAGE = 2,
    TOOL_INVALID = 3, /* an invalid definition */
    TOOL_TIMED_OUT = 4,
    TOOL_ABORTED = 5,
    TOOL_STORE = 6,
    TOOL_UNREACHABLE = 7,
    TOOL_INTERNAL = 70,
    TOOL_INTERRUPTED = 130
};
/* The exit code for a failed call's ASL_* status. */
int tool_exit_of(int status);

/* Options. `target` is a bool * (FLAG), const char ** (TEXT), or tool_list * (LIST: may be given
 * several times). `argument` is how --help calls the value. */
typedef enum tool_option_kind { TOOL_FLAG, TOOL_TEXT, TOOL_LIST } tool_option_kind;
typedef struct tool_option {
    const char *name; /* without "--" */
    char letter;      /* 0: none */
    tool_option_kind kind;
    const char *argument;
    const char *help;
    void *target;
} tool_option;

#define TOOL_LIST_MAX 64
typedef struct tool_list {
    size_t count;
    const char *items[TOOL_LIST_MAX + 1]; /* ended by NULL */
} tool_list;

typedef struct tool_program {
    const char *name;
    const char *usage; /* what follows the name; further lines are further forms */
    const char *about;
    const tool_option *options;
    size_t option_count;
    const char *epilogue; /* the end of --help; may be NULL */
} tool_program;

typedef enum tool_format { TOOL_FORMAT_TEXT, TOOL_FORMAT_JSON, TOOL_FORMAT_JSONL } tool_format;

/* What every tool has: put TOOL_COMMON_OPTIONS(common) at the end of its table. */
typedef struct tool_common {
    const char *format_text;
    const char *color_text;
    bool quiet;
    tool_format format; /* from here on set by tool_parse */
} tool_common;
#define TOOL_COMMON_OPTIONS(common) \
    {"output", 'o', TOOL_TEXT, "text|json|jsonl", "how to print results", &(common).format_text}, \
        {"color", \
         0, \
         TOOL_TEXT, \
         "auto|always|never", \
         "colours (default: auto, and never where NO_COLOR is set)", \
         &(common).color_text}, \
    { \
        "quiet", 'q', TOOL_FLAG, NULL, "no progress and no notes", &(common).quiet \
    }

typedef struct tool_operands {
    size_t count;
    char **items; /* borrowed from argv, whose order may change */
} tool_operands;

/* Parses the command line; options and operands may be mixed, "--" ends options. Does --help and
 * --version itself. Returns -1 to go on, else the exit code. Remembers the program's name for
 * tool_say. */
int tool_parse(const tool_program *program, int argc, char **argv, tool_common *common,
               tool_operands *ret_operands);
/* Says what is wrong with the command line and how to get help; returns TOOL_USAGE. */
int tool_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Messages on standard error: "asl-run: error: ...". Control characters (but line feeds) and
 * whatever could reorder or drive a terminal are escaped, so texts from users may be given as they
 * are. Notes are dropped by --quiet. */
typedef enum tool_level { TOOL_ERROR, TOOL_WARNING, TOOL_NOTE } tool_level;
void tool_say(tool_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says a library's error (NULL: only `what`), frees it, returns the exit code for its status. */
int tool_report(const char *what, int status, asl_error *error);
/* Called before anything is written to standard error, so that a live display can step aside. */
extern void (*tool_before_message)(void);

/* Colours: the escape sequence, or "" where the stream does not get colours. */
typedef enum tool_color {
    TOOL_PLAIN,
    TOOL_BOLD,
    TOOL_DIM,
    TOOL_RED,
    TOOL_GREEN,
    TOOL_YELLOW,
    TOOL_BLUE,
    TOOL_CYAN
} tool_color;
const char *tool_paint(FILE *stream, tool_color color);

/* A new text in which what could drive a terminal is escaped as \xNN or \u{NNNN}; line feeds are
 * kept where `keep_lines`. Free with free(); NULL when out of memory. */
char *tool_escape(const char *text, size_t size, bool keep_lines);
/* Prints a text so escaped (NULL: nothing). */
void tool_print_escaped(FILE *stream, const char *text);
/* Prints JSON so that it stays the same JSON: what could drive a terminal is written as \uNNNN. */
void tool_print_json(FILE *stream, const char *text, size_t size);
/* The columns a text takes on a terminal: wide characters 2, combining marks 0. */
size_t tool_width(const char *text, size_t size);
/* The bytes of a text that fit into so many columns. */
size_t tool_fit(const char *text, size_t size, size_t columns);

/* Reads a whole file ("-": standard input) into a new NUL-ended text; free with free(). Says what
 * is wrong and returns TOOL_USAGE where it cannot; 0 on success. `what` names it in the message:
 * "the definition". */
int tool_read(const char *path, const char *what, char **ret_text, size_t *ret_size);
/* Reads JSON; says where it is broken, with line, column, excerpt and caret. `name` is for
 * messages. `flags` as for asl_value_parse. Returns 0 or an exit code. */
int tool_parse_json(const char *name, const char *text, size_t size, unsigned flags,
                    asl_value **ret_value);
/* Prints a problem of a definition as a compiler would, on standard error. */
void tool_print_diagnostic(const char *name, const char *text, size_t size,
                           const asl_diagnostic *diagnostic);
/* Loads a definition and prints all its problems. `options` may be NULL. Returns 0 or an exit code.
 */
int tool_load_definition(const char *name, const char *text, size_t size,
                         const asl_definition_options *options, asl_definition **ret_definition);

/* Values for "${NAME}" in a definition: put TOOL_SUBSTITUTION_OPTIONS(substitutions) into the table
 * of a tool that reads definitions, and what is read into asl_definition_options. */
typedef struct tool_substitutions {
    tool_list given; /* "NAME=VALUE", before what the file says */
    const char *path;
} tool_substitutions;
#define TOOL_SUBSTITUTION_OPTIONS(substitutions) \
    {"substitute", \
     0, \
     TOOL_LIST, \
     "NAME=VALUE", \
     "replace ${NAME} in the definition by this value", \
     &(substitutions).given}, \
    { \
        "substitutions", 0, TOOL_TEXT, "FILE", "the same for all members of a JSON object", \
            &(substitutions).path \
    }
/* A new object, NULL where no option was given. Returns 0 or an exit code, having said why. */
int tool_substitutions_read(const tool_substitutions *substitutions, asl_value **ret_values);

/* "order" for "definitions/order.asl.json": the name without folder, ".json" and ".asl". New. */
char *tool_stem(const char *path);
/* The line with a caret under a place: `column` in code points, `width` at least 1. Standard error.
 */
void tool_print_excerpt(const char *text, size_t size, size_t line, size_t column, size_t width);

/* Prints a value and a line feed to standard output, indented where `pretty`. Returns 0 or an exit
 * code, having said why. */
int tool_print_value(const asl_value *value, bool pretty);
/* Flushes standard output; what could not be written is an error. Returns `exit_code` or
 * TOOL_INTERNAL. */
int tool_finish(int exit_code);

/* Tables in plain text: columns as wide as their widest cell. */
typedef struct tool_table tool_table;
tool_table *tool_table_new(size_t column_count, const char *const headings[]);
/* Adds a cell, left to right, row by row; `text` is copied and escaped. */
void tool_table_add(tool_table *table, tool_color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Aligns a column to the right. */
void tool_table_align_right(tool_table *table, size_t column);
/* Prints and frees. Returns 0 or TOOL_INTERNAL (out of memory). */
int tool_table_print(tool_table *table, FILE *stream);

/* Times: "2026-11-22T17:00:30.125Z", and durations as "30.1 s", "2 min 5 s", "450 ms". */
#define TOOL_TIME_SIZE 40
int64_t tool_now_ms(void); /* since 1970-01-01 UTC, by the wall */
const char *tool_time_text(int64_t time_ms, char text[TOOL_TIME_SIZE]);
const char *tool_duration_text(int64_t duration_ms, char text[TOOL_TIME_SIZE]);

/* A new UUID: random (version 4), or greater than those before it (version 7). False: the system
 * gives no randomness. One thread. */
#define TOOL_UUID_SIZE 37
bool tool_uuid(bool is_ordered, char text[TOOL_UUID_SIZE]);

/* The store to use: `given` (--store), else $ASL_STORE, else $XDG_STATE_HOME/asl/run, else
 * ~/.local/state/asl/run. A new text; NULL when out of memory or without any. */
char *tool_store_path(const char *given);
/* Opens it ("memory": a store in memory). Says why it cannot. Returns 0 or an exit code. */
int tool_store_open(const char *given, unsigned flags, asl_store **ret_store);

/* Finds an execution by NAME, MACHINE/NAME (EXPRESS: NAME:UUID), or its ARN; says why it cannot.
 * Returns 0 or an exit code. */
int tool_execution_find(asl_store *store, const char *execution, uint64_t *ret_number);
/* Describes it; says why it cannot. Returns 0 or an exit code. */
int tool_execution_describe(asl_store *store, uint64_t number, asl_description **ret_description);

/* Reads "STANDARD" or "EXPRESS" (NULL: STANDARD). Returns 0 or TOOL_USAGE, having said why. */
int tool_machine_type(const char *text, asl_machine_type *ret_type);

#endif
