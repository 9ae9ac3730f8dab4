/* Hostile expressions: each ends within its budget, with an error that says so. */
#include "fault_heap.h"
#include "jsonata_case.h"

#define MIB 1048576u

/* Evaluates with little memory, and says how much was live at most. */
static int evaluate_within(const char *text, size_t memory_max, size_t *ret_peak, char code[16])
{
    fault_heap heap;
    fault_heap_init(&heap);
    asl_jsonata *expression = NULL;
    asl_error *error = NULL;
    asl_value *value = NULL;
    asl_jsonata_options options = {
        .size = sizeof options, .memory_max = memory_max, .steps_max = 5000000};
    ck_assert_int_eq(asl_jsonata_compile(&heap.hook, text, strlen(text), 0, &expression, &error),
                     ASL_OK);
    int status = asl_jsonata_evaluate(expression, NULL, &options, &value, &error);
    snprintf(code, 16, "%s", asl_error_code(error));
    asl_value_unref(value);
    asl_error_free(error);
    asl_jsonata_unref(expression);
    *ret_peak = heap.peak_bytes;
    ck_assert(fault_heap_is_empty(&heap));
    return status;
}

START_TEST(hostile_expressions_end_within_their_budget)
{
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"($f := function(){$f()}; $f())", "U1001"},
        {"($f := function($n){$f($n + 1) + 1}; $f(0))", "U1001"},
        {"($f := function($n){[$f($n + 1), $f($n + 1)]}; $f(0))", "U1001"},
        {"($f := function($a){$f([$a, $a])}; $f(1))", ""},
        {"($f := function($s){$f($s & $s)}; $f('aaaaaaaa'))", ""},
        {"$sum([1..10000000])", "U1001"},
        {"$sum([1..1000000])", ""},
        {"$map([1..1000], function($x){[1..9000]})", ""},
        {"$pad('', 1000000000)", ""},
        {"$join($map([1..100000], function($x){'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}))", ""},
        {"$formatNumber(1, $pad('', 1000000000, '0'))", ""},
        {"$reduce([1..60], function($a, $x){[[$a], [$a]]}, [1]) ~> $string()", ""},
        {"($a := $reduce([1..60], function($a, $x){[[$a], [$a]]}, [1]);"
         " $b := $reduce([1..60], function($a, $x){[[$a], [$a]]}, [1]); $a = $b)",
         "U1001"},
        {"$distinct($map([1..10000], function($x){{'a': $x}}))", "U1001"},
        {"$match($pad('', 5000, 'a'), /^(a|a)*[bc]$/)", "U1001"},
        {"$replace($pad('', 100, 'a'), /(a|aa)+[xy]/, 'x')", "U1001"},
        {"$sort([1..100000], function($l, $r){$l < $r})", ""},
        {"[1..1000].[1..1000].[1..1000]", ""},
        {"$string($reduce([1..1000], function($a, $x){{'a': $a}}, {}))", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t peak = 0;
        char code[16];
        int status = evaluate_within(cases[i].text, 8 * MIB, &peak, code);
        ck_assert_msg(status == ASL_EVALUATION || status == ASL_TOO_LARGE, "%s: %s", cases[i].text,
                      asl_status_name(status));
        ck_assert_msg(strcmp(code, cases[i].code) == 0, "%s: %s", cases[i].text, code);
        ck_assert_msg(peak < 32 * MIB, "%s: %zu bytes", cases[i].text, peak);
    }
}
END_TEST

START_TEST(long_loops_run_in_little_memory)
{
    static const char *const texts[] = {
        "($f := function($n, $s){$n = 0 ? $s : $f($n - 1, $s + $n)}; $f(100000, 0))",
        "$reduce([1..20000], function($a, $x){($y := $x * 2; $a + $y)}, 0)",
        "$count([1..20000][$string($) & 'x' != 'y'])",
        "$sum([1..20000].($length($string($)) + 1))",
        "$count($filter([1..20000], function($x){$contains($string($x), '7')}))",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t peak = 0;
        char code[16];
        ck_assert_msg(evaluate_within(texts[i], 4 * MIB, &peak, code) == ASL_OK, "%s: %s", texts[i],
                      code);
        ck_assert_msg(peak < 4 * MIB, "%s: %zu bytes", texts[i], peak);
    }
}
END_TEST

static bool stop_at_third(void *context)
{
    return ++*(int *)context == 3;
}

START_TEST(the_host_can_stop_an_evaluation)
{
    int asked = 0;
    asl_jsonata_options options = {
        .size = sizeof options, .context = &asked, .stop = stop_at_third};
    jsonata_outcome got = jsonata_try("($f := function(){$f()}; $f())", NULL, 0, &options);
    ck_assert_int_eq(got.status, ASL_EVALUATION);
    ck_assert_str_eq(got.text, "U1001 f");
    ck_assert_int_eq(asked, 3);
}
END_TEST

START_TEST(steps_are_counted_the_same_every_time)
{
    asl_jsonata_options options = {.size = sizeof options, .steps_max = 20000};
    jsonata_outcome first =
        jsonata_try("$count($map([1..1000], function($x){$x+1}))", NULL, 0, &options);
    ck_assert_int_eq(first.status, ASL_OK);
    options.steps_max = 1000;
    first = jsonata_try("$count($map([1..1000], function($x){$x+1}))", NULL, 0, &options);
    ck_assert_int_eq(first.status, ASL_EVALUATION);
}
END_TEST

static int run_all(const asl_heap *heap, const char *text, const asl_value *input)
{
    asl_jsonata *expression = NULL;
    asl_error *error = NULL;
    asl_value *value = NULL;
    int status = asl_jsonata_compile(heap, text, strlen(text), 0, &expression, &error);
    if (status == ASL_OK)
        status = asl_jsonata_evaluate(expression, input, NULL, &value, &error);
    asl_value_unref(value);
    asl_error_free(error);
    asl_jsonata_unref(expression);
    return status;
}

START_TEST(every_failed_allocation_is_reported)
{
    static const char *const texts[] = {
        "a.b[c > 1]^(>c){d: $sum(c)}",
        "a.b@$x.(%.n & $x.d)#$i",
        "($f := function($x)<n:n>{$x < 300 ? $f($x + 1) : $x}; $map([1..5], $f))",
        "$replace('abcabc', /(b)(c)/, '$2$1') & $join($split('a-b', /-/))",
        "$ ~> |a.b|{'e': $string($)}, 'd'|",
        "[[1..300].$string()] ~> $join(',')",
        "$formatNumber(1234.5, '#,##0.00') & $fromMillis(0, '[Y]-[M01]') & $formatInteger(7, 'w')",
        "$eval('$merge([{\"a\": 1}, {\"b\": [1..40]}])') ~> $spread()",
        "$sort(a.b.c, function($l, $r){$l > $r}) ~> $reverse() ~> $distinct() ~> $append('x')",
        "$each($merge([1..13].{'k' & $: $}), function($v, $k){{$k: $v}}) ~> $merge()",
    };
    asl_cleanup(asl_value_cleanup) asl_value *input =
        json_quoted("{'a':{'n':'m','b':[{'c':1,'d':'x'},{'c':2,'d':'y'},{'c':3,'d':'x'}]}}");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fault_heap heap;
        fault_heap_init(&heap);
        for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
            int status = run_all(&heap.hook, texts[i], input);
            int expected = fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK;
            ck_assert_msg(status == expected, "%s: allocation %zu: %s", texts[i], nth,
                          asl_status_name(status));
        }
    }
}
END_TEST

SUITE("jsonata/budget", hostile_expressions_end_within_their_budget,
      long_loops_run_in_little_memory, the_host_can_stop_an_evaluation,
      steps_are_counted_the_same_every_time, every_failed_allocation_is_reported)
