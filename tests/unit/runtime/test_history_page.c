/* Pages: whatever their size and direction, together they are the whole history, and a token is
 * good for what it was given for alone. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "runtime/page_token.h"
#include "store/store.h"

/* Tasks in turn, each a record of its own, then many events in one record; 4 * 7 + 30 + 2 events
 * or so. */
#define MACHINE \
    "{\"StartAt\":\"E\",\"States\":{\"E\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\"," \
    "\"MaxConcurrency\":1,\"ItemProcessor\":{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":" \
    "\"Task\",\"Resource\":\"arn:aws:states:::test:fail\",\"Retry\":[{\"ErrorEquals\":[\"E\"]}]," \
    "\"Assign\":{\"v\":7},\"End\":true}}},\"ResultPath\":\"$.out\",\"Next\":\"P\"},\"P\":{" \
    "\"Type\":\"Map\",\"ItemsPath\":\"$.items\",\"ItemProcessor\":{\"StartAt\":\"Q\",\"States\":{" \
    "\"Q\":{\"Type\":\"Pass\",\"End\":true}}},\"End\":true}}}"

static uint64_t run(fixture *f)
{
    f->fail_error = "E";
    f->fail_count = 2;
    fixture_machine(f, "m", MACHINE);
    asl_execution *execution = fixture_start(f, "m", "one", "{\"items\":[1,2,3,4,5]}");
    for (int i = 0; i < 5; i++) {
        fixture_settle(f);
        fixture_pass(f, 2000);
    }
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    uint64_t number = asl_execution_number(execution);
    asl_execution_unref(execution);
    return number;
}

static asl_history *read_page(fixture *f, uint64_t number, const char *token, unsigned count,
                              unsigned flags)
{
    asl_history *page = NULL;
    asl_error *error = NULL;
    asl_page_options options = {
        .size = sizeof options, .token = token, .max_results = count, .flags = flags};
    int status = asl_history_read_page(f->store, number, &options, &page, &error);
    ck_assert_msg(status == ASL_OK, "%s", asl_error_message(error));
    return page;
}

static void check_event(const asl_history *whole, const asl_history *page, size_t index,
                        uint64_t id)
{
    const asl_history_event *event = asl_history_at(page, index);
    const asl_history_event *expected = asl_history_at(whole, (size_t)id - 1);
    asl_value *shown = NULL, *wanted = NULL;
    ck_assert_uint_eq(event->id, id);
    ck_assert_uint_eq(event->previous_id, expected->previous_id);
    ck_assert_str_eq(event->type, expected->type);
    if (event->state)
        ck_assert_str_eq(event->state, expected->state);
    ck_assert_int_eq(asl_history_event_to_value(page, index, &shown), ASL_OK);
    ck_assert_int_eq(asl_history_event_to_value(whole, (size_t)id - 1, &wanted), ASL_OK);
    ck_assert(asl_value_equal(shown, wanted));
    asl_value_unref(shown);
    asl_value_unref(wanted);
}

/* Reads page after page and holds each event against the whole history. */
static void check_pages(fixture *f, uint64_t number, unsigned count, unsigned flags)
{
    asl_history *whole = NULL;
    ck_assert_int_eq(asl_history_read(f->store, number, &whole, NULL), ASL_OK);
    uint64_t total = asl_history_count(whole), seen = 0;
    char token[ASL_PAGE_TOKEN_SIZE] = "";
    do {
        asl_history *page = read_page(f, number, token[0] ? token : NULL, count, flags);
        size_t size = asl_history_count(page);
        ck_assert_uint_eq(size, total - seen < count ? total - seen : count);
        ck_assert_ptr_null(asl_history_at(page, size));
        for (size_t i = 0; i < size; i++, seen++)
            check_event(whole, page, i, flags & ASL_HISTORY_REVERSE ? total - seen : seen + 1);
        const char *next = asl_history_next_token(page);
        ck_assert((next == NULL) == (seen == total));
        snprintf(token, sizeof token, "%s", next ? next : "");
        asl_history_free(page);
    } while (token[0]);
    ck_assert_uint_eq(seen, total);
    asl_history_free(whole);
}

START_TEST(all_pages_together_are_the_history)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = run(&f);
        static const unsigned counts[] = {1, 2, 3, 7, 20, 1000};
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            check_pages(&f, number, counts[i], 0);
            check_pages(&f, number, counts[i], ASL_HISTORY_REVERSE);
        }
    }
}
END_TEST

START_TEST(a_page_of_no_stated_size_has_a_hundred_events)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    fixture_machine(
        &f, "m",
        "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Map\",\"ItemProcessor\":{"
        "\"StartAt\":\"Q\",\"States\":{\"Q\":{\"Type\":\"Pass\",\"End\":true}}},\"End\":"
        "true}}}");
    asl_execution *execution = fixture_start(
        &f, "m", "one", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26]");
    fixture_settle(&f);
    asl_history *page = NULL;
    ck_assert_int_eq(
        asl_history_read_page(f.store, asl_execution_number(execution), NULL, &page, NULL), ASL_OK);
    ck_assert_uint_eq(asl_history_count(page), 100);
    ck_assert_ptr_nonnull(asl_history_next_token(page));
    asl_history_free(page);
    asl_execution_unref(execution);
    fixture_close(&f);
}
END_TEST

START_TEST(the_shape_of_a_page_has_the_token)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = run(&f);
        asl_history *page = read_page(&f, number, NULL, 3, 0);
        asl_value *shape = NULL;
        ck_assert_int_eq(asl_history_to_value(page, &shape), ASL_OK);
        ck_assert_uint_eq(asl_value_count(asl_value_get(shape, "events")), 3);
        ck_assert_str_eq(asl_value_get_string(asl_value_get(shape, "nextToken"), NULL),
                         asl_history_next_token(page));
        asl_value_unref(shape);
        asl_history_free(page);
        page = read_page(&f, number, NULL, 1000, 0);
        ck_assert_int_eq(asl_history_to_value(page, &shape), ASL_OK);
        ck_assert_uint_eq(asl_value_count(shape), 1);
        asl_value_unref(shape);
        asl_history_free(page);
    }
}
END_TEST

static bool has_text(const asl_value *value, const char *text)
{
    char *printed = NULL;
    ck_assert_int_eq(asl_value_print(value, 0, &printed, NULL), ASL_OK);
    bool has = strstr(printed, text) != NULL;
    asl_text_free(printed);
    return has;
}

START_TEST(a_page_without_data_has_names_and_parameters)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = run(&f);
        asl_history *page = read_page(&f, number, NULL, 1000, ASL_HISTORY_WITHOUT_DATA);
        asl_value *shape = NULL;
        ck_assert_int_eq(asl_history_to_value(page, &shape), ASL_OK);
        static const char *const absent[] = {"\"input\"", "\"output\"", "Details\":{\"truncated",
                                             "assignedVariables"};
        for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
            ck_assert(!has_text(shape, absent[i]));
        ck_assert(has_text(shape, "\"parameters\":\"1\""));
        ck_assert(has_text(shape, "\"name\":\"Q\""));
        asl_value_unref(shape);
        asl_history_free(page);
    }
}
END_TEST

static int try_page(fixture *f, uint64_t number, const char *token, unsigned count, unsigned flags)
{
    asl_history *page = NULL;
    asl_page_options options = {
        .size = sizeof options, .token = token, .max_results = count, .flags = flags};
    int status = asl_history_read_page(f->store, number, &options, &page, NULL);
    asl_history_free(page);
    return status;
}

START_TEST(a_token_is_good_for_what_it_was_given_for)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = run(&f);
        fixture_machine(&f, "n", MACHINE);
        asl_execution *other = fixture_start(&f, "n", "one", "{\"items\":[1,2,3]}");
        fixture_settle(&f);
        asl_history *page = read_page(&f, number, NULL, 3, 0);
        char token[ASL_PAGE_TOKEN_SIZE];
        snprintf(token, sizeof token, "%s", asl_history_next_token(page));
        asl_history_free(page);
        ck_assert_int_eq(try_page(&f, number, token, 0, 0), ASL_OK);
        ck_assert_int_eq(try_page(&f, number, token, 1000, ASL_HISTORY_WITHOUT_DATA), ASL_OK);
        ck_assert_int_eq(try_page(&f, number, token, 0, ASL_HISTORY_REVERSE), ASL_MISUSE);
        ck_assert_int_eq(try_page(&f, asl_execution_number(other), token, 0, 0), ASL_MISUSE);
        fixture_reopen(&f);
        ck_assert_int_eq(try_page(&f, number, token, 0, 0), ASL_OK);
        for (size_t i = 0; i < sizeof token - 1; i++) {
            char kept = token[i];
            token[i] = kept == 'A' ? 'B' : 'A';
            ck_assert_int_eq(try_page(&f, number, token, 0, 0), ASL_MISUSE);
            token[i] = '+';
            ck_assert_int_eq(try_page(&f, number, token, 0, 0), ASL_MISUSE);
            token[i] = '\0';
            ck_assert_int_eq(try_page(&f, number, token, 0, 0), ASL_MISUSE);
            token[i] = kept;
        }
        char longer[sizeof token + 1];
        snprintf(longer, sizeof longer, "%sA", token);
        ck_assert_int_eq(try_page(&f, number, longer, 0, 0), ASL_MISUSE);
        ck_assert_int_eq(try_page(&f, number, "", 0, 0), ASL_MISUSE);
        asl_execution_unref(other);
    }
}
END_TEST

/* One that this store would make, for an event that is not there. */
START_TEST(a_token_past_the_end_is_refused)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = run(&f);
        asl_history *whole = NULL;
        unsigned char secret[32];
        ck_assert_int_eq(asl_history_read(f.store, number, &whole, NULL), ASL_OK);
        asl_store_secret(f.store, secret);
        for (uint64_t past = 0; past < 2; past++) {
            char token[ASL_PAGE_TOKEN_SIZE];
            asl_page_place place = {.number = number, .event = asl_history_count(whole) + past};
            asl_page_token_make(secret, &place, token);
            ck_assert_int_eq(try_page(&f, number, token, 0, 0), past ? ASL_MISUSE : ASL_OK);
            place.event = 1 - past;
            asl_page_token_make(secret, &place, token);
            ck_assert_int_eq(try_page(&f, number, token, 0, 0), past ? ASL_MISUSE : ASL_OK);
        }
        asl_history_free(whole);
    }
}
END_TEST

START_TEST(what_cannot_be_asked_for_is_refused)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = run(&f);
        ck_assert_int_eq(try_page(&f, number, NULL, ASL_PAGE_RESULTS_MAX, 0), ASL_OK);
        ck_assert_int_eq(try_page(&f, number, NULL, ASL_PAGE_RESULTS_MAX + 1, 0), ASL_MISUSE);
        ck_assert_int_eq(try_page(&f, number, NULL, 0, 4), ASL_MISUSE);
        ck_assert_int_eq(try_page(&f, number + 1, NULL, 0, 0), ASL_NOT_FOUND);
        asl_history *page = read_page(&f, number, NULL, 1000, 0);
        asl_replay *replay = NULL;
        ck_assert_int_eq(asl_replay_run(page, NULL, NULL, &replay, NULL), ASL_MISUSE);
        asl_history_free(page);
    }
}
END_TEST

START_TEST(the_pages_of_what_runs_grow)
{
    FOR_EACH_STORE(f)
    {
        fixture_machine(&f, "m",
                        "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":5,"
                        "\"End\":true}}}");
        asl_execution *execution = fixture_start(&f, "m", "one", "{}");
        fixture_settle(&f);
        uint64_t number = asl_execution_number(execution);
        asl_history *newest = read_page(&f, number, NULL, 1, ASL_HISTORY_REVERSE);
        asl_history *page = read_page(&f, number, NULL, 1, 0);
        ck_assert_str_eq(asl_history_at(newest, 0)->type, "WaitStateEntered");
        fixture_pass(&f, 5000);
        asl_history *rest = read_page(&f, number, asl_history_next_token(page), 10, 0);
        ck_assert_uint_eq(asl_history_count(rest), 3);
        ck_assert_str_eq(asl_history_at(rest, 2)->type, "ExecutionSucceeded");
        asl_history *older =
            read_page(&f, number, asl_history_next_token(newest), 10, ASL_HISTORY_REVERSE);
        ck_assert_uint_eq(asl_history_count(older), 1);
        ck_assert_uint_eq(asl_history_at(older, 0)->id, 1);
        asl_history_free(newest);
        asl_history_free(page);
        asl_history_free(rest);
        asl_history_free(older);
        asl_execution_unref(execution);
    }
}
END_TEST

static size_t count_logged(const asl_history *history, asl_log_detail level)
{
    asl_value *records = NULL;
    ck_assert_int_eq(asl_history_log(history, level, 0, &records), ASL_OK);
    size_t count = asl_value_count(records);
    asl_value_unref(records);
    return count;
}

START_TEST(a_log_has_what_its_level_says)
{
    FOR_EACH_STORE(f)
    {
        uint64_t number = run(&f);
        asl_history *history = NULL;
        asl_value *records = NULL;
        ck_assert_int_eq(asl_history_read(f.store, number, &history, NULL), ASL_OK);
        ck_assert_uint_eq(count_logged(history, ASL_LOG_DETAIL_ALL), asl_history_count(history));
        ck_assert_uint_eq(count_logged(history, ASL_LOG_DETAIL_ERROR), 2);
        ck_assert_uint_eq(count_logged(history, ASL_LOG_DETAIL_FATAL), 0);
        ck_assert_uint_eq(count_logged(history, ASL_LOG_DETAIL_OFF), 0);
        ck_assert_int_eq(
            asl_history_log(history, ASL_LOG_DETAIL_ERROR, ASL_HISTORY_WITHOUT_DATA, &records),
            ASL_OK);
        const asl_value *first = asl_value_at(records, 0);
        ck_assert_str_eq(asl_value_get_string(asl_value_get(first, "type"), NULL), "TaskFailed");
        ck_assert_str_eq(asl_value_get_string(asl_value_get(first, "execution_arn"), NULL),
                         "arn:aws:states:us-east-1:000000000000:execution:m:one");
        asl_value_unref(records);
        ck_assert_int_eq(
            asl_history_log(history, ASL_LOG_DETAIL_ALL, ASL_HISTORY_REVERSE, &records),
            ASL_MISUSE);
        ck_assert_int_eq(asl_history_log(history, (asl_log_detail)4, 0, &records), ASL_MISUSE);
        asl_history_free(history);
    }
}
END_TEST

SUITE("runtime/history_page", all_pages_together_are_the_history,
      a_page_of_no_stated_size_has_a_hundred_events, the_shape_of_a_page_has_the_token,
      a_page_without_data_has_names_and_parameters, a_token_is_good_for_what_it_was_given_for,
      a_token_past_the_end_is_refused, what_cannot_be_asked_for_is_refused,
      the_pages_of_what_runs_grow, a_log_has_what_its_level_says)
