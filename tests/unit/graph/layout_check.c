/* Rectangles and lines, compared pair by pair. */
#include "layout_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph/picture.h"

typedef struct area {
    int left, top, right, bottom; /* right and bottom are exclusive */
} area;

static char message[512];

static const char *say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return message;
}

static area area_of(const asl_graph_node *node)
{
    return (area){node->x, node->y, node->x + node->width, node->y + node->height};
}

static area label_of(const asl_graph_edge *edge)
{
    return (area){edge->label_x, edge->label_y, edge->label_x + edge->label_width,
                  edge->label_y + edge->label_height};
}

static bool meet(area a, area b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

static bool is_within(area inner, area outer)
{
    return inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top &&
           inner.bottom <= outer.bottom;
}

/* What a segment covers, its ends not: it may begin and end at the side of a box. */
static area segment_of(const asl_graph_point *points)
{
    int left = points[0].x < points[1].x ? points[0].x : points[1].x;
    int right = points[0].x < points[1].x ? points[1].x : points[0].x;
    int top = points[0].y < points[1].y ? points[0].y : points[1].y;
    int bottom = points[0].y < points[1].y ? points[1].y : points[0].y;
    return (area){left, top, right + (left == right), bottom + (top == bottom)};
}

static bool is_around(const asl_graph *graph, size_t outer, size_t inner)
{
    while (inner != SIZE_MAX && inner != outer)
        inner = asl_graph_node_at(graph, inner)->parent;
    return inner == outer;
}

static const char *name_of(const asl_graph *graph, size_t node)
{
    const asl_graph_node *found = asl_graph_node_at(graph, node);
    static const char *const kinds[] = {"a state", "a start", "an end", "a branch"};
    return found->name != NULL ? found->name : kinds[found->kind];
}

static const char *check_lines(const asl_graph_lines *lines, int font, int width, const char *name)
{
    const char *next = lines->text;
    for (int i = 0; i < lines->count; i++) {
        size_t size = strcspn(next, "\n");
        if (asl_graph_text_width(next, size, font) > width)
            return say("a text does not fit in its box: %s", name);
        next += size + 1;
    }
    return NULL;
}

static const char *check_node(const asl_graph *graph, size_t index)
{
    const asl_graph_node *node = asl_graph_node_at(graph, index);
    area canvas = {0, 0, asl_graph_width(graph), asl_graph_height(graph)}, own = area_of(node);
    if (node->width <= 0 || node->height <= 0 || !is_within(own, canvas))
        return say("outside of the picture: %s", name_of(graph, index));
    if (node->parent != SIZE_MAX &&
        !is_within(own, area_of(asl_graph_node_at(graph, node->parent))))
        return say("outside of what it stands in: %s", name_of(graph, index));
    for (size_t i = 0; i < index; i++)
        if (!is_around(graph, i, index) && !is_around(graph, index, i) &&
            meet(own, area_of(asl_graph_node_at(graph, i))))
            return say("overlap: %s and %s", name_of(graph, i), name_of(graph, index));
    if (node->kind != ASL_GRAPH_STATE)
        return NULL;
    const asl_graph_box *box = &graph->boxes[index];
    const char *problem =
        check_lines(&box->name, ASL_GRAPH_NAME_FONT, node->width - 2 * 8, node->name);
    if (problem == NULL)
        problem = check_lines(&box->detail, ASL_GRAPH_SMALL_FONT, node->width - 2 * 8, node->name);
    if (problem == NULL)
        problem = check_lines(&box->retry, ASL_GRAPH_SMALL_FONT, node->width - 2 * 8, node->name);
    return problem;
}

static const char *check_label(const asl_graph *graph, size_t index)
{
    const asl_graph_edge *edge = asl_graph_edge_at(graph, index);
    area own = label_of(edge);
    if (edge->label_height == 0)
        return edge->text == NULL || *edge->text == '\0' ? NULL : say("not shown: %s", edge->text);
    size_t around = asl_graph_node_at(graph, edge->from)->parent;
    area room = around != SIZE_MAX ? area_of(asl_graph_node_at(graph, around))
                                   : (area){0, 0, asl_graph_width(graph), asl_graph_height(graph)};
    if (!is_within(own, room))
        return say("a label outside of its branch: %s", edge->text);
    for (size_t i = 0; i < asl_graph_node_count(graph); i++)
        if (!is_around(graph, i, edge->from) && meet(own, area_of(asl_graph_node_at(graph, i))))
            return say("the label %s overlaps %s", edge->text, name_of(graph, i));
    if (meet(own, area_of(asl_graph_node_at(graph, edge->from))))
        return say("a label on its own box: %s", edge->text);
    for (size_t i = 0; i < index; i++) {
        const asl_graph_edge *other = asl_graph_edge_at(graph, i);
        if (other->label_height > 0 && meet(own, label_of(other)))
            return say("the labels %s and %s overlap", edge->text, other->text);
    }
    return check_lines(&graph->labels[index], ASL_GRAPH_SMALL_FONT, edge->label_width - 4,
                       edge->text);
}

static const char *check_ends(const asl_graph *graph, const asl_graph_edge *edge)
{
    area from = area_of(asl_graph_node_at(graph, edge->from));
    area to = area_of(asl_graph_node_at(graph, edge->to));
    if (edge->point_count < 2)
        return say("an edge without points: from %s", name_of(graph, edge->from));
    asl_graph_point first = edge->points[0], last = edge->points[edge->point_count - 1];
    if (first.y != from.bottom || first.x < from.left || first.x > from.right)
        return say("an edge does not begin at its box: %s", name_of(graph, edge->from));
    if (last.y != to.top || last.x < to.left || last.x > to.right ||
        edge->points[edge->point_count - 2].y >= last.y)
        return say("an edge does not arrive at its box: %s", name_of(graph, edge->to));
    return NULL;
}

/* What a segment may not run into. A curve stays in the rectangle of its ends. */
static const char *check_segment(const asl_graph *graph, const asl_graph_edge *edge,
                                 const asl_graph_point *points)
{
    area canvas = {0, 0, asl_graph_width(graph), asl_graph_height(graph)}, own = segment_of(points);
    if (!is_within(own, canvas))
        return say("an edge leaves the picture: from %s", name_of(graph, edge->from));
    if (points[0].x != points[1].x && points[0].y > points[1].y)
        return say("an edge goes up aslant: from %s", name_of(graph, edge->from));
    size_t around = asl_graph_node_at(graph, edge->from)->parent;
    for (size_t i = 0; i < asl_graph_node_count(graph); i++)
        if (i != around && (around == SIZE_MAX || !is_around(graph, i, around)) &&
            meet(own, area_of(asl_graph_node_at(graph, i))))
            return say("the edge from %s to %s runs into %s", name_of(graph, edge->from),
                       name_of(graph, edge->to), name_of(graph, i));
    if (around != SIZE_MAX && !is_within(own, area_of(asl_graph_node_at(graph, around))))
        return say("an edge leaves its branch: from %s", name_of(graph, edge->from));
    for (size_t i = 0; i < asl_graph_edge_count(graph); i++) {
        const asl_graph_edge *other = asl_graph_edge_at(graph, i);
        if (other != edge && other->label_height > 0 && meet(own, label_of(other)))
            return say("the edge from %s to %s runs into the label %s", name_of(graph, edge->from),
                       name_of(graph, edge->to), other->text);
    }
    return NULL;
}

/* Lines that lie on each other would be taken for one. Those that lead to one node may join, and
 * those that leave one box may have to. */
static const char *check_joins(const asl_graph *graph, const asl_graph_edge *edge,
                               const asl_graph_point *points, size_t before)
{
    bool is_upright = points[0].x == points[1].x, is_level = points[0].y == points[1].y;
    for (size_t i = 0; i < before && (is_upright || is_level); i++) {
        const asl_graph_edge *other = asl_graph_edge_at(graph, i);
        if (other->to == edge->to || other->from == edge->from)
            continue;
        for (size_t j = 0; j + 1 < other->point_count; j++) {
            const asl_graph_point *lines = &other->points[j];
            bool is_parallel = is_upright ? lines[0].x == lines[1].x : lines[0].y == lines[1].y;
            if (is_parallel && meet(segment_of(points), segment_of(lines)))
                return say("the edges from %s to %s and from %s to %s lie on each other",
                           name_of(graph, edge->from), name_of(graph, edge->to),
                           name_of(graph, other->from), name_of(graph, other->to));
        }
    }
    return NULL;
}

static const char *check_edge(const asl_graph *graph, size_t index)
{
    const asl_graph_edge *edge = asl_graph_edge_at(graph, index);
    const char *problem = check_ends(graph, edge);
    for (size_t i = 0; problem == NULL && i + 1 < edge->point_count; i++) {
        problem = check_segment(graph, edge, &edge->points[i]);
        if (problem == NULL)
            problem = check_joins(graph, edge, &edge->points[i], index);
    }
    return problem;
}

const char *layout_check(const asl_graph *graph)
{
    const char *problem = NULL;
    for (size_t i = 0; problem == NULL && i < asl_graph_node_count(graph); i++)
        problem = check_node(graph, i);
    for (size_t i = 0; problem == NULL && i < asl_graph_edge_count(graph); i++)
        problem = check_label(graph, i);
    for (size_t i = 0; problem == NULL && i < asl_graph_edge_count(graph); i++)
        problem = check_edge(graph, i);
    return problem;
}
