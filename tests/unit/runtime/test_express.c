/* Machines of type EXPRESS: names that need not be unique, five minutes, histories of any length,
 * and starts that run at most once. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "fixture.h"

#define CONTEXT \
    "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"Parameters\":{\"e.$\":" \
    "\"$$.Execution\"},\"Next\":\"T\"},\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:later\",\"ResultPath\":null,\"Next\":\"Q\"},\"Q\":{\"Type\":" \
    "\"Pass\",\"Parameters\":{\"e.$\":\"$$.Execution\",\"before.$\":\"$.e\"},\"End\":true}}}"
#define WAIT(seconds, timeout) \
    "{\"StartAt\":\"W\"," timeout "\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":" seconds \
    ",\"End\":true}}}"

static int add_machine(fixture *f, const char *name, const char *text, asl_machine_type type)
{
    asl_definition *definition = NULL;
    asl_machine_options options = {.size = sizeof options, .type = type};
    ck_assert_int_eq(asl_definition_load(text, strlen(text), NULL, &definition, NULL, NULL),
                     ASL_OK);
    int status = asl_engine_add_machine_with(f->engine, name, definition, &options, NULL);
    asl_definition_unref(definition);
    return status;
}

static int start(fixture *f, const char *name, unsigned flags, asl_execution **ret_execution)
{
    asl_start how = {.size = sizeof how, .machine = "m", .name = name, .flags = flags};
    return asl_execution_start(f->engine, &how, ret_execution, NULL);
}

static asl_execution *started(fixture *f, const char *name, unsigned flags)
{
    asl_execution *execution = NULL;
    ck_assert_int_eq(start(f, name, flags, &execution), ASL_OK);
    fixture_settle(f);
    return execution;
}

/* The keys of an object, "Id Input ". */
static const char *keys_of(const asl_value *object)
{
    static char text[256];
    text[0] = '\0';
    for (size_t i = 0; i < asl_value_count(object); i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ",
                 asl_value_get_string(asl_value_key(object, i), NULL));
    return text;
}

static void check_arn(const asl_execution *execution, const char *name)
{
    static const char base[] = "arn:aws:states:us-east-1:000000000000:express:m:";
    const char *arn = asl_execution_arn(execution);
    size_t size = strlen(name);
    ck_assert_int_eq(strncmp(arn, base, sizeof base - 1), 0);
    arn += sizeof base - 1;
    ck_assert_int_eq(strncmp(arn, name, size), 0);
    ck_assert_int_eq(arn[size], ':');
    ck_assert_uint_eq(strlen(arn + size + 1), 36);
}

START_TEST(every_start_of_a_name_is_an_execution_of_its_own)
{
    FOR_EACH_STORE(f)
    {
        ck_assert_int_eq(add_machine(&f, "m", WAIT("5", ""), ASL_MACHINE_EXPRESS), ASL_OK);
        asl_execution *one = started(&f, "same", 0), *two = started(&f, "same", 0);
        ck_assert_uint_ne(asl_execution_number(one), asl_execution_number(two));
        ck_assert_str_ne(asl_execution_arn(one), asl_execution_arn(two));
        ck_assert_str_eq(asl_execution_name(one), "same");
        check_arn(one, "same");
        check_arn(two, "same");
        fixture_pass(&f, 5000);
        asl_execution_list *list = NULL;
        ck_assert_int_eq(asl_store_list(f.store, NULL, &list, NULL), ASL_OK);
        ck_assert_uint_eq(asl_execution_list_count(list), 2);
        for (size_t i = 0; i < 2; i++) {
            const asl_execution_summary *summary = asl_execution_list_at(list, i);
            uint64_t found = 0;
            ck_assert_int_eq(summary->type, ASL_MACHINE_EXPRESS);
            ck_assert_int_eq(summary->status, ASL_EXECUTION_SUCCEEDED);
            ck_assert_int_eq(asl_store_find(f.store, "m", summary->name, &found, NULL), ASL_OK);
            ck_assert_uint_eq(found, summary->number);
        }
        asl_execution_list_free(list);
        asl_execution_unref(one);
        asl_execution_unref(two);
    }
}
END_TEST

START_TEST(a_name_is_made_where_none_is_given)
{
    FOR_EACH_STORE(f)
    {
        ck_assert_int_eq(add_machine(&f, "m", WAIT("5", ""), ASL_MACHINE_EXPRESS), ASL_OK);
        asl_execution *execution = started(&f, NULL, ASL_START_SYNC);
        ck_assert_uint_eq(strlen(asl_execution_name(execution)), 36);
        check_arn(execution, asl_execution_name(execution));
        asl_execution_unref(execution);
    }
}
END_TEST

/* A long name of the widest characters is not cut. */
START_TEST(names_of_eighty_wide_characters_fit)
{
    FOR_EACH_STORE(f)
    {
        char name[ASL_NAME_CHARACTERS_MAX * 4 + 1] = "";
        for (size_t i = 0; i < ASL_NAME_CHARACTERS_MAX; i++)
            memcpy(name + 4 * i, "\xf0\x9f\x98\x80", 5);
        ck_assert_int_eq(add_machine(&f, "m", WAIT("5", ""), ASL_MACHINE_EXPRESS), ASL_OK);
        asl_execution *execution = started(&f, name, 0);
        check_arn(execution, name);
        ck_assert_str_eq(asl_execution_name(execution), name);
        asl_execution_unref(execution);
    }
}
END_TEST

static void check_context(fixture *f, unsigned flags, const char *keys)
{
    asl_execution *execution = started(f, "one", flags);
    ck_assert_int_eq(asl_task_succeed(f->tasks[f->task_count - 1], asl_value_null(), NULL), ASL_OK);
    fixture_settle(f);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    const asl_value *shown = asl_value_get(asl_execution_output(execution), "e");
    ck_assert_str_eq(keys_of(shown), keys);
    ck_assert(asl_value_equal(shown, asl_value_get(asl_execution_output(execution), "before")));
    ck_assert_str_eq(asl_value_get_string(asl_value_get(shown, "Name"), NULL), "one");
    ck_assert_str_eq(asl_value_get_string(asl_value_get(shown, "Id"), NULL),
                     asl_execution_arn(execution));
    asl_execution_unref(execution);
}

START_TEST(the_context_object_shows_how_it_was_started)
{
    FOR_EACH_STORE(f)
    {
        ck_assert_int_eq(add_machine(&f, "m", CONTEXT, ASL_MACHINE_EXPRESS), ASL_OK);
        check_context(&f, 0, "Id Input Name RoleArn StartTime RedriveCount ");
        check_context(&f, ASL_START_SYNC, "Id Input Name RoleArn StartTime ");
        ck_assert_int_eq(add_machine(&f, "m", CONTEXT, ASL_MACHINE_STANDARD), ASL_OK);
        check_context(&f, 0, "Id Input StartTime Name RoleArn RedriveCount ");
    }
}
END_TEST

static void check_timeout(fixture *f, const char *text, int64_t most_ms)
{
    ck_assert_int_eq(add_machine(f, "m", text, ASL_MACHINE_EXPRESS), ASL_OK);
    asl_execution *execution = started(f, NULL, 0);
    fixture_pass(f, most_ms - 1);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_RUNNING);
    fixture_pass(f, 1);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_TIMED_OUT);
    ck_assert_str_eq(fixture_history(f, asl_execution_number(execution)),
                     "ExecutionStarted WaitStateEntered ExecutionTimedOut");
    asl_execution_unref(execution);
}

START_TEST(five_minutes_are_the_most_whatever_a_definition_says)
{
    FOR_EACH_STORE(f)
    {
        int64_t most_ms = ASL_EXPRESS_SECONDS_MAX * 1000;
        check_timeout(&f, WAIT("301", ""), most_ms);
        check_timeout(&f, WAIT("301", "\"TimeoutSeconds\":3600,"), most_ms);
        check_timeout(&f, WAIT("301", "\"TimeoutSeconds\":7,"), 7000);
    }
}
END_TEST

START_TEST(what_does_not_go_with_a_type_is_refused)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, false);
    static const char *const refused[] = {"arn:aws:states:::ecs:runTask.sync",
                                          "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                                          "arn:aws:states:us-east-1:000000000000:activity:a"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"%s\","
                 "\"End\":true}}}",
                 refused[i]);
        ck_assert_int_eq(add_machine(&f, "m", text, ASL_MACHINE_EXPRESS), ASL_INVALID);
        ck_assert_int_eq(add_machine(&f, "m", text, ASL_MACHINE_STANDARD), ASL_OK);
    }
    asl_execution *execution = NULL;
    ck_assert_int_eq(add_machine(&f, "m", WAIT("5", ""), ASL_MACHINE_STANDARD), ASL_OK);
    ck_assert_int_eq(start(&f, "one", ASL_START_SYNC, &execution), ASL_MISUSE);
    ck_assert_int_eq(start(&f, "one", 2, &execution), ASL_MISUSE);
    ck_assert_int_eq(add_machine(&f, "m", WAIT("5", ""), (asl_machine_type)2), ASL_MISUSE);
    struct {
        asl_machine_options known;
        int more;
    } longer = {.known = {.size = sizeof longer}, .more = 1};
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(CONTEXT, strlen(CONTEXT), NULL, &definition, NULL, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine_with(f.engine, "m", definition, &longer.known, NULL),
                     ASL_MISUSE);
    ck_assert_int_eq(asl_engine_add_machine_with(f.engine, "m", definition, NULL, NULL), ASL_OK);
    asl_definition_unref(definition);
    fixture_close(&f);
}
END_TEST

/* What comes after a crash: an asynchronous start goes on, a synchronous one ends. */
static void check_recovery(unsigned flags, bool machine_is_there)
{
    fixture f = {.clock = ASL_CLOCK_MANUAL};
    fixture_open(&f, true);
    ck_assert_int_eq(add_machine(&f, "m", CONTEXT, ASL_MACHINE_EXPRESS), ASL_OK);
    asl_execution *execution = started(&f, "one", flags);
    uint64_t number = asl_execution_number(execution);
    char arn[128];
    snprintf(arn, sizeof arn, "%s", asl_execution_arn(execution));
    asl_execution_unref(execution);
    fixture_reopen(&f);
    if (machine_is_there) /* of another type: the execution keeps its own */
        ck_assert_int_eq(add_machine(&f, "m", CONTEXT, ASL_MACHINE_STANDARD), ASL_OK);
    size_t count = 0, begun = f.begun_count;
    ck_assert_int_eq(asl_engine_recover(f.engine, 0, &count, NULL), ASL_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(asl_execution_find(f.engine, number, &execution), ASL_OK);
    fixture_settle(&f);
    ck_assert_str_eq(asl_execution_arn(execution), arn);
    ck_assert_str_eq(asl_execution_name(execution), "one");
    if (flags & ASL_START_SYNC) {
        ck_assert_uint_eq(f.begun_count, begun);
        ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_ABORTED);
        ck_assert_ptr_null(asl_execution_error(execution));
        ck_assert_str_eq(asl_execution_cause(execution), "the process that ran it has ended");
    } else {
        ck_assert_uint_eq(f.begun_count, begun + 1);
        ck_assert_int_eq(asl_task_succeed(f.tasks[0], asl_value_null(), NULL), ASL_OK);
        fixture_settle(&f);
        const asl_value *output = asl_execution_output(execution);
        ck_assert(asl_value_equal(asl_value_get(output, "e"), asl_value_get(output, "before")));
    }
    asl_execution_unref(execution);
    fixture_close(&f);
}

START_TEST(after_a_crash_what_was_started_synchronously_does_not_run_again)
{
    check_recovery(0, false);
    check_recovery(0, true);
    check_recovery(ASL_START_SYNC, false);
    check_recovery(ASL_START_SYNC, true);
}
END_TEST

static void check_replay(fixture *f, unsigned flags)
{
    asl_execution *execution = started(f, "one", flags);
    ck_assert_int_eq(asl_task_succeed(f->tasks[f->task_count - 1], asl_value_null(), NULL), ASL_OK);
    fixture_settle(f);
    asl_history *history = NULL;
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_history_read(f->store, asl_execution_number(execution), &history, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_replay_run(history, NULL, NULL, &replay, NULL), ASL_OK);
    ck_assert_uint_eq(asl_replay_different(replay), 0);
    ck_assert_uint_eq(asl_replay_equal(replay), asl_history_count(history));
    asl_replay_free(replay);
    asl_history_free(history);
    asl_execution_unref(execution);
}

START_TEST(both_kinds_of_start_are_replayed_as_they_were)
{
    FOR_EACH_STORE(f)
    {
        ck_assert_int_eq(add_machine(&f, "m", CONTEXT, ASL_MACHINE_EXPRESS), ASL_OK);
        check_replay(&f, 0);
        check_replay(&f, ASL_START_SYNC);
    }
}
END_TEST

SUITE("runtime/express", every_start_of_a_name_is_an_execution_of_its_own,
      a_name_is_made_where_none_is_given, names_of_eighty_wide_characters_fit,
      the_context_object_shows_how_it_was_started,
      five_minutes_are_the_most_whatever_a_definition_says, what_does_not_go_with_a_type_is_refused,
      after_a_crash_what_was_started_synchronously_does_not_run_again,
      both_kinds_of_start_are_replayed_as_they_were)
