/* Evaluations of a run: what they drew and when they ran is recorded, never made again. */
#include <string.h>

#include "fixture.h"

#define MACHINE(states) "{\"QueryLanguage\":\"JSONata\",\"StartAt\":\"A\",\"States\":{" states "}}"

#define DRAWING \
    MACHINE("\"A\":{\"Type\":\"Pass\",\"Output\":{\"id\":\"{% $uuid() %}\",\"unit\":\"{% " \
            "$random() %}\"," \
            "\"now\":\"{% $now() %}\",\"ms\":\"{% $millis() %}\"},\"Assign\":{\"other\":" \
            "\"{% $uuid() %}\"},\"Next\":\"W\"},\"W\":{\"Type\":\"Wait\",\"Seconds\":30,\"Next\":" \
            "\"B\"},\"B\":{\"Type\":\"Succeed\",\"Output\":[\"{% $states.input %}\"," \
            "\"{% $other %}\",\"{% $uuid() %}\",\"{% $millis() %}\"]}")

/* Counts for some milliseconds. */
#define LONG \
    MACHINE("\"A\":{\"Type\":\"Parallel\",\"Branches\":[{\"StartAt\":\"C\",\"States\":{\"C\":{" \
            "\"Type\":\"Pass\",\"Output\":\"{% ($count := function($n) { $n < 50000 ? " \
            "$count($n + 1) : $n }; $count(0)) %}\",\"End\":true}}}],\"Catch\":[{" \
            "\"ErrorEquals\":[\"States.QueryEvaluationError\"],\"Next\":\"W\",\"Output\":" \
            "\"caught\"}],\"Next\":\"W\"},\"W\":{\"Type\":\"Wait\",\"Seconds\":30,\"End\":true}")

static asl_history *read_history(fixture *f, uint64_t number)
{
    asl_history *history = NULL;
    ck_assert_int_eq(asl_history_read(f->store, number, &history, NULL), ASL_OK);
    return history;
}

/* Every event of the history comes again. */
static void check_replay(const asl_history *history, const asl_definition *definition)
{
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_replay_run(history, definition, NULL, &replay, NULL), ASL_OK);
    const asl_divergence *divergence = asl_replay_divergence(replay);
    ck_assert_msg(divergence == NULL, "event %d in %s: %s / %s",
                  divergence != NULL ? (int)divergence->event : 0,
                  divergence != NULL ? divergence->field : "",
                  divergence != NULL && divergence->expected != NULL ? divergence->expected : "",
                  divergence != NULL && divergence->got != NULL ? divergence->got : "");
    ck_assert_uint_eq(asl_replay_different(replay), 0);
    asl_replay_free(replay);
}

static void recover(fixture *f)
{
    size_t count = 0;
    fixture_reopen(f);
    ck_assert_int_eq(asl_engine_recover(f->engine, 0, &count, NULL), ASL_OK);
    ck_assert_uint_eq(count, 1);
}

START_TEST(what_was_drawn_is_drawn_again_by_a_replay)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", DRAWING);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_settle(&f);
        recover(&f);
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
        fixture_pass(&f, 30000);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        asl_execution_unref(execution);
        asl_history *history = read_history(&f, number);
        check_replay(history, NULL);
        asl_history_free(history);
    }
}
END_TEST

START_TEST(times_are_those_of_the_clock_and_draws_differ)
{
    FOR_EACH_STORE(f)
    {
        int64_t first_ms = 0, second_ms = 0;
        fixture_machine(&f, "m", DRAWING);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        fixture_pass(&f, 30000);
        const asl_value *output = asl_execution_output(execution), *first = asl_value_at(output, 0);
        ck_assert(asl_value_get_integer(asl_value_get(first, "ms"), &first_ms));
        ck_assert(asl_value_get_integer(asl_value_at(output, 3), &second_ms));
        ck_assert_int_eq(first_ms, FIXTURE_START_MS);
        ck_assert_int_eq(second_ms, FIXTURE_START_MS + 30000);
        ck_assert_str_eq(asl_value_get_string(asl_value_get(first, "now"), NULL),
                         "2023-11-14T22:13:20.000Z");
        const char *ids[] = {asl_value_get_string(asl_value_get(first, "id"), NULL),
                             asl_value_get_string(asl_value_at(output, 1), NULL),
                             asl_value_get_string(asl_value_at(output, 2), NULL)};
        ck_assert_str_ne(ids[0], ids[1]);
        ck_assert_str_ne(ids[0], ids[2]);
        ck_assert_str_ne(ids[1], ids[2]);
        asl_execution_unref(execution);
    }
}
END_TEST

/* An engine that had let it count would have gone on with its number. */
START_TEST(an_evaluation_that_was_ended_stays_ended)
{
    FOR_EACH_STORE(f)
    {
        fixture_free_engine(&f);
        f.evaluation_ms = 1;
        fixture_open_engine(&f);
        fixture_machine(&f, "m", LONG);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_settle(&f);
        f.evaluation_ms = 60000;
        recover(&f);
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
        fixture_pass(&f, 30000);
        ck_assert_str_eq(fixture_output(execution), "\"caught\"");
        asl_execution_unref(execution);
        ck_assert_str_eq(fixture_history(&f, number),
                         "ExecutionStarted ParallelStateEntered ParallelStateStarted "
                         "PassStateEntered EvaluationFailed ParallelStateFailed "
                         "ParallelStateExited WaitStateEntered WaitStateExited "
                         "ExecutionSucceeded");
        asl_history *history = read_history(&f, number);
        check_replay(history, NULL);
        asl_history_free(history);
    }
}
END_TEST

START_TEST(an_exported_evaluation_that_was_ended_replays)
{
    FOR_EACH_STORE(f)
    {
        asl_value *json = NULL;
        asl_history *parsed = NULL;
        asl_definition *definition = NULL;
        char *text = NULL;
        size_t size = 0;
        fixture_free_engine(&f);
        f.evaluation_ms = 1;
        fixture_open_engine(&f);
        fixture_machine(&f, "m", LONG);
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        fixture_pass(&f, 30000);
        asl_history *history = read_history(&f, asl_execution_number(execution));
        ck_assert_int_eq(asl_history_to_value(history, &json), ASL_OK);
        ck_assert_int_eq(asl_value_print(json, 0, &text, &size), ASL_OK);
        ck_assert_int_eq(asl_history_parse(NULL, text, size, &parsed, NULL), ASL_OK);
        ck_assert_int_eq(asl_definition_load(LONG, strlen(LONG), NULL, &definition, NULL, NULL),
                         ASL_OK);
        check_replay(parsed, definition);
        asl_definition_unref(definition);
        asl_history_free(parsed);
        asl_text_free(text);
        asl_value_unref(json);
        asl_history_free(history);
        asl_execution_unref(execution);
    }
}
END_TEST

SUITE("runtime/jsonata", what_was_drawn_is_drawn_again_by_a_replay,
      times_are_those_of_the_clock_and_draws_differ, an_evaluation_that_was_ended_stays_ended,
      an_exported_evaluation_that_was_ended_replays)
