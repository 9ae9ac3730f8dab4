/* <asl/graph.h> - the picture of a definition: laid out as boxes and lines, and drawn.
 *
 * States are boxes from top to bottom, Parallel and Map are boxes around their branches,
 * transitions are lines. States can be marked, by hand or by the events of an execution, so that a
 * picture shows where it has been and where it is.
 *
 *     asl_graph *graph = NULL;
 *     char *text = NULL;
 *     if (asl_graph_new(definition, NULL, &graph, &error) == ASL_OK) {
 *         for (size_t i = 0; i < asl_history_count(history); i++)
 *             asl_graph_mark_event(graph, asl_history_at(history, i));
 *         if (asl_graph_render(graph, ASL_GRAPH_MERMAID, &text, NULL) == ASL_OK)
 *             puts(text);
 *     }
 *     asl_text_free(text);
 *     asl_graph_free(graph);
 *
 * The same definition gives the same picture, byte for byte, on every machine.
 *
 * Threads: a graph belongs to whoever made it; one that nobody marks may be read by several.
 */
#ifndef ASL_GRAPH_H
#define ASL_GRAPH_H

#include <asl/history.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct asl_graph asl_graph;

/* Options: `size` first, zero means default. */
typedef struct asl_graph_options {
    size_t size; /* sizeof(asl_graph_options) */
    const asl_heap *heap;
    const char *title; /* what the picture is called, UTF-8, copied; NULL: "State machine" */
} asl_graph_options;

/* Lays a definition out; a new graph, which keeps the definition. `options` may be NULL. Takes
 * about n log n time for n states and transitions. ASL_OK, ASL_MISUSE (the options), ASL_NOMEM. */
ASL_API int asl_graph_new(const asl_definition *definition, const asl_graph_options *options,
                          asl_graph **ret_graph, asl_error **error);
ASL_API void asl_graph_free(asl_graph *graph);

/* What a state can be marked as. */
#define ASL_GRAPH_VISITED 1u /* an execution has entered it; of an edge: has taken it */
#define ASL_GRAPH_CURRENT 2u /* and is in it */
#define ASL_GRAPH_FAILED 4u  /* it failed, and nothing of it caught that */
#define ASL_GRAPH_CAUGHT 8u  /* it failed, and its Catch went on */

/* Gives a state these marks in place of those it has. ASL_OK, ASL_NOT_FOUND (no such state),
 * ASL_MISUSE (other bits). */
ASL_API int asl_graph_mark(asl_graph *graph, const char *state, unsigned marks);
/* Marks states and edges by what an event says. Events are given in the order of their ids, those
 * of one execution from its first one; more may follow at any time. False where it names a state
 * that the definition does not have: it was another definition's. */
ASL_API bool asl_graph_mark_event(asl_graph *graph, const asl_history_event *event);
/* Takes all marks away: what follows is another execution. */
ASL_API void asl_graph_mark_nothing(asl_graph *graph);

typedef enum asl_graph_format {
    ASL_GRAPH_SVG,    /* a document that needs nothing else, for light and dark pages */
    ASL_GRAPH_DOT,    /* for Graphviz */
    ASL_GRAPH_MERMAID /* a flowchart */
} asl_graph_format;

/* Draws it. In SVG each state is a group <g class="state task visited" data-state="NAME"> in
 * <svg class="asl-graph">: a page marks states by the classes "visited", "current", "failed" and
 * "caught". The new text ends with a NUL that is not counted; free it with asl_text_free.
 * `ret_size` may be NULL. ASL_OK, ASL_MISUSE (no such format), ASL_NOMEM. */
ASL_API int asl_graph_render(const asl_graph *graph, asl_graph_format format, char **ret_text,
                             size_t *ret_size);

/* The layout, in pixels from the upper left corner: all of it lies within width and height. */
ASL_API int asl_graph_width(const asl_graph *graph);
ASL_API int asl_graph_height(const asl_graph *graph);

typedef enum asl_graph_node_kind {
    ASL_GRAPH_STATE,
    ASL_GRAPH_START, /* where a machine or branch begins */
    ASL_GRAPH_END,   /* and ends, unless it fails */
    ASL_GRAPH_BRANCH /* what a branch or a processor takes up in the box of its state */
} asl_graph_node_kind;

/* A box. Texts are borrowed from the graph. */
typedef struct asl_graph_node {
    size_t size; /* sizeof(asl_graph_node) as the library knows it */
    const char *name;
    const char *type;  /* "Task"; name and type are NULL where it is no state */
    const char *label; /* the name as the box shows it, wrapped and shortened; NULL: nothing */
    size_t parent;     /* the node around it; SIZE_MAX: none */
    asl_graph_node_kind kind;
    unsigned marks;
    int x, y, width, height;
} asl_graph_node;

/* The nodes: first the states, with the indexes of asl_definition_state_name, then the others.
 * NULL past the end. Borrowed from the graph. */
ASL_API size_t asl_graph_node_count(const asl_graph *graph);
ASL_API const asl_graph_node *asl_graph_node_at(const asl_graph *graph, size_t index);

typedef enum asl_graph_edge_kind {
    ASL_GRAPH_NEXT, /* Next, and the way from the start and to the end */
    ASL_GRAPH_CHOICE,
    ASL_GRAPH_DEFAULT,
    ASL_GRAPH_CATCH
} asl_graph_edge_kind;

typedef struct asl_graph_point {
    int x, y;
} asl_graph_point;

/* A line from one node to another of the same machine, branch or processor. It leaves at the lower
 * side of a box and arrives at the upper side. Edges to the same node may join on their way. Two
 * points that differ in x and y are joined by a curve that stays between them. */
typedef struct asl_graph_edge {
    size_t size; /* sizeof(asl_graph_edge) as the library knows it */
    size_t from, to;
    const char *text; /* the rule, "Default" or the errors; cut where it is very long; NULL: none */
    const asl_graph_point *points; /* from the first node to the second */
    size_t point_count;
    asl_graph_edge_kind kind;
    unsigned marks;
    int label_x, label_y, label_width, label_height; /* where the text is shown; 0, 0, 0, 0: none */
} asl_graph_edge;

/* The edges, by machine, branch and processor, and there by the state they leave. NULL past the
 * end. Borrowed from the graph. */
ASL_API size_t asl_graph_edge_count(const asl_graph *graph);
ASL_API const asl_graph_edge *asl_graph_edge_at(const asl_graph *graph, size_t index);

#ifdef __cplusplus
}
#endif
#endif
