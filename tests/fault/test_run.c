/* Every allocation of whole runs fails in turn: once, and from then on for good. What is expected
 * is ASL_NOMEM, or the same outcome as without the failure; never a crash, a leak or a lost result.
 * A run that got ASL_NOMEM from the loop is simply gone on with. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <asl/asl.h>

#include "fault_heap.h"
#include "folder.h"
#include "suite.h"

/* All eight state types; a retry, a catcher, a deadline and a write handed over. */
static const char text[] =
    "{\"StartAt\":\"Pick\",\"States\":{"
    "\"Pick\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.n\",\"NumericGreaterThan\":1,"
    "\"Next\":\"Shape\"}],\"Default\":\"Bad\"},"
    "\"Bad\":{\"Type\":\"Fail\",\"Error\":\"Bad\",\"Cause\":\"n is too small\"},"
    "\"Shape\":{\"Type\":\"Pass\",\"Parameters\":{\"items.$\":\"$.items\",\"text.$\":"
    "\"States.Format('n is {}', $.n)\"},\"Next\":\"All\"},"
    "\"All\":{\"Type\":\"Parallel\",\"Branches\":["
    "{\"StartAt\":\"Each\",\"States\":{\"Each\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\","
    "\"MaxConcurrency\":2,\"ItemProcessor\":{\"StartAt\":\"Work\",\"States\":{\"Work\":{\"Type\":"
    "\"Task\",\"Resource\":\"arn:aws:states:::test:work\",\"TimeoutSeconds\":50000,"
    "\"HeartbeatSeconds\":40000,\"Retry\":[{\"ErrorEquals\":[\"Again\"],\"IntervalSeconds\":1,"
    "\"MaxAttempts\":2}],\"End\":true}}},\"End\":true}}},"
    "{\"StartAt\":\"Rest\",\"States\":{\"Rest\":{\"Type\":\"Wait\",\"Seconds\":5,\"Next\":"
    "\"Lose\"},\"Lose\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::test:lose\",\"Catch\":[{"
    "\"ErrorEquals\":[\"States.ALL\"],\"ResultPath\":\"$.lost\",\"Next\":\"Done\"}],\"End\":true},"
    "\"Done\":{\"Type\":\"Succeed\"}}}],\"ResultSelector\":{\"first.$\":\"$[0]\",\"second.$\":"
    "\"$[1].lost.Error\"},\"Next\":\"End\"},"
    "\"End\":{\"Type\":\"Succeed\"}}}";
static const char expected[] = "{\"first\":[1,2,3],\"second\":\"Lost\"}";

typedef struct scenario {
    const asl_heap *heap; /* of everything but `store`, where that is given */
    asl_store *store;     /* NULL: one is opened with the heap, at `path` */
    const char *path;     /* NULL: in memory */
    bool for_good;
    bool holds; /* the third item's task is not answered */
    size_t work_count;
    bool has_held;
    bool is_stuck; /* a handler had no memory to finish its task, and gave up */
} scenario;

/* A handler without memory tries again: a task must be finished by somebody. */
static void finish(scenario *s, asl_task *task, const char *error)
{
    for (int i = 0; i < 3; i++) {
        asl_writes *writes = error ? asl_writes_new(s->heap) : NULL;
        if (writes)
            asl_writes_put(writes, "lost", "k", 1, "1", 1);
        int status = error ? asl_task_fail(task, error, "as told", writes)
                           : asl_task_succeed(task, asl_value_ref(asl_task_input(task)), NULL);
        if (status != ASL_NOMEM)
            return;
    }
    s->is_stuck = true;
}

static void start_work(void *context, asl_task *task)
{
    scenario *s = context;
    s->work_count++;
    int64_t item;
    ck_assert(asl_value_get_integer(asl_task_input(task), &item));
    if (item == 2 && asl_task_attempt(task) == 0)
        finish(s, task, "Again");
    else if (item == 3 && s->holds)
        s->has_held = true;
    else
        finish(s, task, NULL);
}

static void start_lose(void *context, asl_task *task)
{
    finish(context, task, "Lost");
}

static int add_handler(asl_engine *engine, const char *resource, scenario *s,
                       void (*start)(void *context, asl_task *task))
{
    /* The clock does not skip what is held. */
    asl_task_handler handler = {.size = sizeof handler,
                                .start = start,
                                .context = s,
                                .flags = s->holds ? 0 : ASL_HANDLER_MOCK};
    return asl_engine_register(engine, resource, &handler, NULL);
}

static int open_engine(scenario *s, asl_store *store, asl_engine **ret_engine)
{
    asl_engine_options options = {.size = sizeof options,
                                  .heap = s->heap,
                                  .store = store,
                                  .clock = ASL_CLOCK_SKIPPING,
                                  .seed = 3};
    int status = asl_engine_open(&options, ret_engine, NULL);
    if (status == ASL_OK)
        status = add_handler(*ret_engine, "arn:aws:states:::test:work", s, start_work);
    if (status == ASL_OK)
        status = add_handler(*ret_engine, "arn:aws:states:::test:lo*", s, start_lose);
    return status;
}

static int add_machine(scenario *s, asl_engine *engine)
{
    asl_definition_options options = {.size = sizeof options, .heap = s->heap};
    asl_definition *definition = NULL;
    int status = asl_definition_load(text, sizeof text - 1, &options, &definition, NULL, NULL);
    if (status == ASL_OK)
        status = asl_engine_add_machine(engine, "m", definition, NULL);
    asl_definition_unref(definition);
    return status;
}

static int start(scenario *s, asl_engine *engine, asl_execution **ret_execution)
{
    static const char json[] = "{\"n\": 2, \"items\": [1, 2, 3]}";
    asl_value *input = NULL;
    int status = asl_value_parse(s->heap, json, sizeof json - 1, ASL_PARSE_KEEP_TEXT, &input, NULL);
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
        bool is_refused = execution && asl_execution_refused(execution) != ASL_OK;
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
    ck_assert_int_eq(asl_execution_status_of(execution), ASL_EXECUTION_SUCCEEDED);
    int status = asl_value_print(asl_execution_output(execution), 0, &printed, NULL);
    if (status == ASL_OK)
        ck_assert_str_eq(printed, expected);
    asl_text_free(printed);
    return status;
}

static int run_in_store(scenario *s, asl_store *store)
{
    asl_engine *engine = NULL;
    asl_execution *execution = NULL;
    int status = open_engine(s, store, &engine);
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

static int run(scenario *s)
{
    asl_store *store = NULL;
    asl_store_options options = {
        .size = sizeof options, .heap = s->heap, .path = s->path, .map_bytes = 16u << 20};
    int status = asl_store_open(&options, &store, NULL);
    if (status == ASL_OK)
        status = run_in_store(s, store);
    asl_store_close(store);
    return status;
}

static void make_folder(char path[64])
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, 64, "%s/asl-fault-XXXXXX", folder ? folder : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static void sweep_runs(bool on_disk, bool for_good, size_t first, size_t step)
{
    fault_heap heap;
    fault_heap_init(&heap);
    size_t nth = first, finished = 0;
    for (; fault_heap_sweep(&heap, nth, for_good); nth += step) {
        char path[64];
        if (on_disk)
            make_folder(path);
        scenario s = {.heap = &heap.hook, .for_good = for_good, .path = on_disk ? path : NULL};
        int status = run(&s);
        if (on_disk)
            folder_remove(path);
        ck_assert_msg(status == ASL_OK || (status == ASL_NOMEM && fault_heap_failed(&heap)),
                      "allocation %zu: %s", nth, asl_status_name(status));
        finished += status == ASL_OK;
    }
    ck_assert_uint_gt(nth, 100);
    ck_assert_uint_gt(finished, 0);
}

START_TEST(a_run_survives_every_failed_allocation)
{
    sweep_runs(false, false, 1, 1);
}
END_TEST

START_TEST(a_run_ends_cleanly_when_memory_is_gone_for_good)
{
    sweep_runs(false, true, 1, 1);
}
END_TEST

START_TEST(a_run_on_disk_survives_failed_allocations)
{
    sweep_runs(true, false, 1, 23);
}
END_TEST

/* The execution as a crash leaves it: the third item's task in flight, the other branch waiting. */
static asl_store *make_crashed(void)
{
    asl_store *store = NULL;
    ck_assert_int_eq(asl_store_open(NULL, &store, NULL), ASL_OK);
    scenario s = {.holds = true};
    asl_engine *engine = NULL;
    ck_assert_int_eq(open_engine(&s, store, &engine), ASL_OK);
    ck_assert_int_eq(add_machine(&s, engine), ASL_OK);
    asl_execution *execution = NULL;
    ck_assert_int_eq(start(&s, engine, &execution), ASL_OK);
    while (!s.has_held)
        ck_assert_int_eq(asl_engine_dispatch(engine, 0), ASL_OK);
    asl_execution_unref(execution);
    asl_engine_free(engine);
    return store;
}

static int recover(scenario *s)
{
    asl_engine *engine = NULL;
    asl_execution *execution = NULL;
    int status = open_engine(s, s->store, &engine);
    if (status == ASL_OK)
        status = asl_engine_recover(engine, 0, NULL, NULL);
    if (status == ASL_OK)
        status = asl_execution_find(engine, 1, &execution);
    if (status == ASL_OK)
        status = drive(s, engine, execution);
    if (status == ASL_OK)
        status = check_outcome(execution);
    asl_execution_unref(execution);
    asl_engine_free(engine);
    return status;
}

/* What failed for lack of memory goes on with memory, unless it had ended before. */
static void check_nothing_is_lost(asl_store *store)
{
    asl_execution_list *list = NULL;
    ck_assert_int_eq(asl_store_list(store, NULL, &list, NULL), ASL_OK);
    ck_assert_uint_eq(asl_execution_list_count(list), 1);
    asl_execution_status status = asl_execution_list_at(list, 0)->status;
    asl_execution_list_free(list);
    if (status == ASL_EXECUTION_SUCCEEDED)
        return;
    ck_assert_int_eq(status, ASL_EXECUTION_RUNNING);
    scenario again = {.store = store};
    ck_assert_int_eq(recover(&again), ASL_OK);
}

static void sweep_recoveries(bool for_good)
{
    fault_heap heap;
    fault_heap_init(&heap);
    size_t nth = 1, finished = 0;
    for (; fault_heap_sweep(&heap, nth, for_good); nth++) {
        scenario s = {.heap = &heap.hook, .for_good = for_good, .store = make_crashed()};
        int status = recover(&s);
        ck_assert_msg(status == ASL_OK || (status == ASL_NOMEM && fault_heap_failed(&heap)),
                      "allocation %zu: %s", nth, asl_status_name(status));
        if (status == ASL_OK) {
            ck_assert_uint_le(s.work_count, 2);
            finished++;
        } else {
            check_nothing_is_lost(s.store);
        }
        asl_store_close(s.store);
    }
    ck_assert_uint_gt(nth, 50);
    ck_assert_uint_gt(finished, 0);
}

START_TEST(a_recovery_survives_every_failed_allocation)
{
    sweep_recoveries(false);
}
END_TEST

START_TEST(a_recovery_that_runs_out_of_memory_can_be_had_again)
{
    sweep_recoveries(true);
}
END_TEST

SUITE("fault/run", a_run_survives_every_failed_allocation,
      a_run_ends_cleanly_when_memory_is_gone_for_good, a_run_on_disk_survives_failed_allocations,
      a_recovery_survives_every_failed_allocation,
      a_recovery_that_runs_out_of_memory_can_be_had_again)
