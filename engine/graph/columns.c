/* Positions from left to right. Up and down the layers each item is wanted under (or above) the
 * median of its neighbours in the layer before, weighted by how much a straight tie is wanted, and
 * each layer is spread so that its items keep clear of each other. */
#include "graph/sheet.h"

#define ROUNDS 8u /* even: the last one is upwards, which leaves long lines straight */

enum { CLEAR_BOX = 28, CLEAR_LABEL = 12, CLEAR_BEND = 16, CLEAR_BEND_BOX = 20 };

typedef struct columns {
    asl_sheet *sheet;
    asl_wish *wishes; /* of one layer */
    int64_t *scratch;
} columns;

/* How far the middles of two neighbours must be apart. */
static int64_t room_between(const asl_item *left, const asl_item *right)
{
    int clear = CLEAR_BOX;
    if (left->kind == ASL_ITEM_LABEL || right->kind == ASL_ITEM_LABEL)
        clear = CLEAR_LABEL;
    else if (left->kind == ASL_ITEM_BEND && right->kind == ASL_ITEM_BEND)
        clear = CLEAR_BEND;
    else if (left->kind == ASL_ITEM_BEND || right->kind == ASL_ITEM_BEND)
        clear = CLEAR_BEND_BOX;
    return clear + (left->width + right->width) / 2;
}

/* The weighted median of the neighbours; between two where both halves weigh the same. */
static int median(const asl_sheet *sheet, const asl_tie *ties, uint32_t count, int64_t weight)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += ties[i].weight;
        if (sum * 2 > weight)
            return sheet->items[ties[i].item].x;
        if (sum * 2 == weight)
            return (sheet->items[ties[i].item].x + sheet->items[ties[i + 1].item].x) / 2;
    }
    return 0;
}

static int64_t weight_of(const asl_tie *ties, uint32_t count)
{
    int64_t weight = 0;
    for (uint32_t i = 0; i < count; i++)
        weight += ties[i].weight;
    return weight;
}

static asl_wish wish_of(const asl_sheet *sheet, const asl_item *item, bool by_upper)
{
    const asl_tie *ties = sheet->ties + (by_upper ? item->up : item->down);
    uint32_t count = by_upper ? item->up_count : item->down_count;
    int64_t weight = weight_of(ties, count);
    if (weight == 0)
        return (asl_wish){.x = item->x, .weight = 1};
    /* Squared, so that what leads on is not moved aside by what is caught. */
    return (asl_wish){.x = median(sheet, ties, count, weight), .weight = weight * weight};
}

static void place_layer(const columns *c, const asl_layer *layer, bool by_upper)
{
    const asl_sheet *sheet = c->sheet;
    for (uint32_t i = 0; i < layer->count; i++) {
        const asl_item *item = &sheet->items[sheet->order[layer->first + i]];
        c->wishes[i] = wish_of(sheet, item, by_upper);
        if (i > 0)
            c->wishes[i].room =
                room_between(&sheet->items[sheet->order[layer->first + i - 1]], item);
    }
    asl_graph_spread(c->wishes, layer->count, c->scratch);
    for (uint32_t i = 0; i < layer->count; i++)
        sheet->items[sheet->order[layer->first + i]].x = (int)c->wishes[i].x;
}

int asl_sheet_set_columns(asl_sheet *sheet)
{
    size_t widest = 0;
    for (uint32_t i = 0; i < sheet->layer_count; i++)
        widest = widest > sheet->layers[i].count ? widest : sheet->layers[i].count;
    columns c = {.sheet = sheet,
                 .wishes = asl_sheet_allocate(sheet, widest, sizeof *c.wishes),
                 .scratch = asl_sheet_allocate(sheet, widest * 3, sizeof *c.scratch)};
    if (c.wishes == NULL || c.scratch == NULL)
        return ASL_NOMEM;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        bool is_down = round % 2 == 0;
        for (uint32_t i = 0; i < sheet->layer_count; i++)
            place_layer(&c, &sheet->layers[is_down ? i : sheet->layer_count - 1 - i], is_down);
    }
    return ASL_OK;
}
