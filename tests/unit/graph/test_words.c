#include "picture_of.h"

#define MACHINE_END ",'Next':'E'}],'Default':'E'},'E':{'Type':'Succeed'}}}"

static void check_rule(const char *rule, const char *expected)
{
    char text[4096];
    snprintf(text, sizeof text, "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{%s%s",
             rule, MACHINE_END);
    asl_graph *graph = picture_of(text);
    const asl_graph_edge *edge = edge_of(graph, "C", "E", 0);
    ck_assert_int_eq(edge->kind, ASL_GRAPH_CHOICE);
    ck_assert_str_eq(edge->text, expected);
    edge = edge_of(graph, "C", "E", 1);
    ck_assert_int_eq(edge->kind, ASL_GRAPH_DEFAULT);
    ck_assert_str_eq(edge->text, "Default");
    CHECK_LAYOUT(graph);
    asl_graph_free(graph);
}

START_TEST(rules_are_written_as_one_says_them)
{
    check_rule("'Variable':'$.a','NumericEquals':5", "$.a == 5");
    check_rule("'Variable':'$.a','NumericGreaterThanEqualsPath':'$.b'", "$.a >= $.b");
    check_rule("'Variable':'$.a','StringLessThan':'x'", "$.a < \"x\"");
    check_rule("'Variable':'$.a','StringMatches':'x*'", "$.a matches \"x*\"");
    check_rule("'Variable':'$.a','BooleanEquals':true", "$.a == true");
    check_rule("'Variable':'$.a','TimestampLessThanEquals':'2024-01-01T00:00:00Z'",
               "$.a <= \"2024-01-01T00:00:00Z\"");
    check_rule("'Variable':'$.a','IsPresent':true", "$.a is present");
    check_rule("'Variable':'$.a','IsNull':false", "$.a is not null");
}
END_TEST

START_TEST(joined_rules_stand_in_parentheses)
{
    check_rule("'Not':{'Variable':'$.a','IsNull':true}", "not ($.a is null)");
    check_rule(
        "'And':[{'Variable':'$.a','IsNull':true},{'Or':[{'Variable':'$.b','NumericEquals':1},"
        "{'Variable':'$.c','NumericEquals':2}]}]",
        "$.a is null and ($.b == 1 or $.c == 2)");
}
END_TEST

START_TEST(deep_rules_end_in_an_ellipsis)
{
    char rule[2048] = "", expected[512] = "";
    for (int i = 0; i < 12; i++) {
        strcat(rule, "'Not':{");
        strcat(expected, i < 8 ? "not (" : "");
    }
    strcat(rule, "'Variable':'$.a','IsNull':true");
    strcat(expected, "\xE2\x80\xA6");
    for (int i = 0; i < 12; i++) {
        strcat(rule, "}");
        strcat(expected, i < 8 ? ")" : "");
    }
    check_rule(rule, expected);
}
END_TEST

START_TEST(long_rules_are_cut)
{
    char rule[3072];
    snprintf(rule, sizeof rule, "'Variable':'$.a','StringEquals':'%02000d'", 1);
    char text[4096];
    snprintf(text, sizeof text, "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{%s%s",
             rule, MACHINE_END);
    asl_graph *graph = picture_of(text);
    size_t size = strlen(edge_of(graph, "C", "E", 0)->text);
    ck_assert_uint_ge(size, ASL_GRAPH_WORDS_MAX);
    ck_assert_uint_lt(size, ASL_GRAPH_WORDS_MAX + 20);
    CHECK_LAYOUT(graph);
    asl_graph_free(graph);
}
END_TEST

START_TEST(a_condition_is_shown_without_its_signs)
{
    asl_graph *graph = picture_of(
        "{'StartAt':'C','QueryLanguage':'JSONata','States':{'C':{'Type':'Choice','Choices':["
        "{'Condition':'{%  $states.input.a > 1 %}','Next':'E'},{'Condition':true,'Next':'E'}]},"
        "'E':{'Type':'Succeed'}}}");
    ck_assert_str_eq(edge_of(graph, "C", "E", 0)->text, "$states.input.a > 1");
    ck_assert_str_eq(edge_of(graph, "C", "E", 1)->text, "true");
    asl_graph_free(graph);
}
END_TEST

static void check_box(const char *state, const char *detail, const char *retry)
{
    char text[4096];
    snprintf(text, sizeof text, "{'StartAt':'S','States':{'S':{%s},'E':{'Type':'Succeed'}}}",
             state);
    asl_graph *graph = picture_of(text);
    ck_assert_str_eq(graph->boxes[0].detail.text, detail);
    if (retry == NULL)
        ck_assert_ptr_null(graph->boxes[0].retry_text);
    else
        ck_assert_str_eq(graph->boxes[0].retry_text, retry);
    asl_graph_free(graph);
}

START_TEST(boxes_say_what_a_state_does)
{
    check_box("'Type':'Task','Resource':'arn:aws:states:::dynamodb:putItem','Next':'E'",
              "Task \xC2\xB7 dynamodb:putItem", NULL);
    check_box("'Type':'Task','Resource':'arn:aws:states:::aws-sdk:s3:getObject','Next':'E'",
              "Task \xC2\xB7 s3:getObject", NULL);
    check_box("'Type':'Task','Resource':'arn:aws:lambda:us-east-1:123456789012:function:Pay:2',"
              "'Next':'E'",
              "Task \xC2\xB7 Pay:2", NULL);
    check_box("'Type':'Wait','Seconds':30,'Next':'E'", "Wait \xC2\xB7 30 s", NULL);
    check_box("'Type':'Wait','TimestampPath':'$.t','Next':'E'", "Wait \xC2\xB7 until $.t", NULL);
    check_box("'Type':'Pass','Next':'E'", "Pass", NULL);
}
END_TEST

START_TEST(boxes_say_what_is_tried_again)
{
    check_box("'Type':'Task','Resource':'f','Next':'E','Retry':[{'ErrorEquals':['A','B'],"
              "'MaxAttempts':5},{'ErrorEquals':['States.ALL']}]",
              "Task \xC2\xB7 f", "Retry 5\xC3\x97 A, B; 3\xC3\x97 States.ALL");
}
END_TEST

START_TEST(catches_name_their_errors)
{
    asl_graph *graph = picture_of(
        "{'StartAt':'S','States':{'S':{'Type':'Task','Resource':'f','Next':'E','Catch':["
        "{'ErrorEquals':['A','States.Timeout'],'Next':'F'},{'ErrorEquals':['States.ALL'],"
        "'Next':'E'}]},'E':{'Type':'Succeed'},'F':{'Type':'Fail','Error':'Gone'}}}");
    ck_assert_int_eq(edge_of(graph, "S", "F", 0)->kind, ASL_GRAPH_CATCH);
    ck_assert_str_eq(edge_of(graph, "S", "F", 0)->text, "A, States.Timeout");
    ck_assert_int_eq(edge_of(graph, "S", "E", 0)->kind, ASL_GRAPH_NEXT);
    ck_assert_ptr_null(edge_of(graph, "S", "E", 0)->text);
    ck_assert_str_eq(edge_of(graph, "S", "E", 1)->text, "States.ALL");
    ck_assert_str_eq(graph->boxes[2].detail.text, "Fail \xC2\xB7 Gone");
    asl_graph_free(graph);
}
END_TEST

START_TEST(a_nul_in_a_text_does_not_end_it)
{
    check_rule("'Variable':'$.a','StringEquals':'x\\u0000y'", "$.a == \"x\\u0000y\"");
    asl_graph *graph =
        picture_of("{'StartAt':'S','States':{'S':{'Type':'Task','Resource':'f','End':true,'Catch':["
                   "{'ErrorEquals':['a\\u0000b'],'Next':'F'}]},'F':{'Type':'Fail'}}}");
    ck_assert_str_eq(edge_of(graph, "S", "F", 0)->text, "a b");
    asl_graph_free(graph);
}
END_TEST

SUITE("graph/words", rules_are_written_as_one_says_them, joined_rules_stand_in_parentheses,
      deep_rules_end_in_an_ellipsis, long_rules_are_cut, a_condition_is_shown_without_its_signs,
      boxes_say_what_a_state_does, boxes_say_what_is_tried_again, catches_name_their_errors,
      a_nul_in_a_text_does_not_end_it)
