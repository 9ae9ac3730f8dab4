#include "runtime/handlers.h"

#include <string.h>

#include "fixture.h"

/* A's resource is nobody's, B's echoes. */
#define TWO_TASKS \
    "{\"StartAt\": \"A\", \"States\": {" \
    "\"A\": {\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::test:nobody\", \"Next\": " \
    "\"B\"}," \
    "\"B\": {\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::test:echo\", \"End\": true}}}"

static int released;

static void note_event(void *context, asl_task *task)
{
    *(uint64_t *)context = asl_task_event(task);
    asl_task_succeed(task, asl_value_string(NULL, "mocked"), NULL);
}

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

static const void *find_state(const asl_handlers *handlers, const char *machine, const char *state)
{
    const asl_handler *handler = asl_handlers_find_state(handlers, machine, state, strlen(state));
    return handler ? handler->functions.context : NULL;
}

START_TEST(a_handler_of_a_state_is_that_state_s_of_that_machine_alone)
{
    int first, second;
    asl_handlers handlers, copy;
    asl_handlers_init(&handlers, NULL);
    asl_task_handler handler = {
        .size = sizeof handler, .start = start, .release = release, .context = &first};
    ck_assert_ptr_null(find_state(&handlers, "m", "S"));
    ck_assert_int_eq(asl_handlers_put_state(&handlers, "m", "S", &handler), ASL_OK);
    ck_assert_ptr_eq(find_state(&handlers, "m", "S"), &first);
    ck_assert_ptr_null(find_state(&handlers, "m", "T"));
    ck_assert_ptr_null(find_state(&handlers, "n", "S"));
    ck_assert_ptr_null(find_state(&handlers, "", "mS"));
    ck_assert_ptr_null(find(&handlers, "S"));
    ck_assert_int_eq(asl_handlers_copy(&copy, &handlers), ASL_OK);
    released = 0;
    handler.context = &second;
    ck_assert_int_eq(asl_handlers_put_state(&handlers, "m", "S", &handler), ASL_OK);
    ck_assert_ptr_eq(find_state(&handlers, "m", "S"), &second);
    ck_assert_ptr_eq(find_state(&copy, "m", "S"), &first);
    asl_handlers_done(&copy);
    ck_assert_int_eq(released, 1);
    asl_handlers_done(&handlers);
    ck_assert_int_eq(released, 2);
}
END_TEST

START_TEST(a_name_longer_than_any_can_be_is_refused)
{
    char name[2000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    asl_handlers handlers;
    asl_handlers_init(&handlers, NULL);
    const asl_task_handler handler = {.size = sizeof handler, .start = start};
    ck_assert_int_eq(asl_handlers_put_state(&handlers, name, "S", &handler), ASL_MISUSE);
    ck_assert_int_eq(asl_handlers_put_state(&handlers, "m", name, &handler), ASL_MISUSE);
    ck_assert_int_eq(asl_handlers_put_state(&handlers, "m", name + 1000, &handler), ASL_OK);
    ck_assert_ptr_null(find_state(&handlers, "m", name));
    asl_handlers_done(&handlers);
}
END_TEST

/* The engine's face of it: its own handlers, and what the resource's handler is left with. */
START_TEST(a_state_s_handler_serves_before_its_resource_s)
{
    FOR_EACH_STORE(f)
    {
        uint64_t events[2] = {0, 0};
        const asl_task_handler mock = {.size = sizeof mock, .start = note_event, .context = events};
        asl_definition *definition = NULL;
        ck_assert_int_eq(
            asl_definition_load(TWO_TASKS, strlen(TWO_TASKS), NULL, &definition, NULL, NULL),
            ASL_OK);
        ck_assert_int_eq(asl_engine_add_machine(f.engine, "m", definition, NULL), ASL_OK);
        ck_assert_str_eq(asl_engine_missing_handler(f.engine, definition),
                         "arn:aws:states:::test:nobody");
        ck_assert_int_eq(asl_engine_register_state(f.engine, "m", "A", &mock, NULL), ASL_OK);
        ck_assert_ptr_null(asl_engine_missing_handler(f.engine, definition));
        asl_definition_unref(definition);
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"in\": 1}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        ck_assert_str_eq(fixture_output(execution), "\"mocked\"");
        ck_assert_uint_eq(events[0], 3); /* started, entered, scheduled */
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_state_s_handler_needs_a_start_and_names)
{
    FOR_EACH_STORE(f)
    {
        asl_error *error = NULL;
        asl_task_handler mock = {.size = sizeof mock};
        ck_assert_int_eq(asl_engine_register_state(f.engine, "m", "A", &mock, &error), ASL_MISUSE);
        ck_assert_ptr_nonnull(strstr(asl_error_message(error), "'A' has no start"));
        asl_error_free(error);
        mock.start = start;
        ck_assert_int_eq(asl_engine_register_state(f.engine, NULL, "A", &mock, NULL), ASL_MISUSE);
        ck_assert_int_eq(asl_engine_register_state(f.engine, "m", NULL, &mock, NULL), ASL_MISUSE);
        mock.flags = 64;
        ck_assert_int_eq(asl_engine_register_state(f.engine, "m", "A", &mock, NULL), ASL_MISUSE);
    }
}
END_TEST

SUITE("runtime/handlers", the_exact_text_serves_before_patterns_and_the_longest_pattern_first,
      a_replaced_handler_is_released_once_nobody_uses_it,
      a_copy_keeps_what_is_replaced_in_the_original,
      a_handler_of_a_state_is_that_state_s_of_that_machine_alone,
      a_name_longer_than_any_can_be_is_refused, a_state_s_handler_serves_before_its_resource_s,
      a_state_s_handler_needs_a_start_and_names)
