/* The picture as the room holds it: nodes and edges with their texts, filled by build.c, laid out
 * sheet by sheet (sheet.h), marked (marks.c) and drawn (svg.c, dot.c, mermaid.c). */
#ifndef ASL_GRAPH_PICTURE_H
#define ASL_GRAPH_PICTURE_H

#include <asl/graph.h>

#include "definition/program.h"
#include "graph/text.h"
#include "graph/words.h"

/* Measures of what is drawn, pixels. */
enum asl_graph_measure {
    ASL_GRAPH_NAME_FONT = 14,
    ASL_GRAPH_NAME_LINE = 18,
    ASL_GRAPH_SMALL_FONT = 11,
    ASL_GRAPH_SMALL_LINE = 15,
    ASL_GRAPH_TEXT_WIDTH = 190,  /* of a line in a box */
    ASL_GRAPH_LABEL_WIDTH = 150, /* and in a label */
    ASL_GRAPH_LABEL_PAD = 5,
    ASL_GRAPH_BOX_PAD_X = 16,
    ASL_GRAPH_BOX_PAD_Y = 9,
    ASL_GRAPH_BOX_WIDTH_MIN = 112,
    ASL_GRAPH_INNER_PAD = 12,  /* between a container and its branches, and between these */
    ASL_GRAPH_SHEET_PAD = 14,  /* around what a sheet holds */
    ASL_GRAPH_MACHINE_PAD = 24 /* the same for the machine's */
};

/* What a box shows besides its edges. */
typedef struct asl_graph_box {
    asl_graph_lines name, detail, retry;
    const char *retry_text; /* the whole of it; NULL: none */
    int text_height;        /* of all lines and their padding: a container begins below it */
} asl_graph_box;

/* One machine, branch or processor: its nodes are the states of the scope, its start and its end.
 */
typedef struct asl_graph_part {
    uint32_t first_state, state_count; /* in asl_graph.state_order */
    uint32_t first_edge, edge_count;
    uint32_t branch, start, end; /* nodes; ASL_NONE: none */
    int width, height;
    int x, y; /* of its upper left corner */
} asl_graph_part;

/* How many exits are kept: the state that follows is entered soon after. */
#define ASL_GRAPH_EXITS 256u

/* A state that was left, by the event that says so. */
typedef struct asl_graph_exit {
    uint64_t event;
    uint32_t state;
    bool is_caught;
} asl_graph_exit;

struct asl_graph {
    const asl_heap *heap;
    asl_definition *definition;
    const asl_program *program;
    asl_arena arena;
    const char *title;
    asl_graph_node *nodes;
    asl_graph_box *boxes; /* of the states */
    asl_graph_edge *edges;
    asl_graph_lines *labels; /* of the edges */
    asl_graph_part *parts;   /* of the scopes */
    uint32_t *state_order;   /* states by scope, in document order */
    uint32_t node_count, edge_count;
    int width, height;
    uint32_t *active;                      /* how often each state is being executed: iterations */
    asl_graph_exit exits[ASL_GRAPH_EXITS]; /* the last ones, in a ring */
    size_t exit_count;
};

/* Nodes and edges of all scopes, with their texts and the sizes of boxes that hold no other. */
int asl_graph_build(asl_graph *graph);
/* Breaks a state's texts into lines of this width, and makes its box as large as these. */
int asl_graph_fill_box(asl_graph *graph, uint32_t index, int width);
/* Positions of everything. */
int asl_graph_place(asl_graph *graph);

/* Whether a state is a Parallel or a Map. */
static inline bool asl_graph_is_container(const asl_graph *graph, uint32_t node)
{
    if (node >= graph->program->state_count)
        return false;
    asl_state_type type = graph->program->states[node].type;
    return type == ASL_STATE_PARALLEL || type == ASL_STATE_MAP;
}

/* The scopes in a container: how many, the first one. */
static inline uint32_t asl_graph_branches(const asl_graph *graph, uint32_t node,
                                          uint32_t *ret_first)
{
    const asl_state *state = &graph->program->states[node];
    bool is_map = state->type == ASL_STATE_MAP;
    *ret_first = is_map ? state->as.map.scope : state->as.parallel.first_scope;
    return is_map ? 1 : state->as.parallel.branch_count;
}

void asl_graph_draw_svg(const asl_graph *graph, asl_buffer *out);
void asl_graph_draw_dot(const asl_graph *graph, asl_buffer *out);
void asl_graph_draw_mermaid(const asl_graph *graph, asl_buffer *out);

/* graph.c: what a box shows, for formats that have no lines of their own. */
void asl_graph_append_box(asl_buffer *out, const asl_graph_box *box, const char *separator,
                          void (*append)(asl_buffer *out, const char *text));

#endif
