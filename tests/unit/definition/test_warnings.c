#include "load.h"

/* One warning of this code, at this place, and no error. */
static void check_warning(const char *text, const char *code, const char *pointer)
{
    loaded result = load(text);
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 1);
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_int_eq(only->severity, ASL_SEVERITY_WARNING);
    ck_assert_str_eq(only->code, code);
    ck_assert_str_eq(only->pointer, pointer);
    ck_assert_ptr_nonnull(only->hint);
    unload(&result);
}

START_TEST(choice_without_default)
{
    check_warning("{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.a',"
                  "'IsNull':true,'Next':'E'}]},'E':{'Type':'Succeed'}}}",
                  "CHOICE_WITHOUT_DEFAULT", "/States/C");
}
END_TEST

START_TEST(rule_that_never_matches)
{
    check_warning("{'StartAt':'C','States':{'C':{'Type':'Choice','Default':'E','Choices':["
                  "{'Variable':'$.a','NumericEquals':1,'Next':'E'},{'Next':'F','Comment':'x',"
                  "'NumericEquals':1.0,'Variable':'$.a'}]},'E':{'Type':'Succeed'},'F':{'Type':"
                  "'Succeed'}}}",
                  "UNREACHABLE_RULE", "/States/C/Choices/1");
}
END_TEST

/* Whether the second of two rules is warned of. */
static bool is_in_vain(const char *first, const char *second)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{'StartAt':'C','States':{'C':{'Type':'Choice','Default':'E','Choices':[{%s,'Next':"
             "'E'},{%s,'Next':'F'}]},'E':{'Type':'Succeed'},'F':{'Type':'Succeed'}}}",
             first, second);
    loaded result = load(text);
    ck_assert_msg(result.status == ASL_OK, "%s", text);
    const asl_diagnostic *warning = find_code(&result, "UNREACHABLE_RULE");
    bool is_warned = warning != NULL;
    if (is_warned)
        ck_assert_str_eq(warning->pointer, "/States/C/Choices/1");
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), is_warned ? 1 : 0);
    unload(&result);
    return is_warned;
}

#define V "'Variable':'$.a',"
START_TEST(rule_that_is_narrower_than_one_before_it)
{
    static const char *const vain[][2] = {
        {V "'NumericGreaterThan':5", V "'NumericGreaterThan':10"},
        {V "'NumericGreaterThan':5", V "'NumericGreaterThan':5"},
        {V "'NumericGreaterThanEquals':5", V "'NumericEquals':5.0"},
        {V "'NumericLessThan':5", V "'NumericEquals':-3"},
        {V "'NumericLessThanEquals':5", V "'NumericLessThan':5"},
        {V "'IsNumeric':true", V "'NumericLessThan':5"},
        {V "'IsString':true", V "'StringMatches':'a*'"},
        {V "'IsPresent':true", V "'BooleanEquals':false"},
        {V "'NumericLessThan':5", "'And':[{" V "'IsNumeric':true},{" V "'NumericLessThan':1}]"},
        {"'Or':[{" V "'IsNull':true},{" V "'NumericLessThan':5}]", V "'NumericLessThan':1"},
    };
    for (size_t i = 0; i < sizeof vain / sizeof *vain; i++)
        ck_assert_msg(is_in_vain(vain[i][0], vain[i][1]), "%s", vain[i][1]);
}
END_TEST

START_TEST(rule_that_may_match_is_not_warned_of)
{
    static const char *const fine[][2] = {
        {V "'NumericGreaterThan':10", V "'NumericGreaterThan':5"},
        {V "'NumericGreaterThan':5", V "'NumericEquals':5"},
        {V "'NumericGreaterThan':5", V "'NumericLessThan':7"},
        {V "'NumericLessThan':5", V "'NumericLessThanEquals':5"},
        {V "'NumericLessThan':5", "'Variable':'$.b','NumericLessThan':4"},
        {V "'NumericLessThanPath':'$.b'", V "'NumericLessThan':4"},
        {V "'IsNumeric':false", V "'NumericLessThan':5"},
        {V "'IsPresent':true", V "'IsPresent':false"},
        {V "'IsNumeric':true", V "'StringEquals':'x'"},
        {V "'NumericLessThan':5", "'Or':[{" V "'NumericLessThan':1},{" V "'IsNull':true}]"},
        {"'And':[{" V "'NumericLessThan':5},{" V "'IsNull':false}]", V "'NumericLessThan':1"},
        {"'Not':{" V "'NumericLessThan':5}", V "'NumericLessThan':1"},
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        ck_assert_msg(!is_in_vain(fine[i][0], fine[i][1]), "%s", fine[i][1]);
}
END_TEST

START_TEST(rule_behind_two_that_leave_nothing)
{
    static const char *const pairs[][2] = {
        {V "'IsPresent':true", V "'IsPresent':false"},
        {V "'StringEquals':'x'", "'Not':{" V "'StringEquals':'x'}"},
        {"'Not':{" V "'StringEquals':'x'}", V "'StringEquals':'x'"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "{'StartAt':'C','States':{'C':{'Type':'Choice','Default':'E','Choices':[{%s,"
                 "'Next':'E'},{%s,'Next':'E'},{'Variable':'$.b','IsNull':true,'Next':'E'}]},'E':{"
                 "'Type':'Succeed'}}}",
                 pairs[i][0], pairs[i][1]);
        check_warning(text, "UNREACHABLE_RULE", "/States/C/Choices/2");
    }
}
END_TEST

START_TEST(values_that_need_a_path_field)
{
    check_warning("{'StartAt':'C','States':{'C':{'Type':'Choice','Default':'E','Choices':["
                  "{'Variable':'$.a','StringEquals':'$.b','Next':'E'}]},'E':{'Type':'Succeed'}}}",
                  "NO_PATH", "/States/C/Choices/0/StringEquals");
    check_warning("{'StartAt':'F','States':{'F':{'Type':'Fail','Cause':'States.Format(\\'{}\\',"
                  "$.a)'}}}",
                  "NO_PATH", "/States/F/Cause");
    loaded result = load("{'StartAt':'C','States':{'C':{'Type':'Choice','Default':'E','Choices':["
                         "{'Variable':'$.a','StringMatches':'$.*','Next':'E'}]},'E':{'Type':"
                         "'Fail','Error':'$5','Cause':'at $.x'}}}");
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    unload(&result);
}
END_TEST

START_TEST(catch_that_loses_the_input)
{
    check_warning("{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'f','Next':'E','Catch':"
                  "[{'ErrorEquals':['A'],'Next':'E'},{'ErrorEquals':['B'],'Next':'F'},"
                  "{'ErrorEquals':['C'],'Next':'E','ResultPath':'$.e'}]},'E':{'Type':'Succeed'},"
                  "'F':{'Type':'Fail'}}}",
                  "CATCH_DISCARDS_INPUT", "/States/T/Catch/0");
}
END_TEST

START_TEST(timeouts_that_never_come)
{
    check_warning("{'StartAt':'T','TimeoutSeconds':10,'States':{'T':{'Type':'Task','Resource':"
                  "'f','TimeoutSeconds':11,'End':true}}}",
                  "TIMEOUT_EXCEEDS_PARENT", "/States/T/TimeoutSeconds");
    check_warning("{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'f','TimeoutSeconds':5,"
                  "'HeartbeatSeconds':5,'End':true}}}",
                  "HEARTBEAT_EXCEEDS_TIMEOUT", "/States/T/HeartbeatSeconds");
}
END_TEST

START_TEST(values_that_look_like_paths)
{
    check_warning("{'StartAt':'A','States':{'A':{'Type':'Pass','Result':{'a':'$.b'},'End':true}}}",
                  "PASS_RESULT_IS_STATIC", "/States/A/Result/a");
    check_warning("{'StartAt':'A','States':{'A':{'Type':'Pass','Parameters':{'a':'$.b'},"
                  "'End':true}}}",
                  "NO_DOLLAR", "/States/A/Parameters/a");
}
END_TEST

START_TEST(loops_that_turn_for_nothing)
{
    check_warning("{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'C'},'C':{'Type':'Choice',"
                  "'Choices':[{'Variable':'$.a','IsNull':true,'Next':'E'}],'Default':'A'},"
                  "'E':{'Type':'Succeed'}}}",
                  "LOOP_WITHOUT_WAIT", "/States/A");
    check_warning("{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.a',"
                  "'IsNull':true,'Next':'W'}],'Default':'E'},'W':{'Type':'Wait','Seconds':1,"
                  "'Next':'W'},'E':{'Type':'Succeed'}}}",
                  "LOOP_WITHOUT_EXIT", "/States/W");
    /* A state that may end is a way out, whatever its catcher does. */
    loaded result = load_state("{'Type':'Task','Resource':'f','End':true,'Catch':[{'ErrorEquals':["
                               "'E'],'ResultPath':'$.e','Next':'S'}]}");
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    unload(&result);
}
END_TEST

START_TEST(loop_with_a_wait_is_fine)
{
    loaded result = load("{'StartAt':'W','States':{'W':{'Type':'Wait','Seconds':1,'Next':'C'},"
                         "'C':{'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,"
                         "'Next':'E'}],'Default':'W'},'E':{'Type':'Succeed'}}}");
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    unload(&result);
}
END_TEST

SUITE("definition/warnings", choice_without_default, rule_that_never_matches,
      rule_that_is_narrower_than_one_before_it, rule_that_may_match_is_not_warned_of,
      rule_behind_two_that_leave_nothing, values_that_need_a_path_field, catch_that_loses_the_input,
      timeouts_that_never_come, values_that_look_like_paths, loops_that_turn_for_nothing,
      loop_with_a_wait_is_fine)
