/* The public face: a graph is made, asked and drawn. */
#include <string.h>

#include "base/error.h"
#include "base/heap.h"
#include "base/options.h"
#include "base/utf8.h"
#include "graph/picture.h"
#include "value/value.h"

static int make(asl_graph *graph, const char *title)
{
    graph->title = asl_arena_copy(&graph->arena, title, strlen(title));
    graph->active =
        asl_arena_allocate(&graph->arena, graph->program->state_count * sizeof *graph->active);
    if (graph->title == NULL || graph->active == NULL)
        return ASL_NOMEM;
    int status = asl_graph_build(graph);
    return status == ASL_OK ? asl_graph_place(graph) : status;
}

int asl_graph_new(const asl_definition *definition, const asl_graph_options *given,
                  asl_graph **ret_graph, asl_error **error)
{
    asl_graph_options options;
    if (!asl_options_read(&options, sizeof options, given))
        return asl_error_set(error, ASL_MISUSE, "the graph's options are not of this version");
    const char *title = options.title != NULL ? options.title : "State machine";
    if (asl_utf8_valid(title, strlen(title)) != strlen(title))
        return asl_error_set(error, ASL_MISUSE, "the graph's title is not UTF-8");
    asl_graph *graph = asl_allocate_zeroed(options.heap, sizeof *graph);
    if (graph == NULL)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    graph->heap = options.heap;
    graph->definition = asl_definition_ref(definition);
    graph->program = asl_definition_program(definition);
    asl_arena_init(&graph->arena, options.heap);
    int status = make(graph, title);
    if (status == ASL_OK) {
        *ret_graph = graph;
        return ASL_OK;
    }
    asl_graph_free(graph);
    return asl_error_set(error, status, "the graph cannot be laid out: %s",
                         asl_status_name(status));
}

void asl_graph_free(asl_graph *graph)
{
    if (graph == NULL)
        return;
    asl_arena_done(&graph->arena);
    asl_definition_unref(graph->definition);
    asl_release(graph->heap, graph, sizeof *graph);
}

void asl_graph_append_box(asl_buffer *out, const asl_graph_box *box, const char *separator,
                          void (*append)(asl_buffer *out, const char *text))
{
    const asl_graph_lines *lines[] = {&box->name, &box->detail, &box->retry};
    bool is_first = true;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (lines[i]->count == 0)
            continue;
        asl_buffer_text(out, is_first ? "" : separator);
        append(out, lines[i]->text);
        is_first = false;
    }
}

int asl_graph_render(const asl_graph *graph, asl_graph_format format, char **ret_text,
                     size_t *ret_size)
{
    static void (*const draw[])(const asl_graph *, asl_buffer *) = {
        [ASL_GRAPH_SVG] = asl_graph_draw_svg,
        [ASL_GRAPH_DOT] = asl_graph_draw_dot,
        [ASL_GRAPH_MERMAID] = asl_graph_draw_mermaid,
    };
    if ((unsigned)format >= sizeof draw / sizeof *draw)
        return ASL_MISUSE;
    asl_buffer out;
    asl_buffer_init(&out, graph->heap);
    draw[format](graph, &out);
    char *text = out.status == ASL_OK ? asl_text_new(graph->heap, out.bytes, out.size) : NULL;
    if (text != NULL && ret_size != NULL)
        *ret_size = out.size;
    asl_buffer_done(&out);
    if (text == NULL)
        return ASL_NOMEM;
    *ret_text = text;
    return ASL_OK;
}

int asl_graph_width(const asl_graph *graph)
{
    return graph->width;
}

int asl_graph_height(const asl_graph *graph)
{
    return graph->height;
}

size_t asl_graph_node_count(const asl_graph *graph)
{
    return graph->node_count;
}

const asl_graph_node *asl_graph_node_at(const asl_graph *graph, size_t index)
{
    return index < graph->node_count ? &graph->nodes[index] : NULL;
}

size_t asl_graph_edge_count(const asl_graph *graph)
{
    return graph->edge_count;
}

const asl_graph_edge *asl_graph_edge_at(const asl_graph *graph, size_t index)
{
    return index < graph->edge_count ? &graph->edges[index] : NULL;
}
