/* Lanes: lines that go up or down beside the boxes. Each is as near to the boxes as those in its
 * reach allow, on the side that is nearer to its ends; short ones come first, so that long ones go
 * around them.
 *
 * The sheet is cut into cells from top to bottom: gap 0, layer 0, gap 1, layer 1, ..., the last
 * gap. For each side a tree over the cells knows how far they are taken. */
#include "graph/sheet.h"
#include "graph/sort.h"

#define CLEAR_LANE 16

/* The greatest value of ranges of cells, which only rises. */
typedef struct skyline {
    int *greatest; /* of all below a node of the tree */
    int *at_least; /* of each below a node */
    uint32_t leaves;
} skyline;

typedef struct lanes {
    asl_sheet *sheet;
    skyline sides[2]; /* right, and left with signs turned */
    asl_keyed *keyed, *scratch;
} lanes;

static int greater(int left, int right)
{
    return left > right ? left : right;
}

static int skyline_init(asl_sheet *sheet, skyline *sky, uint32_t cells)
{
    for (sky->leaves = 1; sky->leaves < cells;)
        sky->leaves *= 2;
    sky->greatest = asl_sheet_allocate(sheet, (size_t)sky->leaves * 2, sizeof(int));
    sky->at_least = asl_sheet_allocate(sheet, (size_t)sky->leaves * 2, sizeof(int));
    if (sky->greatest == NULL || sky->at_least == NULL)
        return ASL_NOMEM;
    for (uint32_t i = 0; i < sky->leaves * 2; i++)
        sky->greatest[i] = sky->at_least[i] = INT32_MIN / 2;
    return ASL_OK;
}

static void lift_parents(skyline *sky, uint32_t node)
{
    for (node /= 2; node > 0; node /= 2)
        sky->greatest[node] = greater(greater(sky->greatest[2 * node], sky->greatest[2 * node + 1]),
                                      sky->at_least[node]);
}

static void lift_node(skyline *sky, uint32_t node, int value)
{
    sky->greatest[node] = greater(sky->greatest[node], value);
    sky->at_least[node] = greater(sky->at_least[node], value);
}

/* Cells first to last are taken up to `value`. */
static void skyline_lift(skyline *sky, uint32_t first, uint32_t last, int value)
{
    uint32_t low = first + sky->leaves, high = last + sky->leaves + 1;
    for (; low < high; low /= 2, high /= 2) {
        if (low % 2 == 1)
            lift_node(sky, low++, value);
        if (high % 2 == 1)
            lift_node(sky, --high, value);
    }
    lift_parents(sky, first + sky->leaves);
    lift_parents(sky, last + sky->leaves);
}

static int least_above(const skyline *sky, uint32_t node)
{
    int value = INT32_MIN / 2;
    for (node /= 2; node > 0; node /= 2)
        value = greater(value, sky->at_least[node]);
    return value;
}

static int skyline_greatest(const skyline *sky, uint32_t first, uint32_t last)
{
    uint32_t low = first + sky->leaves, high = last + sky->leaves + 1;
    int value = greater(least_above(sky, low), least_above(sky, high - 1));
    for (; low < high; low /= 2, high /= 2) {
        if (low % 2 == 1)
            value = greater(value, sky->greatest[low++]);
        if (high % 2 == 1)
            value = greater(value, sky->greatest[--high]);
    }
    return value;
}

/* What boxes, labels and bends take: a layer, and the gaps at both sides of it. */
static void lift_items(lanes *l)
{
    const asl_sheet *sheet = l->sheet;
    for (uint32_t i = 0; i < sheet->layer_count; i++) {
        const asl_layer *layer = &sheet->layers[i];
        const asl_item *first = &sheet->items[sheet->order[layer->first]];
        const asl_item *last = &sheet->items[sheet->order[layer->first + layer->count - 1]];
        skyline_lift(&l->sides[0], 2 * i, 2 * i + 2, last->x + last->width / 2);
        skyline_lift(&l->sides[1], 2 * i, 2 * i + 2, first->width / 2 - first->x);
    }
}

/* Which cells the edges of each lane need. Returns how many lanes there are. */
static uint32_t gather(lanes *l)
{
    asl_sheet *sheet = l->sheet;
    for (uint32_t i = 0; i < sheet->part->edge_count; i++) {
        const asl_way *way = &sheet->ways[i];
        if (way->lane == ASL_NONE)
            continue;
        asl_lane *lane = &sheet->lanes[way->lane];
        const asl_item *source = &sheet->items[asl_way_last(way)];
        uint32_t leaves = 2 * source->layer + 2, arrives = 2 * sheet->items[way->to].layer;
        uint32_t first = leaves < arrives ? leaves : arrives;
        uint32_t last = leaves < arrives ? arrives : leaves;
        if (lane->edge_count++ == 0)
            *lane = (asl_lane){way->to, first, last, 1, 0, source->x, 0, false};
        lane->first = lane->first < first ? lane->first : first;
        lane->last = lane->last > last ? lane->last : last;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < sheet->node_count * 4; i++)
        if (sheet->lanes[i].edge_count > 0)
            l->keyed[count++] =
                (asl_keyed){(int64_t)sheet->lanes[i].last - sheet->lanes[i].first, i};
    return count;
}

static void place_lane(lanes *l, asl_lane *lane)
{
    int right = skyline_greatest(&l->sides[0], lane->first, lane->last) + CLEAR_LANE;
    int left = skyline_greatest(&l->sides[1], lane->first, lane->last) + CLEAR_LANE;
    int ends = lane->source_x + l->sheet->items[lane->target].x;
    lane->is_left = 2 * left + ends < 2 * right - ends;
    lane->x = lane->is_left ? -left : right;
    skyline_lift(&l->sides[lane->is_left], lane->first, lane->last, lane->is_left ? left : right);
}

/* Tracks. Where two lines come from one side, the one that begins nearer to that side must be the
 * one that turns first, or they would cross. */
static int64_t turning(const asl_lane *lane, int x)
{
    return lane->is_left ? x : -(int64_t)x;
}

/* Below an item each lane that edges of it take has a track of its own; edges to one lane that
 * leave in one gap share it. */
static void set_departures(lanes *l)
{
    asl_sheet *sheet = l->sheet;
    uint32_t count = 0;
    for (uint32_t i = 0; i < sheet->part->edge_count; i++)
        if (sheet->ways[i].lane != ASL_NONE) {
            const asl_lane *lane = &sheet->lanes[sheet->ways[i].lane];
            l->keyed[count++] =
                (asl_keyed){turning(lane, sheet->items[asl_way_last(&sheet->ways[i])].x), i};
        }
    asl_graph_sort(l->keyed, count, l->scratch);
    for (uint32_t i = 0; i < count; i++)
        l->keyed[i].key = sheet->ways[l->keyed[i].value].lane;
    /* The sort keeps the order by place within a lane: its first way of a gap opens the track. */
    asl_graph_sort(l->keyed, count, l->scratch);
    for (uint32_t i = 0; i < count; i++) {
        const asl_way *way = &sheet->ways[l->keyed[i].value];
        l->keyed[i].key = sheet->items[asl_way_last(way)].layer;
    }
    asl_graph_sort(l->keyed, count, l->scratch);
    uint32_t lane_before = ASL_NONE, layer_before = ASL_NONE;
    for (uint32_t i = 0; i < count; i++) {
        asl_way *way = &sheet->ways[l->keyed[i].value];
        uint32_t layer = sheet->items[asl_way_last(way)].layer;
        bool is_shared = way->lane == lane_before && layer == layer_before;
        sheet->layers[layer].departures += !is_shared;
        way->departure = sheet->layers[layer].departures - 1;
        lane_before = way->lane;
        layer_before = layer;
    }
}

static void set_arrivals(lanes *l, uint32_t count)
{
    asl_sheet *sheet = l->sheet;
    for (uint32_t i = 0; i < count; i++) {
        const asl_lane *lane = &sheet->lanes[l->keyed[i].value];
        l->keyed[i].key = turning(lane, sheet->items[lane->target].x);
    }
    asl_graph_sort(l->keyed, count, l->scratch);
    for (uint32_t i = 0; i < count; i++) {
        asl_lane *lane = &sheet->lanes[l->keyed[i].value];
        /* The target is never in the first layer: that is the start's. */
        lane->arrival = sheet->layers[sheet->items[lane->target].layer - 1].arrivals++;
    }
}

int asl_sheet_set_lanes(asl_sheet *sheet)
{
    uint32_t cells = 2 * sheet->layer_count + 1;
    size_t most = (size_t)sheet->node_count * 4 + sheet->part->edge_count;
    lanes l = {.sheet = sheet,
               .keyed = asl_sheet_allocate(sheet, most, sizeof *l.keyed),
               .scratch = asl_sheet_allocate(sheet, most, sizeof *l.scratch)};
    if (l.keyed == NULL || l.scratch == NULL || skyline_init(sheet, &l.sides[0], cells) != ASL_OK ||
        skyline_init(sheet, &l.sides[1], cells) != ASL_OK)
        return ASL_NOMEM;
    lift_items(&l);
    uint32_t count = gather(&l);
    asl_graph_sort(l.keyed, count, l.scratch);
    for (uint32_t i = 0; i < count; i++)
        place_lane(&l, &sheet->lanes[l.keyed[i].value]);
    set_arrivals(&l, count);
    set_departures(&l);
    return ASL_OK;
}
