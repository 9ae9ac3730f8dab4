/* Tables in plain text: cells are gathered row by row, then printed in columns as wide as their
 * widest cell. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define TABLE_COLUMNS_MAX 16
#define TABLE_GAP 2

typedef struct table_cell {
    char *text; /* escaped */
    tool_color color;
} table_cell;

struct tool_table {
    size_t column_count;
    size_t width[TABLE_COLUMNS_MAX];
    bool right[TABLE_COLUMNS_MAX];
    bool failed;
    size_t count, capacity; /* cells */
    table_cell *cells;
};

static void append(tool_table *table, tool_color color, char *text)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
        table_cell *cells = realloc(table->cells, capacity * sizeof *cells);
        if (cells != NULL) {
            table->cells = cells;
            table->capacity = capacity;
        }
    }
    if (text == NULL || table->count == table->capacity) {
        free(text);
        table->failed = true;
        return;
    }
    size_t column = table->count % table->column_count;
    size_t width = tool_width(text, strlen(text));
    if (width > table->width[column])
        table->width[column] = width;
    table->cells[table->count++] = (table_cell){text, color};
}

tool_table *tool_table_new(size_t column_count, const char *const headings[])
{
    tool_table *table = calloc(1, sizeof *table);
    if (table == NULL || column_count == 0 || column_count > TABLE_COLUMNS_MAX) {
        free(table);
        return NULL;
    }
    table->column_count = column_count;
    for (size_t i = 0; i < column_count; i++)
        append(table, TOOL_BOLD, strdup(headings[i]));
    return table;
}

void tool_table_add(tool_table *table, tool_color color, const char *format, ...)
{
    if (table == NULL)
        return;
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    append(table, color, size >= 0 ? tool_escape(text, (size_t)size, false) : NULL);
    if (size >= 0)
        free(text);
}

void tool_table_align_right(tool_table *table, size_t column)
{
    if (table != NULL && column < table->column_count)
        table->right[column] = true;
}

static void print_cell(const tool_table *table, size_t index, FILE *stream)
{
    const table_cell *cell = &table->cells[index];
    size_t column = index % table->column_count;
    bool is_last = column + 1 == table->column_count;
    size_t padding = table->width[column] - tool_width(cell->text, strlen(cell->text));
    size_t before = table->right[column] ? padding : 0;
    fprintf(stream, "%*s%s%s%s", (int)before, "",
            cell->color != TOOL_PLAIN ? tool_paint(stream, cell->color) : "", cell->text,
            cell->color != TOOL_PLAIN ? tool_paint(stream, TOOL_PLAIN) : "");
    if (is_last)
        fputc('\n', stream);
    else
        fprintf(stream, "%*s", (int)(padding - before + TABLE_GAP), "");
}

int tool_table_print(tool_table *table, FILE *stream)
{
    bool failed = table == NULL || table->failed;
    for (size_t i = 0; !failed && i < table->count; i++)
        print_cell(table, i, stream);
    for (size_t i = 0; table != NULL && i < table->count; i++)
        free(table->cells[i].text);
    if (table != NULL)
        free(table->cells);
    free(table);
    if (failed)
        tool_say(TOOL_ERROR, "out of memory");
    return failed ? TOOL_INTERNAL : 0;
}
