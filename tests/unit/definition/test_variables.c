/* Variable references: what each kind of field refers to, and nothing twice. */
#include "fault_heap.h"
#include "load.h"

static void check_references(const char *text, const char *expected)
{
    loaded result = load(text);
    ck_assert_int_eq(result.status, ASL_OK);
    asl_value *references = NULL;
    char *printed = NULL, quoted[1024];
    ck_assert_int_eq(asl_definition_variables(result.definition, NULL, &references), ASL_OK);
    ck_assert_int_eq(asl_value_print(references, 0, &printed, NULL), ASL_OK);
    snprintf(quoted, sizeof quoted, "%s", expected);
    for (char *c = quoted; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    ck_assert_str_eq(printed, quoted);
    asl_text_free(printed);
    asl_value_unref(references);
    unload(&result);
}

#define ASSIGN "'A':{'Type':'Pass','Assign':{'a':1,'b':2,'c':3,'d':4,'Z':5},'Next':'S'}"

/* A state named S behind one that assigns. */
static void check_fields(const char *state, const char *expected)
{
    char text[2048];
    snprintf(text, sizeof text,
             "{'StartAt':'A','States':{" ASSIGN ",'S':%s,'N':{'Type':'Succeed'}}}", state);
    check_references(text, expected);
}

START_TEST(what_refers_to_none_is_not_listed)
{
    check_references(
        "{'StartAt':'P','States':{'P':{'Type':'Pass','Assign':{'x.$':'$.y'},'Parameters':{"
        "'e.$':'$$.Execution','f':'$x'},'End':true}}}",
        "{}");
}
END_TEST

START_TEST(names_are_sorted_by_bytes_and_stand_once)
{
    check_fields("{'Type':'Pass','InputPath':'$b','Parameters':{'x.$':'States.MathAdd($c,$b)',"
                 "'y':{'z.$':'$Z.q'}},'OutputPath':'$a','Next':'N'}",
                 "{'S':['Z','a','b','c']}");
}
END_TEST

START_TEST(every_kind_of_field_counts)
{
    check_fields(
        "{'Type':'Task','Resource':'arn:aws:states:::sns:publish','TimeoutSecondsPath':'$a',"
        "'HeartbeatSecondsPath':'$b','ResultSelector':{'r.$':'$c'},'Credentials':{"
        "'RoleArn.$':'$d'},'Catch':[{'ErrorEquals':['States.ALL'],'Assign':{'x.$':'$Z'},"
        "'Next':'N'}],'Next':'N'}",
        "{'S':['Z','a','b','c','d']}");
    check_fields("{'Type':'Wait','SecondsPath':'$a','Next':'N'}", "{'S':['a']}");
    check_references("{'StartAt':'A','States':{" ASSIGN ",'S':{'Type':'Fail','ErrorPath':'$a',"
                     "'CausePath':'$b'}}}",
                     "{'S':['a','b']}");
    check_fields("{'Type':'Map','ItemsPath':'$a','MaxConcurrencyPath':'$b','ItemSelector':{'x.$':"
                 "'$c'},'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','InputPath':"
                 "'$d','End':true}}},'Next':'N'}",
                 "{'S':['a','b','c'],'I':['d']}");
    check_fields("{'Type':'Choice','Choices':[{'And':[{'Variable':'$a','NumericEqualsPath':'$b'},{"
                 "'Not':{'Variable':'$c','IsNull':true}}],'Assign':{'x.$':'$d'},'Next':'N'}]}",
                 "{'S':['a','b','c','d']}");
    check_fields(
        "{'Type':'Parallel','Parameters':{'x.$':'$a'},'Branches':[{'StartAt':'I','States':{"
        "'I':{'Type':'Pass','Assign':{'y.$':'$b'},'End':true}}}],'Next':'N'}",
        "{'S':['a'],'I':['b']}");
}
END_TEST

START_TEST(fields_of_jsonata_count)
{
    static const char text[] =
        "{'QueryLanguage':'JSONata','StartAt':'T','States':{'T':{'Type':'Task','Resource':'f',"
        "'Arguments':'{% $a %}','TimeoutSeconds':'{% $b %}','Output':'{% $c.v + "
        "$sum($states.result) %}','Assign':{'x':'{% $d %}'},'Catch':[{'ErrorEquals':['E'],'Output':"
        "'{% $e %}','Assign':{'x':'{% $f "
        "%}'},'Next':'C'}],'Next':'C'},'C':{'Type':'Choice','Output':"
        "'{% $a %}','Choices':[{'Condition':'{% $b %}','Output':'{% $c %}','Assign':{'x':'{% $d "
        "%}'},"
        "'Next':'M'}],'Default':'M'},'M':{'Type':'Map','Items':'{% $a %}','ItemSelector':'{% $b "
        "%}',"
        "'MaxConcurrency':'{% $c %}','ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Wait',"
        "'Seconds':'{% $x %}','Next':'F'},'F':{'Type':'Fail','Error':'{% $y %}','Cause':"
        "'{% ($z := 1; $z) & $x %}'}}},'End':true}}}";
    check_references(text, "{'T':['a','b','c','d','e','f'],'C':['a','b','c','d'],'M':['a','b','c'],"
                           "'I':['x'],'F':['x','y']}");
}
END_TEST

START_TEST(out_of_memory_leaves_nothing_behind)
{
    loaded result = load("{'StartAt':'A','States':{" ASSIGN
                         ",'S':{'Type':'Pass','InputPath':'$b','Parameters':{'x.$':'$a','y.$':'$Z'}"
                         ",'End':true}}}");
    ck_assert_int_eq(result.status, ASL_OK);
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_value *references = NULL;
        int status = asl_definition_variables(result.definition, &heap.hook, &references);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        asl_value_unref(references);
    }
    unload(&result);
}
END_TEST

SUITE("definition/variables", what_refers_to_none_is_not_listed,
      names_are_sorted_by_bytes_and_stand_once, every_kind_of_field_counts, fields_of_jsonata_count,
      out_of_memory_leaves_nothing_behind)
