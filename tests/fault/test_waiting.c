/* Recovery of what waits for the world outside, with every allocation of it failing in turn: once,
 * and from then on for good. A callback that was submitted and one that was not, a job at work, a
 * worker's task that was fetched and one that was not. The same outcome or ASL_NOMEM, and then
 * nothing is lost; what is recorded is not done again. */
#include <stdio.h>
#include <string.h>

#include <asl/asl.h>

#include "fault_heap.h"
#include "suite.h"

#define FETCHED_ARN "arn:aws:states:us-east-1:000000000000:activity:fetched"
#define QUEUED_ARN "arn:aws:states:us-east-1:000000000000:activity:queued"
/* Without deadlines: what nobody ends stays as it is. */
static const char text[] =
    "{\"StartAt\":\"All\",\"States\":{\"All\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
    "{\"StartAt\":\"Sent\",\"States\":{\"Sent\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:call.waitForTaskToken\",\"Parameters\":{\"token.$\":"
    "\"$$.Task.Token\"},\"End\":true}}},"
    "{\"StartAt\":\"Unsent\",\"States\":{\"Unsent\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:call.waitForTaskToken\",\"Parameters\":{\"token.$\":"
    "\"$$.Task.Token\"},\"End\":true}}},"
    "{\"StartAt\":\"Job\",\"States\":{\"Job\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::test:job.sync\",\"End\":true}}},"
    "{\"StartAt\":\"Fetched\",\"States\":{\"Fetched\":{\"Type\":\"Task\",\"Resource\":"
    "\"" FETCHED_ARN "\",\"End\":true}}},"
    "{\"StartAt\":\"Queued\",\"States\":{\"Queued\":{\"Type\":\"Task\",\"Resource\":"
    "\"" QUEUED_ARN "\",\"End\":true}}}]}}}";
static const char expected[] = "[\"answer\",\"answer\",\"worked\",\"answer\",\"answer\"]";

enum { SENT, UNSENT, FETCHED, QUEUED, TOKEN_COUNT };

/* What is known outside, also after a crash: tokens, and how often their tasks were given away. */
typedef struct outside {
    char tokens[TOKEN_COUNT][80];
    unsigned given[TOKEN_COUNT];
    unsigned submissions;
} outside;

typedef struct scenario {
    const asl_heap *heap; /* of all but the store */
    asl_store *store;
    outside *world;
    asl_engine *engine;
    bool for_good;
    bool holds;    /* nobody answers: a crash comes */
    bool is_stuck; /* somebody had no memory to finish a task, and gave up */
} scenario;

static void give(outside *world, int which, const char *token)
{
    world->given[which]++;
    snprintf(world->tokens[which], sizeof world->tokens[which], "%s", token);
}

/* Who was given the token before the crash, and not the message with it, does not use it yet. */
static bool is_known(const outside *world, int which)
{
    return world->given[which] > (which == UNSENT ? 1 : 0);
}

/* Everybody who has a token uses it; a task that has ended is done with. */
static void answer_all(scenario *s)
{
    for (int which = 0; which < TOKEN_COUNT && !s->holds; which++) {
        if (!is_known(s->world, which))
            continue;
        int status = ASL_NOMEM;
        for (int i = 0; i < 3 && status == ASL_NOMEM; i++)
            status = asl_engine_send_task_success(s->engine, s->world->tokens[which],
                                                  asl_value_string(s->heap, "answer"), NULL, NULL);
        ck_assert(status == ASL_OK || status == ASL_TASK_CLOSED || status == ASL_NOMEM);
        s->is_stuck |= status == ASL_NOMEM;
    }
}

static void start_call(void *context, asl_task *task)
{
    scenario *s = context;
    bool is_sent = strcmp(asl_task_state(task), "Sent") == 0;
    const asl_value *token = asl_value_get(asl_task_input(task), "token");
    give(s->world, is_sent ? SENT : UNSENT, asl_value_get_string(token, NULL));
    if (s->holds && !is_sent)
        return;
    int status = ASL_NOMEM;
    for (int i = 0; i < 3 && status == ASL_NOMEM; i++)
        status = asl_task_succeed(task, asl_value_string(s->heap, "sent"), NULL);
    s->is_stuck |= status == ASL_NOMEM;
    answer_all(s);
}

static void start_job(void *context, asl_task *task)
{
    scenario *s = context;
    int status = ASL_NOMEM;
    if (!asl_task_is_submitted(task)) {
        s->world->submissions++;
        ck_assert_int_eq(asl_task_submit(task, asl_value_string(s->heap, "accepted"), NULL),
                         ASL_OK);
    }
    for (int i = 0; i < 3 && status == ASL_NOMEM && !s->holds; i++)
        status = asl_task_succeed(task, asl_value_string(s->heap, "worked"), NULL);
    s->is_stuck |= status == ASL_NOMEM && !s->holds;
}

static void fetch(void *context, const char *token, const asl_value *input)
{
    (void)input;
    if (token)
        give(((scenario *)context)->world, FETCHED, token);
}

static void fetch_queued(void *context, const char *token, const asl_value *input)
{
    (void)input;
    if (token) {
        give(((scenario *)context)->world, QUEUED, token);
        answer_all(context);
    }
}

static int open_engine(scenario *s)
{
    asl_engine_options options = {.size = sizeof options, .heap = s->heap, .store = s->store};
    asl_task_handler handler = {
        .size = sizeof handler, .start = start_call, .context = s, .flags = ASL_HANDLER_MOCK};
    int status = asl_engine_open(&options, &s->engine, NULL);
    if (status == ASL_OK)
        status = asl_engine_register(s->engine, "arn:aws:states:::test:call*", &handler, NULL);
    handler.start = start_job;
    if (status == ASL_OK)
        status = asl_engine_register(s->engine, "arn:aws:states:::test:job*", &handler, NULL);
    if (status == ASL_OK)
        status = asl_activity_poll(s->engine, FETCHED_ARN, "wendy", fetch, s, NULL);
    if (status == ASL_OK && !s->holds)
        status = asl_activity_poll(s->engine, QUEUED_ARN, NULL, fetch_queued, s, NULL);
    return status;
}

static asl_store *make_crashed(outside *world)
{
    scenario s = {.world = world, .holds = true};
    ck_assert_int_eq(asl_store_open(NULL, &s.store, NULL), ASL_OK);
    ck_assert_int_eq(open_engine(&s), ASL_OK);
    asl_definition *definition = NULL;
    ck_assert_int_eq(asl_definition_load(text, sizeof text - 1, NULL, &definition, NULL, NULL),
                     ASL_OK);
    ck_assert_int_eq(asl_engine_add_machine(s.engine, "m", definition, NULL), ASL_OK);
    asl_definition_unref(definition);
    asl_start how = {.size = sizeof how, .machine = "m", .name = "one"};
    ck_assert_int_eq(asl_execution_start(s.engine, &how, NULL, NULL), ASL_OK);
    do
        ck_assert_int_eq(asl_engine_dispatch(s.engine, 0), ASL_OK);
    while (asl_engine_next_deadline(s.engine) == 0);
    asl_engine_free(s.engine);
    ck_assert(world->given[SENT] == 1 && world->given[UNSENT] == 1 && world->given[FETCHED] == 1);
    ck_assert(world->given[QUEUED] == 0 && world->submissions == 1);
    return s.store;
}

/* Runs on as a host would: out of memory is a reason to call again, unless it stays so. */
static int drive(const scenario *s, asl_execution *execution)
{
    for (int i = 0;; i++) {
        int status = asl_engine_run(s->engine, execution, -1, NULL);
        if (status == ASL_TIMED_OUT && s->is_stuck)
            return ASL_NOMEM;
        if (status != ASL_NOMEM || (s->for_good && i >= 3))
            return status;
        ck_assert_int_lt(i, 10);
    }
}

static int check_outcome(const asl_execution *execution)
{
    char *printed = NULL;
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    int status = asl_value_print(asl_execution_output(execution), 0, &printed, NULL);
    if (status == ASL_OK)
        ck_assert_str_eq(printed, expected);
    asl_text_free(printed);
    return status;
}

static int recover(scenario *s)
{
    asl_execution *execution = NULL;
    int status = open_engine(s);
    if (status == ASL_OK)
        status = asl_engine_recover(s->engine, 0, NULL, NULL);
    if (status == ASL_OK)
        status = asl_execution_find(s->engine, 1, &execution);
    if (status == ASL_OK) {
        answer_all(s);
        status = drive(s, execution);
    }
    if (status == ASL_OK)
        status = check_outcome(execution);
    asl_execution_unref(execution);
    asl_engine_free(s->engine);
    return status;
}

/* What failed for lack of memory goes on with memory, unless it had ended before. */
static void check_nothing_is_lost(asl_store *store, outside *world)
{
    asl_execution_list *list = NULL;
    ck_assert_int_eq(asl_store_list(store, NULL, &list, NULL), ASL_OK);
    ck_assert_uint_eq(asl_execution_list_count(list), 1);
    asl_execution_status status = asl_execution_list_at(list, 0)->status;
    asl_execution_list_free(list);
    if (status == ASL_EXECUTION_SUCCEEDED)
        return;
    ck_assert_int_eq(status, ASL_EXECUTION_RUNNING);
    scenario again = {.store = store, .world = world};
    ck_assert_int_eq(recover(&again), ASL_OK);
}

static void sweep(bool for_good)
{
    fault_heap heap;
    fault_heap_init(&heap);
    size_t nth = 1, finished = 0;
    for (; fault_heap_sweep(&heap, nth, for_good); nth++) {
        outside world = {.submissions = 0};
        asl_store *store = make_crashed(&world);
        scenario s = {.heap = &heap.hook, .store = store, .world = &world, .for_good = for_good};
        int status = recover(&s);
        ck_assert_msg(status == ASL_OK || (status == ASL_NOMEM && fault_heap_failed(&heap)),
                      "allocation %zu: %s", nth, asl_status_name(status));
        finished += status == ASL_OK;
        if (status != ASL_OK)
            check_nothing_is_lost(store, &world);
        ck_assert_uint_eq(world.submissions, 1);
        ck_assert_uint_eq(world.given[SENT], 1);
        ck_assert_uint_eq(world.given[FETCHED], 1);
        ck_assert_uint_ge(world.given[UNSENT], 2);
        ck_assert_uint_eq(world.given[QUEUED], 1);
        asl_store_close(store);
    }
    ck_assert_uint_gt(nth, 50);
    ck_assert_uint_gt(finished, 0);
}

START_TEST(what_waits_outside_survives_every_failed_allocation)
{
    sweep(false);
}
END_TEST

START_TEST(what_waits_outside_can_be_recovered_again_when_memory_was_gone)
{
    sweep(true);
}
END_TEST

SUITE("fault/waiting", what_waits_outside_survives_every_failed_allocation,
      what_waits_outside_can_be_recovered_again_when_memory_was_gone)
