/* DOT, for Graphviz. A container is a cluster with a node for its name, where it is entered, and a
 * point where its branches join, from which its edges leave. */
#include <string.h>

#include "base/utf8.h"
#include "graph/picture.h"

#define REPLACEMENT "\xEF\xBF\xBD"

/* In quotes, where a backslash begins an escape and an ampersand an entity. */
static void append_escaped(asl_buffer *out, const char *text, size_t size)
{
    for (const char *next = text, *end = text + size; next < end;) {
        const char *first = next;
        uint32_t code_point = asl_utf8_decode(&next, end);
        if (code_point == '"' || code_point == '\\')
            asl_buffer_format(out, "\\%c", (char)code_point);
        else if (code_point == '&')
            asl_buffer_text(out, "&amp;");
        else if (code_point == '\n')
            asl_buffer_text(out, "\\n");
        else if (asl_graph_text_is_control(code_point))
            asl_buffer_text(out, REPLACEMENT);
        else
            asl_buffer_append(out, first, (size_t)(next - first));
    }
}

static void append_text(asl_buffer *out, const char *text)
{
    if (text != NULL)
        append_escaped(out, text, strlen(text));
}

static const char *color_of(unsigned marks)
{
    if ((marks & ASL_GRAPH_CURRENT) != 0)
        return ", color=\"#2563eb\", penwidth=3";
    if ((marks & ASL_GRAPH_FAILED) != 0)
        return ", color=\"#b91c1c\", penwidth=2";
    if ((marks & ASL_GRAPH_CAUGHT) != 0)
        return ", color=\"#c2410c\", penwidth=2";
    return (marks & ASL_GRAPH_VISITED) != 0 ? ", color=\"#15803d\", penwidth=2" : "";
}

static const char *shape_of(asl_state_type type)
{
    switch (type) {
    case ASL_STATE_CHOICE:
        return "hexagon";
    case ASL_STATE_PARALLEL:
    case ASL_STATE_MAP:
        return "plaintext";
    case ASL_STATE_TASK:
    case ASL_STATE_PASS:
    case ASL_STATE_WAIT:
    case ASL_STATE_SUCCEED:
    case ASL_STATE_FAIL:
        break;
    }
    return "box";
}

static void append_state(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    const asl_graph_node *node = &graph->nodes[index];
    asl_state_type type = graph->program->states[index].type;
    bool is_final = type == ASL_STATE_SUCCEED || type == ASL_STATE_FAIL;
    asl_buffer_format(out, "n%u [shape=%s, label=\"", index, shape_of(type));
    asl_graph_append_box(out, &graph->boxes[index], "\\n", append_text);
    asl_buffer_text(out, "\", tooltip=\"");
    append_text(out, node->name);
    asl_buffer_format(out, "\"%s%s];\n", is_final ? ", style=\"rounded,bold\"" : "",
                      color_of(node->marks));
}

static void append_round(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    const asl_graph_node *node = &graph->nodes[index];
    bool is_start = node->kind == ASL_GRAPH_START;
    if (node->label != NULL)
        asl_buffer_format(out, "n%u [shape=oval, label=\"%s\"%s];\n", index, node->label,
                          color_of(node->marks));
    else
        asl_buffer_format(out, "n%u [shape=%s, label=\"\", width=0.12%s];\n", index,
                          is_start ? "circle" : "doublecircle", color_of(node->marks));
}

static void append_edge(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    const asl_graph_edge *edge = &graph->edges[index];
    bool is_inner = asl_graph_is_container(graph, (uint32_t)edge->from);
    asl_buffer_format(out, "%s%zu -> n%zu [", is_inner ? "x" : "n", edge->from, edge->to);
    asl_buffer_text(out, "label=\"");
    append_text(out, graph->labels[index].text);
    asl_buffer_format(out, "\"%s%s", edge->kind == ASL_GRAPH_CATCH ? ", style=dashed" : "",
                      color_of(edge->marks));
    if (is_inner)
        asl_buffer_format(out, ", ltail=cluster_%zu", edge->from);
    if (asl_graph_is_container(graph, (uint32_t)edge->to))
        asl_buffer_format(out, ", lhead=cluster_%zu", edge->to);
    asl_buffer_text(out, "];\n");
}

static void begin_container(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    asl_buffer_format(out, "subgraph cluster_%u {\nstyle=rounded;\n", index);
    if (graph->nodes[index].marks != 0)
        asl_buffer_format(out, "graph [%s];\n", color_of(graph->nodes[index].marks) + 2);
    append_state(graph, out, index);
    asl_buffer_format(out, "x%u [shape=point, width=0.06];\n", index);
}

/* The branches of a container hang between its name and its point. */
static void append_part(const asl_graph *graph, asl_buffer *out, uint32_t scope)
{
    const asl_graph_part *part = &graph->parts[scope];
    uint32_t owner = graph->program->scopes[scope].owner;
    append_round(graph, out, part->start);
    if (part->end != ASL_NONE)
        append_round(graph, out, part->end);
    for (uint32_t i = 0; i < part->edge_count; i++)
        append_edge(graph, out, part->first_edge + i);
    if (owner == ASL_NONE)
        return;
    asl_buffer_format(out, "n%u -> n%u [style=dotted, arrowhead=none];\n", owner, part->start);
    if (part->end != ASL_NONE)
        asl_buffer_format(out, "n%u -> x%u [style=dotted, arrowhead=none];\n", part->end, owner);
}

/* Clusters nest as containers do: those that the next state does not stand in are closed. */
static void append_clusters(const asl_graph *graph, asl_buffer *out)
{
    const asl_program *program = graph->program;
    uint32_t open = ASL_NONE;
    for (uint32_t i = 0; i <= program->state_count; i++) {
        uint32_t owner =
            i < program->state_count ? program->scopes[program->states[i].scope].owner : ASL_NONE;
        while (open != owner) {
            asl_buffer_text(out, "}\n");
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

void asl_graph_draw_dot(const asl_graph *graph, asl_buffer *out)
{
    asl_buffer_text(out, "digraph {\ngraph [compound=true, fontname=\"Helvetica\", label=\"");
    append_text(out, graph->title);
    asl_buffer_text(out, "\", labelloc=t];\nnode [fontname=\"Helvetica\", fontsize=12, shape=box, "
                         "style=rounded];\nedge [fontname=\"Helvetica\", fontsize=10];\n");
    append_clusters(graph, out);
    for (uint32_t i = 0; i < graph->program->scope_count; i++)
        append_part(graph, out, i);
    asl_buffer_text(out, "}\n");
}
