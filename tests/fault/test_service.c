/* What a server is made of, with every allocation failing in turn: synchronous starts on a machine
 * of type EXPRESS, and all that is read of executions. A read that fails says so, leaves nothing
 * behind, and changes nothing: the next one succeeds. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <asl/asl.h>

#include "fault_heap.h"
#include "folder.h"
#include "suite.h"

static const char text[] =
    "{\"StartAt\":\"E\",\"States\":{\"E\":{\"Type\":\"Map\",\"ItemProcessor\":{\"StartAt\":\"P\","
    "\"States\":{\"P\":{\"Type\":\"Pass\",\"Parameters\":{\"v.$\":\"$\",\"n.$\":"
    "\"$$.Execution.Name\"},\"Assign\":{\"x.$\":\"$\"},\"End\":true}}},\"Next\":\"W\"},\"W\":{"
    "\"Type\":\"Wait\",\"Seconds\":1,\"Next\":\"F\"},\"F\":{\"Type\":\"Fail\",\"Error\":\"E\","
    "\"Cause\":\"c\"}}}";

/* A store whose one execution, of an EXPRESS machine, has ended, and what is read of it. */
typedef struct world {
    fault_heap heap;
    asl_store *store;
    asl_engine *engine;
    asl_execution *execution;
} world;

static int add_machine(asl_engine *engine, const asl_heap *heap)
{
    asl_definition_options options = {.size = sizeof options, .heap = heap};
    asl_machine_options machine = {.size = sizeof machine, .type = ASL_MACHINE_EXPRESS};
    asl_definition *definition = NULL;
    int status = asl_definition_load(text, sizeof text - 1, &options, &definition, NULL, NULL);
    if (status == ASL_OK)
        status = asl_engine_add_machine_with(engine, "m", definition, &machine, NULL);
    asl_definition_unref(definition);
    return status;
}

static int start(asl_engine *engine, const asl_heap *heap, asl_execution **ret_execution)
{
    static const char json[] = "[1, 2, 3]";
    asl_value *input = NULL;
    int status = asl_value_parse(heap, json, sizeof json - 1, 0, &input, NULL);
    asl_start how = {
        .size = sizeof how, .machine = "m", .name = "one", .input = input, .flags = ASL_START_SYNC};
    if (status == ASL_OK)
        status = asl_execution_start(engine, &how, ret_execution, NULL);
    asl_value_unref(input);
    return status;
}

static int open_engine(const asl_heap *heap, asl_store *store, asl_engine **ret_engine)
{
    asl_engine_options options = {.size = sizeof options,
                                  .heap = heap,
                                  .store = store,
                                  .clock = ASL_CLOCK_SKIPPING,
                                  .seed = 3};
    int status = asl_engine_open(&options, ret_engine, NULL);
    return status == ASL_OK ? add_machine(*ret_engine, heap) : status;
}

/* Runs until it has ended; a round without memory is gone on with. */
static int drive(asl_engine *engine, asl_execution *execution, bool for_good)
{
    for (int i = 0;; i++) {
        int status = asl_engine_run(engine, execution, -1, NULL);
        if (status != ASL_NOMEM || asl_execution_refused(execution) != ASL_OK ||
            (for_good && i >= 3))
            return status;
        ck_assert_int_lt(i, 10);
    }
}

static int check_response(const asl_execution *execution)
{
    asl_description *description = NULL;
    asl_value *response = NULL;
    int status = asl_execution_describe(execution, &description);
    if (status == ASL_OK)
        status = asl_description_to_value(description, &response);
    if (status == ASL_OK) {
        const asl_value *bill = asl_value_get(response, "billingDetails");
        int64_t billed_ms = 0;
        ck_assert_str_eq(asl_value_get_string(asl_value_get(response, "error"), NULL), "E");
        ck_assert(
            asl_value_get_integer(asl_value_get(bill, "billedDurationInMilliseconds"), &billed_ms));
        ck_assert_int_ge(billed_ms, 1000); /* real time passes between the skips */
        ck_assert_int_eq(billed_ms % 100, 0);
    }
    asl_value_unref(response);
    asl_description_free(description);
    return status;
}

static int run_all(const asl_heap *heap, bool for_good)
{
    asl_store *store = NULL;
    asl_engine *engine = NULL;
    asl_execution *execution = NULL;
    asl_store_options options = {.size = sizeof options, .heap = heap};
    int status = asl_store_open(&options, &store, NULL);
    if (status == ASL_OK)
        status = open_engine(heap, store, &engine);
    if (status == ASL_OK)
        status = start(engine, heap, &execution);
    if (status == ASL_OK)
        status = drive(engine, execution, for_good);
    if (status == ASL_OK)
        status = check_response(execution);
    asl_execution_unref(execution);
    asl_engine_free(engine);
    asl_store_close(store);
    return status;
}

static void sweep_runs(bool for_good)
{
    fault_heap heap;
    fault_heap_init(&heap);
    size_t nth = 1, finished = 0;
    for (; fault_heap_sweep(&heap, nth, for_good); nth++) {
        int status = run_all(&heap.hook, for_good);
        ck_assert_msg(status == ASL_OK || (status == ASL_NOMEM && fault_heap_failed(&heap)),
                      "allocation %zu: %s", nth, asl_status_name(status));
        finished += status == ASL_OK;
    }
    ck_assert_uint_gt(nth, 50);
    ck_assert_uint_gt(finished, 0);
}

START_TEST(a_synchronous_start_survives_every_failed_allocation)
{
    sweep_runs(false);
}
END_TEST

START_TEST(a_synchronous_start_ends_cleanly_when_memory_is_gone_for_good)
{
    sweep_runs(true);
}
END_TEST

static int read_handle(world *w)
{
    return check_response(w->execution);
}

static int read_description(world *w)
{
    asl_description *description = NULL;
    asl_value *value = NULL;
    int status =
        asl_store_describe(w->store, asl_execution_number(w->execution), &description, NULL);
    if (status == ASL_OK)
        status = asl_description_to_value(description, &value);
    asl_value_unref(value);
    asl_description_free(description);
    return status;
}

static int read_page(world *w, const char *token, unsigned flags, char next[64])
{
    asl_history *page = NULL;
    asl_value *value = NULL;
    asl_page_options options = {
        .size = sizeof options, .token = token, .max_results = 5, .flags = flags};
    uint64_t number = asl_execution_number(w->execution);
    int status = asl_history_read_page(w->store, number, &options, &page, NULL);
    if (status == ASL_OK)
        status = asl_history_to_value(page, &value);
    if (status == ASL_OK) {
        ck_assert_uint_eq(asl_history_count(page), 5);
        snprintf(next, 64, "%s", asl_history_next_token(page));
    }
    asl_value_unref(value);
    asl_history_free(page);
    return status;
}

static int read_pages(world *w)
{
    char next[64], behind[64];
    int status = read_page(w, NULL, 0, next);
    if (status == ASL_OK)
        status = read_page(w, next, ASL_HISTORY_WITHOUT_DATA, behind);
    return status;
}

static int read_pages_back(world *w)
{
    char next[64], behind[64];
    int status = read_page(w, NULL, ASL_HISTORY_REVERSE, next);
    if (status == ASL_OK)
        status = read_page(w, next, ASL_HISTORY_REVERSE, behind);
    return status;
}

static int read_log(world *w)
{
    asl_history *history = NULL;
    asl_value *records = NULL;
    int status = asl_history_read(w->store, asl_execution_number(w->execution), &history, NULL);
    if (status == ASL_OK)
        status = asl_history_log(history, ASL_LOG_DETAIL_ALL, 0, &records);
    asl_value_unref(records);
    asl_history_free(history);
    return status;
}

static int find_by_arn(world *w)
{
    uint64_t number = 0;
    int status = asl_store_find_arn(w->store, asl_execution_arn(w->execution), &number, NULL);
    if (status == ASL_OK)
        ck_assert_uint_eq(number, asl_execution_number(w->execution));
    return status;
}

static int list_failed(world *w)
{
    asl_execution_list *list = NULL;
    asl_list_options options = {.size = sizeof options, .statuses = 1u << ASL_EXECUTION_FAILED};
    int status = asl_store_list(w->store, &options, &list, NULL);
    if (status == ASL_OK)
        ck_assert_uint_eq(asl_execution_list_count(list), 1);
    asl_execution_list_free(list);
    return status;
}

/* Fails every allocation of a read in turn; what it leaves is what was there before. */
static void sweep_read(world *w, int (*read)(world *w))
{
    size_t nth = 0;
    bool has_failed = true;
    while (has_failed) {
        size_t blocks = w->heap.live_blocks;
        fault_heap_fail_at(&w->heap, ++nth, false);
        int status = read(w);
        has_failed = fault_heap_failed(&w->heap);
        /* What only makes things faster may go without memory. */
        ck_assert(status == ASL_OK || (status == ASL_NOMEM && has_failed));
        ck_assert_uint_eq(w->heap.live_blocks, blocks);
    }
    fault_heap_fail_at(&w->heap, 0, false);
    ck_assert_uint_gt(nth, 1);
}

static void sweep_reads(const char *path)
{
    static int (*const reads[])(world *) = {read_handle,     read_description, read_pages,
                                            read_pages_back, read_log,         find_by_arn,
                                            list_failed};
    world w = {.store = NULL};
    fault_heap_init(&w.heap);
    asl_store_options options = {
        .size = sizeof options, .heap = &w.heap.hook, .path = path, .map_bytes = 64u << 20};
    ck_assert_int_eq(asl_store_open(&options, &w.store, NULL), ASL_OK);
    ck_assert_int_eq(open_engine(&w.heap.hook, w.store, &w.engine), ASL_OK);
    ck_assert_int_eq(start(w.engine, &w.heap.hook, &w.execution), ASL_OK);
    ck_assert_int_eq(drive(w.engine, w.execution, false), ASL_OK);
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
        sweep_read(&w, reads[i]);
    asl_execution_unref(w.execution);
    asl_engine_free(w.engine);
    asl_store_close(w.store);
    ck_assert(fault_heap_is_empty(&w.heap));
}

START_TEST(reads_of_a_store_in_memory_survive_every_failed_allocation)
{
    sweep_reads(NULL);
}
END_TEST

START_TEST(reads_of_a_store_on_disk_survive_every_failed_allocation)
{
    char path[64];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/asl-fault-XXXXXX", folder ? folder : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    sweep_reads(path);
    folder_remove(path);
}
END_TEST

SUITE("fault/service", a_synchronous_start_survives_every_failed_allocation,
      a_synchronous_start_ends_cleanly_when_memory_is_gone_for_good,
      reads_of_a_store_in_memory_survive_every_failed_allocation,
      reads_of_a_store_on_disk_survive_every_failed_allocation)
