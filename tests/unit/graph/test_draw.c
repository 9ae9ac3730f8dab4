#include "picture_of.h"

#define HOSTILE \
    "{'StartAt':'<a&b>','States':{'<a&b>':{'Type':'Task','Resource':'x\\\"]]>--','Next':" \
    "'#\\u0001\\n\\\\N`','Catch':[{'ErrorEquals':['</title>\\\"|']," \
    "'Next':'#\\u0001\\n\\\\N`'}]},'#\\u0001\\n\\\\N`':{'Type':'Succeed'}}}"
#define NESTED \
    "{'StartAt':'P','States':{'P':{'Type':'Parallel','Next':'E','Branches':[{'StartAt':'X'," \
    "'States':{'X':{'Type':'Pass','End':true}}}]},'E':{'Type':'Succeed'}}}"

static char *draw(const asl_graph *graph, asl_graph_format format)
{
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_eq(asl_graph_render(graph, format, &text, &size), ASL_OK);
    ck_assert_uint_eq(strlen(text), size);
    return text;
}

static void check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no %s in\n%s", part, text);
}

static void check_has_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "%s in\n%s", part, text);
}

START_TEST(svg_stands_alone_and_says_what_it_is)
{
    loaded result = load(NESTED);
    asl_graph_options options = {.size = sizeof options, .title = "Orders & returns"};
    asl_graph *graph = NULL;
    ck_assert_int_eq(asl_graph_new(result.definition, &options, &graph, NULL), ASL_OK);
    ck_assert_int_eq(asl_graph_mark(graph, "X", ASL_GRAPH_VISITED | ASL_GRAPH_CURRENT), ASL_OK);
    char *text = draw(graph, ASL_GRAPH_SVG);
    check_has(text, "role=\"img\"");
    check_has(text, "<title>Orders &amp; returns</title>");
    check_has(text, "<desc>3 states. In execution: X.</desc>");
    check_has(text, "@media (prefers-color-scheme:dark)");
    check_has(text, "<g class=\"state leaf pass visited current\" data-state=\"X\">");
    check_has(text, "<g class=\"state container parallel\" data-state=\"P\">");
    check_has_not(text, "href");
    check_has_not(text, "url(");
    asl_text_free(text);
    asl_graph_free(graph);
    unload(&result);
}
END_TEST

START_TEST(svg_escapes_what_would_be_markup)
{
    asl_graph *graph = picture_of(HOSTILE);
    CHECK_LAYOUT(graph);
    char *text = draw(graph, ASL_GRAPH_SVG);
    check_has(text, "data-state=\"&lt;a&amp;b&gt;\"");
    check_has(text, "data-state=\"#\xEF\xBF\xBD&#10;\\N`\"");
    check_has(text, "<title>&lt;/title&gt;&quot;|</title>");
    check_has(text, "x&quot;]]&gt;--");
    check_has_not(text, "<a&b>");
    check_has_not(text, "\x01");
    asl_text_free(text);
    asl_graph_free(graph);
}
END_TEST

START_TEST(dot_escapes_quotes_backslashes_and_entities)
{
    asl_graph *graph = picture_of(HOSTILE);
    char *text = draw(graph, ASL_GRAPH_DOT);
    check_has(text, "tooltip=\"<a&amp;b>\"");
    check_has(text, "tooltip=\"#\xEF\xBF\xBD\\n\\\\N`\"");
    check_has(text, "x\\\"]]>--");
    check_has(text, "label=\"</title>\\\"|\", style=dashed");
    check_has_not(text, "\x01");
    asl_text_free(text);
    asl_graph_free(graph);
}
END_TEST

START_TEST(mermaid_writes_signs_by_their_numbers)
{
    asl_graph *graph = picture_of(HOSTILE);
    char *text = draw(graph, ASL_GRAPH_MERMAID);
    check_has(text, "n0[\"#60;a#38;b#62;<br>");
    check_has(text, "n1([\"#35; #92;N#96;<br>Succeed\"])");
    check_has(text, "n0 -.->|\"#60;/title#62;#34;#124;\"| n1\n");
    check_has(text, "n0 --> n1\n");
    check_has_not(text, "\x01");
    asl_text_free(text);
    asl_graph_free(graph);
}
END_TEST

START_TEST(containers_enclose_what_is_in_them)
{
    asl_graph *graph = picture_of(NESTED);
    char *text = draw(graph, ASL_GRAPH_DOT);
    check_has(text, "subgraph cluster_0 {");
    check_has(text, "x0 -> n2 [label=\"\", ltail=cluster_0];");
    check_has(text, "lhead=cluster_0");
    asl_text_free(text);
    text = draw(graph, ASL_GRAPH_MERMAID);
    check_has(text, "subgraph n0[\"P<br>Parallel\"]\n");
    check_has(text, "n1[\"X<br>Pass\"]\nend\nn2([\"E<br>Succeed\"])");
    asl_text_free(text);
    asl_graph_free(graph);
}
END_TEST

START_TEST(marks_are_drawn)
{
    asl_graph *graph = picture_of(NESTED);
    ck_assert_int_eq(asl_graph_mark(graph, "P", ASL_GRAPH_VISITED | ASL_GRAPH_CAUGHT), ASL_OK);
    ck_assert_int_eq(asl_graph_mark(graph, "E", ASL_GRAPH_FAILED), ASL_OK);
    char *text = draw(graph, ASL_GRAPH_SVG);
    check_has(text, "class=\"state container parallel visited caught\"");
    check_has(text, "class=\"state leaf succeed failed\"");
    check_has(text, "<desc>3 states. Failed: E. Caught an error: P.</desc>");
    asl_text_free(text);
    text = draw(graph, ASL_GRAPH_MERMAID);
    check_has(text, "class n0 caught\n");
    check_has(text, "class n2 failed\n");
    asl_text_free(text);
    text = draw(graph, ASL_GRAPH_DOT);
    check_has(text, "graph [color=\"#c2410c\", penwidth=2];");
    asl_text_free(text);
    asl_graph_free(graph);
}
END_TEST

START_TEST(another_format_is_refused)
{
    asl_graph *graph = picture_of(NESTED);
    char *text = NULL;
    ck_assert_int_eq(asl_graph_render(graph, (asl_graph_format)3, &text, NULL), ASL_MISUSE);
    ck_assert_ptr_null(text);
    asl_graph_free(graph);
}
END_TEST

SUITE("graph/draw", svg_stands_alone_and_says_what_it_is, svg_escapes_what_would_be_markup,
      dot_escapes_quotes_backslashes_and_entities, mermaid_writes_signs_by_their_numbers,
      containers_enclose_what_is_in_them, marks_are_drawn, another_format_is_refused)
