/* Gathering writes: what is refused, and that errors stick. */
#include "fault_heap.h"
#include "stores.h"
#include "value/value.h"

START_TEST(writes_come_out_as_they_were_gathered)
{
    asl_writes *writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_put(writes, "a", "k\0", 2, "row", 3), ASL_OK);
    ck_assert_int_eq(asl_writes_put(writes, "a", "e", 1, NULL, 0), ASL_OK);
    ck_assert_int_eq(asl_writes_delete(writes, "B-2_.", "d", 1), ASL_OK);
    ck_assert_uint_eq(asl_writes_count(writes), 3);
    asl_write write = asl_writes_at(writes, 0);
    ck_assert_str_eq(write.table, "a");
    ck_assert_uint_eq(write.key_size, 2);
    ck_assert_mem_eq(write.key, "k\0", 2);
    ck_assert_uint_eq(write.row_size, 3);
    ck_assert_mem_eq(write.row, "row", 3);
    write = asl_writes_at(writes, 1);
    ck_assert_ptr_nonnull(write.row);
    ck_assert_uint_eq(write.row_size, 0);
    write = asl_writes_at(writes, 2);
    ck_assert_str_eq(write.table, "B-2_.");
    ck_assert_ptr_null(write.row);
    asl_writes_free(writes);
    ck_assert_uint_eq(asl_writes_count(NULL), 0);
    ck_assert_int_eq(asl_writes_status(NULL), ASL_OK);
    asl_writes_free(NULL);
}
END_TEST

static int put_one(const char *table, size_t key_size)
{
    static const char key[ASL_TABLE_KEY_MAX + 1] = "k";
    asl_writes *writes = asl_writes_new(NULL);
    int status = asl_writes_put(writes, table, key, key_size, "", 0);
    ck_assert_int_eq(asl_writes_status(writes), status);
    asl_writes_free(writes);
    return status;
}

START_TEST(names_and_keys_have_limits)
{
    char name[ASL_TABLE_NAME_MAX + 2];
    memset(name, 'n', sizeof name);
    name[ASL_TABLE_NAME_MAX] = '\0';
    ck_assert_int_eq(put_one(name, ASL_TABLE_KEY_MAX), ASL_OK);
    ck_assert_int_eq(put_one(name, ASL_TABLE_KEY_MAX + 1), ASL_MISUSE);
    ck_assert_int_eq(put_one(name, 0), ASL_MISUSE);
    name[ASL_TABLE_NAME_MAX] = 'n';
    name[ASL_TABLE_NAME_MAX + 1] = '\0';
    ck_assert_int_eq(put_one(name, 1), ASL_MISUSE);
    ck_assert_int_eq(put_one("", 1), ASL_MISUSE);
    ck_assert_int_eq(put_one(NULL, 1), ASL_MISUSE);
    ck_assert_int_eq(put_one("a b", 1), ASL_MISUSE);
    ck_assert_int_eq(put_one("a/b", 1), ASL_MISUSE);
    ck_assert_int_eq(put_one("\xc3\xa9", 1), ASL_MISUSE);
}
END_TEST

START_TEST(errors_stick)
{
    asl_writes *writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_put(writes, "t", "k", 1, NULL, 5), ASL_MISUSE);
    ck_assert_int_eq(asl_writes_put(writes, "t", "k", 1, "", 0), ASL_MISUSE);
    ck_assert_int_eq(asl_writes_put_value(writes, "t", "k", 1, asl_value_null()), ASL_MISUSE);
    ck_assert_int_eq(asl_writes_delete(writes, "t", "k", 1), ASL_MISUSE);
    asl_writes_free(writes);
    writes = asl_writes_new(NULL);
    ck_assert_int_eq(asl_writes_put_value(writes, "t", "k", 1, NULL), ASL_NOMEM);
    ck_assert_int_eq(asl_writes_put(writes, "t", "k", 1, "", 0), ASL_NOMEM);
    asl_writes_free(writes);
}
END_TEST

START_TEST(out_of_memory_sticks_and_leaks_nothing)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_writes *writes = asl_writes_new(&heap.hook);
        int status = writes != NULL ? ASL_OK : ASL_NOMEM;
        for (int i = 0; writes != NULL && i < 30; i++)
            status = asl_writes_put(writes, "table", "key", 3, "a row of some bytes", 19);
        ck_assert_int_eq(status, fault_heap_failed(&heap) ? ASL_NOMEM : ASL_OK);
        asl_writes_free(writes);
    }
}
END_TEST

SUITE("store/writes", writes_come_out_as_they_were_gathered, names_and_keys_have_limits,
      errors_stick, out_of_memory_sticks_and_leaks_nothing)
