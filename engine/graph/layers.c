/* Layers: which items there are, in which layer, and what ties them to those above and below. */
#include "graph/sheet.h"

/* How much a straight line is wanted: along the way that leads on, and where lines are long. */
enum { WEIGHT_CATCH = 1, WEIGHT_CHOICE = 8, WEIGHT_NEXT = 16, WEIGHT_BENDS = 4 };

typedef struct link {
    uint32_t upper, lower, weight;
} link;

static bool is_catch(const asl_sheet *sheet, const asl_way *way)
{
    return asl_sheet_edge(sheet, (uint32_t)(way - sheet->ways))->kind == ASL_GRAPH_CATCH;
}

static bool has_label(const asl_sheet *sheet, uint32_t way)
{
    return asl_sheet_edge(sheet, way)->label_height > 0;
}

static uint32_t weight_of(const asl_sheet *sheet, const asl_way *way)
{
    switch (asl_sheet_edge(sheet, (uint32_t)(way - sheet->ways))->kind) {
    case ASL_GRAPH_CATCH:
        return WEIGHT_CATCH;
    case ASL_GRAPH_CHOICE:
    case ASL_GRAPH_DEFAULT:
        return WEIGHT_CHOICE;
    case ASL_GRAPH_NEXT:
        break;
    }
    return WEIGHT_NEXT;
}

uint32_t asl_sheet_after(const asl_sheet *sheet, const asl_way *way)
{
    if (way->chain == ASL_NONE)
        return way->to;
    const asl_chain *chain = &sheet->chains[way->chain];
    return chain->first_item + sheet->items[asl_way_last(way)].layer + 1 - chain->first_layer;
}

/* Layers of ranks: one for the nodes, and one more where labels stand below them. */
static int number_layers(asl_sheet *sheet)
{
    sheet->layer_of_rank = asl_sheet_allocate(sheet, sheet->rank_count, sizeof(uint32_t));
    if (sheet->layer_of_rank == NULL)
        return ASL_NOMEM;
    for (uint32_t i = 0; i < sheet->part->edge_count; i++)
        if (has_label(sheet, i))
            sheet->layer_of_rank[sheet->ranks[sheet->ways[i].from]] = 1;
    for (uint32_t rank = 0; rank < sheet->rank_count; rank++) {
        uint32_t count = 1 + sheet->layer_of_rank[rank];
        sheet->layer_of_rank[rank] = sheet->layer_count;
        sheet->layer_count += count;
    }
    sheet->layers = asl_sheet_allocate(sheet, sheet->layer_count, sizeof *sheet->layers);
    return sheet->layers != NULL ? ASL_OK : ASL_NOMEM;
}

/* Chooses between a lane, a chain and the straight way, and makes chains long enough. */
static void choose_way(asl_sheet *sheet, asl_way *way)
{
    uint32_t last = sheet->layer_of_rank[sheet->ranks[way->from]];
    uint32_t target = sheet->layer_of_rank[sheet->ranks[way->to]];
    uint32_t first = last + 1 + has_label(sheet, (uint32_t)(way - sheet->ways));
    uint32_t group = way->to * 2 + is_catch(sheet, way);
    way->label = way->chain = way->lane = ASL_NONE;
    if (way->is_back || target > first + ASL_GRAPH_SPAN_MAX) {
        way->lane = group * 2 + way->is_back;
        return;
    }
    if (first >= target)
        return;
    way->chain = group;
    asl_chain *chain = &sheet->chains[group];
    if (chain->layer_count == 0 || first < chain->first_layer) {
        chain->first_layer = first;
        chain->layer_count = target - first;
    }
}

static int choose_ways(asl_sheet *sheet)
{
    sheet->chains = asl_sheet_allocate(sheet, sheet->node_count * 2, sizeof *sheet->chains);
    sheet->lanes = asl_sheet_allocate(sheet, sheet->node_count * 4, sizeof *sheet->lanes);
    if (sheet->chains == NULL || sheet->lanes == NULL)
        return ASL_NOMEM;
    sheet->item_count = sheet->node_count;
    for (uint32_t i = 0; i < sheet->part->edge_count; i++) {
        choose_way(sheet, &sheet->ways[i]);
        sheet->item_count += has_label(sheet, i);
    }
    for (uint32_t i = 0; i < sheet->node_count * 2; i++) {
        sheet->chains[i].first_item = sheet->item_count;
        sheet->item_count += sheet->chains[i].layer_count;
    }
    return ASL_OK;
}

static int make_items(asl_sheet *sheet)
{
    sheet->items = asl_sheet_allocate(sheet, sheet->item_count, sizeof *sheet->items);
    if (sheet->items == NULL)
        return ASL_NOMEM;
    for (uint32_t i = 0; i < sheet->node_count; i++) {
        const asl_graph_node *node = &sheet->graph->nodes[sheet->nodes[i]];
        sheet->items[i] = (asl_item){.kind = ASL_ITEM_NODE,
                                     .layer = sheet->layer_of_rank[sheet->ranks[i]],
                                     .width = node->width,
                                     .height = node->height};
    }
    uint32_t next = sheet->node_count;
    for (uint32_t i = 0; i < sheet->part->edge_count; i++) {
        const asl_graph_edge *edge = asl_sheet_edge(sheet, i);
        if (!has_label(sheet, i))
            continue;
        sheet->ways[i].label = next;
        sheet->items[next++] = (asl_item){.kind = ASL_ITEM_LABEL,
                                          .layer = sheet->items[sheet->ways[i].from].layer + 1,
                                          .width = edge->label_width,
                                          .height = edge->label_height};
    }
    for (uint32_t i = 0; i < sheet->node_count * 2; i++)
        for (uint32_t j = 0; j < sheet->chains[i].layer_count; j++)
            sheet->items[sheet->chains[i].first_item + j] =
                (asl_item){.kind = ASL_ITEM_BEND, .layer = sheet->chains[i].first_layer + j};
    return ASL_OK;
}

static void add_link(link *links, uint32_t *count, uint32_t upper, uint32_t lower, uint32_t weight)
{
    links[(*count)++] = (link){upper, lower, weight};
}

static uint32_t list_links(const asl_sheet *sheet, link *links)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sheet->part->edge_count; i++) {
        const asl_way *way = &sheet->ways[i];
        uint32_t weight = weight_of(sheet, way);
        if (way->label != ASL_NONE)
            add_link(links, &count, way->from, way->label, weight);
        if (way->lane == ASL_NONE)
            add_link(links, &count, asl_way_last(way), asl_sheet_after(sheet, way), weight);
    }
    for (uint32_t i = 0; i < sheet->node_count * 2; i++) {
        const asl_chain *chain = &sheet->chains[i];
        uint32_t weight = i % 2 == 1 ? WEIGHT_CATCH : WEIGHT_NEXT;
        for (uint32_t j = 0; j < chain->layer_count; j++) {
            uint32_t item = chain->first_item + j;
            bool is_last = j + 1 == chain->layer_count;
            add_link(links, &count, item, is_last ? i / 2 : item + 1,
                     is_last ? weight : weight * WEIGHT_BENDS);
        }
    }
    return count;
}

/* Each item's ties lie together, those above before those below. */
static int make_ties(asl_sheet *sheet)
{
    size_t links_max = (size_t)sheet->part->edge_count * 2 + sheet->item_count;
    link *links = asl_sheet_allocate(sheet, links_max, sizeof *links);
    if (links == NULL)
        return ASL_NOMEM;
    uint32_t count = list_links(sheet, links);
    sheet->tie_count = count * 2;
    sheet->ties = asl_sheet_allocate(sheet, sheet->tie_count, sizeof *sheet->ties);
    if (sheet->ties == NULL)
        return ASL_NOMEM;
    asl_item *items = sheet->items;
    for (uint32_t i = 0; i < count; i++) {
        items[links[i].upper].down_count++;
        items[links[i].lower].up_count++;
    }
    for (uint32_t i = 0, next = 0; i < sheet->item_count; i++) {
        items[i].up = next;
        items[i].down = next + items[i].up_count;
        next = items[i].down + items[i].down_count;
        items[i].up_count = items[i].down_count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        asl_item *upper = &items[links[i].upper], *lower = &items[links[i].lower];
        sheet->ties[upper->down + upper->down_count++] = (asl_tie){links[i].lower, links[i].weight};
        sheet->ties[lower->up + lower->up_count++] = (asl_tie){links[i].upper, links[i].weight};
    }
    return ASL_OK;
}

int asl_sheet_layer(asl_sheet *sheet)
{
    int status = number_layers(sheet);
    if (status == ASL_OK)
        status = choose_ways(sheet);
    if (status == ASL_OK)
        status = make_items(sheet);
    return status == ASL_OK ? make_ties(sheet) : status;
}
