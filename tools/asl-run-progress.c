/* The live display: one line on standard error for each state that is active, drawn over the last
 * one, and gone when the execution ends. Only where standard error is a terminal.
 *
 * Only two controls are used, "up N lines" and "clear to the end", so that being killed leaves the
 * terminal as it is.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "asl-run.h"

#define FIRST_DRAW_MS 200 /* what is over sooner is not shown */

static bool is_on;
static int64_t begin_ms;
static unsigned drawn_lines;

typedef struct live_display {
    FILE *frame;
    int64_t now_ms;
    unsigned line_count, line_max, hidden_count;
    size_t columns;
} live_display;

static int64_t real_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool run_progress_begin(bool quiet)
{
    const char *terminal = getenv("TERM");
    is_on =
        !quiet && isatty(STDERR_FILENO) == 1 && terminal != NULL && strcmp(terminal, "dumb") != 0;
    begin_ms = real_now_ms();
    if (is_on)
        tool_before_message = run_progress_clear;
    return is_on;
}

void run_progress_clear(void)
{
    if (drawn_lines > 0)
        fprintf(stderr, "\x1b[%uA\r\x1b[J", drawn_lines);
    drawn_lines = 0;
    fflush(stderr);
}

/* What a state waits for, and for how long. */
static void describe(const asl_active_state *state, int64_t now_ms, char *text, size_t size)
{
    char duration[TOOL_TIME_SIZE];
    int64_t left_ms = state->due_ms > now_ms ? state->due_ms - now_ms : 0;
    int64_t since_ms = now_ms > state->entered_ms ? now_ms - state->entered_ms : 0;
    bool is_timer = strcmp(state->waits_for, "timer") == 0;
    bool is_retry = strcmp(state->waits_for, "retry") == 0;
    if (is_timer || is_retry) {
        /* A countdown shows whole seconds, and ends with 1 s. */
        tool_duration_text((left_ms + 999) / 1000 * 1000, duration);
        char *dot = strstr(duration, ".0 s");
        if (dot != NULL)
            memcpy(dot, " s", 3);
    } else {
        tool_duration_text(since_ms, duration);
    }
    if (is_retry)
        snprintf(text, size, "try %u in %s", state->attempt + 1, duration);
    else if (is_timer)
        snprintf(text, size, "%s left", duration);
    else if (state->attempt > 0)
        snprintf(text, size, "%s, try %u", duration, state->attempt + 1);
    else
        snprintf(text, size, "%s", duration);
}

static void draw_state(void *context, const asl_active_state *state)
{
    live_display *display = context;
    if (display->line_count == display->line_max) {
        display->hidden_count++;
        return;
    }
    display->line_count++;
    char *name = tool_escape(state->state, strlen(state->state), false);
    if (name == NULL)
        return;
    char what[2 * TOOL_TIME_SIZE];
    describe(state, display->now_ms, what, sizeof what);
    size_t indent = state->depth < 10 ? 2 * state->depth : 20;
    size_t taken = indent + 2 + strlen(state->type) + 2 + strlen(what) + 1;
    size_t room = display->columns > taken + 8 ? display->columns - taken : 8;
    fprintf(display->frame, "%*s%s%.*s%s  %s%s%s  %s\n", (int)indent, "",
            tool_paint(stderr, TOOL_BOLD), (int)tool_fit(name, strlen(name), room), name,
            tool_paint(stderr, TOOL_PLAIN), tool_paint(stderr, TOOL_DIM), state->type,
            tool_paint(stderr, TOOL_PLAIN), what);
    free(name);
}

void run_progress_draw(const asl_engine *engine, const asl_execution *execution)
{
    if (!is_on || real_now_ms() - begin_ms < FIRST_DRAW_MS)
        return;
    struct winsize window = {.ws_row = 24, .ws_col = 80};
    ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
    live_display display = {.now_ms = asl_engine_now(engine),
                            .line_max = window.ws_row > 3 ? window.ws_row - 2u : 1u,
                            .columns = window.ws_col > 20 ? window.ws_col : 80u};
    char *text = NULL;
    size_t size = 0;
    display.frame = open_memstream(&text, &size); /* one write a frame: no flicker */
    if (display.frame == NULL)
        return;
    if (drawn_lines > 0)
        fprintf(display.frame, "\x1b[%uA\r\x1b[J", drawn_lines);
    asl_execution_active(execution, draw_state, &display);
    if (display.hidden_count > 0)
        fprintf(display.frame, "... and %u more\n", display.hidden_count);
    if (fclose(display.frame) == 0)
        fwrite(text, 1, size, stderr);
    drawn_lines = display.line_count + (display.hidden_count > 0);
    free(text);
}
