/* A flowchart for Mermaid. Texts stand in quotes, where only letters, digits and a few signs are
 * what they are: all others are written as entities of their numbers. */
#include <string.h>

#include "base/utf8.h"
#include "graph/picture.h"

static bool is_plain(uint32_t code_point)
{
    if ((code_point | 0x20) >= 'a' && (code_point | 0x20) <= 'z')
        return code_point < 0x80;
    return (code_point >= '0' && code_point <= '9') ||
           (code_point < 0x80 && strchr(" .,:=_-()/$+", (int)code_point) != NULL);
}

static void append_escaped(asl_buffer *out, const char *text, size_t size)
{
    for (const char *next = text, *end = text + size; next < end;) {
        const char *first = next;
        uint32_t code_point = asl_utf8_decode(&next, end);
        if (code_point == '\n')
            asl_buffer_text(out, "<br>");
        else if (asl_graph_text_is_control(code_point))
            asl_buffer_text(out, "#65533;");
        else if (is_plain(code_point) || code_point >= 0x80)
            asl_buffer_append(out, first, (size_t)(next - first));
        else
            asl_buffer_format(out, "#%u;", code_point);
    }
}

static void append_text(asl_buffer *out, const char *text)
{
    if (text != NULL)
        append_escaped(out, text, strlen(text));
}

/* The brackets are the shape. */
static void append_state(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    static const char *const brackets[][2] = {
        [ASL_STATE_TASK] = {"[", "]"},      [ASL_STATE_PARALLEL] = {"[", "]"},
        [ASL_STATE_MAP] = {"[", "]"},       [ASL_STATE_PASS] = {"[", "]"},
        [ASL_STATE_WAIT] = {"[/", "/]"},    [ASL_STATE_CHOICE] = {"{{", "}}"},
        [ASL_STATE_SUCCEED] = {"([", "])"}, [ASL_STATE_FAIL] = {"([", "])"},
    };
    asl_state_type type = graph->program->states[index].type;
    asl_buffer_format(out, "n%u%s\"", index, brackets[type][0]);
    asl_graph_append_box(out, &graph->boxes[index], "<br>", append_text);
    asl_buffer_format(out, "\"%s\n", brackets[type][1]);
}

static void append_rounds(const asl_graph *graph, asl_buffer *out, uint32_t scope)
{
    const asl_graph_part *part = &graph->parts[scope];
    asl_buffer_format(out, "n%u((\"%s\"))\n", part->start, scope == 0 ? "Start" : " ");
    if (part->end != ASL_NONE)
        asl_buffer_format(out, "n%u(((\"%s\")))\n", part->end, scope == 0 ? "End" : " ");
}

static void append_edge(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    const asl_graph_edge *edge = &graph->edges[index];
    bool is_marked = edge->marks != 0;
    const char *line = edge->kind == ASL_GRAPH_CATCH ? "-.->" : is_marked ? "==>" : "-->";
    asl_buffer_format(out, "n%zu %s", edge->from, line);
    if (edge->label_height > 0) {
        asl_buffer_text(out, "|\"");
        append_text(out, graph->labels[index].text);
        asl_buffer_text(out, "\"|");
    }
    asl_buffer_format(out, " n%zu\n", edge->to);
}

static void begin_container(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    uint32_t first, count = asl_graph_branches(graph, index, &first);
    asl_buffer_format(out, "subgraph n%u[\"", index);
    asl_graph_append_box(out, &graph->boxes[index], "<br>", append_text);
    asl_buffer_text(out, "\"]\n");
    for (uint32_t i = 0; i < count; i++)
        append_rounds(graph, out, first + i);
}

static void append_states(const asl_graph *graph, asl_buffer *out)
{
    const asl_program *program = graph->program;
    uint32_t open = ASL_NONE;
    append_rounds(graph, out, 0);
    for (uint32_t i = 0; i <= program->state_count; i++) {
        uint32_t owner =
            i < program->state_count ? program->scopes[program->states[i].scope].owner : ASL_NONE;
        while (open != owner) {
            asl_buffer_text(out, "end\n");
            open = program->scopes[program->states[open].scope].owner;
        }
        if (i == program->state_count)
            return;
        if (!asl_graph_is_container(graph, i)) {
            append_state(graph, out, i);
            continue;
        }
        begin_container(graph, out, i);
        open = i;
    }
}

static void append_marks(const asl_graph *graph, asl_buffer *out)
{
    static const struct {
        unsigned mark;
        const char *name, *style;
    } classes[] = {
        /* Later ones win. */
        {ASL_GRAPH_VISITED, "visited", "stroke:#15803d,stroke-width:2px"},
        {ASL_GRAPH_CAUGHT, "caught", "stroke:#c2410c,stroke-width:2px"},
        {ASL_GRAPH_FAILED, "failed", "stroke:#b91c1c,stroke-width:3px"},
        {ASL_GRAPH_CURRENT, "current", "stroke:#2563eb,stroke-width:4px"},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        bool is_used = false;
        for (uint32_t j = 0; j < graph->program->state_count; j++) {
            if ((graph->nodes[j].marks & classes[i].mark) == 0)
                continue;
            if (!is_used)
                asl_buffer_format(out, "classDef %s %s\n", classes[i].name, classes[i].style);
            is_used = true;
            asl_buffer_format(out, "class n%u %s\n", j, classes[i].name);
        }
    }
}

void asl_graph_draw_mermaid(const asl_graph *graph, asl_buffer *out)
{
    asl_buffer_text(out, "flowchart TD\naccTitle: ");
    append_text(out, graph->title);
    asl_buffer_byte(out, '\n');
    append_states(graph, out);
    for (uint32_t i = 0; i < graph->edge_count; i++)
        append_edge(graph, out, i);
    append_marks(graph, out);
}
