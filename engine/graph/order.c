/* The order of the items in each layer. It begins as the document has it: below each item what it
 * leads to, in the order in which it leads there. Then, up and down the layers, items are sorted by
 * the mean place of their neighbours in the layer before, and neighbours change places where fewer
 * ties cross then. The best order that was seen is kept.
 *
 * The ties of an item are always sorted by the order of their other ends. */
#include <string.h>

#include "graph/sheet.h"
#include "graph/sort.h"

#define ROUNDS_MAX 10u
#define ROUNDS_IDLE 3u /* without fewer crossings */
#define KEY_SCALE 1024

typedef struct ordering {
    asl_sheet *sheet;
    asl_keyed *keyed, *scratch; /* of one layer */
    uint32_t *best;
    uint32_t *tree; /* counts by order: a Fenwick tree over one layer */
    uint64_t best_crossings;
} ordering;

static asl_item *item_at(const asl_sheet *sheet, const asl_layer *layer, uint32_t order)
{
    return &sheet->items[sheet->order[layer->first + order]];
}

/* Sorts the ties of both neighbouring layers anew, after a layer has changed. */
static void refresh_ties(const asl_sheet *sheet, uint32_t index)
{
    const asl_layer *layer = &sheet->layers[index];
    asl_item *items = sheet->items;
    for (uint32_t i = 0; i < layer->count; i++) {
        const asl_item *item = item_at(sheet, layer, i);
        for (uint32_t j = 0; j < item->up_count; j++)
            items[sheet->ties[item->up + j].item].down_count = 0;
        for (uint32_t j = 0; j < item->down_count; j++)
            items[sheet->ties[item->down + j].item].up_count = 0;
    }
    for (uint32_t i = 0; i < layer->count; i++) {
        uint32_t self = sheet->order[layer->first + i];
        const asl_item *item = &items[self];
        for (uint32_t j = 0; j < item->up_count; j++) {
            asl_tie tie = sheet->ties[item->up + j];
            asl_item *other = &items[tie.item];
            sheet->ties[other->down + other->down_count++] = (asl_tie){self, tie.weight};
        }
        for (uint32_t j = 0; j < item->down_count; j++) {
            asl_tie tie = sheet->ties[item->down + j];
            asl_item *other = &items[tie.item];
            sheet->ties[other->up + other->up_count++] = (asl_tie){self, tie.weight};
        }
    }
}

/* Writes the places of a layer's items into them. */
static void number_layer(const asl_sheet *sheet, uint32_t index)
{
    const asl_layer *layer = &sheet->layers[index];
    for (uint32_t i = 0; i < layer->count; i++)
        item_at(sheet, layer, i)->order = i;
    refresh_ties(sheet, index);
}

static void set_order_first(asl_sheet *sheet, uint32_t *filled, bool *is_seen, uint32_t item)
{
    asl_layer *layer = &sheet->layers[sheet->items[item].layer];
    if (is_seen[item])
        return;
    is_seen[item] = true;
    sheet->order[layer->first + filled[sheet->items[item].layer]++] = item;
}

static int begin_order(asl_sheet *sheet)
{
    uint32_t *filled = asl_sheet_allocate(sheet, sheet->layer_count, sizeof *filled);
    bool *is_seen = asl_sheet_allocate(sheet, sheet->item_count, sizeof *is_seen);
    sheet->order = asl_sheet_allocate(sheet, sheet->item_count, sizeof *sheet->order);
    if (filled == NULL || is_seen == NULL || sheet->order == NULL)
        return ASL_NOMEM;
    for (uint32_t i = 0; i < sheet->item_count; i++)
        sheet->layers[sheet->items[i].layer].count++;
    for (uint32_t i = 1; i < sheet->layer_count; i++)
        sheet->layers[i].first = sheet->layers[i - 1].first + sheet->layers[i - 1].count;
    /* What only lanes lead to comes first in its layer. */
    for (uint32_t i = 0; i < sheet->item_count; i++)
        if (sheet->items[i].up_count == 0)
            set_order_first(sheet, filled, is_seen, i);
    for (uint32_t i = 0; i < sheet->layer_count; i++) {
        for (uint32_t j = 0; j < sheet->layers[i].count; j++) {
            const asl_item *item = item_at(sheet, &sheet->layers[i], j);
            for (uint32_t k = 0; k < item->down_count; k++)
                set_order_first(sheet, filled, is_seen, sheet->ties[item->down + k].item);
        }
    }
    for (uint32_t i = 0; i < sheet->layer_count; i++)
        number_layer(sheet, i);
    return ASL_OK;
}

/* Crossings between a layer and the next one. */
static uint64_t count_crossings(const ordering *o, uint32_t index)
{
    const asl_sheet *sheet = o->sheet;
    const asl_layer *upper = &sheet->layers[index], *lower = upper + 1;
    uint64_t crossings = 0, inserted = 0;
    memset(o->tree, 0, (lower->count + 1) * sizeof *o->tree);
    for (uint32_t i = 0; i < upper->count; i++) {
        const asl_item *item = item_at(sheet, upper, i);
        for (uint32_t j = 0; j < item->down_count; j++) {
            uint32_t place = sheet->items[sheet->ties[item->down + j].item].order + 1;
            uint64_t before = 0;
            for (uint32_t k = place; k > 0; k -= k & -k)
                before += o->tree[k];
            crossings += inserted - before;
        }
        for (uint32_t j = 0; j < item->down_count; j++, inserted++) {
            uint32_t place = sheet->items[sheet->ties[item->down + j].item].order + 1;
            for (uint32_t k = place; k <= lower->count; k += k & -k)
                o->tree[k]++;
        }
    }
    return crossings;
}

/* Whether this order is the best so far, which is kept then. */
static bool keep_best(ordering *o)
{
    uint64_t crossings = 0;
    for (uint32_t i = 0; i + 1 < o->sheet->layer_count; i++)
        crossings += count_crossings(o, i);
    if (crossings >= o->best_crossings)
        return false;
    o->best_crossings = crossings;
    memcpy(o->best, o->sheet->order, o->sheet->item_count * sizeof *o->best);
    return true;
}

/* Sorts a layer by the layer above or below; what has no neighbour there keeps its place. */
static void sort_layer(const ordering *o, uint32_t index, bool by_upper)
{
    const asl_sheet *sheet = o->sheet;
    const asl_layer *layer = &sheet->layers[index];
    uint32_t count = 0;
    for (uint32_t i = 0; i < layer->count; i++) {
        const asl_item *item = item_at(sheet, layer, i);
        uint32_t first = by_upper ? item->up : item->down;
        uint32_t ties = by_upper ? item->up_count : item->down_count;
        int64_t sum = 0;
        for (uint32_t j = 0; j < ties; j++)
            sum += sheet->items[sheet->ties[first + j].item].order;
        if (ties > 0)
            o->keyed[count++] = (asl_keyed){sum * KEY_SCALE / ties, sheet->order[layer->first + i]};
    }
    asl_graph_sort(o->keyed, count, o->scratch);
    for (uint32_t i = 0, next = 0; i < layer->count; i++) {
        const asl_item *item = item_at(sheet, layer, i);
        if ((by_upper ? item->up_count : item->down_count) > 0)
            sheet->order[layer->first + i] = o->keyed[next++].value;
    }
    number_layer(sheet, index);
}

/* Crossings of the ties of two neighbours, `left` before `right`, on one side of them. */
static uint64_t crossings_of(const asl_sheet *sheet, const asl_tie *left, uint32_t left_count,
                             const asl_tie *right, uint32_t right_count)
{
    uint64_t crossings = 0;
    uint32_t before = 0;
    for (uint32_t i = 0; i < left_count; i++) {
        uint32_t order = sheet->items[left[i].item].order;
        while (before < right_count && sheet->items[right[before].item].order < order)
            before++;
        crossings += before;
    }
    return crossings;
}

static uint64_t pair_crossings(const asl_sheet *sheet, const asl_item *left, const asl_item *right)
{
    const asl_tie *ties = sheet->ties;
    return crossings_of(sheet, ties + left->up, left->up_count, ties + right->up, right->up_count) +
           crossings_of(sheet, ties + left->down, left->down_count, ties + right->down,
                        right->down_count);
}

static void swap_neighbours(const asl_sheet *sheet, uint32_t index)
{
    const asl_layer *layer = &sheet->layers[index];
    bool is_changed = false;
    for (uint32_t i = 0; i + 1 < layer->count; i++) {
        uint32_t *left = &sheet->order[layer->first + i], *right = left + 1;
        const asl_item *a = &sheet->items[*left], *b = &sheet->items[*right];
        if (pair_crossings(sheet, b, a) >= pair_crossings(sheet, a, b))
            continue;
        uint32_t swapped = *left;
        *left = *right;
        *right = swapped;
        is_changed = true;
    }
    if (is_changed)
        number_layer(sheet, index);
}

static void sweep(const ordering *o, bool is_down)
{
    uint32_t count = o->sheet->layer_count;
    for (uint32_t i = 1; i < count; i++)
        sort_layer(o, is_down ? i : count - 1 - i, is_down);
    for (uint32_t i = 0; i < count; i++)
        swap_neighbours(o->sheet, i);
}

int asl_sheet_order(asl_sheet *sheet)
{
    uint32_t count = sheet->item_count;
    ordering o = {.sheet = sheet,
                  .keyed = asl_sheet_allocate(sheet, count, sizeof *o.keyed),
                  .scratch = asl_sheet_allocate(sheet, count, sizeof *o.scratch),
                  .best = asl_sheet_allocate(sheet, count, sizeof *o.best),
                  .tree = asl_sheet_allocate(sheet, count + 1, sizeof *o.tree),
                  .best_crossings = UINT64_MAX};
    if (o.keyed == NULL || o.scratch == NULL || o.best == NULL || o.tree == NULL)
        return ASL_NOMEM;
    int status = begin_order(sheet);
    if (status != ASL_OK)
        return status;
    keep_best(&o);
    for (uint32_t i = 0, idle = 0; i < ROUNDS_MAX && idle < ROUNDS_IDLE && o.best_crossings > 0;
         i++) {
        sweep(&o, i % 2 == 0);
        idle = keep_best(&o) ? 0 : idle + 1;
    }
    memcpy(sheet->order, o.best, count * sizeof *o.best);
    for (uint32_t i = 0; i < sheet->layer_count; i++)
        number_layer(sheet, i);
    return ASL_OK;
}
