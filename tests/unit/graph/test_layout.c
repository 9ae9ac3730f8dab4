#include "base/buffer.h"
#include "fault_heap.h"
#include "graph/sheet.h"
#include "picture_of.h"

#define LOOP \
    "{'StartAt':'A','States':{'A':{'Type':'Wait','Seconds':1,'Next':'B'},'B':{'Type':'Task'," \
    "'Resource':'f','Next':'C'},'C':{'Type':'Choice','Choices':[{'Variable':'$.a'," \
    "'NumericEquals':1,'Next':'D'}],'Default':'A'},'D':{'Type':'Succeed'}}}"
#define PARALLEL \
    "{'StartAt':'P','States':{'P':{'Type':'Parallel','Next':'M','Branches':[{'StartAt':'X'," \
    "'States':{'X':{'Type':'Pass','Next':'Y'},'Y':{'Type':'Pass','End':true}}},{'StartAt':'Z'," \
    "'States':{'Z':{'Type':'Fail'}}}],'Catch':[{'ErrorEquals':['States.ALL'],'Next':'M'}]}," \
    "'M':{'Type':'Map','End':true,'ItemProcessor':{'StartAt':'N','States':{'N':{'Type':" \
    "'Parallel','End':true,'Branches':[{'StartAt':'O','States':{'O':{'Type':'Pass','End':true}}}" \
    "]}}}}}}"
#define SELF \
    "{'StartAt':'A','States':{'A':{'Type':'Task','Resource':'f','Catch':[{'ErrorEquals':['E']," \
    "'Next':'A'},{'ErrorEquals':['F'],'Next':'B'}],'Next':'B'},'B':{'Type':'Choice','Choices':[" \
    "{'Variable':'$.a','NumericEquals':1,'Next':'B'},{'Variable':'$.a','NumericEquals':2,'Next':" \
    "'A'},{'Variable':'$.a','NumericEquals':3,'Next':'C'},{'Variable':'$.a','NumericEquals':4," \
    "'Next':'C'}],'Default':'C'},'C':{'Type':'Succeed'}}}"

static const char *const cases[] = {
    "{'StartAt':'A','States':{'A':{'Type':'Pass','End':true}}}",
    "{'StartAt':'A','States':{'A':{'Type':'Fail'}}}",
    LOOP,
    PARALLEL,
    SELF,
    "{'StartAt':'A','States':{'A':{'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,"
    "'Next':'B'},{'Variable':'$.a','IsNull':false,'Next':'C'}],'Default':'D'},'B':{'Type':'Pass',"
    "'Next':'D'},'C':{'Type':'Pass','Next':'E'},'D':{'Type':'Pass','Next':'E'},'E':{'Type':"
    "'Succeed'}}}",
};

/* States S0, S1, ...: `kind` c: each has a Catch to the last one, which fails; f: each leads to the
 * one half of them further down, too; b: each leads back to the first one of its ten. */
static void append_long(asl_buffer *text, unsigned count, char kind)
{
    asl_buffer_text(text, "{\"StartAt\":\"S0\",\"States\":{");
    for (unsigned i = 0; i + 1 < count; i++) {
        asl_buffer_format(text, "\"S%u\":{\"Type\":", i);
        unsigned other = kind == 'b' ? i / 10 * 10 : i + count / 2 < count ? i + count / 2 : i + 1;
        if (kind == 'c')
            asl_buffer_format(text,
                              "\"Task\",\"Resource\":\"f\",\"Catch\":[{\"ErrorEquals\":[\"E\"],"
                              "\"Next\":\"S%u\"}],\"Next\":\"S%u\"},",
                              count - 1, i + 1);
        else
            asl_buffer_format(text,
                              "\"Choice\",\"Choices\":[{\"Variable\":\"$.a\",\"IsNull\":true,"
                              "\"Next\":\"S%u\"}],\"Default\":\"S%u\"},",
                              other, i + 1);
    }
    asl_buffer_format(text, "\"S%u\":{\"Type\":\"Fail\"}}}", count - 1);
}

static asl_graph *long_picture(unsigned count, char kind)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    append_long(&text, count, kind);
    asl_graph *graph = picture_of_text(text.bytes, text.size);
    asl_buffer_done(&text);
    return graph;
}

static int right_of(const asl_graph_node *node)
{
    return node->x + node->width;
}

static int bottom_of(const asl_graph_node *node)
{
    return node->y + node->height;
}

START_TEST(every_case_keeps_the_rules)
{
    size_t laid_out = 0;
    for (; laid_out < sizeof cases / sizeof *cases; laid_out++) {
        asl_graph *graph = picture_of(cases[laid_out]);
        CHECK_LAYOUT(graph);
        asl_graph_free(graph);
    }
    ck_assert_uint_eq(laid_out, 6);
}
END_TEST

START_TEST(nodes_are_states_then_others)
{
    asl_graph *graph = picture_of(PARALLEL);
    ck_assert_str_eq(asl_graph_node_at(graph, 0)->name, "P");
    ck_assert_str_eq(asl_graph_node_at(graph, 0)->type, "Parallel");
    size_t counts[4] = {0};
    for (size_t i = 0; i < asl_graph_node_count(graph); i++)
        counts[asl_graph_node_at(graph, i)->kind]++;
    ck_assert_uint_eq(counts[ASL_GRAPH_STATE], 7);
    ck_assert_uint_eq(counts[ASL_GRAPH_BRANCH], 4);
    ck_assert_uint_eq(counts[ASL_GRAPH_START], 5);
    ck_assert_uint_eq(counts[ASL_GRAPH_END], 4); /* the branch that fails has none */
    ck_assert_ptr_null(asl_graph_node_at(graph, asl_graph_node_count(graph)));
    ck_assert_ptr_null(asl_graph_edge_at(graph, asl_graph_edge_count(graph)));
    asl_graph_free(graph);
}
END_TEST

START_TEST(the_way_goes_down)
{
    asl_graph *graph = picture_of(LOOP);
    const char *const names[] = {"A", "B", "C", "D"};
    for (size_t i = 1; i < 4; i++)
        ck_assert_int_gt(node_of(graph, names[i])->y, bottom_of(node_of(graph, names[i - 1])));
    /* A way without branches is a straight line. */
    const asl_graph_edge *edge = edge_of(graph, "A", "B", 0);
    ck_assert_uint_eq(edge->point_count, 2);
    ck_assert_int_eq(edge->points[0].x, edge->points[1].x);
    asl_graph_free(graph);
}
END_TEST

START_TEST(a_way_back_goes_beside_the_boxes)
{
    asl_graph *graph = picture_of(LOOP);
    const asl_graph_edge *edge = edge_of(graph, "C", "A", 0);
    int beside = 0;
    for (size_t i = 0; i + 1 < edge->point_count; i++)
        if (edge->points[i].y > edge->points[i + 1].y)
            beside = edge->points[i].x;
    ck_assert_int_ne(beside, 0);
    for (size_t i = 0; i < 4; i++) {
        const asl_graph_node *node = asl_graph_node_at(graph, i);
        ck_assert(beside < node->x || beside > right_of(node));
    }
    ck_assert_str_eq(edge->text, "Default");
    asl_graph_free(graph);
}
END_TEST

START_TEST(branches_stand_side_by_side)
{
    asl_graph *graph = picture_of(PARALLEL);
    const asl_graph_node *x = node_of(graph, "X"), *z = node_of(graph, "Z");
    const asl_graph_node *left = asl_graph_node_at(graph, x->parent);
    const asl_graph_node *right = asl_graph_node_at(graph, z->parent);
    ck_assert_int_eq(left->kind, ASL_GRAPH_BRANCH);
    ck_assert_ptr_eq(asl_graph_node_at(graph, left->parent), node_of(graph, "P"));
    ck_assert_int_lt(right_of(left), right->x);
    ck_assert_int_eq(left->y, right->y);
    ck_assert_int_eq(left->height, right->height);
    const asl_graph_node *inner = node_of(graph, "O");
    ck_assert_ptr_eq(asl_graph_node_at(graph, asl_graph_node_at(graph, inner->parent)->parent),
                     node_of(graph, "N"));
    asl_graph_free(graph);
}
END_TEST

START_TEST(long_ways_keep_the_rules)
{
    for (const char *kind = "cfb"; *kind != '\0'; kind++) {
        asl_graph *graph = long_picture(90, *kind);
        CHECK_LAYOUT(graph);
        asl_graph_free(graph);
    }
}
END_TEST

START_TEST(ways_to_one_state_share_their_line)
{
    asl_graph *graph = long_picture(60, 'c');
    const asl_graph_edge *first = edge_of(graph, "S0", "S59", 0);
    const asl_graph_edge *second = edge_of(graph, "S1", "S59", 0);
    ck_assert_int_eq(first->points[first->point_count - 1].x,
                     second->points[second->point_count - 1].x);
    /* All 59 need one line beside the boxes, or one between them. */
    ck_assert_int_lt(asl_graph_width(graph), 600);
    asl_graph_free(graph);
}
END_TEST

START_TEST(an_edge_as_long_as_bends_go_and_one_longer)
{
    for (unsigned count = ASL_GRAPH_SPAN_MAX - 2; count < ASL_GRAPH_SPAN_MAX + 6; count++) {
        char text[8192] = "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':"
                          "'$.a','IsNull':true,'Next':'P0'}],'Default':'E'},";
        for (unsigned i = 0; i < count; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text),
                     "'P%u':{'Type':'Pass','Next':'%s%.0u'},", i, i + 1 < count ? "P" : "E",
                     i + 1 < count ? i + 1 : 0);
        strcat(text, "'E':{'Type':'Succeed'}}}");
        asl_graph *graph = picture_of(text);
        CHECK_LAYOUT(graph);
        asl_graph_free(graph);
    }
}
END_TEST

/* As deep as a definition may be: what the parser allows is the limit of this room. */
START_TEST(nesting_as_deep_as_it_can_be)
{
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    const unsigned depth = 23;
    for (unsigned i = 0; i < depth; i++)
        asl_buffer_format(&text,
                          "{\"StartAt\":\"P%u\",\"States\":{\"P%u\":{\"Type\":\"Parallel\",\"End\":"
                          "true,\"Branches\":[",
                          i, i);
    asl_buffer_text(&text, "{\"StartAt\":\"X\",\"States\":{\"X\":{\"Type\":\"Succeed\"}}}");
    for (unsigned i = 0; i < depth; i++)
        asl_buffer_text(&text, "]}}}");
    asl_graph *graph = picture_of_text(text.bytes, text.size);
    CHECK_LAYOUT(graph);
    asl_graph_free(graph);
    asl_buffer_done(&text);
}
END_TEST

START_TEST(long_names_are_shortened_and_fit)
{
    char text[4096];
    snprintf(text, sizeof text,
             "{'StartAt':'%080d','States':{'%080d':{'Type':'Pass','Next':'\xE6\xBC\xA2%077d'},"
             "'\xE6\xBC\xA2%077d':{'Type':'Succeed'}}}",
             1, 1, 2, 2);
    asl_graph *graph = picture_of(text);
    CHECK_LAYOUT(graph);
    const asl_graph_node *node = asl_graph_node_at(graph, 0);
    ck_assert_uint_eq(strlen(node->name), 80);
    ck_assert_ptr_nonnull(strstr(node->label, "\xE2\x80\xA6"));
    asl_graph_free(graph);
}
END_TEST

START_TEST(the_same_definition_gives_the_same_picture)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *texts[2] = {NULL, NULL};
        for (size_t j = 0; j < 2; j++) {
            asl_graph *graph = picture_of(cases[i]);
            ck_assert_int_eq(asl_graph_render(graph, ASL_GRAPH_SVG, &texts[j], NULL), ASL_OK);
            asl_graph_free(graph);
        }
        ck_assert_str_eq(texts[0], texts[1]);
        asl_text_free(texts[0]);
        asl_text_free(texts[1]);
    }
}
END_TEST

static size_t peak_of(unsigned count, char kind)
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_buffer text;
    asl_buffer_init(&text, NULL);
    append_long(&text, count, kind);
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(text.bytes, text.size, NULL, &definition, NULL, NULL),
                     ASL_OK);
    asl_graph_options options = {.size = sizeof options, .heap = &heap.hook};
    asl_graph *graph = NULL;
    ck_assert_int_eq(asl_graph_new(definition, &options, &graph, NULL), ASL_OK);
    asl_graph_free(graph);
    ck_assert(fault_heap_is_empty(&heap));
    asl_definition_unref(definition);
    asl_buffer_done(&text);
    return heap.peak_bytes;
}

/* Eight times as many states, and not 64 times the memory: edges that cross all of them would ask
 * for that if each had its own bends. */
START_TEST(memory_grows_as_the_definition_does)
{
    for (const char *kind = "cfb"; *kind != '\0'; kind++) {
        size_t small = peak_of(1000, *kind), large = peak_of(8000, *kind);
        ck_assert_msg(large < 12 * small, "%c: %zu, %zu", *kind, small, large);
    }
}
END_TEST

/* The rules are seen to fail: each where one number of a good layout is changed. */
START_TEST(what_breaks_a_rule_is_found)
{
    struct {
        const char *name, *problem;
        int x, y, width;
    } changes[] = {
        {"A", "overlap: A and C", 0, 110, 0},
        {"A", "outside of the picture: A", -100, 0, 0},
        {"C", "a text does not fit in its box: C", 0, 0, -100},
        {"D", "an edge does not arrive at its box: D", 0, -1, 0},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        asl_graph *graph = picture_of(LOOP);
        for (size_t j = 0; j < 4; j++) {
            asl_graph_node *node = &graph->nodes[j];
            if (strcmp(node->name, changes[i].name) != 0)
                continue;
            node->x += changes[i].x;
            node->y += changes[i].y;
            node->width += changes[i].width;
        }
        const char *problem = layout_check(graph);
        ck_assert_ptr_nonnull(problem);
        if (i != 0)
            ck_assert_str_eq(problem, changes[i].problem);
        asl_graph_free(graph);
    }
}
END_TEST

/* Moves a point of an edge, or its label. */
static const char *check_moved(const char *from, const char *to, int point, int x, int y)
{
    asl_graph *graph = picture_of(LOOP);
    union {
        const asl_graph_edge *shown;
        asl_graph_edge *own;
    } edge = {edge_of(graph, from, to, 0)};
    union {
        const asl_graph_point *shown;
        asl_graph_point *own;
    } points = {edge.own->points};
    if (point < 0) {
        edge.own->label_x += x;
        edge.own->label_y += y;
    } else {
        points.own[point].x += x;
        points.own[point].y += y;
    }
    const char *problem = layout_check(graph);
    asl_graph_free(graph);
    return problem;
}

START_TEST(lines_and_labels_that_break_a_rule_are_found)
{
    ck_assert_ptr_null(check_moved("A", "B", 0, 0, 0));
    ck_assert_ptr_nonnull(strstr(check_moved("A", "B", 0, 0, 1), "does not begin at its box: A"));
    ck_assert_ptr_nonnull(strstr(check_moved("A", "B", 1, 0, 1), "does not arrive at its box: B"));
    ck_assert_ptr_nonnull(strstr(check_moved("C", "A", 3, -100, 0), "goes up aslant"));
    ck_assert_ptr_nonnull(strstr(check_moved("C", "A", -1, 0, -40), "on its own box"));
    ck_assert_ptr_nonnull(strstr(check_moved("C", "A", -1, -80, 0), "overlap"));
    ck_assert_ptr_nonnull(strstr(check_moved("C", "A", -1, 900, 0), "outside of its branch"));
}
END_TEST

START_TEST(options_that_are_wrong_are_refused)
{
    loaded result = load(LOOP);
    asl_graph *graph = NULL;
    asl_graph_options options = {.size = 1};
    asl_error *error = NULL;
    ck_assert_int_eq(asl_graph_new(result.definition, &options, &graph, &error), ASL_MISUSE);
    asl_error_free(error);
    options = (asl_graph_options){.size = sizeof options, .title = "\xFF"};
    ck_assert_int_eq(asl_graph_new(result.definition, &options, &graph, NULL), ASL_MISUSE);
    ck_assert_ptr_null(graph);
    asl_graph_free(NULL);
    unload(&result);
}
END_TEST

SUITE("graph/layout", every_case_keeps_the_rules, nodes_are_states_then_others, the_way_goes_down,
      a_way_back_goes_beside_the_boxes, branches_stand_side_by_side, long_ways_keep_the_rules,
      ways_to_one_state_share_their_line, an_edge_as_long_as_bends_go_and_one_longer,
      nesting_as_deep_as_it_can_be, long_names_are_shortened_and_fit,
      the_same_definition_gives_the_same_picture, memory_grows_as_the_definition_does,
      what_breaks_a_rule_is_found, lines_and_labels_that_break_a_rule_are_found,
      options_that_are_wrong_are_refused)
