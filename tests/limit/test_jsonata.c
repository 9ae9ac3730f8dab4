/* Limits of JSONata: of an expression, of one evaluation, of what AWS's dialect makes. */
#include <asl/jsonata.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "limit.h"
#include "value/value.h"

static const asl_jsonata_options defaults = {.size = sizeof defaults};

/* Compiles, and evaluates where that can be done. `ret_value` may be NULL. */
static int evaluate(const char *text, unsigned flags, const asl_jsonata_options *options,
                    asl_value **ret_value)
{
    asl_jsonata *expression = NULL;
    asl_value *value = NULL;
    int status = asl_jsonata_compile(NULL, text, strlen(text), flags, &expression, NULL);
    if (status == ASL_OK)
        status = asl_jsonata_evaluate(expression, NULL, options, &value, NULL);
    asl_jsonata_unref(expression);
    if (ret_value != NULL)
        *ret_value = value;
    else
        asl_value_unref(value);
    return status;
}

static int evaluate_repeated(const char *head, const char *unit, size_t count, const char *tail)
{
    char *text = limit_text(head, unit, count, tail);
    int status = evaluate(text, 0, &defaults, NULL);
    free(text);
    return status;
}

START_TEST(an_expression_has_a_greatest_size)
{
    ck_assert_int_eq(evaluate_repeated("1", " ", ASL_JSONATA_BYTES_MAX - 1, ""), ASL_OK);
    ck_assert_int_eq(evaluate_repeated("1", " ", ASL_JSONATA_BYTES_MAX, ""), ASL_TOO_LARGE);
}
END_TEST

START_TEST(an_expression_is_nested_so_deep)
{
    char *text = limit_text("", "(", ASL_JSONATA_DEPTH_MAX - 1, "1");
    char *whole = limit_text(text, ")", ASL_JSONATA_DEPTH_MAX - 1, "");
    ck_assert_int_eq(evaluate(whole, 0, &defaults, NULL), ASL_OK);
    free(whole);
    free(text);
    ck_assert_int_eq(evaluate_repeated("", "(", ASL_JSONATA_DEPTH_MAX, "1"), ASL_TOO_LARGE);
    ck_assert_int_eq(evaluate_repeated("1", "+1", ASL_JSONATA_DEPTH_MAX - 1, ""), ASL_OK);
    ck_assert_int_eq(evaluate_repeated("1", "+1", ASL_JSONATA_DEPTH_MAX, ""), ASL_TOO_LARGE);
}
END_TEST

/* Each round of this function nests four evaluations: its call, the condition, the sum, the call.
 */
static int recurse(size_t rounds)
{
    char text[160];
    snprintf(text, sizeof text, "($f := function($n){$n < 1 ? 0 : 1 + $f($n - 1)}; $f(%zu))",
             rounds);
    return evaluate(text, 0, &defaults, NULL);
}

START_TEST(evaluations_are_nested_so_deep)
{
    size_t rounds = 1;
    while (recurse(rounds) == ASL_OK)
        rounds++;
    ck_assert_int_eq(recurse(rounds), ASL_EVALUATION);
    ck_assert_uint_ge(rounds * 3, ASL_JSONATA_EVALUATIONS_DEFAULT - 12);
    ck_assert_uint_le(rounds * 3, ASL_JSONATA_EVALUATIONS_DEFAULT + 12);
}
END_TEST

/* A loop of tail calls that ends by itself after so many steps at least. */
static int loop(uint64_t steps)
{
    char text[160];
    snprintf(text, sizeof text, "($f := function($n){$n > 0 ? $f($n - 1) : 'end'}; $f(%llu))",
             (unsigned long long)steps / 8);
    return evaluate(text, 0, &defaults, NULL);
}

START_TEST(an_evaluation_has_so_many_steps)
{
    ck_assert_int_eq(loop(ASL_JSONATA_STEPS_DEFAULT / 4), ASL_OK);
    ck_assert_int_eq(loop((uint64_t)ASL_JSONATA_STEPS_DEFAULT * 2), ASL_EVALUATION);
}
END_TEST

/* An array of numbers takes 16 bytes each. */
static int fill(size_t bytes)
{
    char text[160];
    snprintf(text, sizeof text, "$count($append([1..%zu],[1..%zu]))", bytes / 64, bytes / 64);
    return evaluate(text, 0, &defaults, NULL);
}

START_TEST(an_evaluation_has_so_much_memory)
{
    ck_assert_int_eq(fill(ASL_JSONATA_MEMORY_DEFAULT / 2), ASL_OK);
    ck_assert_int_eq(fill((size_t)ASL_JSONATA_MEMORY_DEFAULT * 2), ASL_EVALUATION);
}
END_TEST

static int make_range(size_t count)
{
    char text[64];
    snprintf(text, sizeof text, "$count([1..%zu])", count);
    return evaluate(text, ASL_JSONATA_STATES, &defaults, NULL);
}

START_TEST(a_value_of_awss_dialect_has_a_greatest_size)
{
    ck_assert_int_eq(make_range(ASL_STATES_VALUE_BYTES_MAX / 8), ASL_OK);
    ck_assert_int_eq(make_range(ASL_STATES_VALUE_BYTES_MAX / 8 + 1), ASL_EVALUATION);
}
END_TEST

SUITE("limit/jsonata", an_expression_has_a_greatest_size, an_expression_is_nested_so_deep,
      evaluations_are_nested_so_deep, an_evaluation_has_so_many_steps,
      an_evaluation_has_so_much_memory, a_value_of_awss_dialect_has_a_greatest_size)
