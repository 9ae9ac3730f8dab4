/* Places: the sheets of branches before those of what they stand in, since a box is as large as
 * what it holds; then, from the machine inwards, what was laid out for itself is moved to where its
 * box has come to be. */
#include "graph/sheet.h"

/* A container around its branches, side by side below its own lines, which have as much room. */
static int wrap_branches(asl_graph *graph, uint32_t index)
{
    uint32_t first, count = asl_graph_branches(graph, index, &first);
    asl_graph_node *node = &graph->nodes[index];
    int width = ASL_GRAPH_INNER_PAD, height = 0;
    for (uint32_t i = 0; i < count; i++) {
        width += graph->parts[first + i].width + ASL_GRAPH_INNER_PAD;
        height = height > graph->parts[first + i].height ? height : graph->parts[first + i].height;
    }
    int room = width - 2 * ASL_GRAPH_BOX_PAD_X;
    if (room > ASL_GRAPH_TEXT_WIDTH && asl_graph_fill_box(graph, index, room) != ASL_OK)
        return ASL_NOMEM;
    int top = graph->boxes[index].text_height;
    node->width = node->width > width ? node->width : width;
    node->width += node->width % 2;
    node->height = top + height + ASL_GRAPH_INNER_PAD;
    int x = (node->width - width) / 2 + ASL_GRAPH_INNER_PAD;
    for (uint32_t i = 0; i < count; i++) {
        asl_graph_part *part = &graph->parts[first + i];
        part->x = x;
        part->y = top;
        part->height = height;
        x += part->width + ASL_GRAPH_INNER_PAD;
    }
    return ASL_OK;
}

/* The nodes of a scope, and its edges from one of these to another. */
static int fill_sheet(asl_sheet *sheet, uint32_t *local)
{
    asl_graph *graph = sheet->graph;
    const asl_graph_part *part = sheet->part;
    sheet->nodes = asl_sheet_allocate(sheet, part->state_count + 2, sizeof *sheet->nodes);
    sheet->first_way = asl_sheet_allocate(sheet, part->state_count + 3, sizeof(uint32_t));
    sheet->ways = asl_sheet_allocate(sheet, part->edge_count, sizeof *sheet->ways);
    if (sheet->nodes == NULL || sheet->first_way == NULL || sheet->ways == NULL)
        return ASL_NOMEM;
    sheet->nodes[sheet->node_count++] = part->start;
    for (uint32_t i = 0; i < part->state_count; i++)
        sheet->nodes[sheet->node_count++] = graph->state_order[part->first_state + i];
    if (part->end != ASL_NONE)
        sheet->nodes[sheet->node_count++] = part->end;
    for (uint32_t i = 0; i < sheet->node_count; i++) {
        local[sheet->nodes[i]] = i;
        if (asl_graph_is_container(graph, sheet->nodes[i]) &&
            wrap_branches(graph, sheet->nodes[i]) != ASL_OK)
            return ASL_NOMEM;
    }
    for (uint32_t i = 0; i < part->edge_count; i++) {
        const asl_graph_edge *edge = asl_sheet_edge(sheet, i);
        sheet->ways[i].from = local[edge->from];
        sheet->ways[i].to = local[edge->to];
        sheet->first_way[local[edge->from] + 1]++;
    }
    for (uint32_t i = 0; i < sheet->node_count; i++)
        sheet->first_way[i + 1] += sheet->first_way[i];
    return ASL_OK;
}

/* Moves a sheet so that all of it is to the right of and below its corner. */
static void trim(asl_sheet *sheet, int pad)
{
    int left = INT32_MAX, right = INT32_MIN;
    for (uint32_t i = 0; i < sheet->item_count; i++) {
        int half = sheet->items[i].width / 2, x = sheet->items[i].x;
        left = left < x - half ? left : x - half;
        right = right > x + half ? right : x + half;
    }
    for (uint32_t i = 0; i < sheet->node_count * 4; i++)
        if (sheet->lanes[i].edge_count > 0) {
            left = left < sheet->lanes[i].x ? left : sheet->lanes[i].x;
            right = right > sheet->lanes[i].x ? right : sheet->lanes[i].x;
        }
    for (uint32_t i = 0; i < sheet->item_count; i++)
        sheet->items[i].x += pad - left;
    for (uint32_t i = 0; i < sheet->node_count * 4; i++)
        sheet->lanes[i].x += pad - left;
    for (uint32_t i = 0; i < sheet->node_count; i++) {
        asl_graph_node *node = &sheet->graph->nodes[sheet->nodes[i]];
        node->x = sheet->items[i].x - node->width / 2;
    }
    sheet->part->width = right - left + 2 * pad;
}

static int lay_out(asl_graph *graph, uint32_t scope, uint32_t *local)
{
    static int (*const passes[])(asl_sheet *) = {
        asl_sheet_rank,        asl_sheet_layer,     asl_sheet_order,
        asl_sheet_set_columns, asl_sheet_set_lanes,
    };
    asl_arena arena;
    asl_arena_init(&arena, graph->heap);
    asl_sheet sheet = {
        .graph = graph, .part = &graph->parts[scope], .arena = &arena, .local = local};
    int pad = scope == 0 ? ASL_GRAPH_MACHINE_PAD : ASL_GRAPH_SHEET_PAD;
    int status = fill_sheet(&sheet, local);
    for (size_t i = 0; status == ASL_OK && i < sizeof passes / sizeof *passes; i++)
        status = passes[i](&sheet);
    if (status == ASL_OK) {
        trim(&sheet, pad);
        status = asl_sheet_set_ports(&sheet);
    }
    if (status == ASL_OK)
        status = asl_sheet_set_routes(&sheet);
    graph->parts[scope].height += 2 * pad;
    asl_arena_done(&arena);
    return status;
}

static void move_edge(asl_graph_edge *edge, int x, int y, asl_graph_point *points)
{
    for (size_t i = 0; i < edge->point_count; i++) {
        points[i].x += x;
        points[i].y += y;
    }
    if (edge->label_height > 0) {
        edge->label_x += x;
        edge->label_y += y;
    }
}

static void move_node(asl_graph_node *node, int x, int y)
{
    node->x += x;
    node->y += y;
}

/* Scopes have greater numbers than what they stand in. */
static void move_part(asl_graph *graph, uint32_t scope)
{
    asl_graph_part *part = &graph->parts[scope];
    uint32_t owner = graph->program->scopes[scope].owner;
    int pad = owner == ASL_NONE ? ASL_GRAPH_MACHINE_PAD : ASL_GRAPH_SHEET_PAD;
    if (owner != ASL_NONE) {
        asl_graph_node *branch = &graph->nodes[part->branch];
        part->x += graph->nodes[owner].x;
        part->y += graph->nodes[owner].y;
        branch->x = part->x;
        branch->y = part->y;
        branch->width = part->width;
        branch->height = part->height;
    }
    for (uint32_t i = 0; i < part->state_count; i++)
        move_node(&graph->nodes[graph->state_order[part->first_state + i]], part->x, part->y + pad);
    move_node(&graph->nodes[part->start], part->x, part->y + pad);
    if (part->end != ASL_NONE)
        move_node(&graph->nodes[part->end], part->x, part->y + pad);
    for (uint32_t i = 0; i < part->edge_count; i++) {
        asl_graph_edge *edge = &graph->edges[part->first_edge + i];
        union {
            const asl_graph_point *shown;
            asl_graph_point *own;
        } points = {edge->points};
        move_edge(edge, part->x, part->y + pad, points.own);
    }
}

int asl_graph_place(asl_graph *graph)
{
    uint32_t *local = asl_arena_allocate(&graph->arena, graph->node_count * sizeof *local);
    int status = local != NULL ? ASL_OK : ASL_NOMEM;
    for (uint32_t i = graph->program->scope_count; status == ASL_OK && i-- > 0;)
        status = lay_out(graph, i, local);
    for (uint32_t i = 0; status == ASL_OK && i < graph->program->scope_count; i++)
        move_part(graph, i);
    graph->width = graph->parts[0].width;
    graph->height = graph->parts[0].height;
    return status;
}
