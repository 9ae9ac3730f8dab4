#include "load.h"

START_TEST(field_of_another_state_type_is_refused_at_the_state)
{
    check_state("{'Type':'Pass','End':true,'TimeoutSeconds':1}",
                "Field 'TimeoutSeconds' is not supported", "/States/S");
    check_state("{'Type':'Succeed','End':true}", "Field 'End' is not supported", "/States/S");
    check_state("{'Type':'Fail','Assign':{}}", "Field 'Assign' is not supported", "/States/S");
    check_state("{'Type':'Wait','Seconds':1,'End':true,'Retry':[]}",
                "Field 'Retry' is not supported", "/States/S");
}
END_TEST

START_TEST(misspelt_field_gets_a_hint)
{
    loaded result = load_state("{'Type':'Pass','End':true,'InputPaht':'$'}");
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(only->hint, "did you mean 'InputPath'?");
    ck_assert_str_eq(only->pointer, "/States/S/InputPaht");
    unload(&result);
}
END_TEST

START_TEST(type_is_required_and_known)
{
    check_state("{'End':true}", "These fields are required: [Type]", "/States/S");
    check_state("{'Type':5}", "Expected value of type [STRING]", "/States/S/Type");
    check_state("7", "Expected value of type [OBJECT]", "/States/S");
    loaded result = load_state("{'Type':'pas'}");
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(only->location, "/States/S/Type");
    ck_assert_str_eq(only->hint, "did you mean 'Pass'?");
    unload(&result);
}
END_TEST

START_TEST(next_or_end_stands_once)
{
    check_state("{'Type':'Pass'}",
                "This object should have only one of the following fields: [Next, End]",
                "/States/S");
    check_state("{'Type':'Pass','End':true,'Next':'S'}",
                "There should only be one of the following fields: [Next, End]", "/States/S");
    check_state("{'Type':'Pass','End':false}",
                "This object should have only one of the following fields: [Next, End]",
                "/States/S");
}
END_TEST

START_TEST(value_and_path_exclude_each_other)
{
    check_state("{'Type':'Task','Resource':'f','End':true,'TimeoutSeconds':1,"
                "'TimeoutSecondsPath':'$.t'}",
                "There should only be one of the following fields: [TimeoutSeconds, "
                "TimeoutSecondsPath]",
                "/States/S");
    check_state("{'Type':'Fail','Cause':'a','CausePath':'$.c'}",
                "There should only be one of the following fields: [Cause, CausePath]",
                "/States/S");
    check_state("{'Type':'Wait','Seconds':1,'SecondsPath':'$.s','End':true}",
                "There should only be one of the following fields: [SecondsPath, Seconds, "
                "TimestampPath, Timestamp]",
                "/States/S");
    check_state("{'Type':'Wait','End':true}",
                "This object should have only one of the following fields: [SecondsPath, "
                "Seconds, TimestampPath, Timestamp]",
                "/States/S");
}
END_TEST

START_TEST(numbers_are_integers_in_their_range)
{
    check_state("{'Type':'Wait','Seconds':-1,'End':true}", "Minimum value is 0",
                "/States/S/Seconds");
    check_state("{'Type':'Wait','Seconds':100000000,'End':true}", "Maximum value is 99999999",
                "/States/S/Seconds");
    check_state("{'Type':'Wait','Seconds':1.5,'End':true}", "Expected value of type Integer",
                "/States/S/Seconds");
    check_state("{'Type':'Wait','Seconds':'1','End':true}", "Expected value of type Integer",
                "/States/S/Seconds");
    check_state("{'Type':'Task','Resource':'f','End':true,'TimeoutSeconds':0}",
                "Minimum value is 1", "/States/S/TimeoutSeconds");
}
END_TEST

START_TEST(numbers_at_their_limits_are_accepted)
{
    check_valid("{'Type':'Wait','Seconds':0,'End':true}");
    check_valid("{'Type':'Wait','Seconds':99999999,'End':true}");
    check_valid("{'Type':'Task','Resource':'f','End':true,'TimeoutSeconds':99999999,"
                "'HeartbeatSeconds':1}");
}
END_TEST

START_TEST(timestamp_is_rfc_3339)
{
    check_state("{'Type':'Wait','Timestamp':'2016-12-05 21:29:29Z','End':true}",
                "String does not match RFC3339 timestamp", "/States/S/Timestamp");
    check_state("{'Type':'Wait','Timestamp':'2016-13-05T21:29:29Z','End':true}",
                "String does not match RFC3339 timestamp", "/States/S/Timestamp");
    check_valid("{'Type':'Wait','Timestamp':'2016-12-05T21:29:29.123Z','End':true}");
}
END_TEST

START_TEST(paths_are_checked)
{
    check_state("{'Type':'Pass','InputPath':'x','End':true}", "Value must be a valid JSONPath.",
                "/States/S/InputPath");
    check_state("{'Type':'Pass','ResultPath':'$.a[*]','End':true}", "Value is not a Reference Path",
                "/States/S/ResultPath");
    check_state("{'Type':'Pass','ResultPath':'$$.a','End':true}", "Value is not a Reference Path",
                "/States/S/ResultPath");
    check_state("{'Type':'Pass','ResultPath':'$v','End':true}", "Value is not a Reference Path",
                "/States/S/ResultPath");
    check_state("{'Type':'Wait','SecondsPath':'$.a[*]','End':true}",
                "Value is not a Reference Path", "/States/S/SecondsPath");
    check_valid("{'Type':'Pass','InputPath':null,'ResultPath':null,'OutputPath':'$.a[*].b',"
                "'End':true}");
}
END_TEST

START_TEST(every_bad_field_of_a_template_is_reported)
{
    loaded result = load_state("{'Type':'Pass','End':true,'Parameters':{'a.$':1,'b':[{'c.$':'x'}],"
                               "'d.$':'$.ok','e.$':'States.UUID('}}");
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, i)->location,
                         "/States/S/Parameters");
    const asl_diagnostic *second = asl_diagnostics_at(result.diagnostics, 1);
    ck_assert_str_eq(second->message, "The value for the field 'c.$' must be a valid JSONPath or "
                                      "a valid intrinsic function call");
    ck_assert_str_eq(second->pointer, "/States/S/Parameters/b/0/c.$");
    unload(&result);
}
END_TEST

START_TEST(fields_that_become_one_are_refused)
{
    check_state("{'Type':'Pass','End':true,'Parameters':{'x':{'a':1,'a.$':'$.b'}}}",
                "The fields 'a' and 'a.$' give the same name", "/States/S/Parameters");
}
END_TEST

START_TEST(variable_names_are_checked)
{
    check_only(load_state("{'Type':'Pass','End':true,'Assign':{'states':1}}"),
               "RESERVED_VARIABLE_NAME", "Cannot assign to reserved variable '$states'.",
               "/States/S/Assign");
    check_only(load_state("{'Type':'Pass','End':true,'Assign':{'a-b.$':'$.x'}}"),
               "INVALID_VARIABLE_NAME",
               "Invalid variable name 'a-b': the variable name contains invalid characters.",
               "/States/S/Assign");
    check_valid("{'Type':'Pass','End':true,'Assign':{'größe_2':1,'b.$':'$.x'}}");
}
END_TEST

START_TEST(inner_scope_may_not_assign_an_outer_variable)
{
    check_state("{'Type':'Map','Assign':{'v':1},'End':true,'ItemProcessor':{'StartAt':'I',"
                "'States':{'I':{'Type':'Pass','Assign':{'v.$':'$'},'End':true}}}}",
                "The variable name 'v' was already defined in a parent scope.",
                "/States/S/ItemProcessor/States/I/Assign/v.$");
}
END_TEST

START_TEST(error_path_takes_paths_and_calls_that_give_strings)
{
    check_valid("{'Type':'Fail','ErrorPath':'$.e','CausePath':'States.UUID()'}");
    check_state("{'Type':'Fail','ErrorPath':'Error'}",
                "Value must be a valid JSONPath or a valid intrinsic function call",
                "/States/S/ErrorPath");
    check_state("{'Type':'Fail','CausePath':'States.MathAdd(1, 2)'}",
                "Value must be a valid JSONPath or an intrinsic function call that returns a "
                "string",
                "/States/S/CausePath");
}
END_TEST

START_TEST(credentials_need_a_role)
{
    check_state("{'Type':'Task','Resource':'f','End':true,'Credentials':{}}",
                "The field 'RoleArn' is required but was missing", "/States/S/Credentials");
    check_valid("{'Type':'Task','Resource':'f','End':true,'Credentials':{'RoleArn.$':'$.r'}}");
}
END_TEST

START_TEST(query_languages_are_kept_apart)
{
    check_state("{'Type':'Pass','End':true,'Output':1}",
                "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for "
                "the 'JSONata' QueryLanguage",
                "/States/S");
    loaded result = load("{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass',"
                         "'QueryLanguage':'JSONPath','End':true},"
                         "'B':{'Type':'Pass','InputPath':'$','End':true}}}");
    ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, 0)->message,
                     "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state "
                     "machine");
    ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, 1)->message,
                     "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only "
                     "supported for the 'JSONPath' QueryLanguage");
    unload(&result);
}
END_TEST

START_TEST(what_is_not_supported_yet_says_so)
{
    loaded result = load_state("{'Type':'Map','Label':'l','End':true,'ItemProcessor':{"
                               "'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':"
                               "'STANDARD'},'StartAt':'I','States':{'I':{'Type':'Succeed'}}}}");
    ck_assert_int_eq(result.status, ASL_INVALID);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 2);
    ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, 0)->code, "UNSUPPORTED");
    ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, 1)->message,
                     "A Map in DISTRIBUTED mode is not supported yet");
    unload(&result);
}
END_TEST

START_TEST(top_level_values_are_checked)
{
    check_only(load("{'StartAt':'A','Version':'2.0','States':{'A':{'Type':'Succeed'}}}"),
               "SCHEMA_VALIDATION_FAILED", "Value should be one of the following: [1.0]",
               "/Version");
    check_only(load("{'StartAt':'A','TimeoutSeconds':-1,'States':{'A':{'Type':'Succeed'}}}"),
               "SCHEMA_VALIDATION_FAILED", "Minimum value is 0", "/TimeoutSeconds");
    check_state("{'Type':'Parallel','Branches':[],'End':true}", "Value cannot be empty",
                "/States/S/Branches");
    check_state("{'Type':'Map','End':true,'ItemProcessor':{'QueryLanguage':'JSONPath','StartAt':"
                "'I','States':{'I':{'Type':'Succeed'}}}}",
                "Field 'QueryLanguage' is not supported", "/States/S/ItemProcessor");
}
END_TEST

START_TEST(long_names_are_refused)
{
    char text[512], name[82];
    memset(name, 'x', 81);
    name[81] = '\0';
    snprintf(text, sizeof text, "{'StartAt':'%s','States':{'%s':{'Type':'Succeed'}}}", name, name);
    loaded result = load(text);
    ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, 0)->code, "INVALID_STATE_NAME");
    unload(&result);
    name[80] = '\0';
    snprintf(text, sizeof text, "{'StartAt':'%s','States':{'%s':{'Type':'Succeed'}}}", name, name);
    result = load(text);
    ck_assert_int_eq(result.status, ASL_OK);
    unload(&result);
}
END_TEST

SUITE("definition/states", field_of_another_state_type_is_refused_at_the_state,
      misspelt_field_gets_a_hint, type_is_required_and_known, next_or_end_stands_once,
      value_and_path_exclude_each_other, numbers_are_integers_in_their_range,
      numbers_at_their_limits_are_accepted, timestamp_is_rfc_3339, paths_are_checked,
      every_bad_field_of_a_template_is_reported, fields_that_become_one_are_refused,
      variable_names_are_checked, inner_scope_may_not_assign_an_outer_variable,
      error_path_takes_paths_and_calls_that_give_strings, credentials_need_a_role,
      query_languages_are_kept_apart, what_is_not_supported_yet_says_so,
      top_level_values_are_checked, long_names_are_refused)
