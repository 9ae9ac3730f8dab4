/* Ports: where edges leave the lower side of a box and arrive at its upper side. Each is as near as
 * can be to where its edge comes from or goes to, so that edges are straight where boxes overlap,
 * and all are in the order of their other ends, so that they do not cross at the box. */
#include "graph/sheet.h"
#include "graph/sort.h"

#define PORT_CLEAR 14
#define CORNER_CLEAR 18
#define FAR (INT64_C(1) << 40) /* beside everything */

/* One line at a side of a box. */
typedef struct port {
    int64_t wanted;
    uint32_t node; /* local */
    int *ret_x;
} port;

typedef struct ports {
    asl_sheet *sheet;
    port *all;
    uint32_t count;
    asl_keyed *keyed, *scratch;
    asl_wish *wishes;
    int64_t *numbers;
} ports;

static int64_t limit(int64_t number, int64_t low, int64_t high)
{
    return number < low ? low : number > high ? high : number;
}

/* Half of the part of a box's side that has ports: not its corners, and of a dot the middle. */
static int half_side(const asl_item *item)
{
    return item->width > 2 * CORNER_CLEAR ? item->width / 2 - CORNER_CLEAR : 0;
}

/* Ports of one box, from left to right, in `keyed`. */
static void place_ports(const ports *p, const asl_keyed *keyed, uint32_t count)
{
    const asl_item *box = &p->sheet->items[p->all[keyed[0].value].node];
    int64_t low = box->x - half_side(box), high = box->x + half_side(box), clear = 0;
    if (count > 1)
        clear = limit((high - low) / (count - 1), 0, PORT_CLEAR);
    for (uint32_t i = 0; i < count; i++)
        p->wishes[i] = (asl_wish){
            .x = limit(p->all[keyed[i].value].wanted, low, high), .weight = 1, .room = clear};
    asl_graph_spread(p->wishes, count, p->numbers);
    for (uint32_t i = 0; i < count; i++) {
        int64_t before = i * clear, after = (count - 1 - i) * clear;
        *p->all[keyed[i].value].ret_x = (int)limit(p->wishes[i].x, low + before, high - after);
    }
}

/* All ports gathered, box by box. */
static void place_all(const ports *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        p->keyed[i] = (asl_keyed){p->all[i].wanted, i};
    asl_graph_sort(p->keyed, p->count, p->scratch);
    for (uint32_t i = 0; i < p->count; i++)
        p->keyed[i].key = p->all[p->keyed[i].value].node;
    asl_graph_sort(p->keyed, p->count, p->scratch);
    for (uint32_t first = 0, end = 0; first < p->count; first = end) {
        while (end < p->count && p->keyed[end].key == p->keyed[first].key)
            end++;
        place_ports(p, &p->keyed[first], end - first);
    }
}

static void add_port(ports *p, uint32_t node, int64_t wanted, int *ret_x)
{
    p->all[p->count++] = (port){wanted, node, ret_x};
}

/* What goes to a lane leaves at that side; of several, the outermost turns first. */
static int64_t wanted_by_lane(const asl_lane *lane, int track)
{
    return lane->is_left ? -FAR + track : FAR - track;
}

/* Below a narrow box that stands above a wide one an edge leaves in the middle. */
static int64_t wanted_below(const asl_sheet *sheet, const asl_way *way)
{
    const asl_item *from = &sheet->items[way->from];
    if (way->label == ASL_NONE && way->lane != ASL_NONE)
        return wanted_by_lane(&sheet->lanes[way->lane], way->departure);
    const asl_item *next =
        &sheet->items[way->label != ASL_NONE ? way->label : asl_sheet_after(sheet, way)];
    if (next->kind != ASL_ITEM_NODE || next->width <= from->width)
        return next->x;
    return limit(from->x, next->x - half_side(next), next->x + half_side(next));
}

static void gather_leaving(ports *p)
{
    p->count = 0;
    for (uint32_t i = 0; i < p->sheet->part->edge_count; i++) {
        asl_way *way = &p->sheet->ways[i];
        add_port(p, way->from, wanted_below(p->sheet, way), &way->from_x);
    }
}

static void gather_arriving(ports *p)
{
    asl_sheet *sheet = p->sheet;
    p->count = 0;
    for (uint32_t i = 0; i < sheet->part->edge_count; i++) {
        asl_way *way = &sheet->ways[i];
        if (way->chain == ASL_NONE && way->lane == ASL_NONE)
            add_port(p, way->to, way->label != ASL_NONE ? sheet->items[way->label].x : way->from_x,
                     &way->to_x);
    }
    for (uint32_t i = 0; i < sheet->node_count * 2; i++) {
        asl_chain *chain = &sheet->chains[i];
        if (chain->layer_count > 0)
            add_port(p, i / 2, sheet->items[chain->first_item + chain->layer_count - 1].x,
                     &chain->to_x);
    }
    for (uint32_t i = 0; i < sheet->node_count * 4; i++) {
        asl_lane *lane = &sheet->lanes[i];
        if (lane->edge_count > 0)
            add_port(p, lane->target, wanted_by_lane(lane, lane->arrival), &lane->to_x);
    }
}

int asl_sheet_set_ports(asl_sheet *sheet)
{
    size_t most = (size_t)sheet->part->edge_count + 6 * (size_t)sheet->node_count;
    ports p = {.sheet = sheet,
               .all = asl_sheet_allocate(sheet, most, sizeof *p.all),
               .keyed = asl_sheet_allocate(sheet, most, sizeof *p.keyed),
               .scratch = asl_sheet_allocate(sheet, most, sizeof *p.scratch),
               .wishes = asl_sheet_allocate(sheet, most, sizeof *p.wishes),
               .numbers = asl_sheet_allocate(sheet, most * 3, sizeof *p.numbers)};
    if (p.all == NULL || p.keyed == NULL || p.scratch == NULL || p.wishes == NULL ||
        p.numbers == NULL)
        return ASL_NOMEM;
    gather_leaving(&p);
    place_all(&p);
    gather_arriving(&p);
    place_all(&p);
    return ASL_OK;
}
