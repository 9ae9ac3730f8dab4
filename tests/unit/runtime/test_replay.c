/* Replay: what an engine recorded comes out again, exported histories too, and a changed definition
 * is seen. */
#include <asl/asl.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

#define TASK "'Type':'Task','Resource':'arn:aws:lambda:us-east-1:123456789012:function:f'"

static void answer(void *context, asl_task *task)
{
    (void)context;
    const asl_value *fails = asl_value_get(asl_task_input(task), "fails");
    if (fails && asl_task_attempt(task) == 0)
        asl_task_fail(task, "Busy", "try again", NULL);
    else
        asl_task_succeed(task, asl_value_ref(asl_task_input(task)), NULL);
}

static asl_definition *load(const char *text)
{
    char json[4096];
    snprintf(json, sizeof json, "%s", text);
    for (char *c = json; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(json, strlen(json), NULL, &definition, NULL, NULL),
                     ASL_OK);
    return definition;
}

/* Runs a definition to its end and reads the history. */
static asl_history *run(asl_store *store, asl_definition *definition, const char *input)
{
    asl_engine_options options = {
        .size = sizeof options, .store = store, .clock = ASL_CLOCK_SKIPPING, .seed = 1};
    asl_engine *engine = NULL;
    ck_assert_int_eq(asl_engine_open(&options, &engine, NULL), ASL_OK);
    asl_task_handler handler = {.size = sizeof handler, .start = answer};
    ck_assert_int_eq(asl_engine_register(engine, "*", &handler, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine(engine, "m", definition, NULL), ASL_OK);
    asl_value *value = NULL;
    ck_assert_int_eq(asl_value_parse(NULL, input, strlen(input), 0, &value, NULL), ASL_OK);
    asl_start start = {.size = sizeof start, .machine = "m", .name = "e", .input = value};
    asl_execution *execution = NULL;
    ck_assert_int_eq(asl_execution_start(engine, &start, &execution, NULL), ASL_OK);
    ck_assert_int_eq(asl_engine_run(engine, execution, -1, NULL), ASL_OK);
    asl_history *history = NULL;
    ck_assert_int_eq(asl_history_read(store, asl_execution_number(execution), &history, NULL),
                     ASL_OK);
    asl_execution_unref(execution);
    asl_value_unref(value);
    asl_engine_free(engine);
    return history;
}

static asl_store *memory_store(void)
{
    asl_store_options options = {.size = sizeof options};
    asl_store *store = NULL;
    ck_assert_int_eq(asl_store_open(&options, &store, NULL), ASL_OK);
    return store;
}

static const char many_states[] =
    "{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':["
    "{'StartAt':'W','States':{'W':{'Type':'Wait','Seconds':5,'Next':'T'},'T':{" TASK
    ",'Retry':[{'ErrorEquals':['Busy'],'JitterStrategy':'FULL'}],'End':true}}},"
    "{'StartAt':'M','States':{'M':{'Type':'Map','ItemsPath':'$.items','MaxConcurrency':2,'"
    "ItemProcessor':{'StartAt':"
    "'U','States':{'U':{" TASK
    ",'Next':'V'},'V':{'Type':'Pass','Parameters':{'id.$':'States.UUID()',"
    "'at.$':'$$.State.EnteredTime'},'End':true}}},'End':true}}}],'Next':'C'},"
    "'C':{'Type':'Choice','Choices':[{'Variable':'$[0].fails','IsPresent':true,'Next':'S'}],'"
    "Default':'F'},"
    "'S':{'Type':'Succeed'},'F':{'Type':'Fail','Error':'E'}}}";
static const char many_input[] = "{\"fails\": true, \"items\": [1, 2, 3]}";

START_TEST(stored_history_replays_to_itself)
{
    asl_store *store = memory_store();
    asl_definition *definition = load(many_states);
    asl_history *history = run(store, definition, many_input);
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_replay_run(history, NULL, NULL, &replay, NULL), ASL_OK);
    const asl_divergence *divergence = asl_replay_divergence(replay);
    ck_assert_msg(!divergence, "event %d in %s", divergence ? (int)divergence->event : 0,
                  divergence ? divergence->field : "");
    ck_assert_uint_eq(asl_replay_equal(replay), asl_history_count(history));
    ck_assert_uint_eq(asl_replay_different(replay), 0);
    asl_replay_free(replay);
    asl_history_free(history);
    asl_definition_unref(definition);
    asl_store_close(store);
}
END_TEST

START_TEST(exported_history_replays_from_its_json)
{
    asl_store *store = memory_store();
    asl_definition *definition = load(many_states);
    asl_history *history = run(store, definition, many_input);
    asl_value *json = NULL;
    char *text = NULL;
    size_t size;
    ck_assert_int_eq(asl_history_to_value(history, &json), ASL_OK);
    ck_assert_int_eq(asl_value_print(json, ASL_PRINT_PRETTY, &text, &size), ASL_OK);
    asl_history *parsed = NULL;
    ck_assert_int_eq(asl_history_parse(NULL, text, size, &parsed, NULL), ASL_OK);
    ck_assert_uint_eq(asl_history_count(parsed), asl_history_count(history));
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_replay_run(parsed, definition, NULL, &replay, NULL), ASL_OK);
    const asl_divergence *divergence = asl_replay_divergence(replay);
    ck_assert_msg(!divergence, "event %d in %s: %s / %s", divergence ? (int)divergence->event : 0,
                  divergence ? divergence->field : "",
                  divergence && divergence->expected ? divergence->expected : "",
                  divergence && divergence->got ? divergence->got : "");
    ck_assert_uint_eq(asl_replay_different(replay), 0);
    ck_assert_uint_gt(asl_replay_taken(replay), 0);
    asl_replay_free(replay);
    asl_history_free(parsed);
    asl_text_free(text);
    asl_value_unref(json);
    asl_history_free(history);
    asl_definition_unref(definition);
    asl_store_close(store);
}
END_TEST

START_TEST(changed_definition_diverges_at_the_first_changed_event)
{
    asl_store *store = memory_store();
    asl_definition *definition = load("{'StartAt':'A','States':{'A':{'Type':'Pass','Result':1,'"
                                      "Next':'B'},'B':{'Type':'Succeed'}}}");
    asl_definition *changed = load("{'StartAt':'A','States':{'A':{'Type':'Pass','Result':2,'Next':'"
                                   "B'},'B':{'Type':'Succeed'}}}");
    asl_history *history = run(store, definition, "{}");
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_replay_run(history, changed, NULL, &replay, NULL), ASL_OK);
    const asl_divergence *divergence = asl_replay_divergence(replay);
    ck_assert_ptr_nonnull(divergence);
    ck_assert_uint_eq(divergence->event, 3);
    ck_assert_uint_gt(asl_replay_different(replay), 0);
    asl_replay_free(replay);
    asl_history_free(history);
    asl_definition_unref(definition);
    asl_definition_unref(changed);
    asl_store_close(store);
}
END_TEST

START_TEST(state_at_an_event_shows_what_is_active)
{
    asl_store *store = memory_store();
    asl_definition *definition = load("{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'v':7}"
                                      ",'Next':'W'},'W':{'Type':'Wait','Seconds':30,"
                                      "'End':true}}}");
    asl_history *history = run(store, definition, "{}");
    asl_replay_options options = {.size = sizeof options, .until = 4};
    asl_replay *replay = NULL;
    ck_assert_int_eq(asl_replay_run(history, NULL, &options, &replay, NULL), ASL_OK);
    asl_value *state = NULL;
    ck_assert_int_eq(asl_replay_state(replay, &state), ASL_OK);
    ck_assert_str_eq(asl_value_get_string(asl_value_get(state, "status"), NULL), "RUNNING");
    const asl_value *active = asl_value_at(asl_value_get(state, "active"), 0);
    ck_assert_str_eq(asl_value_get_string(asl_value_get(active, "state"), NULL), "W");
    ck_assert_str_eq(asl_value_get_string(asl_value_get(active, "waitsFor"), NULL), "timer");
    int64_t number = 0;
    ck_assert(
        asl_value_get_integer(asl_value_get(asl_value_get(active, "variables"), "v"), &number) &&
        number == 7);
    asl_value_unref(state);
    asl_replay_free(replay);
    asl_history_free(history);
    asl_definition_unref(definition);
    asl_store_close(store);
}
END_TEST

START_TEST(history_in_reverse_order_is_refused)
{
    static const char text[] =
        "{\"events\":[{\"id\":2,\"previousEventId\":0,\"type\":\"PassStateEntered\","
        "\"stateEnteredEventDetails\":{\"name\":\"A\"}}]}";
    asl_history *history = NULL;
    asl_error *error = NULL;
    ck_assert_int_eq(asl_history_parse(NULL, text, sizeof text - 1, &history, &error), ASL_SYNTAX);
    ck_assert_ptr_nonnull(strstr(asl_error_message(error), "reverse"));
    asl_error_free(error);
}
END_TEST

SUITE("runtime/replay", stored_history_replays_to_itself, exported_history_replays_from_its_json,
      changed_definition_diverges_at_the_first_changed_event,
      state_at_an_event_shows_what_is_active, history_in_reverse_order_is_refused)
