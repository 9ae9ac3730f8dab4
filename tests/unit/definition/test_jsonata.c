/* Definitions whose states use JSONata: what is compiled, what is refused, and where. */
#include "load.h"

#define MAP_REST \
    "'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},'End':true"

/* A JSONata machine of one state, S, with a Succeed state E. */
static loaded load_jsonata(const char *state)
{
    char text[4096];
    snprintf(text, sizeof text, "{'QueryLanguage':'JSONata','StartAt':'S','States':{'S':%s%s}}",
             state, strstr(state, "'E'") != NULL ? ",'E':{'Type':'Succeed'}" : "");
    return load(text);
}

static void valid(const char *state)
{
    loaded result = load_jsonata(state);
    const asl_diagnostic *first = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_msg(result.status == ASL_OK, "%s: %s", state, first != NULL ? first->message : "");
    unload(&result);
}

static void refused(const char *state, const char *code, const char *message, const char *location)
{
    check_only(load_jsonata(state), code, message, location);
}

static void refused_schema(const char *state, const char *message, const char *location)
{
    refused(state, "SCHEMA_VALIDATION_FAILED", message, location);
}

static const asl_state *state_s(const loaded *result)
{
    ck_assert_int_eq(result->status, ASL_OK);
    return asl_program_find(asl_definition_program(result->definition), "S", 1);
}

START_TEST(fields_become_expressions)
{
    loaded result = load_jsonata(
        "{'Type':'Task','Resource':'f','Arguments':{'a':'{% $states.input %}'},'Output':'{% "
        "$states.result %}','Assign':{'v':1},'TimeoutSeconds':'{% $t %}','HeartbeatSeconds':5,"
        "'Credentials':{'RoleArn':'{% $r %}'},'Next':'E','Catch':[{'ErrorEquals':['A'],'Next':'E',"
        "'Output':{'e':'{% $states.errorOutput %}'},'Assign':{'w':'{% $states.errorOutput %}'}}]}");
    const asl_state *state = state_s(&result);
    ck_assert(state->is_jsonata);
    ck_assert_int_eq(asl_expression_kind_of(state->parameters), ASL_EXPRESSION_TEMPLATE);
    ck_assert_int_eq(asl_expression_kind_of(state->output), ASL_EXPRESSION_JSONATA);
    ck_assert_int_eq(asl_expression_kind_of(state->assign), ASL_EXPRESSION_CONSTANT);
    ck_assert_int_eq(asl_expression_kind_of(state->as.task.timeout_seconds),
                     ASL_EXPRESSION_JSONATA);
    ck_assert_int_eq(asl_expression_kind_of(state->as.task.heartbeat_seconds),
                     ASL_EXPRESSION_CONSTANT);
    ck_assert_int_eq(asl_expression_kind_of(state->as.task.credentials), ASL_EXPRESSION_TEMPLATE);
    ck_assert_str_eq(asl_expression_field(state->catchers[0].output), "Catch[0]/Output");
    ck_assert_str_eq(asl_expression_field(state->catchers[0].assign), "Catch[0]/Assign");
    ck_assert_ptr_null(state->input_path);
    unload(&result);
}
END_TEST

START_TEST(every_type_of_state_takes_its_fields)
{
    valid("{'Type':'Pass','Output':'{% $states.input %}','Assign':{'a':'{% $states.context %}'},"
          "'End':true}");
    valid("{'Type':'Wait','Seconds':'{% $s %}','Output':1,'End':true}");
    valid("{'Type':'Wait','Timestamp':'{% $s %}','End':true}");
    valid("{'Type':'Wait','Timestamp':'2026-01-01T00:00:00Z','End':true}");
    valid("{'Type':'Succeed','Output':{'a':'{% $states.input %}'}}");
    valid("{'Type':'Fail','Error':'{% $e %}','Cause':'{% $c %}'}");
    valid("{'Type':'Fail','Error':'Own'}");
    valid("{'Type':'Map','Items':'{% $i %}','ItemSelector':{'x':'{% $states.context.Map %}'},"
          "'MaxConcurrency':'{% $m %}','Output':'{% $states.result %}'," MAP_REST "}");
    valid("{'Type':'Map','Items':[1,'{% $i %}']," MAP_REST "}");
    valid("{'Type':'Parallel','Arguments':'{% $a %}','Output':'{% $states.result %}','Branches':["
          "{'StartAt':'B','States':{'B':{'Type':'Pass','End':true}}}],'End':true}");
    valid("{'Type':'Choice','Choices':[{'Condition':'{% $c %}','Next':'E','Output':'{% $o %}',"
          "'Assign':{'a':1}},{'Condition':true,'Next':'E'}],'Output':1,'Assign':{'a':2}}");
    valid("{'Type':'Task','Resource':'f','Credentials':'{% $c %}','End':true}");
}
END_TEST

START_TEST(rules_know_where_they_stand)
{
    loaded result = load_jsonata("{'Type':'Choice','Default':'E','Choices':[{'Condition':false,"
                                 "'Next':'E'},{'Condition':'{% $c %}','Output':'{% $o %}','Assign':"
                                 "{'a':1},'Next':'E'}]}");
    const asl_choice_rule *rules = state_s(&result)->as.choice.rules;
    ck_assert_int_eq(asl_expression_kind_of(rules[0].condition), ASL_EXPRESSION_CONSTANT);
    ck_assert_ptr_null(rules[0].output);
    ck_assert_str_eq(asl_expression_field(rules[1].condition), "Choices[1]/Condition");
    ck_assert_str_eq(asl_expression_field(rules[1].output), "Choices[1]/Output");
    ck_assert_str_eq(asl_expression_field(rules[1].assign), "Choices[1]/Assign");
    unload(&result);
}
END_TEST

START_TEST(states_inside_fall_back_to_the_machine_s_language)
{
    loaded result = load("{'StartAt':'M','States':{'M':{'Type':'Map','QueryLanguage':'JSONata',"
                         "'Items':[],'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass',"
                         "'InputPath':'$','End':true}}},'End':true}}}");
    ck_assert_int_eq(result.status, ASL_OK);
    const asl_program *program = asl_definition_program(result.definition);
    ck_assert(asl_program_find(program, "M", 1)->is_jsonata);
    ck_assert(!asl_program_find(program, "I", 1)->is_jsonata);
    unload(&result);
    check_only(load("{'StartAt':'M','States':{'M':{'Type':'Map','QueryLanguage':'JSONata','Items':"
                    "[],'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','Output':1,"
                    "'End':true}}},'End':true}}}"),
               "SCHEMA_VALIDATION_FAILED",
               "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for "
               "the 'JSONata' QueryLanguage",
               "/States/M/ItemProcessor/States/I");
}
END_TEST

START_TEST(fields_of_the_other_language_are_refused_at_the_state)
{
    static const char *const fields[] = {"'InputPath':'$'",  "'OutputPath':'$'",
                                         "'ResultPath':'$'", "'ResultSelector':{}",
                                         "'Parameters':{}",  "'TimeoutSecondsPath':'$.t'"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char state[256], message[256];
        int size = (int)(strchr(fields[i] + 1, '\'') - fields[i]) - 1;
        snprintf(state, sizeof state, "{'Type':'Task','Resource':'f','End':true,%s}", fields[i]);
        snprintf(message, sizeof message,
                 "The QueryLanguage is set to 'JSONata', but field '%.*s' is only supported for "
                 "the 'JSONPath' QueryLanguage",
                 size, fields[i] + 1);
        refused_schema(state, message, "/States/S");
    }
}
END_TEST

START_TEST(machines_and_processors_have_no_language_of_their_own)
{
    check_state("{'Type':'Map','End':true,'ItemProcessor':{'QueryLanguage':'JSONata','StartAt':"
                "'I','States':{'I':{'Type':'Succeed'}}}}",
                "Field 'QueryLanguage' is not supported", "/States/S/ItemProcessor");
    check_only(load("{'QueryLanguage':'jsonata','StartAt':'S','States':{'S':{'Type':'Pass',"
                    "'Output':1,'End':true}}}"),
               "SCHEMA_VALIDATION_FAILED",
               "Value should be one of the following: [JSONPath, JSONata]", "/QueryLanguage");
}
END_TEST

START_TEST(texts_that_are_no_expressions_do_not_stand_for_numbers)
{
    refused_schema("{'Type':'Wait','Seconds':'5','End':true}", "Expected value of type Integer",
                   "/States/S/Seconds");
    refused_schema("{'Type':'Wait','Seconds':-1,'End':true}", "Minimum value is 0",
                   "/States/S/Seconds");
    refused_schema("{'Type':'Wait','Timestamp':'today','End':true}",
                   "String does not match RFC3339 timestamp", "/States/S/Timestamp");
    refused_schema("{'Type':'Map','Items':'x'," MAP_REST "}", "Expected value of type [ARRAY]",
                   "/States/S/Items");
    refused_schema("{'Type':'Choice','Choices':[{'Condition':'true','Next':'E'}]}",
                   "Expected value of type [BOOLEAN]", "/States/S/Choices[0]/Condition");
    refused_schema("{'Type':'Fail','Error':1}", "Expected value of type [STRING]",
                   "/States/S/Error");
    refused_schema("{'Type':'Task','Resource':'f','End':true,'Credentials':'role'}",
                   "Expected value of type [OBJECT]", "/States/S/Credentials");
    refused_schema("{'Type':'Task','Resource':'f','End':true,'Credentials':{}}",
                   "The field 'RoleArn' is required but was missing", "/States/S/Credentials");
}
END_TEST

START_TEST(a_resource_is_never_evaluated)
{
    refused_schema("{'Type':'Task','Resource':'{% $r %}','End':true}",
                   "The resource provided {% $r %} is not recognized. The value is not a valid "
                   "resource ARN, or the resource is not available in this region.",
                   "/States/S/Resource");
}
END_TEST

START_TEST(both_signs_of_an_expression_or_none)
{
#define SIGNS "JSONata string must start with {% and end with %}"
    refused_schema("{'Type':'Pass','Output':'{% 1','End':true}", SIGNS, "/States/S/Output");
    refused_schema("{'Type':'Pass','Output':'1 %}','End':true}", SIGNS, "/States/S/Output");
    refused_schema("{'Type':'Pass','Output':{'a':['{%}']},'End':true}", SIGNS,
                   "/States/S/Output/a[0]");
    refused_schema("{'Type':'Fail','Error':'{% 1 %} '}", SIGNS, "/States/S/Error");
    valid("{'Type':'Pass','Output':{'{% 1':'a {% 1 %} b'},'End':true}");
}
END_TEST

START_TEST(expressions_that_do_not_parse_are_refused)
{
    refused("{'Type':'Pass','Output':'{% %}','End':true}", "INVALID_JSONATA_EXPRESSION",
            "Unexpected end of expression", "/States/S/Output");
}
END_TEST

START_TEST(what_the_dialect_lacks_is_refused_at_its_place)
{
    loaded result =
        load_jsonata("{'Type':'Pass','Output':{'a':{'v':['{%  phone %}']}},'End':true}");
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(only->code, "UNSUPPORTED_JSONATA_EXPRESSION");
    ck_assert_str_eq(only->message, "Reference to 'phone' at the top level is not supported.");
    ck_assert_str_eq(only->location, "/States/S/Output/a/v[0]");
    ck_assert_str_eq(only->pointer, "/States/S/Output/a/v/0");
    ck_assert_uint_eq(only->length, strlen("phone"));
    ck_assert_int_eq(memcmp(result.text + only->offset, "phone", 5), 0);
    unload(&result);
}
END_TEST

START_TEST(a_string_with_escapes_is_pointed_at_as_a_whole)
{
    loaded result = load_jsonata("{'Type':'Pass','Output':'{%\\t phone %}','End':true}");
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_str_eq(only->code, "UNSUPPORTED_JSONATA_EXPRESSION");
    ck_assert_int_eq(result.text[only->offset], '"');
    ck_assert_uint_eq(only->length, strlen("'{%\\t phone %}'"));
    unload(&result);
}
END_TEST

START_TEST(all_refused_expressions_are_reported)
{
    loaded result = load_jsonata("{'Type':'Pass','Output':{'a':'{% x %}','b':'{% $ok %}','c':["
                                 "'{% %}','{% y']},'Assign':{'d':'{% z %}'},'End':true}");
    static const char *const locations[] = {"/States/S/Output/a", "/States/S/Output/c[0]",
                                            "/States/S/Output/c[1]", "/States/S/Assign/d"};
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(asl_diagnostics_at(result.diagnostics, i)->location, locations[i]);
    unload(&result);
}
END_TEST

START_TEST(results_exist_where_a_state_has_one)
{
#define NO_RESULT "UNSUPPORTED_JSONATA_EXPRESSION", "Field '$states.result' does not exist."
    refused("{'Type':'Pass','Output':'{% $states.result %}','End':true}", NO_RESULT,
            "/States/S/Output");
    refused("{'Type':'Task','Resource':'f','Arguments':{'a':'{% $states.result %}'},'End':true}",
            NO_RESULT, "/States/S/Arguments/a");
    refused("{'Type':'Task','Resource':'f','Catch':[{'ErrorEquals':['A'],'Next':'E','Output':'{% "
            "$states.result %}'}],'Next':'E'}",
            NO_RESULT, "/States/S/Catch[0]/Output");
    refused("{'Type':'Choice','Choices':[{'Condition':true,'Next':'E','Assign':{'a':'{% "
            "$states.result %}'}}]}",
            NO_RESULT, "/States/S/Choices[0]/Assign/a");
    refused("{'Type':'Map','ItemSelector':'{% $states.result %}'," MAP_REST "}", NO_RESULT,
            "/States/S/ItemSelector");
    valid("{'Type':'Map','Assign':{'a':'{% $states.result %}'}," MAP_REST "}");
}
END_TEST

START_TEST(variables_are_checked_as_in_jsonpath)
{
    refused("{'Type':'Pass','Assign':{'states':1},'End':true}", "RESERVED_VARIABLE_NAME",
            "Cannot assign to reserved variable '$states'.", "/States/S/Assign");
    refused("{'Type':'Pass','Assign':{'a.$':1},'End':true}", "INVALID_VARIABLE_NAME",
            "Invalid variable name 'a.$': the variable name contains invalid characters.",
            "/States/S/Assign");
}
END_TEST

START_TEST(programs_know_that_variables_are_read)
{
    loaded result = load_jsonata("{'Type':'Pass','Output':{'a':'{% $v %}'},'End':true}");
    ck_assert(asl_definition_program(result.definition)->has_variables);
    unload(&result);
    result = load_jsonata("{'Type':'Pass','Output':'{% $states.input %}','End':true}");
    ck_assert(!asl_definition_program(result.definition)->has_variables);
    unload(&result);
}
END_TEST

static void warned(const char *state, const char *code, const char *pointer)
{
    loaded result = load_jsonata(state);
    ck_assert_int_eq(result.status, ASL_OK);
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 1);
    const asl_diagnostic *only = asl_diagnostics_at(result.diagnostics, 0);
    ck_assert_int_eq(only->severity, ASL_SEVERITY_WARNING);
    ck_assert_str_eq(only->code, code);
    ck_assert_str_eq(only->pointer, pointer);
    unload(&result);
}

START_TEST(what_only_looks_like_an_expression_is_warned_of)
{
    warned("{'Type':'Pass','Output':{'a.$':'$.x'},'End':true}", "DOLLAR_IN_JSONATA",
           "/States/S/Output/a.$");
    warned("{'Type':'Pass','Output':['b',' {% 1 %} '],'End':true}", "BLANK_BEFORE_EXPRESSION",
           "/States/S/Output/1");
    valid("{'Type':'Pass','Output':['$.a','a {% b','',' '],'End':true}");
}
END_TEST

START_TEST(rules_that_never_match_are_warned_of)
{
    warned("{'Type':'Choice','Default':'E','Choices':[{'Condition':true,'Next':'E'},{'Condition':"
           "'{% $a %}','Next':'E'}]}",
           "UNREACHABLE_RULE", "/States/S/Choices/1");
    warned("{'Type':'Choice','Default':'E','Choices':[{'Condition':false,'Next':'E'}]}",
           "UNREACHABLE_RULE", "/States/S/Choices/0");
    warned("{'Type':'Choice','Default':'E','Choices':[{'Condition':'{% $a %}','Next':'E'},"
           "{'Condition':'{% $a %}','Next':'E','Output':1}]}",
           "UNREACHABLE_RULE", "/States/S/Choices/1");
    loaded result = load_jsonata("{'Type':'Choice','Default':'E','Choices':[{'Condition':'{% "
                                 "$random() %}','Next':'E'},{'Condition':'{% $random() %}',"
                                 "'Next':'E'}]}");
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    unload(&result);
}
END_TEST

START_TEST(catchers_that_lose_the_input_are_warned_of)
{
#define CATCHING(rest) \
    "{'Type':'Task','Resource':'f','Next':'E','Catch':[{'ErrorEquals':['A'],'Next':'E'" rest "}]}"
    warned(CATCHING(""), "CATCH_DISCARDS_INPUT", "/States/S/Catch/0");
    loaded result = load_jsonata(CATCHING(",'Output':'{% $states.input %}'"));
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    unload(&result);
    result = load_jsonata(CATCHING(",'Assign':{'i':'{% $states.input %}'}"));
    ck_assert_uint_eq(asl_diagnostics_count(result.diagnostics), 0);
    unload(&result);
}
END_TEST

START_TEST(expressions_in_what_is_not_supported_yet_are_checked)
{
    loaded result = load_jsonata("{'Type':'Map','ItemReader':{'Resource':"
                                 "'arn:aws:states:::s3:getObject','Arguments':{'Bucket':'{% b %}'}"
                                 "}," MAP_REST "}");
    ck_assert_ptr_nonnull(find_code(&result, "UNSUPPORTED"));
    const asl_diagnostic *refusal = find_code(&result, "UNSUPPORTED_JSONATA_EXPRESSION");
    ck_assert_ptr_nonnull(refusal);
    ck_assert_str_eq(refusal->location, "/States/S/ItemReader/Arguments/Bucket");
    unload(&result);
}
END_TEST

SUITE("definition/jsonata", fields_become_expressions, every_type_of_state_takes_its_fields,
      rules_know_where_they_stand, states_inside_fall_back_to_the_machine_s_language,
      fields_of_the_other_language_are_refused_at_the_state,
      machines_and_processors_have_no_language_of_their_own,
      texts_that_are_no_expressions_do_not_stand_for_numbers, a_resource_is_never_evaluated,
      both_signs_of_an_expression_or_none, expressions_that_do_not_parse_are_refused,
      what_the_dialect_lacks_is_refused_at_its_place,
      a_string_with_escapes_is_pointed_at_as_a_whole, all_refused_expressions_are_reported,
      results_exist_where_a_state_has_one, variables_are_checked_as_in_jsonpath,
      programs_know_that_variables_are_read, what_only_looks_like_an_expression_is_warned_of,
      rules_that_never_match_are_warned_of, catchers_that_lose_the_input_are_warned_of,
      expressions_in_what_is_not_supported_yet_are_checked)
