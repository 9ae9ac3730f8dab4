#include <pthread.h>
#include <string.h>

#include "fixture.h"

#define TASK(resource, more) \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:" resource "\"" more ",\"End\":true}}}"

START_TEST(a_task_may_be_finished_at_once)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("echo", ""));
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"a\":1}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        ck_assert_str_eq(fixture_output(execution), "{\"a\":1}");
        ck_assert_str_eq(fixture_history(&f, asl_execution_number(execution)),
                         "ExecutionStarted TaskStateEntered TaskScheduled TaskStarted "
                         "TaskSucceeded TaskStateExited ExecutionSucceeded");
        ck_assert_int_eq(f.ended_count, 1);
        ck_assert_uint_eq(f.started_count, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_task_may_be_finished_later)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("later", ""));
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"a\":1}");
        fixture_settle(&f);
        ck_assert_uint_eq(f.task_count, 1);
        ck_assert_str_eq(asl_task_state(f.tasks[0]), "T");
        ck_assert_str_eq(asl_task_machine(f.tasks[0]), "m");
        ck_assert_str_eq(asl_task_execution(f.tasks[0]), "one");
        ck_assert_str_eq(asl_task_resource(f.tasks[0]), "arn:aws:states:::test:later");
        ck_assert_int_eq(asl_task_execution_start_ms(f.tasks[0]), FIXTURE_START_MS);
        ck_assert_uint_eq(asl_task_attempt(f.tasks[0]), 0);
        ck_assert_ptr_eq(asl_task_store(f.tasks[0]), f.store);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_integer(NULL, 5), NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_str_eq(fixture_output(execution), "5");
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_TASK_CLOSED);
        ck_assert_int_eq(asl_task_heartbeat(f.tasks[0]), ASL_TASK_CLOSED);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_task_may_be_finished_by_another_thread)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("thread", ""));
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        ck_assert_int_eq(asl_engine_run(f.engine, execution, -1, NULL), ASL_OK);
        ck_assert_str_eq(fixture_output(execution), "\"from a thread\"");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(many_threads_may_finish_tasks_while_the_engine_runs)
{
    fixture f = {.clock = ASL_CLOCK_REAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m",
                    "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemProcessor\":"
                    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                    "\"arn:aws:states:::test:thread\",\"End\":true}}},\"End\":true}}}");
    char items[512] = "[0";
    for (int i = 1; i < 100; i++)
        strcat(items, ",0");
    strcat(items, "]");
    asl_execution *execution = fixture_start(&f, "m", NULL, items);
    ck_assert_int_eq(asl_engine_run(f.engine, execution, -1, NULL), ASL_OK);
    ck_assert_uint_eq(asl_value_count(asl_execution_output(execution)), 100);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(a_task_that_takes_too_long_times_out_and_its_late_result_is_refused)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("later", ",\"TimeoutSeconds\":10"));
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        fixture_pass(&f, 9999);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        ck_assert(!asl_task_is_cancelled(f.tasks[0]));
        fixture_pass(&f, 1);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_FAILED);
        ck_assert_str_eq(asl_execution_error(execution), "States.Timeout");
        ck_assert_uint_eq(f.cancel_count, 1);
        ck_assert(asl_task_is_cancelled(f.tasks[0]));
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_TASK_CLOSED);
        ck_assert_str_eq(asl_task_state(f.tasks[0]), "T");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(heartbeats_keep_a_task_alive)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("later", ",\"TimeoutSeconds\":1000,\"HeartbeatSeconds\":10"));
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        for (int i = 0; i < 5; i++) {
            fixture_pass(&f, 9000);
            ck_assert_int_eq(asl_task_heartbeat(f.tasks[0]), ASL_OK);
        }
        fixture_pass(&f, 9999);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        fixture_pass(&f, 1);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_FAILED);
        ck_assert_str_eq(asl_execution_error(execution), "States.Timeout");
        ck_assert_int_eq(fixture_event_ms(&f, asl_execution_number(execution), "TaskTimedOut", 1),
                         55000);
        ck_assert_uint_eq(f.cancel_count, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(writes_are_there_when_the_result_is)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("write", ""));
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"row\":1}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        asl_value *row = NULL;
        ck_assert_int_eq(asl_table_get_value(f.store, "rows", "one", 3, &row, NULL), ASL_OK);
        int64_t number = 0;
        ck_assert(asl_value_get_integer(asl_value_get(row, "row"), &number));
        ck_assert_int_eq(number, 1);
        asl_value_unref(row);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(writes_of_a_late_result_are_not_written)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("later", ",\"TimeoutSeconds\":1"));
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        fixture_pass(&f, 1000);
        asl_writes *writes = asl_writes_new(NULL);
        ck_assert_int_eq(asl_writes_put(writes, "rows", "k", 1, "1", 1), ASL_OK);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), writes), ASL_TASK_CLOSED);
        fixture_settle(&f);
        asl_value *row = NULL;
        ck_assert_int_eq(asl_table_get_value(f.store, "rows", "k", 1, &row, NULL), ASL_NOT_FOUND);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(writes_that_failed_to_gather_are_refused_and_the_task_stays_open)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", TASK("later", ""));
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    fixture_settle(&f);
    asl_writes *writes = asl_writes_new(NULL);
    asl_writes_put(writes, "no/table", "k", 1, "1", 1);
    ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), writes), ASL_MISUSE);
    ck_assert_int_eq(asl_task_succeed(f.tasks[0], NULL, NULL), ASL_NOMEM);
    ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
    fixture_settle(&f);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(a_task_outlives_its_engine)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("later", ""));
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        asl_task *task = asl_task_ref(f.tasks[0]);
        fixture_free_engine(&f);
        ck_assert_uint_eq(f.cancel_count, 1);
        ck_assert_uint_eq(f.release_count, 1);
        ck_assert(asl_task_is_cancelled(task));
        ck_assert_str_eq(asl_task_execution(task), "one");
        ck_assert_int_eq(asl_task_heartbeat(task), ASL_TASK_CLOSED);
        ck_assert_int_eq(asl_task_fail(task, "E", NULL, NULL), ASL_TASK_CLOSED);
        asl_task_unref(task);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        ck_assert_int_eq(asl_execution_stop(execution, NULL, NULL, NULL), ASL_NOT_FOUND);
        asl_execution_unref(execution);
    }
}
END_TEST

static void finish_at_once(void *context, asl_task *task)
{
    (void)context;
    ck_assert_int_eq(asl_task_succeed(task, asl_value_null(), NULL), ASL_OK);
}

static void *finish(void *task)
{
    int status = asl_task_succeed(task, asl_value_null(), NULL);
    ck_assert(status == ASL_OK || status == ASL_TASK_CLOSED);
    asl_task_unref(task);
    return NULL;
}

START_TEST(a_task_may_be_finished_while_its_engine_is_freed)
{
    for (int i = 0; i < 200; i++) {
        fixture f = {.clock = ASL_CLOCK_REAL};
        fixture_open(&f, false);
        fixture_machine(&f, "m", TASK("later", ""));
        asl_execution_unref(fixture_start(&f, "m", "one", "{}"));
        fixture_settle(&f);
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, finish, asl_task_ref(f.tasks[0])), 0);
        fixture_free_engine(&f);
        pthread_join(thread, NULL);
        fixture_close(&f);
    }
}
END_TEST

START_TEST(a_replaced_handler_keeps_the_tasks_it_has)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", TASK("later", ""));
    asl_execution *one = fixture_start(&f, "m", "one", "{}");
    fixture_settle(&f);
    asl_task_handler handler = {.size = sizeof handler, .start = finish_at_once};
    ck_assert_int_eq(asl_engine_register(f.engine, "arn:aws:states:::test:later", &handler, NULL),
                     ASL_OK);
    ck_assert_uint_eq(f.release_count, 0);
    asl_execution *two = fixture_start(&f, "m", "two", "{}");
    fixture_settle(&f);
    ck_assert_int_eq(asl_execution_status_of(two), ASL_EXECUTION_SUCCEEDED);
    ck_assert_int_eq(asl_execution_stop(one, NULL, NULL, NULL), ASL_OK);
    fixture_settle(&f);
    ck_assert_uint_eq(f.cancel_count, 1);
    ck_assert_uint_eq(f.release_count, 1);
    asl_execution_unref(one);
    asl_execution_unref(two);
    fixture_close(&f);
    ck_assert_uint_eq(f.release_count, 1);
}
END_TEST

START_TEST(errors_and_causes_are_cut_and_made_well_formed)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", TASK("later", ""));
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    fixture_settle(&f);
    char error[1000];
    memset(error, 'e', sizeof error - 1);
    error[sizeof error - 1] = '\0';
    ck_assert_int_eq(asl_task_fail(f.tasks[0], error,
                                   "a\xFF"
                                   "b\xC3",
                                   NULL),
                     ASL_OK);
    fixture_settle(&f);
    ck_assert_uint_eq(strlen(asl_execution_error(execution)), 256);
    ck_assert_str_eq(asl_execution_cause(execution), "a\xEF\xBF\xBD"
                                                     "b\xEF\xBF\xBD");
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(a_task_may_fail_without_error_and_cause)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", TASK("later", ",\"Retry\":[{\"ErrorEquals\":[\"E\"]}]"));
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_task_fail(f.tasks[0], NULL, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_FAILED);
        ck_assert_ptr_null(asl_execution_cause(execution));
        asl_execution_unref(execution);
    }
}
END_TEST

SUITE("runtime/task", a_task_may_be_finished_at_once, a_task_may_be_finished_later,
      a_task_may_be_finished_by_another_thread, many_threads_may_finish_tasks_while_the_engine_runs,
      a_task_that_takes_too_long_times_out_and_its_late_result_is_refused,
      heartbeats_keep_a_task_alive, writes_are_there_when_the_result_is,
      writes_of_a_late_result_are_not_written,
      writes_that_failed_to_gather_are_refused_and_the_task_stays_open, a_task_outlives_its_engine,
      a_task_may_be_finished_while_its_engine_is_freed, a_replaced_handler_keeps_the_tasks_it_has,
      errors_and_causes_are_cut_and_made_well_formed, a_task_may_fail_without_error_and_cause)
