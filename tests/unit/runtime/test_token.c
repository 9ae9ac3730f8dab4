#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define PARAMETERS \
    "\"Parameters\":{\"token.$\":\"$$.Task.Token\"},\"TimeoutSeconds\":60,\"HeartbeatSeconds\":" \
    "20,"
/* One callback task, whose handler keeps it. */
#define CALLBACK \
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:later.waitForTaskToken\"," PARAMETERS "\"Retry\":[{\"ErrorEquals\":[" \
    "\"Again\"],\"IntervalSeconds\":1}],\"End\":true}}}"
#define SYNC \
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:later.sync:2\",\"TimeoutSeconds\":60,\"End\":true}}}"
#define SUBMITTED "ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskSubmitted"

/* The pattern's resources are served by what serves "later". */
static void start_later(void *context, asl_task *task)
{
    fixture *f = context;
    f->begun_count++;
    f->tasks[f->task_count++] = asl_task_ref(task);
}

static void cancel_later(void *context, asl_task *task)
{
    ck_assert(asl_task_is_cancelled(task));
    ((fixture *)context)->cancel_count++;
}

static void add(fixture *f, const char *definition)
{
    asl_task_handler handler = {.size = sizeof handler,
                                .start = start_later,
                                .cancel = cancel_later,
                                .context = f,
                                .flags = f->later_flags};
    ck_assert_int_eq(
        asl_engine_register(f->engine, "arn:aws:states:::test:later.*", &handler, NULL), ASL_OK);
    fixture_machine(f, "m", definition);
}

static asl_execution *begin(fixture *f, const char *definition)
{
    add(f, definition);
    asl_execution *execution = fixture_start(f, "m", "one", "{}");
    fixture_settle(f);
    ck_assert_uint_eq(f->task_count, 1);
    return execution;
}

static void submit(fixture *f, size_t index)
{
    ck_assert_int_eq(asl_task_succeed(f->tasks[index], fixture_json("{\"id\":7}"), NULL), ASL_OK);
    fixture_settle(f);
}

static int succeed(fixture *f, const char *token, const char *output)
{
    return asl_engine_send_task_success(f->engine, token, fixture_json(output), NULL, NULL);
}

static void expect_end(fixture *f, asl_execution *execution, const char *output,
                       const char *history)
{
    fixture_settle(f);
    ck_assert_str_eq(fixture_history(f, asl_execution_number(execution)), history);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    ck_assert_str_eq(fixture_output(execution), output);
}

/* The store's history replays to itself: the tokens in it come out the same. */
static void expect_replay(fixture *f, uint64_t number)
{
    asl_history *history = NULL;
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_history_read(f->store, number, &history, NULL), ASL_OK);
    ck_assert_int_eq(asl_replay_run(history, NULL, NULL, &replay, NULL), ASL_OK);
    ck_assert_uint_eq(asl_replay_different(replay), 0);
    ck_assert_uint_eq(asl_replay_equal(replay), asl_history_count(history));
    asl_replay_free(replay);
    asl_history_free(history);
}

START_TEST(a_callback_task_ends_with_what_its_token_brings)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        const char *token = asl_task_token(f.tasks[0]);
        ck_assert_uint_eq(strlen(token), 64);
        ck_assert_str_eq(
            asl_value_get_string(asl_value_get(asl_task_input(f.tasks[0]), "token"), NULL), token);
        submit(&f, 0);
        ck_assert_str_eq(fixture_history(&f, 1), SUBMITTED);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_TASK_CLOSED);
        ck_assert_int_eq(asl_task_fail(f.tasks[0], "E", NULL, NULL), ASL_TASK_CLOSED);
        ck_assert_int_eq(asl_task_heartbeat(f.tasks[0]), ASL_TASK_CLOSED);
        fixture_pass(&f, 5000);
        ck_assert_int_eq(succeed(&f, token, "{\"done\":true}"), ASL_OK);
        ck_assert_int_eq(succeed(&f, token, "2"), ASL_TASK_CLOSED);
        expect_end(&f, execution, "{\"done\":true}",
                   SUBMITTED " TaskSucceeded TaskStateExited ExecutionSucceeded");
        ck_assert_int_eq(succeed(&f, token, "3"), ASL_TASK_CLOSED);
        ck_assert_uint_eq(f.cancel_count, 0);
        expect_replay(&f, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_token_may_come_before_the_submission)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        ck_assert_int_eq(succeed(&f, asl_task_token(f.tasks[0]), "1"), ASL_OK);
        expect_end(&f, execution, "1",
                   "ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskSucceeded "
                   "TaskStateExited ExecutionSucceeded");
        ck_assert_uint_eq(f.cancel_count, 1);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_TASK_CLOSED);
        expect_replay(&f, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_failure_by_token_is_retried_with_a_new_token)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        char first[80];
        snprintf(first, sizeof first, "%s", asl_task_token(f.tasks[0]));
        submit(&f, 0);
        ck_assert_int_eq(asl_engine_send_task_failure(f.engine, first, "Again", "try", NULL, NULL),
                         ASL_OK);
        fixture_settle(&f);
        fixture_pass(&f, 1000);
        ck_assert_uint_eq(f.task_count, 2);
        const char *second = asl_task_token(f.tasks[1]);
        ck_assert_str_ne(second, first);
        ck_assert_str_eq(
            asl_value_get_string(asl_value_get(asl_task_input(f.tasks[1]), "token"), NULL), second);
        submit(&f, 1);
        ck_assert_int_eq(succeed(&f, first, "1"), ASL_TASK_CLOSED);
        ck_assert_int_eq(succeed(&f, second, "2"), ASL_OK);
        expect_end(&f, execution, "2",
                   SUBMITTED " TaskFailed TaskScheduled TaskStarted TaskSubmitted TaskSucceeded "
                             "TaskStateExited ExecutionSucceeded");
        expect_replay(&f, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_wrong_token_is_refused)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        submit(&f, 0);
        char token[80];
        const char *right = asl_task_token(f.tasks[0]);
        for (size_t i = 0; i < 64; i++) {
            snprintf(token, sizeof token, "%s", right);
            token[i] = token[i] == 'A' ? 'B' : 'A';
            ck_assert_int_eq(succeed(&f, token, "1"), ASL_MISUSE);
        }
        snprintf(token, sizeof token, "%sA", right);
        ck_assert_int_eq(succeed(&f, token, "1"), ASL_MISUSE);
        token[63] = '\0';
        ck_assert_int_eq(succeed(&f, token, "1"), ASL_MISUSE);
        ck_assert_int_eq(succeed(&f, "", "1"), ASL_MISUSE);
        ck_assert_int_eq(succeed(&f, NULL, "1"), ASL_MISUSE);
        ck_assert_int_eq(asl_engine_send_task_heartbeat(f.engine, "nonsense", NULL), ASL_MISUSE);
        asl_error *error = NULL;
        ck_assert_int_eq(asl_engine_send_task_failure(f.engine, "!", "E", NULL, NULL, &error),
                         ASL_MISUSE);
        ck_assert_str_eq(asl_error_message(error), "Invalid Token: 'Invalid token'");
        asl_error_free(error);
        ck_assert_int_eq(succeed(&f, right, "1"), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(heartbeats_by_token_keep_a_callback_open_until_it_times_out)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        char token[80];
        snprintf(token, sizeof token, "%s", asl_task_token(f.tasks[0]));
        submit(&f, 0);
        for (int i = 0; i < 3; i++) {
            fixture_pass(&f, 19000);
            ck_assert_int_eq(asl_engine_send_task_heartbeat(f.engine, token, NULL), ASL_OK);
        }
        fixture_pass(&f, 2999);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
        fixture_pass(&f, 1);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_FAILED);
        ck_assert_str_eq(asl_execution_error(execution), "States.Timeout");
        ck_assert_int_eq(fixture_event_ms(&f, 1, "TaskTimedOut", 1), 60000);
        ck_assert_int_eq(asl_engine_send_task_heartbeat(f.engine, token, NULL), ASL_TASK_CLOSED);
        ck_assert_int_eq(succeed(&f, token, "1"), ASL_TASK_CLOSED);
        ck_assert_uint_eq(f.cancel_count, 0);
        expect_replay(&f, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_missed_heartbeat_ends_a_callback)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        submit(&f, 0);
        fixture_pass(&f, 20000);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_FAILED);
        ck_assert_int_eq(fixture_event_ms(&f, 1, "TaskTimedOut", 1), 20000);
        expect_replay(&f, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(stopping_closes_the_token)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        submit(&f, 0);
        ck_assert_int_eq(asl_execution_stop(execution, NULL, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(succeed(&f, asl_task_token(f.tasks[0]), "1"), ASL_TASK_CLOSED);
        ck_assert(asl_task_is_cancelled(f.tasks[0]));
        ck_assert_uint_eq(f.cancel_count, 0);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_submitted_callback_is_not_begun_again_after_a_crash)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, CALLBACK);
        char token[80];
        snprintf(token, sizeof token, "%s", asl_task_token(f.tasks[0]));
        submit(&f, 0);
        asl_execution_unref(execution);
        f.now_ms += 10000;
        fixture_reopen(&f);
        add(&f, CALLBACK);
        ck_assert_int_eq(succeed(&f, token, "1"), ASL_NOT_FOUND);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_uint_eq(f.begun_count, 1);
        fixture_pass(&f, 19999);
        ck_assert_int_eq(asl_execution_find(f.engine, 1, &execution), ASL_OK);
        ck_assert_int_eq(succeed(&f, token, "4"), ASL_OK);
        expect_end(&f, execution, "4",
                   SUBMITTED " TaskSucceeded TaskStateExited ExecutionSucceeded");
        expect_replay(&f, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_callback_that_was_not_submitted_is_begun_again_with_the_same_token)
{
    FOR_EACH_STORE(f)
    {
        asl_execution_unref(begin(&f, CALLBACK));
        char token[80];
        snprintf(token, sizeof token, "%s", asl_task_token(f.tasks[0]));
        fixture_reopen(&f);
        add(&f, CALLBACK);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_uint_eq(f.task_count, 1);
        ck_assert_str_eq(asl_task_token(f.tasks[0]), token);
        ck_assert(!asl_task_is_submitted(f.tasks[0]));
    }
}
END_TEST

START_TEST(a_sync_task_is_submitted_once_and_then_ended_by_its_handler)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, SYNC);
        ck_assert_int_eq(asl_task_submit(f.tasks[0], fixture_json("{\"job\":1}"), NULL), ASL_OK);
        ck_assert_int_eq(asl_task_submit(f.tasks[0], asl_value_null(), NULL), ASL_MISUSE);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_integer(NULL, 3), NULL), ASL_OK);
        ck_assert_int_eq(asl_task_submit(f.tasks[0], asl_value_null(), NULL), ASL_TASK_CLOSED);
        expect_end(&f, execution, "3",
                   SUBMITTED " TaskSucceeded TaskStateExited ExecutionSucceeded");
        ck_assert_uint_eq(f.cancel_count, 0);
        expect_replay(&f, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_submitted_sync_task_is_begun_again_and_knows_it)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, SYNC);
        char key[80];
        snprintf(key, sizeof key, "%s", asl_task_idempotency_key(f.tasks[0]));
        ck_assert_int_eq(asl_task_submit(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        asl_execution_unref(execution);
        fixture_reopen(&f);
        add(&f, SYNC);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_uint_eq(f.task_count, 1);
        ck_assert(asl_task_is_submitted(f.tasks[0]));
        ck_assert_str_eq(asl_task_idempotency_key(f.tasks[0]), key);
        ck_assert_int_eq(asl_task_submit(f.tasks[0], asl_value_null(), NULL), ASL_MISUSE);
        ck_assert_int_eq(asl_execution_find(f.engine, 1, &execution), ASL_OK);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_integer(NULL, 5), NULL), ASL_OK);
        expect_end(&f, execution, "5",
                   SUBMITTED " TaskSucceeded TaskStateExited ExecutionSucceeded");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_token_ends_a_sync_task_early_and_cancels_its_handler)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, SYNC);
        ck_assert_int_eq(asl_task_submit(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        ck_assert_int_eq(succeed(&f, asl_task_token(f.tasks[0]), "6"), ASL_OK);
        ck_assert_uint_eq(f.cancel_count, 0);
        expect_end(&f, execution, "6",
                   SUBMITTED " TaskSucceeded TaskStateExited ExecutionSucceeded");
        ck_assert_uint_eq(f.cancel_count, 1);
        asl_execution_unref(execution);
    }
}
END_TEST

static void *submit_and_end(void *task)
{
    ck_assert_int_eq(asl_task_submit(task, asl_value_string(NULL, "accepted"), NULL), ASL_OK);
    ck_assert_int_eq(asl_task_succeed(task, asl_value_string(NULL, "done"), NULL), ASL_OK);
    return NULL;
}

START_TEST(another_thread_may_submit_and_end)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution = begin(&f, SYNC);
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, submit_and_end, f.tasks[0]), 0);
        pthread_join(thread, NULL);
        expect_end(&f, execution, "\"done\"",
                   SUBMITTED " TaskSucceeded TaskStateExited ExecutionSucceeded");
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_plain_task_has_no_token_and_cannot_be_submitted)
{
    FOR_EACH_STORE(f)
    {
        asl_execution *execution =
            begin(&f, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":"
                      "\"arn:aws:states:::test:later\",\"End\":true}}}");
        ck_assert_ptr_null(asl_task_token(f.tasks[0]));
        ck_assert_int_eq(asl_task_submit(f.tasks[0], asl_value_null(), NULL), ASL_MISUSE);
        asl_execution_unref(execution);
    }
}
END_TEST

/* A callback with a deadline beside a long Wait. */
#define BESIDE \
    "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":[{" \
    "\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:later.waitForTaskToken\",\"Parameters\":{\"token.$\":" \
    "\"$$.Task.Token\"},\"TimeoutSeconds\":6000,\"HeartbeatSeconds\":2000,\"End\":true}}},{" \
    "\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":86400,\"End\":true}}}]}}}"

START_TEST(a_skipping_clock_passes_a_callback_without_timing_it_out)
{
    fixture f = {.clock = ASL_CLOCK_SKIPPING};
    fixture_open(&f, false);
    add(&f, BESIDE);
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    while (f.task_count == 0)
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    submit(&f, 0);
    ck_assert_int_ge(fixture_event_ms(&f, 1, "WaitStateExited", 1), 86400000);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
    ck_assert_int_eq(asl_engine_send_task_heartbeat(f.engine, asl_task_token(f.tasks[0]), NULL),
                     ASL_OK);
    ck_assert_int_eq(succeed(&f, asl_task_token(f.tasks[0]), "1"), ASL_OK);
    fixture_settle(&f);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    expect_replay(&f, 1);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(a_host_may_have_its_clock_time_callbacks_out)
{
    fixture f = {.clock = ASL_CLOCK_SKIPPING, .flags = ASL_ENGINE_CLOCK_CALLBACKS};
    fixture_open(&f, false);
    add(&f, BESIDE);
    asl_execution *execution = fixture_start(&f, "m", "one", "{}");
    while (f.task_count == 0)
        ck_assert_int_eq(asl_engine_dispatch(f.engine, 0), ASL_OK);
    submit(&f, 0);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_FAILED);
    ck_assert_int_ge(fixture_event_ms(&f, 1, "TaskTimedOut", 1), 2000000);
    ck_assert_int_lt(fixture_event_ms(&f, 1, "TaskTimedOut", 1), 6000000);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

SUITE("runtime/token", a_callback_task_ends_with_what_its_token_brings,
      a_token_may_come_before_the_submission, a_failure_by_token_is_retried_with_a_new_token,
      a_wrong_token_is_refused, heartbeats_by_token_keep_a_callback_open_until_it_times_out,
      a_missed_heartbeat_ends_a_callback, stopping_closes_the_token,
      a_submitted_callback_is_not_begun_again_after_a_crash,
      a_callback_that_was_not_submitted_is_begun_again_with_the_same_token,
      a_sync_task_is_submitted_once_and_then_ended_by_its_handler,
      a_submitted_sync_task_is_begun_again_and_knows_it,
      a_token_ends_a_sync_task_early_and_cancels_its_handler, another_thread_may_submit_and_end,
      a_plain_task_has_no_token_and_cannot_be_submitted,
      a_skipping_clock_passes_a_callback_without_timing_it_out,
      a_host_may_have_its_clock_time_callbacks_out)
