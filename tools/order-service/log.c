/* The log. A line is one write, so lines of several threads do not mix.
 */
#include "log.h"

#include <asl/value.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/support.h"

void log_line(const char *level, const char *order, const char *format, ...)
{
    char message[1024];
    char time[TOOL_TIME_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    tool_time_text(tool_now_ms(), time);
    asl_value *line = asl_value_object(NULL);
    int status = asl_value_set(&line, "time", asl_value_string(NULL, time));
    if (status == ASL_OK)
        status = asl_value_set(&line, "level", asl_value_string(NULL, level));
    if (status == ASL_OK && order != NULL)
        status = asl_value_set(&line, "order", asl_value_string(NULL, order));
    asl_value *said = asl_value_string(NULL, message);
    if (status == ASL_OK)
        status = asl_value_set(&line, "message",
                               said != NULL ? said : asl_value_string(NULL, "(no text)"));
    char *text = NULL;
    size_t size = 0;
    if (status == ASL_OK && asl_value_print(line, 0, &text, &size) == ASL_OK) {
        text[size] = '\n'; /* in place of the NUL */
        ssize_t written = write(STDERR_FILENO, text, size + 1);
        (void)written; /* nobody is left to tell */
    }
    asl_text_free(text);
    asl_value_unref(line);
}
