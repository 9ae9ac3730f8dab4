#include "load.h"

START_TEST(missing_target_is_named_with_a_hint)
{
    loaded result = load("{'StartAt':'Pay','States':{'Pay':{'Type':'Pass','Next':'Shipp'},"
                         "'Ship':{'Type':'Succeed'}}}");
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 2);
    const asl_diagnostic *first = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(first->code, "MISSING_TRANSITION_TARGET");
    ck_assert_str_eq(first->message, "Missing 'Next' target: Shipp");
    ck_assert_str_eq(first->location, "/States/Pay/Next");
    ck_assert_str_eq(first->hint, "did you mean 'Ship'?");
    const asl_diagnostic *second = asl_diagnostics_at(result.diagnostics, 1);
    ck_assert_str_eq(second->message, "State \"Ship\" is not reachable.");
    ck_assert_str_eq(second->location, "/States/Ship");
    unload(&result);
}
END_TEST

START_TEST(every_kind_of_target_is_checked)
{
    loaded result =
        load("{'StartAt':'X','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.a',"
             "'IsNull':true,'Next':'Y'}],'Default':'Z'},'T':{'Type':'Task','Resource':'f',"
             "'End':true,'Catch':[{'ErrorEquals':['A'],'Next':'W'}]}}}");
    static const char *const locations[] = {"/StartAt", "/States/C/Choices[0]/Next",
                                            "/States/C/Default", "/States/T/Catch[0]/Next"};
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, i)->location, locations[i]);
    unload(&result);
}
END_TEST

START_TEST(targets_stay_inside_their_scope)
{
    loaded result = load("{'StartAt':'P','States':{'P':{'Type':'Parallel','Next':'D','Branches':["
                         "{'StartAt':'B','States':{'B':{'Type':'Pass','Next':'D'}, 'E':{'Type':"
                         "'Succeed'}}}]},'D':{'Type':'Succeed'}}}");
    const asl_diagnostic *first = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(first->message, "Missing 'Next' target: D");
    ck_assert_ptr_nonnull(strstr(first->hint, "another branch"));
    unload(&result);
}
END_TEST

START_TEST(machine_without_an_end_is_told_only_that)
{
    check_only(load("{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'A'},'B':{'Type':'Pass',"
                    "'Next':'A'}}}"),
               "MISSING_END_STATE", "Workflow has no terminal state", NULL);
}
END_TEST

START_TEST(names_are_unique_in_the_whole_machine)
{
    check_only(load("{'StartAt':'M','States':{'M':{'Type':'Map','End':true,'Iterator':{'StartAt':"
                    "'M','States':{'M':{'Type':'Succeed'}}}}}}"),
               "DUPLICATE_STATE_NAME", "Duplicate State name: M", "/States/M/Iterator/States/M");
}
END_TEST

START_TEST(broken_states_do_not_make_others_unreachable)
{
    check_only(load("{'StartAt':'A','States':{'A':{'Type':'Pass'},'B':{'Type':'Succeed'}}}"),
               "SCHEMA_VALIDATION_FAILED",
               "This object should have only one of the following fields: [Next, End]",
               "/States/A");
}
END_TEST

START_TEST(circle_of_orphans_is_not_reachable)
{
    loaded result = load("{'StartAt':'A','States':{'A':{'Type':'Succeed'},'B':{'Type':'Pass',"
                         "'Next':'C'},'C':{'Type':'Pass','Next':'B'}}}");
    ck_assert_uint_ge(asl_diagnostics_count(result.diagnostics), 2);
    ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, 0)->location, "/States/B");
    ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, 1)->location, "/States/C");
    unload(&result);
}
END_TEST

/* Loads two maps with labels; the problem with them, or NULL. */
static const char *label_problem(const char *first, const char *second)
{
    char text[2048];
    static const char map[] =
        "{'Type':'Map','Label':'%s',%s,'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED',"
        "'ExecutionType':'STANDARD'},'StartAt':'I%c','States':{'I%c':{'Type':'Pass','End':true}}}}";
    char left[512], right[512];
    snprintf(left, sizeof left, map, first, "'Next':'B'", '1', '1');
    snprintf(right, sizeof right, map, second, "'End':true", '2', '2');
    snprintf(text, sizeof text, "{'StartAt':'A','States':{'A':%s,'B':%s}}", left, right);
    loaded result = load(text);
    const char *code = NULL;
    static const char *const codes[] = {"INVALID_LABEL_NAME", "DUPLICATE_LABEL_NAME"};
    for (size_t i = 0; i < 2; i++)
        if (find_code(&result, codes[i]) != NULL)
            code = codes[i];
    unload(&result);
    return code;
}

START_TEST(labels_are_checked)
{
    ck_assert_ptr_null(label_problem("a", "b-c_D.9!(\u00e9)/"));
    ck_assert_ptr_null(label_problem("1234567890123456789012345678901234567890", "b"));
    ck_assert_str_eq(label_problem("a", "a"), "DUPLICATE_LABEL_NAME");
    static const char *const bad[] = {
        "",    "a b", "a\\u0000", "\\u0085",
        "a:b", "`",   "a?*",      "12345678901234567890123456789012345678901"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(label_problem(bad[i], "x") != NULL, "%s", bad[i]);
}
END_TEST

SUITE("definition/link", labels_are_checked, missing_target_is_named_with_a_hint,
      every_kind_of_target_is_checked, targets_stay_inside_their_scope,
      machine_without_an_end_is_told_only_that, names_are_unique_in_the_whole_machine,
      broken_states_do_not_make_others_unreachable, circle_of_orphans_is_not_reachable)
