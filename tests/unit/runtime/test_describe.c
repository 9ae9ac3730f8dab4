/* Descriptions: what a handle says and what the store says alone are the same, at every moment. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "history/record.h"
#include "runtime/clock.h"
#include "store/store.h"

#define PASS "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"
#define FAIL(rest) "{\"StartAt\":\"F\",\"States\":{\"F\":{\"Type\":\"Fail\"" rest "}}}"
#define WAIT \
    "{\"StartAt\":\"W\",\"TimeoutSeconds\":9,\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":" \
    "60,\"End\":true}}}"
#define RETRY \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:fail\",\"Retry\":[{\"ErrorEquals\":[\"E\"]}],\"End\":true}}}"
#define HEAD(name) \
    "{\"executionArn\":\"arn:aws:states:us-east-1:000000000000:execution:m:" name "\"," \
    "\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:m\",\"name\":" \
    "\"" name "\","
#define INPUT "\"input\":\"{\\\"a\\\":1}\",\"inputDetails\":{\"included\":true}"
#define REDRIVABLE ",\"redriveCount\":0,\"redriveStatus\":\"REDRIVABLE\"}"
#define NOT_REDRIVABLE(status) \
    ",\"redriveCount\":0,\"redriveStatus\":\"NOT_REDRIVABLE\",\"redriveStatusReason\":" \
    "\"Execution is " status " and cannot be redriven\"}"

static void check_value(const asl_description *description, const char *expected)
{
    asl_value *value = NULL;
    char *text = NULL;
    ck_assert_int_eq(asl_description_to_value(description, &value), ASL_OK);
    ck_assert_int_eq(asl_value_print(value, 0, &text, NULL), ASL_OK);
    ck_assert_str_eq(text, expected);
    asl_text_free(text);
    asl_value_unref(value);
}

/* Both ways of describing it give this. */
static void check(fixture *f, const asl_execution *execution, const char *expected)
{
    asl_description *here = NULL, *stored = NULL;
    ck_assert_int_eq(asl_execution_describe(execution, &here), ASL_OK);
    ck_assert_int_eq(asl_store_describe(f->store, asl_execution_number(execution), &stored, NULL),
                     ASL_OK);
    check_value(here, expected);
    check_value(stored, expected);
    ck_assert_uint_eq(here->number, stored->number);
    ck_assert_uint_eq(here->event_count, stored->event_count);
    ck_assert_int_eq(here->status, stored->status);
    ck_assert_str_eq(here->machine, "m");
    ck_assert_str_eq(stored->machine, "m");
    ck_assert_uint_eq(here->size, sizeof *here);
    asl_description_free(here);
    asl_description_free(stored);
}

START_TEST(a_success_has_its_output)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", PASS);
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"a\":1}");
        fixture_settle(&f);
        check(&f, execution,
              HEAD("one") "\"status\":\"SUCCEEDED\",\"startDate\":\"2023-11-14T22:13:20.000Z\","
                          "\"stopDate\":\"2023-11-14T22:13:20.000Z\"," INPUT
                          ",\"output\":\"{\\\"a\\\":1}\",\"outputDetails\":{\"included\":"
                          "true}" NOT_REDRIVABLE("SUCCEEDED"));
        asl_execution_unref(execution);
    }
}
END_TEST

static void check_failure(fixture *f, const char *name, const char *text, const char *expected)
{
    fixture_machine(f, "m", text);
    asl_execution *execution = fixture_start(f, "m", name, "{\"a\":1}");
    fixture_settle(f);
    check(f, execution, expected);
    asl_execution_unref(execution);
}

#define FAILED(name) \
    HEAD(name) \
    "\"status\":\"FAILED\",\"startDate\":\"2023-11-14T22:13:20.000Z\"," \
    "\"stopDate\":\"2023-11-14T22:13:20.000Z\"," INPUT

START_TEST(a_failure_has_error_and_cause_where_there_are_any)
{
    FOR_EACH_STORE(f)
    {
        f.now_ms = FIXTURE_START_MS;
        check_failure(&f, "none", FAIL(""), FAILED("none") REDRIVABLE);
        check_failure(&f, "error", FAIL(",\"Error\":\"E\""),
                      FAILED("error") ",\"error\":\"E\"" REDRIVABLE);
        check_failure(&f, "both", FAIL(",\"Error\":\"E\",\"Cause\":\"c\""),
                      FAILED("both") ",\"error\":\"E\",\"cause\":\"c\"" REDRIVABLE);
    }
}
END_TEST

START_TEST(what_timed_out_has_neither)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", WAIT);
        asl_execution *execution = fixture_start(&f, "m", "late", "{\"a\":1}");
        fixture_settle(&f);
        check(
            &f, execution,
            HEAD("late") "\"status\":\"RUNNING\",\"startDate\":\"2023-11-14T22:13:20.000Z\"," INPUT
                NOT_REDRIVABLE("RUNNING"));
        fixture_pass(&f, 9000);
        check(&f, execution,
              HEAD("late") "\"status\":\"TIMED_OUT\",\"startDate\":\"2023-11-14T22:13:20.000Z\","
                           "\"stopDate\":\"2023-11-14T22:13:29.000Z\"," INPUT REDRIVABLE);
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(what_was_stopped_has_what_it_was_stopped_with)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", WAIT);
        asl_execution *execution = fixture_start(&f, "m", "off", "{\"a\":1}");
        fixture_settle(&f);
        ck_assert_int_eq(asl_execution_stop(execution, "Mine", "because", NULL), ASL_OK);
        fixture_settle(&f);
        check(&f, execution,
              HEAD("off") "\"status\":\"ABORTED\",\"startDate\":\"2023-11-14T22:13:20.000Z\","
                          "\"stopDate\":\"2023-11-14T22:13:20.000Z\"," INPUT
                          ",\"error\":\"Mine\",\"cause\":\"because\"" REDRIVABLE);
        asl_execution_unref(execution);
    }
}
END_TEST

/* The last record of one that waits for a retry has no event at all. */
START_TEST(what_runs_is_described_between_any_two_records)
{
    FOR_EACH_STORE(f)
    {
        f.fail_error = "E";
        f.fail_count = 1;
        fixture_machine(&f, "m", RETRY);
        asl_execution *execution = fixture_start(&f, "m", "one", "{\"a\":1}");
        fixture_settle(&f);
        static const char running[] =
            HEAD("one") "\"status\":\"RUNNING\",\"startDate\":\"2023-11-14T22:13:20.000Z\"," INPUT
                NOT_REDRIVABLE("RUNNING");
        check(&f, execution, running);
        uint64_t number = asl_execution_number(execution);
        asl_execution_unref(execution);
        fixture_reopen(&f);
        ck_assert_int_eq(asl_engine_recover(f.engine, 0, NULL, NULL), ASL_OK);
        ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
        check(&f, execution, running);
        fixture_pass(&f, 1000);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
        check(&f, execution,
              HEAD("one") "\"status\":\"SUCCEEDED\",\"startDate\":\"2023-11-14T22:13:20.000Z\","
                          "\"stopDate\":\"2023-11-14T22:13:21.000Z\"," INPUT
                          ",\"output\":\"{\\\"a\\\":1}\",\"outputDetails\":{\"included\":"
                          "true}" NOT_REDRIVABLE("SUCCEEDED"));
        asl_execution_unref(execution);
    }
}
END_TEST

START_TEST(a_handle_describes_what_it_was_after_its_engine)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(&f, "m", PASS);
    asl_execution *ended = fixture_start(&f, "m", "one", "{\"a\":1}");
    fixture_settle(&f);
    fixture_machine(&f, "m", WAIT);
    asl_execution *running = fixture_start(&f, "m", "two", "{\"a\":1}");
    fixture_settle(&f);
    fixture_free_engine(&f);
    asl_description *description = NULL;
    ck_assert_int_eq(asl_execution_describe(ended, &description), ASL_OK);
    ck_assert_int_eq(description->status, ASL_EXECUTION_SUCCEEDED);
    ck_assert_ptr_nonnull(description->output);
    asl_description_free(description);
    ck_assert_int_eq(asl_execution_describe(running, &description), ASL_OK);
    ck_assert_int_eq(description->status, ASL_EXECUTION_RUNNING);
    asl_execution_unref(ended);
    asl_execution_unref(running);
    ck_assert_int_eq(asl_value_kind(description->input), ASL_KIND_OBJECT);
    asl_description_free(description);
    asl_description_free(NULL);
    fixture_close(&f);
}
END_TEST

static void ignore(asl_batch *batch, int status)
{
    (void)batch;
    ck_assert_int_eq(status, ASL_OK);
}

/* An execution whose head says when it ended, and after how many events. */
static void check_redrive(asl_store *store, int64_t start_ms, int64_t stop_ms, uint64_t events,
                          const char *reason)
{
    asl_buffer bytes;
    asl_buffer_init(&bytes, NULL);
    asl_value *input = asl_value_object(NULL),
              *arn = asl_value_string(NULL, "arn:aws:states:r:a:x");
    const asl_fact fact = {.kind = ASL_FACT_START, .value = input, .name = arn};
    const asl_event event = {.type = ASL_EVENT_EXECUTION_FAILED, .id = events};
    asl_record_encode(&bytes, &fact, &event, 1);
    asl_batch batch = {.done = ignore, .is_start = true, .definition_text = "{}"};
    char name[32];
    batch.head = (asl_head){.number = asl_store_reserve(store, (asl_share){0, 1}),
                            .machine = "m",
                            .name = name,
                            .start_ms = start_ms,
                            .stop_ms = stop_ms,
                            .event_count = events,
                            .status = ASL_EXECUTION_FAILED};
    snprintf(name, sizeof name, "n%llu", (unsigned long long)batch.head.number);
    batch.definition_size = 2;
    batch.record = bytes.bytes;
    batch.record_size = bytes.size;
    asl_store_submit(store, &batch);
    ck_assert_int_eq(asl_store_commit(store), ASL_OK);
    asl_description *description = NULL;
    ck_assert_int_eq(asl_store_describe(store, batch.head.number, &description, NULL), ASL_OK);
    if (reason)
        ck_assert_str_eq(description->redrive_status_reason, reason);
    else
        ck_assert_ptr_null(description->redrive_status_reason);
    ck_assert_str_eq(description->redrive_status, reason ? "NOT_REDRIVABLE" : "REDRIVABLE");
    asl_description_free(description);
    asl_buffer_done(&bytes);
    asl_value_unref(input);
    asl_value_unref(arn);
}

START_TEST(whether_it_could_be_redriven_depends_on_time_and_events)
{
    FOR_EACH_STORE(f)
    {
        static const char period[] = "Execution redrivable period exceeded";
        static const char too_long[] = "Execution has exceeded the max execution time";
        static const char events[] = "Execution history event limit exceeded";
        int64_t now_ms = asl_clock_wall(), day_ms = 24 * 3600 * 1000;
        check_redrive(f.store, now_ms - day_ms, now_ms, 3, NULL);
        check_redrive(f.store, now_ms - 15 * day_ms, now_ms - 14 * day_ms + 60000, 3, NULL);
        check_redrive(f.store, now_ms - 15 * day_ms, now_ms - 14 * day_ms - 1, 3, period);
        check_redrive(f.store, now_ms - 365 * day_ms + 1, now_ms, 3, NULL);
        check_redrive(f.store, now_ms - 365 * day_ms, now_ms, 3, too_long);
        check_redrive(f.store, now_ms - day_ms, now_ms, 24998, NULL);
        check_redrive(f.store, now_ms - day_ms, now_ms, 24999, events);
    }
}
END_TEST

static asl_execution *run_express(fixture *f, const char *text, int64_t ms, unsigned flags)
{
    asl_definition *definition = NULL;
    asl_execution *execution = NULL;
    asl_machine_options options = {.size = sizeof options, .type = ASL_MACHINE_EXPRESS};
    asl_start start = {.size = sizeof start, .machine = "m", .name = "one", .flags = flags};
    ck_assert_int_eq(asl_definition_load(text, strlen(text), NULL, &definition, NULL, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine_with(f->engine, "m", definition, &options, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_execution_start(f->engine, &start, &execution, NULL), ASL_OK);
    asl_definition_unref(definition);
    fixture_settle(f);
    fixture_pass(f, ms);
    return execution;
}

static void check_express(fixture *f, asl_execution *execution, const char *rest)
{
    char expected[1024];
    snprintf(expected, sizeof expected,
             "{\"executionArn\":\"%s\",\"stateMachineArn\":\"arn:aws:states:us-east-1:"
             "000000000000:stateMachine:m\",\"name\":\"one\",\"startDate\":\"2023-11-14T22:13:20."
             "000Z\",%s}",
             asl_execution_arn(execution), rest);
    check(f, execution, expected);
    asl_execution_unref(execution);
}

#define BILL(ms) \
    "\"billingDetails\":{\"billedMemoryUsedInMB\":64,\"billedDurationInMilliseconds\":" ms "}"
#define EXPRESS_WAIT \
    "{\"StartAt\":\"W\",\"TimeoutSeconds\":9,\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":" \
    "7,\"End\":true}}}"
#define EXPRESS_INPUT "\"input\":\"{}\",\"inputDetails\":{\"included\":true}"

START_TEST(an_express_execution_is_shown_as_its_synchronous_start_returns_it)
{
    FOR_EACH_STORE(f)
    {
        check_express(
            &f, run_express(&f, PASS, 0, ASL_START_SYNC),
            "\"stopDate\":\"2023-11-14T22:13:20.000Z\",\"status\":\"SUCCEEDED\"," EXPRESS_INPUT
            ",\"output\":\"{}\",\"outputDetails\":{\"included\":true}," BILL("100"));
        check_express(&f, run_express(&f, FAIL(",\"Error\":\"E\",\"Cause\":\"c\""), 0, 0),
                      "\"stopDate\":\"2023-11-14T22:13:20.000Z\",\"status\":\"FAILED\",\"error\":"
                      "\"E\",\"cause\":\"c\"," EXPRESS_INPUT
                      ",\"outputDetails\":{\"included\":true}," BILL("100"));
        check_express(&f, run_express(&f, EXPRESS_WAIT, 1, ASL_START_SYNC),
                      "\"status\":\"RUNNING\"," EXPRESS_INPUT);
    }
}
END_TEST

START_TEST(an_express_execution_is_billed_in_steps)
{
    FOR_EACH_STORE(f)
    {
        static const struct {
            int64_t took_ms;
            uint64_t billed_ms;
        } bills[] = {{7000, 7000}, {7001, 7100}, {7099, 7100}, {7100, 7100}};
        for (size_t i = 0; i < sizeof bills / sizeof bills[0]; i++) {
            asl_description *description = NULL;
            asl_execution *execution = run_express(&f, EXPRESS_WAIT, bills[i].took_ms, 0);
            ck_assert_int_eq(asl_execution_describe(execution, &description), ASL_OK);
            ck_assert_uint_eq(description->billed_ms, bills[i].billed_ms);
            ck_assert_uint_eq(description->billed_bytes, 64u << 20);
            ck_assert_ptr_null(description->redrive_status);
            asl_description_free(description);
            asl_execution_unref(execution);
        }
    }
}
END_TEST

START_TEST(an_arn_finds_its_execution_and_no_other)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m", PASS);
        asl_execution *one = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        asl_execution *express = run_express(&f, PASS, 0, 0);
        uint64_t number = 0;
        ck_assert_int_eq(asl_store_find_arn(f.store, asl_execution_arn(one), &number, NULL),
                         ASL_OK);
        ck_assert_uint_eq(number, asl_execution_number(one));
        ck_assert_int_eq(asl_store_find_arn(f.store, asl_execution_arn(express), &number, NULL),
                         ASL_OK);
        ck_assert_uint_eq(number, asl_execution_number(express));
        static const char *const unknown[] = {
            "arn:aws:states:us-east-1:000000000000:execution:m:two",
            "arn:aws:states:us-east-1:000000000000:execution:n:one",
            "arn:aws:states:eu-west-1:000000000000:execution:m:one",
            "arn:aws:states:us-east-1:111111111111:execution:m:one",
            "arn:aws-cn:states:us-east-1:000000000000:execution:m:one",
            "arn:aws:states:us-east-1:000000000000:express:m:one",
        };
        for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
            ck_assert_int_eq(asl_store_find_arn(f.store, unknown[i], &number, NULL), ASL_NOT_FOUND);
        static const char *const wrong[] = {"",
                                            "one",
                                            "arn:",
                                            "arn:aws:states:r:a:execution:m",
                                            "arn:aws:states:r:a:execution::one",
                                            "arn:aws:states:r:a:stateMachine:m:one"};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
            ck_assert_int_eq(asl_store_find_arn(f.store, wrong[i], &number, NULL), ASL_MISUSE);
        asl_execution_unref(one);
        asl_execution_unref(express);
    }
}
END_TEST

START_TEST(what_is_not_there_cannot_be_described)
{
    FOR_EACH_STORE(f)
    {
        asl_description *description = NULL;
        asl_error *error = NULL;
        ck_assert_int_eq(asl_store_describe(f.store, 7, &description, &error), ASL_NOT_FOUND);
        ck_assert_ptr_nonnull(error);
        asl_error_free(error);
    }
}
END_TEST

SUITE("runtime/describe", a_success_has_its_output,
      a_failure_has_error_and_cause_where_there_are_any, what_timed_out_has_neither,
      what_was_stopped_has_what_it_was_stopped_with, what_runs_is_described_between_any_two_records,
      a_handle_describes_what_it_was_after_its_engine,
      whether_it_could_be_redriven_depends_on_time_and_events,
      an_express_execution_is_shown_as_its_synchronous_start_returns_it,
      an_express_execution_is_billed_in_steps, an_arn_finds_its_execution_and_no_other,
      what_is_not_there_cannot_be_described)
