#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define LATER \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:later\",\"End\":true}}}"
#define PASS "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"

/* The status of a start with this name and input; the execution, where there is one, is let go. */
static int try_start(fixture *f, const char *machine, const char *name, const char *input,
                     asl_execution **ret_execution)
{
    asl_value *value = fixture_json(input);
    asl_execution *execution = NULL;
    asl_error *error = NULL;
    asl_start start = {.size = sizeof start, .machine = machine, .name = name, .input = value};
    int status = asl_execution_start(f->engine, &start, &execution, &error);
    ck_assert_int_eq(status, asl_error_status(error));
    asl_error_free(error);
    asl_value_unref(value);
    if (ret_execution)
        *ret_execution = execution;
    else
        asl_execution_unref(execution);
    return status;
}

START_TEST(starting_is_idempotent_while_the_execution_runs)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LATER);
        asl_execution *first = fixture_start(&f, "m", "one", "{\"a\":1}");
        asl_execution *again = fixture_start(&f, "m", "one", "{\"a\":1}");
        ck_assert_ptr_eq(first, again);
        ck_assert_int_eq(try_start(&f, "m", "one", "{\"a\":2}", NULL), ASL_EXISTS);
        fixture_settle(&f);
        ck_assert_uint_eq(f.started_count, 2);
        asl_execution *third = fixture_start(&f, "m", "one", "{\"a\":1}");
        ck_assert_ptr_eq(first, third);
        fixture_settle(&f);
        ck_assert_uint_eq(f.started_count, 3);
        ck_assert_uint_eq(f.begun_count, 1);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(f.ended_count, 3);
        ck_assert_int_eq(try_start(&f, "m", "one", "{\"a\":1}", NULL), ASL_EXISTS);
        asl_execution_unref(first);
        asl_execution_unref(again);
        asl_execution_unref(third);
    }
}
END_TEST

START_TEST(a_name_belongs_to_its_machine)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", PASS);
        fixture_machine(&f, "n", PASS);
        asl_execution *one = fixture_start(&f, "m", "same", "{}");
        asl_execution *two = fixture_start(&f, "n", "same", "{}");
        fixture_settle(&f);
        ck_assert_ptr_ne(one, two);
        ck_assert_int_eq(asl_execution_status_of(one), ASL_EXECUTION_SUCCEEDED);
        ck_assert_int_eq(asl_execution_status_of(two), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(one);
        asl_execution_unref(two);
    }
}
END_TEST

START_TEST(a_start_that_is_not_given_a_name_gets_a_version_7_uuid)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", PASS);
    asl_execution *one = fixture_start(&f, "m", NULL, "{}");
    asl_execution *two = fixture_start(&f, "m", NULL, "{}");
    ck_assert_uint_eq(strlen(asl_execution_name(one)), 36);
    ck_assert_int_eq(asl_execution_name(one)[14], '7');
    ck_assert_str_ne(asl_execution_name(one), asl_execution_name(two));
    fixture_settle(&f);
    ck_assert_int_eq(asl_execution_status_of(two), ASL_EXECUTION_SUCCEEDED);
    asl_execution_unref(one);
    asl_execution_unref(two);
    fixture_close(&f);
}
END_TEST

START_TEST(starts_that_cannot_be_are_refused)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", PASS);
        fixture_machine(&f, "none",
                        "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:nobody\",\"End\":true}}}");
        ck_assert_int_eq(try_start(&f, "nowhere", "one", "{}", NULL), ASL_NOT_FOUND);
        ck_assert_int_eq(try_start(&f, "m", "a b", "{}", NULL), ASL_MISUSE);
        asl_error *error = NULL;
        asl_start start = {.size = sizeof start, .machine = "none"};
        ck_assert_int_eq(asl_execution_start(f.engine, &start, NULL, &error), ASL_NO_HANDLER);
        ck_assert_ptr_nonnull(strstr(asl_error_message(error), "arn:aws:states:::test:nobody"));
        asl_error_free(error);
    }
}
END_TEST

START_TEST(an_input_may_have_262144_bytes_and_not_one_more)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", PASS);
    static char text[262200];
    memset(text, 'x', sizeof text);
    text[0] = text[262143] = '"';
    text[262144] = '\0';
    ck_assert_int_eq(try_start(&f, "m", "at", text, NULL), ASL_OK);
    text[262143] = 'x';
    text[262144] = '"';
    text[262145] = '\0';
    ck_assert_int_eq(try_start(&f, "m", "past", text, NULL), ASL_TOO_LARGE);
    fixture_close(&f);
}
END_TEST

START_TEST(stopping_ends_an_execution_with_its_writes_and_cancels_its_tasks)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LATER);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        asl_writes *writes = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(writes, "rows", "k", 1, "2", 1), ASL_OK);
        ck_assert_int_eq(asl_execution_stop(execution, "Mine", "because", writes), ASL_OK);
        ck_assert_int_eq(asl_execution_stop(execution, NULL, NULL, NULL), ASL_NOT_FOUND);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        f.now_ms += 5;
        ck_assert_int_eq(asl_engine_set_time(f.engine, f.now_ms), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_ABORTED);
        ck_assert_str_eq(asl_execution_error(execution), "Mine");
        ck_assert_str_eq(asl_execution_cause(execution), "because");
        ck_assert_int_eq(asl_execution_stop_ms(execution), FIXTURE_START_MS + 5);
        ck_assert_uint_eq(f.cancel_count, 1);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_TASK_CLOSED);
        ck_assert_int_eq(asl_execution_stop(execution, NULL, NULL, NULL), ASL_NOT_FOUND);
        asl_value *row = NULL;
        ck_assert_int_eq(asl_table_get_value(f.store, "rows", "k", 1, &row, NULL), ASL_OK);
        asl_value_unref(row);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(writes_of_a_start_are_there_once_and_only_with_it)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LATER);
        for (int i = 0; i < 2; i++) {
            asl_writes *writes = asl_writes_new(NULL);
            ck_assert_int_eq(asl_writes_put(writes, "rows", "k", 1, i == 0 ? "1" : "2", 1), ASL_OK);
            asl_start start = {
                .size = sizeof start, .machine = "m", .name = "one", .writes = writes};
            asl_value *input = i == 0 ? NULL : asl_value_integer(NULL, 1);
            start.input = input;
            int status = asl_execution_start(f.engine, &start, NULL, NULL);
            ck_assert_int_eq(status, i == 0 ? ASL_OK : ASL_EXISTS);
            if (status != ASL_OK)
                asl_writes_free(writes);
            asl_value_unref(input);
            fixture_settle(&f);
        }
        asl_value *row = NULL;
        ck_assert_int_eq(asl_table_get_value(f.store, "rows", "k", 1, &row, NULL), ASL_OK);
        int64_t number = 0;
        ck_assert(asl_value_get_integer(row, &number));
        ck_assert_int_eq(number, 1);
        asl_value_unref(row);
    }
}
END_TEST

START_TEST(a_new_definition_serves_new_executions_only)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", LATER);
        asl_execution *old = fixture_start(&f, "m", "old", "{}");
        fixture_settle(&f);
        fixture_machine(&f, "m", PASS);
        asl_execution *new = fixture_start(&f, "m", "new", "{}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(old), ASL_EXECUTION_RUNNING);
        ck_assert_int_eq(asl_execution_status_of(new), ASL_EXECUTION_SUCCEEDED);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_str_eq(fixture_history(&f, asl_execution_number(old)),
                         "ExecutionStarted TaskStateEntered TaskScheduled TaskStarted "
                         "TaskSucceeded TaskStateExited ExecutionSucceeded");
        ck_assert_str_eq(fixture_history(&f, asl_execution_number(new)),
                         "ExecutionStarted PassStateEntered PassStateExited ExecutionSucceeded");
        asl_execution_unref(old);
        asl_execution_unref(new);
    }
}
END_TEST

typedef struct active_texts {
    char text[512];
} active_texts;

static void add_active(void *context, const asl_active_state *state)
{
    active_texts *active = context;
    size_t size = strlen(active->text);
    snprintf(active->text + size, sizeof active->text - size, "%s:%s:%s:%u;", state->state,
             state->type, state->waits_for, state->depth);
}

START_TEST(what_is_active_can_be_watched)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m",
                    "{\"StartAt\":\"All\",\"States\":{\"All\":{\"Type\":\"Parallel\",\"Branches\":["
                    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":5,\"End\":"
                    "true}}},{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                    "\"arn:aws:states:::test:later\",\"End\":true}}}],\"End\":true}}}");
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    fixture_settle(&f);
    active_texts active = {""};
    asl_execution_active(execution, add_active, &active);
    ck_assert_str_eq(active.text, "All:Parallel:children:0;W:Wait:timer:1;T:Task:task:1;");
    asl_execution *found = NULL;
    ck_assert_int_eq(asl_execution_find(f.engine, asl_execution_number(execution), &found), ASL_OK);
    ck_assert_ptr_eq(found, execution);
    asl_execution_unref(found);
    ck_assert_int_eq(asl_execution_stop(execution, NULL, NULL, NULL), ASL_OK);
    fixture_settle(&f);
    active.text[0] = '\0';
    asl_execution_active(execution, add_active, &active);
    ck_assert_str_eq(active.text, "");
    ck_assert_int_eq(asl_execution_find(f.engine, asl_execution_number(execution), &found),
                     ASL_NOT_FOUND);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

/* A handler that starts another execution and waits for nothing. */
static void start_another(void *context, asl_task *task)
{
    fixture *f = context;
    asl_start start = {.size = sizeof start, .machine = "child"};
    ck_assert_int_eq(asl_execution_start(f->engine, &start, NULL, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_dispatch(f->engine, 0), ASL_MISUSE);
    ck_assert_int_eq(asl_engine_run(f->engine, NULL, 0, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_task_succeed(task, asl_value_null(), NULL), ASL_OK);
    ck_assert_int_eq(asl_task_succeed(task, asl_value_null(), NULL), ASL_TASK_CLOSED);
}

START_TEST(a_handler_may_call_the_engine)
{
    FOR_EACH_STORE(f)
    {
        asl_task_handler handler = {.size = sizeof handler, .start = start_another, .context = &f};
        ck_assert_int_eq(
            asl_engine_register(f.engine, "arn:aws:states:::test:more*", &handler, NULL), ASL_OK);
        fixture_machine(&f, "child", PASS);
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::test:more\",\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        ck_assert_int_eq(asl_engine_run(f.engine, NULL, -1, NULL), ASL_OK);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        asl_execution_list *list = NULL;
        asl_list_options options = {.size = sizeof options, .machine = "child"};
        ck_assert_int_eq(asl_store_list(f.store, &options, &list, NULL), ASL_OK);
        ck_assert_uint_eq(asl_execution_list_count(list), 1);
        ck_assert_int_eq(asl_execution_list_at(list, 0)->status, ASL_EXECUTION_SUCCEEDED);
        asl_execution_list_free(list);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(wrong_options_are_refused)
{
    asl_engine *engine = NULL;
    asl_engine_options options = {.size = sizeof options, .clock = ASL_CLOCK_SCALED};
    ck_assert_int_eq(asl_engine_open(&options, &engine, NULL), ASL_MISUSE);
    options.clock_scale = 1e300 * 1e300;
    ck_assert_int_eq(asl_engine_open(&options, &engine, NULL), ASL_MISUSE);
    options.clock = (asl_clock)7;
    ck_assert_int_eq(asl_engine_open(&options, &engine, NULL), ASL_MISUSE);
    struct {
        asl_engine_options known;
        int more;
    } longer = {.known = {.size = sizeof longer}, .more = 1};
    ck_assert_int_eq(asl_engine_open(&longer.known, &engine, NULL), ASL_MISUSE);
    longer.more = 0;
    ck_assert_int_eq(asl_engine_open(&longer.known, &engine, NULL), ASL_OK);
    asl_task_handler handler = {.size = sizeof handler};
    ck_assert_int_eq(asl_engine_register(engine, "r", &handler, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_engine_set_time(engine, INT64_MAX), ASL_MISUSE);
    asl_engine_free(engine);
    asl_engine_free(NULL);
}
END_TEST

SUITE("runtime/execution", starting_is_idempotent_while_the_execution_runs,
      a_name_belongs_to_its_machine, a_start_that_is_not_given_a_name_gets_a_version_7_uuid,
      starts_that_cannot_be_are_refused, an_input_may_have_262144_bytes_and_not_one_more,
      stopping_ends_an_execution_with_its_writes_and_cancels_its_tasks,
      writes_of_a_start_are_there_once_and_only_with_it,
      a_new_definition_serves_new_executions_only, what_is_active_can_be_watched,
      a_handler_may_call_the_engine, wrong_options_are_refused)
