/* Ranks: a walk in depth finds the edges that lead back to a state on the way to it, which are then
 * left alone; every other edge leads down, to a state that is one deeper than the deepest before
 * it. The walk's own order, backwards, has each state before those that it leads to. */
#include "graph/sheet.h"

typedef struct walk {
    asl_sheet *sheet;
    uint32_t *stack, *next_way; /* where each node's edges are looked at */
    uint32_t *finished;         /* nodes in the order in which they were left */
    uint32_t depth, finished_count;
    unsigned char *colours; /* 0: not seen, 1: on the way, 2: left */
} walk;

static void enter(walk *w, uint32_t node)
{
    w->colours[node] = 1;
    w->next_way[node] = w->sheet->first_way[node];
    w->stack[w->depth++] = node;
}

static void walk_from(walk *w, uint32_t first)
{
    asl_sheet *sheet = w->sheet;
    enter(w, first);
    while (w->depth > 0) {
        uint32_t node = w->stack[w->depth - 1];
        if (w->next_way[node] == sheet->first_way[node + 1]) {
            w->colours[node] = 2;
            w->finished[w->finished_count++] = node;
            w->depth--;
            continue;
        }
        asl_way *way = &sheet->ways[w->next_way[node]++];
        way->is_back = w->colours[way->to] == 1;
        if (w->colours[way->to] == 0)
            enter(w, way->to);
    }
}

static void rank_finished(const walk *w)
{
    asl_sheet *sheet = w->sheet;
    for (uint32_t i = w->finished_count; i-- > 0;) {
        uint32_t node = w->finished[i], below = sheet->ranks[node] + 1;
        for (uint32_t j = sheet->first_way[node]; j < sheet->first_way[node + 1]; j++) {
            const asl_way *way = &sheet->ways[j];
            if (!way->is_back && sheet->ranks[way->to] < below)
                sheet->ranks[way->to] = below;
        }
        sheet->rank_count = sheet->rank_count > below ? sheet->rank_count : below;
    }
}

int asl_sheet_rank(asl_sheet *sheet)
{
    uint32_t count = sheet->node_count;
    walk w = {.sheet = sheet,
              .stack = asl_sheet_allocate(sheet, count, sizeof *w.stack),
              .next_way = asl_sheet_allocate(sheet, count, sizeof *w.next_way),
              .finished = asl_sheet_allocate(sheet, count, sizeof *w.finished),
              .colours = asl_sheet_allocate(sheet, count, 1)};
    sheet->ranks = asl_sheet_allocate(sheet, count, sizeof *sheet->ranks);
    if (w.stack == NULL || w.next_way == NULL || w.finished == NULL || w.colours == NULL ||
        sheet->ranks == NULL)
        return ASL_NOMEM;
    for (uint32_t i = 1; i < count; i++)
        sheet->ranks[i] = 1; /* the first rank is the start's alone */
    for (uint32_t i = 0; i < count; i++)
        if (w.colours[i] == 0)
            walk_from(&w, i);
    rank_finished(&w);
    return ASL_OK;
}
