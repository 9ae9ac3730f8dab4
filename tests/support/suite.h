/* One test program: a table of Check tests, and `main`.
 *
 *     START_TEST(empty_array_prints_as_brackets) { ... } END_TEST
 *     SUITE("value/print", empty_array_prints_as_brackets, ...)
 */
#ifndef ASL_TESTS_SUITE_H
#define ASL_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/* A test that hangs is named before Meson ends the program (test_timeout in tests/meson.build). */
#define SUITE_TEST_SECONDS_MAX 240

/* For programs with a `main` of their own. */
static inline TCase *suite_case(const char *name)
{
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, SUITE_TEST_SECONDS_MAX);
    return cases;
}

static inline int suite_run(const char *name, const TTest *const tests[], size_t count)
{
    Suite *suite = suite_create(name);
    TCase *cases = suite_case(name);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define SUITE(name, ...) \
    int main(void) \
    { \
        const TTest *const tests[] = {__VA_ARGS__}; \
        return suite_run(name, tests, sizeof tests / sizeof tests[0]); \
    }

#endif
