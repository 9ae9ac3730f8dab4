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
      catch_that_loses_the_input, timeouts_that_never_come, values_that_look_like_paths,
      loops_that_turn_for_nothing, loop_with_a_wait_is_fine)
