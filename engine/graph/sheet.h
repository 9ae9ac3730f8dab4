/* A sheet: one scope while it is laid out, the way Sugiyama, Tagawa and Toda do it.
 *
 *     ranks    which edges go back, and how far down each node stands
 *     layers   one or two layers a rank: its nodes, and below them the labels of what leaves them.
 *              An edge to a node further down goes through a bend in each layer between; edges of
 *              one kind to the same node share their bends. What goes back, or very far, takes a
 *              lane beside the boxes instead, so that there are at most SPAN_MAX bends a node.
 *     order    of the items in each layer, so that few ties cross
 *     columns  positions from left to right
 *     lanes    the same for lanes, and which horizontal track an edge takes to its lane
 *     ports    where edges leave and enter boxes
 *     routes   positions from top to bottom, and the points of edges
 *
 * All numbers are integers, so that the outcome is the same everywhere. A sheet and all it holds
 * live in one arena and die when the scope is laid out. */
#ifndef ASL_GRAPH_SHEET_H
#define ASL_GRAPH_SHEET_H

#include "graph/picture.h"

/* A neighbour in the layer above or below, and how much a straight tie to it is wanted. */
typedef struct asl_tie {
    uint32_t item, weight;
} asl_tie;

typedef enum asl_item_kind { ASL_ITEM_NODE, ASL_ITEM_LABEL, ASL_ITEM_BEND } asl_item_kind;

/* What has a place in a layer. */
typedef struct asl_item {
    asl_item_kind kind;
    uint32_t layer, order;
    uint32_t up, up_count, down, down_count; /* in asl_sheet.ties */
    int width, height;
    int x; /* its middle */
} asl_item;

/* The bends that edges of one kind to one node share: an item in each of these layers. */
typedef struct asl_chain {
    uint32_t first_layer, layer_count; /* 0: no chain */
    uint32_t first_item;
    int to_x; /* where it arrives */
} asl_chain;

/* The line beside the boxes that edges of one kind to one node share. */
typedef struct asl_lane {
    uint32_t target;      /* local node */
    uint32_t first, last; /* cells: layers and the gaps between, see lanes.c */
    uint32_t edge_count;  /* 0: no lane */
    int x, source_x;
    int to_x;    /* where it arrives */
    int arrival; /* which track above the target, from below */
    bool is_left;
} asl_lane;

/* How an edge goes: from its node, through its label, then along a chain or a lane. */
typedef struct asl_way {
    uint32_t from, to;    /* local nodes, which are the first items */
    uint32_t label;       /* item; ASL_NONE: none */
    uint32_t chain, lane; /* ASL_NONE: none; neither: straight on */
    int departure;        /* which track below its last item, for a lane */
    int from_x;           /* where it leaves */
    int to_x;             /* where it arrives, if it takes neither chain nor lane */
    bool is_back;
} asl_way;

typedef struct asl_layer {
    uint32_t first, count; /* in asl_sheet.order */
    int y, height;
    int gap;                  /* below it */
    int departures, arrivals; /* tracks in that gap: at its upper side, at its lower one */
    int reach;                /* the longest way to one side that a curve has in it */
} asl_layer;

typedef struct asl_sheet {
    asl_graph *graph;
    asl_graph_part *part;
    asl_arena *arena;
    uint32_t *nodes; /* of the graph: start, states, end */
    uint32_t node_count;
    const uint32_t *local; /* a node of the graph -> its place in `nodes` */
    asl_way *ways;         /* of the part's edges */
    uint32_t *first_way;   /* by local node: edges stand in the order of their sources */
    uint32_t *ranks;
    uint32_t rank_count;
    uint32_t *layer_of_rank;
    asl_layer *layers;
    uint32_t layer_count;
    asl_item *items;
    uint32_t item_count;
    uint32_t *order; /* items by layer */
    asl_tie *ties;
    uint32_t tie_count;
    asl_chain *chains; /* two a node: of catchers and of others */
    asl_lane *lanes;   /* four a node: the same, for edges down and up */
} asl_sheet;

#define ASL_GRAPH_SPAN_MAX 16u /* layers that an edge crosses by bends */

int asl_sheet_rank(asl_sheet *sheet);
int asl_sheet_layer(asl_sheet *sheet);
int asl_sheet_order(asl_sheet *sheet);
int asl_sheet_set_columns(asl_sheet *sheet);
int asl_sheet_set_lanes(asl_sheet *sheet);
int asl_sheet_set_ports(asl_sheet *sheet);
int asl_sheet_set_routes(asl_sheet *sheet);

/* The graph's edge and kind of a way. */
static inline asl_graph_edge *asl_sheet_edge(const asl_sheet *sheet, uint32_t way)
{
    return &sheet->graph->edges[sheet->part->first_edge + way];
}
/* The last item before the layer in which a way's chain, lane or end is. */
static inline uint32_t asl_way_last(const asl_way *way)
{
    return way->label != ASL_NONE ? way->label : way->from;
}
/* The item behind the last one: a bend or the target. */
uint32_t asl_sheet_after(const asl_sheet *sheet, const asl_way *way);

static inline void *asl_sheet_allocate(asl_sheet *sheet, size_t count, size_t size)
{
    return asl_arena_allocate(sheet->arena, (count > 0 ? count : 1) * size);
}

/* Places things in a row: each as near to where it is wanted as the others allow, by weight. */
typedef struct asl_wish {
    int64_t x;      /* wanted; what it got */
    int64_t weight; /* at least 1 */
    int64_t room;   /* from the one before it, at least */
} asl_wish;
/* `scratch` has room for three numbers a wish. */
void asl_graph_spread(asl_wish *wishes, size_t count, int64_t *scratch);

#endif
