/* From the program to nodes and edges: what there is to draw, with its words, before anything has a
 * place. */
#include <string.h>

#include "base/heap.h"
#include "graph/picture.h"
#include "value/value.h"

static uint32_t edges_of(const asl_state *state)
{
    uint32_t count = state->catcher_count;
    if (state->type == ASL_STATE_CHOICE)
        count += state->as.choice.rule_count + (state->as.choice.default_state != ASL_NONE);
    else
        count += state->type != ASL_STATE_FAIL; /* a failure does not lead to the end */
    return count;
}

/* Whether a state leads to the end of its scope. */
static bool is_last(const asl_state *state)
{
    return state->next == ASL_NONE && state->type != ASL_STATE_CHOICE &&
           state->type != ASL_STATE_FAIL;
}

static void *allocate(asl_graph *graph, size_t count, size_t size)
{
    return asl_arena_allocate(&graph->arena, count * size);
}

/* States by scope, each scope's in document order. */
static int sort_states(asl_graph *graph)
{
    const asl_program *program = graph->program;
    graph->parts = allocate(graph, program->scope_count, sizeof *graph->parts);
    graph->state_order = allocate(graph, program->state_count, sizeof *graph->state_order);
    if (graph->parts == NULL || graph->state_order == NULL)
        return ASL_NOMEM;
    for (uint32_t i = 0; i < program->state_count; i++)
        graph->parts[program->states[i].scope].state_count++;
    uint32_t first = 0;
    for (uint32_t i = 0; i < program->scope_count; i++) {
        graph->parts[i].first_state = first;
        first += graph->parts[i].state_count;
        graph->parts[i].state_count = 0;
    }
    for (uint32_t i = 0; i < program->state_count; i++) {
        asl_graph_part *part = &graph->parts[program->states[i].scope];
        graph->state_order[part->first_state + part->state_count++] = i;
    }
    return ASL_OK;
}

/* Numbers the nodes that are no states, and counts the edges. */
static int number_nodes(asl_graph *graph)
{
    const asl_program *program = graph->program;
    uint32_t node = program->state_count, edge = 0;
    for (uint32_t i = 0; i < program->scope_count; i++) {
        asl_graph_part *part = &graph->parts[i];
        bool has_end = false;
        part->first_edge = edge;
        part->edge_count = 1;
        for (uint32_t j = 0; j < part->state_count; j++) {
            const asl_state *state = &program->states[graph->state_order[part->first_state + j]];
            part->edge_count += edges_of(state);
            has_end |= is_last(state);
        }
        edge += part->edge_count;
        part->branch = program->scopes[i].owner != ASL_NONE ? node++ : ASL_NONE;
        part->start = node++;
        part->end = has_end ? node++ : ASL_NONE;
    }
    graph->node_count = node;
    graph->edge_count = edge;
    graph->nodes = allocate(graph, node, sizeof *graph->nodes);
    graph->edges = allocate(graph, edge, sizeof *graph->edges);
    graph->labels = allocate(graph, edge, sizeof *graph->labels);
    graph->boxes = allocate(graph, program->state_count, sizeof *graph->boxes);
    bool is_whole = graph->nodes != NULL && graph->edges != NULL && graph->labels != NULL &&
                    graph->boxes != NULL;
    return is_whole ? ASL_OK : ASL_NOMEM;
}

/* Keeps the words that a buffer has gathered; a NUL in a rule would end them early. */
static int keep_words(asl_graph *graph, asl_buffer *words, const char **ret_text)
{
    if (words->status != ASL_OK || words->size == 0)
        return words->status;
    for (size_t i = 0; i < words->size; i++)
        if (words->bytes[i] == '\0')
            words->bytes[i] = ' ';
    *ret_text = asl_arena_copy(&graph->arena, words->bytes, words->size);
    return *ret_text != NULL ? ASL_OK : ASL_NOMEM;
}

/* The same, broken into lines; `ret_text` may be NULL. */
static int take_words(asl_graph *graph, asl_buffer *words, const asl_graph_fit *fit,
                      const char **ret_text, asl_graph_lines *ret_lines)
{
    if (words->status != ASL_OK || words->size == 0)
        return words->status;
    int status = asl_graph_text_wrap(&graph->arena, words->bytes, words->size, fit, ret_lines);
    return status == ASL_OK && ret_text != NULL ? keep_words(graph, words, ret_text) : status;
}

static int greatest(int left, int right)
{
    return left > right ? left : right;
}

static void measure_box(asl_graph_node *node, asl_graph_box *box)
{
    int width = greatest(box->name.width, greatest(box->detail.width, box->retry.width));
    int height = box->name.count * ASL_GRAPH_NAME_LINE +
                 (box->detail.count + box->retry.count) * ASL_GRAPH_SMALL_LINE;
    box->text_height = height + 2 * ASL_GRAPH_BOX_PAD_Y;
    node->width = greatest(width + 2 * ASL_GRAPH_BOX_PAD_X, ASL_GRAPH_BOX_WIDTH_MIN);
    node->width += node->width % 2; /* whole pixels on both sides of its middle */
    node->height = box->text_height;
}

int asl_graph_fill_box(asl_graph *graph, uint32_t index, int width)
{
    const asl_graph_fit name_fit = {ASL_GRAPH_NAME_FONT, width, 3};
    const asl_graph_fit retry_fit = {ASL_GRAPH_SMALL_FONT, width, 1};
    asl_graph_box *box = &graph->boxes[index];
    size_t size = 0;
    const char *name = asl_value_get_string(graph->program->states[index].name, &size);
    int status = asl_graph_text_wrap(&graph->arena, name, size, &name_fit, &box->name);
    if (status == ASL_OK && box->retry_text != NULL)
        status = asl_graph_text_wrap(&graph->arena, box->retry_text, strlen(box->retry_text),
                                     &retry_fit, &box->retry);
    graph->nodes[index].label = box->name.text;
    measure_box(&graph->nodes[index], box);
    return status;
}

static int describe_state(asl_graph *graph, uint32_t index, const asl_value *source,
                          asl_buffer *words)
{
    static const asl_graph_fit detail_fit = {ASL_GRAPH_SMALL_FONT, ASL_GRAPH_TEXT_WIDTH, 2};
    const asl_state *state = &graph->program->states[index];
    asl_graph_node *node = &graph->nodes[index];
    asl_graph_box *box = &graph->boxes[index];
    uint32_t branch = graph->parts[state->scope].branch;
    *node = (asl_graph_node){.size = sizeof *node,
                             .name = asl_value_get_string(state->name, NULL),
                             .type = asl_state_type_name(state->type),
                             .parent = branch == ASL_NONE ? SIZE_MAX : branch,
                             .kind = ASL_GRAPH_STATE};
    asl_buffer_clear(words);
    asl_graph_words_detail(words, state, source);
    int status = take_words(graph, words, &detail_fit, NULL, &box->detail);
    asl_buffer_clear(words);
    asl_graph_words_retry(words, state);
    if (status == ASL_OK)
        status = keep_words(graph, words, &box->retry_text);
    return status == ASL_OK ? asl_graph_fill_box(graph, index, ASL_GRAPH_TEXT_WIDTH) : status;
}

static void make_round(asl_graph *graph, uint32_t index, asl_graph_node_kind kind, uint32_t branch)
{
    bool is_machine = branch == ASL_NONE;
    graph->nodes[index] = (asl_graph_node){.size = sizeof(asl_graph_node),
                                           .parent = is_machine ? SIZE_MAX : branch,
                                           .kind = kind,
                                           .width = is_machine ? 58 : 12,
                                           .height = is_machine ? 28 : 12};
    if (is_machine)
        graph->nodes[index].label = kind == ASL_GRAPH_START ? "Start" : "End";
}

static void make_others(asl_graph *graph)
{
    for (uint32_t i = 0; i < graph->program->scope_count; i++) {
        const asl_graph_part *part = &graph->parts[i];
        if (part->branch != ASL_NONE)
            graph->nodes[part->branch] = (asl_graph_node){.size = sizeof(asl_graph_node),
                                                          .parent = graph->program->scopes[i].owner,
                                                          .kind = ASL_GRAPH_BRANCH};
        make_round(graph, part->start, ASL_GRAPH_START, part->branch);
        if (part->end != ASL_NONE)
            make_round(graph, part->end, ASL_GRAPH_END, part->branch);
    }
}

/* The next edge, with the words that stand in the buffer. */
static int add_edge(asl_graph *graph, uint32_t *next, asl_graph_edge_kind kind, uint32_t from,
                    uint32_t to, asl_buffer *words)
{
    static const asl_graph_fit fit = {ASL_GRAPH_SMALL_FONT, ASL_GRAPH_LABEL_WIDTH, 3};
    asl_graph_edge *edge = &graph->edges[*next];
    asl_graph_lines *label = &graph->labels[*next];
    *edge = (asl_graph_edge){.size = sizeof *edge, .from = from, .to = to, .kind = kind};
    int status = take_words(graph, words, &fit, &edge->text, label);
    if (label->count > 0) {
        edge->label_width = label->width + 2 * ASL_GRAPH_LABEL_PAD;
        edge->label_width += edge->label_width % 2;
        edge->label_height = label->count * ASL_GRAPH_SMALL_LINE + 4;
    }
    asl_buffer_clear(words);
    ++*next;
    return status;
}

static int add_choice(asl_graph *graph, uint32_t *next, const asl_state *state,
                      const asl_value *source, asl_buffer *words)
{
    const asl_value *rules = asl_value_get(source, "Choices");
    int status = ASL_OK;
    for (uint32_t i = 0; status == ASL_OK && i < state->as.choice.rule_count; i++) {
        asl_graph_words_rule(words, asl_value_at(rules, i));
        status = add_edge(graph, next, ASL_GRAPH_CHOICE, state->index,
                          state->as.choice.rules[i].next, words);
    }
    if (status != ASL_OK || state->as.choice.default_state == ASL_NONE)
        return status;
    asl_buffer_text(words, "Default");
    return add_edge(graph, next, ASL_GRAPH_DEFAULT, state->index, state->as.choice.default_state,
                    words);
}

static int add_edges(asl_graph *graph, uint32_t *next, uint32_t index, const asl_value *source,
                     asl_buffer *words)
{
    const asl_state *state = &graph->program->states[index];
    const asl_graph_part *part = &graph->parts[state->scope];
    int status = ASL_OK;
    asl_buffer_clear(words);
    if (state->type == ASL_STATE_CHOICE)
        status = add_choice(graph, next, state, source, words);
    else if (state->next != ASL_NONE)
        status = add_edge(graph, next, ASL_GRAPH_NEXT, index, state->next, words);
    else if (is_last(state))
        status = add_edge(graph, next, ASL_GRAPH_NEXT, index, part->end, words);
    for (uint32_t i = 0; status == ASL_OK && i < state->catcher_count; i++) {
        asl_graph_words_errors(words, &state->catchers[i].errors);
        status = add_edge(graph, next, ASL_GRAPH_CATCH, index, state->catchers[i].next, words);
    }
    return status;
}

static int describe(asl_graph *graph, const asl_graph_source *source, asl_buffer *words)
{
    int status = ASL_OK;
    for (uint32_t i = 0; status == ASL_OK && i < graph->program->state_count; i++)
        status = describe_state(graph, i, source->of_state[i], words);
    uint32_t next = 0;
    for (uint32_t i = 0; status == ASL_OK && i < graph->program->scope_count; i++) {
        const asl_graph_part *part = &graph->parts[i];
        asl_buffer_clear(words);
        status = add_edge(graph, &next, ASL_GRAPH_NEXT, part->start,
                          graph->program->scopes[i].start, words);
        for (uint32_t j = 0; status == ASL_OK && j < part->state_count; j++) {
            uint32_t state = graph->state_order[part->first_state + j];
            status = add_edges(graph, &next, state, source->of_state[state], words);
        }
    }
    return status;
}

int asl_graph_build(asl_graph *graph)
{
    int status = sort_states(graph);
    if (status == ASL_OK)
        status = number_nodes(graph);
    if (status != ASL_OK)
        return status;
    make_others(graph);
    asl_graph_source source;
    asl_buffer words;
    status = asl_graph_source_read(&source, graph->heap, graph->definition);
    if (status != ASL_OK)
        return status;
    asl_buffer_init(&words, graph->heap);
    status = describe(graph, &source, &words);
    asl_buffer_done(&words);
    asl_graph_source_done(&source);
    return status;
}
