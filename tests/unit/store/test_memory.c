/* Running out of memory: whatever allocation fails, a batch happens as a whole or not at all. Both
 * kinds of store go through the same scenario. */
#include "fault_heap.h"
#include "stores.h"

/* Opens a store, starts an execution with rows, goes on with it, and reads everything. */
static int scenario(store_kind kind, const char *path, const asl_heap *heap)
{
    asl_store *store = NULL;
    asl_error *error = NULL;
    const asl_store_options options = {.size = sizeof options,
                                       .heap = heap,
                                       .path = kind == MEMORY ? NULL : path,
                                       .map_bytes = kind == MEMORY ? 0 : TEST_MAP_BYTES};
    int status = asl_store_open(&options, &store, &error);
    asl_error_free(error);
    if (status != ASL_OK)
        return status;
    uint64_t number = asl_store_reserve(store, (asl_share){0, 1});
    char name[32];
    report r, step;
    snprintf(name, sizeof name, "n%llu", (unsigned long long)number);
    asl_writes *writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_put(writes, "t", name, strlen(name), "row", 3), ASL_OK);
    start_batch(&r, number, "machine", name, "start");
    r.batch.writes = writes;
    step_batch(&step, number, ASL_EXECUTION_SUCCEEDED, "step");
    asl_store_submit(store, &r.batch);
    asl_store_submit(store, &step.batch);
    status = asl_store_commit(store);
    /* What was reported is what is there. */
    uint64_t found, hash;
    int there = asl_store_find_name(store, "machine", name, &found, &hash);
    if (there != ASL_NOMEM)
        ck_assert_int_eq(there, r.status == ASL_OK ? ASL_OK : ASL_NOT_FOUND);
    ck_assert(r.status == ASL_OK || step.status != ASL_OK);
    if (r.status == ASL_NOMEM) { /* the name is still free */
        report again;
        start_batch(&again, asl_store_reserve(store, (asl_share){0, 1}), "machine", name, "start");
        int second = run_batch(store, &again);
        ck_assert(second == ASL_OK || second == ASL_NOMEM);
    }
    asl_execution_list *list = NULL;
    if (status == ASL_OK)
        status = asl_store_list(store, NULL, &list, NULL);
    asl_execution_list_free(list);
    asl_buffer text;
    asl_buffer_init(&text, heap);
    if (status == ASL_OK)
        status = read_all(store, number, &text, NULL);
    if (status == ASL_OK) {
        ck_assert_uint_eq(text.size, 11);
        ck_assert_mem_eq(text.bytes, "start;step;", 11);
    }
    asl_buffer_done(&text);
    if (there == ASL_NOMEM)
        status = ASL_NOMEM;
    asl_store_close(store);
    asl_writes_free(writes);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    for (int kind = MEMORY; kind < STORE_KINDS; kind++) {
        char folder[64], path[80];
        fault_heap heap;
        make_folder(folder);
        snprintf(path, sizeof path, "%s/store", folder);
        fault_heap_init(&heap);
        for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
            int status = scenario((store_kind)kind, path, &heap.hook);
            ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        }
        for (size_t nth = 1; fault_heap_sweep(&heap, nth, true); nth++) {
            int status = scenario((store_kind)kind, path, &heap.hook);
            ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        }
        remove_folder(folder);
    }
}
END_TEST

SUITE("store/memory", every_allocation_may_fail)
