/* Evaluating: paths, sequences, bindings, functions, and what fails. Beside the suite of jsonata-js
 * these are the cases that a native evaluator gets wrong in its own ways. */
#include "jsonata_case.h"

START_TEST(a_sequence_collapses_and_an_array_does_not)
{
    jsonata_gives("a.b", "{'a':[{'b':1},{'b':2}]}", "[1,2]");
    jsonata_gives("a.b", "{'a':[{'b':1},{'c':2}]}", "1");
    jsonata_gives("a.b", "{'a':[{'c':1}]}", "undefined");
    jsonata_gives("a.b[]", "{'a':[{'b':1}]}", "[1]");
    jsonata_gives("a.b", "{'a':{'b':[]}}", "[]");
    jsonata_gives("a.b.c", "{'a':{'b':[]}}", "undefined");
    jsonata_gives("a.b.c", "{'a':{'b':[[{'c':1}],[{'c':2}]]}}", "[1,2]");
    jsonata_gives("[a.b]", "{'a':[{'b':1}]}", "[1]");
    jsonata_gives("a.[b]", "{'a':[{'b':1},{'b':2}]}", "[[1],[2]]");
    jsonata_gives("$", "[[1]]", "[[1]]");
}
END_TEST

START_TEST(predicates_are_positions_or_conditions)
{
    jsonata_gives("a[0]", "{'a':[5,6]}", "5");
    jsonata_gives("a[-1]", "{'a':[5,6]}", "6");
    jsonata_gives("a[1.7]", "{'a':[5,6]}", "6");
    jsonata_gives("a[9]", "{'a':[5,6]}", "undefined");
    jsonata_gives("a[[0,2]]", "{'a':[5,6,7]}", "[5,7]");
    jsonata_gives("a[[2,0,2]]", "{'a':[5,6,7]}", "[5,7,7]");
    jsonata_gives("a[[0..1]]", "{'a':[5,6,7]}", "[5,6]");
    jsonata_gives("a[$>5]", "{'a':[5,6,7]}", "[6,7]");
    jsonata_gives("(a)[0]", "{'a':[5,6]}", "5");
    jsonata_gives("a[b=1].c", "{'a':[{'b':1,'c':'x'},{'b':2,'c':'y'}]}", "'x'");
    jsonata_gives("a.b[0]", "{'a':[{'b':[1,2]},{'b':[3,4]}]}", "[1,3]");
    jsonata_gives("(a.b)[0]", "{'a':[{'b':[1,2]},{'b':[3,4]}]}", "1");
}
END_TEST

START_TEST(names_are_bound_on_the_way_of_a_path)
{
    const char *data = "{'o':[{'id':1,'l':[{'q':2},{'q':3}]},{'id':4,'l':[{'q':5}]}]}";
    jsonata_gives("o.l.(%.id & ':' & q)", data, "['1:2','1:3','4:5']");
    jsonata_gives("o@$x.l.($x.id + q)", data, "undefined");
    jsonata_gives("[]@$x.a", "{'a':[5,6]}", "[5,6]");
    jsonata_gives("o@$x.o.l@$y.{'i':$x.id,'q':$y.q}", "{'o':{'id':1,'o':{'l':{'q':2}}}}",
                  "undefined");
    jsonata_gives("o#$i.l.($i)", data, "[0,0,1]");
    jsonata_gives("o.l#$i.($i)", data, "[0,1,0]");
    jsonata_gives("o[id>0]#$i[$i=1].id", data, "4");
    jsonata_gives("o.l[%.id=4].q", data, "5");
    jsonata_fails("o.l^(>q).(%.id)", data, "S0217 sort");
}
END_TEST

START_TEST(groups_gather_items_by_key)
{
    const char *data = "{'a':[{'k':'x','v':1},{'k':'y','v':2},{'k':'x','v':3}]}";
    jsonata_gives("a{k: v}", data, "{'x':[1,3],'y':2}");
    jsonata_gives("a{k: $sum(v)}", data, "{'x':4,'y':2}");
    jsonata_gives("a{k: $count($)}", data, "{'x':2,'y':1}");
    jsonata_gives("{'n': $count(a), 'm': nothing}", data, "{'n':3}");
    jsonata_fails("a{v: k}", data, "T1003");
    jsonata_fails("a{k: 1, k: 2}", data, "D1009");
    jsonata_gives("a#$i{k: v, 'all': v}", data, "{'x':[1,3],'all':[1,2,3],'y':2}");
    jsonata_gives("a#$i[v=2]{'first': v, 'second': v, 'i': $i}", data, "{'first':2,'i':1}");
}
END_TEST

START_TEST(sorting_is_stable_and_by_several_terms)
{
    const char *data = "{'a':[{'x':2,'y':'b'},{'x':1,'y':'c'},{'x':2,'y':'a'},{'y':'d'}]}";
    jsonata_gives("a^(x).y", data, "['c','b','a','d']");
    jsonata_gives("a^(>x, y).y", data, "['a','b','c','d']");
    jsonata_fails("a^(x>1)", data, "T2008");
    jsonata_fails("$^($)", "[1,'a']", "T2007");
}
END_TEST

START_TEST(functions_close_over_their_scope)
{
    jsonata_gives("($f := function($x){function($y){$x+$y}}; $f(1)(2))", NULL, "3");
    jsonata_gives("($n := 1; $f := function(){$n}; ($n := 2; $f()))", NULL, "1");
    jsonata_gives("($add := function($a,$b){$a+$b}; $add(?,10)(5))", NULL, "15");
    jsonata_gives("$map([1,2,3], function($v,$i,$a){$v*$i+$count($a)})", NULL, "[3,5,9]");
    jsonata_gives("($up := $uppercase ~> $trim; ' a ' ~> $up)", NULL, "'A'");
    jsonata_gives("$map(['a','b'], $uppercase)", NULL, "['A','B']");
    jsonata_gives("($f := $substring(?,1); $f('abc'))", NULL, "'bc'");
    jsonata_fails("$nothing(1)", NULL, "T1006 nothing");
    jsonata_fails("sum(1)", NULL, "T1005 sum");
    jsonata_fails("1 ~> 2", NULL, "T2006");
}
END_TEST

START_TEST(a_transform_changes_a_copy)
{
    jsonata_gives("[$ ~> |a|{'b':2}|, $]", "{'a':{'b':1}}", "[{'a':{'b':2}},{'a':{'b':1}}]");
    jsonata_gives("$ ~> |a|{}, ['b']|", "{'a':{'b':1,'c':2}}", "{'a':{'c':2}}");
    jsonata_gives("$ ~> |**[b]|{'d':b}|", "{'a':{'b':1},'b':3}", "{'a':{'b':1,'d':1},'b':3}");
    jsonata_fails("$ ~> |a|5|", "{'a':{}}", "T2011");
    jsonata_fails("$ ~> |a|{},5|", "{'a':{}}", "T2012");
}
END_TEST

START_TEST(numbers_print_as_javascript_prints_them)
{
    jsonata_gives("0.1+0.2", NULL, "0.30000000000000004");
    jsonata_gives("$string(0.1+0.2)", NULL, "'0.3'");
    jsonata_gives("1e21", NULL, "1e+21");
    jsonata_gives("$string(1e20)", NULL, "'100000000000000000000'");
    jsonata_gives("-0", NULL, "0");
    jsonata_gives("5 % 3 - -5 % 3", NULL, "4");
    jsonata_gives("1/0", NULL, "null");
    jsonata_fails("$string(1/0)", NULL, "D3001 string");
}
END_TEST

START_TEST(what_is_passed_on_keeps_the_text_of_its_numbers)
{
    jsonata_gives("a", "{'a':1.50}", "1.50");
    jsonata_gives("{'x':a}", "{'a':12345678901234567890}", "{'x':12345678901234567890}");
    jsonata_gives("a+0", "{'a':1.50}", "1.5");
    jsonata_gives("a=1.5", "{'a':1.50}", "true");
}
END_TEST

START_TEST(errors_name_the_operator_or_the_function)
{
    jsonata_fails("1 + 'a'", NULL, "T2002 +");
    jsonata_fails("'a' * 1", NULL, "T2001 *");
    jsonata_fails("1 < 'a'", NULL, "T2009 <");
    jsonata_fails("true > 1", NULL, "T2010 >");
    jsonata_fails("[1.5..2]", NULL, "T2003 ..");
    jsonata_fails("[1..'a']", NULL, "T2004 ..");
    jsonata_fails("[1..100000000]", NULL, "D2014 ..");
    jsonata_fails("-'a'", NULL, "D1002 -");
    jsonata_fails("$abs('a')", NULL, "T0410 abs");
    jsonata_fails("5.$uppercase()", NULL, "S0213");
    jsonata_fails("$sum(['a'])", NULL, "T0412 sum");
    jsonata_fails("$error('my words')", NULL, "D3137 error");
}
END_TEST

START_TEST(strings_compare_by_utf16_code_units)
{
    /* U+FFFD is before U+1F600 by code point, and behind its first surrogate. */
    jsonata_gives("'\\ufffd' > '\\ud83d\\ude00'", NULL, "true");
    jsonata_gives("$sort(['\\ufffd','\\ud83d\\ude00'])", NULL,
                  "['\xf0\x9f\x98\x80','\xef\xbf\xbd']");
    jsonata_gives("$length('\\ud83d\\ude00')", NULL, "1");
}
END_TEST

START_TEST(eval_reads_and_binds_where_it_is_called)
{
    jsonata_gives("($x := 2; $eval('$x * a'))", "{'a':3}", "6");
    jsonata_gives("($eval('$y := 5'); $y)", NULL, "5");
    jsonata_gives("$map([1,2], function($v){[$eval('$v + 1')]})", NULL, "[[2],[3]]");
    jsonata_gives("($f := function($n){$n > 0 ? $f($n - 1) : $eval('$z := [1]')}; $f(50); $z)",
                  NULL, "[1]");
    jsonata_fails("$eval('1 +')", NULL, "D3120 eval");
    jsonata_fails("$eval('1 + \"a\"')", NULL, "D3121 eval");
}
END_TEST

START_TEST(a_result_that_is_a_function_is_said_to_be_one)
{
    ck_assert_int_eq(jsonata_try("$sum", NULL, 0, NULL).status, ASL_UNSUPPORTED);
    ck_assert_int_eq(jsonata_try("[1, function(){2}]", NULL, 0, NULL).status, ASL_UNSUPPORTED);
}
END_TEST

static void note_variable(void *context, const char *name, size_t name_size, const char *member,
                          size_t member_size)
{
    char *text = context;
    size_t size = strlen(text);
    snprintf(text + size, 256 - size, "%.*s%s%.*s ", (int)name_size, name,
             member != NULL ? "." : "", (int)member_size, member != NULL ? member : "");
}

static void reads(const char *text, const char *expected)
{
    char got[256] = "";
    asl_jsonata *expression = NULL;
    ck_assert_int_eq(asl_jsonata_compile(NULL, text, strlen(text), 0, &expression, NULL), ASL_OK);
    asl_jsonata_variables(expression, note_variable, got);
    ck_assert_msg(strcmp(got, expected) == 0, "%s: %s", text, got);
    asl_jsonata_unref(expression);
}

START_TEST(the_variables_that_are_read_are_told)
{
    reads("$states.input.a + $x", "states.input x ");
    reads("($y := 1; $y + $z)", "z ");
    reads("($y + 1; $y := 2; $y)", "y ");
    reads("function($p){$p + $q}", "q ");
    reads("$states", "states ");
    reads("$states[0].a", "states ");
    reads("$not($x) and $x ~> $sum = $substring(?, 1)($x)", "x x x ");
    reads("$own($map($x, $sum))", "own x sum ");
    reads("$ ~> $f", "f ");
    reads("a[$i].b{$k: $v}", "i k v ");
}
END_TEST

SUITE("jsonata/evaluate", a_sequence_collapses_and_an_array_does_not,
      predicates_are_positions_or_conditions, names_are_bound_on_the_way_of_a_path,
      groups_gather_items_by_key, sorting_is_stable_and_by_several_terms,
      functions_close_over_their_scope, a_transform_changes_a_copy,
      numbers_print_as_javascript_prints_them, what_is_passed_on_keeps_the_text_of_its_numbers,
      errors_name_the_operator_or_the_function, strings_compare_by_utf16_code_units,
      eval_reads_and_binds_where_it_is_called, a_result_that_is_a_function_is_said_to_be_one,
      the_variables_that_are_read_are_told)
