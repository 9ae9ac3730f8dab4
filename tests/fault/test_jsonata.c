/* Every allocation of a run in JSONata fails in turn: once, and from then on for good. The same
 * outcome or ASL_NOMEM; an evaluation that had no memory is never taken for one that failed. */
#include <string.h>

#include <asl/asl.h>

#include "fault_heap.h"
#include "suite.h"

static const char text[] =
    "{\"QueryLanguage\":\"JSONata\",\"StartAt\":\"Shape\",\"States\":{"
    "\"Shape\":{\"Type\":\"Pass\",\"Assign\":{\"items\":\"{% $states.input.items %}\",\"name\":"
    "\"{% $states.context.Execution.Name %}\"},\"Output\":{\"n\":\"{% $states.input.n %}\"},"
    "\"Next\":\"Pick\"},"
    "\"Pick\":{\"Type\":\"Choice\",\"Choices\":[{\"Condition\":\"{% $states.input.n > 1 %}\","
    "\"Output\":{\"l\":\"{% $items[$ > 0] %}\",\"s\":\"{% 'n is ' & $states.input.n %}\"},"
    "\"Next\":\"Each\"}],\"Default\":\"Bad\"},"
    "\"Bad\":{\"Type\":\"Fail\",\"Error\":\"{% $states.input.none %}\"},"
    "\"Each\":{\"Type\":\"Map\",\"Items\":\"{% $states.input.l %}\",\"MaxConcurrency\":2,"
    "\"ItemSelector\":{\"v\":\"{% $states.context.Map.Item.Value * 2 %}\"},\"ItemProcessor\":{"
    "\"StartAt\":\"Work\",\"States\":{\"Work\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:work\",\"Arguments\":\"{% $states.input.v %}\",\"TimeoutSeconds\":"
    "\"{% 25 * 2 %}\",\"Output\":\"{% $states.result %}\",\"End\":true}}},\"Assign\":{\"sum\":"
    "\"{% $sum($states.result) %}\"},\"Next\":\"Rest\"},"
    "\"Rest\":{\"Type\":\"Wait\",\"Seconds\":\"{% $sum - 10 %}\",\"Next\":\"Lose\"},"
    "\"Lose\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:work\",\"Arguments\":{\"a\":"
    "[1,{\"b\":\"{% $states.input.none %}\"}]},\"Retry\":[{\"ErrorEquals\":["
    "\"States.QueryEvaluationError\"],\"IntervalSeconds\":1,\"MaxAttempts\":1}],\"Catch\":[{"
    "\"ErrorEquals\":[\"States.ALL\"],\"Assign\":{\"lost\":\"{% $states.errorOutput.Error %}\"},"
    "\"Next\":\"Done\"}],\"End\":true},"
    "\"Done\":{\"Type\":\"Succeed\",\"Output\":[\"{% $name %}\",\"{% $sum %}\",\"{% $lost %}\","
    "\"{% $exists($states.input.Cause) %}\"]}}}";
static const char expected[] = "[\"one\",12,\"States.QueryEvaluationError\",true]";

typedef struct scenario {
    const asl_heap *heap;
    bool for_good;
    bool is_stuck; /* the handler had no memory to finish its task, and gave up */
} scenario;

static void start_work(void *context, asl_task *task)
{
    scenario *s = context;
    int status = ASL_NOMEM;
    for (int i = 0; i < 3 && status == ASL_NOMEM; i++)
        status = asl_task_succeed(task, asl_value_ref(asl_task_input(task)), NULL);
    s->is_stuck |= status == ASL_NOMEM;
}

static int open_engine(scenario *s, asl_engine **ret_engine)
{
    asl_engine_options options = {
        .size = sizeof options, .heap = s->heap, .clock = ASL_CLOCK_SKIPPING, .seed = 3};
    asl_task_handler handler = {
        .size = sizeof handler, .start = start_work, .context = s, .flags = ASL_HANDLER_MOCK};
    int status = asl_engine_open(&options, ret_engine, NULL);
    if (status == ASL_OK)
        status = asl_engine_register(*ret_engine, "arn:aws:states:::test:work", &handler, NULL);
    return status;
}

static int add_machine(const scenario *s, asl_engine *engine)
{
    asl_definition_options options = {.size = sizeof options, .heap = s->heap};
    asl_definition *definition = NULL;
    int status = asl_definition_load(text, sizeof text - 1, &options, &definition, NULL, NULL);
    if (status == ASL_OK)
        status = asl_engine_add_machine(engine, "m", definition, NULL);
    asl_definition_unref(definition);
    return status;
}

static int start(const scenario *s, asl_engine *engine, asl_execution **ret_execution)
{
    static const char json[] = "{\"n\": 2, \"items\": [0, 1, 2, 3]}";
    asl_value *input = NULL;
    int status = asl_value_parse(s->heap, json, sizeof json - 1, 0, &input, NULL);
    asl_start options = {.size = sizeof options, .machine = "m", .name = "one", .input = input};
    if (status == ASL_OK)
        status = asl_execution_start(engine, &options, ret_execution, NULL);
    asl_value_unref(input);
    return status;
}

/* Runs on as a host would: out of memory is a reason to call again, unless it stays so. */
static int drive(const scenario *s, asl_engine *engine, asl_execution *execution)
{
    for (int i = 0;; i++) {
        int status = asl_engine_run(engine, execution, -1, NULL);
        bool is_refused = asl_execution_refused(execution) != ASL_OK;
        if (status == ASL_TIMED_OUT && s->is_stuck)
            return ASL_NOMEM;
        if (status != ASL_NOMEM || is_refused || (s->for_good && i >= 3))
            return status;
        ck_assert_int_lt(i, 10);
    }
}

static int check_outcome(const asl_execution *execution)
{
    char *printed = NULL;
    const char *cause = asl_execution_cause(execution);
    ck_assert_msg(asl_execution_status_of(execution) == ASL_EXECUTION_SUCCEEDED, "%s",
                  cause ? cause : "");
    int status = asl_value_print(asl_execution_output(execution), 0, &printed, NULL);
    if (status == ASL_OK)
        ck_assert_str_eq(printed, expected);
    asl_text_free(printed);
    return status;
}

static int run(scenario *s)
{
    asl_engine *engine = NULL;
    asl_execution *execution = NULL;
    int status = open_engine(s, &engine);
    if (status == ASL_OK)
        status = add_machine(s, engine);
    if (status == ASL_OK)
        status = start(s, engine, &execution);
    if (status == ASL_OK)
        status = drive(s, engine, execution);
    if (status == ASL_OK)
        status = check_outcome(execution);
    asl_execution_unref(execution);
    asl_engine_free(engine);
    return status;
}

static void sweep_runs(bool for_good)
{
    fault_heap heap;
    fault_heap_init(&heap);
    size_t nth = 1, finished = 0;
    for (; fault_heap_sweep(&heap, nth, for_good); nth++) {
        scenario s = {.heap = &heap.hook, .for_good = for_good};
        int status = run(&s);
        ck_assert_msg(status == ASL_OK || (status == ASL_NOMEM && fault_heap_failed(&heap)),
                      "allocation %zu: %s", nth, asl_status_name(status));
        finished += status == ASL_OK;
    }
    ck_assert_uint_gt(nth, 100);
    ck_assert_uint_gt(finished, 0);
}

START_TEST(a_run_survives_every_failed_allocation)
{
    sweep_runs(false);
}
END_TEST

START_TEST(a_run_ends_cleanly_when_memory_is_gone_for_good)
{
    sweep_runs(true);
}
END_TEST

SUITE("fault/jsonata", a_run_survives_every_failed_allocation,
      a_run_ends_cleanly_when_memory_is_gone_for_good)
