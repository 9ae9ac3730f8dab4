/* Routes: how high layers and gaps are, and the points of each edge. Lines go down through layers
 * where their items stand, and to the side in gaps alone, where there is nothing to run into: to a
 * lane on a track of its own, else by a curve between the tracks. */
#include "graph/sheet.h"

enum {
    TRACK = 8,
    TRACK_CLEAR = 6, /* between a layer and its first track */
    ARROW_CLEAR = 12,
    CURVE = 26,          /* the least height of a curve */
    CURVE_MORE_MAX = 44, /* and what is added for one that goes far to the side */
    CURVE_SLOPE = 12
};

static int departures_height(const asl_layer *layer)
{
    return layer->departures > 0 ? TRACK_CLEAR + layer->departures * TRACK : 0;
}

static int arrivals_height(const asl_layer *layer)
{
    return layer->arrivals > 0 ? ARROW_CLEAR + layer->arrivals * TRACK : 0;
}

static void reach(asl_sheet *sheet, uint32_t layer, int from_x, int to_x)
{
    int distance = from_x < to_x ? to_x - from_x : from_x - to_x;
    asl_layer *gap = &sheet->layers[layer];
    gap->reach = gap->reach > distance ? gap->reach : distance;
}

static int arrival_x(const asl_sheet *sheet, const asl_way *way)
{
    if (way->lane != ASL_NONE)
        return sheet->lanes[way->lane].to_x;
    return way->chain != ASL_NONE ? sheet->chains[way->chain].to_x : way->to_x;
}

/* A way may share its bends with others; what it has alone is looked at for each, the rest once. */
static void measure_reach(asl_sheet *sheet)
{
    for (uint32_t i = 0; i < sheet->part->edge_count; i++) {
        const asl_way *way = &sheet->ways[i];
        uint32_t layer = sheet->items[way->from].layer, last = asl_way_last(way);
        int x = way->from_x;
        if (way->label != ASL_NONE) {
            reach(sheet, layer, x, sheet->items[way->label].x);
            x = sheet->items[way->label].x;
        }
        if (way->chain != ASL_NONE)
            reach(sheet, sheet->items[last].layer, x, sheet->items[asl_sheet_after(sheet, way)].x);
        else if (way->lane == ASL_NONE)
            reach(sheet, sheet->items[last].layer, x, way->to_x);
    }
    for (uint32_t i = 0; i < sheet->node_count * 2; i++) {
        const asl_chain *chain = &sheet->chains[i];
        for (uint32_t j = 0; j < chain->layer_count; j++) {
            const asl_item *bend = &sheet->items[chain->first_item + j];
            bool is_last = j + 1 == chain->layer_count;
            reach(sheet, bend->layer, bend->x, is_last ? chain->to_x : (bend + 1)->x);
        }
    }
}

/* Returns the height of all layers. */
static int stack_layers(asl_sheet *sheet)
{
    for (uint32_t i = 0; i < sheet->item_count; i++) {
        asl_layer *layer = &sheet->layers[sheet->items[i].layer];
        int height = sheet->items[i].height;
        layer->height = layer->height > height ? layer->height : height;
    }
    int y = 0;
    for (uint32_t i = 0; i < sheet->layer_count; i++) {
        asl_layer *layer = &sheet->layers[i];
        int more = layer->reach / CURVE_SLOPE;
        layer->y = y;
        layer->gap = departures_height(layer) + arrivals_height(layer);
        if (i + 1 < sheet->layer_count)
            layer->gap += CURVE + (more < CURVE_MORE_MAX ? more : CURVE_MORE_MAX);
        y += layer->height + layer->gap;
    }
    return y;
}

static void add_point(asl_graph_point *points, size_t *count, int x, int y)
{
    size_t last = *count;
    if (last > 0 && points[last - 1].x == x && points[last - 1].y == y)
        return;
    /* Straight on: the point between is left out. */
    bool is_on = last > 1 && points[last - 1].x == x && points[last - 2].x == x;
    points[is_on ? last - 1 : last] = (asl_graph_point){x, y};
    *count += !is_on;
}

/* From the lower side of a layer to the upper side of the next one. */
static void cross_gap(const asl_sheet *sheet, uint32_t index, asl_graph_point *points,
                      size_t *count, int from_x, int to_x)
{
    const asl_layer *layer = &sheet->layers[index];
    int bottom = layer->y + layer->height;
    add_point(points, count, from_x, bottom + departures_height(layer));
    add_point(points, count, to_x, bottom + layer->gap - arrivals_height(layer));
}

static void follow_lane(const asl_sheet *sheet, const asl_way *way, asl_graph_point *points,
                        size_t *count, int x)
{
    const asl_lane *lane = &sheet->lanes[way->lane];
    const asl_layer *layer = &sheet->layers[sheet->items[asl_way_last(way)].layer];
    const asl_layer *target = &sheet->layers[sheet->items[way->to].layer];
    int departure = layer->y + layer->height + TRACK_CLEAR + way->departure * TRACK;
    int arrival = target->y - ARROW_CLEAR - lane->arrival * TRACK;
    add_point(points, count, x, departure);
    add_point(points, count, lane->x, departure);
    add_point(points, count, lane->x, arrival);
    add_point(points, count, lane->to_x, arrival);
}

static void follow_chain(const asl_sheet *sheet, const asl_way *way, asl_graph_point *points,
                         size_t *count, int x)
{
    uint32_t layer = sheet->items[asl_way_last(way)].layer;
    for (uint32_t i = asl_sheet_after(sheet, way); layer + 1 < sheet->items[way->to].layer; i++) {
        cross_gap(sheet, layer, points, count, x, sheet->items[i].x);
        x = sheet->items[i].x;
        layer++;
        add_point(points, count, x, sheet->layers[layer].y + sheet->layers[layer].height);
    }
    cross_gap(sheet, layer, points, count, x, arrival_x(sheet, way));
}

/* The points of a way; room for twice the layers it goes through and a few more. */
static int route(asl_sheet *sheet, uint32_t index, asl_graph_point *points)
{
    const asl_way *way = &sheet->ways[index];
    asl_graph_edge *edge = asl_sheet_edge(sheet, index);
    const asl_item *from = &sheet->items[way->from];
    size_t count = 0;
    int x = way->from_x;
    add_point(points, &count, x, sheet->layers[from->layer].y + from->height);
    if (way->label != ASL_NONE) {
        const asl_layer *layer = &sheet->layers[from->layer + 1];
        cross_gap(sheet, from->layer, points, &count, x, sheet->items[way->label].x);
        x = sheet->items[way->label].x;
        add_point(points, &count, x, layer->y + layer->height);
        edge->label_x = x - edge->label_width / 2;
        edge->label_y = layer->y;
    }
    if (way->lane != ASL_NONE)
        follow_lane(sheet, way, points, &count, x);
    else
        follow_chain(sheet, way, points, &count, x);
    add_point(points, &count, arrival_x(sheet, way), sheet->layers[sheet->items[way->to].layer].y);
    asl_graph_point *kept = asl_arena_allocate(&sheet->graph->arena, count * sizeof *kept);
    if (kept == NULL)
        return ASL_NOMEM;
    for (size_t i = 0; i < count; i++)
        kept[i] = points[i];
    edge->points = kept;
    edge->point_count = count;
    return ASL_OK;
}

int asl_sheet_set_routes(asl_sheet *sheet)
{
    size_t most = 2 * (size_t)(ASL_GRAPH_SPAN_MAX + 8);
    asl_graph_point *points = asl_sheet_allocate(sheet, most, sizeof *points);
    if (points == NULL)
        return ASL_NOMEM;
    measure_reach(sheet);
    sheet->part->height = stack_layers(sheet);
    for (uint32_t i = 0; i < sheet->node_count; i++)
        sheet->graph->nodes[sheet->nodes[i]].y = sheet->layers[sheet->items[i].layer].y;
    int status = ASL_OK;
    for (uint32_t i = 0; status == ASL_OK && i < sheet->part->edge_count; i++)
        status = route(sheet, i, points);
    return status;
}
