/* SVG. Drawn from the ground up: the boxes of containers, lines, labels, all other boxes. Texts are
 * escaped, and what XML cannot hold is U+FFFD; an attribute keeps a name as it is, so that a page
 * finds the state by it. */
#include "graph/svg.h"

#include <string.h>

#include "base/utf8.h"
#include "graph/picture.h"

#define REPLACEMENT "\xEF\xBF\xBD"

enum { CORNER = 8, ARROW = 8, ARROW_HALF = 4, SLANT = 12 };

static bool is_xml(uint32_t code_point)
{
    return code_point >= 0x20 && (code_point & 0xFFFE) != 0xFFFE;
}

/* Lines of a text are not kept: `is_attribute` keeps line feeds and tabs, by their numbers. */
static void append_escaped(asl_buffer *out, const char *text, size_t size, bool is_attribute)
{
    for (const char *next = text, *end = text + size; next < end;) {
        const char *first = next;
        uint32_t code_point = asl_utf8_decode(&next, end);
        if (code_point == '&')
            asl_buffer_text(out, "&amp;");
        else if (code_point == '<')
            asl_buffer_text(out, "&lt;");
        else if (code_point == '>')
            asl_buffer_text(out, "&gt;");
        else if (code_point == '"')
            asl_buffer_text(out, "&quot;");
        else if (code_point == '\t' || code_point == '\n' || code_point == '\r')
            asl_buffer_format(out, is_attribute ? "&#%u;" : " ", code_point);
        else if (!is_xml(code_point) || (!is_attribute && asl_graph_text_is_control(code_point)))
            asl_buffer_text(out, REPLACEMENT);
        else
            asl_buffer_append(out, first, (size_t)(next - first));
    }
}

static void append_title(asl_buffer *out, const char *text, size_t size)
{
    asl_buffer_text(out, "<title>");
    append_escaped(out, text, size, false);
    asl_buffer_text(out, "</title>");
}

static void append_marks(asl_buffer *out, unsigned marks)
{
    asl_buffer_text(out, (marks & ASL_GRAPH_VISITED) != 0 ? " visited" : "");
    asl_buffer_text(out, (marks & ASL_GRAPH_CURRENT) != 0 ? " current" : "");
    asl_buffer_text(out, (marks & ASL_GRAPH_FAILED) != 0 ? " failed" : "");
    asl_buffer_text(out, (marks & ASL_GRAPH_CAUGHT) != 0 ? " caught" : "");
}

/* The lines of a text, one element each; returns the y behind them. */
static int append_lines(asl_buffer *out, const asl_graph_lines *lines, const char *class, int x,
                        int y, int height)
{
    const char *next = lines->text;
    for (int i = 0; i < lines->count; i++, y += height) {
        const char *end = strchr(next, '\n');
        size_t size = end != NULL ? (size_t)(end - next) : strlen(next);
        asl_buffer_format(out, "<text%s x=\"%d\" y=\"%d\">", class, x, y + height - 4);
        append_escaped(out, next, size, false);
        asl_buffer_text(out, "</text>");
        next += size + 1;
    }
    return y;
}

static void append_rectangle(asl_buffer *out, const char *class, int x, int y, int width,
                             int height, int radius)
{
    asl_buffer_format(out,
                      "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>",
                      class, x, y, width, height, radius);
}

/* A Choice has slanted sides. */
static void append_shape(asl_buffer *out, const asl_graph_node *node, bool is_choice, bool is_final)
{
    int middle = node->height / 2, right = node->x + node->width, bottom = node->y + node->height;
    if (is_choice) {
        asl_buffer_format(out, "<path class=\"box\" d=\"M%d %dL%d %dL%d %dL%d %dL%d %dL%d %dZ\"/>",
                          node->x + SLANT, node->y, right - SLANT, node->y, right, node->y + middle,
                          right - SLANT, bottom, node->x + SLANT, bottom, node->x,
                          node->y + middle);
        append_rectangle(out, "bar", node->x + SLANT + 8, node->y + 4, node->width - 2 * SLANT - 16,
                         3, 1);
        return;
    }
    append_rectangle(out, "box", node->x, node->y, node->width, node->height,
                     is_final ? (middle < 16 ? middle : 16) : CORNER);
    append_rectangle(out, "bar", node->x + 12, node->y + 4, node->width - 24, 3, 1);
}

static size_t name_of(const asl_graph *graph, uint32_t index, const char **ret_name)
{
    size_t size = 0;
    *ret_name = asl_value_get_string(graph->program->states[index].name, &size);
    return size;
}

static void begin_state(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    const asl_graph_node *node = &graph->nodes[index];
    const asl_graph_box *box = &graph->boxes[index];
    const char *name, *kind = asl_graph_is_container(graph, index) ? "container" : "leaf";
    size_t size = name_of(graph, index, &name);
    asl_buffer_format(out, "<g class=\"state %s ", kind);
    for (const char *letter = node->type; *letter != '\0'; letter++)
        asl_buffer_byte(out, (char)(*letter | 0x20));
    append_marks(out, node->marks);
    asl_buffer_text(out, "\" data-state=\"");
    append_escaped(out, name, size, true);
    asl_buffer_text(out, "\"><title>");
    append_escaped(out, name, size, false);
    asl_buffer_format(out, " (%s)", node->type);
    if (box->retry_text != NULL) {
        asl_buffer_text(out, ". ");
        append_escaped(out, box->retry_text, strlen(box->retry_text), false);
    }
    asl_buffer_text(out, "</title>");
}

static void append_state(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    const asl_graph_node *node = &graph->nodes[index];
    const asl_graph_box *box = &graph->boxes[index];
    bool is_container = asl_graph_is_container(graph, index);
    asl_state_type type = graph->program->states[index].type;
    int x = is_container ? node->x + ASL_GRAPH_BOX_PAD_X : node->x + node->width / 2;
    int y = node->y + ASL_GRAPH_BOX_PAD_Y + 1;
    begin_state(graph, out, index);
    append_shape(out, node, type == ASL_STATE_CHOICE,
                 type == ASL_STATE_SUCCEED || type == ASL_STATE_FAIL);
    y = append_lines(out, &box->name, " class=\"name\"", x, y, ASL_GRAPH_NAME_LINE);
    y = append_lines(out, &box->detail, " class=\"detail\"", x, y, ASL_GRAPH_SMALL_LINE);
    append_lines(out, &box->retry, " class=\"retry\"", x, y, ASL_GRAPH_SMALL_LINE);
    asl_buffer_text(out, "</g>\n");
}

static void append_round(asl_buffer *out, const asl_graph_node *node)
{
    const char *kind = node->kind == ASL_GRAPH_START ? "start" : "end";
    int radius = node->height / 2, x = node->x + node->width / 2, y = node->y + radius;
    asl_buffer_format(out, "<g class=\"%s\">", kind);
    asl_buffer_text(out, "<rect class=\"round");
    append_marks(out, node->marks);
    asl_buffer_format(out, "\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>", node->x,
                      node->y, node->width, node->height, radius);
    if (node->label != NULL)
        asl_buffer_format(out, "<text x=\"%d\" y=\"%d\">%s</text>", x, y + 4, node->label);
    else if (node->kind == ASL_GRAPH_END)
        asl_buffer_format(out, "<circle class=\"inner\" cx=\"%d\" cy=\"%d\" r=\"3\"/>", x, y);
    asl_buffer_text(out, "</g>\n");
}

static int least(int left, int right)
{
    return left < right ? left : right;
}

static int length_of(const asl_graph_point *from, const asl_graph_point *to)
{
    int x = from->x < to->x ? to->x - from->x : from->x - to->x;
    int y = from->y < to->y ? to->y - from->y : from->y - to->y;
    return x + y;
}

static bool is_straight(const asl_graph_point *from, const asl_graph_point *to)
{
    return from->x == to->x || from->y == to->y;
}

/* A point between `from` and `to`, on a straight line, so far from `from`. */
static void append_between(asl_buffer *out, char command, const asl_graph_point *from,
                           const asl_graph_point *to, int distance)
{
    int x = from->x + (to->x > from->x ? distance : to->x < from->x ? -distance : 0);
    int y = from->y + (to->y > from->y ? distance : to->y < from->y ? -distance : 0);
    asl_buffer_format(out, "%c%d %d", command, x, y);
}

/* To a point from the one before it (which is behind it in memory), with a round corner where two
 * straight lines meet. */
static void append_segment(asl_buffer *out, const asl_graph_point *to, bool is_end)
{
    const asl_graph_point *from = to + 1, *next = to - 1;
    if (!is_straight(from, to)) {
        int middle = (from->y + to->y) / 2;
        asl_buffer_format(out, "C%d %d %d %d %d %d", from->x, middle, to->x, middle, to->x, to->y);
        return;
    }
    if (is_end || !is_straight(to, next)) {
        asl_buffer_format(out, "L%d %d", to->x, to->y);
        return;
    }
    int radius = least(CORNER, least(length_of(from, to), length_of(to, next)) / 2);
    append_between(out, 'L', to, from, radius);
    asl_buffer_format(out, "Q%d %d", to->x, to->y);
    append_between(out, ' ', to, next, radius);
}

static const char *class_of(asl_graph_edge_kind kind)
{
    switch (kind) {
    case ASL_GRAPH_NEXT:
        return "next";
    case ASL_GRAPH_CHOICE:
        return "rule";
    case ASL_GRAPH_DEFAULT:
        return "default";
    case ASL_GRAPH_CATCH:
        break;
    }
    return "catch";
}

/* From its arrow back: where edges share a way, dashes lie on dashes. */
static void append_edge(asl_buffer *out, const asl_graph_edge *edge)
{
    const asl_graph_point *tip = &edge->points[edge->point_count - 1];
    asl_buffer_format(out, "<g class=\"edge %s", class_of(edge->kind));
    append_marks(out, edge->marks);
    asl_buffer_format(out, "\"><path class=\"line\" d=\"M%d %d", tip->x, tip->y - ARROW / 2);
    for (size_t i = edge->point_count - 1; i-- > 0;)
        append_segment(out, &edge->points[i], i == 0);
    asl_buffer_format(out, "\"/><path class=\"arrow\" d=\"M%d %dL%d %dL%d %dZ\"/></g>\n", tip->x,
                      tip->y, tip->x - ARROW_HALF, tip->y - ARROW, tip->x + ARROW_HALF,
                      tip->y - ARROW);
}

static void append_label(const asl_graph *graph, asl_buffer *out, uint32_t index)
{
    const asl_graph_edge *edge = &graph->edges[index];
    if (edge->label_height == 0)
        return;
    asl_buffer_format(out, "<g class=\"label %s", class_of(edge->kind));
    append_marks(out, edge->marks);
    asl_buffer_text(out, "\">");
    append_title(out, edge->text, strlen(edge->text));
    asl_buffer_format(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>",
                      edge->label_x, edge->label_y, edge->label_width, edge->label_height);
    append_lines(out, &graph->labels[index], "", edge->label_x + edge->label_width / 2,
                 edge->label_y + 2, ASL_GRAPH_SMALL_LINE);
    asl_buffer_text(out, "</g>\n");
}

/* What the picture says to who does not see it. */
static void append_description(const asl_graph *graph, asl_buffer *out)
{
    static const struct {
        unsigned mark;
        const char *words;
    } marks[] = {
        {ASL_GRAPH_CURRENT, "In execution"},
        {ASL_GRAPH_FAILED, "Failed"},
        {ASL_GRAPH_CAUGHT, "Caught an error"},
    };
    uint32_t count = graph->program->state_count;
    asl_buffer_format(out, "<desc>%u state%s.", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        bool is_first = true;
        for (uint32_t j = 0; j < count; j++) {
            if ((graph->nodes[j].marks & marks[i].mark) == 0)
                continue;
            const char *name;
            size_t size = name_of(graph, j, &name);
            asl_buffer_format(out, is_first ? " %s: " : ", ", marks[i].words);
            append_escaped(out, name, size, false);
            is_first = false;
        }
        asl_buffer_text(out, is_first ? "" : ".");
    }
    asl_buffer_text(out, "</desc>\n");
}

static void begin_picture(const asl_graph *graph, asl_buffer *out)
{
    asl_buffer_format(out,
                      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"asl-graph\" role=\"img\""
                      " width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
                      graph->width, graph->height, graph->width, graph->height);
    append_title(out, graph->title, strlen(graph->title));
    append_description(graph, out);
    asl_buffer_text(out, "<style>\n");
    asl_buffer_text(out, asl_graph_svg_style);
    asl_buffer_format(out, "</style>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
                      graph->width, graph->height);
}

/* Containers and their branches: those around others first, as they are numbered. */
static void append_containers(const asl_graph *graph, asl_buffer *out)
{
    for (uint32_t i = 0; i < graph->program->state_count; i++) {
        if (!asl_graph_is_container(graph, i))
            continue;
        append_state(graph, out, i);
        uint32_t first, count = asl_graph_branches(graph, i, &first);
        for (uint32_t j = 0; j < count; j++) {
            const asl_graph_node *branch = &graph->nodes[graph->parts[first + j].branch];
            append_rectangle(out, "branch", branch->x, branch->y, branch->width, branch->height, 6);
        }
    }
}

void asl_graph_draw_svg(const asl_graph *graph, asl_buffer *out)
{
    begin_picture(graph, out);
    append_containers(graph, out);
    /* Ways that were taken lie over those that were not. */
    for (unsigned marks = 0; marks <= ASL_GRAPH_VISITED; marks++)
        for (uint32_t i = 0; i < graph->edge_count; i++)
            if ((graph->edges[i].marks & ASL_GRAPH_VISITED) == marks)
                append_edge(out, &graph->edges[i]);
    for (uint32_t i = 0; i < graph->edge_count; i++)
        append_label(graph, out, i);
    for (uint32_t i = 0; i < graph->node_count; i++) {
        asl_graph_node_kind kind = graph->nodes[i].kind;
        if (kind == ASL_GRAPH_STATE && !asl_graph_is_container(graph, i))
            append_state(graph, out, i);
        else if (kind == ASL_GRAPH_START || kind == ASL_GRAPH_END)
            append_round(out, &graph->nodes[i]);
    }
    asl_buffer_text(out, "</svg>\n");
}
