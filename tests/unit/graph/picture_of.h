/* Pictures in tests. Texts are written with ' for ", to be readable in C. */
#ifndef ASL_TESTS_GRAPH_PICTURE_OF_H
#define ASL_TESTS_GRAPH_PICTURE_OF_H

#include "graph/picture.h"
#include "layout_check.h"
#include "load.h"

static inline asl_graph *picture_of_definition(const asl_definition *definition)
{
    asl_graph *graph = NULL;
    ck_assert_int_eq(asl_graph_new(definition, NULL, &graph, NULL), ASL_OK);
    return graph;
}

static inline asl_graph *picture_of(const char *quoted)
{
    loaded result = load(quoted);
    ck_assert_int_eq(result.status, ASL_OK);
    asl_graph *graph = picture_of_definition(result.definition);
    unload(&result);
    return graph;
}

/* The same of a text that is too long for `load`. */
static inline asl_graph *picture_of_text(const char *text, size_t size)
{
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(text, size, NULL, &definition, NULL, NULL), ASL_OK);
    asl_graph *graph = picture_of_definition(definition);
    asl_definition_unref(definition);
    return graph;
}

static inline const asl_graph_node *node_of(const asl_graph *graph, const char *name)
{
    for (size_t i = 0; i < asl_graph_node_count(graph); i++) {
        const asl_graph_node *node = asl_graph_node_at(graph, i);
        if (node->name != NULL && strcmp(node->name, name) == 0)
            return node;
    }
    ck_abort_msg("no state %s", name);
    return NULL;
}

/* The index-th edge from one state to another. */
static inline const asl_graph_edge *edge_of(const asl_graph *graph, const char *from,
                                            const char *to, unsigned index)
{
    for (size_t i = 0; i < asl_graph_edge_count(graph); i++) {
        const asl_graph_edge *edge = asl_graph_edge_at(graph, i);
        const char *source = asl_graph_node_at(graph, edge->from)->name;
        const char *target = asl_graph_node_at(graph, edge->to)->name;
        if (source != NULL && target != NULL && strcmp(source, from) == 0 &&
            strcmp(target, to) == 0 && index-- == 0)
            return edge;
    }
    ck_abort_msg("no edge from %s to %s", from, to);
    return NULL;
}

#define CHECK_LAYOUT(graph) \
    do { \
        const char *problem = layout_check(graph); \
        ck_assert_msg(problem == NULL, "%s", problem); \
    } while (0)

#endif
