#include "runtime/handlers.h"

#include <string.h>

#include "suite.h"

static int released;

static void start(void *context, asl_task *task)
{
    (void)context;
    (void)task;
}

static void release(void *context)
{
    (void)context;
    released++;
}

static void put(asl_handlers *handlers, const char *pattern, int *mark)
{
    asl_task_handler handler = {
        .size = sizeof handler, .start = start, .release = release, .context = mark};
    ck_assert_int_eq(asl_handlers_put(handlers, pattern, &handler), ASL_OK);
}

static const void *find(const asl_handlers *handlers, const char *resource)
{
    const asl_handler *handler = asl_handlers_find(handlers, resource, strlen(resource));
    return handler ? handler->functions.context : NULL;
}

START_TEST(the_exact_text_serves_before_patterns_and_the_longest_pattern_first)
{
    int exact, longer, shorter, all;
    asl_handlers handlers;
    asl_handlers_init(&handlers, NULL);
    put(&handlers, "arn:a:*", &shorter);
    put(&handlers, "arn:a:b:*", &longer);
    put(&handlers, "arn:a:b:c", &exact);
    ck_assert_ptr_null(find(&handlers, "other"));
    put(&handlers, "*", &all);
    ck_assert_ptr_eq(find(&handlers, "arn:a:b:c"), &exact);
    ck_assert_ptr_eq(find(&handlers, "arn:a:b:cd"), &longer);
    ck_assert_ptr_eq(find(&handlers, "arn:a:b:"), &longer);
    ck_assert_ptr_eq(find(&handlers, "arn:a:x"), &shorter);
    ck_assert_ptr_eq(find(&handlers, "other"), &all);
    asl_handlers_done(&handlers);
}
END_TEST

START_TEST(a_replaced_handler_is_released_once_nobody_uses_it)
{
    int first, second;
    asl_handlers handlers;
    asl_handlers_init(&handlers, NULL);
    released = 0;
    put(&handlers, "a", &first);
    put(&handlers, "b*", &first);
    asl_handler *used = asl_handler_ref(asl_handlers_find(&handlers, "a", 1));
    put(&handlers, "a", &second);
    ck_assert_int_eq(released, 0);
    asl_handler_unref(used);
    ck_assert_int_eq(released, 1);
    put(&handlers, "b*", &second);
    ck_assert_int_eq(released, 2);
    ck_assert_ptr_eq(find(&handlers, "a"), &second);
    ck_assert_ptr_eq(find(&handlers, "bc"), &second);
    asl_handlers_done(&handlers);
    ck_assert_int_eq(released, 4);
}
END_TEST

START_TEST(a_copy_keeps_what_is_replaced_in_the_original)
{
    int first, second;
    asl_handlers handlers, copy;
    asl_handlers_init(&handlers, NULL);
    put(&handlers, "a", &first);
    put(&handlers, "b*", &first);
    ck_assert_int_eq(asl_handlers_copy(&copy, &handlers), ASL_OK);
    put(&handlers, "a", &second);
    put(&handlers, "b*", &second);
    ck_assert_ptr_eq(find(&copy, "a"), &first);
    ck_assert_ptr_eq(find(&copy, "bc"), &first);
    asl_handlers_done(&handlers);
    ck_assert_ptr_eq(find(&copy, "a"), &first);
    asl_handlers_done(&copy);
}
END_TEST

SUITE("runtime/handlers", the_exact_text_serves_before_patterns_and_the_longest_pattern_first,
      a_replaced_handler_is_released_once_nobody_uses_it,
      a_copy_keeps_what_is_replaced_in_the_original)
