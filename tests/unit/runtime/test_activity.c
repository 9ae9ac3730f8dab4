#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define ARN "arn:aws:states:us-east-1:000000000000:activity:press"
#define ACTIVITY \
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"" ARN \
    "\",\"TimeoutSeconds\":60,\"HeartbeatSeconds\":20,\"End\":true}}}"
#define STARTED "ExecutionStarted TaskStateEntered ActivityScheduled ActivityStarted"
#define ENDED STARTED " ActivitySucceeded TaskStateExited ExecutionSucceeded"

/* A worker: what it was given. */
typedef struct worker {
    fixture *f;
    unsigned count;
    uint64_t number; /* of the execution it works for; 0: 1 */
    char token[80];
    char input[256];
    const char *answer; /* given at once; NULL: later */
} worker;

static void receive(void *context, const char *token, const asl_value *input)
{
    worker *w = context;
    w->count++;
    if (!token) {
        ck_assert_ptr_null(input);
        return;
    }
    snprintf(w->token, sizeof w->token, "%s", token);
    char *text = NULL;
    ck_assert_int_eq(asl_value_print(input, 0, &text, NULL), ASL_OK);
    snprintf(w->input, sizeof w->input, "%s", text);
    asl_text_free(text);
    /* What it is given is durable. */
    ck_assert_ptr_nonnull(
        strstr(fixture_history(w->f, w->number ? w->number : 1), "ActivityStarted"));
    if (w->answer)
        ck_assert_int_eq(
            asl_engine_send_task_success(w->f->engine, token, fixture_json(w->answer), NULL, NULL),
            ASL_OK);
}

static void poll_as(worker *w, const char *name)
{
    asl_error *error = NULL;
    int status = asl_activity_poll(w->f->engine, ARN, name, receive, w, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
}

static int succeed(const worker *w, const char *output)
{
    return asl_engine_send_task_success(w->f->engine, w->token, fixture_json(output), NULL, NULL);
}

static void expect_end(fixture *f, asl_execution *execution, const char *output)
{
    fixture_settle(f);
    ck_assert_str_eq(fixture_history(f, asl_execution_number(execution)), ENDED);
    ck_assert_str_eq(fixture_output(execution), output);
    asl_history *history = NULL;
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_history_read(f->store, asl_execution_number(execution), &history, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_replay_run(history, NULL, NULL, &replay, NULL), ASL_OK);
    ck_assert_uint_eq(asl_replay_different(replay), 0);
    asl_replay_free(replay);
    asl_history_free(history);
}

START_TEST(a_task_waits_for_a_worker)
{
    FOR_EACH_STORE(f)
    {
        worker w = {.f = &f};
        fixture_machine(&f, "m", ACTIVITY);
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"a\":1}");
        fixture_settle(&f);
        ck_assert_str_eq(fixture_history(&f, 1),
                         "ExecutionStarted TaskStateEntered ActivityScheduled");
        /* Its deadlines count from the fetch. */
        fixture_pass(&f, 100000);
        poll_as(&w, "wendy");
        ck_assert_uint_eq(w.count, 0);
        fixture_settle(&f);
        ck_assert_uint_eq(w.count, 1);
        ck_assert_str_eq(w.input, "{\"a\":1}");
        ck_assert_int_eq(succeed(&w, "\"pressed\""), ASL_OK);
        ck_assert_int_eq(succeed(&w, "2"), ASL_TASK_CLOSED);
        expect_end(&f, execution, "\"pressed\"");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(the_workers_name_is_recorded)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    worker w = {.f = &f};
    fixture_machine(&f, "m", ACTIVITY);
    asl_execution_unref(fixture_start(&f, "m", "one", "{}"));
    poll_as(&w, "wendy");
    fixture_settle(&f);
    asl_history *history = NULL;
    asl_value *event = NULL;
    ck_assert_int_eq(asl_history_read(f.store, 1, &history, NULL), ASL_OK);
    ck_assert_int_eq(asl_history_event_to_value(history, 3, &event), ASL_OK);
    const asl_value *details = asl_value_get(event, "activityStartedEventDetails");
    ck_assert_str_eq(asl_value_get_string(asl_value_get(details, "workerName"), NULL), "wendy");
    asl_value_unref(event);
    asl_history_free(history);
    fixture_close(&f);
}
END_TEST

START_TEST(a_worker_waits_for_a_task_and_may_answer_at_once)
{
    FOR_EACH_STORE(f)
    {
        worker w = {.f = &f, .answer = "7"};
        fixture_machine(&f, "m", ACTIVITY);
        poll_as(&w, NULL);
        fixture_settle(&f);
        ck_assert_uint_eq(w.count, 0);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        expect_end(&f, execution, "7");
        ck_assert_uint_eq(w.count, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(workers_and_tasks_meet_in_their_order)
{
    FOR_EACH_STORE(f)
    {
        worker w[3] = {{.f = &f}, {.f = &f}, {.f = &f}};
        fixture_machine(&f, "m", ACTIVITY);
        poll_as(&w[0], "a");
        poll_as(&w[1], "b");
        asl_execution *one = fixture_start(&f, "m", "one", "1");
        asl_execution *two = fixture_start(&f, "m", "two", "2");
        asl_execution *three = fixture_start(&f, "m", "three", "3");
        fixture_settle(&f);
        poll_as(&w[2], "c");
        fixture_settle(&f);
        for (int i = 0; i < 3; i++) {
            ck_assert_uint_eq(w[i].count, 1);
            ck_assert_int_eq(w[i].input[0], '1' + i);
            ck_assert_int_eq(succeed(&w[i], w[i].input), ASL_OK);
        }
        expect_end(&f, one, "1");
        expect_end(&f, two, "2");
        expect_end(&f, three, "3");
        asl_execution_unref(one);
        asl_execution_unref(two);
        asl_execution_unref(three);
    }
}
END_TEST

START_TEST(deadlines_count_from_the_fetch)
{
    FOR_EACH_STORE(f)
    {
        worker w = {.f = &f};
        fixture_machine(&f, "m", ACTIVITY);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        fixture_pass(&f, 50000);
        poll_as(&w, NULL);
        fixture_settle(&f);
        for (int i = 0; i < 3; i++) {
            fixture_pass(&f, 19999);
            ck_assert_int_eq(asl_engine_send_task_heartbeat(f.engine, w.token, NULL), ASL_OK);
        }
        fixture_pass(&f, 2);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        fixture_pass(&f, 1);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_FAILED);
        ck_assert_int_eq(fixture_event_ms(&f, 1, "ActivityTimedOut", 1), 110000);
        ck_assert_int_eq(succeed(&w, "1"), ASL_TASK_CLOSED);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_worker_that_says_nothing_misses_its_heartbeat)
{
    FOR_EACH_STORE(f)
    {
        worker w = {.f = &f};
        fixture_machine(&f, "m", ACTIVITY);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        poll_as(&w, NULL);
        fixture_settle(&f);
        fixture_pass(&f, 20000);
        ck_assert_str_eq(asl_execution_error(execution), "States.Timeout");
        ck_assert_int_eq(fixture_event_ms(&f, 1, "ActivityTimedOut", 1), 20000);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_cancelled_poll_gets_nothing)
{
    FOR_EACH_STORE(f)
    {
        worker w[2] = {{.f = &f}, {.f = &f}};
        fixture_machine(&f, "m", ACTIVITY);
        ck_assert_int_eq(asl_activity_poll_cancel(f.engine, ARN, &w[0]), ASL_NOT_FOUND);
        poll_as(&w[0], NULL);
        poll_as(&w[1], NULL);
        ck_assert_int_eq(asl_activity_poll_cancel(f.engine, ARN, &w[0]), ASL_OK);
        ck_assert_int_eq(asl_activity_poll_cancel(f.engine, ARN, &w[0]), ASL_NOT_FOUND);
        asl_execution_unref(fixture_start(&f, "m", "one", "{}"));
        fixture_settle(&f);
        ck_assert_uint_eq(w[0].count, 0);
        ck_assert_uint_eq(w[1].count, 1);
        ck_assert_int_eq(asl_activity_poll_cancel(f.engine, ARN, &w[1]), ASL_NOT_FOUND);
    }
}
END_TEST

START_TEST(a_poll_is_answered_with_nothing_when_the_engine_is_freed)
{
    FOR_EACH_STORE(f)
    {
        worker w = {.f = &f};
        poll_as(&w, NULL);
        fixture_free_engine(&f);
        ck_assert_uint_eq(w.count, 1);
        ck_assert_str_eq(w.token, "");
    }
}
END_TEST

START_TEST(a_poll_that_makes_no_sense_is_refused)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    char name[90] = "";
    memset(name, 'w', 81);
    ck_assert_int_eq(asl_activity_poll(f.engine, "press", NULL, receive, NULL, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_activity_poll(f.engine, NULL, NULL, receive, NULL, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_activity_poll(f.engine, ARN, NULL, NULL, NULL, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_activity_poll(f.engine, ARN, name, receive, NULL, NULL), ASL_MISUSE);
    ck_assert_int_eq(asl_activity_poll(f.engine, ARN, "\xff", receive, NULL, NULL), ASL_MISUSE);
    fixture_close(&f);
}
END_TEST

START_TEST(a_stopped_task_is_not_given_away)
{
    FOR_EACH_STORE(f)
    {
        worker w = {.f = &f, .number = 2};
        fixture_machine(&f, "m", ACTIVITY);
        asl_execution *one = fixture_start(&f, "m", "one", "1");
        asl_execution *two = fixture_start(&f, "m", "two", "2");
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_stop(one, NULL, NULL, NULL), ASL_OK);
        /* The fetch is behind the stop: the worker gets the other task. */
        poll_as(&w, NULL);
        ck_assert_int_eq(asl_activity_poll_cancel(f.engine, ARN, &w), ASL_NOT_FOUND);
        fixture_settle(&f);
        ck_assert_uint_eq(w.count, 1);
        ck_assert_str_eq(w.input, "2");
        asl_execution_unref(one);
        asl_execution_unref(two);
    }
}
END_TEST

START_TEST(a_crash_puts_what_nobody_has_fetched_back_into_the_queue)
{
    FOR_EACH_STORE(f)
    {
        worker w[2] = {{.f = &f}, {.f = &f}};
        fixture_machine(&f, "m", ACTIVITY);
        asl_execution_unref(fixture_start(&f, "m", "one", "1"));
        asl_execution_unref(fixture_start(&f, "m", "two", "2"));
        fixture_settle(&f);
        poll_as(&w[0], NULL);
        fixture_settle(&f);
        ck_assert_str_eq(w[0].input, "1");
        fixture_reopen(&f);
        fixture_machine(&f, "m", ACTIVITY);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        poll_as(&w[1], NULL);
        fixture_settle(&f);
        ck_assert_uint_eq(w[1].count, 1);
        ck_assert_str_eq(w[1].input, "2");
        /* The worker from before the crash may still answer. */
        asl_execution *one = NULL;
        ck_assert_int_eq(asl_execution_find(f.engine, 1, &one), ASL_OK);
        ck_assert_int_eq(succeed(&w[0], "\"still here\""), ASL_OK);
        expect_end(&f, one, "\"still here\"");
        asl_execution_unref(one);
    }
}
END_TEST

START_TEST(a_started_task_keeps_its_deadlines_over_a_crash)
{
    FOR_EACH_STORE(f)
    {
        worker w = {.f = &f};
        fixture_machine(&f, "m", ACTIVITY);
        asl_execution_unref(fixture_start(&f, "m", "one", "1"));
        poll_as(&w, NULL);
        fixture_settle(&f);
        f.now_ms += 50000;
        fixture_reopen(&f);
        fixture_machine(&f, "m", ACTIVITY);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        fixture_pass(&f, 9999);
        ck_assert_str_eq(fixture_history(&f, 1), STARTED);
        fixture_pass(&f, 1);
        ck_assert_str_eq(fixture_history(&f, 1), STARTED " ActivityTimedOut ExecutionFailed");
    }
}
END_TEST

static void echo(void *context, asl_task *task)
{
    ((fixture *)context)->begun_count++;
    ck_assert_ptr_nonnull(strstr(fixture_history(context, 1), "ActivityStarted"));
    ck_assert_int_eq(asl_task_succeed(task, asl_value_ref(asl_task_input(task)), NULL), ASL_OK);
}

START_TEST(a_handler_may_be_the_worker)
{
    FOR_EACH_STORE(f)
    {
        asl_task_handler handler = {.size = sizeof handler, .start = echo, .context = &f};
        ck_assert_int_eq(asl_engine_register(f.engine, ARN, &handler, NULL), ASL_OK);
        fixture_machine(&f, "m", ACTIVITY);
        asl_execution *execution = fixture_start(&f, "m", "one", "5");
        expect_end(&f, execution, "5");
        ck_assert_uint_eq(f.begun_count, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

SUITE("runtime/activity", a_task_waits_for_a_worker, the_workers_name_is_recorded,
      a_worker_waits_for_a_task_and_may_answer_at_once, workers_and_tasks_meet_in_their_order,
      deadlines_count_from_the_fetch, a_worker_that_says_nothing_misses_its_heartbeat,
      a_cancelled_poll_gets_nothing, a_poll_is_answered_with_nothing_when_the_engine_is_freed,
      a_poll_that_makes_no_sense_is_refused, a_stopped_task_is_not_given_away,
      a_crash_puts_what_nobody_has_fetched_back_into_the_queue,
      a_started_task_keeps_its_deadlines_over_a_crash, a_handler_may_be_the_worker)
