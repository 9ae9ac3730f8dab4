/* Every allocation of a run with a callback, a .sync task and an activity fails in turn: once, and
 * from then on for good. The same outcome or ASL_NOMEM; never a crash, a leak or a lost result. */
#include <stdio.h>
#include <string.h>

#include <asl/asl.h>

#include "fault_heap.h"
#include "suite.h"

#define ARN "arn:aws:states:us-east-1:000000000000:activity:press"

static const char text[] =
    "{\"StartAt\":\"All\",\"States\":{\"All\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
    "{\"StartAt\":\"Call\",\"States\":{\"Call\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:call.waitForTaskToken\",\"Parameters\":{\"token.$\":"
    "\"$$.Task.Token\"},\"HeartbeatSeconds\":40,\"End\":true}}},"
    "{\"StartAt\":\"Job\",\"States\":{\"Job\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:job.sync\",\"TimeoutSeconds\":50,\"End\":true}}},"
    "{\"StartAt\":\"Press\",\"States\":{\"Press\":{\"Type\":\"Task\",\"Resource\":\"" ARN "\","
    "\"HeartbeatSeconds\":40,\"End\":true}}}]}}}";
static const char expected[] = "[\"called\",\"worked\",\"pressed\"]";

typedef struct scenario {
    const asl_heap *heap;
    asl_engine *engine;
    bool for_good;
    bool is_stuck; /* somebody had no memory to finish a task, and gave up */
} scenario;

static void end_by_token(scenario *s, const char *token, const char *output)
{
    int status = ASL_NOMEM;
    for (int i = 0; i < 3 && status == ASL_NOMEM; i++)
        status = asl_engine_send_task_success(s->engine, token, asl_value_string(s->heap, output),
                                              NULL, NULL);
    s->is_stuck |= status == ASL_NOMEM;
}

/* What it is told to pass on is the token; whoever has it answers at once. */
static void start_call(void *context, asl_task *task)
{
    scenario *s = context;
    int status = ASL_NOMEM;
    for (int i = 0; i < 3 && status == ASL_NOMEM; i++)
        status = asl_task_succeed(task, asl_value_string(s->heap, "sent"), NULL);
    s->is_stuck |= status == ASL_NOMEM;
    const asl_value *token = asl_value_get(asl_task_input(task), "token");
    end_by_token(s, asl_value_get_string(token, NULL), "called");
}

static void start_job(void *context, asl_task *task)
{
    scenario *s = context;
    int status = ASL_NOMEM;
    for (int i = 0; i < 3 && status == ASL_NOMEM; i++)
        status = asl_task_submit(task, asl_value_string(s->heap, "accepted"), NULL);
    status = ASL_NOMEM;
    for (int i = 0; i < 3 && status == ASL_NOMEM; i++)
        status = asl_task_succeed(task, asl_value_string(s->heap, "worked"), NULL);
    s->is_stuck |= status == ASL_NOMEM;
}

static void press(void *context, const char *token, const asl_value *input)
{
    (void)input;
    if (token)
        end_by_token(context, token, "pressed");
}

static int open_engine(scenario *s, asl_store *store)
{
    asl_engine_options options = {.size = sizeof options,
                                  .heap = s->heap,
                                  .store = store,
                                  .clock = ASL_CLOCK_SKIPPING,
                                  .flags = ASL_ENGINE_CLOCK_CALLBACKS,
                                  .seed = 3};
    asl_task_handler handler = {
        .size = sizeof handler, .start = start_call, .context = s, .flags = ASL_HANDLER_MOCK};
    int status = asl_engine_open(&options, &s->engine, NULL);
    if (status == ASL_OK)
        status = asl_engine_register(s->engine, "arn:aws:states:::test:call*", &handler, NULL);
    handler.start = start_job;
    if (status == ASL_OK)
        status = asl_engine_register(s->engine, "arn:aws:states:::test:job*", &handler, NULL);
    if (status == ASL_OK)
        status = asl_activity_poll(s->engine, ARN, "wendy", press, s, NULL);
    return status;
}

static int start(scenario *s, asl_execution **ret_execution)
{
    asl_definition_options options = {.size = sizeof options, .heap = s->heap};
    asl_definition *definition = NULL;
    int status = asl_definition_load(text, sizeof text - 1, &options, &definition, NULL, NULL);
    if (status == ASL_OK)
        status = asl_engine_add_machine(s->engine, "m", definition, NULL);
    asl_definition_unref(definition);
    asl_start how = {.size = sizeof how, .machine = "m", .name = "one"};
    return status == ASL_OK ? asl_execution_start(s->engine, &how, ret_execution, NULL) : status;
}

static int drive(const scenario *s, asl_execution *execution)
{
    for (int i = 0;; i++) {
        int status = asl_engine_run(s->engine, execution, -1, NULL);
        bool is_refused = asl_execution_refused(execution) != ASL_OK;
        if (status == ASL_TIMED_OUT && s->is_stuck)
            return ASL_NOMEM;
        if (status != ASL_NOMEM || is_refused || (s->for_good && i >= 3))
            return status;
        ck_assert_int_lt(i, 10);
    }
}

static int check_outcome(const scenario *s, const asl_execution *execution)
{
    /* A task that nobody could end has missed its heartbeat. */
    if (s->is_stuck)
        return ASL_NOMEM;
    char *printed = NULL;
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    int status = asl_value_print(asl_execution_output(execution), 0, &printed, NULL);
    if (status == ASL_OK)
        ck_assert_str_eq(printed, expected);
    asl_text_free(printed);
    return status;
}

static int run(scenario *s)
{
    asl_store *store = NULL;
    asl_execution *execution = NULL;
    asl_store_options options = {.size = sizeof options, .heap = s->heap};
    int status = asl_store_open(&options, &store, NULL);
    if (status == ASL_OK)
        status = open_engine(s, store);
    if (status == ASL_OK)
        status = start(s, &execution);
    if (status == ASL_OK)
        status = drive(s, execution);
    if (status == ASL_OK)
        status = check_outcome(s, execution);
    asl_execution_unref(execution);
    asl_engine_free(s->engine);
    asl_store_close(store);
    return status;
}

static void sweep(bool for_good)
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

START_TEST(tokens_and_workers_survive_every_failed_allocation)
{
    sweep(false);
}
END_TEST

START_TEST(tokens_and_workers_end_cleanly_when_memory_is_gone_for_good)
{
    sweep(true);
}
END_TEST

SUITE("fault/patterns", tokens_and_workers_survive_every_failed_allocation,
      tokens_and_workers_end_cleanly_when_memory_is_gone_for_good)
