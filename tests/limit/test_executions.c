/* Limits that a host meets: names, inputs, payloads, errors, histories, tables, a full store. */
#include <unistd.h>

#include "base/limits.h"
#include "folder.h"
#include "limit.h"
#include "runtime/engine.h"

#define TASK_MACHINE \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":" \
    "\"arn:aws:states:::test:t\",\"End\":true}}}"

/* An engine whose only handler answers as it is told. */
typedef struct world {
    asl_engine *engine;
    asl_value *output;
    const char *error, *cause;
} world;

static void answer(void *context, asl_task *task)
{
    world *w = context;
    if (w->output)
        ck_assert_int_eq(asl_task_succeed(task, asl_value_ref(w->output), NULL), ASL_OK);
    else
        ck_assert_int_eq(asl_task_fail(task, w->error, w->cause, NULL), ASL_OK);
}

static void add_machine(const world *w, const char *text)
{
    asl_definition *definition = NULL;
    ck_assert_int_eq(limit_load(text, &definition), ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine(w->engine, "m", definition, NULL), ASL_OK);
    asl_definition_unref(definition);
}

static void open_world(world *w, const char *text)
{
    asl_engine_options options = {.size = sizeof options, .clock = ASL_CLOCK_SKIPPING, .seed = 1};
    asl_task_handler handler = {.size = sizeof handler, .start = answer, .context = w};
    ck_assert_int_eq(asl_engine_open(&options, &w->engine, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_register(w->engine, "arn:aws:states:::test:t", &handler, NULL),
                     ASL_OK);
    add_machine(w, text);
}

static void close_world(world *w)
{
    asl_engine_free(w->engine);
    asl_value_unref(w->output);
}

/* Starts an execution and runs it to its end where it is accepted. */
static int run(const world *w, const char *name, const asl_value *input,
               asl_execution **ret_execution)
{
    asl_start start = {.size = sizeof start, .machine = "m", .name = name, .input = input};
    int status = asl_execution_start(w->engine, &start, ret_execution, NULL);
    if (status == ASL_OK)
        ck_assert_int_eq(asl_engine_run(w->engine, *ret_execution, -1, NULL), ASL_OK);
    return status;
}

/* A string that prints as `size` bytes. */
static asl_value *string_of(size_t size)
{
    char *text = limit_text("", "x", size - 2, "");
    asl_value *value = asl_value_string(NULL, text);
    ck_assert_ptr_nonnull(value);
    free(text);
    return value;
}

static void check_name(const world *w, const char *unit, size_t count, bool is_accepted)
{
    asl_execution *execution = NULL;
    asl_definition *definition = NULL;
    char *name = limit_text("", unit, count, "");
    ck_assert_int_eq(run(w, name, NULL, &execution), is_accepted ? ASL_OK : ASL_MISUSE);
    ck_assert_int_eq(limit_load(TASK_MACHINE, &definition), ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine(w->engine, name, definition, NULL),
                     is_accepted ? ASL_OK : ASL_MISUSE);
    asl_definition_unref(definition);
    asl_execution_unref(execution);
    free(name);
}

START_TEST(names_of_executions_and_machines_have_so_many_characters)
{
    world w = {.output = asl_value_null()};
    open_world(&w, TASK_MACHINE);
    check_name(&w, "n", 1, true);
    check_name(&w, "n", 0, false);
    check_name(&w, "n", ASL_NAME_CHARACTERS_MAX, true);
    check_name(&w, "n", ASL_NAME_CHARACTERS_MAX + 1, false);
    check_name(&w, "\xC3\xA9", ASL_NAME_CHARACTERS_MAX, true);
    check_name(&w, "\xC3\xA9", ASL_NAME_CHARACTERS_MAX + 1, false);
    close_world(&w);
}
END_TEST

START_TEST(an_input_has_so_many_bytes)
{
    world w = {.output = asl_value_null()};
    open_world(&w, TASK_MACHINE);
    for (size_t past = 0; past < 2; past++) {
        asl_execution *execution = NULL;
        asl_value *input = string_of(ASL_PAYLOAD_BYTES_DEFAULT + past);
        ck_assert_int_eq(run(&w, NULL, input, &execution), past ? ASL_TOO_LARGE : ASL_OK);
        asl_execution_unref(execution);
        asl_value_unref(input);
    }
    close_world(&w);
}
END_TEST

/* What is parsed nests no deeper; what is built can. */
START_TEST(an_input_nests_to_a_limit)
{
    world w = {.output = asl_value_null()};
    open_world(&w, TASK_MACHINE);
    asl_value *input = asl_value_array(NULL);
    for (unsigned depth = 2; depth <= ASL_JSON_DEPTH_MAX + 1; depth++) {
        asl_value *around = asl_value_array(NULL);
        asl_execution *execution = NULL;
        ck_assert_int_eq(asl_value_append(&around, input), ASL_OK);
        input = around;
        if (depth >= ASL_JSON_DEPTH_MAX)
            ck_assert_int_eq(run(&w, NULL, input, &execution),
                             depth > ASL_JSON_DEPTH_MAX ? ASL_TOO_LARGE : ASL_OK);
        asl_execution_unref(execution);
    }
    asl_value_unref(input);
    close_world(&w);
}
END_TEST

static void check_result(const char *text, asl_value *output, const char *error)
{
    world w = {.output = output};
    asl_execution *execution = NULL;
    open_world(&w, text);
    ck_assert_int_eq(run(&w, NULL, NULL, &execution), ASL_OK);
    const char *found = asl_execution_error(execution);
    ck_assert_str_eq(found ? found : "", error);
    asl_execution_unref(execution);
    close_world(&w);
}

START_TEST(a_result_has_so_many_bytes)
{
    check_result(TASK_MACHINE, string_of(ASL_PAYLOAD_BYTES_DEFAULT), "");
    check_result(TASK_MACHINE, string_of(ASL_PAYLOAD_BYTES_DEFAULT + 1),
                 "States.DataLimitExceeded");
}
END_TEST

/* {"r":"..."}: six bytes around the result. */
START_TEST(data_between_states_has_so_many_bytes)
{
    static const char text[] = "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\","
                               "\"Resource\":\"arn:aws:states:::test:t\",\"ResultPath\":\"$.r\","
                               "\"Next\":\"S\"},\"S\":{\"Type\":\"Succeed\"}}}";
    check_result(text, string_of(ASL_PAYLOAD_BYTES_DEFAULT - 6), "");
    check_result(text, string_of(ASL_PAYLOAD_BYTES_DEFAULT - 5), "States.DataLimitExceeded");
}
END_TEST

static void check_failure(size_t error_count, size_t cause_count)
{
    char *error = limit_text("", "\xC3\xA9", error_count, "");
    char *cause = limit_text("", "\xC3\xA9", cause_count, "");
    world w = {.error = error, .cause = cause};
    asl_execution *execution = NULL;
    open_world(&w, TASK_MACHINE);
    ck_assert_int_eq(run(&w, NULL, NULL, &execution), ASL_OK);
    ck_assert_uint_eq(strlen(asl_execution_error(execution)), 2 * ASL_ERROR_CHARACTERS_MAX);
    ck_assert_uint_eq(strlen(asl_execution_cause(execution)), 2 * ASL_CAUSE_CHARACTERS_MAX);
    ck_assert_int_eq(strncmp(error, asl_execution_error(execution), 2 * ASL_ERROR_CHARACTERS_MAX),
                     0);
    asl_execution_unref(execution);
    close_world(&w);
    free(error);
    free(cause);
}

START_TEST(errors_and_causes_are_cut_to_so_many_characters)
{
    check_failure(ASL_ERROR_CHARACTERS_MAX, ASL_CAUSE_CHARACTERS_MAX);
    check_failure(ASL_ERROR_CHARACTERS_MAX + 1, ASL_CAUSE_CHARACTERS_MAX + 1);
}
END_TEST

/* A machine of `count` Pass states has two events for each, and two of its own. */
static char *passes(unsigned count)
{
    size_t size = 64 + (size_t)count * 48, used = 0;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    used += (size_t)snprintf(text, size, "{\"StartAt\":\"0\",\"States\":{");
    for (unsigned i = 0; i + 1 < count; i++)
        used += (size_t)snprintf(text + used, size - used,
                                 "\"%u\":{\"Type\":\"Pass\",\"Next\":\"%u\"},", i, i + 1);
    snprintf(text + used, size - used, "\"%u\":{\"Type\":\"Pass\",\"End\":true}}}", count - 1);
    return text;
}

static void check_history(unsigned count, asl_execution_status expected)
{
    world w = {.output = asl_value_null()};
    asl_execution *execution = NULL;
    char *text = passes(count);
    open_world(&w, text);
    ck_assert_int_eq(run(&w, NULL, NULL, &execution), ASL_OK);
    ck_assert_int_eq(asl_execution_status_of(execution), expected);
    if (expected == ASL_EXECUTION_FAILED)
        ck_assert_str_eq(asl_execution_cause(execution),
                         "The execution reached the maximum number of history events (25000).");
    asl_execution_unref(execution);
    close_world(&w);
    free(text);
}

START_TEST(a_history_has_so_many_events)
{
    check_history((ASL_HISTORY_EVENTS_DEFAULT - 2) / 2, ASL_EXECUTION_SUCCEEDED);
    check_history(ASL_HISTORY_EVENTS_DEFAULT / 2, ASL_EXECUTION_FAILED);
}
END_TEST

/* An EXPRESS machine's history has no such limit. */
START_TEST(an_express_history_has_any_number_of_events)
{
    world w = {.output = asl_value_null()};
    asl_execution *execution = NULL;
    asl_definition *definition = NULL;
    asl_machine_options options = {.size = sizeof options, .type = ASL_MACHINE_EXPRESS};
    char *text = passes(ASL_HISTORY_EVENTS_DEFAULT / 2);
    open_world(&w, text);
    ck_assert_int_eq(limit_load(text, &definition), ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine_with(w.engine, "m", definition, &options, NULL),
                     ASL_OK);
    ck_assert_int_eq(run(&w, NULL, NULL, &execution), ASL_OK);
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    asl_definition_unref(definition);
    asl_execution_unref(execution);
    close_world(&w);
    free(text);
}
END_TEST

static void check_express(int64_t seconds, asl_execution_status expected)
{
    world w = {.output = asl_value_null()};
    asl_execution *execution = NULL;
    asl_definition *definition = NULL;
    asl_machine_options options = {.size = sizeof options, .type = ASL_MACHINE_EXPRESS};
    char text[128];
    snprintf(text, sizeof text,
             "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":%lld,"
             "\"End\":true}}}",
             (long long)seconds);
    open_world(&w, text);
    ck_assert_int_eq(limit_load(text, &definition), ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine_with(w.engine, "m", definition, &options, NULL),
                     ASL_OK);
    ck_assert_int_eq(run(&w, NULL, NULL, &execution), ASL_OK);
    ck_assert_int_eq(asl_execution_status_of(execution), expected);
    asl_definition_unref(definition);
    asl_execution_unref(execution);
    close_world(&w);
}

START_TEST(an_express_execution_takes_so_many_seconds)
{
    check_express(ASL_EXPRESS_SECONDS_MAX - 1, ASL_EXECUTION_SUCCEEDED);
    check_express(ASL_EXPRESS_SECONDS_MAX + 1, ASL_EXECUTION_TIMED_OUT);
}
END_TEST

/* The number of events of a page that asks for so many; SIZE_MAX: it is refused. */
static size_t page_of(asl_store *store, uint64_t number, unsigned max_results)
{
    asl_history *page = NULL;
    asl_page_options options = {.size = sizeof options, .max_results = max_results};
    int status = asl_history_read_page(store, number, &options, &page, NULL);
    size_t count = status == ASL_OK ? asl_history_count(page) : SIZE_MAX;
    asl_history_free(page);
    return count;
}

START_TEST(a_page_has_so_many_events)
{
    char *text = passes(ASL_PAGE_RESULTS_MAX);
    asl_store *store = NULL;
    asl_store_options options = {.size = sizeof options};
    ck_assert_int_eq(asl_store_open(&options, &store, NULL), ASL_OK);
    asl_engine_options engine_options = {.size = sizeof engine_options, .store = store};
    world w = {.output = NULL};
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_engine_open(&engine_options, &w.engine, NULL), ASL_OK);
    add_machine(&w, text);
    ck_assert_int_eq(run(&w, NULL, NULL, &execution), ASL_OK);
    uint64_t number = asl_execution_number(execution);
    ck_assert_uint_eq(page_of(store, number, ASL_PAGE_RESULTS_MAX), ASL_PAGE_RESULTS_MAX);
    ck_assert_uint_eq(page_of(store, number, ASL_PAGE_RESULTS_MAX + 1), SIZE_MAX);
    asl_execution_unref(execution);
    close_world(&w);
    asl_store_close(store);
    free(text);
}
END_TEST

/* Counts for some milliseconds, in small steps. */
static void check_evaluation(uint64_t evaluation_ms, const char *error)
{
    asl_limits limits = {.size = sizeof limits, .evaluation_ms = evaluation_ms};
    asl_engine_options options = {
        .size = sizeof options, .clock = ASL_CLOCK_SKIPPING, .limits = &limits};
    world w = {.output = NULL};
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_engine_open(&options, &w.engine, NULL), ASL_OK);
    add_machine(&w, "{\"QueryLanguage\":\"JSONata\",\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":"
                    "\"Pass\",\"Output\":\"{% ($count := function($n) { $n < 50000 ? $count($n + "
                    "1) : $n }; $count(0)) %}\",\"End\":true}}}");
    ck_assert_int_eq(run(&w, NULL, NULL, &execution), ASL_OK);
    const char *found = asl_execution_error(execution), *cause = asl_execution_cause(execution);
    ck_assert_str_eq(found ? found : "", error);
    ck_assert((cause && strstr(cause, "Expression evaluation timeout")) == (*error != '\0'));
    asl_execution_unref(execution);
    close_world(&w);
}

START_TEST(an_evaluation_takes_so_many_milliseconds)
{
    asl_limits limits = {.size = sizeof limits};
    asl_engine_options options = {.size = sizeof options, .limits = &limits};
    for (unsigned past = 0; past < 2; past++) {
        asl_engine *engine = NULL;
        limits.evaluation_ms = past == 0 ? 0 : ASL_EVALUATION_MS_DEFAULT + past;
        ck_assert_int_eq(asl_engine_open(&options, &engine, NULL), ASL_OK);
        ck_assert_uint_eq(engine->evaluation_ms, ASL_EVALUATION_MS_DEFAULT + past);
        asl_engine_free(engine);
    }
    check_evaluation(1, "States.QueryEvaluationError");
    check_evaluation(UINT64_MAX, "");
}
END_TEST

static int gather(size_t table_size, size_t key_size)
{
    char *table = limit_text("", "t", table_size, ""), *key = limit_text("", "k", key_size, "");
    asl_writes *writes = asl_writes_new(NULL);
    int status = asl_writes_put(writes, table, key, key_size, "1", 1);
    asl_writes_free(writes);
    free(table);
    free(key);
    return status;
}

START_TEST(tables_and_keys_have_so_many_bytes)
{
    ck_assert_int_eq(gather(1, 1), ASL_OK);
    ck_assert_int_eq(gather(0, 1), ASL_MISUSE);
    ck_assert_int_eq(gather(1, 0), ASL_MISUSE);
    ck_assert_int_eq(gather(ASL_TABLE_NAME_MAX, ASL_TABLE_KEY_MAX), ASL_OK);
    ck_assert_int_eq(gather(ASL_TABLE_NAME_MAX + 1, 1), ASL_MISUSE);
    ck_assert_int_eq(gather(1, ASL_TABLE_KEY_MAX + 1), ASL_MISUSE);
}
END_TEST

/* Executions with inputs of a quarter of the limit are started until the map has no room; the store
 * says so, and holds all that were accepted. */
static size_t fill(asl_store *store, world *w)
{
    asl_value *input = string_of(ASL_PAYLOAD_BYTES_DEFAULT / 4);
    size_t count = 0;
    int status = ASL_OK;
    while (status == ASL_OK && count < 1000) {
        asl_start start = {.size = sizeof start, .machine = "m", .input = input};
        asl_execution *execution = NULL;
        status = asl_execution_start(w->engine, &start, &execution, NULL);
        if (status == ASL_OK)
            status = asl_engine_dispatch(w->engine, 0);
        count += status == ASL_OK;
        asl_execution_unref(execution);
    }
    ck_assert_int_eq(status, ASL_STORE_FULL);
    asl_value_unref(input);
    asl_execution_list *list = NULL;
    ck_assert_int_eq(asl_store_list(store, NULL, &list, NULL), ASL_OK);
    ck_assert_uint_ge(asl_execution_list_count(list), count);
    asl_execution_list_free(list);
    return count;
}

static size_t count_in_map(uint64_t map_bytes)
{
    char path[64];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/asl-limit-XXXXXX", folder ? folder : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    asl_store *store = NULL;
    asl_store_options options = {.size = sizeof options, .path = path, .map_bytes = map_bytes};
    ck_assert_int_eq(asl_store_open(&options, &store, NULL), ASL_OK);
    asl_engine_options engine_options = {.size = sizeof engine_options, .store = store};
    world w = {.output = NULL};
    ck_assert_int_eq(asl_engine_open(&engine_options, &w.engine, NULL), ASL_OK);
    add_machine(&w, "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":9999,"
                    "\"End\":true}}}");
    size_t count = fill(store, &w);
    close_world(&w);
    asl_store_close(store);
    folder_remove(path);
    return count;
}

START_TEST(a_store_takes_so_much_as_its_map_holds)
{
    size_t small = count_in_map(2u << 20), large = count_in_map(4u << 20);
    ck_assert_uint_gt(small, 0);
    ck_assert_uint_gt(large, small);
}
END_TEST

static int open_share(unsigned share, unsigned shares)
{
    asl_engine *engine = NULL;
    asl_engine_options options = {.size = sizeof options, .share = share, .shares = shares};
    int status = asl_engine_open(&options, &engine, NULL);
    if (status == ASL_OK)
        asl_engine_free(engine);
    return status;
}

START_TEST(a_store_has_so_many_shares)
{
    ck_assert_int_eq(open_share(0, 0), ASL_OK);
    ck_assert_int_eq(open_share(1, 0), ASL_MISUSE);
    ck_assert_int_eq(open_share(1, 1), ASL_MISUSE);
    ck_assert_int_eq(open_share(ASL_SHARES_MAX - 1, ASL_SHARES_MAX), ASL_OK);
    ck_assert_int_eq(open_share(ASL_SHARES_MAX, ASL_SHARES_MAX + 1), ASL_MISUSE);
}
END_TEST

SUITE("limit/executions", a_store_has_so_many_shares,
      names_of_executions_and_machines_have_so_many_characters, an_input_has_so_many_bytes,
      an_input_nests_to_a_limit, a_result_has_so_many_bytes, data_between_states_has_so_many_bytes,
      errors_and_causes_are_cut_to_so_many_characters, a_history_has_so_many_events,
      an_express_history_has_any_number_of_events, an_express_execution_takes_so_many_seconds,
      a_page_has_so_many_events, an_evaluation_takes_so_many_milliseconds,
      tables_and_keys_have_so_many_bytes, a_store_takes_so_much_as_its_map_holds)
